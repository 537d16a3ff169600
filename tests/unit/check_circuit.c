/* SPDX-License-Identifier: BSD-3-Clause */
/* General circuits: closed forms, independent solutions, ngspice. */
#include <config.h>

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_linalg.h>
#include <gsl/gsl_sf_lambert.h>

#include <ohmgrid/circuit.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_spice.h"
#include "ogt.h"

#define OK(call) ck_assert_msg((call) == OG_OK, "%s", err.text)

static og_error err;

static og_circuit *empty(void) {
  og_circuit *c;
  ck_assert_int_eq(og_circuit_create(&c, &err), OG_OK);
  return c;
}

static og_waveform dc(double value) { return (og_waveform){.kind = OG_WAVE_DC, .p = {value}}; }

static double volt(const og_circuit *c, const char *node) {
  double v;
  OK(og_circuit_voltage(c, node, &v, &err));
  return v;
}

static double amp(const og_circuit *c, const char *element) {
  double i;
  OK(og_circuit_current(c, element, &i, &err));
  return i;
}

START_TEST(a_divider_divides_and_balances) {
  og_circuit *c = empty();
  og_circuit_info info;
  og_waveform w = dc(3.3);
  OK(og_circuit_voltage_source(c, "v1", "in", "0", &w, &err));
  OK(og_circuit_resistor(c, "r1", "in", "out", 1230, &err));
  OK(og_circuit_resistor(c, "r2", "out", "gnd", 4710, &err));
  OK(og_circuit_dc(c, &info, &err));
  ogt_rel(volt(c, "out"), 3.3 * 4710 / 5940, 1e-14);
  ogt_rel(amp(c, "r1"), 3.3 / 5940, 1e-14);
  ogt_rel(amp(c, "v1"), -3.3 / 5940, 1e-14); /* into the source's node a: it delivers */
  ogt_rel(info.power_watt, 3.3 * 3.3 / 5940, 1e-14);
  ck_assert_double_le(info.power_balance, 1e-14);
  ck_assert_double_le(info.kcl_residual, 1e-14);
  og_circuit_free(c);
}
END_TEST

/* Each controlled source as an amplifier into a load, with the signs of SPICE. */
START_TEST(controlled_sources_have_the_signs_of_spice) {
  og_circuit *c = empty();
  og_waveform w = dc(0.7);
  OK(og_circuit_voltage_source(c, "vin", "a", "0", &w, &err));
  OK(og_circuit_resistor(c, "ra", "a", "0", 350, &err)); /* 2 mA: i(vin) = -2 mA */
  OK(og_circuit_by_voltage(c, 'E', "e1", "e", "0", "a", "0", 4.5, &err));
  OK(og_circuit_by_voltage(c, 'G', "g1", "g", "0", "a", "0", 3e-3, &err));
  OK(og_circuit_by_current(c, 'F', "f1", "f", "0", "vin", 12, &err));
  OK(og_circuit_by_current(c, 'H', "h1", "h", "0", "vin", 230, &err));
  const char *node[] = {"e", "g", "f", "h"};
  const char *load[] = {"re", "rg", "rf", "rh"};
  for (int k = 0; k < 4; k++) OK(og_circuit_resistor(c, load[k], node[k], "0", 100, &err));
  OK(og_circuit_dc(c, NULL, &err));
  ogt_rel(volt(c, "e"), 4.5 * 0.7, 1e-13);
  ogt_rel(volt(c, "g"), -3e-3 * 0.7 * 100, 1e-13); /* the current leaves node g through the source */
  ogt_rel(volt(c, "f"), -12 * -2e-3 * 100, 1e-13);
  ogt_rel(volt(c, "h"), 230 * -2e-3, 1e-13);
  og_circuit_free(c);
}
END_TEST

