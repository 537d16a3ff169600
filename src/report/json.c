/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <jansson.h>
#include <math.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "report/ogi_figure.h"
#include "report/ogi_report.h"

/* An object under construction; bad remembers a failed allocation, so that building reads as a plain list. */
typedef struct build {
  json_t *root;
  int bad;
} build;

static void put(build *b, json_t *object, const char *key, json_t *value) {
  if (json_object_set_new(object, key, value) != 0) b->bad = 1;
}

static json_t *put_object(build *b, json_t *parent, const char *key) {
  json_t *object = json_object();
  put(b, parent, key, object);
  return object;
}

static json_t *put_array(build *b, json_t *parent, const char *key) {
  json_t *array = json_array();
  put(b, parent, key, array);
  return array;
}

static void append(build *b, json_t *array, json_t *value) {
  if (json_array_append_new(array, value) != 0) b->bad = 1;
}

static json_t *append_object(build *b, json_t *array) {
  json_t *object = json_object();
  append(b, array, object);
  return object;
}

static json_t *real(double x) { return isfinite(x) ? json_real(x) : json_null(); }

static json_t *size(size_t x) { return json_integer((json_int_t)x); }

static json_t *text(const char *s) {
  char *clean = ogi_utf8_clean(s);
  json_t *value = clean != NULL ? json_string(clean) : NULL;
  ogi_free(clean);
  return value;
}

/* JSON integers end at 2^63 - 1 in most readers and in jansson: a larger seed is a string of digits. */
static json_t *seed(uint64_t x) {
  char digits[24];
  snprintf(digits, sizeof digits, "%llu", (unsigned long long)x);
  return x <= INT64_MAX ? json_integer((json_int_t)x) : json_string(digits);
}

static void put_span(build *b, json_t *object, const double *x, size_t count) {
  ogi_span span = ogi_span_of(x, count);
  put(b, object, "min", real(span.min));
  put(b, object, "mean", real(span.mean));
  put(b, object, "max", real(span.max));
}

static void head(build *b, const og_results *r) {
  put(b, b->root, "study", text(r->study));
  put(b, b->root, "version", text(r->version));
  put(b, b->root, "seed", seed(r->seed));
  put(b, b->root, "device", text(r->device));
  put(b, b->root, "data", text(r->data));
  json_t *network = put_object(b, b->root, "network");
  json_t *extent = put_array(b, network, "extent");
  for (size_t i = 0; r->extent != NULL && i <= r->layers; i++) append(b, extent, size(r->extent[i]));
  put(b, network, "layers", size(r->layers));
  put(b, network, "tiles", size(r->tiles));
  put(b, network, "arrays", size(r->arrays));
  put(b, network, "macs_per_inference", real(r->macs_per_inference));
  put(b, b->root, "test_images", size(r->test_images));
  put(b, b->root, "train_accuracy", real(r->train_accuracy));
  put(b, b->root, "engine", text("reduce")); /* the arrays' exact reduction; the next three are its audit */
  put(b, b->root, "kcl_residual", real(r->array_kcl_residual));
  put(b, b->root, "power_watt", real(r->array_power_watt));
  put(b, b->root, "power_balance", real(r->array_power_balance));
}

static void accuracy(build *b, const og_results *r) {
  json_t *rows = put_array(b, b->root, "accuracy");
  for (size_t i = 0; i < r->accuracy_rows; i++) {
    const og_accuracy_row *a = &r->accuracy[i];
    json_t *row = append_object(b, rows);
    put(b, row, "key", text(a->key));
    put(b, row, "label", text(a->label));
    put(b, row, "trials", size(a->trials));
    put(b, row, "mean", real(a->mean));
    put(b, row, "std", real(a->std));
    put(b, row, "ci95", real(a->ci95));
    put(b, row, "test_ci95", real(a->test_ci95));
    put(b, row, "loss", real(a->loss));
    put(b, row, "adc_saturated", real(a->adc_saturated));
    put(b, row, "dac_clipped", real(a->dac_clipped));
    json_t *trial = put_array(b, row, "trial");
    for (size_t k = 0; a->trial != NULL && k < a->trials; k++) append(b, trial, real(a->trial[k]));
  }
}

static void parts(build *b, json_t *object, const char *key, const char *name, const ogi_energy_part *part,
                  size_t count) {
  json_t *rows = put_array(b, object, key);
  for (size_t i = 0; i < count; i++) {
    json_t *row = append_object(b, rows);
    put(b, row, name, text(part[i].name));
    put(b, row, "per_inference_joule", real(part[i].joule));
  }
}

