/* Requests that nobody honest makes: each is answered or waits, and the manager lives on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "runtime/client.h"
#include "runtime/manager_protocol.h"
#include "runtime/pack.h"
#include "support_manager.h"

#define REQUESTS 20000

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

static uint64_t number(uint32_t *seed)
{
    static const uint64_t edges[] = {0, 1, 2, UINT64_MAX, INT64_MAX, (uint64_t)INT64_MIN, 1 << 20};

    return next(seed) % 2 ? edges[next(seed) % 7] : next(seed) % 5;
}

/* Much of it is nearly right. */
static void make(struct pp_pack *pack, uint32_t *seed)
{
    static const char letters[] = "abcdefgh";

    pp_pack_clear(pack);
    pp_pack_u8(pack, (uint8_t)(1 + next(seed) % (PP_OP_COUNT + 2)));
    pp_pack_bytes(pack, (struct pp_bytes){letters + next(seed) % 8, next(seed) % 10 > 0});
    for (unsigned i = next(seed) % 4; i > 0; i--) {
        const uint32_t kind = next(seed) % 4;

        if (kind == 0)
            pp_pack_u8(pack, (uint8_t)next(seed));
        else if (kind == 1)
            pp_pack_u64(pack, number(seed));
        else if (kind == 2)
            pp_pack_bytes(pack, (struct pp_bytes){letters, next(seed) % 8});
        else
            pp_pack_u32(pack, (uint32_t)number(seed));
    }
    if (next(seed) % 8 == 0 && pack->size > 0)
        pack->size -= next(seed) % pack->size;
}

static struct pp_client *reconnect(const struct pp_manager *manager, struct pp_client *client)
{
    struct pp_error err = {0};

    pp_client_free(client);
    client = NULL;
    if (pp_client_connect(pp_manager_address(manager), PP_MANAGER_SERVICE, 20, &client, &err) !=
        PP_OK)
        fail_msg("%s", err.text);
    return client;
}

static void noise_is_answered_and_harms_nothing(void **state)
{
    struct pp_client *client = reconnect(*state, NULL);
    struct pp_pack pack = {0};
    unsigned done = 0, refused = 0, waited = 0;
    uint32_t seed = 1;
    int64_t sum;

    for (unsigned i = 0; i < REQUESTS; i++) {
        struct pp_reply reply;
        enum pp_status status;

        make(&pack, &seed);
        /* What waits for ever is left alone, which is a death in the middle of a wait. */
        status = pp_client_call(client, pack.bytes, pack.size, 0.02, &reply, NULL);
        if (status != PP_OK) {
            assert_int_equal(status, PP_E_TIMEOUT);
            client = reconnect(*state, client);
            waited++;
            continue;
        }
        assert_true(reply.size > 0 && reply.bytes[0] < PP_STATUS_COUNT);
        done += reply.bytes[0] == PP_OK;
        refused += reply.bytes[0] != PP_OK;
    }
    assert_true(done > REQUESTS / 100 && refused > REQUESTS / 100 && waited > 0);
    assert_int_equal(pp_manager_number_add(*state, "still here", 1, &sum, NULL), PP_OK);
    assert_int_equal(sum, 1);
    pp_pack_release(&pack);
    pp_client_free(client);
}

/* What was packed is unpacked; no beginning of it is taken for the whole. */
static void what_is_cut_short_is_noticed(void **state)
{
    struct pp_pack pack = {.most = 64};
    struct pp_bytes bytes;

    (void)state;
    pp_pack_raw(&pack, (struct pp_bytes){0});
    assert_true(pack.size == 0 && !pack.failed);
    pp_pack_u8(&pack, 7);
    pp_pack_u32(&pack, 0xfedcba98);
    pp_pack_u64(&pack, UINT64_MAX - 1);
    pp_pack_bytes(&pack, bytes_of("text"));
    for (size_t size = 0; size <= pack.size; size++) {
        struct pp_unpack unpack = {pack.bytes, size, false};
        const bool same = (pp_unpack_u8(&unpack) == 7) & (pp_unpack_u32(&unpack) == 0xfedcba98) &
                          (pp_unpack_u64(&unpack) == UINT64_MAX - 1);

        bytes = pp_unpack_bytes(&unpack);
        assert_int_equal(pp_unpack_is_done(&unpack), size == pack.size);
        assert_int_equal(same && bytes_are(bytes, "text"), size == pack.size);
    }
    pp_pack_raw(&pack, (struct pp_bytes){"", 0});
    assert_false(pack.failed);
    pp_pack_raw(&pack, (struct pp_bytes){pack.bytes, 48});
    assert_true(pack.failed && pack.too_long);
    pp_pack_release(&pack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(noise_is_answered_and_harms_nothing, manager_begin,
                                        manager_end),
        cmocka_unit_test(what_is_cut_short_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
