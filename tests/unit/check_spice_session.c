/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sessions of ngspice: analyses against closed forms, changes of every kind of device, driven sources and their
 * contract with the time step, noise, breakpoints, pools.
 */
#include <config.h>

#include <dirent.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_spice.h"
#include "ogt.h"
#include <ohmgrid/ohmgrid.h>

#define OK(call) ck_assert_msg((call) == OG_OK, "%s", err.text)

static og_spice_opts options(void) {
  og_spice_opts opts;
  og_spice_opts_init(&opts);
  opts.program = getenv("OHMGRID_SPICE");
  opts.timeout_second = 60;
  ck_assert_ptr_nonnull(opts.program);
  return opts;
}

static og_spice *opened(const char *deck) {
  og_spice *s;
  og_error err = {0};
  og_spice_opts opts = options();
  OK(og_spice_open(&s, &opts, &err));
  OK(ogi_spice_load(s, deck, strlen(deck), &err));
  return s;
}

static og_vectors *solved(og_spice *s, const og_spice_analysis *a, const char *const *names, size_t count) {
  og_vectors *v;
  og_error err = {0};
  OK(og_spice_run(s, a, names, count, &v, NULL, &err));
  return v;
}

static const double *vector(const og_vectors *v, const char *name) {
  size_t k = og_vectors_find(v, name);
  ck_assert_msg(k < v->count, "no vector %s", name);
  return og_vectors_at(v, k);
}

/* Straight line between the two points around t. */
static double value_at(const og_vectors *v, const char *name, double t) {
  const double *x = vector(v, name), *time = vector(v, "time");
  size_t k = 1;
  while (k + 1 < v->points && time[k] < t) k++;
  return x[k - 1] + (x[k] - x[k - 1]) * (t - time[k - 1]) / (time[k] - time[k - 1]);
}

static const char rc[] = "rc\nv1 in 0 dc 0.7 ac 1\nr1 in out 1.3k\nc1 out 0 1.7n\n.end\n";
static const double tau = 1.3e3 * 1.7e-9;

/* --- analyses ----------------------------------------------------------------------------------------------------- */

START_TEST(operating_point_has_all_vectors_and_parameters_of_devices) {
  static const char deck[] = "levels\nV1 In 0 3\nr1 IN 1 1k\nx1 1 0 half\n.subckt half a b\nrt a mid 1k\nrb mid b 2k\n"
                             ".ends\n.end\n";
  static const char *const names[] = {"v(1)", "X1.MID", "i(v1)", "@r.x1.rb[resistance]"};
  og_spice *s = opened(deck);
  og_spice_analysis a;
  og_spice_analysis_init(&a, OG_SPICE_OP);
  og_vectors *v = solved(s, &a, NULL, 0);
  ck_assert_uint_eq(v->count, 4);
  ck_assert_uint_eq(v->points, 1);
  ck_assert(!v->has_scale && !v->complex_values);
  ck_assert_str_eq(v->title, "levels");
  ck_assert_str_eq(v->plot, "Operating Point");
  ck_assert_uint_lt(og_vectors_find(v, "1"), 4);
  ck_assert_int_eq(v->quantity[og_vectors_find(v, "v1#branch")], OG_Q_CURRENT);
  ck_assert_int_eq(v->quantity[og_vectors_find(v, "in")], OG_Q_VOLTAGE);
  og_vectors_free(v);
  v = solved(s, &a, names, 4);
  ck_assert_uint_eq(v->count, 4);
  ck_assert_str_eq(v->name[1], "x1.mid");
  ogt_rel(v->data[0], 3.0 * 3 / 4, 1e-12);
  ogt_rel(v->data[1], 3.0 * 2 / 4, 1e-12);
  ogt_rel(v->data[2], -3.0 / 4e3, 1e-9);
  ogt_rel(v->data[3], 2e3, 0);
  og_vectors_free(v);
  og_spice_close(s);
}
END_TEST

START_TEST(transient_of_an_rc_follows_the_exponential) {
  static const char *const names[] = {"out"};
  og_spice *s = opened(rc);
  og_spice_analysis a;
  og_spice_analysis_init(&a, OG_SPICE_TRAN);
  a.stop_second = 5 * tau;
  a.step_max_second = tau / 200;
  a.use_ic = 1;
  og_vectors *v = solved(s, &a, names, 1);
  ck_assert(v->has_scale && v->count == 2);
  ck_assert_str_eq(v->name[0], "time");
  ck_assert_int_eq(v->quantity[0], OG_Q_TIME);
  ogt_rel(v->data[v->points - 1], 5 * tau, 1e-9);
  ck_assert(v->data[v->points - 1] - v->data[v->points - 2] >
            1e-3 * a.step_max_second); /* 46 halves its way to the end */
  for (size_t k = 0; k < v->points; k++)
    ogt_abs(v->data[v->points + k], 0.7 * -expm1(-v->data[k] / tau), 2e-3 * 0.7);
  og_vectors_free(v);
  og_spice_close(s);
}
END_TEST

