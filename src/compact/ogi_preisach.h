/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_preisach.h  Everett's function of a film and its slopes. Equations: ohmgrid/preisach.h. */
#ifndef OGI_PREISACH_H
#define OGI_PREISACH_H

#include <ohmgrid/preisach.h>

#include "base/ogi_error.h"

/** A film with what follows from it. */
typedef struct ogi_film {
  double ps, pr, vc, mirror, area, farad; /**< as og_preisach_film                   */
  double c;                               /**< [-] vc/d = ln((ps + pr)/(ps - pr))    */
  double coth;                            /**< [-] coth(c)                           */
  double k;                               /**< [1/V] 1/(2 d)                         */
} ogi_film;

/** @retval OG_E_RANGE a number; err names it */
og_status ogi_film_make(ogi_film *f, const og_preisach_film *film, og_error *err);
/** @retval OG_E_RANGE not finite or too large */
og_status ogi_film_volt(const char *what, size_t at, double volt, og_error *err);

double ogi_film_everett(const ogi_film *f, double high, double low);      /**< [C/m2] */
double ogi_film_start(const ogi_film *f, og_preisach_start start, double v); /**< [C/m2] P with no turning point */
/** [F/m2] dP/dV at v on a branch from a turning point. */
double ogi_film_slope(const ogi_film *f, double from, double v);
/** [F/m2] dP/dV with no turning point. */
double ogi_film_start_slope(const ogi_film *f, og_preisach_start start, double v);

/** [C/m2] P at v on the branch from a turning point. */
static inline double ogi_film_branch(const ogi_film *f, double from, double p, double v) {
  return v >= from ? p + ogi_film_everett(f, v, from) : p - ogi_film_everett(f, from, v);
}

#endif
