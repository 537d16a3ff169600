/* SPDX-License-Identifier: BSD-3-Clause */
/* Arrays with cells in ngspice: against linear closed forms, and against the whole array as one deck. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/ohmgrid.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_exchange.h"
#include "cosim/ogi_spice.h"
#include "ogt.h"
#include "ogt_volatile.h"

static og_error err;

static og_cosim_opts options(double step) {
  og_cosim_opts o;
  og_cosim_opts_init(&o);
  o.spice.program = getenv("OHMGRID_SPICE");
  o.spice.timeout_second = 60;
  o.step_second = step;
  ck_assert_ptr_nonnull(o.spice.program);
  return o;
}

static double state_error(const og_vectors *v, const og_array *a, const double *w) {
  double worst = 0;
  for (size_t k = 0; k < a->m * a->n; k++) {
    char name[64];
    snprintf(name, sizeof name, "x_%zu_%zu.w", k / a->n, k % a->n);
    size_t at = og_vectors_find(v, name);
    ck_assert_uint_lt(at, v->count);
    worst = fmax(worst, fabs(og_vectors_at(v, at)[v->points - 1] - w[k]));
  }
  return worst;
}

static void against_monolith(size_t m, size_t n, double ohm, double step, double allowed) {
  og_array a;
  og_array_init(&a, m, n);
  a.r_word_ohm = a.r_bit_ohm = ohm;
  double second[POINTS], *volt = ogi_alloc(POINTS * m, sizeof *volt), *gon = ogi_alloc(m * n, sizeof *gon);
  double *w = ogi_alloc(m * n, sizeof *w), *g = ogi_alloc(m * n, sizeof *g);
  pulses(m, second, volt);
  ogt_fill(gon, m * n, 2e-4, 1e-3, 31);
  for (size_t k = 0; k < m * n; k++) g[k] = NAN;
  const og_wave wave = {.points = POINTS, .second = second, .volt = volt};
  const og_cell_circuit device = {
      .name = "volatile", .text = three, .terminals = 2, .states = 1, .state = {"w"}, .params = 1, .param = {"gon"}, .value = {gon}};
  monolith(&a, gon, &wave, 100e-9, w);
  og_cosim_opts o = options(step);
  og_cosim_info info;
  og_vectors *v;
  ck_assert_msg(og_cosim_run(&v, &a, g, &device, &(og_cosim_drive){.wave = &wave, .stop_second = 100e-9}, &o, &info, &err) == OG_OK, "%g ohm: %s", ohm, err.text);
  double worst = state_error(v, &a, w);
  if (getenv("OHMGRID_TEST_SHOW") != NULL)
    printf("%zu x %zu, %g ohm, %g s: state %.2g, mismatch %.2g, port balance %.2g (worst %.2g, charge %.2g), %zu steps\n", m,
           n, ohm, step, worst, info.mismatch, info.port_balance, info.worst_port_energy, info.worst_port_charge,
           info.steps);
  ck_assert_msg(worst <= allowed, "%zu x %zu, %g ohm, steps of %g s: state off by %g, need at most %g", m, n, ohm, step,
                worst, allowed);
  ck_assert_double_le(info.port_balance, 1e-3);
  ck_assert_double_le(info.worst_port_energy, 1e-3);
  ck_assert_double_le(info.worst_port_charge, 1e-3);
  ck_assert_uint_eq(info.spice_cells, m * n);
  og_vectors_free(v);
  ogi_free(volt);
  ogi_free(gon);
  ogi_free(w);
  ogi_free(g);
}

START_TEST(states_are_those_of_one_deck_at_weak_and_strong_coupling) {
  static const double ohm[] = {20, 200, 1000};
  for (size_t k = 0; k < 3; k++) against_monolith(4, 3, ohm[k], 1e-9, 3e-3);
}
END_TEST

START_TEST(the_error_falls_with_the_step) { against_monolith(4, 3, 200, 0.25e-9, 1e-3); }
END_TEST

START_TEST(larger_arrays_agree_too) { against_monolith(8, 7, 200, 1e-9, 3e-3); }
END_TEST

/* Resistors in ngspice among resistors here: the solver's own answer at every time. */
START_TEST(linear_cells_give_the_solution_of_the_array) {
  enum { M = 3, N = 4 };
  og_array a;
  double g[M * N], all[M * N], r[M * N], v0[M], i_out[N];
  const double second[2] = {0, 10e-9};
  double volt[2 * M];
  og_array_init(&a, M, N);
  a.r_word_ohm = 31;
  a.r_bit_ohm = 17;
  a.r_source_ohm = 100;
  ogt_fill(all, M * N, 1e-5, 1e-3, 41);
  for (size_t k = 0; k < M * N; k++) {
    r[k] = 1 / all[k];
    g[k] = k % 3 == 0 ? NAN : all[k];
  }
  ogt_fill(v0, M, 0.2, 0.7, 42);
  for (size_t k = 0; k < 2 * M; k++) volt[k] = k < M ? 0.5 * v0[k] : v0[k - M];
  const og_wave wave = {.points = 2, .second = second, .volt = volt};
  const og_cell_circuit device = {
      .name = "cell", .text = ".subckt cell p n r=1k\nrc p n r\n.ends\n", .terminals = 2, .params = 1, .param = {"r"}, .value = {r}};
  og_cosim_opts o = options(0.2e-9);
  og_cosim_info info;
  og_vectors *v;
  og_solver *s;
  ck_assert_msg(og_cosim_run(&v, &a, g, &device, &(og_cosim_drive){.wave = &wave, .stop_second = 20e-9}, &o, &info, &err) == OG_OK, "%s", err.text);
  ck_assert_uint_eq(info.spice_cells, 4);
  ck_assert_int_eq(og_solver_create(&s, &a, NULL, &err), OG_OK);
  ck_assert_int_eq(og_solver_set_cells(s, all, &err), OG_OK);
  ck_assert_int_eq(og_solver_dc(s, v0, 1, i_out, NULL, NULL, NULL, &err), OG_OK);
  for (size_t j = 0; j < N; j++) ogt_rel(og_vectors_at(v, 1 + j)[v->points - 1], i_out[j], 1e-4);
  size_t at = og_vectors_find(v, "i_0_3");
  ogt_rel(og_vectors_at(v, at)[v->points - 1] / og_vectors_at(v, og_vectors_find(v, "v_0_3"))[v->points - 1], all[3],
          1e-4);
  double spent = info.cells_joule + info.wires_joule + info.linear_joule;
  ogt_rel(spent, info.delivered_joule, 1e-2);
  og_solver_free(s);
  og_vectors_free(v);
}
END_TEST

