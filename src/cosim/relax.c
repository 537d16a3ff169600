/* SPDX-License-Identifier: BSD-3-Clause */
/** Waveform relaxation: array and cells take turns over a window of time until they agree. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <ohmgrid/relax.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "cosim/ogi_cosim.h"

#define SMALL 1e-3         /* of the largest drive: below, i / v says nothing about a cell */
#define NOTHING 1e-14      /* of the current at the largest drive: what decays must not reach the smallest numbers */
#define MOVED 1e-9         /* of the largest drive: less says nothing about how a current follows a voltage */
#define STEEPEST 100       /* times its chord: no secant is steeper */
#define LEAST_G 1e-15      /* [S] so that every port is part of the array */
#define FIRST_G 1e-6       /* [S] of every port, before anything is known */
#define INSTANT 1e-4       /* of a step: cells are held so long at the beginning, until their currents are known */
#define POINTS_MOST 1e7
#define WINDOW_STEPS 5     /* points of a window, if the caller says nothing */
#define EASY 3             /* a window that took a third of the turns allowed may be followed by a longer one */

typedef struct relaxation {
  const og_array *array;
  const double *linear;       /* m x n, NAN: of the subcircuit */
  const og_cell_circuit *circuit;
  const og_cosim_drive *drive;
  og_relax_opts opts;
  og_relax_info *info;
  og_error *err;
  size_t all, cells, sources; /* m n; of the subcircuit; driven lines */
  size_t *cell;               /* cells: i n + j */
  double *ohm;                /* cells: R_k */
  size_t points, most;        /* of the run; of a window, without its beginning */
  double *second;             /* points */
  double largest;             /* [V] drive */
  og_compact *model;
  double *y, *y_begin;        /* unknowns x cells: now; at the beginning of the window */
  double *source, *volt, *amp, *g; /* (most + 1) x cells: point 0 is the beginning of the window */
  double *volt_before, *amp_before; /* the same, in the turn before */
  double *state;              /* (most + 1) x states x cells */
  double *i_out;              /* (most + 1) x n */
  ogi_chords wires;
  size_t worst_point, worst_cell; /* of the last turn: where array and cell differ most, and by how much [V], [A] */
  double worst, worst_amp;
  og_vectors *out;
} relaxation;

void og_relax_opts_init(og_relax_opts *opts) {
  *opts = (og_relax_opts){.tol = 1e-6, .iterations = 60, .compact_rtol = 1e-7};
}

/* ---- checks ---- */

static og_status check_drive(const relaxation *r) {
  const og_wave *w = r->drive->wave;
  og_status st = ogi_drive_check("relax", w, r->err);
  if (st != OG_OK) return st;
  if (!(r->drive->stop_second > w->second[0] && isfinite(r->drive->stop_second)))
    return ogi_fail(r->err, OG_E_RANGE, "relax: stop: saw %g, need more than %g (second)", r->drive->stop_second,
                    w->second[0]);
  return OG_OK;
}

static og_status check_opts(const relaxation *r) {
  const og_relax_opts *o = &r->opts;
  const struct {
    const char *what, *need;
    double value;
    int good;
  } rule[] = {{"step_second", "0 or more (second)", o->step_second, o->step_second >= 0 && isfinite(o->step_second)},
              {"window_second", "0 or more (second)", o->window_second,
               o->window_second >= 0 && isfinite(o->window_second)},
              {"tol", "more than 0", o->tol, o->tol > 0},
              {"iterations", "1 or more", (double)o->iterations, o->iterations >= 1},
              {"compact_rtol", "more than 0", o->compact_rtol, o->compact_rtol > 0}};
  for (size_t k = 0; k < sizeof rule / sizeof *rule; k++)
    if (!rule[k].good)
      return ogi_fail(r->err, OG_E_RANGE, "relax: %s: saw %g, need %s", rule[k].what, rule[k].value, rule[k].need);
  const og_cell_circuit *c = r->circuit;
  if (c->terminals != 2)
    return ogi_fail(r->err, OG_E_RANGE, "relax: cells: saw %zu terminals, need 2", c->terminals);
  if (c->states > OG_CELL_STATES || c->params > OG_CELL_PARAMS)
    return ogi_fail(r->err, OG_E_RANGE, "relax: cells: saw %zu states and %zu parameters, need at most %d and %d",
                    c->states, c->params, OG_CELL_STATES, OG_CELL_PARAMS);
  return OG_OK;
}

