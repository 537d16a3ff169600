/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The laws of the cell models; equations, units and sources stand in ohmgrid/cell.h. Each is a vector loop on a block.
 * Odd models work on |v| and give the sign back, so that i(-v) = -i(v) to the last bit.
 */
#include <config.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/ogi_num.h"
#include "device/ogi_cell.h"

#define VT_300K 0.025852 /* [V] kT/q at 300 K */
/* 4 pi sqrt(2 m_e q) / h [V^-1/2 / m] with the electron's mass, charge and Planck's constant, CODATA 2018. */
#define SIMMONS_A 1.02463344e10

#define INLINE static inline __attribute__((always_inline))

/*
 * exp(x) - 1 for 0 <= x <= 100, without calls so that loops become vector code: x = k ln 2 + r, |r| <= ln(2)/2,
 * exp(x) - 1 = 2^k (exp(r) - 1) + (2^k - 1); the Taylor series of exp(r) - 1 to r^13 leaves a relative error of 1e-17.
 */
INLINE double expm1_positive(double x) {
  const double round = 0x1.8p52, ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;
  double shifted = x * 1.4426950408889634 + round, k = shifted - round;
  double r = (x - k * ln2_high) - k * ln2_low;
  uint64_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 1023) << 52;
  double power;
  memcpy(&power, &bits, sizeof power);
  double p = 1.0 / 6227020800;
  p = p * r + 1.0 / 479001600;
  p = p * r + 1.0 / 39916800;
  p = p * r + 1.0 / 3628800;
  p = p * r + 1.0 / 362880;
  p = p * r + 1.0 / 40320;
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r * r + r;
  return power * p + (power - 1);
}

/* exp(-x) for 0 <= x; below exp(-100) it stays there, so that no slope becomes 0. */
INLINE double exp_negative(double x) {
  double reach = x < OGI_CELL_EXP_MAX ? x : OGI_CELL_EXP_MAX;
  return 1 / (1 + expm1_positive(reach));
}

/* ln(1 + exp(y)), and its derivative 1 / (1 + exp(-y)). */
INLINE double soft_plus(double y, double *derivative) {
  double e = exp_negative(fabs(y));
  *derivative = y > 0 ? 1 / (1 + e) : e / (1 + e);
  /* ln(1 + e) = 2 atanh(e / (2 + e)), by its series: the argument is at most 1/3, and 3^-35 / 35 below rounding. */
  double q = e / (2 + e), q2 = q * q, sum = 1.0 / 33;
  for (int k = 31; k > 0; k -= 2) sum = sum * q2 + 1.0 / k;
  return (y > 0 ? y : 0) + 2 * q * sum;
}

/* ---- linear ---- */

static og_status linear(const ogi_cell_block *b, const double *v, double *i, double *slope, og_error *err) {
  (void)err;
  for (size_t k = 0; k < b->count; k++) {
    i[k] = b->g[k] * v[k];
    slope[k] = b->g[k];
  }
  return OG_OK;
}

/* ---- sinh: keys v0 ---- */

enum { V0 = OGI_KEY_OWN };

OGI_HOT static void sinh_loop(size_t count, const double *restrict g, const double *restrict v0,
                              const double *restrict v, double *restrict i, double *restrict slope) {
  for (size_t k = 0; k < count; k++) {
    double e = expm1_positive(fabs(v[k]) / v0[k]), back = e / (1 + e);
    i[k] = copysign(g[k] * v0[k] * 0.5 * (e + back), v[k]); /* sinh x = (e + e/(1+e)) / 2,  e = exp(x) - 1 */
    slope[k] = g[k] * (1 + 0.5 * e * back);                 /* cosh x = 1 + e^2 / (2 (1 + e))             */
  }
}

static og_status sinh_law(const ogi_cell_block *b, const double *v, double *i, double *slope, og_error *err) {
  (void)err;
  sinh_loop(b->count, b->g, b->p[V0], v, i, slope);
  return OG_OK;
}

static void sinh_limits(const ogi_cell_block *b, double *low, double *high) {
  for (size_t k = 0; k < b->count; k++) low[k] = -(high[k] = OGI_CELL_EXP_MAX * b->p[V0][k]);
}

/* ---- schottky: keys v_t, v_s, ideality, rectify ---- */

enum { S_VT = OGI_KEY_OWN, S_VS, S_IDEALITY, S_RECTIFY };

