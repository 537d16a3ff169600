/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/transient.h
 * How the output currents of one passive crossbar follow its drivers in time: line and cell capacitance, driver edges,
 * settling, charge and energy.
 *
 * Model.   The array of ohmgrid/array.h with linear cells; each word node has c_word_farad to ground, each bit node
 *          c_bit_farad, and each cell c_cell_farad in parallel. Drivers follow straight lines between given points in
 *          time; at the first point the array is at its static operating point. Lines of 0 ohm are one node, which
 *          carries the capacitance of the whole line; with a 0 ohm driver the driver itself charges it.
 * Method.  TR-BDF2: second order, L-stable, both stages and the error estimate with one matrix; steps are halvings of
 *          the stretch between two corners of the waveforms, so corners are met exactly and factors are kept.
 * Audit.   Every accepted step: Kirchhoff's current law at every node, capacitive currents included. The whole run:
 *          energy delivered = dissipated + stored.
 * Sign.    Output currents are positive into the sense node. Energy and charge are positive out of a driver.
 * Sources: [Bank1985] doi:10.1109/TCAD.1985.1270142; [Hosea1996] doi:10.1016/0168-9274(95)00115-8;
 *          doc/engines-transient.md.
 */
#ifndef OHMGRID_TRANSIENT_H
#define OHMGRID_TRANSIENT_H

#include <stddef.h>

#include <ohmgrid/array.h>
#include <ohmgrid/solve.h>
#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct og_transient og_transient; /**< opaque; owns factors and workspace; one thread at a time */

/** Options. Fill with og_transient_opts_init, then change fields. */
typedef struct og_transient_opts {
  og_engine engine;      /**< auto, cg or cholesky. default OG_ENGINE_AUTO                                         */
  double c_word_farad;   /**< [F] from each word node to ground, >= 0. default 0                                   */
  double c_bit_farad;    /**< [F] from each bit node to ground, >= 0. default 0                                    */
  double c_cell_farad;   /**< [F] across each cell, >= 0. default 0                                                */
  double rtol;           /**< [-] error of one step in any potential, relative to the largest terminal voltage, and in
                              any terminal current, relative to the largest one; 1e-12 .. 0.1. default 1e-6        */
  double kcl_rtol;       /**< [-] largest KCL residual accepted, relative to the largest current. default 1e-8     */
  size_t step_max;       /**< [-] most steps of one run, rejected ones included, >= 1. default 1000000             */
  unsigned bits;         /**< [-] settled: within 2^-(bits+1) of full scale, 1 .. 52. default 8                    */
  double full_scale_amp; /**< [A] full scale; 0 (default): the largest static output current of this run           */
} og_transient_opts;
void og_transient_opts_init(og_transient_opts *opts);

/** Driver voltages: straight lines between points, constant after the last one. Borrowed during the run. */
typedef struct og_wave {
  size_t points;            /**< [-] >= 1                                                                          */
  const double *second;     /**< [s] points, strictly ascending, finite; the first one is where the run starts     */
  const double *volt;       /**< [V] points x m (parallel wiring: points x n), finite                              */
  const double *sense_volt; /**< [V] n, potentials of the sense nodes, constant. NULL: 0 V                         */
} og_wave;

/** Result buffers; any may be NULL. On failure all hold NaN. */
typedef struct og_transient_out {
  size_t samples;               /**< [-] rows of i_out                                                             */
  const double *sample_second;  /**< [s] samples, ascending, from start to stop; input                             */
  double *i_out;                /**< [A] samples x n, output currents at those times                               */
  double *steady_amp;           /**< [A] n, static output currents at the driver voltages of the stop              */
  double *settling_second;      /**< [s] n, the last time at which the output is farther than 2^-(bits+1) of full scale
                                     from its steady current; the start if never, INFINITY if still so at the stop */
  double *charge_coulomb;       /**< [C] n, through each output                                                    */
  double *source_coulomb;       /**< [C] m (parallel: n), out of each driver                                       */
  /** Called after each accepted step with the n output currents [A], borrowed; not 0 ends the run. NULL: silent.  */
  int (*step)(void *user, double second, const double *i_out);
  void *user;                   /**< passed through, not touched                                                   */
} og_transient_out;

/** What a run did. */
typedef struct og_transient_info {
  og_engine engine;         /**< cg or cholesky                                                                    */
  size_t steps, rejected;   /**< [-] accepted, and tried again with a smaller step                                 */
  size_t factors;           /**< [-] how often the matrix was factored                                             */
  double kcl_residual;      /**< [-] worst step: |sum of currents at a node| / largest current so far              */
  double delivered_joule;   /**< [J] by the drivers                                                                */
  double sense_joule;       /**< [J] by what holds the sense nodes; 0 where they are at 0 V                        */
  double cells_joule;       /**< [J] dissipated in the cells                                                       */
  double wires_joule;       /**< [J] dissipated in segments, drivers and sense resistances                         */
  double stored_joule;      /**< [J] in all capacitances at the stop                                               */
  double stored_start_joule; /**< [J] the same at the start                                                        */
  double energy_balance;    /**< [-] |delivered - dissipated - gain of stored| / (dissipated + |gain of stored|)   */
  double charge_balance;    /**< [-] the same of charge: |out of all terminals - gain of the nodes| / sum of |.|   */
  double full_scale_amp;    /**< [A] the full scale that was used                                                  */
  double settling_second;   /**< [s] the slowest output; INFINITY if one did not settle                            */
} og_transient_info;

/**
 * Prepare for arrays of one geometry.
 * @param[out] out    the caller's; NULL on failure
 * @param[in]  array  geometry; copied
 * @param[in]  opts   NULL means defaults; copied
 * @retval OG_OK
 * @retval OG_E_ARG    out or array is NULL
 * @retval OG_E_RANGE  geometry (see og_array_check) or an option is out of range, or the engine cannot take it
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_transient_create(og_transient **out, const og_array *array, const og_transient_opts *opts,
                                           og_error *err);

/**
 * Set the cells.
 * @param[in] g  conductances, m x n [S], each finite and >= 0; copied
 * @retval OG_OK
 * @retval OG_E_ARG    t or g is NULL
 * @retval OG_E_RANGE  an entry is negative, NaN or infinite
 */
OG_NODISCARD og_status og_transient_set_cells(og_transient *t, const double *g, og_error *err);

/**
 * Run from the first point of the waveform to the stop.
 * @param[in]  stop  [s] finite, after wave->second[0]; later points of the waveform are not reached
 * @param[in]  out   buffers, filled; NULL: none
 * @param[out] info  may be NULL; after OG_E_NOCONV it holds what was done until then
 * @retval OG_OK
 * @retval OG_E_ARG        t, wave or an array of it is NULL, there are no points, cells were never set, or samples are
 *                         wanted without times
 * @retval OG_E_RANGE      a time, voltage or sample time is out of range
 * @retval OG_E_SINGULAR   a node has no resistive path to a terminal: no static operating point
 * @retval OG_E_NOCONV     step_max was reached, steps became too small, cg gave up, or a step failed its KCL audit
 * @retval OG_E_INTERRUPT  out->step asked for it
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_transient_run(og_transient *t, const og_wave *wave, double stop, const og_transient_out *out,
                                        og_transient_info *info, og_error *err);

/** Release everything. NULL is allowed. */
void og_transient_free(og_transient *t);

#ifdef __cplusplus
}
#endif
#endif
