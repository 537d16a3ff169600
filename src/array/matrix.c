/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/matrix.h>

#include "base/ogi_error.h"
#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_npy.h"
#include "base/ogi_num.h"

/* --- what .npy and CSV have in common ---------------------------------------------------------------------------- */

#define SHOWN 33 /* [bytes] of foreign text quoted in a message, with its end */

/* Foreign text for a message: printable, short. */
static const char *show(char out[SHOWN], const char *text, size_t length) {
  size_t kept = ogi_min_size(length, SHOWN - 1);
  for (size_t i = 0; i < kept; i++) out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
  if (length > kept) memcpy(out + kept - 3, "...", 3);
  out[kept] = '\0';
  return out;
}

/* Product of the extents; 0 if one is 0 or the bytes of the doubles overflow. */
static size_t count_values(size_t ndim, const size_t *dim) {
  size_t count = 1;
  for (size_t d = 0; d < ndim; d++) {
    if (dim[d] == 0 || count > PTRDIFF_MAX / sizeof(double) / dim[d]) return 0;
    count *= dim[d];
  }
  return count;
}

static og_status matrix_alloc(og_matrix *out, size_t ndim, const size_t *dim, const char *path, og_error *err) {
  size_t count = count_values(ndim, dim);
  out->data = ogi_alloc(count, sizeof *out->data);
  if (out->data == NULL) return ogi_fail(err, OG_E_NOMEM, "%s: %zu values", path, count);
  out->ndim = ndim;
  for (size_t d = 0; d < OG_MATRIX_MAX_DIM; d++) out->dim[d] = d < ndim ? dim[d] : 1;
  return OG_OK;
}

/* --- .npy: magic, version, header length, a Python dict, raw data ------------------------------------------------ */

static const char npy_magic[6] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};

/* Reading position inside one file; start is the file's first byte, end the first byte behind the part being read. */
typedef struct cursor {
  const char *path, *start, *at, *end;
  og_error *err;
} cursor;

enum { SEEN_DESCR = 1, SEEN_ORDER = 2, SEEN_SHAPE = 4 };

typedef struct npy_header {
  unsigned seen;    /* which of the three keys have been met */
  size_t item;      /* [bytes] of one value: 4 or 8          */
  int big, fortran; /* flags                                 */
  size_t ndim, dim[OG_MATRIX_MAX_DIM];
} npy_header;

/* A complaint about the text at the cursor. */
static og_status npy_need(const cursor *c, const char *need) {
  char seen[SHOWN];
  size_t left = (size_t)(c->end - c->at);
  if (left == 0)
    return ogi_fail(c->err, OG_E_INPUT, "%s: .npy header: saw its end at byte %td, need %s", c->path, c->at - c->start,
                    need);
  return ogi_fail(c->err, OG_E_INPUT, "%s: .npy header, byte %td: saw %s, need %s", c->path, c->at - c->start,
                  show(seen, c->at, ogi_min_size(left, 12)), need);
}

static void skip_blanks(cursor *c) {
  while (c->at < c->end && strchr(" \t\r\n", *c->at) != NULL && *c->at != '\0') c->at++;
}

/* 1 and a step forward if the next sign, behind blanks, is this one. */
static int take(cursor *c, char sign) {
  skip_blanks(c);
  if (c->at == c->end || *c->at != sign) return 0;
  c->at++;
  return 1;
}

static int take_word(cursor *c, const char *word) {
  size_t length = strlen(word);
  skip_blanks(c);
  if ((size_t)(c->end - c->at) < length || memcmp(c->at, word, length) != 0) return 0;
  c->at += length;
  return 1;
}

/* A string literal in either kind of quotes. No escapes: none of the strings a .npy may hold needs one. */
static og_status take_string(cursor *c, const char **text, size_t *length) {
  skip_blanks(c);
  *text = c->at;
  *length = 0;
  if (c->at == c->end || (*c->at != '\'' && *c->at != '"')) return npy_need(c, "a quoted string");
  const char *close = memchr(c->at + 1, *c->at, (size_t)(c->end - c->at) - 1);
  if (close == NULL) return npy_need(c, "a string that ends");
  *text = c->at + 1;
  *length = (size_t)(close - *text);
  c->at = close + 1;
  return OG_OK;
}

