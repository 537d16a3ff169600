/* SPDX-License-Identifier: BSD-3-Clause */
/* Decks of every kind solved by ngspice, against our own laws and engines: what was written is what was meant. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_spice.h"
#include "netlist/ogi_netlist.h"
#include "ogt.h"
#include <ohmgrid/ohmgrid.h>

static ogi_spice *spice;

static void open_spice(void) {
  og_error err = {0};
  ck_assert_msg(ogi_spice_open(&spice, getenv("OHMGRID_SPICE"), 120, &err) == OG_OK, "%s", err.text);
}

static void close_spice(void) {
  ogi_spice_close(spice);
  spice = NULL;
}

/* Text of a deck; released with free. */
static char *deck_of(const og_array *a, const double *g, const double *v, const og_netlist_opts *o) {
  char *text = NULL;
  size_t bytes;
  og_error err = {0};
  FILE *stream = open_memstream(&text, &bytes);
  ck_assert_ptr_nonnull(stream);
  ck_assert_msg(og_netlist_print(stream, a, g, v, o, &err) == OG_OK, "%s", err.text);
  ck_assert_int_eq(fclose(stream), 0);
  return text;
}

/* Values of the vectors at the last point. The worker looks for the last resistor, which must stand at the top. */
static void run_text(const char *deck, const char *const *names, size_t count, double *values) {
  const char *end = strstr(deck, "\n.end\n");
  char *with = NULL;
  og_error err = {0};
  ck_assert_ptr_nonnull(end);
  ck_assert_int_gt(asprintf(&with, "%.*s\nrprobe probe 0 1%s", (int)(end - deck), deck, end), 0);
  ck_assert_msg(ogi_spice_run(spice, with, strlen(with), names, count, values, &err) == OG_OK, "%s\n%.4000s", err.text,
                with);
  free(with);
}

enum { MOST = 256 };

static void output_currents(const og_array *a, const double *g, const double *v, const og_netlist_opts *o, double *i) {
  char text[MOST][32];
  const char *names[MOST];
  ck_assert_uint_le(a->n, MOST);
  for (size_t j = 0; j < a->n; j++) {
    snprintf(text[j], sizeof text[j], "vt_%zu#branch", j);
    names[j] = text[j];
  }
  char *deck = deck_of(a, g, v, o);
  run_text(deck, names, a->n, i);
  free(deck);
}

static og_cell *cell_of(const char *text) {
  og_cell *cell;
  og_error err = {0};
  ck_assert_msg(og_cell_create(&cell, text, &err) == OG_OK, "%s", err.text);
  return cell;
}

/* ---- single cells ---- */

/* One word line at 0 V, each bit line's terminal at minus the voltage of its cell: outputs are the cells' currents. */
static void check_law(const og_cell *cell, double reach, const char *what) {
  enum { CELLS = 61 };
  double g[CELLS], volt[CELLS], u[CELLS], want[CELLS], slope[CELLS], got[CELLS];
  const double zero = 0;
  og_array a;
  og_netlist_opts o;
  og_netlist_opts_init(&o);
  og_array_init(&a, 1, CELLS);
  ogt_fill(g, CELLS, -7, -3, 11);
  ogt_fill(volt, CELLS, -6, 0, 12);
  for (size_t k = 0; k < CELLS; k++) {
    g[k] = pow(10, g[k]);
    volt[k] = (k % 2 == 0 ? reach : -reach) * (k < 20 ? pow(10, volt[k]) : (double)k / CELLS);
    if (k == 7) volt[k] = 0;
  }
  og_error err = {0};
  for (int again = 1; again;) { /* from 1e31 A on the worker sees a division by zero of ngspice's */
    ck_assert_msg(og_cell_eval(cell, CELLS, g, volt, want, slope, NULL, &err) == OG_OK, "%s", err.text);
    again = 0;
    for (size_t k = 0; k < CELLS; k++)
      if (fabs(want[k]) > 1e28) {
        volt[k] *= 0.9;
        again = 1;
      }
  }
  for (size_t k = 0; k < CELLS; k++) u[k] = -volt[k];
  o.cell = cell;
  o.bit_volts = u;
  for (int style = 0; style < 2; style++) {
    o.style = (og_netlist_style)style;
    output_currents(&a, g, &zero, &o, got);
    for (size_t k = 0; k < CELLS; k++) { /* near 0 V the difference of two numbers of the size of slope times 1 V */
      double allowed = 1e-9 * fabs(want[k]) + 1e-14 * slope[k];
      ck_assert_msg(fabs(got[k] - want[k]) <= allowed, "%s, style %d: at %.17g V saw %.17g A, need %.17g A", what,
                    style, volt[k], got[k], want[k]);
    }
  }
}

