/* SPDX-License-Identifier: BSD-3-Clause */
/* Decks of others: what is read, and what is refused with which words. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ohmgrid/deck.h>

#include "base/ogi_mem.h"
#include "netlist/ogi_deck_parts.h"
#include "ogt.h"

static og_error err;

static og_deck *read_deck(const char *text) {
  og_deck *d = NULL;
  ck_assert_msg(og_deck_parse(&d, "t.cir", text, strlen(text), NULL, &err) == OG_OK, "%s", err.text);
  return d;
}

static og_deck_element find(const og_deck *d, const char *name) {
  for (size_t k = 0; k < og_deck_elements(d); k++)
    if (strcmp(og_deck_element_at(d, k).name, name) == 0) return og_deck_element_at(d, k);
  ck_abort_msg("no element %s", name);
  return (og_deck_element){0};
}

START_TEST(values_suffixes_and_parameters_are_read_in_any_order_and_case) {
  og_deck *d = read_deck("Title, not an element: r0 a b 1\n"
                         "R1 a 0 {Rw*2} ; comment\n"
                         ".PARAM rw = 'base + 0.5k' base=2k\n"
                         "* r9 a 0 1\n"
                         "rq a b\n"
                         "+ 4.7Meg $ another\n"
                         "* between\n"
                         "+\n"
                         "C2 b 0 3.3pF // and this\n"
                         "l3 b 0 2mil\n"
                         "V4 A gnd DC = 3.3\n"
                         "rs b 0 r='rw/3' m=2\n"
                         ".end\n"
                         "this is no deck any more\n");
  ck_assert_str_eq(og_deck_title(d), "Title, not an element: r0 a b 1");
  ck_assert_uint_eq(og_deck_elements(d), 6);
  ck_assert_uint_eq(og_deck_nodes(d), 2);
  ogt_rel(find(d, "r1").value, 5000, 0);
  ogt_rel(find(d, "rq").value, 4.7e6, 0);
  ogt_rel(find(d, "c2").value, 3.3e-12, 0);
  ogt_rel(find(d, "l3").value, 2 * 25.4e-6, 1e-15);
  ogt_rel(find(d, "rs").value, 2500.0 / 3 / 2, 1e-15);
  ck_assert_str_eq(find(d, "v4").node[0], "a");
  ck_assert_str_eq(find(d, "v4").node[1], "0");
  ck_assert_uint_eq(find(d, "rq").line, 5);
  og_deck_free(d);
}
END_TEST

START_TEST(subcircuits_are_flattened_as_ngspice_does) {
  og_deck *d = read_deck("t\n"
                         ".param g=3\n"
                         "x1 in out cell r=7 \n"
                         "x2 out 0 cell params: k={g*2}\n"
                         "v1 in 0 1\n"
                         ".subckt cell p n r=5 k=1\n"
                         ".param both={r*k}\n"
                         "r1 p mid both\n"
                         "v2 mid n 0\n"
                         "f1 p 0 v2 0.5\n"
                         "b1 p n i=i(v2)*v(mid,n)*{r}\n"
                         "xin mid n inner\n"
                         ".subckt inner a b\n"
                         "c1 a b 1p\n"
                         "r2 a vdd 1k\n"
                         ".ends\n"
                         ".ends cell\n"
                         ".global vdd\n"
                         "vd vdd 0 2\n");
  ogt_rel(find(d, "r.x1.r1").value, 7, 0);
  ogt_rel(find(d, "r.x2.r1").value, 30, 0);
  ck_assert_str_eq(find(d, "r.x1.r1").node[0], "in");
  ck_assert_str_eq(find(d, "r.x1.r1").node[1], "x1.mid");
  ck_assert_str_eq(find(d, "c.x2.xin.c1").node[0], "x2.mid");
  ck_assert_str_eq(find(d, "c.x2.xin.c1").node[1], "0");
  ck_assert_str_eq(find(d, "r.x1.xin.r2").node[1], "vdd");
  char *text = NULL;
  size_t bytes;
  FILE *out = open_memstream(&text, &bytes);
  ogi_deck_emit(out, d, OGI_ALL_ANALYSES, NULL);
  fclose(out);
  ogt_has(text, "f.x1.f1 in 0 v.x1.v2 0.5\n");
  ogt_has(text, "b.x2.b1 out 0 i=(i(v.x2.v2)*v(x2.mid)*5)\n");
  free(text);
  og_deck_free(d);
}
END_TEST

START_TEST(sources_and_analyses_get_spices_defaults) {
  og_deck *d = read_deck("t\n"
                         "v1 a 0 pulse(0 1.2 3n)\n"
                         "v2 b 0 dc 0.4 ac 2 30 sin(0.1 0.2 1meg)\n"
                         "v3 c 0 pwl(0 0, 1n 1, 2n 0.5) td=1n\n"
                         "i4 0 d exp 0 1m 1n 2n\n"
                         "r1 a b 1\nr2 c d 1\nr3 d 0 2\n"
                         ".tran 0.5n 100n\n.dc v2 0 1 0.25\n.ac dec 5 1k 1meg\n.noise v(d,c) v1 lin 7 1 9\n.op\n");
  const og_analysis *a = og_deck_analysis(d, 0);
  ck_assert_uint_eq(og_deck_analyses(d), 5);
  ogt_rel(a->step_max, 0.5e-9, 1e-15);
  ck_assert_int_eq(a->from_initial, 0);
  ck_assert_str_eq(og_deck_analysis(d, 1)->source, "v2");
  ck_assert_str_eq(og_deck_analysis(d, 3)->reference, "c");
  ck_assert_uint_eq(og_deck_analysis(d, 3)->points, 7);
  const og_waveform *pulse = &d->parts.item[0].wave;
  ogt_rel(pulse->p[3], 0.5e-9, 1e-15);
  ogt_rel(pulse->p[5], 100e-9, 1e-15);
  ck_assert_double_ge(pulse->p[6], pulse->p[3] + pulse->p[4] + pulse->p[5]);
  ogt_rel(d->parts.item[1].dc, 0.4, 0);
  ogt_rel(d->parts.item[1].ac[1], 30, 0);
  ogt_rel(d->parts.item[2].wave.second[1], 2e-9, 1e-15);
  ogt_rel(d->parts.item[3].wave.p[5], 0.5e-9, 1e-15);
  og_deck_free(d);
}
END_TEST

START_TEST(resistances_keep_the_conductance_that_was_meant) {
  double g[200];
  ogt_fill(g, 200, 1e-9, 1e-1, 77);
  for (size_t k = 0; k < 200; k++) {
    char text[100];
    snprintf(text, sizeof text, "t\nr1 a 0 %.21Lg\n", 1.0L / g[k]);
    og_deck *d = read_deck(text);
    ck_assert_double_eq(d->parts.item[0].inverse, g[k]);
    og_deck_free(d);
  }
}
END_TEST

START_TEST(prints_and_measures_are_kept) {
  og_deck *d = read_deck(
      "t\n.param top=2\nv1 a 0 1\nr1 a b 1\nr2 b 0 1\n.print tran v(a) V(a,b) i(v1)\n.save all b\n"
      ".measure TRAN tr TRIG v(a) VAL='0.1*top' RISE=1 TARG v(b) VAL={top} RISE=1\n.ic v(b)={top/4}\n");
  ck_assert_uint_eq(og_deck_prints(d), 4);
  ck_assert_str_eq(og_deck_print(d, 1), "v(a,b)");
  ck_assert_str_eq(og_deck_print(d, 3), "b");
  ck_assert_str_eq(og_deck_measure(d, 0), "tran tr trig v(a) val=0.20000000000000001 rise=1 targ v(b) val=2 rise=1");
  ogt_rel(d->initials.item[0].volt, 0.5, 0);
  og_deck_free(d);
}
END_TEST

/* Every refusal: the status, the place, and the words. */
static const struct {
  const char *body, *why;
  og_status status;
} refusals[] = {
    {".control\nrun\n.endc\n", "t.cir:2: saw a card that gives orders", OG_E_INPUT},
    {"r1 a 0 1\n.csparam x=1\n", "t.cir:3: saw a card that gives orders", OG_E_INPUT},
    {"r1 a 0 `id`\n", "t.cir:2: saw a backquote", OG_E_INPUT},
    {".include x.lib\n", "--include-dir", OG_E_INPUT},
    {".lib '/etc/passwd' tt\n", "--include-dir", OG_E_INPUT},
    {"m1 d g s b nmos\n", "t.cir:2: m1: MOSFET: not supported", OG_E_INPUT},
    {"q1 c b e npn\n", "bipolar transistor", OG_E_INPUT},
    {"r1 a 0\n", "r1: saw no value", OG_E_INPUT},
    {"r1 a\n", "r1: saw 2 words", OG_E_INPUT},
    {"r1 a 0 0\n", "r1: saw 0, need more than 0 (ohm)", OG_E_RANGE},
    {"r1 a 0 -5\n", "resistance: saw -5", OG_E_RANGE},
    {"r1 a 0 {x}\n", "no parameter x", OG_E_INPUT},
    {"r1 a 0 1k rmodel\n", "saw \"rmodel\"", OG_E_INPUT},
    {"r1 a 0 1k ac=3\n", "ac=: not supported", OG_E_INPUT},
    {"r1 a 0 r='1+v(a)'\n", "use a B source", OG_E_INPUT},
    {"r1 a 0 1\nr1 b 0 2\n", "t.cir:3: r1: saw the name a second time (first in line 2)", OG_E_INPUT},
    {"c1 a 0 -1p\n", "capacitance: saw -1e-12", OG_E_RANGE},
    {"l1 a 0 1n\nk1 l1 l2 0.5\n", "t.cir:3: k1: saw l2, need the name of an inductor", OG_E_INPUT},
    {"l1 a 0 1n\nl2 a 0 1n\nk1 l1 l2 1.5\n", "coefficient: saw 1.5", OG_E_RANGE},
    {"f1 a 0 v9 2\n", "saw v9, need the name of a voltage source", OG_E_INPUT},
    {"b1 a 0 i=i(r1)\nr1 a 0 1\n", "saw r1, need the name of a voltage source", OG_E_INPUT},
    {"b1 a 0 q=1\n", "need exactly one of v= and i=", OG_E_INPUT},
    {"b1 a 0 i=sin(v(a)\n", "saw (, need its partner", OG_E_INPUT},
    {"b1 a 0 i=min(v(a),2\n+ 3)\n", "need \")\"", OG_E_INPUT},
    {"e1 a 0 poly(1) b 0 0 1\n", "poly: not supported", OG_E_INPUT},
    {"v1 a 0 sffm(0 1 2)\n", "saw \"sffm\"", OG_E_INPUT},
    {"v1 a 0 pulse(0)\n", "pulse: saw 1 numbers", OG_E_INPUT},
    {"v1 a 0 pulse(0 1)\n", "saw no rise or fall time", OG_E_INPUT},
    {"v1 a 0 pwl(0 0 1n)\n", "pairs of time and value", OG_E_INPUT},
    {"v1 a 0 pwl(0 0 2n 1 1n 0)\n", "ascending times", OG_E_RANGE},
    {"v1 a 0 dc\n", "dc: saw no value", OG_E_INPUT},
    {"d1 a 0 dx\n", "no .model dx", OG_E_INPUT},
    {"d1 a 0 dx\n.model dx npn(is=1)\n", "saw type npn, need d", OG_E_INPUT},
    {"d1 a 0 dx\n.model dx d(is=-1)\n", "is: saw -1", OG_E_RANGE},
    {"d1 a 0 dx\n.model dx d(isr=1)\n", "isr: parameter not supported", OG_E_INPUT},
    {"x1 a b none\n", "t.cir:2: x1: no .subckt none", OG_E_INPUT},
    {"x1 a s\n.subckt s a b\nr1 a b 1\n.ends\n", "saw 1 nodes, need 2", OG_E_INPUT},
    {"x1 a 0 s\n.subckt s a b\nx1 a b s\n.ends\n", "does s contain itself", OG_E_INPUT},
    {"x1 a 0 s\n.subckt s a b\nr1 a b 1\n", ".subckt s: saw no .ends", OG_E_INPUT},
    {"r1 a 0 1\n.ends\n", "saw .ends", OG_E_INPUT},
    {".param a=b b=a\nr1 x 0 a\n", "depends on itself", OG_E_RANGE},
    {".param f(x)=2*x\nr1 x 0 1\n", "functions are not supported", OG_E_INPUT},
    {"r1 a 0 1\n.four 1k v(a)\n", ".four: card not supported", OG_E_INPUT},
    {"r1 a 0 1\n.option xyz=1\n", "xyz: option not supported", OG_E_INPUT},
    {"r1 a 0 1\n.tran 1n\n", "need STEP STOP", OG_E_INPUT},
    {"r1 a 0 1\n.tran 1n 0\n", "stop > start >= 0", OG_E_RANGE},
    {"r1 a 0 1\n.noise v(b) v1 dec 1 1 10\n", "saw no source v1", OG_E_INPUT},
    {"v1 a 0 1\n.noise v(b) v1 dec 1 1 10\n", "saw no node b", OG_E_INPUT},
    {"r1 a 0 1\n.ic v(zz)=1\n", "v(zz): saw no such node", OG_E_INPUT},
    {"r1 a 0 1\n.dc v1 0 1 -1\n", "steps of that sign", OG_E_RANGE},
    {"\n", "saw no element", OG_E_INPUT},
    {"+ r1 a 0 1\n", "saw a continuation", OG_E_INPUT},
    {"r1 a 0 1\\\n", "backslash", OG_E_INPUT},
    {"r1 a\x01 0 1\n", "no ASCII", OG_E_INPUT},
    {"r1 a 0 'x\n", "need its partner", OG_E_INPUT},
    {"=1 r a\n", "without a name", OG_E_INPUT},
    {"y1 a b 1\n", "not supported", OG_E_INPUT},
    {"?1 a b 1\n", "need an element", OG_E_INPUT},
    {"r=1 x1 a b\n", "need an element", OG_E_INPUT},
    {"x1 a 0 s m=2\n.subckt s p n\nr1 p n 1\n.ends\n", "t.cir:2: x1: m=: .subckt s has no such parameter", OG_E_INPUT},
    {".subckt s a a\n.ends\nr1 a 0 1\n", "t.cir:2: saw the port a a second time", OG_E_INPUT},
    {"r1 a 0 5 r=7\n", "r1: saw both 5 and r=", OG_E_INPUT},
    {"r1 a 0 5 m=2 m=3\n", "r1: m=: saw it twice", OG_E_INPUT},
    {"r1 a 0 5 tc1=1m temp=2 dtemp=3\n", "both temp= and dtemp=", OG_E_INPUT},
    {"v1 a 0 sin(0 1 1k) r=1\n", "r=: not supported here", OG_E_INPUT},
    {"v1 a 0 pulse(0 1 0 -1n 1n 1n 9n)\n", "pulse: saw times", OG_E_RANGE},
    {"l1 a 0 1n\nk1 l1 l1 0.5\n", "one inductor twice", OG_E_INPUT},
    {"g1 a 0 b 0 1e308 m=1e10\n", "gain: saw inf", OG_E_RANGE},
    {"d1 a 0 dd temp=-300\n.model dd d\n", "temp: saw -300", OG_E_RANGE},
    {"r1 a 0 1\n.ac decade 1 1 9\n", "saw \"decade\"", OG_E_INPUT},
    {"r1 a 0 1\n.ac dec 5e26 1 9\n", "saw 5e+26 points", OG_E_RANGE},
    {"r1 a 0 1\n.ac dec 1.5 1 9\n", "saw 1.5 points", OG_E_RANGE},
    {"r1 a 0 1\n.ac dec 1 1 9 9\n", "saw \"9\"", OG_E_INPUT},
    {"r1 a 0 1\n.ic v(a)={1}+1\n", "need V(NODE)=VALUE", OG_E_INPUT},
    {"r1 a 0 (1\n", "saw (, need its partner", OG_E_INPUT},
};

