/* SPDX-License-Identifier: BSD-3-Clause */
/* Write studies: patterns and their waves, cells by card and with selectors, reads, energy by line. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/ohmgrid.h>

#include "base/ogi_mem.h"
#include "ogt.h"
#include "study/ogi_write.h"

static og_error err;

static const og_write_study six_by_five = {.m = 6,
                                           .n = 5,
                                           .scheme = OGI_WRITE_PATTERN,
                                           .volt = 0.8,
                                           .stop_second = 1e-6,
                                           .edge_second = 1e-9,
                                           .width_second = 30e-9};

/* ---- patterns ---- */

START_TEST(a_pattern_gives_pulses_positive_on_word_lines_and_negative_on_bit_lines) {
  ogi_pulse *p;
  size_t count;
  ck_assert_msg(ogi_write_pattern(&p, &count, &six_by_five, "w0@10n b4@60ns*0.5\n w5@0.2u,w0@42n", &err) == OG_OK, "%s",
                err.text);
  ck_assert_uint_eq(count, 4);
  ck_assert_uint_eq(p[0].line, 0);
  ogt_rel(p[0].second, 10e-9, 1e-15);
  ogt_rel(p[0].volt, 0.8, 1e-15);
  ck_assert_uint_eq(p[1].line, 6 + 4);
  ogt_rel(p[1].volt, -0.4, 1e-15);
  ogt_rel(p[2].second, 200e-9, 1e-15);
  ogt_rel(p[3].width, 30e-9, 1e-15);
  ogi_free(p);
}
END_TEST

static void refused(const char *pattern, og_status status, const char *words) {
  ogi_pulse *p;
  size_t count;
  ck_assert_msg(ogi_write_pattern(&p, &count, &six_by_five, pattern, &err) == status, "%s: %s", pattern, err.text);
  ogt_has(err.text, words);
  ck_assert_ptr_null(p);
}

START_TEST(a_pattern_that_cannot_be_is_refused_by_word) {
  refused("w0", OG_E_INPUT, "saw \"w0\", need LINE@START");
  refused("x0@1n", OG_E_INPUT, "need LINE@START");
  refused("w@1n", OG_E_INPUT, "need LINE@START");
  refused("w6@1n", OG_E_RANGE, "need a line w0 .. w5 or b0 .. b4");
  refused("b5@1n", OG_E_RANGE, "need a line w0 .. w5 or b0 .. b4");
  refused("w1x@1n", OG_E_RANGE, "\"w1x@1n\": need a line");
  refused("w1@1V", OG_E_RANGE, "w1@1V");
  refused("w1@", OG_E_INPUT, "w1@");
  refused("w1@1n*", OG_E_INPUT, "w1@1n*");
  refused("w1@1n*50", OG_E_RANGE, "saw a share of 50");
  refused("w1@2u", OG_E_RANGE, "before the end of the run");
  refused("w1@-1n", OG_E_RANGE, "need a start from 0");
  refused(" , ", OG_E_INPUT, "saw no pulse");
  refused("w1@10n b1@10n w1@41n", OG_E_RANGE, "pulse w1@4.1e-08: begins before pulse w1@1e-08 has ended");
}
END_TEST

START_TEST(pulses_of_one_line_may_touch_and_those_of_two_may_overlap) {
  ogi_pulse *p;
  size_t count;
  ck_assert_msg(ogi_write_pattern(&p, &count, &six_by_five, "w1@10n w1@42n w2@20n b2@30n", &err) == OG_OK, "%s",
                err.text);
  ogi_free(p);
}
END_TEST

/* Value of a line at a time, straight lines between the points of the wave. */
static double at(const ogi_write_wave *w, const double *values, size_t count, size_t line, double second) {
  size_t k = 1;
  while (k + 1 < w->points && w->second[k] < second) k++;
  double left = values[(k - 1) * count + line], right = values[k * count + line];
  if (second > w->second[k]) return right;
  return left + (right - left) * (second - w->second[k - 1]) / (w->second[k] - w->second[k - 1]);
}

