/*
 * runtime/client.h - asking a server (server.h), each step within a time that the caller gives.
 *
 * A connection is of use until a call of it fails with anything but PP_E_LIMIT or PP_E_NO_MEMORY
 * before sending: after that nobody knows what became of the request, and further calls say
 * PP_E_CLOSED. Time-outs are in seconds: negative is for ever, 0 only tries.
 *
 * A connection belongs to one process and one thread at a time.
 */
#ifndef PP_RUNTIME_CLIENT_H
#define PP_RUNTIME_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <pixpool/error.h>

struct pp_client;

/*
 * Connect to the server at the path and wait for its greeting. Errors: PP_E_CLOSED when no server
 * is alive there, PP_E_TIMEOUT, PP_E_LIMIT when it has as many clients as it takes, PP_E_FORMAT
 * when it serves something else, PP_E_USAGE when it is another user's or the path too long,
 * PP_E_NO_MEMORY, PP_E_SYSTEM.
 */
enum pp_status pp_client_connect(const char *path, const char *service, double seconds,
                                 struct pp_client **client, struct pp_error *err);

/* The answer to a call: valid until the next one. */
struct pp_reply {
    const uint8_t *bytes; /* aligned for a uint64_t */
    size_t size;
};

/*
 * Send a request and wait for the reply. Errors: PP_E_LIMIT for a request over the server's largest
 * message, PP_E_CLOSED when the server is gone or dropped us, PP_E_TIMEOUT, PP_E_CORRUPT for what
 * is no reply, PP_E_NO_MEMORY.
 */
enum pp_status pp_client_call(struct pp_client *client, const void *bytes, size_t size,
                              double seconds, struct pp_reply *reply, struct pp_error *err);

/* The server's process. */
pid_t pp_client_server(const struct pp_client *client);

/* Whether calls can still succeed. */
bool pp_client_is_open(const struct pp_client *client);

/* The descriptor, for as long as it is open: readable between calls once the server is gone. */
int pp_client_fd(const struct pp_client *client);

/* Close and free. NULL is allowed. */
void pp_client_free(struct pp_client *client);

#endif
