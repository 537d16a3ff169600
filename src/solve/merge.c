/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Exact reduction of an array to its terminals by hierarchical port merging. The array is cut in two again and again,
 * down to leaves of 8 x 8 cells; then neighbours merge by eliminating the k nodes they share:
 *     S = Y1_ee + Y2_ee,   C = [Y1_pe; Y2_pe],   Y = diag(Y1_pp, Y2_pp) - C S^-1 C^T            [S]
 * With S = L L^T and X = C L^-T that is Y - X X^T. At the end only sources and sense nodes are ports, and
 *     G_eff(i,j) = -Y(sense j, source i) >= 0,   Y_source = Y(L,L),   Y_sense = Y(D,D)          [S]
 * C and the off-diagonals of L and Y are never positive (each Y is the matrix of a resistor network), so off-diagonals
 * are sums of one sign: no cancellation. Diagonals of the result are sums of off-diagonals, not what rounding left.
 *
 * Orientation. Inside, lines are driven on the left and sensed at the bottom; other arrays are mirrored. A second
 * terminal of the same line is tied to its first as soon as one block spans the line. Rows are filled up on top and
 * columns on the right with cells of 0 S, which changes nothing: their lines carry no current, or, where the end beyond
 * them has a terminal, their segments in series make up the end's resistance.
 */
#include <config.h>

#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "solve/ogi_merge.h"
#include "solve/ogi_solve.h"

enum { MAX_DEPTH = 7, REGION_LEAVES = OGI_REGION * OGI_REGION, STUBS = 2 * OGI_LEAF_CELLS };

/* What one thread needs besides its part of the stack. */
typedef struct worker {
  void *leaf;    /* scratch of kernels->leaf                        */
  double *store; /* the leaves of one region, OGI_LEAF_SIZE each      */
  double *cells; /* conductances of as many leaves as there are lanes */
} worker;

struct ogi_merge {
  size_t m, n, pad_rows, pad_columns;
  int flip_rows, flip_columns;
  double *stubs;                /* per leaf: 64 segments on the left of cells, 64 below them                  */
  double *tie_right, *tie_top;  /* between the last nodes of padded lines and a second terminal; 0: none      */
  ogi_cuts cuts;
  ogi_leaf_plan *leaves;
  const ogi_kernels *kernels;
  worker *workers;
  size_t worker_count;
  double *stack;
  size_t stack_size;            /* doubles                                                                    */
};

/*
 * The top of the tree of cuts, when threads work inside one array. Its nodes are numbered as in a heap: 1, then 2 and
 * 3, ...; node t has the halves 2 t and 2 t + 1. First all sequential halves are formed at the same time, then one node
 * after the other is merged with the arithmetic of each elimination spread over the threads.
 */
typedef struct top {
  size_t nodes;                     /* numbers below are nodes; from here on halves are sequential               */
  size_t apart[1 << MAX_DEPTH];     /* [doubles] how far the second half of a node stands above the first        */
  ogi_block block[2 << MAX_DEPTH];  /* a sequential half that has been formed                                    */
  size_t size[2 << MAX_DEPTH];      /* what it takes of the stack                                                */
  int planting;                     /* 1 while the halves are being formed                                       */
} top;

/* One reduction under way. */
typedef struct run {
  const ogi_merge *merge;
  top *top;        /* NULL: one thread for each array                        */
  const double *g;
  double *stack;
  int keep;        /* bits 1 << OGI_L, 1 << OGI_D: terminals that are wanted */
} run;

static size_t thread_number(void) {
#ifdef _OPENMP
  return (size_t)omp_get_thread_num();
#else
  return 0;
#endif
}

static size_t thread_count(void) {
#ifdef _OPENMP
  return omp_in_parallel() ? 1 : (size_t)omp_get_max_threads();
#else
  return 1;
#endif
}

static const ogi_kernels *kernels_of_processor(void) {
#ifdef OGI_MERGE_X86
  if (__builtin_cpu_supports("avx512f")) return &ogi_kernels_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &ogi_kernels_avx2;
#endif
  return &ogi_kernels_plain;
}

