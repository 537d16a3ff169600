/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ogi_file.h"
#include "base/ogi_units.h"

enum { DIGITS_MAX = 400, EXPONENT_MAX = 100000 };

/* The micro sign has two code points (U+00B5 and the Greek letter U+03BC); keyboards and editors produce both. */
static const struct {
  const char *text;
  int exponent;
} prefixes[] = {{"a", -18}, {"f", -15}, {"p", -12}, {"n", -9}, {"u", -6}, {"\xc2\xb5", -6}, {"\xce\xbc", -6},
                {"m", -3},  {"k", 3},   {"M", 6},   {"G", 9},  {"T", 12}};

static int is_digit(char c) { return c >= '0' && c <= '9'; }

static const char *skip_blanks(const char *p) {
  while (*p == ' ' || *p == '\t') p++;
  return p;
}

/* Is text this unit? Ohm has its letter at two code points as well, and people write it with a capital. */
static int is_unit(const char *text, const char *unit) {
  if (strcmp(text, unit) == 0) return 1;
  if (strcmp(unit, "ohm") != 0) return 0;
  return strcmp(text, "Ohm") == 0 || strcmp(text, "\xce\xa9") == 0 || strcmp(text, "\xe2\x84\xa6") == 0;
}

/* Decimal exponent of a suffix "[prefix][unit]" to *exponent; returns 0 if it is none. */
static int suffix_exponent(const char *suffix, const char *unit, int *exponent) {
  *exponent = 0;
  if (suffix[0] == '\0' || is_unit(suffix, unit)) return 1;
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
    size_t length = strlen(prefixes[i].text);
    if (strncmp(suffix, prefixes[i].text, length) != 0) continue;
    if (suffix[length] != '\0' && !is_unit(suffix + length, unit)) continue;
    *exponent = prefixes[i].exponent;
    return 1;
  }
  return 0;
}

/* Length of "123.45" at p, 0 if there is no digit. */
static size_t mantissa_length(const char *p) {
  const char *start = p;
  int digits = 0;
  for (; is_digit(*p); p++) digits++;
  if (*p == '.')
    for (p++; is_digit(*p); p++) digits++;
  return digits > 0 ? (size_t)(p - start) : 0;
}

/* Reads "e-9" at p if it is one, and steps over it. A number no double could have is cut, not overflowed. */
static const char *read_exponent(const char *p, long *exponent) {
  *exponent = 0;
  if (*p != 'e' && *p != 'E') return p;
  const char *q = p + 1;
  int negative = *q == '-';
  if (*q == '-' || *q == '+') q++;
  if (!is_digit(*q)) return p;
  for (; is_digit(*q); q++)
    if (*exponent < EXPONENT_MAX) *exponent = 10 * *exponent + (*q - '0');
  if (negative) *exponent = -*exponent;
  return q;
}

/* Length of a word for infinity at p, 0 if there is none. */
static size_t infinity_length(const char *p) {
  size_t dot = *p == '.' ? 1 : 0;
  if (strncasecmp(p + dot, "infinity", 8) == 0) return dot + 8;
  return strncasecmp(p + dot, "inf", 3) == 0 ? dot + 3 : 0;
}

/* Copy of a suffix without blanks at its end; 0 if it is longer than any unit. */
static int copy_suffix(char *suffix, size_t size, const char *p) {
  size_t length = strlen(p);
  while (length > 0 && strchr(" \t\r\n", p[length - 1]) != NULL) length--;
  if (length >= size) return 0;
  memcpy(suffix, p, length);
  suffix[length] = '\0';
  return 1;
}

void ogi_show(char out[OGI_SHOW_MAX], const char *text) {
  size_t length = strlen(text), room = OGI_SHOW_MAX - sizeof "\"...\"";
  int cut = length > room;
  if (cut)
    for (length = room; length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80;) length--; /* whole characters */
  char *q = out;
  *q++ = '"';
  for (size_t i = 0; i < length; i++) *q++ = (unsigned char)text[i] < 32 || text[i] == 127 ? '?' : text[i];
  snprintf(q, sizeof "...\"", "%s\"", cut ? "..." : "");
}

static og_status fail_unit(og_error *err, const char *shown, const char *unit) {
  if (unit[0] == '\0')
    return ogi_fail(err, OG_E_RANGE, "saw %s, need a number without a unit; prefixes a f p n u m k M G T", shown);
  return ogi_fail(err, OG_E_RANGE, "saw %s, need a number in %s, such as 1.5 or 1.5 k%s; prefixes a f p n u m k M G T",
                  shown, unit, unit);
}

og_status ogi_units_parse(double *out, const char *text, const char *unit, og_error *err) {
  char number[DIGITS_MAX + 32], suffix[32], shown[OGI_SHOW_MAX];
  long exponent = 0;
  int shift = 0;
  ogi_show(shown, text);
  const char *p = skip_blanks(text);
  int negative = *p == '-';
  if (*p == '-' || *p == '+') p++;
  size_t infinite = infinity_length(p), length = infinite > 0 ? infinite : mantissa_length(p);
  if (length == 0 || length > DIGITS_MAX || (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')))
    return ogi_fail(err, OG_E_INPUT, "saw %s, need a decimal number%s%s%s", shown, unit[0] == '\0' ? "" : " (",
                    unit, unit[0] == '\0' ? "" : ")");
  const char *rest = infinite > 0 ? p + length : read_exponent(p + length, &exponent);
  if (!copy_suffix(suffix, sizeof suffix, skip_blanks(rest)) || !suffix_exponent(suffix, unit, &shift))
    return fail_unit(err, shown, unit);
  double value = INFINITY;
  if (infinite == 0) {
    snprintf(number, sizeof number, "%.*se%ld", (int)length, p, exponent + shift);
    ogi_locale locale;
    ogi_locale_begin(&locale);
    errno = 0;
    value = strtod(number, NULL);
    ogi_locale_end(&locale);
    if (errno == ERANGE && (isinf(value) || value == 0))
      return ogi_fail(err, OG_E_RANGE, "saw %s, need a magnitude of 0 or 1e-307 .. 1e308", shown);
  }
  *out = negative ? -value : value;
  return OG_OK;
}

/* The exponent is taken from the value rounded to 3 digits, so that 999.7 gives "1 k", never "1000". */
static void format_prefixed(char *buf, size_t size, double value, const char *unit) {
  static const char *const letter[] = {"a", "f", "p", "n", "u", "m", "", "k", "M", "G", "T"};
  char text[32];
  snprintf(text, sizeof text, "%.2e", value);
  char *e = strchr(text, 'e');
  int exponent = atoi(e + 1);
  *e = '\0';
  double mantissa = strtod(text, NULL);
  if (exponent < -18 || exponent >= 15) {
    snprintf(buf, size, "%.3g %s", value, unit);
    return;
  }
  int group = (exponent + 18) / 3, left = (exponent + 18) % 3;
  snprintf(buf, size, "%.3g %s%s", mantissa * (left == 0 ? 1 : left == 1 ? 10 : 100), letter[group], unit);
}

void ogi_units_format(char *buf, size_t size, double value, const char *unit) {
  ogi_locale locale;
  ogi_locale_begin(&locale);
  if (unit[0] == '\0')
    snprintf(buf, size, "%.6g", value == 0 ? 0 : value);
  else if (value == 0 || !isfinite(value))
    snprintf(buf, size, "%g %s", value == 0 ? 0 : value, unit);
  else
    format_prefixed(buf, size, value, unit);
  ogi_locale_end(&locale);
}
