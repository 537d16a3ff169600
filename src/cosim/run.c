/* SPDX-License-Identifier: BSD-3-Clause */
/** A co-simulation from its checks to its results. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "cosim/ogi_exchange.h"

#define TILE 64
#define SLIGHT 1e-2

void og_cosim_opts_init(og_cosim_opts *opts) {
  *opts = (og_cosim_opts){.mismatch = 1e-2, .start_siemens = 1e-6, .compact_rtol = 1e-5, .rescues = 3};
  og_spice_opts_init(&opts->spice);
}

/* ---- checks ---- */

/* Times closer than this are one: less than a thousandth of any distance in the wave, and of the step. */
static double nearness(const ogi_run *r, const og_wave *w) {
  double near = 1e-6 * r->opts.step_second;
  for (size_t k = 1; k < w->points; k++) near = fmin(near, 1e-3 * (w->second[k] - w->second[k - 1]));
  return near;
}

static og_status check_drive(ogi_run *r, const og_cosim_drive *d) {
  const og_wave *w = d->wave;
  og_status st = ogi_drive_check("cosim", w, r->err);
  if (st != OG_OK) return st;
  r->near = nearness(r, w);
  if (!(d->stop_second > fmax(r->now, w->second[0]) && isfinite(d->stop_second)))
    return ogi_fail(r->err, OG_E_RANGE, "cosim: stop: saw %g, need more than %g (second)", d->stop_second,
                    fmax(r->now, w->second[0]));
  return OG_OK;
}

static og_status check_opts(const ogi_run *r) {
  const og_cosim_opts *o = &r->opts;
  const struct {
    const char *what, *need;
    double value;
    int good;
  } rule[] = {{"start_siemens", "more than 0 (siemens)", o->start_siemens, o->start_siemens > 0},
              {"mismatch", "0 or more", o->mismatch, o->mismatch >= 0},
              {"compact_rtol", "more than 0", o->compact_rtol, o->compact_rtol > 0},
              {"gate_ohm", "0 or more, finite (ohm)", o->gate_ohm[0], o->gate_ohm[0] >= 0 && isfinite(o->gate_ohm[0])},
              {"gate_ohm", "0 or more, finite (ohm)", o->gate_ohm[1], o->gate_ohm[1] >= 0 && isfinite(o->gate_ohm[1])},
              {"rescue", "one of og_cosim_rescue", (double)o->rescue, o->rescue <= OG_COSIM_COMPACT}};
  for (size_t k = 0; k < sizeof rule / sizeof *rule; k++)
    if (!rule[k].good)
      return ogi_fail(r->err, OG_E_RANGE, "cosim: %s: saw %g, need %s", rule[k].what, rule[k].value, rule[k].need);
  const og_cell_circuit *c = r->circuit;
  if (c->terminals < 2 || c->terminals > 3 || c->states > OG_CELL_STATES || c->params > OG_CELL_PARAMS)
    return ogi_fail(r->err, OG_E_RANGE,
                    "cosim: saw %zu terminals, %zu states and %zu parameters, need 2 or 3, at most %d and %d",
                    c->terminals, c->states, c->params, OG_CELL_STATES, OG_CELL_PARAMS);
  return OG_OK;
}

static og_status check_cells(const ogi_run *r) {
  size_t n = r->array->n, ours = 0;
  for (size_t k = 0; k < r->cells; k++) {
    double g = r->linear[k];
    ours += isnan(g);
    if (isnan(g) || (g >= 0 && isfinite(g) && (r->per_cell == 1 || g == 0))) continue;
    return ogi_fail(r->err, OG_E_RANGE, "cosim: cell (%zu,%zu): saw %g, need %s, or NaN for the subcircuit (siemens)",
                    k / n, k % n, g, r->per_cell == 1 ? "a conductance >= 0" : "0");
  }
  if (ours == 0) return ogi_fail(r->err, OG_E_ARG, "cosim: no cell is one of the subcircuit");
  for (size_t p = 0; p < r->circuit->params; p++)
    for (size_t k = 0; k < r->cells; k++)
      if (isnan(r->linear[k]) && !isfinite(r->circuit->value[p][k]))
        return ogi_fail(r->err, OG_E_RANGE, "cosim: %s of cell (%zu,%zu): saw %g, need a finite value",
                        r->circuit->param[p], k / n, k % n, r->circuit->value[p][k]);
  return OG_OK;
}

static og_status check_fits(const ogi_run *r, const og_cosim_checkpoint *c) {
  const og_cosim_checkpoint *own = r->good;
  int fits = c->cells == own->cells && c->nodes == own->nodes;
  for (size_t k = 0; fits && k < c->cells; k++) fits = c->row[k] == own->row[k] && c->column[k] == own->column[k];
  for (size_t k = 0; fits && k < c->nodes; k++) fits = strcmp(c->node[k], own->node[k]) == 0;
  if (!fits)
    return ogi_fail(r->err, OG_E_INPUT, "cosim: checkpoint: saw %zu cells with %zu nodes, need the same %zu cells with "
                    "the same %zu nodes as this run has", c->cells, c->nodes, own->cells, own->nodes);
  return OG_OK;
}

