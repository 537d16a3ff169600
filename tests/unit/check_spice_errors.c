/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What ngspice does with bad circuits, bad runs and bad commands: every kind known to leave its return codes at 0, and
 * every kind that ends or spoils it. After each a good circuit has to give its closed form again.
 */
#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_spice.h"
#include "ogt.h"
#include <ohmgrid/ohmgrid.h>

#define OK(call) ck_assert_msg((call) == OG_OK, "%s", err.text)

#define CHILD_VARIES 2

static og_spice *opened(double timeout) {
  og_spice *s;
  og_error err = {0};
  og_spice_opts opts;
  og_spice_opts_init(&opts);
  opts.program = getenv("OHMGRID_SPICE");
  opts.timeout_second = timeout;
  ck_assert_ptr_nonnull(opts.program);
  OK(og_spice_open(&s, &opts, &err));
  return s;
}

static og_status load(og_spice *s, const char *deck, og_error *err) {
  return ogi_spice_load(s, deck, strlen(deck), err);
}

/* 1.7 V over 3 ohm and 4 ohm. */
static void check_healthy(og_spice *s) {
  static const char deck[] = "divider\nv1 top 0 dc 1.7\nr1 top mid 3\nr2 mid 0 4\n.end\n";
  const char *name = "mid";
  og_spice_analysis a;
  og_vectors *v;
  og_error err = {0};
  og_spice_analysis_init(&a, OG_SPICE_OP);
  OK(load(s, deck, &err));
  OK(og_spice_run(s, &a, &name, 1, &v, NULL, &err));
  ck_assert_uint_eq(v->count, 1);
  ogt_rel(v->data[0], 1.7 * 4 / 7, 1e-12);
  og_vectors_free(v);
}

/* Lines 5 and on of a deck whose first four are sound. */
static const char *with(const char *lines) {
  static char deck[2000];
  snprintf(deck, sizeof deck, "title\nv1 in 0 dc 1\nr1 in out 1k\nr2 out 0 1k\n%s\n.end\n", lines);
  return deck;
}

START_TEST(refused_circuits_are_told_with_their_line) {
  static const struct {
    const char *lines, *words;
    int stays; /* the child is sound after it; CHILD_VARIES: with one version of ngspice and not with another */
  } bad[] = {
      {"z1 in 0 5", "line 5 (z1 in 0 5): Error on line 5", 1},
      {".foo bar", "line 5 (.foo bar): Error on line 5", 1},
      {"m1 in out 0 0 nomodel", "line 5 (m1 in out 0 0 nomodel)", 1},
      {"d1 in 0 nodiode", "could not find a valid modelname", 1},
      {"x1 in out nosub", "line 5 (x1 in out nosub): Error: unknown subckt: x1 in out nosub", 1},
      {".subckt s a b\nr1 a b 1\n.ends\nx1 in out 0 s", "Too many parameters for subcircuit type \"s\"", 1},
      {"r3 in 0 abc", "line 5 (r3 in 0 abc)", 1},
      {"r1 in 0 5", "line 5 (r1 in 0 5): Error on line 5 or its substitute:; r1 in 0 5; device already exists", 1},
      {"b1 q 0 v=foo(v(in))", "line 5 (b1 q 0 v=foo(v(in))): Error: no such function 'foo'", CHILD_VARIES},
      {"b1 q 0 v=v(in)+*2", "line 5 (b1 q 0 v=v(in)+*2)", CHILD_VARIES},
      {"b1 q 0 v=sqrt(", "syntax error", CHILD_VARIES},
      {"a1 in q nomod", "unable to find definition of model nomod", 1},
      {".subckt s a b\nr1 a b 1", "Mismatch of .subckt ... .ends", 0},
      {"e1 q 0 in", "line 5 (e1 q 0 in)", CHILD_VARIES},
      {".subckt s a b\nra a b 1\nrlast b 0 {foo}\n.ends\nx1 in out s", "Undefined parameter [foo]", 0},
      {"c9 in 0 1n\nr3 in 0 {foo}", "line 6 (r3 in 0 {foo})", 0},
      {".param x={bar*2}\nr3 in 0 {x}", "Undefined parameter [bar]", 0},
      {"r3 in", "deck line 5: r3 in: saw 2 words, need a name and two nodes", 1},
      {"v3\n+ q", "deck line 5: v3: saw 2 words", 1},
      {".include nofile.inc", "deck line 5: .include: a deck can neither give commands nor read other files", 1},
      {".lib nolib.lib tt", "deck line 5: .lib: a deck can", 1},
      {".control\nquit\n.endc", "deck line 5: .control: a deck can", 1},
      {"v3 w 0 dc 0 external", "deck line 5: v3 w 0 dc 0 external: an external source can have no dc value", 1},
      {"v3 w 0\n+ external\n+ dc=2", "deck line 5: v3 w 0: an external source can have no dc value", 1},
  };
  og_spice *s = opened(60);
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    og_error err = {0};
    og_vectors *v = (og_vectors *)&err;
    og_spice_analysis a;
    og_spice_analysis_init(&a, OG_SPICE_OP);
    check_healthy(s);
    long child = ogi_spice_pid(s);
    og_status st = load(s, with(bad[k].lines), &err);
    ck_assert_msg(st == OG_E_EXTERN && err.code == st, "%s: %d", bad[k].lines, (int)st);
    ogt_has(err.text, bad[k].words);
    ogt_has(err.text, "ngspice: ");
    ck_assert_msg(bad[k].stays == CHILD_VARIES || (ogi_spice_pid(s) == child) == bad[k].stays, "%s: %s", bad[k].lines,
                  err.text);
    ck_assert_int_eq(og_spice_run(s, &a, NULL, 0, &v, NULL, &err), OG_E_ARG); /* never the circuit of before */
    ck_assert_str_eq(err.text, "spice: no circuit is loaded");
    ck_assert_ptr_null(v);
  }
  check_healthy(s);
  og_error err = {0};
  ck_assert_int_eq(load(s, "no end\nv1 a 0 1\nr1 a 0 3\n", &err), OG_E_EXTERN);
  ogt_has(err.text, "ngspice refused the deck");
  ck_assert_int_eq(load(s, "", &err), OG_E_EXTERN);
  ck_assert_str_eq(err.text, "ngspice: the deck is empty");
  check_healthy(s);
  og_spice_close(s);
}
END_TEST