static og_status take_extent(cursor *c, size_t *value) {
  skip_blanks(c);
  const char *first = c->at;
  *value = 0;
  for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
    size_t digit = (size_t)(*c->at - '0');
    if (*value > (SIZE_MAX - digit) / 10) {
      c->at = first;
      return npy_need(c, "an extent that fits this machine");
    }
    *value = 10 * *value + digit;
  }
  if (c->at == first) return npy_need(c, "an extent");
  if (c->at < c->end && *c->at == 'L') c->at++; /* Python 2 wrote long integers so */
  return OG_OK;
}

/* A Python tuple: (3,) or (3, 4) or (3, 4, ); one extent needs its comma, or Python would call it a number. */
static og_status take_shape(cursor *c, npy_header *h) {
  og_status st = OG_OK;
  int comma = 0;
  if (!take(c, '(')) return npy_need(c, "a shape such as (3, 4)");
  while (!take(c, ')')) {
    size_t extent;
    if (h->ndim > 0 && !comma) return npy_need(c, "',' or ')' in the shape");
    if (h->ndim == OG_MATRIX_MAX_DIM)
      return ogi_fail(c->err, OG_E_INPUT, "%s: shape: saw more than 3 dimensions, need 1 to 3", c->path);
    OGI_TRY(st, take_extent(c, &extent));
    if (extent == 0)
      return ogi_fail(c->err, OG_E_INPUT, "%s: shape: saw extent 0 in dimension %zu, need >= 1", c->path, h->ndim);
    h->dim[h->ndim++] = extent;
    comma = take(c, ',');
  }
  if (h->ndim == 0)
    return ogi_fail(c->err, OG_E_INPUT, "%s: shape: saw (), a single number, need 1 to 3 dimensions", c->path);
  if (h->ndim == 1 && !comma) return npy_need(c, "',' before the ')' of a shape of one dimension");
done:
  return st;
}

/* byte order, kind and size: '<f8'. '=' is this machine's own order. */
static og_status take_descr(cursor *c, npy_header *h) {
  const char *text;
  size_t length;
  og_status st = OG_OK;
  char seen[SHOWN];
  if (take(c, '['))
    return ogi_fail(c->err, OG_E_INPUT, "%s: saw a structured dtype, need float32 or float64 (save single fields)",
                    c->path);
  OGI_TRY(st, take_string(c, &text, &length));
  if (length != 3 || strchr("<>=", text[0]) == NULL || text[0] == '\0' || text[1] != 'f' ||
      (text[2] != '4' && text[2] != '8'))
    return ogi_fail(c->err, OG_E_INPUT, "%s: saw dtype '%s', need float32 or float64 (numpy: a.astype(float))", c->path,
                    show(seen, text, length));
  const uint16_t probe = 1;
  int host_is_big = *(const unsigned char *)&probe == 0;
  h->item = (size_t)(text[2] - '0');
  h->big = text[0] == '>' || (text[0] == '=' && host_is_big);
done:
  return st;
}

static og_status take_order(cursor *c, npy_header *h) {
  if (take_word(c, "True"))
    h->fortran = 1;
  else if (!take_word(c, "False"))
    return npy_need(c, "True or False");
  return OG_OK;
}

