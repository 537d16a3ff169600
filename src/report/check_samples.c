/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Operating points that are too large for ngspice, compared in parts: patches of the network, each with sources at our
 * potentials all around it. If our solution is right, ngspice finds our potentials inside; if Kirchhoff's law or Ohm's
 * is violated anywhere in a patch, it does not.
 */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_rng.h"
#include "base/ogi_time.h"
#include "cosim/ogi_spice.h"
#include "netlist/ogi_deck_network.h"
#include "report/ogi_check_deck.h"

#define PATCH_NODES 1000

int ogi_wants_samples(const ogi_deck_check *c) {
  const og_deck *d = c->deck;
  if (c->opts->sample_nodes == 0 || og_deck_nodes(d) <= c->opts->sample_nodes) return 0;
  for (size_t k = 0; k < d->analyses.count; k++)
    if (d->analyses.item[k].kind != OG_ANALYSIS_OP) return 0;
  for (size_t k = 0; k < d->parts.count; k++)
    if (strchr("RCKVL", d->parts.item[k].kind) == NULL) return 0;
  return 1;
}

/* The network with our potentials, the resistors at every node, and the patch being made. */
typedef struct patches {
  const ogi_deck_check *c;
  ogi_deck_network n;
  double *volt;           /* nodes [V] */
  size_t *first, *touch;  /* resistors at node k: touch[first[k]] .. touch[first[k+1]-1] */
  size_t *queue, inside;  /* nodes of the patch */
  unsigned char *mark;    /* nodes: 1 inside, 2 held by a source; */
  unsigned char *written; /* resistors in the deck already */
} patches;

static void clear(patches *p) {
  ogi_deck_network_clear(&p->n);
  ogi_free(p->volt);
  ogi_free(p->first);
  ogi_free(p->touch);
  ogi_free(p->queue);
  ogi_free(p->mark);
  ogi_free(p->written);
}

static void list_touching(patches *p) {
  const ogi_network *net = &p->n.net;
  for (size_t k = 0; k < 2 * net->resistors; k++) p->first[net->ends[k] + 1]++;
  for (size_t k = 0; k < net->nodes; k++) p->first[k + 1] += p->first[k];
  for (size_t k = 0; k < 2 * net->resistors; k++) p->touch[p->first[net->ends[k]]++] = k / 2;
  for (size_t k = net->nodes; k > 0; k--) p->first[k] = p->first[k - 1];
  p->first[0] = 0;
}

static og_status prepare(patches *p, const og_vectors *ours) {
  og_status st = ogi_deck_network_create(&p->n, p->c->deck, p->c->err);
  if (st != OG_OK) return st;
  const ogi_network *net = &p->n.net;
  p->volt = ogi_alloc(net->nodes, sizeof *p->volt);
  p->first = ogi_alloc(net->nodes + 1, sizeof *p->first);
  p->touch = ogi_alloc(2 * net->resistors, sizeof *p->touch);
  p->queue = ogi_alloc(net->nodes, sizeof *p->queue);
  p->mark = ogi_alloc(net->nodes, 1);
  p->written = ogi_alloc(net->resistors, 1);
  if (!p->volt || !p->first || !p->touch || !p->queue || !p->mark || !p->written)
    return ogi_fail(p->c->err, OG_E_NOMEM, "check: %zu nodes", net->nodes);
  for (size_t k = 0; k < og_deck_nodes(p->c->deck); k++) p->volt[p->n.number[k + 1]] = *og_vectors_at(ours, k);
  p->volt[0] = 0;
  list_touching(p);
  return OG_OK;
}

static int is_free(const patches *p, size_t node) { return isnan(p->n.net.fixed_volt[node]); }

/* Nodes around a free one drawn at random, nearest first. */
static void grow_patch(patches *p, ogi_rng *rng) {
  const ogi_network *net = &p->n.net;
  size_t seed = ogi_rng_below(rng, net->nodes);
  while (!is_free(p, seed)) seed = (seed + 1) % net->nodes;
  memset(p->mark, 0, net->nodes);
  memset(p->written, 0, net->resistors);
  p->queue[0] = seed;
  p->mark[seed] = 1;
  p->inside = 1;
  for (size_t at = 0; at < p->inside; at++)
    for (size_t k = p->first[p->queue[at]]; k < p->first[p->queue[at] + 1]; k++) {
      size_t r = p->touch[k], other = net->ends[2 * r] == p->queue[at] ? net->ends[2 * r + 1] : net->ends[2 * r];
      if (p->mark[other] != 0 || !is_free(p, other) || p->inside >= PATCH_NODES) continue;
      p->mark[other] = 1;
      p->queue[p->inside++] = other;
    }
}

