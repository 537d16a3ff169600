/* SPDX-License-Identifier: BSD-3-Clause */
/* Cell models against their equations in long double, derivatives by differences, and every refusal. */
#include <config.h>

#include <string.h>

#include "base/ogi_mem.h"
#include "ogt.h"
#include <ohmgrid/ohmgrid.h>

static og_cell *made(const char *text) {
  og_cell *cell;
  og_error err = {0};
  ck_assert_msg(og_cell_create(&cell, text, &err) == OG_OK, "%s: %s", text, err.text);
  return cell;
}

static double current(const og_cell *cell, double g, double v, double *slope, size_t *outside) {
  double i, s;
  og_error err = {0};
  ck_assert_msg(og_cell_eval(cell, 1, &g, &v, &i, &s, outside, &err) == OG_OK, "%s", err.text);
  if (slope != NULL) *slope = s;
  return i;
}

static double at(const og_cell *cell, double g, double v) { return current(cell, g, v, NULL, NULL); }

static const char *const all[] = {"linear",
                                  "sinh,v0=0.17",
                                  "schottky,v_s=0.08",
                                  "schottky,v_s=0.08,rectify=1,ideality=1.7",
                                  "simmons,phi=1.3,width=1.1n,mass=0.7",
                                  "threshold,v_th=0.43,v_w=35m,ratio=3e3",
                                  "transistor,v_gate=0.9",
                                  "transistor,v_gate=0.1",
                                  "threshold,g=1m,v_th=0.4 + sinh,v0=0.25",
                                  "transistor,v_gate=1.1 + sinh,v0=0.25",
                                  "schottky,g=2u,rectify=1 + linear"};
enum { ALL = sizeof all / sizeof *all };

START_TEST(equations_hold_in_long_double) {
  const double g = 2.3e-5;
  og_cell *cell = made("sinh,v0=0.17");
  for (double v = -2.7; v < 3; v += 0.173) ogt_rel(at(cell, g, v), (double)(g * 0.17L * sinhl(v / 0.17L)), 4e-15);
  for (double v = 1e-12; v < 1; v *= 3.7) ogt_rel(at(cell, g, v), (double)(g * 0.17L * sinhl(v / 0.17L)), 1e-15);
  og_cell_free(cell);
  cell = made("schottky,v_s=0.08,v_t=26m");
  for (double v = 1e-7; v < 3; v *= 1.9)
    ogt_rel(at(cell, g, v), (double)(2 * g * 0.026L * tanhl(v / 0.052L) * expl(sqrtl(v / 0.08L))), 4e-15);
  og_cell_free(cell);
  cell = made("schottky,v_s=0.08,v_t=26m,rectify=1,ideality=1.7");
  for (double v = 1e-7; v < 3; v *= 1.9) {
    ogt_rel(at(cell, g, v), (double)(g * 1.7L * 0.026L * expm1l(v / (1.7L * 0.026L))), 2e-14);
    ogt_rel(at(cell, g, -v), (double)(g * 0.026L * expm1l(-v / 0.026L) * expl(sqrtl(v / 0.08L))), 4e-15);
  }
  og_cell_free(cell);
  cell = made("threshold,v_th=0.43,v_w=35m,ratio=3e3");
  for (double v = -1.3; v < 1.4; v += 0.091) {
    long double r = 1 / 3e3L;
    ogt_rel(at(cell, g, v), (double)(g * v * (r + (1 - r) / (1 + expl((0.43L - fabsl(v)) / 0.035L)))), 4e-15);
  }
  og_cell_free(cell);
}
END_TEST

