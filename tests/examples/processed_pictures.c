/* Every JPEG of the folder "pictures" becomes a gray processed_NAME beside the program, by a pool
 * of four processes, with a bar that tells how far they are. */
#include <pixpool/convert.h>
#include <pixpool/process.h>
#include <pixpool/tasks.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "pictures"
#define WIDTH  20 /* columns of the bar */

/* Once per worker. */
static enum pp_status parse_chain(void **context, const void *argument, size_t size,
                                  struct pp_error *err)
{
    struct pp_chain *chain = NULL;
    enum pp_status status = pp_chain_parse("gray", &chain, err);

    (void)argument;
    (void)size;
    *context = chain;
    return status;
}

static void free_chain(void *context)
{
    pp_chain_free(context);
}

static enum pp_status open_both(const char *name, int *in, int *out, struct pp_error *err)
{
    char from[512], to[512];

    snprintf(from, sizeof from, FOLDER "/%s", name);
    snprintf(to, sizeof to, "processed_%s", name);
    *in = open(from, O_RDONLY | O_CLOEXEC);
    if (*in < 0)
        return pp_error_set(err, PP_E_READ, "%s: cannot be opened", from);
    *out = open(to, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (*out >= 0)
        return PP_OK;
    close(*in);
    return pp_error_set(err, PP_E_WRITE, "%s: cannot be made", to);
}

/* The argument is a name with its NUL; the result are the pixels that were converted. */
static enum pp_status convert(void *context, const void *argument, size_t size,
                              struct pp_reply *reply, struct pp_error *err)
{
    const struct pp_convert_settings settings = {.threads = 1};
    struct pp_convert_report report;
    uint64_t pixels;
    int in = -1, out = -1;
    enum pp_status status = open_both(argument, &in, &out, err);

    (void)size;
    if (status != PP_OK)
        return status;
    status = pp_convert_fd(context, in, out, &settings, &report, err);
    close(in);
    close(out);
    pixels = (uint64_t)report.out.width * report.out.height;
    return status == PP_OK ? pp_reply_set(reply, &pixels, sizeof pixels, err) : status;
}

static const struct pp_task_function functions[] = {{"convert", convert}, {NULL, NULL}};
static const struct pp_task_table table = {
    .name = "convert", .initialize = parse_chain, .finalize = free_chain, .functions = functions};
static const struct pp_task_table *const tables[] = {&table, NULL};
static const struct pp_program program = {.tasks = tables};

static int is_jpeg(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');

    return dot && strcmp(dot, ".jpg") == 0;
}

/* The names in order, as a stream's input. */
struct names {
    struct dirent **entries;
    int count, next;
};

static enum pp_status next_name(void *user, struct pp_bytes *item, struct pp_error *err)
{
    struct names *names = user;

    (void)err;
    if (names->next == names->count)
        return PP_E_CLOSED;
    item->data = names->entries[names->next]->d_name;
    item->size = strlen(item->data) + 1;
    names->next++;
    return PP_OK;
}

static void show(int done, int count)
{
    const int filled = WIDTH * done / count;

    printf("\r[%.*s%*s] %d/%d", filled, "####################", WIDTH - filled, "", done, count);
    fflush(stdout);
}

static int convert_all(struct pp_tasks *tasks, struct names *names)
{
    const struct pp_stream_settings settings = {
        .function = "convert", .unordered = true, .next = next_name, .user = names};
    struct pp_stream *stream;
    struct pp_result result;
    struct pp_error err = {0};
    int done = 0, failed = 0;

    if (pp_tasks_imap(tasks, &settings, &stream, &err) != PP_OK)
        return -1;
    while (pp_stream_next(stream, -1, &result, &err) == PP_OK) {
        failed += result.status != PP_OK;
        show(++done, names->count);
    }
    printf("\n");
    pp_stream_free(stream);
    return err.status == PP_E_CLOSED ? failed : -1;
}

int main(int argc, char **argv)
{
    const struct pp_tasks_settings settings = {.table = &table, .workers = 4};
    struct names names = {0};
    struct pp_tasks *tasks;
    struct pp_error err = {0};
    int status, failed;

    if (pp_process_main(argc, argv, &program, &status))
        return status;
    names.count = scandir(FOLDER, &names.entries, is_jpeg, alphasort);
    if (names.count <= 0 || pp_tasks_start(&settings, &tasks, &err) != PP_OK) {
        fprintf(stderr, "%s\n", names.count <= 0 ? "no pictures" : err.text);
        return 1;
    }
    failed = convert_all(tasks, &names);
    pp_tasks_free(tasks);
    for (int i = 0; i < names.count; i++) {
        char name[512];
        snprintf(name, sizeof name, "processed_%s", names.entries[i]->d_name);
        printf("%s: %s\n", name, access(name, R_OK) == 0 ? "there" : "missing");
        free(names.entries[i]);
    }
    free(names.entries);
    return failed == 0 ? 0 : 1;
}
