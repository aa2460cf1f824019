#include "batch/encode.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* The bytes of the well-formed character at `s`, 0 when there is none (RFC 3629, section 4). */
static size_t character_size(const unsigned char *s, size_t left)
{
    if (s[0] < 0x80)
        return 1;
    if (s[0] >= 0xc2 && s[0] <= 0xdf)
        return left >= 2 && is_continuation(s[1]) ? 2 : 0;
    if (s[0] >= 0xe0 && s[0] <= 0xef) {
        if (left < 3 || !is_continuation(s[1]) || !is_continuation(s[2]))
            return 0;
        bool overlong = s[0] == 0xe0 && s[1] < 0xa0, surrogate = s[0] == 0xed && s[1] > 0x9f;
        return overlong || surrogate ? 0 : 3;
    }
    if (s[0] >= 0xf0 && s[0] <= 0xf4) {
        if (left < 4 || !is_continuation(s[1]) || !is_continuation(s[2]) || !is_continuation(s[3]))
            return 0;
        bool overlong = s[0] == 0xf0 && s[1] < 0x90, beyond = s[0] == 0xf4 && s[1] > 0x8f;
        return overlong || beyond ? 0 : 4;
    }
    return 0;
}

bool pp_is_utf8(const char *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        size_t step = character_size((const unsigned char *)bytes + at, size - at);
        if (step == 0)
            return false;
        at += step;
    }
    return true;
}

char *pp_encode_lossy(const char *bytes, size_t size)
{
    static const char replacement[] = "\xef\xbf\xbd";
    char *text = malloc(3 * size + 1), *to = text;

    if (!text)
        return NULL;
    for (size_t at = 0; at < size;) {
        size_t step = character_size((const unsigned char *)bytes + at, size - at);
        const char *from = step ? bytes + at : replacement;
        size_t length = step ? step : sizeof replacement - 1;
        memcpy(to, from, length);
        to += length;
        at += step ? step : 1;
    }
    *to = '\0';
    return text;
}

char *pp_encode_base64(const char *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *from = (const unsigned char *)bytes;
    char *text = malloc((size + 2) / 3 * 4 + 1), *to = text;

    if (!text)
        return NULL;
    for (size_t at = 0; at < size; at += 3) {
        size_t left = size - at;
        uint32_t group = (uint32_t)from[at] << 16;
        group |= left > 1 ? (uint32_t)from[at + 1] << 8 : 0;
        group |= left > 2 ? (uint32_t)from[at + 2] : 0;
        *to++ = digits[group >> 18];
        *to++ = digits[group >> 12 & 63];
        *to++ = left > 1 ? digits[group >> 6 & 63] : '=';
        *to++ = left > 2 ? digits[group & 63] : '=';
    }
    *to = '\0';
    return text;
}
