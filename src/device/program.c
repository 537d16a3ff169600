/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>

#include "device/ogi_program.h"

#define MICRO 1e-6 /* the polynomial of a card is in microsiemens: coefficients stay near 1 */

static double not_negative(double g) { return g > 0 ? g : 0; }

/* sigma/uS = sum c_k (G/uS)^k, Horner's rule. Outside the fitted range the nearer end counts: a polynomial that is
 * continued beyond its data soon gives any number. */
double ogi_program_sigma(const og_card *card, double target) {
  double g = fmin(fmax(target, card->program_from_siemens), card->program_to_siemens) / MICRO, sum = 0;
  for (size_t k = card->program_terms; k-- > 0;) sum = sum * g + card->program_sigma[k];
  return not_negative(sum) * MICRO;
}

/* Level l of L: G_l = g_min + l (g_max - g_min)/(L - 1), l = 0 .. L-1; half-way goes up. The last is g_max itself. */
void ogi_program_levels(const og_card *card, double *g, size_t count) {
  if (card->levels < 2) return;
  double last = (double)(card->levels - 1), span = card->g_max_siemens - card->g_min_siemens;
  for (size_t i = 0; i < count; i++) {
    double level = fmin(fmax(floor((g[i] - card->g_min_siemens) / span * last + 0.5), 0), last);
    g[i] = level == last ? card->g_max_siemens : card->g_min_siemens + level * span / last;
  }
}

void ogi_program_error(const og_card *card, double *g, size_t count, ogi_rng *rng) {
  for (size_t i = 0; i < count; i++) g[i] = not_negative(g[i] + ogi_program_sigma(card, g[i]) * ogi_rng_normal(rng));
}

void ogi_program_stuck(const og_card *card, double *g, size_t count, ogi_rng *rng) {
  double low = card->stuck_low_fraction, either = low + card->stuck_high_fraction;
  for (size_t i = 0; i < count; i++) {
    double u = ogi_rng_uniform(rng);
    if (u < low) g[i] = card->g_min_siemens;
    else if (u < either) g[i] = card->g_max_siemens;
  }
}

void ogi_read_noise(const og_card *card, double *g, size_t count, ogi_rng *rng) {
  for (size_t i = 0; i < count; i++) g[i] = not_negative(g[i] + card->read_sigma_siemens * ogi_rng_normal(rng));
}
