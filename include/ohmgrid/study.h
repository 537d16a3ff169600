/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/study.h
 * The main job: a network's accuracy and energy on emulated arrays, cross-checked against ngspice, with a report.
 *
 * A study is a YAML file (studies/ has examples; og_study_keys lists every key with unit, range and default). Running
 * it gives an og_results and, if asked for, a folder with results.json, CSV tables, SVG plots and report.html.
 * Reproducible: the same study, seed and library give the same og_results and the same bytes of results.json on one
 * type of machine, whatever the number of threads.
 */
#ifndef OHMGRID_STUDY_H
#define OHMGRID_STUDY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <ohmgrid/check.h>
#include <ohmgrid/device.h>
#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct og_study og_study; /**< opaque; a study with every default filled in and every value checked */

/** Where things are. Zeroed means: as installed. All strings are borrowed for the duration of the call. */
typedef struct og_paths {
  const char *data_dir;     /**< holds devices/ and studies/; NULL: the installed one           */
  const char *spice_worker; /**< program ohmgrid-spice; NULL: the installed one                 */
  const char *cache_dir;    /**< trained networks are kept here; NULL: they are not kept        */
} og_paths;

/**
 * Read a study.
 * @param[out] out   new study, the caller's; NULL on failure
 * @param[in]  path  YAML file
 * @param[in]  sets  count strings "key=value" that override the file
 * @retval OG_OK
 * @retval OG_E_ARG    a needed pointer is NULL
 * @retval OG_E_INPUT  the file is missing, no YAML, or has an unknown key or a wrong type; err names file and line
 * @retval OG_E_RANGE  a value or unit is wrong; err names file, line, value seen and range needed
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_study_load(og_study **out, const char *path, const char *const *sets, size_t count,
                                     og_error *err);

/** Write the study as resolved: every key with its value in force. Reading it back gives the same study. */
OG_NODISCARD og_status og_study_dump(const og_study *study, FILE *stream, og_error *err);

/** Write every key with type, unit, range, default and help, for people. */
OG_NODISCARD og_status og_study_keys(FILE *stream, og_error *err);

void og_study_free(og_study *study); /**< NULL is allowed */

/** Accuracy with one effect, or all of them, over programming trials. Fractions, 0..1. */
typedef struct og_accuracy_row {
  char key[24];        /**< "float", "ideal", "levels", "program", "read", "wires", "dac", "adc", "stuck", "all"   */
  char label[80];      /**< for people                                                                             */
  size_t trials;       /**< [-] 1 for a row without chance                                                         */
  double mean;         /**< [-] mean accuracy over the trials                                                      */
  double std;          /**< [-] sample standard deviation over the trials; NaN for one trial                       */
  double ci95;         /**< [-] half width of the 95 % interval of the mean over trials (Student t); NaN for one   */
  double test_ci95;    /**< [-] half width of the 95 % interval from the finite test set (normal approximation)    */
  double loss;         /**< [-] accuracy of "float" minus mean                                                     */
  double *trial;       /**< [-] accuracy of each trial                                                             */
  double adc_saturated; /**< [-] share of ADC conversions beyond the end codes; NaN: no ADC                         */
  double dac_clipped;   /**< [-] share of DAC inputs clipped at full scale; NaN: no DAC                             */
} og_accuracy_row;

/** Energy of one block of one layer, per inference. */
typedef struct og_energy_row {
  char layer[72];      /**< "layer 0 (784 x 256)" ...                                                              */
  char block[32];      /**< "array", "dac", "adc", "sample_hold", "accumulate", "activation", "register"           */
  double count;        /**< [-] operations of this block per inference; for "array" reads of one array             */
  double joule_each;   /**< [J] energy of one                                                                      */
  double joule;        /**< [J] count * joule_each                                                                 */
  char source[320];    /**< where joule_each comes from                                                            */
} og_energy_row;

