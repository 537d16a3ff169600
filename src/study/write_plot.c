/* SPDX-License-Identifier: BSD-3-Clause */
/** Drawings of a write study: waveforms, maps, lines, reads, and the map in time. */
#include <config.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "report/ogi_figure.h"
#include "report/ogi_gnuplot.h"
#include "report/ogi_plot.h"
#include "study/ogi_write.h"

enum { WAVES = 5, POINTS_MOST = 3000, ROOM = 48 };
enum { MAP_LEFT = 90, MAP_RIGHT = OGI_PLOT_WIDTH - 160, MAP_TOP = 40, MAP_BELOW = 66, MAP_LEAST = 160, MAP_MOST = 454 };

#define MUCH 0.1 /* of the largest change: as much is worth a curve */

/* ---- waveforms ---- */

/* How much there is to see of a cell: the change of its first state, else its largest voltage. */
static double weight(const og_write_results *r, size_t k) {
  return r->states > 0 && isfinite(r->end[k]) ? r->high[k] - r->low[k] : r->peak_volt[k];
}

/* The cell of a column with most to see; m n: none has waveforms. */
static size_t best_of_column(const og_write_results *r, size_t column) {
  size_t best = r->m * r->n;
  for (size_t k = column; k < r->m * r->n; k += r->n)
    if (isfinite(r->peak_volt[k]) && (best == r->m * r->n || weight(r, k) > weight(r, best))) best = k;
  return best;
}

/* Cells of columns that are spread over those where there is much to see, the best of each. */
static size_t pick_columns(const og_write_results *r, size_t chosen[WAVES]) {
  size_t cells = r->m * r->n, good = 0, count = 0;
  double most = 0;
  for (size_t pass = 0, seen = 0; pass < 3; pass++) /* the largest, how many come near it, those that are taken */
    for (size_t j = 0; j < r->n; j++) {
      size_t k = best_of_column(r, j);
      if (k == cells) continue;
      if (pass == 0) most = fmax(most, weight(r, k));
      if (pass == 0 || weight(r, k) < MUCH * most) continue;
      if (pass == 1) good++;
      else if (seen++ * (WAVES - 1) >= count * (good - 1) || good <= WAVES) chosen[count++] = k;
      if (count == WAVES) return count;
    }
  return count;
}

/* The selected cell, then those with most to see. */
static size_t pick(const og_write_results *r, size_t chosen[WAVES]) {
  size_t count = 0, cells = r->m * r->n;
  if (!r->one_cell) return pick_columns(r, chosen);
  if (isfinite(r->peak_volt[r->row * r->n + r->column])) chosen[count++] = r->row * r->n + r->column;
  while (count < WAVES) {
    size_t best = cells;
    for (size_t k = 0; k < cells; k++) {
      int taken = !isfinite(r->peak_volt[k]);
      for (size_t j = 0; j < count; j++) taken |= chosen[j] == k;
      if (!taken && (best == cells || weight(r, k) > weight(r, best))) best = k;
    }
    if (best == cells) break;
    chosen[count++] = best;
  }
  return count;
}

ogi_scale ogi_write_suit(const char *what, const char *unit, double largest) {
  int power = ogi_eng_power(largest);
  ogi_scale s = {pow(10, -power), ""};
  snprintf(s.label, sizeof s.label, "%s (%s%s)", what, ogi_eng_prefix(power), unit);
  return s;
}

static double largest_of(const double *x, size_t count) {
  double most = 0;
  for (size_t k = 0; x != NULL && k < count; k++)
    if (isfinite(x[k])) most = fmax(most, fabs(x[k]));
  return most;
}

#define EQUAL 1e-6        /* of the larger one: values so near to each other have one colour */
#define CHANGE_FLOOR 1e-6 /* of the largest change: below is rounding, and nothing to see */

/* One block of times and values for every chosen cell; form d: how far the first state is from where it began. */
static void curves(FILE *f, const og_write_results *r, const size_t *chosen, size_t count, char form, double per_second,
                   double per_unit) {
  size_t step = 1 + r->waves->points / POINTS_MOST;
  const double *t = og_vectors_at(r->waves, 0);
  for (size_t k = 0; k < count; k++) {
    const double *x = ogi_write_vector(r, form, chosen[k], form == 'x' || form == 'd' ? r->state[0] : NULL);
    fprintf(f, "$%c%zu << EOD\n", form, k);
    for (size_t p = 0; p < r->waves->points; p += step)
      fprintf(f, "%.9g %.9g\n", t[p] * per_second, form == 'd' ? fabs(x[p] - x[0]) : x[p] * per_unit);
    fputs("EOD\n", f);
  }
}

