/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { KEY_JSON = 2000, KEY_ADMITTANCE };

typedef struct options {
  array_input in;
  const char *out, *admittance;
  int json;
} options;

static const struct argp_option table[] = {
    {"output", 'o', "FILE", 0, "write the effective matrix, m x n in siemens (.npy); needed", 2},
    {"admittance", KEY_ADMITTANCE, "FILE", 0, "write the driver port admittance, m x m in siemens (.npy)", 2},
    {"json", KEY_JSON, 0, 0, "print one JSON object instead of the summary", 4},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->in; return 0;
    case 'o': o->out = arg; return 0;
    case KEY_ADMITTANCE: o->admittance = arg; return 0;
    case KEY_JSON: o->json = 1; return 0;
    case ARGP_KEY_ARG: argp_error(state, "saw \"%s\", need options only", arg); return 0;
    case ARGP_KEY_END:
      if (o->out == NULL) argp_error(state, "-o: saw none, need a file for the effective matrix");
      return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {{&array_argp, 0, "Array:", 1}, {0}};
static const struct argp parser = {
    table, parse, NULL,
    "Exact effective matrix of one crossbar: I = V G_eff for any input, wires included."
    "\vExample:\n"
    "  ohmgrid reduce -g G.npy --r-word 1 --r-bit 1 -o GEFF.npy\n\n"
    "The answer is audited on one input: all word lines at 1 V, or the first vector of -v.",
    children, NULL, NULL};

static void print(const options *o, const og_solve_info *info, double wall) {
  if (o->json) {
    print_json(json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "engine", og_engine_name(info->engine),
                         "word_lines", (json_int_t)o->in.wires.m, "bit_lines", (json_int_t)o->in.wires.n,
                         "kcl_residual", json_number(info->kcl_residual), "kcl_residual_amp",
                         json_number(info->kcl_residual_amp), "power_watt", json_number(info->power_watt),
                         "power_balance", json_number(info->power_balance), "wall_second", json_number(wall)));
    return;
  }
  fprintf(stderr, "%zu x %zu cells reduced in %.3g s; audit of one input: kcl residual %.2g, power balance %.2g\n",
          o->in.wires.m, o->in.wires.n, wall, info->kcl_residual, info->power_balance);
}

static int reduce(const options *o) {
  size_t m = o->in.sources, n = o->in.wires.n;
  og_solver *solver = NULL;
  og_solver_opts opts;
  og_solve_info info;
  og_error err = {0};
  double *g_eff = calloc(m * n, sizeof *g_eff), *y = calloc(m * m, sizeof *y), *i_out = calloc(n, sizeof *i_out);
  double *v = calloc(m, sizeof *v);
  og_status st = g_eff == NULL || y == NULL || i_out == NULL || v == NULL ? OG_E_NOMEM : OG_OK;
  for (size_t i = 0; st == OG_OK && i < m; i++) v[i] = o->in.v_path != NULL ? o->in.v.data[i] : 1;
  og_solver_opts_init(&opts);
  opts.engine = OG_ENGINE_REDUCE;
  double start = seconds();
  if (st == OG_OK) st = og_solver_create(&solver, &o->in.wires, &opts, &err);
  if (st == OG_OK) st = og_solver_set_cells(solver, o->in.g.data, &err);
  if (st == OG_OK) st = og_solver_reduce(solver, g_eff, y, &err);
  double wall = seconds() - start;
  if (st == OG_OK) st = og_solver_dc(solver, v, 1, i_out, NULL, NULL, &info, &err);
  int status = st == OG_OK ? save_npy(o->out, 2, (size_t[]){m, n}, g_eff) : fail(&err, st);
  if (status == 0 && o->admittance != NULL) status = save_npy(o->admittance, 2, (size_t[]){m, m}, y);
  if (status == 0) print(o, &info, wall);
  og_solver_free(solver);
  free(g_eff);
  free(y);
  free(i_out);
  free(v);
  return status;
}

int cmd_reduce(int argc, char **argv) {
  options o = {0};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  if (o.in.field_path[FIELD_VOLTS] != NULL) {
    fprintf(stderr, "ohmgrid: --bit-volts: an effective matrix holds with the bit lines at 0 V, use solve\n");
    return EXIT_USAGE;
  }
  int status = array_input_load(&o.in);
  if (status == 0) status = reduce(&o);
  array_input_clear(&o.in);
  return status;
}
