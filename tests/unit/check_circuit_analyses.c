/* SPDX-License-Identifier: BSD-3-Clause */
/* General circuits: couplings, behavioural sources, diodes with charge, small signals, noise. */
#include <config.h>

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ohmgrid/circuit.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_spice.h"
#include "ogt.h"

#define OK(call) ck_assert_msg((call) == OG_OK, "%s", err.text)

static const double boltzmann = 1.380649e-23, charge = 1.602176634e-19; /* SI, exact */
static og_error err;

static og_circuit *empty(void) {
  og_circuit *c;
  OK(og_circuit_create(&c, &err));
  return c;
}

static og_waveform dc(double value) { return (og_waveform){.kind = OG_WAVE_DC, .p = {value}}; }

static void resistor(og_circuit *c, const char *name, const char *a, const char *b, double ohm) {
  OK(og_circuit_resistor(c, name, a, b, ohm, &err));
}

static void source(og_circuit *c, char kind, const char *name, const char *a, const char *b, double value) {
  og_waveform w = dc(value);
  OK(kind == 'V' ? og_circuit_voltage_source(c, name, a, b, &w, &err)
                 : og_circuit_current_source(c, name, a, b, &w, &err));
}

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

/* Last values of vectors of a deck. */
static void spice(const char *deck, const char *const *names, size_t count, double *want) {
  const char *program = getenv("OHMGRID_SPICE");
  ogi_spice *s;
  ck_assert_msg(program != NULL, "OHMGRID_SPICE must name the program ohmgrid-spice");
  OK(ogi_spice_open(&s, program, 60, &err));
  OK(ogi_spice_run(s, deck, strlen(deck), names, count, want, &err));
  ogi_spice_close(s);
}

/* ---- behavioural sources ---- */

static int product(void *user, double t, const double *x, double *value, double *slope) {
  (void)t;
  double gain = *(const double *)user;
  *value = gain * x[0] * x[1];
  slope[0] = gain * x[1];
  slope[1] = gain * x[0];
  return 0;
}

START_TEST(behavioural_sources_multiply_voltages_and_currents_named_later) {
  og_circuit *c = empty();
  double gain = 2.3, share = 0.004;
  const og_control volts[] = {{"a", NULL, NULL}, {"b", "a", NULL}}, mixed[] = {{"a", NULL, NULL}, {NULL, NULL, "v2"}};
  OK(og_circuit_behavioural(c, 'V', "b1", "out", "0", volts, 2, product, &gain, &err));
  OK(og_circuit_behavioural(c, 'I', "b2", "0", "sink", mixed, 2, product, &share, &err));
  OK(og_circuit_by_current(c, 'F', "f1", "0", "copy", "b1", 3, &err));
  OK(og_circuit_by_current(c, 'H', "h1", "heir", "0", "v2", 70, &err));
  resistor(c, "r1", "out", "0", 170);
  resistor(c, "r2", "sink", "0", 210);
  resistor(c, "r3", "b", "0", 330);
  resistor(c, "r4", "copy", "0", 11);
  resistor(c, "r5", "heir", "0", 13);
  source(c, 'V', "v1", "a", "0", 1.7);
  source(c, 'V', "v2", "b", "0", 0.9);
  og_circuit_info info;
  OK(og_circuit_dc(c, &info, &err));
  double out = 2.3 * 1.7 * (0.9 - 1.7), i2 = -0.9 / 330;
  ogt_rel(volt(c, "out"), out, 1e-12);
  ogt_rel(amp(c, "b1"), -out / 170, 1e-12);
  ogt_rel(volt(c, "sink"), 210 * share * 1.7 * i2, 1e-12);
  ogt_rel(amp(c, "b2"), share * 1.7 * i2, 1e-12);
  ogt_rel(volt(c, "copy"), 3 * -out / 170 * 11, 1e-12);
  ogt_rel(volt(c, "heir"), 70 * i2, 1e-12);
  ck_assert_double_le(info.power_balance, 1e-12);
  og_circuit_free(c);
}
END_TEST

static int steep(void *user, double t, const double *x, double *value, double *slope) {
  (void)t;
  double v0 = *(const double *)user;
  *value = 1e-9 * sinh(x[0] / v0);
  *slope = 1e-9 * cosh(x[0] / v0) / v0;
  return !isfinite(*value) || !isfinite(*slope);
}

/* 1e-9 sinh(v / v0) behind 100 ohm, from 1e-3 to 500 V: against bisection. At v0 = 1 mV a full step overflows. */
START_TEST(a_sinh_behind_a_resistor_converges_from_anywhere) {
  static const double volts[] = {1e-3, 0.4, -3, 40, -500};
  double v0 = _i % 2 ? 0.05 : 1e-3, v = volts[_i / 2], low = 0, high = fabs(v);
  og_circuit *c = empty();
  const og_control control = {"x", NULL, NULL};
  source(c, 'V', "v", "in", "0", v);
  resistor(c, "r", "in", "x", 100);
  OK(og_circuit_behavioural(c, 'I', "b", "x", "0", &control, 1, steep, &v0, &err));
  OK(og_circuit_dc(c, NULL, &err));
  for (int k = 0; k < 300; k++) {
    double middle = (low + high) / 2;
    if (1e-9 * sinh(middle / v0) < (fabs(v) - middle) / 100) low = middle;
    else high = middle;
  }
  ogt_rel(volt(c, "x"), copysign(low, v), 1e-9);
  og_circuit_free(c);
}
END_TEST

static int inverse(void *user, double t, const double *x, double *value, double *slope) {
  (void)user;
  (void)t;
  *value = 1 / x[0];
  *slope = -1 / (x[0] * x[0]);
  return !isfinite(*value);
}

static int never(void *user, double t, const double *x, double *value, double *slope) {
  (void)user;
  (void)t;
  (void)x;
  *value = NAN;
  *slope = 0;
  return 1;
}

START_TEST(a_function_without_a_value_at_the_start_is_forgiven_and_one_without_any_is_named) {
  og_circuit *c = empty();
  const og_control control = {"a", NULL, NULL};
  source(c, 'V', "v", "a", "0", 4);
  OK(og_circuit_behavioural(c, 'V', "b", "out", "0", &control, 1, inverse, NULL, &err));
  resistor(c, "r", "out", "0", 10);
  OK(og_circuit_dc(c, NULL, &err));
  ogt_rel(volt(c, "out"), 0.25, 1e-12);
  OK(og_circuit_behavioural(c, 'V', "bad", "no", "0", &control, 1, never, NULL, &err));
  resistor(c, "r2", "no", "0", 10);
  ck_assert_int_eq(og_circuit_dc(c, NULL, &err), OG_E_NOCONV);
  ogt_has(err.text, "element bad: saw no finite value or slope");
  og_circuit_free(c);
}
END_TEST

