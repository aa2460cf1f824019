/*
 * pixpool/control.h - runs that are going on, seen and led from other processes.
 *
 * A batch whose settings say `control` has an id, a few letters and digits, and a Unix socket of
 * that name in a directory of its user's: "pixpool" below $XDG_RUNTIME_DIR, or /tmp/pixpool-UID. No
 * other user's process gets an answer, and no other user's run is asked. What a dead run left there
 * is removed by whoever comes upon it.
 *
 * All functions may be called from any process and thread. `seconds` is how long the run may take
 * to answer: negative is for ever. Errors of all of them: PP_E_CLOSED when no run of that id is
 * going on, PP_E_TIMEOUT, PP_E_LIMIT when too many ask it at once, PP_E_USAGE, PP_E_CORRUPT for an
 * answer that makes no sense, PP_E_NO_MEMORY, PP_E_SYSTEM.
 */
#ifndef PIXPOOL_CONTROL_H
#define PIXPOOL_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/api.h>
#include <pixpool/batch.h>
#include <pixpool/error.h>

PP_BEGIN_DECLS

/* Ids of the user's runs in order. The caller frees it with pp_control_list_free(). */
struct pp_control_list {
    char (*runs)[PP_BATCH_RUN_ID];
    size_t count;
};

/* Those that can be connected to now; a directory that cannot be read has none. */
PP_API enum pp_status pp_control_list(struct pp_control_list *list,
                                      struct pp_error *err) PP_MUST_CHECK;
/* A zeroed list is allowed. */
PP_API void pp_control_list_free(struct pp_control_list *list);

/* A worker of a run. */
struct pp_control_worker {
    unsigned worker;   /* its number, from 0 */
    int64_t process;   /* its id */
    const char *input; /* the file it is at; NULL: none */
    double seconds;    /* since it is at it */
    unsigned percent;  /* of it that is done, as far as the way it is converted tells */
};

/* How a run stands. */
struct pp_control_status {
    char run[PP_BATCH_RUN_ID];
    int64_t process;     /* of the supervisor */
    const char *filters; /* the chain's text */
    struct pp_batch_progress progress;
    bool stopping; /* cancelled, or ended by a signal: what is in work may end */
    unsigned jobs; /* workers there may be */
    struct pp_control_worker *workers;
    size_t worker_count;
};

/* Ask a run how it stands. On PP_OK *status is the caller's, with all it points to, to be freed
 * with pp_control_status_free(). */
PP_API enum pp_status pp_control_ask(const char *run, double seconds,
                                     struct pp_control_status **status,
                                     struct pp_error *err) PP_MUST_CHECK;
/* NULL is allowed. */
PP_API void pp_control_status_free(struct pp_control_status *status);

/* As one JSON object on one line, without a newline; the caller frees it. A name that is not UTF-8
 * stands there in base64 too, as in the log. NULL when memory is out. */
PP_API char *pp_control_json(const struct pp_control_status *status) PP_MUST_CHECK;

/* What a run can be told. */
enum pp_control_word {
    PP_CONTROL_PAUSE,  /* hand out nothing more; what is in work ends */
    PP_CONTROL_RESUME, /* go on */
    PP_CONTROL_CANCEL, /* end as at SIGINT: what is in work may finish for a few seconds */
    PP_CONTROL_JOBS    /* have so many workers */
};

/* Tell a run. `jobs` is for PP_CONTROL_JOBS alone, from 1 to PP_POOL_WORKERS_MAX. PP_OK: it has
 * heard it. */
PP_API enum pp_status pp_control_tell(const char *run, enum pp_control_word word, unsigned jobs,
                                      double seconds, struct pp_error *err) PP_MUST_CHECK;

PP_END_DECLS

#endif
