/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/cell.h
 * What a cell does: current i(v) [A] and slope di/dv [S] of a two-terminal cell at voltage v [V], word node minus bit
 * node; i > 0 flows from word to bit node.
 *
 * Each cell has a conductance g [S] of the array's matrix, and parameters: one value for all cells, or one a cell. Each
 * model is scaled so that g is its slope at 0 V unless its row says otherwise, and is strictly increasing for g > 0
 * (g = 0: open cell, i = 0). v_t = kT/q = 25.852 mV at 300 K by default.
 *
 *   linear      i = g v
 *   sinh        i = g v0 sinh(v / v0)                                                                [Yakopcic2011]
 *   schottky    thermionic emission, barrier lowered by the image force, x = exp(sqrt(|v| / v_s))       [Sze2007]
 *               rectify = 0, two contacts back to back:  i = 2 g v_t tanh(v / (2 v_t)) x
 *               rectify = 1, one contact:  v >= 0:  i = g ideality v_t (exp(v / (ideality v_t)) - 1)
 *                                          v < 0:   i = -g v_t (1 - exp(v / v_t)) x
 *   simmons     tunnelling through a rectangular barrier, intermediate voltage |v| <= phi              [Simmons1963]
 *               i = g [f(phi - v/2) - f(phi + v/2)] / (-f'(phi)),  f(u) = u exp(-A sqrt(u)),
 *               A = 4 pi width sqrt(2 mass m_e q) / h  [V^-1/2]; monotone where A sqrt(phi) > 2 sqrt(2)
 *   threshold   selector that turns on; g is the conductance when on                (a form of our own, cf. [Burr2014])
 *               i = g v [r + (1 - r) / (1 + exp((v_th - |v|) / v_w))],  r = 1 / ratio
 *   transistor  MOSFET from word side (drain) to bit side (source and bulk), gate at v_gate from the bit node:
 *               square law with smooth subthreshold, i = (2 slope beta v_t^2 [F(p) - F(p - v)]) (1 + lambda |v|)
 *               + g_leak v,  F(y) = ln^2(1 + exp(y / (2 v_t))),  p = (v_gate - v_th) / slope;  no g    [Enz1995]
 *   table       measured points, monotone cubic between them [Steffen1990], straight lines beyond
 *   user        a function of the caller
 *   pair        two cells in series (1S1R, 1T1R), the node between them solved for every cell
 *
 * Range. Outside of range_low .. range_high, and where a model itself ends (simmons |v| > phi, table beyond its points,
 * an exponent beyond 100) a cell is counted as out of range, and reported; where a model ends it goes on as a straight
 * line, so that no current is ever infinite.
 *
 * Sources: doc/refs.bib has the entries, doc/engines-nonlinear.md says more.
 * Threads. A const og_cell may be shared.
 */
#ifndef OHMGRID_CELL_H
#define OHMGRID_CELL_H

#include <stddef.h>

#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct og_cell og_cell; /**< opaque: a model and its parameters */

/**
 * Make a cell from text: MODEL[,KEY=VALUE]... or two of these joined by " + ", a pair in series; the first is at the
 * word node. "sinh,v0=0.3"; "threshold,g=1m,v_th=0.6 + sinh,v0=250m". Keys are those of og_cell_keys; values may carry
 * prefix and unit. In a pair at least one member takes the array's conductances (has no g of its own).
 * @param[out] out   the caller's; NULL on failure
 * @retval OG_OK
 * @retval OG_E_ARG    out or text is NULL
 * @retval OG_E_INPUT  unknown model or key, no number; err names model and key
 * @retval OG_E_RANGE  a value outside its range; err names model and key
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_cell_create(og_cell **out, const char *text, og_error *err);

/**
 * A table of a measured curve.
 * @param[in] v      voltages, count [V], finite, strictly increasing, 0 V among or between them; copied
 * @param[in] i      currents, count [A], finite, strictly increasing; copied
 * @param[in] count  >= 3
 * The curve is scaled by g / g_ref; key g_ref [S] defaults to the slope of the curve at 0 V.
 * @retval OG_OK
 * @retval OG_E_ARG    a pointer is NULL
 * @retval OG_E_RANGE  too few points, or one out of order; err names it
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_cell_create_table(og_cell **out, const double *v, const double *i, size_t count,
                                            og_error *err);

/**
 * Currents and slopes of cells first .. first + count - 1 of the array (row-major), all pointers at cell first.
 * Slopes must be finite, and > 0 where g > 0; currents finite. Called by one thread at a time.
 * @return 0; anything else ends the solution with OG_E_EXTERN
 */
typedef int (*og_cell_function)(void *user, size_t first, size_t count, const double *g, const double *v, double *i,
                                double *slope);

/** A cell of the caller's own. user is passed through, not touched. @retval OG_OK, OG_E_ARG, OG_E_NOMEM */
OG_NODISCARD og_status og_cell_create_user(og_cell **out, og_cell_function function, void *user, og_error *err);

/**
 * Two cells in series, word_side at the word node. Takes both over; on failure they are released. A pair has no members
 * that are pairs.
 * @retval OG_OK
 * @retval OG_E_ARG    a pointer is NULL, both are the same, one is a pair, or neither takes the array's conductances
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_cell_create_pair(og_cell **out, og_cell *word_side, og_cell *bit_side, og_error *err);

/**
 * Set a parameter of all cells. Keys of a pair's members begin with "word." or "bit.", as in "word.v_gate".
 * @retval OG_OK
 * @retval OG_E_ARG    cell or key is NULL
 * @retval OG_E_INPUT  the model has no such key
 * @retval OG_E_RANGE  outside the key's range
 */
OG_NODISCARD og_status og_cell_set(og_cell *cell, const char *key, double value, og_error *err);

/**
 * Set a parameter cell by cell: values are m x n, row-major; copied. The array then must have m x n cells.
 * @retval OG_OK
 * @retval OG_E_ARG    a pointer is NULL, or m or n is 0
 * @retval OG_E_INPUT  the model has no such key
 * @retval OG_E_RANGE  outside the key's range; err names row and column
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_cell_set_each(og_cell *cell, const char *key, const double *values, size_t m, size_t n,
                                        og_error *err);

/** Set a parameter row by row, as gate voltages are: m values, for an array of m x n. Statuses of og_cell_set_each. */
OG_NODISCARD og_status og_cell_set_rows(og_cell *cell, const char *key, const double *values, size_t m, size_t n,
                                        og_error *err);

/**
 * Currents and slopes of count cells, from the first of the array on.
 * @param[in]  g        conductances, count [S], finite and >= 0
 * @param[in]  v        voltages, count [V], finite
 * @param[out] i        currents, count [A]
 * @param[out] slope    slopes, count [S]
 * @param[out] outside  how many cells lie out of range; may be NULL
 * @retval OG_OK
 * @retval OG_E_ARG     a needed pointer is NULL
 * @retval OG_E_SHAPE   parameters were set for fewer cells
 * @retval OG_E_RANGE   a g or v is out of range, parameters contradict each other (simmons: A sqrt(phi) too small;
 *                      range_low above range_high), or a user function gave a current or slope that cannot be; err
 *                      names the cell
 * @retval OG_E_EXTERN  a user function gave up
 */
OG_NODISCARD og_status og_cell_eval(const og_cell *cell, size_t count, const double *g, const double *v, double *i,
                                    double *slope, size_t *outside, og_error *err);

/** "sinh", ...; "pair" for a pair. Static string. */
const char *og_cell_model(const og_cell *cell);

/**
 * Model and key number index (from 0) of the models that og_cell_create knows: unit, range, default and meaning.
 * @return 0 past the last
 */
typedef struct og_cell_key {
  const char *model, *key, *unit; /**< static strings; unit "" for a pure number          */
  double min, max, fallback;      /**< a finite range excludes nothing at its ends        */
  const char *help;
} og_cell_key;
int og_cell_keys(size_t index, og_cell_key *out);

/** Release. NULL is allowed. */
void og_cell_free(og_cell *cell);

#ifdef __cplusplus
}
#endif
#endif
