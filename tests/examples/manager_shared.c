/* Several processes share a dict and a list that a manager keeps. */
#include <pixpool/manager.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* In a process of its own: count this worker's squares, and list the worker. */
static int work(const char *address, int number)
{
    struct pp_manager *manager;
    struct pp_error err = {0};
    char key[16], value[16], line[16];

    if (pp_manager_connect(address, 10, &manager, &err) != PP_OK)
        return 1;
    snprintf(key, sizeof key, "%d", number);
    snprintf(value, sizeof value, "%d", number * number);
    snprintf(line, sizeof line, "worker %d", number);
    if (pp_manager_dict_set(manager, "squares", (struct pp_bytes){key, strlen(key)},
                            (struct pp_bytes){value, strlen(value)}, &err) == PP_OK &&
        pp_manager_list_append(manager, "workers", (struct pp_bytes){line, strlen(line)}, &err) ==
            PP_OK)
        (void)!pp_manager_number_add(manager, "sum", number * number, NULL, &err);
    pp_manager_free(manager);
    return err.status != PP_OK;
}

static enum pp_status show(struct pp_manager *manager, struct pp_error *err)
{
    const int64_t all[2] = {0, INT64_MAX};
    struct pp_manager_items items;
    struct pp_bytes item;
    int64_t sum;

    if (pp_manager_list_sort(manager, "workers", err) != PP_OK ||
        pp_manager_list_slice(manager, "workers", all, &items, err) != PP_OK)
        return err->status;
    while (pp_manager_items_next(&items, &item))
        printf("%.*s\n", (int)item.size, (const char *)item.data);
    if (pp_manager_dict_get(manager, "squares", (struct pp_bytes){"3", 1}, &item, err) != PP_OK)
        return err->status;
    printf("the square of 3 is %.*s\n", (int)item.size, (const char *)item.data);
    if (pp_manager_number_get(manager, "sum", &sum, err) == PP_OK)
        printf("all squares together are %lld\n", (long long)sum);
    return err->status;
}

int main(void)
{
    const struct pp_manager_settings settings = {0};
    struct pp_manager *manager;
    struct pp_error err = {0};

    if (pp_manager_start(&settings, &manager, &err) == PP_OK) {
        for (int number = 1; number <= 4; number++)
            if (fork() == 0)
                _exit(work(pp_manager_address(manager), number));
        for (int number = 1; number <= 4; number++)
            wait(NULL);
        (void)!show(manager, &err);
        pp_manager_free(manager);
    }
    if (err.status != PP_OK)
        fprintf(stderr, "manager_shared: %s\n", err.text);
    return err.status != PP_OK;
}
