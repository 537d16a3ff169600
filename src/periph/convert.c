/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>

#include "base/ogi_num.h"
#include "periph/ogi_convert.h"

OGI_HOT static size_t dac_codes(double top, double per_code, double scale, double *x, size_t count) {
  size_t clipped = 0;
  for (size_t k = 0; k < count; k++) {
    double code = rint(x[k] * scale);
    clipped += code < 0 || code > top;
    code = code < 0 ? 0 : code > top ? top : code;
    x[k] = code * per_code;
  }
  return clipped;
}

size_t ogi_dac(const ogi_converter *dac, double volt, double *x, size_t count) {
  if (dac->bits == 0) {
    for (size_t k = 0; k < count; k++) x[k] *= volt / dac->full_scale;
    return 0;
  }
  double top = ldexp(1, (int)dac->bits) - 1;
  return dac_codes(top, volt / top, top / dac->full_scale, x, count);
}

OGI_HOT static size_t adc_codes(double low, double high, double lsb, double *i, size_t count) {
  size_t saturated = 0;
  double per_lsb = 1 / lsb;
  for (size_t k = 0; k < count; k++) {
    double code = rint(i[k] * per_lsb);
    saturated += code < low || code > high;
    code = code < low ? low : code > high ? high : code;
    i[k] = code * lsb;
  }
  return saturated;
}

size_t ogi_adc(const ogi_converter *adc, double *i, size_t count) {
  if (adc->bits == 0) return 0;
  double half = ldexp(1, (int)adc->bits - 1);
  return adc_codes(-half, half - 1, adc->full_scale / half, i, count);
}
