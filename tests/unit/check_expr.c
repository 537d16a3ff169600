/* SPDX-License-Identifier: BSD-3-Clause */
/* Expressions of decks: values as ngspice 39 gave them, slopes against differences, text that means the same. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "netlist/ogi_expr.h"
#include "ogt.h"

static og_error err;

/* Parameters a = -2 and r_1 = 47; controls v(p) 0, v(q,s) 1, i(vx) 2. */
static og_status parameter(void *user, const char *name, double *value, og_error *e) {
  (void)user;
  *value = strcmp(name, "a") == 0 ? -2 : 47;
  if (strcmp(name, "a") == 0 || strcmp(name, "r_1") == 0) return OG_OK;
  return ogi_fail(e, OG_E_INPUT, "no parameter %s", name);
}

static og_status control(void *user, char kind, const char *a, const char *b, size_t *number, og_error *e) {
  (void)user;
  *number = kind == 'i' ? 2 : b != NULL ? 1 : 0;
  if (a[0] != 'z') return OG_OK;
  return ogi_fail(e, OG_E_INPUT, "no node %s", a);
}

static const ogi_expr_names of_parameters = {NULL, parameter, NULL, 27, NULL},
                            of_source = {NULL, parameter, control, 27, NULL};

static og_status value_of(const char *text, const ogi_expr_names *names, const double *x, double *value,
                          double *slope) {
  ogi_expr *e = NULL;
  og_status st = ogi_expr_parse(&e, text, names, &err);
  if (st != OG_OK) return st;
  double *room = ogi_alloc(ogi_expr_room(e, 3), sizeof *room);
  int broken = ogi_expr_eval(e, 0.5, x, x != NULL ? 3 : 0, value, slope, room);
  ogi_free(room);
  ogi_expr_free(e);
  return broken ? OG_E_RANGE : OG_OK;
}

START_TEST(parameters_mean_what_ngspice_makes_of_them) {
  static const struct {
    const char *text;
    double value; /* printed by ngspice 39 from the same .param, or arithmetic */
  } table[] = {
      {"a^2", 4},
      {"a^3", 8},
      {"2^3^2", 64},
      {"-2^2", -4},
      {"a**3", 8},
      {"10/4", 2.5},
      {"log(100)", 4.605170185988092},
      {"log10(100)", 2},
      {"sgn(a)", -1},
      {"2^-1", 0.5},
      {"7>3 ? 4 : 5", 4},
      {"int(-2.7)", -2},
      {"nint(2.5)", 2},
      {"floor(-2.5)", -3},
      {"pow(a,3)", -8},
      {"pwr(a,3)", 8},
      {"min(3,a)", -2},
      {"a^2.5", 5.656854249492381},
      {"8/2/2", 2},
      {"8-2-2", 4},
      {"2*-3", -6},
      {"1e3k", 1e6},
      {"10meg", 1e7},
      {"r_1*2", 94},
      {"{a}+1", -1},
      {"!0 + (1&&0) + (1||0)*10", 11},
      {"1.5u*2", 3e-6},
      {"  ( 1 + 2 ) * 3 ", 9},
      {"3!=3", 0},
      {"3<>2", 1},
      {"temper", 27},
      {"1?2?3:4:5", 3},
      {"ceil(0.2)", 1},
      {"max(-1,-3)", -1},
      {"abs(a)*pi", 6.283185307179586},
  };
  for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
    double got = NAN;
    ck_assert_msg(value_of(table[k].text, &of_parameters, NULL, &got, NULL) == OG_OK, "%s: %s", table[k].text,
                  err.text);
    ck_assert_msg(fabs(got - table[k].value) <= 1e-14 * fabs(table[k].value), "%s: saw %.17g, need %.17g",
                  table[k].text, got, table[k].value);
  }
}
END_TEST

START_TEST(slopes_are_those_of_differences) {
  static const char *const table[] = {"v(p)*v(q,s)+i(vx)",
                                      "v(p)/v(q,s)",
                                      "sinh(v(p)/0.3)*1e-6",
                                      "exp(-abs(v(p)))*tanh(v(q,s))",
                                      "v(p)^3",
                                      "pwr(v(p),3)",
                                      "pwr(v(p),1.7)",
                                      "pow(v(p),v(q,s))",
                                      "v(p)>0 ? v(q,s)^2 : i(vx)",
                                      "max(v(p),v(q,s))-min(i(vx),0.2)",
                                      "sqrt(v(q,s)+5)",
                                      "ln(v(q,s)+5)+log10(v(q,s)+6)",
                                      "sin(v(p))+cos(v(p))+tan(v(p))",
                                      "asin(v(p)/9)+acos(v(p)/8)+atan(v(p))",
                                      "cosh(v(p))+asinh(v(p))+acosh(3+v(q,s))+atanh(v(p)/7)",
                                      "uramp(v(p))+uramp(-v(p)/2)",
                                      "v(p)*time*a",
                                      "-v(p)-(-v(q,s))"};
  static const double at[][3] = {{0.37, -1.23, 0.11}, {-0.81, 0.57, -2.3}};
  for (size_t k = 0; k < sizeof table / sizeof *table; k++)
    for (size_t j = 0; j < 2; j++) {
      double x[3], slope[3], value, up, down;
      memcpy(x, at[j], sizeof x);
      ck_assert_msg(value_of(table[k], &of_source, x, &value, slope) == OG_OK, "%s: %s", table[k], err.text);
      for (int c = 0; c < 3; c++) {
        const double h = 1e-6;
        x[c] = at[j][c] + h;
        ck_assert_int_eq(value_of(table[k], &of_source, x, &up, NULL), OG_OK);
        x[c] = at[j][c] - h;
        ck_assert_int_eq(value_of(table[k], &of_source, x, &down, NULL), OG_OK);
        x[c] = at[j][c];
        double difference = (up - down) / (2 * h);
        ck_assert_msg(fabs(slope[c] - difference) <= 1e-8 * (1 + fabs(difference)),
                      "%s: control %d: slope %g, differences %g", table[k], c, slope[c], difference);
      }
    }
}
END_TEST

