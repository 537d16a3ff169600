/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_rng.h"
#include "ogt.h"
#include <ohmgrid/ohmgrid.h>

START_TEST(every_status_has_name_text_and_exit_status) {
  const og_status all[] = {
#define X(name, value, exit_status, text) OG_##name,
      OG_STATUS_LIST(X)
#undef X
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    ck_assert_str_ne(og_status_name(all[i]), "?");
    ck_assert_str_ne(og_status_text(all[i]), "unknown status");
    int code = og_status_exit(all[i]);
    ck_assert(code >= 0 && code <= 4 && (code == 0) == (all[i] == OG_OK));
  }
  ck_assert_str_eq(og_status_name((og_status)77), "?");
}
END_TEST

START_TEST(error_is_one_line_and_prefix_goes_in_front) {
  og_error err;
  ck_assert_int_eq(ogi_fail(&err, OG_E_RANGE, "saw %d\nneed more", 3), OG_E_RANGE);
  ck_assert_str_eq(err.text, "saw 3 need more");
  ck_assert_int_eq(ogi_prefix(&err, OG_E_RANGE, "tile %d", 7), OG_E_RANGE);
  ck_assert_str_eq(err.text, "tile 7: saw 3 need more");
  ck_assert_int_eq(ogi_fail(NULL, OG_E_IO, "nobody listens"), OG_E_IO);
}
END_TEST

START_TEST(allocation_is_zeroed_aligned_and_refuses_overflow) {
  size_t live = ogi_mem_live();
  unsigned char *p = ogi_alloc(37, 3);
  ck_assert_ptr_nonnull(p);
  ck_assert_uint_eq((uintptr_t)p % OGI_ALIGN, 0);
  for (size_t i = 0; i < 111; i++) ck_assert_uint_eq(p[i], 0);
  ck_assert_uint_eq(ogi_mem_live(), live + 1);
  ogi_free(p);
  ck_assert_uint_eq(ogi_mem_live(), live);
  ck_assert_ptr_null(ogi_alloc((size_t)-1 / 4, 8));
}
END_TEST

START_TEST(kth_allocation_fails_on_request) {
  ogi_mem_fail_at(2);
  void *first = ogi_alloc(1, 1), *second = ogi_alloc(1, 1), *third = ogi_alloc(1, 1);
  ck_assert_ptr_nonnull(first);
  ck_assert_ptr_null(second);
  ck_assert_ptr_nonnull(third);
  ogi_free(first);
  ogi_free(third);
}
END_TEST

START_TEST(streams_depend_on_every_name_and_repeat) {
  ogi_stream base = {.seed = 20260117, .source = OGI_SOURCE_PROGRAM, .layer = 2, .tile = 5, .trial = 3};
  ogi_stream other[6] = {base, base, base, base, base, base};
  other[0].seed += 1;
  other[1].seed += (uint64_t)1 << 40;
  other[2].source = OGI_SOURCE_READ;
  other[3].layer = 3;
  other[4].tile = 6;
  other[5].trial = 4;
  ogi_rng *rng = ogi_rng_create(base);
  double first[8], again[8];
  for (int i = 0; i < 8; i++) first[i] = ogi_rng_uniform(rng);
  for (int k = 0; k < 6; k++) {
    ogi_rng_restart(rng, other[k]);
    ck_assert(ogi_rng_uniform(rng) != first[0]);
  }
  ogi_rng_restart(rng, base);
  for (int i = 0; i < 8; i++) again[i] = ogi_rng_uniform(rng);
  ck_assert_mem_eq(first, again, sizeof first);
  ogi_rng_free(rng);
}
END_TEST

/* Oracle: moments of the standard normal; tolerance five standard errors of each estimate. */
START_TEST(normal_draws_have_the_moments_of_the_normal) {
  enum { COUNT = 200003 };
  ogi_rng *rng = ogi_rng_create((ogi_stream){.seed = 5, .source = OGI_SOURCE_TEST});
  double s1 = 0, s2 = 0, s4 = 0;
  for (int i = 0; i < COUNT; i++) {
    double x = ogi_rng_normal(rng);
    s1 += x;
    s2 += x * x;
    s4 += x * x * x * x;
  }
  ogt_abs(s1 / COUNT, 0, 5 / sqrt(COUNT));
  ogt_abs(s2 / COUNT, 1, 5 * sqrt(2.0 / COUNT));
  ogt_abs(s4 / COUNT, 3, 5 * sqrt(96.0 / COUNT));
  ogi_rng_free(rng);
}
END_TEST

