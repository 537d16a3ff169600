/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/ogi_error.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "vectors/ogi_vectors.h"

/* What is compared: vectors in pairs, at the points of a grid. */
typedef struct job {
  const og_vectors *ours, *theirs;
  const og_compare_opts *opts;
  size_t *pair_ours, *pair_theirs; /* numbers of the vectors, result->count of each                */
  double *grid;                    /* [scale] points; NULL: point k against point k                */
  size_t points;                   /* of the grid                                                  */
  double largest[OG_Q_COUNT];      /* [unit] largest |theirs| of a quantity                        */
  og_compare_result *result;
  og_error *err;
} job;

void og_compare_opts_init(og_compare_opts *opts) {
  *opts = (og_compare_opts){.floor = 1e-3, .from = -INFINITY, .to = INFINITY};
}

void og_compare_clear(og_compare_result *result) {
  if (result == NULL) return;
  for (size_t k = 0; result->vector != NULL && k < result->count; k++) ogi_free(result->vector[k].name);
  for (size_t k = 0; k < result->only_ours_count; k++) ogi_free(result->only_ours[k]);
  for (size_t k = 0; k < result->only_theirs_count; k++) ogi_free(result->only_theirs[k]);
  ogi_free(result->vector);
  ogi_free(result->only_ours);
  ogi_free(result->only_theirs);
  memset(result, 0, sizeof *result);
}

/* --- pairs ------------------------------------------------------------------------------------------------------- */

static og_status add_name(char **list, size_t *count, const char *name, og_error *err) {
  list[*count] = ogi_strdup(name);
  if (list[*count] == NULL) return ogi_fail(err, OG_E_NOMEM, "compare: a name");
  ++*count;
  return OG_OK;
}

static og_status add_pair(job *j, size_t ours, size_t theirs) {
  og_compare_vector *row = &j->result->vector[j->result->count];
  og_quantity quantity = j->theirs->quantity[theirs];
  row->name = ogi_strdup(j->theirs->name[theirs]);
  if (row->name == NULL) return ogi_fail(j->err, OG_E_NOMEM, "compare: a name");
  row->quantity = quantity != OG_Q_NOTYPE ? quantity : j->ours->quantity[ours];
  if ((unsigned)row->quantity >= OG_Q_COUNT) row->quantity = OG_Q_NOTYPE;
  j->pair_ours[j->result->count] = ours;
  j->pair_theirs[j->result->count++] = theirs;
  return OG_OK;
}

static og_status find_pairs(job *j) {
  const og_vectors *a = j->ours, *b = j->theirs;
  og_compare_result *r = j->result;
  og_status st = OG_OK;
  j->pair_ours = ogi_alloc(b->count, sizeof *j->pair_ours);
  j->pair_theirs = ogi_alloc(b->count, sizeof *j->pair_theirs);
  r->vector = ogi_alloc(b->count, sizeof *r->vector);
  r->only_ours = ogi_alloc(a->count, sizeof(char *));
  r->only_theirs = ogi_alloc(b->count, sizeof(char *));
  if (j->pair_ours == NULL || j->pair_theirs == NULL || r->vector == NULL || r->only_ours == NULL ||
      r->only_theirs == NULL)
    return ogi_fail(j->err, OG_E_NOMEM, "compare: %zu vectors", a->count + b->count);
  for (size_t k = b->has_scale != 0; k < b->count; k++) {
    size_t ours = og_vectors_find(a, b->name[k]);
    int there = ours < a->count && !(a->has_scale && ours == 0);
    OGI_TRY(st, there ? add_pair(j, ours, k) : add_name(r->only_theirs, &r->only_theirs_count, b->name[k], j->err));
  }
  for (size_t k = a->has_scale != 0; k < a->count; k++)
    if (og_vectors_find(b, a->name[k]) == b->count)
      OGI_TRY(st, add_name(r->only_ours, &r->only_ours_count, a->name[k], j->err));
done:
  return st;
}

/* --- scales and grid --------------------------------------------------------------------------------------------- */

static double scale_at(const og_vectors *v, size_t p) { return v->data[p * (v->complex_values ? 2 : 1)]; }

