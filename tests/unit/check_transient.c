/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Transients against closed forms of one pole, the matrix exponential of a dense model written from the pictures in
 * ohmgrid/array.h, the static solver, ngspice, and conservation of charge and energy.
 */
#include <config.h>

#include <gsl/gsl_linalg.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_spice.h"
#include "netlist/ogi_netlist.h"
#include "ogt.h"
#include <ohmgrid/ohmgrid.h>

static og_array array_of(size_t m, size_t n, double word, double bit, double source, double sense) {
  og_array a;
  og_array_init(&a, m, n);
  a.r_word_ohm = word;
  a.r_bit_ohm = bit;
  a.r_source_ohm = source;
  a.r_sense_ohm = sense;
  return a;
}

static og_transient_opts caps(double word, double bit, double cell, double rtol) {
  og_transient_opts o;
  og_transient_opts_init(&o);
  o.c_word_farad = word;
  o.c_bit_farad = bit;
  o.c_cell_farad = cell;
  o.rtol = rtol;
  return o;
}

static og_transient_info run(const og_array *a, const og_transient_opts *o, const double *g, const og_wave *wave,
                             double stop, const og_transient_out *out) {
  og_transient *t;
  og_transient_info info;
  og_error err = {0};
  ck_assert_msg(og_transient_create(&t, a, o, &err) == OG_OK, "%s", err.text);
  ck_assert_msg(og_transient_set_cells(t, g, &err) == OG_OK, "%s", err.text);
  ck_assert_msg(og_transient_run(t, wave, stop, out, &info, &err) == OG_OK, "%s", err.text);
  og_transient_free(t);
  return info;
}

/* ---- one pole ---- */

/*
 * A ramp from 0 to `top` within `rise` into one pole: y(t) / top = ((t - tau (1 - exp(-t/tau))) / rise on the ramp,
 * 1 - (tau/rise) (exp(rise/tau) - 1) exp(-t/tau) after it.
 */
static double pole(double top, double tau, double rise, double t) {
  if (t < rise) return top * (t + tau * expm1(-t / tau)) / rise;
  return top * (1 - tau / rise * expm1(rise / tau) * exp(-t / tau));
}

/* 1 x 1, lines of 0 ohm: source - 1.3k - word node (2.1 pF) - cell - 170 - sense node. */
enum { POLE_SAMPLES = 7 };
static const double pole_g = 7.7e-5, pole_farad = 2.1e-12, pole_rise = 0.37e-9, pole_volt = 0.43;
static const double pole_at[POLE_SAMPLES] = {0, 0.11e-9, 0.37e-9, 0.9e-9, 2.7e-9, 6.3e-9, 41e-9};

static double pole_load(void) { return 1 / (1 / pole_g + 170); }
static double pole_tau(void) { return pole_farad / (1 / 1300.0 + pole_load()); }
static double pole_top(void) { return pole_volt / (1300 + 1 / pole_load()); }

static og_transient_info run_pole(double rtol, double *i_out, double *settling, double *charge, double *source) {
  og_array a = array_of(1, 1, 0, 0, 1300, 170);
  og_transient_opts o = caps(pole_farad, 0, 0, rtol);
  const double second[2] = {0, pole_rise}, volt[2] = {0, pole_volt};
  og_wave wave = {.points = 2, .second = second, .volt = volt};
  og_transient_out out = {.samples = POLE_SAMPLES, .sample_second = pole_at, .i_out = i_out,
                          .settling_second = settling, .charge_coulomb = charge, .source_coulomb = source};
  o.bits = 9;
  return run(&a, &o, &pole_g, &wave, pole_at[POLE_SAMPLES - 1], &out);
}

static double pole_error(double rtol) {
  double got[POLE_SAMPLES], worst = 0;
  run_pole(rtol, got, NULL, NULL, NULL);
  for (int k = 0; k < POLE_SAMPLES; k++)
    worst = fmax(worst, fabs(got[k] - pole(pole_top(), pole_tau(), pole_rise, pole_at[k])) / pole_top());
  return worst;
}

START_TEST(one_pole_follows_its_closed_form) {
  ck_assert_double_le(pole_error(1e-3), 1e-3);
  ck_assert_double_le(pole_error(1e-6), 2e-5);
  ck_assert_double_le(pole_error(1e-9), 2e-7);
}
END_TEST

/* The error of a step goes as h^3 and is held at rtol, the global error as h^2: rtol^(2/3), here 100 for 1000. */
START_TEST(error_falls_with_the_second_order) {
  double ratio = pole_error(1e-5) / pole_error(1e-8);
  ck_assert_msg(ratio > 40 && ratio < 250, "saw a ratio of %g", ratio);
}
END_TEST

/* |y - 1| = 2^-(bits+1) on the exponential after the ramp. */
START_TEST(settling_time_of_one_pole_is_exact) {
  double settling, tau = pole_tau();
  double want = tau * log(tau / pole_rise * expm1(pole_rise / tau) * 1024);
  og_transient_info info = run_pole(1e-9, (double[POLE_SAMPLES]){0}, &settling, NULL, NULL);
  ogt_rel(settling, want, 1e-5); /* tau x error / band: 1e-8 x 1024 */
  ck_assert(info.settling_second == settling);
  ogt_rel(info.full_scale_amp, pole_top(), 1e-13);
}
END_TEST

