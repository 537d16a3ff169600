/* SPDX-License-Identifier: BSD-3-Clause */
/* The solver against closed forms, properties of linear passive circuits, and a dense long-double elimination. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "ogt.h"
#include "solve/ogi_solve.h"
#include <ohmgrid/solve.h>

static const og_engine engines[] = {OG_ENGINE_CG, OG_ENGINE_CHOLESKY, OG_ENGINE_REDUCE};
enum { ENGINES = sizeof engines / sizeof *engines };

static og_array array_of(size_t m, size_t n, double word, double bit, double source, double sense) {
  og_array a;
  og_array_init(&a, m, n);
  a.r_word_ohm = word;
  a.r_bit_ohm = bit;
  a.r_source_ohm = source;
  a.r_sense_ohm = sense;
  return a;
}

static og_solve_info solve(const og_array *a, og_engine engine, const double *g, const double *v, size_t k,
                           double *i_out, double *v_word, double *v_bit) {
  og_solver *s;
  og_solver_opts opts;
  og_solve_info info;
  og_error err = {0};
  og_solver_opts_init(&opts);
  opts.engine = engine;
  ck_assert_int_eq(og_solver_create(&s, a, &opts, NULL), OG_OK);
  ck_assert_msg(og_solver_set_cells(s, g, &err) == OG_OK, "%s", err.text);
  ck_assert_msg(og_solver_dc(s, v, k, i_out, v_word, v_bit, &info, &err) == OG_OK, "%s", err.text);
  og_solver_free(s);
  return info;
}

/* ---- an independent solver: dense, long double, Gaussian elimination with pivoting ---- */

typedef struct dense {
  size_t size;
  long double *a, *x; /* size x (size + 1), row-major, last column the right-hand side */
} dense;

static void stamp(dense *d, int p, int q, long double siemens, long double volt_q) {
  /* p, q: node numbers, -1 for a node of known potential volt_q (always given as q) */
  size_t w = d->size + 1;
  d->a[(size_t)p * w + (size_t)p] += siemens;
  if (q < 0) {
    d->a[(size_t)p * w + d->size] += siemens * volt_q;
    return;
  }
  d->a[(size_t)q * w + (size_t)q] += siemens;
  d->a[(size_t)p * w + (size_t)q] -= siemens;
  d->a[(size_t)q * w + (size_t)p] -= siemens;
}

static void eliminate(dense *d) {
  size_t n = d->size, w = n + 1;
  for (size_t c = 0; c < n; c++) {
    size_t best = c;
    for (size_t r = c; r < n; r++)
      if (fabsl(d->a[r * w + c]) > fabsl(d->a[best * w + c])) best = r;
    for (size_t k = 0; k <= n; k++) {
      long double t = d->a[c * w + k];
      d->a[c * w + k] = d->a[best * w + k];
      d->a[best * w + k] = t;
    }
    for (size_t r = c + 1; r < n; r++) {
      long double f = d->a[r * w + c] / d->a[c * w + c];
      for (size_t k = c; k <= n; k++) d->a[r * w + k] -= f * d->a[c * w + k];
    }
  }
  for (size_t r = n; r-- > 0;) {
    long double sum = d->a[r * w + n];
    for (size_t k = r + 1; k < n; k++) sum -= d->a[r * w + k] * d->x[k];
    d->x[r] = sum / d->a[r * w + r];
  }
}

/* Output currents of an array whose segments are all > 0 ohm; 0 ohm is imitated by the caller's small resistance. */
static void dense_solution(const og_array *a, const double *g, const double *v, double *i_out) {
  size_t m = a->m, n = a->n, cells = m * n;
  dense d = {.size = 2 * cells};
  d.a = calloc(d.size * (d.size + 1), sizeof *d.a);
  d.x = calloc(d.size, sizeof *d.x);
  long double gw = 1.0L / a->r_word_ohm, gb = 1.0L / a->r_bit_ohm;
  long double gd = 1.0L / ((long double)a->r_source_ohm + a->r_word_ohm);
  long double gs = 1.0L / ((long double)a->r_sense_ohm + a->r_bit_ohm);
  for (size_t i = 0; i < m; i++) {
    if (a->drive != OG_DRIVE_RIGHT) stamp(&d, (int)(i * n), -1, gd, v[i]);
    if (a->drive != OG_DRIVE_LEFT) stamp(&d, (int)(i * n + n - 1), -1, gd, v[i]);
    for (size_t j = 0; j < n; j++) {
      stamp(&d, (int)(i * n + j), (int)(cells + i * n + j), g[i * n + j], 0);
      if (j + 1 < n) stamp(&d, (int)(i * n + j), (int)(i * n + j + 1), gw, 0);
      if (i + 1 < m) stamp(&d, (int)(cells + i * n + j), (int)(cells + (i + 1) * n + j), gb, 0);
    }
  }
  for (size_t j = 0; j < n; j++) {
    if (a->sense != OG_SENSE_BOTTOM) stamp(&d, (int)(cells + j), -1, gs, 0);
    if (a->sense != OG_SENSE_TOP) stamp(&d, (int)(cells + (m - 1) * n + j), -1, gs, 0);
  }
  eliminate(&d);
  for (size_t j = 0; j < n; j++) {
    long double sum = 0;
    if (a->sense != OG_SENSE_BOTTOM) sum += gs * d.x[cells + j];
    if (a->sense != OG_SENSE_TOP) sum += gs * d.x[cells + (m - 1) * n + j];
    i_out[j] = (double)sum;
  }
  free(d.a);
  free(d.x);
}

