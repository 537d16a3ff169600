/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Benches of circuit devices: cards and benches that are refused, every kind of figure on waveforms with closed forms,
 * parameters and instances of decks. What needs ngspice is in tests/cli/devbench.sh.
 */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "devbench/ogi_bench.h"
#include "ogt.h"

#define OK(call) ck_assert_msg((call) == OG_OK, "%s", err.text)

/* --- curves ------------------------------------------------------------------------------------------------------- */

static double gap(double x, double y, const double *a, const double *b) {
  double dx = b[0] - a[0], dy = b[1] - a[1], length = dx * dx + dy * dy;
  double share = length > 0 ? fmax(0, fmin(1, ((x - a[0]) * dx + (y - a[1]) * dy) / length)) : 0;
  return hypot(x - a[0] - share * dx, y - a[1] - share * dy);
}

START_TEST(a_closed_curve_keeps_its_shape_with_fewer_points) {
  enum { POINTS = 4001 };
  static const ogi_curve_frame frame = {0, 0, 2, 2}; /* a circle of radius 1 in 2 x 2 px: pixels are its own units */
  og_error err = {0};
  ogi_curve c;
  OK(ogi_curve_open(&c, POINTS, &err));
  c.count = POINTS;
  for (size_t k = 0; k < POINTS; k++) {
    c.x[k] = cos(2 * 3.14159265358979 * (double)k / (POINTS - 1));
    c.y[k] = sin(2 * 3.14159265358979 * (double)k / (POINTS - 1));
  }
  OK(ogi_curves_thin(&c, 1, &frame, POINTS, &err));
  ck_assert_uint_lt(c.count, 40);
  ck_assert_uint_ge(c.count, 5);
  for (size_t k = 0; k < POINTS; k++) {
    double angle = 2 * 3.14159265358979 * (double)k / (POINTS - 1), nearest = INFINITY;
    for (size_t j = 0; j + 1 < c.count; j++)
      nearest = fmin(nearest, gap(cos(angle), sin(angle), (double[]){c.x[j], c.y[j]},
                                  (double[]){c.x[j + 1], c.y[j + 1]}));
    ck_assert_msg(nearest <= 1.0 / 3 + 1e-9, "point %zu lies %g px off", k, nearest);
  }
  ogi_curve_clear(&c);
}
END_TEST

START_TEST(a_power_law_is_a_straight_line_on_logarithmic_axes) {
  static const ogi_curve_frame both = {1, 1, 640, 300}, linear = {0, 0, 640, 300};
  og_error err = {0};
  ogi_curve c[2];
  for (size_t j = 0; j < 2; j++) {
    OK(ogi_curve_open(&c[j], 300, &err));
    c[j].count = 300;
    for (size_t k = 0; k < 300; k++) {
      c[j].x[k] = pow(10, (double)k / 50);
      c[j].y[k] = 3.7 * pow(c[j].x[k], -1.3);
    }
    OK(ogi_curves_thin(&c[j], 1, j == 0 ? &both : &linear, 300, &err));
  }
  ck_assert_uint_eq(c[0].count, 2);
  ck_assert(c[0].x[1] == pow(10, 299.0 / 50));
  ck_assert_uint_gt(c[1].count, 2);
  ogi_curve_clear(&c[0]);
  ogi_curve_clear(&c[1]);
}
END_TEST

START_TEST(too_many_points_are_thinned_further) {
  static const ogi_curve_frame frame = {0, 0, 640, 300};
  og_error err = {0};
  ogi_curve c;
  OK(ogi_curve_open(&c, 9000, &err));
  c.count = 9000;
  for (size_t k = 0; k < 9000; k++) {
    c.x[k] = (double)k;
    c.y[k] = sin((double)k * 0.9) + 0.03 * sin((double)k * 0.11);
  }
  OK(ogi_curves_thin(&c, 1, &frame, 8990, &err));
  ck_assert_uint_le(c.count, 8990);
  ck_assert(c.x[0] == 0);
  ck_assert(c.x[c.count - 1] == 8999);
  ogi_curve_clear(&c);
}
END_TEST

