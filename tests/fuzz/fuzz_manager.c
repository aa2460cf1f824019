/*
 * A manager and clients that say anything: requests that are sound but for what they ask, parts of
 * them, and plain bytes, in any order, some of them never read the answers. Whatever they did, once
 * they are gone nothing that they held is taken any more, and others are served.
 *
 * All in one process and thread, and the same for the same input: the manager's epoll_wait() is
 * replaced by the next move of the input, its clock by one that the input moves.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "fuzz.h"
#include "runtime/address.h"
#include "runtime/frame.h"
#include "runtime/hello.h"
#include "runtime/keeper.h"

#define CLIENTS     4
#define MESSAGE_MAX ((size_t)1 << 19)
#define MEMORY_MAX  ((size_t)1 << 16)
#define STEPS_MAX   10000 /* in which a manager that is left alone comes to rest */
/* Far from the clock by which the manager's timer goes, which therefore never does. */
#define CLOCK_BEGIN (UINT64_C(1) << 62)

const struct fuzz_seeds fuzz_seeds = {.noise = 400};

/* What an operation needs after its name: 8 a byte, n a number, t a time-out, b bytes, i items, m a
 * name. */
static const char *const needs[PP_OP_COUNT] = {
    [PP_OP_MAKE] = "8n",
    [PP_OP_CALL] = "b",
    [PP_OP_DICT_SET] = "bb",
    [PP_OP_DICT_GET] = "b",
    [PP_OP_DICT_POP] = "b",
    [PP_OP_DICT_SET_DEFAULT] = "bb",
    [PP_OP_DICT_DELETE] = "b",
    [PP_OP_DICT_CONTAINS] = "b",
    [PP_OP_DICT_UPDATE] = "i",
    [PP_OP_LIST_EXTEND] = "i",
    [PP_OP_LIST_INSERT] = "nb",
    [PP_OP_LIST_SET] = "nb",
    [PP_OP_LIST_GET] = "n",
    [PP_OP_LIST_POP] = "n",
    [PP_OP_LIST_SLICE] = "nn",
    [PP_OP_LIST_REMOVE] = "b",
    [PP_OP_LIST_INDEX] = "b",
    [PP_OP_LIST_COUNT] = "b",
    [PP_OP_NUMBER_SET] = "n",
    [PP_OP_NUMBER_ADD] = "n",
    [PP_OP_NUMBER_EXCHANGE] = "nn",
    [PP_OP_LOCK_ACQUIRE] = "t",
    [PP_OP_SEMAPHORE_ACQUIRE] = "t",
    [PP_OP_EVENT_WAIT] = "t",
    [PP_OP_BARRIER_WAIT] = "t",
    [PP_OP_QUEUE_PUT] = "tb",
    [PP_OP_QUEUE_GET] = "t",
    [PP_OP_QUEUE_JOIN] = "t",
    [PP_OP_CONDITION_WAIT] = "tm",
    [PP_OP_CONDITION_NOTIFY] = "n",
};

/* A client's end, and what it has read of the message that comes. */
struct client {
    int fd; /* -1: it is not there */
    uint32_t frames;
    uint8_t head[PP_FRAME_HEADER + 1]; /* and the status */
    size_t have, size;
};

/* What the manager's loop finds. */
struct play {
    char directory[40], path[48];
    uint64_t now;
    struct fuzz_input input;
    struct client clients[CLIENTS], last; /* the one who comes after all */
    unsigned steps, asked;                /* since the input ended; by the last */
};
static struct play play;

int __real_epoll_wait(int epoll, struct epoll_event *events, int most, int wait_ms);
int __wrap_epoll_wait(int epoll, struct epoll_event *events, int most, int wait_ms);
uint64_t __wrap_pp_clock_ns(void);

uint64_t __wrap_pp_clock_ns(void)
{
    return play.now;
}

/* ---- a client ---- */

static void leave(struct client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    *client = (struct client){.fd = -1};
}