/* ---- closed forms ---- */

START_TEST(one_cell_is_a_series_circuit) {
  const double g = 3.217e-5, v = 0.1873;
  og_array a = array_of(1, 1, 1.7, 2.3, 31.0, 17.0);
  double want = v / (31.0 + 1.7 + 1 / g + 2.3 + 17.0), got;
  for (int e = 0; e < ENGINES; e++) {
    og_solve_info info = solve(&a, engines[e], &g, &v, 1, &got, NULL, NULL);
    ogt_rel(got, want, 8 * DBL_EPSILON);
    ogt_rel(info.power_watt, want * v, 1e-12); /* a difference of conductances 1e4 times larger in the reduction */
  }
}
END_TEST

/* One word line: each cell is in series with its own bit segment and sense resistance; the rest is a ladder. */
START_TEST(one_word_line_is_a_ladder) {
  enum { N = 7 };
  double g[N], v = 0.2113, y[N], seen[N], node[N], got[N];
  og_array a = array_of(1, N, 3.1, 0.9, 12.0, 21.0);
  ogt_fill(g, N, 1.3e-5, 9.1e-3, 1);
  for (int j = 0; j < N; j++) y[j] = 1 / (1 / g[j] + 0.9 + 21.0);
  for (int j = N - 1; j >= 0; j--) seen[j] = y[j] + (j + 1 < N ? 1 / (3.1 + 1 / seen[j + 1]) : 0);
  for (int j = 0; j < N; j++)
    node[j] = j == 0 ? v / (1 + 15.1 * seen[0]) : node[j - 1] / (1 + 3.1 * seen[j]);
  for (int e = 0; e < ENGINES; e++) {
    solve(&a, engines[e], g, &v, 1, got, NULL, NULL);
    for (int j = 0; j < N; j++) ogt_rel(got[j], node[j] * y[j], 1e-11); /* condition number of this ladder: 1e5 */
  }
}
END_TEST

/* One bit line: Thevenin equivalents merged from the top down. */
START_TEST(one_bit_line_is_a_ladder) {
  enum { M = 6 };
  double g[M], v[M], got, v_th = 0, r_th = INFINITY;
  og_array a = array_of(M, 1, 2.7, 4.3, 9.0, 33.0);
  ogt_fill(g, M, 2.1e-5, 7.7e-3, 2);
  ogt_fill(v, M, -0.2, 0.3, 3);
  for (int i = 0; i < M; i++) {
    double r = 9.0 + 2.7 + 1 / g[i], above = i == 0 ? 0 : 1 / (r_th + 4.3);
    v_th = (v[i] / r + v_th * above) / (1 / r + above);
    r_th = 1 / (1 / r + above);
  }
  for (int e = 0; e < ENGINES; e++) {
    solve(&a, engines[e], g, v, 1, &got, NULL, NULL);
    ogt_rel(got, v_th / (r_th + 4.3 + 33.0), 128 * M * DBL_EPSILON);
  }
}
END_TEST

START_TEST(ideal_wires_give_the_matrix_product) {
  enum { M = 5, N = 3, K = 2 };
  double g[M * N], v[K * M], got[K * N];
  og_array a = array_of(M, N, 0, 0, 0, 0);
  ogt_fill(g, M * N, 0, 1e-4, 4);
  ogt_fill(v, K * M, -0.3, 0.3, 5);
  for (int e = 0; e < ENGINES; e++) {
    solve(&a, engines[e], g, v, K, got, NULL, NULL);
    for (int k = 0; k < K; k++)
      for (int j = 0; j < N; j++) {
        double want = 0, size = 0;
        for (int i = 0; i < M; i++) {
          want += g[i * N + j] * v[k * M + i];
          size += fabs(g[i * N + j] * v[k * M + i]);
        }
        ogt_abs(got[k * N + j], want, 2 * M * DBL_EPSILON * size);
      }
  }
}
END_TEST

/* ---- the dense oracle, over shapes, ends and wire resistances ---- */

