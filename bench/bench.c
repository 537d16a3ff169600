/* SPDX-License-Identifier: BSD-3-Clause */
/* Verify, then time; see bench/README. Each half of a problem is done in a process of its own: memory is then its own.
 */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cblas.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "comparators.h"
#include "floor.h"
#include "ours.h"

enum { PROBLEMS = 64, REPEATS = 10000, FEWEST = 5, CHOLMOD_CELLS = 1024 * 1024 };
static const double LONG_ENOUGH = 1.5; /* [s] of repeats                                                             */
static const double TOLERANCE = 1e-8;  /* of each output current, and of Kirchhoff's law against the largest current */

/* Times in seconds; NAN: not done. */
typedef struct result {
  int verified, timed;
  double deviation, kcl;
  direct_time cholmod;
  scipy_time scipy;
  double spice, product;
  double first, min, median, floor;
  double peak;  /* [MB] */
  size_t iterations, newton_steps;
} result;

static void use_threads(int threads) {
  openblas_set_num_threads(threads);
#ifdef _OPENMP
  omp_set_num_threads(threads);
#endif
}

/* ---- verify ---- */

static void deviate(result *r, size_t n, const double *own, const double *theirs) {
  for (size_t j = 0; j < n; j++)
    if (!(fabs(own[j] / theirs[j] - 1) <= r->deviation)) r->deviation = fabs(own[j] / theirs[j] - 1);
}

/* First and last array, first and last input, against CHOLMOD. */
static void against_cholmod(result *r, const ours *o, const problem *p) {
  size_t inputs[2] = {0, p->inputs - 1}, arrays[2] = {0, p->arrays - 1};
  double *v = numbers(2 * p->m), *theirs = numbers(2 * p->n), *own = numbers(p->n);
  for (int e = 0; e < 2; e++) memcpy(v + (size_t)e * p->m, p->v + inputs[e] * p->m, p->m * sizeof *v);
  for (int a = 0; a < (p->arrays > 1 ? 2 : 1); a++) {
    r->cholmod = plain_cholmod(p->m, p->n, p->ohm, p->g + arrays[a] * p->m * p->n, 2, v, theirs);
    for (size_t e = 0; e < 2; e++) {
      ours_currents(o, p, arrays[a], inputs[e], own);
      deviate(r, p->n, own, theirs + e * p->n);
    }
  }
  free(v);
  free(theirs);
  free(own);
}

static void verify(result *r, problem *p) {
  problem_fill(p);
  ours *o = ours_open(p, 1);
  ours_once(o, p);
  r->kcl = ours_kcl(o, p);
  double *own = numbers(p->n), *theirs = numbers(p->n), *products = numbers(p->inputs * p->n);
  ours_currents(o, p, 0, 0, own);
  if (p->kind != KIND_NONLINEAR && p->m * p->n <= CHOLMOD_CELLS) against_cholmod(r, o, p);
  else {
    ours_otherwise(p, theirs);
    deviate(r, p->n, own, theirs);
  }
  r->scipy = scipy_dc(p, theirs);
  if (!isnan(r->scipy.spsolve)) deviate(r, p->n, own, theirs);
  r->spice = ngspice_op(p);
  r->product = ideal_product(p->m, p->n, p->inputs, p->g, p->v, products);
  r->verified = r->deviation <= TOLERANCE && !(r->kcl > TOLERANCE);
}

/* ---- time ---- */

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double peak_megabytes(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)usage.ru_maxrss * 1024 / 1e6;
}

static void measure(result *r, problem *p) {
  double times[REPEATS], sum = 0;
  int count = 0;
  problem_fill(p);
  double start = seconds();
  ours *o = ours_open(p, 0);
  ours_once(o, p);
  r->first = seconds() - start;
  while (count < REPEATS && (sum < LONG_ENOUGH || count < FEWEST)) sum += times[count++] = ours_once(o, p);
  r->peak = peak_megabytes();
  ours_counts(o, &r->iterations, &r->newton_steps);
  ours_close(o);
  qsort(times, (size_t)count, sizeof *times, by_value);
  r->min = times[0];
  r->median = times[count / 2];
  least_work work = work_of(p, r->iterations, r->newton_steps);
  r->floor = floor_of(&work, dgemm_rate(), p->threads);
  r->timed = 1;
}

/* ---- processes ---- */

typedef void half(result *r, problem *p);

/* @return 1 if it came to its end */
static int in_own_process(half *what, result *r, problem *p) {
  int status = 1;
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    use_threads(p->threads);
    what(r, p);
    exit(EXIT_SUCCESS);
  }
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void print_rates(result *unused, problem *p) {
  (void)unused;
  printf("%d thread%s: copies of 1 MB %.0f, 12 MB %.0f, 800 MB %.0f GB/s read and written; dgemm %.0f Gflop/s\n",
         p->threads, p->threads > 1 ? "s" : "", copy_rate(1u << 20, p->threads) / 1e9,
         copy_rate(12u << 20, p->threads) / 1e9, copy_rate(800u << 20, p->threads) / 1e9, dgemm_rate() / 1e9);
}

