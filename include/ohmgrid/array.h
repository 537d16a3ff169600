/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/array.h
 * Geometry and wire resistances of one passive crossbar array.
 *
 * Every cell (i,j) joins word node (i,j) to bit node (i,j). Word line i is a chain of segments through the word nodes
 * (i,0) .. (i,n-1); bit line j through the bit nodes (0,j) .. (m-1,j). An end that is driven or sensed has one more
 * segment in series with its driver or sense resistance:
 *
 *     source i --[r_source]--[r_word]-- W(i,0) --[r_word]-- W(i,1) -- ...      (drive left)
 *     ... B(m-2,j) --[r_bit]-- B(m-1,j) --[r_bit]--[r_sense]-- sense node j at 0 V      (sense bottom)
 *
 * so that a line of n cells driven at one end counts n segments (as in badcrossbar and CrossSim). Drive and sense both
 * ends, and each end has its own segment and resistance. 0 ohm merges nodes exactly. INFINITY means an open circuit.
 */
#ifndef OHMGRID_ARRAY_H
#define OHMGRID_ARRAY_H

#include <stddef.h>

#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum og_drive { OG_DRIVE_LEFT, OG_DRIVE_RIGHT, OG_DRIVE_BOTH } og_drive;     /**< driven word line ends */
typedef enum og_sense { OG_SENSE_BOTTOM, OG_SENSE_TOP, OG_SENSE_BOTH } og_sense;     /**< sensed bit line ends  */

/** Is there a segment between a terminal and the first cell of its line? */
typedef enum og_ends {
  OG_ENDS_SEGMENT, /**< yes: n segments for n cells, as badcrossbar and CrossSim count      */
  OG_ENDS_DIRECT   /**< no: n - 1 segments, terminals at the cells, as MemTorch and PytorX  */
} og_ends;

/** How the two lines of a cell run. */
typedef enum og_wiring {
  OG_WIRING_CROSSED, /**< word lines along rows, bit lines along columns: current flows from line to crossing line */
  OG_WIRING_PARALLEL /**< the driven (source) lines run along the columns beside the bit lines, n of them; what stands
                          on the rows are gates, which select cells and carry no current (1T1R)                      */
} og_wiring;

typedef enum og_line { OG_LINE_WORD, OG_LINE_BIT } og_line;

/** A node of the array: word (or source) or bit node of cell (i,j). */
typedef struct og_site {
  og_line line;
  size_t i, j;
} og_site;

/** A resistive short between two nodes, a fault of manufacture. 0 ohm merges them. */
typedef struct og_bridge {
  og_site a, b;
  double ohm; /**< [ohm] 0 .. INFINITY */
} og_bridge;

/** Plain data; fill with og_array_init, then change fields. */
typedef struct og_array {
  size_t m;            /**< [-]   word lines, >= 1                                   */
  size_t n;            /**< [-]   bit lines, >= 1                                    */
  double r_word_ohm;   /**< [ohm] one word line segment, 0 .. INFINITY.   default 0  */
  double r_bit_ohm;    /**< [ohm] one bit line segment, 0 .. INFINITY.    default 0  */
  double r_source_ohm; /**< [ohm] driver output resistance, 0 .. INFINITY. default 0 */
  double r_sense_ohm;  /**< [ohm] sense input resistance, 0 .. INFINITY.  default 0  */
  og_drive drive;      /**< driven ends of the word lines.   default OG_DRIVE_LEFT   */
  og_sense sense;      /**< sensed ends of the bit lines.    default OG_SENSE_BOTTOM */
  og_ends ends;        /**< end segments or not.             default OG_ENDS_SEGMENT */
  og_wiring wiring;    /**< crossed or parallel lines.       default OG_WIRING_CROSSED; parallel: inputs are k x n   */
  /* The rest is borrowed: it must live until the call that takes the array (og_solver_create ...) has returned. */
  const double *word_segments; /**< [ohm] every segment of the word lines, m x (n + 1): (i,j) lies left of cell (i,j),
                                    (i,n) right of the last one; 0 .. INFINITY (broken). Parallel: (m + 1) x n.
                                    NULL (default): r_word_ohm everywhere                                          */
  const double *bit_segments;  /**< [ohm] every segment of the bit lines, (m + 1) x n: (i,j) lies above cell (i,j),
                                    (m,j) below the last one. NULL (default): r_bit_ohm everywhere                 */
  const double *source_ohm;    /**< [ohm] driver resistance of each line, m (parallel: n); INFINITY: the line floats.
                                    NULL (default): r_source_ohm for all                                           */
  const double *sense_ohm;     /**< [ohm] sense resistance of each bit line, n. NULL (default): r_sense_ohm        */
  const og_bridge *bridges;    /**< shorts between nodes. NULL (default): none                                     */
  size_t bridge_count;         /**< [-] how many. default 0                                                        */
} og_array;

/** Ideal wires, driven left, sensed at the bottom. */
void og_array_init(og_array *array, size_t m, size_t n);

/**
 * Is this an array that can be solved?
 * @retval OG_OK
 * @retval OG_E_ARG    array is NULL, or bridges is NULL with a bridge_count
 * @retval OG_E_RANGE  m or n is 0 or 2*m*n does not fit an int, a resistance is negative or NaN, an enum is foreign, a
 *                     bridge leaves the array or has one end only; err names the place
 */
OG_NODISCARD og_status og_array_check(const og_array *array, og_error *err);

#ifdef __cplusplus
}
#endif
#endif