/* Its first message is the greeting, the others are answers. */
static void take_head(struct client *client)
{
    const uint8_t *head = client->head;

    client->size =
        (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
    fuzz_ensure(client->size > 0 && client->size <= MESSAGE_MAX, "a size that cannot be");
    fuzz_ensure(client->frames > 0 || client->size == PP_HELLO_SIZE, "no greeting");
    fuzz_ensure(client->frames == 0 || head[PP_FRAME_HEADER] < PP_STATUS_COUNT, "no status");
    client->frames++;
}

static void take_bytes(struct client *client, const uint8_t *bytes, size_t count)
{
    while (count > 0) {
        const size_t whole = client->have < sizeof client->head ? sizeof client->head
                                                                : PP_FRAME_HEADER + client->size;
        const size_t some = count < whole - client->have ? count : whole - client->have;

        if (client->have < sizeof client->head)
            memcpy(client->head + client->have, bytes, some);
        client->have += some;
        bytes += some;
        count -= some;
        if (client->have == sizeof client->head && whole == sizeof client->head)
            take_head(client);
        if (client->have == PP_FRAME_HEADER + client->size && client->have >= sizeof client->head)
            client->have = 0;
    }
}

static void read_answers(struct client *client)
{
    static uint8_t bytes[1 << 16];
    ssize_t got;

    if (client->fd < 0)
        return;
    while ((got = recv(client->fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
        take_bytes(client, bytes, (size_t)got);
    if (got == 0 || (errno != EAGAIN && errno != EINTR))
        leave(client);
}

/* What does not fit is lost: a message that ends in the middle. */
static void send_bytes(struct client *client, const uint8_t *bytes, size_t size)
{
    if (client->fd < 0)
        client->fd = pp_address_connect(play.path);
    if (client->fd >= 0 && send(client->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
        errno != EAGAIN)
        leave(client);
}

/* ---- requests ---- */

static void pack_some(struct pp_pack *pack, struct fuzz_input *input)
{
    uint8_t bytes[32];
    const size_t size = fuzz_bytes(input, bytes, fuzz_byte(input) % sizeof bytes);

    pp_pack_bytes(pack, (struct pp_bytes){bytes, size});
}

static void pack_name(struct pp_pack *pack, struct fuzz_input *input)
{
    static const char names[] = "abcf"; /* the last is a function's too */
    uint8_t bytes[PP_MANAGER_NAME + 8] = {0};
    const uint32_t choice = fuzz_byte(input);

    if (choice % 16 == 15)
        pp_pack_bytes(pack, (struct pp_bytes){bytes, fuzz_byte(input) % sizeof bytes});
    else
        pp_pack_bytes(pack, (struct pp_bytes){&names[choice % 4], 1});
}

static uint64_t time_out(uint32_t choice)
{
    if (choice == 0 || choice == 255)
        return choice ? UINT64_MAX : 0;
    return UINT64_C(1) << choice % 64;
}

static void pack_need(struct pp_pack *pack, struct fuzz_input *input, char need)
{
    switch (need) {
    case '8':
        pp_pack_u8(pack, (uint8_t)(fuzz_byte(input) % (PP_MANAGER_KINDS + 1)));
        break;
    case 'n':
        pp_pack_u64(pack, (uint64_t)(int64_t)(int8_t)fuzz_byte(input));
        break;
    case 't':
        pp_pack_u64(pack, time_out(fuzz_byte(input)));
        break;
    case 'b':
        pack_some(pack, input);
        break;
    case 'm':
        pack_name(pack, input);
        break;
    default: {
        const uint64_t count = fuzz_byte(input) % 6;

        pp_pack_u64(pack, count);
        for (uint64_t i = 0; i < count; i++)
            pack_some(pack, input);
    }
    }
}

/* Header and contents; `cut` of the bytes at the end are not sent. */
static void send_request(struct client *client, struct fuzz_input *input, bool cut)
{
    struct pp_pack pack = {0};
    const unsigned operation = fuzz_byte(input) % (PP_OP_COUNT + 1);
    const char *need = operation < PP_OP_COUNT && needs[operation] ? needs[operation] : "";
    size_t size;

    pp_pack_u64(&pack, 0);
    pp_pack_u8(&pack, (uint8_t)operation);
    pack_name(&pack, input);
    for (; *need; need++)
        pack_need(&pack, input, *need);
    fuzz_ensure(!pack.failed, "no memory");
    for (unsigned i = 0; i < 4; i++)
        pack.bytes[i] = (uint8_t)((pack.size - PP_FRAME_HEADER) >> 8 * i);
    size = cut ? pack.size - fuzz_byte(input) % pack.size : pack.size;
    send_bytes(client, pack.bytes, size);
    pp_pack_release(&pack);
}

/* ---- the play ---- */

static void move(struct fuzz_input *input)
{
    const uint32_t choice = fuzz_byte(input);
    struct client *client = &play.clients[choice >> 6];
    uint8_t bytes[256];

    switch (choice % 8) {
    case 0:
        send_bytes(client, bytes, fuzz_bytes(input, bytes, fuzz_byte(input)));
        break;
    case 1:
        leave(client);
        break;
    case 2:
        play.now += UINT64_C(1) << fuzz_byte(input) % 40;
        break;
    case 3:
        read_answers(client);
        break;
    default:
        send_request(client, input, choice % 64 / 8 == 7);
    }
}

static void ask_last(enum pp_manager_operation operation, char name)
{
    struct pp_pack pack = {0};

    pp_pack_u64(&pack, 0);
    pp_pack_u8(&pack, (uint8_t)operation);
    pp_pack_bytes(&pack, (struct pp_bytes){&name, name ? 1 : 0});
    if (operation != PP_OP_SHUTDOWN)
        pp_pack_u64(&pack, 0);
    fuzz_ensure(!pack.failed, "no memory");
    pack.bytes[0] = (uint8_t)(pack.size - PP_FRAME_HEADER);
    send_bytes(&play.last, pack.bytes, pack.size);
    pp_pack_release(&pack);
}

/* With all others gone whatever they held is free. The status of an answer of status and contents
 * stays in its head. */
static void ask_next(void)
{
    static const enum pp_manager_operation takes[] = {PP_OP_LOCK_ACQUIRE, PP_OP_SEMAPHORE_ACQUIRE};
    const unsigned kinds = sizeof takes / sizeof *takes;

    read_answers(&play.last);
    fuzz_ensure(play.asked == 0 || play.last.frames == play.asked + 1, "no answer");
    fuzz_ensure(play.asked == 0 || play.last.head[PP_FRAME_HEADER] != PP_E_TIMEOUT,
                "the dead have something still");
    if (play.asked < 3 * kinds)
        ask_last(takes[play.asked % kinds], "abc"[play.asked / kinds]);
    else
        ask_last(PP_OP_SHUTDOWN, '\0');
    play.asked++;
}

int __wrap_epoll_wait(int epoll, struct epoll_event *events, int most, int wait_ms)
{
    int count;

    (void)wait_ms;
    if (play.input.left > 0)
        move(&play.input);
    else if (play.steps++ == 0)
        for (unsigned i = 0; i < CLIENTS; i++)
            leave(&play.clients[i]);
    fuzz_ensure(play.steps < STEPS_MAX, "it goes round in circles");
    count = __real_epoll_wait(epoll, events, most, 0);
    if (count == 0 && play.input.left == 0 && play.steps > 1)
        ask_next();
    return count;
}

/* A function of the manager's: any number of bytes. */
static enum pp_status call(void *user, struct pp_bytes request, struct pp_manager_answer *answer,
                           struct pp_error *err)
{
    static const uint8_t zeros[MESSAGE_MAX + 64];
    struct fuzz_input input = {request.data, request.size};

    (void)user;
    if (request.size == 1)
        return pp_error_set(err, PP_E_READ, "it fails");
    pp_manager_answer_add(answer, (struct pp_bytes){zeros, fuzz_number(&input, 3) % sizeof zeros});
    return PP_OK;
}

static void remove_directory(void)
{
    unlink(play.path);
    rmdir(play.directory);
}

static void make_directory(void)
{
    snprintf(play.directory, sizeof play.directory, "/tmp/pixpool-fuzz-XXXXXX");
    fuzz_ensure(mkdtemp(play.directory) != NULL, "no directory");
    snprintf(play.path, sizeof play.path, "%s/s", play.directory);
    atexit(remove_directory);
}

/* The lowest free descriptor: it tells of those left open. */
static int next_descriptor(void)
{
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    close(fd);
    return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct pp_manager_function functions[] = {{"f", call}, {NULL, NULL}};
    const struct pp_manager_settings settings = {.address = play.path,
                                                 .clients = CLIENTS,
                                                 .message_max = MESSAGE_MAX,
                                                 .memory_max = MEMORY_MAX,
                                                 .patience = 1,
                                                 .functions = functions};
    struct pp_error err = {0};
    int before;

    if (!*play.directory)
        make_directory();
    play.now = CLOCK_BEGIN;
    play.input = (struct fuzz_input){data, size};
    play.steps = play.asked = 0;
    for (unsigned i = 0; i < CLIENTS; i++)
        play.clients[i] = (struct client){.fd = -1};
    play.last = (struct client){.fd = -1};
    before = next_descriptor();
    fuzz_ensure(pp_keeper_serve(&settings, -1, NULL, NULL, &err) == PP_OK, err.text);
    for (unsigned i = 0; i < CLIENTS; i++)
        leave(&play.clients[i]);
    leave(&play.last);
    fuzz_ensure(next_descriptor() == before, "a descriptor is left open");
    return 0;
}
