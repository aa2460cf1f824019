/*
 * cli/exits.h - what the program's exit status says.
 */
#ifndef PP_CLI_EXITS_H
#define PP_CLI_EXITS_H

#include <pixpool/batch.h>
#include <pixpool/error.h>

/* 70, 71 and 74 mean what they mean in sysexits.h. */
enum pp_exit {
    PP_EXIT_OK = 0,
    PP_EXIT_FILES_FAILED = 1,
    PP_EXIT_USAGE = 2,
    PP_EXIT_NOTHING = 3,
    PP_EXIT_INTERNAL = 70,
    PP_EXIT_SYSTEM = 71,
    PP_EXIT_OUTPUT = 74
};

/* One line of the exit codes' documentation. */
struct pp_exit_text {
    const char *code, *text;
};

/* For --help and the manual page; NULL past the last. */
const struct pp_exit_text *pp_exit_text_at(size_t index);

/* The exit status for an error that ended the program or prevented its run. */
enum pp_exit pp_exit_of_status(enum pp_status status);

/* The exit status of a batch that ended with `status`. A signal is left to the caller. */
enum pp_exit pp_exit_of_batch(enum pp_status status, const struct pp_batch_result *result);

#endif
