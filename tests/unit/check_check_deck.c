/* SPDX-License-Identifier: BSD-3-Clause */
/* Decks cross-checked: every analysis against ngspice, against files, in parts; and that a difference does not stay
 * hidden. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/ohmgrid.h>

#include "base/ogi_mem.h"
#include "ogt.h"
#include "report/ogi_check_deck.h"

static og_error err;

static og_check_deck_opts options(void) {
  og_check_deck_opts opts;
  og_check_deck_opts_init(&opts);
  opts.timeout_second = 60;
  opts.worker = getenv("OHMGRID_SPICE");
  ck_assert_ptr_nonnull(opts.worker);
  return opts;
}

static og_deck *read_deck(const char *text) {
  og_deck *d = NULL;
  ck_assert_msg(og_deck_parse(&d, "t.cir", text, strlen(text), NULL, &err) == OG_OK, "%s", err.text);
  return d;
}

static og_status check(const char *text, og_check_deck_opts opts, og_check_report *r) {
  og_deck *d = read_deck(text);
  og_status st = og_check_deck(r, d, &opts, &err);
  og_deck_free(d);
  return st;
}

static const char everything[] =
    "all analyses\n"
    "v1 in 0 dc 0.7 ac 1 pulse(0.2 0.9 2n 1n 1n 6n 20n)\n"
    "r1 in a 1.3k\nc1 a 0 1.7p\nd1 a b dd\nr2 b 0 2.2k\nc2 b 0 0.9p\n.model dd d(is=1f n=1.1 rs=5 cjo=0.2p tt=1p)\n"
    "b1 c 0 v=v(a)*tanh(v(b)/0.3)\nrc c 0 1k\nl1 b e 50n\nl2 f 0 20n\nk1 l1 l2 0.6\nre e 0 330\nrf f 0 47\n"
    "e1 g 0 b 0 2.5\nrg g h 1k\nf1 0 h e1 0.4\nrh h 0 910\n"
    ".op\n.dc v1 0 0.9 0.05\n.tran 0.05n 20n\n.ac dec 3 1meg 10g\n.noise v(b) v1 dec 3 1meg 10g\n"
    ".measure tran high max v(b)\n.measure tran delay trig v(in) val=0.5 rise=1 targ v(b) val=0.1 rise=1\n";

START_TEST(every_analysis_agrees_with_ngspice) {
  og_check_report r;
  og_status st = check(everything, options(), &r);
  ck_assert_msg(st == OG_OK, "%s", err.text);
  ck_assert_uint_eq(r.count, 5);
  static const size_t points[] = {1, 19, 100, 13, 13};
  for (size_t k = 0; k < r.count; k++) {
    const og_check_analysis *a = &r.analysis[k];
    ck_assert_msg(a->passed && a->compare.count > 0, "%s", og_analysis_name(a->kind));
    ck_assert_uint_ge(a->compare.points, points[k]);
    ck_assert_uint_eq(a->compare.only_ours_count, 0);
    ck_assert_uint_eq(a->compare.only_theirs_count, 0);
    ck_assert_str_eq(a->info.engine, "klu");
  }
  ck_assert_uint_eq(r.analysis[2].measure_count, 2);
  ogt_rel(r.analysis[2].measures[0].ours, r.analysis[2].measures[0].theirs, 1e-3);
  ogt_rel(r.analysis[2].measures[1].ours, r.analysis[2].measures[1].theirs, 1e-2);
  ogt_has(r.reference, "ngspice");
  og_check_report_clear(&r);
}
END_TEST

/* A crossbar in another tool's words, one resistor short of regular or not. */
static char *crossbar(size_t m, size_t n, int odd) {
  char *text = ogi_alloc(200 * m * n + 1000, 1), *to = text;
  to += sprintf(to, "* written elsewhere\n.OPTION POST=2\n");
  for (size_t i = 0; i < m; i++) to += sprintf(to, "v%zu in%zu 0 DC=%g\n", i, i, 0.1 * (double)(i % 4 + 1));
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      if (j == 0) to += sprintf(to, "Rt%zup0 in%zu top%zup0 1.5\n", i, i, i);
      else to += sprintf(to, "Rt%zup%zu top%zup%zu top%zup%zu 1.5\n", i, j, i, j - 1, i, j);
      to +=
          sprintf(to, "Rm%zup%zu top%zup%zu bot%zup%zu %zu\n", i, j, i, j, i, j, 10000 + 977 * ((7 * i + 3 * j) % 13));
      if (i + 1 < m) to += sprintf(to, "Rb%zup%zu bot%zup%zu bot%zup%zu 1.1\n", i, j, i, j, i + 1, j);
      else to += sprintf(to, "Rb%zup%zu bot%zup%zu 0 1.1\n", i, j, i, j);
    }
  if (odd)
    for (size_t k = 0; k < m + n + 3; k++) to += sprintf(to, "Rx%zu top%zup0 bot%zup1 5k\n", k, k % m, (k + 2) % m);
  sprintf(to, ".OP\n.print op v(top1p2)\n.END\n");
  return text;
}

