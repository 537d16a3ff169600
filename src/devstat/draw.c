/* SPDX-License-Identifier: BSD-3-Clause */
/** The three drawings as gnuplot scripts. */
#include <config.h>

#include <math.h>
#include <stdio.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "devstat/ogi_sample.h"
#include "report/ogi_figure.h"
#include "report/ogi_plot.h"

enum {
  HEIGHT = 470,
  TOP = 74,
  LEFT = 90,
  RIGHT = OGI_PLOT_WIDTH - 30,
  BOTTOM = HEIGHT - 60,
  CLOUD = 4000,
  BINS = 40,
  CURVE = 200,
  PALE = 0xcfe6f5
};

#define MICRO 1e-6 /* axes are in microsiemens */

static void frame(FILE *f, const char *title, const char *x, const char *y) {
  ogi_plot_begin(f, HEIGHT);
  ogi_plot_place(f, (ogi_panel){LEFT, RIGHT, TOP, BOTTOM}, HEIGHT);
  fputs("set label ", f);
  ogi_plot_quote(f, title, 90);
  fprintf(f, " at screen 0.5, screen %.6f center font ',16'\nset xlabel '%s'\nset ylabel '%s'\nunset key\n",
          1 - 22.0 / HEIGHT, x, y);
}

static void legend(FILE *f, size_t k, ogi_sample sample, unsigned colour, const char *text) {
  ogi_plot_legend(f, HEIGHT, LEFT + (double)k * (RIGHT - LEFT) / 3, 48, sample, colour, text);
}

static int counts(const og_sample_row *row) {
  return row->state == OG_SAMPLE_REACHED || row->state == OG_SAMPLE_MISSED;
}

static void draw_reached(FILE *f, const og_sample_report *r) {
  size_t rows = r->samples * r->levels, step = 1 + rows / CLOUD;
  frame(f, "Conductance reached", "target (uS)", "reached (uS)");
  legend(f, 0, OGI_SAMPLE_BOX, PALE, "mean and twice sigma");
  legend(f, 1, OGI_SAMPLE_DOT, 0x555555, "samples");
  legend(f, 2, OGI_SAMPLE_DASHES, 0x888888, "reached = target");
  fputs("$Band << EOD\n", f);
  for (size_t l = 0; l < r->levels; l++) {
    const og_sample_level *v = &r->level[l];
    fprintf(f, "%.9g %.9g %.9g\n", v->target_siemens / MICRO, v->mean_siemens / MICRO, 2 * v->sigma_siemens / MICRO);
  }
  fputs("EOD\n$Rows << EOD\n", f);
  for (size_t k = 0; k < rows; k += step)
    if (counts(&r->row[k]))
      fprintf(f, "%.9g %.9g\n", r->row[k].target_siemens / MICRO, r->row[k].reached_siemens / MICRO);
  fprintf(f,
          "EOD\nplot $Band using 1:($2-$3):($2+$3) with filledcurves lc rgb %u, x with lines dt 2 lc rgb %u, $Rows "
          "using 1:2 with points pt 7 ps 0.2 lc rgb %u, $Band using 1:2 with lines lw 1.8 lc rgb %u\n",
          (unsigned)PALE, 0x888888u, 0x555555u, ogi_plot_colour[0]);
}

