/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_crosscheck.h  The measure by which two solutions of one circuit are compared. */
#ifndef OGI_CROSSCHECK_H
#define OGI_CROSSCHECK_H

#include <stddef.h>

/**
 * Worst relative deviation of values of one kind: |ours - theirs| / max(|theirs|, 1e-3 max |theirs|, floor).
 * Equal values deviate by 0 whatever the scale; a NaN, or any difference on a scale of 0, by INFINITY.
 * @param[in]  floor  smallest scale, in the unit of the values, >= 0
 * @param[out] where  index of the worst; 0 if none deviates
 */
double ogi_deviation(const double *ours, const double *theirs, size_t count, double floor, size_t *where);

#endif
