/*
 * pipeline/plan.h - what will be done to one picture, decided from its header alone.
 *
 * A plan lists stages (a filter with its state, between two geometries) and groups them into
 * steps: what can be done to a row while it is in the cache is one step. A plan belongs to one
 * conversion; the stages' states are read by its threads while it renders.
 */
#ifndef PP_PIPELINE_PLAN_H
#define PP_PIPELINE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/convert.h>
#include <pixpool/error.h>

#include "codec/codec.h"
#include "filter/filter.h"
#include "pipeline/colors.h"

struct pp_stage_plan {
    const struct pp_filter *filter;
    char name[48];               /* the filter's; those of all that were joined */
    void *state;                 /* owned */
    const struct pp_value *args; /* the chain's */
    bool observes;               /* it wants a look at the whole input before its first row */
    struct pp_geometry in, out;
};

/* Stages [first, first + count), run together. Only the first may need other rows than the ones
 * it makes, or a look at the whole input. */
struct pp_step {
    size_t first, count;
    uint32_t window_rows; /* rows of input to be held at once */
};

/* What plans are made from; the colours follow what it does to them. */
struct pp_plan_request {
    const struct pp_chain *chain;
    const struct pp_geometry *in;
    const struct pp_codec *writer;
    const struct pp_limits *limits;
    struct pp_colors *colors;
    const struct pp_placement *found; /* by the chain's filters that settle, in their order */
    size_t found_count;
};

struct pp_plan {
    struct pp_stage_plan *stages; /* owned */
    size_t stage_count;
    struct pp_step *steps; /* owned */
    size_t step_count;
    struct pp_geometry in, out;
    uint32_t band_rows; /* rows made at once */
    /* The filter whose look at `out` comes next, since nobody knows yet what size it makes: the
     * plan then ends before it. NULL in a plan for all of the chain. */
    struct pp_chain_item survey;
    bool only_moves; /* every stage moves pixels; together they are `placement` */
    struct pp_placement placement;
};

/* True when the chain begins with filters that move or average pixels, channel by channel, and one
 * for which luma serves as well as RGB: what is luma in the end may as well be so from the start.
 * Of those that settle `found_count` need not look at the picture any more; the next one would.
 */
bool pp_plan_luma_suffices(const struct pp_chain *chain, size_t found_count);
/* Whether that one wants the luma of sRGB's numbers: where luma suffices. */
bool pp_plan_luma_is_of_srgb(const struct pp_chain *chain);

/*
 * Prepare every filter of the chain for a picture, add the conversions that the colours need and
 * what the writer needs (no alpha, 8 bits), leave out what changes nothing; or only those before
 * the one that has to look at the picture first, which is then `survey`. The limit on pixels holds
 * for each stage. Errors: PP_E_USAGE, PP_E_LIMIT, PP_E_NO_MEMORY; the plan is to be released in
 * either case.
 */
enum pp_status pp_plan_init(struct pp_plan *plan, const struct pp_plan_request *request,
                            struct pp_error *err) PP_MUST_CHECK;

/*
 * Have a picture that becomes smaller decoded at a fraction of its size, where its codec can and
 * the stages before the one that shrinks it do not mind: those that move pixels or add them up. The
 * output's geometry stays. *eighths is the fraction's numerator, 8 when nothing was done. Between
 * pp_plan_init() and reading. Errors: as pp_plan_init().
 */
enum pp_status pp_plan_reduce(struct pp_plan *plan, struct pp_reader *reader, unsigned *eighths,
                              struct pp_error *err) PP_MUST_CHECK;

/* A zeroed plan is allowed. */
void pp_plan_release(struct pp_plan *plan);

/* Free what a stage owns. */
void pp_stage_release(struct pp_stage_plan *stage);

/* A guess at the bits that hold the output's grays, by what the filters make of the input's `bits`:
 * the writer sees whether it is right. */
uint8_t pp_plan_gray_bits(const struct pp_plan *plan, uint8_t bits);

/* The first stage of a step, which decides what rows of input it needs. */
const struct pp_stage_plan *pp_plan_head(const struct pp_plan *plan, const struct pp_step *step);

/* The rows of a step's input that its output rows [first, last) depend on. */
void pp_plan_rows_needed(const struct pp_plan *plan, const struct pp_step *step, uint32_t first,
                         uint32_t last, uint32_t *in_first, uint32_t *in_last);

#endif
