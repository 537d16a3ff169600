/* SPDX-License-Identifier: BSD-3-Clause */
/** Where to cut a rectangle of leaves in two: dynamic programming over its shape and the array's edges it touches. */
#include <config.h>

#include <math.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "solve/ogi_merge.h"

enum { LEFT = 1, TOP = 2, BOTTOM = 4, RIGHT = 8, SIDES = 16 };
enum { TRIES = 24 }; /* cuts looked at in each direction; 48 find plans less than 1 % cheaper */

static int sides_of(const ogi_cuts *c, const ogi_rect *r) {
  return (r->j0 == 0 ? LEFT : 0) | (r->i0 == 0 ? TOP : 0) | (r->i1 == c->rows ? BOTTOM : 0) |
         (r->j1 == c->columns ? RIGHT : 0);
}

static size_t entry(const ogi_cuts *c, size_t height, size_t width, int sides) {
  return ((height - 1) * c->columns + width - 1) * SIDES + (size_t)sides;
}

/* Is this group gone once the rectangle has been formed? R (T) waits for the other end of its line if that is tied. */
static int is_closed(const ogi_cuts *c, int sides, int group) {
  if (group == OGI_R) return sides & RIGHT && (!c->tie_right || sides & LEFT);
  if (group == OGI_T) return sides & TOP && (!c->tie_top || sides & BOTTOM);
  return 0;
}

static int closing(const ogi_cuts *c, int sides, int cut) {
  int mask = 0;
  if (is_closed(c, sides, OGI_R) && (cut == 0 || (cut > 0 && c->tie_right))) mask |= 1 << OGI_R;
  if (is_closed(c, sides, OGI_T) && (cut == 0 || (cut < 0 && c->tie_top))) mask |= 1 << OGI_T;
  return mask;
}

int ogi_cuts_closing(const ogi_cuts *c, const ogi_rect *rect, int cut) { return closing(c, sides_of(c, rect), cut); }

/* Operations [8^3] to eliminate k of n + k ports: factor, panel, update without terminals among themselves. */
static float elimination(const float g[OGI_GROUPS], float k, int sides) {
  float n = g[OGI_L] + g[OGI_T] + g[OGI_D] + g[OGI_R], pairs = n * n;
  if (sides & LEFT) pairs -= g[OGI_L] * g[OGI_L];
  if (sides & BOTTOM) pairs -= g[OGI_D] * g[OGI_D];
  return k * k * k / 3 + n * k * k + pairs * k + pairs / 2; /* the last term is traffic; its weight was measured */
}

/* Cost of one merge of this shape, with the closing that it brings about; cut > 0: side by side. */
static float merging(const ogi_cuts *c, float height, float width, int sides, int cut) {
  int mask = closing(c, sides, cut);
  float top_ports = is_closed(c, sides, OGI_T) ? 0 : width, right_ports = is_closed(c, sides, OGI_R) ? 0 : height;
  float g[OGI_GROUPS] = {height, top_ports, width, right_ports};
  float closed = elimination(g, cut > 0 ? height : width, sides);
  if (mask == 0) return closed;
  float before[OGI_GROUPS] = {g[0], mask >> OGI_T & 1 ? width : g[1], g[2], mask >> OGI_R & 1 ? height : g[3]};
  return elimination(before, cut > 0 ? height : width, sides) + closed;
}

typedef struct choice {
  float cost;
  int cut;
} choice;

/* Cuts from a quarter to three quarters of the extent. */
static void try_cuts(const ogi_cuts *c, size_t height, size_t width, int sides, int columns, choice *best) {
  size_t extent = columns ? width : height, step = extent / TRIES + 1;
  int near_side = columns ? RIGHT : BOTTOM, far_side = columns ? LEFT : TOP;
  float merge = merging(c, (float)height, (float)width, sides, columns ? 1 : -1);
  for (size_t x = ogi_max_size(extent / 4, 1); x < extent && 4 * x <= 3 * extent + 3; x += step) {
    size_t y = extent - x;
    size_t a = columns ? entry(c, height, x, sides & ~near_side) : entry(c, x, width, sides & ~near_side);
    size_t b = columns ? entry(c, height, y, sides & ~far_side) : entry(c, y, width, sides & ~far_side);
    float cost = c->cost[a] + c->cost[b] + merge;
    if (cost < best->cost) *best = (choice){cost, columns ? (int)x : -(int)x};
  }
}

