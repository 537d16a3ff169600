/* SPDX-License-Identifier: BSD-3-Clause */
/** From rows to levels, to a polynomial, to a card. */
#include <config.h>

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit.h>
#include <gsl/gsl_statistics_double.h>

#include "base/ogi_mem.h"
#include "devstat/ogi_sample.h"

#define MICRO 1e-6 /* the polynomial of a card is in microsiemens */

/* ---- stuck samples ---- */

/* The highest level below the middle of the range, or the lowest above it: no pulse of the scheme moves such a cell. */
static void find_stuck(og_sample_report *r, const ogi_recipe *p) {
  double middle = (p->f.g_from + p->f.g_to) / 2;
  for (size_t k = 0; k < r->samples; k++) {
    og_sample_row *row = &r->row[k * r->levels];
    if (row->state == OG_SAMPLE_FAILED) continue;
    int low = row[r->levels - 1].reached_siemens < middle, high = !low && row[0].reached_siemens > middle;
    r->stuck_low += (size_t)low;
    r->stuck_high += (size_t)high;
    for (size_t l = 0; l < r->levels && (low || high); l++) row[l].state = OG_SAMPLE_STUCK;
  }
}

static int counts(const og_sample_row *row) {
  return row->state == OG_SAMPLE_REACHED || row->state == OG_SAMPLE_MISSED;
}

/* ---- levels ---- */

#define Z_975 1.959963984540054 /* quantile of the normal distribution */

/*
 * Quantile of chi-square, z that of the normal variable. GSL's search fails at some numbers of degrees of freedom beyond
 * 2,000; there the cube root is normal to 1e-6 [Wilson1931].
 */
static double chi_square(double share, double z, double free) {
  if (free < 300) return gsl_cdf_chisq_Pinv(share, free);
  double part = 2 / (9 * free);
  return free * pow(1 - part + z * sqrt(part), 3);
}

/* Of a normal variable, (n - 1) s^2/sigma^2 is chi-square with n - 1 degrees of freedom. */
static void describe(og_sample_level *v, const double *x) {
  size_t n = v->count;
  double free = (double)n - 1;
  v->mean_siemens = gsl_stats_mean(x, 1, n);
  v->sigma_siemens = gsl_stats_sd_m(x, 1, n, v->mean_siemens);
  v->sigma_low_siemens = v->sigma_siemens * sqrt(free / chi_square(0.975, Z_975, free));
  v->sigma_high_siemens = v->sigma_siemens * sqrt(free / chi_square(0.025, -Z_975, free));
  v->skew = v->sigma_siemens > 0 ? gsl_stats_skew_m_sd(x, 1, n, v->mean_siemens, v->sigma_siemens) : NAN;
}

static og_status describe_levels(og_sample_report *r, const ogi_recipe *p, og_error *err) {
  double *x = ogi_alloc(r->samples, sizeof *x);
  if (x == NULL) return ogi_fail(err, OG_E_NOMEM, "statistics of %zu samples", r->samples);
  for (size_t l = 0; l < r->levels; l++) {
    og_sample_level *v = &r->level[l];
    v->target_siemens = ogi_level_target(p, l);
    for (size_t k = 0; k < r->samples; k++) {
      const og_sample_row *row = &r->row[k * r->levels + l];
      if (!counts(row)) continue;
      x[v->count++] = row->reached_siemens;
      v->missed += row->state == OG_SAMPLE_MISSED;
    }
    if (v->count < 2) continue; /* told by the caller */
    describe(v, x);
    r->missed += v->missed;
    double bias = v->mean_siemens - v->target_siemens;
    if (!(fabs(bias) <= fabs(r->bias_worst_siemens))) r->bias_worst_siemens = bias;
  }
  ogi_free(x);
  return OG_OK;
}

/* ---- the polynomial ---- */

static double polynomial(const double *c, size_t terms, double x) {
  double sum = 0;
  while (terms-- > 0) sum = sum * x + c[terms];
  return sum;
}

