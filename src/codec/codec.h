/*
 * codec/codec.h - what a codec is, and the registry of them.
 *
 * A codec is one file (with its private parts beside it), an entry in registry.c, and works over
 * base/stream.h alone: it never opens a file. Readers and writers belong to one thread at a time
 * and never print; the libraries' setjmp stays inside.
 */
#ifndef PP_CODEC_CODEC_H
#define PP_CODEC_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/convert.h>
#include <pixpool/error.h>
#include <pixpool/image.h>
#include <pixpool/info.h>

#include "base/stream.h"
#include "base/team.h"
#include "image/metadata.h"
#include "image/placement.h"

/* The longest signature a probe wants to see, bytes. */
#define PP_PROBE_BYTES 16

struct pp_read_settings {
    bool luma;    /* rec.601 luma in one channel will do, if that is cheaper and is
                     exactly what the file holds */
    bool rewinds; /* the input can be rewound, and is, with another reader, should this one give up:
                     it may try what does not work for every file */
    bool
        luma_of_srgb; /* luma will do only where the numbers are sRGB's, or not said to be others */
    struct pp_color_cache *colors; /* the caller's, for profiles the reader must look into itself;
                                      NULL: it looks into none */
    enum pp_intent intent;         /* for inks that become RGB */
    unsigned threads_max;          /* as in struct pp_write_settings */
    struct pp_team *team;
    struct pp_limits limits;
};

/* How a JPEG was encoded, for writing another one alike. */
struct pp_jpeg_traits {
    bool valid; /* the picture came from a JPEG */
    bool progressive;
    uint8_t components;    /* 1, 3 or 4 in the file */
    uint8_t h[4], v[4];    /* sampling factors by component */
    uint16_t quant[4][64]; /* quantisation table by component, natural order */
};

struct pp_codec;

/* What the outside sees of an open picture; each codec's own struct begins with it. */
struct pp_reader {
    const struct pp_codec *codec;
    struct pp_geometry geometry; /* as rows will be delivered */
    bool luma;                   /* the luma shortcut is in use */
    uint8_t gray_bits;           /* 1, 2 or 4 when so many bits may do for gray of it; else 8 */
    bool gave_up;                /* with an error: another reader without `rewinds` may do better */
    uint64_t memory;             /* bytes reading will hold at its peak, beside the rows */
    struct pp_metadata metadata; /* complete after open as far as it stands before the pixels */
    struct pp_jpeg_traits jpeg;
    uint32_t warnings;
    char warning[PP_WARNING_TEXT]; /* the first one, "" when none */
};

/* What the pixels are said to be like before they are seen. {0}: anything. */
struct pp_write_guess {
    bool opaque;       /* alpha is at its largest everywhere, and can be left out */
    uint8_t gray_bits; /* 1, 2 or 4: gray samples of 8 bits are all exact in so many */
};

struct pp_write_settings {
    struct pp_encode_settings encode;
    struct pp_write_guess guess;
    unsigned threads_max; /* memory is counted for so many; 0 means 1 */
    struct pp_team *team; /* the caller's, with any number of threads up to that; NULL: one */
    const struct pp_metadata *metadata; /* already adapted to the geometry; may be NULL */
    const struct pp_jpeg_traits *jpeg;  /* the source's, may be NULL or not valid */
};

struct pp_writer {
    const struct pp_codec *codec;
    bool guess_failed; /* with an error: the guess was wrong, a writer without it will do */
    uint32_t warnings; /* metadata that the format cannot carry and that was left out */
    char warning[PP_WARNING_TEXT];
};

/* What is to become of a picture whose pixels are not decoded. */
struct pp_transcode {
    bool luma; /* in gray */
    struct pp_placement placement;
};

struct pp_codec {
    const char *name; /* "jpeg" */
    enum pp_format format;
    const char *const *extensions; /* lower case, without dot, the preferred first; NULL-ended */

    /* Whether the first bytes are this format's. `size` may be under PP_PROBE_BYTES. */
    bool (*probe)(const uint8_t *head, size_t size);

    /* Fill *info, zeroed but for format and orientation, from the header alone (pixpool/info.h);
     * allocates no more than the header's metadata. Errors: those of pp_info_fd(). */
    enum pp_status (*describe)(struct pp_input *in, struct pp_info *info, struct pp_error *err);

