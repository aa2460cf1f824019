/*
 * base/utf8.h - what is well-formed UTF-8 (RFC 3629, section 4: no overlong forms, no surrogates,
 * nothing above U+10FFFF). Pure; any process, any thread.
 */
#ifndef PP_BASE_UTF8_H
#define PP_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The bytes of the well-formed character that begins `bytes`, of which there are `left`, at least
 * one; 0 when none does. */
size_t pp_utf8_step(const char *bytes, size_t left);

/* Whether all of the bytes are well-formed characters. */
bool pp_is_utf8(const char *bytes, size_t size);

#endif
