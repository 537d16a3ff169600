/* SPDX-License-Identifier: BSD-3-Clause */
/* Decks as text. That they mean the right circuit is shown by check_spice, which has ngspice solve them. */
#include <config.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "netlist/ogi_netlist.h"
#include "ogt.h"
#include <ohmgrid/ohmgrid.h>

static char *saved(const og_array *a, const double *g, const double *v) {
  const char *path = ogt_scratch("deck.cir");
  char *text;
  size_t length;
  og_error err = {0};
  ck_assert_msg(og_netlist_save(path, a, g, v, &err) == OG_OK, "%s", err.text);
  ck_assert_int_eq(ogi_file_read(&text, &length, path, 0, NULL), OG_OK);
  return text;
}

static void check_text(const og_array *a, const double *g, const double *v, const char *body) {
  char *text = saved(a, g, v), *start = strstr(text, "vs_0 ");
  ck_assert_ptr_nonnull(start);
  ck_assert_str_eq(start, body);
  ogi_free(text);
}

static const double g23[6] = {0x1p-10, 0x1p-11, 0x1p-13, 0x1p-12, 0x1p-9, 0}, v2[2] = {0.375, -0.125};

static void check_golden(const char *name, const og_array *a, const double *g, const double *v) {
  char path[1024], *want, *text;
  size_t length;
  snprintf(path, sizeof path, "%s/netlists/%s.cir", getenv("OHMGRID_DATADIR"), name);
  ck_assert_int_eq(ogi_file_read(&want, &length, path, 0, NULL), OG_OK);
  text = saved(a, g, v);
  ck_assert_str_eq(text, want);
  ogi_free(text);
  ogi_free(want);
}

START_TEST(decks_are_those_written_by_hand) {
  og_array a;
  const double ladder[5] = {0x1p-10, 0x1p-10, 0x1p-10, 0x1p-10, 0x1p-10}, v_ladder = 0.89;
  const double g_one = 0x1p-15, v_one = 0.41;
  og_array_init(&a, 2, 3);
  check_golden("ideal_2x3", &a, g23, v2);
  og_array_init(&a, 1, 5);
  a.r_word_ohm = 1024;
  check_golden("fibonacci_1x5", &a, ladder, &v_ladder);
  og_array_init(&a, 1, 1);
  a.r_word_ohm = 2;
  a.r_bit_ohm = 1.5;
  a.r_source_ohm = 50;
  a.r_sense_ohm = 30;
  check_golden("series_1x1", &a, &g_one, &v_one);
}
END_TEST

#define SOURCES "vs_0 s_0 0 dc 0.375\nvs_1 s_1 0 dc -0.125\nvt_0 t_0 0 dc 0\nvt_1 t_1 0 dc 0\nvt_2 t_2 0 dc 0\n"

