/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Recognition against arrays of every topology, laid out as networks here from the definition in ohmgrid/array.h alone:
 * resistors, node numbers and ends in random order, under names of this project, of other tools, and of none.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_rng.h"
#include "netlist/ogi_recognise.h"
#include "ogt.h"
#include <ohmgrid/solve.h>

enum { CELLS_MAX = 260, SIDE_MAX = 26, NAME = 40, BRIDGES_MAX = 3, CASES = 400 };

/* ---- a network under construction ---- */

typedef struct net {
  ogi_network net;
  size_t node_room, resistor_room;
  char (*text)[NAME];
  const char **name;
  double *volt, *ohm, *siemens;
  size_t *ends;
} net;

static void net_init(net *w, size_t nodes, size_t resistors) {
  *w = (net){.node_room = nodes + 1, .resistor_room = resistors + 1};
  w->text = calloc(w->node_room, sizeof *w->text);
  w->name = calloc(w->node_room, sizeof *w->name);
  w->volt = calloc(w->node_room, sizeof *w->volt);
  w->ohm = calloc(w->resistor_room, sizeof *w->ohm);
  w->siemens = calloc(w->resistor_room, sizeof *w->siemens);
  w->ends = calloc(2 * w->resistor_room, sizeof *w->ends);
  for (size_t k = 0; k < w->node_room; k++) w->name[k] = w->text[k];
  strcpy(w->text[0], "0");
  w->net = (ogi_network){.nodes = 1, .name = w->name, .fixed_volt = w->volt, .ends = w->ends, .ohm = w->ohm,
                         .siemens = w->siemens};
}

static void net_clear(net *w) {
  free(w->text);
  free(w->name);
  free(w->volt);
  free(w->ohm);
  free(w->siemens);
  free(w->ends);
}

static size_t net_node(net *w, double volt, const char *name) {
  for (size_t k = 0; name != NULL && k < w->net.nodes; k++)
    if (strcmp(w->text[k], name) == 0) return k;
  ck_assert_uint_lt(w->net.nodes, w->node_room);
  if (name != NULL) snprintf(w->text[w->net.nodes], NAME, "%s", name);
  w->volt[w->net.nodes] = volt;
  return w->net.nodes++;
}

static void net_resistor(net *w, size_t a, size_t b, double ohm, double siemens) {
  size_t k = w->net.resistors++;
  ck_assert_uint_lt(k, w->resistor_room);
  w->ends[2 * k] = a;
  w->ends[2 * k + 1] = b;
  w->ohm[k] = ohm;
  w->siemens[k] = siemens;
}

static void net_wire(net *w, const char *a, const char *b, double ohm) {
  size_t from = net_node(w, NAN, a), to = net_node(w, NAN, b);
  net_resistor(w, from, to, ohm, 1 / ohm);
}

static size_t *shuffled(ogi_rng *rng, size_t count) {
  size_t *order = calloc(count + 1, sizeof *order);
  for (size_t k = 0; k < count; k++) order[k] = k;
  for (size_t k = count; k > 1; k--) {
    size_t q = ogi_rng_below(rng, k), keep = order[k - 1];
    order[k - 1] = order[q];
    order[q] = keep;
  }
  return order;
}

/* Ground stays number 0. Returns the new number of every node. */
static size_t *net_shuffle(net *w, ogi_rng *rng) {
  size_t nodes = w->net.nodes, count = w->net.resistors;
  size_t *number = shuffled(rng, nodes - 1), *order = shuffled(rng, count);
  net was = *w;
  memmove(number + 1, number, (nodes - 1) * sizeof *number);
  number[0] = 0;
  for (size_t k = 1; k < nodes; k++) number[k]++;
  net_init(w, was.node_room, was.resistor_room);
  w->net.nodes = nodes;
  for (size_t k = 0; k < nodes; k++) {
    memcpy(w->text[number[k]], was.text[k], NAME);
    w->volt[number[k]] = was.volt[k];
  }
  for (size_t k = 0; k < count; k++) {
    size_t from = order[k], flip = ogi_rng_below(rng, 2);
    net_resistor(w, number[was.ends[2 * from + flip]], number[was.ends[2 * from + 1 - flip]], was.ohm[from],
                 was.siemens[from]);
  }
  net_clear(&was);
  free(order);
  return number;
}

/* ---- a random array ---- */

typedef enum style { OURS, TOP_BOT, SUFFIX, WL_BL, LAYER, ONE_BASED, COLUMN_FIRST, NUMBERS, STYLES } style;

typedef struct circuit {
  og_array a;
  double g[CELLS_MAX], v[CELLS_MAX], u[CELLS_MAX];
  double word[2 * CELLS_MAX + SIDE_MAX], bit[2 * CELLS_MAX + SIDE_MAX], source[CELLS_MAX], sense[CELLS_MAX];
  og_bridge bridge[BRIDGES_MAX];
  int ground, split; /* sense terminals are ground; driver and segment are two resistors */
  style names;
} circuit;

static int chance(ogi_rng *rng, double p) { return ogi_rng_uniform(rng) < p; }

static double log_uniform(ogi_rng *rng, double low, double high) {
  return low * pow(high / low, ogi_rng_uniform(rng));
}

