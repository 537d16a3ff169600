/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/ogi_mem.h"
#include "device/ogi_program.h"
#include "ogt.h"
#include <ohmgrid/device.h>

enum { CELLS = 100003 };

static const char *data_dir(void) {
  const char *dir = getenv("OHMGRID_DATADIR");
  ck_assert_ptr_nonnull(dir);
  return dir;
}

static og_card wan(void) {
  og_card card;
  og_error err = {0};
  og_status st = og_card_load(&card, "rram-wan2022", data_dir(), &err);
  ck_assert_msg(st == OG_OK, "%s", err.text);
  return card;
}

static double density(double z) { return exp(-z * z / 2) / sqrt(2 * acos(-1)); }
static double share_below(double z) { return erfc(-z / sqrt(2)) / 2; }

static void moments(const double *x, size_t count, double *mean, double *deviation) {
  double sum = 0, squares = 0;
  for (size_t i = 0; i < count; i++) sum += x[i];
  *mean = sum / (double)count;
  for (size_t i = 0; i < count; i++) squares += (x[i] - *mean) * (x[i] - *mean);
  *deviation = sqrt(squares / (double)(count - 1));
}

/* --- the card that comes with us -------------------------------------------------------------------------------- */

/* Oracle: the figures of the sources, typed again, and the cubic at 20 uS by hand: 1.2288 - 4.668 + 4.748 + 1.053. */
START_TEST(default_card_has_the_published_figures) {
  og_card card = wan();
  ck_assert_str_eq(card.name, "rram-wan2022");
  ogt_has(card.title, "Wan");
  ck_assert(card.g_min_siemens == 1e-6 && card.g_max_siemens == 40e-6 && card.levels == 16);
  ck_assert(card.program_terms == 4 && card.program_from_siemens == 0 && card.program_to_siemens == 39.26e-6);
  ogt_rel(card.read_sigma_siemens, 0.01 * 40e-6, 4 * DBL_EPSILON);
  ogt_rel(card.stuck_low_fraction + card.stuck_high_fraction, 1 - 0.998, 1e-12);
  ogt_rel(ogi_program_sigma(&card, 20e-6), 2.3618e-6, 8 * DBL_EPSILON);
}
END_TEST

/* model.md tells these figures to people. */
START_TEST(model_page_states_what_the_card_gives) {
  og_card card = wan();
  double most = 0, at = 0, squares = 0;
  enum { SAMPLES = 20000 };
  for (int i = 0; i < SAMPLES; i++) {
    double g = 1e-6 + 38.26e-6 * (i + 0.5) / SAMPLES, sigma = ogi_program_sigma(&card, g);
    squares += sigma * sigma / SAMPLES;
    if (sigma > most) {
      most = sigma;
      at = g;
    }
  }
  ogt_abs(sqrt(squares), 2.09e-6, 0.005e-6);
  ogt_abs(most, 2.51e-6, 0.005e-6);
  ogt_abs(at, 14.1e-6, 0.05e-6);
  ogt_abs(ogi_program_sigma(&card, 1e-6), 1.28e-6, 0.005e-6);
  ogt_abs(ogi_program_sigma(&card, 40e-6), 1.68e-6, 0.005e-6);
  ogt_abs(hypot(sqrt(squares), 1e-6 / sqrt(3)), 2.17e-6, 0.005e-6);
}
END_TEST

START_TEST(every_parameter_is_listed_with_its_source) {
  og_card card = wan();
  char name[64], value[160], source[320];
  size_t count = 0;
  for (; og_card_param(&card, count, name, value, source); count++)
    ck_assert(name[0] != '\0' && value[0] != '\0' && source[0] != '\0');
  ck_assert_uint_eq(count, OG_CARD_PARAMS);
  ck_assert(og_card_param(&card, 3, name, value, source));
  ck_assert_str_eq(name, "program_sigma");
  ck_assert_str_eq(value, "1.053 + 0.2374 g - 0.01167 g^2 + 0.0001536 g^3 (uS), g = G/uS");
  ogt_has(source, "[Wan2022]");
  ck_assert(og_card_param(&card, 1, name, value, source));
  ck_assert_str_eq(value, "40 uS");
  ck_assert(og_card_param(&card, 5, name, value, source));
  ck_assert_str_eq(value, "39.26 uS");
  card.levels = 0;
  ck_assert(og_card_param(&card, 2, name, value, source));
  ck_assert_str_eq(value, "continuous");
}
END_TEST

