/* SPDX-License-Identifier: BSD-3-Clause */
/** report.html of a write study: one page with every drawing in it; no script, no network. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "report/ogi_figure.h"
#include "report/ogi_page.h"
#include "report/ogi_svg.h"
#include "study/ogi_write.h"

typedef struct page {
  FILE *f;
  const og_write_results *r;
  const og_write_study *s;
  const char *folder;
  og_error *err;
} page;

enum { TOP = 12 }; /* cells in the table */

static void quantity(FILE *f, double x, const char *unit) { fputs(ogi_eng(x, unit, OGI_UTF8).s, f); }

/* ---- drawings ---- */

static og_status figure(const page *p, const char *name, const char *prefix, const char *caption) {
  og_status st;
  char *svg = NULL, *path = ogi_path_join(p->folder, name);
  size_t length;
  if (path == NULL) return ogi_fail(p->err, OG_E_NOMEM, "%s", name);
  OGI_TRY(st, ogi_file_read(&svg, &length, path, 0, p->err));
  fputs("<figure><div class=\"card\">", p->f);
  ogi_svg_inline(p->f, svg, prefix, caption);
  fprintf(p->f, "</div>\n<figcaption>%s</figcaption></figure>\n", caption);
done:
  ogi_free(svg);
  ogi_free(path);
  return st;
}

static void base64(FILE *f, const unsigned char *bytes, size_t length) {
  static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t k = 0; k < length; k += 3) {
    unsigned word = (unsigned)bytes[k] << 16;
    if (k + 1 < length) word |= (unsigned)bytes[k + 1] << 8;
    if (k + 2 < length) word |= bytes[k + 2];
    fputc(digit[word >> 18], f);
    fputc(digit[word >> 12 & 63], f);
    fputc(k + 1 < length ? digit[word >> 6 & 63] : '=', f);
    fputc(k + 2 < length ? digit[word & 63] : '=', f);
  }
}

/* state.gif, where gnuplot could draw it. */
static og_status animation(const page *p) {
  char *gif = NULL, *path = ogi_path_join(p->folder, "state.gif");
  size_t length;
  og_status st = path != NULL ? OG_OK : ogi_fail(p->err, OG_E_NOMEM, "state.gif");
  if (st == OG_OK && ogi_file_exists(path)) {
    st = ogi_file_read(&gif, &length, path, 0, p->err);
    if (st == OG_OK) {
      fputs("<figure><div class=\"card\"><img style=\"display:block;width:100%;max-width:55rem;margin:0 auto\" "
            "alt=\"Map of the state in time\" src=\"data:image/gif;base64,",
            p->f);
      base64(p->f, (const unsigned char *)gif, length);
      fprintf(p->f, "\"></div>\n<figcaption>Map of state %s in time, %zu pictures.</figcaption></figure>\n",
              p->r->state[0], p->s->frames);
    }
  }
  ogi_free(gif);
  ogi_free(path);
  return st;
}

/* ---- head ---- */

static void key(const page *p, const char *title, const char *value, const char *note) {
  fprintf(p->f, "<div><dt>%s</dt><dd>%s<small>%s</small></dd></div>\n", title, value, note);
}

static void verify_keys(const page *p) {
  const og_write_results *r = p->r;
  char value[64], note[160];
  snprintf(value, sizeof value, "%zu of %zu", r->n - r->unreached, r->n);
  snprintf(note, sizeof note, "after %zu program pulses", r->verify_reads - 1);
  key(p, "Columns at their level", value, note);
  snprintf(value, sizeof value, "%.3f", ogi_verify_worst(r));
  snprintf(note, sizeof note, "of the %s from level to level", ogi_eng(r->level_amp, "A", OGI_UTF8).s);
  key(p, "Worst error of a level", value, note);
}

