#include "metadata.h"

#include <math.h>
#include <string.h>

/* Exif 2.32 field types. */
enum { TYPE_BYTE = 1, TYPE_ASCII, TYPE_SHORT, TYPE_LONG, TYPE_RATIONAL, TYPE_UNDEFINED = 7 };

struct field {
    uint16_t tag, type;
    uint32_t value;   /* SHORT, LONG; a RATIONAL's numerator */
    uint32_t divisor; /* RATIONAL */
    const char *text; /* ASCII, UNDEFINED */
};

static void put16(struct bytes *to, int big_endian, unsigned value)
{
    bytes_add8(to, big_endian ? value >> 8 : value);
    bytes_add8(to, big_endian ? value : value >> 8);
}

static void put32(struct bytes *to, int big_endian, uint32_t value)
{
    put16(to, big_endian, big_endian ? value >> 16 : value & 0xffff);
    put16(to, big_endian, big_endian ? value & 0xffff : value >> 16);
}

static uint32_t text_size(const struct field *field)
{
    /* The undefined ones used here are all of four bytes. */
    return field->type == TYPE_ASCII ? (uint32_t)strlen(field->text) + 1 : 4;
}

/* The four bytes of value or offset; longer values go to `heap`, which begins at `heap_at`. */
static void put_value(struct bytes *to, struct bytes *heap, size_t heap_at,
                      const struct field *field, int big_endian)
{
    if (field->type == TYPE_SHORT) {
        put16(to, big_endian, field->value);
        put16(to, big_endian, 0);
    } else if (field->type == TYPE_LONG) {
        put32(to, big_endian, field->value);
    } else if (field->type == TYPE_RATIONAL) {
        put32(to, big_endian, (uint32_t)(heap_at + heap->size));
        put32(heap, big_endian, field->value);
        put32(heap, big_endian, field->divisor);
    } else if (text_size(field) <= 4) {
        bytes_add(to, field->text, text_size(field));
        bytes_zeros(to, 4 - text_size(field));
    } else {
        put32(to, big_endian, (uint32_t)(heap_at + heap->size));
        bytes_add(heap, field->text, text_size(field));
        bytes_zeros(heap, text_size(field) % 2);
    }
}

/* Append a directory of `count` fields and its long values; returns where its link to the next
 * directory stands. */
static size_t put_directory(struct bytes *to, const struct field *fields, unsigned count,
                            int big_endian)
{
    struct bytes heap = {0};
    size_t heap_at = to->size + 2 + 12U * count + 4;
    put16(to, big_endian, count);
    for (unsigned i = 0; i < count; i++) {
        int textual = fields[i].type == TYPE_ASCII || fields[i].type == TYPE_UNDEFINED;
        put16(to, big_endian, fields[i].tag);
        put16(to, big_endian, fields[i].type);
        put32(to, big_endian, textual ? text_size(&fields[i]) : 1);
        put_value(to, &heap, heap_at, &fields[i], big_endian);
    }
    size_t link = to->size;
    put32(to, big_endian, 0);
    bytes_add(to, heap.data, heap.size);
    bytes_free(&heap);
    return link;
}

static void patch32(struct bytes *to, size_t at, int big_endian, uint32_t value)
{
    struct bytes four = {0};
    put32(&four, big_endian, value);
    copy_bytes(to->data + at, four.data, 4);
    bytes_free(&four);
}

static size_t put_first(struct bytes *to, const struct exif *exif)
{
    const struct field camera[] = {
        {0x010f, TYPE_ASCII, 0, 0, "Pixpool Optical Works"}, /* Make */
        {0x0110, TYPE_ASCII, 0, 0, "Procedural One"},        /* Model */
        {0x0112, TYPE_SHORT, (uint32_t)exif->orientation, 0, NULL},
        {0x011a, TYPE_RATIONAL, 72, 1, NULL}, /* XResolution */
        {0x011b, TYPE_RATIONAL, 72, 1, NULL}, /* YResolution */
        {0x0128, TYPE_SHORT, 2, 0, NULL},     /* ResolutionUnit: inch */
        {0x0131, TYPE_ASCII, 0, 0, "make_testdata"},
        {0x0132, TYPE_ASCII, 0, 0, "2024:05:17 06:41:09"},
        {0x0213, TYPE_SHORT, 1, 0, NULL}, /* YCbCrPositioning: centred */
        {0x8769, TYPE_LONG, 0, 0, NULL},  /* Exif directory, patched below */
    };
    const struct field plain[] = {{0x0112, TYPE_SHORT, (uint32_t)exif->orientation, 0, NULL}};
    return exif->camera ? put_directory(to, camera, 10, exif->big_endian)
                        : put_directory(to, plain, 1, exif->big_endian);
}

