/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "ogt.h"
#include <ohmgrid/ohmgrid.h>

static og_vectors *make(size_t count, size_t points, int scale) {
  og_vectors *v;
  ck_assert_int_eq(og_vectors_create(&v, count, points, 0, NULL), OG_OK);
  v->has_scale = scale;
  if (scale) ck_assert_int_eq(og_vectors_name(v, 0, "time", OG_Q_TIME, NULL), OG_OK);
  return v;
}

static void name(og_vectors *v, size_t k, const char *text, og_quantity q) {
  ck_assert_int_eq(og_vectors_name(v, k, text, q, NULL), OG_OK);
}

/* A sine over three periods of 1 s, sampled at points - 1 equal steps. */
static og_vectors *sine(size_t points, double amplitude) {
  og_vectors *v = make(2, points, 1);
  name(v, 1, "out", OG_Q_VOLTAGE);
  for (size_t p = 0; p < points; p++) {
    double t = 3 * (double)p / (double)(points - 1);
    og_vectors_at(v, 0)[p] = t;
    og_vectors_at(v, 1)[p] = amplitude * sin(2 * M_PI * t);
  }
  return v;
}

START_TEST(names_are_found_in_both_spellings) {
  og_vectors *v = make(3, 1, 0);
  name(v, 0, "out", OG_Q_VOLTAGE);
  name(v, 1, "v1#branch", OG_Q_CURRENT);
  ck_assert_uint_eq(og_vectors_find(v, "V(Out)"), 0);
  ck_assert_uint_eq(og_vectors_find(v, "i(V1)"), 1);
  ck_assert_uint_eq(og_vectors_find(v, "nothing"), 3);
  ck_assert_str_eq(og_quantity_name(OG_Q_CURRENT), "current");
  ck_assert_str_eq(og_quantity_unit(OG_Q_CURRENT_DENSITY), "A/sqrt(Hz)");
  ck_assert_str_eq(og_quantity_name((og_quantity)77), "?");
  ck_assert_int_eq(og_vectors_name(v, 3, "x", OG_Q_TIME, NULL), OG_E_ARG);
  ck_assert_int_eq(og_vectors_create(NULL, 1, 1, 0, NULL), OG_E_ARG);
  og_vectors *big;
  ck_assert_int_eq(og_vectors_create(&big, (size_t)1 << 40, (size_t)1 << 40, 0, NULL), OG_E_NOMEM);
  og_vectors_free(v);
}
END_TEST

/* ours: 2 V and 1 mA off by known amounts; the floor is 1e-3 of the largest of the same kind. */
START_TEST(worst_deviation_is_named_with_its_place) {
  og_vectors *a = make(4, 1, 0), *b = make(4, 1, 0);
  const double ours[] = {2.5, 1.1e-3, 3e-3, 7}, theirs[] = {2.0, 1e-3, 4e-3, 1e-9};
  const char *const names_a[] = {"x", "y", "v1#branch", "mine"}, *const names_b[] = {"x", "y", "v1#branch", "yours"};
  og_compare_result r;
  og_error err;
  for (size_t k = 0; k < 4; k++) {
    name(a, k, names_a[k], k == 2 ? OG_Q_CURRENT : OG_Q_VOLTAGE);
    name(b, k, names_b[k], k == 2 ? OG_Q_CURRENT : OG_Q_VOLTAGE);
    a->data[k] = ours[k];
    b->data[k] = theirs[k];
  }
  ck_assert_msg(og_vectors_compare(a, b, NULL, &r, &err) == OG_OK, "%s", err.text);
  ck_assert_uint_eq(r.compared, 3);
  ck_assert_uint_eq(r.points, 1);
  ck_assert_uint_eq(r.count, 3);
  ck_assert_int_eq(r.dark, 0);
  ck_assert_str_eq(r.vector[r.worst].name, "x");
  ogt_rel(r.worst_relative, 0.25, 1e-15);
  ogt_rel(r.worst_absolute, 0.5, 1e-15);
  ck_assert(r.vector[r.worst].ours[0] == 2.5 && r.vector[r.worst].theirs[0] == 2.0);
  ogt_rel(r.vector[1].worst_relative, 0.1e-3 / 2e-3, 1e-12); /* floor 1e-3 of 2 V */
  ogt_rel(r.vector[2].worst_relative, 0.25, 1e-12);          /* a current: no voltage is its scale */
  ck_assert_uint_eq(r.only_ours_count, 1);
  ck_assert_str_eq(r.only_ours[0], "mine");
  ck_assert_str_eq(r.only_theirs[0], "yours");
  ck_assert_uint_eq(r.histogram[16], 2); /* 0.1..1 */
  ck_assert_uint_eq(r.histogram[15], 1); /* 0.01..0.1 */
  og_compare_clear(&r);
  b->data[0] = 2.5 * (1 + 3e-16);
  a->data[1] = b->data[1];
  a->data[2] = NAN;
  ck_assert_int_eq(og_vectors_compare(a, b, NULL, &r, NULL), OG_OK);
  ck_assert(isinf(r.worst_relative) && r.invalid == 1);
  ck_assert_str_eq(r.vector[r.worst].name, "v1#branch");
  ck_assert_uint_eq(r.histogram[17], 1);
  ck_assert_uint_eq(r.histogram[0], 1);
  ck_assert_uint_eq(r.histogram[1], 1); /* one step of a double at 2.5: 1.8e-16 */
  og_compare_clear(&r);
  og_vectors_free(a);
  og_vectors_free(b);
}
END_TEST

