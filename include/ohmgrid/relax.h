/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/relax.h
 * The circuit of og_cosim_run by waveform relaxation: nothing is foretold, so that one can be held against the other.
 *
 * Method.  Points in time, a step apart and at every corner of the waves. Over a window of points the array and the
 *          cells (compact models) take turns: each port stands behind R_k and a source that moves in straight lines
 *          between points; the cells go through the window; the array is then solved at every point with i = g v +
 *          beside, g the cell's chord conductance at that point, or its secant since the last turn, and gives the
 *          sources of the next. Cells go back to the beginning of the window for every turn. Until at every point and
 *          port the array's voltage and the cell's are the same within a tolerance; a window that does not get there
 *          is halved. R_k, the port's own way through its lines, chords and secants make the turns converge; the
 *          solution does not depend on them.
 * Error.   Kirchhoff's laws hold at every point within the tolerance. Between points sources are straight: of second
 *          order in the step.
 * Cells.   Two terminals. Sign as in ohmgrid/cosim.h.
 * Sources: [Lelarasmee1982] (waveform relaxation). More: doc/cosim.md.
 */
#ifndef OHMGRID_RELAX_H
#define OHMGRID_RELAX_H

#include <stddef.h>

#include <ohmgrid/array.h>
#include <ohmgrid/compact.h>
#include <ohmgrid/cosim.h>
#include <ohmgrid/status.h>
#include <ohmgrid/vectors.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Options. Fill with og_relax_opts_init, then change fields. */
typedef struct og_relax_opts {
  double step_second;   /**< [s] points are at most so far apart; 0 (default): a 500th of the run                  */
  double window_second; /**< [s] longest window; 0 (default): 5 steps                                              */
  double tol;           /**< [-] of port voltages, relative to the largest drive, > 0. default 1e-6                */
  size_t iterations;    /**< [-] most turns in a window, >= 1. default 60                                          */
  double compact_rtol;  /**< [-] local error of compact models, > 0; best below tol. default 1e-7                  */
  og_progress progress; /**< asked at every turn; other than 0 stops. default none                                 */
} og_relax_opts;
void og_relax_opts_init(og_relax_opts *opts);

/** What a run did; as far as it came. */
typedef struct og_relax_info {
  size_t points;        /**< [-] in time, the first included                                                       */
  size_t windows;       /**< [-] that converged                                                                    */
  size_t halved;        /**< [-] that did not, and were halved                                                     */
  size_t iterations;    /**< [-] turns, of all windows                                                             */
  double residual;      /**< [-] worst |array's - cell's| port voltage / largest drive                             */
  double residual_amp;  /**< [A] worst |array's - cell's| port current                                             */
} og_relax_info;

/**
 * Run.
 * @param[out] out      at every point: the vectors of og_cosim_run in the same order; release with og_vectors_free;
 *                      NULL on failure
 * @param[in]  array    geometry
 * @param[in]  g        m x n: NAN for a cell of the subcircuit, else the conductance of a linear cell, >= 0 [S]
 * @param[in]  circuit  of the cells; two terminals
 * @param[in]  drive    from the first point of its wave to its end; gate_volt is not used
 * @param[in]  opts     NULL means defaults
 * @param[out] info     may be NULL
 * @retval OG_OK
 * @retval OG_E_ARG       a pointer is NULL, no cell is one of the subcircuit, or the wave has no point
 * @retval OG_E_RANGE     geometry, conductances, terminals, times or options
 * @retval OG_E_INPUT     the subcircuit cannot be read, or not be compiled
 * @retval OG_E_NOCONV    no window is short enough: err names the window, the port and by how much; or a compact model
 *                        has no solution
 * @retval OG_E_SINGULAR  the array has none
 * @retval OG_E_INTERRUPT, OG_E_NOMEM
 */
OG_NODISCARD og_status og_cosim_relax(og_vectors **out, const og_array *array, const double *g,
                                      const og_cell_circuit *circuit, const og_cosim_drive *drive,
                                      const og_relax_opts *opts, og_relax_info *info, og_error *err);

#ifdef __cplusplus
}
#endif
#endif
