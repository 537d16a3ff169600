/* SPDX-License-Identifier: BSD-3-Clause */
/** The array here, its cells in ngspice or as compact models; currents and potentials change hands every step. */
#include <config.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "cosim/ogi_exchange.h"

#define SMALL 1e-3      /* of the largest drive: below, i / v of ngspice says nothing about a cell */
#define SMALL_HERE 1e-6 /* the same of compact models, which round more finely */
#define NOTHING 1e-9    /* of the largest port current: a current beside a chord that is none */
#define GROWTH 0.2      /* most by which a conductance is extrapolated */
#define PART (8 * OG_COMPACT_BLOCK) /* compact cells that a thread takes at a time */
#define MANY 32           /* parts from which threads are worth their barrier, where others use the machine too */
#define ROW_GAP 0.0999   /* of the longest step: rows of results are no closer */
#define LEAST_AMP 1e-25  /* [A] what decays must not reach the smallest numbers */
#define LEAST_G 1e-15   /* [S] so that every port is part of the array */
#define AFTER_CORNER 0.1 /* of the longest step, or of half the straight stretch that begins: the first step in it */

/* ---- drivers ---- */

static void drive_at(ogi_run *r, double t) {
  size_t n = r->array->n, sources = r->array->wiring == OG_WIRING_PARALLEL ? n : r->array->m;
  ogi_chords_drive(&r->wires, &r->drive, t);
  for (size_t s = 0; s < sources; s++) r->largest = fmax(r->largest, fabs(r->wires.drive[s]));
  for (size_t j = 0; j < n; j++) r->largest = fmax(r->largest, fabs(r->wires.held[j]));
  for (size_t i = 0; i < r->array->m; i++) r->largest = fmax(r->largest, fabs(r->wires.gate[i]));
}

double ogi_run_corner(const ogi_run *r) {
  const og_wave *w = r->drive.wave;
  double stop = r->drive.stop_second;
  size_t k = ogi_drive_passed(w, r->now + r->near);
  return k < w->points && w->second[k] < stop - r->near ? w->second[k] : stop;
}

void ogi_run_shorten(ogi_run *r) {
  double stretch = ogi_run_corner(r) - r->now;
  if (stretch > 0) r->step = fmin(r->step, AFTER_CORNER * fmin(r->opts.step_second, 0.5 * stretch));
}

/* ---- foretelling ---- */

/* Of finite numbers, for every port of every step: fmax and fmin are calls. */
static double larger(double a, double b) { return a > b ? a : b; }
static double between(double x, double low, double high) { return x < low ? low : x > high ? high : x; }

/*
 * Shares with which the last three chords of a port count at the end of the next step: the parabola through them, or the
 * line through two where a third is not known. [last, before, earlier]
 */
static void weigh_chords(const ogi_run *r, double dt, double share[3]) {
  double h = r->dt, k = r->dt_before;
  if (!(h > 0)) memcpy(share, (const double[]){1, 0, 0}, 3 * sizeof *share);
  else if (!(k > 0)) memcpy(share, (const double[]){1 + dt / h, -dt / h, 0}, 3 * sizeof *share);
  else { /* Lagrange's form at dt, points at 0, -h and -h - k */
    share[0] = (dt + h) * (dt + h + k) / (h * (h + k));
    share[1] = -dt * (dt + h + k) / (h * k);
    share[2] = dt * (dt + h) / (k * (h + k));
  }
}

/* A capacitor across a port is implicit: i = C / dt (v - v before). */
static void lay_chords(ogi_run *r, const ogi_ports *p, double dt) {
  double share[3], per_second = dt > 0 ? 1 / dt : 0;
  weigh_chords(r, dt, share);
  for (size_t k = 0; k < p->count; k++) {
    double g = share[0] * p->g[k] + share[1] * p->before[k] + share[2] * p->earlier[k];
    g = between(g, (1 - GROWTH) * p->g[k], (1 + GROWTH) * p->g[k]);
    double charging = p->farad[k] * per_second;
    r->wires.g[p->place[k]] = larger(g, LEAST_G) + charging;
    r->wires.beside[p->place[k]] = p->beside[k] - charging * p->volt[k];
  }
}

static size_t port_of(size_t k, size_t stride) { return k < stride ? 0 : k < 2 * stride ? 1 : 2; }

/* What the chord of a port hangs on: its voltage; between the ends of a channel, theirs. Sign: of the current. */
static double across(const ogi_run *r, const double *volt, size_t stride, size_t k) {
  size_t port = port_of(k, stride);
  if (r->per_cell == 1 || port == 1) return volt[k];
  size_t near = k - port * stride;
  return volt[near] - volt[near + 2 * stride];
}