static int same_points(const og_vectors *a, const og_vectors *b) {
  if (a->points != b->points) return 0;
  for (size_t p = 0; p < a->points; p++) /* 1e-13: the last digits of a number that was printed */
    if (!(fabs(scale_at(a, p) - scale_at(b, p)) <= 1e-13 * fabs(scale_at(b, p)))) return 0;
  return 1;
}

/* +1 for an ascending scale, -1 for a descending one; equal neighbours are a step. */
static og_status direction(const og_vectors *v, const char *whose, int *sign, og_error *err) {
  *sign = v->points > 1 && scale_at(v, v->points - 1) < scale_at(v, 0) ? -1 : 1;
  for (size_t p = 0; p < v->points; p++) {
    double x = scale_at(v, p);
    if (!isfinite(x) || (p > 0 && *sign * (x - scale_at(v, p - 1)) < 0))
      return ogi_fail(err, OG_E_INPUT, "compare: %s %s: point %zu: saw %g, need a scale that only rises or falls",
                      whose, v->name[0], p, x);
  }
  return OG_OK;
}

/* Points of a (in its own order) within both scales and the window; sign as in direction. */
static void keep_points(job *j, const og_vectors *v, double low, double high) {
  for (size_t p = 0; p < v->points; p++) {
    double x = scale_at(v, p);
    if (x >= low && x <= high) j->grid[j->points++] = x;
  }
}

/* Two runs of the grid, each in the order of sign, become one without doubles. */
static void merge_runs(job *j, size_t first, int sign, double *work) {
  size_t a = 0, b = first, n = 0;
  while (a < first || b < j->points) {
    int from_a = b == j->points || (a < first && sign * (j->grid[a] - j->grid[b]) <= 0);
    double x = from_a ? j->grid[a++] : j->grid[b++];
    if (n == 0 || work[n - 1] != x) work[n++] = x;
  }
  memcpy(j->grid, work, n * sizeof *work);
  j->points = n;
}

static og_status make_grid(job *j) {
  const og_vectors *a = j->ours, *b = j->theirs;
  og_status st = OG_OK;
  int sign_a, sign_b;
  double *work = NULL;
  OGI_TRY(st, direction(a, "our", &sign_a, j->err));
  OGI_TRY(st, direction(b, "their", &sign_b, j->err));
  double a0 = scale_at(a, 0), a1 = scale_at(a, a->points - 1), b0 = scale_at(b, 0), b1 = scale_at(b, b->points - 1);
  double slack = 1e-12 * fmax(fabs(b0), fabs(b1)); /* [scale] ends that differ by rounding are one */
  double low = fmax(fmax(fmin(a0, a1), fmin(b0, b1)) - slack, j->opts->from);
  double high = fmin(fmin(fmax(a0, a1), fmax(b0, b1)) + slack, j->opts->to);
  j->grid = ogi_alloc(a->points + b->points, sizeof *j->grid);
  work = ogi_alloc(a->points + b->points, sizeof *work);
  if (j->grid == NULL || work == NULL) {
    st = ogi_fail(j->err, OG_E_NOMEM, "compare: %zu points", a->points + b->points);
    goto done;
  }
  int theirs_only = j->opts->grid == OG_COMPARE_AT_THEIRS ||
                    (j->opts->grid == OG_COMPARE_AT_FEWER && b->points <= a->points);
  keep_points(j, theirs_only ? b : a, low, high);
  if (j->opts->grid != OG_COMPARE_AT_ALL) goto done;
  size_t first = j->points;
  if (sign_a != sign_b) /* the first run turns, to go the way of the second */
    for (size_t p = 0; p < first; p++) work[p] = j->grid[first - 1 - p];
  if (sign_a != sign_b && first > 0) memcpy(j->grid, work, first * sizeof *work);
  keep_points(j, b, low, high);
  merge_runs(j, first, sign_b, work);
done:
  ogi_free(work);
  return st;
}

