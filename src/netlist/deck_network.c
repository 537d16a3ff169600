/* SPDX-License-Identifier: BSD-3-Clause */
/** The operating point of a deck as resistors and fixed potentials, for the recognition of crossbars. */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "netlist/ogi_deck_network.h"

/* ---- an order that does not depend on that of the deck's lines: short names first, then as strings ---- */

typedef struct named {
  const char *name;
  size_t length, number;
} named;

static int by_name(const void *a, const void *b) {
  const named *x = a, *y = b;
  if (x->length != y->length) return x->length < y->length ? -1 : 1;
  return strcmp(x->name, y->name);
}

/* Nodes are worked on under their place in that order, ground first. */
static og_status order_nodes(ogi_deck_network *n, const og_deck *d, og_error *err) {
  size_t count = ogi_names_count(d->node_names);
  named *all = ogi_alloc(count, sizeof *all);
  if (all == NULL) return ogi_fail(err, OG_E_NOMEM, "deck: %zu nodes", count);
  for (size_t k = 0; k < count; k++) {
    const char *name = ogi_names_at(d->node_names, k);
    all[k] = (named){.name = name, .length = k == OGI_DECK_GROUND ? 0 : strlen(name), .number = k};
  }
  qsort(all, count, sizeof *all, by_name);
  for (size_t q = 0; q < count; q++) {
    n->number[all[q].number] = n->merged[q] = q;
    n->names[q] = all[q].name;
    n->fixed[q] = q == 0 ? 0 : NAN;
  }
  ogi_free(all);
  return OG_OK;
}

/* Value of a source at time 0 [V], where its waveform begins. */
static double start_of(const ogi_deck_part *part) {
  const og_waveform *w = &part->wave;
  if (part->has_dc || !part->has_wave) return part->dc;
  if (w->kind != OG_WAVE_PWL) return w->p[0]; /* PULSE: low; SIN: offset; EXP: low */
  size_t k = 0;
  while (k < w->count && w->second[k] <= 0) k++;
  if (k == 0) return w->value[0];
  if (k == w->count) return w->value[k - 1];
  double share = (0 - w->second[k - 1]) / (w->second[k] - w->second[k - 1]);
  return w->value[k - 1] + share * (w->value[k] - w->value[k - 1]);
}

static size_t root_of(size_t *parent, size_t k) {
  while (parent[k] != k) k = parent[k] = parent[parent[k]];
  return k;
}

/* A source between two nodes other than ground can only be an ammeter: 0 V join them. */
static og_status join(ogi_deck_network *n, const og_deck *d, const ogi_deck_part *part, og_error *err) {
  int is_short = part->kind == 'L' || start_of(part) == 0;
  if (!is_short)
    return ogi_deck_at(d, part, ogi_fail(err, OG_E_INPUT, "a source of %g V between two nodes", start_of(part)), err);
  size_t a = root_of(n->merged, n->number[part->node[0]]), b = root_of(n->merged, n->number[part->node[1]]);
  if (a != b) n->merged[a > b ? a : b] = a < b ? a : b;
  return OG_OK;
}

/* Sources from a node to ground fix it; what they hold counts once all nodes are joined. */
static og_status fix(ogi_deck_network *n, const og_deck *d, const ogi_deck_part *part, og_error *err) {
  int up = part->node[1] == OGI_DECK_GROUND;
  size_t node = root_of(n->merged, n->number[part->node[up ? 0 : 1]]);
  double volt = up ? start_of(part) : -start_of(part);
  if (node == 0) {
    if (volt == 0) return OG_OK;
    return ogi_deck_at(d, part, ogi_fail(err, OG_E_INPUT, "a source of %g V from ground to ground", volt), err);
  }
  if (!isnan(n->fixed[node]))
    return ogi_deck_at(d, part, ogi_fail(err, OG_E_INPUT, "a second source at node %s", n->names[node]), err);
  n->fixed[node] = volt;
  return OG_OK;
}

static int is_to_ground(const ogi_deck_part *part) {
  return part->kind == 'V' && (part->node[0] == OGI_DECK_GROUND) != (part->node[1] == OGI_DECK_GROUND);
}

