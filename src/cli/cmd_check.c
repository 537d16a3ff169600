/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_deck.h"

enum { KEY_TOL = 2000, KEY_JSON, KEY_TIMEOUT, KEY_INCLUDE, KEY_ENGINE, KEY_AGAINST, KEY_SAMPLES, KEY_WHOLE, KEY_SEED, KEY_PLOT, KEY_RAW, KEY_CELL };

typedef struct options {
  array_input in;
  og_check_opts check;
  deck_check deck;
  const char *cell;
  int json;
} options;

static const struct argp_option table[] = {
    {"cell", KEY_CELL, "MODEL", 0, "cells that are not linear, as in ohmgrid solve", 2},
    {"tol", KEY_TOL, "X", 0, "tolerated relative deviation (default: 1e-6; of transients 1e-4 of the peak)", 2},
    {"timeout", KEY_TIMEOUT, "SECOND", 0, "stop ngspice after this time (default 600)", 2},
    {"whole", KEY_WHOLE, 0, 0, "give ngspice the whole circuit, however large", 2},
    {"samples", KEY_SAMPLES, "N", 0, "parts that are compared of circuits of resistors above 10,000 nodes (default 5)", 2},
    {"seed", KEY_SEED, "N", 0, "which parts (default 1)", 2},
    {"include-dir", KEY_INCLUDE, "DIR", 0, "folder that .include and .lib may read from (default: none)", 3},
    {"engine", KEY_ENGINE, "NAME", 0, "ours: auto, crossbar or general (default auto)", 3},
    {"against", KEY_AGAINST, "FILE", 0, "compare with results of another simulator, raw or CSV, not with ngspice", 3},
    {"plot", KEY_PLOT, "PREFIX", 0, "draw PREFIX.op.svg, PREFIX.tran.svg ...: deviations and waveforms", 4},
    {"raw", KEY_RAW, "PREFIX", 0, "save our results as PREFIX.op.raw, PREFIX.tran.raw ...", 4},
    {"json", KEY_JSON, 0, 0, "print one JSON object instead of the table", 4},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
  options *o = state->input;
  static const char *const engines[] = {"auto", "crossbar", "general"};
  switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->in; return 0;
    case KEY_CELL: o->cell = arg; return 0;
    case KEY_TOL: o->check.rtol = o->deck.check.rtol = number_option(state, "tol", arg, 1e-15, 1); return 0;
    case KEY_TIMEOUT:
      o->check.timeout_second = o->deck.check.timeout_second = number_option(state, "timeout", arg, 1e-3, 1e9);
      return 0;
    case KEY_WHOLE: o->check.sample_nodes = o->deck.check.sample_nodes = 0; return 0;
    case KEY_SAMPLES: o->check.samples = o->deck.check.samples = count_option(state, "samples", arg, 1, 1000); return 0;
    case KEY_SEED: o->check.seed = o->deck.check.seed = count_option(state, "seed", arg, 0, 4294967295.0); return 0;
    case KEY_INCLUDE: o->deck.read.folder = arg; return 0;
    case KEY_ENGINE:
      for (int k = 0; k < 3; k++)
        if (strcmp(arg, engines[k]) == 0) {
          o->deck.check.engine = (og_deck_engine)k;
          return 0;
        }
      argp_error(state, "--engine: saw \"%s\", need one of: auto crossbar general", arg);
      return 0;
    case KEY_AGAINST: o->deck.check.against = arg; return 0;
    case KEY_PLOT: o->deck.plot = arg; return 0;
    case KEY_RAW: o->deck.raw = arg; return 0;
    case KEY_JSON: o->json = o->deck.json = 1; return 0;
    case ARGP_KEY_ARG:
      if (o->deck.path != NULL) argp_error(state, "saw a second deck \"%s\", need one", arg);
      o->deck.path = arg;
      o->in.optional = 1;
      return 0;
    case ARGP_KEY_END:
      if (o->deck.path != NULL && (o->in.g_path != NULL || o->in.v_path != NULL || o->cell != NULL))
        argp_error(state, "saw a deck and -g, -v or --cell, need one of them");
      if (o->deck.path == NULL && (o->deck.check.against || o->deck.read.folder || o->deck.plot || o->deck.raw))
        argp_error(state, "--against, --include-dir, --plot and --raw: need a deck");
      return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {{&array_argp, 0, "Array:", 1}, {0}};
static const struct argp parser = {
    table, parse, "[DECK.cir]",
    "Solve a SPICE deck, or one crossbar, here and in ngspice, and compare all node voltages and branch currents."
    "\vExamples:\n"
    "  ohmgrid check deck.cir\n"
    "  ohmgrid check deck.cir --include-dir models --plot deck\n"
    "  ohmgrid check deck.cir --against spectre.csv\n"
    "  ohmgrid check -g G.npy -v V.npy --r-word 1 --r-bit 1\n\n"
    "All analyses of the deck are compared: .op .dc .tran .ac .noise, and what .measure asks for. A crossbar in it is "
    "recognised and solved as one. Exit status 3 if a deviation is beyond the tolerance. Deviations are relative to "
    "ngspice's value, or to 1e-3 of the largest of its kind where that is larger. ngspice needs 0.1 s for 32 x 32 cells, 2 to "
    "8 s for 64 x 64; beyond, parts of the circuit are compared.",
    children, NULL, NULL};

static json_t *describe(const og_check_result *r, double tol, double wall) {
  return json_pack("{s:s, s:o, s:o, s:o, s:s, s:I, s:I, s:o, s:o, s:o, s:s, s:I, s:o, s:o, s:o, s:b, s:o, s:o}", "engine",
                   og_engine_name(r->solve.engine), "kcl_residual", json_number(r->solve.kcl_residual), "power_watt",
                   json_number(r->solve.power_watt), "power_balance", json_number(r->solve.power_balance), "spice_version",
                   r->spice_version, "compared", (json_int_t)r->compared, "samples", (json_int_t)r->samples, "worst_relative",
                   json_number(r->worst_relative), "worst_current_relative", json_number(r->worst_current),
                   "worst_voltage_relative", json_number(r->worst_voltage), "worst_node", r->worst_node, "worst_input",
                   (json_int_t)r->worst_input, "ours", json_number(r->ours), "theirs", json_number(r->theirs),
                   "tolerance", json_number(tol), "passed", r->worst_relative <= tol, "spice_second",
                   json_number(r->spice_second), "wall_second", json_number(wall));
}

static void print_table(const og_check_result *r, double tol) {
  printf("compared            %zu values with %s in %.3g s\n", r->compared, r->spice_version, r->spice_second);
  if (r->samples > 0)
    printf("                    in %zu parts drawn at random, because ngspice would take too long (--whole: all)\n", r->samples);
  printf("output currents     worst relative deviation %.2g\n", r->worst_current);
  printf("node voltages       worst relative deviation %.2g\n", r->worst_voltage);
  printf("worst               %s, input %zu: ours %.12g, ngspice %.12g\n", r->worst_node, r->worst_input, r->ours,
         r->theirs);
  printf("tolerance           %.2g: %s\n", tol, r->worst_relative <= tol ? "passed" : "FAILED");
}

int cmd_check(int argc, char **argv) {
  options o = {.in.wants_v = 1};
  og_error err = {0};
  og_check_result result;
  char cache[4096];
  og_check_opts_init(&o.check);
  og_check_deck_opts_init(&o.deck.check);
  og_deck_opts_init(&o.deck.read);
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  o.check.worker = o.deck.check.worker = paths_from_environment(cache, sizeof cache).spice_worker;
  if (o.deck.path != NULL) return check_deck(&o.deck);
  og_cell *cell = NULL;
  int status = array_input_load(&o.in);
  if (status == 0 && o.cell != NULL) {
    og_status st = cell_from_text(&cell, o.cell, &err);
    if (st != OG_OK) status = fail(&err, st);
    o.check.cell = cell;
  }
  o.check.bit_volts = o.in.bit_volts;
  if (status == 0) {
    double start = seconds();
    o.check.progress = progress_start();
    og_status st = og_check_array(&result, NULL, NULL, &o.in.wires, o.in.g.data, o.in.v.data, o.in.v.dim[0], &o.check,
                                  &err);
    double wall = seconds() - start;
    progress_end();
    if (st == OG_OK || st == OG_E_TOLERANCE) {
      if (o.json) print_json(describe(&result, o.check.rtol, wall));
      else print_table(&result, o.check.rtol);
    }
    if (st != OG_OK) status = fail(&err, st);
  }
  og_cell_free(cell);
  array_input_clear(&o.in);
  return status;
}
