/*
 * One conversion from end to end: sniff, read the header, plan, count the memory and have it
 * granted, then pull bands from the flow into the writer. Everything acquired hangs on one struct
 * and is given back in one place, whatever happened.
 */
#include <pixpool/convert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/stream.h"
#include "codec/codec.h"
#include "pipeline/flow.h"
#include "pipeline/plan.h"

/* The stream buffers and the fixed part of the codec libraries' state. */
#define FIXED_MEMORY ((uint64_t)2 * 1024 * 1024)

struct conversion {
    const struct pp_chain *chain;
    const struct pp_convert_settings *settings;
    struct pp_convert_report *report;
    struct pp_input *in;
    struct pp_output *out;
    const struct pp_codec *codec; /* the writer's */
    struct pp_reader *reader;
    struct pp_writer *writer;
    struct pp_plan plan;
    struct pp_flow flow;
    struct pp_band band; /* between the flow and the writer; its rows are owned */
    uint64_t encode_ns;  /* includes the writer's own system calls */
};

const char *pp_stage_name(enum pp_stage stage)
{
    static const char *const names[PP_STAGE_COUNT] = {
        [PP_STAGE_READ] = "read",     [PP_STAGE_DECODE] = "decode", [PP_STAGE_FILTER] = "filter",
        [PP_STAGE_ENCODE] = "encode", [PP_STAGE_WRITE] = "write",
    };

    return (unsigned)stage < PP_STAGE_COUNT ? names[stage] : "unknown";
}

static enum pp_status open_picture(struct conversion *c, struct pp_error *err)
{
    const struct pp_codec *codec = NULL;
    struct pp_read_settings settings = {
        .luma = pp_plan_luma_suffices(c->chain),
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
    if (status != PP_OK)
        return status;
    c->report->in = c->reader->geometry;
    snprintf(c->report->path, sizeof c->report->path, "%s", c->reader->luma ? "luma" : "full");
    return PP_OK;
}

static struct pp_write_settings write_settings(const struct conversion *c)
{
    return (struct pp_write_settings){
        .encode = c->settings->encode,
        .metadata = &c->reader->metadata,
        .jpeg = &c->reader->jpeg,
    };
}

static enum pp_status reserve_memory(struct conversion *c, const struct pp_write_settings *write,
                                     struct pp_error *err)
{
    const struct pp_convert_settings *settings = c->settings;
    uint64_t bytes = FIXED_MEMORY + c->reader->memory;

    bytes += pp_flow_memory(&c->plan, pp_flow_threads(settings));
    bytes += (uint64_t)c->plan.band_rows * c->band.stride;
    bytes += c->codec->writer_memory(&c->plan.out, write);
    c->report->memory = bytes;
    if (settings->limits.max_memory && bytes > settings->limits.max_memory)
        return pp_error_set(err, PP_E_LIMIT,
                            "%llu MB of memory needed exceed the limit of %llu MB (--memory)",
                            (unsigned long long)(bytes >> 20),
                            (unsigned long long)(settings->limits.max_memory >> 20));
    if (settings->hooks.memory)
        return settings->hooks.memory(settings->hooks.user, bytes, err);
    return PP_OK;
}

/* Everything that must be known before the first row. */
static enum pp_status prepare(struct conversion *c, struct pp_error *err)
{
    const struct pp_convert_settings *settings = c->settings;
    struct pp_write_settings write = write_settings(c);
    void *rows = NULL;

    enum pp_status status =
        pp_plan_init(&c->plan, c->chain, &c->reader->geometry, c->codec, &settings->limits, err);
    if (status != PP_OK)
        return status;
    c->report->out = c->plan.out;
    c->band.stride = pp_size_aligned(pp_geometry_row_bytes(&c->plan.out));
    pp_metadata_adapt(&c->reader->metadata, &c->plan.in, &c->plan.out);
    status = reserve_memory(c, &write, err);
    if (status == PP_OK)
        status = pp_flow_init(&c->flow, &c->plan, c->reader, settings, err);
    if (status == PP_OK)
        status = pp_memory_new(&rows, c->plan.band_rows, c->band.stride, "rows to encode", err);
    c->band.rows = rows;
    return status;
}

/* The reader starts first: a JPEG of many scans has its last tables only then. */
static enum pp_status start(struct conversion *c, struct pp_error *err)
{
    struct pp_write_settings write = write_settings(c);
    uint64_t begin = pp_clock_ns();
    enum pp_status status = c->reader->codec->start(c->reader, err);

    c->flow.decode_ns += pp_clock_ns() - begin;
    if (status == PP_OK)
        status = c->codec->open_writer(c->out, &c->plan.out, &write, &c->writer, err);
    return status;
}

static enum pp_status write_band(struct conversion *c, struct pp_error *err)
{
    uint64_t begin = pp_clock_ns();
    enum pp_status status =
        c->codec->write_rows(c->writer, c->band.rows, c->band.stride, c->band.count, err);

