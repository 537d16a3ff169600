/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <string.h>

#include <gsl/gsl_eigen.h> /* declares cblas_dgemm as well */

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "base/ogi_simd.h"
#include "solve/ogi_coarse.h"

/* One line of the mean array: equal segments and two ends [S]. */
typedef struct mean_line {
  double segment, end[2];
} mean_line;

/* Mean segment and ends of the word lines (stride 1) or bit lines (stride: columns of the table). */
static mean_line mean_of(const double *table, size_t lines, size_t cells, size_t line_step, size_t step) {
  mean_line mean = {0};
  for (size_t l = 0; l < lines; l++) {
    const double *s = table + l * line_step;
    for (size_t k = 1; k < cells; k++) mean.segment += s[k * step];
    mean.end[0] += s[0];
    mean.end[1] += s[cells * step];
  }
  mean.segment = cells > 1 ? mean.segment / (double)(lines * (cells - 1)) : mean.end[0] + mean.end[1];
  mean.end[0] /= (double)lines;
  mean.end[1] /= (double)lines;
  return mean;
}

/*
 * Factor of the value mirrored beyond an end, h cells away: the current s (u0 - ug) / h through the boundary, half a
 * segment outside, equals e' (u0 + ug) / 2 with 1/e' = 1/end - 1/(2 s).
 */
static double mirror(const mean_line *line, int side, double h) {
  double end = line->end[side], s = line->segment;
  if (end <= 0) return 1;
  if (end >= 2 * s) return -1;
  double theta = h / (2 * s) / (1 / end - 0.5 / s);
  return (1 - theta) / (1 + theta);
}

/* Cells in a block: 16 while that is cheap, 32 from 1024 cells on. Halves of a block are whole vectors. */
static size_t block_for(size_t fine) { return fine < 1024 ? 16 : 32; }

static void interpolate(ogi_coarse_side *side, const mean_line *line) {
  double h = (double)block_for(side->fine);
  for (size_t x = 0; x < side->fine; x++) {
    double t = ((double)x + 0.5) / h - 0.5, low = floor(t);
    side->knot[0][x] = (int)low;
    side->knot[1][x] = (int)low + 1;
    side->weight[0][x] = 1 - (t - low);
    side->weight[1][x] = t - low;
    if (low < 0) {
      side->knot[0][x] = 0;
      side->weight[0][x] *= mirror(line, 0, h);
    }
    if (low + 1 >= (double)side->coarse) {
      side->knot[1][x] = (int)side->coarse - 1;
      side->weight[1][x] *= mirror(line, 1, h);
    }
  }
}

/* a += f x x^T for the interpolated value at one cell, or the difference of two neighbours. */
static void add_square(gsl_matrix *a, double f, const ogi_coarse_side *side, size_t x, int has_next) {
  size_t at[4];
  double value[4];
  int count = 0;
  for (int next = 0; next <= has_next; next++)
    for (int k = 0; k < 2; k++) {
      at[count] = (size_t)side->knot[k][x + (size_t)next];
      value[count++] = side->weight[k][x + (size_t)next] * (next ? -1 : 1);
    }
  for (int p = 0; p < count; p++)
    for (int q = 0; q < count; q++) *gsl_matrix_ptr(a, at[p], at[q]) += f * value[p] * value[q];
}

static og_status diagonalise(ogi_coarse_side *side, const mean_line *line, og_error *err) {
  size_t c = side->coarse, last = side->fine - 1;
  gsl_matrix *t = gsl_matrix_calloc(c, c), *mass = gsl_matrix_calloc(c, c), *modes = gsl_matrix_alloc(c, c);
  gsl_vector_view lambda = gsl_vector_view_array(side->lambda, c);
  gsl_eigen_gensymmv_workspace *work = gsl_eigen_gensymmv_alloc(c);
  og_status st = t && mass && modes && work ? OG_OK : ogi_fail(err, OG_E_NOMEM, "coarse space of %zu", c);
  for (size_t x = 0; st == OG_OK && x <= last; x++) {
    add_square(mass, 1, side, x, 0);
    if (x < last) add_square(t, line->segment, side, x, 1);
  }
  if (st == OG_OK) {
    add_square(t, line->end[0], side, 0, 0);
    add_square(t, line->end[1], side, last, 0);
    for (size_t k = 0; k < c * c; k++) { /* before the solver overwrites them */
      side->stiff[k] = gsl_matrix_get(t, k / c, k % c);
      side->mass[k] = gsl_matrix_get(mass, k / c, k % c);
    }
    if (gsl_eigen_gensymmv(t, mass, &lambda.vector, modes, work) != 0)
      st = ogi_fail(err, OG_E_INTERNAL, "coarse space: eigenvalues of %zu x %zu", c, c);
  }
  for (size_t k = 0; st == OG_OK && k < c * c; k++) side->modes[k] = gsl_matrix_get(modes, k / c, k % c);
  /* GSL normalises |x| = 1: scale to x^T M x = 1, summed over the cells. */
  for (size_t k = 0; st == OG_OK && k < c; k++) {
    double square = 0;
    for (size_t x = 0; x <= last; x++) {
      double at = side->weight[0][x] * side->modes[(size_t)side->knot[0][x] * c + k] +
                  side->weight[1][x] * side->modes[(size_t)side->knot[1][x] * c + k];
      square += at * at;
    }
    for (size_t r = 0; r < c; r++) side->modes[r * c + k] /= sqrt(square);
    side->lambda[k] = fmax(side->lambda[k], 0); /* an open line's zero, less rounding */
  }
  gsl_matrix_free(t);
  gsl_matrix_free(mass);
  gsl_matrix_free(modes);
  gsl_eigen_gensymmv_free(work);
  return st;
}

