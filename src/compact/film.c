/* SPDX-License-Identifier: BSD-3-Clause */
/* Everett's function of the tanh loop. Exponentials are put together before they are taken: nothing overflows. */
#include <config.h>

#include <gsl/gsl_integration.h>
#include <math.h>

#include "base/ogi_num.h"
#include "compact/ogi_preisach.h"

static og_status check(const char *what, double x, double low, double high, const char *unit, og_error *err) {
  if (x >= low && x <= high) return OG_OK;
  return ogi_fail(err, OG_E_RANGE, "%s: saw %g, need %g .. %g (%s)", what, x, low, high, unit);
}

og_status ogi_film_make(ogi_film *f, const og_preisach_film *film, og_error *err) {
  og_status st = OG_OK;
  double ratio = film->pr_coulomb_m2 / film->ps_coulomb_m2;
  OGI_TRY(st, check("ps", film->ps_coulomb_m2, 1e-9, 1e3, "C/m2", err));
  if (!(ratio >= 1e-6 && ratio <= 1 - 1e-9)) {
    st = ogi_fail(err, OG_E_RANGE, "pr/ps: saw %g, need 1e-6 .. 1 - 1e-9 (-)", ratio);
    goto done;
  }
  OGI_TRY(st, check("vc", film->vc_volt, 1e-6, 1e5, "V", err));
  OGI_TRY(st, check("mirror", film->mirror, 0, 1, "-", err));
  OGI_TRY(st, check("area", film->area_m2, 1e-24, 1e6, "m2", err));
  OGI_TRY(st, check("farad", film->farad, 0, 1e6, "F", err));
  double c = 2 * atanh(ratio); /* ln((1 + pr/ps)/(1 - pr/ps)) */
  *f = (ogi_film){.ps = film->ps_coulomb_m2, .pr = film->pr_coulomb_m2, .vc = film->vc_volt, .mirror = film->mirror,
                  .area = film->area_m2, .farad = film->farad, .c = c, .coth = 1 / tanh(c),
                  .k = c / (2 * film->vc_volt)};
done:
  return st;
}

og_status ogi_film_volt(const char *what, size_t at, double volt, og_error *err) {
  if (fabs(volt) <= OG_PREISACH_VOLT_MAX) return OG_OK;
  return ogi_fail(err, OG_E_RANGE, "%s %zu: voltage: saw %g, need -%g .. %g (V)", what, at, volt, OG_PREISACH_VOLT_MAX,
                  OG_PREISACH_VOLT_MAX);
}

/* ---- the saturated loop ---- */

static double rising(const ogi_film *f, double v) { return f->ps * tanh(f->k * (v - f->vc)); }  /* [C/m2] */
static double falling(const ogi_film *f, double v) { return f->ps * tanh(f->k * (v + f->vc)); } /* [C/m2] */

/* ps k sech^2 [F/m2] */
static double bell(const ogi_film *f, double x) {
  double s = 1 / cosh(x);
  return f->ps * f->k * s * s;
}
static double rising_slope(const ogi_film *f, double v) { return bell(f, f->k * (v - f->vc)); }
static double falling_slope(const ogi_film *f, double v) { return bell(f, f->k * (v + f->vc)); }

/* ln(2 cosh(x)) */
static double ln_2cosh(double x) { return fabs(x) + log1p(exp(-2 * fabs(x))); }

/* ---- independent thresholds ---- */

/* tanh A - tanh B + sinh(c) exp(-h coth c)/(cosh A cosh B): the sum of ohmgrid/preisach.h as sinh(h - c) is
   cosh A cosh B (tanh A - tanh B). The exponent is at most 0, for c <= h + |A| + |B| and coth c > 1. [C/m2] */
static double everett_free(const ogi_film *f, double a, double b) {
  double x = f->k * (a - f->vc), y = f->k * (b + f->vc), h = f->k * (a - b);
  double last = exp(fmin(0, f->c - ln_2cosh(x) - ln_2cosh(y) - h * f->coth)) * -2 * expm1(-2 * f->c);
  return fmax(0, f->ps * (tanh(x) - tanh(y) + last));
}

/* dE/da: all relays of threshold a but those below b: rising_slope (1 - r), r = exp(-h coth c) cosh(k (a + vc)) /
   cosh(k (b + vc)) <= 1. [F/m2] */
static double slope_free(const ogi_film *f, double a, double b) {
  double r = f->k * (b - a) * f->coth + ln_2cosh(f->k * (a + f->vc)) - ln_2cosh(f->k * (b + f->vc));
  return -rising_slope(f, a) * expm1(fmin(0, r));
}

/* ---- mirrored thresholds ---- */

static double reversible(const ogi_film *f, double v) { return copysign(falling(f, fabs(v)) - f->pr, v); } /* R */

/* 2 G, relays of thresholds -+ 0 .. v [C/m2] */
static double relays(const ogi_film *f, double v) {
  return v <= 0 ? 0 : fmax(0, 2 * f->pr - (falling(f, v) - rising(f, v)));
}

static double everett_mirror(const ogi_film *f, double a, double b) {
  return reversible(f, a) - reversible(f, b) + relays(f, fmin(a, -b));
}

/* dE/da: R' + 2 G' is rising_slope where relays still switch. [F/m2] */
static double slope_mirror(const ogi_film *f, double a, double b) {
  return a > 0 && a <= -b ? rising_slope(f, a) : falling_slope(f, fabs(a));
}

