/*
 * hostile/: PNG files that are cut, contradict themselves or promise too much.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "png_file.h"
#include "sets.h"

static struct bytes copy(const struct bytes *file)
{
    return bytes_slice(file, 0, file->size);
}

/* With other data in the first chunk of that type, CRC made right. */
static struct bytes with_data(const struct bytes *file, const char *type, const struct bytes *data)
{
    struct png_chunk chunk = png_find(file, type);
    struct bytes fresh = {0};
    png_add_chunk(&fresh, type, data->data, data->size);
    struct bytes to = bytes_spliced(file, chunk.at, chunk.end, &fresh);
    bytes_free(&fresh);
    return to;
}

static struct bytes without(const struct bytes *file, const char *type)
{
    struct png_chunk chunk = png_find(file, type);
    return bytes_spliced(file, chunk.at, chunk.end, NULL);
}

/* With one byte of the first chunk of that type set, CRC made right. */
static struct bytes with_byte(const struct bytes *file, const char *type, size_t at, unsigned value)
{
    struct png_chunk chunk = png_find(file, type);
    struct bytes data = bytes_slice(file, chunk.data, chunk.data + chunk.size);
    data.data[at] = (uint8_t)value;
    struct bytes to = with_data(file, type, &data);
    bytes_free(&data);
    return to;
}

static struct bytes with_size(const struct bytes *file, uint32_t width, uint32_t height)
{
    struct png_chunk chunk = png_find(file, "IHDR");
    struct bytes data = {0};
    bytes_add32(&data, width);
    bytes_add32(&data, height);
    bytes_add(&data, file->data + chunk.data + 8, 5);
    struct bytes to = with_data(file, "IHDR", &data);
    bytes_free(&data);
    return to;
}

static struct bytes with_bad_crc(const struct bytes *file, const char *type)
{
    struct bytes to = copy(file);
    to.data[png_find(file, type).end - 1] ^= 0x5a;
    return to;
}

static void write_cuts(struct hostile *to, const struct bytes *file)
{
    struct png_chunk data = png_find(file, "IDAT");
    const struct {
        const char *name;
        size_t size;
    } cuts[] = {{"signature", 5},
                {"after-signature", 8},
                {"header", 20},
                {"before-data", data.at},
                {"half", data.data + data.size / 2},
                {"last-bytes", data.data + data.size - 30}};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        char name[96];
        snprintf(name, sizeof name, "png-cut-%s.png", cuts[i].name);
        hostile_add(to, REFUSED, name, bytes_slice(file, 0, cuts[i].size));
    }
}

static void write_headers(struct hostile *to, const struct bytes *file,
                          const struct bytes *interlaced)
{
    hostile_add(to, REFUSED, "bomb.png", with_size(file, 50000, 50000));
    hostile_add(to, REFUSED, "bomb-interlaced.png", with_size(interlaced, 50000, 50000));
    hostile_add(to, REFUSED, "bomb-widest.png", with_size(file, 0x7fffffff, 1));
    hostile_add(to, REFUSED, "zero-width.png", with_size(file, 0, 61));
    hostile_add(to, REFUSED, "zero-height.png", with_size(file, 97, 0));
    hostile_add(to, REFUSED, "size-negative.png", with_size(file, 0xffffffff, 61));
    hostile_add(to, REFUSED, "taller-than-data.png", with_size(file, 97, 500));
    hostile_add(to, REFUSED, "depth-illegal.png", with_byte(file, "IHDR", 8, 4));
    hostile_add(to, REFUSED, "colour-type-illegal.png", with_byte(file, "IHDR", 9, 5));
    hostile_add(to, REFUSED, "interlace-unknown.png", with_byte(file, "IHDR", 12, 7));
    hostile_add(to, REFUSED, "crc-header.png", with_bad_crc(file, "IHDR"));
    hostile_add(to, REFUSED, "crc-data.png", with_bad_crc(file, "IDAT"));
}

static void write_chunks(struct hostile *to, const struct bytes *file)
{
    struct png_chunk idat = png_find(file, "IDAT"), ihdr = png_find(file, "IHDR");
    struct bytes data = bytes_slice(file, idat.data, idat.data + idat.size);
    hostile_add(to, REFUSED, "no-data.png", without(file, "IDAT"));
    hostile_add(to, REFUSED, "no-header.png", without(file, "IHDR"));
    hostile_add(to, REFUSED, "no-end.png", without(file, "IEND"));
    data.size = data.size * 2 / 3;
    hostile_add(to, REFUSED, "data-too-short.png", with_data(file, "IDAT", &data));
    data.size = idat.size;
    bytes_zeros(&data, 200);
    hostile_add(to, CONVERTS, "data-too-long.png", with_data(file, "IDAT", &data));
    bytes_free(&data);
    hostile_add(to, REFUSED, "data-not-deflate.png", with_byte(file, "IDAT", 0, 0));
    struct bytes some = {0};
    bytes_add_text(&some, "what is this");
    hostile_add(to, REFUSED, "critical-unknown.png", png_with_chunk(file, "QQQQ", &some));
    bytes_free(&some);
    struct bytes header = bytes_slice(file, ihdr.data, ihdr.data + ihdr.size);
    hostile_add(to, REFUSED, "two-headers.png", png_with_chunk(file, "IHDR", &header));
    bytes_free(&header);
    struct bytes longer = copy(file);
    longer.data[idat.at] = 0x7f;
    hostile_add(to, REFUSED, "length-too-long.png", longer);
}

