/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Monte Carlo of a circuit device: draws against the lognormal law, a counter of pulses whose conductance is k times
 * their number (so that every sigma is that of k), samples that are stuck or fail, cards with energies.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "devstat/ogi_sample.h"
#include "ogt.h"

#define OK(call) ck_assert_msg((call) == OG_OK, "%s", err.text)
#define SPREAD 0.2

/* --- a device of the test's own -------------------------------------------------------------------------------- */

static const char lib[] =
    "* counter\n.subckt steps p n u k=1u sunk=-1u t=100n u0=0 c=1n\ncu u 0 {c} ic={u0}\n"
    "bu u 0 i=-{c}/{t}*(v(p,n)>1 ? 1 : v(p,n)<-1 ? -10*tanh(v(u)/0.01) : 0)\nbi p n i={k}*v(u)*v(p,n)\n%s.ends\n";

static const char card_text[] =
    "kind: circuit\ntitle: Counter\nfile: steps.lib\nsubckt: steps\npins: [p, n, u]\n"
    "states:\n  u: {min: -0.1, max: 50, unit: \"1\"}\nparameters:\n"
    "  k: {value: 1 uS, min: 1 nS, max: 1 mS, spread: 0.2, source: \"assumption: a test\"}\n"
    "  sunk: {value: -1 uS, min: -1.1 uS, max: -0.9 uS, spread: 0.5, source: \"assumption: a test\"}\n"
    "  t: {value: 100 ns, min: 1 ns, max: 1 ms, source: \"assumption: a test\"}\n"
    "  u0: {value: 0, min: 0, max: 50, source: \"assumption: a test\"}\n"
    "  c: {value: 1 nF, min: 1 pF, max: 1 uF, source: \"assumption: a test\"}\n";

static const char program_text[] =
    "source: \"assumption: a test\"\ncarry: u=u0\nseries: 1 ohm\nread: {voltage: 0.3 V, width: 50 ns, edge: 2 ns}\n"
    "erase: {voltage: -2 V, width: 1 us, edge: 1 ns}\npulse: {voltage: 2 V, width: 99 ns, edge: 1 ns, gap: 20 ns}\n"
    "knob: {is: count, from: 0, to: 11}\nlevels: {count: 5, from: 2 uS, to: 10 uS}\n";

static void put(const char *name, const char *format, const char *part) {
  FILE *f = fopen(ogt_scratch(name), "w");
  ck_assert_ptr_nonnull(f);
  fprintf(f, format, part);
  fclose(f);
}

static og_circuit_card *device(const char *more) {
  og_error err = {0};
  og_circuit_card *card;
  put("steps.lib", lib, more);
  put("card.yaml", "%s", card_text);
  put("program.yaml", "%s", program_text);
  OK(og_circuit_card_load(&card, ogt_scratch("card.yaml"), NULL, &err));
  return card;
}

static og_sample_opts options(size_t samples) {
  og_sample_opts o;
  og_sample_opts_init(&o);
  o.samples = samples;
  o.seed = 20260117;
  o.threads = 2;
  o.worker = getenv("OHMGRID_SPICE");
  return o;
}

/* Whether x, of n samples, may be a standard deviation of sigma: one in 1e6 is outside. */
static void check_sigma(double x, double sigma, size_t n) {
  double free = (double)n - 1, square = free * x * x / (sigma * sigma);
  ck_assert_msg(square > gsl_cdf_chisq_Pinv(5e-7, free) && square < gsl_cdf_chisq_Qinv(5e-7, free), "sigma %g, want %g", x,
                sigma);
}

/* --- draws ----------------------------------------------------------------------------------------------------- */

START_TEST(draws_have_mean_and_spread_of_the_card) {
  enum { N = 20000 };
  og_error err = {0};
  og_circuit_card *card = device("");
  ogi_recipe p;
  og_sample_opts o = options(2);
  double value[5], again[5], sum = 0, squares = 0, product = 0;
  OK(ogi_recipe_read(&p, card, &o, &err));
  ck_assert_uint_eq(p.spreads, 2);
  for (size_t k = 0; k < N; k++) {
    OK(ogi_sample_draw(&p, card, 7, k, value, &err));
    ck_assert(value[0] > 0 && value[1] >= -1.1e-6 && value[1] <= -0.9e-6); /* sign and range */
    ck_assert(value[2] == 100e-9 && value[3] == 0);
    double x = value[0] / 1e-6 - 1;
    sum += x;
    squares += x * x;
    product += x * (value[1] / 1e-6 + 1);
  }
  ogt_abs(sum / N, 0, 5 * SPREAD / sqrt(N));
  ogt_rel(sqrt(squares / N), SPREAD, 0.05); /* kurtosis 3.65: five times its standard deviation */
  ogt_abs(product / N, 0, 5 * SPREAD * 0.06 / sqrt(N)); /* independent */
  OK(ogi_sample_draw(&p, card, 7, N - 1, again, &err));
  ck_assert_mem_eq(value, again, sizeof value);
  OK(ogi_sample_draw(&p, card, 8, N - 1, again, &err));
  ck_assert(value[0] != again[0]);
  ogi_recipe_clear(&p);
  og_circuit_card_free(card);
}
END_TEST

