#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "support_render.h"

#define WIDTH  83
#define HEIGHT 61

/* A picture whose channel c at pixel i is at(i, c). */
static struct pp_picture made(unsigned channels, unsigned depth, unsigned (*at)(uint32_t, unsigned))
{
    struct pp_picture picture = pp_picture_random(WIDTH, HEIGHT, channels, depth);

    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
        for (unsigned c = 0; c < channels; c++)
            pp_picture_set(&picture, i % WIDTH, i / WIDTH, c, at(i, c));
    return picture;
}

/* Two humps around 60 and 170, in 8-bit units. */
static unsigned two_humps(uint32_t i, unsigned c)
{
    return (i % 3 ? 60 : 170) + i * 7 % 29 - 14 + c;
}

static unsigned two_humps_wide(uint32_t i, unsigned c)
{
    return two_humps(i, c) * 257 + i % 201;
}

static unsigned narrow_range(uint32_t i, unsigned c)
{
    return 40 + 20 * c + i * 13 % (90 + c * 11);
}

static unsigned narrow_range_wide(uint32_t i, unsigned c)
{
    return narrow_range(i, c) * 250 + i % 17;
}

static unsigned constant_light(uint32_t i, unsigned c)
{
    (void)i;
    (void)c;
    return 200;
}

static unsigned constant_dark(uint32_t i, unsigned c)
{
    (void)i;
    (void)c;
    return 20;
}

static void threshold_splits_at_its_level(void **state)
{
    static const struct {
        const char *text;
        double level;
    } cases[] = {
        {"threshold", 128}, {"threshold=0", 0}, {"threshold=99.5", 99.5}, {"threshold=255", 255}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (unsigned layout = 0; layout < 8; layout++) {
            unsigned depth = layout < 4 ? 8 : 16;
            struct pp_picture in = pp_picture_random(37, 23, layout % 4 + 1, depth);
            struct pp_picture gray = pp_render_text("gray", &in);
            struct pp_picture out = pp_render_text(cases[i].text, &in);
            unsigned max = pp_picture_max(&in);
            for (uint32_t p = 0; p < 37 * 23; p++) {
                double v = pp_picture_get(&gray, p % 37, p / 37, 0) / (depth == 8 ? 1 : 257.0);
                assert_int_equal(pp_picture_get(&out, p % 37, p / 37, 0),
                                 v >= cases[i].level ? max : 0);
            }
            assert_int_equal(out.geometry.channels, gray.geometry.channels);
            pp_picture_free(&in);
            pp_picture_free(&gray);
            pp_picture_free(&out);
        }
}

/* Otsu's criterion by its definition, trying each level with a walk over all pixels. */
static unsigned best_level(const struct pp_picture *gray)
{
    unsigned max = pp_picture_max(gray), best = 0;
    double most = 0;

    for (unsigned level = 1; level <= max; level++) {
        double n[2] = {0}, sum[2] = {0};
        for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
            unsigned v = pp_picture_get(gray, i % WIDTH, i / WIDTH, 0);
            n[v >= level] += 1;
            sum[v >= level] += v;
        }
        if (n[0] == 0 || n[1] == 0)
            continue;
        double apart = sum[0] / n[0] - sum[1] / n[1], between = n[0] * n[1] * apart * apart;
        if (between > most * (1 + 1e-12)) {
            most = between;
            best = level;
        }
    }
    return best;
}

static void assert_split_at(const struct pp_picture *in, const struct pp_picture *gray,
                            unsigned level)
{
    struct pp_picture out = pp_render_text("threshold=otsu", in);

    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
        bool light = pp_picture_get(gray, i % WIDTH, i / WIDTH, 0) >= level;
        assert_int_equal(pp_picture_get(&out, i % WIDTH, i / WIDTH, 0),
                         light ? pp_picture_max(in) : 0);
    }
    pp_picture_free(&out);
}

static void otsu_maximises_the_variance_between_classes(void **state)
{
    (void)state;
    for (unsigned channels = 1; channels <= 4; channels++) {
        struct pp_picture in = made(channels, 8, two_humps);
        struct pp_picture gray = pp_render_text("gray", &in);
        assert_split_at(&in, &gray, best_level(&gray));
        pp_picture_free(&in);
        pp_picture_free(&gray);
    }
}

static void otsu_at_sixteen_bits_separates_the_humps(void **state)
{
    struct pp_picture in = made(3, 16, two_humps_wide), gray = pp_render_text("gray", &in);

    (void)state;
    /* nothing lies between the humps, so any level in the gap gives the same picture */
    assert_split_at(&in, &gray, 120 * 257);
    pp_picture_free(&in);
    pp_picture_free(&gray);
}

