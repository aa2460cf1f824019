#include "image/icc_name.h"

#include <stdbool.h>
#include <string.h>

#define HEADER_BYTES 128u /* then the number of tags, then 12 bytes for each */
#define TAG_BYTES    12u
#define TAGS_MAX     256u /* real ones have some tens */

static uint32_t number(const uint8_t *bytes, unsigned width)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < width; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* The tag's data, NULL when there is none within the profile. */
static const uint8_t *find_tag(const uint8_t *profile, size_t size, const char *name,
                               size_t *tag_size)
{
    if (size < HEADER_BYTES + 4)
        return NULL;
    const size_t count = number(profile + HEADER_BYTES, 4);
    for (size_t i = 0; i < count && i < TAGS_MAX; i++) {
        const size_t at = HEADER_BYTES + 4 + i * TAG_BYTES;
        if (size - at < TAG_BYTES)
            return NULL;
        const size_t offset = number(profile + at + 4, 4), length = number(profile + at + 8, 4);
        if (memcmp(profile + at, name, 4) != 0)
            continue;
        if (offset > size || length > size - offset)
            return NULL;
        *tag_size = length;
        return profile + offset;
    }
    return NULL;
}

/* One character in UTF-8 (RFC 3629). Returns its bytes. */
static size_t encode(uint32_t c, char to[4])
{
    static const uint8_t leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    const size_t length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    for (size_t i = length - 1; i > 0; i--, c >>= 6)
        to[i] = (char)(0x80 | (c & 0x3F));
    to[0] = (char)(leads[length] | c);
    return length;
}

/* One character of UTF-16; U+FFFD for half of a pair. Returns the bytes it took. */
static size_t decode(const uint8_t *from, size_t left, uint32_t *c)
{
    *c = number(from, 2);
    if (*c < 0xD800 || *c > 0xDFFF)
        return 2;
    if (*c < 0xDC00 && left >= 4) {
        const uint32_t low = number(from + 2, 2);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *c = 0x10000 + ((*c - 0xD800) << 10) + (low - 0xDC00);
            return 4;
        }
    }
    *c = 0xFFFD;
    return 2;
}

/* Characters of one byte, which is taken for Latin-1, or of UTF-16, up to a NUL. */
static void copy(const uint8_t *from, size_t size, bool wide, char *to, size_t room)
{
    size_t used = 0;

    while (size >= (wide ? 2 : 1)) {
        uint32_t c = *from;
        size_t taken = wide ? decode(from, size, &c) : 1;
        char bytes[4];
        size_t length = encode(c, bytes);

        if (c == 0 || used + length >= room)
            break;
        memcpy(to + used, bytes, length);
        used += length;
        from += taken;
        size -= taken;
    }
    while (used && to[used - 1] == ' ')
        used--;
    to[used] = '\0';
}

static void copy_ascii(const uint8_t *tag, size_t size, char *to, size_t room)
{
    if (size >= 12 && number(tag + 8, 4) <= size - 12)
        copy(tag + 12, number(tag + 8, 4), false, to, room);
}

/* Records of 12 bytes from byte 16 on: language, country, length, offset. */
static void copy_localized(const uint8_t *tag, size_t size, char *to, size_t room)
{
    const uint8_t *chosen = NULL;

    if (size < 16 || number(tag + 12, 4) != 12)
        return;
    for (size_t i = 0; i < number(tag + 8, 4) && i < TAGS_MAX; i++) {
        const size_t at = 16 + 12 * i;
        if (size < at + 12)
            break;
        const bool english = memcmp(tag + at, "en", 2) == 0;
        if (!chosen || (english && memcmp(chosen, "en", 2) != 0))
            chosen = tag + at;
    }
    if (!chosen)
        return;
    const size_t length = number(chosen + 4, 4), offset = number(chosen + 8, 4);
    if (offset <= size && length <= size - offset)
        copy(tag + offset, length, true, to, room);
}

void pp_icc_name(const uint8_t *profile, size_t size, char *to, size_t room)
{
    size_t tag_size = 0;
    const uint8_t *tag = find_tag(profile, size, "desc", &tag_size);

    *to = '\0';
    if (!tag || tag_size < 8)
        return;
    if (memcmp(tag, "desc", 4) == 0)
        copy_ascii(tag, tag_size, to, room);
    else if (memcmp(tag, "mluc", 4) == 0)
        copy_localized(tag, tag_size, to, room);
}
