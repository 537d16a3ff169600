/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <dirent.h>
#include <jansson.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_rng.h"
#include "ogt.h"
#include "report/ogi_figure.h"
#include "report/ogi_gnuplot.h"
#include "report/ogi_report.h"
#include "report/ogi_svg.h"

/* As ogt_has, without printing the text: a page is too long for a message. */
#define has(text, part) ck_assert_msg(strstr((text), (part)) != NULL, "no \"%s\"", (part))

#define HOSTILE "3 < 5 & \"q\" 'a' > `touch scratch/hit` $(x) %d @m \\ _i"

static const char study_text[] = "name: mnist <mlp> & \"co\"\nseed: 2385\narray:\n  r_word_ohm: 1.27\n";

/* --- results as a run would make them, with made-up numbers ------------------------------------------------------ */

static void fill_accuracy(og_results *r) {
  static const struct {
    const char *key, *label;
    double mean, spread;
    size_t trials;
  } row[] = {
      {"float", "floating point", 0.98127, 0, 1},
      {"ideal", "ideal arrays", 0.98113, 0, 1},
      {"levels", "conductance levels", 0.97941, 0, 1},
      {"program", "programming error", 0.97318, 0.0021, 12},
      {"read", "read noise", 0.98067, 0.0004, 12},
      {"wires", "wire resistance", 0.97206, 0, 1},
      {"dac", "input converter (DAC)", 0.98041, 0, 1},
      {"adc", "output converter (ADC)", 0.97689, 0, 1},
      {"stuck", "stuck cells", 0.97754, 0.0013, 12},
      {"all", "all effects together", 0.95483, 0.0034, 12},
  };
  r->accuracy_rows = sizeof row / sizeof *row;
  r->accuracy = ogi_alloc(r->accuracy_rows, sizeof *r->accuracy);
  for (size_t i = 0; i < r->accuracy_rows; i++) {
    og_accuracy_row *a = &r->accuracy[i];
    snprintf(a->key, sizeof a->key, "%s", row[i].key);
    snprintf(a->label, sizeof a->label, "%s", row[i].label);
    a->trials = row[i].trials;
    a->trial = ogi_alloc(a->trials, sizeof *a->trial);
    ogt_fill(a->trial, a->trials, row[i].mean - 1.7 * row[i].spread, row[i].mean + 1.7 * row[i].spread, (uint32_t)i);
    for (size_t k = 0; k < a->trials; k++) a->mean += a->trial[k] / (double)a->trials;
    double square = 0;
    for (size_t k = 0; k < a->trials; k++) square += (a->trial[k] - a->mean) * (a->trial[k] - a->mean);
    a->std = a->trials > 1 ? sqrt(square / (double)(a->trials - 1)) : NAN;
    a->ci95 = a->trials > 1 ? 2.201 * a->std / sqrt((double)a->trials) : NAN;
    a->test_ci95 = 1.96 * sqrt(a->mean * (1 - a->mean) / 10000);
    a->loss = r->accuracy[0].mean - a->mean;
    a->adc_saturated = i == 7 || i == 9 ? 0.00173 : 0;
    a->dac_clipped = 0;
  }
}

static void fill_energy(og_results *r) {
  static const char *const layer[] = {"layer 0 (784 x 256)", "layer 1 (256 x 128)", "layer 2 (128 x 10)"};
  static const double in[] = {784, 256, 128}, out[] = {256, 128, 10};
  static const struct {
    const char *block;
    double joule;
    const char *source;
  } block[] = {
      {"array", 4.31e-12, "circuit solution: power delivered by the drivers times a read of 50 ns"},
      {"dac", 39.1e-15, "Doe et al. 2021, table II, 28 nm, scaled to 8 bits (doi:10.1000/182)"},
      {"adc", 1.937e-12, "Roe et al. 2019, figure 9, 8-bit SAR; energy doubles a bit"},
      {"sample_hold", 1.13e-15, "Doe et al. 2021, table II, 28 nm, scaled to 8 bits (doi:10.1000/182)"},
      {"accumulate", 51.3e-15, "Poe 2014, integer addition at 45 nm"},
      {"activation", 37.7e-15, "Poe 2014, integer addition at 45 nm"},
  };
  r->energy_rows = 18;
  r->energy = ogi_alloc(r->energy_rows, sizeof *r->energy);
  for (size_t i = 0; i < 18; i++) {
    og_energy_row *e = &r->energy[i];
    size_t l = i / 6, b = i % 6;
    snprintf(e->layer, sizeof e->layer, "%s", layer[l]);
    snprintf(e->block, sizeof e->block, "%s", block[b].block);
    snprintf(e->source, sizeof e->source, "%s", block[b].source);
    e->count = b == 0 ? 2 * ceil(in[l] / 128) * ceil(out[l] / 128) : b == 1 ? in[l] : out[l] * ceil(in[l] / 128);
    e->joule_each = block[b].joule;
    e->joule = e->count * e->joule_each;
    r->joule_per_inference += e->joule;
    if (b == 0) r->macs_per_inference += in[l] * out[l];
  }
}

