/*
 * cli/nearest.h - which word was probably meant.
 */
#ifndef PP_CLI_NEAREST_H
#define PP_CLI_NEAREST_H

#include <stddef.h>

/*
 * The word among those `word_at` lists (by index, NULL past the last) that is nearest to `text` in
 * letters changed, added, lost or swapped with their neighbour; NULL where none is near enough to
 * be meant.
 */
const char *pp_nearest_word(const char *text, const char *(*word_at)(size_t index));

#endif