START_TEST(overlapping_pulses_of_lines_keep_their_own_edges_and_levels) {
  og_write_study s = six_by_five;
  ogi_write_wave w;
  snprintf(s.pattern, sizeof s.pattern, "w1@10n w2@10.4n*0.5 b3@25n w1@42n");
  s.reads = 2;
  s.read_volt = 0.01;
  s.read_start_second = 100e-9;
  s.read_period_second = 20e-9;
  s.read_width_second = 5e-9;
  ck_assert_msg(ogi_write_wave_make(&w, &s, &err) == OG_OK, "%s", err.text);
  for (size_t k = 1; k < w.points; k++) ck_assert_double_gt(w.second[k], w.second[k - 1]);
  ck_assert(w.second[0] == 0);
  ogt_abs(at(&w, w.volt, 6, 1, 10.5e-9), 0.4, 1e-12);
  ogt_abs(at(&w, w.volt, 6, 2, 10.5e-9), 0.04, 1e-9);
  ogt_abs(at(&w, w.volt, 6, 1, 30e-9), 0.8, 1e-12);
  ogt_abs(at(&w, w.volt, 6, 1, 42e-9), 0, 1e-12); /* one ends where the next begins */
  ogt_abs(at(&w, w.bit_volt, 5, 3, 30e-9), -0.8, 1e-12);
  ogt_abs(at(&w, w.bit_volt, 5, 2, 30e-9), 0, 1e-12);
  ogt_abs(at(&w, w.volt, 6, 0, 103.5e-9), 0.01, 1e-12);
  ogt_abs(at(&w, w.volt, 6, 5, 123.5e-9), 0.01, 1e-12);
  ogt_abs(at(&w, w.volt, 6, 5, 115e-9), 0, 1e-12);
  ogt_abs(at(&w, w.volt, 6, 1, 1e-6), 0, 0);
  ogt_rel(ogi_write_read_second(&s, 1), 123.5e-9, 1e-12);
  ogi_write_wave_clear(&w);
}
END_TEST

START_TEST(reads_may_neither_meet_a_pulse_nor_outlast_the_run) {
  og_write_study s = six_by_five;
  ogi_write_wave w;
  s.reads = 3;
  s.read_volt = 0.01;
  s.read_period_second = 20e-9;
  s.read_width_second = 5e-9;
  s.read_start_second = 30e-9;
  snprintf(s.pattern, sizeof s.pattern, "w1@10n");
  ck_assert_int_eq(ogi_write_wave_make(&w, &s, &err), OG_E_RANGE);
  ogt_has(err.text, "read pulse at 3e-08: begins before pulse w1@1e-08 has ended");
  s.read_start_second = 960e-9;
  ck_assert_int_eq(ogi_write_wave_make(&w, &s, &err), OG_E_RANGE);
  ogt_has(err.text, "read.count: read 2 ends at 1.007e-06");
  s.read_start_second = 100e-9;
  s.read_width_second = 30e-9; /* longer than the period */
  ck_assert_int_eq(ogi_write_wave_make(&w, &s, &err), OG_E_RANGE);
  ogt_has(err.text, "begins before read pulse at 1e-07");
}
END_TEST

/* ---- runs ---- */

/* A study from text, run with the overrides given. */
static og_status run_study(og_write_results *r, const char *text, const char *const *sets, size_t count) {
  og_write_study *s;
  const og_write_opts o = {.spice_worker = getenv("OHMGRID_SPICE"), .data_dir = getenv("OHMGRID_DATADIR")};
  const char *path = ogt_scratch("write.yaml");
  FILE *f = fopen(path, "w");
  *r = (og_write_results){0};
  fputs(text, f);
  fclose(f);
  og_status st = og_write_study_load(&s, path, sets, count, &err);
  if (st == OG_OK) st = og_write_study_run(r, s, &o, &err);
  og_write_study_free(s);
  return st;
}

static void write_file(const char *name, const char *text) {
  FILE *f = fopen(ogt_scratch(name), "w");
  fputs(text, f);
  fclose(f);
}

