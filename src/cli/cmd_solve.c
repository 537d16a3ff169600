/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { KEY_ENGINE = 2000, KEY_VOLTAGES, KEY_JSON, KEY_RTOL };

typedef struct options {
  array_input in;
  og_engine engine;
  double rtol;
  const char *out, *voltages;
  int json;
} options;

static const struct argp_option table[] = {
    {"output", 'o', "FILE", 0, "write the output currents, k x n in ampere (.npy); default: CSV on standard output", 2},
    {"voltages", KEY_VOLTAGES, "PREFIX", 0, "write node voltages to PREFIX.word.npy and PREFIX.bit.npy, k x m x n", 2},
    {"engine", KEY_ENGINE, "NAME", 0, "auto, reduce, cg, cholesky or klu (default auto: the cheapest)", 3},
    {"rtol", KEY_RTOL, "X", 0, "relative tolerance of the iteration (default 1e-12)", 3},
    {"json", KEY_JSON, 0, 0, "print one JSON object instead of the summary", 4},
    {0}};

static void parse_engine(struct argp_state *state, options *o, const char *name) {
  for (int e = OG_ENGINE_AUTO; og_engine_name((og_engine)e) != NULL; e++)
    if (strcmp(name, og_engine_name((og_engine)e)) == 0) {
      o->engine = (og_engine)e;
      return;
    }
  if (strcmp(name, "klu") == 0) {
    fprintf(stderr, "ohmgrid: --engine klu: not built yet, use auto, reduce, cg or cholesky\n");
    exit(og_status_exit(OG_E_UNSUPPORTED));
  }
  argp_error(state, "--engine: saw \"%s\", need auto, reduce, cg, cholesky or klu", name);
}

static error_t parse(int key, char *arg, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->in; return 0;
    case 'o': o->out = arg; return 0;
    case KEY_VOLTAGES: o->voltages = arg; return 0;
    case KEY_ENGINE: parse_engine(state, o, arg); return 0;
    case KEY_RTOL: o->rtol = number_option(state, "rtol", arg, 1e-15, 0.1); return 0;
    case KEY_JSON: o->json = 1; return 0;
    case ARGP_KEY_ARG: argp_error(state, "saw \"%s\", need options only", arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {{&array_argp, 0, "Array:", 1}, {0}};
static const struct argp parser = {
    table, parse, NULL,
    "Solve one crossbar with every wire segment and audit the answer."
    "\vExamples:\n"
    "  ohmgrid solve -g G.npy -v V.npy --r-word 1 --r-bit 1 -o I.npy\n"
    "  ohmgrid solve -g G.csv -v V.csv --r-word 2.5 --engine cholesky --json\n\n"
    "The audit's figures: kcl_residual, the largest sum of currents at a node over the largest branch current; "
    "power_balance, |delivered - dissipated| / delivered.",
    children, NULL, NULL};

static json_t *describe(const options *o, const og_solve_info *info, double wall) {
  return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:I, s:b, s:o}", "engine",
                   og_engine_name(info->engine), "reason", info->reason, "word_lines", (json_int_t)o->in.wires.m,
                   "bit_lines", (json_int_t)o->in.wires.n, "inputs", (json_int_t)o->in.v.dim[0], "iterations",
                   (json_int_t)info->iterations, "kcl_residual", json_number(info->kcl_residual), "kcl_residual_amp",
                   json_number(info->kcl_residual_amp), "power_watt", json_number(info->power_watt),
                   "power_cells_watt", json_number(info->power_cells_watt), "power_balance",
                   json_number(info->power_balance), "audited_inputs", (json_int_t)info->audited, "rounding_limited",
                   info->rounding_limited, "wall_second", json_number(wall));
}