START_TEST(a_branch_not_taken_may_be_anything) {
  double x[3] = {0, 1, 1}, value, slope[3];
  ck_assert_int_eq(value_of("v(p) > 0 ? ln(v(p)) : 3*v(q,s)", &of_source, x, &value, slope), OG_OK);
  ogt_rel(value, 3, 0);
  ogt_rel(slope[1], 3, 0);
  ck_assert_int_eq(value_of("1/v(p)", &of_source, x, &value, slope), OG_E_RANGE); /* and no 1e32, as ngspice says */
}
END_TEST

static void put_control(FILE *out, void *user, size_t k) {
  static const char *const names[] = {"v(p)", "v(q,s)", "i(vx)"};
  (void)user;
  fputs(names[k], out);
}

START_TEST(what_is_printed_means_the_same) {
  static const char *const table[] = {"a - (v(p) - 3) * -2 ^ v(q,s)", "v(p) < 0 ? -1 : v(p)==0 ? 0 : 1",
                                      "!v(p) + 4.7k/{a*2}", "pwr(-v(p),3)+pow(a,2)+uramp(time-1)",
                                      "v(p)-v(q,s)-i(vx)/2/3"};
  const double x[3] = {0.37, -1.23, 0.11};
  for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
    ogi_expr *e;
    char *text = NULL;
    size_t bytes;
    double once, again;
    ck_assert_int_eq(ogi_expr_parse(&e, table[k], &of_source, &err), OG_OK);
    FILE *out = open_memstream(&text, &bytes);
    ogi_expr_print(out, e, put_control, NULL);
    fclose(out);
    ck_assert_int_eq(value_of(table[k], &of_source, x, &once, NULL), OG_OK);
    ck_assert_msg(value_of(text, &of_source, x, &again, NULL) == OG_OK, "%s: %s", text, err.text);
    ogt_rel(again, once, 1e-15);
    free(text);
    ogi_expr_free(e);
  }
}
END_TEST

START_TEST(what_is_no_expression_is_refused_with_a_reason) {
  static const struct {
    const char *text, *why;
  } table[] = {
      {"", "saw its end"},
      {"1 +", "saw its end"},
      {"(1", "need \")\""},
      {"foo(1)", "no function foo"},
      {"1 2", "saw \"2\""},
      {"b+1", "no parameter b"},
      {"1 ? 2", "need \":\""},
      {"v(p)", "numbers and parameters only"},
      {"min(1)", "another operand"},
      {"0x10", "number"},
      {"\"a\"", "need a number"},
      {"1;2", "saw \";2\""},
      {"v(", "numbers and parameters"},
      {"sin 1", "no parameter sin"},
  };
  for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
    double value;
    ck_assert_msg(value_of(table[k].text, &of_parameters, NULL, &value, NULL) == OG_E_INPUT, "%s was taken",
                  table[k].text);
    ogt_has(err.text, table[k].why);
  }
}
END_TEST

START_TEST(depth_and_length_are_bounded) {
  size_t deep = 5000;
  char *text = ogi_alloc(3 * deep, 1);
  double value;
  memset(text, '(', deep);
  ck_assert_int_eq(value_of(text, &of_parameters, NULL, &value, NULL), OG_E_INPUT);
  ogt_has(err.text, "nested deeper");
  for (size_t k = 0; k < deep; k++) text[k] = '-';
  ck_assert_int_eq(value_of(text, &of_parameters, NULL, &value, NULL), OG_E_INPUT);
  ogi_free(text);
  text = ogi_alloc(60000, 1);
  for (size_t k = 0; k < 25000; k++) memcpy(text + 2 * k, k == 0 ? " 1" : "+1", 2);
  ck_assert_int_eq(value_of(text, &of_parameters, NULL, &value, NULL), OG_E_INPUT);
  ogt_has(err.text, "parts");
  ogi_free(text);
}
END_TEST

START_TEST(memory_that_runs_out_is_told_and_none_is_lost) {
  size_t live = ogi_mem_live();
  for (size_t k = 1;; k++) {
    ogi_expr *e = NULL;
    ogi_mem_fail_at(k);
    og_status st = ogi_expr_parse(&e, "1+2*v(p)+3+4+5+6+7", &of_source, &err);
    ogi_mem_fail_at(0);
    ogi_expr_free(e);
    ck_assert_uint_eq(ogi_mem_live(), live);
    if (st == OG_OK) break;
    ck_assert_int_eq(st, OG_E_NOMEM);
  }
}
END_TEST

int main(void) {
  Suite *s = suite_create("expr");
  TCase *t = tcase_create("expr");
  tcase_add_test(t, parameters_mean_what_ngspice_makes_of_them);
  tcase_add_test(t, slopes_are_those_of_differences);
  tcase_add_test(t, a_branch_not_taken_may_be_anything);
  tcase_add_test(t, what_is_printed_means_the_same);
  tcase_add_test(t, what_is_no_expression_is_refused_with_a_reason);
  tcase_add_test(t, depth_and_length_are_bounded);
  tcase_add_test(t, memory_that_runs_out_is_told_and_none_is_lost);
  suite_add_tcase(s, t);
  return ogt_run(s);
}