START_TEST(refused_with_place_and_reason) {
  char text[500];
  og_deck *d = (og_deck *)&text;
  snprintf(text, sizeof text, "title\n%s", refusals[_i].body);
  og_status st = og_deck_parse(&d, "t.cir", text, strlen(text), NULL, &err);
  ck_assert_msg(st == refusals[_i].status, "%s: status %d: %s", refusals[_i].body, (int)st, err.text);
  ck_assert_ptr_null(d);
  ogt_has(err.text, refusals[_i].why);
}
END_TEST

static void write_file(const char *path, const char *text) {
  FILE *f = fopen(path, "w");
  ck_assert_ptr_nonnull(f);
  fputs(text, f);
  fclose(f);
}

START_TEST(includes_stay_inside_their_folder) {
  char folder[300], inside[400], deck[400], outside[400], link[400];
  og_deck *d = NULL;
  og_deck_opts opts;
  og_deck_opts_init(&opts);
  snprintf(folder, sizeof folder, "%s", ogt_scratch("lib"));
  mkdir(folder, 0700);
  snprintf(inside, sizeof inside, "%s/cells.lib", folder);
  snprintf(deck, sizeof deck, "%s/deck.cir", folder);
  snprintf(outside, sizeof outside, "%s", ogt_scratch("secret.lib"));
  snprintf(link, sizeof link, "%s/link.lib", folder);
  write_file(inside, ".lib fast\n.param r=3\n.endl fast\n.lib slow\n.param r=5\n.inc more.lib\n.endl\n");
  write_file(outside, "rx a 0 1\n");
  snprintf(link, sizeof link, "%s/more.lib", folder);
  write_file(link, "r2 a 0 'r*2'\n");
  snprintf(link, sizeof link, "%s/link.lib", folder);
  unlink(link);
  char *target = realpath(outside, NULL);
  ck_assert_int_eq(symlink(target, link), 0);
  free(target);
  opts.folder = folder;
  write_file(deck, "t\n.lib 'cells.lib' slow\nr1 a 0 r\n");
  ck_assert_msg(og_deck_load(&d, deck, &opts, &err) == OG_OK, "%s", err.text);
  ogt_rel(find(d, "r1").value, 5, 0);
  ogt_rel(find(d, "r2").value, 10, 0);
  og_deck_free(d);
  static const char *const bad[][2] = {{".include ../secret.lib", "absolute path or \"..\""},
                                       {".include /etc/hostname", "absolute path"},
                                       {".include link.lib", "lies outside"},
                                       {".include none.lib", "no such file"},
                                       {".lib cells.lib typical", "has no section typical"},
                                       {".include deck.cir", "include itself"}};
  for (size_t k = 0; k < 6; k++) {
    char text[200];
    snprintf(text, sizeof text, "t\nr1 a 0 1\n%s\n", bad[k][0]);
    write_file(deck, text);
    ck_assert_int_eq(og_deck_load(&d, deck, &opts, &err), OG_E_INPUT);
    ogt_has(err.text, bad[k][1]);
    ogt_has(err.text, ":3:");
  }
}
END_TEST

