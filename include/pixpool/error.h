/*
 * pixpool/error.h - how a function says that it failed, and why.
 *
 * A fallible function returns an enum pp_status; the words for a person go into the struct pp_error
 * the caller handed in. The first error wins: a later pp_error_set() on a filled struct changes
 * nothing, so that clean-up code cannot hide the cause. The text reads "what failed: why", lower
 * case, no full stop; whoever knows the path puts "path: " before it.
 *
 * All functions here may be called from any process and thread; a struct pp_error belongs to one
 * thread at a time.
 */
#ifndef PIXPOOL_ERROR_H
#define PIXPOOL_ERROR_H

#include <pixpool/api.h>

PP_BEGIN_DECLS

enum pp_status {
    PP_OK = 0,
    PP_E_USAGE,       /* the caller's words are wrong: a chain, an option, a range */
    PP_E_NO_MEMORY,   /* an allocation failed */
    PP_E_READ,        /* an input cannot be opened or read */
    PP_E_WRITE,       /* an output cannot be created, written or named */
    PP_E_NO_SPACE,    /* the same, because the disk or the quota is full */
    PP_E_FORMAT,      /* the bytes are of no format known here */
    PP_E_CORRUPT,     /* a known format with broken contents */
    PP_E_UNSUPPORTED, /* valid, but of a kind that cannot be served */
    PP_E_LIMIT,       /* over a limit; the text names the limit and its option */
    PP_E_CONFLICT,    /* an output that is an input, or another input's output */
    PP_E_CRASHED,     /* the worker died of a fault of its own while at it */
    PP_E_KILLED,      /* the worker was killed from outside while at it */
    PP_E_TIMEOUT,     /* the time allowed for one task, or for waiting, ran out */
    PP_E_CANCELLED,   /* given up because the run is being stopped */
    PP_E_SYSTEM,      /* processes, descriptors or another system resource are missing */
    PP_E_INTERNAL,    /* a fault of pixpool itself */
    PP_E_OWNER_DIED,  /* taken, but whoever held it before died: what it guards may be half done */
    PP_E_CLOSED,      /* a queue, a pipe or a server that takes or gives nothing any more */
    PP_STATUS_COUNT
};

#define PP_ERROR_TEXT 320

/* Zero it before use. `text` is a NUL-terminated string, empty while status is PP_OK. */
struct pp_error {
    enum pp_status status;
    char text[PP_ERROR_TEXT];
};

/* The status as one word for logs ("ok", "corrupt", "no-space"); never NULL. */
PP_API const char *pp_status_name(enum pp_status status);

/*
 * Record `status` and the formatted text unless `err` holds an error already; a text too long is
 * cut. `err` may be NULL. Returns `status`, so that callers can write `return pp_error_set(...)`.
 */
PP_API enum pp_status pp_error_set(struct pp_error *err, enum pp_status status, const char *format,
                                   ...) PP_PRINTF(3, 4);

/*
 * As pp_error_set() with the text "what: <strerror(errnum)>". ENOSPC and EDQUOT turn a status of
 * PP_E_WRITE into PP_E_NO_SPACE, ENOMEM any status into PP_E_NO_MEMORY; the status returned is the
 * one recorded.
 */
PP_API enum pp_status pp_error_errno(struct pp_error *err, enum pp_status status, int errnum,
                                     const char *what);

PP_END_DECLS

#endif
