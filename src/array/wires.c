/* SPDX-License-Identifier: BSD-3-Clause */
/* Resistances of an array -> conductances of its lines, and what kind of circuit the lines form. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "array/ogi_nodes.h"
#include "base/ogi_mem.h"

ogi_family ogi_family_of(og_line which, size_t m, size_t n, int parallel) {
  if (which == OG_LINE_WORD && !parallel)
    return (ogi_family){.lines = m, .cells = n, .line = n, .step = 1, .seg_line = n + 1};
  return (ogi_family){.lines = n, .cells = m, .line = 1, .step = n, .seg_line = 1};
}

int ogi_is_short(double ohm) { return isinf(1 / ohm); }

/* Resistances of one direction of lines [ohm], whether given one by one or by one number. */
typedef struct ohms {
  ogi_family f;
  double segment, end;
  const double *segments, *ends;
  int active[2]; /* is there a terminal before the first cell [0], after the last [1]? */
  int direct;    /* no segment between terminal and cell */
} ohms;

static double segment_ohm(const ohms *o, size_t line, size_t p) {
  return o->segments != NULL ? o->segments[line * o->f.seg_line + p * o->f.step] : o->segment;
}

static double end_ohm(const ohms *o, size_t line, int side) {
  double end = o->ends != NULL ? o->ends[line] : o->end;
  return o->direct ? end : end + segment_ohm(o, line, side ? o->f.cells : 0);
}

static ohms word_ohms(const og_array *a) {
  return (ohms){.f = ogi_family_of(OG_LINE_WORD, a->m, a->n, a->wiring == OG_WIRING_PARALLEL),
                .segment = a->r_word_ohm, .end = a->r_source_ohm, .segments = a->word_segments, .ends = a->source_ohm,
                .active = {a->drive != OG_DRIVE_RIGHT, a->drive != OG_DRIVE_LEFT}, .direct = a->ends == OG_ENDS_DIRECT};
}

static ohms bit_ohms(const og_array *a) {
  return (ohms){.f = ogi_family_of(OG_LINE_BIT, a->m, a->n, 0),
                .segment = a->r_bit_ohm, .end = a->r_sense_ohm, .segments = a->bit_segments, .ends = a->sense_ohm,
                .active = {a->sense != OG_SENSE_BOTTOM, a->sense != OG_SENSE_TOP}, .direct = a->ends == OG_ENDS_DIRECT};
}

typedef struct range {
  double min, max;
} range;

static void widen(range *r, double x) {
  r->min = fmin(r->min, x);
  r->max = fmax(r->max, x);
}

/* What the lines of one direction have in common. */
typedef struct survey {
  range inner, end[2];
  double end_min, end_max; /* over both active sides */
} survey;

static survey survey_of(const ohms *o) {
  const range nothing = {INFINITY, -INFINITY};
  survey s = {.inner = nothing, .end = {nothing, nothing}};
  int each = o->segments != NULL || o->ends != NULL;
  for (size_t l = 0; l < (each ? o->f.lines : 1); l++) {
    for (size_t p = 1; p < (o->segments != NULL ? o->f.cells : 2); p++) widen(&s.inner, segment_ohm(o, l, p));
    for (int side = 0; side < 2; side++)
      if (o->active[side]) widen(&s.end[side], end_ohm(o, l, side));
  }
  s.end_min = fmin(s.end[0].min, s.end[1].min);
  s.end_max = fmax(s.end[0].max, s.end[1].max);
  if (s.inner.max < 0) s.inner = (range){s.end_min, s.end_min}; /* one cell a line: any value of the same kind does */
  return s;
}

/*
 * The kind of regular lines; each is set to 1 if their segments must be kept one by one, irregular if cells of one line
 * merge, a line breaks, or the terminal is the end node of a chain.
 */
