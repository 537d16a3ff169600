/* SPDX-License-Identifier: BSD-3-Clause */
/* Stacks of turning points. Equations: ohmgrid/preisach.h. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "compact/ogi_preisach.h"

/* A turning point. P follows from the voltages below it; it is kept so that a voltage costs one evaluation. */
typedef struct turn {
  double v, p; /* [V], [C/m2] */
} turn;

typedef struct memory {
  double v, p;             /* now */
  size_t count;            /* turning points on the stack */
  og_preisach_start start; /* what lies below them */
} memory;

struct og_preisach {
  ogi_film *film;
  memory *cell;
  turn *stack; /* cells x depth; maxima and minima in turn, each between the two below it */
  size_t films, cells, depth;
  og_preisach_full full;
};

/* ---- create ---- */

size_t og_preisach_cells(const og_preisach *model) { return model->cells; }

void og_preisach_free(og_preisach *model) {
  if (model == NULL) return;
  ogi_free(model->stack);
  ogi_free(model->cell);
  ogi_free(model->film);
  ogi_free(model);
}

static const ogi_film *film_of(const og_preisach *m, size_t cell) { return &m->film[m->films == 1 ? 0 : cell]; }

static memory fresh(const ogi_film *f, og_preisach_start start) {
  return (memory){.p = ogi_film_start(f, start, 0), .start = start};
}

static og_status check_create(const og_preisach_film *film, size_t films, size_t cells, size_t depth,
                              og_preisach_full full, og_error *err) {
  if (film == NULL) return ogi_fail(err, OG_E_ARG, "film: saw NULL, need at least one (-)");
  if (cells == 0) return ogi_fail(err, OG_E_ARG, "cells: saw 0, need at least 1 (-)");
  if (full != OG_PREISACH_REFUSE && full != OG_PREISACH_MERGE)
    return ogi_fail(err, OG_E_ARG, "full: saw %d, need OG_PREISACH_REFUSE or OG_PREISACH_MERGE (-)", (int)full);
  if (films != 1 && films != cells)
    return ogi_fail(err, OG_E_SHAPE, "films: saw %zu, need 1 or as many as cells, %zu (-)", films, cells);
  if (depth < 2 || depth > OG_PREISACH_DEPTH_MAX)
    return ogi_fail(err, OG_E_RANGE, "depth: saw %zu, need 2 .. %d (turning points)", depth, OG_PREISACH_DEPTH_MAX);
  return OG_OK;
}

og_status og_preisach_create(og_preisach **out, const og_preisach_film *film, size_t films, size_t cells, size_t depth,
                             og_preisach_full full, og_error *err) {
  if (out == NULL) return ogi_fail(err, OG_E_ARG, "out: saw NULL, need a place for the model (-)");
  *out = NULL;
  og_preisach *m = NULL;
  og_status st = check_create(film, films, cells, depth, full, err);
  if (st != OG_OK) return st;
  if ((m = ogi_alloc(1, sizeof *m)) != NULL) {
    m->film = ogi_alloc(films, sizeof *m->film);
    m->cell = ogi_alloc(cells, sizeof *m->cell);
    m->stack = cells <= (size_t)-1 / depth ? ogi_alloc(cells * depth, sizeof *m->stack) : NULL;
  }
  if (m == NULL || m->film == NULL || m->cell == NULL || m->stack == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "%zu cells of %zu turning points", cells, depth);
    goto done;
  }
  m->films = films;
  m->cells = cells;
  m->depth = depth;
  m->full = full;
  for (size_t j = 0; j < films; j++)
    if ((st = ogi_film_make(&m->film[j], &film[j], err)) != OG_OK) {
      st = ogi_prefix(err, st, "film %zu", j);
      goto done;
    }
  for (size_t j = 0; j < cells; j++) m->cell[j] = fresh(film_of(m, j), OG_PREISACH_DOWN);
  *out = m;
  m = NULL;
done:
  og_preisach_free(m);
  return st;
}

static og_status check_range(const og_preisach *m, size_t first, size_t count, og_error *err) {
  if (first <= m->cells && count <= m->cells - first) return OG_OK;
  return ogi_fail(err, OG_E_RANGE, "cells: saw %zu from %zu on, need at most %zu in all (-)", count, first, m->cells);
}

static og_status check_start(og_preisach_start start, og_error *err) {
  if (start == OG_PREISACH_DOWN || start == OG_PREISACH_DEPOLED || start == OG_PREISACH_UP) return OG_OK;
  return ogi_fail(err, OG_E_ARG, "start: saw %d, need -1, 0 or 1 (-)", (int)start);
}

og_status og_preisach_set(og_preisach *model, size_t first, size_t count, og_preisach_start start, og_error *err) {
  if (model == NULL) return ogi_fail(err, OG_E_ARG, "model: saw NULL, need one (-)");
  og_status st = OG_OK;
  OGI_TRY(st, check_start(start, err));
  OGI_TRY(st, check_range(model, first, count, err));
  for (size_t j = first; j < first + count; j++) model->cell[j] = fresh(film_of(model, j), start);
done:
  return st;
}

