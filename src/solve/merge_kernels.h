/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The arithmetic of port merging for vectors of OGI_W doubles, a template for the three files that include it. They set
 *   OGI_W        doubles in a vector: 8, 4 or 2
 *   OGI_COLUMNS  columns of a register tile: 8, 4 or 2
 *   OGI_STRIPS   most strips of eight rows in a tile
 *   OGI_SIDE     of the squares inside a leaf: 4 or 2
 *   OGI_KERNEL   attribute of functions that are compiled for this processor
 *   OGI_NAME     of the table defined at the end
 * A tile's sums stay in registers: 24 of 32 with 512-bit vectors, 8 of 16 otherwise, enough to hide the latency of
 * multiply-adds. One vector type wider than the processor's will not do: compilers then keep the sums in memory,
 * which is thirty times slower.
 */
#include "base/ogi_num.h"
#include "solve/ogi_merge.h"

#define INLINE static inline __attribute__((always_inline))
#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif

typedef double vec __attribute__((vector_size(8 * OGI_W), may_alias));
enum { W = OGI_W, PARTS = 8 / W, COLUMNS = OGI_COLUMNS, STRIPS = OGI_STRIPS, SIDE = OGI_SIDE };
static const size_t CHUNK = 256 << 10; /* [bytes] of x that one pass over the columns keeps in the L2 cache */

INLINE vec *at(double *x) { return (vec *)(void *)x; }
INLINE const vec *cat(const double *x) { return (const vec *)(const void *)x; }

/* Numbers of a and b in this order; those of b count on from W. */
#ifdef __clang__
#define PICK(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef long long places __attribute__((vector_size(8 * OGI_W)));
#define PICK(a, b, ...) __builtin_shuffle(a, b, (places){__VA_ARGS__})
#endif

