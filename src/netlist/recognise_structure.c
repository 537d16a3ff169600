/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lines are followed from their terminals inward, all at once, by two facts about an array without bridges:
 *
 *  1. A resistor between nodes of two different lines is a cell. So when the fronts of two lines, the nodes reached
 *     last, are neighbours, one is a word line, the other a bit line, and this is their cell.
 *  2. A node whose cell is known, and all but one of whose resistors are explained, has its line's next node there.
 *
 * In an array the corner between the first word and the last bit line can always start, and each cell frees the next
 * ones, up to cells that are missing: then the least advanced lines whose front has one resistor left go on through it.
 * Lines fall into two kinds by rule 1. It costs O(1) a resistor. What is found is only a hypothesis.
 */
#include <config.h>

#include <stdlib.h>

#include "base/ogi_mem.h"
#include "netlist/ogi_recognise_parts.h"

enum { NONE = -1 };
#define NOT_OPEN ((size_t)-1)

/* One end of a line, from a terminal to its front. */
typedef struct half {
  size_t terminal, start, front, nodes;
  int mate;        /* the half that comes from the other end: known when they meet    */
  int met;         /* cells known at the front                                        */
  int queued;
  int up, odd;     /* union-find over halves, with parity: odd is of the other kind   */
  int ideal[2];    /* at a root: halves of even, of odd parity are one node for all cells */
  double wire;     /* [ohm] the piece that led to the front                            */
} half;

typedef struct peel {
  const ogi_graph *graph;
  unsigned mask;      /* which reading of the terminals: see begins_at_terminal, skips_first */
  half *halves;
  size_t count, room;
  int *owner;         /* nodes: half, NONE                                           */
  size_t *after;      /* nodes: next one on the half                                 */
  size_t *partner;    /* nodes: other end of the last cell found                     */
  size_t *left;       /* nodes: neighbours not explained yet                         */
  char *used;         /* resistors                                                   */
  size_t explained;
  int *queue;
  size_t queue_first, queue_count;
} peel;

static const char *name(const peel *s, size_t node) { return ogi_graph_name(s->graph, node); }

/* ---- bookkeeping ---- */

/* All resistors from a slot's node to the same neighbour at once. */
static void explain(peel *s, size_t a, size_t slot) {
  const ogi_graph *g = s->graph;
  size_t b = g->to[slot];
  for (size_t k = ogi_graph_find(g, a, b); k < g->first[a + 1] && g->to[k] == b; k++) {
    s->used[g->by[k]] = 1;
    s->explained++;
  }
  s->left[a]--;
  s->left[b]--;
}

static int root_of(peel *s, int h, int *odd) {
  int root = h, parity = 0;
  for (; s->halves[root].up != root; root = s->halves[root].up) parity ^= s->halves[root].odd;
  *odd = parity;
  while (s->halves[h].up != root) { /* shorten the path */
    int next = s->halves[h].up, own = s->halves[h].odd;
    if (h == root) break;
    s->halves[h].up = root;
    s->halves[h].odd = parity;
    parity ^= own;
    h = next;
  }
  return root;
}

/* 1: of the other kind, 0: of the same, NONE: not known yet. */
static int relation(peel *s, int a, int b) {
  int odd_a, odd_b, root_a = root_of(s, a, &odd_a), root_b = root_of(s, b, &odd_b);
  return root_a == root_b ? odd_a ^ odd_b : NONE;
}

/* Now known to be of the other kind (odd) or of the same. 0: contradiction. */
static int unite(peel *s, int a, int b, int odd) {
  int odd_a, odd_b, root_a = root_of(s, a, &odd_a), root_b = root_of(s, b, &odd_b), turn = odd_a ^ odd_b ^ odd;
  if (root_a == root_b) return !turn;
  s->halves[root_b].up = root_a;
  s->halves[root_b].odd = turn;
  for (int k = 0; k < 2; k++) s->halves[root_a].ideal[k ^ turn] |= s->halves[root_b].ideal[k];
  return 1;
}

static int is_ideal(peel *s, int h) {
  int odd, root = root_of(s, h, &odd);
  return s->halves[root].ideal[odd];
}

static void set_ideal(peel *s, int h) {
  int odd, root = root_of(s, h, &odd);
  s->halves[root].ideal[odd] = 1;
}

