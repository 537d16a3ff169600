/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>

#include <ohmgrid/netlist.h>

#include "base/ogi_file.h"
#include "netlist/ogi_netlist.h"

/* 0 ohm from the source to every node of the line: the line is the source node. */
static int word_is_source(const og_array *a) { return a->r_word_ohm + a->r_source_ohm == 0; }
static int bit_is_sense(const og_array *a) { return a->r_bit_ohm + a->r_sense_ohm == 0; }

void ogi_netlist_word(char name[OGI_NODE_NAME], const og_array *a, size_t i, size_t j) {
  if (word_is_source(a)) snprintf(name, OGI_NODE_NAME, "s_%zu", i);
  else snprintf(name, OGI_NODE_NAME, "w_%zu_%zu", i, a->r_word_ohm > 0 ? j : 0);
}

void ogi_netlist_bit(char name[OGI_NODE_NAME], const og_array *a, size_t i, size_t j) {
  if (bit_is_sense(a)) snprintf(name, OGI_NODE_NAME, "t_%zu", j);
  else snprintf(name, OGI_NODE_NAME, "b_%zu_%zu", a->r_bit_ohm > 0 ? i : 0, j);
}

/* An infinite resistance is an open circuit, which a deck says by silence. */
static void resistor(FILE *out, const char *kind, size_t i, size_t j, const char *from, const char *to, double ohm) {
  if (isfinite(ohm)) fprintf(out, "%s_%zu_%zu %s %s %.17g\n", kind, i, j, from, to, ohm);
}

static void word_line(FILE *out, const og_array *a, size_t i) {
  char source[OGI_NODE_NAME], here[OGI_NODE_NAME], before[OGI_NODE_NAME];
  double end_ohm = a->r_source_ohm + a->r_word_ohm;
  if (word_is_source(a)) return;
  snprintf(source, sizeof source, "s_%zu", i);
  ogi_netlist_word(here, a, i, 0);
  if (a->drive != OG_DRIVE_RIGHT) resistor(out, "rw", i, 0, source, here, end_ohm);
  for (size_t j = 1; a->r_word_ohm > 0 && j < a->n; j++) {
    ogi_netlist_word(before, a, i, j - 1);
    ogi_netlist_word(here, a, i, j);
    resistor(out, "rw", i, j, before, here, a->r_word_ohm);
  }
  ogi_netlist_word(here, a, i, a->n - 1);
  if (a->drive != OG_DRIVE_LEFT) resistor(out, "rw", i, a->n, here, source, end_ohm);
}

static void bit_line(FILE *out, const og_array *a, size_t j) {
  char sense[OGI_NODE_NAME], here[OGI_NODE_NAME], before[OGI_NODE_NAME];
  double end_ohm = a->r_sense_ohm + a->r_bit_ohm;
  if (bit_is_sense(a)) return;
  snprintf(sense, sizeof sense, "t_%zu", j);
  ogi_netlist_bit(here, a, 0, j);
  if (a->sense != OG_SENSE_BOTTOM) resistor(out, "rb", 0, j, sense, here, end_ohm);
  for (size_t i = 1; a->r_bit_ohm > 0 && i < a->m; i++) {
    ogi_netlist_bit(before, a, i - 1, j);
    ogi_netlist_bit(here, a, i, j);
    resistor(out, "rb", i, j, before, here, a->r_bit_ohm);
  }
  ogi_netlist_bit(here, a, a->m - 1, j);
  if (a->sense != OG_SENSE_TOP) resistor(out, "rb", a->m, j, here, sense, end_ohm);
}

/* 1/0 is infinite and so left out; so is a cell below 1/DBL_MAX siemens, whose resistance no double can hold. */
static void cell(FILE *out, const og_array *a, const double *g, size_t i, size_t j) {
  char word[OGI_NODE_NAME], bit[OGI_NODE_NAME];
  ogi_netlist_word(word, a, i, j);
  ogi_netlist_bit(bit, a, i, j);
  resistor(out, "rc", i, j, word, bit, 1 / g[i * a->n + j]); /* R [ohm] = 1 / G [S] */
}

static void heading(FILE *out, const og_array *a) {
  static const char *const drive[] = {"left", "right", "both"}, *const sense[] = {"bottom", "top", "both"};
  fprintf(out, "ohmgrid crossbar: %zu word lines x %zu bit lines\n", a->m, a->n);
  fprintf(out, "* segments: word %.17g ohm, bit %.17g ohm\n", a->r_word_ohm, a->r_bit_ohm);
  fprintf(out, "* driven %s through %.17g ohm, sensed %s through %.17g ohm\n", drive[a->drive], a->r_source_ohm,
          sense[a->sense], a->r_sense_ohm);
  fputs("* output current of bit line J, positive into its sense node t_J: i(vt_J)\n", out);
}

static og_status check_values(const og_array *a, const double *g, const double *v, og_error *err) {
  for (size_t k = 0; k < a->m * a->n; k++)
    if (!(g[k] >= 0 && isfinite(g[k])))
      return ogi_fail(err, OG_E_RANGE, "conductance (%zu,%zu): saw %g, need a finite value >= 0 (siemens)", k / a->n,
                      k % a->n, g[k]);
  for (size_t i = 0; i < a->m; i++)
    if (!isfinite(v[i]))
      return ogi_fail(err, OG_E_RANGE, "word line %zu: saw %g, need a finite voltage (volt)", i, v[i]);
  return OG_OK;
}

og_status ogi_netlist_emit(FILE *out, const og_array *a, const double *g, const double *v, og_error *err) {
  og_status st;
  ogi_locale locale;
  if (out == NULL || g == NULL || v == NULL) return ogi_fail(err, OG_E_ARG, "netlist: a needed pointer is NULL");
  ogi_locale_begin(&locale);
  OGI_TRY(st, og_array_check(a, err));
  OGI_TRY(st, check_values(a, g, v, err));
  heading(out, a);
  for (size_t i = 0; i < a->m; i++) fprintf(out, "vs_%zu s_%zu 0 dc %.17g\n", i, i, v[i]);
  for (size_t j = 0; j < a->n; j++) fprintf(out, "vt_%zu t_%zu 0 dc 0\n", j, j);
  for (size_t i = 0; i < a->m; i++) word_line(out, a, i);
  for (size_t j = 0; j < a->n; j++) bit_line(out, a, j);
  for (size_t i = 0; i < a->m; i++)
    for (size_t j = 0; j < a->n; j++) cell(out, a, g, i, j);
  fputs(".op\n.end\n", out);
done:
  ogi_locale_end(&locale);
  return st;
}

/* The file is opened first, but only as a temporary: a refusal leaves an older file at path as it was. */
og_status og_netlist_save(const char *path, const og_array *array, const double *g, const double *v, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  if (path == NULL) return ogi_fail(err, OG_E_ARG, "netlist: path is NULL");
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  OGI_TRY(st, ogi_netlist_emit(w.stream, array, g, v, err));
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  return st;
}
