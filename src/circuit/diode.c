/* SPDX-License-Identifier: BSD-3-Clause */
/** The junction diode of SPICE at a temperature: current and charge. Equations: doc/engines-mna.md. */
#include <config.h>

#include <math.h>

#include "circuit/ogi_mna.h"

void og_diode_init(og_diode *d) {
  *d = (og_diode){.is_amp = 1e-14, .n = 1, .vj_volt = 1, .m = 0.5, .fc = 0.5, .bv_volt = INFINITY, .ibv_amp = 1e-3,
                  .eg_ev = 1.11, .xti = 3, .kelvin = 300.15, .tnom_kelvin = 300.15, .area = 1,
                  .multiplicity = 1};
}

static og_status check(const og_diode *d, const char *name, og_error *err) {
  const struct {
    const char *what;
    double value, least, most; /* least < value, or <= where closed */
    int closed;
    const char *unit;
  } field[] = {{"saturation current", d->is_amp, 0, INFINITY, 0, "ampere"},
               {"emission coefficient", d->n, 0, INFINITY, 0, "1"},
               {"series resistance", d->rs_ohm, 0, INFINITY, 1, "ohm"},
               {"junction capacitance", d->cj0_farad, 0, INFINITY, 1, "farad"},
               {"junction potential", d->vj_volt, 0, INFINITY, 0, "volt"},
               {"grading coefficient", d->m, 0, 1, 1, "1"},
               {"forward-bias coefficient", d->fc, 0, 1, 1, "1"},
               {"transit time", d->tt_second, 0, INFINITY, 1, "second"},
               {"breakdown current", d->ibv_amp, 0, INFINITY, 0, "ampere"},
               {"energy gap", d->eg_ev, 0, INFINITY, 1, "electronvolt"},
               {"exponent of temperature", d->xti, -INFINITY, INFINITY, 0, "1"},
               {"temperature", d->kelvin, 0, INFINITY, 0, "kelvin"},
               {"nominal temperature", d->tnom_kelvin, 0, INFINITY, 0, "kelvin"},
               {"area", d->area, 0, INFINITY, 0, "1"},
               {"multiplicity", d->multiplicity, 0, INFINITY, 0, "1"}};
  for (size_t k = 0; k < sizeof field / sizeof *field; k++) {
    int enough = field[k].closed ? field[k].value >= field[k].least : field[k].value > field[k].least;
    if (!enough || !(field[k].value < field[k].most))
      return ogi_fail(err, OG_E_RANGE, "element %s: %s: saw %g, need a finite number %s %g and below %g (%s)", name,
                      field[k].what, field[k].value, field[k].closed ? "of at least" : "above", field[k].least,
                      field[k].most, field[k].unit);
  }
  if (!(d->bv_volt > 0))
    return ogi_fail(err, OG_E_RANGE, "element %s: breakdown: saw %g, need more than 0, or infinity (volt)", name,
                    d->bv_volt);
  return OG_OK;
}

/* Energy gap of silicon [eV]; 1.16 - 7.02e-4 T^2 / (T + 1108), as in SPICE [Nagel1975]. */
static double gap(double kelvin) { return 1.16 - 7.02e-4 * kelvin * kelvin / (kelvin + 1108); }

static double thermal(double kelvin) { return OGI_BOLTZMANN * kelvin / OGI_ELEMENTARY_CHARGE; }

/* What SPICE adds to a junction potential that goes with T / 300.15 K [V]. */
static double potential_shift(double kelvin) {
  const double reference = 300.15, gap_there = 1.1150877; /* [K], [eV] at 300.15 K */
  double vt = thermal(kelvin);
  return -2 * vt * (1.5 * log(kelvin / reference) - gap(kelvin) / (2 * vt) + gap_there / (2 * thermal(reference)));
}

/* Junction potential and capacitance from tnom to the temperature, by way of 300.15 K. */
static void move_depletion(ogi_junction *j, const og_diode *d) {
  const double reference = 300.15, slope = 400e-6; /* [K], [1/K] */
  double there = (d->vj_volt - potential_shift(d->tnom_kelvin)) / (d->tnom_kelvin / reference);
  j->vj = potential_shift(d->kelvin) + d->kelvin / reference * there;
  j->cj = d->area * d->multiplicity * d->cj0_farad;
  j->cj /= 1 + d->m * (slope * (d->tnom_kelvin - reference) - (d->vj_volt - there) / there);
  j->cj *= 1 + d->m * (slope * (d->kelvin - reference) - (j->vj - there) / there);
}

