#include "jpeg_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

static _Noreturn void on_error(j_common_ptr common)
{
    char text[JMSG_LENGTH_MAX];
    common->err->format_message(common, text);
    fail("libjpeg", text);
}

/* Remarks, such as the one on tables too coarse for baseline, are wanted here. */
static void on_message(j_common_ptr common, int level)
{
    (void)common;
    (void)level;
}

/* RGB to the four inks with part of the gray in black, stored as Adobe does: inverted. */
static void to_inks(const uint16_t *rgb, JSAMPLE inks[4])
{
    int cmy[3], least = 255;
    for (int c = 0; c < 3; c++) {
        cmy[c] = 255 - sample8(rgb[c]);
        least = cmy[c] < least ? cmy[c] : least;
    }
    int key = least * 3 / 4;
    for (int c = 0; c < 3; c++) {
        int ink = key < 255 ? (cmy[c] - key) * 255 / (255 - key) : 0;
        inks[c] = (JSAMPLE)(255 - ink);
    }
    inks[3] = (JSAMPLE)(255 - key);
}

static void to_samples(const uint16_t *rgb, enum jpeg_space space, JSAMPLE *to)
{
    if (space == JPEG_GRAY) {
        double luma = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
        to[0] = sample8((uint16_t)luma);
    } else if (space == JPEG_CMYK || space == JPEG_YCCK) {
        to_inks(rgb, to);
    } else {
        for (int c = 0; c < 3; c++)
            to[c] = sample8(rgb[c]);
    }
}

static void set_space(struct jpeg_compress_struct *jpeg, enum jpeg_space space)
{
    static const struct {
        J_COLOR_SPACE in, out;
        int components;
    } spaces[] = {{JCS_RGB, JCS_YCbCr, 3},
                  {JCS_GRAYSCALE, JCS_GRAYSCALE, 1},
                  {JCS_RGB, JCS_RGB, 3},
                  {JCS_CMYK, JCS_CMYK, 4},
                  {JCS_CMYK, JCS_YCCK, 4}};
    jpeg->input_components = spaces[space].components;
    jpeg->in_color_space = spaces[space].in;
    jpeg_set_defaults(jpeg);
    jpeg_set_colorspace(jpeg, spaces[space].out);
}

static void set_sampling(struct jpeg_compress_struct *jpeg, const struct jpeg_options *options)
{
    for (int c = 0; c < jpeg->num_components; c++) {
        int full = c == 0 || c == 3;
        jpeg->comp_info[c].h_samp_factor = full && options->h ? options->h : 1;
        jpeg->comp_info[c].v_samp_factor = full && options->v ? options->v : 1;
    }
}

static void set_process(struct jpeg_compress_struct *jpeg, const struct jpeg_options *options,
                        jpeg_scan_info scans[4])
{
    jpeg_set_quality(jpeg, options->quality ? options->quality : 85, !options->wide_tables);
    jpeg->optimize_coding = options->optimised != 0;
    jpeg->arith_code = options->arithmetic != 0;
    jpeg->restart_in_rows = (int)options->restart_rows;
    jpeg->dct_method = JDCT_ISLOW;
    if (options->progressive)
        jpeg_simple_progression(jpeg);
    if (!options->separate_scans)
        return;
    for (int c = 0; c < jpeg->num_components; c++)
        scans[c] = (jpeg_scan_info){1, {c, 0, 0, 0}, 0, 63, 0, 0};
    jpeg->scan_info = scans;
    jpeg->num_scans = jpeg->num_components;
}

static void write_segments(struct jpeg_compress_struct *jpeg, const struct jpeg_options *options)
{
    for (size_t i = 0; i < options->segment_count; i++) {
        const struct jpeg_segment *segment = &options->segments[i];
        struct bytes whole = {0};
        bytes_add(&whole, segment->prefix, segment->prefix_size);
        bytes_add(&whole, segment->data->data, segment->data->size);
        jpeg_write_marker(jpeg, segment->marker, whole.data, (unsigned)whole.size);
        bytes_free(&whole);
    }
}

