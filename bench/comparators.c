/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cblas.h>
#ifdef HAVE_SUITESPARSE_CHOLMOD_H
#include <suitesparse/cholmod.h>
#else
#include <cholmod.h>
#endif

#include "comparators.h"

enum { SPICE_CELLS = 64 * 64, SCIPY_CELLS = 512 * 512 };

double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- CHOLMOD ---- */

static void put(cholmod_triplet *t, int row, int column, double value) {
  ((int *)t->i)[t->nnz] = row > column ? row : column;
  ((int *)t->j)[t->nnz] = row > column ? column : row;
  ((double *)t->x)[t->nnz++] = value;
}

static cholmod_sparse *nodal_matrix(size_t m, size_t n, double wire, const double *g, cholmod_common *c) {
  int cells = (int)(m * n), width = (int)n;
  cholmod_triplet *t = cholmod_allocate_triplet(2 * m * n, 2 * m * n, 5 * m * n, -1, CHOLMOD_REAL, c);
  for (int k = 0; k < cells; k++) {
    int i = k / width, j = k % width;
    put(t, k, k, g[k] + wire * (j + 1 < width ? 2 : 1));
    put(t, cells + k, cells + k, g[k] + wire * (i > 0 ? 2 : 1));
    put(t, k, cells + k, -g[k]);
    if (j + 1 < width) put(t, k, k + 1, -wire);
    if (i + 1 < (int)m) put(t, cells + k, cells + k + width, -wire);
  }
  cholmod_sparse *a = cholmod_triplet_to_sparse(t, t->nnz, c);
  cholmod_free_triplet(&t, c);
  return a;
}

direct_time plain_cholmod(size_t m, size_t n, double ohm, const double *g, size_t k, const double *v, double *i_out) {
  double start = seconds(), wire = 1 / ohm;
  size_t cells = m * n;
  cholmod_common c;
  cholmod_start(&c);
  cholmod_sparse *a = nodal_matrix(m, n, wire, g, &c);
  cholmod_factor *f = cholmod_analyze(a, &c);
  cholmod_factorize(a, f, &c);
  double factored = seconds();
  cholmod_dense *rhs = cholmod_zeros(2 * cells, 1, CHOLMOD_REAL, &c);
  for (size_t e = 0; e < k; e++) {
    for (size_t i = 0; i < m; i++) ((double *)rhs->x)[i * n] = wire * v[e * m + i];
    cholmod_dense *x = cholmod_solve(CHOLMOD_A, f, rhs, &c);
    for (size_t j = 0; j < n; j++) i_out[e * n + j] = wire * ((double *)x->x)[2 * cells - n + j];
    cholmod_free_dense(&x, &c);
  }
  direct_time t = {factored - start, (seconds() - factored) / (double)k};
  cholmod_free_dense(&rhs, &c);
  cholmod_free_factor(&f, &c);
  cholmod_free_sparse(&a, &c);
  cholmod_finish(&c);
  return t;
}

/* ---- SciPy ---- */

static int save(const char *folder, const char *name, size_t rows, size_t columns, const double *x) {
  char path[128];
  size_t dim[2] = {rows, columns};
  snprintf(path, sizeof path, "%s/%s.npy", folder, name);
  return og_matrix_save(path, 2, dim, x, NULL) == OG_OK;
}

static int load_currents(const char *folder, size_t n, double *i_out) {
  char path[128];
  og_matrix currents;
  snprintf(path, sizeof path, "%s/i.npy", folder);
  if (og_matrix_load(&currents, path, NULL) != OG_OK) return 0;
  int ok = currents.dim[0] * currents.dim[1] * currents.dim[2] == n;
  if (ok) memcpy(i_out, currents.data, n * sizeof *i_out);
  og_matrix_clear(&currents);
  return ok;
}

static scipy_time run_script(const char *script, const char *folder, double ohm) {
  scipy_time t = {NAN, {NAN, NAN}};
  char command[512];
  const char *python = getenv("OHMGRID_BENCH_PYTHON");
  snprintf(command, sizeof command, "'%s' '%s' '%s' %g 2>&1", python != NULL ? python : "/usr/bin/python3", script,
           folder, ohm);
  FILE *said = popen(command, "r");
  if (said == NULL) return t;
  if (fscanf(said, "%lf %lf %lf", &t.spsolve, &t.splu.factor, &t.splu.solve) != 3)
    t = (scipy_time){NAN, {NAN, NAN}};
  pclose(said);
  return t;
}

scipy_time scipy_dc(const problem *p, double *i_out) {
  scipy_time t = {NAN, {NAN, NAN}};
  char folder[] = "/tmp/ohmgrid-bench-XXXXXX", path[128];
  const char *script = getenv("OHMGRID_BENCH_SCIPY"), *const names[] = {"g", "v", "i"};
  if (script == NULL || p->kind != KIND_DC || p->m * p->n > SCIPY_CELLS || mkdtemp(folder) == NULL) return t;
  if (save(folder, "g", p->m, p->n, p->g) && save(folder, "v", 1, p->m, p->v)) {
    t = run_script(script, folder, p->ohm);
    if (!isnan(t.spsolve) && !load_currents(folder, p->n, i_out)) t.spsolve = NAN;
  }
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    snprintf(path, sizeof path, "%s/%s.npy", folder, names[k]);
    unlink(path);
  }
  rmdir(folder);
  return t;
}

/* ---- others ---- */

double ideal_product(size_t m, size_t n, size_t k, const double *g, const double *v, double *i_out) {
  enum { TRIES = 7 };
  double best = INFINITY;
  for (int t = 0; t < TRIES; t++) {
    double start = seconds();
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)k, (int)n, (int)m, 1, v, (int)m, g, (int)n, 0, i_out,
                (int)n);
    best = fmin(best, seconds() - start);
  }
  return best;
}

double ngspice_op(const problem *p) {
  og_array a = problem_array(p);
  og_check_opts opts;
  og_check_result r;
  og_check_opts_init(&opts);
  opts.worker = getenv("OHMGRID_SPICE");
  if (p->kind != KIND_DC || p->m * p->n > SPICE_CELLS) return NAN;
  return og_check_array(&r, NULL, NULL, &a, p->g, p->v, 1, &opts, NULL) == OG_OK ? r.spice_second : NAN;
}
