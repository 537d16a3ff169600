/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/netlist.h
 * A crossbar as a SPICE deck that runs unchanged in ngspice and Xyce.
 *
 * Node names: w_I_J and b_I_J for word and bit nodes, s_I for a source, t_J for a sense node, all numbered from 0.
 * Elements: vs_I sources, rw_I_J / rb_I_J segments, rc_I_J cells, rx_K bridges, vt_J a source (0 V unless biased) in
 * each sense node whose current is the output. Open cells (0 S) are left out; nodes joined by 0 ohm carry one name: that
 * of a terminal, or of the first of them. All numbers with 17 digits.
 */
#ifndef OHMGRID_NETLIST_H
#define OHMGRID_NETLIST_H

#include <ohmgrid/array.h>
#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Write the operating-point deck of an array with one input vector; the file is replaced atomically.
 * @param[in] path   destination
 * @param[in] array  geometry
 * @param[in] g      conductances, m x n [S], finite and >= 0
 * @param[in] v      driver voltages, m (parallel wiring: n) [V]
 * @retval OG_OK
 * @retval OG_E_ARG    a pointer is NULL
 * @retval OG_E_RANGE  geometry, a conductance or a voltage is out of range
 * @retval OG_E_SINGULAR  0 ohm all the way from one terminal to another
 * @retval OG_E_IO     path cannot be written
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_netlist_save(const char *path, const og_array *array, const double *g, const double *v,
                                       og_error *err);

/** The same with the bit line terminals at u, n [V], finite; NULL: 0 V. */
OG_NODISCARD og_status og_netlist_save_biased(const char *path, const og_array *array, const double *g,
                                              const double *v, const double *u, og_error *err);

#ifdef __cplusplus
}
#endif
#endif