START_TEST(numbers_of_legends_have_prefixes) {
  static const struct { double value; const char *text; } cases[] = {{1.59e-7, "159n"}, {-2.5e4, "-25k"}, {0, "0"},
      {0.999999999999, "1"}, {1e-15, "1f"}, {4.7e15, "4.7e+15"}, {12.34, "12.34"}};
  char text[24];
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    ogi_curve_number(text, cases[k].value);
    ck_assert_str_eq(text, cases[k].text);
  }
  ck_assert_int_eq(ogi_curve_takes_prefix("Hz"), 1);
  ck_assert_int_eq(ogi_curve_takes_prefix("uC/cm2"), 0);
}
END_TEST

START_TEST(a_page_without_a_report_is_refused) {
  og_error err = {0};
  ck_assert_int_eq(og_bench_page(NULL, NULL, "pages", &err), OG_E_ARG);
  ck_assert_str_eq(err.text, "page: a needed pointer is NULL");
}
END_TEST

/* --- decks -------------------------------------------------------------------------------------------------------- */

static const char halves[] =
    "halves\n.param top=3k low={top/2}\n.param unused={1/0}\nv1 in 0 1\nx1 in mid half r={top}\nx2 mid 0 HALF\n"
    ".subckt half a b r=1k g={2*r} spare=5\nr1 a b {r}\nr2 a b {g}\n.ends\n.subckt pair a\nx7 a c half\nr9 a 0 1\n"
    ".ends\nx3 mid pair\n.op\n.end\n";

static og_status parse(og_deck **deck, const char *text, const og_deck_param *params, size_t count, og_error *err) {
  og_deck_opts opts;
  og_deck_opts_init(&opts);
  opts.params = params;
  opts.param_count = count;
  opts.instances_of = "Half";
  return og_deck_parse(deck, "halves.cir", text, strlen(text), &opts, err);
}

START_TEST(a_parameter_of_the_deck_is_replaced_and_others_follow_it) {
  static const char text[] = "t\n.param top=3k\n.param low={top/2}\nv1 a 0 1\nr1 a b {top}\nr2 b 0 {low}\n.end\n";
  const og_deck_param params[] = {{"TOP", 5.2e3}};
  og_error err = {0};
  og_deck *deck;
  OK(parse(&deck, text, params, 1, &err));
  ck_assert(og_deck_element_at(deck, 1).value == 5.2e3);
  ck_assert(og_deck_element_at(deck, 2).value == 2.6e3);
  og_deck_free(deck);
}
END_TEST

START_TEST(a_parameter_that_the_deck_lacks_is_refused) {
  const og_deck_param none[] = {{"nothing", 1}}, infinite[] = {{"top", INFINITY}};
  og_error err = {0};
  og_deck *deck;
  ck_assert_int_eq(parse(&deck, halves, none, 1, &err), OG_E_INPUT);
  ogt_has(err.text, "halves.cir: saw no .param nothing, need one");
  ck_assert_ptr_null(deck);
  ck_assert_int_eq(parse(&deck, halves, infinite, 1, &err), OG_E_RANGE);
  ogt_has(err.text, "top: saw inf");
}
END_TEST

START_TEST(instances_tell_their_nodes_and_parameters) {
  og_error err = {0};
  og_deck *deck;
  OK(parse(&deck, halves, NULL, 0, &err));
  ck_assert_uint_eq(og_deck_instances(deck), 3);
  const og_deck_instance *x = og_deck_instance_at(deck, 0);
  ck_assert_str_eq(x->name, "x1");
  ck_assert_uint_eq(x->ports, 2);
  ck_assert_uint_eq(x->params, 3);
  ck_assert_str_eq(x->port[1], "b");
  ck_assert_str_eq(x->node[0], "in");
  ck_assert_str_eq(x->node[1], "mid");
  ck_assert_str_eq(x->param[1], "g");
  ck_assert(x->value[0] == 3e3 && x->value[1] == 6e3 && x->value[2] == 5);
  ck_assert_str_eq(og_deck_instance_at(deck, 1)->node[1], "0");
  ck_assert_str_eq(og_deck_instance_at(deck, 2)->name, "x3.x7");
  ck_assert_str_eq(og_deck_instance_at(deck, 2)->node[1], "x3.c");
  ck_assert_ptr_null(og_deck_instance_at(deck, 3));
  og_deck_free(deck);
}
END_TEST

