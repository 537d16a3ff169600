/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <string.h>

#include <cblas.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "workload/ogi_map.h"

/* Balanced cuts: part k of count items in parts pieces begins here. */
static size_t cut(size_t count, size_t parts, size_t k) { return count * k / parts; }

size_t ogi_layer_row(const ogi_layer *layer, size_t r) { return cut(layer->in, layer->row_tiles, r); }

ogi_tile ogi_map_tile(const ogi_map *map, size_t k) {
  size_t l = 0;
  while (k >= map->layer[l].row_tiles * map->layer[l].col_tiles) {
    k -= map->layer[l].row_tiles * map->layer[l].col_tiles;
    l++;
  }
  const ogi_layer *layer = &map->layer[l];
  size_t r = k / layer->col_tiles, c = k % layer->col_tiles;
  ogi_tile tile = {.layer = l, .index = k, .row = ogi_layer_row(layer, r)};
  tile.column = cut(layer->out, layer->col_tiles, c);
  tile.m = ogi_layer_row(layer, r + 1) - tile.row;
  tile.n = cut(layer->out, layer->col_tiles, c + 1) - tile.column;
  return tile;
}

/* Sorts x. */
static double percentile(double *x, size_t count, double percent) {
  gsl_sort(x, 1, count);
  return gsl_stats_quantile_from_sorted_data(x, 1, count, percent / 100);
}

static og_status map_weights(ogi_layer *layer, const ogi_net *net, size_t l, const og_card *card,
                             const ogi_map_opts *opts, og_error *err) {
  size_t in = layer->in, out = layer->out, beyond = 0;
  const float *w = net->weight[l];
  double *size = ogi_alloc(in * out, sizeof *size);
  if (size == NULL) return ogi_fail(err, OG_E_NOMEM, "layer %zu: %zu weights", l, in * out);
  for (size_t k = 0; k < in * out; k++) size[k] = fabs((double)w[k]);
  layer->w_max = percentile(size, in * out, opts->weight_percentile);
  if (layer->w_max == 0) layer->w_max = size[in * out - 1]; /* nearly all weights are zero: keep the largest exact */
  ogi_free(size);
  if (!(layer->w_max > 0))
    return ogi_fail(err, OG_E_RANGE, "layer %zu: weights: saw all zero, need at least one that is not", l);
  double range = card->g_max_siemens - card->g_min_siemens;
  for (size_t j = 0; j < out; j++)
    for (size_t i = 0; i < in; i++) {
      double share = (double)w[j * in + i] / layer->w_max;
      beyond += fabs(share) > 1;
      share = fmax(-1, fmin(1, share));
      layer->target[0][i * out + j] = card->g_min_siemens + range * fmax(share, 0);
      layer->target[1][i * out + j] = card->g_min_siemens + range * fmax(-share, 0);
    }
  for (size_t j = 0; j < out; j++) layer->bias[j] = (double)net->bias[l][j];
  layer->clipped = (double)beyond / (double)(in * out);
  return OG_OK;
}

static og_status create_layer(ogi_layer *layer, const ogi_net *net, size_t l, const og_card *card,
                              const ogi_map_opts *opts, og_error *err) {
  layer->in = net->extent[l];
  layer->out = net->extent[l + 1];
  layer->row_tiles = ogi_ceil_div(layer->in, opts->tile_rows);
  layer->col_tiles = ogi_ceil_div(layer->out, opts->tile_columns);
  for (int p = 0; p < 2; p++) layer->target[p] = ogi_alloc(layer->in * layer->out, sizeof *layer->target[p]);
  layer->bias = ogi_alloc(layer->out, sizeof *layer->bias);
  if (layer->target[0] == NULL || layer->target[1] == NULL || layer->bias == NULL)
    return ogi_fail(err, OG_E_NOMEM, "layer %zu: %zu x %zu weights", l, layer->in, layer->out);
  return map_weights(layer, net, l, card, opts, err);
}

/*
 * Calibration of one layer: x (k x in) are its inputs, on return y (k x out) are its outputs after bias. Currents of
 * ideal arrays give the ADC's full scale, one for the layer.
 */