static int of_time(void *user, double t, const double *x, double *value, double *slope) {
  (void)user;
  (void)x;
  (void)slope;
  *value = 3 * sin(2e6 * t);
  return 0;
}

START_TEST(a_behavioural_source_knows_the_time) {
  og_circuit *c = empty();
  og_circuit_times times;
  OK(og_circuit_behavioural(c, 'V', "b", "a", "0", NULL, 0, of_time, NULL, &err));
  resistor(c, "r", "a", "0", 10);
  og_circuit_times_init(&times, 1.3e-6);
  OK(og_circuit_transient(c, &times, NULL, &err));
  ogt_rel(volt(c, "a"), 3 * sin(2.6), 1e-12);
  og_circuit_free(c);
}
END_TEST

/* ---- coupled inductors ---- */

typedef struct probe {
  double worst;
  double (*want)(double t);
} probe;

static int compare(void *user, const og_circuit *c, double t) {
  probe *p = user;
  p->worst = fmax(p->worst, fabs(volt(c, "top") - p->want(t)));
  return 0;
}

/* Two equal L C tanks coupled by k, one charged to 2 V: beats of the two modes 1 / sqrt(L (1 +- k) C). */
static const double tank_l = 2.3e-6, tank_c = 1.1e-9, tank_k = 0.37;
static double beats(double t) {
  return cos(t / sqrt(tank_l * (1 + tank_k) * tank_c)) + cos(t / sqrt(tank_l * (1 - tank_k) * tank_c));
}

START_TEST(coupled_tanks_beat_in_their_two_modes_and_keep_their_energy) {
  og_circuit *c = empty();
  og_circuit_times times;
  og_circuit_info info;
  probe p = {.want = beats};
  OK(og_circuit_coupling(c, "k", "l1", "l2", tank_k, &err)); /* before its inductors */
  OK(og_circuit_capacitor(c, "c1", "top", "0", tank_c, 2, &err));
  OK(og_circuit_inductor(c, "l1", "top", "0", tank_l, NAN, &err));
  OK(og_circuit_capacitor(c, "c2", "far", "0", tank_c, NAN, &err));
  OK(og_circuit_inductor(c, "l2", "far", "0", tank_l, NAN, &err));
  resistor(c, "r", "far", "0", 1e12);
  og_circuit_times_init(&times, 1.2e-6);
  times.rtol = 1e-7;
  times.from_initial = 1;
  times.sample = compare;
  times.user = &p;
  OK(og_circuit_transient(c, &times, &info, &err));
  ck_assert_double_le(p.worst, 2e-4);
  ck_assert_double_le(fabs(info.stored_joule), 1e-5 * 0.5 * tank_c * 4); /* of all there is */
  og_circuit_free(c);
}
END_TEST

/* Series aiding and opposing: L1 + L2 +- 2 M, seen by a small signal; k = 1 included. */
START_TEST(couplings_add_or_subtract_and_may_be_perfect) {
  static const double k[] = {0.6, -0.6, 1, -1};
  double l1 = 3.1e-6, l2 = 1.3e-6, omega = 2 * M_PI * 2.7e6, z[2];
  og_circuit *c = empty();
  OK(og_circuit_inductor(c, "l1", "a", "m", l1, NAN, &err));
  OK(og_circuit_inductor(c, "l2", "m", "0", l2, NAN, &err));
  OK(og_circuit_coupling(c, "k", "l1", "l2", k[_i], &err));
  source(c, 'I', "i", "0", "a", 0);
  resistor(c, "r", "a", "0", 1e9);
  OK(og_circuit_set_ac(c, "i", 1, 0, &err));
  OK(og_circuit_ac(c, 2.7e6, NULL, &err));
  OK(og_circuit_phasor(c, "a", z, &err));
  ogt_rel(z[1], omega * (l1 + l2 + 2 * k[_i] * sqrt(l1 * l2)), 1e-7); /* 1e9 ohm beside it */
  OK(og_circuit_phasor_current(c, "l1", z, &err));
  ogt_rel(z[0], 1, 1e-7);
  og_circuit_free(c);
}
END_TEST

/* Perfectly coupled, far above R / L: voltages as the turns, sqrt(L2 / L1). */
START_TEST(a_perfect_transformer_has_its_ratio_in_a_transient) {
  og_circuit *c = empty();
  og_circuit_times times;
  og_circuit_info info;
  og_waveform w = {.kind = OG_WAVE_SIN, .p = {0, 1.5, 1e6}};
  OK(og_circuit_voltage_source(c, "v", "in", "0", &w, &err));
  resistor(c, "rs", "in", "a", 1e-3);
  OK(og_circuit_inductor(c, "l1", "a", "0", 1e-3, NAN, &err));
  OK(og_circuit_inductor(c, "l2", "b", "0", 9e-3, NAN, &err));
  OK(og_circuit_coupling(c, "k", "l1", "l2", 1, &err));
  resistor(c, "rl", "b", "0", 810);
  og_circuit_times_init(&times, 2.25e-6);
  times.rtol = 1e-6;
  OK(og_circuit_transient(c, &times, &info, &err));
  ogt_rel(volt(c, "a"), 1.5, 1e-4);
  ogt_rel(volt(c, "b"), 3 * volt(c, "a"), 1e-6);
  ck_assert_double_le(info.energy_balance, 1e-4);
  og_circuit_free(c);
}
END_TEST

/* ---- small signals ---- */

