/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_deck.h"

/* ---- JSON ---- */

static json_t *histogram(const og_compare_result *r) {
  json_t *list = json_array();
  for (size_t k = 0; k < OG_COMPARE_BINS; k++) json_array_append_new(list, json_integer((json_int_t)r->histogram[k]));
  return list;
}

static json_t *measures(const og_check_analysis *a) {
  json_t *list = json_array();
  for (size_t k = 0; k < a->measure_count; k++)
    json_array_append_new(
        list, json_pack("{s:s, s:o, s:o, s:s}", "name", a->measures[k].name, "ours", json_number(a->measures[k].ours),
                        "theirs", json_number(a->measures[k].theirs), "why", a->measures[k].why));
  return list;
}

static const og_compare_vector *worst_of(const og_check_analysis *a) {
  return a->compare.count > 0 ? &a->compare.vector[a->compare.worst] : NULL;
}

static json_t *describe_one(const og_check_analysis *a) {
  const og_compare_vector *w = worst_of(a);
  json_t *o = json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:I}", "analysis", og_analysis_name(a->kind),
                        "engine", a->info.engine, "engine_reason", a->info.reason, "crossbar", a->info.crossbar, "m",
                        (json_int_t)a->info.m, "n", (json_int_t)a->info.n, "compared", (json_int_t)a->compare.compared,
                        "points", (json_int_t)a->compare.points, "samples", (json_int_t)a->samples);
  json_t *more = json_pack(
      "{s:o, s:s, s:o, s:o, s:o, s:s, s:s, s:o, s:s, s:b, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "worst_relative",
      json_number(a->compare.worst_relative), "worst_node", w != NULL ? w->name : "", "worst_at",
      json_number(w != NULL ? w->at : NAN), "ours", json_number(w != NULL ? w->ours[0] : NAN), "theirs",
      json_number(w != NULL ? w->theirs[0] : NAN), "unit", w != NULL ? og_quantity_unit(w->quantity) : "",
      "relative_to", a->tolerance.of_peak ? "peak" : "value", "tolerance", json_number(a->tolerance.rtol),
      "tolerance_reason", a->tolerance.reason, "passed", a->passed, "all_zero", a->compare.dark, "histogram_1e-16_to_1",
      histogram(&a->compare), "measures", measures(a), "kcl_residual", json_number(a->info.kcl_residual), "power_watt",
      json_number(a->info.power_watt), "power_balance", json_number(a->info.power_balance), "ours_second",
      json_number(a->ours_second), "theirs_second", json_number(a->theirs_second));
  json_object_update(o, more);
  json_decref(more);
  return o;
}

/* The worst analysis speaks for the deck; each of them follows. */
static json_t *describe(const deck_check *c, const og_check_report *r, double wall) {
  json_t *o = json_object(), *all = json_array(), *worst = describe_one(&r->analysis[r->worst]);
  int passed = 1;
  size_t compared = 0;
  for (size_t k = 0; k < r->count; k++) {
    passed &= r->analysis[k].passed;
    compared += r->analysis[k].compare.compared;
    json_array_append_new(all, describe_one(&r->analysis[k]));
  }
  static const char *const keys[] = {"engine",        "kcl_residual",   "power_watt",
                                     "power_balance", "worst_relative", "worst_node"};
  json_object_set_new(o, "deck", json_string(c->path));
  json_object_set_new(o, "reference", json_string(r->reference));
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) json_object_set(o, keys[k], json_object_get(worst, keys[k]));
  json_object_set_new(o, "compared", json_integer((json_int_t)compared));
  json_object_set_new(o, "passed", json_boolean(passed));
  json_object_set_new(o, "wall_second", json_number(wall));
  json_object_set_new(o, "analyses", all);
  json_decref(worst);
  return o;
}

/* ---- table ---- */

static void print_histogram(const og_compare_result *r) {
  printf("  deviations");
  for (size_t k = 0; k < OG_COMPARE_BINS; k++) {
    if (r->histogram[k] == 0) continue;
    if (k == 0) printf("  <1e-16: %zu", r->histogram[k]);
    else if (k == OG_COMPARE_BINS - 1) printf("  >=1: %zu", r->histogram[k]);
    else printf("  1e%d: %zu", (int)k - 17, r->histogram[k]);
  }
  putchar('\n');
}

