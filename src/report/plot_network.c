/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <string.h>

#include "report/ogi_plot.h"

enum { BLUE = 0x0072b2, LIGHT_BLUE = 0xcfe6f5, DARK = 0x555555, GREY = 0x888888 };

static double or_zero(double x) { return isfinite(x) ? x : 0; }

/* --- accuracy by effect ------------------------------------------------------------------------------------------ */

static ogi_span accuracy_span(const og_results *r) {
  ogi_span span = {INFINITY, -INFINITY, NAN, 0};
  for (size_t i = 0; i < r->accuracy_rows; i++) {
    const og_accuracy_row *a = &r->accuracy[i];
    double reach = fmax(or_zero(a->std), or_zero(a->ci95));
    span.min = fmin(span.min, 100 * (a->mean - reach));
    span.max = fmax(span.max, 100 * (a->mean + reach));
    ogi_span trials = ogi_span_of(a->trial, a->trial != NULL ? a->trials : 0);
    span.min = fmin(span.min, 100 * trials.min);
    span.max = fmax(span.max, 100 * trials.max);
  }
  if (!(span.max >= span.min)) return (ogi_span){0, 100, NAN, 0};
  double pad = fmax(0.06 * (span.max - span.min), 0.1);
  span.min = fmax(0, span.min - pad);
  span.max = fmin(100.4, span.max + pad); /* a dot at 100 % stays whole */
  return span;
}

static void accuracy_labels(FILE *f, const og_results *r, double left) {
  for (size_t i = 0; i < r->accuracy_rows; i++) {
    const og_accuracy_row *a = &r->accuracy[i];
    ogi_plot_label_left(f, a->label, left, i);
    fprintf(f, "set label '%s", ogi_percent(a->mean, 2).s);
    if (isfinite(a->ci95)) fprintf(f, " ± %s", ogi_percent(a->ci95, 2).s);
    fprintf(f, "' at graph 1.02, first %zu left\n", i);
  }
}

static size_t accuracy_data(FILE *f, const og_results *r) {
  size_t with_chance = 0;
  fputs("$Mean << EOD\n", f);
  for (size_t i = 0; i < r->accuracy_rows; i++)
    if (isfinite(r->accuracy[i].mean)) fprintf(f, "%.9g %zu\n", 100 * r->accuracy[i].mean, i);
  fputs("EOD\n$Chance << EOD\n", f);
  for (size_t i = 0; i < r->accuracy_rows; i++) {
    const og_accuracy_row *a = &r->accuracy[i];
    if (!isfinite(a->mean) || !isfinite(a->ci95) || !isfinite(a->std)) continue;
    fprintf(f, "%.9g %zu %.9g %.9g\n", 100 * a->mean, i, 100 * a->ci95, 100 * a->std);
    with_chance++;
  }
  fputs("EOD\n$Trial << EOD\n", f);
  for (size_t i = 0; i < r->accuracy_rows; i++)
    for (size_t k = 0; r->accuracy[i].trial != NULL && r->accuracy[i].trials > 1 && k < r->accuracy[i].trials; k++)
      if (isfinite(r->accuracy[i].trial[k])) fprintf(f, "%.9g %.9g\n", 100 * r->accuracy[i].trial[k], (double)i + 0.28);
  fputs("EOD\n", f);
  return with_chance;
}

static void accuracy_legend(FILE *f, int height, int with_chance, int with_reference) {
  double x = ogi_plot_legend(f, height, 24, 20, OGI_SAMPLE_DOT, BLUE, "mean");
  if (with_chance) {
    x = ogi_plot_legend(f, height, x, 20, OGI_SAMPLE_LINE, BLUE, "95 % interval");
    x = ogi_plot_legend(f, height, x, 20, OGI_SAMPLE_BOX, LIGHT_BLUE, "± 1 std");
    x = ogi_plot_legend(f, height, x, 20, OGI_SAMPLE_DOT, DARK, "trial");
  }
  if (with_reference) ogi_plot_legend(f, height, x, 20, OGI_SAMPLE_DASHES, GREY, "floating point");
}

void ogi_plot_accuracy(FILE *f, const og_results *r, const ogi_energy *sum) {
  (void)sum;
  double left = 0;
  for (size_t i = 0; i < r->accuracy_rows; i++) left = fmax(left, ogi_plot_label_room(r->accuracy[i].label));
  int height = 110 + 34 * (int)r->accuracy_rows;
  ogi_panel p = {left, OGI_PLOT_WIDTH - 130, 46, height - 58};
  ogi_span x = accuracy_span(r);
  ogi_plot_begin(f, height);
  ogi_plot_place(f, p, height);
  fprintf(f, "set xrange [%.9g:%.9g]\nset yrange [%.9g:-0.6]\nunset ytics\nset border 1\nset grid noytics xtics\n",
          x.min, x.max, (double)r->accuracy_rows - 0.4);
  if (x.max - x.min < 6) fputs("set format x '%.1f'\n", f);
  fprintf(f, "set xlabel 'accuracy (%%)%s'\n", x.min > 0 ? ", axis does not begin at 0" : "");
  fputs("unset key\n", f);
  const og_accuracy_row *reference = ogi_accuracy_find(r, "float");
  if (reference != NULL && isfinite(reference->mean))
    fprintf(f, "set arrow from %.9g, graph 0 to %.9g, graph 1 nohead dt 2 lw 1 lc rgb %u\n",
            100 * reference->mean, 100 * reference->mean, GREY);
  accuracy_labels(f, r, p.left);
  size_t with_chance = accuracy_data(f, r);
  accuracy_legend(f, height, with_chance > 0, reference != NULL);
  fputs("plot ", f);
  if (with_chance > 0)
    fprintf(f, "$Chance using 1:2:($1-$4):($1+$4):($2-0.13):($2+0.13) with boxxyerror lc rgb %u, "
            "$Trial using 1:2 with points pt 7 ps 0.25 lc rgb %u, "
            "$Chance using 1:2:3 with xerrorbars pt -1 lw 2 lc rgb %u, ", LIGHT_BLUE, DARK, BLUE);
  fprintf(f, "$Mean using 1:2 with points pt 7 ps 0.7 lc rgb %u\n", BLUE);
}

