#include "png_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "noise.h"

static void on_error(png_structp png, png_const_charp text)
{
    (void)png;
    fail("libpng", text);
}

static void on_warning(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static void on_write(png_structp png, png_bytep data, png_size_t size)
{
    bytes_add(png_get_io_ptr(png), data, size);
}

static void on_flush(png_structp png)
{
    (void)png;
}

/* An alpha with every value: a soft disc. */
static unsigned alpha_at(const struct picture *picture, unsigned x, unsigned y)
{
    double dx = (x + 0.5) / picture->width - 0.5, dy = (y + 0.5) / picture->height - 0.5;
    return (unsigned)(65535 * smooth_step(0.62, 0.30, sqrt(dx * dx + dy * dy)) + 0.5);
}

static unsigned gray_of(const uint16_t *rgb)
{
    return (unsigned)(0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2] + 0.5);
}

/* To fewer levels with ordered dither (Bayer's four by four), in [0, levels). */
static unsigned level_of(unsigned sample, unsigned levels, unsigned x, unsigned y)
{
    static const unsigned bayer[4][4] = {
        {0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}};
    double exact = sample / 65535.0 * (levels - 1) + (bayer[y % 4][x % 4] + 0.5) / 16;
    unsigned level = (unsigned)exact;
    return level < levels ? level : levels - 1;
}

/* Levels of red, green and blue in the palettes of 1, 2, 4 and 8 bits. */
static const unsigned *palette_levels(int depth)
{
    static const unsigned levels[4][3] = {{1, 2, 1}, {1, 2, 2}, {2, 4, 2}, {6, 7, 6}};
    return levels[depth == 1 ? 0 : depth == 2 ? 1 : depth == 4 ? 2 : 3];
}

static int palette_fill(int depth, png_color palette[256])
{
    const unsigned *levels = palette_levels(depth);
    int count = 0;
    for (unsigned r = 0; r < levels[0]; r++)
        for (unsigned g = 0; g < levels[1]; g++)
            for (unsigned b = 0; b < levels[2]; b++, count++) {
                palette[count].red = (png_byte)(levels[0] > 1 ? r * 255 / (levels[0] - 1) : 96);
                palette[count].green = (png_byte)(g * 255 / (levels[1] - 1));
                palette[count].blue = (png_byte)(levels[2] > 1 ? b * 255 / (levels[2] - 1) : 128);
            }
    return count;
}

static unsigned palette_index(const uint16_t *rgb, int depth, unsigned x, unsigned y)
{
    const unsigned *levels = palette_levels(depth);
    unsigned index = 0;
    for (int c = 0; c < 3; c++)
        index = index * levels[c] + level_of(rgb[c], levels[c], x, y);
    return index;
}

static void put_sample(struct bytes *row, unsigned sample, int depth)
{
    if (depth == 16)
        bytes_add16(row, sample);
    else
        bytes_add8(row, sample8((uint16_t)sample));
}

static void put_pixel(struct bytes *row, const struct picture *picture, const unsigned at[2],
                      const struct png_options *options)
{
    const uint16_t *rgb = picture_at(picture, at[0], at[1]);
    if (options->colour_type == PNG_COLOR_TYPE_PALETTE) {
        bytes_add8(row, palette_index(rgb, options->depth, at[0], at[1]));
        return;
    }
    if (options->depth < 8) {
        bytes_add8(row, level_of(gray_of(rgb), 1U << options->depth, at[0], at[1]));
        return;
    }
    if (options->colour_type & PNG_COLOR_MASK_COLOR)
        for (int c = 0; c < 3; c++)
            put_sample(row, rgb[c], options->depth);
    else
        put_sample(row, gray_of(rgb), options->depth);
    if (options->colour_type & PNG_COLOR_MASK_ALPHA)
        put_sample(row, options->opaque ? 65535 : alpha_at(picture, at[0], at[1]), options->depth);
}

/* The colour of the middle pixel is the transparent one. */
static void set_key(png_structp png, png_infop info, const struct picture *picture,
                    const struct png_options *options)
{
    unsigned x = picture->width / 2, y = picture->height / 2;
    const uint16_t *rgb = picture_at(picture, x, y);
    png_color_16 key = {0};
    int wide = options->depth == 16;
    key.red = wide ? rgb[0] : sample8(rgb[0]);
    key.green = wide ? rgb[1] : sample8(rgb[1]);
    key.blue = wide ? rgb[2] : sample8(rgb[2]);
    unsigned gray = gray_of(rgb);
    if (options->depth < 8)
        gray = level_of(gray, 1U << options->depth, x, y);
    else if (!wide)
        gray = sample8((uint16_t)gray);
    key.gray = (png_uint_16)gray;
    png_byte alphas[4] = {0, 85, 170, 254};
    png_set_tRNS(png, info, alphas, options->depth == 1 ? 1 : 4, &key);
}

