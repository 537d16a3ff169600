/* SPDX-License-Identifier: BSD-3-Clause */
/** Arrays by the general engine. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <ohmgrid/netlist.h>

#include "analysis/ogi_analysis.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "netlist/ogi_netlist.h"

/* All inputs of one array. */
typedef struct arrays {
  const og_array *array;
  const double *g, *u;
  const og_cell *cell;
  ogi_labels names;
  og_error *err;
} arrays;

static og_status read_back(const arrays *a, const double *v, og_deck **deck) {
  char *text = NULL;
  size_t bytes = 0;
  og_netlist_opts opts;
  og_netlist_opts_init(&opts);
  opts.bit_volts = a->u;
  opts.cell = a->cell;
  FILE *out = open_memstream(&text, &bytes);
  if (out == NULL) return ogi_fail(a->err, OG_E_NOMEM, "analysis: the deck as text");
  og_status st = og_netlist_print(out, a->array, a->g, v, &opts, a->err);
  int full = ferror(out);
  if ((fclose(out) != 0 || full) && st == OG_OK) st = ogi_fail(a->err, OG_E_NOMEM, "analysis: the deck as text");
  if (st == OG_OK) st = og_deck_parse(deck, "array", text, bytes, NULL, a->err);
  free(text); /* open_memstream's own */
  return st;
}

/* Potential of a node under its name in the deck [V]. */
static double potential(const og_deck *deck, const og_vectors *solved, const char *name) {
  size_t node = ogi_names_find(deck->node_names, name);
  return node == OGI_NO_NAME ? NAN : node == OGI_DECK_GROUND ? 0 : *og_vectors_at(solved, node - 1);
}

static void take(const arrays *a, const og_deck *deck, const og_vectors *solved, double *i_out, double *word,
                 double *bit) {
  size_t n = a->array->n;
  char name[OGI_NODE_NAME + 16];
  for (size_t j = 0; j < n; j++) {
    snprintf(name, sizeof name, "vt_%zu#branch", j);
    size_t at = og_vectors_find(solved, name);
    i_out[j] = at < solved->count ? *og_vectors_at(solved, at) : NAN;
  }
  for (size_t k = 0; k < a->array->m * n; k++) {
    if (word != NULL) {
      ogi_netlist_word(name, &a->names, k / n, k % n);
      word[k] = potential(deck, solved, name);
    }
    if (bit != NULL) {
      ogi_netlist_bit(name, &a->names, k / n, k % n);
      bit[k] = potential(deck, solved, name);
    }
  }
}

static og_status solve_one(const arrays *a, const double *v, double *i_out, double *word, double *bit,
                           og_analysis_info *info) {
  og_status st;
  og_deck *deck = NULL;
  og_vectors *solved = NULL;
  og_analysis_opts opts;
  og_analysis_opts_init(&opts);
  opts.engine = OG_DECK_GENERAL;
  OGI_TRY(st, read_back(a, v, &deck));
  OGI_TRY(st, og_analysis_run(&solved, deck, NULL, &opts, info, a->err));
  take(a, deck, solved, i_out, word, bit);
done:
  og_vectors_free(solved);
  og_deck_free(deck);
  return st;
}

static double *row(double *x, size_t k) { return x != NULL ? x + k : NULL; }

og_status og_analysis_array(const og_array *array, const double *g, const double *v, const double *u, size_t k,
                            const og_cell *cell, double *i_out, double *v_word, double *v_bit, og_analysis_info *info,
                            og_error *err) {
  og_status st;
  og_analysis_info one, worst = {0};
  arrays a = {.array = array, .g = g, .u = u, .cell = cell, .err = err};
  if (array == NULL || g == NULL || v == NULL || i_out == NULL || k == 0)
    return ogi_fail(err, OG_E_ARG, "analysis: a needed pointer is NULL, or there is no input");
  OGI_TRY(st, og_array_check(array, err));
  OGI_TRY(st, ogi_labels_create(&a.names, array, err));
  size_t cells = array->m * array->n, sources = array->wiring == OG_WIRING_PARALLEL ? array->n : array->m;
  for (size_t e = 0; e < k; e++) {
    st = solve_one(&a, v + e * sources, i_out + e * array->n, row(v_word, e * cells), row(v_bit, e * cells), &one);
    if (st != OG_OK) {
      ogi_prefix(err, st, "input %zu", e);
      goto done;
    }
    one.kcl_residual = fmax(one.kcl_residual, worst.kcl_residual);
    one.power_balance = fmax(one.power_balance, worst.power_balance);
    worst = one;
  }
  if (info != NULL) *info = worst;
done:
  ogi_labels_clear(&a.names);
  if (st != OG_OK && array->m > 0 && array->n > 0 && k > 0) {
    ogi_poison(i_out, k * array->n);
    ogi_poison(v_word, k * array->m * array->n);
    ogi_poison(v_bit, k * array->m * array->n);
  }
  return st;
}
