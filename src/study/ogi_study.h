/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_study.h  A study as a typed struct, and the steps of its run. */
#ifndef OGI_STUDY_H
#define OGI_STUDY_H

#include <ohmgrid/study.h>

#include "config/ogi_schema.h"
#include "periph/ogi_cost.h"
#include "workload/ogi_chip.h"

/** One field a key, in the groups of the file. Keys, units, ranges and defaults: conf.c. */
struct og_study {
  char name[OGI_TEXT_MAX];
  uint64_t seed;
  size_t trials;
  char data_name[OGI_TEXT_MAX], train_images[OGI_TEXT_MAX], train_labels[OGI_TEXT_MAX];
  char test_images[OGI_TEXT_MAX], test_labels[OGI_TEXT_MAX];
  size_t test_count;
  ogi_sizes hidden;
  char weights[OGI_TEXT_MAX];
  int optimizer;
  size_t epochs, batch;
  double rate, momentum, weight_decay;
  uint64_t train_seed;
  char card[OGI_TEXT_MAX];
  size_t tile_rows, tile_columns;
  double weight_percentile;
  double r_word_ohm, r_bit_ohm, r_source_ohm, r_sense_ohm;
  int drive, sense;
  double v_read_volt, t_read_second;
  size_t dac_bits;
  double dac_percentile;
  size_t adc_bits;
  int adc_range;
  double adc_percentile;
  size_t calibration_images, read_draws;
  char costs[OGI_TEXT_MAX];
  size_t check_rows, check_columns, check_inputs;
  double check_rtol, check_timeout_second;
};

/** What a run works on, from loading to report. Everything is owned here. */
typedef struct ogi_job {
  const og_study *study;
  const og_run_opts *opts;
  ogi_data train, test;
  ogi_net net;
  og_card card;
  ogi_costs costs;
  ogi_map map;
  og_results *results;
} ogi_job;

/** Data, network (trained, cached or loaded), card, costs, map. */
og_status ogi_job_prepare(ogi_job *job, og_error *err);
void ogi_job_clear(ogi_job *job);

/** All rows of the accuracy table; threads over programming trials. */
og_status ogi_run_accuracy(ogi_job *job, og_error *err);
/** The energy table, and the audits of power and Kirchhoff's current law, on trial 0 with all effects. */
og_status ogi_run_energy(ogi_job *job, og_error *err);
/** What the plots show of trial 0: IR-drop map, target against programmed conductances. */
og_status ogi_run_maps(ogi_job *job, og_error *err);
/** Tiles against ngspice. @retval OG_E_TOLERANCE after all tiles were compared */
og_status ogi_run_checks(ogi_job *job, og_error *err);

/** Report progress; OG_E_INTERRUPT if the caller asks to stop. */
og_status ogi_tell(const ogi_job *job, const char *phase, double fraction, og_error *err);

#endif