START_TEST(agreement_of_nothing_is_called_dark) {
  og_vectors *a = sine(7, 0), *b = sine(11, 0), *c = make(2, 7, 1);
  og_compare_result r;
  ck_assert_int_eq(og_vectors_compare(a, b, NULL, &r, NULL), OG_OK);
  ck_assert(r.dark == 1 && r.compared == 11 && r.vector[0].dark && r.worst_relative == 0);
  og_compare_clear(&r);
  b->data[11 + 3] = 1e-30;
  ck_assert_int_eq(og_vectors_compare(a, b, NULL, &r, NULL), OG_OK);
  ck_assert(r.dark == 0 && r.worst_relative == 1);
  og_compare_clear(&r);
  name(c, 1, "other", OG_Q_VOLTAGE);
  memcpy(c->data, a->data, 7 * sizeof(double));
  ck_assert_int_eq(og_vectors_compare(a, c, NULL, &r, NULL), OG_OK);
  ck_assert(r.dark == 1 && r.compared == 0 && r.count == 0);
  ck_assert_str_eq(r.only_theirs[0], "other");
  og_compare_clear(&r);
  for (size_t p = 0; p < 7; p++) a->data[p] += 100; /* no time in common */
  ck_assert_int_eq(og_vectors_compare(a, b, NULL, &r, NULL), OG_OK);
  ck_assert(r.dark == 1 && r.compared == 0 && r.count == 1);
  og_compare_clear(&r);
  og_vectors_free(a);
  og_vectors_free(b);
  og_vectors_free(c);
}
END_TEST

/* Oracle: a chord of a sine is off by at most (1 - cos(pi / n)) of the amplitude, n samples a period. */
START_TEST(interpolation_errs_as_documented) {
  og_vectors *dense = sine(3 * 400 + 1, 1.3), *sparse = sine(3 * 37 + 1, 1.3);
  og_compare_opts o;
  og_compare_result r;
  og_compare_opts_init(&o);
  o.scale = OG_COMPARE_PEAK;
  ck_assert_int_eq(og_vectors_compare(dense, sparse, &o, &r, NULL), OG_OK);
  ck_assert_uint_eq(r.compared, sparse->points);
  double bound = 1 - cos(M_PI / 400);
  ck_assert_msg(r.worst_relative > bound / 10 && r.worst_relative < 1.01 * bound, "%g", r.worst_relative);
  og_compare_clear(&r);
  ck_assert_int_eq(og_vectors_compare(sparse, dense, &o, &r, NULL), OG_OK);
  bound = 1 - cos(M_PI / 37);
  ck_assert_msg(r.worst_relative > bound / 2 && r.worst_relative < 1.01 * bound, "%g", r.worst_relative);
  ck_assert_uint_eq(r.compared, dense->points);
  og_compare_clear(&r);
  o.grid = OG_COMPARE_AT_FEWER;
  ck_assert_int_eq(og_vectors_compare(sparse, dense, &o, &r, NULL), OG_OK);
  ck_assert_uint_eq(r.compared, sparse->points);
  og_compare_clear(&r);
  o.grid = OG_COMPARE_AT_ALL;
  o.from = 0.5;
  o.to = 2.5;
  ck_assert_int_eq(og_vectors_compare(sparse, dense, &o, &r, NULL), OG_OK);
  ck_assert(r.compared > 800 + 70 && r.compared <= 801 + 75);
  ck_assert(r.vector[0].at >= 0.5 && r.vector[0].at <= 2.5);
  og_compare_clear(&r);
  og_vectors_free(dense);
  og_vectors_free(sparse);
}
END_TEST

/* A straight line is met exactly by any grid, falling scales and different ends included. */
START_TEST(lines_agree_on_any_grid_and_direction) {
  static const size_t points[] = {5, 23};
  og_vectors *v[2];
  og_compare_opts o;
  og_compare_result r;
  for (int k = 0; k < 2; k++) {
    v[k] = make(2, points[k], 1);
    name(v[k], 0, k == 0 ? "v-sweep" : "swept", k == 0 ? OG_Q_VOLTAGE : OG_Q_NOTYPE);
    name(v[k], 1, "y", OG_Q_CURRENT);
    for (size_t p = 0; p < points[k]; p++) {
      double x = k == 0 ? 3 - 0.7 * (double)p : 0.3 + 0.11 * (double)p;
      v[k]->data[p] = x;
      og_vectors_at(v[k], 1)[p] = 2 - 1.5 * x;
    }
  }
  og_compare_opts_init(&o);
  for (int grid = 0; grid < 3; grid++)
    for (int turn = 0; turn < 2; turn++) {
      o.grid = (og_compare_grid)grid;
      ck_assert_int_eq(og_vectors_compare(v[turn], v[!turn], &o, &r, NULL), OG_OK);
      ck_assert_msg(r.worst_relative < 1e-12 && r.compared > 2 && !r.dark, "%g %zu", r.worst_relative, r.compared);
      og_compare_clear(&r);
    }
  og_vectors_free(v[0]);
  og_vectors_free(v[1]);
}
END_TEST

