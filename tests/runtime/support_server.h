/* A server in a process of its own, for tests: it does what the first byte of a request says. */
#ifndef PP_TESTS_SUPPORT_SERVER_H
#define PP_TESTS_SUPPORT_SERVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "runtime/client.h"
#include "runtime/server.h"

#define SERVER_MESSAGE_MAX ((size_t)1 << 20)
#define SERVER_CLIENTS     40

enum server_word {
    SERVER_ECHO = 'e',  /* the request is the reply */
    SERVER_LARGE = 'l', /* the reply is as large as one may be */
    SERVER_WAIT = 'w',  /* no reply before somebody releases it */
    SERVER_FREE = 'f',  /* all who wait get a reply */
    SERVER_LEFT = 'g'   /* the reply is how many have left, a byte */
};

/* A new directory that is the user's alone; its path stays until the next call. */
const char *server_directory(void);
void server_directory_remove(void);

/* Start one at "DIRECTORY/s" and wait until it listens. */
pid_t server_begin(double patience);
const char *server_path(void);
void server_end(pid_t server);

/* A connection, or the test fails. */
struct pp_client *server_connect(void);
/* A connection without any manners: its greeting is read. */
int server_connect_raw(void);
/* The status of a request of one word. */
enum pp_status server_ask(struct pp_client *client, enum server_word word, double seconds);
/* How many have left, asked until it is `count` or 20 seconds are over. */
bool server_has_seen_leave(struct pp_client *client, unsigned count);

#endif
