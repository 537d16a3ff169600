/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdio.h>

#include "cli.h"

enum { KEY_INPUT = 2000 };

typedef struct options {
  array_input in;
  const char *out;
  size_t input;
} options;

static const struct argp_option table[] = {
    {"output", 'o', "FILE", 0, "write the deck here; needed", 2},
    {"input", KEY_INPUT, "K", 0, "which input vector of -v, from 0 (default 0)", 2},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->in; return 0;
    case 'o': o->out = arg; return 0;
    case KEY_INPUT: o->input = count_option(state, "input", arg, 0, 1e9); return 0;
    case ARGP_KEY_ARG: argp_error(state, "saw \"%s\", need options only", arg); return 0;
    case ARGP_KEY_END:
      if (o->out == NULL) argp_error(state, "-o: saw none, need a file for the deck");
      return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {{&array_argp, 0, "Array:", 1}, {0}};
static const struct argp parser = {
    table, parse, NULL,
    "Write one crossbar with one input vector as a SPICE deck (operating point)."
    "\vExample:\n"
    "  ohmgrid netlist -g G.npy -v V.npy --r-word 1 --r-bit 1 -o deck.cir && ngspice -b deck.cir\n\n"
    "Nodes are w_I_J, b_I_J and s_I, counted from 0; the output currents are those of vt_J.",
    children, NULL, NULL};

int cmd_netlist(int argc, char **argv) {
  options o = {.in.wants_v = 1};
  og_error err = {0};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  int status = array_input_load(&o.in);
  size_t k = o.input;
  if (status == 0 && k >= o.in.v.dim[0]) {
    fprintf(stderr, "ohmgrid: --input: saw %zu, need 0 to %zu\n", k, o.in.v.dim[0] - 1);
    status = EXIT_USAGE;
  }
  if (status == 0) {
    og_status st = og_netlist_save_biased(o.out, &o.in.wires, o.in.g.data, o.in.v.data + k * o.in.sources,
                                          o.in.bit_volts, &err);
    if (st != OG_OK) status = fail(&err, st);
  }
  array_input_clear(&o.in);
  return status;
}
