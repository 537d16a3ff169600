/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ngspice in its own process: decks of every kind of array against closed forms and a dense elimination written here,
 * and every way in which a child can fail. The program under test is named by the environment (tests/local.mk).
 */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "cosim/ogi_spice.h"
#include "netlist/ogi_netlist.h"
#include "ogt.h"
#include <ohmgrid/ohmgrid.h>

/* 1.7 V over 3 ohm and 4 ohm, named unlike anything an array has. */
static const char divider[] = "divider\nv1 top 0 dc 1.7\nr1 top mid 3\nr2 mid 0 4\n.op\n.end\n";
static const char undefined[] = "undefined parameter\nv1 top 0 dc 1.7\nr1 top mid {foo}\nr2 mid 0 4\n.op\n.end\n";
static const char endless[] = "endless\nv1 top 0 dc 1.7\nr1 top mid 3k\nc1 mid 0 1n\n.tran 1n 100 uic\n.end\n";

static const char *program(void) {
  const char *path = getenv("OHMGRID_SPICE");
  ck_assert_msg(path != NULL, "OHMGRID_SPICE must name the program ohmgrid-spice");
  return path;
}

static ogi_spice *opened(const char *path, double timeout) {
  ogi_spice *s;
  og_error err = {0};
  ck_assert_msg(ogi_spice_open(&s, path, timeout, &err) == OG_OK, "%s", err.text);
  return s;
}

static og_status ask(ogi_spice *s, const char *deck, const char *name, double *value, og_error *err) {
  return ogi_spice_run(s, deck, strlen(deck), &name, 1, value, err);
}

/* v(mid) = 1.7 V * 4 / 7: the divider of a healthy child. */
static void check_healthy(ogi_spice *s) {
  double volt;
  og_error err = {0};
  ck_assert_msg(ask(s, divider, "mid", &volt, &err) == OG_OK, "%s", err.text);
  ogt_rel(volt, 1.7 * 4 / 7, 1e-12);
}

static size_t open_files(void) {
  size_t count = 0;
  DIR *folder = opendir("/proc/self/fd");
  ck_assert_ptr_nonnull(folder);
  while (readdir(folder) != NULL) count++;
  closedir(folder);
  return count;
}

static void check_no_child_is_left(void) {
  ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
  ck_assert_int_eq(errno, ECHILD);
}

