/* SPDX-License-Identifier: BSD-3-Clause */
/** One cross-checked analysis as a drawing. */
#include <config.h>

#include <math.h>
#include <stdio.h>

#include <ohmgrid/check.h>

#include "base/ogi_file.h"
#include "base/ogi_num.h"
#include "report/ogi_plot.h"

enum { WAVES = 3, POINTS_MOST = 4000 };

/* ---- deviations ---- */

static void histogram(FILE *f, const og_check_analysis *a, ogi_panel place, int height) {
  ogi_plot_place(f, place, height);
  fputs("$Bins << EOD\n", f);
  for (int k = 0; k < OG_COMPARE_BINS; k++)
    fprintf(f, "%.1f %.9g\n", k - 16.5, fmax((double)a->compare.histogram[k], 0.5));
  fputs(
      "EOD\nset logscale y\nset yrange [0.5:*]\nset xrange [-18:1]\nset ylabel 'values'\n"
      "set xlabel 'relative deviation'\nset boxwidth 0.9\n"
      "set xtics ('<1e-16' -16.5, '1e-14' -14, '1e-12' -12, '1e-10' -10, '1e-8' -8, '1e-6' -6, '1e-4' -4, '1e-2' -2, "
      "'1' 0)\n",
      f);
  double limit = log10(a->tolerance.rtol);
  fprintf(f, "set arrow 1 from %.6g, graph 0 to %.6g, graph 1 nohead dt 2 lw 1.5 lc rgb %u\n", limit, limit,
          ogi_plot_colour[2]);
  fprintf(f, "set label 1 'tolerance' at %.6g, graph 1.04 center tc rgb %u\n", limit, ogi_plot_colour[2]);
  fprintf(f, "plot $Bins using 1:2 with boxes lc rgb %u notitle\nunset arrow 1\nunset label 1\n", ogi_plot_colour[0]);
  fputs("unset logscale y\nset yrange [*:*]\nset xrange [*:*]\nset xtics auto\n", f);
}

/* ---- waveforms ---- */

/* The vectors that deviate most, the worst first; all of its quantity, since they share an axis. @return how many */
static size_t pick(const og_compare_result *r, size_t chosen[WAVES]) {
  size_t count = 0;
  for (; count < WAVES; count++) {
    size_t best = r->count;
    for (size_t k = 0; k < r->count; k++) {
      int taken = count > 0 && r->vector[k].quantity != r->vector[chosen[0]].quantity;
      for (size_t j = 0; j < count; j++) taken |= chosen[j] == k;
      if (!taken && (best == r->count || r->vector[k].worst_relative > r->vector[best].worst_relative)) best = k;
    }
    if (best == r->count) break;
    chosen[count] = best;
  }
  return count;
}

static void wave_data(FILE *f, const char *block, size_t number, const og_vectors *v, const char *name) {
  size_t k = og_vectors_find(v, name), width = v->complex_values ? 2 : 1, step = 1 + v->points / POINTS_MOST;
  fprintf(f, "$%s%zu << EOD\n", block, number);
  for (size_t p = 0; p < v->points && k < v->count; p += step) {
    const double *y = og_vectors_at(v, k) + p * width;
    fprintf(f, "%.9g %.9g\n", og_vectors_at(v, 0)[p * width], width == 2 ? hypot(y[0], y[1]) : y[0]);
  }
  fputs("EOD\n", f);
}

