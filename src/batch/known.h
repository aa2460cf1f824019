/*
 * batch/known.h - whether an existing file is one of the inputs.
 *
 * Asked only when an output would replace something, so most runs never fill it: the first question
 * goes over all inputs named and remembers the files by device and inode, the directories by their
 * real paths. A file below a directory given is an input when the walk would come by it; where the
 * walk would come by a link, the file behind it is one too, so directories are searched for links.
 */
#ifndef PP_BATCH_KNOWN_H
#define PP_BATCH_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include <pixpool/batch.h>
#include <pixpool/error.h>

#include "batch/roots.h"

struct pp_file_id {
    dev_t device;
    ino_t inode;
};

struct pp_known {
    bool filled;
    struct pp_file_id *files; /* owned, sorted */
    size_t file_count, file_room;
    char **directories; /* owned: real paths */
    size_t directory_count, directory_room;
};

/* What is asked about. */
struct pp_suspect {
    const char *location;    /* the real path, its last name not followed */
    const char *target;      /* where that leads, followed to its end; NULL: nowhere */
    const char *output_root; /* real path of the output directory, which is not walked into when it
                                lies below a directory given; NULL when there is none yet */
    const struct stat *stat; /* of the file, links followed */
};

/* Whether it is among the inputs. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_known_is_input(struct pp_known *known, struct pp_roots *roots,
                                 const struct pp_suspect *suspect, bool *is_input,
                                 struct pp_error *err) PP_MUST_CHECK;
void pp_known_release(struct pp_known *known);

#endif