START_TEST(complex_values_deviate_by_their_modulus) {
  og_vectors *a, *b;
  og_compare_result r;
  ck_assert_int_eq(og_vectors_create(&a, 1, 2, 1, NULL), OG_OK);
  ck_assert_int_eq(og_vectors_create(&b, 1, 2, 1, NULL), OG_OK);
  name(a, 0, "out", OG_Q_VOLTAGE);
  name(b, 0, "OUT", OG_Q_VOLTAGE);
  const double ours[] = {3, 4, 1, 1}, theirs[] = {0, 0, 6, 8};
  memcpy(a->data, ours, sizeof ours);
  memcpy(b->data, theirs, sizeof theirs);
  ck_assert_int_eq(og_vectors_compare(a, b, NULL, &r, NULL), OG_OK);
  ogt_rel(r.worst_relative, 5 / 1e-2, 1e-12); /* |3 + 4i| over 1e-3 |6 + 8i| */
  ogt_rel(r.worst_absolute, sqrt(25 + 49), 1e-12);
  ck_assert(r.vector[0].at == 0 && r.vector[0].ours[1] == 4);
  og_compare_clear(&r);
  og_vectors_free(a);
  og_vectors_free(b);
}
END_TEST

static void refused(const og_vectors *a, const og_vectors *b, const og_compare_opts *o, og_status want,
                    const char *says) {
  og_compare_result r;
  og_error err;
  ck_assert_int_eq(og_vectors_compare(a, b, o, &r, &err), want);
  ogt_has(err.text, says);
}

START_TEST(what_cannot_be_compared_is_refused) {
  og_vectors *a = sine(7, 1), *b = sine(11, 1), *op = make(2, 7, 0), *z;
  og_compare_opts o;
  og_compare_opts_init(&o);
  ck_assert_int_eq(og_vectors_create(&z, 2, 7, 1, NULL), OG_OK);
  refused(a, NULL, NULL, OG_E_ARG, "a pointer is NULL");
  refused(a, op, NULL, OG_E_SHAPE, "saw a scale in ours only");
  refused(a, z, NULL, OG_E_SHAPE, "real values against complex ones");
  op->has_scale = b->has_scale = 0;
  refused(op, b, NULL, OG_E_SHAPE, "saw 7 points against 11 without a scale");
  b->has_scale = 1;
  b->quantity[0] = OG_Q_FREQUENCY;
  refused(a, b, NULL, OG_E_SHAPE, "scales of time and frequency");
  b->quantity[0] = OG_Q_TIME;
  b->data[4] = 0.1;
  refused(a, b, NULL, OG_E_INPUT, "their time: point 4: saw 0.1, need a scale that only rises or falls");
  o.floor = -1;
  refused(a, b, &o, OG_E_RANGE, "floor: saw -1, need 0..1");
  o.floor = 0;
  o.from = 2;
  o.to = 1;
  refused(a, b, &o, OG_E_RANGE, "saw 2 to 1");
  o.scale = (og_compare_scale)5;
  refused(a, b, &o, OG_E_ARG, "saw scale 5");
  og_vectors_free(a);
  og_vectors_free(b);
  og_vectors_free(op);
  og_vectors_free(z);
}
END_TEST

START_TEST(every_lost_allocation_is_told_and_leaks_nothing) {
  og_vectors *a = sine(7, 1), *b = sine(11, 1);
  size_t live = ogi_mem_live();
  for (size_t k = 1; k < 16; k++) {
    og_compare_result r;
    ogi_mem_fail_at(k);
    og_status st = og_vectors_compare(a, b, NULL, &r, NULL);
    ogi_mem_fail_at(0);
    ck_assert(st == OG_OK || st == OG_E_NOMEM);
    og_compare_clear(&r);
    ck_assert_uint_eq(ogi_mem_live(), live);
  }
  og_vectors_free(a);
  og_vectors_free(b);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("vectors");
  TCase *tc = tcase_create("vectors");
  tcase_add_test(tc, names_are_found_in_both_spellings);
  tcase_add_test(tc, worst_deviation_is_named_with_its_place);
  tcase_add_test(tc, agreement_of_nothing_is_called_dark);
  tcase_add_test(tc, interpolation_errs_as_documented);
  tcase_add_test(tc, lines_agree_on_any_grid_and_direction);
  tcase_add_test(tc, complex_values_deviate_by_their_modulus);
  tcase_add_test(tc, what_cannot_be_compared_is_refused);
  tcase_add_test(tc, every_lost_allocation_is_told_and_leaks_nothing);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
