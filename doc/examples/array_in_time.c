/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An array in time: cells that conduct more the longer they see voltage, as compact models of a subcircuit, so that no
 * ngspice is needed. With opts.compact = NULL the same cells run in ngspice. Built and run by make check.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <ohmgrid/ohmgrid.h>

/* State w between 0 and 1, a capacitor of 1 nF: dw/dt = 5e7/s (1 - w) v^4 - 2e6/s w. Conductance 20 uS to 800 uS. */
static const char text[] = ".subckt memory p n w\n"
                           "cw w 0 1n ic=0\n"
                           "bw 0 w i=1n*(50meg*(1-v(w))*pwr(abs(v(p,n)),4) - 2meg*v(w))\n"
                           "bi p n i=v(p,n)*(20u + 780u*v(w))\n"
                           ".ends\n";

int main(void) {
  enum { M = 3, N = 2, POINTS = 4 };
  const double second[POINTS] = {0, 5e-9, 45e-9, 50e-9};                       /* [s] one pulse                */
  const double volt[POINTS * M] = {0, 0, 0, 0.9, 0.6, 0, 0.9, 0.6, 0, 0, 0, 0}; /* [V] of every word line       */
  const double g[M * N] = {NAN, NAN, NAN, NAN, NAN, 50e-6};                    /* NAN: a cell; else linear [S] */
  const unsigned char compact[M * N] = {1, 1, 1, 1, 1, 0};
  const og_wave wave = {.points = POINTS, .second = second, .volt = volt};
  const og_cosim_drive drive = {.wave = &wave, .stop_second = 100e-9};
  const og_cell_circuit cell = {.name = "memory", .text = text, .terminals = 2, .states = 1, .state = {"w"}};
  og_array array;
  og_cosim_opts opts;
  og_cosim_info info;
  og_vectors *v = NULL;
  og_error err;

  og_array_init(&array, M, N);
  array.r_word_ohm = array.r_bit_ohm = 40;
  og_cosim_opts_init(&opts);
  opts.compact = compact;
  if (og_cosim_run(&v, &array, g, &cell, &drive, &opts, &info, &err) != OG_OK) {
    fprintf(stderr, "%s\n", err.text);
    return EXIT_FAILURE;
  }
  for (size_t k = 0; k < v->count; k++) /* "x_I_J.w" are the states */
    if (v->name[k][0] == 'x') printf("%s = %.4f at %g s\n", v->name[k], og_vectors_at(v, k)[v->points - 1], 100e-9);
  printf("%zu steps; delivered %.3g J, of it cells %.3g J, wires %.3g J\n", info.steps, info.delivered_joule,
         info.cells_joule, info.wires_joule);
  og_vectors_free(v);
  return EXIT_SUCCESS;
}
