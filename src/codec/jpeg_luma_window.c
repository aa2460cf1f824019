#include "codec/jpeg_luma_window.h"

static enum pp_status corrupt(struct pp_error *err, const char *why)
{
    return pp_error_set(err, PP_E_CORRUPT, "cannot extract luma: %s", why);
}

void pp_luma_window_begin(struct pp_luma_window *window, struct pp_input *in,
                          struct pp_luma_output *copy)
{
    window->in = in;
    window->copy = copy;
    window->used = 0;
    window->at = 0;
    window->marker = 0;
}

static enum pp_status pass(struct pp_luma_window *window, const void *data, size_t size,
                           struct pp_error *err)
{
    return window->copy ? pp_luma_output_add(window->copy, data, size, err) : PP_OK;
}

/* The input is at an FF: take it as data, or stop at the marker that it begins. Bytes of FF may
 * stand in front of a marker (B.1.1.2), but an FF that is data is followed by its zero at once. */
static enum pp_status meet_ff(struct pp_luma_window *window, struct pp_error *err)
{
    struct pp_input *in = window->in;
    bool filled = false;

    for (;;) {
        enum pp_status status = pp_input_peek(in, 2, err);
        if (status != PP_OK)
            return status;
        if (in->size < 2)
            return pp_luma_ends_early(err);
        if (in->data[1] != 0xFF)
            break;
        filled = true;
        in->data++;
        in->size--;
    }
    if (in->data[1] != 0) {
        window->marker = in->data[1];
        return PP_OK;
    }
    if (filled)
        return corrupt(err, "a fill byte stands within the data");
    window->data[window->used++] = 0xFF;
    enum pp_status status = pass(window, in->data, 2, err);
    in->data += 2;
    in->size -= 2;
    return status;
}

/* Take the bytes up to the next FF, as far as they are at hand and there is room. */
static enum pp_status take_run(struct pp_luma_window *window, struct pp_error *err)
{
    struct pp_input *in = window->in;
    size_t most = PP_LUMA_WINDOW - window->used;

    if (most > in->size)
        most = in->size;
    const uint8_t *found = memchr(in->data, 0xFF, most);
    size_t run = found ? (size_t)(found - in->data) : most;
    memcpy(window->data + window->used, in->data, run);
    window->used += run;
    enum pp_status status = pass(window, in->data, run, err);
    in->data += run;
    in->size -= run;
    return status == PP_OK && found ? meet_ff(window, err) : status;
}

enum pp_status pp_luma_window_fill(struct pp_luma_window *window, struct pp_error *err)
{
    const size_t done = window->at >> 3;
    enum pp_status status = PP_OK;

    memmove(window->data, window->data + done, window->used - done);
    window->used -= done;
    window->at &= 7;
    while (status == PP_OK && !window->marker && window->used < PP_LUMA_WINDOW) {
        if (window->in->size == 0)
            status = pp_input_refill(window->in, err);
        if (status == PP_OK && window->in->size == 0)
            status = pp_luma_ends_early(err);
        if (status == PP_OK)
            status = take_run(window, err);
    }
    memset(window->data + window->used, 0, PP_LUMA_GUARD);
    return status;
}

enum pp_status pp_luma_window_end(struct pp_luma_window *window, struct pp_error *err)
{
    if (!window->marker && (window->at + 7) >> 3 == window->used) {
        window->at = window->used << 3;
        enum pp_status status = pp_luma_window_fill(window, err);
        if (status != PP_OK)
            return status;
    }
    if (!window->marker || (window->at + 7) >> 3 != window->used)
        return corrupt(err, "more data than the picture has");
    return PP_OK;
}

enum pp_status pp_luma_window_restart(struct pp_luma_window *window, unsigned number,
                                      struct pp_error *err)
{
    struct pp_input *in = window->in;

    if (window->marker != (0xD0 | (number & 7)))
        return corrupt(err, "a restart marker is missing");
    enum pp_status status = pass(window, in->data, 2, err);
    in->data += 2;
    in->size -= 2;
    pp_luma_window_begin(window, in, window->copy);
    return status;
}
