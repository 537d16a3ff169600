/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>

#include <ohmgrid/netlist.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "netlist/ogi_netlist.h"

/* ---- which places are one node ---- */

/* A resistance whose conductance no double holds is none. */
static int is_short(double ohm) { return isinf(1 / ohm); }

/* One line of an array: where its nodes stand among the labels, and what joins them. */
typedef struct line {
  size_t first, step, cells; /* node p is place first + p * step                               */
  size_t terminal;           /* place of its source or sense node                              */
  const double *segments;    /* of this line, step apart, or NULL: all each                    */
  double each, end;          /* [ohm]                                                          */
  int direct, has[2];        /* no end segments; is there a terminal before the first, after the last node? */
} line;

static double segment_ohm(const line *l, size_t p) { return l->segments != NULL ? l->segments[p * l->step] : l->each; }

/* In front of node p, or behind the last (p = cells); INFINITY where nothing is. */
static double ohm_before(const line *l, size_t p) {
  int side = p == l->cells;
  if (p > 0 && !side) return segment_ohm(l, p);
  if (!l->has[side]) return INFINITY;
  return l->direct ? l->end : l->end + segment_ohm(l, p);
}

static size_t place_before(const line *l, size_t p) { return p > 0 ? l->first + (p - 1) * l->step : l->terminal; }
static size_t place_at(const line *l, size_t p) { return p < l->cells ? l->first + p * l->step : l->terminal; }

static line word_line_of(const og_array *a, size_t l) {
  int parallel = a->wiring == OG_WIRING_PARALLEL;
  size_t row = parallel ? 1 : a->n, row_seg = parallel ? 1 : a->n + 1;
  return (line){.first = l * row, .step = parallel ? a->n : 1, .cells = parallel ? a->m : a->n,
                .terminal = 2 * a->m * a->n + l,
                .segments = a->word_segments != NULL ? a->word_segments + l * row_seg : NULL, .each = a->r_word_ohm,
                .end = a->source_ohm != NULL ? a->source_ohm[l] : a->r_source_ohm,
                .direct = a->ends == OG_ENDS_DIRECT,
                .has = {a->drive != OG_DRIVE_RIGHT, a->drive != OG_DRIVE_LEFT}};
}

static line bit_line_of(const og_array *a, size_t j) {
  size_t sources = a->wiring == OG_WIRING_PARALLEL ? a->n : a->m;
  return (line){.first = a->m * a->n + j, .step = a->n, .cells = a->m, .terminal = 2 * a->m * a->n + sources + j,
                .segments = a->bit_segments != NULL ? a->bit_segments + j : NULL, .each = a->r_bit_ohm,
                .end = a->sense_ohm != NULL ? a->sense_ohm[j] : a->r_sense_ohm, .direct = a->ends == OG_ENDS_DIRECT,
                .has = {a->sense != OG_SENSE_BOTTOM, a->sense != OG_SENSE_TOP}};
}

/* The place that gives its name: a terminal, else the earlier. */
static size_t namer(const ogi_deck *d, size_t a, size_t b) {
  size_t terminals = 2 * d->array->m * d->array->n;
  if ((a >= terminals) != (b >= terminals)) return a >= terminals ? a : b;
  return a < b ? a : b;
}

/* Labels run down the line and back up: a line has one terminal, so that two sweeps meet everything. */
static void merge_line(ogi_deck *d, const line *l) {
  for (size_t p = 0; p < l->cells; p++)
    if (is_short(ohm_before(l, p)))
      d->label[place_at(l, p)] = namer(d, d->label[place_before(l, p)], d->label[place_at(l, p)]);
  for (size_t p = l->cells; p > 0; p--)
    if (is_short(ohm_before(l, p)))
      d->label[place_before(l, p)] = namer(d, d->label[place_before(l, p)], d->label[place_at(l, p)]);
  for (size_t p = 1; p < l->cells; p++) /* the terminal may have come in from behind */
    if (is_short(ohm_before(l, p))) d->label[place_at(l, p)] = d->label[place_before(l, p)];
}

static size_t place_of(const og_array *a, const og_site *s) {
  return (s->line == OG_LINE_WORD ? 0 : a->m * a->n) + s->i * a->n + s->j;
}

