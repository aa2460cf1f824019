#include "cli/info.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/terminal.h"

/* A directory that cannot be, so that no output is in anybody's way. */
#define NOWHERE   "/proc/self/fdinfo/pixpool-info"
#define LINE_SIZE 8192

struct telling {
    struct pp_terminal terminal; /* for what fails */
    const struct pp_options *options;
    char **found; /* in one directory; owned */
    size_t count, room;
    size_t told, failed;
    struct pp_error err; /* what ends it all */
};

static void complain(struct telling *telling, const char *path, const char *why)
{
    char line[LINE_SIZE];

    fflush(stdout); /* so that the two streams are in order where they are one */
    snprintf(line, sizeof line, "%s: %s", path, why);
    pp_terminal_print(&telling->terminal, line);
    pp_terminal_settle(&telling->terminal, -1);
    telling->failed++;
}

static enum pp_status look(const char *path, struct pp_info *info, struct pp_error *err)
{
    struct stat stat;
    /* A name may be a FIFO's, and must not hang us. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    enum pp_status status;

    if (fd < 0)
        return pp_error_errno(err, PP_E_READ, errno, "cannot open");
    if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode))
        status = pp_error_set(err, PP_E_READ, "cannot read: not a regular file");
    else
        status = pp_info_fd(fd, info, err);
    close(fd);
    return status;
}

static void show(struct telling *telling, const char *path, const struct pp_info *info)
{
    char words[1024], shown[LINE_SIZE];

    if (telling->options->json) {
        char *line = pp_info_json(path, info);

        if (line)
            puts(line);
        else
            (void)pp_error_set(&telling->err, PP_E_NO_MEMORY,
                               "the picture's description: out of "
                               "memory");
        free(line);
        return;
    }
    pp_terminal_escape(shown, sizeof shown, path);
    printf("%s: ", shown);
    pp_info_format(info, words, sizeof words);
    pp_terminal_escape(shown, sizeof shown, words);
    puts(shown);
}

static void tell(struct telling *telling, const char *path)
{
    struct pp_info info;
    struct pp_error err = {0};

    if (look(path, &info, &err) != PP_OK) {
        complain(telling, path, err.text);
        return;
    }
    show(telling, path, &info);
    telling->told++;
}

/* What the search in a directory comes upon. */
static void note(void *user, const struct pp_file_report *file)
{
    struct telling *telling = user;

    if (file->state == PP_FILE_SKIPPED || telling->err.status != PP_OK)
        return;
    if (telling->count == telling->room) {
        size_t room = telling->room ? 2 * telling->room : 256;
        char **found = reallocarray(telling->found, room, sizeof *found);

        if (found) {
            telling->found = found;
            telling->room = room;
        }
    }
    if (telling->count < telling->room)
        telling->found[telling->count] = strdup(file->input);
    if (telling->count < telling->room && telling->found[telling->count])
        telling->count++;
    else
        (void)pp_error_set(&telling->err, PP_E_NO_MEMORY, "the list of inputs: out of memory");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The files a conversion would take, found by a run that writes nothing. */
static void tell_directory(struct telling *telling, const char *const *path)
{
    struct pp_batch_settings settings = telling->options->batch;
    struct pp_batch_result result = {0};
    struct pp_chain *chain = NULL;

    settings.inputs.paths = path;
    settings.inputs.path_count = 1;
    settings.outputs = (struct pp_batch_outputs){.path = NOWHERE};
    settings.filters = "invert"; /* whatever there is */
    settings.dry_run = true;
    settings.handle_signals = false;
    settings.user = telling;
    settings.file = note;
    if (pp_chain_parse(settings.filters, &chain, &telling->err) != PP_OK)
        return;
    settings.chain = chain;
    (void)!pp_batch_run(&settings, &result, &telling->err);
    pp_chain_free(chain);
    if (telling->count)
        qsort(telling->found, telling->count, sizeof *telling->found, by_name);
    for (size_t i = 0; i < telling->count; i++) {
        if (telling->err.status == PP_OK)
            tell(telling, telling->found[i]);
        free(telling->found[i]);
    }
    telling->count = 0;
}

static bool is_directory(const char *path)
{
    struct stat found;

    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

static enum pp_exit conclude(struct telling *telling)
{
    char line[PP_ERROR_TEXT + 16];
    enum pp_exit status = telling->failed ? PP_EXIT_FILES_FAILED : PP_EXIT_OK;

    if (telling->err.status != PP_OK) {
        snprintf(line, sizeof line, "pixpool: %s", telling->err.text);
        status = pp_exit_of_status(telling->err.status);
    } else if (!telling->told && !telling->failed) {
        snprintf(line, sizeof line, "pixpool: no JPEG or PNG file among the inputs%s",
                 telling->options->batch.inputs.recursive
                     ? ""
                     : " (-r looks into directories below them too)");
        status = PP_EXIT_NOTHING;
    } else {
        return status;
    }
    pp_terminal_print(&telling->terminal, line);
    return status;
}

enum pp_exit pp_info_run(const struct pp_options *options)
{
    const struct pp_batch_inputs *inputs = &options->batch.inputs;
    struct telling telling = {.options = options};
    enum pp_exit status;

    pp_terminal_init(&telling.terminal, stderr);
    for (size_t i = 0; i < inputs->path_count && telling.err.status == PP_OK; i++) {
        if (is_directory(inputs->paths[i]))
            tell_directory(&telling, &inputs->paths[i]);
        else
            tell(&telling, inputs->paths[i]);
    }
    status = conclude(&telling);
    pp_terminal_settle(&telling.terminal, -1);
    pp_terminal_release(&telling.terminal);
    free(telling.found);
    return status;
}
