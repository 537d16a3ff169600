/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Arrays in decks that og_netlist wrote: names of elements say which resistor is what (ohmgrid/netlist.h), so that
 * everything which a deck can say comes back as it was. Names are hints here as well: what they claim is compared with
 * the network, resistor by resistor and node by node, and a deck that someone changed is left to the other ways.
 */
#include <config.h>

#include <string.h>

#include "base/ogi_mem.h"
#include "netlist/ogi_recognise_parts.h"

enum { WORD, BIT, KINDS };
enum { BRIDGED = 1 }; /* while places are sought, of a node where a bridge ends */

/* "rw_3_5" in pieces, of the last part of a flattened name; length 0: it is none of ours. */
typedef struct tag {
  char letter[2];
  size_t length, count, number[2];
} tag;

/* One kind of lines: node of each place, and who claims to be its pieces. */
typedef struct own_lines {
  size_t lines, cells;
  size_t first, step, stride; /* place p of line l is first + l * stride + p * step among all places   */
  int down;                   /* runs along a column                                                   */
  size_t *terminal;           /* lines: nodes                                                          */
  size_t *segment, *driver;   /* lines x (cells + 1): resistors; OGI_NO_NODE where there is none       */
  ogi_wires *wires;
} own_lines;

/* Places: word nodes, then bit nodes, then the terminals of both kinds. */
typedef struct own {
  const ogi_graph *graph;
  const tag *role;     /* resistors */
  size_t m, n, places;
  size_t *node;        /* places    */
  size_t *cell;        /* m x n: resistors */
  size_t *up, *site;   /* union-find of places joined by 0 ohm; nodes: their first place */
  own_lines kinds[KINDS];
  int shorts;          /* bridges of 0 ohm are allowed */
  ogi_proof *proof;
} own;

/* ---- names ---- */

static tag read_tag(const char *text, size_t length) {
  tag t = {.length = 0};
  size_t k = 0, letters = 0;
  for (; k < length && text[k] >= 'a' && text[k] <= 'z' && letters < 2; k++) t.letter[letters++] = text[k];
  while (k < length && t.count < 2) {
    size_t digits = 0, number = 0;
    if (text[k++] != '_') return t;
    for (; k < length && text[k] >= '0' && text[k] <= '9' && digits < 9; k++, digits++)
      number = 10 * number + (size_t)(text[k] - '0');
    if (digits == 0) return t;
    t.number[t.count++] = number;
  }
  if (k == length && t.count > 0) t.length = letters;
  return t;
}

/* Of "r.xtile.xrow_0.rw_0_1" what follows the last point; a cell of a subcircuit, "xc_0_1.rc", is its instance. */
static tag last_tag(const char *name) {
  const char *end = name + strlen(name), *point = strrchr(name, '.');
  if (point != NULL && strcmp(point, ".rc") == 0) {
    for (end = point; point > name && point[-1] != '.';) point--;
    tag t = read_tag(point, (size_t)(end - point));
    t.letter[0] = t.letter[0] == 'x' ? 'r' : '?';
    return t;
  }
  name = point != NULL ? point + 1 : name;
  return read_tag(name, (size_t)(end - name));
}

static int is(const tag *t, const char *letters, size_t count) {
  return t->length == strlen(letters) && memcmp(t->letter, letters, t->length) == 0 && t->count == count;
}

static int is_known(const tag *t) {
  return is(t, "rw", 2) || is(t, "rb", 2) || is(t, "rs", 2) || is(t, "rt", 2) || is(t, "rc", 2) || is(t, "rx", 1);
}

static og_status refuse(const own *o, size_t node, og_error *err) {
  return ogi_fail(err, OG_E_INPUT, "node %s: not where its name says", ogi_graph_name(o->graph, node));
}

/* How many fixed nodes s_0, s_1, ..: 0 unless they count on without a gap. */
static size_t count_terminals(const ogi_graph *g, const char *letter) {
  size_t count = 0, most = 0;
  for (size_t v = 1; v < g->net->nodes; v++) {
    tag t = last_tag(ogi_graph_name(g, v));
    if (!ogi_graph_fixed(g, v) || !is(&t, letter, 1)) continue;
    count++;
    if (t.number[0] >= most) most = t.number[0] + 1;
  }
  return count == most ? count : 0;
}

