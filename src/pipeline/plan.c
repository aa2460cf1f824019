#include "pipeline/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pipeline/join.h"
#include "pipeline/plan_steps.h"

/* Shorter sides are decoded whole: of few blocks the last one, which may be mostly padding, would
 * have too much weight. */
#define REDUCED_SIDE_MIN 64u

/* The link that luma would do for; the chain's length where there is none. */
static size_t find_luma(const struct pp_chain *chain, size_t found_count)
{
    size_t settling = 0;

    for (size_t i = 0; i < pp_chain_length(chain); i++) {
        struct pp_chain_item link = pp_chain_item(chain, i);
        if (link.filter->luma_suffices && link.filter->luma_suffices(link.args))
            return i;
        if (link.filter->settle && settling++ == found_count)
            break;
        bool light = link.filter->averages_light && link.filter->averages_light(link.args);
        if (!link.filter->moves_pixels && (!link.filter->averages_pixels || light))
            break;
    }
    return pp_chain_length(chain);
}

static bool assumes_srgb(struct pp_chain_item link)
{
    return link.filter->assumes_srgb && link.filter->assumes_srgb(link.args);
}

bool pp_plan_luma_suffices(const struct pp_chain *chain, size_t found_count)
{
    return find_luma(chain, found_count) < pp_chain_length(chain);
}

bool pp_plan_luma_is_of_srgb(const struct pp_chain *chain)
{
    size_t at = find_luma(chain, SIZE_MAX);

    return at < pp_chain_length(chain) && assumes_srgb(pp_chain_item(chain, at));
}

static enum pp_status check_stage(const struct pp_stage_plan *stage, const struct pp_limits *limits,
                                  struct pp_error *err)
{
    uint64_t pixels = (uint64_t)stage->out.width * stage->out.height;

    if (!limits->max_pixels || pixels <= limits->max_pixels)
        return PP_OK;
    return pp_error_set(err, PP_E_LIMIT,
                        "filter \"%s\": %u x %u pixels exceed the limit of %llu (--max-pixels)",
                        stage->filter->name, stage->out.width, stage->out.height,
                        (unsigned long long)limits->max_pixels);
}

void pp_stage_release(struct pp_stage_plan *stage)
{
    if (stage->filter->release)
        stage->filter->release(stage->state);
    free(stage->state);
}

static void drop_last_stage(struct pp_plan *plan)
{
    pp_stage_release(&plan->stages[--plan->stage_count]);
}

/* `found` is for a filter that settles. */
static enum pp_status add_stage(struct pp_plan *plan, struct pp_chain_item link,
                                const struct pp_placement *found, const struct pp_limits *limits,
                                struct pp_error *err)
{
    struct pp_stage_plan *stage = &plan->stages[plan->stage_count];
    size_t size = link.filter->state_size ? link.filter->state_size : 1;

    *stage = (struct pp_stage_plan){
        .filter = link.filter, .args = link.args, .in = plan->out, .out = plan->out};
    snprintf(stage->name, sizeof stage->name, "%s", link.filter->name);
    stage->state = calloc(1, size);
    if (!stage->state)
        return pp_error_set(err, PP_E_NO_MEMORY, "filter \"%s\": no memory for its state",
                            link.filter->name);
    plan->stage_count++;
    stage->observes = link.filter->observe && !link.filter->settle &&
                      (!link.filter->observes || link.filter->observes(link.args));
    enum pp_status status =
        link.filter->prepare(stage->state, link.args, &stage->in, &stage->out, err);
    if (status == PP_OK && found)
        link.filter->settle(stage->state, found, &stage->out);
    if (status == PP_OK)
        status = check_stage(stage, limits, err);
    if (status != PP_OK)
        return status;
    plan->out = stage->out;
    if (link.filter->is_identity && link.filter->is_identity(stage->state))
        drop_last_stage(plan);
    return PP_OK;
}

/* Have the pixels converted, where the plan stands now, unless they are so already. */
static enum pp_status add_conversion(struct pp_plan *plan, struct pp_colors *colors,
                                     enum pp_colors_goal goal, struct pp_error *err)
{
    struct pp_stage_plan *stage = &plan->stages[plan->stage_count];
    struct pp_chain_item link = {.filter = &pp_filter_colors};
    struct pp_geometry out = plan->out;
    const struct pp_transform *transform = NULL;

