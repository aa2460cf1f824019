/*
 * codec/jpeg_markers.h - metadata in JPEG's markers: reading them and writing them.
 *
 *   APP1  "Exif\0\0"                          PP_METADATA_EXIF (CIPA DC-008, 4.7.2), the first only
 *   APP1  "http://ns.adobe.com/xap/1.0/\0"    PP_METADATA_XMP (Adobe, XMP part 3, 1.1.3)
 *   APP2  "ICC_PROFILE\0"                     PP_METADATA_ICC, in chunks (jpeg_icc.h)
 *   APP13 "Photoshop 3.0\0"                   PP_METADATA_IPTC, one block a marker
 *   APP1  "http://ns.adobe.com/xmp/extension/\0"  PP_METADATA_XMP_MORE, one block a marker
 *   COM                                       PP_METADATA_COMMENT
 *   any other but APP0, APP14 and the MPF index  PP_METADATA_SEGMENT
 *
 * Reading: incomplete profiles and whatever goes beyond PP_JPEG_METADATA_MAX are left out with a
 * warning; malformed blocks never fail the picture. The profile of a CMYK picture is
 * kept apart: it holds for the coefficients only, since pixels become RGB. Markers that follow the
 * first scan's header are skipped.
 *
 * Writing, in the order EXIF, XMP, ICC, IPTC, other segments, comments: PNG text becomes a comment
 * "keyword: text", or just the text where the keyword is Comment. A block too long for its marker
 * (EXIF over 65527 bytes, XMP over 65502, IPTC over 65519, a comment over 65533, a profile over 255
 * chunks) is left out with a warning. PNG's colour chunks have no place in a JPEG.
 */
#ifndef PP_CODEC_JPEG_MARKERS_H
#define PP_CODEC_JPEG_MARKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/codec.h"
#include "codec/jpeg_guard.h"
#include "codec/jpeg_icc.h"

/* The bytes of metadata kept of one file, apart from the profile. */
#define PP_JPEG_METADATA_MAX ((size_t)16 * 1024 * 1024)
/* The most one marker can hold: its length field counts itself (ITU-T T.81, B.1.1.4). */
#define PP_JPEG_PAYLOAD_MAX 65533u

/* The state of reading the markers of one file; cinfo->client_data points to it. */
struct pp_jpeg_markers {
    struct pp_metadata *metadata;
    uint8_t *payload; /* PP_JPEG_PAYLOAD_MAX bytes, owned; NULL: skip what comes */
    size_t used;      /* bytes kept so far */
    struct pp_jpeg_icc icc;
    struct pp_metadata cmyk; /* the profile of a CMYK picture and nothing else; the caller's */
};

/* Have libjpeg deliver the markers above into *metadata. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_jpeg_markers_begin(struct pp_jpeg_markers *markers, j_decompress_ptr cinfo,
                                     struct pp_metadata *metadata,
                                     struct pp_error *err) PP_MUST_CHECK;
/* Call it within a guarded step when the header is read: put the profile together, take over the
 * JFIF density, skip later markers. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_jpeg_markers_end(struct pp_jpeg_markers *markers, j_decompress_ptr cinfo,
                                   struct pp_error *err) PP_MUST_CHECK;
/* Free what reading held; a zeroed struct is allowed. `metadata` and `cmyk` stay. */
void pp_jpeg_markers_release(struct pp_jpeg_markers *markers);

/* Set the density of the JFIF header; before jpeg_start_compress(). */
void pp_jpeg_markers_set_density(j_compress_ptr cinfo, const struct pp_metadata *metadata);
/* Write all blocks; right after jpeg_start_compress(), within the same guarded step. */
void pp_jpeg_markers_write(j_compress_ptr cinfo, const struct pp_metadata *metadata);

#endif
