#include "support_transcode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void run(struct pp_reader *reader, enum pp_decode_path path, const struct pp_transcode *what,
                const struct pp_write_settings *settings, struct test_transcoding *made)
{
    const struct pp_codec *codec = reader->codec;
    struct pp_output out;

    pp_output_init_memory(&out);
    made->status = codec->can_transcode(reader, path, what, settings, &made->memory, &made->err);
    made->allowed = made->status == PP_OK;
    if (made->allowed)
        made->status = codec->transcode(reader, path, what, &out, settings, &made->err);
    made->gave_up = reader->gave_up;
    made->warnings = reader->warnings;
    memcpy(made->warning, reader->warning, sizeof(made->warning));
    if (made->status == PP_OK)
        made->file = (struct test_file){out.buffer, out.used};
    else
        pp_output_release(&out);
}

struct test_transcoding test_transcode_by(const struct test_file *file, enum pp_decode_path path,
                                          const struct pp_transcode *what,
                                          const struct pp_encode_settings *encode,
                                          const struct pp_read_settings *read)
{
    struct test_transcoding made = {0};
    struct pp_reader *reader = NULL;
    struct pp_input in;

    pp_input_init_memory(&in, file->data, file->size);
    made.status = pp_codec_jpeg.open_reader(&in, read, &reader, &made.err);
    if (made.status == PP_OK) {
        struct pp_write_settings settings = {.metadata = &reader->metadata, .jpeg = &reader->jpeg};
        if (encode)
            settings.encode = *encode;
        run(reader, path, what, &settings, &made);
        pp_codec_jpeg.close_reader(reader);
    }
    pp_input_release(&in);
    assert_true((made.status == PP_OK) == (made.err.text[0] == '\0'));
    return made;
}

struct test_transcoding test_transcode(const struct test_file *file, enum pp_decode_path path,
                                       const struct pp_transcode *what,
                                       const struct pp_encode_settings *encode)
{
    return test_transcode_by(file, path, what, encode,
                             &(struct pp_read_settings){.limits = {.max_pixels = 100000000}});
}