/* --- numbers ------------------------------------------------------------------------------------------------------ */

START_TEST(quantities_bring_their_unit) {
  static const struct { const char *text, *unit; double value; } good[] = {
      {"100 uS", "S", 100e-6}, {"2", "", 2}, {"-1.5 mV", "V", -1.5e-3}, {"200ns", "s", 200e-9}, {"5 nm/s", "m/s", 5e-9},
      {"3 uJ/cm2", "uJ/cm2", 3}, {"1.3k", "", 1300}};
  og_error err = {0};
  for (size_t k = 0; k < sizeof good / sizeof *good; k++) {
    char unit[OGI_UNIT_MAX] = "";
    double value;
    OK(ogi_quantity_parse(&value, good[k].text, unit, &err));
    ck_assert_str_eq(unit, good[k].unit);
    ogt_rel(value, good[k].value, 1e-15);
  }
  char siemens[OGI_UNIT_MAX] = "S", none[OGI_UNIT_MAX] = "";
  double value;
  ck_assert_int_eq(ogi_quantity_parse(&value, "3 V", siemens, &err), OG_E_RANGE);
  ck_assert_int_eq(ogi_quantity_parse(&value, "fast", none, &err), OG_E_INPUT);
  ogt_has(err.text, "saw \"fast\", need a number");
  ck_assert_int_eq(ogi_quantity_parse(&value, "inf", none, &err), OG_E_RANGE);
}
END_TEST

START_TEST(braces_hold_names_and_expressions) {
  const char *const names[] = {"tau", "gap"};
  const double known[] = {2e-7, -3};
  const ogi_values values = {2, names, known};
  og_error err = {0};
  char *text;
  double value;
  OK(ogi_substitute(&text, "at={TAU} of {2*gap}", &values, OGI_SPELL_PEOPLE, &err));
  ck_assert_str_eq(text, "at=2e-07 of -6");
  ogi_free(text);
  OK(ogi_evaluate(&value, "1-{gap}*2+tau/200n", "", &values, &err));
  ogt_rel(value, 8, 1e-15);
  OK(ogi_evaluate(&value, "1.5 uS", "S", &values, &err));
  ogt_rel(value, 1.5e-6, 1e-15);
  ck_assert_int_eq(ogi_evaluate(&value, "{what}", "", &values, &err), OG_E_INPUT);
  ogt_has(err.text, "what");
  ck_assert_int_eq(ogi_substitute(&text, "{tau", &values, OGI_SPELL_NUMBER, &err), OG_E_INPUT);
  ogt_has(err.text, "in braces");
  ck_assert_int_eq(ogi_evaluate(&value, "1/(gap+3)", "", &values, &err), OG_E_RANGE);
}
END_TEST

/* --- figures ------------------------------------------------------------------------------------------------------ */

enum { POINTS = 4001 };

/* time 0 .. 7 s, uneven: a = exp(-t/1.7), s = sin(2 pi t/7), c = cos(2 pi t/7). */
static og_vectors *waves(void) {
  static const char *const names[] = {"time", "a", "s", "c"};
  og_vectors *v;
  og_error err = {0};
  OK(og_vectors_create(&v, 4, POINTS, 0, &err));
  for (size_t k = 0; k < 4; k++) OK(og_vectors_name(v, k, names[k], k == 0 ? OG_Q_TIME : OG_Q_VOLTAGE, &err));
  v->has_scale = 1;
  for (size_t p = 0; p < POINTS; p++) {
    double u = (double)p / (POINTS - 1), t = 7 * (0.3 * u + 0.7 * u * u), angle = 2 * acos(-1) * t / 7;
    const double row[] = {t, exp(-t / 1.7), sin(angle), cos(angle)};
    for (size_t k = 0; k < 4; k++) og_vectors_at(v, k)[p] = row[k];
  }
  return v;
}

