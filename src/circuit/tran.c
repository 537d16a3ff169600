/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Transient of F(x, t) + dq(x)/dt = 0 by TR-BDF2 [Bank1985] in the form of [Hosea1996]: with d = 1 - 1/sqrt(2),
 *     stage  at t + 2 d h:  q_s   = q_n + d h (q'_n + q'_s)
 *     end    at t + h:      q_n+1 = q_n + w h (q'_n + q'_s) + d h q'_n+1,   w = sqrt(2) / 4.
 * Both are systems with the one matrix dF/dx + 1/(d h) dq/dx, and need no history but q'_n. Where q'_n is not that of
 * the coming step (time 0, corners of sources) the first step is the two-stage SDIRK method of the same d, so of the
 * same matrix and stability [Alexander1977]:
 *     stage  at t + d h:    q_s   = q_n + d h q'_s
 *     end    at t + h:      q_n+1 = q_n + (1 - d) h q'_s + d h q'_n+1.
 */
#include <config.h>

#include <math.h>
#include <string.h>

#include "circuit/ogi_mna.h"

static const double D = 0.29289321881345247560;   /* 1 - 1/sqrt(2) */
static const double W = 0.35355339059327376220;   /* sqrt(2)/4     */
static const double TINY = 1e-10;                 /* of the stop time: the steps that make initial values agree */
static const double STEP_LEAST = 1e-15;           /* of the stop time */
static const double CORNER_GAP = 1e-13;           /* of the stop time: corners closer than this are one */
static const double PEAK_SHARE = 1e-3;            /* of the largest value so far: below it errors count no smaller */

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

/* One run. */
typedef struct run {
  og_circuit *c;
  const og_circuit_times *times;
  og_circuit_info *info;
  double t, h;       /* [s] now; step to try                    */
  double corner;     /* [s] next corner of a source, or the end */
  int first;         /* q'_n is not that of the coming step     */
  ogi_powers powers; /* at t                                    */
} run;

/* ---- one step ---- */

/* Solve at time t for charges q = base + d h q'; their derivatives in rate. */
static og_status solve_stage(run *r, double t, double h, double *rate, og_error *err) {
  og_circuit *c = r->c;
  const ogi_stage stage = {.second = t, .a0 = 1 / (D * h), .share = 1};
  og_status st = ogi_mna_newton(c, &stage, 0, r->info, err);
  if (st != OG_OK) return st;
  ogi_mna_charges(c, c->x, c->q);
  for (int k = 0; k < c->states; k++) rate[k] = stage.a0 * (c->q[k] - c->base[k]);
  return OG_OK;
}

/* Both stages of a step from kept, q0, rate0 to x, q, rate; the powers at the stage. */
static og_status try_step(run *r, double h, double end, ogi_powers *middle, og_error *err) {
  og_circuit *c = r->c;
  og_status st;
  for (int k = 0; k < c->states; k++) c->base[k] = c->q0[k] + (r->first ? 0 : D * h * c->rate0[k]);
  OGI_TRY(st, solve_stage(r, r->t + (r->first ? D : 2 * D) * h, h, c->rate1, err));
  *middle = ogi_mna_powers(c, c->x, c->rate1);
  for (int k = 0; k < c->states; k++)
    c->base[k] = c->q0[k] + h * (r->first ? (1 - D) * c->rate1[k] : W * (c->rate0[k] + c->rate1[k]));
  OGI_TRY(st, solve_stage(r, end, h, c->rate, err));
done:
  return st;
}

/* Capacitor and junction voltages, inductor currents of a vector of unknowns. */
static double quantity(const ogi_element *e, const double *x) {
  if (e->kind == 'L') return x[e->branch];
  return ogi_mna_volt(x, e->kind == 'D' ? e->p : e->a) - ogi_mna_volt(x, e->b);
}

/*
 * Errors of the charges as currents: h sum_k (b_k - b*_k) q'_k / (d h), b* the weights of the third-order rule on the
 * same three points [Hosea1996] (first step: of the first-order rule).
 */
