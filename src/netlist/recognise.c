/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include "base/ogi_mem.h"
#include "netlist/ogi_recognise_parts.h"

/* ---- values: few numbers where they say it all, else every segment ---- */

/* One kind of lines as og_array has them: terminal resistances of each line; one segment for all, or each its own. */
typedef struct fit {
  double segment;      /* [ohm], if uniform            */
  double *end;         /* lines [ohm]                  */
  int uniform, side[2]; /* is any line driven before its first, behind its last node? */
} fit;

static double end_ohm(const ogi_wires *w, size_t l, int behind) {
  return w->ohm[l * (w->cells + 1) + (behind ? w->cells : 0)];
}

static void find_sides(fit *f, const ogi_wires *w) {
  for (size_t l = 0; l < w->lines; l++)
    for (int side = 0; side < 2; side++) f->side[side] |= isfinite(end_ohm(w, l, side));
}

/* The segment of all lines between their first and last nodes; NAN where lines have one node. 0: they differ. */
static int inner_segment(const ogi_wires *w, double *segment) {
  *segment = NAN;
  for (size_t l = 0; l < w->lines; l++)
    for (size_t p = 1; p < w->cells; p++) {
      double ohm = w->ohm[l * (w->cells + 1) + p];
      if (isnan(*segment)) *segment = ohm;
      if (ohm < *segment || ohm > *segment) return 0;
    }
  return 1;
}

static int differ(double a, double b) { return a < b || a > b; }

/* A piece at some end, for lines that have no other; 0: none. */
static double any_end(const ogi_wires *w) {
  double least = INFINITY;
  for (size_t l = 0; l < w->lines; l++)
    for (int side = 0; side < 2; side++) least = fmin(least, end_ohm(w, l, side));
  return isfinite(least) ? least : 0;
}

/*
 * Terminal resistance with which an end reads as og_ends says, without any arithmetic; NAN: it does not. Between ideal
 * segments one resistor is the terminal's under both readings.
 */
static double read_end(const ogi_wires *w, double ohm, double driver, double segment, og_ends ends) {
  if (w->told) return differ(ohm, ends == OG_ENDS_DIRECT ? 0 : segment) ? NAN : driver;
  if (ends == OG_ENDS_DIRECT) return driver > 0 ? NAN : ohm;
  if (differ(ohm, segment)) return driver > 0 || segment > 0 ? NAN : ohm;
  return driver;
}

static int floats(const ogi_wires *w, size_t l) {
  return w->terminal[l] == OGI_NO_NODE || (isinf(end_ohm(w, l, 0)) && isinf(end_ohm(w, l, 1)));
}

/* Do all ends read so, both of a line alike? */
static int fit_ends(fit *f, const ogi_wires *w, double segment, og_ends ends) {
  for (size_t l = 0; l < w->lines; l++) {
    f->end[l] = INFINITY;
    if (floats(w, l)) continue;
    for (int side = 0, seen = 0; side < 2; side++) {
      if (!f->side[side]) continue;
      double end = read_end(w, end_ohm(w, l, side), w->driver[2 * l + (size_t)side], segment, ends);
      if (!isfinite(end) || (seen && differ(end, f->end[l]))) return 0;
      f->end[l] = end;
      seen = 1;
    }
  }
  return 1;
}

/* Are all segments alike too? */
static int fit_uniform(fit *f, const ogi_wires *w, og_ends ends) {
  f->uniform = inner_segment(w, &f->segment);
  if (isnan(f->segment)) f->segment = ends == OG_ENDS_SEGMENT ? any_end(w) : 0;
  return f->uniform && fit_ends(f, w, f->segment, ends);
}

/* Every segment on its own, ends without one. */
static int fit_direct(fit *f, const ogi_wires *w) {
  if (fit_uniform(f, w, OG_ENDS_DIRECT)) return 1;
  f->uniform = 0;
  f->segment = 0;
  return fit_ends(f, w, 0, OG_ENDS_DIRECT);
}

/*
 * Every segment on its own, those at the ends too. One resistor at an end is the driver's where both ends of the line
 * allow it; drivers that differ between the two ends of a line go into the segments, the only sums here.
 */
