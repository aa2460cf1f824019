#include "pipeline/flow.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

unsigned pp_flow_threads(const struct pp_convert_settings *settings)
{
    unsigned threads = settings->threads ? settings->threads : 1;

    return threads < PP_RENDER_THREADS_MAX ? threads : PP_RENDER_THREADS_MAX;
}

static size_t window_stride(const struct pp_plan *plan, const struct pp_step *step)
{
    return pp_size_aligned(pp_geometry_row_bytes(&pp_plan_head(plan, step)->in));
}

uint64_t pp_flow_memory(const struct pp_plan *plan, unsigned threads)
{
    uint64_t bytes = pp_render_memory(plan, threads);

    for (size_t i = 0; i < plan->stage_count; i++) {
        const struct pp_stage_plan *stage = &plan->stages[i];
        if (stage->filter->state_memory)
            bytes += stage->filter->state_memory(stage->state);
    }
    for (size_t i = 0; i < plan->step_count; i++)
        bytes += (uint64_t)plan->steps[i].window_rows * window_stride(plan, &plan->steps[i]);
    return bytes;
}

static enum pp_status window_init(struct pp_window *window, const struct pp_plan *plan,
                                  const struct pp_step *step, struct pp_error *err)
{
    const struct pp_stage_plan *head = pp_plan_head(plan, step);
    void *memory = NULL;

    window->capacity = step->window_rows;
    window->height = head->in.height;
    window->observed = !head->observes;
    window->band.stride = window_stride(plan, step);
    enum pp_status status =
        pp_memory_new(&memory, window->capacity, window->band.stride, "rows of the picture", err);
    window->memory = memory;
    window->band.rows = memory;
    return status;
}

enum pp_status pp_flow_init(struct pp_flow *flow, const struct pp_plan *plan,
                            struct pp_reader *reader, struct pp_team *team,
                            const struct pp_convert_settings *settings, struct pp_error *err)
{
    *flow = (struct pp_flow){.plan = plan, .reader = reader, .settings = settings};
    enum pp_status status =
        pp_render_init(&flow->render, plan, team, pp_flow_threads(settings), err);
    if (status == PP_OK && settings->hooks.filter_time)
        status = pp_render_measure(&flow->render, plan, err);
    if (status != PP_OK || plan->step_count == 0)
        return status;
    flow->windows = calloc(plan->step_count, sizeof *flow->windows);
    if (!flow->windows)
        return pp_error_set(err, PP_E_NO_MEMORY, "filters: no memory for their windows");
    for (size_t i = 0; status == PP_OK && i < plan->step_count; i++)
        status = window_init(&flow->windows[i], plan, &plan->steps[i], err);
    return status;
}

void pp_flow_release(struct pp_flow *flow)
{
    if (flow->windows) {
        for (size_t i = 0; i < flow->plan->step_count; i++)
            free(flow->windows[i].memory);
    }
    free(flow->windows);
    pp_render_release(&flow->render);
    *flow = (struct pp_flow){0};
}

static enum pp_status read_rows(struct pp_flow *flow, const struct pp_band *band,
                                struct pp_error *err)
{
    struct pp_reader *reader = flow->reader;
    uint64_t begin = pp_clock_ns();
    enum pp_status status =
        reader->codec->read_rows(reader, band->rows, band->stride, band->count, err);

    flow->decode_ns += pp_clock_ns() - begin;
    flow->rows_read += band->count;
    return status;
}

/* Forget the rows before `first`. */
static void window_drop(struct pp_window *window, uint32_t first)
{
    struct pp_band *band = &window->band;
    uint32_t end = band->first + band->count;
    uint32_t gone = (first < end ? first : end) - band->first;

    band->rows += (size_t)gone * band->stride;
    band->count -= gone;
    band->first += gone;
}

/* Have room for `count` more rows behind those of the window. */
static void window_make_room(struct pp_window *window, uint32_t count)
{
    struct pp_band *band = &window->band;
    size_t begin = (size_t)(band->rows - window->memory) / band->stride;

    if (begin + band->count + count <= window->capacity)
        return;
    memmove(window->memory, band->rows, (size_t)band->count * band->stride);
    band->rows = window->memory;
}

