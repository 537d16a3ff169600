/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Laws of cells as B sources: i = EXPRESSION of the voltage between the cell's nodes.
 *
 * Equations, units and sources stand in ohmgrid/cell.h; here they take a form that loses no digits without expm1 and
 * log1p, which ngspice has not:  exp(x) - 1 = 2 sinh(x/2) exp(x/2),  1 - exp(-t) = 2 q / (1 + q) with q = tanh(t/2),
 * ln(1 + e) = asinh(e (2 + e) / (2 (1 + e))).
 *
 * Arguments are limited where they stand: a limited node of its own would not help, since Newton's method passes it by.
 * H is the voltage held within the law's ends; beyond them the straight line at the end's slope is added. Every number
 * is a literal, and as such cut (see lit); powers are products, since ngspice reads x^y as |x|^y.
 */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_names.h"
#include "device/ogi_cell.h"
#include "netlist/ogi_emit.h"

/* Keys of the laws, in the order of their tables in device/cell_laws.c. */
enum { SINH_V0 = OGI_KEY_OWN };
enum { S_VT = OGI_KEY_OWN, S_VS, S_IDEALITY, S_RECTIFY };
enum { PHI = OGI_KEY_OWN, WIDTH, MASS };
enum { T_TH = OGI_KEY_OWN, T_W, T_RATIO };
enum { M_GATE = OGI_KEY_OWN, M_TH, M_BETA, M_SLOPE, M_VT, M_LAMBDA, M_LEAK };
enum { G_REF = OGI_KEY_OWN };

/* 4 pi sqrt(2 m_e q) / h [V^-1/2 / m], CODATA 2018, as in cell_laws.c. */
#define SIMMONS_A 1.02463344e10

enum { LITERAL = 64, VOLT_TEXT = 2 * OGI_NODE_NAME + 8, HELD_TEXT = VOLT_TEXT + 2 * LITERAL + 16 };

/* One law of one cell on its way to text. */
typedef struct law {
  FILE *out;
  const og_cell *cell;
  size_t k;
  double low, high; /* ends of the law [V]      */
  char v[VOLT_TEXT], h[HELD_TEXT];
} law;

static int is(const og_cell *cell, const char *model) { return strcmp(og_cell_model(cell), model) == 0; }

static double parameter(const og_cell *cell, size_t key, size_t k) {
  const ogi_cell_param *p = &cell->param[key];
  return p->each != NULL ? p->each[k] : p->value;
}

/* ---- questions ---- */

og_status ogi_law_check(const og_cell *cell, size_t m, size_t n, og_error *err) {
  og_status st;
  for (int side = -1; side < 2; side++) {
    const og_cell *c = side < 0 ? cell : cell->member[side];
    if (c == NULL) continue;
    if (is(c, "user"))
      return ogi_fail(err, OG_E_UNSUPPORTED, "netlist: cell: saw a function of the caller, need a formula");
    if (c->points.count > OG_NETLIST_TABLE_MAX)
      return ogi_fail(err, OG_E_RANGE, "netlist: cell table: saw %zu points, need at most %d", c->points.count,
                      OG_NETLIST_TABLE_MAX);
  }
  st = ogi_cell_check(cell, m, n, err);
  return st == OG_OK ? st : ogi_prefix(err, st, "netlist");
}

int ogi_law_is_linear(const og_cell *cell) { return cell == NULL || is(cell, "linear"); }

int ogi_law_takes_g(const og_cell *cell) {
  if (cell == NULL) return 1;
  if (cell->member[0] != NULL) return ogi_law_takes_g(cell->member[0]) || ogi_law_takes_g(cell->member[1]);
  const ogi_cell_param *g = &cell->param[OGI_KEY_G];
  return !cell->model->fixed && g->each == NULL && !(g->value > 0);
}

double ogi_law_siemens(const og_cell *cell, size_t k, double g) {
  if (cell == NULL || ogi_law_takes_g(cell)) return g;
  return cell->model->fixed ? 1 : parameter(cell, OGI_KEY_G, k);
}

int ogi_law_is_open(const og_cell *cell, size_t k, double g) {
  if (cell != NULL && cell->member[0] != NULL)
    return ogi_law_is_open(cell->member[0], k, g) || ogi_law_is_open(cell->member[1], k, g);
  double used = ogi_law_siemens(cell, k, g);
  return ogi_law_is_linear(cell) ? isinf(1 / used) : used == 0;
}

int ogi_ohm_of(char text[OGI_OHM_TEXT], double siemens) {
  return snprintf(text, OGI_OHM_TEXT, "%.21Lg", 1.0L / (long double)siemens);
}

/* ---- expressions ---- */

