/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Newton's method for cells that are not linear.
 *
 * Unknowns x: potentials of the nodes; terminals follow them in the same vector. r(x) [A] is the sum of currents into
 * each node: wires, and i(v) of the cells. One step solves the linear array
 *     J d = r,      J: wires, and s = di/dv of the cells at x
 * and goes to x + t d. The array is reciprocal and the cells strictly monotone, so r is minus the
 * gradient of a convex function (the co-content [Millar1951]) and r(x + t d) . d falls with t: a step is good if |r|
 * fell, or if r . d is still positive at its end (the function fell all the way); else t is cut, at the root of
 * r . d as the last two values place it.
 */
#include <config.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "device/ogi_cell.h"
#include "solve/ogi_solve.h"
#include <ohmgrid/nonlinear.h>

enum {
  CUTS = 60,       /* halvings of a step: to below rounding */
  RISES = 400      /* most steps of a continuation */
};

typedef struct wire {
  int a, b;
  double siemens;
} wire;

/* What one set of potentials means. */
typedef struct measure {
  double residual, branch, norm2, rounding; /* largest |r| and branch current [A], |r|^2, what rounding may leave [A] */
  double cells, wires;                      /* [W] */
  int worst;                                /* node of the largest |r| */
} measure;

struct og_nonlinear {
  og_array array;
  og_nonlinear_opts opts;
  const og_cell *cell;
  og_engine engine;
  ogi_wires wires;
  ogi_nodes nodes;
  ogi_cg *cg;
  ogi_chol *chol;
  int has_cells, has_solution;
  size_t count, total;      /* cells; unknowns and terminals            */
  int *word, *bit;          /* node of each cell's ends, terminals after the unknowns */
  char *word_first, *bit_first; /* 1 at the first cell of each unknown */
  wire *wire;
  size_t wire_count;
  double wire_max;          /* [S] largest conductance of a wire */
  double *g;                /* m x n [S] */
  double *x, *goal, *trial; /* total [V]: now; where the linear array leads; on the way */
  double *saved;            /* total [V]: where the continuation stood last */
  double *r, *r0;           /* total [A]: sums of currents, at the last point measured; at x */
  double *drop, *amp, *slope;       /* m x n: v [V], i [A], di/dv [S] at the last point measured */
  double *word_in, *bit_in;         /* m x n [A] */
  double *v_word, *v_bit;           /* m x n [V], of the engine */
  double *still;                    /* sources of 0 V */
  double *source, *sink;            /* [V] drivers, bit line terminals, scaled by the continuation */
  double gmin;                      /* [S] across each cell, for the continuation */
};

void og_nonlinear_opts_init(og_nonlinear_opts *opts) {
  *opts = (og_nonlinear_opts){
      .engine = OG_ENGINE_AUTO, .kcl_rtol = 1e-10, .newton_max = 60, .iter_max = 1000, .continuation = 1, .warm = 1};
}

/* ---- create and free ---- */

static og_status check_opts(const og_nonlinear_opts *o, og_error *err) {
  if (o->engine != OG_ENGINE_AUTO && o->engine != OG_ENGINE_CG && o->engine != OG_ENGINE_CHOLESKY)
    return ogi_fail(err, OG_E_RANGE, "nonlinear: engine: saw %d, need auto, cg or cholesky", (int)o->engine);
  if (!(o->kcl_rtol > 0 && o->kcl_rtol <= 1))
    return ogi_fail(err, OG_E_RANGE, "nonlinear: kcl_rtol: saw %g, need more than 0, at most 1", o->kcl_rtol);
  if (o->newton_max == 0) return ogi_fail(err, OG_E_RANGE, "nonlinear: newton_max: saw 0, need 1 or more");
  if (o->iter_max == 0) return ogi_fail(err, OG_E_RANGE, "nonlinear: iter_max: saw 0, need 1 or more");
  return OG_OK;
}

static og_status choose_engine(og_nonlinear *s, og_error *err) {
  const ogi_wires *w = &s->wires;
  int regular = !w->irregular && !w->has_open && w->word_seg == NULL && w->bit_seg == NULL;
  s->engine = s->opts.engine;
  if (s->engine == OG_ENGINE_AUTO) s->engine = regular ? OG_ENGINE_CG : OG_ENGINE_CHOLESKY;
  if (s->engine == OG_ENGINE_CG && !regular)
    return ogi_fail(err, OG_E_RANGE, "nonlinear: engine cg: saw wires that are open or irregular, need cholesky");
  return OG_OK;
}

