/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_map.h
 * A network as target conductances on tiles.
 *
 * Weight w of a layer becomes a differential pair: G+ = g_min + s max(w, 0), G- = g_min + s max(-w, 0) [S] with
 * s = (g_max - g_min) / w_max [S]; |w| > w_max is clipped. Inputs x >= 0 become voltages V = v_read x / x_max, so that
 *     sum_i w_ij x_i = (I+_j - I-_j) w_max x_max / ((g_max - g_min) v_read),       currents in A, voltages in V.
 * A layer is cut into tiles of nearly equal size, at most tile_rows x tile_columns. The pair's currents are subtracted
 * before the ADC; partial sums of the row tiles, biases and activations are digital.
 */
#ifndef OGI_MAP_H
#define OGI_MAP_H

#include <stddef.h>

#include <ohmgrid/array.h>
#include <ohmgrid/device.h>

#include "periph/ogi_convert.h"
#include "workload/ogi_data.h"
#include "workload/ogi_net.h"

/** How to map. */
typedef struct ogi_map_opts {
  size_t tile_rows, tile_columns;  /**< [-] largest tile                                                            */
  double weight_percentile;        /**< [%] of |w| of a layer that becomes w_max, 50..100                           */
  double dac_percentile;           /**< [%] of a layer's inputs over the calibration images that becomes x_max      */
  double adc_percentile;           /**< [%] of |I+ - I-| that becomes the ADC's full scale                          */
  int adc_worst_case;              /**< 1: full scale is v_read rows (g_max - g_min) instead                        */
  size_t dac_bits, adc_bits;       /**< [-] used when an effect asks for them                                       */
  double v_read_volt;              /**< [V]                                                                         */
  size_t calibration_images;       /**< [-] taken from the start of the training set                                */
} ogi_map_opts;

/** One layer. */
typedef struct ogi_layer {
  size_t in, out;              /**< [-] word lines and bit line pairs in all           */
  size_t row_tiles, col_tiles; /**< [-]                                                */
  double *target[2];           /**< in x out [S]: G+ and G-                            */
  double *bias;                /**< out                                                */
  double w_max, x_max;         /**< weight at g_max; input at v_read                   */
  double i_full;               /**< [A] ADC full scale                                 */
  double clipped;              /**< [-] share of weights beyond w_max                  */
  double scale;                /**< output per ampere, see above                       */
} ogi_layer;

typedef struct ogi_map {
  og_card card;
  og_array wires;     /**< resistances and ends; m and n are set tile by tile */
  ogi_map_opts opts;
  size_t layers, tiles; /**< tiles: differential pairs of arrays */
  ogi_layer layer[OGI_NET_MAX_LAYERS];
} ogi_map;

/** A tile: rows [row, row + m) and columns [column, column + n) of its layer. */
typedef struct ogi_tile {
  size_t layer, index; /**< index within the layer, row tile by row tile */
  size_t row, column, m, n;
} ogi_tile;

/**
 * Map a network; calibrate the converters on the first images of data.
 * @retval OG_E_SHAPE the data do not fit the network
 * @retval OG_E_RANGE a weight layer is all zero, or calibration images times values of a layer exceed INT32_MAX
 * @retval OG_E_NOMEM
 */
og_status ogi_map_create(ogi_map *out, const ogi_net *net, const og_card *card, const og_array *wires,
                         const ogi_map_opts *opts, const ogi_data *data, og_error *err);
void ogi_map_clear(ogi_map *map);

/** The k-th tile of the network, k < map->tiles. */
ogi_tile ogi_map_tile(const ogi_map *map, size_t k);

/** First row of row tile r (r = row_tiles gives the end). */
size_t ogi_layer_row(const ogi_layer *layer, size_t r);

#endif
