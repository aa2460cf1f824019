#include "image/notes.h"

#include "image/exif.h"

void pp_metadata_drop_noted(struct pp_metadata *metadata,
                            bool (*unwanted)(const struct pp_metadata_block *block,
                                             const void *argument),
                            const void *argument, const char *why, struct pp_metadata_notes *notes)
{
    const size_t before = metadata->count;

    pp_metadata_drop_where(metadata, unwanted, argument);
    if (metadata->count == before)
        return;
    if (notes->count++ == 0)
        notes->first = why;
}

enum pp_status pp_metadata_exif_remove(struct pp_metadata_block *block, unsigned parts,
                                       struct pp_error *err)
{
    enum pp_status status = pp_exif_remove(block->data, &block->size, parts);

    if (status == PP_E_NO_MEMORY)
        return pp_error_set(err, status, "EXIF: no memory");
    if (status != PP_OK)
        block->size = 0;
    return PP_OK;
}
