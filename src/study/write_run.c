/* SPDX-License-Identifier: BSD-3-Clause */
/** A write study, run: co-simulation, its reference, and figures of every cell. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/netlist.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "base/ogi_time.h"
#include "netlist/ogi_netlist.h"
#include "study/ogi_write.h"

/* All that a run works on. */
typedef struct job {
  const og_write_study *s;
  const og_write_opts *opts;
  og_array array;
  ogi_write_wave wave;
  ogi_write_device device;
  double *g; /* m x n, NAN: in ngspice */
  og_write_results *r;
  og_error *err;
} job;

static double step_of(const og_write_study *s) { return s->step_second > 0 ? s->step_second : s->stop_second / 500; }

static int in_spice(const og_write_study *s, size_t i, size_t j) {
  if (s->spice == OGI_WRITE_ALL) return 1;
  if (s->spice == OGI_WRITE_CROSS) return i == s->row || j == s->column;
  return i == s->row && j == s->column;
}

static og_status prepare(job *b) {
  og_status st;
  const og_write_study *s = b->s;
  og_write_results *r = b->r;
  size_t cells = s->m * s->n;
  og_array_init(&b->array, s->m, s->n);
  b->array.r_word_ohm = s->r_word_ohm;
  b->array.r_bit_ohm = s->r_bit_ohm;
  b->array.r_source_ohm = s->r_source_ohm;
  b->array.r_sense_ohm = s->r_sense_ohm;
  b->array.drive = (og_drive)s->drive;
  b->array.sense = (og_sense)s->sense;
  *r = (og_write_results){
      .m = s->m, .n = s->n, .row = s->row, .column = s->column, .change = NAN, .disturb = NAN, .reference_error = NAN};
  double **field[] = {&b->g, &r->start, &r->end, &r->peak_volt, &r->joule};
  for (size_t k = 0; k < sizeof field / sizeof *field; k++)
    if ((*field[k] = ogi_alloc(cells, sizeof(double))) == NULL)
      return ogi_fail(b->err, OG_E_NOMEM, "cosim: %zu cells", cells);
  for (size_t k = 0; k < cells; k++) {
    b->g[k] = in_spice(s, k / s->n, k % s->n) ? NAN : s->native_siemens;
    r->start[k] = r->end[k] = r->peak_volt[k] = r->joule[k] = NAN;
  }
  OGI_TRY(st, ogi_write_wave_make(&b->wave, s, b->err));
  st = ogi_write_device_make(&b->device, s, b->err);
done:
  return st;
}

static og_status simulate(job *b) {
  og_cosim_opts o;
  og_cosim_opts_init(&o);
  o.step_second = step_of(b->s);
  o.mismatch = b->s->mismatch;
  o.spice.program = b->opts->spice_worker;
  o.spice.timeout_second = b->s->timeout_second;
  o.spice.progress = b->opts->progress;
  const og_wave wave = {.points = b->wave.points, .second = b->wave.second, .volt = b->wave.volt};
  const og_cosim_drive drive = {.wave = &wave, .bit_volt = b->wave.bit_volt, .stop_second = b->s->stop_second};
  double begin = ogi_now();
  og_status st =
      og_cosim_run(&b->r->waves, &b->array, b->g, &b->device.device, &drive, &o, &b->r->info, b->err);
  b->r->wall_second = ogi_now() - begin;
  return st;
}

/* ---- figures ---- */

static const double *vector(const og_vectors *v, const char *form, size_t i, size_t j, const char *state) {
  char name[64];
  if (state != NULL) snprintf(name, sizeof name, "x_%u_%u.%.20s", (unsigned)i, (unsigned)j, state);
  else snprintf(name, sizeof name, "%.4s_%u_%u", form, (unsigned)i, (unsigned)j);
  size_t k = og_vectors_find(v, name);
  return k < v->count ? og_vectors_at(v, k) : NULL;
}

