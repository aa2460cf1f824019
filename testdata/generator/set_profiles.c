/*
 * profiles/: colour profiles by themselves.
 */
#include "metadata.h"
#include "sets.h"

void write_profiles(struct output *out)
{
    struct bytes broken = icc_rgb();
    output_folder(out, "profiles");
    output_take(out, "profiles/srgb.icc", icc_rgb());
    output_take(out, "profiles/adobe-rgb.icc", icc_adobe_rgb());
    output_take(out, "profiles/display-p3.icc", icc_display_p3());
    output_take(out, "profiles/gray-linear.icc", icc_gray_linear());
    output_take(out, "profiles/cmyk.icc", icc_cmyk());
    output_take(out, "profiles/cut-short.icc", bytes_slice(&broken, 0, 200));
    bytes_free(&broken);
}