static og_status calibrate(ogi_layer *layer, const ogi_map *map, const double *x, size_t k, double *y,
                           og_error *err) {
  size_t in = layer->in, out = layer->out, tiles = layer->row_tiles;
  double range = map->card.g_max_siemens - map->card.g_min_siemens, v_read = map->opts.v_read_volt;
  double *sorted = ogi_alloc(k * in, sizeof *sorted), *delta = ogi_alloc(in * out, sizeof *delta);
  double *current = ogi_alloc(tiles * k * out, sizeof *current);
  og_status st = OG_OK;
  if (sorted == NULL || delta == NULL || current == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "calibration on %zu images", k);
    goto done;
  }
  memcpy(sorted, x, k * in * sizeof *x);
  layer->x_max = percentile(sorted, k * in, map->opts.dac_percentile);
  if (!(layer->x_max > 0)) layer->x_max = sorted[k * in - 1] > 0 ? sorted[k * in - 1] : 1; /* a dead layer */
  layer->scale = layer->w_max * layer->x_max / (range * v_read);
  for (size_t e = 0; e < in * out; e++) delta[e] = layer->target[0][e] - layer->target[1][e];
  for (size_t e = 0; e < k; e++) memcpy(y + e * out, layer->bias, out * sizeof *y);
  for (size_t r = 0; r < tiles; r++) {
    size_t row = ogi_layer_row(layer, r), rows = ogi_layer_row(layer, r + 1) - row;
    double *i = current + r * k * out;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)k, (int)out, (int)rows, v_read / layer->x_max, x + row,
                (int)in, delta + row * out, (int)out, 0, i, (int)out);
    cblas_daxpy((int)(k * out), layer->scale, i, 1, y, 1);
  }
  for (size_t e = 0; e < tiles * k * out; e++) current[e] = fabs(current[e]);
  layer->i_full = percentile(current, tiles * k * out, map->opts.adc_percentile);
  if (map->opts.adc_worst_case) layer->i_full = v_read * range * (double)ogi_ceil_div(in, tiles);
  if (!(layer->i_full > 0)) layer->i_full = v_read * range;
done:
  ogi_free(sorted);
  ogi_free(delta);
  ogi_free(current);
  return st;
}

static og_status calibrate_all(ogi_map *map, const ogi_data *data, og_error *err) {
  og_status st = OG_OK;
  size_t k = ogi_min_size(map->opts.calibration_images, data->count), widest = map->layer[0].in;
  for (size_t l = 0; l < map->layers; l++) widest = ogi_max_size(widest, map->layer[l].out);
  if (k > INT32_MAX / widest) /* BLAS counts in 32 bits */
    return ogi_fail(err, OG_E_RANGE, "calibration: saw %zu images of up to %zu values a layer, need at most %zu images",
                    k, widest, INT32_MAX / widest);
  double *x = ogi_alloc(k * widest, sizeof *x), *y = ogi_alloc(k * widest, sizeof *y);
  if (x == NULL || y == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "calibration on %zu images", k);
    goto done;
  }
  for (size_t e = 0; e < k * data->width; e++) x[e] = (double)data->image[e];
  for (size_t l = 0; l < map->layers; l++) {
    OGI_TRY(st, calibrate(&map->layer[l], map, x, k, y, err));
    for (size_t e = 0; e < k * map->layer[l].out; e++) x[e] = fmax(y[e], 0);
  }
done:
  ogi_free(x);
  ogi_free(y);
  return st;
}

og_status ogi_map_create(ogi_map *out, const ogi_net *net, const og_card *card, const og_array *wires,
                         const ogi_map_opts *opts, const ogi_data *data, og_error *err) {
  og_status st = OG_OK;
  memset(out, 0, sizeof *out);
  if (data->width != net->extent[0])
    return ogi_fail(err, OG_E_SHAPE, "network: saw images of %zu values, need %zu (inputs of layer 0)", data->width,
                    net->extent[0]);
  out->card = *card;
  out->wires = *wires;
  out->opts = *opts;
  out->layers = net->layers;
  for (size_t l = 0; l < net->layers; l++) {
    OGI_TRY(st, create_layer(&out->layer[l], net, l, card, opts, err));
    out->tiles += out->layer[l].row_tiles * out->layer[l].col_tiles;
  }
  OGI_TRY(st, calibrate_all(out, data, err));
done:
  if (st != OG_OK) ogi_map_clear(out);
  return st;
}

void ogi_map_clear(ogi_map *map) {
  for (size_t l = 0; l < OGI_NET_MAX_LAYERS; l++) {
    ogi_free(map->layer[l].target[0]);
    ogi_free(map->layer[l].target[1]);
    ogi_free(map->layer[l].bias);
  }
  memset(map, 0, sizeof *map);
}
