/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * New device folders: options and files that are refused, decks and numbers that are written. What needs ngspice is in
 * tests/cli/devnew.sh.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <ohmgrid/deck.h>

#include "base/ogi_mem.h"
#include "devbench/ogi_devnew.h"
#include "ogt.h"

#define OK(call) ck_assert_msg((call) == OG_OK, "%s", err.text)

static const char cell[] =
    "* a cell\n.param half=0.5\n.subckt helper a b\nr1 a b 1\n.ends\n.subckt CELL P N (w) params: g=83u k={half*4} "
    "z=0\ncw w 0 1n ic={z}\nbi p n\n+ i={g}*v(p,n)*(1+v(w)) ; all of it\n"
    "bw 0 w i=1n*{k}*v(p,n)\ng1 p n cur='{g}*v(w)'\n"
    "g2 p n w 0 1u\n.ends\n";

static const char *write_file(const char *text) {
  const char *path = ogt_scratch("mine.lib");
  FILE *f = fopen(path, "w");
  ck_assert_ptr_nonnull(f);
  fputs(text, f);
  ck_assert_int_eq(fclose(f), 0);
  return path;
}

static const char *const cell_pins[] = {"p", "N", "w"};

static og_device_new_opts cell_opts(const char *text) {
  og_device_new_opts opts;
  og_device_new_opts_init(&opts);
  opts.file = write_file(text);
  opts.pin = cell_pins;
  opts.pins = 3;
  return opts;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

START_TEST(the_last_definition_is_taken_with_pins_parameters_and_equations) {
  og_error err = {0};
  ogi_new_source s;
  og_device_new_opts opts = cell_opts(cell);
  OK(ogi_new_read(&s, &opts, &err));
  ck_assert_str_eq(s.subckt, "cell");
  ck_assert_str_eq(s.base, "mine.lib");
  ck_assert_uint_eq(s.bytes, strlen(cell));
  ck_assert_uint_eq(s.pins, 3);
  ck_assert_uint_eq(s.terminals, 2);
  ck_assert_uint_eq(s.states, 1);
  ck_assert_str_eq(s.pin[1], "n");
  ck_assert_uint_eq(s.params, 3);
  ck_assert_str_eq(s.param[1], "k");
  ogt_rel(s.value[0], 83e-6, 1e-15);
  ogt_rel(s.value[1], 2, 1e-15);
  ck_assert(s.value[2] == 0);
  ck_assert_int_eq(s.storage, 1);
  ck_assert_uint_eq(s.laws.count, 3);
  ogt_has(s.laws.item[0], "i={g}*v(p,n)*(1+v(w))");
  ck_assert_uint_eq(s.others.count, 2);
  ck_assert_str_eq(s.others.item[1], "g2 p n w 0 1u");
  ogi_new_clear(&s);
}
END_TEST

START_TEST(diodes_store_charge_only_if_their_model_says_so) {
  static const struct { const char *model; int storage; } cases[] = {{"is=1p", 0}, {"is=1p cjo=1f", 1}, {"tt=1n", 1}};
  static const char *const pins[] = {"p", "n"};
  for (size_t k = 0; k < 3; k++) {
    og_error err = {0};
    ogi_new_source s;
    char text[120];
    snprintf(text, sizeof text, "*\n.model dx d (%s)\n.subckt one p n\nd1 p n dx\n.ends\n", cases[k].model);
    og_device_new_opts opts = cell_opts(text);
    opts.pin = pins;
    opts.pins = 2;
    OK(ogi_new_read(&s, &opts, &err));
    ck_assert_int_eq(s.storage, cases[k].storage);
    ogi_new_clear(&s);
  }
}
END_TEST

START_TEST(files_that_are_no_subcircuit_are_refused_with_file_and_line) {
  static const struct { const char *text, *words; } bad[] = {
      {"", "mine.lib: saw no .subckt, need one"},
      {"*\nr1 a b 1\n", "mine.lib:2: saw \"r1 a b 1\" outside of a .subckt"},
      {"*\n.subckt cell p n w\nr1 p n 1\nr2 w 0 1\n", ".subckt cell: saw no .ends"},
      {"*\n.subckt cell p n w\nr1 p n 1\n.ends\n", "saw nothing inside that uses pin w"},
      {"*\n.subckt cell p n w\nr1 p n {gon}\nr2 w 0 1\n.ends\n", "mine.lib:3: r1: "},
      {"*\n.subckt cell p n w\nd1 p n dx\nr2 w 0 1\n.ends\n", "mine.lib:3: d1: "},
      {"*\n.subckt cell p n w\nm1 p n w 0 nch\nr2 w 0 1\n.ends\n", "mine.lib:3: "},
      {"*\n.subckt cell p n w\n.control\n.endc\n.ends\n", "mine.lib:3: saw a card that gives orders to ngspice"},
      {"*\n.subckt cell p n w\nr1 p n `ls`\n.ends\n", "mine.lib:3: saw a backquote"},
      {"*\n.subckt cell p n p\nr1 p n 1\n.ends\n", "pins: saw w as pin 3, need p"},
      {"*\n.subckt cell p n\nr1 p n 1\n.ends\n", "pins: saw w as pin 3, need none as in .subckt cell: p,n"},
      {"*\n.subckt cell p n w a12345678901234567890123456789012345678901=3\nr1 p n 1\nr2 w 0 1\n.ends\n",
       "parameter: saw \"a1234567890123456789012345678901234567"},
      {"*\n.subckt c+d p n w\nr1 p n 1\nr2 w 0 1\n.ends\n", ".subckt: saw \"c+d\", need 1 to 40 letters"}};
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    og_error err = {0};
    ogi_new_source s;
    og_device_new_opts opts = cell_opts(bad[k].text);
    og_status st = ogi_new_read(&s, &opts, &err);
    ck_assert_msg(st == OG_E_INPUT, "%zu: %d %s", k, st, err.text);
    ogt_has(err.text, bad[k].words);
    ck_assert_msg(strstr(err.text, "new device") == NULL, "%s", err.text);
    ck_assert_ptr_null(s.pin);
  }
}
END_TEST

