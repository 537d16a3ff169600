/* SPDX-License-Identifier: BSD-3-Clause */
/* Validation of arrays, the kinds of their lines, segment resistances, gates, pairs and bias schemes. */
#include <config.h>

#include <string.h>

#include <gsl/gsl_sf_expint.h>

#include "array/ogi_nodes.h"
#include "base/ogi_mem.h"
#include "ogt.h"
#include <ohmgrid/ohmgrid.h>

enum { M = 3, N = 2 };

static og_array plain(void) {
  og_array a;
  og_array_init(&a, M, N);
  a.r_word_ohm = 1.5;
  a.r_bit_ohm = 2.5;
  return a;
}

static void check_refused(const og_array *a, og_status want, const char *words) {
  og_error err = {0};
  ck_assert_int_eq(og_array_check(a, &err), want);
  ck_assert_str_eq(err.text, words);
}

/* ---- validation ---- */

START_TEST(impossible_resistances_are_refused_with_their_place) {
  double word[M * (N + 1)], bit[(M + 1) * N], source[M], sense[N];
  og_array a = plain();
  for (int k = 0; k < M * (N + 1); k++) word[k] = k;
  for (int k = 0; k < (M + 1) * N; k++) bit[k] = k % 3 == 0 ? INFINITY : 0;
  ogt_fill(source, M, 0, 9, 1);
  ogt_fill(sense, N, 0, 9, 2);
  a.word_segments = word;
  a.bit_segments = bit;
  a.source_ohm = source;
  a.sense_ohm = sense;
  ck_assert_int_eq(og_array_check(&a, NULL), OG_OK);
  word[7] = -1;
  check_refused(&a, OG_E_RANGE, "word segment (2,1): saw -1, need 0 to inf (ohm)");
  word[7] = 1;
  bit[7] = NAN;
  check_refused(&a, OG_E_RANGE, "bit segment (3,1): saw nan, need 0 to inf (ohm)");
  bit[7] = 1;
  source[2] = -0.5;
  check_refused(&a, OG_E_RANGE, "source resistance 2: saw -0.5, need 0 to inf (ohm)");
  source[2] = 1;
  sense[1] = -INFINITY;
  check_refused(&a, OG_E_RANGE, "sense resistance 1: saw -inf, need 0 to inf (ohm)");
}
END_TEST

START_TEST(impossible_bridges_and_enums_are_refused) {
  og_array a = plain();
  og_bridge b[2] = {{{OG_LINE_WORD, 0, 0}, {OG_LINE_BIT, 0, 0}, 5}, {{OG_LINE_BIT, 2, 1}, {OG_LINE_BIT, 1, 0}, 0}};
  a.bridge_count = 2;
  check_refused(&a, OG_E_ARG, "array: bridges: saw NULL, need 2 of them");
  a.bridges = b;
  ck_assert_int_eq(og_array_check(&a, NULL), OG_OK);
  b[1].b.j = 2;
  check_refused(&a, OG_E_RANGE, "bridge 1: node: saw (1,2), need (0,0) to (2,1)");
  b[1].b = b[1].a;
  check_refused(&a, OG_E_RANGE, "bridge 1: saw one node (2,1) twice, need two nodes");
  b[1].b.i = 0;
  b[1].ohm = -3;
  check_refused(&a, OG_E_RANGE, "bridge 1: saw -3, need 0 to inf (ohm)");
  b[1].a.line = (og_line)7;
  check_refused(&a, OG_E_RANGE, "bridge 1: line: saw 7, need OG_LINE_WORD or _BIT");
  a = plain();
  a.ends = (og_ends)2;
  check_refused(&a, OG_E_RANGE, "array: ends: saw 2, need OG_ENDS_SEGMENT or _DIRECT");
  a.ends = OG_ENDS_DIRECT;
  a.wiring = (og_wiring)-1;
  check_refused(&a, OG_E_RANGE, "array: wiring: saw -1, need OG_WIRING_CROSSED or _PARALLEL");
}
END_TEST

