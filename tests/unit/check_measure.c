/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_spice_number.h"
#include "ogt.h"
#include <ohmgrid/ohmgrid.h>

/* --- numbers of decks -------------------------------------------------------------------------------------------- */

START_TEST(spice_numbers_are_the_nearest_doubles) {
  static const struct {
    const char *text, *rest;
    double value;
  } good[] = {{"4.7k", "", 4700},      {"0.1u", "", 1e-7},      {"1meg", "", 1e6},     {"1MEG", "", 1e6},
              {"1m", "", 1e-3},        {"1M", "", 1e-3},        {"1mil", "", 25.4e-6}, {"1e-3k", "", 1},
              {"1f", "", 1e-15},       {"1F", "", 1e-15},       {".5", "", 0.5},       {"5.", "", 5},
              {"1e", "", 1},           {"1e+", "+", 1},         {"-3.3V", "", -3.3},   {"10kohm", "", 1e4},
              {"1uF", "", 1e-6},       {"2g", "", 2e9},         {"3t", "", 3e12},      {"7a", "", 7e-18},
              {"+12p", "", 12e-12},    {"1d3", "", 1000},       {"6n,", ",", 6e-9},    {"0", "", 0},
              {"1megohm)", ")", 1e6},  {"1mils", "", 25.4e-6},  {"00.00123n", "", 1.23e-12},
              {"1e-400", "", 0},       {"33.3e-9meg", "", 33.3e-3}, {"1k5", "5", 1000}, {"1 k", " k", 1}};
  for (size_t k = 0; k < sizeof good / sizeof *good; k++) {
    const char *end;
    double value = -1;
    ck_assert_msg(ogi_spice_number(good[k].text, &end, &value) == 1, "%s", good[k].text);
    ck_assert_msg(value == good[k].value, "%s: %.17g", good[k].text, value);
    ck_assert_str_eq(end, good[k].rest);
  }
}
END_TEST

START_TEST(what_is_no_spice_number_is_refused) {
  static const char *const bad[] = {"", ".", "-", "+.", "k", "e5", "0x10", "-0X1p3", "inf", "nan", "1e400", "v(1)"};
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    double value = 17;
    ck_assert_msg(ogi_spice_number(bad[k], NULL, &value) == 0 && value == 17, "%s", bad[k]);
  }
}
END_TEST

/* Oracle: strtod on the same digits, which round-trips 17 of them; and digits beyond the room that is kept. */
START_TEST(long_and_random_numbers_round_once) {
  double x[200], value;
  char text[2000];
  ogt_fill(x, 200, -5, 5, 3);
  for (size_t k = 0; k < 200; k++) {
    snprintf(text, sizeof text, "%.17eu", x[k]);
    char plain[64];
    snprintf(plain, sizeof plain, "%.17e", x[k]);
    int exponent = atoi(strchr(plain, 'e') + 1);
    snprintf(strchr(plain, 'e'), 20, "e%d", exponent - 6);
    ck_assert(ogi_spice_number(text, NULL, &value) && value == strtod(plain, NULL));
  }
  memset(text, '1', 1500);
  strcpy(text + 1500, "e-1499");
  ck_assert(ogi_spice_number(text, NULL, &value) && value == strtod(text, NULL));
  memset(text, '0', 1500);
  text[1] = '.';
  strcpy(text + 1500, "25e1498k");
  ck_assert(ogi_spice_number(text, NULL, &value) && value == 250);
  /* half way between two doubles, tipped by the last of 1000 digits: up, not to even */
  int used = snprintf(text, sizeof text, "9007199254740993.");
  memset(text + used, '0', 1000);
  strcpy(text + used + 1000, "1");
  ck_assert(ogi_spice_number(text, NULL, &value) && value == 9007199254740994.0);
}
END_TEST

/* --- measurements ------------------------------------------------------------------------------------------------ */

enum { POINTS = 20001 };
static const double TAU = 50e-9, STOP = 1e-6, HERTZ = 5e6, STEP_AT = 10e-9;

