/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Energy per inference, on trial 0 with all effects.
 *
 * Arrays: the drivers of one array deliver P = v Y v^T [W] for word line voltages v [V], Y the exact port admittance
 * [S] of the array with its bit lines at virtual ground; averaged over the test images with the second moments of v,
 * times the read time. Blocks around the arrays: number of operations times the energy of one from the cost table.
 */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cblas.h>

#include <ohmgrid/solve.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "study/ogi_study.h"

/* Mean of v Y v^T over images, from the summed moments V^T V. */
static double mean_power(const double *y, const double *moment, size_t m, size_t images) {
  return cblas_ddot((int)(m * m), y, 1, moment, 1) / (double)images;
}

/* Both arrays of a tile: power [W] from the reduction, and the audit of one full solution. */
static og_status tile_power(ogi_job *job, const ogi_chip *chip, const ogi_tile *tile, const double *moment,
                            const double *volt, double *power, og_error *err) {
  og_status st = OG_OK;
  og_results *r = job->results;
  size_t m = tile->m, n = tile->n;
  og_solver *solver = NULL;
  og_solver_opts opts;
  og_array array = job->map.wires;
  double *g = ogi_alloc(m * n, sizeof *g), *y = ogi_alloc(m * m, sizeof *y), *i_out = ogi_alloc(n, sizeof *i_out);
  *power = 0;
  if (g == NULL || y == NULL || i_out == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "energy: one tile");
    goto done;
  }
  array.m = m;
  array.n = n;
  og_solver_opts_init(&opts);
  opts.engine = OG_ENGINE_REDUCE;
  OGI_TRY(st, og_solver_create(&solver, &array, &opts, err));
  for (int polarity = 0; polarity < 2; polarity++) {
    og_solve_info info;
    OGI_TRY(st, ogi_chip_array(chip, tile, polarity, 0, g, err));
    OGI_TRY(st, og_solver_set_cells(solver, g, err));
    OGI_TRY(st, og_solver_reduce(solver, g, y, err));
    *power += mean_power(y, moment, m, job->test.count);
    OGI_TRY(st, og_solver_dc(solver, volt, 1, i_out, NULL, NULL, &info, err));
    r->array_power_balance = fmax(r->array_power_balance, info.power_balance);
    r->array_kcl_residual = fmax(r->array_kcl_residual, info.kcl_residual);
  }
done:
  og_solver_free(solver);
  ogi_free(g);
  ogi_free(y);
  ogi_free(i_out);
  return st;
}

/* Power of all arrays of each layer [W]. */
static og_status array_power(ogi_job *job, double *layer_power, og_error *err) {
  og_status st;
  ogi_chip chip = {0};
  ogi_moments moments = {0};
  ogi_tally tally = {0};
  double *volt[OGI_NET_MAX_LAYERS] = {NULL};
  const ogi_map *map = &job->map;
  OGI_TRY(st, ogi_chip_create(&chip, map, err));
  OGI_TRY(st, ogi_moments_create(&moments, map, err));
  OGI_TRY(st, ogi_chip_program(&chip, OGI_EFFECT_ALL, job->study->seed, 0, err));
  OGI_TRY(st, ogi_chip_read(&chip, 0, err));
  OGI_TRY(st, ogi_chip_infer(&chip, &job->test, 0, job->test.count, &tally, &moments, err));
  for (size_t l = 0; l < map->layers; l++) {
    volt[l] = ogi_alloc(map->layer[l].in, sizeof **volt);
    if (volt[l] == NULL) {
      st = ogi_fail(err, OG_E_NOMEM, "energy: layer %zu", l);
      goto done;
    }
    OGI_TRY(st, ogi_chip_voltages(&chip, &job->test, l, 0, 1, volt[l], err));
  }
  for (size_t k = 0; k < map->tiles; k++) {
    ogi_tile tile = ogi_map_tile(map, k);
    size_t row_tile = tile.index / map->layer[tile.layer].col_tiles;
    double power;
    OGI_TRY(st, ogi_tell(job, "energy", (double)k / (double)map->tiles, err));
    OGI_TRY(st, tile_power(job, &chip, &tile, moments.block[tile.layer][row_tile], volt[tile.layer] + tile.row,
                           &power, err));
    layer_power[tile.layer] += power;
    job->results->array_power_watt += power;
  }
done:
  for (size_t l = 0; l < OGI_NET_MAX_LAYERS; l++) ogi_free(volt[l]);
  ogi_moments_clear(&moments, map);
  ogi_chip_clear(&chip);
  return st;
}

