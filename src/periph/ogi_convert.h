/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_convert.h
 * Converters at the edge of an array, as ideal quantisers: no offset, gain error, INL or noise of their own.
 *
 * DAC: unipolar, 2^bits codes from 0 V to full scale; values outside are clipped and counted.
 * ADC: bipolar mid-tread, codes -2^(bits-1) .. 2^(bits-1) - 1, one LSB = full scale / 2^(bits-1); the end codes are
 *      counted as saturated when the input lies beyond them.
 * bits = 0 switches quantisation and clipping off.
 */
#ifndef OGI_CONVERT_H
#define OGI_CONVERT_H

#include <stddef.h>

#define OGI_CONVERT_BITS 24 /**< most bits: codes stay exact in a double with room to spare */

typedef struct ogi_converter {
  size_t bits;       /**< [-] 0..OGI_CONVERT_BITS; 0: ideal                         */
  double full_scale; /**< DAC: input at the highest code; ADC: [A] one LSB above it */
} ogi_converter;

/** x[count] (in units of full_scale) -> multiples of volt in place, 0..volt. @return how many were clipped */
size_t ogi_dac(const ogi_converter *dac, double volt, double *x, size_t count);

/** Currents in place -> the currents their codes stand for. @return how many saturated */
size_t ogi_adc(const ogi_converter *adc, double *i, size_t count);

#endif
