/* Two named processes side by side. Each says what it did; what they say is put in order here,
 * since nobody knows who is quicker. */
#include <pixpool/process.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The argument is the number of pieces; the descriptor is where to tell of them. */
static int move_pieces(const char *what, const void *argument, const int *fds)
{
    char line[64];
    int pieces, length;

    memcpy(&pieces, argument, sizeof pieces);
    length = snprintf(line, sizeof line, "%s: %d pieces", what, pieces);
    return write(fds[0], line, (size_t)length) == length ? 0 : 1;
}

static int download(const void *argument, size_t size, const int *fds, size_t fd_count)
{
    (void)size;
    (void)fd_count;
    return move_pieces("download", argument, fds);
}

static int upload(const void *argument, size_t size, const int *fds, size_t fd_count)
{
    (void)size;
    (void)fd_count;
    return move_pieces("upload", argument, fds);
}

static const struct pp_process_function functions[] = {
    {"download", download}, {"upload", upload}, {NULL, NULL}};
static const struct pp_program program = {.functions = functions};

/* Start one; what it says comes out of *heard. */
static struct pp_process *start(const char *name, int pieces, int *heard)
{
    struct pp_process *process = NULL;
    struct pp_error err = {0};
    int ends[2];

    if (pipe(ends) != 0)
        return NULL;
    const struct pp_process_settings settings = {.name = name,
                                                 .function = name,
                                                 .argument = &pieces,
                                                 .size = sizeof pieces,
                                                 .fds = &ends[1],
                                                 .fd_count = 1};
    if (pp_process_start(&settings, &process, &err) != PP_OK)
        fprintf(stderr, "%s\n", err.text);
    close(ends[1]);
    *heard = ends[0];
    return process;
}

/* Wait for it and say how it went. */
static int finish(struct pp_process *process, int heard)
{
    struct pp_process_end end = {0};
    struct pp_error err = {0};
    char line[64] = "";
    const ssize_t size = read(heard, line, sizeof line - 1);

    if (pp_process_join(process, 60, &end, &err) != PP_OK)
        fprintf(stderr, "%s\n", err.text);
    printf("%.*s\n", size > 0 ? (int)size : 0, line);
    printf("process \"%s\" exited with status %d\n", pp_process_name(process), end.status);
    pp_process_free(process);
    close(heard);
    return end.exited && end.status == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct pp_process *down, *up;
    int status, down_said, up_said;

    if (pp_process_main(argc, argv, &program, &status))
        return status;
    down = start("download", 3, &down_said);
    up = start("upload", 2, &up_said);
    if (!down || !up)
        return 1;
    status = finish(down, down_said);
    return status + finish(up, up_said);
}
