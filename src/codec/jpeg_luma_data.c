#include "codec/jpeg_luma_state.h"

#include "base/memory.h"
#include "codec/jpeg_luma_requant.h"

/* ---- begin ---------------------------------------------------------------------------------- */

static enum pp_status prepare_rows(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    const size_t size = pp_luma_emit_memory(luma->layout.columns, luma->layout.v);

    return luma->rows || size == 0 ? PP_OK
                                   : pp_memory_new(&luma->rows, size, 1, "rows of luma", err);
}

/* Whether luma's blocks come in raster order, and none is left out, so that each has the same one
 * before it in the output. */
static bool is_in_order(const struct pp_jpeg_luma *luma)
{
    const struct pp_luma_layout *layout = &luma->layout;

    return layout->v == 1 && layout->columns % layout->h == 0 && luma->frame.restart_interval == 0;
}

/* The headers in front of data that is coded anew. */
static enum pp_status begin_recode(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    struct pp_luma_huffman complete;
    const struct pp_luma_huffman *source = &luma->frame.dc[luma->scan.dc[0] & 3];
    struct pp_luma_scan_tables tables = {0};

    luma->phase = PP_LUMA_RECODE;
    enum pp_status status = prepare_rows(luma, err);
    if (status != PP_OK)
        return status;
    if (pp_luma_has_dc_code(luma)) {
        luma->emit.keeps_codes = pp_luma_dc_complete(source, &complete);
        pp_luma_encoder_derive(&complete, &luma->emit.encoder);
        tables.dc = &complete;
    }
    if (pp_luma_has_ac(luma))
        tables.ac = &luma->frame.ac[luma->scan.ac[0] & 3];
    const bool changes =
        pp_luma_has_dc_code(luma) && !(is_in_order(luma) && luma->emit.keeps_codes);
    luma->emit.requant = NULL;
    luma->emit.reduce = NULL;
    pp_luma_emit_begin(&luma->emit, &luma->layout, changes ? &luma->buffers->codings[0].dc : NULL,
                       luma->buffers->row, luma->rows);
    return pp_luma_write_headers(luma, &tables, err);
}

/* Those in front of data in other steps. */
static enum pp_status begin_requant(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    const struct pp_luma_scan_tables tables = {.dc = &pp_luma_standard_dc,
                                               .ac = &pp_luma_standard_ac};
    const struct pp_luma_coding *coding = &luma->buffers->codings[0];

    luma->phase = PP_LUMA_RECODE;
    enum pp_status status = prepare_rows(luma, err);
    if (status != PP_OK)
        return status;
    pp_luma_requant_begin(luma->requant, &coding->ac);
    pp_luma_encoder_derive(tables.dc, &luma->emit.encoder);
    luma->emit.keeps_codes = false;
    luma->emit.requant = luma->requant;
    luma->emit.reduce = NULL;
    pp_luma_emit_begin(&luma->emit, &luma->layout, &coding->dc, luma->buffers->row, luma->rows);
    return pp_luma_write_headers(luma, &tables, err);
}

/* Data that is decoded has none. */
static enum pp_status begin_reduce(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    const struct pp_luma_coding *coding = &luma->buffers->codings[0];
    const unsigned eighths = luma->settings.eighths;
    uint16_t zigzag[64], steps[64];
    void *reduce = NULL;

    if (pp_luma_is_progressive(&luma->frame))
        return pp_luma_unsupported(err, "a progressive picture is to be decoded");
    const size_t size = pp_luma_reduce_size(luma->layout.columns, luma->layout.v, eighths);
    enum pp_status status = pp_memory_new(&reduce, size, 1, "a strip of luma", err);
    luma->reduce = reduce;
    if (status != PP_OK)
        return status;
    pp_luma_read_steps(&luma->frame, 0, zigzag);
    for (unsigned i = 0; i < 64; i++)
        steps[pp_luma_zigzag[i]] = zigzag[i];
    pp_luma_reduce_begin(luma->reduce, luma->layout.columns, eighths, &coding->ac, steps);
    luma->phase = PP_LUMA_RECODE;
    luma->emit.requant = NULL;
    luma->emit.reduce = luma->reduce;
    pp_luma_emit_begin(&luma->emit, &luma->layout, &coding->dc, NULL, NULL);
    return PP_OK;
}

