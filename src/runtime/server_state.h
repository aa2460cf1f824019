/*
 * runtime/server_state.h - what a server knows of its clients, and what its files offer each other:
 * server.c is the loop, server_clients.c takes clients in and lets them go.
 */
#ifndef PP_RUNTIME_SERVER_STATE_H
#define PP_RUNTIME_SERVER_STATE_H

#include "runtime/address.h"
#include "runtime/frame.h"
#include "runtime/server.h"

enum pp_guest_state {
    PP_GUEST_READING, /* its next request is awaited, or comes */
    PP_GUEST_WORKING, /* its request is whole; nothing is read until it is answered */
    PP_GUEST_REPLYING /* the reply does not fit into the socket */
};

/* A client as the server has it. */
struct pp_guest {
    uint64_t id; /* 0: the place is free; else the place's number in the lowest PP_PLACE_BITS */
    enum pp_guest_state state;
    int fd, process_fd; /* the latter -1 when its process is not followed */
    pid_t process;
    uint32_t watched; /* the events that epoll is told to look for */
    uint32_t number;  /* of the request at work */
    struct pp_frame_input in;
    struct pp_frame_output out;
    uint64_t stuck_ns; /* in the middle of a message, and nothing moved since; 0: it is not */
};

#define PP_PLACE_BITS 12
_Static_assert(PP_SERVER_CLIENTS_MAX <= 1 << PP_PLACE_BITS, "a place's number must fit");

struct pp_server {
    struct pp_server_settings settings;
    char service[16];
    struct pp_address address;
    int epoll, timer;
    bool ended; /* the descriptor of pp_server_end_by() was readable */
    struct pp_guest *guests;
    unsigned count;
    uint64_t last_id;     /* without the place */
    uint64_t patience_ns; /* how long a client may be stuck */
    uint64_t look_ns;     /* when to look for clients that are stuck; UINT64_MAX: there are none */
    uint64_t admit_again_ns; /* no client is taken in before: no descriptors; 0: they are */
    uint64_t armed_ns;       /* what the timer is set to; UINT64_MAX: to nothing */
};

/* What epoll gives back: a client's id doubled, and one more for its process; or one of these. */
enum { PP_SERVER_EVENT_CALLERS, PP_SERVER_EVENT_TIMER, PP_SERVER_EVENT_END };

/* Take in who waits at the door. */
void pp_server_admit(struct pp_server *server, uint64_t now);
/* Look for callers again after a pause. */
void pp_server_admit_again(struct pp_server *server);
/* The client of that id; NULL when it is gone. */
struct pp_guest *pp_server_guest(const struct pp_server *server, uint64_t id);
/* Close its connection and tell the owner. */
void pp_server_drop(struct pp_server *server, struct pp_guest *guest);
/* Have epoll look for what the client's state needs. False: it could not, and was dropped. */
bool pp_server_watch(struct pp_server *server, struct pp_guest *guest);

#endif
