/* SPDX-License-Identifier: BSD-3-Clause */
/** One pulse and one read of many independent cells in one transient. */
#include <config.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_rng.h"
#include "cosim/ogi_spice.h"
#include "devstat/ogi_sample.h"

/* Tolerances of ngspice: its own of 1e-3 are too coarse for sigmas of a percent. [V] [A] are its own. */
static const ogi_deck_accuracy accuracy = {1e-5, 1e-6, 1e-12};

enum { DRAWS_MAX = 100, STEPS_LEAST = 100 };

/* ---- samples ---- */

/*
 * x = x0 exp(q z - q^2/2), q^2 = ln(1 + spread^2): mean x0 and standard deviation spread |x0|, of the sign of x0. Draws
 * outside of the card's range are drawn again; where there seems to be no other, the nearer end counts.
 */
static double draw_one(ogi_rng *rng, double value, double spread, double min, double max) {
  double q = sqrt(log1p(spread * spread)), x = value;
  for (int k = 0; k < DRAWS_MAX; k++) {
    x = value * exp(q * ogi_rng_normal(rng) - q * q / 2);
    if (x >= min && x <= max) return x;
  }
  return fmin(fmax(x, min), max);
}

og_status ogi_sample_draw(const ogi_recipe *p, const og_circuit_card *card, uint64_t seed, size_t sample,
                          double *value, og_error *err) {
  ogi_stream stream = {.seed = seed, .source = OGI_SOURCE_DEVICE, .trial = (uint32_t)sample};
  ogi_rng *rng = ogi_rng_create(stream);
  if (rng == NULL) return ogi_fail(err, OG_E_NOMEM, "samples");
  for (size_t k = 0; k < og_circuit_card_params(card); k++) {
    const og_circuit_param *q = og_circuit_card_param(card, k);
    value[k] = p->nominal[k];
    if (p->spread[k] == 0 || value[k] == 0) continue;
    stream.layer = (uint32_t)k;
    ogi_rng_restart(rng, stream);
    value[k] = draw_one(rng, p->nominal[k], p->spread[k], q->min, q->max);
  }
  ogi_rng_free(rng);
  return OG_OK;
}

/* ---- the deck ---- */

/* Times of a shot [s]: pulse from lead to pulse_end, flat part of the read, end. */
typedef struct timing {
  double lead, pulse_end, read, flat_from, flat_to, end;
} timing;

static timing times_of(const ogi_recipe *p, ogi_track *const *track, size_t count) {
  timing t = {.lead = p->f.read_edge, .pulse_end = p->f.read_edge};
  for (size_t k = 0; k < count; k++)
    if (track[k]->volt != 0) t.pulse_end = fmax(t.pulse_end, t.lead + track[k]->width + 2 * track[k]->edge);
  t.read = t.pulse_end + p->f.gap;
  t.flat_from = t.read + p->f.read_edge;
  t.flat_to = t.flat_from + p->f.read_width;
  t.end = t.flat_to + 2 * p->f.read_edge;
  return t;
}

/* Text that grows within a room that was computed beforehand. */
typedef struct text {
  char *to;
  size_t used, room;
} text;

static void add(text *t, const char *format, ...) OGI_PRINTF(2, 3);
static void add(text *t, const char *format, ...) {
  va_list args;
  va_start(args, format);
  t->used += (size_t)vsnprintf(t->to + t->used, t->room - t->used, format, args);
  va_end(args);
}

static void add_source(text *t, const ogi_recipe *p, const ogi_track *c, size_t k, const timing *at) {
  add(t, "v%zu d%zu 0 pwl(0 0", k, k);
  if (c->volt != 0)
    add(t, " %.17g 0 %.17g %.17g %.17g %.17g %.17g 0", at->lead, at->lead + c->edge, c->volt,
        at->lead + c->edge + c->width, c->volt, at->lead + 2 * c->edge + c->width);
  add(t, " %.17g 0 %.17g %.17g %.17g %.17g %.17g 0)\n", at->read, at->flat_from, p->f.read_volt, at->flat_to,
      p->f.read_volt, at->flat_to + p->f.read_edge);
}

