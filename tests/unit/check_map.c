/* SPDX-License-Identifier: BSD-3-Clause */
/* A small random network on tiles: against plain arithmetic of the same network, and against the circuit solver. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "ogt.h"
#include "workload/ogi_chip.h"
#include <ohmgrid/solve.h>

enum { IN = 23, HIDDEN = 14, OUT = 5, IMAGES = 37 };
static const size_t extent[] = {IN, HIDDEN, OUT};

typedef struct fixture {
  ogi_net net;
  ogi_data data;
  og_card card;
  og_array wires;
  ogi_map_opts opts;
} fixture;

static void fill_floats(float *x, size_t count, double low, double high, uint32_t tag) {
  double *wide = calloc(count, sizeof *wide);
  ogt_fill(wide, count, low, high, tag);
  for (size_t k = 0; k < count; k++) x[k] = (float)wide[k];
  free(wide);
}

static fixture make(double r_word, double r_bit) {
  fixture f = {0};
  ck_assert_int_eq(ogi_net_create(&f.net, 2, extent, NULL), OG_OK);
  fill_floats(f.net.weight[0], IN * HIDDEN, -0.6, 0.5, 1);
  fill_floats(f.net.weight[1], HIDDEN * OUT, -0.4, 0.7, 2);
  fill_floats(f.net.bias[0], HIDDEN, -0.3, 0.3, 3);
  fill_floats(f.net.bias[1], OUT, -0.2, 0.2, 4);
  static float image[IMAGES * IN];
  static uint8_t label[IMAGES];
  fill_floats(image, IMAGES * IN, 0, 1, 5);
  for (int k = 0; k < IMAGES; k++) label[k] = (uint8_t)(k % OUT);
  f.data = (ogi_data){.count = IMAGES, .width = IN, .classes = OUT, .image = image, .label = label};
  f.card = (og_card){.g_min_siemens = 1.1e-6, .g_max_siemens = 41e-6, .levels = 9, .program_terms = 1,
                     .program_sigma = {0.7}, .program_to_siemens = 41e-6, .read_sigma_siemens = 0.3e-6,
                     .stuck_low_fraction = 0.02, .stuck_high_fraction = 0.03};
  og_array_init(&f.wires, 1, 1);
  f.wires.r_word_ohm = r_word;
  f.wires.r_bit_ohm = r_bit;
  f.opts = (ogi_map_opts){.tile_rows = 9, .tile_columns = 6, .weight_percentile = 100, .dac_percentile = 100,
                          .adc_percentile = 100, .dac_bits = 8, .adc_bits = 8, .v_read_volt = 0.21,
                          .calibration_images = 11};
  return f;
}

static void open_map(ogi_map *map, fixture *f) {
  og_error err = {0};
  og_status st = ogi_map_create(map, &f->net, &f->card, &f->wires, &f->opts, &f->data, &err);
  ck_assert_msg(st == OG_OK, "%s", err.text);
}

static void close_all(fixture *f, ogi_map *map) {
  ogi_map_clear(map);
  ogi_net_clear(&f->net);
}

START_TEST(tiles_cover_every_cell_once) {
  fixture f = make(0, 0);
  ogi_map map;
  open_map(&map, &f);
  ck_assert_uint_eq(map.tiles, 3 * 3 + 2 * 1);
  int seen[2][IN * HIDDEN] = {{0}};
  for (size_t k = 0; k < map.tiles; k++) {
    ogi_tile t = ogi_map_tile(&map, k);
    ck_assert(t.m >= 1 && t.m <= 9 && t.n >= 1 && t.n <= 6);
    for (size_t i = 0; i < t.m; i++)
      for (size_t j = 0; j < t.n; j++) seen[t.layer][(t.row + i) * map.layer[t.layer].out + t.column + j]++;
  }
  for (int k = 0; k < IN * HIDDEN; k++) ck_assert_int_eq(seen[0][k], 1);
  for (int k = 0; k < HIDDEN * OUT; k++) ck_assert_int_eq(seen[1][k], 1);
  close_all(&f, &map);
}
END_TEST

START_TEST(targets_stand_for_the_weights_and_stay_in_range) {
  fixture f = make(0, 0);
  ogi_map map;
  open_map(&map, &f);
  for (int l = 0; l < 2; l++) {
    const ogi_layer *layer = &map.layer[l];
    for (size_t i = 0; i < layer->in; i++)
      for (size_t j = 0; j < layer->out; j++) {
        double plus = layer->target[0][i * layer->out + j], minus = layer->target[1][i * layer->out + j];
        double w = (plus - minus) * layer->w_max / (41e-6 - 1.1e-6);
        ogt_abs(w, (double)f.net.weight[l][j * layer->in + i], 1e-12);
        ck_assert(plus >= 1.1e-6 && plus <= 41e-6 * (1 + 1e-15) && minus >= 1.1e-6);
        ck_assert(plus <= 1.1e-6 * (1 + 1e-12) || minus <= 1.1e-6 * (1 + 1e-12)); /* one of a pair is at g_min */
      }
    ogt_abs(layer->clipped, 0, 0);
  }
  close_all(&f, &map);
}
END_TEST