static void panel(FILE *f, char form, size_t count, ogi_panel place, int height, const char *label) {
  ogi_plot_place(f, place, height);
  fprintf(f, "set ylabel '%s'\nplot ", label);
  for (size_t k = count; k-- > 0;) /* the first on top */
    fprintf(f, "$%c%zu using 1:2 with lines lw 2 lc rgb %u notitle%s", form, k, ogi_plot_colour[k], k > 0 ? ", " : "");
  fputc('\n', f);
}

/* An axis from 0 on where nothing, or next to nothing, is below. */
static void axis(FILE *f, double least, double most) {
  if (least < 0 && -least < 0.02 * most) least = 0;
  fprintf(f, least >= 0 && most > 0 ? "set yrange [0:*]\n" : "set yrange [*:*]\n");
}

static void axis_of(FILE *f, const og_write_results *r, const size_t *chosen, size_t count, char form) {
  double least = 0, most = 0;
  for (size_t k = 0; k < count; k++) {
    const double *x = ogi_write_vector(r, form, chosen[k], form == 'x' ? r->state[0] : NULL);
    for (size_t p = 0; p < r->waves->points; p++) {
      least = fmin(least, x[p]);
      most = fmax(most, x[p]);
    }
  }
  axis(f, least, most);
}

/* Largest change of the first state among the chosen cells; 0 where there is none to draw. */
static double largest_change(const og_write_results *r, const size_t *chosen, size_t count) {
  double most = 0;
  for (size_t k = 0; k < count && r->states > 0 && r->one_cell; k++)
    most = fmax(most, r->high[chosen[k]] - r->low[chosen[k]]);
  return most;
}

/* What is drawn of cells; three terminals: gate less source, and the drain (write_verify.c). */
static const char *volt_label(const og_write_results *r) {
  return r->verify_reads > 0 ? "gate less source (V)" : "cell voltage (V)";
}
static const char *amp_label(const og_write_results *r) {
  return r->verify_reads > 0 ? "drain current" : "cell current";
}

static void waves(FILE *f, const og_write_results *r, const og_write_study *s) {
  (void)s;
  size_t chosen[WAVES], count = pick(r, chosen);
  double amp = 0, x = 90, change = largest_change(r, chosen, count), right = OGI_PLOT_WIDTH - 30;
  const int panels = 2 + (r->states > 0) + (change > 0), height = 90 + 270 * panels;
  for (size_t k = 0; k < count; k++)
    amp = fmax(amp, largest_of(ogi_write_vector(r, 'i', chosen[k], NULL), r->waves->points));
  ogi_scale time = ogi_write_suit("time", "s", ogi_write_stop(r)), current = ogi_write_suit(amp_label(r), "A", amp);
  ogi_plot_begin(f, height);
  curves(f, r, chosen, count, 'v', time.factor, 1);
  curves(f, r, chosen, count, 'i', time.factor, current.factor);
  if (r->states > 0) curves(f, r, chosen, count, 'x', time.factor, 1);
  if (change > 0) curves(f, r, chosen, count, 'd', time.factor, 1);
  for (size_t k = 0; k < count; k++) {
    char text[64];
    snprintf(text, sizeof text, "(%zu,%zu)", chosen[k] / r->n, chosen[k] % r->n);
    x = ogi_plot_legend(f, height, x, 30, OGI_SAMPLE_LINE, ogi_plot_colour[k], text);
  }
  fprintf(f, "set multiplot\nset xrange [%.9g:%.9g]\n", ogi_write_begin(r) * time.factor,
          ogi_write_stop(r) * time.factor);
  static const char form[] = "vixd";
  for (int k = 0; k < panels; k++) {
    char label[ROOM];
    snprintf(label, sizeof label, k == 3 ? "|change of %.20s|" : "state %.20s", r->states > 0 ? r->state[0] : "");
    if (k == 3)
      fprintf(f, "set logscale y\nset format y '1e%%T'\nset yrange [%.9g:%.9g]\n", CHANGE_FLOOR * change, 2 * change);
    else axis_of(f, r, chosen, count, form[k]);
    if (k == panels - 1) fprintf(f, "set xlabel '%s'\n", time.label);
    panel(f, form[k], count, (ogi_panel){90, right, 50 + 270 * k, 285 + 270 * k}, height,
          k == 0   ? volt_label(r)
          : k == 1 ? current.label
                   : label);
    if (k == 0) fputs("unset arrow\nunset label\n", f);
  }
  fputs("unset multiplot\n", f);
}

