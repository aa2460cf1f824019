/*
 * Every sample's random number is made from the seed, its row, its column and its channel alone, so
 * that neither bands nor threads matter, and nothing has to be remembered.
 */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "filter/exact_math.h"
#include "filter/filter.h"
#include "filter/registry.h"
#include "filter/samples.h"

enum { AMOUNT, KIND, CHANNELS, SEED };
enum { GAUSSIAN, UNIFORM };
enum { EACH, TOGETHER };

static const char *const kinds[] = {"gaussian", "uniform", NULL};
static const char *const words[] = {"each", "together", NULL};

static const struct pp_param params[] = {
    [AMOUNT] = {.name = "amount",
                .type = PP_PARAM_NUMBER,
                .summary = "of 255: the standard deviation, or when uniform the most that is added "
                           "or taken away",
                .min = 0,
                .max = 255,
                .fallback = 10,
                .default_text = "10"},
    [KIND] = {.name = "kind",
              .type = PP_PARAM_CHOICE,
              .summary = "how the random numbers are distributed",
              .choices = kinds,
              .default_text = "gaussian"},
    [CHANNELS] = {.name = "channels",
                  .type = PP_PARAM_CHOICE,
                  .summary = "noise of its own for each colour, or the same for all",
                  .choices = words,
                  .default_text = "each"},
    [SEED] = {.name = "seed",
              .type = PP_PARAM_INTEGER,
              .summary = "another seed gives other noise, the same one the same noise",
              .min = 0,
              .max = 4294967295.0,
              .fallback = 0,
              .default_text = "0"},
    {.name = NULL},
};

/* What is added for a random number that is so many STEPS of all there are; between them it is
 * interpolated. */
#define STEP_BITS 11
#define STEPS     (1 << STEP_BITS)

struct noise {
    struct pp_geometry geometry;
    double amount;
    bool together;
    uint32_t seed;
    float *added; /* STEPS + 1; owned */
};

/* ---- distributions ------------------------------------------------------------------------- */

#define ROOT_2_PI 2.5066282746310005
/* Beyond the last but one step, 3.3 standard deviations out, numbers are spread up to here. */
#define FARTHEST 4.0

/* The density of the normal distribution, and the share of it between 0 and z: the series z + z^3/3
 * + z^5/(3 5) + ... times the density (G. Marsaglia, "Evaluating the normal distribution", Journal
 * of Statistical Software 11(4), 2004). */
static double density(double z)
{
    return pp_exp(-0.5 * z * z) / ROOT_2_PI;
}

static double share(double z)
{
    double sum = z, term = z;

    for (int i = 3; term > 1e-12; i += 2) {
        term *= z * z / i;
        sum += term;
    }
    return sum * density(z);
}

/* Quantiles, each by Newton's method from the one before. */
static void fill_gaussian(float *added, double deviation)
{
    double z = 0;

    for (int i = 0; i < STEPS / 2; i++) {
        for (int round = 0; round < 3 && i > 0; round++)
            z -= (share(z) - (double)i / STEPS) / density(z);
        added[STEPS / 2 + i] = (float)(z * deviation);
        added[STEPS / 2 - i] = (float)(-z * deviation);
    }
    added[STEPS] = (float)(FARTHEST * deviation);
    added[0] = (float)(-FARTHEST * deviation);
}

static void fill_uniform(float *added, double most)
{
    for (int i = 0; i <= STEPS; i++)
        added[i] = (float)(most * (2.0 * i / STEPS - 1));
}

static enum pp_status prepare(void *state, const struct pp_value *args,
                              const struct pp_geometry *in, struct pp_geometry *out,
                              struct pp_error *err)
{
    struct noise *noise = state;
    void *added = NULL;
    enum pp_status status = pp_memory_new(&added, STEPS + 1, sizeof(float), "noise", err);

    (void)out;
    noise->geometry = *in;
    noise->amount = args[AMOUNT].number * (in->depth == 8 ? 1 : 257);
    noise->together = args[CHANNELS].choice == TOGETHER;
    noise->seed = (uint32_t)args[SEED].number;
    noise->added = added;
    if (status != PP_OK)
        return status;
    if (args[KIND].choice == UNIFORM)
        fill_uniform(noise->added, noise->amount);
    else
        fill_gaussian(noise->added, noise->amount);
    return PP_OK;
}