static og_status check_scales(const job *j) {
  const og_vectors *a = j->ours, *b = j->theirs;
  if (a->complex_values != b->complex_values)
    return ogi_fail(j->err, OG_E_SHAPE, "compare: saw real values against complex ones, need both alike");
  if (a->count == 0 || b->count == 0 || a->points == 0 || b->points == 0) return OG_OK;
  if (a->has_scale != b->has_scale)
    return ogi_fail(j->err, OG_E_SHAPE, "compare: saw a scale in %s only, need it in both or none",
                    a->has_scale ? "ours" : "theirs");
  if (!a->has_scale && a->points != b->points)
    return ogi_fail(j->err, OG_E_SHAPE, "compare: saw %zu points against %zu without a scale, need as many", a->points,
                    b->points);
  og_quantity p = a->quantity[0], q = b->quantity[0];
  if (a->has_scale && p != q && p != OG_Q_NOTYPE && q != OG_Q_NOTYPE)
    return ogi_fail(j->err, OG_E_SHAPE, "compare: saw scales of %s and %s, need the same quantity", og_quantity_name(p),
                    og_quantity_name(q));
  return OG_OK;
}

/* --- values ------------------------------------------------------------------------------------------------------ */

/* Value of vector k at x, by the straight line through its neighbours. *at walks forward or back with x. */
static void value_at(const og_vectors *v, size_t k, double x, size_t *at, double out[2]) {
  size_t width = v->complex_values ? 2 : 1, last = v->points - 1;
  const double *y = v->data + k * v->points * width;
  int sign = scale_at(v, last) < scale_at(v, 0) ? -1 : 1;
  while (*at < last && sign * (scale_at(v, *at + 1) - x) <= 0) ++*at;
  while (*at > 0 && sign * (scale_at(v, *at) - x) > 0) --*at;
  double here = scale_at(v, *at), gap = *at < last ? scale_at(v, *at + 1) - here : 0, t = 0;
  if (gap != 0) t = fmin(fmax((x - here) / gap, 0), 1);
  for (size_t c = 0; c < width; c++) {
    double low = y[*at * width + c];
    out[c] = t == 0 ? low : low + t * (y[(*at + 1) * width + c] - low); /* at a point its own, even beside a NaN */
  }
}

static double scale_of_point(const job *j, size_t p) {
  if (j->grid != NULL) return j->grid[p];
  return j->theirs->has_scale ? scale_at(j->theirs, p) : (double)p;
}

/* Both values at point p of the grid; 0 if it lies outside the window. */
static int fetch(const job *j, size_t row, size_t p, size_t at[2], double ours[2], double theirs[2]) {
  size_t a = j->pair_ours[row], b = j->pair_theirs[row], width = j->ours->complex_values ? 2 : 1;
  double x = scale_of_point(j, p);
  ours[1] = theirs[1] = 0;
  if (j->grid != NULL) {
    value_at(j->ours, a, x, &at[0], ours);
    value_at(j->theirs, b, x, &at[1], theirs);
    return 1;
  }
  memcpy(ours, j->ours->data + (a * j->ours->points + p) * width, width * sizeof *ours);
  memcpy(theirs, j->theirs->data + (b * j->theirs->points + p) * width, width * sizeof *theirs);
  return !j->theirs->has_scale || (x >= j->opts->from && x <= j->opts->to);
}

static int is_finite(const double x[2]) { return isfinite(x[0]) && isfinite(x[1]); }

static void find_largest(job *j) {
  for (size_t row = 0; row < j->result->count; row++) {
    og_compare_vector *r = &j->result->vector[row];
    size_t at[2] = {0, 0};
    double ours[2], theirs[2];
    r->dark = 1;
    for (size_t p = 0; p < j->points; p++) {
      if (!fetch(j, row, p, at, ours, theirs)) continue;
      double size = hypot(theirs[0], theirs[1]);
      if (isfinite(size)) r->largest = fmax(r->largest, size);
      if (!(size == 0 && ours[0] == 0 && ours[1] == 0)) r->dark = 0;
    }
    j->largest[r->quantity] = fmax(j->largest[r->quantity], r->largest);
  }
}

static size_t bin_of(double relative) {
  if (!(relative >= 1e-16)) return 0;
  if (relative >= 1) return OG_COMPARE_BINS - 1;
  int bin = (int)floor(log10(relative)) + 17;
  return (size_t)(bin < 1 ? 1 : bin > OG_COMPARE_BINS - 2 ? OG_COMPARE_BINS - 2 : bin);
}