START_TEST(a_deck_written_again_reads_as_the_same_deck) {
  og_deck *d = read_deck(
      "t\nv1 in 0 dc 0.3 pulse(0 1 1n 2n 3n 4n 50n)\nr1 in net<3> 1.7k\nc1 net<3> 0 2p ic=0.1\nl1 net<3> b 3u\n"
      "l2 b 0 2u\nk1 l1 l2 0.3\ne1 c 0 b 0 2\ng1 c 0 b in 1m\nf1 c 0 v1 2\nh1 h 0 v1 3\nrh h 0 1\n"
      "b1 c 0 i=tanh(v(b)/3)*i(v1)-v(net<3>)\nd1 c 0 dd area=2\nd2 c 0 dd temp=77.5\nd3 c 0 dd dtemp=-20\n"
      ".model dd d is=1f n=1.1\n.tran 1n 30n uic\n.ic v(c)=1\n");
  char path[300];
  og_deck *again;
  snprintf(path, sizeof path, "%s", ogt_scratch("again.cir"));
  ck_assert_msg(og_deck_save(path, d, &err) == OG_OK, "%s", err.text);
  ck_assert_msg(og_deck_load(&again, path, NULL, &err) == OG_OK, "%s", err.text);
  ck_assert_uint_eq(og_deck_elements(again), og_deck_elements(d));
  ck_assert_uint_eq(og_deck_nodes(again), og_deck_nodes(d));
  for (size_t k = 0; k < og_deck_elements(d); k++) {
    og_deck_element a = og_deck_element_at(d, k), b = og_deck_element_at(again, k);
    ck_assert_int_eq(a.kind, b.kind);
    ck_assert_str_eq(a.name, b.name);
    if (!isnan(a.value)) ck_assert_double_eq(a.value, b.value);
    if (a.kind == 'D') ck_assert_double_eq(d->parts.item[k].celsius, again->parts.item[k].celsius);
  }
  size_t last = og_deck_elements(d) - 1; /* temp= of an element is wrong in ngspice 46, so that none is written */
  const double celsius[] = {27, 77.5, 7};
  for (size_t k = 0; k < 3; k++) ck_assert_double_eq(d->parts.item[last - 2 + k].celsius, celsius[k]);
  ck_assert_mem_eq(&d->models.item[0], &again->models.item[0], sizeof d->models.item[0]);
  ck_assert_mem_eq(d->parts.item[0].wave.p, again->parts.item[0].wave.p, sizeof d->parts.item[0].wave.p);
  og_deck_free(d);
  og_deck_free(again);
}
END_TEST

