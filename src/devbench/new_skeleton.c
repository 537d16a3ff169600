/* SPDX-License-Identifier: BSD-3-Clause */
/** The files of a new device folder. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <ohmgrid/devbench.h>
#include <ohmgrid/device.h>

#include "base/ogi_mem.h"
#include "devbench/ogi_devnew.h"

og_status ogi_new_open(ogi_writer *w, const char *folder, const char *name, og_error *err) {
  char *path = ogi_path_join(folder, name);
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "%s", name);
  og_status st = ogi_writer_open(w, path, err);
  ogi_free(path);
  return st;
}

/* All that the files are written from. */
typedef struct skeleton {
  const og_device_new_report *r;
  const ogi_new_source *s;
  const og_device_new_opts *o;
  const char *name, *folder;
  double volt;                  /* [V] amplitude of the benches */
  const og_bench_report *bench; /* extracted values; NULL: not yet */
} skeleton;

typedef void (*writer)(FILE *f, const skeleton *k);

static og_status put(const skeleton *k, const char *file, writer write, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  OGI_TRY(st, ogi_new_open(&w, k->folder, file, err));
  write(w.stream, k);
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  return st;
}

/* Words of a failure without the folder, which was a temporary one. */
static const char *words_of(const char *why) {
  static const char file[] = "bench.yaml: ";
  const char *at = strstr(why, file);
  return at != NULL ? at + strlen(file) : why;
}

static void put_number(FILE *f, const char *before, double value) {
  char text[OGI_NEW_NUMBER];
  ogi_new_number(text, value);
  fprintf(f, "%s%s", before, text);
}

/* ---- NAME.lib, model.md ---- */

static void write_lib(FILE *f, const skeleton *k) { fwrite(k->s->text, 1, k->s->bytes, f); }

static void write_lines(FILE *f, char *const *line, size_t count) {
  for (size_t j = 0; j < count; j++) fprintf(f, "    %s\n", line[j]);
  if (count > 0) fputc('\n', f);
}

static void write_equations(FILE *f, const skeleton *k) {
  const ogi_new_source *s = k->s;
  fprintf(f, "## Equations\n\nV is the voltage from %s to %s [V]", s->pin[k->o->drive], s->pin[k->o->ground]);
  for (size_t j = s->terminals; j < s->pins; j++) fprintf(f, "; pin %s carries a state, 1 V = 1", s->pin[j]);
  fputs(". Currents are positive into a terminal.\n\n", f);
  if (s->laws.count > 0) fputs("Sources of the subcircuit, as ngspice solves them:\n\n", f);
  write_lines(f, s->laws.item, s->laws.count);
  if (s->others.count > 0) fputs("Its other elements:\n\n", f);
  write_lines(f, s->others.item, s->others.count);
  fputs("Not yet told: these equations in the letters of the paper, with units and signs.\n\n", f);
}

static void write_model(FILE *f, const skeleton *k) {
  const og_device_new_report *r = k->r;
  fprintf(f,
          "# %s\n\nSubcircuit %s of `%s.lib`. Numbers and their sources: `card.yaml`; references: `doc/refs.bib`.\n\n",
          k->name, k->s->subckt, k->name);
  write_equations(f, k);
  fprintf(f,
          "## Validity\n\nTried in ngspice when the folder was made: pulses and a triangle up to %g V, width %g s, at "
          "the defaults "
          "and with each parameter halved and doubled: %zu runs, %zu failed.\n",
          k->o->volt, k->o->width_second, r->run_count, r->failed);
  for (size_t j = 0; j < r->state_count; j++)
    fprintf(f, "State %s: %.6g .. %.6g seen.\n", r->state[j].pin, r->state[j].seen_min, r->state[j].seen_max);
  fputs(
      "\nNot yet told: voltages, times and temperatures for which the device was measured.\n\n## Deviations\n\n"
      "Not yet told: what the model leaves out, and how far it is from the measurement.\n",
      f);
}

/* ---- card.yaml ---- */

/* Half to twice, whatever the sign; the default itself on the side where a run failed. */
static void put_param(FILE *f, const skeleton *k, size_t j) {
  double value = k->s->value[j], low = fmin(value / 2, 2 * value), high = fmax(value / 2, 2 * value);
  int bad_low = k->r->inner->failed_low[j], bad_high = k->r->inner->failed_high[j];
  fprintf(f, "  %s: {", k->s->param[j]);
  put_number(f, "value: ", value);
  put_number(f, ", min: ", bad_low ? value : low);
  put_number(f, ", max: ", bad_high ? value : high);
  fputs(", source: \"assumption: not yet told\"}", f);
  if (bad_low || bad_high) put_number(f, " # runs failed with ", bad_low ? low : high);
  if (bad_low && bad_high) put_number(f, " and ", high);
  fputc('\n', f);
}

