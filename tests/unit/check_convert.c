/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "ogt.h"
#include "periph/ogi_convert.h"

START_TEST(dac_hits_every_code_and_both_ends) {
  const double volt = 0.217, full = 3.9;
  ogi_converter dac = {.bits = 3, .full_scale = full};
  for (int code = 0; code < 8; code++) {
    double x = full * (code + 0.4) / 7;
    ck_assert_uint_eq(ogi_dac(&dac, volt, &x, 1), 0); /* 7.4 codes still round to the top one */
    ogt_rel(x, volt * code / 7, 4 * DBL_EPSILON);
  }
}
END_TEST

START_TEST(dac_error_is_at_most_half_a_code) {
  enum { COUNT = 1009 };
  double x[COUNT], v[COUNT];
  ogi_converter dac = {.bits = 6, .full_scale = 1.7};
  ogt_fill(x, COUNT, 0, 1.7, 1);
  memcpy(v, x, sizeof x);
  ck_assert_uint_eq(ogi_dac(&dac, 0.3, v, COUNT), 0);
  for (int k = 0; k < COUNT; k++) ogt_abs(v[k], x[k] * 0.3 / 1.7, 0.3 / 63 / 2 * (1 + 1e-12));
}
END_TEST

START_TEST(dac_clips_and_counts_what_lies_outside) {
  double x[4] = {-0.7, 0.3, 2.9, 1.1};
  ogi_converter dac = {.bits = 5, .full_scale = 1.3};
  ck_assert_uint_eq(ogi_dac(&dac, 0.2, x, 4), 2);
  ogt_abs(x[0], 0, 0);
  ogt_rel(x[2], 0.2, 4 * DBL_EPSILON);
}
END_TEST

/* Two's complement: 4 bits are codes -8..7 with one LSB = full scale / 8. */
START_TEST(adc_is_mid_tread_and_saturates_at_its_end_codes) {
  const double full = 4.4e-6, lsb = full / 8;
  ogi_converter adc = {.bits = 4, .full_scale = full};
  double i[6] = {0.4 * lsb, -0.6 * lsb, 6.6 * lsb, 7.6 * lsb, -8.4 * lsb, -99 * lsb};
  const double want[6] = {0, -lsb, 7 * lsb, 7 * lsb, -8 * lsb, -8 * lsb};
  ck_assert_uint_eq(ogi_adc(&adc, i, 6), 2);
  for (int k = 0; k < 6; k++) ogt_abs(i[k], want[k], 4 * DBL_EPSILON * full);
}
END_TEST

/* Bennett: the error of a fine quantiser is uniform over one LSB, so its variance is LSB^2 / 12. */
START_TEST(adc_noise_is_a_twelfth_of_the_squared_lsb) {
  enum { COUNT = 50021 };
  static double i[COUNT], exact[COUNT];
  const double full = 2.7e-6, lsb = full / 128;
  double sum = 0;
  ogi_converter adc = {.bits = 8, .full_scale = full};
  ogt_fill(exact, COUNT, -full * 0.99, full * 0.99, 2);
  memcpy(i, exact, sizeof i);
  ck_assert_uint_eq(ogi_adc(&adc, i, COUNT), 0);
  for (int k = 0; k < COUNT; k++) sum += (i[k] - exact[k]) * (i[k] - exact[k]);
  ogt_rel(sum / COUNT, lsb * lsb / 12, 5 * sqrt(0.8 / COUNT)); /* five standard errors: kurtosis of a uniform is 1.8 */
}
END_TEST

START_TEST(no_bits_means_no_quantisation) {
  double x[3] = {-0.3, 0.77, 5.1}, i[3] = {-3e-6, 1e-9, 9.0};
  ogi_converter ideal = {.bits = 0, .full_scale = 1.9};
  ck_assert_uint_eq(ogi_dac(&ideal, 0.2, x, 3), 0);
  ck_assert_uint_eq(ogi_adc(&ideal, i, 3), 0);
  ogt_rel(x[2], 5.1 * 0.2 / 1.9, 4 * DBL_EPSILON);
  ogt_rel(i[2], 9.0, 0);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("convert");
  TCase *tc = tcase_create("convert");
  tcase_add_test(tc, dac_hits_every_code_and_both_ends);
  tcase_add_test(tc, dac_error_is_at_most_half_a_code);
  tcase_add_test(tc, dac_clips_and_counts_what_lies_outside);
  tcase_add_test(tc, adc_is_mid_tread_and_saturates_at_its_end_codes);
  tcase_add_test(tc, adc_noise_is_a_twelfth_of_the_squared_lsb);
  tcase_add_test(tc, no_bits_means_no_quantisation);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
