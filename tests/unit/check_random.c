/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random circuits of every topology: each engine that accepts one against a network reduction built here from the
 * definition in ohmgrid/array.h alone.
 *
 * The oracle eliminates node by node (star-mesh transformation): node k with conductances g_ka to its neighbours goes,
 * and every pair of them gains g_ka g_kb / sum_c g_kc. Nothing is ever subtracted, so in long double the conductances
 * between the terminals that remain are right to some 1e-17 relative, however far the values lie apart.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_rng.h"
#include "ogt.h"
#include <ohmgrid/solve.h>

enum { CASES = 2400, CELLS_MAX = 400, SIDE_MAX = 40, BRIDGES_MAX = 4 };

/* ---- a random circuit ---- */

typedef struct circuit {
  og_array a;
  double g[CELLS_MAX], v[CELLS_MAX], u[CELLS_MAX];
  double word[2 * CELLS_MAX + SIDE_MAX], bit[2 * CELLS_MAX + SIDE_MAX], source[CELLS_MAX], sense[CELLS_MAX];
  og_bridge bridge[BRIDGES_MAX];
  int has_u;
} circuit;

static int chance(ogi_rng *rng, double p) { return ogi_rng_uniform(rng) < p; }

static double log_uniform(ogi_rng *rng, double low, double high) {
  return low * pow(high / low, ogi_rng_uniform(rng));
}

static double some_ohm(ogi_rng *rng, double zero, double open) {
  double ohm = log_uniform(rng, 1e-2, 1e3), dice = ogi_rng_uniform(rng);
  return dice < zero ? 0 : dice < zero + open ? INFINITY : ohm;
}

static size_t some_side(ogi_rng *rng, size_t most) {
  return 1 + ogi_rng_below(rng, chance(rng, 0.9) ? (most < 8 ? most : 8) : most);
}

static void fill_ohms(ogi_rng *rng, double *ohm, size_t count, double zero, double open) {
  double same = chance(rng, 0.1) ? some_ohm(rng, 0.3, 0) : -1; /* equal values given one by one */
  for (size_t k = 0; k < count; k++) ohm[k] = same >= 0 ? same : some_ohm(rng, zero, open);
}

static og_site some_site(ogi_rng *rng, const og_array *a) {
  og_line line = chance(rng, 0.5) ? OG_LINE_WORD : OG_LINE_BIT;
  size_t i = ogi_rng_below(rng, a->m), j = ogi_rng_below(rng, a->n);
  return (og_site){line, i, j};
}

static void fill_lines(ogi_rng *rng, circuit *c, int plain) {
  og_array *a = &c->a;
  int parallel = a->wiring == OG_WIRING_PARALLEL;
  double zero = chance(rng, 0.3) ? 0.3 : 0, open = chance(rng, 0.15) ? 0.05 : 0;
  a->r_word_ohm = some_ohm(rng, 0.25, open);
  a->r_bit_ohm = some_ohm(rng, 0.25, open);
  a->r_source_ohm = some_ohm(rng, 0.3, open);
  a->r_sense_ohm = some_ohm(rng, 0.3, open);
  if (plain) return;
  if (chance(rng, 0.3)) {
    fill_ohms(rng, c->word, parallel ? (a->m + 1) * a->n : a->m * (a->n + 1), zero, open);
    a->word_segments = c->word;
  }
  if (chance(rng, 0.3)) {
    fill_ohms(rng, c->bit, (a->m + 1) * a->n, zero, open);
    a->bit_segments = c->bit;
  }
  if (chance(rng, 0.3)) {
    fill_ohms(rng, c->source, parallel ? a->n : a->m, zero, 4 * open);
    a->source_ohm = c->source;
  }
  if (chance(rng, 0.3)) {
    fill_ohms(rng, c->sense, a->n, zero, 4 * open);
    a->sense_ohm = c->sense;
  }
}

