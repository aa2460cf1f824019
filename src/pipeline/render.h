/*
 * pipeline/render.h - one band through one step, shared out among threads.
 *
 * The calling thread owns the struct.
 */
#ifndef PP_PIPELINE_RENDER_H
#define PP_PIPELINE_RENDER_H

#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

#include "base/team.h"
#include "image/band.h"
#include "pipeline/plan.h"

struct pp_render_slice;

/* The most threads one conversion ever uses. */
#define PP_RENDER_THREADS_MAX 256u

/* Rows and scratch memory of the threads, reused from band to band. */
struct pp_render {
    unsigned slots;    /* threads there is memory for */
    size_t row_bytes;  /* of each of a slot's two rows */
    size_t slot_bytes; /* both rows and the scratch memory */
    uint8_t *memory;   /* owned; slots x slot_bytes */
    uint64_t *ns;      /* owned; slots x stages, what each took; NULL when nobody asks */
    struct pp_team *team;
    struct pp_render_slice *slices; /* owned, one a slot */
};

/* The bytes pp_render_init() allocates for as many threads. */
size_t pp_render_memory(const struct pp_plan *plan, unsigned threads);
/* The team, which may be NULL, must outlive it and have no more threads. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_render_init(struct pp_render *render, const struct pp_plan *plan,
                              struct pp_team *team, unsigned threads,
                              struct pp_error *err) PP_MUST_CHECK;
/* Have what every stage takes measured from now on. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_render_measure(struct pp_render *render, const struct pp_plan *plan,
                                 struct pp_error *err) PP_MUST_CHECK;
/* What stage number `stage` of the plan took, nanoseconds, added up over the threads. */
uint64_t pp_render_ns(const struct pp_render *render, const struct pp_plan *plan, size_t stage);
void pp_render_release(struct pp_render *render);

/* Make the rows of `out` from `in` by all stages of `step`, a slice for each thread of the team. */
void pp_render_band(struct pp_render *render, const struct pp_plan *plan,
                    const struct pp_step *step, const struct pp_band *in,
                    const struct pp_band *out);

#endif
