/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_write.h  Inside of write studies: keys, waveforms, cells, what is measured and what is drawn. */
#ifndef OGI_WRITE_H
#define OGI_WRITE_H

#include <stdio.h>

#include <jansson.h>

#include <ohmgrid/write.h>

#include "base/ogi_error.h"
#include "config/ogi_schema.h"

/** One field a key; keys, units, ranges and defaults: write_conf.c. */
struct og_write_study {
  char name[OGI_TEXT_MAX];
  double stop_second, step_second, mismatch;
  char resume[OGI_TEXT_MAX];
  int rescue;
  size_t m, n;
  double r_word_ohm, r_bit_ohm, r_source_ohm, r_sense_ohm, r_gate_ohm, r_gate_source_ohm;
  int drive, sense;
  char card[OGI_TEXT_MAX], lib[OGI_TEXT_MAX], subckt[OGI_TEXT_MAX], state[OGI_TEXT_MAX], params[OGI_TEXT_MAX];
  char selector[OGI_TEXT_MAX], selector_params[OGI_TEXT_MAX];
  int spice, other;
  size_t batch;
  double native_siemens;
  int scheme;
  char wave[OGI_TEXT_MAX], pattern[OGI_TEXT_MAX];
  size_t row, column, pulses;
  double volt, start_second, edge_second, width_second, period_second;
  double read_volt, read_start_second, read_period_second, read_width_second;
  size_t reads;
  double volt_step, inhibit, erase_volt, erase_width_second, read_gate_volt, target_min_amp, target_max_amp, level_tol;
  size_t levels;
  size_t frames;
  int reference, compact, relaxation;
  double balance_tol, state_tol, timeout_second;
  char folder[OGI_TEXT_MAX]; /* of the study's file; no key */
};

enum { OGI_WRITE_ALL, OGI_WRITE_CROSS, OGI_WRITE_SELECTED, OGI_WRITE_NONE }; /* which cells are in ngspice */
enum { OGI_OTHER_LINEAR, OGI_OTHER_COMPACT };                                /* what the others are */
/* what the other lines get */
enum { OGI_WRITE_HALF, OGI_WRITE_THIRD, OGI_WRITE_GROUND, OGI_WRITE_FILE, OGI_WRITE_PATTERN, OGI_WRITE_VERIFY };

extern const ogi_key ogi_write_keys[];
extern const size_t ogi_write_key_count;

/** Path of a file that the study names: beside the study unless absolute. NULL when out of memory. */
char *ogi_write_path(const og_write_study *s, const char *name);

/* ---- write_drive.c ---- */

/** Which lines a pulse is on. */
typedef enum ogi_pulse_kind {
  OGI_PULSE_SCHEME, /**< all, in the shares of the scheme */
  OGI_PULSE_READ,   /**< all word lines                   */
  OGI_PULSE_LINE    /**< one                              */
} ogi_pulse_kind;

typedef struct ogi_pulse {
  ogi_pulse_kind kind;
  size_t line;   /**< word lines, then bit lines: 0 .. m + n - 1; unused for all lines */
  double second; /**< begin of its rise                                                */
  double width;  /**< [s] between the edges                                            */
  double volt;
} ogi_pulse;

/**
 * A pattern of pulses as in "w0@10n w2@60n b1@60ns*0.5".
 * @param[out] pulse  in the order of the text; the caller's (ogi_free)
 * @retval OG_E_INPUT  no such form; err shows the word
 * @retval OG_E_RANGE  no such line, a time outside of the run, two pulses of one line at a time
 */
og_status ogi_write_pattern(ogi_pulse **pulse, size_t *count, const og_write_study *s, const char *text, og_error *err);

/** Middle of read pulse k [s]. */
double ogi_write_read_second(const og_write_study *s, size_t k);

/** Drivers in time. Owned; release with ogi_write_wave_clear. */
typedef struct ogi_write_wave {
  size_t points;
  double *second, *volt, *bit_volt; /* points; points x m; points x n */
} ogi_write_wave;
og_status ogi_write_wave_make(ogi_write_wave *w, const og_write_study *s, og_error *err);
void ogi_write_wave_clear(ogi_write_wave *w);

/* ---- write_verify.c ---- */

typedef struct ogi_verify ogi_verify; /* pulses and reads of a row, decided on the way */
/** The first stretch, and what follows it in opts; borrows s, r; fills r's fields of write-verify as it goes. */
og_status ogi_verify_begin(ogi_verify **out, const og_write_study *s, og_write_results *r, og_cosim_drive *drive,
                           og_cosim_opts *opts, og_error *err);
void ogi_verify_free(ogi_verify *v);
/** Adds "v_I_J" (gate less source) and "i_I_J" (drain current) to r->waves. */
og_status ogi_verify_derive(og_write_results *r, og_error *err);

