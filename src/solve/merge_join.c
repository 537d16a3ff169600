/* SPDX-License-Identifier: BSD-3-Clause */
/** One elimination: two blocks become one, or a block loses the ports at the open or tied end of its lines. */
#include <config.h>

#include "base/ogi_num.h"
#include "solve/ogi_merge.h"

static const double TASK_WORK = 2e6; /* multiply-adds worth a task of their own: about 60 microseconds */

/* Ports that stay, of one group of one part: where they come to stand in the same group of the result, and their X. */
typedef struct segment {
  const ogi_block *part;
  int group;
  size_t size, at;
  double *x;
} segment;

/* Rows of C for one segment: in place where they are kept as (stays, goes), else turned over into scratch. */
static double *couplings(const ogi_kernels *kernels, const segment *s, int e, double **scratch) {
  size_t k = s->part->g[e];
  if (s->group > e) return s->part->y[OGI_PAIR(s->group, e)];
  double *x = *scratch;
  kernels->transpose(x, s->part->y[OGI_PAIR(e, s->group)], k, s->size);
  *scratch += k * s->size;
  return x;
}

static int list_segments(const ogi_kernels *kernels, segment *segments, const ogi_block *a, int ea, const ogi_block *b,
                         int eb, double *scratch) {
  int count = 0;
  for (int g = 0; g < OGI_GROUPS; g++) {
    size_t at = 0;
    for (int o = 0; o < (b == NULL ? 1 : 2); o++) {
      const ogi_block *part = o == 0 ? a : b;
      int e = o == 0 ? ea : eb;
      if (g == e || part->g[g] == 0) continue;
      segment *s = &segments[count++];
      *s = (segment){.part = part, .group = g, .size = part->g[g], .at = at};
      s->x = couplings(kernels, s, e, &scratch);
      at += s->size;
    }
  }
  return count;
}

static void solve_segment(const ogi_kernels *kernels, const segment *s, const double *factor, const double *inverse,
                          size_t k, int tasks) {
  size_t step = tasks ? ogi_max_size((size_t)(TASK_WORK / (double)(k * k)) / 24, 1) * 24 : s->size;
  for (size_t row = 0; row < s->size; row += step) {
    size_t rows = ogi_min_size(step, s->size - row);
    double *x = s->x + row * k;
    if (rows == s->size) {
      kernels->solve(x, rows, factor, inverse, k);
      continue;
    }
#pragma omp task firstprivate(x, rows)
    kernels->solve(x, rows, factor, inverse, k);
  }
}

/* Rows row .. row+rows-1 of a job. */
static ogi_update part_of(const ogi_update *job, size_t row, size_t rows, size_t column, size_t columns) {
  ogi_update part = *job;
  part.rows = rows;
  part.columns = columns;
  part.out += row * job->out_columns + 8 * column;
  if (job->in != NULL) part.in += row * job->in_columns + 8 * column;
  part.x += row * job->k;
  part.y += column * job->k;
  return part;
}

static void run_job(const ogi_kernels *kernels, const ogi_update *all_rows, int tasks) {
  double work = (double)all_rows->rows * (double)all_rows->columns * (double)all_rows->k;
  if (!tasks || work < 2 * TASK_WORK) {
    kernels->update(all_rows);
    return;
  }
  size_t step = ogi_max_size((size_t)(TASK_WORK / (double)(all_rows->columns * all_rows->k)) / 24, 4) * 24;
  for (size_t row = 0; row < all_rows->rows; row += step) {
    size_t rows = ogi_min_size(step, all_rows->rows - row);
    ogi_update beside = part_of(all_rows, row, rows, 0, all_rows->lower ? row : all_rows->columns);
    beside.lower = 0;
#pragma omp task firstprivate(beside)
    kernels->update(&beside);
    if (!all_rows->lower) continue;
    ogi_update diagonal = part_of(all_rows, row, rows, row, rows);
#pragma omp task firstprivate(diagonal)
    kernels->update(&diagonal);
  }
}

/* The part of the result that belongs to segments a (rows) and b (columns). */
static void update_pair(const ogi_kernels *kernels, const ogi_block *out, const segment *a, const segment *b, size_t k,
                        int tasks) {
  int pair = OGI_PAIR(a->group, b->group);
  if (out->y[pair] == NULL) return;
  ogi_update job = {.out_columns = out->g[b->group], .rows = a->size, .columns = b->size, .k = k, .x = a->x,
                       .y = b->x, .lower = a == b};
  job.out = out->y[pair] + a->at * job.out_columns + 8 * b->at;
  if (a->part == b->part) {
    job.in = a->part->y[pair];
    job.in_columns = a->part->g[b->group];
  }
  run_job(kernels, &job, tasks);
}

static void wait_if(int tasks) {
  if (!tasks) return;
#pragma omp taskwait
}

void ogi_block_eliminate(const ogi_kernels *kernels, const ogi_block *out, const ogi_block *a, int ea,
                         const ogi_block *b, int eb, double *scratch, int tasks) {
  size_t k = a->g[ea];
  segment segments[2 * OGI_GROUPS];
  double *s = a->y[OGI_PAIR(ea, ea)], *inverse = scratch;
  scratch += k;
  if (b != NULL) {
    kernels->add(scratch, s, b->y[OGI_PAIR(eb, eb)], k);
    s = scratch;
    scratch += k * k;
  }
  int count = list_segments(kernels, segments, a, ea, b, eb, scratch);
  kernels->factor(s, k, inverse);
  for (int p = 0; p < count; p++) solve_segment(kernels, &segments[p], s, inverse, k, tasks);
  wait_if(tasks);
  for (int q = 0; q < count; q++)
    for (int p = q; p < count; p++) update_pair(kernels, out, &segments[p], &segments[q], k, tasks);
  wait_if(tasks);
}

double *ogi_block_element(const ogi_block *block, int a, int b, size_t i, size_t j) {
  return block->y[OGI_PAIR(a, b)] + (i / 8 * block->g[b] + j) * 8 + i % 8;
}

void ogi_block_tie(const ogi_block *block, int e, int t, const double *siemens) {
  for (size_t i = 0; i < block->g[e]; i++) {
    *ogi_block_element(block, e, e, i, i) += siemens[i];
    *(e > t ? ogi_block_element(block, e, t, i, i) : ogi_block_element(block, t, e, i, i)) -= siemens[i];
    if (block->y[OGI_PAIR(t, t)] != NULL) *ogi_block_element(block, t, t, i, i) += siemens[i];
  }
}