static og_status check_cells(relaxation *r) {
  size_t n = r->array->n;
  for (size_t k = 0; k < r->all; k++) {
    double g = r->linear[k];
    r->cells += isnan(g);
    if (!isnan(g) && !(g >= 0 && isfinite(g)))
      return ogi_fail(r->err, OG_E_RANGE,
                      "relax: cell (%zu,%zu): saw %g, need a conductance >= 0, or NaN for the subcircuit (siemens)",
                      k / n, k % n, g);
    for (size_t p = 0; isnan(g) && p < r->circuit->params; p++)
      if (!isfinite(r->circuit->value[p][k]))
        return ogi_fail(r->err, OG_E_RANGE, "relax: %s of cell (%zu,%zu): saw %g, need a finite value",
                        r->circuit->param[p], k / n, k % n, r->circuit->value[p][k]);
  }
  return r->cells > 0 ? OG_OK : ogi_fail(r->err, OG_E_ARG, "relax: no cell is one of the subcircuit");
}

static double largest_of(const double *values, size_t count) {
  double largest = 0;
  for (size_t k = 0; values != NULL && k < count; k++) largest = fmax(largest, fabs(values[k]));
  return largest;
}

/* ---- points in time ---- */

/* Next corner of the waves behind t, or the end of the run. */
static double corner_behind(const relaxation *r, double t) {
  const og_wave *w = r->drive->wave;
  size_t k = ogi_drive_passed(w, t);
  return k < w->points ? fmin(w->second[k], r->drive->stop_second) : r->drive->stop_second;
}

/* Evenly over every straight stretch, at most a step apart. @return how many; to: NULL: only count */
static double lay_points(const relaxation *r, double *to) {
  double from = r->drive->wave->second[0], stop = r->drive->stop_second, count = 1;
  if (to != NULL) to[0] = from;
  while (from < stop && count < POINTS_MOST) {
    double corner = corner_behind(r, from), parts = fmax(1, ceil((corner - from) / r->opts.step_second - 1e-9));
    for (double k = 1; to != NULL && k <= parts; k++)
      to[(size_t)(count + k) - 1] = k == parts ? corner : from + (corner - from) * k / parts;
    count += parts;
    from = corner;
  }
  return count;
}

static og_status make_points(relaxation *r) {
  const og_wave *w = r->drive->wave;
  og_relax_opts *o = &r->opts;
  if (o->step_second == 0) o->step_second = (r->drive->stop_second - w->second[0]) / 500;
  double count = lay_points(r, NULL);
  if (!(count < POINTS_MOST))
    return ogi_fail(r->err, OG_E_RANGE, "relax: step_second: saw %g, need a step that gives fewer than %g points",
                    o->step_second, POINTS_MOST);
  r->points = (size_t)count;
  double steps = o->window_second > 0 ? o->window_second / o->step_second + 1e-9 : WINDOW_STEPS;
  r->most = (size_t)fmax(1, fmin(steps, count - 1));
  r->second = ogi_alloc(r->points, sizeof *r->second);
  if (r->second == NULL) return ogi_fail(r->err, OG_E_NOMEM, "relax: %zu points", r->points);
  lay_points(r, r->second);
  r->largest = fmax(largest_of(w->volt, w->points * r->sources), largest_of(w->sense_volt, r->array->n));
  r->largest = fmax(r->largest, largest_of(r->drive->bit_volt, w->points * r->array->n));
  if (!(r->largest > 0)) r->largest = 1; /* nothing is driven: tolerances count from 1 V */
  return OG_OK;
}

/* ---- room ---- */

static og_status make_cells(relaxation *r) {
  for (size_t c = 0, k = 0; c < r->all; c++)
    if (isnan(r->linear[c])) {
      r->ohm[k] = ogi_chords_way(&r->wires, 0, c);
      r->cell[k++] = c;
    }
  return ogi_cells_compile(&r->model, r->circuit, r->cell, r->cells, r->err);
}

