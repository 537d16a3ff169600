/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_coarse.h
 * Coarse correction for the smooth modes that line relaxation leaves: a tensor product of one coarse line across the
 * rows and one across the columns.
 *
 * Fine values are interpolated between the centres of blocks of some 16 to 32 cells; beyond an end the neighbour is
 * mirrored with the factor that the end's conductance gives. On each side the coarse line matrix T_c = P^T T P and mass
 * M_c = P^T P are diagonalised together, T_c x = lambda M_c x, x^T M_c x = 1 (GSL), so that with the mean conductance g
 * of all cells the coarse modes (k,l) of the Schur complement and of the bit line matrix,
 *     S = bit_k + g word_l / (g + word_l),     A = bit_k + g       (bit_k, word_l: eigenvalues plus shunts) [S]
 * are numbers, and the correction that the line solution A^-1 lacks is 1/S - 1/A >= 0: symmetric and never indefinite.
 */
#ifndef OGI_COARSE_H
#define OGI_COARSE_H

#include "array/ogi_nodes.h"
#include "solve/ogi_solve.h"

/** Interpolation along one direction. */
typedef struct ogi_coarse_side {
  size_t fine, coarse;
  double *weight[2]; /**< fine values each: weight of knot[0][x] and knot[1][x] at x */
  int *knot[2];      /**< fine values each: equal over runs of eight cells           */
  double *modes;     /**< coarse x coarse, row-major: modes[c * coarse + k]          */
  double *lambda;    /**< coarse eigenvalues [S]                                     */
  double *stiff;     /**< T_c, coarse x coarse [S]                                   */
  double *mass;      /**< M_c, coarse x coarse [-]                                   */
} ogi_coarse_side;

typedef struct ogi_coarse {
  ogi_coarse_side bit, word; /**< along bit lines (m rows), along word lines (n columns)        */
  double *gain;              /**< bit.coarse x word.coarse: 1/S - 1/A [ohm]                     */
  double *gather;            /**< (bit.coarse) x stride: residual summed over block rows [A]    */
  double *spread;            /**< (bit.coarse) x stride: correction, interpolated across [V]    */
  double *c[3];              /**< bit.coarse x word.coarse scratch                              */
  size_t stride;             /**< padded n                                                      */
} ogi_coarse;

/** @retval OG_E_NOMEM; wires: both kinds OGI_LINE_CHAIN, regular */
og_status ogi_coarse_create(ogi_coarse *coarse, const og_array *array, const ogi_wires *wires, og_error *err);
void ogi_coarse_clear(ogi_coarse *coarse);
/** Mean of the cells [S], and the shunts. */
void ogi_coarse_set(ogi_coarse *coarse, double g_mean, const ogi_cells *cells);

/** c[0] = P^T r from what stands in gather (rows already summed); gather is zeroed. */
void ogi_coarse_restrict(ogi_coarse *coarse);
/** c[1] = correction of c[0]. */
void ogi_coarse_solve(ogi_coarse *coarse);
/** c[1] = first guess on the bit nodes from c[0] = P^T of (driver voltage of the row), all columns alike. */
void ogi_coarse_guess(ogi_coarse *coarse, double g_mean);
/** c[0] -= (P^T Ab P) d, with stencil = P^T D P over neighbouring knots (knots x 3 x 3). c[1], c[2] are overwritten. */
void ogi_coarse_subtract(ogi_coarse *coarse, const double *stencil, const double *d);
/** spread = c (bit.coarse x word.coarse) interpolated across the columns. */
void ogi_coarse_expand(ogi_coarse *coarse, const double *c);

#endif