/* Those in front of data that is passed on with its restart markers. */
static enum pp_status begin_copy(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    struct pp_luma_scan_tables tables = {.restart_interval = luma->frame.restart_interval};

    if (pp_luma_has_dc_code(luma))
        tables.dc = &luma->frame.dc[luma->scan.dc[0] & 3];
    if (pp_luma_has_ac(luma))
        tables.ac = &luma->frame.ac[luma->scan.ac[0] & 3];
    return pp_luma_write_headers(luma, &tables, err);
}

/* Whether the scan's coefficients are to change, and what it takes for that. Luma's table is known
 * for good when its first scan begins. */
static enum pp_status prepare_requant(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    uint16_t from[64], to[64];
    void *requant = NULL;

    if (luma->scan.component[0] != 0 || luma->settings.steps[0] == 0 || luma->settings.eighths > 0)
        return PP_OK;
    pp_luma_read_steps(&luma->frame, 0, from);
    for (unsigned i = 0; i < 64; i++)
        to[i] = luma->settings.steps[pp_luma_zigzag[i]];
    if (memcmp(from, to, sizeof(from)) == 0)
        return PP_OK;
    if (pp_luma_is_progressive(&luma->frame))
        return pp_luma_unsupported(err, "a progressive picture is to get another quality");
    enum pp_status status =
        pp_memory_new(&requant, sizeof(*luma->requant), 1, "luma's other steps", err);
    luma->requant = requant;
    if (status == PP_OK)
        pp_luma_requant_set_steps(luma->requant, from, to);
    return status;
}

enum pp_status pp_luma_data_begin(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    struct pp_luma_buffers *buffers = luma->buffers;
    const bool has_luma = luma->scan.component[0] == 0, alone = luma->scan.count == 1;

    luma->interval_left = luma->frame.restart_interval;
    luma->restarts = 0;
    luma->found = 0;
    luma->taken = 0;
    luma->starved = true;
    enum pp_status status = pp_luma_check_tables(luma, err);
    if (status == PP_OK)
        status = prepare_requant(luma, err);
    const bool reduces = has_luma && luma->settings.eighths > 0;
    const bool copies = has_luma && alone && !luma->requant && !reduces;
    pp_luma_window_begin(&buffers->window, luma->in, copies ? &buffers->output : NULL);
    if (status != PP_OK)
        return status;
    if (!has_luma) {
        luma->phase = PP_LUMA_DROP;
        return PP_OK;
    }
    pp_luma_lay_out(luma);
    luma->phase = luma->scan.first > 0 ? PP_LUMA_PASS : PP_LUMA_COPY;
    if (luma->phase == PP_LUMA_COPY)
        pp_luma_prepare_walk(luma);
    if (reduces)
        return begin_reduce(luma, err);
    if (luma->requant)
        return begin_requant(luma, err);
    return alone ? begin_copy(luma, err) : begin_recode(luma, err);
}

/* ---- steps ---------------------------------------------------------------------------------- */

/* At a restart marker. */
static enum pp_status restart(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    luma->emit.means.predicted = 0;
    luma->interval_left = luma->frame.restart_interval;
    luma->starved = true;
    return pp_luma_window_restart(&luma->buffers->window, luma->restarts++, err);
}

/* A scan whose data is not looked at: up to a marker that is not a restart. */
static enum pp_status step_over(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    struct pp_luma_window *window = &luma->buffers->window;

    enum pp_status status = pp_luma_window_fill(window, err);
    window->at = window->used << 3;
    if (status != PP_OK || !window->marker)
        return status;
    if (window->marker >= PP_LUMA_RST0 && window->marker <= PP_LUMA_RST7) {
        if (luma->frame.restart_interval == 0)
            return pp_luma_corrupt(err, "a restart marker where there is none");
        return restart(luma, err);
    }
    luma->phase = PP_LUMA_SEGMENTS;
    return PP_OK;
}

/* The blocks that one walk may take: of one restart interval. */
static size_t blocks_wanted(const struct pp_jpeg_luma *luma)
{
    uint64_t mcus = PP_LUMA_BLOCKS / luma->layout.blocks;

    if (luma->frame.restart_interval && mcus > luma->interval_left)
        mcus = luma->interval_left;
    if (mcus > luma->mcus_left)
        mcus = luma->mcus_left;
    return (size_t)mcus * luma->layout.blocks;
}

