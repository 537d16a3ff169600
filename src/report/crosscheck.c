/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/check.h>
#include <ohmgrid/deck.h>
#include <ohmgrid/netlist.h>
#include <ohmgrid/nonlinear.h>
#include <ohmgrid/solve.h>
#include <ohmgrid/spice.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "base/ogi_time.h"
#include "cosim/ogi_spice.h"
#include "netlist/ogi_deck_parts.h"
#include "netlist/ogi_netlist.h"
#include "report/ogi_crosscheck.h"

/* Currents below this share of what a column could carry are what cancellation left: no digit of them is good. */
#define CANCELLED 1e-9

#define VECTOR_NAME (OGI_NODE_NAME + sizeof "#branch")

/* One array with all its inputs. Values of one input, ours and theirs: n currents, mn word nodes, mn bit nodes. */
typedef struct job {
  const og_array *array;
  const double *g, *v;
  const double *u;                 /* bit line potentials, or NULL  */
  const og_cell *cell;             /* NULL: linear                  */
  size_t sources, cells, count;    /* m (parallel: n), m n, and n + 2 m n */
  double *current, *v_word, *v_bit; /* ours, of all inputs           */
  double *ours, *theirs;           /* of one input                  */
  char *name_text;                 /* count blocks of VECTOR_NAME   */
  const char **names;
  double drive_amp;                /* largest column sum of g [S]; times max |v| the largest output current [A] */
  ogi_spice *spice;
} job;

void og_check_opts_init(og_check_opts *opts) {
  *opts = (og_check_opts){.rtol = 1e-6, .timeout_second = 600, .sample_nodes = 10000, .samples = 5, .seed = 1};
}

double ogi_deviation(const double *ours, const double *theirs, size_t count, double floor, size_t *where) {
  double largest = 0, worst = 0;
  *where = 0;
  for (size_t k = 0; k < count; k++) largest = fmax(largest, fabs(theirs[k]));
  for (size_t k = 0; k < count; k++) {
    double scale = fmax(fmax(fabs(theirs[k]), 1e-3 * largest), floor);
    double deviation = ours[k] == theirs[k] ? 0 : fabs(ours[k] - theirs[k]) / scale;
    if (isnan(deviation)) deviation = INFINITY;
    if (deviation > worst) {
      worst = deviation;
      *where = k;
    }
  }
  return worst;
}

/* --- preparation -------------------------------------------------------------------------------------------------- */

static og_status check_arguments(const og_check_result *result, const og_array *array, const double *g,
                                 const double *v, size_t k, const og_check_opts *opts, og_error *err) {
  og_status st;
  if (result == NULL || g == NULL || v == NULL) return ogi_fail(err, OG_E_ARG, "check: a needed pointer is NULL");
  if (k == 0) return ogi_fail(err, OG_E_ARG, "check: inputs: saw 0, need 1 or more");
  OGI_TRY(st, og_array_check(array, err));
  if (!(opts->rtol >= 1e-15 && opts->rtol <= 1))
    return ogi_fail(err, OG_E_RANGE, "check: rtol: saw %g, need 1e-15 to 1", opts->rtol);
  if (!(opts->timeout_second > 0))
    return ogi_fail(err, OG_E_RANGE, "check: timeout_second: saw %g, need more than 0 (second)", opts->timeout_second);
done:
  return st;
}

/* Vectors in the order of a job's values; nodes merged by 0 ohm are asked for as often as they have positions. */
static og_status name_vectors(job *b, og_error *err) {
  const og_array *a = b->array;
  ogi_labels deck;
  og_status st = ogi_labels_create(&deck, a, err);
  if (st != OG_OK) return st;
  for (size_t k = 0; k < b->count; k++) b->names[k] = b->name_text + k * VECTOR_NAME;
  for (size_t j = 0; j < a->n; j++) snprintf(b->name_text + j * VECTOR_NAME, VECTOR_NAME, "vt_%zu#branch", j);
  char *word = b->name_text + a->n * VECTOR_NAME, *bit = word + b->cells * VECTOR_NAME;
  for (size_t k = 0; k < b->cells; k++) {
    ogi_netlist_word(word + k * VECTOR_NAME, &deck, k / a->n, k % a->n);
    ogi_netlist_bit(bit + k * VECTOR_NAME, &deck, k / a->n, k % a->n);
  }
  ogi_labels_clear(&deck);
  return OG_OK;
}

