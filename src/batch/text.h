/*
 * batch/text.h - strings that grow: paths are put together in them. One thread at a time.
 */
#ifndef PP_BATCH_TEXT_H
#define PP_BATCH_TEXT_H

#include <stddef.h>

#include <pixpool/error.h>

/* NUL-terminated once something was added; zeroed is empty. */
struct pp_text {
    char *bytes; /* owned */
    size_t length, room;
};

/* Append `size` bytes. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_text_add(struct pp_text *text, const void *bytes, size_t size,
                           struct pp_error *err) PP_MUST_CHECK;
/* Append a string. */
enum pp_status pp_text_add_string(struct pp_text *text, const char *string,
                                  struct pp_error *err) PP_MUST_CHECK;
/* Make it directory/name: no slash is added to an empty directory or behind a slash. */
enum pp_status pp_text_join(struct pp_text *text, const char *directory, const char *name,
                            struct pp_error *err) PP_MUST_CHECK;
/* Empty it, keeping its memory. */
void pp_text_clear(struct pp_text *text);
void pp_text_release(struct pp_text *text);

#endif
