/* SPDX-License-Identifier: BSD-3-Clause */
/** The array here, its cells in ngspice, currents and potentials exchanged on every accepted step. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/cell.h>
#include <ohmgrid/cosim.h>
#include <ohmgrid/deck.h>
#include <ohmgrid/nonlinear.h>

#include "base/ogi_file.h"
#include "base/ogi_list.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "cosim/ogi_spice.h"

#define SMALL 1e-3      /* of the largest drive: below, i / v says nothing about a cell */
#define NOTHING 1e-14   /* of the current at the largest drive: what decays must not reach the smallest numbers */
#define STEP_FLOOR 1e-2 /* of the longest step: the shortest that the mismatch asks for */
#define GROWTH 0.2      /* most by which a conductance is extrapolated */
#define LEAST_G 1e-15   /* [S] so that every port is part of the array */
#define NAME_ROOM 64

void og_cosim_opts_init(og_cosim_opts *opts) {
  *opts = (og_cosim_opts){.mismatch = 1e-2, .start_siemens = 1e-6};
  og_spice_opts_init(&opts->spice);
}

/* A cell in ngspice. */
typedef struct port {
  size_t cell;        /* i n + j */
  double ohm;         /* of the companion */
  double volt, amp;   /* as they came at the last accepted point */
  double foretold_volt, foretold_amp; /* for the end of the step under way */
  double g, before, earlier; /* chord conductance there and at the two points before [S] */
  double source;      /* what ngspice gets [V] */
} port;

typedef struct run {
  const og_array *array;
  const double *native;   /* m x n, NAN: in ngspice */
  const og_cosim_device *device;
  const og_wave *wave;
  const og_cosim_opts *opts;
  og_cosim_info *info;
  size_t cells, sources;
  port *port;
  size_t ports;
  double *g, *beside;     /* of all cells: i = g v + beside */
  double *drive, *held, *word, *bit, *i_out; /* held: bit line terminals */
  og_cell *law;
  og_nonlinear *solver;
  og_nonlinear_info solved; /* for the end of the step under way */
  double now, dt, dt_before; /* [s] last accepted point, the step to it, the one before */
  double largest;         /* [V] drive so far */
  double step;            /* that the mismatch allows [s] */
  double foretold_joule, real_joule, sum_joule, last_delivered, last_wires, last_foretold;
  OGI_LIST(double) row;
  size_t width;
  og_status failed;       /* inside of the callback, which has words of its own: ngspice's would replace them */
  og_error why;
  og_error *err;
} run;

/* ---- the array ---- */

static int chord_law(void *user, size_t first, size_t count, const double *g, const double *v, double *i,
                     double *slope) {
  const run *r = user;
  for (size_t k = 0; k < count; k++) {
    i[k] = g[k] * v[k] + r->beside[first + k];
    slope[k] = g[k];
  }
  return 0;
}

/* Straight lines between points, constant after the last [V]. values: points x count. */
static void interpolate(const og_wave *w, double t, const double *values, size_t count, double *to) {
  size_t k = 0;
  while (k < w->points && w->second[k] <= t) k++;
  const double *from = values + (k > 0 ? k - 1 : 0) * count, *next = values + ogi_min_size(k, w->points - 1) * count;
  double share = k > 0 && k < w->points ? (t - w->second[k - 1]) / (w->second[k] - w->second[k - 1]) : 0;
  for (size_t s = 0; s < count; s++) to[s] = from[s] + share * (next[s] - from[s]);
}

static void drive_at(run *r, double second) {
  double t = second + r->wave->second[0];
  interpolate(r->wave, t, r->wave->volt, r->sources, r->drive);
  if (r->opts->bit_volt != NULL) interpolate(r->wave, t, r->opts->bit_volt, r->array->n, r->held);
  else if (r->wave->sense_volt != NULL) memcpy(r->held, r->wave->sense_volt, r->array->n * sizeof *r->held);
  for (size_t s = 0; s < r->sources; s++) r->largest = fmax(r->largest, fabs(r->drive[s]));
  for (size_t j = 0; j < r->array->n; j++) r->largest = fmax(r->largest, fabs(r->held[j]));
}