static og_status prepare(relaxation *r) {
  og_status st;
  OGI_TRY(st, og_array_check(r->array, r->err));
  OGI_TRY(st, check_opts(r));
  OGI_TRY(st, check_drive(r));
  r->all = r->array->m * r->array->n;
  r->sources = r->array->wiring == OG_WIRING_PARALLEL ? r->array->n : r->array->m;
  OGI_TRY(st, check_cells(r));
  OGI_TRY(st, make_points(r));
  OGI_TRY(st, ogi_chords_create(&r->wires, r->array, 1, (const double[2]){0, 0}, r->err));
  for (size_t k = 0; k < r->all; k++) r->wires.g[k] = isnan(r->linear[k]) ? FIRST_G : r->linear[k];
  r->cell = ogi_alloc(r->cells, sizeof *r->cell);
  r->ohm = ogi_alloc(r->cells, sizeof *r->ohm);
  if (r->cell == NULL || r->ohm == NULL) return ogi_fail(r->err, OG_E_NOMEM, "relax: %zu cells", r->cells);
  OGI_TRY(st, make_cells(r));
  size_t unknowns = og_compact_unknowns(r->model), room = r->most + 1;
  const struct {
    double **to;
    size_t count;
  } want[] = {{&r->y, unknowns * r->cells},  {&r->y_begin, unknowns * r->cells},
              {&r->source, room * r->cells}, {&r->volt, room * r->cells},
              {&r->amp, room * r->cells},    {&r->g, room * r->cells},
              {&r->volt_before, room * r->cells}, {&r->amp_before, room * r->cells},
              {&r->i_out, room * r->array->n}, {&r->state, room * r->cells * r->circuit->states}};
  for (size_t k = 0; k < sizeof want / sizeof *want; k++)
    if ((*want[k].to = ogi_alloc(want[k].count, sizeof(double))) == NULL)
      return ogi_fail(r->err, OG_E_NOMEM, "relax: %zu cells at %zu points", r->cells, room);
  st = og_compact_start(r->model, r->y_begin, r->err);
done:
  return st;
}

static void clear(relaxation *r) {
  void *block[] = {r->cell, r->ohm, r->second,      r->y,          r->y_begin, r->source, r->volt,
                   r->amp,  r->g,   r->volt_before, r->amp_before, r->state,   r->i_out};
  for (size_t k = 0; k < sizeof block / sizeof *block; k++) ogi_free(block[k]);
  ogi_chords_clear(&r->wires);
  og_compact_free(r->model);
}

/* ---- one turn ---- */

/* The cells from point p - 1 of the window to p; held at the beginning of the run, where the source does not move. */
static og_status advance(relaxation *r, size_t p, double dt, int held) {
  size_t count = r->cells, states = r->circuit->states * count;
  double *to = r->source + p * count, *volt = r->volt + p * count, *amp = r->amp + p * count;
  if (p > 0) {
    memcpy(volt, volt - count, count * sizeof *volt);
    memcpy(amp, amp - count, count * sizeof *amp);
  }
  const og_compact_step step = {.dt_second = dt, .rtol = r->opts.compact_rtol, .count = count, .ohm = r->ohm,
                                .from = held ? to : to - count, .to = to, .y = r->y, .v = volt, .i = amp};
  og_status st = og_compact_advance(r->model, &step, NULL, r->err);
  if (st == OG_OK && states > 0)
    st = og_compact_states(r->model, 0, count, volt, r->y, r->state + p * states, r->err);
  return st;
}

/*
 * What the array is to hold for cell k at a point: i = g v + beside through what came. g is the chord i / v; where the
 * last two turns say how the current follows the voltage, states included, their secant; else the one that it had.
 */
static void lay_chord(relaxation *r, size_t p, size_t k, int secants) {
  size_t at = p * r->cells + k;
  double v = r->volt[at], i = r->amp[at], chord = i / v, dv = v - r->volt_before[at];
  double secant = (i - r->amp_before[at]) / dv;
  if (fabs(v) > SMALL * r->largest && chord >= LEAST_G && isfinite(chord)) r->g[at] = chord;
  if (secants && fabs(dv) > MOVED * r->largest && secant >= LEAST_G) r->g[at] = fmin(secant, STEEPEST * r->g[at]);
  r->volt_before[at] = v;
  r->amp_before[at] = i;
  double beside = i - r->g[at] * v;
  r->wires.g[r->cell[k]] = r->g[at];
  r->wires.beside[r->cell[k]] = fabs(beside) > NOTHING * r->g[at] * r->largest ? beside : 0;
}

