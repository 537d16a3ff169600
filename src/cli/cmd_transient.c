/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum {
  KEY_C_WORD = 2000, KEY_C_BIT, KEY_C_CELL, KEY_RISE, KEY_PERIOD, KEY_STOP, KEY_SAMPLES, KEY_BITS, KEY_FULL_SCALE,
  KEY_RTOL, KEY_ENGINE, KEY_JSON
};

typedef struct options {
  array_input in;
  og_transient_opts transient;
  double rise, period, stop; /* [s]; 0: not given */
  size_t samples;
  const char *out;
  int json;
} options;

/* Buffers of one run, all owned. */
typedef struct buffers {
  double *second, *volt;                      /* the waveform: points; points x m   */
  double *at, *i_out;                         /* samples; samples x n               */
  double *rows;                               /* samples x (1 + n): what is written */
  double *settling, *steady, *charge, *source; /* n, n, n, m                        */
} buffers;

static const struct argp_option table[] = {
    {"output", 'o', "FILE", 0,
     "write times and output currents, samples x (1 + n) in second and ampere (.npy); default: CSV on stdout", 2},
    {"c-word", KEY_C_WORD, "F", 0, "capacitance of one word node to ground (default 0)", 1},
    {"c-bit", KEY_C_BIT, "F", 0, "capacitance of one bit node to ground (default 0)", 1},
    {"c-cell", KEY_C_CELL, "F", 0, "capacitance across one cell (default 0)", 1},
    {"rise", KEY_RISE, "S", 0, "the drivers go from one input to the next in a straight line of this time", 3},
    {"period", KEY_PERIOD, "S", 0, "time from one input to the next; needed for more than one", 3},
    {"stop", KEY_STOP, "S", 0, "end of the run", 3},
    {"samples", KEY_SAMPLES, "N", 0, "rows of the output, evenly from 0 to the end (default 201)", 3},
    {"bits", KEY_BITS, "B", 0, "settled: within 2^-(B+1) of full scale (default 8)", 3},
    {"full-scale", KEY_FULL_SCALE, "A", 0, "full scale (default: the largest static output current)", 3},
    {"engine", KEY_ENGINE, "NAME", 0, "auto, cg or cholesky (default auto)", 3},
    {"rtol", KEY_RTOL, "X", 0, "relative error of one step (default 1e-6)", 3},
    {"json", KEY_JSON, 0, 0, "print one JSON object instead of the summary", 4},
    {0}};

static og_engine parse_engine(struct argp_state *state, const char *name) {
  static const og_engine all[] = {OG_ENGINE_AUTO, OG_ENGINE_CG, OG_ENGINE_CHOLESKY};
  for (size_t e = 0; e < 3; e++)
    if (strcmp(name, og_engine_name(all[e])) == 0) return all[e];
  argp_error(state, "--engine: saw \"%s\", need auto, cg or cholesky", name);
  return OG_ENGINE_AUTO;
}

static void check_times(struct argp_state *state, const options *o) {
  if (o->rise == 0) argp_error(state, "--rise: saw none, need the time of an edge (second)");
  if (o->stop == 0) argp_error(state, "--stop: saw none, need the end of the run (second)");
  if (o->period > 0 && o->period <= o->rise)
    argp_error(state, "--period: saw %g, need more than the rise time %g (second)", o->period, o->rise);
}