static double some_ohm(ogi_rng *rng, double zero, double open) {
  double ohm = log_uniform(rng, 0.1, 100), dice = ogi_rng_uniform(rng);
  return dice < zero ? 0 : dice < zero + open ? INFINITY : ohm;
}

static void fill(ogi_rng *rng, double *x, size_t count, double zero, double open) {
  for (size_t k = 0; k < count; k++) x[k] = some_ohm(rng, zero, open);
}

static og_site some_site(ogi_rng *rng, const og_array *a) {
  og_line line = chance(rng, 0.5) ? OG_LINE_WORD : OG_LINE_BIT;
  size_t i = ogi_rng_below(rng, a->m), j = ogi_rng_below(rng, a->n);
  return (og_site){line, i, j};
}

static void draw_each(ogi_rng *rng, circuit *c, double zero, double open) {
  og_array *a = &c->a;
  int parallel = a->wiring == OG_WIRING_PARALLEL;
  if (chance(rng, 0.4)) {
    fill(rng, c->word, parallel ? (a->m + 1) * a->n : a->m * (a->n + 1), zero, open);
    a->word_segments = c->word;
  }
  if (chance(rng, 0.4)) {
    fill(rng, c->bit, (a->m + 1) * a->n, zero, open);
    a->bit_segments = c->bit;
  }
  if (chance(rng, 0.3)) {
    fill(rng, c->source, parallel ? a->n : a->m, zero, open);
    a->source_ohm = c->source;
  }
  if (chance(rng, 0.3)) {
    fill(rng, c->sense, a->n, zero, open);
    a->sense_ohm = c->sense;
  }
}

static void draw_bridges(ogi_rng *rng, circuit *c) {
  og_array *a = &c->a;
  a->bridges = c->bridge;
  for (size_t want = 1 + ogi_rng_below(rng, BRIDGES_MAX); a->bridge_count < want;) {
    og_bridge b = {.a = some_site(rng, a), .b = some_site(rng, a), .ohm = some_ohm(rng, 0, 0)};
    if (b.a.line != b.b.line && b.a.i != b.b.i && b.a.j != b.b.j) c->bridge[a->bridge_count++] = b;
  }
}

/* Without names the draw keeps to what structure alone can tell. */
static void draw(ogi_rng *rng, circuit *c, int named) {
  og_array *a = &c->a;
  *c = (circuit){.names = named ? (style)ogi_rng_below(rng, NUMBERS) : NUMBERS};
  size_t m = 1 + ogi_rng_below(rng, SIDE_MAX), most = CELLS_MAX / m < SIDE_MAX ? CELLS_MAX / m : SIDE_MAX;
  size_t n = 1 + ogi_rng_below(rng, most);
  if (m * n < 2) n = 2;
  og_array_init(a, m, n);
  a->drive = (og_drive)ogi_rng_below(rng, m > 1 && n > 1 ? 3 : 2);
  a->sense = (og_sense)ogi_rng_below(rng, m > 1 && n > 1 ? 3 : 2);
  a->ends = chance(rng, 0.3) ? OG_ENDS_DIRECT : OG_ENDS_SEGMENT;
  a->r_word_ohm = some_ohm(rng, 0.2, 0);
  a->r_bit_ohm = some_ohm(rng, 0.2, 0);
  a->r_source_ohm = some_ohm(rng, 0.3, 0);
  a->r_sense_ohm = some_ohm(rng, 0.3, 0);
  c->split = chance(rng, 0.5);
  c->ground = chance(rng, 0.4);
  if (named && m > 1 && n > 1) {
    double zero = chance(rng, 0.3) ? 0.2 : 0, open = chance(rng, 0.3) ? 0.05 : 0;
    if (chance(rng, 0.2)) a->wiring = OG_WIRING_PARALLEL;
    if (chance(rng, 0.5)) draw_each(rng, c, zero, open);
    if (chance(rng, 0.2) && m > 2 && n > 2) draw_bridges(rng, c);
  } else if (chance(rng, 0.3)) {
    draw_each(rng, c, 0, 0);
  }
  double open_cells = chance(rng, 0.3) ? 0.2 : 0;
  for (size_t k = 0; k < m * n; k++) c->g[k] = chance(rng, open_cells) ? 0 : log_uniform(rng, 1e-6, 1e-2);
  for (size_t k = 0; k < m + n; k++) c->v[k] = 0.5 + ogi_rng_uniform(rng);
  /* Without names, terminals with two neighbours are told from those that are nodes of their line by their 0 V. */
  int biased = !c->ground && chance(rng, 0.4) && (named || (a->drive != OG_DRIVE_BOTH && a->sense != OG_SENSE_BOTH));
  for (size_t j = 0; j < n; j++) c->u[j] = biased ? 2 + ogi_rng_uniform(rng) : 0;
}

/* ---- its network ---- */

/* Slots: ground, sources, sense nodes, word nodes, bit nodes, then nodes between driver and segment. */
typedef struct layout {
  const circuit *c;
  net *w;
  size_t sources, words, bits, between, slots;
  size_t *label, *node; /* of each slot: the slot it is merged into; its node, 0 none yet */
  int collided;         /* two resistors in parallel, or one with both ends on a node, would come of it */
} layout;

