/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/check.h
 * The same array solved by us and by ngspice, compared node by node.
 *
 * ngspice runs in a child process of its own (the program ohmgrid-spice): it may crash, hang or exit, and the caller
 * only gets an error. Deviations are relative: |ours - theirs| / max(|theirs|, 1e-3 * the largest of its kind), the
 * kinds being output currents and node voltages. Where output currents cancel, their scale is at least 1e-9 times the
 * current that could flow: largest |v| times the largest column sum of g.
 */
#ifndef OHMGRID_CHECK_H
#define OHMGRID_CHECK_H

#include <stddef.h>

#include <ohmgrid/array.h>
#include <ohmgrid/solve.h>
#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Options. Fill with og_check_opts_init, then change fields. */
typedef struct og_check_opts {
  double rtol;           /**< [-] tolerated relative deviation, 1e-15..1.                   default 1e-6             */
  double timeout_second; /**< [s] after which the child is killed, > 0.                     default 600              */
  const char *worker;    /**< program ohmgrid-spice; NULL: the installed one.               default NULL; borrowed   */
  const double *bit_volts; /**< potentials of the bit line terminals, n [V]; NULL: 0 V.   default NULL; borrowed     */
} og_check_opts;
void og_check_opts_init(og_check_opts *opts);

/** Outcome. Valid after OG_OK and OG_E_TOLERANCE. */
typedef struct og_check_result {
  size_t compared;         /**< [-] number of values compared                                         */
  double worst_relative;   /**< [-] the larger of the next two                                        */
  double worst_current;    /**< [-] worst relative deviation of an output current                     */
  double worst_voltage;    /**< [-] worst relative deviation of a node voltage                        */
  char worst_node[40];     /**< where: "w_3_5", "b_0_2" or "i_4" (output current of bit line 4)       */
  size_t worst_input;      /**< [-] which input vector                                                */
  double ours;             /**< [V] or [A] our value there                                            */
  double theirs;           /**< [V] or [A] ngspice's value there                                      */
  double spice_second;     /**< [s] wall time spent in the child                                      */
  og_solve_info solve;     /**< our own solution: engine, audit, power                                 */
  char spice_version[40];  /**< as the child reports it, e.g. "ngspice-39"                            */
} og_check_result;

/**
 * Solve an array here and in ngspice and compare.
 * @param[out] result       filled
 * @param[out] current_ours, current_theirs  output currents, k x n [A], for a scatter plot; each may be NULL
 * @param[in]  array, g, v  as in og_solver_dc; k input vectors
 * @param[in]  opts         NULL means defaults
 * @retval OG_OK           within opts->rtol
 * @retval OG_E_TOLERANCE  beyond it; result tells where
 * @retval OG_E_EXTERN     the child could not be started, crashed, hung, or ngspice refused the deck: err has its words
 * @retval OG_E_ARG, OG_E_RANGE, OG_E_SINGULAR, OG_E_NOCONV, OG_E_NOMEM  as og_solver_dc
 */
OG_NODISCARD og_status og_check_array(og_check_result *result, double *current_ours, double *current_theirs,
                                      const og_array *array, const double *g, const double *v, size_t k,
                                      const og_check_opts *opts, og_error *err);

#ifdef __cplusplus
}
#endif
#endif
