/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_chip.h
 * One chip: the tiles of a mapped network after one programming trial, read one or more times.
 *
 * Order of effects: target -> levels -> programming error -> stuck cells -> read noise -> wires (exact effective matrix
 * of each array). A read-noise draw is a set of conductances that holds for a group of images: every draw goes through
 * the exact circuit, at the price that images of a group share it. The mean accuracy is that of independent draws, the
 * spread between trials is not below it.
 */
#ifndef OGI_CHIP_H
#define OGI_CHIP_H

#include <stdint.h>

#include "workload/ogi_map.h"

typedef enum ogi_effect {
  OGI_EFFECT_LEVELS = 1,
  OGI_EFFECT_PROGRAM = 2,
  OGI_EFFECT_READ = 4,
  OGI_EFFECT_WIRES = 8,
  OGI_EFFECT_DAC = 16,
  OGI_EFFECT_ADC = 32,
  OGI_EFFECT_STUCK = 64,
  OGI_EFFECT_ALL = 127
} ogi_effect;

typedef struct ogi_chip {
  const ogi_map *map; /**< borrowed; outlives the chip */
  unsigned effects;   /**< set of ogi_effect           */
  uint64_t seed;
  uint32_t trial;
  double *g[OGI_NET_MAX_LAYERS][2];      /**< in x out [S]: programmed conductances            */
  double *effective[OGI_NET_MAX_LAYERS]; /**< in x out [S]: G_eff+ - G_eff- of the last read   */
} ogi_chip;

/** @retval OG_E_NOMEM */
og_status ogi_chip_create(ogi_chip *out, const ogi_map *map, og_error *err);
void ogi_chip_clear(ogi_chip *chip);

/** Program all tiles. @retval OG_E_NOMEM */
og_status ogi_chip_program(ogi_chip *chip, unsigned effects, uint64_t seed, uint32_t trial, og_error *err);

/** Copy the conductances of one array (m x n [S]) as draw number draw of the read noise finds them. */
og_status ogi_chip_array(const ogi_chip *chip, const ogi_tile *tile, int polarity, uint32_t draw, double *g,
                         og_error *err);

/** Effective matrices for one draw. @retval OG_E_NOMEM, OG_E_SINGULAR, OG_E_NOCONV */
og_status ogi_chip_read(ogi_chip *chip, uint32_t draw, og_error *err);

/** What inference counted; converters only where their effect is on. */
typedef struct ogi_tally {
  size_t images, correct;
  double adc_conversions, adc_saturated, dac_conversions, dac_clipped;
} ogi_tally;

/** Second moments of the word line voltages, V^T V summed over images [V^2]; one m x m block per row tile. */
typedef struct ogi_moments {
  double **block[OGI_NET_MAX_LAYERS]; /**< [layer][row tile], row-major */
} ogi_moments;
og_status ogi_moments_create(ogi_moments *out, const ogi_map *map, og_error *err);
void ogi_moments_clear(ogi_moments *moments, const ogi_map *map);

/**
 * Classify images first .. first + count - 1 with the last read's matrices; adds to tally and, unless NULL, to moments.
 * @retval OG_E_NOMEM
 */
og_status ogi_chip_infer(const ogi_chip *chip, const ogi_data *data, size_t first, size_t count, ogi_tally *tally,
                         ogi_moments *moments, og_error *err);

/** Word line voltages of layer l (count x in [V]) for some images, everything below it as the chip has it. */
og_status ogi_chip_voltages(const ogi_chip *chip, const ogi_data *data, size_t l, size_t first, size_t count,
                            double *volt, og_error *err);

#endif