static void write_pixels(struct hostile *to, const struct stock *stock)
{
    struct png_options options = {.colour_type = PNG_COLOR_TYPE_PALETTE, .depth = 8};
    struct bytes file = png_encode(&stock->odd, &options);
    hostile_add(to, REFUSED, "no-palette.png", without(&file, "PLTE"));
    struct bytes two = {0};
    bytes_add(&two, "\x10\x20\x30\xf0\xe0\xd0", 6);
    hostile_add(to, CONVERTS, "palette-too-short.png", with_data(&file, "PLTE", &two));
    bytes_free(&file);
    bytes_add8(&two, 1);
    options.depth = 4;
    file = png_encode(&stock->odd, &options);
    hostile_add(to, REFUSED, "palette-uneven.png", with_data(&file, "PLTE", &two));
    bytes_free(&two);
    bytes_free(&file);
    options = (struct png_options){.colour_type = PNG_COLOR_TYPE_RGB, .depth = 8, .stored = 1};
    file = png_encode(&stock->odd, &options);
    /* Behind two bytes of zlib and five of the first stored block: the first row's filter. */
    hostile_add(to, REFUSED, "filter-unknown.png", with_byte(&file, "IDAT", 7, 9));
    bytes_free(&file);
}

/* 32 MB of one letter, deflated, as the data of a zTXt chunk behind keyword and method. */
static struct bytes packed_text(const struct bytes *file)
{
    struct png_chunk chunk = png_find(file, "zTXt");
    size_t begin = chunk.data + strlen("Comment") + 2;
    return bytes_slice(file, begin, chunk.data + chunk.size);
}

static void add_bomb(png_structp png, png_infop info)
{
    size_t size = 32U << 20;
    char *blanks = checked_alloc(size + 1);
    memset(blanks, ' ', size);
    png_text text = {.compression = PNG_TEXT_COMPRESSION_zTXt,
                     .key = "Comment",
                     .text = blanks,
                     .text_length = size};
    png_set_text(png, info, &text, 1);
    free(blanks);
}

static void add_comment(png_structp png, png_infop info)
{
    png_text text = {.compression = PNG_TEXT_COMPRESSION_NONE, .key = "Comment", .text = "words"};
    png_set_text(png, info, &text, 1);
}

/* Trouble beside the pixels: the picture is there all the same. */
static void write_ancillary(struct hostile *to, const struct stock *stock,
                            const struct bytes *plain)
{
    struct png_options options = {
        .colour_type = PNG_COLOR_TYPE_RGB, .depth = 8, .decorate = add_bomb};
    struct bytes file = png_encode(&stock->odd, &options);
    struct bytes packed = packed_text(&file), profile = {0};
    hostile_add(to, CONVERTS, "bomb-text.png", file);
    bytes_add(&profile, "bomb\0\0", 6);
    bytes_add(&profile, packed.data, packed.size);
    hostile_add(to, CONVERTS, "bomb-profile.png", png_with_chunk(plain, "iCCP", &profile));
    bytes_free(&packed);
    bytes_free(&profile);
    options.decorate = add_comment;
    file = png_encode(&stock->odd, &options);
    hostile_add(to, CONVERTS, "crc-text.png", with_bad_crc(&file, "tEXt"));
    bytes_free(&file);
}

void write_hostile_pngs(struct hostile *to, const struct stock *stock)
{
    struct png_options options = {.colour_type = PNG_COLOR_TYPE_RGB, .depth = 8};
    struct bytes plain = png_encode(&stock->odd, &options);
    struct bytes file = png_split_data(&plain, 1U << 20); /* one IDAT */
    options.interlaced = 1;
    struct bytes interlaced = png_encode(&stock->odd, &options);
    write_cuts(to, &file);
    write_headers(to, &file, &interlaced);
    write_chunks(to, &file);
    write_pixels(to, stock);
    write_ancillary(to, stock, &file);
    bytes_free(&plain);
    bytes_free(&file);
    bytes_free(&interlaced);
}
