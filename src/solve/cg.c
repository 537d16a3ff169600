/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Line relaxation with a coarse correction and conjugate gradients.
 *
 * With Tw, Tb the tridiagonal line matrices (shunts included) and D = diag(G), Kirchhoff's current law reads
 *     (Tw + D) w - D b = fw      (fw: driver conductance x source voltage at the ends, injected currents)    [A]
 *     (Tb + D) b - D w = fb
 * Word lines are eliminated exactly, w = Aw^-1 (D b + fw) with Aw = Tw + D, which leaves the symmetric positive
 * definite Schur complement on the bit nodes
 *     S b = (Ab - D Aw^-1 D) b = fb + D Aw^-1 fw,      Ab = Tb + D,
 * solved by conjugate gradients [Hestenes1952], preconditioned by Ab^-1 (the line relaxation) plus the coarse
 * correction of ogi_coarse.h, which removes the smooth errors that make the number of iterations grow with the array.
 *
 * A line of 0 ohm segments is a single node (OGI_LINE_NODE), or a terminal (OGI_LINE_FIXED): the same equations with a
 * 1 x 1 or an empty line matrix, and no coarse correction.
 *
 * Layout. Rows are padded with cells of 0 S to whole vectors, word lines to whole blocks of eight, which are solved
 * abreast, one in each lane.
 */
#include <config.h>

#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "base/ogi_simd.h"
#include "solve/ogi_coarse.h"
#include "solve/ogi_solve.h"

enum { LANES = OGI_WIDE };

struct ogi_cg {
  size_t m, n, stride, rows; /* rows of bit unknowns: m, 1 or 0 by the kind of bit line */
  ogi_wires wires;           /* word_seg, bit_seg borrowed from the solver              */
  double word_shunt, bit_shunt;
  double *g;                 /* padded m x stride [S]                                                             */
  double *word;              /* blocks of [column][2][lane]: 1 / pivot, segment / pivot; NODE: 1 / sum, row by row */
  double *bit_inv, *bit_up;  /* rows x stride: the same for bit lines                                             */
  double *b, *r, *z, *p;     /* rows x stride: solution [V], residual [A], image or correction [A, V], direction [V] */
  double *rows8, *lanes;     /* 8 x stride: one block of word lines, row by row and lane by lane                  */
  double *carry;             /* stride: one row                                                                   */
  double goal;               /* squared preconditioned norm of the last right-hand side, from b = 0; 0: none yet  */
  int has_coarse;
  ogi_coarse coarse;
};

static size_t bit_rows(const og_array *array, const ogi_wires *wires) {
  if (wires->bit_kind == OGI_LINE_CHAIN) return array->m;
  return wires->bit_kind == OGI_LINE_NODE ? 1 : 0;
}

static og_status allocate(ogi_cg *cg, og_error *err) {
  size_t cells = ogi_padded(cg->m) * cg->stride, bits = cg->rows * cg->stride;
  double **bit[] = {&cg->bit_inv, &cg->bit_up, &cg->b, &cg->r, &cg->z, &cg->p};
  cg->g = ogi_alloc(cells, sizeof(double));
  cg->word = ogi_alloc(2 * cells, sizeof(double));
  cg->rows8 = ogi_alloc(LANES * cg->stride, sizeof(double));
  cg->lanes = ogi_alloc(LANES * cg->stride, sizeof(double));
  cg->carry = ogi_alloc(cg->stride, sizeof(double));
  int ok = cg->g && cg->word && cg->rows8 && cg->lanes && cg->carry;
  for (size_t k = 0; k < sizeof bit / sizeof *bit; k++) ok &= (*bit[k] = ogi_alloc(bits, sizeof(double))) != NULL;
  return ok ? OG_OK : ogi_fail(err, OG_E_NOMEM, "cg: %zu x %zu cells", cg->m, cg->n);
}