static double largest_column(const og_array *a, const double *g) { /* [S] */
  double largest = 0;
  for (size_t j = 0; j < a->n; j++) {
    double sum = 0;
    for (size_t i = 0; i < a->m; i++) sum += g[i * a->n + j];
    largest = fmax(largest, sum);
  }
  return largest;
}

static og_status prepare(job *b, size_t k, og_error *err) {
  size_t n = b->array->n;
  b->cells = b->array->m * n;
  b->sources = b->array->wiring == OG_WIRING_PARALLEL ? n : b->array->m;
  b->count = n + 2 * b->cells;
  b->current = ogi_alloc(k, n * sizeof *b->current);
  b->v_word = ogi_alloc(k, b->cells * sizeof *b->v_word);
  b->v_bit = ogi_alloc(k, b->cells * sizeof *b->v_bit);
  b->ours = ogi_alloc(b->count, sizeof *b->ours);
  b->theirs = ogi_alloc(b->count, sizeof *b->theirs);
  b->name_text = ogi_alloc(b->count, VECTOR_NAME);
  b->names = ogi_alloc(b->count, sizeof *b->names);
  if (!b->current || !b->v_word || !b->v_bit || !b->ours || !b->theirs || !b->name_text || !b->names)
    return ogi_fail(err, OG_E_NOMEM, "check: %zu inputs of %zu cells", k, b->cells);
  b->drive_amp = largest_column(b->array, b->g);
  return name_vectors(b, err);
}

static void clear(job *b) {
  ogi_spice_close(b->spice);
  ogi_free(b->current);
  ogi_free(b->v_word);
  ogi_free(b->v_bit);
  ogi_free(b->ours);
  ogi_free(b->theirs);
  ogi_free(b->name_text);
  ogi_free(b->names);
}

/* --- the two solutions -------------------------------------------------------------------------------------------- */

static og_status solve_law(job *b, size_t k, og_solve_info *info, og_error *err) {
  og_status st;
  og_nonlinear *s = NULL;
  og_nonlinear_info more = {0};
  OGI_TRY(st, og_nonlinear_create(&s, b->array, b->cell, NULL, err));
  OGI_TRY(st, og_nonlinear_set_cells(s, b->g, err));
  st = og_nonlinear_dc(s, b->v, b->u, k, b->current, b->v_word, b->v_bit, &more, err);
  *info = (og_solve_info){.engine = more.engine, .iterations = more.newton_steps, .kcl_residual = more.kcl_residual,
                          .kcl_residual_amp = more.kcl_residual_amp, .power_watt = more.power_watt,
                          .power_cells_watt = more.power_cells_watt, .power_balance = more.power_balance, .audited = k,
                          .rounding_limited = more.rounding_limited};
done:
  og_nonlinear_free(s);
  return st;
}

static og_status solve_here(job *b, size_t k, og_solve_info *info, og_error *err) {
  og_status st;
  og_solver *s = NULL;
  if (b->cell != NULL) return solve_law(b, k, info, err);
  OGI_TRY(st, og_solver_create(&s, b->array, NULL, err));
  OGI_TRY(st, og_solver_set_cells(s, b->g, err));
  OGI_TRY(st, og_solver_set_bit_volts(s, b->u, err));
  st = og_solver_dc(s, b->v, k, b->current, b->v_word, b->v_bit, info, err);
done:
  og_solver_free(s);
  return st;
}

/* The deck of one input; free() it. */
static og_status emit_text(const job *b, size_t input, char **text, size_t *bytes, og_error *err) {
  FILE *stream = open_memstream(text, bytes);
  if (stream == NULL) return ogi_fail(err, OG_E_NOMEM, "check: a deck of %zu cells", b->cells);
  og_netlist_opts opts;
  og_netlist_opts_init(&opts);
  opts.bit_volts = b->u;
  opts.cell = b->cell;
  og_status st = og_netlist_print(stream, b->array, b->g, b->v + input * b->sources, &opts, err);
  int full = ferror(stream);
  if ((fclose(stream) != 0 || full) && st == OG_OK)
    st = ogi_fail(err, OG_E_NOMEM, "check: a deck of %zu cells", b->cells);
  return st;
}

