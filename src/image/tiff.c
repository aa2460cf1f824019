#include "image/tiff.h"

uint32_t pp_tiff_load(const struct pp_tiff *tiff, size_t offset, unsigned width)
{
    uint32_t number = 0;

    for (unsigned i = 0; i < width; i++)
        number |= (uint32_t)tiff->data[offset + i] << 8 * (tiff->big_endian ? width - 1 - i : i);
    return number;
}

void pp_tiff_store(const struct pp_tiff *tiff, uint8_t *bytes, size_t offset, unsigned width,
                   uint32_t number)
{
    for (unsigned i = 0; i < width; i++)
        bytes[offset + i] = (uint8_t)(number >> 8 * (tiff->big_endian ? width - 1 - i : i));
}

bool pp_tiff_open(struct pp_tiff *tiff, const uint8_t *data, size_t size)
{
    if (!data || size < PP_TIFF_HEADER || data[0] != data[1] || (data[0] != 'I' && data[0] != 'M'))
        return false;
    *tiff = (struct pp_tiff){data, size, data[0] == 'M'};
    return pp_tiff_load(tiff, 2, 2) == 42;
}

struct pp_tiff_directory pp_tiff_directory_at(const struct pp_tiff *tiff, size_t offset)
{
    struct pp_tiff_directory directory = {0};

    if (offset < PP_TIFF_HEADER || offset > tiff->size - 2)
        return directory;
    const size_t announced = pp_tiff_load(tiff, offset, 2);
    const size_t left = tiff->size - offset - 2, room = left / PP_TIFF_ENTRY;
    directory.offset = offset;
    directory.count = announced < room ? announced : room;
    directory.whole = announced <= room && left - announced * PP_TIFF_ENTRY >= 4;
    return directory;
}

struct pp_tiff_directory pp_tiff_first(const struct pp_tiff *tiff)
{
    return pp_tiff_directory_at(tiff, pp_tiff_load(tiff, 4, 4));
}

size_t pp_tiff_entry(const struct pp_tiff_directory *directory, size_t i)
{
    return directory->offset + 2 + i * PP_TIFF_ENTRY;
}

size_t pp_tiff_link(const struct pp_tiff_directory *directory)
{
    return pp_tiff_entry(directory, directory->count);
}

size_t pp_tiff_find(const struct pp_tiff *tiff, const struct pp_tiff_directory *directory,
                    unsigned tag)
{
    for (size_t i = 0; i < directory->count; i++) {
        if (pp_tiff_load(tiff, pp_tiff_entry(directory, i), 2) == tag)
            return pp_tiff_entry(directory, i);
    }
    return 0;
}

/* TIFF 6.0, section 2, "Types", and 13 (IFD) of its supplement 1. */
static unsigned type_bytes(unsigned type)
{
    static const uint8_t bytes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};

    return type < sizeof(bytes) ? bytes[type] : 0;
}

struct pp_tiff_value pp_tiff_value_of(const struct pp_tiff *tiff, size_t entry)
{
    struct pp_tiff_value value = {.type = pp_tiff_load(tiff, entry + 2, 2),
                                  .count = pp_tiff_load(tiff, entry + 4, 4),
                                  .offset = entry + 8};
    const uint64_t size = (uint64_t)value.count * type_bytes(value.type);

    if (size > 4)
        value.offset = pp_tiff_load(tiff, entry + 8, 4);
    if (value.offset <= tiff->size && size <= tiff->size - value.offset)
        value.size = (size_t)size;
    return value;
}

uint32_t pp_tiff_number(const struct pp_tiff *tiff, const struct pp_tiff_value *value, uint32_t i)
{
    const unsigned width = type_bytes(value->type);

    if (width != 2 && width != 4)
        return 0;
    return (i + UINT64_C(1)) * width <= value->size
               ? pp_tiff_load(tiff, value->offset + (size_t)i * width, width)
               : 0;
}

struct pp_tiff_directory pp_tiff_below(const struct pp_tiff *tiff,
                                       const struct pp_tiff_directory *directory, unsigned tag)
{
    const size_t entry = pp_tiff_find(tiff, directory, tag);

    if (entry == 0)
        return (struct pp_tiff_directory){0};
    return pp_tiff_directory_at(tiff, pp_tiff_load(tiff, entry + 8, 4));
}