    enum pp_status status = pp_colors_convert(colors, goal, &out, &transform, err);
    if (status != PP_OK || !transform)
        return status;
    status = add_stage(plan, link, NULL, &(const struct pp_limits){0}, err);
    if (status != PP_OK)
        return status;
    pp_colors_stage_set(stage->state, transform);
    stage->out = plan->out = out;
    return PP_OK;
}

static enum pp_status add_chain(struct pp_plan *plan, const struct pp_plan_request *request,
                                struct pp_error *err)
{
    enum pp_status status = PP_OK;
    size_t settled = 0;

    for (size_t i = 0; status == PP_OK && i < pp_chain_length(request->chain); i++) {
        const struct pp_chain_item link = pp_chain_item(request->chain, i);
        const struct pp_placement *found = NULL;
        if (link.filter->settle && settled == request->found_count) {
            plan->survey = link;
            return PP_OK;
        }
        if (link.filter->settle)
            found = &request->found[settled++];
        if (assumes_srgb(link))
            status = add_conversion(plan, request->colors, PP_COLORS_FOR_FILTER, err);
        if (status == PP_OK)
            status = add_stage(plan, link, found, request->limits, err);
    }
    return status;
}

/* The filters that make a picture fit the output's format, as a user would write them. */
static const char *fitting_chain(const struct pp_geometry *have, const struct pp_codec *writer)
{
    struct pp_geometry wanted = *have;

    writer->fit_geometry(&wanted);
    bool flatten = pp_geometry_has_alpha(have) && !pp_geometry_has_alpha(&wanted);
    if (flatten && wanted.depth != have->depth)
        return "flatten,depth=8";
    if (flatten)
        return "flatten";
    return wanted.depth != have->depth ? "depth=8" : NULL;
}

static enum pp_status add_fitting(struct pp_plan *plan, const struct pp_plan_request *request,
                                  struct pp_error *err)
{
    const char *text = fitting_chain(&plan->out, request->writer);
    struct pp_chain *chain = NULL;

    if (!text)
        return PP_OK;
    enum pp_status status = pp_chain_parse(text, &chain, err);
    const struct pp_plan_request fitting = {
        .chain = chain, .limits = request->limits, .colors = request->colors};
    if (status == PP_OK)
        status = add_chain(plan, &fitting, err);
    pp_chain_free(chain);
    return status;
}

static void sum_up_moves(struct pp_plan *plan)
{
    plan->only_moves = true;
    plan->placement = pp_placement_whole(plan->in.width, plan->in.height);
    for (size_t i = 0; plan->only_moves && i < plan->stage_count; i++) {
        const struct pp_stage_plan *stage = &plan->stages[i];
        struct pp_placement next;
        plan->only_moves = stage->filter->place != NULL;
        if (!plan->only_moves)
            break;
        stage->filter->place(stage->state, &next);
        plan->placement = pp_placement_then(&plan->placement, &next);
    }
}

enum pp_status pp_plan_init(struct pp_plan *plan, const struct pp_plan_request *request,
                            struct pp_error *err)
{
    /* before each filter, at both ends, and flatten, depth */
    size_t most = 2 * pp_chain_length(request->chain) + 4;

    *plan = (struct pp_plan){.in = *request->in, .out = *request->in};
    plan->stages = calloc(most, sizeof *plan->stages);
    plan->steps = calloc(most, sizeof *plan->steps);
    if (!plan->stages || !plan->steps)
        return pp_error_set(err, PP_E_NO_MEMORY, "filters: no memory for the plan");
    enum pp_status status = add_conversion(plan, request->colors, PP_COLORS_AT_BEGIN, err);
    if (status == PP_OK)
        status = add_chain(plan, request, err);
    if (status == PP_OK && !plan->survey.filter)
        status = add_conversion(plan, request->colors, PP_COLORS_AT_END, err);
    if (status == PP_OK && !plan->survey.filter)
        status = add_fitting(plan, request, err);
    if (status == PP_OK)
        status = pp_plan_join_tables(plan, err);
    if (status != PP_OK)
        return status;
    sum_up_moves(plan);
    pp_plan_arrange(plan);
    return PP_OK;
}