static void measure_cells(job *b) {
  const og_vectors *v = b->r->waves;
  const double *t = og_vectors_at(v, 0);
  const char *state = b->s->state[0] != '\0' ? b->s->state : NULL;
  for (size_t k = 0; k < b->s->m * b->s->n; k++) {
    const double *volt = vector(v, "v", k / b->s->n, k % b->s->n, NULL),
                 *amp = vector(v, "i", k / b->s->n, k % b->s->n, NULL);
    const double *x = state != NULL ? vector(v, NULL, k / b->s->n, k % b->s->n, state) : NULL;
    if (volt == NULL || amp == NULL) continue;
    double peak = 0, joule = 0;
    for (size_t p = 0; p < v->points; p++) {
      peak = fmax(peak, fabs(volt[p]));
      if (p > 0) joule += 0.5 * (volt[p] * amp[p] + volt[p - 1] * amp[p - 1]) * (t[p] - t[p - 1]);
    }
    b->r->peak_volt[k] = peak;
    b->r->joule[k] = joule;
    if (x != NULL) {
      b->r->start[k] = x[0];
      b->r->end[k] = x[v->points - 1];
    }
  }
}

static void find_disturb(og_write_results *r) {
  size_t selected = r->row * r->n + r->column;
  r->change = r->end[selected] - r->start[selected];
  for (size_t k = 0; k < r->m * r->n; k++) {
    double change = fabs(r->end[k] - r->start[k]);
    if (k == selected || isnan(change) || change <= r->disturb) continue; /* a NAN disturb lets the first one in */
    r->disturb = change;
    r->disturbed = k;
  }
}

/* ---- reference: the whole array as one deck in ngspice ---- */

static void write_source(FILE *out, const job *b, const char *name, size_t k, const double *volt, size_t count) {
  fprintf(out, "%s_%zu %c_%zu 0 pwl(", name, k, name[1], k);
  for (size_t p = 0; p < b->wave.points; p++)
    fprintf(out, "%s%.17g %.17g", p % 4 == 3 ? "\n+ " : " ", b->wave.second[p], volt[p * count + k]);
  fputs(")\n", out);
}

/* The wires as the deck writer has them, its sources replaced by ones that move, and the cells. */
static og_status write_reference(const job *b, FILE *out) {
  og_status st;
  const og_write_study *s = b->s;
  char *wires = NULL, word[OGI_NODE_NAME], bit[OGI_NODE_NAME];
  size_t bytes;
  double *none = ogi_alloc(s->m * s->n, sizeof *none), *zero = ogi_alloc(s->m, sizeof *zero);
  ogi_labels labels = {0};
  og_netlist_opts o;
  og_netlist_opts_init(&o);
  o.analysis = OG_NETLIST_NONE;
  FILE *text = open_memstream(&wires, &bytes);
  if (none == NULL || zero == NULL || text == NULL) {
    if (text != NULL) fclose(text);
    st = ogi_fail(b->err, OG_E_NOMEM, "cosim: the reference");
    goto done;
  }
  st = og_netlist_print(text, &b->array, none, zero, &o, b->err);
  if (fclose(text) != 0 && st == OG_OK) st = ogi_fail(b->err, OG_E_NOMEM, "cosim: the reference");
  if (st != OG_OK) goto done;
  OGI_TRY(st, ogi_labels_create(&labels, &b->array, b->err));
  for (char *rest = wires, *line; (line = strsep(&rest, "\n")) != NULL;)
    if (line[0] != '\0' && strncmp(line, "vs_", 3) != 0 && strncmp(line, "vt_", 3) != 0 && strcmp(line, ".end") != 0)
      fprintf(out, "%s\n", line);
  for (size_t i = 0; i < s->m; i++) write_source(out, b, "vs", i, b->wave.volt, s->m);
  for (size_t j = 0; j < s->n; j++) write_source(out, b, "vt", j, b->wave.bit_volt, s->n);
  fprintf(out, "%s\n", b->device.text);
  for (size_t k = 0; k < s->m * s->n; k++) {
    ogi_netlist_word(word, &labels, k / s->n, k % s->n);
    ogi_netlist_bit(bit, &labels, k / s->n, k % s->n);
    fprintf(out, "xc_%zu %s %s%s%zu %s", k, word, bit, s->state[0] != '\0' ? " q_" : " ", k, s->subckt);
    for (size_t p = 0; p < b->device.device.params; p++)
      fprintf(out, " %s=%.17g", b->device.device.param[p], b->device.values[p][k]);
    fputc('\n', out);
  }
  fputs(".options reltol=1e-5 trtol=1\n.end\n", out);
done:
  ogi_labels_clear(&labels);
  ogi_free(none);
  ogi_free(zero);
  free(wires); /* open_memstream's own */
  return st;
}