/* ---- one cell ---- */

/* Which turning points remain once the voltage has gone to v: count, and the present voltage as one more if turns. */
typedef struct path {
  size_t count;
  int turns;
} path;

/* 1 V up, -1 down, 0 not yet. */
static int heading(const memory *c, const turn *s) {
  double from = c->count > 0 ? s[c->count - 1].v : 0;
  if (c->count > 0 || c->start == OG_PREISACH_DEPOLED) return (c->v > from) - (c->v < from);
  return c->start == OG_PREISACH_DOWN ? 1 : -1;
}

/* Equality wipes out: the loop is closed, and P is that of the turning point bit by bit. */
static int passes(double v, double limit, int way) { return way > 0 ? v >= limit : v <= limit; }

static path find_path(const memory *c, const turn *s, double v) {
  int way = (v > c->v) - (v < c->v), before = heading(c, s);
  path to = {.count = c->count, .turns = way * before < 0};
  if (way == 0) return to;
  if (to.turns && to.count > 0 && passes(v, s[to.count - 1].v, way)) to = (path){.count = to.count - 1};
  while (!to.turns && to.count > 1 && passes(v, s[to.count - 2].v, way)) to.count -= 2;
  /* the oldest swing of a depoled film has its partner at the opposite voltage */
  if (c->start == OG_PREISACH_DEPOLED && to.count + (size_t)to.turns == 1 &&
      passes(v, to.turns ? -c->v : -s[0].v, way))
    to = (path){0};
  return to;
}

static double path_p(const ogi_film *f, const memory *c, const turn *s, path to, double v) {
  if (to.turns) return ogi_film_branch(f, c->v, c->p, v);
  if (to.count > 0) return ogi_film_branch(f, s[to.count - 1].v, s[to.count - 1].p, v);
  return ogi_film_start(f, c->start, v);
}

static double path_slope(const ogi_film *f, const memory *c, const turn *s, path to, double v) {
  if (to.turns || to.count > 0) return ogi_film_slope(f, to.turns ? c->v : s[to.count - 1].v, v);
  return ogi_film_start_slope(f, c->start, v);
}

/* The stack is full and the film turns: what lies between the last turning point and this one is the smallest loop of
   all, and is forgotten. */
static path merged(path to) { return (path){.count = to.count - 1}; }

static void go(const ogi_film *f, memory *c, turn *s, path to, double v) {
  double p = path_p(f, c, s, to, v);
  if (to.turns) s[to.count] = (turn){c->v, c->p};
  c->count = to.count + (size_t)to.turns;
  c->v = v;
  c->p = p;
}

/* ---- ranges of cells ---- */

static void put(const og_preisach_result *r, size_t k, const ogi_film *f, double v, double p, double slope) {
  if (r->p_coulomb_m2 != NULL) r->p_coulomb_m2[k] = p;
  if (r->slope != NULL) r->slope[k] = slope;
  if (r->coulomb != NULL) r->coulomb[k] = f->area * p + f->farad * v;
  if (r->farad != NULL) r->farad[k] = f->area * slope + f->farad;
}

static void poison(const og_preisach_result *r, size_t count) {
  if (r == NULL) return;
  ogi_poison(r->p_coulomb_m2, count);
  ogi_poison(r->slope, count);
  ogi_poison(r->coulomb, count);
  ogi_poison(r->farad, count);
}

static og_status check_volts(const og_preisach *m, size_t first, size_t count, const double *volt, og_error *err) {
  og_status st = check_range(m, first, count, err);
  for (size_t k = 0; k < count && st == OG_OK; k++) st = ogi_film_volt("cell", first + k, volt[k], err);
  return st;
}

og_status og_preisach_eval(const og_preisach *model, size_t first, size_t count, const double *volt,
                           const og_preisach_result *result, og_error *err) {
  og_status st = OG_OK;
  if (model == NULL || volt == NULL || result == NULL) {
    st = ogi_fail(err, OG_E_ARG, "model, volt or result: saw NULL, need all (-)");
    goto done;
  }
  OGI_TRY(st, check_volts(model, first, count, volt, err));
  for (size_t k = 0; k < count; k++) {
    const ogi_film *f = film_of(model, first + k);
    const memory *c = &model->cell[first + k];
    const turn *s = &model->stack[(first + k) * model->depth];
    path to = find_path(c, s, volt[k]);
    double slope = result->slope != NULL || result->farad != NULL ? path_slope(f, c, s, to, volt[k]) : 0;
    put(result, k, f, volt[k], path_p(f, c, s, to, volt[k]), slope);
  }
done:
  if (st != OG_OK) poison(result, count);
  return st;
}

static og_status check_room(const og_preisach *m, size_t first, size_t count, const double *volt, og_error *err) {
  for (size_t j = first; j < first + count; j++)
    if (m->cell[j].count == m->depth && find_path(&m->cell[j], &m->stack[j * m->depth], volt[j - first]).turns)
      return ogi_fail(err, OG_E_RANGE, "cell %zu: turning points: saw %zu, need at most %zu (depth)", j, m->depth + 1,
                      m->depth);
  return OG_OK;
}