static void load_errors(run *r) {
  og_circuit *c = r->c;
  memset(c->trial, 0, (size_t)c->unknowns * sizeof *c->trial);
  for (size_t k = 0; k < c->count; k++) {
    const ogi_element *e = &c->element[k];
    if (e->state < 0) continue;
    double n = c->rate0[e->state], s = c->rate1[e->state], end = c->rate[e->state];
    double error = (r->first ? D * (end - s) : ((4 * W - 1) * n - s + 2 * D * end) / 3) / D;
    int from = e->kind == 'D' ? e->p : e->a;
    if (e->kind == 'L') c->trial[e->branch] -= error;
    else if (from >= 0) c->trial[from] += error;
    if (e->kind != 'L' && e->b >= 0) c->trial[e->b] -= error;
  }
}

/*
 * Largest local error over what is allowed, and whose it is. Through the matrix the errors of charges become those of
 * voltages and currents, with what is stiff damped as the method damps it.
 */
static double local_error(run *r, size_t *worst) {
  og_circuit *c = r->c;
  double most = 0;
  load_errors(r);
  ogi_linear_solve(&c->linear, c->trial, c->step);
  for (size_t k = 0; k < c->count; k++) {
    const ogi_element *e = &c->element[k];
    if (e->state < 0) continue;
    double size = fmax(fmax(fabs(quantity(e, c->x)), fabs(quantity(e, c->kept))), PEAK_SHARE * c->floor[e->state]);
    double least = e->kind == 'L' ? r->times->amp_tol : r->times->volt_tol;
    double ratio = fabs(quantity(e, c->step)) / (r->times->rtol * size + least);
    if (!(ratio <= most)) {
      most = ratio;
      *worst = k;
    }
  }
  return isfinite(most) ? most : 1e6;
}

/* Weights of the powers at start, stage and end: of a first step, or of the third-order rule. */
static void add_energy(run *r, double h, const ogi_powers *middle) {
  const double first[3] = {0, 1 - D, D}, later[3] = {(1 - W) / 3, (3 * W + 1) / 3, D / 3};
  const double *b = r->first ? first : later;
  ogi_powers end = ogi_mna_powers(r->c, r->c->x, r->c->rate);
  og_circuit_info *i = r->info;
  i->delivered_joule += h * (b[0] * r->powers.delivered + b[1] * middle->delivered + b[2] * end.delivered);
  i->dissipated_joule += h * (b[0] * r->powers.dissipated + b[1] * middle->dissipated + b[2] * end.dissipated);
  i->stored_joule += h * (b[0] * r->powers.charging + b[1] * middle->charging + b[2] * end.charging);
  r->powers = end;
}

/* Energy in capacitors and inductors [J]: C v^2 / 2 + L i^2 / 2 + M i1 i2. */
static double stored(const og_circuit *c) {
  double joule = 0;
  for (size_t k = 0; k < c->count; k++) {
    const ogi_element *e = &c->element[k];
    if (e->kind == 'C' || e->kind == 'L') joule += 0.5 * e->value * quantity(e, c->x) * quantity(e, c->x);
    if (e->kind == 'K')
      joule += ogi_mna_mutual(c, e) * c->x[c->element[e->control[0]].branch] * c->x[c->element[e->control[1]].branch];
  }
  return joule;
}

/* ---- the way through time ---- */

static void find_corner(run *r) {
  const og_circuit *c = r->c;
  double stop = r->corner = r->times->stop_second, after = r->t + CORNER_GAP * stop;
  for (size_t k = 0; k < c->count; k++)
    if (c->element[k].source != NULL) r->corner = fmin(r->corner, ogi_wave_corner(&c->element[k].source->wave, after));
  if (stop - r->corner <= CORNER_GAP * stop) r->corner = stop;
}

