/* SPDX-License-Identifier: BSD-3-Clause */
/* Array -> deck -> reader -> the same array to the last bit; and the deck's solution is the array's. */
#include <config.h>

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

static og_error err;

typedef struct sample {
  og_array array;
  size_t sources;
  double *g, *v, *u;
  double *word, *bit, *source, *sense; /* irregular values, or NULL */
} sample;

static double *draw(ogi_rng *rng, size_t count, double low, double high) {
  double *x = ogi_alloc(count, sizeof *x);
  for (size_t k = 0; k < count; k++) x[k] = low * pow(high / low, ogi_rng_uniform(rng));
  return x;
}

/* Wires above 0 ohm, so that every node has a name of its own; cells present, up to every fourth open. */
static sample make(ogi_rng *rng, int irregular) {
  sample s = {0};
  size_t m = 2 + ogi_rng_below(rng, 8), n = 2 + ogi_rng_below(rng, 7);
  og_array_init(&s.array, m, n);
  og_array *a = &s.array;
  a->wiring = (og_wiring)ogi_rng_below(rng, 2);
  a->drive = (og_drive)ogi_rng_below(rng, 3);
  a->sense = (og_sense)ogi_rng_below(rng, 3);
  a->ends = (og_ends)ogi_rng_below(rng, 2);
  a->r_word_ohm = 0.3 + 3 * ogi_rng_uniform(rng);
  a->r_bit_ohm = 0.3 + 3 * ogi_rng_uniform(rng);
  a->r_source_ohm = ogi_rng_below(rng, 2) * (10 + 100 * ogi_rng_uniform(rng));
  a->r_sense_ohm = ogi_rng_below(rng, 2) * (10 + 100 * ogi_rng_uniform(rng));
  int parallel = a->wiring == OG_WIRING_PARALLEL;
  s.sources = parallel ? n : m;
  s.g = draw(rng, m * n, 1e-6, 1e-2);
  if (!irregular)
    for (size_t k = 0; k < m * n; k++) s.g[k] *= ogi_rng_below(rng, 4) > 0 || k % n == 0 || k < n;
  s.v = draw(rng, s.sources, 0.1, 0.9);
  s.u = ogi_rng_below(rng, 2) ? draw(rng, n, 0.01, 0.05) : ogi_alloc(n, sizeof(double));
  if (irregular) {
    a->word_segments = s.word = draw(rng, parallel ? (m + 1) * n : m * (n + 1), 0.1, 10);
    a->bit_segments = s.bit = draw(rng, (m + 1) * n, 0.1, 10);
    a->source_ohm = s.source = draw(rng, s.sources, 1, 100);
    a->sense_ohm = s.sense = draw(rng, n, 1, 100);
  }
  return s;
}

static void drop(sample *s) {
  double *all[] = {s->g, s->v, s->u, s->word, s->bit, s->source, s->sense};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) ogi_free(all[k]);
}

static og_deck *through_text(const sample *s, og_netlist_style style) {
  char *text = NULL;
  size_t bytes;
  og_deck *deck = NULL;
  og_netlist_opts opts;
  og_netlist_opts_init(&opts);
  opts.style = style;
  opts.bit_volts = s->u;
  FILE *out = open_memstream(&text, &bytes);
  ck_assert_msg(og_netlist_print(out, &s->array, s->g, s->v, &opts, &err) == OG_OK, "%s", err.text);
  fclose(out);
  ck_assert_msg(og_deck_parse(&deck, "array.cir", text, bytes, NULL, &err) == OG_OK, "%s", err.text);
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

static void same(const sample *s, const og_crossbar *found) {
  const og_array *a = &s->array, *b = og_crossbar_array(found);
  size_t m = a->m, n = a->n;
  int parallel = a->wiring == OG_WIRING_PARALLEL;
  ck_assert_uint_eq(b->m, m);
  ck_assert_uint_eq(b->n, n);
  ck_assert_int_eq(b->wiring, a->wiring);
  ck_assert_int_eq(b->drive, a->drive);
  ck_assert_int_eq(b->sense, a->sense);
  ck_assert_int_eq(b->ends, a->ends);
  for (size_t k = 0; k < m * n; k++)
    ck_assert_msg(og_crossbar_cells(found)[k] == s->g[k], "cell %zu: %.17g for %.17g", k, og_crossbar_cells(found)[k], s->g[k]);
  for (size_t k = 0; k < s->sources; k++) {
    ck_assert_double_eq(og_crossbar_inputs(found)[k], s->v[k]);
    ck_assert_double_eq(b->source_ohm ? b->source_ohm[k] : b->r_source_ohm, a->source_ohm ? a->source_ohm[k] : a->r_source_ohm);
  }
  for (size_t j = 0; j < n; j++) {
    ck_assert_double_eq(og_crossbar_bit_volts(found)[j], s->u[j]);
    ck_assert_double_eq(b->sense_ohm ? b->sense_ohm[j] : b->r_sense_ohm, a->sense_ohm ? a->sense_ohm[j] : a->r_sense_ohm);
  }
  size_t rows = parallel ? m + 1 : m, columns = parallel ? n : n + 1;
  for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++) {
      size_t p = parallel ? i : j, end = parallel ? m : n;
      if (counts(a, p == 0, p == end, a->drive != OG_DRIVE_RIGHT, a->drive != OG_DRIVE_LEFT))
        ck_assert_double_eq(word_at(b, i, j), word_at(a, i, j));
    }
  for (size_t i = 0; i <= m; i++)
    for (size_t j = 0; j < n; j++)
      if (counts(a, i == 0, i == m, a->sense != OG_SENSE_BOTTOM, a->sense != OG_SENSE_TOP))
        ck_assert_double_eq(bit_at(b, i, j), bit_at(a, i, j));
}