static void add_row(og_results *r, const char *layer, const char *block, double count, double each,
                    const char *source) {
  og_energy_row *row = &r->energy[r->energy_rows++];
  snprintf(row->layer, sizeof row->layer, "%s", layer);
  snprintf(row->block, sizeof row->block, "%s", block);
  snprintf(row->source, sizeof row->source, "%s", source);
  row->count = count;
  row->joule_each = each;
  row->joule = count * each;
  r->joule_per_inference += row->joule;
}

static void add_block(const ogi_job *job, const char *layer, ogi_block block, double count, double bits) {
  add_row(job->results, layer, ogi_block_name(block), count, ogi_cost_joule(&job->costs, block, bits),
          job->costs.block[block].source);
}

/*
 * Operations of one layer per inference. The two arrays of a pair share their word line drivers and, after analog
 * subtraction, one sample-and-hold and one ADC; each column of tiles has DACs of its own.
 */
static void layer_rows(const ogi_job *job, size_t l, double watt) {
  const ogi_layer *layer = &job->map.layer[l];
  double in = (double)layer->in, out = (double)layer->out, rows = (double)layer->row_tiles;
  double columns = (double)layer->col_tiles, arrays = 2 * rows * columns;
  char name[72], how[200];
  snprintf(name, sizeof name, "layer %zu (%zu x %zu)", l, layer->in, layer->out);
  snprintf(how, sizeof how, "solved: v Y v^T of each array, mean over the test images, %.3g s read at most %.3g V",
           job->study->t_read_second, job->study->v_read_volt);
  add_row(job->results, name, "array", arrays, watt * job->study->t_read_second / arrays, how);
  add_block(job, name, OGI_BLOCK_DAC, in * columns, (double)job->study->dac_bits);
  add_block(job, name, OGI_BLOCK_SAMPLE_HOLD, out * rows, (double)job->study->adc_bits);
  add_block(job, name, OGI_BLOCK_ADC, out * rows, (double)job->study->adc_bits);
  add_block(job, name, OGI_BLOCK_ACCUMULATE, out * rows, (double)job->study->adc_bits); /* partial sums and bias */
  add_block(job, name, OGI_BLOCK_ACTIVATION, out, (double)job->study->dac_bits);
  add_block(job, name, OGI_BLOCK_REGISTER, in + out, (double)job->study->dac_bits);
  job->results->macs_per_inference += in * out;
}

/* Writing the weights, once for all inferences: two cells a weight, each programmed once. */
static void tell_programming(ogi_job *job) {
  og_results *r = job->results;
  if (!(job->card.program_energy_joule > 0)) return;
  r->program_cells = 2 * r->macs_per_inference; /* a multiply-accumulate an inference for each weight */
  r->program_joule_each = job->card.program_energy_joule;
  snprintf(r->program_source, sizeof r->program_source, "%s", job->card.energy_source[0]);
}

og_status ogi_run_energy(ogi_job *job, og_error *err) {
  og_status st;
  double watt[OGI_NET_MAX_LAYERS] = {0};
  enum { BLOCKS_PER_LAYER = OGI_BLOCKS + 1 };
  job->results->energy = ogi_alloc(job->map.layers * BLOCKS_PER_LAYER, sizeof *job->results->energy);
  if (job->results->energy == NULL) return ogi_fail(err, OG_E_NOMEM, "energy table");
  OGI_TRY(st, array_power(job, watt, err));
  for (size_t l = 0; l < job->map.layers; l++) layer_rows(job, l, watt[l]);
  tell_programming(job);
done:
  return st;
}