START_TEST(pins_with_a_meaning_of_their_own_are_refused) {
  static const char *const pins[] = {"p", "gnd", "time"};
  for (size_t k = 1; k < 3; k++) {
    og_error err = {0};
    ogi_new_source s;
    const char *const own[] = {"p", pins[k]};
    char text[80];
    snprintf(text, sizeof text, "*\n.subckt one p %s\nr1 p %s 1\n.ends\n", pins[k], pins[k]);
    og_device_new_opts opts = cell_opts(text);
    opts.pin = own;
    opts.pins = 2;
    ck_assert_int_eq(ogi_new_read(&s, &opts, &err), OG_E_INPUT);
    ogt_has(err.text, "need another name: it means something else");
  }
}
END_TEST

START_TEST(running_out_of_memory_while_reading_leaves_nothing) {
  og_device_new_opts opts = cell_opts(cell);
  size_t live = ogi_mem_live(), k = 1;
  for (og_status st = OG_E_NOMEM; st != OG_OK; k++) {
    og_error err = {0};
    ogi_new_source s;
    ogi_mem_fail_at(k);
    st = ogi_new_read(&s, &opts, &err);
    ogi_mem_fail_at(0);
    ck_assert_msg(st == OG_OK || st == OG_E_NOMEM, "%zu: %d %s", k, st, err.text);
    ogi_new_clear(&s);
    ck_assert_uint_eq(ogi_mem_live(), live);
  }
  ck_assert_uint_gt(k, 20);
}
END_TEST

/* --- options ------------------------------------------------------------------------------------------------------ */

START_TEST(names_and_options_out_of_range_are_refused) {
  static const char *const names[] = {"", "..", "-x", "a/b", "a b", "abcdefghijklmnopqrstuvwxyzabcdefghijk"};
  og_error err = {0};
  og_device_new_report *r;
  og_device_new_opts good = cell_opts(cell), opts;
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    ck_assert_int_eq(og_device_new(&r, names[k], &good, &err), OG_E_INPUT);
    ogt_has(err.text, "need 1 to 36 letters");
    ck_assert_ptr_null(r);
  }