/* How much a chord conductance changes over the next step: the parabola through its last three values. */
static double extrapolate(const run *r, const port *p, double dt) {
  if (!(r->dt > 0)) return 0;
  double slope = (p->g - p->before) / r->dt;
  if (!(r->dt_before > 0)) return slope * dt;
  double bend = (slope - (p->before - p->earlier) / r->dt_before) / (r->dt + r->dt_before);
  return slope * dt + bend * dt * (dt + r->dt);
}

/* What every port will have at a time, dt after the last accepted point, and what ngspice is to hold against it. */
static og_status foretell(run *r, double second, double dt) {
  og_status st;
  drive_at(r, second);
  for (size_t k = 0; k < r->ports; k++) {
    port *p = &r->port[k];
    double growth = extrapolate(r, p, dt);
    double g = p->g + fmax(-GROWTH * p->g, fmin(GROWTH * p->g, growth));
    r->g[p->cell] = fmax(g, LEAST_G);
  }
  OGI_TRY(st, og_nonlinear_set_cells(r->solver, r->g, r->err));
  OGI_TRY(st, og_nonlinear_dc(r->solver, r->drive, r->held, 1, r->i_out, r->word, r->bit, &r->solved, r->err));
  for (size_t k = 0; k < r->ports; k++) {
    port *p = &r->port[k];
    p->foretold_volt = r->word[p->cell] - r->bit[p->cell];
    p->foretold_amp = r->g[p->cell] * p->foretold_volt + r->beside[p->cell];
    p->source = p->foretold_volt + p->ohm * p->foretold_amp;
  }
done:
  return st;
}

/* ---- what came back ---- */

/* Chord of a port from its voltage and current; near 0 V the last chord stays, and the rest is a current beside it. */
static void take_chord(run *r, port *p) {
  double chord = p->amp / p->volt;
  p->earlier = p->before;
  p->before = p->g;
  int good = r->largest > 0 && fabs(p->volt) > SMALL * r->largest && chord > 0 && isfinite(chord);
  if (good) p->g = chord;
  double beside = good ? 0 : p->amp - p->g * p->volt;
  r->beside[p->cell] = fabs(beside) > NOTHING * p->g * r->largest ? beside : 0;
}

/* Trapezoids of power over the step that ended [J]. */
static void add_energy(run *r, double dt) {
  double foretold = 0;
  for (size_t k = 0; k < r->ports; k++) foretold += r->port[k].foretold_volt * r->port[k].foretold_amp;
  double half = 0.5 * dt;
  r->info->delivered_joule += half * (r->last_delivered + r->solved.power_watt);
  r->info->wires_joule += half * (r->last_wires + r->solved.power_wires_watt);
  r->foretold_joule += half * (r->last_foretold + foretold);
  r->last_delivered = r->solved.power_watt;
  r->last_wires = r->solved.power_wires_watt;
  r->last_foretold = foretold;
}

