/* SPDX-License-Identifier: BSD-3-Clause */
/** What is left of samples: a card, tables, JSON. */
#include <config.h>

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "devstat/ogi_sample.h"
#include "report/ogi_figure.h"

/* ---- JSON ---- */

static json_t *real(double x) { return isfinite(x) ? json_real(x) : json_null(); }

static json_t *text(const char *s) {
  char *clean = ogi_utf8_clean(s);
  json_t *value = clean != NULL ? json_string(clean) : NULL;
  ogi_free(clean);
  return value;
}

static json_t *describe_level(const og_sample_level *v) {
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I}", "target_siemens", real(v->target_siemens), "knob",
                   real(v->knob), "mean_siemens", real(v->mean_siemens), "sigma_siemens", real(v->sigma_siemens),
                   "sigma_low_siemens", real(v->sigma_low_siemens), "sigma_high_siemens", real(v->sigma_high_siemens),
                   "skew", real(v->skew), "count", (json_int_t)v->count, "missed", (json_int_t)v->missed);
}

/* A seed beyond what JSON's integers hold is a string of digits. */
static json_t *seed(uint64_t value) {
  if (value <= INT64_MAX) return json_integer((json_int_t)value);
  char digits[24];
  snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
  return json_string(digits);
}

static json_t *describe(const og_sample_report *r) {
  json_t *levels = json_array(), *failures = json_array(), *sigma = json_array();
  for (size_t l = 0; l < r->levels; l++) json_array_append_new(levels, describe_level(&r->level[l]));
  for (size_t k = 0; k < r->failures; k++)
    json_array_append_new(
        failures, json_pack("{s:I, s:o}", "sample", (json_int_t)r->failure[k].sample, "why", text(r->failure[k].why)));
  for (size_t k = 0; k < r->card.program_terms; k++) json_array_append_new(sigma, real(r->card.program_sigma[k]));
  return json_pack(
      "{s:o, s:o, s:s, s:o, s:s, s:s, s:s, s:I, s:o, s:I, s:o, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
      "device", text(r->device), "title", text(r->title), "version", PACKAGE_VERSION, "spice_version",
      text(r->spice_version), "scheme", r->scheme, "knob", r->knob, "knob_unit", r->knob_unit, "samples",
      (json_int_t)r->samples, "seed", seed(r->seed), "spread_parameters", (json_int_t)r->parameters, "failures",
      failures, "stuck_low", (json_int_t)r->stuck_low, "stuck_high", (json_int_t)r->stuck_high, "missed",
      (json_int_t)r->missed, "program_sigma_microsiemens", sigma, "fit_rms_siemens", real(r->fit_rms_siemens),
      "fit_worst_siemens", real(r->fit_worst_siemens), "program_energy_joule", real(r->card.program_energy_joule),
      "pulse_energy_joule", real(r->card.pulse_energy_joule), "erase_energy_joule", real(r->card.erase_energy_joule),
      "table", levels);
}

og_status og_sample_json(const og_sample_report *r, FILE *stream, og_error *err) {
  if (r == NULL || stream == NULL) return ogi_fail(err, OG_E_ARG, "samples: a needed pointer is NULL");
  json_t *root = describe(r);
  if (root == NULL) return ogi_fail(err, OG_E_NOMEM, "samples: results");
  int bad = json_dumpf(root, stream, JSON_INDENT(2) | JSON_REAL_PRECISION(17) | JSON_PRESERVE_ORDER) != 0;
  json_decref(root);
  bad |= fputc('\n', stream) == EOF;
  return bad ? ogi_fail(err, OG_E_IO, "samples: results cannot be written") : OG_OK;
}

/* ---- the card ---- */

/* A YAML text in double quotes. */
static void quote(FILE *f, const char *s) {
  fputc('"', f);
  for (; *s != '\0'; s++) {
    if (*s == '"' || *s == '\\') fputc('\\', f);
    fputc((unsigned char)*s < ' ' ? ' ' : *s, f);
  }
  fputs("\"\n", f);
}

static void source(FILE *f, const char *s) {
  fputs("  source: ", f);
  quote(f, s);
}

/* The fewest digits that read back to the same number. */
static void shortest(FILE *f, double value) {
  char text[40];
  for (int digits = 6; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, value);
    if (strtod(text, NULL) == value) break;
  }
  fputs(text, f);
}

static void quantity(FILE *f, const char *key, double value, const char *unit, const char *from) {
  fprintf(f, "%s:\n  value: ", key);
  shortest(f, value);
  fprintf(f, "%s\n", unit);
  source(f, from);
}

