/* SPDX-License-Identifier: BSD-3-Clause */
/* The decks of netlists/: expected values that no simulator computed, both engines of ours, and ngspice. */
#include <config.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/ohmgrid.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_spice_number.h"
#include "ogt.h"

static og_error err;

/* Every deck of the folder; m x n: the crossbar that must be recognised in its operating point, 0: there is none. */
static const struct {
  const char *name;
  size_t m, n;
} decks[] = {{"series_1x1", 1, 1},
             {"ideal_2x3", 2, 3},
             {"fibonacci_1x5", 1, 5},
             {"left_bottom_3x4", 3, 4},
             {"right_top_4x3", 4, 3},
             {"both_ends_3x4", 3, 4},
             {"direct_ends_3x4", 3, 4},
             {"parallel_3x4", 3, 4},
             {"floating_line_3x4", 3, 4},
             {"half_voltage_4x4", 4, 4},
             {"faults_3x4", 3, 4},
             {"hspice_16x16", 16, 16},
             {"corners", 1, 3},
             {"selectors_2x3", 0, 0},
             {"transistors_1x3", 0, 0},
             {"converter_8bit", 0, 0},
             {"differential_tia", 0, 0},
             {"diode", 0, 0},
             {"settle_op", 0, 0},
             {"settle_uic", 0, 0},
             {"pulse_train", 0, 0},
             {"ringing", 0, 0},
             {"coupled_coils", 0, 0},
             {"ladder_ac", 0, 0},
             {"divider_noise", 0, 0},
             {"column_noise", 0, 0}};
enum { DECKS = sizeof decks / sizeof *decks };

static const char *folder(void) {
  static char path[1024];
  snprintf(path, sizeof path, "%s/netlists", getenv("OHMGRID_DATADIR"));
  return path;
}

static og_deck *load(const char *name) {
  char path[1200];
  og_deck *d = NULL;
  og_deck_opts opts;
  og_deck_opts_init(&opts);
  opts.folder = folder();
  snprintf(path, sizeof path, "%s/%s.cir", folder(), name);
  ck_assert_msg(og_deck_load(&d, path, &opts, &err) == OG_OK, "%s", err.text);
  return d;
}

/* ---- expected values ---- */

/* One line: "vector,value" of an operating point, or "analysis,vector,at,value,rtol". */
typedef struct expected {
  char analysis[16], vector[80];
  double at, value, rtol; /* at: NAN where there is no scale */
} expected;

static double number(const char *text) {
  double x = NAN;
  const char *end = text;
  ck_assert_msg(ogi_spice_number(text, &end, &x) && *end == '\0', "saw \"%s\", need a number", text);
  return x;
}

/* Fields of a line, cut in place. */
static size_t cut(char *line, char *field[6]) {
  size_t count = 0;
  for (char *at = line; at != NULL && count < 6; count++) {
    field[count] = at;
    at = strchr(at, ',');
    if (at != NULL) *at++ = '\0';
  }
  return count;
}

static expected read_line(char *line) {
  char *field[6];
  size_t count = cut(line, field);
  expected e = {.at = NAN, .rtol = 1e-9}; /* exact to 16 digits; our own errors grow with the size of the array */
  ck_assert_msg(count == 2 || count == 5, "%s: saw %zu fields, need 2 or 5", field[0], count);
  snprintf(e.analysis, sizeof e.analysis, "%s", count == 2 ? "op" : field[0]);
  snprintf(e.vector, sizeof e.vector, "%s", field[count == 2 ? 0 : 1]);
  if (count == 5 && field[2][0] != '\0') e.at = number(field[2]);
  e.value = number(field[count == 2 ? 1 : 3]);
  if (count == 5) e.rtol = number(field[4]);
  return e;
}

static size_t read_expected(const char *name, expected **list) {
  char path[1200], *text, *rest;
  size_t bytes, count = 0;
  snprintf(path, sizeof path, "%s/%s.csv", folder(), name);
  ck_assert_msg(ogi_file_read(&text, &bytes, path, 0, &err) == OG_OK, "%s", err.text);
  ck_assert_msg(text[0] == '#', "%s.csv: need a first line that says who computed", name);
  *list = ogi_alloc(bytes, sizeof **list);
  for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
    if (line[0] != '#' && strcmp(line, "analysis,vector,at,value,rtol") != 0) (*list)[count++] = read_line(line);
  ogi_free(text);
  ck_assert_uint_gt(count, 0);
  return count;
}

/* ---- ours ---- */

/* The first analysis of that name; an operating point needs no card. */
static const og_analysis *find_analysis(const og_deck *d, const char *name) {
  static const og_analysis operating = {.kind = OG_ANALYSIS_OP};
  for (size_t k = 0; k < og_deck_analyses(d); k++)
    if (strcmp(og_analysis_name(og_deck_analysis(d, k)->kind), name) == 0) return og_deck_analysis(d, k);
  ck_assert_msg(strcmp(name, "op") == 0, "saw no .%s", name);
  return &operating;
}

static og_vectors *run(const og_deck *d, const char *analysis, og_deck_engine engine, og_analysis_info *info) {
  og_vectors *v = NULL;
  og_analysis_opts opts;
  og_analysis_opts_init(&opts);
  opts.engine = engine;
  og_status st = og_analysis_run(&v, d, find_analysis(d, analysis), &opts, info, &err);
  ck_assert_msg(st == OG_OK, "%s", err.text);
  return v;
}