/* A number inside an expression. */
typedef struct literal {
  char text[LITERAL];
} literal;

/*
 * ngspice rounds every number inside of an expression to 11 significant digits before it reads it (measured with
 * version 39, inside of braces too). What these leave out is added as a second number.
 */
static literal lit(double x) {
  literal l;
  char first[32];
  snprintf(first, sizeof first, "%.11g", x);
  double rest = x - strtod(first, NULL);
  if (rest != 0) snprintf(l.text, sizeof l.text, "(%s%+.11g)", first, rest);
  else snprintf(l.text, sizeof l.text, x < 0 ? "(%s)" : "%s", first);
  return l;
}

/* Slope at v of a cell with 1 S, or of a law without conductance [S]. */
static double slope_at(const law *l, double v) {
  double one = 1, i, slope;
  if (ogi_cell_eval(l->cell, l->k, 1, &one, &v, &i, &slope, NULL, NULL) != OG_OK) return 0;
  return ogi_law_takes_g(l->cell) ? slope : slope / ogi_law_siemens(l->cell, l->k, 1);
}

/* The held voltage and what is added beyond the ends; a law without ends: v itself. */
static void set_ends(law *l, double low, double high) {
  l->low = low;
  l->high = high;
  snprintf(l->h, sizeof l->h, "max(%s,min(%s,%s))", lit(low).text, lit(high).text, l->v);
}

static void put_extension(const law *l) {
  fprintf(l->out, "+%s*max(%s-%s,0)+%s*min(%s+%s,0)", lit(slope_at(l, l->high)).text, l->v, lit(l->high).text,
          lit(slope_at(l, l->low)).text, l->v, lit(-l->low).text);
}

static void put_sinh(law *l) {
  double v0 = parameter(l->cell, SINH_V0, l->k);
  set_ends(l, -OGI_CELL_EXP_MAX * v0, OGI_CELL_EXP_MAX * v0);
  fprintf(l->out, "%s*sinh(%s/%s)", lit(v0).text, l->h, lit(v0).text);
  put_extension(l);
}

/* exp(sqrt(|h| / v_s)); the root's derivative is endless at 0, so that the argument stays above 1e-300. */
static void put_lowering(const law *l, double vs) {
  fprintf(l->out, "exp(sqrt(max(abs(%s),1e-300)/%s))", l->h, lit(vs).text);
}

static void put_schottky(law *l) {
  double vt = parameter(l->cell, S_VT, l->k), vs = parameter(l->cell, S_VS, l->k);
  double nvt = parameter(l->cell, S_IDEALITY, l->k) * vt, lowered = OGI_CELL_EXP_MAX * OGI_CELL_EXP_MAX * vs;
  double forward = OGI_CELL_EXP_MAX * nvt;
  if (parameter(l->cell, S_RECTIFY, l->k) == 0) {
    set_ends(l, -lowered, lowered);
    fprintf(l->out, "%s*tanh(%s/%s)*", lit(2 * vt).text, l->h, lit(2 * vt).text);
    put_lowering(l, vs);
  } else { /* each branch is limited on both sides: whoever evaluates both must not fail in the other */
    char q[HELD_TEXT + LITERAL + 16];
    literal twice = lit(2 * nvt);
    set_ends(l, -forward, forward);
    fprintf(l->out, "(%s>=0?%s*sinh(%s/%s)*exp(%s/%s):", l->v, twice.text, l->h, twice.text, l->h,
            twice.text);
    set_ends(l, -lowered, lowered);
    snprintf(q, sizeof q, "tanh(abs(%s)/%s)", l->h, lit(2 * vt).text);
    fprintf(l->out, "-%s*%s/(1+%s)*", lit(2 * vt).text, q, q);
    put_lowering(l, vs);
    fputc(')', l->out);
    l->high = forward;
  }
  put_extension(l);
}

/* i = g exp(A (sqrt(phi) - mean)) [2 phi sinh(A d) - h cosh(A d)] / (A sqrt(phi)/2 - 1), mean and half difference d of
   the roots of phi -+ h/2: d = h / (2 (sum of roots)). */
static void put_simmons(law *l) {
  double phi = parameter(l->cell, PHI, l->k), root = sqrt(phi);
  double a = SIMMONS_A * parameter(l->cell, WIDTH, l->k) * sqrt(parameter(l->cell, MASS, l->k));
  char sum[2 * HELD_TEXT + 2 * LITERAL + 40], ad[3 * HELD_TEXT + 3 * LITERAL + 64];
  set_ends(l, -phi, phi);
  snprintf(sum, sizeof sum, "(sqrt(%s-0.5*%s)+sqrt(%s+0.5*%s))", lit(phi).text, l->h, lit(phi).text, l->h);
  snprintf(ad, sizeof ad, "(%s*%s/%s)", lit(0.5 * a).text, l->h, sum);
  fprintf(l->out, "exp(%s*(%s-%s))*(%s*sinh%s-%s*cosh%s)/%s", lit(0.5 * a).text, lit(2 * root).text, sum,
          lit(2 * phi).text, ad, l->h, ad, lit(0.5 * a * root - 1).text);
  put_extension(l);
}