/* The form of Simmons as printed, J ~ f(phi - v/2) - f(phi + v/2), divided by its slope at 0. */
START_TEST(simmons_is_the_difference_of_two_barriers) {
  const long double phi = 1.3L, factor = 10.2463344L * 1.1L * sqrtl(0.7L), g = 2.3e-5L;
  og_cell *cell = made("simmons,phi=1.3,width=1.1n,mass=0.7");
  for (double v = 0.02; v < 1.3; v += 0.0717) {
    long double low = phi - v / 2.0L, high = phi + v / 2.0L;
    long double f = low * expl(-factor * sqrtl(low)) - high * expl(-factor * sqrtl(high));
    long double at0 = expl(-factor * sqrtl(phi)) * (factor * sqrtl(phi) / 2 - 1);
    ogt_rel(current(cell, (double)g, v, NULL, NULL), (double)(g * f / at0), 1e-13);
  }
  og_cell_free(cell);
}
END_TEST

START_TEST(transistor_has_its_square_law_triode_and_subthreshold_limits) {
  og_cell *cell = made("transistor,v_gate=1.5,v_th=0.5,beta=1m,slope=1,lambda=0,g_leak=1e-18");
  ogt_rel(current(cell, 0, 3, NULL, NULL), 0.5e-3, 2e-3);          /* beta/2 (v_g - v_th)^2         */
  ogt_rel(current(cell, 0, 0.2, NULL, NULL), 1e-3 * (0.2 - 0.02), 2e-3); /* beta ((v_g - v_th) v - v^2/2) */
  ck_assert_int_eq(og_cell_set(cell, "v_gate", 0.1, NULL), OG_OK);
  double low = current(cell, 0, 1, NULL, NULL);
  ck_assert_int_eq(og_cell_set(cell, "v_gate", 0.1 + 0.025852 * log(10), NULL), OG_OK);
  ogt_rel(current(cell, 0, 1, NULL, NULL) / low, 10, 1e-3); /* a decade each v_t ln 10 */
  og_cell_free(cell);
}
END_TEST

START_TEST(slopes_are_derivatives_and_positive) {
  for (int k = 0; k < ALL; k++) {
    og_cell *cell = made(all[k]);
    for (double v = -1.21; v < 1.3; v += 0.0637) {
      double slope, h = 1e-6, up = at(cell, 3e-5, v + h), down = at(cell, 3e-5, v - h);
      double i = current(cell, 3e-5, v, &slope, NULL);
      ck_assert_msg(slope > 0 && up > down, "%s at %g V: slope %g", all[k], v, slope);
      double noise = 1e-15 * fabs(i) / h;
      ck_assert_msg(fabs((up - down) / (2 * h) - slope) <= 2e-6 * slope + noise,
                    "%s at %g V: slope %.10g, differences %.10g", all[k], v, slope, (up - down) / (2 * h));
    }
    og_cell_free(cell);
  }
}
END_TEST

START_TEST(slope_at_zero_is_the_conductance_and_open_cells_are_open) {
  for (int k = 0; k < 5; k++) {
    double slope;
    og_cell *cell = made(all[k]);
    ck_assert(current(cell, 4.7e-6, 0, &slope, NULL) == 0);
    ogt_rel(slope, 4.7e-6, 1e-9);
    ck_assert(current(cell, 0, 0.7, &slope, NULL) == 0 && slope == 0);
    og_cell_free(cell);
  }
}
END_TEST

START_TEST(odd_models_are_odd_to_the_last_bit) {
  const char *const odd[] = {"linear", "sinh", "schottky", "simmons", "threshold"};
  for (int k = 0; k < 5; k++) {
    og_cell *cell = made(odd[k]);
    for (double v = 1e-3; v < 3; v *= 1.7)
      ck_assert(current(cell, 3e-5, v, NULL, NULL) == -current(cell, 3e-5, -v, NULL, NULL));
    og_cell_free(cell);
  }
}
END_TEST

