/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Transient by TR-BDF2 [Bank1985] in the form of [Hosea1996].
 *
 * With node potentials x [V], charges q = C x [C] of the capacitances at each node, and f(x) the resistive current into
 * each node [A], the circuit is dq/dt = f(x): Kirchhoff's current law, capacitive currents i = dq/dt leaving the node.
 * One step of length h with gamma = 2 - sqrt 2, d = gamma/2, w = sqrt 2/4 (2 w + d = 1):
 *     q1 = q0 + d h (i0 + i1)                  at t + gamma h   (trapezoidal stage)
 *     q2 = q0 + h (w i0 + w i1 + d i2)         at t + h         (backward differences of second order)
 * Multiplied by the rate a/h = 1/(d h) [1/s], with K the matrix of the resistive branches [S], both read
 *     (K + rate C) x = sources + injected,     injected = rate q0 + i0,     rate (q0 + w a (q1 - q0)):
 * the operating point of an array with rate C added to cells and nodes. Charges of capacitances between a node and a
 * terminal move with the terminal; since q0 counts them at the old potential and the engine at the new one, nothing
 * else is needed. Only charges enter, never derivatives of sources: corners of the waveforms need no care but landing
 * on them. Nodes without capacitance are the limit C = 0 of the same equations.
 *
 * Error of a step: its charge by the weights w, w, d less the charge by the embedded third-order weights, both on the
 * same i0, i1, i2; put through the same matrix, which damps what stiff modes would exaggerate [Hosea1996].
 */
#include <config.h>

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include <ohmgrid/transient.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "solve/ogi_network.h"

#define SQRT2 1.41421356237309504880
static const double gam = 2 - SQRT2;       /* [-] first stage ends at gamma h                                    */
static const double a = 2 / (2 - SQRT2);   /* [-] rate = a / h                                                   */
static const double wa = (SQRT2 + 1) / 2;  /* [-] w a, weight of the first stage's charge in the second          */
static const double w = SQRT2 / 4, d = 1 - SQRT2 / 2; /* [-] weights of the second-order solution: w, w, d       */
/* Weights of the embedded third-order quadrature at 0, gamma, 1 [Hosea1996]: (1-w)/3, (3w+1)/3, d/3. */
static const double third[3] = {(1 - SQRT2 / 4) / 3, (3 * SQRT2 / 4 + 1) / 3, (1 - SQRT2 / 2) / 3};

enum { LEVELS = 40 };                        /* a stretch is halved at most so often */
static const uint64_t whole = (uint64_t)1 << LEVELS; /* ticks of a stretch */

/* Resistive powers at one instant [W]. */
typedef struct power {
  double sources, senses, cells, wires;
} power;

struct og_transient {
  size_t m, n;
  og_transient_opts opts;
  ogi_network *c;
  int has_cells;
  double rate;            /* [1/s] of the factored matrix; negative: none                                */
  double *g;              /* cells [S]                                                                   */
  double *ground;         /* nodes [F] to ground                                                         */
  double *x0, *x1, *x2;   /* nodes [V] at the start, the first stage and the end of a step               */
  double *q0, *q1, *q2;   /* nodes [C]                                                                   */
  double *i0, *i2;        /* nodes [A] into capacitances, so that i0 + resistive currents = 0 at unknowns */
  double *error, *sum;    /* nodes: error estimate [V]; resistive currents leaving [A]                   */
  double *inject;         /* nodes [A]                                                                   */
  double *leave[3];       /* terminals [A]: resistive currents out of them at 0, gamma, 1                */
  double *now[3];         /* n [A]: output currents at 0, gamma, 1, capacitive ones included             */
  double *charge;         /* terminals [C] out of them so far                                            */
  double *steady, *outside; /* n: [A] static outputs at the stop; [s] last time outside the band         */
};

/* One run's state beside the handle's. */
typedef struct run {
  og_transient *t;
  const og_wave *wave;
  const og_transient_out *out;
  og_transient_info *info;
  size_t segment;         /* the wave between points segment and segment + 1 */
  size_t sample;          /* next one to fill */
  double start, stop;     /* [s] */
  double volt_scale;      /* [V] */
  double source_scale, sense_scale; /* [A] largest terminal currents so far; static ones at the loudest point count */
  double band;            /* [A] settled within */
  double held;            /* [C] sum over all nodes at the start */
  power before;           /* at the start of the step */
  double wish;            /* [s] step that the last one suggested */
} run;