/* One key: value of the dict. */
static og_status take_item(cursor *c, npy_header *h) {
  static const struct {
    const char *name;
    unsigned bit;
    og_status (*read)(cursor *, npy_header *);
  } known[] = {{"descr", SEEN_DESCR, take_descr},
               {"fortran_order", SEEN_ORDER, take_order},
               {"shape", SEEN_SHAPE, take_shape}};
  const char *key;
  size_t length;
  og_status st = OG_OK;
  char seen[SHOWN];
  OGI_TRY(st, take_string(c, &key, &length));
  for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
    if (length != strlen(known[k].name) || memcmp(key, known[k].name, length) != 0) continue;
    if ((h->seen & known[k].bit) != 0)
      return ogi_fail(c->err, OG_E_INPUT, "%s: .npy header: saw key '%s' twice, need it once", c->path, known[k].name);
    h->seen |= known[k].bit;
    if (!take(c, ':')) return npy_need(c, "':'");
    return known[k].read(c, h);
  }
  return ogi_fail(c->err, OG_E_INPUT, "%s: .npy header: saw key '%s', need descr, fortran_order and shape", c->path,
                  show(seen, key, length));
done:
  return st;
}

static og_status take_dict(cursor *c, npy_header *h) {
  og_status st = OG_OK;
  int comma = 1;
  if (!take(c, '{')) return npy_need(c, "'{'");
  while (!take(c, '}')) {
    if (!comma) return npy_need(c, "',' or '}'");
    OGI_TRY(st, take_item(c, h));
    comma = take(c, ',');
  }
  skip_blanks(c);
  if (c->at != c->end) return npy_need(c, "nothing behind the '}'");
  if (h->seen != (SEEN_DESCR | SEEN_ORDER | SEEN_SHAPE))
    return ogi_fail(c->err, OG_E_INPUT, "%s: .npy header: saw no key '%s', need descr, fortran_order and shape",
                    c->path,
                    (h->seen & SEEN_DESCR) == 0 ? "descr" : (h->seen & SEEN_ORDER) == 0 ? "fortran_order" : "shape");
done:
  return st;
}

/* Version and header length; leaves the cursor around the dict, which is ASCII whatever the version's encoding. */
static og_status npy_frame(cursor *c, size_t length) {
  const unsigned char *byte = (const unsigned char *)c->start;
  size_t width = length > 6 && byte[6] == 1 ? 2 : 4, header = 0, first = sizeof npy_magic + 2 + width;
  if (length >= 8 && (byte[6] < 1 || byte[6] > 3 || byte[7] != 0))
    return ogi_fail(c->err, OG_E_INPUT, "%s: saw .npy version %d.%d, need 1.0, 2.0 or 3.0", c->path, byte[6], byte[7]);
  if (length < first)
    return ogi_fail(c->err, OG_E_INPUT, "%s: truncated: saw %zu bytes, need a .npy header", c->path, length);
  for (size_t i = width; i-- > 0;) header = header << 8 | byte[sizeof npy_magic + 2 + i];
  if (header > length - first)
    return ogi_fail(c->err, OG_E_INPUT, "%s: truncated: saw %zu bytes behind byte %zu, need a .npy header of %zu",
                    c->path, length - first, first, header);
  c->at = c->start + first;
  c->end = c->at + header;
  return OG_OK;
}

/* IEEE 754 bits from bytes, so that the host's own byte order does not matter. */
static double npy_value(const unsigned char *byte, const npy_header *h) {
  uint64_t bits = 0;
  for (size_t i = 0; i < h->item; i++) bits = bits << 8 | byte[h->big ? i : h->item - 1 - i];
  if (h->item == 8) {
    double wide;
    memcpy(&wide, &bits, sizeof wide);
    return wide;
  }
  uint32_t half = (uint32_t)bits;
  float narrow;
  memcpy(&narrow, &half, sizeof narrow);
  return (double)narrow;
}

static void npy_copy(og_matrix *out, const npy_header *h, const char *data) {
  const unsigned char *byte = (const unsigned char *)data;
  const size_t *dim = out->dim;
  size_t to = 0;
  for (size_t i = 0; i < dim[0]; i++)
    for (size_t j = 0; j < dim[1]; j++)
      for (size_t k = 0; k < dim[2]; k++, to++) {
        size_t from = h->fortran ? i + dim[0] * (j + dim[1] * k) : to;
        out->data[to] = npy_value(byte + from * h->item, h);
      }
}