START_TEST(no_voltage_gives_an_infinite_current) {
  const double far[] = {50, 1e3, 1e6, 1e12, 1e300, DBL_MAX};
  for (int k = 0; k < ALL; k++) {
    og_cell *cell = made(all[k]);
    for (int f = 0; f < 6; f++)
      for (int sign = -1; sign < 2; sign += 2) {
        double slope, i = current(cell, 1e-3, sign * far[f], &slope, NULL);
        ck_assert_msg(isfinite(i) && isfinite(slope) && slope > 0 && sign * i > 0, "%s at %g V: %g A, %g S", all[k],
                      sign * far[f], i, slope);
      }
    og_cell_free(cell);
  }
}
END_TEST

START_TEST(cells_out_of_range_are_counted) {
  const double g[7] = {1e-5, 1e-5, 1e-5, 1e-5, 1e-5, 1e-5, 1e-5}, v[7] = {-0.6, -0.2, 0, 0.3, 0.5, 31, 40};
  double i[7], s[7];
  size_t outside;
  og_cell *cell = made("sinh,v0=0.3,range_low=-0.5,range_high=0.4");
  ck_assert_int_eq(og_cell_eval(cell, 7, g, v, i, s, &outside, NULL), OG_OK);
  ck_assert_uint_eq(outside, 4);
  og_cell_free(cell);
  cell = made("sinh,v0=0.3");
  ck_assert_int_eq(og_cell_eval(cell, 7, g, v, i, s, &outside, NULL), OG_OK);
  ck_assert_uint_eq(outside, 2); /* beyond 100 v0 */
  ogt_rel(i[6], i[5] + s[5] * 9, 1e-12);
  og_cell_free(cell);
  cell = made("linear,g=1u + sinh,range_high=10m"); /* a member's own voltage counts */
  ck_assert_int_eq(og_cell_eval(cell, 7, g, v, i, s, &outside, NULL), OG_OK);
  ck_assert_uint_eq(outside, 4);
  og_cell_free(cell);
}
END_TEST

