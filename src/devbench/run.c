/* SPDX-License-Identifier: BSD-3-Clause */
/** The benches of a device: every run a job of a pool of ngspice sessions. */
#include <config.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ohmgrid/analysis.h>
#include <ohmgrid/spice.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_time.h"
#include "cosim/ogi_spice.h"
#include "devbench/ogi_bench.h"

void og_bench_opts_init(og_bench_opts *opts) { *opts = (og_bench_opts){.timeout_second = 600}; }

/*
 * Where a deck says no reltol: ngspice's own of 1e-3 is too coarse for figures of a per mille. The other two are
 * ngspice's own [V] [A].
 */
static const ogi_deck_accuracy usual = {1e-5, 1e-6, 1e-12};

static int says_reltol(const og_deck *d) {
  for (size_t k = 0; k < d->options.count; k++)
    if (strcmp(d->options.item[k].name, "reltol") == 0) return 1;
  return 0;
}

/* Most time steps of our own engine: a check that takes minutes is of no use, the run goes on without it. */
enum { OWN_STEPS = 1000000 };

/* All runs of one call. */
typedef struct work {
  og_bench_report *report;
  ogi_bench_inner *inner;
  const og_circuit_card *card;
  const og_bench_opts *opts;
} work;

/* One run under way. */
typedef struct one_run {
  const work *w;
  const ogi_bench *bench;
  og_bench_run *run;
  ogi_values values;
  double value[OGI_VALUES_MAX];
  og_deck *deck;
  const og_analysis *analysis;
  og_vectors *v; /* of ngspice */
  og_error *err;
} one_run;

/* ---- the deck ---- */

static og_status read_deck(one_run *o) {
  og_deck_opts opts;
  og_deck_param param[OGI_SWEEPS_MAX];
  const char *path = o->w->inner->file.path; /* the deck counts as lying where the bench does */
  size_t room = strlen(path) + 100;
  char *name = ogi_alloc(room, 1);
  if (name == NULL) return ogi_fail(o->err, OG_E_NOMEM, "bench");
  og_deck_opts_init(&opts);
  for (size_t k = 0; k < o->bench->sweeps; k++) param[k] = (og_deck_param){o->values.name[k], o->values.value[k]};
  opts.folder = og_circuit_card_folder(o->w->card);
  opts.params = param;
  opts.param_count = o->bench->sweeps;
  opts.instances_of = og_circuit_card_subckt(o->w->card);
  snprintf(name, room, "%s: %.40s (deck from line %zu)", path, o->bench->name, o->bench->deck_line);
  og_status st = og_deck_parse(&o->deck, name, o->bench->deck, strlen(o->bench->deck), &opts, o->err);
  o->analysis = st == OG_OK ? og_deck_analysis(o->deck, 0) : NULL;
  if (st == OG_OK && og_deck_analyses(o->deck) != 1)
    st = ogi_fail(o->err, OG_E_INPUT, "%s: saw %zu analyses, need one", name, og_deck_analyses(o->deck));
  ogi_free(name);
  return st;
}

/* ---- states ---- */

/* Largest distance beyond the range (inside: minus the distance to the nearer end) over all points of one vector. */
static double outermost(const double *x, size_t points, const og_circuit_state *s, size_t *at) {
  double worst = -INFINITY;
  for (size_t p = 0; p < points; p++) {
    double beyond = fmax(x[p] - s->max, s->min - x[p]);
    if (!(beyond > worst) && !isnan(beyond)) continue;
    worst = beyond;
    *at = p;
  }
  return worst;
}

static int check_state(const one_run *o, const og_circuit_state *s, og_bench_row *row) {
  double worst = -INFINITY;
  for (size_t k = 0; k < og_deck_instances(o->deck); k++) {
    const og_deck_instance *x = og_deck_instance_at(o->deck, k);
    const char *node = s->port < x->ports ? x->node[s->port] : NULL;
    size_t at = 0, number = node != NULL ? og_vectors_find(o->v, node) : o->v->count;
    if (number == o->v->count) continue; /* ground, or not used */
    const double *values = og_vectors_at(o->v, number);
    double beyond = outermost(values, o->v->points, s, &at);
    if (!(beyond > worst)) continue;
    worst = beyond;
    row->value = values[at];
    row->passed = beyond <= 0;
    double scale = o->v->has_scale ? og_vectors_at(o->v, 0)[at] : 0;
    if (!row->passed)
      snprintf(row->why, sizeof row->why, "cell %.60s: %s = %.9g at %s %.6g", x->name, s->pin, values[at],
               o->v->has_scale ? o->v->name[0] : "point", scale);
  }
  return isfinite(worst);
}

