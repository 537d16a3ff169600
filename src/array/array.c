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

/* One value a place of a rows x columns field; columns 0: a plain list. */
static og_status check_ohms(const double *ohm, size_t rows, size_t columns, const char *name, og_error *err) {
  for (size_t k = 0; ohm != NULL && k < rows * (columns > 0 ? columns : 1); k++) {
    if (ohm[k] >= 0) continue;
    if (columns == 0) return ogi_fail(err, OG_E_RANGE, "%s %zu: saw %g, need 0 to inf (ohm)", name, k, ohm[k]);
    return ogi_fail(err, OG_E_RANGE, "%s (%zu,%zu): saw %g, need 0 to inf (ohm)", name, k / columns, k % columns,
                    ohm[k]);
  }
  return OG_OK;
}

static og_status check_site(const og_array *a, const og_site *s, size_t bridge, og_error *err) {
  if ((unsigned)s->line > OG_LINE_BIT)
    return ogi_fail(err, OG_E_RANGE, "bridge %zu: line: saw %d, need OG_LINE_WORD or _BIT", bridge, (int)s->line);
  if (s->i < a->m && s->j < a->n) return OG_OK;
  return ogi_fail(err, OG_E_RANGE, "bridge %zu: node: saw (%zu,%zu), need (0,0) to (%zu,%zu)", bridge, s->i, s->j,
                  a->m - 1, a->n - 1);
}

static og_status check_bridges(const og_array *a, og_error *err) {
  og_status st = OG_OK;
  if (a->bridge_count > 0 && a->bridges == NULL)
    return ogi_fail(err, OG_E_ARG, "array: bridges: saw NULL, need %zu of them", a->bridge_count);
  for (size_t k = 0; k < a->bridge_count; k++) {
    const og_bridge *b = &a->bridges[k];
    OGI_TRY(st, check_site(a, &b->a, k, err));
    OGI_TRY(st, check_site(a, &b->b, k, err));
    if (b->a.line == b->b.line && b->a.i == b->b.i && b->a.j == b->b.j)
      return ogi_fail(err, OG_E_RANGE, "bridge %zu: saw one node (%zu,%zu) twice, need two nodes", k, b->a.i, b->a.j);
    if (!(b->ohm >= 0)) return ogi_fail(err, OG_E_RANGE, "bridge %zu: saw %g, need 0 to inf (ohm)", k, b->ohm);
  }
done:
  return st;
}

static og_status check_enums(const og_array *a, og_error *err) {
  if ((unsigned)a->drive > OG_DRIVE_BOTH)
    return ogi_fail(err, OG_E_RANGE, "array: drive: saw %d, need OG_DRIVE_LEFT, _RIGHT or _BOTH", (int)a->drive);
  if ((unsigned)a->sense > OG_SENSE_BOTH)
    return ogi_fail(err, OG_E_RANGE, "array: sense: saw %d, need OG_SENSE_BOTTOM, _TOP or _BOTH", (int)a->sense);
  if ((unsigned)a->ends > OG_ENDS_DIRECT)
    return ogi_fail(err, OG_E_RANGE, "array: ends: saw %d, need OG_ENDS_SEGMENT or _DIRECT", (int)a->ends);
  if ((unsigned)a->wiring > OG_WIRING_PARALLEL)
    return ogi_fail(err, OG_E_RANGE, "array: wiring: saw %d, need OG_WIRING_CROSSED or _PARALLEL", (int)a->wiring);
  return OG_OK;
}

og_status og_array_check(const og_array *array, og_error *err) {
  og_status st;
  if (array == NULL) return ogi_fail(err, OG_E_ARG, "array: NULL");
  size_t m = array->m, n = array->n;
  if (m == 0 || n == 0)
    return ogi_fail(err, OG_E_RANGE, "array: saw %zu x %zu, need at least one word line and one bit line", m, n);
  if (m > INT_MAX / 2 / n) /* 2mn unknowns must fit the int of the sparse libraries */
    return ogi_fail(err, OG_E_RANGE, "array: saw %zu x %zu, need 2 m n of at most %d", m, n, INT_MAX);
  OGI_TRY(st, check_ohm(array->r_word_ohm, "r_word_ohm", err));
  OGI_TRY(st, check_ohm(array->r_bit_ohm, "r_bit_ohm", err));
  OGI_TRY(st, check_ohm(array->r_source_ohm, "r_source_ohm", err));
  OGI_TRY(st, check_ohm(array->r_sense_ohm, "r_sense_ohm", err));
  OGI_TRY(st, check_enums(array, err));
  int parallel = array->wiring == OG_WIRING_PARALLEL;
  OGI_TRY(st, check_ohms(array->word_segments, parallel ? m + 1 : m, parallel ? n : n + 1, "word segment", err));
  OGI_TRY(st, check_ohms(array->bit_segments, m + 1, n, "bit segment", err));
  OGI_TRY(st, check_ohms(array->source_ohm, parallel ? n : m, 0, "source resistance", err));
  OGI_TRY(st, check_ohms(array->sense_ohm, n, 0, "sense resistance", err));
  st = check_bridges(array, err);
done:
  return st;
}
