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
#include "base/ogi_simd.h"
#include "solve/ogi_solve.h"

typedef ogi_audit_tally tally;

static inline double larger(double a, double b) { return a > b ? a : b; }

/* Eight running maxima and sums, folded into a tally at the end of a row. */
typedef struct lanes {
  ogi_v8 branch, residual, power, volt, g_max;
} lanes;

OGI_INLINE void fold(const lanes *l, double *power, tally *t) {
  for (int k = 0; k < OGI_WIDE; k++) {
    t->branch = larger(t->branch, l->branch[k]);
    t->residual = larger(t->residual, l->residual[k]);
    t->volt = larger(t->volt, l->volt[k]);
    t->g_max = larger(t->g_max, l->g_max[k]);
    *power += l->power[k];
  }
}

/* Cell currents of one row, G (w - b), and their power. */
OGI_HOT static void cell_row(size_t n, const double *g, const double *w, const double *b, double *current, tally *t) {
  lanes l = {.branch = {0}};
  size_t j = 0;
  for (; j + OGI_WIDE <= n; j += OGI_WIDE) {
    ogi_v8 gj, wj, bj;
    ogi_load8(&gj, g + j);
    ogi_load8(&wj, w + j);
    ogi_load8(&bj, b + j);
    ogi_v8 drop = wj - bj, amp = gj * drop;
    ogi_store8(current + j, &amp);
    l.power += amp * drop;
    ogi_max_abs8(&l.branch, &amp);
    ogi_max_abs8(&l.volt, &wj);
    ogi_max_abs8(&l.g_max, &gj);
  }
  for (; j < n; j++) {
    double drop = w[j] - b[j];
    current[j] = g[j] * drop;
    t->cells += current[j] * drop;
    t->branch = larger(t->branch, fabs(current[j]));
    t->volt = larger(t->volt, fabs(w[j]));
    t->g_max = larger(t->g_max, g[j]);
  }
  fold(&l, &t->cells, t);
}

/* Eight segments from position j on: seg[j * stride], stride 0 where all are equal. */
OGI_INLINE void segments(ogi_v8 *to, const double *seg, size_t stride, size_t j) {
  if (stride == 0) *to = *seg + (ogi_v8){0};
  else ogi_load8(to, seg + j);
}

/*
 * Nodes of one word line that is a chain: cell current out, segments and drivers in. seg[j * stride] joins w[j] and
 * w[j + 1]. Returns the driver current.
 */
OGI_INLINE double word_line(size_t n, const double *seg, size_t stride, const double *drive, double v, const double *w,
                            const double *cell, tally *t) {
  double in[2] = {drive[0] * (v - w[0]), drive[1] * (v - w[n - 1])}; /* [A] from the drivers */
  lanes l = {.branch = {0}};
  size_t j = 0, whole = n - 1; /* segments; node j + 1 lies between segments j and j + 1 */
  for (; j + OGI_WIDE < whole; j += OGI_WIDE) {
    ogi_v8 w0, w1, w2, s0, s1, amp_out;
    ogi_load8(&w0, w + j);
    ogi_load8(&w1, w + j + 1);
    ogi_load8(&w2, w + j + 2);
    ogi_load8(&amp_out, cell + j + 1);
    segments(&s0, seg, stride, j);
    segments(&s1, seg, stride, j + 1);
    ogi_v8 drop = w0 - w1, here = s0 * drop, sum = amp_out + s1 * (w1 - w2) - here;
    l.power += here * drop;
    ogi_max_abs8(&l.branch, &here);
    ogi_max_abs8(&l.residual, &sum);
  }
  double first = whole > 0 ? seg[0] * (w[0] - w[1]) : -in[1];
  t->residual = larger(t->residual, fabs(cell[0] + first - in[0]));
  for (; j < whole; j++) {
    double drop = w[j] - w[j + 1], here = seg[j * stride] * drop;
    double onward = j + 1 < whole ? seg[(j + 1) * stride] * (w[j + 1] - w[j + 2]) : -in[1];
    t->wires += here * drop;
    t->branch = larger(t->branch, fabs(here));
    t->residual = larger(t->residual, fabs(cell[j + 1] + onward - here));
  }
  t->branch = larger(t->branch, larger(fabs(in[0]), fabs(in[1])));
  t->wires += in[0] * (v - w[0]) + in[1] * (v - w[n - 1]);
  fold(&l, &t->wires, t);
  return in[0] + in[1];
}

