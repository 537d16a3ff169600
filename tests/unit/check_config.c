/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_rng.h"
#include "base/ogi_units.h"
#include "config/ogi_locate.h"
#include "config/ogi_schema.h"
#include "ogt.h"

/* --- units ------------------------------------------------------------------------------------------------------ */

/* Oracle: the same value as a C literal; equality to the last bit. */
START_TEST(numbers_with_prefix_and_unit_are_exact) {
  const struct {
    const char *text, *unit;
    double want;
  } cases[] = {
      {"10k", "ohm", 10e3},       {"1.5 uS", "S", 1.5e-6},     {"50ns", "s", 50e-9},     {"1e-3", "V", 1e-3},
      {"2.5kohm", "ohm", 2.5e3},  {" -0.37 mV ", "V", -0.37e-3}, {"+3.3", "A", 3.3},     {".5", "", 0.5},
      {"7.", "", 7},              {"1.5625pJ", "J", 1.5625e-12}, {"3M", "ohm", 3e6},     {"3m", "ohm", 3e-3},
      {"300 K", "K", 300},        {"300k", "K", 300e3},        {"2 F", "F", 2},          {"2 f", "F", 2e-15},
      {"2.5fF", "F", 2.5e-15},    {"4.7\xc2\xb5S", "S", 4.7e-6}, {"4.7 \xce\xbcS", "S", 4.7e-6},
      {"12\xce\xa9", "ohm", 12},  {"1.2k\xe2\x84\xa6", "ohm", 1200}, {"6 G", "", 6e9},   {"1.7T", "ohm", 1.7e12},
      {"1e3 k", "", 1e6},         {"976.5625aJ", "J", 976.5625e-18}, {"0x", "", -1},     {"1e22k", "", 1e25},
      {"123456789012345678901234567890", "", 123456789012345678901234567890.0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double got = -1;
    og_error err;
    og_status st = ogi_units_parse(&got, cases[i].text, cases[i].unit, &err);
    if (cases[i].want == -1) ck_assert_int_ne(st, OG_OK);
    else ck_assert_msg(st == OG_OK && got == cases[i].want, "%s: %.17g, status %d", cases[i].text, got, st);
  }
}
END_TEST

START_TEST(infinity_is_read_and_nan_is_not) {
  double x = 0;
  ck_assert_int_eq(ogi_units_parse(&x, "inf", "ohm", NULL), OG_OK);
  ck_assert(x == INFINITY);
  ck_assert_int_eq(ogi_units_parse(&x, "-.inf ohm", "ohm", NULL), OG_OK);
  ck_assert(x == -INFINITY);
  ck_assert_int_eq(ogi_units_parse(&x, "Infinity", "", NULL), OG_OK);
  ck_assert_int_eq(ogi_units_parse(&x, "nan", "", NULL), OG_E_INPUT);
  ck_assert_int_eq(ogi_units_parse(&x, ".nan", "", NULL), OG_E_INPUT);
  ck_assert(x == INFINITY);
}
END_TEST

START_TEST(what_is_no_number_in_the_unit_is_refused) {
  const struct {
    const char *text, *unit;
    og_status want;
  } cases[] = {
      {"", "V", OG_E_INPUT},         {"volt", "V", OG_E_INPUT},    {"--1", "", OG_E_INPUT},
      {".", "", OG_E_INPUT},         {"e5", "", OG_E_INPUT},       {"0x10", "", OG_E_INPUT},
      {"10 kV", "ohm", OG_E_RANGE},  {"5 ohm", "", OG_E_RANGE},    {"1,5", "", OG_E_RANGE},
      {"1 2", "", OG_E_RANGE},       {"1 kk", "", OG_E_RANGE},     {"1Meg", "ohm", OG_E_RANGE},
      {"1 Kohm", "ohm", OG_E_RANGE}, {"1e", "", OG_E_RANGE},       {"1e+", "", OG_E_RANGE},
      {"1e999", "", OG_E_RANGE},     {"1e-999", "", OG_E_RANGE},   {"1e400000000000000", "", OG_E_RANGE},
      {"1 s", "S", OG_E_RANGE},      {"1.2.3", "", OG_E_RANGE},
      {"1 siemens per very long unit of something", "S", OG_E_RANGE},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    double got = -1;
    og_error err;
    og_status st = ogi_units_parse(&got, cases[i].text, cases[i].unit, &err);
    ck_assert_msg(st == cases[i].want && got == -1, "\"%s\" gave %s", cases[i].text, og_status_name(st));
    ogt_has(err.text, "saw \"");
    ogt_has(err.text, "need a");
  }
  og_error err;
  double x;
  ck_assert_int_eq(ogi_units_parse(&x, "10 kV", "ohm", &err), OG_E_RANGE);
  ogt_has(err.text, "saw \"10 kV\", need a number in ohm");
}
END_TEST

START_TEST(formatted_numbers_have_three_digits_and_a_prefix) {
  const struct {
    double value;
    const char *unit, *want;
  } cases[] = {
      {1.5625e-12, "J", "1.56 pJ"}, {25e-6, "S", "25 uS"},      {999.7, "V", "1 kV"},      {-0.0371, "A", "-37.1 mA"},
      {0, "V", "0 V"},              {-0.0, "V", "0 V"},         {2.5e3, "ohm", "2.5 kohm"},
      {9.765625e-16, "J", "977 aJ"}, {3e-21, "J", "3e-21 J"},  {4e15, "ohm", "4e+15 ohm"}, {0.2374, "", "0.2374"},
      {256, "", "256"},             {-1, "K", "-1 K"},          {1e14, "ohm", "100 Tohm"},
      {INFINITY, "ohm", "inf ohm"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[40];
    ogi_units_format(text, sizeof text, cases[i].value, cases[i].unit);
    ck_assert_str_eq(text, cases[i].want);
  }
  char small[4];
  ogi_units_format(small, sizeof small, 1.234e-6, "S");
  ck_assert_str_eq(small, "1.2");
}
END_TEST

/* Property: what is written reads back within the rounding to three digits. */
START_TEST(formatted_numbers_read_back) {
  double x[200];
  ogt_fill(x, 200, -17, 14, 1);
  for (size_t i = 0; i < 200; i++) {
    char text[40];
    double value = pow(10, x[i]), back;
    ogi_units_format(text, sizeof text, value, "F");
    ck_assert_int_eq(ogi_units_parse(&back, text, "F", NULL), OG_OK);
    ogt_rel(back, value, 0.005);
  }
}
END_TEST

/* Where no such locale is installed this only repeats the "C" case. */
START_TEST(a_decimal_comma_locale_changes_nothing) {
  const char *names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
  size_t i = 0;
  while (i < 4 && setlocale(LC_ALL, names[i]) == NULL) i++;
  double x;
  char text[40];
  ck_assert_int_eq(ogi_units_parse(&x, "2.5 kohm", "ohm", NULL), OG_OK);
  ck_assert(x == 2500);
  ogi_units_format(text, sizeof text, 1.56e-12, "J");
  ck_assert_str_eq(text, "1.56 pJ");
  setlocale(LC_ALL, "C");
}
END_TEST

/* --- schema ----------------------------------------------------------------------------------------------------- */

typedef struct sample {
  double r_word, drive, share;
  size_t tiles;
  uint64_t seed;
  char name[OGI_TEXT_MAX], note[OGI_TEXT_MAX];
  int side;
  ogi_sizes hidden;
  ogi_reals sigma;
  double deep;
} sample;

#define AT(field) offsetof(sample, field)
static const ogi_key table[] = {
    {"name", OGI_KEY_TEXT, AT(name), NULL, 1, 20, NULL, NULL, "name of the study"},
    {"array.r_word_ohm", OGI_KEY_REAL, AT(r_word), "ohm", 0, INFINITY, NULL, "2.5", "one word line segment"},
    {"solve.side", OGI_KEY_ENUM, AT(side), NULL, 0, 0, "left|right|both", "left", "driven ends"},
    {"array.tiles", OGI_KEY_SIZE, AT(tiles), "", 1, 4096, NULL, "64", "tiles"},
    {"array.drive_volt", OGI_KEY_REAL, AT(drive), "V", -DBL_MAX, 0.3, NULL, "200 mV", "drive"},
    {"seed", OGI_KEY_SEED, AT(seed), NULL, 0, 0, NULL, "1", "seed"},
    {"net.hidden", OGI_KEY_SIZES, AT(hidden), "", 1, 1e6, NULL, "[256, 128]", "hidden layers"},
    {"net.sigma", OGI_KEY_REALS, AT(sigma), "S", -1, 1, NULL, "[]", "polynomial"},
    {"net.note", OGI_KEY_TEXT, AT(note), NULL, 0, 0, NULL, "", "remark"},
    {"net.inner.deep", OGI_KEY_REAL, AT(deep), "J", -INFINITY, INFINITY, NULL, "0", "deep"},
    {"solve.share", OGI_KEY_REAL, AT(share), "", 0, 1, NULL, "0.25", "share"},
};
enum { KEYS = sizeof table / sizeof *table };

static const char *write_file(const char *text, size_t length) {
  const char *path = ogt_scratch("config.yaml");
  FILE *file = fopen(path, "wb");
  ck_assert_ptr_nonnull(file);
  ck_assert_uint_eq(fwrite(text, 1, length, file), length);
  fclose(file);
  return path;
}

static og_status read_text(sample *out, const char *text, og_error *err) {
  return ogi_schema_read(out, table, KEYS, write_file(text, strlen(text)), NULL, 0, err);
}

static void expect_error(const char *text, og_status want, const char *part) {
  sample s;
  og_error err = {0};
  og_status st = read_text(&s, text, &err);
  ck_assert_msg(st == want, "%s gave %s (%s)", text, og_status_name(st), err.text);
  ogt_has(err.text, part);
  ogt_has(err.text, "config.yaml");
}

START_TEST(a_file_sets_its_keys_and_defaults_fill_the_rest) {
  sample s;
  og_error err = {0};
  memset(&s, 0xA5, sizeof s);
  og_status st = read_text(&s, "# a study\nname: fashion\narray: {r_word_ohm: 1.5 kohm, tiles: 1e3}\nsolve:\n"
                           "  side: both\nnet:\n  hidden: [300, 17]\n  sigma:\n    - 1.5 uS\n    - -2e-3\n"
                           "seed: 18446744073709551615\n", &err);
  ck_assert_msg(st == OG_OK, "%s", err.text);
  ck_assert_str_eq(s.name, "fashion");
  ck_assert(s.r_word == 1500 && s.drive == 0.2 && s.share == 0.25 && s.deep == 0);
  ck_assert(s.tiles == 1000 && s.seed == UINT64_MAX && s.side == 2);
  ck_assert(s.hidden.count == 2 && s.hidden.value[0] == 300 && s.hidden.value[1] == 17);
  ck_assert(s.sigma.count == 2 && s.sigma.value[0] == 1.5e-6 && s.sigma.value[1] == -2e-3);
  ck_assert_str_eq(s.note, "");
}
END_TEST

START_TEST(infinity_needs_an_infinite_limit) {
  sample s;
  ck_assert_int_eq(read_text(&s, "name: a\narray:\n  r_word_ohm: .inf\n", NULL), OG_OK);
  ck_assert(s.r_word == INFINITY);
  expect_error("name: a\nsolve: {share: inf}\n", OG_E_RANGE, ":2: solve.share: saw \"inf\", need a number in 0 .. 1");
  expect_error("name: a\narray: {drive_volt: -inf}\n", OG_E_RANGE, "saw \"-inf\", need a finite number <= 0.3 (V)");
  expect_error("name: a\narray: {r_word_ohm: nan}\n", OG_E_INPUT, "saw \"nan\", need a number >= 0 (ohm)");
}
END_TEST

START_TEST(errors_name_file_line_value_and_need) {
  expect_error("name: a\n\narray:\n  r_word_ohm: -0.5\n", OG_E_RANGE,
               "config.yaml:4: array.r_word_ohm: saw \"-0.5\", need a number >= 0 (ohm)");
  expect_error("name: a\narray:\n  r_word_ohm: 3 V\n", OG_E_RANGE,
               ":3: array.r_word_ohm: saw \"3 V\", need a number in ohm");
  expect_error("name: a\nsolve:\n  side: up\n", OG_E_RANGE, ":3: solve.side: saw \"up\", need left, right or both");
  expect_error("name: a\narray: {tiles: 2.5}\n", OG_E_RANGE, "saw \"2.5\", need a whole number in 1 .. 4096");
  expect_error("name: a\narray: {tiles: -3}\n", OG_E_RANGE, "saw \"-3\"");
  expect_error("name: a\narray: {tiles: 4097}\n", OG_E_RANGE, "saw \"4097\"");
  expect_error("name: a\narray: {tiles: many}\n", OG_E_INPUT, "saw \"many\", need a whole number");
  expect_error("name: a\nseed: 18446744073709551616\n", OG_E_RANGE, "need a whole number in 0 .. 18446744073709551615");
  expect_error("name: a\nseed: -1\n", OG_E_RANGE, "saw \"-1\"");
  expect_error("name: this name is longer than it may be\n", OG_E_RANGE, "need a text of 1 .. 20 bytes");
  expect_error("name: \"\"\n", OG_E_RANGE, "saw \"\", need a text of 1 .. 20 bytes");
  expect_error("name: a\nnet:\n  hidden:\n    - 5\n    - 0\n", OG_E_RANGE, ":5: net.hidden: saw \"0\", need a list");
  expect_error("name: a\nnet: {hidden: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17]}\n", OG_E_RANGE, "at most 16");
  expect_error("seed: 3\n", OG_E_INPUT, "config.yaml: name: saw nothing, need a text of 1 .. 20 bytes");
  expect_error("", OG_E_INPUT, "name: saw nothing");
}
END_TEST

START_TEST(unknown_keys_get_the_nearest_known_one) {
  expect_error("name: a\narray:\n  r_wrd_ohm: 1\n", OG_E_INPUT,
               ":3: array.r_wrd_ohm: unknown key, did you mean array.r_word_ohm?");
  expect_error("name: a\nr_word_ohm: 1\n", OG_E_INPUT, ":2: r_word_ohm: unknown key, did you mean array.r_word_ohm?");
  expect_error("name: a\nsolver:\n  side: left\n", OG_E_INPUT, ":2: solver: unknown key, did you mean solve?");
  expect_error("name: a\nnet:\n  iner: {deep: 1}\n", OG_E_INPUT, ":3: net.iner: unknown key, did you mean net.inner?");
  expect_error("name: a\nsolve:\n  sides: left\n", OG_E_INPUT, "did you mean solve.side?");
  expect_error("name: a\nzzzzzzzzzz: 1\n", OG_E_INPUT, "unknown key, need one of 11 such as name");
  expect_error("name: a\n<<: {seed: 1}\n", OG_E_INPUT, "<<: unknown key");
  char longkey[700] = "name: a\n";
  memset(longkey + 8, 'k', 600);
  strcpy(longkey + 608, ": 5\n");
  expect_error(longkey, OG_E_INPUT, "unknown key");
}
END_TEST

START_TEST(wrong_shapes_are_refused) {
  expect_error("name: [a]\n", OG_E_INPUT, ":1: name: saw a list, need a text");
  expect_error("name: {a: 1}\n", OG_E_INPUT, ":1: name: saw a section of keys, need a text");
  expect_error("name: a\narray: 5\n", OG_E_INPUT, ":2: array: saw \"5\", need a section of keys");
  expect_error("name: a\narray: [1]\n", OG_E_INPUT, ":2: array: saw a list, need a section of keys");
  expect_error("name: a\nseed:\n", OG_E_INPUT, ":2: seed: saw nothing, need a whole number");
  expect_error("name: ~\n", OG_E_RANGE, "name: saw \"\"");
  expect_error("name: a\nnet: {hidden: [[1]]}\n", OG_E_INPUT, "net.hidden: saw a list, need plain elements");
  expect_error("name: a\nnet: {hidden: [1, ~x, 2]}\n", OG_E_INPUT, "saw \"~x\"");
  expect_error("- name\n", OG_E_INPUT, "config.yaml:1: saw a list, need a section of keys");
  expect_error("just text\n", OG_E_INPUT, "config.yaml:1: saw \"just text\"");
  expect_error("[a]: b\n", OG_E_INPUT, "saw a list, need a key");
}
END_TEST

START_TEST(repeated_keys_and_sections_are_refused) {
  expect_error("name: a\nseed: 1\nseed: 2\n", OG_E_INPUT,
               ":3: seed: saw the key again, need it once (it is in line 2)");
  expect_error("name: a\narray: {tiles: 2}\narray: {r_word_ohm: 2}\n", OG_E_INPUT, ":3: array: saw the section again");
  expect_error("name: a\nnet:\n  inner: {}\n  inner:\n    deep: 1\n", OG_E_INPUT,
               ":4: net.inner: saw the section again");
  expect_error("name: a\narray.tiles: 2\narray: {tiles: 2}\n", OG_E_INPUT, ":3: array.tiles: saw the key again");
}
END_TEST

START_TEST(surprising_yaml_is_refused) {
  expect_error("name: &x a\n", OG_E_INPUT, ":1: saw an anchor (&)");
  expect_error("name: a\nseed: *x\n", OG_E_INPUT, ":2: saw an alias (*)");
  expect_error("name: !!str a\n", OG_E_INPUT, ":1: saw a tag (!)");
  expect_error("name: a\narray: !t {tiles: 1}\n", OG_E_INPUT, "saw a tag (!)");
  expect_error("name: a\nnet: {hidden: &l [1]}\n", OG_E_INPUT, "saw an anchor (&)");
  expect_error("name: a\n---\nname: b\n", OG_E_INPUT, ":2: saw more after the end, need one document");
  expect_error("name: \"a\\0b\"\n", OG_E_INPUT, "saw a 0 byte");
  expect_error("name: a\n  bad: indent\n", OG_E_INPUT, ":2: saw no valid YAML");
  expect_error("name: \"never closed\n", OG_E_INPUT, "saw no valid YAML");
  expect_error("name: a\n\tseed: 1\n", OG_E_INPUT, "saw no valid YAML");
  expect_error("name: a\xff\xfe\n", OG_E_INPUT, "saw no valid YAML");
}
END_TEST

START_TEST(missing_and_oversized_files_are_refused) {
  sample s;
  og_error err;
  ck_assert_int_eq(ogi_schema_read(&s, table, KEYS, "/nowhere/x.yaml", NULL, 0, &err), OG_E_INPUT);
  ogt_has(err.text, "/nowhere/x.yaml");
  char *large = malloc((1 << 20) + 2);
  memset(large, '#', (1 << 20) + 1);
  large[(1 << 20) + 1] = '\0';
  expect_error(large, OG_E_INPUT, "need at most 1048576");
  free(large);
}
END_TEST

START_TEST(overrides_win_and_are_named) {
  const char *sets[] = {"array.r_word_ohm=5 ohm", "net.hidden=[20, 10]", "net.sigma=1uS,2uS", "name=b=c",
                        "array.r_word_ohm=7", "net.note="};
  const struct {
    const char *set;
    og_status want;
    const char *part;
  } bad[] = {
      {"array.r_wrd_ohm=1", OG_E_INPUT, "--set array.r_wrd_ohm: unknown key, did you mean array.r_word_ohm?"},
      {"array.r_word_ohm=-1", OG_E_RANGE, "--set array.r_word_ohm: saw \"-1\", need a number >= 0 (ohm)"},
      {"array.r_word_ohm", OG_E_INPUT, "--set: saw \"array.r_word_ohm\", need key=value"},
      {"=5", OG_E_INPUT, "need key=value"},
      {"array=5", OG_E_INPUT, "--set array: unknown key"},
      {"net.hidden=[1,2", OG_E_INPUT, "--set net.hidden: saw \"[1,2\", need a list"},
      {"net.hidden=1,,2", OG_E_INPUT, "saw \"\", need a list"},
      {"net.hidden=]", OG_E_INPUT, "need a list"},
      {"net.hidden=[", OG_E_INPUT, "need a list"},
      {"name=\xff", OG_E_INPUT, "need a text"},
  };
  sample s;
  og_error err = {0};
  const char *path = write_file("name: a\narray: {r_word_ohm: 1}\n", 31);
  ck_assert_msg(ogi_schema_read(&s, table, KEYS, path, sets, 6, &err) == OG_OK, "%s", err.text);
  ck_assert(s.r_word == 7 && s.hidden.count == 2 && s.hidden.value[1] == 10);
  ck_assert(s.sigma.count == 2 && s.sigma.value[1] == 2e-6);
  ck_assert_str_eq(s.name, "b=c");
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    ck_assert_int_eq(ogi_schema_read(&s, table, KEYS, path, &bad[i].set, 1, &err), bad[i].want);
    ogt_has(err.text, bad[i].part);
  }
  const char *name = "name=only";
  path = write_file("seed: 4\n", 8);
  ck_assert_int_eq(ogi_schema_read(&s, table, KEYS, path, &name, 1, NULL), OG_OK);
}
END_TEST

/* Property: dump, then read, gives the same struct. */
START_TEST(a_dump_reads_back_to_the_same_bits) {
  sample s, back;
  og_error err = {0};
  memset(&s, 0, sizeof s);
  memset(&back, 0, sizeof back);
  ck_assert_int_eq(read_text(&s, "name: x\n", &err), OG_OK);
  strcpy(s.name, "\" # \\ \x01: \xc2\xb5\xe2\x80\xa8");
  strcpy(s.note, "two\nlines, a tab\t, \xef\xbb\xbf and ~");
  s.r_word = INFINITY;
  s.drive = -1.0 / 3;
  s.deep = -5e-324 * 3;
  s.share = 0.1;
  s.seed = UINT64_MAX - 1;
  s.side = 1;
  s.hidden.count = 0;
  s.hidden.value[0] = s.hidden.value[1] = 0;
  s.sigma = (ogi_reals){.count = 3, .value = {1.0 / 7, -DBL_EPSILON, 1}};
  char text[4096];
  FILE *stream = fmemopen(text, sizeof text, "w");
  ogi_schema_dump(stream, &s, table, KEYS);
  fclose(stream);
  ck_assert_msg(read_text(&back, text, &err) == OG_OK, "%s\n%s", err.text, text);
  ck_assert_msg(memcmp(&s, &back, sizeof s) == 0, "%s", text);
  ogt_has(text, "  r_word_ohm: .inf  # (ohm) one word line segment\n");
  ogt_has(text, "share: 0.1  #");
}
END_TEST

START_TEST(help_tells_every_key_with_need_and_default) {
  char text[4096];
  FILE *stream = fmemopen(text, sizeof text, "w");
  ogi_schema_help(stream, table, KEYS);
  fclose(stream);
  for (size_t i = 0; i < KEYS; i++) ogt_has(text, table[i].path);
  ogt_has(text, "array.r_word_ohm\n    one word line segment\n    a number >= 0 (ohm); default 2.5\n");
  ogt_has(text, "name of the study\n    a text of 1 .. 20 bytes of UTF-8; must be given\n");
}
END_TEST

START_TEST(a_wrong_default_is_our_own_fault) {
  const ogi_key wrong[] = {{"x", OGI_KEY_REAL, 0, "V", 0, 1, NULL, "2", "x"}};
  double x;
  og_error err;
  ck_assert_int_eq(ogi_schema_read(&x, wrong, 1, write_file("", 0), NULL, 0, &err), OG_E_INTERNAL);
  ogt_has(err.text, "default of x: saw \"2\"");
}
END_TEST

START_TEST(every_failed_allocation_is_reported_and_nothing_leaks) {
  sample s;
  const char *path = write_file("name: a\n", 8);
  size_t live = ogi_mem_live();
  for (size_t k = 1; k <= 3; k++) {
    ogi_mem_fail_at(k);
    ck_assert_int_eq(ogi_schema_read(&s, table, KEYS, path, NULL, 0, NULL), OG_E_NOMEM);
    ogi_mem_fail_at(0);
    ck_assert_uint_eq(ogi_mem_live(), live);
  }
}
END_TEST

/* Whatever the bytes: a documented status, one printable line, and never a value outside the table's range. */
static void expect_sane(const char *text, size_t length) {
  sample s;
  og_error err = {0};
  og_status st = ogi_schema_read(&s, table, KEYS, write_file(text, length), NULL, 0, &err);
  ck_assert_msg(st == OG_OK || st == OG_E_INPUT || st == OG_E_RANGE, "%s: %s", og_status_name(st), err.text);
  if (st == OG_OK) {
    ck_assert(s.r_word >= 0 && s.share >= 0 && s.share <= 1 && s.drive <= 0.3 && isfinite(s.drive));
    ck_assert(s.tiles >= 1 && s.tiles <= 4096 && s.side >= 0 && s.side <= 2 && s.hidden.count <= OGI_LIST_MAX);
  } else {
    ogt_has(err.text, "config.yaml");
    for (const char *p = err.text; *p != '\0'; p++) ck_assert((unsigned char)*p >= 32);
  }
}

START_TEST(garbage_never_gets_through) {
  static const char seed_text[] = "# a study\nname: 'fashion'\narray: {r_word_ohm: 1.5 kohm, tiles: 1e3}\nsolve:\n"
                                  "  side: both\n  share: .5\nnet:\n  hidden: [300, 17]\n  sigma:\n    - 1.5 uS\n"
                                  "    - -2e-3\n  note: \"a \\x41\"\nseed: 12345678901234567\n";
  static const char odd[] = "&*!|>'\"%@`{}[],:?-#~\n\t \0\x80\xff\xc2.0e9k";
  char text[sizeof seed_text + 8];
  ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 77, .source = OGI_SOURCE_TEST});
  for (int turn = 0; turn < 3000; turn++) {
    size_t length = sizeof seed_text - 1;
    memcpy(text, seed_text, length);
    for (size_t edits = 1 + ogi_rng_below(rng, 4); edits > 0; edits--) {
      size_t at = ogi_rng_below(rng, length);
      if (ogi_rng_below(rng, 3) > 0) text[at] = odd[ogi_rng_below(rng, sizeof odd - 1)];
      else memmove(text + at, text + at + 1, --length - at);
    }
    if (turn % 7 == 0) length = ogi_rng_below(rng, length);
    if (turn % 11 == 0)
      for (size_t i = 0; i < length; i++) text[i] = (char)ogi_rng_below(rng, 256);
    expect_sane(text, length);
  }
  ogi_rng_free(rng);
}
END_TEST

