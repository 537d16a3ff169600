/* SPDX-License-Identifier: BSD-3-Clause */
/** Newton's method on F(x) = 0 with limited junctions and a line search; continuation when it fails. */
#include <config.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "circuit/ogi_mna.h"

enum { NEWTON_MAX = 100, FORGIVEN_MAX = 5, GMIN_STEPS_MAX = 200, SOURCE_STEPS_MAX = 500 };
static const double ROW_RTOL = 1e-10;  /* [-] of the sum of magnitudes in a row               */
static const double AMP_ATOL = 1e-18;  /* [A] below which currents are nothing                */
static const double VOLT_ATOL = 1e-15; /* [V] the same of voltage laws                        */
static const double STEP_RTOL = 1e-6;  /* [-] of the last step of an operating point: the error left is its square */

/* ---- what is good enough ---- */

static double rounding(const og_circuit *c, int row) { return 16 * DBL_EPSILON * c->noise[row]; }

static double allowed(const og_circuit *c, int row) {
  double least = row < (int)ogi_names_count(c->nodes) ? AMP_ATOL : VOLT_ATOL;
  return ROW_RTOL * c->sum[row] + rounding(c, row) + least;
}

static int converged(const og_circuit *c) {
  if (c->bad != OGI_NONE) return 0;
  for (int k = 0; k < c->unknowns; k++)
    if (!(fabs(c->f[k]) <= allowed(c, k)) || !isfinite(c->sum[k])) return 0;
  return 1;
}

/* Largest sum of currents at a node beyond rounding, over the largest current. */
static double kcl_residual(const og_circuit *c) {
  double worst = 0, largest = AMP_ATOL;
  for (int k = 0; k < (int)ogi_names_count(c->nodes); k++) {
    if (fabs(c->f[k]) > rounding(c, k) + AMP_ATOL) worst = fmax(worst, fabs(c->f[k]));
    largest = fmax(largest, c->sum[k] / 2); /* what flows in flows out */
  }
  return worst / largest;
}

static og_status refuse(const og_circuit *c, og_error *err) {
  int worst = 0;
  double most = -1;
  if (c->bad != OGI_NONE)
    return ogi_fail(err, OG_E_NOCONV, "element %s: saw no finite value or slope at the potentials reached, need one",
                    ogi_mna_name(c, &c->element[c->bad]));
  for (int k = 0; k < (int)ogi_names_count(c->nodes); k++)
    if (!(fabs(c->f[k]) / allowed(c, k) <= most)) {
      most = fabs(c->f[k]) / allowed(c, k);
      worst = k;
    }
  return ogi_fail(err, OG_E_NOCONV, "circuit: node %s: sum of currents: saw %.3g, need at most %.3g (ampere)",
                  ogi_names_at(c->nodes, (size_t)worst), c->f[worst], allowed(c, worst));
}

og_status ogi_mna_singular(const og_circuit *c, int column, og_error *err) {
  int nodes = (int)ogi_names_count(c->nodes);
  if (column >= 0 && column < nodes)
    return ogi_fail(err, OG_E_SINGULAR, "circuit: no solution: the potential of node %s is not determined",
                    ogi_names_at(c->nodes, (size_t)column));
  for (size_t k = 0; k < c->count && column >= 0; k++)
    if (c->element[k].branch == column)
      return ogi_fail(err, OG_E_SINGULAR, "circuit: no solution: the current of element %s is not determined",
                      ogi_names_at(c->names, k));
  return ogi_fail(err, OG_E_SINGULAR, "circuit: no solution");
}

/* ---- one step ---- */

static og_status factor(og_circuit *c, int full, og_error *err) {
  int column;
  c->factored = 0;
  og_status st = ogi_linear_factor(&c->linear, full, &column, err);
  return st == OG_E_SINGULAR ? ogi_mna_singular(c, column, err) : st;
}

