/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Modified nodal analysis [Ho1975]: stamps, the sparse factor (KLU [Davis2010]), Newton's method at one time.
 *
 * Row of a node: sum of the currents leaving it = 0 [A]. Row of a branch (V, E, H, L): its voltage law = 0 [V].
 * Every element always stamps the same places, so that the pattern is found once; a zero costs nothing.
 */
#include <config.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_const_mksa.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "circuit/ogi_mna.h"

enum { NEWTON_MAX = 150, CUTS_MAX = 12 };
static const double KCL_RTOL = 1e-10;  /* [-] of the largest element current */
static const double KCL_FLOOR = 1e-18; /* [A] below which currents are nothing */

double ogi_mna_volt(const og_circuit *c, int node) { return node < 0 ? 0 : c->x[node]; }

static double across(const og_circuit *c, const ogi_element *e) {
  return ogi_mna_volt(c, e->node[0]) - ogi_mna_volt(c, e->node[1]);
}

int ogi_is_source(const ogi_element *e) { return strchr("VIEGFH", e->kind) != NULL; }

/* ---- laws of the elements ---- */

static double thermal_volt(const og_diode *d) {
  return d->n * GSL_CONST_MKSA_BOLTZMANN * d->kelvin / GSL_CONST_MKSA_ELECTRON_CHARGE;
}

/* Current and slope of a diode or a cell at v. */
static double law_at(const ogi_element *e, double gmin, double v, double *slope) {
  double amp;
  if (e->kind == 'Y') {
    e->law(e->user, v, &amp, slope);
    return amp;
  }
  double unit = thermal_volt(&e->diode), ratio = fmin(v / unit, 600); /* exp(600) is finite, and no answer */
  *slope = e->diode.is_amp * exp(ratio) / unit + gmin;
  return e->diode.is_amp * expm1(ratio) + gmin * v;
}

/*
 * A diode is linearised no further from its last voltage than the exponential allows: where the new voltage lies in the
 * steep part, the step is that of the logarithm of the current [Nagel1975].
 */
static double limit_junction(const ogi_element *e, double v) {
  double unit = thermal_volt(&e->diode), before = e->limited;
  double steep = unit * log(unit / (M_SQRT2 * e->diode.is_amp));
  if (v <= steep || fabs(v - before) <= 2 * unit) return v;
  if (before <= 0) return unit * log(fmax(v / unit, 1));
  double share = 1 + (v - before) / unit;
  return share > 0 ? before + unit * log(share) : steep;
}

/* What is known of the rate of a state, apart from a0 q. */
static double known_rate(const ogi_element *e, const ogi_stage *s) {
  switch (s->method) {
    case OGI_EULER: return -s->a0 * e->state[0];
    case OGI_TRAPEZOIDAL: return -s->a0 * e->state[0] - e->rate[0];
    case OGI_BDF2: return s->a2 * e->state[0] - s->a1 * e->state[1];
    default: return 0;
  }
}

static double source_at(const ogi_element *e, const ogi_stage *s) {
  return s->share * ogi_wave_at(&e->wave, s->second);
}

double ogi_mna_current(const og_circuit *c, const ogi_element *e, const ogi_stage *s) {
  double slope;
  switch (e->kind) {
    case 'R': return across(c, e) / e->value;
    case 'C': return e->value * (s->a0 * across(c, e) + known_rate(e, s));
    case 'I': return source_at(e, s);
    case 'G': return e->value * (ogi_mna_volt(c, e->node[2]) - ogi_mna_volt(c, e->node[3]));
    case 'F': return e->value * c->x[c->element[e->source].branch];
    case 'D':
    case 'Y': return law_at(e, s->gmin, across(c, e), &slope);
    default: return c->x[e->branch];
  }
}

double ogi_mna_power(const og_circuit *c, const ogi_element *e, const ogi_stage *s) {
  return across(c, e) * ogi_mna_current(c, e, s);
}

