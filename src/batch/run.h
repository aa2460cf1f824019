/*
 * batch/run.h - the state of one batch, shared by the files that tell its story.
 *
 * batch.c runs the loop; planning.c turns inputs into jobs; handout.c gives jobs to the pool;
 * outcome.c publishes what comes back; signals.c listens. All of it is the supervisor's one thread.
 */
#ifndef PP_BATCH_RUN_H
#define PP_BATCH_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include <pixpool/batch.h>
#include <pixpool/error.h>
#include <pixpool/pool.h>

#include "batch/claims.h"
#include "batch/control.h"
#include "batch/cost.h"
#include "batch/drift.h"
#include "batch/flush.h"
#include "batch/group.h"
#include "batch/joblog.h"
#include "batch/journalling.h"
#include "batch/known.h"
#include "batch/location.h"
#include "batch/log.h"
#include "batch/manifest.h"
#include "batch/pauses.h"
#include "batch/roots.h"
#include "batch/text.h"
#include "batch/walk.h"
#include "batch/window.h"

/* Why an input was left out that the run did not come to. */
#define PP_RUN_STOPPED "not converted: the run was stopped"

enum pp_run_phase {
    PP_RUN_GOING,    /* looking for inputs and handing them out */
    PP_RUN_STOPPING, /* nothing more is handed out, what is in work may end */
    PP_RUN_KILLED    /* the workers are gone */
};

struct pp_run {
    const struct pp_batch_settings *settings;
    struct pp_batch_result *result;
    struct pp_encode_settings encode; /* the settings', with the format the output's name implies */
    struct pp_roots roots;
    struct pp_walk walk;
    struct pp_claims claims;
    struct pp_known known;
    struct pp_file_id *pictures; /* owned: the files that the chain's filters name */
    size_t picture_count;
    struct pp_window_heap window;
    struct pp_cost cost;
    uint64_t peek_ns; /* spent looking into files before their turn */
    struct pp_log log;
    struct pp_joblog joblog;
    struct pp_journalling journalling;
    struct pp_manifest manifest; /* to be written */
    struct pp_drift drift;       /* the one compared with */
    struct pp_text manifest_title;
    struct pp_pool *pool;    /* owned; NULL in a dry run */
    char *output_root;       /* owned: the directory all outputs lie below, as given */
    char *output_real;       /* owned: the same without links; NULL in a dry run into nothing */
    const char *output_name; /* the only output's name below output_root; NULL: by the input's */
    struct pp_location location; /* of outputs */
    struct pp_group group;       /* outputs on their way to the disk */
    dev_t volume_device;         /* that `volume` was asked of */
    enum pp_volume volume;
    bool volume_known;
    struct pp_text name, path, real;
    bool vacant;           /* the directory `location` is in held nothing when first looked at */
    bool made_root;        /* the output directory was not there before */
    struct pp_error fatal; /* what ended the run */
    enum pp_run_phase phase;
    uint64_t begin_ns;
    uint64_t stop_ns;     /* when stopping began because of a signal, 0 otherwise */
    uint64_t tick_ns;     /* when the last tick was given */
    unsigned full_in_row; /* outputs in a row that the disk had no room for */
    bool walked;          /* the search for inputs has ended */
    bool starved;         /* descriptors ran out: hand out again after the next outcome */
    struct pp_control control;
    bool paused; /* nothing is handed out */
    struct pp_pauses pauses;
    int signal_fd; /* -1 when signals are not handled */
    sigset_t old_mask;
};

/* ---- output.c ---- */

/* Make the output directory, unless nothing is to be written or the outputs go elsewhere, and know
 * its real path. *found is what stat(2) says of it, zeroed when there is none. Errors: PP_E_USAGE,
 * PP_E_WRITE, PP_E_NO_SPACE, PP_E_NO_MEMORY. */
enum pp_status pp_run_open_output(struct pp_run *run, struct stat *found,
                                  struct pp_error *err) PP_MUST_CHECK;

/* ---- planning.c ---- */

/* Look for one input and plan it: a job goes into the window, or a report is given. Sets walked at
 * the end. Errors: those that end the run. */
enum pp_status pp_run_plan_next(struct pp_run *run, struct pp_error *err) PP_MUST_CHECK;

/* Whether what stands at `path`, if anything, may be replaced by the output of `input`. Errors:
 * PP_E_CONFLICT, PP_E_WRITE, PP_E_NO_MEMORY. */
enum pp_status pp_run_check_output(struct pp_run *run, const char *path, const struct stat *input,
                                   struct pp_error *err) PP_MUST_CHECK;

/* ---- picture_files.c ---- */

/* Know which files the chain's filters name, which are never written to; the chain must have been
 * loaded. Errors: PP_E_USAGE, PP_E_NO_MEMORY. */
enum pp_status pp_run_pictures_begin(struct pp_run *run, struct pp_error *err) PP_MUST_CHECK;

/* Whether the file `stat` tells of is one of them. */
bool pp_run_is_picture(const struct pp_run *run, const struct stat *stat);

/* ---- handout.c ---- */

/* Give jobs to the pool while it has room. Errors: those that end the run. */
enum pp_status pp_run_hand_out(struct pp_run *run, struct pp_error *err) PP_MUST_CHECK;

/* ---- outcome.c ---- */

/* The pool's callbacks; `user` is the struct pp_run, the tag is the job. */
void pp_run_outcome(void *user, const struct pp_outcome *outcome);
void pp_run_rewind(void *user, uint64_t tag, const int *fds);

