/* SPDX-License-Identifier: BSD-3-Clause */
/** The list of terms: each once, constants folded, slopes by rule. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "compact/ogi_program.h"

#define FIRST_BUCKETS 1024

void ogi_tape_open(ogi_tape *t, size_t cells) {
  *t = (ogi_tape){.padded = ogi_ceil_div(cells, OGI_LANES) * OGI_LANES, .buckets = FIRST_BUCKETS};
  t->bucket = ogi_alloc(t->buckets, sizeof *t->bucket);
  t->failed = t->bucket == NULL;
  ogi_tape_number(t, 0);
}

void ogi_tape_close(ogi_tape *t) {
  for (size_t k = 0; k < t->terms.count; k++) ogi_free(t->terms.item[k].column);
  ogi_free(t->terms.item);
  ogi_free(t->bucket);
  *t = (ogi_tape){0};
}

static uint64_t mix(uint64_t h, uint64_t word) {
  h = (h ^ word) * 0x9e3779b97f4a7c15u;
  return h ^ (h >> 29);
}

static uint64_t bits(double value) {
  uint64_t word;
  memcpy(&word, &value, sizeof word);
  return word;
}

static uint64_t hash(const ogi_term *x) {
  return mix(mix(mix(mix(mix(mix(1, (uint64_t)x->op), x->a), x->b), x->c), bits(x->value)), (uintptr_t)x->column);
}

static int same(const ogi_term *x, const ogi_term *y) {
  return x->op == y->op && x->a == y->a && x->b == y->b && x->c == y->c && bits(x->value) == bits(y->value) &&
         x->column == y->column;
}

/* Where a term stands, or would. */
static size_t *find(const ogi_tape *t, const ogi_term *x) {
  size_t at = hash(x) & (t->buckets - 1);
  while (t->bucket[at] != 0 && !same(&t->terms.item[t->bucket[at] - 1], x)) at = (at + 1) & (t->buckets - 1);
  return &t->bucket[at];
}

static void grow(ogi_tape *t) {
  size_t *wider = ogi_alloc(2 * t->buckets, sizeof *wider);
  t->failed |= wider == NULL;
  if (wider == NULL) return;
  ogi_free(t->bucket);
  t->bucket = wider;
  t->buckets *= 2;
  for (size_t k = 0; k < t->terms.count; k++) *find(t, &t->terms.item[k]) = 1 + k;
}

/* Takes the column of x. */
static size_t add(ogi_tape *t, ogi_term x) {
  if (!t->failed && 2 * t->terms.count >= t->buckets) grow(t);
  size_t *at = t->failed ? NULL : find(t, &x);
  if (at != NULL && *at != 0) return *at - 1;
  t->failed |= at == NULL || !OGI_ROOM(t->terms);
  if (t->failed) {
    ogi_free(x.column);
    return 0;
  }
  *at = 1 + t->terms.count;
  t->terms.item[t->terms.count] = x;
  return t->terms.count++;
}

size_t ogi_tape_number(ogi_tape *t, double value) { return add(t, (ogi_term){.op = OGI_NUMBER, .value = value}); }

/* A column of equal values is a number: columns that differ anywhere differ everywhere that matters. */
size_t ogi_tape_column(ogi_tape *t, double *column) {
  size_t k = 1;
  while (k < t->padded && bits(column[k]) == bits(column[0])) k++;
  if (k < t->padded) return add(t, (ogi_term){.op = OGI_NUMBER, .value = NAN, .column = column});
  double value = column[0];
  ogi_free(column);
  return ogi_tape_number(t, value);
}

size_t ogi_tape_unknown(ogi_tape *t, size_t k) {
  return add(t, (ogi_term){.op = OGI_CONTROL, .a = k, .needs = (uint64_t)1 << k});
}

int ogi_tape_is_constant(const ogi_tape *t, size_t term) { return t->terms.item[term].op == OGI_NUMBER; }

