/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Leaves of 8 x 8 cells, eight at a time, one in each vector lane: 1 x 2 cells in closed form, then 2 x 2, 2 x 4, 4 x 4,
 * 4 x 8 and 8 x 8 by merges whose index tables say which numbers of the two parts meet. Symmetric matrices are lower
 * triangles here, row by row.
 */
#include <config.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "solve/ogi_merge.h"

enum { LEVELS = 6, MAX_K = 8, MAX_PORTS = 32 };
#define TRIANGLE(p) ((p) * ((p) + 1) / 2)

/* How two equal blocks become one: eliminate the k ports they share, keep n. Entries are indices into the two lower
   triangles that stand one after the other; the place after them holds zero. */
typedef struct level {
  int height, width; /* cells of the block that results                              */
  int k, n;
  int shared[MAX_K][MAX_K][2];      /* S = first + second                             */
  int coupling[MAX_PORTS][MAX_K];   /* C: port that stays, port that goes             */
  int stay[MAX_PORTS][MAX_PORTS];   /* ports that stay                                */
} level;

struct ogi_leaf_plan {
  level levels[LEVELS + 1]; /* [1] is the closed form: only its shape is used */
};

struct ogi_leaf_work {
  ogi_v8 cell[3][OGI_LEAF_CELLS];                        /* cell, left, below                          */
  ogi_v8 part1[2 * TRIANGLE(6) + 1], part2[2 * TRIANGLE(8) + 1], part3[2 * TRIANGLE(12) + 1];
  ogi_v8 part4[2 * TRIANGLE(16) + 1], part5[2 * TRIANGLE(24) + 1];
  ogi_v8 leaf[TRIANGLE(32)];
};

static int lower(int i, int j) { return i >= j ? TRIANGLE(i) + j : TRIANGLE(j) + i; }

/* A port of the merged block: which part it comes from, and its number there. */
typedef struct port {
  int owner, index;
} port;

/* First port of each group in a block. */
static int group_start(int height, int width, int group) {
  const int start[OGI_GROUPS] = {0, height, height + width, height + 2 * width};
  return start[group];
}

/* Ports of group g that stay: both parts keep the groups along the cut, one keeps each group across it. */
static int add_ports(port *ports, int count, const level *part, int group, int side_by_side) {
  int across = side_by_side ? group == OGI_L || group == OGI_R : group == OGI_T || group == OGI_D;
  int size = group == OGI_L || group == OGI_R ? part->height : part->width;
  for (int owner = 0; owner < 2; owner++) {
    int kept_by = group == OGI_L || group == OGI_T ? 0 : 1;
    if (across && owner != kept_by) continue;
    for (int i = 0; i < size; i++)
      ports[count++] = (port){owner, group_start(part->height, part->width, group) + i};
  }
  return count;
}

static void make_level(level *out, const level *part, int side_by_side) {
  int h = part->height, w = part->width, size = TRIANGLE(2 * (h + w)), count = 0;
  port ports[MAX_PORTS];
  out->height = side_by_side ? h : 2 * h;
  out->width = side_by_side ? 2 * w : w;
  out->k = side_by_side ? h : w;
  for (int g = 0; g < OGI_GROUPS; g++) count = add_ports(ports, count, part, g, side_by_side);
  out->n = count;
  int gone[2] = {group_start(h, w, side_by_side ? OGI_R : OGI_D), group_start(h, w, side_by_side ? OGI_L : OGI_T)};
  for (int i = 0; i < out->k; i++)
    for (int j = 0; j < out->k; j++)
      for (int o = 0; o < 2; o++) out->shared[i][j][o] = o * size + lower(gone[o] + i, gone[o] + j);
  for (int i = 0; i < count; i++) {
    port p = ports[i];
    for (int j = 0; j < out->k; j++) out->coupling[i][j] = p.owner * size + lower(p.index, gone[p.owner] + j);
    for (int j = 0; j < count; j++)
      out->stay[i][j] = p.owner == ports[j].owner ? p.owner * size + lower(p.index, ports[j].index) : 2 * size;
  }
}

ogi_leaf_plan *ogi_leaf_plan_create(void) {
  ogi_leaf_plan *plan = ogi_alloc(1, sizeof *plan);
  if (plan == NULL) return NULL;
  plan->levels[1].height = 1;
  plan->levels[1].width = 2;
  for (int l = 2; l <= LEVELS; l++) make_level(&plan->levels[l], &plan->levels[l - 1], l % 2);
  return plan;
}

