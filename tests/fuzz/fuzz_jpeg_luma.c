/*
 * The luma extractor over damaged JPEG files. It may refuse any of them; what it delivers must be a
 * gray JPEG that libjpeg decodes to the same samples as the source, and without a warning unless
 * the source deserves one as well where nobody looks before decoding (AC scans of progressive
 * files). In other steps it must be a file of the same size that libjpeg has nothing to say about,
 * and be there for every sequential file whose bits can be copied. Decoded at a fraction it must be
 * what libjpeg decodes the source to, and is there for the same files unless a coefficient is
 * larger than any picture's.
 *
 * With a compiler that has libFuzzer, define PP_LIBFUZZER and let it find the inputs. Otherwise
 * `fuzz_jpeg_luma [SECONDS [SEED [FILE...]]]` makes files with libjpeg, or takes those given, and
 * mutates them.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support_luma.h"

#define FILE_BYTES_MAX ((size_t)256 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ensure(bool true_, const char *what)
{
    if (true_)
        return;
    fprintf(stderr, "fuzz_jpeg_luma: %s\n", what);
    abort();
}

static void check_output(const struct luma_file *file, const uint8_t *data, size_t size)
{
    struct luma_picture source = luma_decode(data, size);
    struct luma_picture output = luma_decode(file->data, file->size);

    ensure(output.data != NULL, "libjpeg refuses the output");
    ensure(output.components == 1, "the output has several components");
    ensure(source.data != NULL, "libjpeg refuses the source");
    ensure(output.warnings == 0 || (source.progressive && source.warnings > 0),
           "libjpeg warns of the output");
    ensure(source.warnings == 0 || source.several_scans, "libjpeg warns of the source");
    ensure(luma_is_same(&source, &output), "the samples differ");
    free(source.data);
    free(output.data);
}

static void check_requantised(const struct luma_file *copied, const uint8_t *data, size_t size)
{
    struct pp_jpeg_luma_settings settings = {.limits = {400000, 0, 100}};

    for (unsigned i = 0; i < 64; i++)
        settings.steps[i] = (uint16_t)(1 + (size + size % 5 * i) % 255);
    struct luma_file file = luma_extract_memory(data, size, &settings);
    ensure(file.status != PP_E_INTERNAL, "an internal error");
    ensure(file.status == PP_OK || copied->status != PP_OK ||
               luma_decode_header(data, size).progressive,
           "what can be copied cannot get other steps");
    if (file.status == PP_OK) {
        struct luma_picture source = luma_decode_header(data, size);
        struct luma_picture output = luma_decode(file.data, file.size);
        ensure(output.data != NULL, "libjpeg refuses the output in other steps");
        ensure(output.components == 1, "the output in other steps has several components");
        ensure(output.warnings == 0 || source.progressive, "libjpeg warns of other steps");
        ensure(output.width == source.width && output.height == source.height, "the sizes differ");
        free(output.data);
    }
    free(file.data);
}

static void check_reduced(const struct luma_file *copied, const uint8_t *data, size_t size)
{
    const struct pp_jpeg_luma_settings settings = {.eighths = 1u << size % 3,
                                                   .limits = {400000, 0, 100}};
    enum pp_status status;

    struct luma_picture found = luma_rows_memory(data, size, &settings, &status);
    ensure(status != PP_E_INTERNAL, "an internal error while decoding");
    ensure(status == PP_OK || status == PP_E_UNSUPPORTED || copied->status != PP_OK,
           "what can be copied cannot be decoded");
    ensure(status != PP_OK || copied->status == PP_OK, "what cannot be copied is decoded");
    if (status == PP_OK) {
        struct luma_picture source = luma_decode_reduced(data, size, settings.eighths);
        ensure(luma_is_same(&source, &found), "the samples at a fraction differ");
        free(source.data);
    }
    free(found.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct pp_jpeg_luma_settings settings = {.limits = {400000, 0, 100}};
    struct luma_file file = luma_extract_memory(data, size, &settings);

    ensure((file.status == PP_OK) == (file.err.text[0] == '\0'), "status and text disagree");
    ensure(file.status != PP_E_INTERNAL, "an internal error");
    if (file.status == PP_OK)
        check_output(&file, data, size);
    check_requantised(&file, data, size);
    check_reduced(&file, data, size);
    free(file.data);
    return file.status == PP_OK ? 0 : 1;
}

#ifndef PP_LIBFUZZER

/* ---- without libFuzzer ---------------------------------------------------------------------- */