/* ---- segments of the array as drawn, and as reduced ---- */

static double word_segment(const ogi_merge *m, const ogi_wires *w, size_t i, size_t j) {
  if (m->flip_rows) i = m->m - 1 - i;
  if (m->flip_columns) j = m->n - j;
  if (w->word_seg != NULL) return w->word_seg[i * (m->n + 1) + j];
  return j == 0 ? w->drive[0] : j == m->n ? w->drive[1] : w->word;
}

static double bit_segment(const ogi_merge *m, const ogi_wires *w, size_t i, size_t j) {
  if (m->flip_rows) i = m->m - i;
  if (m->flip_columns) j = m->n - 1 - j;
  if (w->bit_seg != NULL) return w->bit_seg[i * m->n + j];
  return i == 0 ? w->sense[0] : i == m->m ? w->sense[1] : w->bit;
}

static int any_right(const ogi_merge *m, const ogi_wires *w, size_t j) {
  for (size_t i = 0; i < m->m; i++)
    if (word_segment(m, w, i, j) > 0) return 1;
  return 0;
}

static int any_top(const ogi_merge *m, const ogi_wires *w, size_t i) {
  for (size_t j = 0; j < m->n; j++)
    if (bit_segment(m, w, i, j) > 0) return 1;
  return 0;
}

static void orient(ogi_merge *m, const ogi_wires *w) {
  m->flip_columns = !any_right(m, w, 0) && any_right(m, w, m->n);
  m->flip_rows = !any_top(m, w, m->m) && any_top(m, w, 0);
  m->cuts.tie_right = any_right(m, w, m->n);
  m->cuts.tie_top = any_top(m, w, 0);
}

/* Any conductance will do where no current flows; one of the array's own keeps rounding in proportion. */
static double largest(double a, double b) { return a > b ? a : b; }

static double typical_word(const ogi_merge *m, const ogi_wires *w) {
  double most = 0;
  for (size_t i = 0; i < m->m; i++)
    for (size_t j = 0; j <= m->n; j++) most = largest(most, word_segment(m, w, i, j));
  return most > 0 ? most : 1;
}

static double typical_bit(const ogi_merge *m, const ogi_wires *w) {
  double most = 0;
  for (size_t i = 0; i <= m->m; i++)
    for (size_t j = 0; j < m->n; j++) most = largest(most, bit_segment(m, w, i, j));
  return most > 0 ? most : 1;
}

static double *stub(ogi_merge *m, size_t i, size_t j) {
  size_t leaf = i / OGI_LEAF * m->cuts.columns + j / OGI_LEAF;
  return m->stubs + leaf * STUBS + i % OGI_LEAF * OGI_LEAF + j % OGI_LEAF;
}

/* Left segments. Added columns and the end beyond them share its resistance equally: each (count + 1) g. */
static void lay_words(ogi_merge *m, const ogi_wires *w) {
  size_t rows = m->m + m->pad_rows, columns = m->n + m->pad_columns;
  double typical = typical_word(m, w);
  for (size_t i = 0; i < rows; i++) {
    int real = i >= m->pad_rows;
    double end = real ? (double)(m->pad_columns + 1) * word_segment(m, w, i - m->pad_rows, m->n) : 0;
    m->tie_right[i] = end;
    for (size_t j = 0; j < columns; j++)
      *stub(m, i, j) = !real ? typical : j < m->n ? word_segment(m, w, i - m->pad_rows, j) : end > 0 ? end : typical;
  }
}

/* Segments below, the same way; added rows lie on top. */
static void lay_bits(ogi_merge *m, const ogi_wires *w) {
  size_t rows = m->m + m->pad_rows, columns = m->n + m->pad_columns;
  double typical = typical_bit(m, w);
  for (size_t j = 0; j < columns; j++) {
    int real = j < m->n;
    double end = real ? (double)(m->pad_rows + 1) * bit_segment(m, w, 0, j) : 0;
    m->tie_top[j] = end;
    for (size_t i = 0; i < rows; i++)
      stub(m, i, j)[OGI_LEAF_CELLS] =
          !real ? typical : i >= m->pad_rows ? bit_segment(m, w, i - m->pad_rows + 1, j) : end > 0 ? end : typical;
  }
}

