/* SPDX-License-Identifier: BSD-3-Clause */
/* Films from measured loops. */
#include <config.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "compact/ogi_preisach.h"

/* A loop over its largest voltage and polarisation. */
typedef struct loop {
  double *v, *p, *way; /* [-], [-], 1 on the rising branch, -1 on the falling one */
  size_t count;
  double volt, coulomb_m2; /* [V], [C/m2] what they were divided by */
} loop;

static void drop_loop(loop *l) {
  ogi_free(l->v);
  ogi_free(l->p);
  ogi_free(l->way);
}

static double largest(const double *x, size_t count) {
  double most = 0;
  for (size_t k = 0; k < count; k++) most = fmax(most, fabs(x[k]));
  return most;
}

static og_status check_points(const double *volt, const double *p, size_t count, og_error *err) {
  for (size_t k = 0; k < count; k++) {
    og_status st = ogi_film_volt("point", k, volt[k], err);
    if (st != OG_OK) return st;
    if (!(fabs(p[k]) <= 1e6))
      return ogi_fail(err, OG_E_RANGE, "point %zu: polarisation: saw %g, need -1e6 .. 1e6 (C/m2)", k, p[k]);
  }
  return OG_OK;
}

static og_status read_loop(loop *l, const double *volt, const double *p, size_t count, og_error *err) {
  l->count = count;
  l->volt = largest(volt, count);
  l->coulomb_m2 = largest(p, count);
  if (l->volt == 0 || l->coulomb_m2 == 0)
    return ogi_fail(err, OG_E_RANGE, "loop: saw %s of 0 alone, need a loop (-)",
                    l->volt == 0 ? "voltages" : "polarisations");
  l->v = ogi_alloc(count, sizeof *l->v);
  l->p = ogi_alloc(count, sizeof *l->p);
  l->way = ogi_alloc(count, sizeof *l->way);
  if (l->v == NULL || l->p == NULL || l->way == NULL) return ogi_fail(err, OG_E_NOMEM, "%zu points", count);
  size_t moved = 1;
  while (moved < count && volt[moved] == volt[0]) moved++;
  for (size_t k = 0; k < count; k++) {
    double step = k < moved ? volt[ogi_min_size(moved, count - 1)] - volt[0] : volt[k] - volt[k - 1];
    l->v[k] = volt[k] / l->volt;
    l->p[k] = p[k] / l->coulomb_m2;
    l->way[k] = step == 0 ? l->way[k - (k > 0)] : copysign(1, step);
  }
  return OG_OK;
}

/* Voltage and slope of the first crossing of P = 0 on a branch; 0 if there is none. */
static int crossing(const loop *l, double way, double *v, double *slope) {
  for (size_t k = 1; k < l->count; k++) {
    double a = l->p[k - 1], b = l->p[k], wide = l->v[k] - l->v[k - 1];
    if (l->way[k] != way || l->way[k - 1] != way || wide == 0 || way * a >= 0 || way * b < 0) continue;
    *slope = (b - a) / wide;
    *v = l->v[k - 1] - a / *slope;
    return 1;
  }
  return 0;
}

/* x = ln ps, ln vc, ln k, all of the divided loop, so that none turns negative. */
static og_status guess(gsl_vector *x, const loop *l, og_error *err) {
  double up, down, up_slope, down_slope;
  if (!crossing(l, 1, &up, &up_slope) || !crossing(l, -1, &down, &down_slope))
    return ogi_fail(err, OG_E_RANGE,
                    "loop: saw a branch that misses 0, need a rising and a falling one that cross it (C/m2)");
  if (!(up > down))
    return ogi_fail(err, OG_E_RANGE, "loop: saw it rise through 0 at %g and fall at %g, need the first larger (V)",
                    up * l->volt, down * l->volt);
  gsl_vector_set(x, 0, 0);
  gsl_vector_set(x, 1, log(0.5 * (up - down)));
  gsl_vector_set(x, 2, log(0.5 * (up_slope + down_slope))); /* dP/dV = ps k there */
  return OG_OK;
}

