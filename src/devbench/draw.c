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
#include "devbench/ogi_curve.h"
#include "report/ogi_plot.h"

enum { POINTS_MOST = 2800, LEGENDS_MOST = 18, LEFT = 90, RIGHT = OGI_PLOT_WIDTH - 30, PANEL = 296 };

/* Curves gathered so far; there is room for all. */
typedef struct drawing {
  FILE *f;
  const og_bench_report *r;
  const ogi_bench_inner *in;
  const ogi_bench *bench;
  const ogi_bench_plot *plot;
  size_t first, curves;
  ogi_curve *curve;
} drawing;

/* Share of the peak where a logarithmic axis ends unless the plot says more: zero crossings go down for ever. */
static const double floor_share = 1e-9;

/* On a logarithmic axis stands the magnitude; what has none, and what is no number, is left out. */
static void add_point(const drawing *d, double x, double y) {
  ogi_curve *c = &d->curve[d->curves];
  if (d->plot->log_y) y = fabs(y);
  if (!isfinite(x) || !isfinite(y) || (d->plot->log_x && x <= 0) || (d->plot->log_y && y <= 0)) return;
  c->x[c->count] = x;
  c->y[c->count++] = y;
}

/* A curve without points gives its place to the next one. */
static void end_curve(drawing *d, const char *what, const char *of) {
  ogi_curve *c = &d->curve[d->curves];
  snprintf(c->legend, sizeof c->legend, "%s%s%s", d->plot->count > 1 || of[0] == '\0' ? what : "",
           d->plot->count > 1 && of[0] != '\0' ? ", " : "", of);
  if (c->count > 0) d->curves++;
  else ogi_curve_clear(c);
}

void ogi_bench_name_values(const ogi_bench *b, size_t run, size_t but, char text[OGI_CURVE_TEXT]) {
  double value[OGI_VALUES_MAX];
  size_t used = 0;
  ogi_bench_values(b, run, value);
  text[0] = '\0';
  for (size_t k = 0; k < b->sweeps && used < OGI_CURVE_TEXT; k++) {
    char number[24];
    if (k == but) continue;
    ogi_curve_number(number, value[k]);
    used += (size_t)snprintf(text + used, OGI_CURVE_TEXT - used, "%s%.24s=%s", used > 0 ? " " : "", b->sweep_name[k],
                             number);
  }
}

/* ---- waveforms ---- */

static og_status add_wave(drawing *d, size_t run, const char *name, og_error *err) {
  char of[OGI_CURVE_TEXT] = "";
  const og_vectors *v = d->in->vectors[d->first + run];
  size_t x = og_vectors_find(v, d->plot->x), y = og_vectors_find(v, name);
  if (x == v->count || y == v->count)
    return ogi_fail(err, OG_E_INPUT, "%s: %s: plot %.60s: saw %.60s, need a vector that the run has", d->in->file.path,
                    d->bench->name, d->plot->title, x == v->count ? d->plot->x : name);
  size_t width = v->complex_values ? 2 : 1;
  const double *a = og_vectors_at(v, x), *b = og_vectors_at(v, y);
  og_status st = ogi_curve_open(&d->curve[d->curves], v->points, err);
  if (st != OG_OK) return st;
  const double *t = v->has_scale ? og_vectors_at(v, 0) : NULL;
  for (size_t p = 0; p < v->points; p++)
    if (t == NULL || (t[p * width] >= d->plot->from && t[p * width] <= d->plot->to))
      add_point(d, a[p * width], width == 2 ? hypot(b[2 * p], b[2 * p + 1]) : b[p]);
  if (d->plot->run == 0) ogi_bench_name_values(d->bench, run, OGI_VALUES_MAX, of);
  end_curve(d, name, of);
  return OG_OK;
}