/* i = v/sqrt(R^2 + (v/L)^2): the series resistance at small currents, never more than L. Its slope nowhere vanishes, as
 * that of a tanh would, so that Newton steps find back. */
static void add_driver(text *t, const ogi_recipe *p, const ogi_track *c, size_t k) {
  double r = p->f.series_ohm, l = c->compliance;
  if (l > 0)
    add(t, "b%zu d%zu p%zu i=v(d%zu,p%zu)/sqrt(%.17g+%.17g*v(d%zu,p%zu)*v(d%zu,p%zu))\n", k, k, k, k, k, r * r,
        1 / (l * l), k, k, k, k);
  else add(t, "r%zu d%zu p%zu %.17g\n", k, k, k, r);
}

static void add_cell(text *t, const ogi_lab *lab, const ogi_track *c, size_t k) {
  const ogi_recipe *p = lab->program;
  add(t, "x%zu", k);
  for (size_t j = 0; j < og_circuit_card_pins(lab->card); j++) {
    if (j == p->ground) add(t, " 0");
    else if (j == p->drive) add(t, " p%zu", k);
    else add(t, " q%zu_%zu", k, j);
  }
  add(t, " %s", og_circuit_card_subckt(lab->card));
  for (size_t j = 0; j < og_circuit_card_params(lab->card); j++) {
    double value = c->value[j];
    for (size_t i = 0; c->begun && i < p->carries; i++)
      if (p->carry[i].param == j) value = c->state[i];
    add(t, " %s=%.17g", og_circuit_card_param(lab->card, j)->name, value);
  }
  add(t, "\n");
}

static og_status parse_deck(const ogi_lab *lab, ogi_track *const *track, size_t count, const timing *at, og_deck **deck,
                            og_error *err) {
  og_status st;
  og_deck_opts opts;
  const char *file = og_circuit_card_file(lab->card);
  size_t each = 1000 + 80 * og_circuit_card_params(lab->card) + 60 * og_circuit_card_pins(lab->card) +
                strlen(og_circuit_card_subckt(lab->card));
  text t = {.room = 300 + strlen(file) + count * each};
  char *name = ogi_path_join(og_circuit_card_folder(lab->card), "program.yaml: one shot"); /* includes lie beside it */
  t.to = ogi_alloc(t.room, 1);
  if (t.to == NULL || name == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "a deck of %zu cells", count);
    goto done;
  }
  add(&t, "one shot\n.include \"%s\"\n", file);
  for (size_t k = 0; k < count; k++) {
    add_source(&t, lab->program, track[k], k, at);
    add_driver(&t, lab->program, track[k], k);
    add_cell(&t, lab, track[k], k);
  }
  add(&t, ".tran %.17g %.17g 0 %.17g uic\n.end\n", at->end / STEPS_LEAST, at->end, at->end / STEPS_LEAST);
  og_deck_opts_init(&opts);
  opts.folder = og_circuit_card_folder(lab->card);
  st = og_deck_parse(deck, name, t.to, t.used, &opts, err);
done:
  ogi_free(t.to);
  ogi_free(name);
  return st;
}

/* ---- what it came to ---- */

/* Integral of a (of a*b with b) from one time to another: straight lines between points, their product exactly. */
static double integral(const og_vectors *v, const double *a, const double *b, double from, double to) {
  const double *t = og_vectors_at(v, 0);
  double sum = 0;
  for (size_t k = 0; k + 1 < v->points; k++) {
    double left = fmax(t[k], from), right = fmin(t[k + 1], to), dt = t[k + 1] - t[k];
    if (!(right > left)) continue;
    double u = (left - t[k]) / dt, w = (right - t[k]) / dt;
    double a0 = a[k] + u * (a[k + 1] - a[k]), a1 = a[k] + w * (a[k + 1] - a[k]);
    double b0 = b != NULL ? b[k] + u * (b[k + 1] - b[k]) : 1, b1 = b != NULL ? b[k] + w * (b[k + 1] - b[k]) : 1;
    sum += (right - left) * ((a0 * b0 + a1 * b1) / 3 + (a0 * b1 + a1 * b0) / 6);
  }
  return sum;
}

