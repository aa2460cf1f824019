/* resize prepared for a picture of full size, then given one reduced by a box filter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "support_render.h"

#define WIDTH  241
#define HEIGHT 163

/* Smooth, but with detail down to four pixels. */
static struct pp_picture make_picture(unsigned channels, unsigned depth)
{
    struct pp_picture picture =
        pp_picture_new((struct pp_geometry){WIDTH, HEIGHT, (uint8_t)channels, (uint8_t)depth, 1});

    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++)
            for (unsigned c = 0; c < channels; c++) {
                double v = 0.5 + 0.2 * sin(x * 0.11 + y * 0.05 + c) + 0.15 * cos(y * 0.17 - c) +
                           0.1 * sin(x * 0.7) * cos(y * 0.6);
                pp_picture_set(&picture, x, y, c, (unsigned)(v * pp_picture_max(&picture)));
            }
    return picture;
}

/* The mean of `by` x `by` samples, the picture beginning `lead` samples of the result behind its
 * edge; beyond the picture its edge is repeated. */
static struct pp_picture reduced(const struct pp_picture *in, unsigned by, unsigned lead)
{
    struct pp_geometry geometry = in->geometry;

    geometry.width = (geometry.width + by - 1) / by + lead;
    geometry.height = (geometry.height + by - 1) / by + lead;
    struct pp_picture out = pp_picture_new(geometry);
    for (uint32_t y = 0; y < geometry.height; y++)
        for (uint32_t x = 0; x < geometry.width; x++)
            for (unsigned c = 0; c < geometry.channels; c++) {
                unsigned sum = 0;
                for (unsigned k = 0; k < by * by; k++) {
                    int64_t sx = (int64_t)(x * by + k % by) - lead * by;
                    int64_t sy = (int64_t)(y * by + k / by) - lead * by;
                    sx = sx < 0 ? 0 : sx >= WIDTH ? WIDTH - 1 : sx;
                    sy = sy < 0 ? 0 : sy >= HEIGHT ? HEIGHT - 1 : sy;
                    sum += pp_picture_get(in, (uint32_t)sx, (uint32_t)sy, c);
                }
                pp_picture_set(&out, x, y, c, (sum + by * by / 2) / (by * by));
            }
    return out;
}

struct prepared {
    struct pp_chain *chain;
    struct pp_chain_item link;
    struct pp_geometry out;
    uint64_t state[64];
};

static void prepare(struct prepared *prepared, const char *text, const struct pp_geometry *in)
{
    struct pp_error err = {0};

    memset(prepared, 0, sizeof *prepared);
    prepared->out = *in;
    assert_int_equal(pp_chain_parse(text, &prepared->chain, &err), PP_OK);
    prepared->link = pp_chain_item(prepared->chain, 0);
    assert_true(prepared->link.filter->state_size <= sizeof prepared->state);
    assert_int_equal(prepared->link.filter->prepare(prepared->state, prepared->link.args, in,
                                                    &prepared->out, &err),
                     PP_OK);
}

static void forget(struct prepared *prepared)
{
    prepared->link.filter->release(prepared->state);
    pp_chain_free(prepared->chain);
}

static struct pp_picture render(const struct prepared *prepared, const struct pp_picture *in)
{
    const struct pp_filter *filter = prepared->link.filter;
    struct pp_picture out = pp_picture_new(prepared->out);
    struct pp_band from = {in->data, in->stride, 0, in->geometry.height};
    struct pp_band to = {out.data, out.stride, 0, out.geometry.height};
    size_t wanted = filter->scratch_size(prepared->state, to.count);
    void *scratch = wanted ? aligned_alloc(PP_ALIGNMENT, pp_size_aligned(wanted)) : NULL;

    filter->render(prepared->state, &from, &to, scratch);
    free(scratch);
    return out;
}

/* Peak signal to noise ratio in dB. */
static double psnr(const struct pp_picture *a, const struct pp_picture *b)
{
    double sum = 0, max = pp_picture_max(a);
    size_t count = 0;

    for (uint32_t y = 0; y < a->geometry.height; y++)
        for (uint32_t x = 0; x < a->geometry.width; x++)
            for (unsigned c = 0; c < a->geometry.channels; c++, count++) {
                double apart = (double)pp_picture_get(a, x, y, c) - pp_picture_get(b, x, y, c);
                sum += apart * apart / (max * max);
            }
    return sum == 0 ? 99 : 10 * log10((double)count / sum);
}

