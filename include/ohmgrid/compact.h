/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/compact.h
 * Compact models: the subcircuit of a cell, compiled into equations that are evaluated for all cells of an array at once.
 *
 * Form.    Unknowns y of one cell are the potentials of its inner nodes that no source fixes (states are such nodes: a capacitor
 *          to ground), and of its ports. Kirchhoff's current law at each is  M dy/dt = F(y, t)  with M from the capacitors.
 *          Expressions become one list of operations, with their slopes found by differentiating the list itself.
 * Time.    A linearly implicit (Rosenbrock) method with error control, of an index-1 system: stiff end stops and
 *          ports without capacitance are no special cases.
 * Cells.   All cells share the list; parameters may differ from cell to cell. Blocks of cells are evaluated abreast.
 * Ports.   A cell of two terminals has one port, first terminal against second (the second counts as ground: what the cell does
 *          may depend on the voltage across it only). A cell of more terminals has one port a terminal, against ground.
 * Sign.    A port's current is positive into the cell.
 */
#ifndef OHMGRID_COMPACT_H
#define OHMGRID_COMPACT_H

#include <stddef.h>

#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { OG_CELL_PARAMS = 32, OG_CELL_STATES = 8, OG_CELL_PORTS = 4 };

/** The subcircuit of a cell. Pins: terminals (word side, bit side, ...), then states. Borrowed. */
typedef struct og_cell_circuit {
  const char *name;                   /**< of the subcircuit                                                    */
  const char *text;                   /**< .subckt ... .ends in the language of ohmgrid/deck.h                  */
  size_t terminals;                   /**< [-] 2 .. OG_CELL_PORTS                                               */
  size_t states;                      /**< [-] pins after the terminals whose potentials are states             */
  const char *state[OG_CELL_STATES];  /**< what to call them in results: "w"                                    */
  size_t params;                      /**< [-] parameters set cell by cell                                      */
  const char *param[OG_CELL_PARAMS];  /**< their names                                                          */
  const double *value[OG_CELL_PARAMS];/**< cells each, finite                                                   */
} og_cell_circuit;

typedef struct og_compact og_compact; /**< opaque, immutable: threads may share it */

/**
 * Compile.
 * @param[in] circuit  copied
 * @param[in] cells    [-] >= 1
 * @retval OG_OK
 * @retval OG_E_ARG    a pointer is NULL, or no cell
 * @retval OG_E_INPUT  the text cannot be read (err names the line), has other pins or parameters, or holds what has no compact
 *                     form (err names the element: a source of voltage between two unknown nodes, an inductor, an expression of
 *                     a source's current or of time, nodes that no capacitor or conductance determines)
 * @retval OG_E_RANGE  a count or a parameter
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_compact_create(og_compact **out, const og_cell_circuit *circuit, size_t cells, og_error *err);
void og_compact_free(og_compact *model); /**< NULL is allowed */

size_t og_compact_cells(const og_compact *model);
size_t og_compact_ports(const og_compact *model);   /**< P: 1 for two terminals, else the number of terminals       */
size_t og_compact_unknowns(const og_compact *model);/**< Y: inner unknowns (states among them), without the ports   */
/** Name of inner unknown k in the subcircuit, "w", "x1.s"; NULL beyond the last. Borrowed. */
const char *og_compact_unknown(const og_compact *model, size_t k);
/** Number of the inner unknown of a name; unknowns if there is none. */
size_t og_compact_find(const og_compact *model, const char *name);

/**
 * Inner unknowns at the start, as `uic` has them: initial values of capacitors to ground, else 0 V; y is Y x cells
 * (unknown-major). @retval OG_OK, OG_E_ARG
 */
OG_NODISCARD og_status og_compact_start(const og_compact *model, double *y, og_error *err);

/**
 * Currents at given port voltages and inner unknowns, without those of capacitors.
 * @param[in]  first, count  cells; arrays have count columns
 * @param[in]  v      P x count [V]
 * @param[in]  y      Y x count [V]
 * @param[out] i      P x count [A]
 * @param[out] slope  P x P x count [S], d i_p / d v_q; NULL if not wanted
 * @retval OG_OK, OG_E_ARG, OG_E_NOMEM
 * @retval OG_E_RANGE  a current is not finite; err names the cell
 */
OG_NODISCARD og_status og_compact_eval(const og_compact *model, size_t first, size_t count, const double *v, const double *y,
                                       double *i, double *slope, og_error *err);
/** Potentials of the state pins (they may follow from unknowns by an expression): states x count. Arguments as above. */
OG_NODISCARD og_status og_compact_states(const og_compact *model, size_t first, size_t count, const double *v,
                                         const double *y, double *state, og_error *err);

/** One step of time of a range of cells, each port behind a resistance and a source. Arrays of P x stride, Y x stride. */
typedef struct og_compact_step {
  double dt_second;          /**< [s] > 0                                                                     */
  double rtol;               /**< [-] local error of every unknown, relative to max(|y|, 1 V); > 0              */
  size_t first, count;       /**< cells first .. first + count - 1 of arrays that hold all cells               */
  const double *ohm;         /**< P x cells [ohm] >= 0 ... between source and port                             */
  const double *from, *to;   /**< P x cells [V] source at the beginning and end of the step, a line between    */
  double *y;                 /**< Y x cells, in and out                                                        */
  double *v, *i;             /**< P x cells, in and out: port voltage [V], current into the port [A], capacitors included   */
  double *joule;             /**< cells, out [J]: integral of sum v i over the step; NULL: not wanted           */
} og_compact_step;

/** What a step did. */
typedef struct og_compact_info {
  size_t steps, rejected;    /**< [-] inner steps of the block that needed most; those taken back              */
} og_compact_info;

/**
 * Advance. Cells of different ranges may be advanced by several threads at once; results do not depend on the ranges if they
 * begin and end at multiples of OG_COMPACT_BLOCK.
 * @retval OG_OK
 * @retval OG_E_ARG    a needed pointer is NULL
 * @retval OG_E_RANGE  a time, resistance or voltage is not finite or out of range
 * @retval OG_E_NOCONV the step became too small, or a value is not finite: err names cell, time and unknown; y, v, i of the whole
 *                     range are then as before the call
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_compact_advance(const og_compact *model, const og_compact_step *step, og_compact_info *info,
                                          og_error *err);
enum { OG_COMPACT_BLOCK = 64 };

#ifdef __cplusplus
}
#endif
#endif
