#include "codec/jpeg_frame_words.h"

#include <stdio.h>

static bool has_chroma(const struct pp_jpeg_sampling *sampling)
{
    return sampling->count >= 3;
}

const char *pp_jpeg_colour(const struct pp_jpeg_sampling *sampling, bool jfif, int transform)
{
    const uint8_t *ids = sampling->ids;

    if (sampling->count == 1)
        return "gray";
    if (sampling->count == 4)
        return transform == 2 ? "YCCK" : "CMYK";
    if (sampling->count != 3)
        return "unknown";
    if (!jfif && transform == 0)
        return "RGB";
    if (!jfif && transform < 0 && ids[0] == 'R' && ids[1] == 'G' && ids[2] == 'B')
        return "RGB";
    return "YCbCr";
}

/* The name there is for chroma that is `across` times `down` coarser than luma. */
static const char *name_of(unsigned across, unsigned down)
{
    static const struct {
        unsigned across, down;
        const char *name;
    } names[] = {
        {1, 1, "4:4:4"}, {2, 1, "4:2:2"}, {2, 2, "4:2:0"}, {1, 2, "4:4:0"},
        {4, 1, "4:1:1"}, {4, 2, "4:1:0"}, {1, 4, "4:4:1"},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].across == across && names[i].down == down)
            return names[i].name;
    return NULL;
}

void pp_jpeg_subsampling(const struct pp_jpeg_sampling *sampling, char *to, size_t size)
{
    const uint8_t *h = sampling->h, *v = sampling->v;
    const char *name = NULL;
    size_t used = 0;

    *to = '\0';
    if (!has_chroma(sampling))
        return;
    if (h[1] && v[1] && h[1] == h[2] && v[1] == v[2] && h[0] % h[1] == 0 && v[0] % v[1] == 0)
        name = name_of(h[0] / h[1], v[0] / v[1]);
    if (sampling->count == 4 && (h[3] != h[0] || v[3] != v[0]))
        name = NULL;
    if (name) {
        snprintf(to, size, "%s", name);
        return;
    }
    for (unsigned i = 0; i < sampling->count && used < size; i++)
        used += (size_t)snprintf(to + used, size - used, "%s%ux%u", i ? "," : "", h[i], v[i]);
}
