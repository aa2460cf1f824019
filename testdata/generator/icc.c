/*
 * ICC profiles, version 2.4 (ICC.1:2001-04): the smallest that are complete.
 */
#include <math.h>
#include <string.h>

#include "metadata.h"

#define MAX_TAGS 10

struct profile {
    struct bytes body;
    struct {
        const char *name;
        uint32_t at, size;
    } tags[MAX_TAGS];
    uint32_t count;
};

static void begin_tag(struct profile *profile, const char *name, const char *type)
{
    bytes_zeros(&profile->body, (4 - profile->body.size % 4) % 4);
    profile->tags[profile->count].name = name;
    profile->tags[profile->count].at = (uint32_t)profile->body.size;
    bytes_add_text(&profile->body, type);
    bytes_add32(&profile->body, 0);
}

static void end_tag(struct profile *profile)
{
    profile->tags[profile->count].size =
        (uint32_t)profile->body.size - profile->tags[profile->count].at;
    profile->count++;
}

static void put_fixed(struct bytes *to, double value)
{
    bytes_add32(to, (uint32_t)(int32_t)lround(value * 65536));
}

static void add_xyz(struct profile *profile, const char *name, const double xyz[3])
{
    begin_tag(profile, name, "XYZ ");
    for (int i = 0; i < 3; i++)
        put_fixed(&profile->body, xyz[i]);
    end_tag(profile);
}

/* IEC 61966-2-1's curve in 256 steps. */
static void add_curve(struct profile *profile, const char *name)
{
    begin_tag(profile, name, "curv");
    bytes_add32(&profile->body, 256);
    for (int i = 0; i < 256; i++) {
        double v = i / 255.0;
        double linear = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
        bytes_add16(&profile->body, (unsigned)lround(linear * 65535));
    }
    end_tag(profile);
}

/* The same curve under another name. */
static void share_tag(struct profile *profile, const char *name)
{
    profile->tags[profile->count] = profile->tags[profile->count - 1];
    profile->tags[profile->count++].name = name;
}

static void add_words(struct profile *profile, const char *description)
{
    begin_tag(profile, "desc", "desc");
    bytes_add32(&profile->body, (uint32_t)strlen(description) + 1);
    bytes_add(&profile->body, description, strlen(description) + 1);
    bytes_zeros(&profile->body, 4 + 4 + 2 + 1 + 67); /* no Unicode, no ScriptCode */
    end_tag(profile);
    begin_tag(profile, "cprt", "text");
    bytes_add(&profile->body, "No rights reserved", 19);
    end_tag(profile);
    /* The illuminant D50 (ICC.1:2001, 6.1.1). */
    add_xyz(profile, "wtpt", (const double[3]){0.9642, 1.0, 0.8249});
}

/* Header and tag table before the body, which is consumed. */
static struct bytes finish(struct profile *profile, const char *space, const char *use,
                           const char *connection)
{
    struct bytes to = {0};
    uint32_t table = 128 + 4 + 12 * profile->count;
    bytes_add32(&to, table + (uint32_t)profile->body.size);
    bytes_zeros(&to, 4);
    bytes_add32(&to, 0x02400000);
    bytes_add_text(&to, use);
    bytes_add_text(&to, space);
    bytes_add_text(&to, connection);
    for (unsigned part = 0; part < 6; part++)
        bytes_add16(&to, ((const unsigned[]){2024, 5, 17, 6, 0, 0})[part]);
    bytes_add_text(&to, "acsp");
    bytes_zeros(&to, 68 - to.size);
    put_fixed(&to, 0.9642);
    put_fixed(&to, 1.0);
    put_fixed(&to, 0.8249);
    bytes_zeros(&to, 128 - to.size);
    bytes_add32(&to, profile->count);
    for (uint32_t i = 0; i < profile->count; i++) {
        bytes_add_text(&to, profile->tags[i].name);
        bytes_add32(&to, table + profile->tags[i].at);
        bytes_add32(&to, profile->tags[i].size);
    }
    bytes_add(&to, profile->body.data, profile->body.size);
    bytes_free(&profile->body);
    return to;
}

