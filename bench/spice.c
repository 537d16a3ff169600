/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ngspice behind its wall: start to first answer, exchanges of a driven run, many transients of one cell on a pool.
 * Then decks (decks.c). Each answer is verified before it is timed.
 * Usage: bench/ohmgrid-bench-spice [decks] [all]; decks: nothing else; all: the longest comparison too. OHMGRID_SPICE
 * names the program.
 */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_time.h"
#include "cosim/ogi_spice.h"
#include "spice.h"

og_error err;

void fail(const char *why) {
  fprintf(stderr, "ohmgrid-bench-spice: %s\n", why);
  exit(1);
}

og_spice_opts options(void) {
  og_spice_opts opts;
  og_spice_opts_init(&opts);
  opts.program = getenv("OHMGRID_SPICE");
  return opts;
}

void must_be(double got, double want, double rtol, const char *what) {
  if (!(fabs(got - want) <= rtol * fabs(want))) fail(what);
}

/* 3 V over 1 kohm and 2 kohm, from no process at all. */
static void first_answer(void) {
  static const char deck[] = "divider\nv1 in 0 3\nr1 in out 1k\nr2 out 0 2k\n.end\n", *const name = "out";
  og_spice_opts opts = options();
  og_spice_analysis a;
  double best = INFINITY;
  og_spice_analysis_init(&a, OG_SPICE_OP);
  for (int k = 0; k < 20; k++) {
    og_spice *s;
    og_vectors *v;
    double begin = ogi_now();
    NEED(og_spice_open(&s, &opts, &err));
    NEED(ogi_spice_load(s, deck, sizeof deck - 1, &err));
    NEED(og_spice_run(s, &a, &name, 1, &v, NULL, &err));
    best = fmin(best, ogi_now() - begin);
    must_be(v->data[0], 2, 1e-12, "the divider is wrong");
    og_vectors_free(v);
    og_spice_close(s);
  }
  printf("start to first answer         %8.2f ms\n", 1e3 * best);
}

static int hold(void *user, og_spice_step *step) {
  ++*(size_t *)user;
  step->values[0] = 0.7;
  return 0;
}

/* The same run with a driven source and with points: the difference is the exchange. */
static void exchanges(void) {
  static const char deck[] = "rc\nvx in 0 external\nr1 in out 1k\nc1 out 0 1n\n.end\n", *const source = "vx";
  static const double times[] = {0, 1}, values[] = {0.7, 0.7};
  const char *const name = "out";
  og_spice_opts opts = options();
  og_spice *s;
  og_spice_analysis a;
  double best[2] = {INFINITY, INFINITY};
  size_t calls = 0;
  og_spice_analysis_init(&a, OG_SPICE_TRAN);
  a.step_second = 1e-9;
  a.stop_second = 2e-5;
  a.use_ic = 1;
  NEED(og_spice_open(&s, &opts, &err));
  NEED(ogi_spice_load(s, deck, sizeof deck - 1, &err));
  for (int k = 0; k < 10; k++) {
    og_vectors *v;
    if (k % 2 == 0) NEED(og_spice_set_pwl(s, source, times, values, 2, &err));
    else NEED(og_spice_set_external(s, &source, 1, &name, 1, hold, &calls, &err));
    calls = 0;
    double begin = ogi_now();
    NEED(og_spice_run(s, &a, NULL, 0, &v, NULL, &err));
    best[k % 2] = fmin(best[k % 2], ogi_now() - begin);
    must_be(og_vectors_at(v, og_vectors_find(v, "out"))[v->points - 1], 0.7, 1e-6, "the charged capacitor is wrong");
    og_vectors_free(v);
  }
  og_spice_close(s);
  printf("exchange before a time step   %8.2f us (%zu in a run of %.1f ms)\n",
         1e6 * (best[1] - best[0]) / (double)calls, calls, 1e3 * best[1]);
}

/* A transistor and a resistor, another resistance in every job. */
static og_status cell_job(void *user, size_t k, og_spice *s, og_error *e) {
  static const char deck[] = "1t1r\nvg g 0 2\nvd d 0 pulse(0 1.2 2n 2n 2n 70n 200n)\nr1 d m 12k\nm1 m g 0 0 nm l=180n "
                             "w=1u\n.model nm nmos level=1 vto=0.45 kp=180u lambda=0.05\n.end\n";
  static const char *const names[] = {"m", "vd#branch"};
  size_t *points = user;
  og_spice_analysis a;
  og_vectors *v = NULL;
  og_spice_analysis_init(&a, OG_SPICE_TRAN);
  a.stop_second = 2e-7;
  og_status st = ogi_spice_load(s, deck, sizeof deck - 1, e);
  double ohm = 1e4 + 10.0 * (double)k;
  if (st == OG_OK) st = og_spice_alter(s, "r1", "resistance", ohm, e);
  if (st == OG_OK) st = og_spice_run(s, &a, names, 2, &v, NULL, e);
  for (size_t i = 0; st == OG_OK && i < v->points; i++) { /* while the pulse is at its top, Ohm's law of the resistor */
    double time = v->data[i], volt = 1.2 - v->data[v->points + i];
    if (time > 10e-9 && time < 60e-9) must_be(-v->data[2 * v->points + i], volt / ohm, 1e-6, "a cell is wrong");
  }
  if (st == OG_OK) points[k] = v->points;
  og_vectors_free(v);
  return st;
}

static void cells(void) {
  enum { JOBS = 1000 };
  static size_t points[JOBS];
  og_spice_opts opts = options();
  for (size_t sessions = 1; sessions <= 2; sessions++) {
    double begin = ogi_now();
    NEED(og_spice_pool_run(sessions, &opts, JOBS, cell_job, points, NULL, &err));
    printf("%d transients of %zu points, %zu sessions %6.2f s\n", JOBS, points[0], sessions, ogi_now() - begin);
  }
}

int main(int argc, char **argv) {
  int all = 0, decks = 0;
  for (int k = 1; k < argc; k++) {
    all |= strcmp(argv[k], "all") == 0;
    decks |= strcmp(argv[k], "decks") == 0;
  }
  if (!decks) {
    first_answer();
    exchanges();
    cells();
  }
  bench_decks(all);
  return 0;
}
