/* SPDX-License-Identifier: BSD-3-Clause */
/* Array -> deck -> reader -> the same array to the last bit; and the deck's solution is the array's. */
#include <config.h>

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/analysis.h>
#include <ohmgrid/deck.h>
#include <ohmgrid/netlist.h>
#include <ohmgrid/solve.h>

#include "base/ogi_mem.h"
#include "base/ogi_rng.h"
#include "netlist/ogi_netlist.h"
#include "ogt.h"

enum { BRIDGES_MAX = 3 };

static og_error err;

typedef struct sample {
  og_array array;
  size_t sources;
  double *g, *v, *u;
  double *word, *bit, *source, *sense; /* irregular values, or NULL */
  og_bridge *bridge;
} sample;

static double *draw(ogi_rng *rng, size_t count, double low, double high) {
  double *x = ogi_alloc(count, sizeof *x);
  for (size_t k = 0; k < count; k++) x[k] = low * pow(high / low, ogi_rng_uniform(rng));
  return x;
}

/* What is drawn beside topology and values. */
enum {
  IRREGULAR = 1, /* every segment and every driver its own                                   */
  SHORTS = 2,    /* lines of 0 ohm, single segments of 0 ohm, drivers of 0 ohm               */
  FLOATING = 4,  /* drivers and sense resistances of INFINITY                                */
  BROKEN = 8,    /* segments of INFINITY                                                     */
  BRIDGES = 16,
  THIN = 32,     /* 1 x n, m x 1, 1 x 1                                                      */
  OPEN = 64,     /* any cell but the last may be missing, whole lines too                    */
  VOLTS = 128,   /* some or all drivers at 0 V, or at the potentials of the sense nodes      */
  MELT = 256     /* bridges of 0 ohm                                                         */
};

static int often(ogi_rng *rng, size_t one_in) { return ogi_rng_below(rng, one_in) == 0; }

static void sprinkle(ogi_rng *rng, double *x, size_t count, double value, size_t one_in) {
  for (size_t k = 0; k < count; k++)
    if (often(rng, one_in)) x[k] = value;
}

static void draw_volts(ogi_rng *rng, sample *s) {
  size_t n = s->array.n;
  switch (ogi_rng_below(rng, 4)) {
  case 0: sprinkle(rng, s->v, s->sources, 0, 2); break;
  case 1: sprinkle(rng, s->v, s->sources, 0, 1); break;
  case 2:
    for (size_t k = 0; k < s->sources; k++) s->v[k] = s->u[k % n];
    break;
  default:
    for (size_t j = 0; j < n; j++) s->u[j] = s->v[j % s->sources];
  }
}

static void draw_wires(ogi_rng *rng, sample *s, int what) {
  og_array *a = &s->array;
  int parallel = a->wiring == OG_WIRING_PARALLEL;
  size_t m = a->m, n = a->n, words = parallel ? (m + 1) * n : m * (n + 1), bits = (m + 1) * n;
  if ((what & SHORTS) && often(rng, 3)) a->r_word_ohm = 0;
  if ((what & SHORTS) && often(rng, 3)) a->r_bit_ohm = 0;
  if ((what & IRREGULAR) || ((what & (SHORTS | BROKEN)) && often(rng, 2))) {
    a->word_segments = s->word = draw(rng, words, 0.1, 10);
    a->bit_segments = s->bit = draw(rng, bits, 0.1, 10);
  }
  if ((what & IRREGULAR) || ((what & (SHORTS | FLOATING)) && often(rng, 2))) {
    a->source_ohm = s->source = draw(rng, s->sources, 1, 100);
    a->sense_ohm = s->sense = draw(rng, n, 1, 100);
  }
  double *each[] = {s->word, s->bit, s->source, s->sense};
  size_t count[] = {words, bits, s->sources, n};
  for (int k = 0; k < 4; k++) {
    if (each[k] == NULL) continue;
    if (what & SHORTS) sprinkle(rng, each[k], count[k], 0, 3);
    if (what & (k < 2 ? BROKEN : FLOATING)) sprinkle(rng, each[k], count[k], INFINITY, k < 2 ? 12 : 3);
  }
}

static og_site some_site(ogi_rng *rng, const og_array *a) {
  og_site site = {.line = (og_line)ogi_rng_below(rng, 2)};
  site.i = ogi_rng_below(rng, a->m);
  site.j = ogi_rng_below(rng, a->n);
  return site;
}