static og_status npy_read(og_matrix *out, const char *text, size_t length, const char *path, og_error *err) {
  cursor c = {.path = path, .start = text, .at = text, .end = text, .err = err};
  npy_header h = {0};
  og_status st = OG_OK;
  OGI_TRY(st, npy_frame(&c, length));
  OGI_TRY(st, take_dict(&c, &h));
  size_t left = length - (size_t)(c.end - text), count = count_values(h.ndim, h.dim);
  if (count == 0) return ogi_fail(err, OG_E_INPUT, "%s: shape: saw more values than this machine can address", path);
  if (left != count * h.item)
    return ogi_fail(err, OG_E_INPUT, "%s: %s: saw %zu bytes of data, need %zu (%zu values of %zu bytes)", path,
                    left < count * h.item ? "truncated" : "bytes behind the data", left, count * h.item, count, h.item);
  OGI_TRY(st, matrix_alloc(out, h.ndim, h.dim, path, err));
  npy_copy(out, &h, c.end);
done:
  return st;
}

/* --- CSV --------------------------------------------------------------------------------------------------------- */

/* A scan in progress. sep is ',' or ';' or ' ' (blanks and tabs), fixed by the first two neighbours of the file:
 * mixing them is refused, because 1,5;2,5 may be two numbers with decimal commas or four with points. */
typedef struct csv {
  const char *path, *at;
  size_t line, rows, columns;
  char sep;
  double *data; /* where values go; NULL while counting */
  og_error *err;
} csv;

static int is_blank(char sign) { return sign == ' ' || sign == '\t'; }
static int is_end(char sign) { return sign == '\n' || sign == '\r' || sign == '\0'; }

static og_status csv_value(csv *s) {
  char *end, seen[SHOWN];
  size_t shown = strcspn(s->at, " \t\r\n,;");
  if (shown == 0) return ogi_fail(s->err, OG_E_INPUT, "%s:%zu: saw an empty field, need a number", s->path, s->line);
  errno = 0;
  double value = strtod(s->at, &end);
  if (end == s->at || (size_t)(end - s->at) != shown)
    return ogi_fail(s->err, OG_E_INPUT, "%s:%zu: saw '%s', need a number (put # before a heading)", s->path, s->line,
                    show(seen, s->at, shown));
  if (errno == ERANGE && isinf(value))
    return ogi_fail(s->err, OG_E_INPUT, "%s:%zu: saw '%s', need a number below 1.8e308", s->path, s->line,
                    show(seen, s->at, shown));
  if (s->data != NULL) *s->data++ = value;
  s->at = end;
  return OG_OK;
}

/* Step over what stands between two values; *more is 0 at the end of the line. */
static og_status csv_separator(csv *s, int *more) {
  char sep = ' ';
  while (is_blank(*s->at)) s->at++;
  *more = !is_end(*s->at);
  if (!*more) return OG_OK;
  if (*s->at == ',' || *s->at == ';') {
    sep = *s->at++;
    while (is_blank(*s->at)) s->at++;
  }
  if (s->sep == '\0') s->sep = sep;
  if (s->sep != sep)
    return ogi_fail(s->err, OG_E_INPUT, "%s:%zu: saw '%c' and '%c' as separators, need one kind (and decimal points)",
                    s->path, s->line, s->sep, sep);
  return OG_OK;
}

static og_status csv_line(csv *s) {
  og_status st = OG_OK;
  size_t columns = 0;
  int more = 1;
  while (more) {
    OGI_TRY(st, csv_value(s));
    columns++;
    OGI_TRY(st, csv_separator(s, &more));
  }
  if (s->rows > 0 && columns != s->columns)
    return ogi_fail(s->err, OG_E_INPUT, "%s:%zu: saw %zu values, need %zu as in the lines above", s->path, s->line,
                    columns, s->columns);
  s->columns = columns;
  s->rows++;
done:
  return st;
}

