/*
 * What must hold of every filter in the registry, whatever it does. A new filter is covered by its
 * line in the registry; if it has a required parameter it needs a line in `examples` too.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support_render.h"

/* Arguments to try, beside the defaults where those suffice. */
static const char *const examples[] = {
    "gray=rec709",
    "gray=linear",
    "gray=average",
    "gray=lightness",
    "gray=green",
    "gray=weights:r=1:g=-0.25:b=0",
    "sepia=0.5",
    "sepia=0",
    "threshold=otsu",
    "threshold=0",
    "brightness=-0.2",
    "brightness=0",
    "contrast=1.7",
    "contrast=1",
    "gamma=2.2",
    "gamma=1",
    "autocontrast=5",
    "autocontrast=2:together",
    "saturate=0",
    "saturate=0.4",
    "saturate=1",
    "saturate=2.5",
    "hue=0",
    "hue=-75",
    "hue=180",
    "modulate=130:40",
    "modulate=0:1000:0",
    "modulate=90:300:130",
    "modulate=hue=33.3",
    "tint=teal",
    "tint=#2040ff:0.3",
    "tint=black:0",
    "tint=white",
    "duotone=navy:orange",
    "duotone=#fff:#000",
    "channel=red",
    "channel=green",
    "channel=blue",
    "channel=bgr",
    "channel=gbr",
    "levels=20:230:1.4",
    "levels=out_black=255:out_white=0",
    "levels=99:99.5:1:10:20",
    "curves=0/0+64/50+192/210+255/255",
    "curves=red=0/20 255/230:blue=10/0+100/140+255/200",
    "posterize=2",
    "posterize=bits=3",
    "solarize=0",
    "solarize=99.5",
    "normalize=0:100",
    "normalize=10:60",
    "equalize=together",
    "white-balance=white-patch",
    "white-balance=white-patch:0",
    "blur=0.3",
    "blur=2.5",
    "sharpen=2:0.8:3",
    "sharpen=0:3",
    "resize=5x4",
    "resize=5x4:fill",
    "resize=4x6:cover",
    "resize=3x:outside:bilinear",
    "resize=x9:kernel=bicubic:enlarge",
    "resize=5x6:fill:nearest:enlarge=1",
    "resize=30%",
    "resize=7x5:cover:nearest:enlarge=1",
    "resize=7x5:fill:bicubic:1",
    "resize=100%",
    "crop=3x2",
    "crop=50%:0:0",
    "crop=2x:0",
    "crop=7x5:0:0",
    "crop=100%",
    "rotate=90",
    "rotate=180",
    "rotate=270",
    "rotate=-90",
    "rotate=0",
    "rotate=8",
    "rotate=-45:navy:0:bilinear",
    "rotate=120:transparent",
    "rotate=300:#f808:kernel=bilinear",
    "crop=3x2:gravity=southeast",
    "pad=9x9",
    "pad=40x50:southwest:#12345678",
    "extent=9x4:east:olive",
    "extent=3x50:north:transparent",
    "border=2",
    "border=0:red:3",
    "thumbnail=5x4",
    "trim=30",
    "trim=0:black",
    "resize=5x4:linear=1",
    "resize=9x8!",
    "resize=30@",
    "resize=50x50<",
    "blur=1.2:linear=1",
    "flatten=gray",
    "depth=8",
    "depth=16",
    "overlay=logo",
    "overlay=logo:southeast:2:-1:0.5",
    "overlay=logo:center:scale=60%",
    "overlay=logo:scale=3x2:tile=1:x=-1:y=2",
    "overlay=logo:tile:opacity=0.3",
    "boxblur=2.3",
    "boxblur=0",
    "median=0",
    "median=2",
    "median=3",
    "median=4",
    "median=20",
    "bilateral=0.5:60",
    "unsharp=1.3:80:0",
    "unsharp=2:0:5",
    "edge=2:each",
    "emboss=30:2",
    "pixelate=3",
    "pixelate=1",
    "noise=30:uniform:together:7",
    "noise=0",
    "vignette=1:0:20:90",
    "vignette=0",
    "clahe=2:2.5",
    "clahe=3:1",
    "dither=3",
    "dither=4:ordered",
};

static bool starts_with(const char *text, const char *name)
{
    size_t length = strlen(name);

    return strncmp(text, name, length) == 0 && (text[length] == '=' || text[length] == '\0');
}

static bool requires_arguments(const struct pp_filter *filter)
{
    for (size_t i = 0; filter->params[i].name; i++)
        if (filter->params[i].required)
            return true;
    return false;
}

