/* SPDX-License-Identifier: BSD-3-Clause */
/** Time: a Rosenbrock method on blocks of cells. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "compact/ogi_compact.h"

/*
 * RODAS3 [Sandu1997]: four stages, order 3 with one of order 2 inside for the error, stiffly accurate, L-stable. With
 * A = M/(h gamma) - dF/dx, in terms of increments k:
 *   A k_i = F(t + alpha_i h, x + sum a_ij k_j) + M sum c_ij k_j / h + gamma_i h dF/dt
 * gamma = 1/2, alpha = 0 0 1 1, gamma_i = 1/2 3/2 0 0; stages 1 and 2 stand at the same point.
 * x' = x + 2 k1 + k3 + k4, and k4 is the estimate of the error.
 */
#define GAMMA 0.5
#define ORDER 3

#define SAFETY 0.9
#define SHRINK_MOST 0.1
#define GROW_MOST 6.0
#define STEP_LEAST 1e-12   /* of the whole step [-] */
#define STEPS_MOST 1000000
#define FREEZE 1e-6        /* of the whole step: as long as no charge moves [-] */
#define NEWTON_MOST 100
#define LOOSE 1e-2         /* of rtol: so much may a port be off when a step begins [-] */
#define BALANCE 1e-9       /* Kirchhoff's current law at the end [-] */
#define ROUNDING 4e-16     /* [V] and [-] of a potential */
#define TINY 1e-300        /* a bound that nothing but 0 meets */
#define CRUMB 1e-60        /* [V] */
#define SETTLED 3e-7       /* a correction after which the next would be below BALANCE [V] */

typedef double lanes[OGI_LANES];

/* A block on its way. Vectors of OGI_LANES. */
typedef struct march {
  const og_compact_step *step;
  ogi_work w;
  size_t n, first;         /* unknowns; first cell of the block */
  lanes *x, *x0, *k[4];    /* n each */
  lanes *f, *a;            /* right side; elements of the factors */
  lanes *ohm, *from, *to;  /* of ports */
  lanes *i0;               /* currents of ports at the beginning of the inner step */
  lanes *joule, *worst, *ones;
  size_t taken, rejected;
} march;

static size_t vectors_needed(const og_compact *m) {
  size_t n = ogi_compact_unknowns(m);
  return 6 * n + m->factor.elements + 4 * m->ports + 3;
}

static lanes *take(double **next, size_t count) {
  lanes *first = (lanes *)*next;
  *next += count * OGI_LANES;
  return first;
}

static og_status open_march(march *b, const og_compact *m, const og_compact_step *step, og_error *err) {
  *b = (march){.step = step, .n = ogi_compact_unknowns(m)};
  og_status st = ogi_work_open(&b->w, m, vectors_needed(m), err);
  if (st != OG_OK) return st;
  double *next = b->w.extra;
  b->x = (lanes *)b->w.x;
  b->x0 = take(&next, b->n);
  for (int k = 0; k < 4; k++) b->k[k] = take(&next, b->n);
  b->f = take(&next, b->n);
  b->a = take(&next, m->factor.elements);
  b->ohm = take(&next, m->ports);
  b->from = take(&next, m->ports);
  b->to = take(&next, m->ports);
  b->i0 = take(&next, m->ports);
  b->joule = take(&next, 1);
  b->worst = take(&next, 1);
  b->ones = take(&next, 1);
  for (int l = 0; l < OGI_LANES; l++) b->ones[0][l] = 1;
  return OG_OK;
}

static const double *current(const march *b, size_t r) { return ogi_work_result(&b->w, r); }
/* Factor of a row: the resistance of a port, else 1. */
static const double *scale(const march *b, size_t r) {
  return r < b->w.m->inner ? b->ones[0] : b->ohm[r - b->w.m->inner];
}

/* ---- loops over lanes ---- */

OGI_HOT static void add_product(double *restrict to, const double *restrict x, const double *restrict y, double s) {
  for (int l = 0; l < OGI_LANES; l++) to[l] += s * x[l] * y[l];
}