START_TEST(a_series_resonance_follows_its_closed_form) {
  static const double hertz[] = {0, 1e5, 2.193e6, 7e7};
  double r = 12, l = 3.1e-6, cap = 1.7e-9, w = 2 * M_PI * hertz[_i], v[2], i[2];
  og_circuit *c = empty();
  source(c, 'V', "v", "in", "0", 0);
  OK(og_circuit_set_ac(c, "v", 0.8, 60, &err));
  resistor(c, "r", "in", "m", r);
  OK(og_circuit_inductor(c, "l", "m", "top", l, NAN, &err));
  OK(og_circuit_capacitor(c, "c", "top", "0", cap, NAN, &err));
  resistor(c, "leak", "top", "0", 1e15);
  OK(og_circuit_ac(c, hertz[_i], NULL, &err));
  OK(og_circuit_phasor(c, "top", v, &err));
  OK(og_circuit_phasor_current(c, "c", i, &err));
  /* v_in / v_top = 1 - w^2 L C + j w R C */
  double re = 1 - w * w * l * cap, im = w * r * cap, norm = re * re + im * im;
  double want[2] = {0.8 * (re * 0.5 + im * sqrt(0.75)) / norm, 0.8 * (re * sqrt(0.75) - im * 0.5) / norm};
  for (int part = 0; part < 2; part++) ogt_abs(v[part], want[part], 1e-10 * hypot(want[0], want[1]));
  ogt_abs(i[0], -w * cap * want[1], 1e-9 * w * cap * hypot(want[0], want[1]));
  ogt_abs(i[1], w * cap * want[0], 1e-9 * w * cap * hypot(want[0], want[1]));
  og_circuit_free(c);
}
END_TEST

static void dm(og_diode *d) {
  og_diode_init(d);
  *d = (og_diode){.is_amp = 2e-14, .n = 1.2, .rs_ohm = 3.3, .cj0_farad = 2e-12, .vj_volt = 0.8, .m = 0.4, .fc = 0.6,
                  .tt_second = 5e-9, .bv_volt = 7.5, .ibv_amp = 2e-3, .eg_ev = 1.05, .xti = 3.3, .kelvin = 328.15,
                  .tnom_kelvin = 293.15, .area = 1.7, .multiplicity = 1};
}

/* ngspice 39 on the diode of dm() behind 10 ohm: reverse, forward, ohmic. */
START_TEST(ngspice_agrees_on_the_small_signals_of_a_diode) {
  static const double bias[] = {-0.7, 0.3, 2.3}, hertz[] = {300e6, 300e6, 3e6},
                      want[][2] = {{9.969235464853515e-01, -5.06643445348375e-02},
                                   {9.921220274050498e-01, -8.08214324869108e-02},
                                   {1.814869007530520e-01, -1.74377585277581e-03}};
  og_circuit *c = empty();
  og_diode d;
  double got[2];
  dm(&d);
  source(c, 'V', "v", "a", "0", bias[_i]);
  OK(og_circuit_set_ac(c, "v", 1, 0, &err));
  resistor(c, "r", "a", "x", 10);
  OK(og_circuit_diode(c, "d", "x", "0", &d, &err));
  OK(og_circuit_ac(c, hertz[_i], NULL, &err));
  OK(og_circuit_phasor(c, "x", got, &err));
  for (int part = 0; part < 2; part++) ogt_abs(got[part], want[_i][part], 1e-6 * hypot(want[_i][0], want[_i][1]));
  og_circuit_free(c);
}
END_TEST

/* -is (1 + (3 vte / (e v))^3) + gmin v at -2 V. */
START_TEST(gmin_can_be_set) {
  og_circuit *c = empty();
  og_diode d;
  double vt = boltzmann * 300.15 / charge, tail = 1e-14 * (1 + pow(3 * vt / (M_E * -2), 3));
  og_diode_init(&d);
  source(c, 'V', "v", "a", "0", -2);
  OK(og_circuit_diode(c, "d", "a", "0", &d, &err));
  OK(og_circuit_dc(c, NULL, &err));
  ogt_rel(amp(c, "d"), -tail - 2e-12, 1e-12);
  OK(og_circuit_set_gmin(c, 0));
  OK(og_circuit_dc(c, NULL, &err));
  ogt_rel(amp(c, "d"), -tail, 1e-12);
  og_circuit_free(c);
}
END_TEST

static int comparator(void *user, double t, const double *x, double *value, double *slope) {
  (void)t;
  double gain = *(const double *)user, y = tanh(gain * x[0]);
  *value = y;
  *slope = gain * (1 - y * y);
  return 0;
}

/* Output 1 or -1 fed back by 1/11 to the comparing node: trips at +-0.0909, after a smooth approach of the gain. */
START_TEST(a_sweep_follows_its_branch_through_a_hysteresis) {
  og_circuit *c = empty();
  double gain = 300, tripped[2] = {NAN, NAN};
  const og_control control = {"p", "in", NULL};
  source(c, 'V', "v", "in", "0", 0);
  OK(og_circuit_behavioural(c, 'V', "b", "o", "0", &control, 1, comparator, &gain, &err));
  resistor(c, "r1", "o", "p", 10e3);
  resistor(c, "r2", "p", "0", 1e3);
  for (int turn = 0; turn < 2; turn++)
    for (int k = -150; k <= 150; k++) {
      double in = (turn ? -1 : 1) * k * 1e-3;
      OK(og_circuit_set_dc(c, "v", in, &err));
      OK(og_circuit_dc(c, NULL, &err));
      if (isnan(tripped[turn]) && k > 0 && volt(c, "o") * in < 0) tripped[turn] = in; /* it gave way to the input */
    }
  /* y = tanh(g (y / 11 - u)) loses its branch where g (1 - y^2) = 11: u = y / 11 - atanh(y) / g */
  double y = sqrt(1 - 11 / gain), trip = y / 11 - atanh(y) / gain;
  ogt_abs(tripped[0], trip, 1.0e-3);
  ogt_abs(tripped[1], -trip, 1.0e-3);
  og_circuit_free(c);
}
END_TEST

START_TEST(phasor_currents_of_all_elements_sum_to_nothing) {
  og_circuit *c = empty();
  og_diode d;
  double gain = 0.003, sum[2] = {0}, i[2];
  const og_control mixed[] = {{"x", NULL, NULL}, {NULL, NULL, "v"}};
  dm(&d);
  source(c, 'V', "v", "a", "0", 0.7);
  OK(og_circuit_set_ac(c, "v", 1, 0, &err));
  resistor(c, "r", "a", "x", 41);
  OK(og_circuit_diode(c, "d", "x", "0", &d, &err));
  OK(og_circuit_capacitor(c, "c", "x", "0", 3e-12, NAN, &err));
  OK(og_circuit_behavioural(c, 'I', "b", "x", "0", mixed, 2, product, &gain, &err));
  OK(og_circuit_by_voltage(c, 'G', "g", "x", "0", "a", "x", 1e-4, &err));
  OK(og_circuit_by_current(c, 'F', "f", "x", "0", "v", 0.2, &err));
  OK(og_circuit_ac(c, 77e6, NULL, &err));
  const char *leaving[] = {"d", "c", "b", "g", "f"};
  for (int k = 0; k < 5; k++) {
    OK(og_circuit_phasor_current(c, leaving[k], i, &err));
    sum[0] += i[0];
    sum[1] += i[1];
  }
  OK(og_circuit_phasor_current(c, "r", i, &err));
  ogt_abs(sum[0], i[0], 1e-12 * hypot(i[0], i[1]));
  ogt_abs(sum[1], i[1], 1e-12 * hypot(i[0], i[1]));
  og_circuit_free(c);
}
END_TEST

