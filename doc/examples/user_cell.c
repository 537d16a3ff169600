/* SPDX-License-Identifier: BSD-3-Clause */
/* A cell of one's own: i = g (v + v^3 / v3^2), in an array with wires. Built and run by make check. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <ohmgrid/ohmgrid.h>

static int cubic(void *user, size_t first, size_t count, const double *g, const double *v, double *i, double *slope) {
  const double v3 = *(const double *)user; /* [V] where the cubic term equals the linear one */
  (void)first;                             /* position in the array, for parameters cell by cell */
  for (size_t k = 0; k < count; k++) {
    double x = v[k] / v3;
    i[k] = g[k] * v[k] * (1 + x * x);      /* [A] */
    slope[k] = g[k] * (1 + 3 * x * x);     /* [S], must be > 0 */
  }
  return 0; /* anything else ends the solution */
}

int main(void) {
  enum { M = 3, N = 2 };
  const double g[M * N] = {2.1e-5, 3.9e-5, 0.7e-5, 1.6e-5, 3.3e-5, 0.2e-5}; /* [S] */
  const double v[M] = {0.41, 0.90, 0.35};                                   /* [V] */
  double i[N], v3 = 0.6;                                                    /* [A], [V] */
  og_array array;
  og_cell *cell = NULL;
  og_nonlinear *solver = NULL;
  og_nonlinear_info info;
  og_error err;

  og_array_init(&array, M, N);
  array.r_word_ohm = array.r_bit_ohm = 150;
  int failed = og_cell_create_user(&cell, cubic, &v3, &err) != OG_OK ||
               og_nonlinear_create(&solver, &array, cell, NULL, &err) != OG_OK ||
               og_nonlinear_set_cells(solver, g, &err) != OG_OK ||
               og_nonlinear_dc(solver, v, NULL, 1, i, NULL, NULL, &info, &err) != OG_OK;
  if (failed) fprintf(stderr, "%s\n", err.text);
  else
    printf("%.6g A, %.6g A in %zu Newton steps; KCL residual %.1g, power balance %.1g\n", i[0], i[1],
           info.newton_steps, info.kcl_residual, info.power_balance);
  og_nonlinear_free(solver);
  og_cell_free(cell);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
