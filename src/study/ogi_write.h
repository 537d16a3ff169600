/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_write.h  Inside of write studies: keys, waveforms, and what is drawn. */
#ifndef OGI_WRITE_H
#define OGI_WRITE_H

#include <ohmgrid/write.h>

#include "base/ogi_error.h"
#include "config/ogi_schema.h"

/** One field a key; keys, units, ranges and defaults: write_conf.c. */
struct og_write_study {
  char name[OGI_TEXT_MAX];
  double stop_second, step_second, mismatch;
  size_t m, n;
  double r_word_ohm, r_bit_ohm, r_source_ohm, r_sense_ohm;
  int drive, sense;
  char lib[OGI_TEXT_MAX], subckt[OGI_TEXT_MAX], state[OGI_TEXT_MAX], params[OGI_TEXT_MAX];
  int spice;
  double native_siemens;
  int scheme;
  char wave[OGI_TEXT_MAX];
  size_t row, column, pulses;
  double volt, start_second, edge_second, width_second, period_second;
  int reference;
  double state_tol, timeout_second;
  char folder[OGI_TEXT_MAX]; /* of the study's file; no key */
};

enum { OGI_WRITE_ALL, OGI_WRITE_CROSS, OGI_WRITE_SELECTED };          /* which cells are in ngspice */
enum { OGI_WRITE_HALF, OGI_WRITE_THIRD, OGI_WRITE_GROUND, OGI_WRITE_FILE }; /* what the other lines get */

extern const ogi_key ogi_write_keys[];
extern const size_t ogi_write_key_count;

/** Drivers in time. Owned; release with ogi_write_wave_clear. */
typedef struct ogi_write_wave {
  size_t points;
  double *second, *volt, *bit_volt; /* points; points x m; points x n */
} ogi_write_wave;
og_status ogi_write_wave_make(ogi_write_wave *w, const og_write_study *s, og_error *err);
void ogi_write_wave_clear(ogi_write_wave *w);

/** Path of a file that the study names: beside the study unless absolute. NULL when out of memory. */
char *ogi_write_path(const og_write_study *s, const char *name);

/** The cell's subcircuit with its parameters. Owned; release with ogi_write_device_clear. */
typedef struct ogi_write_device {
  og_cell_circuit device;
  char *text, *names;
  double *values[OG_CELL_PARAMS];
} ogi_write_device;
og_status ogi_write_device_make(ogi_write_device *d, const og_write_study *s, og_error *err);
void ogi_write_device_clear(ogi_write_device *d);

/** results.json, cells.csv, waves.raw, drawings, study.yaml. */
og_status ogi_write_report(const og_write_results *r, const og_write_study *s, const char *folder, og_error *err);

#endif