static void write_card(FILE *f, const skeleton *k) {
  const ogi_new_source *s = k->s;
  fprintf(f,
          "# To be told: title; unit and help of states and parameters, their ranges, and where each number comes from "
          "(a paper\n"
          "# of doc/refs.bib with figure or equation, or \"assumption: why\").\nkind: circuit\n"
          "title: \"%s, not yet told\"\nfile: %s.lib\nsubckt: %s\npins: [",
          k->name, k->name, s->subckt);
  for (size_t j = 0; j < s->pins; j++) fprintf(f, "%s%s", j > 0 ? ", " : "", s->pin[j]);
  fputs("]\n", f);
  if (s->states > 0) fputs("states: # seen when the folder was made, and somewhat more\n", f);
  for (size_t j = 0; j < s->states; j++) {
    fprintf(f, "  %s: {", k->r->state[j].pin);
    put_number(f, "min: ", k->r->state[j].min);
    put_number(f, ", max: ", k->r->state[j].max);
    fputs(", unit: \"1\", help: \"\"}\n", f);
  }
  if (s->params > 0) fputs("parameters: # min and max: half and twice the default\n", f);
  for (size_t j = 0; j < s->params; j++) put_param(f, k, j);
}

/* A tenth of what was seen more on either side, in three digits of it. */
static void widen(og_device_new_state *s, double low, double high) {
  if (!(low <= high)) low = high = 0; /* no run told anything */
  double size = fmax(high - low, 1e-2 * fmax(fabs(low), fabs(high)));
  if (!(size > 0)) size = 1;
  double digit = pow(10, floor(log10(size)) - 2);
  s->min = digit * floor((low - 0.1 * size) / digit);
  s->max = digit * ceil((high + 0.1 * size) / digit);
  char text[OGI_NEW_NUMBER]; /* without the rounding of digit */
  snprintf(text, sizeof text, "%.12g", s->min);
  sscanf(text, "%lf", &s->min);
  snprintf(text, sizeof text, "%.12g", s->max);
  sscanf(text, "%lf", &s->max);
}

/* ---- bench.yaml ---- */

/* Where a figure stands relative to nothing: its size next to others of the bench. */
typedef enum size_of { OF_CURRENT, OF_ENERGY, OF_AREA, OF_STATE } size_of;

static double extracted(const skeleton *k, const char *bench, const char *figure) {
  for (size_t j = 0; k->bench != NULL && j < k->bench->row_count; j++) {
    const og_bench_row *row = &k->bench->row[j];
    if (strcmp(row->bench, bench) == 0 && strcmp(row->figure, figure) == 0) return row->value;
  }
  return NAN;
}

static double larger(const skeleton *k, const char *bench, const char *one, const char *two) {
  return fmax(fabs(extracted(k, bench, one)), fabs(extracted(k, bench, two)));
}

static double scale_of(const skeleton *k, const char *bench, size_of what, const char *state) {
  char low[60], high[60];
  double amp = larger(k, bench, "current_max", "current_min");
  if (what == OF_CURRENT) return amp;
  if (what == OF_AREA) return amp * k->volt;
  if (what == OF_ENERGY) return amp * k->volt * k->o->width_second;
  snprintf(low, sizeof low, "state_%s_min", state);
  snprintf(high, sizeof high, "state_%s_max", state);
  return larger(k, bench, low, high);
}

/* +-20 % of the value, or of a thousandth of its scale where that is more. Without a value anything passes. */
static void put_figure(FILE *f, const skeleton *k, const char *bench, const char *name, const char *how, size_of what,
                       const char *state) {
  static const char *const unit[] = {"A", "J", "W", "1"};
  double value = extracted(k, bench, name), scale = 1e-3 * scale_of(k, bench, what, state);
  fprintf(f, "      %s: {%s, unit: \"%s\", ", name, how, unit[what]);
  if (!isfinite(value)) {
    fputs("min: -1e300, max: 1e300}\n", f);
    return;
  }
  fprintf(f, "expected: %.5g, ", value);
  if (fabs(value) >= scale && value != 0) fputs("rtol: 0.2", f);
  else fprintf(f, "atol: %.2g", scale > 0 ? 0.2 * scale : 1e-9);
  fputs(", source: \"assumption: not yet told; what this subcircuit gave\"}\n", f);
}