/* ---- leaves ---- */

/* Conductances of one leaf; cells that were added are 0 S. */
static void read_leaf(const run *r, size_t leaf_row, size_t leaf_column, double *cell) {
  const ogi_merge *m = r->merge;
  for (size_t a = 0; a < OGI_LEAF; a++, cell += OGI_LEAF) {
    size_t i = leaf_row * OGI_LEAF + a, j = leaf_column * OGI_LEAF;
    size_t count = i < m->pad_rows || j >= m->n ? 0 : ogi_min_size(m->n - j, OGI_LEAF);
    if (count < OGI_LEAF) memset(cell, 0, OGI_LEAF * sizeof *cell);
    if (count == 0) continue;
    size_t row = m->flip_rows ? m->m - 1 - (i - m->pad_rows) : i - m->pad_rows;
    const double *g = r->g + row * m->n;
    if (m->flip_columns)
      for (size_t b = 0; b < count; b++) cell[b] = g[m->n - 1 - j - b];
    else memcpy(cell, g + j, count * sizeof *cell);
  }
}

/* All leaves of a region, as many at a time as there are lanes; those left over repeat the last leaf. */
static void fill_region(const run *r, const ogi_rect *rect, const worker *w) {
  const ogi_merge *m = r->merge;
  size_t width = rect->j1 - rect->j0, count = (rect->i1 - rect->i0) * width, lanes = m->kernels->lanes;
  for (size_t first = 0; first < count; first += lanes) {
    const double *cell[OGI_LANES_MAX], *left[OGI_LANES_MAX], *below[OGI_LANES_MAX];
    double *y[OGI_LANES_MAX];
    for (size_t lane = 0; lane < lanes; lane++) {
      size_t leaf = ogi_min_size(first + lane, count - 1), i = rect->i0 + leaf / width, j = rect->j0 + leaf % width;
      double *buffer = w->cells + lane * OGI_LEAF_CELLS;
      read_leaf(r, i, j, buffer);
      cell[lane] = buffer;
      left[lane] = m->stubs + (i * m->cuts.columns + j) * STUBS;
      below[lane] = left[lane] + OGI_LEAF_CELLS;
      y[lane] = w->store + leaf * OGI_LEAF_SIZE;
    }
    m->kernels->leaf(m->leaves, w->leaf, cell, left, below, y);
  }
}

/* A region whose leaves stand in a worker's store. */
typedef struct region {
  ogi_rect rect;
  double *store;
} region;

static void take_leaf(ogi_block *out, const region *from, const ogi_rect *rect) {
  size_t width = from->rect.j1 - from->rect.j0;
  double *y = from->store + ((rect->i0 - from->rect.i0) * width + rect->j0 - from->rect.j0) * OGI_LEAF_SIZE;
  for (int a = 0; a < OGI_GROUPS; a++) out->g[a] = OGI_LEAF;
  for (int p = 0; p < OGI_PAIRS; p++) out->y[p] = y + p * OGI_LEAF_CELLS;
}

/* ---- the tree ---- */

static int is_region(const ogi_rect *rect) {
  return rect->i1 - rect->i0 <= OGI_REGION && rect->j1 - rect->j0 <= OGI_REGION;
}

/* The number of a half at the top of the tree; 0: it is formed by one thread. */
static size_t half_of(const run *r, size_t node, int second, const ogi_rect *rect) {
  size_t half = 2 * node + (size_t)second;
  return node > 0 && half < r->top->nodes && !is_region(rect) ? half : 0;
}

/* What eliminating goes on: the group that goes next, or -1. */
static int next_closing(const run *r, const ogi_rect *rect, int cut, int waiting) {
  int mask = ogi_cuts_closing(&r->merge->cuts, rect, cut) & ~waiting;
  return mask >> OGI_T & 1 ? OGI_T : mask >> OGI_R & 1 ? OGI_R : -1;
}