static void draw(ogi_rng *rng, circuit *c) {
  og_array *a = &c->a;
  size_t m = some_side(rng, SIDE_MAX), n = some_side(rng, CELLS_MAX / m < SIDE_MAX ? CELLS_MAX / m : SIDE_MAX);
  og_array_init(a, m, n);
  a->drive = (og_drive)ogi_rng_below(rng, 3);
  a->sense = (og_sense)ogi_rng_below(rng, 3);
  a->ends = chance(rng, 0.3) ? OG_ENDS_DIRECT : OG_ENDS_SEGMENT;
  int plain = chance(rng, 0.3); /* what every engine takes, mostly */
  a->wiring = chance(rng, plain ? 0 : 0.2) ? OG_WIRING_PARALLEL : OG_WIRING_CROSSED;
  fill_lines(rng, c, plain);
  double open_cells = chance(rng, 0.3) ? 0.3 : 0;
  for (size_t k = 0; k < m * n; k++) c->g[k] = chance(rng, open_cells) ? 0 : log_uniform(rng, 1e-9, 1e-1);
  for (size_t k = 0; k < m + n; k++) c->v[k] = 2 * ogi_rng_uniform(rng) - 1;
  c->has_u = chance(rng, 0.4);
  for (size_t j = 0; j < n; j++) c->u[j] = c->has_u ? 2 * ogi_rng_uniform(rng) - 1 : 0;
  if (!chance(rng, plain ? 0 : 0.3)) return;
  a->bridges = c->bridge;
  for (size_t want = 1 + ogi_rng_below(rng, BRIDGES_MAX); a->bridge_count < want;) {
    og_bridge b = {.a = some_site(rng, a), .b = some_site(rng, a), .ohm = some_ohm(rng, 0.4, 0.1)};
    if (b.a.line != b.b.line || b.a.i != b.b.i || b.a.j != b.b.j) c->bridge[a->bridge_count++] = b;
  }
}

/* ---- the oracle ---- */

typedef struct network {
  size_t sources, terminals, count; /* slots: sources, sense nodes, word nodes, bit nodes */
  size_t *label;                    /* slots of one node carry its least slot              */
  long double *g;                   /* count x count [S]                                   */
  int shorted, floating;
} network;

static void tie(network *w, size_t a, size_t b) {
  size_t keep = w->label[a] < w->label[b] ? w->label[a] : w->label[b];
  size_t drop = w->label[a] < w->label[b] ? w->label[b] : w->label[a];
  if (keep == drop) return;
  if (drop < w->terminals) w->shorted = 1;
  for (size_t k = 0; k < w->count; k++)
    if (w->label[k] == drop) w->label[k] = keep;
}

static void conduct(network *w, size_t a, size_t b, long double siemens) {
  size_t p = w->label[a], q = w->label[b];
  if (p == q) return;
  w->g[p * w->count + q] += siemens;
  w->g[q * w->count + p] += siemens;
}

/* Wires that are 0 ohm are tied in the first round, the others conduct in the second. */
static void wire(network *w, int round, size_t a, size_t b, long double ohm) {
  if (round == 0 && ohm == 0) tie(w, a, b);
  if (round == 1 && ohm > 0 && !isinf(ohm)) conduct(w, a, b, 1 / ohm);
}

/* One line of `cells` nodes from slot first, `step` apart; its segments are given, or all alike. */
static void lay_line(network *w, int round, size_t terminal, size_t first, size_t step, size_t cells,
                     const double *segments, double each, long double end, int direct, int at_first, int at_last) {
  for (size_t p = 1; p < cells; p++)
    wire(w, round, first + (p - 1) * step, first + p * step, segments != NULL ? segments[p * step] : each);
  long double before = direct ? 0 : segments != NULL ? segments[0] : each;
  long double after = direct ? 0 : segments != NULL ? segments[cells * step] : each;
  if (at_first) wire(w, round, terminal, first, end + before);
  if (at_last) wire(w, round, terminal, first + (cells - 1) * step, end + after);
}

static void lay(network *w, int round, const circuit *c) {
  const og_array *a = &c->a;
  size_t m = a->m, n = a->n, words = w->terminals, bits = words + m * n;
  int direct = a->ends == OG_ENDS_DIRECT, first = a->drive != OG_DRIVE_RIGHT, last = a->drive != OG_DRIVE_LEFT;
  for (size_t s = 0; s < w->sources; s++) {
    double end = a->source_ohm != NULL ? a->source_ohm[s] : a->r_source_ohm;
    if (a->wiring == OG_WIRING_PARALLEL)
      lay_line(w, round, s, words + s, n, m, a->word_segments != NULL ? a->word_segments + s : NULL, a->r_word_ohm, end,
               direct, first, last);
    else
      lay_line(w, round, s, words + s * n, 1, n, a->word_segments != NULL ? a->word_segments + s * (n + 1) : NULL,
               a->r_word_ohm, end, direct, first, last);
  }
  for (size_t j = 0; j < n; j++)
    lay_line(w, round, w->sources + j, bits + j, n, m, a->bit_segments != NULL ? a->bit_segments + j : NULL,
             a->r_bit_ohm, a->sense_ohm != NULL ? a->sense_ohm[j] : a->r_sense_ohm, direct,
             a->sense != OG_SENSE_BOTTOM, a->sense != OG_SENSE_TOP);
  for (size_t k = 0; k < a->bridge_count; k++) {
    const og_site *p = &a->bridges[k].a, *q = &a->bridges[k].b;
    wire(w, round, (p->line == OG_LINE_WORD ? words : bits) + p->i * n + p->j,
         (q->line == OG_LINE_WORD ? words : bits) + q->i * n + q->j, a->bridges[k].ohm);
  }
  for (size_t k = 0; round == 1 && k < m * n; k++) conduct(w, words + k, bits + k, c->g[k]);
}

