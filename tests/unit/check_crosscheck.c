/* SPDX-License-Identifier: BSD-3-Clause */
/* Our solver against ngspice, and that a difference between them would not stay hidden. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/ogi_mem.h"
#include "ogt.h"
#include "report/ogi_crosscheck.h"
#include <ohmgrid/ohmgrid.h>

static og_check_opts options(void) {
  og_check_opts opts;
  og_check_opts_init(&opts);
  opts.timeout_second = 60;
  opts.worker = getenv("OHMGRID_SPICE");
  ck_assert_ptr_nonnull(opts.worker);
  return opts;
}

/* --- the measure -------------------------------------------------------------------------------------------------- */

START_TEST(deviation_is_relative_to_the_value_or_a_thousandth_of_the_largest) {
  const double theirs[4] = {2, -0.5, 1e-6, 0};
  double ours[4] = {2, -0.5, 1e-6, 0};
  size_t where = 7;
  ogt_abs(ogi_deviation(ours, theirs, 4, 0, &where), 0, 0);
  ck_assert_uint_eq(where, 0);
  ours[1] = -0.5000005;
  ogt_rel(ogi_deviation(ours, theirs, 4, 0, &where), 1e-6, 1e-9);
  ck_assert_uint_eq(where, 1);
  ours[2] = 1e-6 + 4e-9; /* the scale is 1e-3 * 2 */
  ogt_rel(ogi_deviation(ours, theirs, 4, 0, &where), 2e-6, 1e-6);
  ck_assert_uint_eq(where, 2);
  ours[3] = -6e-9;
  ogt_rel(ogi_deviation(ours, theirs, 4, 0, &where), 3e-6, 1e-9);
  ck_assert_uint_eq(where, 3);
  ogt_rel(ogi_deviation(ours, theirs, 4, 6, &where), 5e-7 / 6, 1e-6);
}
END_TEST

START_TEST(deviation_is_infinite_for_nan_and_on_a_scale_of_zero) {
  const double zeros[2] = {0, 0}, ones[2] = {1, 1}, off[2] = {0, 1e-300}, nothing[2] = {1, NAN};
  size_t where;
  ogt_abs(ogi_deviation(zeros, zeros, 2, 0, &where), 0, 0);
  ck_assert(isinf(ogi_deviation(off, zeros, 2, 0, &where)));
  ck_assert(isinf(ogi_deviation(nothing, ones, 2, 0, &where)));
  ck_assert_uint_eq(where, 1);
  ck_assert(isinf(ogi_deviation(ones, nothing, 2, 0, &where)));
}
END_TEST

/* --- both solutions ----------------------------------------------------------------------------------------------- */

enum { M = 7, N = 5, K = 3 };

static void fill(og_array *a, double *g, double *v) {
  og_array_init(a, M, N);
  a->r_word_ohm = 2.3;
  a->r_bit_ohm = 1.1;
  a->r_source_ohm = 41;
  a->r_sense_ohm = 17;
  ogt_fill(g, M * N, 1e-6, 1e-3, 1);
  ogt_fill(v, K * M, -0.3, 0.7, 2);
}

START_TEST(solver_and_ngspice_agree_on_every_geometry) {
  og_array a;
  double g[M * N], v[K * M], ours[K * N], theirs[K * N];
  fill(&a, g, v);
  g[3] = g[17] = 0;
  og_check_opts opts = options();
  opts.rtol = 1e-9;
  for (int kind = 0; kind < 36; kind++) {
    og_check_result r;
    og_error err = {0};
    a.drive = (og_drive)(kind % 3);
    a.sense = (og_sense)(kind / 3 % 3);
    a.r_word_ohm = kind / 9 % 2 ? 0 : 2.3;
    a.r_bit_ohm = kind / 18 % 2 ? 0 : 1.1;
    ck_assert_msg(og_check_array(&r, ours, theirs, &a, g, v, K, &opts, &err) == OG_OK, "%d: %s", kind, err.text);
    ck_assert_uint_eq(r.compared, K * (N + 2 * M * N));
    ck_assert(r.worst_relative <= opts.rtol && r.worst_relative == fmax(r.worst_current, r.worst_voltage));
    ck_assert_str_ne(r.worst_node, "");
    ck_assert_uint_lt(r.worst_input, K);
    ck_assert(r.spice_second > 0 && r.spice_second < 60);
    ck_assert_int_eq(strncmp(r.spice_version, "ngspice-", 8), 0);
    for (int k = 0; k < K * N; k++) ogt_abs(ours[k], theirs[k], 1e-9 * fabs(theirs[k]) + 1e-15);
  }
}
END_TEST

