/*
 * batch/peek.h - how many pixels a file has, from a look at its header.
 *
 * Only a hint for the order of work, so it takes the shortest way and gives up early: nothing a
 * file holds can make it read much, wait, or matter. The supervisor may call it.
 */
#ifndef PP_BATCH_PEEK_H
#define PP_BATCH_PEEK_H

#include <stdint.h>

/* The pixels of the PNG or JPEG behind a descriptor of a regular file, whose position stays where
 * it is; 0 when that cannot be told from a few short reads. */
uint64_t pp_peek_pixels(int fd);

#endif