static void remove_node(network *w, size_t k, size_t *near) {
  long double *gk = w->g + k * w->count, sum = 0;
  size_t degree = 0;
  for (size_t q = 0; q < w->count; q++)
    if (gk[q] > 0) {
      near[degree++] = q;
      sum += gk[q];
    }
  if (degree == 0) w->floating = 1; /* the last node of a part without a terminal is left alone */
  for (size_t x = 0; x < degree; x++)
    for (size_t y = 0; y < degree; y++)
      if (x != y) w->g[near[x] * w->count + near[y]] += gk[near[x]] * gk[near[y]] / sum;
  for (size_t x = 0; x < degree; x++) gk[near[x]] = w->g[near[x] * w->count + k] = 0;
}

static void solve_network(network *w, const circuit *c) {
  size_t m = c->a.m, n = c->a.n, cells = m * n;
  w->sources = c->a.wiring == OG_WIRING_PARALLEL ? n : m;
  w->terminals = w->sources + n;
  w->count = w->terminals + 2 * cells;
  w->label = calloc(w->count, sizeof *w->label);
  w->g = calloc(w->count * w->count, sizeof *w->g);
  size_t *near = calloc(w->count, sizeof *near);
  for (size_t k = 0; k < w->count; k++) w->label[k] = k;
  for (int round = 0; round < 2; round++) lay(w, round, c);
  for (size_t k = 0; k < 2 * cells; k++) { /* word and bit node of a cell in turn: short bands */
    size_t slot = w->terminals + (k % 2) * cells + k / 2;
    if (w->label[slot] == slot) remove_node(w, slot, near);
  }
  free(near);
}

/* Output currents and total power with terminal potentials v (sources) and u (sense nodes). */
static double measure(const network *w, const double *v, const double *u, double *i_out) {
  long double power = 0;
  for (size_t t = 0; t < w->terminals; t++) {
    long double in = 0, volt = t < w->sources ? v[t] : u[t - w->sources];
    for (size_t s = 0; s < w->terminals; s++) {
      long double drop = (s < w->sources ? v[s] : u[s - w->sources]) - volt;
      in += w->g[t * w->count + s] * drop;
      power += w->g[t * w->count + s] * drop * drop / 2;
    }
    if (t >= w->sources) i_out[t - w->sources] = (double)in;
  }
  return (double)power;
}

/* ---- the comparison ---- */

typedef struct tried {
  int solved[4], shorted, floating, refused; /* solved: by each engine */
} tried;

static double largest(const double *x, size_t count) {
  double most = 0;
  for (size_t k = 0; k < count; k++) most = fmax(most, fabs(x[k]));
  return most;
}

/*
 * A double holds a potential to DBL_EPSILON / 2 of it: the current through the best conducting wire at an irregular
 * terminal, or the balance of power, is known no better than that times its conductance (100 S here).
 */
static const double wire_floor = 8 * DBL_EPSILON * 100;

static void compare(const char *place, const circuit *c, const network *w, const double *v, const double *u,
                    const double *got, const og_solve_info *info) {
  size_t n = c->a.n;
  double want[CELLS_MAX], power = measure(w, v, u, want), scale = largest(want, n);
  double floor = largest(u, n) > 0 ? wire_floor : 0;
  for (size_t j = 0; j < n; j++)
    ck_assert_msg(fabs(got[j] - want[j]) <= 1e-9 * scale + floor, "%s: i_out[%zu] = %.17g, want %.17g, largest %.3g",
                  place, j, got[j], want[j], scale);
  if (info == NULL) return;
  double grain = wire_floor * (double)(w->count);
  ck_assert_msg(fabs(info->power_watt - power) <= 1e-8 * power + grain, "%s: power %.17g, want %.17g", place,
                info->power_watt, power);
  ck_assert_msg(info->power_balance * fabs(info->power_watt) <= 1e-8 * power + grain, "%s: balance %.3g of %.3g W",
                place, info->power_balance, info->power_watt);
  ck_assert_msg(info->kcl_residual <= 1e-8 || info->rounding_limited, "%s: residual %.3g", place, info->kcl_residual);
}