/* What this run was held against, and what happened on its way. */
static void check_keys(const page *p) {
  const og_write_results *r = p->r;
  const og_cosim_info *i = &r->info;
  char value[64], note[200];
  if (isfinite(r->compact_error)) {
    snprintf(value, sizeof value, "%.1e", r->compact_error);
    snprintf(note, sizeof note, "worst difference of a state at the end; %.3g times faster",
             r->wall_second / r->compact_second);
    key(p, "Compact models", value, note);
  }
  if (isfinite(r->relaxation_error)) {
    snprintf(value, sizeof value, "%.1e", r->relaxation_error);
    key(p, "From waveform relaxation", value, "worst difference of a state at the end");
  }
  if (isfinite(r->reference_error)) {
    snprintf(value, sizeof value, "%.1e", r->reference_error);
    snprintf(note, sizeof note, "worst difference of a state at the end; one deck took %s",
             ogi_eng(r->reference_second, "s", OGI_UTF8).s);
    key(p, "From one deck in ngspice", value, note);
  }
  snprintf(value, sizeof value, "%.1e", i->charge_balance);
  snprintf(note, sizeof note, "of all charge, given against taken; %.1e of energy", i->energy_balance);
  key(p, "Balance of the ports", value, note);
  if (ogi_write_begin(r) > 0)
    key(p, "Went on from", ogi_eng(ogi_write_begin(r), "s", OGI_UTF8).s, "a checkpoint; figures are from there on");
  if (i->rescued > 0) {
    snprintf(value, sizeof value, "%zu", i->rescued);
    snprintf(note, sizeof note, "of ngspice, the last at %s; went on %s", ogi_eng(i->rescued_second, "s", OGI_UTF8).s,
             p->s->rescue == OG_COSIM_COMPACT ? "with compact models" : "with shorter steps");
    key(p, "Failures on the way", value, note);
  }
}

static void keys(const page *p) {
  const og_write_results *r = p->r;
  const og_cosim_info *i = &r->info;
  char value[64], note[160];
  fputs("<dl class=\"key\">\n", p->f);
  if (r->one_cell && isfinite(r->change)) {
    snprintf(value, sizeof value, "%.4g", r->change);
    snprintf(note, sizeof note, "cell (%zu,%zu), from %.4g to %.4g", r->row, r->column,
             r->start[r->row * r->n + r->column], r->end[r->row * r->n + r->column]);
    key(p, "Change of the selected cell", value, note);
  }
  if (isfinite(r->disturb)) {
    snprintf(value, sizeof value, "%.3g", r->disturb);
    snprintf(note, sizeof note, "cell (%zu,%zu) of all others", r->disturbed / r->n, r->disturbed % r->n);
    key(p, "Worst disturb", value, note);
  }
  snprintf(note, sizeof note, "cells %s, wires %s", ogi_eng(i->cells_joule + i->linear_joule, "J", OGI_UTF8).s,
           ogi_eng(i->wires_joule, "J", OGI_UTF8).s);
  key(p, "Energy delivered", ogi_eng(i->delivered_joule, "J", OGI_UTF8).s, note);
  if (r->one_cell && isfinite(r->unselected_joule)) {
    snprintf(note, sizeof note, "the selected one took %s", ogi_eng(r->selected_joule, "J", OGI_UTF8).s);
    key(p, "Into cells that were not selected", ogi_eng(r->unselected_joule, "J", OGI_UTF8).s, note);
  }
  if (r->reads > 0) {
    snprintf(value, sizeof value, "%zu", r->reads);
    snprintf(note, sizeof note, "from %s on, every %s", ogi_eng(r->read_second[0], "s", OGI_UTF8).s,
             ogi_eng(p->s->read_period_second, "s", OGI_UTF8).s);
    key(p, "Reads", value, note);
  }
  if (r->verify_reads > 0) verify_keys(p);
  check_keys(p);
  fputs("</dl>\n", p->f);
}

