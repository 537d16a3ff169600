/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/solve.h
 * Static (DC) solution of one passive crossbar with linear cells and every wire segment, and its exact reduction.
 *
 * Model.   See ohmgrid/array.h. Unknowns are the potentials of the word and bit nodes, 2mn less those merged by 0 ohm.
 * Engines. cg: word lines eliminated exactly, iteration on the bit-line Schur complement with a coarse correction,
 *          stationary where segments are equal, conjugate gradients else. cholesky: supernodal sparse Cholesky (CHOLMOD)
 *          on a geometric nested-dissection order; takes every array. reduce: blocks of cells merged port by port give
 *          the exact m x n matrix G_eff, after which each input costs one row of a dense product. auto: the cheapest by
 *          a cost model, which says why.
 * Audit.   Every solution is checked apart from the engine that made it: Kirchhoff's current law at every node, and
 *          power delivered by the drivers = power dissipated in wires, cells, drivers and sense resistances.
 * Sources: doc/ARCHITECTURE.md (equations); [Chen2008] doi:10.1145/1391989.1391995 (CHOLMOD); [Hestenes1952] (CG).
 */
#ifndef OHMGRID_SOLVE_H
#define OHMGRID_SOLVE_H

#include <stddef.h>

#include <ohmgrid/array.h>
#include <ohmgrid/plan.h>
#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum og_engine { OG_ENGINE_AUTO, OG_ENGINE_REDUCE, OG_ENGINE_CG, OG_ENGINE_CHOLESKY } og_engine;

/** "auto", "reduce", "cg", "cholesky"; NULL for a foreign value. Static strings. */
const char *og_engine_name(og_engine engine);

typedef struct og_solver og_solver; /**< opaque; owns factors and workspace; one thread at a time */

/** Options. Fill with og_solver_opts_init, then change fields. */
typedef struct og_solver_opts {
  og_engine engine; /**< default OG_ENGINE_AUTO                                                                  */
  size_t inputs;    /**< [-] how many input vectors one set of cells will meet; only guides auto.    default 1    */
  double rtol;      /**< [-] cg stops at this estimated relative error, 1e-15 .. 0.1.                default 1e-12  */
  double kcl_rtol;  /**< [-] largest KCL residual accepted, relative to the largest branch current. default 1e-8  */
  size_t iter_max;  /**< [-] most cg iterations per input, >= 1.                                    default 1000  */
  const og_cost_model *cost; /**< what auto knows about the machine; read by create only. default NULL: built in  */
} og_solver_opts;
void og_solver_opts_init(og_solver_opts *opts);

/** What a solve did: the worst over its input vectors. */
typedef struct og_solve_info {
  og_engine engine;        /**< the engine that answered                                                          */
  char reason[160];        /**< why it was chosen                                                                 */
  size_t iterations;       /**< [-] cg iterations of the slowest input; 1 for direct engines                       */
  double kcl_residual;     /**< [-] max over nodes |sum of currents| / largest branch current                     */
  double kcl_residual_amp; /**< [A] the same, absolute                                                            */
  double power_watt;       /**< [W] delivered by all terminals, mean over the inputs                              */
  double power_cells_watt; /**< [W] dissipated in the cells, mean over the audited inputs                         */
  double power_balance;    /**< [-] |delivered - dissipated| / delivered                                          */
  size_t audited;          /**< [-] inputs that were audited: all, or only the first by the product of reduce      */
  int rounding_limited;    /**< 1 if segments are so small against the cells that rounding limits the residual     */
} og_solve_info;