static ogi_bench_figure figure(ogi_figure_kind kind, const char *a, const char *b, const char *c) {
  ogi_bench_figure f = {.kind = kind,
                        .sign = 1,
                        .from = "",
                        .to = "",
                        .expected = "",
                        .rtol = "",
                        .atol = "",
                        .min = "",
                        .max = "",
                        .unit = "",
                        .source = ""};
  f.text[0] = (char *)(uintptr_t)a;
  f.text[1] = (char *)(uintptr_t)b;
  f.text[2] = (char *)(uintptr_t)c;
  return f;
}

static const ogi_values nothing = {0, NULL, NULL};

START_TEST(every_kind_of_figure_has_its_closed_form) {
  og_vectors *v = waves();
  og_error err = {0};
  double pi = acos(-1), value;
  struct { ogi_bench_figure f; const char *from, *to; double want, rtol; } all[] = {
      {figure(OGI_F_MEASURE, "max s", NULL, NULL), "", "", 1, 1e-6},
      {figure(OGI_F_RATIO, "find a at=2", "find a at=1", NULL), "", "", exp(-1 / 1.7), 1e-6},
      {figure(OGI_F_DIFFERENCE, "find a at=2", "find a at=1", NULL), "", "", exp(-2 / 1.7) - exp(-1 / 1.7), 1e-6},
      {figure(OGI_F_DECAY, "a", NULL, NULL), "0.7", "5.3", 1.7, 1e-12},
      {figure(OGI_F_AREA, "c", "s", NULL), "", "", -pi, 1e-5},
      {figure(OGI_F_INTEGRAL, "s", "s", NULL), "", "", 3.5, 1e-5},
      {figure(OGI_F_INTEGRAL, "a", NULL, NULL), "1.1", "2.9", 1.7 * (exp(-1.1 / 1.7) - exp(-2.9 / 1.7)), 1e-5},
      {figure(OGI_F_CROSS, "s", "0.5", "time"), "", "", 7.0 / 12, 1e-5},
      {figure(OGI_F_CROSS, "s", "0.5", "time"), "1", "", 7.0 * 5 / 12, 1e-5},
      {figure(OGI_F_COUNT, "c", "0.25", NULL), "", "", 1, 0},
  };
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
    all[k].f.from = all[k].from;
    all[k].f.to = all[k].to;
    OK(ogi_figure_value(&all[k].f, &nothing, v, OG_ANALYSIS_TRAN, &value, &err));
    ogt_rel(value, all[k].want, all[k].rtol);
    all[k].f.sign = -1;
    OK(ogi_figure_value(&all[k].f, &nothing, v, OG_ANALYSIS_TRAN, &value, &err));
    ogt_rel(value, -all[k].want, all[k].rtol);
  }
  og_vectors_free(v);
}
END_TEST

START_TEST(a_figure_that_cannot_be_says_why) {
  og_vectors *v = waves();
  og_error err;
  double value;
  struct { ogi_bench_figure f; const char *from; og_status want; const char *part; } all[] = {
      {figure(OGI_F_DECAY, "s", NULL, NULL), "", OG_E_RANGE, "need values above 0"},
      {figure(OGI_F_DECAY, "nowhere", NULL, NULL), "", OG_E_INPUT, "saw nowhere, need a vector"},
      {figure(OGI_F_DECAY, "a", NULL, NULL), "6.9999", OG_E_RANGE, "need 3 or more"},
      {figure(OGI_F_CROSS, "s", "2", "a"), "", OG_E_RANGE, "no crossing of s through 2"},
      {figure(OGI_F_RATIO, "find a at=1", "find s at=0", NULL), "", OG_E_RANGE, "over 0"},
      {figure(OGI_F_MEASURE, "find a at=9", NULL, NULL), "", OG_E_RANGE, "9"},
      {figure(OGI_F_AREA, "a", "zz", NULL), "", OG_E_INPUT, "saw zz"},
  };
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
    all[k].f.from = all[k].from;
    ck_assert_int_eq(ogi_figure_value(&all[k].f, &nothing, v, OG_ANALYSIS_TRAN, &value, &err), all[k].want);
    ogt_has(err.text, all[k].part);
    ck_assert(isnan(value));
  }
  og_vectors_free(v);
}
END_TEST

