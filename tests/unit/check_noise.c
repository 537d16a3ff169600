/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Noise against closed forms, the sum over all resistances one by one in a dense model written from the pictures in
 * ohmgrid/array.h (direct transfers, no reciprocity), and ngspice.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_spice.h"
#include "netlist/ogi_netlist.h"
#include "ogt.h"
#include <ohmgrid/ohmgrid.h>

static const double k4 = 4 * 1.380649e-23 * 300; /* 4 k T [J] at the default temperature */

static og_array array_of(size_t m, size_t n, double word, double bit, double source, double sense) {
  og_array a;
  og_array_init(&a, m, n);
  a.r_word_ohm = word;
  a.r_bit_ohm = bit;
  a.r_source_ohm = source;
  a.r_sense_ohm = sense;
  return a;
}

static og_noise_info run(const og_array *a, const double *g, const double *v, const og_noise_opts *opts,
                         const og_noise_out *out) {
  og_noise_info info;
  og_error err = {0};
  ck_assert_msg(og_noise_run(a, g, v, opts, out, &info, &err) == OG_OK, "%s", err.text);
  return info;
}

/* ---- closed forms ---- */

/* One loop of resistances: S = 4 k T / R, and the input sees sqrt(4 k T R). */
START_TEST(one_cell_has_the_noise_of_its_loop) {
  const double g = 3.217e-5, ohm = 31 + 1.7 + 1 / g + 2.3 + 17;
  og_array a = array_of(1, 1, 1.7, 2.3, 31, 17);
  double s, input;
  og_noise_out out = {.thermal = &s, .input_volt = &input};
  og_noise_opts o;
  og_noise_info info = run(&a, &g, NULL, NULL, &out);
  ogt_rel(s, k4 / ohm, 1e-13);
  ogt_rel(input, sqrt(k4 * ohm), 1e-13);
  ck_assert_double_le(info.asymmetry, 1e-13);
  og_noise_opts_init(&o);
  o.kelvin = 77;
  run(&a, &g, NULL, &o, &out);
  ogt_rel(s, k4 * 77 / 300 / ohm, 1e-13);
  o.kelvin = 0;
  run(&a, &g, NULL, &o, &out);
  ck_assert(s == 0 && input == 0);
}
END_TEST

/* Ideal lines: cells are independent resistors to 0 V. Outputs: 4 k T sum of G, no correlation. */
START_TEST(ideal_lines_have_no_correlation) {
  const double g[6] = {1.1e-5, 2.3e-5, 0, 4.1e-5, 0.9e-5, 3.2e-5};
  og_array a;
  double s[9], input[6];
  og_noise_out out = {.thermal = s, .input_volt = input};
  og_array_init(&a, 2, 3);
  run(&a, g, NULL, NULL, &out);
  for (int p = 0; p < 3; p++)
    for (int q = 0; q < 3; q++) ogt_abs(s[p * 3 + q], p == q ? k4 * (g[p] + g[3 + p]) : 0, 1e-14 * k4 * 1e-5);
  ogt_rel(input[0], sqrt(k4 * (g[0] + g[3])) / g[0], 1e-13);
  ck_assert(isinf(input[2])); /* cell (0,2) is open */
}
END_TEST

/*
 * Two cells on one driver of resistance R: Y is that of the star with conductances g0, g1, 1/R at its arms,
 * Y01 = -g0 g1 / (g0 + g1 + 1/R), Y00 = g0 - g0^2 / (...).
 */
START_TEST(outputs_that_share_a_driver_are_correlated_negatively) {
  const double g[2] = {2.9e-4, 7.1e-4}, r = 870, sum = 2.9e-4 + 7.1e-4 + 1 / r;
  og_array a = array_of(1, 2, 0, 0, r, 0);
  double s[4];
  og_noise_out out = {.thermal = s};
  run(&a, g, NULL, NULL, &out);
  ogt_rel(s[0], k4 * (g[0] - g[0] * g[0] / sum), 1e-13);
  ogt_rel(s[3], k4 * (g[1] - g[1] * g[1] / sum), 1e-13);
  ogt_rel(s[1], -k4 * g[0] * g[1] / sum, 1e-13);
  ck_assert(s[1] == s[2]);
}
END_TEST

