/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/vectors.h
 * Results of one analysis of a circuit, as SPICE keeps them: named vectors of equal length over a scale (time,
 * frequency, the swept value). An operating point has no scale and one point.
 *
 * Names.   Of a node voltage: the node's name, "w_3_5" or "x1.mid"; of the current of an element: its name and
 *          "#branch", "vt_2#branch", positive from the first node through the element to the second. Lower case.
 * Layout.  Vector k starts at data + k * points (complex: + 2 k * points, real and imaginary parts in turn).
 * Files.   .raw: the raw files of SPICE3, ngspice and Xyce, ASCII or binary, several plots in one. .csv: one row of
 *          names, then numbers. .npy: written only. Names are made ours on the way in ("V(Out)" -> "out", "I(v1)" ->
 *          "v1#branch", of a device "i(@r1[i])" -> "@r1[i]") and SPICE's on the way out. Readers believe no size that a
 *          file claims before the file has shown enough bytes for it. Gzip is unpacked.
 */
#ifndef OHMGRID_VECTORS_H
#define OHMGRID_VECTORS_H

#include <stddef.h>

#include <ohmgrid/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a vector holds: the words of SPICE's raw files. */
typedef enum og_quantity {
  OG_Q_NOTYPE,          /**< [-]          "notype"          */
  OG_Q_TIME,            /**< [s]          "time"            */
  OG_Q_FREQUENCY,       /**< [Hz]         "frequency"       */
  OG_Q_VOLTAGE,         /**< [V]          "voltage"         */
  OG_Q_CURRENT,         /**< [A]          "current"         */
  OG_Q_VOLTAGE_DENSITY, /**< [V/sqrt(Hz)] "voltage-density" */
  OG_Q_CURRENT_DENSITY, /**< [A/sqrt(Hz)] "current-density" */
  OG_Q_COUNT
} og_quantity;
/** Word of a quantity, and its unit; "?" for a foreign one. */
const char *og_quantity_name(og_quantity q);
const char *og_quantity_unit(og_quantity q);

/** Owned by whoever holds it; release with og_vectors_free. Fields may be read and values written. */
typedef struct og_vectors {
  char *title;           /**< of the deck                                                         */
  char *plot;            /**< kind of analysis, "Operating Point", "Transient Analysis" ...       */
  size_t count;          /**< [-] vectors                                                         */
  size_t points;         /**< [-] of each                                                         */
  int complex_values;    /**< 1: two doubles a point                                              */
  int has_scale;         /**< 1: vector 0 is the scale; 0 for an operating point                  */
  char **name;           /**< count                                                               */
  og_quantity *quantity; /**< count                                                               */
  double *data;          /**< count x points (complex: x 2)                                       */
} og_vectors;

/**
 * Zeroed vectors with empty names.
 * @retval OG_OK
 * @retval OG_E_ARG    out is NULL
 * @retval OG_E_NOMEM  also where count * points overflows
 */
OG_NODISCARD og_status og_vectors_create(og_vectors **out, size_t count, size_t points, int complex_values,
                                         og_error *err);
/** Name a vector. @retval OG_OK, OG_E_ARG a pointer is NULL or k is too large, OG_E_NOMEM */
OG_NODISCARD og_status og_vectors_name(og_vectors *v, size_t k, const char *name, og_quantity quantity, og_error *err);
/** Number of a vector by name, letter case ignored; "v(x)" finds "x", "i(x)" finds "x#branch". count: none. */
size_t og_vectors_find(const og_vectors *v, const char *name);
/** First value of vector k. */
double *og_vectors_at(const og_vectors *v, size_t k);
/** Release everything. NULL is allowed. */
void og_vectors_free(og_vectors *v);

/**
 * Read every plot of a raw file.
 * @param[out] out    array of plots, at least one; release with og_raw_free. NULL on failure
 * @param[out] count  their number
 * Refused, each in words of its own: UTF-16 and 4-byte values (LTspice's own formats; it writes others), "fastaccess",
 * vectors of unequal length, a file that is cut, a file whose simulator never filled in the number of points.
 * @retval OG_OK
 * @retval OG_E_ARG    a pointer is NULL
 * @retval OG_E_INPUT  missing, cut or foreign; err names line or byte
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_raw_load(const char *path, og_vectors ***out, size_t *count, og_error *err);
/** Release plots and their array. NULL is allowed. */
void og_raw_free(og_vectors **plots, size_t count);
/**
 * Write plots to a raw file that ngspice loads: all digits of every double, no date, so equal data give equal files.
 * @param[in] binary  1: doubles, little-endian; 0: ASCII
 * @retval OG_OK
 * @retval OG_E_ARG    a pointer is NULL, or there is no plot, no vector or no point
 * @retval OG_E_INPUT  a name is empty or holds a blank or control character
 * @retval OG_E_IO     the file cannot be written; what was there is untouched
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_raw_save(const char *path, const og_vectors *const *plots, size_t count, int binary,
                                   og_error *err);

/**
 * Read one set of vectors. .raw, also .raw.gz: as og_raw_load, of one plot. Else CSV: values separated by commas,
 * semicolons, tabs or blanks; lines that start with # or * are skipped; the first line holds names, quoted or not, with
 * or without a unit: time, "v(a,b)", out [V], i(v1) (A). Columns "re(x)" and "im(x)" are one complex vector; columns in
 * pairs "x X" and "x Y" (Spectre) become a scale "x" and vectors if all X are the same. The first column is the scale
 * if its name says so or there are several rows.
 * @retval OG_OK
 * @retval OG_E_ARG    a pointer is NULL
 * @retval OG_E_INPUT  missing, cut or foreign, .npy, several plots; err names the line
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_vectors_load(const char *path, og_vectors **out, og_error *err);
/**
 * Write one set of vectors; the suffix says how. .raw: binary. .csv: 17 digits, units where the name does not say them;
 * of a complex set the scale is one column, its real part. .npy: a matrix points x count of float64 or complex128, by
 * rows; names and quantities are lost.
 * @retval OG_OK
 * @retval OG_E_ARG    a pointer is NULL, there is no vector or no point, or another suffix
 * @retval OG_E_INPUT  as og_raw_save; .csv: a name with a double quote or control character
 * @retval OG_E_IO, OG_E_NOMEM
 */
