/* SPDX-License-Identifier: BSD-3-Clause */
/** bench.yaml. */
#include <config.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <ohmgrid/measure.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_spice_number.h"
#include "base/ogi_units.h"
#include "devbench/ogi_bench.h"
#include "devbench/ogi_keys.h"
#include "netlist/ogi_deck_read.h"

enum { WHERE = 120, VALUES_MAX = 200 };

void ogi_bench_clear(ogi_bench_file *f) {
  for (size_t k = 0; k < f->benches.count; k++) {
    ogi_bench *b = &f->benches.item[k];
    for (size_t j = 0; j < b->figures.count; j++)
      for (size_t i = 0; i < 3; i++) ogi_free(b->figures.item[j].text[i]);
    for (size_t j = 0; j < OGI_SWEEPS_MAX; j++) ogi_free(b->sweep[j]);
    for (size_t j = 0; j < b->names.count; j++) ogi_free(b->names.item[j]);
    ogi_free(b->names.item);
    ogi_free(b->figures.item);
    ogi_free(b->plots.item);
  }
  ogi_free(f->benches.item);
  ogi_free(f->path);
  ogi_tree_free(f->tree);
  *f = (ogi_bench_file){0};
}

ogi_values ogi_bench_values(const ogi_bench *b, size_t run, double *value) {
  for (size_t k = 0; b->listed && k < b->sweeps; k++) value[k] = b->sweep[k][run];
  for (size_t k = b->listed ? 0 : b->sweeps; k-- > 0; run /= b->sweep_count[k])
    value[k] = b->sweep[k][run % b->sweep_count[k]];
  memcpy(value + b->sweeps, b->constant, b->constants * sizeof *value);
  return (ogi_values){b->sweeps + b->constants, b->sweep_name, value};
}

static og_status no_memory(const ogi_place_in *in) { return ogi_fail(in->err, OG_E_NOMEM, "%s", in->path); }

static og_status read_flag(const ogi_place_in *in, const ogi_tree *map, const char *where, const char *key, int *flag) {
  static const char *const words[] = {"no", "false", "yes", "true"};
  char full[WHERE + 20];
  const ogi_tree *t = ogi_tree_find(map, key);
  if (t == NULL) return OG_OK;
  for (int k = 0; k < 4 && t->kind == OGI_TREE_TEXT; k++)
    if (strcmp(t->text, words[k]) == 0) {
      *flag = k >= 2;
      return OG_OK;
    }
  snprintf(full, sizeof full, "%s.%s", where, key);
  return ogi_keys_wrong(in, t, full, "yes or no");
}

/* ---- sweeps ---- */

static og_status read_sweep(const ogi_place_in *in, const ogi_tree *t, const char *where, ogi_bench *b) {
  char full[2 * WHERE], unit[OGI_UNIT_MAX] = "";
  og_status st = OG_OK;
  snprintf(full, sizeof full, "%s.sweep.%.40s", where, t->key);
  if (b->sweeps == OGI_SWEEPS_MAX) return ogi_keys_wrong(in, t, full, "at most 8 swept parameters");
  if (t->kind != OGI_TREE_LIST || t->count < 1 || t->count > VALUES_MAX)
    return ogi_keys_wrong(in, t, full, "a list of 1 to 200 values");
  double *value = ogi_alloc(t->count, sizeof *value);
  if (value == NULL) return no_memory(in);
  b->sweep[b->sweeps] = value;
  b->sweep_name[b->sweeps] = t->key;
  b->sweep_count[b->sweeps++] = t->count;
  for (const ogi_tree *one = t->first; one != NULL && st == OG_OK; one = one->next) {
    if (one->kind != OGI_TREE_TEXT) return ogi_keys_wrong(in, one, full, "a number");
    st = ogi_quantity_parse(value++, one->text, unit, in->err);
    if (st != OG_OK) st = ogi_keys_at(in, one, full, st);
  }
  b->runs *= t->count;
  if (st == OG_OK && b->runs > OGI_RUNS_MAX)
    st = ogi_fail(in->err, OG_E_RANGE, "%s:%zu: %s: saw %zu runs, need at most %d", in->path, t->line, full, b->runs,
                  OGI_RUNS_MAX);
  return st;
}