static og_status lay_sources(ogi_run *r, ogi_ports *p) {
  for (size_t k = 0; k < p->count; k++) {
    size_t at = p->place[k], last = k >= 2 * p->cells;
    double g = r->wires.g[last ? at - 2 * r->cells : at];
    p->will_volt[k] = r->wires.volt[at];
    p->will_amp[k] = (last ? -g : g) * across(r, r->wires.volt, r->cells, at) + r->wires.beside[at];
    p->to[k] = p->will_volt[k] + p->ohm[k] * p->will_amp[k];
    if (!isfinite(p->to[k]))
      return ogi_fail(r->err, OG_E_NOCONV, "cosim: cell (%zu,%zu) after %.6g s: saw a potential of %g, need a finite one",
                      p->cell[k % p->cells] / r->array->n, p->cell[k % p->cells] % r->array->n, r->now, p->to[k]);
  }
  return OG_OK;
}

/* What every port will have at a time, dt after the last exchange, and what is to be held against it. */
og_status ogi_run_foretell(ogi_run *r, double t, double dt) {
  drive_at(r, t);
  lay_chords(r, &r->spice, dt);
  lay_chords(r, &r->compact, dt);
  og_status st = ogi_chords_solve(&r->wires, r->err);
  if (st != OG_OK) return ogi_prefix(r->err, st, "cosim: after %.6g s", r->now);
  st = lay_sources(r, &r->spice);
  return st == OG_OK ? lay_sources(r, &r->compact) : st;
}

/* ---- what came back ---- */

/*
 * Chord of a port from its voltage and current; near 0 V the last chord stays, and the rest is a current beside it. A
 * gate, which is a capacitor, has no chord: its current stays as it is while the voltage rises evenly. The far end of a
 * channel has the chord of the near one, and all the rest beside it: what the gate takes or gives.
 */
static void take_chord(ogi_run *r, ogi_ports *p, size_t k, double dt) {
  double small = (p == &r->spice ? SMALL : SMALL_HERE) * r->largest;
  size_t port = port_of(k, p->cells);
  double volt = across(r, p->volt, p->cells, k), charging = dt > 0 ? p->farad[k] / dt * (volt - p->was_volt[k]) : 0;
  double amp = p->amp[k] - charging, chord = amp / volt;
  p->earlier[k] = p->before[k];
  p->before[k] = p->g[k];
  if (port == 1) p->g[k] = LEAST_G;
  else if (port == 0 && fabs(volt) > small && chord > 0 && isfinite(chord)) p->g[k] = chord;
  double g = port == 2 ? -p->g[k - 2 * p->cells] : p->g[k], beside = amp - g * volt;
  r->chord[p->place[k]] = p->g[k];
  p->beside[k] = fabs(beside) > larger(NOTHING * r->largest_amp, LEAST_AMP) ? beside : 0;
}

/* Those of compact models have their voltage already. */
static void take_ports(ogi_run *r, ogi_ports *p, int in_spice, double dt, ogi_sums *s) {
  for (size_t k = 0; in_spice && k < p->count; k++) p->volt[k] = p->to[k] - p->ohm[k] * p->amp[k];
  for (size_t k = 0; k < p->count; k++) {
    s->power += p->volt[k] * p->amp[k];
    s->amp += p->amp[k];
    s->foretold += p->will_volt[k] * p->will_amp[k];
    s->foretold_amp += p->will_amp[k];
    s->worst = larger(fabs(p->volt[k] - p->will_volt[k]), s->worst);
    s->worst_amp = larger(fabs(p->amp[k] - p->will_amp[k]), s->worst_amp);
    s->largest_amp = larger(fabs(p->amp[k]), s->largest_amp);
    take_chord(r, p, k, dt);
  }
}

/* Integral of volt times amp over a step: trapezoids; behind a corner the current has jumped to what it is at the end. */
static double step_joule(const ogi_run *r, double dt, const double volt[2], const double amp[2]) {
  if (r->fresh) return 0.5 * dt * (volt[0] + volt[1]) * amp[1];
  return 0.5 * dt * (volt[0] * amp[0] + volt[1] * amp[1]);
}

/*
 * Energy and charge of every port: what it took, and what the array gave it as foretold less that. What a line's terminal
 * delivers to three terminals is its voltage times the currents of its ports.
 */
