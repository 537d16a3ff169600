/* SPDX-License-Identifier: BSD-3-Clause */
/* Decks: how fast they are read and checked, and wired arrays by us and by ngspice, verified first. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_time.h"
#include "spice.h"

#define SEGMENT_OHM 2.0
#define NODE_FARAD 1e-15
#define STOP_SECOND 1e-9
#define POINTS 100 /* of a transient, about */

/* An array with its cells and inputs, and its deck as text. */
typedef struct problem {
  og_array array;
  double *g, *v; /* [S], [V] */
  char *text;
  size_t bytes;
  og_deck *deck;
} problem;

static double draw(void) { /* 0 .. 1, the same ones in every run */
  static unsigned long long state = 88172645463325252u;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (double)(state >> 11) / 9007199254740992.0;
}

static void *room(size_t count, size_t size) {
  void *block = calloc(count, size);
  if (block == NULL) fail("out of memory");
  return block;
}

static void begin(problem *p, size_t side) {
  og_array_init(&p->array, side, side);
  p->array.r_word_ohm = p->array.r_bit_ohm = SEGMENT_OHM;
  p->g = room(side * side, sizeof *p->g);
  p->v = room(side, sizeof *p->v);
  for (size_t k = 0; k < side * side; k++) p->g[k] = 1e-6 * pow(100, draw()); /* 10 kohm .. 1 Mohm */
  for (size_t i = 0; i < side; i++) p->v[i] = 0.05 + 0.25 * draw();
}

static void write_deck(problem *p, const og_netlist_opts *opts) {
  FILE *stream = open_memstream(&p->text, &p->bytes);
  if (stream == NULL) fail("out of memory");
  NEED(og_netlist_print(stream, &p->array, p->g, p->v, opts, &err));
  if (fclose(stream) != 0) fail("out of memory");
  NEED(og_deck_parse(&p->deck, "bench", p->text, p->bytes, NULL, &err));
}

static void end_deck(problem *p) {
  og_deck_free(p->deck);
  free(p->text);
  p->deck = NULL;
  p->text = NULL;
}