/* ---- handle ---- */

void og_transient_opts_init(og_transient_opts *opts) {
  *opts = (og_transient_opts){
      .engine = OG_ENGINE_AUTO, .rtol = 1e-6, .kcl_rtol = 1e-8, .step_max = 1000000, .bits = 8};
}

static og_status check_opts(const og_transient_opts *o, og_error *err) {
  const double farad[] = {o->c_word_farad, o->c_bit_farad, o->c_cell_farad};
  const char *const name[] = {"c_word_farad", "c_bit_farad", "c_cell_farad"};
  for (int k = 0; k < 3; k++)
    if (!(farad[k] >= 0 && isfinite(farad[k])))
      return ogi_fail(err, OG_E_RANGE, "transient: %s: saw %g, need a finite value >= 0 (farad)", name[k], farad[k]);
  if (!(o->rtol >= 1e-12 && o->rtol <= 0.1))
    return ogi_fail(err, OG_E_RANGE, "transient: rtol: saw %g, need 1e-12 to 0.1", o->rtol);
  if (!(o->kcl_rtol > 0 && o->kcl_rtol <= 1))
    return ogi_fail(err, OG_E_RANGE, "transient: kcl_rtol: saw %g, need more than 0, at most 1", o->kcl_rtol);
  if (o->step_max == 0) return ogi_fail(err, OG_E_RANGE, "transient: step_max: saw 0, need 1 or more");
  if (o->bits < 1 || o->bits > 52) return ogi_fail(err, OG_E_RANGE, "transient: bits: saw %u, need 1 to 52", o->bits);
  if (!(o->full_scale_amp >= 0 && isfinite(o->full_scale_amp)))
    return ogi_fail(err, OG_E_RANGE, "transient: full_scale_amp: saw %g, need a finite value >= 0 (ampere)",
                    o->full_scale_amp);
  return OG_OK;
}

static og_status allocate(og_transient *t, og_error *err) {
  size_t nodes = t->c->nodes, terminals = nodes - t->c->unknowns;
  double **node[] = {&t->ground, &t->x0, &t->x1, &t->x2,    &t->q0,  &t->q1,
                     &t->q2,     &t->i0, &t->i2, &t->error, &t->sum, &t->inject};
  double **terminal[] = {&t->leave[0], &t->leave[1], &t->leave[2], &t->charge};
  double **output[] = {&t->now[0], &t->now[1], &t->now[2], &t->steady, &t->outside};
  int ok = (t->g = ogi_alloc(t->c->cells, sizeof *t->g)) != NULL;
  for (size_t k = 0; k < sizeof node / sizeof *node; k++) ok &= (*node[k] = ogi_alloc(nodes, sizeof(double))) != NULL;
  for (size_t k = 0; k < sizeof terminal / sizeof *terminal; k++)
    ok &= (*terminal[k] = ogi_alloc(terminals, sizeof(double))) != NULL;
  for (size_t k = 0; k < sizeof output / sizeof *output; k++)
    ok &= (*output[k] = ogi_alloc(t->n, sizeof(double))) != NULL;
  return ok ? OG_OK : ogi_fail(err, OG_E_NOMEM, "transient: %zu nodes", nodes);
}

og_status og_transient_create(og_transient **out, const og_array *array, const og_transient_opts *opts, og_error *err) {
  og_status st;
  og_transient *t = NULL;
  if (out == NULL) return ogi_fail(err, OG_E_ARG, "transient: out is NULL");
  *out = NULL;
  og_transient_opts defaults;
  og_transient_opts_init(&defaults);
  if (opts == NULL) opts = &defaults;
  OGI_TRY(st, og_array_check(array, err));
  OGI_TRY(st, check_opts(opts, err));
  t = ogi_alloc(1, sizeof *t);
  if (t == NULL) return ogi_fail(err, OG_E_NOMEM, "transient");
  t->m = array->m;
  t->n = array->n;
  t->opts = *opts;
  st = ogi_network_create(&t->c, array, opts->engine, err);
  if (st != OG_OK) {
    ogi_prefix(err, st, "transient");
    goto done;
  }
  OGI_TRY(st, allocate(t, err));
  for (size_t k = 0; k < t->c->cells; k++) {
    t->ground[t->c->word[k]] += opts->c_word_farad;
    t->ground[t->c->bit[k]] += opts->c_bit_farad;
  }
  *out = t;
  t = NULL;
done:
  og_transient_free(t);
  return st;
}