ogi_leaf_work *ogi_leaf_work_create(void) { return ogi_alloc(1, sizeof(ogi_leaf_work)); }

/* ---- arithmetic ---- */

/*
 * Two cells side by side. Ports L, T0, T1, D0, D1, R; the word node W0 between them is eliminated:
 *     a = left segment of cell 0, b = segment between the cells, s = a + b + g0      [S]
 *     star to mesh:  Y_LT0 = -a g0 / s,  Y_LR = -a b / s,  Y_T0R = -g0 b / s,  and the diagonals are sums of them.
 */
OGI_INLINE void two_cells(const ogi_v8 *g, const ogi_v8 *left, const ogi_v8 *below, ogi_v8 *y) {
  ogi_v8 a = left[0], b = left[1], s = 1 / (a + b + g[0]), as = a * s, bs = b * s;
  ogi_v8 lt = as * g[0], lr = as * b, tr = bs * g[0];
  for (int i = 0; i < TRIANGLE(6); i++) y[i] = (ogi_v8){0};
  y[TRIANGLE(0) + 0] = lt + lr;
  y[TRIANGLE(1) + 0] = -lt;
  y[TRIANGLE(1) + 1] = lt + tr + below[0];
  y[TRIANGLE(2) + 2] = g[1] + below[1];
  y[TRIANGLE(3) + 1] = -below[0];
  y[TRIANGLE(3) + 3] = below[0];
  y[TRIANGLE(4) + 2] = -below[1];
  y[TRIANGLE(4) + 4] = below[1];
  y[TRIANGLE(5) + 0] = -lr;
  y[TRIANGLE(5) + 1] = -tr;
  y[TRIANGLE(5) + 2] = -g[1];
  y[TRIANGLE(5) + 5] = g[1] + lr + tr;
}

/* S = L D L^T with unit L below the diagonal of s; inverse: 1 / D. */
OGI_INLINE void factor(const int k, ogi_v8 *s, ogi_v8 *inverse) {
  for (int j = 0; j < k; j++) {
    ogi_v8 d = s[j * k + j];
    for (int c = 0; c < j; c++) {
      ogi_v8 l = s[j * k + c] * inverse[c];
      d -= l * s[j * k + c];
      s[j * k + c] = l;
    }
    inverse[j] = 1 / d;
    for (int i = j + 1; i < k; i++) {
      ogi_v8 sum = s[i * k + j];
      for (int c = 0; c < j; c++) sum -= s[i * k + c] * s[j * k + c];
      s[i * k + j] = sum;
    }
  }
}

/* Four rows of X = C L^-T and of X D^-1, stored [column][row]. */
OGI_INLINE void solve_four(const int k, const level *l, const ogi_v8 *y, int row, const ogi_v8 *s,
                           const ogi_v8 *inverse, ogi_v8 *x, ogi_v8 *z) {
  for (int j = 0; j < k; j++) {
    ogi_v8 sum[4];
    OGI_UNROLL for (int r = 0; r < 4; r++) sum[r] = y[l->coupling[row + r][j]];
    for (int c = 0; c < j; c++)
      OGI_UNROLL for (int r = 0; r < 4; r++) sum[r] -= x[4 * c + r] * s[j * k + c];
    OGI_UNROLL for (int r = 0; r < 4; r++) x[4 * j + r] = sum[r];
    OGI_UNROLL for (int r = 0; r < 4; r++) z[4 * j + r] = sum[r] * inverse[j];
  }
}

/* A 4 x 4 square of Y - X D^-1 X^T, of which the lower triangle of the matrix is stored. */
OGI_INLINE void update_four(const int k, const level *l, const ogi_v8 *y, int i0, int j0, const ogi_v8 *x,
                            const ogi_v8 *z, ogi_v8 *out) {
  ogi_v8 sum[4][4];
  OGI_UNROLL for (int i = 0; i < 4; i++)
    OGI_UNROLL for (int j = 0; j < 4; j++) sum[i][j] = y[l->stay[i0 + i][j0 + j]];
  for (int c = 0; c < k; c++)
    OGI_UNROLL for (int i = 0; i < 4; i++)
      OGI_UNROLL for (int j = 0; j < 4; j++) sum[i][j] -= x[4 * c + i] * z[4 * c + j];
  if (j0 < i0) {
    OGI_UNROLL for (int i = 0; i < 4; i++)
      OGI_UNROLL for (int j = 0; j < 4; j++) out[TRIANGLE(i0 + i) + j0 + j] = sum[i][j];
  } else {
    OGI_UNROLL for (int i = 0; i < 4; i++)
      OGI_UNROLL for (int j = 0; j <= i; j++) out[TRIANGLE(i0 + i) + j0 + j] = sum[i][j];
  }
}

