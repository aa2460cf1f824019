#include "pipeline/picture_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "filter/move.h"

/* Rows decoded at once: what libjpeg delivers in one go. */
#define ROWS_AT_ONCE 16u

static enum pp_move move_of(const struct pp_reader *reader)
{
    const unsigned orientation = reader->geometry.orientation;

    return orientation >= PP_MOVE_NONE && orientation <= PP_MOVE_TURN_LEFT
               ? (enum pp_move)orientation
               : PP_MOVE_NONE;
}

/* Bytes from row to row as they are stored, beside those that are kept; 0 where they are the same.
 */
static size_t stored_stride(const struct pp_reader *reader)
{
    return move_of(reader) == PP_MOVE_NONE
               ? 0
               : pp_size_aligned(pp_geometry_row_bytes(&reader->geometry));
}

enum pp_status pp_picture_file_open(struct pp_picture_file *file, const char *path,
                                    const struct pp_limits *limits, struct pp_error *err)
{
    const struct pp_read_settings settings = {.limits = *limits};
    const struct pp_codec *codec = NULL;
    struct pp_mover mover;

    *file = (struct pp_picture_file){.fd = open(path, O_RDONLY | O_CLOEXEC)};
    if (file->fd < 0)
        return pp_error_errno(err, PP_E_READ, errno, "cannot open");
    enum pp_status status = pp_input_init_fd(&file->in, file->fd, err);
    if (status == PP_OK)
        status = pp_codec_sniff(&file->in, &codec, err);
    if (status == PP_OK && !codec)
        status = pp_error_set(err, PP_E_FORMAT, "cannot recognise the format: %s",
                              file->in.size ? "not a JPEG or PNG" : "the file is empty");
    if (status == PP_OK)
        status = codec->open_reader(&file->in, &settings, &file->reader, err);
    if (status != PP_OK)
        return status;
    file->geometry = file->reader->geometry;
    pp_mover_init(&mover, move_of(file->reader), &file->reader->geometry, &file->geometry);
    file->geometry.orientation = PP_MOVE_NONE;
    file->stride = pp_size_aligned(pp_geometry_row_bytes(&file->geometry));
    file->memory = file->reader->memory +
                   (uint64_t)stored_stride(file->reader) * file->reader->geometry.height;
    return PP_OK;
}

static enum pp_status decode_rows(struct pp_reader *reader, uint8_t *rows, size_t stride,
                                  struct pp_error *err)
{
    const uint32_t height = reader->geometry.height;
    enum pp_status status = reader->codec->start(reader, err);

    for (uint32_t y = 0; status == PP_OK && y < height; y += ROWS_AT_ONCE) {
        const uint32_t left = height - y;
        status = reader->codec->read_rows(reader, rows + y * stride, stride,
                                          left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE, err);
    }
    return status == PP_OK ? reader->codec->finish_reader(reader, err) : status;
}

enum pp_status pp_picture_file_decode(struct pp_picture_file *file, uint8_t *rows,
                                      struct pp_error *err)
{
    const struct pp_geometry *stored = &file->reader->geometry;
    struct pp_band from = {.stride = stored_stride(file->reader), .count = stored->height};
    const struct pp_band to = {
        .rows = rows, .stride = file->stride, .count = file->geometry.height};
    struct pp_geometry upright = *stored;
    struct pp_mover mover;
    void *memory = NULL;

    if (from.stride == 0)
        return decode_rows(file->reader, rows, file->stride, err);
    enum pp_status status =
        pp_memory_new(&memory, stored->height, from.stride, "the rows as stored", err);
    from.rows = memory;
    if (status == PP_OK)
        status = decode_rows(file->reader, from.rows, from.stride, err);
    if (status == PP_OK) {
        pp_mover_init(&mover, move_of(file->reader), stored, &upright);
        pp_mover_render(&mover, &from, &to, NULL);
    }
    free(memory);
    return status;
}

void pp_picture_file_close(struct pp_picture_file *file)
{
    if (file->reader)
        file->reader->codec->close_reader(file->reader);
    pp_input_release(&file->in);
    if (file->fd >= 0)
        close(file->fd);
    *file = (struct pp_picture_file){.fd = -1};
}
