/*
 * pixpool/batch.h - folders of pictures through a pool of processes.
 *
 * Inputs are found while earlier ones are being converted; memory does not grow with their number.
 * Each input gets exactly one report. No input is ever written to; an output appears under its name
 * whole, or not at all. File names are bytes: nothing inside them is ever interpreted.
 *
 * The program must hand over to pp_batch_worker_main() first in main(): workers are the program
 * itself, executed again. All functions: one thread of the supervising process, which must not have
 * been inside an OpenMP region before.
 */
#ifndef PIXPOOL_BATCH_H
#define PIXPOOL_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/api.h>
#include <pixpool/convert.h>
#include <pixpool/error.h>
#include <pixpool/info.h>
#include <pixpool/sandbox.h>

PP_BEGIN_DECLS

/* Where the inputs are. All pointers stay the caller's and must live as long as the run. */
struct pp_batch_inputs {
    const char *const *paths; /* files and directories */
    size_t path_count;
    const char *files_from; /* a file that lists more, "-" for standard input; NULL for none */
    bool null_separated;    /* its entries end with NUL instead of newline */
    bool recursive;         /* directories with all below them; the tree is kept */
    const char *const
        *include; /* shell globs, NULL for the default: names with a known extension */
    size_t include_count;
    const char *const *exclude; /* shell globs, stronger than include */
    size_t exclude_count;       /* a glob with a slash is matched against the path below the
                                   directory given, one without against the last name */
};

enum pp_existing {
    PP_EXISTING_REPLACE = 0, /* an output of an earlier run is replaced whole */
    PP_EXISTING_SKIP,        /* an existing output is left as it is */
    PP_EXISTING_UPDATE       /* it is replaced when it is older than the input */
};

/* Where the outputs go. */
struct pp_batch_outputs {
    const char *path;   /* a directory, made when it is missing; or with a single input file a file
                           name with a known extension */
    const char *prefix; /* before each file name; NULL for none */
    const char *suffix; /* between its stem and its extension; NULL for none */
    enum pp_existing existing;
    /* NULL: `path` says where. Else `path` is NULL and each output takes the place of its input,
     * which is kept under its own name followed by this, unless it is "". At every moment either
     * the old or the new contents stand whole under the name. */
    const char *in_place;
    bool preserve; /* the input's permissions, times and, where allowed, owner */
};

/* When the outputs' bytes are on the disk, should the power fail. */
enum pp_sync {
    PP_SYNC_BATCH = 0, /* groups of outputs are written back together before they are named */
    PP_SYNC_NONE,      /* when the system gets to it */
    PP_SYNC_EACH       /* each before it is named and counted */
};

/* What a journal of an earlier run says is not done again. */
enum pp_resume {
    PP_RESUME_NO = 0, /* nothing: the journal is begun anew */
    PP_RESUME_DONE,   /* inputs proven done: same file, same filters and options, output there */
    PP_RESUME_FAILED  /* all but those that failed in that run */
};

enum pp_file_state { PP_FILE_DONE, PP_FILE_FAILED, PP_FILE_SKIPPED };

/* What became of one input. Pointers are valid during the callback only. */
struct pp_file_report {
    enum pp_file_state state;
    const char *input;
    const char *output; /* NULL when no name was found for it */
    struct pp_error
        error; /* why it failed or was skipped. Its status is PP_OK when done,
                          and when it was skipped as the caller asked: the text says why */
    struct pp_convert_report convert;
    unsigned worker, attempt; /* attempt 0: never handed to a worker */
    double seconds;           /* from hand-out to its output's name; 0 if never handed out */
    int signal;               /* that killed the worker at its last attempt, 0 for none */
};

#define PP_BATCH_RUN_ID 16 /* bytes of a run's id with its NUL */

/* How far a run has come. Cost is predicted from size and format, in arbitrary units. */
struct pp_batch_progress {
    uint64_t done, failed, skipped;
    uint64_t total;   /* inputs found so far */
    bool total_known; /* the search for inputs has ended */
    double cost_done, cost_total;
    uint64_t bytes_in, bytes_out, pixels;
    uint64_t warnings;
    double seconds;        /* since the start */
    double seconds_worked; /* of these, all but those in which it was paused and nothing in work:
                              what rates and the time left are reckoned by */
    unsigned workers;      /* alive now */
    bool paused;           /* nothing is handed out: <pixpool/control.h> */
};

