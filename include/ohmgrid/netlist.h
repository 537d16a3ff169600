/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/netlist.h
 * A crossbar as a SPICE deck that runs unchanged in ngspice: operating point, transient or noise, linear cells, every
 * law of ohmgrid/cell.h, or a subcircuit of the caller. doc/netlists.md shows decks and says what Xyce takes.
 *
 * Nodes.    w_I_J and b_I_J for word and bit nodes, s_I a source, t_J a sense node, all numbered from 0; d_I_P and
 *           e_P_J between a driver or sense resistance and the segment behind it; p_I_J inside of a pair of cells.
 *           Nodes joined by 0 ohm carry one name: that of a terminal, or of the first of them.
 * Elements. vs_I sources; vt_J a source (0 V unless biased) in each sense node whose current is the output; rw_I_J and
 *           rb_I_J segments, rs_I_P driver and rt_P_J sense resistances; rc_I_J, bc_I_J or xc_I_J cells (linear, law,
 *           subcircuit), with w and b the two of a pair; rx_K bridges; cw_I_J, cb_I_J, cc_I_J capacitances. What is
 *           open (0 S, INFINITY) is left out.
 * Numbers.  Resistances given in ohm with 17 digits, which bring a double back. Cells as 1/G with 21 digits, of a long
 *           double: where that has 64 bits or more, as on x86-64, 1 / strtold gives G back to the last bit.
 * Text.     A function of the arguments alone: the same deck from the same array, byte by byte.
 */
#ifndef OHMGRID_NETLIST_H
#define OHMGRID_NETLIST_H

#include <stddef.h>
#include <stdio.h>

#include <ohmgrid/array.h>
#include <ohmgrid/cell.h>
#include <ohmgrid/status.h>
#include <ohmgrid/transient.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum og_netlist_style {
  OG_NETLIST_FLAT,        /**< elements only, all at the top                                                     */
  OG_NETLIST_HIERARCHICAL /**< subcircuits: ohmgrid_cell_K, ohmgrid_row_I, and ohmgrid_tile with the terminals   */
} og_netlist_style;

typedef enum og_netlist_analysis {
  OG_NETLIST_OP,    /**< operating point                                                               */
  OG_NETLIST_TRAN,  /**< transient; prints the output currents                                         */
  OG_NETLIST_NOISE, /**< spectral density of one output current, as the voltage of node n_out, 1 V / A */
  OG_NETLIST_NONE   /**< no analysis: for the reader to add                                            */
} og_netlist_analysis;

/** Where the dialects differ: braces around the expressions of laws, keywords of printed noise. */
typedef enum og_netlist_dialect { OG_NETLIST_NGSPICE, OG_NETLIST_XYCE } og_netlist_dialect;

typedef enum og_netlist_method { OG_NETLIST_TRAP, OG_NETLIST_GEAR } og_netlist_method; /**< of integration */

#define OG_NETLIST_PARAMS 16      /**< most parameters of a subcircuit                     */
#define OG_NETLIST_TABLE_MAX 256  /**< most points of a table that becomes a deck          */

/** A subcircuit in the place of each cell: two nodes, first the word node. Borrowed during the call. */
typedef struct og_netlist_subckt {
  const char *name;     /**< as in the text: letters, digits and underscores, beginning with a letter, not "ohmgrid_" */
  const char *text;     /**< lines from .subckt to .ends, put into the deck as they are. Refused are dot commands but
                             .subckt, .ends, .model and .param, control lines, and elements outside of a subcircuit  */
  size_t params;        /**< [-] 0 .. OG_NETLIST_PARAMS                                                              */
  const char *param[OG_NETLIST_PARAMS];   /**< names of parameters, as the subcircuit's                              */
  const double *value[OG_NETLIST_PARAMS]; /**< m x n each, finite                                                    */
} og_netlist_subckt;

