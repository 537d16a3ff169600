/* SPDX-License-Identifier: BSD-3-Clause */
/** Small signals: the circuit made linear at its operating point, and noise by its adjoint [Rohrer1971]. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "circuit/ogi_mna.h"

/* The complex matrix at hertz, factored; the operating point is found first if there is none. */
static og_status factor_at(og_circuit *c, double hertz, og_circuit_info *info, og_error *err) {
  og_status st = OG_OK;
  int column;
  if (info != NULL) *info = (og_circuit_info){0};
  if (c == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  if (!(hertz >= 0 && isfinite(hertz)))
    return ogi_fail(err, OG_E_RANGE, "circuit: frequency: saw %g, need a finite number of 0 or more (hertz)", hertz);
  c->rung = 0;
  if (!c->operated || c->stale) OGI_TRY(st, og_circuit_dc(c, info, err));
  size_t n = (size_t)c->unknowns;
  if (c->z == NULL) c->z = ogi_alloc(2 * (n + (size_t)c->linear.ap[n]), sizeof *c->z);
  if (c->z == NULL) return ogi_fail(err, OG_E_NOMEM, "circuit: %zu complex unknowns", n);
  c->linear.az = c->z + 2 * n;
  c->omega = 2 * M_PI * hertz;
  ogi_mna_load(c, &c->stage, c->x, OGI_LOAD_COMPLEX);
  st = ogi_linear_factor_complex(&c->linear, &column, err);
  if (st == OG_E_SINGULAR) st = ogi_mna_singular(c, column, err);
done:
  return st;
}

static void drive(double *z, int row, double sign, const double ac[2]) {
  for (int part = 0; row >= 0 && part < 2; part++) z[2 * row + part] += sign * ac[part];
}

og_status og_circuit_ac(og_circuit *c, double hertz, og_circuit_info *info, og_error *err) {
  og_status st;
  OGI_TRY(st, factor_at(c, hertz, info, err));
  memset(c->z, 0, 2 * (size_t)c->unknowns * sizeof *c->z);
  for (size_t k = 0; k < c->count; k++) {
    const ogi_element *e = &c->element[k];
    if (e->kind == 'V') drive(c->z, e->branch, 1, e->source->ac);
    if (e->kind != 'I') continue;
    drive(c->z, e->a, -1, e->source->ac);
    drive(c->z, e->b, 1, e->source->ac);
  }
  if (!klu_z_solve(c->linear.symbolic, c->linear.complex, c->unknowns, 1, c->z, &c->linear.common))
    return ogi_fail(err, OG_E_INTERNAL, "circuit: klu: status %d of the solution", c->linear.common.status);
  c->rung = 1;
done:
  return st;
}

/* ---- noise ---- */

/* |y_a - y_b|^2, what 1 A from a to b makes at the output [ohm^2]. */
static double transfer(const double *y, int a, int b) {
  double sum = 0;
  for (int part = 0; part < 2; part++) {
    double d = (a < 0 ? 0 : y[2 * a + part]) - (b < 0 ? 0 : y[2 * b + part]);
    sum += d * d;
  }
  return sum;
}

/* 4 k T G of a conductance and 2 q |I| of a junction [A^2/Hz] [Nagel1975], times their transfer [V^2/Hz]. */
static double density_of(const og_circuit *c, const ogi_element *e, const double *y) {
  if (e->kind == 'R') return 4 * OGI_BOLTZMANN * c->kelvin / e->value * transfer(y, e->a, e->b);
  if (e->kind != 'D') return 0;
  const ogi_junction *j = e->junction;
  double amp = ogi_mna_current(c, e, c->x, c->rate);
  double thermal = j->series > 0 ? 4 * OGI_BOLTZMANN * j->kelvin * j->series * transfer(y, e->a, e->p) : 0;
  return thermal + 2 * OGI_ELEMENTARY_CHARGE * fabs(amp) * transfer(y, e->p, e->b);
}

static og_status find_input(const og_circuit *c, const char *source, ogi_element **e, og_error *err) {
  og_status st = ogi_mna_find_element(c, source, e, err);
  if (st == OG_OK && (*e)->source == NULL)
    return ogi_fail(err, OG_E_INPUT, "element %s: saw kind %c, need V or I", source, (*e)->kind);
  return st;
}

og_status og_circuit_noise(og_circuit *c, const char *node, const char *reference, const char *source, double hertz,
                           double *output_density, double *gain, og_error *err) {
  og_status st;
  int plus, minus = OGI_GROUND;
  ogi_element *input = NULL;
  if (output_density == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  *output_density = NAN;
  if (gain != NULL) *gain = NAN;
  OGI_TRY(st, ogi_mna_find_node(c, node, &plus, err));
  if (reference != NULL) OGI_TRY(st, ogi_mna_find_node(c, reference, &minus, err));
  if (source != NULL) OGI_TRY(st, find_input(c, source, &input, err));
  OGI_TRY(st, factor_at(c, hertz, NULL, err));
  memset(c->z, 0, 2 * (size_t)c->unknowns * sizeof *c->z);
  drive(c->z, plus, 1, (double[]){1, 0});
  drive(c->z, minus, -1, (double[]){1, 0});
  if (!klu_z_tsolve(c->linear.symbolic, c->linear.complex, c->unknowns, 1, c->z, 0, &c->linear.common))
    return ogi_fail(err, OG_E_INTERNAL, "circuit: klu: status %d of the adjoint solution", c->linear.common.status);
  *output_density = 0;
  for (size_t k = 0; k < c->count; k++)
    *output_density += c->element[k].density = density_of(c, &c->element[k], c->z);
  if (gain == NULL) goto done;
  *gain = 0;
  if (input != NULL) *gain = sqrt(input->kind == 'V' ? transfer(c->z, input->branch, OGI_GROUND)
                                                     : transfer(c->z, input->a, input->b));
done:
  return st;
}