static void enqueue(peel *s, int h) {
  if (s->halves[h].queued) return;
  s->halves[h].queued = 1;
  s->queue[(s->queue_first + s->queue_count++) % s->room] = h;
}

static int dequeue(peel *s) {
  int h = s->queue[s->queue_first];
  s->queue_first = (s->queue_first + 1) % s->room;
  s->queue_count--;
  s->halves[h].queued = 0;
  return h;
}

/* ---- where lines begin ---- */

/*
 * A terminal may be the first node of its line, or one resistor away from it, or two, and all terminals of a class are
 * alike: those with one neighbour, with two, of 0 V or not, and those with more. A bit of the mask reverses what is
 * usual for a class: with one neighbour a terminal stands before its line, with several it is a node or all of it.
 */
enum { READINGS = 128, FIRST_SKIP = 5 };

static unsigned live(const peel *s, size_t t) {
  double volt = s->graph->net->fixed_volt[t];
  return volt < 0 || volt > 0;
}

static unsigned class_of(const peel *s, size_t t) {
  return s->left[t] > 2 ? 4 : 2 * (unsigned)(s->left[t] == 2) + live(s, t);
}

static int begins_at_terminal(const peel *s, size_t t) {
  unsigned several = s->left[t] > 1, other = s->mask >> class_of(s, t) & 1;
  return t != 0 && several != other;
}

static int skips_first(const peel *s, size_t t) { return s->mask >> (FIRST_SKIP + live(s, t)) & 1; }

/* The bits that matter for this network. */
static unsigned needed_bits(const peel *s) {
  const ogi_graph *g = s->graph;
  unsigned bits = 0;
  for (size_t t = 0; t < g->net->nodes; t++) {
    if (!ogi_graph_fixed(g, t) || s->left[t] == 0) continue;
    bits |= 1u << (FIRST_SKIP + live(s, t));
    if (t != 0) bits |= 1u << class_of(s, t);
  }
  return bits;
}

static og_status open_half(peel *s, size_t terminal, size_t start, double wire, og_error *err) {
  if (s->owner[start] != NONE || s->count == s->room)
    return ogi_fail(err, OG_E_INPUT, "node %s: lines from two terminals begin here", name(s, start));
  s->owner[start] = (int)s->count;
  s->halves[s->count] = (half){.terminal = terminal, .start = start, .front = start, .nodes = 1, .mate = NONE,
                               .up = (int)s->count, .wire = wire};
  s->count++;
  return OG_OK;
}

static size_t open_slot(const peel *s, size_t node) {
  const ogi_graph *g = s->graph;
  for (size_t slot = g->first[node]; slot < g->first[node + 1]; slot++)
    if (!s->used[g->by[slot]]) return slot;
  return OGI_NO_NODE;
}

/* Lines that begin one or two resistors away from a terminal. */
static og_status open_around(peel *s, size_t t, og_error *err) {
  const ogi_graph *g = s->graph;
  for (size_t slot = g->first[t]; slot < g->first[t + 1]; slot++) {
    size_t start = g->to[slot];
    double wire = g->net->ohm[g->by[slot]];
    if (s->used[g->by[slot]]) continue;
    if (ogi_graph_fixed(g, start))
      return ogi_fail(err, OG_E_INPUT, "nodes %s and %s: one resistor between two fixed potentials", name(s, t),
                      name(s, start));
    explain(s, t, slot);
    if (skips_first(s, t) && s->left[start] == 1 && !ogi_graph_fixed(g, g->to[open_slot(s, start)])) {
      size_t next = open_slot(s, start), driver = start;
      start = g->to[next];
      wire = g->net->ohm[g->by[next]];
      explain(s, driver, next);
    }
    og_status st = open_half(s, t, start, wire, err);
    if (st != OG_OK) return st;
  }
  return OG_OK;
}

static og_status open_all(peel *s, og_error *err) {
  og_status st = OG_OK;
  const ogi_graph *g = s->graph;
  for (size_t t = 0; t < g->net->nodes; t++)
    if (ogi_graph_fixed(g, t) && s->left[t] > 0 && begins_at_terminal(s, t))
      OGI_TRY(st, open_half(s, t, t, 0, err));
  for (size_t t = 0; t < g->net->nodes; t++)
    if (ogi_graph_fixed(g, t) && s->left[t] > 0 && s->owner[t] == NONE) OGI_TRY(st, open_around(s, t, err));
  if (s->count < 2) st = ogi_fail(err, OG_E_INPUT, "crossbar: %zu lines begin at fixed potentials, need 2", s->count);
done:
  return st;
}

