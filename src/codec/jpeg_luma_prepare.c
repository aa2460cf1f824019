#include "codec/jpeg_luma_state.h"

static uint32_t divided_up(uint32_t a, uint32_t b)
{
    return (a + b - 1) / b;
}

/* Fewer address bits for a small picture, since tables cost time as well. */
static unsigned choose_look(const struct pp_luma_frame *frame)
{
    const uint64_t pixels = (uint64_t)frame->width * frame->height;

    if (pixels < UINT64_C(32) * 1024)
        return 9;
    return pixels < UINT64_C(512) * 1024 ? 12 : PP_LUMA_LOOK_MAX;
}

void pp_luma_lay_out(struct pp_jpeg_luma *luma)
{
    const struct pp_luma_frame *frame = &luma->frame;
    const bool interleaved = luma->scan.count > 1;
    struct pp_luma_layout *layout = &luma->layout;

    *layout = (struct pp_luma_layout){
        .columns = divided_up(frame->width, 8),
        .rows = divided_up(frame->height, 8),
        .h = interleaved ? frame->components[0].h : 1,
        .v = interleaved ? frame->components[0].v : 1,
    };
    layout->mcu_columns = divided_up(layout->columns, layout->h);
    layout->mcu_rows = divided_up(layout->rows, layout->v);
    for (unsigned i = 0; i < luma->scan.count; i++) {
        const struct pp_luma_component *component = &frame->components[luma->scan.component[i]];
        layout->blocks += interleaved ? (unsigned)component->h * component->v : 1;
    }
    luma->mcus_left = (uint64_t)layout->mcu_columns * layout->mcu_rows;
}

enum pp_status pp_luma_check_tables(const struct pp_jpeg_luma *luma, struct pp_error *err)
{
    struct pp_luma_codes codes;

    for (unsigned i = 0; i < luma->scan.count; i++) {
        const struct pp_luma_huffman *dc = &luma->frame.dc[luma->scan.dc[i] & 3];
        const struct pp_luma_huffman *ac = &luma->frame.ac[luma->scan.ac[i] & 3];
        bool sound = true;
        if (pp_luma_has_dc_code(luma))
            sound = pp_luma_codes_derive(dc, &codes) && pp_luma_dc_is_sound(dc);
        if (pp_luma_has_ac(luma))
            sound = sound && pp_luma_codes_derive(ac, &codes);
        if (!sound)
            return pp_luma_corrupt(err, "an invalid Huffman table");
    }
    return PP_OK;
}

/* The tables of the scan's component number `i`. */
static void build_coding(struct pp_jpeg_luma *luma, unsigned i)
{
    struct pp_luma_coding *coding = &luma->buffers->codings[i];
    const unsigned look = luma->walk.look;

    if (!pp_luma_has_dc_code(luma)) {
        pp_luma_bit_table_build(&coding->first, look);
        return;
    }
    pp_luma_codes_derive(&luma->frame.dc[luma->scan.dc[i] & 3], &coding->dc);
    if (pp_luma_has_ac(luma)) {
        pp_luma_codes_derive(&luma->frame.ac[luma->scan.ac[i] & 3], &coding->ac);
        pp_luma_ac_table_build(&coding->rest, &coding->ac, look);
    }
    pp_luma_first_table_build(&coding->first, &coding->dc,
                              pp_luma_has_ac(luma) ? &coding->rest : NULL, look);
}

/* The scan's component before number `i` that has the same tables, or `i`. */
static unsigned find_twin(const struct pp_luma_scan *scan, unsigned i)
{
    for (unsigned j = 0; j < i; j++) {
        if (scan->dc[j] == scan->dc[i] && scan->ac[j] == scan->ac[i])
            return j;
    }
    return i;
}

void pp_luma_prepare_walk(struct pp_jpeg_luma *luma)
{
    const struct pp_luma_scan *scan = &luma->scan;
    const struct pp_luma_coding *codings[PP_LUMA_MCU_BLOCKS];
    unsigned blocks = 0;

    luma->walk.look = choose_look(&luma->frame);
    luma->walk.dc_alone = !pp_luma_has_ac(luma);
    for (unsigned i = 0; i < scan->count; i++) {
        const struct pp_luma_component *component = &luma->frame.components[scan->component[i]];
        const unsigned twin = find_twin(scan, i);
        if (twin == i)
            build_coding(luma, i);
        unsigned count = scan->count > 1 ? (unsigned)component->h * component->v : 1;
        while (count-- > 0 && blocks < PP_LUMA_MCU_BLOCKS)
            codings[blocks++] = &luma->buffers->codings[twin];
    }
    pp_luma_walk_begin(&luma->walk, codings, blocks, luma->buffers->other);
}