static void draw_bridges(ogi_rng *rng, sample *s, int what) {
  s->array.bridges = s->bridge = ogi_alloc(BRIDGES_MAX, sizeof *s->bridge);
  for (size_t k = 0; k < BRIDGES_MAX; k++) {
    og_bridge b = {some_site(rng, &s->array), some_site(rng, &s->array), 5 + 100 * ogi_rng_uniform(rng)};
    if ((what & MELT) && often(rng, 2)) b.ohm = 0;
    if (b.a.line != b.b.line || b.a.i != b.b.i || b.a.j != b.b.j) s->bridge[s->array.bridge_count++] = b;
  }
}

static sample make(ogi_rng *rng, int what) {
  sample s = {0};
  size_t m = 2 + ogi_rng_below(rng, 8), n = 2 + ogi_rng_below(rng, 7);
  if ((what & THIN) && often(rng, 2)) m = 1;
  if ((what & THIN) && (m > 1 || often(rng, 3))) n = 1;
  og_array_init(&s.array, m, n);
  og_array *a = &s.array;
  a->wiring = (og_wiring)ogi_rng_below(rng, 2);
  a->drive = (og_drive)ogi_rng_below(rng, 3);
  a->sense = (og_sense)ogi_rng_below(rng, 3);
  a->ends = (og_ends)ogi_rng_below(rng, 2);
  a->r_word_ohm = 0.3 + 3 * ogi_rng_uniform(rng);
  a->r_bit_ohm = 0.3 + 3 * ogi_rng_uniform(rng);
  a->r_source_ohm = (double)ogi_rng_below(rng, 2) * (10 + 100 * ogi_rng_uniform(rng));
  a->r_sense_ohm = (double)ogi_rng_below(rng, 2) * (10 + 100 * ogi_rng_uniform(rng));
  s.sources = a->wiring == OG_WIRING_PARALLEL ? n : m;
  s.g = draw(rng, m * n, 1e-6, 1e-2);
  if (what & OPEN) sprinkle(rng, s.g, m * n - 1, 0, 1 + ogi_rng_below(rng, 6)); /* the last row says how many */
  s.v = draw(rng, s.sources, 0.1, 0.9);
  s.u = ogi_rng_below(rng, 2) ? draw(rng, n, 0.01, 0.05) : ogi_alloc(n, sizeof(double));
  draw_wires(rng, &s, what);
  if (what & (BRIDGES | MELT)) draw_bridges(rng, &s, what);
  if (what & VOLTS) draw_volts(rng, &s);
  return s;
}

static void drop(sample *s) {
  double *all[] = {s->g, s->v, s->u, s->word, s->bit, s->source, s->sense};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) ogi_free(all[k]);
  ogi_free(s->bridge);
}

/* The deck's text; 0: the writer itself refuses this array, for it joins two terminals. */
static int write_text(const sample *s, og_netlist_style style, char **text) {
  size_t bytes;
  og_netlist_opts opts;
  og_netlist_opts_init(&opts);
  opts.style = style;
  opts.bit_volts = s->u;
  FILE *out = open_memstream(text, &bytes);
  og_status st = og_netlist_print(out, &s->array, s->g, s->v, &opts, &err);
  fclose(out);
  ck_assert_msg(st == OG_OK || st == OG_E_SINGULAR, "%s", err.text);
  return st == OG_OK;
}

static og_deck *read_text(const char *text) {
  og_deck *deck = NULL;
  ck_assert_msg(og_deck_parse(&deck, "array.cir", text, strlen(text), NULL, &err) == OG_OK, "%s", err.text);
  return deck;
}

static og_deck *through_text(const sample *s, og_netlist_style style) {
  char *text = NULL;
  og_deck *deck = write_text(s, style, &text) ? read_text(text) : NULL;
  free(text);
  return deck;
}

static double word_at(const og_array *a, size_t i, size_t j) { /* [ohm] of a segment, as og_array counts them */
  size_t row = a->wiring == OG_WIRING_PARALLEL ? a->n : a->n + 1;
  return a->word_segments != NULL ? a->word_segments[i * row + j] : a->r_word_ohm;
}
static double bit_at(const og_array *a, size_t i, size_t j) {
  return a->bit_segments != NULL ? a->bit_segments[i * a->n + j] : a->r_bit_ohm;
}