START_TEST(weights_beyond_the_percentile_are_clipped_and_counted) {
  fixture f = make(0, 0);
  f.opts.weight_percentile = 90;
  ogi_map map;
  open_map(&map, &f);
  ogt_abs(map.layer[0].clipped, 0.10, 0.01);
  size_t at_top = 0;
  for (int k = 0; k < IN * HIDDEN; k++)
    at_top += map.layer[0].target[0][k] >= 41e-6 * (1 - 1e-12) || map.layer[0].target[1][k] >= 41e-6 * (1 - 1e-12);
  ogt_abs((double)at_top, 0.1 * IN * HIDDEN, 2);
  close_all(&f, &map);
}
END_TEST

/* The float network by hand, up to the inputs of layer 1. */
static void hidden_by_hand(const fixture *f, size_t image, double *h) {
  for (int j = 0; j < HIDDEN; j++) {
    double sum = (double)f->net.bias[0][j];
    for (int i = 0; i < IN; i++)
      sum += (double)f->net.weight[0][j * IN + i] * (double)f->data.image[image * IN + (size_t)i];
    h[j] = sum > 0 ? sum : 0;
  }
}

START_TEST(ideal_chip_computes_the_network) {
  fixture f = make(0, 0);
  ogi_map map;
  ogi_chip chip;
  double volt[IMAGES * HIDDEN], h[HIDDEN], share;
  ogi_tally tally = {0};
  open_map(&map, &f);
  ck_assert_int_eq(ogi_chip_create(&chip, &map, NULL), OG_OK);
  ck_assert_int_eq(ogi_chip_program(&chip, 0, 1, 0, NULL), OG_OK);
  ck_assert_int_eq(ogi_chip_read(&chip, 0, NULL), OG_OK);
  ck_assert_int_eq(ogi_chip_voltages(&chip, &f.data, 1, 0, IMAGES, volt, NULL), OG_OK);
  for (size_t k = 0; k < IMAGES; k++) {
    hidden_by_hand(&f, k, h);
    for (int j = 0; j < HIDDEN; j++) ogt_abs(volt[k * HIDDEN + (size_t)j], h[j] * 0.21 / map.layer[1].x_max, 1e-12);
  }
  ck_assert_int_eq(ogi_chip_infer(&chip, &f.data, 0, IMAGES, &tally, NULL, NULL), OG_OK);
  ck_assert_int_eq(ogi_net_accuracy(&share, &f.net, &f.data, NULL), OG_OK);
  ck_assert_uint_eq(tally.images, IMAGES);
  ogt_abs((double)tally.correct / IMAGES, share, 1e-12);
  ogt_abs(tally.adc_conversions, 0, 0);
  ogi_chip_clear(&chip);
  close_all(&f, &map);
}
END_TEST

START_TEST(fine_converters_approach_the_ideal_chip) {
  fixture f = make(0, 0);
  f.opts.dac_bits = f.opts.adc_bits = 20;
  f.opts.adc_worst_case = 1;
  f.opts.calibration_images = IMAGES;
  ogi_map map;
  ogi_chip chip;
  double ideal[IMAGES * HIDDEN], fine[IMAGES * HIDDEN];
  open_map(&map, &f);
  ck_assert_int_eq(ogi_chip_create(&chip, &map, NULL), OG_OK);
  for (int turn = 0; turn < 2; turn++) {
    unsigned effects = turn == 0 ? 0 : OGI_EFFECT_DAC | OGI_EFFECT_ADC;
    ck_assert_int_eq(ogi_chip_program(&chip, effects, 1, 0, NULL), OG_OK);
    ck_assert_int_eq(ogi_chip_read(&chip, 0, NULL), OG_OK);
    ck_assert_int_eq(ogi_chip_voltages(&chip, &f.data, 1, 0, IMAGES, turn == 0 ? ideal : fine, NULL), OG_OK);
  }
  ogi_tally tally = {0};
  ck_assert_int_eq(ogi_chip_infer(&chip, &f.data, 0, IMAGES, &tally, NULL, NULL), OG_OK);
  ogt_abs(tally.adc_conversions, IMAGES * (3.0 * HIDDEN + 2 * OUT), 0); /* one a row tile and output */
  ogt_abs(tally.dac_conversions, IMAGES * (IN + HIDDEN), 0);
  ogt_abs(tally.adc_saturated, 0, 0);
  for (int k = 0; k < IMAGES * HIDDEN; k++) ogt_abs(fine[k], ideal[k], 0.21 * 1e-4); /* 3 tiles, 8 rows, 2^-20 each */
  ogi_chip_clear(&chip);
  close_all(&f, &map);
}
END_TEST