/* Every resistor that touches the patch, and a source at every node around it. */
static void write_patch(patches *p, FILE *out) {
  const ogi_network *net = &p->n.net;
  ogi_locale locale;
  ogi_locale_begin(&locale);
  fputs("* part of a deck\n", out);
  for (size_t at = 0; at < p->inside; at++)
    for (size_t k = p->first[p->queue[at]]; k < p->first[p->queue[at] + 1]; k++) {
      size_t r = p->touch[k];
      if (p->written[r]) continue;
      p->written[r] = 1;
      fprintf(out, "r%zu n%zu n%zu %.17g\n", r, net->ends[2 * r], net->ends[2 * r + 1], net->ohm[r]);
      for (size_t side = 0; side < 2; side++) {
        size_t node = net->ends[2 * r + side];
        if (p->mark[node] != 0) continue;
        p->mark[node] = 2;
        fprintf(out, "v%zu n%zu 0 dc %.17g\n", node, node, p->volt[node]);
      }
    }
  fputs(".op\n.end\n", out);
  ogi_locale_end(&locale);
}

static og_status solve_patch(patches *p, char *names, const char **name, double *theirs) {
  char *text = NULL;
  size_t bytes = 0;
  FILE *out = open_memstream(&text, &bytes);
  if (out == NULL) return ogi_fail(p->c->err, OG_E_NOMEM, "check: a part as text");
  write_patch(p, out);
  int full = ferror(out);
  og_status st = fclose(out) != 0 || full ? ogi_fail(p->c->err, OG_E_NOMEM, "check: a part as text") : OG_OK;
  for (size_t k = 0; k < p->inside; k++) {
    snprintf(names + 24 * k, 24, "n%zu", p->queue[k]);
    name[k] = names + 24 * k;
  }
  if (st == OG_OK) st = ogi_spice_run(p->c->spice, text, bytes, name, p->inside, theirs, p->c->err);
  free(text); /* open_memstream's own */
  return st;
}

/* The potentials of all patches side by side; a node that is in two of them is compared twice. */
static og_status compare_patches(patches *p, og_check_analysis *one, ogi_rng *rng) {
  og_status st = OG_OK;
  size_t room = p->c->opts->samples * PATCH_NODES, used = 0;
  og_vectors *ours = NULL, *theirs = NULL;
  char *names = ogi_alloc(PATCH_NODES, 24);
  const char **name = ogi_alloc(PATCH_NODES, sizeof *name);
  double *values = ogi_alloc(2 * room, sizeof *values);
  size_t *node = ogi_alloc(room, sizeof *node);
  if (!names || !name || !values || !node) {
    st = ogi_fail(p->c->err, OG_E_NOMEM, "check: %zu parts", p->c->opts->samples);
    goto done;
  }
  for (size_t s = 0; s < p->c->opts->samples; s++) {
    grow_patch(p, rng);
    OGI_TRY(st, solve_patch(p, names, name, values + room + used));
    for (size_t k = 0; k < p->inside; k++, used++) {
      node[used] = p->queue[k];
      values[used] = p->volt[p->queue[k]];
    }
  }
  OGI_TRY(st, og_vectors_create(&ours, used, 1, 0, p->c->err));
  OGI_TRY(st, og_vectors_create(&theirs, used, 1, 0, p->c->err));
  memcpy(ours->data, values, used * sizeof *values);
  memcpy(theirs->data, values + room, used * sizeof *values);
  for (size_t k = 0; k < used; k++) {
    OGI_TRY(st, og_vectors_name(ours, k, p->n.names[node[k]], OG_Q_VOLTAGE, p->c->err));
    OGI_TRY(st, og_vectors_name(theirs, k, p->n.names[node[k]], OG_Q_VOLTAGE, p->c->err));
  }
  st = og_vectors_compare(ours, theirs, NULL, &one->compare, p->c->err);
done:
  og_vectors_free(ours);
  og_vectors_free(theirs);
  ogi_free(names);
  ogi_free(name);
  ogi_free(values);
  ogi_free(node);
  return st;
}

og_status ogi_check_samples(const ogi_deck_check *c, og_check_analysis *one) {
  og_status st;
  patches p = {.c = c};
  double begin = ogi_now();
  ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = c->opts->seed, .source = OGI_SOURCE_SAMPLE});
  if (rng == NULL) return ogi_fail(c->err, OG_E_NOMEM, "check: random numbers");
  OGI_TRY(st, prepare(&p, one->ours));
  OGI_TRY(st, compare_patches(&p, one, rng));
  one->samples = c->opts->samples;
  one->theirs_second = ogi_now() - begin;
done:
  ogi_rng_free(rng);
  clear(&p);
  return st;
}
