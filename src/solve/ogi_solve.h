/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_solve.h
 * The engines behind og_solver, and the audit that trusts none of them.
 *
 * An engine turns source voltages into the potentials of all word and bit nodes; currents and powers are then measured
 * by the audit from those potentials, the same way for every engine.
 */
#ifndef OGI_SOLVE_H
#define OGI_SOLVE_H

#include <ohmgrid/solve.h>

#include "array/ogi_nodes.h"

/** The linear(ised) cells of one array. Shunts stand for capacitance in time: C/h from every node to ground. */
typedef struct ogi_cells {
  const double *g;                /**< m x n [S], >= 0; borrowed                             */
  double word_shunt, bit_shunt;   /**< [S] from each word / bit node to 0 V, >= 0; 0 in DC    */
} ogi_cells;

/** What drives the array once. */
typedef struct ogi_rhs {
  const double *v;        /**< source potentials, m (parallel wiring: n) [V]                          */
  const double *u;        /**< potentials of the bit line terminals, n [V]; NULL: 0 V                 */
  const double *word_in;  /**< m x n [A] injected into each word node; NULL: none                     */
  const double *bit_in;   /**< m x n [A] injected into each bit node; NULL: none                      */
} ogi_rhs;

/* ---- lines.c: line relaxation with coarse correction and conjugate gradients ---- */

typedef struct ogi_cg ogi_cg;
/** @retval OG_E_NOMEM; wires must be regular, without open circuits in the middle of lines */
og_status ogi_cg_create(ogi_cg **out, const og_array *array, const ogi_wires *wires, og_error *err);
/** Factor the lines; cells->g is borrowed until the next call. */
void ogi_cg_set_cells(ogi_cg *cg, const ogi_cells *cells);
/**
 * Potentials (m x n each) for one input. warm: v_bit holds a first guess.
 * @return iterations, or iter_max + 1 if rtol was not reached
 */
size_t ogi_cg_solve(ogi_cg *cg, const ogi_rhs *rhs, int warm, double rtol, size_t iter_max, double *v_word,
                    double *v_bit);
void ogi_cg_free(ogi_cg *cg);

/* ---- sweep.c: the same relaxation in one memory pass per step, stationary ---- */

typedef struct ogi_sweep ogi_sweep;
/** wires: both kinds OGI_LINE_CHAIN, equal segments, no open circuits. @retval OG_E_NOMEM */
og_status ogi_sweep_create(ogi_sweep **out, const og_array *array, const ogi_wires *wires, og_error *err);
/** Factor. cells is not kept. */
void ogi_sweep_set_cells(ogi_sweep *sweep, const ogi_cells *cells);
/**
 * Potentials (m x n each) for one input; rhs without injected currents. rtol: estimated error left, relative (norm of
 * sampled rows of bit nodes).
 * @return passes, or pass_max + 1 if it converges too slowly: the potentials are then a first guess for ogi_cg_solve
 */
size_t ogi_sweep_solve(ogi_sweep *sweep, const ogi_rhs *rhs, double rtol, size_t pass_max, double *v_word, double *v_bit);
void ogi_sweep_free(ogi_sweep *sweep);

/* ---- merge.c: hierarchical port merging ---- */

typedef struct ogi_merge ogi_merge; /**< plan and workspace for one shape */
/** wires: both kinds OGI_LINE_CHAIN, regular, no open circuits but absent ends; per-segment values allowed. */
og_status ogi_merge_create(ogi_merge **out, const og_array *array, const ogi_wires *wires, og_error *err);
/**
 * Exact reduction of count arrays of one shape, threads over arrays, or inside one large array.
 * @param[in]  g         count x m x n [S]
 * @param[out] g_eff     count x m x n [S]: current into sense terminal j per volt at source i
 * @param[out] y_source  count x m x m [S], or NULL: current into the array at source i per volt at source i'
 * @param[out] y_sense   count x n x n [S], or NULL: the same at the sense terminals
 * @retval OG_E_NOMEM
 */
og_status ogi_merge_reduce(ogi_merge *merge, size_t count, const double *g, double *g_eff, double *y_source,
                           double *y_sense, og_error *err);
void ogi_merge_free(ogi_merge *merge);