static int residual(const gsl_vector *x, void *data, gsl_vector *r) {
  const loop *l = data;
  double ps = exp(gsl_vector_get(x, 0)), vc = exp(gsl_vector_get(x, 1)), k = exp(gsl_vector_get(x, 2));
  if (!isfinite(ps) || !isfinite(vc) || !isfinite(k)) return GSL_EDOM;
  for (size_t n = 0; n < l->count; n++)
    gsl_vector_set(r, n, ps * tanh(k * (l->v[n] - l->way[n] * vc)) - l->p[n]);
  return GSL_SUCCESS;
}

/* By the logarithms: times ps, vc, k. */
static int slopes(const gsl_vector *x, void *data, gsl_matrix *j) {
  const loop *l = data;
  double ps = exp(gsl_vector_get(x, 0)), vc = exp(gsl_vector_get(x, 1)), k = exp(gsl_vector_get(x, 2));
  for (size_t n = 0; n < l->count; n++) {
    double u = l->v[n] - l->way[n] * vc, t = tanh(k * u), bell = ps * (1 - t * t);
    gsl_matrix_set(j, n, 0, ps * t);
    gsl_matrix_set(j, n, 1, -bell * k * l->way[n] * vc);
    gsl_matrix_set(j, n, 2, bell * u * k);
  }
  return GSL_SUCCESS;
}

/* With the loop's units put back. */
static og_status take(og_preisach_film *film, const loop *l, const gsl_vector *x, og_error *err) {
  og_preisach_film found = *film;
  ogi_film f;
  found.vc_volt = l->volt * exp(gsl_vector_get(x, 1));
  found.ps_coulomb_m2 = l->coulomb_m2 * exp(gsl_vector_get(x, 0));
  found.pr_coulomb_m2 = found.ps_coulomb_m2 * tanh(exp(gsl_vector_get(x, 1) + gsl_vector_get(x, 2)));
  og_preisach_film alone = found;
  alone.mirror = alone.farad = 0;
  alone.area_m2 = 1;
  if (ogi_film_make(&f, &alone, err) != OG_OK) return ogi_prefix(err, OG_E_NOCONV, "fit of the loop");
  *film = found;
  return OG_OK;
}

static og_status minimise(gsl_multifit_nlinear_workspace *room, loop *l, og_preisach_film *film, double *rms,
                          og_error *err) {
  double begin[3];
  gsl_vector_view x = gsl_vector_view_array(begin, 3);
  gsl_multifit_nlinear_fdf fdf = {.f = residual, .df = slopes, .n = l->count, .p = 3, .params = l};
  og_status st = OG_OK;
  int why = 0;
  OGI_TRY(st, guess(&x.vector, l, err));
  int code = gsl_multifit_nlinear_init(&x.vector, &fdf, room);
  if (code == GSL_SUCCESS) code = gsl_multifit_nlinear_driver(200, 1e-12, 1e-12, 0, NULL, NULL, &why, room);
  /* no progress beyond rounding is the end, too; at the very first step GSL calls it EMAXITER */
  if (code != GSL_SUCCESS && code != GSL_ENOPROG && why != GSL_ENOPROG) {
    st = ogi_fail(err, OG_E_NOCONV, "fit of the loop: %s", gsl_strerror(code));
    goto done;
  }
  OGI_TRY(st, take(film, l, gsl_multifit_nlinear_position(room), err));
  double norm = 0;
  const gsl_vector *r = gsl_multifit_nlinear_residual(room);
  for (size_t n = 0; n < l->count; n++) norm = hypot(norm, gsl_vector_get(r, n));
  if (rms != NULL) *rms = l->coulomb_m2 * norm / sqrt((double)l->count);
done:
  return st;
}