START_TEST(unsettled_output_has_no_settling_time) {
  og_array a = array_of(1, 1, 0, 0, 1300, 170);
  og_transient_opts o = caps(pole_farad, 0, 0, 1e-6);
  const double second[2] = {0, pole_rise}, volt[2] = {0, pole_volt};
  og_wave wave = {.points = 2, .second = second, .volt = volt};
  double settling;
  og_transient_out out = {.settling_second = &settling};
  og_transient_info info = run(&a, &o, &pole_g, &wave, 2 * pole_tau(), &out);
  ck_assert(isinf(settling) && isinf(info.settling_second));
  o.full_scale_amp = 1; /* a microampere is within the band of 2 mA at once */
  info = run(&a, &o, &pole_g, &wave, 2 * pole_tau(), &out);
  ck_assert(settling == 0 && info.full_scale_amp == 1);
}
END_TEST

/* Charge and energy of the same pole in closed form: with Y = 1/(R + 1/load), everything is integrals of v and y. */
START_TEST(charge_and_energy_of_one_pole_are_those_of_its_closed_form) {
  double charge, source, tau = pole_tau(), stop = pole_at[POLE_SAMPLES - 1];
  og_transient_info info = run_pole(1e-9, (double[POLE_SAMPLES]){0}, NULL, &charge, &source);
  /* integral of y: (area of the driver's ramp) - tau y(stop), since tau y' = v - y */
  double node = pole(pole_volt / (1 + 1300 * pole_load()), tau, pole_rise, stop);
  double area = (pole_volt * (stop - pole_rise / 2)) / (1 + 1300 * pole_load()) - tau * node;
  ogt_rel(charge, area * pole_load(), 1e-6);
  ogt_rel(source, area * pole_load() + pole_farad * node, 1e-6);
  ogt_rel(info.stored_joule, pole_farad * node * node / 2, 1e-8);
  ck_assert(info.stored_start_joule == 0 && info.sense_joule == 0);
  /* dissipated in the load: a sum of powers on a fine grid, Simpson's rule on either side of the corner */
  double energy = 0, edge[3] = {0, pole_rise, stop};
  enum { FINE = 20000 };
  for (int part = 0; part < 2; part++)
    for (int k = 0; k <= FINE; k++) {
      double h = (edge[part + 1] - edge[part]) / FINE;
      double y = pole(pole_top(), tau, pole_rise, edge[part] + k * h);
      energy += y * y * h / 3 * (k == 0 || k == FINE ? 1 : k % 2 == 1 ? 4 : 2);
    }
  ogt_rel(info.cells_joule, energy / pole_g, 1e-6);
  ck_assert_double_le(info.energy_balance, 1e-6);
}
END_TEST

START_TEST(energy_balance_falls_with_the_tolerance_and_charge_is_conserved) {
  double before = 1;
  for (double rtol = 1e-3; rtol > 1e-10; rtol /= 100) {
    og_transient_info info = run_pole(rtol, (double[POLE_SAMPLES]){0}, NULL, NULL, NULL);
    ck_assert_double_lt(info.energy_balance, before / 8); /* 100^(2/3) = 21 */
    ck_assert_double_le(info.charge_balance, 1e-12);
    ck_assert_double_le(info.kcl_residual, 1e-9);
    before = info.energy_balance;
  }
  ck_assert_double_le(before, 1e-6);
}
END_TEST

/* A capacitance across the cell alone: both nodes are algebraic. tau = C / (G + 1/R), i = (v - u) / R. */
START_TEST(nodes_without_capacitance_are_algebraic) {
  const double farad = 0.83e-12, ohm = 700 + 31 + 2.5 + 1.5, rise = 50e-12;
  og_array a = array_of(1, 1, 2.5, 1.5, 700, 31);
  og_transient_opts o = caps(0, 0, farad, 1e-9);
  const double second[2] = {0, rise}, volt[2] = {0, 0.31}, at[4] = {20e-12, 51e-12, 0.4e-9, 5e-9};
  og_wave wave = {.points = 2, .second = second, .volt = volt};
  double got[4], tau = farad / (pole_g + 1 / ohm);
  og_transient_out out = {.samples = 4, .sample_second = at, .i_out = got};
  og_transient_info info = run(&a, &o, &pole_g, &wave, 5e-9, &out);
  for (int k = 0; k < 4; k++) {
    double v = at[k] < rise ? 0.31 * at[k] / rise : 0.31, u = pole(0.31 / (1 + pole_g * ohm), tau, rise, at[k]);
    ogt_abs(got[k], (v - u) / ohm, 2e-6 * 0.31 / ohm);
  }
  ck_assert_double_le(info.energy_balance, 1e-6);
}
END_TEST

/* Lines of 0 ohm up to the terminals: no unknown at all, i = G v + C dv/dt. */
START_TEST(ideal_lines_load_the_drivers_themselves) {
  og_array a;
  og_array_init(&a, 2, 3);
  og_transient_opts o = caps(1.1e-15, 0.7e-15, 3.3e-15, 1e-6);
  double g[6], charge[3], source[2];
  ogt_fill(g, 6, 1e-6, 1e-4, 3);
  const double second[3] = {0, 1e-9, 3e-9}, volt[6] = {0, 0, 0.4, -0.3, 0.1, 0.2}, at[3] = {0.4e-9, 2.5e-9, 4e-9};
  og_wave wave = {.points = 3, .second = second, .volt = volt};
  double got[9];
  og_transient_out out = {.samples = 3, .sample_second = at, .i_out = got, .charge_coulomb = charge,
                          .source_coulomb = source};
  og_transient_info info = run(&a, &o, g, &wave, 4e-9, &out);
  const double v[3][2] = {{0.16, -0.12}, {0.175, 0.075}, {0.1, 0.2}};
  const double up[3][2] = {{0.4e9, -0.3e9}, {-0.15e9, 0.25e9}, {0, 0}}; /* dv/dt [V/s] */
  for (int k = 0; k < 3; k++)
    for (int j = 0; j < 3; j++)
      ogt_abs(got[k * 3 + j], g[j] * v[k][0] + g[3 + j] * v[k][1] + 3.3e-15 * (up[k][0] + up[k][1]), 1e-18);
  const double held[2] = {0.2e-9 + 0.5e-9 + 0.1e-9, -0.15e-9 - 0.1e-9 + 0.2e-9}; /* integrals of v [V s] */
  for (int i = 0; i < 2; i++)
    ogt_rel(source[i],
            (g[3 * i] + g[3 * i + 1] + g[3 * i + 2]) * held[i] + (i ? 0.2 : 0.1) * (3 * 1.1e-15 + 3 * 3.3e-15), 1e-12);
  ck_assert_double_le(info.energy_balance, 1e-12);
  ck_assert_double_le(info.charge_balance, 1e-12);
}
END_TEST

