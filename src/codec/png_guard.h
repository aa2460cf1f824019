/*
 * codec/png_guard.h - libpng's errors as return values, its warnings counted, its memory bounded.
 *
 * Every call of libpng that can fail happens inside a step run by pp_png_guarded(), the one place
 * with a setjmp. A step must keep whatever it allocates in its argument or in guard->scratch: its
 * local variables are lost on an error.
 */
#ifndef PP_CODEC_PNG_GUARD_H
#define PP_CODEC_PNG_GUARD_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>

#include <png.h>

#include <pixpool/error.h>

#include "codec/message.h"

struct pp_png_guard {
    jmp_buf escape;
    struct pp_error *err; /* of the step that is running */
    enum pp_status status;
    struct pp_warnings warnings;
    const char *failure; /* "cannot decode" or "cannot encode" */
    void *scratch;       /* what a step allocates for itself, so that an error does not lose it;
                            freed when the step is over */
    size_t allocated;    /* bytes libpng holds now */
    size_t total;        /* bytes it ever asked for and got */
    size_t budget;       /* bytes it may hold; 0: any number. libpng drops the chunk that would
                            go beyond, or fails with PP_E_NO_MEMORY */
};

/* The libpng struct for reading or writing whose errors, warnings and memory are the guard's; call
 * it in a step. Escapes with PP_E_NO_MEMORY. */
png_struct *pp_png_new_read_struct(struct pp_png_guard *guard);
png_struct *pp_png_new_write_struct(struct pp_png_guard *guard);

/* Run step(argument). Its status, or that of the error that ended it; `err` says which. */
enum pp_status pp_png_guarded(struct pp_png_guard *guard, enum pp_status (*step)(void *argument),
                              void *argument, struct pp_error *err);

/* Leave the running step from within one of libpng's callbacks with `status`, which the caller has
 * recorded in guard->err. */
_Noreturn void pp_png_escape(struct pp_png_guard *guard, enum pp_status status);

#endif
