/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Transients by TR-BDF2 [Bank1985] in the form of [Hosea1996]: a trapezoidal stage to t + gamma h, then BDF2 to t + h,
 * gamma = 2 - sqrt 2, for which both stages multiply a state by the same a0. Second order, L-stable; the embedded third
 * order result gives the error of every capacitor voltage and inductor current.
 */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_num.h"
#include "circuit/ogi_mna.h"

static const double GAMMA = 2 - M_SQRT2;
static const double TINY = 1e-9; /* of the stop time: the step that makes initial values consistent, and the least step */

void og_circuit_times_init(og_circuit_times *times, double stop) {
  *times = (og_circuit_times){.stop_second = stop, .step_second = stop / 50, .rtol = 1e-4, .volt_tol = 1e-6,
                              .amp_tol = 1e-12, .step_max = 10000000};
}

static og_status check_times(const og_circuit_times *t, og_error *err) {
  if (!(t->stop_second > 0 && isfinite(t->stop_second)))
    return ogi_fail(err, OG_E_RANGE, "transient: stop: saw %g, need more than 0 (second)", t->stop_second);
  if (!(t->step_second > 0))
    return ogi_fail(err, OG_E_RANGE, "transient: step: saw %g, need more than 0 (second)", t->step_second);
  if (!(t->rtol > 0 && t->rtol < 1) || !(t->volt_tol > 0) || !(t->amp_tol > 0))
    return ogi_fail(err, OG_E_RANGE, "transient: tolerances: saw %g, %g V, %g A, need more than 0, the first below 1",
                    t->rtol, t->volt_tol, t->amp_tol);
  if (t->step_max == 0) return ogi_fail(err, OG_E_RANGE, "transient: steps: saw 0, need 1 or more");
  return OG_OK;
}

static int has_state(const ogi_element *e) { return (e->kind == 'C' && e->value > 0) || e->kind == 'L'; }

/* The state of an element at x. */
static double state_of(const og_circuit *c, const ogi_element *e) {
  return e->kind == 'C' ? ogi_mna_volt(c, e->node[0]) - ogi_mna_volt(c, e->node[1]) : c->x[e->branch];
}

/* Its rate of change, by the law of the element itself: i / C or v / L. */
static double rate_of(const og_circuit *c, const ogi_element *e) {
  if (e->kind == 'C') return ogi_mna_current(c, e, &c->stage) / e->value;
  return (ogi_mna_volt(c, e->node[0]) - ogi_mna_volt(c, e->node[1])) / e->value;
}

static void take(og_circuit *c, int place) {
  double rate;
  for (size_t k = 0; k < c->count; k++) {
    ogi_element *e = &c->element[k];
    if (!has_state(e)) continue;
    rate = rate_of(c, e); /* before the state that it is made from is replaced */
    e->state[place] = state_of(c, e);
    e->rate[place] = rate;
  }
}

/* Where the powers and energies of one time stand. */
typedef struct powers {
  double delivered, dissipated, stored; /* [W], [W], [J] */
} powers;

static powers powers_of(const og_circuit *c) {
  powers p = {0};
  for (size_t k = 0; k < c->count; k++) {
    const ogi_element *e = &c->element[k];
    double q = has_state(e) ? state_of(c, e) : 0;
    if (has_state(e)) p.stored += 0.5 * e->value * q * q;
    else if (ogi_is_source(e)) p.delivered -= ogi_mna_power(c, e, &c->stage);
    else p.dissipated += ogi_mna_power(c, e, &c->stage);
  }
  return p;
}

/* Consistent currents from given states: one implicit Euler step so short that no state moves. */
static og_status from_initial(og_circuit *c, double tiny, og_circuit_info *info, og_error *err) {
  for (size_t k = 0; k < c->count; k++) {
    ogi_element *e = &c->element[k];
    e->limited = 0;
    e->state[0] = isnan(e->initial) ? 0 : e->initial;
  }
  memset(c->x, 0, c->unknowns * sizeof *c->x);
  ogi_stage stage = {.method = OGI_EULER, .a0 = 1 / tiny, .share = 1, .gmin = OGI_GMIN};
  og_status st = ogi_mna_solve(c, &stage, info, err);
  if (st == OG_OK) take(c, 0);
  return st;
}

static og_status from_dc(og_circuit *c, og_circuit_info *info, og_error *err) {
  og_status st = ogi_mna_operate(c, info, err);
  for (size_t k = 0; st == OG_OK && k < c->count; k++)
    if (has_state(&c->element[k])) {
      c->element[k].state[0] = state_of(c, &c->element[k]);
      c->element[k].rate[0] = 0;
    }
  return st;
}

/* Both stages from t; the powers at the middle are kept for the energy. */
static og_status try_step(og_circuit *c, double t, double h, powers *middle, og_circuit_info *info, og_error *err) {
  ogi_stage stage = {.method = OGI_TRAPEZOIDAL, .second = t + GAMMA * h, .a0 = 2 / (GAMMA * h), .share = 1,
                     .gmin = OGI_GMIN};
  og_status st = ogi_mna_solve(c, &stage, info, err);
  if (st != OG_OK) return st;
  take(c, 1);
  *middle = powers_of(c);
  stage.method = OGI_BDF2;
  stage.second = t + h;
  stage.a1 = 1 / (GAMMA * (1 - GAMMA) * h);
  stage.a2 = (1 - GAMMA) / (GAMMA * h);
  st = ogi_mna_solve(c, &stage, info, err);
  if (st == OG_OK) take(c, 2);
  return st;
}

