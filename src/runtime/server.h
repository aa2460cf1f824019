/*
 * runtime/server.h - requests of any number of processes, answered by one that never waits for any.
 *
 * A server listens on a Unix socket of its user alone. A client sends a request, a message of bytes
 * (frame.h), waits for the reply and sends the next; the server calls back with each request, and
 * is told the reply then or later. Between the two nothing more is read from that client, and while
 * a reply is under way neither, so that no client takes more memory than one request and one reply.
 * A client that stops in the middle of a message, its own or one it is to read, is dropped when the
 * server's patience is over; so is one that speaks out of turn. Other users' processes are turned
 * away.
 *
 * All descriptors do not block. The server has an epoll descriptor of its own, which is readable
 * when there is something to do: any loop can watch it and call pp_server_step(). It takes three
 * descriptors and one or two for each client.
 *
 * One process, one thread. Callbacks run inside pp_server_step() and pp_server_free(); they may
 * reply to any client and drop any, but neither step nor free.
 */
#ifndef PP_RUNTIME_SERVER_H
#define PP_RUNTIME_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <pixpool/error.h>

#define PP_SERVER_CLIENTS_MAX 4096

struct pp_server;

/* What a client asks. Valid during the callback, until it is answered. */
struct pp_request {
    uint64_t client; /* never used for another */
    pid_t process;   /* that connected */
    const uint8_t *bytes;
    size_t size;
};

struct pp_server_settings {
    const char *path;    /* where to listen: see address.h */
    const char *service; /* what it serves, at most PP_HELLO_SERVICE bytes; clients ask for it */
    unsigned clients;    /* at the most, 1 to PP_SERVER_CLIENTS_MAX; others are turned away */
    size_t message_max;  /* bytes of a request or a reply, at most PP_FRAME_MOST */
    double patience;     /* seconds for which a client may stop within a message */
    /* Drop a client when the process that connected ends, even if a child of it has the connection
     * still. */
    bool follow_processes;
    void *user;
    void (*request)(void *user, const struct pp_request *request);
    /* The client is gone, whatever it asked last. Not called by pp_server_free(). May be NULL. */
    void (*left)(void *user, uint64_t client);
    /* At each step's end: do what is due by `now` (of pp_clock_ns) and say when to be called again
     * at the latest; UINT64_MAX: no need. May be NULL. */
    uint64_t (*timers)(void *user, uint64_t now);
};

/* Start to listen. On PP_OK *server is the caller's. Errors as pp_address_listen(),
 * PP_E_NO_MEMORY, and PP_E_USAGE for settings out of range. */
enum pp_status pp_server_start(const struct pp_server_settings *settings, struct pp_server **server,
                               struct pp_error *err);

/* Readable when a step has something to do. */
int pp_server_fd(const struct pp_server *server);

/* Have steps return PP_E_CLOSED once `fd`, which stays the caller's, is readable. PP_E_SYSTEM. */
enum pp_status pp_server_end_by(struct pp_server *server, int fd, struct pp_error *err);

/* Wait at most `wait_ms` milliseconds (0: do not; -1: for ever) and deal with what there is.
 * PP_E_SYSTEM when waiting is impossible. */
enum pp_status pp_server_step(struct pp_server *server, int wait_ms, struct pp_error *err);

/* Answer the request that the client waits with. PP_E_LIMIT: it is over the largest message, and
 * still to be answered. PP_E_CLOSED: the client is gone, or waits for nothing. */
enum pp_status pp_server_reply(struct pp_server *server, uint64_t client, const void *bytes,
                               size_t size);

/* Clients there are. */
unsigned pp_server_clients(const struct pp_server *server);

/* Remove the socket and close all connections. NULL is allowed. */
void pp_server_free(struct pp_server *server);

#endif