static int is_number(const ogi_tape *t, size_t term, double value) {
  const ogi_term *x = &t->terms.item[term];
  return x->op == OGI_NUMBER && x->column == NULL && x->value == value;
}

/* ---- folding ---- */

static void lanes_of(const ogi_term *x, size_t first, double lanes[OGI_LANES]) {
  for (size_t l = 0; l < OGI_LANES; l++) lanes[l] = x->column != NULL ? x->column[first + l] : x->value;
}

static size_t fold(ogi_tape *t, int op, size_t a, size_t b, size_t c) {
  double x[OGI_LANES], y[OGI_LANES], z[OGI_LANES], to[OGI_LANES];
  const ogi_term *ta = &t->terms.item[a], *tb = &t->terms.item[b], *tc = &t->terms.item[c];
  int differs = ta->column != NULL || tb->column != NULL || tc->column != NULL;
  double *column = differs ? ogi_alloc(t->padded, sizeof *column) : NULL;
  t->failed |= differs && column == NULL;
  if (t->failed) return 0;
  for (size_t first = 0; first < (differs ? t->padded : OGI_LANES); first += OGI_LANES) {
    lanes_of(ta, first, x);
    lanes_of(tb, first, y);
    lanes_of(tc, first, z);
    ogi_kernel(op, differs ? column + first : to, x, y, z);
  }
  return differs ? ogi_tape_column(t, column) : ogi_tape_number(t, to[0]);
}

#define NONE ((size_t)-1)

/* |x|^y for small whole y as products. */
static size_t small_power(ogi_tape *t, int op, size_t a, size_t b) {
  if (is_number(t, b, 0)) return ogi_tape_number(t, 1);
  size_t x = op == OGI_POW ? ogi_tape_op(t, OGI_ABS, a, 0, 0) : a;
  if (is_number(t, b, 1)) return x;
  if (op == OGI_PWR && !is_number(t, b, 3)) return NONE;
  size_t square = ogi_tape_op(t, OGI_MULTIPLY, a, a, 0);
  if (is_number(t, b, 2)) return square;
  if (is_number(t, b, 3)) return ogi_tape_op(t, OGI_MULTIPLY, square, x, 0);
  if (is_number(t, b, 4)) return ogi_tape_op(t, OGI_MULTIPLY, square, square, 0);
  return NONE;
}

/* What an operation is without being carried out, or NONE. */
static size_t simpler(ogi_tape *t, int op, size_t a, size_t b, size_t c) {
  switch (op) {
    case OGI_ADD: return is_number(t, a, 0) ? b : is_number(t, b, 0) ? a : NONE;
    case OGI_SUBTRACT:
      return is_number(t, b, 0) ? a : is_number(t, a, 0) ? ogi_tape_op(t, OGI_NEGATE, b, 0, 0) : NONE;
    case OGI_MULTIPLY:
    case OGI_CHAIN:
      if (is_number(t, a, 0) || is_number(t, b, 0)) return 0;
      if (is_number(t, a, 1)) return b;
      if (is_number(t, b, 1)) return a;
      if (is_number(t, a, -1)) return ogi_tape_op(t, OGI_NEGATE, b, 0, 0);
      if (is_number(t, b, -1)) return ogi_tape_op(t, OGI_NEGATE, a, 0, 0);
      if (op == OGI_CHAIN && ogi_tape_is_constant(t, a)) return ogi_tape_op(t, OGI_MULTIPLY, a, b, 0);
      return NONE;
    case OGI_DIVIDE:
      if (!ogi_tape_is_constant(t, b) || is_number(t, b, 0)) return NONE;
      return ogi_tape_op(t, OGI_MULTIPLY, a, ogi_tape_op(t, OGI_DIVIDE, ogi_tape_number(t, 1), b, 0), 0);
    case OGI_NEGATE: return t->terms.item[a].op == OGI_NEGATE ? t->terms.item[a].a : NONE;
    case OGI_CHOOSE:
      if (b == c) return b;
      if (!ogi_tape_is_constant(t, a) || t->terms.item[a].column != NULL) return NONE;
      return t->terms.item[a].value != 0 ? b : c;
    case OGI_POW:
    case OGI_PWR: return small_power(t, op, a, b);
    default: return NONE;
  }
}