/** Options. Fill with og_netlist_opts_init, then change fields. Pointers are borrowed during the call. */
typedef struct og_netlist_opts {
  og_netlist_style style;          /**< default OG_NETLIST_FLAT                                                       */
  og_netlist_analysis analysis;    /**< default OG_NETLIST_OP                                                         */
  og_netlist_dialect dialect;      /**< default OG_NETLIST_NGSPICE                                                    */
  const char *title;               /**< first line, one line of text; NULL (default): made from the array's size      */
  int comments;                    /**< 1 (default): lines with * say what the deck is                                */
  const double *bit_volts;         /**< [V] n, potentials of the bit line terminals; NULL (default): the wave's, or 0 */
  const og_cell *cell;             /**< law of the cells; NULL (default): linear                                      */
  const og_netlist_subckt *subckt; /**< subcircuit in the place of the cells; NULL (default): none                    */
  double c_word_farad;             /**< [F] each word node to ground, >= 0; default 0                                 */
  double c_bit_farad;              /**< [F] each bit node to ground, >= 0; default 0                                  */
  double c_cell_farad;             /**< [F] across each cell, >= 0; default 0                                         */
  const og_wave *wave;             /**< drivers in a transient; NULL (default): v all the time. The deck's clock starts
                                        with its first point                                                          */
  double stop_second;              /**< [s] end of a transient, on the wave's clock                                   */
  double step_second;              /**< [s] longest step of a transient, > 0; 0 (default): a 1000th of the run        */
  double reltol, abstol_amp, vntol_volt, chgtol_coulomb, trtol; /**< tolerances of the simulator, > 0; 0 (default): in a
                                        linear operating point and noise the simulator's own, else 1e-9 (transient
                                        1e-6), 1e-18 A, 1e-12 V, 1e-21 C and 1: arrays have currents and charges far
                                        below those for which simulators are set */
  og_netlist_method method;        /**< of a transient; default OG_NETLIST_TRAP                                       */
  size_t noise_output;             /**< [-] bit line, below n; default 0                                              */
  size_t noise_input;              /**< [-] source that the noise is referred to, below m (parallel: n); default 0    */
  double noise_from_hertz;         /**< [Hz] > 0; default 1                                                           */
  double noise_to_hertz;           /**< [Hz] > from; default 1e9                                                      */
  size_t noise_points;             /**< [-] a decade, >= 1; default 1                                                 */
  double kelvin;                   /**< [K] temperature of noise, > 0; default 300                                    */
  double tia_ohm;                  /**< [ohm] feedback resistance of a transimpedance amplifier behind each output, whose
                                        input takes the place of the sense node's 0 V; >= 0; 0 (default): none. vt_J is then
                                        an ammeter from t_J to the input a_J; the output o_J has bit_volts - i(vt_J) tia_ohm,
                                        but for the finite gain                                                       */
  double tia_gain;                 /**< [-] its gain without feedback, > 0; default 1e5: t_J sees tia_ohm / (1 + gain) */
  double tia_hertz;                /**< [Hz] its product of gain and bandwidth, >= 0; 0 (default): infinitely fast    */
} og_netlist_opts;
void og_netlist_opts_init(og_netlist_opts *opts);

/**
 * Write a deck; the file is replaced atomically.
 * @param[in] path   destination
 * @param[in] array  geometry
 * @param[in] g      conductances, m x n [S], finite and >= 0
 * @param[in] v      driver voltages, m (parallel wiring: n) [V]; may be NULL in a transient with a wave
 * @param[in] opts   NULL means defaults
 * @retval OG_OK
 * @retval OG_E_ARG       a pointer is NULL; cell and subcircuit at once
 * @retval OG_E_RANGE     geometry, a conductance, a voltage, an option or a waveform is out of range; a table is too
 *                        long; parameters of a cell contradict each other
 * @retval OG_E_SHAPE     parameters of the cell were set for another shape
 * @retval OG_E_INPUT     the subcircuit's text holds what it must not, or not the subcircuit; err names the line
 * @retval OG_E_UNSUPPORTED  the cell is a function of the caller, which no deck can hold
 * @retval OG_E_SINGULAR  0 ohm all the way from one terminal to another
 * @retval OG_E_IO        path cannot be written
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_netlist_write(const char *path, const og_array *array, const double *g, const double *v,
                                        const og_netlist_opts *opts, og_error *err);

/** The same onto a stream, which is not closed. Nothing is written unless everything was found good. */
OG_NODISCARD og_status og_netlist_print(FILE *stream, const og_array *array, const double *g, const double *v,
                                        const og_netlist_opts *opts, og_error *err);

/** og_netlist_write with the defaults: flat, linear, operating point. */
OG_NODISCARD og_status og_netlist_save(const char *path, const og_array *array, const double *g, const double *v,
                                       og_error *err);

/** The same with the bit line terminals at u, n [V], finite; NULL: 0 V. */
OG_NODISCARD og_status og_netlist_save_biased(const char *path, const og_array *array, const double *g,
                                              const double *v, const double *u, og_error *err);

#ifdef __cplusplus
}
#endif
#endif