START_TEST(ranges_are_the_tolerance_around_the_expected_value_and_the_bounds) {
  ogi_bench_figure f = figure(OGI_F_COUNT, "a", "1", NULL);
  og_bench_row row;
  og_error err = {0};
  f.expected = "-2";
  f.rtol = "0.1";
  OK(ogi_figure_range(&f, &nothing, &row, &err));
  ck_assert(row.expected == -2);
  ogt_rel(row.low, -2.2, 1e-15);
  ogt_rel(row.high, -1.8, 1e-15);
  f.max = "-2";
  OK(ogi_figure_range(&f, &nothing, &row, &err));
  ogt_rel(row.high, -2, 0);
  f.expected = f.rtol = "";
  f.min = "0.5";
  ck_assert_int_eq(ogi_figure_range(&f, &nothing, &row, &err), OG_E_RANGE);
  ogt_has(err.text, "need min <= max");
}
END_TEST

/* --- files -------------------------------------------------------------------------------------------------------- */

static const char *put(const char *name, const char *text) {
  const char *path = ogt_scratch(name);
  FILE *f = fopen(path, "w");
  ck_assert_ptr_nonnull(f);
  fputs(text, f);
  fclose(f);
  return path;
}

/* text with one piece replaced. */
static char *with(char out[4096], const char *text, const char *old, const char *by) {
  const char *at = strstr(text, old);
  ck_assert_msg(at != NULL, "no \"%s\" in the text", old);
  snprintf(out, 4096, "%.*s%s%s", (int)(at - text), text, by, at + strlen(old));
  return out;
}

static const char lib[] = ".subckt rc in out r=1.3k c={r*1p}\nr1 in out {r}\nc1 out 0 {c}\n.ends\n";
static const char card[] = "kind: circuit\ntitle: low-pass\nfile: rc.lib\nsubckt: rc\npins: [in, out]\nstates:\n"
                           "  out: {min: -1 mV, max: 1 V, unit: V}\nparameters:\n"
                           "  r: {value: 1.3 kohm, min: 1 ohm, max: 1 Mohm, spread: 0.2, source: a}\n"
                           "  c: {value: 1.3 nF, min: 1 pF, max: 1 uF, source: b}\n";