OGI_INLINE void merge(const int k, const level *l, const ogi_v8 *y, ogi_v8 *out) {
  ogi_v8 s[MAX_K * MAX_K], inverse[MAX_K], x[MAX_PORTS * MAX_K], z[MAX_PORTS * MAX_K];
  for (int i = 0; i < k; i++)
    for (int j = 0; j <= i; j++) s[i * k + j] = y[l->shared[i][j][0]] + y[l->shared[i][j][1]];
  factor(k, s, inverse);
  for (int r = 0; r < l->n; r += 4) solve_four(k, l, y, r, s, inverse, x + r * k, z + r * k);
  for (int i = 0; i < l->n; i += 4)
    for (int j = 0; j <= i; j += 4) update_four(k, l, y, i, j, x + i * k, z + j * k, out);
}

OGI_HOT static void merge_level(const level *l, const ogi_v8 *y, ogi_v8 *out) {
  if (l->k == 2) merge(2, l, y, out);
  else if (l->k == 4) merge(4, l, y, out);
  else merge(8, l, y, out);
}

OGI_HOT static void first_level(const ogi_leaf_work *w, int i, int j, ogi_v8 *y) {
  int at = i * OGI_LEAF + j;
  two_cells(w->cell[0] + at, w->cell[1] + at, w->cell[2] + at, y);
}

/* The block of this level whose first cell is (i,j). */
static void build(const ogi_leaf_plan *plan, ogi_leaf_work *w, int l, int i, int j, ogi_v8 *out) {
  if (l == 1) {
    first_level(w, i, j, out);
    return;
  }
  ogi_v8 *const parts[LEVELS] = {NULL, w->part1, w->part2, w->part3, w->part4, w->part5};
  const level *part = &plan->levels[l - 1];
  int ports = 2 * (part->height + part->width);
  build(plan, w, l - 1, i, j, parts[l - 1]);
  build(plan, w, l - 1, l % 2 ? i : i + part->height, l % 2 ? j + part->width : j, parts[l - 1] + TRIANGLE(ports));
  merge_level(&plan->levels[l], parts[l - 1], out);
}

/* Eight leaves with 64 numbers each -> 64 vectors of eight lanes. */
OGI_HOT static void gather(ogi_v8 *out, const double *const in[OGI_V]) {
  for (int row = 0; row < OGI_LEAF_CELLS; row += 8) {
    ogi_v8 square[8];
    for (int lane = 0; lane < OGI_V; lane++) square[lane] = *(const ogi_v8 *)(const void *)(in[lane] + row);
    ogi_v8_transpose(out + row, square);
  }
}

/* Column by column of each 8 x 8 rectangle; above the diagonal of (a,a) the triangle is mirrored. */
OGI_HOT static void scatter(const ogi_v8 *leaf, double *const y[OGI_V]) {
  for (int a = 0; a < OGI_GROUPS; a++)
    for (int b = 0; b <= a; b++)
      for (int j = 0; j < 8; j++) {
        ogi_v8 in[8], out[8];
        for (int i = 0; i < 8; i++) {
          int p = 8 * a + i, q = 8 * b + j;
          in[i] = leaf[p >= q ? TRIANGLE(p) + q : TRIANGLE(q) + p];
        }
        ogi_v8_transpose(out, in);
        int at = OGI_PAIR(a, b) * 64 + 8 * j;
        for (int lane = 0; lane < OGI_V; lane++) *(ogi_v8 *)(void *)(y[lane] + at) = out[lane];
      }
}

void ogi_leaf_reduce(const ogi_leaf_plan *plan, ogi_leaf_work *work, const double *const cell[OGI_V],
                     const double *const left[OGI_V], const double *const below[OGI_V], double *const y[OGI_V]) {
  gather(work->cell[0], cell);
  gather(work->cell[1], left);
  gather(work->cell[2], below);
  build(plan, work, LEVELS, 0, 0, work->leaf);
  scatter(work->leaf, y);
}
