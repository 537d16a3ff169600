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
    {"study.stop_second", OGI_KEY_REAL, FIELD(stop_second), "s", 0, 1e3, NULL, "0",
     "end of the run; needed but with drive.scheme: verify, which ends by itself"},
    {"study.step_second", OGI_KEY_REAL, FIELD(step_second), "s", 0, 1, NULL, "0",
     "longest step; 0: a 500th of the run"},
    {"study.mismatch", OGI_KEY_REAL, FIELD(mismatch), "", 0, 1, NULL, "0.01",
     "of a port voltage, relative to the largest drive, above which steps become shorter; 0: never"},
    {"study.resume", OGI_KEY_TEXT, FIELD(resume), "", 0, 500, NULL, "",
     "checkpoint.csv of a run of the same cells, to go on from; empty: from the beginning"},
    {"study.on_failure", OGI_KEY_ENUM, FIELD(rescue), "", 0, 0, "stop|smaller|compact", "stop",
     "where ngspice fails: stop; or go on from the last good step, with a quarter of the step, or with the cells of "
     "the session that failed as compact models"},

    {"array.m", OGI_KEY_SIZE, FIELD(m), "", 1, 4096, NULL, NULL, "word lines"},
    {"array.n", OGI_KEY_SIZE, FIELD(n), "", 1, 4096, NULL, NULL, "bit lines"},
    {"array.r_word_ohm", OGI_KEY_REAL, FIELD(r_word_ohm), "ohm", 0, 1e9, NULL, "1", "one word line segment"},
    {"array.r_bit_ohm", OGI_KEY_REAL, FIELD(r_bit_ohm), "ohm", 0, 1e9, NULL, "1", "one bit line segment"},
    {"array.r_source_ohm", OGI_KEY_REAL, FIELD(r_source_ohm), "ohm", 0, 1e9, NULL, "0", "driver output resistance"},
    {"array.r_sense_ohm", OGI_KEY_REAL, FIELD(r_sense_ohm), "ohm", 0, 1e9, NULL, "0", "of the bit line terminals"},
    {"array.r_gate_ohm", OGI_KEY_REAL, FIELD(r_gate_ohm), "ohm", 0, 1e9, NULL, "1",
     "one word line segment where cells have three terminals; r_word_ohm is then that of the driven lines of the "
     "columns"},
    {"array.r_gate_source_ohm", OGI_KEY_REAL, FIELD(r_gate_source_ohm), "ohm", 0, 1e9, NULL, "0", "their drivers"},
    {"array.drive", OGI_KEY_ENUM, FIELD(drive), "", 0, 0, "left|right|both", "left", "driven ends of the word lines"},
    {"array.sense", OGI_KEY_ENUM, FIELD(sense), "", 0, 0, "bottom|top|both", "bottom", "held ends of the bit lines"},

    {"cells.device", OGI_KEY_TEXT, FIELD(card), "", 0, 500, NULL, "",
     "circuit device of two terminals (drive.scheme: verify: of three): a name (ohmgrid device list), or the path of "
     "a card; else cells.lib"},
    {"cells.lib", OGI_KEY_TEXT, FIELD(lib), "", 0, 500, NULL, "",
     "file with the subcircuit of a cell, beside the study; else cells.device"},
    {"cells.subckt", OGI_KEY_TEXT, FIELD(subckt), "", 0, 60, NULL, "",
     "its name in cells.lib; pins: word side, bit side, states (verify: drain, gate, source, states)"},
    {"cells.state", OGI_KEY_TEXT, FIELD(state), "", 0, 200, NULL, "",
     "names of its last pins, which are states; empty: there is none"},
    {"cells.params", OGI_KEY_TEXT, FIELD(params), "", 0, 500, NULL, "",
     "parameters of all cells, as in a deck: tau=200n w0=W.csv; a file holds m x n values"},
    {"cells.selector", OGI_KEY_TEXT, FIELD(selector), "", 0, 500, NULL, "",
     "circuit device in series on the word side of every cell, as cells.device; empty: none"},
    {"cells.selector_params", OGI_KEY_TEXT, FIELD(selector_params), "", 0, 500, NULL, "",
     "its parameters, as cells.params"},
    {"cells.spice", OGI_KEY_ENUM, FIELD(spice), "", 0, 0, "all|cross|selected|none", "all",
     "cells in ngspice: all, those of the selected lines, the selected one, or none"},
    {"cells.other", OGI_KEY_ENUM, FIELD(other), "", 0, 0, "linear|compact", "linear",
     "the other cells: linear resistors, or compact models of the same subcircuit"},
    {"cells.batch", OGI_KEY_SIZE, FIELD(batch), "", 0, 100000, NULL, "0",
     "cells of one ngspice session; 0: 256, but no more than 16 sessions"},
    {"cells.native_siemens", OGI_KEY_REAL, FIELD(native_siemens), "S", 0, 1e3, NULL, "1 uS",
     "of the other cells where they are linear"},

    {"drive.scheme", OGI_KEY_ENUM, FIELD(scheme), "", 0, 0, "half|third|ground|file|pattern|verify", "half",
     "lines that are not selected get V/2; V/3 and 2V/3; 0 V; or all lines are in drive.wave or drive.pattern; or "
     "write-verify of drive.row with cells of three terminals"},
    {"drive.wave", OGI_KEY_TEXT, FIELD(wave), "", 0, 500, NULL, "",
     "scheme file: lines of a time, m word line and n bit line voltages (.npy or CSV)"},
    {"drive.pattern", OGI_KEY_TEXT, FIELD(pattern), "", 0, 511, NULL, "",
     "scheme pattern: pulses LINE@START[*SHARE], as in \"w0@10n b2@60n*0.5\": SHARE of drive.volt on a word line, the "
     "negative of it on a bit line; or a file of such"},
    {"drive.row", OGI_KEY_SIZE, FIELD(row), "", 0, 4095, NULL, "0", "selected word line, from 0"},
    {"drive.column", OGI_KEY_SIZE, FIELD(column), "", 0, 4095, NULL, "0", "selected bit line, from 0"},
    {"drive.volt", OGI_KEY_REAL, FIELD(volt), "V", -100, 100, NULL, "1",
     "across the selected cell during a pulse; verify: of the first program pulse"},
    {"drive.start_second", OGI_KEY_REAL, FIELD(start_second), "s", 1e-15, 1e3, NULL, "10 ns", "of the first pulse"},
    {"drive.edge_second", OGI_KEY_REAL, FIELD(edge_second), "s", 1e-15, 1e3, NULL, "1 ns", "rise and fall"},
    {"drive.width_second", OGI_KEY_REAL, FIELD(width_second), "s", 1e-15, 1e3, NULL, "50 ns", "between the edges"},
    {"drive.pulses", OGI_KEY_SIZE, FIELD(pulses), "", 1, 10000, NULL, "1", "how many; verify: at most"},
    {"drive.period_second", OGI_KEY_REAL, FIELD(period_second), "s", 1e-15, 1e3, NULL, "100 ns",
     "from pulse to pulse"},
    {"drive.volt_step", OGI_KEY_REAL, FIELD(volt_step), "V", 0, 100, NULL, "0.1 V", "verify: from pulse to pulse"},
    {"drive.inhibit", OGI_KEY_REAL, FIELD(inhibit), "", 0, 1, NULL, "0.5",
     "verify: share of the pulse that both lines of a finished column get"},
    {"drive.erase_volt", OGI_KEY_REAL, FIELD(erase_volt), "V", -100, 100, NULL, "-5 V", "verify: first of all"},
    {"drive.erase_width_second", OGI_KEY_REAL, FIELD(erase_width_second), "s", 1e-15, 1e3, NULL, "1 us", "its width"},

    {"verify.levels", OGI_KEY_SIZE, FIELD(levels), "", 2, 1024, NULL, "8",
     "column j is written to level j modulo levels"},
    {"verify.target_min_amp", OGI_KEY_REAL, FIELD(target_min_amp), "A", 0, 1, NULL, "0",
     "current of the lowest level"},
    {"verify.target_max_amp", OGI_KEY_REAL, FIELD(target_max_amp), "A", 0, 1, NULL, "10 uA",
     "of the highest; the others lie evenly between"},
    {"verify.tolerance", OGI_KEY_REAL, FIELD(level_tol), "", 0, 1e6, NULL, "0.5",
     "of the distance from level to level, by which a column may end above its own"},

    {"read.count", OGI_KEY_SIZE, FIELD(reads), "", 0, 10000, NULL, "0", "read pulses on all word lines; 0: none"},
    {"read.volt", OGI_KEY_REAL, FIELD(read_volt), "V", -10, 10, NULL, "10 mV",
     "bit lines stay at 0 V; verify: of the driven lines"},
    {"read.gate_volt", OGI_KEY_REAL, FIELD(read_gate_volt), "V", -10, 10, NULL, "1 V",
     "verify: of the selected gates"},
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
    {"check.compact", OGI_KEY_ENUM, FIELD(compact), "", 0, 0, "no|yes", "no",
     "also run the study with compact models of all cells: error and speed"},
    {"check.relaxation", OGI_KEY_ENUM, FIELD(relaxation), "", 0, 0, "no|yes", "no",
     "also solve the study by waveform relaxation with compact models, at half of the step: nothing is foretold there"},
    {"check.balance_tol", OGI_KEY_REAL, FIELD(balance_tol), "", 1e-9, 10, NULL, "0.02",
     "tolerated gap between energy delivered and energy taken by cells and wires, of all that passed the ports"},
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
  int verify = s->scheme == OGI_WRITE_VERIFY;
  if (!verify && !(s->stop_second > 0))
    return ogi_fail(err, OG_E_RANGE, "study.stop_second: saw %g, need more than 0 (second)", s->stop_second);
  if (verify && (s->selector[0] != '\0' || s->reads > 0 || s->reference))
    return ogi_fail(err, OG_E_INPUT,
                    "drive.scheme: verify: saw cells.selector, read.count or check.reference, need none of them");
  if (verify && !(s->target_max_amp > s->target_min_amp))
    return ogi_fail(err, OG_E_RANGE, "verify.target_max_amp: saw %g, need more than verify.target_min_amp, %g (ampere)",
                    s->target_max_amp, s->target_min_amp);
  if (verify && ogi_write_has_linear(s))
    return ogi_fail(err, OG_E_INPUT, "cells.other: linear: needs cells.spice: all with drive.scheme: verify");
  if (s->spice == OGI_WRITE_NONE && s->other != OGI_OTHER_COMPACT)
    return ogi_fail(err, OG_E_INPUT, "cells.spice: none: needs cells.other: compact");
  if (s->compact && (s->spice != OGI_WRITE_ALL || verify))
    return ogi_fail(err, OG_E_INPUT, "check.compact: yes: needs cells.spice: all, and another scheme than verify");
  if (s->relaxation && (verify || s->resume[0] != '\0'))
    return ogi_fail(err, OG_E_INPUT, "check.relaxation: yes: needs another scheme than verify, and no study.resume");
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