static void raise(size_t *least, size_t value) {
  if (*least < value) *least = value;
}

/* Parallel lines have at least as many cells as a name needs. */
static size_t count_rows(const ogi_graph *g, const tag *role) {
  size_t rows = 1;
  for (size_t k = 0; k < g->net->resistors; k++)
    if (role[k].count == 2) raise(&rows, role[k].number[0] + is(&role[k], "rc", 2));
  for (size_t v = 1; v < g->net->nodes; v++) {
    tag t = last_tag(ogi_graph_name(g, v));
    if (is(&t, "w", 2) || is(&t, "b", 2)) raise(&rows, t.number[0] + 1);
  }
  return rows;
}

/* ---- claims ---- */

static size_t place_of(const own_lines *k, size_t line, size_t p) { return k->first + line * k->stride + p * k->step; }

static og_status put(own *o, size_t place, size_t node, og_error *err) {
  if (o->node[place] != OGI_NO_NODE && o->node[place] != node) return refuse(o, node, err);
  o->node[place] = node;
  return OG_OK;
}

/* Names of nodes: nodes of the array, and terminals. */
static og_status put_named(own *o, og_error *err) {
  og_status st = OG_OK;
  for (size_t v = 1; v < o->graph->net->nodes; v++) {
    tag t = last_tag(ogi_graph_name(o->graph, v));
    int bit = is(&t, "b", 2) || is(&t, "t", 1);
    if (is(&t, bit ? "b" : "w", 2)) {
      if (t.number[0] >= o->m || t.number[1] >= o->n) return refuse(o, v, err);
      OGI_TRY(st, put(o, (size_t)bit * o->m * o->n + t.number[0] * o->n + t.number[1], v, err));
    } else if (is(&t, bit ? "t" : "s", 1) && ogi_graph_fixed(o->graph, v)) {
      o->kinds[bit].terminal[t.number[0]] = v;
    }
  }
done:
  return st;
}

/* Line and position of a piece of wire; 0: there is none. */
static int locate(const own_lines *k, const tag *t, size_t *line, size_t *p) {
  *line = t->number[k->down];
  *p = t->number[!k->down];
  return *line < k->lines && *p <= k->cells;
}

/* Every resistor to its place, each place once. */
static og_status put_roles(own *o, og_error *err) {
  for (size_t r = 0; r < o->graph->net->resistors; r++) {
    const tag *t = &o->role[r];
    size_t *at = NULL, line, p;
    if (is(t, "rx", 1)) continue;
    own_lines *k = &o->kinds[is(t, "rb", 2) || is(t, "rt", 2)];
    if (is(t, "rc", 2)) {
      if (t->number[0] < o->m && t->number[1] < o->n) at = &o->cell[t->number[0] * o->n + t->number[1]];
    } else if (locate(k, t, &line, &p)) {
      int driver = is(t, "rs", 2) || is(t, "rt", 2);
      if (!driver || p == 0 || p == k->cells) at = (driver ? k->driver : k->segment) + line * (k->cells + 1) + p;
    }
    if (at == NULL || *at != OGI_NO_NODE) return refuse(o, o->graph->net->ends[2 * r], err);
    *at = r;
  }
  return OG_OK;
}

/* Resistors name the nodes of their places, also those merged with others: they are written in the order of places. */
static og_status put_ends(own *o, const own_lines *k, size_t line, og_error *err) {
  og_status st = OG_OK;
  const size_t *ends = o->graph->net->ends;
  for (size_t p = 0; p <= k->cells; p++) {
    size_t r = k->segment[line * (k->cells + 1) + p];
    if (r == OGI_NO_NODE && (p == 0 || p == k->cells)) r = k->driver[line * (k->cells + 1) + p];
    if (r == OGI_NO_NODE) continue;
    if (p > 0) OGI_TRY(st, put(o, place_of(k, line, p - 1), ends[2 * r], err));
    if (p < k->cells) OGI_TRY(st, put(o, place_of(k, line, p), ends[2 * r + 1], err));
  }
done:
  return st;
}

