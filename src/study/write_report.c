/* SPDX-License-Identifier: BSD-3-Clause */
/** What a write study leaves in its folder. */
#include <config.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "report/ogi_figure.h"
#include "study/ogi_write.h"

/* ---- tables ---- */

static void field(FILE *f, double x) { fprintf(f, isfinite(x) ? ",%.17g" : ",", x); }

static void cells(FILE *f, const og_write_results *r, const og_write_study *s) {
  size_t count = r->m * r->n;
  (void)s;
  fputs("row,column", f);
  for (size_t x = 0; x < r->states; x++)
    fprintf(f, ",%s_start,%s_end,%s_low,%s_high", r->state[x], r->state[x], r->state[x], r->state[x]);
  fputs(",peak_volt,energy_joule\n", f);
  for (size_t k = 0; k < count; k++) {
    fprintf(f, "%zu,%zu", k / r->n, k % r->n);
    for (size_t x = 0; x < r->states; x++) {
      size_t at = x * count + k;
      field(f, r->start[at]);
      field(f, r->end[at]);
      field(f, r->low[at]);
      field(f, r->high[at]);
    }
    field(f, r->peak_volt[k]);
    field(f, r->joule[k]);
    fputc('\n', f);
  }
}

static void lines(FILE *f, const og_write_results *r, const og_write_study *s) {
  (void)s;
  fputs("line,number,energy_joule\n", f);
  for (size_t k = 0; k < r->m + r->n; k++)
    fprintf(f, "%s,%zu,%.17g\n", k < r->m ? "word" : "bit", k < r->m ? k : k - r->m, r->line_joule[k]);
}

static void reads(FILE *f, const og_write_results *r, const og_write_study *s) {
  (void)s;
  fputs("time", f);
  for (size_t j = 0; j < r->n; j++) fprintf(f, ",i_%zu", j);
  for (size_t k = 0; k < r->reads; k++) {
    fprintf(f, "\n%.17g", r->read_second[k]);
    for (size_t j = 0; j < r->n; j++) field(f, r->read_amp[k * r->n + j]);
  }
  fputc('\n', f);
}

static void frames(FILE *f, const og_write_results *r, const og_write_study *s) {
  fputs("time", f);
  for (size_t k = 0; k < r->m * r->n; k++) fprintf(f, ",%s_%zu_%zu", r->state[0], k / r->n, k % r->n);
  for (size_t k = 0; k < s->frames; k++) {
    double second = ogi_write_frame_second(r, s, k);
    fprintf(f, "\n%.17g", second);
    for (size_t c = 0; c < r->m * r->n; c++) {
      const double *x = ogi_write_vector(r, 'x', c, r->state[0]);
      field(f, x != NULL ? ogi_write_at(r->waves, x, second) : NAN);
    }
  }
  fputc('\n', f);
}

static void study_yaml(FILE *f, const og_write_results *r, const og_write_study *s) {
  (void)r;
  ogi_schema_dump(f, s, ogi_write_keys, ogi_write_key_count);
}

/* ---- results.json ---- */

static json_t *number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

static json_t *numbers(const double *x, size_t count) {
  json_t *list = json_array();
  for (size_t k = 0; k < count && list != NULL; k++) json_array_append_new(list, number(x[k]));
  return list;
}

static json_t *range_of(const og_write_results *r) {
  const og_write_range *f = &r->farthest;
  if (r->outside == 0) return json_null();
  return json_pack("{s:s, s:I, s:I, s:f, s:f, s:f, s:f}", "state", r->state[f->state], "row",
                   (json_int_t)(f->cell / r->n), "column", (json_int_t)(f->cell % r->n), "second", f->second, "value",
                   f->value, "min", f->min, "max", f->max);
}

/* Every read over the first, line by line. */
static json_t *ratios(const og_write_results *r) {
  json_t *rows = json_array();
  for (size_t k = 0; k < r->reads && rows != NULL; k++) {
    json_t *row = json_array();
    for (size_t j = 0; j < r->n && row != NULL; j++)
      json_array_append_new(row, number(r->read_amp[k * r->n + j] / r->read_amp[j]));
    json_array_append_new(rows, row);
  }
  return rows;
}

static json_t *object_of_reads(const og_write_results *r) {
  json_t *currents = json_array();
  if (r->reads == 0) {
    json_decref(currents);
    return json_null();
  }
  for (size_t k = 0; k < r->reads && currents != NULL; k++)
    json_array_append_new(currents, numbers(r->read_amp + k * r->n, r->n));
  return json_pack("{s:o, s:o, s:o, s:o, s:o}", "time_second", numbers(r->read_second, r->reads), "output_amp",
                   currents, "over_first", ratios(r), "tau_second", numbers(r->tau, r->n), "tau_error_second",
                   numbers(r->tau_error, r->n));
}

static json_t *object_of_run(const og_write_results *r, const og_write_study *s) {
  const og_cosim_info *i = &r->info;
  return json_pack(
      "{s:s, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o}", "name",
      s->name, "word_lines", (json_int_t)r->m, "bit_lines", (json_int_t)r->n, "cells_in_ngspice",
      (json_int_t)i->spice_cells, "cells_compact", (json_int_t)i->compact_cells, "sessions", (json_int_t)i->sessions,
      "begin_second", ogi_write_begin(r), "stop_second", ogi_write_stop(r), "steps", (json_int_t)i->steps,
      "steps_taken_back", (json_int_t)i->spice_redone, "port_mismatch", number(i->mismatch), "delivered_joule",
      number(i->delivered_joule), "cells_joule", number(i->cells_joule), "wires_joule", number(i->wires_joule),
      "linear_cells_joule", number(i->linear_joule), "energy_balance", number(i->energy_balance),
      "port_balance", number(i->port_balance), "charge_balance", number(i->charge_balance), "states_out_of_range", (json_int_t)r->outside, "farthest_out", range_of(r));
}

