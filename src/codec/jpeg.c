#include "codec/jpeg.h"

/* ITU-T T.81, B.2.1: a start-of-image marker, and another marker must follow. */
static bool probe(const uint8_t *head, size_t size)
{
    return size >= 3 && head[0] == 0xFF && head[1] == 0xD8 && head[2] == 0xFF;
}

static void fit_geometry(struct pp_geometry *wanted)
{
    wanted->channels = (uint8_t)pp_geometry_color_channels(wanted);
    wanted->depth = 8;
}

static const char *const extensions[] = {"jpg", "jpeg", "jpe", "jfif", NULL};

const struct pp_codec pp_codec_jpeg = {
    .name = "jpeg",
    .format = PP_FORMAT_JPEG,
    .extensions = extensions,
    .probe = probe,
    .describe = pp_jpeg_describe,
    .open_reader = pp_jpeg_open_reader,
    .start = pp_jpeg_start,
    .read_rows = pp_jpeg_read_rows,
    .finish_reader = pp_jpeg_finish_reader,
    .close_reader = pp_jpeg_close_reader,
    .reduce = pp_jpeg_reduce,
    .can_transcode = pp_jpeg_can_transcode,
    .transcode = pp_jpeg_transcode,
    .fit_geometry = fit_geometry,
    .writer_memory = pp_jpeg_writer_memory,
    .open_writer = pp_jpeg_open_writer,
    .write_rows = pp_jpeg_write_rows,
    .finish_writer = pp_jpeg_finish_writer,
    .close_writer = pp_jpeg_close_writer,
};
