/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <string.h>

#include "base/ogi_mem.h"
#include "netlist/ogi_recognise_parts.h"

/* ---- names ---- */

enum { DIGITS_MAX = 9, PATTERNS = 32, GROUPS = 6, NOBODY = -2 };

static int is_digit(char c) { return c >= '0' && c <= '9'; }
static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

ogi_named ogi_name_parse(const char *text) {
  ogi_named name = {.pattern = 0xcbf29ce484222325u}; /* FNV-1a, 64 bits */
  while (*text != '\0') {
    char mark = lower(*text);
    if (is_digit(*text)) {
      size_t number = 0, digits = 0;
      for (; is_digit(*text); text++, digits++) number = digits < DIGITS_MAX ? 10 * number + (size_t)(*text - '0') : 0;
      mark = '#';
      if (digits > DIGITS_MAX || name.count == OGI_NUMBERS) name.count = OGI_NUMBERS + 1;
      if (name.count < OGI_NUMBERS) name.number[name.count++] = number;
    } else {
      text++;
    }
    name.pattern = (name.pattern ^ (unsigned char)mark) * 0x100000001b3u;
  }
  return name;
}

/* How much a name sounds like a word line: each run of letters that is usual for one counts, or against it. */
static int sound(const char *text) {
  static const char *const word[] = {"in",  "inp", "input", "vin",  "s",   "vs",   "src", "source",
                                     "drv", "wl",  "w",     "word", "row", "vrow", "top", "r"};
  static const char *const bit[] = {"out", "o",   "vout", "t", "vt",  "bl",  "b",
                                    "bit", "col", "vcol", "c", "bot", "gnd", "sense"};
  int score = 0;
  while (*text != '\0') {
    char run[8] = {0};
    size_t length = 0;
    for (; lower(*text) >= 'a' && lower(*text) <= 'z'; text++, length++)
      if (length < sizeof run - 1) run[length] = lower(*text);
    for (size_t k = 0; length > 0 && k < sizeof word / sizeof *word; k++) score += strcmp(run, word[k]) == 0;
    for (size_t k = 0; length > 0 && k < sizeof bit / sizeof *bit; k++) score -= strcmp(run, bit[k]) == 0;
    if (*text != '\0' && length == 0) text++;
  }
  return score;
}

typedef struct kind_facts {
  int live, grounded, score; /* a potential other than 0? all at ground? */
  size_t least;
} kind_facts;

static kind_facts facts_of(const ogi_graph *g, const ogi_kind *kind) {
  kind_facts f = {.grounded = 1, .score = sound(ogi_graph_name(g, kind->node)), .least = OGI_NO_NODE};
  size_t named = OGI_NO_NODE;
  for (size_t l = 0; l < kind->lines; l++) {
    size_t t = kind->terminal[l];
    if (t == OGI_NO_NODE) continue;
    f.live |= g->net->fixed_volt[t] < 0 || g->net->fixed_volt[t] > 0;
    f.grounded &= t == 0;
    if (t < f.least) f.least = t;
    if (t != 0) named = t;
  }
  if (named != OGI_NO_NODE) f.score += sound(ogi_graph_name(g, named));
  return f;
}

int ogi_is_word(const ogi_graph *g, const ogi_kind *one, const ogi_kind *other) {
  kind_facts a = facts_of(g, one), b = facts_of(g, other);
  if (a.live != b.live) return a.live;
  if (a.grounded != b.grounded) return b.grounded;
  if (a.score != b.score) return a.score > b.score;
  return a.least <= b.least;
}

/* ---- groups of nodes with two indices ---- */

typedef struct pattern {
  unsigned long long hash;
  size_t count, least[OGI_NUMBERS], most[OGI_NUMBERS];
} pattern;

/* Nodes of one pattern; where a name has three indices, of one layer only (n_0_3_5 and n_1_3_5 are two groups). */
typedef struct group {
  unsigned long long hash;
  size_t nodes, at[2];         /* which two numbers are the indices */
  size_t layer, layer_number;  /* layer: OGI_NUMBERS where there is none */
} group;

typedef struct guess {
  const ogi_graph *graph;
  ogi_named *name; /* nodes */
  int *group_of;   /* nodes: -1 none */
  group groups[2 * PATTERNS];
  size_t group_count;
} guess;

static void add_pattern(pattern *table, size_t *count, const ogi_named *name) {
  size_t k = 0;
  while (k < *count && table[k].hash != name->pattern) k++;
  if (k == PATTERNS) return; /* names of that many kinds say nothing */
  if (k == *count) {
    table[(*count)++] = (pattern){.hash = name->pattern, .count = name->count};
    memcpy(table[k].least, name->number, sizeof name->number);
    memcpy(table[k].most, name->number, sizeof name->number);
  }
  for (size_t q = 0; q < name->count; q++) {
    if (name->number[q] < table[k].least[q]) table[k].least[q] = name->number[q];
    if (name->number[q] > table[k].most[q]) table[k].most[q] = name->number[q];
  }
}

