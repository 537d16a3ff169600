/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_rng.h"
#include "ogt.h"
#include <ohmgrid/matrix.h>

/* Files are put together byte by byte here, from the description of the format, not by the library's own writer. */
static const char *write_bytes(const char *name, const void *bytes, size_t length) {
  const char *path = ogt_scratch(name);
  FILE *stream = fopen(path, "wb");
  ck_assert_ptr_nonnull(stream);
  ck_assert_uint_eq(fwrite(bytes, 1, length, stream), length);
  ck_assert_int_eq(fclose(stream), 0);
  return path;
}

static const char *write_text(const char *name, const char *text) { return write_bytes(name, text, strlen(text)); }

/* Magic, version, little-endian header length, header, data. Returns the file's length. */
static size_t npy_bytes(unsigned char *out, int major, const char *header, const void *data, size_t bytes) {
  size_t length = strlen(header), at = 0, width = major == 1 ? 2 : 4;
  memcpy(out, "\x93NUMPY", 6);
  out[6] = (unsigned char)major;
  out[7] = 0;
  for (at = 8; at < 8 + width; at++) out[at] = (unsigned char)(length >> 8 * (at - 8) & 255);
  memcpy(out + at, header, length);
  memcpy(out + at + length, data, bytes);
  return at + length + bytes;
}

static const char *write_npy(const char *name, int major, const char *header, const void *data, size_t bytes) {
  unsigned char file[4096];
  ck_assert_uint_lt(strlen(header) + bytes + 12, sizeof file);
  return write_bytes(name, file, npy_bytes(file, major, header, data, bytes));
}

/* Bytes of 1.7, -2.3e-5, 4096.125, ... : the encoding by shifts, exponent and mantissa by frexp. */
static void put_double(unsigned char *out, double x, int big) {
  int exponent;
  double part = frexp(fabs(x), &exponent); /* |x| = part * 2^exponent, part in [0.5, 1) */
  uint64_t bits = (uint64_t)ldexp(part, 53) - ((uint64_t)1 << 52);
  bits |= (uint64_t)(exponent + 1022) << 52 | (uint64_t)(x < 0) << 63;
  for (int b = 0; b < 8; b++) out[big ? 7 - b : b] = (unsigned char)(bits >> 8 * b);
}

static void put_float(unsigned char *out, float x, int big) {
  int exponent;
  float part = frexpf(fabsf(x), &exponent);
  uint32_t bits = (uint32_t)ldexpf(part, 24) - ((uint32_t)1 << 23);
  bits |= (uint32_t)(exponent + 126) << 23 | (uint32_t)(x < 0) << 31;
  for (int b = 0; b < 4; b++) out[big ? 3 - b : b] = (unsigned char)(bits >> 8 * b);
}

static const double six[6] = {1.7, -2.3e-5, 4096.125, 3.1e-300, -7.7e120, 0.3};

static void expect(const char *path, size_t ndim, size_t d0, size_t d1, size_t d2, const double *want, double rtol) {
  og_matrix m;
  og_error err = {0};
  ck_assert_msg(og_matrix_load(&m, path, &err) == OG_OK, "%s", err.text);
  ck_assert_uint_eq(m.ndim, ndim);
  ck_assert_uint_eq(m.dim[0], d0);
  ck_assert_uint_eq(m.dim[1], d1);
  ck_assert_uint_eq(m.dim[2], d2);
  for (size_t i = 0; i < d0 * d1 * d2; i++) ogt_rel(m.data[i], want[i], rtol);
  og_matrix_clear(&m);
  ck_assert_ptr_null(m.data);
}

