/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ogi_error.h"
#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "vectors/ogi_vectors.h"

/*
 * A raw file is a row of plots. Each is a header of "Key: value" lines, the list of variables, and the numbers point by
 * point: after "Values:" as text, after "Binary:" as little-endian doubles; complex ones as two.
 */
typedef struct text {
  const char *at;
  size_t length;
} text;

typedef struct reader {
  const char *place, *start, *at, *end;
  int binary_met; /* lines can no longer be counted */
  og_error *err;
} reader;

typedef struct header {
  text title, plot;
  size_t variables, points;
  int has_points, complex_values, unpadded, doubles;
  const char *list; /* first line of the variables; NULL: not met */
} header;

/* Where the reader stands, then the complaint: "f.raw: line 7: " or "f.raw: byte 4711: ". */
#define RAW_FAIL(r, format, ...)                                                                            \
  ogi_fail((r)->err, OG_E_INPUT, "%s: %s %zu: " format, (r)->place, (r)->binary_met ? "byte" : "line", where(r), \
           __VA_ARGS__)

static size_t where(const reader *r) {
  if (r->binary_met) return (size_t)(r->at - r->start);
  size_t line = 1;
  for (const char *p = r->start; p < r->at; p++) line += *p == '\n';
  return line;
}

static size_t left(const reader *r) { return (size_t)(r->end - r->at); }

static text trim(const char *from, const char *to) {
  while (from < to && (*from == ' ' || *from == '\t')) from++;
  while (to > from && strchr(" \t\r", to[-1]) != NULL && to[-1] != '\0') to--;
  return (text){from, (size_t)(to - from)};
}

/* The line at the reader, without its end; the reader steps behind it. */
static text take_line(reader *r) {
  const char *newline = memchr(r->at, '\n', left(r)), *stop = newline != NULL ? newline : r->end;
  text line = {r->at, (size_t)(stop - r->at)};
  r->at = newline != NULL ? newline + 1 : r->end;
  return line;
}

static int is_word(text t, const char *word) {
  return t.length == strlen(word) && strncasecmp(t.at, word, t.length) == 0;
}

/* First word of t; t becomes the rest. */
static text take_word(text *t) {
  *t = trim(t->at, t->at + t->length);
  size_t n = 0;
  while (n < t->length && t->at[n] != ' ' && t->at[n] != '\t') n++;
  text word = {t->at, n};
  *t = trim(t->at + n, t->at + t->length);
  return word;
}

/* --- header ------------------------------------------------------------------------------------------------------ */

static og_status take_count(const reader *r, const char *what, text t, size_t *count) {
  char seen[OGI_SHOWN];
  size_t value = 0;
  int good = t.length > 0;
  for (size_t i = 0; good && i < t.length; i++) {
    good = t.at[i] >= '0' && t.at[i] <= '9' && value <= (SIZE_MAX - 9) / 10;
    if (good) value = 10 * value + (size_t)(t.at[i] - '0');
  }
  if (!good || value == 0)
    return RAW_FAIL(r, "%s: saw \"%s\", need a whole number >= 1%s", what, ogi_vector_show(seen, t.at, t.length),
                    good ? " (was the simulator stopped?)" : "");
  *count = value;
  return OG_OK;
}

static og_status take_flags(const reader *r, text t, header *h) {
  char seen[OGI_SHOWN];
  while (t.length > 0) {
    text word = take_word(&t);
    if (is_word(word, "complex"))
      h->complex_values = 1;
    else if (is_word(word, "unpadded"))
      h->unpadded = 1;
    else if (is_word(word, "double"))
      h->doubles = 1;
    else if (is_word(word, "fastaccess"))
      return RAW_FAIL(r, "flags: saw \"%s\", need real or complex (LTspice: turn fast access off)",
                      ogi_vector_show(seen, word.at, word.length));
  }
  return OG_OK;
}

/* Step over the list, whose first line may stand behind "Variables:" itself. */
static og_status skip_list(reader *r, text behind, header *h) {
  if (h->variables == 0) return RAW_FAIL(r, "variables: saw them, need their number before (%s)", "No. Variables");
  h->list = behind.length > 0 ? behind.at : r->at;
  for (size_t k = behind.length > 0; k < h->variables; k++) {
    if (r->at == r->end) return RAW_FAIL(r, "variables: saw %zu, need %zu: the file is cut", k, h->variables);
    take_line(r);
  }
  return OG_OK;
}

