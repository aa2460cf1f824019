/*
 * filter/resample.h - which input samples an output sample is made of, along one direction.
 *
 * Kernels are scaled with the picture when it is reduced, so that all of the input has its share
 * (antialiasing), and cut at the picture's edges with the remaining weights scaled to a sum of 1;
 * all of this as Pillow does it. Preparing belongs to one thread; the result is only read.
 */
#ifndef PP_FILTER_RESAMPLE_H
#define PP_FILTER_RESAMPLE_H

#include <stdint.h>

#include <pixpool/error.h>

/* In the order of resize's choices. */
enum pp_kernel { PP_KERNEL_NEAREST, PP_KERNEL_BILINEAR, PP_KERNEL_BICUBIC, PP_KERNEL_LANCZOS3 };

/* `out` samples laid over the stretch [from, from + length) of `in` samples. */
struct pp_axis {
    uint32_t in, out;
    double from, length;
    double crispen; /* input samples are first made crisper by (-c, 1 + 2 c, -c); 0: not at all */
};

struct pp_resample {
    uint32_t *first; /* [out]: the first input sample; never falls; owned */
    uint32_t *count; /* [out]: how many; owned */
    double *weights; /* [out x taps]: `count` of each `taps` are set; owned */
    uint32_t taps;   /* the largest count */
};

/* Errors: PP_E_NO_MEMORY; release is allowed then too. */
enum pp_status pp_resample_init(struct pp_resample *resample, const struct pp_axis *axis,
                                enum pp_kernel kernel, struct pp_error *err) PP_MUST_CHECK;
/* A zeroed struct is allowed. */
void pp_resample_release(struct pp_resample *resample);

#endif