static void put_state_figures(FILE *f, const skeleton *k, const char *bench, const double at[2]) {
  static const char *const ends[] = {"min", "max"}, *const times[] = {"first", "second"};
  char name[80], how[160];
  for (size_t j = 0; j < k->r->state_count; j++) {
    const char *pin = k->r->state[j].pin;
    for (size_t e = 0; e < 2; e++) {
      snprintf(name, sizeof name, "state_%s_%s", pin, ends[e]);
      snprintf(how, sizeof how, "measure: \"%s v(%s)\"", ends[e], pin);
      put_figure(f, k, bench, name, how, OF_STATE, pin);
    }
    for (size_t e = 0; e < 2; e++) {
      snprintf(name, sizeof name, "state_%s_%s", pin, times[e]);
      snprintf(how, sizeof how, "measure: \"find v(%s) at=%.6g\"", pin, at[e]);
      put_figure(f, k, bench, name, how, OF_STATE, pin);
    }
  }
}

static void put_plots(FILE *f, const skeleton *k, const char *title, const char *x) {
  fprintf(f, "    plots:\n      - {title: %s, x: \"%s\", y: [i(vi)], log: \"\"}\n", title, x);
  if (k->r->state_count == 0) return;
  fputs("      - {title: States, x: time, y: [", f);
  for (size_t j = 0; j < k->r->state_count && j < 6; j++) fprintf(f, "%sv(%s)", j > 0 ? ", " : "", k->r->state[j].pin);
  fputs("], log: \"\"}\n", f);
}

/* What ngspice said of a bench that failed, as a comment. */
static void put_failure(FILE *f, const skeleton *k, const char *bench) {
  for (size_t j = 0; k->bench != NULL && j < k->bench->run_count; j++) {
    const og_bench_run *run = &k->bench->run[j];
    if (run->status == OG_OK || strcmp(run->bench, bench) != 0) continue;
    fputs("    # it failed when the folder was made: ", f);
    for (const char *c = words_of(run->why); *c != '\0'; c++) fputc(*c >= ' ' && *c < 127 ? *c : ' ', f);
    fputc('\n', f);
  }
}

static void put_head(FILE *f, const skeleton *k, const char *bench, const char *title, const char *wave, double stop) {
  char file[80], analysis[200], volt[OGI_NEW_NUMBER];
  double w = k->o->width_second;
  fprintf(f, "  %s:\n    title: %s\n    short: yes\n", bench, title);
  put_failure(f, k, bench);
  if (k->bench == NULL) fputs("    own: no\n", f);
  fputs("    deck: |\n", f);
  snprintf(file, sizeof file, "%s.lib", k->name);
  ogi_new_number(volt, k->volt);
  snprintf(analysis, sizeof analysis, ".param amp=%s\n      .options reltol=1e-5\n      .tran %.6g %.6g 0 %.6g uic",
           volt, w / 100, stop, w / 100);
  ogi_new_deck(f, k->s, k->o, "      ", file, title, wave, NULL, analysis);
  fputs("    figures:\n", f);
}

static void put_loop(FILE *f, const skeleton *k) {
  char wave[200], how[160];
  double w = k->o->width_second;
  const char *p = k->s->pin[k->o->drive];
  const double at[2] = {2 * w, 4 * w};
  snprintf(wave, sizeof wave, "pwl(0 0 %.6g {amp} %.6g {-amp} %.6g 0)", w, 3 * w, 4 * w);
  put_head(f, k, "loop", "Triangle of both signs", wave, 4 * w);
  put_figure(f, k, "loop", "current_max", "measure: \"max i(vi)\"", OF_CURRENT, "");
  put_figure(f, k, "loop", "current_min", "measure: \"min i(vi)\"", OF_CURRENT, "");
  snprintf(how, sizeof how, "measure: \"find i(vi) at=%.6g\"", 0.5 * w);
  put_figure(f, k, "loop", "rising_half", how, OF_CURRENT, "");
  snprintf(how, sizeof how, "measure: \"find i(vi) at=%.6g\"", 1.5 * w);
  put_figure(f, k, "loop", "falling_half", how, OF_CURRENT, "");
  snprintf(how, sizeof how, "area: [\"v(%s)\", \"i(vi)\"]", p);
  put_figure(f, k, "loop", "area", how, OF_AREA, "");
  put_state_figures(f, k, "loop", at);
  snprintf(how, sizeof how, "v(%s)", p);
  put_plots(f, k, "Current against voltage", how);
}

/* Two pulses, the second of the other sign, each followed by two widths without voltage. */
static void put_pulse(FILE *f, const skeleton *k) {
  char wave[400], how[160];
  double w = k->o->width_second, e = w / 50, a = w / 5, b = 3 * w + w / 5;
  const double at[2] = {3 * w, 6 * w};
  snprintf(wave, sizeof wave, "pwl(0 0 %.6g 0 %.6g {amp} %.6g {amp} %.6g 0 %.6g 0 %.6g {-amp} %.6g {-amp} %.6g 0)", a,
           a + e, a + e + w, a + 2 * e + w, b, b + e, b + e + w, b + 2 * e + w);
  put_head(f, k, "pulse", "A pulse, and one of the other sign", wave, 6 * w);
  put_figure(f, k, "pulse", "current_max", "measure: \"max i(vi)\"", OF_CURRENT, "");
  put_figure(f, k, "pulse", "current_min", "measure: \"min i(vi)\"", OF_CURRENT, "");
  snprintf(how, sizeof how, "integral: \"v(%s)*i(vi)\"", k->s->pin[k->o->drive]);
  put_figure(f, k, "pulse", "energy", how, OF_ENERGY, "");
  put_state_figures(f, k, "pulse", at);
  put_plots(f, k, "Current", "time");
}

