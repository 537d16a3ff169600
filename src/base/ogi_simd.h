/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_simd.h
 * Eight doubles abreast, in the compiler's own vector type: AVX-512, AVX2 or SSE2 by the function that uses it
 * (OGI_HOT). Data are 64-byte aligned (ogi_alloc) and rows a multiple of OGI_WIDE long.
 */
#ifndef OGI_SIMD_H
#define OGI_SIMD_H

#include <stddef.h>

enum { OGI_WIDE = 8 };
typedef double ogi_v8 __attribute__((vector_size(64), may_alias));

#define OGI_INLINE static inline __attribute__((always_inline))

typedef long long ogi_i8 __attribute__((vector_size(64), may_alias));

/** From and to any address. */
OGI_INLINE void ogi_load8(ogi_v8 *to, const double *from) { __builtin_memcpy(to, from, sizeof *to); }
OGI_INLINE void ogi_store8(double *to, const ogi_v8 *from) { __builtin_memcpy(to, from, sizeof *from); }

/** most = max(most, |x|) lane by lane; a NaN is passed over. */
OGI_INLINE void ogi_max_abs8(ogi_v8 *most, const ogi_v8 *x) {
  ogi_i8 size = (ogi_i8)*x & 0x7fffffffffffffffLL, larger = (ogi_v8)size > *most;
  *most = (ogi_v8)((larger & size) | (~larger & (ogi_i8)*most));
}

/** Doubles in a row of n, padded to whole vectors. */
static inline size_t ogi_padded(size_t n) { return (n + OGI_WIDE - 1) / OGI_WIDE * OGI_WIDE; }

#define OGI_LO(a, b) __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14)
#define OGI_HI(a, b) __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15)
#define OGI_EVEN2(a, b) __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define OGI_ODD2(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define OGI_LO4(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define OGI_HI4(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15)

/** a[r][c] becomes a[c][r]: pairs, then quadruples, then halves are exchanged. */
OGI_INLINE void ogi_transpose8(ogi_v8 *a) {
  ogi_v8 b[8], c[8];
  for (int k = 0; k < 8; k += 2) {
    b[k] = OGI_LO(a[k], a[k + 1]);
    b[k + 1] = OGI_HI(a[k], a[k + 1]);
  }
  for (int k = 0; k < 8; k += 4)
    for (int h = 0; h < 2; h++) {
      c[k + h] = OGI_EVEN2(b[k + h], b[k + h + 2]);
      c[k + h + 2] = OGI_ODD2(b[k + h], b[k + h + 2]);
    }
  for (int k = 0; k < 4; k++) {
    a[k] = OGI_LO4(c[k], c[k + 4]);
    a[k + 4] = OGI_HI4(c[k], c[k + 4]);
  }
}

#endif
