#include "codec/jpeg_dct.h"

#include <stdlib.h>
#include <string.h>

#include "codec/jpeg_dct_blocks.h"

/*
 * libjpeg reads the coefficients into virtual arrays and its encoder asks for them by rows. What it
 * is given are no such arrays: the encoder's method of access is replaced by one that moves the
 * blocks of the row that is asked for.
 */

struct dct {
    struct pp_jpeg_reader *reader;
    const struct pp_transcode *what;
    const struct pp_write_settings *settings;
    jvirt_barray_ptr *read; /* the reader's, by component */
    struct jpeg_compress_struct cinfo;
    struct pp_jpeg_destination destination;
    struct pp_jpeg_blocks blocks[MAX_COMPS_IN_SCAN];
    jvirt_barray_ptr places[MAX_COMPS_IN_SCAN]; /* `blocks`, as the encoder is told of them */
};

/* ---- reading ------------------------------------------------------------------------------- */

static enum pp_status read_step(void *argument)
{
    struct dct *dct = argument;
    struct pp_jpeg_reader *reader = dct->reader;
    enum pp_status status = PP_OK;

    if (reader->extracts)
        status = pp_jpeg_extract_first(reader);
    if (status != PP_OK)
        return status;
    dct->read = jpeg_read_coefficients(&reader->cinfo);
    if (jpeg_has_multiple_scans(&reader->cinfo))
        return pp_jpeg_check_scans(reader);
    return pp_jpeg_check_truncation(reader, reader->guard.err);
}

/* ---- the frame ----------------------------------------------------------------------------- */

static void set_factors(struct dct *dct)
{
    const struct jpeg_decompress_struct *source = &dct->reader->cinfo;
    bool swaps = pp_move_swaps(dct->what->placement.move);

    for (int i = 0; i < dct->cinfo.num_components; i++) {
        const jpeg_component_info *from = &source->comp_info[i];
        jpeg_component_info *to = &dct->cinfo.comp_info[i];
        to->h_samp_factor = swaps ? from->v_samp_factor : from->h_samp_factor;
        to->v_samp_factor = swaps ? from->h_samp_factor : from->v_samp_factor;
    }
    if (dct->cinfo.num_components == 1)
        dct->cinfo.comp_info[0].h_samp_factor = dct->cinfo.comp_info[0].v_samp_factor = 1;
}

static void fill_table(JQUANT_TBL *to, const JQUANT_TBL *from, bool transposed)
{
    for (unsigned i = 0; i < DCTSIZE2; i++)
        to->quantval[i] = from->quantval[transposed ? i % DCTSIZE * DCTSIZE + i / DCTSIZE : i];
    to->sent_table = FALSE;
}

/* The tables that the coefficients were made with. A file may have put one after another in the
 * same place; here each has its own. */
static void set_quantisation(struct dct *dct)
{
    const struct jpeg_decompress_struct *source = &dct->reader->cinfo;
    struct jpeg_compress_struct *cinfo = &dct->cinfo;

    for (int i = 0; i < cinfo->num_components; i++) {
        const JQUANT_TBL *table = source->comp_info[i].quant_table;
        int number = 0;
        while (number < i && memcmp(source->comp_info[number].quant_table->quantval,
                                    table->quantval, sizeof(table->quantval)) != 0)
            number++;
        cinfo->comp_info[i].quant_tbl_no = number;
        if (!cinfo->quant_tbl_ptrs[number])
            cinfo->quant_tbl_ptrs[number] = jpeg_alloc_quant_table((j_common_ptr)cinfo);
        fill_table(cinfo->quant_tbl_ptrs[number], table, pp_move_swaps(dct->what->placement.move));
    }
}

/* Whether the source has the tables of ITU-T T.81, annex K.3, which libjpeg writes by default and
 * which can code anything; a source's own may lack what its blocks need when they are turned. */