START_TEST(all_engines_agree_with_dense_elimination) {
  const size_t shape[][2] = {{5, 3}, {2, 9}, {1, 4}, {7, 1}, {9, 11}};
  const double ohm[][4] = {{1.3, 0.7, 0, 0}, {20, 35, 100, 250}, {0.01, 900, 3, 0}, {450, 0.02, 0, 7}};
  double g[99], v[11], want[11], got[11];
  for (size_t c = 0; c < sizeof shape / sizeof *shape; c++)
    for (size_t r = 0; r < sizeof ohm / sizeof *ohm; r++)
      for (int ends = 0; ends < 9; ends++) {
        og_array a = array_of(shape[c][0], shape[c][1], ohm[r][0], ohm[r][1], ohm[r][2], ohm[r][3]);
        a.drive = (og_drive)(ends % 3);
        a.sense = (og_sense)(ends / 3);
        ogt_fill(g, a.m * a.n, 1e-7, 2e-3, (uint32_t)(100 + c));
        g[a.m * a.n / 2] = 0;
        ogt_fill(v, a.m, -0.2, 0.5, (uint32_t)(200 + c));
        dense_solution(&a, g, v, want);
        double scale = 0;
        for (size_t j = 0; j < a.n; j++) scale = fmax(scale, fabs(want[j]));
        for (int e = 0; e < ENGINES; e++) {
          og_solve_info info = solve(&a, engines[e], g, v, 1, got, NULL, NULL);
          for (size_t j = 0; j < a.n; j++) ogt_abs(got[j], want[j], 1e-10 * scale);
          /* Potentials are rounded to DBL_EPSILON / 2 of 0.5 V: that, times the best conducting segment, is what
             each node's balance, and with it the power balance, can show. */
          double finest = fmin(a.r_word_ohm, a.r_bit_ohm);
          double floor = (double)(a.m * a.n) * DBL_EPSILON * 0.25 / finest / info.power_watt;
          ck_assert_double_le(info.power_balance, fmax(1e-10, floor));
          ck_assert_double_le(info.kcl_residual, 1e-9);
        }
      }
}
END_TEST

/* 0 ohm must be the limit of a small resistance, which the dense solver can do. */
START_TEST(zero_ohm_lines_are_the_limit_of_small_ones) {
  enum { M = 6, N = 4 };
  double g[M * N], v[M], want[N], got[N];
  ogt_fill(g, M * N, 1e-6, 2e-3, 7);
  ogt_fill(v, M, 0.05, 0.4, 8);
  for (int zero = 1; zero < 16; zero++) {
    og_array exact = array_of(M, N, zero & 1 ? 0 : 5.5, zero & 2 ? 0 : 3.5, zero & 4 ? 0 : 40, zero & 8 ? 0 : 60);
    og_array near = exact;
    near.r_word_ohm = fmax(near.r_word_ohm, 1e-7);
    near.r_bit_ohm = fmax(near.r_bit_ohm, 1e-7);
    dense_solution(&near, g, v, want);
    for (int e = 0; e < ENGINES; e++) {
      og_solve_info info = solve(&exact, engines[e], g, v, 1, got, NULL, NULL);
      for (int j = 0; j < N; j++) ogt_rel(got[j], want[j], 1e-7); /* 1e-7 ohm against 1 / (N 2 mS) */
      ck_assert_double_le(info.power_balance, 1e-10);
    }
  }
}
END_TEST

START_TEST(cg_and_cholesky_agree_on_a_large_array) {
  enum { M = 61, N = 47, K = 3 };
  static double g[M * N], v[K * M], one[K * N], two[K * N], w1[K * M * N], w2[K * M * N], b1[K * M * N], b2[K * M * N];
  og_array a = array_of(M, N, 1, 1.4, 10, 5);
  ogt_fill(g, M * N, 1e-6, 1e-4, 9);
  ogt_fill(v, K * M, 0, 0.3, 10);
  solve(&a, OG_ENGINE_CG, g, v, K, one, w1, b1);
  solve(&a, OG_ENGINE_CHOLESKY, g, v, K, two, w2, b2);
  for (int k = 0; k < K * N; k++) ogt_rel(one[k], two[k], 1e-10);
  for (int k = 0; k < K * M * N; k++) {
    ogt_abs(w1[k], w2[k], 1e-11 * 0.3);
    ogt_abs(b1[k], b2[k], 1e-11 * 0.3);
  }
}
END_TEST

/* Wires a million times better than the cells: the ladder recurrences must not lose digits. */
START_TEST(tiny_segments_stay_accurate) {
  enum { M = 8, N = 13 };
  double g[M * N], v[M], want[N], got[N];
  og_array a = array_of(M, N, 1e-6, 1e-6, 0, 0);
  ogt_fill(g, M * N, 1e-6, 1e-4, 11);
  ogt_fill(v, M, 0.1, 0.3, 12);
  dense_solution(&a, g, v, want);
  solve(&a, OG_ENGINE_CG, g, v, 1, got, NULL, NULL);
  for (int j = 0; j < N; j++) ogt_rel(got[j], want[j], 1e-12);
}
END_TEST

