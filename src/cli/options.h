/*
 * cli/options.h - the command line as a struct of settings.
 *
 * One table (option_table.c) says what options there are; parsing, --help and the manual page all
 * come from it. Nothing here prints or exits.
 */
#ifndef PP_CLI_OPTIONS_H
#define PP_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <pixpool/batch.h>
#include <pixpool/control.h>
#include <pixpool/error.h>

#include "cli/excerpt.h"
#include "cli/presets.h"

enum pp_command {
    PP_COMMAND_CONVERT = 0,
    PP_COMMAND_FILTERS,
    PP_COMMAND_PRESETS,
    PP_COMMAND_INFO,
    PP_COMMAND_BENCH,
    PP_COMMAND_STATUS,
    PP_COMMAND_CONTROL,
    PP_COMMAND_HELP,
    PP_COMMAND_BENCH_HELP,
    PP_COMMAND_INFO_HELP,
    PP_COMMAND_CONTROL_HELP,
    PP_COMMAND_VERSION,
    PP_COMMAND_MANUAL
};

enum pp_progress_style {
    PP_PROGRESS_AUTO = 0, /* a bar on a terminal, lines elsewhere */
    PP_PROGRESS_BAR,
    PP_PROGRESS_PLAIN,
    PP_PROGRESS_NONE
};

/* Texts given with an option that may be repeated. */
struct pp_text_list {
    const char **texts; /* owned; the texts themselves are argv's */
    size_t count;
};

/* What `pixpool bench` takes beside the settings of a batch. */
struct pp_bench_settings {
    unsigned repeat;
    const char *json;     /* where results go, "-" for standard output; NULL for nowhere */
    const char *baseline; /* results to compare with; NULL for none */
    double max_slowdown;  /* a share: 0.05 is 5 % */
};

/* What `pixpool status`, `pause`, `resume`, `cancel` and `jobs` take. */
struct pp_control_options {
    enum pp_control_word word; /* PP_COMMAND_CONTROL */
    const char *run;           /* NULL: all of them, or the only one */
    unsigned jobs;             /* PP_CONTROL_JOBS */
};

/* What the command line asks for. Its texts are argv's, which live as long, or the preset's. */
struct pp_options {
    enum pp_command command;
    const char *filter_name;           /* PP_COMMAND_FILTERS: the one to explain, NULL for a list */
    struct pp_batch_settings batch;    /* PP_COMMAND_CONVERT: all but user, file and tick;
                                          PP_COMMAND_BENCH: no outputs either */
    struct pp_bench_settings bench;    /* PP_COMMAND_BENCH */
    struct pp_control_options control; /* PP_COMMAND_STATUS, PP_COMMAND_CONTROL */
    struct pp_chain *chain;            /* owned */
    const char *preset;                /* the name of the one asked for */
    struct pp_presets presets;         /* those it was found among; owned */
    const struct pp_preset_setting *preset_filters; /* its chain, NULL when it has none */
    bool json;                                      /* PP_COMMAND_INFO and _STATUS: as JSON */
    struct pp_text_list include, exclude;
    const char *profile; /* the file of --profile; NULL for none */
    void *profile_data;  /* owned: its bytes, which batch.color points to */
    enum pp_progress_style progress;
    bool verbose, quiet;
    struct pp_excerpt wrong; /* after an error in a chain of filters: where */
};

/*
 * Parse argv, whose elements are reordered (options first). On PP_OK *options is the caller's and
 * is released with pp_options_release(). On an error it holds nothing but `wrong`; the text is one
 * line that names the option or operand, without the program's name. Uses getopt's globals: one
 * thread. Errors: PP_E_USAGE, PP_E_NO_MEMORY.
 */
enum pp_status pp_options_parse(int argc, char **argv, struct pp_options *options,
                                struct pp_error *err) PP_MUST_CHECK;
/* Free what is owned; a zeroed struct is allowed. */
void pp_options_release(struct pp_options *options);

