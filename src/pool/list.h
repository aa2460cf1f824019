/*
 * pool/list.h - rings of links with a sentinel; the link lives inside what it lists.
 *
 * A link that is in no list points at itself, so taking it out once more does nothing.
 */
#ifndef PP_POOL_LIST_H
#define PP_POOL_LIST_H

#include <stdbool.h>

struct pp_link {
    struct pp_link *prev, *next;
    void *owner; /* the struct the link is part of; NULL in a list's sentinel */
};

void pp_link_init(struct pp_link *link, void *owner);
bool pp_list_empty(const struct pp_link *list);
/* The owner of the first link, NULL when there is none. */
void *pp_list_first(const struct pp_link *list);
/* All three take the link out of the list it is in first; insert puts it behind `where`, which
 * is another link or the list. */
void pp_list_insert(struct pp_link *where, struct pp_link *link);
void pp_list_append(struct pp_link *list, struct pp_link *link);
void pp_list_prepend(struct pp_link *list, struct pp_link *link);
void pp_list_remove(struct pp_link *link);
/* Move all of `from` to the end of `to`, in order. */
void pp_list_move(struct pp_link *to, struct pp_link *from);

#endif