/* A floating word line: what leaves one output enters the other, so the noise of the sum is 0. */
START_TEST(noise_of_a_floating_line_cancels_in_the_sum) {
  const double g[2] = {2.9e-4, 7.1e-4};
  og_array a = array_of(1, 2, 0, 0, INFINITY, 0);
  double s[4];
  og_noise_out out = {.thermal = s};
  run(&a, g, NULL, NULL, &out);
  ogt_rel(s[0], k4 / (1 / g[0] + 1 / g[1]), 1e-13);
  ogt_abs(s[0] + 2 * s[1] + s[3], 0, 1e-13 * s[0]);
}
END_TEST

/* One cell in a loop: the shot current divides between the cell itself and the rest, H = (1/g) / R_loop. */
START_TEST(shot_noise_of_one_cell_divides_between_cell_and_loop) {
  const double g = 4.3e-4, v = -0.83, ohm = 310 + 11 + 1 / g + 13 + 170;
  og_array a = array_of(1, 1, 11, 13, 310, 170);
  double shot, density, input, want = 2 * 1.602176634e-19 * (0.83 / ohm) * pow(1 / g / ohm, 2);
  og_noise_out out = {.shot = &shot, .shot_density = &density, .input_volt = &input};
  run(&a, &g, &v, NULL, &out);
  ogt_rel(shot, want, 1e-12);
  ogt_rel(density, want, 1e-12);
  ogt_rel(input, sqrt(want + k4 / ohm) * ohm, 1e-12);
}
END_TEST

/* Segments of 1 micro-ohm against cells of 1 Mohm: the terminal's own current would have lost ten digits. */
START_TEST(tiny_segments_cost_no_digits) {
  const double g = 1e-6, ohm = 4e-6 + 1e6;
  og_array a = array_of(1, 1, 1e-6, 1e-6, 1e-6, 1e-6);
  double s;
  og_noise_out out = {.thermal = &s};
  run(&a, &g, NULL, NULL, &out);
  ogt_rel(s, k4 / ohm, 1e-9);
}
END_TEST

/* ---- every resistance one by one ---- */

enum { M = 4, N = 3, NODES = M + N + 2 * M * N, BRANCHES = 3 * M * N + 2 * (M + N) };

typedef struct branch {
  int from, to, cell; /* cell: its number, or -1 */
  long double siemens;
} branch;

typedef struct dense {
  branch b[BRANCHES];
  int count;
  long double y[NODES][NODES];
} dense;

static int word_node(const og_array *a, int i, int j) {
  if (a->r_word_ohm > 0) return M + N + i * N + j;
  return a->r_source_ohm > 0 ? M + N + i * N : i;
}

static int bit_node(const og_array *a, int i, int j) {
  if (a->r_bit_ohm > 0) return M + N + M * N + i * N + j;
  return a->r_sense_ohm > 0 ? M + N + M * N + j : M + j;
}

static void add(dense *d, int from, int to, int cell, long double siemens) {
  if (from == to) return;
  d->b[d->count++] = (branch){from, to, cell, siemens};
  d->y[from][from] += siemens;
  d->y[to][to] += siemens;
  d->y[from][to] -= siemens;
  d->y[to][from] -= siemens;
}

static void build(dense *d, const og_array *a, const double *g) {
  memset(d, 0, sizeof *d);
  for (int i = 0; i < M; i++) {
    long double end = 1 / ((long double)a->r_source_ohm + a->r_word_ohm);
    if (a->drive != OG_DRIVE_RIGHT) add(d, i, word_node(a, i, 0), -1, end);
    if (a->drive != OG_DRIVE_LEFT) add(d, i, word_node(a, i, N - 1), -1, end);
    for (int j = 0; j + 1 < N; j++)
      add(d, word_node(a, i, j), word_node(a, i, j + 1), -1, 1 / (long double)a->r_word_ohm);
  }
  for (int j = 0; j < N; j++) {
    long double end = 1 / ((long double)a->r_sense_ohm + a->r_bit_ohm);
    if (a->sense != OG_SENSE_BOTTOM) add(d, M + j, bit_node(a, 0, j), -1, end);
    if (a->sense != OG_SENSE_TOP) add(d, M + j, bit_node(a, M - 1, j), -1, end);
    for (int i = 0; i + 1 < M; i++) add(d, bit_node(a, i, j), bit_node(a, i + 1, j), -1, 1 / (long double)a->r_bit_ohm);
  }
  for (int k = 0; k < M * N; k++) add(d, word_node(a, k / N, k % N), bit_node(a, k / N, k % N), k, g[k]);
}