    c->encode_ns += pp_clock_ns() - begin;
    return status;
}

static enum pp_status run_bands(struct conversion *c, struct pp_error *err)
{
    const struct pp_convert_hooks *hooks = &c->settings->hooks;
    uint32_t height = c->plan.out.height;
    enum pp_status status = PP_OK;

    for (uint32_t y = 0; status == PP_OK && y < height; y += c->band.count) {
        c->band.first = y;
        c->band.count = height - y < c->plan.band_rows ? height - y : c->plan.band_rows;
        status = pp_flow_pull(&c->flow, &c->band, err);
        if (status == PP_OK)
            status = write_band(c, err);
        if (status == PP_OK && hooks->progress)
            hooks->progress(hooks->user, y + c->band.count);
    }
    return status;
}

/* The end of the input is looked at only when all of it was decoded: a crop may not need it. */
static enum pp_status finish(struct conversion *c, struct pp_error *err)
{
    enum pp_status status = PP_OK;

    if (c->flow.rows_read == c->plan.in.height)
        status = c->reader->codec->finish_reader(c->reader, err);
    uint64_t begin = pp_clock_ns();
    if (status == PP_OK)
        status = c->codec->finish_writer(c->writer, err);
    if (status == PP_OK)
        status = pp_output_flush(c->out, err);
    c->encode_ns += pp_clock_ns() - begin;
    return status;
}

static uint64_t without(uint64_t all, uint64_t part)
{
    return all > part ? all - part : 0;
}

static void add_warnings(struct pp_convert_report *report, uint32_t count, const char *first)
{
    if (report->warnings == 0)
        snprintf(report->warning, sizeof report->warning, "%s", first);
    report->warnings += count;
}

static void fill_report(struct conversion *c)
{
    struct pp_convert_report *report = c->report;

    report->bytes_in = c->in->total;
    report->bytes_out = c->out->total;
    report->stage_ns[PP_STAGE_READ] = c->in->ns;
    report->stage_ns[PP_STAGE_DECODE] = without(c->flow.decode_ns, c->in->ns);
    report->stage_ns[PP_STAGE_FILTER] = c->flow.filter_ns;
    report->stage_ns[PP_STAGE_ENCODE] = without(c->encode_ns, c->out->ns);
    report->stage_ns[PP_STAGE_WRITE] = c->out->ns;
    if (c->reader)
        add_warnings(report, c->reader->warnings, c->reader->warning);
    if (c->writer)
        add_warnings(report, c->writer->warnings, c->writer->warning);
}

static void release(struct conversion *c)
{
    if (c->writer)
        c->codec->close_writer(c->writer);
    free(c->band.rows);
    pp_flow_release(&c->flow);
    pp_plan_release(&c->plan);
    if (c->reader)
        c->reader->codec->close_reader(c->reader);
}

static enum pp_status convert(const struct pp_chain *chain, struct pp_input *in,
                              struct pp_output *out, const struct pp_convert_settings *settings,
                              struct pp_convert_report *report, struct pp_error *err)
{
    struct pp_convert_report unwanted;
    struct conversion c = {
        .chain = chain,
        .settings = settings,
        .report = report ? report : &unwanted,
        .in = in,
        .out = out,
    };

    *c.report = (struct pp_convert_report){0};
    enum pp_status status = open_picture(&c, err);
    if (status == PP_OK)
        status = prepare(&c, err);
    if (status == PP_OK)
        status = start(&c, err);
    if (status == PP_OK)
        status = run_bands(&c, err);
    if (status == PP_OK)
        status = finish(&c, err);
    fill_report(&c);
    release(&c);
    return status;
}

enum pp_status pp_convert_fd(const struct pp_chain *chain, int in_fd, int out_fd,
                             const struct pp_convert_settings *settings,
                             struct pp_convert_report *report, struct pp_error *err)
{
    struct pp_input in = {.fd = -1};
    struct pp_output out = {.fd = -1};

    enum pp_status status = pp_input_init_fd(&in, in_fd, err);
    if (status == PP_OK)
        status = pp_output_init_fd(&out, out_fd, err);
    if (status == PP_OK)
        status = convert(chain, &in, &out, settings, report, err);
    pp_output_release(&out);
    pp_input_release(&in);
    return status;
}

enum pp_status pp_convert_memory(const struct pp_chain *chain, const void *in, size_t in_size,
                                 void **out, size_t *out_size,
                                 const struct pp_convert_settings *settings,
                                 struct pp_convert_report *report, struct pp_error *err)
{
    struct pp_input input;
    struct pp_output output;

    *out = NULL;
    *out_size = 0;
    pp_input_init_memory(&input, in, in_size);
    pp_output_init_memory(&output);
    enum pp_status status = convert(chain, &input, &output, settings, report, err);
    if (status == PP_OK) {
        *out = output.buffer;
        *out_size = output.used;
        output.buffer = NULL;
    }
    pp_output_release(&output);
    return status;
}
