/* SPDX-License-Identifier: BSD-3-Clause */
/** Figures out of waveforms. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <ohmgrid/measure.h>

#include "base/ogi_mem.h"
#include "devbench/ogi_bench.h"

typedef struct extraction {
  const ogi_bench_figure *f;
  const ogi_values *values;
  const og_vectors *v;
  og_analysis_kind kind;
  double from, to; /* [scale] window; infinite where not given */
  og_error *err;
} extraction;

/* ---- measurements ---- */

/* Statement behind the name, with the names of swept parameters in it. */
static og_status measure(const extraction *x, const char *text, double *value) {
  og_status st;
  char *plain = NULL, *statement = NULL;
  og_measure *m = NULL;
  og_measure_result result;
  OGI_TRY(st, ogi_substitute(&plain, text, x->values, OGI_SPELL_NUMBER, x->err));
  size_t room = strlen(plain) + 40;
  statement = ogi_alloc(room, 1);
  if (statement == NULL) {
    st = ogi_fail(x->err, OG_E_NOMEM, "a figure");
    goto done;
  }
  snprintf(statement, room, "%s figure %s", og_analysis_name(x->kind), plain);
  OGI_TRY(st, og_measure_parse(&m, statement, x->err));
  OGI_TRY(st, og_measure_eval(m, x->v, &result, x->err));
  *value = result.value;
done:
  og_measure_free(m);
  ogi_free(statement);
  ogi_free(plain);
  return st;
}

static og_status of_two(const extraction *x, double *value) {
  double above, below;
  og_status st = measure(x, x->f->text[0], &above);
  if (st == OG_OK) st = measure(x, x->f->text[1], &below);
  if (st != OG_OK) return st;
  if (x->f->kind == OGI_F_DIFFERENCE) {
    *value = above - below;
    return OG_OK;
  }
  if (below == 0) return ogi_fail(x->err, OG_E_RANGE, "saw %g over 0, need a divisor", above);
  *value = above / below;
  return OG_OK;
}

/* ---- vectors ---- */

static og_status find(const extraction *x, const char *name, const double **values) {
  size_t k = og_vectors_find(x->v, name);
  if (k == x->v->count) return ogi_fail(x->err, OG_E_INPUT, "saw %.60s, need a vector that the run has", name);
  if (x->v->complex_values) return ogi_fail(x->err, OG_E_INPUT, "saw complex vectors, need a measurement of them");
  *values = og_vectors_at(x->v, k);
  return OG_OK;
}

/* Points p .. q - 1 of the scale in the window; two at least. */
static og_status window(const extraction *x, size_t *p, size_t *q, size_t least) {
  if (!x->v->has_scale || x->v->points < 2)
    return ogi_fail(x->err, OG_E_INPUT, "saw no scale of two points or more, need one");
  const double *s = og_vectors_at(x->v, 0);
  for (*p = 0; *p < x->v->points && s[*p] < x->from;) ++*p;
  for (*q = x->v->points; *q > *p && s[*q - 1] > x->to;) --*q;
  if (*q - *p >= least) return OG_OK;
  return ogi_fail(x->err, OG_E_RANGE, "saw %zu points from %g to %g, need %zu or more", *q - *p, x->from, x->to, least);
}

/*
 * Least squares of ln y = a - t / tau over the points, each with the stretch of time it stands for as its weight: where
 * the simulator takes small steps there are many points, which shall not count for more. tau [s] > 0 for a decay.
 */
