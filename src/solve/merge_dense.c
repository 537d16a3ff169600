/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Arithmetic on rectangles in strips of eight rows (ogi_merge.h). The one inner loop is a tile of up to 24 rows and 8
 * columns held in registers: 24 of 32 with 512-bit vectors, and 24 independent sums to hide the latency of the adds.
 */
#include <config.h>

#include "base/ogi_num.h"
#include "solve/ogi_merge.h"

enum { TILE = 3 };                     /* strips in a tile                                                   */
static const size_t CHUNK = 256 << 10; /* [bytes] of x that one pass over the columns keeps in the L2 cache  */

OGI_INLINE ogi_v8 *vec(double *x) { return __builtin_assume_aligned(x, 64); }
OGI_INLINE const ogi_v8 *cvec(const double *x) { return __builtin_assume_aligned(x, 64); }

static size_t chunk_strips(size_t k) { return ogi_max_size(CHUNK / (64 * k * TILE), 1) * TILE; }

/* One tile: where it is read and written, and the distances [doubles] from strip to strip. */
typedef struct tile {
  double *out;
  const double *in;
  size_t out_step, in_step;
  const double *x, *y;
  size_t x_step, depth;
} tile;

OGI_INLINE void accumulate(const int strips, ogi_v8 sum[8][TILE], const tile *t) {
  OGI_UNROLL for (int j = 0; j < 8; j++)
    OGI_UNROLL for (int r = 0; r < strips; r++)
      sum[j][r] = t->in != NULL ? cvec(t->in + (size_t)r * t->in_step)[j] : (ogi_v8){0};
  const double *x = t->x, *y = t->y;
  for (size_t d = 0; d < t->depth; d++, x += 8, y += 8) {
    ogi_v8 v[TILE];
    OGI_UNROLL for (int r = 0; r < strips; r++) v[r] = *cvec(x + (size_t)r * t->x_step);
    OGI_UNROLL for (int j = 0; j < 8; j++)
      OGI_UNROLL for (int r = 0; r < strips; r++) sum[j][r] -= v[r] * y[j];
  }
}

OGI_INLINE void put(const int strips, ogi_v8 sum[8][TILE], const tile *t) {
  OGI_UNROLL for (int j = 0; j < 8; j++)
    OGI_UNROLL for (int r = 0; r < strips; r++) vec(t->out + (size_t)r * t->out_step)[j] = sum[j][r];
}

OGI_INLINE void update_tile(const int strips, const tile *t) {
  ogi_v8 sum[8][TILE];
  accumulate(strips, sum, t);
  put(strips, sum, t);
}

/* square: 8 x 8 diagonal square of the factor, column by column. */
OGI_INLINE void solve_tile(const int strips, const tile *t, const double *square, const double *inverse) {
  ogi_v8 sum[8][TILE];
  accumulate(strips, sum, t);
  OGI_UNROLL for (int j = 0; j < 8; j++) {
    OGI_UNROLL for (int d = 0; d < j; d++)
      OGI_UNROLL for (int r = 0; r < strips; r++) sum[j][r] -= sum[d][r] * square[8 * d + j];
    OGI_UNROLL for (int r = 0; r < strips; r++) sum[j][r] *= inverse[j];
  }
  put(strips, sum, t);
}

/* Rows of x in columns 8 square .. 8 square + 7; factor_strip: those rows of the factor. */
OGI_INLINE void solve_columns(double *x, size_t strips, const double *factor_strip, const double *inverse, size_t k,
                              size_t square) {
  size_t step = 8 * k, r = 0, at = 64 * square;
  const double *diagonal = factor_strip + at;
  tile t = {.out_step = step, .in_step = step, .x_step = step, .y = factor_strip, .depth = 8 * square};
  for (; r < strips; r += ogi_min_size(strips - r, TILE)) {
    t.x = x + r * step;
    t.out = x + r * step + at;
    t.in = t.out;
    if (strips - r >= 3) solve_tile(3, &t, diagonal, inverse + 8 * square);
    else if (strips - r == 2) solve_tile(2, &t, diagonal, inverse + 8 * square);
    else solve_tile(1, &t, diagonal, inverse + 8 * square);
  }
}

