/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

enum { KEY_TOL = 2000, KEY_JSON, KEY_TIMEOUT };

typedef struct options {
  array_input in;
  og_check_opts check;
  int json;
} options;

static const struct argp_option table[] = {
    {"tol", KEY_TOL, "X", 0, "tolerated relative deviation (default 1e-6)", 2},
    {"timeout", KEY_TIMEOUT, "SECOND", 0, "stop ngspice after this time (default 600)", 2},
    {"json", KEY_JSON, 0, 0, "print one JSON object instead of the table", 4},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->in; return 0;
    case KEY_TOL: o->check.rtol = number_option(state, "tol", arg, 1e-15, 1); return 0;
    case KEY_TIMEOUT: o->check.timeout_second = number_option(state, "timeout", arg, 1e-3, 1e9); return 0;
    case KEY_JSON: o->json = 1; return 0;
    case ARGP_KEY_ARG:
      fprintf(stderr, "ohmgrid: %s: checking a deck is not built yet, use -g and -v\n", arg);
      exit(og_status_exit(OG_E_UNSUPPORTED));
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {{&array_argp, 0, "Array:", 1}, {0}};
static const struct argp parser = {
    table, parse, NULL,
    "Solve one crossbar here and in ngspice, and compare all output currents and node voltages."
    "\vExample:\n"
    "  ohmgrid check -g G.npy -v V.npy --r-word 1 --r-bit 1\n\n"
    "Exit status 3 if a deviation is beyond the tolerance. Deviations are relative to ngspice's value, or to 1e-3 of "
    "the largest of its kind where that is larger. ngspice needs 0.1 s for 32 x 32 cells, 2 to 8 s for 64 x 64.",
    children, NULL, NULL};

static json_t *describe(const og_check_result *r, double tol, double wall) {
  return json_pack("{s:s, s:o, s:o, s:o, s:s, s:I, s:o, s:o, s:o, s:s, s:I, s:o, s:o, s:o, s:b, s:o, s:o}", "engine",
                   og_engine_name(r->solve.engine), "kcl_residual", json_number(r->solve.kcl_residual), "power_watt",
                   json_number(r->solve.power_watt), "power_balance", json_number(r->solve.power_balance), "spice_version",
                   r->spice_version, "compared", (json_int_t)r->compared, "worst_relative",
                   json_number(r->worst_relative), "worst_current_relative", json_number(r->worst_current),
                   "worst_voltage_relative", json_number(r->worst_voltage), "worst_node", r->worst_node, "worst_input",
                   (json_int_t)r->worst_input, "ours", json_number(r->ours), "theirs", json_number(r->theirs),
                   "tolerance", json_number(tol), "passed", r->worst_relative <= tol, "spice_second",
                   json_number(r->spice_second), "wall_second", json_number(wall));
}

static void print_table(const og_check_result *r, double tol) {
  printf("compared            %zu values with %s in %.3g s\n", r->compared, r->spice_version, r->spice_second);
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
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  o.check.worker = paths_from_environment(cache, sizeof cache).spice_worker;
  int status = array_input_load(&o.in);
  o.check.bit_volts = o.in.bit_volts;
  if (status == 0) {
    double start = seconds();
    og_status st = og_check_array(&result, NULL, NULL, &o.in.wires, o.in.g.data, o.in.v.data, o.in.v.dim[0], &o.check,
                                  &err);
    double wall = seconds() - start;
    if (st == OG_OK || st == OG_E_TOLERANCE) {
      if (o.json) print_json(describe(&result, o.check.rtol, wall));
      else print_table(&result, o.check.rtol);
    }
    if (st != OG_OK) status = fail(&err, st);
  }
  array_input_clear(&o.in);
  return status;
}