static error_t parse(int key, char *arg, struct argp_state *state) {
  options *o = state->input;
  og_transient_opts *t = &o->transient;
  const double most = 1e6; /* [s] */
  switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->in; return 0;
    case 'o': o->out = arg; return 0;
    case KEY_C_WORD: t->c_word_farad = number_option(state, "c-word", arg, 0, DBL_MAX); return 0;
    case KEY_C_BIT: t->c_bit_farad = number_option(state, "c-bit", arg, 0, DBL_MAX); return 0;
    case KEY_C_CELL: t->c_cell_farad = number_option(state, "c-cell", arg, 0, DBL_MAX); return 0;
    case KEY_RISE: o->rise = number_option(state, "rise", arg, DBL_MIN, most); return 0;
    case KEY_PERIOD: o->period = number_option(state, "period", arg, DBL_MIN, most); return 0;
    case KEY_STOP: o->stop = number_option(state, "stop", arg, DBL_MIN, most); return 0;
    case KEY_SAMPLES: o->samples = count_option(state, "samples", arg, 2, 1e8); return 0;
    case KEY_BITS: t->bits = (unsigned)count_option(state, "bits", arg, 1, 52); return 0;
    case KEY_FULL_SCALE: t->full_scale_amp = number_option(state, "full-scale", arg, DBL_MIN, DBL_MAX); return 0;
    case KEY_RTOL: t->rtol = number_option(state, "rtol", arg, 1e-12, 0.1); return 0;
    case KEY_ENGINE: t->engine = parse_engine(state, arg); return 0;
    case KEY_JSON: o->json = 1; return 0;
    case ARGP_KEY_ARG: argp_error(state, "saw \"%s\", need options only", arg); return 0;
    case ARGP_KEY_END: check_times(state, o); return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {{&array_argp, 0, "Array:", 1}, {0}};
static const struct argp parser = {
    table, parse, NULL,
    "How the output currents of one crossbar follow its drivers: settling, charge, energy."
    "\vExamples:\n"
    "  ohmgrid transient -g G.npy -v V.npy --r-word 1 --r-bit 1 --c-word 1e-15 --c-bit 1e-15 --rise 1e-10 --stop 1e-8\n"
    "  ohmgrid transient -g G.csv -v V.csv --r-source 500 --c-word 2e-15 --rise 5e-11 --stop 4e-9 --bits 10 --json\n\n"
    "The drivers start at 0 V; input k begins its edge at k times the period and is held. Settling is the last time at "
    "which an output is outside its band around the static current of the last input.",
    children, NULL, NULL};

/* ---- the waveform ---- */

/* 0 V, then for each input the end of its edge and, if another follows, the start of the next edge. */
static size_t make_wave(const options *o, buffers *b) {
  size_t k = o->in.v.dim[0], m = o->in.wires.m, points = 1;
  b->second[0] = 0;
  for (size_t e = 0; e < k; e++) {
    const double *v = o->in.v.data + e * m;
    b->second[points] = (double)e * o->period + o->rise;
    memcpy(b->volt + points++ * m, v, m * sizeof *v);
    if (e + 1 == k) break;
    b->second[points] = (double)(e + 1) * o->period;
    memcpy(b->volt + points++ * m, v, m * sizeof *v);
  }
  return points;
}

static int allocate(const options *o, buffers *b) {
  size_t k = o->in.v.dim[0], m = o->in.wires.m, n = o->in.wires.n;
  struct {
    double **block;
    size_t rows, columns;
  } all[] = {{&b->second, 2 * k, 1}, {&b->volt, 2 * k, m},        {&b->at, o->samples, 1}, {&b->i_out, o->samples, n},
             {&b->settling, n, 1},   {&b->rows, o->samples, n + 1}, {&b->steady, n, 1},      {&b->charge, n, 1},
             {&b->source, m, 1}};
  int ok = 1;
  for (size_t a = 0; a < sizeof all / sizeof *all; a++)
    ok &= (*all[a].block = calloc(all[a].rows, all[a].columns * sizeof(double))) != NULL;
  for (size_t s = 0; ok && s < o->samples; s++)
    b->at[s] = s + 1 < o->samples ? o->stop * ((double)s / (double)(o->samples - 1)) : o->stop;
  return ok;
}

static void release(buffers *b) {
  double *block[] = {b->second, b->volt, b->at, b->i_out, b->rows, b->settling, b->steady, b->charge, b->source};
  for (size_t k = 0; k < sizeof block / sizeof *block; k++) free(block[k]);
}

/* ---- results ---- */

static json_t *list(const double *x, size_t count) {
  json_t *values = json_array();
  for (size_t k = 0; k < count; k++) json_array_append_new(values, json_number(x[k]));
  return values;
}

static json_t *describe(const options *o, const og_transient_info *i, const buffers *b, double wall) {
  size_t n = o->in.wires.n;
  json_t *object = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "engine",
                             og_engine_name(i->engine), "word_lines", (json_int_t)o->in.wires.m, "bit_lines",
                             (json_int_t)n, "inputs", (json_int_t)o->in.v.dim[0], "steps", (json_int_t)i->steps,
                             "rejected", (json_int_t)i->rejected, "factors", (json_int_t)i->factors, "kcl_residual",
                             json_number(i->kcl_residual), "power_watt", json_number(i->delivered_joule / o->stop),
                             "power_balance", json_number(i->energy_balance), "charge_balance",
                             json_number(i->charge_balance), "wall_second", json_number(wall));
  json_t *rest = json_pack("{s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "delivered_joule",
                           json_number(i->delivered_joule), "cells_joule", json_number(i->cells_joule), "wires_joule",
                           json_number(i->wires_joule), "stored_joule", json_number(i->stored_joule), "bits",
                           (json_int_t)o->transient.bits, "full_scale_amp", json_number(i->full_scale_amp),
                           "slowest_settling_second", json_number(i->settling_second), "settling_second",
                           list(b->settling, n), "steady_amp", list(b->steady, n), "charge_coulomb",
                           list(b->charge, n), "source_coulomb", list(b->source, o->in.wires.m));
  json_object_update(object, rest);
  json_decref(rest);
  return object;
}