size_t ogi_tape_op(ogi_tape *t, int op, size_t a, size_t b, size_t c) {
  if (t->failed) return 0;
  if ((op == OGI_ADD || op == OGI_MULTIPLY) && a > b) return ogi_tape_op(t, op, b, a, c);
  if (ogi_tape_is_constant(t, a) && ogi_tape_is_constant(t, b) && ogi_tape_is_constant(t, c))
    return fold(t, op, a, b, c);
  size_t known = simpler(t, op, a, b, c);
  if (known != NONE) return known;
  const ogi_term *x = t->terms.item;
  return add(t, (ogi_term){.op = op, .a = a, .b = b, .c = c, .needs = x[a].needs | x[b].needs | x[c].needs});
}

/* ---- slopes ---- */

static size_t op1(ogi_tape *t, int op, size_t a) { return ogi_tape_op(t, op, a, 0, 0); }
static size_t op2(ogi_tape *t, int op, size_t a, size_t b) { return ogi_tape_op(t, op, a, b, 0); }
static size_t number(ogi_tape *t, double value) { return ogi_tape_number(t, value); }
static size_t sign(ogi_tape *t, size_t a) {
  return ogi_tape_op(t, OGI_CHOOSE, op2(t, OGI_LT, a, 0), number(t, -1), number(t, 1));
}
static size_t inverse(ogi_tape *t, size_t a) { return op2(t, OGI_DIVIDE, number(t, 1), a); }
/* s + x^2 */
static size_t square_and(ogi_tape *t, double s, double factor, size_t a) {
  return op2(t, OGI_ADD, number(t, s), op2(t, OGI_MULTIPLY, number(t, factor), op2(t, OGI_MULTIPLY, a, a)));
}

/* d term / d operand of functions of one operand, as netlist/expr_eval.c has them. */
static size_t slope_of_one(ogi_tape *t, size_t k) {
  ogi_term x = t->terms.item[k];
  switch (x.op) {
    case OGI_NEGATE: return number(t, -1);
    case OGI_SIN: return op1(t, OGI_COS, x.a);
    case OGI_COS: return op1(t, OGI_NEGATE, op1(t, OGI_SIN, x.a));
    case OGI_TAN: return square_and(t, 1, 1, k);
    case OGI_ASIN: return inverse(t, op1(t, OGI_SQRT, square_and(t, 1, -1, x.a)));
    case OGI_ACOS: return op1(t, OGI_NEGATE, inverse(t, op1(t, OGI_SQRT, square_and(t, 1, -1, x.a))));
    case OGI_ATAN: return inverse(t, square_and(t, 1, 1, x.a));
    case OGI_SINH: return op1(t, OGI_COSH, x.a);
    case OGI_COSH: return op1(t, OGI_SINH, x.a);
    case OGI_TANH: return square_and(t, 1, -1, k);
    case OGI_ASINH: return inverse(t, op1(t, OGI_SQRT, square_and(t, 1, 1, x.a)));
    case OGI_ACOSH: return inverse(t, op1(t, OGI_SQRT, square_and(t, -1, 1, x.a)));
    case OGI_ATANH: return inverse(t, square_and(t, 1, -1, x.a));
    case OGI_EXP: return k;
    case OGI_LN: return inverse(t, x.a);
    case OGI_LOG10: return op2(t, OGI_MULTIPLY, number(t, 1 / log(10)), inverse(t, x.a));
    case OGI_SQRT:
      return ogi_tape_op(t, OGI_CHOOSE, op2(t, OGI_GT, x.a, 0), op2(t, OGI_DIVIDE, number(t, 0.5), k), 0);
    case OGI_ABS: return sign(t, x.a);
    case OGI_URAMP: return op2(t, OGI_GT, x.a, 0);
    default: return 0; /* steps and comparisons */
  }
}

