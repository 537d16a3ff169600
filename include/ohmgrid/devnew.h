/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/devnew.h
 * A device folder out of somebody's SPICE subcircuit: checked, tried in ngspice, with card and benches that pass.
 *
 * Check.    The file is read by the reader of ohmgrid/deck.h: definitions only, all in one file, nothing that could
 *           give orders to ngspice. Pins are those of the .subckt line: terminals first, then states.
 * Grid.     Pulses of +-1/4, 1/2 and 1 of a voltage and a triangle, with the default parameters and with each parameter
 *           (that is not 0) halved and doubled, one at a time. Every run is a job of a pool of ngspice sessions. The
 *           first terminal is driven against the second, which is ground. Of three and more one may say which; the
 *           others are held at a voltage.
 * Folder.   NAME.lib, card.yaml, bench.yaml, model.md as doc/devices.md has them. What the user has to tell says
 *           "assumption: not yet told". Expected values of the benches are what was just extracted, +-20 %: to be
 *           replaced by published ones.
 * Array.    Whether the subcircuit compiles (ohmgrid/compact.h), and how far the compiled one is from ngspice on the
 *           runs of the grid; without states and without storage inside, a table of the current for
 *           og_cell_create_table.
 */
#ifndef OHMGRID_DEVNEW_H
#define OHMGRID_DEVNEW_H

#include <stddef.h>

#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Options. Fill with og_device_new_opts_init, then change fields. All pointers are borrowed. */
typedef struct og_device_new_opts {
  const char *file;            /**< the subcircuit; needed                                                       */
  const char *definition;      /**< which .subckt of the file; NULL: the last. default NULL                      */
  const char *const *pin;      /**< names of all its pins, in its order; needed                                  */
  size_t pins;                 /**< [-] of them, 2 .. 64; needed                                                 */
  size_t terminals;            /**< [-] of these how many are terminals, 2 .. pins; the others are states. default 2 */
  size_t drive, ground;        /**< which terminals (from 0) are driven and ground; of two always 0, 1. default 0, 1 */
  const char *folder;          /**< the new folder is made in it; NULL: here. default NULL                       */
  double volt;                 /**< [V] largest amplitude, 1e-6 .. 1e6. default 1                                */
  double width_second;         /**< [s] width of pulses, and a quarter of the triangle, 1e-15 .. 1e6. default 50e-9 */
  double hold_volt;            /**< [V] all other terminals, -1e6 .. 1e6. default 0                              */
  size_t threads;              /**< [-] ngspice sessions at once; 0: as many as the machine has threads. default 0 */
  const char *worker;          /**< program ohmgrid-spice; NULL: the installed one. default NULL                 */
  double timeout_second;       /**< [s] wall time of one run in ngspice, > 0. default 60                         */
  og_progress progress;        /**< asked at least every 0.1 s while ngspice works. default none                 */
} og_device_new_opts;
void og_device_new_opts_init(og_device_new_opts *opts);

/** One run of the grid. */
typedef struct og_device_new_run {
  char bias[40];               /**< "pulse -0.25 V", "triangle 1 V"                                              */
  double volt;                 /**< [V] amplitude                                                                */
  const char *parameter;       /**< which one was changed; "": none. Borrowed from the report                    */
  double value;                /**< its value; NAN: none was changed                                             */
  og_status status;            /**< OG_OK, or what ended it                                                      */
  double time_second;          /**< [s] where it ended, if ngspice told; else NAN                                */
  char why[400];               /**< ngspice's or the reader's words; "" if it did not fail                       */
} og_device_new_run;

/** One state. */
typedef struct og_device_new_state {
  const char *pin;             /**< borrowed from the report                                                     */
  double seen_min, seen_max;   /**< [V] over all runs that did not fail; NAN: none                               */
  double min, max;             /**< [V] range of the card: somewhat wider                                        */
} og_device_new_state;

/** What arrays can make of it. */
typedef struct og_device_new_fit {
  int compiled;                /**< 1: it has a compact model                                                    */
  double state_deviation;      /**< [-] worst deviation from ngspice over the peak of the state; NAN: not compared  */
  double current_deviation;    /**< [-] the same of the currents of the terminals; NAN: not compared            */
  char compact_why[400];       /**< why there is none, or was not compared; else ""                              */
  size_t table_points;         /**< [-] of table.csv; 0: there is none                                           */
  double table_peak_error;     /**< [-] worst error between the points over the largest current; NAN: no table   */
  double table_value_error;    /**< [-] worst relative error of currents above a thousandth of it; NAN: no table */
  double table_siemens;        /**< [S] slope of the table at 0 V; NAN: no table                                 */
  char table_why[400];         /**< why there is none; else ""                                                   */
} og_device_new_fit;

/** Outcome; release with og_device_new_free. */
typedef struct og_device_new_report {
  const char *folder;          /**< path of the new folder                                                       */
  const char *subckt;          /**< name of the subcircuit                                                       */
  size_t params;               /**< [-] parameters it has                                                        */
  char spice_version[40];      /**< "ngspice-39"; "" if every run failed                                         */
  size_t run_count, failed;    /**< [-] runs of the grid, and those of them that failed                          */
  og_device_new_run *run;
  size_t state_count;
  og_device_new_state *state;
  size_t figures, outside;     /**< [-] rows of the short benches of the new folder, and those that did not pass  */
  size_t bench_failed;         /**< [-] benches that ngspice could not run                                       */
  char bench_why[400];         /**< words of the first such; else ""                                             */
  og_device_new_fit fit;
  struct ogi_device_new_inner *inner; /**< the library's                                                         */
} og_device_new_report;

/**
 * Make a device folder. It appears only once it is complete; what was there is never touched.
 * @param[out] out   the caller's; NULL on failure
 * @param[in]  name  of the device and its folder: 1 to 36 letters, digits or "_-."
 * @retval OG_OK           the folder is there; runs of the grid may have failed all the same (report.failed)
 * @retval OG_E_ARG        a needed pointer is NULL
 * @retval OG_E_INPUT      the file is missing, or refused (err has "file:line: "); other pins; name; folder exists
 * @retval OG_E_RANGE      an option, or a value in the file
 * @retval OG_E_IO         the folder cannot be written
 * @retval OG_E_EXTERN     ngspice cannot be started
 * @retval OG_E_INTERRUPT, OG_E_NOMEM
 */
OG_NODISCARD og_status og_device_new(og_device_new_report **out, const char *name, const og_device_new_opts *opts,
                                     og_error *err);
/**
 * What the outcome comes to, in one line.
 * @retval OG_OK           every run and bench was fine
 * @retval OG_E_TOLERANCE  a run of the grid failed, or a bench; err counts them and has the first
 * @retval OG_E_ARG        report is NULL
 */
OG_NODISCARD og_status og_device_new_verdict(const og_device_new_report *report, og_error *err);
/** Release everything. NULL is allowed. */
void og_device_new_free(og_device_new_report *report);

#ifdef __cplusplus
}
#endif
#endif