static void end(problem *p) {
  end_deck(p);
  free(p->g);
  free(p->v);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void must_hold(const problem *p, const og_crossbar *c) {
  const og_array *a = og_crossbar_array(c);
  if (a->m != p->array.m || a->n != p->array.n) fail("a crossbar of another size was recognised");
  for (size_t k = 0; k < a->m * a->n; k++) must_be(og_crossbar_cells(c)[k], p->g[k], 1e-12, "a cell is wrong");
}

static void read_decks(void) {
  static const char *const names[] = {"flat", "hierarchical"};
  problem p = {.g = NULL};
  begin(&p, 100);
  for (int style = 0; style < 2; style++) {
    og_netlist_opts opts;
    og_netlist_opts_init(&opts);
    opts.comments = 0;
    opts.style = style == 0 ? OG_NETLIST_FLAT : OG_NETLIST_HIERARCHICAL;
    write_deck(&p, &opts);
    size_t lines = 0;
    double read = INFINITY, find = INFINITY;
    for (const char *at = p.text; *at != '\0'; at++) lines += *at == '\n';
    for (int k = 0; k < 5; k++) {
      og_crossbar *c;
      og_deck *d;
      double start = ogi_now();
      NEED(og_deck_parse(&d, "bench", p.text, p.bytes, NULL, &err));
      double parsed = ogi_now();
      NEED(og_crossbar_find(&c, d, &err));
      find = fmin(find, ogi_now() - parsed);
      read = fmin(read, parsed - start);
      if (k == 0) must_hold(&p, c);
      og_crossbar_free(c);
      og_deck_free(d);
    }
    printf("%-12s deck, %6zu lines, %6zu elements: read %6.1f ms, crossbar found %6.1f ms\n", names[style], lines,
           og_deck_elements(p.deck), 1e3 * read, 1e3 * find);
    end_deck(&p);
  }
  end(&p);
}

static void check_deck(void) {
  problem p = {.g = NULL};
  og_check_deck_opts opts;
  og_check_report r;
  og_netlist_opts netlist;
  og_netlist_opts_init(&netlist);
  og_check_deck_opts_init(&opts);
  opts.worker = getenv("OHMGRID_SPICE");
  begin(&p, 32);
  write_deck(&p, &netlist);
  double start = ogi_now();
  NEED(og_check_deck(&r, p.deck, &opts, &err)); /* its own verdict is the verification */
  printf("32 x 32 checked, all in %6.2f s: ours %.4f s, ngspice %.2f s, worst deviation %.1e\n", ogi_now() - start,
         r.analysis[0].ours_second, r.analysis[0].theirs_second, r.analysis[0].compare.worst_relative);
  og_check_report_clear(&r);
  end(&p);
}

/* --- against ngspice ---------------------------------------------------------------------------------------------- */

/* [s] ours, with the engine; the result is kept once. */
static double run_ours(const problem *p, og_deck_engine engine, const og_analysis *a, double rtol, og_vectors **out) {
  og_analysis_opts opts;
  double best = INFINITY, spent = 0;
  og_analysis_opts_init(&opts);
  opts.engine = engine;
  opts.rtol = rtol;
  *out = NULL;
  for (int k = 0; k < 5 && (k == 0 || spent < 2); k++) {
    og_vectors_free(*out);
    double start = ogi_now(), took;
    NEED(og_analysis_run(out, p->deck, a, &opts, NULL, &err));
    took = ogi_now() - start;
    best = fmin(best, took);
    spent += took;
  }
  return best;
}

static double run_ngspice(const problem *p, const og_spice_analysis *a, const char *const *names, size_t count,
                          og_vectors **out) {
  og_spice *s;
  og_spice_opts opts = options();
  NEED(og_spice_open(&s, &opts, &err));
  double start = ogi_now();
  NEED(og_spice_load(s, p->deck, &err));
  NEED(og_spice_run(s, a, names, count, out, NULL, &err));
  double took = ogi_now() - start;
  og_spice_close(s);
  return took;
}

static void must_agree(const og_vectors *ours, const og_vectors *theirs, og_compare_scale scale, double rtol,
                       const char *what) {
  og_compare_opts opts;
  og_compare_result r;
  og_compare_opts_init(&opts);
  opts.scale = scale;
  NEED(og_vectors_compare(ours, theirs, &opts, &r, &err));
  if (r.dark || r.compared == 0 || !(r.worst_relative <= rtol)) {
    fprintf(stderr, "worst deviation %g of %zu vectors\n", r.worst_relative, r.compared);
    fail(what);
  }
  og_compare_clear(&r);
}

static void operating_points(problem *p) {
  og_netlist_opts netlist;
  og_spice_analysis a;
  og_vectors *ours[2], *theirs;
  og_netlist_opts_init(&netlist);
  og_spice_analysis_init(&a, OG_SPICE_OP);
  write_deck(p, &netlist);
  double spice = run_ngspice(p, &a, NULL, 0, &theirs);
  double crossbar = run_ours(p, OG_DECK_CROSSBAR, NULL, 1e-7, &ours[0]);
  double general = run_ours(p, OG_DECK_GENERAL, NULL, 1e-7, &ours[1]);
  must_agree(ours[0], theirs, OG_COMPARE_VALUE, 1e-6, "an operating point as a crossbar is wrong");
  must_agree(ours[1], theirs, OG_COMPARE_VALUE, 1e-6, "an operating point of the general engine is wrong");
  printf("%3zu x %-3zu operating point  crossbar %10.3f ms  general %10.3f ms  ngspice %12.1f ms  "
         "ngspice/crossbar %8.0f  ngspice/general %6.1f\n", p->array.m, p->array.n, 1e3 * crossbar, 1e3 * general,
         1e3 * spice, spice / crossbar, spice / general);
  fflush(stdout);
  og_vectors_free(ours[0]);
  og_vectors_free(ours[1]);
  og_vectors_free(theirs);
  end_deck(p);
}

/*
 * Ours for arrays, asked at ngspice's own times; theirs: time, then the output currents. Within 1e-2 of the peak: the
 * steps of 10 ps that ngspice takes are as long as the lines of 64 x 64 need to settle.
 */
static double run_array(const problem *p, const og_wave *wave, const og_vectors *theirs, size_t *steps) {
  og_transient_opts opts;
  og_transient *t;
  og_transient_info info;
  size_t n = p->array.n;
  double best = INFINITY, peak = 0, worst = 0, *i = room(theirs->points * n, sizeof *i);
  og_transient_out out = {.samples = theirs->points, .sample_second = theirs->data, .i_out = i};
  og_transient_opts_init(&opts);
  opts.c_word_farad = opts.c_bit_farad = NODE_FARAD;
  opts.rtol = 1e-5;
  for (int k = 0; k < 3; k++) {
    double start = ogi_now();
    NEED(og_transient_create(&t, &p->array, &opts, &err));
    NEED(og_transient_set_cells(t, p->g, &err));
    NEED(og_transient_run(t, wave, STOP_SECOND * (1 + 1e-9), &out, &info, &err));
    best = fmin(best, ogi_now() - start);
    og_transient_free(t);
  }
  for (size_t k = 0; k < theirs->points * n; k++) peak = fmax(peak, fabs(i[k]));
  for (size_t j = 0; j < n; j++)
    for (size_t k = 0; k < theirs->points; k++)
      worst = fmax(worst, fabs(og_vectors_at(theirs, j + 1)[k] - i[k * n + j]));
  if (!(worst <= 1e-2 * peak)) {
    fprintf(stderr, "deviation %g of the peak\n", worst / peak);
    fail("a transient is wrong");
  }
  free(i);
  *steps = info.steps;
  return best;
}

static void transients(problem *p) {
  size_t m = p->array.m, n = p->array.n, steps;
  const double second[] = {0, 0.2 * STOP_SECOND, STOP_SECOND};
  double *volt = room(3 * m, sizeof *volt);
  char (*room_of_names)[32] = room(n, sizeof *room_of_names);
  const char **names = room(n, sizeof *names);
  for (size_t i = 0; i < m; i++) volt[m + i] = p->v[i];
  for (size_t i = 0; i < m; i++) volt[2 * m + i] = 0.3 * p->v[i];
  for (size_t j = 0; j < n; j++) {
    snprintf(room_of_names[j], sizeof room_of_names[j], "vt_%zu#branch", j);
    names[j] = room_of_names[j];
  }
  const og_wave wave = {.points = 3, .second = second, .volt = volt};
  og_netlist_opts netlist;
  og_spice_analysis a;
  og_vectors *ours, *theirs;
  og_netlist_opts_init(&netlist);
  netlist.analysis = OG_NETLIST_TRAN;
  netlist.wave = &wave;
  netlist.stop_second = STOP_SECOND;
  netlist.step_second = STOP_SECOND / POINTS;
  netlist.c_word_farad = netlist.c_bit_farad = NODE_FARAD;
  netlist.reltol = 1e-3; /* the longest step is what decides */
  netlist.trtol = 7;
  og_spice_analysis_init(&a, OG_SPICE_TRAN);
  a.step_second = a.step_max_second = STOP_SECOND / POINTS;
  a.stop_second = STOP_SECOND;
  write_deck(p, &netlist);
  double spice = run_ngspice(p, &a, names, n, &theirs);
  double general = run_ours(p, OG_DECK_GENERAL, og_deck_analysis(p->deck, 0), 1e-4, &ours);
  must_agree(ours, theirs, OG_COMPARE_PEAK, 1e-2, "a transient of the general engine is wrong");
  double array = run_array(p, &wave, theirs, &steps);
  printf("%3zu x %-3zu transient  array %8.1f ms (%zu steps)  general %8.1f ms (%zu points)  ngspice %9.1f ms "
         "(%zu points)  ngspice/array %6.0f  ngspice/general %6.1f\n", m, n, 1e3 * array, steps, 1e3 * general,
         ours->points, 1e3 * spice, theirs->points, spice / array, spice / general);
  fflush(stdout);
  og_vectors_free(ours);
  og_vectors_free(theirs);
  end_deck(p);
  free(names);
  free(room_of_names);
  free(volt);
}

void bench_decks(int all) {
  read_decks();
  check_deck();
  for (size_t side = 8; side <= 64; side *= 2) {
    problem p = {.g = NULL};
    begin(&p, side);
    operating_points(&p);
    if (side <= 32 || all) transients(&p);
    end(&p);
  }
}