/* Each driven or sensed end has its own resistors: the terminal's resistance, then one segment. */
START_TEST(both_ends_have_their_own_resistors) {
  og_array a;
  og_array_init(&a, 2, 3);
  a.r_word_ohm = 1.5;
  a.r_bit_ohm = 0.75;
  a.r_source_ohm = 20;
  a.r_sense_ohm = 10;
  a.drive = OG_DRIVE_BOTH;
  a.sense = OG_SENSE_BOTH;
  check_text(&a, g23, v2,
             SOURCES
             "rs_0_0 s_0 d_0_0 20\nrw_0_0 d_0_0 w_0_0 1.5\nrw_0_1 w_0_0 w_0_1 1.5\n"
             "rw_0_2 w_0_1 w_0_2 1.5\nrw_0_3 w_0_2 d_0_3 1.5\nrs_0_3 d_0_3 s_0 20\n"
             "rs_1_0 s_1 d_1_0 20\nrw_1_0 d_1_0 w_1_0 1.5\nrw_1_1 w_1_0 w_1_1 1.5\n"
             "rw_1_2 w_1_1 w_1_2 1.5\nrw_1_3 w_1_2 d_1_3 1.5\nrs_1_3 d_1_3 s_1 20\n"
             "rt_0_0 t_0 e_0_0 10\nrb_0_0 e_0_0 b_0_0 0.75\nrb_1_0 b_0_0 b_1_0 0.75\n"
             "rb_2_0 b_1_0 e_2_0 0.75\nrt_2_0 e_2_0 t_0 10\n"
             "rt_0_1 t_1 e_0_1 10\nrb_0_1 e_0_1 b_0_1 0.75\nrb_1_1 b_0_1 b_1_1 0.75\n"
             "rb_2_1 b_1_1 e_2_1 0.75\nrt_2_1 e_2_1 t_1 10\n"
             "rt_0_2 t_2 e_0_2 10\nrb_0_2 e_0_2 b_0_2 0.75\nrb_1_2 b_0_2 b_1_2 0.75\n"
             "rb_2_2 b_1_2 e_2_2 0.75\nrt_2_2 e_2_2 t_2 10\n"
             "rc_0_0 w_0_0 b_0_0 1024\nrc_0_1 w_0_1 b_0_1 2048\nrc_0_2 w_0_2 b_0_2 8192\n"
             "rc_1_0 w_1_0 b_1_0 4096\nrc_1_1 w_1_1 b_1_1 512\n.op\n.end\n");
}
END_TEST

/* 0 ohm segments: the line has the name of its first node. Open resistances are not in the deck. */
START_TEST(merged_lines_carry_one_name_and_open_ends_none) {
  og_array a;
  og_array_init(&a, 2, 3);
  a.r_source_ohm = 20;
  a.r_sense_ohm = INFINITY;
  a.r_bit_ohm = 0.75;
  a.drive = OG_DRIVE_RIGHT;
  a.sense = OG_SENSE_TOP;
  check_text(&a, g23, v2,
             SOURCES
             "rs_0_3 w_0_0 s_0 20\nrs_1_3 w_1_0 s_1 20\n"
             "rb_1_0 b_0_0 b_1_0 0.75\nrb_1_1 b_0_1 b_1_1 0.75\nrb_1_2 b_0_2 b_1_2 0.75\n"
             "rc_0_0 w_0_0 b_0_0 1024\nrc_0_1 w_0_0 b_0_1 2048\nrc_0_2 w_0_0 b_0_2 8192\n"
             "rc_1_0 w_1_0 b_1_0 4096\nrc_1_1 w_1_0 b_1_1 512\n.op\n.end\n");
}
END_TEST

static void check_names(const og_array *a, size_t i, size_t j, const char *word, const char *bit) {
  ogi_labels deck;
  char name[OGI_NODE_NAME];
  ck_assert_int_eq(ogi_labels_create(&deck, a, NULL), OG_OK);
  ogi_netlist_word(name, &deck, i, j);
  ck_assert_str_eq(name, word);
  ogi_netlist_bit(name, &deck, i, j);
  ck_assert_str_eq(name, bit);
  ogi_labels_clear(&deck);
}

START_TEST(node_names_follow_the_resistances) {
  og_array a;
  og_array_init(&a, 17, 23);
  check_names(&a, 12, 20, "s_12", "t_20");
  a.r_source_ohm = a.r_sense_ohm = 1e-3;
  check_names(&a, 12, 20, "w_12_0", "b_0_20");
  a.r_word_ohm = a.r_bit_ohm = 1e-9;
  check_names(&a, 12, 20, "w_12_20", "b_12_20");
  a.r_source_ohm = a.r_sense_ohm = 0; /* terminals at the outermost cells only */
  a.ends = OG_ENDS_DIRECT;
  a.drive = OG_DRIVE_RIGHT;
  check_names(&a, 12, 20, "w_12_20", "b_12_20");
  check_names(&a, 16, 22, "s_16", "t_22");
}
END_TEST

