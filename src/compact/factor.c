/* SPDX-License-Identifier: BSD-3-Clause */
/** Small sparse matrices, factored alike in all lanes: the order of elimination is found once. */
#include <config.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "compact/ogi_compact.h"

typedef struct planner {
  ogi_factor *f;
  size_t n;
  uint32_t *element;          /* n x n: 1 + number, 0: none */
  unsigned char done[OGI_UNKNOWNS], order[OGI_UNKNOWNS];
  int missing;
} planner;

static uint32_t element(planner *p, size_t r, size_t c) {
  uint32_t *e = &p->element[r * p->n + c];
  if (*e == 0) *e = (uint32_t)++p->f->elements;
  return *e - 1;
}

static int has(const planner *p, size_t r, size_t c) { return p->element[r * p->n + c] != 0; }

static void put(planner *p, int replace, uint32_t to, uint32_t a, uint32_t b) {
  const ogi_factor_step step = {to, a, b};
  if (p->missing || !(replace ? OGI_ROOM(p->f->replace) : OGI_ROOM(p->f->eliminate))) {
    p->missing = 1;
    return;
  }
  if (replace) p->f->replace.item[p->f->replace.count++] = step;
  else p->f->eliminate.item[p->f->eliminate.count++] = step;
}

/* Markowitz's count: the fewest elements touched. An arrow is eliminated from its shaft. */
static size_t cheapest(const planner *p) {
  size_t best = p->n, least = 0;
  for (size_t k = 0; k < p->n; k++) {
    size_t rows = 0, columns = 0;
    if (p->done[k]) continue;
    for (size_t j = 0; j < p->n; j++) {
      rows += !p->done[j] && j != k && has(p, j, k);
      columns += !p->done[j] && j != k && has(p, k, j);
    }
    if (best < p->n && rows * columns >= least) continue;
    best = k;
    least = rows * columns;
  }
  return best;
}

static void eliminate(planner *p, size_t k) {
  uint32_t pivot = element(p, k, k);
  put(p, 0, pivot, 0, OGI_PIVOT);
  p->done[k] = 1;
  for (size_t r = 0; r < p->n; r++) {
    if (p->done[r] || !has(p, r, k)) continue;
    uint32_t low = element(p, r, k);
    put(p, 0, low, OGI_PIVOT, pivot);
    for (size_t c = 0; c < p->n; c++)
      if (!p->done[c] && has(p, k, c)) put(p, 0, element(p, r, c), low, element(p, k, c));
  }
}

/* Forward by columns, backward by rows. */
static void plan_solve(planner *p) {
  for (size_t j = 0; j < p->n; j++)
    for (size_t i = j + 1; i < p->n; i++)
      if (has(p, p->order[i], p->order[j]))
        put(p, 1, p->order[i], element(p, p->order[i], p->order[j]), p->order[j]);
  for (size_t j = p->n; j-- > 0;) {
    for (size_t i = j + 1; i < p->n; i++)
      if (has(p, p->order[j], p->order[i]))
        put(p, 1, p->order[j], element(p, p->order[j], p->order[i]), p->order[i]);
    put(p, 1, p->order[j], p->f->diagonal[p->order[j]], OGI_PIVOT);
  }
}

og_status ogi_factor_plan(ogi_factor *f, size_t n, ogi_entry *c, size_t c_count, ogi_entry *g, size_t g_count) {
  planner p = {.f = f, .n = n, .element = ogi_alloc(n * n, sizeof *p.element)};
  *f = (ogi_factor){.diagonal = ogi_alloc(n, sizeof *f->diagonal)};
  p.missing = p.element == NULL || f->diagonal == NULL;
  for (size_t k = 0; k < n && !p.missing; k++) f->diagonal[k] = element(&p, k, k);
  for (size_t k = 0; k < c_count && !p.missing; k++) c[k].place = element(&p, c[k].row, c[k].column);
  for (size_t k = 0; k < g_count && !p.missing; k++) g[k].place = element(&p, g[k].row, g[k].column);
  for (size_t j = 0; j < n && !p.missing; j++) {
    p.order[j] = (unsigned char)cheapest(&p);
    eliminate(&p, p.order[j]);
  }
  if (!p.missing) plan_solve(&p);
  ogi_free(p.element);
  return p.missing ? OG_E_NOMEM : OG_OK;
}

void ogi_factor_clear(ogi_factor *f) {
  ogi_free(f->eliminate.item);
  ogi_free(f->replace.item);
  ogi_free(f->diagonal);
  *f = (ogi_factor){0};
}

#define LANE(v, k) ((v) + (size_t)(k) * OGI_LANES)

OGI_HOT void ogi_factor_run(const ogi_factor *f, double *a) {
  for (size_t k = 0; k < f->eliminate.count; k++) {
    const ogi_factor_step s = f->eliminate.item[k];
    double *restrict to = LANE(a, s.to);
    const double *restrict b = s.b != OGI_PIVOT ? LANE(a, s.b) : to;
    const double *restrict x = s.a != OGI_PIVOT ? LANE(a, s.a) : b;
    if (s.b == OGI_PIVOT)
      for (int l = 0; l < OGI_LANES; l++) to[l] = 1 / to[l];
    else if (s.a == OGI_PIVOT)
      for (int l = 0; l < OGI_LANES; l++) to[l] *= b[l];
    else
      for (int l = 0; l < OGI_LANES; l++) to[l] -= x[l] * b[l];
  }
}

OGI_HOT void ogi_factor_solve(const ogi_factor *f, const double *a, double *x) {
  for (size_t k = 0; k < f->replace.count; k++) {
    const ogi_factor_step s = f->replace.item[k];
    double *restrict to = LANE(x, s.to);
    const double *restrict e = LANE(a, s.a);
    const double *restrict b = s.b != OGI_PIVOT ? LANE(x, s.b) : e;
    if (s.b == OGI_PIVOT)
      for (int l = 0; l < OGI_LANES; l++) to[l] *= e[l];
    else
      for (int l = 0; l < OGI_LANES; l++) to[l] -= e[l] * b[l];
  }
}
