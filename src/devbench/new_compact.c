/* SPDX-License-Identifier: BSD-3-Clause */
/** The compact model of a new device: does it compile, and how far is it from ngspice on the runs of the grid? */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <ohmgrid/compact.h>

#include "base/ogi_mem.h"
#include "devbench/ogi_devnew.h"

/*
 * A run of ngspice is replayed with its own voltages and time points: between two of them the source is a straight
 * line in both. The model stands behind a resistance that takes a millionth of the voltage.
 */
static const double share_of_resistance = 1e-6;
static const double replay_rtol = 1e-6; /* [-] of a step, next to the 1e-7 of these runs */
/* [-] of the peak over all runs: least peak of a run, next to the absolute tolerances of ngspice */
static const double least_peak = 1e-3;
static const double least_amp = 1e-15;  /* [A] a terminal without current shall have a finite resistance */
static const double corner_bend = 1e-3; /* [-] change of the source's slope that is a corner, of volt over width */
static const double corner_time = 1e-4; /* [-] of the width, behind a corner */

/* One replay under way: the model has one cell. */
typedef struct replay {
  const og_compact *model;
  const ogi_new_source *s;
  const og_device_new_opts *o;
  og_vectors *const *run; /* all that there are: OGI_NEW_BIASES */
  const og_vectors *v;    /* the one that is replayed */
  size_t ports, unknowns;
  double *y; /* unknowns */
  double from[OG_CELL_PORTS], to[OG_CELL_PORTS], ohm[OG_CELL_PORTS], volt[OG_CELL_PORTS], amp[OG_CELL_PORTS];
  double state[OG_CELL_STATES], state_peak[OG_CELL_STATES], amp_peak[OG_CELL_PORTS];
  double quiet_until; /* [s] currents are not compared up to here */
} replay;

/* ---- vectors of ngspice ---- */

static const double *vector(const og_vectors *v, const char *name) {
  size_t k = og_vectors_find(v, name);
  return k < v->count ? og_vectors_at(v, k) : NULL;
}

/* Voltage of a terminal, and current into it: of the driven one, and of others where there are more than two. */
static double port_volt(const replay *r, size_t port, size_t point) {
  char drive[80];
  ogi_new_drive(drive, r->s);
  if (port == r->o->drive) return vector(r->v, drive)[point];
  return port == r->o->ground ? 0 : r->o->hold_volt;
}

/* Name of the current of a terminal. @return its sign: of a source it is positive into the first node */
static double name_amp(char name[40], const og_device_new_opts *o, size_t port) {
  if (port == o->drive) snprintf(name, 40, "vi#branch");
  else snprintf(name, 40, "vt%zu#branch", port + 1);
  return port == o->drive ? 1 : -1;
}

static double peak(const og_vectors *v, const char *name) {
  double most = 0;
  const double *x = vector(v, name);
  for (size_t k = 0; k < v->points; k++) most = fmax(most, fabs(x[k]));
  return most;
}

/* What deviations of this run are relative to: its own peak, but some part of that of all. */
static double scale_of(const replay *r, const char *name) {
  double most = 0;
  for (size_t k = 0; k < OGI_NEW_BIASES; k++)
    if (r->run[k] != NULL) most = fmax(most, peak(r->run[k], name));
  return fmax(peak(r->v, name), least_peak * most);
}

/* ---- one run ---- */

/* All waves begin at time 0 with 0 V. */
static og_status begin(replay *r, og_error *err) {
  char name[40];
  for (size_t k = 0; k < r->s->states; k++) r->state_peak[k] = scale_of(r, r->s->pin[r->s->terminals + k]);
  for (size_t p = 0; p < r->ports; p++) {
    name_amp(name, r->o, p);
    r->amp_peak[p] = scale_of(r, name);
    r->from[p] = r->volt[p] = p == r->o->drive ? 0 : port_volt(r, p, 0);
    r->amp[p] = 0;
    r->ohm[p] = share_of_resistance * r->o->volt / fmax(r->amp_peak[p], least_amp);
  }
  r->quiet_until = corner_time * r->o->width_second;
  return og_compact_start(r->model, r->y, err);
}

static og_status advance(replay *r, size_t point, og_error *err) {
  const double *t = og_vectors_at(r->v, 0);
  for (size_t p = 0; p < r->ports; p++) r->to[p] = port_volt(r, p, point);
  const og_compact_step step = {.dt_second = t[point] - (point > 0 ? t[point - 1] : 0),
                                .rtol = replay_rtol,
                                .count = 1,
                                .ohm = r->ohm,
                                .from = r->from,
                                .to = r->to,
                                .y = r->y,
                                .v = r->volt,
                                .i = r->amp};
  og_status st = step.dt_second > 0 ? og_compact_advance(r->model, &step, NULL, err) : OG_OK;
  memcpy(r->from, r->to, sizeof r->from);
  return st;
}

/*
 * At a corner of the source the current of a capacitor jumps, so that either value is right, and the resistance needs a
 * moment: points at and shortly behind a corner are passed over. @return 1 if this is one
 */