/* ---- rules ---- */

/* The front of another half, or NONE. */
static int front_at(const peel *s, size_t node) { return s->owner[node]; }

static int cell_found(peel *s, int h, size_t slot) {
  size_t x = s->halves[h].front, y = s->graph->to[slot];
  int k = s->owner[y];
  explain(s, x, slot);
  s->partner[x] = y;
  s->partner[y] = x;
  s->halves[h].met++;
  s->halves[k].met++;
  if (!is_ideal(s, k)) enqueue(s, k);
  return unite(s, h, k, 1);
}

/* Two halves of one line have met. */
static int join(peel *s, int h, size_t slot) {
  int k = s->owner[s->graph->to[slot]];
  if (s->halves[h].mate != NONE || s->halves[k].mate != NONE) return 0;
  explain(s, s->halves[h].front, slot);
  s->halves[h].mate = k;
  s->halves[k].mate = h;
  return unite(s, h, k, 0);
}

/* Rule 1 at every neighbour of a front. Two lines from one terminal may be the ends of one: only kinds can tell. */
static int find_cells(peel *s, int h) {
  const ogi_graph *g = s->graph;
  size_t x = s->halves[h].front;
  for (size_t slot = g->first[x]; slot < g->first[x + 1]; slot++) {
    int k = s->used[g->by[slot]] ? NONE : front_at(s, g->to[slot]);
    if (k == NONE || k == h) continue;
    int same_terminal = s->halves[h].terminal == s->halves[k].terminal, odd = same_terminal ? relation(s, h, k) : 1;
    if (odd == NONE && s->halves[h].terminal != 0) odd = 0;
    if (odd == NONE) continue;
    if (!(odd ? cell_found(s, h, slot) : join(s, h, slot))) return 0;
  }
  return 1;
}

static void advance(peel *s, int h) {
  half *one = &s->halves[h];
  size_t x = one->front, slot = open_slot(s, x), y = s->graph->to[slot];
  explain(s, x, slot);
  one->wire = s->graph->net->ohm[s->graph->by[slot]];
  one->front = s->after[x] = y;
  one->nodes++;
  one->met = 0;
  s->owner[y] = h;
  if (s->left[y] >= 3) set_ideal(s, h);
  enqueue(s, h);
}

/* One resistor left, to a free node that no line has reached. */
static int can_advance(const peel *s, int h) {
  size_t x = s->halves[h].front;
  if (s->left[x] != 1 || s->halves[h].mate != NONE) return 0;
  size_t y = s->graph->to[open_slot(s, x)];
  return s->owner[y] == NONE && !ogi_graph_fixed(s->graph, y);
}

static int follow(peel *s) {
  while (s->queue_count > 0) {
    int h = dequeue(s);
    if (!find_cells(s, h)) return 0;
    if (s->halves[h].met == 1 && !is_ideal(s, h) && can_advance(s, h)) advance(s, h);
  }
  return 1;
}

/* How good it would be to go on from a front without a cell: the length of the line; NOT_OPEN: it cannot. */
static size_t rank_of(const peel *s, int h) {
  if (s->halves[h].met != 0 || !can_advance(s, h)) return NOT_OPEN;
  double ohm = s->graph->net->ohm[s->graph->by[open_slot(s, s->halves[h].front)]], wire = s->halves[h].wire;
  return s->halves[h].nodes + (ohm < wire || ohm > wire ? s->graph->net->nodes : 0);
}

/* Nothing follows any more: a cell is missing. A wire like the last one is the better guess, then the shortest line. */
static int guess_missing(peel *s) {
  size_t best = NOT_OPEN;
  for (int h = 0; h < (int)s->count; h++) {
    size_t rank = rank_of(s, h);
    if (rank < best && !is_ideal(s, h)) best = rank;
  }
  for (int h = 0; best != NOT_OPEN && h < (int)s->count; h++)
    if (rank_of(s, h) == best && !is_ideal(s, h)) advance(s, h);
  return best != NOT_OPEN;
}