OGI_HOT static double word_equal(size_t n, double seg, const double *drive, double v, const double *w,
                                 const double *cell, tally *t) {
  return word_line(n, &seg, 0, drive, v, w, cell, t);
}

/* seg: the n + 1 segments of the line, its ends included. */
OGI_HOT static double word_each(size_t n, const double *seg, double v, const double *w, const double *cell, tally *t) {
  const double drive[2] = {seg[0], seg[n]};
  return word_line(n, seg + 1, 1, drive, v, w, cell, t);
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

/*
 * One row of bit nodes: the segments from the row above close its balance. pending holds what the nodes above received
 * so far, and then what these did.
 */
OGI_INLINE void bit_line(size_t n, const double *seg, size_t stride, const double *above, const double *b,
                         const double *cell, double *pending, tally *t) {
  lanes l = {.branch = {0}};
  size_t j = 0;
  for (; j + OGI_WIDE <= n; j += OGI_WIDE) {
    ogi_v8 from, to, s, due, amp_in;
    ogi_load8(&from, above + j);
    ogi_load8(&to, b + j);
    ogi_load8(&due, pending + j);
    ogi_load8(&amp_in, cell + j);
    segments(&s, seg, stride, j);
    ogi_v8 drop = from - to, down = s * drop, sum = due - down, next = down + amp_in;
    ogi_store8(pending + j, &next);
    l.power += down * drop;
    ogi_max_abs8(&l.branch, &down);
    ogi_max_abs8(&l.residual, &sum);
  }
  for (; j < n; j++) {
    double drop = above[j] - b[j], down = seg[j * stride] * drop;
    t->wires += down * drop;
    t->branch = larger(t->branch, fabs(down));
    t->residual = larger(t->residual, fabs(pending[j] - down));
    pending[j] = down + cell[j];
  }
  fold(&l, &t->wires, t);
}

OGI_HOT static void bit_equal(size_t n, double seg, const double *above, const double *b, const double *cell,
                              double *pending, tally *t) {
  bit_line(n, &seg, 0, above, b, cell, pending, t);
}

OGI_HOT static void bit_each(size_t n, const double *seg, const double *above, const double *b, const double *cell,
                             double *pending, tally *t) {
  bit_line(n, seg, 1, above, b, cell, pending, t);
}

/* Ends of the bit lines, top (side 0) or bottom: the currents into the sense nodes leave pending. */
static void bit_ends(ogi_audit_pass *p, int side, const double *b) {
  const double *seg = p->wires->bit_seg != NULL ? p->wires->bit_seg + (side ? p->m * p->n : 0) : NULL;
  for (size_t j = 0; j < p->n; j++) {
    double drop = b[j] - (p->u != NULL ? p->u[j] : 0), out = (seg != NULL ? seg[j] : p->wires->sense[side]) * drop;
    p->pending[j] -= out;
    p->t.wires += out * drop;
    p->t.branch = larger(p->t.branch, fabs(out));
    if (p->u == NULL) p->i_out[j] += out;
  }
}

/* Bit lines that are single nodes: pending is the sum of their cell currents. */
static void bit_nodes(ogi_audit_pass *p) {
  const ogi_wires *wires = p->wires;
  for (size_t j = 0; j < p->n; j++) {
    double drop = p->v_bit[j] - (p->u != NULL ? p->u[j] : 0), out = p->pending[j];
    if (wires->bit_kind == OGI_LINE_NODE) {
      out = (wires->sense[0] + wires->sense[1]) * drop;
      p->t.wires += out * drop;
    }
    p->t.residual = larger(p->t.residual, fabs(out - p->pending[j]));
    p->t.branch = larger(p->t.branch, fabs(out));
    if (p->u == NULL) p->i_out[j] = out;
  }
}

/*
 * What is left by rounding alone: each product conductance x potential is off by a relative DBL_EPSILON / 2, and the
 * potentials themselves are rounded, so that a node's sum cannot be known better than a few such units.
 */
static double rounding_of(const ogi_wires *wires, const tally *t) {
  double most = t->g_max;
  if (wires->word_kind == OGI_LINE_CHAIN) most = larger(most, wires->word);
  if (wires->bit_kind == OGI_LINE_CHAIN) most = larger(most, wires->bit);
  if (wires->word_kind != OGI_LINE_FIXED) most = larger(most, larger(wires->drive[0], wires->drive[1]));
  if (wires->bit_kind != OGI_LINE_FIXED) most = larger(most, larger(wires->sense[0], wires->sense[1]));
  return 16 * DBL_EPSILON * most * t->volt;
}

/* Maxima pass over what is no number, sums of power do not: then no balance was found to hold. */
static double residual_of(double residual, double power) { return isfinite(power) ? residual : NAN; }

void ogi_audit_begin(ogi_audit_pass *p, const og_array *array, const ogi_wires *wires, const double *g,
                     const ogi_rhs *rhs, const double *v_word, const double *v_bit, double *scratch, double *i_out,
                     double *i_source) {
  size_t n = array->n;
  *p = (ogi_audit_pass){.m = array->m, .n = n, .wires = wires, .g = g, .v = rhs->v, .u = rhs->u, .v_word = v_word,
                        .v_bit = v_bit, .cell = scratch, .pending = scratch + n, .i_out = i_out,
                        .i_source = i_source};
  memset(p->pending, 0, n * sizeof *p->pending);
  memset(i_out, 0, n * sizeof *i_out);
  for (size_t j = 0; rhs->u != NULL && j < n; j++) p->t.volt = larger(p->t.volt, fabs(rhs->u[j]));
}

static double word_row(ogi_audit_pass *p, size_t i) {
  const ogi_wires *wires = p->wires;
  const double *w = p->v_word + i * p->n;
  if (wires->word_kind != OGI_LINE_CHAIN) return word_node(p->n, wires, p->v[i], w[0], p->cell, &p->t);
  if (wires->word_seg != NULL) return word_each(p->n, wires->word_seg + i * (p->n + 1), p->v[i], w, p->cell, &p->t);
  return word_equal(p->n, wires->word, wires->drive, p->v[i], w, p->cell, &p->t);
}

static void bit_row(ogi_audit_pass *p, size_t i) {
  const ogi_wires *wires = p->wires;
  size_t n = p->n;
  const double *b = p->v_bit + i * n;
  if (wires->bit_kind != OGI_LINE_CHAIN || i == 0)
    for (size_t j = 0; j < n; j++) p->pending[j] += p->cell[j];
  else if (wires->bit_seg != NULL) bit_each(n, wires->bit_seg + i * n, b - n, b, p->cell, p->pending, &p->t);
  else bit_equal(n, wires->bit, b - n, b, p->cell, p->pending, &p->t);
  if (wires->bit_kind == OGI_LINE_CHAIN && i == 0) bit_ends(p, 0, b);
}

void ogi_audit_rows(ogi_audit_pass *p, size_t first, size_t end) {
  size_t n = p->n;
  for (size_t i = first; i < end; i++) {
    cell_row(n, p->g + i * n, p->v_word + i * n, p->v_bit + i * n, p->cell, &p->t);
    double in = word_row(p, i);
    p->delivered += in * p->v[i];
    if (p->i_source != NULL) p->i_source[i] = in;
    bit_row(p, i);
    /* Beside u a difference of potentials keeps few digits; what the cells bring is the same by the current law. */
    for (size_t j = 0; p->u != NULL && j < n; j++) p->i_out[j] += p->cell[j];
  }
}

void ogi_audit_end(ogi_audit_pass *p, ogi_audit *audit) {
  if (p->wires->bit_kind == OGI_LINE_CHAIN) {
    bit_ends(p, 1, p->v_bit + (p->m - 1) * p->n);
    for (size_t j = 0; j < p->n; j++) p->t.residual = larger(p->t.residual, fabs(p->pending[j]));
  } else {
    bit_nodes(p);
  }
  for (size_t j = 0; p->u != NULL && j < p->n; j++) p->delivered -= p->u[j] * p->i_out[j];
  *audit = (ogi_audit){.branch_max = p->t.branch, .residual = residual_of(p->t.residual, p->t.cells + p->t.wires),
                       .rounding = rounding_of(p->wires, &p->t),
                       .delivered = p->delivered, .cells = p->t.cells, .wires = p->t.wires};
}

/* ---- irregular arrays: branch by branch ---- */

typedef struct walk {
  const ogi_wires *wires;
  const ogi_rhs *rhs;
  double *volt, *sum;       /* per unknown: potential, current leaving [A] */
  double *i_out, *i_source; /* of the terminals */
  double power;             /* of the branches visited [W] */
  tally t;
} walk;

static double volt_of(const walk *k, int node) {
  if (node >= 0) return k->volt[node];
  size_t terminal = (size_t)(-1 - node);
  if (terminal < k->wires->sources) return k->rhs->v[terminal];
  return k->rhs->u != NULL ? k->rhs->u[terminal - k->wires->sources] : 0;
}

static void leave(walk *k, int node, double amp) {
  size_t terminal = (size_t)(-1 - node);
  if (node >= 0) k->sum[node] += amp;
  else if (terminal < k->wires->sources) k->i_source[terminal] += amp;
  else k->i_out[terminal - k->wires->sources] -= amp;
}

static void visit(void *user, int a, int b, double siemens) {
  walk *k = user;
  double drop = volt_of(k, a) - volt_of(k, b), amp = siemens * drop;
  leave(k, a, amp);
  leave(k, b, -amp);
  k->power += amp * drop;
  k->t.branch = larger(k->t.branch, fabs(amp));
  k->t.g_max = larger(k->t.g_max, siemens);
}

/* Take the potential of each node from its first place; places of one node that differ break the law without bound. */
static void take_potentials(walk *k, const ogi_nodes *nodes, const double *v_word, const double *v_bit) {
  size_t cells = nodes->m * nodes->n;
  memset(k->sum, 0, (size_t)nodes->unknowns * sizeof *k->sum);
  for (int pass = 0; pass < 2; pass++)
    for (size_t c = 2 * cells; c-- > 0;) {
      int node = c < cells ? nodes->word[c] : nodes->bit[c - cells];
      double given = c < cells ? v_word[c] : v_bit[c - cells];
      if (pass == 0 && node >= 0) k->volt[node] = given;
      if (pass == 1 && !(volt_of(k, node) == given)) k->t.residual = INFINITY;
      k->t.volt = larger(k->t.volt, fabs(given));
    }
}

static void audit_branches(ogi_audit *audit, const og_array *array, const ogi_wires *wires, const ogi_nodes *nodes,
                           const double *g, const ogi_rhs *rhs, const double *v_word, const double *v_bit,
                           double *scratch, double *i_out, double *i_source) {
  size_t unknowns = (size_t)nodes->unknowns, n = array->n;
  walk k = {.wires = wires, .rhs = rhs, .volt = scratch, .sum = scratch + unknowns, .i_out = i_out,
            .i_source = i_source != NULL ? i_source : scratch + 2 * unknowns};
  memset(k.i_source, 0, wires->sources * sizeof *k.i_source);
  memset(i_out, 0, n * sizeof *i_out);
  take_potentials(&k, nodes, v_word, v_bit);
  ogi_wire_branches(nodes, wires, visit, &k);
  *audit = (ogi_audit){.wires = k.power};
  for (size_t c = 0; c < array->m * n; c++)
    if (nodes->word[c] != nodes->bit[c]) visit(&k, nodes->word[c], nodes->bit[c], g[c]);
  audit->cells = k.power - audit->wires;
  for (size_t i = 0; i < wires->sources; i++) {
    audit->delivered += rhs->v[i] * k.i_source[i];
    k.t.volt = larger(k.t.volt, fabs(rhs->v[i]));
  }
  for (size_t j = 0; rhs->u != NULL && j < n; j++) {
    audit->delivered -= rhs->u[j] * i_out[j];
    k.t.volt = larger(k.t.volt, fabs(rhs->u[j]));
  }
  for (size_t x = 0; x < unknowns; x++) k.t.residual = larger(k.t.residual, fabs(k.sum[x]));
  audit->branch_max = k.t.branch;
  audit->residual = residual_of(k.t.residual, k.power);
  audit->rounding = 16 * DBL_EPSILON * k.t.g_max * k.t.volt;
}

size_t ogi_audit_scratch(const og_array *array, const ogi_wires *wires) {
  return wires->irregular ? 4 * array->m * array->n + wires->sources : 2 * array->n;
}

void ogi_audit_run(ogi_audit *audit, const og_array *array, const ogi_wires *wires, const ogi_nodes *nodes,
                   const double *g, const ogi_rhs *rhs, const double *v_word, const double *v_bit, double *scratch,
                   double *i_out, double *i_source) {
  if (wires->irregular) {
    audit_branches(audit, array, wires, nodes, g, rhs, v_word, v_bit, scratch, i_out, i_source);
    return;
  }
  ogi_audit_pass pass;
  ogi_audit_begin(&pass, array, wires, g, rhs, v_word, v_bit, scratch, i_out, i_source);
  ogi_audit_rows(&pass, 0, array->m);
  ogi_audit_end(&pass, audit);
}
