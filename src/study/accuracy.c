/* SPDX-License-Identifier: BSD-3-Clause */
/* The accuracy table: each effect alone, all together, Monte Carlo over programming trials. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>

#include "base/ogi_mem.h"
#include "study/ogi_study.h"

enum { CHANCE = OGI_EFFECT_PROGRAM | OGI_EFFECT_READ | OGI_EFFECT_STUCK }; /* effects that differ between trials */

static const struct {
  const char *key, *label;
  unsigned effects;
} table[] = {
    {"float", "software, float32", 0},
    {"ideal", "mapped, ideal arrays", 0},
    {"levels", "conductance levels", OGI_EFFECT_LEVELS},
    {"program", "programming error", OGI_EFFECT_PROGRAM},
    {"read", "read noise", OGI_EFFECT_READ},
    {"wires", "wire resistance", OGI_EFFECT_WIRES},
    {"dac", "DAC", OGI_EFFECT_DAC},
    {"adc", "ADC", OGI_EFFECT_ADC},
    {"stuck", "stuck cells", OGI_EFFECT_STUCK},
    {"all", "all together", OGI_EFFECT_ALL},
};
enum { ROWS = sizeof table / sizeof *table, FLOAT_ROW = 0, FIRST_MAPPED = 1 };

/* One programming trial of one row. */
typedef struct task {
  size_t row, trial;
  ogi_tally tally;
} task;

static og_status run_task(const ogi_job *job, task *t, og_error *err) {
  og_status st;
  unsigned effects = table[t->row].effects;
  size_t draws = effects & OGI_EFFECT_READ ? job->study->read_draws : 1, images = job->test.count;
  ogi_chip chip;
  OGI_TRY(st, ogi_chip_create(&chip, &job->map, err));
  OGI_TRY(st, ogi_chip_program(&chip, effects, job->study->seed, (uint32_t)t->trial, err));
  for (size_t d = 0; d < draws; d++) {
    size_t first = images * d / draws, count = images * (d + 1) / draws - first;
    if (count == 0) continue;
    OGI_TRY(st, ogi_chip_read(&chip, (uint32_t)d, err));
    OGI_TRY(st, ogi_chip_infer(&chip, &job->test, first, count, &t->tally, NULL, err));
  }
done:
  ogi_chip_clear(&chip);
  if (st != OG_OK) ogi_prefix(err, st, "%s, trial %zu", table[t->row].label, t->trial);
  return st;
}

/* Longest first, so that no thread is left alone with a long task at the end. */
static size_t make_tasks(task *tasks, size_t trials) {
  size_t count = 0;
  for (size_t row = ROWS; row-- > FIRST_MAPPED;)
    for (size_t trial = 0; trial < (table[row].effects & CHANCE ? trials : 1); trial++)
      tasks[count++] = (task){.row = row, .trial = trial};
  return count;
}

/* Threads take tasks; the first failure, or a wish to stop, lets the others end early. Results have their own places.
 */
static og_status run_tasks(const ogi_job *job, task *tasks, size_t count, og_error *err) {
  og_status failed = OG_OK;
  size_t finished = 0;
#pragma omp parallel for schedule(dynamic, 1)
  for (size_t k = 0; k < count; k++) {
    og_status st, before;
    og_error mine = {0};
#pragma omp atomic read
    before = failed;
    if (before != OG_OK) continue;
    st = run_task(job, &tasks[k], &mine);
#pragma omp critical(ohmgrid_accuracy)
    {
      finished++;
      if (st == OG_OK && failed == OG_OK)
        st = ogi_tell(job, "accuracy", (double)finished / (double)count, &mine);
      if (st != OG_OK && failed == OG_OK) {
#pragma omp atomic write
        failed = st;
        if (err != NULL) *err = mine;
      }
    }
  }
  return failed;
}

/* Normal approximation of the binomial: p (1 - p) / images is the variance of the measured share. */
static double test_interval(double p, size_t images) {
  return gsl_cdf_ugaussian_Pinv(0.975) * sqrt(p * (1 - p) / (double)images);
}

static void summarise(og_accuracy_row *row, size_t images) {
  size_t n = row->trials;
  row->mean = gsl_stats_mean(row->trial, 1, n);
  row->std = n > 1 ? gsl_stats_sd(row->trial, 1, n) : NAN;
  row->ci95 = n > 1 ? gsl_cdf_tdist_Pinv(0.975, (double)(n - 1)) * row->std / sqrt((double)n) : NAN;
  row->test_ci95 = test_interval(row->mean, images);
}

static og_status create_rows(ogi_job *job, og_error *err) {
  og_results *r = job->results;
  r->accuracy = ogi_alloc(ROWS, sizeof *r->accuracy);
  if (r->accuracy == NULL) return ogi_fail(err, OG_E_NOMEM, "accuracy table");
  r->accuracy_rows = ROWS;
  for (size_t k = 0; k < ROWS; k++) {
    og_accuracy_row *row = &r->accuracy[k];
    snprintf(row->key, sizeof row->key, "%s", table[k].key);
    snprintf(row->label, sizeof row->label, "%s", table[k].label);
    row->trials = table[k].effects & CHANCE ? job->study->trials : 1;
    row->trial = ogi_alloc(row->trials, sizeof *row->trial);
    if (row->trial == NULL) return ogi_fail(err, OG_E_NOMEM, "accuracy table");
  }
  return OG_OK;
}

static void collect(og_results *r, const task *tasks, size_t count) {
  double adc[ROWS][2] = {{0}}, dac[ROWS][2] = {{0}};
  for (size_t row = FIRST_MAPPED; row < ROWS; row++)
    for (size_t k = 0; k < count; k++) { /* in the order of the trials: sums do not depend on threads */
      const task *t = &tasks[k];
      if (t->row != row) continue;
      r->accuracy[row].trial[t->trial] = (double)t->tally.correct / (double)t->tally.images;
      adc[row][0] += t->tally.adc_saturated;
      adc[row][1] += t->tally.adc_conversions;
      dac[row][0] += t->tally.dac_clipped;
      dac[row][1] += t->tally.dac_conversions;
    }
  for (size_t row = 0; row < ROWS; row++) { /* 0 / 0, NaN, where there were no converters */
    r->accuracy[row].adc_saturated = adc[row][0] / adc[row][1];
    r->accuracy[row].dac_clipped = dac[row][0] / dac[row][1];
  }
}

og_status ogi_run_accuracy(ogi_job *job, og_error *err) {
  og_status st;
  og_results *r = job->results;
  task *tasks = ogi_alloc(ROWS * job->study->trials, sizeof *tasks);
  if (tasks == NULL) return ogi_fail(err, OG_E_NOMEM, "accuracy: %zu trials", job->study->trials);
  OGI_TRY(st, create_rows(job, err));
  OGI_TRY(st, ogi_tell(job, "accuracy", 0, err));
  OGI_TRY(st, ogi_net_accuracy(&r->accuracy[FLOAT_ROW].trial[0], &job->net, &job->test, err));
  size_t count = make_tasks(tasks, job->study->trials);
  OGI_TRY(st, run_tasks(job, tasks, count, err));
  collect(r, tasks, count);
  for (size_t k = 0; k < ROWS; k++) summarise(&r->accuracy[k], job->test.count);
  for (size_t k = 0; k < ROWS; k++) r->accuracy[k].loss = r->accuracy[FLOAT_ROW].mean - r->accuracy[k].mean;
done:
  ogi_free(tasks);
  return st;
}
