/* SPDX-License-Identifier: BSD-3-Clause */
/** @file comparators.h  What others would do with the same array. Times in seconds; NAN: not done. */
#ifndef COMPARATORS_H
#define COMPARATORS_H

#include <stddef.h>

#include "problem.h"

double seconds(void);

/** Time of one factorisation, assembly included, and of one solution with it. */
typedef struct direct_time {
  double factor, solve;
} direct_time;

/** Nodal matrix, CHOLMOD with its default settings, inputs one by one: v is k x m, i_out k x n. */
direct_time plain_cholmod(size_t m, size_t n, double ohm, const double *g, size_t k, const double *v, double *i_out);

/** Nodal matrix in SciPy: spsolve as it comes, splu with a minimum-degree order in symmetric mode. */
typedef struct scipy_time {
  double spsolve;
  direct_time splu;
} scipy_time;

/** One input of one array. The script is named by OHMGRID_BENCH_SCIPY; i_out n [A] is that of spsolve. */
scipy_time scipy_dc(const problem *p, double *i_out);

/** i_out = v G by OpenBLAS, k inputs, the best of some. */
double ideal_product(size_t m, size_t n, size_t k, const double *g, const double *v, double *i_out);

/** Operating point in ngspice, in a process of its own; its answer is compared too. Up to 64 x 64. */
double ngspice_op(const problem *p);

#endif