/* What the next step starts from: the solution in x. */
static void remember(run *r) {
  og_circuit *c = r->c;
  memcpy(c->kept, c->x, (size_t)c->unknowns * sizeof *c->x);
  ogi_mna_charges(c, c->x, c->q0);
  memcpy(c->rate0, c->rate, (size_t)c->states * sizeof *c->rate);
  for (size_t k = 0; k < c->count; k++) {
    const ogi_element *e = &c->element[k];
    if (e->state >= 0) c->floor[e->state] = fmax(c->floor[e->state], fabs(quantity(e, c->x)));
  }
}

static og_status tell(run *r, og_error *err) {
  r->c->solved = 1;
  if (r->times->sample == NULL || r->times->sample(r->times->user, r->c, r->t) == 0) return OG_OK;
  return ogi_fail(err, OG_E_INTERRUPT, "transient: ended by the caller at %g s", r->t);
}

static og_status accept(run *r, double h, double end, const ogi_powers *middle, og_error *err) {
  add_energy(r, h, middle);
  r->t = end;
  r->info->steps++;
  r->first = end == r->corner;
  if (r->first) find_corner(r);
  remember(r);
  return tell(r, err);
}

/* Length of the step to take: the wished one, or what brings it exactly, or in two halves, to the corner. */
static double clip(const run *r, double *end) {
  double left = r->corner - r->t, h = fmin(r->h, r->times->step_second);
  *end = r->corner;
  if (h >= left * (1 - 1e-6)) return left;
  if (2 * h > left) h = left / 2;
  *end = r->t + h;
  return *end - r->t; /* as rounding has it */
}

/* Next step from the error of this one, which goes with h^order. An equal step keeps the factor of a linear circuit. */
static double next_step(const run *r, double h, double error, int accepted) {
  double order = r->first ? 2 : 3, most = r->first ? 4 : 2;
  double ratio = fmin(most, fmax(0.1, 0.9 * pow(fmax(error, 1e-12), -1 / order)));
  if (!accepted) ratio = fmin(ratio, 0.7);
  else if (ratio > 0.95 && ratio < 1.25) ratio = 1;
  return h * ratio;
}

static og_status refuse_step(const run *r, og_status st, size_t worst, double error, double h, og_error *err) {
  if (st != OG_OK) return ogi_prefix(err, st, "transient at %g s", r->t);
  return ogi_fail(err, OG_E_NOCONV, "transient at %g s: element %s: saw an error of %.3g times the allowed one at a "
                  "step of %g s, need at most 1", r->t, ogi_names_at(r->c->names, worst), error, h);
}

static og_status march(run *r, og_error *err) {
  og_circuit *c = r->c;
  og_circuit_info *info = r->info;
  double stop = r->times->stop_second;
  while (r->t < stop) {
    if (info->steps + info->rejected >= r->times->step_max)
      return ogi_fail(err, OG_E_NOCONV, "transient: saw %zu steps up to %g s, need at most that many",
                      r->times->step_max, r->t);
    double end, h = clip(r, &end), error = 0;
    size_t worst = 0;
    ogi_powers middle;
    og_status st = try_step(r, h, end, &middle, err);
    if (st != OG_OK && st != OG_E_NOCONV && st != OG_E_SINGULAR) return st;
    if (st == OG_OK) error = local_error(r, &worst);
    int good = st == OG_OK && error <= 1;
    r->h = st == OG_OK ? next_step(r, h, error, good) : h / 8;
    if (good) {
      st = accept(r, h, end, &middle, err);
      if (st != OG_OK) return st;
      if (r->first) r->h = fmin(0.1 * r->h, 0.01 * (r->corner - r->t)); /* after a corner */
      continue;
    }
    info->rejected++;
    memcpy(c->x, c->kept, (size_t)c->unknowns * sizeof *c->x);
    if (r->h < STEP_LEAST * stop || r->t + r->h <= r->t) return refuse_step(r, st, worst, error, h, err);
  }
  return OG_OK;
}

/* ---- the start ---- */

static double initial_volt(const og_circuit *c, int node) {
  return node < 0 || (size_t)node >= c->ic_room || isnan(c->ic[node]) ? 0 : c->ic[node];
}

