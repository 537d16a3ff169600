/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_error.h"
#include "base/ogi_num.h"
#include "vectors/ogi_measure.h"

/* A signal on the data: two vectors at most, each possibly none (ground). */
typedef struct trace {
  const og_vectors *v;
  const double *plus, *minus; /* NULL: 0 */
  ogi_part part;
} trace;

typedef struct probe {
  const og_measure *m;
  const og_vectors *v;
  og_error *err;
} probe;

static double scale_at(const og_vectors *v, size_t p) { return v->data[p * (v->complex_values ? 2 : 1)]; }

/* --- signals ----------------------------------------------------------------------------------------------------- */

static og_status find_vector(const probe *b, const char *name, const double **values) {
  *values = NULL;
  if (name[0] == '\0' || strcmp(name, "v(0)") == 0 || strcmp(name, "v(gnd)") == 0) return OG_OK;
  size_t k = og_vectors_find(b->v, name);
  if (k == b->v->count)
    return ogi_fail(b->err, OG_E_INPUT, "measure %s: saw %s, need a vector that the analysis has", b->m->name, name);
  *values = b->v->data + k * b->v->points * (b->v->complex_values ? 2 : 1);
  return OG_OK;
}

static og_status find_trace(const probe *b, const ogi_signal *s, trace *t) {
  og_status st = OG_OK;
  *t = (trace){.v = b->v, .part = s->part};
  OGI_TRY(st, find_vector(b, s->plus, &t->plus));
  OGI_TRY(st, find_vector(b, s->minus, &t->minus));
done:
  return st;
}

/* Value at a point. Of a real vector the modulus is the signed value itself. */
static double value(const trace *t, size_t p) {
  size_t width = t->v->complex_values ? 2 : 1;
  double re = t->plus != NULL ? t->plus[p * width] : 0, im = 0;
  if (t->minus != NULL) re -= t->minus[p * width];
  if (width == 2 && t->plus != NULL) im += t->plus[2 * p + 1];
  if (width == 2 && t->minus != NULL) im -= t->minus[2 * p + 1];
  switch (t->part) {
    case OGI_PART_REAL: return re;
    case OGI_PART_IMAGINARY: return im;
    case OGI_PART_PHASE: return atan2(im, re);
    case OGI_PART_DECIBEL: return 20 * log10(hypot(re, im));
    case OGI_PART_MODULUS: break;
  }
  return width == 2 ? hypot(re, im) : re;
}

/* Last point at or before x, by halving; the scale rises. */
static size_t point_before(const og_vectors *v, double x) {
  size_t low = 0, high = v->points;
  while (high - low > 1) {
    size_t middle = low + (high - low) / 2;
    if (scale_at(v, middle) <= x)
      low = middle;
    else
      high = middle;
  }
  return low;
}

static double value_at(const trace *t, double x) {
  size_t p = point_before(t->v, x);
  double here = scale_at(t->v, p), low = value(t, p);
  if (p + 1 == t->v->points || x <= here) return low;
  return low + (value(t, p + 1) - low) * (x - here) / (scale_at(t->v, p + 1) - here);
}

/* --- events ------------------------------------------------------------------------------------------------------ */

static og_status inside(const probe *b, const char *what, double x) {
  double first = scale_at(b->v, 0), last = scale_at(b->v, b->v->points - 1);
  double slack = 1e-9 * (last - first); /* [scale] "to=1u" and a last point of 0.9999999999u are one */
  if (x >= first - slack && x <= last + slack) return OG_OK;
  return ogi_fail(b->err, OG_E_RANGE, "measure %s: %s: saw %g, need %g..%g", b->m->name, what, x, first, last);
}

/* Signed distance of the two sides at a point. */
static double gap(const trace *left, const trace *right, const ogi_event *e, size_t p) {
  return value(left, p) - (e->right.plus[0] != '\0' ? value(right, p) : e->level);
}