enum { HEADER_GOES_ON, DATA_ASCII, DATA_BINARY };

/* One line of the header. What it may hold besides (Date, Command, Offset, Option, Backannotation) changes nothing. */
static og_status take_header_line(reader *r, header *h, int *data) {
  char seen[OGI_SHOWN];
  const char *first = r->at;
  text line = take_line(r);
  const char *colon = memchr(line.at, ':', line.length);
  if (colon == NULL) {
    text shown = trim(line.at, line.at + line.length);
    if (shown.length == 0) return OG_OK;
    r->at = first;
    return RAW_FAIL(r, "saw \"%s\", need a line of a raw file's header such as \"Title: ...\"",
                    ogi_vector_show(seen, shown.at, shown.length));
  }
  const char *behind = r->at;
  text key = trim(line.at, colon), value = trim(colon + 1, line.at + line.length);
  og_status st = OG_OK;
  r->at = first; /* complaints name this line */
  if (is_word(key, "title")) h->title = value;
  if (is_word(key, "plotname")) h->plot = value;
  if (is_word(key, "flags")) OGI_TRY(st, take_flags(r, value, h));
  if (is_word(key, "no. variables")) OGI_TRY(st, take_count(r, "no. variables", value, &h->variables));
  if (is_word(key, "no. points")) OGI_TRY(st, take_count(r, "no. points", value, &h->points));
  r->at = behind;
  if (is_word(key, "variables")) OGI_TRY(st, skip_list(r, value, h));
  if (is_word(key, "values")) *data = DATA_ASCII;
  if (is_word(key, "binary")) *data = DATA_BINARY;
done:
  return st;
}

/* --- variables --------------------------------------------------------------------------------------------------- */

static og_quantity quantity_of(text word) {
  for (int q = 0; q < OG_Q_COUNT; q++)
    if (is_word(word, og_quantity_name((og_quantity)q))) return (og_quantity)q;
  return is_word(word, "device_current") || is_word(word, "subckt_current") ? OG_Q_CURRENT : OG_Q_NOTYPE;
}

/* "dims=5" gives a vector a length of its own. */
static int has_own_length(text rest, size_t points) {
  while (rest.length > 0) {
    text word = take_word(&rest);
    if (word.length > 5 && strncasecmp(word.at, "dims=", 5) == 0 && strtoull(word.at + 5, NULL, 10) != points) return 1;
  }
  return 0;
}

static int has_control(text t) {
  for (size_t i = 0; i < t.length; i++)
    if ((unsigned char)t.at[i] < ' ' || t.at[i] == 127) return 1;
  return 0;
}

/* "<tab>2<tab>v(out)<tab>voltage dims=5": tabs separate where there are any, because some names hold blanks. */
static og_status take_variable(const reader *r, og_vectors *v, size_t k, text line, const header *h) {
  char seen[OGI_SHOWN];
  og_status st = OG_OK;
  text rest = line, number = take_word(&rest), name = rest;
  const char *tab = memchr(rest.at, '\t', rest.length);
  if (tab != NULL) {
    name = trim(rest.at, tab);
    rest = trim(tab, rest.at + rest.length);
  } else {
    name = take_word(&rest);
  }
  text kind = take_word(&rest);
  if (number.length == 0 || name.length == 0 || has_control(name) || number.at[0] < '0' || number.at[0] > '9' ||
      strtoull(number.at, NULL, 10) != k)
    return RAW_FAIL(r, "variables: saw \"%s\", need \"%zu name type\"",
                    ogi_vector_show(seen, line.at, line.length), k);
  if (h->unpadded && has_own_length(rest, h->points))
    return RAW_FAIL(r, "variable %zu: saw a length of its own, need vectors of one length", k);
  char *copy = ogi_alloc(name.length + 9, 1);
  if (copy == NULL) return ogi_fail(r->err, OG_E_NOMEM, "%s: a name", r->place);
  memcpy(copy, name.at, name.length);
  ogi_vector_name_in(copy);
  st = og_vectors_name(v, k, copy, quantity_of(kind), r->err);
  ogi_free(copy);
  return st;
}

static og_status take_variables(const reader *r, og_vectors *v, const header *h) {
  og_status st = OG_OK;
  reader list = *r;
  list.at = h->list;
  for (size_t k = 0; k < v->count; k++) {
    text line = take_line(&list);
    reader here = list;
    here.at = line.at;
    OGI_TRY(st, take_variable(&here, v, k, trim(line.at, line.at + line.length), h));
  }
done:
  return st;
}