static void check_reduction(const char *place, og_solver *s, const circuit *c, const network *w) {
  size_t p = w->sources, n = c->a.n;
  double zero[CELLS_MAX] = {0}, got[CELLS_MAX] = {0}, *g_eff = calloc(p * n, sizeof *g_eff);
  ck_assert_int_eq(og_solver_reduce(s, g_eff, NULL, NULL), OG_OK);
  for (size_t i = 0; i < p; i++)
    for (size_t j = 0; j < n; j++) got[j] += c->v[i] * g_eff[i * n + j];
  compare(place, c, w, c->v, zero, got, NULL);
  free(g_eff);
}

static void check_engine(int number, og_engine engine, const circuit *c, const network *w, tried *t) {
  og_solver *s = NULL;
  og_solver_opts opts;
  og_solve_info info;
  og_error err = {0};
  char place[120];
  double got[CELLS_MAX];
  snprintf(place, sizeof place, "case %d, %zu x %zu, %s", number, c->a.m, c->a.n, og_engine_name(engine));
  og_solver_opts_init(&opts);
  opts.engine = engine;
  opts.iter_max = 100000;
  og_status st = og_solver_create(&s, &c->a, &opts, &err);
  if (st == OG_E_RANGE && engine == OG_ENGINE_CG) { /* it says what it cannot take */
    ogt_has(err.text, "solver: engine cg: saw ");
    t->refused++;
    return;
  }
  ck_assert_msg((st == OG_E_SINGULAR) == w->shorted, "%s: shorted %d, saw %s", place, w->shorted, err.text);
  if (st == OG_E_SINGULAR) {
    ogt_has(err.text, "a short between ");
    t->shorted++;
    return;
  }
  ck_assert_msg(st == OG_OK, "%s: %s", place, err.text);
  st = og_solver_set_cells(s, c->g, &err);
  ck_assert_msg((st == OG_E_SINGULAR) == w->floating, "%s: floating %d, saw %s", place, w->floating, err.text);
  if (st == OG_E_SINGULAR) {
    ogt_has(err.text, "floats: no path to a driver or a sense node");
    t->floating++;
  } else {
    ck_assert_msg(st == OG_OK, "%s: %s", place, err.text);
    ck_assert_int_eq(og_solver_set_bit_volts(s, c->has_u ? c->u : NULL, NULL), OG_OK);
    st = og_solver_dc(s, c->v, 1, got, NULL, NULL, &info, &err);
    ck_assert_msg(st == OG_OK, "%s: %s", place, err.text);
    compare(place, c, w, c->v, c->u, got, &info);
    if (engine == OG_ENGINE_REDUCE) check_reduction(place, s, c, w);
    t->solved[engine]++;
  }
  og_solver_free(s);
}

START_TEST(every_engine_agrees_with_the_network_reduction) {
  static circuit c;
  tried t = {0};
  ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 2385, .source = OGI_SOURCE_TEST});
  ck_assert_ptr_nonnull(rng);
  int begin = CASES / 4 * _i;
  for (int number = begin; number < begin + CASES / 4; number++) {
    network w = {0};
    ogi_rng_restart(rng, (ogi_stream){.seed = 2385, .source = OGI_SOURCE_TEST, .trial = (uint32_t)number});
    draw(rng, &c);
    solve_network(&w, &c);
    for (int e = OG_ENGINE_AUTO; e <= OG_ENGINE_CHOLESKY; e++) check_engine(number, (og_engine)e, &c, &w, &t);
    free(w.label);
    free(w.g);
  }
  ogi_rng_free(rng);
  /* The draw reaches everything that is compared. */
  for (int e = OG_ENGINE_AUTO; e <= OG_ENGINE_CHOLESKY; e++) ck_assert_int_ge(t.solved[e], 25);
  ck_assert_int_ge(t.shorted, 3);
  ck_assert_int_ge(t.floating, 5);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("random");
  TCase *tc = tcase_create("random");
  tcase_set_timeout(tc, 120); /* sanitizers are slow */
  tcase_add_loop_test(tc, every_engine_agrees_with_the_network_reduction, 0, 4);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
