#include "pipeline/conversion.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "pipeline/decode_path.h"
#include "pipeline/metadata.h"

/* The stream buffers and the fixed part of the codec libraries' state. */
#define FIXED_MEMORY ((uint64_t)2 * 1024 * 1024)

/* ---- header and plan ----------------------------------------------------------------------- */

static enum pp_status open_picture(struct pp_conversion *c, struct pp_error *err)
{
    const struct pp_codec *codec = NULL;
    struct pp_read_settings settings = {
        .luma = pp_path_wants_luma(c->chain, c->settings, c->found_count),
        .luma_of_srgb = pp_path_wants_luma_of_srgb(c->chain, c->settings),
        .rewinds = c->trusts_bits,
        .colors = c->color_cache,
        .intent = c->settings->color.intent,
        .threads_max = pp_flow_threads(c->settings),
        .team = c->team,
        .limits = c->settings->limits,
    };

    enum pp_status status = pp_codec_sniff(c->in, &codec, err);
    if (status != PP_OK)
        return status;
    if (!codec && c->in->size == 0)
        return pp_error_set(err, PP_E_FORMAT, "cannot recognise the format: the file is empty");
    if (!codec)
        return pp_error_set(err, PP_E_FORMAT, "cannot recognise the format: not a JPEG or PNG");
    enum pp_format format = c->settings->encode.format;
    c->codec = format == PP_FORMAT_KEEP ? codec : pp_codec_for(format);
    c->report->in_format = codec->format;
    c->report->out_format = c->codec->format;
    status = codec->open_reader(c->in, &settings, &c->reader, err);
    if (status == PP_OK)
        c->report->in = c->reader->geometry;
    return status;
}

/* Whether this run is only to find out what a filter needs to know. */
static bool surveys(const struct pp_conversion *c)
{
    return c->plan.survey.filter != NULL;
}

static struct pp_write_settings write_settings(const struct pp_conversion *c)
{
    struct pp_write_settings write = {
        .encode = c->settings->encode,
        .threads_max = pp_flow_threads(c->settings),
        .team = c->team,
        .metadata = &c->reader->metadata,
        .jpeg = &c->reader->jpeg,
    };

    if (c->trusts_pixels) {
        write.guess.opaque = pp_geometry_has_alpha(&c->plan.out);
        write.guess.gray_bits = pp_plan_gray_bits(&c->plan, c->reader->gray_bits);
    }
    return write;
}

static struct pp_transcode without_pixels(const struct pp_conversion *c)
{
    return (struct pp_transcode){.luma = c->reader->luma, .placement = c->plan.placement};
}

static enum pp_status choose_path(struct pp_conversion *c, struct pp_path_choice *choice,
                                  struct pp_error *err)
{
    struct pp_write_settings write = write_settings(c);
    struct pp_path_question question = {
        .plan = &c->plan,
        .reader = c->reader,
        .writer = c->codec,
        .write = &write,
        .settings = c->settings,
        .what = without_pixels(c),
        .rewinds = c->trusts_bits,
        .pixels = pp_colors_need_pixels(&c->colors),
        .transcodes = c->trusts_coefficients,
        .fixed = FIXED_MEMORY,
    };

    return pp_path_choose(&question, choice, err);
}

/* What the output's metadata say depends on the plan, and may in turn rule out a way. */
static enum pp_status describe_and_choose(struct pp_conversion *c, struct pp_path_choice *choice,
                                          struct pp_error *err)
{
    const unsigned strip = pp_chain_strips_metadata(c->chain) ? PP_STRIP_ALL & ~PP_STRIP_ICC : 0;
    const struct pp_metadata_wish wish = {
        .writer = c->codec, .colors = &c->colors, .strip = strip | c->settings->encode.strip};
    enum pp_status status = pp_metadata_settle(c->reader, &c->plan, &wish, c->report, err);

    return status == PP_OK ? choose_path(c, choice, err) : status;
}

/* Plan, then choose the way, and decode less where the plan shows that less will do. */
static enum pp_status plan(struct pp_conversion *c, struct pp_path_choice *choice,
                           struct pp_error *err)
{
    unsigned eighths = 8;
    const struct pp_plan_request request = {
        .chain = c->chain,
        .in = &c->reader->geometry,
        .writer = c->codec,
        .limits = &c->settings->limits,
        .colors = &c->colors,
        .found = c->found,
        .found_count = c->found_count,
    };

