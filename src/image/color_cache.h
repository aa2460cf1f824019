/*
 * image/color_cache.h - the verdicts on profiles, and the transforms between them, of the last few
 * pictures.
 *
 * Profiles are told apart by all of their bytes. One thread. With a NULL cache nothing is asked.
 */
#ifndef PP_IMAGE_COLOR_CACHE_H
#define PP_IMAGE_COLOR_CACHE_H

#include <pixpool/image.h>

#include "image/profile.h"
#include "image/transform.h"

/* A conversion needs three transforms at most; so many are safe from each other. */
#define PP_COLOR_CACHE_ENTRIES 6

struct pp_color_cache {
    uint64_t clock; /* counts uses */
    struct pp_color_verdict {
        void *profile; /* owned copy; NULL: the entry is free */
        size_t size;
        enum pp_profile_kind kind;
        uint64_t used;
    } verdicts[PP_COLOR_CACHE_ENTRIES];
    struct pp_color_entry {
        struct pp_transform_need need;  /* its profiles' bytes are owned copies */
        struct pp_transform *transform; /* owned; NULL: the entry is free */
        uint64_t used;
    } entries[PP_COLOR_CACHE_ENTRIES];
};

/* Free what is in it; a zeroed one is allowed. */
void pp_color_cache_release(struct pp_color_cache *cache);

/* pp_profile_kind(). */
enum pp_profile_kind pp_color_cache_kind(struct pp_color_cache *cache,
                                         const struct pp_profile *profile);

/* pp_transform_new(); the cache owns it and keeps it for as long as at most two others were asked
 * for. */
enum pp_status pp_color_cache_transform(struct pp_color_cache *cache,
                                        const struct pp_transform_need *need,
                                        const struct pp_transform **transform,
                                        struct pp_error *err) PP_MUST_CHECK;

#endif