void ogi_sample_write_card(FILE *f, const og_sample_report *r) {
  const og_card *c = &r->card;
  fprintf(
      f, "# Statistics of the circuit device %s, made by: ohmgrid device sample\nkind: statistics\ntitle: ", r->device);
  quote(f, c->title);
  quantity(f, "g_min", c->g_min_siemens, " S", c->source[0]);
  quantity(f, "g_max", c->g_max_siemens, " S", c->source[1]);
  fprintf(f, "levels:\n  value: %zu\n", c->levels);
  source(f, c->source[2]);
  fputs("program_sigma:\n  value: [", f);
  for (size_t k = 0; k < c->program_terms; k++) {
    fputs(k > 0 ? ", " : "", f);
    shortest(f, c->program_sigma[k]);
  }
  fputs("]\n", f);
  source(f, c->source[3]);
  quantity(f, "program_from", c->program_from_siemens, " S", c->source[4]);
  quantity(f, "program_to", c->program_to_siemens, " S", c->source[5]);
  quantity(f, "read_sigma", c->read_sigma_siemens, " S", c->source[6]);
  quantity(f, "stuck_low", c->stuck_low_fraction, "", c->source[7]);
  quantity(f, "stuck_high", c->stuck_high_fraction, "", c->source[8]);
  quantity(f, "program_energy", c->program_energy_joule, " J", c->energy_source[0]);
  quantity(f, "pulse_energy", c->pulse_energy_joule, " J", c->energy_source[1]);
  quantity(f, "erase_energy", c->erase_energy_joule, " J", c->energy_source[2]);
}

/* ---- tables ---- */

static void number(FILE *f, double x) {
  fputc(',', f);
  if (isfinite(x)) fprintf(f, "%.17g", x);
}

static void write_samples(FILE *f, const og_sample_report *r) {
  fputs(
      "sample,level,target_siemens,reached_siemens,knob,pulses,program_joule,erase_joule,pulse_joule,read_joule,"
      "state\n",
      f);
  for (size_t k = 0; k < r->samples * r->levels; k++) {
    const og_sample_row *row = &r->row[k];
    fprintf(f, "%zu,%zu", row->sample, row->level);
    number(f, row->target_siemens);
    number(f, row->reached_siemens);
    number(f, row->knob);
    fprintf(f, ",%zu", row->pulses);
    number(f, row->program_joule);
    number(f, row->erase_joule);
    number(f, row->pulse_joule);
    number(f, row->read_joule);
    fprintf(f, ",%s\n", og_sample_state_name(row->state));
  }
}

static void write_table(FILE *f, const og_sample_report *r) {
  fputs(
      "target_siemens,knob,mean_siemens,sigma_siemens,sigma_low_siemens,sigma_high_siemens,skew,count,missed,"
      "fitted_sigma_siemens\n",
      f);
  for (size_t l = 0; l < r->levels; l++) {
    const og_sample_level *v = &r->level[l];
    fprintf(f, "%.17g", v->target_siemens);
    number(f, v->knob);
    number(f, v->mean_siemens);
    number(f, v->sigma_siemens);
    number(f, v->sigma_low_siemens);
    number(f, v->sigma_high_siemens);
    number(f, v->skew);
    fprintf(f, ",%zu,%zu", v->count, v->missed);
    number(f, ogi_sample_fitted(&r->card, v->target_siemens));
    fputc('\n', f);
  }
}

/* ---- the folder ---- */

typedef void (*writer)(FILE *f, const og_sample_report *r);

static og_status save_text(const og_sample_report *r, const char *folder, const char *name, writer write,
                           og_error *err) {
  og_status st;
  ogi_writer w = {0};
  char *path = ogi_path_join(folder, name);
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "%s", name);
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  if (write != NULL) write(w.stream, r);
  else OGI_TRY(st, og_sample_json(r, w.stream, err));
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  ogi_free(path);
  return st;
}

og_status og_sample_save(const og_sample_report *r, const char *folder, og_error *err) {
  og_status st;
  ogi_locale locale;
  if (r == NULL || folder == NULL) return ogi_fail(err, OG_E_ARG, "samples: a needed pointer is NULL");
  ogi_locale_begin(&locale);
  OGI_TRY(st, ogi_make_dir(folder, err));
  OGI_TRY(st, save_text(r, folder, "samples.csv", write_samples, err));
  OGI_TRY(st, save_text(r, folder, "table.csv", write_table, err));
  OGI_TRY(st, save_text(r, folder, "results.json", NULL, err));
  OGI_TRY(st, save_text(r, folder, "card.yaml", ogi_sample_write_card, err));
  st = ogi_sample_draw_plots(r, folder, err);
done:
  ogi_locale_end(&locale);
  return st;
}
