/* SPDX-License-Identifier: BSD-3-Clause */
/** What a write-verify run leaves: verify.csv, verify.svg, a table in report.html, an object in results.json. */
#include <config.h>

#include <math.h>
#include <stdio.h>

#include "base/ogi_num.h"
#include "report/ogi_figure.h"
#include "report/ogi_plot.h"
#include "study/ogi_write.h"

enum { CURVES = 32, LABELS = 16, HEIGHT = 560, LEFT = 90, RIGHT = OGI_PLOT_WIDTH - 90, TOP = 44 };

/* ---- figures ---- */

double ogi_verify_error(const og_write_results *r, size_t column) {
  return (r->reached_amp[column] - r->target_amp[column]) / r->level_amp;
}

double ogi_verify_worst(const og_write_results *r) {
  double worst = 0;
  for (size_t j = 0; j < r->n; j++) worst = fmax(worst, fabs(ogi_verify_error(r, j)));
  return worst;
}

static int reached(const og_write_results *r, size_t column) {
  return r->reached_amp[column] >= r->target_amp[column];
}

/* ---- verify.csv ---- */

void ogi_verify_csv(FILE *f, const og_write_results *r, const og_write_study *s) {
  (void)s;
  fputs("read,pulse_volt", f);
  for (size_t j = 0; j < r->n; j++) fprintf(f, ",i_%zu", j);
  for (size_t k = 0; k < r->verify_reads; k++) {
    fprintf(f, "\n%zu,%.17g", k, r->verify_volt[k]);
    for (size_t j = 0; j < r->n; j++) fprintf(f, ",%.17g", r->verify_amp[k * r->n + j]);
  }
  fputc('\n', f);
}

/* ---- verify.svg ---- */

/* Columns that are drawn: all, or as many as can be told apart, spread over the row. */
static size_t drawn(const og_write_results *r) { return ogi_min_size(r->n, CURVES); }
static size_t drawn_column(const og_write_results *r, size_t k) {
  return drawn(r) > 1 ? k * (r->n - 1) / (drawn(r) - 1) : 0;
}

/* Share of the palette; its yellow end is left out, it is hard to see on white. */
static double shade(const og_write_results *r, size_t column) {
  return 0.85 * (double)(column % r->levels) / (double)(ogi_min_size(r->levels, r->n) > 1 ? r->levels - 1 : 1);
}

/* Up to the read at which a column has arrived, and from there on. */
static void curve(FILE *f, const og_write_results *r, size_t k, double factor) {
  size_t j = drawn_column(r, k), arrived = r->verify_pulses[j];
  for (int part = 0; part < 2; part++) {
    fprintf(f, "$%c%zu << EOD\n", part == 0 ? 'C' : 'D', k);
    for (size_t p = part == 0 ? 0 : arrived; p < (part == 0 ? arrived + 1 : r->verify_reads); p++)
      fprintf(f, "%zu %.9g\n", p, factor * r->verify_amp[p * r->n + j]);
    fputs("EOD\n", f);
  }
}

static void targets(FILE *f, const og_write_results *r, double factor, double last) {
  size_t levels = ogi_min_size(r->levels, r->n);
  for (size_t k = 0; k < levels; k++) {
    double y = factor * r->target_amp[k];
    fprintf(f, "set arrow from first 0,%.9g to first %.9g,%.9g nohead lw 0.8 dt 2 lc rgb '#888888'\n", y, last, y);
    if (levels <= LABELS)
      fprintf(f, "set label 'level %zu' at first %.9g,%.9g left offset 0.6,0 tc rgb '#555555'\n", k, last, y);
  }
}

void ogi_verify_plot(FILE *f, const og_write_results *r, const og_write_study *s) {
  double last = fmax(1, (double)r->verify_reads - 1), most = 0;
  for (size_t k = 0; k < r->verify_reads * r->n; k++) most = fmax(most, fabs(r->verify_amp[k]));
  for (size_t j = 0; j < r->n; j++) most = fmax(most, r->target_amp[j]);
  ogi_scale amp = ogi_write_suit("current of the column", "A", most);
  ogi_text first = ogi_eng(s->volt, "V", OGI_UTF8), step = ogi_eng(s->volt_step, "V", OGI_UTF8);
  ogi_plot_begin(f, HEIGHT);
  fputs("set palette defined (0 '#440154', 1 '#3b518b', 2 '#21908d', 3 '#5cc863', 4 '#fde725')\nunset colorbox\n", f);
  double x = ogi_plot_legend(f, HEIGHT, LEFT, 24, OGI_SAMPLE_DASHES, 0x888888, "targets");
  x = ogi_plot_legend(f, HEIGHT, x, 24, OGI_SAMPLE_DOT, 0x21908d, "being written");
  ogi_plot_legend(f, HEIGHT, x, 24, OGI_SAMPLE_LINE, 0x21908d, "arrived, inhibited");
  for (size_t k = 0; k < drawn(r); k++) curve(f, r, k, amp.factor);
  ogi_plot_place(f, (ogi_panel){LEFT, RIGHT, TOP, HEIGHT - 66}, HEIGHT);
  targets(f, r, amp.factor, last);
  fprintf(f, "set xrange [0:%.9g]\nset yrange [*:%.9g]\nset ylabel '%s'\n", last, 1.06 * amp.factor * most, amp.label);
  fprintf(f, "set xlabel 'program pulse, the first of %s, each higher by %s; 0: behind the erase pulse'\nplot ",
          first.s, step.s);
  for (size_t k = 0; k < drawn(r); k++) {
    double colour = shade(r, drawn_column(r, k));
    fprintf(f, "%s$D%zu using 1:2 with lines lw 1.2 lc palette frac %.3f notitle, ", k > 0 ? ", " : "", k, colour);
    fprintf(f, "$C%zu using 1:2 with linespoints pt 7 ps 0.35 lw 1.5 lc palette frac %.3f notitle", k, colour);
  }
  fputc('\n', f);
}