static void tie(layout *y, size_t a, size_t b) {
  size_t one = y->label[a], two = y->label[b], keep = one < two ? one : two, drop = one < two ? two : one;
  for (size_t k = 0; k < y->slots; k++)
    if (y->label[k] == drop) y->label[k] = keep;
}

static void name_slot(const layout *y, size_t slot, char out[NAME]) {
  static const char *const word[] = {"w_%zu_%zu", "top%zup%zu", "n_%zu_%zu_t", "wl%zu_%zu", "n%zu_%zu_0", "W%zu_%zu",
                                     "x1.w%zu.c%zu"};
  static const char *const bit[] = {"b_%zu_%zu", "bot%zup%zu", "n_%zu_%zu_b", "bl%zu_%zu", "n%zu_%zu_1", "B%zu_%zu",
                                    "x1.b%zu.c%zu"};
  static const char *const source[] = {"s_%zu", "in%zu", "vrow%zu", "wl%zu", "in_%zu", "S%zu", "x1.in%zu"};
  static const char *const sense[] = {"t_%zu", "out%zu", "vcol%zu", "bl%zu", "out_%zu", "T%zu", "x1.out%zu"};
  style s = y->c->names;
  size_t base = s == ONE_BASED, n = y->c->a.n;
  if (slot == 0) snprintf(out, NAME, "0");
  else if (s == NUMBERS) snprintf(out, NAME, "%zu", slot * 7919 % 100003);
  else if (slot <= y->sources) snprintf(out, NAME, source[s], slot - 1 + base);
  else if (slot < y->words) snprintf(out, NAME, sense[s], slot - 1 - y->sources + base);
  else if (slot >= y->between) snprintf(out, NAME, "mid%zu", slot);
  else {
    size_t cell = slot < y->bits ? slot - y->words : slot - y->bits, i = cell / n + base, j = cell % n + base;
    snprintf(out, NAME, slot < y->bits ? word[s] : bit[s], s == COLUMN_FIRST ? j : i, s == COLUMN_FIRST ? i : j);
  }
}

static size_t node_at(layout *y, size_t slot) {
  size_t at = y->label[slot];
  if (at == 0) return 0;
  if (y->node[at] == 0) {
    double volt = at <= y->sources ? y->c->v[at - 1] : at < y->words ? y->c->u[at - 1 - y->sources] : NAN;
    y->node[at] = net_node(y->w, volt, NULL);
    name_slot(y, at, y->w->text[y->node[at]]);
  }
  return y->node[at];
}

static void lay(layout *y, int round, size_t a, size_t b, double ohm, double siemens) {
  if (round == 0 && ohm == 0) tie(y, a, b);
  if (round == 0 || ohm == 0 || isinf(ohm)) return;
  size_t from = node_at(y, a), to = node_at(y, b);
  if (from == to) y->collided = 1;
  for (size_t k = 0; k < y->w->net.resistors; k++) {
    size_t p = y->w->ends[2 * k], q = y->w->ends[2 * k + 1];
    if ((p == from && q == to) || (p == to && q == from)) y->collided = 1;
  }
  net_resistor(y->w, from, to, ohm, siemens);
}

static void lay_end(layout *y, int round, size_t terminal, size_t first, double end, double segment, size_t between) {
  if (isinf(end) || isinf(segment)) return;
  if (y->c->split && end > 0 && segment > 0) {
    lay(y, round, terminal, between, end, 1 / end);
    lay(y, round, between, first, segment, 1 / segment);
  } else {
    lay(y, round, terminal, first, end + segment, 1 / (end + segment));
  }
}

static double segment_at(const double *each, double all, size_t at) { return each != NULL ? each[at] : all; }

static void lay_line(layout *y, int round, size_t line, size_t terminal, size_t first, size_t step, size_t cells,
                     const double *each, double all, double end, int at_first, int at_last) {
  int direct = y->c->a.ends == OG_ENDS_DIRECT;
  for (size_t p = 1; p < cells; p++) {
    double ohm = segment_at(each, all, p * step);
    lay(y, round, first + (p - 1) * step, first + p * step, ohm, 1 / ohm);
  }
  double before = direct ? 0 : segment_at(each, all, 0), behind = direct ? 0 : segment_at(each, all, cells * step);
  if (at_first) lay_end(y, round, terminal, first, end, before, y->between + 2 * line);
  if (at_last) lay_end(y, round, terminal, first + (cells - 1) * step, end, behind, y->between + 2 * line + 1);
}

static size_t slot_of(const layout *y, const og_site *s) {
  return (s->line == OG_LINE_WORD ? y->words : y->bits) + s->i * y->c->a.n + s->j;
}