struct pp_batch_settings {
    const struct pp_chain *chain; /* parsed from `filters` by the caller, for checks */
    const char *filters;          /* the chain's text, given to the workers */
    struct pp_batch_inputs inputs;
    struct pp_batch_outputs outputs;
    struct pp_encode_settings encode;
    struct pp_color_settings color; /* PP_E_USAGE for a profile that is not of RGB or gray */
    enum pp_decode_path path;       /* PP_E_USAGE when it cannot serve with these filters */
    unsigned jobs;                  /* worker processes; 0: one a core */
    unsigned threads;               /* threads a worker; 0: automatic */
    double timeout;                 /* seconds per file; 0: none */
    double timeout_per_mp;          /* and so many more for each megapixel its header tells of */
    unsigned retries;               /* after a crash or an out-of-memory kill */
    bool fail_fast;                 /* stop handing out after the first failure */
    uint64_t max_pixels;            /* per input; 0: none */
    unsigned max_scans;       /* of a JPEG, each a pass over the whole picture; 0: any number */
    uint64_t memory;          /* bytes for all workers together; 0: three quarters of what is
                                 available */
    bool dry_run;             /* plan and report, write nothing */
    bool handle_signals;      /* SIGINT, SIGTERM, SIGHUP: finish what is in work, then return
                                 with pp_batch_result.signal set; a second one kills */
    const char *log_path;     /* JSON lines, one record a file; NULL for none */
    const char *joblog_path;  /* lines in the columns of GNU parallel's --joblog; NULL for none */
    const char *journal_path; /* what is done is recorded there; NULL for none, or with `resume`
                                 for the file .pixpool/journal below the output directory */
    enum pp_resume resume;
    const char *manifest_path; /* written at the end: each output's path and hashes, in the order
                                  the inputs are found; NULL for none */
    const char *check_path;    /* a manifest the outputs are compared with; NULL for none */
    enum pp_sandbox sandbox;   /* around the workers */
    enum pp_sync sync;
    bool control; /* other processes of the user's may see and lead it: <pixpool/control.h> */
    void *user;
    /* Called once, before anything else, where `control` is set: the run's id, or NULL and why it
     * has none, which keeps it from nothing else. May be NULL. */
    void (*begun)(void *user, const char *run, const char *why);
    void (*file)(void *user, const struct pp_file_report *report);
    /* Called at least ten times a second while the run goes on, and once at its end. */
    void (*tick)(void *user, const struct pp_batch_progress *progress);
    /* Called for each drift from the manifest at `check_path`: an output, its path in this run, and
     * how it differs, in words. May be NULL. */
    void (*drift)(void *user, const char *output, const char *how);
};

struct pp_batch_result {
    struct pp_batch_progress progress;
    int signal;       /* the signal that ended the run early, 0 for none */
    bool cancelled;   /* it was told to, as SIGINT does, which `signal` is then */
    bool output_full; /* stopped since the output's disk is full */
    uint64_t drifted; /* outputs that differ from the manifest, lack in it or are only there */
    bool sandboxed;   /* workers have run in the sandbox, and all had this much of it: */
    struct pp_sandbox_level sandbox;
};

/*
 * Run a batch to its end. PP_OK also when files failed: see result->progress.failed. Errors that
 * end or prevent the run: PP_E_USAGE (an input or option that cannot be), PP_E_READ (a list of
 * inputs), PP_E_WRITE and PP_E_NO_SPACE (output directory, log, journal; the disk is full),
 * PP_E_SYSTEM (no process can be started), PP_E_INTERNAL (workers die at once), PP_E_NO_MEMORY.
 * `result` is filled in every case.
 */
PP_API enum pp_status pp_batch_run(const struct pp_batch_settings *settings,
                                   struct pp_batch_result *result,
                                   struct pp_error *err) PP_MUST_CHECK;

/*
 * What pp_info_fd() told of the file at `path`, as one JSON object on one line, without a newline;
 * the caller frees it. A name that is not UTF-8 stands there in base64 too, as in the log. NULL
 * when memory is out.
 */
PP_API char *pp_info_json(const char *path, const struct pp_info *info) PP_MUST_CHECK;

/* If this process was started as a worker of a batch, run it, set *status and return true. */
PP_API bool pp_batch_worker_main(int argc, char **argv, int *status) PP_MUST_CHECK;

PP_END_DECLS

#endif
