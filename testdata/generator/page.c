/*
 * Print: a page of type for hard edges and wide light areas, and the labelled motif.
 */
#include <math.h>
#include <stdio.h>

#include "glyphs.h"
#include "noise.h"
#include "scene.h"

static const struct colour black = {0.022, 0.021, 0.025};

/* A made-up word, NUL-terminated. */
static void word(char text[16], uint32_t number)
{
    static const char *const syllables[] = {"ba", "co", "den", "er", "fil", "ga", "ho",
                                            "in", "la", "mer", "no", "pix", "ra", "sel",
                                            "to", "un", "ver", "wa", "ly",  "zu"};
    unsigned count = 1 + hash_at(5, (int32_t)number, 0) % 3, used = 0;
    for (unsigned i = 0; i < count; i++) {
        const char *syllable = syllables[hash_at(6, (int32_t)number, (int32_t)i) % 20];
        while (*syllable && used < 15)
            text[used++] = *syllable++;
    }
    text[used] = 0;
    if (hash_at(7, (int32_t)number, 0) % 9 == 0)
        text[0] = (char)(text[0] - 'a' + 'A');
}

/* Fill a column with type: left, top, right, bottom. */
static void set_column(struct picture *page, const double box[4], double size, uint32_t seed)
{
    struct type type = {size, black};
    double x = box[0] + 2 * size, y = box[1];
    for (uint32_t i = 0; y + size < box[3]; i++) {
        char text[16];
        word(text, seed * 1000 + i);
        double wide = 0;
        for (const char *c = text; *c; c++)
            wide += size * 6 / 7;
        int paragraph_ends = hash_at(8, (int32_t)seed, (int32_t)i) % 41 == 0;
        if (x + wide > box[2] || paragraph_ends) {
            x = box[0] + (paragraph_ends ? 2 * size : 0);
            y += size * 1.75;
        }
        x = draw_text(page, x, y, text, &type) + size * 0.45;
    }
}

static void paste(struct picture *page, const struct picture *plate, unsigned x, unsigned y)
{
    for (unsigned row = 0; row < plate->height; row++)
        for (unsigned column = 0; column < plate->width; column++)
            for (int c = 0; c < 3; c++)
                picture_at(page, x + column, y + row)[c] = picture_at(plate, column, row)[c];
}

static void chart(struct picture *page, const double box[4])
{
    const struct colour inks[3] = {{0.55, 0.06, 0.05}, {0.05, 0.18, 0.50}, {0.85, 0.52, 0.06}};
    double wide = (box[2] - box[0]) / 16, tall = box[3] - box[1];
    for (int line = 0; line <= 5; line++) {
        double y = box[3] - tall * line / 5;
        draw_box(page, (double[4]){box[0], y - 0.7, box[2], y + 0.7},
                 (struct colour){0.5, 0.5, 0.5});
    }
    for (int bar = 0; bar < 15; bar++) {
        double high = tall * (0.2 + 0.7 * random_at(12, bar, 3));
        double left = box[0] + wide * (bar + 0.6);
        draw_box(page, (double[4]){left, box[3] - high, left + wide * 0.62, box[3]}, inks[bar % 3]);
    }
}

/* Paper under a lamp: light from the upper left, and fibres. */
static void paper(struct picture *page)
{
    for (unsigned y = 0; y < page->height; y++) {
        for (unsigned x = 0; x < page->width; x++) {
            double dx = (double)x / page->width - 0.3, dy = (double)y / page->height - 0.2;
            double fibre = fractal_at(31, x / 46.0, y / 46.0, 3);
            double light = 0.95 - 0.22 * (dx * dx + dy * dy) + 0.012 * fibre;
            picture_put(page, x, y, (struct colour){light, light * 0.965, light * 0.885});
        }
    }
}

struct picture printed_page(unsigned width, unsigned height, const struct picture *plate)
{
    struct picture page = picture_new(width, height);
    double w = width, h = height, size = w / 88;
    paper(&page);
    draw_text(&page, w * 0.08, h * 0.06, "The Pool Gazette", &(struct type){w * 0.055, black});
    draw_box(&page, (double[4]){w * 0.08, h * 0.12, w * 0.92, h * 0.12 + 3}, black);
    draw_text(&page, w * 0.08, h * 0.128, "Nr 17", &(struct type){size, black});
    unsigned left = width * 52 / 100, top = height * 16 / 100;
    struct picture small = picture_shrink(plate, width * 40 / 100, width * 40 / 100 * 2 / 3);
    paste(&page, &small, left, top);
    double below = top + small.height + size;
    draw_text(&page, left, below, "Above the lake in autumn", &(struct type){size * 0.8, black});
    picture_free(&small);
    set_column(&page, (double[4]){w * 0.08, h * 0.16, w * 0.48, h * 0.93}, size, 1);
    set_column(&page, (double[4]){w * 0.52, below + 3 * size, w * 0.92, h * 0.68}, size, 2);
    chart(&page, (double[4]){w * 0.53, h * 0.70, w * 0.91, h * 0.85});
    set_column(&page, (double[4]){w * 0.52, h * 0.87, w * 0.92, h * 0.93}, size * 0.7, 3);
    return page;
}

void stamp_motif(struct picture *ground)
{
    double w = ground->width, h = ground->height;
    struct colour paper_white = {0.9, 0.9, 0.85}, red = {0.7, 0.03, 0.02};
    draw_box(ground, (double[4]){w * 0.06, h * 0.08, w * 0.40, h * 0.60}, paper_white);
    draw_text(ground, w * 0.11, h * 0.14, "F", &(struct type){h * 0.40, red});
    draw_box(ground, (double[4]){w * 0.88, 0, w, h * 0.16}, (struct colour){0.02, 0.1, 0.6});
    draw_text(ground, w * 0.45, h * 0.82, "TOP UP", &(struct type){h * 0.11, paper_white});
}
