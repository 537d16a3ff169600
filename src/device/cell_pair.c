/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Two cells in series: for each pair at voltage v the voltage x over the first one, with
 *     h(x) = i_1(x) - i_2(v - x) = 0,   h' = s_1 + s_2 > 0,
 * by Newton's method inside a bracket, all pairs of a block abreast. A step that leaves the bracket, or does not halve
 * the one before the last, is replaced by the bracket's middle. The pair's slope is s_1 s_2 / (s_1 + s_2); its current
 * (s_2 i_1 + s_1 i_2) / (s_1 + s_2), in which the error of x cancels to first order.
 */
#include <config.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/ogi_num.h"
#include "device/ogi_cell.h"

enum { ROUNDS = 250 }; /* far above what bisection alone needs from 1e9 V down to rounding (about 120) */

typedef struct bracket {
  double low[OGI_CELL_BLOCK], high[OGI_CELL_BLOCK], step[OGI_CELL_BLOCK], before[OGI_CELL_BLOCK];
  double x[OGI_CELL_BLOCK], y[OGI_CELL_BLOCK]; /* [V] over the first and the second cell */
  double i[2][OGI_CELL_BLOCK], s[2][OGI_CELL_BLOCK];
} bracket;

static og_status eval(const ogi_cell_block *b, bracket *r, const double *v, unsigned char *outside, og_error *err) {
  og_status st;
  for (size_t k = 0; k < b->count; k++) r->y[k] = v[k] - r->x[k];
  OGI_TRY(st, ogi_cell_eval_flags(b->cell->member[0], b->first, b->count, b->g, r->x, r->i[0], r->s[0], outside, err));
  OGI_TRY(st, ogi_cell_eval_flags(b->cell->member[1], b->first, b->count, b->g, r->y, r->i[1], r->s[1], outside, err));
done:
  return st;
}

/* One round for pair k; 1 when x cannot become better. */
static int improve(bracket *r, size_t k, double scale) {
  double h = r->i[0][k] - r->i[1][k], rise = r->s[0][k] + r->s[1][k], x = r->x[k];
  if (h == 0 || !(rise > 0)) return 1;
  if (h > 0) r->high[k] = x;
  else r->low[k] = x;
  double middle = 0.5 * (r->low[k] + r->high[k]), next = x - h / rise, old = r->before[k];
  r->before[k] = r->step[k];
  if (!(next >= r->low[k] && next <= r->high[k] && 2 * fabs(next - x) <= fabs(old))) next = middle;
  r->step[k] = next - x;
  r->x[k] = next;
  return fabs(next - x) <= DBL_EPSILON * scale || next == x;
}

/* The members are odd or nearly so: their currents are 0 near 0 V. If not, the bracket is moved apart. */
static og_status enclose(const ogi_cell_block *b, bracket *r, const double *v, og_error *err) {
  og_status st = OG_OK;
  for (int side = 0; side < 2; side++)
    for (double reach = 1e-3, open = 1; open != 0 && reach < 1e6; reach *= 8) {
      double *end = side == 0 ? r->low : r->high;
      memcpy(r->x, end, b->count * sizeof *end);
      OGI_TRY(st, eval(b, r, v, NULL, err));
      open = 0;
      for (size_t k = 0; k < b->count; k++) {
        double h = r->i[0][k] - r->i[1][k];
        if (side == 0 ? h <= 0 : h >= 0) continue;
        end[k] += side == 0 ? -reach : reach;
        open = 1;
      }
    }
done:
  return st;
}

static og_status solve_pairs(const ogi_cell_block *b, bracket *r, const double *v, og_error *err) {
  og_status st;
  for (size_t k = 0; k < b->count; k++) {
    r->low[k] = fmin(v[k], 0);
    r->high[k] = fmax(v[k], 0);
  }
  OGI_TRY(st, enclose(b, r, v, err));
  for (size_t k = 0; k < b->count; k++) {
    r->before[k] = r->step[k] = r->high[k] - r->low[k];
    r->x[k] = 0.5 * (r->low[k] + r->high[k]);
  }
  char finished[OGI_CELL_BLOCK] = {0};
  for (int round = 0; round < ROUNDS; round++) {
    size_t waiting = 0;
    OGI_TRY(st, eval(b, r, v, NULL, err));
    for (size_t k = 0; k < b->count; k++) {
      if (!finished[k]) finished[k] = (char)improve(r, k, fabs(v[k]));
      waiting += !finished[k];
    }
    if (waiting == 0) break;
  }
  st = eval(b, r, v, b->outside, err);
done:
  return st;
}

static og_status pair(const ogi_cell_block *b, const double *v, double *i, double *slope, og_error *err) {
  bracket r;
  og_status st = solve_pairs(b, &r, v, err);
  for (size_t k = 0; k < b->count && st == OG_OK; k++) {
    double both = r.s[0][k] + r.s[1][k], first = both > 0 ? r.s[0][k] / both : 0.5;
    i[k] = (1 - first) * r.i[0][k] + first * r.i[1][k];
    slope[k] = first * r.s[1][k];
  }
  return st;
}

const ogi_cell_model ogi_cell_pair_model = {
    "pair", pair, NULL, NULL, 1,
    {{"", "g", "S", 0, 0, 0, "unused"},
     {"", "range_low", "V", -INFINITY, INFINITY, -INFINITY, "lowest voltage of the fit; below: counted"},
     {"", "range_high", "V", -INFINITY, INFINITY, INFINITY, "highest voltage of the fit; above: counted"}}};
