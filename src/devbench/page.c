/* SPDX-License-Identifier: BSD-3-Clause */
/** The page of a device: what card and model.md tell, and behind it what its benches found. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "devbench/ogi_bench.h"

enum { ONE_BY_ONE = 12, MODEL_BYTES = 1 << 20 };

/* One page under way. */
typedef struct page {
  FILE *f;
  const og_bench_report *r;
  const ogi_bench_inner *in;
  const og_circuit_card *card;
  const char *folder, *name;
} page;

/* ---- text ---- */

/* A cell of a table: nothing in it may end the cell or be taken for markup. */
static void cell(FILE *f, const char *text) {
  fputs(" ", f);
  for (; *text != '\0'; text++) {
    if (strchr("|*_<`\\", *text) != NULL) fputc('\\', f);
    fputc((unsigned char)*text < ' ' ? ' ' : *text, f);
  }
  fputs(" |", f);
}

/* A value as a reader wants it: four digits, with the prefix of its unit ("159.3n"). */
static const char *show(char to[24], double value, const char *unit) {
  if (ogi_curve_takes_prefix(unit)) ogi_curve_number(to, value);
  else snprintf(to, 24, "%.4g", value);
  return to;
}

/* Lines of model.md: before its first section (-1), of that on what the bench shows (1), or of all others (0). */
static void copy_model(FILE *f, const char *text, int which) {
  int now = -1, blank = 0;
  for (const char *line = text; *line != '\0';) {
    size_t length = strcspn(line, "\n");
    int heading = strncmp(line, "## ", 3) == 0;
    if (heading) now = strncmp(line, "## What the bench", 17) == 0;
    int skip = strncmp(line, "# ", 2) == 0 || (heading && now == 1) || length == 0;
    if (now == which && !skip) fprintf(f, "%s%.*s\n", blank ? "\n" : "", (int)length, line);
    if (now == which) blank = length == 0 && now == 0;
    line += length + (line[length] == '\n');
  }
}

/* ---- what the card tells ---- */

static void terminals(const page *p) {
  fprintf(p->f, "\n## Terminals and states\n\nSubcircuit `%s` in `devices/%s/%s`, pins in this order:",
          og_circuit_card_subckt(p->card), p->name, og_circuit_card_file(p->card));
  for (size_t k = 0; k < og_circuit_card_pins(p->card); k++) fprintf(p->f, " `%s`", og_circuit_card_pin(p->card, k));
  fputs(".\n", p->f);
  if (og_circuit_card_states(p->card) == 0) return;
  fputs("\n| state at pin | what | range | unit |\n| --- | --- | --- | --- |\n", p->f);
  for (size_t k = 0; k < og_circuit_card_states(p->card); k++) {
    const og_circuit_state *s = og_circuit_card_state(p->card, k);
    char range[64];
    snprintf(range, sizeof range, "%g .. %g", s->min, s->max);
    fputs("|", p->f);
    cell(p->f, s->pin);
    cell(p->f, s->help);
    cell(p->f, range);
    cell(p->f, s->unit);
    fputs("\n", p->f);
  }
}

static void parameters(const page *p) {
  fputs("\n## Parameters\n\nReferences in brackets: `doc/refs.bib`. Spread: relative standard deviation from device to "
        "device.\n\n| parameter | value | range | spread | what | source |\n| --- | --- | --- | --- | --- | --- |\n",
        p->f);
  for (size_t k = 0; k < og_circuit_card_params(p->card); k++) {
    const og_circuit_param *q = og_circuit_card_param(p->card, k);
    char range[160], spread[32] = "";
    snprintf(range, sizeof range, "%.70s .. %.70s", q->min_text, q->max_text);
    if (q->spread > 0) snprintf(spread, sizeof spread, "%g %%", 100 * q->spread);
    fputs("|", p->f);
    const char *const cells[] = {q->name, q->value_text, range, spread, q->help, q->source};
    for (size_t j = 0; j < sizeof cells / sizeof *cells; j++) cell(p->f, cells[j]);
    fputs("\n", p->f);
  }
}

/* ---- what the benches found ---- */