static void fill_check(og_results *r) {
  r->check_rows = 3;
  r->check_rtol = 1e-6;
  r->check = ogi_alloc(r->check_rows, sizeof *r->check);
  for (size_t i = 0; i < r->check_rows; i++) {
    og_check_row *c = &r->check[i];
    snprintf(c->name, sizeof c->name, "layer %zu tile 0.%zu %c", i, i % 2, i % 2 ? '-' : '+');
    c->m = 128;
    c->n = 64 - 9 * i;
    c->inputs = 5;
    size_t count = c->inputs * c->n;
    c->current_ours = ogi_alloc(count, sizeof(double));
    c->current_theirs = ogi_alloc(count, sizeof(double));
    double *noise = ogi_alloc(count, sizeof(double));
    ogt_fill(c->current_theirs, count, 3.1e-6 * (double)i, 81.7e-6, 100 + (uint32_t)i);
    ogt_fill(noise, count, -3.7e-13, 3.9e-13, 200 + (uint32_t)i);
    for (size_t k = 0; k < count; k++)
      c->current_ours[k] = k % 11 == 3 ? c->current_theirs[k] : c->current_theirs[k] * (1 + noise[k]);
    ogi_free(noise);
    c->result = (og_check_result){.compared = c->inputs * (c->n + 2 * c->m * c->n), .worst_relative = 8.31e-13,
                                  .worst_current = 3.9e-13, .worst_voltage = 8.31e-13, .worst_node = "w_127_31",
                                  .worst_input = 2, .ours = 0.183214756921, .theirs = 0.183214756922,
                                  .spice_second = 1.23, .spice_version = "ngspice-39"};
  }
}

static void fill_arrays(og_results *r) {
  r->map_m = 128;
  r->map_n = 112;
  snprintf(r->map_name, sizeof r->map_name, "layer 0 tile 2.0 +, mean test input");
  r->map_cell_drop = ogi_alloc(r->map_m * r->map_n, sizeof(double));
  for (size_t i = 0; i < r->map_m; i++)
    for (size_t j = 0; j < r->map_n; j++) {
      double down = 1 - (double)(i * i) / 16384, along = 1 - pow(1 - (double)j / 112, 2);
      r->map_cell_drop[i * r->map_n + j] = 0.043 * down + 0.031 * along * (0.6 + 0.4 * sin(0.9 * (double)i));
    }
  r->cells = 20000;
  snprintf(r->cells_name, sizeof r->cells_name, "layer 0");
  r->cell_target_siemens = ogi_alloc(r->cells, sizeof(double));
  r->cell_programmed_siemens = ogi_alloc(r->cells, sizeof(double));
  ogt_fill(r->cell_target_siemens, r->cells, 0, 1, 7);
  ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 3, .source = OGI_SOURCE_TEST});
  for (size_t i = 0; i < r->cells; i++) {
    double u = r->cell_target_siemens[i];
    double level = i % 2 ? 0 : floor(15.999 * u * u * u);
    r->cell_target_siemens[i] = 1e-6 + level * 39e-6 / 15;
    double made = r->cell_target_siemens[i] + (0.9e-6 + 0.06 * level * 1e-6) * ogi_rng_normal(rng);
    r->cell_programmed_siemens[i] = fmax(0, made);
  }
  ogi_rng_free(rng);
}

static og_results *fake(void) {
  static const size_t extent[] = {784, 256, 128, 10};
  og_results *r = ogi_alloc(1, sizeof *r);
  ck_assert_ptr_nonnull(r);
  snprintf(r->study, sizeof r->study, "Digits on a 128 x 128 RRAM macro");
  snprintf(r->version, sizeof r->version, "0.1.0");
  snprintf(r->device, sizeof r->device, "rram-wan2022");
  snprintf(r->data, sizeof r->data, "fashion-mnist");
  r->seed = 2385;
  r->layers = 3;
  r->extent = ogi_alloc(4, sizeof *r->extent);
  memcpy(r->extent, extent, sizeof extent);
  r->tiles = 17;
  r->arrays = 34;
  r->test_images = 10000;
  fill_accuracy(r);
  fill_energy(r);
  r->array_power_balance = 3.71e-15;
  r->array_kcl_residual = 8.83e-14;
  fill_check(r);
  fill_arrays(r);
  r->train_accuracy = 0.99473;
  snprintf(r->note[0], sizeof r->note[0], "Weights are mapped to differential pairs of cells; each tile has 128 rows.");
  snprintf(r->note[1], sizeof r->note[1],
           "Not included: clock and control, routing between tiles, buffers, programming energy.");
  r->notes = 2;
  return r;
}

/* --- helpers ------------------------------------------------------------------------------------------------------ */

static char *read_all(const char *path) {
  char *text;
  size_t length;
  og_error err = {0};
  ck_assert_msg(ogi_file_read(&text, &length, path, 0, &err) == OG_OK, "%s", err.text);
  ck_assert_uint_eq(strlen(text), length);
  return text;
}

/* An empty folder of this name. */
static const char *folder_of(const char *name) {
  const char *folder = ogt_scratch(name);
  ck_assert_int_eq(ogi_make_dir(folder, NULL), OG_OK);
  DIR *dir = opendir(folder);
  ck_assert_ptr_nonnull(dir);
  for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
    if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) unlinkat(dirfd(dir), e->d_name, 0);
  closedir(dir);
  return folder;
}

static const char *path_in(const char *folder, const char *name) {
  static char path[4][600];
  static unsigned turn;
  char *slot = path[turn++ % 4];
  snprintf(slot, sizeof path[0], "%s/%s", folder, name);
  return slot;
}

static size_t files_in(const char *folder) {
  DIR *dir = opendir(folder);
  size_t count = 0;
  ck_assert_ptr_nonnull(dir);
  for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
    count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
  closedir(dir);
  return count;
}

static void write_all(const og_results *r, const char *folder) {
  og_error err = {0};
  ck_assert_msg(ogi_report_json(r, study_text, path_in(folder, "results.json"), &err) == OG_OK, "%s", err.text);
  ck_assert_msg(ogi_report_tables(r, folder, &err) == OG_OK, "%s", err.text);
  ck_assert_msg(ogi_report_plots(r, OG_GNUPLOT, folder, &err) == OG_OK, "%s", err.text);
  ck_assert_msg(ogi_report_html(r, study_text, folder, &err) == OG_OK, "%s", err.text);
}

