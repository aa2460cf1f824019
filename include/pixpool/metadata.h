/*
 * pixpool/metadata.h - what a picture carries beside its pixels, and what of it may be left out.
 */
#ifndef PIXPOOL_METADATA_H
#define PIXPOOL_METADATA_H

#include <pixpool/api.h>

PP_BEGIN_DECLS

/*
 * What may be taken out of a picture's metadata; bits. Whatever is taken out, resolution stays, and
 * so does an orientation other than 1, without which the picture would be shown askew: it is then
 * all that is left of the EXIF data. Without its profile a picture is taken for sRGB, which changes
 * how the colours of one in another space look.
 */
enum pp_strip {
    PP_STRIP_EXIF = 1,
    PP_STRIP_ICC = 2,       /* the ICC profile, and PNG's cICP, sRGB, gAMA and cHRM */
    PP_STRIP_XMP = 4,       /* also the extended one */
    PP_STRIP_IPTC = 8,      /* and the rest of Photoshop's image resources */
    PP_STRIP_COMMENTS = 16, /* and PNG's texts and time */
    PP_STRIP_GPS = 32,   /* where the picture was taken: out of EXIF and XMP, which otherwise stay;
                            application segments that are not understood go */
    PP_STRIP_OTHER = 64, /* application segments that are not understood */
    PP_STRIP_ALL = 127
};

PP_END_DECLS

#endif