/* ---- a dense model ---- */

enum { M = 3, N = 5, NODES = M + N + 2 * M * N };

static int word_node(const og_array *a, int i, int j) {
  if (a->r_word_ohm > 0) return M + N + i * N + j;
  return a->r_source_ohm > 0 ? M + N + i * N : i;
}

static int bit_node(const og_array *a, int i, int j) {
  if (a->r_bit_ohm > 0) return M + N + M * N + i * N + j;
  return a->r_sense_ohm > 0 ? M + N + M * N + j : M + j;
}

static void stamp(double y[NODES][NODES], int p, int q, double value) {
  if (p == q) return;
  y[p][p] += value;
  y[q][q] += value;
  y[p][q] -= value;
  y[q][p] -= value;
}

static void stamp_array(double y[NODES][NODES], double c[NODES][NODES], const og_array *a, const og_transient_opts *o,
                        const double *g) {
  for (int i = 0; i < M; i++) {
    double end = 1 / (a->r_source_ohm + a->r_word_ohm);
    if (a->drive != OG_DRIVE_RIGHT) stamp(y, i, word_node(a, i, 0), end);
    if (a->drive != OG_DRIVE_LEFT) stamp(y, i, word_node(a, i, N - 1), end);
    for (int j = 0; j + 1 < N; j++) stamp(y, word_node(a, i, j), word_node(a, i, j + 1), 1 / a->r_word_ohm);
  }
  for (int j = 0; j < N; j++) {
    double end = 1 / (a->r_sense_ohm + a->r_bit_ohm);
    if (a->sense != OG_SENSE_BOTTOM) stamp(y, M + j, bit_node(a, 0, j), end);
    if (a->sense != OG_SENSE_TOP) stamp(y, M + j, bit_node(a, M - 1, j), end);
    for (int i = 0; i + 1 < M; i++) stamp(y, bit_node(a, i, j), bit_node(a, i + 1, j), 1 / a->r_bit_ohm);
  }
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) {
      int p = word_node(a, i, j), q = bit_node(a, i, j);
      stamp(y, p, q, g[i * N + j]);
      stamp(c, p, q, o->c_cell_farad);
      c[p][p] += o->c_word_farad;
      c[q][q] += o->c_bit_farad;
    }
}

typedef struct dense {
  double y[NODES][NODES], c[NODES][NODES];
  int node[NODES], count; /* the unknowns: nodes in use that are no terminals */
} dense;

static void solve_columns(int n, double *a, double *b, int columns) {
  for (int p = 0; p < n; p++) {
    int best = p;
    for (int r = p; r < n; r++)
      if (fabs(a[r * n + p]) > fabs(a[best * n + p])) best = r;
    for (int k = 0; k < n; k++) {
      double keep = a[p * n + k];
      a[p * n + k] = a[best * n + k], a[best * n + k] = keep;
    }
    for (int k = 0; k < columns; k++) {
      double keep = b[p * columns + k];
      b[p * columns + k] = b[best * columns + k], b[best * columns + k] = keep;
    }
    for (int r = 0; r < n; r++) {
      if (r == p) continue;
      double f = a[r * n + p] / a[p * n + p];
      for (int k = p; k < n; k++) a[r * n + k] -= f * a[p * n + k];
      for (int k = 0; k < columns; k++) b[r * columns + k] -= f * b[p * columns + k];
    }
  }
  for (int r = 0; r < n; r++)
    for (int k = 0; k < columns; k++) b[r * columns + k] /= a[r * n + r];
}

/*
 * C x' = -K x + s(t) on one straight line of the drivers, v = v0 + r t: with z = (x, t, 1), z' = A z,
 *     A = [ -C^-1 K   C^-1 (-Kt r)   C^-1 (-Kt v0 - Ct r) ; 0 0 1 ; 0 0 0 ],      z(h) = exp(A h) z(0),
 * Kt and Ct the couplings to the terminals. x is advanced by h.
 */
