/*
 * filter/filter.h - what a filter is, seen from inside.
 *
 * A filter is one file, src/filter/<name>.c, that defines one `const struct pp_filter
 * pp_filter_<name>` and one line in registry.c. It owns neither threads nor loops over the picture:
 * the pipeline asks it for bands.
 */
#ifndef PP_FILTER_FILTER_H
#define PP_FILTER_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>
#include <pixpool/filter.h>
#include <pixpool/image.h>

#include "filter/color.h"
#include "image/band.h"
#include "image/placement.h"
#include "image/raster.h"

/* One argument, in the order of the filter's parameters; the default where none was given. */
struct pp_value {
    bool given;
    int choice;            /* index into the parameter's choices, -1 when none of them was given */
    double number;         /* numbers, integers, switches */
    bool percent;          /* sizes: width and height are percentages */
    double width, height;  /* sizes: 0 where a side was left out; width of N@ is the area */
    struct pp_color color; /* colours, unless choice says otherwise */
    const char *text;      /* texts, pictures: owned by the chain; NULL when none was given */
    const struct pp_raster *picture; /* pictures: owned by the chain; NULL until it is loaded */
};

/* An input delivered smaller than the one a filter was prepared for. */
struct pp_reduction {
    double scale;          /* of both sides */
    double lead_x, lead_y; /* in samples of the smaller input: where the picture begins behind the
                              edge of the first one; its end may lie within the last one, too */
};

struct pp_filter {
    const char *name;
    const char *summary;
    const char *source;            /* where formula and constants come from */
    const struct pp_param *params; /* ended by a NULL name; at most PP_FILTER_PARAMS_MAX */
    const char *example;           /* a chain of it alone that shows what it does, for the lists of
                                      filters; a picture it names is "logo.png". NULL: the names and
                                      ranges of the parameters that are required, and the first, will do */
    size_t state_size;             /* bytes of the state; zeroed before prepare */

    /* Every output sample is an unchanged sample of the input, elsewhere (flip, crop): such a
     * filter may trade places with one that works on single pixels. */
    bool moves_pixels;

    /* Every output sample is a weighted sum of samples of its own channel, by the same weights in
     * all channels (resize, blur), and of that channel of a colour (pad): but for rounding such a
     * filter may trade places with one that adds up the channels. */
    bool averages_pixels;

    /* Whether, with these arguments, it is light that is averaged, not samples as they are stored
     * (linear=1): averages_pixels then does not hold. NULL: no. */
    bool (*averages_light)(const struct pp_value *args);

    /*
     * What the filter stands for with these arguments, from the first on; NULL past the last, and
     * at index 0 where it stands for itself. The chain then holds those filters instead of it, each
     * with the arguments of the same names. At most PP_FILTER_PARTS_MAX. NULL: itself.
     */
    const struct pp_filter *(*part)(const struct pp_value *args, size_t index);

    /* Of the input's metadata the output is to have the colour profile alone; see
     * pp_chain_strips_metadata(). */
    bool strips_metadata;

    /* Bits that hold the gray samples it makes with these arguments, whatever it is given: 1 for
     * black and white. NULL: all. */
    uint8_t (*gray_bits)(const struct pp_value *args);

    /* Whether rec.601 luma in one channel would serve as well as RGB (gray=rec601). A codec that
     * has luma at hand is then asked for nothing else. NULL: no. */
    bool (*luma_suffices)(const struct pp_value *args);

    /* Whether its formula, with these arguments, is meant for sRGB's numbers: where a profile says
     * that colours are others the pipeline converts them before. NULL: no, for any numbers. */
    bool (*assumes_srgb)(const struct pp_value *args);

    /* What is wrong with the arguments beyond a single one's range (weights that sum to nothing),
     * whatever the picture. Called by the parser. NULL: nothing can be. Errors: PP_E_USAGE. */
    enum pp_status (*check)(const struct pp_value *args, struct pp_error *err);

    /* Whether observe is wanted with these arguments (threshold=otsu, but not threshold=100).
     * NULL: always where there is an observe. */
    bool (*observes)(const struct pp_value *args);

    /*
     * Look at the arguments and the input's geometry, fill the state, set the output's geometry.
     * *out comes in as a copy of *in. Called once per picture, before any pixel, by one thread.
     * Errors: PP_E_USAGE when this picture cannot be served (a crop outside of it),
     * PP_E_NO_MEMORY; release is called in either case.
     */
    enum pp_status (*prepare)(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err);
    /* Free what prepare allocated; must bear a zeroed state. NULL: nothing to free. */
    void (*release)(void *state);

    /* The filter, as prepared, as a placement: which window of the input its output is, and how
     * that is turned. Only with moves_pixels. NULL: it cannot be said. */
    void (*place)(const void *state, struct pp_placement *placement);

