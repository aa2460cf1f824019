/*
 * filter/suggest.h - the valid name nearest to a misspelt one. Any thread.
 */
#ifndef PP_FILTER_SUGGEST_H
#define PP_FILTER_SUGGEST_H

#include <stddef.h>

/* Names and words here are shorter; of anything longer no near name is looked for. */
#define PP_SUGGEST_MAX 31

/* Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`; both at most
 * PP_SUGGEST_MAX bytes, else SIZE_MAX. */
size_t pp_edit_distance(const char *a, const char *b);

/* Keeps the nearest of the names offered one by one. Begin with {.given = name}. */
struct pp_suggestion {
    const char *given;
    const char *nearest; /* NULL while none was near enough */
    size_t distance;
};

void pp_suggest_offer(struct pp_suggestion *suggestion, const char *name);

#endif
