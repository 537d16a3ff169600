/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "ogt.h"
#include "vectors/ogi_vectors.h"
#include <ohmgrid/ohmgrid.h>

/* A file of the corpus that ngspice wrote from tests/fuzz/samples.cir. */
static const char *sample(const char *name) {
  static char path[600];
  const char *top = getenv("top_srcdir");
  snprintf(path, sizeof path, "%s/tests/fuzz/corpus/raw/%s", top != NULL ? top : ".", name);
  return path;
}

static og_status parse(const char *text, og_error *err) {
  og_vectors **plots;
  size_t count;
  og_status st = ogi_raw_parse(text, strlen(text), "f.raw", &plots, &count, err);
  if (st == OG_OK) og_raw_free(plots, count);
  return st;
}

/* Oracle: the deck. 1.5 V over 1 kohm and 0.1 nF at rest; H = 1 / (1 + 2 pi i f RC). */
static void check_plots(og_vectors *const *p, size_t count) {
  ck_assert_uint_eq(count, 3);
  ck_assert_str_eq(p[0]->title, "rc low pass");
  ck_assert_str_eq(p[0]->plot, "Operating Point");
  ck_assert_int_eq(p[0]->has_scale, 0);
  ck_assert_uint_eq(p[0]->points, 1);
  ogt_rel(og_vectors_at(p[0], og_vectors_find(p[0], "out"))[0], 1.5, 1e-12);
  ck_assert_int_eq(p[1]->has_scale, 1);
  ck_assert_str_eq(p[1]->name[0], "time");
  ck_assert_str_eq(p[1]->name[3], "v1#branch");
  ck_assert_int_eq(p[1]->quantity[3], OG_Q_CURRENT);
  ck_assert_uint_eq(og_vectors_find(p[1], "I(V1)"), 3);
  for (size_t k = 0; k < p[1]->points; k++) {
    double in = og_vectors_at(p[1], 1)[k], out = og_vectors_at(p[1], 2)[k];
    ogt_abs(og_vectors_at(p[1], 3)[k], (out - in) / 1e3, 1e-15);
  }
  ck_assert_int_eq(p[2]->complex_values, 1);
  ck_assert_int_eq(p[2]->quantity[0], OG_Q_FREQUENCY);
  ck_assert_uint_eq(p[2]->points, 5);
  for (size_t k = 0; k < p[2]->points; k++) {
    double w = 2 * M_PI * og_vectors_at(p[2], 0)[2 * k] * 1e3 * 0.1e-9;
    ogt_rel(og_vectors_at(p[2], 2)[2 * k], 1 / (1 + w * w), 1e-12);
    ogt_rel(og_vectors_at(p[2], 2)[2 * k + 1], -w / (1 + w * w), 1e-12);
  }
}

START_TEST(plots_of_ngspice_are_read_in_both_forms) {
  static const char *const name[] = {"ngspice-ascii.raw", "ngspice-binary.raw"};
  og_vectors **p;
  size_t count;
  og_error err;
  for (int k = 0; k < 2; k++) {
    ck_assert_msg(og_raw_load(sample(name[k]), &p, &count, &err) == OG_OK, "%s", err.text);
    check_plots(p, count);
    og_raw_free(p, count);
  }
  ck_assert_int_eq(og_raw_load(sample("ngspice-sweep.raw"), &p, &count, &err), OG_OK);
  ck_assert_str_eq(p[0]->name[0], "v-sweep");
  ck_assert_str_eq(p[0]->name[1], "@r1[i]");
  ck_assert_int_eq(p[0]->has_scale, 1);
  og_raw_free(p, count);
}
END_TEST

static og_vectors *make(size_t count, size_t points, int complex_values) {
  og_vectors *v;
  ck_assert_int_eq(og_vectors_create(&v, count, points, complex_values, NULL), OG_OK);
  ogt_fill(v->data, count * points * (complex_values ? 2 : 1), -1.7, 3.1, 11);
  for (size_t p = 0; p < points; p++) v->data[complex_values ? 2 * p : p] = 1e-9 * (double)p;
  for (size_t p = 0; complex_values && p < points; p++) v->data[2 * p + 1] = 0;
  ck_assert_int_eq(og_vectors_name(v, 0, complex_values ? "frequency" : "time",
                                   complex_values ? OG_Q_FREQUENCY : OG_Q_TIME, NULL), OG_OK);
  ck_assert_int_eq(og_vectors_name(v, 1, "x1.mid", OG_Q_VOLTAGE, NULL), OG_OK);
  ck_assert_int_eq(og_vectors_name(v, 2, "vt_2#branch", OG_Q_CURRENT, NULL), OG_OK);
  ck_assert_int_eq(og_vectors_name(v, 3, "@r1[i]", OG_Q_CURRENT, NULL), OG_OK);
  ck_assert_int_eq(og_vectors_name(v, 4, "v(a,b)", OG_Q_VOLTAGE, NULL), OG_OK);
  ck_assert_int_eq(og_vectors_name(v, 5, "onoise", OG_Q_VOLTAGE_DENSITY, NULL), OG_OK);
  v->has_scale = 1;
  return v;
}