static void count_wire(void *user, int a, int b, double siemens) {
  (void)a;
  (void)b;
  (void)siemens;
  ++*(size_t *)user;
}

static int place_of(const og_nonlinear *s, int node) { return node >= 0 ? node : s->nodes.unknowns - 1 - node; }

static void keep_wire(void *user, int a, int b, double siemens) {
  og_nonlinear *s = user;
  s->wire[s->wire_count++] = (wire){.a = place_of(s, a), .b = place_of(s, b), .siemens = siemens};
  s->wire_max = fmax(s->wire_max, siemens);
}

/* Wires in the order of their lower node, so that a pass over them goes through memory once. Counting sort. */
static og_status sort_wires(og_nonlinear *s, og_error *err) {
  wire *sorted = ogi_alloc(s->wire_count, sizeof *sorted);
  size_t *start = ogi_alloc(s->total + 1, sizeof *start);
  if (sorted == NULL || start == NULL) {
    ogi_free(sorted);
    ogi_free(start);
    return ogi_fail(err, OG_E_NOMEM, "nonlinear: %zu wires", s->wire_count);
  }
  for (size_t k = 0; k < s->wire_count; k++) start[(s->wire[k].a < s->wire[k].b ? s->wire[k].a : s->wire[k].b) + 1]++;
  for (size_t k = 0; k < s->total; k++) start[k + 1] += start[k];
  for (size_t k = 0; k < s->wire_count; k++)
    sorted[start[s->wire[k].a < s->wire[k].b ? s->wire[k].a : s->wire[k].b]++] = s->wire[k];
  ogi_free(s->wire);
  ogi_free(start);
  s->wire = sorted;
  return OG_OK;
}

static og_status allocate(og_nonlinear *s, og_error *err) {
  size_t wires = 0;
  ogi_wire_branches(&s->nodes, &s->wires, count_wire, &wires);
  double **cell[] = {&s->g, &s->drop, &s->amp, &s->slope, &s->word_in, &s->bit_in, &s->v_word, &s->v_bit};
  double **node[] = {&s->x, &s->goal, &s->trial, &s->saved, &s->r, &s->r0};
  int ok = 1;
  for (size_t k = 0; k < sizeof cell / sizeof *cell; k++)
    ok &= (*cell[k] = ogi_alloc(s->count, sizeof(double))) != NULL;
  for (size_t k = 0; k < sizeof node / sizeof *node; k++)
    ok &= (*node[k] = ogi_alloc(s->total, sizeof(double))) != NULL;
  ok &= (s->word = ogi_alloc(s->count, sizeof *s->word)) != NULL;
  ok &= (s->bit = ogi_alloc(s->count, sizeof *s->bit)) != NULL;
  ok &= (s->wire = ogi_alloc(wires, sizeof *s->wire)) != NULL;
  ok &= (s->source = ogi_alloc(s->wires.sources, sizeof(double))) != NULL;
  ok &= (s->still = ogi_alloc(s->wires.sources, sizeof(double))) != NULL;
  ok &= (s->word_first = ogi_alloc(s->count, 1)) != NULL;
  ok &= (s->bit_first = ogi_alloc(s->count, 1)) != NULL;
  ok &= (s->sink = ogi_alloc(s->array.n, sizeof(double))) != NULL;
  return ok ? OG_OK : ogi_fail(err, OG_E_NOMEM, "nonlinear: %zu x %zu cells", s->array.m, s->array.n);
}

/* Nodes of the cells' ends; until x is used it marks the unknowns that have been met. */
static void place_cells(og_nonlinear *s) {
  for (size_t k = 0; k < s->count; k++) {
    int w = s->word[k] = place_of(s, s->nodes.word[k]), b = s->bit[k] = place_of(s, s->nodes.bit[k]);
    s->word_first[k] = w < s->nodes.unknowns && s->x[w] == 0;
    s->x[w] = 1;
    s->bit_first[k] = b < s->nodes.unknowns && s->x[b] == 0;
    s->x[b] = 1;
  }
}

