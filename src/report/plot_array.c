/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>

#include "base/ogi_num.h"
#include "report/ogi_plot.h"

enum { BLUE = 0x0072b2, LIGHT_ORANGE = 0xf2c879 };
enum {
  POINTS_MOST = 6000, /* [-] scatter points drawn: more only make the file larger     */
  PIXELS_MOST = 512,  /* [-] a side of the map; larger maps are averaged over squares */
  LEGEND_COLUMNS = 2, /* [-] of names of tiles                                        */
  BINS = 80,          /* [-] of the histogram of conductances                         */
  ERROR_BINS = 24     /* [-] of the error by target                                   */
};

/* --- IR-drop map -------------------------------------------------------------------------------------------------- */

/* Mean drop [%] over a square of step x step cells; NaN if it has no finite value. */
static double map_mean(const og_results *r, size_t row, size_t column, size_t step) {
  double sum = 0;
  size_t count = 0;
  for (size_t i = row; i < ogi_min_size(row + step, r->map_m); i++)
    for (size_t j = column; j < ogi_min_size(column + step, r->map_n); j++)
      if (isfinite(r->map_cell_drop[i * r->map_n + j])) {
        sum += r->map_cell_drop[i * r->map_n + j];
        count++;
      }
  return count > 0 ? 100 * sum / (double)count : NAN;
}

static ogi_span map_data(FILE *f, const og_results *r, size_t step) {
  ogi_span span = {INFINITY, -INFINITY, NAN, 0};
  fputs("$Map << EOD\n", f);
  for (size_t i = 0; i < r->map_m; i += step) {
    for (size_t j = 0; j < r->map_n; j += step) {
      double x = map_mean(r, i, j, step);
      fprintf(f, isfinite(x) ? "%.6g " : "NaN ", x);
      if (isfinite(x)) span = (ogi_span){fmin(span.min, x), fmax(span.max, x), NAN, span.finite + 1};
    }
    fputc('\n', f);
  }
  fputs("EOD\n", f);
  if (span.finite == 0) span.min = span.max = 0;
  return span;
}

void ogi_plot_ir_drop(FILE *f, const og_results *r, const ogi_energy *sum) {
  (void)sum;
  const int height = 600;
  size_t step = ogi_ceil_div(ogi_max_size(r->map_m, r->map_n), PIXELS_MOST);
  double shape = (double)r->map_m / (double)r->map_n;
  ogi_plot_begin(f, height);
  ogi_plot_place(f, (ogi_panel){90, OGI_PLOT_WIDTH - 130, 56, height - 66}, height);
  ogi_span span = map_data(f, r, step);
  double spread = span.max - span.min > 1e-9 ? 0 : 0.5;
  fprintf(f, "set size ratio %.6g\n", fmin(fmax(shape, 0.3), 1.2));
  fprintf(f, "set xrange [-0.5:%.9g]\nset yrange [%.9g:-0.5]\nset cbrange [%.9g:%.9g]\n", (double)r->map_n - 0.5,
          (double)r->map_m - 0.5, span.min - spread, span.max + spread);
  /* Viridis [Smith and van der Walt 2015]: even steps of lightness, also in grey and for any colour vision. */
  fputs("set palette defined (0 '#440154', 1 '#472c7a', 2 '#3b518b', 3 '#2c718e', 4 '#21908d', 5 '#27ad81', "
        "6 '#5cc863', 7 '#aadc32', 8 '#fde725')\nset datafile missing 'NaN'\nset border 15\nunset grid\nunset key\n",
        f);
  fputs("set xlabel 'bit line j (column)'\nset ylabel 'word line i (row)'\nset cblabel 'cell voltage drop (%)'\n", f);
  fputs("set title ", f);
  ogi_plot_quote(f, r->map_name, sizeof r->map_name);
  fprintf(f, "\nplot $Map matrix using ($1*%zu+%.9g):($2*%zu+%.9g):3 with image\n", step, ((double)step - 1) / 2, step,
          ((double)step - 1) / 2);
}

/* --- conductances ------------------------------------------------------------------------------------------------- */

static size_t bin_of(double x, double low, double width, size_t bins) {
  double k = floor((x - low) / width);
  return k < 0 ? 0 : k >= (double)bins ? bins - 1 : (size_t)k;
}

/* Cells a bin; an empty bin reads 0.5, the lower edge of the logarithmic axis. */
static double histogram(FILE *f, const char *name, const double *siemens, size_t cells, double scale, double low,
                        double width) {
  size_t count[BINS] = {0}, most = 0;
  for (size_t i = 0; i < cells; i++)
    if (isfinite(siemens[i])) count[bin_of(siemens[i] * scale, low, width, BINS)]++;
  fprintf(f, "$%s << EOD\n", name);
  for (size_t b = 0; b < BINS; b++) {
    fprintf(f, "%.9g %.9g\n", low + width * ((double)b + 0.5), count[b] > 0 ? (double)count[b] : 0.5);
    most = ogi_max_size(most, count[b]);
  }
  fputs("EOD\n", f);
  return (double)most;
}