/* Lines of one grammar, signs of one list: the only thing that ngspice is ever given. */
static void check_written(const og_deck *d) {
  static const char *const cards[] = {".model ", ".options ", ".ic ",    ".op\n", ".tran ",
                                      ".dc ",    ".ac ",      ".noise ", ".end\n"};
  static const char signs[] = " abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-*/<>=!&|?:(),'\n";
  char *text = NULL;
  size_t bytes;
  FILE *out = open_memstream(&text, &bytes);
  ogi_deck_emit(out, d, OGI_ALL_ANALYSES, NULL);
  fclose(out);
  ck_assert_uint_eq(strlen(text), bytes);
  ck_assert_msg(strspn(text, signs) == bytes, "sign %d in %s", text[strspn(text, signs)], text);
  ck_assert_msg(strncmp(text, "* ", 2) == 0, "%s", text);
  for (const char *line = strchr(text, '\n') + 1; *line != '\0'; line = strchr(line, '\n') + 1) {
    int known = strchr("rclkviefghbd", line[0]) != NULL;
    for (size_t k = 0; k < sizeof cards / sizeof *cards; k++) known |= strncmp(line, cards[k], strlen(cards[k])) == 0;
    ck_assert_msg(known, "%s", line);
  }
  free(text);
}

START_TEST(what_is_written_has_only_lines_of_its_grammar_whatever_the_names) {
  static const char *const names[] = {"a$b", "a!b",    "net<3>", "a[0]",   "#a",   "a#branch", "@r1[i]", "a%b", "a&b",
                                      "a|b", "~",      "a^b",    "-",      "+",    "*a",       "a*",     "..",  ".end",
                                      "all", "time",   "null",   "temper", "1e3",  "0.0",      "3v3",    "01",  "a?b",
                                      "a:b", "/tmp/x", ">file",  "<in",    "quit", "v1#branch"};
  static const char *const titles[] = {"*ng_script", "*#quit",          "`id`", "$HOME ; quit {x}",
                                       ".control",   "x\r\001\177\377", "*"};
  char text[8000], long_name[240];
  memset(long_name, 'w', sizeof long_name - 1);
  long_name[sizeof long_name - 1] = '\0';
  for (size_t j = 0; j < sizeof titles / sizeof *titles; j++)
    for (size_t k = 0; k <= sizeof names / sizeof *names; k++) {
      const char *n = k < sizeof names / sizeof *names ? names[k] : long_name;
      snprintf(
          text, sizeof text,
          "%s\nr%s %s 0 1\nv%s %s 0 pulse(0 1 1n 1n 1n 1n 9n)\nf1 0 %s v%s 2\nb1 q 0 v=v(%s)+i(v%s)*time\n"
          "e1 p 0 vol='v(%s)'\nx%s %s 0 s\n.subckt s a b\nr1 a %s 1\n.ends\n.ic v(%s)=1\n.tran 1n 9n\n.dc v%s 0 1 1\n"
          ".noise v(%s) v%s dec 1 1 9\n.print tran v(%s) `\n.measure tran %s max v(%s)\n",
          titles[j], n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n, n);
      char *backquote = strchr(strchr(text, '\n'), '`'); /* refused anywhere but in a title */
      og_deck *d;
      ck_assert_int_eq(og_deck_parse(&d, "t.cir", text, strlen(text), NULL, &err), OG_E_INPUT);
      *backquote = ' ';
      og_status st = og_deck_parse(&d, "t.cir", text, strlen(text), NULL, &err);
      if (st == OG_OK) check_written(d); /* some are refused, with a place */
      else ogt_has(err.text, "t.cir:");
      og_deck_free(d);
    }
}
END_TEST