static double psnr_of(const char *text, const struct pp_picture *in, unsigned by, unsigned lead)
{
    struct pp_picture small = reduced(in, by, lead), want = pp_render_text(text, in);
    const struct pp_reduction reduction = {1.0 / by, lead, lead};
    struct prepared prepared;
    struct pp_error err = {0};

    prepare(&prepared, text, &in->geometry);
    assert_int_equal(
        prepared.link.filter->reduce(prepared.state, &small.geometry, &reduction, &err), PP_OK);
    struct pp_picture got = render(&prepared, &small);
    assert_int_equal(got.geometry.width, want.geometry.width);
    assert_int_equal(got.geometry.height, want.geometry.height);
    double result = psnr(&got, &want);
    pp_picture_free(&small);
    pp_picture_free(&want);
    pp_picture_free(&got);
    forget(&prepared);
    return result;
}

static void assert_close(const char *text, unsigned channels, unsigned depth)
{
    struct pp_picture in = make_picture(channels, depth);
    double plain = psnr_of(text, &in, 2, 0), led = psnr_of(text, &in, 2, 3);

    if (plain < 42 || led < 42)
        fail_msg("%s, %u channels of %u bits: %.1f dB, %.1f dB behind a lead", text, channels,
                 depth, plain, led);
    pp_picture_free(&in);
}

static void a_reduced_input_gives_nearly_the_same_picture(void **state)
{
    static const char *const texts[] = {
        "resize=40%",         "resize=90x:kernel=bilinear", "resize=100x60:fill:bicubic",
        "resize=60x60:cover", "resize=57x70:cover:bicubic",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_close(texts[i], 1, 8);
        assert_close(texts[i], 3, 8);
        assert_close(texts[i], 1, 16);
    }
}

static void half_the_size_exactly_is_no_identity(void **state)
{
    struct pp_geometry half = {120, 80, 1, 8, 1}, in = {240, 160, 1, 8, 1};
    const struct pp_reduction reduction = {0.5, 0, 0};
    struct prepared prepared;
    struct pp_error err = {0};

    (void)state;
    prepare(&prepared, "resize=50%", &in);
    assert_int_equal(prepared.link.filter->reduce(prepared.state, &half, &reduction, &err), PP_OK);
    assert_false(prepared.link.filter->is_identity(prepared.state));
    forget(&prepared);
}

/* The last sample may lie outside of the picture for the most part, the first ones too. */
static void flat_pictures_stay_flat_whatever_the_reduction(void **state)
{
    struct pp_geometry in = {WIDTH, HEIGHT, 3, 8, 1};

    (void)state;
    for (unsigned eighths = 1; eighths < 8; eighths++) {
        struct pp_geometry small = {(WIDTH * eighths + 7) / 8 + 1, (HEIGHT * eighths + 7) / 8, 3, 8,
                                    1};
        const struct pp_reduction reduction = {eighths / 8.0, 0.875, 0.5};
        struct pp_picture picture = pp_picture_new(small);
        struct prepared prepared;
        struct pp_error err = {0};
        pp_picture_fill(&picture, PP_FILL_MAX);
        prepare(&prepared, "resize=12%", &in);
        assert_int_equal(prepared.link.filter->reduce(prepared.state, &small, &reduction, &err),
                         PP_OK);
        struct pp_picture out = render(&prepared, &picture);
        for (uint32_t y = 0; y < out.geometry.height; y++)
            for (uint32_t x = 0; x < out.geometry.width; x++)
                assert_int_equal(pp_picture_get(&out, x, y, x % 3), 255);
        pp_picture_free(&out);
        pp_picture_free(&picture);
        forget(&prepared);
    }
}

static bool reducible(const char *text, uint32_t least[2])
{
    struct pp_geometry in = {6000, 4000, 1, 8, 1};
    struct prepared prepared;

    prepare(&prepared, text, &in);
    bool can = prepared.link.filter->can_reduce(prepared.state, &least[0], &least[1]);
    forget(&prepared);
    return can;
}

static void only_what_becomes_much_smaller_can_be_reduced(void **state)
{
    uint32_t least[2];

    (void)state;
    assert_false(reducible("resize=1600x:kernel=nearest", least));
    assert_false(reducible("resize=150%:enlarge", least));
    assert_false(reducible("resize=95%", least));
    assert_false(reducible("resize=100x4000:fill", least));
    assert_true(reducible("resize=1600x", least));
    assert_in_range(least[0], 1601, 2000);
    assert_in_range(least[1], 1068, 1334);
    /* half of the width is cut off: all of it must be twice as wide */
    assert_true(reducible("resize=1000x1333:cover", least));
    assert_in_range(least[0], 2001, 2400);
    assert_true(reducible("resize=320x", least));
    assert_in_range(least[0], 480, 640);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reduced_input_gives_nearly_the_same_picture),
        cmocka_unit_test(half_the_size_exactly_is_no_identity),
        cmocka_unit_test(flat_pictures_stay_flat_whatever_the_reduction),
        cmocka_unit_test(only_what_becomes_much_smaller_can_be_reduced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