/* The array at point p, and the sources that follow, S = V + R i [V]. */
static og_status solve_array(relaxation *r, size_t p, double t, int secants) {
  double *g = r->g + p * r->cells, *volt = r->volt + p * r->cells, *amp = r->amp + p * r->cells;
  ogi_chords *w = &r->wires;
  ogi_chords_drive(w, r->drive, t);
  for (size_t k = 0; k < r->cells; k++) lay_chord(r, p, k, secants);
  og_status st = ogi_chords_solve(w, r->err);
  for (size_t k = 0; k < r->cells && st == OG_OK; k++) {
    double v = w->volt[r->cell[k]], i = g[k] * v + w->beside[r->cell[k]], off = fabs(v - volt[k]);
    r->source[p * r->cells + k] = v + r->ohm[k] * i;
    r->worst_amp = fmax(r->worst_amp, fabs(i - amp[k]));
    if (off <= r->worst) continue;
    r->worst = off;
    r->worst_point = p;
    r->worst_cell = r->cell[k];
  }
  if (st == OG_OK) memcpy(r->i_out + p * r->array->n, w->i_out, r->array->n * sizeof(double));
  return st;
}

static og_status ask(const relaxation *r, size_t point) {
  const og_progress *p = &r->opts.progress;
  double fraction = (double)point / (double)r->points;
  if (p->report == NULL || p->report(p->user, "waveform relaxation", fraction) == 0) return OG_OK;
  return ogi_fail(r->err, OG_E_INTERRUPT, "relax: stopped by the caller");
}

/* Cells through the window that begins at point a, then the array at each of its points. */
static og_status turn(relaxation *r, size_t a, size_t count, int first) {
  og_status st;
  OGI_TRY(st, ask(r, a));
  r->info->iterations++;
  r->worst = r->worst_amp = 0;
  memcpy(r->y, r->y_begin, og_compact_unknowns(r->model) * r->cells * sizeof(double));
  for (size_t p = 1; p <= count; p++) OGI_TRY(st, advance(r, p, r->second[a + p] - r->second[a + p - 1], 0));
  for (size_t p = 1; p <= count; p++) OGI_TRY(st, solve_array(r, p, r->second[a + p], !first));
done:
  return st;
}

/* ---- windows ---- */

static int agrees(relaxation *r) {
  if (!(r->worst <= r->opts.tol * r->largest)) return 0;
  r->info->residual = fmax(r->info->residual, r->worst / r->largest);
  r->info->residual_amp = fmax(r->info->residual_amp, r->worst_amp);
  return 1;
}

/* Sources to begin with: the cells stay as they were at the beginning of the window. */
static og_status guess(relaxation *r, size_t a, size_t count) {
  og_status st = OG_OK;
  for (size_t p = 1; p <= count && st == OG_OK; p++) {
    memcpy(r->g + p * r->cells, r->g, r->cells * sizeof(double));
    memcpy(r->volt + p * r->cells, r->volt, r->cells * sizeof(double));
    memcpy(r->amp + p * r->cells, r->amp, r->cells * sizeof(double));
    st = solve_array(r, p, r->second[a + p], 0);
  }
  return st;
}

/* @return OG_E_NOCONV: array and cells do not agree, or the cells have no solution on the way there */
static og_status relax_window(relaxation *r, size_t a, size_t count, size_t *turns) {
  og_status st;
  size_t n = r->array->n;
  OGI_TRY(st, guess(r, a, count));
  for (*turns = 1; *turns <= r->opts.iterations; ++*turns) {
    OGI_TRY(st, turn(r, a, count, *turns == 1));
    if (agrees(r)) return OG_OK;
  }
  st = ogi_fail(r->err, OG_E_NOCONV,
                "relax: window %.6g s to %.6g s: port (%zu,%zu) at %.6g s: saw array and cell %.3g apart after %zu "
                "turns, need at most %.3g (volt)", r->second[a], r->second[a + count], r->worst_cell / n,
                r->worst_cell % n, r->second[a + r->worst_point], r->worst, r->opts.iterations, r->opts.tol * r->largest);
done:
  return st;
}

/* Points from..to of the window into the results, the first of them at point a + from of the run. */
static void keep(relaxation *r, size_t a, size_t from, size_t to) {
  size_t n = r->array->n, states = r->circuit->states, each = 2 + states;
  for (size_t p = from; p <= to; p++) {
    og_vectors_at(r->out, 0)[a + p] = r->second[a + p];
    for (size_t j = 0; j < n; j++) og_vectors_at(r->out, 1 + j)[a + p] = r->i_out[p * n + j];
    for (size_t k = 0; k < r->cells; k++) {
      size_t at = 1 + n + k * each;
      og_vectors_at(r->out, at)[a + p] = r->volt[p * r->cells + k];
      og_vectors_at(r->out, at + 1)[a + p] = r->amp[p * r->cells + k];
      for (size_t s = 0; s < states; s++)
        og_vectors_at(r->out, at + 2 + s)[a + p] = r->state[(p * states + s) * r->cells + k];
    }
  }
}