OG_NODISCARD og_status og_vectors_save(const char *path, const og_vectors *v, og_error *err);

/** What a deviation is relative to. No scale is smaller than floor times the largest |theirs| of the same quantity. */
typedef enum og_compare_scale {
  OG_COMPARE_VALUE, /**< |theirs| at the same point: operating points and sweeps */
  OG_COMPARE_PEAK   /**< the largest |theirs| of the vector: waveforms           */
} og_compare_scale;

/** Where the two are compared, when their points differ. */
typedef enum og_compare_grid {
  OG_COMPARE_AT_THEIRS, /**< at their points, ours interpolated: give ours on the denser grid */
  OG_COMPARE_AT_FEWER,  /**< at the points of the one that has fewer                          */
  OG_COMPARE_AT_ALL     /**< at the points of both                                            */
} og_compare_grid;

/** Options. Fill with og_compare_opts_init, then change fields. */
typedef struct og_compare_opts {
  og_compare_scale scale; /**< default OG_COMPARE_VALUE                                                       */
  og_compare_grid grid;   /**< default OG_COMPARE_AT_THEIRS                                                   */
  double floor;           /**< [-] 0..1, see og_compare_scale. default 1e-3                                   */
  double from, to;        /**< [scale] only points between, both included. default -infinity, infinity         */
} og_compare_opts;
void og_compare_opts_init(og_compare_opts *opts);

/** One vector that both have. */
typedef struct og_compare_vector {
  char *name;
  og_quantity quantity;
  double largest;             /**< [unit] largest |theirs|                                                     */
  double worst_absolute;      /**< [unit] largest |ours - theirs|, of complex values the modulus                */
  double worst_relative;      /**< [-] largest deviation; INFINITY for a value that is no number, and for any
                                   difference where the scale is 0                                             */
  double at;                  /**< [scale] where worst_relative is; the point's number if there is no scale     */
  double ours[2], theirs[2];  /**< [unit] the values there, real and imaginary                                  */
  size_t invalid;             /**< [-] points where one of the two is infinite or NaN                           */
  int dark;                   /**< 1: zero at every point in both                                              */
} og_compare_vector;

enum { OG_COMPARE_BINS = 18 };

/** Outcome. Owned by the caller; release with og_compare_clear. Passed: !dark && worst_relative <= tolerance. */
typedef struct og_compare_result {
  size_t compared;           /**< [-] values; 0: no vector or no point in common                               */
  size_t points;             /**< [-] of the scale at which they were compared                                 */
  int dark;                  /**< 1: nothing was compared, or all values are 0 in both. No agreement follows     */
  size_t invalid;            /**< [-] values infinite or NaN in one of the two                                 */
  double worst_relative;     /**< [-] the largest of all vectors; 0 if nothing was compared                     */
  double worst_absolute;     /**< [unit of vector[widest]]                                                     */
  size_t worst, widest;      /**< numbers in vector[] of the two                                               */
  size_t count;              /**< [-] vectors that both have, without the scale                                */
  og_compare_vector *vector; /**< count                                                                        */
  size_t only_ours_count, only_theirs_count;
  char **only_ours, **only_theirs;  /**< names that one alone has                                              */
  size_t histogram[OG_COMPARE_BINS]; /**< relative deviations: [0] below 1e-16, [k] 1e(k-17)..1e(k-16), [17] 1 and
                                          more, with those that are no number                                  */
} og_compare_result;

/**
 * Compare vectors of the same names. Points differ between adaptive time steps, so values between two points are taken
 * from the straight line through them, which is itself wrong by up to h^2/8 |x''| over a gap h: of a sine with p points
 * a period 0.5 (pi/p)^2 of its amplitude. Where both have the same points nothing is interpolated. Only the
 * stretch that both cover is compared. Without scales, point k is compared with point k.
 * @param[in] opts  NULL means defaults
 * @retval OG_OK
 * @retval OG_E_ARG    a pointer is NULL, or an option is none of its words
 * @retval OG_E_RANGE  floor or from..to
 * @retval OG_E_SHAPE  one has a scale and the other has none, scales of different quantities, unequal points without a
 *                     scale; complex against real
 * @retval OG_E_INPUT  a scale that is no number or turns round, where points differ
 * @retval OG_E_NOMEM
 */
OG_NODISCARD og_status og_vectors_compare(const og_vectors *ours, const og_vectors *theirs, const og_compare_opts *opts,
                                          og_compare_result *result, og_error *err);
/** Release what a result holds, and zero it. NULL is allowed. */
void og_compare_clear(og_compare_result *result);

#ifdef __cplusplus
}
#endif
#endif
