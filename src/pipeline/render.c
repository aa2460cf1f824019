#include "pipeline/render.h"

#include <stdlib.h>

#include "base/memory.h"

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
    return threads * (2 * widest_row(plan) + largest_scratch(plan));
}

enum pp_status pp_render_init(struct pp_render *render, const struct pp_plan *plan,
                              unsigned threads, struct pp_error *err)
{
    void *memory = NULL;

    *render = (struct pp_render){.slots = threads, .row_bytes = widest_row(plan)};
    render->slot_bytes = 2 * render->row_bytes + largest_scratch(plan);
    if (render->slot_bytes == 0)
        return PP_OK;
    enum pp_status status =
        pp_memory_new(&memory, threads, render->slot_bytes, "filter memory", err);
    render->memory = memory;
    return status;
}

void pp_render_release(struct pp_render *render)
{
    free(render->memory);
    *render = (struct pp_render){0};
}

/* One row through every stage of the step, from one small buffer to the other. */
static void render_row(const struct pp_render *render, const struct pp_stage_plan *stages,
                       size_t count, const struct pp_band *in, const struct pp_band *out,
                       uint8_t *slot)
{
    void *scratch = slot + 2 * render->row_bytes;
    struct pp_band from = *in;

    for (size_t i = 0; i < count; i++) {
        struct pp_band to = {
            .rows = slot + (i & 1) * render->row_bytes,
            .stride = render->row_bytes,
            .first = out->first,
            .count = 1,
        };
        if (i + 1 == count)
            to = *out;
        stages[i].filter->render(stages[i].state, &from, &to, scratch);
        from = to;
    }
}

/* Rows [first, last) of the output on one thread with the memory of `slot`. */
static void render_slice(const struct pp_render *render, const struct pp_plan *plan,
                         const struct pp_step *step, const struct pp_band *in, struct pp_band out,
                         uint8_t *slot)
{
    const struct pp_stage_plan *stages = &plan->stages[step->first];

    if (step->count == 1) {
        stages->filter->render(stages->state, in, &out, slot + 2 * render->row_bytes);
        return;
    }
    for (uint32_t i = 0; i < out.count; i++) {
        struct pp_band row = {
            .rows = out.rows + i * out.stride,
            .stride = out.stride,
            .first = out.first + i,
            .count = 1,
        };
        render_row(render, stages, step->count, in, &row, slot);
    }
}

void pp_render_band(const struct pp_render *render, const struct pp_plan *plan,
                    const struct pp_step *step, const struct pp_band *in, const struct pp_band *out,
                    unsigned threads)
{
    unsigned slices = threads < render->slots ? threads : render->slots;

    if (slices > out->count)
        slices = out->count;
        /* One slice is no region at all: most files of a batch are done by one thread each, and
         * then libgomp need not even start. */
#pragma omp parallel for num_threads((int)slices) schedule(static, 1) if (slices > 1)
    for (unsigned i = 0; i < slices; i++) {
        uint32_t from = (uint32_t)((uint64_t)out->count * i / slices);
        uint32_t to = (uint32_t)((uint64_t)out->count * (i + 1) / slices);
        struct pp_band slice = {
            .rows = out->rows + from * out->stride,
            .stride = out->stride,
            .first = out->first + from,
            .count = to - from,
        };
        render_slice(render, plan, step, in, slice, render->memory + i * render->slot_bytes);
    }
}
