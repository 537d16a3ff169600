/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <string.h>

#include <cblas.h>

#include <ohmgrid/solve.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "base/ogi_rng.h"
#include "device/ogi_program.h"
#include "workload/ogi_chip.h"

enum { BLOCK = 500 }; /* images at once: their activations stay in the second-level cache */

og_status ogi_chip_create(ogi_chip *out, const ogi_map *map, og_error *err) {
  memset(out, 0, sizeof *out);
  out->map = map;
  for (size_t l = 0; l < map->layers; l++) {
    size_t cells = map->layer[l].in * map->layer[l].out;
    out->effective[l] = ogi_alloc(cells, sizeof(double));
    out->g[l][0] = ogi_alloc(cells, sizeof(double));
    out->g[l][1] = ogi_alloc(cells, sizeof(double));
    if (out->effective[l] == NULL || out->g[l][0] == NULL || out->g[l][1] == NULL) {
      ogi_chip_clear(out);
      return ogi_fail(err, OG_E_NOMEM, "chip: layer %zu: %zu cells", l, cells);
    }
  }
  return OG_OK;
}

void ogi_chip_clear(ogi_chip *chip) {
  for (size_t l = 0; l < OGI_NET_MAX_LAYERS; l++) {
    ogi_free(chip->effective[l]);
    ogi_free(chip->g[l][0]);
    ogi_free(chip->g[l][1]);
  }
  memset(chip, 0, sizeof *chip);
}

/* Copy a tile's block out of a layer matrix of the given width, or back into it. */
static void get_block(const ogi_tile *tile, size_t width, const double *layer, double *block) {
  for (size_t i = 0; i < tile->m; i++)
    memcpy(block + i * tile->n, layer + (tile->row + i) * width + tile->column, tile->n * sizeof *block);
}

static void put_block(const ogi_tile *tile, size_t width, const double *block, double *layer) {
  for (size_t i = 0; i < tile->m; i++)
    memcpy(layer + (tile->row + i) * width + tile->column, block + i * tile->n, tile->n * sizeof *block);
}

static ogi_stream stream_of(const ogi_chip *chip, ogi_source source, const ogi_tile *tile, int polarity,
                            uint32_t draw) {
  return (ogi_stream){.seed = chip->seed,
                      .source = source,
                      .layer = (uint32_t)tile->layer,
                      .tile = (uint32_t)(2 * tile->index + (size_t)polarity),
                      .trial = chip->trial << 8 | draw};
}

og_status ogi_chip_program(ogi_chip *chip, unsigned effects, uint64_t seed, uint32_t trial, og_error *err) {
  const ogi_map *map = chip->map;
  const og_card *card = &map->card;
  chip->effects = effects;
  chip->seed = seed;
  chip->trial = trial;
  double *g = ogi_alloc(map->opts.tile_rows * map->opts.tile_columns, sizeof *g);
  ogi_rng *rng = ogi_rng_create((ogi_stream){0});
  og_status st = g == NULL || rng == NULL ? ogi_fail(err, OG_E_NOMEM, "chip: one tile") : OG_OK;
  for (size_t k = 0; k < map->tiles && st == OG_OK; k++) {
    ogi_tile tile = ogi_map_tile(map, k);
    size_t width = map->layer[tile.layer].out, cells = tile.m * tile.n;
    for (int p = 0; p < 2; p++) {
      get_block(&tile, width, map->layer[tile.layer].target[p], g);
      if (effects & OGI_EFFECT_LEVELS) ogi_program_levels(card, g, cells);
      ogi_rng_restart(rng, stream_of(chip, OGI_SOURCE_PROGRAM, &tile, p, 0));
      if (effects & OGI_EFFECT_PROGRAM) ogi_program_error(card, g, cells, rng);
      ogi_rng_restart(rng, stream_of(chip, OGI_SOURCE_STUCK, &tile, p, 0));
      if (effects & OGI_EFFECT_STUCK) ogi_program_stuck(card, g, cells, rng);
      put_block(&tile, width, g, chip->g[tile.layer][p]);
    }
  }
  ogi_rng_free(rng);
  ogi_free(g);
  return st;
}

og_status ogi_chip_array(const ogi_chip *chip, const ogi_tile *tile, int polarity, uint32_t draw, double *g,
                         og_error *err) {
  get_block(tile, chip->map->layer[tile->layer].out, chip->g[tile->layer][polarity], g);
  if (!(chip->effects & OGI_EFFECT_READ)) return OG_OK;
  ogi_rng *rng = ogi_rng_create(stream_of(chip, OGI_SOURCE_READ, tile, polarity, draw));
  if (rng == NULL) return ogi_fail(err, OG_E_NOMEM, "chip: read noise");
  ogi_read_noise(&chip->map->card, g, tile->m * tile->n, rng);
  ogi_rng_free(rng);
  return OG_OK;
}

