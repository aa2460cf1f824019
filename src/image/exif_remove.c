/*
 * Taking parts out of EXIF data without moving the rest.
 *
 * A map has a byte for each byte of the block: what belongs to the parts that go is noted first,
 * then what the directories that stay use, which wins. Only what is noted as going and is used by
 * nothing else is overwritten, so that a block whose parts overlap loses no more than it must.
 */
#include <stdlib.h>
#include <string.h>

#include "image/exif.h"
#include "image/tiff.h"

enum { UNKNOWN = 0, USED, FREED };

enum {
    TAG_XMP = 0x02BC,
    TAG_STRIPS = 0x0111,
    TAG_STRIP_BYTES = 0x0117,
    TAG_SUBDIRECTORIES = 0x014A,
    TAG_JPEG = 0x0201,
    TAG_JPEG_BYTES = 0x0202,
    TAG_IPTC = 0x83BB,
    TAG_PHOTOSHOP = 0x8649,
    TAG_EXIF = 0x8769,
    TAG_GPS = 0x8825,
    TAG_SUBJECT_AREA = 0x9214,
    TAG_INTEROPERABILITY = 0xA005,
    TAG_SUBJECT_LOCATION = 0xA214
};

/* Directories that may follow the thumbnail's, and those below IFD 0. */
#define CHAIN_MAX 8u

/* The bytes that may be noted or moved for each byte of the block: one whose values overlap more
 * than so is made to waste time. */
#define EFFORT 16u

struct removal {
    struct pp_tiff tiff;
    uint8_t *exif;
    uint8_t *map;
    uint64_t effort; /* bytes that may still be noted or moved */
};

/* False when that is more than may be done. */
static bool spend(struct removal *removal, size_t bytes)
{
    bool enough = bytes < removal->effort;

    removal->effort = enough ? removal->effort - bytes : 0;
    return enough;
}

static void note(struct removal *removal, size_t offset, size_t size, int what)
{
    if (offset > removal->tiff.size)
        return;
    if (size > removal->tiff.size - offset)
        size = removal->tiff.size - offset;
    if (spend(removal, size))
        memset(removal->map + offset, what, size);
}

static void note_value(struct removal *removal, size_t entry, int what)
{
    const struct pp_tiff_value value = pp_tiff_value_of(&removal->tiff, entry);

    if (value.size > 4)
        note(removal, value.offset, value.size, what);
}

/* Image data that two tags tell the places and the lengths of. */
static void note_data(struct removal *removal, const struct pp_tiff_directory *directory,
                      const unsigned tags[2], int what)
{
    const struct pp_tiff *tiff = &removal->tiff;
    const size_t places = pp_tiff_find(tiff, directory, tags[0]),
                 lengths = pp_tiff_find(tiff, directory, tags[1]);

    if (places == 0 || lengths == 0)
        return;
    const struct pp_tiff_value place = pp_tiff_value_of(tiff, places),
                               length = pp_tiff_value_of(tiff, lengths);
    for (uint32_t i = 0; i < place.count && i < place.size && removal->effort > 0; i++) {
        const uint32_t offset = pp_tiff_number(tiff, &place, i);
        if (offset >= PP_TIFF_HEADER)
            note(removal, offset, pp_tiff_number(tiff, &length, i), what);
    }
}

static void note_directory(struct removal *removal, const struct pp_tiff_directory *directory,
                           int what)
{
    static const unsigned jpeg[] = {TAG_JPEG, TAG_JPEG_BYTES},
                          strips[] = {TAG_STRIPS, TAG_STRIP_BYTES};

    if (directory->offset == 0)
        return;
    note(removal, directory->offset,
         2 + directory->count * PP_TIFF_ENTRY + (directory->whole ? 4 : 0), what);
    for (size_t i = 0; i < directory->count && removal->effort > 0; i++)
        note_value(removal, pp_tiff_entry(directory, i), what);
    note_data(removal, directory, jpeg, what);
    note_data(removal, directory, strips, what);
}

/* The directory that `link` leads to, and those that follow it. */
static void note_chain(struct removal *removal, size_t link, int what)
{
    for (unsigned i = 0; i < CHAIN_MAX && link > 0; i++) {
        const struct pp_tiff_directory next =
            pp_tiff_directory_at(&removal->tiff, pp_tiff_load(&removal->tiff, link, 4));
        note_directory(removal, &next, what);
        link = next.whole ? pp_tiff_link(&next) : 0;
    }
}