static void check_equal(const og_vectors *a, const og_vectors *b) {
  ck_assert_uint_eq(a->count, b->count);
  ck_assert_uint_eq(a->points, b->points);
  ck_assert_int_eq(a->complex_values, b->complex_values);
  ck_assert_int_eq(a->has_scale, b->has_scale);
  for (size_t k = 0; k < a->count; k++) {
    ck_assert_str_eq(a->name[k], b->name[k]);
    ck_assert_int_eq(a->quantity[k], b->quantity[k]);
  }
  ck_assert_mem_eq(a->data, b->data, a->count * a->points * (a->complex_values ? 2 : 1) * sizeof(double));
}

START_TEST(what_is_written_comes_back_bit_by_bit) {
  for (int form = 0; form < 8; form++) {
    const char *path = ogt_scratch(form < 4 ? "back.raw" : form < 6 ? "one.csv" : "one.raw");
    og_vectors *v = make(6, 13, form & 1), *one, **p;
    const og_vectors *const both[] = {v, v};
    size_t count;
    og_error err;
    if (form < 4) {
      ck_assert_msg(og_raw_save(path, both, 2, form / 2, &err) == OG_OK, "%s", err.text);
      ck_assert_msg(og_raw_load(path, &p, &count, &err) == OG_OK, "%s", err.text);
      ck_assert_uint_eq(count, 2);
      check_equal(p[0], v);
      check_equal(p[1], v);
      ck_assert_int_eq(og_vectors_load(path, &one, &err), OG_E_INPUT);
      ogt_has(err.text, "saw 2 plots");
      og_raw_free(p, count);
    } else {
      ck_assert_msg(og_vectors_save(path, v, &err) == OG_OK, "%s", err.text);
      ck_assert_msg(og_vectors_load(path, &one, &err) == OG_OK, "%s", err.text);
      check_equal(one, v);
      og_vectors_free(one);
    }
    og_vectors_free(v);
  }
}
END_TEST

START_TEST(npy_has_the_bytes_of_numpy) {
  og_vectors *v = make(6, 3, 0), *back;
  og_matrix matrix;
  og_error err;
  const char *path = ogt_scratch("v.npy");
  ck_assert_int_eq(og_vectors_save(path, v, &err), OG_OK);
  ck_assert_int_eq(og_matrix_load(&matrix, path, &err), OG_OK);
  ck_assert_uint_eq(matrix.dim[0], 3);
  ck_assert_uint_eq(matrix.dim[1], 6);
  for (size_t p = 0; p < 3; p++)
    for (size_t k = 0; k < 6; k++) ck_assert(matrix.data[p * 6 + k] == og_vectors_at(v, k)[p]);
  og_matrix_clear(&matrix);
  ck_assert_int_eq(og_vectors_load(path, &back, &err), OG_E_INPUT);
  ogt_has(err.text, "holds no names");
  ck_assert_int_eq(og_vectors_save("x.txt", v, &err), OG_E_ARG);
  ogt_has(err.text, "another suffix");
  og_vectors_free(v);
  v = make(6, 3, 1);
  char *bytes;
  size_t length;
  ck_assert_int_eq(og_vectors_save(path, v, &err), OG_OK);
  ck_assert_int_eq(ogi_file_read(&bytes, &length, path, 0, &err), OG_OK);
  ck_assert_uint_eq(length, 128 + 16 * 6 * 3);
  ogt_has(bytes + 10, "'<c16'");
  ck_assert_mem_eq(bytes + 128 + 16, v->data + 2 * 3, 16); /* first point, second vector */
  ogi_free(bytes);
  og_vectors_free(v);
}
END_TEST

#define HEAD "Title: t\nPlotname: p\nFlags: real\nNo. Variables: 2\nNo. Points: 2   \n"
#define LIST "Variables:\n\t0\ttime\ttime\n\t1\tV(Out)\tvoltage\n"

