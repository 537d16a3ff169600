/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_merge.h
 * Parts of the port merging engine that its files share (merge.c, merge_plan.c, merge_leaf.c, merge_dense.c).
 *
 * Blocks. A block is a rectangle of leaves (8 x 8 cells each) reduced to the admittance Y [S] between its ports, in four
 * groups: L word nodes left of it, T its own top bit nodes, D bit nodes below it, R its own last word nodes. It owns the
 * segment on the left of each cell and the segment below each cell. At the array's edge L is the source and D the
 * sense node.
 *
 * Strips. Y is kept as one rectangle for each pair of groups (a,b), a >= b, in strips of eight rows: element (i,j) of a
 * rectangle with c columns stands at [(i/8 * c + j) * 8 + i%8], so that every inner loop runs through memory in order.
 * All extents are multiples of 8. Of a rectangle (a,a) only the 8 x 8 squares on and below the diagonal are valid.
 */
#ifndef OGI_MERGE_H
#define OGI_MERGE_H

#include <stddef.h>

#include "array/ogi_nodes.h"

enum { OGI_V = 8, OGI_LEAF = 8, OGI_REGION = 8 }; /* lanes; cells in a leaf's side; leaves in a region's side */
typedef double ogi_v8 __attribute__((vector_size(64)));

#define OGI_INLINE static inline __attribute__((always_inline))
#ifdef __clang__
#define OGI_UNROLL _Pragma("clang loop unroll(full)")
#else
#define OGI_UNROLL _Pragma("GCC unroll 8")
#endif

enum { OGI_L, OGI_T, OGI_D, OGI_R, OGI_GROUPS, OGI_PAIRS = 10 };
#define OGI_PAIR(a, b) ((a) * ((a) + 1) / 2 + (b)) /**< index of the rectangle of groups a >= b */

typedef struct ogi_block {
  size_t g[OGI_GROUPS];   /**< ports in each group; 0: eliminated         */
  double *y[OGI_PAIRS];   /**< NULL: a group is empty, or nobody wants it */
} ogi_block;

/* ---- merge_plan.c: where to cut, and how much memory that takes ---- */

/** Rows i0 .. i1-1 and columns j0 .. j1-1 of leaves. */
typedef struct ogi_rect {
  size_t i0, i1, j0, j1;
} ogi_rect;

typedef struct ogi_cuts {
  size_t rows, columns;   /**< leaves                                                              */
  int tie_right, tie_top; /**< lines have a terminal at their second end too                       */
  float *cost;            /**< multiply-adds for each (height, width, edges touched)               */
  int *cut;               /**< the best first cut: > 0 after that many columns, < 0 rows, 0 none   */
} ogi_cuts;

/** rows, columns and ties are set. @retval OG_E_NOMEM */
og_status ogi_cuts_create(ogi_cuts *cuts, og_error *err);
void ogi_cuts_clear(ogi_cuts *cuts);
int ogi_cuts_find(const ogi_cuts *cuts, const ogi_rect *rect);
double ogi_cuts_cost(const ogi_cuts *cuts);
/** The two parts of rect. */
void ogi_rect_cut(const ogi_rect *rect, int cut, ogi_rect *a, ogi_rect *b);
/** Groups (bits 1 << OGI_R, 1 << OGI_T) that are to be eliminated right after rect has been formed by this cut. */
int ogi_cuts_closing(const ogi_cuts *cuts, const ogi_rect *rect, int cut);
/**
 * Groups of rect while the groups in waiting are still there, and its rectangles from base on (base NULL: sizes only).
 * @param  keep  bits 1 << OGI_L, 1 << OGI_D: the rectangle (L,L) or (D,D) of terminals is wanted
 * @return doubles taken
 */
size_t ogi_block_lay(ogi_block *block, const ogi_cuts *cuts, const ogi_rect *rect, int waiting, int keep, double *base);
/** Doubles of scratch to eliminate group ea of a, joined with group eb of b (NULL: nothing is joined). */
size_t ogi_block_scratch(const ogi_block *a, int ea, const ogi_block *b, int eb);

