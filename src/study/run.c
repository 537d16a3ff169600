/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cblas.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include <ohmgrid/ohmgrid.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "report/ogi_report.h"
#include "study/ogi_study.h"

static void note(og_results *r, const char *format, ...) OGI_PRINTF(2, 3);
static void note(og_results *r, const char *format, ...) {
  if (r->notes >= sizeof r->note / sizeof *r->note) return;
  va_list args;
  va_start(args, format);
  vsnprintf(r->note[r->notes++], sizeof r->note[0], format, args);
  va_end(args);
}

/* What a reader must know to use the numbers. */
static void write_notes(const ogi_job *job) {
  og_results *r = job->results;
  const og_study *s = job->study;
  size_t calibrated = ogi_min_size(s->calibration_images, job->train.count);
  double clipped = 0, weights = 0;
  for (size_t l = 0; l < job->map.layers; l++) {
    double count = (double)job->map.layer[l].in * (double)job->map.layer[l].out;
    clipped += job->map.layer[l].clipped * count;
    weights += count;
  }
  note(r,
       "Mapping: one differential pair of cells a weight; the %.4g %% percentile of |w| of a layer is mapped to "
       "g_max, larger weights are clipped (%.2f %% of all). Biases, sums over row tiles and activations are digital.",
       s->weight_percentile, 100 * clipped / weights);
  note(r,
       "DAC: %zu bits, 0 to V_read; full scale is the %.4g %% percentile of a layer's inputs on %zu training images.",
       s->dac_bits, s->dac_percentile, calibrated);
  if (s->adc_range == 0)
    note(r, "ADC: %zu bits, one conversion of I+ - I- a tile and output; full scale is the %.5g %% percentile of ideal "
            "arrays' currents on %zu training images, one value a layer.", s->adc_bits, s->adc_percentile,
         calibrated);
  else
    note(r, "ADC: %zu bits, one conversion of I+ - I- a tile and output; full scale is the largest current that can "
            "flow.", s->adc_bits);
  note(r, "Wires: the exact effective matrix of every array with all its segments (word %g ohm, bit %g ohm, driver %g "
          "ohm, sense %g ohm); cells are linear.", s->r_word_ohm, s->r_bit_ohm, s->r_source_ohm, s->r_sense_ohm);
  note(r, "Read noise: draws a trial: %zu, each shared by its group of test images; the mean is that of independent "
          "reads, the spread between trials is not below theirs.", s->read_draws);
  note(r, "Intervals: 95 %% of the mean over trials (Student t); the finite test set adds its own, given apart.");
  note(r,
       "Energy: 1 MAC = 2 operations. Arrays from the solved port currents of trial 0; converters and digital blocks "
       "from the cost table. Not included: programming%s, transimpedance amplifiers, leakage, clocks, control, "
       "memory for weights and images, interconnect between tiles.",
       job->card.program_energy_joule > 0 ? " (given apart)" : "");
}

static og_status describe(ogi_job *job, og_error *err) {
  og_results *r = job->results;
  const og_study *s = job->study;
  snprintf(r->study, sizeof r->study, "%.60s", s->name);
  snprintf(r->data, sizeof r->data, "%.60s", s->data_name);
  snprintf(r->device, sizeof r->device, "%s", job->card.name);
  snprintf(r->version, sizeof r->version, "%s", og_version());
  r->seed = s->seed;
  r->layers = job->net.layers;
  r->extent = ogi_alloc(r->layers + 1, sizeof *r->extent);
  if (r->extent == NULL) return ogi_fail(err, OG_E_NOMEM, "results");
  memcpy(r->extent, job->net.extent, (r->layers + 1) * sizeof *r->extent);
  r->tiles = job->map.tiles;
  r->arrays = 2 * r->tiles;
  r->test_images = job->test.count;
  r->train_accuracy = NAN;
  write_notes(job);
  if (s->weights[0] != '\0') return OG_OK;
  return ogi_net_accuracy(&r->train_accuracy, &job->net, &job->train, err);
}

