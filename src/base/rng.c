/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>

#include <Random123/philox.h>

#include <Random123/gsl_microrng.h>

#include "base/ogi_mem.h"
#include "base/ogi_rng.h"

GSL_MICRORNG(ogi_philox, philox4x32);

struct ogi_rng {
  gsl_rng *gsl;
};

ogi_rng *ogi_rng_create(ogi_stream stream) {
  ogi_rng *rng = ogi_alloc(1, sizeof *rng);
  if (rng == NULL) return NULL;
  rng->gsl = gsl_rng_alloc(gsl_rng_ogi_philox);
  if (rng->gsl == NULL) {
    ogi_free(rng);
    return NULL;
  }
  ogi_rng_restart(rng, stream);
  return rng;
}

/* Key: the seed. Counter: source and layer, tile, trial; its last word is the adaptor's running number. */
void ogi_rng_restart(ogi_rng *rng, ogi_stream stream) {
  philox4x32_key_t key = {{(uint32_t)stream.seed, (uint32_t)(stream.seed >> 32)}};
  philox4x32_ctr_t counter = {{(uint32_t)stream.source << 12 | stream.layer, stream.tile, stream.trial, 0}};
  ogi_philox_reset(rng->gsl, counter, key);
}

void ogi_rng_free(ogi_rng *rng) {
  if (rng == NULL) return;
  gsl_rng_free(rng->gsl);
  ogi_free(rng);
}

/* 32 bits centred in their cell: never 0 or 1, so that inversion is finite (at most 6.3 standard deviations). */
double ogi_rng_uniform(ogi_rng *rng) { return ((double)gsl_rng_get(rng->gsl) + 0.5) / 4294967296.0; }

double ogi_rng_normal(ogi_rng *rng) { return gsl_cdf_ugaussian_Pinv(ogi_rng_uniform(rng)); }

size_t ogi_rng_below(ogi_rng *rng, size_t bound) { return (size_t)gsl_rng_uniform_int(rng->gsl, bound); }