/* The last word on a job that was handed out: its report is counted, told and logged, and it is
 * freed. `report` may be the job's own. */
void pp_run_settle(struct pp_run *run, struct pp_file_job *job, struct pp_file_report *report);

/* Report a job that ends without having been handed out, and free it. */
void pp_run_refuse(struct pp_run *run, struct pp_file_job *job, enum pp_file_state state,
                   const struct pp_error *error);

/* Count a file, tell the caller, log it. */
void pp_run_report(struct pp_run *run, const struct pp_file_report *report);

/* Write what the readers of log and joblog have not taken yet, as pp_lines_flush(); what cannot be
 * written ends the run. */
void pp_run_flush_log(struct pp_run *run, int wait_ms);

/* Begin to stop: the jobs not begun are given up. */
void pp_run_stop(struct pp_run *run);

/* ---- publish.c ---- */

/* Be ready to name outputs. Errors: PP_E_SYSTEM, PP_E_NO_MEMORY. */
enum pp_status pp_run_publish_begin(struct pp_run *run, struct pp_error *err) PP_MUST_CHECK;

/* Whether outputs look like their inputs. */
bool pp_run_preserves(const struct pp_run *run);

/* Take a job whose output, behind `fd`, is whole: name it, by and by or at once as the settings'
 * sync says, and settle it. The job is taken; `fd` stays the caller's. */
void pp_run_publish(struct pp_run *run, struct pp_file_job *job,
                    const struct pp_file_report *report, int fd);

/* One step of what waits: without waiting itself. */
void pp_run_publish_step(struct pp_run *run);
/* Whether the next step has something to do right away. */
bool pp_run_publish_is_ready(const struct pp_run *run);

/* Settle all that waits, before the run's end; where the run was killed, what is not on the disk
 * yet is given up. */
void pp_run_publish_end(struct pp_run *run);

/* ---- manifest_run.c ---- */

/* Whether workers are to tell the hashes of what they made. */
bool pp_run_wants_digests(const struct pp_run *run);

/* Open what the settings ask for; the claims are there and the encoding is known. Errors: those of
 * pp_manifest_open() and pp_drift_open(), and PP_E_USAGE for settings that do not go together. */
enum pp_status pp_run_manifest_begin(struct pp_run *run, struct pp_error *err) PP_MUST_CHECK;

/* The job's output, whose digest was taken, has its name. */
void pp_run_manifest_file(struct pp_run *run, const struct pp_file_job *job);

/* All jobs have their reports: tell what is missing, write the manifest, unless the run was ended
 * early. Errors: those of writing. */
enum pp_status pp_run_manifest_end(struct pp_run *run, struct pp_error *err) PP_MUST_CHECK;
void pp_run_manifest_release(struct pp_run *run);

/* ---- journalling.c ---- */

/* Open the journal, if the settings ask for one, and know what it proves. Errors: PP_E_USAGE (it is
 * none, another run has it, its name is taken), PP_E_READ, PP_E_WRITE, PP_E_NO_SPACE, PP_E_SYSTEM,
 * PP_E_NO_MEMORY. */
enum pp_status pp_run_journal_open(struct pp_run *run, struct pp_error *err) PP_MUST_CHECK;
void pp_run_journal_close(struct pp_run *run);

/* Whether earlier runs leave nothing to do for an input, whose output is run->path: then *skipped
 * is set and `problem` has the words for it. Errors: those that end the run. */
enum pp_status pp_run_journal_ask(struct pp_run *run, const struct pp_found *found, bool *skipped,
                                  struct pp_error *problem, struct pp_error *err) PP_MUST_CHECK;

/* Say that the whole output behind `fd`, with the times it will have, is about to be given the
 * job's output's name, which must happen after the next flush only. Errors: PP_E_WRITE,
 * PP_E_CANCELLED when the journal cannot be kept, which ends the run. */
enum pp_status pp_run_journal_intend(struct pp_run *run, const struct pp_file_job *job, int fd,
                                     struct pp_error *err) PP_MUST_CHECK;

/* Write what was said; with `durable` to the disk. Errors: PP_E_CANCELLED: nothing may be named,
 * the run ends. */
enum pp_status pp_run_journal_flush(struct pp_run *run, bool durable,
                                    struct pp_error *err) PP_MUST_CHECK;

/* Keep in mind that a file failed. */
void pp_run_journal_report(struct pp_run *run, const struct pp_file_report *report);

/* Claim the name of a file that is no output for `what` ("the journal"). Errors: PP_E_USAGE when it
 * is something else's; PP_E_WRITE, PP_E_NO_SPACE, PP_E_NO_MEMORY. */
enum pp_status pp_run_claim_file(struct pp_run *run, const char *path, const char *what,
                                 struct pp_error *err) PP_MUST_CHECK;

/* ---- signals.c ---- */

/* Block and watch the signals, if the settings say so. Errors: PP_E_SYSTEM. */
enum pp_status pp_run_signals_begin(struct pp_run *run, struct pp_error *err) PP_MUST_CHECK;
void pp_run_signals_end(struct pp_run *run);
/* Kill the workers when a signal's grace has run out. */
void pp_run_signals_tick(struct pp_run *run);
/* End the run as if SIGINT had come; the second time kills. */
void pp_run_cancel(struct pp_run *run);

/* ---- control.c ---- */

/* Be there for those who ask, if the settings say so. What prevents it is told to the caller and
 * prevents nothing else. */
void pp_run_control_begin(struct pp_run *run);
void pp_run_control_end(struct pp_run *run);

#endif