struct fuzz {
    uint64_t random;
    struct luma_file *seeds;
    size_t count;
    uint8_t *input; /* FILE_BYTES_MAX bytes */
    size_t size;
    size_t runs, extracted;
};

/* xorshift64* (Vigna, 2016) */
static uint32_t draw(struct fuzz *fuzz, uint32_t below)
{
    fuzz->random ^= fuzz->random >> 12;
    fuzz->random ^= fuzz->random << 25;
    fuzz->random ^= fuzz->random >> 27;
    return (uint32_t)((fuzz->random * UINT64_C(2685821657736338717)) >> 33) % below;
}

static const jpeg_scan_info separate[] = {
    {1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
static const jpeg_scan_info pairs[] = {{2, {0, 2}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}};
static const jpeg_scan_info progressive[] = {{3, {0, 1, 2}, 0, 0, 0, 1}, {1, {0}, 1, 5, 0, 2},
                                             {1, {2}, 1, 63, 0, 1},      {1, {1}, 1, 63, 0, 1},
                                             {1, {0}, 6, 63, 0, 2},      {1, {0}, 1, 63, 2, 1},
                                             {3, {0, 1, 2}, 0, 0, 1, 0}, {1, {2}, 1, 63, 1, 0},
                                             {1, {1}, 1, 63, 1, 0},      {1, {0}, 1, 63, 1, 0}};

static const struct luma_recipe recipes[] = {
    {.width = 61, .height = 47, .h = {2}, .v = {2}},
    {.width = 40, .height = 33, .h = {2}, .optimised = true},
    {.width = 35, .height = 90, .v = {2}, .quality = 97},
    {.width = 33, .height = 31, .quality = 100, .optimised = true},
    {.width = 100, .height = 20, .h = {4}, .v = {2}, .quality = 40},
    {.width = 70, .height = 50, .h = {2}, .v = {2}, .restart_mcus = 3},
    {.width = 50, .height = 50, .h = {2}, .v = {1}, .scans = separate, .scan_count = 3},
    {.width = 51, .height = 43, .h = {2}, .v = {2}, .scans = pairs, .scan_count = 2},
    {.width = 66, .height = 44, .h = {2}, .v = {2}, .scans = progressive, .scan_count = 10},
    {.width = 66, .height = 44, .restart_mcus = 5, .scans = progressive, .scan_count = 10},
    {.width = 30, .height = 60, .gray = true, .restart_mcus = 4},
    {.width = 300, .height = 200, .h = {2}, .v = {2}, .quality = 30},
    {.width = 330, .height = 270, .h = {2}, .quality = 90},
};

static void load(struct luma_file *seed, const char *path)
{
    FILE *stream = fopen(path, "rb");

    ensure(stream != NULL, "cannot read a file");
    seed->data = malloc(FILE_BYTES_MAX);
    ensure(seed->data != NULL, "no memory");
    seed->size = fread(seed->data, 1, FILE_BYTES_MAX, stream);
    fclose(stream);
}

static void prepare(struct fuzz *fuzz, char **paths, int count)
{
    fuzz->count = count > 0 ? (size_t)count : sizeof(recipes) / sizeof(recipes[0]);
    fuzz->seeds = calloc(fuzz->count, sizeof(*fuzz->seeds));
    fuzz->input = malloc(FILE_BYTES_MAX);
    ensure(fuzz->seeds && fuzz->input, "no memory");
    for (size_t i = 0; i < fuzz->count; i++) {
        if (count > 0)
            load(&fuzz->seeds[i], paths[i]);
        else
            fuzz->seeds[i] = luma_encode(&recipes[i]);
    }
}

/* Where the first scan's data begins, more or less; half of all damage is done before that. */
static size_t find_data(const struct fuzz *fuzz)
{
    for (size_t i = 0; i + 1 < fuzz->size; i++) {
        if (fuzz->input[i] == 0xFF && fuzz->input[i + 1] == 0xDA)
            return i + 14;
    }
    return fuzz->size;
}

static size_t choose_place(struct fuzz *fuzz)
{
    const size_t data = find_data(fuzz);
    const size_t range = data < fuzz->size && draw(fuzz, 2) ? data : fuzz->size;

    return draw(fuzz, (uint32_t)(range > 0 ? range : 1));
}

static void remove_bytes(struct fuzz *fuzz, size_t at, size_t count)
{
    if (count > fuzz->size - at)
        count = fuzz->size - at;
    memmove(fuzz->input + at, fuzz->input + at + count, fuzz->size - at - count);
    fuzz->size -= count;
}

static void repeat_bytes(struct fuzz *fuzz, size_t at, size_t count)
{
    if (count > fuzz->size - at)
        count = fuzz->size - at;
    if (fuzz->size + count > FILE_BYTES_MAX)
        return;
    memmove(fuzz->input + at + count, fuzz->input + at, fuzz->size - at);
    fuzz->size += count;
}

static void damage(struct fuzz *fuzz)
{
    static const uint8_t markers[] = {0x00, 0x01, 0xC0, 0xC1, 0xC2, 0xC4, 0xD0, 0xD1,
                                      0xD9, 0xDA, 0xDB, 0xDD, 0xE0, 0xEE, 0xFE, 0xFF};
    const size_t at = choose_place(fuzz);

    if (fuzz->size == 0)
        return;
    switch (draw(fuzz, 8)) {
    case 0:
        remove_bytes(fuzz, at, 1 + draw(fuzz, 20));
        break;
    case 1:
        repeat_bytes(fuzz, at, 1 + draw(fuzz, 20));
        break;
    case 2:
        fuzz->input[at] = 0xFF;
        if (at + 1 < fuzz->size)
            fuzz->input[at + 1] = markers[draw(fuzz, sizeof(markers))];
        break;
    case 3:
        fuzz->input[at] = (uint8_t)draw(fuzz, 256);
        break;
    case 4:
        fuzz->input[at] = (uint8_t)(fuzz->input[at] + (draw(fuzz, 2) ? 1 : 255));
        break;
    case 5:
        if (draw(fuzz, 8) == 0)
            fuzz->size = at;
        break;
    default:
        fuzz->input[at] ^= (uint8_t)(1 << draw(fuzz, 8));
        break;
    }
}

static void run(struct fuzz *fuzz)
{
    const struct luma_file *seed = &fuzz->seeds[draw(fuzz, (uint32_t)fuzz->count)];
    uint32_t times = draw(fuzz, 4);

    memcpy(fuzz->input, seed->data, seed->size);
    fuzz->size = seed->size;
    for (uint32_t i = 0; i <= times; i++)
        damage(fuzz);
    /* Of the size it has, so that a sanitizer sees what reads beyond it. */
    uint8_t *input = malloc(fuzz->size + 1);
    ensure(input != NULL, "no memory");
    memcpy(input, fuzz->input, fuzz->size);
    fuzz->extracted += LLVMFuzzerTestOneInput(input, fuzz->size) == 0;
    free(input);
    fuzz->runs++;
}

int main(int argc, char **argv)
{
    const time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 3);
    struct fuzz fuzz = {.random = argc > 2 ? strtoull(argv[2], NULL, 10) * 2 + 1 : 1};

    prepare(&fuzz, argv + 3, argc - 3);
    while (time(NULL) < end) {
        for (int i = 0; i < 50; i++)
            run(&fuzz);
    }
    printf("%zu files, %zu extracted\n", fuzz.runs, fuzz.extracted);
    for (size_t i = 0; i < fuzz.count; i++)
        free(fuzz.seeds[i].data);
    free(fuzz.seeds);
    free(fuzz.input);
    return fuzz.extracted > 0 ? 0 : 1;
}

#endif