/* Is this segment in the circuit at all? End segments exist where an end has a terminal and is not direct. */
static int counts(const og_array *a, int first, int last, int has_first, int has_last) {
  if (!first && !last) return 1;
  if (a->ends == OG_ENDS_DIRECT) return 0;
  return first ? has_first : has_last;
}

/*
 * Does the text say all of the array? Not where a line's end is no element and its line is one node, or becomes one by
 * being driven at both ends; nor in 1 x 1, where a lone resistor at each end could be either.
 */
static int says_all(const og_array *a) {
  size_t word_cells = a->wiring == OG_WIRING_PARALLEL ? a->m : a->n;
  int direct = a->ends == OG_ENDS_DIRECT;
  if (direct && word_cells < 3 && !(a->r_source_ohm > 0) && a->source_ohm == NULL) return 0;
  if (direct && a->m < 3 && !(a->r_sense_ohm > 0) && a->sense_ohm == NULL) return 0;
  return !(direct && word_cells == 1 && a->m == 1);
}

/*
 * Always told: size, cells, potentials; wiring only if word lines have any element. A cell that a bridge of 0 ohm
 * shorts is lost: nothing flows in it. Parameters of subcircuits are doubles, so that 1/G in one may cost the last bit.
 */
static void same_cells(const char *place, const sample *s, const og_crossbar *found, int melted, double rtol) {
  const og_array *a = &s->array, *b = og_crossbar_array(found);
  ck_assert_msg(b->m == a->m && b->n == a->n, "%s: saw %zu x %zu", place, b->m, b->n);
  for (size_t k = 0; k < a->m * a->n; k++) {
    double g = og_crossbar_cells(found)[k];
    ck_assert_msg(fabs(g - s->g[k]) <= rtol * s->g[k] || (melted && g == 0), "%s: cell %zu: %.17g for %.17g", place, k,
                  g, s->g[k]);
  }
  for (size_t k = 0; k < s->sources; k++)
    ck_assert_msg(og_crossbar_inputs(found)[k] == s->v[k], "%s: source %zu", place, k);
  for (size_t j = 0; j < a->n; j++)
    ck_assert_msg(og_crossbar_bit_volts(found)[j] == s->u[j], "%s: sense node %zu", place, j);
}

static void same_wires(const char *place, const sample *s, const og_crossbar *found) {
  const og_array *a = &s->array, *b = og_crossbar_array(found);
  size_t m = a->m, n = a->n;
  int parallel = a->wiring == OG_WIRING_PARALLEL;
  if (a->m * a->n > 1) ck_assert_msg(b->wiring == a->wiring, "%s: wiring %d", place, (int)b->wiring);
  ck_assert_msg(b->drive == a->drive && b->sense == a->sense && b->ends == a->ends, "%s: drive %d sense %d ends %d",
                place, (int)b->drive, (int)b->sense, (int)b->ends);
  for (size_t k = 0; k < s->sources; k++)
    ck_assert_double_eq(b->source_ohm ? b->source_ohm[k] : b->r_source_ohm,
                        a->source_ohm ? a->source_ohm[k] : a->r_source_ohm);
  for (size_t j = 0; j < n; j++)
    ck_assert_double_eq(b->sense_ohm ? b->sense_ohm[j] : b->r_sense_ohm,
                        a->sense_ohm ? a->sense_ohm[j] : a->r_sense_ohm);
  size_t rows = parallel ? m + 1 : m, columns = parallel ? n : n + 1;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) {
      size_t p = parallel ? i : j, end = parallel ? m : n;
      if (counts(a, p == 0, p == end, a->drive != OG_DRIVE_RIGHT, a->drive != OG_DRIVE_LEFT))
        ck_assert_msg(word_at(b, i, j) == word_at(a, i, j), "%s: word segment (%zu,%zu)", place, i, j);
    }
  for (size_t i = 0; i <= m; i++)
    for (size_t j = 0; j < n; j++)
      if (counts(a, i == 0, i == m, a->sense != OG_SENSE_BOTTOM, a->sense != OG_SENSE_TOP))
        ck_assert_msg(bit_at(b, i, j) == bit_at(a, i, j), "%s: bit segment (%zu,%zu)", place, i, j);
}