/* A shell script in the place of ohmgrid-spice; absolute, since some tests change folder. */
static const char *script(const char *name, const char *body) {
  static char path[1024];
  char folder[512];
  ck_assert_ptr_nonnull(getcwd(folder, sizeof folder));
  snprintf(path, sizeof path, "%s/%s", folder, ogt_scratch(name));
  FILE *file = fopen(path, "w");
  ck_assert_ptr_nonnull(file);
  fprintf(file, "#!/bin/sh\n%s\n", body);
  ck_assert_int_eq(fclose(file), 0);
  ck_assert_int_eq(chmod(path, 0755), 0);
  return path;
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

START_TEST(divider_is_solved_and_version_is_told) {
  ogi_spice *s = opened(program(), 60);
  ck_assert_str_eq(ogi_spice_version(s), "");
  check_healthy(s);
  ck_assert_int_eq(strncmp(ogi_spice_version(s), "ngspice-", 8), 0);
  ck_assert(ogi_spice_pid(s) > 0);
  ogi_spice_close(s);
  ogi_spice_close(NULL);
  check_no_child_is_left();
}
END_TEST

/* A deck from an array, run, with all its vectors: n currents, then the word nodes, then the bit nodes. */
static void run_array(ogi_spice *s, const og_array *a, const double *g, const double *v, double *values) {
  size_t cells = a->m * a->n, count = a->n + 2 * cells, bytes;
  char *deck, text[512][64];
  const char *names[512];
  og_error err = {0};
  ck_assert_uint_le(count, 512);
  for (size_t k = 0; k < count; k++) names[k] = text[k];
  for (size_t j = 0; j < a->n; j++) snprintf(text[j], sizeof text[j], "vt_%zu#branch", j);
  ogi_labels nodes;
  ck_assert_int_eq(ogi_labels_create(&nodes, a, NULL), OG_OK);
  for (size_t k = 0; k < cells; k++) {
    ogi_netlist_word(text[a->n + k], &nodes, k / a->n, k % a->n);
    ogi_netlist_bit(text[a->n + cells + k], &nodes, k / a->n, k % a->n);
  }
  ogi_labels_clear(&nodes);
  FILE *stream = open_memstream(&deck, &bytes);
  ck_assert_ptr_nonnull(stream);
  ck_assert_msg(ogi_netlist_emit(stream, a, g, v, NULL, &err) == OG_OK, "%s", err.text);
  fclose(stream);
  ck_assert_msg(ogi_spice_run(s, deck, bytes, names, count, values, &err) == OG_OK, "%s\n%s", err.text, deck);
  free(deck);
}

START_TEST(one_cell_is_a_series_circuit) {
  og_array a;
  og_array_init(&a, 1, 1);
  a.r_word_ohm = 2.3;
  a.r_bit_ohm = 1.1;
  a.r_source_ohm = 57;
  a.r_sense_ohm = 31;
  const double g = 2.385e-5, v = 0.377;
  double got[3], i = v / (57 + 2.3 + 1 / g + 1.1 + 31);
  ogi_spice *s = opened(program(), 60);
  run_array(s, &a, &g, &v, got);
  ogt_rel(got[0], i, 1e-9);
  ogt_rel(got[1], v - i * 59.3, 1e-9);
  ogt_rel(got[2], i * 32.1, 1e-9);
  ogi_spice_close(s);
}
END_TEST

START_TEST(ideal_wires_give_the_matrix_product) {
  enum { M = 5, N = 3 };
  og_array a;
  og_array_init(&a, M, N);
  double g[M * N], v[M], got[N + 2 * M * N];
  ogt_fill(g, M * N, 1e-7, 1e-4, 1);
  ogt_fill(v, M, -0.5, 0.5, 2);
  g[4] = g[9] = 0;
  ogi_spice *s = opened(program(), 60);
  run_array(s, &a, g, v, got);
  for (size_t j = 0; j < N; j++) {
    double sum = 0, scale = 0;
    for (size_t i = 0; i < M; i++) {
      sum += g[i * N + j] * v[i];
      scale += fabs(g[i * N + j] * v[i]);
    }
    ogt_abs(got[j], sum, 1e-12 * scale);
  }
  ogi_spice_close(s);
}
END_TEST

/*
 * One word line with segments of 1 kohm and cells of 1 mS into ideal bit lines is the ladder of the Fibonacci numbers:
 * v(W_j) = V F(2(n-j)-1) / F(2n+1), from the far end 1, 2, 5, 13, 34 and the source 89.
 */
START_TEST(ladder_gives_fibonacci_numbers) {
  static const double far_to_source[] = {1, 2, 5, 13, 34};
  og_array a;
  og_array_init(&a, 1, 5);
  a.r_word_ohm = 1e3;
  const double g[5] = {1e-3, 1e-3, 1e-3, 1e-3, 1e-3}, v = 0.89;
  double got[5 + 2 * 5];
  ogi_spice *s = opened(program(), 60);
  for (int right = 0; right < 2; right++) {
    a.drive = right ? OG_DRIVE_RIGHT : OG_DRIVE_LEFT;
    run_array(s, &a, g, &v, got);
    for (int j = 0; j < 5; j++) {
      double want = 0.01 * far_to_source[right ? j : 4 - j];
      ogt_rel(got[5 + j], want, 1e-9);
      ogt_rel(got[j], want * 1e-3, 1e-9);
      ogt_abs(got[10 + j], 0, 0);
    }
  }
  ogi_spice_close(s);
}
END_TEST

/* Nodal analysis by elimination with pivots in long double, from the pictures in ohmgrid/array.h alone. */
enum { M = 4, N = 3, NODES = M + N + 2 * M * N };

static int word_node(const og_array *a, int i, int j) {
  if (a->r_word_ohm > 0) return M + N + i * N + j;
  return a->r_source_ohm > 0 ? M + N + i * N : i;
}

static int bit_node(const og_array *a, int i, int j) {
  if (a->r_bit_ohm > 0) return M + N + M * N + i * N + j;
  return a->r_sense_ohm > 0 ? M + N + M * N + j : M + j;
}

static void stamp(long double y[NODES][NODES], int p, int q, long double ohm) {
  if (p == q || isinf(ohm)) return;
  y[p][p] += 1 / ohm;
  y[q][q] += 1 / ohm;
  y[p][q] -= 1 / ohm;
  y[q][p] -= 1 / ohm;
}

static void stamp_array(long double y[NODES][NODES], const og_array *a, const double *g) {
  for (int i = 0; i < M; i++) {
    long double end = (long double)a->r_source_ohm + a->r_word_ohm;
    if (a->drive != OG_DRIVE_RIGHT) stamp(y, i, word_node(a, i, 0), end);
    if (a->drive != OG_DRIVE_LEFT) stamp(y, i, word_node(a, i, N - 1), end);
    for (int j = 0; j + 1 < N; j++) stamp(y, word_node(a, i, j), word_node(a, i, j + 1), a->r_word_ohm);
  }
  for (int j = 0; j < N; j++) {
    long double end = (long double)a->r_sense_ohm + a->r_bit_ohm;
    if (a->sense != OG_SENSE_BOTTOM) stamp(y, M + j, bit_node(a, 0, j), end);
    if (a->sense != OG_SENSE_TOP) stamp(y, M + j, bit_node(a, M - 1, j), end);
    for (int i = 0; i + 1 < M; i++) stamp(y, bit_node(a, i, j), bit_node(a, i + 1, j), a->r_bit_ohm);
  }
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++)
      if (g[i * N + j] > 0) stamp(y, word_node(a, i, j), bit_node(a, i, j), 1 / (long double)g[i * N + j]);
}

