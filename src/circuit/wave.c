/* SPDX-License-Identifier: BSD-3-Clause */
/** Sources in time, with the meaning that SPICE gives their parameters [Nagel1975]. */
#include <config.h>

#include <float.h>
#include <math.h>

#include "circuit/ogi_mna.h"

/*
 * Time within its period, in (0, period]: where a period shorter than rise + width + fall cuts the pulse off, the jump
 * comes after that instant, as in SPICE, so that a step ends before it and the next one starts behind it.
 */
static double within(double t, double period) {
  double rest = fmod(t, period), slack = fmax(1e-12 * period, 4 * DBL_EPSILON * t); /* [s] what rounding makes of 0 */
  return rest <= slack ? period : rest;
}

static double pulse_at(const double *p, double t) {
  double low = p[0], high = p[1], rise = p[3], fall = p[4], width = p[5], period = p[6];
  t -= p[2];
  if (t <= 0) return low;
  if (period > 0 && t > period) t = within(t, period);
  if (t < rise) return low + (high - low) * t / rise;
  if (t <= rise + width) return high;
  return t < rise + width + fall ? high + (low - high) * (t - rise - width) / fall : low;
}

static double exp_at(const double *p, double t) {
  double v = p[0];
  if (t > p[2]) v += (p[1] - p[0]) * -expm1(-(t - p[2]) / p[3]);
  if (t > p[4]) v += (p[0] - p[1]) * -expm1(-(t - p[4]) / p[5]);
  return v;
}

/* Number of points at t or before, by bisection. */
static size_t points_before(const og_waveform *w, double t) {
  size_t low = 0, high = w->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (w->second[middle] <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}

static double pwl_at(const og_waveform *w, double t) {
  size_t before = points_before(w, t);
  if (before == 0) return w->value[0];
  if (before == w->count) return w->value[w->count - 1];
  size_t k = before - 1;
  double share = (t - w->second[k]) / (w->second[k + 1] - w->second[k]);
  return w->value[k] + share * (w->value[k + 1] - w->value[k]);
}

static double sin_at(const double *p, double t) {
  double phase = p[5] * M_PI / 180;
  if (t <= 0) return p[0] + p[1] * sin(phase);
  return p[0] + p[1] * exp(-t * p[4]) * sin(2 * M_PI * p[2] * t + phase);
}

double ogi_wave_at(const og_waveform *w, double t) {
  const double *p = w->p;
  switch (w->kind) {
    case OG_WAVE_PULSE: return pulse_at(p, t);
    case OG_WAVE_SIN: return sin_at(p, t - p[3]);
    case OG_WAVE_EXP: return exp_at(p, t);
    case OG_WAVE_PWL: return pwl_at(w, t);
    default: return p[0];
  }
}

static double pulse_corner(const double *p, double after) {
  double edge[4] = {0, p[3], p[3] + p[5], p[3] + p[5] + p[4]}, period = p[6], start = p[2];
  if (period > 0 && after > start) start += floor((after - start) / period) * period;
  for (int turn = 0; turn < 2; turn++, start += period) {
    for (int k = 0; k < 4; k++)
      if ((period <= 0 || edge[k] < period) && start + edge[k] > after * (1 + 1e-15)) return start + edge[k];
    if (period <= 0) break;
  }
  return INFINITY;
}

double ogi_wave_corner(const og_waveform *w, double after) {
  switch (w->kind) {
    case OG_WAVE_PULSE: return pulse_corner(w->p, after);
    case OG_WAVE_SIN: return w->p[3] > after ? w->p[3] : INFINITY;
    case OG_WAVE_EXP: return w->p[2] > after ? w->p[2] : w->p[4] > after ? w->p[4] : INFINITY;
    case OG_WAVE_PWL: {
      size_t before = points_before(w, after);
      return before < w->count ? w->second[before] : INFINITY;
    }
    default: return INFINITY;
  }
}

static og_status positive(const char *name, const char *what, double value, og_error *err) {
  if (value > 0) return OG_OK;
  return ogi_fail(err, OG_E_RANGE, "element %s: %s: saw %g, need more than 0 (second)", name, what, value);
}

og_status ogi_wave_check(const og_waveform *w, const char *name, og_error *err) {
  og_status st = OG_OK;
  for (int k = 0; k < 7; k++)
    if (!isfinite(w->p[k]))
      return ogi_fail(err, OG_E_RANGE, "element %s: parameter %d: saw %g, need a finite number", name, k, w->p[k]);
  switch (w->kind) {
    case OG_WAVE_PULSE:
      OGI_TRY(st, positive(name, "rise time", w->p[3], err));
      OGI_TRY(st, positive(name, "fall time", w->p[4], err));
      if (w->p[5] < 0)
        st = ogi_fail(err, OG_E_RANGE, "element %s: width: saw %g, need 0 or more (second)", name, w->p[5]);
      else if (w->p[6] < 0)
        st = ogi_fail(err, OG_E_RANGE, "element %s: period: saw %g, need 0 or more (second)", name, w->p[6]);
      break;
    case OG_WAVE_EXP:
      OGI_TRY(st, positive(name, "rise tau", w->p[3], err));
      OGI_TRY(st, positive(name, "fall tau", w->p[5], err));
      break;
    case OG_WAVE_PWL:
      if (w->count == 0 || w->second == NULL || w->value == NULL)
        return ogi_fail(err, OG_E_RANGE, "element %s: points: saw none, need 1 or more", name);
      for (size_t k = 0; k < w->count; k++)
        if (!isfinite(w->value[k]) || !isfinite(w->second[k]) || (k > 0 && !(w->second[k] > w->second[k - 1])))
          return ogi_fail(err, OG_E_RANGE, "element %s: point %zu: saw %g at %g s, need finite values at rising times",
                          name, k, w->value[k], w->second[k]);
      break;
    case OG_WAVE_DC:
    case OG_WAVE_SIN: break;
    default:
      st = ogi_fail(err, OG_E_RANGE, "element %s: waveform: saw %d, need one of og_wave_kind", name, (int)w->kind);
  }
done:
  return st;
}