/* --- in ngspice ------------------------------------------------------------------------------------------------ */

START_TEST(sigma_of_every_level_is_that_of_the_parameter) {
  enum { N = 60 };
  og_error err = {0};
  og_circuit_card *card = device("");
  og_sample_opts o = options(N);
  og_sample_report *r;
  ogi_recipe p;
  double value[5];
  OK(ogi_recipe_read(&p, card, &o, &err));
  OK(og_sample_device(&r, card, &o, &err));
  OK(og_sample_verdict(r, &err));
  ck_assert_uint_eq(r->levels, 5);
  for (size_t l = 0; l < r->levels; l++) {
    const og_sample_level *v = &r->level[l];
    ck_assert_uint_eq(v->count, N);
    ck_assert(v->knob == 2.0 * (double)(l + 1));
    check_sigma(v->sigma_siemens, SPREAD * v->target_siemens, N);
    ck_assert(v->sigma_low_siemens < v->sigma_siemens && v->sigma_siemens < v->sigma_high_siemens);
    ogt_abs(v->mean_siemens, v->target_siemens, 5 * SPREAD * v->target_siemens / sqrt(N));
    ogt_rel(ogi_sample_fitted(&r->card, v->target_siemens), v->sigma_siemens, 0.01);
  }
  for (size_t k = 0; k < N * r->levels; k++) { /* every sample is its own k times the number of pulses */
    const og_sample_row *row = &r->row[k];
    OK(ogi_sample_draw(&p, card, o.seed, row->sample, value, &err));
    ogt_rel(row->reached_siemens, value[0] * (double)row->pulses, 0.01);
    /* V^2 G over the flat part and a third of each of two edges of 2 ns */
    ogt_rel(row->read_joule, 0.09 * row->reached_siemens * (50e-9 + 4e-9 / 3), 0.01);
    /* V^2 k times the integral of u, n^2/2 pulses of 100 ns: about, because of edges */
    double n = (double)row->pulses;
    ogt_rel(row->pulse_joule * n, 4 * value[0] * 100e-9 * n * n / 2, 0.03);
    ogt_rel(row->program_joule, row->erase_joule + n * row->pulse_joule, 1e-12);
  }
  ogi_recipe_clear(&p);
  og_sample_free(r);
  og_circuit_card_free(card);
}
END_TEST

START_TEST(a_sample_without_a_solution_is_told_of) {
  /* where k is above its mean by a fifth, ngspice has to take the root of a negative number */
  og_error err = {0};
  og_circuit_card *card = device("bf f 0 v={k}>1.2u ? sqrt(-1-abs(v(p,n))) : 0\n");
  og_sample_opts o = options(16);
  og_sample_report *r;
  ogi_recipe p;
  double value[5];
  size_t above = 0;
  OK(ogi_recipe_read(&p, card, &o, &err));
  OK(og_sample_device(&r, card, &o, &err));
  for (size_t k = 0; k < 16; k++) {
    OK(ogi_sample_draw(&p, card, o.seed, k, value, &err));
    int bad = value[0] > 1.2e-6;
    if (bad) ck_assert_uint_eq(r->failure[above].sample, k);
    above += (size_t)bad;
    ck_assert((r->row[k * r->levels].state == OG_SAMPLE_FAILED) == bad);
    ck_assert((isfinite(r->row[k * r->levels].reached_siemens) != 0) == !bad);
  }
  ck_assert(above > 0 && above < 14);
  ck_assert_uint_eq(r->failures, above);
  ck_assert_uint_eq(r->level[0].count, 16 - above);
  ck_assert_int_eq(og_sample_verdict(r, &err), OG_E_EXTERN);
  ogt_has(err.text, "of 16 samples failed; sample ");
  ogt_has(err.text, "ngspice");
  ogi_recipe_clear(&p);
  og_sample_free(r);
  og_circuit_card_free(card);
}
END_TEST

