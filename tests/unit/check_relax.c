/* SPDX-License-Identifier: BSD-3-Clause */
/* Waveform relaxation: against linear closed forms, the co-simulation, and the whole array as one deck in ngspice. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/ohmgrid.h>

#include "base/ogi_mem.h"
#include "base/ogi_time.h"
#include "ogt.h"
#include "ogt_volatile.h"

static og_error err;


/* ---- one circuit, three ways ---- */

typedef struct bench {
  og_array a;
  double second[POINTS], *volt, *gon, *g;
  og_wave wave;
  og_cell_circuit cell;
  og_cosim_drive drive;
} bench;

static void bench_make(bench *b, size_t m, size_t n, double ohm) {
  og_array_init(&b->a, m, n);
  b->a.r_word_ohm = b->a.r_bit_ohm = ohm;
  b->volt = ogi_alloc(POINTS * m, sizeof *b->volt);
  b->gon = ogi_alloc(m * n, sizeof *b->gon);
  b->g = ogi_alloc(m * n, sizeof *b->g);
  pulses(m, b->second, b->volt);
  ogt_fill(b->gon, m * n, 2e-4, 1e-3, 31);
  for (size_t k = 0; k < m * n; k++) b->g[k] = NAN;
  b->wave = (og_wave){.points = POINTS, .second = b->second, .volt = b->volt};
  b->cell = (og_cell_circuit){.name = "volatile", .text = three, .terminals = 2, .states = 1, .state = {"w"},
                              .params = 1, .param = {"gon"}, .value = {b->gon}};
  b->drive = (og_cosim_drive){.wave = &b->wave, .stop_second = 100e-9};
}

static void bench_clear(bench *b) {
  ogi_free(b->volt);
  ogi_free(b->gon);
  ogi_free(b->g);
}

static og_vectors *relaxed(const bench *b, double step, double window, og_relax_info *info) {
  og_vectors *v;
  og_relax_opts o;
  og_relax_opts_init(&o);
  o.step_second = step;
  o.window_second = window;
  ck_assert_msg(og_cosim_relax(&v, &b->a, b->g, &b->cell, &b->drive, &o, info, &err) == OG_OK, "%s", err.text);
  return v;
}

/* By exchange, all cells as compact models, with steps of the same length. */
static og_vectors *exchanged(const bench *b, double step) {
  og_vectors *v;
  og_cosim_opts o;
  size_t cells = b->a.m * b->a.n;
  unsigned char *all = ogi_alloc(cells, 1);
  memset(all, 1, cells);
  og_cosim_opts_init(&o);
  o.step_second = step;
  o.mismatch = 0;
  o.compact = all;
  o.compact_rtol = 1e-7;
  ck_assert_msg(og_cosim_run(&v, &b->a, b->g, &b->cell, &b->drive, &o, NULL, &err) == OG_OK, "%s", err.text);
  ogi_free(all);
  return v;
}

static double last_of(const og_vectors *v, const char *form, size_t i, size_t j) {
  char name[64];
  snprintf(name, sizeof name, form, i, j);
  size_t at = og_vectors_find(v, name);
  ck_assert_msg(at < v->count, "no %s", name);
  return og_vectors_at(v, at)[v->points - 1];
}

static void states_of(const bench *b, const og_vectors *v, double *w) {
  for (size_t k = 0; k < b->a.m * b->a.n; k++) w[k] = last_of(v, "x_%zu_%zu.w", k / b->a.n, k % b->a.n);
}

static double apart(const double *x, const double *y, size_t count) {
  double worst = 0;
  for (size_t k = 0; k < count; k++) worst = fmax(worst, fabs(x[k] - y[k]));
  return worst;
}

static void show(const bench *b, const char *what, double step, double error, double second) {
  if (getenv("OHMGRID_TEST_SHOW") != NULL)
    printf("%zu x %zu, %g ohm: %s, %g s: %.2g, %.3g s\n", b->a.m, b->a.n, b->a.r_word_ohm, what, step, error, second);
}

enum { MOST = 56 };
static const double ohms[] = {20, 200, 1000};

/* Two sizes, each at weak and strong coupling. */
static void at(size_t k, bench *b) { bench_make(b, k < 3 ? 4 : 8, k < 3 ? 3 : 7, ohms[k % 3]); }