/* watched: branch currents of the port sources (positive into the source), then states. */
static og_status accept(run *r, double second, const double *watched) {
  double dt = second - r->now, worst = 0, power_before = 0, power = 0, sum = 0;
  for (size_t k = 0; k < r->ports; k++) {
    port *p = &r->port[k];
    power_before += p->volt * p->amp;
    sum += fabs(p->volt * p->amp);
    p->amp = -watched[k];
    p->volt = p->source - p->ohm * p->amp;
    power += p->volt * p->amp;
    sum += fabs(p->volt * p->amp);
    worst = fmax(worst, fabs(p->volt - p->foretold_volt));
    take_chord(r, p);
  }
  double relative = r->largest > 0 ? worst / r->largest : 0;
  r->info->mismatch = fmax(r->info->mismatch, relative);
  r->real_joule += 0.5 * dt * (power_before + power);
  r->sum_joule += 0.5 * dt * sum;
  add_energy(r, dt);
  if (r->opts->mismatch > 0 && relative > 0)
    r->step = fmin(r->step * fmax(0.3, fmin(1.5, 0.8 * r->opts->mismatch / relative)), r->opts->step_second);
  r->step = fmax(r->step, STEP_FLOOR * r->opts->step_second); /* what no shorter step cures is reported, not chased */
  r->dt_before = r->dt;
  r->dt = dt;
  r->now = second;
  if (dt > 0) r->info->steps++;
  while (r->row.room < r->row.count + r->width)
    if (!ogi_list_grow(&r->row, sizeof *r->row.item)) return ogi_fail(r->err, OG_E_NOMEM, "cosim: results");
  double *to = r->row.item + r->row.count;
  r->row.count += r->width;
  *to++ = second + r->wave->second[0];
  for (size_t j = 0; j < r->array->n; j++) *to++ = r->i_out[j];
  for (size_t k = 0; k < r->ports; k++) {
    *to++ = r->port[k].volt;
    *to++ = r->port[k].amp;
    for (size_t s = 0; s < r->device->states; s++) *to++ = watched[r->ports + k * r->device->states + s];
  }
  return OG_OK;
}

/* Before every step of ngspice. */
static int exchange(void *user, og_spice_step *step) {
  run *r = user;
  og_error *outside = r->err;
  int first = isnan(step->watched[0]);
  r->err = &r->why;
  if (!first && !step->redo) r->failed = accept(r, step->time_second, step->watched);
  if (step->redo) r->info->redone++;
  double dt = step->dt_second;
  if (r->failed == OG_OK && !step->redo && dt > r->step) step->dt_second = dt = r->step;
  if (r->failed == OG_OK) r->failed = foretell(r, step->time_second + dt, dt);
  for (size_t k = 0; k < r->ports; k++) step->values[k] = r->port[k].source;
  r->err = outside;
  return r->failed != OG_OK;
}

/* ---- the deck of the cells ---- */

static void write_cells(const run *r, FILE *out) {
  ogi_locale locale;
  size_t n = r->array->n;
  ogi_locale_begin(&locale);
  fprintf(out, "cells of an array\n%s\n", r->device->text);
  for (size_t k = 0; k < r->ports; k++) {
    size_t i = r->port[k].cell / n, j = r->port[k].cell % n;
    fprintf(out, "vp_%zu_%zu t_%zu_%zu 0 external\nrp_%zu_%zu t_%zu_%zu p_%zu_%zu %.17g\nx_%zu_%zu p_%zu_%zu 0", i, j,
            i, j, i, j, i, j, i, j, r->port[k].ohm, i, j, i, j);
    for (size_t s = 0; s < r->device->states; s++) fprintf(out, " q_%zu_%zu_%zu", i, j, s);
    fprintf(out, " %s", r->device->name);
    for (size_t p = 0; p < r->device->params; p++)
      fprintf(out, " %s=%.17g", r->device->param[p], r->device->value[p][r->port[k].cell]);
    fputc('\n', out);
  }
  fputs(".options reltol=1e-4 trtol=1\n.end\n", out);
  ogi_locale_end(&locale);
}

static og_status load(const run *r, og_spice *s) {
  char *text = NULL;
  size_t bytes = 0;
  og_deck *deck = NULL;
  FILE *out = open_memstream(&text, &bytes);
  if (out == NULL) return ogi_fail(r->err, OG_E_NOMEM, "cosim: the cells as text");
  write_cells(r, out);
  int full = ferror(out);
  og_status st = fclose(out) != 0 || full ? ogi_fail(r->err, OG_E_NOMEM, "cosim: the cells as text") : OG_OK;
  if (st == OG_OK) st = og_deck_parse(&deck, "cells", text, bytes, NULL, r->err);
  if (st == OG_OK) st = og_spice_load(s, deck, r->err);
  og_deck_free(deck);
  free(text); /* open_memstream's own */
  return st;
}

/* Names of the port sources, and of what is watched: their currents, then the states. */
typedef struct names {
  char *text;
  const char **source, **watch;
  size_t watched;
} names;