og_status og_preisach_fit(const double *volt, const double *p, size_t count, og_preisach_film *film,
                          double *rms_coulomb_m2, og_error *err) {
  loop l = {0};
  gsl_multifit_nlinear_workspace *room = NULL;
  og_status st = OG_OK;
  ogi_poison(rms_coulomb_m2, 1);
  if (volt == NULL || p == NULL || film == NULL)
    return ogi_fail(err, OG_E_ARG, "volt, p or film: saw NULL, need all (-)");
  if (count < 8) return ogi_fail(err, OG_E_SHAPE, "points: saw %zu, need at least 8 (-)", count);
  OGI_TRY(st, check_points(volt, p, count, err));
  OGI_TRY(st, read_loop(&l, volt, p, count, err));
  const gsl_multifit_nlinear_parameters how = gsl_multifit_nlinear_default_parameters();
  room = gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &how, count, 3);
  if (room == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "fit of %zu points", count);
    goto done;
  }
  OGI_TRY(st, minimise(room, &l, film, rms_coulomb_m2, err));
done:
  gsl_multifit_nlinear_free(room);
  drop_loop(&l);
  return st;
}

/* ---- how the thresholds go together ---- */

/* P of a film of one cell along a history. */
static og_status trace(double *p, const og_preisach_film *film, double mirror, og_preisach_start start,
                       const double *volt, size_t count, og_error *err) {
  og_preisach *m = NULL;
  og_preisach_film f = *film;
  f.mirror = mirror;
  og_status st = OG_OK;
  size_t depth = ogi_min_size(ogi_max_size(count, 2), OG_PREISACH_DEPTH_MAX);
  OGI_TRY(st, og_preisach_create(&m, &f, 1, 1, depth, OG_PREISACH_REFUSE, err));
  OGI_TRY(st, og_preisach_set(m, 0, 1, start, err));
  for (size_t k = 0; k < count; k++)
    OGI_TRY(st, og_preisach_apply(m, 0, 1, &volt[k], &(og_preisach_result){.p_coulomb_m2 = &p[k]}, NULL, err));
done:
  og_preisach_free(m);
  return st;
}

/* P is linear in mirror: least squares of p - free = mirror (full - free). */
static og_status project(const double *p, const double *free, const double *full, size_t count, double ps,
                         double *mirror, double *rms, og_error *err) {
  double top = 0, bottom = 0, left = 0;
  for (size_t k = 0; k < count; k++) {
    top += (p[k] - free[k]) * (full[k] - free[k]);
    bottom += (full[k] - free[k]) * (full[k] - free[k]);
  }
  double moved = sqrt(bottom / (double)count);
  if (!(moved > 1e-6 * ps))
    return ogi_fail(err, OG_E_RANGE, "history: saw P change by %g with mirror, need at least %g, minor loops (C/m2)",
                    moved, 1e-6 * ps);
  *mirror = fmin(1, fmax(0, top / bottom));
  for (size_t k = 0; k < count; k++) left = hypot(left, p[k] - free[k] - *mirror * (full[k] - free[k]));
  if (rms != NULL) *rms = left / sqrt((double)count);
  return OG_OK;
}

og_status og_preisach_fit_mirror(og_preisach_start start, const double *volt, const double *p, size_t count,
                                 og_preisach_film *film, double *rms_coulomb_m2, og_error *err) {
  double *free = NULL, *full = NULL;
  og_status st = OG_OK;
  ogi_poison(rms_coulomb_m2, 1);
  if (volt == NULL || p == NULL || film == NULL)
    return ogi_fail(err, OG_E_ARG, "volt, p or film: saw NULL, need all (-)");
  if (count == 0) return ogi_fail(err, OG_E_SHAPE, "points: saw 0, need at least 1 (-)");
  OGI_TRY(st, check_points(volt, p, count, err));
  free = ogi_alloc(count, sizeof *free);
  full = ogi_alloc(count, sizeof *full);
  if (free == NULL || full == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "%zu points", count);
    goto done;
  }
  OGI_TRY(st, trace(free, film, 0, start, volt, count, err));
  OGI_TRY(st, trace(full, film, 1, start, volt, count, err));
  OGI_TRY(st, project(p, free, full, count, film->ps_coulomb_m2, &film->mirror, rms_coulomb_m2, err));
done:
  ogi_free(full);
  ogi_free(free);
  return st;
}