START_TEST(names_that_mean_something_to_ngspice_are_replaced) {
  og_deck *d =
      read_deck("t\nr1 time null 1\nr2 e1_int1 1e3 1\ne1 a 0 vol='v(time)'\nbe1 a b v=1\nr3 n_ohmgrid_1 0 1\n");
  char to[OGI_LABEL];
  ogi_deck_node_label(to, d, 1);
  ck_assert_str_eq(to, "n_ohmgrid_1_");
  ogi_deck_node_label(to, d, 3);
  ck_assert_str_eq(to, "n_ohmgrid_3");
  ogi_deck_node_label(to, d, 4);
  ck_assert_str_eq(to, "1e3");
  ogi_deck_element_label(to, d, &d->parts.item[3]);
  ck_assert_str_eq(to, "b_ohmgrid_3");
  og_deck_free(d);
}
END_TEST

START_TEST(parameters_of_instances_win_and_are_known_in_the_callers_terms) {
  og_deck *d = read_deck("t\n.param r=9 k=2\nx1 a 0 s\nx2 a 0 s r={r*k}\nx3 a 0 t\n.subckt s p n r={r*2}\n.param k=7\n"
                         "r1 p n {r+k}\n.ends\n.subckt t p n r=1\n.param r=5\nr1 p n r\nr2 unused p 1\n.ends\n");
  ogt_rel(find(d, "r.x1.r1").value, 25, 0); /* the default's own r is the caller's 9 */
  ogt_rel(find(d, "r.x2.r1").value, 25, 0);
  ogt_rel(find(d, "r.x3.r1").value, 5, 0); /* .param over the default */
  og_deck_free(d);
}
END_TEST