/* The end of a window is the beginning of the next. */
static void go_on(relaxation *r, size_t count) {
  size_t from = count * r->cells, bytes = r->cells * sizeof(double);
  memcpy(r->source, r->source + from, bytes);
  memcpy(r->volt, r->volt + from, bytes);
  memcpy(r->amp, r->amp + from, bytes);
  memcpy(r->g, r->g + from, bytes);
  memcpy(r->y_begin, r->y, og_compact_unknowns(r->model) * bytes);
}

/* The first point: cells held for an instant behind sources that agree with the array; their states do not move. */
static og_status begin(relaxation *r) {
  og_status st;
  double instant = INSTANT * r->opts.step_second;
  for (size_t k = 0; k < r->cells; k++) r->g[k] = FIRST_G;
  OGI_TRY(st, solve_array(r, 0, r->second[0], 0));
  for (size_t turns = 0; turns < r->opts.iterations; turns++) {
    OGI_TRY(st, ask(r, 0));
    r->info->iterations++;
    r->worst = r->worst_amp = 0;
    memset(r->volt, 0, r->cells * sizeof(double));
    memcpy(r->y, r->y_begin, og_compact_unknowns(r->model) * r->cells * sizeof(double));
    OGI_TRY(st, advance(r, 0, instant, 1));
    OGI_TRY(st, solve_array(r, 0, r->second[0], turns > 0));
    if (agrees(r)) return OG_OK;
  }
  st = ogi_fail(r->err, OG_E_NOCONV,
                "relax: beginning, %.6g s: port (%zu,%zu): saw array and cell %.3g apart after %zu turns, need at most "
                "%.3g (volt)", r->second[0], r->worst_cell / r->array->n, r->worst_cell % r->array->n, r->worst,
                r->opts.iterations, r->opts.tol * r->largest);
done:
  return st;
}

static og_status walk(relaxation *r) {
  og_status st;
  size_t a = 0, width = r->most, turns;
  OGI_TRY(st, begin(r));
  keep(r, 0, 0, 0);
  r->info->points = 1;
  while (a + 1 < r->points) {
    size_t count = ogi_min_size(width, r->points - 1 - a);
    st = relax_window(r, a, count, &turns);
    if ((st == OG_E_NOCONV || st == OG_E_RANGE) && count > 1) { /* out of range: sources that run away */
      width = count / 2;
      r->info->halved++;
      continue;
    }
    if (st != OG_OK) goto done;
    keep(r, a, 1, count);
    go_on(r, count);
    a += count;
    r->info->points = a + 1;
    r->info->windows++;
    if (EASY * turns <= r->opts.iterations) width = ogi_min_size(2 * width, r->most);
  }
done:
  return st;
}

/* ---- results ---- */

static og_status make_results(relaxation *r) {
  size_t width = 1 + r->array->n + r->cells * (2 + r->circuit->states);
  og_status st = og_vectors_create(&r->out, width, r->points, 0, r->err);
  if (st != OG_OK) return st;
  r->out->has_scale = 1;
  return ogi_cells_name(r->out, r->array, r->linear, r->circuit, r->err);
}

og_status og_cosim_relax(og_vectors **out, const og_array *array, const double *g, const og_cell_circuit *circuit,
                         const og_cosim_drive *drive, const og_relax_opts *opts, og_relax_info *info, og_error *err) {
  og_status st;
  og_relax_info unused;
  if (out != NULL) *out = NULL;
  if (out == NULL || array == NULL || g == NULL || circuit == NULL || circuit->name == NULL || circuit->text == NULL ||
      drive == NULL)
    return ogi_fail(err, OG_E_ARG, "relax: a needed pointer is NULL");
  if (info == NULL) info = &unused;
  *info = (og_relax_info){0};
  relaxation r = {.array = array, .linear = g, .circuit = circuit, .drive = drive, .info = info, .err = err};
  if (opts != NULL) r.opts = *opts;
  else og_relax_opts_init(&r.opts);
  OGI_TRY(st, prepare(&r));
  OGI_TRY(st, make_results(&r));
  OGI_TRY(st, walk(&r));
  *out = r.out;
  r.out = NULL;
done:
  og_vectors_free(r.out);
  clear(&r);
  return st;
}
