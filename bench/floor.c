/*
 * floor keep|QUALITY FOLDER FILE... - the files in gray, each under its own name in FOLDER.
 *
 * The codecs that pixpool uses, called in a plain loop: no pool, no pipeline, no bookkeeping. What
 * pixpool takes beyond this is its own overhead; see bench/README.md.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/stream.h"
#include "codec/codec.h"
#include "filter/filter.h"

#define BAND_ROWS 16

struct picture {
    int quality;  /* 0: the source's own */
    bool careful; /* neither a reader that may give up nor a guess that may be wrong */
    const struct pp_chain *gray;
    struct pp_input in;
    struct pp_output out;
    const struct pp_codec *codec;
    struct pp_reader *reader;
    struct pp_writer *writer;
    void *state; /* the gray filter's, where the codec delivers colours */
    struct pp_geometry geometry;
    struct pp_band from, to;
};

static struct pp_write_settings write_settings(const struct picture *p)
{
    struct pp_write_settings settings = {
        .encode = {.format = p->codec->format, .quality = p->quality},
        .metadata = &p->reader->metadata,
        .jpeg = &p->reader->jpeg,
    };
    if (!p->careful)
        settings.guess = (struct pp_write_guess){
            .opaque = pp_geometry_has_alpha(&p->geometry),
            .gray_bits = p->reader->gray_bits < 8 ? p->reader->gray_bits : 0,
        };
    return settings;
}

static enum pp_status open_reader(struct picture *p, struct pp_error *err)
{
    struct pp_read_settings settings = {.luma = true, .rewinds = !p->careful};
    enum pp_status status = pp_codec_sniff(&p->in, &p->codec, err);

    if (status == PP_OK && !p->codec)
        status = pp_error_set(err, PP_E_FORMAT, "neither JPEG nor PNG");
    if (status == PP_OK)
        status = p->codec->open_reader(&p->in, &settings, &p->reader, err);
    if (status == PP_OK)
        p->geometry = p->reader->geometry;
    return status;
}

static enum pp_status new_band(struct pp_band *band, const struct pp_geometry *geometry,
                               struct pp_error *err)
{
    void *rows = NULL;

    band->stride = pp_size_aligned(pp_geometry_row_bytes(geometry));
    enum pp_status status = pp_memory_new(&rows, BAND_ROWS, band->stride, "rows", err);
    band->rows = rows;
    return status;
}

/* Colours go through the gray filter, on their way from one band to the other. */
static enum pp_status prepare_gray(struct picture *p, struct pp_error *err)
{
    struct pp_chain_item item = pp_chain_item(p->gray, 0);
    enum pp_status status = new_band(&p->from, &p->reader->geometry, err);

    if (status != PP_OK || pp_geometry_color_channels(&p->reader->geometry) == 1)
        return status;
    p->state = calloc(1, item.filter->state_size);
    if (!p->state)
        return pp_error_set(err, PP_E_NO_MEMORY, "the filter: out of memory");
    status = item.filter->prepare(p->state, item.args, &p->reader->geometry, &p->geometry, err);
    return status == PP_OK ? new_band(&p->to, &p->geometry, err) : status;
}

static enum pp_status copy_rows(struct picture *p, struct pp_error *err)
{
    const struct pp_filter *filter = pp_chain_item(p->gray, 0).filter;
    const struct pp_band *last = p->state ? &p->to : &p->from;
    enum pp_status status = PP_OK;

    for (uint32_t y = 0; status == PP_OK && y < p->geometry.height; y += BAND_ROWS) {
        uint32_t count = p->geometry.height - y < BAND_ROWS ? p->geometry.height - y : BAND_ROWS;
        p->from.first = p->to.first = y;
        p->from.count = p->to.count = count;
        status = p->codec->read_rows(p->reader, p->from.rows, p->from.stride, count, err);
        if (status == PP_OK && p->state)
            filter->render(p->state, &p->from, &p->to, NULL);
        if (status == PP_OK)
            status = p->codec->write_rows(p->writer, last->rows, last->stride, count, err);
    }
    return status;
}

static enum pp_status recode(struct picture *p, struct pp_error *err)
{
    enum pp_status status = prepare_gray(p, err);

    if (status == PP_OK)
        status = p->codec->start(p->reader, err);
    if (status != PP_OK)
        return status;
    pp_metadata_adapt(&p->reader->metadata, &p->reader->geometry, &p->geometry);
    struct pp_write_settings settings = write_settings(p);
    status = p->codec->open_writer(&p->out, &p->geometry, &settings, &p->writer, err);
    if (status == PP_OK)
        status = copy_rows(p, err);
    if (status == PP_OK)
        status = p->codec->finish_reader(p->reader, err);
    if (status == PP_OK)
        status = p->codec->finish_writer(p->writer, err);
    return status;
}