START_TEST(small_signals_of_an_rc_follow_its_pole) {
  og_spice *s = opened(rc);
  og_spice_analysis a;
  for (int spacing = 0; spacing < OG_SPICE_SPACING_COUNT; spacing++) {
    og_spice_analysis_init(&a, OG_SPICE_AC);
    a.spacing = (og_spice_spacing)spacing;
    a.points = 7;
    a.start_hz = 130;
    a.stop_hz = 3.1e6;
    og_vectors *v = solved(s, &a, NULL, 0);
    ck_assert(v->complex_values && v->has_scale);
    const double *f = vector(v, "frequency"), *out = vector(v, "out");
    for (size_t k = 0; k < v->points; k++) {
      double x = 2 * 3.14159265358979323846 * f[2 * k] * tau;
      ogt_abs(out[2 * k], 1 / (1 + x * x), 1e-9);
      ogt_abs(out[2 * k + 1], -x / (1 + x * x), 1e-9);
    }
    og_vectors_free(v);
  }
  og_spice_close(s);
}
END_TEST

/* 4 k T R / (1 + (w tau)^2), k T / C in all; ngspice has room temperature at 27 deg C, its k of 1986. */
START_TEST(noise_of_an_rc_is_that_of_its_resistance) {
  og_spice *s = opened(rc);
  og_spice_analysis a;
  og_spice_info info;
  og_vectors *v;
  og_error err = {0};
  og_spice_analysis_init(&a, OG_SPICE_NOISE);
  a.output = "out";
  a.input = "v1";
  a.start_hz = 1;
  a.stop_hz = 1e10;
  a.points = 50;
  OK(og_spice_run(s, &a, NULL, 0, &v, &info, &err));
  const double *f = vector(v, "frequency"), *out = vector(v, "onoise_spectrum"), *in = vector(v, "inoise_spectrum");
  ck_assert_int_eq(v->quantity[og_vectors_find(v, "onoise_spectrum")], OG_Q_VOLTAGE_DENSITY);
  double thermal = sqrt(4 * 1.380649e-23 * 300.15 * 1.3e3); /* [V/sqrt(Hz)] */
  for (size_t k = 0; k < v->points; k++) {
    double x = 2 * 3.14159265358979323846 * f[k] * tau;
    ogt_rel(in[k], thermal, 1e-5);
    ogt_rel(out[k], thermal / sqrt(1 + x * x), 1e-5);
  }
  ogt_rel(info.onoise_total, sqrt(1.380649e-23 * 300.15 / 1.7e-9), 1e-2);
  og_vectors_free(v);
  og_spice_close(s);
}
END_TEST

START_TEST(sweeps_follow_ohms_law) {
  og_spice *s = opened("divider\nv1 in 0 5\nr1 in out 3k\nr2 out 0 2k\n.end\n");
  og_spice_analysis a;
  og_spice_analysis_init(&a, OG_SPICE_DC);
  a.sweep[0] = (og_spice_sweep){"V1", 1, -0.7, -0.1};
  og_vectors *v = solved(s, &a, NULL, 0);
  ck_assert_uint_eq(v->points, 18);
  for (size_t k = 0; k < v->points; k++) {
    ogt_abs(v->data[k], 1 - 0.1 * (double)k, 1e-12);
    ogt_abs(vector(v, "out")[k], 0.4 * v->data[k], 1e-12);
  }
  og_vectors_free(v);
  a.sweep[1] = (og_spice_sweep){"r2", 2e3, 4e3, 1e3};
  v = solved(s, &a, NULL, 0);
  ck_assert_uint_eq(v->points, 54);
  ogt_abs(vector(v, "out")[53], -0.7 * 4 / 7, 1e-12);
  og_vectors_free(v);
  og_spice_close(s);
}
END_TEST

/* --- changes ------------------------------------------------------------------------------------------------------ */

START_TEST(every_kind_of_device_can_be_changed) {
  static const char deck[] = "all\nv1 in 0 dc 1 pwl(0 1 1 1)\nr1 in a 2k\nl1 a b 1u\nx1 b cell\n.subckt cell p\n"
                             "cw p 0 1n ic=0\nrw p 0 1k\n.ends\n.end\n";
  og_spice *s = opened(deck);
  og_error err = {0};
  og_spice_analysis op, tran;
  og_spice_analysis_init(&op, OG_SPICE_OP);
  og_spice_analysis_init(&tran, OG_SPICE_TRAN);
  tran.use_ic = 1;
  tran.step_max_second = 1e-9;
  const double r = 3e3, rw = 5e3, l = 2e-6, c = 2e-9, ic = 0.3, v = 4, pulse[] = {0, 2, 0, 1e-9, 1e-9, 1, 2};
  const og_spice_change list[] = {{"r1", "resistance", &r, 1},  {"r.x1.rw", "resistance", &rw, 1},
                                  {"l1", "inductance", &l, 1},  {"c.x1.cw", "capacitance", &c, 1},
                                  {"c.x1.cw", "ic", &ic, 1},    {"v1", "dc", &v, 1},
                                  {"v1", "pulse", pulse, 7}};
  static const char *const asked[] = {"b", "@r1[resistance]", "@l1[inductance]", "@c.x1.cw[capacitance]",
                                      "@c.x1.cw[ic]"};
  OK(og_spice_alter_many(s, list, 7, &err));
  for (int fresh = 0; fresh < 2; fresh++) { /* the same from a child that never heard the changes */
    og_vectors *o = solved(s, &op, asked, 5);
    ogt_rel(o->data[0], 4.0 * 5 / 8, 1e-9);
    for (int k = 0; k < 4; k++) ogt_rel(o->data[k + 1], ((double[]){r, l, c, ic})[k], 1e-12);
    og_vectors_free(o);
    o = solved(s, &tran, NULL, 0);
    ogt_abs(vector(o, "b")[0], 0.3, 2e-3);
    ogt_abs(value_at(o, "in", 5e-7), 2, 1e-12);
    og_vectors_free(o);
    kill((pid_t)ogi_spice_pid(s), SIGKILL);
    ck_assert_int_eq(og_spice_run(s, &op, NULL, 0, &o, NULL, &err), OG_E_EXTERN);
  }
  og_spice_close(s);
}
END_TEST

