/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/devsample.h
 * From transient to array statistics: a circuit device is programmed and read in ngspice, once for every sample of its
 * spreads and every level, and what comes of it is a card of statistics that studies load.
 *
 * Model.   devices/NAME/program.yaml says how the device is programmed and read (doc/devices.md). A sample is one cell:
 *          each parameter of the card with a spread has a value of its own,
 *            x = x0 exp(q z - q^2/2), q^2 = ln(1 + spread^2), z standard normal,
 *          of mean x0 and relative standard deviation spread, with the sign of x0; one outside min .. max of the card
 *          is drawn again. Nothing varies from cycle to cycle: a cell that is programmed twice reaches the same
 *          conductance.
 * Chance.  A draw is a function of seed, number of the parameter and number of the sample. Equal options give equal
 *          results, bit for bit, whatever the number of threads.
 * Sign.    Energies are what the driver delivers, its series resistance included.
 */
#ifndef OHMGRID_DEVSAMPLE_H
#define OHMGRID_DEVSAMPLE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <ohmgrid/device.h>
#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Options. Fill with og_sample_opts_init, then change fields. */
typedef struct og_sample_opts {
  size_t samples;          /**< [-] 2 to 1e6. default 100                                                             */
  uint64_t seed;           /**< default 1                                                                             */
  size_t threads;          /**< [-] ngspice sessions at once; 0: as many as the machine has threads. default 0        */
  size_t chunk;            /**< [-] samples in one deck, 1 to 1024. They share time steps: another value changes the
                                last digits of results. default 2                                                     */
  const char *program;     /**< path; NULL: program.yaml beside the card; borrowed. default NULL                      */
  const char *const *sets; /**< set_count texts "key=value" that override it; borrowed. default NULL                  */
  size_t set_count;
  const char *worker;      /**< program ohmgrid-spice; NULL: the installed one; borrowed. default NULL                */
  double timeout_second;   /**< [s] wall time of one call of ngspice, > 0. default 600                                */
  og_progress progress;    /**< asked at least every 0.1 s. default none                                              */
} og_sample_opts;
void og_sample_opts_init(og_sample_opts *opts);

/** What became of one level of one sample. */
typedef enum og_sample_state {
  OG_SAMPLE_REACHED, /**< programmed; under write-verify within the tolerance                          */
  OG_SAMPLE_MISSED,  /**< write-verify ended outside the tolerance; counts in the statistics            */
  OG_SAMPLE_STUCK,   /**< the sample is stuck, see og_sample_report; left out of the statistics of levels */
  OG_SAMPLE_FAILED   /**< ngspice found no solution; left out, and reported                            */
} og_sample_state;
/** "reached", "missed", "stuck", "failed"; "?" for a foreign one. */
const char *og_sample_state_name(og_sample_state state);

/** One level of one sample. Not finite where the state is OG_SAMPLE_FAILED. */
typedef struct og_sample_row {
  size_t sample, level;     /**< 0-based                                                                             */
  double target_siemens;    /**< [S]                                                                                 */
  double reached_siemens;   /**< [S] between the terminals, mean over the flat part of the last read                 */
  double knob;              /**< [unit of the knob] of the last programming pulse; their number if that is the knob  */
  size_t pulses;            /**< [-] programming pulses, without those that erase                                    */
  double program_joule;     /**< [J] all of it: erasing, pulses, under write-verify also the reads                   */
  double erase_joule;       /**< [J] the part of erasing                                                             */
  double pulse_joule;       /**< [J] one programming pulse, mean over those of this row; NAN without any             */
  double read_joule;        /**< [J] the last read                                                                   */
  og_sample_state state;
} og_sample_row;

/** One level over all samples that are neither stuck nor failed. */
typedef struct og_sample_level {
  double target_siemens;
  double knob;              /**< open loop: of the nominal device; write-verify: NAN                                 */
  double mean_siemens;      /**< [S]                                                                                 */
  double sigma_siemens;     /**< [S] sample standard deviation about the mean                                        */
  double sigma_low_siemens, sigma_high_siemens; /**< [S] 95 % interval of sigma (chi-square, as if normal)            */
  double skew;              /**< [-] third standardised moment; NAN where sigma is 0                                 */
  size_t count, missed;     /**< [-] rows behind it, and how many of them missed                                     */
} og_sample_level;

/** A sample that ngspice found no solution for. */
typedef struct og_sample_failure {
  size_t sample;
  char why[400];            /**< ngspice's words                                                                     */
} og_sample_failure;

/** Outcome; release with og_sample_free. */
typedef struct og_sample_report {
  char device[64], title[160];
  char spice_version[40];
  char scheme[16], knob[16], knob_unit[8]; /**< "open-loop" or "write-verify"; "voltage", "V" ...                  */
  size_t samples, levels, parameters;   /**< [-] parameters: how many of the card have a spread                      */
  uint64_t seed;
  og_sample_row *row;                   /**< samples x levels                                                        */
  og_sample_level *level;               /**< levels                                                                  */
  size_t failures;
  og_sample_failure *failure;           /**< by sample                                                               */
  size_t stuck_low, stuck_high;         /**< [-] samples whose highest level stays below the middle of the range, or
                                             whose lowest stays above it                                             */
  size_t missed;                        /**< [-] rows                                                                */
  double fit_rms_siemens, fit_worst_siemens; /**< [S] of sigma against its polynomial: root of mean square, largest  */
  double bias_worst_siemens;            /**< [S] mean less target of the level where that is largest in magnitude    */
  og_card card;                         /**< the card of statistics                                                  */
} og_sample_report;

/**
 * Sample a device. Samples that fail do not stop the others.
 * @param[out] out   the caller's; NULL on failure
 * @retval OG_OK           og_sample_verdict tells of failed samples
 * @retval OG_E_ARG        out or card is NULL
 * @retval OG_E_INPUT      no program.yaml, or it is wrong (err has file, line, key); no parameter has a spread
 * @retval OG_E_RANGE      a value of it or an option; a level that the nominal device does not reach
 * @retval OG_E_EXTERN     ngspice cannot be started, fails on the nominal device, or on all samples but one
 * @retval OG_E_INTERRUPT, OG_E_NOMEM
 */
OG_NODISCARD og_status og_sample_device(og_sample_report **out, const og_circuit_card *card,
                                        const og_sample_opts *opts, og_error *err);
/**
 * What the outcome comes to, in one line.
 * @retval OG_OK, OG_E_ARG report is NULL
 * @retval OG_E_EXTERN  a sample failed; err has their number and the first's words
 */
OG_NODISCARD og_status og_sample_verdict(const og_sample_report *report, og_error *err);
/** Write the outcome without its rows as one JSON object. @retval OG_OK, OG_E_ARG, OG_E_IO, OG_E_NOMEM */
OG_NODISCARD og_status og_sample_json(const og_sample_report *report, FILE *stream, og_error *err);
/**
 * Save into a folder, which is made: card.yaml (og_card_load), samples.csv, table.csv, results.json, reached.svg,
 * sigma.svg, energy.svg.
 * @retval OG_OK, OG_E_ARG, OG_E_IO, OG_E_NOMEM;  OG_E_EXTERN gnuplot is missing or failed
 */
OG_NODISCARD og_status og_sample_save(const og_sample_report *report, const char *folder, og_error *err);
/** Release everything. NULL is allowed. */
void og_sample_free(og_sample_report *report);

#ifdef __cplusplus
}
#endif
#endif
