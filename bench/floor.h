/* SPDX-License-Identifier: BSD-3-Clause */
/** @file floor.h  How fast this machine could be: measured rates, and the least work of a problem. */
#ifndef FLOOR_H
#define FLOOR_H

#include <stddef.h>

#include "problem.h"

/** Bytes read and written a second by memcpy between two regions of the given size, threads at once. */
double copy_rate(size_t bytes, int threads);

/** Operations a second of OpenBLAS's dgemm, 1024 x 1024; add and multiply each count. */
double dgemm_rate(void);

/** What the least work of a problem is. */
typedef struct least_work {
  double bytes;  /**< moved once between memory and processor */
  double region; /**< [byte] that is gone through each time    */
  double flops;
} least_work;

/**
 * dc         48 bytes a cell and pass (two factors and conductance of the word lines, factor of the bit lines, and the
 *            half-eliminated potentials read and written), once more for the potentials; 64 for setting the cells, 24
 *            for the audit.
 * reduce     30 (m n)^1.5 operations (merging of ports, G_eff alone; doc/engines-merge.md).
 * inputs     the same and 2 k m n; tiles: the same for each array.
 * nonlinear  dc for each linear iteration; 112 a Newton step: setting, audit, and the model's three numbers.
 */
least_work work_of(const problem *p, size_t passes, size_t newton_steps);

/** [s] */
double floor_of(const least_work *work, double dgemm, int threads);

#endif