static void names_clear(names *n) {
  ogi_free(n->text);
  ogi_free(n->source);
  ogi_free(n->watch);
}

static og_status names_make(const run *r, names *n) {
  size_t states = r->device->states, columns = r->array->n;
  n->watched = r->ports * (1 + states);
  n->text = ogi_alloc(r->ports + n->watched, NAME_ROOM);
  n->source = ogi_alloc(r->ports, sizeof *n->source);
  n->watch = ogi_alloc(n->watched, sizeof *n->watch);
  if (!n->text || !n->source || !n->watch) return ogi_fail(r->err, OG_E_NOMEM, "cosim: %zu names", n->watched);
  for (size_t k = 0; k < r->ports; k++) {
    size_t i = r->port[k].cell / columns, j = r->port[k].cell % columns;
    char *source = n->text + k * NAME_ROOM, *branch = n->text + (r->ports + k) * NAME_ROOM;
    snprintf(source, NAME_ROOM, "vp_%u_%u", (unsigned)i, (unsigned)j);
    snprintf(branch, NAME_ROOM, "vp_%u_%u#branch", (unsigned)i, (unsigned)j);
    n->source[k] = source;
    n->watch[k] = branch;
    for (size_t s = 0; s < states; s++) {
      char *state = n->text + (2 * r->ports + k * states + s) * NAME_ROOM;
      snprintf(state, NAME_ROOM, "q_%u_%u_%u", (unsigned)i, (unsigned)j, (unsigned)s);
      n->watch[r->ports + k * states + s] = state;
    }
  }
  return OG_OK;
}

/* ---- the run ---- */

static og_status check(const run *r, double stop) {
  const og_wave *w = r->wave;
  og_status st = og_array_check(r->array, r->err);
  if (st != OG_OK) return st;
  if (w->points == 0 || w->second == NULL || w->volt == NULL)
    return ogi_fail(r->err, OG_E_ARG, "cosim: the wave has no point");
  for (size_t k = 0; k < w->points; k++)
    if (!isfinite(w->second[k]) || (k > 0 && !(w->second[k] > w->second[k - 1])))
      return ogi_fail(r->err, OG_E_RANGE, "cosim: wave: time %zu: saw %g, need finite and ascending (second)", k,
                      w->second[k]);
  if (!(stop > w->second[0] && isfinite(stop)))
    return ogi_fail(r->err, OG_E_RANGE, "cosim: stop: saw %g, need more than %g (second)", stop, w->second[0]);
  if (!(r->opts->start_siemens > 0))
    return ogi_fail(r->err, OG_E_RANGE, "cosim: start_siemens: saw %g, need more than 0 (siemens)",
                    r->opts->start_siemens);
  if (!(r->opts->mismatch >= 0))
    return ogi_fail(r->err, OG_E_RANGE, "cosim: mismatch: saw %g, need 0 or more", r->opts->mismatch);
  if (r->device->states > OG_COSIM_STATES || r->device->params > OG_COSIM_PARAMS)
    return ogi_fail(r->err, OG_E_RANGE, "cosim: saw %zu states and %zu parameters, need at most %d and %d",
                    r->device->states, r->device->params, OG_COSIM_STATES, OG_COSIM_PARAMS);
  return OG_OK;
}

static double finite_or_zero(double ohm) { return isfinite(ohm) ? ohm : 0; }

/* The way of a cell's current through its lines, other cells open [ohm]. */
static double companion(const og_array *a, size_t cell) {
  size_t i = cell / a->n, j = cell % a->n;
  double ohm = finite_or_zero(a->r_source_ohm) + finite_or_zero(a->r_sense_ohm) +
               (double)(j + 1) * finite_or_zero(a->r_word_ohm) + (double)(a->m - i) * finite_or_zero(a->r_bit_ohm);
  return fmax(ohm, 1);
}

