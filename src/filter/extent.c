#include "filter/canvas.h"
#include "filter/filter.h"
#include "filter/gravity.h"
#include "filter/registry.h"

enum { SIZE, GRAVITY, BACKGROUND };

static const struct pp_param params[] = {
    [SIZE] = {.name = "size",
              .type = PP_PARAM_SIZE,
              .summary = "the canvas, pixels or percent; a side left out is the picture's",
              .min = 1,
              .max = 1000000,
              .required = true},
    [GRAVITY] = {.name = "gravity",
                 .type = PP_PARAM_CHOICE,
                 .summary = "where the picture lies on the canvas",
                 .choices = pp_gravity_words,
                 .default_text = "center"},
    [BACKGROUND] = {.name = "background",
                    .type = PP_PARAM_COLOR,
                    .summary =
                        "what is put beside the picture; its rec.601 luma where that is gray",
                    .default_text = "white"},
    {.name = NULL},
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct pp_canvas_request request = {.background = &args[BACKGROUND].color, .filter = "extent"};

    pp_canvas_size(&args[SIZE], in, &request);
    request.x = pp_gravity_x(args[GRAVITY].choice, request.width - in->width);
    request.y = pp_gravity_y(args[GRAVITY].choice, request.height - in->height);
    return pp_canvas_init(state, in, &request, out, err);
}

const struct pp_filter pp_filter_extent = {
    .name = "extent",
    .summary = "make the canvas as large as is said, adding to the picture or cutting it off",
    .source = "ImageMagick's -extent with -gravity: where the canvas is larger the picture is "
              "padded, where it is smaller it is cropped, both as by pad and crop.",
    .params = params,
    .state_size = sizeof(struct pp_canvas),
    .averages_pixels = true,
    .prepare = prepare,
    .release = pp_canvas_release,
    .is_identity = pp_canvas_is_identity,
    .rows_needed = pp_canvas_rows_needed,
    .render = pp_canvas_render,
};