og_status og_nonlinear_create(og_nonlinear **out, const og_array *array, const og_cell *cell,
                              const og_nonlinear_opts *opts, og_error *err) {
  og_status st;
  og_nonlinear *s = NULL;
  og_nonlinear_opts defaults;
  if (out != NULL) *out = NULL;
  if (out == NULL || array == NULL || cell == NULL)
    return ogi_fail(err, OG_E_ARG, "nonlinear: a needed pointer is NULL");
  og_nonlinear_opts_init(&defaults);
  if (opts == NULL) opts = &defaults;
  OGI_TRY(st, og_array_check(array, err));
  OGI_TRY(st, check_opts(opts, err));
  s = ogi_alloc(1, sizeof *s);
  if (s == NULL) return ogi_fail(err, OG_E_NOMEM, "nonlinear");
  s->array = *array;
  s->opts = *opts;
  s->cell = cell;
  OGI_TRY(st, ogi_wires_create(&s->wires, array, err));
  OGI_TRY(st, choose_engine(s, err));
  OGI_TRY(st, ogi_nodes_create(&s->nodes, array, &s->wires, err));
  s->count = array->m * array->n;
  s->total = (size_t)s->nodes.unknowns + s->wires.sources + array->n;
  OGI_TRY(st, allocate(s, err));
  ogi_wire_branches(&s->nodes, &s->wires, keep_wire, s);
  OGI_TRY(st, sort_wires(s, err));
  place_cells(s);
  if (s->engine == OG_ENGINE_CG) OGI_TRY(st, ogi_cg_create(&s->cg, array, &s->wires, err));
  else OGI_TRY(st, ogi_chol_create(&s->chol, array, &s->wires, 0, err));
  s->array.word_segments = s->array.bit_segments = s->array.source_ohm = s->array.sense_ohm = NULL; /* borrowed */
  s->array.bridges = NULL;
  *out = s;
  s = NULL;
done:
  og_nonlinear_free(s);
  return st;
}

void og_nonlinear_free(og_nonlinear *s) {
  if (s == NULL) return;
  double *blocks[] = {s->g,      s->drop,  s->amp, s->slope, s->word_in, s->bit_in, s->v_word, s->v_bit,
                      s->source, s->sink,  s->x,   s->goal,  s->trial,   s->saved,  s->r,      s->r0,
                      s->still};
  for (size_t k = 0; k < sizeof blocks / sizeof *blocks; k++) ogi_free(blocks[k]);
  ogi_cg_free(s->cg);
  ogi_chol_free(s->chol);
  ogi_nodes_clear(&s->nodes);
  ogi_wires_clear(&s->wires);
  ogi_free(s->word);
  ogi_free(s->bit);
  ogi_free(s->word_first);
  ogi_free(s->bit_first);
  ogi_free(s->wire);
  ogi_free(s);
}

og_status og_nonlinear_set_cells(og_nonlinear *s, const double *g, og_error *err) {
  if (s == NULL || g == NULL) return ogi_fail(err, OG_E_ARG, "nonlinear: a needed pointer is NULL");
  for (size_t k = 0; k < s->count; k++)
    if (!(g[k] >= 0 && isfinite(g[k])))
      return ogi_fail(err, OG_E_RANGE, "conductance (%zu,%zu): saw %g, need a finite value >= 0 (siemens)",
                      k / s->array.n, k % s->array.n, g[k]);
  memcpy(s->g, g, s->count * sizeof *g);
  s->has_cells = 1;
  return OG_OK;
}

/* ---- Kirchhoff's current law ---- */

static void put_terminals(const og_nonlinear *s, double *x) {
  size_t unknowns = (size_t)s->nodes.unknowns;
  memcpy(x + unknowns, s->source, s->wires.sources * sizeof *x);
  memcpy(x + unknowns + s->wires.sources, s->sink, s->array.n * sizeof *x);
}

static void sum_wires(const og_nonlinear *s, const double *x, double *r, measure *m) {
  double most = 0, power = 0;
  for (size_t k = 0; k < s->wire_count; k++) {
    wire w = s->wire[k];
    double drop = x[w.a] - x[w.b], amp = w.siemens * drop, size = fabs(amp);
    r[w.a] -= amp;
    r[w.b] += amp;
    power += amp * drop;
    most = size > most ? size : most;
  }
  m->branch = most;
  m->wires = power;
}