static og_status prepare(run *r) {
  og_status st = OG_OK;
  const og_array *a = r->array;
  r->cells = a->m * a->n;
  r->sources = a->wiring == OG_WIRING_PARALLEL ? a->n : a->m;
  r->port = ogi_alloc(r->cells, sizeof *r->port);
  r->g = ogi_alloc(r->cells, sizeof *r->g);
  r->beside = ogi_alloc(r->cells, sizeof *r->beside);
  r->drive = ogi_alloc(r->sources, sizeof *r->drive);
  r->held = ogi_alloc(a->n, sizeof *r->held);
  r->word = ogi_alloc(r->cells, sizeof *r->word);
  r->bit = ogi_alloc(r->cells, sizeof *r->bit);
  r->i_out = ogi_alloc(a->n, sizeof *r->i_out);
  if (!r->port || !r->g || !r->beside || !r->drive || !r->held || !r->word || !r->bit || !r->i_out)
    return ogi_fail(r->err, OG_E_NOMEM, "cosim: %zu cells", r->cells);
  for (size_t k = 0; k < r->cells; k++) {
    r->g[k] = r->native[k];
    if (isnan(r->native[k]))
      r->port[r->ports++] = (port){.cell = k, .ohm = companion(a, k), .g = r->opts->start_siemens};
    else if (!(r->native[k] >= 0 && isfinite(r->native[k])))
      return ogi_fail(r->err, OG_E_RANGE,
                      "cosim: cell (%zu,%zu): saw %g, need a conductance >= 0, or NaN for ngspice (siemens)", k / a->n,
                      k % a->n, r->native[k]);
  }
  if (r->ports == 0) return ogi_fail(r->err, OG_E_ARG, "cosim: no cell is in ngspice");
  for (size_t p = 0; p < r->device->params; p++)
    for (size_t k = 0; k < r->ports; k++)
      if (!isfinite(r->device->value[p][r->port[k].cell]))
        return ogi_fail(r->err, OG_E_RANGE, "cosim: %s of cell %zu: saw %g, need a finite value", r->device->param[p],
                        r->port[k].cell, r->device->value[p][r->port[k].cell]);
  r->info->ports = r->ports;
  r->width = 1 + a->n + r->ports * (2 + r->device->states);
  OGI_TRY(st, og_cell_create_user(&r->law, chord_law, r, r->err));
  OGI_TRY(st, og_nonlinear_create(&r->solver, a, r->law, NULL, r->err));
done:
  return st;
}

static void clear(run *r) {
  og_nonlinear_free(r->solver);
  og_cell_free(r->law);
  void *block[] = {r->port, r->g, r->beside, r->drive, r->held, r->word, r->bit, r->i_out, r->row.item};
  for (size_t k = 0; k < sizeof block / sizeof *block; k++) ogi_free(block[k]);
}

static og_status drive_all(run *r, og_spice *s, const names *n, double span) {
  og_status st;
  og_spice_analysis tran;
  og_vectors *last = NULL;
  double *corner = ogi_alloc(r->wave->points, sizeof *corner), *end = NULL;
  size_t corners = 0;
  if (corner == NULL) return ogi_fail(r->err, OG_E_NOMEM, "cosim: corners");
  for (size_t k = 1; k < r->wave->points; k++)
    if (r->wave->second[k] - r->wave->second[0] < span) corner[corners++] = r->wave->second[k] - r->wave->second[0];
  OGI_TRY(st, og_spice_set_breakpoints(s, corner, corners, r->err));
  OGI_TRY(st, og_spice_set_external(s, n->source, r->ports, n->watch, n->watched, exchange, r, r->err));
  og_spice_analysis_init(&tran, OG_SPICE_TRAN);
  tran.stop_second = span;
  tran.step_second = tran.step_max_second = r->opts->step_second;
  tran.use_ic = 1;
  st = og_spice_run(s, &tran, n->watch, n->watched, &last, NULL, r->err);
  if (r->failed != OG_OK) {
    st = r->failed;
    if (r->err != NULL) *r->err = r->why;
    ogi_prefix(r->err, st, "cosim: after %.6g s", r->now);
  }
  if (st != OG_OK) goto done;
  end = ogi_alloc(n->watched, sizeof *end); /* the last point is not told before a step */
  if (end == NULL) st = ogi_fail(r->err, OG_E_NOMEM, "cosim: results");
  for (size_t k = 0; st == OG_OK && k < n->watched; k++) end[k] = og_vectors_at(last, 1 + k)[last->points - 1];
  if (st == OG_OK) st = accept(r, span, end);
done:
  og_vectors_free(last);
  ogi_free(corner);
  ogi_free(end);
  return st;
}

