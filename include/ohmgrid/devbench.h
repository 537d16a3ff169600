/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/devbench.h
 * Benches of circuit devices: decks that show what a device paper shows, run in ngspice, with figures that are expected.
 *
 * A bench is a deck of devices/NAME/bench.yaml (doc/devices.md), run once for every combination of its swept parameters.
 * Every run is a job of a pool of ngspice sessions. Of each run come rows: the figures of the bench; for every state of
 * the card "state PIN", the value nearest to leaving its range or farthest outside, over all points and all instances; and
 * "own engine", the worst deviation of our general engine from ngspice, relative to the peak of each vector;
 * it counts only where the bench says own_rtol, for at a steep edge two time steps differ by more than two engines do.
 */
#ifndef OHMGRID_DEVBENCH_H
#define OHMGRID_DEVBENCH_H

#include <stddef.h>
#include <stdio.h>

#include <ohmgrid/device.h>
#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OG_BENCH_LABEL 128 /**< [bytes] of a run's label, with its end */

/** Options. Fill with og_bench_opts_init, then change fields. */
typedef struct og_bench_opts {
  int full;              /**< 1: all benches; 0: only the short ones. default 0                            */
  size_t threads;        /**< [-] ngspice sessions at once; 0: as many as the machine has threads. default 0 */
  const char *worker;    /**< program ohmgrid-spice; NULL: the installed one; borrowed. default NULL       */
  double timeout_second; /**< [s] wall time of one run in ngspice, > 0. default 600                        */
  og_progress progress;  /**< asked at least every 0.1 s. default none                                     */
} og_bench_opts;
void og_bench_opts_init(og_bench_opts *opts);

/** One figure of one run. Texts are borrowed from the report. */
typedef struct og_bench_row {
  const char *bench, *run;        /**< name; label of the run, "tau=1.59e-07", "" without a sweep       */
  const char *figure;             /**< name, "state PIN" or "own engine"                               */
  const char *unit, *source;      /**< "" where none is told                                           */
  double value;                   /**< [unit] extracted; NAN: it could not be                          */
  double expected;                /**< [unit] NAN: only a range is                                     */
  double low, high;               /**< [unit] what passes, both included; infinite: no bound            */
  int passed;
  int informative;                /**< 1: does not count as outside: "own engine" of a bench without own_rtol */
  char why[200];                  /**< "": nothing to add; else where, or why there is no value         */
} og_bench_row;

/** One run. Texts are borrowed from the report. */
typedef struct og_bench_run {
  const char *bench, *title, *label;
  og_status status;               /**< OG_OK, or what ended it                                         */
  char why[400];                  /**< ngspice's or the reader's words                                 */
  char spice_version[40];         /**< "ngspice-39"                                                    */
  size_t points;                  /**< [-] of the analysis                                             */
  double spice_second, own_second; /**< [s] wall time                                                  */
  size_t row_first, row_count;    /**< its rows                                                        */
} og_bench_run;

/** Outcome; release with og_bench_free. */
typedef struct og_bench_report {
  const char *device, *title;     /**< of the card; copies                                             */
  char spice_version[40];         /**< of a run that did not fail; else ""                            */
  size_t run_count, row_count;
  og_bench_run *run;
  og_bench_row *row;
  size_t failed, outside;         /**< [-] runs that failed, rows that did not pass                    */
  size_t skipped;                 /**< [-] benches left out because they are not short                 */
  struct ogi_bench_inner *inner;  /**< the library's                                                   */
} og_bench_report;

/**
 * Run the benches of a device. A run that fails does not stop the others.
 * @param[out] out   the caller's; NULL on failure
 * @retval OG_OK           all were tried: og_bench_verdict says how it went
 * @retval OG_E_ARG        out or card is NULL
 * @retval OG_E_INPUT, OG_E_RANGE  no bench.yaml, or it is wrong (err has file and line); an option
 * @retval OG_E_EXTERN     ngspice cannot be started
 * @retval OG_E_INTERRUPT, OG_E_NOMEM
 */
OG_NODISCARD og_status og_bench_device(og_bench_report **out, const og_circuit_card *card, const og_bench_opts *opts,
                                       og_error *err);
/**
 * What the outcome comes to, in one line.
 * @retval OG_OK           every row passed
 * @retval OG_E_EXTERN     a run failed; err has the first
 * @retval OG_E_TOLERANCE  no run failed, and a row did not pass; err has the first
 * @retval OG_E_ARG        report is NULL
 */
OG_NODISCARD og_status og_bench_verdict(const og_bench_report *report, og_error *err);
/** Write the outcome as one JSON object. Equal outcomes give equal bytes. @retval OG_OK, OG_E_ARG, OG_E_IO, OG_E_NOMEM */
OG_NODISCARD og_status og_bench_json(const og_bench_report *report, FILE *stream, og_error *err);
/**
 * Save into a folder, which is made: results.json, figures.csv, BENCH[-RUN].csv with all vectors of a run, BENCH-plotK.svg.
 * @retval OG_OK, OG_E_ARG, OG_E_IO, OG_E_NOMEM;  OG_E_EXTERN gnuplot is missing or failed
 */
OG_NODISCARD og_status og_bench_save(const og_bench_report *report, const char *folder, og_error *err);
/**
 * Write the page of a device into a folder, which is made: NAME.md with what card and model.md tell, then the figures;
 * beside it the plots, NAME-BENCH-K.svg. Up to its line "## Figures" it does not depend on the outcome.
 * @param[in] card  that of the report
 * @retval OG_OK, OG_E_ARG, OG_E_IO, OG_E_NOMEM;  OG_E_INPUT no model.md;  OG_E_EXTERN gnuplot is missing or failed
 */
OG_NODISCARD og_status og_bench_page(const og_bench_report *report, const og_circuit_card *card, const char *folder,
                                     og_error *err);
/** Release everything. NULL is allowed. */
void og_bench_free(og_bench_report *report);

#ifdef __cplusplus
}
#endif
#endif