static og_status merge_bridge(ogi_deck *d, const og_bridge *b, og_error *err) {
  const og_array *a = d->array;
  size_t terminals = 2 * a->m * a->n, places = terminals + d->sources + a->n;
  size_t one = d->label[place_of(a, &b->a)], two = d->label[place_of(a, &b->b)], keep = namer(d, one, two);
  if (!is_short(b->ohm) || one == two) return OG_OK;
  if (one >= terminals && two >= terminals)
    return ogi_fail(err, OG_E_SINGULAR, "netlist: a short between two terminals: need more than 0 ohm");
  for (size_t k = 0; k < places; k++)
    if (d->label[k] == one || d->label[k] == two) d->label[k] = keep;
  return OG_OK;
}

og_status ogi_deck_create(ogi_deck *d, const og_array *a, og_error *err) {
  og_status st = OG_OK;
  size_t cells = a->m * a->n;
  *d = (ogi_deck){.array = a, .sources = a->wiring == OG_WIRING_PARALLEL ? a->n : a->m};
  size_t places = 2 * cells + d->sources + a->n;
  d->label = ogi_alloc(places, sizeof *d->label);
  if (d->label == NULL) return ogi_fail(err, OG_E_NOMEM, "netlist: %zu nodes", places);
  for (size_t k = 0; k < places; k++) d->label[k] = k;
  for (size_t l = 0; l < d->sources + a->n; l++) {
    line one = l < d->sources ? word_line_of(a, l) : bit_line_of(a, l - d->sources);
    merge_line(d, &one);
  }
  for (size_t k = 0; k < a->bridge_count; k++) OGI_TRY(st, merge_bridge(d, &a->bridges[k], err));
done:
  if (st != OG_OK) ogi_deck_clear(d);
  return st;
}

void ogi_deck_clear(ogi_deck *d) {
  ogi_free(d->label);
  d->label = NULL;
}

static void name_of(char name[OGI_NODE_NAME], const ogi_deck *d, size_t place) {
  size_t cells = d->array->m * d->array->n, n = d->array->n, at = d->label[place], cell = at % cells;
  if (at < 2 * cells) snprintf(name, OGI_NODE_NAME, "%c_%zu_%zu", at < cells ? 'w' : 'b', cell / n, cell % n);
  else if (at - 2 * cells < d->sources) snprintf(name, OGI_NODE_NAME, "s_%zu", at - 2 * cells);
  else snprintf(name, OGI_NODE_NAME, "t_%zu", at - 2 * cells - d->sources);
}

void ogi_netlist_word(char name[OGI_NODE_NAME], const ogi_deck *d, size_t i, size_t j) {
  name_of(name, d, i * d->array->n + j);
}

void ogi_netlist_bit(char name[OGI_NODE_NAME], const ogi_deck *d, size_t i, size_t j) {
  name_of(name, d, (d->array->m + i) * d->array->n + j);
}

/* ---- elements ---- */

/*
 * An infinite resistance is an open circuit, which a deck says by silence; so is a cell below 1/DBL_MAX siemens, whose
 * resistance no double can hold. Between two places of one node there is nothing to say.
 */
static void resistor(FILE *out, const ogi_deck *d, const char *name, size_t from, size_t to, double ohm) {
  char one[OGI_NODE_NAME], two[OGI_NODE_NAME];
  if (!isfinite(ohm) || d->label[from] == d->label[to]) return;
  name_of(one, d, from);
  name_of(two, d, to);
  fprintf(out, "%s %s %s %.17g\n", name, one, two, ohm);
}

/* Element (i,j) is in front of node (i,j); behind the last node it counts on. */
static void write_line(FILE *out, const ogi_deck *d, const char *kind, const line *l, size_t i, size_t j, int down) {
  for (size_t p = 0; p <= l->cells; p++) {
    char name[OGI_NODE_NAME];
    snprintf(name, sizeof name, "%s_%zu_%zu", kind, down ? p : i, down ? j : p);
    resistor(out, d, name, place_before(l, p), place_at(l, p), ohm_before(l, p));
  }
}

static void write_lines(FILE *out, const ogi_deck *d) {
  const og_array *a = d->array;
  int parallel = a->wiring == OG_WIRING_PARALLEL;
  for (size_t s = 0; s < d->sources; s++) {
    line l = word_line_of(a, s);
    write_line(out, d, "rw", &l, s, s, parallel);
  }
  for (size_t j = 0; j < a->n; j++) {
    line l = bit_line_of(a, j);
    write_line(out, d, "rb", &l, 0, j, 1);
  }
}

