/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "solve/ogi_network.h"

/*
 * Where auto takes cg: measured, a transient of 64 x 64 and of 128 x 128 cells with it takes a tenth of the time that a
 * new factor for each change of the step takes; below, neither matters.
 */
#define CG_FROM_CELLS 1024

#define CG_RTOL 1e-13 /* [-] the audits ask 1e-8 of the largest branch current, at any node */
enum { CG_ITERATIONS = 1000 };

static og_status choose(og_engine *engine, const ogi_wires *w, size_t cells, og_error *err) {
  int open = w->has_open || w->irregular;
  int chains = w->word_kind == OGI_LINE_CHAIN && w->bit_kind == OGI_LINE_CHAIN;
  if (*engine == OG_ENGINE_AUTO)
    *engine = chains && !open && cells >= CG_FROM_CELLS ? OG_ENGINE_CG : OG_ENGINE_CHOLESKY;
  if (*engine != OG_ENGINE_CG && *engine != OG_ENGINE_CHOLESKY)
    return ogi_fail(err, OG_E_RANGE, "engine: saw %s, need auto, cg or cholesky",
                    og_engine_name(*engine) != NULL ? og_engine_name(*engine) : "a foreign value");
  if (*engine == OG_ENGINE_CG && open)
    return ogi_fail(err, OG_E_RANGE, "engine cg: saw open or irregular wires, need engine cholesky");
  return OG_OK;
}

/* ---- nodes and branches ---- */

typedef struct collector {
  ogi_network *c;
  int store; /* 0: count only */
} collector;

static uint32_t node_of(const ogi_network *c, int node) {
  return node >= 0 ? (uint32_t)node : (uint32_t)(c->unknowns + (size_t)(-1 - node));
}

static void collect(void *user, int a, int b, double siemens) {
  collector *k = user;
  ogi_network *c = k->c;
  if (k->store) {
    c->from[c->wire_count] = node_of(c, a);
    c->to[c->wire_count] = node_of(c, b);
    c->siemens[c->wire_count] = siemens;
    c->wire_max = fmax(c->wire_max, siemens);
  }
  c->wire_count++;
}

static og_status collect_wires(ogi_network *c, const ogi_nodes *nodes, og_error *err) {
  collector k = {.c = c};
  ogi_branches(nodes, &c->wires, c->g_set, collect, &k); /* g_set is still 0: no cells among the branches */
  c->from = ogi_alloc(c->wire_count, sizeof *c->from);
  c->to = ogi_alloc(c->wire_count, sizeof *c->to);
  c->siemens = ogi_alloc(c->wire_count, sizeof *c->siemens);
  if (c->from == NULL || c->to == NULL || c->siemens == NULL)
    return ogi_fail(err, OG_E_NOMEM, "circuit: %zu branches", c->wire_count);
  k.store = 1;
  c->wire_count = 0;
  ogi_branches(nodes, &c->wires, c->g_set, collect, &k);
  return OG_OK;
}

static og_status build(ogi_network *c, const og_array *array, og_error *err) {
  og_status st;
  ogi_nodes nodes = {0};
  OGI_TRY(st, ogi_nodes_create(&nodes, array, &c->wires, err));
  c->unknowns = (size_t)nodes.unknowns;
  c->nodes = c->unknowns + c->sources + c->n;
  c->place = ogi_alloc(c->unknowns, sizeof *c->place);
  if (c->place == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "circuit: %zu nodes", c->unknowns);
    goto done;
  }
  for (size_t k = 0; k < c->cells; k++) {
    c->word[k] = node_of(c, nodes.word[k]);
    c->bit[k] = node_of(c, nodes.bit[k]);
    if (nodes.word[k] >= 0) c->place[nodes.word[k]] = k;
    if (nodes.bit[k] >= 0) c->place[nodes.bit[k]] = c->cells + k;
  }
  st = collect_wires(c, &nodes, err);
done:
  ogi_nodes_clear(&nodes);
  return st;
}

og_status ogi_network_create(ogi_network **out, const og_array *array, og_engine engine, og_error *err) {
  og_status st;
  ogi_network *c = NULL;
  *out = NULL;
  OGI_TRY(st, og_array_check(array, err));
  c = ogi_alloc(1, sizeof *c);
  if (c == NULL) return ogi_fail(err, OG_E_NOMEM, "circuit");
  c->m = array->m;
  c->n = array->n;
  c->cells = c->m * c->n;
  c->sources = array->wiring == OG_WIRING_PARALLEL ? c->n : c->m;
  OGI_TRY(st, ogi_wires_create(&c->wires, array, err));
  c->engine = engine;
  OGI_TRY(st, choose(&c->engine, &c->wires, c->cells, err));
  uint32_t **node[] = {&c->word, &c->bit};
  double **value[] = {&c->g_set, &c->v_word, &c->v_bit, &c->word_in, &c->bit_in};
  int ok = 1;
  for (size_t k = 0; k < 2; k++) ok &= (*node[k] = ogi_alloc(c->cells, sizeof **node[k])) != NULL;
  for (size_t k = 0; k < 5; k++) ok &= (*value[k] = ogi_alloc(c->cells, sizeof **value[k])) != NULL;
  if (!ok) {
    st = ogi_fail(err, OG_E_NOMEM, "circuit: %zu x %zu cells", c->m, c->n);
    goto done;
  }
  OGI_TRY(st, build(c, array, err));
  if (c->engine == OG_ENGINE_CG) OGI_TRY(st, ogi_cg_create(&c->cg, array, &c->wires, err));
  else OGI_TRY(st, ogi_chol_create(&c->chol, array, &c->wires, 0, err));
  *out = c;
  c = NULL;
done:
  ogi_network_free(c);
  return st;
}