static void advance(const dense *d, double *x, const double *v0, const double *rate, double h) {
  int n = d->count, w = n + 2;
  static double c[NODES * NODES], f[NODES * (NODES + 2)];
  double next[NODES];
  memset(f, 0, sizeof f);
  gsl_matrix *a = gsl_matrix_calloc((size_t)w, (size_t)w), *e = gsl_matrix_calloc((size_t)w, (size_t)w);
  for (int r = 0; r < n; r++) {
    for (int k = 0; k < n; k++) {
      c[r * n + k] = d->c[d->node[r]][d->node[k]];
      f[r * w + k] = -d->y[d->node[r]][d->node[k]];
    }
    for (int t = 0; t < M + N; t++) {
      f[r * w + n] -= d->y[d->node[r]][t] * rate[t];
      f[r * w + n + 1] -= d->y[d->node[r]][t] * v0[t] + d->c[d->node[r]][t] * rate[t];
    }
  }
  solve_columns(n, c, f, w);
  for (int r = 0; r < n; r++)
    for (int k = 0; k < n; k++) gsl_matrix_set(a, (size_t)r, (size_t)k, f[r * w + k] * h);
  for (int r = 0; r < n; r++) {
    gsl_matrix_set(a, (size_t)r, (size_t)n, f[r * w + n] * h * h); /* t in units of h: entries of one size */
    gsl_matrix_set(a, (size_t)r, (size_t)n + 1, f[r * w + n + 1] * h);
  }
  gsl_matrix_set(a, (size_t)n, (size_t)n + 1, 1);
  ck_assert_int_eq(gsl_linalg_exponential_ss(a, e, GSL_PREC_DOUBLE), 0);
  for (int r = 0; r < n; r++) {
    next[r] = gsl_matrix_get(e, (size_t)r, (size_t)n + 1);
    for (int k = 0; k < n; k++) next[r] += gsl_matrix_get(e, (size_t)r, (size_t)k) * x[k];
  }
  for (int r = 0; r < n; r++) x[r] = next[r];
  gsl_matrix_free(a);
  gsl_matrix_free(e);
}

/* Output currents at the end of the line: resistive ones, and C dv/dt at lines that are the terminal itself. */
static void dense_outputs(const dense *d, const double *x, const double *v, const double *rate, double *i_out) {
  static double c[NODES * NODES];
  double full[NODES] = {0}, up[NODES] = {0}, f[NODES] = {0};
  int n = d->count;
  for (int t = 0; t < M + N; t++) full[t] = v[t], up[t] = rate[t];
  for (int r = 0; r < n; r++) full[d->node[r]] = x[r];
  for (int r = 0; r < n; r++) {
    for (int k = 0; k < n; k++) c[r * n + k] = d->c[d->node[r]][d->node[k]];
    for (int k = 0; k < NODES; k++) f[r] -= d->y[d->node[r]][k] * full[k];
    for (int t = 0; t < M + N; t++) f[r] -= d->c[d->node[r]][t] * rate[t];
  }
  if (n > 0) solve_columns(n, c, f, 1);
  for (int r = 0; r < n; r++) up[d->node[r]] = f[r];
  for (int j = 0; j < N; j++) {
    i_out[j] = 0;
    for (int k = 0; k < NODES; k++) i_out[j] -= d->y[M + j][k] * full[k] + d->c[M + j][k] * up[k];
  }
}

enum { POINTS = 4 };
static const double wave_second[POINTS] = {0, 7e-12, 19e-12, 23e-12};

static void build_dense(dense *d, const og_array *a, const og_transient_opts *o, const double *g) {
  memset(d, 0, sizeof *d);
  stamp_array(d->y, d->c, a, o, g);
  for (int k = M + N; k < NODES; k++)
    if (d->y[k][k] > 0) d->node[d->count++] = k;
}

static void compare_with_dense(const og_array *a, const og_transient_opts *o, og_engine engine) {
  static dense d;
  double g[M * N], volt[POINTS * M] = {0}, sense[N] = {0}, got[N * POINTS], x[NODES] = {0}, worst = 0, most = 0;
  const double at[POINTS] = {5e-12, 19e-12, 22e-12, 60e-12}; /* one in each line */
  ogt_fill(g, M * N, 1e-5, 4e-4, 11);
  ogt_fill(volt + M, (POINTS - 1) * M, -0.4, 0.9, 12);
  og_wave wave = {.points = POINTS, .second = wave_second, .volt = volt, .sense_volt = sense};
  og_transient_out out = {.samples = POINTS, .sample_second = at, .i_out = got};
  og_transient_opts opts = *o;
  opts.engine = engine;
  og_transient_info info = run(a, &opts, g, &wave, at[POINTS - 1], &out);
  build_dense(&d, a, o, g);
  for (int p = 0; p < POINTS; p++) {
    double v[M + N] = {0}, rate[M + N] = {0}, want[N];
    double until = p + 1 < POINTS ? wave_second[p + 1] : at[p], start = wave_second[p];
    for (int i = 0; i < M; i++) {
      v[i] = volt[p * M + i];
      if (p + 1 < POINTS) rate[i] = (volt[(p + 1) * M + i] - v[i]) / (until - start);
    }
    advance(&d, x, v, rate, at[p] - start);
    for (int t = 0; t < M + N; t++) v[t] += rate[t] * (at[p] - start);
    dense_outputs(&d, x, v, rate, want);
    for (int j = 0; j < N; j++) {
      worst = fmax(worst, fabs(got[p * N + j] - want[j]));
      most = fmax(most, fabs(want[j]));
    }
    if (until > at[p]) advance(&d, x, v, rate, until - at[p]);
  }
  ck_assert_msg(worst <= 3e-6 * most, "word %g, bit %g, source %g, sense %g, drive %d: off by %g of %g",
                a->r_word_ohm, a->r_bit_ohm, a->r_source_ohm, a->r_sense_ohm, (int)a->drive, worst, most);
  ck_assert_double_le(info.energy_balance, 2e-5);
  ck_assert_double_le(info.charge_balance, 1e-11);
  ck_assert_double_le(info.kcl_residual, 1e-8);
}