og_status ogi_cg_create(ogi_cg **out, const og_array *array, const ogi_wires *wires, og_error *err) {
  og_status st;
  *out = NULL;
  ogi_cg *cg = ogi_alloc(1, sizeof *cg);
  if (cg == NULL) return ogi_fail(err, OG_E_NOMEM, "cg");
  cg->m = array->m;
  cg->n = array->n;
  cg->stride = ogi_padded(array->n);
  cg->rows = bit_rows(array, wires);
  cg->wires = *wires;
  OGI_TRY(st, allocate(cg, err));
  if (wires->word_kind == OGI_LINE_CHAIN && wires->bit_kind == OGI_LINE_CHAIN) {
    OGI_TRY(st, ogi_coarse_create(&cg->coarse, array, wires, err));
    cg->has_coarse = 1;
  }
  *out = cg;
  cg = NULL;
done:
  ogi_cg_free(cg);
  return st;
}

void ogi_cg_free(ogi_cg *cg) {
  if (cg == NULL) return;
  double *all[] = {cg->g, cg->word, cg->bit_inv, cg->bit_up, cg->b,    cg->r,
                   cg->z, cg->p,    cg->rows8,   cg->lanes,  cg->carry};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) ogi_free(all[k]);
  ogi_coarse_clear(&cg->coarse);
  ogi_free(cg);
}

/* Word segment left of cell (i,j), j = 0 .. n: ends are the conductances to the driver [S]. */
static inline double word_segment(const ogi_wires *w, size_t n, size_t i, size_t j) {
  if (w->word_seg != NULL) return w->word_seg[i * (n + 1) + j];
  return j == 0 ? w->drive[0] : j == n ? w->drive[1] : w->word;
}

/* Bit segment above cell (i,j), i = 0 .. m. */
static inline double bit_segment(const ogi_wires *w, size_t m, size_t n, size_t i, size_t j) {
  if (w->bit_seg != NULL) return w->bit_seg[i * n + j];
  return i == 0 ? w->sense[0] : i == m ? w->sense[1] : w->bit;
}

/* ---- factors ---- */

/*
 * Elimination of a chain written as a ladder: t_k is the conductance to ground seen at node k when everything before
 * it is folded in, t_k = g_k + t_{k-1} s / (t_{k-1} + s); the pivot is t_k + s. Only positive terms are added, so that
 * wires far below the cells' resistance cost no digits. Eight lines abreast; lanes without a line keep zeros.
 */
OGI_HOT8 static void factor_word_block(const ogi_cg *cg, size_t i0, double *fac) {
  const ogi_wires *w = &cg->wires;
  size_t n = cg->n, lines = ogi_min_size(LANES, cg->m - i0);
  ogi_v8 t = {0}, on = {0};
  for (size_t k = 0; k < lines; k++) t[k] = word_segment(w, n, i0 + k, 0);
  for (size_t j0 = 0; j0 < n; j0 += OGI_WIDE) {
    ogi_v8 g[8];
    for (size_t k = 0; k < LANES; k++) g[k] = *(const ogi_v8 *)(cg->g + (i0 + k) * cg->stride + j0);
    ogi_transpose8(g);
    size_t end = ogi_min_size(OGI_WIDE, n - j0);
    for (size_t c = 0; c < end; c++) {
      size_t j = j0 + c;
      if (w->word_seg != NULL || j == 0 || j + 1 == n)
        for (size_t k = 0; k < lines; k++) on[k] = word_segment(w, n, i0 + k, j + 1);
      for (size_t k = lines; k < LANES; k++) on[k] = 1;
      t += g[c] + cg->word_shunt;
      ogi_v8 inv = 1 / (t + on), through = on * inv;
      *(ogi_v8 *)(fac + 16 * j) = inv;
      *(ogi_v8 *)(fac + 16 * j + 8) = j + 1 < n ? through : (ogi_v8){0};
      t *= through;
    }
  }
}

static void factor_word_nodes(ogi_cg *cg) {
  for (size_t i = 0; i < cg->m; i++) {
    double sum = cg->wires.drive[0] + cg->wires.drive[1] + (double)cg->n * cg->word_shunt;
    for (size_t j = 0; j < cg->n; j++) sum += cg->g[i * cg->stride + j];
    cg->word[i] = 1 / sum;
  }
}