#define LINEAR "* a resistor\n.subckt lin p n g=1u\nri p n {1/g}\n.ends\n"
static const double conductance[3][4] = {
    {11e-6, 23e-6, 7e-6, 41e-6}, {19e-6, 3e-6, 29e-6, 13e-6}, {5e-6, 37e-6, 17e-6, 31e-6}};
static const char linear[] = "study: {stop_second: 100 ns, step_second: 1 ns}\n"
                             "array: {m: 3, n: 4, r_word_ohm: 0, r_bit_ohm: 0}\n"
                             "cells: {lib: linear.lib, subckt: lin, params: g=linear.csv}\n"
                             "drive: {scheme: ground, row: 1, column: 2, volt: 0.7 V, width_second: 20 ns}\n"
                             "read: {count: 3, volt: 20 mV, start_second: 50 ns, period_second: 15 ns}\n";

static void linear_files(void) {
  write_file("linear.lib", LINEAR);
  FILE *f = fopen(ogt_scratch("linear.csv"), "w");
  for (size_t k = 0; k < 12; k++) fprintf(f, "%.17g%c", conductance[k / 4][k % 4], k % 4 == 3 ? '\n' : ',');
  fclose(f);
}

START_TEST(reads_of_linear_cells_without_wires_are_volts_times_sums_of_conductances) {
  og_write_results r;
  linear_files();
  ck_assert_msg(run_study(&r, linear, NULL, 0) == OG_OK, "%s", err.text);
  ck_assert_uint_eq(r.reads, 3);
  for (size_t k = 0; k < r.reads; k++) {
    ogt_rel(r.read_second[k], 50e-9 + (double)k * 15e-9 + 3.5e-9, 1e-12);
    for (size_t j = 0; j < 4; j++)
      ogt_rel(r.read_amp[k * 4 + j], 0.02 * (conductance[0][j] + conductance[1][j] + conductance[2][j]), 2e-3);
  }
  for (size_t j = 0; j < 4; j++) ck_assert(isnan(r.tau[j])); /* nothing relaxes */
  /* g V^2 over a pulse of 20 ns between edges of 1 ns, of which each counts for a third */
  ogt_rel(r.selected_joule,
          conductance[1][2] * 0.7 * 0.7 * (20e-9 + 2e-9 / 3) + conductance[1][2] * 4e-4 * 3 * 5.667e-9, 5e-3);
  ck_assert_uint_eq(r.states, 0);
  ck_assert(isnan(r.change));
  og_write_results_clear(&r);
}
END_TEST

/* Wires against the co-simulation's own sum, and the ends of lines against its solver, whatever ends are driven. */
START_TEST(energy_by_line_adds_up_to_that_of_all_wires) {
  static const char *const ends[][2] = {
      {"left", "bottom"}, {"right", "top"}, {"both", "both"}, {"both", "top"}, {"right", "both"}};
  linear_files();
  for (size_t k = 0; k < sizeof ends / sizeof *ends; k++) {
    char drive[40], sense[40];
    snprintf(drive, sizeof drive, "array.drive=%s", ends[k][0]);
    snprintf(sense, sizeof sense, "array.sense=%s", ends[k][1]);
    const char *const sets[] = {drive,
                                sense,
                                "array.r_word_ohm=700",
                                "array.r_bit_ohm=450",
                                "array.r_source_ohm=310",
                                "array.r_sense_ohm=130",
                                "drive.scheme=half"};
    og_write_results r;
    ck_assert_msg(run_study(&r, linear, sets, 7) == OG_OK, "%s", err.text);
    double sum = 0;
    for (size_t j = 0; j < 7; j++) {
      ck_assert_double_ge(r.line_joule[j], 0);
      sum += r.line_joule[j];
    }
    ogt_rel(sum, r.info.wires_joule, 0.01);
    og_write_results_clear(&r);
  }
}
END_TEST

