/* SPDX-License-Identifier: BSD-3-Clause */
/** Cells in their places: ports, sessions, compact models; and the last good step. */
#include <config.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "cosim/ogi_exchange.h"

#define INSTANT 1e-4 /* of the longest step: so long cells are held before the beginning, for their currents */
#define LONG 1e6     /* of the first stretch: a run whose end is not known is never longer */

/* ---- the last good step ---- */

/* 1: somebody wants the last good step. */
static int keeps(const ogi_run *r) { return r->opts.rescue != OG_COSIM_STOP || r->opts.checkpoint != NULL; }

static double node_volt(const ogi_run *r, const ogi_ports *p, size_t node, size_t slot) {
  const ogi_cell_node *n = &r->anatomy.node.item[node];
  if (n->pin < r->per_cell) return p->volt[n->pin * p->cells + slot];
  if (n->pin != SIZE_MAX) return p->state[(n->pin - r->circuit->terminals) * p->cells + slot];
  if (p == &r->spice) return ogi_batches_nodes(r->batches)[node * p->cells + slot];
  size_t k = og_compact_find(r->model, n->name);
  return k < og_compact_unknowns(r->model) ? r->y[k * p->cells + slot] : 0; /* 0: fixed by a source */
}

void ogi_run_keep_good(ogi_run *r) {
  og_cosim_checkpoint *c = r->good;
  if (!keeps(r)) return;
  c->second = r->now;
  for (size_t node = 0; node < c->nodes; node++)
    for (size_t k = 0; k < c->cells; k++) {
      size_t cell = c->row[k] * r->array->n + c->column[k];
      c->volt[node * c->cells + k] = node_volt(r, r->here[cell] ? &r->compact : &r->spice, node, r->slot[cell]);
    }
}

og_status ogi_run_make_good(ogi_run *r) {
  size_t cells = 0;
  for (size_t c = 0; c < r->cells; c++) cells += isnan(r->linear[c]);
  og_status st = ogi_checkpoint_create(&r->good, cells, r->anatomy.node.count, r->err);
  if (st != OG_OK) return st;
  for (size_t c = 0, k = 0; c < r->cells; c++)
    if (isnan(r->linear[c])) {
      r->good->row[k] = c / r->array->n;
      r->good->column[k++] = c % r->array->n;
    }
  for (size_t k = 0; k < r->good->nodes; k++)
    memcpy(r->good->node[k], r->anatomy.node.item[k].name, sizeof r->good->node[k]);
  return OG_OK;
}

/* ---- cells in their places ---- */

/* What cells took before their ports are released: a run that is rescued deals them out anew. */
static void collect_joule(ogi_run *r, const ogi_ports *p) {
  for (size_t k = 0; r->opts.joule != NULL && k < p->count; k++) r->opts.joule[p->cell[k % p->cells]] += p->taken_joule[k];
}

static void ports_clear(ogi_ports *p) {
  void *block[] = {p->cell,     p->place, p->ohm,    p->from,    p->to,    p->volt, p->amp, p->will_volt,
                   p->will_amp, p->g,     p->before, p->earlier, p->state, p->left,
                   p->gap_joule, p->joule, p->gap_coulomb, p->coulomb, p->was_volt, p->was_amp, p->line, p->was_line,
                   p->taken_joule, p->farad, p->beside};
  for (size_t k = 0; k < sizeof block / sizeof *block; k++) ogi_free(block[k]);
  *p = (ogi_ports){0};
}

static int same_parameters(const og_cell_circuit *c, size_t one, size_t other) {
  for (size_t p = 0; p < c->params; p++)
    if (c->value[p][one] != c->value[p][other]) return 0;
  return 1;
}

/* Capacitance across the ports of cells of two terminals; cells that are alike are looked at once. */
static og_status find_farads(const ogi_run *r, ogi_ports *p) {
  int any = 0;
  for (size_t k = 0; k < r->anatomy.capacitor.count; k++)
    any |= r->anatomy.capacitor.item[k].a == 0 || r->anatomy.capacitor.item[k].b == 0; /* node 0 is the port */
  for (size_t k = 0; any && r->per_cell == 1 && k < p->cells; k++) {
    if (k > 0 && same_parameters(r->circuit, p->cell[k], p->cell[k - 1])) {
      p->farad[k] = p->farad[k - 1];
      continue;
    }
    og_status st = ogi_cell_farad(&p->farad[k], r->circuit, p->cell[k], r->err);
    if (st != OG_OK) return st;
  }
  return OG_OK;
}

