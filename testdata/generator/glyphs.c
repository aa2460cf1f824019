#include "glyphs.h"

#include <math.h>

#include "noise.h"

/* Seven rows from the top, the highest of five bits on the left. */
static const uint8_t capitals[26][7] = {
    {14, 17, 17, 31, 17, 17, 17}, {30, 17, 17, 30, 17, 17, 30}, {14, 17, 16, 16, 16, 17, 14},
    {30, 17, 17, 17, 17, 17, 30}, {31, 16, 16, 30, 16, 16, 31}, {31, 16, 16, 30, 16, 16, 16},
    {14, 17, 16, 23, 17, 17, 15}, {17, 17, 17, 31, 17, 17, 17}, {14, 4, 4, 4, 4, 4, 14},
    {7, 2, 2, 2, 2, 18, 12},      {17, 18, 20, 24, 20, 18, 17}, {16, 16, 16, 16, 16, 16, 31},
    {17, 27, 21, 21, 17, 17, 17}, {17, 25, 21, 19, 17, 17, 17}, {14, 17, 17, 17, 17, 17, 14},
    {30, 17, 17, 30, 16, 16, 16}, {14, 17, 17, 17, 21, 18, 13}, {30, 17, 17, 30, 20, 18, 17},
    {15, 16, 16, 14, 1, 1, 30},   {31, 4, 4, 4, 4, 4, 4},       {17, 17, 17, 17, 17, 17, 14},
    {17, 17, 17, 17, 17, 10, 4},  {17, 17, 17, 21, 21, 27, 17}, {17, 17, 10, 4, 10, 17, 17},
    {17, 17, 10, 4, 4, 4, 4},     {31, 1, 2, 4, 8, 16, 31},
};

static const uint8_t smalls[26][7] = {
    {0, 0, 14, 1, 15, 17, 15},  {16, 16, 30, 17, 17, 17, 30}, {0, 0, 15, 16, 16, 16, 15},
    {1, 1, 15, 17, 17, 17, 15}, {0, 0, 14, 17, 31, 16, 14},   {6, 8, 28, 8, 8, 8, 8},
    {0, 0, 15, 17, 15, 1, 14},  {16, 16, 30, 17, 17, 17, 17}, {4, 0, 12, 4, 4, 4, 14},
    {2, 0, 6, 2, 2, 18, 12},    {16, 16, 18, 20, 24, 20, 18}, {12, 4, 4, 4, 4, 4, 14},
    {0, 0, 26, 21, 21, 21, 21}, {0, 0, 30, 17, 17, 17, 17},   {0, 0, 14, 17, 17, 17, 14},
    {0, 0, 30, 17, 30, 16, 16}, {0, 0, 15, 17, 15, 1, 1},     {0, 0, 22, 25, 16, 16, 16},
    {0, 0, 15, 16, 14, 1, 30},  {8, 8, 28, 8, 8, 9, 6},       {0, 0, 17, 17, 17, 19, 13},
    {0, 0, 17, 17, 17, 10, 4},  {0, 0, 17, 17, 21, 21, 10},   {0, 0, 17, 10, 4, 10, 17},
    {0, 0, 17, 17, 15, 1, 14},  {0, 0, 31, 2, 4, 8, 31},
};

static const uint8_t digits[10][7] = {
    {14, 17, 19, 21, 25, 17, 14}, {4, 12, 4, 4, 4, 4, 14},  {14, 17, 1, 6, 8, 16, 31},
    {31, 2, 4, 2, 1, 17, 14},     {2, 6, 10, 18, 31, 2, 2}, {31, 16, 30, 1, 1, 17, 14},
    {6, 8, 16, 30, 17, 17, 14},   {31, 1, 2, 4, 8, 8, 8},   {14, 17, 17, 14, 17, 17, 14},
    {14, 17, 17, 15, 1, 2, 12},
};

static const uint8_t *rows_of(char letter)
{
    if (letter >= 'A' && letter <= 'Z')
        return capitals[letter - 'A'];
    if (letter >= 'a' && letter <= 'z')
        return smalls[letter - 'a'];
    if (letter >= '0' && letter <= '9')
        return digits[letter - '0'];
    return 0;
}

static double dot(const uint8_t *rows, int x, int y)
{
    return x >= 0 && x < 5 && y >= 0 && y < 7 && (rows[y] >> (4 - x) & 1) ? 1 : 0;
}

/* Coverage at (u, v) in dots: the dots blended, then sharpened to an edge one pixel wide. */
static double ink_at(const uint8_t *rows, double u, double v, double dots_per_pixel)
{
    double x = floor(u - 0.5), y = floor(v - 0.5);
    int i = (int)x, j = (int)y;
    double fx = u - 0.5 - x, fy = v - 0.5 - y;
    double top = mix(dot(rows, i, j), dot(rows, i + 1, j), fx);
    double bottom = mix(dot(rows, i, j + 1), dot(rows, i + 1, j + 1), fx);
    double edge = clamp_to(dots_per_pixel * 0.6, 0.05, 0.45);
    return smooth_step(0.46 - edge, 0.46 + edge, mix(top, bottom, fy));
}

static void blend(struct picture *picture, int x, int y, struct colour ink, double cover)
{
    if (cover <= 0 || x < 0 || y < 0 || x >= (int)picture->width || y >= (int)picture->height)
        return;
    struct picture one = {1, 1, (uint16_t[3]){0}};
    picture_put(&one, 0, 0, ink);
    uint16_t *at = picture_at(picture, (unsigned)x, (unsigned)y);
    for (int c = 0; c < 3; c++)
        at[c] = (uint16_t)(mix(at[c], one.rgb[c], cover) + 0.5);
}

double draw_text(struct picture *picture, double x, double y, const char *text,
                 const struct type *type)
{
    double scale = 7 / type->size; /* dots per pixel */
    for (; *text; text++, x += 6 / scale) {
        const uint8_t *rows = rows_of(*text);
        if (!rows)
            continue;
        for (int py = (int)floor(y) - 1; py <= y + type->size; py++)
            for (int px = (int)floor(x) - 1; px <= x + 5 / scale; px++)
                blend(picture, px, py, type->ink,
                      ink_at(rows, (px + 0.5 - x) * scale, (py + 0.5 - y) * scale, scale));
    }
    return x;
}

void draw_box(struct picture *picture, const double box[4], struct colour ink)
{
    for (int y = (int)floor(box[1]); y < box[3]; y++) {
        for (int x = (int)floor(box[0]); x < box[2]; x++) {
            double wide = fmin(x + 1, box[2]) - fmax(x, box[0]);
            double tall = fmin(y + 1, box[3]) - fmax(y, box[1]);
            blend(picture, x, y, ink, clamp_to(wide, 0, 1) * clamp_to(tall, 0, 1));
        }
    }
}
