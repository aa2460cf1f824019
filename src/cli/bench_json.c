#include "cli/bench_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

/* json-c keeps the text of a number's format as it is handed over. */
static const char number_format[] = "%.9g";

/* Entries that could not be made for lack of memory are missed by `add`, which says so at last. */
struct writer {
    bool no_memory;
};

static void add(struct writer *writer, struct json_object *object, const char *key,
                struct json_object *value)
{
    if (value && json_object_object_add(object, key, value) == 0)
        return;
    json_object_put(value);
    writer->no_memory = true;
}

static void append(struct writer *writer, struct json_object *array, struct json_object *value)
{
    if (value && json_object_array_add(array, value) == 0)
        return;
    json_object_put(value);
    writer->no_memory = true;
}

static struct json_object *number(double value)
{
    struct json_object *object = json_object_new_double(value);

    if (object)
        json_object_set_serializer(object, json_object_double_to_json_string,
                                   (void *)(uintptr_t)number_format, NULL);
    return object;
}

static struct json_object *text(const char *bytes)
{
    char *ascii = pp_bench_ascii(bytes);
    struct json_object *object = ascii ? json_object_new_string(ascii) : NULL;

    free(ascii);
    return object;
}

static struct json_object *integer(uint64_t value)
{
    return json_object_new_int64((int64_t)value);
}

/* ---- the context ---------------------------------------------------------------------------- */

/* RFC 3339, local time. */
static struct json_object *date(void)
{
    char stamp[40], zone[8];
    time_t now = time(NULL);
    struct tm local;

    if (!localtime_r(&now, &local))
        return json_object_new_string("");
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &local);
    strftime(zone, sizeof zone, "%z", &local);
    snprintf(stamp + strlen(stamp), sizeof stamp - strlen(stamp), "%.3s:%.2s", zone, zone + 3);
    return json_object_new_string(stamp);
}

static struct json_object *executable(void)
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);

    path[length > 0 ? length : 0] = '\0';
    return text(path);
}

static struct json_object *caches(struct writer *writer, const struct pp_bench_machine *machine)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; list && i < machine->cache_count; i++) {
        const struct pp_bench_cache *cache = &machine->caches[i];
        struct json_object *entry = json_object_new_object();

        append(writer, list, entry);
        if (writer->no_memory)
            break;
        add(writer, entry, "type", text(cache->type));
        add(writer, entry, "level", integer(cache->level));
        add(writer, entry, "size", integer(cache->bytes));
        add(writer, entry, "num_sharing", integer(cache->sharing));
    }
    return list;
}

static struct json_object *load_of(struct writer *writer, const struct pp_bench_machine *machine)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; list && i < 3; i++)
        append(writer, list, number(machine->load[i]));
    return list;
}

static struct json_object *context_of(struct writer *writer,
                                      const struct pp_bench_identity *identity,
                                      const struct pp_bench_machine *machine)
{
    struct json_object *context = json_object_new_object();

    if (!context)
        return NULL;
    add(writer, context, "date", date());
    add(writer, context, "host_name", text(machine->host));
    add(writer, context, "executable", executable());
    add(writer, context, "num_cpus", integer(machine->cores));
    add(writer, context, "mhz_per_cpu", integer(machine->mhz));
    add(writer, context, "cpu_scaling_enabled", json_object_new_boolean(machine->scaling));
    add(writer, context, "caches", caches(writer, machine));
    add(writer, context, "load_avg", load_of(writer, machine));
    for (unsigned i = 0; i < PP_BENCH_FACT_COUNT; i++)
        if (i != PP_BENCH_FACT_CORES && identity->facts[i])
            add(writer, context, pp_bench_fact_key((enum pp_bench_fact)i),
                json_object_new_string(identity->facts[i]));
    add(writer, context, "json_schema_version", integer(1));
    return context;
}

/* ---- the benchmarks ------------------------------------------------------------------------- */

/* One entry's times, in milliseconds, or as shares where it is the coefficient of variation. */
struct times {
    double real, cpu;
};

