#include "codec/message.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

void pp_message_tidy(char *text)
{
    size_t length = strlen(text);

    if (is_upper(text[0]) && !is_upper(text[1]))
        text[0] = (char)(text[0] - 'A' + 'a');
    while (length > 0 && strchr(" .\n", text[length - 1]))
        text[--length] = '\0';
}

void pp_warnings_add(const struct pp_warnings *warnings, const char *text)
{
    if ((*warnings->count)++ > 0)
        return;
    snprintf(warnings->first, PP_WARNING_TEXT, "%s", text);
    pp_message_tidy(warnings->first);
}