/** One tile cut from the network and cross-checked. */
typedef struct og_check_row {
  char name[48];          /**< "layer 1 tile 0.0 +"                                                                */
  size_t m, n, inputs;    /**< [-] size of the cut and number of input vectors                                     */
  og_check_result result;
  double *current_ours;   /**< [A] inputs x n                                                                      */
  double *current_theirs; /**< [A] inputs x n                                                                      */
} og_check_row;

/** Everything a run found out. Owned by the caller through og_results_free. */
typedef struct og_results {
  char study[64], version[32], device[64], data[64];
  uint64_t seed;
  size_t layers, *extent;          /**< [-] extent[0..layers]: inputs, hidden sizes, classes                       */
  size_t tiles, arrays;            /**< [-] tile pairs, and arrays (two a pair)                                    */
  size_t test_images;              /**< [-]                                                                        */
  size_t accuracy_rows;
  og_accuracy_row *accuracy;       /**< in the order of the table                                                  */
  size_t energy_rows;
  og_energy_row *energy;
  double joule_per_inference;      /**< [J] sum of energy[].joule                                                  */
  double macs_per_inference;       /**< [-] multiply-accumulates; 1 MAC = 2 operations                             */
  double array_power_watt;         /**< [W] drawn by all arrays during a read, mean over the test images           */
  double array_power_balance;      /**< [-] worst |delivered - dissipated| / delivered of the audited tiles        */
  double array_kcl_residual;       /**< [-] worst KCL residual of the audited tiles                                */
  size_t check_rows;
  og_check_row *check;
  double check_rtol;               /**< [-]                                                                        */
  size_t map_m, map_n;             /**< [-] IR-drop map of one array: extents                                      */
  char map_name[48];               /**< which array, and which input                                               */
  double *map_cell_drop;           /**< [-] map_m x map_n, 1 - (cell voltage) / (driver voltage)                   */
  size_t cells;                    /**< [-] length of the next two                                                 */
  double *cell_target_siemens;     /**< [S] targets (levels) of a sample of cells                                  */
  double *cell_programmed_siemens; /**< [S] the same cells after one programming trial                             */
  char cells_name[48];             /**< which cells                                                                */
  double train_accuracy;           /**< [-] of the float network on the training set; NaN if weights were given    */
  char note[16][320];              /**< statements for the reader: conventions, what is not included               */
  size_t notes;
  double program_cells;            /**< [-] cells that hold the network's weights                                  */
  double program_joule_each;       /**< [J] programming one of them once, of the card; 0: the card does not tell   */
  char program_source[320];        /**< where that comes from                                                      */
} og_results;

/** How to run. Zeroed means: everything as the study says, no files, silent. */
typedef struct og_run_opts {
  const char *out_dir;        /**< results.json, report.html and the rest go here; NULL: no files                   */
  size_t threads;             /**< [-] 0: as many as the machine has                                                */
  og_paths paths;
  og_progress progress;
} og_run_opts;

/**
 * Run a study.
 * @param[out] out  what came out, the caller's; also with OG_E_TOLERANCE; NULL otherwise on failure
 * @retval OG_OK
 * @retval OG_E_TOLERANCE  all done and written, but a cross-check was outside its tolerance
 * @retval OG_E_INPUT      a data set, weights, a card or a cost table is missing or foreign
 * @retval OG_E_SHAPE      weights do not chain, or do not fit the data
 * @retval OG_E_RANGE      a number in one of those files is out of range
 * @retval OG_E_IO         the folder cannot be written
 * @retval OG_E_EXTERN     ngspice's process or gnuplot failed
 * @retval OG_E_INTERRUPT  progress asked to stop; no file was left half-written
 * @retval OG_E_SINGULAR, OG_E_NOCONV, OG_E_NOMEM
 */
OG_NODISCARD og_status og_study_run(og_results **out, const og_study *study, const og_run_opts *opts, og_error *err);

void og_results_free(og_results *results); /**< NULL is allowed */

/** Write the accuracy and energy tables and the cross-check for a terminal. @retval OG_OK, OG_E_ARG, OG_E_IO */
OG_NODISCARD og_status og_results_print(const og_results *results, FILE *stream, og_error *err);

#ifdef __cplusplus
}
#endif
#endif
