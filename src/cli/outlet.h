/*
 * cli/outlet.h - words on their way to a descriptor whose reader may have stopped reading.
 *
 * Work must not wait for a pipe nobody empties or a terminal halted by ^S. The descriptor may be
 * shared with a shell, so it stays in the mode it has: it is asked before each write, and gets no
 * more than it takes then. What is left over is kept in memory up to a bound. What it cannot be
 * given at all, since it is closed, broken or on a full disk, is dropped in silence: there is
 * nobody left to tell.
 *
 * Not promised: that a write never waits when another process fills the same pipe between question
 * and write, or when the descriptor is a file on a slow disk. One thread.
 */
#ifndef PP_CLI_OUTLET_H
#define PP_CLI_OUTLET_H

#include <stdbool.h>
#include <stddef.h>

#define PP_OUTLET_BOUND ((size_t)1024 * 1024) /* bytes kept */

struct pp_outlet {
    int fd;            /* the caller's */
    size_t piece;      /* bytes that surely fit once the descriptor is ready for some */
    char *bytes;       /* owned; made when first needed */
    size_t begin, end; /* those that wait */
};

void pp_outlet_init(struct pp_outlet *outlet, int fd);
/* Forget what waits and free it; a zeroed struct is allowed. */
void pp_outlet_release(struct pp_outlet *outlet);

/* Whether something waits for the reader. */
bool pp_outlet_is_waiting(const struct pp_outlet *outlet);

/*
 * Write `size` bytes behind those that wait, or let them wait too. Never blocks. False when there
 * is no room for them.
 */
bool pp_outlet_put(struct pp_outlet *outlet, const char *bytes, size_t size);

/*
 * Hand over what waits, and wait up to `seconds` until all of it has been taken; 0: not at all,
 * less: as long as it takes. Returns true when nothing waits any more.
 */
bool pp_outlet_push(struct pp_outlet *outlet, double seconds);

#endif