/* Call `check` for each filter with its defaults and with each of its examples. */
static void for_each_link(void (*check)(struct pp_chain_item link))
{
    const struct pp_filter *filter;
    char texts[512][64];
    size_t count = 0;

    for (size_t i = 0; (filter = pp_filter_at(i)); i++)
        if (!requires_arguments(filter))
            snprintf(texts[count++], sizeof texts[0], "%s", filter->name);
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        snprintf(texts[count++], sizeof texts[0], "%s", examples[i]);
    for (size_t i = 0; i < count; i++) {
        struct pp_chain *chain = NULL;
        struct pp_error err = {0};

        if (pp_chain_parse(texts[i], &chain, &err) != PP_OK)
            fail_msg("%s", err.text);
        pp_chain_give(chain, NULL);
        check(pp_chain_item(chain, 0));
        pp_chain_free(chain);
    }
}

static const struct {
    uint32_t width, height;
} sizes[] = {{1, 1}, {1, 13}, {17, 1}, {7, 5}, {37, 41}};

/* Call `check` for pictures of every size, layout, orientation and fill that matters. */
static void for_each_picture(struct pp_chain_item link,
                             void (*check)(struct pp_chain_item, const struct pp_picture *))
{
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (unsigned layout = 0; layout < 8; layout++)
            for (unsigned fill = PP_FILL_ZERO; fill <= PP_FILL_RANDOM; fill++) {
                struct pp_picture picture = pp_picture_new(
                    (struct pp_geometry){sizes[s].width, sizes[s].height, (uint8_t)(layout % 4 + 1),
                                         layout < 4 ? 8 : 16, (uint8_t)(layout + 1)});
                pp_picture_fill(&picture, (enum pp_fill)fill);
                check(link, &picture);
                pp_picture_free(&picture);
            }
}

static void check_bands(struct pp_chain_item link, const struct pp_picture *in)
{
    static const uint32_t bands[] = {1, 3, 7};
    struct pp_picture whole = pp_render_link(link, in, 0);

    for (size_t i = 0; i < sizeof bands / sizeof bands[0]; i++) {
        struct pp_picture split = pp_render_link(link, in, bands[i]);
        if (!pp_picture_equal(&whole, &split))
            fail_msg("%s: bands of %u rows differ from the whole", link.filter->name, bands[i]);
        pp_picture_free(&split);
    }
    pp_picture_free(&whole);
}

static void bands_of_one(struct pp_chain_item link)
{
    for_each_picture(link, check_bands);
}

static void every_split_into_bands_gives_the_same_bytes(void **context)
{
    (void)context;
    for_each_link(bands_of_one);
}

static void check_geometry(struct pp_chain_item link, const struct pp_picture *in)
{
    struct pp_picture out = pp_render_link(link, in, 0);
    const struct pp_geometry *g = &out.geometry;

    assert_in_range(g->width, 1, 1000000);
    assert_in_range(g->height, 1, 1000000);
    assert_in_range(g->channels, 1, 4);
    assert_true(g->depth == 8 || g->depth == 16);
    assert_in_range(g->orientation, 1, 8);
    if (link.filter->moves_pixels) {
        assert_int_equal(g->channels, in->geometry.channels);
        assert_int_equal(g->depth, in->geometry.depth);
    }
    pp_picture_free(&out);
}

static void geometry_of_one(struct pp_chain_item link)
{
    for_each_picture(link, check_geometry);
}

static void every_output_geometry_is_sane(void **context)
{
    (void)context;
    for_each_link(geometry_of_one);
}

static bool is_one_of(const struct pp_filter *filter, const char *const *names)
{
    while (*names && strcmp(filter->name, *names) != 0)
        names++;
    return *names != NULL;
}

/* Filters after which each pixel is where it was: all without rows_needed but flop, and some that
 * look at their neighbours' colours alone. */
static bool keeps_alpha(const struct pp_filter *filter)
{
    static const char *const keep[] = {"sharpen", "unsharp", "edge", "emboss", "bilateral", NULL};
    static const char *const change[] = {"flatten", "depth", "dither", NULL};

    if (is_one_of(filter, keep))
        return true;
    return !filter->rows_needed && !filter->moves_pixels && !is_one_of(filter, change);
}

static void check_alpha(struct pp_chain_item link, const struct pp_picture *in)
{
    if (!pp_geometry_has_alpha(&in->geometry))
        return;
    struct pp_picture out = pp_render_link(link, in, 0);
    assert_true(pp_geometry_has_alpha(&out.geometry));
    for (uint32_t y = 0; y < in->geometry.height; y++)
        for (uint32_t x = 0; x < in->geometry.width; x++)
            assert_int_equal(pp_picture_get(&out, x, y, out.geometry.channels - 1u),
                             pp_picture_get(in, x, y, in->geometry.channels - 1u));
    pp_picture_free(&out);
}

