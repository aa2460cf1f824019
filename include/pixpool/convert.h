/*
 * pixpool/convert.h - one picture in, one picture out, through a chain of filters.
 *
 * The conversion streams: rows are decoded, filtered and encoded in bands, so that the memory used
 * depends on the width of the picture and the filters' reach, not on its height, unless a filter
 * (a rotation, a whole-image statistic) or the file (progressive, interlaced) needs all of it.
 * The output's bytes depend on the input, the chain and the settings alone, never on the number
 * of threads or the kind of processor.
 *
 * A call uses OpenMP threads inside; a process that has called it must not fork() afterwards
 * without exec. Different threads may convert different pictures at the same time.
 */
#ifndef PIXPOOL_CONVERT_H
#define PIXPOOL_CONVERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/api.h>
#include <pixpool/error.h>
#include <pixpool/filter.h>
#include <pixpool/image.h>
#include <pixpool/metadata.h>

PP_BEGIN_DECLS

enum pp_format { PP_FORMAT_KEEP = 0, PP_FORMAT_JPEG, PP_FORMAT_PNG };

/* "keep", "jpeg", "png". */
PP_API const char *pp_format_name(enum pp_format format);
/* The format a file name's extension stands for (any case), PP_FORMAT_KEEP when it stands for none.
 * Only ever used to choose names and candidates: contents are recognised by their first bytes. */
PP_API enum pp_format pp_format_from_name(const char *file_name);
/* The extension new names of that format get, without the dot; "" for PP_FORMAT_KEEP. */
PP_API const char *pp_format_extension(enum pp_format format);

enum pp_subsampling {
    PP_SUBSAMPLING_KEEP = 0, /* the source's when it is a JPEG, 4:2:0 otherwise */
    PP_SUBSAMPLING_444,
    PP_SUBSAMPLING_422,
    PP_SUBSAMPLING_420,
    PP_SUBSAMPLING_440
};

/* How the output is encoded. {0} means: as the source was. */
struct pp_encode_settings {
    enum pp_format format;
    int quality;      /* JPEG 1 to 100 on libjpeg's scale; 0: the source's own tables and coding
                         process, or 90 baseline when the source is no JPEG */
    bool progressive; /* JPEG: progressive even where the source is not */
    enum pp_subsampling subsampling;
    int png_level;  /* 1, the fastest, to 12, the smallest; 0: the default; PP_PNG_STORED */
    unsigned strip; /* metadata to be left out: bits of enum pp_strip */
};

/* The png_level that compresses nothing. */
#define PP_PNG_STORED (-1)

/*
 * The ways through a picture. AUTO takes the first that serves; the later ones cost more.
 *   EXTRACT  gray JPEG of a JPEG's luma, its coded bits copied: nothing is decoded, nothing lost;
 *            with a quality its coefficients are brought to other steps, each to the nearest
 *   DCT      JPEG to JPEG by its coefficients, turned, cut and with or without colour: nothing lost
 *   LUMA     only luma is decoded, where gray is all that is wanted
 *   FULL     everything is decoded
 * With LUMA and FULL a JPEG that is to become smaller is decoded at a fraction of its size.
 */
enum pp_decode_path {
    PP_DECODE_AUTO = 0,
    PP_DECODE_EXTRACT,
    PP_DECODE_DCT,
    PP_DECODE_LUMA,
    PP_DECODE_FULL
};

/* "auto", "extract", "dct", "luma", "full". */
PP_API const char *pp_decode_path_name(enum pp_decode_path path);

/*
 * What becomes of colours. {0} means: numbers and profile stay together as they were; gray without
 * a mode, of colours whose profile is not sRGB's, is that of the colours converted to sRGB. Inks
 * (CMYK) become sRGB by their profile in any case.
 */
struct pp_color_settings {
    bool to_srgb; /* all pixels are converted to sRGB before the first filter */
    enum pp_intent intent;
    const void *profile; /* an ICC profile: pixels are converted to its space after the last filter,
                            and it is embedded; the caller's. NULL: none */
    size_t profile_size;
};

/*
 * The bytes of the ICC profile in a file, for struct pp_color_settings: *data is the caller's to
 * free(). Errors, whose text begins with the path: PP_E_USAGE when it cannot be read or is not one
 * of RGB or gray, PP_E_NO_MEMORY.
 */
PP_API enum pp_status pp_color_profile_load(const char *path, void **data, size_t *size,
                                            struct pp_error *err) PP_MUST_CHECK;

/* What one conversion may use. 0 means no limit of that kind. */
struct pp_limits {
    uint64_t max_pixels; /* pixels of the input, and of every stage of the chain */
    uint64_t max_memory; /* bytes the conversion may need at its peak, predicted before decoding */
    uint32_t max_scans;  /* scans of a JPEG file */
};

/* Called by the conversion while it runs; every member may be NULL. They run on the thread that
 * called pp_convert_*(). */
struct pp_convert_hooks {
    void *user;
    /* The threads the next parallel region may use; asked again before each. NULL: `threads`. */
    unsigned (*threads)(void *user);
    /* Called before anything large is allocated, with the predicted peak in bytes; may block.
     * Called again, with all of before given back, when another way that needs more is begun.
     * Anything but PP_OK ends the conversion with that error. */
    enum pp_status (*memory)(void *user, uint64_t bytes, struct pp_error *err);
    /* The rows of the output finished so far, after each band. */
    void (*progress)(void *user, uint32_t rows, uint32_t of_rows);
    /* Called once for each filter that worked, in the chain's order, when the last row is done: its
     * name ("contrast+gamma" where neighbours were made one) and its nanoseconds, added up over the
     * threads. Measuring them has a cost of its own, which only a caller who asks for it pays. */
    void (*filter_time)(void *user, const char *filter, uint64_t ns);
};

