#include "pipeline/pictures.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "filter/filter.h"
#include "pipeline/picture_file.h"

#define BLOCK_MARK UINT64_C(0x7069637475726573)

struct block_head {
    uint64_t mark, size; /* of all of it */
    uint64_t count;      /* of the entries that follow */
};

struct block_entry {
    uint32_t link, param; /* whose picture it is */
    struct pp_geometry geometry;
    uint64_t offset, stride; /* of the first row in the block, and from row to row */
};

/* What the chain owns. */
struct pictures {
    const void *block;
    size_t size;
    struct pp_raster rasters[]; /* as the entries */
};

/* ---- the parameters ------------------------------------------------------------------------- */

/* One that names a picture; `param` begins behind it. */
struct place {
    size_t link, param;
    const struct pp_filter *filter; /* NULL past the last */
    const struct pp_value *value;
};

static struct place next_place(const struct pp_chain *chain, struct place at)
{
    for (; at.link < pp_chain_length(chain); at.link++, at.param = 0) {
        const struct pp_chain_item item = pp_chain_item(chain, at.link);
        for (; item.filter->params[at.param].name; at.param++) {
            if (item.filter->params[at.param].type != PP_PARAM_PICTURE || !item.args[at.param].text)
                continue;
            at.filter = item.filter;
            at.value = &item.args[at.param];
            return at;
        }
    }
    return (struct place){0};
}

static struct place first_place(const struct pp_chain *chain)
{
    return next_place(chain, (struct place){0});
}

static struct place place_after(const struct pp_chain *chain, struct place at)
{
    at.param++;
    return next_place(chain, at);
}

static size_t count_places(const struct pp_chain *chain)
{
    size_t count = 0;

    for (struct place at = first_place(chain); at.filter; at = place_after(chain, at))
        count++;
    return count;
}

enum pp_status pp_chain_check_loaded(const struct pp_chain *chain, struct pp_error *err)
{
    for (struct place at = first_place(chain); at.filter; at = place_after(chain, at))
        if (!at.value->picture)
            return pp_error_set(err, PP_E_USAGE,
                                "%s \"%.200s\": it was not loaded: pp_chain_load() comes first",
                                at.filter->name, at.value->text);
    return PP_OK;
}

/* ---- all of them ---------------------------------------------------------------------------- */

struct file {
    struct place place;
    const struct file *same; /* an earlier one of that name, whose rows serve */
    struct pp_picture_file picture;
    size_t offset;
};

struct loading {
    struct file *files; /* owned */
    size_t count;
    const struct pp_limits *limits;
    size_t size;   /* bytes of the block */
    uint64_t most; /* bytes beside it that the greediest holds while it is decoded */
};

static enum pp_status explain(const struct file *file, enum pp_status status,
                              const struct pp_error *why, struct pp_error *err)
{
    return pp_error_set(err, status, "%s \"%.200s\": %s", file->place.filter->name,
                        file->place.value->text, why->text);
}

static const struct file *find_same(const struct loading *loading, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(loading->files[i].place.value->text, loading->files[index].place.value->text) ==
            0)
            return &loading->files[i];
    return NULL;
}

static enum pp_status add_room(struct loading *loading, struct file *file, struct pp_error *err)
{
    const uint64_t most = loading->limits->max_memory;
    const struct pp_picture_file *picture = &file->picture;
    size_t rows;

    if (!pp_size_multiply(picture->stride, picture->geometry.height, &rows) ||
        rows > SIZE_MAX / 2 - loading->size)
        return pp_error_set(err, PP_E_LIMIT, "%u x %u pixels are too many", picture->geometry.width,
                            picture->geometry.height);
    file->offset = loading->size;
    loading->size += rows;
    loading->most = picture->memory > loading->most ? picture->memory : loading->most;
    if (!most || loading->size + loading->most <= most)
        return PP_OK;
    return pp_error_set(err, PP_E_LIMIT,
                        "%llu MB of memory needed exceed the limit of %llu MB (--memory)",
                        (unsigned long long)((loading->size + loading->most) >> 20) + 1,
                        (unsigned long long)(most >> 20));
}

static enum pp_status open_file(struct loading *loading, size_t index, struct pp_error *err)
{
    struct file *file = &loading->files[index];
    struct pp_error why = {0};

    file->same = find_same(loading, index);
    if (file->same) {
        file->offset = file->same->offset;
        return PP_OK;
    }
    enum pp_status status =
        pp_picture_file_open(&file->picture, file->place.value->text, loading->limits, &why);
    if (status == PP_OK)
        status = add_room(loading, file, &why);
    return status == PP_OK ? PP_OK : explain(file, status, &why, err);
}

static enum pp_status open_all(struct loading *loading, const struct pp_chain *chain,
                               struct pp_error *err)
{
    enum pp_status status = PP_OK;
    size_t index = 0;

    for (size_t i = 0; i < loading->count; i++)
        loading->files[i].picture.fd = -1;
    loading->size =
        pp_size_aligned(sizeof(struct block_head) + loading->count * sizeof(struct block_entry));
    for (struct place at = first_place(chain); status == PP_OK && at.filter;
         at = place_after(chain, at)) {
        loading->files[index].place = at;
        status = open_file(loading, index++, err);
    }
    return status;
}

/* Room for `count` rasters and behind them, zeroed, for a block of `size` bytes if that is not 0.
 */
static struct pictures *new_pictures(size_t count, size_t size)
{
    const size_t head = sizeof(struct pictures) + count * sizeof(struct pp_raster);
    struct pictures *pictures = calloc(1, head + PP_ALIGNMENT + size);