/* A bridge that ends at a terminal leads to a place of its line there, the first or the last. */
static void put_bridged(own *o, const own_lines *k, size_t line) {
  size_t end[2] = {place_of(k, line, 0), place_of(k, line, k->cells - 1)}, last = k == &o->kinds[BIT];
  if (o->site[k->terminal[line]] != BRIDGED || o->node[end[0]] == k->terminal[line] ||
      o->node[end[1]] == k->terminal[line])
    return;
  for (size_t turn = 0; turn < 2; turn++) {
    size_t *node = &o->node[end[turn == 0 ? last : !last]];
    if (*node != OGI_NO_NODE) continue;
    *node = k->terminal[line];
    return;
  }
}

/* A place nobody knows has nothing but 0 ohm or a break on both sides, and no cell: any neighbour's node will do. */
static void fill_line(own *o, const own_lines *k, size_t line) {
  size_t last = OGI_NO_NODE;
  for (size_t turn = 0; turn < 2; turn++)
    for (size_t q = 0; q < k->cells; q++) {
      size_t *node = &o->node[place_of(k, line, turn == 0 ? q : k->cells - 1 - q)];
      if (*node == OGI_NO_NODE) *node = last;
      last = *node;
    }
  for (size_t p = 0; p < k->cells && last == OGI_NO_NODE; p++) o->node[place_of(k, line, p)] = k->terminal[line];
}

static og_status put_all(own *o, og_error *err) {
  og_status st;
  OGI_TRY(st, put_named(o, err));
  OGI_TRY(st, put_roles(o, err));
  for (size_t c = 0; c < o->m * o->n; c++) {
    if (o->cell[c] == OGI_NO_NODE) continue;
    OGI_TRY(st, put(o, c, o->graph->net->ends[2 * o->cell[c]], err));
    OGI_TRY(st, put(o, o->m * o->n + c, o->graph->net->ends[2 * o->cell[c] + 1], err));
  }
  for (size_t r = 0; r < o->graph->net->resistors; r++)
    for (int side = 0; side < 2 && is(&o->role[r], "rx", 1); side++)
      o->site[o->graph->net->ends[2 * r + (size_t)side]] = BRIDGED;
  for (int q = 0; q < KINDS; q++)
    for (size_t l = 0; l < o->kinds[q].lines; l++) {
      OGI_TRY(st, put_ends(o, &o->kinds[q], l, err));
      put_bridged(o, &o->kinds[q], l);
      fill_line(o, &o->kinds[q], l);
    }
done:
  return st;
}

/* ---- proof: what is claimed of values ---- */

/* Does the resistor join these nodes? */
static int joins(const own *o, size_t r, size_t a, size_t b) {
  const size_t *ends = o->graph->net->ends + 2 * r;
  return (ends[0] == a && ends[1] == b) || (ends[0] == b && ends[1] == a);
}

static size_t far_end(const own *o, size_t r, size_t node) {
  const size_t *ends = o->graph->net->ends + 2 * r;
  return ends[ends[0] == node];
}

static og_status explain(own *o, size_t r, size_t a, size_t b, og_error *err) {
  if (!joins(o, r, a, b)) return refuse(o, o->graph->net->ends[2 * r], err);
  o->proof->explained++;
  return OG_OK;
}

static og_status prove_end(own *o, const own_lines *k, size_t line, int behind, og_error *err) {
  og_status st = OG_OK;
  size_t p = behind ? k->cells : 0, at = line * (k->cells + 1) + p;
  size_t segment = k->segment[at], driver = k->driver[at], terminal = k->terminal[line];
  size_t node = o->node[place_of(k, line, behind ? k->cells - 1 : 0)], between = node;
  const double *ohm = o->graph->net->ohm;
  if (segment != OGI_NO_NODE) between = driver != OGI_NO_NODE ? far_end(o, segment, node) : terminal;
  if (between != node && between != terminal &&
      (ogi_graph_fixed(o->graph, between) || ogi_graph_degree(o->graph, between) != 2 ||
       o->site[between] != OGI_NO_NODE))
    return refuse(o, between, err);
  if (segment != OGI_NO_NODE) OGI_TRY(st, explain(o, segment, between, node, err));
  if (driver != OGI_NO_NODE) OGI_TRY(st, explain(o, driver, terminal, between, err));
  int joined = segment != OGI_NO_NODE || driver != OGI_NO_NODE;
  k->wires->ohm[at] = segment != OGI_NO_NODE ? ohm[segment] : joined ? 0 : INFINITY;
  if (driver != OGI_NO_NODE) k->wires->driver[2 * line + (size_t)behind] = ohm[driver];
done:
  return st;
}