/* One deck an input: nothing of the last one can be left over. */
static og_status solve_there(job *b, size_t input, og_error *err) {
  char *deck = NULL;
  size_t bytes = 0;
  og_status st = emit_text(b, input, &deck, &bytes, err);
  if (st == OG_OK) st = ogi_spice_run(b->spice, deck, bytes, b->names, b->count, b->theirs, err);
  free(deck); /* open_memstream's own */
  return st == OG_OK ? st : ogi_prefix(err, st, "input %zu", input);
}

/* --- comparison --------------------------------------------------------------------------------------------------- */

/*
 * "i_4", "w_3_5" or "b_0_2": the position, also where 0 ohm gave the node another name in the deck. No index of an
 * array that passed og_array_check is beyond an int.
 */
static void name_place(char *out, size_t room, const job *b, size_t k) {
  size_t n = b->array->n, cell = (k - n) % b->cells;
  if (k < n) snprintf(out, room, "i_%u", (unsigned)k);
  else snprintf(out, room, "%c_%u_%u", k < n + b->cells ? 'w' : 'b', (unsigned)(cell / n), (unsigned)(cell % n));
}

/* Take note of the worst value of one kind of one input, if it is the worst of all so far. */
static void note(og_check_result *r, const job *b, size_t input, size_t k, double deviation) {
  if (r->worst_node[0] != '\0' && !(deviation > r->worst_relative)) return;
  r->worst_relative = deviation;
  r->worst_input = input;
  r->ours = b->ours[k];
  r->theirs = b->theirs[k];
  name_place(r->worst_node, sizeof r->worst_node, b, k);
}

static void compare(og_check_result *r, job *b, size_t input) {
  size_t n = b->array->n, where;
  double volt = 0;
  for (size_t i = 0; i < b->sources; i++) volt = fmax(volt, fabs(b->v[input * b->sources + i]));
  for (size_t j = 0; b->u != NULL && j < n; j++) volt = fmax(volt, fabs(b->u[j]));
  memcpy(b->ours, b->current + input * n, n * sizeof *b->ours);
  memcpy(b->ours + n, b->v_word + input * b->cells, b->cells * sizeof *b->ours);
  memcpy(b->ours + n + b->cells, b->v_bit + input * b->cells, b->cells * sizeof *b->ours);
  double current = ogi_deviation(b->ours, b->theirs, n, CANCELLED * volt * b->drive_amp, &where);
  note(r, b, input, where, current);
  double voltage = ogi_deviation(b->ours + n, b->theirs + n, 2 * b->cells, 0, &where);
  note(r, b, input, n + where, voltage);
  r->worst_current = fmax(r->worst_current, current);
  r->worst_voltage = fmax(r->worst_voltage, voltage);
  r->compared += b->count;
}

static og_status judge(const og_check_result *r, double rtol, og_error *err) {
  if (r->worst_relative <= rtol) return OG_OK;
  return ogi_fail(err, OG_E_TOLERANCE, "input %zu: %s: saw %.9g, ngspice %.9g (%s): relative deviation %.3g, need at "
                  "most %.3g", r->worst_input, r->worst_node, r->ours, r->theirs,
                  r->worst_node[0] == 'i' ? "amp" : "volt", r->worst_relative, rtol);
}

/* Our potentials of one input against those of the deck that was written, read and solved again. */
static void compare_with_deck(og_check_result *r, job *b, const og_deck *deck, const og_vectors *solved) {
  size_t where;
  memcpy(b->ours + b->array->n, b->v_word, b->cells * sizeof *b->ours);
  memcpy(b->ours + b->array->n + b->cells, b->v_bit, b->cells * sizeof *b->ours);
  for (size_t k = b->array->n; k < b->count; k++) {
    size_t node = ogi_names_find(deck->node_names, b->names[k]);
    b->theirs[k] = node == OGI_NO_NAME ? NAN : *og_vectors_at(solved, node - 1); /* vectors leave out ground */
  }
  double deviation = ogi_deviation(b->ours + b->array->n, b->theirs + b->array->n, 2 * b->cells, 0, &where);
  note(r, b, 0, b->array->n + where, deviation);
  r->worst_voltage = fmax(r->worst_voltage, deviation);
}

