/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "report/ogi_figure.h"
#include "report/ogi_report.h"

/* One field of text with its separator in front; quoted as RFC 4180 asks. */
static void text(FILE *f, const char *separator, const char *s) {
  int quoted = strpbrk(s, ",\"\r\n") != NULL;
  fprintf(f, "%s%s", separator, quoted ? "\"" : "");
  for (; *s != '\0'; s++) fprintf(f, *s == '"' ? "\"\"" : "%c", *s);
  if (quoted) fputc('"', f);
}

static void real(FILE *f, double x) {
  if (isfinite(x))
    fprintf(f, ",%.17g", x);
  else
    fputc(',', f);
}

static void size(FILE *f, size_t x) { fprintf(f, ",%zu", x); }

static void accuracy(FILE *f, const og_results *r) {
  fputs("key,label,trials,mean_fraction,std_fraction,ci95_fraction,test_ci95_fraction,loss_fraction,"
        "adc_saturated_fraction,dac_clipped_fraction\n", f);
  for (size_t i = 0; i < r->accuracy_rows; i++) {
    const og_accuracy_row *a = &r->accuracy[i];
    text(f, "", a->key);
    text(f, ",", a->label);
    size(f, a->trials);
    const double figure[] = {a->mean, a->std, a->ci95, a->test_ci95, a->loss, a->adc_saturated, a->dac_clipped};
    for (size_t k = 0; k < sizeof figure / sizeof *figure; k++) real(f, figure[k]);
    fputc('\n', f);
  }
}

static void accuracy_trials(FILE *f, const og_results *r) {
  fputs("key,trial,accuracy_fraction\n", f);
  for (size_t i = 0; i < r->accuracy_rows; i++)
    for (size_t k = 0; r->accuracy[i].trial != NULL && k < r->accuracy[i].trials; k++) {
      text(f, "", r->accuracy[i].key);
      size(f, k);
      real(f, r->accuracy[i].trial[k]);
      fputc('\n', f);
    }
}

static void energy(FILE *f, const og_results *r) {
  fputs("layer,block,count,each_joule,per_inference_joule,share_fraction,source\n", f);
  for (size_t i = 0; i < r->energy_rows; i++) {
    const og_energy_row *e = &r->energy[i];
    text(f, "", e->layer);
    text(f, ",", e->block);
    real(f, e->count);
    real(f, e->joule_each);
    real(f, e->joule);
    real(f, e->joule / r->joule_per_inference);
    text(f, ",", e->source);
    fputc('\n', f);
  }
}

static void check(FILE *f, const og_results *r) {
  fputs("name,m,n,inputs,compared,worst_relative,worst_current_relative,worst_voltage_relative,rtol,passed,worst_node,"
        "worst_input,ours,theirs,unit,spice_version\n", f);
  for (size_t i = 0; i < r->check_rows; i++) {
    const og_check_row *c = &r->check[i];
    text(f, "", c->name);
    size(f, c->m);
    size(f, c->n);
    size(f, c->inputs);
    size(f, c->result.compared);
    real(f, c->result.worst_relative);
    real(f, c->result.worst_current);
    real(f, c->result.worst_voltage);
    real(f, r->check_rtol);
    text(f, ",", ogi_check_passed(r, c) ? "yes" : "no");
    text(f, ",", c->result.worst_node);
    size(f, c->result.worst_input);
    real(f, c->result.ours);
    real(f, c->result.theirs);
    text(f, ",", c->result.worst_node[0] == 'i' ? "amp" : "volt");
    text(f, ",", c->result.spice_version);
    fputc('\n', f);
  }
}

static void check_currents(FILE *f, const og_results *r) {
  fputs("name,input,bit_line,ours_amp,theirs_amp\n", f);
  for (size_t i = 0; i < r->check_rows; i++) {
    const og_check_row *c = &r->check[i];
    if (c->current_ours == NULL || c->current_theirs == NULL) continue;
    for (size_t k = 0; k < c->inputs * c->n; k++) {
      text(f, "", c->name);
      size(f, k / c->n);
      size(f, k % c->n);
      real(f, c->current_ours[k]);
      real(f, c->current_theirs[k]);
      fputc('\n', f);
    }
  }
}

static void ir_drop_map(FILE *f, const og_results *r) {
  fputs("word_line,bit_line,cell_drop_fraction\n", f);
  for (size_t k = 0; r->map_cell_drop != NULL && k < r->map_m * r->map_n; k++) {
    fprintf(f, "%zu,%zu", k / r->map_n, k % r->map_n);
    real(f, r->map_cell_drop[k]);
    fputc('\n', f);
  }
}

static void cells(FILE *f, const og_results *r) {
  fputs("cell,target_siemens,programmed_siemens\n", f);
  for (size_t k = 0; r->cell_target_siemens != NULL && r->cell_programmed_siemens != NULL && k < r->cells; k++) {
    fprintf(f, "%zu", k);
    real(f, r->cell_target_siemens[k]);
    real(f, r->cell_programmed_siemens[k]);
    fputc('\n', f);
  }
}

typedef struct table {
  const char *name;
  void (*write)(FILE *, const og_results *);
} table;

static og_status table_write(const table *t, const og_results *r, const char *folder, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  char *path = ogi_path_join(folder, t->name);
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "%s", t->name);
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  t->write(w.stream, r);
  OGI_TRY(st, ogi_writer_commit(&w, err));
done:
  ogi_writer_abort(&w);
  ogi_free(path);
  return st;
}

og_status ogi_report_tables(const og_results *r, const char *folder, og_error *err) {
  static const table tables[] = {
      {"accuracy.csv", accuracy}, {"accuracy_trials.csv", accuracy_trials}, {"energy.csv", energy},
      {"check.csv", check},       {"check_currents.csv", check_currents},   {"ir_drop_map.csv", ir_drop_map},
      {"cells.csv", cells},
  };
  og_status st;
  ogi_energy sum = {0};
  ogi_locale c;
  ogi_locale_begin(&c);
  OGI_TRY(st, ogi_energy_sum(&sum, r, err));
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) OGI_TRY(st, table_write(&tables[i], r, folder, err));
done:
  ogi_energy_clear(&sum);
  ogi_locale_end(&c);
  return st;
}