static og_status prove_line(own *o, const own_lines *k, size_t line, og_error *err) {
  og_status st = OG_OK;
  k->wires->terminal[line] = k->terminal[line];
  for (size_t p = 1; p < k->cells; p++) {
    size_t a = o->node[place_of(k, line, p - 1)], b = o->node[place_of(k, line, p)];
    size_t at = line * (k->cells + 1) + p, r = k->segment[at];
    if (r != OGI_NO_NODE) OGI_TRY(st, explain(o, r, a, b, err));
    k->wires->ohm[at] = a == b ? 0 : r != OGI_NO_NODE ? o->graph->net->ohm[r] : INFINITY;
  }
  OGI_TRY(st, prove_end(o, k, line, 0, err));
  st = prove_end(o, k, line, 1, err);
done:
  return st;
}

static og_status prove_cells(own *o, og_error *err) {
  og_status st = OG_OK;
  for (size_t c = 0; c < o->m * o->n; c++) {
    if (o->cell[c] == OGI_NO_NODE) continue;
    OGI_TRY(st, explain(o, o->cell[c], o->node[c], o->node[o->m * o->n + c], err));
    o->proof->g[c] = o->graph->net->siemens[o->cell[c]];
  }
done:
  return st;
}

/* ---- proof: nodes are what 0 ohm joins ---- */

static size_t root_of(const own *o, size_t place) {
  while (o->up[place] != place) place = o->up[place] = o->up[o->up[place]];
  return place;
}

static void unite(const own *o, size_t a, size_t b) { o->up[root_of(o, a)] = root_of(o, b); }

static size_t terminal_place(const own *o, const own_lines *k, size_t line) {
  return 2 * o->m * o->n + (k == &o->kinds[BIT] ? o->kinds[WORD].lines : 0) + line;
}

/* Ends at which a line may stand at its terminal itself. A line that is one node does not tell at which of them. */
static void join_ends(own *o, const own_lines *k) {
  int seen[2] = {0, 0};
  for (int turn = 0; turn < 2; turn++) {
    int either[2] = {seen[0], seen[1]};
    if (!seen[0] && !seen[1]) either[k == &o->kinds[BIT]] = 1; /* driven on the left, sensed at the bottom */
    for (size_t l = 0; l < k->lines; l++) {
      int one = 1;
      for (size_t p = 1; p < k->cells; p++) one &= k->wires->ohm[l * (k->cells + 1) + p] == 0;
      for (size_t side = 0; side < 2; side++) {
        size_t place = place_of(k, l, side ? k->cells - 1 : 0);
        double *ohm = &k->wires->ohm[l * (k->cells + 1) + side * k->cells];
        int here = o->node[place] == k->terminal[l] && (!one || (turn == 1 && either[side]));
        if (here && isinf(*ohm)) *ohm = 0;
        if (here) unite(o, place, terminal_place(o, k, l));
        seen[side] |= isfinite(*ohm);
      }
    }
  }
}

static og_site site_of(const own *o, size_t place) {
  size_t cells = o->m * o->n, c = place % cells;
  return (og_site){.line = place < cells ? OG_LINE_WORD : OG_LINE_BIT, .i = c / o->n, .j = c % o->n};
}

static void add_bridge(own *o, size_t a, size_t b, double ohm) {
  o->proof->bridges[o->proof->bridge_count++] = (og_bridge){.a = site_of(o, a), .b = site_of(o, b), .ohm = ohm};
}

/* A fixed node in the array is a terminal which its own line really reaches. */
static og_status prove_terminals(const own *o, og_error *err) {
  size_t here = 0, reached = 0, node = 0;
  for (size_t v = 0; v < o->graph->net->nodes; v++)
    if (ogi_graph_fixed(o->graph, v) && o->site[v] != OGI_NO_NODE) {
      here++;
      node = v;
    }
  for (int q = 0; q < KINDS; q++)
    for (size_t l = 0; l < o->kinds[q].lines; l++) {
      size_t first = o->site[o->kinds[q].terminal[l]];
      if (first == OGI_NO_NODE) continue;
      if (root_of(o, first) != root_of(o, terminal_place(o, &o->kinds[q], l)))
        return refuse(o, o->kinds[q].terminal[l], err);
      reached++;
    }
  return here == reached ? OG_OK : refuse(o, node, err);
}

