/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The laws of the elements [Ho1975]: residual and slopes of the whole system.
 *
 * The pattern is found by the same code that later fills the values: every call visits the same entries in the same
 * order, so the k-th visit always belongs to the same place of the matrix.
 */
#include <config.h>

#include <math.h>
#include <string.h>

#include "circuit/ogi_mna.h"

static const double HOLD = 1e10; /* [S] to the initial potential of a node, as in SPICE3 */

typedef struct loader {
  og_circuit *c;
  const ogi_stage *stage;
  const double *x;
  ogi_load_what what;
  size_t limited;
} loader;

double ogi_mna_volt(const double *x, int node) { return node < 0 ? 0 : x[node]; }

double ogi_mna_mutual(const og_circuit *c, const ogi_element *e) { /* M = k sqrt(L1 L2) [H] */
  return e->value * sqrt(c->element[e->control[0]].value * c->element[e->control[1]].value);
}

double ogi_mna_source(const ogi_element *e, const ogi_stage *s) {
  const ogi_source *source = e->source;
  return s->share * (s->bias && !isnan(source->dc) ? source->dc : ogi_wave_at(&source->wave, s->second));
}

/* ---- terms and entries ---- */

/* Slope of a row by a column: conductance, and capacitance. */
static void put(loader *l, int row, int column, double siemens, double farad) {
  og_circuit *c = l->c;
  if (row < 0 || column < 0 || l->what == OGI_LOAD_RESIDUAL) return;
  size_t stamp = c->cursor++;
  if (l->what == OGI_LOAD_PATTERN) {
    if (c->row == NULL) return;
    c->row[stamp] = row;
    c->column[stamp] = column;
  } else if (l->what == OGI_LOAD_COMPLEX) {
    c->linear.az[2 * c->map[stamp]] += siemens;
    c->linear.az[2 * c->map[stamp] + 1] += c->omega * farad;
  } else {
    c->linear.ax[c->map[stamp]] += siemens + l->stage->a0 * farad;
  }
}

/* Term of a row; noise: the magnitudes that rounding acts on. */
static void term(loader *l, int row, double value, double noise) {
  if (row < 0 || l->what == OGI_LOAD_PATTERN) return;
  l->c->f[row] += value;
  l->c->sum[row] += fabs(value);
  l->c->noise[row] += noise;
}

/* Current amp from a to b, with its slopes by v_p - v_q. */
static void conduct(loader *l, const int node[4], double amp, double siemens, double farad, double noise) {
  int a = node[0], b = node[1], p = node[2], q = node[3];
  double slope = fabs(siemens) + fabs(farad) * l->stage->a0;
  noise += slope * (fabs(ogi_mna_volt(l->x, p)) + fabs(ogi_mna_volt(l->x, q)));
  term(l, a, amp, noise);
  term(l, b, -amp, noise);
  put(l, a, p, siemens, farad);
  put(l, a, q, -siemens, -farad);
  put(l, b, p, -siemens, -farad);
  put(l, b, q, siemens, farad);
}

/* gain times the current of branch j, from a to b. */
static void carry(loader *l, int a, int b, int j, double gain) {
  double amp = gain * ogi_mna_volt(l->x, j);
  term(l, a, amp, fabs(amp));
  term(l, b, -amp, fabs(amp));
  put(l, a, j, gain, 0);
  put(l, b, j, -gain, 0);
}

/* gain (v_a - v_b) in a voltage law. */
static void across(loader *l, int row, int a, int b, double gain) {
  double va = gain * ogi_mna_volt(l->x, a), vb = gain * ogi_mna_volt(l->x, b);
  term(l, row, va, fabs(va));
  term(l, row, -vb, fabs(vb));
  put(l, row, a, gain, 0);
  put(l, row, b, -gain, 0);
}

/* An element that defines a voltage: its current at both nodes, v_a - v_b in its law. */
static void branch(loader *l, const ogi_element *e) {
  carry(l, e->a, e->b, e->branch, 1);
  across(l, e->branch, e->a, e->b, 1);
}

/* ---- laws ---- */

static void load_capacitor(loader *l, const ogi_element *e) { /* i = a0 (C v - base) */
  double a0 = l->stage->a0, base = a0 > 0 ? a0 * l->c->base[e->state] : 0;
  double v = ogi_mna_volt(l->x, e->a) - ogi_mna_volt(l->x, e->b);
  conduct(l, (int[]){e->a, e->b, e->a, e->b}, a0 * e->value * v - base, 0, e->value, fabs(base));
}

static void load_inductor(loader *l, const ogi_element *e) { /* v_a - v_b - a0 (flux - base) = 0 */
  double a0 = l->stage->a0;
  branch(l, e);
  put(l, e->branch, e->branch, 0, -e->value);
  if (a0 <= 0) return;
  double flux = a0 * l->c->q[e->state], base = a0 * l->c->base[e->state];
  term(l, e->branch, base - flux, fabs(flux) + fabs(base));
}

