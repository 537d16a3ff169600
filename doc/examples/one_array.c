/* SPDX-License-Identifier: BSD-3-Clause */
/* The smallest use of the library: one array, two inputs, the audit. Built and run by make check. */
#include <stdio.h>
#include <stdlib.h>

#include <ohmgrid/ohmgrid.h>

int main(void) {
  enum { M = 3, N = 2, K = 2 };
  const double g[M * N] = {2.1e-5, 3.9e-5, 0.7e-5, 1.6e-5, 3.3e-5, 0.2e-5}; /* [S] */
  const double v[K * M] = {0.11, 0.20, 0.05, 0.00, 0.17, 0.20};             /* [V] */
  double i[K * N];                                                          /* [A] */
  og_array array;
  og_solver *solver = NULL;
  og_solve_info info;
  og_error err;

  og_array_init(&array, M, N);
  array.r_word_ohm = 1.5;
  array.r_bit_ohm = 1.5;
  if (og_solver_create(&solver, &array, NULL, &err) != OG_OK || og_solver_set_cells(solver, g, &err) != OG_OK ||
      og_solver_dc(solver, v, K, i, NULL, NULL, &info, &err) != OG_OK) {
    fprintf(stderr, "%s\n", err.text);
    og_solver_free(solver);
    return EXIT_FAILURE;
  }
  for (int k = 0; k < K; k++) printf("input %d: %.6g A, %.6g A\n", k, i[k * N], i[k * N + 1]);
  printf("engine %s, KCL residual %.1g, power balance %.1g\n", og_engine_name(info.engine), info.kcl_residual,
         info.power_balance);
  og_solver_free(solver);
  return EXIT_SUCCESS;
}
