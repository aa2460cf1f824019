/*
 * codec/library.h - the versions of the libraries below the codecs.
 */
#ifndef PP_CODEC_LIBRARY_H
#define PP_CODEC_LIBRARY_H

#include <stddef.h>

/* "libjpeg-turbo 2.1.5" and so on, NULL past the last. Static strings; any thread. */
const char *pp_codec_library(size_t index);

#endif
