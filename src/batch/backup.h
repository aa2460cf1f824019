/*
 * batch/backup.h - a file is kept under a second name before it is replaced. The supervisor's
 * thread.
 */
#ifndef PP_BATCH_BACKUP_H
#define PP_BATCH_BACKUP_H

#include <stdbool.h>
#include <sys/stat.h>

#include <pixpool/error.h>

/*
 * Give the file at `path` the further name `backup`; where links are not to be had, a copy on the
 * disk with its permissions, owner and times. A name that is taken is an error unless it is the
 * same file's. *made tells whether there is something to take back. Errors: PP_E_CONFLICT, and as
 * pp_staged_publish().
 */
enum pp_status pp_backup_make(const char *path, const char *backup, bool *made,
                              struct pp_error *err) PP_MUST_CHECK;

#endif