static ogi_line kind_of(const survey *s, int *each, int *irregular) {
  int same = s->inner.min == s->inner.max;
  for (int side = 0; side < 2; side++) same &= s->end[side].max < 0 || s->end[side].min == s->end[side].max;
  *each = !same;
  if (same && ogi_is_short(s->inner.min)) return ogi_is_short(s->end_min) ? OGI_LINE_FIXED : OGI_LINE_NODE;
  if (ogi_is_short(s->end_min) || (!same && (ogi_is_short(s->inner.min) || isinf(s->inner.max)))) *irregular = 1;
  return OGI_LINE_CHAIN;
}

/* [S]; an end without a terminal has none. Infinite where 0 ohm merges. */
static og_status fill_segments(double **out, const ohms *o, og_error *err) {
  const ogi_family *f = &o->f;
  double *seg = *out = ogi_alloc(f->lines * (f->cells + 1), sizeof *seg);
  if (seg == NULL) return ogi_fail(err, OG_E_NOMEM, "array: %zu lines of %zu cells", f->lines, f->cells);
  for (size_t l = 0; l < f->lines; l++)
    for (size_t p = 0; p <= f->cells; p++) {
      int side = p == f->cells, is_end = p == 0 || side;
      double ohm = is_end ? end_ohm(o, l, side) : segment_ohm(o, l, p);
      seg[l * f->seg_line + p * f->step] = is_end && !o->active[side] ? 0 : 1 / ohm;
    }
  return OG_OK;
}

static og_status copy_bridges(ogi_wires *wires, const og_array *a, og_error *err) {
  if (a->bridge_count == 0) return OG_OK;
  wires->bridges = ogi_alloc(a->bridge_count, sizeof *wires->bridges);
  if (wires->bridges == NULL) return ogi_fail(err, OG_E_NOMEM, "array: %zu bridges", a->bridge_count);
  memcpy(wires->bridges, a->bridges, a->bridge_count * sizeof *wires->bridges);
  wires->bridge_count = a->bridge_count;
  return OG_OK;
}

og_status ogi_wires_create(ogi_wires *wires, const og_array *a, og_error *err) {
  og_status st;
  ohms word = word_ohms(a), bit = bit_ohms(a);
  survey w = survey_of(&word), b = survey_of(&bit);
  int word_each, bit_each;
  memset(wires, 0, sizeof *wires);
  wires->parallel = a->wiring == OG_WIRING_PARALLEL;
  wires->sources = wires->parallel ? a->n : a->m;
  wires->irregular = wires->parallel || a->bridge_count > 0;
  wires->word_kind = kind_of(&w, &word_each, &wires->irregular);
  wires->bit_kind = kind_of(&b, &bit_each, &wires->irregular);
  wires->word = 1 / w.inner.min; /* 1/0 is infinite, but then the kind is not CHAIN; 1/INFINITY is 0: open */
  wires->bit = 1 / b.inner.min;
  for (int side = 0; side < 2; side++) {
    wires->drive[side] = word.active[side] ? 1 / w.end[side].min : 0;
    wires->sense[side] = bit.active[side] ? 1 / b.end[side].min : 0;
  }
  wires->has_open = isinf(fmax(w.inner.max, w.end_max)) || isinf(fmax(b.inner.max, b.end_max));
  if (wires->irregular) wires->word_kind = wires->bit_kind = OGI_LINE_CHAIN;
  if (wires->irregular || word_each) OGI_TRY(st, fill_segments(&wires->word_seg, &word, err));
  if (wires->irregular || bit_each) OGI_TRY(st, fill_segments(&wires->bit_seg, &bit, err));
  st = copy_bridges(wires, a, err);
done:
  if (st != OG_OK) ogi_wires_clear(wires);
  return st;
}

void ogi_wires_clear(ogi_wires *wires) {
  ogi_free(wires->word_seg);
  ogi_free(wires->bit_seg);
  ogi_free(wires->bridges);
  memset(wires, 0, sizeof *wires);
}
