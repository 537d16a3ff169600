/* SPDX-License-Identifier: BSD-3-Clause */
/** From elements to unknowns, a matrix pattern and workspace. */
#include <config.h>

#include <limits.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "circuit/ogi_mna.h"

const char *ogi_mna_name(const og_circuit *c, const ogi_element *e) {
  return ogi_names_at(c->names, (size_t)(e - c->element));
}

void ogi_mna_forget(og_circuit *c) {
  ogi_linear_clear(&c->linear);
  ogi_free(c->map);
  ogi_free(c->block);
  ogi_free(c->z);
  c->map = NULL;
  c->block = c->z = NULL;
  c->prepared = c->nonlinear = c->solved = c->operated = c->rung = c->factored = 0;
  c->sound[0] = c->sound[1] = 0;
}

/* ---- names ---- */

static int defines_voltage(const ogi_element *e) {
  return strchr("VEHL", e->kind) != NULL || (e->kind == 'B' && e->behaviour->shape == 'V');
}

/* Element that e refers to by name: an inductor for K, else one with a current of its own. */
static og_status resolve(const og_circuit *c, const ogi_element *e, const char *name, int *element, og_error *err) {
  const char *need = e->kind == 'K' ? "an inductor" : "an element that defines a voltage (V, L, E, H, B)";
  size_t found = ogi_names_find(c->names, name);
  *element = OGI_NONE;
  if (found == OGI_NO_NAME)
    return ogi_fail(err, OG_E_INPUT, "element %s: control: saw %s, which is not there, need %s", ogi_mna_name(c, e),
                    name, need);
  const ogi_element *control = &c->element[found];
  if (e->kind == 'K' ? control->kind != 'L' : !defines_voltage(control))
    return ogi_fail(err, OG_E_INPUT, "element %s: control: saw %s, need %s", ogi_mna_name(c, e), name, need);
  *element = (int)found;
  return OG_OK;
}

static og_status resolve_all(const og_circuit *c, ogi_element *e, og_error *err) {
  og_status st = OG_OK;
  for (int k = 0; k < 2; k++)
    if (e->control_name[k] != NULL) OGI_TRY(st, resolve(c, e, e->control_name[k], &e->control[k], err));
  for (size_t k = 0; e->behaviour != NULL && k < e->behaviour->count; k++) {
    ogi_control *control = &e->behaviour->control[k];
    if (control->source != NULL) OGI_TRY(st, resolve(c, e, control->source, &control->element, err));
  }
done:
  return st;
}

/* Numbers of branches and states. */
static og_status number(og_circuit *c, og_error *err) {
  og_status st = OG_OK;
  size_t unknowns = ogi_names_count(c->nodes);
  c->states = c->nonlinear = 0;
  if (c->count == 0 || unknowns == 0)
    return ogi_fail(err, OG_E_INPUT, "circuit: saw no element between nodes, need one");
  if (c->count > INT_MAX / 16)
    return ogi_fail(err, OG_E_RANGE, "circuit: elements: saw %zu, need at most %d", c->count, INT_MAX / 16);
  for (size_t k = 0; k < c->count; k++) {
    ogi_element *e = &c->element[k];
    e->branch = defines_voltage(e) ? (int)unknowns++ : OGI_NONE;
    int stores = e->kind == 'C' || e->kind == 'L' ||
                 (e->kind == 'D' && (e->junction->cj > 0 || e->junction->transit > 0));
    e->state = stores ? c->states++ : OGI_NONE;
    c->nonlinear |= strchr("DBY", e->kind) != NULL;
    OGI_TRY(st, resolve_all(c, e, err));
  }
  c->unknowns = c->linear.n = (int)unknowns;
done:
  return st;
}

/* ---- pattern ---- */

/* Stable counting sort of the stamps from[] by key into to[]; count has room for keys + 1. */
static void sort_by(const int *key, size_t keys, const int *from, int *to, size_t stamps, int *count) {
  memset(count, 0, (keys + 1) * sizeof *count);
  for (size_t k = 0; k < stamps; k++) count[key[k] + 1]++;
  for (size_t k = 0; k < keys; k++) count[k + 1] += count[k];
  for (size_t k = 0; k < stamps; k++) {
    int s = from != NULL ? from[k] : (int)k;
    to[count[key[s]]++] = s;
  }
}

/* Compressed columns from the stamps; equal places fall together. */
static void compress(og_circuit *c, const int *order) {
  ogi_linear *l = &c->linear;
  int entries = 0, column = -1, row = -1;
  for (size_t k = 0; k < c->stamps; k++) {
    int s = order[k];
    if (c->column[s] != column || c->row[s] != row) {
      row = c->row[s];
      while (column < c->column[s]) l->ap[++column] = entries;
      l->ai[entries++] = row;
    }
    c->map[s] = entries - 1;
  }
  while (column < l->n) l->ap[++column] = entries;
}

