/* SPDX-License-Identifier: BSD-3-Clause */
/** The parser: precedence climbing over a list of nodes. */
#include <config.h>

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_spice_number.h"
#include "netlist/ogi_expr_node.h"

/*
 * Each pair of brackets in a text counts twice, so 3 BRACKETS_MAX < NESTING_MAX: whatever was read can be printed and
 * read again.
 */
#define NESTING_MAX 400
#define BRACKETS_MAX 100 /* of the printed form */
#define NODES_MAX 4000   /* printing goes as deep as a sum is long */
#define WORD_MAX 256

typedef struct parser {
  const char *at;
  ogi_expr *e;
  const ogi_expr_names *names;
  int *nesting, own; /* own: where nobody else counts */
  og_error *err;
} parser;

static const struct {
  const char *name;
  ogi_op op;
  int operands;
} functions[] = {
    {"sin", OGI_SIN, 1},     {"cos", OGI_COS, 1},     {"tan", OGI_TAN, 1},     {"asin", OGI_ASIN, 1},
    {"acos", OGI_ACOS, 1},   {"atan", OGI_ATAN, 1},   {"arctan", OGI_ATAN, 1}, {"sinh", OGI_SINH, 1},
    {"cosh", OGI_COSH, 1},   {"tanh", OGI_TANH, 1},   {"asinh", OGI_ASINH, 1}, {"acosh", OGI_ACOSH, 1},
    {"atanh", OGI_ATANH, 1}, {"exp", OGI_EXP, 1},     {"ln", OGI_LN, 1},       {"log", OGI_LN, 1},
    {"log10", OGI_LOG10, 1}, {"sqrt", OGI_SQRT, 1},   {"abs", OGI_ABS, 1},     {"sgn", OGI_SGN, 1},
    {"u", OGI_STEP, 1},      {"uramp", OGI_URAMP, 1}, {"floor", OGI_FLOOR, 1}, {"ceil", OGI_CEIL, 1},
    {"nint", OGI_NINT, 1},   {"int", OGI_INT, 1},     {"min", OGI_MIN, 2},     {"max", OGI_MAX, 2},
    {"pow", OGI_POW, 2},     {"pwr", OGI_PWR, 2},     {"ternary_fcn", OGI_CHOOSE, 3},
};

static og_status bad(const parser *p, const char *need) {
  if (*p->at == '\0') return ogi_fail(p->err, OG_E_INPUT, "expression: saw its end, need %s", need);
  return ogi_fail(p->err, OG_E_INPUT, "expression: saw \"%.20s\", need %s", p->at, need);
}

static void skip_blanks(parser *p) {
  while (*p->at == ' ' || *p->at == '\t') p->at++;
}

/* Take a symbol if it comes next. */
static int take(parser *p, const char *symbol) {
  skip_blanks(p);
  size_t length = strlen(symbol);
  if (strncmp(p->at, symbol, length) != 0) return 0;
  p->at += length;
  return 1;
}

static og_status need(parser *p, const char *symbol, const char *what) {
  return take(p, symbol) ? OG_OK : bad(p, what);
}

/* Brackets inside brackets; a sum of sums, or a product of products, goes on without (expr_eval.c prints so). */
static int depth_of(const ogi_expr *e, const ogi_expr_node *node) {
  int depth = 0;
  if (node->op <= OGI_TIME) return 0;
  for (int j = 0; j < 3; j++) {
    const ogi_expr_node *operand = &e->nodes.item[node->operand[j]];
    int one = operand->depth + !(j == 0 && ogi_expr_goes_on(node->op, operand->op));
    depth = one > depth ? one : depth;
  }
  return depth;
}

static og_status append(parser *p, ogi_op op, size_t a, size_t b, size_t c, double value, size_t *index) {
  ogi_expr *e = p->e;
  if (e->nodes.count == NODES_MAX) return ogi_fail(p->err, OG_E_INPUT, "expression: saw more than %d parts", NODES_MAX);
  if (!OGI_ROOM(e->nodes)) return ogi_fail(p->err, OG_E_NOMEM, "expression");
  ogi_expr_node node = {.op = op, .operand = {a, b, c}, .value = value};
  node.depth = depth_of(e, &node);
  if (node.depth > BRACKETS_MAX) return ogi_fail(p->err, OG_E_INPUT, "expression: nested deeper than %d", BRACKETS_MAX);
  *index = e->nodes.count;
  e->nodes.item[e->nodes.count++] = node;
  return OG_OK;
}

static og_status too_deep(const parser *p) {
  return ogi_fail(p->err, OG_E_INPUT, "expression: nested deeper than %d", NESTING_MAX);
}

static og_status parse_choice(parser *p, size_t *index);

static int is_word(char c) { return isalnum((unsigned char)c) || (c != '\0' && strchr("_.#:!$[]", c) != NULL); }

