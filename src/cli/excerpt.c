#include "cli/excerpt.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define BEFORE 40 /* bytes in front of the place, of a chain too long to be shown */
#define INDENT 4
#define DOTS   "..."
/* Four columns for a byte that is escaped. */
#define SHOWN (4 * PP_EXCERPT_TEXT + 1)

static bool continues(const char *text, size_t at)
{
    return ((unsigned char)text[at] & 0xC0) == 0x80; /* within a character in UTF-8 */
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

void pp_excerpt_make(struct pp_excerpt *excerpt, const char *chain, struct pp_chain_place place)
{
    const size_t length = strlen(chain), room = sizeof excerpt->text - sizeof DOTS;
    const bool fits = length < sizeof excerpt->text;
    size_t first = 0, last = length, lead = 0;

    if (!fits && place.begin > BEFORE) {
        first = least(place.begin - BEFORE, length - (room - strlen(DOTS)));
        lead = strlen(DOTS);
    }
    if (!fits)
        last = least(length, first + room - lead);
    while (first && first < place.begin && continues(chain, first))
        first++;
    while (last < length && last > first && continues(chain, last))
        last--;
    snprintf(excerpt->text, sizeof excerpt->text, "%s%.*s%s", lead ? DOTS : "", (int)(last - first),
             chain + first, last < length ? DOTS : "");
    excerpt->place.begin = lead + least(place.begin, last) - first;
    excerpt->place.end = lead + least(place.end, last) - first;
}

/* The columns that bytes [begin, end) of the text take when they are shown. */
static size_t columns_of(const struct pp_excerpt *excerpt, size_t begin, size_t end)
{
    char part[PP_EXCERPT_TEXT], shown[SHOWN];
    mbstate_t state = {0};
    size_t columns = 0, bytes;
    wchar_t c;

    memcpy(part, excerpt->text + begin, end - begin);
    part[end - begin] = '\0';
    pp_terminal_escape(shown, sizeof shown, part);
    for (const char *at = shown; *at; at += bytes) {
        bytes = mbrtowc(&c, at, strlen(at), &state);
        if (bytes == 0 || bytes > strlen(at)) /* cannot be, once it is escaped */
            return columns;
        columns += (size_t)(wcwidth(c) > 0 ? wcwidth(c) : 0);
    }
    return columns;
}

void pp_excerpt_print(const struct pp_excerpt *excerpt, struct pp_terminal *terminal)
{
    char line[INDENT + 2 * SHOWN];
    size_t indent, width;

    if (!*excerpt->text)
        return;
    snprintf(line, sizeof line, "%*s%s", INDENT, "", excerpt->text);
    pp_terminal_print(terminal, line);
    indent = INDENT + columns_of(excerpt, 0, excerpt->place.begin);
    width = columns_of(excerpt, excerpt->place.begin, excerpt->place.end);
    memset(line, ' ', indent);
    memset(line + indent, '~', width + 1);
    line[indent] = '^';
    line[indent + (width > 1 ? width : 1)] = '\0';
    pp_terminal_print(terminal, line);
}