START_TEST(headers_of_other_writers_are_accepted) {
  static const char *const good[] = {
      HEAD LIST "Values:\n0\t1\n\t2\n1\t3\n\t4\n",
      "\r\nTitle: t\r\nNo. Points: 2\r\nNo. Variables: 2\r\nFlags: real padded\r\nCommand: version 7\r\nOption: a=b\r\n"
      "Offset: 0\r\nVariables: 0 time time\r\n 1 V(Out) voltage dims=2\r\nValues:\r\n0 1\r\n 2\r\n\r\n1 3\r\n 4\r\n",
      "plotname: p\nflags: Real unpadded\nDate: 12:30\nno. variables: 2\nno. points: 2\nvariables:\n 0 time time\n"
      " 1 V(Out) voltage\nvalues:\n 0 1 2\n 1 3 4\n"};
  for (size_t k = 0; k < sizeof good / sizeof *good; k++) {
    og_vectors **p;
    size_t count;
    og_error err;
    ck_assert_msg(ogi_raw_parse(good[k], strlen(good[k]), "f", &p, &count, &err) == OG_OK, "%zu %s", k, err.text);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(p[0]->name[1], "out");
    ck_assert(og_vectors_at(p[0], 1)[1] == 4 && og_vectors_at(p[0], 0)[1] == 3);
    og_raw_free(p, count);
  }
}
END_TEST

START_TEST(bad_raw_files_are_refused_in_one_line) {
  static const struct {
    const char *text, *says;
  } bad[] = {
      {"", "line 1: saw the end of the file"},
      {"hello\n", "line 1: saw \"hello\", need a line of a raw file's header"},
      {HEAD, "line 6: saw the end of the file"},
      {HEAD LIST "Values:\n0\t1\n\t2\n1\t3\n\t", "line 13: point 1, variable 1: saw the end, need a number"},
      {HEAD LIST "Values:\n0\t1\n\t2\n2\t3\n\t4\n", "line 12: point 1, variable 0: saw \"2\", need the number of"},
      {HEAD LIST "Values:\n0\t1\n\t2,0\n1\t3\n\t4\n", "line 11: point 0, variable 1: saw \",0\", need a blank"},
      {HEAD LIST "Values:\n0\t1\n\t2\n1\t3\n\t4", "point 1, variable 1: saw the end, need a blank behind the number"},
      {HEAD LIST "Values:\n0\t1\n\tx\n1\t3\n\t4\n", "saw \"x\", need a number"},
      {"Flags: complex\nNo. Variables: 1\nNo. Points: 1\nVariables:\n0 f frequency\nValues:\n0 1 0\n", "imaginary"},
      {HEAD LIST "Binary:\n1234567", "saw 7 bytes of data, need more than that for 2 points of 2 variables"},
      {HEAD LIST "Binary:\n123456789012345678901234", "saw values of 4 bytes, need 8"},
      {"No. Points: 0       \n", "line 1: no. points: saw \"0\", need a whole number >= 1 (was the simulator st"},
      {"No. Points: -4\n", "saw \"-4\", need a whole number"},
      {"No. Points: 1e18\n", "saw \"1e18\", need a whole number"},
      {"No. Variables: 99999999999999999999999\n", "need a whole number"},
      {"No. Variables: 2\nNo. Points: 1000000000000000000\n" LIST "Values:\n0 1\n", "need more than that"},
      {"No. Variables: 2\nNo. Points: 9223372036854775807\n" LIST "Binary:\n0 1\n", "need more than that"},
      {"No. Variables: 4611686018427387905\nNo. Points: 1\n" LIST "Binary:\n0 1\n", "the file is cut"},
      {"No. Variables: 1\nVariables:\n0 a b\nNo. Variables: 4611686018427387905\nNo. Points: 1\nBinary:\n12345678",
       "saw 8 bytes of data"},
      {"Variables:\n0 a b\n", "need their number before (No. Variables)"},
      {"No. Variables: 1\nNo. Points: 1\nValues:\n0 1\n", "need the list of variables before"},
      {"No. Variables: 1\nVariables:\n0 a b\nValues:\n0 1\n", "need their number before (No. Points)"},
      {"No. Variables: 1\nNo. Points: 1\nVariables:\n1 a b\nValues:\n0 1\n", "line 4: variables: saw \"1 a b\""},
      {"Flags: unpadded\nNo. Variables: 1\nNo. Points: 2\nVariables:\n0 a b dims=1\nValues:\n0 1\n1 2\n", "of its own"},
      {"No. Variables: 1\nNo. Points: 1\nVariables:\n0\ta\1b\tvoltage\nValues:\n0 1\n", "need \"0 name type\""},
      {"Flags: real fastaccess\n", "need real or complex (LTspice"},
      {"\xff\xfeT", "saw text in UTF-16"},
  };
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    og_error err;
    size_t live = ogi_mem_live();
    ck_assert_msg(parse(bad[k].text, &err) == OG_E_INPUT, "case %zu was read", k);
    ogt_has(err.text, bad[k].says);
    ck_assert_uint_eq(ogi_mem_live(), live);
  }
}
END_TEST