static void apply_one(og_preisach *m, size_t j, double v, og_preisach_info *info) {
  const ogi_film *f = film_of(m, j);
  memory *c = &m->cell[j];
  turn *s = &m->stack[j * m->depth];
  path to = find_path(c, s, v);
  if (to.turns && to.count == m->depth) {
    double p = path_p(f, c, s, to, v);
    to = merged(to);
    info->merged++;
    info->shift_coulomb_m2 = fmax(info->shift_coulomb_m2, fabs(path_p(f, c, s, to, v) - p));
  }
  go(f, c, s, to, v);
  info->deepest = ogi_max_size(info->deepest, c->count);
}

og_status og_preisach_apply(og_preisach *model, size_t first, size_t count, const double *volt,
                            const og_preisach_result *result, og_preisach_info *info, og_error *err) {
  og_status st = OG_OK;
  og_preisach_info did = {0};
  if (model == NULL || volt == NULL) {
    st = ogi_fail(err, OG_E_ARG, "model or volt: saw NULL, need both (-)");
    goto done;
  }
  OGI_TRY(st, check_volts(model, first, count, volt, err));
  if (model->full == OG_PREISACH_REFUSE) OGI_TRY(st, check_room(model, first, count, volt, err));
  for (size_t k = 0; k < count; k++) apply_one(model, first + k, volt[k], &did);
  for (size_t k = 0; k < count && result != NULL; k++) {
    const ogi_film *f = film_of(model, first + k);
    const memory *c = &model->cell[first + k];
    const turn *s = &model->stack[(first + k) * model->depth];
    double slope = result->slope != NULL || result->farad != NULL ? path_slope(f, c, s, (path){c->count, 0}, c->v) : 0;
    put(result, k, f, c->v, c->p, slope);
  }
done:
  if (st != OG_OK) poison(result, count);
  if (info != NULL) *info = did;
  return st;
}

/* ---- save and restore ---- */

enum { SAVED = 3 }; /* start, count, voltage before the turning points */

size_t og_preisach_state_length(const og_preisach *model) { return model->cells * (SAVED + model->depth); }

og_status og_preisach_save(const og_preisach *model, double *state, og_error *err) {
  if (model == NULL || state == NULL) return ogi_fail(err, OG_E_ARG, "model or state: saw NULL, need both (-)");
  for (size_t j = 0; j < model->cells; j++, state += SAVED + model->depth) {
    const memory *c = &model->cell[j];
    state[0] = (double)c->start;
    state[1] = (double)c->count;
    state[2] = c->v;
    const turn *s = &model->stack[j * model->depth];
    for (size_t k = 0; k < model->depth; k++) state[SAVED + k] = k < c->count ? s[k].v : 0;
  }
  return OG_OK;
}

/* Go through the turning points and see whether they are what is remembered in the end. */
static int replay(const ogi_film *f, memory *c, turn *s, size_t depth, const double *state) {
  if (!(fabs(state[0]) <= 1 && state[0] == rint(state[0]))) return 0;
  if (!(state[1] >= 0 && state[1] <= (double)depth && state[1] == rint(state[1]))) return 0;
  size_t count = (size_t)state[1];
  *c = fresh(f, (og_preisach_start)(int)state[0]);
  for (size_t k = 0; k <= count; k++) {
    double v = k < count ? state[SAVED + k] : state[2];
    if (!(fabs(v) <= OG_PREISACH_VOLT_MAX)) return 0;
    path to = find_path(c, s, v);
    if (to.count + (size_t)to.turns != k) return 0;
    go(f, c, s, to, v);
  }
  return 1;
}

og_status og_preisach_restore(og_preisach *model, const double *state, size_t length, og_error *err) {
  if (model == NULL || state == NULL) return ogi_fail(err, OG_E_ARG, "model or state: saw NULL, need both (-)");
  if (length != og_preisach_state_length(model))
    return ogi_fail(err, OG_E_SHAPE, "state: saw %zu numbers, need %zu (-)", length, og_preisach_state_length(model));
  og_status st = OG_OK;
  memory *cell = ogi_alloc(model->cells, sizeof *cell);
  turn *stack = ogi_alloc(model->cells * model->depth, sizeof *stack);
  if (cell == NULL || stack == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "%zu cells of %zu turning points", model->cells, model->depth);
    goto done;
  }
  for (size_t j = 0; j < model->cells; j++)
    if (!replay(film_of(model, j), &cell[j], &stack[j * model->depth], model->depth,
                &state[j * (SAVED + model->depth)])) {
      st = ogi_fail(err, OG_E_RANGE, "cell %zu: state: saw turning points that no history leaves, need nested ones (V)",
                    j);
      goto done;
    }
  memcpy(model->cell, cell, model->cells * sizeof *cell);
  memcpy(model->stack, stack, model->cells * model->depth * sizeof *stack);
done:
  ogi_free(stack);
  ogi_free(cell);
  return st;
}