static void audit_ports(ogi_run *r, ogi_ports *p, double dt) {
  for (size_t k = 0; dt > 0 && k < p->count; k++) {
    const double volt[2] = {p->was_volt[k], p->volt[k]}, amp[2] = {p->was_amp[k], p->amp[k]};
    double joule = step_joule(r, dt, volt, amp), watt = p->volt[k] * p->amp[k];
    p->taken_joule[k] += joule;
    r->real_joule += joule;
    r->size_joule += 0.5 * dt * (fabs(volt[0] * amp[0]) + fabs(watt));
    r->size_coulomb += 0.5 * dt * (fabs(amp[0]) + fabs(amp[1]));
    p->gap_joule[k] += dt * (p->will_volt[k] * p->will_amp[k] - watt);
    p->joule[k] += dt * fabs(watt);
    p->gap_coulomb[k] += dt * (p->will_amp[k] - p->amp[k]);
    p->coulomb[k] += dt * fabs(p->amp[k]);
    const double line[2] = {p->was_line[k], p->line[k]};
    if (r->per_cell > 1) r->info->delivered_joule += step_joule(r, dt, line, amp);
  }
}

/* Voltage of the terminal of every port's line; what it was goes with the step that begins. */
static void take_lines(ogi_run *r, ogi_ports *p) {
  const double *terminal[3] = {r->wires.drive, r->wires.gate, r->wires.held};
  for (size_t k = 0; r->per_cell > 1 && k < p->count; k++) {
    size_t port = port_of(k, p->cells), cell = p->cell[k - port * p->cells], n = r->array->n;
    p->line[k] = terminal[port][port == 1 ? cell / n : cell % n];
  }
}

static void remember(ogi_ports *p) {
  memcpy(p->was_volt, p->volt, p->count * sizeof(double));
  memcpy(p->was_amp, p->amp, p->count * sizeof(double));
  memcpy(p->was_line, p->line, p->count * sizeof(double));
}

static void add_energy(ogi_run *r, const ogi_sums *s, double dt) {
  const ogi_sums *l = &r->last;
  double half = 0.5 * dt;
  if (r->per_cell == 1) r->info->delivered_joule += half * (l->delivered + s->delivered);
  r->info->wires_joule += half * (l->wires + s->wires);
  r->foretold_joule += half * (l->foretold + s->foretold);
  r->power_joule += half * (l->power + s->power);
  r->gap_coulomb += half * (l->amp - l->foretold_amp + s->amp - s->foretold_amp);
  r->last = *s;
}

/* The next step: by the mismatch of voltages and currents, and what no shorter step cures is reported, not chased. */
static void adapt(ogi_run *r, const ogi_sums *s) {
  double volt = r->largest > 0 ? s->worst / r->largest : 0, longest = r->opts.step_second;
  r->largest_amp = fmax(r->largest_amp, s->largest_amp);
  double relative = fmax(volt, r->largest_amp > 0 ? s->worst_amp / r->largest_amp : 0);
  if (!s->first) r->info->mismatch = fmax(r->info->mismatch, volt);
  if (r->opts.mismatch > 0 && relative > 0)
    r->step = fmin(r->step * fmax(0.3, fmin(1.5, 0.8 * r->opts.mismatch / relative)), longest);
  else r->step = fmin(1.5 * r->step, longest);
  r->step = fmax(r->step, OGI_STEP_FLOOR * longest);
}

/* A state outside of its limits is told once, with where it was first. */
static void watch_states(ogi_run *r, ogi_ports *p) {
  if (r->opts.state_min == NULL || r->opts.state_max == NULL) return;
  for (size_t k = 0; k < r->circuit->states * p->cells; k++) {
    size_t s = k / p->cells, cell = p->cell[k % p->cells];
    double x = p->state[k], low = r->opts.state_min[s], high = r->opts.state_max[s];
    if ((x >= low && x <= high) || p->left[k]) continue;
    p->left[k] = 1;
    if (r->info->outside++ == 0)
      snprintf(r->info->outside_where, OG_COSIM_PLACE, "cell (%u,%u), %.6g s: %.20s: saw %.6g, need %g to %g",
               (unsigned)(cell / r->array->n), (unsigned)(cell % r->array->n), r->now, r->circuit->state[s], x, low,
               high);
  }
}

/* ---- rows of results ---- */

