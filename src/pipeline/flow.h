/*
 * pipeline/flow.h - rows on their way from a reader through the steps of a plan.
 *
 * The end asks for a band; each step asks the one before it for the rows it still lacks; the
 * reader decodes just far enough. Every step keeps a window of its input, so a row is made once.
 * The thread that leads the team owns a flow.
 */
#ifndef PP_PIPELINE_FLOW_H
#define PP_PIPELINE_FLOW_H

#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

#include "codec/codec.h"
#include "image/band.h"
#include "pipeline/plan.h"
#include "pipeline/render.h"

/* Rows [band.first, band.first + band.count) of a step's input; `memory` has room for
 * `capacity` rows and band.rows points into it. */
struct pp_window {
    struct pp_band band;
    uint8_t *memory; /* owned */
    uint32_t capacity;
    uint32_t height;
    bool observed; /* the whole-image look was taken, or none is needed */
};

struct pp_flow {
    const struct pp_plan *plan;
    struct pp_reader *reader;
    struct pp_window *windows; /* owned, one a step */
    struct pp_render render;
    const struct pp_convert_settings *settings;
    uint32_t rows_read;            /* rows the reader has delivered */
    uint64_t decode_ns, filter_ns; /* decode_ns includes the reader's own system calls */
};

/* The bytes pp_flow_init() allocates, and those that the stages' states hold. */
uint64_t pp_flow_memory(const struct pp_plan *plan, unsigned threads);

/* The plan, the reader, the team and the settings must outlive it. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_flow_init(struct pp_flow *flow, const struct pp_plan *plan,
                            struct pp_reader *reader, struct pp_team *team,
                            const struct pp_convert_settings *settings,
                            struct pp_error *err) PP_MUST_CHECK;
void pp_flow_release(struct pp_flow *flow);

/* The most threads these settings ever allow. */
unsigned pp_flow_threads(const struct pp_convert_settings *settings);

/* Tell settings->hooks.filter_time, where it is set, what each stage took. */
void pp_flow_tell_times(const struct pp_flow *flow);

/* The threads to use from now on. */
unsigned pp_flow_threads_now(const struct pp_flow *flow);

/* Fill `out`, at most plan->band_rows rows of the last step's output, following the rows of the
 * call before. Errors: the reader's. */
enum pp_status pp_flow_pull(struct pp_flow *flow, const struct pp_band *out,
                            struct pp_error *err) PP_MUST_CHECK;

#endif
