#include "cli/exits.h"

static const struct pp_exit_text texts[] = {
    {"0", "every picture was converted, or skipped as asked"},
    {"1", "at least one file failed, or differs from the manifest checked; all others were "
          "converted"},
    {"2", "the command line or a list of files is wrong; nothing was done"},
    {"3", "no picture was found among the inputs; no such run is going on"},
    {"70", "a fault of pixpool itself"},
    {"71", "no process or no memory is to be had"},
    {"74", "the output directory or the log cannot be written at all, or the disk is full"},
    {"130, 143", "ended by SIGINT, or \"pixpool cancel\", or by SIGTERM"},
};

const struct pp_exit_text *pp_exit_text_at(size_t index)
{
    return index < sizeof texts / sizeof *texts ? &texts[index] : NULL;
}

enum pp_exit pp_exit_of_status(enum pp_status status)
{
    switch (status) {
    case PP_OK:
        return PP_EXIT_OK;
    case PP_E_USAGE:
    case PP_E_READ:
    case PP_E_CONFLICT:
        return PP_EXIT_USAGE;
    case PP_E_WRITE:
    case PP_E_NO_SPACE:
        return PP_EXIT_OUTPUT;
    case PP_E_SYSTEM:
    case PP_E_NO_MEMORY:
        return PP_EXIT_SYSTEM;
    default:
        return PP_EXIT_INTERNAL;
    }
}

enum pp_exit pp_exit_of_batch(enum pp_status status, const struct pp_batch_result *result)
{
    if (status != PP_OK)
        return pp_exit_of_status(status);
    if (result->output_full)
        return PP_EXIT_OUTPUT;
    if (result->progress.total == 0)
        return PP_EXIT_NOTHING;
    return result->progress.failed || result->drifted ? PP_EXIT_FILES_FAILED : PP_EXIT_OK;
}
