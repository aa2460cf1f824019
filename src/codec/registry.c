#include "codec/codec.h"

#include <string.h>

#include "base/path.h"

static const struct pp_codec *const codecs[] = {&pp_codec_jpeg, &pp_codec_png};

const struct pp_codec *pp_codec_at(size_t index)
{
    return index < sizeof(codecs) / sizeof(codecs[0]) ? codecs[index] : NULL;
}

const struct pp_codec *pp_codec_for(enum pp_format format)
{
    const struct pp_codec *codec = NULL;

    for (size_t i = 0; (codec = pp_codec_at(i)); i++) {
        if (codec->format == format)
            break;
    }
    return codec;
}

enum pp_status pp_codec_sniff(struct pp_input *in, const struct pp_codec **codec,
                              struct pp_error *err)
{
    *codec = NULL;
    enum pp_status status = pp_input_peek(in, PP_PROBE_BYTES, err);
    if (status != PP_OK)
        return status;
    for (size_t i = 0; (*codec = pp_codec_at(i)); i++) {
        if ((*codec)->probe(in->data, in->size))
            break;
    }
    return PP_OK;
}

enum pp_status pp_codec_check_pixels(uint32_t width, uint32_t height,
                                     const struct pp_limits *limits, struct pp_error *err)
{
    uint64_t pixels = (uint64_t)width * height;

    if (limits->max_pixels == 0 || pixels <= limits->max_pixels)
        return PP_OK;
    return pp_error_set(
        err, PP_E_LIMIT, "%u x %u is %llu pixels: more than the %llu that --max-pixels allows",
        width, height, (unsigned long long)pixels, (unsigned long long)limits->max_pixels);
}

const char *pp_format_name(enum pp_format format)
{
    const struct pp_codec *codec = pp_codec_for(format);

    return codec ? codec->name : "keep";
}

const char *pp_format_extension(enum pp_format format)
{
    const struct pp_codec *codec = pp_codec_for(format);

    return codec ? codec->extensions[0] : "";
}

/* Whether `name` is `lower` but for the case of ASCII letters. The locale has no say in it. */
static bool is_extension(const char *name, const char *lower)
{
    for (; *lower != '\0'; name++, lower++) {
        char letter = *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name;
        if (letter != *lower)
            return false;
    }
    return *name == '\0';
}

enum pp_format pp_format_from_name(const char *file_name)
{
    const char *extension = pp_path_extension(pp_path_last(file_name));
    const struct pp_codec *codec = NULL;

    for (size_t i = 0; (codec = pp_codec_at(i)); i++) {
        for (const char *const *known = codec->extensions; *known; known++) {
            if (is_extension(extension, *known))
                return codec->format;
        }
    }
    return PP_FORMAT_KEEP;
}