static enum pp_status make_rows(struct pp_flow *flow, size_t steps, const struct pp_band *out,
                                struct pp_error *err);

/* Of `missing` rows those to ask for now. No more than a band, so that no step before needs more
 * than its window; no more than fit, when they are only passed over. */
static uint32_t rows_at_once(const struct pp_flow *flow, const struct pp_window *window,
                             uint32_t missing)
{
    uint32_t room = window->capacity - window->band.count;
    uint32_t most = flow->plan->band_rows < room ? flow->plan->band_rows : room;

    return missing < most ? missing : most;
}

/* Have rows [first, last) of the input of step `index` in its window. A row before `first` is gone
 * for good; rows are asked for in bands, so that no step before needs more than its window. */
static enum pp_status window_fill(struct pp_flow *flow, size_t index, uint32_t first, uint32_t last,
                                  struct pp_error *err)
{
    struct pp_window *window = &flow->windows[index];
    struct pp_band *band = &window->band;
    const struct pp_stage_plan *head = pp_plan_head(flow->plan, &flow->plan->steps[index]);

    while (band->first + band->count < last) {
        window_drop(window, first > band->first ? first : band->first);
        uint32_t end = band->first + band->count;
        uint32_t count = rows_at_once(flow, window, last - end);
        window_make_room(window, count);
        struct pp_band fresh = {
            .rows = band->rows + (size_t)band->count * band->stride,
            .stride = band->stride,
            .first = end,
            .count = count,
        };
        enum pp_status status = make_rows(flow, index, &fresh, err);
        if (status != PP_OK)
            return status;
        if (!window->observed)
            head->filter->observe(head->state, &fresh);
        band->count += count;
    }
    return PP_OK;
}

static enum pp_status take_whole_look(struct pp_flow *flow, size_t index, struct pp_error *err)
{
    struct pp_window *window = &flow->windows[index];
    const struct pp_stage_plan *head = pp_plan_head(flow->plan, &flow->plan->steps[index]);
    enum pp_status status = window_fill(flow, index, 0, window->height, err);

    if (status == PP_OK)
        head->filter->conclude(head->state);
    window->observed = true;
    return status;
}

unsigned pp_flow_threads_now(const struct pp_flow *flow)
{
    const struct pp_convert_hooks *hooks = &flow->settings->hooks;

    return hooks->threads ? hooks->threads(hooks->user) : pp_flow_threads(flow->settings);
}

/* Rows of the output of the first `steps` steps; of the picture as read when there are none. */
static enum pp_status make_rows(struct pp_flow *flow, size_t steps, const struct pp_band *out,
                                struct pp_error *err)
{
    uint32_t first = 0, last = 0;
    enum pp_status status = PP_OK;

    if (steps == 0)
        return read_rows(flow, out, err);
    const struct pp_step *step = &flow->plan->steps[steps - 1];
    struct pp_window *window = &flow->windows[steps - 1];
    if (!window->observed)
        status = take_whole_look(flow, steps - 1, err);
    pp_plan_rows_needed(flow->plan, step, out->first, out->first + out->count, &first, &last);
    if (status == PP_OK)
        status = window_fill(flow, steps - 1, first, last, err);
    if (status != PP_OK)
        return status;
    uint64_t begin = pp_clock_ns();
    pp_render_band(&flow->render, flow->plan, step, &window->band, out);
    flow->filter_ns += pp_clock_ns() - begin;
    return PP_OK;
}

void pp_flow_tell_times(const struct pp_flow *flow)
{
    const struct pp_convert_hooks *hooks = &flow->settings->hooks;

    for (size_t i = 0; hooks->filter_time && i < flow->plan->stage_count; i++)
        hooks->filter_time(hooks->user, flow->plan->stages[i].name,
                           pp_render_ns(&flow->render, flow->plan, i));
}

enum pp_status pp_flow_pull(struct pp_flow *flow, const struct pp_band *out, struct pp_error *err)
{
    return make_rows(flow, flow->plan->step_count, out, err);
}
