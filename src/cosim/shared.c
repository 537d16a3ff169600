/* SPDX-License-Identifier: BSD-3-Clause */
/** What every way of solving an array in time needs: its drivers, its cells compiled, the names of its results. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "cosim/ogi_cosim.h"

#define NAME_ROOM 64

/* ---- drivers ---- */

og_status ogi_drive_check(const char *who, const og_wave *w, og_error *err) {
  if (w == NULL || w->points == 0 || w->second == NULL || w->volt == NULL)
    return ogi_fail(err, OG_E_ARG, "%s: the wave has no point", who);
  for (size_t k = 0; k < w->points; k++)
    if (!isfinite(w->second[k]) || (k > 0 && !(w->second[k] > w->second[k - 1])))
      return ogi_fail(err, OG_E_RANGE, "%s: wave: time %zu: saw %g, need finite and ascending (second)", who, k,
                      w->second[k]);
  return OG_OK;
}

size_t ogi_drive_passed(const og_wave *w, double t) {
  size_t low = 0, high = w->points;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (w->second[middle] <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* Straight lines between points, constant before the first and behind the last [V]. values: points x count. */
static void interpolate(const og_wave *w, double t, const double *values, size_t count, double *to) {
  size_t k = ogi_drive_passed(w, t);
  const double *from = values + (k > 0 ? k - 1 : 0) * count, *next = values + ogi_min_size(k, w->points - 1) * count;
  double share = k > 0 && k < w->points ? (t - w->second[k - 1]) / (w->second[k] - w->second[k - 1]) : 0;
  for (size_t s = 0; s < count; s++) to[s] = from[s] + share * (next[s] - from[s]);
}

void ogi_chords_drive(ogi_chords *c, const og_cosim_drive *d, double t) {
  const og_wave *w = d->wave;
  size_t n = c->array->n;
  interpolate(w, t, w->volt, c->array->wiring == OG_WIRING_PARALLEL ? n : c->array->m, c->drive);
  if (d->bit_volt != NULL) interpolate(w, t, d->bit_volt, n, c->held);
  else if (w->sense_volt != NULL) memcpy(c->held, w->sense_volt, n * sizeof *c->held);
  if (d->gate_volt != NULL) interpolate(w, t, d->gate_volt, c->array->m, c->gate);
}

/* ---- cells ---- */

og_status ogi_cells_compile(og_compact **model, const og_cell_circuit *circuit, const size_t *cell, size_t cells,
                            og_error *err) {
  og_cell_circuit own = *circuit;
  double *value[OG_CELL_PARAMS] = {0};
  og_status st = OG_OK;
  for (size_t p = 0; p < own.params && st == OG_OK; p++) {
    own.value[p] = value[p] = ogi_alloc(cells, sizeof *value[p]);
    if (value[p] == NULL) st = ogi_fail(err, OG_E_NOMEM, "cells: parameters");
    for (size_t k = 0; st == OG_OK && k < cells; k++) value[p][k] = circuit->value[p][cell[k]];
  }
  if (st == OG_OK) st = og_compact_create(model, &own, cells, err);
  for (size_t p = 0; p < own.params; p++) ogi_free(value[p]);
  return st;
}

/* ---- results ---- */

static og_status name_cell(og_vectors *v, size_t *at, const og_cell_circuit *circuit, size_t i, size_t j,
                           og_error *err) {
  static const char *const terminal[] = {"d", "g", "s"};
  og_status st = OG_OK;
  char name[NAME_ROOM];
  size_t ports = circuit->terminals == 2 ? 1 : circuit->terminals;
  for (size_t p = 0; p < 2 * ports; p++) {
    snprintf(name, sizeof name, "%s%s_%zu_%zu", p < ports ? "v" : "i", ports > 1 ? terminal[p % ports] : "", i, j);
    OGI_TRY(st, og_vectors_name(v, (*at)++, name, p < ports ? OG_Q_VOLTAGE : OG_Q_CURRENT, err));
  }
  for (size_t s = 0; s < circuit->states; s++) {
    snprintf(name, sizeof name, "x_%u_%u.%.20s", (unsigned)i, (unsigned)j, circuit->state[s]);
    OGI_TRY(st, og_vectors_name(v, (*at)++, name, OG_Q_NOTYPE, err));
  }
done:
  return st;
}

og_status ogi_cells_name(og_vectors *v, const og_array *array, const double *linear, const og_cell_circuit *circuit,
                         og_error *err) {
  og_status st;
  char name[NAME_ROOM];
  size_t at = 0, n = array->n;
  OGI_TRY(st, og_vectors_name(v, at++, "time", OG_Q_TIME, err));
  for (size_t j = 0; j < n; j++) {
    snprintf(name, sizeof name, "vt_%zu#branch", j);
    OGI_TRY(st, og_vectors_name(v, at++, name, OG_Q_CURRENT, err));
  }
  for (size_t c = 0; c < array->m * n; c++)
    if (isnan(linear[c])) OGI_TRY(st, name_cell(v, &at, circuit, c / n, c % n, err));
done:
  return st;
}
