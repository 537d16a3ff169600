/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include "base/ogi_mem.h"
#include "netlist/ogi_recognise_parts.h"

typedef struct prover {
  const ogi_graph *graph;
  const ogi_places *at;
  ogi_proof *proof;
  char *used;    /* resistors */
  char *placed;  /* nodes that stand in a line of the array */
} prover;

/* Places of one line: node p is nodes[p * step]. */
typedef struct line {
  const size_t *nodes;
  size_t cells, step;
  double *ohm, *driver;
  size_t *terminal;
  const char *kind;
  size_t number;
} line;

static line line_of(const prover *w, int is_bit, size_t l) {
  const ogi_places *at = w->at;
  const ogi_wires *wires = is_bit ? &w->proof->bit : &w->proof->word;
  int down = is_bit || at->parallel;
  return (line){.nodes = (is_bit ? at->bit : at->word) + (down ? l : l * at->n), .cells = wires->cells,
                .step = down ? at->n : 1, .ohm = wires->ohm + l * (wires->cells + 1), .driver = wires->driver + 2 * l,
                .terminal = wires->terminal + l, .kind = is_bit ? "bit line" : "word line", .number = l};
}

static size_t node_of(const line *l, size_t p) { return l->nodes[p * l->step]; }
static const char *name(const prover *w, size_t node) { return ogi_graph_name(w->graph, node); }

static void use(prover *w, size_t resistor) {
  w->used[resistor] = 1;
  w->proof->explained++;
}

/* Resistors between two nodes that are not used yet. */
static size_t free_between(const prover *w, size_t a, size_t b) {
  size_t count = 0, slot = ogi_graph_find(w->graph, a, b);
  for (; slot < w->graph->first[a + 1] && w->graph->to[slot] == b; slot++) count += !w->used[w->graph->by[slot]];
  return count;
}

/* The resistor at a slot of node a becomes a piece of wire; most: how many may stand there. */
static og_status take_wire(prover *w, size_t a, size_t slot, size_t most, double *ohm, og_error *err) {
  size_t b = w->graph->to[slot], resistor = w->graph->by[slot];
  if (free_between(w, a, b) > most)
    return ogi_fail(err, OG_E_INPUT, "nodes %s and %s: resistors in parallel, need one piece of wire", name(w, a),
                    name(w, b));
  if (w->used[resistor])
    return ogi_fail(err, OG_E_INPUT, "resistor from %s to %s: fits two places", name(w, a), name(w, b));
  use(w, resistor);
  *ohm = w->graph->net->ohm[resistor];
  return OG_OK;
}

/* ---- lines ---- */

/* A node stands in one line, at places next to each other; a fixed one may end several lines, as ground does. */
static og_status check_run(prover *w, const line *l, size_t p, og_error *err) {
  size_t node = node_of(l, p), end = p;
  if (node >= w->graph->net->nodes)
    return ogi_fail(err, OG_E_INPUT, "%s %zu: no node for cell %zu", l->kind, l->number, p);
  while (end < l->cells && node_of(l, end) == node) end++;
  if (ogi_graph_fixed(w->graph, node)) {
    if (p > 0 && end < l->cells)
      return ogi_fail(err, OG_E_INPUT, "node %s: a fixed potential in the middle of a line", name(w, node));
  } else if (w->placed[node]) {
    return ogi_fail(err, OG_E_INPUT, "node %s: fits two places", name(w, node));
  }
  w->placed[node] = 1;
  return OG_OK;
}

static og_status walk_line(prover *w, const line *l, og_error *err) {
  og_status st = OG_OK;
  l->ohm[0] = l->ohm[l->cells] = INFINITY;
  *l->terminal = OGI_NO_NODE;
  for (size_t p = 0; p < l->cells; p++) {
    size_t before = p > 0 ? node_of(l, p - 1) : OGI_NO_NODE, here = node_of(l, p);
    if (p > 0 && before == here) {
      l->ohm[p] = 0;
      continue;
    }
    OGI_TRY(st, check_run(w, l, p, err));
    if (p == 0) continue;
    size_t slot = ogi_graph_find(w->graph, here, before);
    l->ohm[p] = INFINITY; /* a break, unless */
    if (slot != OGI_NO_NODE) OGI_TRY(st, take_wire(w, here, slot, 1, &l->ohm[p], err));
  }
done:
  return st;
}

static og_status set_terminal(prover *w, const line *l, size_t node, og_error *err) {
  if (*l->terminal != OGI_NO_NODE && *l->terminal != node)
    return ogi_fail(err, OG_E_INPUT, "%s %zu: two terminals, %s and %s, need one", l->kind, l->number,
                    name(w, *l->terminal), name(w, node));
  *l->terminal = node;
  return OG_OK;
}

