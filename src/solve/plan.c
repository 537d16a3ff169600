/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Which engine? Estimates of the cost per cell, measured on one core of a server of 2023; only their ratios matter.
 *   cg        factor 10 ns, then 10 ns a cell and iteration and input; iterations grow as (cells)^(1/4) (doc/performance.md)
 *   reduce    1.5 us a cell at 128 x 128, growing as (cells)^(1/2); afterwards 0.1 ns a cell and input
 */
#include <config.h>

#include <math.h>
#include <stdio.h>

#include "solve/ogi_solve.h"

static double cg_seconds(double cells, double inputs) {
  double iterations = 5 * pow(cells / (128.0 * 128.0), 0.25);
  return 10e-9 * cells * (1 + iterations * inputs);
}

static double reduce_seconds(double cells, double inputs) {
  return 1.5e-6 * cells * fmax(1, sqrt(cells) / 128) * 2 + 0.1e-9 * cells * inputs;
}

og_engine ogi_plan(const og_array *array, const ogi_wires *wires, size_t inputs, char *reason, size_t room) {
  double cells = (double)array->m * (double)array->n;
  if (wires->has_open) {
    snprintf(reason, room, "an open circuit in the wires: only the direct engine takes it");
    return OG_ENGINE_CHOLESKY;
  }
  double cg = cg_seconds(cells, (double)inputs), reduce = reduce_seconds(cells, (double)inputs);
  int lines_are_chains = wires->word_kind == OGI_LINE_CHAIN && wires->bit_kind == OGI_LINE_CHAIN;
  if (lines_are_chains && reduce < cg) {
    snprintf(reason, room, "%zu inputs: one reduction (estimate %.2g s) beats cg (%.2g s)", inputs, reduce, cg);
    return OG_ENGINE_REDUCE;
  }
  snprintf(reason, room, "%zu inputs: cg is estimated at %.2g s, a reduction at %.2g s", inputs, cg, reduce);
  return OG_ENGINE_CG;
}
