/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Line relaxation with conjugate gradients.
 *
 * With Tw, Tb the tridiagonal line matrices and D = diag(G), Kirchhoff's current law reads
 *     (Tw + D) w - D b = s        (s: driver conductance x source voltage at driven ends)    [A]
 *     (Tb + D) b - D w = 0
 * Word lines are eliminated exactly, w = Aw^-1 (D b + s) with Aw = Tw + D, which leaves the symmetric positive
 * definite Schur complement on the bit nodes
 *     (Ab - D Aw^-1 D) b = D Aw^-1 s,      Ab = Tb + D,
 * solved by conjugate gradients [Hestenes1952] preconditioned by Ab^-1 (the line relaxation). Both inverses are
 * tridiagonal eliminations, one per line.
 *
 * A line of 0 ohm segments is a single node (OGI_LINE_NODE), or a terminal (OGI_LINE_FIXED): the same equations with a
 * 1 x 1 or an empty line matrix.
 */
#include <config.h>

#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "solve/ogi_solve.h"

enum { LANES = 8 }; /* word lines swept together: their recurrences are independent and hide each other's latency */

struct ogi_cg {
  size_t m, n, rows; /* rows of bit unknowns: m, 1 or 0 by the kind of bit line */
  ogi_wires wires;
  const double *g;
  double *word_inv, *word_up; /* m x n: 1 / pivot and segment / pivot of each word line; OGI_LINE_NODE: word_inv[i] */
  double *bit_inv, *bit_up;   /* rows x n: the same for bit lines                                                    */
  double *r, *z, *p, *q;      /* rows x n: residual, preconditioned residual, direction, image [A], [V], [V], [A]    */
  double *w;                  /* m x n: word potentials [V]                                                          */
};

static size_t bit_rows(const og_array *array, const ogi_wires *wires) {
  if (wires->bit_kind == OGI_LINE_CHAIN) return array->m;
  return wires->bit_kind == OGI_LINE_NODE ? 1 : 0;
}

og_status ogi_cg_create(ogi_cg **out, const og_array *array, const ogi_wires *wires, og_error *err) {
  *out = NULL;
  ogi_cg *cg = ogi_alloc(1, sizeof *cg);
  if (cg == NULL) return ogi_fail(err, OG_E_NOMEM, "cg");
  cg->m = array->m;
  cg->n = array->n;
  cg->rows = bit_rows(array, wires);
  cg->wires = *wires;
  size_t cells = cg->m * cg->n, bits = cg->rows * cg->n;
  double **word[] = {&cg->word_inv, &cg->word_up, &cg->w};
  double **bit[] = {&cg->bit_inv, &cg->bit_up, &cg->r, &cg->z, &cg->p, &cg->q};
  int ok = 1;
  for (size_t k = 0; k < sizeof word / sizeof *word; k++) ok &= (*word[k] = ogi_alloc(cells, sizeof(double))) != NULL;
  for (size_t k = 0; k < sizeof bit / sizeof *bit; k++) ok &= (*bit[k] = ogi_alloc(bits, sizeof(double))) != NULL;
  if (!ok) {
    ogi_cg_free(cg);
    return ogi_fail(err, OG_E_NOMEM, "cg: %zu x %zu cells", array->m, array->n);
  }
  *out = cg;
  return OG_OK;
}

void ogi_cg_free(ogi_cg *cg) {
  if (cg == NULL) return;
  ogi_free(cg->word_inv);
  ogi_free(cg->word_up);
  ogi_free(cg->bit_inv);
  ogi_free(cg->bit_up);
  ogi_free(cg->r);
  ogi_free(cg->z);
  ogi_free(cg->p);
  ogi_free(cg->q);
  ogi_free(cg->w);
  ogi_free(cg);
}

/*
 * Elimination of a chain written as a ladder: t_k is the conductance to ground seen at node k when everything before
 * it is folded in, t_k = g_k + t_{k-1} s / (t_{k-1} + s); the pivot is t_k + s. Only positive terms are added, so that
 * wires far below the cells' resistance cost no digits. [V = pivot^-1 (I + s V_{k-1})]
 */