START_TEST(an_inverting_amplifier_approaches_its_ratio) {
  og_circuit *c = empty();
  og_waveform w = dc(0.21);
  double gain = 1e5, ratio = 4700.0 / 1300;
  OK(og_circuit_voltage_source(c, "v", "in", "0", &w, &err));
  OK(og_circuit_resistor(c, "r1", "in", "minus", 1300, &err));
  OK(og_circuit_resistor(c, "r2", "minus", "out", 4700, &err));
  OK(og_circuit_by_voltage(c, 'E', "op", "out", "0", "0", "minus", gain, &err));
  OK(og_circuit_dc(c, NULL, &err));
  ogt_rel(volt(c, "out"), -0.21 * ratio / (1 + (1 + ratio) / gain), 1e-12);
  og_circuit_free(c);
}
END_TEST

/* Random resistors between 9 nodes and ground, with current sources: against a dense solution. */
START_TEST(random_networks_agree_with_a_dense_solution) {
  enum { N = 9 };
  double value[N * (N + 1)], source[N], matrix[N * N] = {0};
  char name[32], a[16], b[16];
  og_circuit *c = empty();
  ogt_fill(value, N * (N + 1), 10, 1e5, (uint32_t)_i);
  ogt_fill(source, N, -1e-3, 1e-3, 100 + (uint32_t)_i);
  for (int i = 0; i < N; i++) {
    og_waveform w = dc(source[i]);
    snprintf(name, sizeof name, "i%d", i);
    snprintf(a, sizeof a, "n%d", i);
    OK(og_circuit_current_source(c, name, "0", a, &w, &err));
    for (int j = i; j < N; j++) { /* j == i: to ground */
      double ohm = value[i * N + j];
      snprintf(name, sizeof name, "r%d_%d", i, j);
      snprintf(b, sizeof b, "n%d", j);
      OK(og_circuit_resistor(c, name, a, j == i ? "0" : b, ohm, &err));
      matrix[i * N + i] += 1 / ohm;
      if (j == i) continue;
      matrix[j * N + j] += 1 / ohm;
      matrix[i * N + j] -= 1 / ohm;
      matrix[j * N + i] -= 1 / ohm;
    }
  }
  OK(og_circuit_dc(c, NULL, &err));
  gsl_matrix_view m = gsl_matrix_view_array(matrix, N, N);
  gsl_vector_view x = gsl_vector_view_array(source, N);
  ck_assert_int_eq(gsl_linalg_cholesky_decomp1(&m.matrix), 0);
  gsl_linalg_cholesky_svx(&m.matrix, &x.vector);
  for (int i = 0; i < N; i++) {
    snprintf(a, sizeof a, "n%d", i);
    ogt_rel(volt(c, a), source[i], 1e-10);
  }
  og_circuit_free(c);
}
END_TEST

/* i = is (exp((v - i r) / u) - 1) has the solution by Lambert's W; gmin adds 1e-12 S. */
START_TEST(a_diode_behind_a_resistor_follows_lambert) {
  static const double volts[] = {-5, 0.3, 0.8, 5, 230};
  og_diode d;
  double u = 1.3 * 1.380649e-23 * 310 / 1.602176634e-19, r = 470, v = volts[_i];
  og_diode_init(&d);
  d.is_amp = 2.3e-14;
  d.n = 1.3;
  d.kelvin = d.tnom_kelvin = 310;
  og_circuit *c = empty();
  og_circuit_info info;
  og_waveform w = dc(v);
  OK(og_circuit_voltage_source(c, "v", "in", "0", &w, &err));
  OK(og_circuit_resistor(c, "r", "in", "a", r, &err));
  OK(og_circuit_diode(c, "d", "a", "0", &d, &err));
  OK(og_circuit_dc(c, &info, &err));
  double arg = log(d.is_amp * r / u) + (v + d.is_amp * r) / u; /* W(exp(arg)): exp(arg) itself may overflow */
  double x = arg < 500 ? gsl_sf_lambert_W0(exp(arg)) : arg - log(arg);
  for (int k = 0; arg >= 500 && k < 20; k++) x -= (x + log(x) - arg) / (1 + 1 / x);
  ogt_abs(amp(c, "d"), u / r * x - d.is_amp, 1e-9 * fabs(v) / r + 1.1e-12 * fabs(v));
  ck_assert_double_le(info.kcl_residual, 1e-10);
  og_circuit_free(c);
}
END_TEST

