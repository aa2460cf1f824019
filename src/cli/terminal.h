/*
 * cli/terminal.h - all that the program knows of terminals: their width and abilities, a status
 * line that is redrawn in place, and how to print names that may hold anything.
 *
 * One thread.
 */
#ifndef PP_CLI_TERMINAL_H
#define PP_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Where messages and the status line go. */
struct pp_terminal {
    FILE *stream;
    int fd;        /* the stream's, -1 where it has none */
    bool is_tty;   /* a terminal that can return to the line's beginning */
    bool colour;   /* and is wanted in colours */
    bool utf8;     /* the locale's encoding, of LC_CTYPE as set by setlocale() */
    unsigned used; /* columns of the status line on display, 0 when there is none */
};

/* Look at `stream`, which stays the caller's, and at TERM and NO_COLOR. */
void pp_terminal_init(struct pp_terminal *terminal, FILE *stream);

/* Columns now: the terminal's own word, else COLUMNS, else 80. */
unsigned pp_terminal_width(const struct pp_terminal *terminal);

/* True unless the terminal belongs to another job now: a process in the background keeps still. */
bool pp_terminal_in_foreground(const struct pp_terminal *terminal);

/* Draw `line`, without a newline, in place of the status line on display. It may hold UTF-8 and
 * colour sequences (ESC [ ... m). */
void pp_terminal_draw(struct pp_terminal *terminal, const char *line);
/* Take the status line away. */
void pp_terminal_clear(struct pp_terminal *terminal);
/* Print a line of text, to which a newline is added, above the status line. All of it is shown
 * escaped as pp_terminal_escape() does. */
void pp_terminal_print(struct pp_terminal *terminal, const char *text);

/*
 * Copy `text` so that it is safe to show: what is no printable character of the locale's encoding,
 * what would reorder its neighbours (Unicode's bidirectional controls) and the backslash become
 * \n, \t, \r, \\ or \xNN for each byte. Always NUL-terminated; a text too long ends in "...".
 * `size` is at least 8.
 */
void pp_terminal_escape(char *to, size_t size, const char *text);

#endif
