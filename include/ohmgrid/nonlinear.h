/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/nonlinear.h
 * Static (DC) solution of one crossbar whose cells are not linear, with every wire segment.
 *
 * Method.  Newton's method on Kirchhoff's current law at all nodes. Each step is a linear array with the conductances
 *          di/dv of the cells and the unbalanced currents injected, solved by the engine cg (as precisely as the
 *          step deserves) or cholesky. Steps that do not reduce the KCL residual are cut. Where Newton's method alone
 *          fails, the sources are raised in steps, and then conductances across the cells are removed in steps.
 * Audit.   Convergence is decided by the currents themselves: all wires, and i(v) of every cell, summed at every node.
 * Start.   From the last solution where there is one (opts.warm), so results depend on the history within kcl_rtol.
 * Sources: doc/engines-nonlinear.md; [Kelley1995] (inexact Newton, line search).
 */
#ifndef OHMGRID_NONLINEAR_H
#define OHMGRID_NONLINEAR_H

#include <stddef.h>

#include <ohmgrid/array.h>
#include <ohmgrid/cell.h>
#include <ohmgrid/solve.h>
#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct og_nonlinear og_nonlinear; /**< opaque; owns factors and workspace; one thread at a time */

/** Options. Fill with og_nonlinear_opts_init, then change fields. */
typedef struct og_nonlinear_opts {
  og_engine engine;  /**< auto, cg or cholesky; auto: cg where the wires are regular.     default OG_ENGINE_AUTO */
  double kcl_rtol;   /**< [-] largest KCL residual accepted / largest branch current, > 0, <= 1.   default 1e-10 */
  size_t newton_max; /**< [-] most Newton steps from one start, >= 1.                              default 60    */
  size_t iter_max;   /**< [-] most cg iterations a step, >= 1.                                     default 1000  */
  int continuation;  /**< 1: steps of sources and conductances where Newton's method fails.        default 1     */
  int warm;          /**< 1: start from the last solution.                                         default 1     */
} og_nonlinear_opts;
void og_nonlinear_opts_init(og_nonlinear_opts *opts);

/** What a solve did: sums or worst over its input vectors. Valid after OG_OK and OG_E_NOCONV. */
typedef struct og_nonlinear_info {
  og_engine engine;          /**< the engine inside                                                        */
  size_t newton_steps;       /**< [-] of the slowest input, continuation included; 1 for linear cells       */
  size_t line_cuts;          /**< [-] steps that were cut, sum                                              */
  size_t continuation_steps; /**< [-] steps of sources and conductances that converged, sum; 0: none needed */
  size_t iterations;         /**< [-] linear iterations, sum; cholesky counts 1 a step                      */
  double kcl_residual;       /**< [-] worst |sum of currents| at a node / largest branch current             */
  double kcl_residual_amp;   /**< [A] the same, absolute                                                    */
  double power_watt;         /**< [W] delivered by drivers and bit line terminals, mean over the inputs      */
  double power_cells_watt;   /**< [W] dissipated in the cells, mean                                         */
  double power_wires_watt;   /**< [W] in segments, drivers and sense resistances, mean                      */
  double power_balance;      /**< [-] worst |delivered - dissipated| / delivered                            */
  size_t out_of_range;       /**< [-] cells outside of their model's range (ohmgrid/cell.h), sum            */
  int rounding_limited;      /**< 1 if rounding alone keeps the residual above kcl_rtol                     */
} og_nonlinear_info;

/**
 * Prepare to solve arrays of one geometry with one cell model.
 * @param[out] out    the caller's; NULL on failure
 * @param[in]  array  geometry; copied, what it borrows is needed during the call only
 * @param[in]  cell   borrowed until free; parameters may be changed between calls
 * @param[in]  opts   NULL means defaults; copied
 * @retval OG_OK
 * @retval OG_E_ARG       out, array or cell is NULL
 * @retval OG_E_RANGE     geometry or an option is out of range, or engine cg cannot take the geometry
 * @retval OG_E_SINGULAR  0 ohm all the way from one terminal to another
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_nonlinear_create(og_nonlinear **out, const og_array *array, const og_cell *cell,
                                           const og_nonlinear_opts *opts, og_error *err);

/**
 * Set the conductances.
 * @param[in] g  m x n [S], finite and >= 0 (0: open cell); copied
 * @retval OG_OK
 * @retval OG_E_ARG    s or g is NULL
 * @retval OG_E_RANGE  an entry is negative, NaN or infinite; err gives line, column and value
 */
OG_NODISCARD og_status og_nonlinear_set_cells(og_nonlinear *s, const double *g, og_error *err);

/**
 * Solve for k input vectors. On failure every result buffer holds NaN. Engine cg allocates nothing.
 * @param[in]  v       driver voltages, k x m (parallel wiring: k x n) [V], finite
 * @param[in]  u       potentials of the bit line terminals, n, the same for all inputs [V]; NULL: 0 V
 * @param[in]  k       number of input vectors, >= 1
 * @param[out] i_out   currents into the sense nodes, k x n [A]
 * @param[out] v_word  word node voltages, k x m x n [V]; NULL if not wanted
 * @param[out] v_bit   bit node voltages, k x m x n [V]; NULL if not wanted
 * @param[out] info    may be NULL
 * @retval OG_OK
 * @retval OG_E_ARG       a needed pointer is NULL, k is 0, or cells were never set
 * @retval OG_E_RANGE     a voltage is not finite; the model's parameters contradict each other; a user function gave
 *                        what cannot be
 * @retval OG_E_SHAPE     the model's parameters were set for another shape
 * @retval OG_E_SINGULAR  a node has no path to a terminal; err names it
 * @retval OG_E_NOCONV    no convergence; err gives residual and node, info what was tried
 * @retval OG_E_EXTERN    a user function gave up
 * @retval OG_E_NOMEM     in the engine cholesky
 */
OG_NODISCARD og_status og_nonlinear_dc(og_nonlinear *s, const double *v, const double *u, size_t k, double *i_out,
                                       double *v_word, double *v_bit, og_nonlinear_info *info, og_error *err);

/** Release everything. NULL is allowed. */
void og_nonlinear_free(og_nonlinear *s);

#ifdef __cplusplus
}
#endif
#endif
