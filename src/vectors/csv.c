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

/* sep is ',', ';', '\t' or ' ' (any run of blanks), fixed by the row of names. */
typedef struct csv {
  const char *place, *at, *end;
  size_t line, rows, columns;
  char sep;
  og_error *err;
} csv;

typedef struct field {
  const char *at;
  size_t length;
} field;

static int is_blank(char c) { return c == ' ' || c == '\t'; }
static const char *line_end(const csv *c) {
  const char *stop = c->at;
  while (stop < c->end && *stop != '\n' && *stop != '\r') stop++;
  return stop;
}

static void next_line(csv *c) {
  c->at = line_end(c);
  if (c->at == c->end) return;
  c->at += c->at[0] == '\r' && c->at + 1 < c->end && c->at[1] == '\n' ? 2 : 1;
  c->line++;
}

/* To the next line that holds something; 0 at the end. */
static int find_line(csv *c) {
  for (; c->at < c->end; next_line(c)) {
    while (c->at < c->end && is_blank(*c->at)) c->at++;
    if (c->at < c->end && strchr("#*\r\n", *c->at) == NULL) return 1;
    if (c->at < c->end && *c->at == '\0') return 1;
  }
  return 0;
}

/* --- row of names ------------------------------------------------------------------------------------------------ */

/* Length of what stands up to the separator; parentheses and quotes hide one. */
static size_t reach(const char *p, const char *stop, char sep) {
  const char *first = p;
  int depth = 0, quoted = 0;
  for (; p < stop; p++) {
    if (*p == '"') quoted = !quoted;
    if (quoted) continue;
    depth += *p == '(' ? 1 : *p == ')' && depth > 0 ? -1 : 0;
    if (depth == 0 && (*p == sep || (sep == ' ' && *p == '\t'))) break;
  }
  return (size_t)(p - first);
}

static char find_separator(const csv *c) {
  const char *stop = line_end(c);
  const char *const order = ";,\t";
  for (const char *sep = order; *sep != '\0'; sep++)
    if (c->at + reach(c->at, stop, *sep) < stop) return *sep;
  return ' ';
}

static field trim(field f) {
  while (f.length > 0 && is_blank(f.at[0])) f = (field){f.at + 1, f.length - 1};
  while (f.length > 0 && is_blank(f.at[f.length - 1])) f.length--;
  if (f.length >= 2 && f.at[0] == '"' && f.at[f.length - 1] == '"') f = (field){f.at + 1, f.length - 2};
  return f;
}

/* The next name; 0 at the end of the line. Between blanks, "[V]" belongs to the name before it. */
static int take_name(csv *c, const char *stop, field *name) {
  if (c->at >= stop) return 0;
  size_t length = reach(c->at, stop, c->sep);
  const char *p = c->at + length;
  while (c->sep == ' ' && p < stop && is_blank(*p)) p++;
  if (c->sep == ' ' && p < stop && *p == '[') {
    while (p < stop && *p != ']') p++;
    p += p < stop;
    length = (size_t)(p - c->at);
    while (p < stop && is_blank(*p)) p++;
  }
  *name = trim((field){c->at, length});
  c->at = c->sep == ' ' ? p : p + (p < stop);
  return 1;
}

static og_quantity quantity_of_unit(field unit) {
  for (int q = 0; q < OG_Q_COUNT; q++) {
    const char *known = og_quantity_unit((og_quantity)q);
    if (unit.length == strlen(known) && strncasecmp(unit.at, known, unit.length) == 0) return (og_quantity)q;
  }
  return OG_Q_NOTYPE;
}

/* Cut a unit in brackets, behind a blank, off a name: "v(out) [V]", "i(v1) (A)". */
static field cut_unit(field name, og_quantity *quantity) {
  *quantity = OG_Q_NOTYPE;
  if (name.length < 4 || (name.at[name.length - 1] != ']' && name.at[name.length - 1] != ')')) return name;
  char open = name.at[name.length - 1] == ']' ? '[' : '(';
  size_t k = name.length - 1;
  while (k > 0 && name.at[k] != ' ') k--;
  if (k == 0 || name.at[k + 1] != open) return name;
  *quantity = quantity_of_unit((field){name.at + k + 2, name.length - k - 3});
  return trim((field){name.at, k});
}