/* ---- properties ---- */

/* Exchange drivers and sense nodes: the array mirrored about its diagonal has the transposed effective matrix. */
START_TEST(reduction_is_reciprocal) {
  enum { M = 6, N = 9 };
  double g[M * N], gt[N * M], one[M * N], two[N * M];
  og_array a = array_of(M, N, 4.1, 7.3, 11, 23), t = array_of(N, M, 7.3, 4.1, 23, 11);
  t.drive = OG_DRIVE_RIGHT;
  t.sense = OG_SENSE_TOP;
  ogt_fill(g, M * N, 1e-6, 3e-3, 13);
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) gt[j * M + i] = g[i * N + j];
  og_solver *s;
  og_solver_opts opts;
  og_solver_opts_init(&opts);
  opts.engine = OG_ENGINE_REDUCE;
  ck_assert_int_eq(og_solver_create(&s, &a, &opts, NULL), OG_OK);
  ck_assert_int_eq(og_solver_set_cells(s, g, NULL), OG_OK);
  ck_assert_int_eq(og_solver_reduce(s, one, NULL, NULL), OG_OK);
  og_solver_free(s);
  ck_assert_int_eq(og_solver_create(&s, &t, &opts, NULL), OG_OK);
  ck_assert_int_eq(og_solver_set_cells(s, gt, NULL), OG_OK);
  ck_assert_int_eq(og_solver_reduce(s, two, NULL, NULL), OG_OK);
  og_solver_free(s);
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) ogt_rel(two[j * M + i], one[i * N + j], 1e-12);
}
END_TEST

START_TEST(reduction_gives_currents_and_power_of_any_input) {
  const double ohm[][2] = {{2.2, 3.3}, {0, 3.3}, {2.2, 0}};
  enum { M = 7, N = 5 };
  double g[M * N], v[M], i_out[N], g_eff[M * N], y[M * M];
  ogt_fill(g, M * N, 1e-6, 3e-3, 14);
  ogt_fill(v, M, -0.3, 0.3, 15);
  for (int c = 0; c < 3; c++) {
    og_array a = array_of(M, N, ohm[c][0], ohm[c][1], 6, 8);
    og_solver *s;
    og_solver_opts opts;
    og_solver_opts_init(&opts);
    opts.engine = OG_ENGINE_REDUCE;
    ck_assert_int_eq(og_solver_create(&s, &a, &opts, NULL), OG_OK);
    ck_assert_int_eq(og_solver_set_cells(s, g, NULL), OG_OK);
    ck_assert_int_eq(og_solver_reduce(s, g_eff, y, NULL), OG_OK);
    og_solver_free(s);
    og_solve_info info = solve(&a, OG_ENGINE_CG, g, v, 1, i_out, NULL, NULL);
    double power = 0;
    for (int j = 0; j < N; j++) {
      double sum = 0;
      for (int i = 0; i < M; i++) sum += v[i] * g_eff[i * N + j];
      ogt_rel(sum, i_out[j], 1e-10);
    }
    for (int i = 0; i < M; i++)
      for (int k = 0; k < M; k++) {
        power += v[i] * y[i * M + k] * v[k];
        ogt_abs(y[i * M + k], y[k * M + i], 1e-12);
      }
    ogt_rel(power, info.power_watt, 1e-10);
  }
}
END_TEST

START_TEST(currents_superpose_and_scale) {
  enum { M = 8, N = 5 };
  double g[M * N], g3[M * N], v[3 * M], got[3 * N], scaled[3 * N];
  og_array a = array_of(M, N, 2, 3, 5, 7), fine = array_of(M, N, 2 / 3.7, 3 / 3.7, 5 / 3.7, 7 / 3.7);
  ogt_fill(g, M * N, 1e-6, 1e-3, 16);
  ogt_fill(v, 2 * M, -0.3, 0.3, 17);
  for (int i = 0; i < M; i++) v[2 * M + i] = 1.9 * v[i] - 0.4 * v[M + i];
  for (int k = 0; k < M * N; k++) g3[k] = 3.7 * g[k];
  for (int e = 0; e < ENGINES; e++) {
    solve(&a, engines[e], g, v, 3, got, NULL, NULL);
    solve(&fine, engines[e], g3, v, 3, scaled, NULL, NULL);
    for (int j = 0; j < N; j++) ogt_abs(got[2 * N + j], 1.9 * got[j] - 0.4 * got[N + j], 1e-10 * 1e-3);
    for (int j = 0; j < 3 * N; j++) ogt_rel(scaled[j], 3.7 * got[j], 1e-9);
  }
}
END_TEST