/* ---- maps ---- */

/* Cells are as high as wide where the array has fewer word lines than bit lines. */
static int map_height(const og_write_results *r) {
  double high = (double)(MAP_RIGHT - MAP_LEFT) * (double)r->m / (double)r->n;
  return MAP_TOP + MAP_BELOW + (int)fmax(MAP_LEAST, fmin(MAP_MOST, high));
}

static void palette(FILE *f, const og_write_results *r) {
  ogi_plot_place(f, (ogi_panel){MAP_LEFT, MAP_RIGHT, MAP_TOP, map_height(r) - MAP_BELOW}, map_height(r));
  if (r->m < 8) fputs("set ytics 1\n", f);
  if (r->n < 8) fputs("set xtics 1\n", f);
  fprintf(f,
          "set xrange [-0.5:%.1f]\nset yrange [%.1f:-0.5]\nset xlabel 'bit line'\nset ylabel 'word line'\n"
          "set palette defined (0 '#440154', 1 '#3b518b', 2 '#21908d', 3 '#5cc863', 4 '#fde725')\nset border 15\n"
          "unset grid\nset datafile missing 'NaN'\n",
          (double)r->n - 0.5, (double)r->m - 0.5);
}

static void matrix(FILE *f, const og_write_results *r, const double *values, double factor, size_t index) {
  fprintf(f, "$Map%zu << EOD\n", index);
  for (size_t i = 0; i < r->m; i++) {
    for (size_t j = 0; j < r->n; j++)
      fprintf(f, isfinite(values[i * r->n + j]) ? "%.9g " : "NaN ", factor * values[i * r->n + j]);
    fputc('\n', f);
  }
  fputs("EOD\n", f);
}

/* The picture; gnuplot has no image of a single row or column. z: what is drawn, from column 3. */
static void plot_matrix(FILE *f, const og_write_results *r, size_t index, const char *z) {
  if (r->m > 1 && r->n > 1) fprintf(f, "plot $Map%zu matrix using 1:2:%s with image notitle\n", index, z);
  else
    fprintf(f, "plot $Map%zu matrix using 1:2:(0.5):(0.5):%s with boxxyerror fs solid noborder lc palette notitle\n",
            index, z);
}

/* Values over more than two decades are told apart by their logarithm; what is 0 then stays blank. */
static void map(FILE *f, const og_write_results *r, const double *values, double factor, const char *label) {
  double least = INFINITY, most = 0;
  int logarithmic = 1;
  for (size_t k = 0; k < r->m * r->n; k++) {
    if (!isfinite(values[k])) continue;
    logarithmic &= values[k] >= 0;
    most = fmax(most, values[k]);
    if (values[k] > 0) least = fmin(least, values[k]);
  }
  logarithmic &= most > 100 * least;
  least = fmax(least, CHANGE_FLOOR * most);
  ogi_plot_begin(f, map_height(r));
  palette(f, r);
  if (logarithmic)
    fprintf(f, "set logscale cb\nset format cb '1e%%T'\nset cbrange [%.9g:%.9g]\n", factor * least, factor * most);
  fprintf(f, "set cblabel '%s' offset 1,0\n", label);
  matrix(f, r, values, factor, 0);
  plot_matrix(f, r, 0, logarithmic ? "($3 > 0 ? $3 : NaN)" : "3");
}

static void state_map(FILE *f, const og_write_results *r, const og_write_study *s) {
  char label[ROOM];
  (void)s;
  snprintf(label, sizeof label, "state %.20s at the end", r->state[0]);
  ogi_plot_begin(f, map_height(r));
  palette(f, r);
  fprintf(f, "set cblabel '%s' offset 1,0\n", label);
  ogi_span span = ogi_span_of(r->end, r->m * r->n);
  if (span.max - span.min > EQUAL * fmax(fabs(span.min), fabs(span.max)))
    fprintf(f, "set cbrange [%.9g:%.9g]\n", span.min, span.max);
  else fprintf(f, "set cbrange [%.9g:%.9g]\n", span.min - fmax(fabs(span.min), 1), span.max + fmax(fabs(span.max), 1));
  matrix(f, r, r->end, 1, 0);
  plot_matrix(f, r, 0, "3");
}

