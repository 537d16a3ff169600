/* SPDX-License-Identifier: BSD-3-Clause */
/** Keys of a write study, its waveforms and its cells. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stddef.h>
#include <string.h>

#include <ohmgrid/matrix.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_spice_number.h"
#include "study/ogi_write.h"

#define FIELD(name) offsetof(struct og_write_study, name)

const ogi_key ogi_write_keys[] = {
    {"study.name", OGI_KEY_TEXT, FIELD(name), "", 1, 60, NULL, "untitled", "name in the report"},
    {"study.stop_second", OGI_KEY_REAL, FIELD(stop_second), "s", 1e-15, 1e3, NULL, NULL, "end of the run"},
    {"study.step_second", OGI_KEY_REAL, FIELD(step_second), "s", 0, 1, NULL, "0",
     "longest step; 0: a 500th of the run"},
    {"study.mismatch", OGI_KEY_REAL, FIELD(mismatch), "", 0, 1, NULL, "0.01",
     "of a port voltage, relative to the largest drive, above which steps become shorter; 0: never"},

    {"array.m", OGI_KEY_SIZE, FIELD(m), "", 1, 4096, NULL, NULL, "word lines"},
    {"array.n", OGI_KEY_SIZE, FIELD(n), "", 1, 4096, NULL, NULL, "bit lines"},
    {"array.r_word_ohm", OGI_KEY_REAL, FIELD(r_word_ohm), "ohm", 0, 1e9, NULL, "1", "one word line segment"},
    {"array.r_bit_ohm", OGI_KEY_REAL, FIELD(r_bit_ohm), "ohm", 0, 1e9, NULL, "1", "one bit line segment"},
    {"array.r_source_ohm", OGI_KEY_REAL, FIELD(r_source_ohm), "ohm", 0, 1e9, NULL, "0", "driver output resistance"},
    {"array.r_sense_ohm", OGI_KEY_REAL, FIELD(r_sense_ohm), "ohm", 0, 1e9, NULL, "0", "of the bit line terminals"},
    {"array.drive", OGI_KEY_ENUM, FIELD(drive), "", 0, 0, "left|right|both", "left", "driven ends of the word lines"},
    {"array.sense", OGI_KEY_ENUM, FIELD(sense), "", 0, 0, "bottom|top|both", "bottom", "held ends of the bit lines"},

    {"cells.lib", OGI_KEY_TEXT, FIELD(lib), "", 1, 500, NULL, NULL,
     "file with the subcircuit of a cell, beside the study"},
    {"cells.subckt", OGI_KEY_TEXT, FIELD(subckt), "", 1, 60, NULL, NULL, "its name; pins: word side, bit side, states"},
    {"cells.state", OGI_KEY_TEXT, FIELD(state), "", 0, 19, NULL, "",
     "name of the third pin, a state; empty: there is none"},
    {"cells.params", OGI_KEY_TEXT, FIELD(params), "", 0, 500, NULL, "",
     "parameters of all cells, as in a deck: tau=200n w0=W.csv; a file holds m x n values"},
    {"cells.spice", OGI_KEY_ENUM, FIELD(spice), "", 0, 0, "all|cross|selected", "all",
     "cells in ngspice: all, those of the selected lines, or the selected one"},
    {"cells.native_siemens", OGI_KEY_REAL, FIELD(native_siemens), "S", 0, 1e3, NULL, "1 uS",
     "of the other cells, linear"},

    {"drive.scheme", OGI_KEY_ENUM, FIELD(scheme), "", 0, 0, "half|third|ground|file", "half",
     "lines that are not selected get V/2; V/3 and 2V/3; 0 V; or all lines are in drive.wave"},
    {"drive.wave", OGI_KEY_TEXT, FIELD(wave), "", 0, 500, NULL, "",
     "scheme file: lines of a time, m word line and n bit line voltages (.npy or CSV)"},
    {"drive.row", OGI_KEY_SIZE, FIELD(row), "", 0, 4095, NULL, "0", "selected word line, from 0"},
    {"drive.column", OGI_KEY_SIZE, FIELD(column), "", 0, 4095, NULL, "0", "selected bit line, from 0"},
    {"drive.volt", OGI_KEY_REAL, FIELD(volt), "V", -100, 100, NULL, "1", "across the selected cell during a pulse"},
    {"drive.start_second", OGI_KEY_REAL, FIELD(start_second), "s", 1e-15, 1e3, NULL, "10 ns", "of the first pulse"},
    {"drive.edge_second", OGI_KEY_REAL, FIELD(edge_second), "s", 1e-15, 1e3, NULL, "1 ns", "rise and fall"},
    {"drive.width_second", OGI_KEY_REAL, FIELD(width_second), "s", 1e-15, 1e3, NULL, "50 ns", "between the edges"},
    {"drive.pulses", OGI_KEY_SIZE, FIELD(pulses), "", 1, 10000, NULL, "1", "how many"},
    {"drive.period_second", OGI_KEY_REAL, FIELD(period_second), "s", 1e-15, 1e3, NULL, "100 ns", "from pulse to pulse"},

    {"check.reference", OGI_KEY_ENUM, FIELD(reference), "", 0, 0, "no|yes", "no",
     "also solve the whole array as one deck in ngspice: slow above 16 x 16"},
    {"check.state_tol", OGI_KEY_REAL, FIELD(state_tol), "", 1e-9, 1, NULL, "0.003",
     "tolerated difference of a state at the end"},
    {"check.timeout_second", OGI_KEY_REAL, FIELD(timeout_second), "s", 1e-3, 1e9, NULL, "600", "of ngspice"},
};
const size_t ogi_write_key_count = sizeof ogi_write_keys / sizeof *ogi_write_keys;

/* ---- waveforms ---- */