static void eliminate(long double y[NODES][NODES], long double *x) {
  for (int c = 0; c < NODES; c++) {
    int best = c;
    for (int r = c + 1; r < NODES; r++)
      if (fabsl(y[r][c]) > fabsl(y[best][c])) best = r;
    for (int k = 0; k < NODES; k++) {
      long double kept = y[c][k];
      y[c][k] = y[best][k];
      y[best][k] = kept;
    }
    long double kept = x[c];
    x[c] = x[best];
    x[best] = kept;
    for (int r = 0; r < NODES; r++) {
      if (r == c || y[r][c] == 0) continue;
      long double f = y[r][c] / y[c][c];
      for (int k = c; k < NODES; k++) y[r][k] -= f * y[c][k];
      x[r] -= f * x[c];
    }
  }
  for (int c = 0; c < NODES; c++) x[c] /= y[c][c];
}

static void dense(const og_array *a, const double *g, const double *v, double *want) {
  static long double y[NODES][NODES], full[NODES][NODES];
  long double x[NODES] = {0};
  memset(y, 0, sizeof y);
  stamp_array(y, a, g);
  memcpy(full, y, sizeof y);
  for (int p = 0; p < NODES; p++)
    if (p < M + N || y[p][p] == 0) { /* a given potential, or a node that 0 ohm made another's */
      for (int k = 0; k < NODES; k++) y[p][k] = p == k;
      x[p] = p < M ? v[p] : 0;
    }
  eliminate(y, x);
  for (int j = 0; j < N; j++) {
    long double into = 0;
    for (int p = 0; p < NODES; p++) into -= full[M + j][p] * x[p];
    want[j] = (double)into;
  }
  for (int i = 0; i < M; i++)
    for (int j = 0; j < N; j++) {
      want[N + i * N + j] = (double)x[word_node(a, i, j)];
      want[N + M * N + i * N + j] = (double)x[bit_node(a, i, j)];
    }
}

static void check_kind(const double *got, const double *want, size_t count) {
  double largest = 1e-300;
  for (size_t k = 0; k < count; k++) largest = fmax(largest, fabs(want[k]));
  for (size_t k = 0; k < count; k++) ogt_abs(got[k], want[k], 1e-9 * fmax(fabs(want[k]), 1e-3 * largest));
}