void og_transient_free(og_transient *t) {
  if (t == NULL) return;
  ogi_network_free(t->c);
  void *block[] = {t->g,     t->ground, t->x0,     t->x1,       t->x2,       t->q0,       t->q1,     t->q2,
                   t->i0,    t->i2,     t->error,  t->sum,      t->inject,   t->leave[0], t->leave[1], t->leave[2],
                   t->now[0], t->now[1], t->now[2], t->charge,   t->steady,   t->outside};
  for (size_t k = 0; k < sizeof block / sizeof *block; k++) ogi_free(block[k]);
  ogi_free(t);
}

og_status og_transient_set_cells(og_transient *t, const double *g, og_error *err) {
  if (t == NULL || g == NULL) return ogi_fail(err, OG_E_ARG, "transient: a needed pointer is NULL");
  og_status st = ogi_network_check(g, t->m, t->n, err);
  if (st != OG_OK) return st;
  memcpy(t->g, g, t->c->cells * sizeof *g);
  t->has_cells = 1;
  t->rate = -1;
  return OG_OK;
}

/* ---- pieces of a step ---- */

static double *terminals_of(const og_transient *t, double *x) { return x + t->c->unknowns; }

/* Terminal potentials at a time in the current segment of the wave [V]. */
static void drive(const run *r, double second, double *x) {
  const og_wave *wave = r->wave;
  size_t sources = r->t->c->sources, p = r->segment;
  const double *from = wave->volt + p * sources, *to = p + 1 < wave->points ? from + sources : from;
  double s = 0, *v = terminals_of(r->t, x);
  if (p + 1 < wave->points) s = (second - wave->second[p]) / (wave->second[p + 1] - wave->second[p]);
  for (size_t i = 0; i < sources; i++) v[i] = (1 - s) * from[i] + s * to[i]; /* exact at both ends */
  for (size_t j = 0; j < r->t->n; j++) v[sources + j] = wave->sense_volt != NULL ? wave->sense_volt[j] : 0;
}

/* q = C x [C]: at each node, what its capacitances hold on its side. */
static void charges(const og_transient *t, const double *x, double *q) {
  const ogi_network *c = t->c;
  double cell = t->opts.c_cell_farad;
  for (size_t k = 0; k < c->nodes; k++) q[k] = t->ground[k] * x[k];
  if (cell == 0) return;
  for (size_t k = 0; k < c->cells; k++) {
    double held = cell * (x[c->word[k]] - x[c->bit[k]]);
    q[c->word[k]] += held;
    q[c->bit[k]] -= held;
  }
}

/* Energy in all capacitances, x . C x / 2 [J]. */
static double stored(const og_transient *t, const double *x, const double *q) {
  double sum = 0;
  for (size_t k = 0; k < t->c->nodes; k++) sum += x[k] * q[k];
  return sum / 2;
}

/* Factor for this rate [1/s], 0 for the static matrix. Equal up to rounding is equal: stretches of one length. */
static og_status set_rate(run *r, double rate, og_error *err) {
  og_transient *t = r->t;
  const og_transient_opts *o = &t->opts;
  if (fabs(t->rate - rate) <= 1e-12 * rate) return OG_OK;
  t->rate = -1;
  double cell = o->c_cell_farad * rate, word = o->c_word_farad * rate, bit = o->c_bit_farad * rate; /* [S] */
  og_status st = ogi_network_set(t->c, t->g, cell, word, bit, err);
  if (st != OG_OK) return st;
  t->rate = rate;
  r->info->factors++;
  return OG_OK;
}

/* Resistive currents and powers of potentials x; `leave` gets those of the terminals. */
static power measure(og_transient *t, const double *x, double *leave, double *branch_max) {
  const ogi_network *c = t->c;
  ogi_flow flow;
  ogi_network_flow(c, t->g, x, t->sum, &flow);
  power p = {.cells = flow.cells, .wires = flow.wires};
  const double *volt = x + c->unknowns, *out = t->sum + c->unknowns;
  for (size_t k = 0; k < c->sources + c->n; k++) *(k < c->sources ? &p.sources : &p.senses) += volt[k] * out[k];
  memcpy(leave, out, (c->sources + c->n) * sizeof *leave);
  *branch_max = flow.branch_max;
  return p;
}

