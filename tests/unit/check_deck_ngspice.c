/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random decks, as they stand and as they are written anew, both through ngspice: the operating points must agree. So
 * what the reader makes of parameters, scopes, names and units is compared with what ngspice makes of them, by ngspice
 * alone.
 */
#include <config.h>

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_spice.h"
#include "netlist/ogi_deck_parts.h"
#include "ogt.h"

enum { DECKS = 240, LINE = 2000, NODES_MAX = 400 };

static og_error err;

/* ---- dice ---- */

static uint64_t dice;

static unsigned roll(unsigned sides) {
  dice = dice * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)((dice >> 33) % sides);
}

static double between(double low, double high) { return low + (high - low) * roll(10007) / 10006; }

/* ---- text ---- */

/* A line of a deck in one of the many ways in which it can be written. */
static void put(FILE *out, const char *form, ...) {
  char line[LINE];
  va_list list;
  va_start(list, form);
  vsnprintf(line, sizeof line, form, list);
  va_end(list);
  int capitals = roll(5) == 0, broken = roll(4) == 0, wrapped = 0;
  for (char *p = line; *p != '\0'; p++) {
    wrapped += (*p == '{') - (*p == '}');
    if (*p == '\'') wrapped = !wrapped;
    if (broken && *p == ' ' && !wrapped && line[0] != '.' && roll(3) == 0) fputs("\n+", out);
    fputc(capitals ? toupper((unsigned char)*p) : *p, out);
  }
  static const char *const ends[] = {"", "", "", "", " ; r9 a b 1", " $ and so on", "  ", "\t"};
  fprintf(out, "%s\n", ends[roll(8)]);
  if (roll(9) == 0) fputs(roll(2) ? "\n" : "* r9 0 0 {nothing}\n", out);
}

/* A number of about its size, as people write it. */
static void literal(FILE *out, double value) {
  static const struct {
    const char *form;
    double unit;
  } forms[] = {{"%.4g", 1},      {"%.4g", 1},       {"%.5gk", 1e3},    {"%.5gm", 1e-3},
               {"%.5gu", 1e-6},  {"%.6gmeg", 1e6},  {"%.4ge-3", 1e-3}, {"%.4ge3", 1e3},
               {"%.6gmeg", 1e6}, {"%.5gkohm", 1e3}, {"%.4ge+1", 10},   {"%.5gg", 1e9}};
  size_t k = roll(sizeof forms / sizeof *forms);
  double shown = value / forms[k].unit;
  if (shown < 1e-3 || shown > 9e3) k = 0; /* an exponent of its own */
  fprintf(out, forms[k].form, k == 0 ? value : shown);
}

static const char *const pool[] = {"ra", "rb", "k1", "gain", "q_2", "width"};
enum { POOL = sizeof pool / sizeof *pool, ALL = (1 << POOL) - 1 };
static int usable = ALL; /* bits of the pool that expressions may name now */

static const char *any_name(void) {
  int k;
  do k = (int)roll(POOL);
  while (!(usable >> k & 1));
  return pool[k];
}

/* An expression of parameters, between about 0.3 and 30 whatever they are. */
static void expression(FILE *out, int depth) {
  static const char *const two[] = {"(%+%)/2",   "%*%/(%+1)",      "max(%,%)",     "min(%,%)",        "(%>% ? % : %)",
                                    "%/(1+%)+%", "abs(%-%)+3*%/2", "pow(%,0.5)+%", "(%<=% ? 1.5 : %)"};
  static const char *const one[] = {"sqrt(%)",       "abs(-%)",      "-(-%)",     "%**0.5",     "%^0.3",
                                    "exp(-%)+1",     "ln(%+2)",      "log(%+3)",  "log10(%+9)", "(int(%)+1)",
                                    "(nint(%*3)+1)", "(floor(%)+1)", "ceil(%)",   "(sgn(%)+1)", "(tanh(%)+1)",
                                    "(cos(%)+2)",    "(%-2^2+9)",    "atan(%)+1", "2/3*%",      "(% > 1 && % < 9)+1",
                                    "(!%)+1",        "%*1e-3*1k",    "1.5",       "2e0"};
  if (depth == 0 || roll(4) == 0) {
    if (roll(3) == 0 || usable == 0) literal(out, between(0.5, 5));
    else fputs(any_name(), out);
    return;
  }
  const char *form = roll(2) ? two[roll(sizeof two / sizeof *two)] : one[roll(sizeof one / sizeof *one)];
  for (; *form != '\0'; form++) {
    if (*form != '%') {
      fputc(*form, out);
      continue;
    }
    fputc('(', out);
    expression(out, depth - 1);
    fputc(')', out);
  }
}