/* Blocks that were found are done with as far as the window is concerned. */
static void note_blocks(struct pp_jpeg_luma *luma, size_t blocks)
{
    const size_t mcus = blocks / luma->layout.blocks;

    luma->found = blocks;
    luma->taken = 0;
    luma->buffers->window.at = luma->buffers->ends[blocks];
    luma->mcus_left -= mcus;
    if (luma->frame.restart_interval)
        luma->interval_left -= (uint32_t)mcus;
}

/* Walk through what the window has, filled where it has too little. */
static enum pp_status walk_on(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    struct pp_luma_buffers *buffers = luma->buffers;
    struct pp_luma_window *window = &buffers->window;
    const size_t wanted = blocks_wanted(luma);
    const bool is_new = luma->starved;
    bool sound;

    if (is_new) {
        enum pp_status status = pp_luma_window_fill(window, err);
        if (status != PP_OK)
            return status;
    }
    const struct pp_luma_span span = {window->data, window->at, window->used << 3,
                                      window->marker != 0};
    const size_t blocks = pp_luma_walk(&luma->walk, &span, wanted, buffers->ends, &sound);
    luma->starved = blocks < wanted;
    if (!sound || (luma->starved && (span.last || (is_new && blocks == 0))))
        return pp_luma_corrupt(err, "its data is damaged");
    note_blocks(luma, blocks);
    return PP_OK;
}

/* Of the blocks found those that belong to the row of MCUs at hand go out. */
static enum pp_status take_blocks(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    const struct pp_luma_buffers *buffers = luma->buffers;
    const size_t left = luma->layout.mcu_columns - luma->emit.mcu_column;
    size_t mcus = (luma->found - luma->taken) / luma->layout.blocks;

    if (mcus > left)
        mcus = left;
    if (mcus > pp_luma_emit_room(&luma->emit))
        mcus = pp_luma_emit_room(&luma->emit);
    enum pp_status status = pp_luma_emit_blocks(&luma->emit, buffers->window.data,
                                                buffers->ends + luma->taken, mcus, err);
    luma->taken += mcus * luma->layout.blocks;
    return status;
}

static enum pp_status end_scan(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    const uint8_t marker = luma->buffers->window.marker;

    if (marker >= PP_LUMA_RST0 && marker <= PP_LUMA_RST7)
        return pp_luma_corrupt(err, "a restart marker behind the last block");
    const bool recoded = luma->phase == PP_LUMA_RECODE && !luma->reduce;
    luma->phase = PP_LUMA_SEGMENTS;
    return recoded ? pp_luma_emit_flush(&luma->emit, true, &luma->buffers->output, err) : PP_OK;
}

/* What comes when no block can be taken at once: a segment's end. */
static enum pp_status end_segment(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    enum pp_status status = pp_luma_window_end(&luma->buffers->window, err);

    if (status != PP_OK)
        return status;
    return luma->mcus_left == 0 ? end_scan(luma, err) : restart(luma, err);
}

static bool is_segment_done(const struct pp_jpeg_luma *luma)
{
    return luma->mcus_left == 0 || (luma->frame.restart_interval && luma->interval_left == 0);
}

static enum pp_status step_recode(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    enum pp_status status;

    if (pp_luma_emit_must_drain(&luma->emit))
        status = pp_luma_emit_drain(&luma->emit, err);
    else if (luma->taken < luma->found)
        status = take_blocks(luma, err);
    else if (is_segment_done(luma))
        return end_segment(luma, err);
    else
        status = walk_on(luma, err);
    if (status != PP_OK || luma->reduce)
        return status;
    return pp_luma_emit_flush(&luma->emit, false, &luma->buffers->output, err);
}

enum pp_status pp_luma_data_step(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    if (luma->phase == PP_LUMA_RECODE)
        return step_recode(luma, err);
    if (luma->phase == PP_LUMA_COPY)
        return is_segment_done(luma) ? end_segment(luma, err) : walk_on(luma, err);
    return step_over(luma, err);
}