/* The steps of a pulse are its width over 100 ns, half of each edge included: 1 ns in all. */
START_TEST(a_width_selects_the_level) {
  static const char *const sets[] = {"knob.is=width", "knob.from=5n", "knob.to=1.2u", "fit.degree=5"};
  og_error err = {0};
  og_circuit_card *card = device("");
  og_sample_opts o = options(3);
  og_sample_report *r;
  o.sets = sets;
  o.set_count = 4;
  OK(og_sample_device(&r, card, &o, &err));
  for (size_t l = 0; l < r->levels; l++)
    ogt_rel(r->level[l].knob, 100e-9 * r->level[l].target_siemens / 1e-6 - 1e-9, 2e-3);
  ck_assert_uint_eq(r->card.program_terms, 5); /* no more than levels */
  ck_assert_str_eq(r->knob_unit, "s");
  og_sample_free(r);
  og_circuit_card_free(card);
}
END_TEST

START_TEST(write_verify_ends_within_the_tolerance) {
  static const char *const sets[] = {"scheme=write-verify", "knob.is=width", "knob.from=5n", "knob.to=1.2u",
                                     "verify.step=30n", "verify.tolerance=0.02"};
  og_error err = {0};
  og_circuit_card *card = device("");
  og_sample_opts o = options(6);
  og_sample_report *r;
  o.sets = sets;
  o.set_count = 6;
  OK(og_sample_device(&r, card, &o, &err));
  ck_assert_uint_eq(r->missed, 0);
  for (size_t k = 0; k < 6 * r->levels; k++) {
    const og_sample_row *row = &r->row[k];
    ogt_abs(row->reached_siemens, row->target_siemens, 0.02 * 8e-6);
    ck_assert(row->pulses >= 1 && row->pulses < 100);
    ck_assert(row->program_joule > row->erase_joule + row->pulse_joule); /* the reads are part of it */
  }
  ck_assert(isnan(r->level[0].knob));
  og_sample_free(r);
  og_circuit_card_free(card);
}
END_TEST

/* A pulse of 2 V with its current limited to L sets u to the voltage, where the driver gives u G = u (1 mS + k u). */
START_TEST(a_compliance_selects_the_level) {
  static const char limited[] =
      ".subckt steps p n u k=1u sunk=-1u t=100n u0=0 c=1n\ncu u 0 {c} ic={u0}\n"
      "bu u 0 i=-{c}/10n*0.5*((1+tanh((v(p,n)-0.5)/0.02))*(v(p,n)-v(u))-(1+tanh((-v(p,n)-1)/0.02))*v(u))\n"
      "bi p n i=(1m+{k}*v(u))*v(p,n)\n%s.ends\n";
  static const char *const sets[] = {"knob.is=compliance", "knob.from=0.7m", "knob.to=1.7m", "levels.from=1.3m",
                                     "levels.to=1.5m", "begin=k=0.5m", "series=100"};
  og_error err = {0};
  og_circuit_card *card = device("");
  og_sample_opts o = options(2);
  og_sample_report *r;
  put("steps.lib", limited, "");
  o.sets = sets;
  o.set_count = 7;
  OK(og_sample_device(&r, card, &o, &err));
  for (size_t l = 0; l < r->levels; l++) {
    double g = r->level[l].target_siemens, u = (g - 1e-3) / 0.5e-3, left = 2 - u, ohm = left / (u * g);
    ogt_rel(r->level[l].knob, left / sqrt(ohm * ohm - 100 * 100), 0.02); /* edges of a tenth of the time constant */
  }
  og_sample_free(r);
  og_circuit_card_free(card);
}
END_TEST

static int stop_at_once(void *user, const char *phase, double fraction) {
  (void)user;
  (void)phase;
  (void)fraction;
  return 1;
}

START_TEST(a_nominal_device_without_a_solution_and_an_interruption_end_it) {
  og_error err = {0};
  og_circuit_card *card = device("bf f 0 v=sqrt(-1-abs(v(p,n)))\n");
  og_sample_opts o = options(2);
  og_sample_report *r;
  ck_assert_int_eq(og_sample_device(&r, card, &o, &err), OG_E_EXTERN);
  ogt_has(err.text, "program.yaml: erasing the nominal device: ");
  ogt_has(err.text, "ngspice");
  put("steps.lib", lib, "");
  o.progress.report = stop_at_once;
  og_status st = og_sample_device(&r, card, &o, &err);
  ck_assert_msg(st == OG_E_INTERRUPT, "%s: %s", og_status_name(st), err.text);
  og_circuit_card_free(card);
}
END_TEST