static void cubic(void *user, double v, double *i, double *slope) {
  double g = *(const double *)user;
  *i = g * (v + v * v * v);
  *slope = g * (1 + 3 * v * v);
}

START_TEST(a_law_of_the_user_is_met) {
  double g = 1.7e-3, r = 820, v = 4.1;
  og_circuit *c = empty();
  og_waveform w = dc(v);
  OK(og_circuit_voltage_source(c, "v", "in", "0", &w, &err));
  OK(og_circuit_resistor(c, "r", "in", "a", r, &err));
  OK(og_circuit_cell(c, "y", "a", "0", cubic, &g, &err));
  OK(og_circuit_dc(c, NULL, &err));
  double x = volt(c, "a"), low = 0, high = v;
  for (int k = 0; k < 200; k++) {
    double middle = (low + high) / 2;
    if (g * (middle + middle * middle * middle) < (v - middle) / r) low = middle;
    else high = middle;
  }
  ogt_rel(x, low, 1e-10);
  og_circuit_free(c);
}
END_TEST

/* ---- time ---- */

typedef struct probe {
  double at, volt, worst;
  const char *node;
  double (*want)(double t);
} probe;

static int compare(void *user, const og_circuit *c, double t) {
  probe *p = user;
  double v = volt(c, p->node);
  if (p->want != NULL) p->worst = fmax(p->worst, fabs(v - p->want(t)));
  p->at = t;
  p->volt = v;
  return 0;
}

/* Step of 1.3 V at 0.2 us with 10 ns rise into R = 1.1 kohm, C = 0.9 nF. */
static double rc_response(double t) {
  double tau = 1.1e3 * 0.9e-9, rise = 10e-9, slope = 1.3 / rise, v = 0;
  for (int k = 0; k < 2; k++) {
    double s = t - 0.2e-6 - k * rise;
    if (s > 0) v += (k ? -1 : 1) * slope * (s + tau * expm1(-s / tau));
  }
  return v;
}

static double rc_error(double rtol, og_circuit_info *info) {
  og_circuit *c = empty();
  og_waveform w = {.kind = OG_WAVE_PULSE, .p = {0, 1.3, 0.2e-6, 10e-9, 10e-9, 1, 0}};
  og_circuit_times times;
  probe p = {.node = "out", .want = rc_response};
  og_circuit_times_init(&times, 3e-6);
  times.rtol = rtol;
  times.volt_tol = rtol * 1e-2;
  times.sample = compare;
  times.user = &p;
  OK(og_circuit_voltage_source(c, "v", "in", "0", &w, &err));
  OK(og_circuit_resistor(c, "r", "in", "out", 1.1e3, &err));
  OK(og_circuit_capacitor(c, "c", "out", "0", 0.9e-9, NAN, &err));
  OK(og_circuit_transient(c, &times, info, &err));
  ck_assert_double_eq(p.at, 3e-6);
  og_circuit_free(c);
  return p.worst;
}

START_TEST(an_rc_step_follows_its_closed_form_and_tightens_with_the_tolerance) {
  og_circuit_info loose, tight;
  double coarse = rc_error(1e-4, &loose), fine = rc_error(1e-7, &tight);
  ck_assert_double_le(coarse, 1e-3);
  ck_assert_double_le(fine, 5e-6);
  ck_assert_double_le(fine, coarse / 20);
  ck_assert_double_le(loose.energy_balance, 1e-3);
  ck_assert_double_le(tight.energy_balance, 1e-5);
  /* all stored at the end: C v^2 / 2 */
  ogt_rel(tight.stored_joule, 0.5 * 0.9e-9 * pow(rc_response(3e-6), 2), 1e-5);
}
END_TEST