START_TEST(the_exchange_comes_to_it_as_its_steps_shrink) {
  bench b;
  double want[MOST], got[MOST], error[3];
  at((size_t)_i, &b);
  size_t cells = b.a.m * b.a.n;
  og_relax_info info;
  double begin = ogi_now();
  og_vectors *v = relaxed(&b, 0.1e-9, 0, &info);
  states_of(&b, v, want);
  og_vectors_free(v);
  show(&b, "relaxation, residual", 0.1e-9, info.residual, ogi_now() - begin);
  ck_assert_double_le(info.residual, 1e-6);
  for (size_t k = 0; k < 3; k++) {
    double step = 1e-9 / (double)(1 << k);
    v = exchanged(&b, step);
    states_of(&b, v, got);
    og_vectors_free(v);
    error[k] = apart(want, got, cells);
    show(&b, "exchange", step, error[k], 0);
  }
  ck_assert_double_le(error[0], 3e-3);
  ck_assert_double_le(error[1], 0.6 * error[0]);
  ck_assert_double_le(error[2], 0.6 * error[1]);
  bench_clear(&b);
}
END_TEST

START_TEST(states_are_those_of_one_deck) {
  bench b;
  double want[MOST], got[MOST];
  at((size_t)_i, &b);
  monolith(&b.a, b.gon, &b.wave, 100e-9, want);
  og_vectors *v = relaxed(&b, 0.25e-9, 0, NULL);
  states_of(&b, v, got);
  double error = apart(want, got, b.a.m * b.a.n);
  show(&b, "against one deck", 0.25e-9, error, 0);
  ck_assert_double_le(error, 3e-4);
  og_vectors_free(v);
  bench_clear(&b);
}
END_TEST

START_TEST(the_solution_is_of_second_order_in_the_step) {
  bench b;
  double fine[MOST], got[MOST], error[2];
  bench_make(&b, 4, 3, 200);
  og_vectors *v = relaxed(&b, 0.05e-9, 0, NULL);
  states_of(&b, v, fine);
  og_vectors_free(v);
  for (size_t k = 0; k < 2; k++) {
    v = relaxed(&b, 1e-9 / (double)(1 + k), 0, NULL);
    states_of(&b, v, got);
    og_vectors_free(v);
    error[k] = apart(fine, got, 12);
    show(&b, "from the finest", 1e-9 / (double)(1 + k), error[k], 0);
  }
  ck_assert_double_le(error[1], 0.35 * error[0]);
  bench_clear(&b);
}
END_TEST

START_TEST(the_solution_does_not_depend_on_the_window) {
  static const double window[] = {0.5e-9, 5e-9, 20e-9, 100e-9};
  bench b;
  double want[MOST], got[MOST];
  at((size_t)_i, &b);
  for (size_t k = 0; k < 4; k++) {
    og_relax_info info;
    double begin = ogi_now();
    og_vectors *v = relaxed(&b, 0.5e-9, window[k], &info);
    states_of(&b, v, k == 0 ? want : got);
    og_vectors_free(v);
    show(&b, "turns in a window", window[k], (double)info.iterations / (double)info.windows, ogi_now() - begin);
    if (k > 0) ck_assert_double_le(apart(want, got, b.a.m * b.a.n), 1e-5);
  }
  bench_clear(&b);
}
END_TEST

/* From open to conducting within two steps, behind wires as resistive as the cells. */
START_TEST(cells_that_snap_within_a_step_converge) {
  bench b;
  og_relax_info info;
  double want[MOST], got[MOST];
  bench_make(&b, 4, 3, 1000);
  b.cell.text = ".subckt volatile p n w gon=1m goff=20u\n.param w_loss=5meg w_gain=6g\n" BODY ".ends\n";
  og_vectors *v = relaxed(&b, 1e-9, 0, &info);
  states_of(&b, v, got);
  og_vectors_free(v);
  v = relaxed(&b, 0.05e-9, 0, NULL);
  states_of(&b, v, want);
  og_vectors_free(v);
  show(&b, "snapping, from a twentieth of the step", 1e-9, apart(want, got, 12), 0);
  show(&b, "turns in a window", 1e-9, (double)info.iterations / (double)info.windows, 0);
  ck_assert_double_le(apart(want, got, 12), 3e-3);
  v = exchanged(&b, 0.05e-9);
  states_of(&b, v, got);
  og_vectors_free(v);
  show(&b, "snapping, exchange", 0.05e-9, apart(want, got, 12), 0);
  ck_assert_double_le(apart(want, got, 12), 3e-3);
  bench_clear(&b);
}
END_TEST

/* ---- against linear solutions ---- */

enum { M = 3, N = 4 };

