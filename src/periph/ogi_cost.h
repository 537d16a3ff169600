/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_cost.h  Energy of the blocks around an array, from a table that cites each figure. */
#ifndef OGI_COST_H
#define OGI_COST_H

#include <stddef.h>

#include "base/ogi_error.h"

typedef enum ogi_block { OGI_BLOCK_DAC, OGI_BLOCK_ADC, OGI_BLOCK_SAMPLE_HOLD, OGI_BLOCK_ACCUMULATE,
                         OGI_BLOCK_ACTIVATION, OGI_BLOCK_REGISTER, OGI_BLOCKS } ogi_block;

/** One block: energy of one operation at a reference precision, and how it grows with bits. */
typedef struct ogi_cost {
  double joule;        /**< [J] one operation at reference_bits                                 */
  double reference_bits; /**< [-] precision the figure was published for                         */
  double base;         /**< [-] energy grows as base^(bits - reference_bits); 1: not at all      */
  char source[320];    /**< paper, table, and how the figure was derived from it                 */
} ogi_cost;

/** The table of one technology. */
typedef struct ogi_costs {
  char name[64];
  char title[160];
  ogi_cost block[OGI_BLOCKS];
} ogi_costs;

/**
 * @param[in] name a table's name (devices of the periphery live in data_dir/studies/costs/NAME.yaml) or a path
 * @retval OG_E_INPUT, OG_E_RANGE, OG_E_NOMEM; err names file and line
 */
og_status ogi_costs_load(ogi_costs *out, const char *name, const char *data_dir, og_error *err);

/** "dac", "adc", ...; static string. */
const char *ogi_block_name(ogi_block block);

/** Energy of one operation at a precision [J]. */
double ogi_cost_joule(const ogi_costs *costs, ogi_block block, double bits);

#endif