/* Potentials with the terminals held and currents injected into the nodes; unused nodes stay at 0. */
static void potentials(const dense *d, const long double *held, const long double *inject, long double *x) {
  static long double a[NODES][NODES + 1];
  for (int r = 0; r < NODES; r++) {
    int fixed = r < M + N || d->y[r][r] == 0;
    for (int k = 0; k < NODES; k++) a[r][k] = fixed ? (r == k) : d->y[r][k];
    a[r][NODES] = fixed ? (r < M + N ? held[r] : 0) : inject[r];
  }
  for (int p = 0; p < NODES; p++) {
    int best = p;
    for (int r = p; r < NODES; r++)
      if (fabsl(a[r][p]) > fabsl(a[best][p])) best = r;
    for (int k = 0; k <= NODES; k++) {
      long double keep = a[p][k];
      a[p][k] = a[best][k];
      a[best][k] = keep;
    }
    for (int r = 0; r < NODES; r++) {
      long double f = a[r][p] / a[p][p];
      for (int k = p; r != p && f != 0 && k <= NODES; k++) a[r][k] -= f * a[p][k];
    }
  }
  for (int r = 0; r < NODES; r++) x[r] = a[r][NODES] / a[r][r];
}

/*
 * S = sum over branches of density x transfer x transfer, where the transfer of a branch is what a current of 1 A
 * through it brings to each output: injected at its ends, and at a terminal counted there directly.
 */
static void sum_over_branches(const og_array *a, const double *g, const double *v, double *thermal, double *shot) {
  static dense d;
  const long double zero[NODES] = {0};
  long double bias[NODES], held[NODES] = {0}, st[N * N] = {0}, ss[N * N] = {0};
  build(&d, a, g);
  for (int i = 0; i < M; i++) held[i] = v[i];
  potentials(&d, held, zero, bias);
  for (int b = 0; b < d.count; b++) {
    long double inject[NODES] = {0}, x[NODES], out[N];
    inject[d.b[b].from] -= 1;
    inject[d.b[b].to] += 1;
    potentials(&d, zero, inject, x);
    for (int j = 0; j < N; j++) {
      out[j] = inject[M + j];
      for (int k = 0; k < NODES; k++) out[j] -= d.y[M + j][k] * x[k];
    }
    long double hot = (long double)k4 * d.b[b].siemens;
    long double amp = d.b[b].siemens * (bias[d.b[b].from] - bias[d.b[b].to]);
    for (int p = 0; p < N; p++)
      for (int q = 0; q < N; q++) {
        st[p * N + q] += hot * out[p] * out[q];
        if (d.b[b].cell >= 0) ss[p * N + q] += 2 * 1.602176634e-19L * fabsl(amp) * out[p] * out[q];
      }
  }
  for (int k = 0; k < N * N; k++) thermal[k] = (double)st[k], shot[k] = (double)ss[k];
}

static void compare(const og_array *a, const og_noise_opts *o) {
  double g[M * N], v[M], thermal[N * N], shot[N * N], density[N], want_thermal[N * N], want_shot[N * N];
  og_noise_out out = {.thermal = thermal, .shot = shot, .shot_density = density};
  ogt_fill(g, M * N, 1e-5, 6e-4, 41);
  ogt_fill(v, M, -0.4, 0.9, 42);
  ck_assert_double_le(run(a, g, v, o, &out).kcl_residual, 1e-8);
  sum_over_branches(a, g, v, want_thermal, want_shot);
  for (int p = 0; p < N; p++) {
    ogt_rel(density[p], shot[p * N + p], 1e-13);
    for (int q = 0; q < N; q++) {
      double scale = sqrt(want_thermal[p * N + p] * want_thermal[q * N + q]);
      ogt_abs(thermal[p * N + q], want_thermal[p * N + q], 1e-12 * scale);
      scale = sqrt(want_shot[p * N + p] * want_shot[q * N + q]);
      ogt_abs(shot[p * N + q], want_shot[p * N + q], 1e-12 * scale);
    }
  }
}