static og_status fit_decay(const extraction *x, double *value) {
  size_t p = 0, q = 0;
  const double *y = NULL, *t = og_vectors_at(x->v, 0);
  double weight = 0, mean_t = 0, mean_y = 0, tt = 0, ty = 0;
  og_status st = find(x, x->f->text[0], &y);
  if (st == OG_OK) st = window(x, &p, &q, 3);
  if (st != OG_OK) return st;
  for (size_t pass = 0; pass < 2; pass++)
    for (size_t k = p; k < q; k++) {
      double w = (t[k + 1 < q ? k + 1 : k] - t[k > p ? k - 1 : k]) / 2;
      if (!(y[k] > 0))
        return ogi_fail(x->err, OG_E_RANGE, "saw %s = %g at %g, need values above 0 for a decay", x->f->text[0], y[k],
                        t[k]);
      if (pass == 0) {
        weight += w;
        mean_t += w * t[k];
        mean_y += w * log(y[k]);
      } else {
        tt += w * (t[k] - mean_t / weight) * (t[k] - mean_t / weight);
        ty += w * (t[k] - mean_t / weight) * (log(y[k]) - mean_y / weight);
      }
    }
  if (ty == 0) return ogi_fail(x->err, OG_E_RANGE, "saw %s constant, need a decay", x->f->text[0]);
  *value = -tt / ty;
  return OG_OK;
}

/* Integral of y dx along the run and back to its beginning, straight lines between points. [unit of y times x] */
static og_status area(const extraction *x, double *value) {
  size_t p = 0, q = 0;
  const double *a = NULL, *b = NULL;
  double sum = 0;
  og_status st = find(x, x->f->text[0], &a);
  if (st == OG_OK) st = find(x, x->f->text[1], &b);
  if (st == OG_OK) st = window(x, &p, &q, 3);
  if (st != OG_OK) return st;
  for (size_t k = p; k < q; k++) {
    size_t next = k + 1 < q ? k + 1 : p;
    sum += (a[next] - a[k]) * (b[next] + b[k]) / 2;
  }
  *value = sum;
  return OG_OK;
}

/* Value of a vector on the straight line between points k and k + 1. */
static double between(const double *y, const double *t, size_t k, double at) {
  return y[k] + (y[k + 1] - y[k]) * (at - t[k]) / (t[k + 1] - t[k]);
}

/* Product of two straight lines over a stretch h, exactly: h (a0 b0 + a1 b1)/3 + h (a0 b1 + a1 b0)/6. */
static og_status integral(const extraction *x, double *value) {
  size_t p = 0, q = 0;
  const double *a = NULL, *b = NULL, *t = og_vectors_at(x->v, 0);
  double sum = 0;
  og_status st = find(x, x->f->text[0], &a);
  if (st == OG_OK && x->f->text[1] != NULL) st = find(x, x->f->text[1], &b);
  if (st == OG_OK) st = window(x, &p, &q, 1);
  if (st != OG_OK) return st;
  for (size_t k = 0; k + 1 < x->v->points; k++) {
    double t0 = fmax(t[k], x->from), t1 = fmin(t[k + 1], x->to);
    if (!(t1 > t0)) continue;
    double a0 = between(a, t, k, t0), a1 = between(a, t, k, t1);
    double b0 = b != NULL ? between(b, t, k, t0) : 1, b1 = b != NULL ? between(b, t, k, t1) : 1;
    sum += (t1 - t0) * ((a0 * b0 + a1 * b1) / 3 + (a0 * b1 + a1 * b0) / 6);
  }
  *value = sum;
  return OG_OK;
}

/* Crossings of the level in the window, by the rule of ohmgrid/measure.h; rises alone, or both kinds. at: of the first.
 */
static size_t crossings(const extraction *x, const double *y, double level, int rises, size_t *before, double *at) {
  const double *t = og_vectors_at(x->v, 0);
  size_t seen = 0;
  for (size_t k = 0; k + 1 < x->v->points; k++) {
    double a = y[k] - level, b = y[k + 1] - level;
    if (!((a < 0 && b >= 0) || (!rises && a > 0 && b <= 0))) continue;
    double when = b == 0 ? t[k + 1] : t[k] + (t[k + 1] - t[k]) * (a / (a - b));
    if (when < x->from || when > x->to) continue;
    if (seen++ == 0) {
      *before = k;
      *at = when;
    }
  }
  return seen;
}

