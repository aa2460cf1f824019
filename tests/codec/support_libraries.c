#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jpeglib.h>
#include <png.h>

#include "support.h"

/* ---- libjpeg ------------------------------------------------------------------------------- */

struct escape {
    struct jpeg_error_mgr base;
    jmp_buf place;
};

static void leave(j_common_ptr cinfo)
{
    longjmp(((struct escape *)cinfo->err)->place, 1);
}

static void say_nothing(j_common_ptr cinfo, int level)
{
    (void)cinfo;
    (void)level;
}

struct test_file test_libjpeg_decode(const struct test_file *file, int color_space)
{
    struct jpeg_decompress_struct cinfo;
    struct escape escape;
    struct test_file *volatile result = calloc(1, sizeof(*result));

    assert_non_null(result);
    cinfo.err = jpeg_std_error(&escape.base);
    escape.base.error_exit = leave;
    escape.base.emit_message = say_nothing;
    jpeg_create_decompress(&cinfo);
    if (setjmp(escape.place) == 0) {
        jpeg_mem_src(&cinfo, file->data, file->size);
        jpeg_read_header(&cinfo, TRUE);
        cinfo.out_color_space = (J_COLOR_SPACE)color_space;
        jpeg_start_decompress(&cinfo);
        size_t row = (size_t)cinfo.output_width * (size_t)cinfo.output_components;
        result->size = row * cinfo.output_height;
        result->data = malloc(result->size);
        while (cinfo.output_scanline < cinfo.output_height) {
            JSAMPROW place = result->data + row * cinfo.output_scanline;
            jpeg_read_scanlines(&cinfo, &place, 1);
        }
        jpeg_finish_decompress(&cinfo);
    } else {
        test_file_release(result);
    }
    jpeg_destroy_decompress(&cinfo);
    struct test_file copy = *result;
    free(result);
    return copy;
}

/* One scan for each component, as a script for libjpeg. */
static void separate_components(struct jpeg_compress_struct *cinfo, jpeg_scan_info scans[4])
{
    for (int i = 0; i < cinfo->num_components; i++)
        scans[i] = (jpeg_scan_info){
            .comps_in_scan = 1, .component_index = {i}, .Ss = 0, .Se = 63, .Ah = 0, .Al = 0};
    cinfo->scan_info = scans;
    cinfo->num_scans = cinfo->num_components;
}

static void apply(struct jpeg_compress_struct *cinfo, const struct test_jpeg *how,
                  jpeg_scan_info scans[4])
{
    jpeg_set_defaults(cinfo);
    jpeg_set_colorspace(cinfo, (J_COLOR_SPACE)how->color_space);
    jpeg_set_quality(cinfo, how->quality, TRUE);
    if (how->h > 0)
        cinfo->comp_info[0].h_samp_factor = how->h;
    if (how->v > 0)
        cinfo->comp_info[0].v_samp_factor = how->v;
    cinfo->restart_in_rows = how->restart_rows;
    cinfo->arith_code = how->arithmetic;
    if (how->no_adobe)
        cinfo->write_Adobe_marker = FALSE;
    if (how->interleaved_off)
        separate_components(cinfo, scans);
    if (how->progressive)
        jpeg_simple_progression(cinfo);
}

struct test_file test_libjpeg_encode(const struct test_picture *picture,
                                     const struct test_jpeg *how)
{
    struct jpeg_compress_struct cinfo;
    struct jpeg_error_mgr errors;
    jpeg_scan_info scans[4];
    unsigned char *data = NULL;
    unsigned long size = 0;
    size_t row = pp_geometry_row_bytes(&picture->geometry);

    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_compress(&cinfo);
    jpeg_mem_dest(&cinfo, &data, &size);
    cinfo.image_width = picture->geometry.width;
    cinfo.image_height = picture->geometry.height;
    cinfo.input_components = picture->geometry.channels;
    cinfo.in_color_space =
        how->color_space == JCS_YCCK ? JCS_CMYK : (J_COLOR_SPACE)how->color_space;
    apply(&cinfo, how, scans);
    jpeg_start_compress(&cinfo, TRUE);
    while (cinfo.next_scanline < cinfo.image_height) {
        JSAMPROW place = picture->pixels + row * cinfo.next_scanline;
        jpeg_write_scanlines(&cinfo, &place, 1);
    }
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
    return (struct test_file){data, size};
}

/* ---- libpng -------------------------------------------------------------------------------- */

struct position {
    const struct test_file *file;
    size_t used;
    struct test_file result;
};

static void read_bytes(png_struct *png, png_byte *to, size_t size)
{
    struct position *position = png_get_io_ptr(png);

    if (size > position->file->size - position->used)
        png_error(png, "end of data");
    memcpy(to, position->file->data + position->used, size);
    position->used += size;
}

static void ignore(png_struct *png, const char *message)
{
    (void)png;
    (void)message;
}

static void read_picture(png_struct *png, png_info *info, struct test_file *result)
{
    png_read_png(png, info, PNG_TRANSFORM_EXPAND | PNG_TRANSFORM_SWAP_ENDIAN, NULL);
    size_t row = png_get_rowbytes(png, info);
    uint32_t height = png_get_image_height(png, info);
    png_byte **rows = png_get_rows(png, info);

    result->size = row * height;
    result->data = malloc(result->size);
    assert_non_null(result->data);
    for (uint32_t y = 0; y < height; y++)
        memcpy(result->data + y * row, rows[y], row);
}

/* PNG_TRANSFORM_EXPAND is all that ours does, but for the order of 16-bit samples' bytes. */
struct test_file test_libpng_decode(const struct test_file *file)
{
    struct position position = {file, 0, {0}};
    png_struct *png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, ignore);
    png_info *info = png_create_info_struct(png);

    if (setjmp(png_jmpbuf(png)) == 0) {
        png_set_read_fn(png, &position, read_bytes);
        read_picture(png, info, &position.result);
    }
    png_destroy_read_struct(&png, &info, NULL);
    return position.result;
}