/* A name into word; nodes may hold more signs than parameters, so what ends one depends on the place. */
static og_status read_word(parser *p, char word[WORD_MAX], int is_node) {
  size_t used = 0;
  skip_blanks(p);
  while (is_node ? *p->at != '\0' && strchr(" \t,()", *p->at) == NULL : is_word(*p->at)) {
    if (used == WORD_MAX - 1)
      return ogi_fail(p->err, OG_E_INPUT, "expression: name of more than %d letters", WORD_MAX - 1);
    word[used++] = *p->at++;
  }
  word[used] = '\0';
  return used > 0 ? OG_OK : bad(p, "a name");
}

/* v(a), v(a,b), i(source): the opening parenthesis is taken. */
static og_status parse_control(parser *p, char kind, size_t *index) {
  og_status st;
  char a[WORD_MAX], b[WORD_MAX] = "";
  size_t number = 0;
  if (p->names->control == NULL)
    return ogi_fail(p->err, OG_E_INPUT, "expression: saw %c(...), need numbers and parameters only", kind);
  OGI_TRY(st, read_word(p, a, 1));
  if (kind == 'v' && take(p, ",")) OGI_TRY(st, read_word(p, b, 1));
  OGI_TRY(st, need(p, ")", "\")\""));
  OGI_TRY(st, p->names->control(p->names->user, kind, a, b[0] != '\0' ? b : NULL, &number, p->err));
  st = append(p, OGI_CONTROL, number, 0, 0, 0, index);
done:
  return st;
}

static og_status parse_call(parser *p, const char *word, size_t *index) {
  og_status st = OG_OK;
  size_t k = 0, count = sizeof functions / sizeof *functions, operand[3] = {0};
  while (k < count && strcmp(functions[k].name, word) != 0) k++;
  if (k == count) return ogi_fail(p->err, OG_E_INPUT, "expression: no function %s", word);
  for (int j = 0; j < functions[k].operands; j++) {
    if (j > 0) OGI_TRY(st, need(p, ",", "\",\" and another operand"));
    OGI_TRY(st, parse_choice(p, &operand[j]));
  }
  OGI_TRY(st, need(p, ")", "\")\""));
  ogi_op op = functions[k].op;
  if (op == OGI_INT && p->names->control != NULL)
    return ogi_fail(p->err, OG_E_INPUT, "expression: saw int(), which ngspice's sources do not have, need floor()");
  if (op == OGI_POW && p->names->control == NULL) op = OGI_POW_SIGNED;
  if (op == OGI_PWR && p->names->control == NULL) op = OGI_POW;
  st = append(p, op, operand[0], operand[1], operand[2], 0, index);
done:
  return st;
}

static og_status parse_name(parser *p, size_t *index) {
  static const struct {
    const char *name;
    double value;
  } constants[] = {{"pi", 3.14159265358979323846}, {"e", 2.71828182845904523536}};
  og_status st;
  char word[WORD_MAX];
  double value = 0;
  OGI_TRY(st, read_word(p, word, 0));
  if (take(p, "(")) {
    int control = (word[0] == 'v' || word[0] == 'i') && word[1] == '\0';
    return control ? parse_control(p, word[0], index) : parse_call(p, word, index);
  }
  if (p->names->control != NULL && strcmp(word, "time") == 0) return append(p, OGI_TIME, 0, 0, 0, 0, index);
  if (strcmp(word, "temper") == 0) return append(p, OGI_NUMBER, 0, 0, 0, p->names->celsius, index);
  og_error unknown = {0};
  st = p->names->parameter(p->names->user, word, &value, &unknown);
  for (size_t k = 0; st == OG_E_INPUT && k < sizeof constants / sizeof *constants; k++)
    if (strcmp(word, constants[k].name) == 0) return append(p, OGI_NUMBER, 0, 0, 0, constants[k].value, index);
  if (st == OG_OK) st = append(p, OGI_NUMBER, 0, 0, 0, value, index);
  else if (p->err != NULL) *p->err = unknown;
done:
  return st;
}

static og_status parse_primary(parser *p, size_t *index) {
  og_status st;
  skip_blanks(p);
  int brace = *p->at == '{';
  if (brace || *p->at == '(') {
    p->at++;
    OGI_TRY(st, parse_choice(p, index));
    return brace ? need(p, "}", "\"}\"") : need(p, ")", "\")\"");
  }
  if (isdigit((unsigned char)*p->at) || *p->at == '.') {
    double value;
    const char *end;
    if (!ogi_spice_number(p->at, &end, &value)) return bad(p, "a number");
    p->at = end;
    return append(p, OGI_NUMBER, 0, 0, 0, value, index);
  }
  st = isalpha((unsigned char)*p->at) || *p->at == '_' ? parse_name(p, index) : bad(p, "a number, name or \"(\"");
done:
  return st;
}

