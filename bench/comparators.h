/* SPDX-License-Identifier: BSD-3-Clause */
/** @file comparators.h  What others would do with the same array. */
#ifndef COMPARATORS_H
#define COMPARATORS_H

#include <stddef.h>

/** Nodal matrix, CHOLMOD with its default settings, one input. @return seconds for analysis, factor and solve */
double plain_cholmod(size_t m, size_t n, double ohm, const double *g, const double *v, double *i_out);

/** i_out = v G by OpenBLAS, k inputs. @return seconds */
double ideal_product(size_t m, size_t n, size_t k, const double *g, const double *v, double *i_out);

double seconds(void);

#endif