/* out: RC step 1 - exp(-(t - 10 ns)/tau); s: sine of 5 MHz; ramp: t / 1 us; source current -(1 - out) mA. */
static og_vectors *waves(void) {
  static const char *const names[] = {"time", "out", "s", "ramp", "v1#branch"};
  static const og_quantity q[] = {OG_Q_TIME, OG_Q_VOLTAGE, OG_Q_VOLTAGE, OG_Q_VOLTAGE, OG_Q_CURRENT};
  og_vectors *v;
  ck_assert_int_eq(og_vectors_create(&v, 5, POINTS, 0, NULL), OG_OK);
  for (size_t k = 0; k < 5; k++) ck_assert_int_eq(og_vectors_name(v, k, names[k], q[k], NULL), OG_OK);
  v->has_scale = 1;
  for (size_t p = 0; p < POINTS; p++) {
    double t = STOP * (double)p / (POINTS - 1), out = t < STEP_AT ? 0 : -expm1(-(t - STEP_AT) / TAU);
    og_vectors_at(v, 0)[p] = t;
    og_vectors_at(v, 1)[p] = out;
    og_vectors_at(v, 2)[p] = sin(2 * M_PI * HERTZ * t);
    og_vectors_at(v, 3)[p] = t / STOP;
    og_vectors_at(v, 4)[p] = t < STEP_AT ? 0 : -1e-3 * (1 - out);
  }
  return v;
}

static og_measure_result measure(const og_vectors *v, const char *text) {
  og_measure *m;
  og_measure_result r;
  og_error err;
  ck_assert_msg(og_measure_parse(&m, text, &err) == OG_OK, "%s: %s", text, err.text);
  ck_assert_msg(og_measure_eval(m, v, &r, &err) == OG_OK, "%s: %s", text, err.text);
  og_measure_free(m);
  return r;
}

/* Tolerances: the grid of 50 ps bends each wave by h^2/8 of its second derivative, below 3.2e-7 of the amplitude. */
START_TEST(events_of_an_rc_step_and_a_sine_have_closed_forms) {
  og_vectors *v = waves();
  og_measure_result r = measure(v, "tran rt trig v(out) val=0.1 rise=1 targ v(out) val=0.9 rise=1");
  ogt_rel(r.value, TAU * log(9), 1e-5);
  ogt_rel(r.trig, STEP_AT + TAU * log(1 / 0.9), 1e-5);
  ogt_rel(measure(v, "TRAN td TRIG AT=3n TARG V(OUT) RISE=1 VAL = 500m").value, STEP_AT + TAU * log(2) - 3e-9, 1e-5);
  ogt_rel(measure(v, "tran f find v(out) at=110n").value, -expm1(-2), 1e-6);
  r = measure(v, "tran f find v(ramp) when v(s)=0.5 cross=2"); /* 2 pi f t = 5 pi / 6 */
  ogt_rel(r.value, 5.0 / 12 / HERTZ / STOP, 1e-6);
  ogt_rel(r.at, 5.0 / 12 / HERTZ, 1e-6);
  ogt_rel(measure(v, "tran w when v(s)=0.5 fall=last").value, (4 + 5.0 / 12) / HERTZ, 1e-6);
  ogt_rel(measure(v, "tran w when s=0.5 rise=3").value, (2 + 1.0 / 12) / HERTZ, 1e-6);
  ogt_rel(measure(v, "tran w when v(s)=0.5 td=333n rise=1").value, (2 + 1.0 / 12) / HERTZ, 1e-6);
  ogt_rel(measure(v, "tran w when v(s, 0)=v(0) from=250n to=350n").value, 1.5 / HERTZ, 1e-6);
  ogt_rel(measure(v, "tran w when v(out)=v(ramp) fall=last").value, STEP_AT + TAU * 19.8, 1e-3); /* 1 - e^-19.8 = 1 */
  ogt_rel(measure(v, "tran d deriv v(out) at=60n").value, exp(-1) / TAU, 1e-5);
  ogt_rel(measure(v, "tran d deriv v(s) when v(s)=0 rise=2").value, 2 * M_PI * HERTZ, 1e-5);
  og_vectors_free(v);
}
END_TEST