START_TEST(reads_both_byte_orders_and_both_widths) {
  unsigned char bytes[48];
  for (int big = 0; big < 2; big++) {
    const char *order = big ? ">" : "<";
    char header[128];
    for (int i = 0; i < 6; i++) put_double(bytes + 8 * i, six[i], big);
    snprintf(header, sizeof header, "{'descr': '%sf8', 'fortran_order': False, 'shape': (2, 3), }\n", order);
    expect(write_npy("f8.npy", 1, header, bytes, 48), 2, 2, 3, 1, six, 0);
    const double small[6] = {1.7, -2.3e-5, 4096.125, 3.1e-30, -7.7e20, 0.3};
    for (int i = 0; i < 6; i++) put_float(bytes + 4 * i, (float)small[i], big);
    snprintf(header, sizeof header, "{'descr': '%sf4', 'fortran_order': False, 'shape': (6,), }\n", order);
    expect(write_npy("f4.npy", 1, header, bytes, 24), 1, 6, 1, 1, small, FLT_EPSILON / 2);
  }
}
END_TEST

START_TEST(reads_native_order_and_all_three_versions) {
  const char *header = "{'descr': '=f8', 'fortran_order': False, 'shape': (3, 2), }\n";
  for (int major = 1; major <= 3; major++) expect(write_npy("v.npy", major, header, six, 48), 2, 3, 2, 1, six, 0);
}
END_TEST

START_TEST(fortran_order_becomes_row_major) {
  /* column-major 2 x 3: columns (a d) (b e) (c f) */
  const double two[6] = {six[0], six[3], six[1], six[4], six[2], six[5]};
  unsigned char bytes[24 * 8];
  for (int i = 0; i < 6; i++) put_double(bytes + 8 * i, two[i], 0);
  expect(write_npy("f2.npy", 1, "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3)}", bytes, 48), 2, 2, 3, 1, six,
         0);
  double want[24];
  ogt_fill(want, 24, 0.5, 2.5, 11);
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 3; j++)
      for (int k = 0; k < 4; k++) put_double(bytes + 8 * (i + 2 * j + 6 * k), want[12 * i + 4 * j + k], 0);
  expect(write_npy("f3.npy", 2, "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3, 4)}", bytes, 192), 3, 2, 3, 4,
         want, 0);
}
END_TEST

START_TEST(header_may_be_written_in_any_way_python_reads) {
  static const char *const headers[] = {
      "{'shape': (2, 3), 'fortran_order': False, 'descr': '=f8'}",
      "{ \"descr\" :\t\"=f8\" ,\"shape\":( 2 , 3 , ) , \"fortran_order\":False , }   \n\n",
      "\n{\n'fortran_order'\n:\nFalse,\n'shape'\n:(\n2\n,3\n)\n,'descr':'=f8'\n}",
      "{'descr': '=f8', 'fortran_order': False, 'shape': (2L, 3L), }",
  };
  for (size_t k = 0; k < sizeof headers / sizeof *headers; k++)
    expect(write_npy("order.npy", 1, headers[k], six, 48), 2, 2, 3, 1, six, 0);
}
END_TEST

START_TEST(not_a_number_and_infinities_are_read_as_they_are) {
  const double odd[3] = {NAN, INFINITY, -INFINITY};
  const char *header = "{'descr': '=f8', 'fortran_order': False, 'shape': (3,)}";
  expect(write_npy("odd.npy", 1, header, odd, 24), 1, 3, 1, 1, odd, 0);
  expect(write_text("odd.csv", "nan,inf,-inf\n"), 1, 3, 1, 1, odd, 0);
}
END_TEST

static void refuse(const char *path, og_status status, const char *say) {
  og_error err = {0};
  og_matrix m = {.ndim = 3, .dim = {7, 7, 7}};
  size_t live = ogi_mem_live();
  ck_assert_msg(og_matrix_load(&m, path, &err) == status, "want \"%s\", saw \"%s\"", say, err.text);
  ogt_has(err.text, path);
  ogt_has(err.text, say);
  ck_assert_ptr_null(strchr(err.text, '\n'));
  ck_assert_uint_eq(m.ndim, 0);
  ck_assert_uint_eq(m.dim[0], 0);
  ck_assert_ptr_null(m.data);
  ck_assert_uint_eq(ogi_mem_live(), live);
}