/* c->step = -(dF/dx)^-1 F at x. A linear circuit keeps its factor while only sources and charges change. */
static og_status newton_step(og_circuit *c, const ogi_stage *s, size_t *limited, int *forgiven, og_error *err) {
  og_status st = OG_OK;
  int keep = c->factored && c->factored_a0 == s->a0 && c->factored_shunt == s->shunt && c->factored_hold == s->hold;
  *limited = ogi_mna_load(c, s, c->x, keep ? OGI_LOAD_RESIDUAL : OGI_LOAD_NEWTON);
  if (c->bad != OGI_NONE && *forgiven < FORGIVEN_MAX) {
    *limited = ogi_mna_load(c, s, c->x, OGI_LOAD_FORGIVING) + 1;
    ++*forgiven;
  } else if (c->bad != OGI_NONE) {
    return refuse(c, err);
  }
  if (!keep) OGI_TRY(st, factor(c, 0, err));
  for (int k = 0; k < c->unknowns; k++) c->trial[k] = -c->f[k];
  double error = ogi_linear_solve(&c->linear, c->trial, c->step);
  if (!(error <= 1e-10) && !c->linear.fresh) { /* the old pivots have become too small */
    OGI_TRY(st, factor(c, 1, err));
    error = ogi_linear_solve(&c->linear, c->trial, c->step);
  }
  if (!(error <= 1e-3)) return ogi_mna_singular(c, -1, err);
  c->factored = !c->nonlinear;
  c->factored_a0 = s->a0;
  c->factored_shunt = s->shunt;
  c->factored_hold = s->hold;
done:
  return st;
}

/* Rows weigh by their largest entry, as in the factor: ampere and volt become comparable. */
static void weigh_rows(og_circuit *c) {
  const ogi_linear *l = &c->linear;
  for (int k = 0; k < l->n; k++) c->weight[k] = 0;
  for (int k = 0; k < l->ap[l->n]; k++) c->weight[l->ai[k]] = fmax(c->weight[l->ai[k]], fabs(l->ax[k]));
  for (int k = 0; k < l->n; k++) c->weight[k] = c->weight[k] > 0 ? 1 / c->weight[k] : 1;
}

static double merit(const og_circuit *c) {
  double sum = 0;
  for (int k = 0; k < c->unknowns; k++) {
    double r = c->weight[k] * c->f[k];
    sum += r * r;
  }
  return isnan(sum) ? INFINITY : sqrt(sum);
}

static void see_junctions(og_circuit *c, int cold) {
  for (size_t k = 0; k < c->count; k++) {
    const ogi_element *e = &c->element[k];
    if (e->kind == 'D') e->junction->seen = cold ? NAN : ogi_mna_volt(c->x, e->p) - ogi_mna_volt(c->x, e->b);
  }
}

static void go(og_circuit *c, const ogi_stage *s, double share) {
  for (int k = 0; k < c->unknowns; k++) c->x[k] = c->trial[k] + share * c->step[k];
  ogi_mna_load(c, s, c->x, OGI_LOAD_RESIDUAL);
}

/*
 * Take the step; returns the share taken. While junctions are limited it is no descent of the true residual, and linear
 * circuits need no care: all of it. Else it is halved until the weighted residual falls.
 */
static double move(og_circuit *c, const ogi_stage *s, size_t limited) {
  double before = 0, share = 1;
  int search = c->nonlinear && limited == 0;
  if (search) {
    weigh_rows(c);
    before = merit(c);
  }
  memcpy(c->trial, c->x, (size_t)c->unknowns * sizeof *c->trial);
  go(c, s, 1);
  if (!search || converged(c) || merit(c) < before) return 1;
  for (share = 0.5; share > 1e-5; share /= 2) {
    go(c, s, share);
    if (merit(c) < (1 - 1e-4 * share) * before) break;
  }
  see_junctions(c, 0); /* limits count from here, not from where the full step would have led */
  return share;
}

static int small_step(const og_circuit *c) {
  double largest = 0, step = 0;
  for (int k = 0; k < (int)ogi_names_count(c->nodes); k++) {
    largest = fmax(largest, fabs(c->x[k]));
    step = fmax(step, fabs(c->step[k]));
  }
  return step <= STEP_RTOL * fmax(largest, 1e-6);
}

