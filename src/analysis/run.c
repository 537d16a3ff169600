/* SPDX-License-Identifier: BSD-3-Clause */
/** Which engine runs an analysis, and its results as vectors. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/ogi_analysis.h"
#include "base/ogi_mem.h"

void og_analysis_opts_init(og_analysis_opts *opts) { *opts = (og_analysis_opts){.rtol = 1e-7, .step_max = 10000000}; }

/* ---- rows ---- */

double *ogi_run_row(ogi_run *run) {
  while (run->row.room < run->row.count + run->doubles)
    if (!ogi_list_grow(&run->row, sizeof *run->row.item)) return NULL;
  double *row = run->row.item + run->row.count;
  memset(row, 0, run->doubles * sizeof *row);
  run->row.count += run->doubles;
  return row;
}

static og_status name_all(og_vectors *v, const ogi_run *run, const char *scale, og_quantity quantity) {
  og_status st = OG_OK;
  const og_deck *d = run->deck;
  char name[300];
  size_t k = 0;
  if (scale != NULL) OGI_TRY(st, og_vectors_name(v, k++, scale, quantity, run->err));
  if (run->analysis != NULL && run->analysis->kind == OG_ANALYSIS_NOISE) {
    OGI_TRY(st, og_vectors_name(v, k++, "onoise_spectrum", OG_Q_VOLTAGE_DENSITY, run->err));
    int amp = run->analysis->source[0] == 'i';
    return og_vectors_name(v, k, "inoise_spectrum", amp ? OG_Q_CURRENT_DENSITY : OG_Q_VOLTAGE_DENSITY, run->err);
  }
  for (size_t j = 0; j < og_deck_nodes(d); j++)
    OGI_TRY(st, og_vectors_name(v, k++, og_deck_node(d, j), OG_Q_VOLTAGE, run->err));
  for (size_t j = 0; j < run->branches; j++) {
    snprintf(name, sizeof name, "%s#branch", ogi_names_at(d->element_names, d->parts.item[run->branch[j]].name));
    OGI_TRY(st, og_vectors_name(v, k++, name, OG_Q_CURRENT, run->err));
  }
done:
  return st;
}

static og_status set_text(char **field, const char *text, og_error *err) {
  char *copy = ogi_strdup(text);
  if (copy == NULL) return ogi_fail(err, OG_E_NOMEM, "vectors: a title");
  ogi_free(*field);
  *field = copy;
  return OG_OK;
}

og_status ogi_run_finish(ogi_run *run, og_vectors **out, const char *plot, const char *scale, og_quantity quantity,
                         int complex_values) {
  og_status st;
  size_t width = complex_values ? 2 : 1, count = run->doubles / width, points = run->row.count / run->doubles;
  OGI_TRY(st, og_vectors_create(out, count, points, complex_values, run->err));
  (*out)->has_scale = scale != NULL;
  OGI_TRY(st, set_text(&(*out)->title, og_deck_title(run->deck), run->err));
  OGI_TRY(st, set_text(&(*out)->plot, plot, run->err));
  OGI_TRY(st, name_all(*out, run, scale, quantity));
  for (size_t k = 0; k < count; k++)
    for (size_t p = 0; p < points; p++)
      memcpy(og_vectors_at(*out, k) + p * width, run->row.item + p * run->doubles + k * width, width * sizeof(double));
done:
  if (st != OG_OK) {
    og_vectors_free(*out);
    *out = NULL;
  }
  return st;
}

/* ---- which engine ---- */

static og_status list_branches(ogi_run *run) {
  const og_deck *d = run->deck;
  run->branch = ogi_alloc(d->parts.count, sizeof *run->branch);
  if (run->branch == NULL) return ogi_fail(run->err, OG_E_NOMEM, "analysis: %zu elements", d->parts.count);
  for (size_t k = 0; k < d->parts.count; k++)
    if (ogi_deck_has_branch(&d->parts.item[k])) run->branch[run->branches++] = k;
  return OG_OK;
}

static og_status check_opts(const og_analysis_opts *o, og_error *err) {
  if (!(o->rtol >= 1e-12 && o->rtol <= 0.1))
    return ogi_fail(err, OG_E_RANGE, "analysis: rtol: saw %g, need 1e-12 .. 0.1", o->rtol);
  if (o->step_max == 0) return ogi_fail(err, OG_E_RANGE, "analysis: step_max: saw 0, need 1 or more");
  if ((unsigned)o->engine > OG_DECK_GENERAL)
    return ogi_fail(err, OG_E_RANGE, "analysis: engine: saw %d", (int)o->engine);
  return OG_OK;
}

static og_status choose(ogi_run *run, og_vectors **out) {
  int operating = run->analysis == NULL || run->analysis->kind == OG_ANALYSIS_OP;
  og_error why = {0};
  og_error *err = run->err;
  if (run->opts->engine == OG_DECK_CROSSBAR && !operating)
    return ogi_fail(err, OG_E_INPUT, "analysis: the engines for arrays solve operating points of decks only");
  if (operating && run->opts->engine != OG_DECK_GENERAL) {
    run->err = &why;
    og_status st = ogi_run_crossbar(run, out);
    run->err = err;
    int is_answer = st != OG_E_INPUT || run->opts->engine == OG_DECK_CROSSBAR;
    if (is_answer && st != OG_OK && err != NULL) *err = why;
    if (is_answer) return st;
  }
  if (why.text[0] != '\0') snprintf(run->info->reason, sizeof run->info->reason, "no crossbar: %.200s", why.text);
  else snprintf(run->info->reason, sizeof run->info->reason, operating ? "asked for" : "not an operating point");
  run->row.count = 0;
  snprintf(run->info->engine, sizeof run->info->engine, "klu");
  return ogi_run_circuit(run, out);
}

og_status og_analysis_run(og_vectors **out, const og_deck *deck, const og_analysis *analysis,
                          const og_analysis_opts *opts, og_analysis_info *info, og_error *err) {
  og_status st;
  og_analysis_opts defaults;
  og_analysis_info unused;
  if (out != NULL) *out = NULL;
  if (out == NULL || deck == NULL) return ogi_fail(err, OG_E_ARG, "analysis: a needed pointer is NULL");
  og_analysis_opts_init(&defaults);
  if (info == NULL) info = &unused;
  *info = (og_analysis_info){.power_watt = NAN, .power_balance = NAN};
  ogi_run run = {.deck = deck, .analysis = analysis, .opts = opts != NULL ? opts : &defaults, .info = info, .err = err};
  OGI_TRY(st, check_opts(run.opts, err));
  OGI_TRY(st, list_branches(&run));
  st = choose(&run, out);
done:
  ogi_free(run.branch);
  ogi_free(run.row.item);
  return st;
}
