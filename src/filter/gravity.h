/*
 * filter/gravity.h - where something lies in a larger or smaller frame, said by compass points.
 * Pure.
 */
#ifndef PP_FILTER_GRAVITY_H
#define PP_FILTER_GRAVITY_H

#include <stdint.h>

/* The words, ended by NULL, row by row from northwest to southeast: an index modulo 3 says where it
 * is across, divided by 3 where down. */
extern const char *const pp_gravity_words[];
#define PP_GRAVITY_CENTER 4

/* The place of the thing's first column or row, when it is `room` pixels shorter than its frame:
 * none, half or all of it before. Halves round towards 0, so that the picture's place in a smaller
 * frame is that of the frame in the picture. `room` may be below 0. */
int64_t pp_gravity_x(int gravity, int64_t room);
int64_t pp_gravity_y(int gravity, int64_t room);

#endif
