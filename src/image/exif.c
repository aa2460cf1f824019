#include "image/exif.h"

#include <stdbool.h>

#include "image/metadata.h"

/* TIFF 6.0, section 2: an 8-byte header, then directories of 12-byte entries. */
#define HEADER_BYTES    8u
#define ENTRY_BYTES     12u
#define TAG_ORIENTATION 0x0112u
#define TYPE_SHORT      3u
#define TYPE_LONG       4u

struct tiff {
    size_t size;
    bool big_endian;
};

/* Where a tag's value stands; width 0: there is none. */
struct place {
    size_t offset;
    unsigned width; /* bytes: 2 or 4 */
};

static uint32_t load(const struct tiff *tiff, const uint8_t *from, unsigned width)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < width; i++)
        value |= (uint32_t)from[i] << 8 * (tiff->big_endian ? width - 1 - i : i);
    return value;
}

static bool parse_header(struct tiff *tiff, const uint8_t *exif, size_t size)
{
    if (!exif || size < HEADER_BYTES || exif[0] != exif[1])
        return false;
    if (exif[0] != 'I' && exif[0] != 'M')
        return false;
    *tiff = (struct tiff){.size = size, .big_endian = exif[0] == 'M'};
    return load(tiff, exif + 2, 2) == 42;
}

static struct place entry_value(const struct tiff *tiff, const uint8_t *entry, size_t offset)
{
    uint32_t type = load(tiff, entry + 2, 2);
    struct place place = {.offset = offset + 8};

    if (load(tiff, entry + 4, 4) == 1 && (type == TYPE_SHORT || type == TYPE_LONG))
        place.width = type == TYPE_SHORT ? 2 : 4;
    return place;
}

static struct place find_orientation(const struct tiff *tiff, const uint8_t *exif)
{
    struct place none = {0};
    size_t offset = load(tiff, exif + 4, 4);

    if (offset < HEADER_BYTES || offset > tiff->size - 2)
        return none;
    size_t count = load(tiff, exif + offset, 2);
    offset += 2;
    for (size_t i = 0; i < count && tiff->size - offset >= ENTRY_BYTES; i++) {
        if (load(tiff, exif + offset, 2) == TAG_ORIENTATION)
            return entry_value(tiff, exif + offset, offset);
        offset += ENTRY_BYTES;
    }
    return none;
}

uint8_t pp_exif_orientation(const uint8_t *exif, size_t size)
{
    struct tiff tiff;

    if (!parse_header(&tiff, exif, size))
        return 1;
    struct place place = find_orientation(&tiff, exif);
    uint32_t value = place.width ? load(&tiff, exif + place.offset, place.width) : 1;
    return value >= 1 && value <= 8 ? (uint8_t)value : 1;
}

void pp_exif_set_orientation(uint8_t *exif, size_t size, uint8_t orientation)
{
    struct tiff tiff;

    if (!parse_header(&tiff, exif, size))
        return;
    struct place place = find_orientation(&tiff, exif);
    for (unsigned i = 0; i < place.width; i++) {
        bool lowest = i == (tiff.big_endian ? place.width - 1 : 0);
        exif[place.offset + i] = lowest ? orientation : 0;
    }
}