static void print_summary(const options *o, const og_transient_info *i, double wall) {
  fprintf(stderr, "%zu x %zu cells, %zu input%s: engine %s, %zu steps, %zu rejected, %zu factors, %.3g s\n",
          o->in.wires.m, o->in.wires.n, o->in.v.dim[0], o->in.v.dim[0] == 1 ? "" : "s", og_engine_name(i->engine),
          i->steps, i->rejected, i->factors, wall);
  fprintf(stderr, "energy: delivered %.6g J, cells %.6g J, wires %.6g J, stored %.6g J, balance %.2g\n",
          i->delivered_joule, i->cells_joule, i->wires_joule, i->stored_joule, i->energy_balance);
  fprintf(stderr, "audit of every step: kcl residual %.2g\n", i->kcl_residual);
  if (isfinite(i->settling_second))
    fprintf(stderr, "settled to %u bits of %.4g A at %.6g s\n", o->transient.bits, i->full_scale_amp,
            i->settling_second);
  else
    fprintf(stderr, "not settled to %u bits of %.4g A at the stop\n", o->transient.bits, i->full_scale_amp);
}

static int deliver(const options *o, const og_transient_info *info, buffers *b, double wall) {
  size_t n = o->in.wires.n, dim[2] = {o->samples, n + 1};
  for (size_t s = 0; s < o->samples; s++) {
    b->rows[s * (n + 1)] = b->at[s];
    memcpy(b->rows + s * (n + 1) + 1, b->i_out + s * n, n * sizeof *b->rows);
  }
  if (o->out != NULL) {
    int status = save_npy(o->out, 2, dim, b->rows);
    if (status != 0) return status;
  }
  if (o->json) print_json(describe(o, info, b, wall));
  else print_summary(o, info, wall);
  for (size_t k = 0; !o->json && o->out == NULL && k < o->samples * (n + 1); k++)
    printf("%.17g%c", b->rows[k], (k + 1) % (n + 1) != 0 ? ',' : '\n');
  return EXIT_SUCCESS;
}

static int simulate(const options *o) {
  og_transient *t = NULL;
  og_transient_info info;
  og_error err = {0};
  buffers b = {0};
  double start = seconds();
  og_status st = allocate(o, &b) ? OG_OK : OG_E_NOMEM;
  if (st == OG_OK) st = og_transient_create(&t, &o->in.wires, &o->transient, &err);
  if (st == OG_OK) st = og_transient_set_cells(t, o->in.g.data, &err);
  if (st == OG_OK) {
    og_wave wave = {.points = make_wave(o, &b), .second = b.second, .volt = b.volt};
    og_transient_out out = {.samples = o->samples, .sample_second = b.at, .i_out = b.i_out, .steady_amp = b.steady,
                            .settling_second = b.settling, .charge_coulomb = b.charge, .source_coulomb = b.source};
    st = og_transient_run(t, &wave, o->stop, &out, &info, &err);
  }
  int status = st == OG_OK ? deliver(o, &info, &b, seconds() - start) : fail(&err, st);
  og_transient_free(t);
  release(&b);
  return status;
}

int cmd_transient(int argc, char **argv) {
  options o = {.in.wants_v = 1, .samples = 201};
  og_transient_opts_init(&o.transient);
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  int status = array_input_load(&o.in);
  if (status == 0 && o.in.v.dim[0] > 1 && o.period == 0) {
    fprintf(stderr, "ohmgrid: --period: saw none, need one for %zu inputs (second)\n", o.in.v.dim[0]);
    status = EXIT_USAGE;
  }
  if (status == 0) status = simulate(&o);
  array_input_clear(&o.in);
  return status;
}
