/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "comparators.h"
#include "ours.h"

struct ours {
  og_solver *linear;
  og_nonlinear *nonlinear;
  og_cell *cell;
  double *i;       /* inputs x n [A]                              */
  double *g_eff;   /* arrays x m x n [S]; NULL: not of this kind  */
  double *w, *b;   /* m x n [V]; NULL: not kept                   */
  size_t iterations, newton_steps;
};

static void must(og_status st, const og_error *err) {
  if (st == OG_OK) return;
  fprintf(stderr, "bench: %s\n", err->text);
  exit(EXIT_FAILURE);
}

static void open_linear(ours *o, const problem *p) {
  og_array a = problem_array(p);
  og_error err;
  og_solver_opts opts;
  og_solver_opts_init(&opts);
  opts.rtol = 1e-10;
  opts.inputs = p->inputs;
  opts.engine = p->kind == KIND_DC ? OG_ENGINE_CG : OG_ENGINE_REDUCE;
  must(og_solver_create(&o->linear, &a, &opts, &err), &err);
}

static void open_nonlinear(ours *o, const problem *p, og_engine engine, double rtol) {
  og_array a = problem_array(p);
  og_error err;
  og_nonlinear_opts opts;
  char text[32];
  og_nonlinear_opts_init(&opts);
  opts.warm = 0;
  opts.engine = engine;
  opts.kcl_rtol = rtol;
  snprintf(text, sizeof text, "sinh,v0=%g", PROBLEM_V0);
  must(og_cell_create(&o->cell, text, &err), &err);
  must(og_nonlinear_create(&o->nonlinear, &a, o->cell, &opts, &err), &err);
}

static void solve_nonlinear(ours *o, const problem *p, double *i_out) {
  og_error err;
  og_nonlinear_info info;
  must(og_nonlinear_set_cells(o->nonlinear, p->g, &err), &err);
  must(og_nonlinear_dc(o->nonlinear, p->v, NULL, p->inputs, i_out, o->w, o->b, &info, &err), &err);
  o->iterations = info.iterations;
  o->newton_steps = info.newton_steps;
}

static void close_nonlinear(ours *o) {
  og_nonlinear_free(o->nonlinear);
  og_cell_free(o->cell);
}

ours *ours_open(const problem *p, int potentials) {
  ours *o = calloc(1, sizeof *o);
  if (o == NULL) exit(EXIT_FAILURE);
  if (p->kind == KIND_NONLINEAR) open_nonlinear(o, p, OG_ENGINE_AUTO, 1e-10);
  else open_linear(o, p);
  o->i = numbers(p->inputs * p->n);
  if (p->kind == KIND_REDUCE || p->kind == KIND_TILES) o->g_eff = numbers(p->arrays * p->m * p->n);
  if (potentials && (p->kind == KIND_DC || p->kind == KIND_NONLINEAR)) {
    o->w = numbers(p->m * p->n);
    o->b = numbers(p->m * p->n);
  }
  return o;
}

void ours_close(ours *o) {
  og_solver_free(o->linear);
  close_nonlinear(o);
  free(o->i);
  free(o->g_eff);
  free(o->w);
  free(o->b);
  free(o);
}

static void solve_linear(ours *o, const problem *p, double *i_out) {
  og_error err;
  og_solve_info info;
  must(og_solver_set_cells(o->linear, p->g, &err), &err);
  must(og_solver_dc(o->linear, p->v, p->inputs, i_out, o->w, o->b, &info, &err), &err);
  o->iterations = info.iterations;
}

double ours_once(ours *o, const problem *p) {
  og_error err;
  double start = seconds();
  switch (p->kind) {
    case KIND_REDUCE:
      must(og_solver_set_cells(o->linear, p->g, &err), &err);
      must(og_solver_reduce(o->linear, o->g_eff, NULL, &err), &err);
      break;
    case KIND_TILES:
      must(og_solver_reduce_many(o->linear, p->arrays, p->g, o->g_eff, NULL, &err), &err);
      break;
    case KIND_NONLINEAR: solve_nonlinear(o, p, o->i); break;
    default: solve_linear(o, p, o->i);
  }
  return seconds() - start;
}

void ours_counts(const ours *o, size_t *iterations, size_t *newton_steps) {
  *iterations = o->iterations;
  *newton_steps = o->newton_steps;
}

void ours_currents(const ours *o, const problem *p, size_t array, size_t input, double *i_out) {
  if (o->g_eff != NULL) ideal_product(p->m, p->n, 1, o->g_eff + array * p->m * p->n, p->v + input * p->m, i_out);
  else memcpy(i_out, o->i + input * p->n, p->n * sizeof *i_out);
}

double ours_kcl(const ours *o, const problem *p) {
  if (o->w == NULL) return NAN;
  const double *w = o->w, *b = o->b;
  long double wire = 1 / (long double)p->ohm, worst = 0, most = 0;
  for (size_t i = 0; i < p->m; i++)
    for (size_t j = 0; j < p->n; j++) {
      size_t k = i * p->n + j;
      long double left = wire * ((j > 0 ? w[k - 1] : p->v[i]) - (long double)w[k]); /* [A], all four downstream */
      long double right = j + 1 < p->n ? wire * ((long double)w[k] - w[k + 1]) : 0;
      long double above = i > 0 ? wire * ((long double)b[k - p->n] - b[k]) : 0;
      long double below = wire * ((long double)b[k] - (i + 1 < p->m ? b[k + p->n] : 0));
      long double cell = problem_cell(p, p->g[k], w[k] - b[k]);
      worst = fmaxl(worst, fmaxl(fabsl(left - right - cell), fabsl(above + cell - below)));
      most = fmaxl(most, fmaxl(fabsl(left), fabsl(below)));
    }
  return (double)(worst / most);
}

/* Tables of segments that say what r_word_ohm and r_bit_ohm do: the library then takes its engine for uneven wires. */
static void open_by_segments(ours *o, const problem *p) {
  og_array a = problem_array(p);
  og_error err;
  og_solver_opts opts;
  double *word = numbers(p->m * (p->n + 1)), *bit = numbers((p->m + 1) * p->n);
  for (size_t i = 0; i < p->m; i++)
    for (size_t j = 0; j <= p->n; j++) word[i * (p->n + 1) + j] = j < p->n ? p->ohm : INFINITY;
  for (size_t i = 0; i <= p->m; i++)
    for (size_t j = 0; j < p->n; j++) bit[i * p->n + j] = i > 0 ? p->ohm : INFINITY;
  a.word_segments = word;
  a.bit_segments = bit;
  og_solver_opts_init(&opts);
  opts.rtol = 1e-13;
  opts.engine = OG_ENGINE_CG;
  must(og_solver_create(&o->linear, &a, &opts, &err), &err);
  free(word);
  free(bit);
}

void ours_otherwise(const problem *p, double *i_out) {
  ours o = {0};
  if (p->kind == KIND_NONLINEAR) {
    open_nonlinear(&o, p, OG_ENGINE_CHOLESKY, 1e-12);
    solve_nonlinear(&o, p, i_out);
    close_nonlinear(&o);
  } else {
    open_by_segments(&o, p);
    solve_linear(&o, p, i_out);
    og_solver_free(o.linear);
  }
}