static og_status add_waves(drawing *d, og_error *err) {
  og_status st = OG_OK;
  for (size_t k = 0; k < d->bench->runs && st == OG_OK; k++)
    for (size_t j = 0; j < d->plot->count && st == OG_OK && d->in->vectors[d->first + k] != NULL; j++)
      if (d->plot->run == 0 || d->plot->run == k + 1) st = add_wave(d, k, d->plot->y[j], err);
  return st;
}

/* ---- figures against a swept parameter, or the number of the run ---- */

/* Number of the parameter along x; OGI_VALUES_MAX: the runs themselves. */
static size_t number_of_x(const drawing *d) {
  size_t k = 0;
  if (d->plot->by_run) return OGI_VALUES_MAX;
  while (strcmp(d->bench->sweep_name[k], d->plot->x) != 0) k++;
  return k;
}

static double figure_of(const drawing *d, size_t run, const char *name) {
  const og_bench_run *one = &d->r->run[d->first + run];
  for (size_t k = 0; k < one->row_count; k++)
    if (strcmp(d->r->row[one->row_first + k].figure, name) == 0) return d->r->row[one->row_first + k].value;
  return NAN;
}

/* 1 if run differs from group in nothing but the parameter along x; of listed runs all are one group. */
static int same_group(const drawing *d, size_t along, size_t run, size_t group) {
  double a[OGI_VALUES_MAX], b[OGI_VALUES_MAX];
  ogi_bench_values(d->bench, run, a);
  ogi_bench_values(d->bench, group, b);
  for (size_t k = 0; k < d->bench->sweeps && !d->plot->by_run && !d->bench->listed; k++)
    if (k != along && a[k] != b[k]) return 0;
  return 1;
}

static og_status add_group(drawing *d, size_t along, size_t group, const char *name, og_error *err) {
  double value[OGI_VALUES_MAX];
  char of[OGI_CURVE_TEXT] = "";
  og_status st = ogi_curve_open(&d->curve[d->curves], d->bench->runs, err);
  if (st != OG_OK) return st;
  for (size_t k = group; k < d->bench->runs; k++) {
    if (!same_group(d, along, k, group)) continue;
    ogi_bench_values(d->bench, k, value);
    add_point(d, d->plot->by_run ? (double)(k + 1) : value[along], figure_of(d, k, name));
  }
  if (!d->plot->by_run && !d->bench->listed) ogi_bench_name_values(d->bench, group, along, of);
  end_curve(d, name, of);
  return OG_OK;
}

static og_status add_figures(drawing *d, og_error *err) {
  size_t along = number_of_x(d);
  og_status st = OG_OK;
  for (size_t j = 0; j < d->plot->count; j++)
    for (size_t k = 0; k < d->bench->runs && st == OG_OK; k++) {
      int begins = 1; /* a run of this group has not been before */
      for (size_t i = 0; i < k && begins; i++) begins = !same_group(d, along, i, k);
      if (begins) st = add_group(d, along, k, d->plot->y[j], err);
    }
  return st;
}

/* ---- the drawing ---- */

/* As many columns as the longest legend leaves room for; 7.6 px are a mean character. */
static size_t legend_columns(const drawing *d) {
  size_t longest = 1;
  for (size_t k = 0; k < d->curves; k++) longest = ogi_max_size(longest, strlen(d->curve[k].legend));
  double wide = 40 + 7.6 * (double)ogi_min_size(longest, OGI_PLOT_LABEL);
  return ogi_max_size(1, ogi_min_size(5, (size_t)((RIGHT - LEFT) / wide)));
}

static void frame(const drawing *d) {
  size_t shown = ogi_min_size(d->curves, LEGENDS_MOST), columns = legend_columns(d);
  size_t rows = (shown + columns - 1) / columns;
  int height = PANEL + 104 + 22 * (int)rows;
  FILE *f = d->f;
  ogi_plot_begin(f, height);
  ogi_panel place = {LEFT, RIGHT, 44 + 22.0 * (double)rows, height - 60.0};
  ogi_plot_place(f, place, height);
  fputs("set label ", f);
  ogi_plot_quote(f, d->plot->title, 90);
  fprintf(f, " at screen 0.5, screen %.6f center font ',16'\n", 1 - 22.0 / height);
  for (size_t k = 0; k < shown; k++)
    ogi_plot_legend(f, height, LEFT + (double)(k % columns) * (RIGHT - LEFT) / (double)columns,
                    44 + 22 * (double)(k / columns), k < OGI_PLOT_COLOURS ? OGI_SAMPLE_LINE : OGI_SAMPLE_DASHES,
                    ogi_plot_colour[k % OGI_PLOT_COLOURS], d->curve[k].legend);
}

