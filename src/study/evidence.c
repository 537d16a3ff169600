/* SPDX-License-Identifier: BSD-3-Clause */
/* What a reader can look at: IR drop of one array, programmed conductances, tiles against ngspice. Trial 0, all
 * effects. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <ohmgrid/check.h>
#include <ohmgrid/solve.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "device/ogi_program.h"
#include "study/ogi_study.h"

enum { CELLS_SHOWN = 50000 };

static og_status program_chip(const ogi_job *job, ogi_chip *chip, og_error *err) {
  og_status st;
  OGI_TRY(st, ogi_chip_create(chip, &job->map, err));
  st = ogi_chip_program(chip, OGI_EFFECT_ALL, job->study->seed, 0, err);
done:
  return st;
}

/* ---- IR drop ---- */

/* The array that carries the largest mean conductance, where wires matter most. */
static og_status heaviest(const ogi_job *job, const ogi_chip *chip, ogi_tile *tile, int *polarity, double *g,
                          og_error *err) {
  double most = -1;
  og_status st = OG_OK;
  for (size_t k = 0; k < job->map.tiles; k++)
    for (int p = 0; p < 2; p++) {
      ogi_tile t = ogi_map_tile(&job->map, k);
      double sum = 0;
      OGI_TRY(st, ogi_chip_array(chip, &t, p, 0, g, err));
      for (size_t e = 0; e < t.m * t.n; e++) sum += g[e];
      if (sum > most) {
        most = sum;
        *tile = t;
        *polarity = p;
      }
    }
done:
  return st;
}

/* 1 - (cell voltage) / (driver voltage) with every word line driven at the read voltage. */
static og_status solve_drop(const ogi_job *job, const ogi_tile *tile, const double *g, double *drop, og_error *err) {
  og_status st;
  size_t m = tile->m, n = tile->n;
  og_array array = job->map.wires;
  og_solver *solver = NULL;
  array.m = m;
  array.n = n;
  double v_read = job->study->v_read_volt;
  double *v = ogi_alloc(m, sizeof *v), *i_out = ogi_alloc(n, sizeof *i_out), *w = ogi_alloc(m * n, sizeof *w);
  double *b = ogi_alloc(m * n, sizeof *b);
  if (v == NULL || i_out == NULL || w == NULL || b == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "IR-drop map");
    goto done;
  }
  for (size_t i = 0; i < m; i++) v[i] = v_read;
  OGI_TRY(st, og_solver_create(&solver, &array, NULL, err));
  OGI_TRY(st, og_solver_set_cells(solver, g, err));
  OGI_TRY(st, og_solver_dc(solver, v, 1, i_out, w, b, NULL, err));
  for (size_t k = 0; k < m * n; k++) drop[k] = 1 - (w[k] - b[k]) / v_read;
done:
  og_solver_free(solver);
  ogi_free(v);
  ogi_free(i_out);
  ogi_free(w);
  ogi_free(b);
  return st;
}

static og_status drop_map(ogi_job *job, const ogi_chip *chip, og_error *err) {
  og_status st;
  og_results *r = job->results;
  ogi_tile tile = {0};
  int polarity = 0;
  double *g = ogi_alloc(job->map.opts.tile_rows * job->map.opts.tile_columns, sizeof *g);
  if (g == NULL) return ogi_fail(err, OG_E_NOMEM, "IR-drop map");
  OGI_TRY(st, heaviest(job, chip, &tile, &polarity, g, err));
  OGI_TRY(st, ogi_chip_array(chip, &tile, polarity, 0, g, err));
  r->map_cell_drop = ogi_alloc(tile.m * tile.n, sizeof *r->map_cell_drop);
  if (r->map_cell_drop == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "IR-drop map");
    goto done;
  }
  r->map_m = tile.m;
  r->map_n = tile.n;
  snprintf(r->map_name, sizeof r->map_name, "layer %zu tile %zu %c, all lines at V_read", tile.layer, tile.index,
           polarity == 0 ? '+' : '-');
  st = solve_drop(job, &tile, g, r->map_cell_drop, err);
done:
  ogi_free(g);
  return st;
}

/* ---- conductances ---- */

static og_status cell_sample(ogi_job *job, const ogi_chip *chip, og_error *err) {
  og_results *r = job->results;
  size_t total = 0, next = 0, seen = 0;
  for (size_t l = 0; l < job->map.layers; l++) total += 2 * job->map.layer[l].in * job->map.layer[l].out;
  size_t stride = ogi_ceil_div(total, CELLS_SHOWN), count = ogi_ceil_div(total, stride);
  r->cell_target_siemens = ogi_alloc(count, sizeof(double));
  r->cell_programmed_siemens = ogi_alloc(count, sizeof(double));
  if (r->cell_target_siemens == NULL || r->cell_programmed_siemens == NULL)
    return ogi_fail(err, OG_E_NOMEM, "conductances of %zu cells", count);
  for (size_t l = 0; l < job->map.layers; l++)
    for (int p = 0; p < 2; p++)
      for (size_t k = 0; k < job->map.layer[l].in * job->map.layer[l].out; k++)
        if (seen++ % stride == 0) {
          r->cell_target_siemens[next] = job->map.layer[l].target[p][k];
          r->cell_programmed_siemens[next++] = chip->g[l][p][k];
        }
  r->cells = next;
  ogi_program_levels(&job->card, r->cell_target_siemens, next); /* the targets that programming aims at */
  if (stride == 1) snprintf(r->cells_name, sizeof r->cells_name, "all cells");
  else snprintf(r->cells_name, sizeof r->cells_name, "one cell in %zu, all layers", stride);
  return OG_OK;
}