    if (!pictures)
        return NULL;
    pictures->size = size;
    pictures->block = (void *)pp_size_aligned((uintptr_t)pictures + head);
    return pictures;
}

static enum pp_status fill(const struct loading *loading, uint8_t *block, struct pp_error *err)
{
    const struct block_head head = {BLOCK_MARK, loading->size, loading->count};
    enum pp_status status = PP_OK;

    memcpy(block, &head, sizeof head);
    for (size_t i = 0; status == PP_OK && i < loading->count; i++) {
        struct file *file = &loading->files[i];
        const struct pp_picture_file *picture = &(file->same ? file->same : file)->picture;
        const struct block_entry entry = {.link = (uint32_t)file->place.link,
                                          .param = (uint32_t)file->place.param,
                                          .geometry = picture->geometry,
                                          .offset = file->offset,
                                          .stride = picture->stride};
        struct pp_error why = {0};
        memcpy(block + sizeof head + i * sizeof entry, &entry, sizeof entry);
        if (!file->same)
            status = pp_picture_file_decode(&file->picture, block + file->offset, &why);
        if (status != PP_OK)
            return explain(file, status, &why, err);
    }
    return status;
}

/* Let the chain's values have what the block holds; the entries are known to be sound. */
static void hand_over(struct pp_chain *chain, struct pictures *pictures)
{
    const uint8_t *block = pictures->block;
    const struct block_entry *entries = (const void *)(block + sizeof(struct block_head));
    size_t i = 0;

    for (struct place at = first_place(chain); at.filter; at = place_after(chain, at), i++) {
        pictures->rasters[i] = (struct pp_raster){.geometry = entries[i].geometry,
                                                  .stride = entries[i].stride,
                                                  .rows = block + entries[i].offset};
        pp_chain_set_picture(chain, at.link, at.param, &pictures->rasters[i]);
    }
    pp_chain_own(chain, pictures);
}

static enum pp_status load(struct loading *loading, struct pp_chain *chain, struct pp_error *err)
{
    enum pp_status status = open_all(loading, chain, err);

    if (status != PP_OK)
        return status;
    struct pictures *pictures = new_pictures(loading->count, loading->size);
    if (!pictures)
        return pp_error_set(err, PP_E_NO_MEMORY, "%s \"%.200s\": no memory for %zu bytes",
                            loading->files[0].place.filter->name,
                            loading->files[0].place.value->text, loading->size);
    status = fill(loading, (uint8_t *)(uintptr_t)pictures->block, err);
    if (status == PP_OK)
        hand_over(chain, pictures);
    else
        free(pictures);
    return status;
}

enum pp_status pp_chain_load(struct pp_chain *chain, const struct pp_limits *limits,
                             struct pp_error *err)
{
    struct loading loading = {.count = count_places(chain), .limits = limits};

    if (loading.count == 0 || pp_chain_check_loaded(chain, NULL) == PP_OK)
        return PP_OK;
    loading.files = calloc(loading.count, sizeof *loading.files);
    if (!loading.files)
        return pp_error_set(err, PP_E_NO_MEMORY, "the filters' pictures: no memory");
    enum pp_status status = load(&loading, chain, err);
    for (size_t i = 0; i < loading.count; i++)
        pp_picture_file_close(&loading.files[i].picture);
    free(loading.files);
    return status;
}

/* ---- in another process --------------------------------------------------------------------- */

const void *pp_chain_pictures(const struct pp_chain *chain, size_t *size)
{
    const struct pictures *pictures = pp_chain_owned(chain);

    *size = pictures ? pictures->size : 0;
    return pictures ? pictures->block : NULL;
}

static bool is_sound(const struct block_entry *entry, size_t size)
{
    const struct pp_geometry *geometry = &entry->geometry;
    uint64_t room = entry->offset <= size ? size - entry->offset : 0;

    return geometry->width > 0 && geometry->height > 0 && geometry->channels >= 1 &&
           geometry->channels <= 4 && (geometry->depth == 8 || geometry->depth == 16) &&
           entry->offset % PP_ALIGNMENT == 0 && entry->stride % PP_ALIGNMENT == 0 &&
           entry->stride >= pp_geometry_row_bytes(geometry) &&
           entry->stride <= room / geometry->height;
}

/* Whether it holds just what this chain asks for, all within its bounds. */
static bool fits(const struct pp_chain *chain, const void *block, size_t size)
{
    const struct block_head *head = block;
    const struct block_entry *entries = (const void *)(head + 1);
    size_t i = 0;

    if (size < sizeof *head || (uintptr_t)block % PP_ALIGNMENT != 0 || head->mark != BLOCK_MARK ||
        head->size != size || head->count != count_places(chain) ||
        head->count > (size - sizeof *head) / sizeof *entries)
        return false;
    for (struct place at = first_place(chain); at.filter; at = place_after(chain, at), i++)
        if (entries[i].link != at.link || entries[i].param != at.param ||
            !is_sound(&entries[i], size))
            return false;
    return true;
}

enum pp_status pp_chain_attach(struct pp_chain *chain, const void *block, size_t size,
                               struct pp_error *err)
{
    if (!fits(chain, block, size))
        return pp_error_set(err, PP_E_USAGE, "the filters' pictures: of another chain, or damaged");
    struct pictures *pictures = new_pictures(count_places(chain), 0);
    if (!pictures)
        return pp_error_set(err, PP_E_NO_MEMORY, "the filters' pictures: no memory");
    pictures->block = block;
    pictures->size = size;
    hand_over(chain, pictures);
    return PP_OK;
}