static void release(void *state)
{
    struct noise *noise = state;

    free(noise->added);
    noise->added = NULL;
}

static bool is_identity(const void *state)
{
    return ((const struct noise *)state)->amount == 0;
}

/* ---- random numbers ------------------------------------------------------------------------ */

/* The finalizer of A. Appleby's MurmurHash3 for 32 bits: every bit of the result depends on every
 * bit of `h`, and no two of them have the same. */
PP_INLINE uint32_t mixed(uint32_t h)
{
    h = (h ^ h >> 16) * 0x85ebca6bu;
    h = (h ^ h >> 13) * 0xc2b2ae35u;
    return h ^ h >> 16;
}

/* Two keys for a row, from the seed and the row's number. */
static void make_keys(const struct noise *noise, uint32_t y, uint32_t keys[2])
{
    keys[0] = mixed(mixed(noise->seed + 0x9e3779b9u) ^ y);
    keys[1] = mixed(keys[0] + noise->seed);
}

/* Each pixel has four numbers to itself, so that a channel's do not depend on the others. */
PP_INLINE void add_noise(const struct noise *noise, const uint32_t keys[2],
                         const uint8_t *restrict in, uint8_t *restrict out, unsigned layout)
{
    const unsigned channels = layout / 100, depth = layout % 100, colors = channels <= 2 ? 1 : 3;
    const float *restrict added = noise->added;
    const float max = (float)pp_sample_max(depth), part = 1.0f / (1 << (32 - STEP_BITS));
    const uint32_t apart = noise->together ? 0 : 1, a = keys[0], b = keys[1];

    for (uint32_t x = 0; x < noise->geometry.width; x++)
        for (unsigned c = 0; c < colors; c++) {
            uint32_t random = mixed(mixed((4 * x + c * apart) ^ a) + b);
            uint32_t step = random >> (32 - STEP_BITS);
            float rest = (float)(int32_t)(random << STEP_BITS >> STEP_BITS) * part;
            float v = (float)(int32_t)pp_sample(in, (size_t)x * channels + c, depth);

            v += added[step] + (added[step + 1] - added[step]) * rest;
            v = v < 0 ? 0 : v;
            v = v > max ? max : v;
            pp_sample_set(out, (size_t)x * channels + c, depth, (uint32_t)(int32_t)(v + 0.5f));
        }
    for (size_t i = colors; colors < channels && i < noise->geometry.width * (size_t)channels;
         i += channels)
        pp_sample_set(out, i, depth, pp_sample(in, i, depth));
}

PP_HOT static void noise_row(const struct noise *noise, const uint32_t keys[2], const uint8_t *in,
                             uint8_t *out)
{
    const bool eight = noise->geometry.depth == 8;

    switch (noise->geometry.channels) {
    case 1:
        eight ? add_noise(noise, keys, in, out, 108) : add_noise(noise, keys, in, out, 116);
        break;
    case 2:
        eight ? add_noise(noise, keys, in, out, 208) : add_noise(noise, keys, in, out, 216);
        break;
    case 3:
        eight ? add_noise(noise, keys, in, out, 308) : add_noise(noise, keys, in, out, 316);
        break;
    default:
        eight ? add_noise(noise, keys, in, out, 408) : add_noise(noise, keys, in, out, 416);
        break;
    }
}

static void render(const void *state, const struct pp_band *in, const struct pp_band *out,
                   void *scratch)
{
    (void)scratch;
    for (uint32_t y = out->first; y < out->first + out->count; y++) {
        uint32_t keys[2];
        make_keys(state, y, keys);
        noise_row(state, keys, pp_band_row(in, y), pp_band_row(out, y));
    }
}

const struct pp_filter pp_filter_noise = {
    .name = "noise",
    .summary = "add noise, the same for the same seed; alpha stays",
    .source = "Added to encoded values: a normal distribution, its quantiles at 2,049 points "
              "joined by straight lines and cut off at 4 standard deviations, or a uniform one. "
              "Random numbers by MurmurHash3's finalizer from seed, row, column and channel.",
    .params = params,
    .state_size = sizeof(struct noise),
    .prepare = prepare,
    .release = release,
    .is_identity = is_identity,
    .render = render,
};