OGI_HOT static void add_product3(double *restrict to, const double *x, const double *y, const double *z) {
  for (int l = 0; l < OGI_LANES; l++) to[l] += x[l] * y[l] * z[l];
}

/* f_r = -I_r */
OGI_HOT static void inner_side(double *restrict f, const double *restrict i) {
  for (int l = 0; l < OGI_LANES; l++) f[l] = -i[l];
}

/* f_p = S - v - R I, S on the line from one end to the other */
OGI_HOT static void port_side(double *restrict f, const double *restrict i, const double *restrict v, const double *ohm,
                              const double *from, const double *to, double theta) {
  for (int l = 0; l < OGI_LANES; l++) f[l] = from[l] + theta * (to[l] - from[l]) - v[l] - ohm[l] * i[l];
}

OGI_HOT static void add_ramp(double *restrict f, const double *from, const double *to, double s) {
  for (int l = 0; l < OGI_LANES; l++) f[l] += s * (to[l] - from[l]);
}

OGI_HOT static void combine(lanes *restrict to, const lanes *x, size_t n, double p, const lanes *k1, double q,
                            const lanes *k3, double r, const lanes *k4) {
  for (size_t j = 0; j < n; j++)
    for (int l = 0; l < OGI_LANES; l++) to[j][l] = x[j][l] + p * k1[j][l] + q * k3[j][l] + r * k4[j][l];
}

/* worst = max over unknowns of |e| / (rtol max(|x|, 1 V)); NaN where anything is not finite. */
OGI_HOT static void measure(lanes worst, const lanes *x, const lanes *e, size_t n, double rtol) {
  lanes spoilt;
  for (int l = 0; l < OGI_LANES; l++) worst[l] = spoilt[l] = 0;
  for (size_t j = 0; j < n; j++)
    for (int l = 0; l < OGI_LANES; l++) {
      double size = fabs(x[j][l]), error = fabs(e[j][l]) / (rtol * (size > 1 ? size : 1));
      spoilt[l] += (x[j][l] - x[j][l]) + (error - error);
      worst[l] = error > worst[l] ? error : worst[l];
    }
  for (int l = 0; l < OGI_LANES; l++) worst[l] += spoilt[l];
}

/* Largest of the lanes; infinite if one is not finite. Halved again and again, which vectors can do. */
OGI_HOT static double largest(const lanes worst) {
  lanes most, spoilt;
  for (int l = 0; l < OGI_LANES; l++) {
    most[l] = worst[l];
    spoilt[l] = worst[l] - worst[l];
  }
  for (int half = OGI_LANES / 2; half > 0; half /= 2)
    for (int l = 0; l < half; l++) {
      most[l] = most[l + half] > most[l] ? most[l + half] : most[l];
      spoilt[l] += spoilt[l + half];
    }
  return spoilt[0] == 0 ? most[0] : INFINITY;
}

/* ---- equations ---- */

/* f = F(t, x); with slopes also G. theta: where in the whole step [-]. */
static void right_side(march *b, double theta, int slopes) {
  const og_compact *m = b->w.m;
  ogi_program_run(slopes ? &m->slopes : &m->currents, b->w.at);
  for (size_t r = 0; r < m->inner; r++) inner_side(b->f[r], current(b, r));
  for (size_t p = 0; p < m->ports; p++) {
    size_t r = m->inner + p;
    port_side(b->f[r], current(b, r), b->x[r], b->ohm[p], b->from[p], b->to[p], theta);
  }
}