/* ---- the table ------------------------------------------------------------------------------ */

enum pp_option_group {
    PP_GROUP_INPUT,
    PP_GROUP_OUTPUT,
    PP_GROUP_ENCODING,
    PP_GROUP_RUNNING,
    PP_GROUP_SAFETY,
    PP_GROUP_REPORTING,
    PP_GROUP_INFO,
    PP_GROUP_BENCH,
    PP_GROUP_COUNT
};

/* What an option's value is, and the type of the member it goes to. */
enum pp_option_kind {
    PP_OPTION_FLAG,        /* no value; bool becomes true */
    PP_OPTION_SET,         /* no value; an enum becomes choices[0].value */
    PP_OPTION_COMMAND,     /* the same with enum pp_command, and parsing ends there */
    PP_OPTION_TEXT,        /* not empty; const char * */
    PP_OPTION_AFFIX,       /* a text without a slash; const char * */
    PP_OPTION_BACKUP,      /* a text without a slash, "" when it is not given; const char * */
    PP_OPTION_LIST,        /* not empty, repeatable; struct pp_text_list */
    PP_OPTION_CHOICE,      /* one of `choices`; an enum */
    PP_OPTION_INTEGER,     /* min to max, or one of `choices`; int or unsigned */
    PP_OPTION_SECONDS,     /* min to max; double */
    PP_OPTION_SHARE,       /* "5%" or "0.05", up to max percent; double */
    PP_OPTION_PARTS,       /* some of `choices`, joined by commas, the first when none is given;
                              unsigned, the bits of their values */
    PP_OPTION_OTHER_PARTS, /* the same, and the bits of the first but not of those given */
    PP_OPTION_PIXELS,      /* uint64_t */
    PP_OPTION_BYTES        /* uint64_t */
};

/* A word allowed as a value. */
struct pp_choice {
    const char *word; /* NULL ends a list */
    int value;
    bool alias; /* understood but not listed */
};

struct pp_option {
    const char *name;     /* without its dashes */
    char letter;          /* the short form, 0 for none */
    const char *argument; /* how the value is called in texts, NULL where there is none; begins
                             with "[=" where it may be left out */
    enum pp_option_group group;
    enum pp_option_kind kind;
    size_t member; /* offset into struct pp_options */
    int min, max;
    const struct pp_choice *choices;
    bool hidden;         /* not listed in --help: for the build alone */
    const char *summary; /* what it does, with its default; no full stop */
};

/* Those that say how a run goes about its work; pp_option_at() lists them too. */
extern const struct pp_option pp_running_options[];
extern const size_t pp_running_option_count;

/* Those that say what becomes of a run when something goes wrong; likewise. */
extern const struct pp_option pp_safety_options[];
extern const size_t pp_safety_option_count;

/* Those that say what becomes of colours; likewise. */
extern const struct pp_option pp_color_options[];
extern const size_t pp_color_option_count;

/* The options in the order they are listed; NULL past the last. */
const struct pp_option *pp_option_at(size_t index);
/* Whether it says something to `pixpool bench`. */
bool pp_option_serves_bench(const struct pp_option *option);
/* The same of `pixpool info`. */
bool pp_option_serves_info(const struct pp_option *option);
/* The same of `pixpool status`; the other words that lead runs take --help alone. */
bool pp_option_serves_status(const struct pp_option *option);
bool pp_option_serves_control(const struct pp_option *option);
/* The heading of a group, "Input". */
const char *pp_option_group_title(enum pp_option_group group);

/* ---- runs that are led: option_control.c ----------------------------------------------------- */

/* The command that the first word is, if it is one of these; else PP_COMMAND_CONVERT. */
enum pp_command pp_control_command(const char *word);
/* What follows; operands[0] is such a word, and NULL ends them. Errors: PP_E_USAGE. */
enum pp_status pp_control_parse(char **operands, struct pp_options *options,
                                struct pp_error *err) PP_MUST_CHECK;

#endif