static og_status join_all(ogi_deck_network *n, const og_deck *d, og_error *err) {
  og_status st = OG_OK;
  for (size_t k = 0; k < d->parts.count && st == OG_OK; k++) {
    const ogi_deck_part *part = &d->parts.item[k];
    if (strchr("RCKVL", part->kind) == NULL)
      return ogi_deck_at(d, part, ogi_fail(err, OG_E_INPUT, "a crossbar has resistors and sources to ground only"),
                         err);
    if (part->external) return ogi_deck_at(d, part, ogi_fail(err, OG_E_INPUT, "an external source"), err);
    int ammeter = part->kind == 'V' && !is_to_ground(part);
    if (ammeter || part->kind == 'L') st = join(n, d, part, err);
  }
  for (size_t k = 0; k < d->parts.count && st == OG_OK; k++)
    if (is_to_ground(&d->parts.item[k])) st = fix(n, d, &d->parts.item[k], err);
  return st;
}

/* Nodes that are left get the numbers of the network in their order; ground is 0. */
static void number_nodes(ogi_deck_network *n, size_t count) {
  for (size_t q = 0; q < count; q++) {
    size_t root = root_of(n->merged, q); /* never above q: it has its number already */
    if (root == q) {
      n->names[n->net.nodes] = n->names[q];
      n->fixed[n->net.nodes] = n->fixed[q];
      n->final[q] = n->net.nodes++;
    } else {
      n->final[q] = n->final[root];
    }
  }
  for (size_t k = 0; k < count; k++) n->number[k] = n->final[n->number[k]];
}

static og_status list_resistors(ogi_deck_network *n, const og_deck *d, og_error *err) {
  size_t count = 0;
  named *all = ogi_alloc(d->parts.count, sizeof *all);
  if (all == NULL) return ogi_fail(err, OG_E_NOMEM, "deck: %zu elements", d->parts.count);
  for (size_t k = 0; k < d->parts.count; k++) {
    const ogi_deck_part *part = &d->parts.item[k];
    if (part->kind != 'R' || n->number[part->node[0]] == n->number[part->node[1]])
      continue; /* shorted by an ammeter: no current, whatever its resistance */
    const char *name = ogi_names_at(d->element_names, part->name);
    all[count++] = (named){.name = name, .length = strlen(name), .number = k};
  }
  qsort(all, count, sizeof *all, by_name);
  for (size_t at = 0; at < count; at++) {
    const ogi_deck_part *part = &d->parts.item[all[at].number];
    n->ends[2 * at] = n->number[part->node[0]];
    n->ends[2 * at + 1] = n->number[part->node[1]];
    n->ohm[at] = part->value;
    n->siemens[at] = part->inverse;
    n->label[at] = all[at].name;
  }
  n->net.resistors = count;
  ogi_free(all);
  return OG_OK;
}

og_status ogi_deck_network_create(ogi_deck_network *n, const og_deck *d, og_error *err) {
  og_status st;
  size_t nodes = ogi_names_count(d->node_names), parts = d->parts.count;
  *n = (ogi_deck_network){.merged = ogi_alloc(nodes, sizeof *n->merged), .final = ogi_alloc(nodes, sizeof *n->final),
                          .number = ogi_alloc(nodes, sizeof *n->number),
                          .names = ogi_alloc(nodes, sizeof *n->names), .fixed = ogi_alloc(nodes, sizeof *n->fixed),
                          .ends = ogi_alloc(2 * parts, sizeof *n->ends), .ohm = ogi_alloc(parts, sizeof *n->ohm),
                          .siemens = ogi_alloc(parts, sizeof *n->siemens), .label = ogi_alloc(parts, sizeof *n->label)};
  if (!n->merged || !n->final || !n->number || !n->names || !n->fixed || !n->ends || !n->ohm || !n->siemens ||
      !n->label) {
    st = ogi_fail(err, OG_E_NOMEM, "deck: %zu nodes", nodes);
    goto done;
  }
  OGI_TRY(st, order_nodes(n, d, err));
  OGI_TRY(st, join_all(n, d, err));
  number_nodes(n, nodes);
  OGI_TRY(st, list_resistors(n, d, err));
  n->net.name = n->names;
  n->net.fixed_volt = n->fixed;
  n->net.ends = n->ends;
  n->net.ohm = n->ohm;
  n->net.siemens = n->siemens;
  n->net.label = n->label;
done:
  if (st != OG_OK) ogi_deck_network_clear(n);
  return st;
}

void ogi_deck_network_clear(ogi_deck_network *n) {
  ogi_free(n->merged);
  ogi_free(n->final);
  ogi_free(n->number);
  ogi_free(n->names);
  ogi_free(n->fixed);
  ogi_free(n->ends);
  ogi_free(n->ohm);
  ogi_free(n->siemens);
  ogi_free(n->label);
  *n = (ogi_deck_network){0};
}