static json_t *object_of_rescues(const og_cosim_info *i) {
  if (i->rescued == 0) return json_null();
  char *why = ogi_utf8_clean(i->rescued_why); /* ngspice's words */
  json_t *o = why == NULL ? NULL
                          : json_pack("{s:I, s:o, s:s}", "times", (json_int_t)i->rescued, "last_second",
                                      number(i->rescued_second), "why", why);
  ogi_free(why);
  return o;
}

static json_t *object_of_selected(const og_write_results *r) {
  if (!r->one_cell) return json_object();
  return json_pack("{s:I, s:I, s:o, s:o, s:I, s:I, s:o, s:o}", "row", (json_int_t)r->row, "column",
                   (json_int_t)r->column, "state_change", number(r->change), "disturb", number(r->disturb),
                   "disturb_row", (json_int_t)(r->disturbed / r->n), "disturb_column",
                   (json_int_t)(r->disturbed % r->n), "selected_cell_joule", number(r->selected_joule),
                   "unselected_cells_joule", number(r->unselected_joule));
}

static og_status save_json(const og_write_results *r, const og_write_study *s, const char *path, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  json_t *o = object_of_run(r, s), *selected = object_of_selected(r);
  if (o == NULL || selected == NULL || json_object_update(o, selected) != 0 ||
      json_object_set_new(o, "reads", object_of_reads(r)) != 0 ||
      json_object_set_new(o, "lines_joule",
                          r->line_joule != NULL ? numbers(r->line_joule, r->m + r->n) : json_null()) != 0 ||
      json_object_set_new(o, "write_verify", ogi_verify_json(r)) != 0 ||
      json_object_set_new(o, "rescued", object_of_rescues(&r->info)) != 0 ||
      json_object_set_new(o, "compact_state_error", number(r->compact_error)) != 0 ||
      json_object_set_new(o, "relaxation_state_error", number(r->relaxation_error)) != 0 ||
      json_object_set_new(o, "reference_state_error", number(r->reference_error)) != 0) {
    st = ogi_fail(err, OG_E_NOMEM, "%s", path);
    goto done;
  }
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  if (json_dumpf(o, w.stream, JSON_INDENT(2) | JSON_REAL_PRECISION(17) | JSON_PRESERVE_ORDER) != 0) {
    st = ogi_fail(err, OG_E_NOMEM, "%s", path);
    goto done;
  }
  fputc('\n', w.stream);
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  json_decref(o);
  json_decref(selected);
  return st;
}

/* ---- all ---- */

static const struct table {
  const char *name;
  void (*write)(FILE *f, const og_write_results *r, const og_write_study *s);
} tables[] = {{"study.yaml", study_yaml},
              {"cells.csv", cells},
              {"lines.csv", lines},
              {"reads.csv", reads},
              {"frames.csv", frames},
              {"verify.csv", ogi_verify_csv}};

static int has(const struct table *t, const og_write_results *r, const og_write_study *s) {
  if (t->write == lines) return r->line_joule != NULL;
  if (t->write == reads) return r->reads > 0;
  if (t->write == ogi_verify_csv) return r->verify_reads > 0;
  return t->write != frames || s->frames > 0;
}

/* A table that this run has no numbers for is removed: it would be another run's. */
static og_status save_table(const struct table *t, const og_write_results *r, const og_write_study *s, const char *path,
                            og_error *err) {
  og_status st;
  ogi_writer w = {0};
  if (!has(t, r, s))
    return unlink(path) == 0 || errno == ENOENT
               ? OG_OK
               : ogi_fail(err, OG_E_IO, "%s: an older table cannot be removed: %s", path, strerror(errno));
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  t->write(w.stream, r, s);
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  return st;
}

static og_status save_waves(const og_write_results *r, const og_write_study *s, const char *path, og_error *err) {
  (void)s;
  return og_vectors_save(path, r->waves, err);
}

static og_status save_as(const char *folder, const char *name, const og_write_results *r, const og_write_study *s,
                         og_status (*save)(const og_write_results *, const og_write_study *, const char *, og_error *),
                         og_error *err) {
  char *path = ogi_path_join(folder, name);
  og_status st = path != NULL ? save(r, s, path, err) : ogi_fail(err, OG_E_NOMEM, "%s", name);
  ogi_free(path);
  return st;
}

static og_status all(const og_write_results *r, const og_write_study *s, const char *folder, og_error *err) {
  og_status st;
  for (size_t k = 0; k < sizeof tables / sizeof *tables; k++) {
    char *path = ogi_path_join(folder, tables[k].name);
    st = path != NULL ? save_table(&tables[k], r, s, path, err) : ogi_fail(err, OG_E_NOMEM, "report");
    ogi_free(path);
    if (st != OG_OK) return st;
  }
  OGI_TRY(st, save_as(folder, "waves.raw", r, s, save_waves, err));
  OGI_TRY(st, save_as(folder, "results.json", r, s, save_json, err)); /* a drawing that fails takes no numbers away */
  OGI_TRY(st, ogi_write_plots(r, s, folder, err));
  st = ogi_write_html(r, s, folder, err);
done:
  return st;
}

og_status ogi_write_report(const og_write_results *r, const og_write_study *s, const char *folder, og_error *err) {
  ogi_locale locale;
  ogi_locale_begin(&locale);
  og_status st = all(r, s, folder, err);
  ogi_locale_end(&locale);
  return st;
}
