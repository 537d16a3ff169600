/* SPDX-License-Identifier: BSD-3-Clause */
/** Operating point: what cannot have one, and how to reach one that Newton's method alone does not. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "circuit/ogi_mna.h"

/* ---- paths and loops ---- */

static int root_of(int *parent, int slot) {
  while (parent[slot] != slot) slot = parent[slot] = parent[parent[slot]];
  return slot;
}

/* Join two nodes (slot 0: ground). @return 1 if they were joined before */
static int join(int *parent, int a, int b) {
  int ra = root_of(parent, a + 1), rb = root_of(parent, b + 1);
  if (ra == rb) return 1;
  parent[ra > rb ? ra : rb] = ra > rb ? rb : ra;
  return 0;
}

/* 1 if the element lets direct current pass between its own two nodes. */
static int conducts(const ogi_element *e, int from_initial) {
  if (e->kind == 'G') return (e->node[0] == e->node[2] && e->node[1] == e->node[3]);
  if (e->kind == 'C') return from_initial && e->value > 0;
  return strchr("RVEHLDY", e->kind) != NULL;
}

static int defines_voltage(const ogi_element *e, int from_initial) {
  return strchr("VEH", e->kind) != NULL || (e->kind == 'L' && !from_initial);
}

og_status ogi_mna_check(const og_circuit *c, int from_initial, og_error *err) {
  og_status st = OG_OK;
  int *path = ogi_alloc(c->nodes + 1, sizeof *path), *loop = ogi_alloc(c->nodes + 1, sizeof *loop);
  if (path == NULL || loop == NULL) st = ogi_fail(err, OG_E_NOMEM, "circuit: %zu nodes", c->nodes);
  for (size_t k = 0; st == OG_OK && k <= c->nodes; k++) path[k] = loop[k] = (int)k;
  for (size_t k = 0; st == OG_OK && k < c->count; k++) {
    const ogi_element *e = &c->element[k];
    if (conducts(e, from_initial)) join(path, e->node[0], e->node[1]);
    if (defines_voltage(e, from_initial) && join(loop, e->node[0], e->node[1]))
      st = ogi_fail(err, OG_E_SINGULAR, "element %s: closes a loop of elements that define voltages", e->name);
  }
  for (size_t k = 0; st == OG_OK && k < c->nodes; k++)
    if (root_of(path, (int)k + 1) != 0)
      st = ogi_fail(err, OG_E_SINGULAR, "node %s: no path for direct current to ground", c->node[k]);
  ogi_free(path);
  ogi_free(loop);
  return st;
}

/* ---- continuation ---- */

static void restart(og_circuit *c) {
  memset(c->x, 0, c->unknowns * sizeof *c->x);
  for (size_t k = 0; k < c->count; k++) c->element[k].limited = 0;
}

/* A conductance across every diode, made smaller tenfold from step to step. */
static og_status step_gmin(og_circuit *c, ogi_stage *stage, og_circuit_info *info) {
  og_status st = OG_OK;
  restart(c);
  for (double gmin = 1e-2; st == OG_OK && gmin > OGI_GMIN * 1.5; gmin /= 10, info->continuation++) {
    stage->gmin = gmin;
    st = ogi_mna_solve(c, stage, info, NULL);
  }
  stage->gmin = OGI_GMIN;
  return st == OG_OK ? ogi_mna_solve(c, stage, info, NULL) : st;
}

/* All sources raised together from 0; a step that fails is tried again half as long. */
static og_status step_sources(og_circuit *c, ogi_stage *stage, og_circuit_info *info, og_error *err) {
  og_status st = OG_E_NOCONV;
  double reached = 0, step = 0.1;
  restart(c);
  while (reached < 1) {
    stage->share = fmin(reached + step, 1);
    memcpy(c->kept, c->x, c->unknowns * sizeof *c->kept);
    st = ogi_mna_solve(c, stage, info, err);
    info->continuation++;
    if (st == OG_OK) {
      reached = stage->share;
      step *= 2;
    } else {
      memcpy(c->x, c->kept, c->unknowns * sizeof *c->x);
      if (st != OG_E_NOCONV || (step /= 2) < 1e-6) break;
    }
  }
  stage->share = 1;
  return st;
}

og_status ogi_mna_operate(og_circuit *c, og_circuit_info *info, og_error *err) {
  ogi_stage stage = {.method = OGI_DC, .share = 1, .gmin = OGI_GMIN};
  restart(c);
  og_status st = ogi_mna_solve(c, &stage, info, err);
  if (st == OG_E_NOCONV) st = step_gmin(c, &stage, info);
  if (st == OG_E_NOCONV) st = step_sources(c, &stage, info, err);
  return st;
}

og_status og_circuit_dc(og_circuit *c, og_circuit_info *info, og_error *err) {
  og_circuit_info unused;
  if (info == NULL) info = &unused;
  *info = (og_circuit_info){0};
  og_status st;
  if (c == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  OGI_TRY(st, ogi_mna_prepare(c, err));
  OGI_TRY(st, ogi_mna_check(c, 0, err));
  OGI_TRY(st, ogi_mna_operate(c, info, err));
  double spent = 0;
  for (size_t k = 0; k < c->count; k++) {
    double power = ogi_mna_power(c, &c->element[k], &c->stage);
    if (ogi_is_source(&c->element[k])) info->power_watt -= power;
    else spent += power;
  }
  info->power_balance = fabs(info->power_watt - spent) / fmax(fmax(fabs(info->power_watt), fabs(spent)), 1e-300);
done:
  return st;
}