/* Voltage b at which the exponential branch meets ibv at bv: is (exp((bv - b) / vte) - 1 + b / vte) = ibv. */
static double breakdown_of(const ogi_junction *j, const og_diode *d) {
  double amp = d->multiplicity * d->ibv_amp, b; /* whatever the area, as in ngspice */
  if (isinf(d->bv_volt) || amp <= j->is * d->bv_volt / j->vte) return d->bv_volt;
  b = d->bv_volt - j->vte * log1p(amp / j->is);
  for (int k = 0; k < 60; k++) b = d->bv_volt - j->vte * log(fmax(amp / j->is + 1 - b / j->vte, 1));
  return b;
}

og_status ogi_junction_make(ogi_junction *j, const og_diode *d, const char *name, og_error *err) {
  og_status st = check(d, name, err);
  if (st != OG_OK) return st;
  double ratio = d->kelvin / d->tnom_kelvin, size = d->area * d->multiplicity;
  *j = (ogi_junction){.m = d->m, .transit = d->tt_second, .kelvin = d->kelvin, .seen = NAN};
  j->vte = d->n * thermal(d->kelvin);
  j->is = size * d->is_amp * exp((ratio - 1) * d->eg_ev / j->vte + d->xti / d->n * log(ratio));
  j->series = d->rs_ohm > 0 ? size / d->rs_ohm : 0;
  move_depletion(j, d);
  if (!(isnormal(j->is) && j->vj > 0 && j->cj >= 0 && isfinite(j->cj)))
    return ogi_fail(err, OG_E_RANGE, "element %s: at %g K: saw %g A, %g V, %g F for saturation, junction potential and "
                    "capacitance, need positive ones", name, d->kelvin, j->is, j->vj, j->cj);
  j->critical = j->vte * log(j->vte / (M_SQRT2 * j->is));
  j->breakdown = breakdown_of(j, d);
  j->edge = d->fc * j->vj;
  j->f1 = j->vj * -expm1((1 - d->m) * log1p(-d->fc)) / (1 - d->m);
  j->f2 = exp((1 + d->m) * log1p(-d->fc));
  j->f3 = 1 - d->fc * (1 + d->m);
  return OG_OK;
}

/* is exp(u) and its slope by u; beyond a hundred decades a tangent, so that no trial point overflows. */
static double exponential(double is, double u, double *slope) {
  double top = fmin(u, 230);
  *slope = is * exp(top);
  return *slope * (1 + u - top);
}

/* Forward: Shockley. Below -3 vte SPICE's cubic tail, below the breakdown voltage an exponential. */
static void conduct(const ogi_junction *j, double v, ogi_bias *bias) {
  double slope;
  if (v >= -3 * j->vte) {
    double u = v / j->vte;
    bias->amp = u < 1 ? j->is * expm1(u) : exponential(j->is, u, &slope) - j->is;
    exponential(j->is, u, &slope);
    bias->siemens = slope / j->vte;
  } else if (v >= -j->breakdown) {
    double tail = 3 * j->vte / (v * M_E), cube = tail * tail * tail; /* < 0 */
    bias->amp = -j->is * (1 + cube);
    bias->siemens = j->is * 3 * cube / v;
  } else {
    bias->amp = -exponential(j->is, -(j->breakdown + v) / j->vte, &slope);
    bias->siemens = slope / j->vte;
  }
}

/* Depletion charge, and tt times the current. */
static void store(const ogi_junction *j, double v, ogi_bias *bias) {
  if (v < j->edge) {
    double left = 1 - v / j->vj, power = pow(left, -j->m);
    bias->coulomb = j->cj * j->vj * (1 - left * power) / (1 - j->m);
    bias->farad = j->cj * power;
  } else {
    double c = j->cj / j->f2;
    bias->coulomb = j->cj * j->f1 + c * (j->f3 * (v - j->edge) + j->m / (2 * j->vj) * (v * v - j->edge * j->edge));
    bias->farad = c * (j->f3 + j->m * v / j->vj);
  }
  bias->coulomb += j->transit * bias->amp;
  bias->farad += j->transit * bias->siemens;
}

ogi_bias ogi_junction_at(const ogi_junction *j, double v) {
  ogi_bias bias = {0};
  conduct(j, v, &bias);
  if (j->cj > 0 || j->transit > 0) store(j, v, &bias);
  return bias;
}

/* Where the new voltage lies in the steep part, the step is that of the logarithm of the current. */
static double limit_forward(const ogi_junction *j, double v, double before) {
  if (v <= j->critical || fabs(v - before) <= 2 * j->vte) return v;
  if (before <= 0) return j->vte * log(v / j->vte);
  double share = 1 + (v - before) / j->vte;
  return share > 0 ? before + j->vte * log(share) : j->critical;
}

double ogi_junction_limit(const ogi_junction *j, double v) {
  if (isnan(j->seen)) return j->critical;
  if (v < fmin(0, -j->breakdown + 10 * j->vte)) /* the breakdown branch is the forward one mirrored */
    return -(limit_forward(j, -(v + j->breakdown), -(j->seen + j->breakdown)) + j->breakdown);
  return limit_forward(j, v, j->seen);
}
