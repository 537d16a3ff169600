/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/analysis.h
 * The analyses of a deck (ohmgrid/deck.h), solved by our own engines: a crossbar's operating point by the engines for
 * arrays (ohmgrid/solve.h), everything else by the general one (ohmgrid/circuit.h).
 *
 * Results. Every node potential under the node's name, and the current of every element that defines a voltage (V, E, H,
 *          L, B with v=) as "name#branch", positive from its first node through it to the second; noise:
 *          "onoise_spectrum" [V/sqrt(Hz)] and "inoise_spectrum" [V or A / sqrt(Hz)], as ngspice names them. The first
 *          vector is the scale: time, frequency, or the swept value; an operating point has none.
 */
#ifndef OHMGRID_ANALYSIS_H
#define OHMGRID_ANALYSIS_H

#include <stddef.h>

#include <ohmgrid/cell.h>
#include <ohmgrid/deck.h>
#include <ohmgrid/solve.h>
#include <ohmgrid/status.h>
#include <ohmgrid/vectors.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Which engine may answer. */
typedef enum og_deck_engine {
  OG_DECK_AUTO,     /**< that for arrays where a crossbar is recognised, else the general one          */
  OG_DECK_CROSSBAR, /**< only that for arrays: OG_E_INPUT with the reason where none is recognised      */
  OG_DECK_GENERAL   /**< only the general one                                                          */
} og_deck_engine;

/** Options. Fill with og_analysis_opts_init, then change fields. */
typedef struct og_analysis_opts {
  og_deck_engine engine; /**< default OG_DECK_AUTO                                                                 */
  double rtol;           /**< [-] local error of a time step, relative; 1e-12 .. 0.1. default 1e-7                 */
  size_t step_max;       /**< [-] most time steps. default 10,000,000                                              */
  og_progress progress;  /**< asked now and then; other than 0 ends the run. default none                          */
} og_analysis_opts;
void og_analysis_opts_init(og_analysis_opts *opts);

/** What a run did. */
typedef struct og_analysis_info {
  int crossbar;          /**< 1: the engines for arrays answered                                                   */
  size_t m, n;           /**< [-] of the recognised crossbar; 0: none                                              */
  char engine[16];       /**< "reduce", "cg", "cholesky" or "klu"                                                  */
  char reason[256];      /**< why that one                                                                         */
  double kcl_residual;   /**< [-] largest sum of currents at a node / largest current                              */
  double power_watt;     /**< [W] delivered by the sources (op); NAN where it has no meaning                       */
  double power_balance;  /**< [-] |delivered - dissipated| / delivered (op), that of energy (tran); else NAN        */
  size_t steps;          /**< [-] Newton steps (op, dc), points (ac, noise) or time steps (tran)                   */
} og_analysis_info;

/**
 * Run one analysis of a deck.
 * @param[out] out       results, the caller's; release with og_vectors_free; NULL on failure
 * @param[in]  deck      with at least one element
 * @param[in]  analysis  NULL: an operating point
 * @param[in]  opts      NULL means defaults
 * @param[out] info      may be NULL
 * @retval OG_OK
 * @retval OG_E_ARG        out or deck is NULL
 * @retval OG_E_RANGE      an option, or an element's value
 * @retval OG_E_INPUT      no crossbar, where one was asked for; or an element that cannot be
 * @retval OG_E_SINGULAR, OG_E_NOCONV  no solution; err names node or element
 * @retval OG_E_INTERRUPT  progress asked for it
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_analysis_run(og_vectors **out, const og_deck *deck, const og_analysis *analysis,
                                       const og_analysis_opts *opts, og_analysis_info *info, og_error *err);

/**
 * An array of ohmgrid/array.h by the general engine, through its deck: every topology, any cell that a deck can hold. Slower
 * than og_solver_dc by orders of magnitude; an answer of its own, from the deck's text on.
 * @param[in]  g, v, u, k  as og_solver_dc and og_solver_set_bit_volts; u may be NULL
 * @param[in]  cell        law of the cells; NULL: linear
 * @param[out] i_out, v_word, v_bit  as og_solver_dc; the last two may be NULL. NaN on failure
 * @param[out] info        of the last input, but for the worst kcl_residual and power_balance; may be NULL
 * @retval as og_netlist_print and og_analysis_run
 */
OG_NODISCARD og_status og_analysis_array(const og_array *array, const double *g, const double *v, const double *u, size_t k,
                                         const og_cell *cell, double *i_out, double *v_word, double *v_bit,
                                         og_analysis_info *info, og_error *err);

/**
 * The crossbar in a deck's operating point, as og_netlist_save would take it.
 * @param[out] array  geometry; what it borrows lives until og_crossbar_free
 * @retval OG_OK, OG_E_ARG, OG_E_NOMEM
 * @retval OG_E_INPUT  there is none; err says what stands in the way
 */
typedef struct og_crossbar og_crossbar; /**< opaque */
OG_NODISCARD og_status og_crossbar_find(og_crossbar **out, const og_deck *deck, og_error *err);
/** Geometry; conductances m x n [S]; voltages of drivers and of bit line terminals [V]. Borrowed. */
const og_array *og_crossbar_array(const og_crossbar *c);
const double *og_crossbar_cells(const og_crossbar *c);
const double *og_crossbar_inputs(const og_crossbar *c);
const double *og_crossbar_bit_volts(const og_crossbar *c);
void og_crossbar_free(og_crossbar *c);

#ifdef __cplusplus
}
#endif
#endif