START_TEST(deep_nesting_is_refused_without_deep_recursion) {
  static char text[200001];
  memset(text, '[', 200000);
  expect_sane(text, 200000);
  memset(text, '{', 200000);
  expect_sane(text, 200000);
  memcpy(text, "name: ", 6);
  expect_sane(text, 200000);
}
END_TEST

/* --- locate ----------------------------------------------------------------------------------------------------- */

START_TEST(names_live_in_the_data_folder_and_paths_stay) {
  char *path, name[8];
  og_error err;
  ck_assert_int_eq(ogi_locate(&path, "/d", "devices", "rram", "/card.yaml", NULL), OG_OK);
  ck_assert_str_eq(path, "/d/devices/rram/card.yaml");
  ogi_free(path);
  ck_assert_int_eq(ogi_locate(&path, "/d", "devices", "my.yaml", "/card.yaml", NULL), OG_OK);
  ck_assert_str_eq(path, "my.yaml");
  ogi_free(path);
  ck_assert_int_eq(ogi_locate(&path, NULL, "a/b", "c", ".yaml", NULL), OG_OK);
  ck_assert_str_eq(path, OG_PKGDATADIR "/a/b/c.yaml");
  ogi_free(path);
  ck_assert_int_eq(ogi_locate_name(name, sizeof name, "x/rram/card.yaml", "/card.yaml", NULL), OG_OK);
  ck_assert_str_eq(name, "rram");
  ck_assert_int_eq(ogi_locate_name(name, sizeof name, "x/t22.yaml", ".yaml", NULL), OG_OK);
  ck_assert_str_eq(name, "t22");
  ck_assert_int_eq(ogi_locate_name(name, sizeof name, "x/muchlonger.yaml", ".yaml", &err), OG_E_INPUT);
  ogt_has(err.text, "saw a name of 10 bytes, need 1 .. 7");
  ck_assert_int_eq(ogi_locate_name(name, sizeof name, "/", "", &err), OG_E_INPUT);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("config");
  TCase *units = tcase_create("units"), *schema = tcase_create("schema"), *garbage = tcase_create("garbage");
  tcase_add_test(units, numbers_with_prefix_and_unit_are_exact);
  tcase_add_test(units, infinity_is_read_and_nan_is_not);
  tcase_add_test(units, what_is_no_number_in_the_unit_is_refused);
  tcase_add_test(units, formatted_numbers_have_three_digits_and_a_prefix);
  tcase_add_test(units, formatted_numbers_read_back);
  tcase_add_test(units, a_decimal_comma_locale_changes_nothing);
  tcase_add_test(schema, a_file_sets_its_keys_and_defaults_fill_the_rest);
  tcase_add_test(schema, infinity_needs_an_infinite_limit);
  tcase_add_test(schema, errors_name_file_line_value_and_need);
  tcase_add_test(schema, unknown_keys_get_the_nearest_known_one);
  tcase_add_test(schema, wrong_shapes_are_refused);
  tcase_add_test(schema, repeated_keys_and_sections_are_refused);
  tcase_add_test(schema, surprising_yaml_is_refused);
  tcase_add_test(schema, missing_and_oversized_files_are_refused);
  tcase_add_test(schema, overrides_win_and_are_named);
  tcase_add_test(schema, a_dump_reads_back_to_the_same_bits);
  tcase_add_test(schema, help_tells_every_key_with_need_and_default);
  tcase_add_test(schema, a_wrong_default_is_our_own_fault);
  tcase_add_test(schema, every_failed_allocation_is_reported_and_nothing_leaks);
  tcase_add_test(schema, names_live_in_the_data_folder_and_paths_stay);
  tcase_set_timeout(garbage, 60);
  tcase_add_test(garbage, garbage_never_gets_through);
  tcase_add_test(garbage, deep_nesting_is_refused_without_deep_recursion);
  suite_add_tcase(suite, units);
  suite_add_tcase(suite, schema);
  suite_add_tcase(suite, garbage);
  return ogt_run(suite);
}
