#include "filter/color.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "filter/samples.h"

static const struct {
    const char *name;
    uint32_t rgba;
} names[] = {
    {"black", 0x000000ff},   {"white", 0xffffffff},  {"gray", 0x808080ff},
    {"silver", 0xc0c0c0ff},  {"red", 0xff0000ff},    {"maroon", 0x800000ff},
    {"orange", 0xffa500ff},  {"yellow", 0xffff00ff}, {"olive", 0x808000ff},
    {"lime", 0x00ff00ff},    {"green", 0x008000ff},  {"aqua", 0x00ffffff},
    {"teal", 0x008080ff},    {"blue", 0x0000ffff},   {"navy", 0x000080ff},
    {"fuchsia", 0xff00ffff}, {"purple", 0x800080ff}, {"transparent", 0x00000000},
};

const char *pp_color_name_at(unsigned index)
{
    return index < sizeof names / sizeof names[0] ? names[index].name : NULL;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct pp_color from_rgba(uint32_t rgba)
{
    return (struct pp_color){.red = (uint16_t)((rgba >> 24) * 257),
                             .green = (uint16_t)((rgba >> 16 & 255) * 257),
                             .blue = (uint16_t)((rgba >> 8 & 255) * 257),
                             .alpha = (uint16_t)((rgba & 255) * 257)};
}

/* Hexadecimal digits: 3 or 4 that each stand for two, 6 or 8. */
static bool parse_digits(const char *text, uint32_t *rgba)
{
    size_t length = strlen(text);
    bool twice = length == 3 || length == 4;

    if (!twice && length != 6 && length != 8)
        return false;
    *rgba = 0;
    for (size_t i = 0; i < length; i++) {
        int value = digit(text[i]);
        if (value < 0)
            return false;
        *rgba = *rgba << 4 | (uint32_t)value;
        if (twice)
            *rgba = *rgba << 4 | (uint32_t)value;
    }
    if (length == 3 || length == 6)
        *rgba = *rgba << 8 | 255;
    return true;
}

bool pp_color_parse(const char *text, struct pp_color *color)
{
    uint32_t rgba = 0;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcasecmp(text, names[i].name) == 0) {
            *color = from_rgba(names[i].rgba);
            return true;
        }
    if (!parse_digits(*text == '#' ? text + 1 : text, &rgba))
        return false;
    *color = from_rgba(rgba);
    return true;
}

void pp_color_samples(const struct pp_color *color, const struct pp_geometry *geometry,
                      uint32_t samples[4])
{
    uint32_t rgb[3] = {color->red, color->green, color->blue}, alpha = color->alpha;
    unsigned colors = pp_geometry_color_channels(geometry);

    /* Notations of 8 bits are multiples of 257, so this is exact for them. */
    if (geometry->depth == 8) {
        for (unsigned c = 0; c < 3; c++)
            rgb[c] = (rgb[c] + 128) / 257;
        alpha = (alpha + 128) / 257;
    }
    if (colors == 1)
        rgb[0] = pp_luma601(rgb[0], rgb[1], rgb[2]);
    for (unsigned c = 0; c < colors; c++)
        samples[c] = rgb[c];
    if (pp_geometry_has_alpha(geometry))
        samples[colors] = alpha;
}