static void otsu_splits_a_picture_of_one_gray_at_128(void **state)
{
    struct pp_picture light = made(1, 8, constant_light), dark = made(3, 8, constant_dark);

    (void)state;
    assert_split_at(&light, &light, 128);
    assert_split_at(&dark, &dark, 128);
    pp_picture_free(&light);
    pp_picture_free(&dark);
}

static void only_otsu_asks_to_observe(void **state)
{
    struct pp_chain *chain = NULL;
    struct pp_chain_item link;

    (void)state;
    assert_int_equal(pp_chain_parse("threshold=9,threshold=otsu", &chain, NULL), PP_OK);
    link = pp_chain_item(chain, 0);
    assert_false(link.filter->observes(link.args));
    link = pp_chain_item(chain, 1);
    assert_true(link.filter->observes(link.args));
    pp_chain_free(chain);
}

static int by_value(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

    return (x > y) - (x < y);
}

/* The sorted samples of channels [first, last). */
static size_t sorted(const struct pp_picture *in, unsigned first, unsigned last, unsigned *samples)
{
    size_t count = 0;

    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
        for (unsigned c = first; c < last; c++)
            samples[count++] = pp_picture_get(in, i % WIDTH, i / WIDTH, c);
    qsort(samples, count, sizeof *samples, by_value);
    return count;
}

/* Channels [first, last) share one stretch, from the samples left when `cutoff` percent go. */
static void compare_stretch(const struct pp_picture *in, const struct pp_picture *out,
                            const unsigned channels[2], double cutoff)
{
    static unsigned samples[WIDTH * HEIGHT * 3];
    size_t count = sorted(in, channels[0], channels[1], samples);
    size_t cut = (size_t)floor((double)count * cutoff / 100);
    double low = samples[cut], high = samples[count - 1 - cut], max = pp_picture_max(in);

    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
        for (unsigned c = channels[0]; c < channels[1]; c++) {
            double v = pp_picture_get(in, i % WIDTH, i / WIDTH, c), got, want;
            got = pp_picture_get(out, i % WIDTH, i / WIDTH, c);
            want = fmin(fmax((v - low) * max / (high - low), 0), max);
            /* 8 bits truncate, and binary64 may fall just short of a whole number */
            if (in->geometry.depth == 8 ? got > want + 1e-9 || got < want - 1 - 1e-9
                                        : fabs(got - want) > 0.5 + 1e-6)
                fail_msg("%f became %f, not %f", v, got, want);
        }
}

static void autocontrast_stretches_what_is_left_to_the_full_range(void **state)
{
    (void)state;
    for (unsigned layout = 0; layout < 8; layout++) {
        unsigned channels = layout % 4 + 1, colors = channels <= 2 ? 1 : 3;
        struct pp_picture in =
            layout < 4 ? made(channels, 8, narrow_range) : made(channels, 16, narrow_range_wide);
        struct pp_picture each = pp_render_text("autocontrast", &in);
        struct pp_picture cut = pp_render_text("autocontrast=3.5", &in);
        struct pp_picture together = pp_render_text("autocontrast=3.5:together", &in);

        for (unsigned c = 0; c < colors; c++) {
            compare_stretch(&in, &each, (const unsigned[]){c, c + 1}, 0);
            compare_stretch(&in, &cut, (const unsigned[]){c, c + 1}, 3.5);
        }
        compare_stretch(&in, &together, (const unsigned[]){0, colors}, 3.5);
        pp_picture_free(&in);
        pp_picture_free(&each);
        pp_picture_free(&cut);
        pp_picture_free(&together);
    }
}

static void autocontrast_leaves_a_flat_picture_alone(void **state)
{
    struct pp_picture in = made(3, 8, constant_light), out = pp_render_text("autocontrast=20", &in);

    (void)state;
    assert_true(pp_picture_equal(&in, &out));
    pp_picture_free(&in);
    pp_picture_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threshold_splits_at_its_level),
        cmocka_unit_test(otsu_maximises_the_variance_between_classes),
        cmocka_unit_test(otsu_at_sixteen_bits_separates_the_humps),
        cmocka_unit_test(otsu_splits_a_picture_of_one_gray_at_128),
        cmocka_unit_test(only_otsu_asks_to_observe),
        cmocka_unit_test(autocontrast_stretches_what_is_left_to_the_full_range),
        cmocka_unit_test(autocontrast_leaves_a_flat_picture_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