START_TEST(every_law_has_the_currents_of_our_own) {
  static const struct {
    const char *text;
    double reach; /* [V], beyond the law's ends */
  } all[] = {{"linear,g=3.3u", 2.5},
             {"sinh", 45},
             {"sinh,v0=0.071,g=12u", 9.3},
             {"schottky", 1.7},
             {"schottky,v_t=0.031,v_s=0.00037", 5.1},
             {"schottky,rectify=1,ideality=1.37,v_s=0.0021", 31},
             {"schottky,rectify=1,v_t=0.021,v_s=0.17,g=2u", 3},
             {"simmons", 3.7},
             {"simmons,phi=1.13,width=2.7n,mass=0.43", 1.9},
             {"threshold", 1.3},
             {"threshold,v_th=0.77,v_w=0.0031,ratio=3.3e9", 1.9},
             {"transistor", 1.9},
             {"transistor,v_gate=0.13,v_th=0.51,lambda=0.13,slope=1.7,g_leak=3p", 2.1},
             {"transistor,v_gate=2.3,beta=31u,v_t=0.033", 1500}};
  open_spice();
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
    og_cell *cell = cell_of(all[k].text);
    check_law(cell, all[k].reach, all[k].text);
    og_cell_free(cell);
  }
  close_spice();
}
END_TEST

/* Random parameters, one set a cell. */
static void vary(og_cell *cell, const char *key, double low, double high, uint32_t tag) {
  double x[61];
  ogt_fill(x, 61, log(low), log(high), tag);
  for (size_t k = 0; k < 61; k++) x[k] = exp(x[k]);
  ck_assert_int_eq(og_cell_set_each(cell, key, x, 1, 61, NULL), OG_OK);
}

START_TEST(parameters_of_single_cells_are_in_the_deck) {
  og_cell *cell = cell_of("sinh");
  open_spice();
  vary(cell, "v0", 0.05, 2, 21);
  check_law(cell, 11, "sinh, v0 each");
  vary(cell, "g", 1e-9, 1e-3, 22);
  check_law(cell, 7, "sinh, v0 and g each");
  og_cell_free(cell);
  cell = cell_of("schottky,rectify=1");
  vary(cell, "v_t", 0.01, 0.07, 23);
  vary(cell, "ideality", 1.01, 9, 24);
  vary(cell, "v_s", 1e-4, 1, 25);
  check_law(cell, 2.3, "schottky each");
  og_cell_free(cell);
  cell = cell_of("simmons");
  vary(cell, "phi", 0.7, 4, 26);
  vary(cell, "width", 1e-9, 3e-9, 27);
  check_law(cell, 5, "simmons each");
  og_cell_free(cell);
  cell = cell_of("transistor");
  vary(cell, "v_gate", 0.05, 3, 28);
  vary(cell, "beta", 1e-6, 1e-3, 29);
  check_law(cell, 3, "transistor each");
  og_cell_free(cell);
  close_spice();
}
END_TEST

