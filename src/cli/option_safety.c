/* The options that say what becomes of a run when something goes wrong, or did. */
#include "cli/options.h"

#define MEMBER(name) offsetof(struct pp_options, name)

static const struct pp_choice sandboxes[] = {
    {"auto", PP_SANDBOX_AUTO, false},
    {"require", PP_SANDBOX_REQUIRE, false},
    {"off", PP_SANDBOX_OFF, false},
    {NULL, 0, false},
};
static const struct pp_choice syncs[] = {
    {"none", PP_SYNC_NONE, false},
    {"batch", PP_SYNC_BATCH, false},
    {"each", PP_SYNC_EACH, false},
    {NULL, 0, false},
};
static const struct pp_choice resume[] = {{"", PP_RESUME_DONE, false}};
static const struct pp_choice retry_failed[] = {{"", PP_RESUME_FAILED, false}};

const struct pp_option pp_safety_options[] = {
    {.name = "in-place",
     .argument = "[=SUFFIX]",
     .group = PP_GROUP_OUTPUT,
     .kind = PP_OPTION_BACKUP,
     .member = MEMBER(batch.outputs.in_place),
     .summary = "instead of -o: put each output in the place of its input, whole or not at all; "
                "with SUFFIX the input is kept under its name followed by SUFFIX"},
    {.name = "preserve",
     .letter = 'p',
     .group = PP_GROUP_OUTPUT,
     .kind = PP_OPTION_FLAG,
     .member = MEMBER(batch.outputs.preserve),
     .summary = "give each output the permissions, the times and, where allowed, the owner of its "
                "input"},
    {.name = "timeout-per-mp",
     .argument = "SECONDS",
     .group = PP_GROUP_RUNNING,
     .kind = PP_OPTION_SECONDS,
     .member = MEMBER(batch.timeout_per_mp),
     .min = 0,
     .max = 1000000,
     .summary = "further time for each megapixel of a file; default 0"},
    {.name = "sandbox",
     .argument = "auto|require|off",
     .group = PP_GROUP_SAFETY,
     .kind = PP_OPTION_CHOICE,
     .member = MEMBER(batch.sandbox),
     .choices = sandboxes,
     .summary = "keep the workers from everything but the files they are given; auto, the "
                "default, as far as the system can, require to run no other way"},
    {.name = "sync",
     .argument = "none|batch|each",
     .group = PP_GROUP_SAFETY,
     .kind = PP_OPTION_CHOICE,
     .member = MEMBER(batch.sync),
     .choices = syncs,
     .summary = "write outputs to the disk before they are named, so that a power failure leaves "
                "none cut short: in groups, the default, or each by itself"},
    {.name = "journal",
     .argument = "FILE",
     .group = PP_GROUP_SAFETY,
     .kind = PP_OPTION_TEXT,
     .member = MEMBER(batch.journal_path),
     .summary = "record in FILE what is done, for --resume; begun anew without it"},
    {.name = "resume",
     .group = PP_GROUP_SAFETY,
     .kind = PP_OPTION_SET,
     .member = MEMBER(batch.resume),
     .choices = resume,
     .summary = "go on where a run with the same journal ended: leave out what is proven done, by "
                "the same input, filters and options; the journal is OUTPUT/.pixpool/journal "
                "unless --journal names another, and is begun when it is missing"},
    {.name = "resume-failed",
     .group = PP_GROUP_SAFETY,
     .kind = PP_OPTION_SET,
     .member = MEMBER(batch.resume),
     .choices = resume,
     .summary = "the same, by the name GNU parallel has for it: what failed is tried again"},
    {.name = "retry-failed",
     .group = PP_GROUP_SAFETY,
     .kind = PP_OPTION_SET,
     .member = MEMBER(batch.resume),
     .choices = retry_failed,
     .summary = "try those again that failed, and no others"},
    {.name = "joblog",
     .argument = "FILE",
     .group = PP_GROUP_REPORTING,
     .kind = PP_OPTION_TEXT,
     .member = MEMBER(batch.joblog_path),
     .summary = "write one line a file to FILE, in the columns of GNU parallel's joblog"},
    {.name = "manifest",
     .argument = "FILE",
     .group = PP_GROUP_REPORTING,
     .kind = PP_OPTION_TEXT,
     .member = MEMBER(batch.manifest_path),
     .summary = "write each output's path and the hashes of its pixels and of its bytes to FILE, "
                "in the order the inputs are found"},
    {.name = "check",
     .argument = "FILE",
     .group = PP_GROUP_REPORTING,
     .kind = PP_OPTION_TEXT,
     .member = MEMBER(batch.check_path),
     .summary = "compare the outputs with the manifest FILE; exit with status 1 when any differs"},
};

const size_t pp_safety_option_count = sizeof pp_safety_options / sizeof *pp_safety_options;