static void write_rows(struct jpeg_compress_struct *jpeg, const struct picture *picture,
                       enum jpeg_space space)
{
    JSAMPLE *row = checked_alloc((size_t)picture->width * 4);
    for (unsigned y = 0; y < picture->height; y++) {
        for (unsigned x = 0; x < picture->width; x++)
            to_samples(picture_at(picture, x, y), space,
                       row + (size_t)x * (unsigned)jpeg->input_components);
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    free(row);
}

struct bytes jpeg_encode(const struct picture *picture, const struct jpeg_options *options)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg_scan_info scans[4];
    unsigned char *data = NULL;
    unsigned long size = 0;
    jpeg.err = jpeg_std_error(&errors);
    errors.error_exit = on_error;
    errors.emit_message = on_message;
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &data, &size);
    jpeg.image_width = picture->width;
    jpeg.image_height = picture->height;
    set_space(&jpeg, options->space);
    set_sampling(&jpeg, options);
    set_process(&jpeg, options, scans);
    jpeg_start_compress(&jpeg, TRUE);
    write_segments(&jpeg, options);
    write_rows(&jpeg, picture, options->space);
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    struct bytes file = {0};
    bytes_add(&file, data, size);
    free(data);
    return file;
}

struct bytes jpeg_with_exif(const struct picture *picture, const struct jpeg_options *options,
                            const struct bytes *exif)
{
    struct jpeg_segment segment = {JPEG_APP0 + 1, "Exif\0", 6, exif};
    struct jpeg_options all = *options;
    all.segments = &segment;
    all.segment_count = 1;
    return jpeg_encode(picture, &all);
}

struct bytes jpeg_with_icc(const struct picture *picture, const struct jpeg_options *options,
                           const struct bytes *icc, size_t piece)
{
    struct jpeg_segment segments[64];
    struct bytes pieces[64];
    char prefixes[64][14];
    size_t count = (icc->size + piece - 1) / piece;
    if (count > 64)
        fail("profile", "too many pieces");
    for (size_t i = 0; i < count; i++) {
        size_t end = (i + 1) * piece < icc->size ? (i + 1) * piece : icc->size;
        pieces[i] = bytes_slice(icc, i * piece, end);
        copy_bytes(prefixes[i], "ICC_PROFILE", 12);
        prefixes[i][12] = (char)(i + 1);
        prefixes[i][13] = (char)count;
        segments[i] = (struct jpeg_segment){JPEG_APP0 + 2, prefixes[i], 14, &pieces[i]};
    }
    struct jpeg_options all = *options;
    all.segments = segments;
    all.segment_count = count;
    struct bytes file = jpeg_encode(picture, &all);
    for (size_t i = 0; i < count; i++)
        bytes_free(&pieces[i]);
    return file;
}

size_t jpeg_segment_end(const struct bytes *file, size_t at)
{
    unsigned marker = file->data[at + 1];
    if (marker == 0xd8 || marker == 0xd9 || (marker >= 0xd0 && marker <= 0xd7))
        return at + 2;
    return at + 2 + (size_t)(file->data[at + 2] << 8 | file->data[at + 3]);
}

/* Past entropy-coded data to the next marker that is neither a restart nor a stuffed zero. */
static size_t skip_scan(const struct bytes *file, size_t at)
{
    for (; at + 1 < file->size; at++) {
        unsigned next = file->data[at + 1];
        if (file->data[at] == 0xff && next != 0 && (next < 0xd0 || next > 0xd7))
            break;
    }
    return at;
}

size_t jpeg_find(const struct bytes *file, unsigned marker, unsigned nth)
{
    for (size_t at = 0; at + 3 < file->size || marker == 0xd9;) {
        if (at + 1 >= file->size)
            break;
        if (file->data[at + 1] == marker && nth-- == 0)
            return at;
        unsigned here = file->data[at + 1];
        at = jpeg_segment_end(file, at);
        if (here == 0xda)
            at = skip_scan(file, at);
    }
    fail("jpeg_find", "no such marker");
}
