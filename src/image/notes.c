#include "image/notes.h"

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