/**
 * Prepare to solve arrays of one geometry.
 * @param[out] out    new solver, the caller's; NULL on failure
 * @param[in]  array  geometry; copied
 * @param[in]  opts   NULL means defaults; copied
 * @retval OG_OK
 * @retval OG_E_ARG    out or array is NULL
 * @retval OG_E_RANGE  geometry (see og_array_check) or an option is out of range, or the engine cannot take the
 *                     geometry (cg: open circuits, lines that are no regular crossed chains)
 * @retval OG_E_SINGULAR  0 ohm all the way from one terminal to another; err names both
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_solver_create(og_solver **out, const og_array *array, const og_solver_opts *opts,
                                        og_error *err);

/**
 * Set the cells and factor. Allocates on the first call only.
 * @param[in] g  conductances, m x n [S], each finite and >= 0 (0: open cell); copied
 * @retval OG_OK
 * @retval OG_E_ARG       s or g is NULL
 * @retval OG_E_RANGE     an entry is negative, NaN or infinite; err gives line, column and value
 * @retval OG_E_SINGULAR  a node has no path to a driver or a sense node; err names it
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_solver_set_cells(og_solver *s, const double *g, og_error *err);

/**
 * Set the potentials of the bit line terminals for every later input; 0 V before the first call. Engine reduce then
 * solves each input in full.
 * @param[in] u  n [V], finite; copied. NULL: back to 0 V
 * @retval OG_OK
 * @retval OG_E_ARG    s is NULL
 * @retval OG_E_RANGE  an entry is not finite; err gives the line; the potentials stay as they were
 */
OG_NODISCARD og_status og_solver_set_bit_volts(og_solver *s, const double *u, og_error *err);

/**
 * Solve for k input vectors. On failure every result buffer holds NaN. Engine reduce answers by one dense product and
 * audits the first input in full; if voltages are wanted, every input is solved with its factor and audited.
 * @param[in]  v       driver voltages, k x m (parallel wiring: k x n) [V], finite
 * @param[in]  k       number of input vectors, >= 1
 * @param[out] i_out   output currents into the sense nodes, k x n [A]
 * @param[out] v_word  word node voltages, k x m x n [V]; NULL if not wanted
 * @param[out] v_bit   bit node voltages, k x m x n [V]; NULL if not wanted
 * @param[out] info    may be NULL
 * @retval OG_OK
 * @retval OG_E_ARG     a needed pointer is NULL, k is 0, or cells were never set
 * @retval OG_E_RANGE   an input voltage is not finite (err gives vector and line), or k exceeds INT_MAX
 * @retval OG_E_NOCONV  iter_max or the KCL tolerance was missed; info holds the residual
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_solver_dc(og_solver *s, const double *v, size_t k, double *i_out, double *v_word,
                                    double *v_bit, og_solve_info *info, og_error *err);

/**
 * Exact effective matrix, and on request the exact port admittance of the driven side, of the cells last set.
 * i_out = v G_eff for any v. With the bit lines at virtual ground, v Y v^T is the power the drivers deliver.
 * @param[out] g_eff     m x n [S] (parallel wiring: n x n)
 * @param[out] y_source  m x m [S] (n x n), symmetric: current into the array at driver i per volt at driver i'; may be
 *                       NULL
 * @retval OG_OK
 * @retval OG_E_ARG       s or g_eff is NULL, cells were never set, or the engine is not reduce
 */
OG_NODISCARD og_status og_solver_reduce(og_solver *s, double *g_eff, double *y_source, og_error *err);

/**
 * Effective matrices of count arrays of one shape, for tiles: threads over arrays (OpenMP), one plan for all, the same
 * bits for any number of threads. The cells of the solver itself are then those of no array: set them anew.
 * @param[in]  g         count x m x n [S]
 * @param[out] g_eff     count x m x n [S]
 * @param[out] y_source  count x m x m [S]; may be NULL
 * @retval OG_OK
 * @retval OG_E_ARG    s, g or g_eff is NULL, or the engine is not reduce
 * @retval OG_E_RANGE  an entry is negative, NaN or infinite; err gives array, line, column and value
 * @retval OG_E_SINGULAR, OG_E_NOCONV, OG_E_NOMEM
 */
OG_NODISCARD og_status og_solver_reduce_many(og_solver *s, size_t count, const double *g, double *g_eff,
                                             double *y_source, og_error *err);

/** Release everything. NULL is allowed. */
void og_solver_free(og_solver *s);

#ifdef __cplusplus
}
#endif
#endif