static double largest(const double *x, size_t count, double least) {
  for (size_t k = 0; k < count; k++) least = fabs(x[k]) > least ? fabs(x[k]) : least;
  return least;
}

/*
 * How far the step is off, in units of its tolerance: any potential, and any terminal current through branches and
 * through capacitances that end at the terminal.
 */
static double error_of(run *r) {
  og_transient *t = r->t;
  const ogi_network *c = t->c;
  ogi_flow flow;
  double volt = largest(t->error, c->unknowns, 0) / (t->opts.rtol * r->volt_scale), current[2] = {0};
  ogi_network_flow(c, t->g, t->error, t->sum, &flow);
  charges(t, t->error, t->i2); /* i2 is free until the step is accepted */
  for (size_t k = 0; k < c->sources + c->n; k++) {
    size_t at = c->unknowns + k;
    current[k >= c->sources] = fmax(current[k >= c->sources], fabs(t->sum[at] + t->rate * t->i2[at]));
  }
  double scale[2] = {r->source_scale, r->sense_scale};
  for (int k = 0; k < 2; k++)
    if (scale[k] > 0) volt = fmax(volt, current[k] / (t->opts.rtol * scale[k]));
  return volt;
}

/* Both stages and the error estimate of a step of length a / rate from `begin`; ratio: error / tolerance. */
static og_status attempt(run *r, double begin, double end, double *ratio, og_error *err) {
  og_status st;
  og_transient *t = r->t;
  size_t unknowns = t->c->unknowns;
  double rate = t->rate;
  memcpy(t->x1, t->x0, t->c->nodes * sizeof *t->x1);
  drive(r, begin + gam * (end - begin), t->x1);
  for (size_t k = 0; k < unknowns; k++) t->inject[k] = rate * t->q0[k] + t->i0[k];
  OGI_TRY(st, ogi_network_solve(t->c, t->x1, t->inject, err));
  charges(t, t->x1, t->q1);
  for (size_t k = 0; k < unknowns; k++) t->x2[k] = t->x0[k] + (t->x1[k] - t->x0[k]) / gam; /* a first guess */
  drive(r, end, t->x2);
  for (size_t k = 0; k < unknowns; k++) t->inject[k] = rate * (t->q0[k] + wa * (t->q1[k] - t->q0[k]));
  OGI_TRY(st, ogi_network_solve(t->c, t->x2, t->inject, err));
  charges(t, t->x2, t->q2);
  /* rate x charge error; the error itself is h sum (weight - third) i, and h rate = a [A] */
  const double by[3] = {a * (w - third[0]), a * (w - third[1]), a * (d - third[2])};
  for (size_t k = 0; k < unknowns; k++) {
    double first = t->q1[k] - t->q0[k], i1 = rate * first - t->i0[k];
    double i2 = rate * (t->q2[k] - t->q0[k] - wa * first);
    t->inject[k] = by[0] * t->i0[k] + by[1] * i1 + by[2] * i2;
  }
  memset(t->error, 0, t->c->nodes * sizeof *t->error);
  OGI_TRY(st, ogi_network_solve(t->c, t->error, t->inject, err));
  *ratio = error_of(r);
done:
  return st;
}

/* ---- an accepted step ---- */

/* Capacitive currents at the end of the step, and Kirchhoff's current law with them at every unknown node. */
static og_status audit(run *r, double end, double branch_max, og_error *err) {
  og_transient *t = r->t;
  const ogi_network *c = t->c;
  double residual = 0, most = fmax(branch_max, fmax(r->source_scale, r->sense_scale)), farad = 0;
  for (size_t k = 0; k < c->nodes; k++) {
    t->i2[k] = t->rate * (t->q2[k] - t->q0[k] - wa * (t->q1[k] - t->q0[k]));
    farad = t->ground[k] > farad ? t->ground[k] : farad;
    most = fmax(most, fabs(t->i2[k]));
    if (k < c->unknowns) residual = fmax(residual, fabs(t->sum[k] + t->i2[k]));
  }
  double siemens = fmax(c->wire_max, t->rate * (farad + t->opts.c_cell_farad));
  double rounding = 16 * DBL_EPSILON * fmax(siemens, largest(t->g, c->cells, 0)) *
                    r->volt_scale; /* as in audit.c */
  double limit = fmax(t->opts.kcl_rtol * most, rounding);
  if (most > 0) r->info->kcl_residual = fmax(r->info->kcl_residual, residual / most);
  if (residual <= limit) return OG_OK;
  return ogi_fail(err, OG_E_NOCONV,
                  "transient: at %g s: Kirchhoff's current law: saw a residual of %.3g, need at most %.3g (A)", end,
                  residual, limit);
}

