/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <limits.h>
#include <stdint.h>

#include "base/ogi_mem.h"
#include "netlist/ogi_recognise_parts.h"

static og_status check_network(const ogi_network *net, og_error *err) {
  if (net->nodes == 0 || net->nodes > INT_MAX || net->resistors > INT_MAX)
    return ogi_fail(err, OG_E_INPUT, "crossbar: saw %zu nodes and %zu resistors, need 1 .. %d", net->nodes,
                    net->resistors, INT_MAX);
  if (net->resistors == 0) return ogi_fail(err, OG_E_INPUT, "crossbar: saw no resistor");
  for (size_t k = 0; k < net->resistors; k++) {
    size_t a = net->ends[2 * k], b = net->ends[2 * k + 1];
    if (a >= net->nodes || b >= net->nodes)
      return ogi_fail(err, OG_E_INPUT, "resistor %zu: saw node number %zu, need < %zu", k, a > b ? a : b, net->nodes);
    if (!(net->ohm[k] > 0 && isfinite(net->ohm[k]) && net->siemens[k] > 0 && isfinite(net->siemens[k])))
      return ogi_fail(err, OG_E_INPUT, "resistor from %s to %s: saw %g ohm, need a finite value > 0", net->name[a],
                      net->name[b], net->ohm[k]);
    if (a == b) return ogi_fail(err, OG_E_INPUT, "node %s: a resistor has both ends here", net->name[a]);
  }
  return OG_OK;
}

/* Resistors in order of their far end; then each node takes its own in that order, and its list is sorted. */
static void sort_ends(ogi_graph *g, size_t *fill, size_t *order) {
  const ogi_network *net = g->net;
  size_t ends = 2 * net->resistors;
  for (size_t e = 0; e < ends; e++) g->first[net->ends[e] + 1]++;
  for (size_t k = 0; k < net->nodes; k++) g->first[k + 1] += g->first[k];
  for (size_t k = 0; k < net->nodes; k++) fill[k] = g->first[k];
  for (size_t e = 0; e < ends; e++) order[fill[net->ends[e]]++] = e;
  for (size_t k = 0; k < net->nodes; k++) fill[k] = g->first[k];
  for (size_t q = 0; q < ends; q++) {
    size_t far = order[q], slot = fill[net->ends[far ^ 1]]++;
    g->to[slot] = net->ends[far];
    g->by[slot] = far / 2;
  }
}

og_status ogi_graph_create(ogi_graph *g, const ogi_network *net, og_error *err) {
  og_status st;
  size_t *fill = NULL, *order = NULL;
  *g = (ogi_graph){.net = net};
  OGI_TRY(st, check_network(net, err));
  g->first = ogi_alloc(net->nodes + 1, sizeof *g->first);
  g->to = ogi_alloc(2 * net->resistors, sizeof *g->to);
  g->by = ogi_alloc(2 * net->resistors, sizeof *g->by);
  fill = ogi_alloc(net->nodes, sizeof *fill);
  order = ogi_alloc(2 * net->resistors, sizeof *order);
  if (g->first == NULL || g->to == NULL || g->by == NULL || fill == NULL || order == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "crossbar: %zu resistors", net->resistors);
    goto done;
  }
  sort_ends(g, fill, order);
done:
  ogi_free(fill);
  ogi_free(order);
  if (st != OG_OK) ogi_graph_clear(g);
  return st;
}

void ogi_graph_clear(ogi_graph *g) {
  ogi_free(g->first);
  ogi_free(g->to);
  ogi_free(g->by);
  *g = (ogi_graph){0};
}

size_t ogi_graph_find(const ogi_graph *g, size_t a, size_t b) {
  if (a >= g->net->nodes || b >= g->net->nodes) return OGI_NO_NODE;
  size_t low = g->first[a], high = g->first[a + 1];
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (g->to[middle] < b) low = middle + 1;
    else high = middle;
  }
  return low < g->first[a + 1] && g->to[low] == b ? low : OGI_NO_NODE;
}

/* ---- places ---- */

/* Cells may be missing, but an array that is all but empty is a misreading, and its size a danger. */
static int too_large(const ogi_graph *g, size_t m, size_t n) {
  size_t most = 16 * (g->net->nodes + g->net->resistors) + 64;
  return m == 0 || n == 0 || m > INT_MAX || n > INT_MAX || m > most / n || m > (size_t)INT_MAX / 2 / n;
}

og_status ogi_places_create(ogi_places *p, const ogi_graph *g, size_t m, size_t n, og_error *err) {
  *p = (ogi_places){.m = m, .n = n};
  if (too_large(g, m, n))
    return ogi_fail(err, OG_E_INPUT, "crossbar: names of %zu x %zu cells, but only %zu nodes", m, n, g->net->nodes);
  p->word = ogi_alloc(m * n, sizeof *p->word);
  p->bit = ogi_alloc(m * n, sizeof *p->bit);
  if (p->word == NULL || p->bit == NULL) {
    ogi_places_clear(p);
    return ogi_fail(err, OG_E_NOMEM, "crossbar: %zu x %zu cells", m, n);
  }
  for (size_t k = 0; k < m * n; k++) p->word[k] = p->bit[k] = OGI_NO_NODE;
  return OG_OK;
}

void ogi_places_clear(ogi_places *p) {
  ogi_free(p->word);
  ogi_free(p->bit);
  *p = (ogi_places){0};
}

og_status ogi_places_swap(ogi_places *p, og_error *err) {
  ogi_places was = *p;
  if (p->parallel) {
    p->word = was.bit;
    p->bit = was.word;
    return OG_OK;
  }
  *p = (ogi_places){.m = was.n, .n = was.m};
  p->word = ogi_alloc(was.m * was.n, sizeof *p->word);
  p->bit = ogi_alloc(was.m * was.n, sizeof *p->bit);
  int ok = p->word != NULL && p->bit != NULL;
  for (size_t k = 0; ok && k < was.m * was.n; k++) {
    size_t at = k % was.n * was.m + k / was.n;
    p->word[at] = was.bit[k];
    p->bit[at] = was.word[k];
  }
  ogi_places_clear(&was);
  return ok ? OG_OK : ogi_fail(err, OG_E_NOMEM, "crossbar: %zu x %zu cells", p->m, p->n);
}
