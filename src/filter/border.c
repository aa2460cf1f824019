#include "filter/canvas.h"
#include "filter/filter.h"
#include "filter/registry.h"

enum { WIDTH, BACKGROUND, HEIGHT };

static const char *const words[] = {"width", NULL};

static const struct pp_param params[] = {
    [WIDTH] = {.name = "width",
               .type = PP_PARAM_INTEGER,
               .summary = "pixels to the left and to the right",
               .min = 0,
               .max = 100000,
               .required = true},
    [BACKGROUND] = {.name = "background",
                    .type = PP_PARAM_COLOR,
                    .summary = "the border's colour; its rec.601 luma where the picture is gray",
                    .default_text = "white"},
    [HEIGHT] = {.name = "height",
                .type = PP_PARAM_INTEGER,
                .summary = "pixels above and below",
                .min = 0,
                .max = 100000,
                .choices = words,
                .default_text = "width"},
    {.name = NULL},
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct pp_canvas_request request = {.background = &args[BACKGROUND].color, .filter = "border"};

    request.x = (int64_t)args[WIDTH].number;
    request.y = args[HEIGHT].choice >= 0 ? request.x : (int64_t)args[HEIGHT].number;
    request.width = in->width + 2 * request.x;
    request.height = in->height + 2 * request.y;
    return pp_canvas_init(state, in, &request, out, err);
}

const struct pp_filter pp_filter_border = {
    .name = "border",
    .summary = "put a frame of one colour around the picture",
    .source = "Pixels are moved, none is changed. A colour that is not opaque adds alpha.",
    .params = params,
    .state_size = sizeof(struct pp_canvas),
    .averages_pixels = true,
    .prepare = prepare,
    .release = pp_canvas_release,
    .is_identity = pp_canvas_is_identity,
    .rows_needed = pp_canvas_rows_needed,
    .render = pp_canvas_render,
};
