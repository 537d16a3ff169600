/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/write.h
 * Studies of an array in time with cells in ngspice: pulses on one cell and what its neighbours get, patterns of pulses
 * on all lines, read pulses while the cells relax. `ohmgrid cosim STUDY.yaml` runs them; og_cosim_run (ohmgrid/cosim.h)
 * does the work.
 */
#ifndef OHMGRID_WRITE_H
#define OHMGRID_WRITE_H

#include <stddef.h>
#include <stdio.h>

#include <ohmgrid/cosim.h>
#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { OG_WRITE_NAME = 24 };

typedef struct og_write_study og_write_study; /**< opaque; every default filled in, every value checked */

/**
 * Read a study.
 * @param[in] path  YAML file; files that it names are looked for beside it
 * @param[in] sets  count strings "key=value" that override the file
 * @retval OG_OK, OG_E_ARG, OG_E_NOMEM
 * @retval OG_E_INPUT, OG_E_RANGE  err names file, line, what was seen and what is needed
 */
OG_NODISCARD og_status og_write_study_load(og_write_study **out, const char *path, const char *const *sets,
                                           size_t count, og_error *err);
/** Release. NULL is allowed. */
void og_write_study_free(og_write_study *study);
/** Every key with unit, range, default and help. @retval OG_OK, OG_E_ARG */
OG_NODISCARD og_status og_write_study_keys(FILE *stream, og_error *err);

/** Where a run writes, and what it uses. Borrowed. */
typedef struct og_write_opts {
  const char *out_dir;      /**< results.json, report.html, waves.raw, tables, drawings, the study; NULL: nothing  */
  const char *spice_worker; /**< program ohmgrid-spice; NULL: the installed one                                    */
  const char *resume;       /**< checkpoint to go on from, in place of the study's; NULL: the study's              */
  const char *data_dir;     /**< folder that holds devices/; NULL: the installed one                               */
  og_progress progress;
} og_write_opts;

/** A state outside of the range that its card gives. */
typedef struct og_write_range {
  size_t cell;              /**< i n + j                                                                           */
  size_t state;             /**< index                                                                             */
  double second, value, min, max; /**< when it was farthest out [s], there, and the range                          */
} og_write_range;

/** Results. Release with og_write_results_clear. */
typedef struct og_write_results {
  size_t m, n;
  og_cosim_info info;
  og_vectors *waves;         /**< as og_cosim_run gives them                                                          */
  size_t states;             /**< of a cell; 0: none is known                                                         */
  char (*state)[OG_WRITE_NAME]; /**< their names                                                                      */
  double *start, *end;       /**< states x m x n, at the start and at the end; NAN where the cell is solved here      */
  double *low, *high;        /**< states x m x n, extremes of the run; NAN likewise                                   */
  double *peak_volt;         /**< m x n [V], largest |voltage| of the cell; NAN likewise                              */
  double *joule;             /**< m x n [J], into the cell; NAN likewise                                              */
  int one_cell;              /**< 1: one cell was selected: the next six are about it and the others                  */
  size_t row, column;        /**< the cell that is written                                                           */
  double change;             /**< of its first state                                                                  */
  double disturb;            /**< largest |change| of any other cell's first state                                    */
  size_t disturbed;          /**< which, i n + j                                                                      */
  double selected_joule, unselected_joule; /**< [J] into the selected cell; into all others in ngspice                */
  size_t outside;            /**< states of cells that left the range of their card                                   */
  og_write_range farthest;   /**< the one that was farthest out, relative to its range                                */
  double *line_joule;        /**< m + n [J], in the wires of each word line, then of each bit line, drivers and sense
                                  resistances included; NULL: not every cell is in ngspice                            */
  size_t reads;              /**< read pulses                                                                         */
  double *read_second;       /**< reads [s], middle of each                                                           */
  double *read_amp;          /**< reads x n [A], output currents there                                                */
  double *tau;          /**< n [s], relaxation time of each output current; NAN: fewer than 4 reads, no decay    */
  double *tau_error;    /**< n [s], its standard error                                                           */
  size_t verify_reads;       /**< write-verify: reads; before each a pulse, the first the erase pulse; 0: none     */
  double *verify_volt;       /**< reads [V], the pulses                                                               */
  double *verify_amp;        /**< reads x n [A], output currents                                                      */
  double *target_amp, *reached_amp; /**< n [A]; reached: when the column was left alone, or at last                   */
  size_t *verify_pulses;     /**< n, program pulses that each column took                                             */
  size_t unreached;          /**< columns below their target after the last pulse                                     */
  size_t levels;             /**< column j is written to level j modulo levels                                        */
  double level_amp;          /**< [A] from level to level                                                             */
  double compact_error;      /**< [-] worst difference of a state between ngspice and compact models; NAN: not run    */
  double compact_second;     /**< [s] of the run with compact models                                                  */
  double relaxation_error;   /**< [-] worst difference of a state from waveform relaxation; NAN: not run, or no state */
  double relaxation_second;  /**< [s] of that run                                                                     */
  double reference_error;    /**< [-] worst difference of a state from one deck of all in ngspice; NAN: not run       */
  double wall_second, reference_second; /**< [s]                                                                      */
  double step_second;        /**< [s] longest step                                                                    */
  double checkpoint_second;  /**< [s] of checkpoint.csv in out_dir; NAN: none was written                             */
} og_write_results;

/**
 * Run a study.
 * A run that fails on its way, but for write-verify, leaves checkpoint.csv in out_dir; results.checkpoint_second and
 * step_second say from where it can go on (opts.resume) and with what step it failed, all else of results is cleared.
 * @retval OG_OK
 * @retval OG_E_TOLERANCE  a column did not reach its level, a state left the range of its card (err names cell, time,
 *                         value and range), or is farther from a check (reference, relaxation, compact models) than
 *                         check.state_tol; results are filled and written
 * @retval OG_E_INPUT, OG_E_RANGE, OG_E_SHAPE  a card, library, parameter, pattern or file that the study names, or a
 *                         checkpoint
 * @retval OG_E_ARG, OG_E_IO, OG_E_NOMEM, and what og_cosim_run returns
 */
OG_NODISCARD og_status og_write_study_run(og_write_results *results, const og_write_study *study,
                                          const og_write_opts *opts, og_error *err);
/** Release what results hold. NULL is allowed. */
void og_write_results_clear(og_write_results *results);

#ifdef __cplusplus
}
#endif
#endif
