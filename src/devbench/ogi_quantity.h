/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_quantity.h  Numbers of cards and benches: with any unit, or as an expression of swept parameters. */
#ifndef OGI_QUANTITY_H
#define OGI_QUANTITY_H

#include <stddef.h>

#include "base/ogi_error.h"

enum { OGI_UNIT_MAX = 24 };

/**
 * Read a number with an SI prefix and a unit that nobody has told before: "100 uS", "2", "10 nm/s".
 * @param[in,out] unit  "" or the unit that it has to have; becomes the unit seen
 * @retval OG_E_INPUT no number;  @retval OG_E_RANGE another unit, or no finite number
 */
og_status ogi_quantity_parse(double *out, const char *text, char unit[OGI_UNIT_MAX], og_error *err);

/** Names and values that a text may use. */
typedef struct ogi_values {
  size_t count;
  const char *const *name;
  const double *value;
} ogi_values;

/** How {name} is replaced by its value. */
typedef enum ogi_spell {
  OGI_SPELL_NUMBER,     /**< 17 digits                        */
  OGI_SPELL_EXPRESSION, /**< the same in parentheses          */
  OGI_SPELL_PEOPLE      /**< 6 digits                         */
} ogi_spell;

/**
 * Replace every {name} or {expression of names} by its value. Wants the C numeric locale.
 * @param[out] out the caller's (ogi_free); NULL on failure
 * @retval OG_E_INPUT no such name, or an open brace;  @retval OG_E_NOMEM
 */
og_status ogi_substitute(char **out, const char *text, const ogi_values *values, ogi_spell how, og_error *err);

/**
 * Value of a number in a unit ("70n", "1 uS"), or of an expression of numbers and names ("2*{tau}"), as ogi_expr.h has it.
 * Wants the C numeric locale.
 * @retval OG_E_INPUT, OG_E_RANGE not finite, OG_E_NOMEM
 */
og_status ogi_evaluate(double *out, const char *text, const char *unit, const ogi_values *values, og_error *err);

#endif