/* Direct ends, parallel lines, segments one by one with 0 ohm and breaks among them, floating lines, bridges. */
START_TEST(solver_and_ngspice_agree_on_every_topology) {
  og_array a;
  double g[M * N], v[K * M], u[N], word[(M + 1) * (N + 1)], bit[(M + 1) * N], source[M];
  const og_bridge bridges[2] = {{{OG_LINE_WORD, 1, 2}, {OG_LINE_BIT, 4, 3}, 0},
                                {{OG_LINE_WORD, 2, 0}, {OG_LINE_WORD, 5, 4}, 70}};
  og_check_opts opts = options();
  opts.rtol = 1e-8;
  for (int kind = 0; kind < 24; kind++) {
    og_check_result r;
    og_error err = {0};
    fill(&a, g, v);
    ogt_fill(u, N, -0.4, 0.4, 3);
    ogt_fill(word, (M + 1) * (N + 1), 0.5, 9, 4);
    ogt_fill(bit, (M + 1) * N, 0.5, 9, 5);
    ogt_fill(source, M, 1, 60, 6);
    a.ends = kind % 2 ? OG_ENDS_DIRECT : OG_ENDS_SEGMENT;
    a.wiring = kind / 2 % 2 ? OG_WIRING_PARALLEL : OG_WIRING_CROSSED;
    a.sense = (og_sense)(kind % 3);
    opts.bit_volts = kind / 4 % 2 ? u : NULL;
    if (kind >= 8) {
      a.word_segments = word;
      a.bit_segments = bit;
      a.source_ohm = source;
    }
    if (kind >= 16) {
      word[3] = word[11] = bit[7] = bit[21] = 0;
      word[9] = bit[13] = source[1] = INFINITY;
      a.bridges = bridges;
      a.bridge_count = 2;
    }
    ck_assert_msg(og_check_array(&r, NULL, NULL, &a, g, v, K, &opts, &err) == OG_OK, "%d: %s", kind, err.text);
    ck_assert_uint_eq(r.compared, K * (N + 2 * M * N));
  }
}
END_TEST

/* The closed form of one cell, to be sure that not both are wrong alike. */
/* 2 ohm cells behind 1 ohm segments at 3.3 V: nearly all of the voltage is lost in the wires. */
START_TEST(heavy_ir_drop_agrees_to_nine_digits) {
  enum { SIDE = 16 };
  static double g[SIDE * SIDE], v[SIDE], ours[SIDE], theirs[SIDE];
  og_array a;
  og_check_result r;
  og_error err = {0};
  og_check_opts opts = options();
  og_array_init(&a, SIDE, SIDE);
  a.r_word_ohm = a.r_bit_ohm = 1;
  for (int k = 0; k < SIDE * SIDE; k++) g[k] = 0.5;
  for (int i = 0; i < SIDE; i++) v[i] = 3.3;
  opts.rtol = 1e-9;
  ck_assert_msg(og_check_array(&r, ours, theirs, &a, g, v, 1, &opts, &err) == OG_OK, "%s", err.text);
  ck_assert_double_le(r.worst_relative, 1e-9);
  ck_assert_double_lt(ours[SIDE - 1], 0.2 * ours[0]); /* far columns hardly conduct */
}
END_TEST

START_TEST(one_cell_has_its_series_current_in_both) {
  og_array a;
  og_check_result r;
  og_check_opts opts = options();
  const double g = 2.385e-5, v[2] = {0.377, -0.21};
  double ours[2], theirs[2];
  og_array_init(&a, 1, 1);
  a.r_word_ohm = 2.3;
  a.r_bit_ohm = 1.1;
  a.r_source_ohm = 57;
  a.r_sense_ohm = 31;
  ck_assert_int_eq(og_check_array(&r, ours, theirs, &a, &g, v, 2, &opts, NULL), OG_OK);
  for (int k = 0; k < 2; k++) {
    ogt_rel(ours[k], v[k] / (57 + 2.3 + 1 / g + 1.1 + 31), 1e-12);
    ogt_rel(theirs[k], ours[k], 1e-9);
  }
}
END_TEST

