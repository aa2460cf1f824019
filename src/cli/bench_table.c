#include "cli/bench_table.h"

#include <stdlib.h>
#include <string.h>

#include <pixpool/version.h>

#include "cli/bench_parts.h"

#define PATHS_MAX 16 /* told apart in the summary */

void pp_bench_duration(double ms, char *text, size_t size)
{
    if (ms >= 1000)
        snprintf(text, size, "%.3f s", ms / 1000);
    else if (ms >= 1)
        snprintf(text, size, "%.2f ms", ms);
    else
        snprintf(text, size, "%.1f us", ms * 1000);
}

static void print_head(FILE *out, const struct pp_bench *bench,
                       const struct pp_bench_machine *machine)
{
    const struct pp_bench_inputs *inputs = &bench->inputs;
    char took[24], filters[1024];

    pp_bench_duration(1000 * inputs->read_seconds, took, sizeof took);
    pp_terminal_escape(filters, sizeof filters, bench->options->batch.filters);
    fprintf(out, "pixpool %s: %s\n", pp_version(), filters);
    fprintf(out, "%zu picture%s, %.1f MP, %.1f MB, read beforehand in %s\n", inputs->count,
            inputs->count == 1 ? "" : "s", 1e-6 * (double)pp_bench_inputs_pixels(inputs),
            1e-6 * (double)pp_bench_inputs_bytes(inputs), took);
    fprintf(out, "%u core%s, %s; medians of %zu repeat%s\n", machine->cores,
            machine->cores == 1 ? "" : "s", machine->cpu, bench->results.repeats,
            bench->results.repeats == 1 ? "" : "s");
}

/* What a scaling's first and fastest point are compared with. */
static void print_scaling(FILE *out, const struct pp_bench_results *results, const char *prefix,
                          const char *option)
{
    double first = 0;

    for (size_t i = 0; i < results->count; i++) {
        const struct pp_bench_series *series = &results->series[i];
        struct pp_bench_stats stats = pp_bench_series_real(series);
        double cpu = pp_bench_series_cpu(series).median;
        char label[16], real[24], busy[24];

        if (strncmp(series->name, prefix, strlen(prefix)) != 0 || stats.median <= 0)
            continue;
        if (first <= 0)
            first = stats.median;
        snprintf(label, sizeof label, "%s %s", option, series->name + strlen(prefix));
        pp_bench_duration(stats.median, real, sizeof real);
        pp_bench_duration(cpu, busy, sizeof busy);
        fprintf(out, "  %-9s%11s%8.1f %%%11s%11.1f%9.1f%9.1f%10.2f\n", label, real,
                100 * stats.spread, busy, 1e3 * series->items / stats.median,
                1e-3 * series->pixels / stats.median, 1e-3 * series->bytes / stats.median,
                first / stats.median);
    }
}

static void print_scalings(FILE *out, const struct pp_bench *bench)
{
    const struct pp_bench_input *largest = pp_bench_inputs_largest(&bench->inputs);
    const char *columns = "       time    spread        CPU   images/s     MP/s     MB/s  speed-up";

    fprintf(out, "\nWorkers    %s\n", columns);
    print_scaling(out, &bench->results, "convert/jobs:", "-j");
    if (!largest)
        return;
    fprintf(out, "\nThreads    %s\n", columns);
    print_scaling(out, &bench->results, "largest/threads:", "-t");
    fprintf(out, "  on the largest picture, %u x %u\n", largest->report.in.width,
            largest->report.in.height);
}

static double median_of(const struct pp_bench_results *results, const char *name)
{
    const struct pp_bench_series *series = pp_bench_results_find(results, name);

    return series ? pp_bench_series_real(series).median : 0;
}

static void print_latency(FILE *out, const struct pp_bench *bench)
{
    static const char *const names[] = {"p50", "p90", "p99", "max"};
    char name[PP_BENCH_NAME], text[24];

    fprintf(out, "\nOne picture, -j %u:", bench->jobs);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(name, sizeof name, "latency/%s", names[i]);
        pp_bench_duration(median_of(&bench->results, name), text, sizeof text);
        fprintf(out, "%s %s %s", i ? "," : "", names[i], text);
    }
    fputc('\n', out);
}