static void waves(FILE *f, const og_check_analysis *a, const char *reference, ogi_panel place, int height) {
  size_t chosen[WAVES], count = pick(&a->compare, chosen);
  const og_vectors *ours = a->ours;
  int frequency = ours->quantity[0] == OG_Q_FREQUENCY;
  char text[200];
  for (size_t k = 0; k < count; k++) {
    wave_data(f, "Ours", k, ours, a->compare.vector[chosen[k]].name);
    wave_data(f, "Theirs", k, a->theirs, a->compare.vector[chosen[k]].name);
  }
  ogi_plot_place(f, place, height);
  double x = place.left;
  for (size_t k = 0; k < count; k++) {
    const og_compare_vector *v = &a->compare.vector[chosen[k]];
    snprintf(text, sizeof text, "%.20s (%s)", v->name, og_quantity_unit(v->quantity));
    x = ogi_plot_legend(f, height, x, place.top - 18, OGI_SAMPLE_LINE, ogi_plot_colour[k], text);
  }
  snprintf(text, sizeof text, "points: %.40s", reference);
  ogi_plot_legend(f, height, x, place.top - 18, OGI_SAMPLE_DOT, 0x444444, text);
  fprintf(f, "set xlabel '%s (%s)'\nset ylabel '%s (%s)'\nset format xy '%%g'\n",
          og_quantity_name(ours->quantity[0]), og_quantity_unit(ours->quantity[0]),
          count > 0 ? og_quantity_name(a->compare.vector[chosen[0]].quantity) : "",
          count > 0 ? og_quantity_unit(a->compare.vector[chosen[0]].quantity) : "");
  if (frequency) fputs("set logscale xy\n", f);
  fputs("plot ", f);
  for (size_t k = 0; k < count; k++)
    fprintf(f,
            "%s$Ours%zu using 1:2 with lines lw 2 lc rgb %u notitle, $Theirs%zu using 1:2 with points pt 6 ps 0.5 pi "
            "%zu lc rgb "
            "0x444444 notitle",
            k > 0 ? ", " : "", k, ogi_plot_colour[k], k, ogi_max_size(1, a->theirs->points / 40));
  fputc('\n', f);
}

/* ---- sizes ---- */

static void scatter(FILE *f, const og_check_analysis *a, ogi_panel place, int height) {
  ogi_plot_place(f, place, height);
  size_t step = 1 + a->compare.count / POINTS_MOST, kinds = 0;
  static const og_quantity quantity[] = {OG_Q_VOLTAGE, OG_Q_CURRENT};
  static const char *const names[] = {"node voltage (V)", "branch current (A)"};
  int drawn[2] = {0, 0};
  double x = place.left;
  for (size_t q = 0; q < 2; q++) {
    fprintf(f, "$Size%zu << EOD\n", q);
    for (size_t k = 0; k < a->compare.count; k += step) {
      const og_compare_vector *v = &a->compare.vector[k];
      if (v->quantity != quantity[q] || !(v->largest > 0) || !isfinite(v->worst_absolute)) continue;
      fprintf(f, "%.9g %.9g\n", v->largest, fmax(v->worst_absolute, 1e-17 * v->largest));
      drawn[q] = 1;
    }
    fputs("EOD\n", f);
    if (drawn[q]) x = ogi_plot_legend(f, height, x, place.top - 18, OGI_SAMPLE_DOT, ogi_plot_colour[q], names[q]);
  }
  if (!drawn[0] && !drawn[1]) return;
  fputs("set logscale xy\nset format xy '%.0e'\nset xlabel 'value'\nset ylabel 'deviation'\nplot ", f);
  for (size_t q = 0; q < 2; q++)
    if (drawn[q])
      fprintf(f, "%s$Size%zu using 1:2 with points pt 7 ps 0.4 lc rgb %u notitle", kinds++ > 0 ? ", " : "", q,
              ogi_plot_colour[q]);
  fputc('\n', f);
}

static void write_script(FILE *f, const og_check_analysis *a, const char *reference) {
  const int height = 640;
  int has_waves = a->theirs != NULL && a->ours->has_scale && a->ours->points > 1;
  ogi_plot_begin(f, height);
  fputs("set multiplot\n", f);
  ogi_panel upper = {90, OGI_PLOT_WIDTH - 30, 60, height / 2.0 - 40},
            lower = {90, OGI_PLOT_WIDTH - 30, height / 2.0 + 50, height - 66.0};
  histogram(f, a, upper, height);
  if (has_waves) waves(f, a, reference, lower, height);
  else scatter(f, a, lower, height);
  fputs("unset multiplot\n", f);
}

og_status og_check_plot(const char *path, const og_check_analysis *one, const char *reference, og_error *err) {
  if (path == NULL || one == NULL || one->ours == NULL || reference == NULL)
    return ogi_fail(err, OG_E_ARG, "plot: a needed pointer is NULL");
  FILE *script = ogi_plot_script(err);
  if (script == NULL) return OG_E_IO;
  char title[100];
  ogi_locale locale;
  ogi_locale_begin(&locale);
  write_script(script, one, reference);
  ogi_locale_end(&locale);
  snprintf(title, sizeof title, "Deviations of .%s from %.60s", og_analysis_name(one->kind), reference);
  og_status st = ogi_plot_render(script, OG_GNUPLOT, title, path, err);
  fclose(script);
  return st;
}