static void put_threshold(const law *l) {
  double r = 1 / parameter(l->cell, T_RATIO, l->k);
  fprintf(l->out, "%s*(%s+%s/(1+exp(max(%g,min(%g,(%s-abs(%s))/%s)))))", l->v, lit(r).text, lit(1 - r).text,
          -OGI_CELL_EXP_MAX, OGI_CELL_EXP_MAX, lit(parameter(l->cell, T_TH, l->k)).text, l->v,
          lit(parameter(l->cell, T_W, l->k)).text);
}

static double soft_plus(double y) { return (y > 0 ? y : 0) + log1p(exp(-fabs(y) > -100 ? -fabs(y) : -100)); }

/* unit (S - D) (S + D) (1 + lambda |h|) + g_leak h; S and D are ln(1 + exp(y)) at source and drain. */
static void put_transistor(law *l) {
  double vt = parameter(l->cell, M_VT, l->k), n = parameter(l->cell, M_SLOPE, l->k);
  double pinch = (parameter(l->cell, M_GATE, l->k) - parameter(l->cell, M_TH, l->k)) / n;
  double unit = 2 * n * parameter(l->cell, M_BETA, l->k) * vt * vt, source = soft_plus(pinch / (2 * vt));
  char y[HELD_TEXT + 2 * LITERAL + 16], e[sizeof y + 40], drain[sizeof y + 3 * sizeof e + 40];
  literal at_source = lit(source);
  set_ends(l, -1e3, 1e3); /* as the law itself, [V] */
  snprintf(y, sizeof y, "((%s-%s)/%s)", lit(pinch).text, l->h, lit(2 * vt).text);
  snprintf(e, sizeof e, "exp(max(%g,-abs%s))", -OGI_CELL_EXP_MAX, y);
  snprintf(drain, sizeof drain, "(max%.*s,0)+asinh(%s*(2+%s)/(2*(1+%s))))", (int)strlen(y) - 1, y, e, e, e);
  fprintf(l->out, "%s*(%s-%s)*(%s+%s)*(1+%s*abs(%s))+%s*%s", lit(unit).text, at_source.text, drain, at_source.text,
          drain, lit(parameter(l->cell, M_LAMBDA, l->k)).text, l->h, lit(parameter(l->cell, M_LEAK, l->k)).text, l->h);
  put_extension(l);
}

/* Hermite's cubic between points at and at + 1, by Horner's rule in d = v - v_at. */
static void put_cubic(const law *l, size_t at, double scale) {
  const ogi_cell_points *t = &l->cell->points;
  double h = t->v[at + 1] - t->v[at], secant = (t->i[at + 1] - t->i[at]) / h;
  double c2 = (3 * secant - 2 * t->slope[at] - t->slope[at + 1]) / h;
  double c3 = (t->slope[at] + t->slope[at + 1] - 2 * secant) / (h * h);
  char d[VOLT_TEXT + LITERAL + 8];
  snprintf(d, sizeof d, "(%s-%s)", l->v, lit(t->v[at]).text);
  fprintf(l->out, "\n+ %s+%s*(%s+%s*(%s+%s*%s))", lit(scale * t->i[at]).text, d, lit(scale * t->slope[at]).text, d,
          lit(scale * c2).text, d, lit(scale * c3).text);
}

static void put_straight(const law *l, size_t at, double scale) {
  const ogi_cell_points *t = &l->cell->points;
  fprintf(l->out, "\n+ %s+%s*(%s-%s)", lit(scale * t->i[at]).text, lit(scale * t->slope[at]).text, l->v,
          lit(t->v[at]).text);
}

/* Pieces from .. to as a tree of choices: piece 0 is the line below the first point, piece count above the last. */
static void put_pieces(const law *l, size_t from, size_t to, double scale) {
  size_t count = l->cell->points.count, middle = (from + to) / 2;
  if (from == to) {
    if (from == 0) put_straight(l, 0, scale);
    else if (from == count) put_straight(l, count - 1, scale);
    else put_cubic(l, from - 1, scale);
    return;
  }
  fprintf(l->out, "(%s<%s?(", l->v, lit(l->cell->points.v[middle]).text);
  put_pieces(l, from, middle, scale);
  fputs("):(", l->out);
  put_pieces(l, middle + 1, to, scale);
  fputs("))", l->out);
}