/* 0 ohm in parts of lines and across them; a broken segment; what varies is written as it is. */
START_TEST(irregular_arrays_are_written_with_one_name_a_node) {
  const double word[2 * 4] = {1, 0, INFINITY, 9, 0.5, 0.25, 0, 9}, source[2] = {0, 20}, u[3] = {0, 0.5, -0.25};
  const og_bridge bridges[2] = {{{OG_LINE_WORD, 0, 2}, {OG_LINE_BIT, 1, 1}, 0},
                                {{OG_LINE_BIT, 0, 0}, {OG_LINE_BIT, 0, 1}, 64}};
  og_array a;
  og_array_init(&a, 2, 3);
  a.word_segments = word;
  a.source_ohm = source;
  a.r_bit_ohm = 0.75;
  a.bridges = bridges;
  a.bridge_count = 2;
  ck_assert_int_eq(og_netlist_save_biased(ogt_scratch("deck.cir"), &a, g23, v2, u, NULL), OG_OK);
  char *text;
  size_t length;
  ck_assert_int_eq(ogi_file_read(&text, &length, ogt_scratch("deck.cir"), 0, NULL), OG_OK);
  ck_assert_str_eq(strstr(text, "vs_0 "),
                   "vs_0 s_0 0 dc 0.375\nvs_1 s_1 0 dc -0.125\n"
                   "vt_0 t_0 0 dc 0\nvt_1 t_1 0 dc 0.5\nvt_2 t_2 0 dc -0.25\n"
                   "rw_0_0 s_0 w_0_0 1\n"
                   "rs_1_0 s_1 d_1_0 20\nrw_1_0 d_1_0 w_1_0 0.5\nrw_1_1 w_1_0 w_1_1 0.25\n"
                   "rb_1_0 b_0_0 b_1_0 0.75\nrb_2_0 b_1_0 t_0 0.75\n"
                   "rb_1_1 b_0_1 w_0_2 0.75\nrb_2_1 w_0_2 t_1 0.75\n"
                   "rb_1_2 b_0_2 b_1_2 0.75\nrb_2_2 b_1_2 t_2 0.75\n"
                   "rc_0_0 w_0_0 b_0_0 1024\nrc_0_1 w_0_0 b_0_1 2048\nrc_0_2 w_0_2 b_0_2 8192\n"
                   "rc_1_0 w_1_0 b_1_0 4096\nrc_1_1 w_1_1 w_0_2 512\nrx_1 b_0_0 b_0_1 64\n.op\n.end\n");
  ogi_free(text);
}
END_TEST

START_TEST(parallel_wiring_has_a_source_for_each_column) {
  const double v[3] = {0.5, 0.25, 0.125};
  og_array a;
  og_array_init(&a, 2, 3);
  a.wiring = OG_WIRING_PARALLEL;
  a.r_word_ohm = 1.5;
  a.r_sense_ohm = 4;
  a.ends = OG_ENDS_DIRECT;
  a.r_source_ohm = 2;
  char *text = saved(&a, g23, v);
  ogt_has(text, "vs_2 s_2 0 dc 0.125\n");
  ogt_has(text, "rs_0_2 s_2 w_0_2 2\nrw_1_2 w_0_2 w_1_2 1.5\n");
  ogt_has(text, "rt_2_0 b_0_0 t_0 4\n");
  ogt_has(text, "rc_1_1 w_1_1 b_0_1 512\n");
  ogi_free(text);
}
END_TEST

START_TEST(a_short_between_terminals_is_refused) {
  const og_bridge bridge = {{OG_LINE_WORD, 0, 2}, {OG_LINE_BIT, 1, 1}, 0};
  og_array a;
  og_error err = {0};
  og_array_init(&a, 2, 3);
  a.bridges = &bridge;
  a.bridge_count = 1;
  ck_assert_int_eq(og_netlist_save(ogt_scratch("short.cir"), &a, g23, v2, &err), OG_E_SINGULAR);
  ck_assert_str_eq(err.text, "netlist: a short between two terminals: need more than 0 ohm");
}
END_TEST

