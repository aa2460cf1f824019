/* Metadata taken out because somebody does not want it. */
#include <string.h>
#include <strings.h>

#include <pixpool/metadata.h>

#include "image/exif.h"
#include "image/metadata.h"
#include "image/notes.h"
#include "image/photoshop.h"

/* What a PNG text's keyword makes of it: other programs keep whole blocks, in hexadecimal digits,
 * or single values of EXIF in texts. Bits of enum pp_strip. */
static unsigned parts_of_keyword(const char *keyword)
{
    static const struct {
        const char *beginning;
        unsigned parts;
    } keywords[] = {
        {"Raw profile type APP1", PP_STRIP_EXIF | PP_STRIP_XMP | PP_STRIP_GPS},
        {"Raw profile type exif", PP_STRIP_EXIF | PP_STRIP_GPS},
        {"Raw profile type xmp", PP_STRIP_XMP | PP_STRIP_GPS},
        {"Raw profile type ic", PP_STRIP_ICC},
        {"Raw profile type iptc", PP_STRIP_IPTC | PP_STRIP_GPS},
        {"Raw profile type 8bim", PP_STRIP_IPTC | PP_STRIP_GPS},
        {"exif:", PP_STRIP_EXIF},
        {"XML:com.adobe.xmp", PP_STRIP_XMP | PP_STRIP_GPS},
    };
    unsigned parts = PP_STRIP_COMMENTS;

    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
        if (strncasecmp(keyword, keywords[i].beginning, strlen(keywords[i].beginning)) == 0)
            parts |= keywords[i].parts;
    }
    return pp_xmp_is_place(keyword, strlen(keyword)) ? parts | PP_STRIP_GPS : parts;
}

/* The parts, any of which takes the whole block away. */
static unsigned parts_of(const struct pp_metadata_block *block)
{
    switch (block->kind) {
    case PP_METADATA_EXIF:
        return PP_STRIP_EXIF;
    case PP_METADATA_ICC:
        return PP_STRIP_ICC;
    case PP_METADATA_XMP:
    case PP_METADATA_XMP_MORE:
        return PP_STRIP_XMP;
    case PP_METADATA_IPTC:
        return PP_STRIP_IPTC;
    case PP_METADATA_COMMENT:
        return PP_STRIP_COMMENTS;
    case PP_METADATA_TEXT:
        return parts_of_keyword(block->keyword);
    case PP_METADATA_SEGMENT:
        return PP_STRIP_OTHER | PP_STRIP_GPS;
    }
    return 0;
}

static bool is_stripped(const struct pp_metadata_block *block, const void *parts)
{
    return (parts_of(block) & *(const unsigned *)parts) != 0;
}

/* What of other parts is within the blocks that stay. */
static enum pp_status strip_inside(struct pp_metadata *metadata, unsigned parts,
                                   struct pp_error *err)
{
    const bool gps = (parts & PP_STRIP_GPS) != 0;
    const bool xmp = (parts & PP_STRIP_XMP) != 0 || gps, exif = (parts & PP_STRIP_EXIF) != 0 || gps;
    const unsigned of_exif = (gps ? PP_EXIF_GPS : 0u) | (xmp ? PP_EXIF_XMP : 0u) |
                             (gps || (parts & PP_STRIP_IPTC) ? PP_EXIF_IPTC : 0u);
    const unsigned of_iptc = (exif ? PP_PHOTOSHOP_EXIF : 0u) | (xmp ? PP_PHOTOSHOP_XMP : 0u) |
                             (parts & PP_STRIP_ICC ? PP_PHOTOSHOP_ICC : 0u);

    enum pp_status status = PP_OK;
    for (size_t i = 0; status == PP_OK && i < metadata->count; i++) {
        struct pp_metadata_block *block = &metadata->blocks[i];
        if (block->kind == PP_METADATA_EXIF && of_exif != 0)
            status = pp_metadata_exif_remove(block, of_exif, err);
        else if (block->kind == PP_METADATA_IPTC && of_iptc != 0)
            block->size = pp_photoshop_remove(block->data, block->size, of_iptc);
    }
    return status;
}

static bool is_empty_exif(const struct pp_metadata_block *block, const void *unused)
{
    (void)unused;
    return block->kind == PP_METADATA_EXIF && block->size == 0;
}

static enum pp_xmp_verdict judge_place(const void *unused, const char *name, size_t length,
                                       const char **text)
{
    (void)unused;
    (void)text;
    return pp_xmp_is_place(name, length) ? PP_XMP_DROP : PP_XMP_KEEP;
}

static enum pp_status strip_places(struct pp_metadata *metadata, struct pp_metadata_notes *notes,
                                   struct pp_error *err)
{
    const struct pp_xmp_edit edit = {judge_place, NULL};

    enum pp_status status = pp_metadata_drop_more_xmp(
        metadata, "extended XMP is left out: it may tell of places", notes, err);
    return status == PP_OK ? pp_metadata_change_xmp(metadata, &edit, notes, err) : status;
}

static void strip_colour(struct pp_metadata *metadata)
{
    metadata->has_gamma = false;
    metadata->has_chromaticities = false;
    metadata->has_srgb = false;
    metadata->has_cicp = false;
}

enum pp_status pp_metadata_strip(struct pp_metadata *metadata, unsigned parts, uint8_t orientation,
                                 struct pp_metadata_notes *notes, struct pp_error *err)
{
    uint8_t smallest[PP_EXIF_SMALLEST];

    pp_metadata_drop_where(metadata, is_stripped, &parts);
    enum pp_status status = strip_inside(metadata, parts, err);
    pp_metadata_drop_noted(metadata, is_empty_exif, NULL, "broken EXIF block is left out", notes);
    if (status == PP_OK && (parts & PP_STRIP_GPS))
        status = strip_places(metadata, notes, err);
    if (parts & PP_STRIP_ICC)
        strip_colour(metadata);
    if (parts & PP_STRIP_COMMENTS)
        metadata->has_time = false;
    if (status != PP_OK || orientation <= 1 || pp_metadata_find(metadata, PP_METADATA_EXIF))
        return status;
    pp_exif_make_smallest(smallest, orientation);
    return pp_metadata_add(metadata, PP_METADATA_EXIF, smallest, sizeof(smallest), err);
}