/* ---- lines ---- */

START_TEST(equal_segments_given_one_by_one_are_a_uniform_array) {
  double word[M * (N + 1)], bit[(M + 1) * N];
  og_array a = plain(), each = a;
  ogi_wires uniform, wires;
  a.r_source_ohm = each.r_source_ohm = 7;
  for (int k = 0; k < M * (N + 1); k++) word[k] = 1.5;
  for (int k = 0; k < (M + 1) * N; k++) bit[k] = 2.5;
  each.word_segments = word;
  each.bit_segments = bit;
  each.r_word_ohm = each.r_bit_ohm = 99; /* not looked at */
  ck_assert_int_eq(ogi_wires_create(&uniform, &a, NULL), OG_OK);
  ck_assert_int_eq(ogi_wires_create(&wires, &each, NULL), OG_OK);
  ck_assert_mem_eq(&uniform, &wires, sizeof wires);
  ogt_rel(wires.word, 1 / 1.5, 0);
  ogt_rel(wires.drive[0], 1 / 8.5, 0);
  ogt_rel(wires.drive[1], 0, 0);
  ogi_wires_clear(&wires);
}
END_TEST

START_TEST(varying_chains_stay_regular_and_keep_every_segment) {
  double word[M * (N + 1)], source[M] = {3, INFINITY, 5};
  og_array a = plain();
  ogi_wires wires;
  for (int k = 0; k < M * (N + 1); k++) word[k] = 1 + 0.25 * k;
  a.word_segments = word;
  a.source_ohm = source;
  ck_assert_int_eq(ogi_wires_create(&wires, &a, NULL), OG_OK);
  ck_assert(!wires.irregular && wires.has_open && wires.word_kind == OGI_LINE_CHAIN && wires.bit_seg == NULL);
  ogt_rel(wires.word_seg[0], 1 / (3 + 1.0), 0);
  ogt_rel(wires.word_seg[1], 1 / 1.25, 0);
  ogt_rel(wires.word_seg[2], 0, 0); /* the right end is not driven */
  ogt_rel(wires.word_seg[3], 0, 0); /* line 1 floats */
  ogt_rel(wires.word_seg[6], 1 / (5 + 2.5), 0);
  ogi_wires_clear(&wires);
}
END_TEST

START_TEST(direct_ends_drop_the_end_segment) {
  og_array a = plain();
  ogi_wires wires;
  a.ends = OG_ENDS_DIRECT;
  a.r_source_ohm = 4;
  a.r_sense_ohm = 8;
  ck_assert_int_eq(ogi_wires_create(&wires, &a, NULL), OG_OK);
  ck_assert(!wires.irregular);
  ogt_rel(wires.drive[0], 0.25, 0);
  ogt_rel(wires.sense[1], 0.125, 0);
  a.r_source_ohm = 0; /* W(i,0) is the source */
  ck_assert_int_eq(ogi_wires_create(&wires, &a, NULL), OG_OK);
  ck_assert(wires.irregular);
  ogi_nodes nodes;
  ck_assert_int_eq(ogi_nodes_create(&nodes, &a, &wires, NULL), OG_OK);
  ck_assert_int_eq(nodes.unknowns, M * (N - 1) + M * N);
  for (int i = 0; i < M; i++) ck_assert_int_eq(nodes.word[i * N], -1 - i);
  ogi_nodes_clear(&nodes);
  ogi_wires_clear(&wires);
}
END_TEST

