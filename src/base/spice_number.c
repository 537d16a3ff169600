/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/ogi_spice_number.h"

/* 767 digits decide the rounding of any decimal to a double; behind them it only matters whether a digit is not 0. */
enum { DIGITS_KEPT = 800, EXPONENT_MAX = 100000 };

/* The longest come first: "meg" and "mil" before "m". */
static const struct {
  const char *text;
  size_t length;
  int exponent;
} suffixes[] = {{"meg", 3, 6}, {"mil", 3, 0}, {"t", 1, 12}, {"g", 1, 9},   {"k", 1, 3},   {"m", 1, -3},
                {"u", 1, -6},  {"n", 1, -9},   {"p", 1, -12}, {"f", 1, -15}, {"a", 1, -18}};

/* A whole number and its decimal exponent: without a point, strtod means the same in every locale. */
typedef struct decimal {
  char text[DIGITS_KEPT + 32];
  size_t kept, digits; /* significant ones in text; all that were read */
  long exponent;
} decimal;

static int is_digit(char c) { return c >= '0' && c <= '9'; }
static int is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static void take_digit(decimal *d, char digit, int behind_point) {
  d->digits++;
  if (d->kept == 0 && digit == '0') { /* a zero in front */
    d->exponent -= behind_point;
  } else if (d->kept < DIGITS_KEPT) {
    d->text[d->kept++] = digit;
    d->exponent -= behind_point;
  } else {
    if (digit != '0') d->text[DIGITS_KEPT - 1] = d->text[DIGITS_KEPT - 1] == '0' ? '1' : d->text[DIGITS_KEPT - 1];
    d->exponent += !behind_point;
  }
}

static const char *read_mantissa(const char *p, decimal *d) {
  for (; is_digit(*p); p++) take_digit(d, *p, 0);
  if (*p == '.')
    for (p++; is_digit(*p); p++) take_digit(d, *p, 1);
  return p;
}

/* "e-9" at p, if there is a digit; else the e is a letter like any other. */
static const char *read_exponent(const char *p, decimal *d) {
  long exponent = 0;
  if (*p != 'e' && *p != 'E' && *p != 'd' && *p != 'D') return p;
  const char *q = p + 1;
  int negative = *q == '-';
  if (*q == '-' || *q == '+') q++;
  if (!is_digit(*q)) return p;
  for (; is_digit(*q); q++)
    if (exponent < EXPONENT_MAX) exponent = 10 * exponent + (*q - '0');
  d->exponent += negative ? -exponent : exponent;
  return q;
}

int ogi_spice_number(const char *text, const char **end, double *value) {
  decimal d = {.kept = 0};
  int negative = *text == '-', mil = 0;
  const char *start = text + (*text == '-' || *text == '+'), *p = read_mantissa(start, &d);
  if (d.digits == 0 || (start[0] == '0' && (start[1] == 'x' || start[1] == 'X'))) return 0;
  p = read_exponent(p, &d);
  for (size_t k = 0; k < sizeof suffixes / sizeof *suffixes; k++) {
    if (strncasecmp(p, suffixes[k].text, suffixes[k].length) != 0) continue;
    d.exponent += suffixes[k].exponent;
    mil = suffixes[k].text[1] == 'i';
    break;
  }
  while (is_letter(*p)) p++;
  if (d.kept == 0) d.text[d.kept++] = '0';
  snprintf(d.text + d.kept, sizeof d.text - d.kept, "e%ld", d.exponent);
  double read = strtod(d.text, NULL);
  if (mil) read = read * 254 / 1e7; /* 1 mil = 1e-3 inch = 25.4e-6 m; few mils are exact in this order */
  if (isinf(read)) return 0;
  *value = negative ? -read : read;
  if (end != NULL) *end = p;
  return 1;
}
