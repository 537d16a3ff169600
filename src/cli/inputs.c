/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { KEY_WORD = 1000, KEY_BIT, KEY_SOURCE, KEY_SENSE_OHM, KEY_DRIVE, KEY_SENSE };

static const struct argp_option options[] = {
    {"conductances", 'g', "FILE", 0, "conductances, m x n in siemens (.npy or CSV)", 0},
    {"voltages-in", 'v', "FILE", 0, "input voltages, m or k x m in volt (.npy or CSV)", 0},
    {"r-word", KEY_WORD, "OHM", 0, "one word line segment (default 0; inf: open)", 1},
    {"r-bit", KEY_BIT, "OHM", 0, "one bit line segment (default 0; inf: open)", 1},
    {"r-source", KEY_SOURCE, "OHM", 0, "driver output resistance (default 0)", 1},
    {"r-sense", KEY_SENSE_OHM, "OHM", 0, "sense input resistance (default 0)", 1},
    {"drive", KEY_DRIVE, "END", 0, "driven ends of the word lines: left, right or both (default left)", 1},
    {"sense", KEY_SENSE, "END", 0, "sensed ends of the bit lines: bottom, top or both (default bottom)", 1},
    {0}};

double number_option(struct argp_state *state, const char *option, const char *text, double min, double max) {
  char *end;
  double value = strtod(text, &end);
  if (end == text || *end != '\0' || !(value >= min && value <= max))
    argp_error(state, "--%s: saw \"%s\", need a number from %g to %g", option, text, min, max);
  return value;
}

size_t count_option(struct argp_state *state, const char *option, const char *text, double min, double max) {
  double value = number_option(state, option, text, min, max);
  if (value != floor(value)) argp_error(state, "--%s: saw \"%s\", need a whole number", option, text);
  return (size_t)value;
}

static int choice_option(struct argp_state *state, const char *option, const char *text, const char *const *names) {
  for (int k = 0; k < 3; k++)
    if (strcmp(text, names[k]) == 0) return k;
  argp_error(state, "--%s: saw \"%s\", need %s, %s or %s", option, text, names[0], names[1], names[2]);
  return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
  static const char *const drives[] = {"left", "right", "both"}, *const senses[] = {"bottom", "top", "both"};
  array_input *in = state->input;
  switch (key) {
    case 'g': in->g_path = arg; return 0;
    case 'v': in->v_path = arg; return 0;
    case KEY_WORD: in->wires.r_word_ohm = number_option(state, "r-word", arg, 0, INFINITY); return 0;
    case KEY_BIT: in->wires.r_bit_ohm = number_option(state, "r-bit", arg, 0, INFINITY); return 0;
    case KEY_SOURCE: in->wires.r_source_ohm = number_option(state, "r-source", arg, 0, INFINITY); return 0;
    case KEY_SENSE_OHM: in->wires.r_sense_ohm = number_option(state, "r-sense", arg, 0, INFINITY); return 0;
    case KEY_DRIVE: in->wires.drive = (og_drive)choice_option(state, "drive", arg, drives); return 0;
    case KEY_SENSE: in->wires.sense = (og_sense)choice_option(state, "sense", arg, senses); return 0;
    case ARGP_KEY_INIT: og_array_init(&in->wires, 0, 0); return 0;
    case ARGP_KEY_END:
      if (in->g_path == NULL) argp_error(state, "-g: saw none, need a file of conductances");
      if (in->v_path == NULL && in->wants_v) argp_error(state, "-v: saw none, need a file of input voltages");
      return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

const struct argp array_argp = {options, parse, NULL, NULL, NULL, NULL, NULL};

static int shape_error(const char *path, const og_matrix *x, const char *need) {
  char shape[80];
  snprintf(shape, sizeof shape, x->ndim == 1 ? "(%zu)" : x->ndim == 2 ? "(%zu, %zu)" : "(%zu, %zu, %zu)", x->dim[0],
           x->dim[1], x->dim[2]);
  fprintf(stderr, "ohmgrid: %s: shape: saw %s, need %s\n", path, shape, need);
  return EXIT_USAGE;
}

int array_input_load(array_input *in) {
  og_error err = {0};
  og_status st = og_matrix_load(&in->g, in->g_path, &err);
  if (st != OG_OK) return fail(&err, st);
  if (in->g.ndim == 3) return shape_error(in->g_path, &in->g, "(m, n)");
  if (in->g.ndim == 1) { /* one line of CSV, or a vector: one word line */
    in->g.dim[1] = in->g.dim[0];
    in->g.dim[0] = 1;
  }
  in->wires.m = in->g.dim[0];
  in->wires.n = in->g.dim[1];
  if (in->v_path == NULL) return EXIT_SUCCESS;
  st = og_matrix_load(&in->v, in->v_path, &err);
  if (st != OG_OK) return fail(&err, st);
  char need[80];
  snprintf(need, sizeof need, "(%zu) or (k, %zu): one voltage a word line", in->wires.m, in->wires.m);
  if (in->v.ndim == 1 && in->v.dim[0] == in->wires.m) {
    in->v.dim[1] = in->v.dim[0];
    in->v.dim[0] = 1;
  } else if (in->v.ndim == 1 && in->wires.m == 1) { /* k inputs of one word line */
    in->v.dim[1] = 1;
  } else if (in->v.ndim != 2 || in->v.dim[1] != in->wires.m) {
    return shape_error(in->v_path, &in->v, need);
  }
  return EXIT_SUCCESS;
}

void array_input_clear(array_input *in) {
  og_matrix_clear(&in->g);
  og_matrix_clear(&in->v);
}

og_paths paths_from_environment(char *cache, size_t room) {
  const char *home = getenv("HOME"), *xdg = getenv("XDG_CACHE_HOME");
  cache[0] = '\0';
  if (xdg != NULL && xdg[0] == '/') snprintf(cache, room, "%s/ohmgrid", xdg);
  else if (home != NULL && home[0] == '/') snprintf(cache, room, "%s/.cache/ohmgrid", home);
  return (og_paths){.data_dir = getenv("OHMGRID_DATADIR"), .spice_worker = getenv("OHMGRID_SPICE"),
                    .cache_dir = cache[0] != '\0' ? cache : NULL};
}