/* Transpose W vectors: squares of 1 x 1 change places within squares of 2 x 2, then those, then those of 4 x 4. */
INLINE void turn(vec *out, const vec *in) {
#if OGI_W == 8
  vec p[8], q[8];
  UNROLL for (int i = 0; i < 8; i += 2) {
    p[i] = PICK(in[i], in[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    p[i + 1] = PICK(in[i], in[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  UNROLL for (int i = 0; i < 8; i++)
    q[i] = i & 2 ? PICK(p[i - 2], p[i], 2, 3, 10, 11, 6, 7, 14, 15) : PICK(p[i], p[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
  UNROLL for (int i = 0; i < 8; i++)
    out[i] = i & 4 ? PICK(q[i - 4], q[i], 4, 5, 6, 7, 12, 13, 14, 15) : PICK(q[i], q[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
#elif OGI_W == 4
  vec even[2] = {PICK(in[0], in[1], 0, 4, 2, 6), PICK(in[2], in[3], 0, 4, 2, 6)};
  vec odd[2] = {PICK(in[0], in[1], 1, 5, 3, 7), PICK(in[2], in[3], 1, 5, 3, 7)};
  out[0] = PICK(even[0], even[1], 0, 1, 4, 5);
  out[1] = PICK(odd[0], odd[1], 0, 1, 4, 5);
  out[2] = PICK(even[0], even[1], 2, 3, 6, 7);
  out[3] = PICK(odd[0], odd[1], 2, 3, 6, 7);
#else
  vec first = PICK(in[0], in[1], 0, 2);
  out[1] = PICK(in[0], in[1], 1, 3);
  out[0] = first;
#endif
}

/* ---- leaves: one in each lane ---- */

typedef struct leaf_work {
  vec cell[3][OGI_LEAF_CELLS]; /* cell, left, below */
  vec part1[2 * OGI_TRIANGLE(6) + 1], part2[2 * OGI_TRIANGLE(8) + 1], part3[2 * OGI_TRIANGLE(12) + 1];
  vec part4[2 * OGI_TRIANGLE(16) + 1], part5[2 * OGI_TRIANGLE(24) + 1]; /* the last of each stays zero */
  vec leaf[OGI_TRIANGLE(32)];
} leaf_work;

/*
 * Two cells side by side. Ports L, T0, T1, D0, D1, R; the word node W0 between them is eliminated:
 *     a = left segment of cell 0, b = segment between the cells, s = a + b + g0      [S]
 *     star to mesh:  Y_LT0 = -a g0 / s,  Y_LR = -a b / s,  Y_T0R = -g0 b / s,  and the diagonals are sums of them.
 */
INLINE void two_cells(const vec *g, const vec *left, const vec *below, vec *y) {
  vec a = left[0], b = left[1], s = 1 / (a + b + g[0]), as = a * s, bs = b * s;
  vec lt = as * g[0], lr = as * b, tr = bs * g[0];
  for (int i = 0; i < OGI_TRIANGLE(6); i++) y[i] = (vec){0};
  y[OGI_TRIANGLE(0) + 0] = lt + lr;
  y[OGI_TRIANGLE(1) + 0] = -lt;
  y[OGI_TRIANGLE(1) + 1] = lt + tr + below[0];
  y[OGI_TRIANGLE(2) + 2] = g[1] + below[1];
  y[OGI_TRIANGLE(3) + 1] = -below[0];
  y[OGI_TRIANGLE(3) + 3] = below[0];
  y[OGI_TRIANGLE(4) + 2] = -below[1];
  y[OGI_TRIANGLE(4) + 4] = below[1];
  y[OGI_TRIANGLE(5) + 0] = -lr;
  y[OGI_TRIANGLE(5) + 1] = -tr;
  y[OGI_TRIANGLE(5) + 2] = -g[1];
  y[OGI_TRIANGLE(5) + 5] = g[1] + lr + tr;
}

/* S = L D L^T with unit L below the diagonal of s; inverse: 1 / D. */
INLINE void factor_lanes(const int k, vec *s, vec *inverse) {
  for (int j = 0; j < k; j++) {
    vec d = s[j * k + j];
    for (int c = 0; c < j; c++) {
      vec l = s[j * k + c] * inverse[c];
      d -= l * s[j * k + c];
      s[j * k + c] = l;
    }
    inverse[j] = 1 / d;
    for (int i = j + 1; i < k; i++) {
      vec sum = s[i * k + j];
      for (int c = 0; c < j; c++) sum -= s[i * k + c] * s[j * k + c];
      s[i * k + j] = sum;
    }
  }
}

/* A few rows of X = C L^-T and of X D^-1, stored [column][row]. */
INLINE void solve_rows(const int k, const ogi_level *l, const vec *y, int row, const vec *s,
                           const vec *inverse, vec *x, vec *z) {
  for (int j = 0; j < k; j++) {
    vec sum[SIDE];
    UNROLL for (int r = 0; r < SIDE; r++) sum[r] = y[l->coupling[row + r][j]];
    for (int c = 0; c < j; c++)
      UNROLL for (int r = 0; r < SIDE; r++) sum[r] -= x[SIDE * c + r] * s[j * k + c];
    UNROLL for (int r = 0; r < SIDE; r++) x[SIDE * j + r] = sum[r];
    UNROLL for (int r = 0; r < SIDE; r++) z[SIDE * j + r] = sum[r] * inverse[j];
  }
}

/* A square of Y - X D^-1 X^T, of which the lower triangle of the matrix is stored. */
INLINE void update_square(const int k, const ogi_level *l, const vec *y, int i0, int j0, const vec *x,
                            const vec *z, vec *out) {
  vec sum[SIDE][SIDE];
  UNROLL for (int i = 0; i < SIDE; i++)
    UNROLL for (int j = 0; j < SIDE; j++) sum[i][j] = y[l->stay[i0 + i][j0 + j]];
  for (int c = 0; c < k; c++)
    UNROLL for (int i = 0; i < SIDE; i++)
      UNROLL for (int j = 0; j < SIDE; j++) sum[i][j] -= x[SIDE * c + i] * z[SIDE * c + j];
  if (j0 < i0) {
    UNROLL for (int i = 0; i < SIDE; i++)
      UNROLL for (int j = 0; j < SIDE; j++) out[OGI_TRIANGLE(i0 + i) + j0 + j] = sum[i][j];
  } else {
    UNROLL for (int i = 0; i < SIDE; i++)
      UNROLL for (int j = 0; j <= i; j++) out[OGI_TRIANGLE(i0 + i) + j0 + j] = sum[i][j];
  }
}

INLINE void merge_lanes(const int k, const ogi_level *l, const vec *y, vec *out) {
  vec s[OGI_LEAF_K * OGI_LEAF_K], inverse[OGI_LEAF_K], x[OGI_LEAF_PORTS * OGI_LEAF_K], z[OGI_LEAF_PORTS * OGI_LEAF_K];
  for (int i = 0; i < k; i++)
    for (int j = 0; j <= i; j++) s[i * k + j] = y[l->shared[i][j][0]] + y[l->shared[i][j][1]];
  factor_lanes(k, s, inverse);
  for (int r = 0; r < l->n; r += SIDE) solve_rows(k, l, y, r, s, inverse, x + r * k, z + r * k);
  for (int i = 0; i < l->n; i += SIDE)
    for (int j = 0; j <= i; j += SIDE) update_square(k, l, y, i, j, x + i * k, z + j * k, out);
}

OGI_KERNEL static void merge_level(const ogi_level *l, const vec *y, vec *out) {
  if (l->k == 2) merge_lanes(2, l, y, out);
  else if (l->k == 4) merge_lanes(4, l, y, out);
  else merge_lanes(8, l, y, out);
}

OGI_KERNEL static void first_level(const leaf_work *w, int i, int j, vec *y) {
  int at = i * OGI_LEAF + j;
  two_cells(w->cell[0] + at, w->cell[1] + at, w->cell[2] + at, y);
}

/* The block of this level whose first cell is (i,j). */
static void build(const ogi_leaf_plan *plan, leaf_work *w, int l, int i, int j, vec *out) {
  if (l == 1) {
    first_level(w, i, j, out);
    return;
  }
  vec *const parts[OGI_LEAF_LEVELS] = {NULL, w->part1, w->part2, w->part3, w->part4, w->part5};
  const ogi_level *part = &plan->levels[l - 1];
  int ports = 2 * (part->height + part->width);
  build(plan, w, l - 1, i, j, parts[l - 1]);
  build(plan, w, l - 1, l % 2 ? i : i + part->height, l % 2 ? j + part->width : j, parts[l - 1] + OGI_TRIANGLE(ports));
  merge_level(&plan->levels[l], parts[l - 1], out);
}

/* A leaf's 64 numbers in each lane. */
OGI_KERNEL static void gather(vec *out, const double *const *in) {
  for (int e = 0; e < OGI_LEAF_CELLS; e += W) {
    vec square[W];
    for (int lane = 0; lane < W; lane++) square[lane] = *cat(in[lane] + e);
    turn(out + e, square);
  }
}

/* W rows of one column of a rectangle. */
INLINE void scatter_rows(const vec *leaf, int row, int column, double *const *y, int to) {
  vec in[W], out[W];
  for (int i = 0; i < W; i++) {
    int p = row + i;
    in[i] = leaf[p >= column ? OGI_TRIANGLE(p) + column : OGI_TRIANGLE(column) + p];
  }
  turn(out, in);
  for (int lane = 0; lane < W; lane++) *at(y[lane] + to) = out[lane];
}

OGI_KERNEL static void scatter(const vec *leaf, double *const *y) {
  for (int a = 0; a < OGI_GROUPS; a++)
    for (int b = 0; b <= a; b++)
      for (int j = 0; j < 8; j++)
        for (int i = 0; i < 8; i += W) scatter_rows(leaf, 8 * a + i, 8 * b + j, y, OGI_PAIR(a, b) * 64 + 8 * j + i);
}

static void leaf(const ogi_leaf_plan *plan, void *work, const double *const *cell, const double *const *left,
                 const double *const *below, double *const *y) {
  leaf_work *w = work;
  gather(w->cell[0], cell);
  gather(w->cell[1], left);
  gather(w->cell[2], below);
  build(plan, w, OGI_LEAF_LEVELS, 0, 0, w->leaf);
  scatter(w->leaf, y);
}

/* ---- strips ---- */

static size_t chunk_strips(size_t k) { return ogi_max_size(CHUNK / (64 * k * STRIPS), 1) * STRIPS; }

/* One tile: where it is read and written, and the distances [doubles] from strip to strip. */
typedef struct tile {
  double *out;
  const double *in;
  size_t out_step, in_step;
  const double *x, *y;
  size_t x_step, depth;
} tile;

typedef vec sums[COLUMNS][STRIPS * PARTS];

/* Offset of vector r of a column of strips. */
INLINE size_t row_of(int r, size_t step) { return (size_t)(r / PARTS) * step + (size_t)(r % PARTS) * W; }

INLINE void accumulate(const int strips, sums sum, const tile *t) {
  UNROLL for (int j = 0; j < COLUMNS; j++)
    UNROLL for (int r = 0; r < strips * PARTS; r++)
      sum[j][r] = t->in != NULL ? *cat(t->in + row_of(r, t->in_step) + 8 * j) : (vec){0};
  const double *x = t->x, *y = t->y;
  for (size_t d = 0; d < t->depth; d++, x += 8, y += 8) {
    vec v[STRIPS * PARTS];
    UNROLL for (int r = 0; r < strips * PARTS; r++) v[r] = *cat(x + row_of(r, t->x_step));
    UNROLL for (int j = 0; j < COLUMNS; j++)
      UNROLL for (int r = 0; r < strips * PARTS; r++) sum[j][r] -= v[r] * y[j];
  }
}

INLINE void put(const int strips, sums sum, const tile *t) {
  UNROLL for (int j = 0; j < COLUMNS; j++)
    UNROLL for (int r = 0; r < strips * PARTS; r++) *at(t->out + row_of(r, t->out_step) + 8 * j) = sum[j][r];
}

INLINE void update_tile(const int strips, const tile *t) {
  sums sum;
  accumulate(strips, sum, t);
  put(strips, sum, t);
}

/* diagonal: L of these columns, element (j,d) at [8 d + j]. */
INLINE void solve_tile(const int strips, const tile *t, const double *diagonal, const double *inverse) {
  sums sum;
  accumulate(strips, sum, t);
  UNROLL for (int j = 0; j < COLUMNS; j++) {
    UNROLL for (int d = 0; d < j; d++)
      UNROLL for (int r = 0; r < strips * PARTS; r++) sum[j][r] -= sum[d][r] * diagonal[8 * d + j];
    UNROLL for (int r = 0; r < strips * PARTS; r++) sum[j][r] *= inverse[j];
  }
  put(strips, sum, t);
}

/* Columns column .. column + COLUMNS - 1 of x; strip: the rows of the factor with these numbers. */
INLINE void solve_columns(double *x, size_t strips, const double *strip, const double *inverse, size_t k,
                          size_t column) {
  size_t step = 8 * k;
  const double *rows = strip + column % 8, *diagonal = rows + 8 * column;
  tile t = {.out_step = step, .in_step = step, .x_step = step, .y = rows, .depth = column};
  for (size_t r = 0; r < strips; r += ogi_min_size(strips - r, STRIPS)) {
    t.x = x + r * step;
    t.out = x + r * step + 8 * column;
    t.in = t.out;
    if (STRIPS >= 3 && strips - r >= 3) solve_tile(STRIPS, &t, diagonal, inverse + column);
    else if (STRIPS >= 2 && strips - r == 2) solve_tile(STRIPS >= 2 ? 2 : 1, &t, diagonal, inverse + column);
    else solve_tile(1, &t, diagonal, inverse + column);
  }
}

OGI_KERNEL static void solve(double *x, size_t rows, const double *factor, const double *inverse, size_t k) {
  size_t chunk = chunk_strips(k);
  for (size_t r = 0; r < rows / 8; r += chunk)
    for (size_t column = 0; column < k; column += COLUMNS)
      solve_columns(x + r * 8 * k, ogi_min_size(chunk, rows / 8 - r), factor + column / 8 * 8 * k, inverse, k, column);
}

/* Right-looking Cholesky of one 8 x 8 square; what stands above the diagonal is never used. */
INLINE void factor_square(double *square, double *inverse) {
  vec a[8][PARTS];
  UNROLL for (int j = 0; j < 8; j++)
    UNROLL for (int p = 0; p < PARTS; p++) a[j][p] = *cat(square + 8 * j + W * p);
  UNROLL for (int j = 0; j < 8; j++) {
    inverse[j] = 1 / sqrt(a[j][j / W][j % W]);
    UNROLL for (int p = 0; p < PARTS; p++) a[j][p] *= inverse[j];
    UNROLL for (int c = j + 1; c < 8; c++)
      UNROLL for (int p = 0; p < PARTS; p++) a[c][p] -= a[j][p] * a[j][c / W][c % W];
  }
  UNROLL for (int j = 0; j < 8; j++)
    UNROLL for (int p = 0; p < PARTS; p++) *at(square + 8 * j + W * p) = a[j][p];
}

OGI_KERNEL static void factor(double *s, size_t k, double *inverse) {
  size_t step = 8 * k, squares = k / 8;
  for (size_t q = 0; q < squares; q++) {
    double *strip = s + q * step;
    for (size_t column = 8 * q; column < 8 * q + 8; column += COLUMNS) {
      double *here = strip + 8 * column;
      tile t = {.out = here, .in = here, .x = strip, .y = strip + column % 8, .depth = 8 * q};
      update_tile(1, &t);
    }
    factor_square(strip + 64 * q, inverse + 8 * q);
    for (size_t column = 8 * q; column < 8 * q + 8; column += COLUMNS)
      solve_columns(strip + step, squares - q - 1, strip, inverse, k, column);
  }
}

/* Strips first .. last-1 of the columns that start here. */
INLINE void update_columns(const ogi_update *job, size_t column, size_t first, size_t last) {
  tile t = {.out_step = 8 * job->out_columns, .in_step = 8 * job->in_columns, .x_step = 8 * job->k,
            .y = job->y + column / 8 * 8 * job->k + column % 8, .depth = job->k};
  for (size_t r = first; r < last; r += ogi_min_size(last - r, STRIPS)) {
    t.x = job->x + r * t.x_step;
    t.out = job->out + r * t.out_step + 8 * column;
    t.in = job->in == NULL ? NULL : job->in + r * t.in_step + 8 * column;
    if (STRIPS >= 3 && last - r >= 3) update_tile(STRIPS, &t);
    else if (STRIPS >= 2 && last - r == 2) update_tile(STRIPS >= 2 ? 2 : 1, &t);
    else update_tile(1, &t);
  }
}

OGI_KERNEL static void update(const ogi_update *job) {
  size_t strips = job->rows / 8, chunk = chunk_strips(job->k);
  for (size_t r = 0; r < strips; r += chunk) {
    size_t last = ogi_min_size(r + chunk, strips);
    for (size_t column = 0; column < job->columns && !(job->lower && column / 8 >= last); column += COLUMNS)
      update_columns(job, column, job->lower ? ogi_max_size(r, column / 8) : r, last);
  }
}

OGI_KERNEL static void add(double *sum, const double *a, const double *b, size_t k) {
  for (size_t strip = 0; strip < k / 8; strip++)
    for (size_t e = strip * 8 * k; e < strip * 8 * k + 64 * (strip + 1); e += W)
      *at(sum + e) = *cat(a + e) + *cat(b + e);
}

/* One 8 x 8 square, W x W at a time. */
INLINE void transpose_square(double *out, const double *in) {
  for (int p = 0; p < 8; p += W)
    for (int q = 0; q < 8; q += W) {
      vec from[W], to[W];
      UNROLL for (int c = 0; c < W; c++) from[c] = *cat(in + 8 * (p + c) + q);
      turn(to, from);
      UNROLL for (int c = 0; c < W; c++) *at(out + 8 * (q + c) + p) = to[c];
    }
}

OGI_KERNEL static void transpose(double *out, const double *in, size_t rows, size_t columns) {
  for (size_t i = 0; i < rows / 8; i++)
    for (size_t j = 0; j < columns / 8; j++)
      transpose_square(out + (j * rows + 8 * i) * 8, in + (i * columns + 8 * j) * 8);
}

const ogi_kernels OGI_NAME = {W, sizeof(leaf_work), leaf, add, transpose, factor, solve, update};
