/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Which engine? Cost from operation counts (doc/performance.md) and four rates of the machine.
 *   cg      factors once, then passes for each input: 5 where segments are far below the cells, more as they approach
 *   reduce  30 (cells)^1.5 operations to merge the ports, then 2 operations a cell and input
 */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cblas.h>

#include <ohmgrid/plan.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "solve/ogi_solve.h"

static const double MERGE_OPERATIONS = 30; /* per (cells)^1.5, doc/engines-merge.md */

void og_cost_model_init(og_cost_model *model) {
  *model = (og_cost_model){.setup_second = 5e-9, .pass_second = 1.8e-9, .merge_flops = 5e10, .product_flops = 5e10};
}

/* Passes to 1e-12, measured: 5 at 128 x 128 with 1 ohm to 10 at 1024 x 1024 with 20 ohm, cells 10 kohm to 1 Mohm. */
static double passes_for(const og_array *array) {
  double cells = (double)array->m * (double)array->n, ohm = fmin(array->r_word_ohm + array->r_bit_ohm, 1e6);
  return 5 * pow(fmax(cells / 16384, 1), 0.1) * pow(fmax(ohm / 2, 1), 0.13);
}

void og_cost_model_estimate(const og_cost_model *model, const og_array *array, size_t inputs, double *cg_second,
                            double *reduce_second) {
  double cells = (double)array->m * (double)array->n, k = (double)inputs;
  *cg_second = cells * (model->setup_second + model->pass_second * (1 + passes_for(array)) * k);
  *reduce_second = MERGE_OPERATIONS * pow(cells, 1.5) / model->merge_flops + 2 * cells * k / model->product_flops;
}

og_engine ogi_plan(const og_cost_model *model, const og_array *array, const ogi_wires *wires, size_t inputs,
                   char *reason, size_t room) {
  og_cost_model built_in;
  double cg, reduce;
  og_cost_model_init(&built_in);
  if (model == NULL) model = &built_in;
  if (wires->irregular || wires->has_open) {
    snprintf(reason, room, "%s: only the direct engine takes it",
             wires->irregular ? "lines that are not regular crossed chains" : "an open circuit in the wires");
    return OG_ENGINE_CHOLESKY;
  }
  if (wires->word_kind != OGI_LINE_CHAIN || wires->bit_kind != OGI_LINE_CHAIN) {
    snprintf(reason, room, "lines of 0 ohm: cg needs no reduction");
    return OG_ENGINE_CG;
  }
  og_cost_model_estimate(model, array, inputs, &cg, &reduce);
  snprintf(reason, room, "%zu inputs: cg is estimated at %.2g s, a reduction at %.2g s (%s rates)", inputs, cg, reduce,
           model->measured ? "measured" : "built-in");
  return reduce < cg ? OG_ENGINE_REDUCE : OG_ENGINE_CG;
}

/* ---- measure ---- */

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef struct trial {
  og_array array;
  double *g, *v, *w, *b;
} trial;

/* Cells of 10 kohm to 1 Mohm, all different; no statistics depend on them. */
static og_status trial_create(trial *t, size_t m, size_t n, og_error *err) {
  og_array_init(&t->array, m, n);
  t->array.r_word_ohm = t->array.r_bit_ohm = 1;
  t->g = ogi_alloc(m * n, sizeof *t->g);
  t->v = ogi_alloc(m * n, sizeof *t->v);
  t->w = ogi_alloc(m * n, sizeof *t->w);
  t->b = ogi_alloc(m * n, sizeof *t->b);
  if (!t->g || !t->v || !t->w || !t->b) return ogi_fail(err, OG_E_NOMEM, "calibration: %zu x %zu cells", m, n);
  for (size_t k = 0; k < m * n; k++) {
    t->g[k] = 1e-6 + 99e-6 * fmod((double)k * 0.6180339887498949, 1);
    t->v[k] = 0.3 * fmod((double)k * 0.41421356237309515, 1);
  }
  return OG_OK;
}

static void trial_clear(trial *t) {
  ogi_free(t->g);
  ogi_free(t->v);
  ogi_free(t->w);
  ogi_free(t->b);
}

enum { MEASURE_LINES = 640, MEASURE_REPEATS = 5 };

static og_status measure_cg(og_cost_model *model, const trial *t, const ogi_wires *wires, og_error *err) {
  og_status st;
  ogi_sweep *sweep = NULL;
  ogi_cells cells = {.g = t->g};
  ogi_rhs rhs = {.v = t->v};
  double count = (double)t->array.m * (double)t->array.n;
  model->setup_second = model->pass_second = INFINITY;
  OGI_TRY(st, ogi_sweep_create(&sweep, &t->array, wires, err));
  for (int k = 0; k < MEASURE_REPEATS; k++) {
    double start = seconds();
    ogi_sweep_set_cells(sweep, &cells);
    double middle = seconds();
    size_t passes = ogi_sweep_solve(sweep, &rhs, 1e-12, 40, t->w, t->b);
    model->pass_second = fmin(model->pass_second, (seconds() - middle) / count / (double)(passes + 1));
    model->setup_second = fmin(model->setup_second, (middle - start) / count);
  }
done:
  ogi_sweep_free(sweep);
  return st;
}