/* Rayleigh's monotonicity: with all drivers at one voltage, more wire resistance never raises the total current. */
START_TEST(more_wire_resistance_never_raises_the_total_current) {
  enum { M = 9, N = 6 };
  double g[M * N], v[M], got[N], last = INFINITY;
  ogt_fill(g, M * N, 1e-6, 1e-3, 18);
  for (int i = 0; i < M; i++) v[i] = 0.217;
  for (double ohm = 0; ohm < 2000; ohm = 3 * ohm + 0.1) {
    og_array a = array_of(M, N, ohm, ohm / 2, 0, 0);
    double total = 0;
    solve(&a, OG_ENGINE_AUTO, g, v, 1, got, NULL, NULL);
    for (int j = 0; j < N; j++) total += got[j];
    ck_assert_double_lt(total, last);
    last = total;
  }
}
END_TEST

START_TEST(audit_notices_a_wrong_potential) {
  enum { M = 4, N = 3 };
  double g[M * N], v[M], i_out[N], w[M * N], b[M * N], scratch[2 * N];
  og_array a = array_of(M, N, 2, 3, 5, 7);
  ogi_wires wires;
  ogi_audit audit;
  ogi_rhs rhs = {.v = v};
  ck_assert_int_eq(ogi_wires_create(&wires, &a, NULL), OG_OK);
  ogt_fill(g, M * N, 1e-5, 1e-3, 19);
  ogt_fill(v, M, 0.1, 0.3, 20);
  solve(&a, OG_ENGINE_CHOLESKY, g, v, 1, i_out, w, b);
  ogi_audit_run(&audit, &a, &wires, NULL, g, &rhs, w, b, scratch, i_out, NULL);
  ck_assert_double_le(audit.residual, 1e-12 * audit.branch_max);
  for (int k = 0; k < 2 * M * N; k++) {
    double *node = k < M * N ? &w[k] : &b[k - M * N], kept = *node;
    *node = kept + 1e-6;
    ogi_audit_run(&audit, &a, &wires, NULL, g, &rhs, w, b, scratch, i_out, NULL);
    /* the node's own balance moves by 1 uV times at least two segments or one segment and an end */
    ck_assert_double_ge(audit.residual, 1e-6 * (1 / 3.0));
    *node = NAN;
    ogi_audit_run(&audit, &a, &wires, NULL, g, &rhs, w, b, scratch, i_out, NULL);
    ck_assert(isnan(audit.residual));
    *node = kept;
  }
}
END_TEST

/* Any blocks of rows give the audit of the whole, for equal and for varying segments, wider than the vectors. */
START_TEST(audit_by_blocks_of_rows_is_the_audit) {
  enum { M = 11, N = 21 };
  static double g[M * N], w[M * N], b[M * N], word[M * (N + 1)], bit[(M + 1) * N];
  double v[M], u[N], scratch[2 * N], one[N], two[N];
  og_array a = array_of(M, N, 2, 3, 5, 7);
  ogt_fill(g, M * N, 1e-5, 1e-3, 30);
  ogt_fill(v, M, 0.1, 0.3, 31);
  ogt_fill(u, N, -0.1, 0.3, 32);
  ogt_fill(word, M * (N + 1), 1, 4, 33);
  ogt_fill(bit, (M + 1) * N, 1, 4, 34);
  for (int kind = 0; kind < 4; kind++) {
    ogi_wires wires;
    ogi_audit whole, blocks;
    ogi_audit_pass pass;
    og_solver *s;
    ogi_rhs rhs = {.v = v, .u = kind % 2 ? u : NULL};
    a.word_segments = kind / 2 ? word : NULL;
    a.bit_segments = kind / 2 ? bit : NULL;
    ck_assert_int_eq(og_solver_create(&s, &a, &(og_solver_opts){OG_ENGINE_CHOLESKY, 1, 1e-12, 1e-8, 9, NULL}, NULL),
                     OG_OK);
    ck_assert_int_eq(og_solver_set_cells(s, g, NULL), OG_OK);
    ck_assert_int_eq(og_solver_set_bit_volts(s, rhs.u, NULL), OG_OK);
    ck_assert_int_eq(og_solver_dc(s, v, 1, two, w, b, NULL, NULL), OG_OK);
    og_solver_free(s);
    ck_assert_int_eq(ogi_wires_create(&wires, &a, NULL), OG_OK);
    ogi_audit_run(&whole, &a, &wires, NULL, g, &rhs, w, b, scratch, one, NULL);
    ogi_audit_begin(&pass, &a, &wires, g, &rhs, w, b, scratch, two, NULL);
    for (size_t i = 0; i < M; i += 3) ogi_audit_rows(&pass, i, i + 3 < M ? i + 3 : M);
    ogi_audit_end(&pass, &blocks);
    ck_assert_mem_eq(&whole, &blocks, sizeof whole);
    ck_assert_mem_eq(one, two, sizeof one);
    ck_assert_double_le(whole.residual, 1e-12 * whole.branch_max);
    ogt_rel(whole.delivered, whole.cells + whole.wires, 1e-12);
    for (int k = 0; k < 2 * M * N; k++) { /* no node is left out */
      double *node = k < M * N ? &w[k] : &b[k - M * N], kept = *node;
      *node = kept + 1e-6;
      ogi_audit_run(&whole, &a, &wires, NULL, g, &rhs, w, b, scratch, one, NULL);
      ck_assert_double_ge(whole.residual, 1e-6 / 4);
      *node = kept;
    }
    ogi_wires_clear(&wires);
  }
}
END_TEST