/* A value of about scale, as a number or an expression in one of the brackets; static storage of four in turn. */
static const char *value_in(const char *brackets, double scale) {
  static char texts[4][1200];
  static unsigned turn;
  char *text = texts[turn++ % 4];
  FILE *out = fmemopen(text, sizeof texts[0], "w");
  if (roll(3) == 0) {
    literal(out, scale * between(0.3, 3));
  } else {
    fprintf(out, "%c%g*(", brackets[0], scale);
    expression(out, 2);
    fprintf(out, ")%c", brackets[1]);
  }
  fclose(out);
  return text;
}

static const char *value(double scale) { return value_in(roll(2) ? "{}" : "''", scale); }

/* For a behavioural source, whose language has no int(). */
static const char *source_value(double scale) {
  const char *text;
  do text = value_in("{}", scale);
  while (strstr(text, "(int(") != NULL);
  return text;
}

/* ---- decks ---- */

typedef struct maker {
  FILE *out;
  int subckts;     /* defined so far, that may be called */
  int ports[8];
  int heads[8], params[8]; /* bits of the pool that its head has, and all that it has */
  int count;       /* of names */
  int has_diodes;
} maker;

/*
 * Assignments of some of the pool's names, in any direction. Bits own belong to the definition. In its head each of
 * them may use only those before it, so that none depends on itself; an instance may use only others and the same one,
 * since ngspice takes some of them for those of the definition (doc/decks.md).
 */
static void put_params(char *text, size_t room, int which, int own, int is_head) {
  int down = roll(2);
  text[0] = '\0';
  for (int j = 0; j < POOL; j++) {
    int k = down ? POOL - 1 - j : j;
    if (!(which >> k & 1)) continue;
    usable = is_head ? ALL & ~(own & ~((1 << k) - 1)) : (ALL & ~own) | 1 << k;
    snprintf(text + strlen(text), room - strlen(text), " %s=%s", pool[k], value(1));
    usable = ALL;
  }
}

/* Something driven by v(in), at a node of its own that is loaded; its name goes to to. */
static void put_follower(maker *m, const char *in, char to[16]) {
  FILE *o = m->out;
  int k = ++m->count;
  snprintf(to, 16, "f%d", k);
  put(o, "rl%d %s 0 %s", k, to, value(1e3));
  switch (roll(9)) {
    case 0: put(o, "e%d %s 0 %s 0 %s", k, to, in, value(0.5)); break;
    case 1: put(o, "g%d 0 %s (%s gnd) %s", k, to, in, value(1e-3)); break;
    case 2:
      put(o, "vs%d %s s%d 0\nrs%d s%d 0 %s", k, in, k, k, k, value(5e3));
      put(o, "f%d 0 %s vs%d %s", k, to, k, value(0.5));
      break;
    case 3:
      put(o, "vs%d %s s%d dc 0\nrs%d s%d 0 %s", k, in, k, k, k, value(5e3));
      put(o, "h%d %s 0 vs%d %s", k, to, k, value(1e3));
      break;
    case 4: put(o, "b%d %s 0 v=tanh(v(%s)*(%s))+v(%s)^2*0.1", k, to, in, source_value(0.5), in); break;
    case 5: put(o, "b%d 0 %s i=1m*(v(%s)>0.2 ? v(%s) : -v(%s)/2)*(%s)", k, to, in, in, in, source_value(0.5)); break;
    case 6: put(o, "e%d %s 0 vol='v(%s)*%g+v(%s,0)'", k, to, in, between(0.1, 1), in); break;
    case 7: put(o, "g%d 0 %s cur='v(%s)*%g'", k, to, in, between(1e-4, 1e-3)); break;
    default:
      put(o, "vs%d %s s%d 0\nrs%d s%d 0 %s", k, in, k, k, k, value(5e3));
      put(o, "b%d %s 0 v=i(vs%d)*%g+0.1", k, to, k, between(100, 900));
      break;
  }
}

