/* SPDX-License-Identifier: BSD-3-Clause */
/* The line engine against the direct one, below the public interface: shunts, injected currents, bit line potentials.
 */
#include <config.h>

#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "array/ogi_nodes.h"
#include "base/ogi_mem.h"
#include "ogt.h"
#include "solve/ogi_solve.h"


static double *random_values(size_t count, double low, double high) {
  static unsigned state = 77123;
  double *x = ogi_alloc(count, sizeof *x);
  for (size_t k = 0; k < count; k++) {
    state = state * 1664525u + 1013904223u;
    x[k] = low * pow(high / low, (double)state / 4294967296.0); /* log uniform: line currents of many sizes */
  }
  return x;
}

/* Solve with both engines and compare all potentials. */
static void agree(const og_array *a, const ogi_cells *cells, const ogi_rhs *rhs, double tolerance) {
  ogi_wires wires;
  ogi_cg *cg = NULL;
  ogi_chol *chol = NULL;
  size_t count = a->m * a->n;
  double *x[4], top = 0;
  ck_assert_int_eq(ogi_wires_create(&wires, a, NULL), OG_OK);
  for (int k = 0; k < 4; k++) x[k] = ogi_alloc(count, sizeof(double));
  ck_assert_int_eq(ogi_cg_create(&cg, a, &wires, NULL), OG_OK);
  ck_assert_int_eq(ogi_chol_create(&chol, a, &wires, 0, NULL), OG_OK);
  ogi_cg_set_cells(cg, cells);
  ck_assert_int_eq(ogi_chol_set_cells(chol, cells, NULL), OG_OK);
  size_t cold = ogi_cg_solve(cg, rhs, 0, 1e-13, 300, x[0], x[1]);
  ck_assert_uint_le(cold, 300);
  ck_assert_int_eq(ogi_chol_solve(chol, cells, rhs, x[2], x[3], NULL), OG_OK);
  for (size_t k = 0; k < count; k++) top = fmax(top, fmax(fabs(x[2][k]), fabs(x[3][k])));
  for (size_t k = 0; k < count; k++) {
    ogt_abs(x[0][k], x[2][k], tolerance * top);
    ogt_abs(x[1][k], x[3][k], tolerance * top);
  }
  size_t warm = ogi_cg_solve(cg, rhs, 1, 1e-9, 300, x[0], x[1]);
  ck_assert_uint_le(warm, 1); /* the solution is its own best guess */
  ogi_cg_free(cg);
  ogi_wires_clear(&wires);
  ogi_chol_free(chol);
  for (int k = 0; k < 4; k++) ogi_free(x[k]);
}

START_TEST(lines_agree_with_the_direct_engine_for_every_term) {
  static const size_t shape[][2] = {{1, 1}, {3, 17}, {17, 3}, {8, 16}, {37, 53}, {64, 40}};
  size_t m = shape[_i / 4][0], n = shape[_i / 4][1];
  og_array a;
  og_array_init(&a, m, n);
  a.r_word_ohm = _i % 2 ? 2.7 : 0;
  a.r_bit_ohm = _i % 4 < 2 ? 1.3 : 0;
  a.r_source_ohm = 11;
  a.r_sense_ohm = 7;
  a.drive = _i % 3 ? OG_DRIVE_BOTH : OG_DRIVE_LEFT;
  a.sense = _i % 5 ? OG_SENSE_TOP : OG_SENSE_BOTH;
  double *g = random_values(m * n, 1e-7, 1e-3), *v = random_values(m, 0.01, 1), *u = random_values(n, 0.01, 1);
  double *word_in = random_values(m * n, 1e-7, 1e-4), *bit_in = random_values(m * n, 1e-7, 1e-4);
  ogi_cells cells = {.g = g, .word_shunt = 3.1e-5, .bit_shunt = 0.7e-5};
  ogi_rhs rhs = {.v = v, .u = u, .word_in = word_in, .bit_in = bit_in};
  agree(&a, &cells, &rhs, 1e-11);
  double *all[] = {g, v, u, word_in, bit_in};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) ogi_free(all[k]);
}
END_TEST

START_TEST(the_number_of_iterations_hardly_grows_with_the_array) {
  size_t most = 0;
  for (size_t m = 64; m <= 512; m *= 2) {
    size_t n = m + 8;
    og_array a;
    ogi_wires wires;
    ogi_cg *cg = NULL;
    og_array_init(&a, m, n);
    a.r_word_ohm = a.r_bit_ohm = 1;
    ck_assert_int_eq(ogi_wires_create(&wires, &a, NULL), OG_OK);
    double *g = random_values(m * n, 1e-6, 1e-4), *v = random_values(m, 0.1, 0.3);
    double *w = random_values(m * n, 1, 2), *b = random_values(m * n, 1, 2);
    ogi_cells cells = {.g = g};
    ogi_rhs rhs = {.v = v};
    ck_assert_int_eq(ogi_cg_create(&cg, &a, &wires, NULL), OG_OK);
    ogi_cg_set_cells(cg, &cells);
    size_t it = ogi_cg_solve(cg, &rhs, 0, 1e-10, 100, w, b);
    most = it > most ? it : most;
    ogi_cg_free(cg);
  ogi_wires_clear(&wires);
    double *all[] = {g, v, w, b};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) ogi_free(all[k]);
  }
  ck_assert_uint_le(most, 9); /* 16 and growing without the coarse correction */
}
END_TEST

int main(void) {
  Suite *s = suite_create("lines");
  TCase *t = tcase_create("engines");
  tcase_add_loop_test(t, lines_agree_with_the_direct_engine_for_every_term, 0, 24);
  tcase_add_test(t, the_number_of_iterations_hardly_grows_with_the_array);
  suite_add_tcase(s, t);
  return ogt_run(s);
}