#define DICT(descr, order, shape) "{'descr': " descr ", 'fortran_order': " order ", 'shape': " shape "}"
START_TEST(malformed_headers_are_refused_with_a_reason) {
  static const struct {
    const char *header, *say;
  } bad[] = {
      {DICT("'<i8'", "False", "(6,)"), "saw dtype '<i8', need float32 or float64 (numpy: a.astype(float))"},
      {DICT("'<f2'", "False", "(6,)"), "saw dtype '<f2'"},
      {DICT("'<c16'", "False", "(3,)"), "saw dtype '<c16'"},
      {DICT("'|O'", "False", "(6,)"), "saw dtype '|O'"},
      {DICT("'|b1'", "False", "(48,)"), "saw dtype '|b1'"},
      {DICT("'\\x00f8'", "False", "(6,)"), "saw dtype"},
      {DICT("[('a', '<f8')]", "False", "(6,)"), "saw a structured dtype"},
      {DICT("'<f8", "False", "(6,)"), "need"},
      {DICT("<f8", "False", "(6,)"), "need a quoted string"},
      {DICT("'<f8'", "false", "(6,)"), "need True or False"},
      {DICT("'<f8'", "0", "(6,)"), "need True or False"},
      {DICT("'<f8'", "False", "()"), "saw (), a single number"},
      {DICT("'<f8'", "False", "(6)"), "need ',' before the ')'"},
      {DICT("'<f8'", "False", "6"), "need a shape"},
      {DICT("'<f8'", "False", "(2, 0)"), "saw extent 0 in dimension 1"},
      {DICT("'<f8'", "False", "(2 3)"), "need ',' or ')' in the shape"},
      {DICT("'<f8'", "False", "(-6,)"), "need an extent"},
      {DICT("'<f8'", "False", "(,)"), "need an extent"},
      {DICT("'<f8'", "False", "(1, 2, 3, 1)"), "saw more than 3 dimensions, need 1 to 3"},
      {DICT("'<f8'", "False", "(99999999999999999999999,)"), "an extent that fits"},
      {DICT("'<f8'", "False", "(4294967296, 4294967296, 3)"), "more values than this machine can address"},
      {DICT("'<f8'", "False", "(2, 4)"), "truncated: saw 48 bytes of data, need 64 (8 values of 8 bytes)"},
      {DICT("'<f8'", "False", "(5,)"), "bytes behind the data: saw 48 bytes of data, need 40"},
      {"{'descr': '<f8', 'shape': (6,)}", "saw no key 'fortran_order'"},
      {"{'descr': '<f8', 'fortran_order': False}", "saw no key 'shape'"},
      {"{}", "saw no key 'descr'"},
      {"{'descr': '<f8', 'descr': '<f8', 'shape': (6,)}", "saw key 'descr' twice"},
      {"{'descr': '<f8', 'order': False, 'shape': (6,)}", "saw key 'order'"},
      {"{'descr' '<f8'}", "need ':'"},
      {"{'descr': '<f8' 'shape': (6,)}", "need ',' or '}'"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (6,)", "saw its end at byte"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (6", "saw its end at byte"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (6,)}; import os", "need nothing behind"},
      {"['descr']", "byte 10: saw ['descr'], need '{'"},
      {"", "saw its end at byte 10, need '{'"},
  };
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
    refuse(write_npy("bad.npy", 1, bad[k].header, six, 48), OG_E_INPUT, bad[k].say);
}
END_TEST

START_TEST(malformed_frames_are_refused_with_a_reason) {
  const char *header = DICT("'=f8'", "False", "(2, 3)");
  unsigned char file[256], other[256];
  size_t length = npy_bytes(file, 1, header, six, 48);
  for (size_t cut = 6; cut < length; cut++) refuse(write_bytes("cut.npy", file, cut), OG_E_INPUT, "truncated");
  memcpy(other, file, length);
  other[6] = 4;
  refuse(write_bytes("v4.npy", other, length), OG_E_INPUT, "saw .npy version 4.0, need 1.0, 2.0 or 3.0");
  other[6] = 1;
  other[7] = 1;
  refuse(write_bytes("v11.npy", other, length), OG_E_INPUT, "saw .npy version 1.1");
  length = npy_bytes(file, 2, header, six, 48);
  file[11] = 0xff;
  refuse(write_bytes("long.npy", file, length), OG_E_INPUT, "need a .npy header of 42781");
  refuse(write_bytes("zip.npz", "PK\3\4rest", 8), OG_E_INPUT, "zip archive");
  refuse("/nowhere/at/all.npy", OG_E_INPUT, "No such file");
}
END_TEST