/* The potentials stand at 0 at first, so that the exponential starts at rest. */
START_TEST(every_geometry_agrees_with_the_matrix_exponential) {
  const double ohm[2] = {0, 43};
  og_transient_opts o = caps(1.3e-15, 0.9e-15, 0.4e-15, 1e-8);
  for (int kind = 0; kind < 16; kind++) {
    og_array a = array_of(M, N, ohm[kind & 1], 0.7 * ohm[kind >> 1 & 1], 13 * ohm[kind >> 2 & 1],
                          3 * ohm[kind >> 3 & 1]);
    a.drive = (og_drive)(kind % 3);
    a.sense = (og_sense)((kind + 1) % 3);
    compare_with_dense(&a, &o, OG_ENGINE_CHOLESKY);
  }
}
END_TEST

START_TEST(line_engine_gives_the_same_transient) {
  og_transient_opts o = caps(1.3e-15, 0.9e-15, 0.4e-15, 1e-8);
  og_array a = array_of(M, N, 43, 31, 510, 97);
  compare_with_dense(&a, &o, OG_ENGINE_CG);
}
END_TEST

/* ---- other answers to the same question ---- */

START_TEST(rest_is_the_static_solution) {
  enum { ROWS = 7, COLUMNS = 4 };
  double g[ROWS * COLUMNS], volt[2 * ROWS] = {0}, want[COLUMNS], got[COLUMNS], steady[COLUMNS];
  const double second[2] = {1e-9, 2e-9}, stop = 300e-9;
  og_array a = array_of(ROWS, COLUMNS, 3, 5, 200, 50);
  og_transient_opts o = caps(2e-15, 1e-15, 0.5e-15, 1e-6);
  og_solver *s;
  ogt_fill(g, ROWS * COLUMNS, 1e-6, 1e-3, 21);
  ogt_fill(volt + ROWS, ROWS, -0.2, 0.5, 22);
  og_wave wave = {.points = 2, .second = second, .volt = volt};
  og_transient_out out = {.samples = 1, .sample_second = &stop, .i_out = got, .steady_amp = steady};
  run(&a, &o, g, &wave, stop, &out);
  ck_assert_int_eq(og_solver_create(&s, &a, NULL, NULL), OG_OK);
  ck_assert_int_eq(og_solver_set_cells(s, g, NULL), OG_OK);
  ck_assert_int_eq(og_solver_dc(s, volt + ROWS, 1, want, NULL, NULL, NULL, NULL), OG_OK);
  for (int j = 0; j < COLUMNS; j++) {
    ogt_rel(steady[j], want[j], 1e-10);
    ogt_abs(got[j], want[j], 1e-9 * fabs(want[0]));
  }
  og_solver_free(s);
}
END_TEST

/* Without capacitance the outputs follow the drivers at once, in one step a line of the waveform. */
START_TEST(without_capacitance_every_instant_is_static) {
  double g[6], got[9], at[3] = {0.5e-9, 1e-9, 5e-9};
  og_array a = array_of(2, 3, 3, 5, 200, 50);
  og_transient_opts o = caps(0, 0, 0, 1e-6);
  const double second[2] = {0, 1e-9}, volt[4] = {0, 0, 0.4, -0.3};
  ogt_fill(g, 6, 1e-6, 1e-3, 23);
  og_wave wave = {.points = 2, .second = second, .volt = volt};
  og_transient_out out = {.samples = 3, .sample_second = at, .i_out = got};
  og_transient_info info = run(&a, &o, g, &wave, 5e-9, &out);
  for (int j = 0; j < 3; j++) {
    ogt_rel(got[3 + j], got[6 + j], 1e-12);
    ogt_rel(got[j], got[6 + j] / 2, 1e-12);
  }
  ck_assert_uint_le(info.steps, 2);
  ck_assert_double_le(info.energy_balance, 1e-12);
}
END_TEST

/* Sense nodes that are held off 0 V work on the array; with drivers at 0 V and at rest they feed the losses alone. */
START_TEST(potentials_of_the_sense_nodes_deliver_energy) {
  og_array a = array_of(1, 1, 0, 0, 1300, 170);
  og_transient_opts o = caps(pole_farad, 0, 0, 1e-6);
  const double second = 0, volt = 0, sense = 0.21;
  double charge, steady;
  og_wave wave = {.points = 1, .second = &second, .volt = &volt, .sense_volt = &sense};
  og_transient_out out = {.charge_coulomb = &charge, .steady_amp = &steady};
  og_transient_info info = run(&a, &o, &pole_g, &wave, 3e-9, &out);
  double amp = 0.21 / (1300 + 170 + 1 / pole_g);
  ogt_rel(steady, -amp, 1e-12);
  ogt_rel(charge, -amp * 3e-9, 1e-12);
  ogt_rel(info.sense_joule, 0.21 * amp * 3e-9, 1e-12);
  ogt_abs(info.delivered_joule, 0, 1e-30);
  ogt_rel(info.stored_joule, pole_farad * pow(1300 * amp, 2) / 2, 1e-12);
}
END_TEST

/* Corners at equal distances, and cells set anew: factors are shared between stretches. */
START_TEST(factors_are_kept_between_equal_stretches) {
  enum { COUNT = 41 };
  double second[COUNT], volt[COUNT];
  for (int p = 0; p < COUNT; p++) {
    second[p] = 1e-9 * p;
    volt[p] = 0.2 + 0.1 * sin(0.7 * p);
  }
  og_array a = array_of(1, 1, 0, 0, 1300, 170);
  og_transient_opts o = caps(pole_farad, 0, 0, 1e-4);
  og_wave wave = {.points = COUNT, .second = second, .volt = volt};
  og_transient_info info = run(&a, &o, &pole_g, &wave, second[COUNT - 1], NULL);
  ck_assert_uint_ge(info.steps, COUNT - 1);
  ck_assert_uint_le(info.factors, info.steps / 3);
}
END_TEST