static void set_header(png_structp png, png_infop info, const struct picture *picture,
                       const struct png_options *options)
{
    png_set_IHDR(png, info, picture->width, picture->height, options->depth, options->colour_type,
                 options->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(png, options->stored ? 0 : 9);
    if (options->filters)
        png_set_filter(png, PNG_FILTER_TYPE_BASE, options->filters);
    if (options->colour_type == PNG_COLOR_TYPE_PALETTE) {
        png_color palette[256];
        int count = palette_fill(options->depth, palette);
        png_set_PLTE(png, info, palette, count);
    }
    if (options->keyed)
        set_key(png, info, picture, options);
    if (options->decorate)
        options->decorate(png, info);
}

struct bytes png_encode(const struct picture *picture, const struct png_options *options)
{
    struct bytes file = {0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info)
        fail("libpng", "cannot begin");
    png_set_write_fn(png, &file, on_write, on_flush);
    set_header(png, info, picture, options);
    png_write_info(png, info);
    png_set_packing(png);
    int passes = png_set_interlace_handling(png);
    struct bytes row = {0};
    for (int pass = 0; pass < passes; pass++) {
        for (unsigned y = 0; y < picture->height; y++) {
            row.size = 0;
            for (unsigned x = 0; x < picture->width; x++)
                put_pixel(&row, picture, (const unsigned[2]){x, y}, options);
            png_write_row(png, row.data);
        }
    }
    png_write_end(png, info);
    bytes_free(&row);
    png_destroy_write_struct(&png, &info);
    return file;
}

int png_chunk_at(const struct bytes *file, size_t at, struct png_chunk *chunk)
{
    if (at + 12 > file->size)
        return 0;
    const uint8_t *p = file->data + at;
    chunk->at = at;
    chunk->size = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
    chunk->data = at + 8;
    chunk->end = at + 12 + chunk->size;
    memcpy(chunk->type, p + 4, 4);
    chunk->type[4] = 0;
    return 1;
}

struct png_chunk png_find(const struct bytes *file, const char *type)
{
    struct png_chunk chunk;
    for (size_t at = PNG_FIRST_CHUNK; png_chunk_at(file, at, &chunk); at = chunk.end)
        if (strcmp(chunk.type, type) == 0)
            return chunk;
    fail(type, "no such chunk");
}

static uint32_t crc_of(const uint8_t *data, size_t size)
{
    uint32_t crc = 0xffffffffU;
    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
    }
    return ~crc;
}

void png_add_chunk(struct bytes *to, const char *type, const void *data, size_t size)
{
    bytes_add32(to, (uint32_t)size);
    size_t begin = to->size;
    bytes_add_text(to, type);
    bytes_add(to, data, size);
    bytes_add32(to, crc_of(to->data + begin, to->size - begin));
}

static void add_pieces(struct bytes *to, struct bytes *data, size_t piece)
{
    for (size_t i = 0; i < data->size; i += piece)
        png_add_chunk(to, "IDAT", data->data + i, data->size - i < piece ? data->size - i : piece);
    bytes_free(data);
}

struct bytes png_split_data(const struct bytes *file, size_t piece)
{
    struct bytes to = bytes_slice(file, 0, PNG_FIRST_CHUNK), data = {0};
    struct png_chunk chunk;
    for (size_t at = PNG_FIRST_CHUNK; png_chunk_at(file, at, &chunk); at = chunk.end) {
        if (strcmp(chunk.type, "IDAT") == 0) {
            bytes_add(&data, file->data + chunk.data, chunk.size);
            continue;
        }
        add_pieces(&to, &data, piece);
        bytes_add(&to, file->data + chunk.at, chunk.end - chunk.at);
    }
    return to;
}

struct bytes png_with_chunk(const struct bytes *file, const char *type, const struct bytes *data)
{
    struct png_chunk first = png_find(file, "IDAT");
    struct bytes chunk = {0};
    png_add_chunk(&chunk, type, data->data, data->size);
    struct bytes to = bytes_spliced(file, first.at, first.at, &chunk);
    bytes_free(&chunk);
    return to;
}