/* All ends and all kinds of wires: what ngspice answers to our deck is what elimination finds. */
START_TEST(every_geometry_agrees_with_dense_elimination) {
  static const double ohm[][4] = {/* word, bit, source, sense */
                                  {2.1, 1.3, 47, 13},        {0, 0, 0, 0},      {0, 1.3, 47, 0},   {0, 1.3, 0, 13},
                                  {2.1, 0, 0, 13},           {2.1, 0, 47, 0},   {0, 0, 47, 13},    {210, 130, 0, 0},
                                  {2.1, 1.3, INFINITY, 13},  {2.1, INFINITY, 47, 13}, {INFINITY, 1.3, 0, 0},
                                  {2.1, 1.3, 47, INFINITY},  {0, 0, 47, INFINITY}};
  double g[M * N], v[M], got[N + 2 * M * N], want[N + 2 * M * N];
  ogt_fill(g, M * N, 1e-6, 1e-3, 3);
  ogt_fill(v, M, -0.4, 0.9, 4);
  ogi_spice *s = opened(program(), 60);
  for (size_t w = 0; w < sizeof ohm / sizeof *ohm; w++)
    for (int ends = 0; ends < 9; ends++) {
      og_array a;
      og_array_init(&a, M, N);
      a.r_word_ohm = ohm[w][0];
      a.r_bit_ohm = ohm[w][1];
      a.r_source_ohm = ohm[w][2];
      a.r_sense_ohm = ohm[w][3];
      a.drive = (og_drive)(ends / 3);
      a.sense = (og_sense)(ends % 3);
      dense(&a, g, v, want);
      run_array(s, &a, g, v, got);
      check_kind(got, want, N);
      check_kind(got + N, want + N, 2 * M * N);
    }
  ogi_spice_close(s);
}
END_TEST

/* Open cells leave line ends that lead nowhere, and a bit line without any cell: no complaint, current 0. */
START_TEST(dead_ends_are_no_obstacle) {
  og_array a;
  og_array_init(&a, M, N);
  a.r_word_ohm = 2.1;
  a.r_bit_ohm = 1.3;
  double g[M * N], v[M], got[N + 2 * M * N], want[N + 2 * M * N];
  ogt_fill(g, M * N, 1e-6, 1e-3, 5);
  ogt_fill(v, M, -0.4, 0.9, 6);
  g[0] = g[2] = g[10] = 0;
  for (int i = 0; i < M; i++) g[i * N + 1] = i == 2 ? 4.9e-324 : 0; /* below 1/DBL_MAX: as good as open */
  ogi_spice *s = opened(program(), 60);
  for (int ideal = 0; ideal < 2; ideal++) {
    if (ideal) a.r_word_ohm = a.r_bit_ohm = 0;
    dense(&a, g, v, want);
    run_array(s, &a, g, v, got);
    check_kind(got, want, N);
    check_kind(got + N, want + N, 2 * M * N);
    ogt_abs(got[1], 0, 0);
  }
  ogi_spice_close(s);
}
END_TEST

/* --- failures of the deck ----------------------------------------------------------------------------------------- */

/* The last resistor, an error line, a missing plot, a missing or a non-real vector, a singular matrix: each gives a
   refusal in ngspice's words, and the next deck a right answer from a fresh child. */
START_TEST(bad_decks_are_refused_and_the_next_one_is_right) {
  static const struct {
    const char *deck, *name, *words;
  } bad[] = {
      {undefined, "mid", "Undefined parameter [foo]"},
      {"no subcircuit\nv1 top 0 1\nr1 top 0 3\nx1 top 0 nothing\n.op\n.end\n", "top", "unknown subckt"},
      {"no end\nv1 top 0 1\nr1 top 0 3\n.op\n", "top", "ngspice refused the deck"},
      {"no analysis\nv1 top 0 1\nr1 top 0 3\n.end\n", "top", "No job"},
      {"floats\nv1 top 0 1\nr1 top 0 3\nr2 a b 3\n.op\n.end\n", "top", "singular matrix"},
      {"", "top", "the deck is empty"},
      {divider, "nowhere", "the solution has no vector nowhere"},
      {divider, "c", "the solution has no vector c"}, /* also the speed of light: a constant of ngspice's */
      {"alternating\nv1 top 0 ac 1\nr1 top 0 3\n.ac lin 1 1 1\n.end\n", "top", "vector top holds no real value"},
  };
  ogi_spice *s = opened(program(), 60);
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    double value = 5;
    og_error err = {0};
    check_healthy(s);
    og_status st = ask(s, bad[k].deck, bad[k].name, &value, &err);
    ck_assert_msg(st == OG_E_EXTERN && err.code == st, "%s: %d", bad[k].words, (int)st);
    ogt_has(err.text, bad[k].words);
    ogt_has(err.text, "ngspice");
    ck_assert(isnan(value));
    ck_assert_int_eq(ogi_spice_pid(s), 0);
  }
  check_healthy(s);
  ogi_spice_close(s);
  check_no_child_is_left();
}
END_TEST