/* 21 digits of 1/G in a long double, turned back in a long double, are G to the last bit. */
START_TEST(conductances_come_back_to_the_last_bit) {
  if (LDBL_MANT_DIG < 64) return; /* a long double that is a double loses up to an ulp */
  enum { M = 250, N = 400 };
  og_array a;
  double *g = ogi_alloc(M * N, sizeof *g), v[M];
  og_array_init(&a, M, N);
  ogt_fill(g, M * N, -12, 3, 1);
  for (size_t k = 0; k < M * N; k++) g[k] = pow(10, g[k]); /* 1e-12 .. 1e3 S */
  ogt_fill(v, M, -1, 1, 2);
  char *text = saved(&a, g, v), *at = strstr(text, "rc_0_0 ");
  ck_assert_ptr_nonnull(at);
  for (size_t k = 0; k < M * N; k++) {
    size_t i, j, s, t;
    int length = 0;
    char *end = strchr(at, '\n');
    *end = '\0'; /* sscanf measures all that follows */
    ck_assert_int_eq(sscanf(at, "rc_%zu_%zu s_%zu t_%zu %n", &i, &j, &s, &t, &length), 4);
    ck_assert(i == k / N && j == k % N && s == i && t == j);
    long double ohm = strtold(at + length, NULL);
    ck_assert_msg((double)(1 / ohm) == g[k], "saw %.21Lg, need 1 / %.17g", ohm, g[k]);
    at = end + 1;
  }
  ogi_free(text);
  ogi_free(g);
}
END_TEST

START_TEST(comma_locale_changes_no_number) {
  og_array a;
  og_array_init(&a, 2, 3);
  a.r_word_ohm = 1.5;
  if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) return;
  char *text = saved(&a, g23, v2);
  setlocale(LC_ALL, "C");
  ogt_has(text, "rw_0_0 s_0 w_0_0 1.5\n");
  ogt_has(text, "vs_0 s_0 0 dc 0.375\n");
  ogi_free(text);
}
END_TEST

static void check_refused(const og_array *a, const double *g, const double *v, og_status want, const char *words) {
  const char *path = ogt_scratch("refused.cir");
  og_error err = {0};
  unlink(path);
  ck_assert_int_eq(og_netlist_save(path, a, g, v, &err), want);
  ck_assert_int_eq(err.code, want);
  ck_assert_str_eq(err.text, words);
  ck_assert_int_ne(access(path, F_OK), 0);
}

START_TEST(bad_input_is_refused_with_its_place_and_no_file_appears) {
  og_array a, bad;
  double g[6], v[2];
  og_array_init(&a, 2, 3);
  memcpy(g, g23, sizeof g);
  memcpy(v, v2, sizeof v);
  g[5] = -1e-6;
  check_refused(&a, g, v, OG_E_RANGE, "conductance (1,2): saw -1e-06, need a finite value >= 0 (siemens)");
  g[5] = 0;
  g[1] = NAN;
  check_refused(&a, g, v, OG_E_RANGE, "conductance (0,1): saw nan, need a finite value >= 0 (siemens)");
  g[1] = INFINITY;
  check_refused(&a, g, v, OG_E_RANGE, "conductance (0,1): saw inf, need a finite value >= 0 (siemens)");
  g[1] = 0;
  v[1] = -INFINITY;
  check_refused(&a, g, v, OG_E_RANGE, "word line 1: saw -inf, need a finite voltage (volt)");
  bad = a;
  bad.r_word_ohm = -2;
  check_refused(&bad, g, v, OG_E_RANGE, "array: r_word_ohm: saw -2, need 0 or more (ohm)");
  check_refused(NULL, g, v, OG_E_ARG, "array: NULL");
  check_refused(&a, NULL, v, OG_E_ARG, "netlist: a needed pointer is NULL");
  check_refused(&a, g, NULL, OG_E_ARG, "netlist: a needed pointer is NULL");
  ck_assert_int_eq(og_netlist_save(NULL, &a, g, v, NULL), OG_E_ARG);
  ck_assert_int_eq(ogi_netlist_emit(NULL, &a, g, v, NULL, NULL), OG_E_ARG);
}
END_TEST