/* Ends from ground that meet although nothing tells their kinds are taken for one line. */
static int guess_meeting(peel *s) {
  for (int h = 0; h < (int)s->count; h++) {
    size_t x = s->halves[h].front, slot = s->left[x] == 1 ? open_slot(s, x) : OGI_NO_NODE;
    if (slot == OGI_NO_NODE) continue;
    int k = front_at(s, s->graph->to[slot]);
    if (k != NONE && k != h && s->halves[k].terminal == s->halves[h].terminal && join(s, h, slot)) return 1;
  }
  return 0;
}

static og_status refuse_rest(const peel *s, og_error *err) {
  const ogi_graph *g = s->graph;
  size_t odd = 0;
  for (size_t v = 1; v < g->net->nodes; v++) /* the most crowded node is the likeliest reason */
    if (s->left[v] > s->left[odd] || (odd == 0 && s->left[v] > 0)) odd = v;
  return ogi_fail(err, OG_E_INPUT, "node %s: %zu resistors, %zu of them fit no line or cell of a crossbar",
                  name(s, odd), ogi_graph_degree(g, odd), s->left[odd]);
}

static og_status follow_all(peel *s, og_error *err) {
  for (int h = 0; h < (int)s->count; h++)
    if (!find_cells(s, h)) return refuse_rest(s, err);
  for (int h = 0; h < (int)s->count; h++) { /* a node with several cells is a whole line */
    size_t all = s->left[s->halves[h].front] + (size_t)s->halves[h].met;
    if (s->halves[h].met >= 2 || all >= 3) set_ideal(s, h);
  }
  for (int h = 0; h < (int)s->count; h++) enqueue(s, h);
  do {
    if (!follow(s)) return refuse_rest(s, err);
  } while (s->explained < s->graph->net->resistors && (guess_missing(s) || guess_meeting(s)));
  return s->explained < s->graph->net->resistors ? refuse_rest(s, err) : OG_OK;
}

/* ---- from halves to lines ---- */

/* A line of one kind; nodes from its first half's start on. */
typedef struct track {
  size_t *node; /* cells, into storage of the kind */
  size_t terminal, order;
  int flip; /* runs against the columns (rows); NONE: not known yet */
} track;

typedef struct kind {
  track *track;
  size_t count, cells;
  int ideal;
  size_t *storage;
} kind;

typedef struct grid {
  kind kinds[2];
  int *track_of; /* halves: number among their kind */
} grid;

static size_t line_nodes(const peel *s, int h) {
  int mate = s->halves[h].mate;
  return s->halves[h].nodes + (mate != NONE ? s->halves[mate].nodes : 0);
}

static int is_first_half(const peel *s, int h) { return s->halves[h].mate == NONE || s->halves[h].mate > h; }

static void list_nodes(const peel *s, int h, size_t *out) {
  size_t count = 0, total = line_nodes(s, h), node = s->halves[h].start;
  for (size_t k = 0; k < s->halves[h].nodes; k++, node = s->after[node]) out[count++] = node;
  int mate = s->halves[h].mate;
  if (mate == NONE) return;
  node = s->halves[mate].start;
  for (size_t k = 0; k < s->halves[mate].nodes; k++, node = s->after[node]) out[--total] = node;
}

/* A node more than there are crossing lines, at each end with a terminal, is the one between driver and segment. */
static og_status cut_line(const peel *s, int h, size_t *nodes, size_t cells, track *t, og_error *err) {
  size_t total = line_nodes(s, h), ends = s->halves[h].mate == NONE ? 1 : 2;
  list_nodes(s, h, nodes);
  if (total != cells && total != cells + ends)
    return ogi_fail(err, OG_E_INPUT, "node %s: its line has %zu nodes, need %zu, one for each crossing line",
                    name(s, s->halves[h].start), total, cells);
  *t = (track){.node = nodes + (total > cells), .terminal = s->halves[h].terminal, .flip = NONE};
  return OG_OK;
}

