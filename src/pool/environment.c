#include "pool/environment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The last is LLVM's, which would look for a tool among the system's libraries. */
static const char *const openmp_settings[] = {
    "OMP_WAIT_POLICY=passive", "GOMP_SPINCOUNT=0",  "OMP_PROC_BIND=false",
    "OMP_STACKSIZE=1M",        "OMP_TOOL=disabled",
};
static const size_t openmp_count = sizeof openmp_settings / sizeof openmp_settings[0];

/* GNU's, LLVM's and Intel's run-times read these. */
static bool concerns_openmp(const char *variable)
{
    return strncmp(variable, "OMP_", 4) == 0 || strncmp(variable, "GOMP_", 5) == 0 ||
           strncmp(variable, "KMP_", 4) == 0;
}

char **pp_environment_new(void)
{
    size_t count = 0, used = 0;
    char **list;

    while (environ && environ[count])
        count++;
    list = calloc(count + openmp_count + 1, sizeof *list);
    if (!list)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (!concerns_openmp(environ[i]))
            list[used++] = environ[i];
    for (size_t i = 0; i < openmp_count; i++)
        list[used++] = (char *)(uintptr_t)openmp_settings[i];
    return list;
}