static const char *program(void) {
  const char *path = getenv("OHMGRID_SPICE");
  ck_assert_msg(path != NULL, "OHMGRID_SPICE must name the program ohmgrid-spice");
  return path;
}

/* The static deck with its sources made to follow the waveform, its capacitances, and .tran in place of .op. */
static char *deck_of(const og_array *a, const og_transient_opts *o, const double *g, const og_wave *wave, double stop,
                     size_t *bytes) {
  char *base, *deck, name[OGI_NODE_NAME];
  size_t length;
  double rest[16] = {0};
  ogi_labels map;
  ck_assert_int_eq(ogi_labels_create(&map, a, NULL), OG_OK);
  FILE *stream = open_memstream(&base, &length);
  ck_assert_int_eq(ogi_netlist_emit(stream, a, g, rest, NULL, NULL), OG_OK);
  fclose(stream);
  stream = open_memstream(&deck, bytes);
  for (char *line = strtok(base, "\n"); line != NULL; line = strtok(NULL, "\n"))
    if (strncmp(line, "vs_", 3) != 0 && strncmp(line, ".op", 3) != 0 && strncmp(line, ".end", 4) != 0)
      fprintf(stream, "%s\n", line);
  for (size_t i = 0; i < a->m; i++) {
    fprintf(stream, "vs_%zu s_%zu 0 pwl(", i, i);
    for (size_t p = 0; p < wave->points; p++)
      fprintf(stream, " %.17g %.17g", wave->second[p], wave->volt[p * a->m + i]);
    fputs(")\n", stream);
  }
  for (size_t i = 0; i < a->m; i++)
    for (size_t j = 0; j < a->n; j++) {
      char bit[OGI_NODE_NAME];
      ogi_netlist_word(name, &map, i, j);
      ogi_netlist_bit(bit, &map, i, j);
      fprintf(stream, "cw_%zu_%zu %s 0 %.17g\ncb_%zu_%zu %s 0 %.17g\ncc_%zu_%zu %s %s %.17g\n", i, j, name,
              o->c_word_farad, i, j, bit, o->c_bit_farad, i, j, name, bit, o->c_cell_farad);
    }
  fputs(".options reltol=1e-6 abstol=1e-16 vntol=1e-10 chgtol=1e-22 trtol=1\n", stream);
  fprintf(stream, ".tran %.17g %.17g 0 %.17g\n.end\n", stop / 100, stop, stop / 400);
  fclose(stream);
  free(base);
  ogi_labels_clear(&map);
  return deck;
}

START_TEST(ngspice_gives_the_same_waveforms) {
  enum { ROWS = 4, COLUMNS = 3, STOPS = 5 };
  double g[ROWS * COLUMNS], volt[3 * ROWS] = {0}, got[STOPS * COLUMNS], want[STOPS * COLUMNS], peak = 0;
  const double second[3] = {0, 20e-12, 60e-12}, at[STOPS] = {9e-12, 20e-12, 37e-12, 75e-12, 240e-12};
  og_array a = array_of(ROWS, COLUMNS, 17, 29, 950, 210);
  og_transient_opts o = caps(2.1e-15, 1.4e-15, 0.6e-15, 1e-8);
  ogi_spice *s;
  og_error err = {0};
  ogt_fill(g, ROWS * COLUMNS, 1e-5, 3e-4, 31);
  ogt_fill(volt + ROWS, 2 * ROWS, -0.2, 0.6, 32);
  og_wave wave = {.points = 3, .second = second, .volt = volt};
  og_transient_out out = {.samples = STOPS, .sample_second = at, .i_out = got};
  run(&a, &o, g, &wave, at[STOPS - 1], &out);
  ck_assert_msg(ogi_spice_open(&s, program(), 120, &err) == OG_OK, "%s", err.text);
  for (int k = 0; k < STOPS; k++) {
    static const char *const names[COLUMNS] = {"vt_0#branch", "vt_1#branch", "vt_2#branch"};
    size_t bytes;
    char *deck = deck_of(&a, &o, g, &wave, at[k], &bytes);
    ck_assert_msg(ogi_spice_run(s, deck, bytes, names, COLUMNS, want + k * COLUMNS, &err) == OG_OK, "%s", err.text);
    free(deck);
    for (int j = 0; j < COLUMNS; j++) peak = fmax(peak, fabs(want[k * COLUMNS + j]));
  }
  ogi_spice_close(s);
  for (int k = 0; k < STOPS * COLUMNS; k++) ogt_abs(got[k], want[k], 1e-4 * peak);
}
END_TEST

/* ---- what can go wrong ---- */

static og_status refuse(const og_transient_opts *o, og_error *err) {
  og_array a = array_of(2, 3, 1, 1, 1, 1);
  og_transient *t;
  og_status st = og_transient_create(&t, &a, o, err);
  ck_assert_ptr_null(t);
  return st;
}