/* Factors of A = M/second - dF/dx. */
static void factor(march *b, double second) {
  const og_compact *m = b->w.m;
  memset(b->a, 0, m->factor.elements * sizeof *b->a);
  for (size_t k = 0; k < m->c.count; k++) {
    const ogi_entry *e = &m->c.item[k];
    add_product(b->a[e->place], scale(b, e->row), b->w.at[e->at], 1 / second);
  }
  for (size_t k = 0; k < m->g.count; k++) {
    const ogi_entry *e = &m->g.item[k];
    add_product(b->a[e->place], scale(b, e->row), current(b, e->at), 1);
  }
  for (size_t r = m->inner; r < b->n; r++) add_product(b->a[m->factor.diagonal[r]], b->ones[0], b->ones[0], 1);
  ogi_factor_run(&m->factor, b->a[0]);
}

/* k = A^-1 (f + M (c1 k1 + c2 k2 + c3 k3)); k1 .. k3 may be NULL. */
static void stage(march *b, lanes *k, const double c[3]) {
  const og_compact *m = b->w.m;
  memcpy(k, b->f, b->n * sizeof *k);
  for (size_t j = 0; j < m->c.count; j++) {
    const ogi_entry *e = &m->c.item[j];
    lanes sum = {0};
    for (int s = 0; s < 3; s++)
      if (c[s] != 0) add_product(sum, b->k[s][e->column], b->ones[0], c[s]);
    add_product3(k[e->row], scale(b, e->row), b->w.at[e->at], sum);
  }
  ogi_factor_solve(&m->factor, b->a[0], k[0]);
}

static void add_slope_in_time(march *b, double s) {
  for (size_t p = 0; p < b->w.m->ports; p++) add_ramp(b->f[b->w.m->inner + p], b->from[p], b->to[p], s);
}

/* One inner step of h seconds from x0, whose right side and slopes are in f and G: x and the size of its error. */
static double attempt(march *b, double theta, double h) {
  static const double none[3] = {0};
  const double dt = b->step->dt_second, share = h / dt; /* of the whole step */
  factor(b, h * GAMMA);
  add_slope_in_time(b, 0.5 * share);
  stage(b, b->k[0], none);
  add_slope_in_time(b, share);
  stage(b, b->k[1], (const double[3]){4 / h, 0, 0});
  combine(b->x, b->x0, b->n, 2, b->k[0], 0, b->k[0], 0, b->k[0]);
  right_side(b, theta + share, 0);
  stage(b, b->k[2], (const double[3]){1 / h, -1 / h, 0});
  combine(b->x, b->x0, b->n, 2, b->k[0], 1, b->k[2], 0, b->k[0]);
  right_side(b, theta + share, 0);
  stage(b, b->k[3], (const double[3]){1 / h, -1 / h, -8.0 / 3.0 / h});
  combine(b->x, b->x0, b->n, 2, b->k[0], 1, b->k[2], 1, b->k[3]);
  measure(b->worst[0], b->x, b->k[3], b->n, b->step->rtol);
  return largest(b->worst[0]);
}

/* ---- consistent potentials ---- */

/* Ports without resistance follow their source. */
static void pin(march *b, double theta) {
  for (size_t p = 0; p < b->w.m->ports; p++)
    for (int l = 0; l < OGI_LANES; l++)
      if (b->ohm[p][l] == 0) b->x[b->w.m->inner + p][l] = b->from[p][l] + theta * (b->to[p][l] - b->from[p][l]);
}

/* most = max |f| / may, with may = relative |i| s + absolute max(|x|, 1 V); NaN where anything is not finite. */
OGI_HOT static void weigh(lanes most, const double *f, const double *x, const double *s, const double *i,
                          double relative, double absolute) {
  for (int l = 0; l < OGI_LANES; l++) {
    double size = fabs(x[l]) > 1 ? fabs(x[l]) : 1, off = fabs(f[l]) / (relative * s[l] * fabs(i[l]) + absolute * size);
    most[l] = (off > most[l] ? off : most[l]) + (off - off);
  }
}

OGI_HOT static void taint(lanes most, const double *f, const double *x) {
  for (int l = 0; l < OGI_LANES; l++) most[l] += (f[l] - f[l]) + (x[l] - x[l]);
}