START_TEST(noise_is_the_sum_over_all_resistances) {
  const double ohm[2] = {0, 43};
  og_noise_opts o;
  og_noise_opts_init(&o);
  for (int kind = 0; kind < 16; kind++) {
    og_array a = array_of(M, N, ohm[kind & 1], 0.7 * ohm[kind >> 1 & 1], 13 * ohm[kind >> 2 & 1],
                          3 * ohm[kind >> 3 & 1]);
    a.drive = (og_drive)(kind % 3);
    a.sense = (og_sense)((kind + 1) % 3);
    compare(&a, &o);
  }
}
END_TEST

START_TEST(line_engine_gives_the_same_noise) {
  og_array a = array_of(M, N, 43, 31, 510, 97);
  og_noise_opts o;
  og_noise_opts_init(&o);
  o.engine = OG_ENGINE_CG;
  compare(&a, &o);
}
END_TEST

/* 4 k T Y is the covariance of something: positive semidefinite, here by its Cholesky factor. */
START_TEST(spectral_density_is_a_covariance) {
  enum { ROWS = 5, COLUMNS = 7 };
  double g[ROWS * COLUMNS], s[COLUMNS * COLUMNS];
  og_array a = array_of(ROWS, COLUMNS, 2, 3, 100, 40);
  og_noise_out out = {.thermal = s};
  ogt_fill(g, ROWS * COLUMNS, 1e-5, 1e-3, 43);
  run(&a, g, NULL, NULL, &out);
  for (int p = 0; p < COLUMNS; p++) {
    double sum = 0;
    for (int q = 0; q < COLUMNS; q++) {
      sum += s[p * COLUMNS + q];
      if (p != q) ck_assert_double_lt(s[p * COLUMNS + q], 0);
    }
    ck_assert_double_gt(sum, 0); /* diagonally dominant with a positive diagonal: positive definite */
  }
}
END_TEST

/* ---- ngspice ---- */

/* .noise of the output current, turned into a voltage by a controlled source, over a band of 1 Hz at 27 degrees. */
START_TEST(ngspice_gives_the_same_noise) {
  double g[M * N], v[M] = {0}, s[N * N];
  og_array a = array_of(M, N, 17, 29, 950, 210);
  og_noise_opts o;
  og_noise_out out = {.thermal = s};
  ogi_spice *spice;
  og_error err = {0};
  og_noise_opts_init(&o);
  o.kelvin = 300.15;
  ogt_fill(g, M * N, 1e-5, 3e-4, 44);
  run(&a, g, NULL, &o, &out);
  const char *program = getenv("OHMGRID_SPICE");
  ck_assert_msg(program != NULL, "OHMGRID_SPICE must name the program ohmgrid-spice");
  ck_assert_msg(ogi_spice_open(&spice, program, 60, &err) == OG_OK, "%s", err.text);
  for (size_t j = 0; j < N; j++) {
    char *base, *deck;
    size_t length, bytes;
    double got;
    const char *name = "onoise_total";
    FILE *stream = open_memstream(&base, &length);
    ck_assert_int_eq(ogi_netlist_emit(stream, &a, g, v, NULL, NULL), OG_OK);
    fclose(stream);
    *strstr(base, ".op") = '\0';
    stream = open_memstream(&deck, &bytes);
    fprintf(stream, "%svac in 0 dc 0 ac 1\nrac in 0 1k\nhout out 0 vt_%zu 1\n.options temp=27\n"
            ".noise v(out) vac lin 11 1 2\n.end\n", base, j);
    fclose(stream);
    ck_assert_msg(ogi_spice_run(spice, deck, bytes, &name, 1, &got, &err) == OG_OK, "%s", err.text);
    ogt_rel(got * got, s[j * N + j], 1e-6); /* its Boltzmann constant is an older one */
    free(base);
    free(deck);
  }
  ogi_spice_close(spice);
}
END_TEST

/* ---- what can go wrong ---- */

