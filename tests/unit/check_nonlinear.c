/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arrays of cells that are not linear: closed forms, bisection, a dense Newton's method in long double written here,
 * ngspice, and the linear engines. Both engines inside.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_spice.h"
#include "ogt.h"
#include <ohmgrid/ohmgrid.h>

static const og_engine engines[2] = {OG_ENGINE_CHOLESKY, OG_ENGINE_CG};

static og_cell *made(const char *text) {
  og_cell *cell;
  og_error err = {0};
  ck_assert_msg(og_cell_create(&cell, text, &err) == OG_OK, "%s: %s", text, err.text);
  return cell;
}

static og_array wired(size_t m, size_t n, double word, double bit, double source, double sense) {
  og_array a;
  og_array_init(&a, m, n);
  a.r_word_ohm = word;
  a.r_bit_ohm = bit;
  a.r_source_ohm = source;
  a.r_sense_ohm = sense;
  return a;
}

static og_nonlinear *prepared(const og_array *a, const og_cell *cell, og_engine engine, double kcl_rtol,
                              const double *g) {
  og_nonlinear *s;
  og_nonlinear_opts opts;
  og_error err = {0};
  og_nonlinear_opts_init(&opts);
  opts.engine = engine;
  opts.kcl_rtol = kcl_rtol;
  ck_assert_msg(og_nonlinear_create(&s, a, cell, &opts, &err) == OG_OK, "%s", err.text);
  ck_assert_msg(og_nonlinear_set_cells(s, g, &err) == OG_OK, "%s", err.text);
  return s;
}

static og_nonlinear_info solved(og_nonlinear *s, const double *v, const double *u, size_t k, double *i, double *w,
                                double *b) {
  og_nonlinear_info info;
  og_error err = {0};
  ck_assert_msg(og_nonlinear_dc(s, v, u, k, i, w, b, &info, &err) == OG_OK, "%s", err.text);
  ck_assert(info.power_balance < 1e-7);
  return info;
}

START_TEST(ideal_wires_give_sums_of_cell_currents) {
  enum { M = 7, N = 5 };
  double g[M * N], v[M], i[N];
  const double u[N] = {0.1, -0.2, 0, 0.05, 0.3};
  og_cell *cell = made("sinh,v0=0.21");
  og_array a = wired(M, N, 0, 0, 0, 0);
  ogt_fill(g, M * N, 1e-6, 1e-4, 1);
  ogt_fill(v, M, -0.7, 0.9, 2);
  for (int e = 0; e < 2; e++) {
    og_nonlinear *s = prepared(&a, cell, engines[e], 1e-10, g);
    og_nonlinear_info info = solved(s, v, u, 1, i, NULL, NULL);
    ck_assert_uint_eq(info.newton_steps, 0);
    for (size_t j = 0; j < N; j++) {
      double want = 0, scale = 0;
      for (size_t k = 0; k < M; k++) {
        double part = g[k * N + j] * 0.21 * sinh((v[k] - u[j]) / 0.21);
        want += part;
        scale += fabs(part);
      }
      ogt_abs(i[j], want, 1e-14 * scale);
    }
    og_nonlinear_free(s);
  }
  og_cell_free(cell);
}
END_TEST

/* One cell: v = i R + v0 asinh(i / (g v0)), by bisection in i. */
START_TEST(one_cell_and_a_resistance_agree_with_bisection) {
  const double g = 3.7e-4, v0 = 0.11, r = 57 + 2.3 + 1.1 + 31;
  og_cell *cell = made("sinh,v0=0.11");
  og_array a = wired(1, 1, 2.3, 1.1, 57, 31);
  for (int e = 0; e < 2; e++) {
    og_nonlinear *s = prepared(&a, cell, engines[e], 1e-13, &g);
    for (double v = -3.1; v < 3.3; v += 0.47) {
      double low = -fabs(v) / r, high = fabs(v) / r, i;
      for (int k = 0; k < 200; k++) {
        double middle = 0.5 * (low + high);
        if (middle * r + v0 * asinh(middle / (g * v0)) > v) high = middle;
        else low = middle;
      }
      solved(s, &v, NULL, 1, &i, NULL, NULL);
      ogt_rel(i, low, 1e-11);
    }
    og_nonlinear_free(s);
  }
  og_cell_free(cell);
}
END_TEST

