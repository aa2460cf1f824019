/*
 * codec/jpeg_guard.h - libjpeg's errors as return values, its warnings counted.
 *
 * libjpeg reports an error by calling a function that must not return. Every call of it that can
 * fail therefore happens inside a step run by pp_jpeg_guarded(), the one place with a setjmp. A
 * step must keep whatever it allocates in its argument: its local variables are lost on an error.
 */
#ifndef PP_CODEC_JPEG_GUARD_H
#define PP_CODEC_JPEG_GUARD_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jpeglib.h>

#include <pixpool/error.h>

#include "codec/message.h"

struct pp_jpeg_guard {
    struct jpeg_error_mgr base; /* cinfo->err; must be first */
    jmp_buf escape;
    struct pp_error *err; /* of the step that is running */
    enum pp_status status;
    struct pp_warnings warnings;
    bool ended;     /* the input came to its end before the end-of-image mark */
    bool data_lost; /* the decoder met a marker where it wanted data */
    bool truncated; /* that, and no data can follow the marker: pixels are missing */
};

/* Set up as an error manager that writes to `warnings`. */
void pp_jpeg_guard_init(struct pp_jpeg_guard *guard, const struct pp_warnings *warnings);

/* Run step(argument). Its status, or that of the error that ended it; `err` says which. */
enum pp_status pp_jpeg_guarded(struct pp_jpeg_guard *guard, enum pp_status (*step)(void *argument),
                               void *argument, struct pp_error *err);

/* Leave the running step from within one of libjpeg's callbacks with `status`, which the caller
 * has recorded in guard->err. */
_Noreturn void pp_jpeg_escape(struct pp_jpeg_guard *guard, enum pp_status status);

#endif