static void where_cells_are(const page *p) {
  const og_write_results *r = p->r;
  const struct {
    size_t count;
    const char *where;
  } kind[] = {{r->info.spice_cells, "in ngspice"},
              {r->info.compact_cells, "as compact models"},
              {r->m * r->n - r->info.spice_cells - r->info.compact_cells, "linear"}};
  const char *before = ": ";
  for (size_t k = 0; k < 3; k++) {
    if (kind[k].count > 0) fprintf(p->f, "%s%zu %s", before, kind[k].count, kind[k].where);
    if (kind[k].count > 0) before = ", ";
  }
  fputs("; wires solved by ohmgrid.</p>\n", p->f);
}

static void head(const page *p) {
  const og_write_results *r = p->r;
  fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>",
        p->f);
  ogi_escape(p->f, p->s->name);
  fprintf(p->f,
          " – ohmgrid report</title>\n<style>\n%s</style>\n</head>\n<body>\n<header>\n"
          "<p class=\"kicker\">ohmgrid report</p>\n<h1>",
          ogi_page_style);
  ogi_escape(p->f, p->s->name);
  fprintf(p->f, "</h1>\n<p class=\"lead\">%zu word line%s, %zu bit line%s; cells ", r->m, r->m == 1 ? "" : "s", r->n,
          r->n == 1 ? "" : "s");
  ogi_escape(p->f, p->s->card[0] != '\0' ? p->s->card : p->s->subckt);
  if (p->s->selector[0] != '\0') {
    fputs(" with selector ", p->f);
    ogi_escape(p->f, p->s->selector);
  }
  where_cells_are(p);
  if (r->unreached > 0)
    fprintf(p->f, "<p class=\"fail\">%zu of %zu columns are below their level after %zu pulses.</p>\n", r->unreached,
            r->n, r->verify_reads - 1);
  if (r->outside > 0) {
    const og_write_range *x = &r->farthest;
    fprintf(p->f, "<p class=\"fail\">State %s of cell (%zu,%zu) was %.6g at ", r->state[x->state], x->cell / r->n,
            x->cell % r->n, x->value);
    quantity(p->f, x->second, "s");
    fprintf(p->f, ", outside of %g to %g; %zu left their range.</p>\n", x->min, x->max, r->outside);
  }
  keys(p);
  fputs("</header>\n<main>\n", p->f);
}

/* ---- tables ---- */

typedef struct ranked {
  size_t cell;
  double weight;
} ranked;

static int heaviest(const void *a, const void *b) {
  const ranked *x = a, *y = b;
  if (x->weight != y->weight) return x->weight < y->weight ? 1 : -1;
  return (x->cell > y->cell) - (x->cell < y->cell);
}

/* The cells with the largest change of state, or energy where there is no state. */
static og_status cell_table(const page *p) {
  const og_write_results *r = p->r;
  size_t count = 0, cells = r->m * r->n;
  ranked *list = ogi_alloc(cells, sizeof *list);
  if (list == NULL) return ogi_fail(p->err, OG_E_NOMEM, "report.html");
  for (size_t k = 0; k < cells; k++)
    if (isfinite(r->joule[k])) list[count++] = (ranked){k, r->states > 0 ? fabs(r->end[k] - r->start[k]) : r->joule[k]};
  qsort(list, count, sizeof *list, heaviest);
  fprintf(p->f,
          "<div class=\"scroll\"><table>\n<caption>Cells that %s most; cells.csv has all.</caption>\n<thead><tr>"
          "<th scope=\"col\">Cell</th>",
          r->states > 0 ? "changed" : "took");
  for (size_t x = 0; x < r->states; x++)
    fprintf(p->f, "<th scope=\"col\">%s, start</th><th scope=\"col\">%s, end</th>", r->state[x], r->state[x]);
  fputs("<th scope=\"col\">Largest voltage</th><th scope=\"col\">Energy</th></tr></thead>\n<tbody>\n", p->f);
  for (size_t k = 0; k < count && k < TOP; k++) {
    size_t c = list[k].cell;
    fprintf(p->f, "<tr><th scope=\"row\">(%zu,%zu)</th>", c / r->n, c % r->n);
    for (size_t x = 0; x < r->states; x++)
      fprintf(p->f, "<td>%.5g</td><td>%.5g</td>", r->start[x * cells + c], r->end[x * cells + c]);
    fputs("<td>", p->f);
    quantity(p->f, r->peak_volt[c], "V");
    fputs("</td><td>", p->f);
    quantity(p->f, r->joule[c], "J");
    fputs("</td></tr>\n", p->f);
  }
  fputs("</tbody></table></div>\n", p->f);
  ogi_free(list);
  return OG_OK;
}

