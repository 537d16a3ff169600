/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/preisach.h
 * Ferroelectric films without kinetics: the classical Preisach model, for many cells at once.
 *
 * Model.   A film is a sum of relays (hysterons). One with thresholds a >= b jumps up when V reaches a and down when V
 *          reaches b. P depends on the order of the voltages applied, never on their times. What it needs to know of
 *          the past are the turning points that no later swing has passed: a stack, last in, first out.
 *          Swings. From a turning point (V1, P1) up to V: P = P1 + E(V, V1); down to V: P = P1 - E(V1, V), where
 *          E(a, b) [C/m2], a >= b, is twice the moment of all relays with thresholds in b .. a (Everett's function).
 *          Hence swings that pass an older turning point wipe it out, minor loops close, and those between the same
 *          two voltages are congruent [Mayergoyz1986].
 * Loop.    Saturated branches P = ps tanh((V -+ vc)/(2 d)), minus when V rises, d = vc/ln((ps + pr)/(ps - pr)), so that
 *          P = -+ pr at V = 0 [Jiang1997].
 * Relays.  The saturated loop alone does not tell how the two thresholds of a relay go together, which minor loops
 *          depend on [Bartic2001]. Two ways that both give exactly this loop are mixed:
 *            independent (share 1 - mirror): density f(a) f(-b) over the half plane a >= b. With h = (a - b)/(2 d),
 *              c = vc/d, A = (a - vc)/(2 d), B = (b + vc)/(2 d)
 *              E = ps (sinh(h - c) + sinh(c) exp(-h coth(c))) / (cosh(A) cosh(B)),
 *              positive everywhere; derived in doc/engines-compact.md. A new branch begins with slope 0.
 *            mirrored (share mirror): b = -a, no internal fields: E = R(a) - R(b) + 2 G(min(a, -b)), G = 0 below 0,
 *              R(V) = sign(V) (ps tanh((|V| + vc)/(2 d)) - pr) reversible, 2 G(V) = 2 pr less the width of the
 *              saturated loop at V. Films whose domains differ in coercive voltage alone are close to it.
 * Sign.    V [V] from top to bottom; P > 0 [C/m2] follows from V > 0; charge area P + farad V [C] flowed into the top.
 *          Loops are traced counter-clockwise in (V, P): they cost energy.
 * Layout.  Arrays hold one number a cell. Threads. Calls that change disjoint ranges of cells, or nothing, may run at
 *          once.
 * Simpler than the films of devices/: no switching times, hence no coercive voltage that moves with the ramp, no
 *          partial switching by width, no relaxation, fatigue or imprint. By how much: devices/fefet-cap/model.md.
 */
#ifndef OHMGRID_PREISACH_H
#define OHMGRID_PREISACH_H

#include <stddef.h>

#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A film and the plates on it. */
typedef struct og_preisach_film {
  double ps_coulomb_m2; /**< [C/m2] saturation polarisation, 1e-9 .. 1e3                            */
  double pr_coulomb_m2; /**< [C/m2] remanent polarisation, pr/ps in 1e-6 .. 1 - 1e-9                */
  double vc_volt;       /**< [V] coercive voltage of the saturated loop, 1e-6 .. 1e5                */
  double mirror;        /**< [-] share of relays with b = -a, 0 .. 1                                */
  double area_m2;       /**< [m2] > 0                                                               */
  double farad;         /**< [F] >= 0, background capacitance beside the film, area included        */
} og_preisach_film;

/** Where a film comes from. All at 0 V. */
typedef enum og_preisach_start {
  OG_PREISACH_DOWN = -1,  /**< saturated by a large negative voltage: P = -pr                       */
  OG_PREISACH_DEPOLED = 0,/**< by swings that shrank to nothing: P = 0 (demagnetised, for a magnet) */
  OG_PREISACH_UP = 1      /**< saturated by a large positive voltage: P = +pr                       */
} og_preisach_start;

/** What a swing does that turns when the stack is full. */
typedef enum og_preisach_full {
  OG_PREISACH_REFUSE, /**< OG_E_RANGE                                                                             */
  OG_PREISACH_MERGE   /**< the innermost loop, the smallest one, is forgotten: counted, the jump of P is told     */
} og_preisach_full;

enum { OG_PREISACH_DEPTH_MAX = 65536 };
#define OG_PREISACH_VOLT_MAX 1e6 /**< [V] */

typedef struct og_preisach og_preisach; /**< opaque */

/** Where results go: arrays of the range's cells; NULL: not wanted. */
typedef struct og_preisach_result {
  double *p_coulomb_m2; /**< [C/m2] polarisation                                                                    */
  double *slope;        /**< [F/m2] dP/dV >= 0 along the branch that led to V                                       */
  double *coulomb;      /**< [C] area P + farad V                                                                   */
  double *farad;        /**< [F] area dP/dV + background                                                            */
} og_preisach_result;

/** What a call of og_preisach_apply did. */
typedef struct og_preisach_info {
  size_t deepest;             /**< [-] turning points on the fullest stack of the range afterwards                  */
  size_t merged;              /**< [-] loops forgotten for want of room                                             */
  double shift_coulomb_m2;    /**< [C/m2] largest |P - P with room for all| that one of these caused, this call     */
} og_preisach_info;

/**
 * Make cells, all OG_PREISACH_DOWN at 0 V.
 * @param[in] film   films of them, copied
 * @param[in] films  [-] 1 (all alike) or cells
 * @param[in] cells  [-] >= 1
 * @param[in] depth  [-] turning points of a cell, 2 .. OG_PREISACH_DEPTH_MAX
 * @retval OG_OK
 * @retval OG_E_ARG    a pointer is NULL, no cell, or another full than the two
 * @retval OG_E_SHAPE  films is neither 1 nor cells
 * @retval OG_E_RANGE  depth, or a number of a film; err names film and number
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_preisach_create(og_preisach **out, const og_preisach_film *film, size_t films, size_t cells,
                                          size_t depth, og_preisach_full full, og_error *err);
void og_preisach_free(og_preisach *model); /**< NULL is allowed */
size_t og_preisach_cells(const og_preisach *model);

/**
 * Forget the past of cells first .. first + count - 1.
 * @retval OG_OK, OG_E_ARG model is NULL or another start
 * @retval OG_E_RANGE cells beyond the last
 */
OG_NODISCARD og_status og_preisach_set(og_preisach *model, size_t first, size_t count, og_preisach_start start,
                                       og_error *err);

/**
 * What the next voltages would give; nothing is remembered (trial steps of a solver). Never merges: with a full stack
 * it gives what room for all would.
 * @param[in] volt  count [V], each moved to straight from the voltage before
 * @retval OG_OK
 * @retval OG_E_ARG    model, volt or result is NULL
 * @retval OG_E_RANGE  cells beyond the last, or a voltage is not finite or beyond OG_PREISACH_VOLT_MAX; results are NaN
 */
OG_NODISCARD og_status og_preisach_eval(const og_preisach *model, size_t first, size_t count, const double *volt,
                                        const og_preisach_result *result, og_error *err);
/**
 * Move to the voltages and remember.
 * @param[out] result  NULL: not wanted
 * @param[out] info    NULL: not wanted
 * @retval OG_OK
 * @retval OG_E_ARG    model or volt is NULL
 * @retval OG_E_RANGE  as og_preisach_eval; or, with OG_PREISACH_REFUSE, no room for a turning point: err names the
 *                     cell. All cells are then as before the call, results NaN
 */
OG_NODISCARD og_status og_preisach_apply(og_preisach *model, size_t first, size_t count, const double *volt,
                                         const og_preisach_result *result, og_preisach_info *info, og_error *err);

/** Numbers that og_preisach_save writes: cells (3 + depth). */
size_t og_preisach_state_length(const og_preisach *model);
/**
 * The memory of all cells, cell by cell: start, turning points on the stack n, voltage [V], then depth voltages [V],
 * the oldest turning point first, 0 beyond n. P follows from these and the film, bit by bit.
 * @retval OG_OK, OG_E_ARG
 */
OG_NODISCARD og_status og_preisach_save(const og_preisach *model, double *state, og_error *err);
/**
 * Put it back, into a model of as many cells and the same depth.
 * @retval OG_OK
 * @retval OG_E_ARG    a pointer is NULL
 * @retval OG_E_SHAPE  length is not og_preisach_state_length()
 * @retval OG_E_RANGE  no history leads to this state of a cell; err names it; the model is as before
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_preisach_restore(og_preisach *model, const double *state, size_t length, og_error *err);

/**
 * Everett's function.
 * @param[out] e_coulomb_m2  [C/m2] E(high, low) >= 0
 * @retval OG_OK, OG_E_ARG
 * @retval OG_E_RANGE  a number of the film, a voltage as in og_preisach_eval, or high < low
 */
OG_NODISCARD og_status og_preisach_everett(const og_preisach_film *film, double high_volt, double low_volt,
                                           double *e_coulomb_m2, og_error *err);
/**
 * Energy that a closed loop between two voltages costs, whatever the past: area times the loop's area in (V, P).
 * The saturated loop costs 4 ps vc per area. Error below 1e-10 of that for
 * pr/ps above 1e-3.
 * @param[out] joule  [J] >= 0
 * @retval as og_preisach_everett, and OG_E_NOMEM
 */
OG_NODISCARD og_status og_preisach_loop(const og_preisach_film *film, double high_volt, double low_volt, double *joule,
                                        og_error *err);

/**
 * ps, pr and vc of a saturated loop by least squares (Levenberg and Marquardt, GSL). Background charge must have been
 * taken off.
 * @param[in]     volt   count [V] in the order of time, up and down; a point belongs to the branch that led to it
 * @param[in]     p      count [C/m2]
 * @param[in]     count  >= 8
 * @param[in,out] film   ps, pr, vc are set, the rest is left
 * @param[out]    rms_coulomb_m2  [C/m2] root mean square of what is left over; NULL allowed
 * @retval OG_OK
 * @retval OG_E_ARG     a pointer is NULL
 * @retval OG_E_SHAPE   fewer than 8 points
 * @retval OG_E_RANGE   a number is not finite, all are 0, a branch is missing, P does not cross 0 on each branch, or
 *                      the rising branch does not cross at a higher voltage than the falling one
 * @retval OG_E_NOCONV  no minimum was found, or it lies outside of og_preisach_film
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_preisach_fit(const double *volt, const double *p, size_t count, og_preisach_film *film,
                                       double *rms_coulomb_m2, og_error *err);
/**
 * mirror of minor loops by linear least squares, bounded to 0 .. 1, with ps, pr, vc as they are.
 * @param[in]     start  where the film came from before the first point
 * @param[in]     volt, p, count  [V], [C/m2] in the order of time, as above but any history; every turning point must
 *                be among them; count >= 1
 * @param[in,out] film   mirror is set
 * @param[out]    rms_coulomb_m2  NULL allowed
 * @retval OG_OK
 * @retval OG_E_ARG     a pointer is NULL, or another start
 * @retval OG_E_SHAPE   no point
 * @retval OG_E_RANGE   a number; or the history does not depend on mirror (nothing but the saturated loop)
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_preisach_fit_mirror(og_preisach_start start, const double *volt, const double *p,
                                              size_t count, og_preisach_film *film, double *rms_coulomb_m2,
                                              og_error *err);

#ifdef __cplusplus
}
#endif
#endif
