/* SPDX-License-Identifier: BSD-3-Clause */
/** Plots of benches as gnuplot scripts. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "devbench/ogi_bench.h"
#include "report/ogi_plot.h"

enum { POINTS_MOST = 4000, LEGENDS_MOST = 18, TEXT = 200, LEFT = 90, RIGHT = OGI_PLOT_WIDTH - 30 };

/* Curves drawn so far. */
typedef struct drawing {
  FILE *f;
  const og_bench_report *r;
  const ogi_bench_inner *in;
  const ogi_bench *bench;
  const ogi_bench_plot *plot;
  size_t first, curves, points;
  char (*legend)[TEXT];
} drawing;

static void begin_curve(drawing *d) { fprintf(d->f, "$Curve%zu << EOD\n", d->curves); }

/* Logarithms of what is not above 0 are left out, and what is no number. */
static size_t add_point(const drawing *d, double x, double y) {
  if (!isfinite(x) || !isfinite(y) || (d->plot->log_x && x <= 0) || (d->plot->log_y && y <= 0)) return 0;
  fprintf(d->f, "%.9g %.9g\n", x, y);
  return 1;
}

static void end_curve(drawing *d, size_t points, const char *what, const char *of) {
  fputs("EOD\n", d->f);
  if (points == 0) return; /* the next one takes its place */
  snprintf(d->legend[d->curves++], TEXT, "%s%s%s", d->plot->count > 1 || of[0] == '\0' ? what : "",
           d->plot->count > 1 && of[0] != '\0' ? ", " : "", of);
  d->points += points;
}

/* ---- waveforms ---- */

static og_status add_wave(drawing *d, size_t run, const char *name, og_error *err) {
  const og_vectors *v = d->in->vectors[run];
  size_t x = og_vectors_find(v, d->plot->x), y = og_vectors_find(v, name), points = 0;
  if (x == v->count || y == v->count)
    return ogi_fail(err, OG_E_INPUT, "%s: %s: plot %.60s: saw %.60s, need a vector that the run has", d->in->file.path,
                    d->bench->name, d->plot->title, x == v->count ? d->plot->x : name);
  size_t width = v->complex_values ? 2 : 1, step = 1 + v->points / POINTS_MOST;
  const double *a = og_vectors_at(v, x), *b = og_vectors_at(v, y);
  begin_curve(d);
  for (size_t p = 0; p < v->points; p += step)
    points += add_point(d, a[p * width], width == 2 ? hypot(b[2 * p], b[2 * p + 1]) : b[p]);
  end_curve(d, points, name, d->r->run[run].label);
  return OG_OK;
}

static og_status add_waves(drawing *d, og_error *err) {
  og_status st = OG_OK;
  for (size_t k = 0; k < d->bench->runs && st == OG_OK; k++)
    for (size_t j = 0; j < d->plot->count && st == OG_OK && d->in->vectors[d->first + k] != NULL; j++)
      st = add_wave(d, d->first + k, d->plot->y[j], err);
  return st;
}

/* ---- figures against a swept parameter ---- */

static size_t number_of_x(const drawing *d) {
  size_t k = 0;
  while (strcmp(d->bench->sweep_name[k], d->plot->x) != 0) k++;
  return k;
}

static double figure_of(const drawing *d, size_t run, const char *name) {
  const og_bench_run *one = &d->r->run[d->first + run];
  for (size_t k = 0; k < one->row_count; k++)
    if (strcmp(d->r->row[one->row_first + k].figure, name) == 0) return d->r->row[one->row_first + k].value;
  return NAN;
}

/* 1 if run differs from group in nothing but the parameter along x. */
static int same_group(const drawing *d, size_t along, size_t run, size_t group) {
  double a[OGI_VALUES_MAX], b[OGI_VALUES_MAX];
  ogi_bench_values(d->bench, run, a);
  ogi_bench_values(d->bench, group, b);
  for (size_t k = 0; k < d->bench->sweeps; k++)
    if (k != along && a[k] != b[k]) return 0;
  return 1;
}

static void add_group(drawing *d, size_t along, size_t group, const char *name) {
  double value[OGI_VALUES_MAX];
  char of[TEXT] = "";
  size_t points = 0, used = 0;
  begin_curve(d);
  for (size_t k = group; k < d->bench->runs; k++) {
    if (!same_group(d, along, k, group)) continue;
    ogi_bench_values(d->bench, k, value);
    points += add_point(d, value[along], figure_of(d, k, name));
  }
  for (size_t k = 0; k < d->bench->sweeps && used < sizeof of; k++)
    if (k != along)
      used += (size_t)snprintf(of + used, sizeof of - used, "%s%.24s=%.4g", used > 0 ? " " : "",
                               d->bench->sweep_name[k], value[k]);
  end_curve(d, points, name, of);
}

