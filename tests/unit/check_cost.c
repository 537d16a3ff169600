/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "ogt.h"
#include "periph/ogi_cost.h"

static const char *data_dir(void) {
  const char *dir = getenv("OHMGRID_DATADIR");
  ck_assert_ptr_nonnull(dir);
  return dir;
}

static ogi_costs isaac(void) {
  ogi_costs costs;
  og_error err = {0};
  og_status st = ogi_costs_load(&costs, "isaac-32nm", data_dir(), &err);
  ck_assert_msg(st == OG_OK, "%s", err.text);
  return costs;
}

/* Oracle: the powers, counts and rates of the papers' tables; nothing of the file but the result. */
START_TEST(energies_follow_from_the_published_powers_and_rates) {
  ogi_costs costs = isaac();
  const double cycle = 100e-9;                                         /* [s]  ISAAC's crossbar cycle            */
  const double adc = 16e-3 / 8 / 1.28e9;                               /* 16 mW for 8 ADCs at 1.28 GS/s          */
  const double adc_again = 16e-3 * cycle / (8 * 128);                  /* the same, by columns a cycle           */
  const double hold = 10e-6 * cycle / (8 * 128);                       /* 10 uW for 8 x 128, one sample a cycle  */
  const double accumulate = 0.2e-3 / 4 / 1.28e9;                       /* 0.2 mW for 4 units                     */
  const double byte = 1.24e-3 * 16 * cycle / 2048;                     /* 2 KB once through in 16 cycles         */
  const double dac = 50 * 37.5e-15;                                    /* TIMELY: 50 time conversions            */
  ogt_rel(ogi_cost_joule(&costs, OGI_BLOCK_ADC, 8), adc, 1e-14);
  ogt_rel(ogi_cost_joule(&costs, OGI_BLOCK_ADC, 8), adc_again, 1e-14);
  ogt_rel(ogi_cost_joule(&costs, OGI_BLOCK_SAMPLE_HOLD, 8), hold, 1e-14);
  ogt_rel(ogi_cost_joule(&costs, OGI_BLOCK_ACCUMULATE, 16), accumulate, 1e-14);
  ogt_rel(ogi_cost_joule(&costs, OGI_BLOCK_REGISTER, 8), byte, 1e-14);
  ogt_rel(ogi_cost_joule(&costs, OGI_BLOCK_DAC, 8), dac, 1e-14);
  ogt_rel(ogi_cost_joule(&costs, OGI_BLOCK_ACTIVATION, 32), 0.1e-12, 1e-14);
}
END_TEST

START_TEST(converters_double_with_each_bit_and_the_rest_does_not) {
  ogi_costs costs = isaac();
  ogt_rel(ogi_cost_joule(&costs, OGI_BLOCK_ADC, 11), 8 * 1.5625e-12, 1e-14);
  ogt_rel(ogi_cost_joule(&costs, OGI_BLOCK_ADC, 6.5), 1.5625e-12 / pow(2, 1.5), 1e-14);
  ogt_rel(ogi_cost_joule(&costs, OGI_BLOCK_DAC, 5), 1.875e-12 / 8, 1e-14);
  ck_assert(ogi_cost_joule(&costs, OGI_BLOCK_SAMPLE_HOLD, 3) == ogi_cost_joule(&costs, OGI_BLOCK_SAMPLE_HOLD, 12));
  ck_assert(ogi_cost_joule(&costs, OGI_BLOCK_REGISTER, 3) == ogi_cost_joule(&costs, OGI_BLOCK_REGISTER, 12));
}
END_TEST

START_TEST(every_block_has_a_name_and_cites_a_paper) {
  ogi_costs costs = isaac();
  ck_assert_str_eq(costs.name, "isaac-32nm");
  ogt_has(costs.title, "ISAAC");
  for (int i = 0; i < OGI_BLOCKS; i++) {
    ck_assert_str_ne(ogi_block_name((ogi_block)i), "?");
    ogt_has(costs.block[i].source, "20");
    ogt_has(costs.block[i].source, "[");
  }
  ck_assert_str_eq(ogi_block_name(OGI_BLOCK_SAMPLE_HOLD), "sample_hold");
  ck_assert_str_eq(ogi_block_name(OGI_BLOCKS), "?");
}
END_TEST

