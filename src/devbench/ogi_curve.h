/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_curve.h  Curves of drawings, thinned to what an eye can see of them. */
#ifndef OGI_CURVE_H
#define OGI_CURVE_H

#include <stddef.h>

#include "base/ogi_error.h"

enum { OGI_CURVE_TEXT = 160 };

/** Points of one curve, owned, and the text of its legend. */
typedef struct ogi_curve {
  double *x, *y;
  size_t count;
  char legend[OGI_CURVE_TEXT];
} ogi_curve;

/** How a curve's numbers become pixels. */
typedef struct ogi_curve_frame {
  int log_x, log_y;     /**< 1: only numbers above 0 are drawn, and the logarithm counts */
  double width, height; /**< [px] of the panel                                           */
} ogi_curve_frame;

/** Room for points; both arrays zeroed. @retval OG_E_NOMEM */
og_status ogi_curve_open(ogi_curve *c, size_t points, og_error *err);
void ogi_curve_clear(ogi_curve *c);

/**
 * Leave out points that no one misses: those left out lie within tolerance of the line that remains (Douglas & Peucker).
 * The tolerance begins at a third of a pixel and doubles until all curves together have most points, up to 11 px.
 * @retval OG_E_NOMEM
 */
og_status ogi_curves_thin(ogi_curve *curve, size_t count, const ogi_curve_frame *frame, size_t most, og_error *err);

/** 1 if an SI prefix may stand before the unit. */
int ogi_curve_takes_prefix(const char *unit);

/** Prefix of the power 1000^step, -6 .. 4; "" for 0. */
const char *ogi_curve_prefix(int step);

/** A number with an SI prefix, three digits: 1.59e-07 -> "159n". */
void ogi_curve_number(char to[24], double value);

#endif