/* No prefix of a good file is one, except those that end with a plot; none leaks or crashes. */
START_TEST(a_raw_file_cut_anywhere_is_refused_or_ends_with_a_plot) {
  static const char *const name[] = {"ngspice-ascii.raw", "ngspice-binary.raw"};
  for (int k = 0; k < 2; k++) {
    char *bytes;
    size_t length, good = 0, live = ogi_mem_live();
    ck_assert_int_eq(ogi_file_read(&bytes, &length, sample(name[k]), 0, NULL), OG_OK);
    for (size_t cut = 0; cut < length; cut++) {
      char *part = ogi_alloc(cut + 1, 1);
      og_vectors **p;
      size_t count;
      memcpy(part, bytes, cut);
      if (ogi_raw_parse(part, cut, "f", &p, &count, NULL) == OG_OK) {
        good++;
        og_raw_free(p, count);
      }
      ogi_free(part);
    }
    ck_assert_msg(good >= 2 && good < 12, "%zu cut files were read", good);
    ogi_free(bytes);
    ck_assert_uint_eq(ogi_mem_live(), live);
  }
}
END_TEST

START_TEST(every_lost_allocation_is_told_and_leaks_nothing) {
  static const char text[] = HEAD LIST "Values:\n0\t1\n\t2\n1\t3\n\t4\n";
  static const char table[] = "time,re(v(a)),im(v(a))\n1,2,3\n4,5,6\n";
  for (size_t k = 1; k < 40; k++) {
    size_t live = ogi_mem_live(), count;
    og_vectors **p, *v;
    ogi_mem_fail_at(k);
    og_status st = ogi_raw_parse(text, strlen(text), "f", &p, &count, NULL);
    ck_assert(st == OG_OK || (st == OG_E_NOMEM && p == NULL));
    og_raw_free(p, count);
    ogi_mem_fail_at(k);
    st = ogi_csv_parse(table, strlen(table), "f", &v, NULL);
    ck_assert(st == OG_OK || (st == OG_E_NOMEM && v == NULL));
    og_vectors_free(v);
    ogi_mem_fail_at(0);
    ck_assert_uint_eq(ogi_mem_live(), live);
  }
}
END_TEST

static og_vectors *table(const char *text) {
  og_vectors *v;
  og_error err;
  ck_assert_msg(ogi_csv_parse(text, strlen(text), "f.csv", &v, &err) == OG_OK, "%s", err.text);
  return v;
}

START_TEST(tables_of_other_programs_are_read) {
  static const char *const same[] = {
      "time,v(out),i(v1)\n1e-9,2.5,-3\n2e-9,4.5,-6\n",
      "* made elsewhere\r\n# twice\r\nTime ; V(Out) ; I(V1)\r\n1e-9 ; 2.5 ; -3\r\n\r\n2e-9;4.5;-6\r\n",
      "\xef\xbb\xbftime\tout [V]\tV1#branch (A)\n1e-9\t2.5\t-3\n2e-9\t4.5\t-6",
      "time [s] v(out) [V]  i(v1)\n 1e-9 2.5   -3\n 2e-9\t4.5 -6 \n",
      "\"time [s]\",\"v(out)\",\"i(v1)\"\n1e-9,2.5,-3\n2e-9,4.5,-6\n"};
  for (size_t k = 0; k < sizeof same / sizeof *same; k++) {
    og_vectors *v = table(same[k]);
    const double want[] = {1e-9, 2e-9, 2.5, 4.5, -3, -6};
    ck_assert_uint_eq(v->count, 3);
    ck_assert_mem_eq(v->data, want, sizeof want);
    ck_assert_str_eq(v->name[1], "out");
    ck_assert_str_eq(v->name[2], "v1#branch");
    ck_assert_int_eq(v->quantity[0], OG_Q_TIME);
    ck_assert_int_eq(v->quantity[1], OG_Q_VOLTAGE);
    ck_assert_int_eq(v->quantity[2], OG_Q_CURRENT);
    ck_assert_int_eq(v->has_scale, 1);
    og_vectors_free(v);
  }
  og_vectors *v = table("/out X,/out Y,/in X,/in Y\n1,2,1,4\n3,4,3,8\n");
  ck_assert_uint_eq(v->count, 3);
  ck_assert_str_eq(v->name[0], "x");
  ck_assert_str_eq(v->name[2], "/in");
  ck_assert(og_vectors_at(v, 2)[1] == 8 && og_vectors_at(v, 0)[1] == 3);
  og_vectors_free(v);
}
END_TEST

