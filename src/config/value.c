/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_units.h"
#include "config/ogi_value.h"

#define WHOLE_MAX 9007199254740992.0 /* 2^53: up to here a double counts every whole number */

enum { NEED_MAX = 256 };

static const char *unit_of(const ogi_key *key) { return key->unit != NULL ? key->unit : ""; }

static size_t text_limit(const ogi_key *key) {
  return key->max > 0 && key->max < OGI_TEXT_MAX ? (size_t)key->max : OGI_TEXT_MAX - 1;
}

int ogi_value_is_list(const ogi_key *key) { return key->type == OGI_KEY_SIZES || key->type == OGI_KEY_REALS; }

static void append(char *out, size_t size, const char *format, ...) OGI_PRINTF(3, 4);
static void append(char *out, size_t size, const char *format, ...) {
  size_t used = strlen(out);
  va_list args;
  va_start(args, format);
  vsnprintf(out + used, size - used, format, args);
  va_end(args);
}

static void append_range(char *out, size_t size, const ogi_key *key) {
  int below = key->min > -DBL_MAX, above = key->max < DBL_MAX;
  if (below && above)
    append(out, size, " in %.15g .. %.15g", key->min, key->max);
  else if (below)
    append(out, size, " >= %.15g", key->min);
  else if (above)
    append(out, size, " <= %.15g", key->max);
  if (unit_of(key)[0] != '\0') append(out, size, " (%s)", key->unit);
}

/* A limit of DBL_MAX is how a table says: any number, but not infinity. */
static int is_finite_only(const ogi_key *key) {
  return (key->max >= DBL_MAX && key->max < INFINITY) || (key->min <= -DBL_MAX && key->min > -INFINITY);
}

/* "left|right|both" -> "left, right or both". */
static void append_choices(char *out, size_t size, const char *choices) {
  for (const char *p = choices; *p != '\0';) {
    size_t length = strcspn(p, "|");
    append(out, size, "%.*s", (int)length, p);
    p += length;
    if (*p == '|') append(out, size, "%s", strchr(++p, '|') != NULL ? ", " : " or ");
  }
}

void ogi_value_need(char *out, size_t size, const ogi_key *key) {
  out[0] = '\0';
  switch (key->type) {
    case OGI_KEY_REAL: append(out, size, is_finite_only(key) ? "a finite number" : "a number"); break;
    case OGI_KEY_SIZE: append(out, size, "a whole number"); break;
    case OGI_KEY_SEED: append(out, size, "a whole number in 0 .. 18446744073709551615"); return;
    case OGI_KEY_TEXT: append(out, size, "a text of %g .. %zu bytes of UTF-8", key->min, text_limit(key)); return;
    case OGI_KEY_ENUM: append_choices(out, size, key->choices); return;
    case OGI_KEY_SIZES: append(out, size, "a list of at most %d whole numbers, each", OGI_LIST_MAX); break;
    case OGI_KEY_REALS: append(out, size, "a list of at most %d numbers, each", OGI_LIST_MAX); break;
  }
  append_range(out, size, key);
}

static og_status fail_need(og_error *err, og_status st, const ogi_key *key, const char *text) {
  char need[NEED_MAX], shown[OGI_SHOW_MAX];
  ogi_value_need(need, sizeof need, key);
  ogi_show(shown, text);
  return ogi_fail(err, st, "saw %s, need %s", shown, need);
}

/* A number in the key's unit. A foreign unit is told by its own message, all else by the key's range. */
static og_status to_real(double *out, const ogi_key *key, const char *text, og_error *err) {
  double value;
  og_status st = ogi_units_parse(&value, text, unit_of(key), err);
  if (st == OG_E_INPUT) return fail_need(err, st, key, text);
  if (st != OG_OK) return st;
  if (!(value >= key->min && value <= key->max)) return fail_need(err, OG_E_RANGE, key, text);
  *out = value;
  return OG_OK;
}

/* Plain digits go through the integer path, exact to the last bit; "1e3" and "60k" through the number path. */
static og_status to_whole(uint64_t *out, const ogi_key *key, const char *text, og_error *err) {
  uint64_t whole;
  if (text[0] != '\0' && text[strspn(text, "0123456789")] == '\0') {
    errno = 0;
    unsigned long long digits = strtoull(text, NULL, 10);
    if (errno == ERANGE || digits > UINT64_MAX) return fail_need(err, OG_E_RANGE, key, text);
    whole = digits;
  } else {
    double value;
    og_status st = ogi_units_parse(&value, text, unit_of(key), err);
    if (st == OG_E_INPUT) return fail_need(err, st, key, text);
    if (st != OG_OK) return st;
    if (!(value >= 0 && value <= WHOLE_MAX) || value != floor(value)) return fail_need(err, OG_E_RANGE, key, text);
    whole = (uint64_t)value;
  }
  *out = whole;
  return OG_OK;
}

static og_status to_size(size_t *out, const ogi_key *key, const char *text, og_error *err) {
  uint64_t whole;
  og_status st = to_whole(&whole, key, text, err);
  if (st != OG_OK) return st;
  if (whole > SIZE_MAX || (double)whole < key->min || (double)whole > key->max)
    return fail_need(err, OG_E_RANGE, key, text);
  *out = (size_t)whole;
  return OG_OK;
}

