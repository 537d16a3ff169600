/* SPDX-License-Identifier: BSD-3-Clause */
/** What arrays can make of a subcircuit without memory: a table of its current. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/cell.h>
#include <ohmgrid/deck.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_spice.h"
#include "devbench/ogi_devnew.h"

/* Intervals of the table. The sweep has twice as many: every second point is not in the table, and tells its error. */
enum { INTERVALS = 100, SWEPT = 2 * INTERVALS + 1 };

/* Slow enough for currents over many decades: [-] [V] [A] */
static const ogi_deck_accuracy fine = {1e-6, 1e-9, 1e-15};

static const double relative_floor = 1e-3; /* of the largest current: below it relative errors mean little */

/* ---- the curve ---- */

static og_status make_sweep(og_deck **deck, const ogi_new_source *s, const og_device_new_opts *opts, og_error *err) {
  char analysis[120], *text = NULL, *name = ogi_path_join(s->folder, "new device");
  size_t bytes = 0;
  og_deck_opts deck_opts;
  FILE *to = open_memstream(&text, &bytes);
  og_status st = ogi_fail(err, OG_E_NOMEM, "new device: a deck");
  if (to == NULL) goto done;
  snprintf(analysis, sizeof analysis, ".dc v1 %.17g %.17g %.17g", -opts->volt, opts->volt, opts->volt / INTERVALS);
  ogi_new_deck(to, s, opts, "", s->base, "new device", "0", NULL, analysis);
  if (fclose(to) != 0 || name == NULL) goto done;
  og_deck_opts_init(&deck_opts);
  deck_opts.folder = s->folder;
  st = og_deck_parse(deck, name, text, bytes, &deck_opts, err);
done:
  ogi_free(name);
  free(text); /* open_memstream's own */
  return st;
}

/* v, i: SWEPT [V] [A] */
static og_status sweep(const ogi_new_source *s, const og_device_new_opts *opts, double *v, double *i, og_error *err) {
  og_status st;
  og_spice_opts spice_opts;
  og_spice *session = NULL;
  og_deck *deck = NULL;
  og_vectors *curve = NULL;
  og_spice_opts_init(&spice_opts);
  spice_opts.program = opts->worker;
  spice_opts.timeout_second = opts->timeout_second;
  spice_opts.progress = opts->progress;
  OGI_TRY(st, make_sweep(&deck, s, opts, err));
  OGI_TRY(st, og_spice_open(&session, &spice_opts, err));
  OGI_TRY(st, ogi_spice_run_deck(session, deck, og_deck_analysis(deck, 0), &fine, &curve, err));
  size_t number = og_vectors_find(curve, "vi#branch");
  if (curve->points != SWEPT || number == curve->count) {
    st = ogi_fail(err, OG_E_EXTERN, "ngspice: saw %zu points of the sweep, need %d", curve->points, SWEPT);
    goto done;
  }
  for (size_t k = 0; k < SWEPT; k++) {
    v[k] = opts->volt * ((double)k - INTERVALS) / INTERVALS; /* ngspice adds up steps: 0 V would be 1e-16 */
    i[k] = og_vectors_at(curve, number)[k];
  }
done:
  og_vectors_free(curve);
  og_deck_free(deck);
  og_spice_close(session);
  return st;
}

/* ---- the table ---- */

/* Error at the points that are not in the table, of a cell that has every second one. */
static og_status measure_error(const og_cell *cell, const double *v, const double *i, og_device_new_fit *fit,
                               og_error *err) {
  const double g = 1; /* [S] as g_ref: the curve itself */
  double largest = 0, current, slope;
  fit->table_peak_error = fit->table_value_error = 0;
  for (size_t k = 0; k < SWEPT; k++) largest = fmax(largest, fabs(i[k]));
  for (size_t k = 0; k < SWEPT; k++) {
    og_status st = og_cell_eval(cell, 1, &g, &v[k], &current, &slope, NULL, err);
    if (st != OG_OK) return st;
    if (k == INTERVALS) fit->table_siemens = slope;
    if (k % 2 == 0) continue;
    double off = fabs(current - i[k]);
    fit->table_peak_error = fmax(fit->table_peak_error, off / largest);
    if (fabs(i[k]) >= relative_floor * largest) fit->table_value_error = fmax(fit->table_value_error, off / fabs(i[k]));
  }
  return OG_OK;
}

static og_status write_table(const char *folder, const char *name, const double *v, const double *i, double siemens,
                             og_error *err) {
  og_status st;
  ogi_writer w = {0};
  OGI_TRY(st, ogi_new_open(&w, folder, "table.csv", err));
  fprintf(w.stream, "# %s: current against voltage, a sweep in ngspice; slope at 0 V %.6g S. V, A\n", name, siemens);
  for (size_t k = 0; k < SWEPT; k += 2) fprintf(w.stream, "%.17g,%.17g\n", v[k], i[k]);
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  return st;
}

static og_status make_table(og_device_new_report *r, const char *name, const char *folder,
                            const og_device_new_opts *opts, og_error *err) {
  og_status st;
  double v[SWEPT], i[SWEPT], tv[INTERVALS + 1], ti[INTERVALS + 1];
  og_cell *cell = NULL;
  og_device_new_fit fit = r->fit;
  OGI_TRY(st, sweep(&r->inner->source, opts, v, i, err));
  for (size_t k = 0; k <= INTERVALS; k++) {
    tv[k] = v[2 * k];
    ti[k] = i[2 * k];
  }
  OGI_TRY(st, og_cell_create_table(&cell, tv, ti, INTERVALS + 1, err));
  OGI_TRY(st, og_cell_set(cell, "g_ref", 1, err));
  OGI_TRY(st, measure_error(cell, v, i, &fit, err));
  OGI_TRY(st, write_table(folder, name, v, i, fit.table_siemens, err));
  fit.table_points = INTERVALS + 1;
  r->fit = fit;
done:
  og_cell_free(cell);
  return st;
}

static const char *no_table(const ogi_new_source *s) {
  if (s->states > 0) return "it has states";
  if (s->terminals > 2) return "it has more than two terminals";
  if (s->timed) return "it depends on time";
  return s->storage ? "it stores charge or flux inside" : NULL;
}

og_status ogi_new_fit(og_device_new_report *r, const char *name, const char *folder, const og_device_new_opts *opts,
                      og_error *err) {
  og_error own = {0};
  og_device_new_fit *fit = &r->fit;
  og_status st = ogi_new_fit_compact(r, opts, err);
  if (st != OG_OK) return st;
  const char *why = no_table(&r->inner->source);
  if (why != NULL) {
    snprintf(fit->table_why, sizeof fit->table_why, "%s", why);
    return OG_OK;
  }
  st = make_table(r, name, folder, opts, &own);
  if (st == OG_OK) return st;
  if (st == OG_E_INTERRUPT || st == OG_E_NOMEM || st == OG_E_IO) return ogi_fail(err, st, "%s", own.text);
  snprintf(fit->table_why, sizeof fit->table_why, "%.399s", own.text);
  return OG_OK;
}
