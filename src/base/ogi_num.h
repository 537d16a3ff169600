/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_num.h  Small numeric helpers, and run-time dispatch of hot loops. */
#ifndef OGI_NUM_H
#define OGI_NUM_H

#include <math.h>
#include <stddef.h>

/** In front of a hot loop: compiled for several processors, chosen when the program starts. */
#if defined(HAVE_TARGET_CLONES) && !defined(OGI_NO_CLONES)
#define OGI_HOT __attribute__((target_clones("avx512f", "avx2,fma", "default")))
/** The same for loops that exchange elements of ogi_v8: gcc splits that badly for AVX2, a third slower than SSE2. */
#define OGI_HOT8 __attribute__((target_clones("avx512f", "default")))
#else
#define OGI_HOT
#define OGI_HOT8
#endif

static inline size_t ogi_min_size(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t ogi_max_size(size_t a, size_t b) { return a > b ? a : b; }

/** ceil(a / b) for b > 0. */
static inline size_t ogi_ceil_div(size_t a, size_t b) { return (a + b - 1) / b; }

/** Fill a result buffer (NULL allowed) with NaN, so that stale numbers cannot pass for a result. */
static inline void ogi_poison(double *x, size_t count) {
  for (size_t i = 0; x != NULL && i < count; i++) x[i] = NAN;
}

#endif
