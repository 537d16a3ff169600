/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ours.h  The library's way through a problem. Every failure ends the program with the library's message. */
#ifndef OURS_H
#define OURS_H

#include "problem.h"

typedef struct ours ours;

/** What is made once for arrays of one shape. potentials: keep them, for ours_kcl. */
ours *ours_open(const problem *p, int potentials);
void ours_close(ours *o);

/** One timed piece of work: cells set anew, then all that is asked for. @return seconds */
double ours_once(ours *o, const problem *p);

/** Linear iterations and Newton steps of the last time. */
void ours_counts(const ours *o, size_t *iterations, size_t *newton_steps);

/** Output currents of one array and input of the last time, n [A]. */
void ours_currents(const ours *o, const problem *p, size_t array, size_t input, double *i_out);

/** Kirchhoff's current law in long double: worst |sum of currents| / largest current in a segment. NAN: no potentials. */
double ours_kcl(const ours *o, const problem *p);

/**
 * The same currents by another engine of ours and a stricter tolerance, for what is too large or too crooked for
 * others: linear arrays by conjugate gradients (segments given one by one), non-linear cells over sparse Cholesky.
 */
void ours_otherwise(const problem *p, double *i_out);

#endif
