/* SPDX-License-Identifier: BSD-3-Clause */
/** What a write study leaves in its folder. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "report/ogi_plot.h"
#include "study/ogi_write.h"

/* ---- drawings ---- */

enum { WAVES = 5, POINTS_MOST = 3000 };

/* The selected cell, then those with the largest peaks of voltage. */
static size_t pick(const og_write_results *r, size_t chosen[WAVES]) {
  size_t count = 0;
  if (isfinite(r->peak_volt[r->row * r->n + r->column])) chosen[count++] = r->row * r->n + r->column;
  while (count < WAVES) {
    size_t best = r->m * r->n;
    for (size_t k = 0; k < r->m * r->n; k++) {
      int taken = !isfinite(r->peak_volt[k]);
      for (size_t j = 0; j < count; j++) taken |= chosen[j] == k;
      double weight = isfinite(r->end[k]) ? fabs(r->end[k] - r->start[k]) : r->peak_volt[k];
      double most = best == r->m * r->n      ? -1
                    : isfinite(r->end[best]) ? fabs(r->end[best] - r->start[best])
                                             : r->peak_volt[best];
      if (!taken && weight > most) best = k;
    }
    if (best == r->m * r->n) break;
    chosen[count++] = best;
  }
  return count;
}

static void curve(FILE *f, const og_write_results *r, const char *block, size_t k, const char *form, size_t cell,
                  const char *state) {
  char name[64];
  size_t i = cell / r->n, j = cell % r->n, step = 1 + r->waves->points / POINTS_MOST;
  if (state != NULL) snprintf(name, sizeof name, "x_%u_%u.%.20s", (unsigned)i, (unsigned)j, state);
  else snprintf(name, sizeof name, "%.4s_%u_%u", form, (unsigned)i, (unsigned)j);
  size_t at = og_vectors_find(r->waves, name);
  fprintf(f, "$%s%zu << EOD\n", block, k);
  for (size_t p = 0; p < r->waves->points && at < r->waves->count; p += step)
    fprintf(f, "%.9g %.9g\n", og_vectors_at(r->waves, 0)[p], og_vectors_at(r->waves, at)[p]);
  fputs("EOD\n", f);
}

static void panel(FILE *f, const char *block, size_t count, ogi_panel place, int height, const char *label,
                  const char *form) {
  ogi_plot_place(f, place, height);
  fprintf(f, "set ylabel '%s'\nset format x '%%g'\nset format y '%s'\nplot ", label, form);
  for (size_t k = 0; k < count; k++)
    fprintf(f, "%s$%s%zu using 1:2 with lines lw 2 lc rgb %u notitle", k > 0 ? ", " : "", block, k, ogi_plot_colour[k]);
  fputc('\n', f);
}

static og_status draw_waves(const og_write_results *r, const og_write_study *s, const char *path, og_error *err) {
  const int height = 900;
  size_t chosen[WAVES], count = pick(r, chosen);
  const char *state = s->state[0] != '\0' ? s->state : NULL;
  FILE *f = ogi_plot_script(err);
  if (f == NULL) return OG_E_IO;
  ogi_plot_begin(f, height);
  double x = 90;
  for (size_t k = 0; k < count; k++) {
    char text[64];
    curve(f, r, "V", k, "v", chosen[k], NULL);
    curve(f, r, "I", k, "i", chosen[k], NULL);
    if (state != NULL) curve(f, r, "X", k, NULL, chosen[k], state);
    snprintf(text, sizeof text, "(%zu,%zu)", chosen[k] / r->n, chosen[k] % r->n);
    x = ogi_plot_legend(f, height, x, 30, OGI_SAMPLE_LINE, ogi_plot_colour[k], text);
  }
  fputs("set multiplot\n", f);
  panel(f, "V", count, (ogi_panel){90, OGI_PLOT_WIDTH - 30, 50, 290}, height, "cell voltage (V)", "%g");
  fputs("unset arrow\nunset label\n", f);
  if (state == NULL) fputs("set xlabel 'time (s)'\n", f);
  panel(f, "I", count, (ogi_panel){90, OGI_PLOT_WIDTH - 30, 330, 560}, height, "cell current (A)", "%.1e");
  fputs("set xlabel 'time (s)'\n", f);
  if (state != NULL) panel(f, "X", count, (ogi_panel){90, OGI_PLOT_WIDTH - 30, 600, 834}, height, "state", "%g");
  fputs("unset multiplot\n", f);
  og_status st = ogi_plot_render(f, OG_GNUPLOT, "Selected cell and those that changed most", path, err);
  fclose(f);
  return st;
}