START_TEST(power_of_a_line_is_that_of_its_segments) {
  static const double amp[] = {3e-6, 5e-6, 2e-6};
  /* one end: 10, 7, 2 uA through 100, 20, 20 ohm */
  ogt_rel(ogi_write_line_watt(amp, 3, 1, 100, 20, INFINITY), 1e-12 * (100 * 100 + 20 * 49 + 20 * 4), 1e-12);
  ogt_rel(ogi_write_line_watt(amp, 3, 1, INFINITY, 20, 100), 1e-12 * (20 * 9 + 20 * 64 + 100 * 100), 1e-12);
  /* both ends, 100 ohm each: x from the left, 100 x + 20 (x - 3) + 20 (x - 8) + 100 (x - 10) = 0 */
  double x = 1220.0 / 240;
  ogt_rel(ogi_write_line_watt(amp, 3, 1, 100, 20, 100),
          1e-12 * (100 * x * x + 20 * (x - 3) * (x - 3) + 20 * (x - 8) * (x - 8) + 100 * (x - 10) * (x - 10)), 1e-12);
  ogt_abs(ogi_write_line_watt(amp, 3, 1, 0, 0, 0), 0, 0);
}
END_TEST

START_TEST(lines_are_left_out_where_cells_are_solved_here) {
  const char *const sets[] = {"cells.spice=selected", "array.r_word_ohm=10"};
  og_write_results r;
  linear_files();
  ck_assert_msg(run_study(&r, linear, sets, 2) == OG_OK, "%s", err.text);
  ck_assert_ptr_null(r.line_joule);
  ck_assert_uint_eq(r.info.spice_cells, 1);
  og_write_results_clear(&r);
}
END_TEST

/* rs i + vs asinh(i / is) + i / g = v, by bisection [A]. Values of selector-exponential: its card. */
static double series_amp(double v, double g) {
  double low = 0, high = v * g;
  for (int k = 0; k < 200; k++) {
    double i = 0.5 * (low + high);
    if (1e3 * i + 36.9e-3 * asinh(i / 7e-15) + i / g > v) high = i;
    else low = i;
  }
  return low;
}

START_TEST(a_selector_in_series_shares_the_voltage_with_its_cell) {
  const char *const sets[] = {"cells.selector=selector-exponential", "read.volt=0.9", "cells.selector_params=rs=1k"};
  og_write_results r;
  linear_files();
  ck_assert_msg(run_study(&r, linear, sets, 3) == OG_OK, "%s", err.text);
  for (size_t j = 0; j < 4; j++) {
    double amp = 0;
    for (size_t i = 0; i < 3; i++) amp += series_amp(0.9, conductance[i][j]);
    ogt_rel(r.read_amp[j], amp, 5e-3);
  }
  og_write_results_clear(&r);
}
END_TEST

/* ---- write-verify ---- */

/*
 * State w: above 1 V from gate to source dw/dt = rate (v - 1), below -1 V it decays fast. Channel: gon w, open from a
 * gate of 0.2 V on.
 */
static const char integrator[] =
    "* integrator\n"
    ".subckt gated d g s w gon=10u rate=3meg w0=0.4\n"
    "cw w 0 1n ic={w0}\n"
    "bw 0 w i=1n*(rate*max(0,v(g,s)-1) - 100meg*max(0,-v(g,s)-1)*v(w))\n"
    "bi d s i=gon*v(w)*v(d,s)*min(1,max(0,5*v(g,s)))\n"
    "rg g s 1e13\n"
    ".ends\n";
static const char verified[] =
    "study: {step_second: 2 ns}\n"
    "array: {m: 2, n: 5, r_word_ohm: 0.1, r_bit_ohm: 0.1, r_gate_ohm: 0.1}\n"
    "cells: {lib: gated.lib, subckt: gated, state: w, params: gon=gon.csv}\n"
    "drive: {scheme: verify, row: 1, erase_volt: -3 V, erase_width_second: 100 ns, volt: 1.3 V, volt_step: 50 mV,\n"
    "  width_second: 50 ns, edge_second: 2 ns, pulses: 20}\n"
    "read: {gate_volt: 0.5 V, volt: 10 mV, width_second: 20 ns}\n"
    "verify: {levels: 4, target_min_amp: 20 nA, target_max_amp: 90 nA}\n";
