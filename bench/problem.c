/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "problem.h"

const char problem_grammar[] =
    "dc|reduce|tiles|inputs|nonlinear:MxN:r=OHM[:cells=random|board|fine|halves|rows|columns][:count=N][:threads=N]"
    "[:must=MS][:aim=MS][:memory=MB]";

static const char *const kinds[KINDS] = {"dc", "reduce", "tiles", "inputs", "nonlinear"};
static const char *const layouts[] = {"random", "board", "fine", "halves", "rows", "columns"};

static int parse_kind(problem *p, const char *text) {
  for (int k = 0; k < KINDS; k++)
    if (strcmp(text, kinds[k]) == 0) {
      p->kind = (kind)k;
      return 1;
    }
  return 0;
}

static int parse_option(problem *p, const char *text) {
  size_t count;
  char layout[16];
  if (sscanf(text, "r=%lf", &p->ohm) == 1) return p->ohm > 0;
  if (sscanf(text, "threads=%d", &p->threads) == 1) return p->threads > 0;
  if (sscanf(text, "must=%lf", &p->must) == 1 || sscanf(text, "aim=%lf", &p->aim) == 1) return 1;
  if (sscanf(text, "memory=%lf", &p->memory) == 1) return 1;
  if (sscanf(text, "count=%zu", &count) == 1) {
    *(p->kind == KIND_TILES ? &p->arrays : &p->inputs) = count;
    return count > 0 && (p->kind == KIND_TILES || p->kind == KIND_INPUTS);
  }
  if (sscanf(text, "cells=%15[a-z]", layout) != 1) return 0;
  for (size_t k = 0; k < sizeof layouts / sizeof *layouts; k++)
    if (strcmp(layout, layouts[k]) == 0) {
      memcpy(p->cells, layout, sizeof layout);
      return 1;
    }
  return 0;
}

int problem_parse(problem *p, const char *text) {
  char copy[160], *rest;
  *p = (problem){.inputs = 1, .arrays = 1, .threads = 1, .cells = "random"};
  if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy) return 0;
  char *word = strtok_r(copy, ":", &rest);
  if (word == NULL || !parse_kind(p, word)) return 0;
  if (p->kind == KIND_INPUTS) p->inputs = 10000;
  if (p->kind == KIND_TILES) p->arrays = 100;
  word = strtok_r(NULL, ":", &rest);
  if (word == NULL || sscanf(word, "%zux%zu", &p->m, &p->n) != 2 || p->m == 0 || p->n == 0) return 0;
  while ((word = strtok_r(NULL, ":", &rest)) != NULL)
    if (!parse_option(p, word)) return 0;
  int shown = snprintf(p->name, sizeof p->name, "%s:%zux%zu:r=%g", kinds[p->kind], p->m, p->n, p->ohm);
  if (strcmp(p->cells, "random") != 0)
    snprintf(p->name + shown, sizeof p->name - (size_t)shown, ":cells=%s", p->cells);
  return p->ohm > 0;
}

double *numbers(size_t count) {
  double *x = aligned_alloc(64, (count * sizeof *x + 63) / 64 * 64);
  if (x == NULL) {
    fprintf(stderr, "bench: no memory for %zu numbers\n", count);
    exit(EXIT_FAILURE);
  }
  memset(x, 0, count * sizeof *x);
  return x;
}

/* In [0, 1); reproducible anywhere, and no statistics depend on it. */
static double draw(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 33) / 2147483648.0;
}

/* Conductance of cell (i,j) where a random one is g [S]. */
static double laid_out(const problem *p, size_t i, size_t j, double g) {
  static const double LOW = 1e-6, APART = 1e-3;
  const char *how = p->cells;
  int is_low = 0;
  if (strcmp(how, "board") == 0) is_low = (4 * i / p->m + 4 * j / p->n) % 2 == 1;
  if (strcmp(how, "fine") == 0) is_low = (i / 4 + j / 4) % 2 == 1;
  if (strcmp(how, "halves") == 0) is_low = 2 * j >= p->n;
  if (strcmp(how, "rows") == 0 && i % 2 == 1) g *= APART;
  if (strcmp(how, "columns") == 0 && j % 2 == 1) g *= APART;
  return is_low ? LOW : g;
}

void problem_fill(problem *p) {
  uint64_t state = 2385;
  p->g = numbers(p->arrays * p->m * p->n);
  p->v = numbers(p->inputs * p->m);
  for (size_t a = 0; a < p->arrays; a++)
    for (size_t i = 0; i < p->m; i++)
      for (size_t j = 0; j < p->n; j++)
        p->g[(a * p->m + i) * p->n + j] = laid_out(p, i, j, 1e-6 + 99e-6 * draw(&state));
  for (size_t k = 0; k < p->inputs * p->m; k++) p->v[k] = 0.3 * draw(&state);
}

og_array problem_array(const problem *p) {
  og_array a;
  og_array_init(&a, p->m, p->n);
  a.r_word_ohm = a.r_bit_ohm = p->ohm;
  return a;
}

double problem_cell(const problem *p, double g, double v) {
  return p->kind == KIND_NONLINEAR ? g * PROBLEM_V0 * sinh(v / PROBLEM_V0) : g * v;
}