/* The two numbers that change are the indices; a third one that takes two values is a layer. */
static void add_groups(guess *s, const pattern *p) {
  size_t vary[OGI_NUMBERS], count = 0, layer = OGI_NUMBERS;
  for (size_t q = 0; q < p->count; q++)
    if (p->least[q] < p->most[q]) vary[count++] = q;
  for (size_t k = 0; count == 3 && layer == OGI_NUMBERS && k < 3; k++)
    if (p->most[vary[k]] - p->least[vary[k]] == 1) layer = vary[k];
  if (layer < OGI_NUMBERS) {
    count = 0;
    for (size_t q = 0; q < p->count; q++)
      if (q != layer && p->least[q] < p->most[q]) vary[count++] = q;
  }
  if (count > 2) return;
  if (count < 2) { /* one line of an array, or one ideal line after the other */
    vary[0] = p->count - 2;
    vary[1] = p->count - 1;
  }
  for (size_t k = 0; k < (layer < OGI_NUMBERS ? 2u : 1u); k++)
    s->groups[s->group_count++] =
        (group){.hash = p->hash, .at = {vary[0], vary[1]}, .layer = layer,
                .layer_number = layer < OGI_NUMBERS ? (k == 0 ? p->least[layer] : p->most[layer]) : 0};
}

static void find_groups(guess *s) {
  pattern table[PATTERNS];
  size_t patterns = 0, nodes = s->graph->net->nodes;
  for (size_t v = 0; v < nodes; v++) {
    s->name[v] = ogi_name_parse(ogi_graph_name(s->graph, v));
    if (s->name[v].count >= 2 && s->name[v].count <= OGI_NUMBERS) add_pattern(table, &patterns, &s->name[v]);
  }
  for (size_t k = 0; k < patterns; k++) add_groups(s, &table[k]);
  for (size_t v = 0; v < nodes; v++) {
    s->group_of[v] = -1;
    for (size_t k = 0; k < s->group_count && s->name[v].count >= 2; k++) {
      const group *p = &s->groups[k];
      if (p->hash != s->name[v].pattern || s->name[v].count > OGI_NUMBERS) continue;
      if (p->layer == OGI_NUMBERS || s->name[v].number[p->layer] == p->layer_number) s->group_of[v] = (int)k;
    }
    if (s->group_of[v] >= 0) s->groups[s->group_of[v]].nodes++;
  }
}

/* ---- from two groups to places ---- */

/* How two groups make an array. Index 0 or 1 of the names runs along the lines. */
typedef struct layout {
  int word, bit;          /* groups; NOBODY: all nodes have names of another kind */
  int swapped;            /* bit nodes carry their indices in the other order   */
  int row;                /* which index of the word nodes is i                 */
  int parallel;
  size_t least[2], m, n;  /* of i and j                                         */
} layout;

static size_t index_of(const guess *s, const layout *o, size_t node, int which) {
  const group *g = &s->groups[s->group_of[node]];
  int flip = o->swapped && s->group_of[node] == o->bit;
  return s->name[node].number[g->at[flip ? 1 - which : which]];
}

/* Which index changes along the lines of a group, as most of its resistors say; -1: it has none. */
static int runs_along(const guess *s, const layout *o, int group_number) {
  size_t along[2] = {0, 0};
  const ogi_network *net = s->graph->net;
  for (size_t k = 0; k < net->resistors; k++) {
    size_t a = net->ends[2 * k], b = net->ends[2 * k + 1];
    if (s->group_of[a] != group_number || s->group_of[b] != group_number) continue;
    int same0 = index_of(s, o, a, 0) == index_of(s, o, b, 0), same1 = index_of(s, o, a, 1) == index_of(s, o, b, 1);
    if (same0 != same1) along[same0]++;
  }
  return along[0] + along[1] == 0 ? -1 : along[1] > along[0];
}

static int is_swapped(const guess *s, const layout *o) {
  size_t straight = 0, crossed = 0;
  const ogi_network *net = s->graph->net;
  for (size_t k = 0; k < net->resistors; k++) {
    size_t a = net->ends[2 * k], b = net->ends[2 * k + 1];
    int there = s->group_of[a] == o->word && s->group_of[b] == o->bit;
    if (!there && !(s->group_of[a] == o->bit && s->group_of[b] == o->word)) continue;
    size_t a0 = index_of(s, o, a, 0), a1 = index_of(s, o, a, 1), b0 = index_of(s, o, b, 0), b1 = index_of(s, o, b, 1);
    straight += a0 == b0 && a1 == b1;
    crossed += a0 == b1 && a1 == b0;
  }
  return crossed > straight;
}

