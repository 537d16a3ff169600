/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "array/ogi_nodes.h"
#include "base/ogi_mem.h"

/* ---- sets of nodes that are one: union-find with path halving, the least member is the root ---- */

static uint32_t root_of(uint32_t *parent, uint32_t slot) {
  while (parent[slot] != slot) slot = parent[slot] = parent[parent[slot]];
  return slot;
}

static void unite(uint32_t *parent, uint32_t a, uint32_t b) {
  uint32_t ra = root_of(parent, a), rb = root_of(parent, b);
  if (ra < rb) parent[rb] = ra;
  else parent[ra] = rb;
}

/* 2mn fits an int (og_array_check), so that 2mn + m + n fits 32 bits. */
static uint32_t *singletons(size_t count) {
  uint32_t *parent = ogi_alloc(count, sizeof *parent);
  for (size_t k = 0; parent != NULL && k < count; k++) parent[k] = (uint32_t)k;
  return parent;
}

/* ---- numbering ---- */

/* Slots of an irregular array: terminals first, so that they are the roots, then word nodes, then bit nodes. */
typedef struct slots {
  size_t sources, terminals, cells;
  uint32_t *parent;
} slots;

static void terminal_name(char *out, size_t room, const slots *s, uint32_t terminal) {
  if (terminal < s->sources) snprintf(out, room, "driver %u", (unsigned)terminal);
  else snprintf(out, room, "sense node %zu", terminal - s->sources);
}

static og_status merge(slots *s, size_t a, size_t b, og_error *err) {
  uint32_t ra = root_of(s->parent, (uint32_t)a), rb = root_of(s->parent, (uint32_t)b);
  if (ra != rb && ra < s->terminals && rb < s->terminals) {
    char one[32], two[32];
    terminal_name(one, sizeof one, s, ra < rb ? ra : rb);
    terminal_name(two, sizeof two, s, ra < rb ? rb : ra);
    return ogi_fail(err, OG_E_SINGULAR, "array: a short between %s and %s: need more than 0 ohm", one, two);
  }
  unite(s->parent, ra, rb);
  return OG_OK;
}

static og_status merge_lines(slots *s, og_line which, const ogi_family *f, const double *seg, og_error *err) {
  og_status st = OG_OK;
  size_t first = s->terminals + (which == OG_LINE_WORD ? 0 : s->cells);
  for (size_t l = 0; l < f->lines; l++) {
    size_t terminal = which == OG_LINE_WORD ? l : s->sources + l;
    for (size_t p = 0; p <= f->cells; p++) {
      if (!isinf(seg[l * f->seg_line + p * f->step])) continue;
      size_t here = first + l * f->line + p * f->step; /* the cell after segment p */
      OGI_TRY(st, merge(s, p > 0 ? here - f->step : terminal, p < f->cells ? here : terminal, err));
    }
  }
done:
  return st;
}

static og_status merge_bridges(slots *s, const ogi_wires *wires, size_t n, og_error *err) {
  og_status st = OG_OK;
  for (size_t k = 0; k < wires->bridge_count; k++) {
    size_t slot[2];
    for (int e = 0; e < 2; e++) {
      const og_site *site = e ? &wires->bridges[k].b : &wires->bridges[k].a;
      slot[e] = s->terminals + (site->line == OG_LINE_WORD ? 0 : s->cells) + site->i * n + site->j;
    }
    if (ogi_is_short(wires->bridges[k].ohm)) OGI_TRY(st, merge(s, slot[0], slot[1], err));
  }
done:
  return st;
}

static og_status number_irregular(ogi_nodes *nodes, const ogi_wires *wires, og_error *err) {
  og_status st;
  size_t m = nodes->m, n = nodes->n;
  ogi_family words = ogi_family_of(OG_LINE_WORD, m, n, wires->parallel), bits = ogi_family_of(OG_LINE_BIT, m, n, 0);
  slots s = {.sources = wires->sources, .terminals = wires->sources + n, .cells = m * n};
  s.parent = singletons(s.terminals + 2 * s.cells);
  if (s.parent == NULL) return ogi_fail(err, OG_E_NOMEM, "array: %zu x %zu nodes", m, n);
  OGI_TRY(st, merge_lines(&s, OG_LINE_WORD, &words, wires->word_seg, err));
  OGI_TRY(st, merge_lines(&s, OG_LINE_BIT, &bits, wires->bit_seg, err));
  OGI_TRY(st, merge_bridges(&s, wires, n, err));
  for (size_t k = 0; k < 2 * s.cells; k++) { /* a root comes before its members, and so has its number already */
    int *node = k < s.cells ? &nodes->word[k] : &nodes->bit[k - s.cells];
    size_t slot = s.terminals + k, root = root_of(s.parent, (uint32_t)slot), other = root - s.terminals;
    if (root == slot) *node = nodes->unknowns++;
    else if (root < s.terminals) *node = -1 - (int)root;
    else *node = other < s.cells ? nodes->word[other] : nodes->bit[other - s.cells];
  }
done:
  ogi_free(s.parent);
  return st;
}

