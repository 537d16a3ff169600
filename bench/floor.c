/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cblas.h>

#include "comparators.h"
#include "floor.h"

double copy_rate(size_t bytes, int threads) {
  enum { FEWEST = 5 };
  static const double LONG_ENOUGH = 0.3; /* [s]: others on the machine must not hide the best */
  size_t count = bytes / 2 / sizeof(double) + 8; /* from and to make up the region */
  size_t rounds = bytes < 64u << 20 ? (64u << 20) / (bytes + 1) + 1 : 1;
  double *from = numbers(count), *to = numbers(count), best = INFINITY;
  size_t part = count / (size_t)threads;
  double begin = seconds();
  for (int t = 0; t < FEWEST || seconds() - begin < LONG_ENOUGH; t++) {
    double start = seconds();
    for (size_t r = 0; r < rounds; r++) {
#pragma omp parallel for num_threads(threads)
      for (int k = 0; k < threads; k++)
        memcpy(to + (size_t)k * part, from + (size_t)k * part, part * sizeof *to);
      from[r % count] = to[(r + 7) % count]; /* so that no round can be left out */
    }
    best = fmin(best, (seconds() - start) / (double)rounds);
  }
  free(from);
  free(to);
  return 2 * (double)(part * (size_t)threads * sizeof(double)) / best;
}

double dgemm_rate(void) {
  enum { SIDE = 1024 };
  double *a = numbers(SIDE * SIDE), *b = numbers(SIDE * SIDE), *c = numbers(SIDE * SIDE);
  for (size_t k = 0; k < SIDE * SIDE; k++) a[k] = b[k] = 1 + 1e-6 * (double)k;
  double best = ideal_product(SIDE, SIDE, SIDE, a, b, c);
  free(a);
  free(b);
  free(c);
  return 2.0 * SIDE * SIDE * SIDE / best;
}

least_work work_of(const problem *p, size_t passes, size_t newton_steps) {
  double cells = (double)(p->m * p->n), k = (double)p->inputs, merging = 30 * pow(cells, 1.5);
  switch (p->kind) {
    case KIND_DC: return (least_work){cells * (48 * (double)(passes + 1) + 64 + 24), 48 * cells, 0};
    case KIND_NONLINEAR:
      return (least_work){cells * (48 * (double)passes + 112 * (double)newton_steps), 48 * cells, 0};
    case KIND_INPUTS: return (least_work){0, 0, merging + 2 * k * cells};
    case KIND_TILES: return (least_work){0, 0, merging * (double)p->arrays};
    default: return (least_work){0, 0, merging};
  }
}

double floor_of(const least_work *work, double dgemm, int threads) {
  if (work->flops > 0) return work->flops / dgemm;
  return work->bytes / copy_rate((size_t)work->region, threads);
}