/* ---- write_verify_report.c: of runs with verify_reads > 0 ---- */

/** (reached - target) / level_amp of a column [-]; the largest |error| of all. */
double ogi_verify_error(const og_write_results *r, size_t column);
double ogi_verify_worst(const og_write_results *r);
void ogi_verify_csv(FILE *f, const og_write_results *r, const og_write_study *s);
void ogi_verify_plot(FILE *f, const og_write_results *r, const og_write_study *s);
void ogi_verify_table(FILE *f, const og_write_results *r);
/** The caller's; null without write-verify; NULL when out of memory. */
json_t *ogi_verify_json(const og_write_results *r);

/* ---- write_cells.c ---- */

/** The cell's subcircuit with its parameters. Owned; release with ogi_write_device_clear. */
typedef struct ogi_write_device {
  og_cell_circuit device; /* what the co-simulation takes: borrows from the rest */
  char *text, *name;
  char (*names)[OG_WRITE_NAME]; /* of parameters, then states */
  double *values[OG_CELL_PARAMS];
  double min[OG_CELL_STATES], max[OG_CELL_STATES]; /* of states; -INFINITY, INFINITY: the card is silent */
} ogi_write_device;
og_status ogi_write_device_make(ogi_write_device *d, const og_write_study *s, const char *data_dir, og_error *err);
void ogi_write_device_clear(ogi_write_device *d);

/* ---- write_reference.c ---- */

/** The whole array as one deck in ngspice: fills reference_error and reference_second. */
og_status ogi_write_reference(og_write_results *r, const og_write_study *s, const og_write_opts *opts,
                              const og_array *array, const ogi_write_wave *wave, const ogi_write_device *device,
                              og_error *err);

/* ---- write_run.c ---- */

/** Longest step of a run [s]; 0: that of og_cosim_run. */
double ogi_write_step(const og_write_study *s);
/** 1: some cells are linear resistors. */
int ogi_write_has_linear(const og_write_study *s);

/* ---- write_relax.c ---- */

/** The same by waveform relaxation: fills relaxation_error and relaxation_second. g: m x n, NAN: of the subcircuit. */
og_status ogi_write_relax(og_write_results *r, const og_write_study *s, const og_write_opts *opts,
                          const og_array *array, const double *g, const ogi_write_wave *wave, const ogi_write_device *device, og_error *err);

/* ---- write_measure.c ---- */

/** Every figure that follows from the waveforms. */
og_status ogi_write_measure(og_write_results *r, const og_write_study *s, const og_array *array,
                            const ogi_write_device *device, og_error *err);
/** Vector of a cell: 'v' or 'i'; or its state (named). NULL: it is not there. Borrowed. */
const double *ogi_write_vector(const og_write_results *r, char form, size_t cell, const char *state);
/** Value at a time, straight lines between points. */
double ogi_write_at(const og_vectors *v, const double *values, double second);
/**
 * Power in the wires of one line from the currents of its cells [W].
 * @param[in] amp                 cells values, stride apart [A], all leaving the line (or all entering it)
 * @param[in] first_ohm, last_ohm ends with their own segments; INFINITY: not driven
 * @param[in] ohm                 segment between two cells
 */
double ogi_write_line_watt(const double *amp, size_t cells, size_t stride, double first_ohm, double ohm,
                           double last_ohm);
/**
 * Least squares i = a exp(-t / tau) + c.
 * @return 1; 0: fewer than 4 points, or they do not decay
 */
int ogi_write_fit(const double *second, const double *amp, size_t count, size_t stride, double *tau, double *error);

/* ---- write_plot.c, write_html.c, write_report.c ---- */

/** A unit with the prefix that suits the largest of some values: factor to it, and "what (unit)". */
typedef struct ogi_scale {
  double factor;
  char label[48];
} ogi_scale;
ogi_scale ogi_write_suit(const char *what, const char *unit, double largest);
/** Time of frame k [s]. */
double ogi_write_frame_second(const og_write_results *r, const og_write_study *s, size_t k);
/** Begin and end of the run [s]; it begins later than 0 where it went on from a checkpoint. */
double ogi_write_begin(const og_write_results *r);
double ogi_write_stop(const og_write_results *r);
/** All drawings. */
og_status ogi_write_plots(const og_write_results *r, const og_write_study *s, const char *folder, og_error *err);
/** report.html from the drawings in the folder. */
og_status ogi_write_html(const og_write_results *r, const og_write_study *s, const char *folder, og_error *err);
/** results.json, tables, waves.raw, drawings, report.html, study.yaml. */
og_status ogi_write_report(const og_write_results *r, const og_write_study *s, const char *folder, og_error *err);

#endif
