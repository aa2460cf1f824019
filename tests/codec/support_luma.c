#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "support_luma.h"

#define PIXELS_MAX 60000000

struct escape {
    struct jpeg_error_mgr base;
    jmp_buf place;
};

static void leave(j_common_ptr cinfo)
{
    longjmp(((struct escape *)cinfo->err)->place, 1);
}

static void count(j_common_ptr cinfo, int level)
{
    if (level < 0)
        cinfo->err->num_warnings++;
}

static void read_rows(struct jpeg_decompress_struct *cinfo, struct luma_picture *picture)
{
    cinfo->out_color_space = JCS_GRAYSCALE;
    cinfo->dct_method = JDCT_ISLOW;
    cinfo->scale_num = picture->eighths;
    cinfo->scale_denom = 8;
    jpeg_start_decompress(cinfo);
    picture->size = (size_t)cinfo->output_width * cinfo->output_height;
    picture->data = calloc(1, picture->size);
    while (picture->data && cinfo->output_scanline < cinfo->output_height) {
        JSAMPROW row = picture->data + (size_t)cinfo->output_width * cinfo->output_scanline;
        jpeg_read_scanlines(cinfo, &row, 1);
    }
}

static void read_blocks(struct jpeg_decompress_struct *cinfo, struct luma_picture *picture)
{
    jvirt_barray_ptr *arrays = jpeg_read_coefficients(cinfo);
    const size_t columns = (cinfo->image_width + 7) / 8, rows = (cinfo->image_height + 7) / 8;

    picture->size = columns * rows * sizeof(JBLOCK);
    picture->data = calloc(1, picture->size);
    for (size_t y = 0; picture->data && y < rows; y++) {
        JBLOCKARRAY row =
            cinfo->mem->access_virt_barray((j_common_ptr)cinfo, arrays[0], (JDIMENSION)y, 1, FALSE);
        memcpy(picture->data + y * columns * sizeof(JBLOCK), row[0], columns * sizeof(JBLOCK));
    }
}

static struct luma_picture read_file(const uint8_t *data, size_t size, unsigned eighths,
                                     void (*read)(struct jpeg_decompress_struct *,
                                                  struct luma_picture *))
{
    struct jpeg_decompress_struct cinfo;
    struct escape escape;
    struct luma_picture *picture = calloc(1, sizeof(*picture)), result;

    if (!picture)
        abort();
    picture->eighths = eighths;
    cinfo.err = jpeg_std_error(&escape.base);
    escape.base.error_exit = leave;
    escape.base.emit_message = count;
    jpeg_create_decompress(&cinfo);
    if (setjmp(escape.place) == 0) {
        jpeg_mem_src(&cinfo, data, size);
        jpeg_read_header(&cinfo, TRUE);
        picture->width = cinfo.image_width;
        picture->height = cinfo.image_height;
        picture->components = cinfo.num_components;
        picture->several_scans = jpeg_has_multiple_scans(&cinfo);
        picture->progressive = cinfo.progressive_mode;
        if ((uint64_t)cinfo.image_width * cinfo.image_height <= PIXELS_MAX) {
            read(&cinfo, picture);
            if (picture->data)
                jpeg_finish_decompress(&cinfo);
        }
    } else {
        free(picture->data);
        picture->data = NULL;
    }
    picture->warnings = escape.base.num_warnings;
    jpeg_destroy_decompress(&cinfo);
    result = *picture;
    free(picture);
    return result;
}

struct luma_picture luma_decode(const uint8_t *data, size_t size)
{
    return read_file(data, size, 8, read_rows);
}

struct luma_picture luma_decode_reduced(const uint8_t *data, size_t size, unsigned eighths)
{
    return read_file(data, size, eighths, read_rows);
}

struct luma_picture luma_read_coefficients(const uint8_t *data, size_t size)
{
    return read_file(data, size, 8, read_blocks);
}

static void read_nothing(struct jpeg_decompress_struct *cinfo, struct luma_picture *picture)
{
    (void)picture;
    jpeg_abort_decompress(cinfo);
}

struct luma_picture luma_decode_header(const uint8_t *data, size_t size)
{
    return read_file(data, size, 8, read_nothing);
}