/* Stack that form takes [doubles]; size: what stays of it. Sets top->apart. */
static size_t peak(const run *r, size_t node, const ogi_rect *rect, int waiting, size_t *size) {
  const ogi_cuts *cuts = &r->merge->cuts;
  int cut = ogi_cuts_find(cuts, rect), group = next_closing(r, rect, cut, waiting);
  ogi_block out, a, b;
  ogi_rect ra, rb;
  size_t size_a, size_b;
  if (cut == 0 && group < 0) return *size = 0;
  *size = ogi_block_lay(&out, cuts, rect, waiting, r->keep, NULL);
  if (group >= 0) {
    size_t inner = peak(r, node, rect, waiting | 1 << group, &size_a);
    ogi_block_lay(&a, cuts, rect, waiting | 1 << group, r->keep, NULL);
    return *size + ogi_max_size(inner, size_a + ogi_block_scratch(&a, group, NULL, 0));
  }
  ogi_rect_cut(rect, cut, &ra, &rb);
  size_t peak_a = peak(r, half_of(r, node, 0, &ra), &ra, 0, &size_a);
  size_t peak_b = peak(r, half_of(r, node, 1, &rb), &rb, 0, &size_b);
  ogi_block_lay(&a, cuts, &ra, 0, r->keep, NULL);
  ogi_block_lay(&b, cuts, &rb, 0, r->keep, NULL);
  size_t apart = node > 0 ? peak_a : size_a;
  if (node > 0) r->top->apart[node] = apart;
  size_t scratch = ogi_block_scratch(&a, cut > 0 ? OGI_R : OGI_D, &b, cut > 0 ? OGI_L : OGI_T);
  return *size + ogi_max_size(peak_a, apart + ogi_max_size(peak_b, size_b + scratch));
}

static size_t form(const run *r, size_t node, const region *inside, const ogi_rect *rect, int waiting, double *base,
                   ogi_block *out);

static int is_planting(const run *r, size_t node) { return node > 0 && r->top->planting; }

/* Eliminate the group at the open or tied end of lines, once the rest of the rectangle is there. */
static size_t form_closed(const run *r, size_t node, const region *inside, const ogi_rect *rect, int waiting,
                          int group, double *base, ogi_block *out) {
  const ogi_merge *m = r->merge;
  ogi_block a;
  size_t size = ogi_block_lay(out, &m->cuts, rect, waiting, r->keep, base);
  double *scratch = base + size + form(r, node, inside, rect, waiting | 1 << group, base + size, &a);
  if (is_planting(r, node)) return size;
  if (group == OGI_R && m->cuts.tie_right) ogi_block_tie(&a, OGI_R, OGI_L, m->tie_right + rect->i0 * OGI_LEAF);
  if (group == OGI_T && m->cuts.tie_top) ogi_block_tie(&a, OGI_T, OGI_D, m->tie_top + rect->j0 * OGI_LEAF);
  ogi_block_eliminate(m->kernels, out, &a, group, NULL, 0, scratch, node > 0);
  return size;
}

/* One half of a cut: formed here, started as a task, or taken from where that task has left it. */
static size_t form_half(const run *r, size_t node, int second, const region *inside, const ogi_rect *rect,
                        double *base, ogi_block *out) {
  size_t half = half_of(r, node, second, rect), number = 2 * node + (size_t)second;
  if (node == 0 || half > 0) return form(r, half, inside, rect, 0, base, out);
  top *t = r->top;
  if (t->planting) {
    ogi_rect own = *rect;
#pragma omp task firstprivate(own)
    t->size[number] = form(r, 0, NULL, &own, 0, base, &t->block[number]);
    return 0;
  }
  *out = t->block[number];
  return t->size[number];
}

