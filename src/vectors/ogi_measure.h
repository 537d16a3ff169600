/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_measure.h  A measurement as read, before it meets data. */
#ifndef OGI_MEASURE_H
#define OGI_MEASURE_H

#include <ohmgrid/measure.h>

enum { OGI_MEASURE_NAME = 128 }; /**< [bytes] longest name, with its end */

typedef enum ogi_measure_kind {
  OGI_M_DELAY, OGI_M_MAX, OGI_M_MIN, OGI_M_MAX_AT, OGI_M_MIN_AT, OGI_M_PP, OGI_M_AVG, OGI_M_RMS, OGI_M_INTEG,
  OGI_M_FIND, OGI_M_WHEN, OGI_M_DERIV
} ogi_measure_kind;

/** Value of a complex vector that is meant. */
typedef enum ogi_part {
  OGI_PART_MODULUS, OGI_PART_REAL, OGI_PART_IMAGINARY, OGI_PART_PHASE, OGI_PART_DECIBEL
} ogi_part;

/** One vector, or the difference of two; "0" is ground. An empty name: none. */
typedef struct ogi_signal {
  char plus[OGI_MEASURE_NAME], minus[OGI_MEASURE_NAME];
  ogi_part part;
} ogi_signal;

typedef enum ogi_edge { OGI_EDGE_CROSS, OGI_EDGE_RISE, OGI_EDGE_FALL } ogi_edge;

/** When something happens. */
typedef struct ogi_event {
  double at;         /**< [scale] given by number; NaN: by a crossing              */
  ogi_signal left;   /**< what crosses                                             */
  ogi_signal right;  /**< what it crosses; empty: level                            */
  double level;      /**< [unit of left]                                           */
  double td;         /**< [scale] nothing before counts; -INFINITY: not given      */
  ogi_edge edge;
  size_t number;     /**< which one, from 1; 0: the last                           */
} ogi_event;

struct og_measure {
  char name[OGI_MEASURE_NAME], analysis[8];
  ogi_measure_kind kind;
  ogi_signal what;         /**< measured                                            */
  ogi_event first, second; /**< trig and targ; first also of find, when and deriv   */
  double from, to;         /**< [scale] window; infinite where not given            */
};

#endif