START_TEST(writer_leaves_nothing_behind_when_aborted) {
  const char *path = ogt_scratch("abort.txt");
  unlink(path);
  ogi_writer w;
  ck_assert_int_eq(ogi_writer_open(&w, path, NULL), OG_OK);
  char temporary[600];
  snprintf(temporary, sizeof temporary, "%s", w.temporary);
  fputs("half", w.stream);
  ogi_writer_abort(&w);
  ck_assert_int_ne(access(temporary, F_OK), 0);
  ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(writer_replaces_the_file_on_commit) {
  const char *path = ogt_scratch("commit.txt");
  for (int turn = 0; turn < 2; turn++) {
    ogi_writer w;
    ck_assert_int_eq(ogi_writer_open(&w, path, NULL), OG_OK);
    fprintf(w.stream, "turn %d", turn);
    ck_assert_int_eq(ogi_writer_commit(&w, NULL), OG_OK);
    char *text;
    size_t length;
    ck_assert_int_eq(ogi_file_read(&text, &length, path, 0, NULL), OG_OK);
    ck_assert_str_eq(text, turn ? "turn 1" : "turn 0");
    ogi_free(text);
  }
}
END_TEST

START_TEST(a_gzip_file_cut_anywhere_is_refused) {
  const char *path = ogt_scratch("cut.gz");
  char lines[40 * 300], packed[sizeof lines];
  for (size_t i = 0; i < sizeof lines; i++) lines[i] = i % 40 == 39 ? '\n' : (char)('a' + i * i % 23);
  gzFile gz = gzopen(path, "wb");
  ck_assert_int_eq(gzwrite(gz, lines, sizeof lines), sizeof lines);
  ck_assert_int_eq(gzclose(gz), Z_OK);
  FILE *f = fopen(path, "rb");
  size_t whole = fread(packed, 1, sizeof packed, f), length;
  fclose(f);
  for (size_t cut = 2; cut <= whole; cut++) { /* one byte does not show yet that it is gzip */
    char *text;
    og_error err;
    f = fopen(path, "wb");
    ck_assert_uint_eq(fwrite(packed, 1, cut, f), cut);
    ck_assert_int_eq(fclose(f), 0);
    og_status st = ogi_file_read(&text, &length, path, 0, &err);
    ck_assert_msg(st == (cut < whole ? OG_E_INPUT : OG_OK), "%zu of %zu bytes: status %d", cut, whole, (int)st);
    if (cut < whole) ogt_has(err.text, "damaged");
    else ck_assert_uint_eq(length, sizeof lines);
    ogi_free(text);
  }
}
END_TEST

START_TEST(unwritable_places_and_missing_files_are_named) {
  ogi_writer w;
  og_error err;
  ck_assert_int_eq(ogi_writer_open(&w, "/nowhere/at/all.npy", &err), OG_E_IO);
  ogt_has(err.text, "/nowhere/at/all.npy");
  char *text;
  size_t length;
  ck_assert_int_eq(ogi_file_read(&text, &length, "/nowhere/x", 0, &err), OG_E_INPUT);
  ogt_has(err.text, "/nowhere/x");
  ck_assert_int_eq(ogi_file_read(&text, &length, ".", 0, &err), OG_E_INPUT);
  ogt_has(err.text, "folder");
}
END_TEST

/* A rename over /dev/null would replace the device for everybody. */
START_TEST(what_is_no_regular_file_is_not_replaced) {
  ogi_writer w;
  og_error err;
  struct stat info;
  const char *path = ogt_scratch("pipe");
  unlink(path);
  ck_assert_int_eq(mkfifo(path, 0600), 0);
  ck_assert_int_eq(ogi_writer_open(&w, path, &err), OG_E_IO);
  ogt_has(err.text, "regular file");
  ck_assert_int_eq(lstat(path, &info), 0);
  ck_assert(S_ISFIFO(info.st_mode));
  ck_assert_int_eq(ogi_writer_open(&w, ".", &err), OG_E_IO);
}
END_TEST

/* The full device accepts bytes only until they are flushed: commit must notice. */
START_TEST(full_disk_is_noticed_at_commit) {
  if (access("/dev/full", W_OK) != 0) return;
  ogi_writer w;
  og_error err;
  ck_assert_int_eq(ogi_writer_open(&w, ogt_scratch("full.txt"), NULL), OG_OK);
  fclose(w.stream);
  w.stream = fopen("/dev/full", "w");
  fputs("does not fit", w.stream);
  ck_assert_int_eq(ogi_writer_commit(&w, &err), OG_E_IO);
  ogt_has(err.text, "No space");
}
END_TEST

int main(void) {
  Suite *suite = suite_create("base");
  TCase *tc = tcase_create("base");
  tcase_add_test(tc, every_status_has_name_text_and_exit_status);
  tcase_add_test(tc, error_is_one_line_and_prefix_goes_in_front);
  tcase_add_test(tc, allocation_is_zeroed_aligned_and_refuses_overflow);
  tcase_add_test(tc, kth_allocation_fails_on_request);
  tcase_add_test(tc, streams_depend_on_every_name_and_repeat);
  tcase_add_test(tc, normal_draws_have_the_moments_of_the_normal);
  tcase_add_test(tc, writer_leaves_nothing_behind_when_aborted);
  tcase_add_test(tc, writer_replaces_the_file_on_commit);
  tcase_add_test(tc, a_gzip_file_cut_anywhere_is_refused);
  tcase_add_test(tc, unwritable_places_and_missing_files_are_named);
  tcase_add_test(tc, what_is_no_regular_file_is_not_replaced);
  tcase_add_test(tc, full_disk_is_noticed_at_commit);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