static size_t form_merged(const run *r, size_t node, const region *inside, const ogi_rect *rect, int waiting, int cut,
                          double *base, ogi_block *out) {
  ogi_block a, b;
  ogi_rect ra, rb;
  ogi_rect_cut(rect, cut, &ra, &rb);
  size_t size = ogi_block_lay(out, &r->merge->cuts, rect, waiting, r->keep, base);
  size_t size_a = form_half(r, node, 0, inside, &ra, base + size, &a);
  double *base_b = base + size + (node > 0 ? r->top->apart[node] : size_a);
  double *scratch = base_b + form_half(r, node, 1, inside, &rb, base_b, &b);
  if (is_planting(r, node)) return size;
  ogi_block_eliminate(r->merge->kernels, out, &a, cut > 0 ? OGI_R : OGI_D, &b, cut > 0 ? OGI_L : OGI_T, scratch,
                      node > 0);
  return size;
}

/*
 * Block of a rectangle at base; what lies above is scratch. Groups in waiting are left standing.
 * Returns how many doubles the block takes.
 */
static size_t form(const run *r, size_t node, const region *inside, const ogi_rect *rect, int waiting, double *base,
                   ogi_block *out) {
  region here;
  if (inside == NULL && node == 0 && is_region(rect)) {
    const worker *w = &r->merge->workers[thread_number()]; /* no task starts or ends inside a region */
    fill_region(r, rect, w);
    here = (region){*rect, w->store};
    inside = &here;
  }
  int cut = ogi_cuts_find(&r->merge->cuts, rect), group = next_closing(r, rect, cut, waiting);
  if (group >= 0) return form_closed(r, node, inside, rect, waiting, group, base, out);
  if (cut != 0) return form_merged(r, node, inside, rect, waiting, cut, base, out);
  take_leaf(out, inside, rect);
  return 0;
}

/* ---- results ---- */

static ogi_rect whole(const ogi_merge *m) { return (ogi_rect){0, m->cuts.rows, 0, m->cuts.columns}; }

static size_t line_of(size_t i, size_t count, int flip) { return flip ? count - 1 - i : i; }

static void write_matrix(const ogi_merge *m, const ogi_block *y, double *g_eff) {
  for (size_t i = 0; i < m->m; i++) {
    double *row = g_eff + line_of(i, m->m, m->flip_rows) * m->n;
    const double *from = ogi_block_element(y, OGI_D, OGI_L, 0, i + m->pad_rows);
    for (size_t j = 0; j < m->n; j++)
      row[line_of(j, m->n, m->flip_columns)] = 0 - from[j / 8 * 8 * y->g[OGI_L] + j % 8]; /* no negative zero */
  }
}

/* One group of terminals among themselves. Off-diagonals come from the block; each diagonal is what makes the currents
   into all terminals sum to zero: the sum of the line's conductances to everything else. */
static void write_terminals(const ogi_block *y, int group, size_t first, size_t count, int flip, double *out) {
  for (size_t i = 0; i < count; i++)
    for (size_t j = 0; j < i; j++) {
      size_t p = line_of(i, count, flip), q = line_of(j, count, flip);
      out[p * count + q] = out[q * count + p] = *ogi_block_element(y, group, group, first + i, first + j);
    }
  for (size_t p = 0; p < count; p++) out[p * count + p] = 0;
}

static void sum_rows(double *y, size_t count) {
  for (size_t p = 0; p < count; p++) {
    double sum = y[p * count + p];
    for (size_t q = 0; q < count; q++)
      if (q != p) sum -= y[p * count + q];
    y[p * count + p] = sum;
  }
}

static void write_source(const ogi_merge *m, const ogi_block *y, const double *g_eff, double *y_source) {
  write_terminals(y, OGI_L, m->pad_rows, m->m, m->flip_rows, y_source);
  for (size_t i = 0; i < m->m; i++)
    for (size_t j = 0; j < m->n; j++) y_source[i * m->m + i] += g_eff[i * m->n + j];
  sum_rows(y_source, m->m);
}