/* All lines; with data NULL it only counts and checks. */
static og_status csv_scan(csv *s, const char *text, const char *end) {
  og_status st = OG_OK;
  s->at = text;
  s->line = 1;
  s->rows = 0;
  for (;;) {
    while (is_blank(*s->at)) s->at++;
    if (*s->at == '#') s->at += strcspn(s->at, "\r\n");
    if (!is_end(*s->at)) OGI_TRY(st, csv_line(s));
    if (*s->at == '\0') break;
    s->at += s->at[0] == '\r' && s->at[1] == '\n' ? 2 : 1;
    s->line++;
  }
  if (s->at != end) return ogi_fail(s->err, OG_E_INPUT, "%s:%zu: saw a zero byte, need text", s->path, s->line);
  if (s->rows == 0) return ogi_fail(s->err, OG_E_INPUT, "%s: saw no number, need .npy or CSV", s->path);
done:
  return st;
}

static og_status csv_read(og_matrix *out, const char *text, size_t length, const char *path, og_error *err) {
  csv s = {.path = path, .err = err};
  const char *end = text + length;
  og_status st = OG_OK;
  if (length >= 4 && memcmp(text, "PK\3\4", 4) == 0)
    return ogi_fail(err, OG_E_INPUT, "%s: saw a zip archive (.npz?), need one array (numpy: save, not savez)", path);
  if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) text += 3; /* a byte order mark some editors write */
  ogi_locale locale;
  ogi_locale_begin(&locale);
  OGI_TRY(st, csv_scan(&s, text, end));
  size_t flat = s.rows == 1 || s.columns == 1;
  size_t dim[2] = {flat ? s.rows * s.columns : s.rows, s.columns};
  OGI_TRY(st, matrix_alloc(out, flat ? 1 : 2, dim, path, err));
  s.data = out->data;
  OGI_TRY(st, csv_scan(&s, text, end));
done:
  ogi_locale_end(&locale);
  return st;
}

/* --- public ------------------------------------------------------------------------------------------------------ */

og_status og_matrix_load(og_matrix *out, const char *path, og_error *err) {
  og_status st = OG_OK;
  char *text = NULL;
  size_t length;
  if (out == NULL) return ogi_fail(err, OG_E_ARG, "matrix load: saw no place for the result");
  memset(out, 0, sizeof *out);
  if (path == NULL) return ogi_fail(err, OG_E_ARG, "matrix load: saw no file name");
  OGI_TRY(st, ogi_file_read(&text, &length, path, 0, err));
  int npy = length >= sizeof npy_magic && memcmp(text, npy_magic, sizeof npy_magic) == 0;
  OGI_TRY(st, npy ? npy_read(out, text, length, path, err) : csv_read(out, text, length, path, err));
done:
  ogi_free(text);
  if (st != OG_OK) og_matrix_clear(out);
  return st;
}

og_status og_matrix_save(const char *path, size_t ndim, const size_t *dim, const double *data, og_error *err) {
  og_status st = OG_OK;
  ogi_writer w;
  if (path == NULL || dim == NULL || data == NULL)
    return ogi_fail(err, OG_E_ARG, "matrix save: saw no file name, extents or data");
  if (ndim < 1 || ndim > OG_MATRIX_MAX_DIM)
    return ogi_fail(err, OG_E_ARG, "%s: saw %zu dimensions, need 1..3", path, ndim);
  size_t count = count_values(ndim, dim);
  if (count == 0) return ogi_fail(err, OG_E_ARG, "%s: saw an extent of 0 or too many values, need >= 1", path);
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  ogi_npy_header(w.stream, "<f8", ndim, dim);
  ogi_npy_data(w.stream, data, count);
  OGI_TRY(st, ogi_writer_commit(&w, err));
done:
  return st;
}

void og_matrix_clear(og_matrix *matrix) {
  if (matrix == NULL) return;
  ogi_free(matrix->data);
  memset(matrix, 0, sizeof *matrix);
}