static og_status name_vector(og_vectors *v, size_t k, field f, const csv *c) {
  og_quantity unit;
  field bare = cut_unit(f, &unit);
  char *name = ogi_alloc(bare.length + 9, 1);
  if (name == NULL) return ogi_fail(c->err, OG_E_NOMEM, "%s: a name", c->place);
  for (size_t i = 0; i < bare.length; i++)
    name[i] = (char)(bare.at[i] >= 'A' && bare.at[i] <= 'Z' ? bare.at[i] + 32 : bare.at[i]);
  og_quantity told = ogi_vector_quantity(name);
  ogi_vector_name_in(name);
  og_status st = og_vectors_name(v, k, name, unit != OG_Q_NOTYPE ? unit : told, c->err);
  ogi_free(name);
  return st;
}

static int is_number(field f) {
  char *stop;
  strtod(f.at, &stop); /* stops at the separator at the latest */
  return stop == f.at + f.length;
}

/* Count the names; with v not NULL also store them. */
static og_status take_names(csv *c, og_vectors *v, size_t *count) {
  char seen[OGI_SHOWN];
  const char *stop = line_end(c);
  field f;
  og_status st = OG_OK;
  *count = 0;
  for (; take_name(c, stop, &f); ++*count) {
    if (f.length == 0 || memchr(f.at, '\0', f.length) != NULL || is_number(f))
      return ogi_fail(c->err, OG_E_INPUT, "%s:%zu: column %zu: saw \"%s\", need a name", c->place, c->line, *count + 1,
                      ogi_vector_show(seen, f.at, f.length));
    if (v != NULL) OGI_TRY(st, name_vector(v, *count, f, c));
  }
done:
  return st;
}

/* --- rows of numbers --------------------------------------------------------------------------------------------- */

static og_status fail_field(const csv *c, size_t k, const char *need) {
  char seen[OGI_SHOWN];
  size_t shown = strcspn(c->at, "\t\r\n;");
  return ogi_fail(c->err, OG_E_INPUT, "%s:%zu: column %zu: saw \"%s\", need %s", c->place, c->line, k + 1,
                  ogi_vector_show(seen, c->at, shown), need);
}

static og_status take_row(csv *c, og_vectors *v, size_t row) {
  for (size_t k = 0; k < v->count; k++) {
    char *stop;
    while (is_blank(*c->at)) c->at++;
    const char *first = c->at;
    double value = strtod(first, &stop);
    if (strchr(" \t\n\v\f\r", *first) != NULL || stop == first) return fail_field(c, k, "a number");
    c->at = stop;
    while (is_blank(*c->at)) c->at++;
    int last = k + 1 == v->count, hard = c->sep == ',' || c->sep == ';';
    if (!last && hard && *c->at == c->sep)
      c->at++;
    else if (!last && (hard || c->at == stop))
      return c->at = first, fail_field(c, k, "a number, the separator and more numbers");
    if (last && c->at < c->end && strchr("\r\n", *c->at) == NULL)
      return c->at = first, fail_field(c, k, "a number and the end of the line");
    og_vectors_at(v, k)[row] = value;
  }
  return OG_OK;
}

static og_status take_rows(csv *c, og_vectors *v) {
  og_status st = OG_OK;
  for (size_t row = 0; find_line(c); next_line(c)) OGI_TRY(st, take_row(c, v, row++));
done:
  return st;
}

static og_status take_table(csv *c, og_vectors **out) {
  og_status st = OG_OK;
  size_t columns;
  og_vectors *v = NULL;
  if (!find_line(c)) return ogi_fail(c->err, OG_E_INPUT, "%s: saw no names, need a row of them", c->place);
  c->sep = find_separator(c);
  csv names = *c;
  OGI_TRY(st, take_names(c, NULL, &columns));
  csv numbers = *c;
  next_line(&numbers);
  csv rows = numbers;
  size_t count = 0;
  for (; find_line(&rows); next_line(&rows)) count++;
  size_t room = (size_t)(c->end - numbers.at) + 1; /* a value takes two bytes, with what is behind it */
  if (count == 0 || columns > room / 2 / count)
    return ogi_fail(c->err, OG_E_INPUT, "%s: saw %zu bytes behind the names, need %zu columns of numbers", c->place,
                    room - 1, columns);
  OGI_TRY(st, og_vectors_create(&v, columns, count, 0, c->err));
  OGI_TRY(st, take_names(&names, v, &columns));
  OGI_TRY(st, take_rows(&numbers, v));
  *out = v;
  v = NULL;
done:
  og_vectors_free(v);
  return st;
}