/* Slope of the parabola through values at 0, gamma, 1, at s: the derivative that the second stage takes at s = 1. */
static double slope(double f0, double f1, double f2, double s) {
  double early = (f1 - f0) / gam, late = (f2 - f1) / (1 - gam);
  return early + (late - early) * (2 * s - gam);
}

/* The parabola through values at 0, gamma, 1, at s. */
static double parabola(const double f[3], double s) {
  double early = (f[1] - f[0]) / gam, late = (f[2] - f[1]) / (1 - gam);
  return f[0] + s * (early + (late - early) * (s - gam));
}

/* Output currents at 0, gamma, 1: into the sense node, what branches and capacitances at the node bring [A]. */
static void outputs(og_transient *t, double h) {
  static const double at[3] = {0, 2 - SQRT2, 1};
  size_t first = t->c->unknowns + t->c->sources;
  for (int s = 0; s < 3; s++)
    for (size_t j = 0; j < t->n; j++)
      t->now[s][j] = -t->leave[s][t->c->sources + j] -
                     slope(t->q0[first + j], t->q1[first + j], t->q2[first + j], at[s]) / h;
}

/*
 * Energies by the third-order weights; what terminals spend on capacitances of their own is a sum of v dq, exact on
 * straight lines whatever the slope did at the corner before.
 */
static void account(run *r, double h, const power p[3]) {
  og_transient *t = r->t;
  og_transient_info *info = r->info;
  size_t sources = t->c->sources, base = t->c->unknowns;
  for (int s = 0; s < 3; s++) {
    info->delivered_joule += h * third[s] * p[s].sources;
    info->sense_joule += h * third[s] * p[s].senses;
    info->cells_joule += h * third[s] * p[s].cells;
    info->wires_joule += h * third[s] * p[s].wires;
  }
  for (size_t k = 0; k < sources + t->n; k++) {
    size_t at = base + k;
    double first = t->q1[at] - t->q0[at], second = t->q2[at] - t->q1[at];
    *(k < sources ? &info->delivered_joule : &info->sense_joule) +=
        (t->x0[at] + t->x1[at]) / 2 * first + (t->x1[at] + t->x2[at]) / 2 * second;
    /* the weights of the step itself, so that charge is conserved to rounding */
    t->charge[k] += h * (w * (t->leave[0][k] + t->leave[1][k]) + d * t->leave[2][k]) + first + second;
  }
}

static void fill_samples(run *r, double begin, double end) {
  const og_transient_out *out = r->out;
  const og_transient *t = r->t;
  while (r->sample < out->samples && (out->sample_second[r->sample] <= end || end >= r->stop)) {
    double s = fmin(1, fmax(0, (out->sample_second[r->sample] - begin) / (end - begin)));
    for (size_t j = 0; j < t->n; j++)
      out->i_out[r->sample * t->n + j] = parabola((double[]){t->now[0][j], t->now[1][j], t->now[2][j]}, s);
    r->sample++;
  }
}

/* The last s in 0..1 at which the parabola through f meets the level; -1 if it does not. */
static double last_crossing(const double f[3], double level) {
  double early = (f[1] - f[0]) / gam, bend = (f[2] - f[1]) / (1 - gam) - early;
  double p2 = bend, p1 = early - bend * gam, p0 = f[0] - level, best = -1; /* see parabola() */
  double disc = p1 * p1 - 4 * p2 * p0;
  if (disc < 0) return -1;
  double big = -0.5 * (p1 + copysign(sqrt(disc), p1)); /* the root without cancellation; the other by Vieta */
  const double root[2] = {p2 != 0 ? big / p2 : -1, big != 0 ? p0 / big : -1};
  for (int k = 0; k < 2; k++)
    if (root[k] >= 0 && root[k] <= 1) best = fmax(best, root[k]);
  return best;
}

