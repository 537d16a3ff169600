/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <string.h>

#include "array/ogi_nodes.h"
#include "base/ogi_mem.h"

static ogi_line kind_of(double r_segment, double r_end) {
  if (r_segment > 0) return OGI_LINE_CHAIN;
  return r_end > 0 ? OGI_LINE_NODE : OGI_LINE_FIXED;
}

void ogi_wires_init(ogi_wires *wires, const og_array *a) {
  memset(wires, 0, sizeof *wires);
  wires->word_kind = kind_of(a->r_word_ohm, a->r_source_ohm);
  wires->bit_kind = kind_of(a->r_bit_ohm, a->r_sense_ohm);
  wires->word = 1 / a->r_word_ohm; /* 1/0 is infinite, but then the kind is not CHAIN; 1/INFINITY is 0: open */
  wires->bit = 1 / a->r_bit_ohm;
  double drive = 1 / (a->r_source_ohm + a->r_word_ohm), sense = 1 / (a->r_sense_ohm + a->r_bit_ohm);
  wires->drive[0] = a->drive != OG_DRIVE_RIGHT ? drive : 0;
  wires->drive[1] = a->drive != OG_DRIVE_LEFT ? drive : 0;
  wires->sense[0] = a->sense != OG_SENSE_BOTTOM ? sense : 0;
  wires->sense[1] = a->sense != OG_SENSE_TOP ? sense : 0;
  wires->has_open = isinf(a->r_word_ohm) || isinf(a->r_bit_ohm) || isinf(a->r_source_ohm) || isinf(a->r_sense_ohm);
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

static void line_branches(const ogi_wires *wires, const ogi_nodes *nodes, ogi_branch_visit *visit, void *user) {
  size_t m = nodes->m, n = nodes->n, last = n - 1, bottom = (m - 1) * n;
  for (size_t i = 0; wires->word_kind != OGI_LINE_FIXED && i < m; i++) {
    const int *w = nodes->word + i * n;
    if (wires->drive[0] > 0) visit(user, w[0], -1 - (int)i, wires->drive[0]);
    if (wires->drive[1] > 0) visit(user, w[last], -1 - (int)i, wires->drive[1]);
    for (size_t j = 0; wires->word_kind == OGI_LINE_CHAIN && wires->word > 0 && j < last; j++)
      visit(user, w[j], w[j + 1], wires->word);
  }
  for (size_t j = 0; wires->bit_kind != OGI_LINE_FIXED && j < n; j++) {
    const int *b = nodes->bit + j;
    if (wires->sense[0] > 0) visit(user, b[0], -1 - (int)(m + j), wires->sense[0]);
    if (wires->sense[1] > 0) visit(user, b[bottom], -1 - (int)(m + j), wires->sense[1]);
    for (size_t i = 0; wires->bit_kind == OGI_LINE_CHAIN && wires->bit > 0 && i + 1 < m; i++)
      visit(user, b[i * n], b[(i + 1) * n], wires->bit);
  }
}

void ogi_branches(const ogi_nodes *nodes, const ogi_wires *wires, const double *g, ogi_branch_visit *visit,
                  void *user) {
  line_branches(wires, nodes, visit, user);
  for (size_t k = 0; k < nodes->m * nodes->n; k++)
    if (g[k] > 0) visit(user, nodes->word[k], nodes->bit[k], g[k]);
}

/* Union-find with path halving; slot 0 stands for all terminals, unknown u has slot u + 1. */
static int root_of(int *parent, int slot) {
  while (parent[slot] != slot) slot = parent[slot] = parent[parent[slot]];
  return slot;
}

static void join(void *user, int a, int b, double siemens) {
  int *parent = user;
  (void)siemens;
  int ra = root_of(parent, a < 0 ? 0 : a + 1), rb = root_of(parent, b < 0 ? 0 : b + 1);
  if (ra < rb) parent[rb] = ra;
  else parent[ra] = rb;
}

og_status ogi_nodes_grounded(const ogi_nodes *nodes, const ogi_wires *wires, const double *g, og_error *err) {
  og_status st = OG_OK;
  int *parent = ogi_alloc((size_t)nodes->unknowns + 1, sizeof *parent);
  if (parent == NULL) return ogi_fail(err, OG_E_NOMEM, "array: %d nodes", nodes->unknowns);
  for (int s = 0; s <= nodes->unknowns; s++) parent[s] = s;
  ogi_branches(nodes, wires, g, join, parent);
  for (size_t k = 0; k < nodes->m * nodes->n && st == OG_OK; k++) {
    int word_floats = nodes->word[k] >= 0 && root_of(parent, nodes->word[k] + 1) != 0;
    int bit_floats = nodes->bit[k] >= 0 && root_of(parent, nodes->bit[k] + 1) != 0;
    if (word_floats || bit_floats)
      st = ogi_fail(err, OG_E_SINGULAR, "array: %s node (%zu,%zu) floats: no path to a driver or a sense node",
                    word_floats ? "word" : "bit", k / nodes->n, k % nodes->n);
  }
  ogi_free(parent);
  return st;
}
