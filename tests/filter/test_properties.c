/*
 * What must hold of every filter in the registry, whatever it does. A new filter is covered by its
 * line in the registry; if it has a required parameter it needs a line in pp_examples
 * too.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support_examples.h"
#include "support_render.h"

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
    for (size_t i = 0; i < pp_example_count; i++)
        snprintf(texts[count++], sizeof texts[0], "%s", pp_examples[i]);
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

static void filters_know_when_they_change_nothing(void **context)
{
    (void)context;
    for (size_t i = 0; i < pp_claim_count; i++) {
        struct pp_chain *chain = NULL;
        struct pp_error err = {0};

        if (pp_chain_parse(pp_claims[i].text, &chain, &err) != PP_OK)
            fail_msg("%s", err.text);
        pp_chain_give(chain, NULL);
        for (unsigned channels = 1; channels <= 4; channels++) {
            struct pp_picture picture = pp_picture_random(7, 5, channels, 8);
            bool said = pp_link_is_identity(pp_chain_item(chain, 0), &picture);
            if (said != pp_claims[i].identity[channels - 1])
                fail_msg("%s: %u channels: says %d", pp_claims[i].text, channels, said);
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
        for (size_t e = 0; e < pp_example_count; e++)
            example = example || starts_with(pp_examples[e], filter->name);
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