static void write_sense(const ogi_merge *m, const ogi_block *y, const double *g_eff, double *y_sense) {
  write_terminals(y, OGI_D, 0, m->n, m->flip_columns, y_sense);
  for (size_t i = 0; i < m->m; i++)
    for (size_t j = 0; j < m->n; j++) y_sense[j * m->n + j] += g_eff[i * m->n + j];
  sum_rows(y_sense, m->n);
}

typedef struct results {
  double *g_eff, *y_source, *y_sense;
} results;

static void write_results(const run *r, const ogi_block *y, const results *out) {
  const ogi_merge *m = r->merge;
  write_matrix(m, y, out->g_eff);
  if (out->y_source != NULL) write_source(m, y, out->g_eff, out->y_source);
  if (out->y_sense != NULL) write_sense(m, y, out->g_eff, out->y_sense);
}

static void reduce_alone(const run *r, const results *out) {
  ogi_rect all = whole(r->merge);
  ogi_block y;
  form(r, 0, NULL, &all, 0, r->stack, &y);
  write_results(r, &y, out);
}

static void reduce_together(const run *r, const results *out) {
  ogi_rect all = whole(r->merge);
  ogi_block y;
  r->top->planting = 1;
  form(r, 1, NULL, &all, 0, r->stack, &y);
#pragma omp taskwait
  r->top->planting = 0;
  form(r, 1, NULL, &all, 0, r->stack, &y);
  write_results(r, &y, out);
}

/* ---- public ---- */

static void free_workers(worker *workers, size_t count) {
  for (size_t t = 0; workers != NULL && t < count; t++) {
    ogi_free(workers[t].leaf);
    ogi_free(workers[t].store);
    ogi_free(workers[t].cells);
  }
  ogi_free(workers);
}

static og_status grow_workers(ogi_merge *m, size_t count, og_error *err) {
  if (count <= m->worker_count) return OG_OK;
  worker *workers = ogi_alloc(count, sizeof *workers);
  int good = workers != NULL;
  for (size_t t = 0; good && t < count; t++) {
    workers[t].leaf = ogi_alloc(1, m->kernels->work_size);
    workers[t].store = ogi_alloc(REGION_LEAVES, OGI_LEAF_SIZE * sizeof(double));
    workers[t].cells = ogi_alloc(OGI_LANES_MAX, OGI_LEAF_CELLS * sizeof(double));
    good = workers[t].leaf != NULL && workers[t].store != NULL && workers[t].cells != NULL;
  }
  if (!good) {
    free_workers(workers, count);
    return ogi_fail(err, OG_E_NOMEM, "reduction: work space of %zu threads", count);
  }
  free_workers(m->workers, m->worker_count);
  m->workers = workers;
  m->worker_count = count;
  return OG_OK;
}

static og_status grow_stack(ogi_merge *m, size_t size, og_error *err) {
  if (size <= m->stack_size) return OG_OK;
  double *stack = ogi_alloc(size, sizeof *stack);
  if (stack == NULL)
    return ogi_fail(err, OG_E_NOMEM, "reduction: %zu x %zu cells need %.3g bytes", m->m, m->n, 8.0 * (double)size);
  ogi_free(m->stack);
  m->stack = stack;
  m->stack_size = size;
  return OG_OK;
}