static void check_states(const one_run *o) {
  if (o->v->complex_values || o->analysis->kind == OG_ANALYSIS_NOISE) return;
  for (size_t k = 0; k < og_circuit_card_states(o->w->card); k++) {
    const og_circuit_state *s = og_circuit_card_state(o->w->card, k);
    og_bench_row *row = &o->w->report->row[o->run->row_first + o->run->row_count];
    *row = (og_bench_row){.bench = o->bench->name,
                          .run = o->run->label,
                          .figure = o->w->inner->state_label[k],
                          .unit = o->w->inner->state_unit[k],
                          .source = "range of the card",
                          .expected = NAN,
                          .low = s->min,
                          .high = s->max};
    if (check_state(o, s, row)) o->run->row_count++;
  }
}

/* ---- figures ---- */

static og_status add_figure(const one_run *o, const ogi_bench_figure *f) {
  og_error why = {0};
  og_bench_row *row = &o->w->report->row[o->run->row_first + o->run->row_count];
  *row = (og_bench_row){
      .bench = o->bench->name, .run = o->run->label, .figure = f->name, .unit = f->unit, .source = f->source};
  og_status st = ogi_figure_range(f, &o->values, row, o->err);
  if (st == OG_OK) st = ogi_figure_value(f, &o->values, o->v, o->analysis->kind, &row->value, &why);
  if (st == OG_E_RANGE && why.text[0] != '\0') { /* what does not happen is a figure that failed, not a run */
    snprintf(row->why, sizeof row->why, "%.199s", why.text);
    st = OG_OK;
  }
  if (st != OG_OK)
    return ogi_fail(o->err, st, "%s:%zu: %s.%s: %s", o->w->inner->file.path, f->tree->line, o->bench->name, f->name,
                    why.text[0] != '\0' ? why.text : o->err->text);
  row->passed = row->value >= row->low && row->value <= row->high;
  o->run->row_count++;
  return OG_OK;
}

/* ---- our own engine ---- */

/* What fails here is only noted, but for an interrupt. */
static og_status compare_own(const one_run *o, og_spice *s) {
  og_error why = {0};
  og_vectors *ours = NULL;
  og_analysis_opts opts;
  og_compare_opts compare;
  og_compare_result result = {0};
  og_bench_row *row = &o->w->report->row[o->run->row_first + o->run->row_count++];
  *row = (og_bench_row){.bench = o->bench->name, .run = o->run->label, .figure = "own engine", .unit = "", .source =
                        "worst deviation from ngspice, relative to each vector's peak", .value = NAN, .expected = NAN,
                        .low = -INFINITY, .high = o->bench->own_rtol, .informative = !o->bench->own_counts};
  og_analysis_opts_init(&opts);
  opts.engine = OG_DECK_GENERAL;
  opts.step_max = OWN_STEPS;
  opts.progress = ogi_spice_progress(s);
  og_compare_opts_init(&compare);
  compare.scale = OG_COMPARE_PEAK;
  double begin = ogi_now();
  og_status st = og_analysis_run(&ours, o->deck, o->analysis, &opts, NULL, &why);
  if (st == OG_OK) st = og_vectors_compare(ours, o->v, &compare, &result, &why);
  o->run->own_second = ogi_now() - begin;
  if (st != OG_OK) {
    snprintf(row->why, sizeof row->why, "%.199s", why.text);
  } else if (result.count > 0) {
    const og_compare_vector *worst = &result.vector[result.worst];
    row->value = result.worst_relative;
    row->passed = !result.dark && result.worst_relative <= o->bench->own_rtol;
    if (!row->passed)
      snprintf(row->why, sizeof row->why, "%.60s at %.6g: ours %.9g, ngspice %.9g", worst->name, worst->at,
               worst->ours[0], worst->theirs[0]);
  }
  og_compare_clear(&result);
  og_vectors_free(ours);
  return st == OG_E_INTERRUPT ? ogi_fail(o->err, st, "%s", why.text) : OG_OK;
}

/* ---- one run ---- */

static og_status work_on(one_run *o, og_spice *s) {
  og_status st;
  OGI_TRY(st, read_deck(o));
  double begin = ogi_now();
  st = ogi_spice_run_deck(s, o->deck, o->analysis, says_reltol(o->deck) ? NULL : &usual, &o->v, o->err);
  o->run->spice_second = ogi_now() - begin;
  if (st != OG_OK) {
    st = ogi_prefix(o->err, st, "%s: %s%s%s", o->w->inner->file.path, o->bench->name,
                    o->run->label[0] != '\0' ? ", " : "", o->run->label);
    goto done;
  }
  o->run->points = o->v->points;
  for (size_t k = 0; k < o->bench->figures.count; k++) OGI_TRY(st, add_figure(o, &o->bench->figures.item[k]));
  check_states(o);
  if (o->bench->own) st = compare_own(o, s);
done:
  return st;
}