/* Runs that ngspice fails, or only seems to solve. The circuit stays, unless the child had to go. */
START_TEST(failed_runs_are_told_in_words_of_ngspice) {
  static const struct {
    const char *lines, *words;
    og_spice_kind kind;
    int stays;
  } bad[] = {
      {"b1 q 0 v=v(nonode)", "singular matrix:  check node nonode", OG_SPICE_OP, 1},
      {"r3 a b 1k", "singular matrix", OG_SPICE_OP, 1},
      {"l1 in 0 1u", "singular matrix:  check node l1#branch", OG_SPICE_OP, 1},
      {"v2 in 0 dc 2", "aborted", OG_SPICE_OP, 1},
      {"b1 q 0 v=1/(v(in)-1)", "vector q: saw 1e+32, need a finite value", OG_SPICE_OP, 1},
      {"b1 q 0 v=ln(v(in)-5)", "out of range for ln", OG_SPICE_OP, 1},
      {"b1 q 0 v=sqrt(v(in)-5)", "out of range for sqrt", OG_SPICE_OP, 1},
      {"b1 0 q i=sinh(1000*v(in))\nr3 q 0 1", "ngspice failed to solve the circuit: Error: 1000 out of range for sinh",
       OG_SPICE_TRAN, 1},
      {"v3 w 0 external", "external source v3 has no values, need a callback, points or noise", OG_SPICE_OP, 1},
  };
  og_spice *s = opened(60);
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    og_error err = {0};
    og_vectors *v = (og_vectors *)&err;
    og_spice_analysis a;
    og_spice_analysis_init(&a, bad[k].kind);
    check_healthy(s);
    OK(load(s, with(bad[k].lines), &err));
    long child = ogi_spice_pid(s);
    og_status st = og_spice_run(s, &a, NULL, 0, &v, NULL, &err);
    ck_assert_msg(st == OG_E_EXTERN, "%s: %d", bad[k].lines, (int)st);
    ogt_has(err.text, bad[k].words);
    ck_assert_ptr_null(v);
    ck_assert_msg((ogi_spice_pid(s) == child) == bad[k].stays, "%s: %s", bad[k].lines, err.text);
  }
  check_healthy(s);
  og_spice_close(s);
}
END_TEST