static void sum_cells(const og_nonlinear *s, double *r, measure *m) {
  double most = m->branch, power = 0, steep = s->wire_max;
  for (size_t k = 0; k < s->count; k++) {
    double amp = s->amp[k], size = fabs(amp);
    r[s->word[k]] -= amp;
    r[s->bit[k]] += amp;
    power += amp * s->drop[k];
    most = size > most ? size : most;
    steep = s->slope[k] > steep ? s->slope[k] : steep;
  }
  m->branch = most;
  m->cells = power;
  m->rounding = steep;
}

/* Currents at x, into s->r, s->drop, s->amp and s->slope. rounding: as in audit.c, of conductance x potential. */
static og_status measure_at(og_nonlinear *s, const double *x, measure *m, size_t *outside, og_error *err) {
  og_status st;
  double volt = 0, residual = 0, norm2 = 0;
  for (size_t k = 0; k < s->count; k++) s->drop[k] = x[s->word[k]] - x[s->bit[k]];
  OGI_TRY(st, ogi_cell_eval(s->cell, 0, s->count, s->g, s->drop, s->amp, s->slope, outside, err));
  for (size_t k = 0; s->gmin > 0 && k < s->count; k++) {
    s->amp[k] += s->gmin * s->drop[k];
    s->slope[k] += s->gmin;
  }
  memset(s->r, 0, s->total * sizeof *s->r);
  sum_wires(s, x, s->r, m);
  sum_cells(s, s->r, m);
  m->worst = 0;
  for (int k = 0; k < s->nodes.unknowns; k++) {
    double size = fabs(s->r[k]);
    norm2 += size * size;
    volt = fabs(x[k]) > volt ? fabs(x[k]) : volt;
    if (size > residual) {
      residual = size;
      m->worst = k;
    }
  }
  m->residual = isfinite(norm2) ? residual : INFINITY;
  m->norm2 = isfinite(norm2) ? norm2 : INFINITY;
  m->rounding *= 16 * DBL_EPSILON * volt;
done:
  return st;
}

/* ---- one step ---- */

/*
 * goal = x + d, where d solves the array linearised at x, the last point measured, with r injected and all terminals at
 * 0 V: so rtol is relative to what is left, and d is small where x is good.
 */
static og_status solve_linear(og_nonlinear *s, double rtol, og_nonlinear_info *info, og_error *err) {
  og_status st = OG_OK;
  const int unknowns = s->nodes.unknowns;
  for (size_t k = 0; k < s->count; k++) { /* a node of several cells gets its current at the first of them */
    s->word_in[k] = s->word_first[k] ? s->r[s->word[k]] : 0;
    s->bit_in[k] = s->bit_first[k] ? s->r[s->bit[k]] : 0;
  }
  ogi_cells cells = {.g = s->slope};
  ogi_rhs rhs = {.v = s->still, .word_in = s->word_in, .bit_in = s->bit_in};
  if (s->cg != NULL) {
    ogi_cg_set_cells(s->cg, &cells);
    info->iterations += ogi_cg_solve(s->cg, &rhs, 0, rtol, s->opts.iter_max, s->v_word, s->v_bit);
  } else {
    info->iterations++;
    OGI_TRY(st, ogi_chol_set_cells(s->chol, &cells, err));
    OGI_TRY(st, ogi_chol_solve(s->chol, &cells, &rhs, s->v_word, s->v_bit, err));
  }
  put_terminals(s, s->goal);
  for (size_t k = 0; k < s->count; k++) {
    int w = s->word[k], b = s->bit[k];
    if (w < unknowns) s->goal[w] = s->x[w] + s->v_word[k];
    if (b < unknowns) s->goal[b] = s->x[b] + s->v_bit[k];
  }
done:
  return st;
}

static double along(const og_nonlinear *s, const double *r) {
  double sum = 0;
  for (int k = 0; k < s->nodes.unknowns; k++) sum += r[k] * (s->goal[k] - s->x[k]);
  return sum;
}

