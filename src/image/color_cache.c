#include "image/color_cache.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* lcms2 dates what it makes, for which the C library reads the time zone's file, once: in a sandbox
 * it is too late for that. */
struct pp_color_cache *pp_color_cache_new(void)
{
    tzset();
    return calloc(1, sizeof(struct pp_color_cache));
}

static void release_entry(struct pp_color_entry *entry)
{
    pp_transform_free(entry->transform);
    free((void *)(uintptr_t)entry->need.from.data);
    free((void *)(uintptr_t)entry->need.to.data);
    *entry = (struct pp_color_entry){0};
}

void pp_color_cache_release(struct pp_color_cache *cache)
{
    for (size_t i = 0; i < PP_COLOR_CACHE_ENTRIES; i++) {
        free(cache->verdicts[i].profile);
        release_entry(&cache->entries[i]);
    }
    *cache = (struct pp_color_cache){0};
}

void pp_color_cache_free(struct pp_color_cache *cache)
{
    if (cache)
        pp_color_cache_release(cache);
    free(cache);
}

static bool are_same(const struct pp_profile *a, const struct pp_profile *b)
{
    return a->size == b->size && (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

/* ---- verdicts ------------------------------------------------------------------------------ */

static void note_verdict(struct pp_color_cache *cache, const struct pp_profile *profile,
                         enum pp_profile_kind kind)
{
    struct pp_color_verdict *oldest = &cache->verdicts[0];
    void *copy = malloc(profile->size);

    if (!copy)
        return;
    for (size_t i = 1; i < PP_COLOR_CACHE_ENTRIES; i++)
        if (cache->verdicts[i].used < oldest->used)
            oldest = &cache->verdicts[i];
    memcpy(copy, profile->data, profile->size);
    free(oldest->profile);
    *oldest = (struct pp_color_verdict){copy, profile->size, kind, ++cache->clock};
}

enum pp_profile_kind pp_color_cache_kind(struct pp_color_cache *cache,
                                         const struct pp_profile *profile)
{
    if (profile->size == 0)
        return PP_PROFILE_SRGB;
    for (size_t i = 0; i < PP_COLOR_CACHE_ENTRIES; i++) {
        struct pp_color_verdict *verdict = &cache->verdicts[i];
        struct pp_profile known = {verdict->profile, verdict->size};
        if (verdict->profile && are_same(&known, profile)) {
            verdict->used = ++cache->clock;
            return verdict->kind;
        }
    }
    enum pp_profile_kind kind = pp_profile_kind(profile);
    if (kind != PP_PROFILE_UNKNOWN)
        note_verdict(cache, profile, kind);
    return kind;
}

/* ---- transforms ---------------------------------------------------------------------------- */

static bool serves(const struct pp_color_entry *entry, const struct pp_transform_need *need)
{
    const struct pp_transform_need *has = &entry->need;

    return entry->transform && has->from_colors == need->from_colors &&
           has->to_colors == need->to_colors && has->alpha == need->alpha &&
           has->inverted == need->inverted && has->depth == need->depth &&
           has->intent == need->intent && are_same(&has->from, &need->from) &&
           are_same(&has->to, &need->to);
}

static bool copy_profile(struct pp_profile *copy, const struct pp_profile *profile)
{
    *copy = (struct pp_profile){0};
    if (profile->size == 0)
        return true;
    void *data = malloc(profile->size);
    if (!data)
        return false;
    memcpy(data, profile->data, profile->size);
    *copy = (struct pp_profile){data, profile->size};
    return true;
}

static enum pp_status fill_entry(struct pp_color_entry *entry, const struct pp_transform_need *need,
                                 struct pp_error *err)
{
    release_entry(entry);
    entry->need = *need;
    entry->need.from = entry->need.to = (struct pp_profile){0};
    enum pp_status status = PP_OK;
    if (!copy_profile(&entry->need.from, &need->from) || !copy_profile(&entry->need.to, &need->to))
        status = pp_error_set(err, PP_E_NO_MEMORY, "colour profile: no memory");
    if (status == PP_OK)
        status = pp_transform_new(&entry->transform, need, err);
    if (status != PP_OK)
        release_entry(entry);
    return status;
}

enum pp_status pp_color_cache_transform(struct pp_color_cache *cache,
                                        const struct pp_transform_need *need,
                                        const struct pp_transform **transform, struct pp_error *err)
{
    struct pp_color_entry *chosen = &cache->entries[0];
    enum pp_status status = PP_OK;

    *transform = NULL;
    for (size_t i = 0; i < PP_COLOR_CACHE_ENTRIES; i++) {
        struct pp_color_entry *entry = &cache->entries[i];
        if (serves(entry, need)) {
            chosen = entry;
            break;
        }
        if (entry->used < chosen->used)
            chosen = entry;
    }
    if (!serves(chosen, need))
        status = fill_entry(chosen, need, err);
    chosen->used = ++cache->clock;
    *transform = chosen->transform;
    return status;
}