/*
 * An array that is too large for ngspice goes the way of decks: written, read, recognised, solved, and compared in
 * parts. Of several inputs the first counts.
 */
static og_status check_parts(og_check_result *r, job *b, const og_check_opts *opts, og_error *err) {
  og_status st;
  char *text = NULL;
  og_deck *deck = NULL;
  og_check_report report = {0};
  og_check_deck_opts deck_opts;
  og_check_deck_opts_init(&deck_opts);
  deck_opts.rtol = opts->rtol;
  deck_opts.sample_nodes = opts->sample_nodes;
  deck_opts.samples = opts->samples;
  deck_opts.seed = opts->seed;
  deck_opts.timeout_second = opts->timeout_second;
  deck_opts.worker = opts->worker;
  deck_opts.progress = opts->progress;
  size_t bytes;
  OGI_TRY(st, emit_text(b, 0, &text, &bytes, err));
  OGI_TRY(st, og_deck_parse(&deck, "array", text, bytes, NULL, err));
  st = og_check_deck(&report, deck, &deck_opts, err);
  if (st != OG_OK && st != OG_E_TOLERANCE) goto done;
  const og_check_analysis *one = &report.analysis[0];
  const og_compare_vector *worst = &one->compare.vector[one->compare.worst];
  r->compared = one->compare.compared;
  r->samples = one->samples;
  r->worst_relative = r->worst_voltage = one->compare.worst_relative;
  snprintf(r->worst_node, sizeof r->worst_node, "%.39s", worst->name);
  r->ours = worst->ours[0];
  r->theirs = worst->theirs[0];
  r->spice_second = one->theirs_second;
  snprintf(r->spice_version, sizeof r->spice_version, "%.39s", report.reference);
  compare_with_deck(r, b, deck, one->ours);
  st = OG_OK; /* the caller judges */
done:
  og_check_report_clear(&report);
  og_deck_free(deck);
  free(text); /* open_memstream's own */
  return st;
}

static og_status ask_ngspice(og_check_result *r, job *b, double *current_theirs, size_t k, const og_check_opts *opts,
                             og_error *err) {
  og_status st;
  double begin = ogi_now();
  size_t n = b->array->n;
  og_spice_opts spice;
  og_spice_opts_init(&spice);
  spice.program = opts->worker;
  spice.timeout_second = opts->timeout_second;
  spice.progress = opts->progress;
  OGI_TRY(st, og_spice_open(&b->spice, &spice, err));
  for (size_t e = 0; e < k; e++) {
    OGI_TRY(st, solve_there(b, e, err));
    compare(r, b, e);
    if (current_theirs != NULL) memcpy(current_theirs + e * n, b->theirs, n * sizeof *current_theirs);
  }
  r->spice_second = ogi_now() - begin;
  snprintf(r->spice_version, sizeof r->spice_version, "%s", ogi_spice_version(b->spice));
done:
  return st;
}

og_status og_check_array(og_check_result *result, double *current_ours, double *current_theirs, const og_array *array,
                         const double *g, const double *v, size_t k, const og_check_opts *opts, og_error *err) {
  og_status st;
  og_check_opts defaults;
  og_check_opts_init(&defaults);
  if (opts == NULL) opts = &defaults;
  job b = {.array = array, .g = g, .v = v, .u = opts->bit_volts, .cell = opts->cell};
  if (result != NULL) memset(result, 0, sizeof *result);
  st = check_arguments(result, array, g, v, k, opts, err);
  if (st != OG_OK) return st;
  OGI_TRY(st, prepare(&b, k, err));
  OGI_TRY(st, solve_here(&b, k, &result->solve, err));
  int too_large =
      opts->sample_nodes > 0 && opts->cell == NULL && 2 * b.cells > opts->sample_nodes && current_theirs == NULL;
  OGI_TRY(st, too_large ? check_parts(result, &b, opts, err) : ask_ngspice(result, &b, current_theirs, k, opts, err));
  if (current_ours != NULL) memcpy(current_ours, b.current, k * array->n * sizeof *current_ours);
  st = judge(result, opts->rtol, err);
done:
  clear(&b);
  if (st != OG_OK && st != OG_E_TOLERANCE) {
    ogi_poison(current_ours, k * array->n);
    ogi_poison(current_theirs, k * array->n);
  }
  return st;
}