/* Go from x towards goal as far as it helps; m: measured at x, then at the new x. @return OG_E_NOCONV: no way */
static og_status search(og_nonlinear *s, measure *m, og_nonlinear_info *info, og_error *err) {
  og_status st;
  memcpy(s->r0, s->r, s->total * sizeof *s->r);
  double t = 1, low = 0, high = 1, push0 = along(s, s->r0), push_low = push0;
  for (int cut = 0; cut < CUTS; cut++) {
    measure here;
    for (size_t k = 0; k < s->total; k++)
      s->trial[k] = t == 1 ? s->goal[k] : s->x[k] + t * (s->goal[k] - s->x[k]);
    OGI_TRY(st, measure_at(s, s->trial, &here, NULL, err));
    double push = along(s, s->r);
    int fell = here.norm2 <= (1 - 1e-4 * t) * m->norm2, downhill = push >= 0 && isfinite(push);
    if (fell || (downhill && (t == 1 || push <= 0.9 * push0)) || here.residual <= here.rounding) {
      double *swap = s->x;
      s->x = s->trial;
      s->trial = swap;
      *m = here;
      return OG_OK;
    }
    info->line_cuts++;
    if (downhill) {
      low = t;
      push_low = push;
    } else high = t;
    /* The root by the secant if both ends are known, but well inside: exponentials make the far end steep. */
    double share = !downhill && isfinite(push) ? push_low / (push_low - push) : 0.5;
    t = low + (high - low) * fmin(fmax(share, 0.1), 0.5);
  }
  st = OG_E_NOCONV;
done:
  return st;
}

/* ---- Newton's method at given sources and gmin ---- */

static int is_converged(const og_nonlinear *s, const measure *m) {
  return m->residual <= s->opts.kcl_rtol * m->branch;
}

/*
 * How precisely the next step is worth solving, relative to what is left: as the square of what the last step achieved
 * (choice 2 of Eisenstat and Walker, [Kelley1995]), and never far beyond the tolerance.
 */
static double forcing(const og_nonlinear *s, const measure *m, double before) {
  double achieved = m->residual / before, enough = 0.02 * s->opts.kcl_rtol * m->branch / m->residual;
  double eta = achieved < 1 ? 0.5 * achieved * achieved : 0.5;
  return fmax(fmin(eta, 1e-2), fmax(fmin(enough, 1e-2), 1e-13));
}

/* From x; m holds the measure there at the end. rounding_limited: rounding alone forbids more. */
static og_status newton(og_nonlinear *s, measure *m, og_nonlinear_info *info, int *rounding_limited, og_error *err) {
  og_status st;
  *rounding_limited = 0;
  put_terminals(s, s->x);
  OGI_TRY(st, measure_at(s, s->x, m, NULL, err));
  double before = m->residual;
  for (size_t step = 0; !is_converged(s, m); step++) {
    if (step == s->opts.newton_max) return OG_E_NOCONV;
    OGI_TRY(st, solve_linear(s, forcing(s, m, before), info, err));
    before = m->residual;
    info->newton_steps++;
    st = search(s, m, info, err);
    if (st != OG_OK && st != OG_E_NOCONV) goto done;
    if (m->residual <= m->rounding && !(m->residual < 0.5 * before)) {
      *rounding_limited = !is_converged(s, m);
      return OG_OK;
    }
    if (st != OG_OK) goto done;
  }
done:
  return st;
}

/* Ideal wires, or no voltage at all: what leaves less current unbalanced. */
static og_status cold_start(og_nonlinear *s, og_error *err) {
  og_status st;
  measure ideal, rest;
  memset(s->x, 0, s->total * sizeof *s->x);
  memset(s->trial, 0, s->total * sizeof *s->x);
  put_terminals(s, s->x);
  put_terminals(s, s->trial);
  int parallel = s->array.wiring == OG_WIRING_PARALLEL;
  for (size_t k = 0; k < s->count; k++) {
    size_t i = k / s->array.n, j = k % s->array.n;
    if (s->word[k] < s->nodes.unknowns) s->x[s->word[k]] = s->source[parallel ? j : i];
    if (s->bit[k] < s->nodes.unknowns) s->x[s->bit[k]] = s->sink[j];
  }
  OGI_TRY(st, measure_at(s, s->x, &ideal, NULL, err));
  OGI_TRY(st, measure_at(s, s->trial, &rest, NULL, err));
  if (rest.norm2 < ideal.norm2) memcpy(s->x, s->trial, s->total * sizeof *s->x);
done:
  return st;
}

/* ---- continuation ---- */