static void find_extent(const guess *s, layout *o) {
  size_t most[2] = {0, 0};
  o->least[0] = o->least[1] = OGI_NO_NODE;
  for (size_t v = 0; v < s->graph->net->nodes; v++) {
    if (s->group_of[v] != o->word && s->group_of[v] != o->bit) continue;
    for (int q = 0; q < 2; q++) {
      size_t at = index_of(s, o, v, q == 0 ? o->row : 1 - o->row);
      if (at < o->least[q]) o->least[q] = at;
      if (at > most[q]) most[q] = at;
    }
  }
  o->m = most[0] - o->least[0] + 1;
  o->n = most[1] - o->least[1] + 1;
}

static layout lay_out(const guess *s, int word, int bit) {
  layout o = {.word = word, .bit = bit};
  o.swapped = is_swapped(s, &o);
  int along = runs_along(s, &o, word), cross = runs_along(s, &o, bit);
  if (along < 0) along = cross < 0 ? 1 : 1 - cross; /* ideal lines: only the other kind tells */
  if (cross < 0) cross = 1 - along;
  o.parallel = along == cross;
  o.row = o.parallel ? along : 1 - along;
  find_extent(s, &o);
  return o;
}

static og_status put_nodes(const guess *s, const layout *o, ogi_places *p, og_error *err) {
  for (size_t v = 0; v < s->graph->net->nodes; v++) {
    if (s->group_of[v] != o->word && s->group_of[v] != o->bit) continue;
    size_t i = index_of(s, o, v, o->row) - o->least[0], j = index_of(s, o, v, 1 - o->row) - o->least[1];
    size_t *at = (s->group_of[v] == o->word ? p->word : p->bit) + i * p->n + j;
    if (*at != OGI_NO_NODE)
      return ogi_fail(err, OG_E_INPUT, "nodes %s and %s: names of one place", ogi_graph_name(s->graph, *at),
                      ogi_graph_name(s->graph, v));
    *at = v;
  }
  return OG_OK;
}

/* ---- places that have no node of their own: merged with a neighbour or a terminal by 0 ohm ---- */

typedef struct chain {
  size_t *nodes, first, step, cells;
} chain;

static chain word_chain(const ogi_places *p, size_t l) {
  return p->parallel ? (chain){p->word, l, p->n, p->m} : (chain){p->word, l * p->n, 1, p->n};
}
static chain bit_chain(const ogi_places *p, size_t l) { return (chain){p->bit, l, p->n, p->m}; }

enum { CANDIDATES = 6 };

/* Who may stand at a place of a chain: its neighbours there, and at an end of it terminals next to them. */
static size_t candidates(const ogi_graph *g, const chain *c, size_t p, size_t who[CANDIDATES]) {
  size_t count = 0, place = c->first + p * c->step, next = p;
  if (c->nodes[place] != OGI_NO_NODE) {
    who[0] = c->nodes[place];
    return 1;
  }
  while (next < c->cells && c->nodes[c->first + next * c->step] == OGI_NO_NODE) next++;
  size_t before = p > 0 ? c->nodes[place - c->step] : OGI_NO_NODE;
  size_t behind = next < c->cells ? c->nodes[c->first + next * c->step] : OGI_NO_NODE;
  if (before != OGI_NO_NODE) who[count++] = before;
  if (behind != OGI_NO_NODE) who[count++] = behind;
  if (count != 1) return count;
  for (size_t slot = g->first[who[0]]; slot < g->first[who[0] + 1] && count < CANDIDATES; slot++)
    if (ogi_graph_fixed(g, g->to[slot])) who[count++] = g->to[slot];
  return count;
}

/* A resistor between a word line and a bit line can only be their cell: it tells who stands there. */
static void fill_cell(const ogi_graph *g, ogi_places *p, size_t i, size_t j) {
  chain word = word_chain(p, p->parallel ? j : i), bit = bit_chain(p, j);
  size_t w[CANDIDATES] = {0}, b[CANDIDATES] = {0}, at = i * p->n + j;
  if (p->word[at] != OGI_NO_NODE && p->bit[at] != OGI_NO_NODE) return;
  size_t ws = candidates(g, &word, p->parallel ? i : j, w), bs = candidates(g, &bit, i, b);
  for (size_t x = 0; x < ws; x++)
    for (size_t y = 0; y < bs; y++)
      if (w[x] != b[y] && ogi_graph_find(g, w[x], b[y]) != OGI_NO_NODE) {
        p->word[at] = w[x];
        p->bit[at] = b[y];
        return;
      }
  if (ws > 0) p->word[at] = w[0];
  if (bs > 0) p->bit[at] = b[0];
}

