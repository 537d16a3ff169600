/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

enum { KEY_FULL = 3000, KEY_THREADS, KEY_JSON };

typedef struct options {
  const char *action, *name, *folder;
  og_bench_opts bench;
  int json;
} options;

static const struct argp_option table[] = {
    {"output", 'o', "DIR", 0, "bench: folder for results.json, figures.csv, a CSV of every run, plots; page: for it", 0},
    {"full", KEY_FULL, 0, 0, "bench, page: all benches, not only the short ones", 0},
    {"threads", KEY_THREADS, "N", 0, "bench, page: ngspice sessions at once (default: as many as the machine has threads)", 0},
    {"json", KEY_JSON, 0, 0, "bench: print one JSON object instead of the table", 0},
    {0}};

static int is_action(const options *o, const char *name) { return strcmp(o->action, name) == 0; }

static void check_options(const options *o, struct argp_state *state) {
  if (o->action == NULL) argp_error(state, "saw no action, need list, show, bench, page, new or sample NAME");
  else if (!is_action(o, "list") && !is_action(o, "show") && !is_action(o, "bench") && !is_action(o, "page"))
    argp_error(state, "saw \"%s\", need list, show, bench, page, new or sample NAME", o->action);
  else if (!is_action(o, "list") && o->name == NULL)
    argp_error(state, "%s: saw no name, need one of `ohmgrid device list`", o->action);
  else if (is_action(o, "list") && o->name != NULL) argp_error(state, "list: saw \"%s\", need nothing after it", o->name);
  else if (is_action(o, "page") && (o->folder == NULL || o->json))
    argp_error(state, "page: saw %s, need -o DIR and no --json", o->folder == NULL ? "no folder" : "--json");
  else if (!is_action(o, "bench") && !is_action(o, "page") &&
           (o->folder != NULL || o->bench.full || o->bench.threads > 0 || o->json))
    argp_error(state, "%s: saw an option of bench, need none", o->action);
}

static error_t parse(int key, char *arg, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
    case 'o': o->folder = arg; return 0;
    case KEY_FULL: o->bench.full = 1; return 0;
    case KEY_THREADS: o->bench.threads = count_option(state, "threads", arg, 1, 1024); return 0;
    case KEY_JSON: o->json = 1; return 0;
    case ARGP_KEY_ARG:
      if (state->arg_num == 0) o->action = arg;
      else if (state->arg_num == 1) o->name = arg;
      else argp_error(state, "saw \"%s\", need nothing after the name", arg);
      return 0;
    case ARGP_KEY_END: check_options(o, state); return 0;
    default: return ARGP_ERR_UNKNOWN;
  }
}

static const struct argp parser = {
    table, parse, "list | show NAME | bench NAME | page NAME | sample NAME\nnew NAME --subckt FILE --pins p,n[,STATE...]",
    "Devices: published statistics of memristive cells, and SPICE subcircuits with benches; each number with its source."
    "\vExamples:\n"
    "  ohmgrid device list\n"
    "  ohmgrid device show rram-wan2022\n"
    "  ohmgrid device bench my/card.yaml --full -o results\n"
    "  ohmgrid device new mine --subckt mine.lib --pins p,n,w\n\n"
    "NAME is one of the list, or the path of a card. `bench` runs the decks of a circuit device in ngspice and in our own "
    "engine, and holds what it extracts against what is expected. Exit status 3 if a figure is outside, 1 if a run failed. "
    "`page` does the same and writes what there is to know about the device as a page with plots. `new` makes a device folder out of your own subcircuit, `sample` a card of statistics out of a circuit device: `ohmgrid "
    "device new --help` and `ohmgrid device sample --help` have their options.",
    NULL, NULL, NULL};

/* Text of a card, which may be somebody else's: control characters must not reach a terminal. */
static void print_safe(const char *text) {
  for (; *text != '\0'; text++) putchar((unsigned char)*text >= ' ' && *text != 127 ? *text : *text == '\n' ? ' ' : '?');
}

/* ---- list and show ---- */

static og_status list_one(const char *name, const char *data_dir, og_error *err) {
  og_device_kind kind;
  og_card card;
  og_circuit_card *circuit = NULL;
  og_status st = og_device_kind_of(&kind, name, data_dir, err);
  if (st == OG_OK && kind == OG_DEVICE_CIRCUIT) st = og_circuit_card_load(&circuit, name, data_dir, err);
  else if (st == OG_OK) st = og_card_load(&card, name, data_dir, err);
  if (st != OG_OK) return st;
  int width = 0;
  for (const char *p = name; *p != '\0'; p++, width++) putchar(isprint((unsigned char)*p) ? *p : '?');
  printf("%*s %-10s ", width < 18 ? 18 - width : 0, "", kind == OG_DEVICE_CIRCUIT ? "circuit" : "statistics");
  print_safe(circuit != NULL ? og_circuit_card_title(circuit) : card.title);
  putchar('\n');
  og_circuit_card_free(circuit);
  return OG_OK;
}