START_TEST(tables_are_written_piece_by_piece) {
  enum { POINTS = 37 };
  double v[POINTS], i[POINTS];
  og_cell *cell;
  for (size_t k = 0; k < POINTS; k++) {
    v[k] = -1.31 + 0.0713 * (double)k + 0.011 * sin((double)k);
    i[k] = 1e-6 * v[k] * (1 + v[k] * v[k]) + 3e-8 * (double)k;
  }
  open_spice();
  ck_assert_int_eq(og_cell_create_table(&cell, v, i, POINTS, NULL), OG_OK);
  check_law(cell, 2.2, "table");
  ck_assert_int_eq(og_cell_set(cell, "g_ref", 3.1e-6, NULL), OG_OK);
  check_law(cell, 2.2, "table, g_ref");
  og_cell_free(cell);
  ck_assert_int_eq(og_cell_create_table(&cell, v + 10, i + 10, 3 + 10, NULL), OG_OK);
  check_law(cell, 0.9, "table of few points");
  og_cell_free(cell);
  close_spice();
}
END_TEST

START_TEST(pairs_have_a_node_between_them) {
  static const char *const all[] = {
      "threshold,g=1m,v_th=0.31,v_w=0.04 + sinh,v0=0.25", "transistor,v_gate=0.9 + linear",
      "linear + schottky,v_s=0.2", "simmons,g=31u + threshold,v_th=0.2,v_w=0.05,ratio=100"};
  open_spice();
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
    og_cell *cell = cell_of(all[k]);
    check_law(cell, 1.7, all[k]);
    og_cell_free(cell);
  }
  close_spice();
}
END_TEST

/* ---- arrays ---- */

static void wires(og_array *a) {
  a->r_word_ohm = 3.1;
  a->r_bit_ohm = 1.7;
  a->r_source_ohm = 57;
  a->r_sense_ohm = 23;
}

enum { M = 3, N = 5 };

static void fill(double *g, double *v) {
  ogt_fill(g, M * N, 1e-6, 1e-4, 31);
  ogt_fill(v, N, -0.9, 0.9, 32);
  g[7] = 0;
}

static void check_array(const og_array *a, const og_cell *cell) {
  double g[M * N], v[N], want[N], got[N], u[N] = {0.02, 0, -0.03, 0.01, 0};
  og_nonlinear *s;
  og_nonlinear_opts so;
  og_error err = {0};
  og_netlist_opts o;
  og_netlist_opts_init(&o);
  og_nonlinear_opts_init(&so);
  fill(g, v);
  so.kcl_rtol = 1e-12;
  ck_assert_msg(og_nonlinear_create(&s, a, cell, &so, &err) == OG_OK, "%s", err.text);
  ck_assert_int_eq(og_nonlinear_set_cells(s, g, NULL), OG_OK);
  ck_assert_msg(og_nonlinear_dc(s, v, u, 1, want, NULL, NULL, NULL, &err) == OG_OK, "%s", err.text);
  og_nonlinear_free(s);
  o.cell = cell;
  o.bit_volts = u;
  for (int style = 0; style < 2; style++) {
    o.style = (og_netlist_style)style;
    output_currents(a, g, v, &o, got);
    for (size_t j = 0; j < N; j++) ogt_rel(got[j], want[j], 1e-8);
  }
}

START_TEST(arrays_of_laws_agree_with_newtons_method) {
  static const char *const all[] = {"linear", "sinh,v0=0.2", "schottky", "simmons", "threshold,v_w=0.05",
                                    "transistor,v_gate=0.8 + linear"};
  og_array a;
  og_array_init(&a, M, N);
  wires(&a);
  open_spice();
  for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
    og_cell *cell = cell_of(all[k]);
    a.drive = k % 2 ? OG_DRIVE_BOTH : OG_DRIVE_LEFT;
    a.sense = k % 3 ? OG_SENSE_BOTTOM : OG_SENSE_TOP;
    check_array(&a, cell);
    og_cell_free(cell);
  }
  close_spice();
}
END_TEST

