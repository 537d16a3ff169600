/* SPDX-License-Identifier: BSD-3-Clause */
/** A write study, run. */
#include <config.h>

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_time.h"
#include "study/ogi_write.h"

/* All that a run works on. */
typedef struct job {
  const og_write_study *s;
  const og_write_opts *opts;
  og_array array;
  ogi_write_wave wave;
  ogi_write_device device;
  double *g;              /* m x n, NAN: of the subcircuit */
  unsigned char *compact; /* m x n, 1: as a compact model */
  og_write_results *r;
  og_error *err;
} job;

double ogi_write_step(const og_write_study *s) { return s->step_second > 0 ? s->step_second : s->stop_second / 500; }

int ogi_write_has_linear(const og_write_study *s) {
  return s->spice != OGI_WRITE_ALL && s->other == OGI_OTHER_LINEAR;
}

static int in_spice(const og_write_study *s, size_t i, size_t j) {
  if (s->spice == OGI_WRITE_ALL) return 1;
  if (s->spice == OGI_WRITE_NONE) return 0;
  if (s->spice == OGI_WRITE_CROSS) return i == s->row || j == s->column;
  return i == s->row && j == s->column;
}

/* Cells of three terminals hang between two lines of their column, gates on the word lines. */
static og_status check_terminals(job *b) {
  int verify = b->s->scheme == OGI_WRITE_VERIFY;
  if (verify != (b->device.device.terminals == 3))
    return ogi_fail(b->err, OG_E_INPUT, "cells: saw %zu terminals, need %d with drive.scheme: %s",
                    b->device.device.terminals, verify ? 3 : 2,
                    verify ? "verify" : "half, third, ground, file, pattern");
  if (verify) b->array.wiring = OG_WIRING_PARALLEL;
  const char *resume = b->opts->resume != NULL ? b->opts->resume : b->s->resume;
  if (verify && resume[0] != '\0')
    return ogi_fail(b->err, OG_E_INPUT, "resume: saw %s, need none with drive.scheme: verify: what came of its earlier "
                    "pulses is not in a checkpoint", resume);
  return OG_OK;
}

static og_status prepare(job *b) {
  og_status st;
  const og_write_study *s = b->s;
  og_write_results *r = b->r;
  size_t cells = s->m * s->n;
  og_array_init(&b->array, s->m, s->n);
  b->array.r_word_ohm = s->r_word_ohm;
  b->array.r_bit_ohm = s->r_bit_ohm;
  b->array.r_source_ohm = s->r_source_ohm;
  b->array.r_sense_ohm = s->r_sense_ohm;
  b->array.drive = (og_drive)s->drive;
  b->array.sense = (og_sense)s->sense;
  *r = (og_write_results){.m = s->m,
                          .n = s->n,
                          .row = s->row,
                          .column = s->column,
                          .change = NAN,
                          .disturb = NAN,
                          .selected_joule = NAN,
                          .unselected_joule = NAN,
                          .reference_error = NAN,
                          .compact_error = NAN,
                          .step_second = ogi_write_step(s),
                          .checkpoint_second = NAN,
                          .relaxation_error = NAN,
                          .one_cell = s->scheme != OGI_WRITE_PATTERN && s->scheme != OGI_WRITE_VERIFY};
  b->g = ogi_alloc(cells, sizeof *b->g);
  b->compact = ogi_alloc(cells, 1);
  if (b->g == NULL || b->compact == NULL) return ogi_fail(b->err, OG_E_NOMEM, "cosim: %zu cells", cells);
  for (size_t k = 0; k < cells; k++) {
    b->compact[k] = !in_spice(s, k / s->n, k % s->n);
    b->g[k] = b->compact[k] && s->other == OGI_OTHER_LINEAR ? s->native_siemens : NAN;
  }
  if (s->scheme != OGI_WRITE_VERIFY) OGI_TRY(st, ogi_write_wave_make(&b->wave, s, b->err));
  OGI_TRY(st, ogi_write_device_make(&b->device, s, b->opts->data_dir, b->err));
  OGI_TRY(st, check_terminals(b));
  if (s->frames > 0 && b->device.device.states == 0)
    st = ogi_fail(b->err, OG_E_INPUT, "report.frames: saw %zu, but the cells have no state", s->frames);
done:
  return st;
}

static og_status set_opts(const job *b, og_cosim_opts *o, og_cosim_checkpoint **from) {
  const og_write_study *s = b->s;
  og_cosim_opts_init(o);
  o->step_second = ogi_write_step(s);
  o->mismatch = s->mismatch;
  o->batch = s->batch;
  o->gate_ohm[0] = s->r_gate_ohm;
  o->gate_ohm[1] = s->r_gate_source_ohm;
  o->rescue = (og_cosim_rescue)s->rescue;
  o->compact = b->compact;
  o->spice.program = b->opts->spice_worker;
  o->spice.timeout_second = s->timeout_second;
  o->spice.progress = b->opts->progress;
  const char *name = b->opts->resume != NULL ? b->opts->resume : s->resume;
  if (name[0] == '\0') return OG_OK;
  char *path = b->opts->resume != NULL ? ogi_strdup(name) : ogi_write_path(s, name);
  if (path == NULL) return ogi_fail(b->err, OG_E_NOMEM, "cosim: a path");
  og_status st = og_cosim_checkpoint_load(from, path, b->err);
  o->from = *from;
  ogi_free(path);
  return st;
}