static void add_figures(drawing *d) {
  size_t along = number_of_x(d);
  for (size_t j = 0; j < d->plot->count; j++)
    for (size_t k = 0; k < d->bench->runs; k++) {
      int begins = 1; /* a run of this group has not been before */
      for (size_t i = 0; i < k && begins; i++) begins = !same_group(d, along, i, k);
      if (begins) add_group(d, along, k, d->plot->y[j]);
    }
}

/* ---- the drawing ---- */

static size_t legend_rows(const drawing *d) { return (ogi_min_size(d->curves, LEGENDS_MOST) + 2) / 3; }

static void frame(const drawing *d) {
  size_t rows = legend_rows(d);
  int height = 400 + 22 * (int)rows;
  FILE *f = d->f;
  ogi_plot_begin(f, height);
  ogi_panel place = {LEFT, RIGHT, 44 + 22.0 * (double)rows, height - 60.0};
  ogi_plot_place(f, place, height);
  fputs("set label ", f);
  ogi_plot_quote(f, d->plot->title, 90);
  fprintf(f, " at screen 0.5, screen %.6f center font ',16'\n", 1 - 22.0 / height);
  for (size_t k = 0; k < d->curves && k < LEGENDS_MOST; k++)
    ogi_plot_legend(f, height, LEFT + (double)(k % 3) * (RIGHT - LEFT) / 3, 44 + 22 * (double)(k / 3),
                    k < OGI_PLOT_COLOURS ? OGI_SAMPLE_LINE : OGI_SAMPLE_DASHES, ogi_plot_colour[k % OGI_PLOT_COLOURS],
                    d->legend[k]);
}

/* Name of a vector with its unit, as far as the name tells it. */
static void quote_axis(FILE *f, const char *name) {
  char text[80];
  const char *unit = strcmp(name, "time") == 0     ? " (s)"
                     : strncmp(name, "v(", 2) == 0 ? " (V)"
                     : strncmp(name, "i(", 2) == 0 ? " (A)"
                                                   : "";
  snprintf(text, sizeof text, "%.60s%s", name, unit);
  ogi_plot_quote(f, text, 70);
}

/* The axis of y names its vector where there is one. */
static void labels(const drawing *d) {
  FILE *f = d->f;
  fputs("set xlabel ", f);
  quote_axis(f, d->plot->x);
  fputs("\nset format x '%.3s%c'\nset format y '%.3s%c'\n", f);
  if (d->plot->count == 1) {
    fputs("set ylabel ", f);
    quote_axis(f, d->plot->y[0]);
    fputc('\n', f);
  }
  if (d->plot->log_x || d->plot->log_y)
    fprintf(f, "set logscale %s%s\n", d->plot->log_x ? "x" : "", d->plot->log_y ? "y" : "");
}

static void curves(const drawing *d) {
  fputs("plot ", d->f);
  for (size_t k = 0; k < d->curves; k++)
    fprintf(d->f, "%s$Curve%zu using 1:2 with %s lw 1.8 dt %d lc rgb %u notitle", k > 0 ? ", " : "", k,
            d->plot->figures ? "linespoints pt 7 ps 0.5" : "lines", k < OGI_PLOT_COLOURS ? 1 : 2,
            ogi_plot_colour[k % OGI_PLOT_COLOURS]);
  fputc('\n', d->f);
}

og_status ogi_bench_draw(const og_bench_report *r, const ogi_bench_inner *in, size_t first, size_t plot,
                         const char *path, og_error *err) {
  const ogi_bench *bench = in->bench[first];
  drawing d = {
      .f = ogi_plot_script(err), .r = r, .in = in, .bench = bench, .plot = &bench->plots.item[plot], .first = first};
  if (d.f == NULL) return OG_E_IO;
  og_status st = OG_OK;
  d.legend = ogi_alloc(bench->runs * OGI_CURVES_MAX, sizeof *d.legend);
  if (d.legend == NULL) st = ogi_fail(err, OG_E_NOMEM, "%s", path);
  else if (d.plot->figures) add_figures(&d);
  else st = add_waves(&d, err);
  if (st == OG_OK && d.points > 0) {
    frame(&d);
    labels(&d);
    curves(&d);
    st = ogi_plot_render(d.f, OG_GNUPLOT, d.plot->title, path, err);
  }
  fclose(d.f);
  ogi_free(d.legend);
  return st;
}