double ogi_sample_fitted(const og_card *card, double siemens) {
  return polynomial(card->program_sigma, card->program_terms, siemens / MICRO) * MICRO;
}

/* Columns are powers of u = G/g_max, of order 1; coefficients for G/uS follow by scaling. */
static og_status fit(const og_sample_report *r, size_t terms, double *c, og_error *err) {
  og_status st = OG_OK;
  double chisq, top = r->level[r->levels - 1].target_siemens / MICRO;
  gsl_matrix *x = gsl_matrix_alloc(r->levels, terms), *cov = gsl_matrix_alloc(terms, terms);
  gsl_vector *y = gsl_vector_alloc(r->levels), *w = gsl_vector_alloc(r->levels), *to = gsl_vector_alloc(terms);
  gsl_multifit_linear_workspace *room = gsl_multifit_linear_alloc(r->levels, terms);
  if (x == NULL || cov == NULL || y == NULL || w == NULL || to == NULL || room == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "fit of %zu levels", r->levels);
    goto done;
  }
  for (size_t l = 0; l < r->levels; l++) {
    for (size_t k = 0; k < terms; k++)
      gsl_matrix_set(x, l, k, pow(r->level[l].target_siemens / MICRO / top, (double)k));
    gsl_vector_set(y, l, r->level[l].sigma_siemens / MICRO);
    gsl_vector_set(w, l, (double)r->level[l].count);
  }
  if (gsl_multifit_wlinear(x, w, y, to, cov, &chisq, room) != GSL_SUCCESS)
    st = ogi_fail(err, OG_E_INTERNAL, "fit of %zu levels failed", r->levels);
  for (size_t k = 0; k < terms && st == OG_OK; k++) c[k] = gsl_vector_get(to, k) / pow(top, (double)k);
done:
  gsl_multifit_linear_free(room);
  gsl_vector_free(to);
  gsl_vector_free(w);
  gsl_vector_free(y);
  gsl_matrix_free(cov);
  gsl_matrix_free(x);
  return st;
}

/* A card's sigma may be negative nowhere; looked at as its reader does. */
static int is_negative(const double *c, size_t terms, double from, double to) {
  enum { POINTS = 1000 };
  for (int k = 0; k <= POINTS; k++)
    if (!(polynomial(c, terms, (from + (to - from) * k / POINTS) / MICRO) >= 0)) return 1;
  return 0;
}

/* The degree asked for, or the highest below it whose polynomial stays above 0. */
static og_status fit_sigma(og_sample_report *r, const ogi_recipe *p, og_error *err) {
  og_card *card = &r->card;
  size_t terms = p->f.degree + 1 < r->levels ? p->f.degree + 1 : r->levels;
  og_status st = OG_OK;
  for (; terms > 0 && st == OG_OK; terms--) {
    memset(card->program_sigma, 0, sizeof card->program_sigma);
    st = fit(r, terms, card->program_sigma, err);
    if (!is_negative(card->program_sigma, terms, p->f.g_from, p->f.g_to)) break;
  }
  if (st != OG_OK) return st;
  card->program_terms = terms > 0 ? terms : 1;
  for (size_t k = 0; k < OG_CARD_POLY; k++)
    if (terms == 0) card->program_sigma[k] = 0; /* all sigmas are 0 */
  for (size_t l = 0; l < r->levels; l++) {
    double off = r->level[l].sigma_siemens - ogi_sample_fitted(card, r->level[l].target_siemens);
    r->fit_rms_siemens += off * off / (double)r->levels;
    r->fit_worst_siemens = fmax(r->fit_worst_siemens, fabs(off));
  }
  r->fit_rms_siemens = sqrt(r->fit_rms_siemens);
  return OG_OK;
}

/* ---- the card ---- */

/* Mean over all rows that count, of what is a number. */
static double mean_joule(const og_sample_report *r, size_t offset) {
  double sum = 0;
  size_t n = 0;
  for (size_t k = 0; k < r->samples * r->levels; k++) {
    double x;
    memcpy(&x, (const char *)&r->row[k] + offset, sizeof x);
    if (!counts(&r->row[k]) || !isfinite(x)) continue;
    sum += x;
    n++;
  }
  return n > 0 ? fmax(sum / (double)n, 0) : 0;
}

