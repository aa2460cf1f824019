/*
 * From a job planned to a task in the pool: both of its files are opened here, so that a worker
 * needs no right to open anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "batch/job.h"
#include "batch/peek.h"
#include "batch/run.h"

/* A file that takes longer keeps a worker busy for so long that nothing should wait behind it. */
#define LARGE_NS 50e6
/* A file known to take less may have several others queued behind it. */
#define SMALL_NS 1e6
/* Where no header tells of the pixels: few pictures have less than a bit for each. */
#define PIXELS_A_BYTE 8
/* Files are read in one or two calls below this; read-ahead has nothing to win. */
#define READ_AHEAD_BYTES (128 * 1024)

/* O_NONBLOCK: a name may have become a FIFO since it was found, and must not hang us. */
static enum pp_status open_input(struct pp_file_job *job, int *fd, struct pp_error *err)
{
    *fd = open(job->input, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0 && (errno == EMFILE || errno == ENFILE))
        return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot open");
    if (*fd < 0)
        return pp_error_errno(err, PP_E_READ, errno, "cannot open");
    if (fstat(*fd, &job->opened) == 0 && S_ISREG(job->opened.st_mode))
        return PP_OK;
    close(*fd);
    *fd = -1;
    return pp_error_set(err, PP_E_READ, "cannot read: not a regular file");
}

/* What the picture's size adds to the time its file may take, seconds. */
static double more_time(const struct pp_run *run, const struct pp_file_job *job, int input)
{
    uint64_t pixels = job->file.pixels;

    if (!(run->settings->timeout_per_mp > 0))
        return 0;
    if (pixels == 0)
        pixels = pp_peek_pixels(input);
    if (pixels == 0)
        pixels = job->file.bytes * PIXELS_A_BYTE;
    return run->settings->timeout_per_mp * (double)pixels / 1e6;
}

static enum pp_status submit(struct pp_run *run, struct pp_file_job *job, int input,
                             struct pp_error *err)
{
    /* Much may have been learnt since it was planned. */
    double cost = pp_cost_predict(&run->cost, &job->file);
    struct pp_task task = {
        .tag = (uint64_t)(uintptr_t)job,
        .fds = {[PP_JOB_INPUT] = input, [PP_JOB_OUTPUT] = job->staged.fd},
        .large = cost > LARGE_NS,
        .more_time = more_time(run, job, input),
        .small = cost < SMALL_NS && pp_cost_is_learnt(&run->cost, job->file.format),
    };

    job->handed_out = pp_clock_ns();
    enum pp_status status = pp_pool_submit(run->pool, &task, err);
    if (status == PP_OK)
        job->staged.lent = true;
    return status;
}

static enum pp_status open_and_submit(struct pp_run *run, struct pp_file_job *job,
                                      struct pp_error *err)
{
    mode_t mode = pp_run_preserves(run) ? PP_STAGED_MODE_PRIVATE : PP_STAGED_MODE_OPEN;
    int input = -1;

    enum pp_status status = open_input(job, &input, err);
    if (status == PP_OK)
        status = pp_staged_open(&job->staged, job->output, mode, err);
    if (status == PP_OK) {
        if (job->file.bytes > READ_AHEAD_BYTES)
            posix_fadvise(input, 0, 0, POSIX_FADV_WILLNEED);
        status = submit(run, job, input, err);
    }
    if (status != PP_OK && input >= 0)
        close(input);
    return status;
}

/* Too few descriptors are nobody's fault: the job waits until one in work is done. When none is,
 * none will ever be free. */
static enum pp_status put_back(struct pp_run *run, struct pp_file_job *job,
                               const struct pp_error *why, struct pp_error *err)
{
    pp_staged_release(&job->staged);
    pp_window_push(&run->window, job);
    run->starved = true;
    if (pp_pool_pending(run->pool) > 0 || !pp_group_is_empty(&run->group))
        return PP_OK;
    return pp_error_set(err, PP_E_SYSTEM, "%s", why->text);
}

static void report_dry(struct pp_run *run, struct pp_file_job *job)
{
    struct pp_error none = {0};

    pp_run_refuse(run, job, PP_FILE_DONE, &none);
}

/* Nothing is begun while descriptors are short, the disk or the log's reader is far behind. */
static bool may_begin(const struct pp_run *run)
{
    return run->phase == PP_RUN_GOING && !run->paused && !run->starved &&
           !pp_log_is_behind(&run->log) && !pp_lines_are_behind(&run->joblog.lines) &&
           !(run->group.held_max && pp_group_is_full(&run->group));
}

enum pp_status pp_run_hand_out(struct pp_run *run, struct pp_error *err)
{
    enum pp_status status = PP_OK;

    while (status == PP_OK && may_begin(run) && run->window.count > 0) {
        struct pp_error why = {0};
        if (run->pool && !pp_pool_has_room(run->pool))
            break;
        struct pp_file_job *job = pp_window_pop(&run->window);
        if (!run->pool) {
            report_dry(run, job);
            continue;
        }
        enum pp_status opened = open_and_submit(run, job, &why);
        if (opened == PP_E_SYSTEM)
            status = put_back(run, job, &why, err);
        else if (opened != PP_OK)
            pp_run_refuse(run, job, PP_FILE_FAILED, &why);
    }
    return status;
}