static og_status load_reference(const job *b, og_spice *spice) {
  char *text = NULL;
  size_t bytes;
  og_deck *deck = NULL;
  ogi_locale locale;
  FILE *out = open_memstream(&text, &bytes);
  if (out == NULL) return ogi_fail(b->err, OG_E_NOMEM, "cosim: the reference");
  ogi_locale_begin(&locale);
  og_status st = write_reference(b, out);
  ogi_locale_end(&locale);
  if (fclose(out) != 0 && st == OG_OK) st = ogi_fail(b->err, OG_E_NOMEM, "cosim: the reference");
  if (st == OG_OK) st = og_deck_parse(&deck, "reference", text, bytes, NULL, b->err);
  if (st == OG_OK) st = og_spice_load(spice, deck, b->err);
  og_deck_free(deck);
  free(text); /* open_memstream's own */
  return st;
}

static og_status compare(job *b) {
  og_status st;
  og_spice *spice = NULL;
  og_vectors *v = NULL;
  og_spice_opts o;
  og_spice_analysis tran;
  double begin = ogi_now(), worst = 0;
  og_spice_opts_init(&o);
  o.program = b->opts->spice_worker;
  o.timeout_second = b->s->timeout_second;
  o.progress = b->opts->progress;
  OGI_TRY(st, og_spice_open(&spice, &o, b->err));
  OGI_TRY(st, load_reference(b, spice));
  og_spice_analysis_init(&tran, OG_SPICE_TRAN);
  tran.stop_second = b->s->stop_second;
  tran.step_second = tran.step_max_second = fmin(step_of(b->s) / 4, b->s->edge_second / 4);
  tran.use_ic = 1;
  OGI_TRY(st, og_spice_run(spice, &tran, NULL, 0, &v, NULL, b->err));
  for (size_t k = 0; k < b->s->m * b->s->n && b->s->state[0] != '\0'; k++) {
    char name[32];
    snprintf(name, sizeof name, "q_%zu", k);
    size_t at = og_vectors_find(v, name);
    worst = at < v->count ? fmax(worst, fabs(og_vectors_at(v, at)[v->points - 1] - b->r->end[k])) : NAN;
  }
  b->r->reference_error = worst;
  b->r->reference_second = ogi_now() - begin;
done:
  og_vectors_free(v);
  og_spice_close(spice);
  return st == OG_OK ? st : ogi_prefix(b->err, st, "reference");
}

og_status og_write_study_run(og_write_results *results, const og_write_study *study, const og_write_opts *opts,
                             og_error *err) {
  static const og_write_opts defaults;
  og_status st;
  if (results == NULL || study == NULL) return ogi_fail(err, OG_E_ARG, "study: a needed pointer is NULL");
  job b = {.s = study, .opts = opts != NULL ? opts : &defaults, .r = results, .err = err};
  OGI_TRY(st, prepare(&b));
  if (b.opts->out_dir != NULL) OGI_TRY(st, ogi_make_dir(b.opts->out_dir, err)); /* before minutes are spent */
  OGI_TRY(st, simulate(&b));
  measure_cells(&b);
  find_disturb(results);
  if (study->reference) OGI_TRY(st, compare(&b));
  if (b.opts->out_dir != NULL) OGI_TRY(st, ogi_write_report(results, study, b.opts->out_dir, err));
  if (study->reference && !(results->reference_error <= study->state_tol))
    st = ogi_fail(err, OG_E_TOLERANCE, "state: saw a difference of %.3g from the reference, need at most %.3g",
                  results->reference_error, study->state_tol);
done:
  ogi_write_wave_clear(&b.wave);
  ogi_write_device_clear(&b.device);
  ogi_free(b.g);
  if (st != OG_OK && st != OG_E_TOLERANCE) og_write_results_clear(results);
  return st;
}

void og_write_results_clear(og_write_results *r) {
  if (r == NULL) return;
  og_vectors_free(r->waves);
  ogi_free(r->start);
  ogi_free(r->end);
  ogi_free(r->peak_volt);
  ogi_free(r->joule);
  *r = (og_write_results){0};
}