START_TEST(bad_input_and_bad_devices_are_told) {
  og_array a;
  og_array_init(&a, 2, 2);
  double g[4] = {NAN, 1e-5, 1e-5, 1e-5};
  const double second[2] = {0, 1e-9}, volt[4] = {0, 0, 1, 1};
  const og_wave wave = {.points = 2, .second = second, .volt = volt};
  og_cell_circuit device = {.name = "cell", .terminals = 2, .text = ".subckt cell p n\nrc p n 1k\n.ends\n"};
  og_cosim_opts o = options(1e-10);
  og_vectors *v = NULL;
  ck_assert_int_eq(og_cosim_run(&v, &a, g, NULL, &(og_cosim_drive){.wave = &wave, .stop_second = 5e-9}, &o, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_cosim_run(&v, &a, g, &device, &(og_cosim_drive){.wave = &wave, .stop_second = -5e-9}, &o, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "stop");
  g[1] = -1;
  ck_assert_int_eq(og_cosim_run(&v, &a, g, &device, &(og_cosim_drive){.wave = &wave, .stop_second = 5e-9}, &o, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "cell (0,1): saw -1");
  g[1] = 1e-5;
  device.text = ".subckt cell p n\n.control\nshell id\n.endc\n.ends\n";
  ck_assert_int_eq(og_cosim_run(&v, &a, g, &device, &(og_cosim_drive){.wave = &wave, .stop_second = 5e-9}, &o, NULL, &err), OG_E_INPUT);
  ogt_has(err.text, "gives orders");
  device.text = ".subckt cell p n\nb1 p n i=ln(v(p,n)-3)\n.ends\n";
  ck_assert_int_eq(og_cosim_run(&v, &a, g, &device, &(og_cosim_drive){.wave = &wave, .stop_second = 5e-9}, &o, NULL, &err), OG_E_EXTERN);
  ck_assert_ptr_null(v);
  g[0] = 1e-5;
  ck_assert_int_eq(og_cosim_run(&v, &a, g, &device, &(og_cosim_drive){.wave = &wave, .stop_second = 5e-9}, &o, NULL, &err), OG_E_ARG);
}
END_TEST

/* Several sessions, a checkpoint on the way, and pieces that follow one another are the same run. */
enum { BM = 5, BN = 4, BK = BM * BN };
static const og_cell_circuit volatile_cell = {
    .name = "volatile", .text = three, .terminals = 2, .states = 1, .state = {"w"}};

static void pulsed(og_array *a, double second[POINTS], double volt[POINTS * BM], double g[BK]) {
  og_array_init(a, BM, BN);
  a->r_word_ohm = 130;
  a->r_bit_ohm = 90;
  pulses(BM, second, volt);
  for (size_t k = 0; k < BK; k++) g[k] = NAN;
}

static og_vectors *run_cells(const og_array *a, const double *g, const og_cosim_drive *d, const og_cosim_opts *o,
                             og_cosim_info *info) {
  og_vectors *v;
  ck_assert_msg(og_cosim_run(&v, a, g, &volatile_cell, d, o, info, &err) == OG_OK, "%s", err.text);
  return v;
}

static double last_state(const og_vectors *v, size_t cell) {
  char name[64];
  snprintf(name, sizeof name, "x_%zu_%zu.w", cell / BN, cell % BN);
  size_t at = og_vectors_find(v, name);
  ck_assert_uint_lt(at, v->count);
  return og_vectors_at(v, at)[v->points - 1];
}

START_TEST(several_sessions_agree_with_one) {
  og_array a;
  double second[POINTS], volt[POINTS * BM], g[BK];
  og_cosim_info one, many;
  pulsed(&a, second, volt, g);
  const og_wave wave = {.points = POINTS, .second = second, .volt = volt};
  const og_cosim_drive d = {.wave = &wave, .stop_second = 100e-9};
  og_cosim_opts o = options(1e-9);
  og_vectors *v = run_cells(&a, g, &d, &o, &one);
  o.batch = 3;
  og_vectors *w = run_cells(&a, g, &d, &o, &many);
  ck_assert_uint_eq(one.sessions, 1);
  ck_assert_uint_eq(many.sessions, 7);
  for (size_t k = 0; k < BK; k++) ck_assert_double_eq_tol(last_state(v, k), last_state(w, k), 3e-4);
  ck_assert_double_gt(last_state(v, 7), 0.1);
  og_vectors_free(v);
  og_vectors_free(w);
}
END_TEST

START_TEST(a_run_goes_on_from_its_checkpoint) {
  og_array a;
  double second[POINTS], volt[POINTS * BM], g[BK];
  pulsed(&a, second, volt, g);
  const og_wave wave = {.points = POINTS, .second = second, .volt = volt};
  og_cosim_drive d = {.wave = &wave, .stop_second = 100e-9};
  og_cosim_opts o = options(1e-9);
  og_vectors *whole = run_cells(&a, g, &d, &o, NULL);
  og_cosim_checkpoint *half = NULL, *read = NULL;
  const char *path = ogt_scratch("half.csv");
  d.stop_second = 40e-9;
  o.checkpoint = &half;
  og_vectors_free(run_cells(&a, g, &d, &o, NULL));
  ogt_rel(og_cosim_checkpoint_second(half), 40e-9, 1e-12);
  ck_assert_msg(og_cosim_checkpoint_save(path, half, &err) == OG_OK, "%s", err.text);
  ck_assert_msg(og_cosim_checkpoint_load(&read, path, &err) == OG_OK, "%s", err.text);
  o.checkpoint = NULL;
  o.from = read;
  d.stop_second = 100e-9;
  og_vectors *rest = run_cells(&a, g, &d, &o, NULL);
  ogt_rel(og_vectors_at(rest, 0)[0], 40e-9, 1e-12);
  for (size_t k = 0; k < BK; k++) ck_assert_double_eq_tol(last_state(whole, k), last_state(rest, k), 1e-3);
  const double other[BK] = {NAN, 1e-6};
  og_vectors *none;
  ck_assert_int_eq(og_cosim_run(&none, &a, other, &volatile_cell, &d, &o, NULL, &err), OG_E_INPUT);
  ogt_has(err.text, "checkpoint: saw 20 cells");
  FILE *f = fopen(path, "w");
  fputs("second,1e-9\ncells,1\nnodes,1\nrow,column,node,volt\n0,0,w\n", f);
  fclose(f);
  og_cosim_checkpoint *bad;
  ck_assert_int_eq(og_cosim_checkpoint_load(&bad, path, &err), OG_E_INPUT);
  ogt_has(err.text, ":5: saw \"0,0,w\"");
  ck_assert_ptr_null(bad);
  og_cosim_checkpoint_free(half);
  og_cosim_checkpoint_free(read);
  og_vectors_free(whole);
  og_vectors_free(rest);
}
END_TEST

/* The wave in two pieces, the second asked for when the first is over. */
typedef struct pieces {
  const og_wave *wave;
  double at;
  int asked;
} pieces;
static int second_piece(void *user, double second, const double *i_out, og_cosim_drive *next) {
  pieces *p = user;
  p->at = second;
  ck_assert(isfinite(i_out[BN - 1]));
  *next = (og_cosim_drive){.wave = p->wave, .stop_second = 100e-9};
  return p->asked++ == 0;
}

START_TEST(a_stretch_is_followed_by_what_the_caller_says) {
  og_array a;
  double second[POINTS], volt[POINTS * BM], g[BK];
  pulsed(&a, second, volt, g);
  const og_wave wave = {.points = POINTS, .second = second, .volt = volt};
  og_cosim_drive d = {.wave = &wave, .stop_second = 100e-9};
  og_cosim_opts o = options(1e-9);
  pieces p = {.wave = &wave};
  og_vectors *whole = run_cells(&a, g, &d, &o, NULL);
  d.stop_second = 33e-9;
  o.more = second_piece;
  o.more_user = &p;
  og_vectors *both = run_cells(&a, g, &d, &o, NULL);
  ck_assert_int_eq(p.asked, 2);
  ogt_rel(p.at, 100e-9, 1e-9);
  for (size_t k = 0; k < BK; k++) ck_assert_double_eq_tol(last_state(whole, k), last_state(both, k), 3e-4);
  og_vectors_free(whole);
  og_vectors_free(both);
}
END_TEST

START_TEST(states_outside_of_their_limits_are_told) {
  og_array a;
  double second[POINTS], volt[POINTS * BM], g[BK];
  const double low = -0.01, high = 0.35;
  og_cosim_info info;
  pulsed(&a, second, volt, g);
  const og_wave wave = {.points = POINTS, .second = second, .volt = volt};
  const og_cosim_drive d = {.wave = &wave, .stop_second = 60e-9};
  og_cosim_opts o = options(1e-9);
  o.state_min = &low;
  o.state_max = &high;
  og_vectors *v = run_cells(&a, g, &d, &o, &info);
  size_t outside = 0;
  for (size_t k = 0; k < BK; k++) outside += last_state(v, k) > high;
  ck_assert_uint_gt(outside, 0);
  ck_assert_uint_eq(info.outside, outside);
  ogt_has(info.outside_where, "w: saw 0.3");
  ogt_has(info.outside_where, "need -0.01 to 0.35");
  og_vectors_free(v);
}
END_TEST

/* A capacitor across every cell, at steps above and below R C of the wires: the energies of our engine for such arrays. */
START_TEST(capacitors_across_cells_charge_through_the_wires) {
  enum { M = 4, N = 3 };
  static const double step[] = {1e-9, 0.1e-9, 0.02e-9};
  og_array a;
  og_array_init(&a, M, N);
  a.r_word_ohm = 31;
  a.r_bit_ohm = 17;
  a.r_source_ohm = 50;
  double g[M * N], r[M * N], spice[M * N], second[POINTS], volt[POINTS * M];
  ogt_fill(g, M * N, 1e-4, 1e-3, 61);
  for (size_t k = 0; k < M * N; k++) {
    r[k] = 1 / g[k];
    spice[k] = NAN;
  }
  pulses(M, second, volt);
  for (size_t i = 0; i < M; i++) volt[i] = 0; /* og_transient begins at rest as uic does */
  const og_wave wave = {.points = POINTS, .second = second, .volt = volt};
  og_transient *t;
  og_transient_opts to;
  og_transient_info want;
  og_transient_opts_init(&to);
  to.c_cell_farad = 0.2e-12;
  ck_assert_int_eq(og_transient_create(&t, &a, &to, &err), OG_OK);
  ck_assert_int_eq(og_transient_set_cells(t, g, &err), OG_OK);
  ck_assert_msg(og_transient_run(t, &wave, 90e-9, NULL, &want, &err) == OG_OK, "%s", err.text);
  const og_cosim_drive d = {.wave = &wave, .stop_second = 90e-9};
  const og_cell_circuit cell = {.name = "cell", .terminals = 2, .params = 1, .param = {"r"}, .value = {r},
                                .text = ".subckt cell p n r=1k c=0.2p\nrc p n {r}\ncc p n {c}\n.ends\n"};
  for (size_t k = 0; k < 6; k++) {
    unsigned char all[M * N];
    og_cosim_info info;
    og_cosim_opts o = options(step[k / 2]);
    og_vectors *v;
    memset(all, k % 2 == 1, sizeof all);
    o.compact = all;
    ck_assert_msg(og_cosim_run(&v, &a, spice, &cell, &d, &o, &info, &err) == OG_OK, "%g: %s", step[k / 2], err.text);
    ogt_rel(info.delivered_joule, want.delivered_joule, 1e-2);
    ogt_rel(info.cells_joule + info.wires_joule, want.delivered_joule, 1e-2);
    ck_assert_double_le(info.energy_balance, 1e-2);
    og_vectors_free(v);
  }
  og_transient_free(t);
}
END_TEST

/* ---- compact models ---- */

START_TEST(compact_cells_agree_with_ngspice_and_so_does_any_mix) {
  og_array a;
  double second[POINTS], volt[POINTS * BM], g[BK];
  unsigned char all[BK], some[BK];
  og_cosim_info info;
  pulsed(&a, second, volt, g);
  for (size_t k = 0; k < BK; k++) {
    all[k] = 1;
    some[k] = k % 3 == 1;
  }
  const og_wave wave = {.points = POINTS, .second = second, .volt = volt};
  const og_cosim_drive d = {.wave = &wave, .stop_second = 100e-9};
  og_cosim_opts o = options(1e-9);
  og_vectors *spice = run_cells(&a, g, &d, &o, NULL);
  o.compact = all;
  og_vectors *compact = run_cells(&a, g, &d, &o, &info);
  ck_assert_uint_eq(info.compact_cells, BK);
  ck_assert_uint_eq(info.sessions, 0);
  ck_assert_double_le(info.port_balance, 1e-3);
  ogt_rel(info.cells_joule + info.wires_joule + info.linear_joule, info.delivered_joule, 1e-3);
  o.compact = some;
  og_vectors *mix = run_cells(&a, g, &d, &o, &info);
  ck_assert_uint_eq(info.spice_cells, 13);
  ck_assert_uint_eq(info.compact_cells, 7);
  for (size_t k = 0; k < BK; k++) {
    ck_assert_double_eq_tol(last_state(spice, k), last_state(compact, k), 5e-4);
    ck_assert_double_eq_tol(last_state(spice, k), last_state(mix, k), 5e-4);
  }
  og_vectors_free(spice);
  og_vectors_free(compact);
  og_vectors_free(mix);
}
END_TEST

START_TEST(a_checkpoint_of_ngspice_goes_on_as_compact_models) {
  og_array a;
  double second[POINTS], volt[POINTS * BM], g[BK];
  unsigned char all[BK];
  og_cosim_checkpoint *half = NULL;
  memset(all, 1, sizeof all);
  pulsed(&a, second, volt, g);
  const og_wave wave = {.points = POINTS, .second = second, .volt = volt};
  og_cosim_drive d = {.wave = &wave, .stop_second = 100e-9};
  og_cosim_opts o = options(1e-9);
  og_vectors *whole = run_cells(&a, g, &d, &o, NULL);
  d.stop_second = 37e-9;
  o.checkpoint = &half;
  og_vectors_free(run_cells(&a, g, &d, &o, NULL));
  d.stop_second = 100e-9;
  o.checkpoint = NULL;
  o.from = half;
  o.compact = all;
  og_vectors *rest = run_cells(&a, g, &d, &o, NULL);
  for (size_t k = 0; k < BK; k++) ck_assert_double_eq_tol(last_state(whole, k), last_state(rest, k), 1e-3);
  og_cosim_checkpoint_free(half);
  og_vectors_free(whole);
  og_vectors_free(rest);
}
END_TEST

/* Fails in ngspice once the state is up: the root of a negative number ends the run there. On nothing that a port or a
   state sees, so that a compact model leaves it out. */
#define BREAKS(limit)                                                                                     \
  ".subckt volatile p n w gon=1m goff=20u\n.param w_loss=5meg w_gain=60meg\n" BODY                          \
  "bz z 0 v=sqrt(" limit "-v(w))\nrz z 0 1k\n.ends\n"

START_TEST(a_failure_names_time_and_session_and_leaves_a_checkpoint) {
  og_array a;
  double second[POINTS], volt[POINTS * BM], g[BK];
  og_cosim_checkpoint *last = NULL;
  og_cosim_info info;
  og_vectors *v;
  pulsed(&a, second, volt, g);
  const og_wave wave = {.points = POINTS, .second = second, .volt = volt};
  const og_cosim_drive d = {.wave = &wave, .stop_second = 100e-9};
  og_cell_circuit cell = volatile_cell;
  cell.text = BREAKS("0.3");
  og_cosim_opts o = options(1e-9);
  o.batch = 6;
  o.checkpoint = &last;
  ck_assert_int_eq(og_cosim_run(&v, &a, g, &cell, &d, &o, &info, &err), OG_E_EXTERN);
  ogt_has(err.text, "cosim: after 1");
  ogt_has(err.text, "session");
  ogt_has(err.text, "bz of cell (");
  ck_assert_ptr_null(v);
  ck_assert_ptr_nonnull(last);
  ck_assert_double_gt(og_cosim_checkpoint_second(last), 10e-9);
  ck_assert_double_lt(og_cosim_checkpoint_second(last), 60e-9);
  o.from = last;
  o.checkpoint = NULL;
  og_cell_circuit sound = volatile_cell;
  sound.text = BREAKS("3");
  ck_assert_msg(og_cosim_run(&v, &a, g, &sound, &d, &o, &info, &err) == OG_OK, "%s", err.text);
  og_vectors_free(v);
  o.from = NULL;
  o.rescue = OG_COSIM_SMALLER; /* no step is small enough */
  o.rescues = 2;
  ck_assert_int_eq(og_cosim_run(&v, &a, g, &cell, &d, &o, &info, &err), OG_E_EXTERN);
  ck_assert_uint_eq(info.rescued, 2);
  ogt_has(info.rescued_why, "session");
  og_cosim_checkpoint_free(last);
}
END_TEST

static void named(const ogi_run *r, const char *words, const char *want) {
  og_error why = {0};
  snprintf(why.text, sizeof why.text, "%s", words);
  ogi_run_name_cells(r, &why);
  ck_assert_str_eq(why.text, want);
}

START_TEST(names_of_our_decks_in_a_failure_become_cells) {
  og_array a;
  og_array_init(&a, 11, 4);
  double linear[44];
  unsigned char here[44] = {0};
  size_t slot[44] = {0};
  for (size_t k = 0; k < 44; k++) linear[k] = k == 30 ? 1e-6 : NAN;
  for (size_t k = 29; k < 33; k++) { /* three compact ones; (7,2) among them is linear */
    here[k] = 1;
    slot[k] = k < 30 ? 0 : k - 30;
  }
  const ogi_run r = {.array = &a, .linear = linear, .here = here, .slot = slot, .cells = 44};
  named(&r, "trouble with node \"x10_3_0.z\"", "trouble with node \"z of cell (10,3)\"");
  named(&r, "in line b.x0_2_0.x1.bz", "in line x1.bz of cell (0,2)");
  named(&r, "node p3_1_0, v9_0_0#branch", "node cell (3,1), cell (9,0)#branch");
  named(&r, "x11_0_0 x0_4_0 tx1_1_0 x1_1 x1_1_0_0 xa", "x11_0_0 x0_4_0 tx1_1_0 x1_1 x1_1_0_0 xa");
  named(&r, "after 1 s: cell 1: w", "after 1 s: cell (7,3): w");
  named(&r, "cell 7: w, cell (1,1): z", "cell 7: w, cell (1,1): z");
  named(&r, "", "");
}
END_TEST

START_TEST(a_run_is_rescued_by_compact_models) {
  og_array a;
  double second[POINTS], volt[POINTS * BM], g[BK];
  og_cosim_info info;
  pulsed(&a, second, volt, g);
  const og_wave wave = {.points = POINTS, .second = second, .volt = volt};
  const og_cosim_drive d = {.wave = &wave, .stop_second = 100e-9};
  og_cell_circuit cell = volatile_cell;
  cell.text = BREAKS("0.3");
  og_cosim_opts o = options(1e-9);
  og_vectors *want = run_cells(&a, g, &d, &o, NULL), *v;
  o.batch = 6;
  o.rescue = OG_COSIM_COMPACT;
  o.rescues = 5;
  ck_assert_msg(og_cosim_run(&v, &a, g, &cell, &d, &o, &info, &err) == OG_OK, "%s", err.text);
  ck_assert_uint_gt(info.rescued, 0);
  ck_assert_uint_gt(info.compact_cells, 0);
  for (size_t k = 0; k < BK; k++) ck_assert_double_eq_tol(last_state(want, k), last_state(v, k), 1e-3);
  og_vectors_free(want);
  og_vectors_free(v);
}
END_TEST

/*
 * Three terminals: resistors between drain and source and from the gate to the source, so that gate currents leave by the
 * bit lines: the same circuit in our general engine.
 */
static const char resistors[] = ".subckt three d g s rg=1k rd=1k\nr1 g s {rg}\nr2 d s {rd}\n.ends\n";
enum { TM = 3, TN = 2 };

static void join(og_circuit *c, const char *kind, size_t i, size_t j, const char *from, const char *to, double ohm) {
  char name[64];
  snprintf(name, sizeof name, "r%s%zu_%zu", kind, i, j);
  ck_assert_int_eq(og_circuit_resistor(c, name, from, to, ohm, &err), OG_OK);
}

static void source(og_circuit *c, const char *node, double volt) {
  char name[64];
  og_waveform w = {.kind = OG_WAVE_DC, .p = {volt}};
  snprintf(name, sizeof name, "v%s", node);
  ck_assert_int_eq(og_circuit_voltage_source(c, name, node, "0", &w, &err), OG_OK);
}

static og_circuit *same_circuit(const double *rg, const double *rd, const double *drive, const double *gate, double held) {
  og_circuit *c;
  char d[32], g[32], s[32], next[32];
  ck_assert_int_eq(og_circuit_create(&c, &err), OG_OK);
  source(c, "held", held);
  for (size_t j = 0; j < TN; j++) {
    snprintf(next, sizeof next, "in%zu", j);
    source(c, next, drive[j]);
  }
  for (size_t i = 0; i < TM; i++) {
    snprintf(next, sizeof next, "gate%zu", i);
    source(c, next, gate[i]);
    for (size_t j = 0; j < TN; j++) {
      snprintf(d, sizeof d, "d%zu_%zu", i, j);
      snprintf(g, sizeof g, "g%zu_%zu", i, j);
      snprintf(s, sizeof s, "s%zu_%zu", i, j);
      join(c, "rd", i, j, d, s, rd[i * TN + j]);
      join(c, "rg", i, j, g, s, rg[i * TN + j]);
      snprintf(next, sizeof next, j == 0 ? "gate%zu" : "g%zu_%zu", i, j - 1);
      join(c, "gate", i, j, next, g, j == 0 ? 25 + 35 : 35);
      if (i == 0) snprintf(next, sizeof next, "in%zu", j);
      else snprintf(next, sizeof next, "d%zu_%zu", i - 1, j);
      join(c, "line", i, j, next, d, i == 0 ? 70 + 20 : 70);
      snprintf(next, sizeof next, i + 1 == TM ? "held" : "s%zu_%zu", i + 1, j);
      join(c, "bit", i, j, s, next, i + 1 == TM ? 50 + 15 : 50);
    }
  }
  ck_assert_msg(og_circuit_dc(c, NULL, &err) == OG_OK, "%s", err.text);
  return c;
}

START_TEST(cells_of_three_terminals_give_the_currents_of_the_same_circuit) {
  og_array a;
  og_array_init(&a, TM, TN);
  a.wiring = OG_WIRING_PARALLEL;
  a.r_word_ohm = 70;
  a.r_bit_ohm = 50;
  a.r_source_ohm = 20;
  a.r_sense_ohm = 15;
  double rg[TM * TN], rd[TM * TN], g[TM * TN], bit[2 * TN];
  const double second[2] = {0, 2e-9}, volt[2 * TN] = {0, 0, 0.81, 1.13}, gate[2 * TM] = {0, 0, 0, 0.9, -0.4, 1.3};
  ogt_fill(rg, TM * TN, 900, 5000, 51);
  ogt_fill(rd, TM * TN, 700, 3000, 52);
  for (size_t k = 0; k < TM * TN; k++) g[k] = NAN;
  for (size_t k = 0; k < 2 * TN; k++) bit[k] = 0.3;
  const og_wave wave = {.points = 2, .second = second, .volt = volt};
  const og_cosim_drive d = {.wave = &wave, .bit_volt = bit, .gate_volt = gate, .stop_second = 30e-9};
  const og_cell_circuit cell = {
      .name = "three", .text = resistors, .terminals = 3, .params = 2, .param = {"rg", "rd"}, .value = {rg, rd}};
  og_cosim_opts o = options(0.5e-9);
  o.gate_ohm[0] = 35;
  o.gate_ohm[1] = 25;
  og_cosim_info info;
  og_vectors *v;
  ck_assert_msg(og_cosim_run(&v, &a, g, &cell, &d, &o, &info, &err) == OG_OK, "%s", err.text);
  og_circuit *c = same_circuit(rg, rd, volt + TN, gate + TM, 0.3);
  for (size_t k = 0; k < 3 * TM * TN; k++) {
    char name[32], node[32];
    double want;
    snprintf(node, sizeof node, "%c%u_%u", "dgs"[k % 3], (unsigned)(k / 3 / TN), (unsigned)(k / 3 % TN));
    snprintf(name, sizeof name, "v%c_%u_%u", node[0], (unsigned)(k / 3 / TN), (unsigned)(k / 3 % TN));
    size_t at = og_vectors_find(v, name);
    ck_assert_uint_lt(at, v->count);
    ck_assert_int_eq(og_circuit_voltage(c, node, &want, &err), OG_OK);
    ogt_rel(og_vectors_at(v, at)[v->points - 1], want, 1e-4);
  }
  ogt_rel(info.cells_joule + info.wires_joule, info.delivered_joule, 1e-2);
  ck_assert_double_le(info.port_balance, 5e-3);
  og_circuit_free(c);
  og_vectors_free(v);
  a.wiring = OG_WIRING_CROSSED;
  ck_assert_int_eq(og_cosim_run(&v, &a, g, &cell, &d, &o, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "three terminals");
}
END_TEST

int main(void) {
  Suite *s = suite_create("cosim");
  TCase *t = tcase_create("cosim");
  tcase_set_timeout(t, 120);
  tcase_add_test(t, states_are_those_of_one_deck_at_weak_and_strong_coupling);
  tcase_add_test(t, the_error_falls_with_the_step);
  tcase_add_test(t, larger_arrays_agree_too);
  tcase_add_test(t, linear_cells_give_the_solution_of_the_array);
  tcase_add_test(t, bad_input_and_bad_devices_are_told);
  tcase_add_test(t, several_sessions_agree_with_one);
  tcase_add_test(t, a_run_goes_on_from_its_checkpoint);
  tcase_add_test(t, a_stretch_is_followed_by_what_the_caller_says);
  tcase_add_test(t, states_outside_of_their_limits_are_told);
  tcase_add_test(t, capacitors_across_cells_charge_through_the_wires);
  tcase_add_test(t, compact_cells_agree_with_ngspice_and_so_does_any_mix);
  tcase_add_test(t, a_checkpoint_of_ngspice_goes_on_as_compact_models);
  tcase_add_test(t, a_failure_names_time_and_session_and_leaves_a_checkpoint);
  tcase_add_test(t, names_of_our_decks_in_a_failure_become_cells);
  tcase_add_test(t, a_run_is_rescued_by_compact_models);
  tcase_add_test(t, cells_of_three_terminals_give_the_currents_of_the_same_circuit);
  suite_add_tcase(s, t);
  return ogt_run(s);
}