/* Where a free node outside the array with two resistors leads on to a terminal; OGI_NO_NODE: it is no such node. */
static size_t beyond(const prover *w, size_t node, size_t resistor) {
  const ogi_graph *g = w->graph;
  if (ogi_graph_fixed(g, node) || w->placed[node] || ogi_graph_degree(g, node) != 2) return OGI_NO_NODE;
  size_t slot = g->first[node] + (g->by[g->first[node]] == resistor);
  return !w->used[g->by[slot]] && ogi_graph_fixed(g, g->to[slot]) ? slot : OGI_NO_NODE;
}

static int is_one_node(const line *l) {
  for (size_t p = 1; p < l->cells; p++)
    if (l->ohm[p] > 0) return 0;
  return 1;
}

/* What is left at an end of a line leads to its terminal: one resistor, or driver (or sense) and segment in series. */
static og_status end_line(prover *w, const line *l, int behind, og_error *err) {
  og_status st = OG_OK;
  const ogi_graph *g = w->graph;
  size_t node = node_of(l, behind ? l->cells - 1 : 0), place = behind ? l->cells : 0;
  if (ogi_graph_fixed(g, node)) {
    if (node == *l->terminal && is_one_node(l)) return OG_OK; /* said at the other end */
    l->ohm[place] = 0;
    return set_terminal(w, l, node, err);
  }
  for (size_t slot = g->first[node]; slot < g->first[node + 1]; slot++) {
    if (w->used[g->by[slot]]) continue;
    size_t far = beyond(w, g->to[slot], g->by[slot]);
    if (!ogi_graph_fixed(g, g->to[slot]) && far == OGI_NO_NODE) continue;
    OGI_TRY(st, take_wire(w, node, slot, is_one_node(l) ? 2 : 1, &l->ohm[place], err)); /* two: both ends of it */
    if (far != OGI_NO_NODE) OGI_TRY(st, take_wire(w, g->to[slot], far, 1, &l->driver[behind], err));
    return set_terminal(w, l, far != OGI_NO_NODE ? g->to[far] : g->to[slot], err);
  }
done:
  return st;
}

/* ---- cells and what is left ---- */

/* Cells in parallel are one: conductances add. */
static og_status take_cell(prover *w, size_t cell, og_error *err) {
  const ogi_graph *g = w->graph;
  size_t word = w->at->word[cell], bit = w->at->bit[cell], slot = ogi_graph_find(g, word, bit);
  if (word == bit)
    return ogi_fail(err, OG_E_INPUT, "node %s: both ends of cell (%zu,%zu)", name(w, word), cell / w->at->n,
                    cell % w->at->n);
  for (; slot != OGI_NO_NODE && slot < g->first[word + 1] && g->to[slot] == bit; slot++) {
    if (w->used[g->by[slot]])
      return ogi_fail(err, OG_E_INPUT, "resistor from %s to %s: fits two places", name(w, word), name(w, bit));
    use(w, g->by[slot]);
    w->proof->g[cell] += g->net->siemens[g->by[slot]];
  }
  return OG_OK;
}

static og_status refuse_leftover(const prover *w, size_t resistor, og_error *err) {
  size_t a = w->graph->net->ends[2 * resistor], b = w->graph->net->ends[2 * resistor + 1];
  size_t odd = w->placed[a] ? b : a;
  return ogi_fail(err, OG_E_INPUT, "node %s: %zu resistors, of which the one to %s has no place in a crossbar",
                  name(w, odd), ogi_graph_degree(w->graph, odd), name(w, odd == a ? b : a));
}

/* First place of every node, words before bits. */
static void find_sites(const prover *w, size_t *first) {
  size_t cells = w->at->m * w->at->n;
  for (size_t k = cells; k-- > 0;) first[w->at->bit[k]] = cells + k;
  for (size_t k = cells; k-- > 0;) first[w->at->word[k]] = k;
}

static og_site site_of(const prover *w, size_t place) {
  size_t cells = w->at->m * w->at->n, cell = place % cells;
  return (og_site){.line = place < cells ? OG_LINE_WORD : OG_LINE_BIT, .i = cell / w->at->n, .j = cell % w->at->n};
}