START_TEST(the_card_that_is_saved_loads) {
  og_error err = {0};
  og_circuit_card *card = device("");
  og_sample_opts o = options(3);
  og_sample_report *r;
  og_card made;
  OK(og_sample_device(&r, card, &o, &err));
  OK(og_sample_save(r, ogt_scratch("made"), &err));
  char *path = ogi_path_join(ogt_scratch("made"), "card.yaml");
  OK(og_card_load(&made, path, NULL, &err));
  ck_assert_str_eq(made.name, "made");
  ck_assert_uint_eq(made.levels, 5);
  ck_assert(made.g_min_siemens == r->card.g_min_siemens && made.g_max_siemens == r->card.g_max_siemens);
  ck_assert_uint_eq(made.program_terms, r->card.program_terms);
  for (size_t k = 0; k < made.program_terms; k++) ck_assert(made.program_sigma[k] == r->card.program_sigma[k]);
  ck_assert(made.program_energy_joule == r->card.program_energy_joule && made.program_energy_joule > 0);
  ogt_has(made.source[3], "SPICE Monte Carlo of");
  ck_assert_int_eq(og_sample_save(r, path, &err), OG_E_IO); /* a file, no folder */
  ogi_free(path);
  og_sample_free(r);
  og_circuit_card_free(card);
}
END_TEST