static void check_opts(const og_netlist_opts *o, og_status want, const char *words) {
  og_array a;
  og_error err = {0};
  FILE *stream = fopen(ogt_scratch("refused.cir"), "w");
  og_array_init(&a, 2, 3);
  ck_assert_int_eq(og_netlist_print(stream, &a, g23, v2, o, &err), want);
  ck_assert_str_eq(err.text, words);
  ck_assert_int_eq(ftell(stream), 0);
  fclose(stream);
}

START_TEST(options_out_of_range_are_named) {
  const double second[2] = {1, 1}, volt[4] = {0, 1, NAN, 0};
  og_wave wave = {.points = 2, .second = second, .volt = volt};
  og_netlist_opts o, d;
  og_netlist_opts_init(&d);
  o = d, o.style = (og_netlist_style)7;
  check_opts(&o, OG_E_RANGE, "netlist: style: saw 7, need flat or hierarchical");
  o = d, o.analysis = (og_netlist_analysis)9;
  check_opts(&o, OG_E_RANGE, "netlist: analysis: saw 9, need op, tran, noise or none");
  o = d, o.dialect = (og_netlist_dialect)2;
  check_opts(&o, OG_E_RANGE, "netlist: dialect: saw 2, need ngspice or xyce");
  o = d, o.method = (og_netlist_method)2;
  check_opts(&o, OG_E_RANGE, "netlist: method: saw 2, need trap or gear");
  o = d, o.title = "a\n.control";
  check_opts(&o, OG_E_RANGE, "netlist: title: saw a control character, need one line of text");
  o = d, o.c_bit_farad = -1;
  check_opts(&o, OG_E_RANGE, "netlist: c_bit_farad: saw -1, need a finite value >= 0");
  o = d, o.analysis = OG_NETLIST_TRAN;
  check_opts(&o, OG_E_RANGE, "netlist: stop_second: saw 0, need more than 0 (second)");
  o.wave = &wave, o.stop_second = 2;
  check_opts(&o, OG_E_RANGE, "netlist: wave: point 1: saw 1, need ascending finite times (second)");
  wave.points = 1, o.stop_second = 1;
  check_opts(&o, OG_E_RANGE, "netlist: stop_second: saw 1, need more than 1 (second)");
  wave.volt = volt + 1;
  check_opts(&o, OG_E_RANGE, "netlist: wave: point 0, line 1: saw nan, need a finite voltage (volt)");
  wave.volt = NULL;
  check_opts(&o, OG_E_ARG, "netlist: wave: need points, times and voltages");
  wave.volt = volt, wave.sense_volt = volt + 1;
  check_opts(&o, OG_E_RANGE, "netlist: wave: bit line 1: saw nan, need a finite voltage (volt)");
  o = d, o.analysis = OG_NETLIST_NOISE, o.noise_output = 3;
  check_opts(&o, OG_E_RANGE, "netlist: noise_output: saw 3, need 0 to 2");
  o.noise_output = 0, o.noise_input = 2;
  check_opts(&o, OG_E_RANGE, "netlist: noise_input: saw 2, need 0 to 1");
  o.noise_input = 0, o.noise_to_hertz = 1;
  check_opts(&o, OG_E_RANGE, "netlist: noise: saw 1 to 1, need ascending frequencies > 0 (hertz)");
  o.noise_to_hertz = 2, o.noise_points = 0;
  check_opts(&o, OG_E_RANGE, "netlist: noise_points: saw 0, need 1 or more");
  o.noise_points = 1, o.kelvin = 0;
  check_opts(&o, OG_E_RANGE, "netlist: kelvin: saw 0, need a finite value > 0");
  ck_assert_int_eq(og_netlist_write(NULL, NULL, NULL, NULL, NULL, NULL), OG_E_ARG);
}
END_TEST

