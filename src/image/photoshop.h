/*
 * image/photoshop.h - image resources as Photoshop keeps them, IPTC's data among others.
 *
 * Adobe Photoshop File Formats Specification, "Image Resources Section": "8BIM", a number, a name
 * and data, one after the other. Any process, any thread.
 */
#ifndef PP_IMAGE_PHOTOSHOP_H
#define PP_IMAGE_PHOTOSHOP_H

#include <stddef.h>
#include <stdint.h>

enum pp_photoshop_part {
    PP_PHOTOSHOP_THUMBNAIL = 1, /* 0x0409, 0x040C */
    PP_PHOTOSHOP_EXIF = 2,      /* 0x0422, 0x0423 */
    PP_PHOTOSHOP_XMP = 4,       /* 0x0424 */
    PP_PHOTOSHOP_ICC = 8        /* 0x040F, 0x0411 */
};

/* The size of the block without `parts`, bits of enum pp_photoshop_part; what stays moves up. From
 * the first place on where no resource begins all stays as it is. */
size_t pp_photoshop_remove(uint8_t *block, size_t size, unsigned parts);

#endif