static og_status cross(const extraction *x, double *value) {
  const double *y = NULL, *z = NULL;
  double level = 0, at = 0;
  size_t p = 0, q = 0, before = 0;
  int counts = x->f->kind == OGI_F_COUNT;
  og_status st = find(x, x->f->text[0], &y);
  if (st == OG_OK && !counts) st = find(x, x->f->text[2], &z);
  if (st == OG_OK) st = ogi_evaluate(&level, x->f->text[1], "", x->values, x->err);
  if (st == OG_OK) st = window(x, &p, &q, 2);
  if (st != OG_OK) return st;
  size_t seen = crossings(x, y, level, counts, &before, &at);
  if (counts) *value = (double)seen;
  else if (seen > 0) *value = between(z, og_vectors_at(x->v, 0), before, at);
  else st = ogi_fail(x->err, OG_E_RANGE, "saw no crossing of %s through %g, need one", x->f->text[0], level);
  return st;
}

og_status ogi_figure_value(const ogi_bench_figure *f, const ogi_values *values, const og_vectors *v,
                           og_analysis_kind kind, double *value, og_error *err) {
  extraction x = {f, values, v, kind, -INFINITY, INFINITY, err};
  og_status st = OG_OK;
  *value = NAN;
  if (f->from[0] != '\0') OGI_TRY(st, ogi_evaluate(&x.from, f->from, "s", values, err));
  if (f->to[0] != '\0') OGI_TRY(st, ogi_evaluate(&x.to, f->to, "s", values, err));
  switch (f->kind) {
    case OGI_F_MEASURE: st = measure(&x, f->text[0], value); break;
    case OGI_F_RATIO:
    case OGI_F_DIFFERENCE: st = of_two(&x, value); break;
    case OGI_F_DECAY: st = fit_decay(&x, value); break;
    case OGI_F_AREA: st = area(&x, value); break;
    case OGI_F_INTEGRAL: st = integral(&x, value); break;
    case OGI_F_CROSS:
    case OGI_F_COUNT: st = cross(&x, value); break;
  }
  if (st == OG_OK && !isfinite(*value)) st = ogi_fail(err, OG_E_RANGE, "saw %g, need a finite value", *value);
  *value *= f->sign;
done:
  if (st != OG_OK) *value = NAN;
  return st;
}

/* ---- what is expected ---- */

og_status ogi_figure_range(const ogi_bench_figure *f, const ogi_values *values, og_bench_row *row, og_error *err) {
  og_status st = OG_OK;
  double tolerance;
  row->expected = NAN;
  row->low = -INFINITY;
  row->high = INFINITY;
  if (f->min[0] != '\0') OGI_TRY(st, ogi_evaluate(&row->low, f->min, f->unit, values, err));
  if (f->max[0] != '\0') OGI_TRY(st, ogi_evaluate(&row->high, f->max, f->unit, values, err));
  if (row->low > row->high)
    st = ogi_fail(err, OG_E_RANGE, "saw min %g and max %g, need min <= max", row->low, row->high);
  if (f->expected[0] == '\0' || st != OG_OK) return st;
  OGI_TRY(st, ogi_evaluate(&row->expected, f->expected, f->unit, values, err));
  if (f->rtol[0] != '\0') OGI_TRY(st, ogi_evaluate(&tolerance, f->rtol, "", values, err));
  else OGI_TRY(st, ogi_evaluate(&tolerance, f->atol, f->unit, values, err));
  if (!(tolerance >= 0)) return ogi_fail(err, OG_E_RANGE, "saw a tolerance of %g, need 0 or more", tolerance);
  if (f->rtol[0] != '\0') tolerance *= fabs(row->expected);
  row->low = fmax(row->low, row->expected - tolerance);
  row->high = fmin(row->high, row->expected + tolerance);
done:
  return st;
}