static void fit_each(fit *f, ogi_wires *w) {
  f->uniform = 0;
  f->segment = 0;
  for (size_t l = 0; l < w->lines; l++) {
    double *ohm = w->ohm + l * (w->cells + 1), *driver = w->driver + 2 * l, *end[2] = {ohm, ohm + w->cells};
    int there[2] = {isfinite(*end[0]), isfinite(*end[1])}, both = there[0] && there[1];
    int lone = !w->told && (!there[0] || !(driver[0] > 0)) && (!there[1] || !(driver[1] > 0));
    f->end[l] = !there[0] && !there[1] ? INFINITY : there[0] ? driver[0] : driver[1];
    if (lone && (there[0] || there[1]) && !(both && differ(*end[0], *end[1]))) {
      f->end[l] = there[0] ? *end[0] : *end[1];
      for (int side = 0; side < 2; side++)
        if (there[side]) *end[side] = 0;
    } else if (both && differ(driver[0], driver[1])) {
      for (int side = 0; side < 2; side++) *end[side] += driver[side];
      f->end[l] = 0;
    }
  }
}

static og_ends fit_values(fit *word, fit *bit, ogi_proof *p) {
  find_sides(word, &p->word);
  find_sides(bit, &p->bit);
  int words = fit_uniform(word, &p->word, OG_ENDS_SEGMENT), bits = fit_uniform(bit, &p->bit, OG_ENDS_SEGMENT);
  if (words && bits) return OG_ENDS_SEGMENT;
  if (fit_direct(word, &p->word) && fit_direct(bit, &p->bit)) return OG_ENDS_DIRECT;
  if (!words || !fit_uniform(word, &p->word, OG_ENDS_SEGMENT)) fit_each(word, &p->word);
  if (!bits || !fit_uniform(bit, &p->bit, OG_ENDS_SEGMENT)) fit_each(bit, &p->bit);
  return OG_ENDS_SEGMENT;
}

/* ---- what is handed out ---- */

static int all_equal(const double *x, size_t count) {
  for (size_t k = 1; k < count; k++)
    if (x[k] < x[0] || x[k] > x[0]) return 0;
  return 1;
}

/* NULL and one value for all, or the array of them. */
static const double *settle(double **each, size_t count, double *all) {
  *all = 0;
  if (!all_equal(*each, count)) return *each;
  *all = (*each)[0];
  ogi_free(*each);
  *each = NULL;
  return NULL;
}

static og_status settle_segments(double **out, const fit *f, const ogi_wires *w, int down, og_error *err) {
  if (f->uniform) return OG_OK;
  *out = ogi_alloc(w->lines * (w->cells + 1), sizeof **out);
  if (*out == NULL) return ogi_fail(err, OG_E_NOMEM, "crossbar: %zu lines", w->lines);
  for (size_t l = 0; l < w->lines; l++)
    for (size_t p = 0; p <= w->cells; p++) {
      int none = (p == 0 && !f->side[0]) || (p == w->cells && !f->side[1]); /* no line has a terminal there */
      (*out)[down ? p * w->lines + l : l * (w->cells + 1) + p] = none ? 0 : w->ohm[l * (w->cells + 1) + p];
    }
  return OG_OK;
}

static og_status settle_volts(double **volt, size_t **node, ogi_wires *w, const ogi_graph *g, og_error *err) {
  *volt = ogi_alloc(w->lines, sizeof **volt);
  if (*volt == NULL) return ogi_fail(err, OG_E_NOMEM, "crossbar: %zu lines", w->lines);
  *node = w->terminal;
  w->terminal = NULL;
  for (size_t l = 0; l < w->lines; l++)
    if ((*node)[l] != OGI_NO_NODE) (*volt)[l] = g->net->fixed_volt[(*node)[l]];
  return OG_OK;
}