struct pp_convert_settings {
    struct pp_encode_settings encode;
    struct pp_color_settings color;
    struct pp_color_cache *color_cache; /* the caller's, for one conversion after the other; may be
                                           NULL */
    struct pp_limits limits;
    unsigned threads;         /* OpenMP threads to use; 0 means 1 */
    enum pp_decode_path path; /* one that cannot serve is refused: PP_E_USAGE when the chain or the
                                 settings forbid it, PP_E_UNSUPPORTED when the picture does */
    struct pp_convert_hooks hooks;
};

/*
 * Have the pictures that the chain's filters name (overlay=logo.png) opened, checked and decoded,
 * each once; relative names are relative to the current directory. Afterwards the files are not
 * needed any more. Between pp_chain_parse() and the chain's first use, while nobody else reads it;
 * for a chain that names none, or has them already, there is nothing to do. Decodes on the calling
 * thread alone, within `limits`: max_memory bounds all the pictures together. Errors, in words that
 * begin with filter and file: PP_E_READ, PP_E_FORMAT, PP_E_CORRUPT, PP_E_UNSUPPORTED, PP_E_LIMIT,
 * PP_E_NO_MEMORY; the chain then is as it was.
 */
PP_API enum pp_status pp_chain_load(struct pp_chain *chain, const struct pp_limits *limits,
                                    struct pp_error *err) PP_MUST_CHECK;

/* All of them in one block of *size bytes, for another process of the same program: the chain's
 * own, to be read only. NULL and 0 when it names none or is not loaded. */
PP_API const void *pp_chain_pictures(const struct pp_chain *chain, size_t *size);

/*
 * Load a chain parsed from the same text from such a block instead. The block, at an address that
 * is a multiple of PP_PICTURES_ALIGNMENT, must stay, unchanged, as long as the chain. Errors:
 * PP_E_USAGE when it is another chain's, PP_E_NO_MEMORY.
 */
PP_API enum pp_status pp_chain_attach(struct pp_chain *chain, const void *block, size_t size,
                                      struct pp_error *err) PP_MUST_CHECK;

#define PP_PICTURES_ALIGNMENT 64 /* bytes */

enum pp_stage {
    PP_STAGE_READ,
    PP_STAGE_DECODE,
    PP_STAGE_FILTER,
    PP_STAGE_ENCODE,
    PP_STAGE_WRITE,
    PP_STAGE_COUNT
};

/* "read", "decode", "filter", "encode", "write". */
PP_API const char *pp_stage_name(enum pp_stage stage);

#define PP_WARNING_TEXT 160

/* What a conversion did. Filled as far as it came, also when it failed. */
struct pp_convert_report {
    enum pp_format in_format, out_format; /* PP_FORMAT_KEEP while unknown */
    struct pp_geometry in, out;           /* zeroed while unknown */
    uint64_t bytes_in, bytes_out;
    uint64_t stage_ns[PP_STAGE_COUNT]; /* wall nanoseconds by enum pp_stage */
    uint64_t memory;                   /* the predicted peak, bytes */
    uint32_t warnings;                 /* oddities of the input that did not stop it */
    char warning[PP_WARNING_TEXT];     /* the first of them, "" when there was none */
    char path[16]; /* the path taken; "luma 4/8" is one at a fraction of the size */
};

/*
 * Whether settings->path can serve any picture at all with this chain and these settings, and if
 * not, why: PP_E_USAGE. PP_DECODE_AUTO always can.
 */
PP_API enum pp_status pp_convert_check_path(const struct pp_chain *chain,
                                            const struct pp_convert_settings *settings,
                                            struct pp_error *err) PP_MUST_CHECK;

/*
 * Convert the picture read from `in_fd` (from its current offset to its end; read(2) only, so a
 * pipe will do) into `out_fd` (write(2) only, from its current offset). Neither is closed. Where
 * both are regular files a cheap way may be tried first; if the picture turns out to be unfit for
 * it, both are set back to where they stood (lseek, ftruncate) and another way is taken. On an
 * error what was written so far is of no use. `chain` and `settings` are only read; `report` and
 * `err` may be NULL. A chain that names files must have been loaded: PP_E_USAGE. Errors: any but
 * PP_E_CONFLICT, PP_E_CRASHED, PP_E_KILLED, PP_E_TIMEOUT.
 */
PP_API enum pp_status pp_convert_fd(const struct pp_chain *chain, int in_fd, int out_fd,
                                    const struct pp_convert_settings *settings,
                                    struct pp_convert_report *report,
                                    struct pp_error *err) PP_MUST_CHECK;

/*
 * The same over memory. On PP_OK *out is a buffer of *out_size bytes that the caller frees with
 * free(); on an error it is NULL.
 */
PP_API enum pp_status pp_convert_memory(const struct pp_chain *chain, const void *in,
                                        size_t in_size, void **out, size_t *out_size,
                                        const struct pp_convert_settings *settings,
                                        struct pp_convert_report *report,
                                        struct pp_error *err) PP_MUST_CHECK;

PP_END_DECLS

#endif