static void energy(build *b, const og_results *r, const ogi_energy *sum) {
  json_t *object = put_object(b, b->root, "energy");
  put(b, object, "per_inference_joule", real(r->joule_per_inference));
  put(b, object, "per_mac_joule", real(sum->joule_per_mac));
  put(b, object, "macs_per_inference", real(r->macs_per_inference));
  put(b, object, "operations_per_inference", real(sum->operations));
  put(b, object, "tops_per_watt", real(sum->tops_per_watt));
  parts(b, object, "by_layer", "layer", sum->layer, sum->layers);
  parts(b, object, "by_block", "block", sum->block, sum->blocks);
  json_t *rows = put_array(b, object, "rows");
  for (size_t i = 0; i < r->energy_rows; i++) {
    const og_energy_row *e = &r->energy[i];
    json_t *row = append_object(b, rows);
    put(b, row, "layer", text(e->layer));
    put(b, row, "block", text(e->block));
    put(b, row, "count", real(e->count));
    put(b, row, "each_joule", real(e->joule_each));
    put(b, row, "per_inference_joule", real(e->joule));
    put(b, row, "source", text(e->source));
  }
  if (!(r->program_joule_each > 0)) return;
  json_t *once = put_object(b, object, "programming_once");
  put(b, once, "cells", real(r->program_cells));
  put(b, once, "each_joule", real(r->program_joule_each));
  put(b, once, "joule", real(r->program_cells * r->program_joule_each));
  put(b, once, "source", text(r->program_source));
}

static void check_row(build *b, json_t *row, const og_results *r, const og_check_row *c) {
  int is_current = c->result.worst_node[0] == 'i';
  put(b, row, "name", text(c->name));
  put(b, row, "m", size(c->m));
  put(b, row, "n", size(c->n));
  put(b, row, "inputs", size(c->inputs));
  put(b, row, "compared", size(c->result.compared));
  put(b, row, "worst_relative", real(c->result.worst_relative));
  put(b, row, "worst_current", real(c->result.worst_current));
  put(b, row, "worst_voltage", real(c->result.worst_voltage));
  put(b, row, "worst_node", text(c->result.worst_node));
  put(b, row, "worst_input", size(c->result.worst_input));
  put(b, row, is_current ? "ours_amp" : "ours_volt", real(c->result.ours));
  put(b, row, is_current ? "theirs_amp" : "theirs_volt", real(c->result.theirs));
  put(b, row, "spice_version", text(c->result.spice_version));
  put(b, row, "passed", json_boolean(ogi_check_passed(r, c)));
}

static void check(build *b, const og_results *r) {
  json_t *object = put_object(b, b->root, "check"), *rows = json_array();
  int passed = 1;
  size_t compared = 0;
  for (size_t i = 0; i < r->check_rows; i++) {
    check_row(b, append_object(b, rows), r, &r->check[i]);
    passed = passed && ogi_check_passed(r, &r->check[i]);
    compared += r->check[i].result.compared;
  }
  put(b, object, "rtol", real(r->check_rtol));
  put(b, object, "passed", r->check_rows > 0 ? json_boolean(passed) : json_null());
  put(b, object, "compared", size(compared));
  put(b, object, "worst_relative", real(ogi_check_worst(r)));
  put(b, object, "rows", rows);
}

static void arrays(build *b, const og_results *r) {
  json_t *map = put_object(b, b->root, "ir_drop_map");
  put(b, map, "name", text(r->map_name));
  put(b, map, "m", size(r->map_m));
  put(b, map, "n", size(r->map_n));
  put_span(b, map, r->map_cell_drop, r->map_m * r->map_n);
  json_t *cells = put_object(b, b->root, "cells");
  put(b, cells, "name", text(r->cells_name));
  put(b, cells, "count", size(r->cells));
  put_span(b, put_object(b, cells, "target_siemens"), r->cell_target_siemens, r->cells);
  put_span(b, put_object(b, cells, "programmed_siemens"), r->cell_programmed_siemens, r->cells);
}

static og_status dump(const json_t *root, const char *path, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  int bad = json_dumpf(root, w.stream, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17));
  if (bad && !ferror(w.stream)) { /* a failed write is for commit to tell */
    st = ogi_fail(err, OG_E_NOMEM, "%s", path);
    goto done;
  }
  fputc('\n', w.stream);
  OGI_TRY(st, ogi_writer_commit(&w, err));
done:
  ogi_writer_abort(&w);
  return st;
}

og_status ogi_report_json(const og_results *r, const char *study_yaml, const char *path, og_error *err) {
  og_status st;
  ogi_energy sum = {0};
  build b = {.root = json_object(), .bad = 0};
  ogi_locale c;
  ogi_locale_begin(&c);
  OGI_TRY(st, ogi_energy_sum(&sum, r, err));
  put(&b, b.root, "format", json_string("ohmgrid-results-1"));
  head(&b, r);
  accuracy(&b, r);
  energy(&b, r, &sum);
  check(&b, r);
  arrays(&b, r);
  json_t *notes = put_array(&b, b.root, "notes");
  for (size_t i = 0; i < r->notes; i++) append(&b, notes, text(r->note[i]));
  if (study_yaml != NULL) put(&b, b.root, "study_yaml", text(study_yaml));
  if (b.bad) {
    st = ogi_fail(err, OG_E_NOMEM, "%s", path);
    goto done;
  }
  OGI_TRY(st, dump(b.root, path, err));
done:
  ogi_locale_end(&c);
  json_decref(b.root);
  ogi_energy_clear(&sum);
  return st;
}
