/*
 * image/metadata.h - what travels beside the pixels: EXIF, ICC, XMP, IPTC, comments, resolution.
 *
 * A struct pp_metadata belongs to one thread. Blocks are stored without the wrapping of the file
 * format they came from, so that each can be written to another format.
 */
#ifndef PP_IMAGE_METADATA_H
#define PP_IMAGE_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>
#include <pixpool/image.h>

enum pp_metadata_kind {
    PP_METADATA_EXIF,     /* a TIFF stream, "II*\0" or "MM\0*" first (CIPA DC-008, 4.5.2) */
    PP_METADATA_ICC,      /* an ICC profile, complete (ICC.1:2010) */
    PP_METADATA_XMP,      /* an XMP packet, UTF-8 (ISO 16684-1) */
    PP_METADATA_IPTC,     /* the payload of JPEG APP13 "Photoshop 3.0\0", resources only */
    PP_METADATA_COMMENT,  /* a JPEG comment; bytes in no stated encoding */
    PP_METADATA_TEXT,     /* PNG text: `keyword` and UTF-8 or Latin-1 text */
    PP_METADATA_XMP_MORE, /* a part of an XMP packet too long for one JPEG marker: GUID, length and
                             offset first, as it stands there (XMP part 3, 1.1.3.1) */
    PP_METADATA_SEGMENT   /* any other application segment of a JPEG, `marker` says which */
};

struct pp_metadata_block {
    enum pp_metadata_kind kind;
    char keyword[80]; /* PP_METADATA_TEXT: the PNG keyword, else "" */
    uint8_t marker;   /* PP_METADATA_SEGMENT: 0xE0 to 0xEF */
    bool latin1;      /* PP_METADATA_TEXT: ISO 8859-1 (tEXt, zTXt); false: UTF-8 (iTXt) */
    char *language; /* PP_METADATA_TEXT in UTF-8: the language tag with its NUL, then the keyword in
                       that language with its NUL; owned; NULL: neither is told */
    uint8_t *data;  /* owned */
    size_t size;
};

struct pp_metadata {
    struct pp_metadata_block *blocks; /* owned, in file order */
    size_t count;
    uint32_t density_x, density_y; /* 0 when unknown */
    uint8_t density_unit;          /* 0 aspect ratio only, 1 per inch, 2 per metre */
    /* PNG colour chunks (PNG-3, 11.3.2), passed on where the colours are left as they are */
    bool has_gamma, has_chromaticities, has_srgb;
    uint32_t gamma;             /* x 100000 */
    uint32_t chromaticities[8]; /* white x y, red, green, blue; x 100000 */
    uint8_t srgb_intent;
    bool has_cicp;
    uint8_t cicp[4]; /* primaries, transfer, matrix, full range (ITU-T H.273) */
    bool has_time;   /* PNG's time of the last change of the pixels (PNG-3, 11.3.6.1) */
    uint8_t time[7]; /* as in the chunk: year, month, day, hour, minute, second */
};

/* Append a copy of `data`. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_metadata_add(struct pp_metadata *metadata, enum pp_metadata_kind kind,
                               const void *data, size_t size, struct pp_error *err) PP_MUST_CHECK;
/* Free everything and zero it; a zeroed struct is allowed. */
void pp_metadata_release(struct pp_metadata *metadata);
/* The first block of that kind, or NULL. */
const struct pp_metadata_block *pp_metadata_find(const struct pp_metadata *metadata,
                                                 enum pp_metadata_kind kind);
/* Drop every block of that kind. */
void pp_metadata_drop(struct pp_metadata *metadata, enum pp_metadata_kind kind);

/* Drop every block that `unwanted` names. */
void pp_metadata_drop_where(struct pp_metadata *metadata,
                            bool (*unwanted)(const struct pp_metadata_block *block,
                                             const void *argument),
                            const void *argument);

/* The orientation an EXIF block states in IFD 0, 1 to 8; 1 when there is none or it is broken.
 * Reads within `size` only. */
uint8_t pp_exif_orientation(const uint8_t *exif, size_t size);

/*
 * Make the metadata true of a picture that began as `in` and became `out`: the EXIF orientation
 * tag becomes out->orientation, an RGB profile goes when the picture is gray and a gray one when it
 * is coloured (ICC.1:2010, 7.2.6, the colour space in the profile's header), and so do sRGB and
 * chromaticities on gray. Broken blocks are left as they are.
 */
void pp_metadata_adapt(struct pp_metadata *metadata, const struct pp_geometry *in,
                       const struct pp_geometry *out);

/* What was left out: how often, and the first time's words; {0} to begin with. */
struct pp_metadata_notes {
    uint32_t count;
    const char *first;
};

/* What became of a picture. */
struct pp_metadata_change {
    struct pp_geometry in, out;
    bool pixels; /* they are others, or elsewhere */
    bool swaps;  /* width and height have changed places */
    bool jpeg;   /* it is written as one */
};

/*
 * Make the metadata true of a picture that changed so, beyond pp_metadata_adapt(): sizes in EXIF
 * and XMP, XMP's orientation, resolutions that change places. What only the old picture's pixels
 * bear out goes: thumbnails, subject areas, PNG's time. So does what cannot be read, and what
 * points to parts of the old file that no output has: these with a note when something is lost.
 * Errors: PP_E_NO_MEMORY, which is no reason to leave anything out.
 */
enum pp_status pp_metadata_refresh(struct pp_metadata *metadata,
                                   const struct pp_metadata_change *change,
                                   struct pp_metadata_notes *notes,
                                   struct pp_error *err) PP_MUST_CHECK;

/*
 * Take out `parts`, bits of enum pp_strip. An orientation that is not 1 is how the picture is to be
 * shown and no mere remark: it stays, alone in an EXIF block where there is none any more. Errors:
 * PP_E_NO_MEMORY.
 */
enum pp_status pp_metadata_strip(struct pp_metadata *metadata, unsigned parts, uint8_t orientation,
                                 struct pp_metadata_notes *notes,
                                 struct pp_error *err) PP_MUST_CHECK;

#endif