static void write_bench(FILE *f, const skeleton *k) {
  fprintf(f,
          "# Benches of %s. The expected values are what the subcircuit itself gave when the folder was made: replace "
          "them\n"
          "# by published ones, with their source. doc/devices.md has the format.\nbenches:\n",
          k->name);
  put_loop(f, k);
  put_pulse(f, k);
}

/* ---- what came of the benches ---- */

static og_status run_benches(const skeleton *k, og_bench_report **out, og_error *err) {
  og_status st;
  og_circuit_card *card = NULL;
  og_bench_opts opts;
  char *path = ogi_path_join(k->folder, "card.yaml");
  *out = NULL;
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "new device");
  og_bench_opts_init(&opts);
  opts.threads = k->o->threads;
  opts.worker = k->o->worker;
  opts.timeout_second = k->o->timeout_second;
  opts.progress = k->o->progress;
  OGI_TRY(st, og_circuit_card_load(&card, path, NULL, err));
  st = og_bench_device(out, card, &opts, err);
done:
  og_circuit_card_free(card);
  ogi_free(path);
  return st;
}

/* Ranges of the card: over the grid and over the benches. */
static void set_ranges(og_device_new_report *r, const skeleton *k) {
  static const char *const benches[] = {"loop", "pulse"};
  char low[60], high[60];
  for (size_t j = 0; j < r->state_count; j++) {
    og_device_new_state *s = &r->state[j];
    double min = s->seen_min, max = s->seen_max;
    snprintf(low, sizeof low, "state_%s_min", s->pin);
    snprintf(high, sizeof high, "state_%s_max", s->pin);
    for (size_t b = 0; b < 2; b++) {
      min = fmin(min, extracted(k, benches[b], low));
      max = fmax(max, extracted(k, benches[b], high));
    }
    widen(s, min, max);
  }
}

/* Values at the largest of three amplitudes at which both benches run; else what the full one says of its failure. */
static og_status extract(skeleton *k, og_bench_report **out, og_error *err) {
  og_status st = OG_OK;
  og_bench_report *first = NULL;
  *out = NULL;
  for (double part = 1; part >= 0.25; part /= 2) {
    og_bench_report *now = NULL;
    k->volt = part * k->o->volt;
    OGI_TRY(st, put(k, "bench.yaml", write_bench, err));
    OGI_TRY(st, run_benches(k, &now, err));
    if (now->failed == 0) {
      *out = now;
      goto done;
    }
    if (first == NULL) first = now;
    else og_bench_free(now);
  }
  k->volt = k->o->volt;
  *out = first;
  first = NULL;
done:
  og_bench_free(first);
  return st;
}

static void report_benches(og_device_new_report *r, const og_bench_report *b) {
  r->figures = b->row_count;
  r->outside = b->outside;
  r->bench_failed = b->failed;
  for (size_t k = 0; k < b->run_count && r->bench_why[0] == '\0'; k++) {
    if (b->run[k].status == OG_OK) continue;
    snprintf(r->bench_why, sizeof r->bench_why, "%.399s", words_of(b->run[k].why));
  }
}

og_status ogi_new_skeleton(og_device_new_report *r, const char *name, const char *folder,
                           const og_device_new_opts *opts, og_error *err) {
  og_status st;
  char lib[80];
  og_bench_report *values = NULL, *last = NULL;
  skeleton k = {.r = r, .s = &r->inner->source, .o = opts, .name = name, .folder = folder, .volt = opts->volt};
  snprintf(lib, sizeof lib, "%s.lib", name);
  set_ranges(r, &k);
  OGI_TRY(st, put(&k, lib, write_lib, err));
  OGI_TRY(st, put(&k, "model.md", write_model, err));
  OGI_TRY(st, put(&k, "card.yaml", write_card, err));
  OGI_TRY(st, extract(&k, &values, err));
  k.bench = values;
  set_ranges(r, &k);
  OGI_TRY(st, put(&k, "card.yaml", write_card, err));
  OGI_TRY(st, put(&k, "bench.yaml", write_bench, err));
  OGI_TRY(st, run_benches(&k, &last, err));
  report_benches(r, last);
done:
  og_bench_free(values);
  og_bench_free(last);
  return st;
}