static void put_element(maker *m, const char *a, const char *b) {
  FILE *o = m->out;
  int k = ++m->count;
  switch (roll(8)) {
    case 0: put(o, "r%d %s %s %s tc1=%.3g temp=%.3g", k, a, b, value(1e3), between(1e-4, 1e-3), between(0, 80)); break;
    case 1: put(o, "r%d %s %s %s m=%u", k, a, b, value(1e3), 1 + roll(4)); break;
    case 2: put(o, "r%d %s %s r=%s tc1=1m tc2=2u dtemp=%.3g", k, a, b, value(1e3), between(-20, 80)); break;
    case 3: put(o, "c%d %s %s %s\nr%d %s %s 1k", k, a, b, value(1e-12), k, a, b); break;
    case 4: put(o, "l%d %s y%d %s\nr%d y%d %s %s", k, a, k, value(1e-6), k, k, b, value(1e3)); break;
    case 5:
      m->has_diodes = 1;
      if (roll(2)) put(o, "d%d %s %s dtop area=%.3g m=%u", k, a, b, between(0.5, 3), 1 + roll(3));
      else put(o, "d%d %s %s dtop area=%s temp=%.3g", k, a, b, value(1), between(10, 60));
      put(o, "r%d %s %s %s scale=1.5", k, a, b, value(1e4));
      break;
    default: put(o, "r%d %s %s %s", k, a, b, value(1e3)); break;
  }
}

static void put_instance(maker *m, const char *a, const char *b) {
  if (m->subckts == 0) {
    put_element(m, a, b);
    return;
  }
  char params[6000], third[16] = "";
  int k = ++m->count, which = (int)roll((unsigned)m->subckts);
  put_params(params, 1500, m->heads[which] & (int)roll(64), m->params[which], 0);
  if (m->ports[which] == 3) snprintf(third, sizeof third, " o%d", k);
  put(m->out, "x%d %s %s%s s%d%s%s", k, a, b, third, which, params[0] != '\0' && roll(2) ? " params:" : "", params);
  if (third[0] != '\0') put(m->out, "ro%d o%d %s 2k", k, k, b);
}

/* Between a and b: a ladder whose rungs go to b, with followers of its nodes. */
static void put_network(maker *m, const char *a, const char *b, int rungs) {
  char at[16], next[16], driven[16];
  snprintf(at, sizeof at, "%s", a);
  for (int k = 0; k < rungs; k++) {
    snprintf(next, sizeof next, roll(2) ? "n%d" : "%d", ++m->count);
    put_element(m, at, next);
    if (roll(2)) put_instance(m, next, b);
    else put_element(m, next, b);
    if (roll(2)) put_follower(m, next, driven);
    if (roll(4) == 0) put_follower(m, driven[0] == 'f' && k > 0 ? next : at, driven);
    snprintf(at, sizeof at, "%s", next);
  }
}

static void put_subckt(maker *m, int inner) {
  char head[3000], local[6000];
  int n = m->subckts, bits = (int)roll(64), third = roll(3) == 0, one = 1 << roll(POOL);
  put_params(head, 1500, bits, bits | one, 1);
  put(m->out, ".subckt s%d a b%s%s%s", n, third ? " c" : "", head[0] != '\0' && roll(2) ? " params:" : "", head);
  if (roll(2)) {
    put_params(local, 1500, one, bits | one, 1);
    put(m->out, ".param%s", local);
  }
  if (roll(2)) put(m->out, ".model dtop d (is=%.3gf n={1+0.1*min(1,ra)} rs=%.3g)", between(1, 20), between(0.1, 10));
  if (inner) put(m->out, ".subckt in p q ra=2\nr1 p q {ra*1k}\nr2 p vdd '(rb+3)*1k'\n.ends in\nxin a b in ra={ra+1}");
  if (third) put(m->out, "rc c a %s", value(1e3));
  put_network(m, "a", "b", 1 + (int)roll(3));
  put(m->out, roll(2) ? ".ends" : ".ends s%d", n);
  m->ports[n] = 2 + third;
  m->heads[n] = bits;
  m->params[n] = bits | one;
  m->subckts++;
}