START_TEST(options_out_of_range_are_named) {
  og_transient *t;
  og_error err;
  og_transient_opts o;
  og_array a = array_of(2, 3, 1, 1, 1, 1);
  ck_assert_int_eq(og_transient_create(NULL, &a, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_transient_create(&t, NULL, NULL, &err), OG_E_ARG);
#define REFUSE(field, value, part)               \
  do {                                           \
    og_transient_opts_init(&o);                  \
    o.field = value;                             \
    ck_assert_int_eq(refuse(&o, &err), OG_E_RANGE); \
    ogt_has(err.text, part);                     \
  } while (0)
  REFUSE(c_word_farad, -1e-15, "transient: c_word_farad: saw -1e-15, need a finite value >= 0 (farad)");
  REFUSE(c_bit_farad, INFINITY, "c_bit_farad: saw inf");
  REFUSE(c_cell_farad, NAN, "c_cell_farad: saw");
  REFUSE(rtol, 0.5, "transient: rtol: saw 0.5, need 1e-12 to 0.1");
  REFUSE(kcl_rtol, 0, "kcl_rtol: saw 0");
  REFUSE(step_max, 0, "step_max: saw 0");
  REFUSE(bits, 0, "transient: bits: saw 0, need 1 to 52");
  REFUSE(full_scale_amp, -1, "full_scale_amp: saw -1");
  REFUSE(engine, OG_ENGINE_REDUCE, "transient: engine: saw reduce, need auto, cg or cholesky");
  REFUSE(engine, (og_engine)77, "a foreign value");
#undef REFUSE
  a.r_bit_ohm = INFINITY;
  og_transient_opts_init(&o);
  o.engine = OG_ENGINE_CG;
  ck_assert_int_eq(og_transient_create(&t, &a, &o, &err), OG_E_RANGE);
  ogt_has(err.text, "transient: engine cg: saw open");
  a.r_bit_ohm = -1;
  ck_assert_int_eq(og_transient_create(&t, &a, NULL, &err), OG_E_RANGE);
}
END_TEST

typedef struct fixture {
  og_transient *t;
  double second[2], volt[4], at[2], i_out[6], settling[3];
  og_wave wave;
  og_transient_out out;
} fixture;

static void set_up(fixture *f, const og_transient_opts *o) {
  static const double g[6] = {1.1e-5, 2.3e-5, 0.7e-5, 4.1e-5, 0.9e-5, 3.2e-5};
  og_array a = array_of(2, 3, 11, 13, 570, 190);
  *f = (fixture){.second = {0, 1e-11}, .volt = {0, 0, 0.3, 0.4}, .at = {1e-11, 2e-11}};
  f->wave = (og_wave){.points = 2, .second = f->second, .volt = f->volt};
  f->out = (og_transient_out){.samples = 2, .sample_second = f->at, .i_out = f->i_out, .settling_second = f->settling};
  ck_assert_int_eq(og_transient_create(&f->t, &a, o, NULL), OG_OK);
  ck_assert_int_eq(og_transient_set_cells(f->t, g, NULL), OG_OK);
}

static void fails(fixture *f, double stop, og_status want, const char *part) {
  og_error err = {0};
  f->i_out[0] = f->i_out[5] = f->settling[2] = 1;
  ck_assert_int_eq(og_transient_run(f->t, &f->wave, stop, &f->out, NULL, &err), want);
  ck_assert_msg(strstr(err.text, part) != NULL, "\"%s\" lacks \"%s\"", err.text, part);
  if (f->out.i_out != NULL) ck_assert(isnan(f->i_out[0]) && isnan(f->i_out[5]) && isnan(f->settling[2]));
}

START_TEST(bad_waveforms_are_refused_and_leave_no_numbers) {
  fixture f;
  og_transient_opts o = caps(1e-15, 1e-15, 1e-15, 1e-6);
  set_up(&f, &o);
  ck_assert_int_eq(og_transient_run(NULL, &f.wave, 1, NULL, NULL, NULL), OG_E_ARG);
  ck_assert_int_eq(og_transient_run(f.t, NULL, 1, NULL, NULL, NULL), OG_E_ARG);
  fails(&f, 0, OG_E_RANGE, "transient: stop: saw 0, need a finite time after 0 (second)");
  fails(&f, INFINITY, OG_E_RANGE, "stop: saw inf");
  fails(&f, 1.5e-11, OG_E_RANGE, "transient: sample 1: saw 2e-11, need ascending times from 0 to 1.5e-11 (second)");
  f.out.i_out = NULL;
  fails(&f, 2e-11, OG_E_ARG, "samples are wanted");
  f.out.i_out = f.i_out;
  f.second[1] = 0;
  fails(&f, 2e-11, OG_E_RANGE, "transient: waveform point 1: saw 0, need finite ascending times (second)");
  f.second[1] = 1e-11;
  f.volt[3] = NAN;
  fails(&f, 2e-11, OG_E_RANGE, "transient: waveform point 1, word line 1: saw");
  f.volt[3] = 0.4;
  f.wave.sense_volt = (const double[3]){0, INFINITY, 0};
  fails(&f, 2e-11, OG_E_RANGE, "sense node 1: saw inf");
  f.wave.sense_volt = NULL;
  f.wave.points = 0;
  fails(&f, 2e-11, OG_E_ARG, "points: saw 0");
  f.wave.points = 2;
  f.wave.second = NULL;
  fails(&f, 2e-11, OG_E_ARG, "NULL");
  og_transient_free(f.t);
  og_transient_free(NULL);
}
END_TEST

START_TEST(bad_cells_are_refused) {
  og_transient *t;
  og_error err;
  og_array a = array_of(1, 2, 1, 1, 1, 1);
  const double second = 0, volt = 1, negative[2] = {1, -2e-5}, open[2] = {0, 0};
  og_wave wave = {.points = 1, .second = &second, .volt = &volt};
  ck_assert_int_eq(og_transient_create(&t, &a, NULL, NULL), OG_OK);
  ck_assert_int_eq(og_transient_run(t, &wave, 1, NULL, NULL, &err), OG_E_ARG);
  ogt_has(err.text, "transient: cells were not set");
  ck_assert_int_eq(og_transient_set_cells(t, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_transient_set_cells(t, negative, &err), OG_E_RANGE);
  ogt_has(err.text, "conductance (0,1): saw -2e-05");
  og_transient_free(t);
  a.r_sense_ohm = INFINITY; /* floating, though a capacitance would hold it */
  og_transient_opts o = caps(1e-15, 1e-15, 0, 1e-6);
  ck_assert_int_eq(og_transient_create(&t, &a, &o, NULL), OG_OK);
  ck_assert_int_eq(og_transient_set_cells(t, open, NULL), OG_OK);
  ck_assert_int_eq(og_transient_run(t, &wave, 1, NULL, NULL, &err), OG_E_SINGULAR);
  ogt_has(err.text, "floats");
  og_transient_free(t);
}
END_TEST

static int stop_at_third(void *user, double second, const double *i_out) {
  size_t *count = user;
  ck_assert(second > 0 && isfinite(i_out[0]));
  return ++*count == 3;
}

START_TEST(runs_end_when_told_and_when_steps_are_used_up) {
  fixture f;
  size_t count = 0;
  og_transient_opts o = caps(1e-15, 1e-15, 1e-15, 1e-9);
  set_up(&f, &o);
  f.out.step = stop_at_third;
  f.out.user = &count;
  fails(&f, 2e-11, OG_E_INTERRUPT, "by the caller");
  ck_assert_uint_eq(count, 3);
  og_transient_free(f.t);
  o.step_max = 5;
  set_up(&f, &o);
  fails(&f, 2e-11, OG_E_NOCONV, "saw 5 steps, need at most 5");
  og_transient_free(f.t);
}
END_TEST

/* A KCL tolerance below what the arithmetic can give is lifted to the rounding of the potentials; so this passes. */
START_TEST(rounding_is_no_failure) {
  fixture f;
  og_transient_opts o = caps(1e-15, 1e-15, 1e-15, 1e-6);
  o.kcl_rtol = 1e-300;
  set_up(&f, &o);
  ck_assert_int_eq(og_transient_run(f.t, &f.wave, 2e-11, &f.out, NULL, NULL), OG_OK);
  og_transient_free(f.t);
}
END_TEST

START_TEST(runs_allocate_nothing_and_repeat) {
  fixture f;
  double first[6];
  og_transient_opts o = caps(1e-15, 1e-15, 1e-15, 1e-6);
  set_up(&f, &o);
  ck_assert_int_eq(og_transient_run(f.t, &f.wave, 2e-11, &f.out, NULL, NULL), OG_OK);
  memcpy(first, f.i_out, sizeof first);
  size_t count = ogi_mem_count();
  ck_assert_int_eq(og_transient_run(f.t, &f.wave, 2e-11, &f.out, NULL, NULL), OG_OK);
  ck_assert_uint_eq(ogi_mem_count(), count);
  ck_assert_mem_eq(first, f.i_out, sizeof first);
  og_transient_free(f.t);
}
END_TEST

START_TEST(exhausted_memory_is_reported_and_leaks_nothing) {
  size_t live = ogi_mem_live(), k;
  og_transient *t;
  og_error err;
  og_array a = array_of(2, 3, 1, 1, 1, 1);
  for (k = 1; k < 1000; k++) {
    ogi_mem_fail_at(k);
    og_status st = og_transient_create(&t, &a, NULL, &err);
    ogi_mem_fail_at(0);
    if (st == OG_OK) break;
    ck_assert_int_eq(st, OG_E_NOMEM);
    ck_assert_ptr_null(t);
    ck_assert_uint_eq(ogi_mem_live(), live);
  }
  ck_assert_uint_gt(k, 20);
  og_transient_free(t);
  ck_assert_uint_eq(ogi_mem_live(), live);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("transient");
  TCase *tc = tcase_create("closed forms");
  tcase_set_timeout(tc, 60);
  tcase_add_test(tc, one_pole_follows_its_closed_form);
  tcase_add_test(tc, error_falls_with_the_second_order);
  tcase_add_test(tc, settling_time_of_one_pole_is_exact);
  tcase_add_test(tc, unsettled_output_has_no_settling_time);
  tcase_add_test(tc, charge_and_energy_of_one_pole_are_those_of_its_closed_form);
  tcase_add_test(tc, energy_balance_falls_with_the_tolerance_and_charge_is_conserved);
  tcase_add_test(tc, nodes_without_capacitance_are_algebraic);
  tcase_add_test(tc, ideal_lines_load_the_drivers_themselves);
  tcase_add_test(tc, without_capacitance_every_instant_is_static);
  tcase_add_test(tc, potentials_of_the_sense_nodes_deliver_energy);
  suite_add_tcase(suite, tc);
  tc = tcase_create("other answers");
  tcase_set_timeout(tc, 120);
  tcase_add_test(tc, every_geometry_agrees_with_the_matrix_exponential);
  tcase_add_test(tc, line_engine_gives_the_same_transient);
  tcase_add_test(tc, rest_is_the_static_solution);
  tcase_add_test(tc, factors_are_kept_between_equal_stretches);
  tcase_add_test(tc, ngspice_gives_the_same_waveforms);
  suite_add_tcase(suite, tc);
  tc = tcase_create("failures");
  tcase_set_timeout(tc, 60);
  tcase_add_test(tc, options_out_of_range_are_named);
  tcase_add_test(tc, bad_waveforms_are_refused_and_leave_no_numbers);
  tcase_add_test(tc, bad_cells_are_refused);
  tcase_add_test(tc, runs_end_when_told_and_when_steps_are_used_up);
  tcase_add_test(tc, rounding_is_no_failure);
  tcase_add_test(tc, runs_allocate_nothing_and_repeat);
  tcase_add_test(tc, exhausted_memory_is_reported_and_leaks_nothing);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