static int nothing(void *user, size_t first, size_t count, const double *g, const double *v, double *i, double *slope) {
  (void)user, (void)first, (void)count, (void)g, (void)v, (void)i, (void)slope;
  return 1;
}

START_TEST(cells_without_a_formula_are_refused) {
  enum { POINTS = 257 };
  double v[POINTS];
  const double six[6] = {1, 2, 3, 4, 5, 6};
  og_cell *cell, *other;
  og_netlist_opts o;
  og_netlist_opts_init(&o);
  for (size_t k = 0; k < POINTS; k++) v[k] = (double)k - 3;
  ck_assert_int_eq(og_cell_create_user(&cell, nothing, NULL, NULL), OG_OK);
  o.cell = cell;
  check_opts(&o, OG_E_UNSUPPORTED, "netlist: cell: saw a function of the caller, need a formula");
  ck_assert_int_eq(og_cell_create_table(&other, v, v, POINTS, NULL), OG_OK);
  ck_assert_int_eq(og_cell_create_pair(&cell, cell, other, NULL), OG_OK);
  o.cell = cell;
  check_opts(&o, OG_E_UNSUPPORTED, "netlist: cell: saw a function of the caller, need a formula");
  og_cell_free(cell);
  ck_assert_int_eq(og_cell_create_table(&cell, v, v, POINTS, NULL), OG_OK);
  o.cell = cell;
  check_opts(&o, OG_E_RANGE, "netlist: cell table: saw 257 points, need at most 256");
  og_cell_free(cell);
  ck_assert_int_eq(og_cell_create(&cell, "sinh", NULL), OG_OK);
  ck_assert_int_eq(og_cell_set_each(cell, "v0", six, 3, 2, NULL), OG_OK);
  o.cell = cell;
  check_opts(&o, OG_E_SHAPE, "netlist: cell sinh: saw parameters of 3 x 2 cells, need 2 x 3");
  og_netlist_subckt c = {.name = "x", .text = ".subckt x a b\n.ends\n"};
  o.subckt = &c;
  check_opts(&o, OG_E_ARG, "netlist: saw a cell and a subcircuit, need one");
  og_cell_free(cell);
}
END_TEST

static void check_subckt(const char *name, const char *text, const char *words) {
  og_netlist_subckt c = {.name = name, .text = text};
  og_netlist_opts o;
  og_netlist_opts_init(&o);
  o.subckt = &c;
  check_opts(&o, OG_E_INPUT, words);
}

#define TWO ".subckt two a b\nr1 a b 1\n.ends\n"

START_TEST(subcircuits_cannot_give_orders) {
  check_subckt("two", "* x\n.control\n",
               "netlist: subcircuit:2: saw \".control\", need .subckt, .ends, .model or .param");
  check_subckt("two", TWO ".include /etc/passwd\n",
               "netlist: subcircuit:4: saw \".include\", need .subckt, .ends, .model or .param");
  check_subckt("two", TWO "  .LIB x\n", "netlist: subcircuit:4: saw \".LIB\", need .subckt, .ends, .model or .param");
  check_subckt("two", "*# shell ls\n" TWO, "netlist: subcircuit:1: saw a command, *#");
  check_subckt("two", TWO "r2 s_0 t_0 1\n",
               "netlist: subcircuit:4: saw \"r2\", need elements inside of .subckt and .ends");
  check_subckt("two", "+ 5\n" TWO, "netlist: subcircuit:1: saw \"+\", need elements inside of .subckt and .ends");
  check_subckt("two", TWO "a\rb", "netlist: subcircuit:4: saw a control character, need text");
  check_subckt("two", ".ends\n", "netlist: subcircuit:1: saw .ends without .subckt");
  check_subckt("two", ".subckt two a b\n", "netlist: subcircuit: saw .subckt without .ends");
  check_subckt("three", TWO, "netlist: subcircuit: saw no .subckt three");
  check_subckt("two", "", "netlist: subcircuit: saw no .subckt two");
  check_subckt("x", ".subckt X a b c params: d=1\n.ends", "netlist: subcircuit x: saw 3 nodes, need 2");
  check_subckt("t o", TWO, "netlist: subcircuit: name: need letters, digits and _, not from ohmgrid_ on");
  check_subckt("ohmgrid_tile", TWO, "netlist: subcircuit: name: need letters, digits and _, not from ohmgrid_ on");
}
END_TEST

