/*
 * cli/terminal.h - all that the program knows of terminals: their width and abilities, a status
 * line that is redrawn in place, and how to print names that may hold anything.
 *
 * No function but pp_terminal_settle() waits for whoever reads: see cli/outlet.h. One thread.
 */
#ifndef PP_CLI_TERMINAL_H
#define PP_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/outlet.h"

/* Where messages and the status line go. */
struct pp_terminal {
    FILE *stream;
    int fd;                  /* the stream's, -1 where it has none */
    bool is_tty;             /* a terminal that can return to the line's beginning */
    bool colour;             /* and is wanted in colours */
    bool utf8;               /* the locale's encoding, of LC_CTYPE as set by setlocale() */
    unsigned used;           /* columns of the status line on display, 0 when there is none */
    uint64_t lost;           /* messages there was no room for while the reader paused */
    struct pp_outlet outlet; /* to `fd` */
};

/* Look at `stream`, which stays the caller's, and at TERM and NO_COLOR. Where the stream has a
 * descriptor, words go past the stream's buffer. */
void pp_terminal_init(struct pp_terminal *terminal, FILE *stream);
/* Free what is owned; what has not been shown is lost. */
void pp_terminal_release(struct pp_terminal *terminal);

/* Show what waits for the reader, as far as he takes it at once. */
void pp_terminal_push(struct pp_terminal *terminal);
/* Wait up to `seconds` until all has been shown, less than 0: as long as it takes. */
void pp_terminal_settle(struct pp_terminal *terminal, double seconds);

/* Columns now: the terminal's own word, else COLUMNS, else 80. */
unsigned pp_terminal_width(const struct pp_terminal *terminal);

/* True unless the terminal belongs to another job now: a process in the background keeps still. */
bool pp_terminal_in_foreground(const struct pp_terminal *terminal);

/* Draw `line`, without a newline, in place of the status line on display. It may hold UTF-8 and
 * colour sequences (ESC [ ... m). Left out while something waits for the reader. */
void pp_terminal_draw(struct pp_terminal *terminal, const char *line);
/* Take the status line away. */
void pp_terminal_clear(struct pp_terminal *terminal);
/* Print a line of text, to which a newline is added, above the status line. All of it is shown
 * escaped as pp_terminal_escape() does. Lost, and counted, when too much waits. */
void pp_terminal_print(struct pp_terminal *terminal, const char *text);
/* The same with a line that will soon be out of date: left out while something waits. */
void pp_terminal_remark(struct pp_terminal *terminal, const char *text);

/*
 * Copy `text` so that it is safe to show: what is no printable character of the locale's encoding,
 * what would reorder its neighbours (Unicode's bidirectional controls) and the backslash become
 * \n, \t, \r, \\ or \xNN for each byte. Always NUL-terminated; a text too long ends in "...".
 * `size` is at least 8.
 */
void pp_terminal_escape(char *to, size_t size, const char *text);

#endif