START_TEST(linear_cells_agree_with_the_linear_solver) {
  enum { M = 23, N = 31, K = 3 };
  static double g[M * N], v[K * M], i[K * N], want[K * N];
  og_cell *cell = made("linear");
  og_array a = wired(M, N, 2.5, 1.7, 35, 12);
  og_solver *linear;
  og_solver_opts opts;
  og_solver_opts_init(&opts);
  opts.engine = OG_ENGINE_CHOLESKY;
  ogt_fill(g, M * N, 1e-6, 1e-4, 1);
  ogt_fill(v, K * M, -0.2, 0.3, 2);
  ck_assert_int_eq(og_solver_create(&linear, &a, &opts, NULL), OG_OK);
  ck_assert_int_eq(og_solver_set_cells(linear, g, NULL), OG_OK);
  ck_assert_int_eq(og_solver_dc(linear, v, K, want, NULL, NULL, NULL, NULL), OG_OK);
  for (int e = 0; e < 2; e++) {
    og_nonlinear *s = prepared(&a, cell, engines[e], 1e-12, g);
    og_nonlinear_info info = solved(s, v, NULL, K, i, NULL, NULL);
    for (int k = 0; k < K * N; k++) ogt_abs(i[k], want[k], 1e-12 * fabs(want[0]));
    if (e == 0) ck_assert_uint_eq(info.newton_steps, 1);
    og_nonlinear_free(s);
  }
  og_solver_free(linear);
  og_cell_free(cell);
}
END_TEST

/* ---- an independent solution ---- */

enum { DM = 4, DN = 3, NODES = 2 * DM * DN };
typedef long double law(long double g, long double v, long double *slope);

static long double sinh_law(long double g, long double v, long double *slope) {
  *slope = g * coshl(v / 0.15L);
  return g * 0.15L * sinhl(v / 0.15L);
}

static long double threshold_law(long double g, long double v, long double *slope) {
  long double e = expl((0.5L - fabsl(v)) / 0.05L), r = 1e-3L, on = 1 / (1 + e);
  *slope = g * (r + (1 - r) * on + (1 - r) * fabsl(v) * e / ((1 + e) * (1 + e)) / 0.05L);
  return g * v * (r + (1 - r) * on);
}

static void dense_wire(long double y[NODES][NODES + 1], int a, int b, long double s, long double volt) {
  y[a][a] += s;
  if (b < 0) {
    y[a][NODES] += s * volt;
    return;
  }
  y[b][b] += s;
  y[a][b] -= s;
  y[b][a] -= s;
}

static void eliminate(long double y[NODES][NODES + 1], long double *x) {
  for (int c = 0; c < NODES; c++) {
    int p = c;
    for (int r = c; r < NODES; r++)
      if (fabsl(y[r][c]) > fabsl(y[p][c])) p = r;
    for (int k = 0; k <= NODES; k++) {
      long double swap = y[c][k];
      y[c][k] = y[p][k];
      y[p][k] = swap;
    }
    for (int r = c + 1; r < NODES; r++) {
      long double f = y[r][c] / y[c][c];
      for (int k = c; k <= NODES; k++) y[r][k] -= f * y[c][k];
    }
  }
  for (int c = NODES; c-- > 0;) {
    x[c] = y[c][NODES];
    for (int k = c + 1; k < NODES; k++) x[c] -= y[c][k] * x[k];
    x[c] /= y[c][c];
  }
}