static void energy_map(FILE *f, const og_write_results *r, const og_write_study *s) {
  (void)s;
  ogi_scale e = ogi_write_suit("energy into the cell", "J", largest_of(r->joule, r->m * r->n));
  map(f, r, r->joule, e.factor, e.label);
}

static void change_map(FILE *f, const og_write_results *r, const og_write_study *s) {
  char label[ROOM];
  double *change = ogi_alloc(r->m * r->n, sizeof *change);
  (void)s;
  for (size_t k = 0; change != NULL && k < r->m * r->n; k++) change[k] = fabs(r->end[k] - r->start[k]);
  snprintf(label, sizeof label, "|change of state %.20s|", r->state[0]);
  if (change != NULL) map(f, r, change, 1, label);
  ogi_free(change);
}

/* ---- lines and reads ---- */

static void line_bars(FILE *f, const og_write_results *r, const og_write_study *s) {
  const int height = 420;
  ogi_scale e = ogi_write_suit("energy in the wires", "J", largest_of(r->line_joule, r->m + r->n));
  (void)s;
  ogi_plot_begin(f, height);
  for (size_t k = 0; k < r->m + r->n; k++) {
    if (k == 0 || k == r->m) fprintf(f, "$%s << EOD\n", k == 0 ? "Word" : "Bit");
    fprintf(f, "%zu %.9g\n", k < r->m ? k : k - r->m, e.factor * r->line_joule[k]);
    if (k + 1 == r->m || k + 1 == r->m + r->n) fputs("EOD\n", f);
  }
  double most = e.factor * largest_of(r->line_joule, r->m + r->n), least = most;
  for (size_t k = 0; k < r->m + r->n; k++)
    if (r->line_joule[k] > 0) least = fmin(least, e.factor * r->line_joule[k]);
  fprintf(f, "set multiplot\nset boxwidth 0.7\nset ylabel '%s'\n", e.label);
  if (most > 100 * least)
    fprintf(f, "set logscale y\nset format y '1e%%T'\nset yrange [%.9g:%.9g]\n", 0.5 * fmax(least, CHANGE_FLOOR * most),
            2 * most);
  else if (most > 0) fprintf(f, "set yrange [0:%.9g]\n", 1.05 * most);
  ogi_plot_place(f, (ogi_panel){90, 400, 30, height - 60}, height);
  fprintf(f, "set xrange [-0.7:%.1f]\nset xlabel 'word line'\nplot $Word using 1:2 with boxes lc rgb %u notitle\n",
          (double)r->m - 0.3, ogi_plot_colour[0]);
  ogi_plot_place(f, (ogi_panel){425, OGI_PLOT_WIDTH - 20, 30, height - 60}, height);
  fprintf(f,
          "set xrange [-0.7:%.1f]\nset xlabel 'bit line'\nunset ylabel\nset format y ''\nunset mytics\n"
          "plot $Bit using 1:2 with boxes lc rgb %u notitle\nunset multiplot\n",
          (double)r->n - 0.3, ogi_plot_colour[1]);
}

/* Lines that are drawn: all, or as many as there are colours, spread over the array. */
static size_t drawn(const og_write_results *r) { return ogi_min_size(r->n, OGI_PLOT_COLOURS); }
static size_t drawn_line(const og_write_results *r, size_t k) {
  return drawn(r) > 1 ? k * (r->n - 1) / (drawn(r) - 1) : 0;
}