/* Resistors as cells among linear ones. */
static void linear_bench(og_array *a, double *all, double *r, double *g) {
  og_array_init(a, M, N);
  a->r_word_ohm = 31;
  a->r_bit_ohm = 17;
  a->r_source_ohm = 100;
  ogt_fill(all, M * N, 1e-5, 1e-3, 41);
  for (size_t k = 0; k < M * N; k++) {
    r[k] = 1 / all[k];
    g[k] = k % 3 == 0 ? NAN : all[k];
  }
}

START_TEST(linear_cells_give_the_solution_of_the_array_at_every_time) {
  og_array a;
  double g[M * N], all[M * N], r[M * N], v0[M], now[M], bit[2 * N], held[N], i_out[N], word[M * N], low[M * N];
  const double second[2] = {1e-9, 11e-9};
  double volt[2 * M];
  linear_bench(&a, all, r, g);
  ogt_fill(v0, M, 0.2, 0.7, 42);
  ogt_fill(bit, 2 * N, -0.1, 0.1, 43);
  for (size_t k = 0; k < 2 * M; k++) volt[k] = k < M ? 0.3 * v0[k] : v0[k - M];
  const og_wave wave = {.points = 2, .second = second, .volt = volt};
  const og_cell_circuit cell = {
      .name = "cell", .text = ".subckt cell p n r=1k\nrc p n r\n.ends\n", .terminals = 2, .params = 1, .param = {"r"},
      .value = {r}};
  og_relax_info info;
  og_vectors *v;
  og_solver *s;
  const og_cosim_drive drive = {.wave = &wave, .bit_volt = bit, .stop_second = 17.3e-9};
  ck_assert_msg(og_cosim_relax(&v, &a, g, &cell, &drive, NULL, &info, &err) == OG_OK, "%s", err.text);
  ck_assert_uint_eq(info.points, v->points);
  ck_assert_uint_eq(info.halved, 0);
  ck_assert_double_eq(og_vectors_at(v, 0)[0], 1e-9);
  ck_assert_double_eq(og_vectors_at(v, 0)[v->points - 1], 17.3e-9);
  ck_assert_int_eq(og_solver_create(&s, &a, NULL, &err), OG_OK);
  ck_assert_int_eq(og_solver_set_cells(s, all, &err), OG_OK);
  for (size_t p = 0; p < v->points; p += 7) {
    double t = og_vectors_at(v, 0)[p], share = fmin((t - 1e-9) / 10e-9, 1);
    for (size_t i = 0; i < M; i++) now[i] = volt[i] + share * (volt[M + i] - volt[i]);
    for (size_t j = 0; j < N; j++) held[j] = bit[j] + share * (bit[N + j] - bit[j]);
    ck_assert_int_eq(og_solver_set_bit_volts(s, held, &err), OG_OK);
    ck_assert_int_eq(og_solver_dc(s, now, 1, i_out, word, low, NULL, &err), OG_OK);
    for (size_t j = 0; j < N; j++) ogt_abs(og_vectors_at(v, 1 + j)[p], i_out[j], 1e-9);
    for (size_t k = 0; k < M * N; k += 3) {
      ogt_abs(og_vectors_at(v, 1 + N + 2 * (k / 3))[p], word[k] - low[k], 1e-6);
      ogt_abs(og_vectors_at(v, 2 + N + 2 * (k / 3))[p], all[k] * (word[k] - low[k]), 1e-9);
    }
  }
  og_solver_free(s);
  og_vectors_free(v);
}
END_TEST

/* The chords of what came, put into the linear solver: its voltages and currents must be the same at every point. */
START_TEST(kirchhoffs_laws_hold_at_every_point) {
  bench b;
  og_relax_info info;
  og_solver *s;
  double g[MOST], word[MOST], low[MOST], drive[8], i_out[7], volt = 0, amp = 0;
  bench_make(&b, 8, 7, 200);
  b.a.r_sense_ohm = 50;
  og_vectors *v = relaxed(&b, 0.5e-9, 0, &info);
  ck_assert_int_eq(og_solver_create(&s, &b.a, NULL, &err), OG_OK);
  for (size_t p = 1; p < v->points; p++) {
    double t = og_vectors_at(v, 0)[p];
    size_t k = 0;
    while (b.second[k + 1] < t) k++;
    double share = (t - b.second[k]) / (b.second[k + 1] - b.second[k]);
    for (size_t i = 0; i < 8; i++)
      drive[i] = (1 - share) * b.volt[k * 8 + i] + share * b.volt[(k + 1) * 8 + i];
    for (size_t c = 0; c < MOST; c++) g[c] = og_vectors_at(v, 9 + 3 * c)[p] / og_vectors_at(v, 8 + 3 * c)[p];
    ck_assert_int_eq(og_solver_set_cells(s, g, &err), OG_OK);
    ck_assert_int_eq(og_solver_dc(s, drive, 1, i_out, word, low, NULL, &err), OG_OK);
    for (size_t c = 0; c < MOST; c++) volt = fmax(volt, fabs(og_vectors_at(v, 8 + 3 * c)[p] - (word[c] - low[c])));
    for (size_t j = 0; j < 7; j++) amp = fmax(amp, fabs(og_vectors_at(v, 1 + j)[p] - i_out[j]));
  }
  show(&b, "volt off Kirchhoff's laws", 0.5e-9, volt, 0);
  show(&b, "ampere off Kirchhoff's laws", 0.5e-9, amp, 0);
  ck_assert_double_le(volt, 3e-6);
  ck_assert_double_le(amp, 3e-9);
  ck_assert_double_le(info.residual_amp, 1e-8);
  og_solver_free(s);
  og_vectors_free(v);
  bench_clear(&b);
}
END_TEST

