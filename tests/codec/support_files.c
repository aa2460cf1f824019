#include "support.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

static void store(uint8_t *row, size_t index, uint8_t depth, unsigned value)
{
    if (depth == 8) {
        row[index] = (uint8_t)(value >> 8);
    } else {
        uint16_t wide = (uint16_t)value;
        memcpy(row + 2 * index, &wide, 2);
    }
}

struct test_picture test_picture_new(uint32_t width, uint32_t height, uint8_t channels,
                                     uint8_t depth)
{
    struct test_picture picture = {.geometry = {width, height, channels, depth, 1}};
    uint32_t noise = 12345;

    picture.size = pp_geometry_row_bytes(&picture.geometry) * height;
    picture.pixels = malloc(picture.size);
    assert_non_null(picture.pixels);
    for (uint32_t y = 0; y < height; y++) {
        uint8_t *row = picture.pixels + pp_geometry_row_bytes(&picture.geometry) * y;
        for (uint32_t x = 0; x < width; x++) {
            for (unsigned c = 0; c < channels; c++) {
                noise = noise * 1664525u + 1013904223u;
                unsigned value = x * 311u * (c + 1) + y * 173u * (4 - c) + (noise >> 20);
                value += (x / 16 + y / 8) % 3 == 0 ? 9000u : 0;
                store(row, (size_t)x * channels + c, depth, value & 0xFFFFu);
            }
        }
    }
    return picture;
}

void test_picture_release(struct test_picture *picture)
{
    free(picture->pixels);
    picture->pixels = NULL;
}

void test_assert_geometry(const struct pp_geometry *geometry, const struct pp_geometry *expected)
{
    assert_int_equal(geometry->width, expected->width);
    assert_int_equal(geometry->height, expected->height);
    assert_int_equal(geometry->channels, expected->channels);
    assert_int_equal(geometry->depth, expected->depth);
    assert_int_equal(geometry->orientation, expected->orientation);
}

void test_file_release(struct test_file *file)
{
    free(file->data);
    *file = (struct test_file){0};
}

struct test_file test_file_load(const char *path)
{
    struct test_file file = {0};
    FILE *stream = fopen(path, "rb");

    if (!stream)
        return file;
    fseek(stream, 0, SEEK_END);
    file.size = (size_t)ftell(stream);
    rewind(stream);
    file.data = malloc(file.size > 0 ? file.size : 1);
    if (file.data && fread(file.data, 1, file.size, stream) != file.size)
        test_file_release(&file);
    fclose(stream);
    return file;
}

struct test_file test_file_insert(const struct test_file *file, size_t offset, const void *data,
                                  size_t size)
{
    struct test_file result = {malloc(file->size + size), file->size + size};

    assert_non_null(result.data);
    memcpy(result.data, file->data, offset);
    memcpy(result.data + offset, data, size);
    memcpy(result.data + offset + size, file->data + offset, file->size - offset);
    return result;
}

struct encoding {
    const struct pp_codec *codec;
    const struct test_picture *picture;
    const struct pp_write_settings *settings;
    struct pp_output out;
    enum pp_status status;
    struct pp_error err;
};

static void encode(void *user)
{
    struct encoding *e = user;
    const struct test_picture *picture = e->picture;
    struct pp_writer *writer = NULL;
    size_t row = pp_geometry_row_bytes(&picture->geometry);

    e->status = e->codec->open_writer(&e->out, &picture->geometry, e->settings, &writer, &e->err);
    for (uint32_t y = 0; e->status == PP_OK && y < picture->geometry.height;) {
        uint32_t left = picture->geometry.height - y, count = left < 7 ? left : 7;
        e->status = e->codec->write_rows(writer, picture->pixels + y * row, row, count, &e->err);
        y += count;
    }
    if (e->status == PP_OK)
        e->status = e->codec->finish_writer(writer, &e->err);
    e->codec->close_writer(writer);
}

struct test_file test_encode(const struct pp_codec *codec, const struct test_picture *picture,
                             const struct pp_write_settings *settings)
{
    struct pp_team team;
    struct pp_write_settings with_team = *settings;
    struct encoding e = {.codec = codec, .picture = picture, .settings = &with_team};

    pp_team_init(&team);
    pp_output_init_memory(&e.out);
    with_team.team = &team;
    pp_team_lead(&team, settings->threads_max, encode, &e);
    pp_team_release(&team);
    assert_string_equal(e.err.text, "");
    assert_int_equal(e.status, PP_OK);
    return (struct test_file){e.out.buffer, e.out.used};
}

static void decode_rows(struct test_decoding *decoding)
{
    struct pp_reader *reader = decoding->reader;
    size_t row = pp_geometry_row_bytes(&reader->geometry);

    decoding->size = row * reader->geometry.height;
    decoding->pixels = calloc(1, decoding->size);
    assert_non_null(decoding->pixels);
    decoding->status = reader->codec->start(reader, &decoding->err);
    for (uint32_t y = 0; decoding->status == PP_OK && y < reader->geometry.height;) {
        uint32_t left = reader->geometry.height - y, count = left < 45 ? left : 45;
        decoding->status = reader->codec->read_rows(reader, decoding->pixels + y * row, row, count,
                                                    &decoding->err);
        y += count;
    }
    if (decoding->status == PP_OK)
        decoding->status = reader->codec->finish_reader(reader, &decoding->err);
}

struct test_decoding test_decode(const struct test_file *file,
                                 const struct pp_read_settings *settings)
{
    struct test_decoding decoding = {0};
    struct pp_read_settings used = settings ? *settings : (struct pp_read_settings){0};
    const struct pp_codec *codec = NULL;

    if (used.limits.max_pixels == 0)
        used.limits.max_pixels = 20000000;
    pp_input_init_memory(&decoding.in, file->data, file->size);
    assert_int_equal(pp_codec_sniff(&decoding.in, &codec, &decoding.err), PP_OK);
    if (!codec)
        decoding.status = pp_error_set(&decoding.err, PP_E_FORMAT, "of no known format");
    else
        decoding.status = codec->open_reader(&decoding.in, &used, &decoding.reader, &decoding.err);
    assert_true((decoding.status == PP_OK) == (decoding.reader != NULL));
    if (decoding.reader)
        decode_rows(&decoding);
    assert_true((decoding.status == PP_OK) == (decoding.err.text[0] == '\0'));
    assert_int_equal(decoding.status, decoding.err.status);
    return decoding;
}

void test_decoding_release(struct test_decoding *decoding)
{
    if (decoding->reader)
        decoding->reader->codec->close_reader(decoding->reader);
    pp_input_release(&decoding->in);
    free(decoding->pixels);
    *decoding = (struct test_decoding){0};
}

/* nftw() has no argument for its callback. */
static struct {
    void (*visit)(const char *path, void *user);
    void *user;
    size_t count;
} walk;

static int visit_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)where;
    if (type == FTW_F) {
        walk.visit(path, walk.user);
        walk.count++;
    }
    return 0;
}

size_t test_corpus_each(const char *directory, void (*visit)(const char *path, void *user),
                        void *user)
{
    char path[1024];

    snprintf(path, sizeof(path), "%s/%s", PP_CORPUS, directory);
    walk.visit = visit;
    walk.user = user;
    walk.count = 0;
    nftw(path, visit_entry, 16, FTW_PHYS);
    return walk.count;
}