/* A rectangle touches both opposite sides if and only if it spans the array. */
static int is_possible(const ogi_cuts *c, size_t height, size_t width, int sides) {
  return ((sides & (LEFT | RIGHT)) == (LEFT | RIGHT)) == (width == c->columns) &&
         ((sides & (TOP | BOTTOM)) == (TOP | BOTTOM)) == (height == c->rows);
}

static void choose(ogi_cuts *c, size_t height, size_t width, int sides) {
  choice best = {INFINITY, 0};
  if (height == 1 && width == 1) best.cost = 0;
  if (width > 1) try_cuts(c, height, width, sides, 1, &best);
  if (height > 1) try_cuts(c, height, width, sides, 0, &best);
  c->cost[entry(c, height, width, sides)] = best.cost;
  c->cut[entry(c, height, width, sides)] = best.cut;
}

og_status ogi_cuts_create(ogi_cuts *c, og_error *err) {
  c->cost = ogi_alloc(c->rows * c->columns, SIDES * sizeof *c->cost);
  c->cut = ogi_alloc(c->rows * c->columns, SIDES * sizeof *c->cut);
  if (c->cost == NULL || c->cut == NULL) {
    ogi_cuts_clear(c);
    return ogi_fail(err, OG_E_NOMEM, "reduction: plan for %zu x %zu leaves", c->rows, c->columns);
  }
  for (size_t height = 1; height <= c->rows; height++)
    for (size_t width = 1; width <= c->columns; width++)
      for (int sides = 0; sides < SIDES; sides++)
        if (is_possible(c, height, width, sides)) choose(c, height, width, sides);
  return OG_OK;
}

void ogi_cuts_clear(ogi_cuts *c) {
  ogi_free(c->cost);
  ogi_free(c->cut);
  c->cost = NULL;
  c->cut = NULL;
}

int ogi_cuts_find(const ogi_cuts *c, const ogi_rect *r) {
  return c->cut[entry(c, r->i1 - r->i0, r->j1 - r->j0, sides_of(c, r))];
}

double ogi_cuts_cost(const ogi_cuts *c) {
  return c->cost[entry(c, c->rows, c->columns, SIDES - 1)] * OGI_LEAF * OGI_LEAF * OGI_LEAF;
}

void ogi_rect_cut(const ogi_rect *rect, int cut, ogi_rect *a, ogi_rect *b) {
  *a = *rect;
  *b = *rect;
  if (cut > 0) a->j1 = b->j0 = rect->j0 + (size_t)cut;
  else a->i1 = b->i0 = rect->i0 + (size_t)-cut;
}

size_t ogi_block_lay(ogi_block *block, const ogi_cuts *c, const ogi_rect *rect, int waiting, int keep, double *base) {
  int sides = sides_of(c, rect);
  size_t height = OGI_LEAF * (rect->i1 - rect->i0), width = OGI_LEAF * (rect->j1 - rect->j0), used = 0;
  for (int a = 0; a < OGI_GROUPS; a++) {
    int open = waiting >> a & 1 || !is_closed(c, sides, a);
    block->g[a] = !open ? 0 : a == OGI_L || a == OGI_R ? height : width;
  }
  for (int a = 0; a < OGI_GROUPS; a++)
    for (int b = 0; b <= a; b++) {
      int terminals = a == b && ((a == OGI_L && sides & LEFT) || (a == OGI_D && sides & BOTTOM));
      size_t size = terminals && !(keep >> a & 1) ? 0 : block->g[a] * block->g[b];
      block->y[OGI_PAIR(a, b)] = size > 0 && base != NULL ? base + used : NULL;
      used += size;
    }
  return used;
}

/* Couplings of a block's ports to group e that are kept the other way round. */
static size_t turned(const ogi_block *block, int e) {
  size_t ports = 0;
  for (int a = 0; a < e; a++) ports += block->g[a];
  return ports * block->g[e];
}

size_t ogi_block_scratch(const ogi_block *a, int ea, const ogi_block *b, int eb) {
  size_t k = a->g[ea], size = k + turned(a, ea); /* a multiple of 8, as all extents are */
  return b == NULL ? size : size + k * k + turned(b, eb);
}
