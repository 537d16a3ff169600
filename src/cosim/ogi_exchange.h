/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_exchange.h  A co-simulation under way: who calls whom is run.c -> cells.c, exchange.c -> batch, chords. */
#ifndef OGI_EXCHANGE_H
#define OGI_EXCHANGE_H

#include "cosim/ogi_cosim.h"

/* Sums over all ports at one time: [W], [A]. */
typedef struct ogi_sums {
  double delivered, wires, foretold, power, foretold_amp, amp;
  double worst, worst_amp, largest_amp; /* |foretold - real| of a port [V] and [A]; largest port current */
  int first; /* before anything was known of the cells */
} ogi_sums;

typedef struct ogi_run {
  const og_array *array;
  const double *linear;    /* m x n, NAN: of the subcircuit */
  const og_cell_circuit *circuit;
  og_cosim_opts opts;
  og_cosim_info *info;
  og_cosim_drive drive;
  size_t cells, per_cell;  /* m n; P */
  unsigned char *here;     /* m x n: 1: compact */
  size_t *slot;            /* m x n: number in its ports */
  double *chord;           /* P x m n: the last of every port, which outlives a rescue [S] */
  ogi_anatomy anatomy;
  ogi_ports spice, compact;
  ogi_batches *batches;
  og_compact *model;
  double *y;               /* unknowns x compact.cells */
  ogi_chords wires;
  double now, base;        /* [s] on the wave's clock: last exchange; where the sessions began */
  double dt, dt_before, step; /* [s] last two steps; that the mismatch allows */
  double largest, largest_amp; /* [V] drive, [A] port current so far */
  ogi_sums last;               /* at the last exchange */
  double foretold_joule, power_joule, real_joule, size_joule, gap_coulomb, size_coulomb;
  double near;             /* [s] times closer than this are one; less than all distances in the waves */
  int fresh;               /* 1: the step under way is the first behind a corner, where currents of capacitors jump */
  og_cosim_checkpoint *good; /* as of the last exchange; NULL: nobody wants it */
  OGI_LIST(double *) row;  /* of width each, one an exchange */
  size_t width;
  og_error *err;
} ogi_run;

/** Steps never become shorter than this share of the longest for a mismatch. */
#define OGI_STEP_FLOOR 1e-2

/* ---- exchange.c ---- */

/** Next corner of the waves after now, or the end of the stretch [s]. */
double ogi_run_corner(const ogi_run *r);
/** Behind a corner steps begin short and grow. */
void ogi_run_shorten(ogi_run *r);
/** What every port will have at time t, dt after the last exchange: ports' to, will_volt, will_amp. */
og_status ogi_run_foretell(ogi_run *r, double t, double dt);
/** Take what came at time t: chords, energy, states, the next step, a row. */
og_status ogi_run_accept(ogi_run *r, double t);
/** Compact cells, and sessions, up to the end of a step. */
og_status ogi_run_advance_compact(ogi_run *r, double dt);
og_status ogi_run_wait(ogi_run *r);
/** From now to t. */
og_status ogi_run_step(ogi_run *r, double t);

/* ---- cells.c ---- */

/** Room for the last good step. */
og_status ogi_run_make_good(ogi_run *r);
/** Keep this step as the last good one. */
void ogi_run_keep_good(ogi_run *r);
/** All cells from a checkpoint on, or (NULL) from the subcircuit's own values, and the exchange at that time. */
og_status ogi_run_begin_cells(ogi_run *r, const og_cosim_checkpoint *from);
void ogi_run_end_cells(ogi_run *r);

/* ---- words.c ---- */

/** Names of our decks, and numbers of compact models, in the text of a failure become "cell (i,j)". */
void ogi_run_name_cells(const ogi_run *r, og_error *why);

#endif