/* What the rounding of the potentials leaves of an element's current [A]. */
static double rounding_of(const og_circuit *c, const ogi_element *e, const ogi_stage *stage, double amp) {
  double siemens = e->kind == 'R' ? 1 / e->value : e->kind == 'C' ? e->value * stage->a0 : e->kind == 'G' ? e->value : 0;
  double reach = fmax(fabs(ogi_mna_volt(c, e->node[0])), fabs(ogi_mna_volt(c, e->node[1])));
  return 4 * DBL_EPSILON * (fabs(siemens) * reach + fabs(amp));
}

double ogi_mna_residual(og_circuit *c, const ogi_stage *stage, size_t *worst) {
  double most = 0, residual = 0, rounding = KCL_FLOOR;
  memset(c->rhs, 0, c->unknowns * sizeof *c->rhs);
  for (size_t k = 0; k < c->count; k++) {
    const ogi_element *e = &c->element[k];
    double amp = ogi_mna_current(c, e, stage);
    if (!isfinite(amp)) return INFINITY;
    most = fmax(most, fabs(amp));
    rounding = fmax(rounding, rounding_of(c, e, stage, amp));
    if (e->node[0] >= 0) c->rhs[e->node[0]] += amp;
    if (e->node[1] >= 0) c->rhs[e->node[1]] -= amp;
  }
  for (size_t k = 0; k < c->nodes; k++)
    if (!(fabs(c->rhs[k]) <= residual)) {
      residual = fabs(c->rhs[k]);
      if (worst != NULL) *worst = k;
    }
  return residual <= rounding ? 0 : residual / fmax(most, KCL_FLOOR);
}

/* ---- stamps ---- */

typedef struct pair {
  int column, row;
  size_t stamp;
} pair;

/* Either counts and notes places (pairs), or adds values. */
typedef struct stamper {
  og_circuit *c;
  pair *pairs;
  size_t count;
} stamper;

static void put(stamper *s, int row, int column, double value) {
  if (row < 0 || column < 0) return;
  if (s->c->prepared) s->c->value[s->c->place[s->count]] += value;
  else if (s->pairs != NULL) s->pairs[s->count] = (pair){column, row, s->count};
  s->count++;
}

/* The current value (v_p - v_q) flows from a to b. */
static void put_conductance(stamper *s, int a, int b, int p, int q, double value) {
  put(s, a, p, value);
  put(s, a, q, -value);
  put(s, b, p, -value);
  put(s, b, q, value);
}

/* The branch current flows from a to b, and v_a - v_b is part of the branch's law. */
static void put_branch(stamper *s, const ogi_element *e) {
  put(s, e->node[0], e->branch, 1);
  put(s, e->node[1], e->branch, -1);
  put(s, e->branch, e->node[0], 1);
  put(s, e->branch, e->node[1], -1);
}

static void drive(og_circuit *c, int row, double value) {
  if (c->prepared && row >= 0) c->rhs[row] += value;
}

static void stamp_law(stamper *s, ogi_element *e, const ogi_stage *stage) {
  double slope = 0, amp = 0, v = 0;
  if (s->c->prepared) {
    v = across(s->c, e);
    if (e->kind == 'D') v = e->limited = limit_junction(e, v);
    amp = law_at(e, stage->gmin, v, &slope);
  }
  put_conductance(s, e->node[0], e->node[1], e->node[0], e->node[1], slope);
  drive(s->c, e->node[0], slope * v - amp);
  drive(s->c, e->node[1], amp - slope * v);
}