/* Potentials of all places and currents into all sense nodes; NULL: some node floats. Release with ogi_free. */
static double *solve(const og_array *a, const double *g, const double *v, const double *u) {
  size_t cells = a->m * a->n;
  double *x = ogi_alloc(a->n + 2 * cells, sizeof *x);
  og_solver *solver = NULL;
  og_solver_opts opts;
  og_solver_opts_init(&opts);
  opts.engine = OG_ENGINE_CHOLESKY;
  og_status st = og_solver_create(&solver, a, &opts, &err);
  if (st == OG_OK) st = og_solver_set_cells(solver, g, &err);
  if (st == OG_OK) st = og_solver_set_bit_volts(solver, u, &err);
  if (st == OG_OK) st = og_solver_dc(solver, v, 1, x, x + a->n, x + a->n + cells, NULL, &err);
  og_solver_free(solver);
  if (st != OG_OK) ogi_free(x);
  return st == OG_OK ? x : NULL;
}

/*
 * Currents into the sense nodes, potentials on both sides of all cells: a place without a cell may not be in the deck
 * at all, if it is joined by 0 ohm or cut off. 1: they were compared.
 */
static int same_answers(const char *place, const sample *s, const og_crossbar *found) {
  const og_array *a = &s->array;
  size_t n = a->n, cells = a->m * n;
  double *want = solve(a, s->g, s->v, s->u), most = 0;
  if (want == NULL) return 0; /* a node that hangs on nothing is not in the deck, or has no potential there either */
  double *got = solve(og_crossbar_array(found), og_crossbar_cells(found), og_crossbar_inputs(found),
                      og_crossbar_bit_volts(found));
  ck_assert_msg(got != NULL, "%s: %s", place, err.text);
  for (size_t j = 0; j < n; j++) most = fmax(most, fabs(want[j]));
  for (size_t k = 0; k < n + 2 * cells; k++)
    ck_assert_msg((k >= n && !(s->g[(k - n) % cells] > 0)) ||
                      fabs(got[k] - want[k]) <= (k < n ? 1e-9 * most + 1e-15 : 1e-10),
                  "%s: answer %zu: %.17g for %.17g", place, k, got[k], want[k]);
  ogi_free(want);
  ogi_free(got);
  return 1;
}

typedef struct tally {
  size_t exact, compared, refused, all;
} tally;

/* exact: where the text says all, wires come back to the last bit too. */
static tally round_trip(int what, int exact, og_netlist_style style, uint32_t trial, size_t count) {
  tally t = {0};
  ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 4242, .source = OGI_SOURCE_TEST, .trial = trial});
  for (size_t k = 0; k < count; k++) {
    sample s = make(rng, what);
    og_deck *deck = through_text(&s, style);
    og_crossbar *found = NULL;
    const og_array *a = &s.array;
    char place[120];
    snprintf(place, sizeof place, "%d, %zu: %zu x %zu drive %d sense %d ends %d wiring %d", what, k, a->m, a->n,
             (int)a->drive, (int)a->sense, (int)a->ends, (int)a->wiring);
    og_status st = deck != NULL ? og_crossbar_find(&found, deck, &err) : OG_E_SINGULAR;
    if (st == OG_E_INPUT && strcmp(err.text, "crossbar: saw no resistor") == 0) st = OG_E_SINGULAR; /* all is open */
    ck_assert_msg(st == OG_OK || st == OG_E_SINGULAR, "%s: %s", place, err.text);
    if (st == OG_OK) {
      same_cells(place, &s, found, what & MELT, style == OG_NETLIST_FLAT ? 0 : DBL_EPSILON);
      if (exact && says_all(a)) same_wires(place, &s, found);
      t.exact += (size_t)(exact && says_all(a));
      t.compared += (size_t)same_answers(place, &s, found);
    }
    t.refused += st != OG_OK;
    og_crossbar_free(found);
    og_deck_free(deck);
    drop(&s);
  }
  ogi_rng_free(rng);
  t.all = count;
  return t;
}

static void whole(tally t) { ck_assert(t.refused == 0 && t.compared == t.all && t.exact > t.all / 2); }