/* Reverse current of one contact at a > 0, or of the limiting one of two: 1 - exp(-a / vt) or tanh(a / (2 vt)). */
OGI_HOT static void schottky_loop(const ogi_cell_block *b, const double *restrict v, double *restrict i,
                                  double *restrict slope) {
  const double *g = b->g, *pt = b->p[S_VT], *ps = b->p[S_VS], *pn = b->p[S_IDEALITY], *rectify = b->p[S_RECTIFY];
  for (size_t k = 0; k < b->count; k++) {
    double a = fabs(v[k]), vt = pt[k], nvt = pn[k] * vt;
    double root = sqrt(a / ps[k]), x = 1 + expm1_positive(root < OGI_CELL_EXP_MAX ? root : OGI_CELL_EXP_MAX);
    double lowered = 1 / (2 * sqrt((a > 1e-300 ? a : 1e-300) * ps[k])); /* d sqrt(a / v_s) / da */
    double t = a / vt, e = expm1_positive(t < OGI_CELL_EXP_MAX ? t : OGI_CELL_EXP_MAX), back = 1 / (1 + e);
    double full = e / (2 + e), half = e * back;                 /* tanh(t/2), 1 - exp(-t) */
    double two = 2 * vt * full * x, two_slope = (1 - full * full) * x + two * lowered;
    double reverse = vt * half * x, reverse_slope = back * x + reverse * lowered;
    double f = expm1_positive(a / nvt < OGI_CELL_EXP_MAX ? a / nvt : OGI_CELL_EXP_MAX);
    int one = rectify[k] != 0, forward = v[k] >= 0;
    double level = !one ? two : forward ? nvt * f : reverse;
    double steep = !one ? two_slope : forward ? 1 + f : reverse_slope;
    i[k] = copysign(g[k] * level, v[k]);
    slope[k] = g[k] * steep;
  }
}

static og_status schottky(const ogi_cell_block *b, const double *v, double *i, double *slope, og_error *err) {
  (void)err;
  schottky_loop(b, v, i, slope);
  return OG_OK;
}

static void schottky_limits(const ogi_cell_block *b, double *low, double *high) {
  for (size_t k = 0; k < b->count; k++) {
    double lowered = OGI_CELL_EXP_MAX * OGI_CELL_EXP_MAX * b->p[S_VS][k];
    double forward = OGI_CELL_EXP_MAX * b->p[S_IDEALITY][k] * b->p[S_VT][k];
    low[k] = -lowered;
    high[k] = b->p[S_RECTIFY][k] != 0 ? forward : lowered;
  }
}

/* ---- simmons: keys phi, width, mass ---- */

enum { PHI = OGI_KEY_OWN, WIDTH, MASS };

INLINE double simmons_a(const ogi_cell_block *b, size_t k) {
  return SIMMONS_A * b->p[WIDTH][k] * sqrt(b->p[MASS][k]);
}

/*
 * With roots alpha, beta of phi -+ |v|/2, their mean and half difference d = |v| / (2 (alpha + beta)):
 *     f(phi - v/2) - f(phi + v/2) = exp(-A mean) [2 phi sinh(A d) - v cosh(A d)],
 * which keeps all digits for small v. All exponents are taken relative to f'(phi).
 */
OGI_HOT static void simmons_loop(const ogi_cell_block *b, const double *restrict v, double *restrict i,
                                 double *restrict slope) {
  for (size_t k = 0; k < b->count; k++) {
    double phi = b->p[PHI][k], factor = simmons_a(b, k), a = fabs(v[k]), root = sqrt(phi);
    double alpha = sqrt(phi - 0.5 * a), beta = sqrt(phi + 0.5 * a);
    double d = a / (2 * (alpha + beta)), norm = b->g[k] / (0.5 * factor * root - 1);
    double e = expm1_positive(factor * d), back = e / (1 + e);
    double raise = factor * (root - 0.5 * (alpha + beta)); /* >= 0: the mean of roots lies below the root of the mean */
    double scale = 1 + expm1_positive(raise);
    i[k] = copysign(norm * scale * (phi * (e + back) - a * (1 + 0.5 * e * back)), v[k]);
    slope[k] = 0.5 * norm * scale * ((1 + e) * (0.5 * factor * alpha - 1) + (0.5 * factor * beta - 1) / (1 + e));
  }
}

static og_status simmons(const ogi_cell_block *b, const double *v, double *i, double *slope, og_error *err) {
  (void)err;
  simmons_loop(b, v, i, slope);
  return OG_OK;
}

static void simmons_limits(const ogi_cell_block *b, double *low, double *high) {
  for (size_t k = 0; k < b->count; k++) low[k] = -(high[k] = b->p[PHI][k]);
}