static og_status make_tracks(peel *s, grid *o, og_error *err) {
  og_status st = OG_OK;
  size_t total[2] = {0, 0}, used[2] = {0, 0};
  int odd = 0, one_root = root_of(s, 0, &odd), first_odd = odd;
  for (int h = 0; h < (int)s->count; h++) {
    if (root_of(s, h, &odd) != one_root)
      return ogi_fail(err, OG_E_INPUT, "node %s: no cell joins its line to that of node %s",
                      name(s, s->halves[h].start), name(s, s->halves[0].start));
    if (!is_first_half(s, h)) continue;
    kind *k = &o->kinds[odd ^ first_odd];
    o->track_of[h] = (int)k->count++;
    if (s->halves[h].mate != NONE) o->track_of[s->halves[h].mate] = o->track_of[h];
    total[odd ^ first_odd] += line_nodes(s, h);
  }
  if (o->kinds[0].count * o->kinds[1].count < 2)
    return ogi_fail(err, OG_E_INPUT, "crossbar: saw %zu and %zu lines, need two of one kind", o->kinds[0].count,
                    o->kinds[1].count);
  for (int q = 0; q < 2; q++) {
    kind *k = &o->kinds[q];
    k->ideal = s->halves[one_root].ideal[q ^ first_odd];
    k->cells = k->ideal ? 1 : o->kinds[1 - q].count;
    k->track = ogi_alloc(k->count, sizeof *k->track);
    k->storage = ogi_alloc(total[q], sizeof *k->storage);
    if (k->track == NULL || k->storage == NULL) return ogi_fail(err, OG_E_NOMEM, "crossbar: %zu lines", s->count);
  }
  for (int h = 0; h < (int)s->count; h++) {
    if (!is_first_half(s, h)) continue;
    root_of(s, h, &odd);
    int q = odd ^ first_odd;
    kind *k = &o->kinds[q];
    OGI_TRY(st, cut_line(s, h, k->storage + used[q], k->cells, &k->track[o->track_of[h]], err));
    used[q] += line_nodes(s, h);
  }
done:
  return st;
}

/* ---- the order of lines ---- */

static size_t partner_track(const peel *s, const grid *o, size_t node) {
  size_t partner = s->partner[node];
  return partner == OGI_NO_NODE ? OGI_NO_NODE : (size_t)o->track_of[s->owner[partner]];
}

/* Do the crossing lines whose order is known say that this one runs against them? NONE: they do not say. */
static int vote(const peel *s, const grid *o, const track *t, size_t cells, const kind *other) {
  size_t with = 0, against = 0;
  for (size_t p = 0; p < cells; p++) {
    size_t k = partner_track(s, o, t->node[p]);
    if (k == OGI_NO_NODE || other->track[k].order == OGI_NO_NODE) continue;
    with += other->track[k].order == p;
    against += other->track[k].order == cells - 1 - p;
  }
  return with == against ? NONE : against > with;
}

static void spread(const peel *s, const grid *o, track *t, size_t cells, kind *other, int flip) {
  t->flip = flip;
  for (size_t p = 0; p < cells; p++) {
    size_t k = partner_track(s, o, t->node[p]);
    if (k != OGI_NO_NODE && other->track[k].order == OGI_NO_NODE) other->track[k].order = flip ? cells - 1 - p : p;
  }
}

/* Lines that are chains put those that cross them in order; each tells its direction by those already in order. */
static void order_across(const peel *s, const grid *o, kind *chains, kind *other) {
  for (size_t k = 0; k < other->count; k++) other->track[k].order = OGI_NO_NODE;
  spread(s, o, &chains->track[0], chains->cells, other, 0);
  for (int change = 1; change;) {
    change = 0;
    for (size_t k = 0; k < chains->count; k++) {
      track *t = &chains->track[k];
      int flip = t->flip == NONE ? vote(s, o, t, chains->cells, other) : NONE;
      if (flip == NONE) continue;
      spread(s, o, t, chains->cells, other, flip);
      change = 1;
    }
  }
  for (size_t k = 0; k < chains->count; k++)
    if (chains->track[k].flip == NONE) spread(s, o, &chains->track[k], chains->cells, other, 0);
}

typedef struct sort_key {
  size_t number, node, track;
} sort_key;

static int by_key(const void *a, const void *b) {
  const sort_key *x = a, *y = b;
  if (x->number != y->number) return x->number < y->number ? -1 : 1;
  return x->node < y->node ? -1 : x->node > y->node;
}