/* ---- what is refused ---- */

static og_status refused(const bench *b, const og_relax_opts *o) {
  og_vectors *v = (og_vectors *)&err;
  og_status st = og_cosim_relax(&v, &b->a, b->g, &b->cell, &b->drive, o, NULL, &err);
  ck_assert_ptr_null(v);
  return st;
}

START_TEST(bad_input_is_told) {
  bench b;
  og_relax_opts o;
  bench_make(&b, 3, 2, 50);
  og_vectors *v;
  ck_assert_int_eq(og_cosim_relax(&v, &b.a, NULL, &b.cell, &b.drive, NULL, NULL, &err), OG_E_ARG);
  ogt_has(err.text, "relax: a needed pointer is NULL");
  const struct {
    double step, window, tol, rtol;
    size_t iterations;
    const char *text;
  } bad[] = {{-1e-9, 0, 1e-6, 1e-7, 60, "relax: step_second: saw -1e-09, need 0 or more (second)"},
             {1e-9, -1, 1e-6, 1e-7, 60, "relax: window_second: saw -1, need 0 or more (second)"},
             {1e-9, 0, 0, 1e-7, 60, "relax: tol: saw 0, need more than 0"},
             {1e-9, 0, 1e-6, NAN, 60, "relax: compact_rtol: saw"},
             {1e-9, 0, 1e-6, 1e-7, 0, "relax: iterations: saw 0, need 1 or more"},
             {1e-16, 0, 1e-6, 1e-7, 60, "relax: step_second: saw 1e-16, need a step that gives fewer than 1e+07 "}};
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    o = (og_relax_opts){.step_second = bad[k].step, .window_second = bad[k].window, .tol = bad[k].tol,
                        .compact_rtol = bad[k].rtol, .iterations = bad[k].iterations};
    ck_assert_int_eq(refused(&b, &o), OG_E_RANGE);
    ogt_has(err.text, bad[k].text);
  }
  b.cell.terminals = 3;
  ck_assert_int_eq(refused(&b, NULL), OG_E_RANGE);
  ogt_has(err.text, "relax: cells: saw 3 terminals, need 2");
  b.cell.terminals = 2;
  b.cell.states = 99;
  ck_assert_int_eq(refused(&b, NULL), OG_E_RANGE);
  ogt_has(err.text, "saw 99 states");
  b.cell.states = 1;
  b.cell.text = ".subckt volatile p n w\n.ends\n";
  ck_assert_int_eq(refused(&b, NULL), OG_E_INPUT);
  b.cell.text = three;
  b.gon[3] = INFINITY;
  ck_assert_int_eq(refused(&b, NULL), OG_E_RANGE);
  ogt_has(err.text, "relax: gon of cell (1,1): saw inf, need a finite value");
  b.gon[3] = 1e-3;
  b.g[4] = -2;
  ck_assert_int_eq(refused(&b, NULL), OG_E_RANGE);
  ogt_has(err.text, "relax: cell (2,0): saw -2, need a conductance >= 0");
  for (size_t k = 0; k < 6; k++) b.g[k] = 1e-5;
  ck_assert_int_eq(refused(&b, NULL), OG_E_ARG);
  ogt_has(err.text, "relax: no cell is one of the subcircuit");
  b.g[4] = NAN;
  b.drive.stop_second = -1;
  ck_assert_int_eq(refused(&b, NULL), OG_E_RANGE);
  ogt_has(err.text, "relax: stop: saw -1, need more than 0 (second)");
  b.drive.stop_second = 1e-7;
  b.second[2] = b.second[1];
  ck_assert_int_eq(refused(&b, NULL), OG_E_RANGE);
  ogt_has(err.text, "relax: wave: time 2: saw 1e-08, need finite and ascending (second)");
  b.wave.points = 0;
  ck_assert_int_eq(refused(&b, NULL), OG_E_ARG);
  ogt_has(err.text, "relax: the wave has no point");
  bench_clear(&b);
}
END_TEST

