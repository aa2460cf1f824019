#include "image/exif.h"

#include "image/metadata.h"
#include "image/tiff.h"

/* CIPA DC-008 (EXIF 2.32), 4.6. */
enum {
    TAG_WIDTH = 0x0100,
    TAG_HEIGHT = 0x0101,
    TAG_ORIENTATION = 0x0112,
    TAG_X_RESOLUTION = 0x011A,
    TAG_Y_RESOLUTION = 0x011B,
    TAG_RELATED_WIDTH = 0x1001,
    TAG_RELATED_HEIGHT = 0x1002,
    TAG_EXIF_DIRECTORY = 0x8769,
    TAG_PIXEL_X = 0xA002,
    TAG_PIXEL_Y = 0xA003,
    TAG_INTEROPERABILITY = 0xA005
};

bool pp_exif_is_sound(const uint8_t *exif, size_t size)
{
    struct pp_tiff tiff;

    return pp_tiff_open(&tiff, exif, size) && pp_tiff_first(&tiff).offset > 0;
}

/* ---- numbers ------------------------------------------------------------------------------- */

/* Where the single SHORT or LONG of that tag stands; false: there is none. */
static bool find_number(const struct pp_tiff *tiff, const struct pp_tiff_directory *directory,
                        unsigned tag, size_t *entry)
{
    *entry = pp_tiff_find(tiff, directory, tag);
    if (*entry == 0)
        return false;
    const struct pp_tiff_value value = pp_tiff_value_of(tiff, *entry);
    return value.count == 1 && (value.type == PP_TIFF_SHORT || value.type == PP_TIFF_LONG);
}

/* A SHORT that is too small for the number becomes a LONG: both have the entry's four bytes. */
static void set_number(const struct pp_tiff *tiff, uint8_t *exif,
                       const struct pp_tiff_directory *directory, unsigned tag, uint32_t number)
{
    size_t entry;

    if (!find_number(tiff, directory, tag, &entry))
        return;
    if (number > UINT16_MAX)
        pp_tiff_store(tiff, exif, entry + 2, 2, PP_TIFF_LONG);
    bool is_short = pp_tiff_load(tiff, entry + 2, 2) == PP_TIFF_SHORT;
    pp_tiff_store(tiff, exif, entry + 8, is_short ? 2 : 4, number);
}

uint8_t pp_exif_orientation(const uint8_t *exif, size_t size)
{
    struct pp_tiff tiff;
    size_t entry;

    if (!pp_tiff_open(&tiff, exif, size))
        return 1;
    const struct pp_tiff_directory first = pp_tiff_first(&tiff);
    if (!find_number(&tiff, &first, TAG_ORIENTATION, &entry))
        return 1;
    const struct pp_tiff_value value = pp_tiff_value_of(&tiff, entry);
    const uint32_t number = pp_tiff_number(&tiff, &value, 0);
    return number >= 1 && number <= 8 ? (uint8_t)number : 1;
}

void pp_exif_set_orientation(uint8_t *exif, size_t size, uint8_t orientation)
{
    struct pp_tiff tiff;

    if (!pp_tiff_open(&tiff, exif, size))
        return;
    const struct pp_tiff_directory first = pp_tiff_first(&tiff);
    set_number(&tiff, exif, &first, TAG_ORIENTATION, orientation);
}

void pp_exif_set_size(uint8_t *exif, size_t size, uint32_t width, uint32_t height)
{
    struct pp_tiff tiff;

    if (!pp_tiff_open(&tiff, exif, size))
        return;
    const struct pp_tiff_directory first = pp_tiff_first(&tiff),
                                   main = pp_tiff_below(&tiff, &first, TAG_EXIF_DIRECTORY),
                                   related = pp_tiff_below(&tiff, &main, TAG_INTEROPERABILITY);
    set_number(&tiff, exif, &first, TAG_WIDTH, width);
    set_number(&tiff, exif, &first, TAG_HEIGHT, height);
    set_number(&tiff, exif, &main, TAG_PIXEL_X, width);
    set_number(&tiff, exif, &main, TAG_PIXEL_Y, height);
    set_number(&tiff, exif, &related, TAG_RELATED_WIDTH, width);
    set_number(&tiff, exif, &related, TAG_RELATED_HEIGHT, height);
}

void pp_exif_swap_resolution(uint8_t *exif, size_t size)
{
    struct pp_tiff tiff;

    if (!pp_tiff_open(&tiff, exif, size))
        return;
    const struct pp_tiff_directory first = pp_tiff_first(&tiff);
    const size_t x = pp_tiff_find(&tiff, &first, TAG_X_RESOLUTION),
                 y = pp_tiff_find(&tiff, &first, TAG_Y_RESOLUTION);
    if (x == 0 || y == 0)
        return;
    for (size_t i = 2; i < PP_TIFF_ENTRY; i++) { /* what stands behind the tag */
        uint8_t byte = exif[x + i];
        exif[x + i] = exif[y + i];
        exif[y + i] = byte;
    }
}

void pp_exif_make_smallest(uint8_t exif[PP_EXIF_SMALLEST], uint8_t orientation)
{
    const uint8_t bytes[PP_EXIF_SMALLEST] = {'M', 'M',         0,    42, 0, 0, 0, 8, 0,
                                             1,   1,           0x12, 0,  3, 0, 0, 0, 1,
                                             0,   orientation, 0,    0,  0, 0, 0, 0};

    for (size_t i = 0; i < sizeof(bytes); i++)
        exif[i] = bytes[i];
}