static void print_engine(const og_check_analysis *a) {
  if (a->info.crossbar)
    printf("  ours        crossbar of %zu x %zu, engine %s: %s\n", a->info.m, a->info.n, a->info.engine,
           a->info.reason);
  else printf("  ours        general circuit, engine %s (%s)\n", a->info.engine, a->info.reason);
}

static void print_one(const og_check_analysis *a, const char *reference) {
  const og_compare_vector *w = worst_of(a);
  printf(".%s\n", og_analysis_name(a->kind));
  print_engine(a);
  printf("  compared    %zu values of %zu vectors; ours %.2g s, %s %.2g s\n", a->compare.compared, a->compare.count,
         a->ours_second, reference, a->theirs_second);
  if (a->samples > 0)
    printf("              in %zu parts drawn at random, because ngspice would take too long (--whole: all)\n",
           a->samples);
  if (w != NULL) {
    char at[40] = "";
    if (a->compare.points > 1) snprintf(at, sizeof at, " at %.6g", w->at);
    printf("  worst       %.2g of the %s: %s%s: ours %.12g, %s %.12g %s\n", w->worst_relative,
           a->tolerance.of_peak ? "peak" : "value", w->name, at, w->ours[0], reference, w->theirs[0],
           og_quantity_unit(w->quantity));
  }
  print_histogram(&a->compare);
  for (size_t k = 0; k < a->measure_count; k++) {
    const og_check_measure *m = &a->measures[k];
    if (m->why[0] != '\0') printf("  measure     %s: failed: %s\n", m->name, m->why);
    else printf("  measure     %s: ours %.9g, %s %.9g\n", m->name, m->ours, reference, m->theirs);
  }
  if (a->compare.only_ours_count > 0)
    printf("  not in %s: %zu of our vectors, such as %s\n", reference, a->compare.only_ours_count,
           a->compare.only_ours[0]);
  printf("  tolerance   %.2g (%s): %s\n", a->tolerance.rtol, a->tolerance.reason,
         a->passed ? "passed" : a->compare.dark ? "FAILED, nothing but zeros" : "FAILED");
}

/* ---- files ---- */

static int write_files(const deck_check *c, const og_check_report *r) {
  og_error err = {0};
  for (size_t k = 0; k < r->count; k++) {
    char path[4096];
    const og_check_analysis *a = &r->analysis[k];
    const og_vectors *ours = a->ours;
    if (c->raw != NULL) {
      snprintf(path, sizeof path, "%s.%s.raw", c->raw, og_analysis_name(a->kind));
      og_status st = og_raw_save(path, &ours, 1, 1, &err);
      if (st != OG_OK) return fail(&err, st);
    }
    if (c->plot != NULL) {
      snprintf(path, sizeof path, "%s.%s.svg", c->plot, og_analysis_name(a->kind));
      og_status st = og_check_plot(path, a, r->reference, &err);
      if (st != OG_OK) return fail(&err, st);
    }
  }
  return EXIT_SUCCESS;
}

int check_deck(deck_check *c) {
  og_deck *deck = NULL;
  og_error err = {0};
  og_check_report report = {0};
  double start = seconds();
  og_status st = og_deck_load(&deck, c->path, &c->read, &err);
  if (st == OG_OK) {
    c->check.progress = progress_start();
    st = og_check_deck(&report, deck, &c->check, &err);
    progress_end();
  }
  int status = st == OG_OK ? EXIT_SUCCESS : og_status_exit(st);
  if (st == OG_OK || st == OG_E_TOLERANCE) {
    if (c->json) print_json(describe(c, &report, seconds() - start));
    else for (size_t k = 0; k < report.count; k++) print_one(&report.analysis[k], report.reference);
    int written = write_files(c, &report);
    if (status == EXIT_SUCCESS) status = written;
  }
  if (st != OG_OK) fail(&err, st);
  og_check_report_clear(&report);
  og_deck_free(deck);
  return status;
}
