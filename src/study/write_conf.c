/* SPDX-License-Identifier: BSD-3-Clause */
/** Keys of a write study. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stddef.h>
#include <string.h>

#include "base/ogi_mem.h"
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

    {"cells.device", OGI_KEY_TEXT, FIELD(card), "", 0, 500, NULL, "",
     "circuit device of two terminals: a name (ohmgrid device list), or the path of a card; else cells.lib"},
    {"cells.lib", OGI_KEY_TEXT, FIELD(lib), "", 0, 500, NULL, "",
     "file with the subcircuit of a cell, beside the study; else cells.device"},
    {"cells.subckt", OGI_KEY_TEXT, FIELD(subckt), "", 0, 60, NULL, "",
     "its name in cells.lib; pins: word side, bit side, states"},
    {"cells.state", OGI_KEY_TEXT, FIELD(state), "", 0, 200, NULL, "",
     "names of its pins from the third on, which are states; empty: there is none"},
    {"cells.params", OGI_KEY_TEXT, FIELD(params), "", 0, 500, NULL, "",
     "parameters of all cells, as in a deck: tau=200n w0=W.csv; a file holds m x n values"},
    {"cells.selector", OGI_KEY_TEXT, FIELD(selector), "", 0, 500, NULL, "",
     "circuit device in series on the word side of every cell, as cells.device; empty: none"},
    {"cells.selector_params", OGI_KEY_TEXT, FIELD(selector_params), "", 0, 500, NULL, "",
     "its parameters, as cells.params"},
    {"cells.spice", OGI_KEY_ENUM, FIELD(spice), "", 0, 0, "all|cross|selected", "all",
     "cells in ngspice: all, those of the selected lines, or the selected one"},
    {"cells.native_siemens", OGI_KEY_REAL, FIELD(native_siemens), "S", 0, 1e3, NULL, "1 uS",
     "of the other cells, linear"},

    {"drive.scheme", OGI_KEY_ENUM, FIELD(scheme), "", 0, 0, "half|third|ground|file|pattern", "half",
     "lines that are not selected get V/2; V/3 and 2V/3; 0 V; or all lines are in drive.wave or drive.pattern"},
    {"drive.wave", OGI_KEY_TEXT, FIELD(wave), "", 0, 500, NULL, "",
     "scheme file: lines of a time, m word line and n bit line voltages (.npy or CSV)"},
    {"drive.pattern", OGI_KEY_TEXT, FIELD(pattern), "", 0, 511, NULL, "",
     "scheme pattern: pulses LINE@START[*SHARE], as in \"w0@10n b2@60n*0.5\": SHARE of drive.volt on a word line, the "
     "negative of it on a bit line; or a file of such"},
    {"drive.row", OGI_KEY_SIZE, FIELD(row), "", 0, 4095, NULL, "0", "selected word line, from 0"},
    {"drive.column", OGI_KEY_SIZE, FIELD(column), "", 0, 4095, NULL, "0", "selected bit line, from 0"},
    {"drive.volt", OGI_KEY_REAL, FIELD(volt), "V", -100, 100, NULL, "1", "across the selected cell during a pulse"},
    {"drive.start_second", OGI_KEY_REAL, FIELD(start_second), "s", 1e-15, 1e3, NULL, "10 ns", "of the first pulse"},
    {"drive.edge_second", OGI_KEY_REAL, FIELD(edge_second), "s", 1e-15, 1e3, NULL, "1 ns", "rise and fall"},
    {"drive.width_second", OGI_KEY_REAL, FIELD(width_second), "s", 1e-15, 1e3, NULL, "50 ns", "between the edges"},
    {"drive.pulses", OGI_KEY_SIZE, FIELD(pulses), "", 1, 10000, NULL, "1", "how many"},
    {"drive.period_second", OGI_KEY_REAL, FIELD(period_second), "s", 1e-15, 1e3, NULL, "100 ns", "from pulse to pulse"},

    {"read.count", OGI_KEY_SIZE, FIELD(reads), "", 0, 10000, NULL, "0", "read pulses on all word lines; 0: none"},
    {"read.volt", OGI_KEY_REAL, FIELD(read_volt), "V", -10, 10, NULL, "10 mV", "bit lines stay at 0 V"},
    {"read.start_second", OGI_KEY_REAL, FIELD(read_start_second), "s", 0, 1e3, NULL, "0",
     "of the first; edges as drive.edge_second"},
    {"read.period_second", OGI_KEY_REAL, FIELD(read_period_second), "s", 1e-15, 1e3, NULL, "50 ns",
     "from read to read"},
    {"read.width_second", OGI_KEY_REAL, FIELD(read_width_second), "s", 1e-15, 1e3, NULL, "5 ns",
     "between the edges; currents are taken in the middle"},

    {"report.frames", OGI_KEY_SIZE, FIELD(frames), "", 0, 200, NULL, "0",
     "pictures of the map of the first state: state.gif, or state-001.svg on if gnuplot has no GIF; and frames.csv"},

    {"check.reference", OGI_KEY_ENUM, FIELD(reference), "", 0, 0, "no|yes", "no",
     "also solve the whole array as one deck in ngspice: slow above 16 x 16"},
    {"check.state_tol", OGI_KEY_REAL, FIELD(state_tol), "", 1e-9, 1, NULL, "0.003",
     "tolerated difference of a state at the end"},
    {"check.timeout_second", OGI_KEY_REAL, FIELD(timeout_second), "s", 1e-3, 1e9, NULL, "600", "of ngspice"},
};
const size_t ogi_write_key_count = sizeof ogi_write_keys / sizeof *ogi_write_keys;

/* ---- the study ---- */

static og_status check_together(const og_write_study *s, og_error *err) {
  if (s->row >= s->m || s->column >= s->n)
    return ogi_fail(err, OG_E_RANGE, "drive.row, drive.column: saw (%zu,%zu), need a cell of the %zu x %zu array",
                    s->row, s->column, s->m, s->n);
  if ((s->card[0] != '\0') == (s->lib[0] != '\0'))
    return ogi_fail(err, OG_E_INPUT, "cells.device, cells.lib: saw %s, need one of the two",
                    s->card[0] != '\0' ? "both" : "neither");
  if ((s->lib[0] != '\0') != (s->subckt[0] != '\0'))
    return ogi_fail(err, OG_E_INPUT, "cells.subckt: goes with cells.lib");
  if (s->lib[0] == '\0' && s->state[0] != '\0')
    return ogi_fail(err, OG_E_INPUT, "cells.state: goes with cells.lib; a card has states of its own");
  if (s->selector[0] == '\0' && s->selector_params[0] != '\0')
    return ogi_fail(err, OG_E_INPUT, "cells.selector_params: goes with cells.selector");
  if ((s->scheme == OGI_WRITE_FILE) != (s->wave[0] != '\0'))
    return ogi_fail(err, OG_E_INPUT, "drive.wave: goes with drive.scheme: file");
  if ((s->scheme == OGI_WRITE_PATTERN) != (s->pattern[0] != '\0'))
    return ogi_fail(err, OG_E_INPUT, "drive.pattern: goes with drive.scheme: pattern");
  if (s->reads > 0 && s->read_volt == 0)
    return ogi_fail(err, OG_E_RANGE, "read.volt: saw 0, need another value (volt)");
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