static void lay_all(layout *y, int round) {
  const circuit *c = y->c;
  const og_array *a = &c->a;
  int first = a->drive != OG_DRIVE_RIGHT, last = a->drive != OG_DRIVE_LEFT, parallel = a->wiring == OG_WIRING_PARALLEL;
  for (size_t s = 0; s < y->sources; s++)
    lay_line(y, round, s, 1 + s, y->words + (parallel ? s : s * a->n), parallel ? a->n : 1, parallel ? a->m : a->n,
             a->word_segments != NULL ? a->word_segments + (parallel ? s : s * (a->n + 1)) : NULL, a->r_word_ohm,
             segment_at(a->source_ohm, a->r_source_ohm, s), first, last);
  for (size_t j = 0; j < a->n; j++)
    lay_line(y, round, y->sources + j, c->ground ? 0 : 1 + y->sources + j, y->bits + j, a->n, a->m,
             a->bit_segments != NULL ? a->bit_segments + j : NULL, a->r_bit_ohm,
             segment_at(a->sense_ohm, a->r_sense_ohm, j), a->sense != OG_SENSE_BOTTOM, a->sense != OG_SENSE_TOP);
  for (size_t k = 0; k < a->m * a->n; k++)
    lay(y, round, y->words + k, y->bits + k, c->g[k] > 0 ? 1 / c->g[k] : INFINITY, c->g[k]);
  for (size_t k = 0; k < a->bridge_count; k++)
    lay(y, round, slot_of(y, &a->bridges[k].a), slot_of(y, &a->bridges[k].b), a->bridges[k].ohm,
        1 / a->bridges[k].ohm);
}

static void lay_out(layout *y, const circuit *c, net *w, ogi_rng *rng) {
  size_t cells = c->a.m * c->a.n;
  *y = (layout){.c = c, .w = w, .sources = c->a.wiring == OG_WIRING_PARALLEL ? c->a.n : c->a.m};
  y->words = 1 + y->sources + c->a.n;
  y->bits = y->words + cells;
  y->between = y->bits + cells;
  y->slots = y->between + 2 * (y->sources + c->a.n);
  y->label = calloc(y->slots, sizeof *y->label);
  y->node = calloc(y->slots, sizeof *y->node);
  for (size_t k = 0; k < y->slots; k++) y->label[k] = k;
  net_init(w, y->slots, y->slots + 2 * cells);
  for (int round = 0; round < 2; round++) lay_all(y, round);
  size_t *number = net_shuffle(w, rng);
  for (size_t k = y->slots; k-- > 0;) y->node[k] = number[y->node[y->label[k]]]; /* labels are lower slots */
  free(number);
}

static void layout_clear(layout *y) {
  free(y->label);
  free(y->node);
}

/* ---- comparison ---- */

typedef struct answer {
  double *by_node, *current; /* potential and current into each node of the network */
  og_status status;
} answer;

static void answer_clear(answer *x) {
  free(x->by_node);
  free(x->current);
}

/* Solve an array, and put what comes out at the numbers of its nodes; NO_NODE and 0 of bare places are left alone. */
static answer solve(const og_array *a, const double *g, const double *v, const double *u, const size_t *word,
                    const size_t *bit, const size_t *source, const size_t *sense, size_t nodes) {
  size_t cells = a->m * a->n;
  double *out = calloc(a->n, sizeof *out), *vw = calloc(cells, sizeof *vw), *vb = calloc(cells, sizeof *vb);
  answer x = {.by_node = calloc(nodes, sizeof(double)), .current = calloc(nodes, sizeof(double))};
  og_solver *s = NULL;
  og_solver_opts opts;
  og_solver_opts_init(&opts);
  opts.engine = OG_ENGINE_CHOLESKY;
  x.status = og_solver_create(&s, a, &opts, NULL);
  if (x.status == OG_OK) x.status = og_solver_set_cells(s, g, NULL);
  if (x.status == OG_OK) x.status = og_solver_set_bit_volts(s, u, NULL);
  if (x.status == OG_OK) x.status = og_solver_dc(s, v, 1, out, vw, vb, NULL, NULL);
  for (size_t k = 0; x.status == OG_OK && k < cells; k++) {
    if (word[k] < nodes) x.by_node[word[k]] = vw[k];
    if (bit[k] < nodes) x.by_node[bit[k]] = vb[k];
  }
  for (size_t j = 0; x.status == OG_OK && j < a->n; j++)
    if (sense[j] < nodes) x.current[sense[j]] += out[j];
  for (size_t l = 0; l < (a->wiring == OG_WIRING_PARALLEL ? a->n : a->m); l++)
    if (source[l] < nodes) x.by_node[source[l]] = v[l];
  for (size_t j = 0; j < a->n; j++)
    if (sense[j] < nodes) x.by_node[sense[j]] = u[j];
  og_solver_free(s);
  free(out);
  free(vw);
  free(vb);
  return x;
}