static void draw_sigma(FILE *f, const og_sample_report *r) {
  const og_card *c = &r->card;
  frame(f, "Standard deviation after programming", "target (uS)", "sigma (uS)");
  legend(f, 0, OGI_SAMPLE_DOT, ogi_plot_colour[0], "samples, 95 % interval");
  legend(f, 1, OGI_SAMPLE_LINE, ogi_plot_colour[2], "polynomial of the card");
  fputs("set yrange [0:*]\n$Level << EOD\n", f);
  for (size_t l = 0; l < r->levels; l++) {
    const og_sample_level *v = &r->level[l];
    fprintf(f, "%.9g %.9g %.9g %.9g\n", v->target_siemens / MICRO, v->sigma_siemens / MICRO,
            v->sigma_low_siemens / MICRO, v->sigma_high_siemens / MICRO);
  }
  fputs("EOD\n$Fit << EOD\n", f);
  for (size_t k = 0; k <= CURVE; k++) {
    double g = c->program_from_siemens + (c->program_to_siemens - c->program_from_siemens) * (double)k / CURVE;
    fprintf(f, "%.9g %.9g\n", g / MICRO, ogi_sample_fitted(c, g) / MICRO);
  }
  fprintf(f,
          "EOD\nplot $Level using 1:2:3:4 with yerrorbars pt 7 ps 0.5 lc rgb %u, $Fit using 1:2 with lines lw 1.8 lc "
          "rgb %u\n",
          ogi_plot_colour[0], ogi_plot_colour[2]);
}

/* Range of the energies of pulses [J]; some range where there is none. */
static void energy_range(const og_sample_report *r, double *low, double *high) {
  *low = INFINITY;
  *high = 0;
  for (size_t k = 0; k < r->samples * r->levels; k++) {
    double e = r->row[k].pulse_joule;
    if (!counts(&r->row[k]) || !(e > 0)) continue;
    *low = fmin(*low, e);
    *high = fmax(*high, e);
  }
  if (*high > *low) return;
  *low = *high > 0 ? *high / 2 : 1e-15;
  *high = 3 * *low;
}

/* Energies of levels may lie decades apart: then the bins are even in the logarithm. */
static void draw_energy(FILE *f, const og_sample_report *r) {
  size_t bin[BINS] = {0};
  double low, high;
  char label[40];
  energy_range(r, &low, &high);
  int power = ogi_eng_power(high), is_log = high / low > 30;
  double unit = pow(10, power), width = (is_log ? log(high / low) : high - low) / BINS;
  for (size_t k = 0; k < r->samples * r->levels; k++) {
    double e = r->row[k].pulse_joule;
    if (!counts(&r->row[k]) || !(e > 0)) continue;
    bin[(size_t)fmin(fmax(floor((is_log ? log(e / low) : e - low) / width), 0), BINS - 1)]++;
  }
  snprintf(label, sizeof label, "energy (%sJ)", ogi_eng_prefix(power));
  frame(f, "Energy of one programming pulse", label, "levels of samples");
  if (is_log) fputs("set logscale x\n", f);
  fputs("set yrange [0:*]\n$Bin << EOD\n", f);
  for (size_t k = 0; k < BINS; k++) {
    double from = (double)k * width, to = from + width;
    from = is_log ? low * exp(from) : low + from;
    to = is_log ? low * exp(to) : low + to;
    fprintf(f, "%.9g %zu %.9g %.9g\n", (from + to) / 2 / unit, bin[k], from / unit, to / unit);
  }
  fprintf(f, "EOD\nplot $Bin using 1:($2/2.0):3:4:(0):2 with boxxyerror lc rgb %u\n", ogi_plot_colour[0]);
}

og_status ogi_sample_draw_plots(const og_sample_report *r, const char *folder, og_error *err) {
  static const struct {
    const char *name, *title;
    void (*draw)(FILE *f, const og_sample_report *r);
  } plots[] = {{"reached.svg", "Conductance reached against target", draw_reached},
               {"sigma.svg", "Standard deviation after programming against target", draw_sigma},
               {"energy.svg", "Energy of one programming pulse", draw_energy}};
  og_status st = OG_OK;
  for (size_t k = 0; k < sizeof plots / sizeof *plots && st == OG_OK; k++) {
    char *path = ogi_path_join(folder, plots[k].name);
    if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "%s", plots[k].name);
    FILE *f = ogi_plot_script(err);
    if (f == NULL) st = OG_E_IO;
    else {
      plots[k].draw(f, r);
      st = ogi_plot_render(f, OG_GNUPLOT, plots[k].title, path, err);
      fclose(f);
    }
    ogi_free(path);
  }
  return st;
}