START_TEST(title_may_hold_any_word) {
  ogi_spice *s = opened(program(), 60);
  double volt;
  ck_assert_int_eq(ask(s, "error: aborted\nv1 a 0 3\nr1 a b 1\nr2 b 0 2\n.op\n.end\n", "b", &volt, NULL), OG_OK);
  ogt_rel(volt, 2, 1e-12);
  ogi_spice_close(s);
}
END_TEST

/* --- failures of the child ---------------------------------------------------------------------------------------- */

START_TEST(missing_program_is_named) {
  ogi_spice *s = (ogi_spice *)&s;
  og_error err = {0};
  size_t files = open_files(), live = ogi_mem_live();
  ck_assert_int_eq(ogi_spice_open(&s, "/nowhere/ohmgrid-spice", 60, &err), OG_E_EXTERN);
  ck_assert_ptr_null(s);
  ck_assert_str_eq(err.text, "/nowhere/ohmgrid-spice: cannot be started: No such file or directory; need the program "
                             "ohmgrid-spice: install ohmgrid, or name its path");
  ck_assert_int_eq(ogi_spice_open(&s, ".", 60, &err), OG_E_EXTERN);
  ogt_has(err.text, "Permission denied");
  ck_assert_uint_eq(open_files(), files);
  ck_assert_uint_eq(ogi_mem_live(), live);
  check_no_child_is_left();
}
END_TEST

/* What a false program does, and what the caller is told. */
static void check_false_program(const char *body, double timeout, const char *words) {
  ogi_spice *s = opened(script("false-spice", body), timeout);
  double value = 5;
  og_error err = {0};
  ck_assert_int_eq(ask(s, divider, "mid", &value, &err), OG_E_EXTERN);
  ck_assert_msg(strstr(err.text, words) != NULL, "\"%s\" lacks \"%s\"", err.text, words);
  ogt_has(err.text, "false-spice");
  ck_assert(isnan(value));
  ogi_spice_close(s);
  check_no_child_is_left();
}

START_TEST(child_that_fails_in_any_way_gives_an_error) {
  check_false_program("kill -SEGV $$", 60, "died of signal 11 (Segmentation fault): without a word");
  check_false_program("echo all is lost >&2; exit 7", 60, "ended without an answer, exit status 7: all is lost");
  check_false_program("head -c 24 >/dev/null; echo out of paper >&2; kill -ABRT $$", 60, "out of paper");
  check_false_program("cat /dev/zero", 60, "answered nonsense");
  check_false_program("yes", 60, "answered nonsense");
  check_false_program("exec >&- <&-; exec sleep 60", 60, "died of signal 9");
  check_false_program("sleep 60", 0.2, "saw no answer, need one within 0.2 (second)");
  check_false_program("head -c 24; sleep 60", 0.2, "saw no answer");
  check_false_program("yes complaint >&2", 0.2, "complaint");
  check_false_program("printf 'bell\\007 and\\nnew line' >&2; exit 1", 60, "bell  and;new line");
}
END_TEST

START_TEST(child_killed_in_a_run_is_replaced) {
  ogi_spice *s = opened(program(), 60);
  check_healthy(s);
  pid_t victim = (pid_t)ogi_spice_pid(s), killer = fork();
  if (killer == 0) {
    usleep(100000);
    kill(victim, SIGKILL);
    _exit(0);
  }
  double value;
  og_error err = {0};
  ck_assert_int_eq(ask(s, endless, "mid", &value, &err), OG_E_EXTERN);
  ogt_has(err.text, "died of signal 9");
  ck_assert_int_eq(waitpid(killer, NULL, 0), killer);
  check_healthy(s);
  ck_assert_int_ne(ogi_spice_pid(s), victim);
  ogi_spice_close(s);
  check_no_child_is_left();
}
END_TEST

START_TEST(endless_run_is_ended_in_time) {
  ogi_spice *s = opened(program(), 0.3);
  double value;
  og_error err = {0};
  ck_assert_int_eq(ask(s, endless, "mid", &value, &err), OG_E_EXTERN);
  ogt_has(err.text, "need one within 0.3 (second)");
  ck_assert_int_eq(ogi_spice_pid(s), 0);
  ogi_spice_set_timeout(s, 60);
  check_healthy(s);
  ogi_spice_close(s);
  check_no_child_is_left();
}
END_TEST

