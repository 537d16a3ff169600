/* SPDX-License-Identifier: BSD-3-Clause */
/** The grid: biases times parameters, every run a job of a pool of ngspice sessions. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ohmgrid/deck.h>
#include <ohmgrid/spice.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_spice.h"
#include "devbench/ogi_devnew.h"

/* As benches without reltol: see run.c. [-] [V] [A] */
static const ogi_deck_accuracy usual = {1e-5, 1e-6, 1e-12};
/* What compact models are held against: at 1e-5 the error of ngspice in fast switching is a per mille. */
static const ogi_deck_accuracy fine = {1e-7, 1e-9, 1e-14};

enum { NODE_BYTES = 80 };

/* ---- decks ---- */

void ogi_new_number(char to[OGI_NEW_NUMBER], double value) {
  char text[OGI_NEW_NUMBER] = "";
  for (int digits = 1; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, value);
    if (strtod(text, NULL) == value) break;
  }
  memcpy(to, text, sizeof text);
}

void ogi_new_drive(char to[NODE_BYTES], const ogi_new_source *s) {
  snprintf(to, NODE_BYTES, "drive");
  for (size_t k = 0; k < s->pins; k++) {
    if (strcmp(s->pin[k], to) != 0) continue;
    strcat(to, "_"); /* pins have at most 30 letters: it ends */
    k = (size_t)-1;  /* from the first pin again */
  }
}

static void put_change(FILE *to, const ogi_new_source *s, const ogi_new_change *change) {
  if (change != NULL && change->param < s->params) fprintf(to, " %s=%.17g", s->param[change->param], change->value);
}

void ogi_new_deck(FILE *to, const ogi_new_source *s, const og_device_new_opts *opts, const char *indent,
                  const char *file, const char *title, const char *wave, const ogi_new_change *change,
                  const char *analysis) {
  char drive[NODE_BYTES], held[OGI_NEW_NUMBER];
  ogi_new_drive(drive, s);
  ogi_new_number(held, opts->hold_volt);
  fprintf(to, "%s%s\n%s.include \"%s\"\n", indent, title, indent, file);
  fprintf(to, "%sv1 %s 0 %s\n%svi %s %s 0\n", indent, drive, wave, indent, drive, s->pin[opts->drive]);
  for (size_t k = 0; s->terminals > 2 && k < s->terminals; k++)
    if (k != opts->drive) fprintf(to, "%svt%zu %s 0 %s\n", indent, k + 1, s->pin[k], k == opts->ground ? "0" : held);
  fprintf(to, "%sx1 %s", indent, s->pin[0]);
  for (size_t k = 1; k < s->pins; k++) fprintf(to, " %s", k == 1 && s->terminals == 2 ? "0" : s->pin[k]);
  fprintf(to, " %s", s->subckt);
  put_change(to, s, change);
  fprintf(to, "\n%s%s\n", indent, analysis);
}

/* ---- what is run ---- */

static const struct {
  double of_volt;
  int triangle;
} biases[OGI_NEW_BIASES] = {{0.25, 0}, {-0.25, 0}, {0.5, 0}, {-0.5, 0}, {1, 0}, {-1, 0}, {1, 1}};

/* All runs of one call. Variation 0 is that of the defaults. */
typedef struct grid {
  og_device_new_report *report;
  const og_device_new_opts *opts;
  OGI_LIST(ogi_new_change) changes;
  double *seen;        /* runs x states x 2: least and largest [V] */
  char (*version)[40]; /* by run: of ngspice */
  og_status *status;   /* by run, as the pool wants it */
} grid;

static og_status list_changes(grid *g, og_error *err) {
  static const double factors[] = {0.5, 2};
  const ogi_new_source *s = &g->report->inner->source;
  for (size_t k = 0; k < s->params; k++)
    for (size_t j = 0; j < 2 && s->value[k] != 0; j++) {
      if (!OGI_ROOM(g->changes)) return ogi_fail(err, OG_E_NOMEM, "new device: grid");
      if (isfinite(factors[j] * s->value[k]))
        g->changes.item[g->changes.count++] = (ogi_new_change){k, factors[j] * s->value[k]};
    }
  return OG_OK;
}

