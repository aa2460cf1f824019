/*
 * batch/preserve.h - an output looks like its input: permissions, owner, times.
 *
 * It is told to the open file, so that its name never shows other permissions. Extended attributes
 * and access lists stay behind. The supervisor's thread.
 */
#ifndef PP_BATCH_PRESERVE_H
#define PP_BATCH_PRESERVE_H

#include <stdbool.h>
#include <sys/stat.h>

#include <pixpool/error.h>

/*
 * Give the file behind `fd`, whose bytes are all written, what `from` has; the times of last access
 * and change only with `times`. What the user may not give, as a rule the owner, is left out
 * without a word, and with the owner go set-user-ID and set-group-ID. Errors: PP_E_WRITE,
 * PP_E_NO_SPACE (the owner's quota).
 */
enum pp_status pp_preserve(int fd, const struct stat *from, bool times,
                           struct pp_error *err) PP_MUST_CHECK;

#endif