static void print_part(FILE *out, const char *name, double ms, double sum)
{
    char text[24];

    pp_bench_duration(ms, text, sizeof text);
    fprintf(out, "  %-24s%8.1f %%%13s\n", name, sum > 0 ? 100 * ms / sum : 0, text);
}

static void print_filters(FILE *out, const struct pp_bench_results *results, double sum)
{
    const size_t prefix = strlen(PP_BENCH_FILTER_PREFIX);
    char name[PP_BENCH_NAME];

    for (size_t i = 0; i < results->count; i++) {
        const struct pp_bench_series *series = &results->series[i];

        if (strncmp(series->name, PP_BENCH_FILTER_PREFIX, prefix) != 0)
            continue;
        snprintf(name, sizeof name, "  %.40s", series->name + prefix);
        print_part(out, name, pp_bench_series_real(series).median, sum);
    }
}

static void print_stages(FILE *out, const struct pp_bench *bench)
{
    double ms[PP_STAGE_COUNT], sum = pp_bench_parts_stages(&bench->results, ms);

    fprintf(out, "\nStage, -j %-16u    share   time of all\n", bench->jobs);
    for (unsigned i = 0; i < PP_STAGE_COUNT; i++) {
        print_part(out, pp_stage_name((enum pp_stage)i), ms[i], sum);
        if (i == PP_STAGE_FILTER)
            print_filters(out, &bench->results, sum);
    }
}

/* How many pictures went which way. */
struct tally {
    const char *path;
    size_t count;
};

static void print_paths(FILE *out, const struct pp_bench_inputs *inputs)
{
    struct tally tallies[PATHS_MAX];
    size_t used = 0, others = 0;

    for (size_t i = 0; i < inputs->count; i++) {
        const char *path = inputs->items[i].report.path;
        size_t k = 0;

        while (k < used && strcmp(tallies[k].path, path) != 0)
            k++;
        if (k == PATHS_MAX) {
            others++;
            continue;
        }
        if (k == used)
            tallies[used++] = (struct tally){.path = path};
        tallies[k].count++;
    }
    fputs("Paths:", out);
    for (size_t i = 0; i < used; i++)
        fprintf(out, "%s %s %zu", i ? "," : "", *tallies[i].path ? tallies[i].path : "unnamed",
                tallies[i].count);
    fprintf(out, others ? ", others %zu\n" : "\n", others);
}

/* The disk is not in the measurement, but was in the user's time once. */
static void print_verdict(FILE *out, const struct pp_bench *bench)
{
    double ms[PP_STAGE_COUNT], share, wall = 0;
    char name[PP_BENCH_NAME], took[24];

    (void)pp_bench_parts_stages(&bench->results, ms);
    enum pp_bench_bound bound = pp_bench_parts_bound(ms, &share);
    fprintf(out, "Verdict: %s, %.0f %% of the time in stages\n", pp_bench_bound_name(bound),
            100 * share);
    snprintf(name, sizeof name, "convert/jobs:%u", bench->jobs);
    wall = median_of(&bench->results, name);
    if (1000 * bench->inputs.read_seconds <= wall)
        return;
    pp_bench_duration(1000 * bench->inputs.read_seconds, took, sizeof took);
    fprintf(out,
            "From where the files lie it is I/O-bound: reading them took %s, longer than "
            "converting them\n",
            took);
}

void pp_bench_table_print(FILE *out, const struct pp_bench *bench,
                          const struct pp_bench_machine *machine)
{
    print_head(out, bench, machine);
    print_scalings(out, bench);
    print_latency(out, bench);
    print_stages(out, bench);
    fputc('\n', out);
    print_paths(out, &bench->inputs);
    print_verdict(out, bench);
}
