#include "runtime/dict.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS_FIRST 8

void pp_dict_init(struct pp_dict *dict, const uint8_t hash_key[PP_SIPHASH_KEY], size_t *held)
{
    *dict = (struct pp_dict){.hash_key = hash_key, .held = held};
}

static size_t weight(const struct pp_dict_entry *entry)
{
    return sizeof *entry + sizeof entry + entry->key_size + entry->value_size;
}

void pp_dict_clear(struct pp_dict *dict)
{
    struct pp_dict_entry *entry = dict->first;

    while (entry) {
        struct pp_dict_entry *after = entry->after;

        *dict->held -= weight(entry);
        free(entry);
        entry = after;
    }
    free(dict->buckets);
    pp_dict_init(dict, dict->hash_key, dict->held);
}

struct pp_dict_entry *pp_dict_entry(struct pp_bytes key, struct pp_bytes value)
{
    struct pp_dict_entry *entry = malloc(sizeof *entry + key.size + value.size);

    if (!entry)
        return NULL;
    *entry = (struct pp_dict_entry){.key_size = key.size, .value_size = value.size};
    if (key.size > 0)
        memcpy(entry->bytes, key.data, key.size);
    if (value.size > 0)
        memcpy(entry->bytes + key.size, value.data, value.size);
    return entry;
}

struct pp_bytes pp_dict_key(const struct pp_dict_entry *entry)
{
    return (struct pp_bytes){entry->bytes, entry->key_size};
}

struct pp_bytes pp_dict_value(const struct pp_dict_entry *entry)
{
    return (struct pp_bytes){entry->bytes + entry->key_size, entry->value_size};
}

static struct pp_dict_entry **bucket(const struct pp_dict *dict, uint64_t hash)
{
    return &dict->buckets[hash & (dict->bucket_count - 1)];
}

/* Without memory for more buckets the chains become longer, that is all; but one there must be. */
static void grow(struct pp_dict *dict, size_t bucket_count)
{
    struct pp_dict_entry **buckets = calloc(bucket_count, sizeof(struct pp_dict_entry *));

    if (!buckets)
        return;
    free(dict->buckets);
    dict->buckets = buckets;
    dict->bucket_count = bucket_count;
    for (struct pp_dict_entry *entry = dict->first; entry; entry = entry->after) {
        struct pp_dict_entry **place = bucket(dict, entry->hash);

        entry->chained = *place;
        *place = entry;
    }
}

static uint64_t hash_of(const struct pp_dict *dict, struct pp_bytes key)
{
    return pp_siphash(dict->hash_key, key.size > 0 ? key.data : "", key.size).low;
}

static bool is_at(const struct pp_dict_entry *entry, uint64_t hash, struct pp_bytes key)
{
    return entry->hash == hash && entry->key_size == key.size &&
           (key.size == 0 || memcmp(entry->bytes, key.data, key.size) == 0);
}

/* Without buckets, which take memory that there was none of, the entries are gone through. */
static struct pp_dict_entry *find(const struct pp_dict *dict, uint64_t hash, struct pp_bytes key)
{
    struct pp_dict_entry *entry = dict->buckets ? *bucket(dict, hash) : dict->first;

    while (entry && !is_at(entry, hash, key))
        entry = dict->buckets ? entry->chained : entry->after;
    return entry;
}

struct pp_dict_entry *pp_dict_find(const struct pp_dict *dict, struct pp_bytes key)
{
    return dict->count > 0 ? find(dict, hash_of(dict, key), key) : NULL;
}

static void chain(struct pp_dict *dict, struct pp_dict_entry *entry)
{
    struct pp_dict_entry **place;

    if (!dict->buckets)
        return;
    place = bucket(dict, entry->hash);
    entry->chained = *place;
    *place = entry;
}

static void unchain(struct pp_dict *dict, struct pp_dict_entry *entry)
{
    struct pp_dict_entry **place;

    if (!dict->buckets)
        return;
    place = bucket(dict, entry->hash);
    while (*place != entry)
        place = &(*place)->chained;
    *place = entry->chained;
}

/* Have the neighbours point to it. */
static void join(struct pp_dict *dict, struct pp_dict_entry *entry)
{
    if (entry->before)
        entry->before->after = entry;
    else
        dict->first = entry;
    if (entry->after)
        entry->after->before = entry;
    else
        dict->last = entry;
}

void pp_dict_put(struct pp_dict *dict, struct pp_dict_entry *entry)
{
    struct pp_dict_entry *old;

    entry->hash = hash_of(dict, pp_dict_key(entry));
    old = find(dict, entry->hash, pp_dict_key(entry));
    *dict->held += weight(entry);
    if (old) {
        unchain(dict, old);
        entry->before = old->before;
        entry->after = old->after;
        *dict->held -= weight(old);
        free(old);
    } else {
        if (dict->count >= dict->bucket_count)
            grow(dict, dict->bucket_count > 0 ? 2 * dict->bucket_count : BUCKETS_FIRST);
        dict->count++;
        entry->before = dict->last;
        entry->after = NULL;
    }
    join(dict, entry);
    chain(dict, entry);
}

void pp_dict_take(struct pp_dict *dict, struct pp_dict_entry *entry)
{
    unchain(dict, entry);
    if (entry->before)
        entry->before->after = entry->after;
    else
        dict->first = entry->after;
    if (entry->after)
        entry->after->before = entry->before;
    else
        dict->last = entry->before;
    dict->count--;
    *dict->held -= weight(entry);
}