/* As factor_word_block, all bit lines abreast; carry holds the running ladder conductance. */
OGI_HOT static void factor_bits(ogi_cg *cg) {
  size_t m = cg->m, n = cg->n;
  const ogi_wires *w = &cg->wires;
  double *t = cg->carry, shunt = cg->bit_shunt;
  for (size_t j = 0; j < n; j++) t[j] = bit_segment(w, m, n, 0, j);
  for (size_t i = 0; i < m; i++) {
    const double *g = cg->g + i * cg->stride;
    double *inv = cg->bit_inv + i * cg->stride, *up = cg->bit_up + i * cg->stride, inner = i + 1 < m;
    const double *table = w->bit_seg != NULL ? w->bit_seg + (i + 1) * n : NULL;
    double same = bit_segment(w, m, n, i + 1, 0);
    for (size_t j = 0; j < n; j++) {
      double on = table != NULL ? table[j] : same, seen = t[j] + g[j] + shunt;
      inv[j] = 1 / (seen + on);
      t[j] = seen * (on * inv[j]);
      up[j] = inner * (on * inv[j]);
    }
  }
}

static void factor_bit_nodes(ogi_cg *cg) {
  double *sum = cg->bit_inv;
  for (size_t j = 0; j < cg->n; j++)
    sum[j] = cg->wires.sense[0] + cg->wires.sense[1] + (double)cg->m * cg->bit_shunt;
  for (size_t i = 0; i < cg->m; i++)
    for (size_t j = 0; j < cg->n; j++) sum[j] += cg->g[i * cg->stride + j];
  for (size_t j = 0; j < cg->n; j++) sum[j] = 1 / sum[j];
}

void ogi_cg_set_cells(ogi_cg *cg, const ogi_cells *cells) {
  double sum = 0;
  cg->word_shunt = cells->word_shunt;
  cg->bit_shunt = cells->bit_shunt;
  cg->goal = 0;
  for (size_t i = 0; i < cg->m; i++) {
    const double *from = cells->g + i * cg->n;
    double *to = cg->g + i * cg->stride;
    for (size_t j = 0; j < cg->n; j++) sum += to[j] = from[j];
  }
  if (cg->has_coarse) ogi_coarse_set(&cg->coarse, sum / (double)(cg->m * cg->n), cells);
  if (cg->wires.word_kind == OGI_LINE_CHAIN)
    for (size_t i = 0; i < cg->m; i += LANES) factor_word_block(cg, i, cg->word + 2 * i * cg->stride);
  if (cg->wires.word_kind == OGI_LINE_NODE) factor_word_nodes(cg);
  if (cg->wires.bit_kind == OGI_LINE_CHAIN) factor_bits(cg);
  if (cg->wires.bit_kind == OGI_LINE_NODE) factor_bit_nodes(cg);
}

/* ---- word lines ---- */

/* Eight word lines: a (8 x stride) holds currents into their nodes [A], afterwards potentials [V]. */
OGI_HOT8 static void sweep_words(const double *fac, size_t stride, double *a, double *lanes) {
  ogi_v8 q = {0}, up = {0};
  for (size_t j0 = 0; j0 < stride; j0 += OGI_WIDE) {
    ogi_v8 x[8];
    for (size_t k = 0; k < LANES; k++) x[k] = *(const ogi_v8 *)(a + k * stride + j0);
    ogi_transpose8(x);
    for (size_t c = 0; c < OGI_WIDE; c++) {
      const double *f = fac + 16 * (j0 + c);
      q = x[c] + up * q;
      up = *(const ogi_v8 *)(f + 8);
      *(ogi_v8 *)(lanes + 8 * (j0 + c)) = q * *(const ogi_v8 *)f;
    }
  }
  ogi_v8 w = {0};
  for (size_t j0 = stride; j0 > 0;) {
    ogi_v8 x[8];
    j0 -= OGI_WIDE;
    for (size_t c = OGI_WIDE; c-- > 0;) {
      w = *(const ogi_v8 *)(lanes + 8 * (j0 + c)) + *(const ogi_v8 *)(fac + 16 * (j0 + c) + 8) * w;
      x[c] = w;
    }
    ogi_transpose8(x);
    for (size_t k = 0; k < LANES; k++) *(ogi_v8 *)(a + k * stride + j0) = x[k];
  }
}