static void write_cells(FILE *out, const ogi_deck *d, const double *g) {
  char name[OGI_NODE_NAME];
  size_t cells = d->array->m * d->array->n, n = d->array->n;
  for (size_t k = 0; k < cells; k++) {
    snprintf(name, sizeof name, "rc_%zu_%zu", k / n, k % n);
    resistor(out, d, name, k, cells + k, 1 / g[k]); /* R [ohm] = 1 / G [S] */
  }
  for (size_t k = 0; k < d->array->bridge_count; k++) {
    const og_bridge *b = &d->array->bridges[k];
    snprintf(name, sizeof name, "rx_%zu", k);
    resistor(out, d, name, place_of(d->array, &b->a), place_of(d->array, &b->b), b->ohm);
  }
}

static void heading(FILE *out, const og_array *a) {
  static const char *const drive[] = {"left", "right", "both"}, *const sense[] = {"bottom", "top", "both"};
  fprintf(out, "ohmgrid crossbar: %zu word lines x %zu bit lines\n", a->m, a->n);
  fprintf(out, "* segments: word %.17g ohm, bit %.17g ohm\n", a->r_word_ohm, a->r_bit_ohm);
  fprintf(out, "* driven %s through %.17g ohm, sensed %s through %.17g ohm\n", drive[a->drive], a->r_source_ohm,
          sense[a->sense], a->r_sense_ohm);
  if (a->word_segments != NULL || a->bit_segments != NULL || a->source_ohm != NULL || a->sense_ohm != NULL)
    fputs("* some of these are given line by line: see the elements\n", out);
  if (a->wiring == OG_WIRING_PARALLEL) fputs("* word lines are source lines beside the bit lines\n", out);
  fputs("* output current of bit line J, positive into its sense node t_J: i(vt_J)\n", out);
}

static og_status check_values(const og_array *a, const double *g, const double *v, const double *u, og_error *err) {
  int parallel = a->wiring == OG_WIRING_PARALLEL;
  for (size_t k = 0; k < a->m * a->n; k++)
    if (!(g[k] >= 0 && isfinite(g[k])))
      return ogi_fail(err, OG_E_RANGE, "conductance (%zu,%zu): saw %g, need a finite value >= 0 (siemens)", k / a->n,
                      k % a->n, g[k]);
  for (size_t i = 0; i < (parallel ? a->n : a->m); i++)
    if (!isfinite(v[i]))
      return ogi_fail(err, OG_E_RANGE, "%s line %zu: saw %g, need a finite voltage (volt)",
                      parallel ? "source" : "word", i, v[i]);
  for (size_t j = 0; u != NULL && j < a->n; j++)
    if (!isfinite(u[j]))
      return ogi_fail(err, OG_E_RANGE, "bit line %zu: saw %g, need a finite voltage (volt)", j, u[j]);
  return OG_OK;
}

og_status ogi_netlist_emit(FILE *out, const og_array *a, const double *g, const double *v, const double *u,
                           og_error *err) {
  og_status st;
  ogi_locale locale;
  ogi_deck deck = {0};
  if (out == NULL || g == NULL || v == NULL) return ogi_fail(err, OG_E_ARG, "netlist: a needed pointer is NULL");
  ogi_locale_begin(&locale);
  OGI_TRY(st, og_array_check(a, err));
  OGI_TRY(st, check_values(a, g, v, u, err));
  OGI_TRY(st, ogi_deck_create(&deck, a, err));
  heading(out, a);
  for (size_t s = 0; s < deck.sources; s++) fprintf(out, "vs_%zu s_%zu 0 dc %.17g\n", s, s, v[s]);
  for (size_t j = 0; j < a->n; j++) fprintf(out, "vt_%zu t_%zu 0 dc %.17g\n", j, j, u != NULL ? u[j] : 0);
  write_lines(out, &deck);
  write_cells(out, &deck, g);
  fputs(".op\n.end\n", out);
done:
  ogi_deck_clear(&deck);
  ogi_locale_end(&locale);
  return st;
}

/* The file is opened first, but only as a temporary: a refusal leaves an older file at path as it was. */
og_status og_netlist_save_biased(const char *path, const og_array *array, const double *g, const double *v,
                                 const double *u, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  if (path == NULL) return ogi_fail(err, OG_E_ARG, "netlist: path is NULL");
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  OGI_TRY(st, ogi_netlist_emit(w.stream, array, g, v, u, err));
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  return st;
}

og_status og_netlist_save(const char *path, const og_array *array, const double *g, const double *v, og_error *err) {
  return og_netlist_save_biased(path, array, g, v, NULL, err);
}
