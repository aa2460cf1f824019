/*
 * batch/group.h - outputs that wait to be on the disk before they are named, and named ones that
 * wait for their names to be there before they are told of.
 *
 * While one group is being flushed the next collects. A flush brings the bytes of one group and the
 * names of the one before to the disk, so each output sees two. The supervisor's thread owns it all
 * but the entries of a flush under way.
 */
#ifndef PP_BATCH_GROUP_H
#define PP_BATCH_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/batch.h>

#include "batch/flush.h"
#include "batch/window.h"

/* A job whose output is whole, and its report so far. */
struct pp_finished {
    struct pp_finished *next;
    struct pp_file_job *job; /* owned */
    struct pp_file_report report;
    enum pp_volume volume;
    dev_t device;
    uint64_t since_ns;
};

/* First in, first out. */
struct pp_finished_list {
    struct pp_finished *first, *last;
    size_t count;
    uint64_t bytes;
};

struct pp_group {
    struct pp_finished_list written;  /* for the next flush: their bytes */
    struct pp_finished_list named;    /* for the next flush: their names */
    struct pp_finished_list flushing; /* in the flush under way, in the order of its entries: first
                                         those for their bytes */
    struct pp_finished_list safe;     /* their bytes are on the disk: to be named */
    struct pp_finished_list settled;  /* their names are there too: to be told of */
    size_t flushing_written;          /* of `flushing`, those in it for their bytes */
    struct pp_flush flush;
    size_t held_max; /* outputs that may be open at a time */
    bool singly;     /* calls for whole file systems take too long here: others write a lot */
};

void pp_finished_push(struct pp_finished_list *list, struct pp_finished *finished);
/* NULL when empty. */
struct pp_finished *pp_finished_pop(struct pp_finished_list *list);

/* Bytes that are not on the disk are no output; a name that may not be there is worth a word, for
 * the file is whole all the same. `errnum` 0: all is well. */
void pp_report_unwritten(struct pp_file_report *report, int errnum);
void pp_report_unnamed(struct pp_file_report *report, int errnum);

/* `descriptors` is how many the process may have. Errors: PP_E_SYSTEM. */
enum pp_status pp_group_init(struct pp_group *group, uint64_t descriptors,
                             struct pp_error *err) PP_MUST_CHECK;
/* Every list must be empty. Zeroed with flush.event -1 is allowed. */
void pp_group_release(struct pp_group *group);

/* Outputs held open: all that are not yet named. */
size_t pp_group_held(const struct pp_group *group);
bool pp_group_is_empty(const struct pp_group *group);
/* Whether as many are held as may be. */
bool pp_group_is_full(const struct pp_group *group);
/* Whether a flush should begin, were it not for one under way. */
bool pp_group_is_due(const struct pp_group *group, uint64_t now_ns);

/* Flush what is written and what is named; none may be under way. */
void pp_group_begin(struct pp_group *group);
/* Wait for the flush under way and sort its outputs: those on the disk go on to `safe` or
 * `settled`, those that met an error to `settled` with it in their report. */
void pp_group_end(struct pp_group *group);

#endif