static void stamp_element(stamper *s, ogi_element *e, const ogi_stage *stage) {
  og_circuit *c = s->c;
  int a = e->node[0], b = e->node[1];
  switch (e->kind) {
    case 'R': put_conductance(s, a, b, a, b, 1 / e->value); return;
    case 'C':
      put_conductance(s, a, b, a, b, e->value * stage->a0);
      drive(c, a, -e->value * known_rate(e, stage));
      drive(c, b, e->value * known_rate(e, stage));
      return;
    case 'L': /* v - L a0 i = L (known rate) */
      put_branch(s, e);
      put(s, e->branch, e->branch, -e->value * stage->a0);
      drive(c, e->branch, e->value * known_rate(e, stage));
      return;
    case 'V':
      put_branch(s, e);
      drive(c, e->branch, source_at(e, stage));
      return;
    case 'I':
      drive(c, a, -source_at(e, stage));
      drive(c, b, source_at(e, stage));
      return;
    case 'E':
      put_branch(s, e);
      put(s, e->branch, e->node[2], -e->value);
      put(s, e->branch, e->node[3], e->value);
      return;
    case 'H':
      put_branch(s, e);
      put(s, e->branch, c->element[e->source].branch, -e->value);
      return;
    case 'G': put_conductance(s, a, b, e->node[2], e->node[3], e->value); return;
    case 'F':
      put(s, a, c->element[e->source].branch, e->value);
      put(s, b, c->element[e->source].branch, -e->value);
      return;
    default: stamp_law(s, e, stage);
  }
}

static size_t stamp_all(og_circuit *c, pair *pairs, const ogi_stage *stage) {
  stamper s = {.c = c, .pairs = pairs};
  if (c->prepared) {
    memset(c->value, 0, (size_t)c->column[c->unknowns] * sizeof *c->value);
    memset(c->rhs, 0, c->unknowns * sizeof *c->rhs);
  }
  for (size_t k = 0; k < c->count; k++) stamp_element(&s, &c->element[k], stage);
  return s.count;
}

/* ---- pattern ---- */

static int by_place(const void *a, const void *b) {
  const pair *x = a, *y = b;
  if (x->column != y->column) return x->column < y->column ? -1 : 1;
  return (x->row > y->row) - (x->row < y->row);
}

static void compress(og_circuit *c, const pair *pairs) {
  int entries = 0, column = 0;
  for (size_t k = 0; k < c->places; k++) {
    if (k == 0 || pairs[k].column != pairs[k - 1].column || pairs[k].row != pairs[k - 1].row) {
      while (column <= pairs[k].column) c->column[column++] = entries;
      c->row[entries++] = pairs[k].row;
    }
    c->place[pairs[k].stamp] = (size_t)entries - 1;
  }
  while (column <= (int)c->unknowns) c->column[column++] = entries;
}

og_status ogi_mna_prepare(og_circuit *c, og_error *err) {
  og_status st = OG_OK;
  const ogi_stage none = {.method = OGI_DC};
  if (c->prepared) return OG_OK;
  c->unknowns = c->nodes;
  for (size_t k = 0; k < c->count; k++)
    c->element[k].branch = strchr("VEHL", c->element[k].kind) != NULL ? (int)c->unknowns++ : -1;
  if (c->unknowns == 0) return ogi_fail(err, OG_E_INPUT, "circuit: saw no element between nodes, need one");
  c->places = stamp_all(c, NULL, &none);
  pair *pairs = ogi_alloc(c->places, sizeof *pairs);
  c->place = ogi_alloc(c->places, sizeof *c->place);
  c->row = ogi_alloc(c->places, sizeof *c->row);
  c->value = ogi_alloc(c->places, sizeof *c->value);
  c->column = ogi_alloc(c->unknowns + 1, sizeof *c->column);
  double **vector[] = {&c->x, &c->step, &c->rhs, &c->kept};
  int ok = pairs && c->place && c->row && c->value && c->column;
  for (size_t k = 0; k < 4; k++) ok &= (*vector[k] = ogi_alloc(c->unknowns, sizeof(double))) != NULL;
  if (!ok) {
    st = ogi_fail(err, OG_E_NOMEM, "circuit: %zu unknowns", c->unknowns);
    goto done;
  }
  stamp_all(c, pairs, &none);
  qsort(pairs, c->places, sizeof *pairs, by_place);
  compress(c, pairs);
  c->symbolic = klu_analyze((int)c->unknowns, c->column, c->row, &c->common);
  if (c->symbolic == NULL)
    st = ogi_fail(err, c->common.status == KLU_OUT_OF_MEMORY ? OG_E_NOMEM : OG_E_SINGULAR,
                  "circuit: no order of elimination for %zu unknowns", c->unknowns);
  c->prepared = st == OG_OK;
done:
  ogi_free(pairs);
  return st;
}

