/*
 * batch/staged.h - an output that has no name yet.
 *
 * A worker writes into a file that nobody can see; only the supervisor gives it its name, in one
 * step, once it is known to be whole. Where the file system has no unnamed files, or an existing
 * output is to be replaced, a hidden name in the same directory stands in for the shortest time
 * there is. The supervisor's thread owns it.
 */
#ifndef PP_BATCH_STAGED_H
#define PP_BATCH_STAGED_H

#include <stdbool.h>
#include <sys/types.h>

#include <pixpool/error.h>

struct pp_staged {
    int fd;           /* -1: none */
    bool lent;        /* the descriptor is somebody else's to close by now */
    const char *path; /* the final path; the caller's */
    char *hidden;     /* owned: the hidden name in use, NULL for an unnamed file */
};

/*
 * Create the file for the output `path`, which must outlive it, in the deepest directory of it that
 * exists. Errors:
 * PP_E_WRITE, PP_E_NO_SPACE, PP_E_NO_MEMORY; PP_E_SYSTEM when no descriptor is free, which is not
 * the file's fault.
 */
enum pp_status pp_staged_open(struct pp_staged *staged, const char *path,
                              struct pp_error *err) PP_MUST_CHECK;

/* Give it its name, making the directories missing. An existing file is an error (PP_E_CONFLICT)
 * unless `replace`: then it is replaced whole. Errors: PP_E_WRITE, PP_E_NO_SPACE. */
enum pp_status pp_staged_publish(struct pp_staged *staged, bool replace,
                                 struct pp_error *err) PP_MUST_CHECK;

/* Close the descriptor and remove what was not published. A struct with fd -1 is allowed. */
void pp_staged_release(struct pp_staged *staged);

/* The name that `process` of this machine uses beside the output `path` for a short while: hidden,
 * so that no glob meets it, and no two runs and no two files of a run share one. The caller frees
 * it; NULL when memory is out. */
char *pp_staged_hidden_name(const char *path, pid_t process);

/* Remove the hidden files in `directory` that runs of this machine left when they were killed.
 * Returns whether nothing else was seen in it. */
bool pp_staged_sweep(const char *directory);

/* Make every directory of `path` that is missing, the last name included when `whole`. */
enum pp_status pp_make_directories(const char *path, bool whole,
                                   struct pp_error *err) PP_MUST_CHECK;

#endif
