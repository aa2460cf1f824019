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
    mode_t mode;      /* it is made with, less the umask */
};

/* What an output may be made with where the umask alone decides, and where it is given its mode
 * before its name and is nobody else's until then. */
#define PP_STAGED_MODE_OPEN    0666
#define PP_STAGED_MODE_PRIVATE 0600

/*
 * Create the file for the output `path`, which must outlive it, in the deepest directory of it that
 * exists. Errors: PP_E_WRITE, PP_E_NO_SPACE, PP_E_NO_MEMORY; PP_E_SYSTEM when no descriptor is
 * free, which is not the file's fault.
 */
enum pp_status pp_staged_open(struct pp_staged *staged, const char *path, mode_t mode,
                              struct pp_error *err) PP_MUST_CHECK;

/* Give it its name, making the directories missing. An existing file is an error (PP_E_CONFLICT)
 * unless `replace`: then it is replaced whole. Errors: PP_E_WRITE, PP_E_NO_SPACE. */
enum pp_status pp_staged_publish(struct pp_staged *staged, bool replace,
                                 struct pp_error *err) PP_MUST_CHECK;

/* Put it in the place of the file at its path, whole: at every moment the old or the new is there.
 * Errors: PP_E_WRITE, PP_E_NO_SPACE. */
enum pp_status pp_staged_replace(struct pp_staged *staged, struct pp_error *err) PP_MUST_CHECK;

/* Close the descriptor and remove what was not published. A struct with fd -1 is allowed. */
void pp_staged_release(struct pp_staged *staged);

/* Make every directory of `path` that is missing, the last name included when `whole`. */
enum pp_status pp_make_directories(const char *path, bool whole,
                                   struct pp_error *err) PP_MUST_CHECK;

#endif