/* Any order is right across ideal lines: that of the last number in their names, or else of node numbers. */
static og_status order_freely(const peel *s, kind *k, og_error *err) {
  sort_key *key = ogi_alloc(k->count, sizeof *key);
  int numbered = 1;
  if (key == NULL) return ogi_fail(err, OG_E_NOMEM, "crossbar: %zu lines", k->count);
  unsigned long long pattern = 0;
  for (size_t l = 0; l < k->count; l++) {
    const track *t = &k->track[l];
    size_t node = t->terminal != 0 ? t->terminal : t->node[0];
    ogi_named named = ogi_name_parse(name(s, node));
    if (l == 0) pattern = named.pattern;
    numbered &= named.count > 0 && named.count <= OGI_NUMBERS && named.pattern == pattern;
    key[l] = (sort_key){.number = numbered ? named.number[named.count - 1] : 0, .node = node, .track = l};
  }
  for (size_t l = 0; !numbered && l < k->count; l++) key[l].number = 0;
  qsort(key, k->count, sizeof *key, by_key);
  for (size_t l = 0; l < k->count; l++) k->track[key[l].track].order = l;
  ogi_free(key);
  return OG_OK;
}

static og_status check_order(const peel *s, const kind *k, og_error *err) {
  for (size_t l = 0; l < k->count; l++)
    if (k->track[l].order >= k->count)
      return ogi_fail(err, OG_E_INPUT, "node %s: nothing tells where its line crosses the others",
                      name(s, k->track[l].node[0]));
  return OG_OK;
}

/* Word lines begin on the left, bit lines at the bottom: the usual array. */
static og_status put_lines(ogi_places *p, const kind *word, const kind *bit, const peel *s, og_error *err) {
  for (size_t l = 0; l < word->count; l++)
    for (size_t q = 0; q < p->n; q++) {
      const track *t = &word->track[l];
      size_t i = p->m - 1 - t->order, j = t->flip == 1 ? p->n - 1 - q : q;
      p->word[i * p->n + j] = t->node[word->ideal ? 0 : q];
    }
  for (size_t l = 0; l < bit->count; l++)
    for (size_t q = 0; q < p->m; q++) {
      const track *t = &bit->track[l];
      size_t i = t->flip == 1 ? q : p->m - 1 - q;
      p->bit[i * p->n + t->order] = t->node[bit->ideal ? 0 : q];
    }
  for (size_t k = 0; k < p->m * p->n; k++)
    if (p->word[k] == OGI_NO_NODE || p->bit[k] == OGI_NO_NODE)
      return ogi_fail(err, OG_E_INPUT, "node %s: two lines in one place", name(s, word->track[0].node[0]));
  return OG_OK;
}

static size_t *terminals_of(const kind *k) {
  size_t *list = ogi_alloc(k->count, sizeof *list);
  for (size_t l = 0; list != NULL && l < k->count; l++) list[l] = k->track[l].terminal;
  return list;
}

/* Which kind are the word lines. @retval OG_E_NOMEM */
static og_status find_word(const peel *s, const grid *o, int *word, og_error *err) {
  size_t *one = terminals_of(&o->kinds[0]), *other = terminals_of(&o->kinds[1]);
  int ok = one != NULL && other != NULL;
  if (ok) {
    ogi_kind a = {o->kinds[0].count, one, o->kinds[0].track[0].node[0]};
    ogi_kind b = {o->kinds[1].count, other, o->kinds[1].track[0].node[0]};
    *word = !ogi_is_word(s->graph, &a, &b);
  }
  ogi_free(one);
  ogi_free(other);
  return ok ? OG_OK : ogi_fail(err, OG_E_NOMEM, "crossbar: %zu lines", s->count);
}

static og_status order_lines(const peel *s, const grid *o, kind *word, kind *bit, og_error *err) {
  og_status st = OG_OK;
  if (word->ideal) OGI_TRY(st, order_freely(s, bit, err));
  else order_across(s, o, word, bit);
  if (bit->ideal) {
    OGI_TRY(st, order_freely(s, word, err));
    for (size_t l = 0; l < word->count; l++) word->track[l].order = word->count - 1 - word->track[l].order;
  } else {
    order_across(s, o, bit, word);
  }
  OGI_TRY(st, check_order(s, word, err));
  st = check_order(s, bit, err);
done:
  return st;
}

/* Bit lines may share ground. Word lines on one terminal could be any bundle of resistors. */
static og_status check_sources(const peel *s, const kind *word, og_error *err) {
  for (size_t l = 1; l < word->count; l++)
    if (word->track[l].terminal != word->track[0].terminal) return OG_OK;
  if (word->count == 1) return OG_OK;
  return ogi_fail(err, OG_E_INPUT, "node %s: drives all of %zu lines, need more than one source",
                  name(s, word->track[0].terminal), word->count);
}