/* Sources in 400 steps, plain Newton on each; drive left, sense bottom. */
static void dense_newton(const og_array *a, law *cell, const double *g, const double *v, double *i_out) {
  static long double y[NODES][NODES + 1], x[NODES], next[NODES];
  const int half = DM * DN;
  memset(x, 0, sizeof x);
  for (int rise = 1; rise <= 400; rise++)
    for (int step = 0; step < (rise == 400 ? 60 : 4); step++) {
      memset(y, 0, sizeof y);
      for (int i = 0; i < DM; i++)
        for (int j = 0; j < DN; j++) {
          int k = i * DN + j;
          long double slope, drop = x[k] - x[half + k], amp = cell(g[k], drop, &slope), source = v[i] * rise / 400.0L;
          if (j == 0) dense_wire(y, k, -1, 1 / ((long double)a->r_word_ohm + a->r_source_ohm), source);
          else dense_wire(y, k - 1, k, 1 / (long double)a->r_word_ohm, 0);
          if (i + 1 == DM) dense_wire(y, half + k, -1, 1 / ((long double)a->r_bit_ohm + a->r_sense_ohm), 0);
          else dense_wire(y, half + k, half + k + DN, 1 / (long double)a->r_bit_ohm, 0);
          dense_wire(y, k, half + k, slope, 0);
          y[k][NODES] += slope * drop - amp;
          y[half + k][NODES] -= slope * drop - amp;
        }
      eliminate(y, next);
      memcpy(x, next, sizeof x);
    }
  for (int j = 0; j < DN; j++)
    i_out[j] = (double)(x[half + (DM - 1) * DN + j] / ((long double)a->r_bit_ohm + a->r_sense_ohm));
}

START_TEST(small_arrays_agree_with_dense_newton) {
  const char *const text[2] = {"sinh,v0=0.15", "threshold,v_th=0.5,v_w=0.05,ratio=1e3"};
  law *const laws[2] = {sinh_law, threshold_law};
  double g[DM * DN], v[DM], i[DN], want[DN];
  og_array a = wired(DM, DN, 23, 41, 150, 75);
  ogt_fill(g, DM * DN, 1e-5, 1e-3, 5);
  ogt_fill(v, DM, 0.2, 0.95, 6);
  v[1] = -v[1];
  for (int l = 0; l < 2; l++) {
    og_cell *cell = made(text[l]);
    dense_newton(&a, laws[l], g, v, want);
    for (int e = 0; e < 2; e++) {
      og_nonlinear *s = prepared(&a, cell, engines[e], 1e-13, g);
      solved(s, v, NULL, 1, i, NULL, NULL);
      for (int j = 0; j < DN; j++) ogt_abs(i[j], want[j], 1e-10 * fabs(want[0]));
      og_nonlinear_free(s);
    }
    og_cell_free(cell);
  }
}
END_TEST

START_TEST(small_array_agrees_with_ngspice) {
  enum { M = 3, N = 4 };
  double g[M * N], v[M], i[N], got[N];
  char names[N][16], *deck;
  const char *name[N], *program = getenv("OHMGRID_SPICE");
  size_t bytes;
  og_error err = {0};
  ogi_spice *spice;
  og_array a = wired(M, N, 3.1, 4.7, 50, 20);
  og_cell *cell = made("sinh,v0=0.2");
  ogt_fill(g, M * N, 1e-5, 1e-3, 7);
  ogt_fill(v, M, -0.5, 0.9, 8);
  FILE *f = open_memstream(&deck, &bytes);
  fprintf(f, "array\n");
  for (int p = 0; p < M; p++) fprintf(f, "vs%d s%d 0 dc %.17g\nrs%d s%d w%d_0 53.1\n", p, p, v[p], p, p, p);
  for (int q = 0; q < N; q++) fprintf(f, "rt%d b%d_%d t%d 24.7\nvt%d t%d 0 dc 0\n", q, M - 1, q, q, q, q);
  for (int p = 0; p < M; p++)
    for (int q = 0; q < N; q++) {
      if (q > 0) fprintf(f, "rw%d_%d w%d_%d w%d_%d 3.1\n", p, q, p, q - 1, p, q);
      if (p > 0) fprintf(f, "rb%d_%d b%d_%d b%d_%d 4.7\n", p, q, p - 1, q, p, q);
      fprintf(f, "bc%d_%d w%d_%d b%d_%d i=%.17g*sinh(v(w%d_%d,b%d_%d)/0.2)\n", p, q, p, q, p, q, g[p * N + q] * 0.2, p,
              q, p, q);
    }
  fprintf(f, ".options reltol=1e-10 abstol=1e-16 vntol=1e-12\n.op\n.end\n");
  fclose(f);
  for (int q = 0; q < N; q++) {
    snprintf(names[q], sizeof names[q], "vt%d#branch", q);
    name[q] = names[q];
  }
  ck_assert_msg(ogi_spice_open(&spice, program, 60, &err) == OG_OK, "%s", err.text);
  ck_assert_msg(ogi_spice_run(spice, deck, bytes, name, N, got, &err) == OG_OK, "%s\n%s", err.text, deck);
  ogi_spice_close(spice);
  free(deck);
  for (int e = 0; e < 2; e++) {
    og_nonlinear *s = prepared(&a, cell, engines[e], 1e-12, g);
    solved(s, v, NULL, 1, i, NULL, NULL);
    for (int q = 0; q < N; q++) ogt_abs(i[q], got[q], 1e-9 * fabs(got[0]));
    og_nonlinear_free(s);
  }
  og_cell_free(cell);
}
END_TEST

