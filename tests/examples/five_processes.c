/* Five numbered processes. Each is forked and runs a function with its number; its exit status is
 * what it worked out. */
#include <pixpool/process.h>

#include <stdio.h>
#include <string.h>

static int triple(const void *argument, size_t size, const int *fds, size_t fd_count)
{
    int number;

    (void)size;
    (void)fds;
    (void)fd_count;
    memcpy(&number, argument, sizeof number);
    return 3 * number;
}

int main(void)
{
    struct pp_process *processes[5];
    struct pp_error err = {0};
    int numbers[5];

    for (int i = 0; i < 5; i++) {
        char name[16];

        numbers[i] = i;
        snprintf(name, sizeof name, "process-%d", i);
        const struct pp_process_settings settings = {
            .name = name, .run = triple, .argument = &numbers[i], .size = sizeof numbers[i]};
        if (pp_process_start(&settings, &processes[i], &err) != PP_OK) {
            fprintf(stderr, "%s\n", err.text);
            return 1;
        }
    }
    for (int i = 0; i < 5; i++) {
        struct pp_process_end end = {0};

        if (pp_process_join(processes[i], -1, &end, &err) != PP_OK)
            fprintf(stderr, "%s\n", err.text);
        printf("%s: 3 x %d = %d\n", pp_process_name(processes[i]), i, end.status);
        pp_process_free(processes[i]);
    }
    return 0;
}
