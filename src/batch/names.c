#include "batch/names.h"

#include <string.h>

#include "base/path.h"

static enum pp_status add_extension(const char *last, enum pp_format format, struct pp_text *name,
                                    struct pp_error *err)
{
    size_t stem = pp_path_stem_length(last);

    if (format == PP_FORMAT_KEEP || pp_format_from_name(last) == format)
        return pp_text_add_string(name, last + stem, err);
    enum pp_status status = pp_text_add_string(name, ".", err);
    return status == PP_OK ? pp_text_add_string(name, pp_format_extension(format), err) : status;
}

enum pp_status pp_output_name(const char *relative, const struct pp_batch_outputs *outputs,
                              enum pp_format format, struct pp_text *name, struct pp_error *err)
{
    const char *last = pp_path_last(relative);
    enum pp_status status;

    pp_text_clear(name);
    status = pp_text_add(name, relative, (size_t)(last - relative), err);
    if (status == PP_OK && outputs->prefix)
        status = pp_text_add_string(name, outputs->prefix, err);
    if (status == PP_OK)
        status = pp_text_add(name, last, pp_path_stem_length(last), err);
    if (status == PP_OK && outputs->suffix)
        status = pp_text_add_string(name, outputs->suffix, err);
    return status == PP_OK ? add_extension(last, format, name, err) : status;
}