long ogi_value_utf8(const unsigned char **p) {
  static const long least[] = {0, 0x80, 0x800, 0x10000};
  unsigned char lead = *(*p)++;
  if (lead < 0x80) return lead;
  int more = lead >= 0xF0 && lead < 0xF8 ? 3 : lead >= 0xE0 && lead < 0xF0 ? 2 : lead >= 0xC0 && lead < 0xE0 ? 1 : 0;
  if (more == 0) return -1;
  long code = lead & (0x3F >> more);
  for (int i = 0; i < more; i++, (*p)++) {
    if ((**p & 0xC0) != 0x80) return -1;
    code = code << 6 | (**p & 0x3F);
  }
  return code < least[more] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF) ? -1 : code;
}

static og_status to_text(char *out, const ogi_key *key, const char *text, og_error *err) {
  size_t length = strlen(text);
  if ((double)length < key->min || length > text_limit(key)) return fail_need(err, OG_E_RANGE, key, text);
  for (const unsigned char *p = (const unsigned char *)text; *p != '\0';)
    if (ogi_value_utf8(&p) < 0) return fail_need(err, OG_E_INPUT, key, text);
  memset(out, 0, OGI_TEXT_MAX);
  memcpy(out, text, length);
  return OG_OK;
}

int ogi_value_choice(char *out, size_t size, const char *choices, int index) {
  const char *p = choices;
  for (int i = 0; i < index && p != NULL; i++) {
    p = strchr(p, '|');
    if (p != NULL) p++;
  }
  if (index < 0 || p == NULL) return 0;
  snprintf(out, size, "%.*s", (int)strcspn(p, "|"), p);
  return 1;
}

static og_status to_choice(int *out, const ogi_key *key, const char *text, og_error *err) {
  char choice[OGI_SHOW_MAX];
  for (int i = 0; ogi_value_choice(choice, sizeof choice, key->choices, i); i++)
    if (strcmp(choice, text) == 0) {
      *out = i;
      return OG_OK;
    }
  return fail_need(err, OG_E_RANGE, key, text);
}

void ogi_value_clear_list(void *target, const ogi_key *key) {
  void *field = (char *)target + key->offset;
  if (key->type == OGI_KEY_SIZES) *(ogi_sizes *)field = (ogi_sizes){0};
  else *(ogi_reals *)field = (ogi_reals){0};
}

og_status ogi_value_set_element(void *target, const ogi_key *key, size_t index, const char *text, og_error *err) {
  void *field = (char *)target + key->offset;
  if (index >= OGI_LIST_MAX)
    return ogi_fail(err, OG_E_RANGE, "saw more than %d elements, need at most %d", OGI_LIST_MAX, OGI_LIST_MAX);
  og_status st;
  if (key->type == OGI_KEY_SIZES) {
    ogi_sizes *list = field;
    st = to_size(&list->value[index], key, text, err);
    if (st == OG_OK) list->count = index + 1;
  } else {
    ogi_reals *list = field;
    st = to_real(&list->value[index], key, text, err);
    if (st == OG_OK) list->count = index + 1;
  }
  return st;
}

/* Cut blanks at both ends, in place. */
static char *trim(char *p) {
  p += strspn(p, " \t");
  for (size_t length = strlen(p); length > 0 && strchr(" \t", p[length - 1]) != NULL;) p[--length] = '\0';
  return p;
}

/* "[256, 128]" or "256,128"; "" and "[]" are empty. */
static og_status to_list(void *target, const ogi_key *key, const char *text, og_error *err) {
  char copy[1024];
  if (strlen(text) >= sizeof copy) return fail_need(err, OG_E_INPUT, key, text);
  snprintf(copy, sizeof copy, "%s", text);
  char *p = trim(copy);
  size_t length = strlen(p);
  int open = p[0] == '[', close = length > 0 && p[length - 1] == ']';
  if (open != close) return fail_need(err, OG_E_INPUT, key, text);
  if (open) {
    p[length - 1] = '\0';
    p = trim(p + 1);
  }
  ogi_value_clear_list(target, key);
  if (*p == '\0') return OG_OK;
  for (size_t index = 0;; index++) {
    char *comma = strchr(p, ',');
    if (comma != NULL) *comma = '\0';
    og_status st = ogi_value_set_element(target, key, index, trim(p), err);
    if (st != OG_OK || comma == NULL) return st;
    p = comma + 1;
  }
}

og_status ogi_value_set(void *target, const ogi_key *key, const char *text, og_error *err) {
  void *field = (char *)target + key->offset;
  uint64_t seed;
  og_status st = OG_OK;
  switch (key->type) {
    case OGI_KEY_REAL: return to_real(field, key, text, err);
    case OGI_KEY_SIZE: return to_size(field, key, text, err);
    case OGI_KEY_SEED:
      st = to_whole(&seed, key, text, err);
      if (st == OG_OK) *(uint64_t *)field = seed;
      return st;
    case OGI_KEY_TEXT: return to_text(field, key, text, err);
    case OGI_KEY_ENUM: return to_choice(field, key, text, err);
    case OGI_KEY_SIZES:
    case OGI_KEY_REALS: return to_list(target, key, text, err);
  }
  return ogi_fail(err, OG_E_INTERNAL, "key %s has no type", key->path);
}
