/* SPDX-License-Identifier: BSD-3-Clause */
/** Samples of a device: chunks of them are jobs of a pool of ngspice sessions. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "devstat/ogi_sample.h"

enum { SAMPLES_MAX = 1000000, CHUNK_MAX = 1024 };

void og_sample_opts_init(og_sample_opts *opts) {
  *opts = (og_sample_opts){.samples = 100, .seed = 1, .chunk = 2, .timeout_second = 600};
}

const char *og_sample_state_name(og_sample_state state) {
  switch (state) {
    case OG_SAMPLE_REACHED: return "reached";
    case OG_SAMPLE_MISSED: return "missed";
    case OG_SAMPLE_STUCK: return "stuck";
    case OG_SAMPLE_FAILED: return "failed";
  }
  return "?";
}

/* All jobs of one call. */
typedef struct work {
  const ogi_lab *lab;
  const og_sample_opts *opts;
  og_sample_report *report;
  ogi_scale scale;
  char (*why)[400]; /* by sample */
} work;

static og_status calibrate_job(void *user, size_t index, og_spice *s, og_error *err) {
  work *w = user;
  ogi_locale locale;
  (void)index;
  ogi_locale_begin(&locale);
  og_status st = ogi_calibrate(w->lab, s, &w->scale, err);
  ogi_locale_end(&locale);
  snprintf(w->report->spice_version, sizeof w->report->spice_version, "%.39s", og_spice_version(s));
  return st;
}

static og_status chunk_job(void *user, size_t index, og_spice *s, og_error *err) {
  const work *w = user;
  ogi_locale locale;
  size_t first = index * w->opts->chunk, count = ogi_min_size(w->opts->chunk, w->report->samples - first);
  og_sample_row *row = w->report->row + first * w->report->levels;
  ogi_locale_begin(&locale);
  og_status st = ogi_program_samples(w->lab, s, &w->scale, w->opts->seed, first, count, row, w->why + first, err);
  ogi_locale_end(&locale);
  return st;
}

static size_t sessions(size_t asked, size_t jobs) {
  long online = sysconf(_SC_NPROCESSORS_ONLN);
  return ogi_min_size(asked > 0 ? asked : online > 0 ? (size_t)online : 1, jobs);
}

/* "job 0: " of the pool says nothing here. */
static og_status without_job(og_status st, og_error *err) {
  const char *colon = err != NULL && strncmp(err->text, "job ", 4) == 0 ? strstr(err->text, ": ") : NULL;
  if (colon != NULL) memmove(err->text, colon + 2, strlen(colon + 2) + 1);
  return st;
}

static og_status run_all(work *w, og_error *err) {
  og_status st;
  og_spice_opts opts;
  size_t jobs = ogi_ceil_div(w->report->samples, w->opts->chunk);
  og_spice_opts_init(&opts);
  opts.program = w->opts->worker;
  opts.timeout_second = w->opts->timeout_second;
  opts.progress = w->opts->progress;
  OGI_TRY(st, og_spice_pool_run(1, &opts, 1, calibrate_job, w, NULL, err));
  st = og_spice_pool_run(sessions(w->opts->threads, jobs), &opts, jobs, chunk_job, w, NULL, err);
done:
  return without_job(st, err);
}

static og_status gather_failures(work *w, og_error *err) {
  og_sample_report *r = w->report;
  for (size_t k = 0; k < r->samples; k++) r->failures += w->why[k][0] != '\0';
  r->failure = ogi_alloc(r->failures, sizeof *r->failure);
  if (r->failure == NULL) return ogi_fail(err, OG_E_NOMEM, "%zu samples", r->samples);
  for (size_t k = 0, at = 0; k < r->samples; k++) {
    if (w->why[k][0] == '\0') continue;
    r->failure[at].sample = k;
    memcpy(r->failure[at++].why, w->why[k], sizeof w->why[k]);
  }
  return OG_OK;
}