/*
 * Largest |f| of rows without capacitors against what it may be; infinite if something is not finite. Those of inner
 * rows say nothing without their slope: unless 0 they ask for a correction.
 */
static double imbalance(const march *b, int tight) {
  const og_compact *m = b->w.m;
  const double relative = tight ? BALANCE : 0, absolute = tight ? ROUNDING : LOOSE * b->step->rtol;
  lanes most = {0};
  for (size_t r = 0; r < b->n; r++) {
    if (m->stores[r]) taint(most, b->f[r], b->x[r]);
    else if (r < m->inner) weigh(most, b->f[r], b->x[r], b->ones[0], current(b, r), 0, TINY);
    else weigh(most, b->f[r], b->x[r], scale(b, r), current(b, r), relative, absolute);
  }
  return largest(most);
}

static void zero_storing_rows(march *b, lanes *k) {
  for (size_t r = 0; r < b->n; r++)
    if (b->w.m->stores[r]) memset(k[r], 0, sizeof *k);
}

/*
 * x += the correction, less of it in lanes where it turns back without becoming smaller: Newton's steps down an
 * exponential are all alike and right, those across a knee go to and fro. Gives the largest.
 */
static double correct(march *b, const lanes *dx, lanes *last, lanes before, lanes damping) {
  double most = 0;
  for (int l = 0; l < OGI_LANES; l++) {
    double size = 0, turn = 0;
    for (size_t r = 0; r < b->n; r++) {
      double one = fabs(dx[r][l]) / (fabs(b->x[r][l]) > 1 ? fabs(b->x[r][l]) : 1);
      size = one > size || isnan(one) ? one : size;
      turn += dx[r][l] * last[r][l];
      last[r][l] = dx[r][l];
    }
    damping[l] = turn < 0 && size > 0.5 * before[l] ? fmax(0.5 * damping[l], 1.0 / 64) : fmin(2 * damping[l], 1);
    before[l] = size;
    for (size_t r = 0; r < b->n; r++) b->x[r][l] += damping[l] * dx[r][l];
    most = isnan(size) ? INFINITY : fmax(most, size / damping[l]);
  }
  return most;
}

/* Currents after a correction that is too small to evaluate them again. */
static void follow(march *b, const lanes *dx) {
  const og_compact *m = b->w.m;
  for (size_t k = 0; k < m->g.count; k++) {
    const ogi_entry *e = &m->g.item[k];
    if (e->row < m->inner) continue;
    add_product(b->w.at[ogi_table_result(&m->table) + e->row], current(b, e->at), dx[e->column], 1);
  }
}

/*
 * Potentials of rows without capacitors by Newton's method, all charge at rest. Leaves right side, currents and slopes
 * of x.
 * @return 0; 1: no solution, or something is not finite
 */
static int settle(march *b, double theta, int tight) {
  lanes before, damping;
  for (int l = 0; l < OGI_LANES; l++) {
    before[l] = INFINITY;
    damping[l] = 1;
  }
  memset(b->k[2], 0, b->n * sizeof *b->k[2]);
  pin(b, theta);
  for (int turn = 0; turn < NEWTON_MOST; turn++) {
    right_side(b, theta, 1);
    double off = imbalance(b, tight);
    if (!isfinite(off)) return 1;
    if (off <= 1) return 0;
    factor(b, FREEZE * b->step->dt_second);
    memcpy(b->k[3], b->f, b->n * sizeof *b->f);
    zero_storing_rows(b, b->k[3]);
    ogi_factor_solve(&b->w.m->factor, b->a[0], b->k[3][0]);
    double size = correct(b, b->k[3], b->k[2], before, damping);
    if (!isfinite(size)) return 1;
    if (tight && size <= SETTLED) {
      follow(b, b->k[3]);
      return 0;
    }
    if (!tight && size <= LOOSE * b->step->rtol) {
      right_side(b, theta, 1);
      return 0;
    }
  }
  return 1;
}

/* ---- a block ---- */