START_TEST(a_port_without_elements_makes_no_node) {
  og_deck *d = read_deck("t\nx1 a nc s\n.subckt s p q\nr1 p 0 1\n.ends\n");
  ck_assert_uint_eq(og_deck_nodes(d), 1);
  og_deck_free(d);
}
END_TEST

START_TEST(a_fifo_or_a_folder_is_no_include) {
  char folder[300], path[400];
  og_deck *d;
  og_deck_opts opts;
  og_deck_opts_init(&opts);
  snprintf(folder, sizeof folder, "%s", ogt_scratch("pipes"));
  mkdir(folder, 0700);
  snprintf(path, sizeof path, "%s/pipe", folder);
  unlink(path);
  ck_assert_int_eq(mkfifo(path, 0600), 0);
  snprintf(path, sizeof path, "%s/inner", folder);
  mkdir(path, 0700);
  snprintf(path, sizeof path, "%s/deck.cir", folder);
  opts.folder = folder;
  for (int k = 0; k < 2; k++) {
    write_file(path, k == 0 ? "t\nr1 a 0 1\n.include pipe\n" : "t\nr1 a 0 1\n.include inner\n");
    ck_assert_int_eq(og_deck_load(&d, path, &opts, &err), OG_E_INPUT);
    ogt_has(err.text, "need a regular file");
  }
  opts.bytes_max = 30;
  write_file(path, "t\nr1 a 0 1\n.include deck.cir\n");
  ck_assert_int_eq(og_deck_load(&d, path, &opts, &err), OG_E_INPUT);
  ogt_has(err.text, "more bytes");
}
END_TEST