static bool has_standard_tables(const struct dct *dct)
{
    const struct jpeg_decompress_struct *source = &dct->reader->cinfo;
    const struct jpeg_compress_struct *cinfo = &dct->cinfo;
    bool all = !source->arith_code;

    for (int i = 0; all && i < cinfo->num_components; i++) {
        const JHUFF_TBL *from = source->ac_huff_tbl_ptrs[source->comp_info[i].ac_tbl_no];
        const JHUFF_TBL *to = cinfo->ac_huff_tbl_ptrs[cinfo->comp_info[i].ac_tbl_no];
        all = from && to && memcmp(from->bits, to->bits, sizeof(to->bits)) == 0 &&
              memcmp(from->huffval, to->huffval, sizeof(to->huffval)) == 0;
    }
    return all;
}

static bool are_codable(const struct dct *dct)
{
    struct jpeg_decompress_struct *source = &dct->reader->cinfo;
    bool all = true;

    for (int i = 0; all && i < dct->cinfo.num_components; i++)
        all = pp_jpeg_blocks_are_codable(source, dct->read[i], &source->comp_info[i]);
    return all;
}

static void set_frame(struct dct *dct)
{
    const struct jpeg_decompress_struct *source = &dct->reader->cinfo;
    struct jpeg_compress_struct *cinfo = &dct->cinfo;
    uint32_t width = 0, height = 0;

    pp_placement_size(&dct->what->placement, &width, &height);
    cinfo->image_width = width;
    cinfo->image_height = height;
    cinfo->input_components = dct->what->luma ? 1 : source->num_components;
    cinfo->in_color_space = dct->what->luma ? JCS_GRAYSCALE : source->jpeg_color_space;
    jpeg_set_defaults(cinfo);
    jpeg_set_colorspace(cinfo, cinfo->in_color_space);
    if (cinfo->in_color_space == JCS_CMYK) /* the marker says in which sense it is meant */
        cinfo->write_Adobe_marker = source->saw_Adobe_marker;
    set_factors(dct);
    set_quantisation(dct);
    cinfo->optimize_coding = !has_standard_tables(dct) || !are_codable(dct);
    if (pp_jpeg_is_progressive(dct->settings))
        jpeg_simple_progression(cinfo);
}

/* ---- the blocks ---------------------------------------------------------------------------- */

/* One direction of the window, and what is made of it. */
struct span {
    uint32_t start, length; /* pixels of the source */
    bool mirrored;
    uint32_t unit, factor; /* so many pixels are so many blocks of the component */
    uint32_t count;        /* blocks of the output */
};

/* The first of the component's blocks that are used; they end with a whole MCU where the output
 * begins with their last. */
static uint32_t first_block(const struct span *span)
{
    if (span->mirrored)
        return (span->start + span->length) / span->unit * span->factor - span->count;
    return span->start / span->unit * span->factor;
}

/* The window of component `i`, in blocks. */
static struct pp_placement window_of(const struct dct *dct, int i)
{
    const struct jpeg_decompress_struct *source = &dct->reader->cinfo;
    const struct pp_placement *at = &dct->what->placement;
    const jpeg_component_info *from = &source->comp_info[i], *to = &dct->cinfo.comp_info[i];
    bool gray = dct->cinfo.num_components == 1, swaps = pp_move_swaps(at->move);
    bool mirrors_x = pp_move_mirrors_x(at->move), mirrors_y = pp_move_mirrors_y(at->move);
    struct span x = {at->x,
                     at->width,
                     swaps ? mirrors_y : mirrors_x,
                     DCTSIZE * (gray ? 1 : (uint32_t)source->max_h_samp_factor),
                     gray ? 1 : (uint32_t)from->h_samp_factor,
                     swaps ? to->height_in_blocks : to->width_in_blocks};
    struct span y = {at->y,
                     at->height,
                     swaps ? mirrors_x : mirrors_y,
                     DCTSIZE * (gray ? 1 : (uint32_t)source->max_v_samp_factor),
                     gray ? 1 : (uint32_t)from->v_samp_factor,
                     swaps ? to->width_in_blocks : to->height_in_blocks};