static og_status make_pattern(og_circuit *c, og_error *err) {
  const ogi_stage none = {0};
  size_t n = (size_t)c->unknowns;
  double *zero = ogi_alloc(n, sizeof *zero); /* the laws want potentials even when only their places are noted */
  int *work = NULL;
  og_status st = OG_OK;
  if (zero == NULL) goto no_memory;
  ogi_mna_load(c, &none, zero, OGI_LOAD_PATTERN); /* counts */
  c->stamps = c->cursor;
  if (c->stamps > INT_MAX / 4) {
    st = ogi_fail(err, OG_E_RANGE, "circuit: matrix entries: saw %zu, need at most %d", c->stamps, INT_MAX / 4);
    goto done;
  }
  work = ogi_alloc(4 * c->stamps + n + 2, sizeof *work);
  c->map = ogi_alloc(2 * c->stamps + n + 2, sizeof *c->map);
  if (work == NULL || c->map == NULL) goto no_memory;
  c->linear.ap = c->map + c->stamps;
  c->linear.ai = c->linear.ap + n + 1;
  c->row = work;
  c->column = work + c->stamps;
  ogi_mna_load(c, &none, zero, OGI_LOAD_PATTERN);
  int *by_row = work + 2 * c->stamps, *order = by_row + c->stamps, *count = order + c->stamps;
  sort_by(c->row, n, NULL, by_row, c->stamps, count);
  sort_by(c->column, n, by_row, order, c->stamps, count);
  compress(c, order);
  goto done;
no_memory:
  st = ogi_fail(err, OG_E_NOMEM, "circuit: %zu unknowns", n);
done:
  c->row = c->column = NULL;
  ogi_free(work);
  ogi_free(zero);
  return st;
}

/* One block for every array of doubles. */
static og_status make_workspace(og_circuit *c, og_error *err) {
  size_t n = (size_t)c->unknowns, states = (size_t)c->states, entries = (size_t)c->linear.ap[n];
  double **const rows[] = {&c->x,      &c->trial, &c->step, &c->f,      &c->sum,             &c->noise,
                           &c->weight, &c->kept,  &c->linear.residual, &c->linear.size};
  double **const charges[] = {&c->q, &c->base, &c->rate, &c->q0, &c->rate0, &c->rate1, &c->floor};
  size_t row_count = sizeof rows / sizeof *rows, charge_count = sizeof charges / sizeof *charges;
  c->block = ogi_alloc(row_count * n + charge_count * states + entries, sizeof *c->block);
  if (c->block == NULL) return ogi_fail(err, OG_E_NOMEM, "circuit: %zu unknowns", n);
  double *next = c->block;
  for (size_t k = 0; k < row_count; k++, next += n) *rows[k] = next;
  for (size_t k = 0; k < charge_count; k++, next += states) *charges[k] = next;
  c->linear.ax = next;
  return OG_OK;
}

og_status ogi_mna_prepare(og_circuit *c, og_error *err) {
  og_status st = OG_OK;
  if (c->prepared) return OG_OK;
  OGI_TRY(st, number(c, err));
  OGI_TRY(st, make_pattern(c, err));
  OGI_TRY(st, make_workspace(c, err));
  OGI_TRY(st, ogi_linear_analyse(&c->linear, err));
  c->prepared = 1;
done:
  if (st != OG_OK) ogi_mna_forget(c);
  return st;
}

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

static void join_behaviour(const og_circuit *c, const ogi_element *e, int *path) {
  for (size_t k = 0; k < e->behaviour->count; k++) {
    const ogi_control *from = &e->behaviour->control[k];
    if (from->element >= 0) {
      join(path, e->a, c->element[from->element].a);
    } else {
      join(path, e->a, from->p);
      join(path, e->a, from->q);
    }
  }
}

/* Paths of direct current. A controlled source is one between all its nodes, so that nothing solvable is refused. */
static void join_element(const og_circuit *c, const ogi_element *e, int from_initial, int *path, int *touched) {
  if (strchr("IK", e->kind) != NULL || (e->kind == 'C' && !(from_initial && e->value > 0))) return;
  touched[e->a + 1] = touched[e->b + 1] = 1;
  join(path, e->a, e->b);
  if (e->kind == 'E' || e->kind == 'G') {
    join(path, e->a, e->p);
    join(path, e->a, e->q);
  }
  if (e->kind == 'F' || e->kind == 'H') join(path, e->a, c->element[e->control[0]].a);
  if (e->kind == 'B') join_behaviour(c, e, path);
  if (e->kind != 'D') return;
  touched[e->p + 1] = 1;
  join(path, e->a, e->p);
}

og_status ogi_mna_check(og_circuit *c, int from_initial, og_error *err) {
  og_status st = OG_OK;
  int nodes = (int)ogi_names_count(c->nodes);
  size_t slots = (size_t)nodes + 1;
  if (c->sound[from_initial]) return OG_OK;
  int *path = ogi_alloc(3 * slots, sizeof *path);
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "circuit: %d nodes", nodes);
  int *loop = path + slots, *touched = loop + slots;
  for (int k = 0; k <= nodes; k++) path[k] = loop[k] = k;
  for (size_t k = 0; st == OG_OK && k < c->count; k++) {
    const ogi_element *e = &c->element[k];
    join_element(c, e, from_initial, path, touched);
    int fixes = e->kind == 'V' || (e->kind == 'L' && !from_initial);
    if (fixes && join(loop, e->a, e->b))
      st = ogi_fail(err, OG_E_SINGULAR, "element %s: closes a loop of elements that define voltages",
                    ogi_mna_name(c, e));
  }
  for (int k = 0; st == OG_OK && k < nodes; k++)
    if (!touched[k + 1] || root_of(path, k + 1) != 0)
      st = ogi_fail(err, OG_E_SINGULAR, "node %s: no path for direct current to ground",
                    ogi_names_at(c->nodes, (size_t)k));
  ogi_free(path);
  c->sound[from_initial] = st == OG_OK;
  return st;
}
