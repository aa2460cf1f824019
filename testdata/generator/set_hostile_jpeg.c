/*
 * hostile/: JPEG files that are cut, contradict themselves or promise too much.
 */
#include <stdio.h>

#include "jpeg_file.h"
#include "sets.h"

enum { SOF0 = 0xc0, SOF2 = 0xc2, DHT = 0xc4, SOS = 0xda, DQT = 0xdb };

static void put16(struct bytes *file, size_t at, unsigned value)
{
    file->data[at] = (uint8_t)(value >> 8);
    file->data[at + 1] = (uint8_t)value;
}

static struct bytes copy(const struct bytes *file)
{
    return bytes_slice(file, 0, file->size);
}

/* Without the nth segment of that kind. */
static struct bytes without(const struct bytes *file, unsigned marker, unsigned nth)
{
    size_t at = jpeg_find(file, marker, nth);
    return bytes_spliced(file, at, jpeg_segment_end(file, at), NULL);
}

static void write_cuts(struct hostile *to, const char *kind, const struct bytes *file)
{
    size_t scan = jpeg_segment_end(file, jpeg_find(file, SOS, 0));
    const struct {
        const char *name;
        size_t size;
    } cuts[] = {{"signature", 2},
                {"header", 11},
                {"tables", jpeg_find(file, DQT, 0) + 30},
                {"after-scan-header", scan},
                {"half", scan + (file->size - scan) / 2},
                {"last-bytes", file->size - 60}};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        char name[96];
        snprintf(name, sizeof name, "%s-cut-%s.jpg", kind, cuts[i].name);
        hostile_add(to, REFUSED, name, bytes_slice(file, 0, cuts[i].size));
    }
}

/* The frame header's size set to width x height. */
static struct bytes resized(const struct bytes *file, unsigned sof, const unsigned size[2])
{
    struct bytes to = copy(file);
    size_t at = jpeg_find(&to, sof, 0);
    put16(&to, at + 5, size[1]);
    put16(&to, at + 7, size[0]);
    return to;
}

static void write_sizes(struct hostile *to, const struct bytes *baseline,
                        const struct bytes *progressive)
{
    const unsigned huge[2] = {65500, 65500}, no_width[2] = {0, 61}, no_height[2] = {97, 0};
    const unsigned tall[2] = {97, 500};
    hostile_add(to, REFUSED, "bomb-baseline.jpg", resized(baseline, SOF0, huge));
    hostile_add(to, REFUSED, "bomb-progressive.jpg", resized(progressive, SOF2, huge));
    hostile_add(to, REFUSED, "zero-width.jpg", resized(baseline, SOF0, no_width));
    hostile_add(to, REFUSED, "taller-than-data.jpg", resized(baseline, SOF0, tall));
    hostile_add(to, REFUSED, "taller-than-data-progressive.jpg", resized(progressive, SOF2, tall));
    /* The height follows the scan in a DNL segment (T.81, B.2.5). */
    struct bytes late = resized(baseline, SOF0, no_height), dnl = {0};
    bytes_add(&dnl, "\xff\xdc\0\4\0\75", 6);
    hostile_add(to, REFUSED, "height-after-scan.jpg",
                bytes_spliced(&late, late.size - 2, late.size - 2, &dnl));
    bytes_free(&late);
    bytes_free(&dnl);
}

static void write_missing(struct hostile *to, const struct bytes *baseline,
                          const struct bytes *progressive)
{
    hostile_add(to, REFUSED, "no-quantisation.jpg", without(baseline, DQT, 0));
    hostile_add(to, REFUSED, "no-frame.jpg", without(baseline, SOF0, 0));
    hostile_add(to, REFUSED, "no-scan.jpg", bytes_slice(baseline, 0, jpeg_find(baseline, SOS, 0)));
    /* No table is implied in a progressive file, as it is in a baseline one. */
    hostile_add(to, REFUSED, "no-huffman-progressive.jpg", without(progressive, DHT, 0));
}

static void write_contradictions(struct hostile *to, const struct bytes *baseline)
{
    size_t sof = jpeg_find(baseline, SOF0, 0), dqt = jpeg_find(baseline, DQT, 0);
    struct bytes frame = bytes_slice(baseline, sof, jpeg_segment_end(baseline, sof));
    hostile_add(to, REFUSED, "two-frames.jpg", bytes_spliced(baseline, sof, sof, &frame));
    bytes_free(&frame);
    struct bytes file = copy(baseline);
    put16(&file, dqt + 2, 1);
    hostile_add(to, REFUSED, "length-too-short.jpg", file);
    file = copy(baseline);
    put16(&file, dqt + 2, 65535);
    hostile_add(to, REFUSED, "length-too-long.jpg", file);
    file = copy(baseline);
    for (size_t i = 0; i < 16; i++) /* 16 x 255 codes where 256 are the most */
        file.data[jpeg_find(baseline, DHT, 0) + 5 + i] = 255;
    hostile_add(to, REFUSED, "huffman-overfull.jpg", file);
    file = copy(baseline);
    file.data[sof + 9] = 0;
    hostile_add(to, REFUSED, "no-components.jpg", file);
    file = copy(baseline);
    file.data[sof + 11] = 0x55;
    hostile_add(to, REFUSED, "sampling-too-large.jpg", file);
}

static void write_unsupported(struct hostile *to, const struct bytes *baseline)
{
    size_t sof = jpeg_find(baseline, SOF0, 0);
    struct bytes file = copy(baseline);
    file.data[sof + 1] = 0xc1;
    file.data[sof + 4] = 12;
    hostile_add(to, REFUSED, "twelve-bit.jpg", file);
    file = copy(baseline);
    file.data[sof + 1] = 0xc3;
    hostile_add(to, REFUSED, "lossless.jpg", file);
    file = copy(baseline);
    file.data[sof + 1] = 0xc5;
    hostile_add(to, REFUSED, "hierarchical.jpg", file);
}

/* Damage that the format lets a decoder get over. */
static void write_damaged(struct hostile *to, const struct stock *stock)
{
    struct bytes file = jpeg_encode(&stock->odd, &(struct jpeg_options){.restart_rows = 1});
    size_t at = jpeg_segment_end(&file, jpeg_find(&file, SOS, 0));
    while (file.data[at] != 0xff || file.data[at + 1] != 0xd2)
        at++;
    hostile_add(to, CONVERTS, "restart-missing.jpg", bytes_spliced(&file, at, at + 2, NULL));
    struct bytes junk = {0};
    bytes_add_text(&junk, "junk");
    size_t dqt = jpeg_find(&file, DQT, 0);
    hostile_add(to, CONVERTS, "junk-between-segments.jpg", bytes_spliced(&file, dqt, dqt, &junk));
    bytes_free(&junk);
    bytes_free(&file);
}

void write_hostile_jpegs(struct hostile *to, const struct stock *stock)
{
    struct jpeg_options options = {.h = 2, .v = 2};
    struct bytes baseline = jpeg_encode(&stock->odd, &options);
    options.progressive = 1;
    struct bytes progressive = jpeg_encode(&stock->odd, &options);
    write_cuts(to, "baseline", &baseline);
    write_cuts(to, "progressive", &progressive);
    write_sizes(to, &baseline, &progressive);
    write_missing(to, &baseline, &progressive);
    write_contradictions(to, &baseline);
    write_unsupported(to, &baseline);
    write_damaged(to, stock);
    bytes_free(&baseline);
    bytes_free(&progressive);
}