/* G_eff of one array, in place; solver is NULL for ideal wires, where it is G itself. */
static og_status through_wires(og_solver *solver, double *g, og_error *err) {
  og_status st = OG_OK;
  if (solver == NULL) return st;
  OGI_TRY(st, og_solver_set_cells(solver, g, err));
  OGI_TRY(st, og_solver_reduce(solver, g, NULL, err));
done:
  return st;
}

static og_status solver_for(og_solver **out, const ogi_map *map, const ogi_tile *tile, og_error *err) {
  og_array array = map->wires;
  og_solver_opts opts;
  og_solver_opts_init(&opts);
  opts.engine = OG_ENGINE_REDUCE;
  array.m = tile->m;
  array.n = tile->n;
  return og_solver_create(out, &array, &opts, err);
}

static og_status read_tile(ogi_chip *chip, const ogi_tile *tile, uint32_t draw, double *plus, double *minus,
                           og_error *err) {
  og_status st = OG_OK;
  og_solver *solver = NULL;
  if (chip->effects & OGI_EFFECT_WIRES) OGI_TRY(st, solver_for(&solver, chip->map, tile, err));
  OGI_TRY(st, ogi_chip_array(chip, tile, 0, draw, plus, err));
  OGI_TRY(st, ogi_chip_array(chip, tile, 1, draw, minus, err));
  OGI_TRY(st, through_wires(solver, plus, err));
  OGI_TRY(st, through_wires(solver, minus, err));
  for (size_t k = 0; k < tile->m * tile->n; k++) plus[k] -= minus[k];
  put_block(tile, chip->map->layer[tile->layer].out, plus, chip->effective[tile->layer]);
done:
  og_solver_free(solver);
  if (st != OG_OK) ogi_prefix(err, st, "layer %zu tile %zu", tile->layer, tile->index);
  return st;
}

og_status ogi_chip_read(ogi_chip *chip, uint32_t draw, og_error *err) {
  const ogi_map *map = chip->map;
  size_t cells = map->opts.tile_rows * map->opts.tile_columns;
  double *plus = ogi_alloc(cells, sizeof *plus), *minus = ogi_alloc(cells, sizeof *minus);
  og_status st = plus == NULL || minus == NULL ? ogi_fail(err, OG_E_NOMEM, "chip: one tile") : OG_OK;
  for (size_t k = 0; k < map->tiles && st == OG_OK; k++) {
    ogi_tile tile = ogi_map_tile(map, k);
    st = read_tile(chip, &tile, draw, plus, minus, err);
  }
  ogi_free(plus);
  ogi_free(minus);
  return st;
}

/* ---- inference ---- */

og_status ogi_moments_create(ogi_moments *out, const ogi_map *map, og_error *err) {
  memset(out, 0, sizeof *out);
  for (size_t l = 0; l < map->layers; l++) {
    const ogi_layer *layer = &map->layer[l];
    out->block[l] = ogi_alloc(layer->row_tiles, sizeof *out->block[l]);
    int ok = out->block[l] != NULL;
    for (size_t r = 0; ok && r < layer->row_tiles; r++) {
      size_t m = ogi_layer_row(layer, r + 1) - ogi_layer_row(layer, r);
      ok = (out->block[l][r] = ogi_alloc(m * m, sizeof(double))) != NULL;
    }
    if (!ok) {
      ogi_moments_clear(out, map);
      return ogi_fail(err, OG_E_NOMEM, "moments of layer %zu", l);
    }
  }
  return OG_OK;
}

void ogi_moments_clear(ogi_moments *moments, const ogi_map *map) {
  for (size_t l = 0; l < map->layers; l++) {
    for (size_t r = 0; moments->block[l] != NULL && r < map->layer[l].row_tiles; r++) ogi_free(moments->block[l][r]);
    ogi_free(moments->block[l]);
    moments->block[l] = NULL;
  }
}

/* Buffers for a block of images: x are activations, then voltages; i currents; y accumulated outputs. */
typedef struct buffers {
  double *x, *i, *y;
} buffers;

static og_status buffers_create(buffers *b, const ogi_map *map, size_t k, og_error *err) {
  size_t widest = map->layer[0].in;
  for (size_t l = 0; l < map->layers; l++) widest = ogi_max_size(widest, map->layer[l].out);
  b->x = ogi_alloc(k * widest, sizeof(double));
  b->i = ogi_alloc(k * widest, sizeof(double));
  b->y = ogi_alloc(k * widest, sizeof(double));
  if (b->x != NULL && b->i != NULL && b->y != NULL) return OG_OK;
  return ogi_fail(err, OG_E_NOMEM, "inference: %zu images", k);
}

static void buffers_clear(buffers *b) {
  ogi_free(b->x);
  ogi_free(b->i);
  ogi_free(b->y);
}