/* A resistance that jumps with its own current has no solution at the threshold: the step shrinks to
   nothing, and the points so far are no answer. */
START_TEST(time_step_that_vanishes_is_a_failure) {
  static const char deck[] = "latch\nv1 in 0 pwl(0 0 1u 10)\nr1 in a 100k\nl1 a b 100n\nvs b c 0\n"
                             "b1 c 0 v=abs(i(vs)) > 20u ? 500k*i(vs) : 0\n.end\n";
  og_spice *s = opened(60);
  og_spice_analysis a;
  og_vectors *v;
  og_error err = {0};
  og_spice_analysis_init(&a, OG_SPICE_TRAN);
  a.use_ic = 1;
  OK(load(s, deck, &err));
  ck_assert_int_eq(og_spice_run(s, &a, NULL, 0, &v, NULL, &err), OG_E_EXTERN);
  ogt_has(err.text, "imestep too small");
  long child = ogi_spice_pid(s);
  ck_assert_int_ne(child, 0);
  check_healthy(s);
  ck_assert_int_eq(ogi_spice_pid(s), child);
  og_spice_close(s);
}
END_TEST

START_TEST(changes_that_ngspice_cannot_make_change_nothing) {
  static const struct {
    const char *device, *parameter, *words;
    double value;
    size_t count;
    og_status st;
  } bad[] = {
      {"r9", "resistance", "no such device or model name r9", 5, 1, OG_E_EXTERN},
      {"r1", "colour", "no such parameter colour", 5, 1, OG_E_EXTERN},
      {"r1", "resistance", "spice: r1 resistance: saw nan, need a finite number", NAN, 1, OG_E_RANGE},
      {"r1;quit", "resistance", "spice: name: saw \"r1;quit\", need 1 to 200 letters, digits and _.#:+-", 5, 1,
       OG_E_RANGE},
      {"r1", "`id`", "spice: name: saw", 5, 1, OG_E_RANGE},
      {"r1", "$home", "spice: name: saw", 5, 1, OG_E_RANGE},
      {"", "resistance", "spice: name: saw", 5, 1, OG_E_RANGE},
      {"v1", "pwl", "spice: v1 pwl: saw 300 numbers, need a command of fewer than 1000 bytes", 5, 300, OG_E_RANGE},
      {"v1", "pwl", "spice: v1 pwl: no value", 5, 0, OG_E_ARG},
  };
  og_spice *s = opened(60);
  og_error err = {0};
  og_spice_analysis a;
  const char *name = "out";
  og_spice_analysis_init(&a, OG_SPICE_OP);
  ck_assert_int_eq(og_spice_alter(s, "r1", "resistance", 5, &err), OG_E_ARG);
  OK(load(s, with("* nothing"), &err));
  OK(og_spice_alter(s, "R2", "resistance", 3e3, &err));
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    double values[300];
    og_vectors *v;
    for (size_t i = 0; i < 300; i++) values[i] = isnan(bad[k].value) ? NAN : bad[k].value / ((double)i + 3);
    const double good = 9e3;
    const og_spice_change list[] = {{"r1", "resistance", &good, 1},
                                    {bad[k].device, bad[k].parameter, values, bad[k].count}};
    ck_assert_int_eq(og_spice_alter_many(s, list, 2, &err), bad[k].st);
    ogt_has(err.text, bad[k].words);
    OK(og_spice_run(s, &a, &name, 1, &v, NULL, &err));
    ogt_rel(v->data[0], 3.0 / 4, 1e-12); /* 9 kohm was taken back, 3 kohm is kept */
    og_vectors_free(v);
  }
  og_spice_close(s);
}
END_TEST

