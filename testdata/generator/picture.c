#include "picture.h"

#include <math.h>
#include <stdlib.h>

#include "bytes.h"
#include "noise.h"

struct picture picture_new(unsigned width, unsigned height)
{
    struct picture picture = {width, height, NULL};
    picture.rgb = checked_alloc((size_t)width * height * 3 * sizeof(uint16_t));
    return picture;
}

void picture_free(struct picture *picture)
{
    free(picture->rgb);
    picture->rgb = NULL;
}

uint16_t *picture_at(const struct picture *picture, unsigned x, unsigned y)
{
    return picture->rgb + ((size_t)y * picture->width + x) * 3;
}

static uint16_t encode(double linear)
{
    /* A soft shoulder above 0.6, so that highlights roll off as film does. */
    if (linear > 0.6)
        linear = 0.6 + 0.4 * (1 - exp((0.6 - linear) / 0.4));
    double v = clamp_to(linear, 0, 1);
    v = v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055;
    return (uint16_t)(v * 65535 + 0.5);
}

void picture_put(struct picture *picture, unsigned x, unsigned y, struct colour colour)
{
    uint16_t *to = picture_at(picture, x, y);
    to[0] = encode(colour.r);
    to[1] = encode(colour.g);
    to[2] = encode(colour.b);
}

static void mean_of(const struct picture *from, const unsigned box[4], uint16_t *to)
{
    uint64_t sum[3] = {0, 0, 0};
    for (unsigned y = box[1]; y < box[3]; y++) {
        for (unsigned x = box[0]; x < box[2]; x++) {
            const uint16_t *pixel = picture_at(from, x, y);
            for (int c = 0; c < 3; c++)
                sum[c] += pixel[c];
        }
    }
    uint64_t count = (uint64_t)(box[2] - box[0]) * (box[3] - box[1]);
    for (int c = 0; c < 3; c++)
        to[c] = (uint16_t)((sum[c] + count / 2) / count);
}

struct picture picture_shrink(const struct picture *from, unsigned width, unsigned height)
{
    struct picture to = picture_new(width, height);
    for (unsigned y = 0; y < height; y++) {
        for (unsigned x = 0; x < width; x++) {
            unsigned box[4] = {x * from->width / width, y * from->height / height,
                               (x + 1) * from->width / width, (y + 1) * from->height / height};
            box[2] = box[2] > box[0] ? box[2] : box[0] + 1;
            box[3] = box[3] > box[1] ? box[3] : box[1] + 1;
            mean_of(from, box, picture_at(&to, x, y));
        }
    }
    return to;
}

struct picture picture_crop(const struct picture *from, unsigned x, unsigned y,
                            const unsigned size[2])
{
    struct picture to = picture_new(size[0], size[1]);
    for (unsigned row = 0; row < size[1]; row++)
        copy_bytes(picture_at(&to, 0, row), picture_at(from, x, y + row),
                   (size_t)size[0] * 3 * sizeof(uint16_t));
    return to;
}

struct picture picture_stored_for(const struct picture *from, int orientation)
{
    /* Exif 2.32, 4.6.4 A: which corner of the scene row 0 and column 0 of the file stand for. */
    int sideways = orientation >= 5;
    struct picture to =
        sideways ? picture_new(from->height, from->width) : picture_new(from->width, from->height);
    int mirror_x = orientation == 2 || orientation == 3;
    int mirror_y = orientation == 3 || orientation == 4;
    if (sideways) { /* the file's rows are the scene's columns: 6 begins at the right, 8 left */
        mirror_x = orientation == 6 || orientation == 7;
        mirror_y = orientation == 7 || orientation == 8;
    }
    for (unsigned y = 0; y < from->height; y++) {
        for (unsigned x = 0; x < from->width; x++) {
            unsigned u = mirror_x ? from->width - 1 - x : x;
            unsigned v = mirror_y ? from->height - 1 - y : y;
            const uint16_t *pixel = picture_at(from, x, y);
            uint16_t *place = sideways ? picture_at(&to, v, u) : picture_at(&to, u, v);
            for (int c = 0; c < 3; c++)
                place[c] = pixel[c];
        }
    }
    return to;
}

uint8_t sample8(uint16_t sample)
{
    return (uint8_t)((sample + 128U) / 257U);
}

struct colour colour_mix(struct colour a, struct colour b, double t)
{
    return (struct colour){mix(a.r, b.r, t), mix(a.g, b.g, t), mix(a.b, b.b, t)};
}

struct colour colour_scale(struct colour a, double by)
{
    return (struct colour){a.r * by, a.g * by, a.b * by};
}

struct colour colour_add(struct colour a, struct colour b)
{
    return (struct colour){a.r + b.r, a.g + b.g, a.b + b.b};
}

struct colour colour_times(struct colour a, struct colour b)
{
    return (struct colour){a.r * b.r, a.g * b.g, a.b * b.b};
}