static void same_answers(const char *place, const layout *y, const ogi_crossbar *c) {
  size_t nodes = y->w->net.nodes, n = y->c->a.n, *sense = calloc(n, sizeof *sense);
  double most = 0, flow = 0;
  for (size_t j = 0; j < n; j++) sense[j] = y->c->ground ? 0 : y->node[1 + y->sources + j];
  answer want = solve(&y->c->a, y->c->g, y->c->v, y->c->u, y->node + y->words, y->node + y->bits, y->node + 1, sense,
                      nodes);
  answer got = solve(&c->array, c->g, c->v, c->u, c->word, c->bit, c->source, c->sense, nodes);
  if (want.status == OG_OK) ck_assert_msg(got.status == OG_OK, "%s: status %d", place, (int)got.status);
  int swapped = 0; /* sources and sense nodes may have changed sides: nothing in the network tells them apart */
  for (size_t j = 0; j < c->array.n && want.status == OG_OK; j++)
    for (size_t s = 0; s < y->sources; s++) swapped |= c->sense[j] == y->node[1 + s] && c->sense[j] != 0;
  for (size_t l = 0; l < (c->array.wiring == OG_WIRING_PARALLEL ? c->array.n : c->array.m); l++)
    swapped |= c->source[l] == 0;
  for (size_t k = 1; k < nodes && want.status == OG_OK; k++) {
    most = fmax(most, fabs(want.by_node[k]));
    flow = fmax(flow, fabs(want.current[k]));
  }
  for (size_t k = 1; k < nodes && want.status == OG_OK; k++) {
    ck_assert_msg(fabs(got.by_node[k] - want.by_node[k]) <= 1e-10 * most, "%s: node %s: saw %.17g, want %.17g", place,
                  y->w->text[k], got.by_node[k], want.by_node[k]);
    ck_assert_msg(swapped || fabs(got.current[k] - want.current[k]) <= 1e-10 * flow + 1e-12,
                  "%s: current %zu %.17g %.17g", place, k, got.current[k], want.current[k]);
  }
  ck_assert_msg(swapped || want.status != OG_OK ||
                    fabs(got.current[0] - want.current[0]) <= 1e-10 * fabs(want.current[0]) + 1e-12,
                "%s: current into ground %.17g, want %.17g", place, got.current[0], want.current[0]);
  free(sense);
  answer_clear(&want);
  answer_clear(&got);
}

/* Every resistance along a line, ends with their terminal resistance. */
static double total_at(const og_array *a, int is_bit, size_t line, size_t p) {
  int parallel = a->wiring == OG_WIRING_PARALLEL, down = is_bit || parallel, direct = a->ends == OG_ENDS_DIRECT;
  size_t cells = down ? a->m : a->n, at = down ? p * a->n + line : line * (a->n + 1) + p;
  double segment = segment_at(is_bit ? a->bit_segments : a->word_segments, is_bit ? a->r_bit_ohm : a->r_word_ohm, at);
  double end = segment_at(is_bit ? a->sense_ohm : a->source_ohm, is_bit ? a->r_sense_ohm : a->r_source_ohm, line);
  int first = is_bit ? a->sense != OG_SENSE_BOTTOM : a->drive != OG_DRIVE_RIGHT;
  int last = is_bit ? a->sense != OG_SENSE_TOP : a->drive != OG_DRIVE_LEFT;
  if (p > 0 && p < cells) return segment;
  if (!(p == 0 ? first : last)) return INFINITY;
  return direct ? end : end + segment;
}

/* Does every place have a node of its own? */
static int all_positive(const circuit *c) {
  const og_array *a = &c->a;
  double least = INFINITY, most = 0;
  for (int is_bit = 0; is_bit < 2; is_bit++)
    for (size_t l = 0; l < (is_bit || a->wiring == OG_WIRING_PARALLEL ? a->n : a->m); l++) {
      size_t cells = is_bit || a->wiring == OG_WIRING_PARALLEL ? a->m : a->n;
      for (size_t p = 0; p <= cells; p++) {
        least = fmin(least, total_at(a, is_bit, l, p));
        if (p > 0 && p < cells) most = fmax(most, total_at(a, is_bit, l, p));
      }
    }
  return least > 0 && isfinite(most);
}

/* With names, and every node there, the very same array: nodes, cells and segments to the bit. */
static int same_array(const char *place, const layout *y, const ogi_crossbar *c) {
  const og_array *want = &y->c->a, *got = &c->array;
  if (!all_positive(y->c)) return 0;
  if (y->c->names == LAYER && (want->m < 3 || want->n < 3)) return 0; /* which number is the layer? */
  ck_assert_msg(got->m == want->m && got->n == want->n && got->wiring == want->wiring, "%s: saw %zu x %zu", place,
                got->m, got->n);
  for (size_t k = 0; k < want->m * want->n; k++) {
    ck_assert_msg(c->word[k] == y->node[y->words + k] && c->bit[k] == y->node[y->bits + k], "%s: node %zu", place, k);
    ck_assert_msg(!(c->g[k] < y->c->g[k] || c->g[k] > y->c->g[k]), "%s: cell %zu", place, k);
  }
  for (int is_bit = 0; is_bit < 2; is_bit++)
    for (size_t l = 0; l < (is_bit || want->wiring == OG_WIRING_PARALLEL ? want->n : want->m); l++)
      for (size_t p = 0; p <= (is_bit || want->wiring == OG_WIRING_PARALLEL ? want->m : want->n); p++) {
        if ((is_bit ? want->m : want->n) == 1) continue; /* either end will do */
        double one = total_at(got, is_bit, l, p), other = total_at(want, is_bit, l, p);
        ck_assert_msg(!(one < other || one > other), "%s: %s line %zu at %zu: %.17g, want %.17g", place,
                      is_bit ? "bit" : "word", l, p, one, other);
      }
  ck_assert_uint_eq(got->bridge_count, want->bridge_count);
  return 1;
}