/* --- programming ------------------------------------------------------------------------------------------------ */

START_TEST(sigma_stays_at_the_nearer_end_outside_the_fit) {
  og_card card = wan();
  card.program_from_siemens = 3e-6;
  ck_assert(ogi_program_sigma(&card, 1e-6) == ogi_program_sigma(&card, 3e-6));
  ck_assert(ogi_program_sigma(&card, 1) == ogi_program_sigma(&card, 39.26e-6));
  ck_assert(ogi_program_sigma(&card, 3.1e-6) > ogi_program_sigma(&card, 3e-6));
}
END_TEST

START_TEST(targets_go_to_the_nearest_of_evenly_spaced_levels) {
  og_card card = wan();
  double g[997], was[997], step = (40e-6 - 1e-6) / 15;
  ogt_fill(g, 997, -3e-6, 45e-6, 1);
  memcpy(was, g, sizeof g);
  ogi_program_levels(&card, g, 997);
  for (int i = 0; i < 997; i++) {
    double level = (g[i] - 1e-6) / step;
    ogt_abs(level, round(level), 1e-12);
    ck_assert(g[i] >= 1e-6 && g[i] <= 40e-6);
    if (was[i] > 1e-6 && was[i] < 40e-6) ck_assert(fabs(g[i] - was[i]) <= step / 2 * (1 + 1e-12));
  }
  ck_assert(g[0] != was[0]);
  memcpy(was, g, sizeof g);
  ogi_program_levels(&card, g, 997);
  ck_assert_mem_eq(g, was, sizeof g);
  double ends[2] = {39.9e-6, 1.1e-6};
  ogi_program_levels(&card, ends, 2);
  ck_assert(ends[0] == 40e-6 && ends[1] == 1e-6);
}
END_TEST

START_TEST(a_continuous_card_leaves_targets_alone) {
  og_card card = wan();
  double g[31], was[31];
  card.levels = 0;
  ogt_fill(g, 31, 0, 50e-6, 2);
  memcpy(was, g, sizeof g);
  ogi_program_levels(&card, g, 31);
  ck_assert_mem_eq(g, was, sizeof g);
}
END_TEST

/* Oracle: the normal distribution far from 0, and its closed form clipped at 0; five standard errors. */
START_TEST(programming_error_is_gaussian_and_clipped_at_zero) {
  og_card card = wan();
  double *g = ogi_alloc(CELLS, sizeof *g), mean, deviation;
  const double targets[] = {23.7e-6, 1e-6};
  for (uint32_t t = 0; t < 2; t++) {
    ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 9, .source = OGI_SOURCE_PROGRAM, .trial = t});
    double target = targets[t], sigma = ogi_program_sigma(&card, target), z = target / sigma;
    double expected = target * share_below(z) + sigma * density(z);
    size_t zeros = 0;
    for (int i = 0; i < CELLS; i++) g[i] = target;
    ogi_program_error(&card, g, CELLS, rng);
    for (int i = 0; i < CELLS; i++) {
      ck_assert(g[i] >= 0);
      zeros += g[i] == 0;
    }
    moments(g, CELLS, &mean, &deviation);
    ogt_abs(mean, expected, 5 * sigma / sqrt(CELLS));
    ogt_abs((double)zeros / CELLS, share_below(-z), 5 * sqrt(0.25 / CELLS));
    if (t == 0) ogt_rel(deviation, sigma, 5 / sqrt(2.0 * CELLS));
    ogi_rng_free(rng);
  }
  ogi_free(g);
}
END_TEST

