#include "codec/png.h"

#include <string.h>

bool pp_png_is_keyword(const char *keyword)
{
    size_t length = strlen(keyword);

    if (length == 0 || length > 79 || keyword[0] == ' ' || keyword[length - 1] == ' ')
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)keyword[i];
        if (c < 32 || (c > 126 && c < 161) || (c == ' ' && keyword[i + 1] == ' '))
            return false;
    }
    return true;
}

bool pp_png_is_ascii(const uint8_t *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (text[i] > 127)
            return false;
    }
    return true;
}

/* The length of the sequence that `lead` begins, 0 when it cannot begin one. */
static size_t sequence_length(uint8_t lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/* RFC 3629, section 4: no overlong forms, no surrogates, nothing over U+10FFFF. */
static bool is_second_byte(uint8_t lead, uint8_t second)
{
    uint8_t lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    uint8_t highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;

    return second >= lowest && second <= highest;
}

bool pp_png_is_utf8(const uint8_t *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t length = sequence_length(text[i]);
        if (length == 0 || length > size - i)
            return false;
        if (length > 1 && !is_second_byte(text[i], text[i + 1]))
            return false;
        for (size_t k = 2; k < length; k++) {
            if ((text[i + k] & 0xC0) != 0x80)
                return false;
        }
        i += length;
    }
    return true;
}
