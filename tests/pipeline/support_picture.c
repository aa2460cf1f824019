#include "support_picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"

struct picture picture_new(uint32_t width, uint32_t height, uint8_t channels, uint8_t depth)
{
    struct picture picture = {.geometry = {width, height, channels, depth, 1}};
    size_t row = pp_geometry_row_bytes(&picture.geometry);

    picture.rows = malloc(row * height);
    assert_non_null(picture.rows);
    for (size_t i = 0; i < row * height; i++) {
        uint32_t noise = (uint32_t)i * 2654435761u;
        picture.rows[i] = (uint8_t)(i / row * 3 + i % row + (noise >> 27));
    }
    return picture;
}

void picture_free(struct picture *picture)
{
    free(picture->rows);
    *picture = (struct picture){0};
}

unsigned picture_sample(const struct picture *picture, uint32_t x, uint32_t y, unsigned channel)
{
    const struct pp_geometry *geometry = &picture->geometry;
    size_t at = ((size_t)y * geometry->width + x) * geometry->channels + channel;

    return geometry->depth == 8 ? picture->rows[at] : ((const uint16_t *)(void *)picture->rows)[at];
}

void picture_assert_equal(const struct picture *a, const struct picture *b)
{
    assert_int_equal(a->geometry.width, b->geometry.width);
    assert_int_equal(a->geometry.height, b->geometry.height);
    assert_int_equal(a->geometry.channels, b->geometry.channels);
    assert_int_equal(a->geometry.depth, b->geometry.depth);
    assert_memory_equal(a->rows, b->rows, pp_geometry_row_bytes(&a->geometry) * a->geometry.height);
}

struct encoded picture_encode(const struct picture *picture, enum pp_format format)
{
    const struct pp_codec *codec = pp_codec_for(format);
    struct pp_write_settings settings = {.encode = {.png_level = 1}};
    struct pp_writer *writer = NULL;
    struct pp_output out;

    pp_output_init_memory(&out);
    assert_int_equal(codec->open_writer(&out, &picture->geometry, &settings, &writer, NULL), PP_OK);
    assert_int_equal(codec->write_rows(writer, picture->rows,
                                       pp_geometry_row_bytes(&picture->geometry),
                                       picture->geometry.height, NULL),
                     PP_OK);
    assert_int_equal(codec->finish_writer(writer, NULL), PP_OK);
    codec->close_writer(writer);
    return (struct encoded){out.buffer, out.used};
}

struct picture picture_decode(const void *bytes, size_t size)
{
    struct pp_read_settings settings = {0};
    const struct pp_codec *codec = NULL;
    struct pp_reader *reader = NULL;
    struct pp_input in;

    pp_input_init_memory(&in, bytes, size);
    assert_int_equal(pp_codec_sniff(&in, &codec, NULL), PP_OK);
    assert_non_null(codec);
    assert_int_equal(codec->open_reader(&in, &settings, &reader, NULL), PP_OK);
    struct picture picture = {.geometry = reader->geometry};
    size_t row = pp_geometry_row_bytes(&picture.geometry);
    picture.rows = malloc(row * picture.geometry.height);
    assert_non_null(picture.rows);
    assert_int_equal(codec->start(reader, NULL), PP_OK);
    assert_int_equal(codec->read_rows(reader, picture.rows, row, picture.geometry.height, NULL),
                     PP_OK);
    assert_int_equal(codec->finish_reader(reader, NULL), PP_OK);
    codec->close_reader(reader);
    return picture;
}

static struct pp_chain *parse(const char *filters)
{
    struct pp_chain *chain = NULL;
    struct pp_error err = {0};

    if (pp_chain_parse(filters, &chain, &err) != PP_OK)
        fail_msg("%s: %s", filters, err.text);
    return chain;
}

struct encoded convert(const char *filters, const struct encoded *in,
                       const struct pp_convert_settings *settings, struct pp_convert_report *report)
{
    struct pp_chain *chain = parse(filters);
    struct encoded out = {0};
    struct pp_error err = {0};

    if (pp_convert_memory(chain, in->bytes, in->size, &out.bytes, &out.size, settings, report,
                          &err) != PP_OK)
        fail_msg("%s: %s", filters, err.text);
    pp_chain_free(chain);
    return out;
}

struct picture convert_picture(const char *filters, const struct picture *in, unsigned threads)
{
    struct pp_convert_settings settings = {.threads = threads, .encode = {.png_level = 1}};
    struct encoded source = picture_encode(in, PP_FORMAT_PNG);
    struct encoded result = convert(filters, &source, &settings, NULL);
    struct picture out = picture_decode(result.bytes, result.size);

    free(source.bytes);
    free(result.bytes);
    return out;
}

struct pp_error convert_fails(const char *filters, const void *bytes, size_t size,
                              const struct pp_convert_settings *settings, enum pp_status status)
{
    struct pp_chain *chain = parse(filters);
    struct encoded out = {0};
    struct pp_error err = {0};

    assert_int_equal(
        pp_convert_memory(chain, bytes, size, &out.bytes, &out.size, settings, NULL, &err), status);
    assert_null(out.bytes);
    assert_int_equal(err.status, status);
    pp_chain_free(chain);
    return err;
}