START_TEST(regular_arrays_come_back_to_the_last_bit) { whole(round_trip(0, 1, OG_NETLIST_FLAT, 1, 150)); }
END_TEST
START_TEST(irregular_arrays_come_back_to_the_last_bit) { whole(round_trip(IRREGULAR, 1, OG_NETLIST_FLAT, 2, 100)); }
END_TEST
START_TEST(arrays_come_back_from_hierarchical_decks) {
  whole(round_trip(0, 1, OG_NETLIST_HIERARCHICAL, 3, 60));
  whole(round_trip(IRREGULAR | VOLTS, 1, OG_NETLIST_HIERARCHICAL, 5, 60));
  round_trip(SHORTS | BROKEN | FLOATING | OPEN | BRIDGES, 0, OG_NETLIST_HIERARCHICAL, 6, 150);
}
END_TEST
START_TEST(missing_cells_and_any_voltages_change_nothing) {
  tally t = round_trip(OPEN, 1, OG_NETLIST_FLAT, 7, 150);
  ck_assert(t.refused == 0 && t.exact > t.all / 2);
  whole(round_trip(VOLTS, 1, OG_NETLIST_FLAT, 8, 100));
  whole(round_trip(IRREGULAR | VOLTS, 1, OG_NETLIST_FLAT, 9, 60));
}
END_TEST
START_TEST(bridges_come_back_with_the_array) { whole(round_trip(IRREGULAR | BRIDGES, 1, OG_NETLIST_FLAT, 10, 150)); }
END_TEST
START_TEST(single_lines_and_single_cells_come_back) {
  tally t = round_trip(THIN, 1, OG_NETLIST_FLAT, 11, 200);
  ck_assert(t.refused == 0 && t.compared == t.all && t.exact > t.all / 3);
  t = round_trip(THIN | IRREGULAR | VOLTS, 1, OG_NETLIST_FLAT, 12, 200);
  ck_assert(t.refused == 0 && t.compared == t.all && t.exact > t.all / 3);
}
END_TEST

/* A line that is one node does not say how many segments it has, an open one not where it is open: the circuit is. */
START_TEST(arrays_with_shorts_and_breaks_come_back_as_the_same_circuit) {
  const int what[] = {SHORTS,          FLOATING,        BROKEN,           SHORTS | BROKEN,   SHORTS | OPEN,
                      SHORTS | THIN,   FLOATING | THIN, BROKEN | FLOATING, SHORTS | BRIDGES, MELT,
                      MELT | IRREGULAR, MELT | THIN,    SHORTS | BROKEN | FLOATING | OPEN | BRIDGES | THIN | VOLTS,
                      SHORTS | BROKEN | FLOATING | OPEN | BRIDGES | MELT | VOLTS};
  size_t compared = 0, all = 0;
  for (uint32_t k = 0; k < sizeof what / sizeof *what; k++) {
    tally t = round_trip(what[k], 0, OG_NETLIST_FLAT, 20 + k, 80);
    compared += t.compared;
    all += t.all;
  }
  ck_assert_msg(compared > all / 3, "%zu of %zu", compared, all);
}
END_TEST

/* ---- the order of lines ---- */

/* Lines between the title and .end in random order; foreign: elements get names that say nothing. Owned. */
static char *shuffle(ogi_rng *rng, const char *text, int foreign) {
  size_t lines = 0, count = 0, length = strlen(text);
  char *copy = ogi_alloc(length + 1, 1), *out = ogi_alloc(2 * length + 1, 1), *at = out;
  memcpy(copy, text, length);
  for (size_t k = 0; k < length; k++) lines += text[k] == '\n';
  char **line = ogi_alloc(lines, sizeof *line);
  for (char *end, *from = copy; (end = strchr(from, '\n')) != NULL; from = end + 1) {
    *end = '\0';
    line[count++] = from;
  }
  for (size_t k = lines - 2; k > 1; k--) {
    size_t q = 1 + ogi_rng_below(rng, k);
    char *keep = line[k];
    line[k] = line[q];
    line[q] = keep;
  }
  for (size_t k = 0; k < lines; k++)
    at += sprintf(at, "%s%s\n", k > 0 && foreign && line[k][0] == 'r' ? "rz" : "", line[k]);
  ogi_free(line);
  ogi_free(copy);
  return out;
}

static void equal(const char *place, const double *a, const double *b, size_t count) {
  ck_assert_msg((a == NULL) == (b == NULL), "%s: one is uniform", place);
  if (a != NULL) ck_assert_msg(memcmp(a, b, count * sizeof *a) == 0, "%s: values", place);
}

