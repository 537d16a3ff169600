/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * One-pass line iteration: the stationary form of the line relaxation of cg.c, for equal segments.
 *
 * With K = D Aw^-1 D and f the currents of the drivers that arrive at the bit nodes, one pass makes
 *     x' = Ab^-1 (f + K x) + P C (P^T r),      r = f + K x - Ab x      [A]
 * (P, C: ogi_coarse.h), and reads every factor once: rows of bit nodes are taken downward and upward in turn; while a
 * pass goes one way it finishes the back-substitution of the elimination that the pass before did the other way, solves
 * the word lines of its block of rows, and eliminates in its own direction. So each bit line has two factors, and no
 * potential is stored between passes, only the half-eliminated y: 48 bytes a cell and pass.
 *
 * What the coarse correction needs of r follows from sums already at hand: x = Ab^-1 (f + K x") + P d gives
 *     P^T r = F - F" - (P^T Ab P) d,      F = P^T (f + K x), the sum of this pass, F" that of the pass before.
 *
 * Units. Conductances are divided by those of a segment: G' = G / word, and currents into bit nodes by bit, so that
 * each elimination has one factor, k = 1 / (1 + t) with t the ladder conductance (see cg.c), t' = t k.
 *
 * Layout. Blocks of 16 rows, in tiles of 8 columns: rows of a tile stand together, one vector each; gc holds G' and the
 * word factor of each column, in lanes of 8 rows. Rows and columns beyond the array have zero factors: they stay at 0
 * V.
 */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "base/ogi_simd.h"
#include "solve/ogi_coarse.h"
#include "solve/ogi_solve.h"

enum { HALVES = 2, BLOCK = HALVES * OGI_WIDE, TILE = BLOCK * OGI_WIDE };

static const double LEAST_RATE = 0.05;/* a smaller quotient of two steps is luck               */
static const double SLOW_RATE = 0.5;   /* beyond it conjugate gradients are faster, from scratch */

/* Rows judged each on its own, for a sensed end may be far below the rest. */
enum { TOP, INNER, BOTTOM, ROWS };

struct ogi_sweep {
  size_t m, n, stride, tiles, blocks;
  ogi_wires wires;
  double ratio;       /* word / bit                                                                    */
  double *gc;         /* tiles of [column][G', factor][half][lane]                                      */
  double *down, *up;  /* tiles of [row][column]: factors of the two eliminations of each bit line       */
  double *y;          /* tiles of [row][column]: half-eliminated potentials [V]                         */
  double *lanes;      /* stride x 16: one block of word lines in elimination [V]                        */
  double *x, *w;      /* 16 x stride: one block of bit and word potentials [V]                          */
  double *carry[2];   /* stride: last row of the back-substitution and of the elimination [V]           */
  double *sample;     /* blocks + 1 rows of stride: first row of each block, and the last row, a pass before [V] */
  double *source[2];  /* padded m: driver voltage x end conductance / word, left and right [V]          */
  double *terminal[2];/* stride: bit line terminal potential x end conductance / bit, top and bottom [V] */
  double *moved[2];   /* knots: F of the pass before [A]; its correction d [V]                          */
  double *stencil;    /* knots x 9: P^T D P [S]                                                         */
  double g_mean;
  double change[ROWS], size[ROWS]; /* of the sampled rows in this pass: sums of squares [V^2]           */
  ogi_coarse coarse;
};

static double **buffers_of(ogi_sweep *p, size_t k) {
  double **all[] = {&p->gc, &p->down, &p->up, &p->y, &p->lanes, &p->x, &p->w, &p->carry[0], &p->carry[1], &p->sample,
                    &p->source[0], &p->source[1], &p->terminal[0], &p->terminal[1], &p->moved[0], &p->moved[1],
                    &p->stencil};
  return k < sizeof all / sizeof *all ? all[k] : NULL;
}

og_status ogi_sweep_create(ogi_sweep **out, const og_array *array, const ogi_wires *wires, og_error *err) {
  og_status st;
  *out = NULL;
  ogi_sweep *p = ogi_alloc(1, sizeof *p);
  if (p == NULL) return ogi_fail(err, OG_E_NOMEM, "pass");
  p->m = array->m;
  p->n = array->n;
  p->stride = ogi_padded(array->n);
  p->tiles = p->stride / OGI_WIDE;
  p->blocks = ogi_ceil_div(array->m, BLOCK);
  p->wires = *wires;
  p->ratio = wires->word / wires->bit;
  OGI_TRY(st, ogi_coarse_create(&p->coarse, array, wires, err));
  size_t cells = p->blocks * p->tiles * TILE, block = BLOCK * p->stride, rows = p->blocks * BLOCK;
  size_t knots = p->coarse.bit.coarse * p->coarse.word.coarse;
  const size_t count[] = {2 * cells, cells, cells, cells, block, block, block, p->stride, p->stride,
                          (p->blocks + 1) * p->stride, rows, rows, p->stride, p->stride, knots, knots, 9 * knots};
  for (size_t k = 0; buffers_of(p, k) != NULL; k++)
    if ((*buffers_of(p, k) = ogi_alloc(count[k], sizeof(double))) == NULL) {
      st = ogi_fail(err, OG_E_NOMEM, "pass: %zu x %zu cells", p->m, p->n);
      goto done;
    }
  *out = p;
  p = NULL;
done:
  ogi_sweep_free(p);
  return st;
}

void ogi_sweep_free(ogi_sweep *p) {
  if (p == NULL) return;
  for (size_t k = 0; buffers_of(p, k) != NULL; k++) ogi_free(*buffers_of(p, k));
  ogi_coarse_clear(&p->coarse);
  ogi_free(p);
}

/* ---- factors ---- */

#define LOAD(from) (*(const ogi_v8 *)(from))
#define STORE(to, value) (*(ogi_v8 *)(to) = (value))

/* Eight cells of row i from column 8 t on, 0 S beyond the array. */
OGI_INLINE void cells_at(const ogi_sweep *p, const double *g, size_t i, size_t t, ogi_v8 *value) {
  size_t j = t * OGI_WIDE, count = i < p->m ? ogi_min_size(OGI_WIDE, p->n - j) : 0;
  *value = (ogi_v8){0};
  if (count == OGI_WIDE) memcpy(value, g + i * p->n + j, sizeof *value);
  else if (count > 0) memcpy(value, g + i * p->n + j, count * sizeof(double));
}

/*
 * Bit line factors of one block in one direction; t is the ladder conductance / bit seen so far. The segment behind the
 * last row is the end's: pivot t + end instead of t + 1, and nothing beyond to substitute back from.
 */
OGI_INLINE void factor_bits(ogi_sweep *p, const double *g, size_t block, int upward, double shunt, double *factor) {
  double unit = 1 / p->wires.bit, far = p->wires.sense[upward ? 0 : 1] * unit;
  for (size_t tile = 0; tile < p->tiles; tile++) {
    ogi_v8 t = LOAD(p->carry[0] + tile * OGI_WIDE);
    for (size_t step = 0; step < BLOCK; step++) {
      size_t r = upward ? BLOCK - 1 - step : step, i = block * BLOCK + r;
      double *to = factor + (block * p->tiles + tile) * TILE + r * OGI_WIDE;
      if (i >= p->m) {
        STORE(to, (ogi_v8){0});
        continue;
      }
      ogi_v8 cells;
      cells_at(p, g, i, tile, &cells);
      t += (cells + shunt) * unit;
      int is_last = upward ? i == 0 : i + 1 == p->m;
      ogi_v8 k = 1 / (t + (is_last ? far : 1));
      STORE(to, k);
      t *= k; /* for the last row of no further use */
    }
    STORE(p->carry[0] + tile * OGI_WIDE, t);
  }
}

/* Word line factors of one block, and G' beside them. */
OGI_INLINE void factor_words(ogi_sweep *p, const double *g, size_t block, double shunt) {
  double unit = 1 / p->wires.word, near = p->wires.drive[0] * unit, far = p->wires.drive[1] * unit;
  ogi_v8 t[HALVES];
  for (int h = 0; h < HALVES; h++) t[h] = near + (ogi_v8){0};
  for (size_t tile = 0; tile < p->tiles; tile++) {
    double *gc = p->gc + 2 * (block * p->tiles + tile) * TILE;
    for (int h = 0; h < HALVES; h++) {
      ogi_v8 a[8];
      for (size_t s = 0; s < OGI_WIDE; s++) cells_at(p, g, block * BLOCK + (size_t)h * OGI_WIDE + s, tile, &a[s]);
      ogi_transpose8(a);
      for (size_t c = 0; c < OGI_WIDE; c++) {
        size_t j = tile * OGI_WIDE + c;
        double *to = gc + c * 2 * BLOCK + (size_t)h * OGI_WIDE;
        t[h] += (a[c] + shunt) * unit;
        ogi_v8 k = {0};
        if (j < p->n) k = 1 / (t[h] + (j + 1 == p->n ? far : 1));
        t[h] *= k;
        STORE(to, a[c] * unit);
        STORE(to + BLOCK, k);
      }
    }
  }
}

OGI_HOT8 static void factor(ogi_sweep *p, const ogi_cells *cells) {
  double unit = 1 / p->wires.bit;
  for (size_t j = 0; j < p->stride; j++) p->carry[0][j] = p->wires.sense[0] * unit;
  for (size_t b = 0; b < p->blocks; b++) {
    factor_bits(p, cells->g, b, 0, cells->bit_shunt, p->down);
    factor_words(p, cells->g, b, cells->word_shunt);
  }
  for (size_t j = 0; j < p->stride; j++) p->carry[0][j] = p->wires.sense[1] * unit;
  for (size_t b = p->blocks; b-- > 0;) factor_bits(p, cells->g, b, 1, cells->bit_shunt, p->up);
}

/* ---- P^T D P ---- */

/* Sums over one run of rows between the same knots, spread over the knots of the columns. sum: 3 x stride. */
OGI_HOT static void collapse(ogi_sweep *p, int low, int high, double *sum) {
  const ogi_coarse_side *word = &p->coarse.word;
  int row[2] = {low, high}, wide = (int)word->coarse;
  for (size_t j = 0; j < p->n; j += OGI_WIDE) { /* knots are the same over eight columns */
    int column[2] = {word->knot[0][j], word->knot[1][j]};
    size_t end = ogi_min_size(j + OGI_WIDE, p->n);
    for (int q = 0; q < 3; q++) {
      double square[3] = {0};
      for (size_t k = j; k < end; k++) {
        double x = sum[(size_t)q * p->stride + k], a = word->weight[0][k], b = word->weight[1][k];
        square[0] += x * a * a;
        square[1] += x * a * b;
        square[2] += x * b * b;
      }
      for (int side = 0; side < 8; side++) { /* all pairs of knots: rows (r, s), columns (c, d); q, e: which product */
        int r = side & 1, s = q == 1 ? !r : r, c = side >> 1 & 1, d = side >> 2 & 1;
        if (q != 1 && r != (q == 2)) continue;
        int at = (row[r] * wide + column[c]) * 9 + (row[s] - row[r] + 1) * 3 + column[d] - column[c] + 1;
        p->stencil[at] += square[c + d];
      }
    }
  }
  memset(sum, 0, 3 * p->stride * sizeof *sum);
}

/* Weighted sums of the rows, run by run; the mean of all cells on the way. */
OGI_HOT static void project(ogi_sweep *p, const ogi_cells *cells) {
  const ogi_coarse_side *bit = &p->coarse.bit;
  double *sum = p->x, total = 0; /* x is free between solves */
  memset(p->stencil, 0, 9 * bit->coarse * p->coarse.word.coarse * sizeof(double));
  memset(sum, 0, 3 * p->stride * sizeof *sum);
  for (size_t i = 0; i < p->m; i++) {
    const double *g = cells->g + i * p->n;
    double a = bit->weight[0][i], b = bit->weight[1][i], row = 0;
    double *s0 = sum, *s1 = sum + p->stride, *s2 = sum + 2 * p->stride;
    for (size_t j = 0; j < p->n; j++) {
      double x = g[j] + cells->bit_shunt;
      row += g[j];
      s0[j] += x * (a * a);
      s1[j] += x * (a * b);
      s2[j] += x * (b * b);
    }
    total += row;
    int ends = i + 1 == p->m || bit->knot[0][i] != bit->knot[0][i + 1] || bit->knot[1][i] != bit->knot[1][i + 1];
    if (ends) collapse(p, bit->knot[0][i], bit->knot[1][i], sum);
  }
  p->g_mean = total / (double)(p->m * p->n);
}

void ogi_sweep_set_cells(ogi_sweep *p, const ogi_cells *cells) {
  factor(p, cells);
  project(p, cells);
  ogi_coarse_set(&p->coarse, p->g_mean, cells);
}

/* ---- one pass ---- */

/* How far a row of eight columns has moved since the pass before. */
OGI_INLINE void compare(double *sample, const ogi_v8 *now, ogi_v8 *change, ogi_v8 *size) {
  ogi_v8 moved = *now - LOAD(sample);
  STORE(sample, *now);
  *change += moved * moved;
  *size += *now * *now;
}

OGI_INLINE void add_up(ogi_sweep *p, int row, const ogi_v8 *change, const ogi_v8 *size) {
  for (int k = 0; k < OGI_WIDE; k++) {
    p->change[row] += (*change)[k];
    p->size[row] += (*size)[k];
  }
}

/*
 * Word lines of one block, left to right: bit potentials x of its rows (back-substituted from y with the factor of the
 * pass before, plus the coarse correction) and forward elimination of G' x. keep: store the rows of x.
 */
OGI_INLINE void rows_to_words(ogi_sweep *p, size_t block, int upward, int has_y, int keep) {
  const double *factor = upward ? p->down : p->up, *w0 = p->coarse.bit.weight[0], *w1 = p->coarse.bit.weight[1];
  size_t i0 = block * BLOCK, last = p->wires.drive[1] > 0 ? p->n - 1 : p->stride;
  size_t bottom = p->m - 1 - i0; /* row of this block, if it is the last */
  ogi_v8 q[HALVES], change[2] = {{0}}, size[2] = {{0}};
  const double *e0[HALVES], *e1[HALVES];
  for (int h = 0; h < HALVES; h++) {
    size_t i = ogi_min_size(i0 + (size_t)h * OGI_WIDE, p->m - 1);
    q[h] = LOAD(p->source[0] + i0 + (size_t)h * OGI_WIDE);
    e0[h] = p->coarse.spread + (size_t)p->coarse.bit.knot[0][i] * p->stride;
    e1[h] = p->coarse.spread + (size_t)p->coarse.bit.knot[1][i] * p->stride;
  }
  for (size_t t = 0; t < p->tiles; t++) {
    size_t at = (block * p->tiles + t) * TILE, j0 = t * OGI_WIDE;
    const double *gc = p->gc + 2 * at;
    ogi_v8 a[HALVES][8], x = LOAD(p->carry[0] + j0);
    for (int hh = 0; hh < HALVES; hh++) {
      int h = upward ? HALVES - 1 - hh : hh;
      ogi_v8 c0 = LOAD(e0[h] + j0), c1 = LOAD(e1[h] + j0);
      for (int ss = 0; ss < OGI_WIDE; ss++) {
        int s = upward ? OGI_WIDE - 1 - ss : ss;
        size_t r = (size_t)(h * OGI_WIDE + s);
        if (has_y) x = LOAD(factor + at + r * OGI_WIDE) * x + LOAD(p->y + at + r * OGI_WIDE);
        a[h][s] = (x + w0[i0 + r] * c0) + w1[i0 + r] * c1;
        if (keep) STORE(p->x + r * p->stride + j0, a[h][s]);
        if (r == 0) compare(p->sample + block * p->stride + j0, &a[h][s], &change[0], &size[0]);
        if (r == bottom) compare(p->sample + p->blocks * p->stride + j0, &a[h][s], &change[1], &size[1]);
      }
    }
    STORE(p->carry[0] + j0, x);
    for (int h = 0; h < HALVES; h++) ogi_transpose8(a[h]);
    for (size_t c = 0; c < OGI_WIDE; c++)
      for (int h = 0; h < HALVES; h++) {
        const double *f = gc + c * 2 * BLOCK + h * OGI_WIDE;
        if (j0 + c == last) q[h] += LOAD(p->source[1] + i0 + (size_t)h * OGI_WIDE);
        ogi_v8 k = LOAD(f + BLOCK);
        q[h] = k * q[h] + k * (LOAD(f) * a[h][c]);
        STORE(p->lanes + (j0 + c) * BLOCK + (size_t)h * OGI_WIDE, q[h]);
      }
  }
  add_up(p, block == 0 ? TOP : INNER, &change[0], &size[0]);
  add_up(p, BOTTOM, &change[1], &size[1]);
}

/* Right to left: word potentials, their cell currents into the bit nodes, elimination of the bit lines into y. */
OGI_INLINE void words_to_rows(ogi_sweep *p, size_t block, int upward) {
  const double *factor = upward ? p->up : p->down, *w0 = p->coarse.bit.weight[0], *w1 = p->coarse.bit.weight[1];
  size_t i0 = block * BLOCK, bottom = p->m - 1 - i0; /* row of this block, if it is the last */
  ogi_v8 w[HALVES] = {{0}};
  double *g0[HALVES], *g1[HALVES];
  for (int h = 0; h < HALVES; h++) {
    size_t i = ogi_min_size(i0 + (size_t)h * OGI_WIDE, p->m - 1);
    g0[h] = p->coarse.gather + (size_t)p->coarse.bit.knot[0][i] * p->stride;
    g1[h] = p->coarse.gather + (size_t)p->coarse.bit.knot[1][i] * p->stride;
  }
  for (size_t t = p->tiles; t-- > 0;) {
    size_t at = (block * p->tiles + t) * TILE, j0 = t * OGI_WIDE;
    const double *gc = p->gc + 2 * at;
    ogi_v8 a[HALVES][8], y = LOAD(p->carry[1] + j0);
    for (size_t c = OGI_WIDE; c-- > 0;)
      for (int h = 0; h < HALVES; h++) {
        const double *f = gc + c * 2 * BLOCK + h * OGI_WIDE;
        w[h] = LOAD(f + BLOCK) * w[h] + LOAD(p->lanes + (j0 + c) * BLOCK + (size_t)h * OGI_WIDE);
        a[h][c] = LOAD(f) * p->ratio * w[h];
      }
    for (int h = 0; h < HALVES; h++) ogi_transpose8(a[h]);
    if (i0 == 0) a[0][0] += LOAD(p->terminal[0] + j0);
    for (int hh = 0; hh < HALVES; hh++) {
      int h = upward ? HALVES - 1 - hh : hh;
      ogi_v8 low = {0}, high = {0};
      for (int ss = 0; ss < OGI_WIDE; ss++) {
        int s = upward ? OGI_WIDE - 1 - ss : ss;
        size_t r = (size_t)(h * OGI_WIDE + s);
        ogi_v8 k = LOAD(factor + at + r * OGI_WIDE);
        if (r == bottom) a[h][s] += LOAD(p->terminal[1] + j0);
        low += w0[i0 + r] * a[h][s];
        high += w1[i0 + r] * a[h][s];
        y = k * y + k * a[h][s];
        STORE(p->y + at + r * OGI_WIDE, y);
      }
      STORE(g0[h] + j0, LOAD(g0[h] + j0) + low);
      STORE(g1[h] + j0, LOAD(g1[h] + j0) + high);
    }
    STORE(p->carry[1] + j0, y);
  }
}

/* The last half pass: word potentials of one block into w. */
OGI_INLINE void words_to_volts(ogi_sweep *p, size_t block) {
  ogi_v8 w[HALVES] = {{0}};
  for (size_t t = p->tiles; t-- > 0;) {
    const double *gc = p->gc + 2 * (block * p->tiles + t) * TILE;
    ogi_v8 a[HALVES][8];
    for (size_t c = OGI_WIDE; c-- > 0;)
      for (int h = 0; h < HALVES; h++) {
        const double *f = gc + c * 2 * BLOCK + h * OGI_WIDE;
        w[h] = LOAD(f + BLOCK) * w[h] + LOAD(p->lanes + (t * OGI_WIDE + c) * BLOCK + (size_t)h * OGI_WIDE);
        a[h][c] = w[h];
      }
    for (int h = 0; h < HALVES; h++) {
      ogi_transpose8(a[h]);
      for (size_t s = 0; s < OGI_WIDE; s++)
        STORE(p->w + ((size_t)h * OGI_WIDE + s) * p->stride + t * OGI_WIDE, a[h][s]);
    }
  }
}

OGI_HOT8 static void pass_down(ogi_sweep *p, int has_y) {
  for (size_t b = 0; b < p->blocks; b++) {
    if (has_y) rows_to_words(p, b, 0, 1, 0);
    else rows_to_words(p, b, 0, 0, 0);
    words_to_rows(p, b, 0);
  }
}

OGI_HOT8 static void pass_up(ogi_sweep *p) {
  for (size_t b = p->blocks; b-- > 0;) {
    rows_to_words(p, b, 1, 1, 0);
    words_to_rows(p, b, 1);
  }
}

OGI_HOT8 static void harvest(ogi_sweep *p, int upward, double *v_word, double *v_bit) {
  for (size_t step = 0; step < p->blocks; step++) {
    size_t b = upward ? p->blocks - 1 - step : step, rows = ogi_min_size(BLOCK, p->m - b * BLOCK);
    if (upward) rows_to_words(p, b, 1, 1, 1);
    else rows_to_words(p, b, 0, 1, 1);
    words_to_volts(p, b);
    for (size_t r = 0; r < rows; r++) {
      memcpy(v_bit + (b * BLOCK + r) * p->n, p->x + r * p->stride, p->n * sizeof *v_bit);
      memcpy(v_word + (b * BLOCK + r) * p->n, p->w + r * p->stride, p->n * sizeof *v_word);
    }
  }
}

/* ---- coarse correction ---- */

/*
 * First guess: the solution of the mean array, in coarse modes. A line driven at v alone is at v all along, Tw (1 v) =
 * fw, so that Aw^-1 fw has the modes word / (word + g) (1)_l v_k.
 */
static void guess(ogi_sweep *p, const double *v) {
  const ogi_coarse_side *bit = &p->coarse.bit, *word = &p->coarse.word;
  size_t tall = bit->coarse, wide = word->coarse;
  double *c = p->coarse.c[0], *hat_v = p->carry[0], *hat_1 = p->carry[1];
  memset(c, 0, tall * wide * sizeof *c);
  memset(hat_v, 0, tall * sizeof *hat_v);
  memset(hat_1, 0, wide * sizeof *hat_1);
  for (size_t i = 0; i < p->m; i++)
    for (int k = 0; k < 2; k++) hat_v[bit->knot[k][i]] += bit->weight[k][i] * v[i];
  for (size_t j = 0; j < p->n; j++)
    for (int k = 0; k < 2; k++) hat_1[word->knot[k][j]] += word->weight[k][j];
  for (size_t i = 0; i < tall; i++)
    for (size_t j = 0; j < wide; j++) c[i * wide + j] = hat_v[i] * hat_1[j];
  ogi_coarse_guess(&p->coarse, p->g_mean);
}

/* gather holds f + K x / bit: the correction for the next pass, into spread. */
static void correct(ogi_sweep *p) {
  ogi_coarse *coarse = &p->coarse;
  size_t knots = coarse->bit.coarse * coarse->word.coarse;
  double *r = coarse->c[0], *before = p->moved[0], *d = p->moved[1];
  ogi_coarse_restrict(coarse);
  for (size_t k = 0; k < knots; k++) {
    double now = r[k] * p->wires.bit;
    r[k] = now - before[k];
    before[k] = now;
  }
  ogi_coarse_subtract(coarse, p->stencil, d);
  ogi_coarse_solve(coarse);
  memcpy(d, coarse->c[1], knots * sizeof *d);
  ogi_coarse_expand(coarse, d);
}

/* ---- iteration ---- */

static void begin(ogi_sweep *p, const ogi_rhs *rhs) {
  size_t knots = p->coarse.bit.coarse * p->coarse.word.coarse;
  for (int side = 0; side < 2; side++) {
    for (size_t i = 0; i < p->m; i++) p->source[side][i] = rhs->v[i] * p->wires.drive[side] / p->wires.word;
    for (size_t j = 0; j < p->n; j++)
      p->terminal[side][j] = rhs->u != NULL ? rhs->u[j] * p->wires.sense[side] / p->wires.bit : 0;
  }
  memset(p->moved[0], 0, knots * sizeof(double));
  memset(p->sample, 0, (p->blocks + 1) * p->stride * sizeof(double));
  guess(p, rhs->v);
  memcpy(p->moved[1], p->coarse.c[1], knots * sizeof(double));
  ogi_coarse_expand(&p->coarse, p->moved[1]);
}

/* Relative change of the sampled rows in this pass, the largest of the kinds. */
static double relative_change(const ogi_sweep *p) {
  double most = 0;
  for (int row = 0; row < ROWS; row++)
    if (p->size[row] > 0) most = fmax(most, sqrt(p->change[row] / p->size[row]));
  return most;
}

static void one_pass(ogi_sweep *p, size_t pass) {
  memset(p->change, 0, sizeof p->change);
  memset(p->size, 0, sizeof p->size);
  memset(p->carry[0], 0, p->stride * sizeof(double));
  memset(p->carry[1], 0, p->stride * sizeof(double));
  if (pass % 2 == 0) pass_down(p, pass > 0);
  else pass_up(p);
  correct(p);
}

size_t ogi_sweep_solve(ogi_sweep *p, const ogi_rhs *rhs, double rtol, size_t pass_max, double *v_word, double *v_bit) {
  double before = INFINITY, error = INFINITY;
  size_t pass = 0;
  int too_slow = 0;
  begin(p, rhs);
  while (error > rtol && pass < pass_max && !too_slow) {
    one_pass(p, pass++);
    /* If every further step is smaller by the same rate, this is left after the next, which is on its way. */
    double change = relative_change(p), rate = fmax(change / before, LEAST_RATE);
    error = change == 0 ? 0 : pass < 3 || rate >= 1 ? INFINITY : change * rate * rate / (1 - rate);
    too_slow = pass > 5 && rate > SLOW_RATE;
    before = change;
  }
  memset(p->carry[0], 0, p->stride * sizeof(double));
  harvest(p, pass % 2 == 1, v_word, v_bit);
  return error <= rtol ? pass : pass_max + 1;
}