/* Gate voltages of rows make one subcircuit a row. */
START_TEST(rows_of_gates_are_kinds_of_cells) {
  const double gate[M] = {0.9, 0.2, 1.4};
  og_array a;
  og_netlist_opts o;
  double g[M * N], v[N];
  og_netlist_opts_init(&o);
  og_array_init(&a, M, N);
  wires(&a);
  fill(g, v);
  og_cell *cell = cell_of("transistor + linear");
  ck_assert_int_eq(og_cell_set_rows(cell, "word.v_gate", gate, M, N, NULL), OG_OK);
  open_spice();
  check_array(&a, cell);
  close_spice();
  o.cell = cell;
  o.style = OG_NETLIST_HIERARCHICAL;
  char *text = deck_of(&a, g, v, &o);
  ogt_has(text, ".subckt ohmgrid_cell_2 w b params: g=1\n");
  ck_assert_ptr_null(strstr(text, "ohmgrid_cell_3 "));
  ogt_has(text, " ohmgrid_cell_2 params: g=");
  free(text);
  og_cell_free(cell);
}
END_TEST

/* Kinds of arrays: merged nodes, bridges, broken segments, both wirings. */
static size_t variant(og_array *a, size_t k) {
  static const og_bridge bridges[] = {{{OG_LINE_WORD, 0, 2}, {OG_LINE_WORD, 1, 2}, 0},
                                      {{OG_LINE_WORD, 2, 1}, {OG_LINE_BIT, 0, 4}, 0},
                                      {{OG_LINE_BIT, 1, 0}, {OG_LINE_BIT, 2, 3}, 77}};
  static double word[M * (N + 1)], sense[N] = {11, 0, 5, 31, 7};
  og_array_init(a, M, N);
  if (k > 0) wires(a);
  ogt_fill(word, M * (N + 1), 1, 9, 41);
  word[3] = word[10] = 0;
  if (k == 2) a->r_word_ohm = 0;
  if (k == 3) a->r_bit_ohm = a->r_sense_ohm = 0;
  if (k == 4) a->ends = OG_ENDS_DIRECT;
  if (k == 5) a->r_source_ohm = 0;
  if (k == 6) {
    a->bridges = bridges;
    a->bridge_count = 3;
  }
  if (k == 7) {
    a->word_segments = word;
    a->sense_ohm = sense;
    a->drive = OG_DRIVE_RIGHT;
  }
  if (k == 8 || k == 9) a->wiring = OG_WIRING_PARALLEL;
  if (k == 9) a->drive = OG_DRIVE_BOTH;
  return k < 10;
}

START_TEST(hierarchies_are_the_same_circuits) {
  double g[M * N], v[N], want[N], got[N];
  og_array a;
  og_solver *s;
  og_netlist_opts o;
  og_netlist_opts_init(&o);
  fill(g, v);
  open_spice();
  for (size_t k = 0; variant(&a, k); k++) {
    ck_assert_int_eq(og_solver_create(&s, &a, NULL, NULL), OG_OK);
    ck_assert_int_eq(og_solver_set_cells(s, g, NULL), OG_OK);
    ck_assert_int_eq(og_solver_dc(s, v, 1, want, NULL, NULL, NULL, NULL), OG_OK);
    og_solver_free(s);
    for (int style = 0; style < 2; style++) {
      o.style = (og_netlist_style)style;
      output_currents(&a, g, v, &o, got);
      for (size_t j = 0; j < N; j++) ogt_abs(got[j], want[j], 1e-9 * (fabs(want[j]) + 1e-6));
    }
  }
  close_spice();
}
END_TEST

/* ---- transients and noise ---- */

/* The amplifier's input is tia / (1 + A) to its reference; the output A times what is left there. By KLU and by
 * ngspice. */