static void alpha_of_one(struct pp_chain_item link)
{
    if (keeps_alpha(link.filter))
        for_each_picture(link, check_alpha);
}

static void colour_filters_leave_alpha_alone(void **context)
{
    (void)context;
    for_each_link(alpha_of_one);
}

/* A filter that claims to move pixels must commute with one that changes each by itself. */
static void check_commutes(struct pp_chain_item link, const struct pp_picture *in)
{
    struct pp_picture inverted = pp_render_text("invert", in);
    struct pp_picture first = pp_render_link(link, &inverted, 0);
    struct pp_picture moved = pp_render_link(link, in, 0);
    struct pp_picture second = pp_render_text("invert", &moved);

    assert_true(pp_picture_equal(&first, &second));
    pp_picture_free(&inverted);
    pp_picture_free(&first);
    pp_picture_free(&moved);
    pp_picture_free(&second);
}

static void commuting_of_one(struct pp_chain_item link)
{
    if (link.filter->moves_pixels)
        for_each_picture(link, check_commutes);
}

static void movers_trade_places_with_point_filters(void **context)
{
    (void)context;
    for_each_link(commuting_of_one);
}

/* Chosen for what they say of one layout at least; the rest for being close to it. */
static const struct {
    const char *text;
    bool identity[4]; /* of 7 x 5 pixels with 1 to 4 channels, 8 bits, orientation 1 */
} claims[] = {
    {"gray", {true, true, false, false}},
    {"gray=linear", {true, true, false, false}},
    {"gray=blue", {true, true, false, false}},
    {"gray=weights:r=1:g=-0.25:b=0", {true, true, false, false}},
    {"sepia=0", {false, false, true, true}},
    {"sepia=0.001", {false, false, false, false}},
    {"brightness=0", {true, true, true, true}},
    {"brightness=0.003", {false, false, false, false}},
    {"contrast=1", {true, true, true, true}},
    {"contrast=1.01", {false, false, false, false}},
    {"gamma=1", {true, true, true, true}},
    {"gamma=1.05", {false, false, false, false}},
    {"orient", {true, true, true, true}},
    {"rotate=180", {false, false, false, false}},
    {"crop=7x5", {true, true, true, true}},
    {"crop=3x2:gravity=northwest", {false, false, false, false}},
    {"pad=7x5:east:transparent", {true, true, true, true}},
    {"pad=5x3", {true, true, true, true}},
    {"pad=8x5", {false, false, false, false}},
    {"extent=100%:background=transparent", {true, true, true, true}},
    {"extent=7x4", {false, false, false, false}},
    {"border=0", {true, true, true, true}},
    {"border=0:height=1", {false, false, false, false}},
    {"trim", {false, false, false, false}}, /* not known before the look */
    {"resize=7x5:linear=1", {true, true, true, true}},
    {"resize=35@", {true, true, true, true}},
    {"resize=9x4<", {true, true, true, true}},
    {"resize=9x9>", {true, true, true, true}},
    {"resize=9x9^", {false, false, false, false}},
    {"rotate=-360", {true, true, true, true}},
    {"rotate=360", {true, true, true, true}},
    {"rotate=0.001", {false, false, false, false}},
    {"crop=100%", {true, true, true, true}},
    {"crop=9x9:-1:-1", {true, true, true, true}},
    {"crop=7x5:1:0", {false, false, false, false}},
    {"resize=7x5", {true, true, true, true}},
    {"resize=70x50", {true, true, true, true}}, /* not enlarged */
    {"resize=7x5:cover:nearest", {true, true, true, true}},
    {"resize=7x4:cover", {false, false, false, false}},
    {"flatten", {true, false, true, false}},
    {"depth=8", {true, true, true, true}},
    {"depth=16", {false, false, false, false}},
    {"saturate=1", {true, true, true, true}},
    {"saturate=1.001", {true, true, false, false}},
    {"hue=0", {true, true, true, true}},
    {"hue=360", {true, true, true, true}},
    {"hue=1", {true, true, false, false}},
    {"modulate", {true, true, true, true}},
    {"modulate=100.3", {false, false, false, false}},
    {"modulate=hue=0", {true, true, false, false}},
    {"tint=red:0", {false, false, true, true}},
    {"tint=red:0.001", {false, false, false, false}},
    {"channel=red", {true, true, false, false}},
    {"channel=bgr", {true, true, false, false}},
    {"levels", {true, true, true, true}},
    {"levels=1", {false, false, false, false}},
    {"curves", {true, true, true, true}},
    {"curves=0/0+100/100+255/255", {true, true, true, true}},
    {"curves=0/0+100/102+255/255", {false, false, false, false}},
    {"curves=red=0/1+255/255", {true, true, false, false}},
    {"posterize=256", {true, true, true, true}},
    {"posterize=bits=8", {true, true, true, true}},
    {"posterize=255", {false, false, false, false}},
    {"solarize=255", {false, false, false, false}},
    {"white-balance", {true, true, false, false}},
    {"sharpen=0", {true, true, true, true}},
    {"overlay=logo:opacity=0", {true, true, true, true}},
    {"overlay=logo:x=7", {true, true, true, true}},
    {"overlay=logo:x=6", {false, false, false, false}},
    {"overlay=logo:x=-5", {true, true, true, true}},
    {"overlay=logo:southeast:y=5", {true, true, true, true}},
    {"overlay=logo:x=7:tile=1", {false, false, false, false}},
    {"sharpen=0.01", {false, false, false, false}},
    {"boxblur=0", {true, true, true, true}},
    {"boxblur=0.1", {false, false, false, false}},
    {"median=0", {true, true, true, true}},
    {"median=1", {false, false, false, false}},
    {"unsharp=2:0", {true, true, true, true}},
    {"pixelate=1", {true, true, true, true}},
    {"pixelate=2", {false, false, false, false}},
    {"noise=0", {true, true, true, true}},
    {"noise=0.1", {false, false, false, false}},
    {"clahe=8:1", {true, true, true, true}},
    {"clahe=8:1.1", {false, false, false, false}},
    {"vignette=0", {true, true, true, true}},
    {"vignette=0.1", {false, false, false, false}},
};

