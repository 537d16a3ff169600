/* SPDX-License-Identifier: BSD-3-Clause */
/** Value, slopes and text of an expression. */
#include <config.h>

#include <math.h>

#include "netlist/ogi_expr_node.h"

/* Nodes need their value and a slope for each control. */
size_t ogi_expr_room(const ogi_expr *e, size_t controls) { return e->nodes.count * (1 + controls); }

/* d/dx |x|^y = y |x|^(y-1) sgn(x) */
static double power_slope(double x, double y) { return y * pow(fabs(x), y - 1) * (x < 0 ? -1 : 1); }

/* d/dy |x|^y = |x|^y ln|x|; 0 at x = 0, where the power is flat for y > 0 */
static double exponent_slope(double x, double y) { return x == 0 ? 0 : pow(fabs(x), y) * log(fabs(x)); }

typedef struct result {
  double value, by[2]; /* slopes by the operands */
} result;

static result compare(ogi_op op, double x, double y) {
  int is = 0;
  switch (op) {
    case OGI_LT: is = x < y; break;
    case OGI_LE: is = x <= y; break;
    case OGI_GT: is = x > y; break;
    case OGI_GE: is = x >= y; break;
    case OGI_EQ: is = x == y; break;
    case OGI_NE: is = x != y; break;
    case OGI_AND: is = x != 0 && y != 0; break;
    case OGI_OR: is = x != 0 || y != 0; break;
    default: is = x == 0; break; /* OGI_NOT */
  }
  return (result){is, {0, 0}};
}

static result of_one(ogi_op op, double x) {
  switch (op) {
    case OGI_NEGATE: return (result){-x, {-1, 0}};
    case OGI_SIN: return (result){sin(x), {cos(x), 0}};
    case OGI_COS: return (result){cos(x), {-sin(x), 0}};
    case OGI_TAN: return (result){tan(x), {1 + tan(x) * tan(x), 0}};
    case OGI_ASIN: return (result){asin(x), {1 / sqrt(1 - x * x), 0}};
    case OGI_ACOS: return (result){acos(x), {-1 / sqrt(1 - x * x), 0}};
    case OGI_ATAN: return (result){atan(x), {1 / (1 + x * x), 0}};
    case OGI_SINH: return (result){sinh(x), {cosh(x), 0}};
    case OGI_COSH: return (result){cosh(x), {sinh(x), 0}};
    case OGI_TANH: return (result){tanh(x), {1 - tanh(x) * tanh(x), 0}};
    case OGI_ASINH: return (result){asinh(x), {1 / sqrt(x * x + 1), 0}};
    case OGI_ACOSH: return (result){acosh(x), {1 / sqrt(x * x - 1), 0}};
    case OGI_ATANH: return (result){atanh(x), {1 / (1 - x * x), 0}};
    case OGI_EXP: return (result){exp(x), {exp(x), 0}};
    case OGI_LN: return (result){log(x), {1 / x, 0}};
    case OGI_LOG10: return (result){log10(x), {1 / (x * log(10)), 0}};
    case OGI_SQRT: return (result){sqrt(x), {x > 0 ? 0.5 / sqrt(x) : 0, 0}};
    case OGI_ABS: return (result){fabs(x), {x < 0 ? -1 : 1, 0}};
    case OGI_SGN: return (result){(x > 0) - (x < 0), {0, 0}};
    case OGI_STEP: return (result){x > 0 ? 1 : x < 0 ? 0 : 0.5, {0, 0}};
    case OGI_URAMP: return (result){x > 0 ? x : 0, {x > 0, 0}};
    case OGI_FLOOR: return (result){floor(x), {0, 0}};
    case OGI_CEIL: return (result){ceil(x), {0, 0}};
    case OGI_NINT: return (result){nearbyint(x), {0, 0}};
    default: return (result){trunc(x), {0, 0}}; /* OGI_INT */
  }
}

static result of_two(ogi_op op, double x, double y) {
  switch (op) {
    case OGI_ADD: return (result){x + y, {1, 1}};
    case OGI_SUBTRACT: return (result){x - y, {1, -1}};
    case OGI_MULTIPLY: return (result){x * y, {y, x}};
    case OGI_DIVIDE: return (result){x / y, {1 / y, -x / (y * y)}};
    case OGI_MIN: return x <= y ? (result){x, {1, 0}} : (result){y, {0, 1}};
    case OGI_MAX: return x >= y ? (result){x, {1, 0}} : (result){y, {0, 1}};
    case OGI_POW: return (result){pow(fabs(x), y), {power_slope(x, y), exponent_slope(x, y)}};
    case OGI_PWR: {
      double sign = (x > 0) - (x < 0);
      return (result){sign * pow(fabs(x), y), {y * pow(fabs(x), y - 1), sign * exponent_slope(x, y)}};
    }
    case OGI_POW_SIGNED: return (result){pow(x, y), {0, 0}}; /* in parameters only, which have no slopes */
    default: return compare(op, x, y);
  }
}

/* A slope of 0 stays 0 whatever it is multiplied with: what does not depend on a control cannot spoil its slope. */
static double chain(double by, double slope) { return slope == 0 ? 0 : by * slope; }