START_TEST(merged_nodes_share_a_number_and_shorts_are_named) {
  og_array a = plain();
  ogi_wires wires;
  ogi_nodes nodes;
  og_error err = {0};
  og_bridge b[2] = {{{OG_LINE_WORD, 1, 1}, {OG_LINE_BIT, 2, 0}, 0}, {{OG_LINE_WORD, 0, 0}, {OG_LINE_WORD, 1, 0}, 3}};
  a.bridges = b;
  a.bridge_count = 2;
  ck_assert_int_eq(ogi_wires_create(&wires, &a, NULL), OG_OK);
  ck_assert_int_eq(ogi_nodes_create(&nodes, &a, &wires, NULL), OG_OK);
  ck_assert_int_eq(nodes.unknowns, 2 * M * N - 1);
  ck_assert_int_eq(nodes.word[1 * N + 1], nodes.bit[2 * N + 0]);
  ogi_nodes_clear(&nodes);
  ogi_wires_clear(&wires);
  a.r_word_ohm = a.r_bit_ohm = 0; /* now from source 1 to sense node 0 without a resistance */
  ck_assert_int_eq(ogi_wires_create(&wires, &a, NULL), OG_OK);
  ck_assert_int_eq(ogi_nodes_create(&nodes, &a, &wires, &err), OG_E_SINGULAR);
  ck_assert_str_eq(err.text, "array: a short between driver 1 and sense node 0: need more than 0 ohm");
  ogi_wires_clear(&wires);
}
END_TEST

START_TEST(wires_survive_every_failing_allocation) {
  double word[M * (N + 1)], bit[(M + 1) * N];
  og_bridge b = {{OG_LINE_WORD, 1, 1}, {OG_LINE_BIT, 2, 0}, 2};
  og_array a = plain();
  ogt_fill(word, M * (N + 1), 0, 9, 3);
  ogt_fill(bit, (M + 1) * N, 0, 9, 4);
  a.word_segments = word;
  a.bit_segments = bit;
  a.bridges = &b;
  a.bridge_count = 1;
  size_t live = ogi_mem_live();
  for (size_t k = 1; k <= 3; k++) {
    ogi_wires wires;
    ogi_mem_fail_at(k);
    ck_assert_int_eq(ogi_wires_create(&wires, &a, NULL), OG_E_NOMEM);
  }
  ogi_mem_fail_at(0);
  ck_assert_uint_eq(ogi_mem_live(), live);
}
END_TEST

/* ---- parallel wiring: columns that know nothing of each other ---- */

/* One cell a column: source, segments, cell, segments in series. Only half of the cells' rows count. */
START_TEST(parallel_columns_are_independent_series_circuits) {
  enum { ROWS = 4, COLUMNS = 3 };
  double g[ROWS * COLUMNS] = {0}, v[COLUMNS] = {0.3, -0.2, 0.7}, got[COLUMNS], g_eff[COLUMNS * COLUMNS];
  og_array a;
  og_solver *s;
  og_solver_opts opts;
  og_array_init(&a, ROWS, COLUMNS);
  a.wiring = OG_WIRING_PARALLEL;
  a.r_word_ohm = 3;
  a.r_bit_ohm = 5;
  a.r_source_ohm = 11;
  a.r_sense_ohm = 13;
  for (int j = 0; j < COLUMNS; j++) g[j * COLUMNS + j] = 1e-3 * (1 + j); /* row j of column j */
  og_solver_opts_init(&opts);
  opts.engine = OG_ENGINE_REDUCE;
  ck_assert_int_eq(og_solver_create(&s, &a, &opts, NULL), OG_OK);
  ck_assert_int_eq(og_solver_set_cells(s, g, NULL), OG_OK);
  ck_assert_int_eq(og_solver_dc(s, v, 1, got, NULL, NULL, NULL, NULL), OG_OK);
  ck_assert_int_eq(og_solver_reduce(s, g_eff, NULL, NULL), OG_OK);
  for (int j = 0; j < COLUMNS; j++) {
    double ohm = 11 + 3 * (j + 1) + 1 / g[j * COLUMNS + j] + 5 * (ROWS - j) + 13;
    ogt_rel(got[j], v[j] / ohm, 1e-12);
    for (int i = 0; i < COLUMNS; i++) ogt_abs(g_eff[i * COLUMNS + j], i == j ? 1 / ohm : 0, 1e-12 / ohm);
  }
  og_solver_free(s);
}
END_TEST

/* ---- bit line potentials ---- */

