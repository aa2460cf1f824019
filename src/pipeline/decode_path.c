#include "pipeline/decode_path.h"

#include <stdlib.h>

#include "filter/filter.h"

static const char *const names[] = {
    [PP_DECODE_AUTO] = "auto", [PP_DECODE_EXTRACT] = "extract", [PP_DECODE_DCT] = "dct",
    [PP_DECODE_LUMA] = "luma", [PP_DECODE_FULL] = "full",
};

const char *pp_decode_path_name(enum pp_decode_path path)
{
    return (unsigned)path < sizeof names / sizeof names[0] ? names[path] : "unknown";
}

/* ---- any picture --------------------------------------------------------------------------- */

bool pp_path_wants_luma(const struct pp_chain *chain, const struct pp_convert_settings *settings,
                        size_t found_count)
{
    return settings->path != PP_DECODE_FULL && pp_plan_luma_suffices(chain, found_count);
}

bool pp_path_wants_luma_of_srgb(const struct pp_chain *chain,
                                const struct pp_convert_settings *settings)
{
    return settings->color.to_srgb || pp_plan_luma_is_of_srgb(chain);
}

/* Whether the filter is nothing but the step to luma: luma is what it wants, and leaves as it is.
 */
static bool only_makes_luma(const struct pp_filter *filter, const struct pp_value *args)
{
    const struct pp_geometry luma = {.width = 64, .height = 64, .channels = 1, .depth = 8};
    struct pp_geometry out = luma;
    struct pp_error unheard = {0};

    if (!filter->luma_suffices || !filter->luma_suffices(args) || !filter->is_identity)
        return false;
    void *state = calloc(1, filter->state_size ? filter->state_size : 1);
    bool only = state && filter->prepare(state, args, &luma, &out, &unheard) == PP_OK &&
                filter->is_identity(state);
    if (state && filter->release)
        filter->release(state);
    free(state);
    return only;
}

/* The first filter of the chain that does more than move pixels or turn them to luma. */
static const char *first_that_computes(const struct pp_chain *chain)
{
    for (size_t i = 0; i < pp_chain_length(chain); i++) {
        struct pp_chain_item link = pp_chain_item(chain, i);
        if (!link.filter->moves_pixels && !only_makes_luma(link.filter, link.args))
            return link.filter->name;
    }
    return NULL;
}

static enum pp_status check_transcoding(const struct pp_chain *chain,
                                        const struct pp_convert_settings *settings,
                                        struct pp_error *err)
{
    const char *path = names[settings->path], *computes = first_that_computes(chain);
    enum pp_format format = settings->encode.format;

    if (computes)
        return pp_error_set(err, PP_E_USAGE, "path %s: filter \"%s\" needs decoded pixels", path,
                            computes);
    if (settings->encode.quality > 0 && settings->path == PP_DECODE_DCT)
        return pp_error_set(err, PP_E_USAGE, "path %s: it keeps the quality, which -q changes",
                            path);
    if (format != PP_FORMAT_KEEP && !pp_codec_for(format)->transcode)
        return pp_error_set(err, PP_E_USAGE, "path %s: it cannot lead to %s", path,
                            pp_format_name(format));
    return PP_OK;
}

enum pp_status pp_convert_check_path(const struct pp_chain *chain,
                                     const struct pp_convert_settings *settings,
                                     struct pp_error *err)
{
    switch (settings->path) {
    case PP_DECODE_EXTRACT:
    case PP_DECODE_DCT:
        return check_transcoding(chain, settings, err);
    case PP_DECODE_LUMA:
        if (pp_plan_luma_suffices(chain, SIZE_MAX))
            return PP_OK;
        return pp_error_set(err, PP_E_USAGE, "path luma: the filters want colours, not luma alone");
    default:
        return PP_OK;
    }
}

/* ---- this picture -------------------------------------------------------------------------- */

static enum pp_status check_transcoder(const struct pp_path_question *q, enum pp_decode_path path,
                                       uint64_t *memory, struct pp_error *err)
{
    const struct pp_codec *codec = q->reader->codec;

    if (!codec->transcode)
        return pp_error_set(err, PP_E_UNSUPPORTED, "a %s has no such path", codec->name);
    if (codec != q->writer)
        return pp_error_set(err, PP_E_UNSUPPORTED, "it does not lead from %s to %s", codec->name,
                            q->writer->name);
    if (path == PP_DECODE_EXTRACT && !q->rewinds)
        return pp_error_set(err, PP_E_UNSUPPORTED, "it needs regular files");
    if (q->pixels)
        return pp_error_set(err, PP_E_UNSUPPORTED, "its colours are to be converted");
    if (!q->plan->only_moves)
        return pp_error_set(err, PP_E_UNSUPPORTED, "a filter needs decoded pixels of this picture");
    return codec->can_transcode(q->reader, path, &q->what, q->write, memory, err);
}

/* Without a word when more memory is needed than may be used: there are other ways. */
static bool fits(const struct pp_path_question *q, uint64_t memory)
{
    uint64_t most = q->settings->limits.max_memory;

    return most == 0 || (q->fixed <= most && memory <= most - q->fixed);
}

static void choose_any(const struct pp_path_question *q, struct pp_path_choice *choice)
{
    static const enum pp_decode_path transcoders[] = {PP_DECODE_EXTRACT, PP_DECODE_DCT};

    for (size_t i = 0; q->transcodes && i < sizeof transcoders / sizeof transcoders[0]; i++) {
        struct pp_error unheard = {0};
        uint64_t memory = 0;
        if (check_transcoder(q, transcoders[i], &memory, &unheard) == PP_OK && fits(q, memory)) {
            *choice = (struct pp_path_choice){transcoders[i], memory};
            return;
        }
    }
    choice->path = q->reader->luma ? PP_DECODE_LUMA : PP_DECODE_FULL;
}

enum pp_status pp_path_choose(const struct pp_path_question *q, struct pp_path_choice *choice,
                              struct pp_error *err)
{
    enum pp_decode_path wanted = q->settings->path;
    struct pp_error why = {0};

    *choice = (struct pp_path_choice){.path = wanted};
    if (wanted == PP_DECODE_AUTO) {
        choose_any(q, choice);
        return PP_OK;
    }
    enum pp_status status = PP_OK;
    if (wanted == PP_DECODE_EXTRACT || wanted == PP_DECODE_DCT)
        status = check_transcoder(q, wanted, &choice->memory, &why);
    else if (wanted == PP_DECODE_LUMA && !q->reader->luma && q->reader->geometry.channels > 2)
        status = pp_error_set(&why, PP_E_UNSUPPORTED, "the picture has no luma of its own");
    return status == PP_OK ? PP_OK
                           : pp_error_set(err, status, "path %s: %s", names[wanted], why.text);
}