OGI_HOT static void factor_words(ogi_cg *cg) {
  size_t n = cg->n;
  double s = cg->wires.word;
  for (size_t i = 0; i < cg->m; i++) {
    const double *g = cg->g + i * n;
    double *inv = cg->word_inv + i * n, *up = cg->word_up + i * n;
    double t = cg->wires.drive[0];
    for (size_t j = 0; j < n; j++) {
      t += g[j];
      double onward = j + 1 < n ? s : cg->wires.drive[1];
      inv[j] = 1 / (t + onward);
      up[j] = s * inv[j];
      t = t * onward * inv[j];
    }
  }
}

static void factor_word_nodes(ogi_cg *cg) {
  for (size_t i = 0; i < cg->m; i++) {
    double sum = cg->wires.drive[0] + cg->wires.drive[1];
    for (size_t j = 0; j < cg->n; j++) sum += cg->g[i * cg->n + j];
    cg->word_inv[i] = 1 / sum;
  }
}

/* As factor_words, all bit lines abreast; q holds the running ladder conductance. */
OGI_HOT static void factor_bits(ogi_cg *cg) {
  size_t n = cg->n;
  double s = cg->wires.bit, *t = cg->q;
  for (size_t j = 0; j < n; j++) t[j] = cg->wires.sense[0];
  for (size_t i = 0; i < cg->m; i++) {
    const double *g = cg->g + i * n;
    double *inv = cg->bit_inv + i * n, *up = cg->bit_up + i * n;
    double onward = i + 1 < cg->m ? s : cg->wires.sense[1];
    for (size_t j = 0; j < n; j++) {
      double seen = t[j] + g[j];
      inv[j] = 1 / (seen + onward);
      up[j] = s * inv[j];
      t[j] = seen * onward * inv[j];
    }
  }
}

static void factor_bit_nodes(ogi_cg *cg) {
  double *sum = cg->bit_inv;
  for (size_t j = 0; j < cg->n; j++) sum[j] = cg->wires.sense[0] + cg->wires.sense[1];
  for (size_t i = 0; i < cg->m; i++)
    for (size_t j = 0; j < cg->n; j++) sum[j] += cg->g[i * cg->n + j];
  for (size_t j = 0; j < cg->n; j++) sum[j] = 1 / sum[j];
}

void ogi_cg_set_cells(ogi_cg *cg, const ogi_cells *cells) {
  cg->g = cells->g;
  if (cg->wires.word_kind == OGI_LINE_CHAIN) factor_words(cg);
  if (cg->wires.word_kind == OGI_LINE_NODE) factor_word_nodes(cg);
  if (cg->wires.bit_kind == OGI_LINE_CHAIN) factor_bits(cg);
  if (cg->wires.bit_kind == OGI_LINE_NODE) factor_bit_nodes(cg);
}

OGI_HOT static void sweep_word_lanes(const ogi_cg *cg, size_t i, double *x) {
  size_t n = cg->n;
  double s = cg->wires.word, last[LANES] = {0};
  const double *inv = cg->word_inv + i * n, *up = cg->word_up + i * n;
  x += i * n;
  for (size_t j = 0; j < n; j++)
    for (size_t k = 0; k < LANES; k++) x[k * n + j] = last[k] = (x[k * n + j] + s * last[k]) * inv[k * n + j];
  for (size_t j = n - 1; j-- > 0;)
    for (size_t k = 0; k < LANES; k++) x[k * n + j] = last[k] = x[k * n + j] + up[k * n + j] * last[k];
}

static void sweep_word_line(const ogi_cg *cg, size_t i, double *x) {
  size_t n = cg->n;
  double s = cg->wires.word, last = 0;
  const double *inv = cg->word_inv + i * n, *up = cg->word_up + i * n;
  x += i * n;
  for (size_t j = 0; j < n; j++) x[j] = last = (x[j] + s * last) * inv[j];
  for (size_t j = n - 1; j-- > 0;) x[j] = last = x[j] + up[j] * last;
}