/* Voltage and current are lines within an inner step; what capacitors take comes at the mean voltage. */
static void add_energy(march *b, double h) {
  const og_compact *m = b->w.m;
  double *e = b->joule[0];
  for (size_t p = 0; p < m->ports; p++) {
    const double *v0 = b->x0[m->inner + p], *v1 = b->x[m->inner + p], *i0 = b->i0[p], *i1 = current(b, m->inner + p);
    for (int l = 0; l < OGI_LANES; l++)
      e[l] += h / 6 * (2 * v0[l] * i0[l] + v0[l] * i1[l] + v1[l] * i0[l] + 2 * v1[l] * i1[l]);
  }
  for (size_t k = 0; k < m->c.count; k++) {
    const ogi_entry *c = &m->c.item[k];
    if (c->row < m->inner) continue;
    const double *farad = b->w.at[c->at];
    for (int l = 0; l < OGI_LANES; l++)
      e[l] += 0.5 * (b->x0[c->row][l] + b->x[c->row][l]) * farad[l] * (b->x[c->column][l] - b->x0[c->column][l]);
  }
}

static void keep_start(march *b) {
  memcpy(b->x0, b->x, b->n * sizeof *b->x);
  for (size_t p = 0; p < b->w.m->ports; p++) memcpy(b->i0[p], current(b, b->w.m->inner + p), sizeof *b->i0);
}

/* Where it stuck. */
static og_status stuck(const march *b, double theta, const char *why, og_error *err) {
  const og_compact *m = b->w.m;
  int lane = 0;
  size_t at = 0;
  double most = -1;
  for (int l = 0; l < (int)b->w.lanes; l++)
    for (size_t r = 0; r < b->n; r++) {
      double x = b->x[r][l], e = fabs(b->k[3][r][l]), size = !isfinite(x) || isnan(e) ? INFINITY : e / fmax(fabs(x), 1);
      if (!(size > most)) continue;
      most = size;
      lane = l;
      at = r;
    }
  char port[32];
  snprintf(port, sizeof port, "port %zu", at - m->inner);
  return ogi_fail(err, OG_E_NOCONV, "cell %zu: %g s into the step: %s: saw %g V, %s", b->first + (size_t)lane,
                  theta * b->step->dt_second, at < m->inner ? m->name[at] : port, b->x[at][lane], why);
}

/* Another try from where the inner step began. @return 1 if that point is no good itself */
static int go_back(march *b, double theta) {
  memcpy(b->x, b->x0, b->n * sizeof *b->x);
  right_side(b, theta, 1);
  return !isfinite(imbalance(b, 0));
}

static og_status march_on(march *b, og_error *err) {
  const double dt = b->step->dt_second;
  double t = 0, h = dt, most = GROW_MOST;
  if (settle(b, 0, 0)) return stuck(b, 0, "need potentials that solve the cell at its beginning", err);
  keep_start(b);
  while (t < dt) {
    double left = dt - t, error;
    int last = h >= left * (1 - 1e-9);
    if (last) h = left;
    else if (h > 0.5 * left) h = 0.5 * left;
    error = attempt(b, t / dt, h);
    int fine = error <= 1;
    double end = last ? 1 : (t + h) / dt;
    if (fine) fine = last ? !settle(b, 1, 1) : (right_side(b, end, 1), isfinite(imbalance(b, 0)));
    if (fine) {
      if (b->step->joule != NULL) add_energy(b, h);
      b->taken++;
      t = last ? dt : t + h;
      keep_start(b);
    } else {
      b->rejected++;
      if (h <= STEP_LEAST * dt) return stuck(b, t / dt, "need longer steps than one of 1e-12 of the whole", err);
      if (go_back(b, t / dt)) return stuck(b, t / dt, "need finite currents", err);
    }
    if (b->taken + b->rejected > STEPS_MOST) return stuck(b, t / dt, "need fewer than 1000000 inner steps", err);
    double change = error > 1 || fine ? SAFETY * pow(error, -1.0 / ORDER) : 0.25; /* error 0, infinite: clipped */
    h *= fmin(fmax(change, SHRINK_MOST), most);
    most = fine ? GROW_MOST : 1;
  }
  return OG_OK;
}