static void identical(const char *place, const og_crossbar *one, const og_crossbar *two) {
  const og_array *a = og_crossbar_array(one), *b = og_crossbar_array(two);
  size_t m = a->m, n = a->n, words = a->wiring == OG_WIRING_PARALLEL ? n : m;
  ck_assert_msg(m == b->m && n == b->n && a->drive == b->drive && a->sense == b->sense && a->ends == b->ends &&
                    a->wiring == b->wiring && a->bridge_count == b->bridge_count, "%s: topology", place);
  const double all[] = {a->r_word_ohm, a->r_bit_ohm, a->r_source_ohm, a->r_sense_ohm};
  const double other[] = {b->r_word_ohm, b->r_bit_ohm, b->r_source_ohm, b->r_sense_ohm};
  equal(place, all, other, 4);
  equal(place, a->word_segments, b->word_segments, a->wiring == OG_WIRING_PARALLEL ? (m + 1) * n : m * (n + 1));
  equal(place, a->bit_segments, b->bit_segments, (m + 1) * n);
  equal(place, a->source_ohm, b->source_ohm, words);
  equal(place, a->sense_ohm, b->sense_ohm, n);
  equal(place, og_crossbar_cells(one), og_crossbar_cells(two), m * n);
  equal(place, og_crossbar_inputs(one), og_crossbar_inputs(two), words);
  equal(place, og_crossbar_bit_volts(one), og_crossbar_bit_volts(two), n);
  for (size_t k = 0; k < a->bridge_count; k++) {
    const og_bridge *p = &a->bridges[k], *q = &b->bridges[k];
    ck_assert_msg(p->a.line == q->a.line && p->a.i == q->a.i && p->a.j == q->a.j && p->b.line == q->b.line &&
                      p->b.i == q->b.i && p->b.j == q->b.j && p->ohm == q->ohm, "%s: bridge %zu", place, k);
  }
}

START_TEST(the_order_of_lines_in_a_deck_does_not_matter) {
  const int what[] = {0, IRREGULAR, OPEN, SHORTS, BRIDGES | IRREGULAR, BROKEN | FLOATING, THIN};
  ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 4242, .source = OGI_SOURCE_TEST, .trial = 60});
  size_t foreign_found = 0;
  for (size_t k = 0; k < 210; k++) {
    sample s = make(rng, what[k % 7]);
    char *text = NULL, place[40];
    ck_assert(write_text(&s, OG_NETLIST_FLAT, &text));
    for (int foreign = 0; foreign < 2; foreign++) {
      og_crossbar *found[2];
      og_status st[2];
      for (int q = 0; q < 2; q++) {
        char *mixed = shuffle(rng, text, foreign);
        og_deck *deck = read_text(mixed);
        st[q] = og_crossbar_find(&found[q], deck, &err);
        if (q == 1) og_deck_free(deck);
        else {
          snprintf(place, sizeof place, "%zu, foreign %d", k, foreign);
          if (st[q] == OG_OK && !foreign) same_answers(place, &s, found[q]); /* else mirrored, perhaps */
          og_deck_free(deck);
        }
        ogi_free(mixed);
      }
      ck_assert_msg(st[0] == st[1], "%s: %d and %d", place, (int)st[0], (int)st[1]);
      if (st[0] == OG_OK) identical(place, found[0], found[1]);
      foreign_found += (size_t)foreign && st[0] == OG_OK;
      og_crossbar_free(found[0]);
      og_crossbar_free(found[1]);
    }
    free(text);
    drop(&s);
  }
  ck_assert_msg(foreign_found > 120, "%zu", foreign_found);
  ogi_rng_free(rng);
}
END_TEST

START_TEST(every_allocation_may_fail) {
  ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 4242, .source = OGI_SOURCE_TEST, .trial = 61});
  sample s = make(rng, IRREGULAR | BRIDGES);
  og_deck *deck = through_text(&s, OG_NETLIST_FLAT);
  og_crossbar *found = NULL;
  size_t live = ogi_mem_live(), k = 1;
  og_status st = OG_E_NOMEM;
  for (; st == OG_E_NOMEM; k++) {
    ogi_mem_fail_at(k);
    st = og_crossbar_find(&found, deck, &err);
    ogi_mem_fail_at(0);
    if (st == OG_E_NOMEM) ck_assert_uint_eq(ogi_mem_live(), live);
  }
  ck_assert_int_eq(st, OG_OK);
  ck_assert_uint_ge(k, 30);
  og_crossbar_free(found);
  og_deck_free(deck);
  drop(&s);
  ogi_rng_free(rng);
}
END_TEST