enum { VM = 2, VN = 5 };
static const double gon[VN] = {13.1e-6, 15.3e-6, 12.2e-6, 14.3e-6, 16.4e-6};

static void verify_files(void) {
  write_file("gated.lib", integrator);
  FILE *f = fopen(ogt_scratch("gon.csv"), "w");
  for (size_t j = 0; j < VN; j++) fprintf(f, "5e-6%c", j + 1 < VN ? ',' : '\n');
  for (size_t j = 0; j < VN; j++) fprintf(f, "%.17g%c", gon[j], j + 1 < VN ? ',' : '\n');
  fclose(f);
}

/* What pulse k of trapezoid shape adds: (v - 1) over the top of 50 ns, and a triangle of each edge of 2 ns. */
static double gain(size_t k) {
  double above = 0.3 + 0.05 * (double)(k - 1);
  return 3e6 * (above * 50e-9 + above * above / (1 + above) * 2e-9);
}

/* Pulses until the current of the column has its target, and the state then. */
static size_t arrival(size_t column, double *w) {
  double target = 20e-9 + 70e-9 / 3 * (double)(column % 4);
  size_t k = 0;
  for (*w = 0; gon[column] * *w * 0.01 < target;) *w += gain(++k);
  return k;
}

static void check_columns(const og_write_results *r) {
  size_t last = 0;
  ck_assert_uint_eq(r->unreached, 0);
  ogt_rel(r->level_amp, 70e-9 / 3, 1e-12);
  for (size_t j = 0; j < VN; j++) {
    double w;
    size_t pulses = arrival(j, &w);
    last = pulses > last ? pulses : last;
    ck_assert_uint_eq(r->verify_pulses[j], pulses);
    ogt_rel(r->target_amp[j], 20e-9 + 70e-9 / 3 * (double)(j % 4), 1e-12);
    ogt_rel(r->reached_amp[j], gon[j] * w * 0.01, 2e-3);
    ogt_rel(r->end[VN + j], w, 2e-3); /* what came after it was inhibited left it alone */
    ogt_rel(r->end[j], 0.4, 1e-6);    /* so did everything in the row that was not selected */
  }
  ck_assert_uint_eq(r->verify_reads, last + 1);
  ogt_rel(r->verify_volt[0], -3, 1e-12);
  for (size_t k = 1; k <= last; k++) ogt_rel(r->verify_volt[k], 1.3 + 0.05 * (double)(k - 1), 1e-12);
  for (size_t j = 0; j < VN; j++) ogt_abs(r->verify_amp[j], 0, 1e-12); /* erased */
}

START_TEST(columns_arrive_after_as_many_pulses_as_the_closed_form_needs_and_then_stay) {
  const char *const sets[] = {"cells.spice=none", "cells.other=compact"};
  og_write_results r;
  verify_files();
  ck_assert_msg(run_study(&r, verified, NULL, 0) == OG_OK, "%s", err.text);
  ck_assert_uint_eq(r.info.spice_cells, VM * VN);
  check_columns(&r);
  og_write_results_clear(&r);
  ck_assert_msg(run_study(&r, verified, sets, 2) == OG_OK, "%s", err.text);
  ck_assert_uint_eq(r.info.compact_cells, VM * VN);
  check_columns(&r);
  og_write_results_clear(&r);
}
END_TEST

START_TEST(columns_that_are_not_inhibited_go_on_with_every_pulse) {
  const char *const sets[] = {"cells.spice=none", "cells.other=compact", "drive.inhibit=0"};
  og_write_results r;
  double all = 0;
  verify_files();
  ck_assert_msg(run_study(&r, verified, sets, 3) == OG_OK, "%s", err.text);
  for (size_t k = 1; k < r.verify_reads; k++) all += gain(k);
  for (size_t j = 0; j < VN; j++) ogt_rel(r.end[VN + j], all, 2e-3);
  og_write_results_clear(&r);
}
END_TEST

