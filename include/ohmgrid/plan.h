/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/plan.h
 * What engine auto knows about this machine: four rates, built in or measured.
 *
 * Answers of different engines differ in their last digits, so a program that must give the same bytes everywhere keeps
 * the built-in rates (as `ohmgrid run` does); `ohmgrid solve` uses those that `ohmgrid calibrate` saved.
 */
#ifndef OHMGRID_PLAN_H
#define OHMGRID_PLAN_H

#include <stddef.h>

#include <ohmgrid/array.h>
#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Plain data; fill with og_cost_model_init or og_cost_model_measure. */
typedef struct og_cost_model {
  double setup_second;   /**< [s] engine cg: factors, per cell                                              */
  double pass_second;    /**< [s] engine cg: one pass over one cell, arrays beyond the fast caches           */
  double merge_flops;    /**< [1/s] engine reduce: floating-point operations of the merging of ports         */
  double product_flops;  /**< [1/s] dense product afterwards                                                */
  int measured;          /**< 1: on this machine; 0: built in, one core of a server of 2023 with AVX-512     */
} og_cost_model;

/** The built-in rates. */
void og_cost_model_init(og_cost_model *model);

/**
 * Measure on the threads this process may use; about a second.
 * @retval OG_OK
 * @retval OG_E_ARG    model is NULL
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_cost_model_measure(og_cost_model *model, og_error *err);

/** Write `name value` lines. @retval OG_E_ARG a pointer is NULL, OG_E_IO */
OG_NODISCARD og_status og_cost_model_save(const og_cost_model *model, const char *path, og_error *err);

/** Read them. @retval OG_E_ARG a pointer is NULL, OG_E_INPUT missing file, a line that is none of them, a rate not > 0 */
OG_NODISCARD og_status og_cost_model_load(og_cost_model *model, const char *path, og_error *err);

/** Estimated seconds of both engines for one set of cells and this many inputs. */
void og_cost_model_estimate(const og_cost_model *model, const og_array *array, size_t inputs, double *cg_second,
                            double *reduce_second);

#ifdef __cplusplus
}
#endif
#endif
