/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_expr_node.h  Inside of ogi_expr: the list of nodes. The last node is the value. */
#ifndef OGI_EXPR_NODE_H
#define OGI_EXPR_NODE_H

#include "base/ogi_list.h"
#include "netlist/ogi_expr.h"

typedef enum ogi_op {
  OGI_NUMBER, OGI_CONTROL, OGI_TIME,
  OGI_ADD, OGI_SUBTRACT, OGI_MULTIPLY, OGI_DIVIDE, OGI_NEGATE,
  OGI_LT, OGI_LE, OGI_GT, OGI_GE, OGI_EQ, OGI_NE, OGI_AND, OGI_OR, OGI_NOT, OGI_CHOOSE,
  OGI_SIN, OGI_COS, OGI_TAN, OGI_ASIN, OGI_ACOS, OGI_ATAN, OGI_SINH, OGI_COSH, OGI_TANH, OGI_ASINH, OGI_ACOSH,
  OGI_ATANH, OGI_EXP, OGI_LN, OGI_LOG10, OGI_SQRT, OGI_ABS, OGI_SGN, OGI_STEP, OGI_URAMP, OGI_FLOOR, OGI_CEIL,
  OGI_NINT, OGI_INT, OGI_MIN, OGI_MAX,
  OGI_POW,        /* |x|^y        */
  OGI_PWR,        /* sgn(x) |x|^y */
  OGI_POW_SIGNED, /* x^y, NaN for a negative x and a broken y */
  OGI_OP_COUNT
} ogi_op;

typedef struct ogi_expr_node {
  ogi_op op;
  size_t operand[3]; /* earlier nodes; OGI_CONTROL: operand[0] is the control */
  double value;      /* of OGI_NUMBER */
  int depth;         /* of brackets around what stands in it once it is printed */
} ogi_expr_node;

/** 1 if an operation goes on behind its first operand without brackets: a+b-c, a*b/c, as read from the left. */
static inline int ogi_expr_goes_on(ogi_op op, ogi_op first) {
  int sum = op == OGI_ADD || op == OGI_SUBTRACT, product = op == OGI_MULTIPLY || op == OGI_DIVIDE;
  return (sum && (first == OGI_ADD || first == OGI_SUBTRACT)) ||
         (product && (first == OGI_MULTIPLY || first == OGI_DIVIDE));
}

/** 1 if an operation has two operands. */
static inline int ogi_expr_takes_two(ogi_op op) {
  return (op >= OGI_ADD && op <= OGI_DIVIDE) || (op >= OGI_LT && op <= OGI_OR) || op >= OGI_MIN;
}

struct ogi_expr {
  OGI_LIST(ogi_expr_node) nodes;
};

#endif