/* Charges and fluxes from the initial values, in base; potentials of nodes as a first guess. */
static void initial_values(og_circuit *c) {
  memset(c->x, 0, (size_t)c->unknowns * sizeof *c->x);
  for (int k = 0; k < (int)ogi_names_count(c->nodes); k++) c->x[k] = initial_volt(c, k);
  for (size_t k = 0; k < c->count; k++) {
    const ogi_element *e = &c->element[k];
    if (e->kind == 'L') c->x[e->branch] = isnan(e->initial) ? 0 : e->initial;
    if (e->kind == 'D' && e->p != e->a) c->x[e->p] = initial_volt(c, e->a);
  }
  ogi_mna_charges(c, c->x, c->base);
  for (size_t k = 0; k < c->count; k++) {
    const ogi_element *e = &c->element[k];
    if (e->kind == 'C' && !isnan(e->initial)) c->base[e->state] = e->value * e->initial;
  }
}

/*
 * Two implicit Euler steps of no length to speak of, at time 0. The first makes potentials agree with the given charges
 * (and moves charges that contradict a source), the second takes the currents from there.
 */
static og_status from_initial(run *r, og_error *err) {
  og_circuit *c = r->c;
  og_status st;
  const ogi_stage stage = {.a0 = 1 / (TINY * r->times->stop_second), .share = 1};
  OGI_TRY(st, ogi_mna_check(c, 1, err));
  initial_values(c);
  for (int turn = 0; turn < 2; turn++) {
    OGI_TRY(st, ogi_mna_operate(c, &stage, 1, r->info, err));
    ogi_mna_charges(c, c->x, c->q);
    for (int k = 0; k < c->states; k++) c->rate[k] = stage.a0 * (c->q[k] - c->base[k]);
    memcpy(c->base, c->q, (size_t)c->states * sizeof *c->q);
  }
done:
  return st;
}

static og_status from_dc(run *r, og_error *err) {
  const ogi_stage stage = {.share = 1, .hold = 1};
  og_status st;
  OGI_TRY(st, ogi_mna_check(r->c, 0, err));
  memset(r->c->rate, 0, (size_t)r->c->states * sizeof *r->c->rate);
  st = ogi_mna_operate(r->c, &stage, 0, r->info, err);
done:
  return st;
}

static og_status start(run *r, og_error *err) {
  og_circuit *c = r->c;
  og_status st;
  OGI_TRY(st, r->times->from_initial ? from_initial(r, err) : from_dc(r, err));
  memset(c->floor, 0, (size_t)c->states * sizeof *c->floor);
  remember(r);
  r->powers = ogi_mna_powers(c, c->x, c->rate);
  r->first = 1;
  find_corner(r);
  r->h = fmin(r->times->step_second, 0.01 * r->corner);
  OGI_TRY(st, tell(r, err));
done:
  return st;
}

og_status og_circuit_transient(og_circuit *c, const og_circuit_times *times, og_circuit_info *info, og_error *err) {
  og_circuit_info unused;
  og_status st;
  if (info == NULL) info = &unused;
  *info = (og_circuit_info){0};
  if (c == NULL || times == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  run r = {.c = c, .times = times, .info = info};
  c->solved = c->operated = c->rung = 0;
  OGI_TRY(st, check_times(times, err));
  OGI_TRY(st, ogi_mna_prepare(c, err));
  OGI_TRY(st, start(&r, err));
  double first = stored(c);
  OGI_TRY(st, march(&r, err));
  info->stored_joule += stored(c) - first;
  double largest = fmax(fmax(fabs(info->delivered_joule), fabs(info->dissipated_joule)), fabs(info->stored_joule));
  double residual = info->delivered_joule - info->dissipated_joule - info->stored_joule;
  info->energy_balance = largest > 0 ? fabs(residual) / largest : 0;
done:
  if (c != NULL && st != OG_OK && st != OG_E_INTERRUPT) c->solved = 0;
  return st;
}