static const double *vector(const og_vectors *v, const char *format, size_t a, size_t b) {
  char name[64];
  snprintf(name, sizeof name, format, a, b);
  size_t k = og_vectors_find(v, name);
  return k < v->count ? og_vectors_at(v, k) : NULL;
}

/* Energies [J] delivered by the source: its current is positive into its first node. */
static og_status measure(const ogi_recipe *p, ogi_track *c, const og_vectors *v, size_t k, const timing *at,
                         og_error *err) {
  const double *i = vector(v, "i(v%zu)", k, 0), *d = vector(v, "d%zu", k, 0), *cell = vector(v, "p%zu", k, 0);
  if (i == NULL || d == NULL || cell == NULL || v->points < 2)
    return ogi_fail(err, OG_E_EXTERN, "ngspice: saw no current or voltage of cell %zu", k);
  double middle = (at->pulse_end + at->read) / 2;
  c->pulse_joule = c->volt != 0 ? -integral(v, d, i, 0, middle) : 0;
  c->read_joule = -integral(v, d, i, middle, at->end);
  c->siemens = -integral(v, i, NULL, at->flat_from, at->flat_to) / integral(v, cell, NULL, at->flat_from, at->flat_to);
  for (size_t j = 0; j < p->carries; j++) {
    const double *x = vector(v, "q%zu_%zu", k, p->carry[j].pin);
    if (x == NULL) return ogi_fail(err, OG_E_EXTERN, "ngspice: saw no state of cell %zu", k);
    c->state[j] = x[v->points - 1];
  }
  c->begun = 1;
  if (!isfinite(c->siemens))
    return ogi_fail(err, OG_E_EXTERN, "ngspice: saw a conductance of %g S, need a finite one", c->siemens);
  return OG_OK;
}

static og_status run(const ogi_lab *lab, og_spice *s, ogi_track **track, size_t count, og_error *err) {
  og_status st;
  og_deck *deck = NULL;
  og_vectors *v = NULL;
  timing at = times_of(lab->program, track, count);
  OGI_TRY(st, parse_deck(lab, track, count, &at, &deck, err));
  OGI_TRY(st, ogi_spice_run_deck(s, deck, og_deck_analysis(deck, 0), &accuracy, &v, err));
  for (size_t k = 0; k < count; k++) OGI_TRY(st, measure(lab->program, track[k], v, k, &at, err));
done:
  og_vectors_free(v);
  og_deck_free(deck);
  return st;
}

/* One sample alone; a failure is its own. */
static og_status run_alone(const ogi_lab *lab, og_spice *s, ogi_track **track, size_t count, og_error *err) {
  og_error own = {0};
  og_status st = run(lab, s, track, count, &own);
  if (st == OG_OK) return st;
  if (st != OG_E_EXTERN) {
    if (err != NULL) *err = own;
    return st;
  }
  for (size_t k = 0; k < count; k++) {
    track[k]->failed = 1;
    snprintf(track[k]->why, sizeof track[k]->why, "%.399s", own.text);
  }
  return OG_OK;
}

/* States before the shot, in case that it has to be done again. */
static void keep(ogi_track *to, ogi_track **track, size_t count, int back) {
  for (size_t k = 0; k < count; k++) {
    if (back) *track[k] = to[k];
    else to[k] = *track[k];
  }
}

og_status ogi_shoot(const ogi_lab *lab, og_spice *s, ogi_track **track, size_t count, og_error *err) {
  og_error own = {0};
  if (count == 0) return OG_OK;
  ogi_track *before = ogi_alloc(count, sizeof *before);
  if (before == NULL) return ogi_fail(err, OG_E_NOMEM, "%zu cells", count);
  keep(before, track, count, 0);
  og_status st = run(lab, s, track, count, &own);
  if (st == OG_E_EXTERN) {
    st = OG_OK;
    keep(before, track, count, 1);
    for (size_t k = 0, end; k < count && st == OG_OK; k = end) {
      for (end = k + 1; end < count && track[end]->sample == track[k]->sample;) end++;
      st = run_alone(lab, s, track + k, end - k, err);
    }
  } else if (st != OG_OK && err != NULL) *err = own;
  ogi_free(before);
  return st;
}