static og_status job(void *user, size_t index, og_spice *s, og_error *err) {
  const work *w = user;
  og_error own = {0};
  ogi_locale locale;
  og_bench_run *run = &w->report->run[index];
  one_run o = {.w = w, .bench = w->inner->bench[index], .run = run, .err = &own};
  ogi_locale_begin(&locale);
  o.values = ogi_bench_values(o.bench, w->inner->number[index], o.value);
  run->status = work_on(&o, s);
  ogi_locale_end(&locale);
  if (run->status == OG_OK) {
    snprintf(run->spice_version, sizeof run->spice_version, "%.39s", og_spice_version(s));
    w->inner->vectors[index] = o.v;
    o.v = NULL;
  } else {
    snprintf(run->why, sizeof run->why, "%.399s", own.text);
    run->row_count = 0;
    if (err != NULL) *err = own;
  }
  og_vectors_free(o.v);
  og_deck_free(o.deck);
  return run->status;
}

/* ---- all runs ---- */

static void label_run(const ogi_bench *b, size_t number, char label[OG_BENCH_LABEL]) {
  double value[OGI_VALUES_MAX];
  size_t used = 0;
  label[0] = '\0';
  ogi_bench_values(b, number, value);
  for (size_t k = 0; k < b->sweeps && used < OG_BENCH_LABEL; k++)
    used += (size_t)snprintf(label + used, OG_BENCH_LABEL - used, "%s%.24s=%.4g", k > 0 ? " " : "", b->sweep_name[k],
                             value[k]);
}

static void label_states(ogi_bench_inner *in, const og_circuit_card *card) {
  for (size_t k = 0; k < og_circuit_card_states(card); k++) {
    const og_circuit_state *s = og_circuit_card_state(card, k);
    snprintf(in->state_label[k], OG_BENCH_LABEL, "state %.60s", s->pin);
    snprintf(in->state_unit[k], OGI_UNIT_MAX, "%.*s", OGI_UNIT_MAX - 1, s->unit);
  }
}

/* Room for every run, and for every row that could come of it. */
static og_status plan(const work *w, og_error *err) {
  og_bench_report *r = w->report;
  ogi_bench_inner *in = w->inner;
  size_t rows = 0, at = 0, states = og_circuit_card_states(w->card);
  for (size_t k = 0; k < in->file.benches.count; k++) {
    const ogi_bench *b = &in->file.benches.item[k];
    if (!w->opts->full && !b->is_short) {
      r->skipped++;
      continue;
    }
    r->run_count += b->runs;
    rows += b->runs * (b->figures.count + states + 1);
  }
  r->run = ogi_alloc(r->run_count, sizeof *r->run);
  r->row = ogi_alloc(rows, sizeof *r->row);
  in->bench = ogi_alloc(r->run_count, sizeof *in->bench);
  in->number = ogi_alloc(r->run_count, sizeof *in->number);
  in->vectors = ogi_alloc(r->run_count, sizeof *in->vectors);
  in->label = ogi_alloc(r->run_count, sizeof *in->label);
  in->state_label = ogi_alloc(states, sizeof *in->state_label);
  in->state_unit = ogi_alloc(states, sizeof *in->state_unit);
  if (r->run == NULL || r->row == NULL || in->bench == NULL || in->number == NULL || in->vectors == NULL ||
      in->label == NULL || in->state_label == NULL || in->state_unit == NULL)
    return ogi_fail(err, OG_E_NOMEM, "bench: %zu runs", r->run_count);
  label_states(in, w->card);
  rows = 0;
  for (size_t k = 0; k < in->file.benches.count; k++) {
    const ogi_bench *b = &in->file.benches.item[k];
    for (size_t j = 0; j < b->runs && (w->opts->full || b->is_short); j++, at++) {
      in->bench[at] = b;
      in->number[at] = j;
      label_run(b, j, in->label[at]);
      r->run[at] = (og_bench_run){.bench = b->name, .title = b->title, .label = in->label[at], .status = OG_E_INTERRUPT,
                                  .row_first = rows};
      rows += b->figures.count + states + 1;
    }
  }
  return OG_OK;
}

/* Rows of runs stand one behind the other, without the gaps of those that failed. */
static void gather(og_bench_report *r) {
  for (size_t k = 0; k < r->run_count; k++) {
    og_bench_run *run = &r->run[k];
    memmove(r->row + r->row_count, r->row + run->row_first, run->row_count * sizeof *r->row);
    run->row_first = r->row_count;
    r->row_count += run->row_count;
    r->failed += run->status != OG_OK;
    if (run->status == OG_OK) memcpy(r->spice_version, run->spice_version, sizeof r->spice_version);
  }
  for (size_t k = 0; k < r->row_count; k++) r->outside += !r->row[k].passed && !r->row[k].informative;
}

