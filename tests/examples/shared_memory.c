/* Memory that a child fills and its parent reads. */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pixpool/shared.h>

int main(void)
{
    struct pp_error err = {0};
    struct pp_shared *shared;

    if (pp_shared_create(64, &shared, &err) != PP_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    pid_t child = fork();
    if (child == 0) {
        memcpy(pp_shared_data(shared), "hello from a child", 19);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    printf("%s\n", (const char *)pp_shared_data(shared));
    pp_shared_free(shared);
    return 0;
}