/* ---- open circuits and other corners ---- */

/*
 * Uniform cells: lines of one driven and one free end have the modes phi_l(j) = sin((l + 1/2) pi (j + 1) / (n + 1/2)),
 * eigenvalues s (2 - 2 cos((l + 1/2) pi / (n + 1/2))), the same for all lines, so that the array falls apart into 2 x 2
 * systems, one for each pair of modes: (word + g) w - g b = f, (bit + g) b - g w = 0.
 */
static double mode(size_t l, size_t j, size_t n) {
  double half = (double)n + 0.5;
  return sqrt(2 / half) * sin(((double)l + 0.5) * M_PI * ((double)j + 1) / half);
}

static double eigenvalue(size_t l, size_t n, double s) {
  return s * 4 * pow(sin(((double)l + 0.5) * M_PI / (2 * (double)n + 1)), 2);
}

START_TEST(uniform_cells_have_a_closed_form) {
  enum { M = 256, N = 248 };
  static double g[M * N], v[M], want[N], got[N];
  double cell = 3.7e-5, word = 1 / 1.3, bit = 1 / 0.9;
  og_array a = array_of(M, N, 1.3, 0.9, 0, 0);
  for (int k = 0; k < M * N; k++) g[k] = cell;
  ogt_fill(v, M, -0.1, 0.3, 77);
  memset(want, 0, sizeof want);
  for (size_t l = 0; l < N; l++) {
    double sum = 0, w = eigenvalue(l, N, word);
    for (size_t k = 0; k < M; k++) {
      double b = eigenvalue(k, M, bit), drive = 0;
      for (size_t i = 0; i < M; i++) drive += mode(k, M - 1 - i, M) * v[i];
      /* determinant (w + g)(b + g) - g^2, written without the difference */
      sum += mode(k, 0, M) * cell * word * mode(l, 0, N) * drive / (w * b + cell * (w + b));
    }
    for (size_t j = 0; j < N; j++) want[j] += bit * mode(l, j, N) * sum;
  }
  for (int e = 0; e < ENGINES; e++) {
    solve(&a, engines[e], g, v, 1, got, NULL, NULL);
    for (int j = 0; j < N; j++) ogt_rel(got[j], want[j], 1e-9);
  }
}
END_TEST

START_TEST(open_cells_carry_no_current) {
  enum { M = 4, N = 5 };
  double g[M * N] = {0}, v[M] = {0.11, 0.23, 0.31, 0.17}, got[N];
  og_array a = array_of(M, N, 1.5, 2.5, 3, 4);
  g[2 * N + 3] = 2.5e-4;
  for (int e = 0; e < ENGINES; e++) {
    solve(&a, engines[e], g, v, 1, got, NULL, NULL);
    double want = 0.31 / (3 + 4 * 1.5 + 4000 + 2 * 2.5 + 4);
    for (int j = 0; j < N; j++) {
      if (j == 3) ogt_rel(got[j], want, 1e-12);
      else ogt_abs(got[j], 0, 1e-20); /* the coarse correction leaves rounding */
    }
  }
}
END_TEST

START_TEST(open_sense_lines_deliver_nothing_and_floating_nodes_are_named) {
  enum { M = 3, N = 2 };
  double g[M * N] = {1e-4, 2e-4, 3e-4, 1.5e-4, 2.5e-4, 3.5e-4}, v[M] = {0.1, 0.2, 0.3}, got[N];
  og_array a = array_of(M, N, 1, 1, 0, INFINITY);
  og_solve_info info = solve(&a, OG_ENGINE_AUTO, g, v, 1, got, NULL, NULL);
  ck_assert_int_eq(info.engine, OG_ENGINE_CHOLESKY);
  for (int j = 0; j < N; j++) ogt_abs(got[j], 0, 0);
  for (int i = 0; i < M; i++) g[i * N + 1] = 0;
  og_solver *s;
  og_error err;
  ck_assert_int_eq(og_solver_create(&s, &a, NULL, NULL), OG_OK);
  ck_assert_int_eq(og_solver_set_cells(s, g, &err), OG_E_SINGULAR);
  ogt_has(err.text, "bit node (0,1) floats");
  ck_assert_int_eq(og_solver_dc(s, v, 1, got, NULL, NULL, NULL, &err), OG_E_ARG);
  og_solver_free(s);
}
END_TEST