START_TEST(odd_cells_answer_negated_inputs_with_negated_currents) {
  enum { M = 19, N = 13 };
  double g[M * N], v[2 * M], i[2 * N];
  og_cell *cell = made("schottky,v_s=0.2");
  og_array a = wired(M, N, 5, 3, 50, 10);
  ogt_fill(g, M * N, 1e-6, 1e-4, 9);
  ogt_fill(v, M, -0.8, 0.9, 10);
  for (int p = 0; p < M; p++) v[M + p] = -v[p];
  og_nonlinear *s = prepared(&a, cell, OG_ENGINE_AUTO, 1e-12, g);
  og_nonlinear_info info = solved(s, v, NULL, 2, i, NULL, NULL);
  ck_assert_int_eq(info.engine, OG_ENGINE_CG);
  for (int j = 0; j < N; j++) ogt_abs(i[j], -i[N + j], 1e-10 * fabs(i[0]));
  og_nonlinear_free(s);
  og_cell_free(cell);
}
END_TEST

/* V/2 scheme: one cell at V, the rest of its lines at V/2. The worse the selector, the larger the sneak current. */
START_TEST(selectors_order_the_sneak_current) {
  enum { M = 16, N = 12 };
  static double g[M * N], v[M], u[N], i[N];
  const char *const text[3] = {"threshold,g=10m,v_th=0.7,v_w=20m,ratio=1e6 + linear",
                               "threshold,g=10m,v_th=0.7,v_w=20m,ratio=1e3 + linear", "linear"};
  double sneak[3], selected[3];
  og_array a = wired(M, N, 1, 1, 20, 20);
  for (int k = 0; k < M * N; k++) g[k] = 1e-4;
  for (int p = 0; p < M; p++) v[p] = 0.5;
  for (int j = 0; j < N; j++) u[j] = 0.5;
  v[4] = 1;
  u[7] = 0;
  for (int t = 0; t < 3; t++) {
    og_cell *cell = made(text[t]);
    og_nonlinear *s = prepared(&a, cell, OG_ENGINE_AUTO, 1e-10, g);
    solved(s, v, u, 1, i, NULL, NULL);
    selected[t] = i[7];
    sneak[t] = i[3]; /* half-selected cell (4,3) */
    og_nonlinear_free(s);
    og_cell_free(cell);
  }
  ck_assert(sneak[0] > 0 && sneak[0] < 0.1 * sneak[1] && sneak[1] < 0.5 * sneak[2]);
  ck_assert(selected[0] > 2e-5); /* the selector keeps about its threshold of the 1 V */
  ck_assert(selected[0] / sneak[0] > selected[1] / sneak[1] && selected[1] / sneak[1] > selected[2] / sneak[2]);
}
END_TEST