static const char *const file_names[] = {
    "results.json", "accuracy.csv",     "accuracy_trials.csv", "energy.csv",  "check.csv",       "check_currents.csv",
    "cells.csv",    "ir_drop_map.csv",  "report.html",         "energy.svg",  "accuracy.svg",    "ir_drop.svg",
    "crosscheck.svg", "conductance.svg"};
enum { FILES = sizeof file_names / sizeof *file_names, SVG_FROM = 9 };

static json_t *parse(const og_results *r, const char *name) {
  const char *path = ogt_scratch(name);
  og_error err = {0};
  ck_assert_msg(ogi_report_json(r, study_text, path, &err) == OG_OK, "%s", err.text);
  json_error_t why;
  json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
  ck_assert_msg(root != NULL, "%s", why.text);
  return root;
}

/* The value at a path such as "accuracy/3/mean". */
static json_t *at(json_t *root, const char *path) {
  char copy[128], *save;
  snprintf(copy, sizeof copy, "%s", path);
  for (char *key = strtok_r(copy, "/", &save); key != NULL; key = strtok_r(NULL, "/", &save)) {
    root = json_is_array(root) ? json_array_get(root, strtoul(key, NULL, 10)) : json_object_get(root, key);
    ck_assert_msg(root != NULL, "%s: nothing at %s", path, key);
  }
  return root;
}

static size_t times(const char *text, const char *part) {
  size_t count = 0;
  for (const char *p = strstr(text, part); p != NULL; p = strstr(p + 1, part)) count++;
  return count;
}

/* Field (row, column) of CSV text with RFC 4180 quoting, into a static buffer. */
static const char *csv_field(const char *text, size_t row, size_t column) {
  static char field[512];
  size_t r = 0, c = 0, used = 0;
  int quoted = 0;
  for (; *text != '\0' && r <= row; text++) {
    int mine = r == row && c == column;
    if (quoted ? *text == '"' && text[1] != '"' : *text == '"') {
      quoted = !quoted;
    } else if (!quoted && (*text == ',' || *text == '\n')) {
      if (mine) break;
      c = *text == ',' ? c + 1 : 0;
      r += *text == '\n';
    } else {
      if (quoted && *text == '"') text++;
      if (mine && used + 1 < sizeof field) field[used++] = *text;
    }
  }
  ck_assert_msg(r == row && c == column, "no field %zu of row %zu", column, row);
  field[used] = '\0';
  return field;
}

static size_t csv_column(const char *text, const char *name) {
  size_t column = 0;
  while (strcmp(csv_field(text, 0, column), name) != 0) column++;
  return column;
}