/* 1: running, 0: gone or dead. */
static int runs(pid_t pid) {
  char path[64], text[256] = "";
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  FILE *file = fopen(path, "r");
  if (file == NULL) return 0;
  size_t got = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  return got > 0 && strstr(text, ") Z") == NULL && strstr(text, ") X") == NULL;
}

/* Neither an idle child (its input ends) nor a busy one (the kernel tells it) outlives a host that is killed. */
START_TEST(child_dies_with_its_host) {
  for (int busy = 0; busy < 2; busy++) {
    int pipes[2];
    pid_t child = 0;
    ck_assert_int_eq(pipe(pipes), 0);
    pid_t host = fork();
    if (host == 0) {
      double value;
      ogi_spice *s = opened(program(), 60);
      check_healthy(s);
      child = (pid_t)ogi_spice_pid(s);
      if (write(pipes[1], &child, sizeof child) != sizeof child) _exit(1);
      if (busy) ck_assert_int_ne(ask(s, endless, "mid", &value, NULL), OG_OK);
      else pause();
      _exit(0);
    }
    ck_assert_int_eq(read(pipes[0], &child, sizeof child), sizeof child);
    usleep(50000);
    ck_assert(runs(child));
    kill(host, SIGKILL);
    waitpid(host, NULL, 0);
    for (int wait = 0; wait < 200 && runs(child); wait++) usleep(10000);
    ck_assert(!runs(child));
    close(pipes[0]);
    close(pipes[1]);
  }
}
END_TEST

START_TEST(interrupt_does_not_reach_the_child) {
  ogi_spice *s = opened(program(), 60);
  check_healthy(s);
  pid_t child = (pid_t)ogi_spice_pid(s);
  ck_assert_int_eq(getpgid(child), child);
  kill(child, SIGINT);
  check_healthy(s);
  ck_assert_int_eq(ogi_spice_pid(s), child);
  ogi_spice_close(s);
}
END_TEST

/* --- surroundings ------------------------------------------------------------------------------------------------- */

/* Folder entries of TMPDIR after children of every fate: init files must not stay. */
START_TEST(hostile_init_file_is_not_read_and_nothing_is_left_behind) {
  char before[512], temporary[600];
  ck_assert_ptr_nonnull(getcwd(before, sizeof before));
  mkdir(ogt_scratch("hostile"), 0777);
  mkdir(ogt_scratch("hostile/tmp"), 0777);
  ck_assert_int_eq(chdir(ogt_scratch("hostile")), 0);
  FILE *file = fopen(".spiceinit", "w");
  ck_assert_ptr_nonnull(file);
  fputs("*\nshell touch was-here\nquit\n", file);
  fclose(file);
  snprintf(temporary, sizeof temporary, "%s/scratch/hostile/tmp", before);
  setenv("TMPDIR", temporary, 1);
  ogi_spice *s = opened(program(), 60);
  check_healthy(s);
  double value;
  ck_assert_int_eq(ask(s, undefined, "mid", &value, NULL), OG_E_EXTERN);
  check_healthy(s);
  ogi_spice_close(s);
  ogi_spice_close(opened(program(), 60)); /* never asked anything */
  s = opened(program(), 60);
  ogi_mem_fail_at(1); /* given up by the host while it starts */
  ck_assert_int_eq(ask(s, divider, "mid", &value, NULL), OG_E_NOMEM);
  ogi_mem_fail_at(0);
  ogi_spice_close(s);
  ck_assert_int_ne(access("was-here", F_OK), 0);
  ck_assert_int_eq(chdir(before), 0);
  ck_assert_int_eq(rmdir(temporary), 0); /* fails unless empty */
  unsetenv("TMPDIR");
}
END_TEST

START_TEST(unusable_temporary_folder_is_named) {
  double value;
  og_error err = {0};
  setenv("TMPDIR", "/nowhere/at/all", 1);
  ogi_spice *s = opened(program(), 60);
  ck_assert_int_eq(ask(s, divider, "mid", &value, &err), OG_E_EXTERN);
  ogt_has(err.text, "/nowhere/at/all: no folder can be made there");
  unsetenv("TMPDIR");
  check_healthy(s);
  ogi_spice_close(s);
}
END_TEST