static void put_table(const law *l) {
  double set = parameter(l->cell, G_REF, l->k);
  put_pieces(l, 0, l->cell->points.count, 1 / (set > 0 ? set : l->cell->points.slope_at_zero));
}

static void put_expression(law *l) {
  if (is(l->cell, "sinh")) put_sinh(l);
  else if (is(l->cell, "schottky")) put_schottky(l);
  else if (is(l->cell, "simmons")) put_simmons(l);
  else if (is(l->cell, "threshold")) put_threshold(l);
  else if (is(l->cell, "transistor")) put_transistor(l);
  else put_table(l);
}

/* ---- elements ---- */

/* A resistor or B source from a to b; side: "", or "w" and "b" of a pair. */
static void put_single(FILE *out, const og_cell *cell, size_t k, double g, const char *side, const char *a,
                       const char *b, const ogi_law_place *at) {
  int braces = at->dialect == OG_NETLIST_XYCE, by_name = at->parameter && ogi_law_takes_g(cell);
  double siemens = ogi_law_siemens(cell, k, g);
  char ohm[OGI_OHM_TEXT];
  fprintf(out, "%cc%s%s %s %s ", ogi_law_is_linear(cell) ? 'r' : 'b', side, at->name, a, b);
  if (ogi_law_is_linear(cell)) {
    ogi_ohm_of(ohm, siemens);
    fprintf(out, "%s\n", by_name ? "{1/g}" : ohm); /* R [ohm] = 1 / G [S] */
    return;
  }
  law l = {.out = out, .cell = cell, .k = k};
  snprintf(l.v, sizeof l.v, "v(%s,%s)", a, b);
  fputs(braces ? "i={" : "i=", out);
  if (by_name) fputs(braces ? "g*(" : "({g})*(", out); /* ngspice puts the value in the place of the braces */
  else fprintf(out, "%s*(", lit(siemens).text);
  put_expression(&l);
  fputs(braces ? ")}\n" : ")\n", out);
}

void ogi_law_write(FILE *out, const og_cell *cell, size_t k, double g, const ogi_law_place *at) {
  if (cell == NULL || cell->member[0] == NULL) {
    put_single(out, cell, k, g, "", at->a, at->b, at);
    return;
  }
  put_single(out, cell->member[0], k, g, "w", at->a, at->p, at);
  put_single(out, cell->member[1], k, g, "b", at->p, at->b, at);
}

/* ---- kinds: cells that differ in their conductance alone ---- */

static int varies(const og_cell *cell) {
  for (size_t p = 0; cell != NULL && p < cell->keys; p++)
    if (cell->param[p].each != NULL) return 1;
  return cell != NULL && cell->member[0] != NULL && (varies(cell->member[0]) || varies(cell->member[1]));
}

/* The parameters of cell k that are its own, exactly, as text. */
static size_t put_own(char *to, size_t room, const og_cell *cell, size_t k) {
  size_t used = 0;
  for (size_t p = 0; p < cell->keys; p++)
    if (cell->param[p].each != NULL) used += (size_t)snprintf(to + used, room - used, " %a", cell->param[p].each[k]);
  for (int side = 0; side < 2 && cell->member[side] != NULL; side++)
    used += put_own(to + used, room - used, cell->member[side], k);
  return used;
}

og_status ogi_law_kinds(const og_cell *cell, size_t cells, size_t **kind, size_t **example, size_t *kinds,
                        og_error *err) {
  og_status st = OG_OK;
  char own[3 * OGI_CELL_KEYS * 32];
  *kinds = 1;
  if (ogi_law_is_linear(cell) || !varies(cell)) return OG_OK;
  ogi_names *all = ogi_names_create();
  *kind = ogi_alloc(cells, sizeof **kind);
  *example = ogi_alloc(cells, sizeof **example);
  if (all == NULL || *kind == NULL || *example == NULL) st = OG_E_NOMEM;
  for (size_t k = 0; k < cells && st == OG_OK; k++) {
    put_own(own, sizeof own, cell, k);
    size_t known = ogi_names_count(all), number = ogi_names_add(all, own);
    if (number == OGI_NO_NAME) st = OG_E_NOMEM;
    else (*kind)[k] = number;
    if (number == known && st == OG_OK) (*example)[number] = k;
  }
  if (st == OG_OK) *kinds = ogi_names_count(all);
  ogi_names_free(all);
  return st == OG_OK ? st : ogi_fail(err, st, "netlist: %zu cells", cells);
}
