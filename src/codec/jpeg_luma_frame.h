/*
 * codec/jpeg_luma_frame.h - what the marker segments of a JPEG file say, as far as luma needs it.
 *
 * Segments are read as libjpeg reads them (ITU-T T.81, B.2); whatever it would warn of or that luma
 * cannot be extracted from is an error. One thread at a time. Private to the luma extractor.
 */
#ifndef PP_CODEC_JPEG_LUMA_FRAME_H
#define PP_CODEC_JPEG_LUMA_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

#include "codec/jpeg_luma_huffman.h"

/* Table B.1. */
enum pp_luma_marker {
    PP_LUMA_TEM = 0x01,
    PP_LUMA_SOF0 = 0xC0,
    PP_LUMA_SOF2 = 0xC2,
    PP_LUMA_DHT = 0xC4,
    PP_LUMA_DAC = 0xCC,
    PP_LUMA_SOF15 = 0xCF,
    PP_LUMA_RST0 = 0xD0,
    PP_LUMA_RST7 = 0xD7,
    PP_LUMA_SOI = 0xD8,
    PP_LUMA_EOI = 0xD9,
    PP_LUMA_SOS = 0xDA,
    PP_LUMA_DQT = 0xDB,
    PP_LUMA_DRI = 0xDD,
    PP_LUMA_APP0 = 0xE0,
    PP_LUMA_APP14 = 0xEE,
    PP_LUMA_APP15 = 0xEF,
    PP_LUMA_COM = 0xFE
};

#define PP_LUMA_COMPONENTS 3
#define PP_LUMA_TABLES     4

struct pp_luma_quant {
    uint8_t size;      /* 64 or 128 bytes; 0: not defined */
    uint8_t data[128]; /* as in the file */
};

struct pp_luma_component {
    uint8_t id, h, v, quant;
    bool scanned;       /* a scan has had it */
    int8_t missing[64]; /* progressive: bits that are still to come of each coefficient, by zigzag
                           order; -1: all of them */
};

/* The frame, and the tables as they are in force. Zero it first. */
struct pp_luma_frame {
    uint8_t marker; /* PP_LUMA_SOF0 to PP_LUMA_SOF2; 0: none yet */
    uint32_t width, height;
    unsigned count;
    struct pp_luma_component components[PP_LUMA_COMPONENTS];
    struct pp_luma_quant quants[PP_LUMA_TABLES];
    struct pp_luma_huffman dc[PP_LUMA_TABLES], ac[PP_LUMA_TABLES];
    uint32_t restart_interval;
    bool has_jfif, has_adobe;
    uint8_t adobe_transform;
};

struct pp_luma_scan {
    unsigned count;
    uint8_t component[PP_LUMA_COMPONENTS]; /* numbers, rising */
    uint8_t dc[PP_LUMA_COMPONENTS], ac[PP_LUMA_COMPONENTS];
    uint8_t first, last; /* the band of coefficients */
    uint8_t high, low;   /* successive approximation */
};

/* The number of coefficient i of the zigzag order in natural order (figure A.6). */
extern const uint8_t pp_luma_zigzag[64];

/* The steps that the component's coefficients are in, in zigzag order. */
void pp_luma_read_steps(const struct pp_luma_frame *frame, unsigned component, uint16_t steps[64]);

/* Each takes a segment's contents without marker and length. Errors: PP_E_CORRUPT,
 * PP_E_UNSUPPORTED, PP_E_LIMIT. */
enum pp_status pp_luma_read_frame(struct pp_luma_frame *frame, unsigned marker, const uint8_t *data,
                                  size_t size, struct pp_error *err) PP_MUST_CHECK;
enum pp_status pp_luma_read_quants(struct pp_luma_frame *frame, const uint8_t *data, size_t size,
                                   struct pp_error *err) PP_MUST_CHECK;
enum pp_status pp_luma_read_huffman(struct pp_luma_frame *frame, const uint8_t *data, size_t size,
                                    struct pp_error *err) PP_MUST_CHECK;
enum pp_status pp_luma_read_interval(struct pp_luma_frame *frame, const uint8_t *data, size_t size,
                                     struct pp_error *err) PP_MUST_CHECK;
enum pp_status pp_luma_read_scan(struct pp_luma_frame *frame, const uint8_t *data, size_t size,
                                 struct pp_luma_scan *scan, struct pp_error *err) PP_MUST_CHECK;

/* Whether the file is complete: at its end. Errors: PP_E_CORRUPT, PP_E_UNSUPPORTED. */
enum pp_status pp_luma_check_scans(const struct pp_luma_frame *frame,
                                   struct pp_error *err) PP_MUST_CHECK;

bool pp_luma_is_progressive(const struct pp_luma_frame *frame);

enum pp_status pp_luma_corrupt(struct pp_error *err, const char *why);
enum pp_status pp_luma_unsupported(struct pp_error *err, const char *why);

#endif