static void watch_settling(run *r, double begin, double end) {
  og_transient *t = r->t;
  for (size_t j = 0; j < t->n; j++) {
    const double off[3] = {t->now[0][j] - t->steady[j], t->now[1][j] - t->steady[j], t->now[2][j] - t->steady[j]};
    if (fabs(off[2]) > r->band) {
      t->outside[j] = end;
      continue;
    }
    double s = fmax(last_crossing(off, r->band), last_crossing(off, -r->band));
    if (s >= 0) t->outside[j] = begin + s * (end - begin);
  }
}

static void swap(double **p, double **q) {
  double *keep = *p;
  *p = *q;
  *q = keep;
}

static og_status accept(run *r, double begin, double end, og_error *err) {
  og_status st;
  og_transient *t = r->t;
  double h = a / t->rate, unused, branch_max;
  power p[3] = {r->before};
  p[1] = measure(t, t->x1, t->leave[1], &unused);
  p[2] = measure(t, t->x2, t->leave[2], &branch_max);
  OGI_TRY(st, audit(r, end, branch_max, err));
  outputs(t, h);
  account(r, h, p);
  fill_samples(r, begin, end);
  watch_settling(r, begin, end);
  r->source_scale = largest(t->leave[2], t->c->sources, r->source_scale);
  r->sense_scale = largest(t->now[2], t->n, r->sense_scale);
  r->before = p[2];
  swap(&t->x0, &t->x2);
  swap(&t->q0, &t->q2);
  swap(&t->i0, &t->i2);
  swap(&t->leave[0], &t->leave[2]);
  r->info->steps++;
  if (r->out->step != NULL && r->out->step(r->out->user, end, t->now[2]) != 0)
    st = ogi_fail(err, OG_E_INTERRUPT, "transient: stopped at %g s by the caller", end);
done:
  return st;
}

/* ---- a stretch between two corners ---- */

/* How many halvings less (positive: the step may grow by 2^n) an error ratio asks; the error goes as h^3. */
static int growth(double ratio) {
  if (!(ratio <= 1)) return -(int)fmin(6, fmax(1, ceil(log2(fmin(ratio, 1e6)) / 3)));
  return (int)fmin(6, floor(log2(0.6 / fmax(ratio, 1e-6)) / 3));
}

static og_status cross(run *r, double begin, double end, og_error *err) {
  og_status st = OG_OK;
  const og_transient_opts *o = &r->t->opts;
  double length = end - begin, here = begin;
  int level = r->wish < length ? (int)fmin(LEVELS, ceil(log2(length / r->wish))) : 0;
  for (uint64_t at = 0; at < whole;) {
    uint64_t stride = whole >> level, next = at + stride;
    double there = next == whole ? end : begin + length * ((double)next / (double)whole), ratio = 0;
    if (r->info->steps + r->info->rejected >= o->step_max)
      return ogi_fail(err, OG_E_NOCONV, "transient: at %g s: saw %zu steps, need at most %zu", here, o->step_max,
                      o->step_max);
    OGI_TRY(st, set_rate(r, a / ldexp(length, -level), err));
    OGI_TRY(st, attempt(r, here, there, &ratio, err));
    int change = growth(ratio);
    if (change < 0 && !(ratio <= 1)) {
      r->info->rejected++;
      level -= change;
      if (level > LEVELS || !(there > here))
        return ogi_fail(err, OG_E_NOCONV, "transient: at %g s: step underflow, saw an error of %.3g of its tolerance",
                        here, ratio);
      continue;
    }
    OGI_TRY(st, accept(r, here, there, err));
    at = next;
    here = there;
    r->wish = ldexp(length, change - level);
    /* a longer step must start on a tick of its own grid, so that the stretch still ends on a tick */
    for (; change > 0 && level > 0 && at % (stride * 2) == 0; change--, level--) stride *= 2;
  }
done:
  return st;
}

/* ---- a run ---- */