/*
 * The last good step (NULL: none is wanted), so that a failed run can be gone on with. Without one, that of another run
 * in the folder is removed.
 */
static og_status save_checkpoint(const job *b, const og_cosim_checkpoint *last, og_error *err) {
  og_status st = OG_OK;
  char *path = ogi_path_join(b->opts->out_dir, "checkpoint.csv");
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: a path");
  if (last != NULL) {
    st = og_cosim_checkpoint_save(path, last, err);
    if (st == OG_OK) b->r->checkpoint_second = og_cosim_checkpoint_second(last);
  } else if (unlink(path) != 0 && errno != ENOENT) {
    st = ogi_fail(err, OG_E_IO, "%s: an older checkpoint cannot be removed: %s", path, strerror(errno));
  }
  ogi_free(path);
  return st;
}

/* What was run, or how far it came; a failure to save hides no failure of the run. */
static og_status keep_last(const job *b, const og_cosim_checkpoint *last, og_status run) {
  og_error unsaved;
  if (b->opts->out_dir == NULL || (run != OG_OK && last == NULL)) return run;
  og_status saved = save_checkpoint(b, last, run == OG_OK ? b->err : &unsaved);
  return run == OG_OK ? saved : run;
}

static og_status simulate(job *b) {
  og_status st;
  og_cosim_opts o;
  og_cosim_checkpoint *from = NULL, *last = NULL;
  ogi_verify *verify = NULL;
  const og_wave wave = {.points = b->wave.points, .second = b->wave.second, .volt = b->wave.volt};
  og_cosim_drive drive = {.wave = &wave, .bit_volt = b->wave.bit_volt, .stop_second = b->s->stop_second};
  double begin = ogi_now();
  OGI_TRY(st, set_opts(b, &o, &from));
  o.joule = b->r->joule = ogi_alloc(b->r->m * b->r->n, sizeof *o.joule);
  if (o.joule == NULL) {
    st = ogi_fail(b->err, OG_E_NOMEM, "cosim: %zu cells", b->r->m * b->r->n);
    goto done;
  }
  if (b->s->scheme == OGI_WRITE_VERIFY) OGI_TRY(st, ogi_verify_begin(&verify, b->s, b->r, &drive, &o, b->err));
  if (b->opts->out_dir != NULL && verify == NULL) o.checkpoint = &last;
  st = og_cosim_run(&b->r->waves, &b->array, b->g, &b->device.device, &drive, &o, &b->r->info, b->err);
  b->r->wall_second = ogi_now() - begin;
  if (st == OG_OK && verify != NULL) st = ogi_verify_derive(b->r, b->err);
  st = keep_last(b, last, st);
  if (!ogi_write_has_linear(b->s)) b->r->info.linear_joule = 0; /* a difference of large numbers: rounding */
done:
  og_cosim_checkpoint_free(from);
  og_cosim_checkpoint_free(last);
  ogi_verify_free(verify);
  return st;
}

/* The same with compact models of all cells. */
static og_status simulate_compact(job *b) {
  og_status st;
  og_cosim_opts o;
  og_cosim_checkpoint *from = NULL;
  og_vectors *v = NULL;
  const og_wave wave = {.points = b->wave.points, .second = b->wave.second, .volt = b->wave.volt};
  const og_cosim_drive drive = {.wave = &wave, .bit_volt = b->wave.bit_volt, .stop_second = b->s->stop_second};
  double begin = ogi_now(), worst = 0;
  memset(b->compact, 1, b->s->m * b->s->n);
  OGI_TRY(st, set_opts(b, &o, &from));
  OGI_TRY(st, og_cosim_run(&v, &b->array, b->g, &b->device.device, &drive, &o, NULL, b->err));
  b->r->compact_second = ogi_now() - begin;
  for (size_t k = 0; k < v->count; k++) /* the same vectors in the same order */
    if (strncmp(v->name[k], "x_", 2) == 0)
      worst = fmax(worst,
                   fabs(og_vectors_at(v, k)[v->points - 1] - og_vectors_at(b->r->waves, k)[b->r->waves->points - 1]));
  b->r->compact_error = b->r->states > 0 ? worst : NAN;
done:
  og_vectors_free(v);
  og_cosim_checkpoint_free(from);
  return st == OG_OK ? st : ogi_prefix(b->err, st, "compact models");
}

