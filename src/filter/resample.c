#include "filter/resample.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/hot.h"
#include "base/memory.h"
#include "filter/exact_math.h"

/* Each makes weights of `count` distances, none below 0, beyond its support as well. */

static void triangle(double *x, int count)
{
    for (int k = 0; k < count; k++)
        x[k] = x[k] < 1 ? 1 - x[k] : 0;
}

/* R. Keys, "Cubic convolution interpolation for digital image processing", IEEE Transactions on
 * Acoustics, Speech and Signal Processing 29(6), 1981, with his a = -1/2. */
static double cubic_at(double x)
{
    const double a = -0.5;

    if (x < 1)
        return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

static void cubic(double *x, int count)
{
    for (int k = 0; k < count; k++)
        x[k] = cubic_at(x[k]);
}

/* sinc(x) sinc(x / 3): C. Duchon, "Lanczos filtering in one and two dimensions", Journal of Applied
 * Meteorology 18(8), 1979. One sine s will do, as sin(3 a) = 3 sin(a) - 4 sin(a)^3. Both choices
 * are made of what was computed anyway, so that several distances can be dealt with at once. */
PP_HOT static void lanczos3(double *x, int count)
{
    for (int k = 0; k < count; k++) {
        const double third = x[k] / 3, s = pp_sin_pi_half(third > 0.5 ? 1 - third : third);
        const double squared = s * s;
        const double value = 3 * squared * (3 - 4 * squared) / (PP_PI * PP_PI * x[k] * x[k]);
        const double within = x[k] < 3 ? value : 0;
        x[k] = x[k] == 0 ? 1 : within;
    }
}

struct kernel {
    void (*weigh)(double *x, int count);
    double support; /* the x beyond which it is 0 */
};

static const struct kernel kernels[] = {
    [PP_KERNEL_BILINEAR] = {triangle, 1},
    [PP_KERNEL_BICUBIC] = {cubic, 2},
    [PP_KERNEL_LANCZOS3] = {lanczos3, 3},
};

static enum pp_status allocate(struct pp_resample *resample, uint32_t out, uint32_t taps,
                               struct pp_error *err)
{
    void *first = NULL, *count = NULL, *weights = NULL;
    enum pp_status status = pp_memory_new(&first, out, sizeof(uint32_t), "resize weights", err);

    if (status == PP_OK)
        status = pp_memory_new(&count, out, sizeof(uint32_t), "resize weights", err);
    if (status == PP_OK)
        status = pp_memory_new(&weights, out, taps * sizeof(double), "resize weights", err);
    resample->first = first;
    resample->count = count;
    resample->weights = weights;
    resample->taps = taps;
    return status;
}

/* One tap: the sample in which the output's centre falls. */
static void pick(struct pp_resample *resample, const struct pp_axis *axis)
{
    for (uint32_t i = 0; i < axis->out; i++) {
        /* multiplied first: a centre between two samples is then one exactly */
        double center = floor(axis->from + (i + 0.5) * axis->length / axis->out);
        resample->first[i] = center < axis->in ? (uint32_t)center : axis->in - 1;
        resample->count[i] = 1;
        resample->weights[i] = 1;
    }
}

/* Let the line of `count` weights at `weights` work on crisper samples: each passes a part of its
 * weight on to its neighbours, those at the picture's edges to themselves. */
static void crispen(double *weights, uint32_t count, double amount)
{
    double before = weights[0];

    for (uint32_t k = 0; k < count; k++) {
        double now = weights[k], after = k + 1 < count ? weights[k + 1] : now;
        weights[k] = now + amount * ((now - before) + (now - after));
        before = now;
    }
}

/* Of `count` samples from number `first` on, in units of the widened kernel. */
PP_HOT static void measure(double *x, int count, double first, double center, double widened)
{
    for (int k = 0; k < count; k++)
        x[k] = fabs((first + k + 0.5 - center) / widened);
}

static void weigh(struct pp_resample *resample, const struct pp_axis *axis,
                  const struct kernel *kernel)
{
    double scale = axis->length / axis->out, widened = scale > 1 ? scale : 1;
    double reach = kernel->support * widened, more = axis->crispen > 0 ? 1 : 0;

    for (uint32_t i = 0; i < axis->out; i++) {
        double *weights = resample->weights + (size_t)i * resample->taps;
        double center = axis->from + (i + 0.5) * scale, sum = 0;
        double low = floor(center - reach + 0.5) - more, high = floor(center + reach + 0.5) + more;
        uint32_t first = low <= 0 ? 0 : low < axis->in ? (uint32_t)low : axis->in - 1;
        uint32_t last = high < axis->in ? (uint32_t)high : axis->in;

        measure(weights, (int)(last - first), first, center, widened);
        kernel->weigh(weights, (int)(last - first));
        for (uint32_t k = 0; k < last - first; k++)
            sum += weights[k];
        for (uint32_t k = 0; k < last - first; k++)
            weights[k] /= sum;
        if (axis->crispen > 0)
            crispen(weights, last - first, axis->crispen);
        resample->first[i] = first;
        resample->count[i] = last - first;
    }
}

enum pp_status pp_resample_init(struct pp_resample *resample, const struct pp_axis *axis,
                                enum pp_kernel kernel, struct pp_error *err)
{
    double scale = axis->length / axis->out, taps = 1;
    /* every output's centre on an input's: each kernel is then 1 there and 0 at all others */
    bool exact = scale == 1 && axis->from == floor(axis->from) && axis->crispen == 0;
    enum pp_status status;

    if (kernel == PP_KERNEL_NEAREST)
        exact = true;
    if (!exact)
        taps = ceil(2 * kernels[kernel].support * (scale > 1 ? scale : 1)) + 4;
    status = allocate(resample, axis->out, taps < axis->in ? (uint32_t)taps : axis->in, err);
    if (status == PP_OK && exact)
        pick(resample, axis);
    else if (status == PP_OK)
        weigh(resample, axis, &kernels[kernel]);
    return status;
}

void pp_resample_release(struct pp_resample *resample)
{
    free(resample->first);
    free(resample->count);
    free(resample->weights);
    *resample = (struct pp_resample){0};
}
