/* SPDX-License-Identifier: BSD-3-Clause */
/** Curves with fewer points that look the same. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "devbench/ogi_curve.h"

og_status ogi_curve_open(ogi_curve *c, size_t points, og_error *err) {
  *c = (ogi_curve){.x = ogi_alloc(points > 0 ? points : 1, sizeof *c->x)};
  c->y = ogi_alloc(points > 0 ? points : 1, sizeof *c->y);
  return c->x != NULL && c->y != NULL ? OG_OK : ogi_fail(err, OG_E_NOMEM, "a curve of %zu points", points);
}

void ogi_curve_clear(ogi_curve *c) {
  ogi_free(c->x);
  ogi_free(c->y);
  *c = (ogi_curve){0};
}

int ogi_curve_takes_prefix(const char *unit) {
  static const char *const units[] = {"s", "A", "V", "J", "W", "S", "Hz", "ohm", "F", "C", "H"};
  for (size_t k = 0; k < sizeof units / sizeof *units; k++)
    if (strcmp(unit, units[k]) == 0) return 1;
  return 0;
}

const char *ogi_curve_prefix(int step) {
  static const char *const prefix[] = {"a", "f", "p", "n", "u", "m", "", "k", "M", "G", "T"};
  return prefix[step + 6];
}

void ogi_curve_number(char to[24], double value) {
  int step = value == 0 ? 0 : (int)floor((log10(fabs(value)) + 1e-9) / 3);
  if (step < -6 || step > 4 || !isfinite(value)) snprintf(to, 24, "%.3g", value);
  else snprintf(to, 24, "%.4g%s", value / pow(1000, step), ogi_curve_prefix(step));
}

/* Where a point lies [px]. */
typedef struct scale {
  const ogi_curve_frame *frame;
  double x0, y0, per_x, per_y;
} scale;

static double place(double value, int log_scale) { return log_scale ? log10(value) : value; }

static scale find_scale(const ogi_curve *curve, size_t count, const ogi_curve_frame *f) {
  double x[2] = {INFINITY, -INFINITY}, y[2] = {INFINITY, -INFINITY};
  for (size_t k = 0; k < count; k++)
    for (size_t p = 0; p < curve[k].count; p++) {
      double a = place(curve[k].x[p], f->log_x), b = place(curve[k].y[p], f->log_y);
      x[0] = fmin(x[0], a);
      x[1] = fmax(x[1], a);
      y[0] = fmin(y[0], b);
      y[1] = fmax(y[1], b);
    }
  double per_x = x[1] > x[0] ? f->width / (x[1] - x[0]) : 0, per_y = y[1] > y[0] ? f->height / (y[1] - y[0]) : 0;
  return (scale){f, x[0], y[0], per_x, per_y};
}

static void pixel(const scale *s, const ogi_curve *c, size_t p, double at[2]) {
  at[0] = (place(c->x[p], s->frame->log_x) - s->x0) * s->per_x;
  at[1] = (place(c->y[p], s->frame->log_y) - s->y0) * s->per_y;
}

/* Distance [px] of point p from the stretch between points a and b: of loops both ends may be one point. */
static double distance(const scale *s, const ogi_curve *c, size_t a, size_t b, size_t p) {
  double from[2], to[2], at[2];
  pixel(s, c, a, from);
  pixel(s, c, b, to);
  pixel(s, c, p, at);
  double dx = to[0] - from[0], dy = to[1] - from[1], length = dx * dx + dy * dy;
  double share = length > 0 ? ((at[0] - from[0]) * dx + (at[1] - from[1]) * dy) / length : 0;
  share = fmax(0, fmin(1, share));
  return hypot(at[0] - from[0] - share * dx, at[1] - from[1] - share * dy);
}

/* keep[]: 1 for the points that stay. stack: pairs of ends, room for all points. */
static void mark(const scale *s, const ogi_curve *c, double tolerance, char *keep, size_t *stack) {
  size_t depth = 0;
  keep[0] = keep[c->count - 1] = 1;
  stack[depth++] = 0;
  stack[depth++] = c->count - 1;
  while (depth > 0) {
    size_t b = stack[--depth], a = stack[--depth], worst = a;
    double most = tolerance;
    for (size_t p = a + 1; p < b; p++) {
      double d = distance(s, c, a, b, p);
      if (!(d > most)) continue;
      most = d;
      worst = p;
    }
    if (worst == a) continue;
    keep[worst] = 1;
    stack[depth++] = a;
    stack[depth++] = worst;
    stack[depth++] = worst;
    stack[depth++] = b;
  }
}

static og_status thin_one(const scale *s, ogi_curve *c, double tolerance, og_error *err) {
  size_t left = 0;
  if (c->count < 3) return OG_OK;
  char *keep = ogi_alloc(c->count, 1);
  size_t *stack = ogi_alloc(2 * c->count + 4, sizeof *stack); /* one pair of ends for a point at most */
  og_status st = keep != NULL && stack != NULL ? OG_OK : ogi_fail(err, OG_E_NOMEM, "a curve of %zu points", c->count);
  if (st == OG_OK) {
    mark(s, c, tolerance, keep, stack);
    for (size_t p = 0; p < c->count; p++) {
      if (!keep[p]) continue;
      c->x[left] = c->x[p];
      c->y[left++] = c->y[p];
    }
    c->count = left;
  }
  ogi_free(stack);
  ogi_free(keep);
  return st;
}

og_status ogi_curves_thin(ogi_curve *curve, size_t count, const ogi_curve_frame *frame, size_t most, og_error *err) {
  og_status st = OG_OK;
  const scale s = find_scale(curve, count, frame);
  size_t total = most + 1;
  for (double tolerance = 1.0 / 3; tolerance < 12 && total > most && st == OG_OK; tolerance *= 2) {
    total = 0;
    for (size_t k = 0; k < count && st == OG_OK; k++) {
      st = thin_one(&s, &curve[k], tolerance, err);
      total += curve[k].count;
    }
  }
  return st;
}