START_TEST(subcircuits_need_good_parameters) {
  const double values[6] = {1, 2, 3, 4, NAN, 6};
  og_netlist_subckt c = {.name = "two", .text = TWO, .params = 1, .param = {"r"}, .value = {values}};
  og_netlist_opts o;
  og_netlist_opts_init(&o);
  o.subckt = &c;
  check_opts(&o, OG_E_RANGE, "netlist: subcircuit: r (1,1): saw nan, need a finite value");
  c.param[0] = "r s";
  check_opts(&o, OG_E_INPUT, "netlist: subcircuit: parameter 0: need a name and values");
  c.params = 17;
  check_opts(&o, OG_E_RANGE, "netlist: subcircuit: saw 17 parameters, need at most 16");
  c.text = NULL;
  check_opts(&o, OG_E_ARG, "netlist: subcircuit: text is NULL");
}
END_TEST

START_TEST(decks_can_be_bare_and_have_another_title) {
  og_array a;
  og_netlist_opts o;
  char *text;
  size_t length;
  og_array_init(&a, 1, 2);
  og_netlist_opts_init(&o);
  o.title = "my own";
  o.comments = 0;
  o.analysis = OG_NETLIST_NONE;
  o.style = OG_NETLIST_HIERARCHICAL;
  a.r_word_ohm = 3;
  a.r_source_ohm = 5;
  o.c_cell_farad = 0x1p-40;
  ck_assert_int_eq(og_netlist_write(ogt_scratch("bare.cir"), &a, g23, v2, &o, NULL), OG_OK);
  ck_assert_int_eq(ogi_file_read(&text, &length, ogt_scratch("bare.cir"), 0, NULL), OG_OK);
  ck_assert_str_eq(text, "my own\nvs_0 s_0 0 dc 0.375\nvt_0 t_0 0 dc 0\nvt_1 t_1 0 dc 0\n"
                         ".subckt ohmgrid_cell_0 w b params: r=1\nrc w b {r}\n.ends\n"
                         ".subckt ohmgrid_row_0 s_0 t_0 t_1\n"
                         "rs_0_0 s_0 d_0_0 5\nrw_0_0 d_0_0 w_0_0 3\nrw_0_1 w_0_0 w_0_1 3\n"
                         "xc_0_0 w_0_0 t_0 ohmgrid_cell_0 params: r=1024\n"
                         "xc_0_1 w_0_1 t_1 ohmgrid_cell_0 params: r=2048\n"
                         "cc_0_0 w_0_0 t_0 9.0949470177292824e-13\ncc_0_1 w_0_1 t_1 9.0949470177292824e-13\n.ends\n"
                         ".subckt ohmgrid_tile s_0 t_0 t_1\nxrow_0 s_0 t_0 t_1 ohmgrid_row_0\n.ends\n"
                         "xtile s_0 t_0 t_1 ohmgrid_tile\n.end\n");
  ogi_free(text);
}
END_TEST