/* Currents into capacitors of ports without resistance: from the slope of everything in time, by a very short step. */
static void derive(march *b) {
  double second = FREEZE * b->step->dt_second;
  factor(b, second);
  add_slope_in_time(b, FREEZE);
  memcpy(b->k[0], b->f, b->n * sizeof *b->f);
  ogi_factor_solve(&b->w.m->factor, b->a[0], b->k[0][0]);
}

static void port_currents(march *b, lanes *i) {
  const og_compact *m = b->w.m;
  int derived = 0;
  for (size_t p = 0; p < m->ports; p++) {
    size_t r = m->inner + p;
    memcpy(i[p], current(b, r), sizeof *i);
    if (!m->stores[r]) continue;
    if (!derived) derive(b);
    derived = 1;
    for (size_t k = 0; k < m->c.count; k++)
      if (m->c.item[k].row == r)
        add_product(i[p], b->w.at[m->c.item[k].at], b->k[0][m->c.item[k].column], 1 / (FREEZE * b->step->dt_second));
    for (int l = 0; l < OGI_LANES; l++)
      if (b->ohm[p][l] > 0) i[p][l] = (b->to[p][l] - b->x[r][l]) / b->ohm[p][l];
  }
}

/* ---- a range ---- */

/* What a range becomes; written to the caller's arrays when all blocks are done. Rows of count. */
typedef struct outcome {
  double *room, *y, *v, *i, *joule;
  size_t count;
} outcome;

static void load(march *b, size_t first, size_t count) {
  const og_compact_step *s = b->step;
  const og_compact *m = b->w.m;
  b->first = first;
  b->taken = b->rejected = 0;
  ogi_work_aim(&b->w, first, count);
  for (size_t k = 0; k < m->inner; k++) ogi_lanes_fill(b->x[k], s->y + k * m->cells + first, count);
  for (size_t p = 0; p < m->ports; p++) {
    size_t at = p * m->cells + first;
    ogi_lanes_fill(b->x[m->inner + p], s->v + at, count);
    ogi_lanes_fill(b->ohm[p], s->ohm + at, count);
    ogi_lanes_fill(b->from[p], s->from + at, count);
    ogi_lanes_fill(b->to[p], s->to + at, count);
  }
  memset(b->joule, 0, sizeof *b->joule);
}

/* What decays for ever becomes 0 before processors become slow over it. */
OGI_HOT static void drop_crumbs(lanes *x, size_t n) {
  for (size_t r = 0; r < n; r++)
    for (int l = 0; l < OGI_LANES; l++) x[r][l] = fabs(x[r][l]) < CRUMB ? 0 : x[r][l];
}

static void save(march *b, outcome *o, size_t done) {
  drop_crumbs(b->x, b->n);
  const og_compact *m = b->w.m;
  size_t bytes = b->w.lanes * sizeof(double);
  for (size_t k = 0; k < m->inner; k++) memcpy(o->y + k * o->count + done, b->x[k], bytes);
  port_currents(b, b->i0);
  for (size_t p = 0; p < m->ports; p++) {
    memcpy(o->v + p * o->count + done, b->x[m->inner + p], bytes);
    memcpy(o->i + p * o->count + done, b->i0[p], bytes);
  }
  memcpy(o->joule + done, b->joule, bytes);
}

static void publish(const og_compact *m, const og_compact_step *s, const outcome *o) {
  size_t bytes = o->count * sizeof(double);
  for (size_t k = 0; k < m->inner; k++) memcpy(s->y + k * m->cells + s->first, o->y + k * o->count, bytes);
  for (size_t p = 0; p < m->ports; p++) {
    memcpy(s->v + p * m->cells + s->first, o->v + p * o->count, bytes);
    memcpy(s->i + p * m->cells + s->first, o->i + p * o->count, bytes);
  }
  if (s->joule != NULL) memcpy(s->joule + s->first, o->joule, bytes);
}

