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
