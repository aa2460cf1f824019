/* The child's side of a process that was started by name. */
#include "runtime/process_child.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool/birth.h"

#define EXIT_NOT_STARTED 70 /* sysexits.h: EX_SOFTWARE */

static void report(int what)
{
    (void)!write(PP_PROCESS_FD_REPORT, &what, sizeof what);
    close(PP_PROCESS_FD_REPORT);
}

/* The parent may have died, and someone else taken us over, around the exec. */
static bool is_sound(const struct pp_process_head *head, size_t size)
{
    return head->magic == PP_PROCESS_MAGIC && head->size == size - PP_PROCESS_ARGUMENT_AT &&
           (!head->daemon || head->parent == getppid());
}

/* NULL when there is none. The mapping stays. */
static const struct pp_process_head *find_head(void)
{
    const struct pp_process_head *head;
    struct stat info;
    size_t size;

    if (fstat(PP_PROCESS_FD_ARGUMENT, &info) != 0 || info.st_size < PP_PROCESS_ARGUMENT_AT)
        return NULL;
    size = (size_t)info.st_size;
    head = mmap(NULL, size, PROT_READ, MAP_PRIVATE, PP_PROCESS_FD_ARGUMENT, 0);
    if (head == MAP_FAILED)
        return NULL;
    return is_sound(head, size) ? head : NULL;
}

/* Numbers of what was handed over; nobody executed from here inherits them. NULL: no memory. */
static int *take_fds(size_t count)
{
    int *fds = calloc(count + 1, sizeof *fds);

    for (size_t i = 0; fds && i < count; i++) {
        fds[i] = PP_PROCESS_FD_FIRST + (int)i;
        fcntl(fds[i], F_SETFD, FD_CLOEXEC);
    }
    return fds;
}

static int run(const struct pp_process_function *function)
{
    const struct pp_process_head *head = find_head();
    int *fds = head && function ? take_fds(head->fd_count) : NULL;
    int status;

    close(PP_PROCESS_FD_ARGUMENT);
    close(PP_PROCESS_FD_PROGRAM);
    if (!fds) {
        report(head && !function ? PP_PROCESS_UNKNOWN : PP_PROCESS_DAMAGED);
        return EXIT_NOT_STARTED;
    }
    report(PP_PROCESS_RUNS);
    status =
        function->run((const char *)head + PP_PROCESS_ARGUMENT_AT, head->size, fds, head->fd_count);
    free(fds);
    return status & 0xff;
}

bool pp_process_child_main(int argc, char **argv, const struct pp_process_function *functions,
                           int *status)
{
    if (argc != 3 || strcmp(argv[1], PP_PROCESS_WORD) != 0)
        return false;
    while (functions && functions->name && strcmp(functions->name, argv[2]) != 0)
        functions++;
    prctl(PR_SET_NAME, argv[0]);
    /* ps shows the name alone from here on. */
    memset(argv[1], '\0', strlen(argv[1]));
    pp_birth_arrived(argv);
    *status = run(functions && functions->name ? functions : NULL);
    return true;
}