/* What is wrong with results that are there and written. */
static og_status judge(const job *b) {
  const og_write_results *r = b->r;
  const og_write_range *f = &r->farthest;
  if (r->outside > 0)
    return ogi_fail(
        b->err, OG_E_TOLERANCE, "state %s of cell (%zu,%zu) at %.6g s: saw %.6g, need %g .. %g; %zu left their range",
        r->state[f->state], f->cell / r->n, f->cell % r->n, f->second, f->value, f->min, f->max, r->outside);
  if (r->unreached > 0)
    return ogi_fail(b->err, OG_E_TOLERANCE,
                    "verify: saw %zu of %zu columns below their level after %zu pulses, need 0: "
                    "more pulses (drive.pulses) or higher ones (drive.volt_step)",
                    r->unreached, r->n, r->verify_reads - 1);
  size_t beyond = 0;
  for (size_t j = 0; j < r->n && r->verify_reads > 0; j++)
    beyond += r->reached_amp[j] - r->target_amp[j] > b->s->level_tol * r->level_amp;
  if (beyond > 0)
    return ogi_fail(b->err, OG_E_TOLERANCE,
                    "verify: saw %zu of %zu columns above their level by more than %g of a level, need 0: a stronger "
                    "erase pulse (drive.erase_volt) or smaller steps (drive.volt_step)", beyond, r->n, b->s->level_tol);
  if (!(r->info.energy_balance <= b->s->balance_tol))
    return ogi_fail(b->err, OG_E_TOLERANCE,
                    "exchange: saw energies that differ by %.3g of all that passed the ports, need at most %g: shorter "
                    "steps (study.step_second)", r->info.energy_balance, b->s->balance_tol);
  if (b->s->compact && r->states > 0 && !(r->compact_error <= b->s->state_tol))
    return ogi_fail(b->err, OG_E_TOLERANCE, "state: saw a difference of %.3g from compact models, need at most %.3g",
                    r->compact_error, b->s->state_tol);
  if (b->s->reference && !(r->reference_error <= b->s->state_tol))
    return ogi_fail(b->err, OG_E_TOLERANCE, "state: saw a difference of %.3g from the reference, need at most %.3g",
                    r->reference_error, b->s->state_tol);
  if (b->s->relaxation && r->states > 0 && !(r->relaxation_error <= b->s->state_tol))
    return ogi_fail(b->err, OG_E_TOLERANCE,
                    "state: saw a difference of %.3g from waveform relaxation, need at most %.3g",
                    r->relaxation_error, b->s->state_tol);
  return OG_OK;
}

og_status og_write_study_run(og_write_results *results, const og_write_study *study, const og_write_opts *opts,
                             og_error *err) {
  static const og_write_opts defaults;
  og_status st;
  if (results == NULL || study == NULL) return ogi_fail(err, OG_E_ARG, "study: a needed pointer is NULL");
  *results = (og_write_results){.checkpoint_second = NAN};
  job b = {.s = study, .opts = opts != NULL ? opts : &defaults, .r = results, .err = err};
  OGI_TRY(st, prepare(&b));
  if (b.opts->out_dir != NULL) OGI_TRY(st, ogi_make_dir(b.opts->out_dir, err)); /* before minutes are spent */
  OGI_TRY(st, simulate(&b));
  OGI_TRY(st, ogi_write_measure(results, study, &b.array, &b.device, err));
  if (study->compact) OGI_TRY(st, simulate_compact(&b));
  if (study->reference) OGI_TRY(st, ogi_write_reference(results, study, b.opts, &b.array, &b.wave, &b.device, err));
  if (study->relaxation)
    OGI_TRY(st, ogi_write_relax(results, study, b.opts, &b.array, b.g, &b.wave, &b.device, err));
  if (b.opts->out_dir != NULL) OGI_TRY(st, ogi_write_report(results, study, b.opts->out_dir, err));
  st = judge(&b);
done:
  ogi_write_wave_clear(&b.wave);
  ogi_write_device_clear(&b.device);
  ogi_free(b.g);
  ogi_free(b.compact);
  if (st != OG_OK && st != OG_E_TOLERANCE) {
    double checkpoint = results->checkpoint_second, step = results->step_second;
    og_write_results_clear(results);
    results->checkpoint_second = checkpoint;
    results->step_second = step;
  }
  return st;
}

void og_write_results_clear(og_write_results *r) {
  if (r == NULL) return;
  og_vectors_free(r->waves);
  void *block[] = {r->state, r->start,      r->end,         r->low,      r->high, r->peak_volt,
                   r->joule, r->line_joule, r->read_second, r->read_amp, r->tau,  r->tau_error,
                   r->verify_volt, r->verify_amp, r->target_amp, r->reached_amp, r->verify_pulses};
  for (size_t k = 0; k < sizeof block / sizeof *block; k++) ogi_free(block[k]);
  *r = (og_write_results){0};
}