START_TEST(bit_line_potentials_shift_all_engines_alike) {
  double g[M * N], v[M], u[N] = {0.25, -0.5}, at[N], shifted[N], both[M];
  og_array a = plain();
  og_error err = {0};
  ogt_fill(g, M * N, 1e-5, 1e-3, 5);
  ogt_fill(v, M, 0, 0.3, 6);
  for (og_engine e = OG_ENGINE_AUTO; e <= OG_ENGINE_CHOLESKY; e++) {
    og_solver *s;
    og_solver_opts opts;
    og_solver_opts_init(&opts);
    opts.engine = e;
    ck_assert_int_eq(og_solver_create(&s, &a, &opts, NULL), OG_OK);
    ck_assert_int_eq(og_solver_set_cells(s, g, NULL), OG_OK);
    ck_assert_int_eq(og_solver_dc(s, v, 1, at, NULL, NULL, NULL, NULL), OG_OK);
    for (int j = 0; j < N; j++) u[j] = 0.125;
    for (int i = 0; i < M; i++) both[i] = v[i] + 0.125; /* everything higher by 125 mV: the same currents */
    ck_assert_int_eq(og_solver_set_bit_volts(s, u, NULL), OG_OK);
    ck_assert_int_eq(og_solver_dc(s, both, 1, shifted, NULL, NULL, NULL, NULL), OG_OK);
    for (int j = 0; j < N; j++) ogt_rel(shifted[j], at[j], 1e-10);
    ck_assert_int_eq(og_solver_set_bit_volts(s, NULL, NULL), OG_OK);
    ck_assert_int_eq(og_solver_dc(s, v, 1, shifted, NULL, NULL, NULL, NULL), OG_OK);
    for (int j = 0; j < N; j++) ogt_rel(shifted[j], at[j], 0);
    u[1] = NAN;
    ck_assert_int_eq(og_solver_set_bit_volts(s, u, &err), OG_E_RANGE);
    ck_assert_str_eq(err.text, "bit line 1: saw nan, need a finite voltage (volt)");
    og_solver_free(s);
  }
  ck_assert_int_eq(og_solver_set_bit_volts(NULL, u, NULL), OG_E_ARG);
}
END_TEST

/* ---- segment resistance ---- */

static og_wire wire_of(og_metal metal, double nm) {
  og_wire w;
  og_wire_init(&w, metal);
  w.width_meter = nm * 1e-9;
  w.thickness_meter = 2 * nm * 1e-9;
  w.pitch_meter = 100e-9;
  return w;
}

START_TEST(thick_wires_have_the_bulk_resistance) {
  og_wire w = wire_of(OG_METAL_CU, 4e6); /* 4 mm */
  double ohm, bulk = 16.78e-9 * 100e-9 / (4e-3 * 8e-3);
  ck_assert_int_eq(og_wire_ohm(&ohm, &w, NULL), OG_OK);
  ogt_rel(ohm, bulk, 1e-4);
  w.temperature_kelvin = 393.15; /* 100 K warmer */
  ck_assert_int_eq(og_wire_ohm(&ohm, &w, NULL), OG_OK);
  ogt_rel(ohm, 1.39 * bulk, 1e-4);
  w = wire_of(OG_METAL_W, 31);
  w.mean_free_path_meter = 0; /* no size effect */
  ck_assert_int_eq(og_wire_ohm(&ohm, &w, NULL), OG_OK);
  ogt_rel(ohm, 52.8e-9 * 100e-9 / (31e-9 * 62e-9), 1e-14);
}
END_TEST

