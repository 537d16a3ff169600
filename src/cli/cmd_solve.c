/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { KEY_ENGINE = 2000, KEY_VOLTAGES, KEY_JSON, KEY_RTOL, KEY_CELL };

typedef struct options {
  array_input in;
  og_engine engine;
  double rtol;
  const char *out, *voltages, *cell;
  int json, klu;
} options;

static const struct argp_option table[] = {
    {"output", 'o', "FILE", 0, "write the output currents, k x n in ampere (.npy); default: CSV on standard output", 2},
    {"voltages", KEY_VOLTAGES, "PREFIX", 0, "write node voltages to PREFIX.word.npy and PREFIX.bit.npy, k x m x n", 2},
    {"cell", KEY_CELL, "MODEL", 0,
     "cells that are not linear: MODEL[,KEY=VALUE]..., two joined by + in series, or table,file=IV.csv[,g_ref=SIEMENS] "
     "(columns volt, ampere); see ohmgrid(1)", 2},
    {"engine", KEY_ENGINE, "NAME", 0, "auto, reduce, cg, cholesky or klu (default auto: the cheapest)", 3},
    {"rtol", KEY_RTOL, "X", 0,
     "relative tolerance of the iteration (default 1e-12; with --cell, of Kirchhoff's current law, 1e-10)", 3},
    {"json", KEY_JSON, 0, 0, "print one JSON object instead of the summary", 4},
    {0}};