static og_status name_results(const run *r, og_vectors *v) {
  og_status st;
  char name[NAME_ROOM];
  size_t k = 0, n = r->array->n;
  OGI_TRY(st, og_vectors_name(v, k++, "time", OG_Q_TIME, r->err));
  for (size_t j = 0; j < n; j++) {
    snprintf(name, sizeof name, "vt_%zu#branch", j);
    OGI_TRY(st, og_vectors_name(v, k++, name, OG_Q_CURRENT, r->err));
  }
  for (size_t p = 0; p < r->ports; p++) {
    size_t i = r->port[p].cell / n, j = r->port[p].cell % n;
    snprintf(name, sizeof name, "v_%zu_%zu", i, j);
    OGI_TRY(st, og_vectors_name(v, k++, name, OG_Q_VOLTAGE, r->err));
    snprintf(name, sizeof name, "i_%zu_%zu", i, j);
    OGI_TRY(st, og_vectors_name(v, k++, name, OG_Q_CURRENT, r->err));
    for (size_t s = 0; s < r->device->states; s++) {
      snprintf(name, sizeof name, "x_%u_%u.%.20s", (unsigned)i, (unsigned)j, r->device->state[s]);
      OGI_TRY(st, og_vectors_name(v, k++, name, OG_Q_NOTYPE, r->err));
    }
  }
done:
  return st;
}

static og_status results(const run *r, og_vectors **out) {
  size_t points = r->row.count / r->width;
  og_status st = og_vectors_create(out, r->width, points, 0, r->err);
  if (st != OG_OK) return st;
  (*out)->has_scale = 1;
  for (size_t k = 0; k < r->width; k++)
    for (size_t p = 0; p < points; p++) og_vectors_at(*out, k)[p] = r->row.item[p * r->width + k];
  st = name_results(r, *out);
  if (st != OG_OK) {
    og_vectors_free(*out);
    *out = NULL;
  }
  return st;
}

og_status og_cosim_run(og_vectors **out, const og_array *array, const double *g, const og_cosim_device *device,
                       const og_wave *wave, double stop, const og_cosim_opts *opts, og_cosim_info *info,
                       og_error *err) {
  og_status st;
  og_cosim_opts used;
  og_cosim_info unused;
  og_spice *session = NULL;
  names n = {0};
  if (out != NULL) *out = NULL;
  if (out == NULL || array == NULL || g == NULL || device == NULL || device->name == NULL || device->text == NULL ||
      wave == NULL)
    return ogi_fail(err, OG_E_ARG, "cosim: a needed pointer is NULL");
  if (opts != NULL) used = *opts;
  else og_cosim_opts_init(&used);
  if (info == NULL) info = &unused;
  *info = (og_cosim_info){0};
  run r = {.array = array, .native = g, .device = device, .wave = wave, .opts = &used, .info = info, .err = err};
  OGI_TRY(st, check(&r, stop));
  double span = stop - wave->second[0];
  if (!(used.step_second > 0)) used.step_second = span / 500;
  r.step = used.step_second;
  OGI_TRY(st, prepare(&r));
  OGI_TRY(st, names_make(&r, &n));
  OGI_TRY(st, og_spice_open(&session, &used.spice, err));
  OGI_TRY(st, load(&r, session));
  OGI_TRY(st, drive_all(&r, session, &n, span));
  info->ports_joule = r.real_joule;
  info->native_joule = info->delivered_joule - info->wires_joule - r.foretold_joule;
  info->port_balance = fabs(r.foretold_joule - r.real_joule) / fmax(r.sum_joule, 1e-300);
  st = results(&r, out);
done:
  og_spice_close(session);
  names_clear(&n);
  clear(&r);
  return st;
}