og_status ogi_mna_newton(og_circuit *c, const ogi_stage *s, int cold, og_circuit_info *info, og_error *err) {
  og_status st = OG_OK;
  int forgiven = 0, good = 0, strict = c->nonlinear && s->a0 <= 0;
  size_t limited;
  see_junctions(c, cold);
  c->stage = *s;
  for (int k = 0; k < NEWTON_MAX; k++) {
    info->newton_steps++;
    OGI_TRY(st, newton_step(c, s, &limited, &forgiven, err));
    double share = move(c, s, limited);
    good = converged(c) ? good + 1 : 0;
    if (good > 3 || (good > 0 && (!strict || (share >= 1 && small_step(c))))) {
      info->kcl_residual = fmax(info->kcl_residual, kcl_residual(c));
      return OG_OK;
    }
  }
  st = refuse(c, err);
done:
  return st;
}

/* ---- continuation ---- */

static void keep(og_circuit *c) { memcpy(c->kept, c->x, (size_t)c->unknowns * sizeof *c->x); }
static void back(og_circuit *c) { memcpy(c->x, c->kept, (size_t)c->unknowns * sizeof *c->x); }
static void start_at_zero(og_circuit *c) { memset(c->x, 0, (size_t)c->unknowns * sizeof *c->x); }

/* A better start may help against these two only. */
static int hopeless(og_status st) { return st != OG_OK && st != OG_E_NOCONV && st != OG_E_SINGULAR; }

/* A conductance from every node to ground, taken away by a factor that grows and shrinks with success. */
static og_status lower_shunts(og_circuit *c, const ogi_stage *s, og_circuit_info *info, og_error *err) {
  ogi_stage now = *s;
  double ratio = 10, good = 0;
  og_status st = OG_E_NOCONV;
  start_at_zero(c);
  now.shunt = 1e-2;
  for (int step = 0; step < GMIN_STEPS_MAX; step++, info->continuation++) {
    st = ogi_mna_newton(c, &now, good == 0, info, err);
    if (hopeless(st) || (st == OG_OK && now.shunt == 0)) return st;
    if (st == OG_OK) {
      keep(c);
      good = now.shunt;
      ratio = fmin(ratio * ratio, 100);
    } else if (good == 0) { /* not yet heavy enough to start with */
      if (now.shunt > 1e6) return st;
      start_at_zero(c);
      now.shunt *= 100;
      continue;
    } else {
      ratio = sqrt(ratio);
      if (ratio < 1.005) return st;
      back(c);
    }
    now.shunt = good / ratio < 1e-15 ? 0 : good / ratio;
  }
  return st;
}

/* All sources from 0 to full height. */
static og_status raise_sources(og_circuit *c, const ogi_stage *s, og_circuit_info *info, og_error *err) {
  ogi_stage now = *s;
  double stride = 0.1, good = -1;
  og_status st = OG_E_NOCONV;
  start_at_zero(c);
  now.share = 0;
  for (int step = 0; step < SOURCE_STEPS_MAX; step++, info->continuation++) {
    st = ogi_mna_newton(c, &now, good < 0, info, err);
    if (hopeless(st) || (st == OG_OK && now.share >= s->share)) return st;
    if (st == OG_OK) {
      keep(c);
      if (good >= 0) stride *= 2;
      good = now.share;
    } else {
      stride /= 4;
      if (good < 0 || stride < 1e-6) return st;
      back(c);
    }
    now.share = fmin(s->share, good + stride);
  }
  return st;
}

og_status ogi_mna_operate(og_circuit *c, const ogi_stage *s, int warm, og_circuit_info *info, og_error *err) {
  og_error lost;
  if (err == NULL) err = &lost;
  og_status st = OG_E_NOCONV, other;
  if (warm) st = ogi_mna_newton(c, s, 0, info, err);
  if (st == OG_OK || hopeless(st)) return st;
  start_at_zero(c);
  st = ogi_mna_newton(c, s, 1, info, err);
  if (st == OG_OK || hopeless(st) || !c->nonlinear) return st;
  og_error first = *err;
  other = lower_shunts(c, s, info, err);
  if (other == OG_E_NOCONV || other == OG_E_SINGULAR) other = raise_sources(c, s, info, err);
  if (other == OG_E_NOCONV || other == OG_E_SINGULAR) { /* what went wrong with the circuit itself is the better word */
    *err = first;
    return st;
  }
  return other;
}
