#include <pixpool/image.h>

size_t pp_geometry_row_bytes(const struct pp_geometry *geometry)
{
    return (size_t)geometry->width * geometry->channels * (geometry->depth / 8u);
}

bool pp_geometry_has_alpha(const struct pp_geometry *geometry)
{
    return geometry->channels == 2 || geometry->channels == 4;
}

unsigned pp_geometry_color_channels(const struct pp_geometry *geometry)
{
    return geometry->channels <= 2 ? 1 : 3;
}