static size_t count_near(const ogi_graph *g, size_t node, const chain *c) {
  size_t count = 0;
  for (size_t p = 0; p < c->cells; p++) {
    size_t other = c->nodes[c->first + p * c->step];
    count += other != OGI_NO_NODE && ogi_graph_find(g, other, node) != OGI_NO_NODE;
  }
  return count;
}

/* A line without any node of its name is one node of another name, perhaps a terminal: most of its cells meet there. */
static void fill_line(const guess *s, const layout *o, chain line, chain partners) {
  const ogi_graph *g = s->graph;
  size_t best = OGI_NO_NODE, most = 0;
  for (size_t p = 0; p < line.cells; p++)
    if (line.nodes[line.first + p * line.step] != OGI_NO_NODE) return;
  for (size_t p = 0; p < line.cells && most < 2; p++) {
    size_t partner = partners.nodes[partners.first + p * partners.step];
    if (partner == OGI_NO_NODE) continue;
    for (size_t slot = g->first[partner]; slot < g->first[partner + 1]; slot++) {
      size_t node = g->to[slot];
      if (s->group_of[node] == o->word || s->group_of[node] == o->bit) continue;
      size_t count = count_near(g, node, &partners);
      if (count > most || (count == most && best == 0)) {
        best = node;
        most = count;
      }
    }
  }
  line.nodes[line.first] = best;
}

static void fill_places(const guess *s, const layout *o, ogi_places *p) {
  for (size_t l = 0; l < (p->parallel ? p->n : p->m); l++) {
    chain line = word_chain(p, l), partners = line;
    partners.nodes = p->bit;
    fill_line(s, o, line, partners);
  }
  for (size_t l = 0; l < p->n; l++) {
    chain line = bit_chain(p, l), partners = line;
    partners.nodes = p->word;
    fill_line(s, o, line, partners);
  }
  for (size_t k = 0; k < p->m * p->n; k++) fill_cell(s->graph, p, k / p->n, k % p->n);
}

/* ---- all pairs ---- */

static og_status try_pair(const guess *s, int word, int bit, const ogi_judge *judge, og_error *err) {
  og_status st;
  ogi_places places = {0};
  layout o = lay_out(s, word, bit);
  if (bit == NOBODY && o.m == 1 && o.n == 1) return ogi_fail(err, OG_E_INPUT, "crossbar: one node with two indices");
  OGI_TRY(st, ogi_places_create(&places, s->graph, o.m, o.n, err));
  places.parallel = o.parallel;
  OGI_TRY(st, put_nodes(s, &o, &places, err));
  fill_places(s, &o, &places);
  st = judge->take(judge->self, &places, err);
done:
  ogi_places_clear(&places);
  return st;
}

/* The largest groups first, for they are the array; a handful is enough. */
static size_t rank_groups(const guess *s, int rank[GROUPS]) {
  char taken[2 * PATTERNS] = {0};
  size_t count = 0;
  for (; count < GROUPS && count < s->group_count; count++) {
    int best = -1;
    for (int k = 0; k < (int)s->group_count; k++)
      if (!taken[k] && (best < 0 || s->groups[k].nodes > s->groups[best].nodes)) best = k;
    rank[count] = best;
    taken[best] = 1;
  }
  return count;
}

og_status ogi_guess_by_names(const ogi_graph *g, int lone, const ogi_judge *judge, og_error *err) {
  og_status st = OG_OK;
  int rank[GROUPS] = {0};
  size_t nodes = g->net->nodes;
  guess *s = ogi_alloc(1, sizeof *s);
  if (s != NULL) {
    s->graph = g;
    s->name = ogi_alloc(nodes, sizeof *s->name);
    s->group_of = ogi_alloc(nodes, sizeof *s->group_of);
  }
  if (s == NULL || s->name == NULL || s->group_of == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "crossbar: %zu nodes", nodes);
    goto done;
  }
  find_groups(s);
  size_t count = rank_groups(s, rank);
  st = ogi_fail(err, OG_E_INPUT, "crossbar: no names with two indices");
  for (size_t a = 0; lone && a < count && st == OG_E_INPUT; a++) st = try_pair(s, rank[a], NOBODY, judge, err);
  for (size_t sum = 1; !lone && sum < 2 * count && st == OG_E_INPUT; sum++)
    for (size_t a = 0; 2 * a < sum && st == OG_E_INPUT; a++)
      if (sum - a < count) st = try_pair(s, rank[a], rank[sum - a], judge, err);
done:
  if (s != NULL) {
    ogi_free(s->name);
    ogi_free(s->group_of);
  }
  ogi_free(s);
  return st;
}