static void put_exposure(struct bytes *to, const struct exif *exif)
{
    const struct field fields[] = {
        {0x829a, TYPE_RATIONAL, 1, 250, NULL}, /* ExposureTime */
        {0x829d, TYPE_RATIONAL, 56, 10, NULL}, /* FNumber */
        {0x8827, TYPE_SHORT, 200, 0, NULL},    /* PhotographicSensitivity */
        {0x9000, TYPE_UNDEFINED, 0, 0, "0232"},
        {0x9003, TYPE_ASCII, 0, 0, "2024:05:17 06:41:09"}, /* DateTimeOriginal */
        {0x9101, TYPE_UNDEFINED, 0, 0, "\1\2\3"},          /* ComponentsConfiguration: Y Cb Cr */
        {0x920a, TYPE_RATIONAL, 35, 1, NULL},              /* FocalLength */
        {0xa000, TYPE_UNDEFINED, 0, 0, "0100"},            /* FlashpixVersion */
        {0xa001, TYPE_SHORT, 1, 0, NULL},                  /* ColorSpace: sRGB */
        {0xa002, TYPE_LONG, exif->width, 0, NULL},
        {0xa003, TYPE_LONG, exif->height, 0, NULL},
    };
    put_directory(to, fields, 11, exif->big_endian);
}

static void put_thumbnail(struct bytes *to, const struct exif *exif)
{
    /* Behind the directory's six fields and its two long values. */
    uint32_t data_at = (uint32_t)to->size + 2 + 12 * 6 + 4 + 2 * 8;
    struct field fields[] = {
        {0x0103, TYPE_SHORT, 6, 0, NULL},     /* Compression: JPEG */
        {0x011a, TYPE_RATIONAL, 72, 1, NULL}, /* XResolution */
        {0x011b, TYPE_RATIONAL, 72, 1, NULL}, /* YResolution */
        {0x0128, TYPE_SHORT, 2, 0, NULL},     /* ResolutionUnit: inch */
        {0x0201, TYPE_LONG, data_at, 0, NULL},
        {0x0202, TYPE_LONG, (uint32_t)exif->thumbnail->size, 0, NULL},
    };
    put_directory(to, fields, 6, exif->big_endian);
    bytes_add(to, exif->thumbnail->data, exif->thumbnail->size);
}

struct bytes exif_build(const struct exif *exif)
{
    struct bytes to = {0};
    bytes_add_text(&to, exif->big_endian ? "MM" : "II");
    put16(&to, exif->big_endian, 42);
    put32(&to, exif->big_endian, 8);
    size_t link = put_first(&to, exif);
    if (exif->camera) {
        patch32(&to, link - 4, exif->big_endian, (uint32_t)to.size); /* the last field's value */
        put_exposure(&to, exif);
    }
    if (exif->thumbnail) {
        patch32(&to, link, exif->big_endian, (uint32_t)to.size);
        put_thumbnail(&to, exif);
    }
    return to;
}

struct bytes xmp_packet(void)
{
    struct bytes to = {0};
    bytes_add_text(&to, "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
                        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
                        "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
                        "<rdf:Description rdf:about=\"\" "
                        "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title><rdf:Alt>"
                        "<rdf:li xml:lang=\"x-default\">Stiller See \xe2\x80\x93 \xe6\xb9\x96"
                        "</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>\n"
                        "<?xpacket end=\"w\"?>");
    return to;
}

/* One IIM dataset of record 2 (IPTC-NAA IIM 4.2, 1.5). */
static void put_dataset(struct bytes *to, unsigned number, const char *text)
{
    bytes_add8(to, 0x1c);
    bytes_add8(to, 2);
    bytes_add8(to, number);
    bytes_add16(to, (unsigned)strlen(text));
    bytes_add_text(to, text);
}

struct bytes iptc_block(void)
{
    struct bytes records = {0}, to = {0};
    put_dataset(&records, 5, "A quiet lake"); /* object name */
    put_dataset(&records, 25, "procedural");  /* keyword */
    put_dataset(&records, 120, "Mountains beyond a lake in the morning");
    bytes_add(&to, "Photoshop 3.0", 14);
    bytes_add_text(&to, "8BIM");
    bytes_add16(&to, 0x0404);
    bytes_add16(&to, 0); /* an empty name, padded */
    bytes_add32(&to, (uint32_t)records.size);
    bytes_add(&to, records.data, records.size);
    bytes_zeros(&to, records.size % 2);
    bytes_free(&records);
    return to;
}