START_TEST(windows_have_closed_forms) {
  og_vectors *v = waves();
  double w = 2 * M_PI * HERTZ, a = 100e-9, b = 333.33e-9;
  double mean = (cos(w * a) - cos(w * b)) / w / (b - a);
  double square = 0.5 - (sin(2 * w * b) - sin(2 * w * a)) / (4 * w) / (b - a);
  ogt_rel(measure(v, "tran x avg v(s) from=100n to=333.33n").value, mean, 1e-4);
  ogt_rel(measure(v, "tran x rms v(s) from=100n to=333.33n").value, sqrt(square), 1e-6);
  ogt_rel(measure(v, "tran x integ i(v1) from=20n to=70n").value, 1e-3 * TAU * (exp(-1.2) - exp(-0.2)), 1e-5);
  ogt_rel(measure(v, "tran x integral v(ramp)").value, STOP / 2, 1e-12);
  ogt_rel(measure(v, "tran x pp v(s) from=120n to=720n").value, 2, 1e-6);
  ogt_rel(measure(v, "tran x max v(ramp) from=20.017n to=100.033n").value, 0.100033, 1e-12);
  ogt_rel(measure(v, "tran x min v(ramp) from=20.017n to=100.033n goal=1").value, 0.020017, 1e-12);
  ogt_rel(measure(v, "tran x max_at v(s) from=100n to=280n").value, 1.25 / HERTZ, 1e-9);
  ogt_rel(measure(v, "tran x min_at v(s) from=100n to=280n").value, 0.75 / HERTZ, 1e-9);
  ogt_rel(measure(v, "tran x max v(ramp,s) td=100n to=200n").value, 1.15 + 0.5 / pow(10 * M_PI, 2), 1e-6);
  ogt_rel(measure(v, "tran x avg v(ramp) from=0.61u to=0.61001u").value, 0.610005, 1e-9);
  og_vectors_free(v);
}
END_TEST

/* H = 1 / (1 + i w) over w = 0.25, 1, 4. */
START_TEST(complex_values_are_measured_by_their_parts) {
  og_vectors *v;
  ck_assert_int_eq(og_vectors_create(&v, 2, 3, 1, NULL), OG_OK);
  ck_assert_int_eq(og_vectors_name(v, 0, "frequency", OG_Q_FREQUENCY, NULL), OG_OK);
  ck_assert_int_eq(og_vectors_name(v, 1, "out", OG_Q_VOLTAGE, NULL), OG_OK);
  v->has_scale = 1;
  for (size_t p = 0; p < 3; p++) {
    double w = pow(4, (double)p - 1), *h = og_vectors_at(v, 1) + 2 * p;
    og_vectors_at(v, 0)[2 * p] = w;
    h[0] = 1 / (1 + w * w);
    h[1] = -w / (1 + w * w);
  }
  ogt_rel(measure(v, "ac x find v(out) at=1").value, sqrt(0.5), 1e-12);
  ogt_rel(measure(v, "ac x find vm(out) at=4").value, 1 / sqrt(17), 1e-12);
  ogt_rel(measure(v, "ac x find vp(out) at=1").value, -M_PI / 4, 1e-12);
  ogt_rel(measure(v, "ac x find vdb(out) at=1").value, -10 * log10(2), 1e-12);
  ogt_rel(measure(v, "ac x find vr(out) at=1").value, 0.5, 1e-12);
  ogt_rel(measure(v, "ac x find vi(out) at=1").value, -0.5, 1e-12);
  og_vectors_free(v);
}
END_TEST