/* Diffuse surfaces, a single crystal, a film far wider than thick: [Sondheimer1952] through exponential integrals. */
START_TEST(films_follow_the_closed_form_of_fuchs_and_sondheimer) {
  const double ratio[] = {0.1, 0.37, 1, 2.7, 11};
  for (int c = 0; c < 5; c++) {
    double k = ratio[c], ohm;
    og_wire w = wire_of(OG_METAL_CU, 1);
    w.specularity = 0;
    w.grain_meter = INFINITY;
    w.thickness_meter = k * w.mean_free_path_meter;
    w.width_meter = 1e9 * w.mean_free_path_meter;
    double lost = 0.25 - (gsl_sf_expint_En(3, k) - gsl_sf_expint_En(5, k)); /* int (t^-3 - t^-5)(1 - e^-kt) */
    ck_assert_int_eq(og_wire_ohm(&ohm, &w, NULL), OG_OK);
    double rho = ohm * w.width_meter * w.thickness_meter / w.pitch_meter;
    ogt_rel(rho, w.rho_ohm_meter / (1 - 1.5 / k * lost), 1e-8);
  }
}
END_TEST

START_TEST(mirror_surfaces_leave_the_grains_alone) {
  og_wire w = wire_of(OG_METAL_CU, 40);
  double ohm, a;
  w.specularity = 1;
  w.grain_meter = 60e-9;
  a = w.mean_free_path_meter / 60e-9 * 1; /* R / (1 - R) = 1 */
  ck_assert_int_eq(og_wire_ohm(&ohm, &w, NULL), OG_OK);
  ogt_rel(ohm, w.rho_ohm_meter * 100e-9 / (40e-9 * 80e-9) / (1 - 1.5 * a + 3 * a * a - 3 * a * a * a * log(1 + 1 / a)),
          1e-12);
  /* The series of fine and of coarse grains join the closed form. */
  for (int end = 0; end < 2; end++) {
    double edge = end ? 1e3 : 1e-5, side[2];
    for (int k = 0; k < 2; k++) {
      w.grain_meter = w.mean_free_path_meter / edge / (k ? 1 + 1e-9 : 1 - 1e-9);
      ck_assert_int_eq(og_wire_ohm(&side[k], &w, NULL), OG_OK);
    }
    ogt_rel(side[1], side[0], 3e-6);
  }
}
END_TEST

/* Damascene copper lines of 50 nm are published at two to three times bulk, of 200 nm at little above it. */
START_TEST(narrow_copper_has_the_published_order_of_magnitude) {
  double ohm, last = 0;
  const double nm[] = {200, 100, 50, 25}, low[] = {17e-9, 20e-9, 30e-9, 40e-9}, high[] = {27e-9, 35e-9, 50e-9, 90e-9};
  for (int c = 0; c < 4; c++) {
    og_wire w = wire_of(OG_METAL_CU, nm[c]);
    ck_assert_int_eq(og_wire_ohm(&ohm, &w, NULL), OG_OK);
    double rho = ohm * w.width_meter * w.thickness_meter / w.pitch_meter;
    ck_assert_double_gt(rho, low[c]);
    ck_assert_double_lt(rho, high[c]);
    ck_assert_double_gt(rho, last);
    last = rho;
  }
}
END_TEST