START_TEST(wires_go_through_the_exact_reduction) {
  fixture f = make(40, 25);
  ogi_map map;
  ogi_chip chip;
  open_map(&map, &f);
  ck_assert_int_eq(ogi_chip_create(&chip, &map, NULL), OG_OK);
  ck_assert_int_eq(ogi_chip_program(&chip, OGI_EFFECT_WIRES, 1, 0, NULL), OG_OK);
  ck_assert_int_eq(ogi_chip_read(&chip, 0, NULL), OG_OK);
  for (size_t k = 0; k < map.tiles; k++) {
    ogi_tile t = ogi_map_tile(&map, k);
    og_array a = f.wires;
    double g[54], v[9], current[2][6];
    a.m = t.m;
    a.n = t.n;
    ogt_fill(v, t.m, 0, 0.21, 7);
    for (int p = 0; p < 2; p++) {
      og_solver *s;
      ck_assert_int_eq(ogi_chip_array(&chip, &t, p, 0, g, NULL), OG_OK);
      ck_assert_int_eq(og_solver_create(&s, &a, NULL, NULL), OG_OK);
      ck_assert_int_eq(og_solver_set_cells(s, g, NULL), OG_OK);
      ck_assert_int_eq(og_solver_dc(s, v, 1, current[p], NULL, NULL, NULL, NULL), OG_OK);
      og_solver_free(s);
    }
    const double *effective = chip.effective[t.layer];
    size_t width = map.layer[t.layer].out;
    for (size_t j = 0; j < t.n; j++) {
      double sum = 0;
      for (size_t i = 0; i < t.m; i++) sum += v[i] * effective[(t.row + i) * width + t.column + j];
      ogt_abs(sum, current[0][j] - current[1][j], 1e-10 * fabs(current[0][j]));
    }
  }
  ogi_chip_clear(&chip);
  close_all(&f, &map);
}
END_TEST

START_TEST(effects_draw_from_streams_of_their_own) {
  fixture f = make(0, 0);
  ogi_map map;
  ogi_chip one, two;
  open_map(&map, &f);
  ck_assert_int_eq(ogi_chip_create(&one, &map, NULL), OG_OK);
  ck_assert_int_eq(ogi_chip_create(&two, &map, NULL), OG_OK);
  /* Adding read noise moves no programmed conductance. */
  ck_assert_int_eq(ogi_chip_program(&one, OGI_EFFECT_PROGRAM, 9, 3, NULL), OG_OK);
  ck_assert_int_eq(ogi_chip_program(&two, OGI_EFFECT_PROGRAM | OGI_EFFECT_READ, 9, 3, NULL), OG_OK);
  for (int l = 0; l < 2; l++)
    for (int p = 0; p < 2; p++)
      ck_assert_mem_eq(one.g[l][p], two.g[l][p], map.layer[l].in * map.layer[l].out * sizeof(double));
  /* Another trial is another chip; the two arrays of a pair have errors of their own. */
  ck_assert_int_eq(ogi_chip_program(&two, OGI_EFFECT_PROGRAM, 9, 4, NULL), OG_OK);
  ck_assert(one.g[0][0][0] != two.g[0][0][0]);
  ck_assert(one.g[0][0][0] - map.layer[0].target[0][0] != one.g[0][1][0] - map.layer[0].target[1][0]);
  /* A draw can be repeated, and another draw differs. */
  double a[54], b[54], c[54];
  ogi_tile t = ogi_map_tile(&map, 4);
  ck_assert_int_eq(ogi_chip_program(&two, OGI_EFFECT_READ, 9, 4, NULL), OG_OK);
  ck_assert_int_eq(ogi_chip_array(&two, &t, 1, 2, a, NULL), OG_OK);
  ck_assert_int_eq(ogi_chip_array(&two, &t, 1, 2, b, NULL), OG_OK);
  ck_assert_int_eq(ogi_chip_array(&two, &t, 1, 3, c, NULL), OG_OK);
  ck_assert_mem_eq(a, b, t.m * t.n * sizeof *a);
  ck_assert(a[0] != c[0] && a[t.m * t.n - 1] != c[t.m * t.n - 1]);
  ogi_chip_clear(&one);
  ogi_chip_clear(&two);
  close_all(&f, &map);
}
END_TEST