START_TEST(a_window_that_does_not_converge_is_halved_and_then_told_with_its_port) {
  bench b;
  og_relax_opts o;
  og_relax_info info;
  og_vectors *v;
  bench_make(&b, 4, 3, 1000);
  for (size_t k = 0; k < 8; k++) b.volt[k] = 0; /* at rest at the beginning */
  og_relax_opts_init(&o);
  o.step_second = 0.25e-9;
  o.window_second = 40e-9;
  o.iterations = 4;
  ck_assert_msg(og_cosim_relax(&v, &b.a, b.g, &b.cell, &b.drive, &o, &info, &err) == OG_OK, "%s", err.text);
  ck_assert_uint_gt(info.halved, 0);
  og_vectors_free(v);
  o.iterations = 1;
  ck_assert_int_eq(og_cosim_relax(&v, &b.a, b.g, &b.cell, &b.drive, &o, &info, &err), OG_E_NOCONV);
  ogt_has(err.text, "relax: window 1e-08 s to 1.025e-08 s: port (");
  ogt_has(err.text, ") at 1.025e-08 s: saw array and cell ");
  ogt_has(err.text, "apart after 1 turns, need at most 1.19e-06 (volt)");
  ck_assert_uint_eq(info.points, 41);
  b.volt[0] = 0.5;
  ck_assert_int_eq(og_cosim_relax(&v, &b.a, b.g, &b.cell, &b.drive, &o, NULL, &err), OG_E_NOCONV);
  ogt_has(err.text, "relax: beginning, 0 s: port (");
  ck_assert_ptr_null(v);
  bench_clear(&b);
}
END_TEST

static int enough(void *user, const char *phase, double fraction) {
  (void)phase;
  ++*(int *)user;
  return fraction > 0.3;
}

START_TEST(the_caller_can_stop_it) {
  bench b;
  og_relax_opts o;
  int asked = 0;
  bench_make(&b, 3, 2, 50);
  og_relax_opts_init(&o);
  o.progress = (og_progress){enough, &asked};
  ck_assert_int_eq(refused(&b, &o), OG_E_INTERRUPT);
  ck_assert_int_gt(asked, 10);
  ogt_has(err.text, "relax: stopped by the caller");
  bench_clear(&b);
}
END_TEST

START_TEST(missing_memory_is_told_and_nothing_is_lost) {
  bench b;
  bench_make(&b, 3, 2, 50);
  b.drive.stop_second = 12e-9;
  size_t live = ogi_mem_live(), failed = 0;
  for (size_t k = 1; k < 2000; k += 1 + k / 8) {
    og_vectors *v;
    ogi_mem_fail_at(k);
    og_status st = og_cosim_relax(&v, &b.a, b.g, &b.cell, &b.drive, NULL, NULL, &err);
    ogi_mem_fail_at(0);
    ck_assert(st == OG_OK || st == OG_E_NOMEM);
    ck_assert((v == NULL) == (st != OG_OK));
    og_vectors_free(v);
    failed += st != OG_OK;
    ck_assert_uint_eq(ogi_mem_live(), live);
  }
  ck_assert_uint_gt(failed, 20);
  bench_clear(&b);
}
END_TEST

int main(void) {
  Suite *s = suite_create("relax");
  TCase *t = tcase_create("relax");
  tcase_set_timeout(t, 120);
  tcase_add_loop_test(t, the_exchange_comes_to_it_as_its_steps_shrink, 0, 6);
  tcase_add_loop_test(t, states_are_those_of_one_deck, 0, 6);
  tcase_add_test(t, the_solution_is_of_second_order_in_the_step);
  tcase_add_loop_test(t, the_solution_does_not_depend_on_the_window, 0, 6);
  tcase_add_test(t, cells_that_snap_within_a_step_converge);
  tcase_add_test(t, linear_cells_give_the_solution_of_the_array_at_every_time);
  tcase_add_test(t, kirchhoffs_laws_hold_at_every_point);
  tcase_add_test(t, bad_input_is_told);
  tcase_add_test(t, a_window_that_does_not_converge_is_halved_and_then_told_with_its_port);
  tcase_add_test(t, the_caller_can_stop_it);
  tcase_add_test(t, missing_memory_is_told_and_nothing_is_lost);
  suite_add_tcase(s, t);
  return ogt_run(s);
}