static void load_coupling(loader *l, const ogi_element *e) { /* the flux itself is in q */
  int j1 = l->c->element[e->control[0]].branch, j2 = l->c->element[e->control[1]].branch;
  double m = ogi_mna_mutual(l->c, e);
  put(l, j1, j2, 0, -m);
  put(l, j2, j1, 0, -m);
}

static void load_diode(loader *l, const ogi_element *e) {
  ogi_junction *j = e->junction;
  double a0 = l->stage->a0, now = ogi_mna_volt(l->x, e->p) - ogi_mna_volt(l->x, e->b), v = now, stored = 0;
  if (j->series > 0) {
    double amp = j->series * (ogi_mna_volt(l->x, e->a) - ogi_mna_volt(l->x, e->p));
    conduct(l, (int[]){e->a, e->p, e->a, e->p}, amp, j->series, 0, 0);
  }
  if (l->what == OGI_LOAD_NEWTON || l->what == OGI_LOAD_FORGIVING) {
    v = j->seen = ogi_junction_limit(j, now);
    l->limited += v != now;
  }
  ogi_bias at = ogi_junction_at(j, v);
  double siemens = at.siemens + l->c->gmin, amp = at.amp + l->c->gmin * v + siemens * (now - v);
  if (a0 > 0 && e->state >= 0) stored = a0 * (at.coulomb + at.farad * (now - v) - l->c->base[e->state]);
  conduct(l, (int[]){e->p, e->b, e->p, e->b}, amp + stored, siemens, at.farad,
          a0 > 0 && e->state >= 0 ? a0 * (fabs(at.coulomb) + fabs(l->c->base[e->state])) : 0);
}

/* Note an element whose law has no finite value here. */
static void blame(loader *l, const ogi_element *e) {
  if (l->c->bad == OGI_NONE) l->c->bad = (int)(e - l->c->element);
}

static void load_cell(loader *l, const ogi_element *e) {
  double v = ogi_mna_volt(l->x, e->a) - ogi_mna_volt(l->x, e->b), amp = 0, siemens = 0;
  if (l->what != OGI_LOAD_PATTERN) e->law(e->user, v, &amp, &siemens);
  if (!isfinite(amp) || !isfinite(siemens)) {
    blame(l, e);
    amp = l->what == OGI_LOAD_FORGIVING ? 0 : INFINITY;
    siemens = 0;
  }
  conduct(l, (int[]){e->a, e->b, e->a, e->b}, amp, siemens, 0, 0);
}

int ogi_mna_behave(const og_circuit *c, const ogi_element *e, const double *x, double second, double *value) {
  ogi_behaviour *b = e->behaviour;
  for (size_t k = 0; k < b->count; k++) {
    const ogi_control *from = &b->control[k];
    b->x[k] = from->element >= 0 ? x[c->element[from->element].branch]
                                 : ogi_mna_volt(x, from->p) - ogi_mna_volt(x, from->q);
    b->slope[k] = 0;
  }
  *value = NAN;
  int good = b->function(b->user, second, b->x, value, b->slope) == 0 && isfinite(*value);
  for (size_t k = 0; k < b->count; k++) good &= isfinite(b->slope[k]) != 0;
  return good;
}

/* How much rounding of its controls moves a behavioural source. */
static double behaviour_noise(const loader *l, const ogi_behaviour *b) {
  double noise = 0;
  for (size_t k = 0; k < b->count; k++) {
    const ogi_control *from = &b->control[k];
    double reach = from->element >= 0 ? fabs(b->x[k])
                                      : fabs(ogi_mna_volt(l->x, from->p)) + fabs(ogi_mna_volt(l->x, from->q));
    noise += fabs(b->slope[k]) * reach;
  }
  return noise;
}

/* 'V': v_a - v_b - value = 0 in its own row; 'I': value flows from a to b. */
static void load_behaviour(loader *l, const ogi_element *e) {
  ogi_behaviour *b = e->behaviour;
  double value = 0, share = l->stage->share, noise = 0;
  int first = b->shape == 'V' ? e->branch : e->a, second = b->shape == 'V' ? OGI_NONE : e->b;
  double sign = b->shape == 'V' ? -share : share;
  if (b->shape == 'V') branch(l, e);
  if (l->what != OGI_LOAD_PATTERN && !ogi_mna_behave(l->c, e, l->x, l->stage->second, &value)) {
    blame(l, e);
    value = l->what == OGI_LOAD_FORGIVING ? 0 : INFINITY;
    memset(b->slope, 0, b->count * sizeof *b->slope);
  }
  if (l->what != OGI_LOAD_PATTERN) noise = fabs(value) + behaviour_noise(l, b);
  term(l, first, sign * value, noise);
  term(l, second, -sign * value, noise);
  for (size_t k = 0; k < b->count; k++) {
    const ogi_control *from = &b->control[k];
    double slope = sign * b->slope[k];
    int plus = from->element >= 0 ? l->c->element[from->element].branch : from->p;
    put(l, first, plus, slope, 0);
    put(l, second, plus, -slope, 0);
    if (from->element >= 0) continue;
    put(l, first, from->q, -slope, 0);
    put(l, second, from->q, slope, 0);
  }
}

