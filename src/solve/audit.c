/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Independent check of any solution: from the potentials alone, the current of every branch, their sum at every node
 * (Kirchhoff's current law), and the power balance. Currents leaving a node are positive.
 */
#include <config.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/ogi_num.h"
#include "solve/ogi_solve.h"

/* Running maxima and sums; a struct of locals so that the hot loops keep them in registers. */
typedef struct tally {
  double branch, residual, cells, wires, volt;
} tally;

static inline double larger(double a, double b) { return a > b ? a : b; }

/* Cell currents of one row, G (w - b), and their power. */
OGI_HOT static void cell_row(size_t n, const double *g, const double *w, const double *b, double *current, tally *t) {
  double most = t->branch, power = 0, volt = t->volt;
  for (size_t j = 0; j < n; j++) {
    double drop = w[j] - b[j], i = g[j] * drop, size = fabs(i), reach = fabs(w[j]);
    current[j] = i;
    power += i * drop;
    most = size > most ? size : most;
    volt = reach > volt ? reach : volt;
  }
  t->branch = most;
  t->cells += power;
  t->volt = volt;
}

/* Nodes of one word line that is a chain: cell current out, segments and drivers in. Returns the driver current. */
OGI_HOT static double word_chain(size_t n, const ogi_wires *wires, double v, const double *w, const double *cell,
                                 tally *t) {
  double s = wires->word, most = t->branch, residual = t->residual, power = 0;
  double in[2] = {wires->drive[0] * (v - w[0]), wires->drive[1] * (v - w[n - 1])}; /* [A] from the drivers */
  double from_left = in[0];
  for (size_t j = 0; j < n; j++) {
    double drop = j + 1 < n ? w[j] - w[j + 1] : 0, onward = j + 1 < n ? s * drop : -in[1];
    double sum = fabs(cell[j] + onward - from_left), size = fabs(onward);
    power += onward * drop;
    most = size > most ? size : most;
    residual = sum > residual ? sum : residual;
    from_left = onward;
  }
  t->branch = larger(most, fabs(in[0]));
  t->residual = residual;
  t->wires += power + in[0] * (v - w[0]) + in[1] * (v - w[n - 1]);
  return in[0] + in[1];
}

/* The same for a word line that is one node (drivers > 0 ohm) or a terminal (drivers 0 ohm: no equation to hold). */
static double word_node(size_t n, const ogi_wires *wires, double v, double w, const double *cell, tally *t) {
  double out = 0;
  for (size_t j = 0; j < n; j++) out += cell[j];
  if (wires->word_kind == OGI_LINE_FIXED) {
    t->branch = larger(t->branch, fabs(out));
    return out;
  }
  double in = (wires->drive[0] + wires->drive[1]) * (v - w);
  t->branch = larger(t->branch, fabs(in));
  t->residual = larger(t->residual, fabs(out - in));
  t->wires += in * (v - w);
  return in;
}

/* One row of bit nodes; from_above holds the segment currents coming down and is replaced by those going on. */
OGI_HOT static void bit_row(size_t n, double segment, double top, double bottom, int is_last, const double *b,
                            const double *below, const double *cell, double *from_above, double *i_out, tally *t) {
  double most = t->branch, residual = t->residual, power = 0;
  for (size_t j = 0; j < n; j++) {
    double up = top * b[j], down = bottom * b[j]; /* [A] into the sense nodes; 0 S where there is none */
    double drop = is_last ? 0 : b[j] - below[j], onward = segment * drop;
    double sum = fabs(up + down + onward - from_above[j] - cell[j]), size = fabs(onward), out = fabs(up + down);
    power += onward * drop + (up + down) * b[j];
    most = size > most ? size : most;
    most = out > most ? out : most;
    residual = sum > residual ? sum : residual;
    from_above[j] = onward;
    i_out[j] += up + down;
  }
  t->branch = most;
  t->residual = residual;
  t->wires += power;
}

/* Bit lines that are single nodes: collected[j] is the sum of their cell currents. */
static void bit_nodes(size_t n, const ogi_wires *wires, const double *b, const double *collected, double *i_out,
                      tally *t) {
  for (size_t j = 0; j < n; j++) {
    double out = wires->bit_kind == OGI_LINE_FIXED ? collected[j] : (wires->sense[0] + wires->sense[1]) * b[j];
    t->residual = larger(t->residual, fabs(out - collected[j]));
    t->branch = larger(t->branch, fabs(out));
    if (wires->bit_kind == OGI_LINE_NODE) t->wires += out * b[j];
    i_out[j] = out;
  }
}

/*
 * What is left by rounding alone: each product conductance x potential is off by a relative DBL_EPSILON / 2, and the
 * potentials themselves are rounded, so that a node's sum cannot be known better than a few such units.
 */
static double rounding_of(const ogi_wires *wires, double g_max, double volt) {
  double most = g_max;
  if (wires->word_kind == OGI_LINE_CHAIN) most = larger(most, wires->word);
  if (wires->bit_kind == OGI_LINE_CHAIN) most = larger(most, wires->bit);
  if (wires->word_kind != OGI_LINE_FIXED) most = larger(most, larger(wires->drive[0], wires->drive[1]));
  if (wires->bit_kind != OGI_LINE_FIXED) most = larger(most, larger(wires->sense[0], wires->sense[1]));
  return 16 * DBL_EPSILON * most * volt;
}

void ogi_audit_run(ogi_audit *audit, const og_array *array, const ogi_wires *wires, const double *g, const double *v,
                   const double *v_word, const double *v_bit, double *scratch, double *i_out, double *i_source) {
  size_t m = array->m, n = array->n;
  double *cell = scratch, *carried = scratch + n, g_max = 0;
  int chain = wires->bit_kind == OGI_LINE_CHAIN;
  tally t = {0};
  audit->delivered = 0;
  memset(carried, 0, n * sizeof *carried);
  memset(i_out, 0, n * sizeof *i_out);
  for (size_t i = 0; i < m; i++) {
    const double *gi = g + i * n, *w = v_word + i * n, *b = v_bit + i * n;
    cell_row(n, gi, w, b, cell, &t);
    double in = wires->word_kind == OGI_LINE_CHAIN ? word_chain(n, wires, v[i], w, cell, &t)
                                                   : word_node(n, wires, v[i], w[0], cell, &t);
    audit->delivered += in * v[i];
    if (i_source != NULL) i_source[i] = in;
    int last = i + 1 == m;
    if (chain)
      bit_row(n, wires->bit, i == 0 ? wires->sense[0] : 0, last ? wires->sense[1] : 0, last, b, last ? b : b + n,
              cell, carried, i_out, &t);
    else
      for (size_t j = 0; j < n; j++) carried[j] += cell[j];
    for (size_t j = 0; j < n; j++) g_max = gi[j] > g_max ? gi[j] : g_max;
  }
  if (!chain) bit_nodes(n, wires, v_bit, carried, i_out, &t);
  audit->branch_max = t.branch;
  audit->residual = t.residual;
  audit->rounding = rounding_of(wires, g_max, t.volt);
  audit->cells = t.cells;
  audit->wires = t.wires;
}