START_TEST(a_card_gives_pins_states_and_parameters) {
  og_circuit_card *c;
  og_error err = {0};
  og_device_kind kind;
  put("rc.lib", lib);
  const char *path = put("rc.yaml", card);
  OK(og_device_kind_of(&kind, path, NULL, &err));
  ck_assert_int_eq(kind, OG_DEVICE_CIRCUIT);
  OK(og_circuit_card_load(&c, path, NULL, &err));
  ck_assert_str_eq(og_circuit_card_name(c), "rc");
  ck_assert_uint_eq(og_circuit_card_pins(c), 2);
  ck_assert_str_eq(og_circuit_card_pin(c, 1), "out");
  const og_circuit_state *s = og_circuit_card_state(c, 0);
  ck_assert(s->port == 1 && s->min == -1e-3 && s->max == 1);
  const og_circuit_param *p = og_circuit_card_param(c, 1);
  ck_assert_str_eq(p->unit, "F");
  ck_assert_str_eq(p->value_text, "1.3 nF");
  ck_assert(p->value == 1.3e-9 && p->spread == 0 && og_circuit_card_param(c, 0)->spread == 0.2);
  ck_assert_ptr_null(og_circuit_card_param(c, 2));
  og_circuit_card_free(c);
  ck_assert_int_eq(og_circuit_card_load(NULL, path, NULL, &err), OG_E_ARG);
  og_card statistics;
  ck_assert_int_eq(og_card_load(&statistics, path, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "rc.yaml:1: kind: saw \"circuit\"");
}
END_TEST

START_TEST(bad_circuit_cards_are_refused_with_file_line_and_reason) {
  static const struct { const char *old, *by; og_status want; const char *part; } bad[] = {
      {"title: low-pass", "colour: red", OG_E_INPUT, ":2: colour: unknown key, need one of: kind title"},
      {"title: low-pass", "title:", OG_E_INPUT, ":2: title: saw nothing, need a text"},
      {"kind: circuit", "kind: thing", OG_E_INPUT, ":1: kind: saw \"thing\", need circuit or statistics"},
      {"file: rc.lib", "file: ../rc.lib", OG_E_INPUT, ":3: file: saw \"../rc.lib\", need a name"},
      {"file: rc.lib", "file: none.lib", OG_E_INPUT, "none.lib: no such file"},
      {"subckt: rc", "subckt: rcx", OG_E_INPUT, "no .subckt rcx"},
      {"[in, out]", "[in, out, x]", OG_E_INPUT, "saw 3 nodes, need 2"},
      {"[in, out]", "[out, in]", OG_E_INPUT, ":5: pins: saw out as pin 1, need in as in .subckt rc"},
      {"[in, out]", "[in, in]", OG_E_INPUT, "need each pin once"},
      {"  out: {min", "  q: {min", OG_E_INPUT, ":7: states.q: saw a state that is no pin"},
      {"max: 1 V", "max: -2 V", OG_E_RANGE, "need min < max"},
      {"value: 1.3 kohm", "value: 1.4 kohm", OG_E_INPUT, ":9: parameters.r: saw 1.4 kohm, need 1300 as in .subckt rc"},
      {"max: 1 Mohm", "max: 1 ohm", OG_E_RANGE, ":9: parameters.r: saw 1.3 kohm, need 1 ohm .. 1 ohm"},
      {"max: 1 Mohm", "max: 1 MV", OG_E_RANGE, ":9: parameters.r.max: "},
      {"spread: 0.2", "spread: -1", OG_E_RANGE, "parameters.r.spread: saw -1"},
      {", source: a", "", OG_E_INPUT, ":9: parameters.r.source: saw nothing, need a text"},
      {"  c: {value", "  d: {value", OG_E_INPUT, "parameters.d: saw it as parameter 2, need c"},
      {"  c: {value: 1.3 nF, min: 1 pF, max: 1 uF, source: b}\n", "", OG_E_INPUT, "parameters: saw no c"},
      {"  c: {value", "  r: {value", OG_E_INPUT, ":10: r: saw the key again, need it once (it is in line 9)"},
      {"title: low-pass", "title: &x low", OG_E_INPUT, ":2: saw an anchor"},
  };
  char text[4096];
  put("rc.lib", lib);
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    og_circuit_card *c;
    og_error err = {0};
    og_status st = og_circuit_card_load(&c, put("bad.yaml", with(text, card, bad[k].old, bad[k].by)), NULL, &err);
    ck_assert_msg(st == bad[k].want, "%s gave %s: %s", bad[k].by, og_status_name(st), err.text);
    ogt_has(err.text, bad[k].part);
    ck_assert_ptr_null(c);
  }
}
END_TEST

static const char benches[] =
    "benches:\n  step:\n    title: Step\n    short: yes\n    deck: |\n      step\n      .include rc.lib\n"
    "      .param rr=1k width=3u\n      .tran 1n 1u\n    sweep: {rr: [1k, 2k, 5k], gap: [7 ns, 9 ns]}\n"
    "    figures:\n      tau: {fit_decay: v(a), from: 1u, to: 2u, expected: \"{rr}*1n+width\", rtol: 0.1, source: s}\n"
    "      area: {area: [v(a), i(b)], min: 0}\n"
    "    plots:\n      - {title: T, x: rr, y: [figure tau], log: x}\n";

