/*
 * image/exif_text.h - words in an EXIF block. Pure; reads within the block only.
 */
#ifndef PP_IMAGE_EXIF_TEXT_H
#define PP_IMAGE_EXIF_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define PP_EXIF_MODEL 0x0110u /* TIFF 6.0, section 8: the camera's name */

/* Copy the ASCII value of that tag of IFD 0 to the `room` bytes at `to`, without blanks at its end;
 * "" when there is none or the block is broken. A value too long is cut. */
void pp_exif_text(const uint8_t *exif, size_t size, unsigned tag, char *to, size_t room);

#endif
