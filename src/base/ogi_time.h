/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_time.h  Wall time. */
#ifndef OGI_TIME_H
#define OGI_TIME_H

#include <time.h>

/** [s] of a clock that only goes forward. */
static inline double ogi_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