/* Whether the coded bits can be taken over, which is the cheapest way. */
static bool can_extract(const struct picture *p, const struct pp_transcode *what,
                        const struct pp_write_settings *settings)
{
    struct pp_error unwanted = {0};
    uint64_t memory = 0;

    return p->quality == 0 && !p->careful && p->codec->can_transcode &&
           p->codec->can_transcode(p->reader, PP_DECODE_EXTRACT, what, settings, &memory,
                                   &unwanted) == PP_OK;
}

static enum pp_status convert(struct picture *p, struct pp_error *err)
{
    struct pp_transcode what = {.luma = true};
    enum pp_status status = open_reader(p, err);

    if (status != PP_OK)
        return status;
    what.placement = pp_placement_whole(p->geometry.width, p->geometry.height);
    struct pp_write_settings settings = write_settings(p);
    if (can_extract(p, &what, &settings))
        status = p->codec->transcode(p->reader, PP_DECODE_EXTRACT, &what, &p->out, &settings, err);
    else
        status = recode(p, err);
    return status == PP_OK ? pp_output_flush(&p->out, err) : status;
}

/* What one attempt acquired; the streams stay. Returns whether another attempt may do better. */
static bool end_attempt(struct picture *p)
{
    bool again = (p->reader && p->reader->gave_up) || (p->writer && p->writer->guess_failed);

    if (p->writer)
        p->codec->close_writer(p->writer);
    if (p->reader)
        p->codec->close_reader(p->reader);
    if (p->state && pp_chain_item(p->gray, 0).filter->release)
        pp_chain_item(p->gray, 0).filter->release(p->state);
    free(p->state);
    free(p->from.rows);
    free(p->to.rows);
    p->writer = NULL;
    p->reader = NULL;
    p->state = NULL;
    p->from = p->to = (struct pp_band){0};
    return again && !p->careful;
}

static enum pp_status convert_streams(struct picture *p, struct pp_error *err)
{
    enum pp_status status = convert(p, err);

    if (!end_attempt(p) || status == PP_OK)
        return status;
    *err = (struct pp_error){0};
    p->careful = true;
    status = pp_input_rewind(&p->in, err);
    if (status == PP_OK)
        status = pp_output_rewind(&p->out, err);
    if (status == PP_OK)
        status = convert(p, err);
    end_attempt(p);
    return status;
}

static enum pp_status convert_file(const char *path, int folder, int quality,
                                   const struct pp_chain *gray, struct pp_error *err)
{
    struct picture p = {.quality = quality, .gray = gray, .in.fd = -1, .out.fd = -1};
    const char *slash = strrchr(path, '/');
    enum pp_status status = PP_OK;
    int in = open(path, O_RDONLY | O_CLOEXEC);
    int out =
        openat(folder, slash ? slash + 1 : path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    if (in < 0 || out < 0)
        status = pp_error_set(err, PP_E_READ, "cannot be opened, or its output not created");
    if (status == PP_OK)
        status = pp_input_init_fd(&p.in, in, err);
    if (status == PP_OK)
        status = pp_output_init_fd(&p.out, out, err);
    if (status == PP_OK)
        status = convert_streams(&p, err);
    pp_input_release(&p.in);
    pp_output_release(&p.out);
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return status;
}

int main(int argc, char **argv)
{
    struct pp_chain *gray = NULL;
    struct pp_error err = {0};
    int failed = 0;

    if (argc < 4) {
        fprintf(stderr, "usage: floor keep|QUALITY FOLDER FILE...\n");
        return 2;
    }
    int quality = strcmp(argv[1], "keep") == 0 ? 0 : (int)strtol(argv[1], NULL, 10);
    int folder = open(argv[2], O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || pp_chain_parse("gray", &gray, &err) != PP_OK) {
        fprintf(stderr, "floor: %s: %s\n", argv[2], folder < 0 ? "no folder" : err.text);
        return 1;
    }
    for (int i = 3; i < argc; i++) {
        err = (struct pp_error){0};
        if (convert_file(argv[i], folder, quality, gray, &err) != PP_OK) {
            fprintf(stderr, "floor: %s: %s\n", argv[i], err.text);
            failed = 1;
        }
    }
    pp_chain_free(gray);
    close(folder);
    return failed;
}