/* A list of runs: each gives a value to the same parameters. */
static og_status read_listed(const ogi_place_in *in, const ogi_tree *t, const char *where, ogi_bench *b) {
  char full[2 * WHERE], unit[OGI_UNIT_MAX];
  og_status st = OG_OK;
  size_t run = 0;
  snprintf(full, sizeof full, "%s.runs", where);
  if (t->kind != OGI_TREE_LIST || t->count < 1 || t->count > OGI_RUNS_MAX || t->first->kind != OGI_TREE_MAP ||
      t->first->count < 1 || t->first->count > OGI_SWEEPS_MAX)
    return ogi_keys_wrong(in, t, full, "a list of 1 to 1000 runs, each a section of 1 to 8 parameters");
  b->listed = 1;
  b->runs = t->count;
  for (const ogi_tree *p = t->first->first; p != NULL && st == OG_OK; p = p->next) {
    st = ogi_keys_name(in, p, full, p->key);
    b->sweep_name[b->sweeps] = p->key;
    b->sweep[b->sweeps] = ogi_alloc(b->runs, sizeof(double));
    if (b->sweep[b->sweeps++] == NULL) return no_memory(in);
  }
  for (const ogi_tree *one = t->first; one != NULL && st == OG_OK; one = one->next, run++)
    for (size_t k = 0; k < b->sweeps && st == OG_OK; k++) {
      const ogi_tree *p = ogi_tree_find(one, b->sweep_name[k]);
      if (one->kind != OGI_TREE_MAP || one->count != b->sweeps || p == NULL || p->kind != OGI_TREE_TEXT)
        return ogi_keys_wrong(in, one, full, "the parameters of the first run, all of them");
      unit[0] = '\0';
      st = ogi_quantity_parse(&b->sweep[k][run], p->text, unit, in->err);
      if (st != OG_OK) st = ogi_keys_at(in, p, full, st);
    }
  return st;
}

static og_status read_sweeps(const ogi_place_in *in, const ogi_tree *bench, const char *where, ogi_bench *b) {
  char full[2 * WHERE];
  og_status st = OG_OK;
  const ogi_tree *t = ogi_tree_find(bench, "sweep");
  const ogi_tree *runs = ogi_tree_find(bench, "runs");
  b->runs = 1;
  if (runs != NULL && t != NULL) return ogi_keys_wrong(in, runs, where, "sweep or runs, not both");
  if (runs != NULL) return read_listed(in, runs, where, b);
  if (t == NULL) return OG_OK;
  snprintf(full, sizeof full, "%s.sweep", where);
  if (t->kind != OGI_TREE_MAP) return ogi_keys_wrong(in, t, full, "a section of lists");
  for (const ogi_tree *one = t->first; one != NULL && st == OG_OK; one = one->next) {
    st = ogi_keys_name(in, one, full, one->key);
    if (st == OG_OK) st = read_sweep(in, one, where, b);
  }
  return st;
}

/* ".param NAME=NUMBER ..." of one line; what is no number, or swept, is left to the deck reader. */
static og_status read_constants_of(const ogi_place_in *in, const char *line, ogi_bench *b) {
  ogi_pieces p;
  og_error unused;
  og_status st = ogi_pieces_split(&p, line, &unused);
  if (st != OG_OK) return st == OG_E_NOMEM ? no_memory(in) : OG_OK; /* the deck reader tells of it, with its place */
  for (size_t k = 0; k < p.pair.count && b->sweeps + b->constants < OGI_VALUES_MAX && st == OG_OK; k++) {
    const char *end;
    double value;
    int known = 0;
    for (size_t j = 0; j < b->sweeps; j++) known |= strcasecmp(b->sweep_name[j], p.pair.item[k].key) == 0;
    if (known || !ogi_spice_number(p.pair.item[k].value, &end, &value) || *end != '\0') continue;
    char *name = OGI_ROOM(b->names) ? ogi_strdup(p.pair.item[k].key) : NULL;
    if (name == NULL) st = no_memory(in);
    else b->names.item[b->names.count++] = name;
    b->sweep_name[b->sweeps + b->constants] = name;
    b->constant[b->constants] = value;
    b->constants += name != NULL;
  }
  ogi_pieces_clear(&p);
  return st;
}

