#include "image/photoshop.h"

#include <stdbool.h>
#include <string.h>

static bool goes(unsigned number, unsigned parts)
{
    static const struct {
        unsigned number, part;
    } resources[] = {
        {0x0409, PP_PHOTOSHOP_THUMBNAIL}, {0x040C, PP_PHOTOSHOP_THUMBNAIL},
        {0x0422, PP_PHOTOSHOP_EXIF},      {0x0423, PP_PHOTOSHOP_EXIF},
        {0x0424, PP_PHOTOSHOP_XMP},       {0x040F, PP_PHOTOSHOP_ICC},
        {0x0411, PP_PHOTOSHOP_ICC},
    };

    for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
        if (resources[i].number == number)
            return (resources[i].part & parts) != 0;
    }
    return false;
}

/* The bytes of the resource that begins here, as far as they are there; 0: none does. */
static size_t resource_size(const uint8_t *at, size_t size, unsigned *number)
{
    if (size < 12 || memcmp(at, "8BIM", 4) != 0)
        return 0;
    *number = (unsigned)at[4] << 8 | at[5];
    const size_t name = (at[6] + (size_t)2) & ~(size_t)1, head = 6 + name + 4;
    if (head > size)
        return 0;
    const uint8_t *length = at + head - 4;
    const size_t data =
        (size_t)length[0] << 24 | (size_t)length[1] << 16 | (size_t)length[2] << 8 | length[3];
    const size_t whole = head + ((data + 1) & ~(size_t)1);
    return whole < size ? whole : size;
}

size_t pp_photoshop_remove(uint8_t *block, size_t size, unsigned parts)
{
    size_t from = 0, to = 0, length;
    unsigned number = 0;

    while ((length = resource_size(block + from, size - from, &number)) > 0) {
        if (!goes(number, parts)) {
            memmove(block + to, block + from, length);
            to += length;
        }
        from += length;
    }
    memmove(block + to, block + from, size - from);
    return to + size - from;
}