/* Deck number k. @return 1 if it has diodes */
static int make_deck(FILE *out, unsigned number) {
  maker m = {.out = out};
  dice = 77 + 1000003u * number;
  roll(2);
  fprintf(out, "Deck %u: r1 a b {c}\n", number);
  put(out, ".global vdd");
  put(out, ".options reltol=1e-9 vntol=1e-13 abstol=1e-18 temp=%.3g tnom=%.3g", between(0, 60), between(20, 30));
  for (int k = 0; k < POOL; k++) put(out, ".param %s=%g", pool[k], between(0.5, 4));
  if (roll(2)) put(out, ".param r0='%s*2+%s' again={r0/3}", pool[roll(POOL)], pool[roll(POOL)]);
  put(out, ".model dtop d is=%.3gf n=1.2 rs=2", between(1, 20));
  put(out, "vdd vdd 0 dc = %.3g", between(0.5, 2));
  for (unsigned k = roll(4); k > 0; k--) put_subckt(&m, (int)roll(2));
  put(out, "v1 top gnd %s", roll(2) ? "dc 1.7 ac 1" : "pulse(1.1 2 1n 1n 1n 5n 20n)");
  put(out, "i1 0 top2 %.3gm", between(0.1, 2));
  put(out, "rt top2 top %s", value(1e3));
  put_network(&m, "top", "0", 2 + (int)roll(3));
  fputs(".op\n.end\n", out);
  return m.has_diodes;
}

/* ---- comparison ---- */

static ogi_spice *spice;

static void run(const char *what, const char *text, size_t bytes, const char *const *names, size_t count,
                double *volt) {
  og_status st = ogi_spice_run(spice, text, bytes, names, count, volt, &err);
  ck_assert_msg(st == OG_OK, "%s: %s\n%s", what, err.text, text);
}

static void compare(const char *original) {
  static char labels[NODES_MAX][OGI_LABEL];
  const char *theirs[NODES_MAX], *ours[NODES_MAX];
  double want[NODES_MAX], got[NODES_MAX];
  char *text = NULL;
  size_t bytes;
  og_deck *d = NULL;
  ck_assert_msg(og_deck_parse(&d, "t.cir", original, strlen(original), NULL, &err) == OG_OK, "%s\n%s", err.text,
                original);
  size_t nodes = og_deck_nodes(d);
  ck_assert_uint_le(nodes, NODES_MAX);
  for (size_t k = 0; k < nodes; k++) {
    theirs[k] = og_deck_node(d, k);
    ogi_deck_node_label(labels[k], d, k + 1);
    ours[k] = labels[k];
  }
  FILE *out = open_memstream(&text, &bytes);
  ogi_deck_emit(out, d, 0, NULL);
  fclose(out);
  run("original", original, strlen(original), theirs, nodes, want);
  run("written", text, bytes, ours, nodes, got);
  for (size_t k = 0; k < nodes; k++)
    ck_assert_msg(fabs(got[k] - want[k]) <= 1e-9 * fabs(want[k]) + 1e-12,
                  "node %s: saw %.12g, ngspice has %.12g\n%s\n%s", theirs[k], got[k], want[k], original, text);
  free(text);
  og_deck_free(d);
}

START_TEST(random_decks_mean_what_ngspice_makes_of_them) {
  const char *only = getenv("OGT_DECK");
  for (unsigned k = 0; k < DECKS; k++) {
    char *text = NULL;
    size_t bytes;
    if (only != NULL && (unsigned)atoi(only) != k) continue;
    FILE *out = open_memstream(&text, &bytes);
    make_deck(out, k);
    fclose(out);
    compare(text);
    free(text);
  }
}
END_TEST

