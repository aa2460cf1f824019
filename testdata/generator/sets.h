/*
 * sets.h - the folders of testdata/, one function each.
 */
#ifndef TESTDATA_SETS_H
#define TESTDATA_SETS_H

#include "bytes.h"
#include "picture.h"

/* What the small files show. */
struct stock {
    struct picture lake;  /* 900 x 600 */
    struct picture odd;   /* 97 x 61, a lake */
    struct picture small; /* 160 x 120, a forest */
    struct picture motif; /* 160 x 120, marked so that its orientation shows */
};

void write_photos(struct output *out, const struct stock *stock);
void write_jpegs(struct output *out, const struct stock *stock);
void write_profiles(struct output *out);
void write_pngs(struct output *out, const struct stock *stock);
/* Also hostile/EXPECTED.tsv: what becomes of each. */
void write_hostile(struct output *out, const struct stock *stock);

/* The list of expectations under way, and where its files go. */
struct hostile {
    struct output *out;
    struct bytes expected;
};
enum fate { REFUSED, CONVERTS };
/* Write hostile/name and note its fate; frees the bytes. */
void hostile_add(struct hostile *hostile, enum fate fate, const char *name, struct bytes bytes);
void write_hostile_jpegs(struct hostile *hostile, const struct stock *stock);
void write_hostile_pngs(struct hostile *hostile, const struct stock *stock);

#endif
