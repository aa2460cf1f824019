/*
 * batch/walk.h - the inputs, one at a time, found while others are being converted.
 *
 * Directories are read entry by entry, never sorted or kept: memory holds the names of directories
 * still to be entered and nothing else. Links to files are followed, links to directories below
 * an input are not, so a walk ends. The output directory is not entered when it lies below an
 * input, and what this run itself has put beside the inputs is not taken for one.
 */
#ifndef PP_BATCH_WALK_H
#define PP_BATCH_WALK_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include <pixpool/batch.h>
#include <pixpool/error.h>

#include "batch/roots.h"
#include "batch/text.h"

/* The directory where a run keeps what it wants to know again; none of that name is entered. */
#define PP_WALK_HIDDEN ".pixpool"

/* One input. The strings belong to the walk and last until its next step. */
struct pp_found {
    const char *path;      /* as to be opened */
    const char *relative;  /* below the directory given; the last name for a file given */
    bool is_link;          /* found below a directory, as a symbolic link */
    struct stat stat;      /* of a regular file; undefined when error.status is set */
    struct pp_error error; /* the input cannot be used: missing, unreadable, no file */
};

struct pp_walk {
    const struct pp_batch_inputs *inputs;
    struct pp_roots *roots;
    struct pp_roots_at at;
    bool links_only;     /* of what lies below directories, give the links alone */
    struct stat skipped; /* the output directory, st_ino 0 when there is none */
    char *root;          /* owned: the directory given, NULL between directories */
    char *root_real;     /* owned: the same without links */
    char **pending;      /* owned: directories below root still to be entered */
    size_t pending_count, pending_room;
    char *directory; /* owned: the one being read, below root, "" for root itself */
    DIR *stream;     /* owned: the same */
    struct pp_text path, relative;
};

/* The inputs, the roots and `output` (NULL when it does not exist) must outlive the walk. */
void pp_walk_init(struct pp_walk *walk, const struct pp_batch_inputs *inputs,
                  struct pp_roots *roots, const struct stat *output);
void pp_walk_release(struct pp_walk *walk);

/* The next input. *any is false past the last. Errors that end the walk: PP_E_NO_MEMORY; anything
 * else is told of the input found. */
enum pp_status pp_walk_next(struct pp_walk *walk, struct pp_found *found, bool *any,
                            struct pp_error *err) PP_MUST_CHECK;

/* The real path of the input found last, its last name not followed; empty for a file given by
 * name. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_walk_real_path(const struct pp_walk *walk, const struct pp_found *found,
                                 struct pp_text *real, struct pp_error *err) PP_MUST_CHECK;

#endif
