/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/ogi_rng.h"
#include "ogt.h"

void ogt_rel_at(double got, double want, double rtol, const char *what, const char *file, int line) {
  int same = isnan(want) ? isnan(got) : got == want || fabs(got - want) <= rtol * fabs(want);
  if (!same)
    ck_abort_msg("%s:%d: %s = %.17g, want %.17g, relative deviation %.3g > %.3g", file, line, what, got, want,
                 fabs(got - want) / fabs(want), rtol);
}

void ogt_abs_at(double got, double want, double atol, const char *what, const char *file, int line) {
  if (!(fabs(got - want) <= atol))
    ck_abort_msg("%s:%d: %s = %.17g, want %.17g, deviation %.3g > %.3g", file, line, what, got, want,
                 fabs(got - want), atol);
}

int ogt_run(Suite *suite) {
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int ran = srunner_ntests_run(runner), failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  if (ran == 0) fprintf(stderr, "no test ran\n");
  return ran > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

void ogt_fill(double *x, size_t count, double low, double high, uint32_t tag) {
  ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 2385, .source = OGI_SOURCE_TEST, .tile = tag});
  ck_assert_ptr_nonnull(rng);
  for (size_t i = 0; i < count; i++) x[i] = low + (high - low) * ogi_rng_uniform(rng);
  ogi_rng_free(rng);
}

const char *ogt_scratch(const char *name) {
  static char names[4][512];
  static unsigned turn;
  char *slot = names[turn++ % 4];
  mkdir("scratch", 0777);
  snprintf(slot, sizeof names[0], "scratch/%s", name);
  return slot;
}
