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
#define ERASURE_SIZE  (WIDTH_MAX + 64) /* the status line's columns and what is around them */
#define LINE_MAX_SIZE 16384            /* two paths of PATH_MAX, some of it escaped, and an error */

void pp_terminal_init(struct pp_terminal *terminal, FILE *stream)
{
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

    *terminal = (struct pp_terminal){.stream = stream, .fd = fileno(stream)};
    terminal->is_tty = terminal->fd >= 0 && isatty(terminal->fd) && term && strcmp(term, "dumb");
    /* https://no-color.org: set and not empty, whatever its value */
    terminal->colour = terminal->is_tty && !(no_color && *no_color);
    terminal->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
    if (terminal->fd >= 0)
        pp_outlet_init(&terminal->outlet, terminal->fd);
}

void pp_terminal_release(struct pp_terminal *terminal)
{
    pp_outlet_release(&terminal->outlet);
    *terminal = (struct pp_terminal){.fd = -1};
}

void pp_terminal_push(struct pp_terminal *terminal)
{
    (void)pp_outlet_push(&terminal->outlet, 0);
}

void pp_terminal_settle(struct pp_terminal *terminal, double seconds)
{
    (void)pp_outlet_push(&terminal->outlet, seconds);
}

/* False when the words are lost. */
static bool put(struct pp_terminal *terminal, const char *text, size_t size)
{
    if (terminal->fd >= 0)
        return pp_outlet_put(&terminal->outlet, text, size);
    fwrite(text, 1, size, terminal->stream);
    fflush(terminal->stream);
    return true;
}

static bool is_waiting(struct pp_terminal *terminal)
{
    pp_terminal_push(terminal);
    return pp_outlet_is_waiting(&terminal->outlet);
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

void pp_terminal_draw(struct pp_terminal *terminal, const char *line)
{
    char text[LINE_MAX_SIZE];
    unsigned columns = columns_of(line);
    unsigned rest = terminal->used > columns ? terminal->used - columns : 0;

    if (is_waiting(terminal))
        return;
    snprintf(text, sizeof text, "\r%s%*s", line, (int)rest, "");
    if (put(terminal, text, strlen(text)))
        terminal->used = columns;
}

/* What takes the status line away, "" when there is none. */
static void erasure(const struct pp_terminal *terminal, char text[ERASURE_SIZE])
{
    *text = '\0';
    if (terminal->used)
        snprintf(text, ERASURE_SIZE, "\r%*s\r", (int)terminal->used, "");
}

void pp_terminal_clear(struct pp_terminal *terminal)
{
    char text[ERASURE_SIZE];

    erasure(terminal, text);
    if (*text && put(terminal, text, strlen(text)))
        terminal->used = 0;
}

/* The status line goes together with the line that takes its place, or both stay away. */
void pp_terminal_print(struct pp_terminal *terminal, const char *text)
{
    char line[ERASURE_SIZE + LINE_MAX_SIZE];

    erasure(terminal, line);
    size_t length = strlen(line);
    pp_terminal_escape(line + length, LINE_MAX_SIZE - 1, text);
    length += strlen(line + length);
    line[length++] = '\n';
    if (put(terminal, line, length))
        terminal->used = 0;
    else
        terminal->lost++;
}

void pp_terminal_remark(struct pp_terminal *terminal, const char *text)
{
    if (!is_waiting(terminal))
        pp_terminal_print(terminal, text);
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