static double csv_number(const char *text, size_t row, const char *name) {
  const char *field = csv_field(text, row, csv_column(text, name));
  return field[0] == '\0' ? NAN : strtod(field, NULL);
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

START_TEST(json_holds_every_number_to_the_last_bit) {
  og_results *r = fake();
  json_t *root = parse(r, "exact.json");
  for (size_t i = 0; i < r->accuracy_rows; i++) {
    json_t *row = json_array_get(at(root, "accuracy"), i);
    ck_assert(json_real_value(at(row, "mean")) == r->accuracy[i].mean);
    ck_assert(json_real_value(at(row, "test_ci95")) == r->accuracy[i].test_ci95);
    ck_assert_uint_eq(json_array_size(at(row, "trial")), r->accuracy[i].trials);
    for (size_t k = 0; k < r->accuracy[i].trials; k++)
      ck_assert(json_real_value(json_array_get(at(row, "trial"), k)) == r->accuracy[i].trial[k]);
  }
  for (size_t i = 0; i < r->energy_rows; i++) {
    json_t *row = json_array_get(at(root, "energy/rows"), i);
    ck_assert(json_real_value(at(row, "each_joule")) == r->energy[i].joule_each);
    ck_assert(json_real_value(at(row, "per_inference_joule")) == r->energy[i].joule);
  }
  ck_assert(json_real_value(at(root, "check/rows/1/theirs_volt")) == r->check[1].result.theirs);
  ck_assert_int_eq(json_integer_value(at(root, "seed")), 2385);
  ck_assert_int_eq(json_integer_value(at(root, "network/extent/2")), 128);
  ck_assert(json_is_true(at(root, "check/passed")));
  ck_assert_str_eq(json_string_value(at(root, "study_yaml")), study_text);
  json_decref(root);
  og_results_free(r);
}
END_TEST

START_TEST(json_turns_what_is_not_finite_into_null) {
  og_results *r = fake();
  r->accuracy[3].mean = INFINITY;
  r->check[2].result.worst_relative = NAN;
  json_t *root = parse(r, "null.json");
  ck_assert(json_is_null(at(root, "accuracy/0/std")));
  ck_assert(json_is_null(at(root, "accuracy/3/mean")));
  ck_assert(json_is_null(at(root, "check/worst_relative")));
  ck_assert(json_is_false(at(root, "check/rows/2/passed")));
  ck_assert(json_is_false(at(root, "check/passed")));
  json_decref(root);
  og_results_free(r);
}
END_TEST

/* Oracle: the definitions, from the rows by a loop of its own. */
START_TEST(json_aggregates_follow_from_the_rows) {
  og_results *r = fake();
  json_t *root = parse(r, "sums.json");
  double adc = 0, first = 0;
  for (size_t i = 0; i < r->energy_rows; i++) {
    if (strcmp(r->energy[i].block, "adc") == 0) adc += r->energy[i].joule;
    if (strncmp(r->energy[i].layer, "layer 0", 7) == 0) first += r->energy[i].joule;
  }
  ck_assert_str_eq(json_string_value(at(root, "energy/by_block/2/block")), "adc");
  ogt_rel(json_real_value(at(root, "energy/by_block/2/per_inference_joule")), adc, 1e-15);
  ogt_rel(json_real_value(at(root, "energy/by_layer/0/per_inference_joule")), first, 1e-15);
  double macs = 784 * 256 + 256 * 128 + 128 * 10;
  ogt_rel(json_real_value(at(root, "energy/per_mac_joule")), r->joule_per_inference / macs, 1e-15);
  ogt_rel(json_real_value(at(root, "energy/operations_per_inference")), 2 * macs, 0);
  ogt_rel(json_real_value(at(root, "energy/tops_per_watt")), 2 * macs / r->joule_per_inference / 1e12, 1e-15);
  json_decref(root);
  og_results_free(r);
}
END_TEST

START_TEST(json_keeps_large_seeds_and_broken_text) {
  og_results *r = fake();
  r->seed = UINT64_MAX;
  snprintf(r->study, sizeof r->study, "cut \xc2");
  json_t *root = parse(r, "seed.json");
  ck_assert_str_eq(json_string_value(at(root, "seed")), "18446744073709551615");
  ck_assert_str_eq(json_string_value(at(root, "study")), "cut \xef\xbf\xbd");
  json_decref(root);
  og_results_free(r);
}
END_TEST

/* --- tables ------------------------------------------------------------------------------------------------------- */

START_TEST(tables_read_back_to_the_last_bit) {
  og_results *r = fake();
  const char *folder = folder_of("tables");
  snprintf(r->accuracy[4].label, sizeof r->accuracy[4].label, "%s, \"more\"\nlines", HOSTILE);
  ck_assert_int_eq(ogi_report_tables(r, folder, NULL), OG_OK);
  char *text = read_all(path_in(folder, "accuracy.csv"));
  ck_assert_str_eq(csv_field(text, 5, 1), r->accuracy[4].label);
  for (size_t i = 0; i < r->accuracy_rows; i++) {
    ogt_rel(csv_number(text, i + 1, "mean_fraction"), r->accuracy[i].mean, 0);
    ogt_rel(csv_number(text, i + 1, "ci95_fraction"), r->accuracy[i].ci95, 0); /* an empty field is NaN */
  }
  ogi_free(text);
  text = read_all(path_in(folder, "energy.csv"));
  double shares = 0;
  for (size_t i = 0; i < r->energy_rows; i++) {
    ogt_rel(csv_number(text, i + 1, "per_inference_joule"), r->energy[i].joule, 0);
    shares += csv_number(text, i + 1, "share_fraction");
  }
  ogt_rel(shares, 1, 1e-14);
  ogi_free(text);
  text = read_all(path_in(folder, "check_currents.csv"));
  size_t row = 1 + 5 * 64 + 3 * 55 + 7; /* second tile, input 3, bit line 7 */
  ck_assert_str_eq(csv_field(text, row, 0), r->check[1].name);
  ogt_rel(csv_number(text, row, "bit_line"), 7, 0);
  ogt_rel(csv_number(text, row, "theirs_amp"), r->check[1].current_theirs[3 * 55 + 7], 0);
  ogi_free(text);
  og_results_free(r);
}
END_TEST

START_TEST(maps_and_cells_are_given_in_full) {
  og_results *r = fake();
  const char *folder = folder_of("full");
  ck_assert_int_eq(ogi_report_tables(r, folder, NULL), OG_OK);
  char *text = read_all(path_in(folder, "ir_drop_map.csv"));
  ck_assert_uint_eq(times(text, "\n"), 1 + 128 * 112);
  size_t row = 1 + 97 * 112 + 41;
  ogt_rel(csv_number(text, row, "word_line"), 97, 0);
  ogt_rel(csv_number(text, row, "bit_line"), 41, 0);
  ogt_rel(csv_number(text, row, "cell_drop_fraction"), r->map_cell_drop[97 * 112 + 41], 0);
  ogi_free(text);
  text = read_all(path_in(folder, "cells.csv"));
  ck_assert_uint_eq(times(text, "\n"), 1 + r->cells);
  ogt_rel(csv_number(text, 1 + 137, "programmed_siemens"), r->cell_programmed_siemens[137], 0);
  ogi_free(text);
  og_results_free(r);
}
END_TEST

/* --- plots and page ----------------------------------------------------------------------------------------------- */

START_TEST(equal_results_give_equal_bytes) {
  og_results *r = fake();
  write_all(r, folder_of("once"));
  r->check[1].result.spice_second = 77; /* a wall time */
  write_all(r, folder_of("again"));
  ck_assert_uint_eq(files_in("scratch/once"), FILES);
  for (size_t i = 0; i < FILES; i++) {
    char *once = read_all(path_in("scratch/once", file_names[i]));
    char *again = read_all(path_in("scratch/again", file_names[i]));
    ck_assert_msg(strcmp(once, again) == 0, "%s differs", file_names[i]);
    ck_assert_msg(strstr(once, "scratch") == NULL, "%s holds a path", file_names[i]);
    ogi_free(once);
    ogi_free(again);
  }
  og_results_free(r);
}
END_TEST

/* Everything but embedded pixels, which may spell anything in base64. */
static void drop_pixels(char *text) {
  char *from = strstr(text, "data:image");
  if (from == NULL) return;
  char *to = strchr(from, '\'');
  memmove(from, to, strlen(to) + 1);
}

START_TEST(plots_are_well_formed_and_hold_no_nan) {
  og_results *r = fake();
  for (size_t i = 0; i < r->accuracy_rows; i++)
    snprintf(r->accuracy[i].label, sizeof r->accuracy[i].label, "%s", HOSTILE);
  snprintf(r->check[0].name, sizeof r->check[0].name, "%.47s", HOSTILE);
  snprintf(r->energy[0].layer, sizeof r->energy[0].layer, "%.31s", HOSTILE);
  snprintf(r->map_name, sizeof r->map_name, "%.47s", HOSTILE);
  r->map_cell_drop[4711] = NAN;
  r->accuracy[6].mean = NAN;
  r->check[1].current_ours[3] = NAN;
  unlink("scratch/hit");
  const char *folder = folder_of("plots");
  og_error err = {0};
  ck_assert_msg(ogi_report_plots(r, OG_GNUPLOT, folder, &err) == OG_OK, "%s", err.text);
  ck_assert_int_ne(access("scratch/hit", F_OK), 0);
  for (size_t i = SVG_FROM; i < FILES; i++) {
    const char *path = path_in(folder, file_names[i]);
    char *text = read_all(path), command[700];
    drop_pixels(text);
    ck_assert_msg(strstr(text, "NaN") == NULL && strstr(text, "nan") == NULL, "%s holds NaN", path);
    ck_assert_msg(strstr(text, "GNUPLOT") == NULL && strstr(text, "Gnuplot") == NULL, "%s names its maker", path);
    ogi_free(text);
    snprintf(command, sizeof command, "xmllint --nonet --noout %s", path);
    if (system("command -v xmllint >/dev/null") == 0) ck_assert_int_eq(system(command), 0);
  }
  char *text = read_all(path_in(folder, "accuracy.svg"));
  has(text, "3 &lt; 5 &amp; \"q\" 'a' > `touch scratch");
  ogi_free(text);
  og_results_free(r);
}
END_TEST

START_TEST(plots_need_no_luck_with_degenerate_numbers) {
  og_results *r = fake();
  for (size_t i = 0; i < r->accuracy_rows; i++) {
    r->accuracy[i].mean = 1;
    r->accuracy[i].std = r->accuracy[i].ci95 = NAN;
    r->accuracy[i].trials = 1;
    r->accuracy[i].trial[0] = 1;
  }
  r->check_rows = 1;
  memset(r->check[0].current_ours, 0, 5 * 64 * sizeof(double));
  memset(r->check[0].current_theirs, 0, 5 * 64 * sizeof(double));
  for (size_t k = 0; k < r->map_m * r->map_n; k++) r->map_cell_drop[k] = 0;
  for (size_t k = 0; k < r->cells; k++) r->cell_target_siemens[k] = r->cell_programmed_siemens[k] = 3.7e-6;
  og_error err = {0};
  ck_assert_msg(ogi_report_plots(r, OG_GNUPLOT, folder_of("flat"), &err) == OG_OK, "%s", err.text);
  r->check[0].current_ours[7] = 3e-21; /* a deviation without bounds */
  ck_assert_msg(ogi_report_plots(r, OG_GNUPLOT, "scratch/flat", &err) == OG_OK, "%s", err.text);
  for (size_t k = 0; k < r->map_m * r->map_n; k++) r->map_cell_drop[k] = NAN;
  for (size_t k = 0; k < r->cells; k++) r->cell_target_siemens[k] = NAN;
  for (size_t k = 0; k < 5 * 64; k++) r->check[0].current_ours[k] = NAN;
  for (size_t i = 0; i < r->accuracy_rows; i++) r->accuracy[i].mean = r->accuracy[i].trial[0] = NAN;
  ck_assert_msg(ogi_report_plots(r, OG_GNUPLOT, "scratch/flat", &err) == OG_OK, "%s", err.text);
  ck_assert_msg(ogi_report_html(r, NULL, "scratch/flat", &err) == OG_OK, "%s", err.text);
  r->check_rows = 3;
  og_results_free(r);
}
END_TEST

/* Extents beyond the pixels drawn are averaged; a single line is no map, and the map before it does not stay. */
START_TEST(maps_of_any_size_are_drawn) {
  static const size_t size[][2] = {{2, 3}, {701, 33}, {5, 1031}, {1, 17}};
  og_results *r = fake();
  const char *folder = folder_of("maps");
  for (size_t i = 0; i < 4; i++) {
    ogi_free(r->map_cell_drop);
    r->map_m = size[i][0];
    r->map_n = size[i][1];
    r->map_cell_drop = ogi_alloc(r->map_m * r->map_n, sizeof(double));
    ogt_fill(r->map_cell_drop, r->map_m * r->map_n, 0.013, 0.117, (uint32_t)i);
    ck_assert_int_eq(ogi_report_plots(r, OG_GNUPLOT, folder, NULL), OG_OK);
    ck_assert_int_eq(ogi_file_exists(path_in(folder, "ir_drop.svg")), i < 3);
    ck_assert_int_eq(ogi_report_html(r, NULL, folder, NULL), OG_OK);
    if (i == 3) continue;
    char *text = read_all(path_in(folder, "ir_drop.svg"));
    ck_assert_uint_eq(times(text, "<image image-rendering='pixelated' "), 1);
    ogi_free(text);
  }
  og_results_free(r);
}
END_TEST

START_TEST(page_stands_alone) {
  og_results *r = fake();
  write_all(r, folder_of("report"));
  char *text = read_all("scratch/report/report.html");
  ck_assert_uint_eq(times(text, "http://") + times(text, "https://"), 0);
  ck_assert_uint_eq(times(text, "<script") + times(text, "<link") + times(text, "@import") + times(text, "<img"), 0);
  ck_assert_uint_eq(times(text, "<svg "), 5);
  ck_assert_uint_eq(times(text, "</svg>"), 5);
  ck_assert_uint_eq(times(text, "role=\"img\" aria-label=\""), 5);
  for (const char *id = strstr(text, " id="); id != NULL; id = strstr(id + 1, " id=")) {
    char whole[128];
    const char *end = strchr(id + 5, id[4]);
    snprintf(whole, sizeof whole, "%.*s", (int)(end - id) + 1, id);
    ck_assert_msg(times(text, whole) == 1, "%s is not unique", whole);
  }
  ogi_free(text);
  og_results_free(r);
}
END_TEST

START_TEST(page_shows_the_headline_figures) {
  og_results *r = fake();
  char *text, part[64];
  write_all(r, folder_of("headline"));
  text = read_all("scratch/headline/report.html");
  snprintf(part, sizeof part, "%.2f&nbsp;%%<small>±&nbsp;%.2f&nbsp;%% (95&nbsp;%%) over 12",
           100 * r->accuracy[9].mean, 100 * r->accuracy[9].ci95);
  has(text, part);
  snprintf(part, sizeof part, "%.2f&nbsp;nJ", 1e9 * r->joule_per_inference);
  has(text, part);
  snprintf(part, sizeof part, "%.1f&nbsp;fJ", 1e15 * r->joule_per_inference / r->macs_per_inference);
  has(text, part);
  has(text, "8.3&nbsp;×&nbsp;10<sup>−13</sup>");
  has(text, "<span class=\"pass\">pass</span>");
  has(text, "784 – 256 – 128 – 10");
  ck_assert_uint_eq(times(text, "<li id=\"source-"), 4); /* six blocks, four different sources */
  ogi_free(text);
  r->check[2].result.worst_relative = 2.3e-4;
  ck_assert_int_eq(ogi_report_html(r, study_text, "scratch/headline", NULL), OG_OK);
  text = read_all("scratch/headline/report.html");
  has(text, "<span class=\"fail\">FAIL</span> at tolerance");
  ogi_free(text);
  og_results_free(r);
}
END_TEST

START_TEST(page_escapes_what_it_was_given) {
  og_results *r = fake();
  const char *folder = folder_of("escape");
  snprintf(r->study, sizeof r->study, "<b>&\"'");
  snprintf(r->note[1], sizeof r->note[1], "<script>alert(1)</script> cut \xe2\x82");
  snprintf(r->energy[3].source, sizeof r->energy[3].source, "a < b & c");
  ck_assert_int_eq(ogi_report_plots(r, OG_GNUPLOT, folder, NULL), OG_OK);
  ck_assert_int_eq(ogi_report_html(r, study_text, folder, NULL), OG_OK);
  char *text = read_all(path_in(folder, "report.html"));
  has(text, "<h1>&lt;b&gt;&amp;&quot;&#39;</h1>");
  has(text, "<title>&lt;b&gt;&amp;&quot;&#39; – ohmgrid report</title>");
  has(text, "a &lt; b &amp; c");
  has(text, "name: mnist &lt;mlp&gt; &amp; &quot;co&quot;");
  ck_assert_ptr_null(strstr(text, "<script>"));
  has(text, "cut \xef\xbf\xbd\xef\xbf\xbd</li>");
  ogi_free(text);
  og_results_free(r);
}
END_TEST

/* A run without accuracy, energy, checks and arrays: weights given, everything switched off. */
START_TEST(empty_results_give_a_page_and_no_plots) {
  og_results *r = ogi_alloc(1, sizeof *r);
  const char *folder = folder_of("empty");
  write_all(r, folder);
  ck_assert_uint_eq(files_in(folder), FILES - 5);
  char *text = read_all(path_in(folder, "report.html"));
  has(text, "no tile was cross-checked");
  ck_assert_ptr_null(strstr(text, "nan"));
  ogi_free(text);
  og_results_free(r);
  og_results_free(NULL);
}
END_TEST

START_TEST(inlined_drawings_get_ids_of_their_own) {
  static const char svg[] = "<?xml version=\"1.0\"?>\n<svg width=\"9\" xmlns=\"u\" xmlns:xlink=\"v\">\n<path id='a'/>"
                            "<use xlink:href='#a' clip-path=\"url(#c)\" grid='x'/>"
                            "<g id=\"b\">id='t' href='#t'</g></svg>";
  FILE *f = fopen(ogt_scratch("inline.svg"), "w");
  ogi_svg_inline(f, svg, "p-", "A & B");
  fclose(f);
  char *text = read_all(ogt_scratch("inline.svg"));
  ck_assert_str_eq(text, "<svg role=\"img\" aria-label=\"A &amp; B\" width=\"9\"  >\n<path id='p-a'/>"
                         "<use xlink:href='#p-a' clip-path=\"url(#p-c)\" grid='x'/>"
                         "<g id=\"p-b\">id='t' href='#t'</g></svg>");
  ogi_free(text);
}
END_TEST

/* --- failures ----------------------------------------------------------------------------------------------------- */

START_TEST(sums_that_do_not_add_up_are_refused) {
  og_results *r = fake();
  og_error err;
  r->joule_per_inference *= 1 + 3e-12;
  const char *folder = folder_of("sums");
  ck_assert_int_eq(ogi_report_json(r, NULL, path_in(folder, "results.json"), &err), OG_E_INTERNAL);
  ogt_has(err.text, "report: energy: saw a sum over layers of ");
  ck_assert_int_eq(ogi_report_tables(r, folder, &err), OG_E_INTERNAL);
  ck_assert_int_eq(ogi_report_plots(r, OG_GNUPLOT, folder, &err), OG_E_INTERNAL);
  ck_assert_int_eq(ogi_report_html(r, NULL, folder, &err), OG_E_INTERNAL);
  ck_assert_int_eq(ogi_report_text(r, stdout, &err), OG_E_INTERNAL);
  ck_assert_uint_eq(files_in(folder), 0);
  r->joule_per_inference *= 1 - 3e-12;
  ck_assert_int_eq(ogi_report_tables(r, folder, &err), OG_OK);
  og_results_free(r);
}
END_TEST

START_TEST(unwritable_folder_is_named_and_nothing_is_left) {
  og_results *r = fake();
  og_error err;
  ck_assert_int_eq(ogi_report_json(r, NULL, "/nowhere/at/all/results.json", &err), OG_E_IO);
  ogt_has(err.text, "/nowhere/at/all/results.json: cannot be written");
  ck_assert_int_eq(ogi_report_tables(r, "/nowhere/at/all", &err), OG_E_IO);
  ogt_has(err.text, "/nowhere/at/all/accuracy.csv: cannot be written");
  ck_assert_int_eq(ogi_report_plots(r, OG_GNUPLOT, "/nowhere/at/all", &err), OG_E_IO);
  ck_assert_int_eq(ogi_report_html(r, NULL, "/nowhere/at/all", &err), OG_E_IO);
  const char *folder = folder_of("in_the_way"); /* a folder where the file should go: the rename fails */
  mkdir(path_in(folder, "energy.csv"), 0777);
  ck_assert_int_eq(ogi_report_tables(r, folder, &err), OG_E_IO);
  ck_assert_uint_eq(files_in(folder), 3); /* the two tables before it, and the obstacle */
  rmdir(path_in(folder, "energy.csv"));
  FILE *full = fopen("/dev/full", "w");
  if (full != NULL) {
    setvbuf(full, NULL, _IONBF, 0);
    ck_assert_int_eq(ogi_report_text(r, full, &err), OG_E_IO);
    fclose(full);
  }
  og_results_free(r);
}
END_TEST

START_TEST(missing_or_failing_gnuplot_is_told_in_its_own_words) {
  og_results *r = fake();
  og_error err;
  const char *folder = folder_of("no_gnuplot");
  ck_assert_int_eq(ogi_report_plots(r, "/nowhere/gnuplot", folder, &err), OG_E_EXTERN);
  ogt_has(err.text, "accuracy.svg: /nowhere/gnuplot: cannot be started: No such file or directory: "
                    "install gnuplot-nox");
  ck_assert_int_eq(ogi_report_plots(r, NULL, folder, &err), OG_E_EXTERN);
  ogt_has(err.text, "install gnuplot-nox");
  ck_assert_int_eq(ogi_report_plots(r, "", folder, &err), OG_E_EXTERN);
  ck_assert_int_eq(ogi_report_plots(r, "false", folder, &err), OG_E_EXTERN);
  ogt_has(err.text, "false: failed with status 1");
  ck_assert_int_eq(ogi_report_plots(r, "true", folder, &err), OG_E_EXTERN);
  ogt_has(err.text, "true: drew no SVG");
  ck_assert_uint_eq(files_in(folder), 0);
  FILE *script = tmpfile();
  char *svg;
  fputs("set encoding utf8\nset terminal svg\nplot no_such_function(x)\n", script); /* a warning where LC_ALL is C */
  ck_assert_int_eq(ogi_gnuplot_run(&svg, OG_GNUPLOT, script, &err), OG_E_EXTERN);
  ogt_has(err.text, "failed with status 1: ");
  ogt_has(err.text, "no_such_function");
  ck_assert_ptr_null(svg);
  fclose(script);
  og_results_free(r);
}
END_TEST

START_TEST(page_needs_its_plots) {
  og_results *r = fake();
  og_error err;
  const char *folder = folder_of("no_plots");
  ck_assert_int_eq(ogi_report_html(r, NULL, folder, &err), OG_E_INPUT);
  ogt_has(err.text, "accuracy.svg");
  ck_assert_uint_eq(files_in(folder), 0);
  og_results_free(r);
}
END_TEST

START_TEST(every_failed_allocation_is_survived) {
  og_results *r = fake();
  const char *folder = folder_of("alloc");
  ck_assert_int_eq(ogi_report_plots(r, OG_GNUPLOT, folder, NULL), OG_OK);
  size_t live = ogi_mem_live();
  for (int what = 0; what < 4; what++) {
    og_status st = OG_E_NOMEM;
    size_t k = 1;
    for (; st == OG_E_NOMEM && k < 1000; k++) {
      ogi_mem_fail_at(k);
      if (what == 0) st = ogi_report_json(r, study_text, path_in(folder, "results.json"), NULL);
      if (what == 1) st = ogi_report_tables(r, folder, NULL);
      if (what == 2) st = ogi_report_html(r, study_text, folder, NULL);
      if (what == 3) st = ogi_report_text(r, stdout, NULL);
      ck_assert_uint_eq(ogi_mem_live(), live);
    }
    ck_assert_int_eq(st, OG_OK);
    ck_assert_uint_gt(k, 2);
    ogi_mem_fail_at(0);
  }
  og_results_free(r);
}
END_TEST

/* --- figures ------------------------------------------------------------------------------------------------------ */

START_TEST(engineering_units_round_before_they_choose_a_prefix) {
  static const struct {
    double x;
    const char *want;
  } row[] = {
      {1.2345e-8, "12.3 nJ"}, {9.994e-10, "999 pJ"},  {9.996e-10, "1.00 nJ"}, {0, "0 J"},        {1, "1.00 J"},
      {-4.567e-5, "-45.7 uJ"}, {1e3, "1.00 kJ"},      {123456, "123 kJ"},     {3.1e-30, "3.1e-30 J"},
      {1e-3, "1.00 mJ"},       {99.96e-6, "100 uJ"},  {NAN, "n/a"},           {INFINITY, "n/a"}, {7.77e26, "777 YJ"},
      {8.1e28, "8.1e+28 J"},   {1e-24, "1.00 yJ"},
  };
  for (size_t i = 0; i < sizeof row / sizeof *row; i++)
    ck_assert_str_eq(ogi_eng(row[i].x, "J", OGI_ASCII).s, row[i].want);
  ck_assert_str_eq(ogi_eng(4.567e-5, "S", OGI_UTF8).s, "45.7 µS");
  ck_assert_str_eq(ogi_percent(0.97314, 2).s, "97.31");
  ck_assert_str_eq(ogi_percent(-0.00001, 2).s, "0.00");
  ck_assert_str_eq(ogi_percent(NAN, 2).s, "n/a");
}
END_TEST

/* |theirs| of the value, or 1e-3 of the largest of its own input: the other input is 5e5 times stronger. */
START_TEST(deviations_are_drawn_on_the_scale_of_their_input) {
  double theirs[] = {2e-3, -7e-3, 1.1e-5, 4e-9, 1e-9, 1e-14}, ours[6];
  for (size_t k = 0; k < 6; k++) ours[k] = theirs[k] + 1e-13;
  const og_check_row row = {.n = 3, .inputs = 2, .current_ours = ours, .current_theirs = theirs};
  const double want[] = {5e-11, 1e-13 / 7e-3, 1e-13 / 1.1e-5, 2.5e-5, 1e-4, 1e-13 / 4e-12};
  for (size_t k = 0; k < 6; k++) ogt_rel(ogi_check_deviation(&row, k), want[k], 1e-3);
}
END_TEST

START_TEST(text_that_is_no_utf8_is_marked) {
  static const struct {
    const char *given, *want;
  } row[] = {
      {"µ – 😀", "µ – 😀"},           {"a\xff" "b", "a\xef\xbf\xbd" "b"},   {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},             {"\x01", "\xef\xbf\xbd"},
      {"line\n\tnext", "line\n\tnext"}, {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
  };
  for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
    char *clean = ogi_utf8_clean(row[i].given);
    ck_assert_str_eq(clean, row[i].want);
    ogi_free(clean);
  }
}
END_TEST

START_TEST(terminal_table_is_aligned_ascii) {
  og_results *r = fake();
  FILE *f = fopen(ogt_scratch("table.txt"), "w");
  ck_assert_int_eq(ogi_report_text(r, f, NULL), OG_OK);
  fclose(f);
  char *text = read_all(ogt_scratch("table.txt")), part[128];
  for (const char *p = text; *p != '\0'; p++) ck_assert((*p >= ' ' && *p <= '~') || *p == '\n');
  snprintf(part, sizeof part, "  all effects together       %5.2f +- %.2f       %.2f     %.2f      12\n",
           100 * r->accuracy[9].mean, 100 * r->accuracy[9].ci95, 100 * r->accuracy[9].std, 100 * r->accuracy[9].loss);
  has(text, part);
  has(text, "8.3e-13  pass\n");
  ogi_free(text);
  og_results_free(r);
}
END_TEST

START_TEST(numbers_have_a_point_in_a_locale_of_commas) {
  static const char *const commas[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8", "fr_FR.utf8"};
  const char *found = NULL;
  for (size_t i = 0; found == NULL && i < sizeof commas / sizeof *commas; i++) found = setlocale(LC_ALL, commas[i]);
  if (found == NULL) return; /* no such locale on this machine */
  og_results *r = fake();
  write_all(r, folder_of("comma"));
  setlocale(LC_ALL, "C");
  write_all(r, folder_of("point"));
  for (size_t i = 0; i < FILES; i++) {
    char *comma = read_all(path_in("scratch/comma", file_names[i]));
    char *point = read_all(path_in("scratch/point", file_names[i]));
    ck_assert_msg(strcmp(comma, point) == 0, "%s differs", file_names[i]);
    ogi_free(comma);
    ogi_free(point);
  }
  og_results_free(r);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("report");
  TCase *tc = tcase_create("report");
  tcase_set_timeout(tc, 120);
  tcase_add_test(tc, json_holds_every_number_to_the_last_bit);
  tcase_add_test(tc, json_turns_what_is_not_finite_into_null);
  tcase_add_test(tc, json_aggregates_follow_from_the_rows);
  tcase_add_test(tc, json_keeps_large_seeds_and_broken_text);
  tcase_add_test(tc, tables_read_back_to_the_last_bit);
  tcase_add_test(tc, maps_and_cells_are_given_in_full);
  tcase_add_test(tc, equal_results_give_equal_bytes);
  tcase_add_test(tc, plots_are_well_formed_and_hold_no_nan);
  tcase_add_test(tc, plots_need_no_luck_with_degenerate_numbers);
  tcase_add_test(tc, maps_of_any_size_are_drawn);
  tcase_add_test(tc, page_stands_alone);
  tcase_add_test(tc, page_shows_the_headline_figures);
  tcase_add_test(tc, page_escapes_what_it_was_given);
  tcase_add_test(tc, empty_results_give_a_page_and_no_plots);
  tcase_add_test(tc, inlined_drawings_get_ids_of_their_own);
  tcase_add_test(tc, sums_that_do_not_add_up_are_refused);
  tcase_add_test(tc, unwritable_folder_is_named_and_nothing_is_left);
  tcase_add_test(tc, missing_or_failing_gnuplot_is_told_in_its_own_words);
  tcase_add_test(tc, page_needs_its_plots);
  tcase_add_test(tc, every_failed_allocation_is_survived);
  tcase_add_test(tc, engineering_units_round_before_they_choose_a_prefix);
  tcase_add_test(tc, deviations_are_drawn_on_the_scale_of_their_input);
  tcase_add_test(tc, text_that_is_no_utf8_is_marked);
  tcase_add_test(tc, terminal_table_is_aligned_ascii);
  tcase_add_test(tc, numbers_have_a_point_in_a_locale_of_commas);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