/* The whole way: deck text, reader, recognition, solver, against the solver on the array itself. */
START_TEST(the_solution_of_the_deck_is_that_of_the_array) {
  ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 4242, .source = OGI_SOURCE_TEST, .trial = 4});
  for (size_t trial = 0; trial < 60; trial++) {
    sample s = make(rng, trial % 2 == 1 ? IRREGULAR : OPEN);
    if (trial % 3 == 0) s.array.r_word_ohm = 0;
    if (trial % 5 == 0) s.array.r_bit_ohm = 0;
    size_t m = s.array.m, n = s.array.n;
    og_deck *deck = through_text(&s, OG_NETLIST_FLAT);
    og_vectors *got = NULL;
    og_analysis_info info;
    og_solver *solver = NULL;
    double *i_out = ogi_alloc(n, sizeof *i_out), *word = ogi_alloc(2 * m * n, sizeof *word), *bit = word + m * n;
    const og_analysis_opts opts = {.engine = OG_DECK_CROSSBAR, .rtol = 1e-7, .step_max = 1};
    og_status st = og_analysis_run(&got, deck, NULL, &opts, &info, &err);
    ck_assert_msg(st == OG_OK, "%zu: %s", trial, err.text);
    ck_assert_int_eq(info.crossbar, 1);
    const og_solver_opts plain = {.engine = OG_ENGINE_CHOLESKY, .inputs = 1, .rtol = 1e-12, .kcl_rtol = 1e-8,
                                  .iter_max = 1000};
    ck_assert_int_eq(og_solver_create(&solver, &s.array, &plain, &err), OG_OK);
    ck_assert_int_eq(og_solver_set_cells(solver, s.g, &err), OG_OK);
    ck_assert_int_eq(og_solver_set_bit_volts(solver, s.u, &err), OG_OK);
    ck_assert_msg(og_solver_dc(solver, s.v, 1, i_out, word, bit, NULL, &err) == OG_OK, "%s", err.text);
    double largest = 0;
    for (size_t j = 0; j < n; j++) largest = fmax(largest, fabs(i_out[j]));
    for (size_t j = 0; j < n; j++) {
      char name[80];
      snprintf(name, sizeof name, "vt_%zu#branch", j);
      ogt_abs(*og_vectors_at(got, og_vectors_find(got, name)), i_out[j], 1e-9 * largest + 1e-15);
    }
    for (size_t k = 0; k < 2 * m * n; k++) {
      char name[80];
      snprintf(name, sizeof name, "%c_%zu_%zu", k < m * n ? 'w' : 'b', k % (m * n) / n, k % n);
      size_t at = og_vectors_find(got, name);
      if (at < got->count) ogt_abs(*og_vectors_at(got, at), word[k], 1e-11);
    }
    og_solver_free(solver);
    og_vectors_free(got);
    og_deck_free(deck);
    ogi_free(i_out);
    ogi_free(word);
    drop(&s);
  }
  ogi_rng_free(rng);
}
END_TEST

int main(void) {
  Suite *s = suite_create("roundtrip");
  TCase *t = tcase_create("roundtrip");
  tcase_set_timeout(t, 60);
  tcase_add_test(t, regular_arrays_come_back_to_the_last_bit);
  tcase_add_test(t, irregular_arrays_come_back_to_the_last_bit);
  tcase_add_test(t, arrays_come_back_from_hierarchical_decks);
  tcase_add_test(t, missing_cells_and_any_voltages_change_nothing);
  tcase_add_test(t, bridges_come_back_with_the_array);
  tcase_add_test(t, single_lines_and_single_cells_come_back);
  tcase_add_test(t, arrays_with_shorts_and_breaks_come_back_as_the_same_circuit);
  tcase_add_test(t, the_order_of_lines_in_a_deck_does_not_matter);
  tcase_add_test(t, every_allocation_may_fail);
  tcase_add_test(t, the_solution_of_the_deck_is_that_of_the_array);
  suite_add_tcase(s, t);
  return ogt_run(s);
}
