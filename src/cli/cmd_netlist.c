/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <errno.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum {
  KEY_INPUT = 2000, KEY_HIERARCHICAL, KEY_DIALECT, KEY_CELL, KEY_SUBCKT, KEY_PARAM, KEY_TRAN, KEY_STEP, KEY_WAVE,
  KEY_C_WORD, KEY_C_BIT, KEY_C_CELL, KEY_NOISE, KEY_NOISE_INPUT, KEY_TEMPERATURE, KEY_TIA, KEY_TIA_GAIN, KEY_TIA_HERTZ
};

typedef struct options {
  array_input in;
  og_netlist_opts deck;
  og_netlist_subckt subckt;
  const char *out, *cell, *wave, *subckt_path, *param_path[OG_NETLIST_PARAMS];
  size_t input;
} options;

/* What is loaded, all owned. */
typedef struct inputs {
  og_cell *cell;
  og_matrix wave, param[OG_NETLIST_PARAMS];
  og_wave drive;
  double *second, *volt; /* points; points x sources */
  char *text;            /* of the subcircuit        */
} inputs;

static const struct argp_option table[] = {
    {"output", 'o', "FILE", 0, "write the deck here; needed; -: standard output", 2},
    {"input", KEY_INPUT, "K", 0, "which input vector of -v, from 0 (default 0)", 2},
    {"hierarchical", KEY_HIERARCHICAL, 0, 0, "a subcircuit for each kind of cell, each row and the tile", 2},
    {"dialect", KEY_DIALECT, "NAME", 0, "ngspice or xyce (default ngspice)", 2},
    {"cell", KEY_CELL, "MODEL", 0, "cells that are not linear, as in ohmgrid solve", 3},
    {"subckt", KEY_SUBCKT, "NAME=FILE", 0, "cells are this subcircuit of two nodes, first the word node", 3},
    {"param", KEY_PARAM, "NAME=FILE", 0, "a parameter of that subcircuit, m x n (.npy or CSV); may be repeated", 3},
    {"tia", KEY_TIA, "OHM", 0, "a transimpedance amplifier with this feedback behind each output, at node o_J", 3},
    {"tia-gain", KEY_TIA_GAIN, "X", 0, "its gain without feedback (default 1e5)", 3},
    {"tia-hertz", KEY_TIA_HERTZ, "HZ", 0, "its product of gain and bandwidth (default: infinitely fast)", 3},
    {"tran", KEY_TRAN, "STOP", 0, "transient up to this time in second", 4},
    {"step", KEY_STEP, "S", 0, "longest step of the transient (default a 1000th of it)", 4},
    {"wave", KEY_WAVE, "FILE", 0, "drivers in time: lines of a time and the m voltages (default -v all the time)", 4},
    {"c-word", KEY_C_WORD, "F", 0, "capacitance of one word node to ground (default 0)", 4},
    {"c-bit", KEY_C_BIT, "F", 0, "capacitance of one bit node to ground (default 0)", 4},
    {"c-cell", KEY_C_CELL, "F", 0, "capacitance across one cell (default 0)", 4},
    {"noise", KEY_NOISE, "J", 0, "noise of the output current of bit line J", 5},
    {"noise-input", KEY_NOISE_INPUT, "I", 0, "source that the noise is referred to (default 0)", 5},
    {"temperature", KEY_TEMPERATURE, "KELVIN", 0, "of the noise (default 300)", 5},
    {0}};

static void parse_dialect(struct argp_state *state, options *o, const char *name) {
  if (strcmp(name, "ngspice") == 0) o->deck.dialect = OG_NETLIST_NGSPICE;
  else if (strcmp(name, "xyce") == 0) o->deck.dialect = OG_NETLIST_XYCE;
  else argp_error(state, "--dialect: saw \"%s\", need ngspice or xyce", name);
}

/* "NAME=FILE" is cut in two. */
static const char *split(struct argp_state *state, const char *option, char *text) {
  char *equals = strchr(text, '=');
  if (equals == NULL) argp_error(state, "--%s: saw \"%s\", need NAME=FILE", option, text);
  else *equals = '\0';
  return equals != NULL ? equals + 1 : "";
}

static void parse_param(struct argp_state *state, options *o, char *text) {
  og_netlist_subckt *s = &o->subckt;
  if (s->params == OG_NETLIST_PARAMS) argp_error(state, "--param: need at most %d", OG_NETLIST_PARAMS);
  o->param_path[s->params] = split(state, "param", text);
  s->param[s->params++] = text;
}

