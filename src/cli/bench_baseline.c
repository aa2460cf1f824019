#include "cli/bench_baseline.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#define ENTRIES_MAX 100000 /* of a baseline file */

static struct json_object *member(struct json_object *object, const char *key, json_type type)
{
    struct json_object *value = NULL;

    if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type))
        return NULL;
    return value;
}

/* "" where there is no such text. */
static const char *text_of(struct json_object *object, const char *key)
{
    struct json_object *value = member(object, key, json_type_string);

    return value ? json_object_get_string(value) : "";
}

static bool number_of(struct json_object *object, const char *key, double *number)
{
    struct json_object *value = NULL;

    if (!json_object_object_get_ex(object, key, &value) ||
        !(json_object_is_type(value, json_type_double) ||
          json_object_is_type(value, json_type_int)))
        return false;
    *number = json_object_get_double(value);
    return isfinite(*number) && *number >= 0;
}

/* Milliseconds in a unit; 0 for one that is none. */
static double unit_ms(const char *unit)
{
    static const struct {
        const char *name;
        double ms;
    } units[] = {{"ns", 1e-6}, {"us", 1e-3}, {"ms", 1}, {"s", 1e3}};

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(units[i].name, unit))
            return units[i].ms;
    return 0;
}

static enum pp_status take_context(struct pp_bench_baseline *baseline, struct json_object *context,
                                   struct pp_error *err)
{
    for (unsigned i = 0; i < PP_BENCH_FACT_COUNT; i++) {
        struct json_object *value = NULL;

        if (!json_object_object_get_ex(context, pp_bench_fact_key((enum pp_bench_fact)i), &value) ||
            !value)
            continue;
        /* A number's text is the number. What was escaped once is not escaped again. */
        baseline->identity.facts[i] = strdup(json_object_get_string(value));
        if (!baseline->identity.facts[i])
            return pp_error_set(err, PP_E_NO_MEMORY, "out of memory");
    }
    snprintf(baseline->date, sizeof baseline->date, "%s", text_of(context, "date"));
    return PP_OK;
}

static enum pp_status take_entry(struct pp_bench_baseline *baseline, struct json_object *entry,
                                 struct pp_error *err)
{
    const char *name = text_of(entry, "name");
    double real = 0, cpu = 0, unit = unit_ms(text_of(entry, "time_unit"));

    if (strcmp(text_of(entry, "run_type"), "iteration") != 0)
        return PP_OK;
    if (!*name || strlen(name) >= PP_BENCH_NAME || unit <= 0 ||
        !number_of(entry, "real_time", &real) || !number_of(entry, "cpu_time", &cpu))
        return pp_error_set(err, PP_E_READ, "a benchmark in it lacks its name, time or unit");
    struct pp_bench_series *series = pp_bench_results_get(&baseline->results, name);
    if (!series)
        return pp_error_set(err, PP_E_READ, "there are too many benchmarks in it");
    pp_bench_series_put(series, real * unit, cpu * unit);
    return PP_OK;
}

static enum pp_status take(struct pp_bench_baseline *baseline, struct json_object *root,
                           struct pp_error *err)
{
    struct json_object *context = member(root, "context", json_type_object);
    struct json_object *list = member(root, "benchmarks", json_type_array);
    size_t count = list ? json_object_array_length(list) : 0;
    enum pp_status status;

    if (!context || !list)
        return pp_error_set(err, PP_E_READ, "it holds no results of a benchmark");
    if (count == 0 || count > ENTRIES_MAX)
        return pp_error_set(err, PP_E_READ, "it holds %s benchmarks", count ? "too many" : "no");
    status = take_context(baseline, context, err);
    baseline->results.repeats = count;
    for (size_t i = 0; status == PP_OK && i < count; i++)
        status = take_entry(baseline, json_object_array_get_idx(list, i), err);
    return status;
}

enum pp_status pp_bench_baseline_parse(struct pp_bench_baseline *baseline, const char *text,
                                       struct pp_error *err)
{
    enum json_tokener_error error = json_tokener_success;
    struct json_object *root = json_tokener_parse_verbose(text, &error);
    enum pp_status status;

    if (!root || error != json_tokener_success)
        status = pp_error_set(err, PP_E_READ, "it is no JSON: %s", json_tokener_error_desc(error));
    else if (!json_object_is_type(root, json_type_object))
        status = pp_error_set(err, PP_E_READ, "it holds no results of a benchmark");
    else
        status = take(baseline, root, err);
    json_object_put(root);
    return status;
}

void pp_bench_baseline_release(struct pp_bench_baseline *baseline)
{
    pp_bench_identity_release(&baseline->identity);
    pp_bench_results_release(&baseline->results);
}

struct pp_bench_change pp_bench_compare(const struct pp_bench_series *old,
                                        const struct pp_bench_series *new, double limit)
{
    struct pp_bench_stats then = pp_bench_series_real(old), now = pp_bench_series_real(new);
    struct pp_bench_change change = {.old_ms = then.median, .new_ms = now.median};

    if (then.median > 0)
        change.change = now.median / then.median - 1;
    else if (now.median > 0)
        change.change = INFINITY;
    change.spread = then.spread > now.spread ? then.spread : now.spread;
    change.noisy = change.spread > limit;
    if (change.change > limit)
        change.verdict = PP_BENCH_SLOWER;
    else if (change.change < -limit)
        change.verdict = PP_BENCH_FASTER;
    return change;
}
