#include <math.h>

#include "filter/exact_math.h"
#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/spin.h"
#include "filter/turn.h"

enum { ANGLE, BACKGROUND, EXPAND, KERNEL };

static const char *const kernels[] = {"bilinear", "bicubic", NULL};

static const struct pp_param params[] = {
    [ANGLE] = {.name = "angle",
               .type = PP_PARAM_NUMBER,
               .summary = "degrees clockwise",
               .min = -360,
               .max = 360,
               .required = true},
    [BACKGROUND] = {.name = "background",
                    .type = PP_PARAM_COLOR,
                    .summary =
                        "what is put beside the picture; its rec.601 luma where that is gray",
                    .default_text = "white"},
    [EXPAND] = {.name = "expand",
                .type = PP_PARAM_SWITCH,
                .summary = "whether the canvas grows to hold all of it, or keeps its size",
                .fallback = 1,
                .default_text = "1"},
    [KERNEL] = {.name = "kernel",
                .type = PP_PARAM_CHOICE,
                .summary = "how samples are interpolated, unless the angle is a number of quarters",
                .choices = kernels,
                .default_text = "bicubic"},
    {.name = NULL},
};

static const struct pp_filter *part(const struct pp_value *args, size_t index)
{
    return index == 0 && pp_turn_serves(args[ANGLE].number) ? &pp_filter_turn : NULL;
}

/* The least whole number that holds a turned side; what the cosine's rounding adds does not count.
 */
static uint32_t turned(double along, double across, const struct pp_spin *spin)
{
    return (uint32_t)ceil(along * fabs(spin->cosine) + across * fabs(spin->sine) - 1e-6);
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct pp_spin *spin = state;
    const struct pp_color *background = &args[BACKGROUND].color;
    const double half_turns = args[ANGLE].number / 180;

    (void)err;
    spin->in = *in;
    spin->sine = pp_sin_pi(half_turns);
    spin->cosine = pp_sin_pi(half_turns + 0.5);
    spin->cubic = args[KERNEL].choice == 1;
    if (args[EXPAND].number != 0) {
        out->width = turned(in->width, in->height, spin);
        out->height = turned(in->height, in->width, spin);
    }
    if (background->alpha != UINT16_MAX && !pp_geometry_has_alpha(in))
        out->channels++;
    spin->out = *out;
    pp_color_samples(background, out, spin->background);
    return PP_OK;
}

const struct pp_filter pp_filter_rotate = {
    .name = "rotate",
    .summary = "turn clockwise: by quarters without loss, else interpolated",
    .source =
        "By quarters pixels are moved and none is changed. By any other angle about the middle of "
        "the picture, each output pixel interpolated where its centre falls, the edges repeated "
        "outwards: bilinear or bicubic (R. Keys 1981, a = -1/2), colour premultiplied by alpha, on "
        "encoded values. It lies over the background by the share max(0, min(1, d + 1/2)) in "
        "either direction, d how far inside the picture the centre falls, in pixels.",
    .params = params,
    .state_size = sizeof(struct pp_spin),
    .averages_pixels = true,
    .part = part,
    .prepare = prepare,
    .rows_needed = pp_spin_rows_needed,
    .render = pp_spin_render,
};