/* Walk all crossings of the event; *seen of them lie in the window; *at is the one asked for. */
static void walk(const probe *b, const ogi_event *e, const trace *left, const trace *right, size_t *seen, double *at) {
  double low = fmax(e->td, b->m->from), before = gap(left, right, e, 0);
  *seen = 0;
  for (size_t p = 1; p < b->v->points && (e->number == 0 || *seen < e->number); p++) {
    double now = gap(left, right, e, p), x0 = scale_at(b->v, p - 1), x1 = scale_at(b->v, p);
    int rise = before < 0 && now >= 0, fall = before > 0 && now <= 0;
    if ((rise && e->edge != OGI_EDGE_FALL) || (fall && e->edge != OGI_EDGE_RISE)) {
      double x = now == 0 ? x1 : x0 + (x1 - x0) * (before / (before - now));
      if (x >= low && x <= b->m->to) {
        ++*seen;
        *at = x;
      }
    }
    before = now;
  }
}

static og_status find_event(const probe *b, const char *what, const ogi_event *e, double *at) {
  static const char *const word[] = {"crossings", "rises", "falls"};
  trace left, right;
  size_t seen;
  og_status st = OG_OK;
  *at = e->at;
  if (!isnan(e->at)) return inside(b, what, e->at);
  OGI_TRY(st, find_trace(b, &e->left, &left));
  OGI_TRY(st, find_trace(b, &e->right, &right));
  walk(b, e, &left, &right, &seen, at);
  if (seen < ogi_max_size(e->number, 1)) {
    *at = NAN;
    st = ogi_fail(b->err, OG_E_RANGE, "measure %s: %s: saw %zu %s of %s, need %zu", b->m->name, what, seen,
                  word[e->edge], e->left.plus, ogi_max_size(e->number, 1));
  }
done:
  return st;
}

/* --- windows ----------------------------------------------------------------------------------------------------- */

typedef struct sums {
  double low, high, low_at, high_at, integral, square;
} sums;

/* A value that is no number stays: it must not pass for a measurement. */
static void meet(sums *s, double x, double y) {
  if (!isnan(s->low) && !(y >= s->low)) s->low = y, s->low_at = x;
  if (!isnan(s->high) && !(y <= s->high)) s->high = y, s->high_at = x;
}

/* Integrals of the line from (x0, y0) to (x1, y1): of y, h (y0 + y1) / 2; of y^2, h (y0^2 + y0 y1 + y1^2) / 3. */
static void add_line(sums *s, double x0, double y0, double x1, double y1) {
  double h = x1 - x0;
  s->integral += h * (y0 + y1) / 2;
  s->square += h * (y0 * y0 + y0 * y1 + y1 * y1) / 3;
}

static void sum_window(const trace *t, double from, double to, sums *s) {
  double x0 = from, y0 = value_at(t, from);
  *s = (sums){.low = y0, .high = y0, .low_at = from, .high_at = from};
  for (size_t p = point_before(t->v, from); p < t->v->points && scale_at(t->v, p) < to; p++) {
    double x = scale_at(t->v, p), y = value(t, p);
    if (x <= from) continue;
    add_line(s, x0, y0, x, y);
    meet(s, x, y);
    x0 = x;
    y0 = y;
  }
  double last = value_at(t, to);
  add_line(s, x0, y0, to, last);
  meet(s, to, last);
}

static og_status measure_window(const probe *b, og_measure_result *r) {
  const og_measure *m = b->m;
  const og_vectors *v = b->v;
  trace t;
  sums s;
  og_status st = OG_OK;
  double first = scale_at(v, 0), last = scale_at(v, v->points - 1), from = first, to = last;
  OGI_TRY(st, find_trace(b, &m->what, &t));
  if (isfinite(m->from)) OGI_TRY(st, inside(b, "from", from = m->from));
  if (isfinite(m->to)) OGI_TRY(st, inside(b, "to", to = m->to));
  from = fmax(from, first);
  to = fmin(to, last);
  if (!(from < to) && m->kind >= OGI_M_AVG)
    return ogi_fail(b->err, OG_E_RANGE, "measure %s: window: saw %g..%g, need some length", m->name, from, to);
  sum_window(&t, from, to, &s);
  r->from = from;
  r->to = to;
  switch (m->kind) {
    case OGI_M_MAX: r->value = s.high, r->at = s.high_at; break;
    case OGI_M_MIN: r->value = s.low, r->at = s.low_at; break;
    case OGI_M_MAX_AT: r->value = r->at = s.high_at; break;
    case OGI_M_MIN_AT: r->value = r->at = s.low_at; break;
    case OGI_M_PP: r->value = s.high - s.low; break;
    case OGI_M_AVG: r->value = s.integral / (to - from); break;
    case OGI_M_RMS: r->value = sqrt(s.square / (to - from)); break;
    default: r->value = s.integral; break;
  }
done:
  return st;
}