static og_status create(work *w, const ogi_recipe *p, og_error *err) {
  og_sample_report *r = w->report;
  r->samples = w->opts->samples;
  r->seed = w->opts->seed;
  r->levels = p->f.levels;
  r->parameters = p->spreads;
  snprintf(r->device, sizeof r->device, "%s", og_circuit_card_name(w->lab->card));
  snprintf(r->title, sizeof r->title, "%.159s", og_circuit_card_title(w->lab->card));
  snprintf(r->scheme, sizeof r->scheme, "%s", p->f.scheme == 1 ? "write-verify" : "open-loop");
  snprintf(r->knob, sizeof r->knob, "%s", ogi_knob_name((ogi_knob)p->f.knob));
  snprintf(r->knob_unit, sizeof r->knob_unit, "%s", ogi_knob_unit((ogi_knob)p->f.knob));
  r->row = ogi_alloc(r->samples * r->levels, sizeof *r->row);
  r->level = ogi_alloc(r->levels, sizeof *r->level);
  w->why = ogi_alloc(r->samples, sizeof *w->why);
  if (r->row == NULL || r->level == NULL || w->why == NULL)
    return ogi_fail(err, OG_E_NOMEM, "%zu samples of %zu levels", r->samples, r->levels);
  return OG_OK;
}

static og_status check_opts(const og_sample_opts *o, og_error *err) {
  if (o->samples < 2 || o->samples > SAMPLES_MAX)
    return ogi_fail(err, OG_E_RANGE, "samples: saw %zu, need 2 .. %d", o->samples, SAMPLES_MAX);
  if (o->chunk < 1 || o->chunk > CHUNK_MAX)
    return ogi_fail(err, OG_E_RANGE, "chunk: saw %zu, need 1 .. %d", o->chunk, CHUNK_MAX);
  return OG_OK;
}

og_status og_sample_device(og_sample_report **out, const og_circuit_card *card, const og_sample_opts *opts,
                           og_error *err) {
  og_status st;
  og_sample_opts defaults;
  ogi_recipe program = {0};
  og_error own = {0}; /* the words of a failure are wanted here too */
  ogi_locale locale;
  if (out != NULL) *out = NULL;
  if (out == NULL || card == NULL) return ogi_fail(err, OG_E_ARG, "samples: a needed pointer is NULL");
  ogi_locale_begin(&locale);
  og_sample_opts_init(&defaults);
  ogi_lab lab = {card, &program};
  work w = {.lab = &lab, .opts = opts != NULL ? opts : &defaults};
  OGI_TRY(st, check_opts(w.opts, &own));
  w.report = ogi_alloc(1, sizeof *w.report);
  if (w.report == NULL) {
    st = ogi_fail(&own, OG_E_NOMEM, "samples");
    goto done;
  }
  OGI_TRY(st, ogi_recipe_read(&program, card, w.opts, &own));
  OGI_TRY(st, create(&w, &program, &own));
  OGI_TRY(st, run_all(&w, &own));
  OGI_TRY(st, gather_failures(&w, &own));
  OGI_TRY(st, ogi_sample_statistics(w.report, &program, &own));
  for (size_t l = 0; l < w.report->levels; l++) w.report->level[l].knob = program.f.scheme == 1 ? NAN : w.scale.knob[l];
  *out = w.report;
  w.report = NULL;
done:
  ogi_locale_end(&locale);
  if (st != OG_OK && err != NULL) *err = own;
  og_sample_free(w.report);
  ogi_recipe_clear(&program);
  ogi_free(w.why);
  return st;
}

void og_sample_free(og_sample_report *r) {
  if (r == NULL) return;
  ogi_free(r->row);
  ogi_free(r->level);
  ogi_free(r->failure);
  ogi_free(r);
}

og_status og_sample_verdict(const og_sample_report *r, og_error *err) {
  if (r == NULL) return ogi_fail(err, OG_E_ARG, "samples: the report is NULL");
  if (r->failures == 0) return OG_OK;
  return ogi_fail(err, OG_E_EXTERN, "%s: %zu of %zu samples failed; sample %zu: %s", r->device, r->failures, r->samples,
                  r->failure[0].sample, r->failure[0].why);
}