static og_status draw_map(const og_write_results *r, const double *values, const char *label, const char *path,
                          og_error *err) {
  const int height = 560;
  FILE *f = ogi_plot_script(err);
  if (f == NULL) return OG_E_IO;
  ogi_plot_begin(f, height);
  ogi_plot_place(f, (ogi_panel){90, OGI_PLOT_WIDTH - 130, 40, height - 66}, height);
  fputs("set datafile missing 'NaN'\n$Map << EOD\n", f);
  for (size_t i = 0; i < r->m; i++) {
    for (size_t j = 0; j < r->n; j++)
      fprintf(f, isfinite(values[i * r->n + j]) ? "%.9g " : "NaN ", values[i * r->n + j]);
    fputc('\n', f);
  }
  fprintf(f,
          "EOD\nset xrange [-0.5:%.1f]\nset yrange [%.1f:-0.5]\nset xlabel 'bit line'\nset ylabel 'word line'\nset "
          "cblabel '%s'\n"
          "set palette defined (0 '#440154', 1 '#3b518b', 2 '#21908d', 3 '#5cc863', 4 '#fde725')\nset border 15\nunset "
          "grid\n"
          "plot $Map matrix with image notitle\n",
          (double)r->n - 0.5, (double)r->m - 0.5, label);
  og_status st = ogi_plot_render(f, OG_GNUPLOT, label, path, err);
  fclose(f);
  return st;
}

/* ---- tables ---- */

static og_status save_cells(const og_write_results *r, const char *path, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  fputs("row,column,state_start,state_end,peak_volt,energy_joule\n", w.stream);
  for (size_t k = 0; k < r->m * r->n; k++) {
    const double field[] = {r->start[k], r->end[k], r->peak_volt[k], r->joule[k]};
    fprintf(w.stream, "%zu,%zu", k / r->n, k % r->n);
    for (size_t j = 0; j < 4; j++) fprintf(w.stream, isfinite(field[j]) ? ",%.17g" : ",", field[j]);
    fputc('\n', w.stream);
  }
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  return st;
}

static json_t *number(double x) { return isfinite(x) ? json_real(x) : json_null(); }

static og_status save_json(const og_write_results *r, const og_write_study *s, const char *path, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  const og_cosim_info *i = &r->info;
  json_t *o = json_pack(
      "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
      s->name, "word_lines", (json_int_t)r->m, "bit_lines", (json_int_t)r->n, "cells_in_ngspice", (json_int_t)i->spice_cells,
      "steps", (json_int_t)i->steps, "steps_taken_back", (json_int_t)i->spice_redone, "row", (json_int_t)r->row, "column",
      (json_int_t)r->column, "state_change", number(r->change), "disturb", number(r->disturb), "disturb_row",
      (json_int_t)(r->disturbed / r->n), "disturb_column", (json_int_t)(r->disturbed % r->n), "port_mismatch",
      number(i->mismatch), "delivered_joule", number(i->delivered_joule), "cells_in_ngspice_joule",
      number(i->cells_joule), "wires_joule", number(i->wires_joule), "other_cells_joule", number(i->linear_joule),
      "port_balance", number(i->port_balance), "reference_state_error", number(r->reference_error));
  if (o == NULL) return ogi_fail(err, OG_E_NOMEM, "%s", path);
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  if (json_dumpf(o, w.stream, JSON_INDENT(2) | JSON_REAL_PRECISION(17) | JSON_PRESERVE_ORDER) != 0) {
    st = ogi_fail(err, OG_E_NOMEM, "%s", path);
    goto done;
  }
  fputc('\n', w.stream);
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  json_decref(o);
  return st;
}

static og_status save_study(const og_write_study *s, const char *path, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  ogi_schema_dump(w.stream, s, ogi_write_keys, ogi_write_key_count);
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  return st;
}

static og_status all(const og_write_results *r, const og_write_study *s, const char *folder, og_error *err) {
  og_status st = OG_OK;
  static const char *const names[] = {"study.yaml", "waves.raw",  "cells.csv",   "waves.svg",
                                      "state.svg",  "energy.svg", "results.json"};
  for (size_t k = 0; k < sizeof names / sizeof *names && st == OG_OK; k++) {
    char *path = ogi_path_join(folder, names[k]);
    if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "report");
    switch (k) {
      case 0: st = save_study(s, path, err); break;
      case 1: st = og_vectors_save(path, r->waves, err); break;
      case 2: st = save_cells(r, path, err); break;
      case 3: st = draw_waves(r, s, path, err); break;
      case 4: st = s->state[0] != '\0' ? draw_map(r, r->end, "state at the end", path, err) : OG_OK; break;
      case 5: st = draw_map(r, r->joule, "energy into the cell (J)", path, err); break;
      default: st = save_json(r, s, path, err);
    }
    ogi_free(path);
  }
  return st;
}

og_status ogi_write_report(const og_write_results *r, const og_write_study *s, const char *folder, og_error *err) {
  ogi_locale locale;
  ogi_locale_begin(&locale);
  og_status st = all(r, s, folder, err);
  ogi_locale_end(&locale);
  return st;
}