    enum pp_status status =
        pp_colors_init(&c->colors, &c->settings->color, c->color_cache, c->reader, err);
    if (status == PP_OK)
        status = pp_plan_init(&c->plan, &request, err);
    if (status != PP_OK)
        return status;
    c->report->out = c->plan.out;
    if (surveys(c))
        choice->path = c->reader->luma ? PP_DECODE_LUMA : PP_DECODE_FULL;
    else
        status = describe_and_choose(c, choice, err);
    if (status != PP_OK)
        return status;
    if (choice->path == PP_DECODE_LUMA || choice->path == PP_DECODE_FULL)
        status = pp_plan_reduce(&c->plan, c->reader, &eighths, err);
    const char *name = pp_decode_path_name(choice->path);
    if (eighths < 8)
        snprintf(c->report->path, sizeof c->report->path, "%s %u/8", name, eighths);
    else
        snprintf(c->report->path, sizeof c->report->path, "%s", name);
    return status;
}

static enum pp_status reserve_memory(struct pp_conversion *c, uint64_t bytes, struct pp_error *err)
{
    const struct pp_convert_settings *settings = c->settings;

    bytes += FIXED_MEMORY;
    c->report->memory = bytes;
    if (settings->limits.max_memory && bytes > settings->limits.max_memory)
        return pp_error_set(err, PP_E_LIMIT,
                            "%llu MB of memory needed exceed the limit of %llu MB (--memory)",
                            (unsigned long long)((bytes + (1 << 20) - 1) >> 20),
                            (unsigned long long)(settings->limits.max_memory >> 20));
    if (!settings->hooks.memory || bytes <= c->granted)
        return PP_OK;
    c->granted = bytes;
    return settings->hooks.memory(settings->hooks.user, bytes, err);
}

/* ---- by pixels ----------------------------------------------------------------------------- */

/* Everything that must be there before the first row. */
static enum pp_status prepare(struct pp_conversion *c, struct pp_error *err)
{
    struct pp_write_settings write = write_settings(c);
    void *rows = NULL;

    c->band.stride = pp_size_aligned(pp_geometry_row_bytes(&c->plan.out));
    uint64_t memory = c->reader->memory + pp_flow_memory(&c->plan, pp_flow_threads(c->settings)) +
                      (uint64_t)c->plan.band_rows * c->band.stride;
    if (!surveys(c))
        memory += c->codec->writer_memory(&c->plan.out, &write);
    enum pp_status status = reserve_memory(c, memory, err);
    if (status == PP_OK)
        status = pp_flow_init(&c->flow, &c->plan, c->reader, c->team, c->settings, err);
    if (status == PP_OK)
        status = pp_memory_new(&rows, c->plan.band_rows, c->band.stride, "rows to encode", err);
    c->band.rows = rows;
    return status;
}

/* The reader starts first: a JPEG of many scans has its last tables only then. */
static enum pp_status start(struct pp_conversion *c, struct pp_error *err)
{
    struct pp_write_settings write = write_settings(c);
    uint64_t begin = pp_clock_ns();
    enum pp_status status = c->reader->codec->start(c->reader, err);

    c->decode_ns += pp_clock_ns() - begin;
    if (status == PP_OK && surveys(c))
        return pp_survey_init(&c->survey, c->plan.survey, &c->plan.out, err);
    if (status == PP_OK)
        status = c->codec->open_writer(c->out, &c->plan.out, &write, &c->writer, err);
    return status;
}

static enum pp_status use_band(struct pp_conversion *c, struct pp_error *err)
{
    if (surveys(c)) {
        pp_survey_observe(&c->survey, &c->band);
        return PP_OK;
    }
    uint64_t begin = pp_clock_ns();
    enum pp_status status =
        c->codec->write_rows(c->writer, c->band.rows, c->band.stride, c->band.count, err);

    c->encode_ns += pp_clock_ns() - begin;
    return status;
}

static bool is_done(const struct pp_conversion *c)
{
    return c->band.first + c->band.count >= c->plan.out.height;
}

/* The next band. Before the first one the band is empty and begins at the top. */
static enum pp_status run_band(struct pp_conversion *c, struct pp_error *err)
{
    const struct pp_convert_hooks *hooks = &c->settings->hooks;
    uint32_t first = c->band.first + c->band.count, left = c->plan.out.height - first;

    c->band.first = first;
    c->band.count = left < c->plan.band_rows ? left : c->plan.band_rows;
    enum pp_status status = pp_flow_pull(&c->flow, &c->band, err);
    if (status == PP_OK)
        status = use_band(c, err);
    if (status == PP_OK && hooks->progress && !surveys(c))
        hooks->progress(hooks->user, first + c->band.count, c->plan.out.height);
    return status;
}

/* The end of the input is looked at only when all of it was decoded: a crop may not need it. */
static enum pp_status finish(struct pp_conversion *c, struct pp_error *err)
{
    enum pp_status status = PP_OK;

    if (c->flow.rows_read == c->plan.in.height)
        status = c->reader->codec->finish_reader(c->reader, err);
    if (status == PP_OK && surveys(c)) {
        c->found[c->found_count++] = pp_survey_conclude(&c->survey);
        c->again = true;
        return PP_OK;
    }
    uint64_t begin = pp_clock_ns();
    if (status == PP_OK)
        status = c->codec->finish_writer(c->writer, err);
    if (status == PP_OK)
        status = pp_output_flush(c->out, err);
    c->encode_ns += pp_clock_ns() - begin;
    if (status == PP_OK)
        pp_flow_tell_times(&c->flow);
    return status;
}

