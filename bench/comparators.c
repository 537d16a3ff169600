/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <string.h>
#include <time.h>

#include <cblas.h>
#ifdef HAVE_SUITESPARSE_CHOLMOD_H
#include <suitesparse/cholmod.h>
#else
#include <cholmod.h>
#endif

#include "comparators.h"

double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void put(cholmod_triplet *t, int row, int column, double value) {
  ((int *)t->i)[t->nnz] = row > column ? row : column;
  ((int *)t->j)[t->nnz] = row > column ? column : row;
  ((double *)t->x)[t->nnz++] = value;
}

double plain_cholmod(size_t m, size_t n, double ohm, const double *g, const double *v, double *i_out) {
  double start = seconds(), wire = 1 / ohm;
  int cells = (int)(m * n), width = (int)n;
  cholmod_common c;
  cholmod_start(&c);
  cholmod_triplet *t = cholmod_allocate_triplet(2 * m * n, 2 * m * n, 5 * m * n, -1, CHOLMOD_REAL, &c);
  cholmod_dense *rhs = cholmod_zeros(2 * m * n, 1, CHOLMOD_REAL, &c);
  for (int k = 0; k < cells; k++) {
    int i = k / width, j = k % width;
    put(t, k, k, g[k] + wire * (j + 1 < width ? 2 : 1));
    put(t, cells + k, cells + k, g[k] + wire * (i > 0 ? 2 : 1));
    put(t, k, cells + k, -g[k]);
    if (j + 1 < width) put(t, k, k + 1, -wire);
    if (i + 1 < (int)m) put(t, cells + k, cells + k + width, -wire);
    if (j == 0) ((double *)rhs->x)[k] = wire * v[i];
  }
  cholmod_sparse *a = cholmod_triplet_to_sparse(t, t->nnz, &c);
  cholmod_factor *f = cholmod_analyze(a, &c);
  cholmod_factorize(a, f, &c);
  cholmod_dense *x = cholmod_solve(CHOLMOD_A, f, rhs, &c);
  for (int j = 0; j < width; j++) i_out[j] = wire * ((double *)x->x)[2 * cells - width + j];
  cholmod_free_dense(&x, &c);
  cholmod_free_dense(&rhs, &c);
  cholmod_free_factor(&f, &c);
  cholmod_free_sparse(&a, &c);
  cholmod_free_triplet(&t, &c);
  cholmod_finish(&c);
  return seconds() - start;
}

double ideal_product(size_t m, size_t n, size_t k, const double *g, const double *v, double *i_out) {
  double start = seconds();
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)k, (int)n, (int)m, 1, v, (int)m, g, (int)n, 0, i_out,
              (int)n);
  return seconds() - start;
}
