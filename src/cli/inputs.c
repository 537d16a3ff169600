/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum {
  KEY_WORD = 1000, KEY_BIT, KEY_SOURCE, KEY_SENSE_OHM, KEY_DRIVE, KEY_SENSE, KEY_ENDS, KEY_WIRING, KEY_METAL,
  KEY_BRIDGES, KEY_FIELD /* and INPUT_FIELDS of them */
};

static const struct argp_option options[] = {
    {"conductances", 'g', "FILE", 0, "conductances, m x n in siemens (.npy or CSV)", 0},
    {"voltages-in", 'v', "FILE", 0, "input voltages, m or k x m in volt (.npy or CSV)", 0},
    {"r-word", KEY_WORD, "OHM", 0, "one word line segment (default 0; inf: open)", 1},
    {"r-bit", KEY_BIT, "OHM", 0, "one bit line segment (default 0; inf: open)", 1},
    {"r-source", KEY_SOURCE, "OHM", 0, "driver output resistance (default 0)", 1},
    {"r-sense", KEY_SENSE_OHM, "OHM", 0, "sense input resistance (default 0)", 1},
    {"drive", KEY_DRIVE, "END", 0, "driven ends of the word lines: left, right or both (default left)", 1},
    {"sense", KEY_SENSE, "END", 0, "sensed ends of the bit lines: bottom, top or both (default bottom)", 1},
    {"ends", KEY_ENDS, "KIND", 0, "at line ends: a segment, or terminals direct at the cells (default segment)", 1},
    {"wiring", KEY_WIRING, "KIND", 0, "crossed; parallel: source lines along the columns, -v k x n (default crossed)",
     1},
    {"metal", KEY_METAL, "W,T,P", 0, "--r-word and --r-bit of copper lines: width, thickness, cell pitch in nm", 1},
    {"word-segments", KEY_FIELD + FIELD_WORD, "FILE", 0, "each word line segment in ohm, m x (n + 1)", 1},
    {"bit-segments", KEY_FIELD + FIELD_BIT, "FILE", 0, "each bit line segment in ohm, (m + 1) x n", 1},
    {"source-ohms", KEY_FIELD + FIELD_SOURCE, "FILE", 0, "each driver resistance in ohm, m; inf: the line floats", 1},
    {"sense-ohms", KEY_FIELD + FIELD_SENSE, "FILE", 0, "each sense resistance in ohm, n", 1},
    {"bit-volts", KEY_FIELD + FIELD_VOLTS, "FILE", 0, "potentials of the bit line terminals in volt, n (default 0)", 1},
    {"bridges", KEY_BRIDGES, "FILE", 0, "shorts, CSV lines w,I,J,b,I,J,OHM: from word or bit node to another", 1},
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

/* names: separated by blanks. */
static int choice_option(struct argp_state *state, const char *option, const char *text, const char *names) {
  size_t length = strlen(text);
  int k = 0;
  for (const char *at = names; *at != '\0'; k++) {
    size_t here = strcspn(at, " ");
    if (here == length && strncmp(at, text, here) == 0) return k;
    at += here + strspn(at + here, " ");
  }
  argp_error(state, "--%s: saw \"%s\", need one of: %s", option, text, names);
  return 0;
}

static void metal_option(struct argp_state *state, const char *text, og_array *wires) {
  double nm[3], ohm = 0;
  char end;
  og_wire wire;
  og_error err = {0};
  if (sscanf(text, "%lf,%lf,%lf%c", &nm[0], &nm[1], &nm[2], &end) != 3)
    argp_error(state, "--metal: saw \"%s\", need width,thickness,pitch in nm", text);
  og_wire_init(&wire, OG_METAL_CU);
  wire.width_meter = 1e-9 * nm[0];
  wire.thickness_meter = 1e-9 * nm[1];
  wire.pitch_meter = 1e-9 * nm[2];
  if (og_wire_ohm(&ohm, &wire, &err) != OG_OK) argp_error(state, "--metal: %s", err.text);
  wires->r_word_ohm = wires->r_bit_ohm = ohm;
}

static error_t parse(int key, char *arg, struct argp_state *state) {
  array_input *in = state->input;
  if (key >= KEY_FIELD && key < KEY_FIELD + INPUT_FIELDS) {
    in->field_path[key - KEY_FIELD] = arg;
    return 0;
  }
  switch (key) {
    case 'g': in->g_path = arg; return 0;
    case 'v': in->v_path = arg; return 0;
    case KEY_WORD: in->wires.r_word_ohm = number_option(state, "r-word", arg, 0, INFINITY); return 0;
    case KEY_BIT: in->wires.r_bit_ohm = number_option(state, "r-bit", arg, 0, INFINITY); return 0;
    case KEY_SOURCE: in->wires.r_source_ohm = number_option(state, "r-source", arg, 0, INFINITY); return 0;
    case KEY_SENSE_OHM: in->wires.r_sense_ohm = number_option(state, "r-sense", arg, 0, INFINITY); return 0;
    case KEY_DRIVE: in->wires.drive = (og_drive)choice_option(state, "drive", arg, "left right both"); return 0;
    case KEY_SENSE: in->wires.sense = (og_sense)choice_option(state, "sense", arg, "bottom top both"); return 0;
    case KEY_ENDS: in->wires.ends = (og_ends)choice_option(state, "ends", arg, "segment direct"); return 0;
    case KEY_WIRING: in->wires.wiring = (og_wiring)choice_option(state, "wiring", arg, "crossed parallel"); return 0;
    case KEY_METAL: metal_option(state, arg, &in->wires); return 0;
    case KEY_BRIDGES: in->bridges_path = arg; return 0;
    case ARGP_KEY_INIT: og_array_init(&in->wires, 0, 0); return 0;
    case ARGP_KEY_END:
      if (in->optional) return 0;
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

/* Values for places of a rows x columns field; a single row or column may come as a plain list. */
static int load_field(array_input *in, int field, size_t rows, size_t columns, const double **out) {
  og_error err = {0};
  og_matrix *x = &in->field[field];
  const char *path = in->field_path[field];
  char need[80];
  if (path == NULL) return EXIT_SUCCESS;
  og_status st = og_matrix_load(x, path, &err);
  if (st != OG_OK) return fail(&err, st);
  size_t count = x->dim[0] * (x->ndim > 1 ? x->dim[1] : 1);
  int is_list = rows == 1 || columns == 1;
  int looks_so = x->ndim == 1 || (x->ndim == 2 && (x->dim[0] == 1 || x->dim[1] == 1));
  snprintf(need, sizeof need, is_list ? "(%zu)" : "(%zu, %zu)", rows == 1 ? columns : rows, columns);
  if (is_list ? !looks_so || count != rows * columns : x->ndim != 2 || x->dim[0] != rows || x->dim[1] != columns)
    return shape_error(path, x, need);
  *out = x->data;
  return EXIT_SUCCESS;
}

static int load_fields(array_input *in) {
  og_array *a = &in->wires;
  int parallel = a->wiring == OG_WIRING_PARALLEL;
  int status = load_field(in, FIELD_WORD, parallel ? a->m + 1 : a->m, parallel ? a->n : a->n + 1, &a->word_segments);
  if (status == 0) status = load_field(in, FIELD_BIT, a->m + 1, a->n, &a->bit_segments);
  if (status == 0) status = load_field(in, FIELD_SOURCE, in->sources, 1, &a->source_ohm);
  if (status == 0) status = load_field(in, FIELD_SENSE, a->n, 1, &a->sense_ohm);
  if (status == 0) status = load_field(in, FIELD_VOLTS, a->n, 1, &in->bit_volts);
  return status;
}

static int parse_bridge(og_bridge *b, const char *line) {
  char p, q, end;
  if (sscanf(line, " %c , %zu , %zu , %c , %zu , %zu , %lf %c", &p, &b->a.i, &b->a.j, &q, &b->b.i, &b->b.j, &b->ohm,
             &end) != 7 || strchr("wb", p) == NULL || strchr("wb", q) == NULL)
    return 0;
  b->a.line = p == 'w' ? OG_LINE_WORD : OG_LINE_BIT;
  b->b.line = q == 'w' ? OG_LINE_WORD : OG_LINE_BIT;
  return 1;
}

static int read_bridges(array_input *in, FILE *file) {
  char line[256];
  size_t number = 0, count = 0;
  while (fgets(line, sizeof line, file) != NULL) {
    number++;
    if (line[strspn(line, " \t\r\n")] == '\0' || line[strspn(line, " \t")] == '#') continue;
    og_bridge *more = realloc(in->bridges, (count + 1) * sizeof *more);
    if (more == NULL) return fail(&(og_error){0}, OG_E_NOMEM);
    in->bridges = more;
    if (!parse_bridge(&more[count++], line)) {
      fprintf(stderr, "ohmgrid: %s:%zu: saw \"%.*s\", need w,I,J,b,I,J,OHM with w or b for word or bit node\n",
              in->bridges_path, number, (int)strcspn(line, "\r\n"), line);
      return EXIT_USAGE;
    }
  }
  in->wires.bridges = in->bridges;
  in->wires.bridge_count = count;
  return EXIT_SUCCESS;
}

static int load_bridges(array_input *in) {
  if (in->bridges_path == NULL) return EXIT_SUCCESS;
  FILE *file = fopen(in->bridges_path, "r");
  int status = EXIT_USAGE;
  if (file != NULL) status = read_bridges(in, file);
  if (file == NULL || ferror(file)) {
    fprintf(stderr, "ohmgrid: %s: %s\n", in->bridges_path, strerror(errno));
    status = EXIT_USAGE;
  }
  if (file != NULL) fclose(file);
  return status;
}

static int load_cells(array_input *in) {
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
  in->sources = in->wires.wiring == OG_WIRING_PARALLEL ? in->wires.n : in->wires.m;
  return EXIT_SUCCESS;
}

static int load_voltages(array_input *in) {
  og_error err = {0};
  size_t p = in->sources;
  if (in->v_path == NULL) return EXIT_SUCCESS;
  og_status st = og_matrix_load(&in->v, in->v_path, &err);
  if (st != OG_OK) return fail(&err, st);
  char need[80];
  snprintf(need, sizeof need, "(%zu) or (k, %zu): one voltage a %s line", p, p,
           in->wires.wiring == OG_WIRING_PARALLEL ? "source" : "word");
  if (in->v.ndim == 1 && in->v.dim[0] == p) {
    in->v.dim[1] = in->v.dim[0];
    in->v.dim[0] = 1;
  } else if (in->v.ndim == 1 && p == 1) { /* k inputs of one line */
    in->v.dim[1] = 1;
  } else if (in->v.ndim != 2 || in->v.dim[1] != p) {
    return shape_error(in->v_path, &in->v, need);
  }
  return EXIT_SUCCESS;
}

int array_input_load(array_input *in) {
  int status = load_cells(in);
  if (status == 0) status = load_voltages(in);
  if (status == 0) status = load_fields(in);
  if (status == 0) status = load_bridges(in);
  return status;
}

void array_input_clear(array_input *in) {
  og_matrix_clear(&in->g);
  og_matrix_clear(&in->v);
  for (int f = 0; f < INPUT_FIELDS; f++) og_matrix_clear(&in->field[f]);
  free(in->bridges);
}

og_paths paths_from_environment(char *cache, size_t room) {
  const char *home = getenv("HOME"), *xdg = getenv("XDG_CACHE_HOME");
  cache[0] = '\0';
  if (xdg != NULL && xdg[0] == '/') snprintf(cache, room, "%s/ohmgrid", xdg);
  else if (home != NULL && home[0] == '/') snprintf(cache, room, "%s/.cache/ohmgrid", home);
  return (og_paths){.data_dir = getenv("OHMGRID_DATADIR"), .spice_worker = getenv("OHMGRID_SPICE"),
                    .cache_dir = cache[0] != '\0' ? cache : NULL};
}
