/*
 * image/exif.h - EXIF kept true of a picture that changed, and parts of it taken out.
 *
 * A block is a TIFF stream (CIPA DC-008, 4.5); it is changed where it stands, since makers' notes
 * hold offsets that nobody else knows. Whatever is broken is left alone; nothing outside the block
 * is read or written. Any process, any thread. The orientation is read by pp_exif_orientation() of
 * image/metadata.h.
 */
#ifndef PP_IMAGE_EXIF_H
#define PP_IMAGE_EXIF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

/* Whether it begins as a TIFF stream does and has a first directory. */
bool pp_exif_is_sound(const uint8_t *exif, size_t size);

/* Write `orientation` (1 to 8) into the orientation tag of IFD 0, in the block's own byte order.
 * A block without that tag, or a broken one, stays as it is. */
void pp_exif_set_orientation(uint8_t *exif, size_t size, uint8_t orientation);

/* Write width and height where the block tells them: PixelXDimension and PixelYDimension,
 * ImageWidth and ImageLength of IFD 0, RelatedImageWidth and RelatedImageHeight. */
void pp_exif_set_size(uint8_t *exif, size_t size, uint32_t width, uint32_t height);

/* XResolution and YResolution of IFD 0 change places. */
void pp_exif_swap_resolution(uint8_t *exif, size_t size);

/* What pp_exif_remove() takes out. */
enum pp_exif_part {
    PP_EXIF_THUMBNAIL = 1, /* IFD 1 and all behind it */
    PP_EXIF_GPS = 2,       /* the GPS directory, wherever one is named */
    PP_EXIF_SUBJECT = 4,   /* SubjectArea and SubjectLocation, which are in pixels */
    PP_EXIF_XMP = 8,       /* an XMP packet within the EXIF */
    PP_EXIF_IPTC = 16      /* IPTC and Photoshop's data within it */
};

/* The bytes of a block that says the orientation and nothing else. */
#define PP_EXIF_SMALLEST 26u
void pp_exif_make_smallest(uint8_t exif[PP_EXIF_SMALLEST], uint8_t orientation);

/*
 * Take out `parts` (bits of enum pp_exif_part): what leads to them goes, and their bytes become
 * zeros wherever nothing else is known to use them; those at the block's end are cut off.
 * Errors, after which it is not to be used any more: PP_E_NO_MEMORY; PP_E_CORRUPT when its
 * directories refer to far more than it holds.
 */
enum pp_status pp_exif_remove(uint8_t *exif, size_t *size, unsigned parts) PP_MUST_CHECK;

#endif