/* v_a - v_b - ohm i_control = 0 */
static void load_current_controlled(loader *l, const ogi_element *e) {
  int j = l->c->element[e->control[0]].branch;
  double volt = e->value * ogi_mna_volt(l->x, j);
  branch(l, e);
  term(l, e->branch, -volt, fabs(volt));
  put(l, e->branch, j, -e->value, 0);
}

static void load_element(loader *l, const ogi_element *e) {
  const double *x = l->x;
  double amp;
  switch (e->kind) {
    case 'R':
      amp = (ogi_mna_volt(x, e->a) - ogi_mna_volt(x, e->b)) / e->value;
      conduct(l, (int[]){e->a, e->b, e->a, e->b}, amp, 1 / e->value, 0, 0);
      return;
    case 'C': load_capacitor(l, e); return;
    case 'L': load_inductor(l, e); return;
    case 'K': load_coupling(l, e); return;
    case 'I':
      amp = l->what == OGI_LOAD_PATTERN ? 0 : ogi_mna_source(e, l->stage);
      term(l, e->a, amp, 0);
      term(l, e->b, -amp, 0);
      return;
    case 'V':
      branch(l, e);
      if (l->what != OGI_LOAD_PATTERN) term(l, e->branch, -ogi_mna_source(e, l->stage), 0);
      return;
    case 'E': /* v_a - v_b - gain (v_p - v_q) = 0 */
      branch(l, e);
      across(l, e->branch, e->p, e->q, -e->value);
      return;
    case 'G':
      amp = e->value * (ogi_mna_volt(x, e->p) - ogi_mna_volt(x, e->q));
      conduct(l, (int[]){e->a, e->b, e->p, e->q}, amp, e->value, 0, 0);
      return;
    case 'F': carry(l, e->a, e->b, l->c->element[e->control[0]].branch, e->value); return;
    case 'H': load_current_controlled(l, e); return;
    case 'D': load_diode(l, e); return;
    case 'B': load_behaviour(l, e); return;
    default: load_cell(l, e);
  }
}

/* ---- the whole system ---- */

void ogi_mna_charges(const og_circuit *c, const double *x, double *q) {
  for (size_t k = 0; k < c->count; k++) {
    const ogi_element *e = &c->element[k];
    if (e->state < 0) continue;
    if (e->kind == 'C') q[e->state] = e->value * (ogi_mna_volt(x, e->a) - ogi_mna_volt(x, e->b));
    else if (e->kind == 'L') q[e->state] = e->value * x[e->branch];
    else q[e->state] = ogi_junction_at(e->junction, ogi_mna_volt(x, e->p) - ogi_mna_volt(x, e->b)).coulomb;
  }
  for (size_t k = 0; k < c->count; k++) {
    const ogi_element *e = &c->element[k];
    if (e->kind != 'K') continue;
    const ogi_element *l1 = &c->element[e->control[0]], *l2 = &c->element[e->control[1]];
    double m = ogi_mna_mutual(c, e);
    q[l1->state] += m * x[l2->branch];
    q[l2->state] += m * x[l1->branch];
  }
}

static void clear(og_circuit *c, ogi_load_what what) {
  size_t entries = c->prepared ? (size_t)c->linear.ap[c->linear.n] : 0, bytes = (size_t)c->unknowns * sizeof(double);
  if (what == OGI_LOAD_PATTERN) return;
  memset(c->f, 0, bytes);
  memset(c->sum, 0, bytes);
  memset(c->noise, 0, bytes);
  if (what == OGI_LOAD_COMPLEX) memset(c->linear.az, 0, 2 * entries * sizeof(double));
  else if (what != OGI_LOAD_RESIDUAL) memset(c->linear.ax, 0, entries * sizeof(double));
}

size_t ogi_mna_load(og_circuit *c, const ogi_stage *stage, const double *x, ogi_load_what what) {
  loader l = {.c = c, .stage = stage, .x = x, .what = what};
  int nodes = (int)ogi_names_count(c->nodes);
  c->cursor = 0;
  c->bad = OGI_NONE;
  clear(c, what);
  if (what != OGI_LOAD_PATTERN && stage->a0 > 0) ogi_mna_charges(c, x, c->q);
  for (int k = 0; k < nodes; k++) {
    int held = stage->hold && (size_t)k < c->ic_room && !isnan(c->ic[k]);
    double siemens = stage->shunt + (held ? HOLD : 0);
    double known = held ? HOLD * c->ic[k] * stage->share : 0, amp = siemens * ogi_mna_volt(x, k) - known;
    term(&l, k, amp, fabs(siemens * ogi_mna_volt(x, k)) + fabs(known));
    put(&l, k, k, siemens, 0);
  }
  for (size_t k = 0; k < c->count; k++) load_element(&l, &c->element[k]);
  return l.limited;
}