/* ---- cholesky.c: CHOLMOD, the only file that sees it; takes every array ---- */

typedef struct ogi_chol ogi_chol;
/**
 * ports_last: order the line ends last, so that the factor holds the reduction; both kinds OGI_LINE_CHAIN, regular.
 * wires is borrowed until free.
 * @retval OG_E_SINGULAR  a short between two terminals
 * @retval OG_E_NOMEM
 */
og_status ogi_chol_create(ogi_chol **out, const og_array *array, const ogi_wires *wires, int ports_last,
                          og_error *err);
/** Factor. cells->g is not kept. @retval OG_E_SINGULAR, OG_E_NOMEM */
og_status ogi_chol_set_cells(ogi_chol *chol, const ogi_cells *cells, og_error *err);
/** Potentials for one input; cells as in the last set_cells. @retval OG_E_NOMEM */
og_status ogi_chol_solve(ogi_chol *chol, const ogi_cells *cells, const ogi_rhs *rhs, double *v_word, double *v_bit,
                         og_error *err);
/** The node numbers it works with. */
const ogi_nodes *ogi_chol_nodes(const ogi_chol *chol);
/** With ports_last: effective matrix (m x n) and, unless NULL, source admittance (m x m). */
void ogi_chol_reduce(ogi_chol *chol, double *g_eff, double *y_source);
void ogi_chol_free(ogi_chol *chol);

/* ---- audit.c ---- */

/** What one set of potentials means. Currents [A], powers [W]. */
typedef struct ogi_audit {
  double branch_max;     /**< largest branch current                                             */
  double residual;       /**< largest |sum of currents| over all nodes that are no terminals     */
  double rounding;       /**< what rounding alone may leave there                                */
  double delivered;      /**< by the drivers                                                     */
  double cells, wires;   /**< dissipated in cells; in segments, drivers and sense resistances    */
} ogi_audit;

/** Running maxima and sums of an audit. */
typedef struct ogi_audit_tally {
  double branch, residual, cells, wires, volt, g_max;
} ogi_audit_tally;

/**
 * Measure currents and powers from potentials, of the cells' conductances in DC: currents injected by rhs and shunts are
 * not counted, so that a residual shows them. delivered counts the terminals of both kinds.
 * @param[in]  nodes    irregular arrays: their nodes; NULL else
 * @param[in]  scratch  ogi_audit_scratch values, overwritten
 * @param[out] i_out    n output currents
 * @param[out] i_source driver currents, m (parallel wiring: n); may be NULL
 */
void ogi_audit_run(ogi_audit *audit, const og_array *array, const ogi_wires *wires, const ogi_nodes *nodes,
                   const double *g, const ogi_rhs *rhs, const double *v_word, const double *v_bit, double *scratch,
                   double *i_out, double *i_source);
/** [-] values of scratch: 2 n for regular arrays. */
size_t ogi_audit_scratch(const og_array *array, const ogi_wires *wires);

/**
 * The same for regular arrays, in blocks of rows while they are in the cache: begin; rows(first, end), ascending and
 * without gaps, until all m are done; end. rows reads the potentials of rows first .. end - 1 and bit row first - 1,
 * whose values must be final. All pointers are borrowed until end.
 */
typedef struct ogi_audit_pass {
  size_t m, n;
  const ogi_wires *wires;
  const double *g, *v, *u, *v_word, *v_bit;
  double *cell, *pending, *i_out, *i_source;
  double delivered;
  ogi_audit_tally t;
} ogi_audit_pass;
void ogi_audit_begin(ogi_audit_pass *pass, const og_array *array, const ogi_wires *wires, const double *g,
                     const ogi_rhs *rhs, const double *v_word, const double *v_bit, double *scratch, double *i_out,
                     double *i_source);
void ogi_audit_rows(ogi_audit_pass *pass, size_t first, size_t end);
void ogi_audit_end(ogi_audit_pass *pass, ogi_audit *audit);

/* ---- plan.c ---- */

/** The engine for this geometry and number of inputs, and why. model NULL: built-in rates. */
og_engine ogi_plan(const og_cost_model *model, const og_array *array, const ogi_wires *wires, size_t inputs,
                   char *reason, size_t room);

#endif