/* The study as resolved, as text. */
static og_status resolved(char **text, const og_study *study, og_error *err) {
  size_t length = 0;
  char *buffer = NULL;
  FILE *stream = open_memstream(&buffer, &length);
  if (stream == NULL) return ogi_fail(err, OG_E_NOMEM, "study");
  og_status st = og_study_dump(study, stream, err);
  if (fclose(stream) != 0 && st == OG_OK) st = ogi_fail(err, OG_E_NOMEM, "study");
  *text = st == OG_OK ? ogi_strdup(buffer) : NULL;
  free(buffer); /* open_memstream's own */
  if (st == OG_OK && *text == NULL) st = ogi_fail(err, OG_E_NOMEM, "study");
  return st;
}

static og_status save_text(const char *folder, const char *name, const char *text, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  char *path = ogi_path_join(folder, name);
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "%s", name);
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  fputs(text, w.stream);
  st = ogi_writer_commit(&w, err);
done:
  ogi_free(path);
  return st;
}

/* results.json is the first to go and the last to come: a folder that has it is complete. */
static og_status write_folder(const ogi_job *job, const char *folder, og_error *err) {
  og_status st;
  const og_results *r = job->results;
  char *text = NULL, *json = ogi_path_join(folder, "results.json");
  if (json == NULL) return ogi_fail(err, OG_E_NOMEM, "report");
  OGI_TRY(st, resolved(&text, job->study, err));
  OGI_TRY(st, ogi_tell(job, "report", 0, err));
  if (unlink(json) != 0 && errno != ENOENT) {
    st = ogi_fail(err, OG_E_IO, "%s: cannot be replaced: %s", json, strerror(errno));
    goto done;
  }
  OGI_TRY(st, save_text(folder, "study.yaml", text, err));
  OGI_TRY(st, ogi_report_tables(r, folder, err));
  OGI_TRY(st, ogi_report_plots(r, OG_GNUPLOT, folder, err));
  OGI_TRY(st, ogi_tell(job, "report", 0.8, err));
  OGI_TRY(st, ogi_report_html(r, text, folder, err));
  OGI_TRY(st, ogi_report_json(r, text, json, err));
  st = ogi_tell(job, "report", 1, err);
done:
  ogi_free(text);
  ogi_free(json);
  return st;
}

static og_status run_steps(ogi_job *job, og_error *err) {
  og_status st, outside = OG_OK;
  const char *folder = job->opts->out_dir;
  if (folder != NULL) OGI_TRY(st, ogi_make_dir(folder, err)); /* before minutes are spent */
  OGI_TRY(st, ogi_job_prepare(job, err));
  OGI_TRY(st, describe(job, err));
  OGI_TRY(st, ogi_run_accuracy(job, err));
  OGI_TRY(st, ogi_run_energy(job, err));
  OGI_TRY(st, ogi_run_maps(job, err));
  st = ogi_run_checks(job, err);
  if (st != OG_OK && st != OG_E_TOLERANCE) goto done;
  outside = st;
  st = OG_OK;
  if (folder != NULL) OGI_TRY(st, write_folder(job, folder, err));
  st = outside;
done:
  return st;
}

/*
 * One BLAS thread a caller: threads work on trials, and sums must not depend on how BLAS splits them. The settings are
 * those of the process, so they are put back.
 */
og_status og_study_run(og_results **out, const og_study *study, const og_run_opts *opts, og_error *err) {
  static const og_run_opts defaults;
  if (out == NULL || study == NULL) return ogi_fail(err, OG_E_ARG, "study: a needed pointer is NULL");
  *out = NULL;
  ogi_job job = {.study = study, .opts = opts != NULL ? opts : &defaults};
  job.results = ogi_alloc(1, sizeof *job.results);
  if (job.results == NULL) return ogi_fail(err, OG_E_NOMEM, "study");
  int blas_threads = openblas_get_num_threads();
  openblas_set_num_threads(1);
#ifdef _OPENMP
  int threads = omp_get_max_threads();
  if (job.opts->threads > 0) omp_set_num_threads((int)job.opts->threads);
#endif
  og_status st = run_steps(&job, err);
#ifdef _OPENMP
  omp_set_num_threads(threads);
#endif
  openblas_set_num_threads(blas_threads);
  ogi_job_clear(&job);
  if (st == OG_OK || st == OG_E_TOLERANCE) *out = job.results;
  else og_results_free(job.results);
  return st;
}
