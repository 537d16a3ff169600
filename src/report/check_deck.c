/* SPDX-License-Identifier: BSD-3-Clause */
/** The analyses of a deck by us and by another simulator, compared. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/measure.h>

#include "base/ogi_mem.h"
#include "base/ogi_time.h"
#include "cosim/ogi_spice.h"
#include "report/ogi_check_deck.h"

void og_check_deck_opts_init(og_check_deck_opts *opts) {
  *opts = (og_check_deck_opts){.sample_nodes = 10000, .samples = 5, .seed = 1, .timeout_second = 600};
}

og_tolerance og_check_tolerance(og_analysis_kind kind) {
  static const og_tolerance table[] = {
      [OG_ANALYSIS_OP] = {1e-6, "both solve to their last digits; diodes and B sources to ngspice's reltol of 1e-9", 0},
      [OG_ANALYSIS_DC] = {1e-6, "as an operating point at every step of the sweep", 0},
      [OG_ANALYSIS_TRAN] = {1e-4, "two methods of integration, each with an error control of 1e-7 a step", 1},
      [OG_ANALYSIS_AC] = {1e-6, "one linear solution at each frequency; ngspice linearises at its own operating point",
                          0},
      [OG_ANALYSIS_NOISE] = {1e-6, "ngspice's Boltzmann constant is that of 2014, 3.5e-7 below the exact one", 0},
  };
  return (unsigned)kind <= OG_ANALYSIS_NOISE ? table[kind] : (og_tolerance){NAN, "?", 0};
}

/* ---- ngspice ---- */

/* Tolerances of transients; operating points of linear decks are exact whatever they are. */
static const ogi_deck_accuracy exact = {1e-7, 1e-9, 1e-15};

static og_status ask_ngspice(const ogi_deck_check *c, const og_analysis *a, og_check_analysis *one) {
  double begin = ogi_now();
  og_status st = ogi_spice_run_deck(c->spice, c->deck, a, &exact, &one->theirs, c->err);
  one->theirs_second = ogi_now() - begin;
  return st;
}

/* ---- results of another simulator ---- */

/* The plot of a file that is of this kind, and has vectors of ours. */
static int fits(const og_vectors *v, const og_check_analysis *one) {
  if (v->complex_values != one->ours->complex_values) return 0;
  int scale = one->ours->has_scale && one->kind != OG_ANALYSIS_DC;
  if (scale && (v->count == 0 || !v->has_scale || v->quantity[0] != one->ours->quantity[0])) return 0;
  if (!one->ours->has_scale && v->points != 1) return 0;
  for (size_t k = (size_t)one->ours->has_scale; k < one->ours->count; k++)
    if (og_vectors_find(v, one->ours->name[k]) < v->count) return 1;
  return 0;
}

static og_status take_file(const ogi_deck_check *c, og_check_analysis *one) {
  og_vectors **plots = NULL;
  size_t count = 0;
  const char *path = c->opts->against, *dot = strrchr(path, '.');
  int raw = dot != NULL && (strcmp(dot, ".raw") == 0 || strcmp(dot, ".gz") == 0);
  og_vectors *single = NULL;
  og_status st = raw ? og_raw_load(path, &plots, &count, c->err) : og_vectors_load(path, &single, c->err);
  for (size_t k = 0; st == OG_OK && k < count && one->theirs == NULL; k++)
    if (fits(plots[k], one)) {
      one->theirs = plots[k];
      plots[k] = NULL;
    }
  if (single != NULL && fits(single, one)) {
    one->theirs = single;
    single = NULL;
  }
  if (st == OG_OK && one->theirs == NULL)
    st = ogi_fail(c->err, OG_E_INPUT,
                  "%s: holds no results that fit .%s of the deck: need its scale, and a vector of its names", path,
                  og_analysis_name(one->kind));
  og_vectors_free(single);
  og_raw_free(plots, count);
  return st;
}

/* ---- one analysis ---- */

/* Of a current with 50 kT/q across the diode. */
#define DIODE_RTOL 2e-5

static int has_diodes(const og_deck *d) {
  for (size_t k = 0; k < d->parts.count; k++)
    if (d->parts.item[k].kind == 'D') return 1;
  return 0;
}