START_TEST(bad_statements_are_refused_in_one_line) {
  static const struct {
    const char *text, *says;
  } bad[] = {{"", "measure: saw its end, need tran, ac"},
             {"foo x max v(a)", "word 1: saw \"foo\", need tran, ac"},
             {"tran", "saw its end, need a name"},
             {"tran x", "saw its end, need trig, find"},
             {"tran x median v(a)", "word 3: saw \"median\", need trig, find"},
             {"tran x max", "saw its end, need v(a)"},
             {"tran x max v(a", "a parenthesis too many"},
             {"tran x max v()", "a name of 1 to 124"},
             {"tran x max i(a,b)", "one element in i(...)"},
             {"tran x max par('v(a)')", "need v(a)"},
             {"tran x max v(a) from=2n to=1n", "measure x: saw from 2e-09 to 1e-09, need a window"},
             {"tran x max v(a) from=1n from=2n", "once"},
             {"tran x max v(a) at=3n", "word 5: saw \"at\", need the end, or another spelling"},
             {"tran x max v(a) from=0x10", "saw \"0x10\", need a number"},
             {"tran x find v(a)", "saw its end, need at= or when"},
             {"tran x when v(a)", "need \"=\""},
             {"tran x when v(a)=1 rise=0", "saw \"0\", need a whole number from 1 or last"},
             {"tran x when v(a)=1 rise=1 fall=2", "one of rise, fall and cross"},
             {"tran x trig v(a) val=1 rise=1", "need targ"},
             {"tran x trig v(a) rise=1 targ at=3", "need val="}};
  og_measure *m;
  og_error err;
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    ck_assert_msg(og_measure_parse(&m, bad[k].text, &err) == OG_E_INPUT && m == NULL, "case %zu", k);
    ogt_has(err.text, bad[k].says);
  }
  ck_assert_int_eq(og_measure_parse(&m, "tran x param='a+b'", &err), OG_E_UNSUPPORTED);
  ogt_has(err.text, "no expressions");
  ck_assert_int_eq(og_measure_parse(NULL, "tran x max v(a)", &err), OG_E_ARG);
  char many[400] = "tran x max v(a)";
  for (int k = 0; k < 80; k++) strcat(many, " =");
  ck_assert_int_eq(og_measure_parse(&m, many, &err), OG_E_INPUT);
  ogt_has(err.text, "more than 64 words");
}
END_TEST

static void fails(const og_vectors *v, const char *text, og_status want, const char *says) {
  og_measure *m;
  og_measure_result r;
  og_error err;
  ck_assert_int_eq(og_measure_parse(&m, text, &err), OG_OK);
  ck_assert_int_eq(og_measure_eval(m, v, &r, &err), want);
  ogt_has(err.text, says);
  ck_assert(isnan(r.value) && isnan(r.at) && isnan(r.from));
  og_measure_free(m);
}

START_TEST(what_cannot_be_measured_is_told) {
  og_vectors *v = waves();
  fails(v, "tran x max v(none)", OG_E_INPUT, "measure x: saw v(none), need a vector");
  fails(v, "tran x when v(out)=5", OG_E_RANGE, "measure x: when: saw 0 crossings of v(out), need 1");
  fails(v, "tran x trig at=1n targ v(s) val=0.5 rise=7", OG_E_RANGE, "targ: saw 5 rises of v(s), need 7");
  fails(v, "tran x max v(s) from=2u to=3u", OG_E_RANGE, "from: saw 2e-06, need 0..1e-06");
  fails(v, "tran x find v(s) at=-1n", OG_E_RANGE, "at: saw -1e-09");
  fails(v, "ac x max v(s)", OG_E_INPUT, "saw a scale in time, need frequency for ac");
  og_vectors_at(v, 1)[5000] = NAN;
  ck_assert(isnan(measure(v, "tran x max v(out)").value));
  ck_assert(isnan(measure(v, "tran x avg v(out)").value));
  og_vectors_at(v, 0)[7] = 0;
  fails(v, "tran x max v(s)", OG_E_INPUT, "time: point 7: saw 0, need a scale that rises");
  v->has_scale = 0;
  fails(v, "tran x max v(s)", OG_E_INPUT, "saw no scale");
  og_measure *m;
  og_measure_result r;
  ck_assert_int_eq(og_measure_parse(&m, "tran my_name max v(s)", NULL), OG_OK);
  ck_assert_str_eq(og_measure_name(m), "my_name");
  ck_assert_str_eq(og_measure_analysis(m), "tran");
  ck_assert_int_eq(og_measure_eval(m, NULL, &r, NULL), OG_E_ARG);
  og_measure_free(m);
  og_vectors_free(v);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("measure");
  TCase *tc = tcase_create("measure");
  tcase_add_test(tc, spice_numbers_are_the_nearest_doubles);
  tcase_add_test(tc, what_is_no_spice_number_is_refused);
  tcase_add_test(tc, long_and_random_numbers_round_once);
  tcase_add_test(tc, events_of_an_rc_step_and_a_sine_have_closed_forms);
  tcase_add_test(tc, windows_have_closed_forms);
  tcase_add_test(tc, complex_values_are_measured_by_their_parts);
  tcase_add_test(tc, bad_statements_are_refused_in_one_line);
  tcase_add_test(tc, what_cannot_be_measured_is_told);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