/* ---- both ---- */

double ogi_film_everett(const ogi_film *f, double high, double low) {
  double e = f->mirror < 1 ? (1 - f->mirror) * everett_free(f, high, low) : 0;
  return f->mirror > 0 ? e + f->mirror * everett_mirror(f, high, low) : e;
}

/* A film that went down is one that went up with all signs changed: E(a, b) = E(-b, -a). */
double ogi_film_slope(const ogi_film *f, double from, double v) {
  double a = v >= from ? v : -v, b = v >= from ? from : -from;
  double s = f->mirror < 1 ? (1 - f->mirror) * slope_free(f, a, b) : 0;
  return f->mirror > 0 ? s + f->mirror * slope_mirror(f, a, b) : s;
}

/* Depoled: relays with a + b < 0 are up. Going to V > 0 takes half of those in -V .. V: P = E(V, -V)/2. */
double ogi_film_start(const ogi_film *f, og_preisach_start start, double v) {
  if (start == OG_PREISACH_DOWN) return rising(f, v);
  if (start == OG_PREISACH_UP) return falling(f, v);
  return copysign(0.5 * ogi_film_everett(f, fabs(v), -fabs(v)), v);
}

double ogi_film_start_slope(const ogi_film *f, og_preisach_start start, double v) {
  if (start == OG_PREISACH_DOWN) return rising_slope(f, v);
  if (start == OG_PREISACH_UP) return falling_slope(f, v);
  double a = fabs(v), mirrored = 0.5 * (rising_slope(f, a) + falling_slope(f, a)); /* R' + G' */
  return (1 - f->mirror) * slope_free(f, a, -a) + f->mirror * mirrored;
}

/* ---- public ---- */

static og_status swing(ogi_film *f, const og_preisach_film *film, double high, double low, const void *out,
                       og_error *err) {
  if (film == NULL || out == NULL) return ogi_fail(err, OG_E_ARG, "film or result: saw NULL, need one (-)");
  og_status st = OG_OK;
  OGI_TRY(st, ogi_film_make(f, film, err));
  OGI_TRY(st, ogi_film_volt("end", 0, high, err));
  OGI_TRY(st, ogi_film_volt("end", 1, low, err));
  if (high < low) st = ogi_fail(err, OG_E_RANGE, "high: saw %g, need at least low, %g (V)", high, low);
done:
  return st;
}

og_status og_preisach_everett(const og_preisach_film *film, double high_volt, double low_volt, double *e_coulomb_m2,
                              og_error *err) {
  ogi_film f;
  ogi_poison(e_coulomb_m2, 1);
  og_status st = swing(&f, film, high_volt, low_volt, e_coulomb_m2, err);
  if (st == OG_OK) *e_coulomb_m2 = ogi_film_everett(&f, high_volt, low_volt);
  return st;
}

/* [V] vc + 40 d: exp(-40) of the relays switch beyond */
static double far_off(const ogi_film *f) { return f->vc + 20 / f->k; }

/* Falling less rising branch of the loop, integrated over V [J/m2]; panels of 2 d, whose half is a third of the
   distance to the next pole (pi d): 16 points are exact to rounding. */
static double loss_free(const ogi_film *f, double high, double low, const gsl_integration_glfixed_table *rule) {
  double sum = 0;
  high = fmin(high, far_off(f));
  low = fmax(low, -far_off(f));
  if (high <= low) return 0;
  double whole = everett_free(f, high, low);
  size_t panels = (size_t)ceil((high - low) * f->k) + 1;
  double wide = (high - low) / (double)panels;
  for (size_t n = 0; n < panels; n++)
    for (size_t i = 0; i < rule->n; i++) {
      double v, w;
      gsl_integration_glfixed_point(low + (double)n * wide, low + (double)(n + 1) * wide, i, &v, &w, rule);
      sum += w * (whole - everett_free(f, high, v) - everett_free(f, v, low));
    }
  return sum;
}

/* Sum of 2 (moment) 2 v (width) over relays up to x: 2 (x 2G - integral of 2G), with the loop's width w = 2 pr - 2G and
   its integral over 0 .. x, ps/k ln(cosh(k (x + vc))/cosh(k (x - vc))). [J/m2] */
static double loss_mirror(const ogi_film *f, double high, double low) {
  double x = fmin(fmin(high, -low), far_off(f));
  if (x <= 0) return 0;
  double under = f->ps / f->k * (ln_2cosh(f->k * (x + f->vc)) - ln_2cosh(f->k * (x - f->vc)));
  return 2 * (under - x * (falling(f, x) - rising(f, x)));
}

og_status og_preisach_loop(const og_preisach_film *film, double high_volt, double low_volt, double *joule,
                           og_error *err) {
  ogi_film f;
  ogi_poison(joule, 1);
  og_status st = swing(&f, film, high_volt, low_volt, joule, err);
  if (st != OG_OK) return st;
  gsl_integration_glfixed_table *rule = gsl_integration_glfixed_table_alloc(16);
  if (rule == NULL) return ogi_fail(err, OG_E_NOMEM, "rule of 16 points");
  double loss = (1 - f.mirror) * loss_free(&f, high_volt, low_volt, rule);
  loss += f.mirror * loss_mirror(&f, high_volt, low_volt);
  gsl_integration_glfixed_table_free(rule);
  *joule = f.area * fmax(0, loss);
  return OG_OK;
}