og_status ogi_merge_create(ogi_merge **out, const og_array *array, const ogi_wires *wires, og_error *err) {
  og_status st = OG_OK;
  ogi_merge *m = ogi_alloc(1, sizeof *m);
  *out = NULL;
  if (m == NULL) return ogi_fail(err, OG_E_NOMEM, "reduction: plan");
  m->m = array->m;
  m->n = array->n;
  m->cuts.rows = ogi_ceil_div(m->m, OGI_LEAF);
  m->cuts.columns = ogi_ceil_div(m->n, OGI_LEAF);
  m->pad_rows = m->cuts.rows * OGI_LEAF - m->m;
  m->pad_columns = m->cuts.columns * OGI_LEAF - m->n;
  orient(m, wires);
  m->stubs = ogi_alloc(m->cuts.rows * m->cuts.columns, STUBS * sizeof *m->stubs);
  m->tie_right = ogi_alloc(m->cuts.rows, OGI_LEAF * sizeof *m->tie_right);
  m->tie_top = ogi_alloc(m->cuts.columns, OGI_LEAF * sizeof *m->tie_top);
  m->leaves = ogi_alloc(1, sizeof *m->leaves);
  m->kernels = kernels_of_processor();
  if (m->stubs == NULL || m->tie_right == NULL || m->tie_top == NULL || m->leaves == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "reduction: plan for %zu x %zu cells", m->m, m->n);
    goto done;
  }
  ogi_leaf_plan_init(m->leaves);
  lay_words(m, wires);
  lay_bits(m, wires);
  OGI_TRY(st, ogi_cuts_create(&m->cuts, err));
  *out = m;
  m = NULL;
done:
  ogi_merge_free(m);
  return st;
}

void ogi_merge_use(ogi_merge *m, const ogi_kernels *kernels) { m->kernels = kernels; }

/* Enough halves to keep all threads busy. */
static size_t top_nodes(size_t threads) {
  size_t nodes = 4;
  while (nodes < 4 * threads && nodes < 1 << MAX_DEPTH) nodes *= 2;
  return nodes;
}

static results result_of(const results *all, const ogi_merge *m, size_t c) {
  return (results){all->g_eff + c * m->m * m->n, all->y_source == NULL ? NULL : all->y_source + c * m->m * m->m,
                   all->y_sense == NULL ? NULL : all->y_sense + c * m->n * m->n};
}

static void reduce_batch(const run *first, size_t count, size_t threads, size_t step, const results *all) {
  const ogi_merge *m = first->merge;
  (void)threads; /* without OpenMP */
#pragma omp parallel for schedule(dynamic) num_threads((int)threads)
  for (size_t c = 0; c < count; c++) {
    run r = *first;
    results out = result_of(all, m, c);
    r.g += c * m->m * m->n;
    r.stack += thread_number() * step;
    reduce_alone(&r, &out);
  }
}

static void reduce_inside(const run *first, size_t count, size_t threads, const results *all) {
  const ogi_merge *m = first->merge;
  (void)threads; /* without OpenMP */
  for (size_t c = 0; c < count; c++) {
    run r = *first;
    results out = result_of(all, m, c);
    r.g += c * m->m * m->n;
#pragma omp parallel num_threads((int)threads)
#pragma omp single
    reduce_together(&r, &out);
  }
}

og_status ogi_merge_reduce(ogi_merge *m, size_t count, const double *g, double *g_eff, double *y_source,
                           double *y_sense, og_error *err) {
  og_status st = OG_OK;
  size_t threads = thread_count(), size;
  top shared = {.nodes = top_nodes(threads)};
  ogi_rect all = whole(m);
  int inside = threads > 1 && count < 2 * threads && !is_region(&all);
  results out = {g_eff, y_source, y_sense};
  run r = {.merge = m, .g = g, .top = inside ? &shared : NULL};
  if (!inside) threads = ogi_max_size(ogi_min_size(threads, count), 1);
  r.keep = (y_source != NULL) << OGI_L | (y_sense != NULL) << OGI_D;
  size_t step = peak(&r, inside, &all, 0, &size);
  OGI_TRY(st, grow_workers(m, threads, err));
  OGI_TRY(st, grow_stack(m, inside ? step : step * threads, err));
  r.stack = m->stack;
  if (inside) reduce_inside(&r, count, threads, &out);
  else reduce_batch(&r, count, threads, step, &out);
done:
  return st;
}

void ogi_merge_free(ogi_merge *m) {
  if (m == NULL) return;
  free_workers(m->workers, m->worker_count);
  ogi_free(m->stack);
  ogi_cuts_clear(&m->cuts);
  ogi_free(m->leaves);
  ogi_free(m->tie_top);
  ogi_free(m->tie_right);
  ogi_free(m->stubs);
  ogi_free(m);
}
