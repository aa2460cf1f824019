#include "pool/list.h"

#include <stddef.h>

void pp_link_init(struct pp_link *link, void *owner)
{
    *link = (struct pp_link){link, link, owner};
}

bool pp_list_empty(const struct pp_link *list)
{
    return list->next == list;
}

void *pp_list_first(const struct pp_link *list)
{
    return list->next->owner;
}

void pp_list_insert(struct pp_link *where, struct pp_link *link)
{
    pp_list_remove(link);
    link->prev = where;
    link->next = where->next;
    where->next->prev = link;
    where->next = link;
}

void pp_list_append(struct pp_link *list, struct pp_link *link)
{
    pp_list_insert(list->prev, link);
}

void pp_list_prepend(struct pp_link *list, struct pp_link *link)
{
    pp_list_insert(list, link);
}

void pp_list_remove(struct pp_link *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->prev = link->next = link;
}

void pp_list_move(struct pp_link *to, struct pp_link *from)
{
    while (!pp_list_empty(from))
        pp_list_append(to, from->next);
}