static void tell(char to[320], const char *format, ...) OGI_PRINTF(2, 3);
static void tell(char to[320], const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(to, 320, format, args); /* of a long text the end is lost, as in a card */
  va_end(args);
}

static void tell_sources(og_sample_report *r, const ogi_recipe *p) {
  enum { G_MIN, G_MAX, LEVELS, SIGMA, FROM, TO, READ, LOW, HIGH };
  og_card *c = &r->card;
  char how[320];
  tell(how, "SPICE Monte Carlo of %s, %zu samples, seed %llu, program.yaml (%s, knob %s)", r->device, r->samples,
       (unsigned long long)r->seed, r->scheme, r->knob);
  tell(c->source[G_MIN], "%s: levels.from", how);
  tell(c->source[G_MAX], "%s: levels.to", how);
  tell(c->source[LEVELS], "%s: levels.count", how);
  tell(c->source[SIGMA],
       "%s: standard deviation from device to device, none from cycle to cycle; fit off by %.3g uS (rms), %.3g uS "
       "(worst); mean off target by up to %.3g uS",
       how, r->fit_rms_siemens / MICRO, r->fit_worst_siemens / MICRO, r->bias_worst_siemens / MICRO);
  tell(c->source[FROM], "%s: lowest level", how);
  tell(c->source[TO], "%s: highest level", how);
  tell(c->source[READ], "%s",
       p->f.read_sigma_source[0] != '\0' ? p->f.read_sigma_source
                                         : "assumption: none; the transients have no read noise");
  tell(c->source[LOW], "%s: %zu samples whose highest level stays below the middle of the range", how, r->stuck_low);
  tell(c->source[HIGH], "%s: %zu samples whose lowest level stays above the middle of the range", how, r->stuck_high);
  tell(c->energy_source[0], "%s: mean of %s", how,
       p->f.scheme == 1 ? "erasing, pulses and verifying reads" : "erasing and pulses");
  tell(c->energy_source[1], "%s: mean of one programming pulse", how);
  tell(c->energy_source[2], "%s: mean of erasing before", how);
}

static void fill_card(og_sample_report *r, const ogi_recipe *p) {
  og_card *c = &r->card;
  double left = (double)(r->samples - r->failures);
  snprintf(c->name, sizeof c->name, "%.50s-sampled", r->device);
  snprintf(c->title, sizeof c->title, "%.150s", r->title);
  c->g_min_siemens = p->f.g_from;
  c->g_max_siemens = p->f.g_to;
  c->levels = r->levels;
  c->program_from_siemens = p->f.g_from;
  c->program_to_siemens = p->f.g_to;
  c->read_sigma_siemens = p->f.read_sigma;
  c->stuck_low_fraction = (double)r->stuck_low / left;
  c->stuck_high_fraction = (double)r->stuck_high / left;
  c->program_energy_joule = mean_joule(r, offsetof(og_sample_row, program_joule));
  c->pulse_energy_joule = mean_joule(r, offsetof(og_sample_row, pulse_joule));
  c->erase_energy_joule = mean_joule(r, offsetof(og_sample_row, erase_joule));
  tell_sources(r, p);
}

og_status ogi_sample_statistics(og_sample_report *r, const ogi_recipe *p, og_error *err) {
  og_status st;
  find_stuck(r, p);
  OGI_TRY(st, describe_levels(r, p, err));
  if (r->level[0].count < 2)
    return ogi_fail(err, OG_E_EXTERN,
                    "%s: saw %zu samples, of which %zu failed and %zu are stuck, need two that are neither%s%s",
                    r->device, r->samples, r->failures, r->stuck_low + r->stuck_high,
                    r->failures > 0 ? "; first: " : "", r->failures > 0 ? r->failure[0].why : "");
  OGI_TRY(st, fit_sigma(r, p, err));
  fill_card(r, p);
done:
  return st;
}
