/*
 * runtime/manager_protocol.h - what a manager and its clients say to each other, in messages as
 * frame.h has them and with contents as pack.h makes them.
 *
 * A request is an operation (8 bits), an object's name (bytes), and what the operation needs. An
 * answer is a status (8 bits); with PP_OK comes what the operation gives, else a text (bytes).
 * Nothing in them is an address, a descriptor or of one machine's width or order. Time-outs are
 * nanoseconds from the arrival, UINT64_MAX for ever. Numbers with a sign are two's complement.
 *
 * "Found" below is 8 bits, 1 or 0, and after a 1 the bytes; "items" are a count (64 bits) and as
 * many bytes.
 */
#ifndef PP_RUNTIME_MANAGER_PROTOCOL_H
#define PP_RUNTIME_MANAGER_PROTOCOL_H

#define PP_MANAGER_SERVICE "manager"

enum pp_manager_operation {
    /* name "" but for MAKE, DELETE and CALL */
    PP_OP_SHUTDOWN, /* -> */
    PP_OP_NAMES,    /* -> items */
    PP_OP_MAKE,     /* kind 8, number 64 -> */
    PP_OP_DELETE,   /* -> found 8 */
    PP_OP_CALL,     /* bytes -> bytes */
    /* dicts */
    PP_OP_DICT_SET,         /* key, value -> */
    PP_OP_DICT_GET,         /* key -> found */
    PP_OP_DICT_POP,         /* key -> found */
    PP_OP_DICT_POP_LAST,    /* -> found, and the value's bytes */
    PP_OP_DICT_SET_DEFAULT, /* key, value -> found */
    PP_OP_DICT_DELETE,      /* key -> found 8 */
    PP_OP_DICT_CONTAINS,    /* key -> found 8 */
    PP_OP_DICT_LENGTH,      /* -> 64 */
    PP_OP_DICT_KEYS,        /* -> items */
    PP_OP_DICT_VALUES,      /* -> items */
    PP_OP_DICT_ITEMS,       /* -> items */
    PP_OP_DICT_UPDATE,      /* items: keys and values -> */
    PP_OP_DICT_CLEAR,       /* -> */
    /* lists */
    PP_OP_LIST_EXTEND,  /* items -> */
    PP_OP_LIST_INSERT,  /* index 64, item -> */
    PP_OP_LIST_SET,     /* index 64, item -> */
    PP_OP_LIST_GET,     /* index 64 -> found */
    PP_OP_LIST_POP,     /* index 64 -> found */
    PP_OP_LIST_SLICE,   /* begin 64, end 64 -> items */
    PP_OP_LIST_REMOVE,  /* item -> found 8 */
    PP_OP_LIST_INDEX,   /* item -> 64 */
    PP_OP_LIST_COUNT,   /* item -> 64 */
    PP_OP_LIST_LENGTH,  /* -> 64 */
    PP_OP_LIST_REVERSE, /* -> */
    PP_OP_LIST_SORT,    /* -> */
    PP_OP_LIST_CLEAR,   /* -> */
    /* numbers */
    PP_OP_NUMBER_GET,      /* -> 64 */
    PP_OP_NUMBER_SET,      /* 64 -> */
    PP_OP_NUMBER_ADD,      /* 64 -> the sum 64 */
    PP_OP_NUMBER_EXCHANGE, /* expected 64, new 64 -> before 64 */
    /* waiting; an answer may come late */
    PP_OP_LOCK_ACQUIRE,      /* time-out 64 -> whether its holder died 8 */
    PP_OP_LOCK_RELEASE,      /* -> */
    PP_OP_SEMAPHORE_ACQUIRE, /* time-out 64 -> 8, always 0 */
    PP_OP_SEMAPHORE_RELEASE, /* -> */
    PP_OP_EVENT_SET,         /* -> */
    PP_OP_EVENT_CLEAR,       /* -> */
    PP_OP_EVENT_WAIT,        /* time-out 64 -> */
    PP_OP_BARRIER_WAIT,      /* time-out 64 -> turn 64 */
    PP_OP_BARRIER_RESET,     /* -> */
    PP_OP_QUEUE_PUT,         /* time-out 64, item -> */
    PP_OP_QUEUE_GET,         /* time-out 64 -> bytes */
    PP_OP_QUEUE_LENGTH,      /* -> 64 */
    PP_OP_QUEUE_DONE,        /* -> */
    PP_OP_QUEUE_JOIN,        /* time-out 64 -> */
    PP_OP_CONDITION_WAIT,    /* time-out 64, the lock's name -> whether its holder died 8, and
                                whether nobody notified in time 8 */
    PP_OP_CONDITION_NOTIFY,  /* how many 64 -> */
    PP_OP_COUNT
};

#endif