/* --- columns that belong together -------------------------------------------------------------------------------- */

/* Are columns a and b "re(x)" and "im(x)"? */
static int is_complex_pair(const char *a, const char *b) {
  size_t n = strlen(a);
  if (n <= 4 || a[n - 1] != ')') return 0;
  return strncmp(a, "re(", 3) == 0 && strncmp(b, "im(", 3) == 0 && strcmp(a + 3, b + 3) == 0;
}

static int is_xy_pair(const char *a, const char *b) {
  size_t n = strlen(a);
  return n > 2 && strlen(b) == n && strncmp(a, b, n - 1) == 0 && strcmp(a + n - 2, " x") == 0 && b[n - 1] == 'y';
}

/* Columns k, k + 1 as vector `to` of a complex set. */
static og_status join_pair(og_vectors *to, size_t j, const og_vectors *from, size_t k, int pair, const csv *c) {
  const double *re = from->data + k * from->points, *im = re + from->points;
  double *x = og_vectors_at(to, j);
  og_status st = OG_OK;
  for (size_t p = 0; p < from->points; p++) {
    x[2 * p] = re[p];
    x[2 * p + 1] = pair ? im[p] : 0;
  }
  if (!pair) return og_vectors_name(to, j, from->name[k], from->quantity[k], c->err);
  field inner = {from->name[k] + 3, strlen(from->name[k]) - 4};
  OGI_TRY(st, name_vector(to, j, inner, c));
  if (from->quantity[k] != OG_Q_NOTYPE) to->quantity[j] = from->quantity[k];
done:
  return st;
}

static og_status join_complex(og_vectors **v, const csv *c) {
  og_vectors *from = *v, *to = NULL;
  size_t pairs = 0, k = 0;
  og_status st = OG_OK;
  for (size_t i = 0; i + 1 < from->count; i++) pairs += (size_t)is_complex_pair(from->name[i], from->name[i + 1]);
  if (pairs == 0) return OG_OK;
  OGI_TRY(st, og_vectors_create(&to, from->count - pairs, from->points, 1, c->err));
  for (size_t j = 0; j < to->count; j++) {
    int pair = k + 1 < from->count && is_complex_pair(from->name[k], from->name[k + 1]);
    OGI_TRY(st, join_pair(to, j, from, k, pair, c));
    k += pair ? 2 : 1;
  }
  *v = to;
  to = from;
done:
  og_vectors_free(to);
  return st;
}

static int all_xy(const og_vectors *v) {
  if (v->count % 2 != 0) return 0;
  for (size_t k = 0; k < v->count; k += 2)
    if (!is_xy_pair(v->name[k], v->name[k + 1])) return 0;
  return 1;
}

static og_status join_xy(og_vectors **v, const csv *c) {
  og_vectors *from = *v, *to = NULL;
  size_t bytes = from->points * sizeof(double);
  og_status st = OG_OK;
  if (!all_xy(from)) return OG_OK;
  OGI_TRY(st, og_vectors_create(&to, 1 + from->count / 2, from->points, 0, c->err));
  OGI_TRY(st, og_vectors_name(to, 0, "x", OG_Q_NOTYPE, c->err));
  memcpy(to->data, from->data, bytes);
  for (size_t k = 0; k < from->count; k += 2) {
    if (memcmp(og_vectors_at(from, k), from->data, bytes) != 0) {
      st = ogi_fail(c->err, OG_E_INPUT, "%s: column %zu: saw other values than in column 1, need one scale", c->place,
                    k + 1);
      goto done;
    }
    memcpy(og_vectors_at(to, 1 + k / 2), og_vectors_at(from, k + 1), bytes);
    field name = {from->name[k + 1], strlen(from->name[k + 1]) - 2};
    OGI_TRY(st, name_vector(to, 1 + k / 2, name, c));
  }
  *v = to;
  to = from;
done:
  og_vectors_free(to);
  return st;
}

