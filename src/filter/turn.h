/*
 * filter/turn.h - turns by quarters, which rotate stands for where its angle is one.
 */
#ifndef PP_FILTER_TURN_H
#define PP_FILTER_TURN_H

#include <stdbool.h>

#include "filter/filter.h"

/* Whether `angle`, in degrees, is a number of quarters. */
bool pp_turn_serves(double angle);

/* Under the name "rotate", with its angle as the one parameter, of -360 to 360 degrees. It is in no
 * list: chains hold it where users write rotate. */
extern const struct pp_filter pp_filter_turn;

#endif
