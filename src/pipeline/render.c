#include "pipeline/render.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"

/* What one thread makes of a band. */
struct pp_render_slice {
    struct pp_job job;
    const struct pp_render *render;
    const struct pp_plan *plan;
    const struct pp_step *step;
    const struct pp_band *in;
    struct pp_band out;
    unsigned index; /* of its slot */
};

static size_t widest_row(const struct pp_plan *plan)
{
    size_t widest = 0;

    for (size_t i = 0; i < plan->stage_count; i++) {
        size_t bytes = pp_geometry_row_bytes(&plan->stages[i].out);
        widest = bytes > widest ? bytes : widest;
    }
    return pp_size_aligned(widest);
}

static size_t largest_scratch(const struct pp_plan *plan)
{
    size_t largest = 0;

    for (size_t i = 0; i < plan->stage_count; i++) {
        const struct pp_stage_plan *stage = &plan->stages[i];
        if (!stage->filter->scratch_size)
            continue;
        size_t bytes = stage->filter->scratch_size(stage->state, plan->band_rows);
        largest = bytes > largest ? bytes : largest;
    }
    return pp_size_aligned(largest);
}

size_t pp_render_memory(const struct pp_plan *plan, unsigned threads)
{
    return threads *
           (sizeof(struct pp_render_slice) + 2 * widest_row(plan) + largest_scratch(plan));
}

enum pp_status pp_render_init(struct pp_render *render, const struct pp_plan *plan,
                              struct pp_team *team, unsigned threads, struct pp_error *err)
{
    void *memory = NULL;

    *render = (struct pp_render){.slots = threads, .row_bytes = widest_row(plan), .team = team};
    render->slot_bytes = 2 * render->row_bytes + largest_scratch(plan);
    render->slices = calloc(threads, sizeof *render->slices);
    if (!render->slices)
        return pp_error_set(err, PP_E_NO_MEMORY, "filters: no memory for their threads");
    if (render->slot_bytes == 0)
        return PP_OK;
    enum pp_status status =
        pp_memory_new(&memory, threads, render->slot_bytes, "filter memory", err);
    render->memory = memory;
    return status;
}

enum pp_status pp_render_measure(struct pp_render *render, const struct pp_plan *plan,
                                 struct pp_error *err)
{
    render->ns = calloc((size_t)render->slots * plan->stage_count + 1, sizeof *render->ns);
    if (render->ns)
        return PP_OK;
    return pp_error_set(err, PP_E_NO_MEMORY, "filters: no memory to measure them");
}

uint64_t pp_render_ns(const struct pp_render *render, const struct pp_plan *plan, size_t stage)
{
    uint64_t sum = 0;

    for (size_t slot = 0; render->ns && slot < render->slots; slot++)
        sum += render->ns[slot * plan->stage_count + stage];
    return sum;
}

void pp_render_release(struct pp_render *render)
{
    free(render->memory);
    free(render->ns);
    free(render->slices);
    *render = (struct pp_render){0};
}

/* What one thread works with. */
struct slot {
    const struct pp_render *render;
    const struct pp_stage_plan *stages; /* of the step */
    size_t count;
    uint8_t *rows; /* two of them, then the scratch memory */
    uint64_t *ns;  /* by stage; NULL when nobody asks */
};

static struct slot slot_at(const struct pp_render *render, const struct pp_plan *plan,
                           const struct pp_step *step, unsigned index)
{
    struct slot slot = {
        .render = render,
        .stages = &plan->stages[step->first],
        .count = step->count,
        .rows = render->memory + index * render->slot_bytes,
    };

    if (render->ns)
        slot.ns = render->ns + index * plan->stage_count + step->first;
    return slot;
}

static void render_stage(const struct slot *slot, size_t index, const struct pp_band *in,
                         const struct pp_band *out)
{
    const struct pp_stage_plan *stage = &slot->stages[index];
    uint64_t begin = slot->ns ? pp_clock_ns() : 0;

    stage->filter->render(stage->state, in, out, slot->rows + 2 * slot->render->row_bytes);
    if (slot->ns)
        slot->ns[index] += pp_clock_ns() - begin;
}

/* One row through every stage of the step, from one small buffer to the other. */
static void render_row(const struct slot *slot, const struct pp_band *in, const struct pp_band *out)
{
    const struct pp_render *render = slot->render;
    struct pp_band from = *in;

    for (size_t i = 0; i < slot->count; i++) {
        struct pp_band to = {
            .rows = slot->rows + (i & 1) * render->row_bytes,
            .stride = render->row_bytes,
            .first = out->first,
            .count = 1,
        };
        if (i + 1 == slot->count)
            to = *out;
        render_stage(slot, i, &from, &to);
        from = to;
    }
}

/* The rows of `out` on one thread. */
static void render_slice(const struct slot *slot, const struct pp_band *in,
                         const struct pp_band *out)
{
    if (slot->count == 1) {
        render_stage(slot, 0, in, out);
        return;
    }
    for (uint32_t i = 0; i < out->count; i++) {
        struct pp_band row = {
            .rows = out->rows + i * out->stride,
            .stride = out->stride,
            .first = out->first + i,
            .count = 1,
        };
        render_row(slot, in, &row);
    }
}

/* Slice number `index` of `count`. */
static struct pp_band slice_of(const struct pp_band *band, unsigned index, unsigned count)
{
    uint32_t from = (uint32_t)((uint64_t)band->count * index / count);
    uint32_t to = (uint32_t)((uint64_t)band->count * (index + 1) / count);

    return (struct pp_band){
        .rows = band->rows + from * band->stride,
        .stride = band->stride,
        .first = band->first + from,
        .count = to - from,
    };
}

static void run_slice(void *user)
{
    struct pp_render_slice *slice = user;
    struct slot slot = slot_at(slice->render, slice->plan, slice->step, slice->index);

    render_slice(&slot, slice->in, &slice->out);
}

void pp_render_band(struct pp_render *render, const struct pp_plan *plan,
                    const struct pp_step *step, const struct pp_band *in, const struct pp_band *out)
{
    unsigned team = pp_team_size(render->team), count = team < render->slots ? team : render->slots;

    if (count > out->count)
        count = out->count;
    for (unsigned i = count; i-- > 0;) {
        struct pp_render_slice *slice = &render->slices[i];
        *slice = (struct pp_render_slice){.job = {.run = run_slice, .user = slice},
                                          .render = render,
                                          .plan = plan,
                                          .step = step,
                                          .in = in,
                                          .out = slice_of(out, i, count),
                                          .index = i};
        if (i > 0)
            pp_team_post(render->team, &slice->job, PP_JOB_NEXT);
        else
            run_slice(slice);
    }
    for (unsigned i = 1; i < count; i++)
        pp_team_wait(render->team, &render->slices[i].job);
}