    /* Whether, as prepared, each output sample is a weighted sum of the samples of one pixel, so
     * that the filter may as well see a reduced picture. NULL: no. */
    bool (*is_linear)(const void *state);

    /*
     * Whether, as prepared, the picture becomes so much smaller that an input reduced beforehand
     * (by a box filter of whole samples, as a scaled inverse DCT is) would do, and the least width
     * and height of such an input that keep the kernel's quality. NULL: no.
     */
    bool (*can_reduce)(const void *state, uint32_t *min_width, uint32_t *min_height);
    /* Be prepared for the reduced input `in` instead; the output stays as it was. Once, after
     * prepare, before any pixel; with can_reduce. Errors: PP_E_NO_MEMORY. */
    enum pp_status (*reduce)(void *state, const struct pp_geometry *in,
                             const struct pp_reduction *reduction, struct pp_error *err);

    /* Whether, as prepared, the output is the input, sample for sample: the pipeline then leaves
     * the filter out. NULL: never. */
    bool (*is_identity)(const void *state);

    /*
     * The 256 bytes that samples of colour channel `channel` (0, or 0 to 2) go through where, as
     * prepared, the filter does nothing else: samples are of 8 bits and channels the same before
     * and after, each sample by itself, alpha left alone. NULL where it is not so, or not known
     * before the look at the whole picture. The state owns them. Neighbours that all have tables
     * can be made one filter by pp_table_join(). NULL: never.
     */
    const uint8_t *(*table)(const void *state, unsigned channel);

    /*
     * The input rows [*in_first, *in_last) that output rows [first, last) depend on. NULL: each
     * output row depends on the input row of the same number alone, and render is called row by
     * row, fused with its neighbours in the chain. *in_first must not fall while first rises: a
     * filter that reads backwards asks for all rows.
     */
    void (*rows_needed)(const void *state, uint32_t first, uint32_t last, uint32_t *in_first,
                        uint32_t *in_last);

    /*
     * A look at the whole input before the first render: observe sees each row once, in order, on
     * one thread at a time; conclude ends it. Both or neither. The pipeline then holds the whole
     * input in memory.
     */
    void (*observe)(void *state, const struct pp_band *in);
    void (*conclude)(void *state);

    /* Bytes that the state holds beyond state_size and that grow with the picture; they are counted
     * before any of its pixels is asked for. NULL: none worth counting. */
    uint64_t (*state_memory)(const void *state);

    /* Rows a band should have at least for what render does at its beginning (sums over the rows
     * before) to be little beside the rest. A wish: memory may not allow it. NULL: any number. */
    uint32_t (*band_rows)(const void *state);

    /*
     * Where the output's size depends on the pixels (trim) the look is a way through the picture of
     * its own: no row is kept, what follows in the chain is not yet prepared, render is never
     * called, and after conclude `place` says what was found. Then the picture is gone through
     * again from the start, and a state newly prepared is told by settle what was found before,
     * which sets the output's geometry. With observe and moves_pixels. NULL: the size is known from
     * the input's.
     */
    void (*settle)(void *state, const struct pp_placement *found, struct pp_geometry *out);

    /* Bytes of scratch memory one call of render for `rows` output rows wants, aligned to
     * PP_ALIGNMENT. NULL: none. */
    size_t (*scratch_size)(const void *state, uint32_t rows);

    /*
     * Fill the rows of `out` from `in`, which has at least the rows that rows_needed named. Pure:
     * any thread, any band, in any order; writes `out` and `scratch` alone, nothing beyond a
     * row's last byte, and gives the same bytes however the rows were split into bands. `in` and
     * `out` never overlap. No fault of the input can make it fail.
     */
    void (*render)(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch);
};

#define PP_FILTER_PARAMS_MAX 12
#define PP_FILTER_PARTS_MAX  2

/* One link of a chain: a filter and its arguments, which point to PP_FILTER_PARAMS_MAX values. */
struct pp_chain_item {
    const struct pp_filter *filter;
    const struct pp_value *args;
};

/* The link at `index`, which must be below pp_chain_length(). The chain owns it. */
struct pp_chain_item pp_chain_item(const struct pp_chain *chain, size_t index);

/* Give the parameter `param` of the link at `index`, one of type PP_PARAM_PICTURE, its picture,
 * which must stay as long as the chain. Before anybody else reads the chain. */
void pp_chain_set_picture(struct pp_chain *chain, size_t index, size_t param,
                          const struct pp_raster *picture);

/* Have the chain free `memory` when it is freed itself, and what it was given by an earlier call
 * now. */
void pp_chain_own(struct pp_chain *chain, void *memory);
/* That memory; NULL when it has none. */
const void *pp_chain_owned(const struct pp_chain *chain);

/* Whether a filter of the chain asks for an output without the input's metadata but for its colours
 * (thumbnail). */
bool pp_chain_strips_metadata(const struct pp_chain *chain);

#endif