void ogi_network_free(ogi_network *c) {
  if (c == NULL) return;
  ogi_cg_free(c->cg);
  ogi_chol_free(c->chol);
  ogi_wires_clear(&c->wires);
  void *block[] = {c->word, c->bit, c->from, c->to, c->siemens, c->g_set, c->place, c->v_word, c->v_bit, c->word_in,
                   c->bit_in};
  for (size_t k = 0; k < sizeof block / sizeof *block; k++) ogi_free(block[k]);
  ogi_free(c);
}

/* ---- solutions ---- */

og_status ogi_network_set(ogi_network *c, const double *g, double extra, double word_shunt, double bit_shunt,
                          og_error *err) {
  for (size_t k = 0; k < c->cells; k++) c->g_set[k] = g[k] + extra;
  c->set = (ogi_cells){.g = c->g_set, .word_shunt = word_shunt, .bit_shunt = bit_shunt};
  if (c->cg == NULL) return ogi_chol_set_cells(c->chol, &c->set, err);
  ogi_cg_set_cells(c->cg, &c->set);
  return OG_OK;
}

/* The engines take injected currents by cell; a node that stands for a whole line gets its own at one of them. */
static void spread(ogi_network *c, const double *inject) {
  for (size_t u = 0; u < c->unknowns; u++) {
    size_t at = c->place[u];
    if (at < c->cells) c->word_in[at] = inject[u];
    else c->bit_in[at - c->cells] = inject[u];
  }
}

og_status ogi_network_solve(ogi_network *c, double *x, const double *inject, og_error *err) {
  ogi_rhs rhs = {.v = x + c->unknowns, .u = x + c->unknowns + c->sources};
  if (c->unknowns == 0) return OG_OK;
  if (inject != NULL) {
    spread(c, inject);
    rhs.word_in = c->word_in;
    rhs.bit_in = c->bit_in;
  }
  if (c->cg == NULL) {
    og_status st = ogi_chol_solve(c->chol, &c->set, &rhs, c->v_word, c->v_bit, err);
    if (st != OG_OK) return st;
  } else {
    for (size_t k = 0; k < c->cells; k++) c->v_bit[k] = x[c->bit[k]];
    if (ogi_cg_solve(c->cg, &rhs, 1, CG_RTOL, CG_ITERATIONS, c->v_word, c->v_bit) > CG_ITERATIONS)
      return ogi_fail(err, OG_E_NOCONV, "cg: no convergence to %g within %d iterations", CG_RTOL, CG_ITERATIONS);
  }
  for (size_t u = 0; u < c->unknowns; u++) {
    size_t at = c->place[u];
    x[u] = at < c->cells ? c->v_word[at] : c->v_bit[at - c->cells];
  }
  return OG_OK;
}

void ogi_network_flow(const ogi_network *c, const double *g, const double *x, double *out, ogi_flow *flow) {
  double most = 0, wires = 0, cells = 0;
  memset(out, 0, c->nodes * sizeof *out);
  for (size_t b = 0; b < c->wire_count; b++) {
    double drop = x[c->from[b]] - x[c->to[b]], i = c->siemens[b] * drop, size = fabs(i);
    out[c->from[b]] += i;
    out[c->to[b]] -= i;
    wires += i * drop;
    most = size > most ? size : most;
  }
  for (size_t k = 0; k < c->cells; k++) {
    double drop = x[c->word[k]] - x[c->bit[k]], i = g[k] * drop, size = fabs(i);
    out[c->word[k]] += i;
    out[c->bit[k]] -= i;
    cells += i * drop;
    most = size > most ? size : most;
  }
  *flow = (ogi_flow){.wires = wires, .cells = cells, .branch_max = most};
}

og_status ogi_network_check(const double *g, size_t m, size_t n, og_error *err) {
  for (size_t k = 0; k < m * n; k++)
    if (!(g[k] >= 0 && isfinite(g[k])))
      return ogi_fail(err, OG_E_RANGE, "conductance (%zu,%zu): saw %g, need a finite value >= 0 (siemens)", k / n,
                      k % n, g[k]);
  return OG_OK;
}