static void read_table(const page *p) {
  const og_write_results *r = p->r;
  fputs(
      "<div class=\"scroll\"><table>\n<caption>Output currents of the first and the last read, and the relaxation time "
      "from all of them (least squares, exponential and constant; standard error).</caption>\n<thead><tr><th "
      "scope=\"col\">Bit line</th>"
      "<th scope=\"col\">First read</th><th scope=\"col\">Last read</th><th scope=\"col\">Last over first</th>"
      "<th scope=\"col\">Relaxation time</th><th scope=\"col\">±</th></tr></thead>\n<tbody>\n",
      p->f);
  for (size_t j = 0; j < r->n; j++) {
    double first = r->read_amp[j], last = r->read_amp[(r->reads - 1) * r->n + j];
    fprintf(p->f, "<tr><th scope=\"row\">%zu</th><td>", j);
    quantity(p->f, first, "A");
    fputs("</td><td>", p->f);
    quantity(p->f, last, "A");
    fprintf(p->f, "</td><td>%.4f</td><td>", last / first);
    quantity(p->f, r->tau[j], "s");
    fputs("</td><td>", p->f);
    quantity(p->f, r->tau_error[j], "s");
    fputs("</td></tr>\n", p->f);
  }
  fputs("</tbody></table></div>\n", p->f);
}

/* ---- sections ---- */

static og_status verify(const page *p) {
  og_status st;
  const og_write_study *s = p->s;
  fprintf(p->f, "<section><h2>Write-verify</h2>\n<p>An erase pulse of %s and ",
          ogi_eng(s->erase_volt, "V", OGI_UTF8).s);
  quantity(p->f, s->erase_width_second, "s");
  fprintf(p->f, " on word line %zu, then program pulses of ", s->row);
  quantity(p->f, s->width_second, "s");
  fputs(" with a read behind each. A column whose current has reached its target is inhibited: ", p->f);
  fprintf(p->f, "both its lines go up by %g of every later pulse.</p>\n", s->inhibit);
  OGI_TRY(st, figure(p, "verify.svg", "vf-", "Current of every column at the read behind every pulse."));
  ogi_verify_table(p->f, p->r);
  fputs("</section>\n", p->f);
done:
  return st;
}

static og_status states(const page *p) {
  og_status st;
  fputs("<section><h2>States</h2>\n<div class=\"pair\">", p->f);
  OGI_TRY(st, figure(p, "state.svg", "st-", "First state of every cell at the end."));
  if (p->r->one_cell)
    OGI_TRY(st, figure(p, "change.svg", "ch-",
                       "How much it changed; what did not change is blank where the scale is logarithmic."));
  fputs("</div>\n", p->f);
  OGI_TRY(st, cell_table(p));
  if (p->s->frames > 0) OGI_TRY(st, animation(p));
  fputs("</section>\n", p->f);
done:
  return st;
}

static og_status energies(const page *p) {
  og_status st;
  const og_cosim_info *i = &p->r->info;
  fputs("<section><h2>Energy</h2>\n<p>Delivered ", p->f);
  quantity(p->f, i->delivered_joule, "J");
  fputs(": cells ", p->f);
  quantity(p->f, i->cells_joule, "J");
  if (ogi_write_has_linear(p->s)) {
    fputs(", linear cells ", p->f);
    quantity(p->f, i->linear_joule, "J");
  }
  fputs(", wires with drivers and sense resistances ", p->f);
  quantity(p->f, i->wires_joule, "J");
  fputs(".</p>\n<div class=\"pair\">", p->f);
  OGI_TRY(st, figure(p, "energy.svg", "en-", "Energy into every cell."));
  if (p->r->line_joule != NULL)
    OGI_TRY(st, figure(p, "energy-lines.svg", "el-",
                       "Energy in the wires of every line, its driver or sense resistance included."));
  fputs("</div></section>\n", p->f);
  if (p->r->states == 0) OGI_TRY(st, cell_table(p));
done:
  return st;
}