START_TEST(zero_input_gives_zero_output) {
  enum { M = 3, N = 4 };
  double g[M * N], v[M] = {0}, got[N];
  og_array a = array_of(M, N, 1, 2, 3, 4);
  ogt_fill(g, M * N, 1e-5, 1e-3, 21);
  for (int e = 0; e < ENGINES; e++) {
    og_solve_info info = solve(&a, engines[e], g, v, 1, got, NULL, NULL);
    for (int j = 0; j < N; j++) ogt_abs(got[j], 0, 0);
    ogt_abs(info.power_watt, 0, 0);
  }
}
END_TEST

/* ---- errors, each once ---- */

START_TEST(bad_geometry_and_options_are_refused) {
  og_solver *s = (og_solver *)1;
  og_error err;
  og_array a = array_of(3, 0, 1, 1, 0, 0);
  ck_assert_int_eq(og_solver_create(&s, &a, NULL, &err), OG_E_RANGE);
  ck_assert_ptr_null(s);
  ogt_has(err.text, "array: saw 3 x 0");
  a = array_of(1 << 20, 1 << 20, 1, 1, 0, 0);
  ck_assert_int_eq(og_solver_create(&s, &a, NULL, &err), OG_E_RANGE);
  a = array_of(3, 2, -0.5, 1, 0, 0);
  ck_assert_int_eq(og_solver_create(&s, &a, NULL, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "array: r_word_ohm: saw -0.5, need 0 or more (ohm)");
  a = array_of(3, 2, 1, NAN, 0, 0);
  ck_assert_int_eq(og_solver_create(&s, &a, NULL, &err), OG_E_RANGE);
  a = array_of(3, 2, 1, 1, 0, INFINITY);
  og_solver_opts opts;
  og_solver_opts_init(&opts);
  opts.engine = OG_ENGINE_CG;
  ck_assert_int_eq(og_solver_create(&s, &a, &opts, &err), OG_E_RANGE);
  a.r_sense_ohm = 0;
  opts.rtol = 0;
  ck_assert_int_eq(og_solver_create(&s, &a, &opts, &err), OG_E_RANGE);
  ck_assert_int_eq(og_solver_create(NULL, &a, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_solver_create(&s, NULL, NULL, &err), OG_E_ARG);
  og_solver_free(NULL);
}
END_TEST

START_TEST(bad_numbers_are_refused_with_their_place) {
  double g[6] = {1e-5, 1e-5, 1e-5, 1e-5, 1e-5, 1e-5}, v[3] = {0.1, NAN, 0.3}, got[2] = {1, 1};
  og_array a = array_of(3, 2, 1, 1, 0, 0);
  og_solver *s;
  og_error err;
  ck_assert_int_eq(og_solver_create(&s, &a, NULL, NULL), OG_OK);
  ck_assert_int_eq(og_solver_dc(s, v, 1, got, NULL, NULL, NULL, &err), OG_E_ARG);
  g[5] = -2e-6;
  ck_assert_int_eq(og_solver_set_cells(s, g, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "conductance (2,1): saw -2e-06, need a finite value >= 0 (siemens)");
  g[5] = INFINITY;
  ck_assert_int_eq(og_solver_set_cells(s, g, &err), OG_E_RANGE);
  g[5] = 1e-5;
  ck_assert_int_eq(og_solver_set_cells(s, g, &err), OG_OK);
  ck_assert_int_eq(og_solver_dc(s, v, 1, got, NULL, NULL, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "input 0, word line 1: saw nan");
  ck_assert(isnan(got[0]) && isnan(got[1]));
  ck_assert_int_eq(og_solver_dc(s, v, 0, got, NULL, NULL, NULL, &err), OG_E_ARG);
  og_solver_free(s);
}
END_TEST

START_TEST(missed_convergence_is_an_error_and_poisons_the_output) {
  enum { M = 20, N = 30 };
  double g[M * N], v[M], got[N];
  og_array a = array_of(M, N, 100, 100, 0, 0);
  ogt_fill(g, M * N, 1e-5, 1e-3, 22);
  ogt_fill(v, M, 0.1, 0.3, 23);
  og_solver *s;
  og_solver_opts opts;
  og_error err;
  og_solver_opts_init(&opts);
  opts.engine = OG_ENGINE_CG;
  opts.iter_max = 2;
  ck_assert_int_eq(og_solver_create(&s, &a, &opts, NULL), OG_OK);
  ck_assert_int_eq(og_solver_set_cells(s, g, NULL), OG_OK);
  ck_assert_int_eq(og_solver_dc(s, v, 1, got, NULL, NULL, NULL, &err), OG_E_NOCONV);
  for (int j = 0; j < N; j++) ck_assert(isnan(got[j]));
  og_solver_free(s);
}
END_TEST

START_TEST(every_failing_allocation_is_survived) {
  enum { M = 5, N = 4 };
  double g[M * N], v[M], got[N];
  og_array a = array_of(M, N, 1, 2, 3, 4);
  ogt_fill(g, M * N, 1e-5, 1e-3, 24);
  ogt_fill(v, M, 0.1, 0.3, 25);
  for (int e = 0; e < ENGINES; e++) {
    og_solver_opts opts;
    og_solver_opts_init(&opts);
    opts.engine = engines[e];
    int failures = 0;
    for (size_t k = 1;; k++) {
      size_t live = ogi_mem_live();
      og_solver *s;
      ogi_mem_fail_at(k);
      og_status st = og_solver_create(&s, &a, &opts, NULL);
      if (st == OG_OK) st = og_solver_set_cells(s, g, NULL);
      if (st == OG_OK) st = og_solver_dc(s, v, 1, got, NULL, NULL, NULL, NULL);
      ogi_mem_fail_at(0);
      og_solver_free(s);
      ck_assert_uint_eq(ogi_mem_live(), live);
      if (st == OG_OK) break;
      ck_assert_int_eq(st, OG_E_NOMEM);
      failures++;
    }
    ck_assert_int_ge(failures, 8);
  }
}
END_TEST

START_TEST(solving_allocates_nothing) {
  enum { M = 12, N = 9 };
  double g[M * N], v[2 * M], got[2 * N];
  og_array a = array_of(M, N, 1, 2, 3, 4);
  ogt_fill(g, M * N, 1e-5, 1e-3, 26);
  ogt_fill(v, 2 * M, 0.1, 0.3, 27);
  for (int e = 0; e < ENGINES; e++) {
    og_solver *s;
    og_solver_opts opts;
    og_solver_opts_init(&opts);
    opts.engine = engines[e];
    ck_assert_int_eq(og_solver_create(&s, &a, &opts, NULL), OG_OK);
    ck_assert_int_eq(og_solver_set_cells(s, g, NULL), OG_OK);
    size_t before = ogi_mem_count();
    ck_assert_int_eq(og_solver_dc(s, v, 2, got, NULL, NULL, NULL, NULL), OG_OK);
    ck_assert_uint_eq(ogi_mem_count(), before);
    og_solver_free(s);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("solve");
  TCase *closed = tcase_create("closed forms"), *oracle = tcase_create("dense"), *property = tcase_create("properties");
  TCase *corner = tcase_create("corners"), *error = tcase_create("errors");
  tcase_add_test(closed, one_cell_is_a_series_circuit);
  tcase_add_test(closed, one_word_line_is_a_ladder);
  tcase_add_test(closed, one_bit_line_is_a_ladder);
  tcase_add_test(closed, uniform_cells_have_a_closed_form);
  tcase_add_test(closed, ideal_wires_give_the_matrix_product);
  tcase_add_test(oracle, all_engines_agree_with_dense_elimination);
  tcase_add_test(oracle, zero_ohm_lines_are_the_limit_of_small_ones);
  tcase_add_test(oracle, cg_and_cholesky_agree_on_a_large_array);
  tcase_add_test(oracle, tiny_segments_stay_accurate);
  tcase_add_test(property, reduction_is_reciprocal);
  tcase_add_test(property, reduction_gives_currents_and_power_of_any_input);
  tcase_add_test(property, currents_superpose_and_scale);
  tcase_add_test(property, more_wire_resistance_never_raises_the_total_current);
  tcase_add_test(property, audit_notices_a_wrong_potential);
  tcase_add_test(property, audit_by_blocks_of_rows_is_the_audit);
  tcase_add_test(corner, open_cells_carry_no_current);
  tcase_add_test(corner, open_sense_lines_deliver_nothing_and_floating_nodes_are_named);
  tcase_add_test(corner, zero_input_gives_zero_output);
  tcase_add_test(error, bad_geometry_and_options_are_refused);
  tcase_add_test(error, bad_numbers_are_refused_with_their_place);
  tcase_add_test(error, missed_convergence_is_an_error_and_poisons_the_output);
  tcase_add_test(error, every_failing_allocation_is_survived);
  tcase_add_test(error, solving_allocates_nothing);
  tcase_set_timeout(oracle, 120); /* sanitizers and valgrind are slow */
  suite_add_tcase(suite, closed);
  suite_add_tcase(suite, oracle);
  suite_add_tcase(suite, property);
  suite_add_tcase(suite, corner);
  suite_add_tcase(suite, error);
  return ogt_run(suite);
}