/* --- driven sources ----------------------------------------------------------------------------------------------- */

#define RAMP 2e6 /* [V/s] */

/* What the contract of the exchange promises is counted here. */
typedef struct watcher {
  size_t calls, redone;
  double last, promised, watched;
  int stop_after, nan_after, quit_after;
  double shorten, breakpoint;
} watcher;

static int drive_ramp(void *user, og_spice_step *step) {
  watcher *w = user;
  w->calls++;
  if (w->calls == 1) {
    ck_assert(step->time_second == 0 && step->dt_second == 0 && isnan(step->watched[0]));
  } else {
    ck_assert(step->dt_second > 0);
    ck_assert_msg(step->time_second >= w->last, "%g after %g", step->time_second, w->last);
    ck_assert_msg(step->time_second <= w->promised * (1 + 1e-9), "%g, not beyond %g", step->time_second, w->promised);
    ck_assert(step->redo == 0 || step->time_second == w->last);
    w->redone += (size_t)(step->redo != 0);
  }
  if (w->shorten > 0 && step->dt_second > w->shorten && !step->redo) step->dt_second = w->shorten;
  w->last = step->time_second;
  w->promised = step->time_second + step->dt_second;
  w->watched = step->watched[0];
  if (w->breakpoint > 0 && step->time_second > 0) {
    step->breakpoint_second[step->breakpoint_count++] = w->breakpoint;
    w->breakpoint = 0;
  }
  step->values[0] = RAMP * w->promised;
  step->values[1] = 0.25;
  if (w->nan_after > 0 && w->calls > (size_t)w->nan_after) step->values[1] = NAN;
  if (w->stop_after > 0 && w->calls > (size_t)w->stop_after) step->stop = 1;
  return w->quit_after > 0 && w->calls > (size_t)w->quit_after;
}

static const char driven[] = "driven\nvx in 0 external\nr1 in out 1.3k\nc1 out 0 1.7n\nx1 q half\n"
                             ".subckt half a\nVy a 0 external\nr1 a 0 1k\n.ends\n.end\n";
static const char *const sources[] = {"VX", "v.x1.vy"}, *const watch[] = {"v(out)"};

/* Ramp a into RC: v = a (t - tau (1 - exp(-t / tau))). */
START_TEST(callback_drives_an_rc_along_its_closed_form) {
  og_spice *s = opened(driven);
  og_error err = {0};
  og_spice_analysis a;
  og_spice_analysis_init(&a, OG_SPICE_TRAN);
  a.stop_second = 3 * tau;
  a.step_max_second = tau / 500;
  watcher w = {.breakpoint = 1.2345 * tau, .shorten = tau / 700};
  const double fixed[] = {0.77 * tau, 2.1 * tau};
  OK(og_spice_set_external(s, sources, 2, watch, 1, drive_ramp, &w, &err));
  OK(og_spice_set_breakpoints(s, fixed, 2, &err));
  og_vectors *v = solved(s, &a, NULL, 0);
  const double *t = vector(v, "time"), *out = vector(v, "out"), *in = vector(v, "in");
  ck_assert_uint_ge(w.calls, 2000);
  for (size_t k = 1; k < v->points; k++) {
    ck_assert(t[k] > t[k - 1]);
    ogt_abs(t[k] - t[k - 1], 0, tau / 700 * (1 + 1e-6));
    ogt_abs(in[k], RAMP * t[k], 1e-9 * RAMP * tau);
    ogt_abs(out[k], RAMP * (t[k] + tau * expm1(-t[k] / tau)), 1e-3 * RAMP * tau);
  }
  for (int b = 0; b < 3; b++) { /* met exactly */
    double want = ((double[]){0.77 * tau, 1.2345 * tau, 2.1 * tau})[b], miss = 1;
    for (size_t k = 0; k < v->points; k++) miss = fmin(miss, fabs(t[k] - want));
    ogt_abs(miss, 0, 1e-12 * tau);
  }
  ogt_abs(t[v->points - 1], 3 * tau, 1e-9 * 3 * tau);
  ck_assert(t[v->points - 1] - t[v->points - 2] > 1e-3 * tau / 700);
  ck_assert_uint_eq(og_vectors_find(v, "ogi_stop"), v->count); /* what we added to the deck is not the user's */
  ck_assert_uint_eq(v->count, 6);
  ogt_abs(w.watched, out[v->points - 2], 0.01);
  og_vectors_free(v);
  og_spice_close(s);
}
END_TEST

