#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "filter/table.h"
#include "support_render.h"

#define PARTS_MAX 4

/* A chain's filters, prepared for one picture after the other and, where they look, looked at it.
 */
struct links {
    struct pp_chain *chain;
    struct pp_table_part parts[PARTS_MAX];
    void *states[PARTS_MAX];
    size_t count;
};

static void observe(struct pp_chain_item link, void *state, const struct pp_picture *in)
{
    struct pp_band all = {in->data, in->stride, 0, in->geometry.height};

    if (!link.filter->observe)
        return;
    link.filter->observe(state, &all);
    link.filter->conclude(state);
}

static void prepare(struct links *links, const char *text, const struct pp_picture *in, bool look)
{
    struct pp_error err = {0};

    memset(links, 0, sizeof *links);
    assert_int_equal(pp_chain_parse(text, &links->chain, &err), PP_OK);
    links->count = pp_chain_length(links->chain);
    assert_in_range(links->count, 1, PARTS_MAX);
    for (size_t i = 0; i < links->count; i++) {
        struct pp_chain_item link = pp_chain_item(links->chain, i);
        struct pp_geometry out = in->geometry;
        links->states[i] = calloc(1, link.filter->state_size);
        assert_int_equal(
            link.filter->prepare(links->states[i], link.args, &in->geometry, &out, &err), PP_OK);
        if (look)
            observe(link, links->states[i], in);
        links->parts[i] = (struct pp_table_part){link.filter, links->states[i]};
    }
}

static void forget(struct links *links)
{
    for (size_t i = 0; i < links->count; i++) {
        if (links->parts[i].filter->release)
            links->parts[i].filter->release(links->states[i]);
        free(links->states[i]);
    }
    pp_chain_free(links->chain);
}

static void check_joined(const char *text, unsigned channels)
{
    struct pp_picture in = pp_picture_random(61, 40, channels, 8);
    struct pp_picture want = pp_render_text(text, &in), got = pp_picture_new(in.geometry);
    struct pp_band from = {in.data, in.stride, 0, 40}, to = {got.data, got.stride, 0, 40};
    struct pp_table joined = {0};
    struct pp_error err = {0};
    struct links links;

    prepare(&links, text, &in, true);
    assert_int_equal(pp_table_join(&joined, &in.geometry, links.parts, links.count, &err), PP_OK);
    forget(&links);
    pp_filter_joined.render(&joined, &from, &to, NULL);
    if (!pp_picture_equal(&want, &got))
        fail_msg("%s, %u channels: not what its parts do", text, channels);
    pp_filter_joined.release(&joined);
    pp_picture_free(&in);
    pp_picture_free(&want);
    pp_picture_free(&got);
}

static void joined_tables_do_what_their_parts_do(void **state)
{
    (void)state;
    for (unsigned channels = 1; channels <= 4; channels++) {
        check_joined("invert", channels);
        check_joined("brightness=0.1,contrast=1.3,gamma=1.8,invert", channels);
        check_joined("autocontrast=5,gamma=0.7", channels);
        check_joined("autocontrast=5:together", channels);
        if (channels <= 2)
            check_joined("contrast=1.2,threshold=100", channels);
    }
}

static bool has_table(const char *text, unsigned channels, unsigned depth, bool look)
{
    struct pp_picture in = pp_picture_random(20, 10, channels, depth);
    struct links links;

    prepare(&links, text, &in, look);
    const struct pp_filter *filter = links.parts[0].filter;
    bool has = filter->table && filter->table(links.states[0], 0);
    forget(&links);
    pp_picture_free(&in);
    return has;
}

static void filters_say_where_they_are_no_table(void **state)
{
    (void)state;
    assert_true(has_table("gamma=2", 3, 8, false));
    assert_false(has_table("gamma=2", 3, 16, false));
    assert_false(has_table("invert", 1, 16, false));
    assert_true(has_table("threshold=90", 2, 8, false));
    assert_false(has_table("threshold=90", 3, 8, false));
    assert_false(has_table("threshold=otsu", 1, 8, false));
    assert_false(has_table("autocontrast", 1, 8, false));
    assert_true(has_table("autocontrast", 1, 8, true));
    assert_false(has_table("gray", 3, 8, false));
    assert_false(has_table("sepia", 3, 8, false));
    assert_false(has_table("sharpen", 1, 8, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joined_tables_do_what_their_parts_do),
        cmocka_unit_test(filters_say_where_they_are_no_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
