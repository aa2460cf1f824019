/* A manager for tests, and clients of it in processes of their own. */
#ifndef PP_TESTS_SUPPORT_MANAGER_H
#define PP_TESTS_SUPPORT_MANAGER_H

#include <pixpool/manager.h>
#include <stdbool.h>
#include <sys/types.h>

/* Set up and tear down: *state is a handle of a new manager in a new directory. */
int manager_begin(void **state);
int manager_end(void **state);

/* A further handle of it, or the test fails; in a child process NULL. */
struct pp_manager *manager_connect(const struct pp_manager *manager);

/* The string's bytes without its end. */
struct pp_bytes bytes_of(const char *string);
bool bytes_are(struct pp_bytes bytes, const char *string);
/* All items one after another with a blank between them; stays until the next call. */
const char *items_in_words(struct pp_manager_items items);
/* The same of a list. */
const char *list_in_words(struct pp_manager *manager, const char *name);

/* Run `work` in a process with a handle of its own; its exit status is what it returns, 0 if all
 * went well. */
pid_t manager_client(const struct pp_manager *manager, int (*work)(struct pp_manager *manager));
/* Wait for it: what it returned. */
int manager_client_result(pid_t client);

#endif
