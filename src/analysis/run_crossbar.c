/* SPDX-License-Identifier: BSD-3-Clause */
/** Operating points by the engines for arrays. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/ogi_analysis.h"
#include "base/ogi_mem.h"

/* ---- the crossbar of a deck ---- */

og_status og_crossbar_find(og_crossbar **out, const og_deck *deck, og_error *err) {
  og_status st;
  if (out != NULL) *out = NULL;
  if (out == NULL || deck == NULL) return ogi_fail(err, OG_E_ARG, "crossbar: a needed pointer is NULL");
  og_crossbar *c = ogi_alloc(1, sizeof *c);
  if (c == NULL) return ogi_fail(err, OG_E_NOMEM, "crossbar");
  OGI_TRY(st, ogi_deck_network_create(&c->network, deck, err));
  st = ogi_recognise(&c->found, &c->network.net, err);
done:
  if (st == OG_OK) *out = c;
  else og_crossbar_free(c);
  return st;
}

const og_array *og_crossbar_array(const og_crossbar *c) { return &c->found.array; }
const double *og_crossbar_cells(const og_crossbar *c) { return c->found.g; }
const double *og_crossbar_inputs(const og_crossbar *c) { return c->found.v; }
const double *og_crossbar_bit_volts(const og_crossbar *c) { return c->found.u; }

void og_crossbar_free(og_crossbar *c) {
  if (c == NULL) return;
  ogi_crossbar_clear(&c->found);
  ogi_deck_network_clear(&c->network);
  ogi_free(c);
}

/* ---- its potentials back to the deck ---- */

/* Potential of every node of the network [V] from those of the array's places. */
static void spread(const og_crossbar *c, const double *word, const double *bit, double *volt) {
  size_t cells = c->found.array.m * c->found.array.n;
  for (size_t k = 0; k < c->network.net.nodes; k++) volt[k] = c->network.fixed[k];
  for (size_t k = 0; k < cells; k++) {
    if (isnan(volt[c->found.word[k]])) volt[c->found.word[k]] = word[k];
    if (isnan(volt[c->found.bit[k]])) volt[c->found.bit[k]] = bit[k];
  }
}

/*
 * A node between a driver (or sense) resistance and its segment is no place of the array: no current leaves it, so that
 * its potential is the mean of its neighbours', weighted with their conductances. Chains of such nodes are short.
 */
static int fill_between(const ogi_network *net, double *volt, double *weight) {
  int left = 0;
  for (size_t k = 0; k < net->nodes; k++) weight[2 * k] = weight[2 * k + 1] = 0;
  for (size_t r = 0; r < net->resistors; r++)
    for (int side = 0; side < 2; side++) {
      size_t at = net->ends[2 * r + (size_t)side], other = net->ends[2 * r + 1 - (size_t)side];
      if (!isnan(volt[at])) continue;
      weight[2 * at] += net->siemens[r];
      weight[2 * at + 1] += net->siemens[r] * volt[other];
    }
  for (size_t k = 0; k < net->nodes; k++)
    if (isnan(volt[k])) {
      volt[k] = weight[2 * k + 1] / weight[2 * k];
      left |= isnan(volt[k]);
    }
  return !left;
}

/*
 * Currents of the sources and ammeters: Kirchhoff's law at every node that has only one unknown left, again and again.
 * sum[k]: what leaves node k of the deck through resistors and known sources [A].
 */
static int balance(const ogi_run *run, double *sum, size_t *unknown, double *amp) {
  const og_deck *d = run->deck;
  int moved = 1;
  size_t left = run->branches;
  for (size_t b = 0; b < run->branches; b++) amp[b] = NAN;
  while (moved && left > 0) {
    moved = 0;
    for (size_t b = 0; b < run->branches; b++) {
      const ogi_deck_part *p = &d->parts.item[run->branch[b]];
      if (!isnan(amp[b])) continue;
      for (int side = 0; side < 2 && isnan(amp[b]); side++) {
        size_t at = p->node[side];
        if (at != OGI_DECK_GROUND && unknown[at] == 1) amp[b] = side == 0 ? -sum[at] : sum[at];
      }
      if (isnan(amp[b])) continue;
      sum[p->node[0]] += amp[b];
      sum[p->node[1]] -= amp[b];
      unknown[p->node[0]]--;
      unknown[p->node[1]]--;
      left--;
      moved = 1;
    }
  }
  return left == 0;
}

