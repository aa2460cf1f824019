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
static struct bytes finish(struct profile *profile, const char *space)
{
    struct bytes to = {0};
    uint32_t table = 128 + 4 + 12 * profile->count;
    bytes_add32(&to, table + (uint32_t)profile->body.size);
    bytes_zeros(&to, 4);
    bytes_add32(&to, 0x02400000);
    bytes_add_text(&to, "mntr");
    bytes_add_text(&to, space);
    bytes_add_text(&to, "XYZ ");
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

struct bytes icc_rgb(void)
{
    struct profile profile = {0};
    add_words(&profile, "RGB with the primaries of IEC 61966-2-1");
    /* Those primaries adapted to D50 by Bradford's transform (ICC.1:2001, annex E). */
    add_xyz(&profile, "rXYZ", (const double[3]){0.43607, 0.22249, 0.01392});
    add_xyz(&profile, "gXYZ", (const double[3]){0.38515, 0.71687, 0.09708});
    add_xyz(&profile, "bXYZ", (const double[3]){0.14307, 0.06061, 0.71410});
    add_curve(&profile, "rTRC");
    share_tag(&profile, "gTRC");
    share_tag(&profile, "bTRC");
    return finish(&profile, "RGB ");
}

struct bytes icc_gray(void)
{
    struct profile profile = {0};
    add_words(&profile, "Gray with the curve of IEC 61966-2-1");
    add_curve(&profile, "kTRC");
    return finish(&profile, "GRAY");
}
