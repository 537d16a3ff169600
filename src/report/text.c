/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_file.h"
#include "report/ogi_figure.h"
#include "report/ogi_report.h"

static int width_of(int width, const char *text) {
  int length = (int)strlen(text);
  return length > width ? length : width;
}

static ogi_text interval(double half_width) {
  ogi_text t = {""};
  if (isfinite(half_width)) snprintf(t.s, sizeof t.s, "+- %.40s", ogi_percent(half_width, 2).s);
  return t;
}

static void accuracy(const og_results *r, FILE *out) {
  if (r->accuracy_rows == 0) return;
  int width = 0;
  for (size_t i = 0; i < r->accuracy_rows; i++) width = width_of(width, r->accuracy[i].label);
  fprintf(out, "\nAccuracy on %zu test images (%%; +- 95 %% interval over trials)\n\n", r->test_images);
  fprintf(out, "  %-*s  %8s %9s %8s %8s %7s\n", width, "", "mean", "", "std", "loss", "trials");
  for (size_t i = 0; i < r->accuracy_rows; i++) {
    const og_accuracy_row *a = &r->accuracy[i];
    fprintf(out, "  %-*s  %8s %-9s %8s %8s %7zu\n", width, a->label, ogi_percent(a->mean, 2).s, interval(a->ci95).s,
            isfinite(a->std) ? ogi_percent(a->std, 2).s : "", ogi_percent(a->loss, 2).s, a->trials);
  }
}

static void energy_part(const og_results *r, const char *what, const ogi_energy_part *part, size_t count, FILE *out) {
  int width = (int)strlen("per inference");
  for (size_t i = 0; i < count; i++) width = width_of(width, part[i].label);
  fprintf(out, "\n  %-*s  %10s %8s\n", width, what, "energy", "share");
  for (size_t i = 0; i < count; i++)
    fprintf(out, "  %-*s  %10s %7s%%\n", width, part[i].label, ogi_eng(part[i].joule, "J", OGI_ASCII).s,
            ogi_percent(part[i].joule / r->joule_per_inference, 1).s);
}

static void energy(const og_results *r, const ogi_energy *sum, FILE *out) {
  if (r->energy_rows == 0) return;
  fprintf(out, "\nEnergy of one inference (%.0f multiply-accumulates; 1 MAC = 2 operations)\n", r->macs_per_inference);
  energy_part(r, "by layer", sum->layer, sum->layers, out);
  energy_part(r, "by block", sum->block, sum->blocks, out);
  fprintf(out, "\n  per inference  %s\n", ogi_eng(r->joule_per_inference, "J", OGI_ASCII).s);
  fprintf(out, "  per MAC        %s\n", ogi_eng(sum->joule_per_mac, "J", OGI_ASCII).s);
  fprintf(out, "  efficiency     %.3g TOPS/W\n", sum->tops_per_watt);
  if (r->program_joule_each > 0)
    fprintf(out, "  programming    %s once, %.0f cells of %s each; not part of an inference\n",
            ogi_eng(r->program_cells * r->program_joule_each, "J", OGI_ASCII).s, r->program_cells,
            ogi_eng(r->program_joule_each, "J", OGI_ASCII).s);
}

static void check(const og_results *r, FILE *out) {
  if (r->check_rows == 0) return;
  int width = 0;
  for (size_t i = 0; i < r->check_rows; i++) width = width_of(width, r->check[i].name);
  fprintf(out, "\nCross-check against ngspice (tolerance %.1e)\n\n", r->check_rtol);
  fprintf(out, "  %-*s  %11s %10s  %9s\n", width, "", "cells", "compared", "worst");
  for (size_t i = 0; i < r->check_rows; i++) {
    const og_check_row *c = &r->check[i];
    char cells[48];
    snprintf(cells, sizeof cells, "%zu x %zu", c->m, c->n);
    fprintf(out, "  %-*s  %11s %10zu  %9.1e  %s\n", width, c->name, cells, c->result.compared,
            c->result.worst_relative, ogi_check_passed(r, c) ? "pass" : "FAIL");
  }
}

og_status ogi_report_text(const og_results *r, FILE *out, og_error *err) {
  og_status st;
  ogi_energy sum = {0};
  ogi_locale c;
  ogi_locale_begin(&c);
  OGI_TRY(st, ogi_energy_sum(&sum, r, err));
  accuracy(r, out);
  energy(r, &sum, out);
  check(r, out);
  if (ferror(out)) st = ogi_fail(err, OG_E_IO, "output: cannot be written");
done:
  ogi_energy_clear(&sum);
  ogi_locale_end(&c);
  return st;
}

og_status og_results_print(const og_results *results, FILE *stream, og_error *err) {
  if (results == NULL || stream == NULL) return ogi_fail(err, OG_E_ARG, "results: a needed pointer is NULL");
  return ogi_report_text(results, stream, err);
}