static og_status add_row(ogi_run *r) {
  double *to = ogi_alloc(r->width, sizeof *to);
  if (to == NULL || !OGI_ROOM(r->row)) {
    ogi_free(to);
    return ogi_fail(r->err, OG_E_NOMEM, "cosim: results");
  }
  r->row.item[r->row.count++] = to;
  *to++ = r->now;
  for (size_t j = 0; j < r->array->n; j++) *to++ = r->wires.i_out[j];
  for (size_t c = 0; c < r->cells; c++) {
    const ogi_ports *p = r->here[c] ? &r->compact : &r->spice;
    if (!isnan(r->linear[c])) continue;
    for (size_t k = 0; k < r->per_cell; k++) *to++ = p->volt[k * p->cells + r->slot[c]];
    for (size_t k = 0; k < r->per_cell; k++) *to++ = p->amp[k * p->cells + r->slot[c]];
    for (size_t s = 0; s < r->circuit->states; s++) *to++ = p->state[s * p->cells + r->slot[c]];
  }
  return OG_OK;
}

/* ---- one step ---- */

/*
 * Rows are no closer than a tenth of the longest step, but at corners: where steps are very short they would fill the
 * memory and show nothing new. A run that goes on after a failure has the row of its beginning already.
 */
static int is_due(const ogi_run *r, double t) {
  if (r->row.count == 0) return 1;
  double last = r->row.item[r->row.count - 1][0];
  return t > last && (t - last >= ROW_GAP * r->opts.step_second || t >= ogi_run_corner(r));
}

og_status ogi_run_accept(ogi_run *r, double t) {
  double dt = t - r->now;
  ogi_sums s = {.delivered = r->wires.delivered_watt, .wires = r->wires.wires_watt};
  int due = is_due(r, t);
  r->now = t;
  s.first = !(dt > 0);
  take_ports(r, &r->spice, 1, dt, &s);
  take_ports(r, &r->compact, 0, dt, &s);
  take_lines(r, &r->spice);
  take_lines(r, &r->compact);
  audit_ports(r, &r->spice, dt);
  audit_ports(r, &r->compact, dt);
  watch_states(r, &r->spice);
  watch_states(r, &r->compact);
  add_energy(r, &s, dt);
  adapt(r, &s);
  r->dt_before = r->dt;
  r->dt = dt;
  if (dt > 0) r->info->steps++;
  ogi_run_keep_good(r);
  return due ? add_row(r) : OG_OK;
}

/* Cells first to first + count - 1: the end of the step, and their states there. */
static og_status advance_some(const ogi_run *r, double dt, size_t first, size_t count, og_error *err) {
  const ogi_ports *p = &r->compact;
  const og_compact_step step = {.dt_second = dt, .rtol = r->opts.compact_rtol, .first = first, .count = count,
                                .ohm = p->ohm, .from = p->from, .to = p->to, .y = r->y, .v = p->volt, .i = p->amp};
  return og_compact_advance(r->model, &step, NULL, err);
}

/* By several threads; parts begin at whole blocks, so that their number changes no bit. */
og_status ogi_run_advance_compact(ogi_run *r, double dt) {
  ogi_ports *p = &r->compact;
  size_t parts = ogi_ceil_div(p->cells, PART), failed = SIZE_MAX;
  og_status st = OG_OK;
#pragma omp parallel for schedule(dynamic) if (parts > MANY)
  for (size_t k = 0; k < parts; k++) {
    og_error why = {0};
    og_status own = advance_some(r, dt, k * PART, ogi_min_size(PART, p->cells - k * PART), &why);
#pragma omp critical(advance_compact)
    if (own != OG_OK && k < failed) {
      failed = k;
      st = own;
      if (r->err != NULL) *r->err = why;
    }
  }
  if (st == OG_OK && p->cells > 0 && r->circuit->states > 0)
    st = og_compact_states(r->model, 0, p->cells, p->volt, r->y, p->state, r->err);
  return st == OG_OK ? st : ogi_prefix(r->err, st, "cosim: after %.6g s", r->now);
}

og_status ogi_run_wait(ogi_run *r) {
  if (r->batches == NULL) return OG_OK;
  og_status st = ogi_batches_wait(r->batches, r->err);
  return st == OG_OK ? st : ogi_prefix(r->err, st, "cosim: after %.6g s", r->now);
}

og_status ogi_run_step(ogi_run *r, double t) {
  og_status st, other;
  double dt = t - r->now;
  OGI_TRY(st, ogi_run_foretell(r, t, dt));
  remember(&r->spice);
  remember(&r->compact);
  if (r->batches != NULL) ogi_batches_begin(r->batches, r->now - r->base, t - r->base, ogi_run_corner(r) - r->base);
  other = ogi_run_advance_compact(r, dt);
  st = ogi_run_wait(r);
  if (st == OG_OK) st = other;
  if (st != OG_OK) goto done;
  st = ogi_run_accept(r, t);
  memcpy(r->spice.from, r->spice.to, r->spice.count * sizeof(double));
  memcpy(r->compact.from, r->compact.to, r->compact.count * sizeof(double));
done:
  return st;
}