og_status ogi_run_maps(ogi_job *job, og_error *err) {
  og_status st;
  ogi_chip chip = {0};
  OGI_TRY(st, ogi_tell(job, "maps", 0, err));
  OGI_TRY(st, program_chip(job, &chip, err));
  OGI_TRY(st, drop_map(job, &chip, err));
  st = cell_sample(job, &chip, err);
done:
  ogi_chip_clear(&chip);
  return st;
}

/* ---- cross-check ---- */

/* The upper left part of the tile's positive array, small enough for ngspice, with real inputs. */
static og_status check_tile(ogi_job *job, const ogi_chip *chip, const ogi_tile *tile, og_check_row *row,
                            og_error *err) {
  og_status st;
  const og_study *s = job->study;
  const ogi_layer *layer = &job->map.layer[tile->layer];
  size_t m = ogi_min_size(s->check_rows, tile->m), n = ogi_min_size(s->check_columns, tile->n);
  size_t k = ogi_min_size(s->check_inputs, job->test.count);
  og_array array = job->map.wires;
  og_check_opts opts;
  array.m = row->m = m;
  array.n = row->n = n;
  row->inputs = k;
  snprintf(row->name, sizeof row->name, "layer %zu tile %zu +", tile->layer, tile->index);
  og_check_opts_init(&opts);
  opts.rtol = s->check_rtol;
  opts.timeout_second = s->check_timeout_second;
  opts.worker = job->opts->paths.spice_worker;
  double *whole = ogi_alloc(tile->m * tile->n, sizeof *whole), *g = ogi_alloc(m * n, sizeof *g);
  double *volt = ogi_alloc(k * layer->in, sizeof *volt), *v = ogi_alloc(k * m, sizeof *v);
  row->current_ours = ogi_alloc(k * n, sizeof(double));
  row->current_theirs = ogi_alloc(k * n, sizeof(double));
  if (!whole || !g || !volt || !v || !row->current_ours || !row->current_theirs) {
    st = ogi_fail(err, OG_E_NOMEM, "cross-check: one tile");
    goto done;
  }
  OGI_TRY(st, ogi_chip_array(chip, tile, 0, 0, whole, err));
  OGI_TRY(st, ogi_chip_voltages(chip, &job->test, tile->layer, 0, k, volt, err));
  for (size_t i = 0; i < m; i++) memcpy(g + i * n, whole + i * tile->n, n * sizeof *g);
  for (size_t e = 0; e < k; e++) memcpy(v + e * m, volt + e * layer->in + tile->row, m * sizeof *v);
  st = og_check_array(&row->result, row->current_ours, row->current_theirs, &array, g, v, k, &opts, err);
done:
  ogi_free(whole);
  ogi_free(g);
  ogi_free(volt);
  ogi_free(v);
  if (st != OG_OK) ogi_prefix(err, st, "%s", row->name);
  return st;
}

/* One tile a layer, from its middle: in images the border is dark, and 0 V against 0 V proves little. */
og_status ogi_run_checks(ogi_job *job, og_error *err) {
  og_status st, outside = OG_OK;
  og_results *r = job->results;
  ogi_chip chip = {0};
  size_t first = 0;
  OGI_TRY(st, program_chip(job, &chip, err));
  OGI_TRY(st, ogi_chip_read(&chip, 0, err));
  r->check = ogi_alloc(job->map.layers, sizeof *r->check);
  if (r->check == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "cross-check");
    goto done;
  }
  r->check_rtol = job->study->check_rtol;
  for (size_t l = 0; l < job->map.layers; l++) {
    size_t tiles = job->map.layer[l].row_tiles * job->map.layer[l].col_tiles;
    ogi_tile tile = ogi_map_tile(&job->map, first + tiles / 2);
    OGI_TRY(st, ogi_tell(job, "cross-check", (double)l / (double)job->map.layers, err));
    r->check_rows = l + 1;
    og_error why; /* told for the first tile outside, or for what ends the run */
    st = check_tile(job, &chip, &tile, &r->check[l], &why);
    if (st != OG_OK && (st != OG_E_TOLERANCE || outside == OG_OK) && err != NULL) *err = why;
    if (st == OG_E_TOLERANCE) outside = st;
    else if (st != OG_OK) goto done;
    first += tiles;
  }
  st = outside;
done:
  ogi_chip_clear(&chip);
  return st;
}