/* Series R L C from 2 V on the capacitor, no source: underdamped ringing. */
static const double ring_r = 12, ring_l = 3.1e-6, ring_c = 1.7e-9;
static double ringing(double t) {
  double a = ring_r / (2 * ring_l), w = sqrt(1 / (ring_l * ring_c) - a * a);
  return 2 * exp(-a * t) * (cos(w * t) + a / w * sin(w * t));
}

START_TEST(a_ringing_circuit_starts_from_its_initial_values) {
  og_circuit *c = empty();
  og_circuit_info info;
  og_circuit_times times;
  probe p = {.node = "top", .want = ringing};
  og_circuit_times_init(&times, 2e-6);
  times.rtol = 1e-7;
  times.from_initial = 1;
  times.sample = compare;
  times.user = &p;
  OK(og_circuit_capacitor(c, "c", "top", "0", ring_c, 2, &err));
  OK(og_circuit_inductor(c, "l", "top", "mid", ring_l, 0, &err));
  OK(og_circuit_resistor(c, "r", "mid", "0", ring_r, &err));
  OK(og_circuit_transient(c, &times, &info, &err));
  ck_assert_double_le(p.worst, 2e-4);
  ck_assert_double_le(info.energy_balance, 1e-4);
  ck_assert_double_lt(info.stored_joule, 0);
  og_circuit_free(c);
}
END_TEST

START_TEST(sources_have_their_shapes) {
  static const double second[] = {1e-6, 2e-6, 5e-6}, value[] = {0.3, 1.1, -0.4};
  const struct {
    og_waveform w;
    double stop, want;
  } shape[] = {
      {{.kind = OG_WAVE_PULSE, .p = {0.1, 0.9, 1e-6, 1e-7, 2e-7, 5e-7, 2e-6}}, 3.05e-6, 0.5},
      {{.kind = OG_WAVE_SIN, .p = {0.2, 0.7, 1e6, 1e-7, 2e5}}, 1.35e-6, 0.2 + 0.7 * 0.77880078307140487 * 1},
      {{.kind = OG_WAVE_EXP, .p = {0, 1, 1e-6, 1e-6, 3e-6, 2e-6}}, 2e-6, 0.63212055882855767},
      {{.kind = OG_WAVE_PWL, .second = second, .value = value, .count = 3}, 3.5e-6, 0.35},
  };
  og_circuit *c = empty();
  og_circuit_times times;
  probe p = {.node = "in"};
  og_circuit_times_init(&times, shape[_i].stop);
  times.sample = compare;
  times.user = &p;
  OK(og_circuit_voltage_source(c, "v", "in", "0", &shape[_i].w, &err));
  OK(og_circuit_resistor(c, "r", "in", "0", 50, &err));
  OK(og_circuit_transient(c, &times, NULL, &err));
  ogt_abs(p.volt, shape[_i].want, 1e-12);
  og_circuit_free(c);
}
END_TEST

/* ---- ngspice ---- */