/* Is there a resistor between terminals and their lines? One that is a node of its line at both ends closes a ring. */
static int structure_tells(const circuit *c) {
  const og_array *a = &c->a;
  double source = total_at(a, 0, 0, a->drive == OG_DRIVE_RIGHT ? a->n : 0);
  double sense = total_at(a, 1, 0, a->sense == OG_SENSE_TOP ? 0 : a->m);
  int ring = (a->drive == OG_DRIVE_BOTH && !(source > 0) && total_at(a, 0, 0, 1) > 0) ||
             (a->sense == OG_SENSE_BOTH && !(sense > 0) && total_at(a, 1, 0, 1) > 0);
  return !ring && !(c->ground && !(sense > 0)) && a->m > 1 && a->n > 1;
}

typedef struct tally {
  int found, refused, exact, skipped;
} tally;

static void check_case(int number, int named, tally *t) {
  static circuit c;
  layout y;
  net w;
  ogi_crossbar got;
  og_error err = {0};
  char place[80];
  ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 711, .source = OGI_SOURCE_TEST, .trial = (uint32_t)number});
  draw(rng, &c, named);
  lay_out(&y, &c, &w, rng);
  snprintf(place, sizeof place, "case %d, %zu x %zu", number, c.a.m, c.a.n);
  og_status st = ogi_recognise(&got, &w.net, &err);
  int open = 0;
  for (size_t k = 0; k < c.a.m * c.a.n; k++) open |= !(c.g[k] > 0);
  if (y.collided) {
    t->skipped++;
  } else if (st != OG_OK) {
    ck_assert_int_eq(st, OG_E_INPUT);
    ck_assert_msg(named ? !all_positive(&c) || c.names == LAYER : open || !structure_tells(&c), "%s: %s", place,
                  err.text);
    t->refused++;
  } else {
    t->found++;
    same_answers(place, &y, &got);
    t->exact += named && same_array(place, &y, &got);
  }
  ogi_crossbar_clear(&got);
  layout_clear(&y);
  net_clear(&w);
  ogi_rng_free(rng);
}

START_TEST(arrays_of_every_topology_are_found_by_their_names) {
  tally t = {0};
  for (int number = 0; number < CASES; number++) check_case(number, 1, &t);
  ck_assert_int_ge(t.found, 20 * t.refused);
  ck_assert_int_ge(t.exact, CASES / 4);
}
END_TEST

START_TEST(arrays_are_found_without_names) {
  tally t = {0};
  for (int number = CASES; number < 2 * CASES; number++) check_case(number, 0, &t);
  ck_assert_int_ge(t.found, 4 * t.refused);
}
END_TEST

/* ---- what is found exactly ---- */

START_TEST(a_deck_of_another_simulator_is_found_to_the_bit) {
  enum { N = 16 };
  net w;
  ogi_crossbar c;
  og_error err = {0};
  char a[NAME], b[NAME];
  net_init(&w, 2 * N * N + N, 3 * N * N);
  for (size_t i = 0; i < N; i++) {
    snprintf(a, sizeof a, "in%zu", i);
    net_node(&w, i == 0 ? 3.3 : 0, a); /* v0 in0 0 DC=3.3, the others at 0 V */
    for (size_t j = 0; j < N; j++) {
      snprintf(b, sizeof b, "top%zup%zu", i, j);
      net_wire(&w, a, b, 1);
      snprintf(a, sizeof a, "bot%zup%zu", i, j);
      net_wire(&w, b, a, 2);
      if (i + 1 < N) snprintf(b, sizeof b, "bot%zup%zu", i + 1, j);
      else snprintf(b, sizeof b, "0");
      net_wire(&w, a, b, 1);
      snprintf(a, sizeof a, "top%zup%zu", i, j);
    }
  }
  ck_assert_msg(ogi_recognise(&c, &w.net, &err) == OG_OK, "%s", err.text);
  ck_assert_uint_eq(c.array.m, N);
  ck_assert_uint_eq(c.array.n, N);
  ck_assert(c.array.drive == OG_DRIVE_LEFT && c.array.sense == OG_SENSE_BOTTOM && c.array.ends == OG_ENDS_SEGMENT);
  ck_assert(c.array.r_word_ohm == 1 && c.array.r_bit_ohm == 1 && c.array.r_source_ohm == 0 && c.array.r_sense_ohm == 0);
  ck_assert(c.array.word_segments == NULL && c.array.source_ohm == NULL && c.array.bridge_count == 0);
  for (size_t k = 0; k < N * N; k++) ck_assert(c.g[k] == 0.5);
  for (size_t i = 0; i < N; i++) {
    ck_assert(c.v[i] == (i == 0 ? 3.3 : 0) && c.u[i] == 0 && c.sense[i] == 0);
    snprintf(a, sizeof a, "in%zu", i);
    ck_assert_str_eq(w.text[c.source[i]], a);
  }
  ck_assert_str_eq(w.text[c.word[3 * N + 5]], "top3p5");
  ck_assert_str_eq(w.text[c.bit[3 * N + 5]], "bot3p5");
  ogi_crossbar_clear(&c);
  net_clear(&w);
}
END_TEST

/* ---- what is no crossbar ---- */