START_TEST(columns_below_their_level_after_the_last_pulse_are_told_with_all_results) {
  const char *const sets[] = {"cells.spice=none", "cells.other=compact", "drive.pulses=5"};
  og_write_results r;
  size_t unreached = 0;
  verify_files();
  ck_assert_int_eq(run_study(&r, verified, sets, 3), OG_E_TOLERANCE);
  for (size_t j = 0; j < VN; j++) {
    double w;
    unreached += arrival(j, &w) > 5;
  }
  ck_assert_uint_eq(r.unreached, unreached);
  ck_assert_uint_eq(r.verify_reads, 6);
  ogt_has(err.text, "verify: saw 2 of 5 columns below their level after 5 pulses, need 0");
  for (size_t j = 0; j < VN; j++)
    if (r.reached_amp[j] < r.target_amp[j]) ck_assert_uint_eq(r.verify_pulses[j], 5);
  og_write_results_clear(&r);
}
END_TEST

/* ---- volatile cells ---- */

/* eso-yoo2024, model.md: one cell under a pulse of trapezoid shape, Runge-Kutta of fourth order. */
static double rate(double v, double w, double tau) { return 1e5 * (cosh(v / 0.2) - 1) * (1 - w) - w / tau; }
static double trapezoid(double t, double start) {
  double up = (t - start) / 1e-9, down = (start + 52e-9 - t) / 1e-9;
  return fmax(0, fmin(1, fmin(up, down)));
}
static double volatile_state(double tau, double first, double second, double end) {
  const double h = 0.05e-9;
  double w = 0;
  for (size_t k = 0; (double)k * h < end - 0.5 * h; k++) {
    double t = (double)k * h, v[3];
    for (int q = 0; q < 3; q++)
      v[q] = trapezoid(t + 0.5 * q * h, first) + (second >= 0 ? trapezoid(t + 0.5 * q * h, second) : 0);
    double a = rate(v[0], w, tau), b = rate(v[1], w + 0.5 * h * a, tau), c = rate(v[1], w + 0.5 * h * b, tau);
    double d = rate(v[2], w + h * c, tau);
    w += h / 6 * (a + 2 * b + 2 * c + d);
  }
  return w;
}

static const char relaxing[] =
    "study: {stop_second: 600 ns, step_second: 0.5 ns}\n"
    "array: {m: 3, n: 2, r_word_ohm: 0.01, r_bit_ohm: 0.01}\n"
    "cells: {device: eso-yoo2024, params: tau=tau.csv}\n"
    "drive: {scheme: pattern, volt: 1 V, width_second: 50 ns, pattern: 'w0@10n w1@110n w2@10n w2@110n'}\n"
    "read: {count: 8, start_second: 170 ns, period_second: 50 ns}\n";

START_TEST(currents_after_a_pattern_are_those_of_single_cells_where_wires_are_nothing) {
  static const double tau[2] = {159e-9, 278e-9};
  og_write_results r;
  write_file("tau.csv", "159e-9,278e-9\n159e-9,278e-9\n159e-9,278e-9\n");
  ck_assert_msg(run_study(&r, relaxing, NULL, 0) == OG_OK, "%s", err.text);
  for (size_t j = 0; j < 2; j++) {
    double amp = 0, t = r.read_second[0];
    static const double first[] = {10e-9, 110e-9, 10e-9}, second[] = {-1, -1, 110e-9};
    for (size_t i = 0; i < 3; i++) {
      double w = volatile_state(tau[j], first[i], second[i], t);
      amp += w * 100e-6 * 0.5 * sinh(0.01 / 0.5) + (1 - w) * 1e-6 * 0.01;
    }
    ogt_rel(r.read_amp[j], amp, 5e-3);
    ogt_rel(r.tau[j], tau[j], 1e-2);
    ck_assert_double_lt(r.tau_error[j], 1e-2 * tau[j]);
  }
  /* state of the cell pulsed twice against its facilitation */
  double w = volatile_state(159e-9, 10e-9, 110e-9, 600e-9);
  ogt_rel(r.end[2 * 2], w, 1e-2);
  ck_assert_str_eq(r.state[0], "w");
  ck_assert_int_eq(r.one_cell, 0);
  og_write_results_clear(&r);
}
END_TEST

