/* Metadata kept true of a picture that is no longer what it was. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/exif.h"
#include "image/metadata.h"
#include "image/notes.h"
#include "image/photoshop.h"
#include "image/xmp.h"

/* XMP part 3, 1.1.3.1: what a part of the extended packet begins with. */
#define GUID_BYTES   32u
#define MORE_HEADER  (GUID_BYTES + 8u)
#define JPEG_XT      0xEBu /* APP11: boxes that describe the coded data (ISO/IEC 18477-3) */
#define ORIENTATIONS 9

/* What has become untrue. */
struct changes {
    bool pixels, size, orientation;
    bool moved; /* places given in pixels are others */
    char width[12], height[12], turned[4];
};

static struct changes changes_of(const struct pp_metadata_change *change)
{
    const struct pp_geometry *in = &change->in, *out = &change->out;
    struct changes changes = {
        .pixels = change->pixels,
        .size = in->width != out->width || in->height != out->height,
        .orientation = in->orientation != out->orientation,
    };

    changes.moved = changes.size || changes.orientation || change->swaps;
    snprintf(changes.width, sizeof(changes.width), "%u", out->width);
    snprintf(changes.height, sizeof(changes.height), "%u", out->height);
    snprintf(changes.turned, sizeof(changes.turned), "%u", out->orientation % ORIENTATIONS);
    return changes;
}

/* ---- EXIF and Photoshop -------------------------------------------------------------------- */

static bool is_broken_exif(const struct pp_metadata_block *block, const void *unused)
{
    (void)unused;
    return block->kind == PP_METADATA_EXIF && !pp_exif_is_sound(block->data, block->size);
}

/* An empty block is not sound, and dropped with the others that are not. */
static enum pp_status refresh_exif(struct pp_metadata_block *block,
                                   const struct pp_metadata_change *change,
                                   const struct changes *changes, struct pp_error *err)
{
    const unsigned parts =
        (changes->pixels ? PP_EXIF_THUMBNAIL : 0u) | (changes->moved ? PP_EXIF_SUBJECT : 0u);

    if (changes->size)
        pp_exif_set_size(block->data, block->size, change->out.width, change->out.height);
    if (change->swaps)
        pp_exif_swap_resolution(block->data, block->size);
    return parts != 0 ? pp_metadata_exif_remove(block, parts, err) : PP_OK;
}

static enum pp_status refresh_blocks(struct pp_metadata *metadata,
                                     const struct pp_metadata_change *change,
                                     const struct changes *changes, struct pp_error *err)
{
    enum pp_status status = PP_OK;

    for (size_t i = 0; status == PP_OK && i < metadata->count; i++) {
        struct pp_metadata_block *block = &metadata->blocks[i];
        if (block->kind == PP_METADATA_EXIF)
            status = refresh_exif(block, change, changes, err);
        else if (block->kind == PP_METADATA_IPTC && changes->pixels)
            block->size = pp_photoshop_remove(block->data, block->size, PP_PHOTOSHOP_THUMBNAIL);
    }
    return status;
}

/* ---- XMP ----------------------------------------------------------------------------------- */

struct rule {
    const char *name;
    bool applies;
    enum pp_xmp_verdict verdict;
    const char *text;
};

static bool is_called(const char *name, size_t length, const char *wanted)
{
    return strlen(wanted) == length && memcmp(name, wanted, length) == 0;
}

/* Further pictures in the file are not passed on, and neither is what says where they are. */
static bool points_behind_the_picture(const char *name, size_t length)
{
    static const char *const beginnings[] = {"Container:Directory", "GContainer:Directory",
                                             "GCamera:MicroVideo", "GCamera:MotionPhoto", "hdrgm:"};

    for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
        const size_t size = strlen(beginnings[i]);
        if (length >= size && memcmp(name, beginnings[i], size) == 0)
            return true;
    }
    return false;
}

static enum pp_xmp_verdict judge(const void *argument, const char *name, size_t length,
                                 const char **text)
{
    const struct changes *c = argument;
    const struct rule rules[] = {
        {"tiff:Orientation", c->orientation, PP_XMP_SET, c->turned},
        {"tiff:ImageWidth", c->size, PP_XMP_SET, c->width},
        {"tiff:ImageLength", c->size, PP_XMP_SET, c->height},
        {"exif:PixelXDimension", c->size, PP_XMP_SET, c->width},
        {"exif:PixelYDimension", c->size, PP_XMP_SET, c->height},
        {"exif:SubjectArea", c->moved, PP_XMP_DROP, NULL},
        {"exif:SubjectLocation", c->moved, PP_XMP_DROP, NULL},
        {"xmp:Thumbnails", c->pixels, PP_XMP_DROP, NULL},
        {"xap:Thumbnails", c->pixels, PP_XMP_DROP, NULL},
    };

    if (!memchr(name, ':', length))
        return PP_XMP_KEEP;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (!rules[i].applies || !is_called(name, length, rules[i].name))
            continue;
        *text = rules[i].text;
        return rules[i].verdict;
    }
    return points_behind_the_picture(name, length) ? PP_XMP_DROP : PP_XMP_KEEP;
}