/* ---- merge_leaf.c: eight leaves at a time, one in each vector lane ---- */

typedef struct ogi_leaf_plan ogi_leaf_plan; /**< index tables, constant after create       */
typedef struct ogi_leaf_work ogi_leaf_work; /**< one per thread: cells in, admittances out */
enum { OGI_LEAF_CELLS = OGI_LEAF * OGI_LEAF, OGI_LEAF_SIZE = OGI_PAIRS * OGI_LEAF_CELLS };

ogi_leaf_plan *ogi_leaf_plan_create(void); /**< NULL when out of memory; release with ogi_free */
ogi_leaf_work *ogi_leaf_work_create(void); /**< NULL when out of memory; release with ogi_free */
/**
 * Reduce eight leaves.
 * @param[in]  cell, left, below  conductances [S] of the cells, of the segments on their left and below them, for each
 *                                leaf 8 x 8 row-major, 64-byte aligned
 * @param[out] y                  for each leaf its ten 8 x 8 rectangles, OGI_LEAF_SIZE doubles
 */
void ogi_leaf_reduce(const ogi_leaf_plan *plan, ogi_leaf_work *work, const double *const cell[OGI_V],
                     const double *const left[OGI_V], const double *const below[OGI_V], double *const y[OGI_V]);

/* ---- merge_dense.c: arithmetic on strips ---- */

/** sum = a + b, k x k, lower 8 x 8 squares. */
void ogi_dense_add(double *sum, const double *a, const double *b, size_t k);
/** Square by square: out (columns x rows) = in (rows x columns) transposed. */
void ogi_dense_transpose(double *out, const double *in, size_t rows, size_t columns);
/** Cholesky factor of s (k x k) in place; inverse[j] = 1 / L(j,j). */
void ogi_dense_factor(double *s, size_t k, double *inverse);
/** x = x L^-T, x: rows x k. */
void ogi_dense_solve(double *x, size_t rows, const double *factor, const double *inverse, size_t k);

/** out = in - x y^T. */
typedef struct ogi_dense_job {
  double *out;           /**< rows x columns, part of a rectangle with out_columns columns      */
  size_t out_columns;
  const double *in;      /**< the same of a rectangle with in_columns columns; NULL: zero       */
  size_t in_columns;
  const double *x, *y;   /**< rows x k, columns x k                                             */
  size_t rows, columns, k;
  int lower;             /**< 1: only squares on and below the diagonal (x == y)                */
} ogi_dense_job;
void ogi_dense_update(const ogi_dense_job *job);

/** Transpose eight vectors. */
OGI_INLINE void ogi_v8_transpose(ogi_v8 *out, const ogi_v8 *in) {
#if defined(__has_builtin) && __has_builtin(__builtin_shufflevector)
#define OGI_EVEN(a, b) __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14)
#define OGI_ODD(a, b) __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15)
#define OGI_EVEN2(a, b) __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define OGI_ODD2(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#define OGI_LOW(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11)
#define OGI_HIGH(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15)
  ogi_v8 p[8], q[8];
  OGI_UNROLL for (int i = 0; i < 8; i += 2) {
    p[i] = OGI_EVEN(in[i], in[i + 1]);
    p[i + 1] = OGI_ODD(in[i], in[i + 1]);
  }
  OGI_UNROLL for (int i = 0; i < 8; i++) q[i] = i & 2 ? OGI_ODD2(p[i - 2], p[i]) : OGI_EVEN2(p[i], p[i + 2]);
  OGI_UNROLL for (int i = 0; i < 8; i++) out[i] = i & 4 ? OGI_HIGH(q[i - 4], q[i]) : OGI_LOW(q[i], q[i + 4]);
#undef OGI_EVEN
#undef OGI_ODD
#undef OGI_EVEN2
#undef OGI_ODD2
#undef OGI_LOW
#undef OGI_HIGH
#else
  for (int i = 0; i < 8; i++)
    for (int j = 0; j < 8; j++) out[i][j] = in[j][i];
#endif
}

#endif