/* Whatever two flipped bytes do to a small file: an answer or a reason, never a crash, never a leak. */
START_TEST(two_thousand_mutations_do_no_harm) {
  const char *header = "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }\n";
  ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 4711, .source = OGI_SOURCE_TEST});
  unsigned char file[256];
  size_t good = 0, live = ogi_mem_live();
  for (int turn = 0; turn < 2000; turn++) {
    size_t length = npy_bytes(file, 1 + turn % 3, header, six, 48), frame = length - 48;
    size_t flips = 1 + ogi_rng_below(rng, 2);
    for (size_t k = 0; k < flips; k++) {
      size_t at = ogi_rng_below(rng, frame);
      size_t byte = turn % 2 ? ogi_rng_below(rng, 256) : file[at] ^ 1u << ogi_rng_below(rng, 8);
      file[at] = (unsigned char)byte;
    }
    og_matrix m;
    og_error err = {0};
    og_status st = og_matrix_load(&m, write_bytes("fuzz.npy", file, length), &err);
    ck_assert(st == OG_OK || st == OG_E_INPUT);
    ck_assert((st == OG_OK) == (m.data != NULL) && (st == OG_OK || err.text[0] != '\0'));
    good += st == OG_OK;
    og_matrix_clear(&m);
  }
  ck_assert_uint_lt(good, 1000); /* most flips hit something that matters */
  ck_assert_uint_eq(ogi_mem_live(), live);
  ogi_rng_free(rng);
}
END_TEST

START_TEST(csv_takes_any_one_separator_and_comments) {
  const double want[6] = {1.5, -2e-6, 3, 4.25, 5e3, 0.6};
  static const char *const texts[] = {
      "1.5,-2e-6,3\n4.25,5e3,.6\n",
      "1.5;-2e-6;3\n4.25;5e3;0.6",
      "# G in S\n\n  1.5\t-2e-6\t3 \r\n4.25   5e3\t.6\r\n\r\n",
      "\xef\xbb\xbf" "1.5 , -2e-6,  3\r4.25,5e3 , .6\r  # end",
  };
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) expect(write_text("x.csv", texts[k]), 2, 2, 3, 1, want, 0);
  expect(write_text("line.csv", "1.5,-2e-6,3,4.25,5e3,0.6"), 1, 6, 1, 1, want, 0);
  expect(write_text("column.csv", "1.5\n-2e-6\n3\n4.25\n5e3\n0.6\n"), 1, 6, 1, 1, want, 0);
  expect(write_text("one.csv", "1.5"), 1, 1, 1, 1, want, 0);
}
END_TEST

START_TEST(csv_is_read_alike_in_a_locale_with_decimal_commas) {
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
  const double want[4] = {1.5, 2.25, 3.125, 4.0625};
  for (size_t k = 0; k < sizeof names / sizeof *names && setlocale(LC_NUMERIC, names[k]) == NULL; k++) continue;
  expect(write_text("locale.csv", "1.5,2.25\n3.125,4.0625\n"), 2, 2, 2, 1, want, 0);
  setlocale(LC_NUMERIC, "C");
}
END_TEST