static og_status compare(const ogi_deck_check *c, og_check_analysis *one) {
  og_compare_opts opts;
  og_compare_opts_init(&opts);
  if (one->tolerance.of_peak) opts.scale = OG_COMPARE_PEAK;
  return og_vectors_compare(one->ours, one->theirs, &opts, &one->compare, c->err);
}

static og_status measure(const ogi_deck_check *c, const char *statement, og_check_analysis *one) {
  og_measure *m = NULL;
  og_error why = {0};
  og_measure_result ours = {.value = NAN}, theirs = {.value = NAN};
  og_status st = og_measure_parse(&m, statement, c->err);
  if (st != OG_OK) return ogi_prefix(c->err, st, ".measure");
  if (strcmp(og_measure_analysis(m), og_analysis_name(one->kind)) == 0) {
    og_check_measure *to = &one->measures[one->measure_count++];
    to->name = ogi_strdup(og_measure_name(m));
    if (to->name == NULL) st = ogi_fail(c->err, OG_E_NOMEM, "check: a name");
    if (st == OG_OK && (og_measure_eval(m, one->ours, &ours, &why) != OG_OK ||
                        og_measure_eval(m, one->theirs, &theirs, &why) != OG_OK))
      snprintf(to->why, sizeof to->why, "%.119s", why.text);
    to->ours = ours.value;
    to->theirs = theirs.value;
  }
  og_measure_free(m);
  return st;
}

static og_status measure_all(const ogi_deck_check *c, og_check_analysis *one) {
  size_t count = og_deck_measures(c->deck);
  og_status st = OG_OK;
  if (count == 0 || one->theirs == NULL) return OG_OK;
  one->measures = ogi_alloc(count, sizeof *one->measures);
  if (one->measures == NULL) return ogi_fail(c->err, OG_E_NOMEM, "check: %zu measurements", count);
  for (size_t k = 0; k < count && st == OG_OK; k++) st = measure(c, og_deck_measure(c->deck, k), one);
  return st;
}

static og_status check_one(const ogi_deck_check *c, const og_analysis *a, og_check_analysis *one) {
  og_status st;
  og_analysis_opts opts;
  og_analysis_opts_init(&opts);
  opts.engine = c->opts->engine;
  opts.progress = c->opts->progress;
  one->kind = a != NULL ? a->kind : OG_ANALYSIS_OP;
  one->tolerance = og_check_tolerance(one->kind);
  if (has_diodes(c->deck) && one->tolerance.rtol < DIODE_RTOL)
    one->tolerance = (og_tolerance){
        DIODE_RTOL, "ngspice's kT/q is 3.4e-7 off, which a diode multiplies by its voltage over kT/q", 0};
  if (c->opts->rtol > 0) one->tolerance = (og_tolerance){c->opts->rtol, "asked for", one->tolerance.of_peak};
  double begin = ogi_now();
  if (one->kind != OG_ANALYSIS_OP && opts.engine == OG_DECK_CROSSBAR) opts.engine = OG_DECK_AUTO;
  OGI_TRY(st, og_analysis_run(&one->ours, c->deck, a, &opts, &one->info, c->err));
  one->ours_second = ogi_now() - begin;
  if (c->spice != NULL && one->kind == OG_ANALYSIS_OP && ogi_wants_samples(c)) {
    OGI_TRY(st, ogi_check_samples(c, one));
  } else {
    OGI_TRY(st, c->spice != NULL ? ask_ngspice(c, a, one) : take_file(c, one));
    OGI_TRY(st, compare(c, one));
    OGI_TRY(st, measure_all(c, one));
  }
  one->passed = !one->compare.dark && one->compare.worst_relative <= one->tolerance.rtol;
done:
  return st == OG_OK ? st : ogi_prefix(c->err, st, ".%s", og_analysis_name(one->kind));
}

/* ---- the whole deck ---- */