static bool is_empty_xmp(const struct pp_metadata_block *block, const void *unused)
{
    (void)unused;
    return block->kind == PP_METADATA_XMP && block->size == 0;
}

enum pp_status pp_metadata_change_xmp(struct pp_metadata *metadata, const struct pp_xmp_edit *edit,
                                      struct pp_metadata_notes *notes, struct pp_error *err)
{
    for (size_t i = 0; i < metadata->count; i++) {
        struct pp_metadata_block *block = &metadata->blocks[i];
        uint8_t *changed = NULL;
        size_t size = 0;
        if (block->kind != PP_METADATA_XMP)
            continue;
        enum pp_status status = pp_xmp_change(block->data, block->size, edit, &changed, &size);
        if (status == PP_E_NO_MEMORY)
            return pp_error_set(err, status, "XMP: no memory");
        if (status == PP_OK && !changed)
            continue;
        free(block->data);
        block->data = changed;
        block->size = size;
    }
    pp_metadata_drop_noted(metadata, is_empty_xmp, NULL, "broken XMP packet is left out", notes);
    return PP_OK;
}

static bool is_more_xmp(const struct pp_metadata_block *block, const void *unused)
{
    (void)unused;
    return block->kind == PP_METADATA_XMP_MORE;
}

/* Whether all parts are there, as far as their lengths tell. */
static bool more_is_whole(const struct pp_metadata *metadata)
{
    const struct pp_metadata_block *first = pp_metadata_find(metadata, PP_METADATA_XMP_MORE);
    uint64_t left = 0;

    for (size_t i = 0; i < metadata->count; i++) {
        const struct pp_metadata_block *block = &metadata->blocks[i];
        if (block->kind != PP_METADATA_XMP_MORE)
            continue;
        if (block->size <= MORE_HEADER || memcmp(block->data, first->data, GUID_BYTES + 4) != 0)
            return false;
        left += block->size - MORE_HEADER;
    }
    if (!first || !pp_metadata_find(metadata, PP_METADATA_XMP))
        return false;
    const uint8_t *length = first->data + GUID_BYTES;
    return left == ((uint32_t)length[0] << 24 | (uint32_t)length[1] << 16 |
                    (uint32_t)length[2] << 8 | length[3]);
}

static enum pp_xmp_verdict judge_more(const void *unused, const char *name, size_t length,
                                      const char **text)
{
    (void)unused;
    (void)text;
    return is_called(name, length, "xmpNote:HasExtendedXMP") ? PP_XMP_DROP : PP_XMP_KEEP;
}

enum pp_status pp_metadata_drop_more_xmp(struct pp_metadata *metadata, const char *why,
                                         struct pp_metadata_notes *notes, struct pp_error *err)
{
    const struct pp_xmp_edit edit = {judge_more, NULL};

    if (!pp_metadata_find(metadata, PP_METADATA_XMP_MORE))
        return PP_OK;
    pp_metadata_drop_noted(metadata, is_more_xmp, NULL, why, notes);
    return pp_metadata_change_xmp(metadata, &edit, notes, err);
}

static enum pp_status refresh_more_xmp(struct pp_metadata *metadata, bool jpeg,
                                       struct pp_metadata_notes *notes, struct pp_error *err)
{
    if (jpeg && more_is_whole(metadata))
        return PP_OK;
    return pp_metadata_drop_more_xmp(metadata,
                                     jpeg
                                         ? "incomplete extended XMP is left out"
                                         : "extended XMP is left out: only JPEG has a place for it",
                                     notes, err);
}

/* ---- the rest ------------------------------------------------------------------------------ */

/* Application segments nobody here knows are true of the new picture as of the old one, but not
 * those that hold another picture, mostly a preview, or describe the coded data. */
static bool is_untrue_segment(const struct pp_metadata_block *block, const void *unused)
{
    (void)unused;
    if (block->kind != PP_METADATA_SEGMENT)
        return false;
    return block->marker == JPEG_XT || memmem(block->data, block->size, "\xFF\xD8\xFF", 3);
}

static void swap_density(struct pp_metadata *metadata)
{
    const uint32_t x = metadata->density_x;

    metadata->density_x = metadata->density_y;
    metadata->density_y = x;
}

enum pp_status pp_metadata_refresh(struct pp_metadata *metadata,
                                   const struct pp_metadata_change *change,
                                   struct pp_metadata_notes *notes, struct pp_error *err)
{
    const struct changes changes = changes_of(change);
    const struct pp_xmp_edit edit = {judge, &changes};

    enum pp_status status = refresh_blocks(metadata, change, &changes, err);
    if (status == PP_OK) {
        pp_metadata_drop_noted(metadata, is_broken_exif, NULL, "broken EXIF block is left out",
                               notes);
        status = refresh_more_xmp(metadata, change->jpeg, notes, err);
    }
    if (status == PP_OK)
        status = pp_metadata_change_xmp(metadata, &edit, notes, err);
    if (changes.pixels) {
        pp_metadata_drop_where(metadata, is_untrue_segment, NULL);
        metadata->has_time = false;
    }
    if (change->swaps)
        swap_density(metadata);
    return status;
}