START_TEST(bad_tables_are_refused_in_one_line) {
  static const struct {
    const char *text, *says;
  } bad[] = {{"", "saw no names"},
             {"# only\n", "saw no names"},
             {"time,a\n", "saw 0 bytes behind the names"},
             {"1,2\n3,4\n", "f.csv:1: column 1: saw \"1\", need a name"},
             {"time,,a\n1,2,3\n", "f.csv:1: column 2: saw \"\", need a name"},
             {"time,a\n1,2\n\n3\n", "f.csv:4: column 1: saw \"3\", need a number, the separator"},
             {"time,a\n1,2\n3,\n", "f.csv:3: column 2: saw \"\", need a number"},
             {"time,a\n1,2,3\n", "f.csv:2: column 2: saw \"2,3\", need a number and the end"},
             {"time;a\n1,5;2\n", "f.csv:2: column 1: saw \"1,5\""},
             {"time,a\n1,x\n", "saw \"x\", need a number"},
             {"a,b,c,d,e,f,g,h\n1\n2\n", "need 8 columns"},
             {"a X,a Y,b X,b Y\n1,2,1,4\n3,4,5,8\n", "column 3: saw other values than in column 1"}};
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    og_vectors *v;
    og_error err;
    size_t live = ogi_mem_live();
    ck_assert_msg(ogi_csv_parse(bad[k].text, strlen(bad[k].text), "f.csv", &v, &err) == OG_E_INPUT, "case %zu", k);
    ogt_has(err.text, bad[k].says);
    ck_assert_uint_eq(ogi_mem_live(), live);
  }
}
END_TEST

START_TEST(writers_refuse_what_no_reader_takes_and_missing_places) {
  og_vectors *v = make(6, 2, 0), *none = NULL;
  const og_vectors *const list[] = {v}, *const hole[] = {none};
  og_vectors **p;
  size_t count;
  og_error err;
  ck_assert_int_eq(og_raw_save("no/such/folder/x.raw", list, 1, 0, &err), OG_E_IO);
  ck_assert_int_eq(og_raw_save(NULL, list, 1, 0, &err), OG_E_ARG);
  ck_assert_int_eq(og_raw_save("x.raw", hole, 1, 0, &err), OG_E_ARG);
  ck_assert_int_eq(og_raw_load(NULL, &p, &count, &err), OG_E_ARG);
  ck_assert_int_eq(og_raw_load("no-such.raw", &p, &count, &err), OG_E_INPUT);
  ck_assert_int_eq(og_vectors_load(NULL, &none, &err), OG_E_ARG);
  ck_assert_int_eq(og_vectors_save(NULL, v, &err), OG_E_ARG);
  ck_assert_int_eq(og_vectors_name(v, 2, "a b", OG_Q_CURRENT, NULL), OG_OK);
  ck_assert_int_eq(og_raw_save(ogt_scratch("blank.raw"), list, 1, 0, &err), OG_E_INPUT);
  ogt_has(err.text, "saw name \"a b\", need one without blanks");
  ck_assert_int_ne(access(ogt_scratch("blank.raw"), F_OK), 0);
  ck_assert_int_eq(og_vectors_name(v, 2, "a\"b", OG_Q_CURRENT, NULL), OG_OK);
  ck_assert_int_eq(og_vectors_save(ogt_scratch("quote.csv"), v, &err), OG_E_INPUT);
  og_vectors_free(v);
  og_raw_free(NULL, 3);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("raw");
  TCase *tc = tcase_create("raw");
  tcase_set_timeout(tc, 60);
  tcase_add_test(tc, plots_of_ngspice_are_read_in_both_forms);
  tcase_add_test(tc, what_is_written_comes_back_bit_by_bit);
  tcase_add_test(tc, npy_has_the_bytes_of_numpy);
  tcase_add_test(tc, headers_of_other_writers_are_accepted);
  tcase_add_test(tc, bad_raw_files_are_refused_in_one_line);
  tcase_add_test(tc, a_raw_file_cut_anywhere_is_refused_or_ends_with_a_plot);
  tcase_add_test(tc, every_lost_allocation_is_told_and_leaks_nothing);
  tcase_add_test(tc, tables_of_other_programs_are_read);
  tcase_add_test(tc, bad_tables_are_refused_in_one_line);
  tcase_add_test(tc, writers_refuse_what_no_reader_takes_and_missing_places);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