/* d|x|^y/dx = y |x|^(y-1) sgn x, and without the sign of PWR; d/dy = |x|^y ln|x|, 0 at x = 0 */
static size_t slope_of_power(ogi_tape *t, size_t k, size_t da, size_t db) {
  ogi_term x = t->terms.item[k];
  size_t less = op2(t, OGI_SUBTRACT, x.b, number(t, 1));
  size_t by_a = op2(t, OGI_MULTIPLY, x.b, op2(t, OGI_POW, x.a, less));
  if (x.op == OGI_POW) by_a = op2(t, OGI_MULTIPLY, by_a, sign(t, x.a));
  size_t sum = op2(t, OGI_CHAIN, by_a, da);
  if (db == 0) return sum;
  size_t by_b = op2(t, OGI_MULTIPLY, k, op1(t, OGI_LN, op1(t, OGI_ABS, x.a)));
  by_b = ogi_tape_op(t, OGI_CHOOSE, op2(t, OGI_EQ, x.a, 0), 0, by_b);
  return op2(t, OGI_ADD, sum, op2(t, OGI_CHAIN, by_b, db));
}

/* Slope of term k, from those of its operands. */
static size_t slope(ogi_tape *t, size_t k, size_t da, size_t db, size_t dc) {
  ogi_term x = t->terms.item[k];
  switch (x.op) {
    case OGI_ADD:
    case OGI_SUBTRACT: return op2(t, x.op, da, db);
    case OGI_MULTIPLY:
      return op2(t, OGI_ADD, op2(t, OGI_MULTIPLY, da, x.b), op2(t, OGI_MULTIPLY, db, x.a));
    case OGI_DIVIDE: {
      size_t by = inverse(t, x.b), of_b = op2(t, OGI_CHAIN, op2(t, OGI_MULTIPLY, k, by), db);
      return op2(t, OGI_SUBTRACT, op2(t, OGI_CHAIN, by, da), of_b);
    }
    case OGI_CHOOSE: return ogi_tape_op(t, OGI_CHOOSE, x.a, db, dc);
    case OGI_MIN: return ogi_tape_op(t, OGI_CHOOSE, op2(t, OGI_LE, x.a, x.b), da, db);
    case OGI_MAX: return ogi_tape_op(t, OGI_CHOOSE, op2(t, OGI_GE, x.a, x.b), da, db);
    case OGI_POW:
    case OGI_PWR: return slope_of_power(t, k, da, db);
    default: return op2(t, OGI_CHAIN, slope_of_one(t, k), da);
  }
}

void ogi_tape_mark(const ogi_tape *t, const size_t *root, size_t roots, unsigned char *used) {
  for (size_t j = 0; j < roots; j++) used[root[j]] = 1;
  for (size_t k = t->terms.count; k-- > 0;) {
    const ogi_term *x = &t->terms.item[k];
    if (used[k] && x->op != OGI_NUMBER && x->op != OGI_CONTROL) used[x->a] = used[x->b] = used[x->c] = 1;
  }
}

void ogi_tape_slopes(ogi_tape *t, size_t unknown, const size_t *root, size_t roots, size_t *to) {
  size_t terms = t->terms.count, *d = ogi_alloc(terms, sizeof *d);
  unsigned char *used = ogi_alloc(terms, 1);
  for (size_t j = 0; j < roots; j++) to[j] = 0;
  t->failed |= d == NULL || used == NULL;
  if (!t->failed) ogi_tape_mark(t, root, roots, used);
  for (size_t k = 0; k < terms && !t->failed; k++) {
    ogi_term x = t->terms.item[k];
    if (!used[k] || !(x.needs >> unknown & 1)) continue;
    d[k] = x.op == OGI_CONTROL ? number(t, 1) : slope(t, k, d[x.a], d[x.b], d[x.c]);
  }
  for (size_t j = 0; j < roots && !t->failed; j++) to[j] = d[root[j]];
  ogi_free(d);
  ogi_free(used);
}
