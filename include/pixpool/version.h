/*
 * pixpool/version.h - which pixpool this is, and what it stands on.
 */
#ifndef PIXPOOL_VERSION_H
#define PIXPOOL_VERSION_H

#include <stddef.h>

#include <pixpool/api.h>

PP_BEGIN_DECLS

/* The library's version, "MAJOR.MINOR.PATCH". */
PP_API const char *pp_version(void);

/* The libraries in use with their versions as found at run time, "libjpeg-turbo 2.1.5"; NULL past
 * the last. The string is static. */
PP_API const char *pp_library_version(size_t index);

PP_END_DECLS

#endif
