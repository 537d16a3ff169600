/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <string.h>

#include <ohmgrid/gate.h>

#include "base/ogi_error.h"

/* 1 / (1/g + r) [S] without the division by an open cell; an open switch leaves nothing. */
static double in_series(double g, double ohm) { return isinf(ohm) ? 0 : g / (1 + g * ohm); }

og_status og_gates_apply(size_t m, size_t n, const unsigned char *row_on, const unsigned char *cell_on,
                         const double *g, double r_on_ohm, double r_off_ohm, double *out, og_error *err) {
  if (g == NULL || out == NULL) return ogi_fail(err, OG_E_ARG, "gates: a needed pointer is NULL");
  if (!(r_on_ohm >= 0)) return ogi_fail(err, OG_E_RANGE, "gates: r_on_ohm: saw %g, need 0 to inf (ohm)", r_on_ohm);
  if (!(r_off_ohm >= 0)) return ogi_fail(err, OG_E_RANGE, "gates: r_off_ohm: saw %g, need 0 to inf (ohm)", r_off_ohm);
  for (size_t k = 0; k < m * n; k++)
    if (!(g[k] >= 0 && isfinite(g[k])))
      return ogi_fail(err, OG_E_RANGE, "conductance (%zu,%zu): saw %g, need a finite value >= 0 (siemens)", k / n,
                      k % n, g[k]);
  for (size_t k = 0; k < m * n; k++) {
    int on = (row_on == NULL || row_on[k / n]) && (cell_on == NULL || cell_on[k]);
    out[k] = in_series(g[k], on ? r_on_ohm : r_off_ohm);
  }
  return OG_OK;
}

og_status og_pairs_expand(size_t m, size_t n, size_t k, const double *v, const double *g_pos, const double *g_neg,
                          double *v_out, double *g_out, og_error *err) {
  if ((v == NULL) != (v_out == NULL) || (g_pos == NULL) != (g_out == NULL) || (g_neg == NULL) != (g_out == NULL))
    return ogi_fail(err, OG_E_ARG, "pairs: a needed pointer is NULL");
  for (size_t e = 0; v != NULL && e < k * m; e++) {
    v_out[2 * e] = v[e];
    v_out[2 * e + 1] = -v[e];
  }
  for (size_t i = 0; g_out != NULL && i < m; i++) {
    memcpy(g_out + 2 * i * n, g_pos + i * n, n * sizeof *g_out);
    memcpy(g_out + (2 * i + 1) * n, g_neg + i * n, n * sizeof *g_out);
  }
  return OG_OK;
}

og_status og_bias_fill(og_bias scheme, size_t m, size_t n, size_t i, size_t j, double volt, double *v, double *u,
                       og_error *err) {
  if (v == NULL || u == NULL) return ogi_fail(err, OG_E_ARG, "bias: a needed pointer is NULL");
  if ((unsigned)scheme > OG_BIAS_THIRD)
    return ogi_fail(err, OG_E_RANGE, "bias: scheme: saw %d, need OG_BIAS_HALF or _THIRD", (int)scheme);
  if (i >= m || j >= n)
    return ogi_fail(err, OG_E_RANGE, "bias: saw cell (%zu,%zu), need one of %zu x %zu", i, j, m, n);
  if (!isfinite(volt)) return ogi_fail(err, OG_E_RANGE, "bias: saw %g, need a finite voltage (volt)", volt);
  double word = scheme == OG_BIAS_HALF ? volt / 2 : volt / 3, bit = scheme == OG_BIAS_HALF ? volt / 2 : 2 * volt / 3;
  for (size_t l = 0; l < m; l++) v[l] = l == i ? volt : word;
  for (size_t l = 0; l < n; l++) u[l] = l == j ? 0 : bit;
  return OG_OK;
}
