/* SPDX-License-Identifier: BSD-3-Clause */
/** Figures of a write study that follow from its waveforms. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_multifit_nlinear.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "study/ogi_write.h"

/* Vectors of a cell stand together, cell after cell where all are in ngspice: a search of all is the last resort. */
const double *ogi_write_vector(const og_write_results *r, char form, size_t cell, const char *state) {
  char name[64];
  unsigned i = (unsigned)(cell / r->n), j = (unsigned)(cell % r->n);
  if (state != NULL) snprintf(name, sizeof name, "x_%u_%u.%.20s", i, j, state);
  else snprintf(name, sizeof name, "%c_%u_%u", form, i, j);
  size_t width = 2 + r->states, first = 1 + r->n + cell * width;
  for (size_t k = first; k < first + width && k < r->waves->count; k++)
    if (strcmp(r->waves->name[k], name) == 0) return og_vectors_at(r->waves, k);
  size_t k = og_vectors_find(r->waves, name);
  return k < r->waves->count ? og_vectors_at(r->waves, k) : NULL;
}

/* First point after a time; points if there is none. */
static size_t after(const og_vectors *v, double second) {
  const double *t = og_vectors_at(v, 0);
  size_t low = 0, high = v->points;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (t[middle] <= second) low = middle + 1;
    else high = middle;
  }
  return low;
}

double ogi_write_at(const og_vectors *v, const double *values, double second) {
  const double *t = og_vectors_at(v, 0);
  size_t k = after(v, second);
  if (k == 0) return values[0];
  if (k == v->points) return values[k - 1];
  return values[k - 1] + (values[k] - values[k - 1]) * (second - t[k - 1]) / (t[k] - t[k - 1]);
}

/* ---- cells ---- */

/* How far beyond its range, in ranges; the worst is kept. */
static void hold_range(og_write_results *r, const ogi_write_device *d, size_t cell, size_t state, const double *x) {
  const double min = d->min[state], max = d->max[state], *t = og_vectors_at(r->waves, 0);
  const og_write_range *f = &r->farthest;
  size_t worst = 0;
  double most = 0;
  for (size_t p = 0; isfinite(min) && isfinite(max) && p < r->waves->points; p++) {
    double beyond = fmax(min - x[p], x[p] - max);
    if (!(beyond > most)) continue;
    most = beyond;
    worst = p;
  }
  if (!(most > 0)) return;
  double before = r->outside > 0 ? fmax(f->min - f->value, f->value - f->max) / (f->max - f->min) : 0;
  r->outside++;
  if (most / (max - min) > before)
    r->farthest =
        (og_write_range){.cell = cell, .state = state, .second = t[worst], .value = x[worst], .min = min, .max = max};
}

static void measure_state(og_write_results *r, const ogi_write_device *d, size_t cell, size_t state) {
  const double *x = ogi_write_vector(r, 'x', cell, r->state[state]);
  size_t at = state * r->m * r->n + cell;
  if (x == NULL) return;
  r->start[at] = r->low[at] = r->high[at] = x[0];
  r->end[at] = x[r->waves->points - 1];
  for (size_t p = 0; p < r->waves->points; p++) {
    r->low[at] = fmin(r->low[at], x[p]);
    r->high[at] = fmax(r->high[at], x[p]);
  }
  hold_range(r, d, cell, state, x);
}

static void measure_cell(og_write_results *r, size_t cell) {
  const double *volt = ogi_write_vector(r, 'v', cell, NULL);
  if (volt == NULL) {
    r->joule[cell] = NAN;
    return;
  }
  r->peak_volt[cell] = 0;
  for (size_t p = 0; p < r->waves->points; p++) r->peak_volt[cell] = fmax(r->peak_volt[cell], fabs(volt[p]));
}

static void measure_disturb(og_write_results *r) {
  size_t selected = r->row * r->n + r->column;
  r->selected_joule = r->joule[selected];
  r->unselected_joule = 0;
  if (r->states > 0) r->change = r->end[selected] - r->start[selected];
  for (size_t k = 0; k < r->m * r->n; k++) {
    if (k == selected || isnan(r->joule[k])) continue;
    r->unselected_joule += r->joule[k];
    double change = r->states > 0 ? fabs(r->end[k] - r->start[k]) : NAN;
    if (isnan(change) || change <= r->disturb) continue; /* a NAN disturb lets the first one in */
    r->disturb = change;
    r->disturbed = k;
  }
}

/* ---- lines ---- */

/*
 * Power in a line of cells whose currents leave it. Kirchhoff: the segment behind cell k carries what the first end
 * gives less sum amp_0 .. amp_k. An end that is not driven has an infinite resistance. Two driven ends stand at one
 * potential, so the drops along the line add up to 0: that fixes what the first end gives.
 */