/* Places of one node that no line joins are joined by a bridge of 0 ohm. */
static og_status prove_nodes(own *o, og_error *err) {
  size_t cells = o->m * o->n, most = 0; /* bridges */
  for (size_t c = 0; c < 2 * cells; c++) most += o->site[o->node[c]] != c;
  for (size_t r = 0; r < o->graph->net->resistors; r++) most += is(&o->role[r], "rx", 1);
  for (int q = 0; q < KINDS; q++) {
    const own_lines *k = &o->kinds[q];
    for (size_t l = 0; l < k->lines; l++)
      for (size_t p = 1; p < k->cells; p++)
        if (o->node[place_of(k, l, p)] == o->node[place_of(k, l, p - 1)]) {
          unite(o, place_of(k, l, p), place_of(k, l, p - 1));
          most--;
        }
    join_ends(o, k);
  }
  if (most > 0) {
    o->proof->bridges = ogi_alloc(most, sizeof *o->proof->bridges);
    if (o->proof->bridges == NULL) return ogi_fail(err, OG_E_NOMEM, "crossbar: %zu bridges", most);
  }
  for (size_t c = 0; c < 2 * cells; c++) {
    size_t first = o->site[o->node[c]];
    if (root_of(o, first) == root_of(o, c)) continue;
    if (!o->shorts) return refuse(o, o->node[c], err);
    add_bridge(o, first, c, 0);
    unite(o, first, c);
  }
  return prove_terminals(o, err);
}

static og_status prove_bridges(own *o, og_error *err) {
  for (size_t r = 0; r < o->graph->net->resistors; r++) {
    const size_t *ends = o->graph->net->ends + 2 * r;
    if (!is(&o->role[r], "rx", 1)) continue;
    if (o->site[ends[0]] == OGI_NO_NODE || o->site[ends[1]] == OGI_NO_NODE) return refuse(o, ends[0], err);
    add_bridge(o, o->site[ends[0]], o->site[ends[1]], o->graph->net->ohm[r]);
    o->proof->explained++;
  }
  return OG_OK;
}

static og_status prove(own *o, og_error *err) {
  og_status st = OG_OK;
  for (size_t v = 0; v < o->graph->net->nodes; v++) o->site[v] = OGI_NO_NODE;
  for (size_t c = 2 * o->m * o->n; c-- > 0;) o->site[o->node[c]] = c;
  for (size_t c = 0; c < o->places; c++) o->up[c] = c;
  for (int q = 0; q < KINDS; q++)
    for (size_t l = 0; l < o->kinds[q].lines; l++) OGI_TRY(st, prove_line(o, &o->kinds[q], l, err));
  OGI_TRY(st, prove_cells(o, err));
  OGI_TRY(st, prove_nodes(o, err));
  OGI_TRY(st, prove_bridges(o, err));
  for (size_t v = 0; v < o->graph->net->nodes; v++)
    if (!ogi_graph_fixed(o->graph, v) && ogi_graph_degree(o->graph, v) == 0) return refuse(o, v, err);
done:
  return st;
}

/* ---- all of it ---- */

static size_t *unknown(size_t count) {
  size_t *x = ogi_alloc(count, sizeof *x);
  for (size_t k = 0; x != NULL && k < count; k++) x[k] = OGI_NO_NODE;
  return x;
}

static int create_lines(own_lines *k, ogi_wires *wires) {
  *wires = (ogi_wires){.lines = k->lines, .cells = k->cells, .told = 1};
  wires->ohm = ogi_alloc(k->lines * (k->cells + 1), sizeof *wires->ohm);
  wires->driver = ogi_alloc(2 * k->lines, sizeof *wires->driver);
  wires->terminal = ogi_alloc(k->lines, sizeof *wires->terminal);
  k->wires = wires;
  k->terminal = unknown(k->lines);
  k->segment = unknown(k->lines * (k->cells + 1));
  k->driver = unknown(k->lines * (k->cells + 1));
  return wires->ohm != NULL && wires->driver != NULL && wires->terminal != NULL && k->terminal != NULL &&
         k->segment != NULL && k->driver != NULL;
}