/* One bench: its runs in the report, and the rows under one name of theirs. */
typedef struct part {
  const page *p;
  const ogi_bench *bench;
  size_t first;
  const char *figure;
  int groups; /* 1: runs with the same target share a line */
} part;

static const og_bench_row *row_of(const part *a, size_t run) {
  const og_bench_run *one = &a->p->r->run[a->first + run];
  for (size_t k = 0; k < one->row_count; k++) {
    const og_bench_row *row = &a->p->r->row[one->row_first + k];
    if (strcmp(row->figure, a->figure) == 0) return row;
  }
  return NULL;
}

static int same(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

static int same_target(const og_bench_row *a, const og_bench_row *b) {
  return same(a->expected, b->expected) && same(a->low, b->low) && same(a->high, b->high);
}

static void target_cell(FILE *f, const og_bench_row *row) {
  char text[96], a[24], b[24];
  const char *u = row->unit;
  if (isfinite(row->expected)) {
    double most = fmin(row->high - row->expected, row->expected - row->low);
    snprintf(text, sizeof text, "%s ± %s", show(a, row->expected, u), show(b, most, u));
  } else if (isfinite(row->low) && isfinite(row->high))
    snprintf(text, sizeof text, "%s .. %s", show(a, row->low, u), show(b, row->high, u));
  else if (isfinite(row->low)) snprintf(text, sizeof text, "at least %s", show(a, row->low, u));
  else snprintf(text, sizeof text, "at most %s", show(a, row->high, u));
  cell(f, text);
}

/* All runs from run on that stand on its line. */
typedef struct line {
  size_t runs, failed;
  double low, high; /* of what was extracted */
} line;

static line gather_line(const part *a, size_t run, const og_bench_row *row) {
  line l = {0, 0, INFINITY, -INFINITY};
  for (size_t k = run; k < a->bench->runs && (a->groups || k == run); k++) {
    const og_bench_row *other = row_of(a, k);
    if (other == NULL || !same_target(row, other)) continue;
    l.runs++;
    l.failed += !other->passed;
    l.low = fmin(l.low, other->value);
    l.high = fmax(l.high, other->value);
  }
  return l;
}

static void print_line(const part *a, size_t run, const og_bench_row *row) {
  FILE *f = a->p->f;
  char text[OGI_CURVE_TEXT], low[24], high[24];
  const line l = gather_line(a, run, row);
  fputs("|", f);
  cell(f, row->figure);
  if (l.runs > 1) snprintf(text, sizeof text, "%zu runs", l.runs);
  else ogi_bench_name_values(a->bench, run, OGI_VALUES_MAX, text);
  cell(f, text);
  if (l.runs > 1 && l.high > l.low) 
    snprintf(text, sizeof text, "%s .. %s", show(low, l.low, row->unit), show(high, l.high, row->unit));
  else snprintf(text, sizeof text, "%s", isnan(row->value) ? "none" : show(low, row->value, row->unit));
  cell(f, text);
  target_cell(f, row);
  cell(f, strcmp(row->unit, "1") == 0 ? "" : row->unit);
  fputs(l.failed == 0 ? " pass |\n" : row->informative ? " note |\n" : " **FAIL** |\n", f);
}

static void print_figure(const part *a) {
  for (size_t k = 0; k < a->bench->runs; k++) {
    const og_bench_row *row = row_of(a, k), *other = NULL;
    int told = 0;
    for (size_t j = 0; a->groups && row != NULL && j < k && !told; j++) {
      other = row_of(a, j);
      told = other != NULL && same_target(row, other);
    }
    if (row != NULL && !told) print_line(a, k, row);
  }
}

static void sources(const part *a) {
  for (size_t k = 0; k < a->bench->figures.count; k++) {
    const ogi_bench_figure *g = &a->bench->figures.item[k];
    if (g->source[0] != '\0') fprintf(a->p->f, "* `%s`: %s\n", g->name, g->source);
  }
}

static void failed_runs(const part *a) {
  for (size_t k = 0; k < a->bench->runs; k++) {
    const og_bench_run *run = &a->p->r->run[a->first + k];
    if (run->status != OG_OK) fprintf(a->p->f, "* run %s **failed**: %s\n", run->label, run->why);
  }
}

static og_status plots(const part *a, og_error *err) {
  og_status st = OG_OK;
  for (size_t k = 0; k < a->bench->plots.count && st == OG_OK; k++) {
    char file[160];
    snprintf(file, sizeof file, "%.64s-%.40s-%zu.svg", a->p->name, a->bench->name, k + 1);
    char *path = ogi_path_join(a->p->folder, file);
    if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "%s", file);
    st = ogi_bench_draw(a->p->r, a->p->in, a->first, k, path, err);
    fprintf(a->p->f, "\n![%s](%s)\n", a->bench->plots.item[k].title, file);
    ogi_free(path);
  }
  return st;
}

