#include "image/exif_text.h"

#include <stdbool.h>
#include <string.h>

/* TIFF 6.0, section 2: an 8-byte header, then directories of 12-byte entries. */
#define HEADER_BYTES 8u
#define ENTRY_BYTES  12u
#define TYPE_ASCII   2u

static uint32_t load(bool big_endian, const uint8_t *from, unsigned width)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < width; i++)
        value |= (uint32_t)from[i] << 8 * (big_endian ? width - 1 - i : i);
    return value;
}

/* The first NUL ends it. */
static void copy_text(const uint8_t *from, size_t length, char *to, size_t room)
{
    size_t used = strnlen((const char *)from, length);

    used = used < room ? used : room - 1;
    memcpy(to, from, used);
    while (used && (to[used - 1] == ' ' || to[used - 1] == '\n'))
        used--;
    to[used] = '\0';
}

void pp_exif_text(const uint8_t *exif, size_t size, unsigned tag, char *to, size_t room)
{
    *to = '\0';
    if (size < HEADER_BYTES || exif[0] != exif[1] || (exif[0] != 'I' && exif[0] != 'M'))
        return;
    const bool big = exif[0] == 'M';
    size_t at = load(big, exif + 4, 4);
    if (load(big, exif + 2, 2) != 42 || at < HEADER_BYTES || at > size - 2)
        return;
    size_t count = load(big, exif + at, 2);
    at += 2;
    for (size_t i = 0; i < count && size - at >= ENTRY_BYTES; i++, at += ENTRY_BYTES) {
        const uint8_t *entry = exif + at;

        if (load(big, entry, 2) != tag || load(big, entry + 2, 2) != TYPE_ASCII)
            continue;
        size_t length = load(big, entry + 4, 4);
        size_t place = length <= 4 ? at + 8 : load(big, entry + 8, 4);
        if (place <= size && length <= size - place)
            copy_text(exif + place, length, to, room);
        return;
    }
}