/* A good table with one line replaced. */
static og_status load_with(ogi_costs *costs, const char *line, const char *by, og_error *err) {
  static const char *const lines[] = {"title: test",
                                      "dac: {energy: 3 pJ, bits: 7, base: 2, source: a}",
                                      "adc: {energy: 2 pJ, bits: 9, base: 4, source: b}",
                                      "sample_hold: {energy: 1 fJ, bits: 8, source: c}",
                                      "accumulate: {energy: 40 fJ, bits: 16, source: d}",
                                      "activation: {energy: 0.1 pJ, bits: 32, source: e}",
                                      "register: {energy: 1 pJ, bits: 8, source: f}"};
  const char *path = ogt_scratch("table.yaml");
  FILE *file = fopen(path, "w");
  ck_assert_ptr_nonnull(file);
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
    fprintf(file, "%s\n", line != NULL && strncmp(lines[i], line, strlen(line)) == 0 ? by : lines[i]);
  fclose(file);
  return ogi_costs_load(costs, path, NULL, err);
}

START_TEST(a_table_is_also_loaded_by_path) {
  ogi_costs costs;
  og_error err = {0};
  ck_assert_msg(load_with(&costs, NULL, NULL, &err) == OG_OK, "%s", err.text);
  ck_assert_str_eq(costs.name, "table");
  ogt_rel(ogi_cost_joule(&costs, OGI_BLOCK_ADC, 7), 2e-12 / 16, 1e-14);
  ck_assert(costs.block[OGI_BLOCK_ACTIVATION].base == 1);
}
END_TEST

START_TEST(bad_tables_are_refused_with_their_reason) {
  const struct {
    const char *line, *by;
    og_status want;
    const char *part;
  } bad[] = {
      {"dac:", "dac: {energy: -3 pJ, bits: 7, source: a}", OG_E_RANGE, ":2: dac.energy: saw \"-3 pJ\", need a number"},
      {"dac:", "dac: {energy: 3 mW, bits: 7, source: a}", OG_E_RANGE, "dac.energy: saw \"3 mW\", need a number in J"},
      {"dac:", "dac: {energy: 3 pJ, bits: 0, source: a}", OG_E_RANGE, "dac.bits: saw \"0\", need a number in 1 .. 64"},
      {"dac:", "dac: {energy: 3 pJ, bits: 7, base: 0.5, source: a}", OG_E_RANGE, "dac.base: saw \"0.5\""},
      {"dac:", "dac: {energy: 3 pJ, bits: 7}", OG_E_INPUT, "dac.source: saw nothing"},
      {"dac:", "dacs: {energy: 3 pJ, bits: 7, source: a}", OG_E_INPUT, ":2: dacs: unknown key"},
      {"dac:", "dac: {energy: 3 pJ, bits: 7, source: ''}", OG_E_RANGE, "dac.source: saw \"\""},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    ogi_costs costs;
    og_error err = {0};
    og_status st = load_with(&costs, bad[i].line, bad[i].by, &err);
    ck_assert_msg(st == bad[i].want, "%s gave %s: %s", bad[i].by, og_status_name(st), err.text);
    ogt_has(err.text, "table.yaml");
    ogt_has(err.text, bad[i].part);
    ck_assert(costs.name[0] == '\0');
  }
  ogi_costs costs;
  og_error err;
  ck_assert_int_eq(ogi_costs_load(&costs, "no-such-table", data_dir(), &err), OG_E_INPUT);
  ogt_has(err.text, "studies/costs/no-such-table.yaml");
}
END_TEST

START_TEST(every_failed_allocation_is_reported_and_nothing_leaks) {
  ogi_costs costs;
  size_t live = ogi_mem_live();
  for (size_t k = 1;; k++) {
    ogi_mem_fail_at(k);
    og_status st = ogi_costs_load(&costs, "isaac-32nm", data_dir(), NULL);
    ogi_mem_fail_at(0);
    ck_assert_uint_eq(ogi_mem_live(), live);
    if (st == OG_OK) break;
    ck_assert_int_eq(st, OG_E_NOMEM);
    ck_assert_uint_lt(k, 50);
  }
}
END_TEST

int main(void) {
  Suite *suite = suite_create("cost");
  TCase *tc = tcase_create("cost");
  tcase_add_test(tc, energies_follow_from_the_published_powers_and_rates);
  tcase_add_test(tc, converters_double_with_each_bit_and_the_rest_does_not);
  tcase_add_test(tc, every_block_has_a_name_and_cites_a_paper);
  tcase_add_test(tc, a_table_is_also_loaded_by_path);
  tcase_add_test(tc, bad_tables_are_refused_with_their_reason);
  tcase_add_test(tc, every_failed_allocation_is_reported_and_nothing_leaks);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