static void round_trip(int irregular, og_netlist_style style, uint32_t trial, size_t count) {
  ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 4242, .source = OGI_SOURCE_TEST, .trial = trial});
  for (size_t k = 0; k < count; k++) {
    sample s = make(rng, irregular);
    og_deck *deck = through_text(&s, style);
    og_crossbar *found = NULL;
    const og_array *a = &s.array;
    ck_assert_msg(og_crossbar_find(&found, deck, &err) == OG_OK, "%zu: %zu x %zu drive %d sense %d ends %d wiring %d: %s", k, a->m,
                  a->n, (int)a->drive, (int)a->sense, (int)a->ends, (int)a->wiring, err.text);
    if (style == OG_NETLIST_FLAT) same(&s, found);
    og_crossbar_free(found);
    og_deck_free(deck);
    drop(&s);
  }
  ogi_rng_free(rng);
}

START_TEST(regular_arrays_come_back_to_the_last_bit) { round_trip(0, OG_NETLIST_FLAT, 1, 150); }
END_TEST
START_TEST(irregular_arrays_come_back_to_the_last_bit) { round_trip(1, OG_NETLIST_FLAT, 2, 100); }
END_TEST
START_TEST(arrays_are_found_in_hierarchical_decks) { round_trip(0, OG_NETLIST_HIERARCHICAL, 3, 60); }
END_TEST

/* The whole way: deck text, reader, recognition, solver, against the solver on the array itself. */
START_TEST(the_solution_of_the_deck_is_that_of_the_array) {
  ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 4242, .source = OGI_SOURCE_TEST, .trial = 4});
  for (size_t trial = 0; trial < 60; trial++) {
    sample s = make(rng, trial % 2 == 1);
    if (trial % 3 == 0) s.array.r_word_ohm = 0;
    if (trial % 5 == 0) s.array.r_bit_ohm = 0;
    size_t m = s.array.m, n = s.array.n;
    og_deck *deck = through_text(&s, OG_NETLIST_FLAT);
    og_vectors *got = NULL;
    og_analysis_info info;
    og_solver *solver = NULL;
    double *i_out = ogi_alloc(n, sizeof *i_out), *word = ogi_alloc(2 * m * n, sizeof *word), *bit = word + m * n;
    og_status st = og_analysis_run(&got, deck, NULL, &(og_analysis_opts){.engine = OG_DECK_CROSSBAR, .rtol = 1e-7, .step_max = 1}, &info, &err);
    ck_assert_msg(st == OG_OK, "%zu: %s", trial, err.text);
    ck_assert_int_eq(info.crossbar, 1);
    ck_assert_int_eq(og_solver_create(&solver, &s.array, &(og_solver_opts){.engine = OG_ENGINE_CHOLESKY, .inputs = 1, .rtol = 1e-12,
                                      .kcl_rtol = 1e-8, .iter_max = 1000}, &err), OG_OK);
    ck_assert_int_eq(og_solver_set_cells(solver, s.g, &err), OG_OK);
    ck_assert_int_eq(og_solver_set_bit_volts(solver, s.u, &err), OG_OK);
    ck_assert_msg(og_solver_dc(solver, s.v, 1, i_out, word, bit, NULL, &err) == OG_OK, "%s", err.text);
    double largest = 0;
    for (size_t j = 0; j < n; j++) largest = fmax(largest, fabs(i_out[j]));
    for (size_t j = 0; j < n; j++) {
      char name[80];
      snprintf(name, sizeof name, "vt_%zu#branch", j);
      ogt_abs(*og_vectors_at(got, og_vectors_find(got, name)), i_out[j], 1e-9 * largest);
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
  tcase_add_test(t, arrays_are_found_in_hierarchical_decks);
  tcase_add_test(t, the_solution_of_the_deck_is_that_of_the_array);
  suite_add_tcase(s, t);
  return ogt_run(s);
}
