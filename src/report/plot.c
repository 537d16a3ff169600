/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "report/ogi_gnuplot.h"
#include "report/ogi_plot.h"
#include "report/ogi_report.h"
#include "report/ogi_svg.h"

const unsigned ogi_plot_colour[OGI_PLOT_COLOURS] = {0x0072b2, 0xe69f00, 0xd55e00, 0x56b4e9,
                                                    0x009e73, 0xcc79a7, 0xf0e442};

void ogi_plot_begin(FILE *f, int height) {
  fprintf(f, "set encoding utf8\nset terminal svg size %d,%d noenhanced font 'sans-serif,14' background '#ffffff'\n",
          OGI_PLOT_WIDTH, height);
  fputs("set border 3 lc rgb '#555555'\nset tics nomirror out scale 0.5 textcolor rgb '#222222'\n"
        "set xtics offset 0,0.4\nset xlabel offset 0,0.6\nset grid lt 1 lw 0.6 lc rgb '#dddddd'\n"
        "set style fill solid 1 noborder\nset errorbars small\n", f);
}

void ogi_plot_place(FILE *f, ogi_panel p, int height) {
  fprintf(f, "set lmargin at screen %.6f\nset rmargin at screen %.6f\nset tmargin at screen %.6f\n"
          "set bmargin at screen %.6f\n", p.left / OGI_PLOT_WIDTH, p.right / OGI_PLOT_WIDTH, 1 - p.top / height,
          1 - p.bottom / height);
}

/* A string for gnuplot: single quotes switch all its escapes off. Long ones end in an ellipsis. */
void ogi_plot_quote(FILE *f, const char *text, size_t most) {
  fputc('\'', f);
  for (size_t shown = 0; *text != '\0'; shown++) {
    size_t step = ogi_utf8_step(text);
    if (shown + 1 >= most && text[step > 0 ? step : 1] != '\0') {
      fputs("…", f);
      break;
    }
    if (*text == '\'') fputc('\'', f);
    fwrite(step == 0 ? "?" : *text == '\n' || *text == '\t' ? " " : text, 1, step > 0 ? step : 1, f);
    text += step > 0 ? step : 1;
  }
  fputc('\'', f);
}

/* [px] 8.4 is the mean advance of a wide sans-serif at 14 px. */
static double text_width(const char *text) {
  size_t count = 0;
  for (size_t step; *text != '\0' && count < OGI_PLOT_LABEL; text += step > 0 ? step : 1, count++)
    step = ogi_utf8_step(text);
  return 8.4 * (double)count;
}

double ogi_plot_label_room(const char *text) { return 24 + text_width(text); }

double ogi_plot_legend(FILE *f, int height, double x, double y, ogi_sample sample, unsigned colour, const char *text) {
  const double left = x / OGI_PLOT_WIDTH, right = (x + 24) / OGI_PLOT_WIDTH, up = 1 - y / height;
  if (sample == OGI_SAMPLE_DOT)
    fprintf(f, "set label '' at screen %.6f, screen %.6f point pt 7 ps 0.6 lc rgb %u\n", (left + right) / 2, up,
            colour);
  else if (sample == OGI_SAMPLE_BOX)
    fprintf(f, "set object rectangle from screen %.6f, screen %.6f to screen %.6f, screen %.6f fc rgb %u fs solid "
            "noborder\n",
            left, up - 6.0 / height, right, up + 6.0 / height, colour);
  else
    fprintf(f, "set arrow from screen %.6f, screen %.6f to screen %.6f, screen %.6f nohead lw 2 dt %d lc rgb %u\n",
            left, up, right, up, sample == OGI_SAMPLE_DASHES ? 2 : 1, colour);
  fputs("set label ", f);
  ogi_plot_quote(f, text, OGI_PLOT_LABEL);
  fprintf(f, " at screen %.6f, screen %.6f left\n", right + 8.0 / OGI_PLOT_WIDTH, up);
  return x + 24 + 8 + text_width(text) + 20;
}

void ogi_plot_label_left(FILE *f, const char *text, double left, size_t y) {
  fputs("set label ", f);
  ogi_plot_quote(f, text, OGI_PLOT_LABEL);
  fprintf(f, " at screen %.6f, first %zu right\n", (left - 12) / OGI_PLOT_WIDTH, y);
}

typedef struct plot {
  const char *name, *title;
  int (*has)(const og_results *r);
  void (*write)(FILE *f, const og_results *r, const ogi_energy *sum);
} plot;

static og_status save(const char *svg, const char *title, const char *path, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  ogi_svg_clean(w.stream, svg, title);
  OGI_TRY(st, ogi_writer_commit(&w, err));
done:
  ogi_writer_abort(&w);
  return st;
}

og_status ogi_plot_render(FILE *script, const char *gnuplot, const char *title, const char *path, og_error *err) {
  char *svg = NULL;
  og_status st = ogi_gnuplot_run(&svg, gnuplot, script, err);
  if (st == OG_OK) st = save(svg, title, path, err);
  else st = ogi_prefix(err, st, "%s", path);
  ogi_free(svg);
  return st;
}

FILE *ogi_plot_script(og_error *err) {
  FILE *script = tmpfile();
  if (script == NULL) ogi_fail(err, OG_E_IO, "temporary file: cannot be written: %s", strerror(errno));
  return script;
}

static og_status draw(const plot *p, const og_results *r, const ogi_energy *sum, const char *gnuplot,
                      const char *folder, og_error *err) {
  char *path = ogi_path_join(folder, p->name);
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "%s", p->name);
  FILE *script = ogi_plot_script(err);
  og_status st = OG_E_IO;
  if (script != NULL) {
    p->write(script, r, sum);
    st = ogi_plot_render(script, gnuplot, p->title, path, err);
    fclose(script);
  }
  ogi_free(path);
  return st;
}

/* A drawing of results that were in this folder before would pass for one of these. */
static og_status drop(const plot *p, const char *folder, og_error *err) {
  og_status st = OG_OK;
  char *path = ogi_path_join(folder, p->name);
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "%s", p->name);
  if (unlink(path) != 0 && errno != ENOENT)
    st = ogi_fail(err, OG_E_IO, "%s: an older drawing cannot be removed: %s", path, strerror(errno));
  ogi_free(path);
  return st;
}

og_status ogi_report_plots(const og_results *r, const char *gnuplot, const char *folder, og_error *err) {
  static const plot plots[] = {
      {"accuracy.svg", "Accuracy by effect", ogi_has_accuracy, ogi_plot_accuracy},
      {"energy.svg", "Energy per inference by layer and block", ogi_has_energy, ogi_plot_energy},
      {"ir_drop.svg", "IR-drop map of one array", ogi_has_ir_drop, ogi_plot_ir_drop},
      {"conductance.svg", "Target and programmed conductances", ogi_has_conductance, ogi_plot_conductance},
      {"crosscheck.svg", "Output currents against ngspice", ogi_has_crosscheck, ogi_plot_crosscheck},
  };
  og_status st;
  ogi_energy sum = {0};
  ogi_locale c;
  ogi_locale_begin(&c);
  OGI_TRY(st, ogi_energy_sum(&sum, r, err));
  for (size_t i = 0; i < sizeof plots / sizeof *plots; i++)
    OGI_TRY(st, plots[i].has(r) ? draw(&plots[i], r, &sum, gnuplot, folder, err) : drop(&plots[i], folder, err));
done:
  ogi_energy_clear(&sum);
  ogi_locale_end(&c);
  return st;
}
