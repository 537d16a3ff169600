/* SPDX-License-Identifier: BSD-3-Clause */
/** Waveforms of a write study: pulses of a scheme, of a pattern, and for reading; or lines of a file. */
#include <config.h>

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/matrix.h>

#include "base/ogi_file.h"
#include "base/ogi_list.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "base/ogi_units.h"
#include "study/ogi_write.h"

#define NEAR 1e-5 /* of an edge: corners that near are one */

void ogi_write_wave_clear(ogi_write_wave *w) {
  ogi_free(w->second);
  ogi_free(w->volt);
  ogi_free(w->bit_volt);
  *w = (ogi_write_wave){0};
}

static og_status make_room(ogi_write_wave *w, const og_write_study *s, size_t points, og_error *err) {
  *w = (ogi_write_wave){.points = points,
                        .second = ogi_alloc(points, sizeof(double)),
                        .volt = ogi_alloc(points * s->m, sizeof(double)),
                        .bit_volt = ogi_alloc(points * s->n, sizeof(double))};
  return w->second && w->volt && w->bit_volt ? OG_OK : ogi_fail(err, OG_E_NOMEM, "cosim: a wave of %zu points", points);
}

/* ---- pulses ---- */

typedef OGI_LIST(ogi_pulse) pulses;

static double length_of(const og_write_study *s, const ogi_pulse *p) { return 2 * s->edge_second + p->width; }

static og_status add(pulses *list, ogi_pulse p, og_error *err) {
  if (!OGI_ROOM(*list)) return ogi_fail(err, OG_E_NOMEM, "cosim: %zu pulses", list->count);
  list->item[list->count++] = p;
  return OG_OK;
}

/* One word of a pattern: w or b, line, @, start, and perhaps * and a share. */
static og_status read_word(pulses *list, const og_write_study *s, char *word, og_error *err) {
  char shown[OGI_SHOW_MAX], *at = strchr(word, '@'), *share = strchr(word, '*'), *end;
  ogi_show(shown, word);
  int bit = word[0] == 'b';
  double part = 1;
  if (at == NULL || (word[0] != 'w' && !bit) || !isdigit((unsigned char)word[1]))
    return ogi_fail(err, OG_E_INPUT, "saw %s, need LINE@START or LINE@START*SHARE, as in w0@10n or b2@60ns*0.5", shown);
  unsigned long long line = strtoull(word + 1, &end, 10);
  if (end != at || line >= (bit ? s->n : s->m))
    return ogi_fail(err, OG_E_RANGE, "%s: need a line w0 .. w%zu or b0 .. b%zu", shown, s->m - 1, s->n - 1);
  if (share != NULL) *share++ = '\0';
  ogi_pulse p = {.kind = OGI_PULSE_LINE, .line = bit ? s->m + (size_t)line : (size_t)line, .width = s->width_second};
  og_status st = ogi_units_parse(&p.second, at + 1, "s", err);
  if (st == OG_OK && share != NULL) st = ogi_units_parse(&part, share, "", err);
  if (st != OG_OK) return ogi_prefix(err, st, "%s", shown);
  if (!(p.second >= 0 && p.second < s->stop_second))
    return ogi_fail(err, OG_E_RANGE, "%s: need a start from 0 to before the end of the run, %g (second)", shown,
                    s->stop_second);
  if (!(fabs(part) <= 10)) return ogi_fail(err, OG_E_RANGE, "%s: saw a share of %g, need -10 .. 10", shown, part);
  p.volt = (bit ? -1 : 1) * part * s->volt;
  return add(list, p, err);
}

static int by_second(const void *a, const void *b) {
  double x = ((const ogi_pulse *)a)->second, y = ((const ogi_pulse *)b)->second;
  return (x > y) - (x < y);
}

static void name_pulse(char out[48], const og_write_study *s, const ogi_pulse *p) {
  if (p->kind == OGI_PULSE_LINE)
    snprintf(out, 48, "pulse %c%zu@%.6g", p->line < s->m ? 'w' : 'b', p->line < s->m ? p->line : p->line - s->m,
             p->second);
  else snprintf(out, 48, "%s pulse at %.6g", p->kind == OGI_PULSE_READ ? "read" : "write", p->second);
}