START_TEST(hard_cases_converge) {
  enum { M = 24, N = 20 };
  static double g[M * N], v[M], i[N];
  const char *const text[] = {"threshold,v_th=1.1,v_w=5m,ratio=1e8", "sinh,v0=0.03", "schottky,rectify=1",
                              "schottky,v_s=0.01", "threshold,g=1m,v_th=1,v_w=10m,ratio=1e7 + sinh,v0=0.1",
                              "transistor,v_gate=1.2 + sinh,v0=0.2", "simmons,phi=2,width=1n"};
  og_array a = wired(M, N, 20, 20, 500, 300);
  ogt_fill(g, M * N, 1e-5, 1e-3, 11);
  ogt_fill(v, M, -1, 3.3, 12);
  v[0] = 3.3;
  for (size_t t = 0; t < sizeof text / sizeof *text; t++)
    for (int e = 0; e < 2; e++) {
      og_cell *cell = made(text[t]);
      og_nonlinear *s = prepared(&a, cell, engines[e], 1e-9, g);
      og_nonlinear_info info = solved(s, v, NULL, 1, i, NULL, NULL);
      ck_assert(info.kcl_residual <= 1e-9 || info.rounding_limited);
      if (getenv("OGT_SAY") != NULL)
        printf("%s: %zu steps, %zu cuts, %zu continuation, %zu iterations, residual %.2g, limited %d\n", text[t],
               info.newton_steps, info.line_cuts, info.continuation_steps, info.iterations, info.kcl_residual,
               info.rounding_limited);
      og_nonlinear_free(s);
      og_cell_free(cell);
    }
}
END_TEST

/* A current that jumps by a milliampere at 0.1 V, where the wires want the cell to stay: there is no solution. */
static int jumping(void *user, size_t first, size_t count, const double *g, const double *v, double *i, double *slope) {
  (void)user;
  (void)first;
  for (size_t k = 0; k < count; k++) {
    i[k] = g[k] * v[k] + (v[k] > 0.1 ? 1e-3 : 0);
    slope[k] = g[k];
  }
  return 0;
}

START_TEST(impossible_arrays_are_reported) {
  const double g[2] = {1e-4, 1e-4}, v[2] = {0.2, 0.2};
  double i[1], w[2], b[2];
  og_cell *cell;
  og_nonlinear *s;
  og_nonlinear_info info;
  og_error err;
  og_array a = wired(2, 1, 100, 1, 1, 1);
  ck_assert_int_eq(og_cell_create_user(&cell, jumping, NULL, NULL), OG_OK);
  s = prepared(&a, cell, OG_ENGINE_CHOLESKY, 1e-10, g);
  ck_assert_int_eq(og_nonlinear_dc(s, v, NULL, 1, i, w, b, &info, &err), OG_E_NOCONV);
  ogt_has(err.text, "input 0: Kirchhoff's current law: saw a residual of ");
  ogt_has(err.text, "node (");
  ck_assert(isnan(i[0]) && isnan(w[1]) && isnan(b[0]));
  ck_assert(info.kcl_residual > 1e-3 && info.newton_steps > 0);
  const double low[2] = {0.05, 0.05}; /* below the jump all is well again */
  solved(s, low, NULL, 1, i, NULL, NULL);
  ogt_rel(i[0], 2 * 0.05 * 1e-4, 3e-2);
  og_nonlinear_free(s);
  og_cell_free(cell);
}
END_TEST

START_TEST(warm_start_needs_fewer_steps_and_allocates_nothing) {
  enum { M = 64, N = 48 };
  static double g[M * N], v[M], i[N], again[N];
  og_cell *cell = made("sinh,v0=0.2");
  og_array a = wired(M, N, 1, 1, 10, 10);
  ogt_fill(g, M * N, 1e-6, 1e-4, 13);
  ogt_fill(v, M, 0, 0.6, 14);
  og_nonlinear *s = prepared(&a, cell, OG_ENGINE_CG, 1e-10, g);
  size_t blocks = ogi_mem_count();
  og_nonlinear_info cold = solved(s, v, NULL, 1, i, NULL, NULL), warm = solved(s, v, NULL, 1, again, NULL, NULL);
  ck_assert_uint_eq(ogi_mem_count(), blocks);
  ck_assert(cold.newton_steps >= 2 && warm.newton_steps == 0);
  ck_assert_uint_eq(cold.continuation_steps, 0);
  ck_assert_mem_eq(i, again, sizeof i);
  v[3] += 1e-3;
  warm = solved(s, v, NULL, 1, again, NULL, NULL);
  ck_assert(warm.newton_steps >= 1 && warm.newton_steps <= cold.newton_steps);
  og_nonlinear_free(s);
  og_cell_free(cell);
}
END_TEST

