/*
 * make_testdata OUTDIR - write the pictures of testdata/, the same bytes every time.
 */
#include <stdio.h>
#include <string.h>

#include "scene.h"
#include "sets.h"

static struct stock stock_new(void)
{
    struct stock stock;
    stock.lake = photograph(scene_named("lake"), 900, 600);
    stock.odd = picture_shrink(&stock.lake, 97, 61);
    struct picture forest = photograph(scene_named("forest"), 640, 480);
    stock.small = picture_shrink(&forest, 160, 120);
    stock.motif = picture_shrink(&stock.lake, 160, 120);
    stamp_motif(&stock.motif);
    picture_free(&forest);
    return stock;
}

static void stock_free(struct stock *stock)
{
    picture_free(&stock->lake);
    picture_free(&stock->odd);
    picture_free(&stock->small);
    picture_free(&stock->motif);
}

int main(int argc, char **argv)
{
    if (argc != 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: make_testdata OUTDIR\n");
        return 2;
    }
    struct output out = {argv[1], 0, 0};
    struct stock stock = stock_new();
    output_folder(&out, "");
    write_jpegs(&out, &stock);
    write_pngs(&out, &stock);
    write_profiles(&out);
    write_hostile(&out, &stock);
    write_photos(&out, &stock);
    stock_free(&stock);
    printf("%u files, %llu bytes\n", out.files, (unsigned long long)out.total);
    return 0;
}
