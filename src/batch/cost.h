/*
 * batch/cost.h - how long files will take, learnt from those that are done.
 *
 * The cost of a file is a fixed part, a part for each byte and a part for each pixel, by format.
 * All three start from rough guesses and follow what was seen, whatever the chain of filters makes
 * of them. It is a hint: it decides what begins first and what progress shows, never what comes
 * out. The supervisor's thread owns it; a zeroed struct has seen nothing.
 */
#ifndef PP_BATCH_COST_H
#define PP_BATCH_COST_H

#include <stdbool.h>
#include <stdint.h>

#include <pixpool/convert.h>

#define PP_COST_FORMATS 3 /* by enum pp_format; PP_FORMAT_KEEP stands for unknown */
#define PP_COST_PARTS   3 /* of a file's cost: fixed, by bytes, by pixels */

/* What is known of a file before it is converted. */
struct pp_cost_file {
    enum pp_format format; /* as the name has it */
    uint64_t bytes;
    uint64_t pixels; /* 0: unknown, then guessed from the bytes */
};

struct pp_cost_format {
    double found[PP_COST_PARTS]; /* files, bytes and pixels known of */
    double done[PP_COST_PARTS];  /* and those done with */
    /* The sums a least-squares fit needs, see cost.c; older files count less. */
    double products[PP_COST_PARTS][PP_COST_PARTS], targets[PP_COST_PARTS];
    double seen; /* files learnt from, likewise */
};

struct pp_cost {
    struct pp_cost_format formats[PP_COST_FORMATS];
};

/* A file is known of; it is done with, converted or not. */
void pp_cost_found(struct pp_cost *cost, const struct pp_cost_file *file);
void pp_cost_done(struct pp_cost *cost, const struct pp_cost_file *file);

/* Learn that its conversion took so many nanoseconds. */
void pp_cost_learn(struct pp_cost *cost, const struct pp_cost_file *file, double ns);

/* Nanoseconds one file will take; more than 0. */
double pp_cost_predict(const struct pp_cost *cost, const struct pp_cost_file *file);
/* Whether files of that format have been seen, so that a prediction is more than a guess. */
bool pp_cost_is_learnt(const struct pp_cost *cost, enum pp_format format);

/* The cost of all files found, and of those done with, nanoseconds. */
double pp_cost_total(const struct pp_cost *cost);
double pp_cost_finished(const struct pp_cost *cost);

#endif