static void filters_know_when_they_change_nothing(void **context)
{
    (void)context;
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        struct pp_chain *chain = NULL;
        struct pp_error err = {0};

        if (pp_chain_parse(claims[i].text, &chain, &err) != PP_OK)
            fail_msg("%s", err.text);
        pp_chain_give(chain, NULL);
        for (unsigned channels = 1; channels <= 4; channels++) {
            struct pp_picture picture = pp_picture_random(7, 5, channels, 8);
            bool said = pp_link_is_identity(pp_chain_item(chain, 0), &picture);
            if (said != claims[i].identity[channels - 1])
                fail_msg("%s: %u channels: says %d", claims[i].text, channels, said);
            pp_picture_free(&picture);
        }
        pp_chain_free(chain);
    }
}

static void check_identity(struct pp_chain_item link, const struct pp_picture *in)
{
    if (!pp_link_is_identity(link, in))
        return;
    struct pp_picture out = pp_render_link(link, in, 0);
    if (!pp_picture_equal(in, &out))
        fail_msg("%s: calls itself the identity and is not", link.filter->name);
    pp_picture_free(&out);
}

static void identity_of_one(struct pp_chain_item link)
{
    for_each_picture(link, check_identity);
}

static void what_calls_itself_the_identity_is_it(void **context)
{
    (void)context;
    for_each_link(identity_of_one);
}

static void every_filter_is_described_and_has_an_example(void **context)
{
    const struct pp_filter *filter;

    (void)context;
    for (size_t i = 0; (filter = pp_filter_at(i)); i++) {
        bool example = !requires_arguments(filter);
        size_t count = 0;

        assert_ptr_equal(pp_filter_find(filter->name), filter);
        assert_true(strlen(filter->summary) > 0 && strlen(filter->source) > 0);
        assert_true((filter->observe == NULL) == (filter->conclude == NULL));
        for (; filter->params[count].name; count++) {
            const struct pp_param *param = &filter->params[count];
            assert_true(strlen(param->summary) > 0);
            assert_true(param->required || param->default_text);
        }
        assert_true(count <= PP_FILTER_PARAMS_MAX);
        for (size_t e = 0; e < sizeof examples / sizeof examples[0]; e++)
            example = example || starts_with(examples[e], filter->name);
        if (!example)
            fail_msg("%s: it needs a line in examples", filter->name);
    }
    assert_true(pp_filter_at(0) != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_filter_is_described_and_has_an_example),
        cmocka_unit_test(every_split_into_bands_gives_the_same_bytes),
        cmocka_unit_test(every_output_geometry_is_sane),
        cmocka_unit_test(colour_filters_leave_alpha_alone),
        cmocka_unit_test(movers_trade_places_with_point_filters),
        cmocka_unit_test(filters_know_when_they_change_nothing),
        cmocka_unit_test(what_calls_itself_the_identity_is_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
