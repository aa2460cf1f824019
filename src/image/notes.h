/*
 * image/notes.h - what keeping metadata true and stripping it share.
 *
 * One thread at a time. Private to the image layer.
 */
#ifndef PP_IMAGE_NOTES_H
#define PP_IMAGE_NOTES_H

#include "image/metadata.h"
#include "image/xmp.h"

/* Drop the blocks that `unwanted` names, and note it in these words when there were any. */
void pp_metadata_drop_noted(struct pp_metadata *metadata,
                            bool (*unwanted)(const struct pp_metadata_block *block,
                                             const void *argument),
                            const void *argument, const char *why, struct pp_metadata_notes *notes);

/* pp_exif_remove() on an EXIF block; one that cannot be followed is left empty. Errors:
 * PP_E_NO_MEMORY. */
enum pp_status pp_metadata_exif_remove(struct pp_metadata_block *block, unsigned parts,
                                       struct pp_error *err) PP_MUST_CHECK;

/* Edit every XMP packet; those that cannot be followed are dropped with a note. Errors:
 * PP_E_NO_MEMORY. */
enum pp_status pp_metadata_change_xmp(struct pp_metadata *metadata, const struct pp_xmp_edit *edit,
                                      struct pp_metadata_notes *notes,
                                      struct pp_error *err) PP_MUST_CHECK;

/* Drop the extended XMP, if there is any, and what says that there is. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_metadata_drop_more_xmp(struct pp_metadata *metadata, const char *why,
                                         struct pp_metadata_notes *notes,
                                         struct pp_error *err) PP_MUST_CHECK;

#endif