void ogi_write_wave_clear(ogi_write_wave *w) {
  ogi_free(w->second);
  ogi_free(w->volt);
  ogi_free(w->bit_volt);
  *w = (ogi_write_wave){0};
}

static og_status make_room(ogi_write_wave *w, const og_write_study *s, size_t points, og_error *err) {
  *w = (ogi_write_wave){.points = points,
                        .second = ogi_alloc(points, sizeof(double)),
                        .volt = ogi_alloc(points * s->m, sizeof(double)),
                        .bit_volt = ogi_alloc(points * s->n, sizeof(double))};
  return w->second && w->volt && w->bit_volt ? OG_OK : ogi_fail(err, OG_E_NOMEM, "cosim: a wave of %zu points", points);
}

/* Shares of the pulse that lines get: selected and other word lines, selected and other bit lines. */
static const struct {
  double row, rows, column, columns;
} schemes[] = {[OGI_WRITE_HALF] = {1, 0.5, 0, 0.5},
               [OGI_WRITE_THIRD] = {1, 1.0 / 3, 0, 2.0 / 3},
               [OGI_WRITE_GROUND] = {1, 0, 0, 0}};

static void set_point(ogi_write_wave *w, const og_write_study *s, size_t k, double second, double share) {
  double volt = share * s->volt;
  w->second[k] = second;
  for (size_t i = 0; i < s->m; i++)
    w->volt[k * s->m + i] = volt * (i == s->row ? schemes[s->scheme].row : schemes[s->scheme].rows);
  for (size_t j = 0; j < s->n; j++)
    w->bit_volt[k * s->n + j] = volt * (j == s->column ? schemes[s->scheme].column : schemes[s->scheme].columns);
}

static og_status make_pulses(ogi_write_wave *w, const og_write_study *s, og_error *err) {
  double length = 2 * s->edge_second + s->width_second;
  if (s->pulses > 1 && !(s->period_second > length))
    return ogi_fail(err, OG_E_RANGE, "drive.period_second: saw %g, need more than edges and width, %g (second)",
                    s->period_second, length);
  og_status st = make_room(w, s, 1 + 4 * s->pulses, err);
  if (st != OG_OK) return st;
  set_point(w, s, 0, 0, 0);
  for (size_t k = 0; k < s->pulses; k++) {
    double t = s->start_second + (double)k * s->period_second;
    set_point(w, s, 4 * k + 1, t, 0);
    set_point(w, s, 4 * k + 2, t + s->edge_second, 1);
    set_point(w, s, 4 * k + 3, t + s->edge_second + s->width_second, 1);
    set_point(w, s, 4 * k + 4, t + length, 0);
  }
  return OG_OK;
}

static og_status load_wave(ogi_write_wave *w, const og_write_study *s, og_error *err) {
  og_status st;
  og_matrix x = {0};
  char *path = ogi_write_path(s, s->wave);
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: a path");
  OGI_TRY(st, og_matrix_load(&x, path, err));
  if (x.ndim != 2 || x.dim[1] != 1 + s->m + s->n) {
    st = ogi_fail(err, OG_E_SHAPE, "%s: shape: need lines of a time, %zu word line and %zu bit line voltages", path,
                  s->m, s->n);
    goto done;
  }
  OGI_TRY(st, make_room(w, s, x.dim[0], err));
  for (size_t k = 0; k < w->points; k++) {
    const double *line = x.data + k * x.dim[1];
    w->second[k] = line[0];
    memcpy(w->volt + k * s->m, line + 1, s->m * sizeof(double));
    memcpy(w->bit_volt + k * s->n, line + 1 + s->m, s->n * sizeof(double));
  }
done:
  og_matrix_clear(&x);
  ogi_free(path);
  return st;
}

og_status ogi_write_wave_make(ogi_write_wave *w, const og_write_study *s, og_error *err) {
  return s->scheme == OGI_WRITE_FILE ? load_wave(w, s, err) : make_pulses(w, s, err);
}

/* ---- cells ---- */

char *ogi_write_path(const og_write_study *s, const char *name) {
  return name[0] == '/' ? ogi_strdup(name) : ogi_path_join(s->folder, name);
}

void ogi_write_device_clear(ogi_write_device *d) {
  ogi_free(d->text);
  ogi_free(d->names);
  for (size_t k = 0; k < OG_CELL_PARAMS; k++) ogi_free(d->values[k]);
  *d = (ogi_write_device){0};
}

