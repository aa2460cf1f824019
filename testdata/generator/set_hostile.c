/*
 * hostile/: what is broken, absurd or not what its name says. This file: lists and disguises.
 */
#include <stdio.h>

#include "jpeg_file.h"
#include "noise.h"
#include "png_file.h"
#include "sets.h"

void hostile_add(struct hostile *hostile, enum fate fate, const char *name, struct bytes bytes)
{
    char path[128];
    snprintf(path, sizeof path, "hostile/%s", name);
    output_take(hostile->out, path, bytes);
    bytes_add_text(&hostile->expected, name);
    bytes_add_text(&hostile->expected, fate == CONVERTS ? "\tconverts\n" : "\trefused\n");
}

static struct bytes text(const char *words)
{
    struct bytes bytes = {0};
    bytes_add_text(&bytes, words);
    return bytes;
}

static struct bytes zeros(size_t count)
{
    struct bytes bytes = {0};
    bytes_zeros(&bytes, count);
    return bytes;
}

static struct bytes noise(size_t count)
{
    struct bytes bytes = {0};
    for (size_t i = 0; i < count; i++)
        bytes_add8(&bytes, hash_at(77, (int32_t)i, 0) >> 24);
    return bytes;
}

/* A complete GIF89a of one pixel. */
static struct bytes gif(void)
{
    static const uint8_t one[] = {'G', 'I', 'F', '8', '9', 'a', 1,   0,    1, 0, 0x80, 0,
                                  0,   0,   0,   0,   255, 255, 255, ',',  0, 0, 0,    0,
                                  1,   0,   1,   0,   0,   2,   2,   0x44, 1, 0, ';'};
    struct bytes bytes = {0};
    bytes_add(&bytes, one, sizeof one);
    return bytes;
}

static void write_disguises(struct hostile *to, const struct stock *stock)
{
    static const char prose[] = "This is a letter, not a picture. It only bears the wrong name.\n";
    hostile_add(to, REFUSED, "empty.jpg", zeros(0));
    hostile_add(to, REFUSED, "empty.png", zeros(0));
    hostile_add(to, REFUSED, "one-byte.jpg", text("\xff"));
    hostile_add(to, REFUSED, "text.png", text(prose));
    hostile_add(to, REFUSED, "text.jpg", text(prose));
    hostile_add(to, REFUSED, "zeros.jpg", zeros(4096));
    hostile_add(to, REFUSED, "zeros.png", zeros(4096));
    hostile_add(to, REFUSED, "random.jpg", noise(4096));
    hostile_add(to, REFUSED, "random.png", noise(4095));
    hostile_add(to, REFUSED, "gif.jpg", gif());
    struct png_options options = {.colour_type = PNG_COLOR_TYPE_RGB, .depth = 8};
    hostile_add(to, CONVERTS, "jpeg-named.png",
                jpeg_encode(&stock->odd, &(struct jpeg_options){.h = 2, .v = 2}));
    hostile_add(to, CONVERTS, "png-named.jpg", png_encode(&stock->odd, &options));
}

void write_hostile(struct output *out, const struct stock *stock)
{
    struct hostile hostile = {out, {0}};
    output_folder(out, "hostile");
    write_disguises(&hostile, stock);
    write_hostile_jpegs(&hostile, stock);
    write_hostile_pngs(&hostile, stock);
    output_take(out, "hostile/EXPECTED.tsv", hostile.expected);
}
