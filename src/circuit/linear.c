/* SPDX-License-Identifier: BSD-3-Clause */
/** KLU [Davis2010]: order once, factor in full once, then refactor on the same pivots; refinement judges the result. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "circuit/ogi_mna.h"

og_status ogi_linear_analyse(ogi_linear *l, og_error *err) {
  klu_defaults(&l->common);
  l->common.scale = 2; /* rows divided by their largest entry: rows in ampere and in volt stand side by side */
  l->symbolic = klu_analyze(l->n, l->ap, l->ai, &l->common);
  if (l->symbolic != NULL) return OG_OK;
  if (l->common.status == KLU_OUT_OF_MEMORY) return ogi_fail(err, OG_E_NOMEM, "circuit: klu: %d unknowns", l->n);
  return ogi_fail(err, OG_E_INTERNAL, "circuit: klu: status %d of the analysis", l->common.status);
}

static og_status outcome(const ogi_linear *l, int good, int *column, og_error *err) {
  if (good && l->common.status == KLU_OK) return OG_OK;
  if (l->common.status == KLU_SINGULAR) {
    *column = l->common.singular_col;
    return OG_E_SINGULAR;
  }
  if (l->common.status == KLU_OUT_OF_MEMORY || l->common.status == KLU_TOO_LARGE)
    return ogi_fail(err, OG_E_NOMEM, "circuit: klu: %d unknowns", l->n);
  return ogi_fail(err, OG_E_INTERNAL, "circuit: klu: status %d of the factorisation", l->common.status);
}

og_status ogi_linear_factor(ogi_linear *l, int full, int *column, og_error *err) {
  *column = -1;
  if (!full && l->numeric != NULL &&
      klu_refactor(l->ap, l->ai, l->ax, l->symbolic, l->numeric, &l->common) && l->common.status == KLU_OK) {
    l->fresh = 0;
    return OG_OK;
  }
  klu_free_numeric(&l->numeric, &l->common);
  l->numeric = klu_factor(l->ap, l->ai, l->ax, l->symbolic, &l->common);
  l->fresh = 1;
  og_status st = outcome(l, l->numeric != NULL, column, err);
  if (st != OG_OK) klu_free_numeric(&l->numeric, &l->common);
  return st;
}

/* residual = b - A x, size = |A||x| + |b|; the largest ratio, which is the backward error of x (Oettli and Prager). */
static double backward_error(ogi_linear *l, const double *b, const double *x) {
  double worst = 0;
  for (int k = 0; k < l->n; k++) {
    l->residual[k] = b[k];
    l->size[k] = fabs(b[k]);
  }
  for (int j = 0; j < l->n; j++)
    for (int k = l->ap[j]; k < l->ap[j + 1]; k++) {
      l->residual[l->ai[k]] -= l->ax[k] * x[j];
      l->size[l->ai[k]] += fabs(l->ax[k] * x[j]);
    }
  for (int k = 0; k < l->n; k++) {
    double ratio = fabs(l->residual[k]) / (l->size[k] + 1e-280); /* what underflows is no error */
    if (!(ratio <= worst)) worst = ratio; /* keeps NaN */
  }
  return worst;
}

double ogi_linear_solve(ogi_linear *l, const double *b, double *x) {
  memcpy(x, b, (size_t)l->n * sizeof *x);
  klu_solve(l->symbolic, l->numeric, l->n, 1, x, &l->common);
  double error = backward_error(l, b, x);
  if (!(error > 1e-15)) return error;
  klu_solve(l->symbolic, l->numeric, l->n, 1, l->residual, &l->common);
  for (int k = 0; k < l->n; k++) x[k] += l->residual[k];
  return backward_error(l, b, x);
}

og_status ogi_linear_factor_complex(ogi_linear *l, int *column, og_error *err) {
  *column = -1;
  klu_z_free_numeric(&l->complex, &l->common);
  l->complex = klu_z_factor(l->ap, l->ai, l->az, l->symbolic, &l->common);
  og_status st = outcome(l, l->complex != NULL, column, err);
  if (st != OG_OK) klu_z_free_numeric(&l->complex, &l->common);
  return st;
}

void ogi_linear_clear(ogi_linear *l) {
  klu_free_numeric(&l->numeric, &l->common);
  klu_z_free_numeric(&l->complex, &l->common);
  klu_free_symbolic(&l->symbolic, &l->common);
  *l = (ogi_linear){0}; /* ap, ai, ax and the rest lie in blocks of the circuit */
}