START_TEST(impossible_wires_are_refused) {
  const og_wire good = wire_of(OG_METAL_CU, 45);
  double ohm;
  og_error err = {0};
  ck_assert_int_eq(og_wire_ohm(NULL, &good, NULL), OG_E_ARG);
  ck_assert_int_eq(og_wire_ohm(&ohm, NULL, NULL), OG_E_ARG);
  og_wire w;
#define REFUSED(field, value, words)                          \
  w = good;                                                   \
  w.field = (value);                                          \
  ck_assert_int_eq(og_wire_ohm(&ohm, &w, &err), OG_E_RANGE);  \
  ck_assert(isnan(ohm));                                      \
  ck_assert_str_eq(err.text, words)
  REFUSED(width_meter, 0, "wire: width_meter: saw 0, need a finite value above 0 (meter)");
  REFUSED(thickness_meter, -1, "wire: thickness_meter: saw -1, need a finite value above 0 (meter)");
  REFUSED(pitch_meter, INFINITY, "wire: pitch_meter: saw inf, need a finite value above 0 (meter)");
  REFUSED(rho_ohm_meter, NAN, "wire: rho_ohm_meter: saw nan, need a finite value above 0 (ohm meter)");
  REFUSED(temperature_kelvin, 0, "wire: temperature_kelvin: saw 0, need a finite value above 0 (kelvin)");
  REFUSED(temperature_kelvin, 30, "wire: temperature_kelvin: saw 30, need a bulk resistivity above 0 (kelvin)");
  REFUSED(tcr_per_kelvin, NAN, "wire: tcr_per_kelvin: saw nan, need a finite value");
  REFUSED(mean_free_path_meter, -2, "wire: mean_free_path_meter: saw -2, need 0 or more (meter)");
  REFUSED(specularity, 1.1, "wire: specularity: saw 1.1, need 0 to 1");
  REFUSED(grain_reflection, 1, "wire: grain_reflection: saw 1, need 0 to below 1");
  REFUSED(grain_meter, -1, "wire: grain_meter: saw -1, need 0 or more (meter)");
  REFUSED(width_meter, 3e-9, "wire: saw 3e-09 x 9e-08, need a tenth of the mean free path, 3.99e-09, or more (meter)");
}
END_TEST

/* ---- gates, pairs, bias ---- */

