/* The comparison with a baseline, in columns. */
#include "cli/bench_table.h"

#include <math.h>

#include "cli/wrap.h"

#define TEXT_WIDTH 80

/* What is counted over all lines. */
struct count {
    size_t compared, slower, noisy;
};

static void print_change(FILE *out, const char *name, const struct pp_bench_change *change)
{
    static const char *const words[] = {
        [PP_BENCH_SAME] = "ok", [PP_BENCH_SLOWER] = "slower", [PP_BENCH_FASTER] = "faster"};
    char old[24], new[24];

    pp_bench_duration(change->old_ms, old, sizeof old);
    pp_bench_duration(change->new_ms, new, sizeof new);
    fprintf(out, "  %-22s%11s%11s%+9.1f %%%9.1f %%  %s%s\n", name, old, new,
            isfinite(change->change) ? 100 * change->change : 999.9, 100 * change->spread,
            words[change->verdict], change->noisy ? ", noisy" : "");
}

static struct count print_changes(FILE *out, const struct pp_bench_results *results,
                                  const struct pp_bench_baseline *baseline, double limit,
                                  bool deciding)
{
    struct count count = {0};

    for (size_t i = 0; i < results->count; i++) {
        const struct pp_bench_series *new = &results->series[i];
        const struct pp_bench_series *old = pp_bench_results_find(&baseline->results, new->name);

        if (new->decides != deciding || !old)
            continue;
        struct pp_bench_change change = pp_bench_compare(old, new, limit);
        print_change(out, new->name, &change);
        count.compared++;
        count.slower += change.verdict == PP_BENCH_SLOWER;
        count.noisy += change.noisy;
    }
    return count;
}

static void conclude(FILE *out, const struct count *count, double limit)
{
    char text[240];

    if (count->slower)
        snprintf(text, sizeof text, "%zu of %zu slower by more than %g %%", count->slower,
                 count->compared, 100 * limit);
    else
        snprintf(text, sizeof text, "none of %zu slower by more than %g %%", count->compared,
                 100 * limit);
    fprintf(out, "Compared: %s\n", text);
    if (!count->noisy)
        return;
    snprintf(text, sizeof text,
             "%zu of %zu noisy: their repeats lie further apart than the limit; more of them "
             "(--repeat), a machine with nothing else to do or a wider limit make it sure",
             count->noisy, count->compared);
    pp_wrap(out, text, 0, (struct pp_margins){0, TEXT_WIDTH});
}

size_t pp_bench_table_compare(FILE *out, const struct pp_bench_results *results,
                              const struct pp_bench_baseline *baseline, double limit)
{
    struct count count;
    char date[sizeof baseline->date * 4];

    pp_terminal_escape(date, sizeof date, *baseline->date ? baseline->date : "an unknown date");
    fprintf(out, "\nBaseline of %s, limit %g %%\n", date, 100 * limit);
    fprintf(out, "  %-22s%11s%11s%11s%11s\n", "", "old", "new", "change", "spread");
    count = print_changes(out, results, baseline, limit, true);
    fputs("  where it goes; these decide nothing:\n", out);
    (void)print_changes(out, results, baseline, limit, false);
    conclude(out, &count, limit);
    return count.slower;
}