START_TEST(a_crossbar_of_another_tool_is_solved_as_one) {
  og_check_report r;
  char *text = crossbar(11, 9, 0);
  ck_assert_msg(check(text, options(), &r) == OG_OK, "%s", err.text);
  ck_assert_int_eq(r.analysis[0].info.crossbar, 1);
  ck_assert_uint_eq(r.analysis[0].info.m, 11);
  ck_assert_uint_eq(r.analysis[0].info.n, 9);
  ck_assert_double_le(r.analysis[0].compare.worst_relative, 1e-9);
  og_check_report_clear(&r);
  ogi_free(text);
}
END_TEST

START_TEST(what_is_no_crossbar_is_solved_all_the_same) {
  og_check_report r;
  og_check_deck_opts opts = options();
  char *text = crossbar(6, 5, 1);
  ck_assert_msg(check(text, opts, &r) == OG_OK, "%s", err.text);
  ck_assert_int_eq(r.analysis[0].info.crossbar, 0);
  ogt_has(r.analysis[0].info.reason, "no crossbar");
  og_check_report_clear(&r);
  opts.engine = OG_DECK_CROSSBAR;
  ck_assert_int_eq(check(text, opts, &r), OG_E_INPUT);
  ogi_free(text);
}
END_TEST

START_TEST(both_engines_of_ours_agree) {
  char *text = crossbar(7, 8, 0);
  og_deck *d = read_deck(text);
  og_vectors *fast = NULL, *general = NULL;
  og_analysis_opts opts;
  og_compare_result c;
  og_analysis_opts_init(&opts);
  ck_assert_msg(og_analysis_run(&fast, d, NULL, &opts, NULL, &err) == OG_OK, "%s", err.text);
  opts.engine = OG_DECK_GENERAL;
  ck_assert_msg(og_analysis_run(&general, d, NULL, &opts, NULL, &err) == OG_OK, "%s", err.text);
  ck_assert_int_eq(og_vectors_compare(fast, general, NULL, &c, &err), OG_OK);
  ck_assert_uint_eq(c.only_ours_count + c.only_theirs_count, 0);
  ck_assert_double_le(c.worst_relative, 1e-9);
  og_compare_clear(&c);
  og_vectors_free(fast);
  og_vectors_free(general);
  og_deck_free(d);
  ogi_free(text);
}
END_TEST

START_TEST(a_file_with_one_wrong_value_is_told_by_name) {
  const char *text = "t\nv1 a 0 1\nr1 a mid 1.7k\nr2 mid 0 3.1k\n.op\n";
  og_check_report r;
  og_check_deck_opts opts = options();
  char path[300];
  snprintf(path, sizeof path, "%s", ogt_scratch("other.csv"));
  opts.against = path;
  FILE *f = fopen(path, "w");
  fprintf(f, "v(mid),v(a),i(v1)\n%.17g,1,%.17g\n", 3.1 / 4.8, -1 / 4800.0);
  fclose(f);
  ck_assert_msg(check(text, opts, &r) == OG_OK, "%s", err.text);
  ck_assert_uint_eq(r.analysis[0].compare.compared, 3);
  og_check_report_clear(&r);
  f = fopen(path, "w");
  fprintf(f, "v(mid),v(a),i(v1)\n%.17g,1,%.17g\n", 3.1 / 4.8 * (1 + 2e-6), -1 / 4800.0);
  fclose(f);
  ck_assert_int_eq(check(text, opts, &r), OG_E_TOLERANCE);
  ogt_has(err.text, ".op: mid");
  ck_assert_int_eq(r.analysis[0].passed, 0);
  og_check_report_clear(&r);
  f = fopen(path, "w");
  fputs("v(elsewhere)\n1\n", f);
  fclose(f);
  ck_assert_int_eq(check(text, opts, &r), OG_E_INPUT);
  ogt_has(err.text, "no results that fit .op");
}
END_TEST

START_TEST(zeros_prove_nothing) {
  og_check_report r;
  ck_assert_int_eq(check("t\nv1 a 0 0\nr1 a b 1k\nr2 b 0 1k\n", options(), &r), OG_E_TOLERANCE);
  ogt_has(err.text, "every value is 0");
  og_check_report_clear(&r);
}
END_TEST