START_TEST(a_bench_runs_every_combination_the_first_parameter_slowest) {
  ogi_bench_file f;
  og_error err = {0};
  double value[OGI_VALUES_MAX];
  char text[4096];
  OK(ogi_bench_read(&f, put("bench.yaml", benches), &err));
  const ogi_bench *b = &f.benches.item[0];
  ck_assert_uint_eq(b->runs, 6);
  ck_assert_uint_eq(b->deck_line, 6);
  ogi_values v = ogi_bench_values(b, 3, value);
  ck_assert_uint_eq(v.count, 3);
  ck_assert_str_eq(v.name[2], "width");
  ck_assert(value[0] == 2e3 && value[1] == 9e-9 && value[2] == 3e-6);
  ck_assert(b->is_short && b->own && !b->own_counts && b->plots.item[0].figures && b->plots.item[0].log_x);
  ogi_bench_clear(&f);
  OK(ogi_bench_read(&f, put("bench.yaml", with(text, benches, "sweep: {rr: [1k, 2k, 5k], gap: [7 ns, 9 ns]}",
                                               "runs: [{rr: 1k, gap: 3n}, {gap: 4n, rr: 2k}]")), &err));
  b = &f.benches.item[0];
  ck_assert_uint_eq(b->runs, 2);
  ogi_bench_values(b, 1, value);
  ck_assert(value[0] == 2e3 && value[1] == 4e-9);
  ogi_bench_clear(&f);
}
END_TEST

START_TEST(bad_benches_are_refused_with_file_line_and_reason) {
  static const struct { const char *old, *by; og_status want; const char *part; } bad[] = {
      {"title: Step", "titel: Step", OG_E_INPUT, ":3: benches.step.titel: unknown key"},
      {"short: yes", "short: perhaps", OG_E_INPUT, ":4: benches.step.short: saw \"perhaps\", need yes or no"},
      {"short: yes", "own_rtol: 3", OG_E_INPUT, ":4: benches.step: saw \"3\", need own_rtol"},
      {"[7 ns, 9 ns]", "[7 ns, 9 V]", OG_E_RANGE, ":10: benches.step.sweep.gap: "},
      {"[7 ns, 9 ns]", "4", OG_E_INPUT, "need a list of 1 to 200 values"},
      {"fit_decay: v(a),", "", OG_E_INPUT, ":12: benches.step.figures.tau: saw a section of keys, need one of measure"},
      {"fit_decay: v(a),", "fit_decay: v(a), measure: max v(a),", OG_E_INPUT, "need one of measure"},
      {"fit_decay: v(a)", "measure: sum v(a)", OG_E_INPUT, "need from= and to= inside"},
      {"expected: \"{rr}", "expected: \"{zz}", OG_E_INPUT, ":12: benches.step.figures.tau: \"{zz}"},
      {"rtol: 0.1, ", "", OG_E_INPUT, "saw 0 of rtol and atol, need one beside expected"},
      {", source: s", "", OG_E_INPUT, "tau.source: saw nothing"},
      {", min: 0", "", OG_E_INPUT, ":13: benches.step.figures.area: saw nothing to compare with"},
      {"[v(a), i(b)]", "[v(a)]", OG_E_INPUT, "need a list [x, y] of two vectors"},
      {"area: [v(a), i(b)]", "measure: sum v(a)", OG_E_INPUT, ":13: benches.step.figures.area: measure"},
      {"figure tau", "figure tow", OG_E_INPUT, ":15: benches.step.plots, number 1: saw \"figure tow\", need a figure"},
      {"x: rr", "x: time", OG_E_INPUT, "need a swept parameter, or run, as x of figures"},
      {"log: x", "log: z", OG_E_INPUT, "need \"\", x, y or xy"},
      {"log: x", "log: x, ymin: 1", OG_E_INPUT, "need ymin: of a logarithmic y, a number above 0"},
      {"log: x", "log: y, ymin: -1", OG_E_INPUT, "saw \"-1\", need ymin"},
      {"log: x", "from: 1u", OG_E_INPUT, "need from and to with vectors alone"},
      {"log: x", "run: 1", OG_E_INPUT, "need run: of vectors, the number of a run of this bench"},
      {"x: rr, y: [figure tau]", "x: time, y: [v(a)], run: 77", OG_E_INPUT, "saw \"77\", need run"},
      {"x: rr, y: [figure tau]", "x: time, y: [v(a)], to: soon", OG_E_INPUT, "benches.step.plots, number 1: "},
      {"benches:\n", "bench:\n", OG_E_INPUT, ":1: bench: unknown key, need one of: benches"},
  };
  char text[4096];
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    ogi_bench_file f;
    og_error err = {0};
    og_status st = ogi_bench_read(&f, put("bench.yaml", with(text, benches, bad[k].old, bad[k].by)), &err);
    ck_assert_msg(st == bad[k].want, "%s gave %s: %s", bad[k].by, og_status_name(st), err.text);
    ogt_has(err.text, "bench.yaml");
    ogt_has(err.text, bad[k].part);
    ck_assert_ptr_null(f.tree);
  }
}
END_TEST

