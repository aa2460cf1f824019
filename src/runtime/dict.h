/*
 * runtime/dict.h - bytes by bytes, in the order in which the keys first came. A hash whose key
 * nobody knows finds them. One thread.
 */
#ifndef PP_RUNTIME_DICT_H
#define PP_RUNTIME_DICT_H

#include <stddef.h>
#include <stdint.h>

#include <pixpool/manager.h>

#include "base/siphash.h"

/* A key and its value. Made by itself, so that what puts many can fail before it has begun. */
struct pp_dict_entry {
    struct pp_dict_entry *chained, *before, *after;
    uint64_t hash;
    size_t key_size, value_size;
    uint8_t bytes[];
};

struct pp_dict {
    const uint8_t *hash_key; /* PP_SIPHASH_KEY bytes of the owner's */
    size_t *held;            /* bytes that all of the owner's objects take; the owner's */
    struct pp_dict_entry **buckets;
    size_t bucket_count, count;
    struct pp_dict_entry *first, *last;
};

/* Empty. */
void pp_dict_init(struct pp_dict *dict, const uint8_t hash_key[PP_SIPHASH_KEY], size_t *held);
/* As it was after init. */
void pp_dict_clear(struct pp_dict *dict);

/* A copy of key and value, to be put or freed; NULL: no memory. */
struct pp_dict_entry *pp_dict_entry(struct pp_bytes key, struct pp_bytes value);
struct pp_bytes pp_dict_key(const struct pp_dict_entry *entry);
struct pp_bytes pp_dict_value(const struct pp_dict_entry *entry);

/* Put it in, or into the place of the one with the same key, which is freed. Cannot fail. */
void pp_dict_put(struct pp_dict *dict, struct pp_dict_entry *entry);
/* NULL: there is none. */
struct pp_dict_entry *pp_dict_find(const struct pp_dict *dict, struct pp_bytes key);
/* Take one that is in the dict out; it is then the caller's to free. */
void pp_dict_take(struct pp_dict *dict, struct pp_dict_entry *entry);

#endif
