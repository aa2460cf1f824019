#include "pipeline/digest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nettle/sha2.h>
#include <nettle/version.h>

#include "base/memory.h"
#include "base/stream.h"
#include "codec/codec.h"

/* Rows decoded at once: what libjpeg delivers in one go. */
#define ROWS_AT_ONCE 16u
/* The stream's buffer and what else does not depend on the picture. */
#define FIXED_MEMORY ((uint64_t)1024 * 1024)

#define STRING(x)   #x
#define EXPANDED(x) STRING(x)

_Static_assert(PP_DIGEST_BYTES == SHA256_DIGEST_SIZE, "a digest is a SHA-256");

const char *pp_digest_library(void)
{
    return "nettle " EXPANDED(NETTLE_VERSION_MAJOR) "." EXPANDED(NETTLE_VERSION_MINOR);
}

/* ---- bytes --------------------------------------------------------------------------------- */

static enum pp_status digest_bytes(int fd, uint8_t digest[PP_DIGEST_BYTES], struct pp_error *err)
{
    struct sha256_ctx hash;
    uint8_t *buffer = malloc(PP_STREAM_BUFFER);
    enum pp_status status = PP_OK;
    off_t at = 0;
    ssize_t got;

    if (!buffer)
        return pp_error_set(err, PP_E_NO_MEMORY, "no memory");
    sha256_init(&hash);
    while ((got = pread(fd, buffer, PP_STREAM_BUFFER, at)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            status = pp_error_errno(err, PP_E_READ, errno, "cannot read");
            break;
        }
        sha256_update(&hash, (size_t)got, buffer);
        at += got;
    }
    sha256_digest(&hash, PP_DIGEST_BYTES, digest);
    free(buffer);
    return status;
}

/* ---- pixels -------------------------------------------------------------------------------- */

