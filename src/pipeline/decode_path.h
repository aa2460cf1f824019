/*
 * pipeline/decode_path.h - which way through a picture is the cheapest that serves.
 *
 * Two questions: what a chain and its settings allow of any picture, asked before there is one, and
 * what this picture allows, asked with its header read and its plan made.
 */
#ifndef PP_PIPELINE_DECODE_PATH_H
#define PP_PIPELINE_DECODE_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include <pixpool/convert.h>
#include <pixpool/error.h>

#include "codec/codec.h"
#include "pipeline/plan.h"

/* What the choice is made from. */
struct pp_path_question {
    const struct pp_plan *plan;
    const struct pp_reader *reader;
    const struct pp_codec *writer;
    const struct pp_write_settings *write;
    const struct pp_convert_settings *settings;
    struct pp_transcode what;
    bool pixels;     /* whether it must be decoded, though the plan only moves pixels */
    bool rewinds;    /* whether a way that may turn out not to work can be tried */
    bool transcodes; /* whether that without pixels has not failed already */
    uint64_t fixed;  /* bytes any way holds beside what it says itself */
};

struct pp_path_choice {
    enum pp_decode_path path; /* never PP_DECODE_AUTO */
    uint64_t memory;          /* bytes a transcoder will hold */
};

/* Whether the chain asks for luma, by itself or on the way; see pp_plan_luma_suffices(). */
bool pp_path_wants_luma(const struct pp_chain *chain, const struct pp_convert_settings *settings,
                        size_t found_count);
/* Whether luma of other numbers than sRGB's would not do, then. */
bool pp_path_wants_luma_of_srgb(const struct pp_chain *chain,
                                const struct pp_convert_settings *settings);

/* The path for this picture. Errors: PP_E_UNSUPPORTED, why the one that settings->path asks for
 * cannot serve it. */
enum pp_status pp_path_choose(const struct pp_path_question *question,
                              struct pp_path_choice *choice, struct pp_error *err) PP_MUST_CHECK;

#endif