START_TEST(malformed_csv_is_refused_with_file_and_line) {
  static const struct {
    const char *text, *say;
  } bad[] = {
      {"1,2,3\n# two\n4,5\n", "bad.csv:3: saw 2 values, need 3"},
      {"1,2\n3,4,5\n", "bad.csv:2: saw 3 values, need 2"},
      {"a,b\n1,2\n", "bad.csv:1: saw 'a', need a number (put # before a heading)"},
      {"1,2\n3,4x\n", "bad.csv:2: saw '4x', need a number"},
      {"1,,2\n", "bad.csv:1: saw an empty field"},
      {"1,2,\n", "bad.csv:1: saw an empty field"},
      {",1\n", "bad.csv:1: saw an empty field"},
      {"1,5;2,5\n", "saw ',' and ';' as separators"},
      {"1,5 2,5\n", "saw ',' and ' ' as separators"},
      {"1 2\n3,4\n", "bad.csv:2: saw ' ' and ',' as separators"},
      {"1e999\n", "saw '1e999', need a number below"},
      {"", "saw no number"},
      {"# nothing\n\n", "saw no number"},
      {"{\"g\": [1, 2]}\n", "bad.csv:1: saw '{\"g\":'"},
      {"\x89HDF\r\n\x1a\n", "bad.csv:1: saw '?HDF'"},
  };
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
    refuse(write_text("bad.csv", bad[k].text), OG_E_INPUT, bad[k].say);
  refuse(write_bytes("bad.csv", "1,2\n3,\0004\n", 9), OG_E_INPUT, "bad.csv:2: saw an empty field");
  refuse(write_bytes("bad.csv", "1,2\n3,4\0", 8), OG_E_INPUT, "bad.csv:2: saw a zero byte");
}
END_TEST

START_TEST(what_was_saved_comes_back_bit_by_bit) {
  double x[2 * 3 * 7];
  static const size_t dims[3][3] = {{42, 1, 1}, {6, 7, 1}, {2, 3, 7}};
  ogt_fill(x, 42, -1e-4, 3e5, 3);
  x[5] = NAN;
  x[6] = -0.0;
  x[7] = 5e-324;
  for (size_t ndim = 1; ndim <= 3; ndim++) {
    og_matrix m;
    const char *path = ogt_scratch("back.npy");
    ck_assert_int_eq(og_matrix_save(path, ndim, dims[ndim - 1], x, NULL), OG_OK);
    ck_assert_int_eq(og_matrix_load(&m, path, NULL), OG_OK);
    ck_assert_uint_eq(m.ndim, ndim);
    ck_assert_mem_eq(m.dim, dims[ndim - 1], sizeof m.dim);
    ck_assert_mem_eq(m.data, x, sizeof x);
    og_matrix_clear(&m);
  }
}
END_TEST

/* The format wants version 1 bytes, a header ending in a newline and data at a multiple of 64 bytes. */
START_TEST(saved_bytes_are_those_of_the_format) {
  static const size_t dim[2] = {1, 600}; /* more than one block of the writer */
  double x[600];
  ogt_fill(x, 600, 1, 2, 4);
  const char *path = ogt_scratch("bytes.npy");
  ck_assert_int_eq(og_matrix_save(path, 2, dim, x, NULL), OG_OK);
  char *file;
  size_t length;
  ck_assert_int_eq(ogi_file_read(&file, &length, path, 0, NULL), OG_OK);
  ck_assert_uint_eq(length, 128 + 600 * 8);
  ck_assert_mem_eq(file, "\x93NUMPY\1\0\x76\0", 10);
  ck_assert_int_eq(file[127], '\n');
  file[127] = '\0';
  const char *dict = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 600), }";
  ck_assert_mem_eq(file + 10, dict, strlen(dict));
  ck_assert_uint_eq(strspn(file + 10 + strlen(dict), " "), 117 - strlen(dict));
  unsigned char want[8];
  for (int i = 0; i < 600; i++) {
    put_double(want, x[i], 0);
    ck_assert_mem_eq(file + 128 + 8 * i, want, 8);
  }
  ogi_free(file);
}
END_TEST

