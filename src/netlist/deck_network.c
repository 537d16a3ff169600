/* SPDX-License-Identifier: BSD-3-Clause */
/** The operating point of a deck as resistors and fixed potentials, for the recognition of crossbars. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "netlist/ogi_deck_network.h"

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
  size_t a = root_of(n->merged, part->node[0]), b = root_of(n->merged, part->node[1]);
  if (a != b) n->merged[a > b ? a : b] = a < b ? a : b;
  return OG_OK;
}

/* Sources from a node to ground fix it; what they hold counts once all nodes are joined. */
static og_status fix(ogi_deck_network *n, const og_deck *d, const ogi_deck_part *part, og_error *err) {
  int up = part->node[1] == OGI_DECK_GROUND;
  size_t node = root_of(n->merged, part->node[up ? 0 : 1]);
  double volt = up ? start_of(part) : -start_of(part);
  if (node == OGI_DECK_GROUND) {
    if (volt == 0) return OG_OK;
    return ogi_deck_at(d, part, ogi_fail(err, OG_E_INPUT, "a source of %g V from ground to ground", volt), err);
  }
  if (!isnan(n->fixed[node]))
    return ogi_deck_at(d, part, ogi_fail(err, OG_E_INPUT, "a second source at node %s", ogi_names_at(d->node_names, node)), err);
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
      return ogi_deck_at(d, part, ogi_fail(err, OG_E_INPUT, "a crossbar has resistors and sources to ground only"), err);
    if (part->external) return ogi_deck_at(d, part, ogi_fail(err, OG_E_INPUT, "an external source"), err);
    int ammeter = part->kind == 'V' && !is_to_ground(part);
    if (ammeter || part->kind == 'L') st = join(n, d, part, err);
  }
  for (size_t k = 0; k < d->parts.count && st == OG_OK; k++)
    if (is_to_ground(&d->parts.item[k])) st = fix(n, d, &d->parts.item[k], err);
  return st;
}

/* Nodes that are left get the numbers of the network in their order; ground is 0. */
static void number_nodes(ogi_deck_network *n, const og_deck *d) {
  size_t count = ogi_names_count(d->node_names);
  for (size_t k = 0; k < count; k++)
    if (root_of(n->merged, k) == k) {
      n->names[n->net.nodes] = ogi_names_at(d->node_names, k);
      n->fixed[n->net.nodes] = n->fixed[k]; /* the new number is never above the old */
      n->number[k] = n->net.nodes++;
    }
  for (size_t k = 0; k < count; k++) n->number[k] = n->number[root_of(n->merged, k)];
}

static void list_resistors(ogi_deck_network *n, const og_deck *d) {
  for (size_t k = 0; k < d->parts.count; k++) {
    const ogi_deck_part *part = &d->parts.item[k];
    if (part->kind != 'R') continue;
    size_t at = n->net.resistors, a = n->number[part->node[0]], b = n->number[part->node[1]];
    if (a == b) continue; /* shorted by an ammeter: no current, whatever its resistance */
    n->ends[2 * at] = a;
    n->ends[2 * at + 1] = b;
    n->ohm[at] = part->value;
    n->siemens[at] = part->inverse;
    n->label[at] = ogi_names_at(d->element_names, part->name);
    n->net.resistors++;
  }
}

og_status ogi_deck_network_create(ogi_deck_network *n, const og_deck *d, og_error *err) {
  og_status st;
  size_t nodes = ogi_names_count(d->node_names), parts = d->parts.count;
  *n = (ogi_deck_network){.merged = ogi_alloc(nodes, sizeof *n->merged), .number = ogi_alloc(nodes, sizeof *n->number),
                          .names = ogi_alloc(nodes, sizeof *n->names), .fixed = ogi_alloc(nodes, sizeof *n->fixed),
                          .ends = ogi_alloc(2 * parts, sizeof *n->ends), .ohm = ogi_alloc(parts, sizeof *n->ohm),
                          .siemens = ogi_alloc(parts, sizeof *n->siemens), .label = ogi_alloc(parts, sizeof *n->label)};
  if (!n->merged || !n->number || !n->names || !n->fixed || !n->ends || !n->ohm || !n->siemens || !n->label) {
    st = ogi_fail(err, OG_E_NOMEM, "deck: %zu nodes", nodes);
    goto done;
  }
  for (size_t k = 0; k < nodes; k++) {
    n->merged[k] = k;
    n->fixed[k] = k == OGI_DECK_GROUND ? 0 : NAN;
  }
  OGI_TRY(st, join_all(n, d, err));
  number_nodes(n, d);
  list_resistors(n, d);
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
  ogi_free(n->number);
  ogi_free(n->names);
  ogi_free(n->fixed);
  ogi_free(n->ends);
  ogi_free(n->ohm);
  ogi_free(n->siemens);
  ogi_free(n->label);
  *n = (ogi_deck_network){0};
}