og_status ogi_nodes_create(ogi_nodes *nodes, const og_array *a, const ogi_wires *wires, og_error *err) {
  size_t m = a->m, n = a->n;
  int next = 0;
  memset(nodes, 0, sizeof *nodes);
  nodes->m = m;
  nodes->n = n;
  nodes->word = ogi_alloc(m * n, sizeof *nodes->word);
  nodes->bit = ogi_alloc(m * n, sizeof *nodes->bit);
  if (nodes->word == NULL || nodes->bit == NULL) {
    ogi_nodes_clear(nodes);
    return ogi_fail(err, OG_E_NOMEM, "array: %zu x %zu nodes", m, n);
  }
  if (wires->irregular) {
    og_status st = number_irregular(nodes, wires, err);
    if (st != OG_OK) ogi_nodes_clear(nodes);
    return st;
  }
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      int *node = &nodes->word[i * n + j];
      if (wires->word_kind == OGI_LINE_FIXED) *node = -1 - (int)i;
      else *node = wires->word_kind == OGI_LINE_NODE && j > 0 ? node[-1] : next++;
    }
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      int *node = &nodes->bit[i * n + j];
      if (wires->bit_kind == OGI_LINE_FIXED) *node = -1 - (int)(m + j);
      else *node = wires->bit_kind == OGI_LINE_NODE && i > 0 ? node[-(ptrdiff_t)n] : next++;
    }
  nodes->unknowns = next;
  return OG_OK;
}

void ogi_nodes_clear(ogi_nodes *nodes) {
  ogi_free(nodes->word);
  ogi_free(nodes->bit);
  memset(nodes, 0, sizeof *nodes);
}

/* ---- branches ---- */

static void line_branches(og_line which, const ogi_nodes *nodes, const ogi_wires *wires, ogi_branch_visit *visit,
                          void *user) {
  int is_word = which == OG_LINE_WORD;
  ogi_family f = ogi_family_of(which, nodes->m, nodes->n, wires->parallel);
  const double *seg = is_word ? wires->word_seg : wires->bit_seg, *end = is_word ? wires->drive : wires->sense;
  double inner = is_word ? wires->word : wires->bit;
  for (size_t l = 0; l < f.lines; l++) {
    const int *node = (is_word ? nodes->word : nodes->bit) + l * f.line;
    int terminal = -1 - (int)(is_word ? l : wires->sources + l), before = terminal;
    for (size_t p = 0; p <= f.cells; p++) {
      int here = p < f.cells ? node[p * f.step] : terminal;
      double siemens = p == 0 ? end[0] : p == f.cells ? end[1] : inner;
      if (seg != NULL) siemens = seg[l * f.seg_line + p * f.step];
      if (siemens > 0 && here != before) visit(user, before, here, siemens);
      before = here;
    }
  }
}

static int site_node(const ogi_nodes *nodes, const og_site *s) {
  return (s->line == OG_LINE_WORD ? nodes->word : nodes->bit)[s->i * nodes->n + s->j];
}

void ogi_wire_branches(const ogi_nodes *nodes, const ogi_wires *wires, ogi_branch_visit *visit, void *user) {
  line_branches(OG_LINE_WORD, nodes, wires, visit, user);
  line_branches(OG_LINE_BIT, nodes, wires, visit, user);
  for (size_t k = 0; k < wires->bridge_count; k++) {
    const og_bridge *b = &wires->bridges[k];
    int from = site_node(nodes, &b->a), to = site_node(nodes, &b->b);
    if (from != to && isfinite(b->ohm)) visit(user, from, to, 1 / b->ohm);
  }
}

void ogi_branches(const ogi_nodes *nodes, const ogi_wires *wires, const double *g, ogi_branch_visit *visit,
                  void *user) {
  ogi_wire_branches(nodes, wires, visit, user);
  for (size_t k = 0; k < nodes->m * nodes->n; k++)
    if (g[k] > 0 && nodes->word[k] != nodes->bit[k]) visit(user, nodes->word[k], nodes->bit[k], g[k]);
}

/* ---- floating nodes; slot 0 stands for all terminals, unknown u has slot u + 1 ---- */

static uint32_t ground_slot(int node) { return node < 0 ? 0 : (uint32_t)node + 1; }

static void join(void *user, int a, int b, double siemens) {
  (void)siemens;
  unite(user, ground_slot(a), ground_slot(b));
}

og_status ogi_nodes_grounded(const ogi_nodes *nodes, const ogi_wires *wires, const double *g, og_error *err) {
  og_status st = OG_OK;
  uint32_t *parent = singletons((size_t)nodes->unknowns + 1);
  if (parent == NULL) return ogi_fail(err, OG_E_NOMEM, "array: %d nodes", nodes->unknowns);
  ogi_branches(nodes, wires, g, join, parent);
  for (size_t k = 0; k < nodes->m * nodes->n && st == OG_OK; k++) {
    int word_floats = root_of(parent, ground_slot(nodes->word[k])) != 0;
    int bit_floats = root_of(parent, ground_slot(nodes->bit[k])) != 0;
    if (word_floats || bit_floats)
      st = ogi_fail(err, OG_E_SINGULAR, "array: %s node (%zu,%zu) floats: no path to a driver or a sense node",
                    !word_floats ? "bit" : wires->parallel ? "source" : "word", k / nodes->n, k % nodes->n);
  }
  ogi_free(parent);
  return st;
}
