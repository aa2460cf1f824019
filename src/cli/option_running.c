/* The options that say how a run goes about its work: its workers, its limits, what it does of it.
 */
#include "cli/options.h"

#define MEMBER(name) offsetof(struct pp_options, name)

const struct pp_option pp_running_options[] = {
    {.name = "preset",
     .argument = "NAME",
     .group = PP_GROUP_RUNNING,
     .kind = PP_OPTION_TEXT,
     .member = MEMBER(preset),
     .summary = "filters and options under a name, from $XDG_CONFIG_HOME/pixpool/presets or built "
                "in (\"pixpool presets\" lists them); options given here win, and FILTERS are left "
                "out where it has some"},
    {.name = "jobs",
     .letter = 'j',
     .argument = "N",
     .group = PP_GROUP_RUNNING,
     .kind = PP_OPTION_INTEGER,
     .member = MEMBER(batch.jobs),
     .min = 1,
     .max = 1024,
     .summary = "worker processes, 1 to 1024; default one for each core"},
    {.name = "threads",
     .letter = 't',
     .argument = "N",
     .group = PP_GROUP_RUNNING,
     .kind = PP_OPTION_INTEGER,
     .member = MEMBER(batch.threads),
     .min = 1,
     .max = 256,
     .summary = "threads in each worker, 1 to 256; default 1, and more at the end of a run when "
                "cores fall idle"},
    {.name = "timeout",
     .argument = "SECONDS",
     .group = PP_GROUP_RUNNING,
     .kind = PP_OPTION_SECONDS,
     .member = MEMBER(batch.timeout),
     .min = 0,
     .max = 1000000,
     .summary = "the time one file may take, decimals allowed, 0 for no limit; default 300"},
    {.name = "retries",
     .argument = "N",
     .group = PP_GROUP_RUNNING,
     .kind = PP_OPTION_INTEGER,
     .member = MEMBER(batch.retries),
     .min = 0,
     .max = 10,
     .summary = "further attempts at a file whose worker crashed or was killed, 0 to 10; "
                "default 1"},
    {.name = "fail-fast",
     .group = PP_GROUP_RUNNING,
     .kind = PP_OPTION_FLAG,
     .member = MEMBER(batch.fail_fast),
     .summary = "begin no more files after the first that fails"},
    {.name = "max-pixels",
     .argument = "N",
     .group = PP_GROUP_RUNNING,
     .kind = PP_OPTION_PIXELS,
     .member = MEMBER(batch.max_pixels),
     .summary = "refuse larger pictures: 500000000, 100mp or 1.5gp, 0 for no limit; "
                "default 1gp"},
    {.name = "max-scans",
     .argument = "N",
     .group = PP_GROUP_RUNNING,
     .kind = PP_OPTION_INTEGER,
     .member = MEMBER(batch.max_scans),
     .min = 0,
     .max = 1000000,
     .summary = "refuse JPEGs of more scans, each of which is a pass over the whole picture, 0 for "
                "no limit; default 500"},
    {.name = "memory",
     .argument = "BYTES",
     .group = PP_GROUP_RUNNING,
     .kind = PP_OPTION_BYTES,
     .member = MEMBER(batch.memory),
     .summary = "what all workers may use together: 800M, 2GiB (k, M and G are powers of 1024, "
                "kB, MB and GB of 1000); 0, the default, for three quarters of what is available"},
    {.name = "dry-run",
     .group = PP_GROUP_RUNNING,
     .kind = PP_OPTION_FLAG,
     .member = MEMBER(batch.dry_run),
     .summary = "write nothing; list each input and its output on standard output"},
};

const size_t pp_running_option_count = sizeof pp_running_options / sizeof *pp_running_options;