static void read_curves(FILE *f, const og_write_results *r, const og_write_study *s) {
  (void)s;
  const int height = 560;
  double x = 100;
  ogi_scale time = ogi_write_suit("time", "s", ogi_write_stop(r)),
        amp = ogi_write_suit("output current in the middle of a read", "A", largest_of(r->read_amp, r->reads * r->n));
  ogi_plot_begin(f, height);
  for (size_t k = 0; k < drawn(r); k++) {
    char text[ROOM];
    size_t j = drawn_line(r, k);
    fprintf(f, "$R%zu << EOD\n", k);
    for (size_t p = 0; p < r->reads; p++)
      fprintf(f, "%.9g %.9g\n", time.factor * r->read_second[p], amp.factor * r->read_amp[p * r->n + j]);
    fputs("EOD\n", f);
    snprintf(text, sizeof text, "b%zu", j);
    x = ogi_plot_legend(f, height, x, 24, OGI_SAMPLE_LINE, ogi_plot_colour[k], text);
  }
  ogi_plot_place(f, (ogi_panel){90, OGI_PLOT_WIDTH - 30, 44, height - 66}, height);
  ogi_span span = ogi_span_of(r->read_amp, r->reads * r->n);
  axis(f, span.min, span.max);
  fprintf(f, "set xrange [*:*]\nset xlabel '%s'\nset ylabel '%s'\nplot ", time.label, amp.label);
  for (size_t k = 0; k < drawn(r); k++)
    fprintf(f, "%s$R%zu using 1:2 with linespoints pt 7 ps 0.4 lw 1.5 lc rgb %u notitle", k > 0 ? ", " : "", k,
            ogi_plot_colour[k]);
  fputc('\n', f);
}

/* ---- the map in time ---- */

double ogi_write_begin(const og_write_results *r) { return og_vectors_at(r->waves, 0)[0]; }

double ogi_write_stop(const og_write_results *r) { return og_vectors_at(r->waves, 0)[r->waves->points - 1]; }

double ogi_write_frame_second(const og_write_results *r, const og_write_study *s, size_t k) {
  double begin = ogi_write_begin(r), stop = ogi_write_stop(r);
  return s->frames > 1 ? begin + (stop - begin) * (double)k / (double)(s->frames - 1) : stop;
}

/* One picture; it scales by the extremes of the whole run. */
static void frame(FILE *f, const og_write_results *r, const og_write_study *s, double *now, size_t k) {
  double second = ogi_write_frame_second(r, s, k);
  for (size_t c = 0; c < r->m * r->n; c++) {
    const double *x = ogi_write_vector(r, 'x', c, r->state[0]);
    now[c] = x != NULL ? ogi_write_at(r->waves, x, second) : NAN;
  }
  matrix(f, r, now, 1, k);
  fprintf(f, "set title '%s' offset 0,-0.3\n", ogi_eng(second, "s", OGI_ASCII).s);
  plot_matrix(f, r, k, "3");
}

static void frame_head(FILE *f, const og_write_results *r) {
  double low = INFINITY, high = -INFINITY;
  for (size_t k = 0; k < r->m * r->n; k++)
    if (isfinite(r->low[k])) {
      low = fmin(low, r->low[k]);
      high = fmax(high, r->high[k]);
    }
  palette(f, r);
  if (high - low > EQUAL * fmax(fabs(low), fabs(high))) fprintf(f, "set cbrange [%.9g:%.9g]\n", low, high);
  else fprintf(f, "set cbrange [%.9g:%.9g]\n", low - fmax(fabs(low), 1), high + fmax(fabs(high), 1));
  fprintf(f, "set cblabel 'state %.20s' offset 1,0\n", r->state[0]);
}

static og_status save_bytes(const char *bytes, size_t length, const char *path, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  fwrite(bytes, 1, length, w.stream);
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  return st;
}

static og_status draw_gif(const og_write_results *r, const og_write_study *s, double *now, const char *path,
                          og_error *err) {
  og_status st;
  char *bytes = NULL;
  size_t length = 0;
  FILE *f = ogi_plot_script(err);
  if (f == NULL) return OG_E_IO;
  fprintf(f, "set encoding utf8\nset terminal gif animate delay 12 loop 0 size %d,%d font 'sans,11'\n", OGI_PLOT_WIDTH,
          map_height(r));
  frame_head(f, r);
  for (size_t k = 0; k < s->frames; k++) frame(f, r, s, now, k);
  OGI_TRY(st, ogi_gnuplot_bytes(&bytes, &length, OG_GNUPLOT, f, err));
  if (length < 6 || memcmp(bytes, "GIF8", 4) != 0) st = ogi_fail(err, OG_E_EXTERN, "gnuplot: drew no GIF");
  else st = save_bytes(bytes, length, path, err);
done:
  fclose(f);
  ogi_free(bytes);
  return st;
}