OGI_HOT void ogi_dense_solve(double *x, size_t rows, const double *factor, const double *inverse, size_t k) {
  size_t chunk = chunk_strips(k);
  for (size_t r = 0; r < rows / 8; r += chunk)
    for (size_t square = 0; square < k / 8; square++)
      solve_columns(x + r * 8 * k, ogi_min_size(chunk, rows / 8 - r), factor + square * 8 * k, inverse, k, square);
}

/* Right-looking Cholesky of one 8 x 8 square; what stands above the diagonal is never used. */
OGI_INLINE void factor_square(double *square, double *inverse) {
  ogi_v8 a[8];
  OGI_UNROLL for (int j = 0; j < 8; j++) a[j] = vec(square)[j];
  OGI_UNROLL for (int j = 0; j < 8; j++) {
    inverse[j] = 1 / sqrt(a[j][j]);
    a[j] *= inverse[j];
    OGI_UNROLL for (int c = j + 1; c < 8; c++) a[c] -= a[j] * a[j][c];
  }
  OGI_UNROLL for (int j = 0; j < 8; j++) vec(square)[j] = a[j];
}

OGI_HOT void ogi_dense_factor(double *s, size_t k, double *inverse) {
  size_t step = 8 * k, squares = k / 8;
  for (size_t q = 0; q < squares; q++) {
    double *strip = s + q * step, *square = strip + 64 * q;
    tile t = {.out = square, .in = square, .x = strip, .y = strip, .depth = 8 * q};
    update_tile(1, &t);
    factor_square(square, inverse + 8 * q);
    solve_columns(strip + step, squares - q - 1, strip, inverse, k, q);
  }
}

/* Strips first .. last-1 of one block of eight columns. */
OGI_INLINE void update_columns(const ogi_dense_job *job, size_t block, size_t first, size_t last) {
  tile t = {.out_step = 8 * job->out_columns, .in_step = 8 * job->in_columns, .x_step = 8 * job->k,
            .y = job->y + block * 8 * job->k, .depth = job->k};
  for (size_t r = first; r < last; r += ogi_min_size(last - r, TILE)) {
    t.x = job->x + r * t.x_step;
    t.out = job->out + r * t.out_step + 64 * block;
    t.in = job->in == NULL ? NULL : job->in + r * t.in_step + 64 * block;
    if (last - r >= 3) update_tile(3, &t);
    else if (last - r == 2) update_tile(2, &t);
    else update_tile(1, &t);
  }
}

OGI_HOT void ogi_dense_update(const ogi_dense_job *job) {
  size_t strips = job->rows / 8, blocks = job->columns / 8;
  size_t chunk = chunk_strips(job->k);
  for (size_t r = 0; r < strips; r += chunk) {
    size_t last = ogi_min_size(r + chunk, strips);
    for (size_t block = 0; block < blocks && !(job->lower && block >= last); block++)
      update_columns(job, block, job->lower ? ogi_max_size(r, block) : r, last);
  }
}

OGI_HOT void ogi_dense_add(double *sum, const double *a, const double *b, size_t k) {
  for (size_t strip = 0; strip < k / 8; strip++)
    for (size_t e = strip * 8 * k; e < strip * 8 * k + 64 * (strip + 1); e++) sum[e] = a[e] + b[e];
}

OGI_HOT void ogi_dense_transpose(double *out, const double *in, size_t rows, size_t columns) {
  for (size_t i = 0; i < rows / 8; i++)
    for (size_t j = 0; j < columns / 8; j++) {
      ogi_v8 square[8];
      ogi_v8_transpose(square, cvec(in + (i * columns + 8 * j) * 8));
      OGI_UNROLL for (int c = 0; c < 8; c++) vec(out + (j * rows + 8 * i) * 8)[c] = square[c];
    }
}