/* ---- noise ---- */

START_TEST(a_divider_has_the_noise_of_its_parallel_resistance) {
  og_circuit *c = empty();
  double density, gain, part;
  source(c, 'V', "v", "in", "0", 1);
  resistor(c, "r1", "in", "out", 1230);
  resistor(c, "r2", "out", "0", 4710);
  OK(og_circuit_set_kelvin(c, 333));
  OK(og_circuit_noise(c, "out", NULL, "v", 1e4, &density, &gain, &err));
  double both = 1230.0 * 4710 / 5940;
  ogt_rel(density, 4 * boltzmann * 333 * both, 1e-12);
  ogt_rel(gain, 4710.0 / 5940, 1e-12);
  OK(og_circuit_noise_of(c, "r2", &part, &err));
  ogt_rel(part, 4 * boltzmann * 333 * both * 1230 / 5940, 1e-12);
  OK(og_circuit_noise(c, "in", "out", NULL, 1e4, &density, NULL, &err));
  ogt_rel(density, 4 * boltzmann * 333 * both, 1e-12);
  og_circuit_free(c);
}
END_TEST

/* The integral over all frequencies of the noise of R on C is k T / C: trapezoids in atan(f / f0), where it is flat. */
START_TEST(the_noise_on_a_capacitor_sums_to_kt_over_c) {
  enum { N = 64 };
  double r = 7.3e3, cap = 2.1e-12, corner = 1 / (2 * M_PI * r * cap), sum = 0;
  og_circuit *c = empty();
  source(c, 'I', "i", "0", "a", 0);
  resistor(c, "r", "a", "0", r);
  OK(og_circuit_capacitor(c, "c", "a", "0", cap, NAN, &err));
  for (int k = 0; k < N; k++) {
    double angle = (k + 0.5) / N * M_PI / 2, density, gain;
    OK(og_circuit_noise(c, "a", NULL, "i", corner * tan(angle), &density, &gain, &err));
    ogt_rel(gain, r * cos(angle), 1e-10);
    sum += density * corner / pow(cos(angle), 2) * M_PI / 2 / N;
  }
  ogt_rel(sum, boltzmann * 300.15 / cap, 1e-10);
  og_circuit_free(c);
}
END_TEST

/* A junction at I has r = n k T / (q I) and 2 q I: half the noise of a resistor r when n = 1. */
START_TEST(a_junction_has_half_the_noise_of_its_resistance) {
  og_circuit *c = empty();
  og_diode d;
  double density;
  og_diode_init(&d);
  source(c, 'I', "i", "0", "a", 1e-4);
  OK(og_circuit_diode(c, "d", "a", "0", &d, &err));
  OK(og_circuit_noise(c, "a", NULL, NULL, 1e3, &density, NULL, &err));
  double r = boltzmann * 300.15 / charge / 1e-4;
  ogt_rel(density, 2 * boltzmann * 300.15 * r, 1e-6);
  og_circuit_free(c);
}
END_TEST

/*
 * ngspice 39 on: v1 in 0 0.9 ac 1; r1 in 1 1230; d1 1 0 dm; c1 1 0 3p; r2 1 2 4.7k; l1 2 3 20n; r3 3 0 330;
 * g1 4 0 1 3 2m; r4 4 0 2.2k; c4 4 0 1p; .model dm d(is=1e-14 n=1.1 rs=20 cjo=1p tt=1n);
 * .options reltol=1e-10 abstol=1e-18 vntol=1e-13 temp=41; .noise v(4,2) v1 lin 2 5meg 300meg
 */
START_TEST(ngspice_agrees_on_noise) {
  static const double hertz[] = {5e6, 300e6}, out[] = {1.229490119144855e-08, 3.300119614011221e-09},
                      in[] = {1.447461014428481e-08, 6.001339663285614e-08};
  og_circuit *c = empty();
  og_diode d;
  d = (og_diode){.is_amp = 1e-14, .n = 1.1, .rs_ohm = 20, .cj0_farad = 1e-12, .vj_volt = 1, .m = 0.5, .fc = 0.5,
                 .tt_second = 1e-9, .bv_volt = INFINITY, .ibv_amp = 1e-3, .eg_ev = 1.11, .xti = 3, .kelvin = 314.15,
                 .tnom_kelvin = 300.15, .area = 1, .multiplicity = 1};
  OK(og_circuit_set_kelvin(c, 314.15));
  source(c, 'V', "v1", "in", "0", 0.9);
  resistor(c, "r1", "in", "1", 1230);
  OK(og_circuit_diode(c, "d1", "1", "0", &d, &err));
  OK(og_circuit_capacitor(c, "c1", "1", "0", 3e-12, NAN, &err));
  resistor(c, "r2", "1", "2", 4700);
  OK(og_circuit_inductor(c, "l1", "2", "3", 20e-9, NAN, &err));
  resistor(c, "r3", "3", "0", 330);
  OK(og_circuit_by_voltage(c, 'G', "g1", "4", "0", "1", "3", 2e-3, &err));
  resistor(c, "r4", "4", "0", 2200);
  OK(og_circuit_capacitor(c, "c4", "4", "0", 1e-12, NAN, &err));
  for (int k = 0; k < 2; k++) {
    double density, gain;
    OK(og_circuit_noise(c, "4", "2", "v1", hertz[k], &density, &gain, &err));
    ogt_rel(sqrt(density), out[k], 1e-6);
    ogt_rel(sqrt(density) / gain, in[k], 2e-6);
  }
  og_circuit_free(c);
}
END_TEST

/* ---- diodes ---- */

static const char diode_deck[] = "diode\nv1 a 0 %g\nr1 a x 10\nd1 x 0 dm area=1.7\n"
                                 ".model dm d(is=2e-14 n=1.2 rs=3.3 cjo=2p vj=0.8 m=0.4 fc=0.6 tt=5n bv=7.5 ibv=2m "
                                 "eg=1.05 xti=3.3)\n.options temp=55 tnom=20 reltol=1e-10 abstol=1e-18 vntol=1e-13\n"
                                 ".op\n.end\n";

