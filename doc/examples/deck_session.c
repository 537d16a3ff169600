/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A deck of one's own: solved here, then in ngspice with one resistor changed again and again.
 *
 *     cc deck_session.c $(pkg-config --cflags --libs ohmgrid) -lm && ./a.out
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/ohmgrid.h>

static const char text[] = "low pass\n"
                           ".param r=1k\n"
                           "v1 in 0 dc 0 pulse(0 1 1n 0.1n 0.1n 1 2)\n"
                           "r1 in out {r}\n"
                           "c1 out 0 1p\n"
                           ".tran 0.02n 11.1n\n"
                           ".end\n";

static og_error err;

static void need(og_status st) {
  if (st == OG_OK) return;
  fprintf(stderr, "deck_session: %s\n", err.text);
  exit(1);
}

static double last(const og_vectors *v, const char *name) {
  return og_vectors_at(v, og_vectors_find(v, name))[v->points - 1];
}

int main(void) {
  og_deck *deck;
  og_vectors *ours, *theirs;
  og_spice *session;
  og_spice_opts opts;
  og_spice_analysis tran;
  const char *const wanted[] = {"out"};

  need(og_deck_parse(&deck, "low pass", text, strlen(text), NULL, &err));
  need(og_analysis_run(&ours, deck, og_deck_analysis(deck, 0), NULL, NULL, &err));
  printf("ours     1000 ohm: v(out) = %.6f V after %zu points\n", last(ours, "v(out)"), ours->points);

  og_spice_opts_init(&opts);
  opts.program = getenv("OHMGRID_SPICE"); /* NULL: the installed one */
  need(og_spice_open(&session, &opts, &err));
  need(og_spice_load(session, deck, &err));
  og_spice_analysis_init(&tran, OG_SPICE_TRAN);
  tran.stop_second = 11.1e-9;
  tran.step_second = 0.02e-9;
  int wrong = 0;
  for (double ohm = 1000; ohm < 20000; ohm *= 3) {
    need(og_spice_alter(session, "r1", "resistance", ohm, &err));
    need(og_spice_run(session, &tran, wanted, 1, &theirs, NULL, &err));
    double tau = ohm * 1e-12, exact = 1 - exp(-10.05e-9 / tau); /* the middle of the edge is at 1.05 ns */
    printf("%s %5.0f ohm: v(out) = %.6f V, by formula %.6f V\n", og_spice_version(session), ohm, last(theirs, "out"), exact);
    wrong |= !(fabs(last(theirs, "out") - exact) < 1e-3);
    og_vectors_free(theirs);
  }
  og_spice_close(session);
  og_vectors_free(ours);
  og_deck_free(deck);
  return wrong;
}