START_TEST(stuck_cells_have_their_share_and_their_value) {
  og_card card = wan();
  double *g = ogi_alloc(CELLS, sizeof *g), share[2] = {0.013, 0.031};
  size_t low = 0, high = 0;
  ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 3, .source = OGI_SOURCE_STUCK});
  card.stuck_low_fraction = share[0];
  card.stuck_high_fraction = share[1];
  for (int i = 0; i < CELLS; i++) g[i] = 17e-6;
  ogi_program_stuck(&card, g, CELLS, rng);
  for (int i = 0; i < CELLS; i++) {
    low += g[i] == 1e-6;
    high += g[i] == 40e-6;
    ck_assert(g[i] == 17e-6 || g[i] == 1e-6 || g[i] == 40e-6);
  }
  ogt_abs((double)low / CELLS, share[0], 5 * sqrt(share[0] / CELLS));
  ogt_abs((double)high / CELLS, share[1], 5 * sqrt(share[1] / CELLS));
  card.stuck_low_fraction = card.stuck_high_fraction = 0;
  for (int i = 0; i < CELLS; i++) g[i] = 17e-6;
  ogi_program_stuck(&card, g, CELLS, rng);
  for (int i = 0; i < CELLS; i++) ck_assert(g[i] == 17e-6);
  card.stuck_high_fraction = 1;
  ogi_program_stuck(&card, g, CELLS, rng);
  for (int i = 0; i < CELLS; i++) ck_assert(g[i] == 40e-6);
  ogi_rng_free(rng);
  ogi_free(g);
}
END_TEST

START_TEST(read_noise_is_independent_of_the_conductance) {
  og_card card = wan();
  double *g = ogi_alloc(CELLS, sizeof *g), mean, deviation;
  const double values[] = {7.3e-6, 31e-6};
  for (uint32_t t = 0; t < 2; t++) {
    ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 4, .source = OGI_SOURCE_READ, .trial = t});
    for (int i = 0; i < CELLS; i++) g[i] = values[t];
    ogi_read_noise(&card, g, CELLS, rng);
    moments(g, CELLS, &mean, &deviation);
    ogt_abs(mean, values[t], 5 * 0.4e-6 / sqrt(CELLS));
    ogt_rel(deviation, 0.4e-6, 5 / sqrt(2.0 * CELLS));
    ogi_rng_free(rng);
  }
  ogi_free(g);
}
END_TEST

/* One draw a cell in order: more cells behind, or other values in front, change nothing. */
START_TEST(each_cell_has_its_own_draw) {
  og_card card = wan();
  void (*const steps[])(const og_card *, double *, size_t, ogi_rng *) = {ogi_program_error, ogi_program_stuck,
                                                                       ogi_read_noise};
  card.stuck_low_fraction = card.stuck_high_fraction = 0.3;
  for (size_t s = 0; s < 3; s++) {
    double few[11], many[53];
    ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 6, .source = OGI_SOURCE_TEST});
    ogt_fill(many, 53, 10e-6, 30e-6, 5);
    memcpy(few, many, sizeof few);
    few[2] = 33e-6;
    steps[s](&card, many, 53, rng);
    ogi_rng_restart(rng, (ogi_stream){.seed = 6, .source = OGI_SOURCE_TEST});
    steps[s](&card, few, 11, rng);
    ck_assert_mem_eq(few, many, 2 * sizeof *few);
    ck_assert_mem_eq(few + 3, many + 3, 8 * sizeof *few);
    ogi_rng_free(rng);
  }
}
END_TEST

/* --- reading cards ---------------------------------------------------------------------------------------------- */

/* A good card with one line replaced. */
static og_status load_with(og_card *card, const char *line, const char *by, og_error *err) {
  static const char *const lines[] = {
      "title: test", "g_min: {value: 2 uS, source: a}", "g_max: {value: 50 uS, source: b}",
      "levels: {value: 0, source: c}", "program_sigma: {value: [0.5, 0.01], source: d}",
      "program_from: {value: 1 uS, source: e}", "program_to: {value: 45 uS, source: f}",
      "read_sigma: {value: 100 nS, source: g}", "stuck_low: {value: 0.25, source: h}",
      "stuck_high: {value: 0.5, source: i}"};
  const char *path = ogt_scratch("device.yaml");
  FILE *file = fopen(path, "w");
  ck_assert_ptr_nonnull(file);
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
    fprintf(file, "%s\n", line != NULL && strncmp(lines[i], line, strlen(line)) == 0 ? by : lines[i]);
  fclose(file);
  return og_card_load(card, path, NULL, err);
}