/* A daemon without standard files: the channel must not land on 0, 1 or 2, where the child's own go. */
START_TEST(host_may_lack_standard_files) {
  pid_t host = fork();
  if (host == 0) {
    ogi_spice *s;
    double volt = 0;
    for (int fd = 0; fd < 3; fd++) close(fd);
    og_status st = ogi_spice_open(&s, program(), 60, NULL);
    if (st == OG_OK) st = ask(s, divider, "mid", &volt, NULL);
    _exit(st == OG_OK && fabs(volt - 1.7 * 4 / 7) < 1e-12 ? 0 : 1);
  }
  int status;
  ck_assert_int_eq(waitpid(host, &status, 0), host);
  ck_assert_int_eq(status, 0);
}
END_TEST

/* Needs the rights to change the user, and a user who may reach the program; else there is nothing to test. */
START_TEST(works_for_a_user_without_an_entry) {
  if (geteuid() != 0) return;
  pid_t host = fork();
  if (host == 0) {
    if (setgid(54321) != 0 || setuid(54321) != 0 || access(program(), X_OK) != 0) _exit(77);
    ogi_spice *s;
    double volt = 0;
    og_status st = ogi_spice_open(&s, program(), 60, NULL);
    if (st == OG_OK) st = ask(s, divider, "mid", &volt, NULL);
    _exit(st == OG_OK && fabs(volt - 1.7 * 4 / 7) < 1e-12 ? 0 : 1);
  }
  int status;
  ck_assert_int_eq(waitpid(host, &status, 0), host);
  ck_assert(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77));
}
END_TEST

START_TEST(comma_locale_changes_no_number) {
  setenv("LC_ALL", "de_DE.UTF-8", 1);
  if (setlocale(LC_ALL, "") != NULL && localeconv()->decimal_point[0] == ',') {
    og_array a;
    og_array_init(&a, 1, 1);
    a.r_word_ohm = 2.5;
    const double g = 2.5e-3, v = 0.4025;
    double got[3];
    ogi_spice *s = opened(program(), 60);
    check_healthy(s);
    run_array(s, &a, &g, &v, got);
    ogt_rel(got[0], 0.4025 / 402.5, 1e-9);
    ogi_spice_close(s);
  }
  setlocale(LC_ALL, "C");
  setenv("LC_ALL", "C", 1);
}
END_TEST

static long resident_kb(pid_t pid) {
  char path[64], line[256];
  long kb = -1;
  snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  FILE *file = fopen(path, "r");
  ck_assert_ptr_nonnull(file);
  while (fgets(line, sizeof line, file) != NULL) sscanf(line, "VmRSS: %ld", &kb);
  fclose(file);
  ck_assert_int_gt(kb, 0);
  return kb;
}

/* After a warm-up, 200 decks grow the child by less than 0.4 kB each (measured: 0), and leave no file open here. */
START_TEST(many_decks_leave_the_child_as_small_as_it_was) {
  enum { ROWS = 6, COLUMNS = 5 };
  og_array a;
  og_array_init(&a, ROWS, COLUMNS);
  a.r_word_ohm = a.r_bit_ohm = 1.7;
  double g[ROWS * COLUMNS], v[ROWS], got[COLUMNS + 2 * ROWS * COLUMNS], first = 0;
  size_t files = open_files(), live = ogi_mem_live();
  ogi_spice *s = opened(program(), 60);
  long before = 0;
  for (unsigned k = 0; k < 250; k++) {
    ogt_fill(g, ROWS * COLUMNS, 1e-6, 1e-3, k % 7);
    ogt_fill(v, ROWS, -0.4, 0.9, k % 7);
    run_array(s, &a, g, v, got);
    if (k == 0) first = got[0];
    if (k % 7 == 0) ck_assert(got[0] == first); /* bit for bit: no deck leaves a trace in the next */
    if (k == 50) before = resident_kb((pid_t)ogi_spice_pid(s));
  }
  long grown = resident_kb((pid_t)ogi_spice_pid(s)) - before;
#ifdef __SANITIZE_ADDRESS__
  grown = 0; /* the sanitizer keeps released blocks for a while */
#endif
  ck_assert_msg(grown <= 64, "grew by %ld kB over 200 decks", grown);
  ogi_spice_close(s);
  ck_assert_uint_eq(open_files(), files);
  ck_assert_uint_eq(ogi_mem_live(), live);
}
END_TEST

