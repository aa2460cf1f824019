#include "image/metadata.h"

#include <stdlib.h>
#include <string.h>

#include "image/exif.h"

/* The blocks grow at counts that are powers of two, so that no capacity need be kept. */
static enum pp_status make_room(struct pp_metadata *metadata, struct pp_error *err)
{
    size_t count = metadata->count;

    if (count > 0 && (count & (count - 1)) != 0)
        return PP_OK;
    size_t room = count > 0 ? 2 * count : 1;
    struct pp_metadata_block *blocks = reallocarray(metadata->blocks, room, sizeof(*blocks));
    if (!blocks)
        return pp_error_set(err, PP_E_NO_MEMORY, "metadata: no memory for %zu blocks", room);
    metadata->blocks = blocks;
    return PP_OK;
}

enum pp_status pp_metadata_add(struct pp_metadata *metadata, enum pp_metadata_kind kind,
                               const void *data, size_t size, struct pp_error *err)
{
    enum pp_status status = make_room(metadata, err);

    if (status != PP_OK)
        return status;
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (!copy)
        return pp_error_set(err, PP_E_NO_MEMORY, "metadata: no memory for %zu bytes", size);
    if (size > 0)
        memcpy(copy, data, size);
    metadata->blocks[metadata->count++] =
        (struct pp_metadata_block){.kind = kind, .data = copy, .size = size};
    return PP_OK;
}

static void release_block(struct pp_metadata_block *block)
{
    free(block->data);
    free(block->language);
}

void pp_metadata_release(struct pp_metadata *metadata)
{
    for (size_t i = 0; i < metadata->count; i++)
        release_block(&metadata->blocks[i]);
    free(metadata->blocks);
    *metadata = (struct pp_metadata){0};
}

const struct pp_metadata_block *pp_metadata_find(const struct pp_metadata *metadata,
                                                 enum pp_metadata_kind kind)
{
    for (size_t i = 0; i < metadata->count; i++) {
        if (metadata->blocks[i].kind == kind)
            return &metadata->blocks[i];
    }
    return NULL;
}

static bool is_of_kind(const struct pp_metadata_block *block, const void *wanted)
{
    return block->kind == *(const enum pp_metadata_kind *)wanted;
}

/*
 * Drop the blocks that `unwanted` names. What is left is moved into an array of the size that
 * make_room() expects of the new count; failing to shrink leaves the larger one, which serves too.
 */
void pp_metadata_drop_where(struct pp_metadata *metadata,
                            bool (*unwanted)(const struct pp_metadata_block *, const void *),
                            const void *argument)
{
    size_t kept = 0, room = 1;

    for (size_t i = 0; i < metadata->count; i++) {
        if (unwanted(&metadata->blocks[i], argument))
            release_block(&metadata->blocks[i]);
        else
            metadata->blocks[kept++] = metadata->blocks[i];
    }
    if (kept == metadata->count)
        return;
    metadata->count = kept;
    while (room < kept)
        room *= 2;
    struct pp_metadata_block *blocks = reallocarray(metadata->blocks, room, sizeof(*blocks));
    if (blocks)
        metadata->blocks = blocks;
}

void pp_metadata_drop(struct pp_metadata *metadata, enum pp_metadata_kind kind)
{
    pp_metadata_drop_where(metadata, is_of_kind, &kind);
}

/* ICC.1:2010, 7.2: the data colour space at byte 16 of a 128-byte header, signature at byte 36. */
static bool is_foreign_profile(const struct pp_metadata_block *block, const void *space)
{
    if (block->kind != PP_METADATA_ICC)
        return false;
    if (block->size < 128 || memcmp(block->data + 36, "acsp", 4) != 0)
        return false;
    return memcmp(block->data + 16, space, 4) != 0;
}

void pp_metadata_adapt(struct pp_metadata *metadata, const struct pp_geometry *in,
                       const struct pp_geometry *out)
{
    bool gray = pp_geometry_color_channels(out) == 1;

    if (in->orientation != out->orientation) {
        for (size_t i = 0; i < metadata->count; i++) {
            struct pp_metadata_block *block = &metadata->blocks[i];
            if (block->kind == PP_METADATA_EXIF)
                pp_exif_set_orientation(block->data, block->size, out->orientation);
        }
    }
    pp_metadata_drop_where(metadata, is_foreign_profile, gray ? "GRAY" : "RGB ");
    if (gray) {
        metadata->has_srgb = false;
        metadata->has_chromaticities = false;
        metadata->has_cicp = false;
    }
}