static void set_sources(og_nonlinear *s, const double *v, const double *u, double share) {
  for (size_t k = 0; k < s->wires.sources; k++) s->source[k] = share * v[k];
  for (size_t j = 0; j < s->array.n; j++) s->sink[j] = u != NULL ? share * u[j] : 0;
}

/* Sources from 0 to 1 in steps that shrink on failure and grow on success. */
static og_status raise_sources(og_nonlinear *s, const double *v, const double *u, measure *m, og_nonlinear_info *info,
                               int *limited, og_error *err) {
  og_status st = OG_E_NOCONV;
  double reached = 0, step = 0.125;
  memset(s->saved, 0, s->total * sizeof *s->saved);
  for (int k = 0; k < RISES && reached < 1; k++) {
    double next = fmin(1, reached + step);
    memcpy(s->x, s->saved, s->total * sizeof *s->x);
    set_sources(s, v, u, next);
    st = newton(s, m, info, limited, err);
    if (st == OG_OK) {
      info->continuation_steps++;
      memcpy(s->saved, s->x, s->total * sizeof *s->x);
      reached = next;
      step *= 2;
    } else if (st != OG_E_NOCONV || (step *= 0.25) < 1e-5) {
      break;
    }
  }
  set_sources(s, v, u, 1);
  return st == OG_OK && reached < 1 ? OG_E_NOCONV : st;
}

/* A conductance across each cell, from the largest wire's down to nothing. */
static og_status remove_gmin(og_nonlinear *s, measure *m, og_nonlinear_info *info, int *limited, og_error *err) {
  og_status st = OG_OK;
  double factor = 0.1;
  memset(s->saved, 0, s->total * sizeof *s->saved);
  s->gmin = s->wire_max > 0 ? s->wire_max : 1;
  double reached = s->gmin;
  for (int k = 0; k < RISES; k++) {
    memcpy(s->x, s->saved, s->total * sizeof *s->x);
    st = newton(s, m, info, limited, err);
    if (st == OG_OK && s->gmin == 0) break;
    if (st == OG_OK) {
      info->continuation_steps++;
      memcpy(s->saved, s->x, s->total * sizeof *s->x);
      reached = s->gmin;
      s->gmin = reached * factor < 1e-18 ? 0 : reached * factor;
    } else {
      factor = sqrt(factor);
      if (st != OG_E_NOCONV || factor > 0.99) break;
      s->gmin = reached * factor;
    }
  }
  s->gmin = 0;
  return st;
}

static og_status refuse(const og_nonlinear *s, const measure *m, size_t input, const og_nonlinear_info *info,
                        og_error *err) {
  size_t n = s->array.n, at = 0;
  int is_word = 0;
  for (size_t k = 0; k < s->count; k++)
    if (s->word[k] == m->worst || s->bit[k] == m->worst) {
      is_word = s->word[k] == m->worst;
      at = k;
      break;
    }
  return ogi_fail(err, OG_E_NOCONV,
                  "input %zu: Kirchhoff's current law: saw a residual of %.3g at %s node (%zu,%zu) after %zu Newton "
                  "steps, need at most %.3g (A)",
                  input, m->residual, is_word ? "word" : "bit", at / n, at % n, info->newton_steps,
                  s->opts.kcl_rtol * m->branch);
}

/* Newton's method from a near start, and what else there is. */
static og_status converge(og_nonlinear *s, const double *v, const double *u, measure *m, og_nonlinear_info *info,
                          int *limited, og_error *err) {
  og_status st = OG_E_NOCONV;
  set_sources(s, v, u, 1);
  if (s->has_solution && s->opts.warm) st = newton(s, m, info, limited, err);
  if (st == OG_E_NOCONV) {
    st = cold_start(s, err);
    if (st == OG_OK) st = newton(s, m, info, limited, err);
  }
  if (st == OG_E_NOCONV && s->opts.continuation) st = raise_sources(s, v, u, m, info, limited, err);
  if (st == OG_E_NOCONV && s->opts.continuation) st = remove_gmin(s, m, info, limited, err);
  return st;
}

/* ---- results ---- */

