/* SPDX-License-Identifier: BSD-3-Clause */
/** device new: a folder out of a subcircuit that the user brings. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"

enum { KEY_SUBCKT = 3100, KEY_DEFINITION, KEY_PINS, KEY_TERMINALS, KEY_VOLT, KEY_WIDTH, KEY_DRIVE };
enum { KEY_GROUND = 3200, KEY_HOLD, KEY_THREADS, KEY_TIMEOUT, KEY_JSON };
enum { PINS_MAX = 64 };

typedef struct options {
  const char *name;
  const char *pin[PINS_MAX];
  char *pins; /* the text that pin points into */
  const char *drive, *ground;
  og_device_new_opts make;
  int json;
} options;

static const struct argp_option table[] = {
    {"subckt", KEY_SUBCKT, "FILE", 0, "file with the .subckt, one or several; needed", 0},
    {"definition", KEY_DEFINITION, "SUBCKT", 0, "which of them (default: the last)", 0},
    {"pins", KEY_PINS, "p,n[,STATE...]", 0, "pins of the .subckt line, in its order: terminals, then states; needed",
     0},
    {"terminals", KEY_TERMINALS, "N", 0, "how many of them are terminals (default: 2)", 0},
    {"output", 'o', "DIR", 0, "make the folder NAME in DIR (default: here)", 0},
    {"volt", KEY_VOLT, "VOLT", 0, "try it up to this amplitude (default: 1)", 0},
    {"width", KEY_WIDTH, "SECOND", 0, "with pulses of this width (default: 50e-9)", 0},
    {"drive", KEY_DRIVE, "PIN", 0, "of three and more terminals: which is driven (default: the first)", 0},
    {"ground", KEY_GROUND, "PIN", 0, "and which is ground (default: the second)", 0},
    {"hold", KEY_HOLD, "VOLT", 0, "the others are held at this (default: 0)", 0},
    {"threads", KEY_THREADS, "N", 0, "ngspice sessions at once (default: as many as the machine has threads)", 0},
    {"timeout", KEY_TIMEOUT, "SECOND", 0, "wall time of one run in ngspice (default: 60)", 0},
    {"json", KEY_JSON, 0, 0, "print one JSON object instead of the summary", 0},
    {0}};

static void split_pins(options *o, const char *text, struct argp_state *state) {
  free(o->pins);
  o->pins = strdup(text);
  o->make.pins = 0;
  if (o->pins == NULL) argp_failure(state, EXIT_FAILURE, 0, "out of memory");
  for (char *rest = o->pins, *one; (one = strsep(&rest, ",")) != NULL;) {
    if (o->make.pins == PINS_MAX) argp_error(state, "pins: saw more than %d, need at most so many", PINS_MAX);
    o->pin[o->make.pins++] = one;
  }
}

static void find_terminal(size_t *to, const options *o, const char *option, const char *name,
                          struct argp_state *state) {
  size_t k = 0;
  if (name == NULL) return;
  while (k < o->make.terminals && k < o->make.pins && strcasecmp(o->pin[k], name) != 0) k++;
  if (k < o->make.terminals && k < o->make.pins) *to = k;
  else
    argp_error(state, "%s: saw \"%s\", need one of the %zu terminals among the pins", option, name, o->make.terminals);
}

static void check_options(options *o, struct argp_state *state) {
  if (o->name == NULL) argp_error(state, "saw no name, need one for the device");
  else if (o->make.file == NULL) argp_error(state, "saw no --subckt, need the file of the subcircuit");
  else if (o->make.pins < 2)
    argp_error(state, "pins: saw %zu, need --pins p,n[,STATE...] as in the .subckt line", o->make.pins);
  find_terminal(&o->make.drive, o, "drive", o->drive, state);
  find_terminal(&o->make.ground, o, "ground", o->ground, state);
}