    /*
     * Read the header and the metadata before the pixels, check the limits; allocate nothing that
     * grows with the picture. *reader is the caller's to close, NULL on an error.
     * Errors: PP_E_READ, PP_E_CORRUPT, PP_E_UNSUPPORTED, PP_E_LIMIT, PP_E_NO_MEMORY.
     */
    enum pp_status (*open_reader)(struct pp_input *in, const struct pp_read_settings *settings,
                                  struct pp_reader **reader, struct pp_error *err);
    /* Begin decoding; called once, before read_rows. May read the whole file when it must. */
    enum pp_status (*start)(struct pp_reader *reader, struct pp_error *err);
    /* The next `count` rows, from the top, `stride` bytes apart. */
    enum pp_status (*read_rows)(struct pp_reader *reader, uint8_t *rows, size_t stride,
                                uint32_t count, struct pp_error *err);
    /* After the last row: check the end of the file (missing data is PP_E_CORRUPT). */
    enum pp_status (*finish_reader)(struct pp_reader *reader, struct pp_error *err);
    void (*close_reader)(struct pp_reader *reader);

    /*
     * Deliver the picture reduced to eighths/8 of both sides, rounded up, by the smallest number
     * that leaves neither side under these; 8 when there is none. reader->geometry and
     * reader->memory follow. Between open and start; NULL: always 8.
     */
    unsigned (*reduce)(struct pp_reader *reader, uint32_t min_width, uint32_t min_height);

    /*
     * From a file of the format to another, by PP_DECODE_EXTRACT or PP_DECODE_DCT, in place of
     * start() to finish_reader() and of a writer; the settings are those a writer would get. Both
     * NULL where there is no such way. can_transcode says whether the picture allows it and if not
     * why (PP_E_UNSUPPORTED), and sets *memory to the bytes that transcode will hold. Errors of
     * transcode: those of reading and writing; with reader->gave_up another path may do better.
     */
    enum pp_status (*can_transcode)(const struct pp_reader *reader, enum pp_decode_path path,
                                    const struct pp_transcode *what,
                                    const struct pp_write_settings *settings, uint64_t *memory,
                                    struct pp_error *err);
    enum pp_status (*transcode)(struct pp_reader *reader, enum pp_decode_path path,
                                const struct pp_transcode *what, struct pp_output *out,
                                const struct pp_write_settings *settings, struct pp_error *err);

    /* The geometry the format can hold that is nearest to `wanted`, which it overwrites: JPEG has
     * no alpha and 8 bits. */
    void (*fit_geometry)(struct pp_geometry *wanted);
    /* Bytes writing will hold at its peak, beside the rows. */
    uint64_t (*writer_memory)(const struct pp_geometry *geometry,
                              const struct pp_write_settings *settings);
    /* Errors of the writer: PP_E_WRITE, PP_E_NO_SPACE, PP_E_NO_MEMORY, PP_E_LIMIT when the format
     * cannot hold so large a picture. */
    enum pp_status (*open_writer)(struct pp_output *out, const struct pp_geometry *geometry,
                                  const struct pp_write_settings *settings,
                                  struct pp_writer **writer, struct pp_error *err);
    enum pp_status (*write_rows)(struct pp_writer *writer, const uint8_t *rows, size_t stride,
                                 uint32_t count, struct pp_error *err);
    /* Write what is left and the end mark, without flushing the output. */
    enum pp_status (*finish_writer)(struct pp_writer *writer, struct pp_error *err);
    void (*close_writer)(struct pp_writer *writer);
};

extern const struct pp_codec pp_codec_jpeg, pp_codec_png;

/* The codecs in registry order; NULL past the last. */
const struct pp_codec *pp_codec_at(size_t index);
/* The codec of a format; NULL for PP_FORMAT_KEEP. */
const struct pp_codec *pp_codec_for(enum pp_format format);
/* The codec whose signature the input begins with, NULL when there is none. Consumes nothing.
 * Errors: PP_E_READ. */
enum pp_status pp_codec_sniff(struct pp_input *in, const struct pp_codec **codec,
                              struct pp_error *err) PP_MUST_CHECK;

/* Check width x height against settings->limits.max_pixels. The text names --max-pixels. */
enum pp_status pp_codec_check_pixels(uint32_t width, uint32_t height,
                                     const struct pp_limits *limits,
                                     struct pp_error *err) PP_MUST_CHECK;

#endif