/* What the team is led through. */
struct stretch {
    struct pp_conversion *c;
    unsigned threads; /* with so many; then it ends */
    enum pp_status status;
    struct pp_error *err;
};

static void run_stretch(void *user)
{
    struct stretch *stretch = user;
    struct pp_conversion *c = stretch->c;

    while (stretch->status == PP_OK && !is_done(c) &&
           pp_flow_threads_now(&c->flow) == stretch->threads)
        stretch->status = run_band(c, stretch->err);
    if (stretch->status == PP_OK && is_done(c))
        stretch->status = finish(c, stretch->err);
}

/* One thread goes through the bands and leaves jobs to the others: rows to inflate ahead, slices of
 * a band to filter, pieces of the output to compress. The team is as large as the supervisor
 * allows, who may change his mind at any time. */
static enum pp_status run_bands(struct pp_conversion *c, struct pp_error *err)
{
    struct stretch stretch = {.c = c, .err = err};

    while (stretch.status == PP_OK && !is_done(c)) {
        stretch.threads = pp_flow_threads_now(&c->flow);
        pp_team_lead(c->team, stretch.threads, run_stretch, &stretch);
    }
    return stretch.status;
}

static enum pp_status run_pixels(struct pp_conversion *c, struct pp_error *err)
{
    enum pp_status status = prepare(c, err);

    if (status == PP_OK)
        status = start(c, err);
    return status == PP_OK ? run_bands(c, err) : status;
}

/* ---- without ------------------------------------------------------------------------------- */

static enum pp_status run_transcoder(struct pp_conversion *c, const struct pp_path_choice *choice,
                                     struct pp_error *err)
{
    struct pp_write_settings write = write_settings(c);
    struct pp_transcode what = without_pixels(c);

    enum pp_status status = reserve_memory(c, choice->memory, err);
    if (status != PP_OK)
        return status;
    uint64_t begin = pp_clock_ns();
    status = c->reader->codec->transcode(c->reader, choice->path, &what, c->out, &write, err);
    if (status == PP_OK)
        status = pp_output_flush(c->out, err);
    c->decode_ns += pp_clock_ns() - begin;
    if (status == PP_OK && c->settings->hooks.progress)
        c->settings->hooks.progress(c->settings->hooks.user, c->plan.out.height,
                                    c->plan.out.height);
    return status;
}

/* ---- the run ------------------------------------------------------------------------------- */

static void add_warnings(struct pp_convert_report *report, uint32_t count, const char *first)
{
    if (report->warnings == 0)
        snprintf(report->warning, sizeof report->warning, "%s", first);
    report->warnings += count;
}

/* What this run found out, and whether another one may do better. */
static void conclude(struct pp_conversion *c)
{
    c->decode_ns += c->flow.decode_ns;
    c->filter_ns += c->flow.filter_ns;
    if (c->reader)
        add_warnings(c->report, c->reader->warnings, c->reader->warning);
    if (c->writer)
        add_warnings(c->report, c->writer->warnings, c->writer->warning);
    if (c->colors.warning)
        add_warnings(c->report, 1, c->colors.warning);
    if (!c->rewinds)
        return;
    if (c->reader && c->reader->gave_up && (c->trusts_bits || c->trusts_coefficients)) {
        c->trusts_coefficients = c->trusts_bits;
        c->trusts_bits = false;
        c->again = true;
    }
    if (c->writer && c->writer->guess_failed && c->trusts_pixels) {
        c->trusts_pixels = false;
        c->again = true;
    }
}

static void release(struct pp_conversion *c)
{
    if (c->writer)
        c->codec->close_writer(c->writer);
    free(c->band.rows);
    pp_survey_release(&c->survey);
    pp_flow_release(&c->flow);
    pp_plan_release(&c->plan);
    pp_colors_release(&c->colors);
    if (c->reader)
        c->reader->codec->close_reader(c->reader);
    c->writer = NULL;
    c->reader = NULL;
    c->band = (struct pp_band){0};
}

enum pp_status pp_conversion_run(struct pp_conversion *c, struct pp_error *err)
{
    struct pp_path_choice choice = {0};

    *c->report = (struct pp_convert_report){0};
    c->again = false;
    enum pp_status status = open_picture(c, err);
    if (status == PP_OK)
        status = plan(c, &choice, err);
    if (status == PP_OK && (choice.path == PP_DECODE_EXTRACT || choice.path == PP_DECODE_DCT))
        status = run_transcoder(c, &choice, err);
    else if (status == PP_OK)
        status = run_pixels(c, err);
    conclude(c);
    release(c);
    return status;
}
