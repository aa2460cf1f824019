#include "cli/terminal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#define WIDTH_DEFAULT 80
#define WIDTH_MAX     1000
#define LINE_MAX_SIZE 16384 /* two paths of PATH_MAX, some of it escaped, and an error */

void pp_terminal_init(struct pp_terminal *terminal, FILE *stream)
{
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

    *terminal = (struct pp_terminal){.stream = stream, .fd = fileno(stream)};
    terminal->is_tty = terminal->fd >= 0 && isatty(terminal->fd) && term && strcmp(term, "dumb");
    /* https://no-color.org: set and not empty, whatever its value */
    terminal->colour = terminal->is_tty && !(no_color && *no_color);
    terminal->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
}

unsigned pp_terminal_width(const struct pp_terminal *terminal)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    unsigned long width = 0;

    if (terminal->fd >= 0 && ioctl(terminal->fd, TIOCGWINSZ, &size) == 0)
        width = size.ws_col;
    if (!width && columns)
        width = strtoul(columns, NULL, 10);
    if (!width)
        width = WIDTH_DEFAULT;
    return width < WIDTH_MAX ? (unsigned)width : WIDTH_MAX;
}

bool pp_terminal_in_foreground(const struct pp_terminal *terminal)
{
    pid_t group = terminal->fd >= 0 ? tcgetpgrp(terminal->fd) : -1;

    return group < 0 || group == getpgrp();
}

/* The columns `line` takes: one a character, none for a colour sequence. */
static unsigned columns_of(const char *line)
{
    unsigned columns = 0;

    for (; *line; line++) {
        if (*line == '\033')
            line += strcspn(line, "m");
        else if (((unsigned char)*line & 0xC0) != 0x80) /* not a UTF-8 continuation byte */
            columns++;
        if (!*line)
            break;
    }
    return columns;
}

/* In one write, so that no other process's words come between. */
void pp_terminal_draw(struct pp_terminal *terminal, const char *line)
{
    char text[LINE_MAX_SIZE];
    unsigned columns = columns_of(line);
    unsigned rest = terminal->used > columns ? terminal->used - columns : 0;
    int length = snprintf(text, sizeof text, "\r%s%*s", line, (int)rest, "");

    if (length > 0)
        fwrite(text, 1, strlen(text), terminal->stream);
    fflush(terminal->stream);
    terminal->used = columns;
}

void pp_terminal_clear(struct pp_terminal *terminal)
{
    if (!terminal->used)
        return;
    fprintf(terminal->stream, "\r%*s\r", (int)terminal->used, "");
    fflush(terminal->stream);
    terminal->used = 0;
}

void pp_terminal_print(struct pp_terminal *terminal, const char *text)
{
    char line[LINE_MAX_SIZE];

    pp_terminal_escape(line, sizeof line - 1, text);
    size_t length = strlen(line);
    line[length++] = '\n';
    pp_terminal_clear(terminal);
    fwrite(line, 1, length, terminal->stream);
    fflush(terminal->stream);
}

/* Unicode 15, chapter 23.3 and UAX #9: marks, embeddings, overrides and isolates; with them the
 * line and paragraph separators. */
static bool reorders(wchar_t c)
{
    return c == 0x061C || (c >= 0x200E && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

/* The bytes at `text` that can be shown as they are, 0 where the first must be escaped. */
static size_t printable(const char *text, size_t length, mbstate_t *state)
{
    wchar_t c;
    size_t bytes = mbrtowc(&c, text, length, state);

    if (bytes == 0 || bytes > length) { /* (size_t)-1 and -2 are no character */
        *state = (mbstate_t){0};
        return 0;
    }
    return c == L'\\' || !iswprint((wint_t)c) || reorders(c) ? 0 : bytes;
}

/* One byte as an escape sequence. */
static size_t escape_byte(char to[8], unsigned char byte)
{
    static const char plain[] = "\n\t\r\\", named[] = "ntr\\";
    const char *found = byte ? strchr(plain, byte) : NULL;

    return (size_t)(found ? snprintf(to, 8, "\\%c", named[found - plain])
                          : snprintf(to, 8, "\\x%02X", byte));
}

void pp_terminal_escape(char *to, size_t size, const char *text)
{
    static const char dots[] = "...";
    size_t length = strlen(text), used = 0, cut = 0; /* behind `cut` there is room for the dots */
    mbstate_t state = {0};

    while (length) {
        char piece[8];
        size_t bytes = printable(text, length, &state), added = bytes;
        const char *from = text;

        if (!bytes) {
            added = escape_byte(piece, (unsigned char)*text);
            from = piece;
            bytes = 1;
        }
        if (used + added >= size) {
            memcpy(to + cut, dots, sizeof dots);
            return;
        }
        memcpy(to + used, from, added);
        used += added;
        text += bytes;
        length -= bytes;
        if (used + sizeof dots <= size)
            cut = used;
    }
    to[used] = '\0';
}
