/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/measure.h
 * Measurements on waveforms, in the words of SPICE's .measure.
 *
 * Statement, behind the ".measure", in any letter case; numbers as in decks ("3n", "0.5", "10meg"):
 *
 *   ANALYSIS NAME trig EVENT targ EVENT                        scale at the second less that at the first
 *   ANALYSIS NAME max|min|pp|avg|rms|integ X [from= to= td=]   max_at, min_at: where; integ: integral over the scale
 *   ANALYSIS NAME find X at=VALUE                              value of X there
 *   ANALYSIS NAME find X when CONDITION                        value of X where the condition is met
 *   ANALYSIS NAME when CONDITION                               scale where it is met
 *   ANALYSIS NAME deriv X at=VALUE | when CONDITION            slope of X there
 *
 *   EVENT      at=VALUE | X val=LEVEL [td=] [rise=|fall=|cross= N|last]
 *   CONDITION  X=LEVEL | X=Y  [td= from= to=] [rise=|fall=|cross= N|last]
 *   X, Y       v(a), v(a,b), i(v1), or the plain name of a vector. Of complex values the modulus, and vm vr vi vp vdb
 *              (im ir ii ip idb): modulus, real, imaginary part, phase [rad], 20 log10 of the modulus
 *   ANALYSIS   tran, ac, dc, sp, noise, op; tran needs a scale in time, ac, sp and noise one in frequency
 *
 * "param=" is refused: it needs the parameters of the deck. goal, minval and weight, which serve optimisers, are read
 * and have no effect. Signals are straight lines between points: an average, integral or root mean square is
 * exact for those lines, and windows cut them where they say (ngspice moves a window's end to a point, and takes
 * rms by trapezoids of the square). A crossing is a point strictly on one side of the level and the next on it or past;
 * without rise, fall or cross the first of either kind counts. A slope is that of the parabola through three points.
 */
#ifndef OHMGRID_MEASURE_H
#define OHMGRID_MEASURE_H

#include <ohmgrid/status.h>
#include <ohmgrid/vectors.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct og_measure og_measure; /**< opaque, immutable once made */

/** What was measured. NaN where a field has no meaning. */
typedef struct og_measure_result {
  double value;      /**< [unit of what is asked]                                        */
  double at;         /**< [scale] of max, min, find, when, deriv                          */
  double trig, targ; /**< [scale] of the two events                                       */
  double from, to;   /**< [scale] window used                                             */
} og_measure_result;

/**
 * Read a statement.
 * @retval OG_OK
 * @retval OG_E_ARG    a pointer is NULL
 * @retval OG_E_INPUT  a word, number or part is missing, foreign or given twice; err quotes it
 * @retval OG_E_UNSUPPORTED  param=
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_measure_parse(og_measure **out, const char *statement, og_error *err);
/** Release. NULL is allowed. */
void og_measure_free(og_measure *m);
/** Name of the result, and the analysis it belongs to; borrowed. */
const char *og_measure_name(const og_measure *m);
const char *og_measure_analysis(const og_measure *m);

/**
 * Measure.
 * @param[out] result  all NaN on failure
 * @retval OG_OK
 * @retval OG_E_ARG    a pointer is NULL
 * @retval OG_E_INPUT  no such vector; no scale, another one, or one that does not rise or is no number
 * @retval OG_E_RANGE  the event does not happen, or a place or window lies outside the data; err has the count
 */
OG_NODISCARD og_status og_measure_eval(const og_measure *m, const og_vectors *v, og_measure_result *result,
                                       og_error *err);

#ifdef __cplusplus
}
#endif
#endif