START_TEST(memory_that_runs_out_is_told_and_none_is_lost) {
  const char *text =
      "t\n.param r=2\nv1 a 0 pwl(0 0 1n 1)\nx1 a 0 s r={r}\nb1 a 0 i=v(a)*{r}\nd1 a 0 dd\n.model dd d is=1f\n"
      ".subckt s p n r=1\nr1 p n r\n.ends\n.tran 1n 2n\n.noise v(a) v1 dec 1 1 2\n.print tran v(a)\n"
      ".measure tran x max v(a)\n.ic v(a)=1\n.global q\n.option reltol=1e-4\n";
  size_t live = ogi_mem_live();
  for (size_t k = 1;; k++) {
    og_deck *d = NULL;
    ogi_mem_fail_at(k);
    og_status st = og_deck_parse(&d, "t.cir", text, strlen(text), NULL, &err);
    ogi_mem_fail_at(0);
    og_deck_free(d);
    ck_assert_msg(ogi_mem_live() == live, "allocation %zu: %zu blocks lost", k, ogi_mem_live() - live);
    if (st == OG_OK) break;
    ck_assert_msg(st == OG_E_NOMEM, "allocation %zu: %s", k, err.text);
  }
}
END_TEST

START_TEST(subcircuits_cannot_fill_the_memory) {
  char text[4000] = "t\nx0 a 0 s0\n";
  og_deck *d;
  og_deck_opts opts;
  og_deck_opts_init(&opts);
  opts.elements_max = 1000;
  for (int k = 0; k < 20; k++)
    snprintf(text + strlen(text), sizeof text - strlen(text), ".subckt s%d p n\nx1 p n s%d\nx2 p n s%d\n.ends\n", k,
             k + 1, k + 1);
  ck_assert_int_eq(og_deck_parse(&d, "t.cir", text, strlen(text), &opts, &err), OG_E_INPUT); /* no .subckt s20 */
  strcat(text, ".subckt s20 p n\n.ends\n");
  ck_assert_int_eq(og_deck_parse(&d, "t.cir", text, strlen(text), &opts, &err), OG_E_INPUT);
  ogt_has(err.text, "grow too large");
  *strstr(text, ".subckt s20") = '\0';
  strcat(text, ".subckt s20 p n\nr1 p n 1\n.ends\n");
  ck_assert_int_eq(og_deck_parse(&d, "t.cir", text, strlen(text), &opts, &err), OG_E_INPUT);
  ogt_has(err.text, "more than 1000 elements");
}
END_TEST

