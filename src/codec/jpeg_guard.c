#include "codec/jpeg_guard.h"

#include <jerror.h>

/* Errors that mean "not served here" instead of "broken". */
static const int unsupported_codes[] = {
    JERR_ARITH_NOTIMPL,      JERR_EMPTY_IMAGE, JERR_BAD_PRECISION,        JERR_CCIR601_NOTIMPL,
    JERR_CONVERSION_NOTIMPL, JERR_NOTIMPL,     JERR_FRACT_SAMPLE_NOTIMPL, JERR_SOF_UNSUPPORTED};

static enum pp_status status_of(int code)
{
    if (code == JERR_OUT_OF_MEMORY)
        return PP_E_NO_MEMORY;
    if (code == JERR_IMAGE_TOO_BIG || code == JERR_WIDTH_OVERFLOW)
        return PP_E_LIMIT;
    for (size_t i = 0; i < sizeof(unsupported_codes) / sizeof(unsupported_codes[0]); i++) {
        if (unsupported_codes[i] == code)
            return PP_E_UNSUPPORTED;
    }
    return PP_E_CORRUPT;
}

static void end_step(j_common_ptr cinfo)
{
    struct pp_jpeg_guard *guard = (struct pp_jpeg_guard *)cinfo->err;
    char text[JMSG_LENGTH_MAX];

    enum pp_status status = status_of(guard->base.msg_code);
    guard->base.format_message(cinfo, text);
    pp_message_tidy(text);
    if (guard->ended && status == PP_E_CORRUPT)
        pp_error_set(guard->err, status, "file ends early: %s", text);
    else
        pp_error_set(guard->err, status, "%s: %s",
                     cinfo->is_decompressor ? "cannot decode" : "cannot encode", text);
    pp_jpeg_escape(guard, status);
}

static void count_warning(j_common_ptr cinfo, int level)
{
    struct pp_jpeg_guard *guard = (struct pp_jpeg_guard *)cinfo->err;
    char text[JMSG_LENGTH_MAX];

    if (level >= 0)
        return;
    if (guard->base.msg_code == JWRN_HIT_MARKER) {
        guard->data_lost = true;
        guard->truncated = guard->truncated || guard->ended;
    }
    guard->base.format_message(cinfo, text);
    pp_warnings_add(&guard->warnings, text);
}

static void print_nothing(j_common_ptr cinfo)
{
    (void)cinfo;
}

void pp_jpeg_guard_init(struct pp_jpeg_guard *guard, const struct pp_warnings *warnings)
{
    *guard = (struct pp_jpeg_guard){.warnings = *warnings};
    jpeg_std_error(&guard->base);
    guard->base.error_exit = end_step;
    guard->base.emit_message = count_warning;
    guard->base.output_message = print_nothing;
}

enum pp_status pp_jpeg_guarded(struct pp_jpeg_guard *guard, enum pp_status (*step)(void *argument),
                               void *argument, struct pp_error *err)
{
    guard->err = err;
    if (setjmp(guard->escape) == 0)
        guard->status = step(argument);
    guard->err = NULL;
    return guard->status;
}

_Noreturn void pp_jpeg_escape(struct pp_jpeg_guard *guard, enum pp_status status)
{
    guard->status = status;
    longjmp(guard->escape, 1);
}