START_TEST(ngspice_agrees_on_a_diode_bridge) {
  static const char deck[] = "bridge\nv1 a b 4.3\nd1 a p dm\nd2 b p dm\nd3 n a dm\nd4 n b dm\nrl p n 330\nrg n 0 1e3\n"
                             "rb b 0 2.2k\n.model dm d(is=1e-14 n=1.1)\n.options reltol=1e-9 abstol=1e-15 vntol=1e-12\n"
                             ".op\n.end\n";
  static const char *const names[] = {"p", "n", "a", "v1#branch"};
  const char *program = getenv("OHMGRID_SPICE");
  double want[4];
  og_diode d;
  og_waveform w = dc(4.3);
  ogi_spice *spice;
  ck_assert_msg(program != NULL, "OHMGRID_SPICE must name the program ohmgrid-spice");
  OK(ogi_spice_open(&spice, program, 60, &err));
  OK(ogi_spice_run(spice, deck, strlen(deck), names, 4, want, &err));
  ogi_spice_close(spice);
  og_circuit *c = empty();
  og_diode_init(&d);
  d.n = 1.1;
  OK(og_circuit_voltage_source(c, "v1", "a", "b", &w, &err));
  OK(og_circuit_diode(c, "d1", "a", "p", &d, &err));
  OK(og_circuit_diode(c, "d2", "b", "p", &d, &err));
  OK(og_circuit_diode(c, "d3", "n", "a", &d, &err));
  OK(og_circuit_diode(c, "d4", "n", "b", &d, &err));
  OK(og_circuit_resistor(c, "rl", "p", "n", 330, &err));
  OK(og_circuit_resistor(c, "rg", "n", "0", 1e3, &err));
  OK(og_circuit_resistor(c, "rb", "b", "0", 2.2e3, &err));
  OK(og_circuit_dc(c, NULL, &err));
  for (int k = 0; k < 3; k++) ogt_rel(volt(c, names[k]), want[k], 1e-6); /* constants of 2014 there */
  ogt_rel(amp(c, "v1"), want[3], 1e-6);
  og_circuit_free(c);
}
END_TEST

/* ---- bad input ---- */

START_TEST(what_cannot_be_solved_is_named) {
  og_waveform w = dc(1);
  og_circuit *c = empty();
  ck_assert_int_eq(og_circuit_dc(c, NULL, &err), OG_E_INPUT);
  OK(og_circuit_resistor(c, "r1", "x", "y", 10, &err));
  ck_assert_int_eq(og_circuit_dc(c, NULL, &err), OG_E_SINGULAR);
  ogt_has(err.text, "node x: no path for direct current to ground");
  OK(og_circuit_voltage_source(c, "v1", "x", "0", &w, &err));
  OK(og_circuit_dc(c, NULL, &err));
  OK(og_circuit_inductor(c, "l1", "x", "0", 1e-6, NAN, &err));
  ck_assert_int_eq(og_circuit_dc(c, NULL, &err), OG_E_SINGULAR);
  ogt_has(err.text, "element l1: closes a loop");
  ck_assert_int_eq(og_circuit_resistor(c, "r1", "x", "y", 10, &err), OG_E_INPUT);
  ogt_has(err.text, "element r1");
  ck_assert_int_eq(og_circuit_resistor(c, "r2", "x", "y", 0, &err), OG_E_RANGE);
  ogt_has(err.text, "element r2: resistance: saw 0, need a finite number above 0 (ohm)");
  ck_assert_int_eq(og_circuit_capacitor(c, "c1", "x", "y", NAN, 0, &err), OG_E_RANGE);
  ck_assert_int_eq(og_circuit_by_voltage(c, 'Q', "q1", "x", "y", "x", "y", 1, &err), OG_E_RANGE);
  w.kind = OG_WAVE_PULSE;
  ck_assert_int_eq(og_circuit_voltage_source(c, "v2", "z", "0", &w, &err), OG_E_RANGE);
  ogt_has(err.text, "rise time");
  double v;
  ck_assert_int_eq(og_circuit_voltage(c, "nowhere", &v, &err), OG_E_INPUT);
  ck_assert_int_eq(og_circuit_current(c, "nothing", &v, &err), OG_E_INPUT);
  ck_assert_int_eq(og_circuit_dc(NULL, NULL, &err), OG_E_ARG);
  og_circuit_free(c);
  og_circuit_free(NULL);
}
END_TEST

static void wall(void *user, double v, double *i, double *slope) {
  (void)user;
  *i = v < 1 ? 1e-3 : -1e-3; /* falls: with a source of current there is no crossing to find */
  *slope = 1e-9;
}

