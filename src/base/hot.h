/*
 * base/hot.h - a static function with the hot loop in it: where the C library can choose at load
 * time it is compiled for AVX2 as well. That changes the speed and no byte: sums are neither
 * reordered nor fused. Static, since clones ignore the hidden visibility of the library's inner
 * functions.
 */
#ifndef PP_BASE_HOT_H
#define PP_BASE_HOT_H

#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__)
#define PP_HOT __attribute__((target_clones("avx2", "default")))
#else
#define PP_HOT
#endif

#endif
