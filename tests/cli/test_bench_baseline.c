#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "cli/bench_baseline.h"
#include "cli/bench_json.h"

#define LIMIT 0.05

/* Results as a benchmark makes them, and what they turn into. */
struct written {
    struct pp_bench_results results;
    struct pp_bench_identity identity;
    struct pp_bench_machine machine;
    char *json;
};

static void fill(struct pp_bench_series *series, const double *real_ms, size_t count)
{
    for (size_t i = 0; i < count; i++)
        pp_bench_series_put(series, real_ms[i], 2 * real_ms[i]);
}

static void write_results(struct written *written, const double *real_ms, size_t count)
{
    struct pp_bench_series *series;

    *written = (struct written){.results.repeats = count};
    written->machine = (struct pp_bench_machine){.host = "h\"\\\n\xff", .cpu = "cpu", .cores = 3};
    for (unsigned i = 0; i < PP_BENCH_FACT_COUNT; i++)
        written->identity.facts[i] = strdup(i == PP_BENCH_FACT_CORES ? "3" : "fact");
    series = pp_bench_results_get(&written->results, "convert/jobs:2");
    series->decides = true;
    series->threads = 2;
    series->iterations = 7;
    series->items = 10;
    series->bytes = 3000;
    fill(series, real_ms, count);
    fill(pp_bench_results_get(&written->results, "stage/read"), real_ms, count);
    written->json = pp_bench_json(&written->results, &written->identity, &written->machine);
    assert_non_null(written->json);
}

static void release_written(struct written *written)
{
    pp_bench_results_release(&written->results);
    pp_bench_identity_release(&written->identity);
    free(written->json);
}

static const char *word(struct json_object *object, const char *key)
{
    return json_object_get_string(json_object_object_get(object, key));
}

static double number(struct json_object *object, const char *key)
{
    return json_object_get_double(json_object_object_get(object, key));
}

static void json_has_the_entries_of_google_benchmark(void **state)
{
    const double times[] = {4, 5, 6};
    struct written written;

    (void)state;
    write_results(&written, times, 3);
    struct json_object *root = json_tokener_parse(written.json);
    struct json_object *list = json_object_object_get(root, "benchmarks");
    struct json_object *first = json_object_array_get_idx(list, 0);
    struct json_object *median = json_object_array_get_idx(list, 4);

    assert_int_equal(json_object_array_length(list), 2 * (3 + 4));
    assert_string_equal(word(first, "name"), "convert/jobs:2");
    assert_string_equal(word(first, "run_type"), "iteration");
    assert_string_equal(word(first, "time_unit"), "ms");
    assert_int_equal(number(first, "repetitions"), 3);
    assert_int_equal(number(first, "repetition_index"), 0);
    assert_int_equal(number(first, "iterations"), 7);
    assert_int_equal(number(first, "threads"), 2);
    assert_true(number(first, "real_time") == 4 && number(first, "cpu_time") == 8);
    assert_true(number(first, "items_per_second") == 2500);
    assert_true(number(first, "bytes_per_second") == 750000);
    assert_string_equal(word(median, "name"), "convert/jobs:2_median");
    assert_string_equal(word(median, "run_name"), "convert/jobs:2");
    assert_string_equal(word(median, "run_type"), "aggregate");
    assert_string_equal(word(median, "aggregate_name"), "median");
    assert_true(number(median, "real_time") == 5);
    json_object_put(root);
    release_written(&written);
}

static void json_escapes_what_is_no_text(void **state)
{
    const double times[] = {1};
    struct written written;

    (void)state;
    write_results(&written, times, 1);
    struct json_object *root = json_tokener_parse(written.json);

    assert_string_equal(word(json_object_object_get(root, "context"), "host_name"),
                        "h\"\\x5C\\x0A\\xFF");
    json_object_put(root);
    release_written(&written);
}

static void baseline_reads_back_what_was_written(void **state)
{
    const double times[] = {4, 6, 5};
    struct pp_bench_baseline baseline = {0};
    struct pp_error err = {0};
    struct written written;

    (void)state;
    write_results(&written, times, 3);
    assert_int_equal(pp_bench_baseline_parse(&baseline, written.json, &err), PP_OK);
    assert_int_equal(pp_bench_identity_match(&written.identity, &baseline.identity, &err), PP_OK);
    const struct pp_bench_series *series =
        pp_bench_results_find(&baseline.results, "convert/jobs:2");
    assert_non_null(series);
    assert_int_equal(series->count, 3);
    assert_true(series->real_ms[1] == 6 && series->cpu_ms[1] == 12);
    assert_null(pp_bench_results_find(&baseline.results, "convert/jobs:2_median"));
    pp_bench_baseline_release(&baseline);
    release_written(&written);
}

