/* SPDX-License-Identifier: BSD-3-Clause */
/* Verify, then time; see bench/README. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <ohmgrid/ohmgrid.h>

#include "comparators.h"

enum { REPEATS = 41 };
static const double floor_second = 0.3; /* repeat until this long, at most REPEATS times */

typedef struct problem {
  char kind[16];
  size_t m, n, k;
  double ohm;
  double *g, *v, *i_ours, *i_theirs;
} problem;

static double *numbers(size_t count, double low, double high, unsigned *state) {
  double *x = malloc(count * sizeof *x);
  for (size_t i = 0; x != NULL && i < count; i++) {
    *state = *state * 1664525u + 1013904223u; /* reproducible anywhere; no statistics depend on it */
    x[i] = low + (high - low) * ((double)*state / 4294967296.0);
  }
  if (x == NULL) exit(EXIT_FAILURE);
  return x;
}

static int problem_open(problem *p, const char *text) {
  unsigned state = 2385;
  memset(p, 0, sizeof *p);
  if (sscanf(text, "%15[a-z]:%zux%zu:r=%lf", p->kind, &p->m, &p->n, &p->ohm) != 4) return 0;
  p->k = strcmp(p->kind, "inputs") == 0 ? 10000 : 1;
  p->g = numbers(p->m * p->n, 1e-6, 1e-4, &state);
  p->v = numbers(p->k * p->m, 0, 0.3, &state);
  p->i_ours = numbers(p->k * p->n, 0, 0, &state);
  p->i_theirs = numbers(p->k * p->n, 0, 0, &state);
  return strcmp(p->kind, "dc") == 0 || strcmp(p->kind, "reduce") == 0 || p->k > 1;
}

static void problem_close(problem *p) {
  free(p->g);
  free(p->v);
  free(p->i_ours);
  free(p->i_theirs);
}

static og_array wires(const problem *p) {
  og_array a;
  og_array_init(&a, p->m, p->n);
  a.r_word_ohm = a.r_bit_ohm = p->ohm;
  return a;
}

/* One timed piece of work of ours: cells set anew, then the inputs. */
static double once(og_solver *s, const problem *p) {
  double start = seconds();
  if (og_solver_set_cells(s, p->g, NULL) != OG_OK) exit(EXIT_FAILURE);
  if (strcmp(p->kind, "reduce") != 0 && og_solver_dc(s, p->v, p->k, p->i_ours, NULL, NULL, NULL, NULL) != OG_OK)
    exit(EXIT_FAILURE);
  return seconds() - start;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Largest relative deviation of our output currents from another's. */
static double deviation(const problem *p) {
  double worst = 0;
  for (size_t j = 0; j < p->n; j++) worst = fmax(worst, fabs(p->i_ours[j] / p->i_theirs[j] - 1));
  return worst;
}

static double ngspice_second(const problem *p) {
  og_array a = wires(p);
  og_check_opts opts;
  og_check_result r;
  og_check_opts_init(&opts);
  opts.worker = getenv("OHMGRID_SPICE");
  if (p->m * p->n > 32 * 32 || p->k > 1) return NAN;
  return og_check_array(&r, NULL, NULL, &a, p->g, p->v, 1, &opts, NULL) == OG_OK ? r.spice_second : NAN;
}

static int run(const char *text) {
  problem p;
  if (!problem_open(&p, text)) {
    fprintf(stderr, "bench: problem: saw \"%s\", need dc|reduce|inputs:MxN:r=OHM\n", text);
    return 2;
  }
  og_array a = wires(&p);
  og_solver_opts opts;
  og_solver *s;
  og_solver_opts_init(&opts);
  opts.rtol = 1e-10;
  opts.engine = strcmp(p.kind, "dc") == 0 ? OG_ENGINE_CG : OG_ENGINE_REDUCE;
  if (og_solver_create(&s, &a, &opts, NULL) != OG_OK) return 1;
  once(s, &p);
  if (strcmp(p.kind, "reduce") == 0 && og_solver_dc(s, p.v, 1, p.i_ours, NULL, NULL, NULL, NULL) != OG_OK) return 1;
  double cholmod = plain_cholmod(p.m, p.n, p.ohm, p.g, p.v, p.i_theirs), off = deviation(&p);
  double times[REPEATS], sum = 0;
  int count = 0;
  while (count < REPEATS && (sum < floor_second || count < 3)) sum += times[count++] = once(s, &p);
  qsort(times, (size_t)count, sizeof *times, by_value);
  double median = times[count / 2], product = ideal_product(p.m, p.n, p.k, p.g, p.v, p.i_theirs);
  product = fmin(product, ideal_product(p.m, p.n, p.k, p.g, p.v, p.i_theirs));
  printf("%-22s %10.3f %10.3f %10.1e %12.1f %12.3g %12.3g\n", text, 1e3 * times[0], 1e3 * median, off,
         (double)p.k * cholmod / median, ngspice_second(&p) / median, median / product);
  fflush(stdout);
  og_solver_free(s);
  problem_close(&p);
  return off < 1e-8 ? 0 : 1;
}

int main(int argc, char **argv) {
  int status = 0;
  printf("%-22s %10s %10s %10s %12s %12s %12s\n", "problem", "min ms", "median ms", "deviation", "CHOLMOD/ours",
         "ngspice/ours", "ours/ideal");
  for (int k = 1; k < argc; k++) status |= run(argv[k]);
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("peak memory %.0f MB, comparators included\n", (double)usage.ru_maxrss / 1024);
  return status;
}