static og_status draw_series(const og_write_results *r, const og_write_study *s, double *now, const char *folder,
                             og_error *err) {
  og_status st = OG_OK;
  for (size_t k = 0; k < s->frames && st == OG_OK; k++) {
    char name[32];
    snprintf(name, sizeof name, "state-%03zu.svg", k + 1);
    char *path = ogi_path_join(folder, name);
    FILE *f = path != NULL ? ogi_plot_script(err) : NULL;
    if (f == NULL) st = path == NULL ? ogi_fail(err, OG_E_NOMEM, "%s", name) : OG_E_IO;
    else {
      ogi_plot_begin(f, map_height(r));
      frame_head(f, r);
      frame(f, r, s, now, k);
      st = ogi_plot_render(f, OG_GNUPLOT, "State of every cell", path, err);
      fclose(f);
    }
    ogi_free(path);
  }
  return st;
}

/* What another run with more pictures, or another gnuplot, left. */
static void drop_series(const char *folder) {
  for (unsigned k = 1; k <= 200; k++) {
    char name[32];
    snprintf(name, sizeof name, "state-%03u.svg", k);
    char *path = ogi_path_join(folder, name);
    if (path != NULL) unlink(path);
    ogi_free(path);
  }
}

static og_status draw_frames(const og_write_results *r, const og_write_study *s, const char *folder, og_error *err) {
  og_error why = {0};
  char *path = ogi_path_join(folder, "state.gif");
  double *now = ogi_alloc(r->m * r->n, sizeof *now);
  og_status st = path != NULL && now != NULL ? OG_OK : ogi_fail(err, OG_E_NOMEM, "state.gif");
  if (st == OG_OK && unlink(path) != 0 && errno != ENOENT)
    st = ogi_fail(err, OG_E_IO, "%s: an older drawing cannot be removed: %s", path, strerror(errno));
  drop_series(folder);
  if (st == OG_OK && s->frames > 0) {
    st = draw_gif(r, s, now, path, &why);
    if (st == OG_E_EXTERN) st = draw_series(r, s, now, folder, err); /* a gnuplot without that terminal */
    else if (st != OG_OK && err != NULL) *err = why;
  }
  ogi_free(path);
  ogi_free(now);
  return st;
}

/* ---- all ---- */

static int always(const og_write_results *r) { return r->m > 0; }
static int has_state(const og_write_results *r) { return r->states > 0; }
static int has_change(const og_write_results *r) { return r->states > 0 && r->one_cell; }
static int has_lines(const og_write_results *r) { return r->line_joule != NULL; }
static int has_reads(const og_write_results *r) { return r->reads > 0; }
static int has_verify(const og_write_results *r) { return r->verify_reads > 0; }

static const struct drawing {
  const char *name, *title;
  int (*has)(const og_write_results *r);
  void (*write)(FILE *f, const og_write_results *r, const og_write_study *s);
} drawings[] = {
    {"waves.svg", "Waveforms of cells that changed much", always, waves},
    {"state.svg", "State of every cell at the end", has_state, state_map},
    {"change.svg", "Change of every cell's state", has_change, change_map},
    {"energy.svg", "Energy into every cell", always, energy_map},
    {"energy-lines.svg", "Energy in the wires of every line", has_lines, line_bars},
    {"reads.svg", "Output currents of the reads", has_reads, read_curves},
    {"verify.svg", "Current of every column behind every pulse", has_verify, ogi_verify_plot},
};

/* A drawing of another run that was in this folder would pass for one of this. */
static og_status draw(const struct drawing *d, const og_write_results *r, const og_write_study *s, const char *folder,
                      og_error *err) {
  og_status st = OG_OK;
  char *path = ogi_path_join(folder, d->name);
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "%s", d->name);
  if (!d->has(r)) {
    if (unlink(path) != 0 && errno != ENOENT)
      st = ogi_fail(err, OG_E_IO, "%s: an older drawing cannot be removed: %s", path, strerror(errno));
    ogi_free(path);
    return st;
  }
  FILE *f = ogi_plot_script(err);
  if (f == NULL) st = OG_E_IO;
  if (f != NULL) {
    d->write(f, r, s);
    st = ogi_plot_render(f, OG_GNUPLOT, d->title, path, err);
    fclose(f);
  }
  ogi_free(path);
  return st;
}

og_status ogi_write_plots(const og_write_results *r, const og_write_study *s, const char *folder, og_error *err) {
  og_status st = OG_OK;
  for (size_t k = 0; k < sizeof drawings / sizeof *drawings && st == OG_OK; k++)
    st = draw(&drawings[k], r, s, folder, err);
  return st == OG_OK ? draw_frames(r, s, folder, err) : st;
}