void pp_plan_release(struct pp_plan *plan)
{
    while (plan->stage_count > 0)
        drop_last_stage(plan);
    free(plan->stages);
    free(plan->steps);
    *plan = (struct pp_plan){0};
}

uint8_t pp_plan_gray_bits(const struct pp_plan *plan, uint8_t bits)
{
    for (size_t i = 0; i < plan->stage_count; i++) {
        const struct pp_stage_plan *stage = &plan->stages[i];
        const struct pp_filter *filter = stage->filter;
        if (filter->gray_bits)
            bits = filter->gray_bits(stage->args);
        else if (!filter->moves_pixels && !filter->luma_suffices)
            bits = 8;
    }
    return bits;
}

/* ---- reduced input ------------------------------------------------------------------------- */

/* The stage that makes the picture smaller, when all before it move whole pictures or add samples
 * up, and what those moves come to; NULL when there is none. */
static struct pp_stage_plan *find_shrinking(struct pp_plan *plan, struct pp_placement *before)
{
    *before = pp_placement_whole(plan->in.width, plan->in.height);
    for (size_t i = 0; i < plan->stage_count; i++) {
        struct pp_stage_plan *stage = &plan->stages[i];
        const struct pp_filter *filter = stage->filter;
        struct pp_placement move;
        if (filter->can_reduce)
            return stage;
        if (filter->place) {
            filter->place(stage->state, &move);
            if (move.width != stage->in.width || move.height != stage->in.height)
                return NULL;
            *before = pp_placement_then(before, &move);
        } else if (!filter->is_linear || !filter->is_linear(stage->state)) {
            return NULL;
        }
    }
    return NULL;
}

/* The codec rounds the reduced sides up: the last sample reaches beyond the picture's end, and
 * where that was mirrored it comes first. */
static struct pp_reduction describe_reduction(const struct pp_geometry *full,
                                              const struct pp_geometry *reduced,
                                              const struct pp_placement *before, unsigned eighths)
{
    struct pp_reduction reduction = {.scale = eighths / 8.0};
    double beyond_x = reduced->width - full->width * reduction.scale;
    double beyond_y = reduced->height - full->height * reduction.scale;
    bool swaps = pp_move_swaps(before->move);

    if (pp_move_mirrors_x(before->move))
        reduction.lead_x = swaps ? beyond_y : beyond_x;
    if (pp_move_mirrors_y(before->move))
        reduction.lead_y = swaps ? beyond_x : beyond_y;
    return reduction;
}

static enum pp_status prepare_again(struct pp_stage_plan *stage, const struct pp_geometry *in,
                                    struct pp_error *err)
{
    if (stage->filter->release)
        stage->filter->release(stage->state);
    memset(stage->state, 0, stage->filter->state_size);
    stage->in = stage->out = *in;
    return stage->filter->prepare(stage->state, stage->args, &stage->in, &stage->out, err);
}

enum pp_status pp_plan_reduce(struct pp_plan *plan, struct pp_reader *reader, unsigned *eighths,
                              struct pp_error *err)
{
    struct pp_placement before;
    struct pp_stage_plan *shrinking = find_shrinking(plan, &before);
    uint32_t sides[2] = {0, 0};
    enum pp_status status = PP_OK;

    *eighths = 8;
    if (plan->in.width < REDUCED_SIDE_MIN || plan->in.height < REDUCED_SIDE_MIN)
        return PP_OK;
    if (!shrinking || !reader->codec->reduce ||
        !shrinking->filter->can_reduce(shrinking->state, &sides[0], &sides[1]))
        return PP_OK;
    bool swaps = pp_move_swaps(before.move);
    *eighths = reader->codec->reduce(reader, sides[swaps], sides[!swaps]);
    if (*eighths == 8)
        return PP_OK;
    struct pp_reduction reduction =
        describe_reduction(&plan->in, &reader->geometry, &before, *eighths);
    struct pp_geometry in = plan->in = reader->geometry;
    for (struct pp_stage_plan *stage = plan->stages; stage < shrinking; stage++) {
        status = prepare_again(stage, &in, err);
        if (status != PP_OK)
            return status;
        in = stage->out;
    }
    shrinking->in = in;
    status = shrinking->filter->reduce(shrinking->state, &in, &reduction, err);
    if (status == PP_OK)
        pp_plan_arrange(plan);
    return status;
}