/* x (m x n): currents into the word nodes [A] -> potentials of the word nodes [V]. */
static void solve_words(const ogi_cg *cg, double *x) {
  size_t m = cg->m, n = cg->n, i = 0;
  if (cg->wires.word_kind == OGI_LINE_FIXED) {
    memset(x, 0, m * n * sizeof *x);
  } else if (cg->wires.word_kind == OGI_LINE_NODE) {
    for (; i < m; i++) {
      double sum = 0;
      for (size_t j = 0; j < n; j++) sum += x[i * n + j];
      for (size_t j = 0; j < n; j++) x[i * n + j] = sum * cg->word_inv[i];
    }
  } else {
    for (; i + LANES <= m; i += LANES) sweep_word_lanes(cg, i, x);
    for (; i < m; i++) sweep_word_line(cg, i, x);
  }
}

/* x (rows x n): currents into the bit nodes [A] -> Ab^-1 x [V]. */
OGI_HOT static void solve_bits(const ogi_cg *cg, double *x) {
  size_t n = cg->n;
  double s = cg->wires.bit;
  for (size_t j = 0; j < n; j++) x[j] *= cg->bit_inv[j];
  for (size_t i = 1; i < cg->rows; i++) {
    const double *inv = cg->bit_inv + i * n;
    double *here = x + i * n, *above = here - n;
    for (size_t j = 0; j < n; j++) here[j] = (here[j] + s * above[j]) * inv[j];
  }
  for (size_t i = cg->rows - 1; i-- > 0;) {
    const double *up = cg->bit_up + i * n;
    double *here = x + i * n, *below = here + n;
    for (size_t j = 0; j < n; j++) here[j] += up[j] * below[j];
  }
}

/* w = Aw^-1 (D b + s): word potentials for given bit potentials and sources (v NULL: sources off). */
OGI_HOT static void words_from_bits(const ogi_cg *cg, const double *b, const double *v, double *w) {
  size_t m = cg->m, n = cg->n;
  for (size_t i = 0; i < m; i++) {
    const double *g = cg->g + i * n, *bi = b + (cg->rows == m ? i * n : 0);
    double *wi = w + i * n;
    for (size_t j = 0; j < n; j++) wi[j] = g[j] * bi[j];
    if (v != NULL && cg->wires.word_kind != OGI_LINE_FIXED) {
      wi[0] += cg->wires.drive[0] * v[i];
      wi[n - 1] += cg->wires.drive[1] * v[i];
    }
  }
  solve_words(cg, w);
  for (size_t i = 0; v != NULL && cg->wires.word_kind == OGI_LINE_FIXED && i < m; i++)
    for (size_t j = 0; j < n; j++) w[i * n + j] = v[i];
}

/* y (rows x n) = D w, summed along bit lines that are single nodes. */
OGI_HOT static void cell_currents(const ogi_cg *cg, const double *w, double *y) {
  size_t m = cg->m, n = cg->n, chain = cg->rows == m;
  if (!chain) memset(y, 0, n * sizeof *y);
  for (size_t i = 0; i < m; i++) {
    const double *g = cg->g + i * n, *wi = w + i * n;
    double *yi = y + (chain ? i * n : 0);
    if (chain)
      for (size_t j = 0; j < n; j++) yi[j] = g[j] * wi[j];
    else
      for (size_t j = 0; j < n; j++) yi[j] += g[j] * wi[j];
  }
}