static og_status check_wave(const og_transient *t, const og_wave *wave, double stop, og_error *err) {
  size_t sources = t->c->sources;
  for (size_t p = 0; p < wave->points; p++)
    if (!isfinite(wave->second[p]) || (p > 0 && !(wave->second[p] > wave->second[p - 1])))
      return ogi_fail(err, OG_E_RANGE, "transient: waveform point %zu: saw %g, need finite ascending times (second)", p,
                      wave->second[p]);
  for (size_t k = 0; k < wave->points * sources; k++)
    if (!isfinite(wave->volt[k]))
      return ogi_fail(err, OG_E_RANGE, "transient: waveform point %zu, word line %zu: saw %g, need a finite voltage "
                      "(volt)", k / sources, k % sources, wave->volt[k]);
  for (size_t j = 0; wave->sense_volt != NULL && j < t->n; j++)
    if (!isfinite(wave->sense_volt[j]))
      return ogi_fail(err, OG_E_RANGE, "transient: sense node %zu: saw %g, need a finite voltage (volt)", j,
                      wave->sense_volt[j]);
  if (!(isfinite(stop) && stop > wave->second[0]))
    return ogi_fail(err, OG_E_RANGE, "transient: stop: saw %g, need a finite time after %g (second)", stop,
                    wave->second[0]);
  return OG_OK;
}

static og_status check_samples(const og_wave *wave, double stop, const og_transient_out *out, og_error *err) {
  if (out->samples == 0) return OG_OK;
  if (out->sample_second == NULL || out->i_out == NULL)
    return ogi_fail(err, OG_E_ARG, "transient: samples are wanted, but their times or their buffer is NULL");
  double least = wave->second[0];
  for (size_t k = 0; k < out->samples; least = out->sample_second[k++])
    if (!(out->sample_second[k] >= least && out->sample_second[k] <= stop))
      return ogi_fail(err, OG_E_RANGE, "transient: sample %zu: saw %g, need ascending times from %g to %g (second)", k,
                      out->sample_second[k], wave->second[0], stop);
  return OG_OK;
}

/* Static solution for terminal potentials already in x0; its largest terminal currents raise the scales. */
static og_status operating_point(run *r, og_error *err) {
  og_transient *t = r->t;
  double unused;
  og_status st = ogi_network_solve(t->c, t->x0, NULL, err);
  if (st != OG_OK) return st;
  r->before = measure(t, t->x0, t->leave[0], &unused);
  r->source_scale = largest(t->leave[0], t->c->sources, r->source_scale);
  r->sense_scale = largest(t->leave[0] + t->c->sources, t->n, r->sense_scale);
  return OG_OK;
}

/* The segment of the wave that holds a time; the last point for times after it. */
static size_t segment_at(const og_wave *wave, double second) {
  size_t p = 0;
  while (p + 1 < wave->points && wave->second[p + 1] < second) p++;
  return p;
}

/* The point within the run at which the drivers together are largest. */
static size_t loudest(const run *r) {
  size_t best = 0, sources = r->t->c->sources;
  double most = 0;
  for (size_t p = 0; p < r->wave->points && r->wave->second[p] <= r->stop; p++) {
    double sum = 0;
    for (size_t i = 0; i < sources; i++) sum += fabs(r->wave->volt[p * sources + i]);
    if (sum > most) best = p;
    most = fmax(most, sum);
  }
  return best;
}

/* Static solutions that give the scales, the steady outputs and the start; the last one leaves its state in x0. */
static og_status begin(run *r, og_error *err) {
  og_status st;
  og_transient *t = r->t;
  const og_wave *wave = r->wave;
  r->volt_scale = largest(wave->volt, wave->points * t->c->sources, 0);
  if (wave->sense_volt != NULL) r->volt_scale = largest(wave->sense_volt, t->n, r->volt_scale);
  if (r->volt_scale == 0) r->volt_scale = 1; /* all at rest: any scale will do */
  OGI_TRY(st, set_rate(r, 0, err));
  r->segment = loudest(r);
  drive(r, wave->second[r->segment], t->x0);
  OGI_TRY(st, operating_point(r, err));
  r->segment = segment_at(wave, r->stop);
  drive(r, r->stop, t->x0);
  OGI_TRY(st, operating_point(r, err));
  for (size_t j = 0; j < t->n; j++) t->steady[j] = -t->leave[0][t->c->sources + j];
  r->segment = 0;
  drive(r, r->start, t->x0);
  OGI_TRY(st, operating_point(r, err));
  charges(t, t->x0, t->q0);
  memset(t->i0, 0, t->c->nodes * sizeof *t->i0); /* at rest */
  memset(t->charge, 0, (t->c->nodes - t->c->unknowns) * sizeof *t->charge);
  for (size_t j = 0; j < t->n; j++) t->outside[j] = r->start;
  r->info->full_scale_amp = t->opts.full_scale_amp > 0 ? t->opts.full_scale_amp : r->sense_scale;
  r->band = ldexp(r->info->full_scale_amp, -(int)t->opts.bits - 1);
  r->info->stored_start_joule = stored(t, t->x0, t->q0);
  for (size_t k = 0; k < t->c->nodes; k++) r->held += t->q0[k];
done:
  return st;
}