static og_status ports_make(ogi_run *r, ogi_ports *p, int here) {
  size_t states = r->circuit->states;
  *p = (ogi_ports){0};
  for (size_t c = 0; c < r->cells; c++) p->cells += isnan(r->linear[c]) && r->here[c] == here;
  p->count = p->cells * r->per_cell;
  double **want[] = {&p->ohm, &p->from, &p->to, &p->volt, &p->amp, &p->will_volt, &p->will_amp, &p->g, &p->before,
                     &p->earlier, &p->gap_joule, &p->joule, &p->gap_coulomb, &p->coulomb, &p->was_volt,
                     &p->was_amp, &p->line, &p->was_line, &p->taken_joule,
                     &p->farad, &p->beside};
  int good = (p->cell = ogi_alloc(p->cells, sizeof *p->cell)) != NULL &&
             (p->place = ogi_alloc(p->count, sizeof *p->place)) != NULL &&
             (p->state = ogi_alloc(states * p->cells, sizeof *p->state)) != NULL &&
             (p->left = ogi_alloc(states * p->cells, 1)) != NULL;
  for (size_t k = 0; good && k < sizeof want / sizeof *want; k++)
    good = (*want[k] = ogi_alloc(p->count, sizeof **want[k])) != NULL;
  if (!good) return ogi_fail(r->err, OG_E_NOMEM, "cosim: %zu cells", p->cells);
  for (size_t c = 0, k = 0; c < r->cells; c++)
    if (isnan(r->linear[c]) && r->here[c] == here) {
      r->slot[c] = k;
      p->cell[k++] = c;
    }
  for (size_t k = 0; k < p->count; k++) {
    size_t cell = p->cell[k % p->cells];
    p->place[k] = k / p->cells * r->cells + cell;
    p->ohm[k] = ogi_chords_way(&r->wires, k / p->cells, cell);
    p->g[k] = p->before[k] = p->earlier[k] = r->chord[p->place[k]];
  }
  return find_farads(r, p);
}

/* Where the cells begin: nodes x cells of some ports. NULL with OG_OK: the subcircuit's own. */
static og_status gather_start(ogi_run *r, const og_cosim_checkpoint *from, const ogi_ports *p, double **start) {
  *start = NULL;
  if (from == NULL || p->cells == 0) return OG_OK;
  *start = ogi_alloc(from->nodes * p->cells, sizeof **start);
  if (*start == NULL) return ogi_fail(r->err, OG_E_NOMEM, "cosim: start");
  for (size_t k = 0, at = 0; k < from->cells; k++) {
    size_t cell = from->row[k] * r->array->n + from->column[k];
    if (at >= p->cells || p->cell[at] != cell) continue;
    for (size_t node = 0; node < from->nodes; node++)
      (*start)[node * p->cells + at] = from->volt[node * from->cells + k];
    at++;
  }
  return OG_OK;
}

/* A checkpoint holds the potentials of unknowns; one that a source fixes inside of a compact model it could not tell. */
static og_status check_keeps(const ogi_run *r) {
  if (!keeps(r)) return OG_OK;
  for (size_t node = 0; node < r->anatomy.node.count; node++) {
    const ogi_cell_node *n = &r->anatomy.node.item[node];
    if (n->pin != SIZE_MAX || og_compact_find(r->model, n->name) < og_compact_unknowns(r->model)) continue;
    return ogi_fail(r->err, OG_E_INPUT, "subcircuit %s: saw a capacitor at node %s, which a source holds: compact models "
                    "then give no checkpoint, need the cells in ngspice", r->circuit->name, n->name);
  }
  return OG_OK;
}