/* Label of an axis; what its numbers are divided by, so that the prefix stands with the unit. */
typedef struct axis {
  char label[128];
  const char *format; /* of its ticks */
  double divisor;
} axis;

/* Linear axes get a prefix; on a logarithmic one every tick has its own. */
static axis make_axis(const char *what, const char *unit, double most, int log_scale) {
  axis a = {.divisor = 1, .format = log_scale && ogi_curve_takes_prefix(unit) ? "%.0s%c" : "%g"};
  const char *prefix = "";
  if (!log_scale && most > 0 && isfinite(most) && ogi_curve_takes_prefix(unit)) {
    int step = (int)floor((log10(most) + 0.05) / 3); /* from 0.89 on without: "1 V", not "1000 mV" */
    step = step < -6 ? -6 : step > 4 ? 4 : step;
    a.divisor = pow(1000, step);
    prefix = ogi_curve_prefix(step);
  }
  int bare = unit[0] == '\0' || strcmp(unit, "1") == 0;
  snprintf(a.label, sizeof a.label, "%.80s%s%s%.24s%s", what, bare ? "" : " (", prefix, bare ? "" : unit,
           bare ? "" : ")");
  return a;
}

/* "Charge (uC/cm2)" -> "Charge" and "uC/cm2". */
static void split_label(const char *label, char what[80], char unit[24]) {
  const char *open = strrchr(label, '('), *close = strrchr(label, ')');
  snprintf(what, 80, "%.79s", label);
  unit[0] = '\0';
  if (open == NULL || close == NULL || close < open || close[1] != '\0' || close - open > 20) return;
  snprintf(unit, 24, "%.*s", (int)(close - open - 1), open + 1);
  size_t length = (size_t)(open - label);
  while (length > 0 && label[length - 1] == ' ') length--;
  if (length < 80) what[length] = '\0';
}

/* Unit of what a name stands for, as far as is known. */
static const char *unit_of(const drawing *d, const char *name) {
  for (size_t k = 0; d->plot->figures && k < d->bench->figures.count; k++)
    if (strcmp(d->bench->figures.item[k].name, name) == 0) return d->bench->figures.item[k].unit;
  if (d->plot->figures) return "";
  return strcmp(name, "time") == 0 ? "s" : strncmp(name, "v(", 2) == 0 ? "V" : strncmp(name, "i(", 2) == 0 ? "A" : "";
}

static axis axis_of(const drawing *d, int is_y) {
  char what[80], unit[24];
  double most = 0;
  const char *label = is_y ? d->plot->ylabel : d->plot->xlabel, *name = is_y ? d->plot->y[0] : d->plot->x;
  int log_scale = is_y ? d->plot->log_y : d->plot->log_x;
  for (size_t k = 0; k < d->curves; k++)
    for (size_t p = 0; p < d->curve[k].count; p++) most = fmax(most, fabs((is_y ? d->curve[k].y : d->curve[k].x)[p]));
  split_label(label, what, unit);
  if (label[0] == '\0') {
    snprintf(what, sizeof what, "%.79s", is_y && d->plot->count > 1 ? "" : name);
    snprintf(unit, sizeof unit, "%.23s", unit_of(d, name));
  }
  return make_axis(what, unit, most, log_scale);
}

