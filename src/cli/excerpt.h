/*
 * cli/excerpt.h - a chain of filters and the place in it that a message is about.
 */
#ifndef PP_CLI_EXCERPT_H
#define PP_CLI_EXCERPT_H

#include <pixpool/filter.h>

#include "cli/terminal.h"

#define PP_EXCERPT_TEXT 128

/* Zeroed: there is nothing to show. */
struct pp_excerpt {
    char text[PP_EXCERPT_TEXT];  /* the chain, or as much around the place as there is room for */
    struct pp_chain_place place; /* in `text` */
};

void pp_excerpt_make(struct pp_excerpt *excerpt, const char *chain, struct pp_chain_place place);

/* The text on a line of its own and a caret under the place on the next. Nothing where there is
 * nothing to show. */
void pp_excerpt_print(const struct pp_excerpt *excerpt, struct pp_terminal *terminal);

#endif