static og_status plan(grid *g, og_error *err) {
  og_device_new_report *r = g->report;
  const ogi_new_source *s = &r->inner->source;
  og_status st = list_changes(g, err);
  if (st != OG_OK) return st;
  r->run_count = OGI_NEW_BIASES * (1 + g->changes.count);
  r->run = ogi_alloc(r->run_count, sizeof *r->run);
  if (r->run == NULL) return ogi_fail(err, OG_E_NOMEM, "new device: %zu runs", r->run_count);
  for (size_t k = 0; k < r->run_count; k++) {
    og_device_new_run *run = &r->run[k];
    size_t variation = k / OGI_NEW_BIASES, bias = k % OGI_NEW_BIASES;
    const ogi_new_change *c = variation > 0 ? &g->changes.item[variation - 1] : NULL;
    double volt = biases[bias].of_volt * g->opts->volt;
    *run = (og_device_new_run){.volt = volt,
                               .parameter = c != NULL ? s->param[c->param] : "",
                               .value = c != NULL ? c->value : NAN,
                               .status = OG_E_INTERRUPT,
                               .time_second = NAN};
    snprintf(run->bias, sizeof run->bias, "%s %g V", biases[bias].triangle ? "triangle" : "pulse", volt);
  }
  return OG_OK;
}

/* ---- one run ---- */

/* Pulses begin after a fifth of their width and have edges of a fiftieth; all runs take four widths. */
static void describe_wave(char wave[300], size_t bias, const og_device_new_opts *o) {
  double w = o->width_second, v = biases[bias].of_volt * o->volt;
  if (biases[bias].triangle) snprintf(wave, 300, "pwl(0 0 %.17g %.17g %.17g %.17g %.17g 0)", w, v, 3 * w, -v, 4 * w);
  else snprintf(wave, 300, "pulse(0 %.17g %.17g %.17g %.17g %.17g %.17g)", v, w / 5, w / 50, w / 50, w, 100 * w);
}

static og_status make_deck(og_deck **deck, const grid *g, size_t bias, const ogi_new_change *change, og_error *err) {
  const ogi_new_source *s = &g->report->inner->source;
  const double w = g->opts->width_second;
  char wave[300], analysis[120], *text = NULL, *name = ogi_path_join(s->folder, "new device");
  size_t bytes = 0;
  og_deck_opts opts;
  FILE *to = open_memstream(&text, &bytes);
  og_status st = ogi_fail(err, OG_E_NOMEM, "new device: a deck");
  if (to == NULL) goto done;
  describe_wave(wave, bias, g->opts);
  snprintf(analysis, sizeof analysis, ".tran %.17g %.17g 0 %.17g uic", w / 100, 4 * w, w / 100);
  ogi_new_deck(to, s, g->opts, "", s->base, "new device", wave, change, analysis);
  if (fclose(to) != 0 || name == NULL) goto done;
  og_deck_opts_init(&opts);
  opts.folder = s->folder;
  opts.instances_of = s->subckt;
  st = og_deck_parse(deck, name, text, bytes, &opts, err);
done:
  ogi_free(name);
  free(text); /* open_memstream's own */
  return st;
}

/* "Timestep too small; time = 1.056e-08, timestep = ..." */
static double time_told(const char *words) {
  static const char key[] = "time = ";
  const char *at = strstr(words, key);
  char *end;
  if (at == NULL) return NAN;
  double second = strtod(at + strlen(key), &end);
  return end != at + strlen(key) ? second : NAN;
}

/* Range of every state over the points of one run; 2 numbers a state. */
static void see_states(const ogi_new_source *s, const og_vectors *v, double *seen) {
  for (size_t k = 0; k < s->states; k++) {
    size_t number = og_vectors_find(v, s->pin[s->terminals + k]);
    for (size_t p = 0; number < v->count && p < v->points; p++) {
      seen[2 * k] = fmin(seen[2 * k], og_vectors_at(v, number)[p]);
      seen[2 * k + 1] = fmax(seen[2 * k + 1], og_vectors_at(v, number)[p]);
    }
  }
}

/* The runs that are kept are made once more, finely. Should that fail, the first one is good enough. */
static og_vectors *refine(og_vectors *v, og_spice *session, const og_deck *deck) {
  og_error unused = {0};
  og_vectors *finer = NULL;
  if (v == NULL) return NULL;
  if (ogi_spice_run_deck(session, deck, og_deck_analysis(deck, 0), &fine, &finer, &unused) != OG_OK) return v;
  og_vectors_free(v);
  return finer;
}