static og_status fill_crossbar(ogi_crossbar *c, const ogi_graph *g, ogi_places *at, ogi_proof *p, og_error *err) {
  og_status st = OG_OK;
  og_array *a = &c->array;
  og_array_init(a, at->m, at->n);
  fit word = {0}, bit = {0};
  word.end = c->source_ohm = ogi_alloc(p->word.lines, sizeof *c->source_ohm);
  bit.end = c->sense_ohm = ogi_alloc(p->bit.lines, sizeof *c->sense_ohm);
  if (word.end == NULL || bit.end == NULL) return ogi_fail(err, OG_E_NOMEM, "crossbar: %zu lines", p->word.lines);
  a->ends = fit_values(&word, &bit, p);
  a->wiring = at->parallel ? OG_WIRING_PARALLEL : OG_WIRING_CROSSED;
  a->drive = word.side[1] ? word.side[0] ? OG_DRIVE_BOTH : OG_DRIVE_RIGHT : OG_DRIVE_LEFT;
  a->sense = bit.side[0] ? bit.side[1] ? OG_SENSE_BOTH : OG_SENSE_TOP : OG_SENSE_BOTTOM;
  a->r_word_ohm = word.segment;
  a->r_bit_ohm = bit.segment;
  a->source_ohm = settle(&c->source_ohm, p->word.lines, &a->r_source_ohm);
  a->sense_ohm = settle(&c->sense_ohm, p->bit.lines, &a->r_sense_ohm);
  OGI_TRY(st, settle_segments(&c->word_segments, &word, &p->word, at->parallel, err));
  OGI_TRY(st, settle_segments(&c->bit_segments, &bit, &p->bit, 1, err));
  a->word_segments = c->word_segments;
  a->bit_segments = c->bit_segments;
  OGI_TRY(st, settle_volts(&c->v, &c->source, &p->word, g, err));
  OGI_TRY(st, settle_volts(&c->u, &c->sense, &p->bit, g, err));
  c->g = p->g;
  c->word = at->word;
  c->bit = at->bit;
  a->bridges = c->bridges = p->bridges;
  a->bridge_count = p->bridge_count;
  p->g = NULL; /* these are the crossbar's now */
  p->bridges = NULL;
  at->word = at->bit = NULL;
done:
  return st;
}

/* ---- hypotheses come in, one goes out ---- */

typedef struct court {
  const ogi_graph *graph;
  ogi_crossbar *out;
  size_t explained; /* by the hypothesis that came furthest, and what stopped it */
  og_error best;
} court;

static void keep_reason(void *self, size_t explained, const og_error *err) {
  court *c = self;
  if (c->best.code != OG_OK && explained <= c->explained) return;
  c->explained = explained;
  c->best = *err;
}

static og_status accept_proof(void *self, ogi_places *places, ogi_proof *proof, og_error *err) {
  court *c = self;
  return fill_crossbar(c->out, c->graph, places, proof, err);
}

static og_status take_hypothesis(void *self, ogi_places *places, og_error *err) {
  court *c = self;
  ogi_proof proof = {0};
  og_status st;
  OGI_TRY(st, ogi_prove(&proof, c->graph, places, err));
  ogi_kind word = {proof.word.lines, proof.word.terminal, places->word[0]};
  ogi_kind bit = {proof.bit.lines, proof.bit.terminal, places->bit[0]};
  if (!ogi_is_word(c->graph, &word, &bit)) {
    ogi_proof_clear(&proof);
    OGI_TRY(st, ogi_places_swap(places, err));
    OGI_TRY(st, ogi_prove(&proof, c->graph, places, err));
  }
  st = fill_crossbar(c->out, c->graph, places, &proof, err);
done:
  if (st == OG_E_INPUT) keep_reason(c, proof.explained, err);
  ogi_proof_clear(&proof);
  return st;
}

og_status ogi_recognise(ogi_crossbar *out, const ogi_network *net, og_error *err) {
  og_status st;
  ogi_graph graph = {0};
  og_error why = {0};
  court c = {.graph = &graph, .out = out};
  ogi_judge judge = {.take = take_hypothesis, .accept = accept_proof, .note = keep_reason, .self = &c};
  *out = (ogi_crossbar){0};
  st = ogi_graph_create(&graph, net, &why);
  if (st == OG_E_INPUT) keep_reason(&c, 0, &why);
  if (st == OG_OK) {
    st = ogi_guess_by_labels(&graph, &judge, &why);
    if (st == OG_E_INPUT) st = ogi_guess_by_names(&graph, 0, &judge, &why);
    if (st == OG_E_INPUT) st = ogi_guess_by_structure(&graph, &judge, &why);
    if (st == OG_E_INPUT) st = ogi_guess_by_names(&graph, 1, &judge, &why);
  }
  if (st != OG_OK) {
    ogi_crossbar_clear(out);
    if (err != NULL) *err = st == OG_E_INPUT && c.best.code != OG_OK ? c.best : why;
  }
  ogi_graph_clear(&graph);
  return st;
}

void ogi_crossbar_clear(ogi_crossbar *c) {
  ogi_free(c->g);
  ogi_free(c->v);
  ogi_free(c->u);
  ogi_free(c->word);
  ogi_free(c->bit);
  ogi_free(c->source);
  ogi_free(c->sense);
  ogi_free(c->word_segments);
  ogi_free(c->bit_segments);
  ogi_free(c->source_ohm);
  ogi_free(c->sense_ohm);
  ogi_free(c->bridges);
  *c = (ogi_crossbar){0};
}