/* ---- report.html ---- */

static void cell(FILE *f, double x, const char *unit) { fprintf(f, "<td>%s</td>", ogi_eng(x, unit, OGI_UTF8).s); }

void ogi_verify_table(FILE *f, const og_write_results *r) {
  size_t cells = r->m * r->n;
  fputs("<div class=\"scroll\"><table>\n<caption>Columns, their levels, and the current at the read that ended them; "
        "the "
        "error is in steps from level to level. verify.csv has every read.</caption>\n<thead><tr>"
        "<th scope=\"col\">Column</th><th scope=\"col\">Level</th><th scope=\"col\">Target</th><th "
        "scope=\"col\">Reached</th>"
        "<th scope=\"col\">Error</th><th scope=\"col\">Pulses</th>",
        f);
  for (size_t x = 0; x < r->states; x++) fprintf(f, "<th scope=\"col\">%s, end</th>", r->state[x]);
  fputs("</tr></thead>\n<tbody>\n", f);
  for (size_t j = 0; j < r->n; j++) {
    fprintf(f, "<tr><th scope=\"row\">%zu</th><td>%zu</td>", j, j % r->levels);
    cell(f, r->target_amp[j], "A");
    cell(f, r->reached_amp[j], "A");
    fprintf(f, "<td>%+.3f%s</td><td>%zu</td>", ogi_verify_error(r, j), reached(r, j) ? "" : " (not reached)",
            r->verify_pulses[j]);
    for (size_t x = 0; x < r->states; x++) fprintf(f, "<td>%.4g</td>", r->end[x * cells + r->row * r->n + j]);
    fputs("</tr>\n", f);
  }
  fputs("</tbody></table></div>\n", f);
}

/* ---- results.json ---- */

static json_t *numbers(const double *x, size_t count) {
  json_t *list = json_array();
  for (size_t k = 0; k < count && list != NULL; k++) json_array_append_new(list, json_real(x[k]));
  return list;
}

static json_t *column(const og_write_results *r, size_t j) {
  size_t cells = r->m * r->n;
  json_t *states = json_object();
  for (size_t x = 0; x < r->states && states != NULL; x++)
    json_object_set_new(states, r->state[x], json_real(r->end[x * cells + r->row * r->n + j]));
  return json_pack("{s:I, s:I, s:f, s:f, s:f, s:b, s:I, s:o}", "column", (json_int_t)j, "level",
                   (json_int_t)(j % r->levels), "target_amp", r->target_amp[j], "reached_amp", r->reached_amp[j],
                   "error_levels", ogi_verify_error(r, j), "reached", reached(r, j), "pulses",
                   (json_int_t)r->verify_pulses[j], "states", states);
}

json_t *ogi_verify_json(const og_write_results *r) {
  if (r->verify_reads == 0) return json_null();
  json_t *columns = json_array(), *reads = json_array();
  for (size_t j = 0; j < r->n && columns != NULL; j++) json_array_append_new(columns, column(r, j));
  for (size_t k = 0; k < r->verify_reads && reads != NULL; k++)
    json_array_append_new(reads, numbers(r->verify_amp + k * r->n, r->n));
  return json_pack("{s:I, s:I, s:I, s:f, s:f, s:o, s:o, s:o}", "row", (json_int_t)r->row, "program_pulses",
                   (json_int_t)(r->verify_reads - 1), "unreached", (json_int_t)r->unreached, "level_amp", r->level_amp,
                   "worst_error_levels", ogi_verify_worst(r), "columns", columns, "pulse_volt",
                   numbers(r->verify_volt, r->verify_reads), "read_amp", reads);
}
