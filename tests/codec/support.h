/*
 * codec/support.h - pictures in memory, and whole decodings and encodings of them.
 */
#ifndef PP_TESTS_CODEC_SUPPORT_H
#define PP_TESTS_CODEC_SUPPORT_H

#include "codec/codec.h"

/* A picture without padding between its rows. */
struct test_picture {
    struct pp_geometry geometry;
    uint8_t *pixels; /* owned */
    size_t size;
};

/* A picture with smooth parts, edges and noise, the same at each call. */
struct test_picture test_picture_new(uint32_t width, uint32_t height, uint8_t channels,
                                     uint8_t depth);
void test_picture_release(struct test_picture *picture);
/* Fails the test unless all members are the same. */
void test_assert_geometry(const struct pp_geometry *geometry, const struct pp_geometry *expected);

/* Bytes of a file. */
struct test_file {
    uint8_t *data; /* owned */
    size_t size;
};

void test_file_release(struct test_file *file);
/* The contents of a file on disk; data is NULL when it cannot be read. */
struct test_file test_file_load(const char *path);

/* Encode in bands of odd heights. Fails the test on an error. */
struct test_file test_encode(const struct pp_codec *codec, const struct test_picture *picture,
                             const struct pp_write_settings *settings);

/* A decoding, as far as it came. */
struct test_decoding {
    struct pp_input in;
    struct pp_reader *reader; /* open until release; NULL when opening failed */
    uint8_t *pixels;          /* owned; without padding */
    size_t size;
    enum pp_status status;
    struct pp_error err;
};

/* Sniff, open, decode in bands of odd heights, check the end. Pictures of more than a pixel limit
 * of 20 million are refused when settings state none. */
struct test_decoding test_decode(const struct test_file *file,
                                 const struct pp_read_settings *settings);
void test_decoding_release(struct test_decoding *decoding);

/* What libjpeg itself makes of a file; data is NULL when it fails. */
struct test_file test_libjpeg_decode(const struct test_file *file, int color_space);
/* What libpng's low-level interface makes of a file with the plain expanding transforms. */
struct test_file test_libpng_decode(const struct test_file *file);

/* How test_libjpeg_encode() makes a file. */
struct test_jpeg {
    int color_space; /* J_COLOR_SPACE of the file; the samples are taken as they are */
    int quality;
    int h, v;         /* sampling factors of the first component */
    int restart_rows; /* 0: no restart markers */
    bool progressive, arithmetic, interleaved_off, no_adobe;
};

/* A JPEG by libjpeg directly, from samples in the file's own colour space. */
struct test_file test_libjpeg_encode(const struct test_picture *picture,
                                     const struct test_jpeg *how);

/* `file` with `size` bytes put in at `offset`. */
struct test_file test_file_insert(const struct test_file *file, size_t offset, const void *data,
                                  size_t size);

/* Call `visit` for each regular file below a directory in the corpus; the number of files, 0 when
 * the corpus is absent. */
size_t test_corpus_each(const char *directory, void (*visit)(const char *path, void *user),
                        void *user);

#endif
