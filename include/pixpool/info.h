/*
 * pixpool/info.h - what a picture's file says of itself before its pixels.
 *
 * Only the header is read: a JPEG up to its first scan, a PNG up to its first pixels; what stands
 * behind them is not looked for. Nothing is decoded and no library but the one that inflates a
 * PNG's colour profile sees a byte of it. Memory is bounded whatever the file says.
 *
 * Any process, any thread.
 */
#ifndef PIXPOOL_INFO_H
#define PIXPOOL_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/api.h>
#include <pixpool/convert.h>
#include <pixpool/error.h>

PP_BEGIN_DECLS

enum pp_info_kind {
    PP_INFO_EXIF,
    PP_INFO_ICC,
    PP_INFO_XMP,
    PP_INFO_IPTC, /* with all of Photoshop's resources */
    PP_INFO_COMMENT,
    PP_INFO_TEXT, /* of a PNG: tEXt, zTXt, iTXt */
    PP_INFO_MPF,  /* a JPEG's index of further pictures behind it */
    PP_INFO_OTHER,
    PP_INFO_KIND_COUNT
};

/* "exif", "icc", "xmp", "iptc", "comment", "text", "mpf", "other". */
PP_API const char *pp_info_kind_name(enum pp_info_kind kind);

#define PP_INFO_WORDS 128

struct pp_info {
    enum pp_format format;
    uint32_t width, height; /* as stored, before any orientation */
    uint8_t depth;          /* bits a sample (PNG: a palette's index) has in the file: 1 to 16 */
    uint8_t channels;       /* samples a pixel has in the file, a palette's index being one */
    const char *colour;     /* "gray", "gray+alpha", "palette", "RGB", "RGBA", "YCbCr", "CMYK",
                               "YCCK", "unknown"; static */
    bool progressive;       /* a JPEG in progressive order, an interlaced PNG */
    char subsampling[16];  /* "4:2:0"; "2x1,1x1,1x1" where it has no such name; "" without chroma */
    int quality;           /* JPEG: on libjpeg's scale, 1 to 100; 0: there are no tables */
    bool quality_is_exact; /* the tables are libjpeg's of that quality; else it is the nearest */
    uint8_t orientation;   /* 1 to 8 as in EXIF; 1 when nothing is said */
    bool has_profile;
    char profile[PP_INFO_WORDS];   /* the ICC profile's description, UTF-8; "" when it has none */
    char camera[PP_INFO_WORDS];    /* EXIF's Model, bytes in no stated encoding; "" for none */
    uint32_t density_x, density_y; /* 0 when nothing is said */
    uint8_t density_unit;          /* 0 aspect ratio only, 1 per inch, 2 per metre */
    uint64_t metadata[PP_INFO_KIND_COUNT]; /* bytes of each kind as stored, without its wrapping */
};

/*
 * Read the header of the file at `fd` from its current offset; read(2) only, so a pipe will do. It
 * is not closed. *info is zeroed on an error. Errors: PP_E_READ, PP_E_FORMAT, PP_E_CORRUPT,
 * PP_E_UNSUPPORTED, PP_E_LIMIT (a header of more than 64 MiB), PP_E_NO_MEMORY.
 */
PP_API enum pp_status pp_info_fd(int fd, struct pp_info *info, struct pp_error *err) PP_MUST_CHECK;

PP_END_DECLS

#endif