static void labels(const drawing *d, const axis *x, const axis *y) {
  FILE *f = d->f;
  fputs("set xlabel ", f);
  ogi_plot_quote(f, x->label, 70);
  fputs("\nset ylabel ", f);
  ogi_plot_quote(f, y->label, 50);
  fprintf(f, "\nset format x '%s'\nset format y '%s'\n", x->format, y->format);
  if (d->plot->log_x || d->plot->log_y)
    fprintf(f, "set logscale %s%s\n", d->plot->log_x ? "x" : "", d->plot->log_y ? "y" : "");
}

static void curves(const drawing *d, const axis *x, const axis *y) {
  const char *style = d->plot->by_run ? "points pt 7 ps 0.5" : d->plot->figures ? "linespoints pt 7 ps 0.5" : "lines";
  for (size_t k = 0; k < d->curves; k++) {
    fprintf(d->f, "$Curve%zu << EOD\n", k);
    for (size_t p = 0; p < d->curve[k].count; p++)
      fprintf(d->f, "%.7g %.7g\n", d->curve[k].x[p] / x->divisor, d->curve[k].y[p] / y->divisor);
    fputs("EOD\n", d->f);
  }
  fputs("plot ", d->f);
  for (size_t k = 0; k < d->curves; k++) {
    fprintf(d->f, "%s$Curve%zu using 1:2 with %s", k > 0 ? ", " : "", k, style);
    if (!d->plot->by_run) fprintf(d->f, " lw 1.8 dt %d", k < OGI_PLOT_COLOURS ? 1 : 2);
    fprintf(d->f, " lc rgb %u notitle", ogi_plot_colour[k % OGI_PLOT_COLOURS]);
  }
  fputc('\n', d->f);
}

/* Points far below the peak of all curves go. */
static void cut_floor(drawing *d) {
  double most = 0;
  for (size_t k = 0; k < d->curves; k++)
    for (size_t p = 0; p < d->curve[k].count; p++) most = fmax(most, d->curve[k].y[p]);
  double least = d->plot->ymin > 0 ? d->plot->ymin : most * floor_share;
  for (size_t k = 0; k < d->curves; k++) {
    ogi_curve *c = &d->curve[k];
    for (size_t p = 0; p < c->count; p++) c->y[p] = fmax(c->y[p], least);
  }
}

static og_status gather(drawing *d, og_error *err) {
  const ogi_curve_frame f = {d->plot->log_x, d->plot->log_y, RIGHT - LEFT, PANEL};
  d->curve = ogi_alloc(d->bench->runs * OGI_CURVES_MAX, sizeof *d->curve);
  if (d->curve == NULL) return ogi_fail(err, OG_E_NOMEM, "plot %.60s", d->plot->title);
  og_status st = d->plot->figures ? add_figures(d, err) : add_waves(d, err);
  if (d->plot->log_y) cut_floor(d);
  return st == OG_OK && !d->plot->figures ? ogi_curves_thin(d->curve, d->curves, &f, POINTS_MOST, err) : st;
}

og_status ogi_bench_draw(const og_bench_report *r, const ogi_bench_inner *in, size_t first, size_t plot,
                         const char *path, og_error *err) {
  const ogi_bench *bench = in->bench[first];
  drawing d = {.r = r, .in = in, .bench = bench, .plot = &bench->plots.item[plot], .first = first};
  og_status st;
  OGI_TRY(st, gather(&d, err));
  if (d.curves == 0) goto done;
  d.f = ogi_plot_script(err);
  if (d.f == NULL) {
    st = OG_E_IO;
    goto done;
  }
  frame(&d);
  const axis x = axis_of(&d, 0), y = axis_of(&d, 1);
  labels(&d, &x, &y);
  curves(&d, &x, &y);
  st = ogi_plot_render(d.f, OG_GNUPLOT, d.plot->title, path, err);
done:
  if (d.f != NULL) fclose(d.f);
  for (size_t k = 0; d.curve != NULL && k < bench->runs * OGI_CURVES_MAX; k++) ogi_curve_clear(&d.curve[k]);
  ogi_free(d.curve);
  return st;
}