START_TEST(callback_can_stop_and_fail_and_the_session_goes_on) {
  og_spice *s = opened(driven);
  og_error err = {0};
  og_spice_analysis a;
  og_spice_info info;
  og_vectors *v;
  og_spice_analysis_init(&a, OG_SPICE_TRAN);
  a.stop_second = 3 * tau;
  watcher w = {.stop_after = 40};
  OK(og_spice_set_external(s, sources, 2, watch, 1, drive_ramp, &w, &err));
  OK(og_spice_run(s, &a, NULL, 0, &v, &info, &err));
  ck_assert(info.stopped);
  ck_assert(vector(v, "time")[v->points - 1] < 2.9 * tau && v->points >= 30);
  og_vectors_free(v);
  long child = ogi_spice_pid(s);
  w = (watcher){.nan_after = 20};
  ck_assert_int_eq(og_spice_run(s, &a, NULL, 0, &v, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "spice: source 1 at ");
  ogt_has(err.text, "saw nan, need a finite value");
  w = (watcher){.quit_after = 20};
  ck_assert_int_eq(og_spice_run(s, &a, NULL, 0, &v, NULL, &err), OG_E_INTERRUPT);
  w = (watcher){0};
  OK(og_spice_run(s, &a, NULL, 0, &v, &info, &err));
  ck_assert(!info.stopped && ogi_spice_pid(s) != child);
  ogt_abs(value_at(v, "out", 2 * tau), RAMP * (2 * tau + tau * expm1(-2.0)), 1e-2 * RAMP * tau);
  og_vectors_free(v);
  og_spice_close(s);
}
END_TEST

START_TEST(sources_that_do_not_fit_are_named) {
  og_spice *s = opened(driven);
  og_error err = {0};
  og_spice_analysis a;
  og_vectors *v;
  watcher w = {0};
  const char *const wrong[] = {"vx", "v.x1.vy", "vz"}, *const nowhere[] = {"nowhere"};
  const double time[] = {0, 1e-6}, value[] = {0.5, 0.5}, back[] = {1e-6, 0}, infinite[] = {0, INFINITY};
  og_spice_analysis_init(&a, OG_SPICE_TRAN);
  OK(og_spice_set_external(s, wrong, 1, watch, 1, drive_ramp, &w, &err));
  OK(og_spice_set_pwl(s, "v.x1.vy", time, value, 2, &err));
  OK(og_spice_set_pwl(s, "vz", time, value, 2, &err));
  OK(og_spice_set_external(s, NULL, 0, NULL, 0, NULL, NULL, &err));
  OK(og_spice_set_pwl(s, "vx", time, value, 2, &err));
  ck_assert_int_eq(og_spice_run(s, &a, NULL, 0, &v, NULL, &err), OG_E_EXTERN);
  ck_assert_str_eq(err.text, "ngspice: the deck has no external source vz");
  ck_assert_int_eq(og_spice_set_pwl(s, "vx", back, value, 2, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "spice: time 1: saw 0, need finite times that rise (second)");
  ck_assert_int_eq(og_spice_set_pwl(s, "vx", time, infinite, 2, &err), OG_E_RANGE);
  ck_assert_int_eq(og_spice_set_pwl(s, "vx", time, value, 0, &err), OG_E_ARG);
  ck_assert_int_eq(og_spice_set_pwl(s, "v x", time, value, 2, &err), OG_E_RANGE);
  ck_assert_int_eq(og_spice_set_external(s, sources, 2, watch, 1, NULL, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_spice_set_breakpoints(s, infinite, 2, &err), OG_E_RANGE);
  ck_assert_int_eq(og_spice_set_noise(s, "vx", &(og_spice_noise){.rms = -1}, &err), OG_E_RANGE);
  ck_assert_int_eq(og_spice_set_noise(s, "vx", &(og_spice_noise){.rms = 1}, &err), OG_E_RANGE);
  ck_assert_int_eq(og_spice_alter(s, "vx", "dc", 1, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "spice: vx: an external source has no parameters");
  OK(ogi_spice_load(s, driven, sizeof driven - 1, &err)); /* and all of it is forgotten */
  OK(og_spice_set_external(s, sources, 2, nowhere, 1, drive_ramp, &w, &err));
  w = (watcher){0};
  ck_assert_int_eq(og_spice_run(s, &a, NULL, 0, &v, NULL, &err), OG_E_EXTERN);
  ogt_has(err.text, "nowhere");
  og_spice_close(s);
}
END_TEST

/* An edge that ngspice sees only once it has tried a step across it. */
typedef struct edge {
  size_t redone;
  double time, dt, sought; /* of the last call, and the time that its values were for */
} edge;

static int drive_edge(void *user, og_spice_step *step) {
  edge *e = user;
  if (step->redo) { /* from the same point again, with less; the values are those of the new time */
    ck_assert(step->time_second == e->time && step->dt_second > 0 && step->dt_second < e->dt);
    e->redone++;
  } else if (step->dt_second > 0) {
    ck_assert_msg(step->time_second >= e->time, "%g after %g", step->time_second, e->time);
  }
  e->time = step->time_second;
  e->dt = step->dt_second;
  e->sought = e->time + e->dt;
  step->values[0] = 5 / (1 + exp(-(e->sought - 1e-6) / 0.3e-9));
  return 0;
}

/* A diode behind 1 kohm, 1 pF across it, and steps of 100 ns: those into the edge are rejected. What came of them must
   leave no trace: each stored input is the edge at its time, and in the end (5 - v) / R = Is (exp(v / Vt) - 1). */
START_TEST(rejected_steps_are_driven_again) {
  og_spice *s = opened("edge\nvx in 0 external\nr1 in a 1k\nc1 a 0 1p\nd1 a 0 dm\n.model dm d(is=1e-14)\n"
                       ".options reltol=1e-6\n.end\n");
  static const char *const source[] = {"vx"}, *const watched[] = {"a"};
  og_error err = {0};
  og_spice_analysis a;
  edge e = {0};
  og_spice_analysis_init(&a, OG_SPICE_TRAN);
  a.stop_second = 3e-6;
  a.step_second = a.step_max_second = 1e-7;
  OK(og_spice_set_external(s, source, 1, watched, 1, drive_edge, &e, &err));
  og_vectors *v = solved(s, &a, NULL, 0);
  const double *t = vector(v, "time"), *in = vector(v, "in"), *out = vector(v, "a");
  ck_assert_uint_ge(e.redone, 3);
  ogt_rel(t[v->points - 1], 3e-6, 1e-9);
  for (size_t k = 1; k < v->points; k++) {
    ck_assert(t[k] > t[k - 1]);
    ogt_abs(in[k], 5 / (1 + exp(-(t[k] - 1e-6) / 0.3e-9)), 1e-9);
  }
  double volt = out[v->points - 1], thermal = 8.617333e-5 * 300.15; /* [V] */
  ck_assert(volt > 0.6 && volt < 0.8);
  ogt_rel(1e-14 * expm1(volt / thermal), (5 - volt) / 1e3, 1e-4);
  og_vectors_free(v);
  og_spice_close(s);
}
END_TEST

/* A pulse with finite edges; each corner is a time point, and the charge is right to the step's error. */
START_TEST(piecewise_linear_source_meets_its_corners) {
  enum { PULSES = 60 };
  og_spice *s = opened("pulses\nix 0 out external\nr1 out 0 1.3k\nc1 out 0 1.7n\n.end\n");
  og_error err = {0};
  og_spice_analysis a;
  double time[4 * PULSES], value[4 * PULSES], charge = 0;
  for (int k = 0; k < PULSES; k++)
    for (int c = 0; c < 4; c++) {
      time[4 * k + c] = 1e-8 + 1.03e-7 * k + ((double[]){0, 1.7e-9, 51.3e-9, 52.9e-9})[c];
      value[4 * k + c] = c == 1 || c == 2 ? 1e-3 : 0;
    }
  OK(og_spice_set_pwl(s, "ix", time, value, 4 * PULSES, &err));
  og_spice_analysis_init(&a, OG_SPICE_TRAN);
  a.step_second = a.step_max_second = 5e-9;
  a.stop_second = 7e-6;
  for (int fresh = 0; fresh < 2; fresh++) {
    og_vectors *v = solved(s, &a, NULL, 0);
    const double *t = vector(v, "time"), *out = vector(v, "out");
    size_t at = 0;
    for (size_t c = 0; c < 4 * PULSES; c++) {
      while (at < v->points && t[at] < time[c] * (1 - 1e-9)) at++;
      ogt_abs(t[at], time[c], 1e-9 * time[c]);
    }
    charge = 1.7e-9 * out[v->points - 1];
    for (size_t k = 1; k < v->points; k++) charge += (t[k] - t[k - 1]) * (out[k] + out[k - 1]) / 2 / 1.3e3;
    ogt_rel(charge, PULSES * 1e-3 * (51.3e-9 - 1.7e-9 / 2 + 1.6e-9 / 2), 2e-3);
    og_vectors_free(v);
    kill((pid_t)ogi_spice_pid(s), SIGKILL);
    if (fresh == 0) ck_assert_int_eq(og_spice_run(s, &a, NULL, 0, &v, NULL, &err), OG_E_EXTERN);
  }
  og_spice_close(s);
}
END_TEST

/* Same seed, same bits, in another process; another seed or stream, other bits; the rms over time as asked for. */
START_TEST(noise_source_is_reproducible_and_as_strong_as_asked) {
  static const char deck[] = "noise\nvx in 0 external\nr1 in 0 1k\n.end\n", *const name[] = {"in"};
  og_error err = {0};
  og_spice_analysis a;
  og_vectors *v[4];
  og_spice_analysis_init(&a, OG_SPICE_TRAN);
  a.step_second = a.step_max_second = 2.5e-10;
  a.stop_second = 5e-6;
  for (int k = 0; k < 4; k++) {
    og_spice *s = opened(deck);
    og_spice_noise noise = {.rms = 0.013, .sample_second = 1e-9, .stop_second = 5e-6, .seed = k == 2 ? 8 : 7,
                            .stream = k == 3};
    OK(og_spice_set_noise(s, "vx", &noise, &err));
    v[k] = solved(s, &a, name, 1);
    og_spice_close(s);
  }
  size_t bytes = 2 * v[0]->points * sizeof(double);
  ck_assert_uint_eq(v[0]->points, v[1]->points);
  ck_assert_int_eq(memcmp(v[0]->data, v[1]->data, bytes), 0);
  ck_assert(value_at(v[0], "in", 1e-7) != value_at(v[2], "in", 1e-7));
  ck_assert(value_at(v[0], "in", 1e-7) != value_at(v[3], "in", 1e-7));
  double energy = 0;
  for (int k = 0; k < 4; k++) {
    const double *t = vector(v[k], "time"), *x = vector(v[k], "in");
    for (size_t i = 1; i < v[k]->points; i++)
      energy += (t[i] - t[i - 1]) * (x[i] * x[i] + x[i] * x[i - 1] + x[i - 1] * x[i - 1]) / 3 / 4;
  }
  ogt_rel(sqrt(energy / 5e-6), 0.013, 0.03); /* 15,000 independent samples: 0.7 % */
  for (int k = 0; k < 4; k++) og_vectors_free(v[k]);
}
END_TEST

/* --- determinism, large decks, surroundings ----------------------------------------------------------------------- */

static const char cell[] =
    "1t1r\nvg g 0 pulse(0 2 1n 1n 1n 80n 200n)\nvd d 0 pulse(0 1.2 2n 2n 2n 70n 200n)\n"
    "r1 d m 12k\nm1 m g 0 0 nm l=180n w=1u\nc1 m 0 2f\n.model nm nmos level=1 vto=0.45 kp=180u lambda=0.05\n"
    ".end\n";

static og_spice_analysis cell_run(void) {
  og_spice_analysis a;
  og_spice_analysis_init(&a, OG_SPICE_TRAN);
  a.stop_second = 2e-7;
  a.step_max_second = 1e-9;
  return a;
}

START_TEST(same_circuit_gives_the_same_bits_in_two_processes_and_any_locale) {
  og_vectors *v[2];
  og_spice_analysis a = cell_run();
  for (int k = 0; k < 2; k++) {
    if (k == 1) setlocale(LC_ALL, "de_DE.UTF-8"); /* changes nothing where it is not installed */
    og_spice *s = opened(cell);
    v[k] = solved(s, &a, NULL, 0);
    og_spice_close(s);
  }
  setlocale(LC_ALL, "C");
  ck_assert_uint_eq(v[0]->points, v[1]->points);
  ck_assert_uint_eq(v[0]->count, v[1]->count);
  ck_assert_int_eq(memcmp(v[0]->data, v[1]->data, v[0]->count * v[0]->points * sizeof(double)), 0);
  og_vectors_free(v[0]);
  og_vectors_free(v[1]);
}
END_TEST

static size_t entries_of(long pid, const char *what) {
  char path[64];
  size_t count = 0;
  snprintf(path, sizeof path, "/proc/%ld/%s", pid, what);
  DIR *folder = opendir(path);
  ck_assert_ptr_nonnull(folder);
  for (const struct dirent *e = readdir(folder); e != NULL; e = readdir(folder)) count += e->d_name[0] != '.';
  closedir(folder);
  return count;
}

/* BSIM4 is what ngspice computes with OpenMP. Two inverters drive each other: out is high where in is low. */
START_TEST(transistors_of_bsim4_start_no_thread) {
  og_spice *s = opened(
      "inverters\nvd d 0 1.2\nvi in 0 pulse(0 1.2 1n 0.1n 0.1n 4n 10n)\n"
      "m1 m in d d pm l=100n w=2u\nm2 m in 0 0 nm l=100n w=1u\nm3 out m d d pm l=100n w=2u\n"
      "m4 out m 0 0 nm l=100n w=1u\nc1 out 0 5f\n"
      ".model nm nmos level=14 version=4.8.2 vth0=0.4\n.model pm pmos level=14 version=4.8.2 vth0=-0.4\n"
      ".end\n");
  og_spice_analysis a;
  og_spice_analysis_init(&a, OG_SPICE_TRAN);
  a.step_second = 1e-11;
  a.stop_second = 1e-8;
  og_vectors *v = solved(s, &a, NULL, 0);
  ogt_abs(value_at(v, "m", 0.9e-9), 1.2, 0.02);
  ogt_abs(value_at(v, "m", 4.9e-9), 0, 0.02);
  ogt_abs(value_at(v, "out", 4.9e-9), 1.2, 0.02);
  og_vectors_free(v);
  ck_assert_uint_eq(entries_of(ogi_spice_pid(s), "task"), 1);
  og_spice_close(s);
}
END_TEST

/* The package ngspice has init files and code models; the child takes nothing of it, so it need not be there. */
START_TEST(nothing_but_the_library_of_ngspice_is_used) {
  og_spice *s = opened(rc);
  char path[64], line[600];
  size_t libraries = 0;
  snprintf(path, sizeof path, "/proc/%ld/maps", ogi_spice_pid(s));
  FILE *maps = fopen(path, "r");
  ck_assert_ptr_nonnull(maps);
  while (fgets(line, sizeof line, maps) != NULL) {
    libraries += strstr(line, "libngspice") != NULL;
    ck_assert_msg(strstr(line, ".cm\n") == NULL, "%s", line);
  }
  fclose(maps);
  ck_assert_uint_ge(libraries, 1);
  og_spice_close(s);
}
END_TEST

/* As in a container: ngspice looks for the user's home in the password file, and 39 crashes if there is none. */
START_TEST(user_without_an_entry_in_the_password_file_is_served) {
  enum { NOBODY_KNOWN = 54321, SKIPPED = 77 };
  if (geteuid() != 0) return; /* only root can become somebody else */
  pid_t child = fork();
  if (child == 0) {
    og_spice *s;
    og_vectors *v;
    og_error err = {0};
    og_spice_analysis a;
    og_spice_opts opts = options();
    if (setgid(NOBODY_KNOWN) != 0 || setuid(NOBODY_KNOWN) != 0 || access(opts.program, X_OK) != 0) _exit(SKIPPED);
    og_spice_analysis_init(&a, OG_SPICE_OP);
    if (og_spice_open(&s, &opts, &err) != OG_OK || ogi_spice_load(s, rc, sizeof rc - 1, &err) != OG_OK ||
        og_spice_run(s, &a, NULL, 0, &v, NULL, &err) != OG_OK) {
      fprintf(stderr, "%s\n", err.text);
      _exit(1);
    }
    int right = fabs(*vector(v, "out") - 0.7) < 1e-9;
    og_vectors_free(v);
    og_spice_close(s);
    _exit(right ? 0 : 2);
  }
  int status = -1;
  ck_assert_int_eq(waitpid(child, &status, 0), child);
  ck_assert_msg(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == SKIPPED), "status %d", status);
}
END_TEST

/* What proves a load is a resistor of our own, whatever the deck has. */
START_TEST(decks_need_no_resistor_at_the_top) {
  static const struct {
    const char *deck, *node;
    double want;
  } all[] = {
      {"within\nv1 in 0 2.1\nx1 in out half\nx2 out 0 half\n.subckt half a b\nr1 a m 3k\nx3 m b more\n.ends\n"
       ".subckt more a b\nr9 a b 4k\n.ends\n.end\n", "out", 2.1 / 2},
      {"last\nv1 in 0 2.1\nx1 in out half\nx2 out 0 half\n.subckt half a b\nr1 a b 3k\n.ends\n.end\n", "out", 2.1 / 2},
      {"capacitors\nv1 in 0 2.1\ne1 out 0 in 0 3\nc1 out 0 1n\n.end\n", "out", 6.3},
      {"a source\nv1 in 0 2.1\n.end\n", "in", 2.1},
  };
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
    og_spice *s = opened(all[k].deck);
    og_spice_analysis a;
    og_spice_analysis_init(&a, OG_SPICE_OP);
    og_vectors *v = solved(s, &a, &all[k].node, 1);
    ogt_rel(v->data[0], all[k].want, 1e-9);
    og_vectors_free(v);
    og_spice_close(s);
  }
}
END_TEST

/* A ladder of 50,000 resistors in 100,000 lines: v = 1 - k / 50,000. */
START_TEST(deck_of_100000_lines_is_solved) {
  enum { RUNGS = 50000 };
  char *deck, name[32];
  size_t bytes;
  const char *names[] = {name};
  og_error err = {0};
  og_spice_analysis a;
  FILE *stream = open_memstream(&deck, &bytes);
  fputs("ladder\nv1 n0 0 1\n", stream);
  for (int k = 0; k < RUNGS; k++) fprintf(stream, "* rung %d\nr%d n%d %s%d 1k\n", k, k, k, "n", k + 1);
  fprintf(stream, "rend n%d 0 1m\n.end\n", RUNGS);
  fclose(stream);
  og_spice *s = opened("small\nv1 a 0 1\nr1 a 0 1\n.end\n");
  OK(ogi_spice_load(s, deck, bytes, &err));
  og_spice_analysis_init(&a, OG_SPICE_OP);
  snprintf(name, sizeof name, "n%d", 12345);
  og_vectors *v = solved(s, &a, names, 1);
  ogt_rel(v->data[0], 1 - 12345.0 / RUNGS, 1e-6); /* gmin is not in it: resistors alone */
  og_vectors_free(v);
  free(deck);
  og_spice_close(s);
}
END_TEST

START_TEST(commands_just_short_of_the_limit_are_heard) {
  og_spice *s = opened("pwl\nv1 in 0 pwl(0 0 1 1)\nr1 in 0 1k\n.end\n");
  og_error err = {0};
  double points[60];
  size_t count = 0;
  og_spice_analysis a;
  og_spice_analysis_init(&a, OG_SPICE_TRAN);
  a.stop_second = 4e-7;
  for (; count < 60; count += 2) {
    points[count] = 1.23456789012345678e-8 * (double)(count + 1);
    points[count + 1] = 0.123456789012345678 * (double)(count + 1);
  }
  OK(og_spice_alter_many(s, &(og_spice_change){"v1", "pwl", points, 36}, 1, &err));
  og_vectors *v = solved(s, &a, NULL, 0);
  for (size_t k = 0; k < 32; k += 2) ogt_rel(value_at(v, "in", points[k]), points[k + 1], 1e-6);
  og_vectors_free(v);
  ck_assert_int_eq(og_spice_alter_many(s, &(og_spice_change){"v1", "pwl", points, 60}, 1, &err), OG_E_RANGE);
  og_spice_close(s);
}
END_TEST

/* --- pools -------------------------------------------------------------------------------------------------------- */

enum { JOBS = 23 };

typedef struct batch {
  double got[JOBS];
  int fail_at, kill_at, hang;
} batch;

/* v = 3 (k + 2) / (k + 2 + 1): r2 = k + 2 kohm below 1 kohm. */
static og_status one_job(void *user, size_t k, og_spice *s, og_error *err) {
  static const char deck[] = "job\nv1 in 0 3\nr1 in out 1k\nr2 out 0 1k\n.end\n";
  batch *b = user;
  og_status st = ogi_spice_load(s, deck, sizeof deck - 1, err);
  const char *name = b->fail_at > 0 && k >= (size_t)b->fail_at ? "nowhere" : "out";
  og_vectors *v = NULL;
  og_spice_analysis a;
  og_spice_analysis_init(&a, OG_SPICE_OP);
  if (st == OG_OK) st = og_spice_alter(s, "r2", "resistance", 1e3 * (double)(k + 2), err);
  if (b->kill_at > 0 && k % (size_t)b->kill_at == 1) kill((pid_t)ogi_spice_pid(s), SIGKILL);
  if (st == OG_OK) st = og_spice_run(s, &a, &name, 1, &v, NULL, err);
  if (st == OG_OK) b->got[k] = v->data[0];
  og_vectors_free(v);
  return st;
}

START_TEST(pool_gives_the_same_with_any_number_of_sessions) {
  og_error err = {0};
  og_spice_opts opts = options();
  batch first = {.fail_at = 0};
  size_t live = ogi_mem_live();
  OK(og_spice_pool_run(1, &opts, JOBS, one_job, &first, NULL, &err));
  for (size_t k = 0; k < JOBS; k++) ogt_rel(first.got[k], 3 * (double)(k + 2) / (double)(k + 3), 1e-9);
  for (size_t n = 2; n <= 5; n++) {
    batch b = {.fail_at = 0};
    OK(og_spice_pool_run(n, &opts, JOBS, one_job, &b, NULL, &err));
    ck_assert_int_eq(memcmp(b.got, first.got, sizeof b.got), 0);
  }
  OK(og_spice_pool_run(3, &opts, 0, one_job, &first, NULL, &err));
  ck_assert_uint_eq(ogi_mem_live(), live);
  ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

static int say_no(void *user, const char *phase, double fraction) {
  (void)user, (void)phase;
  ck_assert(fraction >= 0 && fraction <= 1);
  return 1;
}

START_TEST(pool_reports_failures_and_outlives_dead_children) {
  og_error err = {0};
  og_spice_opts opts = options();
  og_status statuses[JOBS];
  batch b = {.fail_at = 9};
  ck_assert_int_eq(og_spice_pool_run(3, &opts, JOBS, one_job, &b, NULL, &err), OG_E_EXTERN);
  ck_assert_str_eq(err.text, "job 9: ngspice: the solution has no vector nowhere");
  b = (batch){.kill_at = 5};
  OK(og_spice_pool_run(3, &opts, JOBS, one_job, &b, statuses, &err));
  for (size_t k = 0; k < JOBS; k++) {
    ck_assert_int_eq(statuses[k], k % 5 == 1 ? OG_E_EXTERN : OG_OK);
    if (k % 5 != 1) ogt_rel(b.got[k], 3 * (double)(k + 2) / (double)(k + 3), 1e-9);
  }
  opts.progress = (og_progress){say_no, NULL};
  ck_assert_int_eq(og_spice_pool_run(2, &opts, JOBS, one_job, &b, statuses, &err), OG_E_INTERRUPT);
  opts = options();
  opts.program = "/nowhere/ohmgrid-spice";
  ck_assert_int_eq(og_spice_pool_run(2, &opts, JOBS, one_job, &b, NULL, &err), OG_E_EXTERN);
  ogt_has(err.text, "/nowhere/ohmgrid-spice: cannot be started");
  ck_assert_int_eq(og_spice_pool_run(0, &opts, JOBS, one_job, &b, NULL, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "spice: sessions: saw 0, need 1 to 1024");
  ck_assert_int_eq(og_spice_pool_run(2, &opts, JOBS, NULL, &b, NULL, &err), OG_E_ARG);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("spice_session");
  TCase *tc = tcase_create("analyses");
  tcase_set_timeout(tc, 120);
  tcase_add_test(tc, operating_point_has_all_vectors_and_parameters_of_devices);
  tcase_add_test(tc, transient_of_an_rc_follows_the_exponential);
  tcase_add_test(tc, small_signals_of_an_rc_follow_its_pole);
  tcase_add_test(tc, noise_of_an_rc_is_that_of_its_resistance);
  tcase_add_test(tc, sweeps_follow_ohms_law);
  tcase_add_test(tc, every_kind_of_device_can_be_changed);
  suite_add_tcase(suite, tc);
  tc = tcase_create("sources");
  tcase_set_timeout(tc, 120);
  tcase_add_test(tc, callback_drives_an_rc_along_its_closed_form);
  tcase_add_test(tc, callback_can_stop_and_fail_and_the_session_goes_on);
  tcase_add_test(tc, sources_that_do_not_fit_are_named);
  tcase_add_test(tc, rejected_steps_are_driven_again);
  tcase_add_test(tc, piecewise_linear_source_meets_its_corners);
  tcase_add_test(tc, noise_source_is_reproducible_and_as_strong_as_asked);
  suite_add_tcase(suite, tc);
  tc = tcase_create("many");
  tcase_set_timeout(tc, 120);
  tcase_add_test(tc, same_circuit_gives_the_same_bits_in_two_processes_and_any_locale);
  tcase_add_test(tc, transistors_of_bsim4_start_no_thread);
  tcase_add_test(tc, nothing_but_the_library_of_ngspice_is_used);
  tcase_add_test(tc, user_without_an_entry_in_the_password_file_is_served);
  tcase_add_test(tc, decks_need_no_resistor_at_the_top);
  tcase_add_test(tc, deck_of_100000_lines_is_solved);
  tcase_add_test(tc, commands_just_short_of_the_limit_are_heard);
  tcase_add_test(tc, pool_gives_the_same_with_any_number_of_sessions);
  tcase_add_test(tc, pool_reports_failures_and_outlives_dead_children);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