/* q = (Ab - D Aw^-1 D) x for chains; returns x . q. w is scratch. */
OGI_HOT static double apply_chain(const ogi_cg *cg, const double *x, double *q) {
  size_t m = cg->m, n = cg->n;
  double s = cg->wires.bit, dot = 0;
  words_from_bits(cg, x, NULL, cg->w);
  for (size_t i = 0; i < m; i++) {
    const double *g = cg->g + i * n, *w = cg->w + i * n, *here = x + i * n;
    const double *above = i > 0 ? here - n : here, *below = i + 1 < m ? here + n : here; /* an end has no neighbour */
    double end = (i == 0 ? cg->wires.sense[0] : 0) + (i + 1 == m ? cg->wires.sense[1] : 0), *qi = q + i * n;
    for (size_t j = 0; j < n; j++) {
      qi[j] = g[j] * (here[j] - w[j]) + s * ((here[j] - above[j]) + (here[j] - below[j])) + end * here[j];
      dot += here[j] * qi[j];
    }
  }
  return dot;
}

static double apply_node(const ogi_cg *cg, const double *x, double *q) {
  double dot = 0;
  words_from_bits(cg, x, NULL, cg->w);
  cell_currents(cg, cg->w, q);
  for (size_t j = 0; j < cg->n; j++) {
    q[j] = x[j] / cg->bit_inv[j] - q[j];
    dot += x[j] * q[j];
  }
  return dot;
}

/* b += alpha p, r -= alpha q, z = r. */
OGI_HOT static void step(size_t count, double alpha, const double *p, const double *q, double *b, double *r,
                         double *z) {
  for (size_t k = 0; k < count; k++) {
    b[k] += alpha * p[k];
    z[k] = r[k] -= alpha * q[k];
  }
}

OGI_HOT static double dot(size_t count, const double *x, const double *y) {
  double sum = 0;
  for (size_t k = 0; k < count; k++) sum += x[k] * y[k];
  return sum;
}

/* Conjugate gradients from b = 0 on the right-hand side in r. */
static size_t iterate(ogi_cg *cg, double *b, double rtol, size_t iter_max) {
  size_t count = cg->rows * cg->n, it = 0;
  memset(b, 0, count * sizeof *b);
  memcpy(cg->z, cg->r, count * sizeof *b);
  solve_bits(cg, cg->z);
  memcpy(cg->p, cg->z, count * sizeof *b);
  double rz = dot(count, cg->r, cg->z), goal = rtol * rtol * rz;
  while (rz > goal) {
    if (it++ == iter_max) return it;
    double pq = cg->wires.bit_kind == OGI_LINE_CHAIN ? apply_chain(cg, cg->p, cg->q) : apply_node(cg, cg->p, cg->q);
    step(count, rz / pq, cg->p, cg->q, b, cg->r, cg->z);
    solve_bits(cg, cg->z);
    double next = dot(count, cg->r, cg->z), beta = next / rz;
    rz = next;
    for (size_t k = 0; k < count; k++) cg->p[k] = cg->z[k] + beta * cg->p[k];
  }
  return it;
}

size_t ogi_cg_solve(ogi_cg *cg, const ogi_rhs *rhs, int warm, double rtol, size_t iter_max, double *v_word,
                    double *v_bit) {
  const double *v = rhs->v, *u = rhs->u;
  (void)warm;
  size_t m = cg->m, n = cg->n, iterations = 0;
  memset(v_bit, 0, m * n * sizeof *v_bit);
  /* From bit lines at the potentials of their terminals: the residual is then what the cells carry. */
  for (size_t i = 0; u != NULL && i < (cg->rows > 0 ? cg->rows : 1); i++) memcpy(v_bit + i * n, u, n * sizeof *v_bit);
  if (cg->rows > 0) {
    words_from_bits(cg, v_bit, v, cg->w);
    for (size_t k = 0; u != NULL && k < m * n; k++) cg->w[k] -= u[k % n];
    cell_currents(cg, cg->w, cg->r);
    iterations = iterate(cg, v_bit, rtol, iter_max);
    for (size_t k = 0; u != NULL && k < cg->rows * n; k++) v_bit[k] += u[k % n];
  }
  words_from_bits(cg, v_bit, v, v_word);
  for (size_t i = 1; cg->rows < m && i < m; i++) memcpy(v_bit + i * n, v_bit, n * sizeof *v_bit);
  return iterations;
}
