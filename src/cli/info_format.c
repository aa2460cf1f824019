#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/info.h"

struct text {
    char *to;
    size_t size;
};

static void PP_PRINTF(2, 3) append(struct text *text, const char *format, ...)
{
    size_t used = strlen(text->to);
    va_list args;

    va_start(args, format);
    vsnprintf(text->to + used, text->size - used, format, args);
    va_end(args);
}

static void append_density(struct text *text, const struct pp_info *info)
{
    static const char *const units[] = {" aspect ratio", " per inch", " per metre"};

    if (info->density_x || info->density_y)
        append(text, ", %" PRIu32 "x%" PRIu32 "%s", info->density_x, info->density_y,
               units[info->density_unit]);
}

static void append_metadata(struct text *text, const struct pp_info *info)
{
    for (unsigned kind = 0; kind < PP_INFO_KIND_COUNT; kind++)
        if (info->metadata[kind])
            append(text, ", %s %" PRIu64 " B", pp_info_kind_name((enum pp_info_kind)kind),
                   info->metadata[kind]);
}

void pp_info_format(const struct pp_info *info, char *to, size_t size)
{
    struct text text = {to, size};

    *to = '\0';
    append(&text, "%s %" PRIu32 "x%" PRIu32 ", %u x %u bit%s %s", pp_format_name(info->format),
           info->width, info->height, info->channels, info->depth, info->depth == 1 ? "" : "s",
           info->colour);
    if (*info->subsampling)
        append(&text, " %s", info->subsampling);
    if (info->progressive)
        append(&text, ", %s", info->format == PP_FORMAT_PNG ? "interlaced" : "progressive");
    if (info->quality)
        append(&text, ", quality %s%d", info->quality_is_exact ? "" : "about ", info->quality);
    if (!info->has_profile)
        append(&text, ", no profile");
    else if (*info->profile)
        append(&text, ", profile \"%s\"", info->profile);
    else
        append(&text, ", a profile without a name");
    append(&text, ", orientation %u", info->orientation);
    if (*info->camera)
        append(&text, ", camera \"%s\"", info->camera);
    append_density(&text, info);
    append_metadata(&text, info);
}