START_TEST(amplifiers_are_sense_resistances_with_an_output) {
  og_array a;
  double g[M * N], v[M], u[N], want[N], word[M * N], bit[M * N];
  og_error err = {0};
  og_netlist_opts o;
  og_solver *s;
  const char *names[2 * N];
  char text[2 * N][32];
  double got[2 * N];
  ogt_fill(g, M * N, 1e-6, 1e-4, 21);
  ogt_fill(v, M, 0.1, 0.4, 22);
  ogt_fill(u, N, -0.03, 0.03, 23);
  og_array_init(&a, M, N);
  a.r_word_ohm = 1.7;
  a.r_bit_ohm = 2.3;
  og_netlist_opts_init(&o);
  o.tia_ohm = 4700;
  o.tia_gain = 230;
  o.bit_volts = u;
  og_array sensed = a;
  sensed.r_sense_ohm = 4700 / 231.0; /* v(a) - v(r) = i R / (1 + A) */
  ck_assert_int_eq(og_solver_create(&s, &sensed, NULL, &err), OG_OK);
  ck_assert_int_eq(og_solver_set_cells(s, g, &err), OG_OK);
  open_spice();
  for (int pole = 0; pole < 2; pole++) {
    o.tia_hertz = pole ? 3e8 : 0;
    for (size_t j = 0; j < N; j++) {
      snprintf(text[j], sizeof text[j], "vt_%zu#branch", j);
      snprintf(text[N + j], sizeof text[j], "o_%zu", j);
      names[j] = text[j];
      names[N + j] = text[N + j];
    }
    char *deck = deck_of(&a, g, v, &o);
    run_text(deck, names, 2 * N, got);
    free(deck);
    /* KCL at a: i = (v(a) - v(o)) / R with v(o) = A (u - v(a)); so v(a) = (i R + A u) / (1 + A) */
    double held[N];
    for (size_t j = 0; j < N; j++) held[j] = u[j] * 230 / 231;
    ck_assert_int_eq(og_solver_set_bit_volts(s, held, &err), OG_OK);
    ck_assert_int_eq(og_solver_dc(s, v, 1, want, word, bit, NULL, &err), OG_OK);
    for (size_t j = 0; j < N; j++) {
      ogt_rel(got[j], want[j], 1e-9);
      double at_input = (want[j] * 4700 + 230 * u[j]) / 231;
      ogt_rel(got[N + j], 230 * (u[j] - at_input), 1e-8);
    }
  }
  og_solver_free(s);
  close_spice();
}
END_TEST

START_TEST(transients_agree_with_our_own) {
  const double second[4] = {1e-9, 1.3e-9, 2e-9, 2.2e-9}, stops[3] = {1.2e-9, 1.71e-9, 2.43e-9};
  double g[M * N], v[N], volt[4 * N], want[3 * N], got[N], peak;
  og_array a;
  og_netlist_opts o;
  og_transient_opts to;
  og_transient *t;
  og_error err = {0};
  fill(g, v);
  ogt_fill(volt, 4 * N, -0.5, 0.5, 51);
  open_spice();
  for (size_t k = 0; variant(&a, k); k++) {
    og_wave wave = {.points = 4, .second = second, .volt = volt};
    og_netlist_opts_init(&o);
    og_transient_opts_init(&to);
    o.analysis = OG_NETLIST_TRAN;
    o.wave = &wave;
    to.c_word_farad = o.c_word_farad = 1.3e-15;
    to.c_bit_farad = o.c_bit_farad = 1.7e-15;
    to.c_cell_farad = o.c_cell_farad = 0.9e-15;
    if (og_transient_create(&t, &a, &to, &err) != OG_OK) continue;
    ck_assert_int_eq(og_transient_set_cells(t, g, NULL), OG_OK);
    og_transient_out out = {.samples = 3, .sample_second = stops, .i_out = want};
    ck_assert_msg(og_transient_run(t, &wave, stops[2], &out, NULL, &err) == OG_OK, "%s", err.text);
    og_transient_free(t);
    peak = 0;
    for (size_t j = 0; j < 3 * N; j++) peak = fmax(peak, fabs(want[j]));
    for (size_t e = 0; e < 3; e++) {
      o.stop_second = stops[e];
      o.style = e == 1 ? OG_NETLIST_HIERARCHICAL : OG_NETLIST_FLAT;
      output_currents(&a, g, v, &o, got);
      for (size_t j = 0; j < N; j++)
        ck_assert_msg(fabs(got[j] - want[e * N + j]) <= 1e-4 * peak, "variant %zu, %g s, output %zu: saw %g, need %g",
                      k, stops[e], j, got[j], want[e * N + j]);
    }
  }
  close_spice();
}
END_TEST

