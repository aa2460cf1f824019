/*
 * metadata.h - what travels beside the pixels: EXIF, ICC, XMP, IPTC.
 */
#ifndef TESTDATA_METADATA_H
#define TESTDATA_METADATA_H

#include "bytes.h"

struct exif {
    int big_endian;
    int orientation;               /* 1 to 8 */
    int camera;                    /* maker, model, exposure and the like as well */
    unsigned width, height;        /* as stored */
    const struct bytes *thumbnail; /* a JPEG, NULL for none */
};

/* A TIFF stream (CIPA DC-008), without the "Exif\0\0" of JPEG. */
struct bytes exif_build(const struct exif *exif);
/* Matrix and curve profiles in the ICC.1:2001 layout: sRGB's primaries and curve, or its curve
 * alone on gray. */
struct bytes icc_rgb(void);
struct bytes icc_gray(void);
/* The primaries and curves of Adobe RGB (1998) and Display P3; gray of linear light; four inks,
 * with a table from them to colours and none back. */
struct bytes icc_adobe_rgb(void);
struct bytes icc_display_p3(void);
struct bytes icc_gray_linear(void);
struct bytes icc_cmyk(void);
struct bytes xmp_packet(void);
/* The payload of a JPEG APP13, "Photoshop 3.0\0" first. */
struct bytes iptc_block(void);

#endif
