/*
 * batch/cost.h - how long files will take, learnt from those that are done.
 *
 * The cost of a file is its bytes times its format's nanoseconds a byte, plus a fixed part. The
 * rates start from rough figures and follow what was seen. The supervisor's thread owns it.
 */
#ifndef PP_BATCH_COST_H
#define PP_BATCH_COST_H

#include <stdint.h>

#include <pixpool/convert.h>

#define PP_COST_FORMATS 3 /* by enum pp_format; PP_FORMAT_KEEP stands for unknown */

struct pp_cost_format {
    uint64_t files_found, bytes_found;
    uint64_t files_done, bytes_done;
    double seen_ns, seen_bytes; /* of conversions, older ones counting less */
};

struct pp_cost {
    struct pp_cost_format formats[PP_COST_FORMATS];
};

/* A file is known of; it is done with, converted or not. */
void pp_cost_found(struct pp_cost *cost, enum pp_format format, uint64_t bytes);
void pp_cost_done(struct pp_cost *cost, enum pp_format format, uint64_t bytes);

/* Learn that a conversion of so many bytes took so many nanoseconds. */
void pp_cost_learn(struct pp_cost *cost, enum pp_format format, uint64_t bytes, uint64_t ns);

/* Nanoseconds one file will take. */
double pp_cost_predict(const struct pp_cost *cost, enum pp_format format, uint64_t bytes);

/* The cost of all files found, and of those done with, nanoseconds. */
double pp_cost_total(const struct pp_cost *cost);
double pp_cost_finished(const struct pp_cost *cost);

#endif