/* ---- the run ---- */

static og_status prepare(ogi_run *r) {
  og_status st;
  size_t ours = 0;
  OGI_TRY(st, og_array_check(r->array, r->err));
  OGI_TRY(st, check_opts(r));
  r->cells = r->array->m * r->array->n;
  r->per_cell = r->circuit->terminals == 2 ? 1 : r->circuit->terminals;
  OGI_TRY(st, check_drive(r, &r->drive));
  OGI_TRY(st, check_cells(r));
  OGI_TRY(st, ogi_anatomy_create(&r->anatomy, r->circuit, r->err));
  OGI_TRY(st, ogi_chords_create(&r->wires, r->array, r->per_cell, r->opts.gate_ohm, r->err));
  r->here = ogi_alloc(r->cells, 1);
  r->chord = ogi_alloc(r->per_cell * r->cells, sizeof *r->chord);
  r->slot = ogi_alloc(r->cells, sizeof *r->slot);
  if (r->here == NULL || r->slot == NULL || r->chord == NULL)
    return ogi_fail(r->err, OG_E_NOMEM, "cosim: %zu cells", r->cells);
  for (size_t k = 0; k < r->cells; k++) {
    r->here[k] = r->opts.compact != NULL && r->opts.compact[k] != 0;
    ours += isnan(r->linear[k]);
    for (size_t p = 0; p < r->per_cell; p++)
      r->wires.g[p * r->cells + k] = r->chord[p * r->cells + k] =
          isnan(r->linear[k]) ? r->opts.start_siemens : r->linear[k];
  }
  r->width = 1 + r->array->n + ours * (2 * r->per_cell + r->circuit->states);
  OGI_TRY(st, ogi_run_make_good(r));
  if (r->opts.from != NULL) OGI_TRY(st, check_fits(r, r->opts.from));
done:
  return st;
}

static void clear(ogi_run *r) {
  ogi_run_end_cells(r);
  ogi_anatomy_clear(&r->anatomy);
  ogi_chords_clear(&r->wires);
  ogi_free(r->here);
  ogi_free(r->chord);
  ogi_free(r->slot);
  for (size_t k = 0; k < r->row.count; k++) ogi_free(r->row.item[k]);
  ogi_free(r->row.item);
}

/* Steps up to the end of the stretch; corners of the waves are met exactly, the step behind one is short. */
static og_status walk_stretch(ogi_run *r) {
  og_status st = OG_OK;
  const og_progress *progress = &r->opts.spice.progress;
  while (r->now < r->drive.stop_second - r->near && st == OG_OK) {
    double share = r->now / r->drive.stop_second;
    if (r->batches == NULL && progress->report != NULL && progress->report(progress->user, "cosim", share) != 0)
      return ogi_fail(r->err, OG_E_INTERRUPT, "cosim: stopped by the caller");
    double corner = ogi_run_corner(r), left = corner - r->now;
    double dt = left <= 1.01 * r->step ? left : left < 2 * r->step ? 0.5 * left : r->step;
    int lands = dt == left;
    st = ogi_run_step(r, lands ? corner : r->now + dt);
    r->fresh = lands;
    if (st == OG_OK && lands) ogi_run_shorten(r);
  }
  return st;
}

static og_status walk(ogi_run *r) {
  og_status st;
  for (;;) {
    OGI_TRY(st, walk_stretch(r));
    if (r->opts.more == NULL) break;
    int answer = r->opts.more(r->opts.more_user, r->now, r->wires.i_out, &r->drive);
    if (answer < 0) return ogi_fail(r->err, OG_E_INTERRUPT, "cosim: stopped by the caller");
    if (answer == 0) break;
    OGI_TRY(st, check_drive(r, &r->drive));
    ogi_run_shorten(r);
  }
done:
  return st;
}

/* What is changed before the run goes on behind a failure. @return 0: nothing can be, it stays a failure */
static int change_for_rescue(ogi_run *r, og_status st, const og_error *why) {
  size_t first, failed = r->batches != NULL ? ogi_batches_failed(r->batches, &first) : 0;
  if (r->opts.rescue == OG_COSIM_STOP || r->info->rescued >= r->opts.rescues || r->row.count == 0 ||
      (st != OG_E_EXTERN && st != OG_E_NOCONV))
    return 0;
  if (r->opts.rescue == OG_COSIM_COMPACT && failed == 0) return 0;
  if (r->opts.rescue == OG_COSIM_SMALLER) r->opts.step_second *= 0.25;
  for (size_t k = 0; r->opts.rescue == OG_COSIM_COMPACT && k < failed; k++) r->here[r->spice.cell[first + k]] = 1;
  r->info->rescued++;
  r->info->rescued_second = r->good->second;
  snprintf(r->info->rescued_why, OG_COSIM_PLACE, "%.*s", OG_COSIM_PLACE - 1, why->text);
  return 1;
}