static void record(og_nonlinear *s, const measure *m, size_t inputs, double *i_out, og_nonlinear_info *info) {
  const double *current = s->r + s->nodes.unknowns, *volt = s->x + s->nodes.unknowns; /* into the terminals */
  size_t sources = s->wires.sources, n = s->array.n;
  double delivered = 0, spent = m->cells + m->wires;
  for (size_t t = 0; t < sources + n; t++) delivered -= volt[t] * current[t];
  memcpy(i_out, current + sources, n * sizeof *i_out);
  double relative = m->branch > 0 ? m->residual / m->branch : m->residual;
  double balance = delivered != 0 ? fabs(delivered - spent) / fabs(delivered) : fabs(spent);
  info->kcl_residual = fmax(info->kcl_residual, relative);
  info->kcl_residual_amp = fmax(info->kcl_residual_amp, m->residual);
  info->power_balance = fmax(info->power_balance, balance);
  info->power_watt += delivered / (double)inputs;
  info->power_cells_watt += m->cells / (double)inputs;
  info->power_wires_watt += m->wires / (double)inputs;
}

static void copy_out(const og_nonlinear *s, const int *node, double *out) {
  for (size_t k = 0; out != NULL && k < s->count; k++) out[k] = s->x[node[k]];
}

static og_status solve_one(og_nonlinear *s, const double *v, const double *u, size_t input, size_t inputs,
                           double *i_out, double *v_word, double *v_bit, og_nonlinear_info *info, og_error *err) {
  og_status st;
  measure m = {0};
  int limited = 0;
  size_t outside = 0;
  st = converge(s, v, u, &m, info, &limited, err);
  s->has_solution = st == OG_OK;
  if (st == OG_OK) st = measure_at(s, s->x, &m, &outside, err);
  if (st == OG_E_NOCONV) st = refuse(s, &m, input, info, err);
  if (st == OG_OK || st == OG_E_NOCONV) record(s, &m, inputs, i_out, info);
  if (st != OG_OK) return st;
  info->rounding_limited |= limited;
  info->out_of_range += outside;
  copy_out(s, s->word, v_word);
  copy_out(s, s->bit, v_bit);
  return OG_OK;
}

static og_status check_inputs(const og_nonlinear *s, const double *v, const double *u, size_t k, og_error *err) {
  size_t sources = s->wires.sources;
  for (size_t e = 0; e < k * sources; e++)
    if (!isfinite(v[e]))
      return ogi_fail(err, OG_E_RANGE, "input %zu, word line %zu: saw %g, need a finite voltage (volt)", e / sources,
                      e % sources, v[e]);
  for (size_t j = 0; u != NULL && j < s->array.n; j++)
    if (!isfinite(u[j]))
      return ogi_fail(err, OG_E_RANGE, "bit line %zu: saw %g, need a finite voltage (volt)", j, u[j]);
  return ogi_cell_check(s->cell, s->array.m, s->array.n, err);
}

og_status og_nonlinear_dc(og_nonlinear *s, const double *v, const double *u, size_t k, double *i_out, double *v_word,
                          double *v_bit, og_nonlinear_info *info, og_error *err) {
  og_nonlinear_info unused;
  if (info == NULL) info = &unused;
  *info = (og_nonlinear_info){0};
  if (s == NULL || v == NULL || i_out == NULL) return ogi_fail(err, OG_E_ARG, "nonlinear: a needed pointer is NULL");
  if (k == 0) return ogi_fail(err, OG_E_ARG, "nonlinear: inputs: saw 0, need 1 or more");
  if (!s->has_cells) return ogi_fail(err, OG_E_ARG, "nonlinear: cells were not set");
  size_t cells = s->count, n = s->array.n, sources = s->wires.sources, slowest = 0;
  info->engine = s->engine;
  og_status st = check_inputs(s, v, u, k, err);
  for (size_t e = 0; e < k && st == OG_OK; e++) {
    info->newton_steps = 0;
    st = solve_one(s, v + e * sources, u, e, k, i_out + e * n, v_word != NULL ? v_word + e * cells : NULL,
                   v_bit != NULL ? v_bit + e * cells : NULL, info, err);
    slowest = ogi_max_size(slowest, info->newton_steps);
  }
  info->newton_steps = slowest;
  if (st != OG_OK) {
    s->has_solution = 0;
    ogi_poison(i_out, k * n);
    ogi_poison(v_word, k * cells);
    ogi_poison(v_bit, k * cells);
  }
  return st;
}