/* A grid of m x n crossings with 1 ohm segments and 1 kohm cells under meaningless names; bit lines end at ground. */
static void add_grid(net *w, size_t m, size_t n, const char *tag) {
  char word[NAME], bit[NAME], next[NAME];
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      size_t cell = i * n + j;
      snprintf(word, sizeof word, "%s%zu", tag, 2 * cell + 1);
      snprintf(bit, sizeof bit, "%s%zu", tag, 2 * cell + 2);
      snprintf(next, sizeof next, j == 0 ? "%sq%zu" : "%s%zu", tag, j == 0 ? i : 2 * cell - 1);
      if (j == 0) net_node(w, 1, next);
      net_wire(w, next, word, 1);
      net_wire(w, word, bit, 1000);
      snprintf(next, sizeof next, "%s%zu", tag, 2 * (cell + n) + 2);
      net_wire(w, bit, i + 1 < m ? next : "0", 1);
    }
}

static void refused(net *w, const char *reason) {
  ogi_crossbar c;
  og_error err = {0};
  ck_assert_int_eq(ogi_recognise(&c, &w->net, &err), OG_E_INPUT);
  ogt_has(err.text, reason);
  ck_assert_ptr_null(c.g);
  net_clear(w);
}

START_TEST(a_cube_is_refused) {
  net w;
  net_init(&w, 9, 13);
  net_node(&w, 1, "c0");
  for (unsigned v = 0; v < 8; v++)
    for (unsigned bit = 1; bit < 8; bit *= 2) {
      char a[NAME], b[NAME];
      if ((v & bit) != 0) continue;
      snprintf(a, sizeof a, "c%u", v);
      snprintf(b, sizeof b, "c%u", v | bit);
      net_wire(&w, a, (v | bit) == 7 ? "0" : b, 10);
    }
  refused(&w, "node");
}
END_TEST

START_TEST(a_resistor_and_a_chain_are_refused) {
  net w;
  net_init(&w, 3, 3);
  net_node(&w, 1, "1");
  net_wire(&w, "1", "0", 5);
  refused(&w, "nodes 0 and 1: one resistor between two fixed potentials");
  net_init(&w, 9, 9);
  net_node(&w, 1, "1");
  net_wire(&w, "1", "2", 5);
  net_wire(&w, "2", "3", 5);
  net_wire(&w, "3", "4", 5);
  net_wire(&w, "4", "0", 5);
  refused(&w, "crossbar: saw 1 and 1 lines, need two of one kind");
}
END_TEST

START_TEST(a_grid_with_something_odd_is_refused) {
  net w;
  net_init(&w, 120, 120);
  add_grid(&w, 4, 5, "");
  net_wire(&w, "3", "16", 7);
  refused(&w, "node ");
  net_init(&w, 120, 120);
  add_grid(&w, 4, 5, "");
  net_wire(&w, "15", "nowhere", 7);
  refused(&w, "node ");
  net_init(&w, 120, 120);
  add_grid(&w, 4, 5, "");
  net_wire(&w, "3", "5", 1);
  refused(&w, "nodes 5 and 3: resistors in parallel, need one piece of wire");
  net_init(&w, 220, 220);
  add_grid(&w, 4, 5, "");
  add_grid(&w, 3, 5, "k");
  refused(&w, "no cell joins its line to that of node ");
}
END_TEST

START_TEST(a_broken_network_is_refused_with_its_place) {
  net w;
  net_init(&w, 3, 3);
  refused(&w, "crossbar: saw no resistor");
  net_init(&w, 3, 3);
  net_wire(&w, "7", "7", 5);
  refused(&w, "node 7: a resistor has both ends here");
  net_init(&w, 3, 3);
  net_wire(&w, "a", "0", INFINITY);
  refused(&w, "resistor from a to 0: saw inf ohm, need a finite value > 0");
  net_init(&w, 3, 3);
  net_wire(&w, "a", "0", 5);
  w.ends[0] = 99;
  refused(&w, "resistor 0: saw node number 99, need < 2");
  net_init(&w, 120, 120);
  add_grid(&w, 4, 5, "");
  net_node(&w, NAN, "lonely");
  refused(&w, "node lonely: no resistor leads to it");
}
END_TEST

START_TEST(names_of_a_huge_array_take_no_memory) {
  net w;
  net_init(&w, 9, 9);
  net_node(&w, 1, "s_0");
  net_wire(&w, "s_0", "w_999999999_999999999", 5);
  net_wire(&w, "w_999999999_999999999", "b_0_0", 5);
  net_wire(&w, "b_0_0", "b_99999999999999999999999_1", 5);
  net_wire(&w, "b_99999999999999999999999_1", "0", 5);
  refused(&w, "crossbar: ");
}
END_TEST

START_TEST(random_graphs_are_refused_or_are_arrays) {
  for (uint32_t trial = 0; trial < 300; trial++) {
    ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 4, .source = OGI_SOURCE_TEST, .trial = trial});
    net w;
    ogi_crossbar c;
    og_error err = {0};
    size_t nodes = 3 + ogi_rng_below(rng, 20), count = 1 + ogi_rng_below(rng, 2 * nodes);
    net_init(&w, nodes, count);
    for (size_t k = 1; k < nodes; k++) {
      size_t at = net_node(&w, chance(rng, 0.3) ? 1 : NAN, NULL);
      if (trial % 2 == 0) snprintf(w.text[at], NAME, "%zu", k);
      else snprintf(w.text[at], NAME, "%c_%zu_%zu", k % 2 ? 'w' : 'b', k / 2 % 3, k / 6);
    }
    for (size_t k = 0; k < count; k++) {
      size_t a = ogi_rng_below(rng, nodes), b = ogi_rng_below(rng, nodes);
      if (a != b) net_resistor(&w, a, b, 1 + (double)k, 1 / (1 + (double)k));
    }
    og_status st = ogi_recognise(&c, &w.net, &err);
    ck_assert(st == OG_OK || (st == OG_E_INPUT && err.text[0] != '\0'));
    if (st == OG_OK) ck_assert_int_eq(og_array_check(&c.array, &err), OG_OK);
    ogi_crossbar_clear(&c);
    net_clear(&w);
    ogi_rng_free(rng);
  }
}
END_TEST