static int pass_corner(replay *r, size_t point) {
  const double *t = og_vectors_at(r->v, 0), steep = r->o->volt / r->o->width_second; /* [V/s] */
  if (point + 1 >= r->v->points) return 1;
  double before = port_volt(r, r->o->drive, point) - port_volt(r, r->o->drive, point - 1);
  double after = port_volt(r, r->o->drive, point + 1) - port_volt(r, r->o->drive, point);
  double bend = after / (t[point + 1] - t[point]) - before / (t[point] - t[point - 1]);
  if (fabs(bend) > corner_bend * steep) r->quiet_until = t[point] + corner_time * r->o->width_second;
  return t[point] <= r->quiet_until;
}

static double relative(double off, double scale) { return scale > 0 ? fabs(off) / scale : fabs(off); }

static og_status compare(replay *r, size_t point, og_device_new_fit *fit, og_error *err) {
  char name[40];
  int quiet = pass_corner(r, point);
  og_status st = r->s->states > 0 ? og_compact_states(r->model, 0, 1, r->volt, r->y, r->state, err) : OG_OK;
  for (size_t k = 0; k < r->s->states && st == OG_OK; k++) {
    double off = r->state[k] - vector(r->v, r->s->pin[r->s->terminals + k])[point];
    fit->state_deviation = fmax(fit->state_deviation, relative(off, r->state_peak[k]));
  }
  for (size_t p = 0; p < r->ports && st == OG_OK && !quiet; p++) {
    double sign = name_amp(name, r->o, p), off = r->amp[p] - sign * vector(r->v, name)[point];
    fit->current_deviation = fmax(fit->current_deviation, relative(off, r->amp_peak[p]));
  }
  return st;
}

static og_status replay_run(replay *r, og_device_new_fit *fit, og_error *err) {
  og_status st;
  OGI_TRY(st, begin(r, err));
  for (size_t point = 0; point < r->v->points; point++) {
    OGI_TRY(st, advance(r, point, err));
    if (point > 0) OGI_TRY(st, compare(r, point, fit, err));
  }
done:
  return st;
}

/* ---- all runs ---- */

static og_status compile(og_compact **model, const ogi_new_source *s, og_error *err) {
  og_cell_circuit c = {.name = s->subckt, .text = s->text, .terminals = s->terminals, .states = s->states};
  if (s->terminals > OG_CELL_PORTS || s->states > OG_CELL_STATES || s->params > OG_CELL_PARAMS)
    return ogi_fail(err, OG_E_RANGE, "saw %zu terminals, %zu states and %zu parameters, need at most %d, %d and %d",
                    s->terminals, s->states, s->params, OG_CELL_PORTS, OG_CELL_STATES, OG_CELL_PARAMS);
  c.params = s->params;
  for (size_t k = 0; k < s->states; k++) c.state[k] = s->pin[s->terminals + k];
  for (size_t k = 0; k < s->params; k++) {
    c.param[k] = s->param[k];
    c.value[k] = &s->value[k];
  }
  return og_compact_create(model, &c, 1, err);
}

static og_status replay_all(og_device_new_report *r, const og_device_new_opts *opts, const og_compact *model,
                            og_error *err) {
  og_status st = OG_OK;
  size_t replayed = 0;
  replay one = {.model = model, .s = &r->inner->source, .o = opts, .run = r->inner->run};
  og_device_new_fit fit = r->fit;
  one.ports = og_compact_ports(model);
  one.unknowns = og_compact_unknowns(model);
  one.y = ogi_alloc(one.unknowns, sizeof *one.y);
  if (one.y == NULL) return ogi_fail(err, OG_E_NOMEM, "new device: compact model");
  for (size_t k = 0; k < OGI_NEW_BIASES; k++) {
    if ((one.v = r->inner->run[k]) == NULL) continue;
    replayed++;
    st = replay_run(&one, &fit, err);
    if (st != OG_OK) {
      st = ogi_prefix(err, st, "%s", r->run[k].bias);
      break;
    }
  }
  if (st == OG_OK && replayed > 0) r->fit = fit;
  if (st == OG_OK && replayed == 0)
    st = ogi_fail(err, OG_E_EXTERN, "no run in ngspice with the default parameters to compare with");
  ogi_free(one.y);
  return st;
}

og_status ogi_new_fit_compact(og_device_new_report *r, const og_device_new_opts *opts, og_error *err) {
  og_error own = {0};
  og_compact *model = NULL;
  og_status st = compile(&model, &r->inner->source, &own);
  r->fit.compiled = st == OG_OK;
  if (st == OG_OK) st = replay_all(r, opts, model, &own);
  og_compact_free(model);
  if (st == OG_E_NOMEM) return ogi_fail(err, st, "%s", own.text);
  snprintf(r->fit.compact_why, sizeof r->fit.compact_why, "%.399s", st != OG_OK ? own.text : "");
  return OG_OK;
}