static void judge(const job *j, og_compare_vector *r, double x, const double ours[2], const double theirs[2]) {
  double value = j->opts->scale == OG_COMPARE_PEAK ? r->largest : hypot(theirs[0], theirs[1]);
  double scale = fmax(value, j->opts->floor * j->largest[r->quantity]);
  double absolute = hypot(ours[0] - theirs[0], ours[1] - theirs[1]), relative = absolute == 0 ? 0 : absolute / scale;
  if (!is_finite(ours) || !is_finite(theirs)) {
    absolute = relative = INFINITY;
    r->invalid++;
  }
  j->result->compared++;
  j->result->histogram[bin_of(relative)]++;
  r->worst_absolute = fmax(r->worst_absolute, absolute);
  if (relative <= r->worst_relative && r->worst_relative > 0) return;
  if (relative == 0 && !isnan(r->at)) return;
  r->worst_relative = relative;
  r->at = x;
  memcpy(r->ours, ours, sizeof r->ours);
  memcpy(r->theirs, theirs, sizeof r->theirs);
}

static void compare_rows(job *j) {
  og_compare_result *result = j->result;
  result->dark = 1;
  for (size_t row = 0; row < result->count; row++) {
    og_compare_vector *r = &result->vector[row];
    size_t at[2] = {0, 0};
    double ours[2], theirs[2];
    r->at = NAN;
    for (size_t p = 0; p < j->points; p++)
      if (fetch(j, row, p, at, ours, theirs)) judge(j, r, scale_of_point(j, p), ours, theirs);
    result->invalid += r->invalid;
    if (!r->dark) result->dark = 0;
    if (r->worst_relative > result->vector[result->worst].worst_relative) result->worst = row;
    if (r->worst_absolute > result->vector[result->widest].worst_absolute) result->widest = row;
  }
  if (result->compared == 0) result->dark = 1;
  if (result->count == 0) return;
  result->points = result->compared / result->count;
  result->worst_relative = result->vector[result->worst].worst_relative;
  result->worst_absolute = result->vector[result->widest].worst_absolute;
}

static og_status check_opts(const og_compare_opts *o, og_error *err) {
  if ((o->scale != OG_COMPARE_VALUE && o->scale != OG_COMPARE_PEAK) || (unsigned)o->grid > OG_COMPARE_AT_ALL)
    return ogi_fail(err, OG_E_ARG, "compare: saw scale %d, grid %d, need words of og_compare_scale and _grid",
                    (int)o->scale, (int)o->grid);
  if (!(o->floor >= 0 && o->floor <= 1))
    return ogi_fail(err, OG_E_RANGE, "compare: floor: saw %g, need 0..1", o->floor);
  if (!(o->from <= o->to))
    return ogi_fail(err, OG_E_RANGE, "compare: saw %g to %g, need a window that does not end before it starts", o->from,
                    o->to);
  return OG_OK;
}

og_status og_vectors_compare(const og_vectors *ours, const og_vectors *theirs, const og_compare_opts *opts,
                             og_compare_result *result, og_error *err) {
  og_compare_opts usual;
  og_status st = OG_OK;
  if (result != NULL) memset(result, 0, sizeof *result);
  if (ours == NULL || theirs == NULL || result == NULL) return ogi_fail(err, OG_E_ARG, "compare: a pointer is NULL");
  og_compare_opts_init(&usual);
  job j = {.ours = ours, .theirs = theirs, .opts = opts != NULL ? opts : &usual, .result = result, .err = err};
  OGI_TRY(st, check_opts(j.opts, err));
  OGI_TRY(st, check_scales(&j));
  OGI_TRY(st, find_pairs(&j));
  if (ours->points > 0 && theirs->points > 0) {
    j.points = ours->points;
    if (theirs->has_scale && !same_points(ours, theirs)) {
      j.points = 0;
      OGI_TRY(st, make_grid(&j));
    }
    find_largest(&j);
  }
  compare_rows(&j);
done:
  ogi_free(j.pair_ours);
  ogi_free(j.pair_theirs);
  ogi_free(j.grid);
  if (st != OG_OK) og_compare_clear(result);
  return st;
}