bool luma_is_same(const struct luma_picture *a, const struct luma_picture *b)
{
    return a->data && b->data && a->width == b->width && a->height == b->height &&
           a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

/* ---- extraction ---------------------------------------------------------------------------- */

static void keep(struct luma_file *file, const uint8_t *data, size_t size)
{
    uint8_t *larger = realloc(file->data, file->size + size);

    if (!larger)
        abort();
    memcpy(larger + file->size, data, size);
    file->data = larger;
    file->size += size;
}

struct luma_file luma_extract(struct pp_input *in, const struct pp_jpeg_luma_settings *settings)
{
    struct luma_file file = {0};
    struct pp_jpeg_luma *luma = NULL;
    const uint8_t *data;
    size_t size = 1;

    file.status = pp_jpeg_luma_open(in, settings, &luma, &file.err);
    while (file.status == PP_OK && size > 0) {
        file.status = pp_jpeg_luma_next(luma, &data, &size, &file.err);
        if (file.status == PP_OK && size > 0)
            keep(&file, data, size);
    }
    pp_jpeg_luma_close(luma);
    return file;
}

struct luma_file luma_extract_memory(const uint8_t *data, size_t size,
                                     const struct pp_jpeg_luma_settings *settings)
{
    struct pp_input in;

    pp_input_init_memory(&in, data, size);
    struct luma_file file = luma_extract(&in, settings);
    pp_input_release(&in);
    return file;
}

/* ---- decoding by the extractor -------------------------------------------------------------- */

static enum pp_status take_rows(struct pp_jpeg_luma *luma, struct luma_picture *picture)
{
    struct pp_error err = {0};
    struct pp_jpeg_luma_rows rows = {NULL, 0, 1};
    const size_t row = ((size_t)picture->width * picture->eighths + 7) / 8;
    enum pp_status status = PP_OK;

    while (status == PP_OK && rows.count > 0) {
        status = pp_jpeg_luma_rows(luma, &rows, &err);
        uint8_t *larger = realloc(picture->data, picture->size + rows.count * row + 1);
        if (!larger)
            abort();
        picture->data = larger;
        for (uint32_t y = 0; y < rows.count; y++, picture->size += row)
            memcpy(larger + picture->size, rows.first + y * rows.stride, row);
    }
    return status;
}

struct luma_picture luma_rows_memory(const uint8_t *data, size_t size,
                                     const struct pp_jpeg_luma_settings *settings,
                                     enum pp_status *status)
{
    struct luma_picture picture = {.eighths = settings->eighths, .components = 1};
    struct pp_jpeg_luma *luma = NULL;
    struct pp_error err = {0};
    struct pp_input in;

    pp_input_init_memory(&in, data, size);
    *status = pp_jpeg_luma_open(&in, settings, &luma, &err);
    if (*status == PP_OK) {
        pp_jpeg_luma_sides(luma, &picture.width, &picture.height);
        *status = take_rows(luma, &picture);
    }
    if (*status != PP_OK) {
        free(picture.data);
        picture.data = NULL;
    }
    pp_jpeg_luma_close(luma);
    pp_input_release(&in);
    return picture;
}

/* ---- encoding ------------------------------------------------------------------------------ */

static void draw_row(JSAMPLE *row, uint32_t width, uint32_t y, int components)
{
    uint32_t noise = y * 2654435761u;

    for (uint32_t x = 0; x < width; x++) {
        for (int c = 0; c < components; c++) {
            noise = noise * 1664525u + 1013904223u;
            uint32_t value = x * 3u * (uint32_t)(c + 1) + y * 2u + ((x / 9 + y / 7) % 2 ? 90u : 0);
            uint32_t rough = (x / 24 + y / 40) % 3 == 0 ? noise >> 25 : noise >> 30;
            *row++ = (JSAMPLE)(value + rough);
        }
    }
}

static void apply(struct jpeg_compress_struct *cinfo, const struct luma_recipe *recipe)
{
    cinfo->image_width = recipe->width;
    cinfo->image_height = recipe->height;
    cinfo->input_components = recipe->gray ? 1 : 3;
    cinfo->in_color_space = recipe->gray ? JCS_GRAYSCALE : JCS_YCbCr;
    jpeg_set_defaults(cinfo);
    jpeg_set_quality(cinfo, recipe->quality ? recipe->quality : 85, !recipe->extended);
    for (int c = 0; c < cinfo->num_components; c++) {
        cinfo->comp_info[c].h_samp_factor = recipe->h[c] ? recipe->h[c] : 1;
        cinfo->comp_info[c].v_samp_factor = recipe->v[c] ? recipe->v[c] : 1;
    }
    cinfo->restart_interval = recipe->restart_mcus;
    cinfo->optimize_coding = recipe->optimised;
    cinfo->scan_info = recipe->scans;
    cinfo->num_scans = recipe->scan_count;
}

struct luma_file luma_encode(const struct luma_recipe *recipe)
{
    struct jpeg_compress_struct cinfo;
    struct jpeg_error_mgr errors;
    unsigned char *data = NULL;
    unsigned long size = 0;
    JSAMPLE *row = malloc((size_t)recipe->width * 3);

    if (!row)
        abort();
    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_compress(&cinfo);
    jpeg_mem_dest(&cinfo, &data, &size);
    apply(&cinfo, recipe);
    jpeg_start_compress(&cinfo, TRUE);
    while (cinfo.next_scanline < cinfo.image_height) {
        draw_row(row, recipe->width, cinfo.next_scanline, cinfo.input_components);
        jpeg_write_scanlines(&cinfo, &row, 1);
    }
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
    free(row);
    return (struct luma_file){.data = data, .size = size};
}
