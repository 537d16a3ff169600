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

#include <ohmgrid/analysis.h>
#include <ohmgrid/array.h>
#include <ohmgrid/cell.h>
#include <ohmgrid/deck.h>
#include <ohmgrid/solve.h>
#include <ohmgrid/status.h>
#include <ohmgrid/vectors.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Options. Fill with og_check_opts_init, then change fields. */
typedef struct og_check_opts {
  double rtol;           /**< [-] tolerated relative deviation, 1e-15..1.                   default 1e-6             */
  double timeout_second; /**< [s] after which the child is killed, > 0.                     default 600              */
  const char *worker;    /**< program ohmgrid-spice; NULL: the installed one.               default NULL; borrowed   */
  const double *bit_volts; /**< potentials of the bit line terminals, n [V]; NULL: 0 V.   default NULL; borrowed     */
  const og_cell *cell;   /**< law of the cells; NULL: linear.   default NULL; borrowed                               */
  size_t sample_nodes;   /**< [-] arrays of linear cells with more nodes are compared in parts; 0: never.  default 10,000   */
  size_t samples;        /**< [-] how many parts, drawn at random, of about 1000 nodes.       default 5               */
  unsigned long seed;    /**< of the draw.                                                   default 1                */
  og_progress progress;  /**< asked at least every 0.1 s while ngspice works; not 0: stop.    default none            */
} og_check_opts;
void og_check_opts_init(og_check_opts *opts);

/** Outcome. Valid after OG_OK and OG_E_TOLERANCE. */
typedef struct og_check_result {
  size_t compared;         /**< [-] number of values compared                                         */
  size_t samples;          /**< [-] parts that were compared, node voltages only; 0: the whole array  */
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

/* --- decks ------------------------------------------------------------------------------------------------------- */

/** Options. Fill with og_check_deck_opts_init, then change fields. */
typedef struct og_check_deck_opts {
  double rtol;           /**< [-] tolerance of every analysis, 1e-15 .. 1; 0 (default): that of og_check_tolerance      */
  og_deck_engine engine; /**< ours. default OG_DECK_AUTO                                                                */
  const char *against;   /**< file of results (raw or CSV) to compare with, in place of ngspice; borrowed. default NULL */
  size_t sample_nodes;   /**< [-] a deck of resistors and sources with more nodes is compared in parts of about 1000
                              nodes: ngspice's time grows with the square of the nodes. 0: never. default 10,000        */
  size_t samples;        /**< [-] how many parts, drawn at random. default 5                                            */
  unsigned long seed;    /**< of the draw. default 1                                                                    */
  double timeout_second; /**< [s] of ngspice for each analysis, > 0. default 600                                        */
  const char *worker;    /**< program ohmgrid-spice; NULL: the installed one; borrowed. default NULL                    */
  og_progress progress;  /**< asked at least every 0.1 s; other than 0 ends the check with OG_E_INTERRUPT. default none */
} og_check_deck_opts;
void og_check_deck_opts_init(og_check_deck_opts *opts);

/** Tolerated deviation of one kind of analysis, and why that much. */
typedef struct og_tolerance {
  double rtol;        /**< [-] see og_compare_scale                */
  const char *reason; /**< static                                  */
  int of_peak;        /**< 1: relative to the peak of each vector */
} og_tolerance;
og_tolerance og_check_tolerance(og_analysis_kind kind);

/** One measurement of .measure on both results. */
typedef struct og_check_measure {
  char *name;
  double ours, theirs; /**< NAN: failed; the reason is in why */
  char why[120];
} og_check_measure;

/** One analysis, compared. */
typedef struct og_check_analysis {
  og_analysis_kind kind;
  og_analysis_info info;      /**< of our run                                                              */
  og_compare_result compare;  /**< vectors, worst deviations, histogram                                    */
  og_tolerance tolerance;
  int passed;                 /**< 1: compared something that is not 0 everywhere, all within tolerance     */
  size_t samples;             /**< [-] parts that were compared; 0: the whole                               */
  double ours_second, theirs_second; /**< [s] wall time                                                    */
  og_vectors *ours, *theirs;  /**< for plots; theirs NULL where only parts were compared                    */
  size_t measure_count;
  og_check_measure *measures;
} og_check_analysis;

/** All analyses of a deck. Owned by the caller; release with og_check_report_clear. */
typedef struct og_check_report {
  size_t count;
  og_check_analysis *analysis;
  size_t worst;            /**< which analysis has the largest deviation for its tolerance */
  char reference[80];      /**< "ngspice-39", or the file                                  */
} og_check_report;

/**
 * Run every analysis of a deck (an operating point if it names none) with our engines and with ngspice, or read results
 * of another simulator, and compare every node potential and branch current.
 * @param[out] report  filled also after OG_E_TOLERANCE
 * @retval OG_OK           all within their tolerances
 * @retval OG_E_TOLERANCE  one is beyond; or nothing could be compared, or everything is 0, which proves nothing
 * @retval OG_E_EXTERN     ngspice failed; err has its words
 * @retval OG_E_INPUT      against cannot be read, or fits no analysis of the deck
 * @retval OG_E_ARG, OG_E_RANGE, OG_E_SINGULAR, OG_E_NOCONV, OG_E_INTERRUPT, OG_E_NOMEM  as og_analysis_run
 */
OG_NODISCARD og_status og_check_deck(og_check_report *report, const og_deck *deck, const og_check_deck_opts *opts,
                                     og_error *err);
/**
 * Draw one analysis as SVG: how many values deviate by how much; deviation against size of every vector; and where there is a
 * scale, the vectors that deviate most, ours and theirs.
 * @param[in] reference  name of the other simulator
 * @retval OG_OK, OG_E_ARG, OG_E_IO, OG_E_NOMEM
 * @retval OG_E_EXTERN  gnuplot is missing or failed
 */
OG_NODISCARD og_status og_check_plot(const char *path, const og_check_analysis *one, const char *reference,
                                     og_error *err);
/** Release what a report holds. NULL is allowed. */
void og_check_report_clear(og_check_report *report);

#ifdef __cplusplus
}
#endif
#endif