START_TEST(no_convergence_is_said) {
  og_waveform w = dc(3e-3);
  og_circuit *c = empty();
  OK(og_circuit_current_source(c, "i", "0", "a", &w, &err));
  OK(og_circuit_cell(c, "y", "a", "0", wall, NULL, &err));
  ck_assert_int_eq(og_circuit_dc(c, NULL, &err), OG_E_NOCONV);
  ogt_has(err.text, "node a");
  og_circuit_free(c);
}
END_TEST

START_TEST(solving_again_allocates_nothing_of_ours) {
  og_circuit *c = empty();
  og_circuit_times times;
  og_waveform w = {.kind = OG_WAVE_SIN, .p = {0, 1, 1e6, 0, 0}};
  og_circuit_times_init(&times, 1e-6);
  OK(og_circuit_voltage_source(c, "v", "in", "0", &w, &err));
  OK(og_circuit_resistor(c, "r", "in", "out", 1e3, &err));
  OK(og_circuit_capacitor(c, "c", "out", "0", 1e-10, NAN, &err));
  OK(og_circuit_transient(c, &times, NULL, &err));
  size_t before = ogi_mem_count();
  OK(og_circuit_transient(c, &times, NULL, &err));
  ck_assert_uint_le(ogi_mem_count() - before, 2); /* the check for paths and loops, not the steps */
  og_circuit_free(c);
}
END_TEST

static og_status build_and_solve(void) {
  og_circuit *c = NULL;
  og_waveform w = {.kind = OG_WAVE_PWL, .second = (double[]){0, 1}, .value = (double[]){0, 1}, .count = 2};
  og_status st = og_circuit_create(&c, &err);
  if (st == OG_OK) st = og_circuit_voltage_source(c, "v", "in", "0", &w, &err);
  if (st == OG_OK) st = og_circuit_resistor(c, "r", "in", "0", 1e3, &err);
  if (st == OG_OK) st = og_circuit_dc(c, NULL, &err);
  og_circuit_free(c);
  return st;
}

START_TEST(running_out_of_memory_leaves_nothing_behind) {
  size_t before = ogi_mem_live(), k = 1;
  og_status st;
  do {
    ogi_mem_fail_at(k++);
    st = build_and_solve();
    ck_assert(st == OG_OK || st == OG_E_NOMEM);
    ck_assert_uint_eq(ogi_mem_live(), before);
  } while (st != OG_OK && k < 100);
  ogi_mem_fail_at(0);
  ck_assert_uint_gt(k, 10);
  ck_assert_uint_lt(k, 100);
}
END_TEST

int main(void) {
  Suite *s = suite_create("circuit");
  TCase *t = tcase_create("dc");
  tcase_add_test(t, a_divider_divides_and_balances);
  tcase_add_test(t, controlled_sources_have_the_signs_of_spice);
  tcase_add_test(t, an_inverting_amplifier_approaches_its_ratio);
  tcase_add_loop_test(t, random_networks_agree_with_a_dense_solution, 0, 20);
  tcase_add_loop_test(t, a_diode_behind_a_resistor_follows_lambert, 0, 5);
  tcase_add_test(t, a_law_of_the_user_is_met);
  suite_add_tcase(s, t);
  t = tcase_create("time");
  tcase_add_test(t, an_rc_step_follows_its_closed_form_and_tightens_with_the_tolerance);
  tcase_add_test(t, a_ringing_circuit_starts_from_its_initial_values);
  tcase_add_loop_test(t, sources_have_their_shapes, 0, 4);
  suite_add_tcase(s, t);
  t = tcase_create("ngspice");
  tcase_set_timeout(t, 60);
  tcase_add_test(t, ngspice_agrees_on_a_diode_bridge);
  suite_add_tcase(s, t);
  t = tcase_create("bad input");
  tcase_add_test(t, what_cannot_be_solved_is_named);
  tcase_add_test(t, no_convergence_is_said);
  tcase_add_test(t, solving_again_allocates_nothing_of_ours);
  tcase_add_test(t, running_out_of_memory_leaves_nothing_behind);
  suite_add_tcase(s, t);
  return ogt_run(s);
}