static og_status find_currents(const ogi_run *run, const double *volt, double *amp) {
  const og_deck *d = run->deck;
  size_t nodes = ogi_names_count(d->node_names);
  double *sum = ogi_alloc(nodes, sizeof *sum);
  size_t *unknown = ogi_alloc(nodes, sizeof *unknown);
  og_status st = OG_OK;
  if (sum == NULL || unknown == NULL) st = ogi_fail(run->err, OG_E_NOMEM, "analysis: %zu nodes", nodes);
  for (size_t k = 0; st == OG_OK && k < d->parts.count; k++) {
    const ogi_deck_part *p = &d->parts.item[k];
    if (p->kind != 'R') continue;
    double i = (volt[p->node[0]] - volt[p->node[1]]) * p->inverse;
    sum[p->node[0]] += i;
    sum[p->node[1]] -= i;
  }
  for (size_t b = 0; st == OG_OK && b < run->branches; b++)
    for (int side = 0; side < 2; side++) unknown[d->parts.item[run->branch[b]].node[side]]++;
  if (st == OG_OK && !balance(run, sum, unknown, amp))
    st = ogi_fail(run->err, OG_E_INPUT, "a loop of sources of 0 V: their currents are not determined");
  ogi_free(sum);
  ogi_free(unknown);
  return st;
}

static og_status write_row(ogi_run *run, const og_crossbar *c, const double *volt) {
  og_status st = OG_OK;
  size_t nodes = ogi_names_count(run->deck->node_names);
  double *of_deck = ogi_alloc(nodes, sizeof *of_deck);
  run->doubles = nodes - 1 + run->branches;
  double *row = ogi_run_row(run);
  if (of_deck == NULL || row == NULL) {
    st = ogi_fail(run->err, OG_E_NOMEM, "analysis: results");
    goto done;
  }
  for (size_t k = 0; k < nodes; k++) of_deck[k] = volt[c->network.number[k]];
  memcpy(row, of_deck + 1, (nodes - 1) * sizeof *row);
  st = find_currents(run, of_deck, row + nodes - 1);
done:
  ogi_free(of_deck);
  return st;
}

static og_status solve(const og_crossbar *c, double *word, double *bit, double *i_out, og_solve_info *info,
                       og_error *err) {
  og_status st;
  og_solver *s = NULL;
  OGI_TRY(st, og_solver_create(&s, &c->found.array, NULL, err));
  OGI_TRY(st, og_solver_set_cells(s, c->found.g, err));
  OGI_TRY(st, og_solver_set_bit_volts(s, c->found.u, err));
  st = og_solver_dc(s, c->found.v, 1, i_out, word, bit, info, err);
done:
  og_solver_free(s);
  return st;
}

og_status ogi_run_crossbar(ogi_run *run, og_vectors **out) {
  og_status st;
  og_crossbar *c = NULL;
  og_solve_info info = {0};
  double *work = NULL;
  OGI_TRY(st, og_crossbar_find(&c, run->deck, run->err));
  size_t cells = c->found.array.m * c->found.array.n, nodes = c->network.net.nodes;
  work = ogi_alloc(2 * cells + c->found.array.n + 3 * nodes, sizeof *work);
  if (work == NULL) {
    st = ogi_fail(run->err, OG_E_NOMEM, "analysis: %zu cells", cells);
    goto done;
  }
  double *bit = work + cells, *i_out = bit + cells, *volt = i_out + c->found.array.n, *weight = volt + nodes;
  OGI_TRY(st, solve(c, work, bit, i_out, &info, run->err));
  spread(c, work, bit, volt);
  if (!fill_between(&c->network.net, volt, weight)) {
    st = ogi_fail(run->err, OG_E_INPUT, "a chain of resistors at the end of a line");
    goto done;
  }
  OGI_TRY(st, write_row(run, c, volt));
  *run->info = (og_analysis_info){.crossbar = 1, .m = c->found.array.m, .n = c->found.array.n, .steps = info.iterations,
                                  .kcl_residual = info.kcl_residual, .power_watt = info.power_watt,
                                  .power_balance = info.power_balance};
  snprintf(run->info->engine, sizeof run->info->engine, "%s", og_engine_name(info.engine));
  snprintf(run->info->reason, sizeof run->info->reason, "%s", info.reason);
  st = ogi_run_finish(run, out, "Operating Point", NULL, OG_Q_NOTYPE, 0);
done:
  ogi_free(work);
  og_crossbar_free(c);
  return st;
}
