/*
 * The public conversions, over descriptors and over memory: runs of pipeline/conversion.h until
 * one does not rest on a wrong guess.
 */
#include <pixpool/convert.h>

#include <stdlib.h>

#include "base/stream.h"
#include "image/color_cache.h"
#include "pipeline/conversion.h"
#include "pipeline/pictures.h"

const char *pp_stage_name(enum pp_stage stage)
{
    static const char *const names[PP_STAGE_COUNT] = {
        [PP_STAGE_READ] = "read",     [PP_STAGE_DECODE] = "decode", [PP_STAGE_FILTER] = "filter",
        [PP_STAGE_ENCODE] = "encode", [PP_STAGE_WRITE] = "write",
    };

    return (unsigned)stage < PP_STAGE_COUNT ? names[stage] : "unknown";
}

static uint64_t without(uint64_t all, uint64_t part)
{
    return all > part ? all - part : 0;
}

static void fill_report(const struct pp_conversion *c)
{
    struct pp_convert_report *report = c->report;

    report->bytes_in = c->in->total;
    report->bytes_out = c->out->total;
    report->stage_ns[PP_STAGE_READ] = c->in->ns;
    report->stage_ns[PP_STAGE_DECODE] = without(c->decode_ns, c->in->ns);
    report->stage_ns[PP_STAGE_FILTER] = c->filter_ns;
    report->stage_ns[PP_STAGE_ENCODE] = without(c->encode_ns, c->out->ns);
    report->stage_ns[PP_STAGE_WRITE] = c->out->ns;
}

/* As few runs as the guesses allow: each further one begins with one guess less. */
static enum pp_status run(struct pp_conversion *c, struct pp_error *err)
{
    struct pp_error problem = {0};
    enum pp_status status = pp_conversion_run(c, &problem);

    while (c->again) {
        problem = (struct pp_error){0};
        status = pp_input_rewind(c->in, &problem);
        if (status == PP_OK && c->out->total > 0)
            status = pp_output_rewind(c->out, &problem);
        if (status != PP_OK)
            break;
        status = pp_conversion_run(c, &problem);
    }
    return status == PP_OK ? PP_OK : pp_error_set(err, status, "%s", problem.text);
}

/* Room for what filters find that look at the picture first, which takes an input that can be read
 * from the start again. */
static enum pp_status prepare_surveys(struct pp_conversion *c, struct pp_error *err)
{
    const struct pp_filter *last = NULL;
    size_t count = 0;

    for (size_t i = 0; i < pp_chain_length(c->chain); i++) {
        const struct pp_filter *filter = pp_chain_item(c->chain, i).filter;
        if (filter->settle) {
            last = filter;
            count++;
        }
    }
    if (last && !pp_input_can_rewind(c->in))
        return pp_error_set(err, PP_E_UNSUPPORTED,
                            "filter \"%s\": it reads the picture twice, which a pipe cannot be",
                            last->name);
    c->found = last ? calloc(count, sizeof *c->found) : NULL;
    if (last && !c->found)
        return pp_error_set(err, PP_E_NO_MEMORY, "filters: no memory for what they find");
    return PP_OK;
}

static enum pp_status convert(const struct pp_chain *chain, struct pp_input *in,
                              struct pp_output *out, const struct pp_convert_settings *settings,
                              struct pp_convert_report *report, struct pp_error *err)
{
    struct pp_convert_report unwanted;
    struct pp_color_cache colors = {0};
    struct pp_team team;
    const bool rewinds = pp_input_can_rewind(in) && pp_output_can_rewind(out);
    struct pp_conversion c = {
        .chain = chain,
        .settings = settings,
        .report = report ? report : &unwanted,
        .in = in,
        .out = out,
        .team = &team,
        .color_cache = settings->color_cache ? settings->color_cache : &colors,
        .rewinds = rewinds,
        .trusts_bits = rewinds,
        .trusts_coefficients = true,
        .trusts_pixels = rewinds,
    };

    *c.report = (struct pp_convert_report){0};
    pp_team_init(&team);
    enum pp_status status = pp_chain_check_loaded(chain, err);
    if (status == PP_OK)
        status = pp_convert_check_path(chain, settings, err);
    if (status == PP_OK)
        status = prepare_surveys(&c, err);
    if (status == PP_OK)
        status = run(&c, err);
    free(c.found);
    pp_team_release(&team);
    pp_color_cache_release(&colors);
    fill_report(&c);
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