/* A resistor between two nodes of the array is a fault of manufacture, if there are few. */
static og_status take_leftovers(prover *w, og_error *err) {
  const ogi_network *net = w->graph->net;
  size_t left = net->resistors - w->proof->explained, most = w->at->m + w->at->n, *first = NULL;
  if (left == 0) return OG_OK;
  for (size_t k = 0; k < net->resistors; k++)
    if (!w->used[k] && (left > most || !w->placed[net->ends[2 * k]] || !w->placed[net->ends[2 * k + 1]]))
      return refuse_leftover(w, k, err);
  first = ogi_alloc(net->nodes, sizeof *first);
  w->proof->bridges = ogi_alloc(left, sizeof *w->proof->bridges);
  if (first == NULL || w->proof->bridges == NULL) {
    ogi_free(first);
    return ogi_fail(err, OG_E_NOMEM, "crossbar: %zu bridges", left);
  }
  find_sites(w, first);
  for (size_t k = 0; k < net->resistors; k++) {
    if (w->used[k]) continue;
    use(w, k);
    w->proof->bridges[w->proof->bridge_count++] =
        (og_bridge){.a = site_of(w, first[net->ends[2 * k]]), .b = site_of(w, first[net->ends[2 * k + 1]]),
                    .ohm = net->ohm[k]};
  }
  ogi_free(first);
  return OG_OK;
}

/* ---- all of it ---- */

static int wires_create(ogi_wires *w, size_t lines, size_t cells) {
  *w = (ogi_wires){.lines = lines, .cells = cells};
  w->ohm = ogi_alloc(lines * (cells + 1), sizeof *w->ohm);
  w->driver = ogi_alloc(2 * lines, sizeof *w->driver);
  w->terminal = ogi_alloc(lines, sizeof *w->terminal);
  return w->ohm != NULL && w->driver != NULL && w->terminal != NULL;
}

static void wires_clear(ogi_wires *w) {
  ogi_free(w->ohm);
  ogi_free(w->driver);
  ogi_free(w->terminal);
}

static og_status prove_parts(prover *w, og_error *err) {
  og_status st = OG_OK;
  size_t words = w->proof->word.lines, lines = words + w->at->n;
  for (size_t l = 0; l < lines; l++) {
    line one = line_of(w, l >= words, l >= words ? l - words : l);
    OGI_TRY(st, walk_line(w, &one, err));
  }
  for (size_t k = 0; k < w->at->m * w->at->n; k++) OGI_TRY(st, take_cell(w, k, err));
  /* Word lines are driven on the left, bit lines sensed at the bottom, where nothing tells the ends apart. */
  for (size_t l = 0; l < lines; l++) {
    line one = line_of(w, l >= words, l >= words ? l - words : l);
    OGI_TRY(st, end_line(w, &one, l >= words, err));
    OGI_TRY(st, end_line(w, &one, l < words, err));
  }
  st = take_leftovers(w, err);
done:
  return st;
}

/* A free node without any resistor has no potential: no place is the only honest one. */
static og_status check_nodes(const ogi_graph *g, og_error *err) {
  for (size_t k = 0; k < g->net->nodes; k++)
    if (!ogi_graph_fixed(g, k) && ogi_graph_degree(g, k) == 0)
      return ogi_fail(err, OG_E_INPUT, "node %s: no resistor leads to it", ogi_graph_name(g, k));
  return OG_OK;
}

og_status ogi_prove(ogi_proof *proof, const ogi_graph *g, const ogi_places *at, og_error *err) {
  og_status st;
  prover w = {.graph = g, .at = at, .proof = proof};
  *proof = (ogi_proof){0};
  int ok = wires_create(&proof->word, at->parallel ? at->n : at->m, at->parallel ? at->m : at->n);
  ok &= wires_create(&proof->bit, at->n, at->m);
  proof->g = ogi_alloc(at->m * at->n, sizeof *proof->g);
  w.used = ogi_alloc(g->net->resistors, 1);
  w.placed = ogi_alloc(g->net->nodes, 1);
  if (!ok || proof->g == NULL || w.used == NULL || w.placed == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "crossbar: %zu x %zu cells", at->m, at->n);
    goto done;
  }
  OGI_TRY(st, check_nodes(g, err));
  OGI_TRY(st, prove_parts(&w, err));
done:
  ogi_free(w.used);
  ogi_free(w.placed);
  if (st != OG_OK) ogi_proof_clear(proof);
  return st;
}

void ogi_proof_clear(ogi_proof *p) {
  size_t explained = p->explained;
  wires_clear(&p->word);
  wires_clear(&p->bit);
  ogi_free(p->g);
  ogi_free(p->bridges);
  *p = (ogi_proof){.explained = explained};
}