START_TEST(states_begin_where_the_subcircuit_says) {
  const char *const sets[] = {"cells.params=w0=0.37 tau=278n"};
  og_write_results r;
  ck_assert_msg(run_study(&r, relaxing, sets, 1) == OG_OK, "%s", err.text);
  for (size_t k = 0; k < 6; k++) ogt_rel(r.start[k], 0.37, 1e-3);
  og_write_results_clear(&r);
}
END_TEST

START_TEST(a_fit_finds_the_time_of_an_exponential_and_refuses_what_does_not_decay) {
  double t[9], x[18], tau, error;
  for (size_t k = 0; k < 9; k++) {
    t[k] = 3e-7 + 4e-8 * (double)k;
    x[2 * k] = 2.3e-6 * exp(-t[k] / 1.9e-7) + 4e-8;
    x[2 * k + 1] = 5e-7;
  }
  ck_assert_int_eq(ogi_write_fit(t, x, 9, 2, &tau, &error), 1);
  ogt_rel(tau, 1.9e-7, 1e-8);
  ck_assert_double_lt(error, 1e-14);
  ck_assert_int_eq(ogi_write_fit(t, x + 1, 9, 2, &tau, &error), 0);
  ck_assert_int_eq(ogi_write_fit(t, x, 3, 2, &tau, &error), 0);
  for (size_t k = 0; k < 9; k++) x[2 * k] = -x[2 * k]; /* reads of negative voltage */
  ck_assert_int_eq(ogi_write_fit(t, x, 9, 2, &tau, &error), 1);
  ogt_rel(tau, 1.9e-7, 1e-8);
  for (size_t k = 0; k < 9; k++) x[2 * k] = 1e-6 + 1e-7 * (double)k;
  ck_assert_int_eq(ogi_write_fit(t, x, 9, 2, &tau, &error), 0);
}
END_TEST

/* ---- what is refused ---- */

static void study_refused(const char *text, const char *set, og_status status, const char *words) {
  og_write_results r;
  ck_assert_msg(run_study(&r, text, &set, 1) == status, "%s: %s", set, err.text);
  ogt_has(err.text, words);
}

START_TEST(keys_that_do_not_go_with_write_verify_are_refused) {
  verify_files();
  linear_files();
  study_refused(verified, "verify.target_max_amp=20n", OG_E_RANGE, "need more than verify.target_min_amp, 2e-08");
  study_refused(verified, "verify.levels=1", OG_E_RANGE, "verify.levels");
  study_refused(verified, "read.count=3", OG_E_INPUT, "saw cells.selector, read.count or check.reference");
  study_refused(verified, "check.reference=yes", OG_E_INPUT, "need none of them");
  study_refused(verified, "check.compact=yes", OG_E_INPUT, "another scheme than verify");
  study_refused(verified, "cells.spice=selected", OG_E_INPUT, "cells.other: linear: needs cells.spice: all");
  study_refused(relaxing, "cells.spice=none", OG_E_INPUT, "needs cells.other: compact");
  study_refused(verified, "cells.device=eso-yoo2024", OG_E_INPUT, "saw both");
  study_refused(verified, "drive.row=2", OG_E_RANGE, "need a cell of the 2 x 5 array");
  study_refused(verified, "study.resume=checkpoint.csv", OG_E_INPUT, "resume: saw checkpoint.csv, need none with");
  study_refused(verified, "cells.params=gon=linear.csv", OG_E_SHAPE, "linear.csv: shape: need (2, 5)");
  study_refused(linear, "study.stop_second=0", OG_E_RANGE, "study.stop_second: saw 0");
  study_refused(linear, "study.resume=none.csv", OG_E_INPUT, "none.csv");
}
END_TEST

