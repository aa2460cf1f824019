#include "filter/rescale.h"

#include <stdlib.h>

/* Integers serve lines up to these lengths: beyond them the roundings of the weights might add up
 * to half a unit. 512 taps are a reduction to 1/85 with lanczos3. */
#define TAPS_ACROSS 512
#define TAPS_DOWN   4096

/* With few taps it is the samples between the passes that should be fine, with many the weights. */
#define FEW_TAPS      64
#define FRACTION_FEW  7
#define FRACTION_MANY 4

/* More rows of results are not kept. */
#define ACROSS_FIRST_TAPS 16

static bool suits_integers(const struct pp_rescale *rescale)
{
    return !rescale->light && rescale->in.depth == 8 && !pp_geometry_has_alpha(&rescale->in) &&
           rescale->across.taps <= TAPS_ACROSS && rescale->down.taps <= TAPS_DOWN;
}

/*
 * Which direction first, by instructions measured for an output row, in those one column's tap
 * takes (all loops 256 bits wide): a result along the row has a fixed cost beside its taps.
 * Lengthened rows are kept only while a band is made; of its 32 or so rows the first ones need
 * some that the band before had too.
 */
static bool across_is_cheaper_first(const struct pp_rescale *rescale)
{
    double width_in = rescale->in.width, width_out = rescale->out.width;
    double along = width_out * (15 + 0.55 * rescale->across.taps);
    double rows = (double)rescale->in.height / rescale->out.height + rescale->down.taps / 32.0;
    double last = width_in * rescale->down.taps + along;
    double first = rows * (2 * width_in + along) + width_out * rescale->down.taps;

    return rescale->down.taps <= ACROSS_FIRST_TAPS && first < 0.8 * last;
}

static struct pp_fixed_lines lines_of(const struct pp_resample *resample, uint32_t out,
                                      uint32_t largest)
{
    return (struct pp_fixed_lines){out, resample->taps, resample->weights, resample->count,
                                   largest};
}

static void drop_weights(struct pp_resample *resample)
{
    free(resample->weights);
    resample->weights = NULL;
}

/* The second pass multiplies samples of 2^fraction; the first one bytes, or when it goes along the
 * rows bytes made such samples. Either may be second, so both bear the samples' range. */
static enum pp_status make_fixed(struct pp_rescale *rescale, struct pp_error *err)
{
    bool few = rescale->across.taps <= FEW_TAPS && rescale->down.taps <= FEW_TAPS;
    struct pp_fixed_lines across, down;

    rescale->across_first = across_is_cheaper_first(rescale);
    rescale->fraction = rescale->across.taps <= FEW_TAPS ? FRACTION_FEW : FRACTION_MANY;
    if (rescale->across_first)
        rescale->fraction = few ? FRACTION_FEW : FRACTION_MANY;
    uint32_t samples = UINT32_C(256) << rescale->fraction;
    across = lines_of(&rescale->across, rescale->out.width, samples);
    down = lines_of(&rescale->down, rescale->out.height, rescale->across_first ? samples : 255);
    enum pp_status status = pp_fixed_weights_init(&rescale->across_fixed, &across, err);
    if (status == PP_OK)
        status = pp_fixed_weights_init(&rescale->down_fixed, &down, err);
    drop_weights(&rescale->across);
    drop_weights(&rescale->down);
    return status;
}

enum pp_status pp_rescale_init(struct pp_rescale *rescale, const struct pp_geometry *in,
                               const struct pp_geometry *out, const struct pp_axis axes[2],
                               enum pp_kernel kernel, struct pp_error *err)
{
    enum pp_status status;

    *rescale = (struct pp_rescale){.in = *in, .out = *out, .light = rescale->light};
    status = pp_resample_init(&rescale->across, &axes[0], kernel, err);
    if (status == PP_OK)
        status = pp_resample_init(&rescale->down, &axes[1], kernel, err);
    if (status != PP_OK)
        return status;
    rescale->fixed = kernel != PP_KERNEL_NEAREST && suits_integers(rescale);
    return rescale->fixed ? make_fixed(rescale, err) : PP_OK;
}

void pp_rescale_release(struct pp_rescale *rescale)
{
    pp_resample_release(&rescale->across);
    pp_resample_release(&rescale->down);
    pp_fixed_weights_release(&rescale->across_fixed);
    pp_fixed_weights_release(&rescale->down_fixed);
}

size_t pp_rescale_scratch(const struct pp_rescale *rescale)
{
    return rescale->fixed ? pp_rescale_fixed_scratch(rescale) : pp_rescale_float_scratch(rescale);
}

void pp_rescale_rows(const struct pp_rescale *rescale, const struct pp_band *in,
                     const struct pp_band *out, void *scratch)
{
    if (rescale->fixed)
        pp_rescale_fixed_rows(rescale, in, out, scratch);
    else
        pp_rescale_float_rows(rescale, in, out, scratch);
}
