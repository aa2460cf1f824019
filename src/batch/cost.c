/*
 * A ridge regression by format. With the first guesses g of the three parts, a file's first
 * prediction is p = sum of g[i] * x[i], where x is (1, bytes, pixels). Learnt are factors s on the
 * guesses, so that everything is a share: of a file that took t nanoseconds,
 *
 *     sum of s[i] * z[i] = t / p,   z[i] = g[i] * x[i] / p,
 *
 * and the factors minimise the squared errors of that over all files plus RIDGE times their squared
 * distance from 1. The system is positive definite whatever was seen: it always has its solution,
 * and parts that were never told apart share what there is to explain.
 */
#include "batch/cost.h"

#include <string.h>

/* What is opened, named and waited for whatever the file holds; then ns a byte and ns a pixel. */
static const double first_guess[PP_COST_FORMATS][PP_COST_PARTS] = {
    [PP_FORMAT_KEEP] = {60e3, 15, 4},
    [PP_FORMAT_JPEG] = {60e3, 15, 2},
    [PP_FORMAT_PNG] = {60e3, 5, 15},
};
/* Pixels a byte where they are not known. */
static const double usual_pixels[PP_COST_FORMATS] = {
    [PP_FORMAT_KEEP] = 4, [PP_FORMAT_JPEG] = 6, [PP_FORMAT_PNG] = 1};

/* The first guesses count as much as a fraction of a file. */
#define RIDGE 0.1
/* A file counts half when so many more were seen. */
#define MEMORY_FILES 500
/* Predictions are trusted after so many files. */
#define LEARNT_FILES 4
/* No file is believed to be further off, or one that waited for a disk would spoil all others; nor
 * is any part. */
#define MOST_TIMES 1e4
#define LEAST_PART 1e-3

static void measure(const struct pp_cost_file *file, double x[PP_COST_PARTS])
{
    x[0] = 1;
    x[1] = (double)file->bytes;
    x[2] = file->pixels > 0 ? (double)file->pixels : x[1] * usual_pixels[file->format];
}

static void add(double sums[PP_COST_PARTS], const struct pp_cost_file *file)
{
    double x[PP_COST_PARTS];

    measure(file, x);
    for (int i = 0; i < PP_COST_PARTS; i++)
        sums[i] += x[i];
}

void pp_cost_found(struct pp_cost *cost, const struct pp_cost_file *file)
{
    add(cost->formats[file->format].found, file);
}

void pp_cost_done(struct pp_cost *cost, const struct pp_cost_file *file)
{
    add(cost->formats[file->format].done, file);
}

static void forget_half(struct pp_cost_format *f)
{
    for (int i = 0; i < PP_COST_PARTS; i++) {
        f->targets[i] /= 2;
        for (int j = 0; j < PP_COST_PARTS; j++)
            f->products[i][j] /= 2;
    }
    f->seen /= 2;
}

void pp_cost_learn(struct pp_cost *cost, const struct pp_cost_file *file, double ns)
{
    struct pp_cost_format *f = &cost->formats[file->format];
    double z[PP_COST_PARTS], predicted = 0, times;

    measure(file, z);
    for (int i = 0; i < PP_COST_PARTS; i++)
        predicted += z[i] *= first_guess[file->format][i];
    times = ns / predicted < MOST_TIMES ? ns / predicted : MOST_TIMES;
    for (int i = 0; i < PP_COST_PARTS; i++) {
        f->targets[i] += z[i] / predicted * times;
        for (int j = 0; j < PP_COST_PARTS; j++)
            f->products[i][j] += z[i] / predicted * (z[j] / predicted);
    }
    f->seen++;
    if (f->seen > 2 * MEMORY_FILES)
        forget_half(f);
}

/* The factors, by Gaussian elimination; a positive definite system needs no pivoting. */
static void solve(const struct pp_cost_format *f, double s[PP_COST_PARTS])
{
    double a[PP_COST_PARTS][PP_COST_PARTS];

    memcpy(a, f->products, sizeof a);
    for (int i = 0; i < PP_COST_PARTS; i++) {
        a[i][i] += RIDGE;
        s[i] = f->targets[i] + RIDGE;
    }
    for (int k = 0; k < PP_COST_PARTS; k++)
        for (int i = k + 1; i < PP_COST_PARTS; i++) {
            double share = a[i][k] / a[k][k];
            for (int j = k; j < PP_COST_PARTS; j++)
                a[i][j] -= share * a[k][j];
            s[i] -= share * s[k];
        }
    for (int i = PP_COST_PARTS - 1; i >= 0; i--) {
        for (int j = i + 1; j < PP_COST_PARTS; j++)
            s[i] -= a[i][j] * s[j];
        s[i] /= a[i][i];
    }
}

static double price(const struct pp_cost *cost, unsigned format, const double x[PP_COST_PARTS])
{
    double s[PP_COST_PARTS], sum = 0;

    solve(&cost->formats[format], s);
    for (int i = 0; i < PP_COST_PARTS; i++)
        sum += x[i] * first_guess[format][i] * (s[i] > LEAST_PART ? s[i] : LEAST_PART);
    return sum;
}

double pp_cost_predict(const struct pp_cost *cost, const struct pp_cost_file *file)
{
    double x[PP_COST_PARTS];

    measure(file, x);
    return price(cost, file->format, x);
}

bool pp_cost_is_learnt(const struct pp_cost *cost, enum pp_format format)
{
    return cost->formats[format].seen >= LEARNT_FILES;
}

double pp_cost_total(const struct pp_cost *cost)
{
    double sum = 0;

    for (unsigned i = 0; i < PP_COST_FORMATS; i++)
        sum += price(cost, i, cost->formats[i].found);
    return sum;
}

double pp_cost_finished(const struct pp_cost *cost)
{
    double sum = 0;

    for (unsigned i = 0; i < PP_COST_FORMATS; i++)
        sum += price(cost, i, cost->formats[i].done);
    return sum;
}
