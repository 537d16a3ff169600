/* SPDX-License-Identifier: BSD-3-Clause */
/** What is left of benches: JSON, tables, drawings. */
#include <config.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "devbench/ogi_bench.h"
#include "report/ogi_figure.h"

/* ---- JSON ---- */

static json_t *real(double x) { return isfinite(x) ? json_real(x) : json_null(); }

static json_t *text(const char *s) {
  char *clean = ogi_utf8_clean(s);
  json_t *value = clean != NULL ? json_string(clean) : NULL;
  ogi_free(clean);
  return value;
}

static json_t *describe_row(const og_bench_row *row) {
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:o, s:o}", "name", text(row->figure), "unit",
                   text(row->unit), "value", real(row->value), "expected", real(row->expected), "low", real(row->low),
                   "high", real(row->high), "passed", row->passed, "informative", row->informative, "why",
                   text(row->why), "source", text(row->source));
}

static json_t *describe_run(const og_bench_report *r, size_t k) {
  const og_bench_run *run = &r->run[k];
  double value[OGI_VALUES_MAX];
  ogi_values values = ogi_bench_values(r->inner->bench[k], r->inner->number[k], value);
  json_t *rows = json_array(), *params = json_object();
  for (size_t j = 0; j < r->inner->bench[k]->sweeps; j++)
    json_object_set_new(params, values.name[j], real(values.value[j]));
  for (size_t j = 0; j < run->row_count; j++) json_array_append_new(rows, describe_row(&r->row[run->row_first + j]));
  return json_pack("{s:o, s:o, s:o, s:o, s:s, s:o, s:I, s:o}", "bench", text(run->bench), "title", text(run->title),
                   "run", text(run->label), "parameters", params, "status", og_status_name(run->status), "why",
                   text(run->why), "points", (json_int_t)run->points, "figures", rows);
}

og_status og_bench_json(const og_bench_report *r, FILE *stream, og_error *err) {
  if (r == NULL || stream == NULL) return ogi_fail(err, OG_E_ARG, "bench: a needed pointer is NULL");
  json_t *runs = json_array();
  for (size_t k = 0; k < r->run_count; k++) json_array_append_new(runs, describe_run(r, k));
  json_t *root =
      json_pack("{s:o, s:o, s:s, s:o, s:b, s:I, s:I, s:I, s:o}", "device", text(r->device), "title", text(r->title),
                "version", PACKAGE_VERSION, "spice_version", text(r->spice_version), "passed",
                r->failed == 0 && r->outside == 0, "failed_runs", (json_int_t)r->failed, "figures_outside",
                (json_int_t)r->outside, "benches_skipped", (json_int_t)r->skipped, "runs", runs);
  if (root == NULL) return ogi_fail(err, OG_E_NOMEM, "bench: results");
  int bad = json_dumpf(root, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(17) | JSON_PRESERVE_ORDER) != 0;
  json_decref(root);
  bad |= fputc('\n', stream) == EOF;
  return bad ? ogi_fail(err, OG_E_IO, "bench: results cannot be written") : OG_OK;
}

/* ---- tables ---- */

/* A field of RFC 4180. */
static void field(FILE *f, const char *s) {
  fputc('"', f);
  for (; *s != '\0'; s++) {
    if (*s == '"') fputc('"', f);
    fputc((unsigned char)*s < ' ' ? ' ' : *s, f);
  }
  fputc('"', f);
}

static void number(FILE *f, double x) {
  fputc(',', f);
  if (isfinite(x)) fprintf(f, "%.17g", x);
}

static void write_figures(FILE *f, const og_bench_report *r) {
  fputs("device,bench,run,figure,unit,extracted,expected,low,high,passed,why,source\n", f);
  for (size_t k = 0; k < r->row_count; k++) {
    const og_bench_row *row = &r->row[k];
    const char *const first[] = {r->device, row->bench, row->run, row->figure, row->unit};
    for (size_t j = 0; j < sizeof first / sizeof *first; j++) {
      if (j > 0) fputc(',', f);
      field(f, first[j]);
    }
    number(f, row->value);
    number(f, row->expected);
    number(f, row->low);
    number(f, row->high);
    fprintf(f, ",%s,", row->passed ? "yes" : row->informative ? "informative" : "no");
    field(f, row->why);
    fputc(',', f);
    field(f, row->source);
    fputc('\n', f);
  }
}

/* ---- the folder ---- */

typedef og_status (*writer)(const og_bench_report *r, FILE *f, og_error *err);

static og_status figures(const og_bench_report *r, FILE *f, og_error *err) {
  (void)err;
  write_figures(f, r);
  return OG_OK;
}

static og_status save_text(const og_bench_report *r, const char *folder, const char *name, writer write,
                           og_error *err) {
  og_status st;
  ogi_writer w = {0};
  char *path = ogi_path_join(folder, name);
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "%s", name);
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  OGI_TRY(st, write(r, w.stream, err));
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  ogi_free(path);
  return st;
}

static og_status save_run(const og_bench_report *r, size_t k, const char *folder, og_error *err) {
  char name[80];
  const ogi_bench *b = r->inner->bench[k];
  if (r->inner->vectors[k] == NULL) return OG_OK;
  if (b->runs > 1) snprintf(name, sizeof name, "%.40s-%zu.csv", b->name, r->inner->number[k] + 1);
  else snprintf(name, sizeof name, "%.40s.csv", b->name);
  char *path = ogi_path_join(folder, name);
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "%s", name);
  og_status st = og_vectors_save(path, r->inner->vectors[k], err);
  ogi_free(path);
  return st;
}

static og_status save_plots(const og_bench_report *r, size_t first, const char *folder, og_error *err) {
  og_status st = OG_OK;
  const ogi_bench *b = r->inner->bench[first];
  for (size_t k = 0; k < b->plots.count && st == OG_OK; k++) {
    char name[80];
    snprintf(name, sizeof name, "%.40s-plot%zu.svg", b->name, k + 1);
    char *path = ogi_path_join(folder, name);
    st = path != NULL ? ogi_bench_draw(r, r->inner, first, k, path, err) : ogi_fail(err, OG_E_NOMEM, "%s", name);
    ogi_free(path);
  }
  return st;
}

og_status og_bench_save(const og_bench_report *r, const char *folder, og_error *err) {
  og_status st;
  ogi_locale locale;
  if (r == NULL || folder == NULL) return ogi_fail(err, OG_E_ARG, "bench: a needed pointer is NULL");
  ogi_locale_begin(&locale);
  OGI_TRY(st, ogi_make_dir(folder, err));
  OGI_TRY(st, save_text(r, folder, "results.json", og_bench_json, err));
  OGI_TRY(st, save_text(r, folder, "figures.csv", figures, err));
  for (size_t k = 0; k < r->run_count; k++) OGI_TRY(st, save_run(r, k, folder, err));
  for (size_t k = 0; k < r->run_count; k++)
    if (r->inner->number[k] == 0) OGI_TRY(st, save_plots(r, k, folder, err));
done:
  ogi_locale_end(&locale);
  return st;
}
