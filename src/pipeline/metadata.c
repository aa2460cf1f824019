#include "pipeline/metadata.h"

#include <stdio.h>

/* Whether columns become rows: every filter that moves pixels counts, be there others between. */
static bool swaps_sides(const struct pp_plan *plan)
{
    bool swaps = false;

    for (size_t i = 0; i < plan->stage_count; i++) {
        const struct pp_stage_plan *stage = &plan->stages[i];
        struct pp_placement placement;
        if (!stage->filter->place)
            continue;
        placement = pp_placement_whole(stage->in.width, stage->in.height);
        stage->filter->place(stage->state, &placement);
        swaps ^= pp_move_swaps(placement.move);
    }
    return swaps;
}

enum pp_status pp_metadata_settle(struct pp_reader *reader, const struct pp_plan *plan,
                                  const struct pp_metadata_wish *wish,
                                  struct pp_convert_report *report, struct pp_error *err)
{
    const struct pp_metadata_change change = {
        .in = plan->in,
        .out = plan->out,
        .pixels = plan->stage_count > 0 || reader->luma,
        .swaps = swaps_sides(plan),
        .jpeg = wish->writer->format == PP_FORMAT_JPEG,
    };
    struct pp_metadata_notes notes = {0};

    pp_metadata_adapt(&reader->metadata, &plan->in, &plan->out);
    enum pp_status status = pp_metadata_refresh(&reader->metadata, &change, &notes, err);
    if (status == PP_OK)
        status = pp_colors_describe(wish->colors, &plan->out, wish->writer, &reader->metadata, err);
    if (status == PP_OK)
        status =
            pp_metadata_strip(&reader->metadata, wish->strip, plan->out.orientation, &notes, err);
    if (notes.count > 0 && report->warnings == 0)
        snprintf(report->warning, sizeof report->warning, "%s", notes.first);
    report->warnings += notes.count;
    return status;
}