int ogi_expr_eval(const ogi_expr *e, double second, const double *x, size_t controls, double *value, double *slope,
                  double *room) {
  size_t stride = 1 + controls;
  for (size_t k = 0; k < e->nodes.count; k++) {
    const ogi_expr_node *node = &e->nodes.item[k];
    double *to = room + k * stride;
    const double *a = room + node->operand[0] * stride, *b = room + node->operand[1] * stride;
    for (size_t c = 0; c < stride; c++) to[c] = 0;
    if (node->op == OGI_NUMBER) {
      to[0] = node->value;
    } else if (node->op == OGI_TIME) {
      to[0] = second;
    } else if (node->op == OGI_CONTROL) {
      to[0] = x[node->operand[0]];
      to[1 + node->operand[0]] = 1;
    } else if (node->op == OGI_CHOOSE) {
      const double *chosen = a[0] != 0 ? b : room + node->operand[2] * stride;
      for (size_t c = 0; c < stride; c++) to[c] = chosen[c];
    } else if (ogi_expr_takes_two(node->op)) {
      result r = of_two(node->op, a[0], b[0]);
      to[0] = r.value;
      for (size_t c = 1; c < stride; c++) to[c] = chain(r.by[0], a[c]) + chain(r.by[1], b[c]);
    } else {
      result r = node->op == OGI_NOT ? compare(OGI_NOT, a[0], 0) : of_one(node->op, a[0]);
      to[0] = r.value;
      for (size_t c = 1; c < stride; c++) to[c] = chain(r.by[0], a[c]);
    }
  }
  const double *last = room + (e->nodes.count - 1) * stride;
  int broken = !isfinite(last[0]);
  *value = last[0];
  for (size_t c = 0; c < controls; c++) {
    if (slope != NULL) slope[c] = last[1 + c];
    broken |= !isfinite(last[1 + c]);
  }
  return broken;
}

/* ---- text ---- */

static const char *const symbols[OGI_OP_COUNT] = {
    [OGI_ADD] = "+",       [OGI_SUBTRACT] = "-",  [OGI_MULTIPLY] = "*",  [OGI_DIVIDE] = "/",   [OGI_LT] = "<",
    [OGI_LE] = "<=",       [OGI_GT] = ">",        [OGI_GE] = ">=",       [OGI_EQ] = "==",      [OGI_NE] = "!=",
    [OGI_AND] = "&&",      [OGI_OR] = "||",       [OGI_SIN] = "sin",     [OGI_COS] = "cos",    [OGI_TAN] = "tan",
    [OGI_ASIN] = "asin",   [OGI_ACOS] = "acos",   [OGI_ATAN] = "atan",   [OGI_SINH] = "sinh",  [OGI_COSH] = "cosh",
    [OGI_TANH] = "tanh",   [OGI_ASINH] = "asinh", [OGI_ACOSH] = "acosh", [OGI_ATANH] = "atanh", [OGI_EXP] = "exp",
    [OGI_LN] = "ln",       [OGI_LOG10] = "log10", [OGI_SQRT] = "sqrt",   [OGI_ABS] = "abs",    [OGI_SGN] = "sgn",
    [OGI_STEP] = "u",      [OGI_URAMP] = "uramp", [OGI_FLOOR] = "floor", [OGI_CEIL] = "ceil",  [OGI_NINT] = "nint",
    [OGI_MIN] = "min",     [OGI_MAX] = "max",     [OGI_POW] = "pow",     [OGI_PWR] = "pwr",
};

typedef struct printer {
  FILE *out;
  const ogi_expr *e;
  void (*name)(FILE *out, void *user, size_t control);
  void *user;
} printer;

static void print_node(const printer *p, size_t k);

/* a + b between brackets, which enclose a longer sum as a whole. */
static void print_infix(const printer *p, const ogi_expr_node *node) {
  const ogi_expr_node *first = &p->e->nodes.item[node->operand[0]];
  if (ogi_expr_goes_on(node->op, first->op)) print_infix(p, first);
  else print_node(p, node->operand[0]);
  fputs(symbols[node->op], p->out);
  print_node(p, node->operand[1]);
}

/* Its depth is bounded by the parser's limits. */
static void print_node(const printer *p, size_t k) {
  const ogi_expr_node *node = &p->e->nodes.item[k];
  switch (node->op) {
    case OGI_NUMBER: fprintf(p->out, node->value < 0 ? "(%.17g)" : "%.17g", node->value); return;
    case OGI_TIME: fputs("time", p->out); return;
    case OGI_CONTROL: p->name(p->out, p->user, node->operand[0]); return;
    case OGI_CHOOSE:
      fputc('(', p->out);
      print_node(p, node->operand[0]);
      fputs(" ? ", p->out);
      print_node(p, node->operand[1]);
      fputs(" : ", p->out);
      print_node(p, node->operand[2]);
      fputc(')', p->out);
      return;
    case OGI_NEGATE:
    case OGI_NOT:
      fputs(node->op == OGI_NOT ? "(!" : "(-", p->out);
      print_node(p, node->operand[0]);
      fputc(')', p->out);
      return;
    default: break;
  }
  if (node->op >= OGI_ADD && node->op <= OGI_OR) {
    fputc('(', p->out);
    print_infix(p, node);
  } else {
    fprintf(p->out, "%s(", symbols[node->op]);
    print_node(p, node->operand[0]);
    if (ogi_expr_takes_two(node->op)) {
      fputc(',', p->out);
      print_node(p, node->operand[1]);
    }
  }
  fputc(')', p->out);
}

void ogi_expr_print(FILE *out, const ogi_expr *e, void (*name)(FILE *out, void *user, size_t control), void *user) {
  const printer p = {out, e, name, user};
  print_node(&p, e->nodes.count - 1);
}
