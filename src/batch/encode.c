#include "batch/encode.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

char *pp_encode_lossy(const char *bytes, size_t size)
{
    static const char replacement[] = "\xef\xbf\xbd";
    char *text = malloc(3 * size + 1), *to = text;

    if (!text)
        return NULL;
    for (size_t at = 0; at < size;) {
        size_t step = pp_utf8_step(bytes + at, size - at);
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
