/*
 * plain_libjpeg QUALITY FOLDER FILE... - the JPEG files in gray, by libjpeg and nothing else.
 *
 * Luma is decoded and encoded row by row, from and to stdio, as libjpeg's own example does it. An
 * error ends the program, as libjpeg's default is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

static void recode(FILE *in, FILE *out, int quality)
{
    struct jpeg_error_mgr errors;
    struct jpeg_decompress_struct reader = {.err = jpeg_std_error(&errors)};
    struct jpeg_compress_struct writer = {.err = &errors};

    jpeg_create_decompress(&reader);
    jpeg_create_compress(&writer);
    jpeg_stdio_src(&reader, in);
    jpeg_stdio_dest(&writer, out);
    jpeg_read_header(&reader, TRUE);
    reader.out_color_space = JCS_GRAYSCALE;
    jpeg_start_decompress(&reader);
    writer.image_width = reader.output_width;
    writer.image_height = reader.output_height;
    writer.input_components = 1;
    writer.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&writer);
    jpeg_set_quality(&writer, quality, TRUE);
    jpeg_start_compress(&writer, TRUE);
    JSAMPARRAY rows =
        reader.mem->alloc_sarray((j_common_ptr)&reader, JPOOL_IMAGE, reader.output_width, 1);
    while (reader.output_scanline < reader.output_height) {
        jpeg_read_scanlines(&reader, rows, 1);
        jpeg_write_scanlines(&writer, rows, 1);
    }
    jpeg_finish_compress(&writer);
    jpeg_finish_decompress(&reader);
    jpeg_destroy_compress(&writer);
    jpeg_destroy_decompress(&reader);
}

static int convert_file(const char *path, const char *folder, int quality)
{
    const char *slash = strrchr(path, '/');
    char name[4096];
    int failed = 1;

    if (snprintf(name, sizeof name, "%s/%s", folder, slash ? slash + 1 : path) >= (int)sizeof name)
        return 1;
    FILE *in = fopen(path, "rb"), *out = fopen(name, "wb");
    if (in && out) {
        recode(in, out, quality);
        failed = 0;
    }
    if (in)
        fclose(in);
    if (out && fclose(out) != 0)
        failed = 1;
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;

    if (argc < 4) {
        fprintf(stderr, "usage: plain_libjpeg QUALITY FOLDER FILE...\n");
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        if (convert_file(argv[i], argv[2], (int)strtol(argv[1], NULL, 10)) != 0) {
            fprintf(stderr, "plain_libjpeg: %s: cannot be read or written\n", argv[i]);
            failed = 1;
        }
    }
    return failed;
}