/* All inputs 0, equal and opposite inputs, an open end: sums that cancel are no disagreement. */
START_TEST(zero_and_cancelled_currents_are_no_disagreement) {
  og_array a;
  og_check_result r;
  og_error err = {0};
  og_check_opts opts = options();
  double g[M * N], v[K * M] = {0};
  fill(&a, g, v);
  memset(v, 0, sizeof v);
  for (int k = 0; k < M * N; k++) g[k] = 2.385e-5;
  ck_assert_msg(og_check_array(&r, NULL, NULL, &a, g, v, 1, &opts, &err) == OG_OK, "%s", err.text);
  ogt_abs(r.worst_relative, 0, 0);
  a.r_word_ohm = a.r_bit_ohm = a.r_source_ohm = a.r_sense_ohm = 0;
  v[0] = 0.1;
  v[1] = 0.2;
  v[2] = -0.3; /* 0.1 + 0.2 - 0.3 is not 0 in binary */
  ck_assert_msg(og_check_array(&r, NULL, NULL, &a, g, v, 1, &opts, &err) == OG_OK, "%s", err.text);
  a.r_bit_ohm = a.r_word_ohm = 1.3;
  a.r_sense_ohm = INFINITY;
  ck_assert_msg(og_check_array(&r, NULL, NULL, &a, g, v, 1, &opts, &err) == OG_OK, "%s", err.text);
}
END_TEST

/* A tolerance below the rounding of either program: told where, with both values, and the currents are still there. */
START_TEST(disagreement_is_located) {
  og_array a;
  og_check_result r;
  og_error err = {0};
  og_check_opts opts = options();
  double g[M * N], v[K * M], ours[K * N], theirs[K * N];
  fill(&a, g, v);
  opts.rtol = 1e-15;
  for (int k = 0; k < M * N; k++) g[k] *= 1e-6; /* cells of gigaohms on ohms: many digits cancel */
  ck_assert_int_eq(og_check_array(&r, ours, theirs, &a, g, v, K, &opts, &err), OG_E_TOLERANCE);
  ck_assert(r.worst_relative > 1e-15 && r.worst_relative < 1e-3);
  ck_assert_ptr_nonnull(strchr("iwb", r.worst_node[0]));
  ck_assert(r.ours != r.theirs && isfinite(r.ours) && isfinite(r.theirs));
  ogt_has(err.text, r.worst_node);
  ogt_has(err.text, "need at most 1e-15");
  for (int k = 0; k < K * N; k++) ck_assert(isfinite(ours[k]) && isfinite(theirs[k]));
}
END_TEST

/* --- refusals ----------------------------------------------------------------------------------------------------- */

static void check_refused(const og_array *a, const double *g, const double *v, size_t k, const og_check_opts *opts,
                          og_status want, const char *words) {
  og_check_result r;
  og_error err = {0};
  double ours[K * N] = {1, 2}, theirs[K * N] = {3, 4};
  og_status st = og_check_array(&r, ours, theirs, a, g, v, k, opts, &err);
  ck_assert_msg(st == want, "%d: %s", (int)st, err.text);
  ogt_has(err.text, words);
  ck_assert_uint_eq(r.compared, 0);
  if (want != OG_E_ARG && want != OG_E_RANGE) ck_assert(isnan(ours[0]) && isnan(theirs[1]));
}

