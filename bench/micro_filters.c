/*
 * micro_filters - what each registered filter takes for one pixel, on one core.
 *
 * A picture of 8 bits that stays in the second-level cache goes through the filter as the pipeline
 * would send it: row by row where that is all it needs, else all of it at once. Standard output
 * gets a line for each filter and kind of picture: chain, "gray" or "rgb", nanoseconds for each
 * pixel of the input, tabs between. A filter that works with a picture from a file, which the
 * layers above this program's would have to read, is left out.
 *
 * `micro_filters check` only looks whether each filter can be tried, and measures none.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "filter/filter.h"

#define WIDTH     512u
#define HEIGHT    128u
#define SAMPLES   5
#define SAMPLE_NS (4 * PP_NS_PER_MS)

/* With arguments that make each filter work; all others are taken by the examples they give of
 * themselves, or by their bare names. */
static const char *const chains[] = {
    "sepia=0.8",        "threshold=100",     "brightness=0.1",
    "contrast=1.2",     "gamma=1.2",         "blur=2",
    "resize=50%",       "crop=80%",          "rotate=90",
    "depth=16",         "saturate=1.3",      "hue=60",
    "modulate=110:120", "tint=teal:0.6",     "duotone=navy:orange",
    "channel=red",      "levels=10:240:1.2", "curves=0/0+64/50+255/255",
    "boxblur=5",        "thumbnail=200x200", "pad=600x200",
    "extent=600x200",   "border=10",
};

struct trial {
    const struct pp_filter *filter;
    void *state;
    void *scratch;
    struct pp_geometry in, out;
    struct pp_band from, to; /* whole pictures; the rows are owned */
};

/* The chain to try a filter with; NULL: it needs a file. */
static const char *chain_of(const struct pp_filter *filter)
{
    const char *name = pp_filter_name(filter), *example = pp_filter_example(filter);
    size_t length = strlen(name);

    for (const struct pp_param *param = pp_filter_params(filter); param->name; param++)
        if (param->type == PP_PARAM_PICTURE)
            return NULL;

    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        if (strncmp(chains[i], name, length) == 0 && chains[i][length] == '=')
            return chains[i];
    }
    return example ? example : name;
}

static enum pp_status new_picture(struct pp_band *band, const struct pp_geometry *geometry,
                                  struct pp_error *err)
{
    void *rows = NULL;

    band->stride = pp_size_aligned(pp_geometry_row_bytes(geometry));
    band->count = geometry->height;
    enum pp_status status = pp_memory_new(&rows, geometry->height, band->stride, "a picture", err);
    band->rows = rows;
    return status;
}

/* Noise, so that no branch can be foretold, by Knuth's MMIX generator. */
static void fill(const struct pp_band *band)
{
    uint64_t seed = 1;

    for (size_t i = 0; i < band->count * band->stride; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        band->rows[i] = (uint8_t)(seed >> 56);
    }
}

static enum pp_status set_up(struct trial *trial, const struct pp_chain_item *item,
                             struct pp_error *err)
{
    size_t scratch = 0;

    trial->filter = item->filter;
    trial->out = trial->in;
    trial->state = calloc(1, item->filter->state_size);
    if (!trial->state)
        return pp_error_set(err, PP_E_NO_MEMORY, "the filter: out of memory");
    enum pp_status status =
        item->filter->prepare(trial->state, item->args, &trial->in, &trial->out, err);
    if (status == PP_OK)
        status = new_picture(&trial->from, &trial->in, err);
    if (status == PP_OK)
        status = new_picture(&trial->to, &trial->out, err);
    if (status == PP_OK && item->filter->scratch_size)
        scratch = item->filter->scratch_size(trial->state, trial->out.height);
    if (status == PP_OK && scratch > 0)
        status = pp_memory_new(&trial->scratch, 1, scratch, "scratch memory", err);
    if (status == PP_OK)
        fill(&trial->from);
    return status;
}

static void tear_down(struct trial *trial)
{
    if (trial->state && trial->filter->release)
        trial->filter->release(trial->state);
    free(trial->state);
    free(trial->scratch);
    free(trial->from.rows);
    free(trial->to.rows);
}

static void render_rows(const struct trial *trial)
{
    for (uint32_t y = 0; y < trial->out.height; y++) {
        struct pp_band from = {pp_band_row(&trial->from, y), trial->from.stride, y, 1};
        struct pp_band to = {pp_band_row(&trial->to, y), trial->to.stride, y, 1};
        trial->filter->render(trial->state, &from, &to, trial->scratch);
    }
}

static void render(const struct trial *trial)
{
    if (trial->filter->rows_needed)
        trial->filter->render(trial->state, &trial->from, &trial->to, trial->scratch);
    else
        render_rows(trial);
}

/* The quickest of a few samples: whatever else the machine does only makes one slower. */
static double measure(const struct trial *trial)
{
    double best = 0;

    render(trial);
    for (int i = 0; i < SAMPLES; i++) {
        uint64_t begin = pp_clock_ns(), now = begin, pixels = 0;
        for (; now - begin < SAMPLE_NS; now = pp_clock_ns()) {
            render(trial);
            pixels += (uint64_t)WIDTH * HEIGHT;
        }
        double ns = (double)(now - begin) / (double)pixels;
        if (i == 0 || ns < best)
            best = ns;
    }
    return best;
}

static enum pp_status try_filter(const char *text, unsigned channels, bool measures,
                                 struct pp_error *err)
{
    struct trial trial = {.in = {WIDTH, HEIGHT, (uint8_t)channels, 8, 6}};
    struct pp_chain *chain = NULL;
    enum pp_status status = pp_chain_parse(text, &chain, err);

    if (status != PP_OK)
        return status;
    struct pp_chain_item item = pp_chain_item(chain, 0);
    status = set_up(&trial, &item, err);
    if (status == PP_OK && item.filter->observe &&
        (!item.filter->observes || item.filter->observes(item.args))) {
        item.filter->observe(trial.state, &trial.from);
        item.filter->conclude(trial.state);
    }
    /* One that changes nothing is left out by the pipeline: there is nothing to measure. */
    if (status == PP_OK && measures &&
        !(item.filter->is_identity && item.filter->is_identity(trial.state)))
        printf("%s\t%s\t%.3f\n", text, channels == 1 ? "gray" : "rgb", measure(&trial));
    tear_down(&trial);
    pp_chain_free(chain);
    return status;
}

int main(int argc, char **argv)
{
    static const unsigned kinds[] = {1, 3};
    const bool measures = argc < 2 || strcmp(argv[1], "check") != 0;
    int failed = 0;

    for (size_t i = 0; pp_filter_at(i); i++) {
        const char *text = chain_of(pp_filter_at(i));
        for (size_t kind = 0; text && kind < sizeof kinds / sizeof *kinds; kind++) {
            struct pp_error err = {0};
            if (try_filter(text, kinds[kind], measures, &err) != PP_OK) {
                fprintf(stderr, "micro_filters: %s: %s\n", text, err.text);
                failed = 1;
            }
        }
    }
    return failed;
}