START_TEST(missing_arguments_and_unwritable_places_are_refused) {
  const size_t dim[2] = {2, 3}, none[2] = {2, 0}, huge[2] = {(size_t)1 << 40, (size_t)1 << 40};
  og_error err;
  og_matrix m;
  ck_assert_int_eq(og_matrix_load(NULL, "x", &err), OG_E_ARG);
  ck_assert_int_eq(og_matrix_load(&m, NULL, &err), OG_E_ARG);
  ck_assert_ptr_null(m.data);
  const char *path = ogt_scratch("never.npy");
  unlink(path);
  ck_assert_int_eq(og_matrix_save(NULL, 2, dim, six, &err), OG_E_ARG);
  ck_assert_int_eq(og_matrix_save(path, 2, NULL, six, &err), OG_E_ARG);
  ck_assert_int_eq(og_matrix_save(path, 2, dim, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_matrix_save(path, 0, dim, six, &err), OG_E_ARG);
  ck_assert_int_eq(og_matrix_save(path, 4, dim, six, &err), OG_E_ARG);
  ogt_has(err.text, "saw 4 dimensions, need 1..3");
  ck_assert_int_eq(og_matrix_save(path, 2, none, six, &err), OG_E_ARG);
  ck_assert_int_eq(og_matrix_save(path, 2, huge, six, &err), OG_E_ARG);
  ck_assert_int_ne(access(path, F_OK), 0);
  ck_assert_int_eq(og_matrix_save("/nowhere/at/all.npy", 2, dim, six, &err), OG_E_IO);
  ogt_has(err.text, "/nowhere/at/all.npy");
  og_matrix_clear(NULL);
}
END_TEST

START_TEST(every_failing_allocation_is_reported_and_leaks_nothing) {
  char name[64];
  snprintf(name, sizeof name, "%s", write_text("alloc.csv", "1 2 3\n4 5 6\n"));
  const size_t dim[1] = {6};
  size_t live = ogi_mem_live(), failed = 0;
  for (size_t k = 1;; k++, failed++) {
    og_matrix m;
    ogi_mem_fail_at(k);
    og_status st = og_matrix_load(&m, name, NULL);
    ogi_mem_fail_at(0);
    og_matrix_clear(&m);
    ck_assert_uint_eq(ogi_mem_live(), live);
    if (st == OG_OK) break;
    ck_assert_int_eq(st, OG_E_NOMEM);
  }
  ck_assert_uint_ge(failed, 2);
  ogi_mem_fail_at(1);
  ck_assert_int_eq(og_matrix_save(ogt_scratch("alloc.npy"), 1, dim, six, NULL), OG_E_NOMEM);
  ogi_mem_fail_at(0);
  ck_assert_uint_eq(ogi_mem_live(), live);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("matrix");
  TCase *npy = tcase_create("npy"), *csv = tcase_create("csv"), *save = tcase_create("save");
  tcase_set_timeout(npy, 60);
  tcase_add_test(npy, reads_both_byte_orders_and_both_widths);
  tcase_add_test(npy, reads_native_order_and_all_three_versions);
  tcase_add_test(npy, fortran_order_becomes_row_major);
  tcase_add_test(npy, header_may_be_written_in_any_way_python_reads);
  tcase_add_test(npy, not_a_number_and_infinities_are_read_as_they_are);
  tcase_add_test(npy, malformed_headers_are_refused_with_a_reason);
  tcase_add_test(npy, malformed_frames_are_refused_with_a_reason);
  tcase_add_test(npy, two_thousand_mutations_do_no_harm);
  tcase_add_test(csv, csv_takes_any_one_separator_and_comments);
  tcase_add_test(csv, csv_is_read_alike_in_a_locale_with_decimal_commas);
  tcase_add_test(csv, malformed_csv_is_refused_with_file_and_line);
  tcase_add_test(save, what_was_saved_comes_back_bit_by_bit);
  tcase_add_test(save, saved_bytes_are_those_of_the_format);
  tcase_add_test(save, missing_arguments_and_unwritable_places_are_refused);
  tcase_add_test(save, every_failing_allocation_is_reported_and_leaks_nothing);
  suite_add_tcase(suite, npy);
  suite_add_tcase(suite, csv);
  suite_add_tcase(suite, save);
  return ogt_run(suite);
}
