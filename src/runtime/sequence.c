#include "runtime/sequence.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 8

struct pp_item *pp_item_new(struct pp_bytes bytes)
{
    struct pp_item *item = malloc(sizeof *item + bytes.size);

    if (!item)
        return NULL;
    item->size = bytes.size;
    if (bytes.size > 0)
        memcpy(item->bytes, bytes.data, bytes.size);
    return item;
}

struct pp_bytes pp_item_bytes(const struct pp_item *item)
{
    return (struct pp_bytes){item->bytes, item->size};
}

int pp_item_compare(struct pp_bytes one, struct pp_bytes other)
{
    const size_t both = one.size < other.size ? one.size : other.size;
    const int order = both > 0 ? memcmp(one.data, other.data, both) : 0;

    if (order != 0 || one.size == other.size)
        return order;
    return one.size < other.size ? -1 : 1;
}

static size_t weight(const struct pp_item *item)
{
    return sizeof *item + sizeof item + item->size;
}

void pp_sequence_init(struct pp_sequence *sequence, size_t *held)
{
    *sequence = (struct pp_sequence){.held = held};
}

void pp_sequence_clear(struct pp_sequence *sequence)
{
    for (size_t i = 0; i < sequence->count; i++) {
        *sequence->held -= weight(pp_sequence_at(sequence, i));
        free(pp_sequence_at(sequence, i));
    }
    free(sequence->items);
    pp_sequence_init(sequence, sequence->held);
}

/* What was taken at the front is used again before there is more: once half of it is free, so that
 * moving costs no more than the taking did. */
bool pp_sequence_reserve(struct pp_sequence *sequence, size_t more)
{
    size_t room = sequence->room > 0 ? sequence->room : ROOM_FIRST;
    struct pp_item **items;

    if (more <= sequence->room - sequence->first - sequence->count)
        return true;
    if (sequence->first > 0 && sequence->first >= sequence->count &&
        more <= sequence->room - sequence->count) {
        memmove(sequence->items, sequence->items + sequence->first,
                sequence->count * sizeof *sequence->items);
        sequence->first = 0;
        return true;
    }
    if (more > SIZE_MAX / (4 * sizeof *items) - sequence->first - sequence->count)
        return false;
    while (room < sequence->first + sequence->count + more)
        room *= 2;
    items = realloc(sequence->items, room * sizeof *items);
    if (!items)
        return false;
    sequence->items = items;
    sequence->room = room;
    return true;
}

void pp_sequence_insert(struct pp_sequence *sequence, size_t at, struct pp_item *item)
{
    struct pp_item **items = sequence->items + sequence->first;

    if (at == 0 && sequence->first > 0) {
        sequence->first--;
        items--;
    } else {
        memmove(items + at + 1, items + at, (sequence->count - at) * sizeof *items);
    }
    items[at] = item;
    sequence->count++;
    *sequence->held += weight(item);
}

struct pp_item *pp_sequence_at(const struct pp_sequence *sequence, size_t at)
{
    return sequence->items[sequence->first + at];
}

struct pp_item *pp_sequence_take(struct pp_sequence *sequence, size_t at)
{
    struct pp_item **items = sequence->items + sequence->first, *item = items[at];

    if (at == 0)
        sequence->first++;
    else
        memmove(items + at, items + at + 1, (sequence->count - at - 1) * sizeof *items);
    sequence->count--;
    if (sequence->count == 0)
        sequence->first = 0;
    *sequence->held -= weight(item);
    return item;
}

size_t pp_sequence_find(const struct pp_sequence *sequence, struct pp_bytes bytes)
{
    size_t at = 0;

    while (at < sequence->count &&
           pp_item_compare(pp_item_bytes(pp_sequence_at(sequence, at)), bytes) != 0)
        at++;
    return at;
}

void pp_sequence_reverse(struct pp_sequence *sequence)
{
    for (size_t i = 0; i < sequence->count / 2; i++) {
        struct pp_item **one = &sequence->items[sequence->first + i];
        struct pp_item **other = one + sequence->count - 1 - 2 * i;
        struct pp_item *item = *one;

        *one = *other;
        *other = item;
    }
}

static int compare(const void *one, const void *other)
{
    return pp_item_compare(pp_item_bytes(*(struct pp_item *const *)one),
                           pp_item_bytes(*(struct pp_item *const *)other));
}

void pp_sequence_sort(struct pp_sequence *sequence)
{
    if (sequence->count > 1)
        qsort(sequence->items + sequence->first, sequence->count, sizeof *sequence->items, compare);
}