START_TEST(gates_put_a_switch_in_series) {
  double g[M * N], out[M * N];
  const unsigned char row[M] = {1, 0, 1}, cell[M * N] = {1, 0, 1, 1, 1, 1};
  og_error err = {0};
  ogt_fill(g, M * N, 1e-6, 1e-3, 7);
  g[4] = 0;
  ck_assert_int_eq(og_gates_apply(M, N, row, cell, g, 2e3, 1e9, out, NULL), OG_OK);
  ogt_rel(out[0], 1 / (1 / g[0] + 2e3), 1e-14);
  ogt_rel(out[1], 1 / (1 / g[1] + 1e9), 1e-14);
  ogt_rel(out[2], 1 / (1 / g[2] + 1e9), 1e-14);
  ogt_rel(out[4], 0, 0);
  ck_assert_int_eq(og_gates_apply(M, N, row, NULL, g, 0, INFINITY, g, NULL), OG_OK); /* ideal, in place */
  ogt_rel(g[2], 0, 0);
  ogt_rel(1 / (1 / g[5] + 2e3), out[5], 1e-14);
  ck_assert_int_eq(og_gates_apply(M, N, NULL, NULL, g, -1, 0, out, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "gates: r_on_ohm: saw -1, need 0 to inf (ohm)");
  ck_assert_int_eq(og_gates_apply(M, N, NULL, NULL, g, 0, NAN, out, &err), OG_E_RANGE);
  g[3] = INFINITY;
  ck_assert_int_eq(og_gates_apply(M, N, NULL, NULL, g, 1, 1, out, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "conductance (1,1): saw inf, need a finite value >= 0 (siemens)");
  ck_assert_int_eq(og_gates_apply(M, N, NULL, NULL, NULL, 1, 1, out, NULL), OG_E_ARG);
}
END_TEST

/* Ideal wires: the bit line collects v (G_pos - G_neg). */
START_TEST(pairs_of_rows_subtract) {
  enum { K = 2 };
  double v[K * M], pos[M * N], neg[M * N], v2[K * 2 * M], g2[2 * M * N], got[K * N];
  og_array a;
  og_solver *s;
  ogt_fill(v, K * M, -0.3, 0.3, 8);
  ogt_fill(pos, M * N, 1e-6, 1e-4, 9);
  ogt_fill(neg, M * N, 1e-6, 1e-4, 10);
  ck_assert_int_eq(og_pairs_expand(M, N, K, v, pos, neg, v2, g2, NULL), OG_OK);
  og_array_init(&a, 2 * M, N);
  ck_assert_int_eq(og_solver_create(&s, &a, NULL, NULL), OG_OK);
  ck_assert_int_eq(og_solver_set_cells(s, g2, NULL), OG_OK);
  ck_assert_int_eq(og_solver_dc(s, v2, K, got, NULL, NULL, NULL, NULL), OG_OK);
  og_solver_free(s);
  for (int k = 0; k < K; k++)
    for (int j = 0; j < N; j++) {
      double want = 0;
      for (int i = 0; i < M; i++) want += v[k * M + i] * (pos[i * N + j] - neg[i * N + j]);
      ogt_abs(got[k * N + j], want, 1e-18);
    }
  ck_assert_int_eq(og_pairs_expand(M, N, K, v, NULL, NULL, v2, NULL, NULL), OG_OK);
  ck_assert_int_eq(og_pairs_expand(M, N, K, NULL, pos, neg, NULL, g2, NULL), OG_OK);
  ck_assert_int_eq(og_pairs_expand(M, N, K, v, pos, NULL, v2, g2, NULL), OG_E_ARG);
  ck_assert_int_eq(og_pairs_expand(M, N, K, v, pos, neg, NULL, g2, NULL), OG_E_ARG);
}
END_TEST

START_TEST(bias_schemes_share_the_voltage_as_named) {
  double v[M], u[N];
  og_error err = {0};
  for (og_bias scheme = OG_BIAS_HALF; scheme <= OG_BIAS_THIRD; scheme++) {
    double part = scheme == OG_BIAS_HALF ? 0.6 : 0.4, rest = scheme == OG_BIAS_HALF ? 0 : -0.4;
    ck_assert_int_eq(og_bias_fill(scheme, M, N, 2, 1, 1.2, v, u, NULL), OG_OK);
    for (int i = 0; i < M; i++)
      for (int j = 0; j < N; j++) {
        double want = i == 2 && j == 1 ? 1.2 : i == 2 || j == 1 ? part : rest;
        ogt_abs(v[i] - u[j], want, 1e-15);
      }
  }
  ck_assert_int_eq(og_bias_fill(OG_BIAS_HALF, M, N, 3, 1, 1.2, v, u, &err), OG_E_RANGE);
  ck_assert_str_eq(err.text, "bias: saw cell (3,1), need one of 3 x 2");
  ck_assert_int_eq(og_bias_fill((og_bias)5, M, N, 0, 1, 1.2, v, u, NULL), OG_E_RANGE);
  ck_assert_int_eq(og_bias_fill(OG_BIAS_HALF, M, N, 0, 1, NAN, v, u, NULL), OG_E_RANGE);
  ck_assert_int_eq(og_bias_fill(OG_BIAS_HALF, M, N, 0, 1, 1.2, NULL, u, NULL), OG_E_ARG);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("array");
  TCase *tc = tcase_create("array");
  tcase_add_test(tc, impossible_resistances_are_refused_with_their_place);
  tcase_add_test(tc, impossible_bridges_and_enums_are_refused);
  tcase_add_test(tc, equal_segments_given_one_by_one_are_a_uniform_array);
  tcase_add_test(tc, varying_chains_stay_regular_and_keep_every_segment);
  tcase_add_test(tc, direct_ends_drop_the_end_segment);
  tcase_add_test(tc, merged_nodes_share_a_number_and_shorts_are_named);
  tcase_add_test(tc, wires_survive_every_failing_allocation);
  tcase_add_test(tc, parallel_columns_are_independent_series_circuits);
  tcase_add_test(tc, bit_line_potentials_shift_all_engines_alike);
  tcase_add_test(tc, thick_wires_have_the_bulk_resistance);
  tcase_add_test(tc, films_follow_the_closed_form_of_fuchs_and_sondheimer);
  tcase_add_test(tc, mirror_surfaces_leave_the_grains_alone);
  tcase_add_test(tc, narrow_copper_has_the_published_order_of_magnitude);
  tcase_add_test(tc, impossible_wires_are_refused);
  tcase_add_test(tc, gates_put_a_switch_in_series);
  tcase_add_test(tc, pairs_of_rows_subtract);
  tcase_add_test(tc, bias_schemes_share_the_voltage_as_named);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