/* Activations in b->x become word line voltages of layer l. */
static void drive(const ogi_chip *chip, size_t l, size_t k, buffers *b, ogi_tally *tally) {
  const ogi_layer *layer = &chip->map->layer[l];
  ogi_converter dac = {.bits = chip->effects & OGI_EFFECT_DAC ? chip->map->opts.dac_bits : 0,
                       .full_scale = layer->x_max};
  tally->dac_clipped += (double)ogi_dac(&dac, chip->map->opts.v_read_volt, b->x, k * layer->in);
  if (dac.bits > 0) tally->dac_conversions += (double)(k * layer->in);
}

static void add_moments(const ogi_layer *layer, size_t k, const double *volt, double **block) {
  for (size_t r = 0; r < layer->row_tiles; r++) {
    size_t row = ogi_layer_row(layer, r), m = ogi_layer_row(layer, r + 1) - row;
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)m, (int)m, (int)k, 1, volt + row, (int)layer->in,
                volt + row, (int)layer->in, 1, block[r], (int)m);
  }
}

/* Voltages in b->x become outputs of layer l in b->y: currents, ADC, digital sum of the row tiles, bias. */
static void sense(const ogi_chip *chip, size_t l, size_t k, buffers *b, ogi_tally *tally) {
  const ogi_layer *layer = &chip->map->layer[l];
  size_t in = layer->in, out = layer->out;
  ogi_converter adc = {.bits = chip->effects & OGI_EFFECT_ADC ? chip->map->opts.adc_bits : 0,
                       .full_scale = layer->i_full};
  for (size_t e = 0; e < k; e++) memcpy(b->y + e * out, layer->bias, out * sizeof *b->y);
  for (size_t r = 0; r < layer->row_tiles; r++) {
    size_t row = ogi_layer_row(layer, r), rows = ogi_layer_row(layer, r + 1) - row;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)k, (int)out, (int)rows, 1, b->x + row, (int)in,
                chip->effective[l] + row * out, (int)out, 0, b->i, (int)out);
    tally->adc_saturated += (double)ogi_adc(&adc, b->i, k * out);
    if (adc.bits > 0) tally->adc_conversions += (double)(k * out);
    cblas_daxpy((int)(k * out), layer->scale, b->i, 1, b->y, 1);
  }
}

static void rectify(size_t count, const double *y, double *x) {
  for (size_t e = 0; e < count; e++) x[e] = y[e] > 0 ? y[e] : 0;
}

static void load_images(const ogi_data *data, size_t first, size_t k, double *x) {
  for (size_t e = 0; e < k * data->width; e++) x[e] = (double)data->image[first * data->width + e];
}

/* The first of the largest: the same rule as in the float network. */
static size_t largest(const double *y, size_t count) {
  size_t best = 0;
  for (size_t j = 1; j < count; j++)
    if (y[j] > y[best]) best = j;
  return best;
}

static size_t count_correct(const double *y, size_t out, const uint8_t *label, size_t k) {
  size_t correct = 0;
  for (size_t e = 0; e < k; e++) correct += largest(y + e * out, out) == label[e];
  return correct;
}

og_status ogi_chip_infer(const ogi_chip *chip, const ogi_data *data, size_t first, size_t count, ogi_tally *tally,
                         ogi_moments *moments, og_error *err) {
  const ogi_map *map = chip->map;
  buffers b = {0};
  og_status st = buffers_create(&b, map, BLOCK, err);
  for (size_t done = 0; st == OG_OK && done < count; done += BLOCK) {
    size_t k = ogi_min_size(BLOCK, count - done), last = map->layers - 1;
    load_images(data, first + done, k, b.x);
    for (size_t l = 0; l <= last; l++) {
      drive(chip, l, k, &b, tally);
      if (moments != NULL) add_moments(&map->layer[l], k, b.x, moments->block[l]);
      sense(chip, l, k, &b, tally);
      if (l < last) rectify(k * map->layer[l].out, b.y, b.x);
    }
    tally->correct += count_correct(b.y, map->layer[last].out, data->label + first + done, k);
    tally->images += k;
  }
  buffers_clear(&b);
  return st;
}

og_status ogi_chip_voltages(const ogi_chip *chip, const ogi_data *data, size_t l, size_t first, size_t count,
                            double *volt, og_error *err) {
  const ogi_map *map = chip->map;
  buffers b = {0};
  ogi_tally unused = {0};
  og_status st = buffers_create(&b, map, count, err);
  if (st == OG_OK) {
    load_images(data, first, count, b.x);
    for (size_t below = 0; below < l; below++) {
      drive(chip, below, count, &b, &unused);
      sense(chip, below, count, &b, &unused);
      rectify(count * map->layer[below].out, b.y, b.x);
    }
    drive(chip, l, count, &b, &unused);
    memcpy(volt, b.x, count * map->layer[l].in * sizeof *volt);
  }
  buffers_clear(&b);
  return st;
}
