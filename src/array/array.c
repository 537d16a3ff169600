/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <limits.h>
#include <math.h>
#include <string.h>

#include <ohmgrid/array.h>

#include "base/ogi_error.h"

void og_array_init(og_array *array, size_t m, size_t n) {
  memset(array, 0, sizeof *array);
  array->m = m;
  array->n = n;
  array->drive = OG_DRIVE_LEFT;
  array->sense = OG_SENSE_BOTTOM;
}

static og_status check_ohm(double value, const char *name, og_error *err) {
  if (value >= 0) return OG_OK; /* also INFINITY: an open circuit; NaN fails */
  return ogi_fail(err, OG_E_RANGE, "array: %s: saw %g, need 0 or more (ohm)", name, value);
}

og_status og_array_check(const og_array *array, og_error *err) {
  og_status st;
  if (array == NULL) return ogi_fail(err, OG_E_ARG, "array: NULL");
  if (array->m == 0 || array->n == 0)
    return ogi_fail(err, OG_E_RANGE, "array: saw %zu x %zu, need at least one word line and one bit line", array->m,
                    array->n);
  if (array->m > INT_MAX / 2 / array->n) /* 2mn unknowns must fit the int of the sparse libraries */
    return ogi_fail(err, OG_E_RANGE, "array: saw %zu x %zu, need 2 m n of at most %d", array->m, array->n, INT_MAX);
  OGI_TRY(st, check_ohm(array->r_word_ohm, "r_word_ohm", err));
  OGI_TRY(st, check_ohm(array->r_bit_ohm, "r_bit_ohm", err));
  OGI_TRY(st, check_ohm(array->r_source_ohm, "r_source_ohm", err));
  OGI_TRY(st, check_ohm(array->r_sense_ohm, "r_sense_ohm", err));
  if ((unsigned)array->drive > OG_DRIVE_BOTH)
    return ogi_fail(err, OG_E_RANGE, "array: drive: saw %d, need OG_DRIVE_LEFT, _RIGHT or _BOTH", (int)array->drive);
  if ((unsigned)array->sense > OG_SENSE_BOTH)
    return ogi_fail(err, OG_E_RANGE, "array: sense: saw %d, need OG_SENSE_BOTTOM, _TOP or _BOTH", (int)array->sense);
done:
  return st;
}