/*
 * Mean and standard deviation of (programmed - target) in bins of the target, for bins that hold at least two cells.
 * Returns how far they reach from zero.
 */
static double error_by_target(FILE *f, const og_results *r, double scale, double low, double width) {
  double n[ERROR_BINS] = {0}, x[ERROR_BINS] = {0}, s[ERROR_BINS] = {0}, s2[ERROR_BINS] = {0}, reach = 0;
  for (size_t i = 0; i < r->cells; i++) {
    double target = r->cell_target_siemens[i] * scale, error = r->cell_programmed_siemens[i] * scale - target;
    if (!isfinite(error)) continue;
    size_t b = bin_of(target, low, width, ERROR_BINS);
    n[b] += 1;
    x[b] += target;
    s[b] += error;
    s2[b] += error * error;
  }
  fputs("$Error << EOD\n", f);
  for (size_t b = 0; b < ERROR_BINS; b++) {
    if (n[b] < 2) continue;
    double mean = s[b] / n[b], variance = (s2[b] - n[b] * mean * mean) / (n[b] - 1);
    double std = sqrt(fmax(0, variance)); /* rounding may leave a variance of 0 below it */
    fprintf(f, "%.9g %.9g %.9g\n", x[b] / n[b], mean, std);
    reach = fmax(reach, fabs(mean) + std);
  }
  fputs("EOD\n", f);
  return reach;
}

void ogi_plot_conductance(FILE *f, const og_results *r, const ogi_energy *sum) {
  (void)sum;
  const int height = 600;
  ogi_span target = ogi_span_of(r->cell_target_siemens, r->cells);
  ogi_span made = ogi_span_of(r->cell_programmed_siemens, r->cells);
  int empty = target.finite + made.finite == 0;
  double low = empty ? 0 : fmin(target.min, made.min), high = empty ? 0 : fmax(target.max, made.max);
  int power = ogi_eng_power(fmax(fabs(low), fabs(high)));
  double scale = pow(10, -power);
  low *= scale;
  high *= scale;
  if (!(high > low)) {
    low -= 0.5;
    high += 0.5;
  }
  ogi_plot_begin(f, height);
  double most = histogram(f, "Target", r->cell_target_siemens, r->cells, scale, low, (high - low) / BINS);
  most = fmax(most, histogram(f, "Made", r->cell_programmed_siemens, r->cells, scale, low, (high - low) / BINS));
  double reach = error_by_target(f, r, scale, low, (high - low) / ERROR_BINS);
  const char *prefix = ogi_eng_prefix(power);
  double pad = 0.02 * (high - low);
  fprintf(f, "set multiplot\nset xrange [%.9g:%.9g]\n", low - pad, high + pad);
  ogi_plot_place(f, (ogi_panel){90, OGI_PLOT_WIDTH - 24, 52, 322}, height);
  fprintf(f, "set logscale y\nset yrange [0.5:%.9g]\nset format y '%%.0f'\nset ylabel 'cells per bin'\n"
          "set boxwidth %.9g absolute\n", 2 * most + 1, (high - low) / BINS);
  double x = ogi_plot_legend(f, height, 90, 24, OGI_SAMPLE_LINE, BLUE, "target");
  ogi_plot_legend(f, height, x, 24, OGI_SAMPLE_BOX, LIGHT_ORANGE, "programmed");
  fprintf(f, "unset key\nplot $Made using 1:2 with boxes lc rgb %u, $Target using 1:2 with histeps lw 2 lc rgb %u\n"
          "unset label\nunset arrow\nunset object\n", LIGHT_ORANGE, BLUE);
  ogi_plot_place(f, (ogi_panel){90, OGI_PLOT_WIDTH - 24, 370, height - 66}, height);
  fprintf(f, "unset logscale y\nset yrange [%.9g:%.9g]\nset format y '%%g'\nset ylabel 'error (%sS)'\n"
          "set xlabel 'target conductance (%sS)'\n", reach > 0 ? -1.1 * reach : -1, reach > 0 ? 1.1 * reach : 1, prefix,
          prefix);
  fputs("plot 0 with lines lw 1 lc rgb '#888888', "
        "$Error using 1:2:3 with yerrorbars pt 7 ps 0.5 lw 1.5 lc rgb '#d55e00'\nunset multiplot\n", f);
}

/* --- cross-check -------------------------------------------------------------------------------------------------- */

/* What the points of all rows span. */
typedef struct cloud {
  double low, high;   /* [A] of all currents          */
  double least, most; /* [-] of the drawn deviations  */
  size_t points, step;
} cloud;

#define DEVIATION_FLOOR 1e-17  /* [-] below the smallest spacing of doubles; less is drawn at it, zero too */
#define DEVIATION_CEILING 1e9 /* [-] more is drawn at it, infinity too                                   */

static double drawn_deviation(const og_check_row *row, size_t k) {
  return fmin(fmax(ogi_check_deviation(row, k), DEVIATION_FLOOR), DEVIATION_CEILING);
}