static og_status run_all(ogi_run *r) {
  og_error why = {0};
  og_error *outside = r->err;
  og_status st;
  r->err = &why;
  st = ogi_run_begin_cells(r, r->opts.from);
  for (;;) {
    if (st == OG_OK) st = walk(r);
    if (st != OG_OK) ogi_run_name_cells(r, &why);
    if (st == OG_OK || !change_for_rescue(r, st, &why)) break;
    ogi_run_end_cells(r);
    r->now = r->good->second;
    r->step = OGI_STEP_FLOOR * r->opts.step_second;
    st = ogi_run_begin_cells(r, r->good);
  }
  r->err = outside;
  if (st != OG_OK && outside != NULL) *outside = why;
  return st;
}

/* ---- results ---- */

static og_status results(const ogi_run *r, og_vectors **out) {
  size_t points = r->row.count;
  og_status st = og_vectors_create(out, r->width, points, 0, r->err);
  if (st != OG_OK) return st;
  (*out)->has_scale = 1;
  for (size_t first = 0; first < r->width; first += TILE) { /* rows into columns, as much at a time as caches hold */
    size_t count = ogi_min_size(TILE, r->width - first);
    double *to = og_vectors_at(*out, first);
    for (size_t p = 0; p < points; p++)
      for (size_t k = 0; k < count; k++) to[k * points + p] = r->row.item[p][first + k];
  }
  st = ogi_cells_name(*out, r->array, r->linear, r->circuit, r->err);
  if (st != OG_OK) {
    og_vectors_free(*out);
    *out = NULL;
  }
  return st;
}

/* The largest |gap| of a port relative to its own sum; of ports with next to nothing, to a hundredth of the largest sum. */
static double worst_gap(const double *gap, const double *size, size_t count, double largest, double worst) {
  for (size_t k = 0; k < count && largest > 0; k++)
    worst = fmax(worst, fabs(gap[k]) / fmax(size[k], SLIGHT * largest));
  return worst;
}

static double largest_of(const double *size, size_t count, double largest) {
  for (size_t k = 0; k < count; k++) largest = fmax(largest, size[k]);
  return largest;
}

static void balance_ports(ogi_run *r) {
  const ogi_ports *a = &r->spice, *b = &r->compact;
  double joule = largest_of(a->joule, a->count, largest_of(b->joule, b->count, 0)),
         coulomb = largest_of(a->coulomb, a->count, largest_of(b->coulomb, b->count, 0));
  r->info->worst_port_energy =
      worst_gap(a->gap_joule, a->joule, a->count, joule, worst_gap(b->gap_joule, b->joule, b->count, joule, 0));
  r->info->worst_port_charge = worst_gap(a->gap_coulomb, a->coulomb, a->count, coulomb,
                                         worst_gap(b->gap_coulomb, b->coulomb, b->count, coulomb, 0));
}

static void conclude(ogi_run *r) {
  og_cosim_info *i = r->info;
  i->cells_joule = r->real_joule;
  i->linear_joule = r->per_cell == 1 ? i->delivered_joule - i->wires_joule - r->foretold_joule : 0;
  i->port_balance = fabs(r->foretold_joule - r->power_joule) / fmax(r->size_joule, 1e-300);
  i->energy_balance = fabs(i->delivered_joule - i->cells_joule - i->wires_joule - i->linear_joule) /
                      fmax(r->size_joule, 1e-300);
  i->charge_balance = fabs(r->gap_coulomb) / fmax(r->size_coulomb, 1e-300);
}

og_status og_cosim_run(og_vectors **out, const og_array *array, const double *g, const og_cell_circuit *circuit,
                       const og_cosim_drive *drive, const og_cosim_opts *opts, og_cosim_info *info, og_error *err) {
  og_status st;
  og_cosim_info unused;
  if (out != NULL) *out = NULL;
  if (opts != NULL && opts->checkpoint != NULL) *opts->checkpoint = NULL;
  if (out == NULL || array == NULL || g == NULL || circuit == NULL || circuit->name == NULL || circuit->text == NULL ||
      drive == NULL)
    return ogi_fail(err, OG_E_ARG, "cosim: a needed pointer is NULL");
  if (info == NULL) info = &unused;
  *info = (og_cosim_info){.rescued_second = NAN};
  ogi_run r = {.array = array, .linear = g, .circuit = circuit, .drive = *drive, .info = info, .err = err};
  if (opts != NULL) r.opts = *opts;
  else og_cosim_opts_init(&r.opts);
  r.now = r.opts.from != NULL                             ? r.opts.from->second
          : drive->wave != NULL && drive->wave->points > 0 ? drive->wave->second[0]
                                                            : 0;
  if (!(r.opts.step_second > 0)) r.opts.step_second = (drive->stop_second - r.now) / 500;
  r.step = r.opts.step_second;
  OGI_TRY(st, prepare(&r));
  OGI_TRY(st, run_all(&r));
  balance_ports(&r);
  ogi_run_end_cells(&r);
  conclude(&r);
  st = results(&r, out);
done:
  clear(&r);
  if (r.opts.checkpoint != NULL && r.row.count > 0) *r.opts.checkpoint = r.good;
  else og_cosim_checkpoint_free(r.good);
  return st;
}