/* --- energy by layer and block ------------------------------------------------------------------------------------ */

/* Joule [J] of one block in one layer, over all rows that name the two. */
static double cell_joule(const og_results *r, const char *layer, const char *block) {
  double joule = 0;
  for (size_t i = 0; i < r->energy_rows; i++)
    if (strcmp(r->energy[i].layer, layer) == 0 && strcmp(r->energy[i].block, block) == 0) joule += r->energy[i].joule;
  return joule;
}

static void bar(FILE *f, double from, double to, size_t y, unsigned colour) {
  fprintf(f, "%.9g %zu %.9g %.9g %.9g %.9g %u\n", (from + to) / 2, y, from, to, (double)y - 0.36, (double)y + 0.36,
          colour);
}

static void energy_panel(FILE *f, const og_results *r, const ogi_energy_part *part, size_t count, double scale,
                         double left) {
  fprintf(f, "unset label\nset yrange [%.9g:-0.6]\n", (double)count - 0.4);
  for (size_t i = 0; i < count; i++) {
    ogi_plot_label_left(f, part[i].label, left, i);
    fprintf(f, "set label '%s (%s %%)' at first %.9g, first %zu left offset 0.8,0\n",
            ogi_eng(part[i].joule, "J", OGI_UTF8).s, ogi_percent(part[i].joule / r->joule_per_inference, 1).s,
            part[i].joule * scale, i);
  }
}

static void energy_layers(FILE *f, const og_results *r, const ogi_energy *sum, double scale) {
  fputs("$Layers << EOD\n", f);
  for (size_t i = 0; i < sum->layers; i++) {
    double from = 0;
    for (size_t b = 0; b < sum->blocks; b++) {
      double joule = cell_joule(r, sum->layer[i].name, sum->block[b].name) * scale;
      if (joule > 0) bar(f, from, from + joule, i, ogi_plot_colour[b % OGI_PLOT_COLOURS]);
      from += joule;
    }
  }
  fputs("EOD\n$Blocks << EOD\n", f);
  for (size_t b = 0; b < sum->blocks; b++)
    bar(f, 0, sum->block[b].joule * scale, b, ogi_plot_colour[b % OGI_PLOT_COLOURS]);
  fputs("EOD\n", f);
}

void ogi_plot_energy(FILE *f, const og_results *r, const ogi_energy *sum) {
  double most = 0, left = 0;
  for (size_t i = 0; i < sum->layers; i++) left = fmax(left, ogi_plot_label_room(sum->layer[i].label));
  for (size_t i = 0; i < sum->blocks; i++) left = fmax(left, ogi_plot_label_room(sum->block[i].label));
  for (size_t i = 0; i < sum->blocks; i++) most = fmax(most, sum->block[i].joule);
  for (size_t i = 0; i < sum->layers; i++) most = fmax(most, sum->layer[i].joule);
  int power = ogi_eng_power(most);
  double scale = pow(10, -power);
  double split = 44 + 32 * (double)sum->layers, bottom = split + 84 + 32 * (double)sum->blocks;
  int height = (int)bottom + 60;
  ogi_plot_begin(f, height);
  fputs("set multiplot\nunset ytics\nset border 1\nset grid noytics xtics\nunset key\n", f);
  fprintf(f, "set xrange [0:%.9g]\n", most > 0 ? 1.42 * most * scale : 1); /* room for the figures */
  energy_layers(f, r, sum, scale);
  ogi_plot_place(f, (ogi_panel){left, OGI_PLOT_WIDTH - 20, 44, split}, height);
  energy_panel(f, r, sum->layer, sum->layers, scale, left);
  static const char bars[] = "using 1:2:3:4:5:6:7 with boxxyerror lc rgb variable\n";
  fprintf(f, "set label 'by layer, stacked by block' at graph 0, screen %.6f left\nplot $Layers %s",
          1 - 24.0 / height, bars);
  ogi_plot_place(f, (ogi_panel){left, OGI_PLOT_WIDTH - 20, split + 84, bottom}, height);
  energy_panel(f, r, sum->block, sum->blocks, scale, left);
  fprintf(f, "set xlabel 'energy per inference (%sJ)'\n", ogi_eng_prefix(power));
  fprintf(f, "set label 'by block, all layers' at graph 0, screen %.6f left\nplot $Blocks %s",
          1 - (split + 64) / height, bars);
  fputs("unset multiplot\n", f);
}