static void add_rates(struct writer *writer, struct json_object *entry,
                      const struct pp_bench_series *series, double real_ms)
{
    if (series->items <= 0 || real_ms <= 0)
        return;
    add(writer, entry, "items_per_second", number(series->items / real_ms * 1e3));
    add(writer, entry, "bytes_per_second", number(series->bytes / real_ms * 1e3));
    add(writer, entry, "pixels_per_second", number(series->pixels / real_ms * 1e3));
}

static struct json_object *begin_entry(struct writer *writer, const struct pp_bench_series *series,
                                       const char *aggregate)
{
    struct json_object *entry = json_object_new_object();
    char name[PP_BENCH_NAME + 16];

    if (!entry)
        return NULL;
    snprintf(name, sizeof name, "%s%s%s", series->name, aggregate ? "_" : "",
             aggregate ? aggregate : "");
    add(writer, entry, "name", text(name));
    add(writer, entry, "run_name", text(series->name));
    add(writer, entry, "run_type", text(aggregate ? "aggregate" : "iteration"));
    add(writer, entry, "repetitions", integer(series->count));
    return entry;
}

static void add_times(struct writer *writer, struct json_object *entry, uint64_t iterations,
                      struct times times)
{
    add(writer, entry, "iterations", integer(iterations));
    add(writer, entry, "real_time", number(times.real));
    add(writer, entry, "cpu_time", number(times.cpu));
    add(writer, entry, "time_unit", text("ms"));
}

static void append_repeats(struct writer *writer, struct json_object *list,
                           const struct pp_bench_series *series)
{
    for (size_t i = 0; i < series->count; i++) {
        struct json_object *entry = begin_entry(writer, series, NULL);

        append(writer, list, entry);
        if (writer->no_memory)
            return;
        add(writer, entry, "repetition_index", integer(i));
        add(writer, entry, "threads", integer(series->threads));
        add_times(writer, entry, series->iterations,
                  (struct times){series->real_ms[i], series->cpu_ms[i]});
        add_rates(writer, entry, series, series->real_ms[i]);
    }
}

static void append_aggregate(struct writer *writer, struct json_object *list,
                             const struct pp_bench_series *series, const char *name,
                             struct times times)
{
    struct json_object *entry = begin_entry(writer, series, name);
    bool share = !strcmp(name, "cv");

    append(writer, list, entry);
    if (writer->no_memory)
        return;
    add(writer, entry, "threads", integer(series->threads));
    add(writer, entry, "aggregate_name", text(name));
    add(writer, entry, "aggregate_unit", text(share ? "percentage" : "time"));
    add_times(writer, entry, series->count, times);
    if (!strcmp(name, "median") || !strcmp(name, "mean"))
        add_rates(writer, entry, series, times.real);
}

static void append_series(struct writer *writer, struct json_object *list,
                          const struct pp_bench_series *series)
{
    struct pp_bench_stats real = pp_bench_series_real(series), cpu = pp_bench_series_cpu(series);

    append_repeats(writer, list, series);
    if (series->count < 2)
        return;
    append_aggregate(writer, list, series, "mean", (struct times){real.mean, cpu.mean});
    append_aggregate(writer, list, series, "median", (struct times){real.median, cpu.median});
    append_aggregate(writer, list, series, "stddev", (struct times){real.stddev, cpu.stddev});
    append_aggregate(writer, list, series, "cv", (struct times){real.cv, cpu.cv});
}

char *pp_bench_json(const struct pp_bench_results *results,
                    const struct pp_bench_identity *identity,
                    const struct pp_bench_machine *machine)
{
    struct json_object *root = json_object_new_object(), *list = json_object_new_array();
    struct writer writer = {.no_memory = !root || !list};
    const char *shown = NULL;
    char *copy = NULL;

    if (writer.no_memory) {
        json_object_put(list);
        goto out;
    }
    add(&writer, root, "context", context_of(&writer, identity, machine));
    add(&writer, root, "benchmarks", list);
    for (size_t i = 0; !writer.no_memory && i < results->count; i++)
        append_series(&writer, list, &results->series[i]);
    if (!writer.no_memory)
        shown =
            json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                                                     JSON_C_TO_STRING_NOSLASHESCAPE);
    if (shown && asprintf(&copy, "%s\n", shown) < 0)
        copy = NULL;
out:
    json_object_put(root);
    return copy;
}
