/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_expr.h
 * Expressions of decks: of parameters (numbers only) and of behavioural sources (potentials, currents, time).
 *
 * The language is ngspice's: + - * / ^ ** < <= > >= == != <> && || ! ?: and functions. Also its peculiarities, measured
 * with ngspice 39: x^y and x**y are |x|^y and bind from the left (2^3^2 = 64), -2^2 = -4, log is the natural logarithm.
 * In sources pow(x,y) = |x|^y and pwr(x,y) = sgn(x) |x|^y; in parameters pow keeps the sign and pwr is |x|^y.
 *
 * An expression is kept as a list in which every node stands after its operands, so that it is evaluated, with its
 * slopes, in one loop and printed without any text of the user's: a deck cannot say anything through it.
 */
#ifndef OGI_EXPR_H
#define OGI_EXPR_H

#include <stdio.h>

#include "base/ogi_error.h"

typedef struct ogi_expr ogi_expr; /**< opaque */

/** What names in an expression mean. */
typedef struct ogi_expr_names {
  void *user;
  /** Value of a parameter; OG_E_INPUT if there is none of that name. */
  og_status (*parameter)(void *user, const char *name, double *value, og_error *err);
  /**
   * Number of a control: kind 'v' the potential of a node (two nodes: the difference), kind 'i' the current of a source.
   * NULL: the expression is one of parameters, which has none.
   */
  og_status (*control)(void *user, char kind, const char *a, const char *b, size_t *number, og_error *err);
  double celsius; /**< temper */
  int *nesting;   /**< how deep the parser stands, over expressions that ask for others; NULL: only this one */
} ogi_expr_names;

/**
 * Parse text, in lower case, up to its end.
 * @retval OG_E_INPUT  not an expression, an unknown name or function, too deep or too long; err says what
 * @retval OG_E_NOMEM
 */
og_status ogi_expr_parse(ogi_expr **out, const char *text, const ogi_expr_names *names, og_error *err);
void ogi_expr_free(ogi_expr *e);

/** 1 if the value depends on no control and not on time. */
int ogi_expr_is_constant(const ogi_expr *e);

/** Doubles of workspace that ogi_expr_eval needs for so many controls. */
size_t ogi_expr_room(const ogi_expr *e, size_t controls);
/**
 * Value at controls x and time, and its slope by each control (slope may be NULL).
 * @return 0, or 1 if value or a slope is not finite
 */
int ogi_expr_eval(const ogi_expr *e, double second, const double *x, size_t controls, double *value, double *slope,
                  double *room);

/** Print for ngspice, in parentheses wherever they could matter, numbers with 17 digits. name prints control k. */
void ogi_expr_print(FILE *out, const ogi_expr *e, void (*name)(FILE *out, void *user, size_t control), void *user);

#endif
