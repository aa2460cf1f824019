/*
 * image/exif.h - the one EXIF tag that decides how a picture is shown.
 *
 * Any process, any thread. Reading it is pp_exif_orientation() of image/metadata.h.
 */
#ifndef PP_IMAGE_EXIF_H
#define PP_IMAGE_EXIF_H

#include <stddef.h>
#include <stdint.h>

/* Write `orientation` (1 to 8) into the orientation tag of IFD 0, in the block's own byte order.
 * A block without that tag, or a broken one, stays as it is. */
void pp_exif_set_orientation(uint8_t *exif, size_t size, uint8_t orientation);

#endif