START_TEST(moments_are_those_of_the_voltages) {
  fixture f = make(0, 0);
  ogi_map map;
  ogi_chip chip;
  ogi_moments moments;
  ogi_tally tally = {0};
  double volt[IMAGES * IN];
  open_map(&map, &f);
  ck_assert_int_eq(ogi_chip_create(&chip, &map, NULL), OG_OK);
  ck_assert_int_eq(ogi_moments_create(&moments, &map, NULL), OG_OK);
  ck_assert_int_eq(ogi_chip_program(&chip, OGI_EFFECT_DAC, 1, 0, NULL), OG_OK);
  ck_assert_int_eq(ogi_chip_read(&chip, 0, NULL), OG_OK);
  ck_assert_int_eq(ogi_chip_infer(&chip, &f.data, 0, IMAGES, &tally, &moments, NULL), OG_OK);
  ck_assert_int_eq(ogi_chip_voltages(&chip, &f.data, 0, 0, IMAGES, volt, NULL), OG_OK);
  for (size_t r = 0; r < map.layer[0].row_tiles; r++) {
    size_t row = ogi_layer_row(&map.layer[0], r), m = ogi_layer_row(&map.layer[0], r + 1) - row;
    for (size_t a = 0; a < m; a++)
      for (size_t b = 0; b < m; b++) {
        double sum = 0;
        for (size_t k = 0; k < IMAGES; k++) sum += volt[k * IN + row + a] * volt[k * IN + row + b];
        ogt_rel(moments.block[0][r][a * m + b], sum, 1e-12);
      }
  }
  ogi_moments_clear(&moments, &map);
  ogi_chip_clear(&chip);
  close_all(&f, &map);
}
END_TEST

START_TEST(data_of_another_width_and_dead_layers_are_refused) {
  fixture f = make(0, 0);
  ogi_map map;
  og_error err;
  f.data.width = IN - 1;
  ck_assert_int_eq(ogi_map_create(&map, &f.net, &f.card, &f.wires, &f.opts, &f.data, &err), OG_E_SHAPE);
  ogt_has(err.text, "saw images of 22 values, need 23");
  f.data.width = IN;
  const size_t images = f.data.count;
  f.data.count = f.opts.calibration_images = (size_t)1 << 31; /* refused before the first of them is looked at */
  ck_assert_int_eq(ogi_map_create(&map, &f.net, &f.card, &f.wires, &f.opts, &f.data, &err), OG_E_RANGE);
  ogt_has(err.text, "calibration: saw 2147483648 images");
  f.data.count = f.opts.calibration_images = images;
  memset(f.net.weight[1], 0, HIDDEN * OUT * sizeof(float));
  ck_assert_int_eq(ogi_map_create(&map, &f.net, &f.card, &f.wires, &f.opts, &f.data, &err), OG_E_RANGE);
  ogt_has(err.text, "layer 1: weights: saw all zero");
  ogi_net_clear(&f.net);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("map");
  TCase *tc = tcase_create("map"), *chip = tcase_create("chip");
  tcase_add_test(tc, tiles_cover_every_cell_once);
  tcase_add_test(tc, targets_stand_for_the_weights_and_stay_in_range);
  tcase_add_test(tc, weights_beyond_the_percentile_are_clipped_and_counted);
  tcase_add_test(tc, data_of_another_width_and_dead_layers_are_refused);
  tcase_add_test(chip, ideal_chip_computes_the_network);
  tcase_add_test(chip, fine_converters_approach_the_ideal_chip);
  tcase_add_test(chip, wires_go_through_the_exact_reduction);
  tcase_add_test(chip, effects_draw_from_streams_of_their_own);
  tcase_add_test(chip, moments_are_those_of_the_voltages);
  suite_add_tcase(suite, tc);
  suite_add_tcase(suite, chip);
  return ogt_run(suite);
}
