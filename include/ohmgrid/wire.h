/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/wire.h
 * Resistance of one line segment from the geometry and the metal of the line.
 *
 * Model.   R = rho pitch / (width thickness), with rho = rho_0(T) (B + S(width) + S(thickness) - 2).
 *          rho_0(T) = rho (1 + tcr (T - 293.15 K)); the mean free path shrinks as rho_0 grows, their product stays.
 *          B, grain boundaries [Mayadas1970]: 1/B = 3 (1/3 - a/2 + a^2 - a^3 ln(1 + 1/a)), a = (mfp / grain) R / (1 - R).
 *          S, scattering at one pair of surfaces [Fuchs1938, Sondheimer1952]: with k = size / mfp, specularity p,
 *          1/S = 1 - (3 (1 - p) / (2 k)) integral from 1 to inf of (1/t^3 - 1/t^5) (1 - e^-kt) / (1 - p e^-kt) dt.
 *          Pairs of surfaces and grains are added by Matthiessen's rule. Everything is 1 for large sizes.
 * Validity. Metal core without barrier layers, 0.1 mfp and more wide and thick, smooth, straight. The sum agrees with the
 *          exact theory of one film; for wires it is an approximation. The choice of p and R for one metal alone moves a
 *          50 nm line by 20 %: take values fitted to the process where there are any.
 * Sources: doc/refs.bib.
 */
#ifndef OHMGRID_WIRE_H
#define OHMGRID_WIRE_H

#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum og_metal {
  OG_METAL_CU, /**< copper: p 0.6, R 0.5, as fitted by [Steinhoegl2002]; mfp 39.9 nm, rho 16.78 nohm m [Gall2016]   */
  OG_METAL_W   /**< tungsten: mfp 19.1 nm, p 0.11 [Choi2012]; rho 52.8 nohm m [Gall2016]; R 0.4 is an assumption    */
} og_metal;

/** Plain data; fill with og_wire_init, then change fields. */
typedef struct og_wire {
  double width_meter;          /**< [m] > 0                                                             */
  double thickness_meter;      /**< [m] > 0                                                             */
  double pitch_meter;          /**< [m] length of a segment, > 0                                        */
  double rho_ohm_meter;        /**< [ohm m] bulk at 293.15 K, > 0                                       */
  double tcr_per_kelvin;       /**< [1/K] of the bulk resistivity. Cu 3.9e-3, W 4.5e-3                   */
  double temperature_kelvin;   /**< [K] default 293.15; bulk resistivity must come out > 0               */
  double mean_free_path_meter; /**< [m] at 293.15 K; 0: no size effect                                  */
  double specularity;          /**< [-] p, share of electrons reflected like light at a surface, 0..1   */
  double grain_reflection;     /**< [-] R, reflected at a grain boundary, 0 .. below 1                  */
  double grain_meter;          /**< [m] mean distance of grain boundaries; 0 (default): the smaller of width and
                                    thickness                                                           */
} og_wire;

/** Defaults of a metal (a foreign value: copper); width, thickness and pitch are 0 and must be set. */
void og_wire_init(og_wire *wire, og_metal metal);

/**
 * Resistance of one segment.
 * @param[out] ohm  [ohm]; NaN on failure
 * @retval OG_OK
 * @retval OG_E_ARG    ohm or wire is NULL
 * @retval OG_E_RANGE  a field is impossible, or below a tenth of the mean free path; err names it
 */
OG_NODISCARD og_status og_wire_ohm(double *ohm, const og_wire *wire, og_error *err);

#ifdef __cplusplus
}
#endif
#endif