static void big_endian(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void digest_geometry(struct sha256_ctx *hash, const struct pp_geometry *geometry)
{
    uint8_t head[10];

    big_endian(head, geometry->width);
    big_endian(head + 4, geometry->height);
    head[8] = geometry->channels;
    head[9] = geometry->depth;
    sha256_update(hash, sizeof(head), head);
}

/* Samples of 16 bits come in the machine's order. */
static void order_samples(uint8_t *row, size_t bytes)
{
    uint16_t *samples = (uint16_t *)(void *)row;

    for (size_t i = 0; i < bytes / 2; i++) {
        uint16_t sample = samples[i];
        row[2 * i] = (uint8_t)(sample >> 8);
        row[2 * i + 1] = (uint8_t)sample;
    }
}

static uint32_t band_rows(const struct pp_geometry *geometry)
{
    return geometry->height < ROWS_AT_ONCE ? geometry->height : ROWS_AT_ONCE;
}

static enum pp_status reserve_memory(const struct pp_reader *reader,
                                     const struct pp_convert_settings *settings,
                                     struct pp_error *err)
{
    const struct pp_geometry *geometry = &reader->geometry;
    uint64_t most = settings->limits.max_memory;
    uint64_t bytes = FIXED_MEMORY + reader->memory +
                     (uint64_t)band_rows(geometry) * pp_geometry_row_bytes(geometry);

    if (most > 0 && bytes > most)
        return pp_error_set(
            err, PP_E_LIMIT, "%llu MB of memory needed exceed the limit of %llu MB (--memory)",
            (unsigned long long)((bytes + (1 << 20) - 1) >> 20), (unsigned long long)(most >> 20));
    return settings->hooks.memory ? settings->hooks.memory(settings->hooks.user, bytes, err)
                                  : PP_OK;
}

static enum pp_status digest_rows(struct pp_reader *reader, uint8_t *rows, struct sha256_ctx *hash,
                                  struct pp_error *err)
{
    const struct pp_geometry *geometry = &reader->geometry;
    size_t stride = pp_geometry_row_bytes(geometry);
    uint32_t count = band_rows(geometry);
    enum pp_status status = PP_OK;

    for (uint32_t y = 0; status == PP_OK && y < geometry->height; y += count) {
        uint32_t left = geometry->height - y;
        count = left < count ? left : count;
        status = reader->codec->read_rows(reader, rows, stride, count, err);
        if (status == PP_OK && geometry->depth == 16)
            order_samples(rows, count * stride);
        if (status == PP_OK)
            sha256_update(hash, count * stride, rows);
    }
    return status;
}

static enum pp_status digest_picture(struct pp_reader *reader, struct sha256_ctx *hash,
                                     struct pp_error *err)
{
    void *rows = NULL;

    enum pp_status status = reader->codec->start(reader, err);
    if (status != PP_OK)
        return status;
    digest_geometry(hash, &reader->geometry);
    status = pp_memory_new(&rows, band_rows(&reader->geometry),
                           pp_geometry_row_bytes(&reader->geometry), "rows to hash", err);
    if (status == PP_OK)
        status = digest_rows(reader, rows, hash, err);
    if (status == PP_OK)
        status = reader->codec->finish_reader(reader, err);
    free(rows);
    return status;
}

enum pp_status pp_digest_raster(const struct pp_raster *raster, uint8_t digest[PP_DIGEST_BYTES],
                                struct pp_error *err)
{
    const size_t bytes = pp_geometry_row_bytes(&raster->geometry);
    struct sha256_ctx hash;
    void *row = NULL;

    enum pp_status status = pp_memory_new(&row, 1, bytes, "a row to hash", err);
    if (status != PP_OK)
        return status;
    sha256_init(&hash);
    digest_geometry(&hash, &raster->geometry);
    for (uint32_t y = 0; y < raster->geometry.height; y++) {
        memcpy(row, raster->rows + y * raster->stride, bytes);
        if (raster->geometry.depth == 16)
            order_samples(row, bytes);
        sha256_update(&hash, bytes, row);
    }
    sha256_digest(&hash, PP_DIGEST_BYTES, digest);
    free(row);
    return PP_OK;
}

/* Scans are not limited: those of the input were, or the writer made them. */
static enum pp_status open_picture(struct pp_input *in, const struct pp_limits *limits,
                                   struct pp_reader **reader, struct pp_error *err)
{
    const struct pp_codec *codec = NULL;
    struct pp_read_settings settings = {.limits = *limits};

    settings.limits.max_scans = 0;
    enum pp_status status = pp_codec_sniff(in, &codec, err);
    if (status == PP_OK && !codec)
        status = pp_error_set(err, PP_E_FORMAT, "not a JPEG or PNG");
    return status == PP_OK ? codec->open_reader(in, &settings, reader, err) : status;
}

static enum pp_status digest_pixels(int fd, const struct pp_convert_settings *settings,
                                    uint8_t digest[PP_DIGEST_BYTES], struct pp_error *err)
{
    struct sha256_ctx hash;
    struct pp_input in = {.fd = -1};
    struct pp_reader *reader = NULL;

    if (lseek(fd, 0, SEEK_SET) != 0)
        return pp_error_errno(err, PP_E_READ, errno, "cannot read");
    sha256_init(&hash);
    enum pp_status status = pp_input_init_fd(&in, fd, err);
    if (status == PP_OK)
        status = open_picture(&in, &settings->limits, &reader, err);
    if (status == PP_OK)
        status = reserve_memory(reader, settings, err);
    if (status == PP_OK)
        status = digest_picture(reader, &hash, err);
    sha256_digest(&hash, PP_DIGEST_BYTES, digest);
    if (reader)
        reader->codec->close_reader(reader);
    pp_input_release(&in);
    return status;
}

enum pp_status pp_digest_fd(int fd, const struct pp_convert_settings *settings,
                            struct pp_digest *digest, struct pp_error *err)
{
    struct pp_error why = {0};

    *digest = (struct pp_digest){0};
    enum pp_status status = digest_pixels(fd, settings, digest->pixels, &why);
    if (status == PP_OK)
        status = digest_bytes(fd, digest->bytes, &why);
    digest->taken = status == PP_OK;
    if (status == PP_OK)
        return PP_OK;
    return pp_error_set(err, status, "cannot hash the output: %s", why.text);
}