/* A figure that is not broken at its "e-05". */
static void whole(FILE *f, double x) { fprintf(f, "<span style=\"white-space:nowrap\">%.2g</span>", x); }

static void how(const page *p) {
  const og_cosim_info *i = &p->r->info;
  fprintf(p->f, "<section><h2>How it was solved</h2>\n<p>%zu steps of time", i->steps);
  if (i->sessions > 0)
    fprintf(p->f, ", %zu of ngspice in %zu session%s and %zu more taken back", i->spice_steps, i->sessions,
            i->sessions == 1 ? "" : "s", i->spice_redone);
  fputs(". Worst difference between the voltage foretold for a port and the one that came: ", p->f);
  whole(p->f, i->mismatch);
  fputs(" of the largest drive. What the array gave against what the ports took, relative to the sum of all amounts: ",
        p->f);
  whole(p->f, i->port_balance);
  fputs(" of energy, ", p->f);
  whole(p->f, i->charge_balance);
  fputs(" of charge.</p>\n", p->f);
  if (i->rescued > 0) {
    fputs("<p>Last failure: ", p->f);
    ogi_escape(p->f, i->rescued_why);
    fputs("</p>\n", p->f);
  }
  fputs("</section>\n", p->f);
}

static og_status closing(const page *p) {
  char *yaml = NULL;
  size_t bytes;
  FILE *out = open_memstream(&yaml, &bytes);
  if (out == NULL) return ogi_fail(p->err, OG_E_NOMEM, "report.html");
  ogi_schema_dump(out, p->s, ogi_write_keys, ogi_write_key_count);
  if (fclose(out) != 0) {
    free(yaml);
    return ogi_fail(p->err, OG_E_NOMEM, "report.html");
  }
  how(p);
  fputs("<section><h2>The study</h2>\n<details><summary>The study as resolved, with every default</summary>\n<pre>",
        p->f);
  ogi_escape(p->f, yaml);
  fprintf(
      p->f,
      "</pre></details></section>\n</main>\n<footer>Made by ohmgrid %s. The numbers behind this page lie beside it: "
      "results.json, CSV tables, waves.raw.</footer>\n</body>\n</html>\n",
      PACKAGE_VERSION);
  free(yaml); /* open_memstream's own */
  return OG_OK;
}

static og_status write_page(const page *p) {
  og_status st;
  head(p);
  if (p->r->verify_reads > 0) OGI_TRY(st, verify(p));
  fputs("<section><h2>Waveforms</h2>\n", p->f);
  OGI_TRY(st, figure(p, "waves.svg", "wv-",
                     p->r->verify_reads > 0
                         ? "Cells of columns over the row: gate less source voltage, drain current, state."
                     : p->r->one_cell ? "The selected cell, then those that changed most."
                                      : "In columns over the array, the cell that changed most."));
  fputs("</section>\n", p->f);
  if (p->r->reads > 0) {
    fputs("<section><h2>Reads</h2>\n", p->f);
    OGI_TRY(st, figure(p, "reads.svg", "rd-", "Output currents in the middle of every read pulse."));
    read_table(p);
    fputs("</section>\n", p->f);
  }
  if (p->r->states > 0) OGI_TRY(st, states(p));
  OGI_TRY(st, energies(p));
  st = closing(p);
done:
  return st;
}

og_status ogi_write_html(const og_write_results *r, const og_write_study *s, const char *folder, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  char *path = ogi_path_join(folder, "report.html");
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "report.html");
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  OGI_TRY(st, write_page(&(page){w.stream, r, s, folder, err}));
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  ogi_free(path);
  return st;
}