    return (struct pp_placement){first_block(&x), first_block(&y), x.count, y.count, at->move};
}

static enum pp_status set_blocks(struct dct *dct)
{
    struct pp_jpeg_reader *reader = dct->reader;

    for (int i = 0; i < dct->cinfo.num_components; i++) {
        const jpeg_component_info *from = &reader->cinfo.comp_info[i];
        struct pp_jpeg_blocks *blocks = &dct->blocks[i];
        *blocks = (struct pp_jpeg_blocks){
            .source = &reader->cinfo, .coefficients = dct->read[i], .window = window_of(dct, i)};
        if ((uint64_t)blocks->window.x + blocks->window.width > from->width_in_blocks ||
            (uint64_t)blocks->window.y + blocks->window.height > from->height_in_blocks)
            return pp_error_set(reader->guard.err, PP_E_INTERNAL,
                                "cannot keep the coefficients: the window has more than there are");
        pp_jpeg_blocks_init(blocks, &dct->cinfo, &dct->cinfo.comp_info[i]);
    }
    return PP_OK;
}

/* In place of libjpeg's own access_virt_barray(). */
static JBLOCKARRAY access_moved(j_common_ptr cinfo, jvirt_barray_ptr place, JDIMENSION first,
                                JDIMENSION count, boolean writable)
{
    (void)cinfo;
    (void)writable;
    return pp_jpeg_blocks_rows((struct pp_jpeg_blocks *)(void *)place, first, count);
}

/* ---- writing ------------------------------------------------------------------------------- */

static enum pp_status write_step(void *argument)
{
    struct dct *dct = argument;
    struct jpeg_compress_struct *cinfo = &dct->cinfo;
    const struct pp_metadata *metadata = dct->settings->metadata;

    jpeg_create_compress(cinfo);
    cinfo->mem->max_memory_to_use = 0; /* whatever JPEGMEM in the environment says */
    cinfo->mem->access_virt_barray = access_moved;
    cinfo->dest = &dct->destination.base;
    set_frame(dct);
    if (metadata)
        pp_jpeg_markers_set_density(cinfo, metadata);
    for (int i = 0; i < cinfo->num_components; i++)
        dct->places[i] = (jvirt_barray_ptr)(void *)&dct->blocks[i];
    jpeg_write_coefficients(cinfo, dct->places);
    enum pp_status status = set_blocks(dct);
    if (status != PP_OK)
        return status;
    if (metadata) {
        pp_jpeg_markers_write(cinfo, metadata);
        if (!(dct->settings->encode.strip & PP_STRIP_ICC))
            pp_jpeg_markers_write(cinfo, &dct->reader->markers.cmyk);
    }
    jpeg_finish_compress(cinfo);
    return PP_OK;
}

enum pp_status pp_jpeg_dct_run(struct pp_jpeg_reader *reader, const struct pp_transcode *what,
                               struct pp_output *out, const struct pp_write_settings *settings,
                               struct pp_error *err)
{
    struct dct *dct = calloc(1, sizeof(*dct));

    if (!dct)
        return pp_error_set(err, PP_E_NO_MEMORY, "JPEG coefficients: no memory");
    dct->reader = reader;
    dct->what = what;
    dct->settings = settings;
    dct->cinfo.err = &reader->guard.base;
    pp_jpeg_destination_init(&dct->destination, out);
    reader->extracts = pp_jpeg_dct_extracts(reader, what);
    enum pp_status status = pp_jpeg_guarded(&reader->guard, read_step, dct, err);
    status = pp_jpeg_settle(reader, status, err);
    if (status == PP_OK)
        status = pp_jpeg_guarded(&reader->guard, write_step, dct, err);
    jpeg_destroy_compress(&dct->cinfo);
    free(dct);
    return status;
}