static og_status begin_compact(ogi_run *r, const double *start) {
  og_status st;
  size_t cells = r->compact.cells;
  OGI_TRY(st, ogi_cells_compile(&r->model, r->circuit, r->compact.cell, cells, r->err));
  OGI_TRY(st, check_keeps(r));
  r->y = ogi_alloc(og_compact_unknowns(r->model) * cells, sizeof *r->y);
  if (r->y == NULL) return ogi_fail(r->err, OG_E_NOMEM, "cosim: states");
  OGI_TRY(st, og_compact_start(r->model, r->y, r->err));
  for (size_t node = 0; start != NULL && node < r->anatomy.node.count; node++) {
    const ogi_cell_node *n = &r->anatomy.node.item[node];
    size_t k = og_compact_find(r->model, n->name);
    double *to = n->pin < r->per_cell                      ? r->compact.volt + n->pin * cells
                 : k < og_compact_unknowns(r->model) ? r->y + k * cells
                                                           : NULL;
    if (to != NULL) memcpy(to, start + node * cells, cells * sizeof *to);
  }
done:
  return st;
}

static og_status begin_spice(ogi_run *r, const double *start, double horizon) {
  const ogi_batch_plan plan = {.circuit = r->circuit, .array = r->array, .anatomy = &r->anatomy, .opts = &r->opts.spice,
                               .batch = r->opts.batch, .step_second = r->opts.step_second, .horizon_second = horizon,
                               .start = start};
  og_status st = ogi_batches_open(&r->batches, &plan, &r->spice, r->err);
  r->info->sessions = st == OG_OK ? ogi_batches_count(r->batches) : 0;
  return st;
}

void ogi_run_end_cells(ogi_run *r) {
  ogi_batches_close(r->batches, r->info);
  r->batches = NULL;
  og_compact_free(r->model);
  r->model = NULL;
  ogi_free(r->y);
  r->y = NULL;
  collect_joule(r, &r->spice);
  collect_joule(r, &r->compact);
  ports_clear(&r->spice);
  ports_clear(&r->compact);
}

/* A step begins with the sources that stand at its end. */
static void hold(ogi_run *r) {
  memcpy(r->spice.from, r->spice.to, r->spice.count * sizeof(double));
  memcpy(r->compact.from, r->compact.to, r->compact.count * sizeof(double));
}

/* All cells from a checkpoint on, or from the beginning, and the exchange at that time. */
og_status ogi_run_begin_cells(ogi_run *r, const og_cosim_checkpoint *from) {
  og_status st;
  double *start[2] = {NULL, NULL}, instant = INSTANT * r->opts.step_second;
  OGI_TRY(st, ports_make(r, &r->spice, 0));
  OGI_TRY(st, ports_make(r, &r->compact, 1));
  OGI_TRY(st, gather_start(r, from, &r->spice, &start[0]));
  OGI_TRY(st, gather_start(r, from, &r->compact, &start[1]));
  r->info->spice_cells = r->spice.cells;
  r->info->compact_cells = r->compact.cells;
  r->base = r->now - instant;
  r->dt = r->dt_before = 0;
  r->fresh = 1;
  OGI_TRY(st, ogi_run_foretell(r, r->now, 0));
  hold(r);
  if (r->compact.cells > 0) OGI_TRY(st, begin_compact(r, start[1]));
  double horizon = (r->opts.more != NULL ? LONG : 1) * (r->drive.stop_second - r->now);
  if (r->spice.cells > 0) OGI_TRY(st, begin_spice(r, start[0], horizon));
  OGI_TRY(st, ogi_run_wait(r)); /* under uic ngspice has no currents at its time 0 */
  if (r->batches != NULL) ogi_batches_begin(r->batches, 0, instant, ogi_run_corner(r) - r->base);
  OGI_TRY(st, ogi_run_advance_compact(r, instant));
  OGI_TRY(st, ogi_run_wait(r));
  OGI_TRY(st, ogi_run_accept(r, r->now));
  ogi_run_shorten(r);
  OGI_TRY(st, ogi_run_foretell(r, r->now, 0)); /* now that something is known of the cells */
  hold(r);
done:
  if (st != OG_OK) ogi_run_end_cells(r); /* threads may still read what is released here */
  ogi_free(start[0]);
  ogi_free(start[1]);
  return st;
}