static og_status measure_reduce(og_cost_model *model, const trial *t, const ogi_wires *wires, og_error *err) {
  og_status st;
  ogi_merge *merge = NULL;
  size_t m = t->array.m, n = t->array.n;
  model->merge_flops = model->product_flops = 0;
  OGI_TRY(st, ogi_merge_create(&merge, &t->array, wires, err));
  for (int k = 0; k < MEASURE_REPEATS; k++) {
    double start = seconds();
    OGI_TRY(st, ogi_merge_reduce(merge, 1, t->g, t->w, NULL, NULL, err));
    double middle = seconds();
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n, (int)n, (int)m, 1, t->v, (int)m, t->w, (int)n, 0,
                t->b, (int)n);
    double end = seconds(), operations = MERGE_OPERATIONS * pow((double)(m * n), 1.5);
    model->merge_flops = fmax(model->merge_flops, operations / (middle - start));
    model->product_flops = fmax(model->product_flops, 2 * (double)(m * n * n) / (end - middle));
  }
done:
  ogi_merge_free(merge);
  return st;
}

og_status og_cost_model_measure(og_cost_model *model, og_error *err) {
  og_status st;
  trial t = {0};
  ogi_wires wires = {0};
  if (model == NULL) return ogi_fail(err, OG_E_ARG, "cost model: a needed pointer is NULL");
  og_cost_model_init(model);
  OGI_TRY(st, trial_create(&t, MEASURE_LINES, MEASURE_LINES, err));
  OGI_TRY(st, ogi_wires_create(&wires, &t.array, err));
  OGI_TRY(st, measure_cg(model, &t, &wires, err));
  OGI_TRY(st, measure_reduce(model, &t, &wires, err));
  model->measured = 1;
done:
  ogi_wires_clear(&wires);
  trial_clear(&t);
  return st;
}

/* ---- file ---- */

static const char *const names[] = {"setup_second", "pass_second", "merge_flops", "product_flops"};
enum { RATES = sizeof names / sizeof *names };

static double *rate(og_cost_model *model, int k) {
  double *all[RATES] = {&model->setup_second, &model->pass_second, &model->merge_flops, &model->product_flops};
  return all[k];
}

og_status og_cost_model_save(const og_cost_model *model, const char *path, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  ogi_locale l;
  if (model == NULL || path == NULL) return ogi_fail(err, OG_E_ARG, "cost model: a needed pointer is NULL");
  og_cost_model copy = *model;
  OGI_TRY(st, ogi_make_parent(path, err));
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  ogi_locale_begin(&l);
  for (int k = 0; k < RATES; k++) fprintf(w.stream, "%s %.6g\n", names[k], *rate(&copy, k));
  ogi_locale_end(&l);
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  return st;
}

static og_status read_line(og_cost_model *model, const char *line, unsigned *seen, og_error *err) {
  for (int k = 0; k < RATES; k++) {
    size_t length = strlen(names[k]);
    if (strncmp(line, names[k], length) != 0 || line[length] != ' ') continue;
    double value = strtod(line + length, NULL);
    if (!(value > 0 && isfinite(value)))
      return ogi_fail(err, OG_E_INPUT, "%s: saw \"%.40s\", need a number > 0", names[k], line + length + 1);
    *rate(model, k) = value;
    *seen |= 1u << k;
    return OG_OK;
  }
  return ogi_fail(err, OG_E_INPUT, "saw \"%.60s\", need setup_second, pass_second, merge_flops or product_flops", line);
}

og_status og_cost_model_load(og_cost_model *model, const char *path, og_error *err) {
  og_status st;
  char *text = NULL, *rest = NULL;
  size_t length;
  unsigned seen = 0;
  ogi_locale l;
  if (model == NULL || path == NULL) return ogi_fail(err, OG_E_ARG, "cost model: a needed pointer is NULL");
  og_cost_model_init(model);
  OGI_TRY(st, ogi_file_read(&text, &length, path, 4096, err));
  ogi_locale_begin(&l);
  for (char *line = strtok_r(text, "\n", &rest); line != NULL && st == OG_OK; line = strtok_r(NULL, "\n", &rest))
    st = read_line(model, line, &seen, err);
  ogi_locale_end(&l);
  if (st == OG_OK && seen != (1u << RATES) - 1) st = ogi_fail(err, OG_E_INPUT, "a rate is missing");
  model->measured = st == OG_OK;
  if (st != OG_OK) st = ogi_prefix(err, st, "%s", path);
done:
  ogi_free(text);
  return st;
}