START_TEST(unwritable_place_is_named_and_a_refusal_keeps_the_old_file) {
  og_array a;
  og_error err;
  og_array_init(&a, 2, 3);
  ck_assert_int_eq(og_netlist_save("/nowhere/deck.cir", &a, g23, v2, &err), OG_E_IO);
  ogt_has(err.text, "/nowhere/deck.cir");
  char *before = saved(&a, g23, v2), *after;
  size_t length;
  const double nothing[2] = {NAN, 1};
  const char *path = ogt_scratch("deck.cir");
  ck_assert_int_eq(og_netlist_save(path, &a, g23, nothing, &err), OG_E_RANGE);
  ck_assert_int_eq(ogi_file_read(&after, &length, path, 0, NULL), OG_OK);
  ck_assert_str_eq(after, before);
  ogi_free(before);
  ogi_free(after);
}
END_TEST

START_TEST(exhausted_memory_is_reported_and_leaks_nothing) {
  og_array a;
  size_t live = ogi_mem_live();
  og_array_init(&a, 2, 3);
  for (size_t k = 1; k <= 3; k++) {
    ogi_mem_fail_at(k);
    ck_assert_int_eq(og_netlist_save(ogt_scratch("deck.cir"), &a, g23, v2, NULL), OG_E_NOMEM);
  }
  ogi_mem_fail_at(0);
  const double each[6] = {1, 2, 1, 2, 1, 2};
  og_cell *cell;
  og_netlist_opts o;
  og_netlist_opts_init(&o);
  ck_assert_int_eq(og_cell_create(&cell, "sinh", NULL), OG_OK);
  ck_assert_int_eq(og_cell_set_each(cell, "v0", each, 2, 3, NULL), OG_OK);
  o.cell = cell;
  o.style = OG_NETLIST_HIERARCHICAL;
  size_t before = ogi_mem_count();
  ck_assert_int_eq(og_netlist_write(ogt_scratch("deck.cir"), &a, g23, v2, &o, NULL), OG_OK);
  for (size_t k = 1, count = ogi_mem_count() - before; k <= count; k++) {
    ogi_mem_fail_at(k);
    ck_assert_int_eq(og_netlist_write(ogt_scratch("deck.cir"), &a, g23, v2, &o, NULL), OG_E_NOMEM);
  }
  ogi_mem_fail_at(0);
  og_cell_free(cell);
  ck_assert_uint_eq(ogi_mem_live(), live);
}
END_TEST

int main(void) {
  Suite *suite = suite_create("netlist");
  TCase *tc = tcase_create("netlist");
  tcase_add_test(tc, decks_are_those_written_by_hand);
  tcase_add_test(tc, both_ends_have_their_own_resistors);
  tcase_add_test(tc, merged_lines_carry_one_name_and_open_ends_none);
  tcase_add_test(tc, node_names_follow_the_resistances);
  tcase_add_test(tc, irregular_arrays_are_written_with_one_name_a_node);
  tcase_add_test(tc, parallel_wiring_has_a_source_for_each_column);
  tcase_add_test(tc, a_short_between_terminals_is_refused);
  tcase_add_test(tc, conductances_come_back_to_the_last_bit);
  tcase_add_test(tc, comma_locale_changes_no_number);
  tcase_add_test(tc, bad_input_is_refused_with_its_place_and_no_file_appears);
  tcase_add_test(tc, options_out_of_range_are_named);
  tcase_add_test(tc, cells_without_a_formula_are_refused);
  tcase_add_test(tc, subcircuits_cannot_give_orders);
  tcase_add_test(tc, subcircuits_need_good_parameters);
  tcase_add_test(tc, decks_can_be_bare_and_have_another_title);
  tcase_add_test(tc, unwritable_place_is_named_and_a_refusal_keeps_the_old_file);
  tcase_add_test(tc, exhausted_memory_is_reported_and_leaks_nothing);
  suite_add_tcase(suite, tc);
  return ogt_run(suite);
}