START_TEST(every_failed_allocation_is_reported_and_nothing_leaks) {
  put("rc.lib", lib);
  char path[2][600];
  snprintf(path[0], 600, "%s", put("rc.yaml", card));
  snprintf(path[1], 600, "%s", put("bench.yaml", benches));
  size_t live = ogi_mem_live();
  for (int which = 0; which < 2; which++)
    for (size_t k = 1;; k++) {
      og_circuit_card *c = NULL;
      ogi_bench_file f = {0};
      ogi_mem_fail_at(k);
      og_status st = which == 0 ? og_circuit_card_load(&c, path[0], NULL, NULL) : ogi_bench_read(&f, path[1], NULL);
      ogi_mem_fail_at(0);
      og_circuit_card_free(c);
      ogi_bench_clear(&f);
      ck_assert_uint_eq(ogi_mem_live(), live);
      if (st == OG_OK) break;
      ck_assert_int_eq(st, OG_E_NOMEM);
      ck_assert_uint_lt(k, 1000);
    }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("devbench");
  TCase *curves = tcase_create("curves"), *decks = tcase_create("decks");
  TCase *figures = tcase_create("figures"), *files = tcase_create("files");
  tcase_add_test(curves, a_closed_curve_keeps_its_shape_with_fewer_points);
  tcase_add_test(curves, a_power_law_is_a_straight_line_on_logarithmic_axes);
  tcase_add_test(curves, too_many_points_are_thinned_further);
  tcase_add_test(curves, numbers_of_legends_have_prefixes);
  tcase_add_test(curves, a_page_without_a_report_is_refused);
  tcase_add_test(decks, a_parameter_of_the_deck_is_replaced_and_others_follow_it);
  tcase_add_test(decks, a_parameter_that_the_deck_lacks_is_refused);
  tcase_add_test(decks, instances_tell_their_nodes_and_parameters);
  tcase_add_test(figures, quantities_bring_their_unit);
  tcase_add_test(figures, braces_hold_names_and_expressions);
  tcase_add_test(figures, every_kind_of_figure_has_its_closed_form);
  tcase_add_test(figures, a_figure_that_cannot_be_says_why);
  tcase_add_test(figures, ranges_are_the_tolerance_around_the_expected_value_and_the_bounds);
  tcase_add_test(files, a_card_gives_pins_states_and_parameters);
  tcase_add_test(files, bad_circuit_cards_are_refused_with_file_line_and_reason);
  tcase_add_test(files, a_bench_runs_every_combination_the_first_parameter_slowest);
  tcase_add_test(files, bad_benches_are_refused_with_file_line_and_reason);
  tcase_add_test(files, every_failed_allocation_is_reported_and_nothing_leaks);
  suite_add_tcase(suite, curves);
  suite_add_tcase(suite, decks);
  suite_add_tcase(suite, figures);
  suite_add_tcase(suite, files);
  return ogt_run(suite);
}
