/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/gate.h
 * What surrounds the cells of an array: select gates, differential pairs of rows, bias schemes.
 *
 * Conductances are m x n and voltages m (k x m) or n, row-major, in siemens and volt.
 */
#ifndef OHMGRID_GATE_H
#define OHMGRID_GATE_H

#include <stddef.h>

#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Put a select transistor, an ideal switch with a resistance, in series with each cell (1T1R): 1 / (1/g + r).
 * @param[in]  row_on   m gate lines, 0: off; NULL: all on
 * @param[in]  cell_on  m x n, 0: off; NULL: all on. A cell is on if both say so
 * @param[in]  g        m x n [S], finite and >= 0
 * @param[in]  r_on_ohm, r_off_ohm  0 .. INFINITY
 * @param[out] out      m x n [S]; may be g
 * @retval OG_OK
 * @retval OG_E_ARG    g or out is NULL
 * @retval OG_E_RANGE  a resistance or conductance is out of range; err says which; out is untouched
 */
OG_NODISCARD og_status og_gates_apply(size_t m, size_t n, const unsigned char *row_on, const unsigned char *cell_on,
                                      const double *g, double r_on_ohm, double r_off_ohm, double *out, og_error *err);

/**
 * Differential pairs of neighbouring rows: row 2i carries +v and G_pos, row 2i+1 carries -v and G_neg, so that the bit
 * line collects v (G_pos - G_neg).
 * @param[in]  v      k x m [V]; NULL: no inputs wanted
 * @param[out] v_out  k x 2m [V]; NULL with v
 * @param[in]  g_pos, g_neg  m x n [S]; NULL: no cells wanted
 * @param[out] g_out  2m x n [S]; NULL with them. No output may overlap an input
 * @retval OG_OK
 * @retval OG_E_ARG  of v and v_out, or of g_pos, g_neg and g_out, only some are NULL
 */
OG_NODISCARD og_status og_pairs_expand(size_t m, size_t n, size_t k, const double *v, const double *g_pos,
                                       const double *g_neg, double *v_out, double *g_out, og_error *err);

/** What cells on the selected lines (half-selected) and off them see, beside the full voltage of cell (i,j). */
typedef enum og_bias {
  OG_BIAS_HALF, /**< V/2: unselected lines at V/2; half-selected V/2, others 0                          */
  OG_BIAS_THIRD /**< V/3: unselected word lines at V/3, bit lines at 2V/3; half-selected V/3, others -V/3 */
} og_bias;

/**
 * Potentials of all terminals that put a voltage on one cell.
 * @param[in]  i, j  the cell
 * @param[in]  volt  [V] on it, finite; its bit line is at 0 V
 * @param[out] v     m [V], for og_solver_dc
 * @param[out] u     n [V], for og_solver_set_bit_volts
 * @retval OG_OK
 * @retval OG_E_ARG    v or u is NULL
 * @retval OG_E_RANGE  no such cell or scheme, or volt is not finite
 */
OG_NODISCARD og_status og_bias_fill(og_bias scheme, size_t m, size_t n, size_t i, size_t j, double volt, double *v,
                                    double *u, og_error *err);

#ifdef __cplusplus
}
#endif
#endif