/* One value for all cells, or a file with one for each. */
static og_status fill_values(double *values, const og_write_study *s, const char *name, const char *text,
                             og_error *err) {
  const char *end;
  double value;
  size_t cells = s->m * s->n;
  if (ogi_spice_number(text, &end, &value) && *end == '\0') {
    for (size_t k = 0; k < cells; k++) values[k] = value;
    return OG_OK;
  }
  og_status st;
  og_matrix x = {0};
  char *path = ogi_write_path(s, text);
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: a path");
  OGI_TRY(st, og_matrix_load(&x, path, err));
  if (x.ndim != 2 || x.dim[0] != s->m || x.dim[1] != s->n)
    st = ogi_fail(err, OG_E_SHAPE, "cells.params: %s: %s: shape: need (%zu, %zu)", name, path, s->m, s->n);
  else memcpy(values, x.data, cells * sizeof *values);
done:
  og_matrix_clear(&x);
  ogi_free(path);
  return st;
}

static og_status read_params(ogi_write_device *d, const og_write_study *s, og_error *err) {
  char *rest = d->names = ogi_strdup(s->params), *word;
  if (rest == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: parameters");
  while ((word = strsep(&rest, " \t,")) != NULL) {
    if (word[0] == '\0') continue;
    char *equals = strchr(word, '=');
    if (equals == NULL || equals == word)
      return ogi_fail(err, OG_E_INPUT, "cells.params: saw \"%.40s\", need NAME=VALUE or NAME=FILE", word);
    if (d->device.params == OG_CELL_PARAMS)
      return ogi_fail(err, OG_E_INPUT, "cells.params: saw more than %d", OG_CELL_PARAMS);
    *equals = '\0';
    size_t k = d->device.params++;
    d->values[k] = ogi_alloc(s->m * s->n, sizeof(double));
    if (d->values[k] == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: parameters");
    d->device.param[k] = word;
    d->device.value[k] = d->values[k];
    og_status st = fill_values(d->values[k], s, word, equals + 1, err);
    if (st != OG_OK) return st;
  }
  return OG_OK;
}

og_status ogi_write_device_make(ogi_write_device *d, const og_write_study *s, og_error *err) {
  og_status st;
  size_t bytes;
  *d = (ogi_write_device){.device = {.name = s->subckt, .terminals = 2}};
  char *path = ogi_write_path(s, s->lib);
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: a path");
  OGI_TRY(st, ogi_file_read(&d->text, &bytes, path, (size_t)16 << 20, err));
  d->device.text = d->text;
  if (s->state[0] != '\0') {
    d->device.states = 1;
    d->device.state[0] = s->state;
  }
  st = read_params(d, s, err);
done:
  ogi_free(path);
  return st;
}

/* ---- the study ---- */

static og_status check_together(const og_write_study *s, og_error *err) {
  if (s->row >= s->m || s->column >= s->n)
    return ogi_fail(err, OG_E_RANGE, "drive.row, drive.column: saw (%zu,%zu), need a cell of the %zu x %zu array",
                    s->row, s->column, s->m, s->n);
  if ((s->scheme == OGI_WRITE_FILE) != (s->wave[0] != '\0'))
    return ogi_fail(err, OG_E_INPUT, "drive.wave: goes with drive.scheme: file");
  if (s->reference && s->spice != OGI_WRITE_ALL)
    return ogi_fail(err, OG_E_INPUT, "check.reference: yes: needs cells.spice: all");
  return OG_OK;
}

og_status og_write_study_load(og_write_study **out, const char *path, const char *const *sets, size_t count,
                              og_error *err) {
  og_status st;
  if (out != NULL) *out = NULL;
  if (out == NULL || path == NULL || (sets == NULL && count > 0))
    return ogi_fail(err, OG_E_ARG, "study: a needed pointer is NULL");
  og_write_study *s = ogi_alloc(1, sizeof *s);
  if (s == NULL) return ogi_fail(err, OG_E_NOMEM, "study");
  OGI_TRY(st, ogi_schema_read(s, ogi_write_keys, ogi_write_key_count, path, sets, count, err));
  const char *slash = strrchr(path, '/');
  snprintf(s->folder, sizeof s->folder, "%.*s", slash != NULL ? (int)(slash - path) : 1,
           slash == path   ? "/"
           : slash != NULL ? path
                           : ".");
  st = check_together(s, err);
  if (st != OG_OK) st = ogi_prefix(err, st, "%s", path);
done:
  if (st == OG_OK) *out = s;
  else ogi_free(s);
  return st;
}

void og_write_study_free(og_write_study *study) { ogi_free(study); }

og_status og_write_study_keys(FILE *stream, og_error *err) {
  if (stream == NULL) return ogi_fail(err, OG_E_ARG, "study: stream is NULL");
  ogi_schema_help(stream, ogi_write_keys, ogi_write_key_count);
  return OG_OK;
}
