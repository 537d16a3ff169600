/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

enum { KEY_TEMPERATURE = 2000, KEY_BANDWIDTH, KEY_SHOT, KEY_JSON };

typedef struct options {
  array_input in;
  og_noise_opts noise;
  double bandwidth; /* [Hz] */
  const char *out;
  int shot, json;
} options;

/* Everything that is computed: matrices n x n, densities n, all owned. */
typedef struct results {
  double *thermal, *shot, *input; /* n x n [A^2/Hz], n x n [A^2/Hz], m x n [V/sqrt(Hz)] */
  og_noise_info info;
  double wall; /* [s] */
} results;

static const struct argp_option table[] = {
    {"output", 'o', "FILE", 0,
     "write the spectral density matrix of the outputs, n x n in A^2/Hz (.npy); default: CSV on standard output", 2},
    {"temperature", KEY_TEMPERATURE, "KELVIN", 0, "of every resistance (default 300)", 3},
    {"shot", KEY_SHOT, 0, 0, "add full shot noise of every cell at the operating point of -v", 3},
    {"bandwidth", KEY_BANDWIDTH, "HZ", 0, "for the noise in ampere, of white noise up to here (default 1e6)", 3},
    {"json", KEY_JSON, 0, 0, "print one JSON object instead of the summary", 4},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->in; return 0;
    case 'o': o->out = arg; return 0;
    case KEY_TEMPERATURE: o->noise.kelvin = number_option(state, "temperature", arg, 0, 1e6); return 0;
    case KEY_BANDWIDTH: o->bandwidth = number_option(state, "bandwidth", arg, 0, 1e18); return 0;
    case KEY_SHOT: o->shot = 1; return 0;
    case KEY_JSON: o->json = 1; return 0;
    case ARGP_KEY_ARG: argp_error(state, "saw \"%s\", need options only", arg); return 0;
    case ARGP_KEY_END:
      if (o->shot && o->in.v_path == NULL) argp_error(state, "--shot: saw no -v, need a file of input voltages");
      return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp_child children[] = {{&array_argp, 0, "Array:", 1}, {0}};
static const struct argp parser = {
    table, parse, NULL,
    "Thermal noise of the output currents of one crossbar, with correlations; on request shot noise."
    "\vExamples:\n"
    "  ohmgrid noise -g G.npy --r-word 1 --r-bit 1 --r-sense 100 -o S.npy\n"
    "  ohmgrid noise -g G.csv -v V.csv --shot --temperature 350 --bandwidth 1e8 --json\n\n"
    "Densities are one-sided; thermal noise of cells, segments, drivers and sense resistances alike.",
    children, NULL, NULL};

static double at(const results *r, size_t n, size_t j) { /* total density of output j [A^2/Hz] */
  return r->thermal[j * n + j] + (r->shot != NULL ? r->shot[j * n + j] : 0);
}

static json_t *list(const options *o, const results *r, int what) {
  size_t m = o->in.wires.m, n = o->in.wires.n;
  json_t *values = json_array();
  for (size_t j = 0; j < n; j++) {
    double best = INFINITY;
    for (size_t i = 0; i < m; i++) best = fmin(best, r->input[i * n + j]);
    double value[] = {r->thermal[j * n + j], r->shot != NULL ? r->shot[j * n + j] : 0,
                      sqrt(at(r, n, j) * o->bandwidth), best};
    json_array_append_new(values, json_number(value[what]));
  }
  return values;
}

static json_t *describe(const options *o, const results *r) {
  return json_pack("{s:s, s:I, s:I, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "engine",
                   og_engine_name(r->info.engine), "word_lines", (json_int_t)o->in.wires.m, "bit_lines",
                   (json_int_t)o->in.wires.n, "temperature_kelvin", json_number(o->noise.kelvin), "bandwidth_hz",
                   json_number(o->bandwidth), "shot", o->shot, "kcl_residual", json_number(r->info.kcl_residual),
                   "asymmetry", json_number(r->info.asymmetry), "thermal_amp2_per_hz", list(o, r, 0),
                   "shot_amp2_per_hz", list(o, r, 1), "noise_amp", list(o, r, 2), "best_input_volt_per_sqrt_hz",
                   list(o, r, 3), "wall_second", json_number(r->wall));
}

static void print_summary(const options *o, const results *r) {
  size_t n = o->in.wires.n;
  double low = INFINITY, high = 0;
  for (size_t j = 0; j < n; j++) {
    double amp = sqrt(at(r, n, j) * o->bandwidth);
    low = fmin(low, amp);
    high = fmax(high, amp);
  }
  fprintf(stderr, "%zu x %zu cells at %g K%s: engine %s, kcl residual %.2g, asymmetry %.2g, %.3g s\n", o->in.wires.m, n,
          o->noise.kelvin, o->shot ? ", with shot noise" : "", og_engine_name(r->info.engine), r->info.kcl_residual,
          r->info.asymmetry, r->wall);
  fprintf(stderr, "noise of an output in %g Hz: %.4g to %.4g A\n", o->bandwidth, low, high);
}

static int deliver(const options *o, results *r) {
  size_t n = o->in.wires.n, dim[2] = {n, n};
  if (r->shot != NULL)
    for (size_t k = 0; k < n * n; k++) r->thermal[k] += r->shot[k]; /* JSON and summary have been made */
  if (o->out != NULL) return save_npy(o->out, 2, dim, r->thermal);
  for (size_t k = 0; !o->json && k < n * n; k++) printf("%.17g%c", r->thermal[k], (k + 1) % n != 0 ? ',' : '\n');
  return EXIT_SUCCESS;
}

static int compute(const options *o) {
  size_t m = o->in.wires.m, n = o->in.wires.n;
  og_error err = {0};
  results r = {.thermal = calloc(n * n, sizeof(double)), .shot = o->shot ? calloc(n * n, sizeof(double)) : NULL,
               .input = calloc(m * n, sizeof(double))};
  og_noise_out out = {.thermal = r.thermal, .shot = r.shot, .input_volt = r.input};
  int ok = r.thermal != NULL && r.input != NULL && (!o->shot || r.shot != NULL);
  double start = seconds();
  og_status st = ok ? og_noise_run(&o->in.wires, o->in.g.data, o->shot ? o->in.v.data : NULL, &o->noise, &out, &r.info,
                                   &err)
                    : OG_E_NOMEM;
  r.wall = seconds() - start;
  int status = st == OG_OK ? EXIT_SUCCESS : fail(&err, st);
  json_t *object = status == 0 && o->json ? describe(o, &r) : NULL;
  if (status == 0 && !o->json) print_summary(o, &r);
  if (status == 0) status = deliver(o, &r);
  if (status == 0 && object != NULL) print_json(object);
  else json_decref(object);
  free(r.thermal);
  free(r.shot);
  free(r.input);
  return status;
}

int cmd_noise(int argc, char **argv) {
  options o = {.bandwidth = 1e6};
  og_noise_opts_init(&o.noise);
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  int status = array_input_load(&o.in);
  if (status == 0 && o.shot && o.in.v.dim[0] != 1) {
    fprintf(stderr, "ohmgrid: %s: inputs: saw %zu, need 1: an operating point\n", o.in.v_path, o.in.v.dim[0]);
    status = EXIT_USAGE;
  }
  if (status == 0) status = compute(&o);
  array_input_clear(&o.in);
  return status;
}