static og_status job(void *user, size_t index, og_spice *session, og_error *err) {
  const grid *g = user;
  size_t variation = index / OGI_NEW_BIASES, bias = index % OGI_NEW_BIASES;
  const ogi_new_change *change = variation > 0 ? &g->changes.item[variation - 1] : NULL;
  const ogi_new_source *s = &g->report->inner->source;
  og_device_new_run *run = &g->report->run[index];
  og_vectors *v = NULL;
  og_deck *deck = NULL;
  og_error own = {0};
  ogi_locale locale;
  ogi_locale_begin(&locale); /* of this thread */
  run->status = make_deck(&deck, g, bias, change, &own);
  if (run->status == OG_OK)
    run->status = ogi_spice_run_deck(session, deck, og_deck_analysis(deck, 0), &usual, &v, &own);
  if (run->status == OG_OK) {
    see_states(s, v, g->seen + 2 * s->states * index);
    snprintf(g->version[index], sizeof g->version[index], "%.39s", og_spice_version(session));
  } else {
    run->time_second = time_told(own.text);
    snprintf(run->why, sizeof run->why, "%.399s", own.text);
    if (err != NULL) *err = own;
  }
  if (variation == 0) g->report->inner->run[bias] = refine(v, session, deck);
  else og_vectors_free(v);
  ogi_locale_end(&locale);
  og_deck_free(deck);
  return run->status;
}

/* ---- all runs ---- */

static void gather(const grid *g) {
  og_device_new_report *r = g->report;
  size_t states = r->state_count;
  for (size_t k = 0; k < r->run_count; k++) {
    size_t variation = k / OGI_NEW_BIASES;
    const double *seen = g->seen + 2 * states * k;
    for (size_t j = 0; j < states; j++) {
      r->state[j].seen_min = fmin(r->state[j].seen_min, seen[2 * j]);
      r->state[j].seen_max = fmax(r->state[j].seen_max, seen[2 * j + 1]);
    }
    if (r->run[k].status == OG_OK) memcpy(r->spice_version, g->version[k], sizeof r->spice_version);
    if (r->run[k].status == OG_OK) continue;
    r->failed++;
    if (variation == 0) continue;
    const ogi_new_change *c = &g->changes.item[variation - 1];
    int low = c->value < r->inner->source.value[c->param];
    (low ? r->inner->failed_low : r->inner->failed_high)[c->param] = 1;
  }
}

static og_status make_room(grid *g, og_error *err) {
  og_device_new_report *r = g->report;
  const ogi_new_source *s = &r->inner->source;
  r->state_count = s->states;
  r->state = ogi_alloc(s->states, sizeof *r->state);
  r->inner->failed_low = ogi_alloc(s->params, 1);
  r->inner->failed_high = ogi_alloc(s->params, 1);
  g->seen = ogi_alloc(2 * s->states * r->run_count, sizeof *g->seen);
  g->version = ogi_alloc(r->run_count, sizeof *g->version);
  g->status = ogi_alloc(r->run_count, sizeof *g->status);
  if (r->state == NULL || r->inner->failed_low == NULL || r->inner->failed_high == NULL || g->seen == NULL ||
      g->version == NULL || g->status == NULL)
    return ogi_fail(err, OG_E_NOMEM, "new device: %zu runs", r->run_count);
  for (size_t k = 0; k < 2 * s->states * r->run_count; k++) g->seen[k] = NAN; /* fmin and fmax pass over it */
  for (size_t k = 0; k < s->states; k++)
    r->state[k] = (og_device_new_state){s->pin[s->terminals + k], NAN, NAN, NAN, NAN};
  return OG_OK;
}

static size_t sessions(size_t asked) {
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return asked > 0 ? asked : online > 0 ? (size_t)online : 1;
}

og_status ogi_new_grid(og_device_new_report *r, const og_device_new_opts *opts, og_error *err) {
  og_status st;
  og_spice_opts spice;
  grid g = {.report = r, .opts = opts};
  OGI_TRY(st, plan(&g, err));
  OGI_TRY(st, make_room(&g, err));
  og_spice_opts_init(&spice);
  spice.program = opts->worker;
  spice.timeout_second = opts->timeout_second;
  spice.progress = opts->progress;
  OGI_TRY(st, og_spice_pool_run(sessions(opts->threads), &spice, r->run_count, job, &g, g.status, err));
  gather(&g);
done:
  ogi_free(g.changes.item);
  ogi_free(g.seen);
  ogi_free(g.version);
  ogi_free(g.status);
  return st;
}
