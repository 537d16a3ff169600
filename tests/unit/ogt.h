/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogt.h  What every unit test needs: relative comparison, a driver that refuses to run nothing, test data. */
#ifndef OGT_H
#define OGT_H

#include <check.h>
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>

/** Fail unless |got - want| <= rtol * |want| (both NaN, or equal infinities, also pass). Prints 17 digits. */
#define ogt_rel(got, want, rtol) ogt_rel_at((got), (want), (rtol), #got, __FILE__, __LINE__)
void ogt_rel_at(double got, double want, double rtol, const char *what, const char *file, int line);

/** Fail unless |got - want| <= atol. */
#define ogt_abs(got, want, atol) ogt_abs_at((got), (want), (atol), #got, __FILE__, __LINE__)
void ogt_abs_at(double got, double want, double atol, const char *what, const char *file, int line);

/** Fail unless the text holds the part. */
#define ogt_has(text, part) ck_assert_msg(strstr((text), (part)) != NULL, "\"%s\" lacks \"%s\"", (text), (part))

/** Run a suite; 0 if at least one test ran and all passed. CK_FORK=no is honoured. */
int ogt_run(Suite *suite);

/** Reproducible values in (low, high), no two alike. */
void ogt_fill(double *x, size_t count, double low, double high, uint32_t tag);

/** Name of a file in this test's own scratch folder (made on first use); static storage of four names in turn. */
const char *ogt_scratch(const char *name);

#endif