/* White noise: in the band from f to F the output has sqrt(S_jj (F - f)) volt, 1 V for 1 A. */
START_TEST(noise_agrees_with_our_own) {
  double g[M * N], v[N], thermal[N * N];
  const char *name = "onoise_total";
  og_array a;
  og_noise_opts no;
  og_netlist_opts o;
  og_noise_opts_init(&no);
  no.kelvin = 351;
  fill(g, v);
  open_spice();
  for (size_t k = 1; variant(&a, k); k++) {
    og_noise_out out = {.thermal = thermal};
    og_error err = {0};
    double volt;
    ck_assert_msg(og_noise_run(&a, g, NULL, &no, &out, NULL, &err) == OG_OK, "%s", err.text);
    og_netlist_opts_init(&o);
    o.analysis = OG_NETLIST_NOISE;
    o.noise_output = 3;
    o.noise_input = 1;
    o.kelvin = no.kelvin;
    o.style = k % 2 ? OG_NETLIST_FLAT : OG_NETLIST_HIERARCHICAL;
    char *text = deck_of(&a, g, v, &o);
    ogt_has(text, "hn_out n_out 0 vt_3 1\n.options temp=77.85");
    ogt_has(text, ".noise v(n_out) vs_1 dec 1 1 1000000000\n");
    run_text(text, &name, 1, &volt);
    ogt_rel(volt, sqrt(thermal[3 * N + 3] * (1e9 - 1)), 1e-4);
    free(text);
  }
  close_spice();
}
END_TEST

/* ---- subcircuits of the caller ---- */

START_TEST(subcircuits_stand_in_the_place_of_cells) {
  static const char text[] = "* two resistors\n.subckt two a b params: r1=1 r2=1\nra a x {r1}\nrb x b {r2}\n.ends\n";
  double g[M * N], v[N], one[M * N], two[M * N], want[N], got[N];
  og_array a;
  og_solver *s;
  og_netlist_opts o;
  og_netlist_opts_init(&o);
  og_array_init(&a, M, N);
  wires(&a);
  fill(g, v);
  ogt_fill(one, M * N, 1e4, 1e6, 61);
  ogt_fill(two, M * N, 1e4, 1e6, 62);
  for (size_t k = 0; k < M * N; k++) g[k] = g[k] > 0 ? 1 / (one[k] + two[k]) : 0;
  ck_assert_int_eq(og_solver_create(&s, &a, NULL, NULL), OG_OK);
  ck_assert_int_eq(og_solver_set_cells(s, g, NULL), OG_OK);
  ck_assert_int_eq(og_solver_dc(s, v, 1, want, NULL, NULL, NULL, NULL), OG_OK);
  og_solver_free(s);
  og_netlist_subckt c = {.name = "two", .text = text, .params = 2, .param = {"r1", "r2"}, .value = {one, two}};
  o.subckt = &c;
  open_spice();
  for (int style = 0; style < 2; style++) {
    o.style = (og_netlist_style)style;
    output_currents(&a, g, v, &o, got);
    for (size_t j = 0; j < N; j++) ogt_rel(got[j], want[j], 1e-9);
  }
  close_spice();
}
END_TEST

int main(void) {
  Suite *suite = suite_create("netlist_spice");
  TCase *tc = tcase_create("netlist_spice");
  tcase_set_timeout(tc, 120);
  tcase_add_test(tc, every_law_has_the_currents_of_our_own);
  tcase_add_test(tc, parameters_of_single_cells_are_in_the_deck);
  tcase_add_test(tc, tables_are_written_piece_by_piece);
  tcase_add_test(tc, pairs_have_a_node_between_them);
  tcase_add_test(tc, arrays_of_laws_agree_with_newtons_method);
  tcase_add_test(tc, rows_of_gates_are_kinds_of_cells);
  tcase_add_test(tc, hierarchies_are_the_same_circuits);
  tcase_add_test(tc, amplifiers_are_sense_resistances_with_an_output);
  tcase_add_test(tc, transients_agree_with_our_own);
  tcase_add_test(tc, noise_agrees_with_our_own);
  tcase_add_test(tc, subcircuits_stand_in_the_place_of_cells);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
