#include "codec/png.h"

#include <string.h>

/* PNG-3, 5.2. */
static bool probe(const uint8_t *head, size_t size)
{
    static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

    return size >= sizeof(signature) && memcmp(head, signature, sizeof(signature)) == 0;
}

/* PNG holds every geometry there is. */
static void fit_geometry(struct pp_geometry *wanted)
{
    (void)wanted;
}

void pp_png_set_native_order(png_struct *png, const struct pp_geometry *geometry)
{
    const uint16_t one = 1;
    bool little_endian = *(const uint8_t *)&one == 1;

    if (geometry->depth == 16 && little_endian)
        png_set_swap(png);
}

static const char *const extensions[] = {"png", NULL};

const struct pp_codec pp_codec_png = {
    .name = "png",
    .format = PP_FORMAT_PNG,
    .extensions = extensions,
    .probe = probe,
    .describe = pp_png_describe,
    .open_reader = pp_png_open_reader,
    .start = pp_png_start,
    .read_rows = pp_png_read_rows,
    .finish_reader = pp_png_finish_reader,
    .close_reader = pp_png_close_reader,
    .fit_geometry = fit_geometry,
    .writer_memory = pp_png_writer_memory,
    .open_writer = pp_png_open_writer,
    .write_rows = pp_png_write_rows,
    .finish_writer = pp_png_finish_writer,
    .close_writer = pp_png_close_writer,
};