static void parse_engine(struct argp_state *state, options *o, const char *name) {
  for (int e = OG_ENGINE_AUTO; og_engine_name((og_engine)e) != NULL; e++)
    if (strcmp(name, og_engine_name((og_engine)e)) == 0) {
      o->engine = (og_engine)e;
      return;
    }
  if (strcmp(name, "klu") == 0) {
    o->klu = 1;
    return;
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
    case KEY_CELL: o->cell = arg; return 0;
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
    "  ohmgrid solve -g G.csv -v V.csv --r-word 2.5 --engine cholesky --json\n"
    "  ohmgrid solve -g G.npy -v V.npy --r-word 1 --r-bit 1 --cell sinh,v0=0.3\n\n"
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

/* Room for the results; NULLs and E_NOMEM if there is none. */
typedef struct results {
  double *i_out, *v_word, *v_bit;
} results;

static og_status make_room(results *r, const options *o) {
  size_t k = o->in.v.dim[0], cells = o->in.wires.m * o->in.wires.n;
  *r = (results){.i_out = calloc(k * o->in.wires.n, sizeof(double))};
  if (o->voltages != NULL) {
    r->v_word = calloc(k * cells, sizeof(double));
    r->v_bit = calloc(k * cells, sizeof(double));
  }
  int ok = r->i_out != NULL && (o->voltages == NULL || (r->v_word != NULL && r->v_bit != NULL));
  return ok ? OG_OK : OG_E_NOMEM;
}

static void drop_room(results *r) {
  free(r->i_out);
  free(r->v_word);
  free(r->v_bit);
}

static int save(const options *o, const results *r) {
  size_t dim[2] = {o->in.v.dim[0], o->in.wires.n};
  int status = EXIT_SUCCESS;
  if (o->out != NULL) status = save_npy(o->out, 2, dim, r->i_out);
  if (status == 0 && o->voltages != NULL) status = save_voltages(o, r->v_word, r->v_bit);
  return status;
}

static int solve(const options *o) {
  size_t k = o->in.v.dim[0];
  og_solver *solver = NULL;
  og_solver_opts opts;
  og_solve_info info = {0};
  og_error err = {0};
  results r;
  og_status st = make_room(&r, o);
  og_solver_opts_init(&opts);
  og_cost_model rates;
  opts.engine = o->engine;
  opts.cost = saved_rates(&rates);
  opts.inputs = k;
  if (o->rtol > 0) opts.rtol = o->rtol;
  double start = seconds();
  if (st == OG_OK) st = og_solver_create(&solver, &o->in.wires, &opts, &err);
  if (st == OG_OK) st = og_solver_set_cells(solver, o->in.g.data, &err);
  if (st == OG_OK) st = og_solver_set_bit_volts(solver, o->in.bit_volts, &err);
  if (st == OG_OK) st = og_solver_dc(solver, o->in.v.data, k, r.i_out, r.v_word, r.v_bit, &info, &err);
  double wall = seconds() - start;
  int status = st == OG_OK ? save(o, &r) : fail(&err, st);
  if (status == 0 && o->json) print_json(describe(o, &info, wall));
  if (status == 0 && !o->json) print_summary(o, &info, wall);
  if (status == 0 && !o->json && o->out == NULL) print_csv(r.i_out, k, o->in.wires.n);
  og_solver_free(solver);
  drop_room(&r);
  return status;
}

/* ---- cells that are not linear ---- */

static const char file_key[] = "file=";

/* "table,file=PATH[,g_ref=SIEMENS]": a curve of two columns, volt and ampere. Names of files hold no comma. */
static og_status load_table(og_cell **cell, const char *text, og_error *err) {
  og_matrix curve = {0};
  size_t count = 0;
  char *path = NULL, *end;
  double g_ref = 0;
  const char *name = strstr(text, file_key), *key = strstr(text, ",g_ref=");
  if (name == NULL) {
    snprintf(err->text, sizeof err->text, "cell table: file: saw none, need table,file=IV.csv");
    return OG_E_INPUT;
  }
  if (key != NULL) {
    g_ref = strtod(key + strlen(",g_ref="), &end);
    if ((*end != '\0' && *end != ',') || !(g_ref > 0)) {
      snprintf(err->text, sizeof err->text, "cell table: g_ref: saw \"%.40s\", need a number > 0 (siemens)",
               key + strlen(",g_ref="));
      return OG_E_INPUT;
    }
  }
  name += strlen(file_key);
  if (asprintf(&path, "%.*s", (int)strcspn(name, ","), name) < 0) return OG_E_NOMEM;
  og_status st = og_matrix_load(&curve, path, err);
  if (st == OG_OK && (curve.ndim != 2 || curve.dim[1] != 2)) {
    snprintf(err->text, sizeof err->text, "%.200s: shape: need two columns, volt and ampere", path);
    st = OG_E_SHAPE;
  }
  if (st == OG_OK) {
    count = curve.dim[0];
    double *v = calloc(2 * count, sizeof *v);
    for (size_t k = 0; v != NULL && k < 2 * count; k++) v[k % 2 * count + k / 2] = curve.data[k];
    st = v != NULL ? og_cell_create_table(cell, v, v + count, count, err) : OG_E_NOMEM;
    free(v);
  }
  if (st == OG_OK && g_ref > 0) st = og_cell_set(*cell, "g_ref", g_ref, err);
  og_matrix_clear(&curve);
  free(path);
  return st;
}

og_status cell_from_text(og_cell **cell, const char *text, og_error *err) {
  return strncmp(text, "table", 5) == 0 ? load_table(cell, text, err) : og_cell_create(cell, text, err);
}

static json_t *describe_nonlinear(const options *o, const og_nonlinear_info *info, double wall) {
  return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:b, s:o}",
                   "engine", og_engine_name(info->engine), "cell", o->cell, "word_lines", (json_int_t)o->in.wires.m,
                   "bit_lines", (json_int_t)o->in.wires.n, "inputs", (json_int_t)o->in.v.dim[0], "newton_steps",
                   (json_int_t)info->newton_steps, "line_cuts", (json_int_t)info->line_cuts, "continuation_steps",
                   (json_int_t)info->continuation_steps, "iterations", (json_int_t)info->iterations, "kcl_residual",
                   json_number(info->kcl_residual), "kcl_residual_amp", json_number(info->kcl_residual_amp),
                   "power_watt", json_number(info->power_watt), "power_cells_watt",
                   json_number(info->power_cells_watt), "power_wires_watt", json_number(info->power_wires_watt),
                   "power_balance", json_number(info->power_balance), "out_of_range", (json_int_t)info->out_of_range,
                   "rounding_limited", info->rounding_limited, "wall_second", json_number(wall));
}

