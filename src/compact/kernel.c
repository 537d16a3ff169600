/* SPDX-License-Identifier: BSD-3-Clause */
/** The operations, over all lanes of a block. */
#include <config.h>

#include <math.h>

#include "base/ogi_num.h"
#include "compact/ogi_program.h"

/*
 * glibc has these functions for whole vectors (libmvec), within 4 units of the last place; its own header says so to
 * gcc only under -ffast-math, which would also give up NaN. Where there is no such library they are called one by one.
 */
#ifdef HAVE_LIBMVEC
#define MVEC __attribute__((simd("notinbranch")))
MVEC double sin(double);
MVEC double cos(double);
MVEC double tan(double);
MVEC double asin(double);
MVEC double acos(double);
MVEC double atan(double);
MVEC double sinh(double);
MVEC double cosh(double);
MVEC double tanh(double);
MVEC double asinh(double);
MVEC double acosh(double);
MVEC double atanh(double);
MVEC double exp(double);
MVEC double log(double);
MVEC double log10(double);
MVEC double pow(double, double);
#endif

#define EACH(value)                                     \
  do {                                                  \
    for (int l = 0; l < OGI_LANES; l++) z[l] = (value); \
  } while (0)

/* In one function, so that the processor is asked once for a program and not once for an operation. */
static inline __attribute__((always_inline)) void operate(int op, double *restrict z, const double *restrict x,
                                                          const double *restrict y, const double *restrict c) {
  switch (op) {
    case OGI_ADD: EACH(x[l] + y[l]); break;
    case OGI_SUBTRACT: EACH(x[l] - y[l]); break;
    case OGI_MULTIPLY: EACH(x[l] * y[l]); break;
    case OGI_CHAIN: EACH(y[l] == 0 ? 0 : x[l] * y[l]); break;
    case OGI_DIVIDE: EACH(x[l] / y[l]); break;
    case OGI_NEGATE: EACH(-x[l]); break;
    case OGI_LT: EACH(x[l] < y[l] ? 1.0 : 0.0); break;
    case OGI_LE: EACH(x[l] <= y[l] ? 1.0 : 0.0); break;
    case OGI_GT: EACH(x[l] > y[l] ? 1.0 : 0.0); break;
    case OGI_GE: EACH(x[l] >= y[l] ? 1.0 : 0.0); break;
    case OGI_EQ: EACH(x[l] == y[l] ? 1.0 : 0.0); break;
    case OGI_NE: EACH(x[l] != y[l] ? 1.0 : 0.0); break;
    case OGI_AND: EACH((x[l] != 0) & (y[l] != 0) ? 1.0 : 0.0); break;
    case OGI_OR: EACH((x[l] != 0) | (y[l] != 0) ? 1.0 : 0.0); break;
    case OGI_NOT: EACH(x[l] == 0 ? 1.0 : 0.0); break;
    case OGI_CHOOSE: EACH(x[l] != 0 ? y[l] : c[l]); break;
    case OGI_MIN: EACH(x[l] <= y[l] ? x[l] : y[l]); break;
    case OGI_MAX: EACH(x[l] >= y[l] ? x[l] : y[l]); break;
    case OGI_SIN: EACH(sin(x[l])); break;
    case OGI_COS: EACH(cos(x[l])); break;
    case OGI_TAN: EACH(tan(x[l])); break;
    case OGI_ASIN: EACH(asin(x[l])); break;
    case OGI_ACOS: EACH(acos(x[l])); break;
    case OGI_ATAN: EACH(atan(x[l])); break;
    case OGI_SINH: EACH(sinh(x[l])); break;
    case OGI_COSH: EACH(cosh(x[l])); break;
    case OGI_TANH: EACH(tanh(x[l])); break;
    case OGI_ASINH: EACH(asinh(x[l])); break;
    case OGI_ACOSH: EACH(acosh(x[l])); break;
    case OGI_ATANH: EACH(atanh(x[l])); break;
    case OGI_EXP: EACH(exp(x[l])); break;
    case OGI_LN: EACH(log(x[l])); break;
    case OGI_LOG10: EACH(log10(x[l])); break;
    case OGI_SQRT: EACH(sqrt(x[l])); break;
    case OGI_ABS: EACH(fabs(x[l])); break;
    case OGI_SGN: EACH(x[l] > 0 ? 1.0 : x[l] < 0 ? -1.0 : 0.0); break;
    case OGI_STEP: EACH(x[l] > 0 ? 1.0 : x[l] < 0 ? 0.0 : 0.5); break;
    case OGI_URAMP: EACH(x[l] > 0 ? x[l] : 0.0); break;
    case OGI_FLOOR: EACH(floor(x[l])); break;
    case OGI_CEIL: EACH(ceil(x[l])); break;
    case OGI_NINT: EACH(nearbyint(x[l])); break;
    case OGI_INT: EACH(trunc(x[l])); break;
    case OGI_POW: EACH(pow(fabs(x[l]), y[l])); break;
    case OGI_PWR: EACH(copysign(pow(fabs(x[l]), y[l]), x[l])); break;
    case OGI_POW_SIGNED: EACH(pow(x[l], y[l])); break;
    default: EACH(x[l]); break; /* OGI_COPY */
  }
}

OGI_HOT void ogi_kernel(int op, double *z, const double *x, const double *y, const double *c) {
  operate(op, z, x, y, c);
}

OGI_HOT void ogi_program_run(const ogi_program *p, double *const *at) {
  for (size_t k = 0; k < p->steps.count; k++) {
    const ogi_program_step *s = &p->steps.item[k];
    operate(s->op, at[s->to], at[s->a], at[s->b], at[s->c]);
  }
}