START_TEST(what_cannot_be_sampled_is_refused) {
  static const struct { const char *set, *text; og_status status; } bad[] = {
      {"pins.drive=q", "program.yaml: pins.drive: saw \"q\", need a pin of the card", OG_E_INPUT},
      {"pins.ground=p", "pins.ground: saw \"p\", need another pin than pins.drive", OG_E_INPUT},
      {"carry=u", "carry: saw \"u\", need NAME=VALUE", OG_E_INPUT},
      {"carry=p=u0", "carry: saw \"p\", need a pin that carries a state", OG_E_INPUT},
      {"carry=u=u7", "carry: saw \"u7\", need a parameter of the card", OG_E_INPUT},
      {"begin=k=2", "begin: k: saw 2, need 1 nS .. 1 mS", OG_E_RANGE},
      {"begin=x=2", "begin: saw \"x\", need a parameter of the card", OG_E_INPUT},
      {"spread=k=11", "spread: k: saw 11, need 0 .. 10", OG_E_RANGE},
      {"spread=k=0 sunk=0", "need a parameter with a spread", OG_E_INPUT},
      {"knob.to=0", "knob.to: saw 0, need more than knob.from (0)", OG_E_RANGE},
      {"knob.to=1.5", "knob.to: saw 1.5, need a whole number 0 .. 100000", OG_E_RANGE},
      {"knob.to=1 V", "knob.to: ", OG_E_RANGE},
      {"verify.step=2", "verify.step: saw \"2\", need a step", OG_E_INPUT},
      {"pulse.voltage=0", "pulse.voltage: saw \"0\", need the amplitude", OG_E_INPUT},
      {"read.voltage=0", "read.voltage: saw \"0\", need another voltage", OG_E_INPUT},
      {"levels.to=2u", "levels.to: saw 2e-06 S, need more than levels.from (2e-06 S)", OG_E_RANGE},
      {"levels.to=40u", "levels: saw a target of", OG_E_RANGE},
      {"read_sigma.value=1u", "read_sigma.source: saw \"\", need where", OG_E_INPUT},
      {"knob.is=tap", "knob.is", OG_E_RANGE},
      {"serial=1", "serial", OG_E_INPUT}};
  og_error err = {0};
  og_circuit_card *card = device("");
  og_sample_report *r;
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    og_sample_opts o = options(2);
    o.sets = &bad[k].set;
    o.set_count = 1;
    og_status st = og_sample_device(&r, card, &o, &err);
    ck_assert_msg(st == bad[k].status, "%s: %s: %s", bad[k].set, og_status_name(st), err.text);
    ogt_has(err.text, bad[k].text);
    ck_assert_ptr_null(r);
  }
  og_sample_opts one = options(1), none = options(2);
  none.chunk = 0;
  ck_assert_int_eq(og_sample_device(&r, card, &one, &err), OG_E_RANGE);
  ogt_has(err.text, "samples: saw 1, need 2 .. 1000000");
  ck_assert_int_eq(og_sample_device(&r, card, &none, &err), OG_E_RANGE);
  ogt_has(err.text, "chunk: saw 0");
  none = options(2);
  none.worker = "/nowhere/ohmgrid-spice";
  ck_assert_int_eq(og_sample_device(&r, card, &none, &err), OG_E_EXTERN);
  ck_assert_int_eq(og_sample_device(NULL, card, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_sample_device(&r, NULL, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_sample_verdict(NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_sample_json(NULL, stdout, &err), OG_E_ARG);
  ck_assert_int_eq(og_sample_save(NULL, "x", &err), OG_E_ARG);
  og_circuit_card_free(card);
}
END_TEST

/* --- statistics of made-up rows -------------------------------------------------------------------------------- */

START_TEST(stuck_samples_are_shares_of_the_card_and_no_part_of_sigma) {
  enum { N = 10, L = 3 };
  og_error err = {0};
  og_sample_row row[N * L];
  og_sample_level level[L] = {0};
  og_sample_report r = {.samples = N, .levels = L, .row = row, .level = level};
  ogi_recipe p = {.f = {.levels = L, .g_from = 2e-6, .g_to = 8e-6, .degree = 2}};
  for (size_t k = 0; k < N * L; k++) {
    double target = ogi_level_target(&p, k % L), side = k / L % 2 == 0 ? 1 : -1;
    row[k] = (og_sample_row){.sample = k / L, .level = k % L, .target_siemens = target,
                             .reached_siemens = target * (1 + 0.1 * side), .program_joule = 3e-12, .pulse_joule = NAN};
  }
  for (size_t l = 0; l < L; l++) {
    row[0 * L + l].reached_siemens = 1e-6; /* low */
    row[1 * L + l].reached_siemens = 9e-6; /* high */
  }
  row[2 * L].state = OG_SAMPLE_MISSED;
  OK(ogi_sample_statistics(&r, &p, &err));
  ck_assert_uint_eq(r.stuck_low, 1);
  ck_assert_uint_eq(r.stuck_high, 1);
  ck_assert(r.card.stuck_low_fraction == 0.1 && r.card.stuck_high_fraction == 0.1);
  ck_assert_int_eq(row[L].state, OG_SAMPLE_STUCK);
  ck_assert_uint_eq(r.missed, 1);
  for (size_t l = 0; l < L; l++) { /* eight values, four to either side: s^2 = 8 (0.1 G)^2/7 */
    ck_assert_uint_eq(level[l].count, 8);
    ogt_rel(level[l].sigma_siemens, 0.1 * level[l].target_siemens * sqrt(8.0 / 7), 1e-12);
    ogt_abs(level[l].skew, 0, 1e-12);
  }
  ogt_rel(ogi_sample_fitted(&r.card, 5e-6), 0.5e-6 * sqrt(8.0 / 7), 1e-9);
  ogt_rel(r.card.program_energy_joule, 3e-12, 1e-12);
  ck_assert(r.card.pulse_energy_joule == 0);
  for (size_t k = 0; k < N * L; k++) row[k].state = OG_SAMPLE_FAILED;
  memset(level, 0, sizeof level);
  ck_assert_int_eq(ogi_sample_statistics(&r, &p, &err), OG_E_EXTERN);
  ogt_has(err.text, "need two that are neither");
}
END_TEST

START_TEST(a_polynomial_below_zero_gives_way_to_a_lower_degree) {
  /* sigma 1, 0, 0, 1 uS at 1, 2, 3, 4 uS: the parabola dips below 0, the line is a constant */
  enum { N = 2, L = 4 };
  static const double half[L] = {1, 0, 0, 1};
  og_error err = {0};
  og_sample_row row[N * L];
  og_sample_level level[L] = {0};
  og_sample_report r = {.samples = N, .levels = L, .row = row, .level = level};
  ogi_recipe p = {.f = {.levels = L, .g_from = 1e-6, .g_to = 4e-6, .degree = 2}};
  for (size_t k = 0; k < N * L; k++)
    row[k] = (og_sample_row){.reached_siemens = (1 + (double)(k % L) + (k < L ? 1 : -1) * half[k % L] / sqrt(2)) * 1e-6};
  OK(ogi_sample_statistics(&r, &p, &err));
  ck_assert(r.card.program_terms < 3);
  ogt_rel(ogi_sample_fitted(&r.card, 2.7e-6), 0.5e-6, 1e-9);
  ogt_rel(r.fit_rms_siemens, 0.5e-6, 1e-9);
}
END_TEST

/* --- energies of cards ----------------------------------------------------------------------------------------- */

START_TEST(a_card_may_tell_energies_with_their_source) {
  static const char head[] =
      "title: t\ng_min: {value: 1 uS, source: a}\ng_max: {value: 9 uS, source: a}\nlevels: {value: 0, source: a}\n"
      "program_sigma: {value: [1], source: a}\nprogram_from: {value: 1 uS, source: a}\nprogram_to: {value: 9 uS, source: a}\n"
      "read_sigma: {value: 0, source: a}\nstuck_low: {value: 0, source: a}\nstuck_high: {value: 0, source: a}\n%s";
  og_error err = {0};
  og_card card;
  char name[64], value[160], source[320];
  put("plain.yaml", head, "");
  OK(og_card_load(&card, ogt_scratch("plain.yaml"), NULL, &err));
  ck_assert(card.program_energy_joule == 0);
  ck_assert_int_eq(og_card_param(&card, OG_CARD_PARAMS, name, value, source), 0);
  put("told.yaml", head, "erase_energy: {value: 3 pJ, source: b}\nprogram_energy: {value: 17 pJ, source: c}\n");
  OK(og_card_load(&card, ogt_scratch("told.yaml"), NULL, &err));
  ogt_rel(card.program_energy_joule, 17e-12, 1e-15);
  ck_assert_int_eq(og_card_param(&card, OG_CARD_PARAMS, name, value, source), 1);
  ck_assert_str_eq(name, "program_energy");
  ck_assert_str_eq(value, "17 pJ");
  ck_assert_int_eq(og_card_param(&card, OG_CARD_PARAMS + 1, name, value, source), 1);
  ck_assert_str_eq(name, "erase_energy");
  ck_assert_str_eq(source, "b");
  ck_assert_int_eq(og_card_param(&card, OG_CARD_PARAMS + 2, name, value, source), 0);
  put("silent.yaml", head, "pulse_energy: {value: 3 pJ}\n");
  ck_assert_int_eq(og_card_load(&card, ogt_scratch("silent.yaml"), NULL, &err), OG_E_INPUT);
  ogt_has(err.text, "pulse_energy.source: saw nothing, need where the value comes from");
  put("negative.yaml", head, "pulse_energy: {value: -3 pJ, source: a}\n");
  ck_assert_int_eq(og_card_load(&card, ogt_scratch("negative.yaml"), NULL, &err), OG_E_RANGE);
}
END_TEST

START_TEST(states_have_names) {
  ck_assert_str_eq(og_sample_state_name(OG_SAMPLE_REACHED), "reached");
  ck_assert_str_eq(og_sample_state_name(OG_SAMPLE_MISSED), "missed");
  ck_assert_str_eq(og_sample_state_name(OG_SAMPLE_STUCK), "stuck");
  ck_assert_str_eq(og_sample_state_name(OG_SAMPLE_FAILED), "failed");
  ck_assert_str_eq(og_sample_state_name((og_sample_state)9), "?");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("devsample");
  TCase *one = tcase_create("all");
  tcase_set_timeout(one, 120);
  tcase_add_test(one, draws_have_mean_and_spread_of_the_card);
  tcase_add_test(one, sigma_of_every_level_is_that_of_the_parameter);
  tcase_add_test(one, a_sample_without_a_solution_is_told_of);
  tcase_add_test(one, a_width_selects_the_level);
  tcase_add_test(one, write_verify_ends_within_the_tolerance);
  tcase_add_test(one, a_compliance_selects_the_level);
  tcase_add_test(one, a_nominal_device_without_a_solution_and_an_interruption_end_it);
  tcase_add_test(one, the_card_that_is_saved_loads);
  tcase_add_test(one, what_cannot_be_sampled_is_refused);
  tcase_add_test(one, stuck_samples_are_shares_of_the_card_and_no_part_of_sigma);
  tcase_add_test(one, a_polynomial_below_zero_gives_way_to_a_lower_degree);
  tcase_add_test(one, a_card_may_tell_energies_with_their_source);
  tcase_add_test(one, states_have_names);
  suite_add_tcase(suite, one);
  return ogt_run(suite);
}
