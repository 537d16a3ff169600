/* SPDX-License-Identifier: BSD-3-Clause */
/** What a write study is held against: the whole array as one deck in ngspice. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/netlist.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_time.h"
#include "netlist/ogi_netlist.h"
#include "study/ogi_write.h"

typedef struct job {
  og_write_results *r;
  const og_write_study *s;
  const og_write_opts *opts;
  const og_array *array;
  const ogi_write_wave *wave;
  const ogi_write_device *device;
  og_error *err;
} job;

static void write_source(FILE *out, const job *b, const char *name, size_t k, const double *volt, size_t count) {
  fprintf(out, "%s_%zu %c_%zu 0 pwl(", name, k, name[1], k);
  for (size_t p = 0; p < b->wave->points; p++)
    fprintf(out, "%s%.17g %.17g", p % 4 == 3 ? "\n+ " : " ", b->wave->second[p], volt[p * count + k]);
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
  st = og_netlist_print(text, b->array, none, zero, &o, b->err);
  if (fclose(text) != 0 && st == OG_OK) st = ogi_fail(b->err, OG_E_NOMEM, "cosim: the reference");
  if (st != OG_OK) goto done;
  OGI_TRY(st, ogi_labels_create(&labels, b->array, b->err));
  for (char *rest = wires, *line; (line = strsep(&rest, "\n")) != NULL;)
    if (line[0] != '\0' && strncmp(line, "vs_", 3) != 0 && strncmp(line, "vt_", 3) != 0 && strcmp(line, ".end") != 0)
      fprintf(out, "%s\n", line);
  for (size_t i = 0; i < s->m; i++) write_source(out, b, "vs", i, b->wave->volt, s->m);
  for (size_t j = 0; j < s->n; j++) write_source(out, b, "vt", j, b->wave->bit_volt, s->n);
  fprintf(out, "%s\n", b->device->text);
  for (size_t k = 0; k < s->m * s->n; k++) {
    ogi_netlist_word(word, &labels, k / s->n, k % s->n);
    ogi_netlist_bit(bit, &labels, k / s->n, k % s->n);
    fprintf(out, "xc_%zu %s %s", k, word, bit);
    for (size_t x = 0; x < b->device->device.states; x++) fprintf(out, " q_%zu_%zu", k, x);
    fprintf(out, " %s", b->device->device.name);
    for (size_t p = 0; p < b->device->device.params; p++)
      fprintf(out, " %s=%.17g", b->device->device.param[p], b->device->values[p][k]);
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

/* Largest difference of any state at the end; NAN if one is missing. */
static double worst_state(const job *b, const og_vectors *v) {
  double worst = 0;
  size_t cells = b->s->m * b->s->n;
  for (size_t k = 0; k < cells * b->r->states; k++) {
    char name[48];
    snprintf(name, sizeof name, "q_%zu_%zu", k % cells, k / cells);
    size_t at = og_vectors_find(v, name);
    if (at == v->count) return NAN;
    worst = fmax(worst, fabs(og_vectors_at(v, at)[v->points - 1] - b->r->end[k]));
  }
  return worst;
}

static og_status compare(const job *b) {
  og_status st;
  og_spice *spice = NULL;
  og_vectors *v = NULL;
  og_spice_opts o;
  og_spice_analysis tran;
  double begin = ogi_now();
  og_spice_opts_init(&o);
  o.program = b->opts->spice_worker;
  o.timeout_second = b->s->timeout_second;
  o.progress = b->opts->progress;
  OGI_TRY(st, og_spice_open(&spice, &o, b->err));
  OGI_TRY(st, load_reference(b, spice));
  og_spice_analysis_init(&tran, OG_SPICE_TRAN);
  tran.stop_second = b->s->stop_second;
  tran.step_second = tran.step_max_second = fmin(ogi_write_step(b->s) / 4, b->s->edge_second / 4);
  tran.use_ic = 1;
  OGI_TRY(st, og_spice_run(spice, &tran, NULL, 0, &v, NULL, b->err));
  b->r->reference_error = worst_state(b, v);
  b->r->reference_second = ogi_now() - begin;
done:
  og_vectors_free(v);
  og_spice_close(spice);
  return st == OG_OK ? st : ogi_prefix(b->err, st, "reference");
}

og_status ogi_write_reference(og_write_results *r, const og_write_study *s, const og_write_opts *opts,
                              const og_array *array, const ogi_write_wave *wave, const ogi_write_device *device,
                              og_error *err) {
  return compare(&(job){r, s, opts, array, wave, device, err});
}