double ogi_write_line_watt(const double *amp, size_t cells, size_t stride, double first_ohm, double ohm,
                           double last_ohm) {
  double total = 0, gone = 0, drop = 0, watt = 0, way;
  for (size_t k = 0; k < cells; k++) {
    total += amp[k * stride];
    drop += total * (k + 1 < cells ? ohm : isfinite(last_ohm) ? last_ohm : 0);
  }
  double first = total; /* [A] from the first end */
  if (isinf(first_ohm)) {
    first = 0;
  } else if (isfinite(last_ohm)) {
    way = first_ohm + (double)(cells - 1) * ohm + last_ohm;
    first = way > 0 ? drop / way : 0;
  }
  if (isfinite(first_ohm)) watt += first * first * first_ohm;
  for (size_t k = 0; k < cells; k++) {
    gone += amp[k * stride];
    double segment = first - gone, r = k + 1 < cells ? ohm : isfinite(last_ohm) ? last_ohm : 0;
    watt += segment * segment * r;
  }
  return watt;
}

typedef struct ends {
  double first, last; /* [ohm] with the end's own segment */
} ends;

static ends ends_of(double end_ohm, double segment, int first, int last) {
  return (ends){first ? end_ohm + segment : INFINITY, last ? end_ohm + segment : INFINITY};
}

/* Power in line k (word lines, then bit lines) from the cells' currents, m x n [W]. */
static double line_watt(const og_write_results *r, const og_array *a, const double *amp, size_t k) {
  if (k < r->m) {
    ends e = ends_of(a->r_source_ohm, a->r_word_ohm, a->drive != OG_DRIVE_RIGHT, a->drive != OG_DRIVE_LEFT);
    return ogi_write_line_watt(amp + k * r->n, r->n, 1, e.first, a->r_word_ohm, e.last);
  }
  ends e = ends_of(a->r_sense_ohm, a->r_bit_ohm, a->sense != OG_SENSE_BOTTOM, a->sense != OG_SENSE_TOP);
  return ogi_write_line_watt(amp + (k - r->m), r->m, r->n, e.first, a->r_bit_ohm, e.last);
}

/* Trapezoids in time. */
static og_status measure_lines(og_write_results *r, const og_array *a, og_error *err) {
  size_t cells = r->m * r->n, lines = r->m + r->n;
  double *amp = ogi_alloc(cells, sizeof *amp), *before = ogi_alloc(lines, sizeof *before),
         *t = og_vectors_at(r->waves, 0);
  const double **vector = ogi_alloc(cells, sizeof *vector);
  r->line_joule = ogi_alloc(lines, sizeof *r->line_joule);
  if (!amp || !before || !vector || !r->line_joule) {
    ogi_free(amp);
    ogi_free(before);
    ogi_free(vector);
    return ogi_fail(err, OG_E_NOMEM, "cosim: %zu lines", lines);
  }
  for (size_t k = 0; k < cells; k++) vector[k] = ogi_write_vector(r, 'i', k, NULL);
  for (size_t p = 0; p < r->waves->points; p++) {
    for (size_t k = 0; k < cells; k++) amp[k] = vector[k][p];
    for (size_t k = 0; k < lines; k++) {
      double watt = line_watt(r, a, amp, k);
      if (p > 0) r->line_joule[k] += 0.5 * (watt + before[k]) * (t[p] - t[p - 1]);
      before[k] = watt;
    }
  }
  ogi_free(amp);
  ogi_free(before);
  ogi_free(vector);
  return OG_OK;
}

/* ---- reads ---- */

/* Points of a decay, scaled: time by the whole span, current by its largest change. */
typedef struct decay {
  const double *second, *amp;
  size_t count, stride;
  double from, span, floor, height;
} decay;

static double time_of(const decay *d, size_t k) { return (d->second[k] - d->from) / d->span; }

/* Parameters: a, ln tau, c. The logarithm keeps tau positive. */
static int residual(const gsl_vector *x, void *data, gsl_vector *f) {
  const decay *d = data;
  double a = gsl_vector_get(x, 0), tau = exp(gsl_vector_get(x, 1)), c = gsl_vector_get(x, 2);
  for (size_t k = 0; k < d->count; k++)
    gsl_vector_set(f, k, a * exp(-time_of(d, k) / tau) + c - (d->amp[k * d->stride] - d->floor) / d->height);
  return GSL_SUCCESS;
}

static int slopes(const gsl_vector *x, void *data, gsl_matrix *j) {
  const decay *d = data;
  double a = gsl_vector_get(x, 0), tau = exp(gsl_vector_get(x, 1));
  for (size_t k = 0; k < d->count; k++) {
    double t = time_of(d, k) / tau, e = exp(-t);
    gsl_matrix_set(j, k, 0, e);
    gsl_matrix_set(j, k, 1, a * e * t);
    gsl_matrix_set(j, k, 2, 1);
  }
  return GSL_SUCCESS;
}