static og_status side_create(ogi_coarse_side *side, size_t fine, const mean_line *line, og_error *err) {
  side->fine = fine;
  side->coarse = ogi_ceil_div(fine, block_for(fine));
  size_t c = side->coarse;
  for (int k = 0; k < 2; k++) {
    side->weight[k] = ogi_alloc(ogi_padded(fine), sizeof(double));
    side->knot[k] = ogi_alloc(ogi_padded(fine), sizeof(int));
  }
  side->modes = ogi_alloc(c * c, sizeof(double));
  side->stiff = ogi_alloc(c * c, sizeof(double));
  side->mass = ogi_alloc(c * c, sizeof(double));
  side->lambda = ogi_alloc(c, sizeof(double));
  if (!side->weight[0] || !side->weight[1] || !side->knot[0] || !side->knot[1] || !side->modes ||
      !side->stiff || !side->mass || !side->lambda)
    return ogi_fail(err, OG_E_NOMEM, "coarse space of %zu cells", fine);
  interpolate(side, line);
  return diagonalise(side, line, err);
}

static void side_clear(ogi_coarse_side *side) {
  for (int k = 0; k < 2; k++) {
    ogi_free(side->weight[k]);
    ogi_free(side->knot[k]);
  }
  ogi_free(side->modes);
  ogi_free(side->stiff);
  ogi_free(side->mass);
  ogi_free(side->lambda);
}

og_status ogi_coarse_create(ogi_coarse *coarse, const og_array *array, const ogi_wires *wires, og_error *err) {
  og_status st;
  size_t m = array->m, n = array->n;
  mean_line word = {wires->word, {wires->drive[0], wires->drive[1]}};
  mean_line bit = {wires->bit, {wires->sense[0], wires->sense[1]}};
  if (wires->word_seg != NULL) word = mean_of(wires->word_seg, m, n, n + 1, 1);
  if (wires->bit_seg != NULL) bit = mean_of(wires->bit_seg, n, m, 1, n);
  memset(coarse, 0, sizeof *coarse);
  OGI_TRY(st, side_create(&coarse->bit, m, &bit, err));
  OGI_TRY(st, side_create(&coarse->word, n, &word, err));
  coarse->stride = ogi_padded(n);
  size_t knots = coarse->bit.coarse * coarse->word.coarse, rows = coarse->bit.coarse * coarse->stride;
  coarse->gain = ogi_alloc(knots, sizeof(double));
  coarse->gather = ogi_alloc(rows, sizeof(double));
  coarse->spread = ogi_alloc(rows, sizeof(double));
  for (int k = 0; k < 3; k++) coarse->c[k] = ogi_alloc(knots, sizeof(double));
  if (!coarse->gain || !coarse->gather || !coarse->spread || !coarse->c[0] || !coarse->c[1] || !coarse->c[2])
    st = ogi_fail(err, OG_E_NOMEM, "coarse space of %zu knots", knots);
done:
  if (st != OG_OK) ogi_coarse_clear(coarse);
  return st;
}

void ogi_coarse_clear(ogi_coarse *coarse) {
  side_clear(&coarse->bit);
  side_clear(&coarse->word);
  ogi_free(coarse->gain);
  ogi_free(coarse->gather);
  ogi_free(coarse->spread);
  for (int k = 0; k < 3; k++) ogi_free(coarse->c[k]);
  memset(coarse, 0, sizeof *coarse);
}

void ogi_coarse_set(ogi_coarse *coarse, double g, const ogi_cells *cells) {
  size_t wide = coarse->word.coarse;
  for (size_t k = 0; k < coarse->bit.coarse; k++)
    for (size_t l = 0; l < wide; l++) {
      double bit = coarse->bit.lambda[k] + cells->bit_shunt, word = coarse->word.lambda[l] + cells->word_shunt;
      double schur = bit + g * word / (g + word);
      coarse->gain[k * wide + l] = g > 0 && schur > 0 ? 1 / schur - 1 / (bit + g) : 0;
    }
}