static void print_nonlinear(const options *o, const og_nonlinear_info *info, double wall) {
  fprintf(stderr, "%zu x %zu cells %s, engine %s: %zu newton steps, %zu cut, %zu of continuation, %.3g s\n",
          o->in.wires.m, o->in.wires.n, o->cell, og_engine_name(info->engine), info->newton_steps, info->line_cuts,
          info->continuation_steps, wall);
  fprintf(stderr, "kcl residual %.2g, power %.6g W (cells %.6g W), power balance %.2g%s\n", info->kcl_residual,
          info->power_watt, info->power_cells_watt, info->power_balance,
          info->rounding_limited ? ", limited by rounding: segments are tiny, try 0 ohm" : "");
  if (info->out_of_range > 0)
    fprintf(stderr, "ohmgrid: warning: %zu cells lie outside of the range of their model\n", info->out_of_range);
}

static int solve_nonlinear(const options *o) {
  size_t k = o->in.v.dim[0];
  og_cell *cell = NULL;
  og_nonlinear *solver = NULL;
  og_nonlinear_opts opts;
  og_nonlinear_info info = {0};
  og_error err = {0};
  results r;
  og_status st = make_room(&r, o);
  og_nonlinear_opts_init(&opts);
  opts.engine = o->engine;
  if (o->rtol > 0) opts.kcl_rtol = o->rtol;
  double start = seconds();
  if (st == OG_OK) st = cell_from_text(&cell, o->cell, &err);
  if (st == OG_OK) st = og_nonlinear_create(&solver, &o->in.wires, cell, &opts, &err);
  if (st == OG_OK) st = og_nonlinear_set_cells(solver, o->in.g.data, &err);
  if (st == OG_OK)
    st = og_nonlinear_dc(solver, o->in.v.data, o->in.bit_volts, k, r.i_out, r.v_word, r.v_bit, &info, &err);
  double wall = seconds() - start;
  int status = st == OG_OK ? save(o, &r) : fail(&err, st);
  if (status == 0 && o->json) print_json(describe_nonlinear(o, &info, wall));
  if (status == 0 && !o->json) print_nonlinear(o, &info, wall);
  if (status == 0 && !o->json && o->out == NULL) print_csv(r.i_out, k, o->in.wires.n);
  og_nonlinear_free(solver);
  og_cell_free(cell);
  drop_room(&r);
  return status;
}

/* ---- the general engine ---- */

static json_t *describe_klu(const options *o, const og_analysis_info *info, double wall) {
  return json_pack("{s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:I, s:o}", "engine", info->engine, "reason", "asked for",
                   "word_lines", (json_int_t)o->in.wires.m, "bit_lines", (json_int_t)o->in.wires.n, "inputs",
                   (json_int_t)o->in.v.dim[0], "kcl_residual", json_number(info->kcl_residual), "power_watt",
                   json_number(info->power_watt), "power_balance", json_number(info->power_balance), "newton_steps",
                   (json_int_t)info->steps, "wall_second", json_number(wall));
}

static int solve_klu(const options *o) {
  size_t k = o->in.v.dim[0];
  og_cell *cell = NULL;
  og_analysis_info info = {0};
  og_error err = {0};
  results r;
  og_status st = make_room(&r, o);
  double start = seconds();
  if (st == OG_OK && o->cell != NULL) st = cell_from_text(&cell, o->cell, &err);
  if (st == OG_OK)
    st = og_analysis_array(&o->in.wires, o->in.g.data, o->in.v.data, o->in.bit_volts, k, cell, r.i_out, r.v_word,
                           r.v_bit, &info, &err);
  double wall = seconds() - start;
  int status = st == OG_OK ? save(o, &r) : fail(&err, st);
  if (status == 0 && o->json) print_json(describe_klu(o, &info, wall));
  if (status == 0 && !o->json)
    fprintf(stderr, "%zu x %zu cells, %zu input%s: engine %s through the deck, %zu newton steps, %.3g s\n"
            "kcl residual %.2g, power %.6g W, power balance %.2g\n", o->in.wires.m, o->in.wires.n, k, k == 1 ? "" : "s",
            info.engine, info.steps, wall, info.kcl_residual, info.power_watt, info.power_balance);
  if (status == 0 && !o->json && o->out == NULL) print_csv(r.i_out, k, o->in.wires.n);
  og_cell_free(cell);
  drop_room(&r);
  return status;
}

int cmd_solve(int argc, char **argv) {
  options o = {.in.wants_v = 1};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  int status = array_input_load(&o.in);
  if (status == 0) status = o.klu ? solve_klu(&o) : o.cell != NULL ? solve_nonlinear(&o) : solve(&o);
  array_input_clear(&o.in);
  return status;
}