static void finish(run *r) {
  og_transient *t = r->t;
  og_transient_info *info = r->info;
  double out = 0, moved = 0, held = -r->held;
  info->stored_joule = stored(t, t->x0, t->q0);
  double gain = info->stored_joule - info->stored_start_joule, spent = info->cells_joule + info->wires_joule;
  double off = fabs(info->delivered_joule + info->sense_joule - spent - gain), all = spent + fabs(gain);
  info->energy_balance = all > 0 ? off / all : off;
  for (size_t k = 0; k < t->c->nodes; k++) held += t->q0[k];
  for (size_t k = 0; k < t->c->sources + t->n; k++) {
    out += t->charge[k];
    moved += fabs(t->charge[k]);
  }
  off = fabs(out - held);
  info->charge_balance = moved > 0 ? off / moved : off;
  info->settling_second = r->start;
  for (size_t j = 0; j < t->n; j++) {
    if (t->outside[j] >= r->stop) t->outside[j] = INFINITY;
    info->settling_second = fmax(info->settling_second, t->outside[j]);
  }
}

static void deliver(const run *r) {
  const og_transient *t = r->t;
  const og_transient_out *out = r->out;
  size_t bytes = t->n * sizeof(double), sources = t->c->sources;
  if (out->steady_amp != NULL) memcpy(out->steady_amp, t->steady, bytes);
  if (out->settling_second != NULL) memcpy(out->settling_second, t->outside, bytes);
  for (size_t j = 0; out->charge_coulomb != NULL && j < t->n; j++) out->charge_coulomb[j] = -t->charge[sources + j];
  if (out->source_coulomb != NULL) memcpy(out->source_coulomb, t->charge, sources * sizeof(double));
}

static og_status simulate(run *r, og_error *err) {
  og_status st;
  const og_wave *wave = r->wave;
  OGI_TRY(st, begin(r, err));
  r->wish = INFINITY;
  for (double here = r->start; here < r->stop; r->segment++) {
    double end = r->segment + 1 < wave->points ? fmin(wave->second[r->segment + 1], r->stop) : r->stop;
    OGI_TRY(st, cross(r, here, end, err));
    here = end;
  }
  finish(r);
  deliver(r);
done:
  return st;
}

static og_status check_run(const og_transient *t, const og_wave *wave, double stop, const og_transient_out *out,
                           og_error *err) {
  if (wave == NULL || wave->second == NULL || wave->volt == NULL)
    return ogi_fail(err, OG_E_ARG, "transient: a needed pointer is NULL");
  if (wave->points == 0) return ogi_fail(err, OG_E_ARG, "transient: waveform points: saw 0, need 1 or more");
  if (!t->has_cells) return ogi_fail(err, OG_E_ARG, "transient: cells were not set");
  og_status st = check_wave(t, wave, stop, err);
  return st == OG_OK ? check_samples(wave, stop, out, err) : st;
}

og_status og_transient_run(og_transient *t, const og_wave *wave, double stop, const og_transient_out *out,
                           og_transient_info *info, og_error *err) {
  static const og_transient_out none = {0};
  og_transient_info unused;
  if (info == NULL) info = &unused;
  if (out == NULL) out = &none;
  *info = (og_transient_info){0};
  if (t == NULL) return ogi_fail(err, OG_E_ARG, "transient: a needed pointer is NULL");
  info->engine = t->c->engine;
  og_status st = check_run(t, wave, stop, out, err);
  if (st == OG_OK) {
    run r = {.t = t, .wave = wave, .out = out, .info = info, .start = wave->second[0], .stop = stop};
    st = simulate(&r, err);
  }
  if (st != OG_OK) {
    ogi_poison(out->i_out, out->samples * t->n);
    ogi_poison(out->steady_amp, t->n);
    ogi_poison(out->settling_second, t->n);
    ogi_poison(out->charge_coulomb, t->n);
    ogi_poison(out->source_coulomb, t->c->sources);
  }
  return st;
}
