/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

enum { KEY_SET = 2000, KEY_RESUME, KEY_KEYS, KEY_JSON, SETS = 64 };

typedef struct options {
  const char *study, *out, *resume;
  const char *sets[SETS];
  size_t set_count;
  int json, list_keys;
} options;

static const struct argp_option table[] = {
    {"output", 'o', "DIR", 0,
     "folder for report.html, results.json, waveforms, tables and drawings (default: ohmgrid-cosim)", 0},
    {"set", KEY_SET, "KEY=VALUE", 0, "override a key of the study; may be repeated", 0},
    {"resume", KEY_RESUME, "FILE", 0, "go on from a checkpoint.csv, instead of study.resume", 0},
    {"keys", KEY_KEYS, 0, 0, "list every key of a study with unit, range and default, and exit", 2},
    {"json", KEY_JSON, 0, 0, "print results.json instead of the summary", 2},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state) {
  options *o = state->input;
  switch (key) {
  case 'o': o->out = arg; return 0;
  case KEY_SET:
    if (o->set_count == SETS) argp_error(state, "--set: saw more than %d, need fewer: put them into the study", SETS);
    o->sets[o->set_count++] = arg;
    return 0;
  case KEY_RESUME: o->resume = arg; return 0;
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
    table,
    parse,
    "STUDY.yaml",
    "An array with real wires, solved here, whose cells are instances of a SPICE subcircuit, in ngspice or as compact "
    "models, in time."
    "\vExamples:\n"
    "  ohmgrid cosim studies/write-half.yaml -o results\n"
    "  ohmgrid cosim studies/write-half.yaml --set drive.scheme=third --set array.r_word_ohm=20\n"
    "  ohmgrid cosim studies/eso-pattern.yaml --set drive.pattern='w0@10n b1@60n*0.5'\n"
    "  ohmgrid cosim studies/read-relaxation.yaml --set report.frames=40\n"
    "  ohmgrid cosim studies/write-half.yaml --set cells.spice=none --set cells.other=compact\n"
    "  ohmgrid cosim studies/write-half.yaml --resume results/checkpoint.csv --set study.step_second=0.25n\n"
    "  ohmgrid cosim studies/fefet-verify.yaml -o levels\n\n"
    "The folder then holds report.html, results.json, waves.raw (ngspice can load it), checkpoint.csv, tables, "
    "drawings, and the study as resolved. A run that fails on its way leaves checkpoint.csv, from which it can "
    "go on, with other steps or with compact models. Exit status 3 if a state left the range of its device's "
    "card, if a column did not reach its level, or if a check (check.reference: one deck in ngspice, "
    "check.relaxation, check.compact) finds states that differ by more than check.state_tol.",
    NULL,
    NULL,
    NULL};

static int print_json_file(const options *o) {
  char path[4096];
  json_error_t why;
  snprintf(path, sizeof path, "%s/results.json", o->out);
  json_t *object = json_load_file(path, 0, &why);
  if (object == NULL) {
    fprintf(stderr, "ohmgrid: %s: %s\n", path, why.text);
    return EXIT_FAILURE;
  }
  print_json(object);
  return EXIT_SUCCESS;
}

static void print_selected(const og_write_results *r) {
  if (isfinite(r->change))
    printf("selected cell       (%zu,%zu): state %s changed by %.4g\n", r->row, r->column, r->state[0], r->change);
  if (isfinite(r->disturb))
    printf("worst disturb       (%zu,%zu): state %s changed by %.4g\n", r->disturbed / r->n, r->disturbed % r->n,
           r->state[0], r->disturb);
  if (isfinite(r->selected_joule))
    printf("cells               selected %.4g J, all others %.4g J\n", r->selected_joule,
           r->unselected_joule);
}

enum { LINES = 16 };

/* Lines of an array can be many: as many as fit on a screen. */
static void print_reads(const og_write_results *r) {
  if (r->reads == 0) return;
  printf("reads               %zu, from %.4g s to %.4g s\n", r->reads, r->read_second[0], r->read_second[r->reads - 1]);
  puts("  bit line   first (A)    last (A)  last/first     tau (s)       +- (s)");
  for (size_t j = 0; j < r->n && j < LINES; j++) {
    double first = r->read_amp[j], last = r->read_amp[(r->reads - 1) * r->n + j];
    printf("  %8zu %11.4e %11.4e %11.4f", j, first, last, last / first);
    if (isfinite(r->tau[j])) printf(" %11.4e %12.1e\n", r->tau[j], r->tau_error[j]);
    else puts("           -            -");
  }
  if (r->n > LINES) printf("  and %zu more: reads.csv, results.json\n", r->n - LINES);
}

static void print_verify(const og_write_results *r) {
  if (r->verify_reads == 0) return;
  printf("write-verify        %zu pulses, %zu of %zu columns reached their level\n", r->verify_reads - 1,
         r->n - r->unreached, r->n);
  puts("    column   level  target (A) reached (A)  error/step  pulses");
  for (size_t j = 0; j < r->n && j < LINES; j++)
    printf("  %8zu %7zu %11.4e %11.4e %11.4f %7zu\n", j, j % r->levels, r->target_amp[j], r->reached_amp[j],
           (r->reached_amp[j] - r->target_amp[j]) / r->level_amp, r->verify_pulses[j]);
  if (r->n > LINES) printf("  and %zu more: verify.csv, results.json\n", r->n - LINES);
}

static void print_checks(const og_write_results *r) {
  const og_cosim_info *i = &r->info;
  if (i->rescued > 0)
    printf("failures            %zu, the last at %.6g s, gone on from there: %s\n", i->rescued, i->rescued_second,
           i->rescued_why);
  if (isfinite(r->compact_error))
    printf("compact models      states differ by %.2g at most; %.3g s, %.3g times faster\n", r->compact_error,
           r->compact_second, r->wall_second / r->compact_second);
  if (isfinite(r->relaxation_error))
    printf("waveform relaxation states differ by %.2g at most; it took %.3g s\n", r->relaxation_error,
           r->relaxation_second);
  if (isfinite(r->reference_error))
    printf("one deck in ngspice states differ by %.2g at most; it took %.3g s\n", r->reference_error,
           r->reference_second);
}

static void print_summary(const og_write_results *r) {
  const og_cosim_info *i = &r->info;
  size_t linear = r->m * r->n - i->spice_cells - i->compact_cells;
  printf("array               %zu x %zu: %zu cells in ngspice", r->m, r->n, i->spice_cells);
  if (i->spice_cells > 0) printf(" (%zu session%s)", i->sessions, i->sessions == 1 ? "" : "s");
  printf(", %zu compact, %zu linear; %.3g s\n", i->compact_cells, linear, r->wall_second);
  if (og_vectors_at(r->waves, 0)[0] > 0) printf("went on from        %.6g s\n", og_vectors_at(r->waves, 0)[0]);
  if (r->one_cell) print_selected(r);
  printf("energy              delivered %.4g J: cells %.4g J, ", i->delivered_joule, i->cells_joule);
  if (linear > 0) printf("linear cells %.4g J, ", i->linear_joule);
  printf("wires %.4g J\n", i->wires_joule);
  print_reads(r);
  print_verify(r);
  printf("exchange            %zu steps (ngspice %zu); worst port mismatch %.2g of the drive\n", i->steps,
         i->spice_steps, i->mismatch);
  printf("balance of ports    %.2g of energy, %.2g of charge\n", i->energy_balance, i->charge_balance);
  print_checks(r);
}

/* Where a failed run can go on, behind the reason in the same line. */
static int fail_on_the_way(const options *o, const og_write_results *r, og_error *err, og_status st) {
  if (!isfinite(r->checkpoint_second)) return fail(err, st);
  fprintf(stderr, "ohmgrid: %s: go on with --resume %s/checkpoint.csv", err->text, o->out);
  if (st != OG_E_INTERRUPT) {
    if (r->step_second > 0) fprintf(stderr, " --set study.step_second=%.3g", 0.25 * r->step_second);
    fputs(", or --set cells.spice=none --set cells.other=compact", stderr);
  }
  fputc('\n', stderr);
  return og_status_exit(st);
}

static int run(const options *o, const og_write_study *study) {
  og_error err = {0};
  og_write_results results = {0};
  char cache[4096];
  og_paths paths = paths_from_environment(cache, sizeof cache);
  og_write_opts opts = {.out_dir = o->out, .spice_worker = paths.spice_worker, .data_dir = paths.data_dir,
                         .resume = o->resume};
  opts.progress = progress_start();
  og_status st = og_write_study_run(&results, study, &opts, &err);
  progress_end();
  int finished = st == OG_OK || st == OG_E_TOLERANCE;
  int status = st == OG_OK ? EXIT_SUCCESS : finished ? fail(&err, st) : fail_on_the_way(o, &results, &err, st);
  if (finished) {
    if (!o->json) print_summary(&results);
    else if (print_json_file(o) != EXIT_SUCCESS) status = EXIT_FAILURE; /* also of a study that did not pass: status 3 */
    fprintf(stderr, "results: %s\n", o->out);
  }
  og_write_results_clear(&results);
  return status;
}

int cmd_cosim(int argc, char **argv) {
  options o = {.out = "ohmgrid-cosim"};
  og_write_study *study;
  og_error err = {0};
  argp_parse(&parser, argc, argv, 0, NULL, &o);
  if (o.list_keys) {
    og_status st = og_write_study_keys(stdout, &err);
    return st == OG_OK ? EXIT_SUCCESS : fail(&err, st);
  }
  og_status st = og_write_study_load(&study, o.study, o.sets, o.set_count, &err);
  if (st != OG_OK) return fail(&err, st);
  int status = run(&o, study);
  og_write_study_free(study);
  return status;
}