START_TEST(a_card_is_also_loaded_by_path) {
  og_card card;
  og_error err = {0};
  ck_assert_msg(load_with(&card, NULL, NULL, &err) == OG_OK, "%s", err.text);
  ck_assert_str_eq(card.name, "device");
  ck_assert(card.g_min_siemens == 2e-6 && card.levels == 0 && card.program_terms == 2);
  ck_assert_str_eq(card.source[OG_CARD_PARAMS - 1], "i");
}
END_TEST

START_TEST(bad_cards_are_refused_with_their_reason) {
  const struct {
    const char *line, *by;
    og_status want;
    const char *part;
  } bad[] = {
      {"g_max:", "g_max: {value: 2 uS, source: b}", OG_E_RANGE, "g_max: saw 2 uS, need more than g_min (2 uS)"},
      {"g_min:", "g_min: {value: -2 uS, source: b}", OG_E_RANGE, ":2: g_min.value: saw \"-2 uS\", need a finite"},
      {"g_max:", "g_max: {value: inf, source: b}", OG_E_RANGE, ":3: g_max.value: saw \"inf\""},
      {"g_max:", "g_max: {value: 20 kohm, source: b}", OG_E_RANGE, "need a number in S"},
      {"g_max:", "g_max: {value: 50 uS}", OG_E_INPUT, "g_max.source: saw nothing"},
      {"g_max:", "g_max: {value: 50 uS, source: ''}", OG_E_RANGE, "g_max.source: saw \"\""},
      {"g_max:", "g_max: 50 uS", OG_E_INPUT, ":3: g_max: saw \"50 uS\", need a section of keys"},
      {"g_max:", "", OG_E_INPUT, "g_max.value: saw nothing"},
      {"g_max:", "gmax: {value: 50 uS, source: b}", OG_E_INPUT, ":3: gmax: unknown key"},
      {"levels:", "levels: {value: 1, source: c}", OG_E_RANGE, "levels: saw 1, need 0 (continuous) or at least 2"},
      {"levels:", "levels: {value: 2.5, source: c}", OG_E_RANGE, ":4: levels.value: saw \"2.5\""},
      {"program_to:", "program_to: {value: 1 uS, source: f}", OG_E_RANGE, "program_to: saw 1 uS, need more than"},
      {"program_sigma:", "program_sigma: {value: [], source: d}", OG_E_RANGE, "saw 0 coefficients, need 1 .. 6"},
      {"program_sigma:", "program_sigma: {value: [1,2,3,4,5,6,7], source: d}", OG_E_RANGE, "saw 7 coefficients"},
      {"program_sigma:", "program_sigma: {value: [1, -0.1], source: d}", OG_E_RANGE, "program_sigma: saw a sigma of -"},
      {"program_sigma:", "program_sigma: {value: [1e308, 1e308], source: d}", OG_E_RANGE, "need a finite one"},
      {"stuck_high:", "stuck_high: {value: 0.76, source: i}", OG_E_RANGE, "stuck_low + stuck_high: saw 1.01"},
      {"stuck_high:", "stuck_high: {value: 1.5, source: i}", OG_E_RANGE, "need a number in 0 .. 1"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    og_card card;
    og_error err = {0};
    og_status st = load_with(&card, bad[i].line, bad[i].by, &err);
    ck_assert_msg(st == bad[i].want, "%s gave %s: %s", bad[i].by, og_status_name(st), err.text);
    ogt_has(err.text, "device.yaml");
    ogt_has(err.text, bad[i].part);
    ck_assert(card.g_max_siemens == 0 && card.name[0] == '\0');
  }
}
END_TEST

START_TEST(an_unknown_device_is_answered_with_the_known_ones) {
  og_card card;
  og_error err;
  ck_assert_int_eq(og_card_load(&card, "rram-wan2023", data_dir(), &err), OG_E_INPUT);
  ogt_has(err.text, "saw \"rram-wan2023\", need one of: ");
  ogt_has(err.text, "rram-wan2022");
  ck_assert_int_eq(og_card_load(&card, "rram", "/nowhere", &err), OG_E_INPUT);
  ogt_has(err.text, "/nowhere/devices");
  ck_assert_int_eq(og_card_load(&card, "/nowhere/card.yaml", NULL, &err), OG_E_INPUT);
  ogt_has(err.text, "/nowhere/card.yaml");
  ck_assert_int_eq(og_card_load(NULL, "rram", NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_card_load(&card, NULL, NULL, &err), OG_E_ARG);
  ogt_has(err.text, "name is NULL");
}
END_TEST

START_TEST(devices_are_the_folders_with_a_card_sorted) {
  static const char *const folders[] = {"devices", "devices/zeta", "devices/alpha", "devices/empty", "devices/.hidden"};
  char path[600];
  char **names;
  size_t count;
  og_error err;
  mkdir(ogt_scratch(""), 0777);
  for (size_t i = 0; i < 5; i++) {
    mkdir(ogt_scratch(folders[i]), 0777);
    if (i == 0 || i == 3) continue;
    snprintf(path, sizeof path, "%s/card.yaml", ogt_scratch(folders[i]));
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fclose(file);
  }
  ck_assert_int_eq(og_device_names(&names, &count, ogt_scratch(""), &err), OG_OK);
  ck_assert_uint_eq(count, 2);
  ck_assert_str_eq(names[0], "alpha");
  ck_assert_str_eq(names[1], "zeta");
  og_device_names_free(names, count);
  og_device_names_free(NULL, 0);
  ck_assert_int_eq(og_device_names(&names, &count, "/nowhere", &err), OG_E_INPUT);
  ogt_has(err.text, "/nowhere/devices");
  ck_assert(names == NULL && count == 0);
}
END_TEST

START_TEST(every_failed_allocation_is_reported_and_nothing_leaks) {
  og_card card;
  char **names;
  size_t count, live = ogi_mem_live();
  for (size_t k = 1;; k++) {
    ogi_mem_fail_at(k);
    og_status st = og_card_load(&card, "rram-wan2022", data_dir(), NULL);
    ogi_mem_fail_at(0);
    ck_assert_uint_eq(ogi_mem_live(), live);
    if (st == OG_OK) break;
    ck_assert_int_eq(st, OG_E_NOMEM);
    ck_assert_uint_lt(k, 1000);
  }
  for (size_t k = 1;; k++) {
    ogi_mem_fail_at(k);
    og_status st = og_device_names(&names, &count, data_dir(), NULL);
    ogi_mem_fail_at(0);
    if (st == OG_OK) break;
    ck_assert_int_eq(st, OG_E_NOMEM);
    ck_assert_uint_eq(ogi_mem_live(), live);
    ck_assert_uint_lt(k, 1000);
  }
  og_device_names_free(names, count);
  ck_assert_uint_eq(ogi_mem_live(), live);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("device");
  TCase *model = tcase_create("model"), *cards = tcase_create("cards");
  tcase_add_test(model, default_card_has_the_published_figures);
  tcase_add_test(model, model_page_states_what_the_card_gives);
  tcase_add_test(model, every_parameter_is_listed_with_its_source);
  tcase_add_test(model, sigma_stays_at_the_nearer_end_outside_the_fit);
  tcase_add_test(model, targets_go_to_the_nearest_of_evenly_spaced_levels);
  tcase_add_test(model, a_continuous_card_leaves_targets_alone);
  tcase_add_test(model, programming_error_is_gaussian_and_clipped_at_zero);
  tcase_add_test(model, stuck_cells_have_their_share_and_their_value);
  tcase_add_test(model, read_noise_is_independent_of_the_conductance);
  tcase_add_test(model, each_cell_has_its_own_draw);
  tcase_add_test(cards, a_card_is_also_loaded_by_path);
  tcase_add_test(cards, bad_cards_are_refused_with_their_reason);
  tcase_add_test(cards, an_unknown_device_is_answered_with_the_known_ones);
  tcase_add_test(cards, devices_are_the_folders_with_a_card_sorted);
  tcase_add_test(cards, every_failed_allocation_is_reported_and_nothing_leaks);
  suite_add_tcase(suite, model);
  suite_add_tcase(suite, cards);
  return ogt_run(suite);
}
