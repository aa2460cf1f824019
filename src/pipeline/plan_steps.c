#include "pipeline/plan_steps.h"

#include <string.h>

/* A band of this size stays in a second-level cache together with what is made of it. */
#define BAND_BYTES ((size_t)192 * 1024)
/* Whole blocks of a 4:2:0 JPEG, and enough rows to share out among threads. */
#define BAND_ROWS_MIN 16u
#define BAND_ROWS_MAX 512u
/* A filter that asks for more rows at once does not get more than make this. */
#define BAND_BYTES_MAX ((size_t)4 * 1024 * 1024)

const struct pp_stage_plan *pp_plan_head(const struct pp_plan *plan, const struct pp_step *step)
{
    return &plan->stages[step->first];
}

void pp_plan_rows_needed(const struct pp_plan *plan, const struct pp_step *step, uint32_t first,
                         uint32_t last, uint32_t *in_first, uint32_t *in_last)
{
    const struct pp_stage_plan *head = pp_plan_head(plan, step);

    *in_first = first;
    *in_last = last;
    if (head->filter->rows_needed)
        head->filter->rows_needed(head->state, first, last, in_first, in_last);
}

static bool begins_step(const struct pp_stage_plan *stage)
{
    return stage->filter->rows_needed || stage->observes;
}

/* A filter that reads several rows for one has much to share between rows next to each other: it
 * is given whole bands, and makes a step of its own. */
static bool continues_step(const struct pp_plan *plan, size_t stage)
{
    return plan->step_count > 0 && !begins_step(&plan->stages[stage]) &&
           !plan->stages[stage - 1].filter->rows_needed;
}

static void group_into_steps(struct pp_plan *plan)
{
    for (size_t i = 0; i < plan->stage_count; i++) {
        if (!continues_step(plan, i))
            plan->steps[plan->step_count++] = (struct pp_step){.first = i};
        plan->steps[plan->step_count - 1].count++;
    }
}

/* The most rows that a filter wishes a band to have. */
static uint32_t wished_rows(const struct pp_plan *plan)
{
    uint32_t most = 0;

    for (size_t i = 0; i < plan->stage_count; i++) {
        const struct pp_stage_plan *stage = &plan->stages[i];
        uint32_t rows = stage->filter->band_rows ? stage->filter->band_rows(stage->state) : 0;
        most = rows > most ? rows : most;
    }
    return most;
}

static uint32_t choose_band_rows(const struct pp_plan *plan)
{
    size_t widest = pp_geometry_row_bytes(&plan->in), wished = wished_rows(plan);

    for (size_t i = 0; i < plan->stage_count; i++) {
        size_t bytes = pp_geometry_row_bytes(&plan->stages[i].out);
        widest = bytes > widest ? bytes : widest;
    }
    size_t rows = BAND_BYTES / widest, most = BAND_BYTES_MAX / widest;
    wished = wished < most ? wished : most;
    rows = rows > wished ? rows : wished;
    if (rows < BAND_ROWS_MIN)
        return BAND_ROWS_MIN;
    return rows > BAND_ROWS_MAX ? BAND_ROWS_MAX : (uint32_t)rows / BAND_ROWS_MIN * BAND_ROWS_MIN;
}

/* The most rows of input that any band of output depends on. */
static uint32_t widest_need(const struct pp_plan *plan, const struct pp_step *step)
{
    const struct pp_stage_plan *head = pp_plan_head(plan, step);
    uint32_t height = head->out.height, widest = 1;

    if (head->observes)
        return head->in.height;
    for (uint32_t first = 0; first < height; first++) {
        uint32_t in_first = 0, in_last = 0;
        uint32_t count = plan->band_rows < height - first ? plan->band_rows : height - first;
        pp_plan_rows_needed(plan, step, first, first + count, &in_first, &in_last);
        if (in_last - in_first > widest)
            widest = in_last - in_first;
    }
    return widest;
}

/* Twice what is needed where rows overlap from band to band, so that moving them to the front of
 * the window is rare. */
static void size_windows(struct pp_plan *plan)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        struct pp_step *step = &plan->steps[i];
        const struct pp_stage_plan *head = pp_plan_head(plan, step);
        uint32_t height = head->in.height;
        if (!begins_step(head)) {
            step->window_rows = plan->band_rows < height ? plan->band_rows : height;
            continue;
        }
        uint32_t need = widest_need(plan, step);
        step->window_rows = need > height / 2 ? height : 2 * need;
    }
}

void pp_plan_arrange(struct pp_plan *plan)
{
    plan->step_count = 0;
    memset(plan->steps, 0, plan->stage_count * sizeof *plan->steps);
    group_into_steps(plan);
    plan->band_rows = choose_band_rows(plan);
    size_windows(plan);
}