/* Largest local error over what is allowed, and whose it is. */
static double error_of(const og_circuit *c, double h, const og_circuit_times *times, size_t *worst) {
  const double k = (-3 * GAMMA * GAMMA + 4 * GAMMA - 2) / (12 * (2 - GAMMA)); /* [Hosea1996] */
  double most = 0;
  for (size_t n = 0; n < c->count; n++) {
    const ogi_element *e = &c->element[n];
    if (!has_state(e)) continue;
    double error = 2 * k * h * (e->rate[0] / GAMMA - e->rate[1] / (GAMMA * (1 - GAMMA)) + e->rate[2] / (1 - GAMMA));
    double allowed = times->rtol * fmax(fabs(e->state[0]), fabs(e->state[2])) +
                     (e->kind == 'C' ? times->volt_tol : times->amp_tol);
    if (fabs(error) / allowed > most) {
      most = fabs(error) / allowed;
      *worst = n;
    }
  }
  return most;
}

static double next_corner(const og_circuit *c, double t, double stop) {
  double corner = stop;
  for (size_t k = 0; k < c->count; k++)
    if (strchr("VI", c->element[k].kind) != NULL) corner = fmin(corner, ogi_wave_corner(&c->element[k].wave, t));
  return corner;
}

/* Energies of an accepted step: power is a parabola through start, middle and end. */
static void account(og_circuit_info *info, double h, const powers *start, const powers *middle, const powers *end) {
  double w0 = 0.5 - 1 / (6 * GAMMA), w2 = 0.5 - 1 / (6 * (1 - GAMMA)), w1 = 1 - w0 - w2;
  info->delivered_joule += h * (w0 * start->delivered + w1 * middle->delivered + w2 * end->delivered);
  info->dissipated_joule += h * (w0 * start->dissipated + w1 * middle->dissipated + w2 * end->dissipated);
}

static void shift(og_circuit *c) {
  for (size_t k = 0; k < c->count; k++) {
    c->element[k].state[0] = c->element[k].state[2];
    c->element[k].rate[0] = c->element[k].rate[2];
  }
}

static og_status march(og_circuit *c, const og_circuit_times *times, og_circuit_info *info, og_error *err) {
  double t = 0, stop = times->stop_second, tiny = TINY * stop, h = fmin(times->step_second, 1000 * tiny);
  powers start = powers_of(c), first = start, middle;
  if (times->sample != NULL && times->sample(times->user, c, 0) != 0)
    return ogi_fail(err, OG_E_INTERRUPT, "transient: ended by the caller at 0 s");
  while (t < stop) {
    if (info->steps + info->rejected >= times->step_max)
      return ogi_fail(err, OG_E_NOCONV, "transient: saw %zu steps up to %g s, need at most that many", times->step_max, t);
    double corner = next_corner(c, t, stop), step = fmin(h, times->step_second), left = corner - t;
    int lands = step > left * 0.999;
    if (lands) step = left;
    else if (step > left / 2) step = left / 2; /* two like steps instead of one and a splinter */
    memcpy(c->kept, c->x, c->unknowns * sizeof *c->kept);
    size_t worst = 0;
    og_status st = try_step(c, t, step, &middle, info, err);
    double error = st == OG_OK ? error_of(c, step, times, &worst) : INFINITY;
    if (st != OG_OK && st != OG_E_NOCONV) return st;
    if (error > 1 && step > tiny * 1e-6) {
      memcpy(c->x, c->kept, c->unknowns * sizeof *c->x);
      h = step * fmax(0.2, 0.9 * pow(error, -1.0 / 3));
      info->rejected++;
      continue;
    }
    if (error > 1)
      return st != OG_OK ? ogi_prefix(err, st, "transient at %g s", t)
                         : ogi_fail(err, OG_E_NOCONV, "transient at %g s: element %s: saw an error of %.3g times the allowed "
                                    "one at the least step %g s", t, c->element[worst].name, error, step);
    t = lands ? corner : t + step;
    info->steps++;
    if (times->sample != NULL && times->sample(times->user, c, t) != 0)
      return ogi_fail(err, OG_E_INTERRUPT, "transient: ended by the caller at %g s", t);
    powers end = powers_of(c);
    account(info, step, &start, &middle, &end);
    start = end;
    shift(c);
    h = fmax(step, lands ? h : 0) * fmin(4, 0.9 * pow(fmax(error, 1e-6), -1.0 / 3));
  }
  info->stored_joule = start.stored - first.stored;
  return OG_OK;
}

og_status og_circuit_transient(og_circuit *c, const og_circuit_times *times, og_circuit_info *info, og_error *err) {
  og_circuit_info unused;
  og_status st;
  if (info == NULL) info = &unused;
  *info = (og_circuit_info){0};
  if (c == NULL || times == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  OGI_TRY(st, check_times(times, err));
  OGI_TRY(st, ogi_mna_prepare(c, err));
  OGI_TRY(st, ogi_mna_check(c, times->from_initial, err));
  if (times->from_initial) OGI_TRY(st, from_initial(c, TINY * times->stop_second, info, err));
  else OGI_TRY(st, from_dc(c, info, err));
  OGI_TRY(st, march(c, times, info, err));
  double largest = fmax(fmax(fabs(info->delivered_joule), fabs(info->dissipated_joule)), fabs(info->stored_joule));
  double residual = info->delivered_joule - info->dissipated_joule - info->stored_joule;
  info->energy_balance = largest > 0 ? fabs(residual) / largest : 0;
done:
  return st;
}