/* Levenberg-Marquardt; the standard error of ln tau is the relative one of tau. */
static int solve(gsl_multifit_nlinear_workspace *w, gsl_matrix *covariance, decay *d, double *tau, double *error) {
  double start[] = {1, log(0.4), 0}, sum;
  int why;
  gsl_vector_view x = gsl_vector_view_array(start, 3);
  gsl_multifit_nlinear_fdf f = {.f = residual, .df = slopes, .n = d->count, .p = 3, .params = d};
  if (gsl_multifit_nlinear_init(&x.vector, &f, w) != GSL_SUCCESS) return 0;
  if (gsl_multifit_nlinear_driver(200, 1e-12, 1e-12, 0, NULL, NULL, &why, w) != GSL_SUCCESS) return 0;
  if (gsl_multifit_nlinear_covar(gsl_multifit_nlinear_jac(w), 0, covariance) != GSL_SUCCESS) return 0;
  gsl_blas_ddot(gsl_multifit_nlinear_residual(w), gsl_multifit_nlinear_residual(w), &sum);
  *tau = d->span * exp(gsl_vector_get(w->x, 1));
  *error = *tau * sqrt(gsl_matrix_get(covariance, 1, 1) * sum / (double)(d->count - 3));
  return gsl_vector_get(w->x, 0) > 0 && isfinite(*tau) && *tau < 100 * d->span; /* else nothing was seen to decay */
}

int ogi_write_fit(const double *second, const double *amp, size_t count, size_t stride, double *tau, double *error) {
  if (count < 4) return 0;
  double last = amp[(count - 1) * stride], height = amp[0] - last;
  double sign = height < 0 ? -1 : 1; /* currents of negative reads rise */
  if (!(fabs(height) > 1e-9 * fabs(amp[0])) || sign * amp[0] < 0) return 0;
  decay d = {second, amp, count, stride, second[0], second[count - 1] - second[0], last, height};
  gsl_multifit_nlinear_parameters p = gsl_multifit_nlinear_default_parameters();
  gsl_multifit_nlinear_workspace *w = gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &p, count, 3);
  gsl_matrix *covariance = gsl_matrix_alloc(3, 3);
  int good = w != NULL && covariance != NULL && solve(w, covariance, &d, tau, error);
  if (covariance != NULL) gsl_matrix_free(covariance);
  if (w != NULL) gsl_multifit_nlinear_free(w);
  return good;
}

/* Reads before the checkpoint that a run went on from are not in it. */
static og_status measure_reads(og_write_results *r, const og_write_study *s, og_error *err) {
  size_t gone = 0;
  while (gone < s->reads && ogi_write_read_second(s, gone) < ogi_write_begin(r)) gone++;
  r->reads = s->reads - gone;
  r->read_second = ogi_alloc(s->reads, sizeof *r->read_second);
  r->read_amp = ogi_alloc(s->reads * r->n, sizeof *r->read_amp);
  r->tau = ogi_alloc(r->n, sizeof *r->tau);
  r->tau_error = ogi_alloc(r->n, sizeof *r->tau_error);
  if (!r->read_second || !r->read_amp || !r->tau || !r->tau_error)
    return ogi_fail(err, OG_E_NOMEM, "cosim: %zu reads", s->reads);
  for (size_t k = 0; k < r->reads; k++) {
    r->read_second[k] = ogi_write_read_second(s, gone + k);
    for (size_t j = 0; j < r->n; j++) /* output currents stand behind the time */
      r->read_amp[k * r->n + j] = ogi_write_at(r->waves, og_vectors_at(r->waves, 1 + j), r->read_second[k]);
  }
  for (size_t j = 0; j < r->n; j++)
    if (!ogi_write_fit(r->read_second, r->read_amp + j, r->reads, r->n, &r->tau[j], &r->tau_error[j]))
      r->tau[j] = r->tau_error[j] = NAN;
  return OG_OK;
}

og_status ogi_write_measure(og_write_results *r, const og_write_study *s, const og_array *array,
                            const ogi_write_device *device, og_error *err) {
  size_t cells = r->m * r->n, states = device->device.states;
  double **field[] = {&r->start, &r->end, &r->low, &r->high, &r->peak_volt};
  r->states = states;
  r->state = ogi_alloc(states, sizeof *r->state);
  if (r->state == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: %zu cells", cells);
  for (size_t k = 0; k < states; k++) snprintf(r->state[k], OG_WRITE_NAME, "%s", device->device.state[k]);
  for (size_t k = 0; k < sizeof field / sizeof *field; k++) {
    size_t count = k < 4 ? cells * states : cells;
    if ((*field[k] = ogi_alloc(count, sizeof(double))) == NULL)
      return ogi_fail(err, OG_E_NOMEM, "cosim: %zu cells", cells);
    ogi_poison(*field[k], count);
  }
  for (size_t k = 0; k < cells; k++) {
    measure_cell(r, k);
    for (size_t x = 0; x < states; x++) measure_state(r, device, k, x);
  }
  if (r->one_cell) measure_disturb(r);
  og_status st = !ogi_write_has_linear(s) && device->device.terminals == 2 ? measure_lines(r, array, err) : OG_OK;
  return st == OG_OK && s->reads > 0 ? measure_reads(r, s, err) : st;
}