int main(void) {
  Suite *s = suite_create("deck");
  TCase *t = tcase_create("deck");
  tcase_add_test(t, values_suffixes_and_parameters_are_read_in_any_order_and_case);
  tcase_add_test(t, subcircuits_are_flattened_as_ngspice_does);
  tcase_add_test(t, sources_and_analyses_get_spices_defaults);
  tcase_add_test(t, resistances_keep_the_conductance_that_was_meant);
  tcase_add_test(t, prints_and_measures_are_kept);
  tcase_add_loop_test(t, refused_with_place_and_reason, 0, (int)(sizeof refusals / sizeof *refusals));
  tcase_add_test(t, includes_stay_inside_their_folder);
  tcase_add_test(t, a_deck_written_again_reads_as_the_same_deck);
  tcase_add_test(t, what_is_written_has_only_lines_of_its_grammar_whatever_the_names);
  tcase_add_test(t, names_that_mean_something_to_ngspice_are_replaced);
  tcase_add_test(t, parameters_of_instances_win_and_are_known_in_the_callers_terms);
  tcase_add_test(t, a_port_without_elements_makes_no_node);
  tcase_add_test(t, a_fifo_or_a_folder_is_no_include);
  tcase_add_test(t, memory_that_runs_out_is_told_and_none_is_lost);
  tcase_add_test(t, subcircuits_cannot_fill_the_memory);
  suite_add_tcase(s, t);
  return ogt_run(s);
}