static double measured(const og_vectors *v, const char *statement) {
  og_measure *m = NULL;
  og_measure_result r;
  ck_assert_msg(og_measure_parse(&m, statement, &err) == OG_OK, "%s", err.text);
  ck_assert_msg(og_measure_eval(m, v, &r, &err) == OG_OK, "%s", err.text);
  og_measure_free(m);
  return r.value;
}

/* Value of a vector at a place; "vr(x)" and the like of phasors. */
static double value_at(const og_vectors *v, const expected *e) {
  char statement[200];
  size_t k = og_vectors_find(v, e->vector);
  if (isnan(e->at)) {
    ck_assert_msg(k < v->count, "saw no vector %s", e->vector);
    return *og_vectors_at(v, k);
  }
  snprintf(statement, sizeof statement, "%s x find %s at=%.17g", e->analysis, e->vector, e->at);
  return measured(v, statement);
}

/* The .measure of that name, which says itself of what analysis it is. */
static const char *find_measure(const og_deck *d, const char *name, char analysis[16]) {
  for (size_t k = 0; k < og_deck_measures(d); k++) {
    char seen[80];
    if (sscanf(og_deck_measure(d, k), "%15s %79s", analysis, seen) == 2 && strcmp(seen, name) == 0)
      return og_deck_measure(d, k);
  }
  ck_abort_msg("saw no .measure %s", name);
  return NULL;
}

static void hold(const og_deck *d, const char *name, const expected *list, size_t count, og_deck_engine engine) {
  og_vectors *v = NULL;
  const char *now = "";
  for (size_t k = 0; k < count; k++) {
    const expected *e = &list[k];
    char analysis[16], what[120];
    int is_measure = strcmp(e->analysis, "measure") == 0;
    const char *statement = is_measure ? find_measure(d, e->vector, analysis) : NULL;
    if (!is_measure) snprintf(analysis, sizeof analysis, "%s", e->analysis);
    if (strcmp(analysis, now) != 0) {
      og_vectors_free(v);
      v = run(d, analysis, engine, NULL);
      now = og_analysis_name(find_analysis(d, analysis)->kind);
    }
    double got = is_measure ? measured(v, statement) : value_at(v, e);
    snprintf(what, sizeof what, "%s: .%s %s at %g", name, e->analysis, e->vector, e->at);
    ogt_rel_at(got, e->value, e->rtol, what, __FILE__, __LINE__);
  }
  og_vectors_free(v);
}

START_TEST(our_results_are_the_expected_ones) {
  expected *list;
  const char *name = decks[_i].name;
  og_deck *d = load(name);
  size_t count = read_expected(name, &list);
  hold(d, name, list, count, OG_DECK_AUTO);
  hold(d, name, list, count, OG_DECK_GENERAL);
  ogi_free(list);
  og_deck_free(d);
}
END_TEST

START_TEST(crossbars_are_recognised_and_nothing_else_is) {
  og_deck *d = load(decks[_i].name);
  og_analysis_info info;
  og_vectors *v = run(d, "op", OG_DECK_AUTO, &info);
  ck_assert_msg(info.crossbar == (decks[_i].m > 0), "%s: %s", decks[_i].name, info.reason);
  ck_assert_uint_eq(info.m, decks[_i].m);
  ck_assert_uint_eq(info.n, decks[_i].n);
  og_vectors_free(v);
  og_deck_free(d);
}
END_TEST

START_TEST(ngspice_agrees) {
  og_deck *d = load(decks[_i].name);
  og_check_report r;
  og_check_deck_opts opts;
  og_check_deck_opts_init(&opts);
  opts.timeout_second = 60;
  opts.worker = getenv("OHMGRID_SPICE");
  ck_assert_ptr_nonnull(opts.worker);
  og_status st = og_check_deck(&r, d, &opts, &err);
  ck_assert_msg(st == OG_OK, "%s: %s", decks[_i].name, err.text);
  for (size_t k = 0; k < r.count; k++) ck_assert_uint_gt(r.analysis[k].compare.compared, 0);
  og_check_report_clear(&r);
  og_deck_free(d);
}
END_TEST

START_TEST(every_deck_of_the_folder_is_tested) {
  DIR *at = opendir(folder());
  size_t seen = 0;
  ck_assert_ptr_nonnull(at);
  for (struct dirent *file = readdir(at); file != NULL; file = readdir(at)) {
    const char *dot = strrchr(file->d_name, '.');
    size_t length = dot != NULL ? (size_t)(dot - file->d_name) : 0, k = 0;
    if (dot == NULL || strcmp(dot, ".csv") != 0) continue;
    while (k < DECKS && (strncmp(decks[k].name, file->d_name, length) != 0 || decks[k].name[length] != '\0')) k++;
    ck_assert_msg(k < DECKS, "%s: in no table of this test", file->d_name);
    seen++;
  }
  closedir(at);
  ck_assert_uint_eq(seen, DECKS);
}
END_TEST

int main(void) {
  Suite *s = suite_create("library");
  TCase *t = tcase_create("library");
  tcase_set_timeout(t, 120);
  tcase_add_loop_test(t, our_results_are_the_expected_ones, 0, DECKS);
  tcase_add_loop_test(t, crossbars_are_recognised_and_nothing_else_is, 0, DECKS);
  tcase_add_loop_test(t, ngspice_agrees, 0, DECKS);
  tcase_add_test(t, every_deck_of_the_folder_is_tested);
  suite_add_tcase(s, t);
  return ogt_run(s);
}