static size_t sessions(size_t asked) {
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return asked > 0 ? asked : online > 0 ? (size_t)online : 1;
}

static og_status run_all(work *w, og_error *err) {
  og_spice_opts opts;
  og_bench_report *r = w->report;
  og_status *statuses = ogi_alloc(r->run_count, sizeof *statuses);
  if (statuses == NULL) return ogi_fail(err, OG_E_NOMEM, "bench: %zu runs", r->run_count);
  og_spice_opts_init(&opts);
  opts.program = w->opts->worker;
  opts.timeout_second = w->opts->timeout_second;
  opts.progress = w->opts->progress;
  og_status st = og_spice_pool_run(sessions(w->opts->threads), &opts, r->run_count, job, w, statuses, err);
  ogi_free(statuses);
  return st;
}

static og_status create(og_bench_report **out, const og_circuit_card *card, og_error *err) {
  og_bench_report *r = *out = ogi_alloc(1, sizeof *r);
  if (r == NULL) return ogi_fail(err, OG_E_NOMEM, "bench");
  r->inner = ogi_alloc(1, sizeof *r->inner);
  r->device = ogi_strdup(og_circuit_card_name(card));
  r->title = ogi_strdup(og_circuit_card_title(card));
  return r->inner != NULL && r->device != NULL && r->title != NULL ? OG_OK : ogi_fail(err, OG_E_NOMEM, "bench");
}

og_status og_bench_device(og_bench_report **out, const og_circuit_card *card, const og_bench_opts *opts,
                          og_error *err) {
  og_status st;
  og_bench_opts defaults;
  og_bench_report *r = NULL;
  char *path = NULL;
  ogi_locale locale;
  if (out != NULL) *out = NULL;
  if (out == NULL || card == NULL) return ogi_fail(err, OG_E_ARG, "bench: a needed pointer is NULL");
  og_bench_opts_init(&defaults);
  if (opts == NULL) opts = &defaults;
  ogi_locale_begin(&locale);
  OGI_TRY(st, create(&r, card, err));
  path = ogi_path_join(og_circuit_card_folder(card), "bench.yaml");
  if (path == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "bench");
    goto done;
  }
  work w = {r, r->inner, card, opts};
  OGI_TRY(st, ogi_bench_read(&r->inner->file, path, err));
  OGI_TRY(st, plan(&w, err));
  OGI_TRY(st, run_all(&w, err));
  gather(r);
  *out = r;
  r = NULL;
done:
  ogi_locale_end(&locale);
  ogi_free(path);
  og_bench_free(r);
  return st;
}

void og_bench_free(og_bench_report *r) {
  if (r == NULL) return;
  ogi_bench_inner *in = r->inner;
  if (in != NULL) {
    for (size_t k = 0; in->vectors != NULL && k < r->run_count; k++) og_vectors_free(in->vectors[k]);
    ogi_free(in->vectors);
    ogi_free(in->bench);
    ogi_free(in->number);
    ogi_free(in->label);
    ogi_free(in->state_label);
    ogi_free(in->state_unit);
    ogi_bench_clear(&in->file);
    ogi_free(in);
  }
  ogi_free(r->run);
  ogi_free(r->row);
  ogi_free((char *)(uintptr_t)r->device);
  ogi_free((char *)(uintptr_t)r->title);
  ogi_free(r);
}

og_status og_bench_verdict(const og_bench_report *r, og_error *err) {
  if (r == NULL) return ogi_fail(err, OG_E_ARG, "bench: the report is NULL");
  for (size_t k = 0; k < r->run_count; k++)
    if (r->run[k].status != OG_OK)
      return ogi_fail(err, OG_E_EXTERN, "%s%s", r->run[k].why, r->failed > 1 ? " (and more runs failed)" : "");
  for (size_t k = 0; k < r->row_count; k++) {
    const og_bench_row *row = &r->row[k];
    if (row->passed || row->informative) continue;
    return ogi_fail(err, OG_E_TOLERANCE, "%s: %s%s%s: %s: saw %.6g, need %.6g .. %.6g (%s)%s%s", r->device, row->bench,
                    row->run[0] != '\0' ? ", " : "", row->run, row->figure, row->value, row->low, row->high,
                    row->unit[0] != '\0' ? row->unit : "1", row->why[0] != '\0' ? ": " : "", row->why);
  }
  return OG_OK;
}
