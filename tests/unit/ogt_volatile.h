/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogt_volatile.h  A volatile cell, pulses for an array of it, and that array as one deck in ngspice. */
#ifndef OGT_VOLATILE_H
#define OGT_VOLATILE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/ohmgrid.h>

#include "base/ogi_mem.h"
#include "ogt.h"

/* A conductance that grows under voltage and relaxes: dw/dt = rate (1 - w) - w / tau, i = (goff + w (gon - goff)) v. */
#define BODY                                                                                              \
  "cw w 0 1n ic=0\n"                                                                                      \
  "bw w 0 i=1n*(w_loss*v(w) - w_gain*pwr(min(abs(v(p,n)),2),4)*(1-v(w)))\n"                                \
  "bi p n i=v(p,n)*(goff + v(w)*(gon-goff))\n"
static const char three[] = ".subckt volatile p n w gon=1m goff=20u\n.param w_loss=5meg w_gain=60meg\n" BODY ".ends\n";
static const char two[] = ".subckt volatile2 p n gon=1m goff=20u\n.param w_loss=5meg w_gain=60meg\n" BODY ".ends\n";

/* Every word line gets a pulse of its own height, some of them later. */
enum { POINTS = 6 };
static void pulses(size_t m, double second[POINTS], double *volt) {
  static const double times[POINTS] = {0, 10e-9, 15e-9, 60e-9, 65e-9, 120e-9};
  memcpy(second, times, sizeof times);
  for (size_t k = 0; k < POINTS; k++)
    for (size_t i = 0; i < m; i++)
      volt[k * m + i] = (k == 2 || k == 3) ? 0.8 + 0.13 * (double)(i % 5) : 0.05 * (double)(i % 2);
}

/* The same as one deck in ngspice: state of every cell at the end. */
static void monolith(const og_array *a, const double *gon, const og_wave *wave, double stop, double *w) {
  og_error err = {0};
  char *text = NULL, name[64];
  size_t bytes, cells = a->m * a->n;
  og_deck *deck;
  og_spice *s;
  og_spice_opts opts;
  og_vectors *v;
  og_netlist_opts o;
  double *g = ogi_alloc(cells, sizeof *g);
  for (size_t k = 0; k < cells; k++) g[k] = 1e-6;
  og_netlist_opts_init(&o);
  og_netlist_subckt cell = {.name = "volatile2", .text = two, .params = 1, .param = {"gon"}, .value = {gon}};
  o.subckt = &cell;
  o.analysis = OG_NETLIST_TRAN;
  o.wave = wave;
  o.stop_second = stop;
  o.reltol = 1e-5;
  o.step_second = 0.1e-9;
  FILE *out = open_memstream(&text, &bytes);
  ck_assert_msg(og_netlist_print(out, a, g, NULL, &o, &err) == OG_OK, "%s", err.text);
  fclose(out);
  ck_assert_msg(og_deck_parse(&deck, "one", text, bytes, NULL, &err) == OG_OK, "%s", err.text);
  og_spice_opts_init(&opts);
  opts.program = getenv("OHMGRID_SPICE");
  ck_assert_int_eq(og_spice_open(&s, &opts, &err), OG_OK);
  ck_assert_msg(og_spice_load(s, deck, &err) == OG_OK, "%s", err.text);
  og_spice_analysis tran;
  og_spice_analysis_init(&tran, OG_SPICE_TRAN);
  tran.stop_second = stop;
  tran.step_second = tran.step_max_second = 0.1e-9;
  tran.use_ic = 1;
  ck_assert_msg(og_spice_run(s, &tran, NULL, 0, &v, NULL, &err) == OG_OK, "%s", err.text);
  for (size_t k = 0; k < cells; k++) {
    snprintf(name, sizeof name, "xc_%zu_%zu.w", k / a->n, k % a->n);
    size_t at = og_vectors_find(v, name);
    ck_assert_msg(at < v->count, "no %s", name);
    w[k] = og_vectors_at(v, at)[v->points - 1];
  }
  og_vectors_free(v);
  og_spice_close(s);
  og_deck_free(deck);
  free(text);
  ogi_free(g);
}

#endif
