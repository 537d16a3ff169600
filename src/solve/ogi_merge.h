/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_merge.h
 * Parts of the port merging engine that its files share (merge*.c).
 *
 * Blocks. A block is a rectangle of leaves (8 x 8 cells each) reduced to the admittance Y [S] between its ports, in
 * four groups: L word nodes left of it, T its own top bit nodes, D bit nodes below it, R its own last word nodes. It
 * owns the segment on the left of each cell and the segment below each cell. At the array's edge L is the source and D
 * the sense node.
 *
 * Strips. Y is kept as one rectangle for each pair of groups (a,b), a >= b, in strips of eight rows: element (i,j) of a
 * rectangle with c columns stands at [(i/8 * c + j) * 8 + i%8], so that every inner loop runs through memory in order.
 * All extents are multiples of 8. Of a rectangle (a,a) only the 8 x 8 squares on and below the diagonal are valid.
 */
#ifndef OGI_MERGE_H
#define OGI_MERGE_H

#include <stddef.h>

#include "array/ogi_nodes.h"

enum { OGI_LEAF = 8, OGI_REGION = 8 }; /* cells in a leaf's side; leaves in a region's side */

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
  float *cost;            /**< floating-point operations for each (height, width, edges touched)  */
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

/* ---- merge_leaf.c: index tables of the merges inside a leaf, one leaf in each vector lane ---- */

#define OGI_TRIANGLE(p) ((p) * ((p) + 1) / 2)
enum {
  OGI_LEAF_LEVELS = 6, /* 1 x 2, 2 x 2, 2 x 4, 4 x 4, 4 x 8, 8 x 8 cells */
  OGI_LEAF_CELLS = OGI_LEAF * OGI_LEAF,
  OGI_LEAF_SIZE = OGI_PAIRS * OGI_LEAF_CELLS,
  OGI_LEAF_K = 8,
  OGI_LEAF_PORTS = 32
};

/** How two equal blocks become one: eliminate the k ports they share, keep n. Entries are indices into the two lower
    triangles that stand one after the other; the place after them holds zero. */
typedef struct ogi_level {
  int height, width;                          /**< cells of the block that results       */
  int k, n;
  int shared[OGI_LEAF_K][OGI_LEAF_K][2];      /**< S = first + second                     */
  int coupling[OGI_LEAF_PORTS][OGI_LEAF_K];   /**< C: port that stays, port that goes     */
  int stay[OGI_LEAF_PORTS][OGI_LEAF_PORTS];   /**< between ports that stay                */
} ogi_level;

typedef struct ogi_leaf_plan {
  ogi_level levels[OGI_LEAF_LEVELS + 1]; /**< [1] is a closed form: only its shape is used */
} ogi_leaf_plan;

void ogi_leaf_plan_init(ogi_leaf_plan *plan);

/* ---- merge_kernels.h: the arithmetic, compiled for several vector widths ---- */

/** out = in - x y^T, in strips. */
typedef struct ogi_update {
  double *out;           /**< rows x columns, part of a rectangle with out_columns columns      */
  size_t out_columns;
  const double *in;      /**< the same of a rectangle with in_columns columns; NULL: zero       */
  size_t in_columns;
  const double *x, *y;   /**< rows x k, columns x k                                             */
  size_t rows, columns, k;
  int lower;             /**< 1: only squares on and below the diagonal (x == y)                */
} ogi_update;

typedef struct ogi_kernels {
  size_t lanes;     /**< leaves reduced at a time, <= OGI_LANES_MAX */
  size_t work_size; /**< [bytes] of work space for leaf, 64-byte aligned */
  /** Reduce lanes leaves. cell, left, below: conductances [S] of the cells, of the segments on their left and below
      them, for each leaf 8 x 8 row-major; y: for each leaf its ten 8 x 8 rectangles. All 64-byte aligned. */
  void (*leaf)(const ogi_leaf_plan *plan, void *work, const double *const *cell, const double *const *left,
               const double *const *below, double *const *y);
  /** sum = a + b, k x k, squares on and below the diagonal. */
  void (*add)(double *sum, const double *a, const double *b, size_t k);
  /** out (columns x rows) = in (rows x columns) transposed. */
  void (*transpose)(double *out, const double *in, size_t rows, size_t columns);
  /** Cholesky factor of s (k x k) in place; inverse[j] = 1 / L(j,j). */
  void (*factor)(double *s, size_t k, double *inverse);
  /** x = x L^-T, x: rows x k. */
  void (*solve)(double *x, size_t rows, const double *factor, const double *inverse, size_t k);
  void (*update)(const ogi_update *job);
} ogi_kernels;

enum { OGI_LANES_MAX = 8 };
extern const ogi_kernels ogi_kernels_plain;
#if defined(HAVE_TARGET_CLONES) && !defined(OGI_NO_CLONES)
#define OGI_MERGE_X86 1 /**< what dispatches OGI_HOT dispatches these, too */
extern const ogi_kernels ogi_kernels_avx2, ogi_kernels_avx512;
#endif

/* ---- merge_join.c: one elimination ---- */

/**
 * out = a without group ea, or a and b without the ports that group ea of a and group eb of b have in common.
 * @param[in,out] a, b     overwritten; b may be NULL
 * @param[in]     scratch  ogi_block_scratch doubles
 * @param[in]     tasks    1: called by one thread of a team, which the others help
 */
void ogi_block_eliminate(const ogi_kernels *kernels, const ogi_block *out, const ogi_block *a, int ea,
                         const ogi_block *b, int eb, double *scratch, int tasks);
/** Add a conductance [S] from each port of group e to the same line's terminal in group t. */
void ogi_block_tie(const ogi_block *block, int e, int t, const double *siemens);
/** Element (i,j) of the rectangle of groups a >= b. */
double *ogi_block_element(const ogi_block *block, int a, int b, size_t i, size_t j);

struct ogi_merge;
/** For tests: other kernels than the processor's best. Before the first reduction only. */
void ogi_merge_use(struct ogi_merge *merge, const ogi_kernels *kernels);

#endif
