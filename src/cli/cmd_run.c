/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { KEY_SET = 2000, KEY_TRIALS, KEY_THREADS, KEY_RESUME, KEY_KEYS, KEY_JSON, KEY_CACHE, KEY_NO_CACHE, SETS = 64 };

typedef struct options {
  const char *study, *out, *cache;
  const char *sets[SETS];
  size_t set_count, threads;
  char trials[64];
  int json, no_cache, list_keys;
} options;

static const struct argp_option table[] = {
    {"output", 'o', "DIR", 0, "folder for results.json, report.html, tables and plots (default: ohmgrid-results)", 0},
    {"set", KEY_SET, "KEY=VALUE", 0, "override a key of the study; may be repeated", 0},
    {"trials", KEY_TRIALS, "N", 0, "programming trials; short for --set study.trials=N", 0},
    {"threads", KEY_THREADS, "N", 0, "threads (default: as many as the machine has); results do not depend on it", 0},
    {"resume", KEY_RESUME, 0, 0, "go on from a checkpoint (not built yet)", 0},
    {"cache", KEY_CACHE, "DIR", 0, "keep trained networks here (default: ~/.cache/ohmgrid)", 1},
    {"no-cache", KEY_NO_CACHE, 0, 0, "train anew and keep nothing", 1},
    {"keys", KEY_KEYS, 0, 0, "list every key of a study with unit, range and default, and exit", 2},
    {"json", KEY_JSON, 0, 0, "print results.json instead of the summary", 2},
    {0}};

static void add_set(struct argp_state *state, options *o, const char *text) {
  if (o->set_count == SETS) argp_error(state, "--set: saw more than %d, need fewer: put them into the study", SETS);
  o->sets[o->set_count++] = text;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case 'o': o->out = arg; return 0;
    case KEY_SET: add_set(state, o, arg); return 0;
    case KEY_TRIALS:
      snprintf(o->trials, sizeof o->trials, "study.trials=%s", arg);
      add_set(state, o, o->trials);
      return 0;
    case KEY_THREADS: o->threads = count_option(state, "threads", arg, 1, 4096); return 0;
    case KEY_RESUME:
      fprintf(stderr, "ohmgrid: --resume: not built yet\n");
      exit(og_status_exit(OG_E_UNSUPPORTED));
    case KEY_CACHE: o->cache = arg; return 0;
    case KEY_NO_CACHE: o->no_cache = 1; return 0;
    case KEY_KEYS: o->list_keys = 1; return 0;
    case KEY_JSON: o->json = 1; return 0;
    case ARGP_KEY_ARG:
      if (state->arg_num > 0) argp_error(state, "saw \"%s\" after the study, need one study", arg);
      o->study = arg;
      return 0;
    case ARGP_KEY_END:
      if (o->study == NULL && !o->list_keys) argp_error(state, "saw no study, need a YAML file");
      return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp parser = {
    table, parse, "STUDY.yaml",
    "Run a study: accuracy of a network on emulated crossbars, energy per operation, cross-check against ngspice, report."
    "\vExamples:\n"
    "  ohmgrid run studies/fashion-mlp.yaml -o results\n"
    "  ohmgrid run studies/fashion-mlp.yaml --trials 3 --set array.r_word_ohm=2.5 --set adc.bits=6\n\n"
    "The folder then holds results.json, report.html (open it in a browser), the tables as CSV, the plots as SVG, and "
    "the study as resolved. Exit status 3 if a cross-check was outside its tolerance.",
    NULL, NULL, NULL};

static int print_results(const options *o, const og_results *results, double wall) {
  og_error err = {0};
  if (o->json) {
    char path[4096];
    json_error_t why;
    snprintf(path, sizeof path, "%s/results.json", o->out);
    json_t *object = json_load_file(path, 0, &why);
    if (object == NULL) {
      fprintf(stderr, "ohmgrid: %s: %s\n", path, why.text);
      return EXIT_FAILURE;
    }
    json_object_set_new(object, "wall_second", json_number(wall)); /* not in the file: that depends on the study alone */
    print_json(object);
    return EXIT_SUCCESS;
  }
  og_status st = og_results_print(results, stdout, &err);
  return st == OG_OK ? EXIT_SUCCESS : fail(&err, st);
}

static int run(const options *o, const og_study *study) {
  og_error err = {0};
  og_results *results = NULL;
  char cache[4096];
  og_run_opts opts = {.out_dir = o->out, .threads = o->threads, .paths = paths_from_environment(cache, sizeof cache)};
  if (o->cache != NULL) opts.paths.cache_dir = o->cache;
  if (o->no_cache) opts.paths.cache_dir = NULL;
  opts.progress = progress_start();
  double start = seconds();
  og_status st = og_study_run(&results, study, &opts, &err);
  progress_end();
  int status = st == OG_OK ? EXIT_SUCCESS : fail(&err, st);
  if (results != NULL) {
    double wall = seconds() - start;
    int printed = print_results(o, results, wall);
    fflush(stdout);
    fprintf(stderr, "report: %s/report.html (%.1f s)\n", o->out, wall);
    if (status == EXIT_SUCCESS) status = printed;
  }
  og_results_free(results);
  return status;
}

int cmd_run(int argc, char **argv) {
  options o = {.out = "ohmgrid-results"};
  og_study *study;
  og_error err = {0};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  og_status st = OG_OK;
  if (o.list_keys) {
    st = og_study_keys(stdout, &err);
    return st == OG_OK ? EXIT_SUCCESS : fail(&err, st);
  }
  st = og_study_load(&study, o.study, o.sets, o.set_count, &err);
  if (st != OG_OK) return fail(&err, st);
  int status = run(&o, study);
  og_study_free(study);
  return status;
}