OGI_HOT void ogi_coarse_restrict(ogi_coarse *coarse) {
  const ogi_coarse_side *word = &coarse->word;
  size_t wide = word->coarse;
  memset(coarse->c[0], 0, coarse->bit.coarse * wide * sizeof(double));
  for (size_t row = 0; row < coarse->bit.coarse; row++) {
    double *from = coarse->gather + row * coarse->stride, *to = coarse->c[0] + row * wide;
    for (size_t j = 0, end; j < word->fine; j = end) { /* runs of columns between the same two knots */
      double low = 0, high = 0;
      for (end = j;
           end < word->fine && word->knot[0][end] == word->knot[0][j] && word->knot[1][end] == word->knot[1][j];)
        end++;
      for (size_t k = j; k < end; k++) {
        low += from[k] * word->weight[0][k];
        high += from[k] * word->weight[1][k];
      }
      to[word->knot[0][j]] += low;
      to[word->knot[1][j]] += high;
    }
    memset(from, 0, coarse->stride * sizeof *from);
  }
}

static void product(int rows, int columns, int inner, enum CBLAS_TRANSPOSE ta, const double *a, enum CBLAS_TRANSPOSE tb,
                    const double *b, double *c) {
  cblas_dgemm(CblasRowMajor, ta, tb, rows, columns, inner, 1, a, ta == CblasTrans ? rows : inner, b,
              tb == CblasTrans ? inner : columns, 0, c, columns);
}

/* c[1] = modes (gain o (modes^T c[0] modes)) modes^T. */
static void through_modes(ogi_coarse *coarse, double (*gain)(const ogi_coarse *, size_t k, size_t l, double g),
                          double g) {
  int tall = (int)coarse->bit.coarse, wide = (int)coarse->word.coarse;
  const double *xb = coarse->bit.modes, *xw = coarse->word.modes;
  double *in = coarse->c[0], *out = coarse->c[1], *mid = coarse->c[2];
  product(tall, wide, tall, CblasTrans, xb, CblasNoTrans, in, mid);
  product(tall, wide, wide, CblasNoTrans, mid, CblasNoTrans, xw, out);
  for (int k = 0; k < tall; k++)
    for (int l = 0; l < wide; l++) out[k * wide + l] *= gain(coarse, (size_t)k, (size_t)l, g);
  product(tall, wide, tall, CblasNoTrans, xb, CblasNoTrans, out, mid);
  product(tall, wide, wide, CblasNoTrans, mid, CblasTrans, xw, out);
}

static double correction_gain(const ogi_coarse *coarse, size_t k, size_t l, double g) {
  (void)g;
  return coarse->gain[k * coarse->word.coarse + l];
}

/* From the driver voltage to the bit node: (g word / (word + g)) / S; shunts left out, it is only a guess. */
static double guess_gain(const ogi_coarse *coarse, size_t k, size_t l, double g) {
  double bit = coarse->bit.lambda[k], word = coarse->word.lambda[l];
  double pair = word > 0 ? g * word / (g + word) : 0;
  return pair > 0 ? pair / (bit + pair) : 0;
}

void ogi_coarse_solve(ogi_coarse *coarse) { through_modes(coarse, correction_gain, 0); }

void ogi_coarse_guess(ogi_coarse *coarse, double g_mean) { through_modes(coarse, guess_gain, g_mean); }

void ogi_coarse_subtract(ogi_coarse *coarse, const double *stencil, const double *d) {
  int tall = (int)coarse->bit.coarse, wide = (int)coarse->word.coarse;
  double *r = coarse->c[0], *mid = coarse->c[1], *lines = coarse->c[2];
  product(tall, wide, tall, CblasNoTrans, coarse->bit.stiff, CblasNoTrans, d, mid);
  product(tall, wide, wide, CblasNoTrans, mid, CblasNoTrans, coarse->word.mass, lines);
  for (int i = 0; i < tall; i++)
    for (int j = 0; j < wide; j++) {
      double sum = lines[i * wide + j];
      const double *s = stencil + 9 * (i * wide + j);
      for (int a = i > 0 ? -1 : 0; a <= (i + 1 < tall ? 1 : 0); a++)
        for (int b = j > 0 ? -1 : 0; b <= (j + 1 < wide ? 1 : 0); b++)
          sum += s[(a + 1) * 3 + b + 1] * d[(i + a) * wide + j + b];
      r[i * wide + j] -= sum;
    }
}

OGI_HOT void ogi_coarse_expand(ogi_coarse *coarse, const double *c) {
  const ogi_coarse_side *word = &coarse->word;
  const int *k0 = word->knot[0], *k1 = word->knot[1];
  const double *w0 = word->weight[0], *w1 = word->weight[1];
  for (size_t row = 0; row < coarse->bit.coarse; row++) {
    double *to = coarse->spread + row * coarse->stride;
    const double *from = c + row * word->coarse;
    for (size_t j = 0; j < word->fine; j++) to[j] = w0[j] * from[k0[j]] + w1[j] * from[k1[j]];
  }
}
