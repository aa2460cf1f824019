#include "pipeline/join.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter/table.h"

static bool is_table(const struct pp_stage_plan *stage)
{
    return stage->filter->table && stage->filter->table(stage->state, 0);
}

static size_t run_length(const struct pp_plan *plan, size_t first)
{
    size_t count = 0;

    while (first + count < plan->stage_count && is_table(&plan->stages[first + count]))
        count++;
    return count;
}

/* "contrast+gamma", cut off where it gets too long. */
static void name_joined(struct pp_stage_plan *joined, const struct pp_stage_plan *stages,
                        size_t count)
{
    size_t used = 0;

    for (size_t i = 0; i < count && used < sizeof joined->name; i++)
        used += (size_t)snprintf(joined->name + used, sizeof joined->name - used, "%s%s",
                                 i ? "+" : "", stages[i].name);
}

static enum pp_status join_run(struct pp_plan *plan, size_t first, size_t count,
                               struct pp_error *err)
{
    struct pp_stage_plan *stages = &plan->stages[first];
    struct pp_stage_plan joined = {
        .filter = &pp_filter_joined, .in = stages[0].in, .out = stages[count - 1].out};
    struct pp_table_part *parts = calloc(count, sizeof *parts);

    joined.state = calloc(1, joined.filter->state_size);
    if (!parts || !joined.state) {
        free(parts);
        free(joined.state);
        return pp_error_set(err, PP_E_NO_MEMORY, "filters: no memory to join them");
    }
    for (size_t i = 0; i < count; i++)
        parts[i] = (struct pp_table_part){stages[i].filter, stages[i].state};
    enum pp_status status = pp_table_join(joined.state, &joined.in, parts, count, err);
    free(parts);
    name_joined(&joined, stages, count);
    for (size_t i = 0; i < count; i++)
        pp_stage_release(&stages[i]);
    stages[0] = joined;
    memmove(stages + 1, stages + count, (plan->stage_count - first - count) * sizeof *stages);
    plan->stage_count -= count - 1;
    return status;
}

enum pp_status pp_plan_join_tables(struct pp_plan *plan, struct pp_error *err)
{
    enum pp_status status = PP_OK;

    for (size_t i = 0; status == PP_OK && i < plan->stage_count; i++) {
        size_t count = run_length(plan, i);
        if (count >= 2)
            status = join_run(plan, i, count, err);
    }
    return status;
}