static void baseline_of_something_else_is_refused_by_what_differs(void **state)
{
    const double times[] = {1};

    (void)state;
    for (unsigned i = 0; i < PP_BENCH_FACT_COUNT; i++) {
        struct pp_bench_baseline baseline = {0};
        struct pp_error err = {0};
        struct written written;

        write_results(&written, times, 1);
        assert_int_equal(pp_bench_baseline_parse(&baseline, written.json, &err), PP_OK);
        written.identity.facts[i][0] = '9';
        assert_int_equal(pp_bench_identity_match(&written.identity, &baseline.identity, &err),
                         PP_E_USAGE);
        assert_non_null(strstr(err.text, written.identity.facts[i]));
        pp_bench_baseline_release(&baseline);
        release_written(&written);
    }
}

static void assert_broken(const char *text)
{
    struct pp_bench_baseline baseline = {0};
    struct pp_error err = {0};

    assert_int_equal(pp_bench_baseline_parse(&baseline, text, &err), PP_E_READ);
    assert_true(strlen(err.text) > 0);
    pp_bench_baseline_release(&baseline);
}

static void broken_baseline_is_refused(void **state)
{
    (void)state;
    assert_broken("");
    assert_broken("no json");
    assert_broken("[]");
    assert_broken("null");
    assert_broken("{\"context\": {}, \"benchmarks\": []}");
    assert_broken("{\"context\": {}, \"benchmarks\": {}}");
    assert_broken("{\"benchmarks\": [1]}");
    assert_broken("{\"context\": {}, \"benchmarks\": [{\"run_type\": \"iteration\"}]}");
    assert_broken(
        "{\"context\": {}, \"benchmarks\": [{\"run_type\": \"iteration\", \"name\": \"a\", "
        "\"time_unit\": \"weeks\", \"real_time\": 1, \"cpu_time\": 1}]}");
    assert_broken(
        "{\"context\": {}, \"benchmarks\": [{\"run_type\": \"iteration\", \"name\": \"a\", "
        "\"time_unit\": \"ms\", \"real_time\": -1, \"cpu_time\": 1}]}");
}

static void a_context_of_odd_types_is_survived(void **state)
{
    struct pp_bench_baseline baseline = {0};
    struct pp_error err = {0};

    (void)state;
    assert_int_equal(
        pp_bench_baseline_parse(
            &baseline,
            "{\"context\": {\"pixpool_version\": null, \"num_cpus\": [3], \"date\": 7},"
            " \"benchmarks\": [null, 4, {}]}",
            &err),
        PP_OK);
    assert_int_equal(baseline.results.count, 0);
    pp_bench_baseline_release(&baseline);
}

/* How `count` repeats of `new` times compare with as many of `old`. */
static struct pp_bench_change compare(const double *old, const double *new, size_t count)
{
    struct pp_bench_results results = {.repeats = count};
    struct pp_bench_series *first = pp_bench_results_get(&results, "old");
    struct pp_bench_series *second = pp_bench_results_get(&results, "new");

    fill(first, old, count);
    fill(second, new, count);
    struct pp_bench_change change = pp_bench_compare(first, second, LIMIT);
    pp_bench_results_release(&results);
    return change;
}

static void a_median_beyond_the_limit_is_slower(void **state)
{
    const double old[] = {100, 100, 100}, within[] = {104, 104, 104}, beyond[] = {106, 1, 106};

    (void)state;
    assert_int_equal(compare(old, within, 3).verdict, PP_BENCH_SAME);
    assert_int_equal(compare(old, beyond, 3).verdict, PP_BENCH_SLOWER);
    assert_int_equal(compare(beyond, old, 3).verdict, PP_BENCH_FASTER);
    assert_true(compare(old, beyond, 3).change > 0.0599 && compare(old, beyond, 3).change < 0.0601);
}

static void repeats_far_apart_are_called_noisy(void **state)
{
    const double calm[] = {100, 101, 102}, wild[] = {80, 100, 130};

    (void)state;
    assert_false(compare(calm, calm, 3).noisy);
    assert_true(compare(wild, calm, 3).noisy);
    assert_true(compare(calm, wild, 3).noisy);
}

static void a_time_of_nothing_is_no_division_by_zero(void **state)
{
    const double nothing[] = {0}, something[] = {1};

    (void)state;
    assert_int_equal(compare(nothing, nothing, 1).verdict, PP_BENCH_SAME);
    assert_int_equal(compare(nothing, something, 1).verdict, PP_BENCH_SLOWER);
    assert_int_equal(compare(something, nothing, 1).verdict, PP_BENCH_FASTER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_the_entries_of_google_benchmark),
        cmocka_unit_test(json_escapes_what_is_no_text),
        cmocka_unit_test(baseline_reads_back_what_was_written),
        cmocka_unit_test(baseline_of_something_else_is_refused_by_what_differs),
        cmocka_unit_test(broken_baseline_is_refused),
        cmocka_unit_test(a_context_of_odd_types_is_survived),
        cmocka_unit_test(a_median_beyond_the_limit_is_slower),
        cmocka_unit_test(repeats_far_apart_are_called_noisy),
        cmocka_unit_test(a_time_of_nothing_is_no_division_by_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