/* At |v| = phi the slope is positive if A sqrt(phi/2) / 2 > 1; and exponents must stay in reach. */
static og_status simmons_agree(const ogi_cell_block *b, size_t k, og_error *err) {
  double exponent = simmons_a(b, k) * sqrt(b->p[PHI][k]);
  if (exponent > 2.83 && exponent < OGI_CELL_EXP_MAX) return OG_OK;
  return ogi_fail(err, OG_E_RANGE,
                  "simmons: 4 pi width sqrt(2 mass m_e q phi) / h: saw %.3g, need 2.83 to %g (phi %g V, width %g m)",
                  exponent, OGI_CELL_EXP_MAX, b->p[PHI][k], b->p[WIDTH][k]);
}

/* ---- threshold: keys v_th, v_w, ratio ---- */

enum { T_TH = OGI_KEY_OWN, T_W, T_RATIO };

OGI_HOT static void threshold_loop(const ogi_cell_block *b, const double *restrict v, double *restrict i,
                                   double *restrict slope) {
  const double *th = b->p[T_TH], *w = b->p[T_W], *ratio = b->p[T_RATIO];
  for (size_t k = 0; k < b->count; k++) {
    double a = fabs(v[k]), y = (a - th[k]) / w[k], e = exp_negative(fabs(y)), r = 1 / ratio[k];
    double on = y > 0 ? 1 / (1 + e) : e / (1 + e), rise = e / ((1 + e) * (1 + e)) / w[k]; /* d on / d a */
    double level = r + (1 - r) * on;
    i[k] = b->g[k] * level * v[k];
    slope[k] = b->g[k] * (level + (1 - r) * rise * a);
  }
}

static og_status threshold(const ogi_cell_block *b, const double *v, double *i, double *slope, og_error *err) {
  (void)err;
  threshold_loop(b, v, i, slope);
  return OG_OK;
}

/* ---- transistor: keys v_gate, v_th, beta, slope, v_t, lambda, g_leak ---- */

enum { M_GATE = OGI_KEY_OWN, M_TH, M_BETA, M_SLOPE, M_VT, M_LAMBDA, M_LEAK };

OGI_HOT static void transistor_loop(const ogi_cell_block *b, const double *restrict v, double *restrict i,
                                    double *restrict slope) {
  for (size_t k = 0; k < b->count; k++) {
    double vt = b->p[M_VT][k], n = b->p[M_SLOPE][k], half = 1 / (2 * vt), d_source, d_drain;
    double pinch = (b->p[M_GATE][k] - b->p[M_TH][k]) / n, unit = 2 * n * b->p[M_BETA][k] * vt * vt;
    double source = soft_plus(pinch * half, &d_source), drain = soft_plus((pinch - v[k]) * half, &d_drain);
    double channel = unit * (source - drain) * (source + drain), steep = unit * 2 * drain * d_drain * half;
    double longer = 1 + b->p[M_LAMBDA][k] * fabs(v[k]);
    i[k] = channel * longer + b->p[M_LEAK][k] * v[k];
    slope[k] = steep * longer + b->p[M_LAMBDA][k] * fabs(channel) + b->p[M_LEAK][k];
  }
}

static og_status transistor(const ogi_cell_block *b, const double *v, double *i, double *slope, og_error *err) {
  (void)err;
  transistor_loop(b, v, i, slope);
  return OG_OK;
}

static void transistor_limits(const ogi_cell_block *b, double *low, double *high) {
  for (size_t k = 0; k < b->count; k++) low[k] = -(high[k] = 1e3); /* beyond, a difference of squares is all rounding */
}

/* ---- table ---- */

static double table_point(const ogi_cell_points *t, double v, double *slope) {
  size_t low = 0, high = t->count - 1;
  while (high - low > 1) {
    size_t middle = (low + high) / 2;
    if (t->v[middle] <= v) low = middle;
    else high = middle;
  }
  /* Hermite's cubic on [v_low, v_high] with the slopes of Steffen, s in 0..1. */
  double h = t->v[high] - t->v[low], s = (v - t->v[low]) / h, secant = (t->i[high] - t->i[low]) / h;
  double c2 = 3 * secant - 2 * t->slope[low] - t->slope[high], c3 = t->slope[low] + t->slope[high] - 2 * secant;
  *slope = t->slope[low] + s * (2 * c2 + s * 3 * c3);
  return t->i[low] + h * s * (t->slope[low] + s * (c2 + s * c3));
}

static og_status table(const ogi_cell_block *b, const double *v, double *i, double *slope, og_error *err) {
  const ogi_cell_points *t = &b->cell->points;
  (void)err;
  for (size_t k = 0; k < b->count; k++) {
    double set = b->p[OGI_KEY_OWN][k], scale = b->g[k] / (set > 0 ? set : t->slope_at_zero);
    i[k] = scale * table_point(t, v[k], &slope[k]);
    slope[k] *= scale;
  }
  return OG_OK;
}