static og_status check_numbers(const og_compact *m, const og_compact_step *s, og_error *err) {
  for (size_t p = 0; p < m->ports; p++)
    for (size_t j = s->first; j < s->first + s->count; j++) {
      size_t at = p * m->cells + j;
      if (!(s->ohm[at] >= 0 && isfinite(s->ohm[at])))
        return ogi_fail(err, OG_E_RANGE, "cell %zu: port %zu: resistance: saw %g, need 0 or more (ohm)", j, p,
                        s->ohm[at]);
      if (!isfinite(s->from[at] + s->to[at] + s->v[at]))
        return ogi_fail(err, OG_E_RANGE, "cell %zu: port %zu: voltage: saw %g, %g and %g, need finite ones (volt)", j,
                        p, s->from[at], s->to[at], s->v[at]);
    }
  for (size_t k = 0; k < m->inner; k++)
    for (size_t j = s->first; j < s->first + s->count; j++)
      if (!isfinite(s->y[k * m->cells + j]))
        return ogi_fail(err, OG_E_RANGE, "cell %zu: %s: saw %g, need a finite one (volt)", j, m->name[k],
                        s->y[k * m->cells + j]);
  return OG_OK;
}

static og_status check(const og_compact *m, const og_compact_step *s, og_error *err) {
  if (m == NULL || s == NULL || s->ohm == NULL || s->from == NULL || s->to == NULL || s->v == NULL || s->i == NULL ||
      (s->y == NULL && m->inner > 0))
    return ogi_fail(err, OG_E_ARG, "compact: a needed pointer is NULL");
  if (s->first > m->cells || s->count > m->cells - s->first)
    return ogi_fail(err, OG_E_RANGE, "compact: saw cells %zu .. %zu, need some of %zu", s->first, s->first + s->count,
                    m->cells);
  if (!(s->dt_second > 0 && isfinite(s->dt_second)))
    return ogi_fail(err, OG_E_RANGE, "dt: saw %g, need more than 0 (second)", s->dt_second);
  if (!(s->rtol > 0 && isfinite(s->rtol))) return ogi_fail(err, OG_E_RANGE, "rtol: saw %g, need more than 0", s->rtol);
  return check_numbers(m, s, err);
}

static og_status open_outcome(outcome *o, const og_compact *m, size_t count, og_error *err) {
  *o = (outcome){.count = count, .room = ogi_alloc((m->inner + 2 * m->ports + 1) * count, sizeof(double))};
  if (o->room == NULL) return ogi_fail(err, OG_E_NOMEM, "compact: results");
  o->y = o->room;
  o->v = o->y + m->inner * count;
  o->i = o->v + m->ports * count;
  o->joule = o->i + m->ports * count;
  return OG_OK;
}

og_status og_compact_advance(const og_compact *m, const og_compact_step *s, og_compact_info *info, og_error *err) {
  march b = {0};
  outcome o = {0};
  og_compact_info found = {0};
  og_status st = check(m, s, err);
  if (st != OG_OK) return st;
  OGI_TRY(st, open_march(&b, m, s, err));
  OGI_TRY(st, open_outcome(&o, m, s->count, err));
  for (size_t done = 0; done < s->count; done += OGI_LANES) {
    load(&b, s->first + done, ogi_min_size(OGI_LANES, s->count - done));
    OGI_TRY(st, march_on(&b, err));
    save(&b, &o, done);
    found.steps = ogi_max_size(found.steps, b.taken);
    found.rejected = ogi_max_size(found.rejected, b.rejected);
  }
  publish(m, s, &o);
  if (info != NULL) *info = found;
done:
  ogi_work_close(&b.w);
  ogi_free(o.room);
  return st;
}