START_TEST(cells_that_cannot_be_are_refused_before_anything_runs) {
  linear_files();
  write_file("tau.csv", "159e-9,278e-9\n159e-9,278e-9\n159e-9,278e-9\n");
  study_refused(linear, "cells.device=eso-yoo2024", OG_E_INPUT, "saw both, need one of the two");
  study_refused(linear, "cells.lib=", OG_E_INPUT, "saw neither, need one of the two");
  study_refused(linear, "cells.subckt=", OG_E_INPUT, "cells.subckt: goes with cells.lib");
  study_refused(linear, "cells.selector_params=is=1", OG_E_INPUT, "goes with cells.selector");
  study_refused(linear, "cells.params=gg=1", OG_E_INPUT, "cells.params: saw \"gg\", need a parameter of lin: g");
  study_refused(linear, "cells.selector=none-such", OG_E_INPUT, "cells.selector");
  study_refused(linear, "cells.state=w", OG_E_INPUT, "lin");
  study_refused(linear, "report.frames=5", OG_E_INPUT, "the cells have no state");
  study_refused(linear, "read.volt=0", OG_E_RANGE, "read.volt");
  study_refused(relaxing, "cells.state=w", OG_E_INPUT, "goes with cells.lib");
  study_refused(relaxing, "cells.device=fefet-dendrite", OG_E_INPUT, "two or three terminals");
  study_refused(relaxing, "drive.scheme=verify", OG_E_INPUT, "drive.pattern: goes with drive.scheme: pattern");
  study_refused(relaxing, "cells.params=tau=1", OG_E_RANGE, "tau: cell (0,0): saw 1, need 10 ns .. 1 ms");
  study_refused(relaxing, "cells.params=rho=1", OG_E_INPUT, "need a parameter of eso: tau gon goff");
  study_refused(relaxing, "cells.selector=eso-yoo2024", OG_E_INPUT, "which is the cell's name too");
  study_refused(relaxing, "drive.scheme=half", OG_E_INPUT, "drive.pattern: goes with");
  study_refused(relaxing, "drive.pattern=none.txt", OG_E_INPUT, "drive.pattern: ");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("write");
  TCase *c = tcase_create("patterns");
  tcase_add_test(c, a_pattern_gives_pulses_positive_on_word_lines_and_negative_on_bit_lines);
  tcase_add_test(c, a_pattern_that_cannot_be_is_refused_by_word);
  tcase_add_test(c, pulses_of_one_line_may_touch_and_those_of_two_may_overlap);
  tcase_add_test(c, overlapping_pulses_of_lines_keep_their_own_edges_and_levels);
  tcase_add_test(c, reads_may_neither_meet_a_pulse_nor_outlast_the_run);
  suite_add_tcase(suite, c);
  c = tcase_create("runs");
  tcase_set_timeout(c, 60);
  tcase_add_test(c, reads_of_linear_cells_without_wires_are_volts_times_sums_of_conductances);
  tcase_add_test(c, energy_by_line_adds_up_to_that_of_all_wires);
  tcase_add_test(c, power_of_a_line_is_that_of_its_segments);
  tcase_add_test(c, lines_are_left_out_where_cells_are_solved_here);
  tcase_add_test(c, a_selector_in_series_shares_the_voltage_with_its_cell);
  tcase_add_test(c, currents_after_a_pattern_are_those_of_single_cells_where_wires_are_nothing);
  tcase_add_test(c, states_begin_where_the_subcircuit_says);
  tcase_add_test(c, a_fit_finds_the_time_of_an_exponential_and_refuses_what_does_not_decay);
  suite_add_tcase(suite, c);
  c = tcase_create("verify");
  tcase_set_timeout(c, 60);
  tcase_add_test(c, columns_arrive_after_as_many_pulses_as_the_closed_form_needs_and_then_stay);
  tcase_add_test(c, columns_that_are_not_inhibited_go_on_with_every_pulse);
  tcase_add_test(c, columns_below_their_level_after_the_last_pulse_are_told_with_all_results);
  suite_add_tcase(suite, c);
  c = tcase_create("refused");
  tcase_add_test(c, keys_that_do_not_go_with_write_verify_are_refused);
  tcase_add_test(c, cells_that_cannot_be_are_refused_before_anything_runs);
  suite_add_tcase(suite, c);
  return ogt_run(suite);
}
