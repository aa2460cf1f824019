#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/samples.h"

/* ALPHA and those before it give gray, those after it an order of three. */
enum choice { RED, GREEN, BLUE, ALPHA, RBG, GRB, GBR, BRG, BGR };

static const char *const words[] = {"red", "green", "blue", "alpha", "rbg",
                                    "grb", "gbr",   "brg",  "bgr",   NULL};

static const struct pp_param params[] = {
    {.name = "which",
     .type = PP_PARAM_CHOICE,
     .summary = "the channel that becomes gray, or the order of red, green and blue",
     .choices = words,
     .required = true},
    {.name = NULL},
};

struct channel {
    struct pp_geometry in;
    enum choice which;
    uint8_t order[3]; /* which of the input's channels the output has */
};

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct channel *channel = state;

    (void)err;
    channel->in = *in;
    channel->which = (enum choice)args[0].choice;
    if (channel->which == ALPHA)
        out->channels = 1;
    else if (channel->which < ALPHA)
        out->channels = pp_geometry_has_alpha(in) ? 2 : 1;
    else
        for (int c = 0; c < 3; c++) {
            char name = words[channel->which][c];
            channel->order[c] = name == 'r' ? 0 : name == 'g' ? 1 : 2;
        }
    return PP_OK;
}

static bool is_identity(const void *state)
{
    const struct channel *channel = state;

    return channel->in.channels <= 2 && channel->which != ALPHA;
}

static bool is_linear(const void *state)
{
    return ((const struct channel *)state)->which != ALPHA;
}

/* One channel, and alpha behind it if `alpha`. */
PP_INLINE void pick(const struct channel *channel, const uint8_t *restrict in,
                    uint8_t *restrict out, unsigned channels, unsigned depth)
{
    const size_t width = channel->in.width, alpha = channels - 1;
    const bool is_alpha = channel->which == ALPHA, keeps = channels % 2 == 0 && !is_alpha;
    const size_t from = is_alpha ? alpha : channels <= 2 ? 0 : (size_t)channel->which;

    if (!keeps) {
        for (size_t x = 0; x < width; x++)
            pp_sample_set(out, x, depth, pp_sample(in, x * channels + from, depth));
        return;
    }
    for (size_t x = 0; x < width; x++) {
        pp_sample_set(out, 2 * x, depth, pp_sample(in, x * channels + from, depth));
        pp_sample_set(out, 2 * x + 1, depth, pp_sample(in, x * channels + alpha, depth));
    }
}

PP_HOT static void pick_row(const void *state, const uint8_t *restrict in, uint8_t *restrict out,
                            size_t width)
{
    const struct channel *channel = state;
    bool eight = channel->in.depth == 8;

    (void)width;
    switch (channel->in.channels) {
    case 2:
        eight ? pick(channel, in, out, 2, 8) : pick(channel, in, out, 2, 16);
        break;
    case 3:
        eight ? pick(channel, in, out, 3, 8) : pick(channel, in, out, 3, 16);
        break;
    default:
        eight ? pick(channel, in, out, 4, 8) : pick(channel, in, out, 4, 16);
        break;
    }
}

PP_INLINE void swap(const struct channel *channel, const uint8_t *restrict in,
                    uint8_t *restrict out, unsigned channels, unsigned depth)
{
    const size_t width = channel->in.width;
    const size_t r = channel->order[0], g = channel->order[1], b = channel->order[2];

    for (size_t i = 0; i < width * channels; i += channels) {
        pp_sample_set(out, i, depth, pp_sample(in, i + r, depth));
        pp_sample_set(out, i + 1, depth, pp_sample(in, i + g, depth));
        pp_sample_set(out, i + 2, depth, pp_sample(in, i + b, depth));
        if (channels == 4)
            pp_sample_set(out, i + 3, depth, pp_sample(in, i + 3, depth));
    }
}

static void swap_row(const void *state, const uint8_t *restrict in, uint8_t *restrict out,
                     size_t width)
{
    const struct channel *channel = state;
    bool eight = channel->in.depth == 8;

    (void)width;
    if (channel->in.channels == 3)
        eight ? swap(channel, in, out, 3, 8) : swap(channel, in, out, 3, 16);
    else
        eight ? swap(channel, in, out, 4, 8) : swap(channel, in, out, 4, 16);
}

/* What has no alpha is opaque. */
static void white_row(const void *state, const uint8_t *restrict in, uint8_t *restrict out,
                      size_t width)
{
    (void)in;
    memset(out, 255, width * (((const struct channel *)state)->in.depth / 8u));
}

static pp_row_kernel *kernel_of(const struct channel *channel)
{
    if (channel->which > ALPHA)
        return swap_row;
    return channel->which == ALPHA && channel->in.channels % 2 ? white_row : pick_row;
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    const struct channel *channel = state;

    (void)scratch;
    if (is_identity(state))
        pp_copy_rows(in, out, pp_geometry_row_bytes(&channel->in));
    else
        pp_render_rows(kernel_of(channel), state, in, out, channel->in.width);
}

const struct pp_filter pp_filter_channel = {
    .name = "channel",
    .summary = "one channel as gray, or the colours in another order",
    .source = "red, green, blue: that channel's samples as they are, with the picture's alpha; "
              "alpha: opacity as an opaque gray picture, white where there is none. bgr and the "
              "like: the output's red, green and blue are these of the input. Gray stays as it is.",
    .params = params,
    .state_size = sizeof(struct channel),
    .prepare = prepare,
    .is_linear = is_linear,
    .is_identity = is_identity,
    .render = render,
};