/* What dice do not throw. */
START_TEST(odd_decks_mean_what_ngspice_makes_of_them) {
  static const char *const decks[] = {
      "names\ni1 0 1e3 1\nr1 1e3 0 3\ni2 0 01 1\nr2 01 0 4\ni3 0 0.0 1\nr3 0.0 0 5\nr4 3v3 1 6\nr5 1 0 1\ni4 0 3v3 1\n"
      "b1 q1 0 v=v(1e3)*10+v(01)-v(0.0)/v(3v3)+v(1)\nrq q1 0 1\nrt time 0 9\nit 0 time 1\nb6 q6 0 v=v(time)*10\nr6 q6 "
      "0 1\n"
      "rn temp 0 2\nin 0 temp 1\n.op\n.end\n", /* not "all": asked for, ngspice gives another vector */
      "breakdown\ni1 0 a -1m\nd1 a 0 dd area=2 m=3\ni2 0 b -1m\nd2 b 0 dd area=6\n"
      ".model dd d (is={(1+2)*1e-15} n=1.1 bv=5 ibv=1u rs=1)\n.options reltol=1e-9 vntol=1e-13\n.op\n.end\n",
      "laws\nv1 a 0 -1.7\nv2 b 0 0.6\nb1 c 0 v=v(a)^2-v(b)*v(a)/v(b)/2-(-v(a))-(v(b)-(v(a)-3))\nb2 d 0 "
      "v=v(a)<0&&!(v(b)>1)||0 ? 2+v(b) : 3\n"
      "b3 e 0 v=pwr(v(a),3)+pow(v(a),3)+u(v(b))+uramp(v(a))+sgn(v(a))*floor(v(a))+ceil(v(b))+nint(v(b))\n"
      "b4 f 0 v=-v(a)**2+2^-1+v(b)>=0.6\nb5 g 0 v=1 ? v(a) ? 5 : 6 : 7\nb6 h 0 v=v(a)==-1.7\nb7 i 0 "
      "v=atan(v(a))*ternary_fcn(v(b),2,3)\n"
      "rc c d 1\nre e f 1\nrg g h 1\nri i 0 1\n.op\n.end\n",
      "scopes\n.global vdd\nvdd vdd 0 1\nv1 a 0 1\nx1 a 0 s\n.subckt s p n\nv2 p m 0\nr1 m n 2\nf1 0 q v2 3\nrq q 0 "
      "1\nh1 h 0 v2 4\n"
      "rh h gnd 1\nb1 w 0 v=i(v2)*7\nrw w vdd 1\ne1 e 0 vol='i(v2)*8'\nre e 0 1\nfe 0 z e1 1\nrz z 0 1\nxi q w "
      "t\n.ends\n"
      ".subckt t vdd q\nr1 vdd q 3\nr2 p q 4\nr3 p vdd 5\n.ends\nr9 x1.q 0 7\nf9 0 y v.x1.v2 2\nry y 0 1\n.op\n.end\n",
  };
  for (size_t k = 0; k < sizeof decks / sizeof *decks; k++) compare(decks[k]);
}
END_TEST

START_TEST(long_and_deep_expressions_reach_ngspice) {
  static char text[20000];
  size_t used = (size_t)sprintf(text, "sum\nv1 a 0 0.3\nb1 b 0 v=0");
  for (int k = 0; k < 400; k++) used += (size_t)sprintf(text + used, "%c%d*v(a)", k % 3 == 0 ? '-' : '+', k);
  used += (size_t)sprintf(text + used, "\nr1 b 0 1\nb2 c 0 v=");
  for (int k = 0; k < 40; k++) used += (size_t)sprintf(text + used, "1+v(a)*(");
  used += (size_t)sprintf(text + used, "-(-2)");
  for (int k = 0; k < 40; k++) text[used++] = ')';
  sprintf(text + used, "\nr2 c 0 1\n.op\n.end\n");
  compare(text);
}
END_TEST

static void open_spice(void) {
  const char *program = getenv("OHMGRID_SPICE");
  ck_assert_msg(program != NULL, "OHMGRID_SPICE must name the program ohmgrid-spice");
  ck_assert_msg(ogi_spice_open(&spice, program, 300, &err) == OG_OK, "%s", err.text);
}

static void close_spice(void) { ogi_spice_close(spice); }

int main(void) {
  Suite *s = suite_create("deck_ngspice");
  TCase *t = tcase_create("deck_ngspice");
  tcase_add_checked_fixture(t, open_spice, close_spice);
  tcase_set_timeout(t, 120);
  tcase_add_test(t, random_decks_mean_what_ngspice_makes_of_them);
  tcase_add_test(t, odd_decks_mean_what_ngspice_makes_of_them);
  tcase_add_test(t, long_and_deep_expressions_reach_ngspice);
  suite_add_tcase(s, t);
  return ogt_run(s);
}