/* --- slopes ------------------------------------------------------------------------------------------------------ */

/* Slope at x of the parabola through the three points around it [Newton's form]: error h^2 x''' / 6 at worst. */
static double slope(const trace *t, double x) {
  const og_vectors *v = t->v;
  size_t p = point_before(v, x);
  if (p + 1 == v->points) p--;
  if (v->points > 2 && p > 0 && (p + 2 == v->points || x - scale_at(v, p) < scale_at(v, p + 1) - x)) p--;
  double x0 = scale_at(v, p), x1 = scale_at(v, p + 1), first = (value(t, p + 1) - value(t, p)) / (x1 - x0);
  if (v->points == 2) return first;
  double x2 = scale_at(v, p + 2), second = (value(t, p + 2) - value(t, p + 1)) / (x2 - x1);
  return first + (second - first) / (x2 - x0) * (2 * x - x0 - x1);
}

/* --- all --------------------------------------------------------------------------------------------------------- */

static og_status measure_delay(const probe *b, og_measure_result *r) {
  og_status st = OG_OK;
  OGI_TRY(st, find_event(b, "trig", &b->m->first, &r->trig));
  OGI_TRY(st, find_event(b, "targ", &b->m->second, &r->targ));
  r->value = r->targ - r->trig;
done:
  return st;
}

static og_status measure_place(const probe *b, og_measure_result *r) {
  trace t;
  og_status st = OG_OK;
  OGI_TRY(st, find_event(b, isnan(b->m->first.at) ? "when" : "at", &b->m->first, &r->at));
  r->value = r->at;
  if (b->m->kind == OGI_M_WHEN) return OG_OK;
  OGI_TRY(st, find_trace(b, &b->m->what, &t));
  r->value = b->m->kind == OGI_M_FIND ? value_at(&t, r->at) : slope(&t, r->at);
done:
  return st;
}

/* A rising scale of the analysis's quantity. Sweeps that fall would need every "first" and "last" turned round. */
static og_status check_scale(const probe *b) {
  const og_vectors *v = b->v;
  const char *a = b->m->analysis;
  if (!v->has_scale || v->count < 1 || v->points < 2)
    return ogi_fail(b->err, OG_E_INPUT, "measure %s: saw no scale of two points or more, need one", b->m->name);
  og_quantity want = strcmp(a, "tran") == 0 ? OG_Q_TIME
                     : strcmp(a, "dc") == 0 || strcmp(a, "op") == 0 ? OG_Q_NOTYPE : OG_Q_FREQUENCY;
  og_quantity is = v->quantity[0];
  if (want != OG_Q_NOTYPE && is != OG_Q_NOTYPE && is != want)
    return ogi_fail(b->err, OG_E_INPUT, "measure %s: saw a scale in %s, need %s for %s", b->m->name,
                    og_quantity_name(is), og_quantity_name(want), a);
  for (size_t p = 0; p < v->points; p++)
    if (!isfinite(scale_at(v, p)) || (p > 0 && scale_at(v, p) <= scale_at(v, p - 1)))
      return ogi_fail(b->err, OG_E_INPUT, "measure %s: %s: point %zu: saw %g, need a scale that rises", b->m->name,
                      v->name[0] != NULL ? v->name[0] : "", p, scale_at(v, p));
  return OG_OK;
}

og_status og_measure_eval(const og_measure *m, const og_vectors *v, og_measure_result *result, og_error *err) {
  const og_measure_result nothing = {NAN, NAN, NAN, NAN, NAN, NAN};
  og_status st = OG_OK;
  if (result != NULL) *result = nothing;
  if (m == NULL || v == NULL || result == NULL) return ogi_fail(err, OG_E_ARG, "measure: a pointer is NULL");
  probe b = {.m = m, .v = v, .err = err};
  OGI_TRY(st, check_scale(&b));
  switch (m->kind) {
    case OGI_M_DELAY: st = measure_delay(&b, result); break;
    case OGI_M_FIND:
    case OGI_M_WHEN:
    case OGI_M_DERIV: st = measure_place(&b, result); break;
    default: st = measure_window(&b, result); break;
  }
done:
  if (st != OG_OK) *result = nothing;
  return st;
}