static void check_together(struct argp_state *state, const options *o) {
  if (o->out == NULL) argp_error(state, "-o: saw none, need a file for the deck");
  if (o->in.v_path == NULL && o->wave == NULL) argp_error(state, "-v: saw none, need a file of input voltages");
  if (o->wave != NULL && o->deck.analysis != OG_NETLIST_TRAN) argp_error(state, "--wave: needs --tran");
  if (o->subckt.params > 0 && o->subckt_path == NULL) argp_error(state, "--param: needs --subckt");
}

static void set_analysis(struct argp_state *state, options *o, og_netlist_analysis analysis) {
  if (o->deck.analysis != OG_NETLIST_OP) argp_error(state, "--tran and --noise: need only one of them");
  o->deck.analysis = analysis;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
  options *o = state->input;
  og_netlist_opts *d = &o->deck;
  switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->in; return 0;
    case 'o': o->out = arg; return 0;
    case KEY_INPUT: o->input = count_option(state, "input", arg, 0, 1e9); return 0;
    case KEY_HIERARCHICAL: d->style = OG_NETLIST_HIERARCHICAL; return 0;
    case KEY_DIALECT: parse_dialect(state, o, arg); return 0;
    case KEY_CELL: o->cell = arg; return 0;
    case KEY_SUBCKT:
      o->subckt_path = split(state, "subckt", arg);
      o->subckt.name = arg;
      return 0;
    case KEY_PARAM: parse_param(state, o, arg); return 0;
    case KEY_TRAN:
      set_analysis(state, o, OG_NETLIST_TRAN);
      d->stop_second = number_option(state, "tran", arg, DBL_MIN, 1e6);
      return 0;
    case KEY_STEP: d->step_second = number_option(state, "step", arg, DBL_MIN, 1e6); return 0;
    case KEY_WAVE: o->wave = arg; return 0;
    case KEY_C_WORD: d->c_word_farad = number_option(state, "c-word", arg, 0, DBL_MAX); return 0;
    case KEY_C_BIT: d->c_bit_farad = number_option(state, "c-bit", arg, 0, DBL_MAX); return 0;
    case KEY_C_CELL: d->c_cell_farad = number_option(state, "c-cell", arg, 0, DBL_MAX); return 0;
    case KEY_NOISE:
      set_analysis(state, o, OG_NETLIST_NOISE);
      d->noise_output = count_option(state, "noise", arg, 0, 1e9);
      return 0;
    case KEY_NOISE_INPUT: d->noise_input = count_option(state, "noise-input", arg, 0, 1e9); return 0;
    case KEY_TIA: d->tia_ohm = number_option(state, "tia", arg, DBL_MIN, 1e15); return 0;
    case KEY_TIA_GAIN: d->tia_gain = number_option(state, "tia-gain", arg, DBL_MIN, 1e15); return 0;
    case KEY_TIA_HERTZ: d->tia_hertz = number_option(state, "tia-hertz", arg, DBL_MIN, 1e15); return 0;
    case KEY_TEMPERATURE: d->kelvin = number_option(state, "temperature", arg, DBL_MIN, 1e6); return 0;
    case ARGP_KEY_ARG: argp_error(state, "saw \"%s\", need options only", arg); return 0;
    case ARGP_KEY_END: check_together(state, o); return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {{&array_argp, 0, "Array:", 1}, {0}};
static const struct argp parser = {
    table, parse, NULL,
    "Write one crossbar as a SPICE deck: operating point of one input vector, transient, or noise of one output."
    "\vExamples:\n"
    "  ohmgrid netlist -g G.npy -v V.npy --r-word 1 --r-bit 1 -o deck.cir && ngspice -b deck.cir\n"
    "  ohmgrid netlist -g G.csv -v V.csv --cell sinh,v0=0.3 --hierarchical -o -\n"
    "  ohmgrid netlist -g G.csv --wave W.csv --r-source 500 --c-word 2e-15 --tran 4e-9 -o step.cir\n"
    "  ohmgrid netlist -g G.csv -v V.csv --r-word 1 --noise 3 --temperature 350 -o noise.cir\n\n"
    "Nodes are w_I_J, b_I_J and s_I, counted from 0; the output currents are those of vt_J.",
    children, NULL, NULL};

/* ---- files ---- */

static int complain_of_shape(const char *path, size_t rows, size_t columns) {
  if (rows == 0) fprintf(stderr, "ohmgrid: %s: shape: need lines of a time and %zu voltages\n", path, columns - 1);
  else fprintf(stderr, "ohmgrid: %s: shape: need (%zu, %zu)\n", path, rows, columns);
  return EXIT_USAGE;
}

static int load_wave(options *o, inputs *x) {
  og_error err = {0};
  size_t sources = o->in.sources;
  if (o->wave == NULL) return EXIT_SUCCESS;
  og_status st = og_matrix_load(&x->wave, o->wave, &err);
  if (st != OG_OK) return fail(&err, st);
  if (x->wave.ndim != 2 || x->wave.dim[1] != sources + 1) return complain_of_shape(o->wave, 0, sources + 1);
  size_t points = x->wave.dim[0];
  x->second = calloc(points, sizeof *x->second);
  x->volt = calloc(points, sources * sizeof *x->volt);
  if (x->second == NULL || x->volt == NULL) return fail(&err, OG_E_NOMEM);
  for (size_t p = 0; p < points; p++) {
    const double *row = x->wave.data + p * (sources + 1);
    x->second[p] = row[0];
    memcpy(x->volt + p * sources, row + 1, sources * sizeof *row);
  }
  x->drive = (og_wave){.points = points, .second = x->second, .volt = x->volt};
  o->deck.wave = &x->drive;
  return EXIT_SUCCESS;
}

static int load_text(const char *path, char **text) {
  size_t room = 0;
  FILE *file = fopen(path, "r");
  ssize_t length = file != NULL ? getdelim(text, &room, '\0', file) : -1;
  if (length < 0) fprintf(stderr, "ohmgrid: %s: %s\n", path, file != NULL && errno == 0 ? "empty" : strerror(errno));
  if (file != NULL) fclose(file);
  return length < 0 ? EXIT_USAGE : EXIT_SUCCESS;
}

static int load_subckt(options *o, inputs *x) {
  og_error err = {0};
  if (o->subckt_path == NULL) return EXIT_SUCCESS;
  errno = 0;
  int status = load_text(o->subckt_path, &x->text);
  for (size_t p = 0; status == 0 && p < o->subckt.params; p++) {
    og_matrix *values = &x->param[p];
    og_status st = og_matrix_load(values, o->param_path[p], &err);
    if (st != OG_OK) return fail(&err, st);
    size_t rows = values->ndim == 1 ? 1 : values->dim[0], columns = values->ndim == 1 ? values->dim[0] : values->dim[1];
    if (values->ndim > 2 || rows != o->in.wires.m || columns != o->in.wires.n)
      return complain_of_shape(o->param_path[p], o->in.wires.m, o->in.wires.n);
    o->subckt.value[p] = values->data;
  }
  o->subckt.text = x->text;
  o->deck.subckt = &o->subckt;
  return status;
}

static int load(options *o, inputs *x) {
  og_error err = {0};
  int status = array_input_load(&o->in);
  if (status == 0 && o->in.v_path != NULL && o->input >= o->in.v.dim[0]) {
    fprintf(stderr, "ohmgrid: --input: saw %zu, need 0 to %zu\n", o->input, o->in.v.dim[0] - 1);
    status = EXIT_USAGE;
  }
  if (status == 0) status = load_wave(o, x);
  if (status == 0) status = load_subckt(o, x);
  if (status == 0 && o->cell != NULL) {
    og_status st = cell_from_text(&x->cell, o->cell, &err);
    if (st != OG_OK) status = fail(&err, st);
    o->deck.cell = x->cell;
  }
  o->deck.bit_volts = o->in.bit_volts;
  return status;
}

static void release(inputs *x) {
  og_cell_free(x->cell);
  og_matrix_clear(&x->wave);
  for (size_t p = 0; p < OG_NETLIST_PARAMS; p++) og_matrix_clear(&x->param[p]);
  free(x->second);
  free(x->volt);
  free(x->text);
}

int cmd_netlist(int argc, char **argv) {
  options o = {.in = {0}};
  inputs x = {0};
  og_error err = {0};
  og_netlist_opts_init(&o.deck);
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  int status = load(&o, &x);
  if (status == 0) {
    const double *v = o.in.v_path != NULL ? o.in.v.data + o.input * o.in.sources : NULL;
    og_status st = strcmp(o.out, "-") == 0
                       ? og_netlist_print(stdout, &o.in.wires, o.in.g.data, v, &o.deck, &err)
                       : og_netlist_write(o.out, &o.in.wires, o.in.g.data, v, &o.deck, &err);
    if (st != OG_OK) status = fail(&err, st);
  }
  release(&x);
  array_input_clear(&o.in);
  return status;
}