/* ---- tables ---- */

static void print_first_table(const problem *p, const result *r) {
  if (r->timed)
    printf("%-32s %d %10.3f %10.3f %10.3f %8.0f %6zu %10.3f %6.1f %9.1e %8.1e\n", p->name, p->threads, 1e3 * r->min,
           1e3 * r->median, 1e3 * r->first, r->peak, r->iterations, 1e3 * r->floor, r->min / r->floor, r->deviation,
           r->kcl);
  else if (r->verified) printf("%-32s %d failed\n", p->name, p->threads);
  else printf("%-32s %d wrong: currents off by %.1e, KCL by %.1e\n", p->name, p->threads, r->deviation, r->kcl);
  fflush(stdout);
}

static void print_cell(double x) {
  if (isnan(x)) printf(" %10s", "n/a");
  else printf(" %10.3g", x);
}

/* Direct solvers pay one factor for each array, and a solution for each input; n of these for an effective matrix. */
static double whole_time(const problem *p, const direct_time *t) {
  double solutions = p->kind == KIND_REDUCE || p->kind == KIND_TILES ? (double)p->n : (double)p->inputs;
  return (double)p->arrays * (t->factor + solutions * t->solve);
}

static void print_ratios(const problem *p, const result *r) {
  if (!r->timed) return;
  printf("%-32s %d", p->name, p->threads);
  print_cell(whole_time(p, &r->cholmod) / r->min);
  print_cell(r->scipy.spsolve / r->min);
  print_cell(whole_time(p, &r->scipy.splu) / r->min);
  print_cell(r->spice / r->min);
  print_cell(p->kind == KIND_TILES || p->kind == KIND_REDUCE ? NAN : r->min / r->product);
  printf("\n");
}

static const char *verdict(const problem *p, const result *r) {
  int fits = p->memory == 0 || r->peak <= p->memory;
  if (!r->timed) return "failed";
  if (p->aim > 0 && 1e3 * r->min <= p->aim && fits) return "aim";
  if (p->must > 0 && 1e3 * r->min <= p->must && fits) return "must";
  return "no";
}

static int has_target(const problem *p) { return p->must > 0 || p->aim > 0; }

static void print_target(const problem *p, const result *r) {
  if (!has_target(p)) return;
  printf("%-32s %d", p->name, p->threads);
  print_cell(p->must > 0 ? p->must : NAN);
  print_cell(p->aim > 0 ? p->aim : NAN);
  print_cell(r->timed ? 1e3 * r->min : NAN);
  if (p->memory > 0) printf(" %10s (%.0f MB of %.0f MB)\n", verdict(p, r), r->peak, p->memory);
  else printf(" %10s\n", verdict(p, r));
}

static void print_later_tables(size_t count, const problem *p, const result *r) {
  printf("\nours = 1\n%-32s t %10s %10s %10s %10s %10s\n", "problem", "CHOLMOD", "spsolve", "splu", "ngspice",
         "ours/ideal");
  for (size_t k = 0; k < count; k++) print_ratios(&p[k], &r[k]);
  size_t targets = 0;
  for (size_t k = 0; k < count; k++) targets += (size_t)has_target(&p[k]);
  if (targets > 0) printf("\n%-32s t %10s %10s %10s %10s\n", "problem", "must ms", "aim ms", "min ms", "met");
  for (size_t k = 0; k < count; k++) print_target(&p[k], &r[k]);
}

static int run(size_t count, problem *p, result *r) {
  int ok = 1;
  problem rates = {.threads = 1};
  for (size_t k = 0; k < count; k++) {
    if (k == 0 || p[k].threads != p[k - 1].threads) {
      rates.threads = p[k].threads;
      in_own_process(print_rates, NULL, &rates);
    }
    if (k == 0)
      printf("%-32s t %10s %10s %10s %8s %6s %10s %6s %9s %8s\n", "problem", "min ms", "median ms", "first ms",
             "peak MB", "passes", "floor ms", "/floor", "deviation", "KCL");
    r[k] = (result){.kcl = NAN, .cholmod = {NAN, NAN}, .scipy = {NAN, {NAN, NAN}}};
    ok &= in_own_process(verify, &r[k], &p[k]);
    ok &= r[k].verified && in_own_process(measure, &r[k], &p[k]);
    print_first_table(&p[k], &r[k]);
  }
  print_later_tables(count, p, r);
  return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv) {
  static problem problems[PROBLEMS];
  size_t count = (size_t)argc - 1;
  result *results = mmap(NULL, PROBLEMS * sizeof *results, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (results == MAP_FAILED || count > PROBLEMS) {
    fprintf(stderr, "bench: saw %zu problems, need at most %d\n", count, PROBLEMS);
    return 2;
  }
  for (size_t k = 0; k < count; k++)
    if (!problem_parse(&problems[k], argv[k + 1])) {
      fprintf(stderr, "bench: problem: saw \"%s\", need %s\n", argv[k + 1], problem_grammar);
      return 2;
    }
  return run(count, problems, results);
}
