/*
 * batch/encode.h - bytes of unknown encoding, made fit for a JSON string. Pure; any thread.
 */
#ifndef PP_BATCH_ENCODE_H
#define PP_BATCH_ENCODE_H

#include <stddef.h>

/* A new string with U+FFFD for each byte that is not part of well-formed UTF-8; the caller frees
 * it. NULL when memory is out. */
char *pp_encode_lossy(const char *bytes, size_t size);

/* A new string in base64 (RFC 4648, section 4); the caller frees it. NULL when memory is out. */
char *pp_encode_base64(const char *bytes, size_t size);

#endif