static og_status check_opts(const og_check_deck_opts *o, og_error *err) {
  if (!(o->rtol == 0 || (o->rtol >= 1e-15 && o->rtol <= 1)))
    return ogi_fail(err, OG_E_RANGE, "check: rtol: saw %g, need 1e-15 .. 1, or 0 for the usual ones", o->rtol);
  if (!(o->timeout_second > 0))
    return ogi_fail(err, OG_E_RANGE, "check: timeout_second: saw %g, need more than 0 (second)", o->timeout_second);
  if (o->sample_nodes > 0 && o->samples == 0) return ogi_fail(err, OG_E_RANGE, "check: samples: saw 0, need 1 or more");
  return OG_OK;
}

static og_status start(ogi_deck_check *c, og_check_report *report) {
  og_spice_opts opts;
  if (c->opts->against != NULL) {
    snprintf(report->reference, sizeof report->reference, "%.79s", c->opts->against);
    return OG_OK;
  }
  og_spice_opts_init(&opts);
  opts.program = c->opts->worker;
  opts.timeout_second = c->opts->timeout_second;
  opts.progress = c->opts->progress;
  og_status st = og_spice_open(&c->spice, &opts, c->err);
  return st;
}

/* Decks with other analyses are never too large for ngspice by this measure alone: it is told if it takes too long. */
static og_status judge(og_check_report *r, og_error *err) {
  double worst = -1;
  for (size_t k = 0; k < r->count; k++) {
    const og_check_analysis *one = &r->analysis[k];
    double share = one->compare.dark ? INFINITY : one->compare.worst_relative / one->tolerance.rtol;
    if (share > worst) {
      worst = share;
      r->worst = k;
    }
  }
  const og_check_analysis *one = &r->analysis[r->worst];
  const char *name = og_analysis_name(one->kind);
  if (one->passed) return OG_OK;
  if (one->compare.dark)
    return ogi_fail(err, OG_E_TOLERANCE, ".%s: %s: no agreement can be shown", name,
                    one->compare.compared == 0 ? "nothing could be compared" : "every value is 0 in both");
  const og_compare_vector *v = &one->compare.vector[one->compare.worst];
  return ogi_fail(err, OG_E_TOLERANCE,
                  ".%s: %s at %.6g: saw %.9g, %s %.9g (%s): relative deviation %.3g, need at most %.3g", name, v->name,
                  v->at, v->ours[0], r->reference, v->theirs[0], og_quantity_unit(v->quantity), v->worst_relative,
                  one->tolerance.rtol);
}

og_status og_check_deck(og_check_report *report, const og_deck *deck, const og_check_deck_opts *opts, og_error *err) {
  og_status st;
  og_check_deck_opts defaults;
  if (report != NULL) *report = (og_check_report){0};
  if (report == NULL || deck == NULL) return ogi_fail(err, OG_E_ARG, "check: a needed pointer is NULL");
  og_check_deck_opts_init(&defaults);
  ogi_deck_check c = {.deck = deck, .opts = opts != NULL ? opts : &defaults, .err = err};
  OGI_TRY(st, check_opts(c.opts, err));
  size_t analyses = og_deck_analyses(deck);
  report->count = analyses > 0 ? analyses : 1;
  report->analysis = ogi_alloc(report->count, sizeof *report->analysis);
  if (report->analysis == NULL) {
    report->count = 0;
    st = ogi_fail(err, OG_E_NOMEM, "check: %zu analyses", analyses);
    goto done;
  }
  OGI_TRY(st, start(&c, report));
  for (size_t k = 0; k < report->count; k++)
    OGI_TRY(st, check_one(&c, og_deck_analysis(deck, k), &report->analysis[k]));
  if (c.spice != NULL) snprintf(report->reference, sizeof report->reference, "%s", og_spice_version(c.spice));
  st = judge(report, err);
done:
  og_spice_close(c.spice);
  if (st != OG_OK && st != OG_E_TOLERANCE) og_check_report_clear(report);
  return st;
}

void og_check_report_clear(og_check_report *r) {
  if (r == NULL) return;
  for (size_t k = 0; k < r->count; k++) {
    og_check_analysis *one = &r->analysis[k];
    og_compare_clear(&one->compare);
    og_vectors_free(one->ours);
    og_vectors_free(one->theirs);
    for (size_t j = 0; j < one->measure_count; j++) ogi_free(one->measures[j].name);
    ogi_free(one->measures);
  }
  ogi_free(r->analysis);
  *r = (og_check_report){0};
}