/* --- numbers ----------------------------------------------------------------------------------------------------- */

static og_status fail_number(reader *r, size_t point, size_t k, const char *need) {
  char seen[OGI_SHOWN];
  size_t shown = strcspn(r->at, " \t\r\n");
  if (r->at == r->end) return RAW_FAIL(r, "point %zu, variable %zu: saw the end, need %s", point, k, need);
  return RAW_FAIL(r, "point %zu, variable %zu: saw \"%s\", need %s", point, k, ogi_vector_show(seen, r->at, shown),
                  need);
}

static void skip_blanks(reader *r) {
  while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r' || *r->at == '\n')) r->at++;
}

static int take_double(reader *r, double *value) {
  char *stop;
  skip_blanks(r);
  *value = strtod(r->at, &stop); /* the byte behind the last one is 0 */
  if (stop == r->at) return 0;
  r->at = stop;
  return 1;
}

/* Every point starts with its number: a file that lost or gained a value is noticed there. */
static og_status take_ascii_point(reader *r, og_vectors *v, size_t p) {
  char *stop;
  skip_blanks(r);
  if (r->at == r->end || *r->at < '0' || *r->at > '9' || strtoull(r->at, &stop, 10) != p)
    return fail_number(r, p, 0, "the number of the point");
  r->at = stop;
  for (size_t k = 0; k < v->count; k++) {
    double *to = og_vectors_at(v, k) + p * (v->complex_values ? 2 : 1);
    if (!take_double(r, to)) return fail_number(r, p, k, "a number");
    if (v->complex_values && (*r->at != ',' || (r->at++, !take_double(r, to + 1))))
      return fail_number(r, p, k, "\",\" and an imaginary part");
    if (r->at == r->end || strchr(" \t\r\n", *r->at) == NULL) /* at the very end digits may have been cut off */
      return fail_number(r, p, k, "a blank behind the number");
  }
  return OG_OK;
}

static og_status take_ascii(reader *r, og_vectors *v) {
  og_status st = OG_OK;
  ogi_locale locale;
  ogi_locale_begin(&locale);
  for (size_t p = 0; p < v->points; p++) OGI_TRY(st, take_ascii_point(r, v, p));
done:
  ogi_locale_end(&locale);
  return st;
}

static double take_binary_double(const char *from) {
  const unsigned char *byte = (const unsigned char *)from;
  uint64_t bits = 0;
  double value;
  for (int i = 8; i-- > 0;) bits = bits << 8 | byte[i];
  memcpy(&value, &bits, sizeof value);
  return value;
}

static void take_binary(reader *r, og_vectors *v) {
  size_t width = v->complex_values ? 2 : 1;
  for (size_t p = 0; p < v->points; p++)
    for (size_t k = 0; k < v->count; k++)
      for (size_t c = 0; c < width; c++, r->at += 8) og_vectors_at(v, k)[p * width + c] = take_binary_double(r->at);
}

/* --- one plot ---------------------------------------------------------------------------------------------------- */

/* Bytes that the numbers need at least: as text a digit and a blank each, and the same for the number of the point. */
static og_status check_room(const reader *r, const header *h, int data) {
  size_t per = data == DATA_BINARY ? h->complex_values ? 16 : 8 : h->complex_values ? 4 : 2, room = left(r) + 1;
  if (h->list == NULL) return RAW_FAIL(r, "saw numbers, need the list of variables before (%s)", "Variables:");
  if (h->points == 0) return RAW_FAIL(r, "saw numbers, need their number before (%s)", "No. Points");
  if (h->variables <= room / per && h->points <= room / (per * h->variables) &&
      (data == DATA_ASCII || h->points * h->variables * per <= left(r)))
    return OG_OK;
  size_t narrow = h->variables <= room / 4 ? 4 * h->variables + 4 : SIZE_MAX; /* time as 8 bytes, the others as 4 */
  if (data == DATA_BINARY && !h->doubles && h->variables > 1 && h->points <= left(r) / narrow &&
      left(r) - h->points * narrow < 2)
    return RAW_FAIL(r, "saw values of 4 bytes, need 8 (LTspice: .options numdgt=15, or its switch %s)", "-ascii");
  return RAW_FAIL(r, "saw %zu bytes of data, need %s than that for %zu points of %zu variables: the file is cut",
                  left(r), "more", h->points, h->variables);
}

