/* How a run stands: packed, unpacked, as JSON; and who is no run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "batch/control.h"

static struct pp_control_worker workers[] = {
    {.worker = 0, .process = 12, .input = "in/a\xff.jpg", .seconds = 1.5, .percent = 40},
    {.worker = 3, .process = 13},
};
static const struct pp_control_status standing = {
    .run = "k3f9qd",
    .process = 4711,
    .filters = "gray",
    .progress = {.done = 5,
                 .failed = 1,
                 .skipped = 2,
                 .total = 16,
                 .total_known = true,
                 .cost_done = 1e12,
                 .cost_total = 2e12,
                 .bytes_in = 5000000000,
                 .bytes_out = 7,
                 .pixels = 8,
                 .warnings = 9,
                 .seconds = 62,
                 .seconds_worked = 2,
                 .workers = 2,
                 .paused = true},
    .jobs = 4,
    .workers = workers,
    .worker_count = 2,
};

static void a_status_is_unpacked_as_it_was(void **state)
{
    struct pp_pack pack = {0};
    struct pp_control_status *read;

    (void)state;
    pp_control_pack(&pack, &standing);
    for (size_t size = 0; size < pack.size; size++) {
        struct pp_unpack cut = {pack.bytes, size, false};

        assert_null(pp_control_unpack(&cut));
    }
    read = pp_control_unpack(&(struct pp_unpack){pack.bytes, pack.size, false});
    assert_non_null(read);
    assert_string_equal(read->run, "k3f9qd");
    assert_int_equal(read->process, 4711);
    assert_string_equal(read->filters, "gray");
    assert_int_equal(read->progress.total, 16);
    assert_int_equal(read->progress.bytes_in, 5000000000);
    assert_true(read->progress.paused && read->progress.total_known && !read->stopping);
    assert_true(read->progress.seconds == 62 && read->progress.seconds_worked == 2);
    assert_true(read->progress.cost_done == 0.5 && read->progress.cost_total == 1);
    assert_int_equal(read->worker_count, 2);
    assert_string_equal(read->workers[0].input, "in/a\xff.jpg");
    assert_true(read->workers[0].seconds == 1.5 && read->workers[0].percent == 40);
    assert_null(read->workers[1].input);
    assert_int_equal(read->workers[1].process, 13);
    pp_control_status_free(read);
    pp_control_status_free(NULL);
    pp_pack_release(&pack);
}

static void json_tells_all_of_it(void **state)
{
    char *line = pp_control_json(&standing);

    (void)state;
    assert_non_null(line);
    assert_string_equal(
        line, "{\"run\":\"k3f9qd\",\"pid\":4711,\"filters\":\"gray\",\"seconds\":62.000,\"seconds_"
              "worked\":2.000,\"done\":5,"
              "\"failed\":1,\"skipped\":2,\"total\":16,\"total_known\":true,\"share_done\":0.500,"
              "\"files_per_second\":3.000,\"bytes_in\":5000000000,\"bytes_out\":7,\"pixels\":8,"
              "\"warnings\":9,\"paused\":true,\"stopping\":false,\"jobs\":4,\"workers\":["
              "{\"worker\":0,\"pid\":12,\"input\":\"in/a\xef\xbf\xbd.jpg\","
              "\"input_base64\":\"aW4vYf8uanBn\",\"seconds\":1.500,\"percent\":40},"
              "{\"worker\":3,\"pid\":13}]}");
    free(line);
}

static void what_is_no_run_is_not_reached(void **state)
{
    struct pp_control_status *status = NULL;
    struct pp_control_list list;
    struct pp_error err = {0};
    char directory[] = "/tmp/pixpool-test-XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(directory));
    assert_int_equal(setenv("XDG_RUNTIME_DIR", directory, 1), 0);
    assert_int_equal(pp_control_ask("../../etc", 1, &status, NULL), PP_E_USAGE);
    assert_int_equal(pp_control_ask("", 1, &status, NULL), PP_E_USAGE);
    assert_int_equal(pp_control_tell("nosuchrun", PP_CONTROL_PAUSE, 0, 1, &err), PP_E_CLOSED);
    assert_string_equal(err.text, "no run nosuchrun is going on");
    assert_null(status);
    assert_int_equal(pp_control_list(&list, NULL), PP_OK);
    for (size_t i = 0; i < list.count; i++) /* elsewhere there may be some */
        assert_string_not_equal(list.runs[i], "nosuchrun");
    pp_control_list_free(&list);
    rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status_is_unpacked_as_it_was),
        cmocka_unit_test(json_tells_all_of_it),
        cmocka_unit_test(what_is_no_run_is_not_reached),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
