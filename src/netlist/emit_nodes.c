/* SPDX-License-Identifier: BSD-3-Clause */
/* Which places of an array are one node, and what nodes are called. */
#include <config.h>

#include <string.h>

#include "base/ogi_mem.h"
#include "netlist/ogi_emit.h"

size_t ogi_labelled(const ogi_labels *d) { return 2 * d->array->m * d->array->n + d->sources + d->array->n; }

static ogi_deck_line word_line_of(const ogi_labels *d, size_t l) {
  const og_array *a = d->array;
  int parallel = a->wiring == OG_WIRING_PARALLEL;
  size_t row = parallel ? 1 : a->n, row_seg = parallel ? 1 : a->n + 1;
  return (ogi_deck_line){.first = l * row, .step = parallel ? a->n : 1, .cells = parallel ? a->m : a->n,
                         .terminal = 2 * a->m * a->n + l,
                         .segments = a->word_segments != NULL ? a->word_segments + l * row_seg : NULL,
                         .each = a->r_word_ohm, .end = a->source_ohm != NULL ? a->source_ohm[l] : a->r_source_ohm,
                         .direct = a->ends == OG_ENDS_DIRECT,
                         .has = {a->drive != OG_DRIVE_RIGHT, a->drive != OG_DRIVE_LEFT}};
}

static ogi_deck_line bit_line_of(const ogi_labels *d, size_t j) {
  const og_array *a = d->array;
  return (ogi_deck_line){.first = a->m * a->n + j, .step = a->n, .cells = a->m,
                         .terminal = 2 * a->m * a->n + d->sources + j,
                         .segments = a->bit_segments != NULL ? a->bit_segments + j : NULL, .each = a->r_bit_ohm,
                         .end = a->sense_ohm != NULL ? a->sense_ohm[j] : a->r_sense_ohm,
                         .direct = a->ends == OG_ENDS_DIRECT,
                         .has = {a->sense != OG_SENSE_BOTTOM, a->sense != OG_SENSE_TOP}};
}

ogi_deck_line ogi_deck_line_of(const ogi_labels *d, size_t l) {
  ogi_deck_line line = l < d->sources ? word_line_of(d, l) : bit_line_of(d, l - d->sources);
  line.between = ogi_labelled(d) + 2 * l;
  return line;
}

double ogi_segment_ohm(const ogi_deck_line *l, size_t p) {
  if (l->direct && (p == 0 || p == l->cells)) return 0;
  return l->segments != NULL ? l->segments[p * l->step] : l->each;
}

size_t ogi_place_before(const ogi_deck_line *l, size_t p) {
  return p > 0 ? l->first + (p - 1) * l->step : l->terminal;
}

size_t ogi_place_at(const ogi_deck_line *l, size_t p) { return p < l->cells ? l->first + p * l->step : l->terminal; }

/* Is what stands in front of node p, or behind the last, 0 ohm? */
static int joins(const ogi_deck_line *l, size_t p) {
  int is_end = p == 0 || p == l->cells;
  if (is_end && (!l->has[p != 0] || !ogi_is_short(l->end))) return 0;
  return ogi_is_short(ogi_segment_ohm(l, p));
}

/* The place that gives its name: a terminal, else the earlier. */
static size_t namer(const ogi_labels *d, size_t a, size_t b) {
  size_t terminals = 2 * d->array->m * d->array->n;
  if ((a >= terminals) != (b >= terminals)) return a >= terminals ? a : b;
  return a < b ? a : b;
}

/* Labels run down the line and back up: a line has one terminal, so that two sweeps meet everything. */
static void merge_line(ogi_labels *d, const ogi_deck_line *l) {
  for (size_t p = 0; p < l->cells; p++)
    if (joins(l, p))
      d->label[ogi_place_at(l, p)] = namer(d, d->label[ogi_place_before(l, p)], d->label[ogi_place_at(l, p)]);
  for (size_t p = l->cells; p > 0; p--)
    if (joins(l, p))
      d->label[ogi_place_before(l, p)] = namer(d, d->label[ogi_place_before(l, p)], d->label[ogi_place_at(l, p)]);
  for (size_t p = 1; p < l->cells; p++) /* the terminal may have come in from behind */
    if (joins(l, p)) d->label[ogi_place_at(l, p)] = d->label[ogi_place_before(l, p)];
}