static char *copy_text(text t) {
  char *copy = ogi_alloc(t.length + 1, 1);
  if (copy != NULL && t.length > 0) memcpy(copy, t.at, t.length);
  return copy;
}

static og_status make_plot(reader *r, const header *h, int data, og_vectors **out) {
  og_vectors *v = NULL;
  og_status st = OG_OK;
  OGI_TRY(st, check_room(r, h, data));
  OGI_TRY(st, og_vectors_create(&v, h->variables, h->points, h->complex_values, r->err));
  ogi_free(v->title);
  ogi_free(v->plot);
  v->title = copy_text(h->title);
  v->plot = copy_text(h->plot);
  if (v->title == NULL || v->plot == NULL) {
    st = ogi_fail(r->err, OG_E_NOMEM, "%s: a title", r->place);
    goto done;
  }
  OGI_TRY(st, take_variables(r, v, h));
  v->has_scale = ogi_vector_scales(v->name[0], v->quantity[0], v->points);
  if (data == DATA_ASCII) {
    OGI_TRY(st, take_ascii(r, v));
  } else {
    take_binary(r, v);
    r->binary_met = 1;
  }
  *out = v;
  v = NULL;
done:
  og_vectors_free(v);
  return st;
}

static og_status take_plot(reader *r, og_vectors **out) {
  og_status st = OG_OK;
  header h = {.title = {r->at, 0}, .plot = {r->at, 0}};
  int data = HEADER_GOES_ON;
  while (data == HEADER_GOES_ON) {
    if (r->at == r->end) return RAW_FAIL(r, "saw the end of the file, need %s", "\"Values:\" or \"Binary:\"");
    OGI_TRY(st, take_header_line(r, &h, &data));
  }
  OGI_TRY(st, make_plot(r, &h, data, out));
done:
  return st;
}

/* --- all of them ------------------------------------------------------------------------------------------------- */

static int is_utf16(const char *b, size_t length) {
  return length >= 2 && ((b[0] == '\xff' && b[1] == '\xfe') || (b[0] == '\xfe' && b[1] == '\xff') || b[1] == '\0');
}

/* Room for one more plot; doubled when full. */
static og_status make_room(const reader *r, og_vectors ***plots, size_t count, size_t *room) {
  if (count < *room) return OG_OK;
  og_vectors **larger = ogi_alloc(2 * *room + 4, sizeof(og_vectors *));
  if (larger == NULL) return ogi_fail(r->err, OG_E_NOMEM, "%s: %zu plots", r->place, count);
  if (count > 0) memcpy(larger, *plots, count * sizeof(og_vectors *));
  ogi_free(*plots);
  *plots = larger;
  *room = 2 * *room + 4;
  return OG_OK;
}

og_status ogi_raw_parse(const char *bytes, size_t length, const char *place, og_vectors ***out, size_t *count,
                        og_error *err) {
  reader r = {.place = place, .start = bytes, .at = bytes, .end = bytes + length, .err = err};
  og_vectors **plots = NULL;
  size_t made = 0, room = 0;
  og_status st = OG_OK;
  *out = NULL;
  *count = 0;
  if (is_utf16(bytes, length))
    return ogi_fail(err, OG_E_INPUT, "%s: saw text in UTF-16 (LTspice), need a raw file in ASCII or of ngspice", place);
  do {
    OGI_TRY(st, make_room(&r, &plots, made, &room));
    OGI_TRY(st, take_plot(&r, &plots[made]));
    made++;
    skip_blanks(&r);
  } while (r.at < r.end);
  *out = plots;
  *count = made;
  plots = NULL;
done:
  og_raw_free(plots, made);
  return st;
}

void og_raw_free(og_vectors **plots, size_t count) {
  for (size_t k = 0; plots != NULL && k < count; k++) og_vectors_free(plots[k]);
  ogi_free(plots);
}

og_status og_raw_load(const char *path, og_vectors ***out, size_t *count, og_error *err) {
  char *bytes = NULL;
  size_t length;
  og_status st = OG_OK;
  if (path == NULL || out == NULL || count == NULL) return ogi_fail(err, OG_E_ARG, "raw load: a pointer is NULL");
  *out = NULL;
  *count = 0;
  OGI_TRY(st, ogi_file_read(&bytes, &length, path, 0, err));
  OGI_TRY(st, ogi_raw_parse(bytes, length, path, out, count, err));
done:
  ogi_free(bytes);
  return st;
}
