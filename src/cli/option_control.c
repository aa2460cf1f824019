/* The words that lead runs, and what follows them. */
#include "cli/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <pixpool/pool.h>

static const struct control_verb {
    const char *verb;
    enum pp_control_word word; /* of no meaning for "status" */
} verbs[] = {
    {"status", PP_CONTROL_PAUSE},  {"pause", PP_CONTROL_PAUSE}, {"resume", PP_CONTROL_RESUME},
    {"cancel", PP_CONTROL_CANCEL}, {"jobs", PP_CONTROL_JOBS},
};

static const struct control_verb *find(const char *word)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (!strcmp(verbs[i].verb, word))
            return &verbs[i];
    return NULL;
}

enum pp_command pp_control_command(const char *word)
{
    const struct control_verb *verb = find(word);

    if (!verb)
        return PP_COMMAND_CONVERT;
    return verb == verbs ? PP_COMMAND_STATUS : PP_COMMAND_CONTROL;
}

static enum pp_status parse_number(const char *text, unsigned *number, struct pp_error *err)
{
    unsigned long value;
    char *end;

    errno = 0;
    value = text ? strtoul(text, &end, 10) : 0;
    if (!text)
        return pp_error_set(err, PP_E_USAGE, "N is missing: \"pixpool jobs N [RUN]\"");
    if (*text < '0' || *text > '9' || *end || errno || value == 0 || value > PP_POOL_WORKERS_MAX)
        return pp_error_set(err, PP_E_USAGE, "\"%s\": a number of workers is 1 to %d", text,
                            PP_POOL_WORKERS_MAX);
    *number = (unsigned)value;
    return PP_OK;
}

enum pp_status pp_control_parse(char **operands, struct pp_options *options, struct pp_error *err)
{
    const struct control_verb *verb = find(operands[0]);
    char **rest = operands + 1; /* argv ends with NULL */

    options->command = pp_control_command(operands[0]);
    options->control.word = verb->word;
    if (verb->word == PP_CONTROL_JOBS && options->command == PP_COMMAND_CONTROL) {
        if (parse_number(*rest, &options->control.jobs, err) != PP_OK)
            return err->status;
        rest++;
    }
    options->control.run = *rest;
    if (*rest && rest[1])
        return pp_error_set(err, PP_E_USAGE, "\"%s\": \"pixpool %s\" takes one RUN at most",
                            rest[1], verb->verb);
    return PP_OK;
}

bool pp_option_serves_status(const struct pp_option *option)
{
    return option->group == PP_GROUP_INFO || pp_option_serves_control(option);
}

bool pp_option_serves_control(const struct pp_option *option)
{
    return !strcmp(option->name, "help");
}
