#include "support_manager.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define SECONDS 20

static char directory[64];

int manager_begin(void **state)
{
    const struct pp_manager_settings settings = {.patience = SECONDS};
    struct pp_error err = {0};
    struct pp_manager *manager = NULL;

    snprintf(directory, sizeof directory, "/tmp/pixpool-test-XXXXXX");
    if (!mkdtemp(directory) || setenv("XDG_RUNTIME_DIR", directory, 1) != 0)
        return -1;
    if (pp_manager_start(&settings, &manager, &err) != PP_OK) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    *state = manager;
    return 0;
}

/* Whatever a test did, no socket may be left. */
int manager_end(void **state)
{
    char path[80];

    pp_manager_free(*state);
    snprintf(path, sizeof path, "%s/pixpool", directory);
    return rmdir(path) == 0 && rmdir(directory) == 0 ? 0 : -1;
}

struct pp_manager *manager_connect(const struct pp_manager *manager)
{
    struct pp_error err = {0};
    struct pp_manager *other = NULL;

    if (pp_manager_connect(pp_manager_address(manager), SECONDS, &other, &err) != PP_OK)
        fprintf(stderr, "%s\n", err.text);
    return other;
}

struct pp_bytes bytes_of(const char *string)
{
    return (struct pp_bytes){string, strlen(string)};
}

bool bytes_are(struct pp_bytes bytes, const char *string)
{
    return bytes.data && bytes.size == strlen(string) &&
           memcmp(bytes.data, string, bytes.size) == 0;
}

const char *items_in_words(struct pp_manager_items items)
{
    static char words[1000];
    size_t length = 0;
    struct pp_bytes item;

    words[0] = '\0';
    while (pp_manager_items_next(&items, &item) && length < sizeof words)
        length += (size_t)snprintf(words + length, sizeof words - length, "%s%.*s",
                                   length > 0 ? " " : "", (int)item.size, (const char *)item.data);
    return words;
}

const char *list_in_words(struct pp_manager *manager, const char *name)
{
    const int64_t all[2] = {0, INT64_MAX};
    struct pp_manager_items items;

    assert_int_equal(pp_manager_list_slice(manager, name, all, &items, NULL), PP_OK);
    return items_in_words(items);
}

pid_t manager_client(const struct pp_manager *manager, int (*work)(struct pp_manager *manager))
{
    const pid_t client = fork();

    if (client == 0) {
        struct pp_manager *own = manager_connect(manager);

        _exit(own ? work(own) : 99);
    }
    return client;
}

int manager_client_result(pid_t client)
{
    int status;

    assert_int_equal(waitpid(client, &status, 0), client);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}