og_status ogi_csv_parse(const char *bytes, size_t length, const char *place, og_vectors **out, og_error *err) {
  csv c = {.place = place, .at = bytes, .end = bytes + length, .line = 1, .err = err};
  og_vectors *v = NULL;
  og_status st = OG_OK;
  ogi_locale locale;
  *out = NULL;
  if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) c.at += 3; /* a byte order mark some editors write */
  ogi_locale_begin(&locale);
  OGI_TRY(st, take_table(&c, &v));
  OGI_TRY(st, join_complex(&v, &c));
  if (!v->complex_values) OGI_TRY(st, join_xy(&v, &c));
  v->has_scale = ogi_vector_scales(v->name[0], v->quantity[0], v->points);
  *out = v;
  v = NULL;
done:
  ogi_locale_end(&locale);
  og_vectors_free(v);
  return st;
}

/* --- writing ----------------------------------------------------------------------------------------------------- */

/* A name as the reader takes it back; part is "re", "im" or "". Quoted where it holds what would part it. */
static void put_name(FILE *f, const og_vectors *v, size_t k, const char *part) {
  ogi_spelling s = ogi_vector_spelling(v->name[k], v->quantity[k]);
  og_quantity told = s.before[0] == 'v' ? OG_Q_VOLTAGE : s.before[0] == 'i' ? OG_Q_CURRENT
                                                                             : ogi_vector_quantity(v->name[k]);
  int quote = strpbrk(v->name[k], ",; ") != NULL, wrap = part[0] != '\0';
  fprintf(f, "%s%s%s%s%.*s%s%s", quote ? "\"" : "", part, wrap ? "(" : "", s.before, s.length, s.middle, s.behind,
          wrap ? ")" : "");
  if (told != v->quantity[k]) fprintf(f, " [%s]", og_quantity_unit(v->quantity[k]));
  fputs(quote ? "\"" : "", f);
}

static void put_names(FILE *f, const og_vectors *v) {
  for (size_t k = 0; k < v->count; k++) {
    int paired = v->complex_values && !(k == 0 && v->has_scale);
    if (k > 0) putc(',', f);
    put_name(f, v, k, paired ? "re" : "");
    if (!paired) continue;
    putc(',', f);
    put_name(f, v, k, "im");
  }
  putc('\n', f);
}

static void put_row(FILE *f, const og_vectors *v, size_t p) {
  size_t width = v->complex_values ? 2 : 1;
  for (size_t k = 0; k < v->count; k++) {
    const double *x = v->data + (k * v->points + p) * width;
    fprintf(f, k > 0 ? ",%.17g" : "%.17g", x[0]);
    if (v->complex_values && !(k == 0 && v->has_scale)) fprintf(f, ",%.17g", x[1]);
  }
  putc('\n', f);
}

og_status ogi_csv_save(const char *path, const og_vectors *v, og_error *err) {
  ogi_writer w;
  ogi_locale locale;
  og_status st = OG_OK;
  for (size_t k = 0; k < v->count; k++) {
    const char *name = v->name[k] != NULL ? v->name[k] : "";
    int bad = name[0] == '\0' || strchr(name, '"') != NULL || (k == 0 && strchr("#*", name[0]) != NULL);
    for (const char *p = name; *p != '\0'; p++) bad |= (unsigned char)*p < ' ';
    if (bad) return ogi_fail(err, OG_E_INPUT, "%s: vector %zu: saw a name that CSV cannot hold, need letters", path, k);
  }
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  ogi_locale_begin(&locale);
  put_names(w.stream, v);
  for (size_t p = 0; p < v->points; p++) put_row(w.stream, v, p);
  ogi_locale_end(&locale);
  OGI_TRY(st, ogi_writer_commit(&w, err));
done:
  return st;
}
