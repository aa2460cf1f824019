/*
 * runtime/sequence.h - items of bytes one after another; both ends are near. One thread.
 */
#ifndef PP_RUNTIME_SEQUENCE_H
#define PP_RUNTIME_SEQUENCE_H

#include <stddef.h>
#include <stdint.h>

#include <pixpool/manager.h>

struct pp_item {
    size_t size;
    uint8_t bytes[];
};

struct pp_sequence {
    size_t *held; /* bytes that all of the owner's objects take; the owner's */
    struct pp_item **items;
    size_t first, count, room; /* items[first] is the first; room counts from items[0] */
};

/* A copy, to be inserted or freed; NULL: no memory. */
struct pp_item *pp_item_new(struct pp_bytes bytes);
struct pp_bytes pp_item_bytes(const struct pp_item *item);
/* As memcmp(), the shorter one first where it begins the other. */
int pp_item_compare(struct pp_bytes one, struct pp_bytes other);

/* Empty; clear makes it so again. */
void pp_sequence_init(struct pp_sequence *sequence, size_t *held);
void pp_sequence_clear(struct pp_sequence *sequence);

/* False: no memory for so many more. */
bool pp_sequence_reserve(struct pp_sequence *sequence, size_t more);
/* Before the item at `at`, which is at most the count; there must be room reserved. */
void pp_sequence_insert(struct pp_sequence *sequence, size_t at, struct pp_item *item);
/* The item at `at`, which is below the count. */
struct pp_item *pp_sequence_at(const struct pp_sequence *sequence, size_t at);
/* Take it out: it is then the caller's to free. */
struct pp_item *pp_sequence_take(struct pp_sequence *sequence, size_t at);
/* Where the first equal one is; the count when there is none. */
size_t pp_sequence_find(const struct pp_sequence *sequence, struct pp_bytes bytes);
void pp_sequence_reverse(struct pp_sequence *sequence);
void pp_sequence_sort(struct pp_sequence *sequence);

#endif