START_TEST(a_cell_of_two_resistors_is_their_sum_and_a_link_across_a_named_array_a_bridge) {
  net w;
  ogi_crossbar c;
  og_error err = {0};
  char a[NAME], b[NAME];
  net_init(&w, 100, 100);
  for (size_t i = 0; i < 3; i++)
    for (size_t j = 0; j < 4; j++) {
      if (j == 0) snprintf(a, sizeof a, "in%zu", i);
      else snprintf(a, sizeof a, "wl%zu_%zu", i, j - 1);
      if (j == 0) net_node(&w, 1, a);
      snprintf(b, sizeof b, "wl%zu_%zu", i, j);
      net_wire(&w, a, b, j == 0 ? 50 : 2);
      snprintf(a, sizeof a, "bl%zu_%zu", i, j);
      net_wire(&w, b, a, 4096);
      snprintf(b, sizeof b, "bl%zu_%zu", i + 1, j);
      net_wire(&w, a, i < 2 ? b : "0", 2);
    }
  net_wire(&w, "wl1_2", "bl1_2", 1024);
  net_wire(&w, "wl0_1", "bl2_3", 7);
  ck_assert_msg(ogi_recognise(&c, &w.net, &err) == OG_OK, "%s", err.text);
  ck_assert_uint_eq(c.array.m, 3);
  ck_assert_uint_eq(c.array.n, 4);
  ck_assert(c.g[1 * 4 + 2] == 1.0 / 4096 + 1.0 / 1024);
  /* 50 ohm in front of segments of 2 ohm: a driver at the first cell, and no arithmetic. */
  ck_assert(c.array.ends == OG_ENDS_DIRECT && c.array.r_source_ohm == 50 && c.array.r_sense_ohm == 2);
  ck_assert(c.array.r_word_ohm == 2 && c.array.r_bit_ohm == 2 && c.array.word_segments == NULL);
  ck_assert_uint_eq(c.array.bridge_count, 1);
  ck_assert(c.bridges[0].ohm == 7);
  ogi_crossbar_clear(&c);
  for (size_t k = 0; k < 30; k++) { /* far too many of them */
    snprintf(a, sizeof a, "wl%zu_%zu", k % 3, k % 4);
    snprintf(b, sizeof b, "bl%zu_%zu", (k + 1) % 3, k / 3 % 4);
    net_wire(&w, a, b, 9);
  }
  refused(&w, "has no place in a crossbar");
}
END_TEST

START_TEST(every_allocation_may_fail) {
  for (int named = 0; named < 2; named++) {
    static circuit c;
    layout y;
    net w;
    ogi_crossbar got;
    og_error err = {0};
    ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 711, .source = OGI_SOURCE_TEST, .trial = named ? 12 : 450});
    draw(rng, &c, named);
    lay_out(&y, &c, &w, rng);
    size_t live = ogi_mem_live(), k = 1;
    og_status st = OG_E_NOMEM;
    for (; st == OG_E_NOMEM; k++) {
      ogi_mem_fail_at(k);
      st = ogi_recognise(&got, &w.net, &err);
      ogi_mem_fail_at(0);
      if (st == OG_E_NOMEM) ogt_has(err.text, "crossbar: ");
      if (st == OG_E_NOMEM) ck_assert_uint_eq(ogi_mem_live(), live);
    }
    ck_assert_int_eq(st, OG_OK);
    ck_assert_uint_ge(k, 20);
    ogi_crossbar_clear(&got);
    ck_assert_uint_eq(ogi_mem_live(), live);
    layout_clear(&y);
    net_clear(&w);
    ogi_rng_free(rng);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("recognise");
  TCase *tc = tcase_create("recognise");
  tcase_set_timeout(tc, 120); /* sanitizers are slow */
  tcase_add_test(tc, arrays_of_every_topology_are_found_by_their_names);
  tcase_add_test(tc, arrays_are_found_without_names);
  tcase_add_test(tc, a_deck_of_another_simulator_is_found_to_the_bit);
  tcase_add_test(tc, a_cube_is_refused);
  tcase_add_test(tc, a_resistor_and_a_chain_are_refused);
  tcase_add_test(tc, a_grid_with_something_odd_is_refused);
  tcase_add_test(tc, a_broken_network_is_refused_with_its_place);
  tcase_add_test(tc, names_of_a_huge_array_take_no_memory);
  tcase_add_test(tc, random_graphs_are_refused_or_are_arrays);
  tcase_add_test(tc, a_cell_of_two_resistors_is_their_sum_and_a_link_across_a_named_array_a_bridge);
  tcase_add_test(tc, every_allocation_may_fail);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