/* Parts of a large deck, with potentials that are right, and with one that is not. */
START_TEST(parts_of_a_large_deck_show_a_wrong_potential) {
  char *text = crossbar(31, 37, 0);
  og_deck *d = read_deck(text);
  og_check_deck_opts opts = options();
  og_check_report r;
  opts.sample_nodes = 500;
  opts.samples = 3;
  ck_assert_msg(og_check_deck(&r, d, &opts, &err) == OG_OK, "%s", err.text);
  og_check_analysis *one = &r.analysis[0];
  ck_assert_uint_eq(one->samples, 3);
  ck_assert_uint_eq(one->compare.compared, 3000);
  ck_assert_double_le(one->compare.worst_relative, 1e-9);
  ck_assert_ptr_null(one->theirs);
  ogi_deck_check c = {.deck = d, .opts = &opts, .err = &err};
  og_spice_opts spice;
  og_spice_opts_init(&spice);
  spice.program = opts.worker;
  ck_assert_msg(og_spice_open(&c.spice, &spice, &err) == OG_OK, "%s", err.text);
  for (size_t k = 0; k < og_deck_nodes(d); k += 50) *og_vectors_at(one->ours, k) *= 1.001; /* 2 % of the nodes */
  og_compare_clear(&one->compare);
  ck_assert_msg(ogi_check_samples(&c, one) == OG_OK, "%s", err.text);
  ck_assert_double_ge(one->compare.worst_relative, 1e-4);
  og_spice_close(c.spice);
  og_check_report_clear(&r);
  og_deck_free(d);
  ogi_free(text);
}
END_TEST

START_TEST(ngspices_own_words_come_with_the_analysis) {
  og_check_report r;
  og_check_deck_opts opts = options();
  opts.worker = "/nowhere/worker";
  ck_assert_int_eq(check("t\nv1 a 0 1\nr1 a 0 1k\n", opts, &r), OG_E_EXTERN);
  ogt_has(err.text, "/nowhere/worker");
  opts = options();
  opts.rtol = 2;
  ck_assert_int_eq(check("t\nv1 a 0 1\nr1 a 0 1k\n", opts, &r), OG_E_RANGE);
  ogt_has(err.text, "rtol: saw 2");
  ck_assert_int_eq(check("t\nv1 a 0 1\nr1 a 0 1k\nr2 b c 1k\n", options(), &r), OG_E_SINGULAR);
  ogt_has(err.text, ".op: ");
}
END_TEST

static int stop_now(void *user, const char *phase, double share) {
  (void)user, (void)phase, (void)share;
  return 1;
}

START_TEST(a_check_can_be_interrupted) {
  og_check_report r;
  og_check_deck_opts opts = options();
  opts.progress.report = stop_now;
  char *text = crossbar(40, 40, 0);
  ck_assert_int_eq(check(text, opts, &r), OG_E_INTERRUPT);
  ogi_free(text);
}
END_TEST

START_TEST(drawings_are_made) {
  og_check_report r;
  char path[300];
  ck_assert_msg(check(everything, options(), &r) == OG_OK, "%s", err.text);
  for (size_t k = 0; k < r.count; k++) {
    snprintf(path, sizeof path, "%s.svg", ogt_scratch(og_analysis_name(r.analysis[k].kind)));
    ck_assert_msg(og_check_plot(path, &r.analysis[k], r.reference, &err) == OG_OK, "%s", err.text);
    FILE *f = fopen(path, "r");
    char line[64] = "";
    ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
    fclose(f);
    ogt_has(line, "<?xml");
  }
  og_check_report_clear(&r);
}
END_TEST

int main(void) {
  Suite *s = suite_create("check_deck");
  TCase *t = tcase_create("check_deck");
  tcase_set_timeout(t, 120);
  tcase_add_test(t, every_analysis_agrees_with_ngspice);
  tcase_add_test(t, a_crossbar_of_another_tool_is_solved_as_one);
  tcase_add_test(t, what_is_no_crossbar_is_solved_all_the_same);
  tcase_add_test(t, both_engines_of_ours_agree);
  tcase_add_test(t, a_file_with_one_wrong_value_is_told_by_name);
  tcase_add_test(t, zeros_prove_nothing);
  tcase_add_test(t, parts_of_a_large_deck_show_a_wrong_potential);
  tcase_add_test(t, ngspices_own_words_come_with_the_analysis);
  tcase_add_test(t, a_check_can_be_interrupted);
  tcase_add_test(t, drawings_are_made);
  suite_add_tcase(s, t);
  return ogt_run(s);
}