static error_t parse(int key, char *arg, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case 'o': o->make.folder = arg; return 0;
    case KEY_SUBCKT: o->make.file = arg; return 0;
    case KEY_DEFINITION: o->make.definition = arg; return 0;
    case KEY_PINS: split_pins(o, arg, state); return 0;
    case KEY_TERMINALS: o->make.terminals = count_option(state, "terminals", arg, 2, PINS_MAX); return 0;
    case KEY_VOLT: o->make.volt = number_option(state, "volt", arg, 1e-6, 1e6); return 0;
    case KEY_WIDTH: o->make.width_second = number_option(state, "width", arg, 1e-15, 1e6); return 0;
    case KEY_DRIVE: o->drive = arg; return 0;
    case KEY_GROUND: o->ground = arg; return 0;
    case KEY_HOLD: o->make.hold_volt = number_option(state, "hold", arg, -1e6, 1e6); return 0;
    case KEY_THREADS: o->make.threads = count_option(state, "threads", arg, 1, 1024); return 0;
    case KEY_TIMEOUT: o->make.timeout_second = number_option(state, "timeout", arg, 1e-3, 1e9); return 0;
    case KEY_JSON: o->json = 1; return 0;
    case ARGP_KEY_ARG:
      if (state->arg_num == 0) o->name = arg;
      else argp_error(state, "saw \"%s\", need nothing after the name", arg);
      return 0;
    case ARGP_KEY_END: check_options(o, state); return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp parser = {
    table, parse, "NAME --subckt FILE --pins p,n[,STATE...]",
    "A device folder out of your own SPICE subcircuit: checked, tried in ngspice over voltages and parameters, with a "
    "card, benches that pass, and what arrays can make of it."
    "\vExamples:\n"
    "  ohmgrid device new mine --subckt mine.lib --pins p,n,w\n"
    "  ohmgrid device new mine --subckt lib.cir --definition cell --pins p,n,w,t --volt 2.5 --width 1e-6 -o devices\n"
    "  ohmgrid device bench mine/card.yaml\n\n"
    "Pulses of 1/4, 1/2 and 1 of the amplitude, of both signs, and a triangle are run with the default parameters and "
    "with each of them halved and doubled. Exit status 3 if a run failed, the folder is made all the same; 2 if the "
    "file is refused.",
    NULL, NULL, NULL};

/* ---- summary ---- */

static void print_safe(const char *text) {
  for (; *text != '\0'; text++) putchar((unsigned char)*text >= ' ' && *text != 127 ? *text : ' ');
}

static void print_failures(const og_device_new_report *r) {
  if (r->failed == 0) return;
  printf("\n%-16s %-24s %-10s %s\n", "bias", "parameter", "time", "failed");
  for (size_t k = 0; k < r->run_count; k++) {
    const og_device_new_run *run = &r->run[k];
    char parameter[80] = "defaults", time[24] = "-";
    if (run->status == OG_OK) continue;
    if (run->parameter[0] != '\0') snprintf(parameter, sizeof parameter, "%.40s=%g", run->parameter, run->value);
    if (isfinite(run->time_second)) snprintf(time, sizeof time, "%.4g s", run->time_second);
    printf("%-16s %-24s %-10s ", run->bias, parameter, time);
    print_safe(run->why);
    putchar('\n');
  }
  putchar('\n');
}

static void print_fit(const og_device_new_fit *f) {
  printf("compact model: ");
  if (!f->compiled) printf("none: ");
  else if (isfinite(f->state_deviation))
    printf("states within %.1g, current within %.1g of ngspice", f->state_deviation, f->current_deviation);
  else if (isfinite(f->current_deviation)) printf("current within %.1g of ngspice", f->current_deviation);
  else printf("compiled, not compared: ");
  print_safe(f->compact_why);
  printf("\ntable: ");
  if (f->table_points > 0)
    printf("table.csv, %zu points; between them within %.1g of the largest current, %.1g of the value; %.6g S at 0 V",
           f->table_points, f->table_peak_error, f->table_value_error, f->table_siemens);
  else printf("none: ");
  print_safe(f->table_why);
  putchar('\n');
  if (!f->compiled && f->table_points == 0) puts("arrays: the device works in ngspice only");
}

static void print_summary(const og_device_new_report *r) {
  printf("%s: subcircuit %s, %zu parameters, %zu states\n", r->folder, r->subckt, r->params, r->state_count);
  printf("grid: %zu runs, %zu failed", r->run_count, r->failed);
  if (r->spice_version[0] != '\0') printf("; %s", r->spice_version);
  putchar('\n');
  print_failures(r);
  for (size_t k = 0; k < r->state_count; k++) {
    const og_device_new_state *s = &r->state[k];
    printf("state %s: %.6g .. %.6g seen, %g .. %g in the card\n", s->pin, s->seen_min, s->seen_max, s->min, s->max);
  }
  if (r->bench_failed > 0) {
    printf("benches: %zu failed: ", r->bench_failed);
    print_safe(r->bench_why);
    putchar('\n');
  } else {
    printf("benches: %zu figures, %zu outside\n", r->figures, r->outside);
  }
  print_fit(&r->fit);
}

/* ---- JSON ---- */

/* Text that may hold bytes of a path or of somebody's file: what is no UTF-8 becomes '?'. */
static json_t *json_text(const char *text) {
  json_t *value = json_string(text);
  char *copy = value == NULL ? strdup(text) : NULL;
  for (char *p = copy; p != NULL && *p != '\0'; p++)
    if ((unsigned char)*p >= 128) *p = '?';
  if (copy != NULL) value = json_string(copy);
  free(copy);
  return value;
}

static json_t *describe_runs(const og_device_new_report *r) {
  json_t *runs = json_array();
  for (size_t k = 0; k < r->run_count; k++) {
    const og_device_new_run *run = &r->run[k];
    json_array_append_new(runs, json_pack("{s:s, s:o, s:s, s:o, s:s, s:o, s:o}", "bias", run->bias, "volt",
                                          json_number(run->volt), "parameter", run->parameter, "value",
                                          json_number(run->value), "status", og_status_name(run->status), "time_second",
                                          json_number(run->time_second), "why", json_text(run->why)));
  }
  return runs;
}

static json_t *describe_states(const og_device_new_report *r) {
  json_t *states = json_array();
  for (size_t k = 0; k < r->state_count; k++) {
    const og_device_new_state *s = &r->state[k];
    json_array_append_new(
        states, json_pack("{s:s, s:o, s:o, s:o, s:o}", "pin", s->pin, "seen_min", json_number(s->seen_min), "seen_max",
                          json_number(s->seen_max), "min", json_number(s->min), "max", json_number(s->max)));
  }
  return states;
}

static json_t *describe_fit(const og_device_new_fit *f) {
  return json_pack("{s:b, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o}", "compact", f->compiled, "state_deviation",
                   json_number(f->state_deviation), "current_deviation", json_number(f->current_deviation),
                   "compact_why", json_text(f->compact_why), "table_points", (json_int_t)f->table_points,
                   "table_peak_error", json_number(f->table_peak_error), "table_value_error",
                   json_number(f->table_value_error), "table_siemens", json_number(f->table_siemens), "table_why",
                   json_text(f->table_why));
}

static void print_object(const og_device_new_report *r) {
  print_json(json_pack("{s:o, s:s, s:I, s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "folder",
                       json_text(r->folder), "subckt", r->subckt, "parameters", (json_int_t)r->params, "version",
                       og_version(), "spice_version", r->spice_version, "failed_runs", (json_int_t)r->failed, "figures",
                       (json_int_t)r->figures, "figures_outside", (json_int_t)r->outside, "failed_benches",
                       (json_int_t)r->bench_failed, "bench_why", json_text(r->bench_why), "states", describe_states(r),
                       "fit", describe_fit(&r->fit), "runs", describe_runs(r)));
}

int cmd_device_new(int argc, char **argv) {
  options o = {0};
  og_error err = {0};
  char cache[4096];
  og_device_new_report *report = NULL;
  og_device_new_opts_init(&o.make);
  o.make.pin = o.pin;
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  o.make.worker = paths_from_environment(cache, sizeof cache).spice_worker;
  o.make.progress = progress_start();
  og_status st = og_device_new(&report, o.name, &o.make, &err);
  progress_end();
  if (st == OG_OK && o.json) print_object(report);
  else if (st == OG_OK) print_summary(report);
  if (st == OG_OK) st = og_device_new_verdict(report, &err);
  int status = st == OG_OK ? 0 : fail(&err, st);
  og_device_new_free(report);
  free(o.pins);
  return status;
}