static og_status bench(const page *p, size_t first, og_error *err) {
  part a = {.p = p, .bench = p->in->bench[first], .first = first};
  fprintf(p->f, "\n### %s\n\nBench `%s`, %zu run%s.\n\n", a.bench->title, a.bench->name, a.bench->runs,
          a.bench->runs == 1 ? "" : "s");
  fputs("| figure | run | extracted | expected | unit | |\n| --- | --- | --- | --- | --- | --- |\n", p->f);
  a.groups = a.bench->runs > ONE_BY_ONE;
  for (size_t k = 0; k < a.bench->figures.count; k++) {
    a.figure = a.bench->figures.item[k].name;
    print_figure(&a);
  }
  a.groups = 1;
  for (size_t k = 0; k < og_circuit_card_states(p->card); k++) {
    a.figure = p->in->state_label[k];
    print_figure(&a);
  }
  a.figure = "own engine";
  print_figure(&a);
  fputs("\n", p->f);
  failed_runs(&a);
  sources(&a);
  return plots(&a, err);
}

static og_status benches(const page *p, const char *model, og_error *err) {
  og_status st = OG_OK;
  fprintf(p->f, "\n## Figures\n\nExtracted from the waveforms of %s; `ohmgrid device bench %s --full` does it anew.\n"
          "\"state\": the value nearest to leaving its range; \"own engine\": worst deviation of our general engine "
          "from ngspice, relative to the\npeak of each vector.\n\n",
          p->r->spice_version[0] != '\0' ? p->r->spice_version : "ngspice", p->name);
  copy_model(p->f, model, 1);
  for (size_t k = 0; k < p->r->run_count && st == OG_OK; k++)
    if (p->in->number[k] == 0) st = bench(p, k, err);
  return st;
}

/* ---- the page ---- */

static og_status write_page(page *p, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  char *path = NULL, *model_path = NULL, *model = NULL, file[80];
  size_t bytes;
  snprintf(file, sizeof file, "%.64s.md", p->name);
  path = ogi_path_join(p->folder, file);
  model_path = ogi_path_join(og_circuit_card_folder(p->card), "model.md");
  if (path == NULL || model_path == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "%s", file);
    goto done;
  }
  OGI_TRY(st, ogi_file_read(&model, &bytes, model_path, MODEL_BYTES, err));
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  p->f = w.stream;
  fprintf(p->f, "# %s\n\n%s.\n\n", p->name, og_circuit_card_title(p->card));
  copy_model(p->f, model, -1);
  terminals(p);
  fputs("\n", p->f);
  copy_model(p->f, model, 0);
  parameters(p);
  OGI_TRY(st, benches(p, model, err));
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  ogi_free(model);
  ogi_free(model_path);
  ogi_free(path);
  return st;
}

og_status og_bench_page(const og_bench_report *r, const og_circuit_card *card, const char *folder, og_error *err) {
  ogi_locale locale;
  if (r == NULL || card == NULL || folder == NULL) return ogi_fail(err, OG_E_ARG, "page: a needed pointer is NULL");
  if (strcmp(r->device, og_circuit_card_name(card)) != 0)
    return ogi_fail(err, OG_E_ARG, "page: saw the card of %s, need that of %s", og_circuit_card_name(card), r->device);
  page p = {.r = r, .in = r->inner, .card = card, .folder = folder, .name = r->device};
  ogi_locale_begin(&locale);
  og_status st = ogi_make_dir(folder, err);
  if (st == OG_OK) st = write_page(&p, err);
  ogi_locale_end(&locale);
  return st;
}
