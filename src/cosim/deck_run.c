/* SPDX-License-Identifier: BSD-3-Clause */
/** One analysis of a deck in ngspice, its results under the deck's own names. */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_spice.h"

/* Labels of one analysis card: output, reference, source. */
typedef struct card_labels {
  char output[OGI_LABEL], reference[OGI_LABEL], source[OGI_LABEL];
} card_labels;

/* Card of the deck -> words of a session. */
static void translate(const og_deck *d, const og_analysis *a, og_spice_analysis *to, card_labels *l) {
  static const og_spice_kind kinds[] = {OG_SPICE_OP, OG_SPICE_DC, OG_SPICE_TRAN, OG_SPICE_AC, OG_SPICE_NOISE};
  og_spice_analysis_init(to, kinds[a->kind]);
  if (a->source != NULL)
    for (size_t k = 0; k < d->parts.count; k++)
      if (strcmp(ogi_names_at(d->element_names, d->parts.item[k].name), a->source) == 0)
        ogi_deck_element_label(l->source, d, &d->parts.item[k]);
  if (a->output != NULL) ogi_deck_node_label(l->output, d, ogi_names_find(d->node_names, a->output));
  if (a->reference != NULL) ogi_deck_node_label(l->reference, d, ogi_names_find(d->node_names, a->reference));
  to->sweep[0] = (og_spice_sweep){a->kind == OG_ANALYSIS_DC ? l->source : NULL, a->from, a->to, a->by};
  to->step_second = a->step;
  to->stop_second = a->stop;
  to->start_second = a->start;
  to->step_max_second = a->step_max;
  to->use_ic = a->from_initial;
  to->spacing = a->spacing == 'o' ? OG_SPICE_OCTAVE : a->spacing == 'l' ? OG_SPICE_LINEAR : OG_SPICE_DECADE;
  to->points = a->points;
  to->start_hz = a->hertz_from;
  to->stop_hz = a->hertz_to;
  to->output = l->output;
  to->reference = a->reference != NULL ? l->reference : NULL;
  to->input = l->source;
}

/* Vectors of an analysis without its scale: ngspice's name of each, and ours. */
typedef struct vector_names {
  char *text;          /* count labels */
  const char **name;   /* into text */
  const char **own;    /* borrowed from the deck; branch: the name of the element */
  og_quantity *quantity;
  size_t count;
} vector_names;

static void clear_names(vector_names *n) {
  ogi_free(n->text);
  ogi_free(n->name);
  ogi_free(n->own);
  ogi_free(n->quantity);
}

static int is_branch(const ogi_deck_part *p) {
  return strchr("VEHL", p->kind) != NULL || (p->kind == 'B' && p->law->kind == 'v');
}

enum { NAME_ROOM = OGI_LABEL + sizeof "#branch" };

static void name_noise(const og_analysis *a, vector_names *n) {
  static const char *const spectra[] = {"onoise_spectrum", "inoise_spectrum"};
  for (size_t k = 0; k < 2; k++) {
    snprintf(n->text + k * NAME_ROOM, NAME_ROOM, "%s", spectra[k]);
    n->own[k] = spectra[k];
    n->quantity[k] = k == 1 && a->source[0] == 'i' ? OG_Q_CURRENT_DENSITY : OG_Q_VOLTAGE_DENSITY;
  }
}

static void name_all(const og_deck *d, vector_names *n) {
  size_t at = 0;
  for (size_t k = 0; k < og_deck_nodes(d); k++, at++) {
    ogi_deck_node_label(n->text + NAME_ROOM * at, d, k + 1);
    n->own[at] = og_deck_node(d, k);
    n->quantity[at] = OG_Q_VOLTAGE;
  }
  for (size_t k = 0; k < d->parts.count; k++) {
    if (!is_branch(&d->parts.item[k])) continue;
    char *to = n->text + NAME_ROOM * at;
    ogi_deck_element_label(to, d, &d->parts.item[k]);
    strcat(to, "#branch");
    n->own[at] = ogi_names_at(d->element_names, d->parts.item[k].name);
    n->quantity[at++] = OG_Q_CURRENT;
  }
}

static og_status name_vectors(const og_deck *d, const og_analysis *a, vector_names *n, og_error *err) {
  int noise = a->kind == OG_ANALYSIS_NOISE;
  n->count = noise ? 2 : og_deck_nodes(d);
  for (size_t k = 0; !noise && k < d->parts.count; k++) n->count += (size_t)is_branch(&d->parts.item[k]);
  n->text = ogi_alloc(n->count, NAME_ROOM);
  n->name = ogi_alloc(n->count, sizeof *n->name);
  n->own = ogi_alloc(n->count, sizeof *n->own);
  n->quantity = ogi_alloc(n->count, sizeof *n->quantity);
  if (n->text == NULL || n->name == NULL || n->own == NULL || n->quantity == NULL)
    return ogi_fail(err, OG_E_NOMEM, "ngspice: %zu names", n->count);
  for (size_t k = 0; k < n->count; k++) n->name[k] = n->text + k * NAME_ROOM;
  if (noise) name_noise(a, n);
  else name_all(d, n);
  return OG_OK;
}

/* Theirs under our names: the vectors stand in the same order, behind the scale. */
static og_status rename_vectors(og_vectors *v, const vector_names *n, const og_analysis *a, og_error *err) {
  og_status st = OG_OK;
  char full[NAME_ROOM];
  size_t first = v->has_scale ? 1 : 0;
  if (v->count != n->count + first)
    return ogi_fail(err, OG_E_EXTERN, "ngspice: saw %zu vectors, need %zu", v->count, n->count + first);
  if (first == 1 && a->kind == OG_ANALYSIS_DC) {
    int amp = a->source[0] == 'i';
    st = og_vectors_name(v, 0, amp ? "i-sweep" : "v-sweep", amp ? OG_Q_CURRENT : OG_Q_VOLTAGE, err);
  }
  for (size_t k = 0; k < n->count && st == OG_OK; k++) {
    snprintf(full, sizeof full, "%s%s", n->own[k], n->quantity[k] == OG_Q_CURRENT ? "#branch" : "");
    st = og_vectors_name(v, first + k, full, n->quantity[k], err);
  }
  return st;
}

og_status ogi_spice_run_deck(ogi_spice *s, const og_deck *deck, const og_analysis *analysis,
                             const ogi_deck_accuracy *accuracy, og_vectors **out, og_error *err) {
  static const og_analysis operating = {.kind = OG_ANALYSIS_OP};
  const og_analysis *a = analysis != NULL ? analysis : &operating;
  og_status st;
  og_spice_analysis what;
  vector_names names = {0};
  card_labels labels = {"", "", ""};
  *out = NULL;
  /* Loaded anew for each analysis: after a transient, ngspice 39 gives wrong small signals of coupled inductors. */
  OGI_TRY(st, ogi_spice_load_deck(s, deck, accuracy, err));
  translate(deck, a, &what, &labels);
  OGI_TRY(st, name_vectors(deck, a, &names, err));
  OGI_TRY(st, og_spice_run(s, &what, names.name, names.count, out, NULL, err));
  st = rename_vectors(*out, &names, a, err);
done:
  clear_names(&names);
  if (st != OG_OK) {
    og_vectors_free(*out);
    *out = NULL;
  }
  return st;
}