/* Breakdown, leakage, both sides of 0, forward, ohmic. At 55 C, parameters at 20 C. */
START_TEST(ngspice_agrees_on_a_full_diode_in_all_its_regions) {
  static const double volts[] = {-9, -3, -0.3, -0.05, 0.2, 0.6, 2.3};
  static const char *const names[] = {"x", "v1#branch"};
  char deck[sizeof diode_deck + 32];
  double want[2];
  og_circuit *c = empty();
  og_diode d;
  dm(&d);
  snprintf(deck, sizeof deck, diode_deck, volts[_i]);
  spice(deck, names, 2, want);
  source(c, 'V', "v1", "a", "0", volts[_i]);
  resistor(c, "r1", "a", "x", 10);
  OK(og_circuit_diode(c, "d1", "x", "0", &d, &err));
  OK(og_circuit_dc(c, NULL, &err));
  ogt_rel(volt(c, "x"), want[0], 1e-6);
  /* exp(v / vt): constants of 2014 there, k apart by 3.5e-7, times up to 40; rounding of 3 V over 10 ohm */
  ogt_abs(amp(c, "v1"), want[1], 2e-5 * fabs(want[1]) + 5e-16);
  og_circuit_free(c);
}
END_TEST

/* A period, for without one ngspice 46 has a step instead of a pulse. */
static const char switching[] = "t\nv1 a 0 pulse(-2 1.5 2n 1n 1n 15n 1)\nr1 a p 50\nd1 p q dm area=1.7\nr2 q 0 100\n"
                                "c2 q 0 4p\nl1 q x 30n\nl2 y 0 50n\nk1 l1 l2 0.8\nr3 x 0 70\nr4 y 0 90\n"
                                ".model dm d(is=2e-14 n=1.2 rs=3.3 cjo=2p vj=0.8 m=0.4 fc=0.6 tt=5n bv=7.5 ibv=2m "
                                "eg=1.05 xti=3.3)\n.options temp=55 tnom=20 reltol=1e-7 abstol=1e-14 vntol=1e-9 "
                                "chgtol=1e-18 trtol=1\n.tran 5p %gn 0 5p\n.end\n";

/* Turn-on and reverse recovery of a diode with charge, into a filter with coupled inductors; five times. */
START_TEST(ngspice_agrees_on_a_switching_diode_with_coupled_inductors) {
  static const double second[] = {2.7e-9, 5e-9, 17.5e-9, 20.3e-9, 25e-9};
  static const char *const names[] = {"p", "q", "x", "y", "v1#branch"};
  char deck[sizeof switching + 32];
  double want[5];
  og_circuit *c = empty();
  og_diode d;
  og_circuit_times times;
  og_circuit_info info;
  og_waveform w = {.kind = OG_WAVE_PULSE, .p = {-2, 1.5, 2e-9, 1e-9, 1e-9, 15e-9, 0}};
  dm(&d);
  snprintf(deck, sizeof deck, switching, second[_i] * 1e9);
  spice(deck, names, 5, want);
  OK(og_circuit_voltage_source(c, "v1", "a", "0", &w, &err));
  resistor(c, "r1", "a", "p", 50);
  OK(og_circuit_diode(c, "d1", "p", "q", &d, &err));
  resistor(c, "r2", "q", "0", 100);
  OK(og_circuit_capacitor(c, "c2", "q", "0", 4e-12, NAN, &err));
  OK(og_circuit_inductor(c, "l1", "q", "x", 30e-9, NAN, &err));
  OK(og_circuit_inductor(c, "l2", "y", "0", 50e-9, NAN, &err));
  OK(og_circuit_coupling(c, "k1", "l1", "l2", 0.8, &err));
  resistor(c, "r3", "x", "0", 70);
  resistor(c, "r4", "y", "0", 90);
  og_circuit_times_init(&times, second[_i]);
  times.rtol = 1e-7;
  OK(og_circuit_transient(c, &times, &info, &err));
  for (int k = 0; k < 4; k++) ogt_abs(volt(c, names[k]), want[k], 1e-4 * 1.5);
  ogt_abs(amp(c, "v1"), want[4], 1e-4 * 20e-3);
  ck_assert_double_le(info.energy_balance, 1e-5);
  og_circuit_free(c);
}
END_TEST

/* ---- sources and starts ---- */

/* Values of ngspice 39 at single times, by measurement in a run of 1 ns steps. */
START_TEST(waveforms_are_those_of_ngspice) {
  static const double second[] = {20e-9, 60e-9, 61e-9}, value[] = {0.5, 0.9, -0.2};
  const struct {
    og_waveform w;
    double stop, want;
  } shape[] = {{{.kind = OG_WAVE_SIN, .p = {0.3, 0.7, 3e6, 100e-9, 2e6, 30}}, 50e-9, 0.65},
               {{.kind = OG_WAVE_SIN, .p = {0.3, 0.7, 3e6, 100e-9, 2e6, 30}}, 300e-9, -0.1286575},
               {{.kind = OG_WAVE_EXP, .p = {0.1, 0.9, 50e-9, 70e-9, 200e-9, 30e-9}}, 333e-9, 0.0954630},
               {{.kind = OG_WAVE_PULSE, .p = {0.1, 0.8, 30e-9, 10e-9, 20e-9, 40e-9, 110e-9}}, 365e-9, 0.45},
               {{.kind = OG_WAVE_PULSE, .p = {0.1, 0.8, 30e-9, 10e-9, 20e-9, 40e-9, 110e-9}}, 205e-9, 0.275},
               {{.kind = OG_WAVE_PWL, .second = second, .value = value, .count = 3}, 5e-9, 0.5},
               {{.kind = OG_WAVE_PWL, .second = second, .value = value, .count = 3}, 400e-9, -0.2}};
  og_circuit *c = empty();
  og_circuit_times times;
  og_circuit_times_init(&times, shape[_i].stop);
  OK(og_circuit_voltage_source(c, "v", "a", "0", &shape[_i].w, &err));
  resistor(c, "r", "a", "0", 1);
  OK(og_circuit_transient(c, &times, NULL, &err));
  ogt_abs(volt(c, "a"), shape[_i].want, 1e-6);
  og_circuit_free(c);
}
END_TEST

static int first_point(void *user, const og_circuit *c, double t) {
  if (t == 0) *(double *)user = volt(c, "a");
  return 0;
}