START_TEST(analyses_out_of_range_are_named) {
  og_spice *s = opened(60);
  og_error err = {0};
  og_vectors *v;
  og_spice_analysis a;
  OK(load(s, with("* nothing"), &err));
#define BAD(set_kind, change, words)                                              \
  do {                                                                            \
    og_spice_analysis_init(&a, set_kind);                                         \
    change;                                                                       \
    og_status st_ = og_spice_run(s, &a, NULL, 0, &v, NULL, &err);                 \
    ck_assert_msg(st_ == OG_E_RANGE || st_ == OG_E_ARG, "%s: %d", words, st_);    \
    ogt_has(err.text, words);                                                     \
  } while (0)
  BAD(OG_SPICE_TRAN, a.stop_second = 0, "spice: transient: saw steps of 1e-09 from 0 to 0, need a step > 0");
  BAD(OG_SPICE_TRAN, a.step_second = NAN, "spice: transient: saw steps of nan");
  BAD(OG_SPICE_TRAN, a.step_max_second = -1, "spice: transient: largest step: saw -1, need 0 or more (second)");
  BAD(OG_SPICE_DC, a.sweep[0].step = 1, "spice: a name is NULL");
  BAD(OG_SPICE_DC, (a.sweep[0] = (og_spice_sweep){"v1", 0, 1, -0.1}), "spice: sweep of v1: saw 0 to 1 by -0.1");
  BAD(OG_SPICE_AC, a.start_hz = 0, "spice: band: saw 0 to 1e+06, need 0 < start <= stop (hertz)");
  BAD(OG_SPICE_AC, a.points = 0, "spice: points: saw 0, need 1 to 1e8");
  BAD(OG_SPICE_AC, a.spacing = (og_spice_spacing)3, "spice: spacing: saw 3, need 0 to 2");
  BAD(OG_SPICE_NOISE, a.output = "out", "spice: a name is NULL");
  BAD((og_spice_kind)7, (void)0, "spice: analysis: saw 7, need 0 to 4");
#undef BAD
  og_spice_analysis_init(&a, OG_SPICE_DC);
  a.sweep[0] = (og_spice_sweep){"nope", 0, 1, 0.1};
  ck_assert_int_eq(og_spice_run(s, &a, NULL, 0, &v, NULL, &err), OG_E_EXTERN);
  ogt_has(err.text, "\"nope\" is not in the circuit");
  og_spice_analysis_init(&a, OG_SPICE_NOISE);
  a.output = "nowhere", a.input = "v1";
  ck_assert_int_eq(og_spice_run(s, &a, NULL, 0, &v, NULL, &err), OG_E_EXTERN);
  const char *name = "nowhere";
  og_spice_analysis_init(&a, OG_SPICE_OP);
  ck_assert_int_eq(og_spice_run(s, &a, &name, 1, &v, NULL, &err), OG_E_EXTERN);
  ogt_has(err.text, "the solution has no vector nowhere");
  ck_assert_int_eq(og_spice_run(s, &a, NULL, 1, &v, NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_spice_run(NULL, &a, NULL, 0, &v, NULL, &err), OG_E_ARG);
  check_healthy(s);
  og_spice_close(s);
}
END_TEST

START_TEST(options_out_of_range_are_named) {
  og_spice_opts opts;
  og_spice *s;
  og_error err = {0};
  og_spice_opts_init(&opts);
  opts.timeout_second = 0;
  ck_assert_int_eq(og_spice_open(&s, &opts, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "spice: timeout_second: saw 0, need more than 0 (second)");
  og_spice_opts_init(&opts);
  opts.memory_bytes = 5;
  ck_assert_int_eq(og_spice_open(&s, &opts, &err), OG_E_RANGE);
  opts.memory_bytes = opts.failures_max = 0;
  ck_assert_int_eq(og_spice_open(&s, &opts, &err), OG_E_RANGE);
  ck_assert_int_eq(og_spice_open(NULL, NULL, &err), OG_E_ARG);
  og_spice_close(NULL);
}
END_TEST

/* --- the child's end ---------------------------------------------------------------------------------------------- */

static const char slow[] = "slow\nv1 top 0 dc 1.7\nr1 top mid 3k\nc1 mid 0 1n\n.end\n";

static og_spice_analysis endless(void) {
  og_spice_analysis a;
  og_spice_analysis_init(&a, OG_SPICE_TRAN);
  a.stop_second = 100;
  return a;
}

static pid_t signal_later(long victim, int number) {
  pid_t killer = fork();
  if (killer == 0) {
    usleep(100000);
    kill((pid_t)victim, number);
    _exit(0);
  }
  return killer;
}

/* The circuit with all that was set comes back in the next child. */
START_TEST(child_lost_in_a_run_is_replaced_with_its_circuit) {
  for (int how = 0; how < 2; how++) {
    og_spice *s = opened(how == 0 ? 60 : 0.4);
    og_error err = {0};
    og_vectors *v;
    og_spice_analysis a = endless(), op;
    og_spice_analysis_init(&op, OG_SPICE_OP);
    OK(load(s, slow, &err));
    OK(og_spice_alter(s, "v1", "dc", 2.3, &err));
    long child = ogi_spice_pid(s);
    pid_t killer = signal_later(child, how == 0 ? SIGKILL : SIGSTOP);
    ck_assert_int_eq(og_spice_run(s, &a, NULL, 0, &v, NULL, &err), OG_E_EXTERN);
    ogt_has(err.text, how == 0 ? "died of signal 9" : "saw no answer, need one within 0.4 (second)");
    waitpid(killer, NULL, 0);
    OK(og_spice_run(s, &op, NULL, 0, &v, NULL, &err));
    ck_assert_int_ne(ogi_spice_pid(s), child);
    ogt_rel(*og_vectors_at(v, og_vectors_find(v, "v(mid)")), 2.3, 1e-9);
    og_vectors_free(v);
    og_spice_close(s);
  }
}
END_TEST

static int say_stop(void *user, const char *phase, double fraction) {
  int *calls = user;
  ck_assert_str_eq(phase, "ngspice");
  ck_assert(fraction >= 0 && fraction <= 1);
  return ++*calls >= 3;
}

START_TEST(caller_can_stop_a_run_within_a_moment) {
  int calls = 0;
  og_spice_opts opts;
  og_spice *s;
  og_vectors *v;
  og_error err = {0};
  og_spice_opts_init(&opts);
  opts.program = getenv("OHMGRID_SPICE");
  opts.progress = (og_progress){say_stop, &calls};
  OK(og_spice_open(&s, &opts, &err));
  OK(load(s, slow, &err));
  og_spice_analysis a = endless();
  ck_assert_int_eq(og_spice_run(s, &a, NULL, 0, &v, NULL, &err), OG_E_INTERRUPT);
  ck_assert_str_eq(err.text, "ngspice: stopped by the caller");
  ck_assert_int_eq(ogi_spice_pid(s), 0);
  calls = -1000;
  check_healthy(s);
  og_spice_close(s);
}
END_TEST

#ifndef __SANITIZE_ADDRESS__ /* its shadow takes terabytes of address space, so that there is no limit */
START_TEST(child_has_no_more_memory_than_it_may) {
  og_spice_opts opts;
  og_spice *s;
  og_vectors *v;
  og_error err = {0};
  og_spice_opts_init(&opts);
  opts.program = getenv("OHMGRID_SPICE");
  opts.memory_bytes = (size_t)96 << 20;
  OK(og_spice_open(&s, &opts, &err));
  OK(load(s, slow, &err));
  og_spice_analysis a = endless();
  a.stop_second = 1e-2;
  ck_assert_int_eq(og_spice_run(s, &a, NULL, 0, &v, NULL, &err), OG_E_EXTERN);
  check_healthy(s);
  og_spice_close(s);
}
END_TEST
#endif

static long status_of(long pid, const char *field) {
  char path[64], line[256];
  long value = -1;
  snprintf(path, sizeof path, "/proc/%ld/status", pid);
  FILE *file = fopen(path, "r");
  ck_assert_ptr_nonnull(file);
  while (fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, field, strlen(field)) == 0) value = strtol(line + strlen(field), NULL, 10);
  fclose(file);
  return value;
}

/* OHMGRID_TEST_LONG=1: 2,000 and 20,000. */
START_TEST(memory_stays_flat_over_failures_and_successes) {
  int full = getenv("OHMGRID_TEST_LONG") != NULL;
  int failing = full ? 2000 : 300, good = full ? 20000 : 2000, replaced = 0;
  og_spice *s = opened(600);
  og_error err = {0};
  size_t live = ogi_mem_live();
  long child = ogi_spice_pid(s), before = 0, ours = 0;
  for (int k = 0; k < failing; k++) {
    ck_assert_int_eq(load(s, with(k % 2 ? "m1 in out 0 0 nomodel" : "x1 in out nosub"), &err), OG_E_EXTERN);
    if (ogi_spice_pid(s) != child) replaced++;
    child = ogi_spice_pid(s);
  }
  ck_assert_int_le(replaced, 2 * failing / 1000);
  ck_assert_uint_eq(ogi_mem_live(), live);
  long failed = child != 0 ? status_of(child, "VmRSS:") : 0;
  if (child != 0) kill((pid_t)child, SIGKILL);
  while (child != 0 && load(s, slow, &err) != OG_OK) child = ogi_spice_pid(s);
  for (int k = 0; k < good; k++) {
    check_healthy(s);
    if (k == good / 10) before = status_of(ogi_spice_pid(s), "VmRSS:"), ours = status_of(getpid(), "VmRSS:");
  }
  long grown = status_of(ogi_spice_pid(s), "VmRSS:") - before, here = status_of(getpid(), "VmRSS:") - ours;
  if (full) printf("after %d failing loads %ld kB, %d replaced; %d good ones: child +%ld kB, here +%ld kB\n", failing,
                   failed, replaced, good, grown, here);
#ifdef __SANITIZE_ADDRESS__
  grown = here = 0; /* the sanitizer keeps released blocks for a while */
#endif
  ck_assert_msg(grown <= 1024 && here <= 1024, "grew by %ld kB there, %ld kB here", grown, here);
  ck_assert_int_eq(status_of(ogi_spice_pid(s), "Threads:"), 1);
  og_spice_close(s);
}
END_TEST

START_TEST(too_many_failures_replace_the_child) {
  og_spice_opts opts;
  og_spice *s;
  og_error err = {0};
  og_spice_opts_init(&opts);
  opts.program = getenv("OHMGRID_SPICE");
  opts.failures_max = 3;
  OK(og_spice_open(&s, &opts, &err));
  for (int k = 1; k <= 3; k++) {
    ck_assert_int_eq(load(s, with("x1 in out nosub"), &err), OG_E_EXTERN);
    ck_assert_int_eq(ogi_spice_pid(s) != 0, k < 3);
  }
  check_healthy(s);
  og_spice_close(s);
}
END_TEST

/* Every place at which memory can run out: the status says so, nothing leaks, and the session goes on. */
START_TEST(exhausted_memory_leaves_a_session_that_works) {
  size_t live = ogi_mem_live();
  og_spice *s = opened(60);
  og_error err = {0};
  og_spice_analysis a;
  og_spice_analysis_init(&a, OG_SPICE_OP);
  int failed = 0;
  for (size_t k = 1; k <= 24; k++) {
    og_vectors *v = NULL;
    const double time[] = {0, 1}, value[] = {0.3, 0.3};
    og_status st;
    ogi_mem_fail_at(k);
    st = load(s, with("v3 w 0 external\nr3 w 0 1k"), &err);
    if (st == OG_OK) st = og_spice_alter(s, "r1", "resistance", 2e3, &err);
    if (st == OG_OK) st = og_spice_set_pwl(s, "v3", time, value, 2, &err);
    if (st == OG_OK) st = og_spice_run(s, &a, NULL, 0, &v, NULL, &err);
    ogi_mem_fail_at(0);
    ck_assert_msg(st == OG_OK || st == OG_E_NOMEM, "allocation %zu: %s", k, err.text);
    failed += st == OG_E_NOMEM;
    og_vectors_free(v);
  }
  ck_assert_int_ge(failed, 15);
  check_healthy(s);
  og_spice_close(s);
  ck_assert_uint_eq(ogi_mem_live(), live);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("spice_errors");
  TCase *tc = tcase_create("matrix");
  tcase_set_timeout(tc, 120);
  tcase_add_test(tc, refused_circuits_are_told_with_their_line);
  tcase_add_test(tc, failed_runs_are_told_in_words_of_ngspice);
  tcase_add_test(tc, time_step_that_vanishes_is_a_failure);
  tcase_add_test(tc, changes_that_ngspice_cannot_make_change_nothing);
  tcase_add_test(tc, analyses_out_of_range_are_named);
  tcase_add_test(tc, options_out_of_range_are_named);
  suite_add_tcase(suite, tc);
  tc = tcase_create("child");
  tcase_set_timeout(tc, 600);
  tcase_add_test(tc, child_lost_in_a_run_is_replaced_with_its_circuit);
  tcase_add_test(tc, caller_can_stop_a_run_within_a_moment);
#ifndef __SANITIZE_ADDRESS__
  tcase_add_test(tc, child_has_no_more_memory_than_it_may);
#endif
  tcase_add_test(tc, memory_stays_flat_over_failures_and_successes);
  tcase_add_test(tc, too_many_failures_replace_the_child);
  tcase_add_test(tc, exhausted_memory_leaves_a_session_that_works);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
