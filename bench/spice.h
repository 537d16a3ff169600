/* SPDX-License-Identifier: BSD-3-Clause */
/** @file spice.h  What the files of ohmgrid-bench-spice share. */
#ifndef BENCH_SPICE_H
#define BENCH_SPICE_H

#include <ohmgrid/ohmgrid.h>

#define NEED(call) \
  do {             \
    if ((call) != OG_OK) fail(err.text); \
  } while (0)

extern og_error err;

__attribute__((noreturn)) void fail(const char *why);
og_spice_opts options(void);
void must_be(double got, double want, double rtol, const char *what);

/** Reading and checking decks; arrays against ngspice. all: the transient of 64 x 64 too, a minute of ngspice 39. */
void bench_decks(int all);

#endif