START_TEST(the_operating_point_takes_the_dc_value_and_the_transient_the_waveform) {
  og_circuit *c = empty();
  og_circuit_times times;
  og_waveform w = {.kind = OG_WAVE_PULSE, .p = {0.3, 1, 1e-9, 1e-9, 1e-9, 1, 0}};
  double start;
  OK(og_circuit_voltage_source(c, "v", "a", "0", &w, &err));
  resistor(c, "r", "a", "0", 10);
  OK(og_circuit_dc(c, NULL, &err));
  ogt_rel(volt(c, "a"), 0.3, 1e-14);
  OK(og_circuit_set_dc(c, "v", 0.7, &err));
  OK(og_circuit_dc(c, NULL, &err));
  ogt_rel(volt(c, "a"), 0.7, 1e-14);
  og_circuit_times_init(&times, 5e-10);
  times.sample = first_point;
  times.user = &start;
  OK(og_circuit_transient(c, &times, NULL, &err));
  ogt_rel(start, 0.3, 1e-14);
  og_circuit_free(c);
}
END_TEST

/* R C discharge from a held node, and from a node's start value with a capacitor that has none of its own. */
START_TEST(initial_potentials_hold_or_start_a_node) {
  og_circuit *c = empty();
  og_circuit_times times;
  double start;
  source(c, 'V', "v", "in", "0", 0.5);
  resistor(c, "r", "in", "a", 1e3);
  OK(og_circuit_capacitor(c, "c", "a", "0", 1e-9, NAN, &err));
  OK(og_circuit_set_initial(c, "a", 2.5, &err));
  og_circuit_times_init(&times, 1.3e-6);
  times.rtol = 1e-7;
  times.from_initial = _i;
  times.sample = first_point;
  times.user = &start;
  OK(og_circuit_transient(c, &times, NULL, &err));
  ogt_rel(start, 2.5, 1e-8);
  ogt_rel(volt(c, "a"), 0.5 + 2 * exp(-1.3), 3e-5); /* 1e-7 a step */
  OK(og_circuit_dc(c, NULL, &err)); /* not held there */
  ogt_rel(volt(c, "a"), 0.5, 1e-12);
  OK(og_circuit_set_initial(c, "a", NAN, &err));
  times.from_initial = 0;
  OK(og_circuit_transient(c, &times, NULL, &err));
  ogt_rel(start, 0.5, 1e-12);
  og_circuit_free(c);
}
END_TEST

typedef struct smallest {
  double last, step, peak;
} smallest;

static int measure(void *user, const og_circuit *c, double t) {
  smallest *s = user;
  if (t > 0) s->step = fmin(s->step, t - s->last);
  s->last = t;
  s->peak = fmax(s->peak, fabs(amp(c, "c")));
  return 0;
}

/* Corners at 30 n + 10 n and at 40 n differ by rounding only; no step may be made of that. */
START_TEST(corners_that_coincide_but_for_rounding_are_one) {
  og_circuit *c = empty();
  og_circuit_times times;
  smallest s = {.step = 1};
  og_waveform w = {.kind = OG_WAVE_PULSE, .p = {0, 1, 0.3e-7, 1e-8, 1e-8, 1e-8, 0.7e-7}};
  OK(og_circuit_voltage_source(c, "v1", "a", "0", &w, &err));
  w.p[2] = 0.4e-7;
  OK(og_circuit_voltage_source(c, "v2", "b", "0", &w, &err));
  resistor(c, "r1", "a", "x", 100);
  resistor(c, "r2", "b", "x", 100);
  OK(og_circuit_capacitor(c, "c", "x", "0", 1e-11, NAN, &err));
  og_circuit_times_init(&times, 3e-6);
  times.sample = measure;
  times.user = &s;
  OK(og_circuit_transient(c, &times, NULL, &err));
  ck_assert_double_ge(s.step, 1e-12);
  ck_assert_double_le(s.peak, 0.02); /* 1 V over 50 ohm */
  og_circuit_free(c);
}
END_TEST

/* A triangle whose period cuts 0.1 us of its fall off: R C against the sum of its responses to ramps and jumps. */
static double cut_triangle(double t) {
  const double tau = 0.7e-6, rise = 1e-6, period = 1.9e-6;
  double v = 0;
  for (int k = 0; k < 4; k++) {
    const double at[3] = {k * period, k * period + rise, (k + 1) * period}, slope[3] = {1e6, -2e6, 1e6};
    for (int n = 0; n < 3; n++)
      if (t > at[n]) v += slope[n] * (t - at[n] + tau * expm1(-(t - at[n]) / tau));
    if (t > at[2]) v += 0.1 * expm1(-(t - at[2]) / tau); /* from 0.1 V to 0 */
  }
  return v;
}

START_TEST(a_period_may_cut_a_pulse_off) {
  og_circuit *c = empty();
  og_circuit_times times;
  og_circuit_info info;
  probe p = {.want = cut_triangle};
  og_waveform w = {.kind = OG_WAVE_PULSE, .p = {0, 1, 0, 1e-6, 1e-6, 0, 1.9e-6}};
  OK(og_circuit_voltage_source(c, "v", "in", "0", &w, &err));
  resistor(c, "r", "in", "top", 700);
  OK(og_circuit_capacitor(c, "c", "top", "0", 1e-9, NAN, &err));
  og_circuit_times_init(&times, 7e-6);
  times.rtol = 1e-6;
  times.sample = compare;
  times.user = &p;
  OK(og_circuit_transient(c, &times, &info, &err));
  ck_assert_double_le(p.worst, 5e-5);
  ck_assert_uint_le(info.rejected, 40);
  og_circuit_free(c);
}
END_TEST

/* ---- names, bad input, memory, time ---- */

START_TEST(nodes_and_elements_can_be_listed) {
  og_circuit *c = empty();
  og_diode d;
  dm(&d);
  OK(og_circuit_diode(c, "d1", "x", "gnd", &d, &err));
  resistor(c, "r1", "x", "y", 5);
  ck_assert_uint_eq(og_circuit_nodes(c), 3);
  ck_assert_str_eq(og_circuit_node_name(c, 1), "d1#internal");
  ck_assert_str_eq(og_circuit_node_name(c, 2), "y");
  ck_assert_ptr_null(og_circuit_node_name(c, 3));
  ck_assert_uint_eq(og_circuit_elements(c), 2);
  ck_assert_str_eq(og_circuit_element_name(c, 1), "r1");
  ck_assert_ptr_null(og_circuit_element_name(c, 2));
  ck_assert_int_eq(og_circuit_element_kind(c, 0), 'D');
  ck_assert_int_eq(og_circuit_element_kind(c, 2), 0);
  ck_assert_uint_eq(og_circuit_nodes(NULL), 0);
  og_circuit_free(c);
}
END_TEST