static int list(const char *data_dir) {
  char **names;
  size_t count;
  og_error err = {0};
  og_status st = og_device_names(&names, &count, data_dir, &err);
  for (size_t k = 0; k < count && st == OG_OK; k++) st = list_one(names[k], data_dir, &err);
  og_device_names_free(names, count);
  return st == OG_OK ? 0 : fail(&err, st);
}

static void show_statistics(const og_card *card) {
  char parameter[64], value[160], source[320];
  print_safe(card->name);
  printf(": ");
  print_safe(card->title);
  putchar('\n');
  for (size_t k = 0; og_card_param(card, k, parameter, value, source); k++) {
    printf("\n  %-22s %s\n      ", parameter, value);
    print_safe(source);
    putchar('\n');
  }
}

/* The section of model.md whose heading says "equation", up to the next heading; else where to look. */
static void show_equations(const og_circuit_card *c) {
  char path[4096], line[1024];
  int inside = 0, shown = 0;
  snprintf(path, sizeof path, "%s/model.md", og_circuit_card_folder(c));
  FILE *f = fopen(path, "r");
  if (f == NULL) return;
  while (fgets(line, sizeof line, f) != NULL) {
    line[strcspn(line, "\n")] = '\0';
    if (line[0] == '#') inside = !shown && (strstr(line, "quation") != NULL || strstr(line, "QUATION") != NULL);
    if (!inside) continue;
    if (!shown) putchar('\n');
    shown = 1;
    print_safe(line);
    putchar('\n');
  }
  fclose(f);
  printf("\nequations, validity, deviations: ");
  print_safe(path);
  putchar('\n');
}

static void show_param(const og_circuit_param *p) {
  printf("\n  %-22s ", p->name);
  print_safe(p->value_text);
  printf(" (");
  print_safe(p->min_text);
  printf(" .. ");
  print_safe(p->max_text);
  printf(")");
  if (p->unit[0] == '\0') printf(", no unit");
  if (p->spread > 0) printf(", spread %g %% from device to device", 100 * p->spread);
  printf("\n      ");
  print_safe(p->help);
  printf("%s", p->help[0] != '\0' ? "\n      " : "");
  print_safe(p->source);
  putchar('\n');
}

static void show_circuit(const og_circuit_card *c) {
  printf("%s: ", og_circuit_card_name(c));
  print_safe(og_circuit_card_title(c));
  printf("\n\n  subcircuit             %s in %s/%s\n  pins                  ", og_circuit_card_subckt(c), og_circuit_card_folder(c),
         og_circuit_card_file(c));
  for (size_t k = 0; k < og_circuit_card_pins(c); k++) printf(" %s", og_circuit_card_pin(c, k));
  putchar('\n');
  for (size_t k = 0; k < og_circuit_card_states(c); k++) {
    const og_circuit_state *s = og_circuit_card_state(c, k);
    printf("  state %-16s %g .. %g", s->pin, s->min, s->max);
    printf("%s", s->unit[0] != '\0' ? " (" : "");
    print_safe(s->unit);
    printf("%s ", s->unit[0] != '\0' ? ")" : "");
    print_safe(s->help);
    putchar('\n');
  }
  for (size_t k = 0; k < og_circuit_card_params(c); k++) show_param(og_circuit_card_param(c, k));
  show_equations(c);
}

static int show(const char *name, const char *data_dir) {
  og_card card;
  og_device_kind kind;
  og_circuit_card *circuit = NULL;
  og_error err = {0};
  og_status st = og_device_kind_of(&kind, name, data_dir, &err);
  if (st == OG_OK && kind == OG_DEVICE_CIRCUIT) st = og_circuit_card_load(&circuit, name, data_dir, &err);
  else if (st == OG_OK) st = og_card_load(&card, name, data_dir, &err);
  if (st != OG_OK) return fail(&err, st);
  if (circuit != NULL) show_circuit(circuit);
  else show_statistics(&card);
  og_circuit_card_free(circuit);
  return 0;
}

/* ---- bench ---- */