/* A power alone, in 1/256. */
static void add_gamma(struct profile *profile, const char *name, unsigned power)
{
    begin_tag(profile, name, "curv");
    bytes_add32(&profile->body, 1);
    bytes_add16(&profile->body, power);
    end_tag(profile);
}

/* Primaries adapted to D50 by Bradford's transform (ICC.1:2001, annex E); power 0: the curve of
 * IEC 61966-2-1. */
static struct bytes rgb_profile(const char *description, const double primaries[3][3],
                                unsigned power)
{
    struct profile profile = {0};
    add_words(&profile, description);
    add_xyz(&profile, "rXYZ", primaries[0]);
    add_xyz(&profile, "gXYZ", primaries[1]);
    add_xyz(&profile, "bXYZ", primaries[2]);
    if (power)
        add_gamma(&profile, "rTRC", power);
    else
        add_curve(&profile, "rTRC");
    share_tag(&profile, "gTRC");
    share_tag(&profile, "bTRC");
    return finish(&profile, "RGB ", "mntr", "XYZ ");
}

struct bytes icc_rgb(void)
{
    static const double primaries[3][3] = {
        {0.43607, 0.22249, 0.01392}, {0.38515, 0.71687, 0.09708}, {0.14307, 0.06061, 0.71410}};
    return rgb_profile("RGB with the primaries of IEC 61966-2-1", primaries, 0);
}

struct bytes icc_adobe_rgb(void)
{
    static const double primaries[3][3] = {
        {0.60974, 0.31111, 0.01947}, {0.20528, 0.62567, 0.06087}, {0.14919, 0.06322, 0.74457}};
    return rgb_profile("RGB with the primaries of Adobe RGB (1998)", primaries, 563);
}

struct bytes icc_display_p3(void)
{
    static const double primaries[3][3] = {
        {0.51512, 0.24120, -0.00105}, {0.29198, 0.69225, 0.04189}, {0.15710, 0.06657, 0.78407}};
    return rgb_profile("RGB with the primaries of Display P3", primaries, 0);
}

struct bytes icc_gray_linear(void)
{
    struct profile profile = {0};
    add_words(&profile, "Gray of linear light");
    add_gamma(&profile, "kTRC", 256);
    return finish(&profile, "GRAY", "mntr", "XYZ ");
}

/* L*, a* and b* of each overprint, black last and fastest: a press that is made up. */
static const double overprints[16][3] = {
    {95, 0, -2},   {16, 0, 0}, {89, -5, 93},   {15, 0, 3},   {48, 74, -3},  {12, 3, 0},
    {47, 68, 48},  {11, 2, 1}, {55, -37, -50}, {12, -2, -4}, {50, -66, 27}, {11, -3, 1},
    {24, 18, -46}, {8, 1, -2}, {23, 0, 0},     {6, 0, 0},
};

/* lut16Type (ICC.1:2001, 6.5.7): nothing but a grid of two points a side. */
struct bytes icc_cmyk(void)
{
    struct profile profile = {0};
    struct bytes *to = &profile.body;
    add_words(&profile, "Four inks of a press that is made up");
    begin_tag(&profile, "A2B0", "mft2");
    bytes_add32(to, 4u << 24 | 3u << 16 | 2u << 8);
    for (int i = 0; i < 9; i++)
        put_fixed(to, i % 4 == 0);
    bytes_add16(to, 2);
    bytes_add16(to, 2);
    for (int i = 0; i < 4; i++)
        bytes_add32(to, 0x0000ffff);
    for (int i = 0; i < 16; i++) {
        bytes_add16(to, (unsigned)lround(overprints[i][0] * 652.8));
        bytes_add16(to, (unsigned)lround((overprints[i][1] + 128) * 256));
        bytes_add16(to, (unsigned)lround((overprints[i][2] + 128) * 256));
    }
    for (int i = 0; i < 3; i++)
        bytes_add32(to, 0x0000ffff);
    end_tag(&profile);
    return finish(&profile, "CMYK", "prtr", "Lab ");
}

struct bytes icc_gray(void)
{
    struct profile profile = {0};
    add_words(&profile, "Gray with the curve of IEC 61966-2-1");
    add_curve(&profile, "kTRC");
    return finish(&profile, "GRAY", "mntr", "XYZ ");
}