START_TEST(cells_out_of_range_are_reported) {
  const double g[4] = {1e-5, 1e-5, 1e-5, 1e-5}, v[4] = {0.1, 0.4, -0.1, -0.4};
  double i[2];
  og_cell *cell = made("sinh,range_low=-0.2,range_high=0.3");
  og_array a = wired(2, 2, 1, 1, 1, 1);
  og_nonlinear *s = prepared(&a, cell, OG_ENGINE_AUTO, 1e-10, g);
  ck_assert_uint_eq(solved(s, v, NULL, 2, i, NULL, NULL).out_of_range, 4);
  og_nonlinear_free(s);
  og_cell_free(cell);
}
END_TEST

START_TEST(irregular_arrays_are_solved) {
  enum { M = 5, N = 4 };
  double g[M * N], v[M], i[N], source[M] = {10, INFINITY, 30, 5, 1};
  og_array a = wired(M, N, 2, 3, 10, 10);
  og_bridge bridge = {.a = {OG_LINE_WORD, 1, 2}, .b = {OG_LINE_WORD, 2, 2}, .ohm = 7};
  a.source_ohm = source;
  a.bridges = &bridge;
  a.bridge_count = 1;
  ogt_fill(g, M * N, 1e-5, 1e-3, 15);
  ogt_fill(v, M, 0.1, 0.6, 16);
  og_cell *cell = made("sinh,v0=0.1");
  og_nonlinear *s = prepared(&a, cell, OG_ENGINE_AUTO, 1e-10, g);
  og_nonlinear_info info = solved(s, v, NULL, 1, i, NULL, NULL);
  ck_assert_int_eq(info.engine, OG_ENGINE_CHOLESKY);
  og_nonlinear_free(s);
  og_cell_free(cell);
}
END_TEST