/* ---- solve ---- */

static og_status name_singular(const og_circuit *c, og_error *err) {
  size_t k = c->common.singular_col >= 0 ? (size_t)c->common.singular_col : 0;
  if (k < c->nodes)
    return ogi_fail(err, OG_E_SINGULAR, "circuit: no solution: the potential of node %s is not determined", c->node[k]);
  for (size_t e = 0; e < c->count; e++)
    if (c->element[e].branch == (int)k)
      return ogi_fail(err, OG_E_SINGULAR, "circuit: no solution: the current of element %s is not determined",
                      c->element[e].name);
  return ogi_fail(err, OG_E_SINGULAR, "circuit: no solution");
}

/* Pivots are kept while they are good enough, else chosen anew. */
static og_status factor(og_circuit *c, og_error *err) {
  static const double least_rcond = 1e-13;
  if (c->numeric != NULL && klu_refactor(c->column, c->row, c->value, c->symbolic, c->numeric, &c->common) &&
      klu_rcond(c->symbolic, c->numeric, &c->common) && c->common.rcond > least_rcond)
    return OG_OK;
  klu_free_numeric(&c->numeric, &c->common);
  c->numeric = klu_factor(c->column, c->row, c->value, c->symbolic, &c->common);
  if (c->common.status == KLU_SINGULAR) return name_singular(c, err);
  if (c->numeric == NULL) return ogi_fail(err, OG_E_NOMEM, "circuit: factor of %zu unknowns", c->unknowns);
  return OG_OK;
}

/* x moves by the step, or by less of it if the sums of currents would grow. */
static double move(og_circuit *c, const ogi_stage *stage, double before, int may_cut) {
  double share = 1, residual;
  for (int cut = 0;; cut++) {
    for (size_t k = 0; k < c->unknowns; k++) c->x[k] += share * c->step[k];
    residual = ogi_mna_residual(c, stage, NULL);
    if (!may_cut || residual < before || residual <= KCL_RTOL || cut == CUTS_MAX) return residual;
    for (size_t k = 0; k < c->unknowns; k++) c->x[k] -= share * c->step[k];
    share /= 2;
  }
}

og_status ogi_mna_solve(og_circuit *c, const ogi_stage *stage, og_circuit_info *info, og_error *err) {
  int laws = 0, diodes = 0;
  for (size_t k = 0; k < c->count; k++) {
    laws |= c->element[k].kind == 'Y';
    diodes |= c->element[k].kind == 'D';
  }
  c->stage = *stage;
  double residual = ogi_mna_residual(c, stage, NULL);
  for (int it = 0; it < NEWTON_MAX; it++) {
    stamp_all(c, NULL, stage);
    og_status st = factor(c, err);
    if (st != OG_OK) return st;
    memcpy(c->step, c->rhs, c->unknowns * sizeof *c->step);
    if (!klu_solve(c->symbolic, c->numeric, (int)c->unknowns, 1, c->step, &c->common))
      return ogi_fail(err, OG_E_NOMEM, "circuit: solution of %zu unknowns", c->unknowns);
    for (size_t k = 0; k < c->unknowns; k++) c->step[k] -= c->x[k];
    residual = move(c, stage, residual, laws && !diodes && it > 0); /* the first step meets the linear laws */
    info->newton_steps++;
    if (!laws && !diodes) break;
    if (residual <= KCL_RTOL && it > 0) break;
  }
  size_t worst = 0;
  residual = ogi_mna_residual(c, stage, &worst);
  if (residual <= (laws || diodes ? KCL_RTOL : 1e-8)) {
    info->kcl_residual = fmax(info->kcl_residual, residual);
    return OG_OK;
  }
  return ogi_fail(err, OG_E_NOCONV, "circuit: node %s: sum of currents: saw %.3g of the largest current, need at most %.3g",
                  c->nodes > 0 ? c->node[worst] : "0", residual, KCL_RTOL);
}
