/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/cosim.h
 * An array with real wires, solved here, whose cells are instances of a subcircuit, step by step in time: in ngspice,
 * or as compact models here (ohmgrid/compact.h), in any mix.
 *
 * Method.  Every terminal of a cell that leads to a line is a port. Each port stands behind a fixed resistance R_k and
 *          a source that moves in a straight line over each step. At the end of every step the ports' currents come
 *          back; each becomes a chord conductance i / v (where v is too small: the last one, and a current beside it),
 *          is extrapolated to the end of the next step (a parabola, by at most a fifth), and with these the array is
 *          solved at the drivers' new voltages. A port at potential V with current i then gets the source V + R_k i.
 *          R_k, the resistance of the port's own way through its lines, makes the loop stable; the solution does not
 *          depend on it.
 * Error.   Explicit: of first order in the change of the conductances over a step. The mismatch between what was
 *          foretold for a port and what came is measured at every step, steers the next steps, and is reported. Within
 *          a step ngspice and the compact models take as many steps of their own as they need.
 * Sign.    Voltage of a cell of two terminals: word node minus bit node; its current is positive from word to bit
 *          node. Ports of cells of three terminals: potentials against ground, currents positive into the cell.
 * Cells.   Two terminals: one port from word to bit line; what they do must depend on the voltage across them only.
 *          Three, in the order drain, gate, source: parallel wiring, the drain on the driven line of the column, the
 *          source on its bit line, the gate on the word line of its row, which has wires too. The chord is that of the
 *          channel.
 * Batches. Cells in ngspice are dealt to sessions by a rule that does not look at the machine: the same numbers
 *          everywhere.
 */
#ifndef OHMGRID_COSIM_H
#define OHMGRID_COSIM_H

#include <stddef.h>

#include <ohmgrid/array.h>
#include <ohmgrid/compact.h>
#include <ohmgrid/spice.h>
#include <ohmgrid/status.h>
#include <ohmgrid/transient.h>
#include <ohmgrid/vectors.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Where an array stood: the potentials of every cell's nodes that touch a capacitor, and its ports. Opaque. A
 * checkpoint fits any run with the same cells, whatever its steps and wherever the cells are solved.
 */
typedef struct og_cosim_checkpoint og_cosim_checkpoint;
void og_cosim_checkpoint_free(og_cosim_checkpoint *c); /**< NULL is allowed */
/** Time that it was taken at, on the wave's clock [s]. */
double og_cosim_checkpoint_second(const og_cosim_checkpoint *c);
/** CSV: "second,T", then lines row,column,NODE,volt. @retval OG_OK, OG_E_ARG, OG_E_IO, OG_E_NOMEM */
OG_NODISCARD og_status og_cosim_checkpoint_save(const char *path, const og_cosim_checkpoint *c, og_error *err);
/** @retval OG_OK, OG_E_ARG, OG_E_NOMEM, OG_E_INPUT  no such file, or not one; err names file and line */
OG_NODISCARD og_status og_cosim_checkpoint_load(og_cosim_checkpoint **out, const char *path, og_error *err);

/** Drivers over a stretch of time. Borrowed. */
typedef struct og_cosim_drive {
  const og_wave *wave;       /**< driven lines (three terminals: points x n); its edges need a finite slope       */
  const double *bit_volt;    /**< [V] points x n, bit line terminals at the times of the wave, straight lines between;
                                  NULL: the wave's sense_volt all the time                                        */
  const double *gate_volt;   /**< [V] points x m, word lines that are gates, three terminals only; NULL: 0 V      */
  double stop_second;        /**< [s] end of the stretch on the wave's clock                                      */
} og_cosim_drive;

/**
 * What comes after a stretch, decided by what came of it: pulses until a cell is written.
 * @param[in]  second  [s] now
 * @param[in]  i_out   [A] n, currents out of the bit lines
 * @param[out] next    whose wave begins now or earlier; borrowed until the next call
 * @return 1: go on with next; 0: that was all; -1: give up with OG_E_INTERRUPT
 */
typedef int (*og_cosim_more)(void *user, double second, const double *i_out, og_cosim_drive *next);

/** What to do where ngspice or a compact model fails: the run goes on from the last good step. */
typedef enum og_cosim_rescue {
  OG_COSIM_STOP,    /**< nothing: the run ends with the error                         */
  OG_COSIM_SMALLER, /**< with a quarter of the step, as often as opts.rescues allows   */
  OG_COSIM_COMPACT  /**< with the cells of the failed session as compact models        */
} og_cosim_rescue;