START_TEST(wrong_references_name_both_elements) {
  og_circuit *c = empty();
  source(c, 'V', "v1", "a", "0", 1);
  resistor(c, "r1", "a", "0", 5);
  OK(og_circuit_by_current(c, 'F', "f1", "a", "0", "vnone", 1, &err));
  ck_assert_int_eq(og_circuit_dc(c, NULL, &err), OG_E_INPUT);
  ogt_has(err.text, "element f1: control: saw vnone, which is not there");
  og_circuit_free(c);
  c = empty();
  source(c, 'V', "v1", "a", "0", 1);
  OK(og_circuit_coupling(c, "k1", "v1", "l9", 0.5, &err));
  ck_assert_int_eq(og_circuit_dc(c, NULL, &err), OG_E_INPUT);
  ogt_has(err.text, "element k1: control: saw v1, need an inductor");
  og_circuit_free(c);
}
END_TEST

START_TEST(bad_values_are_refused) {
  og_circuit *c = empty();
  og_diode d;
  double x[2], density;
  const og_control neither = {NULL, NULL, NULL};
  og_diode_init(&d);
  d.m = 1;
  ck_assert_int_eq(og_circuit_diode(c, "d", "a", "0", &d, &err), OG_E_RANGE);
  ogt_has(err.text, "element d: grading coefficient: saw 1, need a finite number of at least 0 and below 1");
  og_diode_init(&d);
  d.bv_volt = 0;
  ck_assert_int_eq(og_circuit_diode(c, "d", "a", "0", &d, &err), OG_E_RANGE);
  ogt_has(err.text, "element d: breakdown: saw 0");
  ck_assert_int_eq(og_circuit_coupling(c, "k", "l1", "l2", 1.1, &err), OG_E_RANGE);
  ogt_has(err.text, "element k: coupling: saw 1.1, need -1..1");
  ck_assert_int_eq(og_circuit_coupling(c, "k", "l1", "l1", 0.1, &err), OG_E_INPUT);
  ck_assert_int_eq(og_circuit_behavioural(c, 'X', "b", "a", "0", NULL, 0, of_time, NULL, &err), OG_E_RANGE);
  ck_assert_int_eq(og_circuit_behavioural(c, 'V', "b", "a", "0", NULL, 0, NULL, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_circuit_behavioural(c, 'V', "b", "a", "0", &neither, 1, of_time, NULL, &err), OG_E_ARG);
  ogt_has(err.text, "element b: control");
  source(c, 'V', "v", "a", "0", 1);
  resistor(c, "r", "a", "0", 5);
  ck_assert_int_eq(og_circuit_set_dc(c, "r", 1, &err), OG_E_INPUT);
  ogt_has(err.text, "element r: saw kind R, need V or I");
  ck_assert_int_eq(og_circuit_set_dc(c, "v", NAN, &err), OG_E_RANGE);
  ck_assert_int_eq(og_circuit_set_ac(c, "v", INFINITY, 0, &err), OG_E_RANGE);
  ck_assert_int_eq(og_circuit_set_initial(c, "0", 1, &err), OG_E_INPUT);
  ck_assert_int_eq(og_circuit_set_initial(c, "nowhere", 1, &err), OG_E_INPUT);
  ck_assert_int_eq(og_circuit_set_gmin(c, -1), OG_E_RANGE);
  ck_assert_int_eq(og_circuit_set_gmin(NULL, 0), OG_E_ARG);
  ck_assert_int_eq(og_circuit_set_kelvin(c, 0), OG_E_RANGE);
  ck_assert_int_eq(og_circuit_phasor(c, "a", x, &err), OG_E_ARG);
  ogt_has(err.text, "node a: no small signals were solved for");
  ck_assert_int_eq(og_circuit_ac(c, -1, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "circuit: frequency: saw -1");
  ck_assert_int_eq(og_circuit_ac(NULL, 1, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_circuit_noise(c, "a", NULL, "r", 1, &density, NULL, &err), OG_E_INPUT);
  ck_assert(isnan(density));
  OK(og_circuit_inductor(c, "l1", "z", "0", 1e-6, NAN, &err));
  OK(og_circuit_inductor(c, "l2", "y", "0", 1e-6, NAN, &err));
  OK(og_circuit_coupling(c, "k", "l1", "l2", 0.1, &err));
  OK(og_circuit_dc(c, NULL, &err));
  ck_assert_int_eq(og_circuit_current(c, "k", x, &err), OG_E_INPUT);
  ogt_has(err.text, "element k: saw a coupling");
  og_circuit_free(c);
}
END_TEST

/* Control nodes without an element, and parallel sources through a controlled one: no solution, by name. */
START_TEST(floating_controls_are_named) {
  og_circuit *c = empty();
  OK(og_circuit_by_voltage(c, 'E', "e", "a", "0", "ghost", "0", 2, &err));
  resistor(c, "r", "a", "0", 10);
  ck_assert_int_eq(og_circuit_dc(c, NULL, &err), OG_E_SINGULAR);
  ogt_has(err.text, "node ghost: no path for direct current to ground");
  og_circuit_free(c);
  c = empty();
  source(c, 'V', "v", "a", "0", 1);
  source(c, 'V', "w", "p", "0", 1);
  OK(og_circuit_by_voltage(c, 'E', "e", "a", "0", "p", "0", 2, &err));
  ck_assert_int_eq(og_circuit_dc(c, NULL, &err), OG_E_SINGULAR);
  ogt_has(err.text, "circuit: no solution");
  og_circuit_free(c);
}
END_TEST

static og_status use_everything(void) {
  og_circuit *c = NULL;
  og_diode d;
  og_circuit_times times;
  double gain = 1e-3, density;
  const og_control mixed[] = {{"x", NULL, NULL}, {NULL, NULL, "v"}};
  og_waveform w = dc(0.7);
  dm(&d);
  og_circuit_times_init(&times, 1e-9);
  og_status st = og_circuit_create(&c, &err);
  if (st == OG_OK) st = og_circuit_voltage_source(c, "v", "a", "0", &w, &err);
  if (st == OG_OK) st = og_circuit_diode(c, "d", "a", "x", &d, &err);
  if (st == OG_OK) st = og_circuit_behavioural(c, 'I', "b", "x", "0", mixed, 2, product, &gain, &err);
  if (st == OG_OK) st = og_circuit_inductor(c, "l1", "x", "y", 1e-9, NAN, &err);
  if (st == OG_OK) st = og_circuit_inductor(c, "l2", "y", "z", 1e-9, NAN, &err);
  if (st == OG_OK) st = og_circuit_resistor(c, "r", "z", "0", 50, &err);
  if (st == OG_OK) st = og_circuit_coupling(c, "k", "l1", "l2", 0.2, &err);
  if (st == OG_OK) st = og_circuit_by_current(c, 'F', "f", "y", "0", "l1", 0.1, &err);
  if (st == OG_OK) st = og_circuit_set_initial(c, "x", 0.1, &err);
  if (st == OG_OK) st = og_circuit_noise(c, "x", NULL, "v", 1e6, &density, NULL, &err);
  if (st == OG_OK) st = og_circuit_transient(c, &times, NULL, &err);
  og_circuit_free(c);
  return st;
}

START_TEST(running_out_of_memory_anywhere_leaves_nothing_behind) {
  size_t before = ogi_mem_live(), k = 1;
  og_status st;
  do {
    ogi_mem_fail_at(k++);
    st = use_everything();
    ck_assert_msg(st == OG_OK || st == OG_E_NOMEM, "%s", err.text);
    ck_assert_uint_eq(ogi_mem_live(), before);
  } while (st != OG_OK && k < 200);
  ogi_mem_fail_at(0);
  ck_assert_uint_gt(k, 30);
  ck_assert_uint_lt(k, 200);
}
END_TEST

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* A crossbar of 100 x 100 cells with resistive wires, 30,000 elements: built and solved in seconds at worst. */
START_TEST(a_wired_crossbar_is_built_and_solved_fast) {
  enum { M = 100, N = 100 };
  char name[32], w[32], b[32], next[32];
  og_circuit *c = empty();
  og_circuit_info info;
  double start = now();
  for (int i = 0; i < M; i++) {
    snprintf(name, sizeof name, "vs_%d", i);
    snprintf(w, sizeof w, "s_%d", i);
    source(c, 'V', name, w, "0", 0.1 + 0.001 * i);
    for (int j = 0; j < N; j++) {
      snprintf(next, sizeof next, "w_%d_%d", i, j);
      snprintf(name, sizeof name, "rw_%d_%d", i, j);
      resistor(c, name, w, next, 2.5);
      snprintf(w, sizeof w, "%s", next);
      snprintf(b, sizeof b, "b_%d_%d", i, j);
      snprintf(name, sizeof name, "rc_%d_%d", i, j);
      resistor(c, name, w, b, 1e4 + 137 * ((i * 31 + j * 17) % 101));
      if (i + 1 < M) snprintf(next, sizeof next, "b_%d_%d", i + 1, j);
      snprintf(name, sizeof name, "rb_%d_%d", i, j);
      resistor(c, name, b, i + 1 < M ? next : "0", 3.1);
    }
  }
  double built = now();
  OK(og_circuit_dc(c, &info, &err));
  double solved = now();
  printf("%zu elements built in %.4f s, solved in %.4f s\n", og_circuit_elements(c), built - start, solved - built);
  ck_assert_double_le(info.kcl_residual, 1e-10);
  ck_assert_double_le(info.power_balance, 1e-10);
  ck_assert_double_le(built - start, 1);
  ck_assert_double_le(solved - built, 20);
  og_circuit_free(c);
}
END_TEST

int main(void) {
  Suite *s = suite_create("circuit analyses");
  TCase *t = tcase_create("behavioural");
  tcase_add_test(t, behavioural_sources_multiply_voltages_and_currents_named_later);
  tcase_add_loop_test(t, a_sinh_behind_a_resistor_converges_from_anywhere, 0, 10);
  tcase_add_test(t, a_function_without_a_value_at_the_start_is_forgiven_and_one_without_any_is_named);
  tcase_add_test(t, a_behavioural_source_knows_the_time);
  tcase_add_test(t, a_sweep_follows_its_branch_through_a_hysteresis);
  suite_add_tcase(s, t);
  t = tcase_create("coupled inductors");
  tcase_add_test(t, coupled_tanks_beat_in_their_two_modes_and_keep_their_energy);
  tcase_add_loop_test(t, couplings_add_or_subtract_and_may_be_perfect, 0, 4);
  tcase_add_test(t, a_perfect_transformer_has_its_ratio_in_a_transient);
  suite_add_tcase(s, t);
  t = tcase_create("small signals and noise");
  tcase_add_loop_test(t, a_series_resonance_follows_its_closed_form, 0, 4);
  tcase_add_loop_test(t, ngspice_agrees_on_the_small_signals_of_a_diode, 0, 3);
  tcase_add_test(t, phasor_currents_of_all_elements_sum_to_nothing);
  tcase_add_test(t, a_divider_has_the_noise_of_its_parallel_resistance);
  tcase_add_test(t, the_noise_on_a_capacitor_sums_to_kt_over_c);
  tcase_add_test(t, a_junction_has_half_the_noise_of_its_resistance);
  tcase_add_test(t, ngspice_agrees_on_noise);
  suite_add_tcase(s, t);
  t = tcase_create("diodes");
  tcase_set_timeout(t, 60);
  tcase_add_test(t, gmin_can_be_set);
  tcase_add_loop_test(t, ngspice_agrees_on_a_full_diode_in_all_its_regions, 0, 7);
  tcase_add_loop_test(t, ngspice_agrees_on_a_switching_diode_with_coupled_inductors, 0, 5);
  suite_add_tcase(s, t);
  t = tcase_create("sources and starts");
  tcase_add_loop_test(t, waveforms_are_those_of_ngspice, 0, 7);
  tcase_add_test(t, the_operating_point_takes_the_dc_value_and_the_transient_the_waveform);
  tcase_add_test(t, a_period_may_cut_a_pulse_off);
  tcase_add_test(t, corners_that_coincide_but_for_rounding_are_one);
  tcase_add_loop_test(t, initial_potentials_hold_or_start_a_node, 0, 2);
  suite_add_tcase(s, t);
  t = tcase_create("names, bad input, memory, time");
  tcase_set_timeout(t, 60);
  tcase_add_test(t, nodes_and_elements_can_be_listed);
  tcase_add_test(t, wrong_references_name_both_elements);
  tcase_add_test(t, bad_values_are_refused);
  tcase_add_test(t, floating_controls_are_named);
  tcase_add_test(t, running_out_of_memory_anywhere_leaves_nothing_behind);
  tcase_add_test(t, a_wired_crossbar_is_built_and_solved_fast);
  suite_add_tcase(s, t);
  return ogt_run(s);
}
