/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <string.h>

#include <ohmgrid/wire.h>

#include "base/ogi_error.h"

void og_wire_init(og_wire *wire, og_metal metal) {
  *wire = (og_wire){.rho_ohm_meter = 16.78e-9, .tcr_per_kelvin = 3.9e-3, .temperature_kelvin = 293.15,
                    .mean_free_path_meter = 39.9e-9, .specularity = 0.6, .grain_reflection = 0.5};
  if (metal != OG_METAL_W) return;
  wire->rho_ohm_meter = 52.8e-9;
  wire->tcr_per_kelvin = 4.5e-3;
  wire->mean_free_path_meter = 19.1e-9;
  wire->specularity = 0.11;
  wire->grain_reflection = 0.4;
}

/* B [-] of [Mayadas1970]; series where the closed form would cancel. */
static double grain_factor(double a) {
  if (a < 1e-5) return 1 + 1.5 * a;
  if (a > 1e3) return 4 * a / 3 + 16.0 / 15; /* 1/B = 3/(4a) - 3/(5a^2) + ... */
  return 1 / (3 * (1.0 / 3 - a / 2 + a * a - a * a * a * log1p(1 / a)));
}

/*
 * S [-] of [Sondheimer1952], with t = 1/x: the integrand (x - x^3) (1 - e^-k/x) / (1 - p e^-k/x) is smooth on
 * 0..1. Simpson's rule; 2000 steps give 10 digits from k = 0.1 on.
 */
static double surface_factor(double k, double p) {
  enum { STEPS = 2000 };
  double sum = 0;
  for (int s = 1; s < STEPS; s++) { /* the integrand is 0 at both ends */
    double x = (double)s / STEPS, e = exp(-k / x);
    sum += (s % 2 ? 4 : 2) * (x - x * x * x) * (1 - e) / (1 - p * e);
  }
  return 1 / (1 - 1.5 * (1 - p) / k * sum / (3.0 * STEPS));
}

static og_status check_positive(double value, const char *name, const char *unit, og_error *err) {
  if (value > 0 && isfinite(value)) return OG_OK;
  return ogi_fail(err, OG_E_RANGE, "wire: %s: saw %g, need a finite value above 0 (%s)", name, value, unit);
}

static og_status check_sizes(const og_wire *w, double mfp, og_error *err) {
  if (w->width_meter >= 0.1 * mfp && w->thickness_meter >= 0.1 * mfp) return OG_OK;
  return ogi_fail(err, OG_E_RANGE, "wire: saw %g x %g, need a tenth of the mean free path, %g, or more (meter)",
                  w->width_meter, w->thickness_meter, 0.1 * mfp);
}

static og_status check_wire(const og_wire *w, og_error *err) {
  og_status st;
  OGI_TRY(st, check_positive(w->width_meter, "width_meter", "meter", err));
  OGI_TRY(st, check_positive(w->thickness_meter, "thickness_meter", "meter", err));
  OGI_TRY(st, check_positive(w->pitch_meter, "pitch_meter", "meter", err));
  OGI_TRY(st, check_positive(w->rho_ohm_meter, "rho_ohm_meter", "ohm meter", err));
  OGI_TRY(st, check_positive(w->temperature_kelvin, "temperature_kelvin", "kelvin", err));
  if (!isfinite(w->tcr_per_kelvin))
    return ogi_fail(err, OG_E_RANGE, "wire: tcr_per_kelvin: saw %g, need a finite value", w->tcr_per_kelvin);
  if (!(w->mean_free_path_meter >= 0 && isfinite(w->mean_free_path_meter)))
    return ogi_fail(err, OG_E_RANGE, "wire: mean_free_path_meter: saw %g, need 0 or more (meter)",
                    w->mean_free_path_meter);
  if (!(w->specularity >= 0 && w->specularity <= 1))
    return ogi_fail(err, OG_E_RANGE, "wire: specularity: saw %g, need 0 to 1", w->specularity);
  if (!(w->grain_reflection >= 0 && w->grain_reflection < 1))
    return ogi_fail(err, OG_E_RANGE, "wire: grain_reflection: saw %g, need 0 to below 1", w->grain_reflection);
  if (!(w->grain_meter >= 0)) /* INFINITY: a single crystal */
    return ogi_fail(err, OG_E_RANGE, "wire: grain_meter: saw %g, need 0 or more (meter)", w->grain_meter);
done:
  return st;
}

og_status og_wire_ohm(double *ohm, const og_wire *w, og_error *err) {
  og_status st;
  if (ohm == NULL || w == NULL) return ogi_fail(err, OG_E_ARG, "wire: a needed pointer is NULL");
  *ohm = NAN;
  OGI_TRY(st, check_wire(w, err));
  double heat = 1 + w->tcr_per_kelvin * (w->temperature_kelvin - 293.15); /* [-] */
  if (!(heat > 0))
    return ogi_fail(err, OG_E_RANGE, "wire: temperature_kelvin: saw %g, need a bulk resistivity above 0 (kelvin)",
                    w->temperature_kelvin);
  double mfp = w->mean_free_path_meter / heat, factor = 1;
  double grain = w->grain_meter > 0 ? w->grain_meter : fmin(w->width_meter, w->thickness_meter);
  if (mfp > 0) {
    OGI_TRY(st, check_sizes(w, mfp, err));
    factor = grain_factor(mfp / grain * w->grain_reflection / (1 - w->grain_reflection)) +
             surface_factor(w->width_meter / mfp, w->specularity) +
             surface_factor(w->thickness_meter / mfp, w->specularity) - 2;
  }
  *ohm = w->rho_ohm_meter * heat * factor * w->pitch_meter / (w->width_meter * w->thickness_meter);
done:
  return st;
}
