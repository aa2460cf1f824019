#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/info.h"
#include "cli/line.h"

static void append_density(struct pp_line *text, const struct pp_info *info)
{
    static const char *const units[] = {" aspect ratio", " per inch", " per metre"};

    if (info->density_x || info->density_y)
        pp_line_add(text, ", %" PRIu32 "x%" PRIu32 "%s", info->density_x, info->density_y,
                    units[info->density_unit]);
}

static void append_metadata(struct pp_line *text, const struct pp_info *info)
{
    for (unsigned kind = 0; kind < PP_INFO_KIND_COUNT; kind++)
        if (info->metadata[kind])
            pp_line_add(text, ", %s %" PRIu64 " B", pp_info_kind_name((enum pp_info_kind)kind),
                        info->metadata[kind]);
}

void pp_info_format(const struct pp_info *info, char *to, size_t size)
{
    struct pp_line text = {to, size};

    *to = '\0';
    pp_line_add(&text, "%s %" PRIu32 "x%" PRIu32 ", %u x %u bit%s %s", pp_format_name(info->format),
                info->width, info->height, info->channels, info->depth, info->depth == 1 ? "" : "s",
                info->colour);
    if (*info->subsampling)
        pp_line_add(&text, " %s", info->subsampling);
    if (info->progressive)
        pp_line_add(&text, ", %s", info->format == PP_FORMAT_PNG ? "interlaced" : "progressive");
    if (info->quality)
        pp_line_add(&text, ", quality %s%d", info->quality_is_exact ? "" : "about ", info->quality);
    if (!info->has_profile)
        pp_line_add(&text, ", no profile");
    else if (*info->profile)
        pp_line_add(&text, ", profile \"%s\"", info->profile);
    else
        pp_line_add(&text, ", a profile without a name");
    pp_line_add(&text, ", orientation %u", info->orientation);
    if (*info->camera)
        pp_line_add(&text, ", camera \"%s\"", info->camera);
    append_density(&text, info);
    append_metadata(&text, info);
}