#define REFUSED(field, value, status, words)                        \
  opts = good;                                                      \
  opts.field = value;                                               \
  ck_assert_int_eq(og_device_new(&r, "mine", &opts, &err), status); \
  ogt_has(err.text, words)
  REFUSED(volt, -1, OG_E_RANGE, "volt: saw -1, need 1e-06 to 1e+06 (volt)");
  REFUSED(volt, NAN, OG_E_RANGE, "volt: saw");
  REFUSED(width_second, 0, OG_E_RANGE, "width: saw 0, need 1e-15 to 1e+06 (second)");
  REFUSED(hold_volt, INFINITY, OG_E_RANGE, "hold: saw inf");
  REFUSED(timeout_second, 0, OG_E_RANGE, "timeout: saw 0");
  REFUSED(terminals, 4, OG_E_RANGE, "terminals: saw 4, need 2 to 3");
  REFUSED(ground, 0, OG_E_RANGE, "drive and ground: saw 0 and 0, need two of the 2 terminals");
  REFUSED(pins, 1, OG_E_RANGE, "pins: saw 1, need 2 to 64");
  REFUSED(file, NULL, OG_E_ARG, "NULL");
  REFUSED(pin, NULL, OG_E_ARG, "NULL");
  REFUSED(file, "nowhere.lib", OG_E_INPUT, "nowhere.lib: No such file");
#undef REFUSED
  opts = good;
  opts.drive = 1;
  opts.ground = 0;
  ck_assert_int_eq(og_device_new(&r, "mine", &opts, &err), OG_E_RANGE);
  ogt_has(err.text, "drive: saw the second of two terminals");
  ck_assert_int_eq(og_device_new(NULL, "mine", &good, &err), OG_E_ARG);
  ck_assert_int_eq(og_device_new(&r, NULL, &good, &err), OG_E_ARG);
  ck_assert_int_eq(og_device_new(&r, "mine", NULL, &err), OG_E_ARG);
  ck_assert_int_eq(og_device_new_verdict(NULL, &err), OG_E_ARG);
  og_device_new_free(NULL);
}
END_TEST

START_TEST(without_ngspice_no_folder_is_made) {
  char parent[300], made[340];
  struct stat info;
  og_error err = {0};
  og_device_new_report *r;
  og_device_new_opts opts = cell_opts(cell);
  snprintf(parent, sizeof parent, "%s", ogt_scratch("parent"));
  snprintf(made, sizeof made, "%s/mine", parent);
  opts.folder = parent;
  opts.worker = "/nowhere/ohmgrid-spice";
  ck_assert_int_eq(og_device_new(&r, "mine", &opts, &err), OG_E_EXTERN);
  ogt_has(err.text, "/nowhere/ohmgrid-spice");
  ck_assert_int_ne(stat(made, &info), 0);
}
END_TEST

/* --- what is written ---------------------------------------------------------------------------------------------- */

START_TEST(numbers_are_the_shortest_that_read_as_the_same_double) {
  static const struct { double value; const char *text; } cases[] = {
      {0.1, "0.1"}, {200e-9, "2e-07"}, {-0.2, "-0.2"}, {0, "0"}, {1.0 / 3, "0.3333333333333333"}, {1e5, "1e+05"}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    char text[OGI_NEW_NUMBER];
    ogi_new_number(text, cases[k].value);
    ck_assert_str_eq(text, cases[k].text);
  }
}
END_TEST

START_TEST(the_driven_node_has_a_name_that_no_pin_has) {
  char name[80], first[] = "drive_", second[] = "n", third[] = "drive", *pins[] = {first, second, third};
  ogi_new_source s = {.pins = 3, .pin = pins};
  ogi_new_drive(name, &s);
  ck_assert_str_eq(name, "drive__");
  s.pins = 2;
  ogi_new_drive(name, &s);
  ck_assert_str_eq(name, "drive");
}
END_TEST

static void expect_deck(const ogi_new_source *s, const og_device_new_opts *opts, const ogi_new_change *change,
                        const char *want) {
  char *text = NULL;
  size_t bytes = 0;
  FILE *to = open_memstream(&text, &bytes);
  ogi_new_deck(to, s, opts, "  ", "a b.lib", "title", "sin(0 1 1k)", change, ".op");
  ck_assert_int_eq(fclose(to), 0);
  ck_assert_str_eq(text, want);
  free(text);
}