static cloud cloud_span(const og_results *r) {
  cloud c = {INFINITY, -INFINITY, INFINITY, 0, 0, 1};
  for (size_t i = 0; i < r->check_rows; i++) {
    const og_check_row *row = &r->check[i];
    if (!ogi_has_currents(row)) continue;
    for (size_t k = 0; k < row->inputs * row->n; k++) {
      double deviation = drawn_deviation(row, k);
      if (!isfinite(row->current_ours[k]) || !isfinite(row->current_theirs[k])) continue;
      c.low = fmin(c.low, fmin(row->current_ours[k], row->current_theirs[k]));
      c.high = fmax(c.high, fmax(row->current_ours[k], row->current_theirs[k]));
      c.least = fmin(c.least, deviation);
      c.most = fmax(c.most, deviation);
      c.points++;
    }
  }
  if (c.points == 0) c = (cloud){0, 0, DEVIATION_FLOOR, DEVIATION_FLOOR, 0, 1};
  c.step = ogi_max_size(1, ogi_ceil_div(c.points, POINTS_MOST));
  return c;
}

static void cloud_data(FILE *f, const og_check_row *row, size_t index, double scale_up, size_t step) {
  fprintf(f, "$Row%zu << EOD\n", index);
  for (size_t k = 0; k < row->inputs * row->n; k += step)
    if (isfinite(row->current_ours[k]) && isfinite(row->current_theirs[k]))
      fprintf(f, "%.9g %.9g %.6g\n", row->current_theirs[k] * scale_up, row->current_ours[k] * scale_up,
              drawn_deviation(row, k));
  fputs("EOD\n", f);
}

static void cloud_plot(FILE *f, const og_results *r, const char *columns) {
  for (size_t i = 0, shown = 0; i < r->check_rows; i++) {
    if (!ogi_has_currents(&r->check[i])) continue;
    unsigned colour = ogi_plot_colour[shown++ % OGI_PLOT_COLOURS];
    fprintf(f, ", $Row%zu using %s with points pt 7 ps 0.3 lc rgb %u", i, columns, colour);
  }
  fputc('\n', f);
}

static void cloud_legend(FILE *f, const og_results *r, int height) {
  for (size_t i = 0, shown = 0; i < r->check_rows; i++) {
    if (!ogi_has_currents(&r->check[i])) continue;
    double column = (double)(shown % LEGEND_COLUMNS), row = (double)(shown / LEGEND_COLUMNS);
    ogi_plot_legend(f, height, 100 + column * 320, 20 + 22 * row, OGI_SAMPLE_DOT,
                    ogi_plot_colour[shown % OGI_PLOT_COLOURS], r->check[i].name);
    shown++;
  }
}

void ogi_plot_crosscheck(FILE *f, const og_results *r, const ogi_energy *sum) {
  (void)sum;
  cloud c = cloud_span(r);
  int power = ogi_eng_power(fmax(fabs(c.low), fabs(c.high)));
  double scale = pow(10, -power), pad = fmax(0.04 * (c.high - c.low) * scale, 1e-3);
  double tolerance = fmax(r->check_rtol, DEVIATION_FLOOR);
  size_t rows = r->check_rows;
  int key = 22 * (int)ogi_ceil_div(rows, LEGEND_COLUMNS), height = 600 + key;
  const char *prefix = ogi_eng_prefix(power);
  ogi_plot_begin(f, height);
  for (size_t i = 0; i < rows; i++)
    if (ogi_has_currents(&r->check[i])) cloud_data(f, &r->check[i], i, scale, c.step);
  fprintf(f, "set multiplot\nset xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\n", c.low * scale - pad,
          c.high * scale + pad, c.low * scale - pad, c.high * scale + pad);
  ogi_plot_place(f, (ogi_panel){100, OGI_PLOT_WIDTH - 24, 20 + key, 310 + key}, height);
  fputs("unset key\n", f);
  cloud_legend(f, r, height);
  fprintf(f, "set ylabel 'ohmgrid (%sA)'\nplot x with lines dt 2 lc rgb '#888888'", prefix);
  cloud_plot(f, r, "1:2");
  ogi_plot_place(f, (ogi_panel){100, OGI_PLOT_WIDTH - 24, 350 + key, height - 66}, height);
  double low = c.least <= 10 * DEVIATION_FLOOR ? DEVIATION_FLOOR / 10 : pow(10, floor(log10(c.least)) - 1);
  fprintf(f, "unset label\nset logscale y\nset format y '%%.0e'\nset ytics 1000\nset yrange [%.9g:%.9g]\n", low,
          10 * fmax(c.most, tolerance));
  fprintf(f, "set xlabel 'output current in ngspice (%sA)'\nset ylabel 'relative deviation'\n", prefix);
  fprintf(f, "set label 'tolerance %.1e' at graph 0.99, first %.9g right offset 0,-0.7 textcolor rgb '#222222'\n",
          tolerance, tolerance);
  fprintf(f, "plot %.9g with lines lw 1.5 lc rgb '#222222'", tolerance);
  cloud_plot(f, r, "1:3");
  fputs("unset multiplot\n", f);
}