static void print_summary(const options *o, const og_solve_info *info, double wall) {
  fprintf(stderr, "%zu x %zu cells, %zu input%s: engine %s (%s), %zu iteration%s, %.3g s\n", o->in.wires.m,
          o->in.wires.n, o->in.v.dim[0], o->in.v.dim[0] == 1 ? "" : "s", og_engine_name(info->engine), info->reason,
          info->iterations, info->iterations == 1 ? "" : "s", wall);
  fprintf(stderr, "audit of %zu input%s: kcl residual %.2g, power %.6g W (cells %.6g W), power balance %.2g%s\n",
          info->audited, info->audited == 1 ? "" : "s", info->kcl_residual, info->power_watt, info->power_cells_watt,
          info->power_balance, info->rounding_limited ? ", limited by rounding: segments are tiny, try 0 ohm" : "");
}

static void print_csv(const double *i_out, size_t k, size_t n) {
  for (size_t e = 0; e < k; e++)
    for (size_t j = 0; j < n; j++) printf("%.17g%c", i_out[e * n + j], j + 1 < n ? ',' : '\n');
}

static int save_voltages(const options *o, const double *v_word, const double *v_bit) {
  const char *const suffix[] = {"word", "bit"};
  const double *const data[] = {v_word, v_bit};
  size_t dim[3] = {o->in.v.dim[0], o->in.wires.m, o->in.wires.n};
  int status = EXIT_SUCCESS;
  for (int k = 0; k < 2 && status == EXIT_SUCCESS; k++) {
    char *path;
    if (asprintf(&path, "%s.%s.npy", o->voltages, suffix[k]) < 0) return fail(&(og_error){0}, OG_E_NOMEM);
    status = save_npy(path, 3, dim, data[k]);
    free(path);
  }
  return status;
}

static int deliver(const options *o, const og_solve_info *info, double wall, const double *i_out, const double *v_word,
                   const double *v_bit) {
  size_t dim[2] = {o->in.v.dim[0], o->in.wires.n};
  int status = EXIT_SUCCESS;
  if (o->out != NULL) status = save_npy(o->out, 2, dim, i_out);
  if (status == 0 && o->voltages != NULL) status = save_voltages(o, v_word, v_bit);
  if (status != 0) return status;
  if (o->json) print_json(describe(o, info, wall));
  else print_summary(o, info, wall);
  if (!o->json && o->out == NULL) print_csv(i_out, dim[0], dim[1]);
  return status;
}

static int solve(const options *o) {
  size_t k = o->in.v.dim[0], cells = o->in.wires.m * o->in.wires.n;
  og_solver *solver = NULL;
  og_solver_opts opts;
  og_solve_info info;
  og_error err = {0};
  double *i_out = calloc(k * o->in.wires.n, sizeof *i_out), *v_word = NULL, *v_bit = NULL;
  if (o->voltages != NULL) {
    v_word = calloc(k * cells, sizeof *v_word);
    v_bit = calloc(k * cells, sizeof *v_bit);
  }
  og_status st = i_out == NULL || (o->voltages != NULL && (v_word == NULL || v_bit == NULL)) ? OG_E_NOMEM : OG_OK;
  og_solver_opts_init(&opts);
  opts.engine = o->engine;
  opts.inputs = k;
  if (o->rtol > 0) opts.rtol = o->rtol;
  double start = seconds();
  if (st == OG_OK) st = og_solver_create(&solver, &o->in.wires, &opts, &err);
  if (st == OG_OK) st = og_solver_set_cells(solver, o->in.g.data, &err);
  if (st == OG_OK) st = og_solver_set_bit_volts(solver, o->in.bit_volts, &err);
  if (st == OG_OK) st = og_solver_dc(solver, o->in.v.data, k, i_out, v_word, v_bit, &info, &err);
  double wall = seconds() - start;
  int status = st == OG_OK ? deliver(o, &info, wall, i_out, v_word, v_bit) : fail(&err, st);
  og_solver_free(solver);
  free(i_out);
  free(v_word);
  free(v_bit);
  return status;
}

int cmd_solve(int argc, char **argv) {
  options o = {.in.wants_v = 1};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  int status = array_input_load(&o.in);
  if (status == 0) status = solve(&o);
  array_input_clear(&o.in);
  return status;
}
