#include <pixpool/info.h>

#include "base/stream.h"
#include "codec/codec.h"

const char *pp_info_kind_name(enum pp_info_kind kind)
{
    static const char *const names[PP_INFO_KIND_COUNT] = {
        [PP_INFO_EXIF] = "exif", [PP_INFO_ICC] = "icc",         [PP_INFO_XMP] = "xmp",
        [PP_INFO_IPTC] = "iptc", [PP_INFO_COMMENT] = "comment", [PP_INFO_TEXT] = "text",
        [PP_INFO_MPF] = "mpf",   [PP_INFO_OTHER] = "other",
    };

    return kind < PP_INFO_KIND_COUNT ? names[kind] : "";
}

enum pp_status pp_info_fd(int fd, struct pp_info *info, struct pp_error *err)
{
    const struct pp_codec *codec = NULL;
    struct pp_input in;
    enum pp_status status = pp_input_init_fd(&in, fd, err);

    *info = (struct pp_info){0};
    if (status == PP_OK)
        status = pp_codec_sniff(&in, &codec, err);
    if (status == PP_OK && !codec)
        status = pp_error_set(err, PP_E_FORMAT, "cannot recognise the format: %s",
                              in.size ? "not a JPEG or PNG" : "the file is empty");
    if (status == PP_OK) {
        info->format = codec->format;
        info->orientation = 1;
        status = codec->describe(&in, info, err);
    }
    if (status != PP_OK)
        *info = (struct pp_info){0};
    pp_input_release(&in);
    return status;
}