START_TEST(bad_arguments_are_refused) {
  const double g[2] = {1e-5, -1}, v = 0.1, bad = NAN, good[2] = {1e-5, 1e-5}, u[2] = {0, INFINITY};
  double i[2];
  og_nonlinear *s;
  og_nonlinear_opts opts;
  og_error err;
  og_cell *cell = made("sinh");
  og_array a = wired(1, 2, 1, 1, 1, 1), broken = a;
  ck_assert_int_eq(og_nonlinear_create(NULL, &a, cell, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_nonlinear_create(&s, NULL, cell, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_nonlinear_create(&s, &a, NULL, NULL, &err), OG_E_ARG);
  broken.r_bit_ohm = -1;
  ck_assert_int_eq(og_nonlinear_create(&s, &broken, cell, NULL, &err), OG_E_RANGE);
  broken.r_bit_ohm = INFINITY;
  og_nonlinear_opts_init(&opts);
  opts.engine = OG_ENGINE_CG;
  ck_assert_int_eq(og_nonlinear_create(&s, &broken, cell, &opts, &err), OG_E_RANGE);
  ogt_has(err.text, "engine cg");
  opts.engine = OG_ENGINE_REDUCE;
  ck_assert_int_eq(og_nonlinear_create(&s, &a, cell, &opts, &err), OG_E_RANGE);
  ogt_has(err.text, "nonlinear: engine: saw 1, need auto, cg or cholesky");
  for (int k = 0; k < 3; k++) {
    og_nonlinear_opts_init(&opts);
    if (k == 0) opts.kcl_rtol = 0;
    if (k == 1) opts.newton_max = 0;
    if (k == 2) opts.iter_max = 0;
    ck_assert_int_eq(og_nonlinear_create(&s, &a, cell, &opts, &err), OG_E_RANGE);
    ck_assert_ptr_null(s);
  }
  ck_assert_int_eq(og_nonlinear_create(&s, &a, cell, NULL, &err), OG_OK);
  ck_assert_int_eq(og_nonlinear_dc(s, &v, NULL, 1, i, NULL, NULL, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_nonlinear_set_cells(s, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_nonlinear_set_cells(s, g, &err), OG_E_RANGE);
  ogt_has(err.text, "conductance (0,1): saw -1, need a finite value >= 0 (siemens)");
  ck_assert_int_eq(og_nonlinear_set_cells(s, good, &err), OG_OK);
  ck_assert_int_eq(og_nonlinear_dc(s, &v, NULL, 0, i, NULL, NULL, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_nonlinear_dc(s, NULL, NULL, 1, i, NULL, NULL, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_nonlinear_dc(s, &bad, NULL, 1, i, NULL, NULL, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "input 0, word line 0: saw nan");
  ck_assert(isnan(i[1]));
  ck_assert_int_eq(og_nonlinear_dc(s, &v, u, 1, i, NULL, NULL, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "bit line 1: saw inf");
  ck_assert_int_eq(og_cell_set_rows(cell, "v0", good, 2, 2, &err), OG_E_RANGE);
  const double v0[2] = {0.2, 0.3};
  ck_assert_int_eq(og_cell_set_rows(cell, "v0", v0, 2, 2, &err), OG_OK);
  ck_assert_int_eq(og_nonlinear_dc(s, &v, NULL, 1, i, NULL, NULL, NULL, &err), OG_E_SHAPE);
  ogt_has(err.text, "saw parameters of 2 x 2 cells, need 1 x 2");
  og_nonlinear_free(s);
  og_nonlinear_free(NULL);
  og_cell_free(cell);
}
END_TEST

START_TEST(exhausted_memory_is_reported_and_leaks_nothing) {
  og_cell *cell = made("sinh");
  og_array a = wired(3, 2, 1, 1, 1, 1);
  size_t live = ogi_mem_live();
  for (int e = 0; e < 2; e++)
    for (size_t k = 1, failed = 1; failed; k++) {
      og_nonlinear *s;
      og_nonlinear_opts opts;
      og_nonlinear_opts_init(&opts);
      opts.engine = engines[e];
      ogi_mem_fail_at(k);
      og_status st = og_nonlinear_create(&s, &a, cell, &opts, NULL);
      failed = st != OG_OK;
      ogi_mem_fail_at(0);
      ck_assert_int_eq(st, failed ? OG_E_NOMEM : OG_OK);
      og_nonlinear_free(s);
      ck_assert_uint_eq(ogi_mem_live(), live);
    }
  og_cell_free(cell);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("nonlinear");
  TCase *tc = tcase_create("nonlinear");
  tcase_set_timeout(tc, 60);
  tcase_add_test(tc, ideal_wires_give_sums_of_cell_currents);
  tcase_add_test(tc, one_cell_and_a_resistance_agree_with_bisection);
  tcase_add_test(tc, linear_cells_agree_with_the_linear_solver);
  tcase_add_test(tc, small_arrays_agree_with_dense_newton);
  tcase_add_test(tc, small_array_agrees_with_ngspice);
  tcase_add_test(tc, odd_cells_answer_negated_inputs_with_negated_currents);
  tcase_add_test(tc, selectors_order_the_sneak_current);
  tcase_add_test(tc, hard_cases_converge);
  tcase_add_test(tc, impossible_arrays_are_reported);
  tcase_add_test(tc, warm_start_needs_fewer_steps_and_allocates_nothing);
  tcase_add_test(tc, cells_out_of_range_are_reported);
  tcase_add_test(tc, irregular_arrays_are_solved);
  tcase_add_test(tc, bad_arguments_are_refused);
  tcase_add_test(tc, exhausted_memory_is_reported_and_leaks_nothing);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