static og_status create(own *o, const ogi_places *at, og_error *err) {
  size_t m = at->m, n = at->n, nodes = o->graph->net->nodes;
  o->m = m;
  o->n = n;
  o->kinds[WORD] = at->parallel ? (own_lines){.lines = n, .cells = m, .step = n, .stride = 1, .down = 1}
                                : (own_lines){.lines = m, .cells = n, .step = 1, .stride = n};
  o->kinds[BIT] = (own_lines){.lines = n, .cells = m, .first = m * n, .step = n, .stride = 1, .down = 1};
  o->places = 2 * m * n + o->kinds[WORD].lines + n;
  int ok = create_lines(&o->kinds[WORD], &o->proof->word);
  ok &= create_lines(&o->kinds[BIT], &o->proof->bit);
  o->node = unknown(2 * m * n);
  o->cell = unknown(m * n);
  o->up = ogi_alloc(o->places, sizeof *o->up);
  o->site = ogi_alloc(nodes, sizeof *o->site);
  o->proof->g = ogi_alloc(m * n, sizeof *o->proof->g);
  ok &= o->node != NULL && o->cell != NULL && o->up != NULL && o->site != NULL && o->proof->g != NULL;
  return ok ? OG_OK : ogi_fail(err, OG_E_NOMEM, "crossbar: %zu x %zu cells", m, n);
}

static void clear(own *o) {
  for (int q = 0; q < KINDS; q++) {
    ogi_free(o->kinds[q].terminal);
    ogi_free(o->kinds[q].segment);
    ogi_free(o->kinds[q].driver);
  }
  ogi_free(o->node);
  ogi_free(o->cell);
  ogi_free(o->up);
  ogi_free(o->site);
}

static og_status try_wiring(const ogi_graph *g, const tag *role, const size_t size[2], int parallel, int shorts,
                            const ogi_judge *judge, og_error *err) {
  size_t m = parallel ? count_rows(g, role) : size[0], n = size[1];
  og_status st;
  ogi_places at = {0};
  ogi_proof proof = {0};
  own o = {.graph = g, .role = role, .shorts = shorts, .proof = &proof};
  OGI_TRY(st, ogi_places_create(&at, g, m, n, err));
  at.parallel = parallel;
  OGI_TRY(st, create(&o, &at, err));
  OGI_TRY(st, put_all(&o, err));
  OGI_TRY(st, prove(&o, err));
  memcpy(at.word, o.node, m * n * sizeof *at.word);
  memcpy(at.bit, o.node + m * n, m * n * sizeof *at.bit);
  st = judge->accept(judge->self, &at, &proof, err);
done:
  clear(&o);
  ogi_proof_clear(&proof);
  ogi_places_clear(&at);
  return st;
}

og_status ogi_guess_by_labels(const ogi_graph *g, const ogi_judge *judge, og_error *err) {
  og_status st = ogi_fail(err, OG_E_INPUT, "crossbar: names of elements are others");
  const ogi_network *net = g->net;
  if (net->label == NULL) return st;
  size_t size[2] = {count_terminals(g, "s"), count_terminals(g, "t")}, known = 0;
  if (size[0] == 0 || size[1] == 0) return st;
  tag *role = ogi_alloc(net->resistors, sizeof *role);
  if (role == NULL) return ogi_fail(err, OG_E_NOMEM, "crossbar: %zu resistors", net->resistors);
  for (; known < net->resistors; known++) {
    role[known] = last_tag(net->label[known]);
    if (!is_known(&role[known])) break;
  }
  for (int shorts = 0; known == net->resistors && shorts < 2 && st == OG_E_INPUT; shorts++) {
    st = try_wiring(g, role, size, 0, shorts, judge, err);
    if (st == OG_E_INPUT && size[0] == size[1]) st = try_wiring(g, role, size, 1, shorts, judge, err);
  }
  ogi_free(role);
  return st;
}
