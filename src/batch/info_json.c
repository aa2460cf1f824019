#include <pixpool/batch.h>

#include "batch/json.h"

static void put_jpeg(struct pp_json *json, const struct pp_info *info)
{
    if (*info->subsampling)
        pp_json_string(json, "subsampling", info->subsampling);
    if (!info->quality)
        return;
    pp_json_number(json, "quality", (uint64_t)info->quality);
    pp_json_flag(json, "quality_exact", info->quality_is_exact);
}

static void put_density(struct pp_json *json, const struct pp_info *info)
{
    static const char *const units[] = {"aspect", "inch", "metre"};

    if (!info->density_x && !info->density_y)
        return;
    pp_json_number(json, "density_x", info->density_x);
    pp_json_number(json, "density_y", info->density_y);
    pp_json_string(json, "density_unit", units[info->density_unit]);
}

static void put_metadata(struct pp_json *json, const struct pp_info *info)
{
    pp_json_open(json, "metadata");
    for (unsigned kind = 0; kind < PP_INFO_KIND_COUNT; kind++)
        if (info->metadata[kind])
            pp_json_number(json, pp_info_kind_name((enum pp_info_kind)kind), info->metadata[kind]);
    pp_json_close(json);
}

char *pp_info_json(const char *path, const struct pp_info *info)
{
    struct pp_json json = {0};

    pp_json_open(&json, NULL);
    pp_json_name(&json, "file", path);
    pp_json_string(&json, "format", pp_format_name(info->format));
    pp_json_number(&json, "width", info->width);
    pp_json_number(&json, "height", info->height);
    pp_json_number(&json, "depth", info->depth);
    pp_json_number(&json, "channels", info->channels);
    pp_json_string(&json, "colour", info->colour);
    pp_json_flag(&json, "progressive", info->progressive);
    put_jpeg(&json, info);
    if (info->has_profile)
        pp_json_string(&json, "profile", info->profile);
    pp_json_number(&json, "orientation", info->orientation);
    if (*info->camera)
        pp_json_string(&json, "camera", info->camera);
    put_density(&json, info);
    put_metadata(&json, info);
    pp_json_close(&json);
    if (json.failed) {
        pp_json_release(&json);
        return NULL;
    }
    return json.text.bytes;
}