static og_status read_constants(const ogi_place_in *in, ogi_bench *b) {
  og_status st = OG_OK;
  for (const char *p = b->deck; *p != '\0' && st == OG_OK;) {
    size_t length = strcspn(p, "\n");
    if (strncasecmp(p, ".param", 6) == 0) {
      char *line = ogi_alloc(length + 1, 1);
      if (line == NULL) return no_memory(in);
      memcpy(line, p, length);
      st = read_constants_of(in, line, b);
      ogi_free(line);
    }
    p += length + (p[length] == '\n');
  }
  return st;
}

/* ---- figures ---- */

static const struct {
  const char *key;
  ogi_figure_kind kind;
  size_t texts; /* 1: a text, else a list */
  const char *need;
} kinds[] = {
    {"measure", OGI_F_MEASURE, 1, "a text as behind .measure tran NAME"},
    {"ratio", OGI_F_RATIO, 2, "a list of two texts, each as behind .measure tran NAME"},
    {"difference", OGI_F_DIFFERENCE, 2, "a list of two texts, each as behind .measure tran NAME"},
    {"fit_decay", OGI_F_DECAY, 1, "a vector"},
    {"area", OGI_F_AREA, 2, "a list [x, y] of two vectors"},
    {"integral", OGI_F_INTEGRAL, 1, "a vector, or the product of two: \"v(p)*i(vp)\""},
    {"cross", OGI_F_CROSS, 3, "a list [vector, level, vector]"},
    {"count", OGI_F_COUNT, 2, "a list [vector, level]"},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static og_status read_texts(const ogi_place_in *in, const ogi_tree *t, const char *where, size_t k,
                            ogi_bench_figure *f) {
  char full[2 * WHERE];
  size_t at = 0, texts = kinds[k].texts;
  snprintf(full, sizeof full, "%s.%s", where, kinds[k].key);
  int good =
      texts == 1 ? t->kind == OGI_TREE_TEXT && t->text[0] != '\0' : t->kind == OGI_TREE_LIST && t->count == texts;
  if (!good) return ogi_keys_wrong(in, t, full, kinds[k].need);
  for (const ogi_tree *one = texts == 1 ? t : t->first; one != NULL && at < texts; one = one->next, at++) {
    if (one->kind != OGI_TREE_TEXT || one->text[0] == '\0') return ogi_keys_wrong(in, one, full, kinds[k].need);
    f->text[at] = ogi_strdup(one->text);
    if (f->text[at] == NULL) return no_memory(in);
  }
  return OG_OK;
}

/* "a*b" -> two vectors; blanks around them go. */
static og_status split_product(const ogi_place_in *in, ogi_bench_figure *f) {
  char *star = strchr(f->text[0], '*');
  if (star == NULL) return OG_OK;
  f->text[1] = ogi_strdup(star + 1 + strspn(star + 1, " \t"));
  if (f->text[1] == NULL) return no_memory(in);
  while (star > f->text[0] && isspace((unsigned char)star[-1])) star--;
  *star = '\0';
  for (char *end = f->text[1] + strlen(f->text[1]); end > f->text[1] && isspace((unsigned char)end[-1]);) *--end = '\0';
  return OG_OK;
}

static og_status read_kind(const ogi_place_in *in, const ogi_tree *t, const char *where, ogi_bench_figure *f) {
  og_status st = OG_OK;
  size_t found = 0;
  for (size_t k = 0; k < KINDS && st == OG_OK; k++) {
    const ogi_tree *one = ogi_tree_find(t, kinds[k].key);
    if (one == NULL) continue;
    if (found++ > 0)
      return ogi_keys_wrong(in, t, where, "one of measure, ratio, difference, fit_decay, area, integral, cross, count");
    f->kind = kinds[k].kind;
    st = read_texts(in, one, where, k, f);
  }
  if (st == OG_OK && found == 0)
    return ogi_keys_wrong(in, t, where, "one of measure, ratio, difference, fit_decay, area, integral, cross, count");
  if (st == OG_OK && f->kind == OGI_F_INTEGRAL) st = split_product(in, f);
  if (st == OG_OK && f->kind <= OGI_F_DIFFERENCE && (f->from[0] != '\0' || f->to[0] != '\0'))
    st = ogi_keys_wrong(in, t, where, "from= and to= inside of the texts of measure, ratio and difference");
  return st;
}

/* What a figure is held against: a value with one tolerance, or a range. */
static og_status check_target(const ogi_place_in *in, const ogi_tree *t, const char *where, const ogi_bench_figure *f) {
  int value = f->expected[0] != '\0', range = f->min[0] != '\0' || f->max[0] != '\0';
  int tolerances = (f->rtol[0] != '\0') + (f->atol[0] != '\0');
  if (!value && !range)
    return ogi_fail(in->err, OG_E_INPUT,
                    "%s:%zu: %s: saw nothing to compare with, need expected with rtol or atol, or min or max", in->path,
                    t->line, where);
  if (tolerances != value)
    return ogi_fail(in->err, OG_E_INPUT, "%s:%zu: %s: saw %d of rtol and atol, need %s", in->path, t->line, where,
                    tolerances, value ? "one beside expected" : "none without expected");
  if (value && f->source[0] == '\0')
    return ogi_fail(in->err, OG_E_INPUT, "%s:%zu: %s.source: saw nothing, need where the expected value comes from",
                    in->path, t->line, where);
  return OG_OK;
}

/* Everything that is computed later is tried with the values of the first run, so that mistakes are told with their
 * line. */
static og_status try_texts(const ogi_place_in *in, const ogi_tree *t, const char *where, const ogi_bench *b,
                           const ogi_bench_figure *f) {
  double first[OGI_VALUES_MAX], value;
  og_bench_row row = {0};
  ogi_values values = ogi_bench_values(b, 0, first);
  og_status st = OG_OK;
  const char *const window[] = {f->from, f->to};
  for (size_t k = 0; k < 2 && st == OG_OK; k++)
    if (window[k][0] != '\0') st = ogi_evaluate(&value, window[k], "s", &values, in->err);
  if (st == OG_OK && (f->kind == OGI_F_CROSS || f->kind == OGI_F_COUNT))
    st = ogi_evaluate(&value, f->text[1], "", &values, in->err);
  for (size_t k = 0; k < 2 && st == OG_OK && f->kind <= OGI_F_DIFFERENCE && f->text[k] != NULL; k++) {
    char *plain = NULL, statement[600];
    og_measure *m = NULL;
    st = ogi_substitute(&plain, f->text[k], &values, OGI_SPELL_NUMBER, in->err);
    if (st == OG_OK) snprintf(statement, sizeof statement, "tran figure %s", plain);
    if (st == OG_OK) st = og_measure_parse(&m, statement, in->err);
    og_measure_free(m);
    ogi_free(plain);
  }
  if (st == OG_OK) st = ogi_figure_range(f, &values, &row, in->err);
  return st == OG_OK ? st : ogi_keys_at(in, t, where, st);
}

static og_status read_figure(const ogi_place_in *in, const ogi_tree *t, const char *bench, ogi_bench *b) {
  char where[WHERE];
  og_status st;
  const char *sign;
  if (!OGI_ROOM(b->figures)) return no_memory(in);
  ogi_bench_figure *f = &b->figures.item[b->figures.count++];
  *f = (ogi_bench_figure){.name = t->key, .tree = t, .sign = 1};
  snprintf(where, sizeof where, "%.50s.figures.%.45s", bench, t->key);
  OGI_TRY(st, ogi_keys_name(in, t, where, t->key));
  OGI_TRY(st, ogi_keys_known(in, t, where,
                             "measure ratio difference fit_decay area integral cross count from to sign unit expected "
                             "rtol atol min max source"));
  const struct { const char *key, **to; } texts[] = {
      {"from", &f->from}, {"to", &f->to}, {"expected", &f->expected}, {"rtol", &f->rtol}, {"atol", &f->atol},
      {"min", &f->min}, {"max", &f->max}, {"unit", &f->unit}, {"source", &f->source}, {"sign", &sign}};
  for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
    OGI_TRY(st, ogi_keys_text(in, t, where, texts[k].key, 0, texts[k].to));
  if (sign[0] != '\0' && strcmp(sign, "1") != 0 && strcmp(sign, "-1") != 0)
    return ogi_keys_wrong(in, ogi_tree_find(t, "sign"), where, "a sign of 1 or -1");
  if (strcmp(sign, "-1") == 0) f->sign = -1;
  OGI_TRY(st, read_kind(in, t, where, f));
  OGI_TRY(st, check_target(in, t, where, f));
  st = try_texts(in, t, where, b, f);
done:
  return st;
}

static og_status read_figures(const ogi_place_in *in, const ogi_tree *bench, const char *where, ogi_bench *b) {
  og_status st = OG_OK;
  const ogi_tree *t = ogi_tree_find(bench, "figures");
  if (t == NULL || t->kind != OGI_TREE_MAP || t->count == 0)
    return ogi_keys_wrong(in, t != NULL ? t : bench, where, "a section figures with at least one");
  for (const ogi_tree *one = t->first; one != NULL && st == OG_OK; one = one->next) st = read_figure(in, one, where, b);
  return st;
}

/* ---- plots ---- */

static int is_swept(const ogi_bench *b, const char *name) {
  for (size_t k = 0; k < b->sweeps; k++)
    if (strcmp(b->sweep_name[k], name) == 0) return 1;
  return 0;
}

static og_status read_curve(const ogi_place_in *in, const ogi_tree *one, const char *where, const ogi_bench *b,
                            ogi_bench_plot *p) {
  if (one->kind != OGI_TREE_TEXT || one->text[0] == '\0')
    return ogi_keys_wrong(in, one, where, "a vector, or \"figure NAME\"");
  int figure = strncmp(one->text, "figure ", 7) == 0;
  const char *name = figure ? one->text + 7 + strspn(one->text + 7, " ") : one->text;
  if (p->count > 0 && figure != p->figures) return ogi_keys_wrong(in, one, where, "vectors alone, or figures alone");
  p->figures = figure;
  size_t k = 0;
  while (figure && k < b->figures.count && strcmp(b->figures.item[k].name, name) != 0) k++;
  if (figure && k == b->figures.count) return ogi_keys_wrong(in, one, where, "a figure of this bench");
  p->y[p->count++] = name;
  return OG_OK;
}

/* Key ymin: where a logarithmic axis ends. */
static og_status read_ymin(const ogi_place_in *in, const ogi_tree *t, const char *where, ogi_bench_plot *p) {
  const char *text;
  og_error unused;
  og_status st = ogi_keys_text(in, t, where, "ymin", 0, &text);
  if (st != OG_OK || text[0] == '\0') return st;
  if (p->log_y && ogi_units_parse(&p->ymin, text, "", &unused) == OG_OK && p->ymin > 0) return OG_OK;
  return ogi_keys_wrong(in, ogi_tree_find(t, "ymin"), where, "ymin: of a logarithmic y, a number above 0");
}

/* Keys from and to: a stretch of the scale alone is drawn. */
static og_status read_stretch(const ogi_place_in *in, const ogi_tree *t, const char *where, ogi_bench_plot *p) {
  const struct { const char *key; double *to; } ends[] = {{"from", &p->from}, {"to", &p->to}};
  const ogi_values none = {0};
  const char *text;
  og_status st = OG_OK;
  p->from = -INFINITY;
  p->to = INFINITY;
  for (size_t k = 0; k < 2 && st == OG_OK; k++) {
    st = ogi_keys_text(in, t, where, ends[k].key, 0, &text);
    if (st != OG_OK || text[0] == '\0') continue;
    if (p->figures) return ogi_keys_wrong(in, ogi_tree_find(t, ends[k].key), where, "from and to with vectors alone");
    st = ogi_evaluate(ends[k].to, text, "s", &none, in->err);
    if (st != OG_OK) st = ogi_keys_at(in, ogi_tree_find(t, ends[k].key), where, st);
  }
  return st;
}

/* Key run: one run alone is drawn. */
static og_status read_run_of(const ogi_place_in *in, const ogi_tree *t, const char *where, const ogi_bench *b,
                             ogi_bench_plot *p) {
  const char *text;
  double number = 0;
  og_error unused;
  og_status st = ogi_keys_text(in, t, where, "run", 0, &text);
  if (st != OG_OK || text[0] == '\0') return st;
  if (!p->figures && ogi_units_parse(&number, text, "", &unused) == OG_OK && number >= 1 &&
      number <= (double)b->runs && number == floor(number)) {
    p->run = (size_t)number;
    return OG_OK;
  }
  return ogi_keys_wrong(in, ogi_tree_find(t, "run"), where, "run: of vectors, the number of a run of this bench");
}

static og_status read_plot(const ogi_place_in *in, const ogi_tree *t, const char *bench, ogi_bench *b) {
  char where[WHERE];
  og_status st;
  const char *log;
  if (!OGI_ROOM(b->plots)) return no_memory(in);
  ogi_bench_plot *p = &b->plots.item[b->plots.count++];
  *p = (ogi_bench_plot){0};
  snprintf(where, sizeof where, "%.60s.plots, number %zu", bench, b->plots.count);
  OGI_TRY(st, ogi_keys_known(in, t, where, "title x y log xlabel ylabel ymin from to run"));
  OGI_TRY(st, ogi_keys_text(in, t, where, "title", 1, &p->title));
  OGI_TRY(st, ogi_keys_text(in, t, where, "x", 1, &p->x));
  OGI_TRY(st, ogi_keys_text(in, t, where, "log", 0, &log));
  OGI_TRY(st, ogi_keys_text(in, t, where, "xlabel", 0, &p->xlabel));
  OGI_TRY(st, ogi_keys_text(in, t, where, "ylabel", 0, &p->ylabel));
  if (strlen(log) > 2 || strspn(log, "xy") != strlen(log))
    return ogi_keys_wrong(in, ogi_tree_find(t, "log"), where, "\"\", x, y or xy");
  p->log_x = strchr(log, 'x') != NULL;
  p->log_y = strchr(log, 'y') != NULL;
  OGI_TRY(st, read_ymin(in, t, where, p));
  const ogi_tree *y = ogi_tree_find(t, "y");
  if (y == NULL || y->kind != OGI_TREE_LIST || y->count < 1 || y->count > OGI_CURVES_MAX)
    return ogi_keys_wrong(in, y != NULL ? y : t, where, "y: a list of 1 to 6 vectors or figures");
  for (const ogi_tree *one = y->first; one != NULL; one = one->next) OGI_TRY(st, read_curve(in, one, where, b, p));
  p->by_run = strcmp(p->x, "run") == 0;
  if (p->figures != (p->by_run || is_swept(b, p->x)))
    st = ogi_keys_wrong(in, t, where,
                        p->figures ? "a swept parameter, or run, as x of figures" : "a vector as x of vectors");
  else st = read_run_of(in, t, where, b, p);
  if (st == OG_OK) st = read_stretch(in, t, where, p);
done:
  return st;
}

static og_status read_plots(const ogi_place_in *in, const ogi_tree *bench, const char *where, ogi_bench *b) {
  og_status st = OG_OK;
  const ogi_tree *t = ogi_tree_find(bench, "plots");
  if (t == NULL || (t->kind == OGI_TREE_TEXT && t->text[0] == '\0')) return OG_OK;
  if (t->kind != OGI_TREE_LIST) return ogi_keys_wrong(in, t, where, "plots: a list");
  for (const ogi_tree *one = t->first; one != NULL && st == OG_OK; one = one->next) st = read_plot(in, one, where, b);
  return st;
}

/* ---- benches ---- */

static og_status read_own(const ogi_place_in *in, const ogi_tree *t, const char *where, ogi_bench *b) {
  const char *text;
  og_error unused;
  b->own = 1;
  b->own_rtol = 1e-3;
  og_status st = read_flag(in, t, where, "own", &b->own);
  if (st == OG_OK) st = ogi_keys_text(in, t, where, "own_rtol", 0, &text);
  if (st != OG_OK || text[0] == '\0') return st;
  if (ogi_units_parse(&b->own_rtol, text, "", &unused) == OG_OK && b->own_rtol > 0 && b->own_rtol <= 1) {
    b->own_counts = 1;
    return OG_OK;
  }
  return ogi_keys_wrong(in, ogi_tree_find(t, "own_rtol"), where, "own_rtol: a number in 0 .. 1");
}

static og_status read_bench(const ogi_place_in *in, const ogi_tree *t, ogi_bench_file *f) {
  char where[WHERE];
  og_status st;
  if (!OGI_ROOM(f->benches)) return no_memory(in);
  ogi_bench *b = &f->benches.item[f->benches.count++];
  *b = (ogi_bench){.name = t->key};
  snprintf(where, sizeof where, "benches.%.40s", t->key);
  OGI_TRY(st, ogi_keys_name(in, t, where, t->key));
  OGI_TRY(st, ogi_keys_known(in, t, where, "title short deck sweep runs figures plots own own_rtol"));
  OGI_TRY(st, ogi_keys_text(in, t, where, "title", 1, &b->title));
  OGI_TRY(st, ogi_keys_text(in, t, where, "deck", 1, &b->deck));
  b->deck_line = ogi_tree_find(t, "deck")->line;
  OGI_TRY(st, read_flag(in, t, where, "short", &b->is_short));
  OGI_TRY(st, read_own(in, t, where, b));
  OGI_TRY(st, read_sweeps(in, t, where, b));
  OGI_TRY(st, read_constants(in, b));
  OGI_TRY(st, read_figures(in, t, where, b));
  st = read_plots(in, t, where, b);
done:
  return st;
}

og_status ogi_bench_read(ogi_bench_file *out, const char *path, og_error *err) {
  og_status st;
  ogi_locale locale;
  const ogi_place_in in = {path, err};
  *out = (ogi_bench_file){.path = ogi_strdup(path)};
  if (out->path == NULL) return no_memory(&in);
  ogi_locale_begin(&locale);
  OGI_TRY(st, ogi_tree_read(&out->tree, path, err));
  OGI_TRY(st, ogi_keys_known(&in, out->tree, "", "benches"));
  const ogi_tree *t = ogi_tree_find(out->tree, "benches");
  if (t == NULL || t->kind != OGI_TREE_MAP || t->count == 0) {
    st = ogi_keys_wrong(&in, t != NULL ? t : out->tree, "benches", "a section with at least one bench");
    goto done;
  }
  for (const ogi_tree *one = t->first; one != NULL; one = one->next) OGI_TRY(st, read_bench(&in, one, out));
done:
  ogi_locale_end(&locale);
  if (st != OG_OK) ogi_bench_clear(out);
  return st;
}