size_t ogi_place_of_site(const og_array *a, const og_site *s) {
  return (s->line == OG_LINE_WORD ? 0 : a->m * a->n) + s->i * a->n + s->j;
}

/* Bridges leave chains of labels; every step shortens the one it walks. */
static size_t end_of_chain(ogi_labels *d, size_t place) {
  while (d->label[place] != place) place = d->label[place] = d->label[d->label[place]];
  return place;
}

static og_status merge_bridge(ogi_labels *d, const og_bridge *b, og_error *err) {
  const og_array *a = d->array;
  size_t terminals = 2 * a->m * a->n;
  size_t one = end_of_chain(d, ogi_place_of_site(a, &b->a)), two = end_of_chain(d, ogi_place_of_site(a, &b->b));
  if (!ogi_is_short(b->ohm) || one == two) return OG_OK;
  if (one >= terminals && two >= terminals)
    return ogi_fail(err, OG_E_SINGULAR, "netlist: a short between two terminals: need more than 0 ohm");
  d->label[one] = d->label[two] = namer(d, one, two);
  return OG_OK;
}

og_status ogi_labels_create(ogi_labels *d, const og_array *a, og_error *err) {
  og_status st = OG_OK;
  *d = (ogi_labels){.array = a, .sources = a->wiring == OG_WIRING_PARALLEL ? a->n : a->m};
  size_t places = ogi_labelled(d);
  d->label = ogi_alloc(places, sizeof *d->label);
  if (d->label == NULL) return ogi_fail(err, OG_E_NOMEM, "netlist: %zu nodes", places);
  for (size_t k = 0; k < places; k++) d->label[k] = k;
  for (size_t l = 0; l < d->sources + a->n; l++) {
    ogi_deck_line one = ogi_deck_line_of(d, l);
    merge_line(d, &one);
  }
  for (size_t k = 0; k < a->bridge_count; k++) OGI_TRY(st, merge_bridge(d, &a->bridges[k], err));
  for (size_t k = 0; k < places; k++) d->label[k] = end_of_chain(d, k);
done:
  if (st != OG_OK) ogi_labels_clear(d);
  return st;
}

void ogi_labels_clear(ogi_labels *d) {
  ogi_free(d->label);
  d->label = NULL;
}

/* ---- names ---- */

char *ogi_put_size(char *to, size_t x) {
  char digits[24];
  size_t k = 0;
  do digits[k++] = (char)('0' + x % 10);
  while ((x /= 10) > 0);
  while (k > 0) *to++ = digits[--k];
  return to;
}

static char *put_name(char *to, char kind, size_t i, size_t j) {
  *to++ = kind;
  *to++ = '_';
  to = ogi_put_size(to, i);
  *to++ = '_';
  to = ogi_put_size(to, j);
  *to = '\0';
  return to;
}

static char *put_terminal(char *to, char kind, size_t k) {
  *to++ = kind;
  *to++ = '_';
  to = ogi_put_size(to, k);
  *to = '\0';
  return to;
}

/* Node inside the end of a line: numbered as the segment beside it. */
static char *put_between(char *to, const ogi_labels *d, size_t k) {
  const og_array *a = d->array;
  size_t line = k / 2, behind = k % 2;
  if (line >= d->sources) return put_name(to, 'e', behind * a->m, line - d->sources);
  if (a->wiring == OG_WIRING_PARALLEL) return put_name(to, 'd', behind * a->m, line);
  return put_name(to, 'd', line, behind * a->n);
}

char *ogi_place_name(char *name, const ogi_labels *d, size_t place) {
  size_t n = d->array->n, cells = d->array->m * n, labelled = ogi_labelled(d);
  if (place >= labelled) return put_between(name, d, place - labelled);
  size_t at = d->label[place];
  if (at < 2 * cells) return put_name(name, at < cells ? 'w' : 'b', at % cells / n, at % cells % n);
  at -= 2 * cells;
  return at < d->sources ? put_terminal(name, 's', at) : put_terminal(name, 't', at - d->sources);
}

void ogi_netlist_word(char name[OGI_NODE_NAME], const ogi_labels *d, size_t i, size_t j) {
  ogi_place_name(name, d, i * d->array->n + j);
}

void ogi_netlist_bit(char name[OGI_NODE_NAME], const ogi_labels *d, size_t i, size_t j) {
  ogi_place_name(name, d, (d->array->m + i) * d->array->n + j);
}
