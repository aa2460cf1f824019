/*
 * image/xmp.h - properties of an XMP packet set or taken out.
 *
 * A packet is RDF in UTF-8 (ISO 16684-1, 7): a property is an attribute of rdf:Description or an
 * element. They are known by the names, prefix included, that every writer gives them in fact.
 * Only what is asked for is touched, the rest stays byte for byte. Any process, any thread.
 */
#ifndef PP_IMAGE_XMP_H
#define PP_IMAGE_XMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

/* What becomes of a property. */
enum pp_xmp_verdict { PP_XMP_KEEP, PP_XMP_DROP, PP_XMP_SET };

struct pp_xmp_edit {
    /* Decides on the property of that name, `length` bytes without a NUL. For PP_XMP_SET *text is
     * the new value, with no character that XML would want escaped; a property that is no plain
     * text then stays as it is. */
    enum pp_xmp_verdict (*judge)(const void *argument, const char *name, size_t length,
                                 const char **text);
    const void *argument;
};

/*
 * Make *result, *result_size the edited packet, which the caller frees; NULL when nothing was to be
 * done, and after an error: PP_E_CORRUPT when there may be something to be done but the packet is
 * no XML in UTF-8 that can be followed; PP_E_NO_MEMORY.
 */
enum pp_status pp_xmp_change(const uint8_t *packet, size_t size, const struct pp_xmp_edit *edit,
                             uint8_t **result, size_t *result_size) PP_MUST_CHECK;

/* Whether a name, of an XMP property or a PNG keyword, is that of a place on earth: its last part
 * begins with "GPS", or has a latitude or longitude in it, or it is one of the W3C's geo: names. */
bool pp_xmp_is_place(const char *name, size_t length);

#endif