/* No two pulses of a line at a time; those on all lines share every line. */
static og_status check_apart(const pulses *list, const og_write_study *s, og_error *err) {
  og_status st = OG_OK;
  ogi_pulse *sorted = ogi_alloc(list->count + 1, sizeof *sorted);
  if (sorted == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: %zu pulses", list->count);
  if (list->count > 0) memcpy(sorted, list->item, list->count * sizeof *sorted);
  qsort(sorted, list->count, sizeof *sorted, by_second);
  for (size_t k = 0; k < list->count && st == OG_OK; k++) {
    double end = sorted[k].second + length_of(s, &sorted[k]) - NEAR * s->edge_second;
    for (size_t j = k + 1; j < list->count && sorted[j].second < end && st == OG_OK; j++) {
      char first[48], second[48];
      int both = sorted[k].kind == OGI_PULSE_LINE && sorted[j].kind == OGI_PULSE_LINE;
      if (both && sorted[k].line != sorted[j].line) continue;
      name_pulse(first, s, &sorted[k]);
      name_pulse(second, s, &sorted[j]);
      st = ogi_fail(err, OG_E_RANGE, "%s: begins before %s has ended, need a start from %.6g on (second)", second,
                    first, sorted[k].second + length_of(s, &sorted[k]));
    }
  }
  ogi_free(sorted);
  return st;
}

og_status ogi_write_pattern(ogi_pulse **pulse, size_t *count, const og_write_study *s, const char *text,
                            og_error *err) {
  og_status st = OG_OK;
  pulses list = {0};
  char *copy = ogi_strdup(text), *rest = copy, *word;
  *pulse = NULL;
  *count = 0;
  if (copy == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: a pattern");
  while ((word = strsep(&rest, " \t\r\n,")) != NULL)
    if (word[0] != '\0') OGI_TRY(st, read_word(&list, s, word, err));
  if (list.count == 0) {
    st = ogi_fail(err, OG_E_INPUT, "saw no pulse, need one at least, as in w0@10n");
    goto done;
  }
  OGI_TRY(st, check_apart(&list, s, err));
  *pulse = list.item;
  *count = list.count;
  list.item = NULL;
done:
  ogi_free(list.item);
  ogi_free(copy);
  return st;
}

/* A pattern that has no pulse in it is the name of a file; # starts a comment there. */
static og_status pattern_text(char **out, const og_write_study *s, og_error *err) {
  size_t bytes;
  if (strchr(s->pattern, '@') != NULL) {
    *out = ogi_strdup(s->pattern);
    return *out != NULL ? OG_OK : ogi_fail(err, OG_E_NOMEM, "cosim: a pattern");
  }
  char *path = ogi_write_path(s, s->pattern);
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: a path");
  og_status st = ogi_file_read(out, &bytes, path, (size_t)1 << 20, err);
  ogi_free(path);
  for (char *p = st == OG_OK ? *out : NULL; p != NULL && (p = strchr(p, '#')) != NULL;)
    for (; *p != '\0' && *p != '\n'; p++) *p = ' ';
  return st;
}

static og_status add_pattern(pulses *list, const og_write_study *s, og_error *err) {
  og_status st;
  char *text = NULL;
  size_t count = 0;
  ogi_pulse *pulse = NULL;
  OGI_TRY(st, pattern_text(&text, s, err));
  OGI_TRY(st, ogi_write_pattern(&pulse, &count, s, text, err));
  for (size_t k = 0; k < count; k++) OGI_TRY(st, add(list, pulse[k], err));
done:
  ogi_free(text);
  ogi_free(pulse);
  return st == OG_OK ? st : ogi_prefix(err, st, "drive.pattern");
}

static og_status add_scheme(pulses *list, const og_write_study *s, og_error *err) {
  og_status st = OG_OK;
  double length = 2 * s->edge_second + s->width_second;
  if (s->pulses > 1 && !(s->period_second > length))
    return ogi_fail(err, OG_E_RANGE, "drive.period_second: saw %g, need more than edges and width, %g (second)",
                    s->period_second, length);
  double last = s->start_second + (double)(s->pulses - 1) * s->period_second; /* a run may end within a pulse */
  if (last >= s->stop_second)
    return ogi_fail(err, OG_E_RANGE, "drive: saw a pulse that begins at %g, need less than study.stop_second, %g (second)",
                    last, s->stop_second);
  for (size_t k = 0; k < s->pulses && st == OG_OK; k++)
    st =
        add(list, (ogi_pulse){.second = s->start_second + (double)k * s->period_second, .width = s->width_second}, err);
  return st;
}

double ogi_write_read_second(const og_write_study *s, size_t k) {
  return s->read_start_second + (double)k * s->read_period_second + s->edge_second + 0.5 * s->read_width_second;
}

static og_status add_reads(pulses *list, const og_write_study *s, og_error *err) {
  og_status st = OG_OK;
  for (size_t k = 0; k < s->reads && st == OG_OK; k++) {
    ogi_pulse p = {.kind = OGI_PULSE_READ, .width = s->read_width_second, .volt = s->read_volt};
    p.second = s->read_start_second + (double)k * s->read_period_second;
    if (!(p.second + length_of(s, &p) <= s->stop_second))
      return ogi_fail(err, OG_E_RANGE,
                      "read.count: read %zu ends at %.6g, need the end of the run or earlier, %g (second)", k,
                      p.second + length_of(s, &p), s->stop_second);
    st = add(list, p, err);
  }
  return st;
}

/* ---- corners and levels ---- */

/* Shares of the pulse that lines get: selected and other word lines, selected and other bit lines. */
static const struct {
  double row, rows, column, columns;
} schemes[] = {[OGI_WRITE_HALF] = {1, 0.5, 0, 0.5},
               [OGI_WRITE_THIRD] = {1, 1.0 / 3, 0, 2.0 / 3},
               [OGI_WRITE_GROUND] = {1, 0, 0, 0}};

/* What a pulse puts on a line at its top [V]. */
static double top(const og_write_study *s, const ogi_pulse *p, size_t line) {
  int word = line < s->m;
  if (p->kind == OGI_PULSE_LINE) return p->line == line ? p->volt : 0;
  if (p->kind == OGI_PULSE_READ) return word ? p->volt : 0;
  if (word) return s->volt * (line == s->row ? schemes[s->scheme].row : schemes[s->scheme].rows);
  return s->volt * (line - s->m == s->column ? schemes[s->scheme].column : schemes[s->scheme].columns);
}

/* 0 outside, 1 on top; what rounding leaves is taken off. */
static double level(const og_write_study *s, const ogi_pulse *p, double second) {
  double up = (second - p->second) / s->edge_second, down = (p->second + length_of(s, p) - second) / s->edge_second;
  double x = fmax(0, fmin(1, fmin(up, down)));
  return x < 2 * NEAR ? 0 : x > 1 - 2 * NEAR ? 1 : x;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Corners of all pulses, the middle of every read, and what was there before; ascending, each once. */
static size_t collect(double *second, size_t count, const og_write_study *s, const pulses *list) {
  for (size_t k = 0; k < list->count; k++) {
    const ogi_pulse *p = &list->item[k];
    second[count++] = p->second;
    second[count++] = p->second + s->edge_second;
    second[count++] = p->second + s->edge_second + p->width;
    second[count++] = p->second + length_of(s, p);
    if (p->kind == OGI_PULSE_READ) second[count++] = p->second + s->edge_second + 0.5 * p->width;
  }
  qsort(second, count, sizeof *second, ascending);
  size_t kept = 1;
  for (size_t k = 1; k < count; k++)
    if (second[k] - second[kept - 1] > NEAR * s->edge_second) second[kept++] = second[k];
  return kept;
}

/* Straight lines through the points of a wave, constant outside. */
static double between(const ogi_write_wave *w, const double *values, size_t count, size_t line, double second) {
  size_t k = 0;
  while (k < w->points && w->second[k] <= second) k++;
  double right = values[ogi_min_size(k, w->points - 1) * count + line];
  if (k == 0 || k == w->points) return right;
  double left = values[(k - 1) * count + line];
  return left + (right - left) * (second - w->second[k - 1]) / (w->second[k] - w->second[k - 1]);
}

/* First point that is not before a time. */
static size_t first_point(const ogi_write_wave *w, double second) {
  size_t low = 0, high = w->points;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (w->second[middle] < second) low = middle + 1;
    else high = middle;
  }
  return low;
}

static void add_pulse(ogi_write_wave *w, const og_write_study *s, const ogi_pulse *p) {
  double end = p->second + length_of(s, p);
  for (size_t k = first_point(w, p->second); k < w->points && w->second[k] <= end; k++) {
    double x = level(s, p, w->second[k]);
    for (size_t i = 0; i < s->m && x > 0; i++) w->volt[k * s->m + i] += x * top(s, p, i);
    for (size_t j = 0; j < s->n && x > 0; j++) w->bit_volt[k * s->n + j] += x * top(s, p, s->m + j);
  }
}

/* The wave of pulses, on top of another. */
static og_status make_wave(ogi_write_wave *w, const ogi_write_wave *under, const og_write_study *s, const pulses *list,
                           og_error *err) {
  og_status st;
  double *second = ogi_alloc(1 + under->points + 5 * list->count, sizeof *second);
  if (second == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: %zu pulses", list->count);
  if (under->points > 0) memcpy(second + 1, under->second, under->points * sizeof *second);
  size_t points = collect(second, 1 + under->points, s, list); /* the first is 0 s */
  OGI_TRY(st, make_room(w, s, points, err));
  memcpy(w->second, second, points * sizeof *second);
  for (size_t k = 0; k < points && under->points > 0; k++) {
    for (size_t i = 0; i < s->m; i++) w->volt[k * s->m + i] = between(under, under->volt, s->m, i, second[k]);
    for (size_t j = 0; j < s->n; j++) w->bit_volt[k * s->n + j] = between(under, under->bit_volt, s->n, j, second[k]);
  }
  for (size_t k = 0; k < list->count; k++) add_pulse(w, s, &list->item[k]);
done:
  ogi_free(second);
  return st;
}

static og_status load_wave(ogi_write_wave *w, const og_write_study *s, og_error *err) {
  og_status st;
  og_matrix x = {0};
  char *path = ogi_write_path(s, s->wave);
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: a path");
  OGI_TRY(st, og_matrix_load(&x, path, err));
  if (x.ndim != 2 || x.dim[1] != 1 + s->m + s->n) {
    size_t lines = x.ndim == 2 ? x.dim[0] : 1, values = x.ndim == 2 ? x.dim[1] : x.dim[0];
    st = ogi_fail(err, OG_E_SHAPE,
                  "%s: saw %zu line%s of %zu values, need 2 or more of a time, %zu word line and %zu bit line voltages",
                  path, lines, lines == 1 ? "" : "s", values,
                  s->m, s->n);
    goto done;
  }
  OGI_TRY(st, make_room(w, s, x.dim[0], err));
  for (size_t k = 0; k < w->points; k++) {
    const double *line = x.data + k * x.dim[1];
    w->second[k] = line[0];
    if (k > 0 ? !(line[0] > w->second[k - 1]) : line[0] != 0) {
      st = ogi_fail(err, OG_E_RANGE, "%s: time %zu: saw %g, need 0 first, then ascending (second)", path, k, line[0]);
      goto done;
    }
    memcpy(w->volt + k * s->m, line + 1, s->m * sizeof(double));
    memcpy(w->bit_volt + k * s->n, line + 1 + s->m, s->n * sizeof(double));
  }
done:
  og_matrix_clear(&x);
  ogi_free(path);
  return st;
}

og_status ogi_write_wave_make(ogi_write_wave *w, const og_write_study *s, og_error *err) {
  og_status st;
  pulses list = {0};
  ogi_write_wave file = {0};
  if (s->scheme == OGI_WRITE_FILE) OGI_TRY(st, load_wave(&file, s, err));
  else if (s->scheme == OGI_WRITE_PATTERN) OGI_TRY(st, add_pattern(&list, s, err));
  else OGI_TRY(st, add_scheme(&list, s, err));
  OGI_TRY(st, add_reads(&list, s, err));
  OGI_TRY(st, check_apart(&list, s, err));
  st = make_wave(w, &file, s, &list, err);
done:
  ogi_write_wave_clear(&file);
  ogi_free(list.item);
  return st;
}
