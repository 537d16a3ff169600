/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ohmgrid/vectors.h
 * Results of one analysis of a circuit, as SPICE keeps them: named vectors of equal length over a scale (time,
 * frequency, the swept value). An operating point has no scale and one point.
 *
 * Names.   Of a node voltage: the node's name, "w_3_5" or "x1.mid"; of the current of an element: its name and
 *          "#branch", "vt_2#branch", positive from the first node through the element to the second. Lower case.
 * Layout.  Vector k starts at data + k * points (complex: + 2 k * points, real and imaginary parts in turn).
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

#ifdef __cplusplus
}
#endif
#endif