START_TEST(parameters_may_differ_from_cell_to_cell) {
  enum { M = 37, N = 29 };
  static double v0[M * N], g[M * N], v[M * N], i[M * N], s[M * N], gates[M];
  ogt_fill(v0, M * N, 0.1, 0.6, 1);
  ogt_fill(g, M * N, 1e-6, 1e-4, 2);
  ogt_fill(v, M * N, -1, 1, 3);
  ogt_fill(gates, M, 0.2, 1.2, 4);
  og_cell *cell = made("sinh");
  ck_assert_int_eq(og_cell_set_each(cell, "v0", v0, M, N, NULL), OG_OK);
  ck_assert_int_eq(og_cell_eval(cell, M * N, g, v, i, s, NULL, NULL), OG_OK);
  for (size_t k = 0; k < M * N; k++) ogt_rel(i[k], g[k] * v0[k] * sinh(v[k] / v0[k]), 1e-14);
  og_error err;
  ck_assert_int_eq(og_cell_eval(cell, M * N + 1, v0, v0, i, s, NULL, &err), OG_E_SHAPE);
  ogt_has(err.text, "cell sinh: saw 1074 cells, need at most the 37 x 29 of its parameters");
  v0[31] = -1;
  ck_assert_int_eq(og_cell_set_each(cell, "v0", v0, M, N, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "cell sinh: v0 (1,2): saw -1, need 0.001 to 1e+06");
  ck_assert_int_eq(og_cell_set_each(cell, "v0", v0, 0, N, &err), OG_E_ARG);
  og_cell_free(cell);
  cell = made("transistor + linear");
  ck_assert_int_eq(og_cell_set_rows(cell, "word.v_gate", gates, M, N, NULL), OG_OK);
  ck_assert_int_eq(og_cell_eval(cell, M * N, g, v, i, s, NULL, NULL), OG_OK);
  og_cell *one = made("transistor + linear");
  for (size_t k = 5; k < M * N; k += 171) {
    ck_assert_int_eq(og_cell_set(one, "word.v_gate", gates[k / N], NULL), OG_OK);
    ck_assert(current(one, g[k], v[k], NULL, NULL) == i[k]);
  }
  og_cell_free(one);
  og_cell_free(cell);
}
END_TEST

/* Pair of two linear cells: g1 g2 / (g1 + g2). Pair of two equal sinh cells: half the voltage each. */
START_TEST(pairs_obey_closed_forms) {
  og_cell *cell = made("linear,g=3e-5 + linear");
  for (double v = -2; v < 2; v += 0.37) {
    double slope, i = current(cell, 7e-6, v, &slope, NULL);
    ogt_rel(slope, 3e-5 * 7e-6 / 3.7e-5, 1e-15);
    ogt_rel(i, slope * v, 4e-16 * 4);
  }
  og_cell_free(cell);
  cell = made("sinh,v0=0.05 + sinh,v0=50m");
  for (double v = -4; v < 4; v += 0.37) ogt_rel(current(cell, 7e-6, v, NULL, NULL), 7e-6 * 0.05 * sinh(v / 0.1), 2e-14);
  og_cell_free(cell);
  /* A diode and a resistance: i = (vt / R) W(Is R / vt exp((v + Is R) / vt)) - Is; checked by putting i back. */
  cell = made("schottky,g=1u,rectify=1 + linear");
  for (double v = 0.1; v < 5; v += 0.31) {
    double i = current(cell, 1e-3, v, NULL, NULL), is = 1e-6 * 0.025852;
    ogt_rel(i / 1e-3 + 0.025852 * log1p(i / is), v, 1e-14);
  }
  og_cell_free(cell);
}
END_TEST

START_TEST(table_goes_through_its_points_and_between_them) {
  const double v[7] = {-0.9, -0.31, -0.1, 0.02, 0.2, 0.57, 1.1};
  double i[7], slope, last = -1;
  og_cell *cell;
  size_t outside;
  for (int k = 0; k < 7; k++) i[k] = 1e-6 * sinh(v[k] / 0.3);
  ck_assert_int_eq(og_cell_create_table(&cell, v, i, 7, NULL), OG_OK);
  ck_assert_str_eq(og_cell_model(cell), "table");
  ck_assert_int_eq(og_cell_set(cell, "g_ref", 2e-6, NULL), OG_OK);
  for (int k = 0; k < 7; k++) ogt_rel(current(cell, 6e-6, v[k], NULL, &outside), 3 * i[k], 1e-13);
  ck_assert_uint_eq(outside, 0);
  for (double x = -2; x < 2; x += 0.003) {
    double now = current(cell, 6e-6, x, &slope, &outside);
    ck_assert(now > last && slope > 0);
    ck_assert_uint_eq(outside, x < -0.9 || x > 1.1);
    last = now;
  }
  ck_assert_int_eq(og_cell_set(cell, "g_ref", 0, NULL), OG_OK);
  current(cell, 6e-6, 0, &slope, NULL);
  ogt_rel(slope, 6e-6, 1e-14);
  og_cell_free(cell);
}
END_TEST

START_TEST(bad_tables_are_refused) {
  double v[4] = {-1, 0, 0.5, 1}, i[4] = {-1e-6, 0, 0, 1e-6};
  og_cell *cell;
  og_error err;
  ck_assert_int_eq(og_cell_create_table(&cell, v, i, 4, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "cell table: point 2: saw 0.5 V, 0 A after 0 V, 0 A, need both to increase strictly");
  ck_assert_ptr_null(cell);
  i[2] = NAN;
  ck_assert_int_eq(og_cell_create_table(&cell, v, i, 4, &err), OG_E_RANGE);
  ck_assert_int_eq(og_cell_create_table(&cell, v, i, 2, &err), OG_E_RANGE);
  ogt_has(err.text, "saw 2 points, need 3 or more");
  i[2] = 3e-7;
  ck_assert_int_eq(og_cell_create_table(&cell, v + 1, i + 1, 3, &err), OG_OK);
  og_cell_free(cell);
  v[1] = 0.1;
  ck_assert_int_eq(og_cell_create_table(&cell, v + 1, i + 1, 3, &err), OG_E_RANGE);
  ogt_has(err.text, "need 0 V within");
  ck_assert_int_eq(og_cell_create_table(&cell, NULL, i, 3, &err), OG_E_ARG);
  ck_assert_int_eq(og_cell_create_table(NULL, v, i, 3, &err), OG_E_ARG);
}
END_TEST

static int square(void *user, size_t first, size_t count, const double *g, const double *v, double *i, double *slope) {
  (void)first;
  for (size_t k = 0; k < count; k++) {
    i[k] = g[k] * v[k] * (1 + fabs(v[k]));
    slope[k] = g[k] * (1 + 2 * fabs(v[k]));
  }
  if (*(int *)user == 2) slope[1] = -1;
  return *(int *)user == 1 ? 5 : 0;
}

START_TEST(user_functions_are_called_and_checked) {
  int mode = 0;
  og_cell *cell;
  og_error err;
  const double g[3] = {1e-5, 2e-5, 3e-5}, v[3] = {0.1, 0.2, -0.3};
  double i[3], s[3];
  ck_assert_int_eq(og_cell_create_user(&cell, square, &mode, &err), OG_OK);
  ck_assert_int_eq(og_cell_eval(cell, 3, g, v, i, s, NULL, &err), OG_OK);
  ogt_rel(i[2], -3e-5 * 0.3 * 1.3, 1e-15);
  mode = 1;
  ck_assert_int_eq(og_cell_eval(cell, 3, g, v, i, s, NULL, &err), OG_E_EXTERN);
  ck_assert_str_eq(err.text, "user function: saw return value 5 for cells 0 to 2, need 0");
  mode = 2;
  ck_assert_int_eq(og_cell_eval(cell, 3, g, v, i, s, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "user function: cell 1 at 0.2 V: saw");
  og_cell_free(cell);
  ck_assert_int_eq(og_cell_create_user(&cell, NULL, &mode, &err), OG_E_ARG);
}
END_TEST

static void refuses(const char *text, og_status want, const char *part) {
  og_cell *cell;
  og_error err = {0};
  ck_assert_int_eq(og_cell_create(&cell, text, &err), want);
  ck_assert_ptr_null(cell);
  ogt_has(err.text, part);
}

START_TEST(bad_text_is_refused_with_its_place) {
  refuses("sinus", OG_E_INPUT, "cell: model: saw \"sinus\", need linear, sinh");
  refuses("", OG_E_INPUT, "model");
  refuses("sinh,v1=3", OG_E_INPUT, "cell sinh: key: saw \"v1\"");
  refuses("sinh,v0", OG_E_INPUT, "cell sinh: saw \"v0\", need KEY=VALUE");
  refuses("sinh,v0=x", OG_E_INPUT, "cell sinh: v0: ");
  refuses("sinh,v0=-1", OG_E_RANGE, "cell sinh: v0: saw -1, need 0.001 to 1e+06 (V)");
  refuses("sinh,v0=3 ohm", OG_E_RANGE, "v0");
  refuses("transistor,g=1m", OG_E_INPUT, "\"g\"");
  refuses("sinh + sinh + sinh", OG_E_INPUT, "cell");
  refuses("sinh,g=1u + linear,g=1u", OG_E_ARG, "cell pair: saw a g of its own in both");
  og_error err;
  og_cell *cell;
  ck_assert_int_eq(og_cell_create(NULL, "sinh", &err), OG_E_ARG);
  ck_assert_int_eq(og_cell_create(&cell, NULL, &err), OG_E_ARG);
  cell = made("sinh");
  ck_assert_int_eq(og_cell_set(cell, "w", 1, &err), OG_E_INPUT);
  ck_assert_int_eq(og_cell_set(cell, NULL, 1, &err), OG_E_ARG);
  ck_assert_int_eq(og_cell_set(cell, "v0", NAN, &err), OG_E_RANGE);
  double x = 1, bad = INFINITY, i, s;
  ck_assert_int_eq(og_cell_eval(cell, 1, &x, &bad, &i, &s, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "cell 0: saw 1 S at inf V");
  ck_assert_int_eq(og_cell_eval(cell, 1, NULL, &x, &i, &s, NULL, &err), OG_E_ARG);
  og_cell_free(cell);
  cell = made("simmons,phi=0.1,width=0.3n");
  ck_assert_int_eq(og_cell_eval(cell, 1, &x, &x, &i, &s, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "simmons: 4 pi width sqrt(2 mass m_e q phi) / h: saw 0.972, need 2.83 to 100");
  og_cell_free(cell);
  cell = made("linear,range_low=1,range_high=0.5");
  ck_assert_int_eq(og_cell_eval(cell, 1, &x, &x, &i, &s, NULL, &err), OG_E_RANGE);
  ogt_has(err.text, "range_low: saw 1, need at most range_high, 0.5");
  og_cell_free(cell);
  og_cell_free(NULL);
}
END_TEST

START_TEST(keys_are_listed_and_defaults_lie_in_range) {
  og_cell_key key;
  size_t count = 0;
  for (; og_cell_keys(count, &key); count++)
    ck_assert_msg(key.fallback >= key.min && key.fallback <= key.max && key.help[0] != '\0', "%s %s", key.model,
                  key.key);
  ck_assert_uint_ge(count, 25);
}
END_TEST

START_TEST(exhausted_memory_leaks_nothing) {
  const double v[3] = {-1, 0, 1};
  const char *texts[] = {"sinh,v0=0.2", "threshold,g=1m + sinh"};
  og_cell *cell;
  size_t live = ogi_mem_live();
  for (int t = 0; t < 3; t++)
    for (size_t k = 1, failed = 1; failed; k++) {
      ogi_mem_fail_at(k);
      og_status st = t < 2 ? og_cell_create(&cell, texts[t], NULL) : og_cell_create_table(&cell, v, v, 3, NULL);
      failed = st != OG_OK;
      ogi_mem_fail_at(0);
      ck_assert_int_eq(st, failed ? OG_E_NOMEM : OG_OK);
      og_cell_free(cell);
      ck_assert_uint_eq(ogi_mem_live(), live);
    }
  cell = made("sinh");
  ogi_mem_fail_at(1);
  ck_assert_int_eq(og_cell_set_each(cell, "v0", v + 2, 1, 1, NULL), OG_E_NOMEM);
  ogi_mem_fail_at(0);
  og_cell_free(cell);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("cell");
  TCase *tc = tcase_create("cell");
  tcase_add_test(tc, equations_hold_in_long_double);
  tcase_add_test(tc, simmons_is_the_difference_of_two_barriers);
  tcase_add_test(tc, transistor_has_its_square_law_triode_and_subthreshold_limits);
  tcase_add_test(tc, slopes_are_derivatives_and_positive);
  tcase_add_test(tc, slope_at_zero_is_the_conductance_and_open_cells_are_open);
  tcase_add_test(tc, odd_models_are_odd_to_the_last_bit);
  tcase_add_test(tc, no_voltage_gives_an_infinite_current);
  tcase_add_test(tc, cells_out_of_range_are_counted);
  tcase_add_test(tc, parameters_may_differ_from_cell_to_cell);
  tcase_add_test(tc, pairs_obey_closed_forms);
  tcase_add_test(tc, table_goes_through_its_points_and_between_them);
  tcase_add_test(tc, bad_tables_are_refused);
  tcase_add_test(tc, user_functions_are_called_and_checked);
  tcase_add_test(tc, bad_text_is_refused_with_its_place);
  tcase_add_test(tc, keys_are_listed_and_defaults_lie_in_range);
  tcase_add_test(tc, exhausted_memory_leaks_nothing);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