START_TEST(exhausted_memory_is_reported_and_leaks_nothing) {
  size_t live = ogi_mem_live();
  og_error err = {0};
  ogi_spice *s;
  double value;
  for (size_t k = 1; k <= 2; k++) {
    ogi_mem_fail_at(k);
    ck_assert_int_eq(ogi_spice_open(&s, program(), 60, &err), OG_E_NOMEM);
    ck_assert_ptr_null(s);
  }
  s = opened(program(), 60);
  ogi_mem_fail_at(1);
  ck_assert_int_eq(ask(s, divider, "mid", &value, &err), OG_E_NOMEM);
  ogi_mem_fail_at(0);
  check_healthy(s);
  ogi_spice_close(s);
  ck_assert_uint_eq(ogi_mem_live(), live);
}
END_TEST

/* Decks that come with their solution: netlists/NAME.cir and netlists/NAME.csv (vector, value). */
static void check_golden(ogi_spice *s, const char *name) {
  char path[1024], line[256], vector[128];
  char *deck;
  const char *folder = getenv("OHMGRID_DATADIR");
  size_t bytes, compared = 0;
  ck_assert_ptr_nonnull(folder);
  snprintf(path, sizeof path, "%s/netlists/%s.cir", folder, name);
  ck_assert_int_eq(ogi_file_read(&deck, &bytes, path, 0, NULL), OG_OK);
  snprintf(path, sizeof path, "%s/netlists/%s.csv", folder, name);
  FILE *file = fopen(path, "r");
  ck_assert_msg(file != NULL, "%s", path);
  while (fgets(line, sizeof line, file) != NULL) {
    double want, got;
    og_error err = {0};
    if (line[0] == '#' || sscanf(line, "%127[^,],%lf", vector, &want) != 2) continue;
    ck_assert_msg(ask(s, deck, vector, &got, &err) == OG_OK, "%s: %s", path, err.text);
    ogt_rel(got, want, 1e-9);
    compared++;
  }
  fclose(file);
  ogi_free(deck);
  ck_assert_uint_ge(compared, 5);
}

START_TEST(decks_with_known_solutions_are_solved) {
  ogi_spice *s = opened(program(), 60);
  check_golden(s, "fibonacci_1x5");
  check_golden(s, "ideal_2x3");
  check_golden(s, "series_1x1");
  ogi_spice_close(s);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("spice");
  TCase *tc = tcase_create("numbers");
  tcase_set_timeout(tc, 120);
  tcase_add_test(tc, divider_is_solved_and_version_is_told);
  tcase_add_test(tc, one_cell_is_a_series_circuit);
  tcase_add_test(tc, ideal_wires_give_the_matrix_product);
  tcase_add_test(tc, ladder_gives_fibonacci_numbers);
  tcase_add_test(tc, every_geometry_agrees_with_dense_elimination);
  tcase_add_test(tc, dead_ends_are_no_obstacle);
  tcase_add_test(tc, decks_with_known_solutions_are_solved);
  tcase_add_test(tc, many_decks_leave_the_child_as_small_as_it_was);
  suite_add_tcase(suite, tc);
  tc = tcase_create("failures");
  tcase_set_timeout(tc, 120);
  tcase_add_test(tc, bad_decks_are_refused_and_the_next_one_is_right);
  tcase_add_test(tc, title_may_hold_any_word);
  tcase_add_test(tc, missing_program_is_named);
  tcase_add_test(tc, child_that_fails_in_any_way_gives_an_error);
  tcase_add_test(tc, child_killed_in_a_run_is_replaced);
  tcase_add_test(tc, endless_run_is_ended_in_time);
  tcase_add_test(tc, child_dies_with_its_host);
  tcase_add_test(tc, interrupt_does_not_reach_the_child);
  tcase_add_test(tc, exhausted_memory_is_reported_and_leaks_nothing);
  suite_add_tcase(suite, tc);
  tc = tcase_create("surroundings");
  tcase_set_timeout(tc, 120);
  tcase_add_test(tc, hostile_init_file_is_not_read_and_nothing_is_left_behind);
  tcase_add_test(tc, unusable_temporary_folder_is_named);
  tcase_add_test(tc, host_may_lack_standard_files);
  tcase_add_test(tc, works_for_a_user_without_an_entry);
  tcase_add_test(tc, comma_locale_changes_no_number);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