static void table_limits(const ogi_cell_block *b, double *low, double *high) {
  const ogi_cell_points *t = &b->cell->points;
  for (size_t k = 0; k < b->count; k++) {
    low[k] = t->v[0];
    high[k] = t->v[t->count - 1];
  }
}

/* ---- user ---- */

static og_status user(const ogi_cell_block *b, const double *v, double *i, double *slope, og_error *err) {
  int gave_up = b->cell->function(b->cell->user, b->first, b->count, b->g, v, i, slope);
  if (gave_up)
    return ogi_fail(err, OG_E_EXTERN, "user function: saw return value %d for cells %zu to %zu, need 0", gave_up,
                    b->first, b->first + b->count - 1);
  for (size_t k = 0; k < b->count; k++)
    if (!(isfinite(i[k]) && isfinite(slope[k]) && (slope[k] > 0 || (b->g[k] == 0 && slope[k] == 0))))
      return ogi_fail(err, OG_E_RANGE,
                      "user function: cell %zu at %g V: saw %g A and %g S, need a finite current and a slope > 0",
                      b->first + k, v[k], i[k], slope[k]);
  return OG_OK;
}

/* ---- the models ---- */

#define KEY_G {"", "g", "S", 0, 1e6, 0, "conductance of all cells instead of the array's; 0: the array's"}
#define KEY_LOW {"", "range_low", "V", -INFINITY, INFINITY, -INFINITY, "lowest voltage of the fit; below: counted"}
#define KEY_HIGH {"", "range_high", "V", -INFINITY, INFINITY, INFINITY, "highest voltage of the fit; above: counted"}
#define COMMON KEY_G, KEY_LOW, KEY_HIGH
#define KEY_VT {"", "v_t", "V", 1e-5, 1, VT_300K, "thermal voltage kT/q"}

const ogi_cell_model ogi_cell_models[] = {
    {"linear", linear, NULL, NULL, 0, {COMMON}},
    {"sinh", sinh_law, sinh_limits, NULL, 0, {COMMON, {"", "v0", "V", 1e-3, 1e6, 0.3, "voltage of the curvature"}}},
    {"schottky", schottky, schottky_limits, NULL, 0,
     {COMMON, KEY_VT,
      {"", "v_s", "V", 1e-6, 1e6, 0.1, "voltage that lowers the barrier by kT"},
      {"", "ideality", "", 1, 100, 1, "ideality of the forward current, rectify = 1"},
      {"", "rectify", "", 0, 1, 0, "0: two contacts back to back; 1: one contact"}}},
    {"simmons", simmons, simmons_limits, simmons_agree, 0,
     {COMMON, {"", "phi", "V", 0.01, 20, 2, "height of the barrier"},
      {"", "width", "m", 1e-11, 1e-7, 1.5e-9, "width of the barrier"},
      {"", "mass", "", 1e-3, 100, 1, "effective mass, in masses of the electron"}}},
    {"threshold", threshold, NULL, NULL, 0,
     {COMMON, {"", "v_th", "V", 0, 1e3, 0.5, "voltage of half the conductance when on"},
      {"", "v_w", "V", 1e-4, 1e3, 0.02, "width of the transition"},
      {"", "ratio", "", 1, 1e15, 1e4, "conductance when on / when off"}}},
    {"transistor", transistor, transistor_limits, NULL, 1,
     {COMMON, {"", "v_gate", "V", -1e3, 1e3, 1, "gate voltage, from the bit node"},
      {"", "v_th", "V", -100, 100, 0.4, "threshold voltage"},
      {"", "beta", "A/V2", 1e-12, 1e3, 5e-4, "transconductance parameter mu C_ox W/L"},
      {"", "slope", "", 1, 10, 1.3, "subthreshold slope factor"}, KEY_VT,
      {"", "lambda", "1/V", 0, 10, 0.05, "channel length modulation"},
      {"", "g_leak", "S", 1e-30, 1, 1e-12, "leakage"}}},
    {NULL, NULL, NULL, NULL, 0, {{0}}}};

const ogi_cell_model ogi_cell_table_model = {
    "table", table, table_limits, NULL, 0,
    {COMMON, {"", "g_ref", "S", 0, 1e6, 0, "the curve is scaled by g / g_ref; 0: its slope at 0 V"}}};
const ogi_cell_model ogi_cell_user_model = {"user", user, NULL, NULL, 0, {COMMON}};