/** Options. Fill with og_cosim_opts_init, then change fields. */
typedef struct og_cosim_opts {
  og_spice_opts spice;     /**< of the sessions; its progress is asked                                          */
  double step_second;      /**< [s] longest step, > 0; 0 (default): a 500th of the first stretch                */
  double mismatch;         /**< [-] of a port voltage, relative to the largest drive so far, at which steps are
                                made shorter; 0: never. default 1e-2                                            */
  double start_siemens;    /**< [S] first guess of every port's conductance, > 0. default 1e-6                  */
  double compact_rtol;     /**< [-] local error of compact models, > 0. default 1e-5                            */
  size_t batch;            /**< [-] cells of one session; 0 (default): 256, but no more than 16 sessions         */
  double gate_ohm[2];      /**< [ohm] one segment, and the driver, of a word line that is a gate, driven left;
                                >= 0. default 0                                                                   */
  const unsigned char *compact; /**< m x n: 1: this cell as a compact model here; NULL (default): none; borrowed */
  const double *state_min, *state_max; /**< one a state: what it may not leave; NULL (default): no limits        */
  og_cosim_rescue rescue;  /**< default OG_COSIM_STOP                                                            */
  size_t rescues;          /**< [-] at most so many. default 3                                                   */
  const og_cosim_checkpoint *from; /**< go on from there; NULL (default): from the subcircuit's initial values    */
  og_cosim_checkpoint **checkpoint; /**< out: the last good step, of a failed run as well; NULL: not wanted        */
  double *joule;           /**< out, m x n [J]: into every cell of the subcircuit; NULL (default): not wanted    */
  og_cosim_more more;      /**< asked at the end of every stretch; NULL (default): one stretch                   */
  void *more_user;
} og_cosim_opts;
void og_cosim_opts_init(og_cosim_opts *opts);

#define OG_COSIM_PLACE 160 /**< [bytes] of a text in og_cosim_info */

/** What a run did. */
typedef struct og_cosim_info {
  size_t spice_cells, compact_cells, sessions; /**< [-]                                                           */
  size_t steps;            /**< [-] exchanges                                                                    */
  size_t spice_steps, spice_redone; /**< [-] steps of ngspice, of all sessions; of these taken back               */
  size_t rescued;          /**< [-] times the run went on after a failure                                        */
  double rescued_second;   /**< [s] of the last one; NAN: none                                                   */
  char rescued_why[OG_COSIM_PLACE]; /**< its words                                                              */
  double mismatch;         /**< [-] worst |foretold - real| port voltage / largest drive                         */
  size_t outside;          /**< [-] states that left their limits                                                */
  char outside_where[OG_COSIM_PLACE]; /**< the first: cell, time, value, limits                                  */
  double delivered_joule;  /**< [J] by drivers and terminals                                                     */
  double cells_joule;      /**< [J] into the cells of the subcircuit, by the currents that came                  */
  double wires_joule;      /**< [J] in segments, drivers and sense resistances                                   */
  double linear_joule;     /**< [J] in the linear cells                                                          */
  double energy_balance;   /**< [-] |delivered - cells - wires - linear| / sum of |v i| over all ports           */
  double port_balance;     /**< [-] |energy as foretold - as it came| / sum of |v i| over all ports              */
  double charge_balance;   /**< [-] the same of charge / sum of |i|                                              */
  double worst_port_energy, worst_port_charge; /**< [-] the same of the worst single port (of ports with less than a hundredth
                                of the largest sum: relative to that); from the last rescue on                   */
} og_cosim_info;

/**
 * Run.
 * @param[out] out      at all corners, and at the end of every step if a tenth of the longest one has passed: "time",
 *                      "vt_J#branch" output currents [A], and of every cell of the subcircuit "v_I_J" [V], "i_I_J" [A] and
 *                      its states "x_I_J.STATE" (three terminals: "vd_I_J", "vg_", "vs_" and "id_", "ig_", "is_"); release
 *                      with og_vectors_free; NULL on failure
 * @param[in]  array    geometry; three terminals: parallel wiring and uniform lines
 * @param[in]  g        m x n: NAN for a cell of the subcircuit, else the conductance of a linear cell, >= 0 [S]; three
 *                      terminals: 0 for no cell
 * @param[in]  circuit  of the cells
 * @param[in]  drive    the first stretch. The clock starts at the first point of its wave, or at opts.from
 * @param[in]  opts     NULL means defaults
 * @param[out] info     may be NULL; filled on failure too, as far as it came
 * @retval OG_OK          see info.outside
 * @retval OG_E_ARG       a pointer is NULL, no cell is one of the subcircuit, or a wave has no point
 * @retval OG_E_RANGE     geometry, conductances, times or options
 * @retval OG_E_INPUT     the subcircuit cannot be read, or not be compiled; or opts.from is of other cells
 * @retval OG_E_EXTERN    ngspice failed; err has session, time and its words, cells as "cell (i,j)"
 * @retval OG_E_SINGULAR, OG_E_NOCONV  the array or a compact model has no solution
 * @retval OG_E_INTERRUPT, OG_E_NOMEM
 */
OG_NODISCARD og_status og_cosim_run(og_vectors **out, const og_array *array, const double *g,
                                    const og_cell_circuit *circuit, const og_cosim_drive *drive,
                                    const og_cosim_opts *opts, og_cosim_info *info, og_error *err);

#ifdef __cplusplus
}
#endif
#endif