/* Take entries of that tag out; those behind it move up, and the link with them. */
static void drop_entries(struct removal *removal, struct pp_tiff_directory *directory, unsigned tag)
{
    size_t entry;

    while ((entry = pp_tiff_find(&removal->tiff, directory, tag)) != 0) {
        const size_t end = pp_tiff_link(directory) + (directory->whole ? 4 : 0);
        if (!spend(removal, end - entry))
            return;
        if (tag == TAG_GPS) {
            const struct pp_tiff_directory gps = pp_tiff_below(&removal->tiff, directory, tag);
            note_directory(removal, &gps, FREED);
        }
        note_value(removal, entry, FREED);
        memmove(removal->exif + entry, removal->exif + entry + PP_TIFF_ENTRY,
                end - entry - PP_TIFF_ENTRY);
        memset(removal->exif + end - PP_TIFF_ENTRY, 0, PP_TIFF_ENTRY);
        directory->count--;
        pp_tiff_store(&removal->tiff, removal->exif, directory->offset, 2,
                      (uint32_t)directory->count);
    }
}

static void drop_tags(struct removal *removal, struct pp_tiff_directory *directory, unsigned parts)
{
    static const struct {
        unsigned part, tag;
    } tags[] = {
        {PP_EXIF_GPS, TAG_GPS},   {PP_EXIF_SUBJECT, TAG_SUBJECT_AREA},
        {PP_EXIF_XMP, TAG_XMP},   {PP_EXIF_SUBJECT, TAG_SUBJECT_LOCATION},
        {PP_EXIF_IPTC, TAG_IPTC}, {PP_EXIF_IPTC, TAG_PHOTOSHOP},
    };

    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        if (parts & tags[i].part)
            drop_entries(removal, directory, tags[i].tag);
    }
}

static void note_below(struct removal *removal, const struct pp_tiff_directory *directory,
                       unsigned tag)
{
    const struct pp_tiff_directory below = pp_tiff_below(&removal->tiff, directory, tag);

    note_directory(removal, &below, USED);
}

/* All that is left in use. */
static void note_used(struct removal *removal)
{
    const struct pp_tiff *tiff = &removal->tiff;
    const struct pp_tiff_directory first = pp_tiff_first(tiff),
                                   main = pp_tiff_below(tiff, &first, TAG_EXIF);
    const size_t others = pp_tiff_find(tiff, &first, TAG_SUBDIRECTORIES);

    note(removal, 0, PP_TIFF_HEADER, USED);
    note_directory(removal, &first, USED);
    note_directory(removal, &main, USED);
    note_below(removal, &first, TAG_GPS);
    note_below(removal, &main, TAG_INTEROPERABILITY);
    if (first.whole)
        note_chain(removal, pp_tiff_link(&first), USED);
    if (others == 0)
        return;
    const struct pp_tiff_value value = pp_tiff_value_of(tiff, others);
    for (uint32_t i = 0; i < value.count && i < CHAIN_MAX; i++) {
        const struct pp_tiff_directory other =
            pp_tiff_directory_at(tiff, pp_tiff_number(tiff, &value, i));
        note_directory(removal, &other, USED);
    }
}

static void take_out(struct removal *removal, unsigned parts)
{
    const struct pp_tiff *tiff = &removal->tiff;
    struct pp_tiff_directory first = pp_tiff_first(tiff);

    drop_tags(removal, &first, parts);
    struct pp_tiff_directory main = pp_tiff_below(tiff, &first, TAG_EXIF);
    drop_tags(removal, &main, parts);
    if (!first.whole)
        return;
    const size_t link = pp_tiff_link(&first);
    if (parts & PP_EXIF_THUMBNAIL) {
        note_chain(removal, link, FREED);
        pp_tiff_store(tiff, removal->exif, link, 4, 0);
        return;
    }
    struct pp_tiff_directory thumbnail = pp_tiff_directory_at(tiff, pp_tiff_load(tiff, link, 4));
    drop_tags(removal, &thumbnail, parts);
}

enum pp_status pp_exif_remove(uint8_t *exif, size_t *size, unsigned parts)
{
    struct removal removal = {.exif = exif};

    if (!pp_tiff_open(&removal.tiff, exif, *size))
        return PP_OK;
    removal.effort = (uint64_t)*size * EFFORT;
    removal.map = calloc(1, *size);
    if (!removal.map)
        return PP_E_NO_MEMORY;
    take_out(&removal, parts);
    note_used(&removal);
    for (size_t i = 0; i < *size; i++)
        exif[i] = removal.map[i] == FREED ? 0 : exif[i];
    while (*size > 0 && removal.map[*size - 1] == FREED)
        (*size)--;
    free(removal.map);
    return removal.effort > 0 ? PP_OK : PP_E_CORRUPT;
}