START_TEST(decks_drive_one_terminal_ground_one_and_hold_the_others) {
  char d[] = "d", g[] = "g", source[] = "s", w[] = "w", k[] = "k", vth[] = "vth", fet[] = "fet";
  char *pins[] = {d, g, source, w}, *params[] = {k, vth};
  og_device_new_opts opts;
  const ogi_new_change change = {1, 0.25}, none = {2, 0.25};
  ogi_new_source s = {.subckt = fet, .pins = 4, .terminals = 3, .states = 1, .pin = pins, .params = 2, .param = params};
  og_device_new_opts_init(&opts);
  opts.drive = 1;
  opts.ground = 2;
  opts.hold_volt = 0.2;
  expect_deck(&s, &opts, &change,
              "  title\n  .include \"a b.lib\"\n  v1 drive 0 sin(0 1 1k)\n  vi drive g 0\n  vt1 d 0 0.2\n  vt3 s 0 0\n"
              "  x1 d g s w fet vth=0.25\n  .op\n");
  s.terminals = 2;
  s.states = 2;
  opts.drive = 0;
  opts.ground = 1;
  expect_deck(&s, &opts, &none,
              "  title\n  .include \"a b.lib\"\n  v1 drive 0 sin(0 1 1k)\n  vi drive d 0\n  x1 d 0 s w fet\n  .op\n");
}
END_TEST

START_TEST(verdicts_name_the_first_failure) {
  og_device_new_run run[3] = {{.status = OG_OK, .parameter = ""}, {.status = OG_E_EXTERN, .parameter = "vth"}};
  og_device_new_report r = {.folder = "x/mine", .run_count = 3, .failed = 1, .run = run};
  og_error err = {0};
  strcpy(run[1].bias, "pulse 1 V");
  strcpy(run[1].why, "too small");
  ck_assert_int_eq(og_device_new_verdict(&r, &err), OG_E_TOLERANCE);
  ck_assert_str_eq(err.text, "x/mine: saw 1 of 3 runs that failed, need none; the first: pulse 1 V, vth: too small");
  run[1].status = OG_OK;
  r.failed = 0;
  r.figures = 7;
  r.outside = 2;
  ck_assert_int_eq(og_device_new_verdict(&r, &err), OG_E_TOLERANCE);
  ogt_has(err.text, "saw 2 of 7 figures outside");
  r.bench_failed = 1;
  strcpy(r.bench_why, "loop: no");
  ck_assert_int_eq(og_device_new_verdict(&r, &err), OG_E_TOLERANCE);
  ogt_has(err.text, "a bench failed: loop: no");
  r.bench_failed = r.outside = 0;
  ck_assert_int_eq(og_device_new_verdict(&r, &err), OG_OK);
}
END_TEST

int main(void) {
  Suite *s = suite_create("devnew");
  TCase *reading = tcase_create("reading"), *options = tcase_create("options"), *writing = tcase_create("writing");
  tcase_add_test(reading, the_last_definition_is_taken_with_pins_parameters_and_equations);
  tcase_add_test(reading, diodes_store_charge_only_if_their_model_says_so);
  tcase_add_test(reading, files_that_are_no_subcircuit_are_refused_with_file_and_line);
  tcase_add_test(reading, pins_with_a_meaning_of_their_own_are_refused);
  tcase_add_test(reading, running_out_of_memory_while_reading_leaves_nothing);
  tcase_add_test(options, names_and_options_out_of_range_are_refused);
  tcase_add_test(options, without_ngspice_no_folder_is_made);
  tcase_add_test(writing, numbers_are_the_shortest_that_read_as_the_same_double);
  tcase_add_test(writing, the_driven_node_has_a_name_that_no_pin_has);
  tcase_add_test(writing, decks_drive_one_terminal_ground_one_and_hold_the_others);
  tcase_add_test(writing, verdicts_name_the_first_failure);
  suite_add_tcase(s, reading);
  suite_add_tcase(s, options);
  suite_add_tcase(s, writing);
  return ogt_run(s);
}