static void format_range(char to[64], const og_bench_row *row) {
  if (isfinite(row->expected)) snprintf(to, 64, "%.5g +- %.2g", row->expected, row->high - row->expected);
  else if (isfinite(row->low) && isfinite(row->high)) snprintf(to, 64, "%.5g .. %.5g", row->low, row->high);
  else if (isfinite(row->low)) snprintf(to, 64, ">= %.5g", row->low);
  else snprintf(to, 64, "<= %.5g", row->high);
}

static void print_row(const og_bench_report *r, const og_bench_row *row) {
  char range[64];
  format_range(range, row);
  printf("%-14s %-14s %-20s %-18s %12.6g %-22s %-4s %-6s ", r->device, row->bench, row->run[0] != '\0' ? row->run : "-",
         row->figure, row->value, range, row->unit, row->passed ? "pass" : row->informative ? "note" : "FAIL");
  char source[72]; /* the whole of it stands in the files */
  snprintf(source, sizeof source, "%s", row->source);
  if (strlen(row->source) >= sizeof source) memcpy(source + sizeof source - 4, "...", 4);
  print_safe(row->why[0] != '\0' ? row->why : source);
  putchar('\n');
}

static void print_table(const og_bench_report *r, size_t skipped) {
  printf("%-14s %-14s %-20s %-18s %12s %-22s %-4s %-6s %s\n", "device", "bench", "run", "figure", "extracted",
         "expected or range", "unit", "", "source");
  for (size_t k = 0; k < r->run_count; k++) {
    const og_bench_run *run = &r->run[k];
    for (size_t j = 0; j < run->row_count; j++) print_row(r, &r->row[run->row_first + j]);
    if (run->status == OG_OK) continue;
    printf("%-14s %-14s %-20s run FAILED: ", r->device, run->bench, run->label[0] != '\0' ? run->label : "-");
    print_safe(run->why);
    putchar('\n');
  }
  printf("%zu runs, %zu failed; %zu figures, %zu outside", r->run_count, r->failed, r->row_count, r->outside);
  if (r->spice_version[0] != '\0') printf("; %s", r->spice_version);
  if (skipped > 0) printf("; %zu longer benches left out (--full: all)", skipped);
  putchar('\n');
}

static int tell_outcome(const options *o, const og_bench_report *r) {
  og_error err = {0};
  og_status st = OG_OK;
  if (o->json) st = og_bench_json(r, stdout, &err);
  else print_table(r, r->skipped);
  if (st == OG_OK && o->folder != NULL) st = og_bench_save(r, o->folder, &err);
  if (st == OG_OK) st = og_bench_verdict(r, &err);
  return st == OG_OK ? 0 : fail(&err, st);
}

static int bench(options *o, const og_paths *paths) {
  og_error err = {0};
  og_device_kind kind;
  og_circuit_card *card = NULL;
  og_bench_report *report = NULL;
  og_status st = og_device_kind_of(&kind, o->name, paths->data_dir, &err);
  if (st == OG_OK && kind != OG_DEVICE_CIRCUIT) {
    fprintf(stderr, "ohmgrid: device bench: %s has a card of statistics, need one of kind circuit\n", o->name);
    return og_status_exit(OG_E_UNSUPPORTED);
  }
  if (st == OG_OK) st = og_circuit_card_load(&card, o->name, paths->data_dir, &err);
  if (st == OG_OK) {
    o->bench.worker = paths->spice_worker;
    o->bench.progress = progress_start();
    st = og_bench_device(&report, card, &o->bench, &err);
    progress_end();
  }
  int status = st == OG_OK ? tell_outcome(o, report) : fail(&err, st);
  og_bench_free(report);
  og_circuit_card_free(card);
  return status;
}

int cmd_device(int argc, char **argv) {
  options o = {0};
  char cache[4096], title[] = "ohmgrid device new";
  if (argc > 1 && strcmp(argv[1], "new") == 0) { /* options of its own */
    argv[1] = title;
    return cmd_device_new(argc - 1, argv + 1);
  }
  if (argc > 1 && strcmp(argv[1], "sample") == 0) return cmd_device_sample(argc, argv);
  og_bench_opts_init(&o.bench);
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  const og_paths paths = paths_from_environment(cache, sizeof cache);
  if (is_action(&o, "list")) return list(paths.data_dir);
  if (is_action(&o, "show")) return show(o.name, paths.data_dir);
  if (is_action(&o, "page")) return device_page(o.name, o.folder, &o.bench, &paths);
  return bench(&o, &paths);
}