static og_status parse_unary(parser *p, size_t *index);

/* Powers bind from the left, and their exponent may have a sign: 2^-1. */
static og_status parse_power(parser *p, size_t *index) {
  og_status st;
  size_t exponent;
  OGI_TRY(st, parse_primary(p, index));
  while (take(p, "**") || take(p, "^")) {
    int minus = take(p, "-");
    if (!minus) take(p, "+");
    OGI_TRY(st, parse_primary(p, &exponent));
    if (minus) OGI_TRY(st, append(p, OGI_NEGATE, exponent, 0, 0, 0, &exponent));
    OGI_TRY(st, append(p, OGI_POW, *index, exponent, 0, 0, index));
  }
done:
  return st;
}

static og_status parse_unary(parser *p, size_t *index) {
  og_status st = OG_OK;
  if (*p->nesting == NESTING_MAX) return too_deep(p);
  ++*p->nesting;
  int minus = take(p, "-"), plus = !minus && take(p, "+");
  skip_blanks(p);
  int not = !minus && !plus && p->at[0] == '!' && p->at[1] != '=';
  if (not) p->at++;
  if (minus || plus || not) {
    OGI_TRY(st, parse_unary(p, index));
    if (minus || not) st = append(p, minus ? OGI_NEGATE : OGI_NOT, *index, 0, 0, 0, index);
  } else {
    st = parse_power(p, index);
  }
done:
  --*p->nesting;
  return st;
}

/* Binary operators by how tightly they bind; a symbol that begins another stands after it. */
static const struct {
  const char *symbol;
  int level;
  ogi_op op;
} operators[] = {
    {"||", 0, OGI_OR},  {"&&", 1, OGI_AND}, {"==", 2, OGI_EQ}, {"!=", 2, OGI_NE}, {"<>", 2, OGI_NE},
    {"<=", 2, OGI_LE},  {">=", 2, OGI_GE},  {"<", 2, OGI_LT},  {">", 2, OGI_GT},  {"+", 3, OGI_ADD},
    {"-", 3, OGI_SUBTRACT}, {"*", 4, OGI_MULTIPLY}, {"/", 4, OGI_DIVIDE},
};
#define LEVELS 5

static const ogi_op no_operator = OGI_NUMBER;

static ogi_op take_operator(parser *p, int level) {
  for (size_t k = 0; k < sizeof operators / sizeof *operators; k++)
    if (operators[k].level == level && take(p, operators[k].symbol)) return operators[k].op;
  return no_operator;
}

static og_status parse_level(parser *p, int level, size_t *index) {
  og_status st;
  size_t right;
  if (level == LEVELS) return parse_unary(p, index);
  OGI_TRY(st, parse_level(p, level + 1, index));
  for (ogi_op op = take_operator(p, level); op != no_operator; op = take_operator(p, level)) {
    OGI_TRY(st, parse_level(p, level + 1, &right));
    OGI_TRY(st, append(p, op, *index, right, 0, 0, index));
  }
done:
  return st;
}

static og_status parse_choice(parser *p, size_t *index) {
  og_status st = OG_OK;
  size_t yes, no;
  if (*p->nesting == NESTING_MAX) return too_deep(p);
  ++*p->nesting;
  OGI_TRY(st, parse_level(p, 0, index));
  if (take(p, "?")) {
    OGI_TRY(st, parse_choice(p, &yes));
    OGI_TRY(st, need(p, ":", "\":\""));
    OGI_TRY(st, parse_choice(p, &no));
    st = append(p, OGI_CHOOSE, *index, yes, no, 0, index);
  }
done:
  --*p->nesting;
  return st;
}

og_status ogi_expr_parse(ogi_expr **out, const char *text, const ogi_expr_names *names, og_error *err) {
  og_status st = OG_OK;
  size_t root;
  *out = NULL;
  parser p = {.at = text, .names = names, .err = err, .e = ogi_alloc(1, sizeof *p.e)};
  if (p.e == NULL) return ogi_fail(err, OG_E_NOMEM, "expression");
  p.nesting = names->nesting != NULL ? names->nesting : &p.own;
  OGI_TRY(st, parse_choice(&p, &root));
  skip_blanks(&p);
  if (*p.at != '\0') st = bad(&p, "an operator or the end");
done:
  if (st == OG_OK) *out = p.e;
  else ogi_expr_free(p.e);
  return st;
}

void ogi_expr_free(ogi_expr *e) {
  if (e == NULL) return;
  ogi_free(e->nodes.item);
  ogi_free(e);
}

int ogi_expr_is_constant(const ogi_expr *e) {
  for (size_t k = 0; k < e->nodes.count; k++)
    if (e->nodes.item[k].op == OGI_CONTROL || e->nodes.item[k].op == OGI_TIME) return 0;
  return 1;
}
