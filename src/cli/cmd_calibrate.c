/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

typedef struct options {
  int json;
} options;

static const struct argp_option fields[] = {{"json", 'j', NULL, 0, "one JSON object on stdout", 0}, {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case 'j': o->json = 1; return 0;
    case ARGP_KEY_ARG: argp_error(state, "saw \"%s\", need options only", arg); return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp parser = {
    fields, parse, "",
    "Measure how fast this machine is at the work of each engine (about a second) and save that in the cache folder. "
    "From then on `ohmgrid solve --engine auto` chooses by it; `ohmgrid run` does not, for its results must be the same "
    "on every machine.\vExample:\n  ohmgrid calibrate\n\nWithout saved rates built-in ones are used.",
    NULL, NULL, NULL};

char *rates_path(void) {
  char cache[4096], *path = NULL;
  paths_from_environment(cache, sizeof cache);
  if (cache[0] == '\0' || asprintf(&path, "%s/rates.txt", cache) < 0) return NULL;
  return path;
}

const og_cost_model *saved_rates(og_cost_model *model) {
  char *path = rates_path();
  og_error err = {0};
  int found = 0;
  FILE *there = path != NULL ? fopen(path, "r") : NULL;
  if (there != NULL) {
    fclose(there);
    found = og_cost_model_load(model, path, &err) == OG_OK;
    if (!found) fprintf(stderr, "ohmgrid: warning: %s; run `ohmgrid calibrate` again\n", err.text);
  }
  free(path);
  return found ? model : NULL;
}

int cmd_calibrate(int argc, char **argv) {
  options o = {0};
  og_cost_model model;
  og_error err = {0};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  char *path = rates_path();
  if (path == NULL) {
    fprintf(stderr, "ohmgrid: calibrate: no cache folder: set HOME or XDG_CACHE_HOME\n");
    return og_status_exit(OG_E_IO);
  }
  og_status st = og_cost_model_measure(&model, &err);
  if (st == OG_OK) st = og_cost_model_save(&model, path, &err);
  if (st == OG_OK && o.json)
    print_json(json_pack("{s:o, s:o, s:o, s:o, s:s}", "setup_second", json_number(model.setup_second), "pass_second",
                         json_number(model.pass_second), "merge_flops", json_number(model.merge_flops),
                         "product_flops", json_number(model.product_flops), "path", path));
  else if (st == OG_OK)
    printf("cg: %.2f ns a cell for factors, %.2f ns a cell and pass\nreduce: %.1f Gflop/s merging, %.1f Gflop/s product\n"
           "saved in %s\n", 1e9 * model.setup_second, 1e9 * model.pass_second, 1e-9 * model.merge_flops,
           1e-9 * model.product_flops, path);
  free(path);
  return st == OG_OK ? 0 : fail(&err, st);
}
