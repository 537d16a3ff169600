/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { KEY_SAMPLES = 3100, KEY_SEED, KEY_THREADS, KEY_CHUNK, KEY_SET, KEY_PROGRAM, KEY_JSON };

typedef struct options {
  const char *action, *name, *folder;
  og_sample_opts sample;
  const char **sets; /* as many as argv could hold */
  int json;
} options;

static const struct argp_option table[] = {
    {"output", 'o', "DIR", 0, "folder for card.yaml, samples.csv, table.csv, results.json, plots", 0},
    {"samples", KEY_SAMPLES, "N", 0, "cells that are drawn (default: 100)", 0},
    {"seed", KEY_SEED, "S", 0, "of their parameters (default: 1)", 0},
    {"set", KEY_SET, "KEY=VALUE", 0, "override a key of program.yaml; may be repeated", 0},
    {"program", KEY_PROGRAM, "FILE", 0, "another file than program.yaml beside the card", 0},
    {"threads", KEY_THREADS, "N", 0, "ngspice sessions at once (default: as many as the machine has threads)", 0},
    {"chunk", KEY_CHUNK, "N", 0, "samples in one deck (default: 2); another number changes last digits", 0},
    {"json", KEY_JSON, 0, 0, "print one JSON object instead of the table", 0},
    {0}};

/* A whole number of 64 bits, which a double would round. */
static uint64_t seed_option(struct argp_state *state, const char *text) {
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0)
    argp_error(state, "--seed: saw \"%s\", need a whole number from 0 to 2^64 - 1", text);
  return value;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case 'o': o->folder = arg; return 0;
    case KEY_SAMPLES: o->sample.samples = count_option(state, "samples", arg, 2, 1e6); return 0;
    case KEY_SEED: o->sample.seed = seed_option(state, arg); return 0;
    case KEY_THREADS: o->sample.threads = count_option(state, "threads", arg, 1, 1024); return 0;
    case KEY_CHUNK: o->sample.chunk = count_option(state, "chunk", arg, 1, 1024); return 0;
    case KEY_PROGRAM: o->sample.program = arg; return 0;
    case KEY_SET: o->sets[o->sample.set_count++] = arg; return 0;
    case KEY_JSON: o->json = 1; return 0;
    case ARGP_KEY_ARG:
      if (state->arg_num == 0) o->action = arg;
      else if (state->arg_num == 1) o->name = arg;
      else argp_error(state, "saw \"%s\", need nothing after the name", arg);
      return 0;
    case ARGP_KEY_END:
      if (o->name == NULL) argp_error(state, "sample: saw no name, need one of `ohmgrid device list`");
      return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp parser = {table,
                                   parse,
                                   "sample NAME",
                                   "Program and read a circuit device in ngspice, once for every sample of its spreads "
                                   "and every level, and make a card of "
                                   "statistics of it that studies load."
                                   "\vExamples:\n"
                                   "  ohmgrid device sample rram-linear-analog -o out --samples 200\n"
                                   "  ohmgrid run studies/fashion-mlp.yaml --set device.card=out/card.yaml\n\n"
                                   "How the device is programmed stands in program.yaml beside its card "
                                   "(doc/devices.md). Exit status 1 if a sample failed.",
                                   NULL,
                                   NULL,
                                   NULL};

/* ---- the table ---- */

static void print_levels(const og_sample_report *r) {
  printf("%12s %12s %12s %10s %21s %8s %6s %6s\n", "target/uS", "knob", "mean/uS", "sigma/uS", "95 % interval", "skew",
         "count", "missed");
  for (size_t l = 0; l < r->levels; l++) {
    const og_sample_level *v = &r->level[l];
    char knob[40] = "-";
    if (isfinite(v->knob)) snprintf(knob, sizeof knob, "%.5g %s", v->knob, r->knob_unit);
    printf("%12.5g %12s %12.5g %10.4g %10.4g %10.4g %8.2f %6zu %6zu\n", 1e6 * v->target_siemens, knob,
           1e6 * v->mean_siemens, 1e6 * v->sigma_siemens, 1e6 * v->sigma_low_siemens, 1e6 * v->sigma_high_siemens,
           v->skew, v->count, v->missed);
  }
}

/* A parameter of the card, with the value that stands in it. */
static void print_param(const og_card *card, const char *want) {
  char name[64], value[160], source[320];
  for (size_t k = 0; og_card_param(card, k, name, value, source); k++)
    if (strcmp(name, want) == 0) printf("%-15s %s\n", name, value);
}

static void print_table(const og_sample_report *r) {
  printf("%s: %zu samples of %zu parameters, seed %llu; %s, knob %s; %s\n\n", r->device, r->samples, r->parameters,
         (unsigned long long)r->seed, r->scheme, r->knob, r->spice_version);
  print_levels(r);
  printf("\n%zu samples failed, %zu stuck low, %zu stuck high; %zu levels of samples missed their tolerance\n",
         r->failures, r->stuck_low, r->stuck_high, r->missed);
  printf("mean off target by up to %.4g uS; fit of sigma off by %.4g uS (rms), %.4g uS (worst)\n\n",
         1e6 * r->bias_worst_siemens, 1e6 * r->fit_rms_siemens, 1e6 * r->fit_worst_siemens);
  static const char *const names[] = {"program_sigma",  "stuck_low",    "stuck_high",
                                      "program_energy", "pulse_energy", "erase_energy"};
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) print_param(&r->card, names[k]);
}

static int tell_outcome(const options *o, const og_sample_report *r) {
  og_error err = {0};
  og_status st = OG_OK;
  if (o->json) st = og_sample_json(r, stdout, &err);
  else print_table(r);
  if (st == OG_OK && o->folder != NULL) st = og_sample_save(r, o->folder, &err);
  if (st == OG_OK) st = og_sample_verdict(r, &err);
  return st == OG_OK ? 0 : fail(&err, st);
}

static int sample(options *o) {
  og_error err = {0};
  char cache[4096];
  const og_paths paths = paths_from_environment(cache, sizeof cache);
  og_circuit_card *card = NULL;
  og_sample_report *report = NULL;
  og_status st = og_circuit_card_load(&card, o->name, paths.data_dir, &err);
  if (st == OG_OK) {
    o->sample.worker = paths.spice_worker;
    o->sample.progress = progress_start();
    st = og_sample_device(&report, card, &o->sample, &err);
    progress_end();
  }
  int status = st == OG_OK ? tell_outcome(o, report) : fail(&err, st);
  og_sample_free(report);
  og_circuit_card_free(card);
  return status;
}

int cmd_device_sample(int argc, char **argv) {
  options o = {.sets = calloc((size_t)argc, sizeof *o.sets)};
  if (o.sets == NULL) {
    const og_error err = {OG_E_NOMEM, "device sample: out of memory"};
    return fail(&err, OG_E_NOMEM);
  }
  og_sample_opts_init(&o.sample);
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  o.sample.sets = o.sets;
  int status = sample(&o);
  free(o.sets);
  return status;
}