START_TEST(bad_input_is_refused) {
  og_array a, bad;
  og_check_opts opts = options(), wrong = opts;
  double g[M * N], v[K * M];
  fill(&a, g, v);
  ck_assert_int_eq(og_check_array(NULL, NULL, NULL, &a, g, v, K, &opts, NULL), OG_E_ARG);
  check_refused(NULL, g, v, K, &opts, OG_E_ARG, "array");
  check_refused(&a, NULL, v, K, &opts, OG_E_ARG, "NULL");
  check_refused(&a, g, NULL, K, &opts, OG_E_ARG, "NULL");
  check_refused(&a, g, v, 0, &opts, OG_E_ARG, "inputs: saw 0");
  wrong.rtol = 0;
  check_refused(&a, g, v, K, &wrong, OG_E_RANGE, "rtol: saw 0, need 1e-15 to 1");
  wrong = opts;
  wrong.timeout_second = NAN;
  check_refused(&a, g, v, K, &wrong, OG_E_RANGE, "timeout_second: saw nan, need more than 0 (second)");
  bad = a;
  bad.r_bit_ohm = NAN;
  check_refused(&bad, g, v, K, &opts, OG_E_RANGE, "r_bit_ohm");
  v[M + 2] = NAN;
  check_refused(&a, g, v, K, &opts, OG_E_RANGE, "saw nan");
  v[M + 2] = 0.1;
  g[8] = -1;
  check_refused(&a, g, v, K, &opts, OG_E_RANGE, "conductance (1,3): saw -1");
  g[8] = 0;
  bad = a;
  bad.r_word_ohm = bad.r_bit_ohm = INFINITY;
  check_refused(&bad, g, v, K, &opts, OG_E_SINGULAR, "floats");
}
END_TEST

static const char *script(const char *body) {
  const char *path = ogt_scratch("check-false-spice");
  FILE *file = fopen(path, "w");
  ck_assert_ptr_nonnull(file);
  fprintf(file, "#!/bin/sh\n%s\n", body);
  ck_assert_int_eq(fclose(file), 0);
  ck_assert_int_eq(chmod(path, 0755), 0);
  return path;
}

START_TEST(failing_child_is_reported_and_poisons_the_currents) {
  og_array a;
  og_check_opts opts = options();
  double g[M * N], v[K * M];
  fill(&a, g, v);
  opts.worker = "/nowhere/ohmgrid-spice";
  check_refused(&a, g, v, K, &opts, OG_E_EXTERN, "/nowhere/ohmgrid-spice: cannot be started");
  opts.worker = script("echo no licence >&2; exit 3");
  check_refused(&a, g, v, K, &opts, OG_E_EXTERN, "input 0: scratch/check-false-spice: ended without an answer");
  opts.worker = script("sleep 60");
  opts.timeout_second = 0.2;
  check_refused(&a, g, v, K, &opts, OG_E_EXTERN, "saw no answer");
  ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

START_TEST(exhausted_memory_is_reported_and_leaks_nothing) {
  og_array a;
  og_check_opts opts = options();
  double g[M * N], v[K * M];
  og_check_result r;
  fill(&a, g, v);
  size_t live = ogi_mem_live(), before = ogi_mem_count();
  ck_assert_int_eq(og_check_array(&r, NULL, NULL, &a, g, v, 1, &opts, NULL), OG_OK);
  size_t blocks = ogi_mem_count() - before;
  for (size_t k = 1; k <= blocks; k++) {
    ogi_mem_fail_at(k);
    ck_assert_int_eq(og_check_array(&r, NULL, NULL, &a, g, v, 1, &opts, NULL), OG_E_NOMEM);
    ck_assert_uint_eq(ogi_mem_live(), live);
  }
  ogi_mem_fail_at(0);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("crosscheck");
  TCase *tc = tcase_create("crosscheck");
  tcase_set_timeout(tc, 120);
  tcase_add_test(tc, deviation_is_relative_to_the_value_or_a_thousandth_of_the_largest);
  tcase_add_test(tc, deviation_is_infinite_for_nan_and_on_a_scale_of_zero);
  tcase_add_test(tc, solver_and_ngspice_agree_on_every_geometry);
  tcase_add_test(tc, solver_and_ngspice_agree_on_every_topology);
  tcase_add_test(tc, heavy_ir_drop_agrees_to_nine_digits);
  tcase_add_test(tc, one_cell_has_its_series_current_in_both);
  tcase_add_test(tc, zero_and_cancelled_currents_are_no_disagreement);
  tcase_add_test(tc, disagreement_is_located);
  tcase_add_test(tc, bad_input_is_refused);
  tcase_add_test(tc, failing_child_is_reported_and_poisons_the_currents);
  tcase_add_test(tc, exhausted_memory_is_reported_and_leaks_nothing);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
