/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/cosim.h
 * An array with real wires, solved here, whose cells live in ngspice as instances of a subcircuit, step by step in time.
 *
 * Method.  Every cell in ngspice stands behind a fixed resistance R_k and a source that the host drives before each time step.
 *          On every accepted step the cells' currents come back; each becomes a chord conductance i / v (where v is too small:
 *          the last one, and a current beside it), is extrapolated to the end of the next step (a parabola, by at most a fifth), and with
 *          these the array is solved at the drivers' new voltages. A cell at potential V with current i then gets the source
 *          V + R_k i. R_k, the resistance of the cell's own way through its lines, makes the loop stable; the solution does
 *          not depend on it.
 * Error.   Explicit: of first order in the change of the conductances over a step. The mismatch between what was foretold for a
 *          port and what came is measured at every step, steers the step, and is reported.
 * Sign.    Voltage of a cell: word node minus bit node; its current is positive from word to bit node.
 * Cells.   Two terminals; what they do must depend on the voltage across them only, not on a potential against ground.
 */
#ifndef OHMGRID_COSIM_H
#define OHMGRID_COSIM_H

#include <stddef.h>

#include <ohmgrid/array.h>
#include <ohmgrid/spice.h>
#include <ohmgrid/status.h>
#include <ohmgrid/transient.h>
#include <ohmgrid/vectors.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { OG_COSIM_PARAMS = 16, OG_COSIM_STATES = 8 };

/** The subcircuit of a cell: first terminal (word side), second (bit side), then state pins. Borrowed. */
typedef struct og_cosim_device {
  const char *name;                     /**< of the subcircuit                                                  */
  const char *text;                     /**< .subckt ... .ends in the language of ohmgrid/deck.h                */
  size_t states;                        /**< [-] pins after the two terminals whose potentials are states       */
  const char *state[OG_COSIM_STATES];   /**< what to call them in the results: "w" gives "x_I_J.w"              */
  size_t params;                        /**< [-] parameters set cell by cell                                    */
  const char *param[OG_COSIM_PARAMS];   /**< their names                                                        */
  const double *value[OG_COSIM_PARAMS]; /**< m x n each, finite                                                 */
} og_cosim_device;

/** Options. Fill with og_cosim_opts_init, then change fields. */
typedef struct og_cosim_opts {
  og_spice_opts spice;     /**< of the session; its progress is asked                                           */
  double step_second;      /**< [s] longest step, > 0; 0 (default): a 500th of the run                          */
  double mismatch;         /**< [-] of a port voltage, relative to the largest drive so far, at which steps are
                                made shorter; 0: never. default 1e-2                                             */
  double start_siemens;    /**< [S] first guess of every cell's conductance, > 0. default 1e-6                   */
  const double *bit_volt;  /**< [V] points x n, bit line terminals at the times of the wave, straight lines between;
                                NULL (default): the wave's sense_volt all the time; borrowed                     */
} og_cosim_opts;
void og_cosim_opts_init(og_cosim_opts *opts);

/** What a run did. */
typedef struct og_cosim_info {
  size_t ports;            /**< [-] cells in ngspice                                                             */
  size_t steps, redone;    /**< [-] accepted time steps; steps that ngspice took back                            */
  double mismatch;         /**< [-] worst |foretold - real| port voltage / largest drive                         */
  double delivered_joule;  /**< [J] by drivers and bit line terminals                                            */
  double ports_joule;      /**< [J] into the cells in ngspice                                                    */
  double wires_joule;      /**< [J] in segments, drivers and sense resistances                                   */
  double native_joule;     /**< [J] in the cells that are solved here                                            */
  double port_balance;     /**< [-] |energy as foretold - as it came| / sum of |v i| over all ports              */
} og_cosim_info;

/**
 * Run.
 * @param[out] out     at every accepted step: "time", "vt_J#branch" output currents [A], and of every cell in ngspice
 *                     "v_I_J" [V], "i_I_J" [A] and its states "x_I_J.STATE"; release with og_vectors_free; NULL on failure
 * @param[in]  array   geometry
 * @param[in]  g       m x n: NAN for a cell in ngspice, else the conductance of a linear cell solved here, >= 0 [S]
 * @param[in]  device  of the cells in ngspice
 * @param[in]  wave    drivers; edges need a finite slope. The clock starts at its first point
 * @param[in]  stop    [s] end of the run, on the wave's clock
 * @param[in]  opts    NULL means defaults
 * @param[out] info    may be NULL
 * @retval OG_OK
 * @retval OG_E_ARG       a pointer is NULL, no cell is in ngspice, or the wave has no point
 * @retval OG_E_RANGE     geometry, conductances, times or options
 * @retval OG_E_INPUT     the subcircuit cannot be read; err names the line
 * @retval OG_E_EXTERN    ngspice failed; err has its words
 * @retval OG_E_SINGULAR, OG_E_NOCONV  the array has no solution
 * @retval OG_E_INTERRUPT, OG_E_NOMEM
 */
OG_NODISCARD og_status og_cosim_run(og_vectors **out, const og_array *array, const double *g, const og_cosim_device *device,
                                    const og_wave *wave, double stop, const og_cosim_opts *opts, og_cosim_info *info,
                                    og_error *err);

#ifdef __cplusplus
}
#endif
#endif