static og_status assemble(peel *s, ogi_places *places, og_error *err) {
  og_status st;
  grid o = {0};
  int w = 0;
  o.track_of = ogi_alloc(s->count, sizeof *o.track_of);
  if (o.track_of == NULL) return ogi_fail(err, OG_E_NOMEM, "crossbar: %zu lines", s->count);
  OGI_TRY(st, make_tracks(s, &o, err));
  OGI_TRY(st, find_word(s, &o, &w, err));
  kind *word = &o.kinds[w], *bit = &o.kinds[1 - w];
  OGI_TRY(st, check_sources(s, word, err));
  OGI_TRY(st, order_lines(s, &o, word, bit, err));
  OGI_TRY(st, ogi_places_create(places, s->graph, word->count, bit->count, err));
  st = put_lines(places, word, bit, s, err);
done:
  for (int q = 0; q < 2; q++) {
    ogi_free(o.kinds[q].track);
    ogi_free(o.kinds[q].storage);
  }
  ogi_free(o.track_of);
  return st;
}

/* ---- all readings ---- */

static size_t neighbours(const ogi_graph *g, size_t node) {
  size_t count = 0;
  for (size_t slot = g->first[node]; slot < g->first[node + 1]; slot++)
    count += slot == g->first[node] || g->to[slot] != g->to[slot - 1];
  return count;
}

static void reset(peel *s) {
  const ogi_graph *g = s->graph;
  s->count = s->explained = s->queue_first = s->queue_count = 0;
  for (size_t v = 0; v < g->net->nodes; v++) {
    s->owner[v] = NONE;
    s->after[v] = s->partner[v] = OGI_NO_NODE;
    s->left[v] = neighbours(g, v);
  }
  for (size_t k = 0; k < g->net->resistors; k++) s->used[k] = 0;
}

static og_status create(peel *s, const ogi_graph *g, og_error *err) {
  size_t nodes = g->net->nodes;
  *s = (peel){.graph = g};
  for (size_t t = 0; t < nodes; t++)
    if (ogi_graph_fixed(g, t)) s->room += ogi_graph_degree(g, t) + 1;
  if (s->room == 0) s->room = 1;
  s->halves = ogi_alloc(s->room, sizeof *s->halves);
  s->queue = ogi_alloc(s->room, sizeof *s->queue);
  s->owner = ogi_alloc(nodes, sizeof *s->owner);
  s->after = ogi_alloc(nodes, sizeof *s->after);
  s->partner = ogi_alloc(nodes, sizeof *s->partner);
  s->left = ogi_alloc(nodes, sizeof *s->left);
  s->used = ogi_alloc(g->net->resistors, 1);
  int ok = s->halves != NULL && s->queue != NULL && s->owner != NULL && s->after != NULL && s->partner != NULL &&
           s->left != NULL && s->used != NULL;
  return ok ? OG_OK : ogi_fail(err, OG_E_NOMEM, "crossbar: %zu nodes", nodes);
}

static void clear(peel *s) {
  ogi_free(s->halves);
  ogi_free(s->queue);
  ogi_free(s->owner);
  ogi_free(s->after);
  ogi_free(s->partner);
  ogi_free(s->left);
  ogi_free(s->used);
}

static og_status try_reading(peel *s, const ogi_judge *judge, og_error *err) {
  og_status st;
  ogi_places places = {0};
  OGI_TRY(st, open_all(s, err));
  OGI_TRY(st, follow_all(s, err));
  OGI_TRY(st, assemble(s, &places, err));
  st = judge->take(judge->self, &places, err);
  ogi_places_clear(&places);
  return st;
done:
  if (st == OG_E_INPUT) judge->note(judge->self, s->explained, err);
  ogi_places_clear(&places);
  return st;
}

og_status ogi_guess_by_structure(const ogi_graph *g, const ogi_judge *judge, og_error *err) {
  og_status st;
  peel s;
  OGI_TRY(st, create(&s, g, err));
  reset(&s);
  unsigned bits = needed_bits(&s);
  st = OG_E_INPUT;
  for (s.mask = 0; s.mask < READINGS && st == OG_E_INPUT; s.mask++) {
    if ((s.mask & ~bits) != 0) continue;
    reset(&s);
    st = try_reading(&s, judge, err);
  }
done:
  clear(&s);
  return st;
}