/* The same by the kind of line; v NULL: sources off. */
static void solve_words(const ogi_cg *cg, size_t i0, const double *v, double *a) {
  size_t n = cg->n, stride = cg->stride, lines = ogi_min_size(LANES, cg->m - i0);
  if (cg->wires.word_kind == OGI_LINE_CHAIN) {
    sweep_words(cg->word + 2 * i0 * stride, stride, a, cg->lanes);
    return;
  }
  for (size_t k = 0; k < lines; k++) {
    double sum = 0, *row = a + k * stride;
    for (size_t j = 0; j < n; j++) sum += row[j];
    sum = cg->wires.word_kind == OGI_LINE_NODE ? sum * cg->word[i0 + k] : v != NULL ? v[i0 + k] : 0;
    for (size_t j = 0; j < n; j++) row[j] = sum;
  }
}

static const double *bit_row(const ogi_cg *cg, const double *b, size_t i) {
  return b + (cg->rows == cg->m ? i * cg->stride : 0);
}

/* Currents D b into eight word lines from i0 on; rows beyond the last line are zero. */
OGI_HOT static void cells_to_words(const ogi_cg *cg, size_t i0, const double *b, double *a) {
  size_t stride = cg->stride;
  for (size_t k = 0; k < LANES; k++) {
    double *row = a + k * stride;
    if (i0 + k >= cg->m || cg->rows == 0) {
      memset(row, 0, stride * sizeof *row);
      continue;
    }
    const double *g = cg->g + (i0 + k) * stride, *bi = bit_row(cg, b, i0 + k);
    for (size_t j = 0; j < stride; j++) row[j] = g[j] * bi[j];
  }
}

/* Sources and injected currents of the word lines from i0 on. */
static void drive_words(const ogi_cg *cg, size_t i0, const ogi_rhs *rhs, double *a) {
  size_t n = cg->n, stride = cg->stride;
  for (size_t k = 0; k < LANES && i0 + k < cg->m; k++) {
    size_t i = i0 + k;
    double *row = a + k * stride;
    if (cg->wires.word_kind == OGI_LINE_FIXED) continue;
    row[0] += word_segment(&cg->wires, n, i, 0) * rhs->v[i];
    row[n - 1] += word_segment(&cg->wires, n, i, n) * rhs->v[i];
    for (size_t j = 0; rhs->word_in != NULL && j < n; j++) row[j] += rhs->word_in[i * n + j];
  }
}

/* ---- bit lines ---- */

/* out = g (w - x) - Tb x: one row of bit nodes, sources off [A]. */
OGI_HOT static void bit_residual(const ogi_cg *cg, size_t i, const double *x, const double *w, double *out) {
  size_t m = cg->m, n = cg->n, stride = cg->stride;
  const double *g = cg->g + i * stride, *xi = x + i * stride;
  const double *above = i > 0 ? xi - stride : NULL, *below = i + 1 < m ? xi + stride : NULL;
  const double *seg = cg->wires.bit_seg, shunt = cg->bit_shunt;
  for (size_t j = 0; j < n; j++) out[j] = g[j] * (w[j] - xi[j]) - shunt * xi[j];
  for (int side = 0; side < 2; side++) {
    const double *next = side ? below : above, *table = seg != NULL ? seg + (i + (size_t)side) * n : NULL;
    double same = bit_segment(&cg->wires, m, n, i + (size_t)side, 0);
    if (table != NULL)
      for (size_t j = 0; j < n; j++) out[j] -= table[j] * (xi[j] - (next != NULL ? next[j] : 0));
    else if (next != NULL)
      for (size_t j = 0; j < n; j++) out[j] -= same * (xi[j] - next[j]);
    else
      for (size_t j = 0; j < n; j++) out[j] -= same * xi[j];
  }
}

/* The same where each bit line is one node: out (one row) gathers the cells of every word line. */
static void node_residual(const ogi_cg *cg, size_t i, const double *x, const double *w, double *out) {
  double tie = cg->wires.sense[0] + cg->wires.sense[1] + (double)cg->m * cg->bit_shunt;
  for (size_t j = 0; j < cg->n; j++) out[j] += cg->g[i * cg->stride + j] * (w[j] - x[j]) - (i == 0 ? tie * x[j] : 0);
}

/* Terminals and injected currents of bit row i. */
static void drive_bits(const ogi_cg *cg, size_t i, const ogi_rhs *rhs, double *out) {
  size_t m = cg->m, n = cg->n;
  for (size_t j = 0; rhs->bit_in != NULL && j < n; j++) out[j] += rhs->bit_in[i * n + j];
  if (rhs->u == NULL) return;
  for (size_t j = 0; i == 0 && j < n; j++) out[j] += bit_segment(&cg->wires, m, n, 0, j) * rhs->u[j];
  for (size_t j = 0; i + 1 == m && j < n; j++) out[j] += bit_segment(&cg->wires, m, n, m, j) * rhs->u[j];
}

