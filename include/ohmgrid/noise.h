/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/noise.h
 * Noise of the output currents of one passive crossbar: thermal noise of every resistance, shot noise of the cells.
 *
 * Model.   The array of ohmgrid/array.h with linear cells and all sources at 0 V. Thermal: the short-circuit currents
 *          of the sense nodes have the one-sided spectral density matrix S = 4 k T Y [A^2/Hz], Y the admittance of the
 *          sense nodes; cells, segments, drivers and sense resistances are in it, all at one temperature. Shot: each
 *          cell carries an independent current of density 2 q |I|, I its static current.
 * Limits.  White noise: capacitance is not in it. Full shot noise is that of independent carriers; a resistor in
 *          thermal equilibrium has none, so the sum of both is an upper bound for a cell (doc/engines-noise.md).
 * Sign.    Currents are positive into the sense node, so outputs that share a resistance are correlated negatively.
 * Sources: [Nyquist1928] doi:10.1103/PhysRev.32.110; [Twiss1955] doi:10.1063/1.1722048;
 *          [Schottky1918] doi:10.1002/andp.19183622304.
 */
#ifndef OHMGRID_NOISE_H
#define OHMGRID_NOISE_H

#include <stddef.h>

#include <ohmgrid/array.h>
#include <ohmgrid/solve.h>
#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OG_BOLTZMANN 1.380649e-23          /**< [J/K] exact, SI 2019 */
#define OG_ELEMENTARY_CHARGE 1.602176634e-19 /**< [C] exact, SI 2019   */

/** Options. Fill with og_noise_opts_init, then change fields. */
typedef struct og_noise_opts {
  og_engine engine; /**< auto, cg or cholesky. default OG_ENGINE_AUTO                                              */
  double kelvin;    /**< [K] temperature of every resistance, finite, >= 0. default 300                            */
  double kcl_rtol;  /**< [-] largest KCL residual accepted, relative to the largest branch current. default 1e-8   */
} og_noise_opts;
void og_noise_opts_init(og_noise_opts *opts);

/** Result buffers; any may be NULL. On failure all hold NaN. */
typedef struct og_noise_out {
  double *thermal;      /**< [A^2/Hz] n x n, symmetric, one-sided                                                  */
  double *shot;         /**< [A^2/Hz] n x n, symmetric, one-sided; needs m n^2 doubles of memory, and v            */
  double *shot_density; /**< [A^2/Hz] n, the diagonal of shot without that memory; needs v                         */
  double *input_volt;   /**< [V/sqrt(Hz)] m x n (parallel wiring: n x n): at driver i, what would cause the noise of
                             output j: sqrt(S_jj) / G_eff[i,j]; with v, thermal and shot noise, else thermal.
                             INFINITY where driver i does not reach output j                                       */
} og_noise_out;

/** What a run did. */
typedef struct og_noise_info {
  og_engine engine;    /**< cg or cholesky                                                                         */
  double kcl_residual; /**< [-] worst of the n (with v: n + 1) solutions: |sum of currents| / largest branch current */
  double asymmetry;    /**< [-] |Y - Y^T| / |Y|, largest entries: reciprocity, before Y is made symmetric          */
} og_noise_info;

/**
 * Noise at the outputs.
 * @param[in]  array  geometry
 * @param[in]  g      conductances, m x n [S], each finite and >= 0
 * @param[in]  v      driver voltages, m (parallel wiring: n) [V], finite: the operating point of shot noise. NULL: no
 *                    shot noise
 * @param[in]  opts   NULL means defaults
 * @param[out] info   may be NULL
 * @retval OG_OK
 * @retval OG_E_ARG       array, g or out is NULL, or shot noise is wanted without v
 * @retval OG_E_RANGE     geometry, an option, a conductance or a voltage is out of range, or the engine cannot take it
 * @retval OG_E_SINGULAR  a node has no path to a terminal
 * @retval OG_E_NOCONV    the KCL tolerance was missed
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_noise_run(const og_array *array, const double *g, const double *v, const og_noise_opts *opts,
                                    const og_noise_out *out, og_noise_info *info, og_error *err);

#ifdef __cplusplus
}
#endif
#endif