START_TEST(bad_arguments_are_named_and_leave_no_numbers) {
  const double g[2] = {1e-5, 2e-5}, negative[2] = {1e-5, -2e-5}, v = 0.1, bad = NAN;
  og_array a = array_of(1, 2, 1, 1, 1, 1);
  double thermal[4] = {1, 1, 1, 1}, shot[4], density[2], input[2];
  og_noise_out out = {.thermal = thermal, .shot = shot, .shot_density = density, .input_volt = input};
  og_noise_opts o;
  og_error err;
  og_noise_opts_init(&o);
  ck_assert_int_eq(og_noise_run(NULL, g, &v, NULL, &out, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_noise_run(&a, NULL, &v, NULL, &out, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_noise_run(&a, g, &v, NULL, NULL, NULL, &err), OG_E_ARG);
  ogt_has(err.text, "noise: a needed pointer is NULL");
  ck_assert_int_eq(og_noise_run(&a, g, NULL, NULL, &out, NULL, &err), OG_E_ARG);
  ogt_has(err.text, "noise: shot noise is wanted, but the driver voltages are NULL");
  ck_assert(isnan(thermal[0]) && isnan(thermal[3]) && isnan(shot[3]) && isnan(density[1]) && isnan(input[1]));
  ck_assert_int_eq(og_noise_run(&a, negative, &v, NULL, &out, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "conductance (0,1): saw -2e-05");
  ck_assert_int_eq(og_noise_run(&a, g, &bad, NULL, &out, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "noise: word line 0: saw nan");
  o.kelvin = -1;
  ck_assert_int_eq(og_noise_run(&a, g, &v, &o, &out, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "noise: kelvin: saw -1, need a finite value >= 0 (kelvin)");
  og_noise_opts_init(&o);
  o.kcl_rtol = 2;
  ck_assert_int_eq(og_noise_run(&a, g, &v, &o, &out, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "noise: kcl_rtol: saw 2");
  og_noise_opts_init(&o);
  o.engine = OG_ENGINE_REDUCE;
  ck_assert_int_eq(og_noise_run(&a, g, &v, &o, &out, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "noise: engine: saw reduce, need auto, cg or cholesky");
  a.r_bit_ohm = -1;
  ck_assert_int_eq(og_noise_run(&a, g, &v, NULL, &out, NULL, &err), OG_E_RANGE);
}
END_TEST

START_TEST(floating_nodes_are_singular) {
  const double g[2] = {0, 0}, v = 0.1;
  og_array a = array_of(1, 2, 1, 1, 1, INFINITY);
  double thermal[4] = {1, 1, 1, 1};
  og_noise_out out = {.thermal = thermal};
  og_error err;
  ck_assert_int_eq(og_noise_run(&a, g, &v, NULL, &out, NULL, &err), OG_E_SINGULAR);
  ogt_has(err.text, "floats");
  ck_assert(isnan(thermal[0]) && isnan(thermal[3]));
}
END_TEST

START_TEST(exhausted_memory_is_reported_and_leaks_nothing) {
  const double g[2] = {1e-5, 2e-5}, v = 0.1;
  og_array a = array_of(1, 2, 1, 1, 1, 1);
  double shot[4];
  og_noise_out out = {.shot = shot};
  size_t live = ogi_mem_live(), k;
  for (k = 1; k < 1000; k++) {
    ogi_mem_fail_at(k);
    og_status st = og_noise_run(&a, g, &v, NULL, &out, NULL, NULL);
    ogi_mem_fail_at(0);
    ck_assert_uint_eq(ogi_mem_live(), live);
    if (st == OG_OK) break;
    ck_assert_int_eq(st, OG_E_NOMEM);
    ck_assert(isnan(shot[0]));
  }
  ck_assert_uint_gt(k, 15);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("noise");
  TCase *tc = tcase_create("closed forms");
  tcase_add_test(tc, one_cell_has_the_noise_of_its_loop);
  tcase_add_test(tc, ideal_lines_have_no_correlation);
  tcase_add_test(tc, outputs_that_share_a_driver_are_correlated_negatively);
  tcase_add_test(tc, noise_of_a_floating_line_cancels_in_the_sum);
  tcase_add_test(tc, shot_noise_of_one_cell_divides_between_cell_and_loop);
  tcase_add_test(tc, tiny_segments_cost_no_digits);
  suite_add_tcase(suite, tc);
  tc = tcase_create("other answers");
  tcase_set_timeout(tc, 60);
  tcase_add_test(tc, noise_is_the_sum_over_all_resistances);
  tcase_add_test(tc, line_engine_gives_the_same_noise);
  tcase_add_test(tc, spectral_density_is_a_covariance);
  tcase_add_test(tc, ngspice_gives_the_same_noise);
  suite_add_tcase(suite, tc);
  tc = tcase_create("failures");
  tcase_add_test(tc, bad_arguments_are_named_and_leave_no_numbers);
  tcase_add_test(tc, floating_nodes_are_singular);
  tcase_add_test(tc, exhausted_memory_is_reported_and_leaks_nothing);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