/* x = z + beta x, made a block of rows ahead of its use. */
typedef struct direction {
  const double *z;
  double beta;
} direction;

OGI_HOT static void advance(const ogi_cg *cg, const direction *d, size_t i0, double *x) {
  if (d == NULL || i0 >= cg->rows) return;
  size_t from = i0 * cg->stride, to = ogi_min_size(i0 + LANES, cg->rows) * cg->stride;
  for (size_t k = from; k < to; k++) x[k] = d->z[k] + d->beta * x[k];
}

OGI_HOT static double dot(size_t count, const double *x, const double *y) {
  ogi_v8 sum = {0};
  for (size_t k = 0; k < count; k += OGI_WIDE) sum += *(const ogi_v8 *)(x + k) * *(const ogi_v8 *)(y + k);
  return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

/* out = f - S x with the sources of rhs, or -S x (rhs NULL), x made by d unless NULL. Returns x . out. */
static double residual(ogi_cg *cg, const ogi_rhs *rhs, const direction *d, double *x, double *out) {
  size_t m = cg->m, stride = cg->stride;
  double product = 0;
  int chain = cg->rows == m && cg->wires.bit_kind == OGI_LINE_CHAIN;
  advance(cg, d, 0, x); /* first: out may be d->z */
  if (!chain) memset(out, 0, stride * sizeof *out);
  for (size_t i0 = 0; i0 < m; i0 += LANES) {
    if (chain) advance(cg, d, i0 + LANES, x);
    cells_to_words(cg, i0, x, cg->rows8);
    if (rhs != NULL) drive_words(cg, i0, rhs, cg->rows8);
    solve_words(cg, i0, rhs != NULL ? rhs->v : NULL, cg->rows8);
    for (size_t i = i0; i < i0 + LANES && i < m; i++) {
      double *to = chain ? out + i * stride : out;
      const double *w = cg->rows8 + (i - i0) * stride;
      if (chain) bit_residual(cg, i, x, w, to);
      else node_residual(cg, i, x, w, to);
      if (rhs != NULL) drive_bits(cg, i, rhs, to);
      if (chain) product += dot(stride, x + i * stride, to);
    }
  }
  return chain ? product : dot(stride, x, out);
}

/* ---- preconditioner ---- */

/* b += alpha p, r += alpha q where asked; then forward elimination of r into z, and r summed over block rows. */
OGI_HOT static void step_down(ogi_cg *cg, double alpha, const double *q) {
  size_t stride = cg->stride;
  const ogi_coarse *coarse = &cg->coarse;
  for (size_t i = 0; i < cg->rows; i++) {
    size_t at = i * stride;
    double *b = cg->b + at, *r = cg->r + at, *z = cg->z + at;
    const double *p = cg->p + at, *up = i > 0 ? cg->bit_up + at - stride : NULL;
    if (q != NULL)
      for (size_t j = 0; j < stride; j++) {
        b[j] += alpha * p[j];
        r[j] += alpha * q[at + j];
      }
    if (cg->has_coarse) {
      double w0 = coarse->bit.weight[0][i], w1 = coarse->bit.weight[1][i];
      double *g0 = coarse->gather + (size_t)coarse->bit.knot[0][i] * stride;
      double *g1 = coarse->gather + (size_t)coarse->bit.knot[1][i] * stride;
      for (size_t j = 0; j < stride; j++) g0[j] += w0 * r[j];
      for (size_t j = 0; j < stride; j++) g1[j] += w1 * r[j];
    }
    if (up == NULL) memcpy(z, r, stride * sizeof *z);
    else
      for (size_t j = 0; j < stride; j++) z[j] = r[j] + up[j] * z[(ptrdiff_t)j - (ptrdiff_t)stride];
  }
}

/* Back-substitution, plus the interpolated correction. @return r . z */
OGI_HOT static double step_up(ogi_cg *cg) {
  size_t stride = cg->stride;
  const ogi_coarse *coarse = &cg->coarse;
  double product = 0, *fine = cg->carry;
  memset(fine, 0, stride * sizeof *fine);
  for (size_t i = cg->rows; i-- > 0;) {
    size_t at = i * stride;
    const double *inv = cg->bit_inv + at, *up = cg->bit_up + at;
    double *z = cg->z + at;
    for (size_t j = 0; j < stride; j++) z[j] = fine[j] = inv[j] * z[j] + up[j] * fine[j];
    if (cg->has_coarse) {
      double w0 = coarse->bit.weight[0][i], w1 = coarse->bit.weight[1][i];
      const double *e0 = coarse->spread + (size_t)coarse->bit.knot[0][i] * stride;
      const double *e1 = coarse->spread + (size_t)coarse->bit.knot[1][i] * stride;
      for (size_t j = 0; j < stride; j++) z[j] += w0 * e0[j] + w1 * e1[j];
    }
    product += dot(stride, cg->r + at, z);
  }
  return product;
}

/* z = preconditioned residual, after the step alpha along p (q: the change of the residual; NULL: no step). */
static double precondition(ogi_cg *cg, double alpha, const double *q) {
  step_down(cg, alpha, q);
  if (cg->has_coarse) {
    ogi_coarse_restrict(&cg->coarse);
    ogi_coarse_solve(&cg->coarse);
    ogi_coarse_expand(&cg->coarse, cg->coarse.c[1]);
  }
  return step_up(cg);
}

/* ---- conjugate gradients ---- */

/* From b and its residual r. */
static size_t iterate(ogi_cg *cg, double rtol, size_t iter_max) {
  size_t bits = cg->rows * cg->stride, it = 0;
  double rz = precondition(cg, 0, NULL);
  if (cg->goal == 0) cg->goal = rz;
  double limit = rtol * rtol * cg->goal;
  direction d = {.z = cg->z, .beta = 0};
  memset(cg->p, 0, bits * sizeof *cg->p);
  while (rz > limit) {
    if (it++ == iter_max) return it;
    double pq = -residual(cg, NULL, &d, cg->p, cg->z); /* z is used up before its row is overwritten */
    double next = precondition(cg, rz / pq, cg->z);
    d.beta = next / rz;
    rz = next;
  }
  return it;
}

static void copy_rows(double *to, size_t to_stride, const double *from, size_t from_stride, size_t rows, size_t n) {
  for (size_t i = 0; i < rows; i++) memcpy(to + i * to_stride, from + i * from_stride, n * sizeof *to);
}

size_t ogi_cg_solve(ogi_cg *cg, const ogi_rhs *rhs, int warm, double rtol, size_t iter_max, double *v_word,
                    double *v_bit) {
  size_t m = cg->m, n = cg->n, stride = cg->stride, iterations = 0;
  if (cg->rows > 0) {
    if (!warm || cg->goal == 0) {
      memset(cg->b, 0, cg->rows * stride * sizeof *cg->b);
      cg->goal = 0;
    } else copy_rows(cg->b, stride, v_bit, n, cg->rows, n);
    residual(cg, rhs, NULL, cg->b, cg->r);
    iterations = iterate(cg, rtol, iter_max);
  }
  for (size_t i0 = 0; i0 < m; i0 += LANES) {
    cells_to_words(cg, i0, cg->b, cg->rows8);
    for (size_t i = i0; cg->rows == 0 && rhs->u != NULL && i < i0 + LANES && i < m; i++)
      for (size_t j = 0; j < n; j++) cg->rows8[(i - i0) * stride + j] = cg->g[i * stride + j] * rhs->u[j];
    drive_words(cg, i0, rhs, cg->rows8);
    solve_words(cg, i0, rhs->v, cg->rows8);
    copy_rows(v_word + i0 * n, n, cg->rows8, stride, ogi_min_size(LANES, m - i0), n);
  }
  for (size_t i = 0; i < m; i++) {
    if (cg->rows > 0) memcpy(v_bit + i * n, bit_row(cg, cg->b, i), n * sizeof *v_bit);
    else if (rhs->u != NULL) memcpy(v_bit + i * n, rhs->u, n * sizeof *v_bit);
    else memset(v_bit + i * n, 0, n * sizeof *v_bit);
  }
  return iterations;
}
