/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cblas.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "solve/ogi_solve.h"

enum { MOST_PASSES = 40 }; /* of the stationary form; conjugate gradients need less than that many in any case seen */

static const double RTOL_STRICT = 1e-14; /* of conjugate gradients where the first answer fell short */

struct og_solver {
  og_array array;
  og_solver_opts opts;
  og_engine engine;
  char reason[sizeof((og_solve_info *)0)->reason];
  ogi_wires wires;
  ogi_sweep *sweep; /* engine cg on equal segments: stationary first, conjugate gradients where that is too slow */
  ogi_cg *cg;     /* made when first needed if there is a sweep                                                 */
  ogi_chol *chol;
  ogi_merge *merge; /* engine reduce on regular chains; potentials still come from one of the above */
  int cg_has_cells;
  int has_cells;
  double *g;              /* m x n [S]                                              */
  double *g_eff;          /* sources x n [S], engine reduce                         */
  double *y_source;       /* sources x sources [S], engine reduce                   */
  double *gram;           /* sources x sources [V^2], engine reduce                 */
  double *v_word, *v_bit; /* m x n [V], of one input when the caller wants none     */
  double *scratch;        /* for the audit                                          */
  double *u;              /* n [V], potentials of the bit line terminals            */
  int has_u;              /* 0: they are 0 V                                        */
  double *i_audit;        /* n [A], engine reduce: currents of the audited input    */
};

const char *og_engine_name(og_engine engine) {
  static const char *const names[] = {"auto", "reduce", "cg", "cholesky"};
  return (unsigned)engine < sizeof names / sizeof *names ? names[engine] : NULL;
}

void og_solver_opts_init(og_solver_opts *opts) {
  *opts = (og_solver_opts){.engine = OG_ENGINE_AUTO, .inputs = 1, .rtol = 1e-12, .kcl_rtol = 1e-8, .iter_max = 1000};
}

static og_status check_opts(const og_solver_opts *o, og_error *err) {
  if (og_engine_name(o->engine) == NULL)
    return ogi_fail(err, OG_E_RANGE, "solver: engine: saw %d, need one of og_engine", (int)o->engine);
  if (o->inputs == 0) return ogi_fail(err, OG_E_RANGE, "solver: inputs: saw 0, need 1 or more");
  if (!(o->rtol >= 1e-15 && o->rtol <= 0.1))
    return ogi_fail(err, OG_E_RANGE, "solver: rtol: saw %g, need 1e-15 to 0.1", o->rtol);
  if (!(o->kcl_rtol > 0 && o->kcl_rtol <= 1))
    return ogi_fail(err, OG_E_RANGE, "solver: kcl_rtol: saw %g, need more than 0, at most 1", o->kcl_rtol);
  if (o->iter_max == 0) return ogi_fail(err, OG_E_RANGE, "solver: iter_max: saw 0, need 1 or more");
  return OG_OK;
}

/* cg and the reduction by ports want regular lines without open circuits. */
static int cg_takes(const ogi_wires *w) { return !w->irregular && !w->has_open; }

static og_status choose_engine(og_solver *s, og_error *err) {
  s->engine = s->opts.engine;
  snprintf(s->reason, sizeof s->reason, "asked for");
  if (s->engine == OG_ENGINE_AUTO)
    s->engine = ogi_plan(s->opts.cost, &s->array, &s->wires, s->opts.inputs, s->reason, sizeof s->reason);
  if (s->engine == OG_ENGINE_CG && !cg_takes(&s->wires))
    return ogi_fail(err, OG_E_RANGE, "solver: engine cg: saw %s, need engine cholesky",
                    s->wires.irregular ? "lines that are not regular crossed chains" : "an open circuit in the wires");
  return OG_OK;
}

static int has_chains(const ogi_wires *w) {
  return w->word_kind == OGI_LINE_CHAIN && w->bit_kind == OGI_LINE_CHAIN;
}

/* The reduction by ports needs line ends that are nodes of their own; else one solution for each unit vector. */
static int reduces_by_ports(const og_solver *s) {
  return s->engine == OG_ENGINE_REDUCE && cg_takes(&s->wires) && has_chains(&s->wires);
}

/* Potentials: by lines where cg takes the array, unless the factor was asked for. */
static int solves_by_lines(const og_solver *s) { return s->engine != OG_ENGINE_CHOLESKY && cg_takes(&s->wires); }

/* The stationary form takes equal segments. */
static int sweeps(const og_solver *s) {
  return solves_by_lines(s) && has_chains(&s->wires) && s->wires.word_seg == NULL && s->wires.bit_seg == NULL;
}

og_status og_solver_create(og_solver **out, const og_array *array, const og_solver_opts *opts, og_error *err) {
  og_status st;
  og_solver *s = NULL;
  if (out == NULL) return ogi_fail(err, OG_E_ARG, "solver: out is NULL");
  *out = NULL;
  og_solver_opts defaults;
  og_solver_opts_init(&defaults);
  if (opts == NULL) opts = &defaults;
  OGI_TRY(st, og_array_check(array, err));
  OGI_TRY(st, check_opts(opts, err));
  s = ogi_alloc(1, sizeof *s);
  if (s == NULL) return ogi_fail(err, OG_E_NOMEM, "solver");
  s->array = *array;
  s->opts = *opts;
  OGI_TRY(st, ogi_wires_create(&s->wires, array, err));
  OGI_TRY(st, choose_engine(s, err));
  s->opts.cost = NULL; /* borrowed until here */
  size_t cells = array->m * array->n, sources = s->wires.sources;
  s->g = ogi_alloc(cells, sizeof *s->g);
  s->v_word = ogi_alloc(cells, sizeof *s->v_word);
  s->v_bit = ogi_alloc(cells, sizeof *s->v_bit);
  s->scratch = ogi_alloc(ogi_audit_scratch(array, &s->wires), sizeof *s->scratch);
  s->u = ogi_alloc(array->n, sizeof *s->u);
  s->i_audit = ogi_alloc(array->n, sizeof *s->i_audit);
  int ok = s->g && s->v_word && s->v_bit && s->scratch && s->u && s->i_audit;
  if (ok && s->engine == OG_ENGINE_REDUCE) {
    s->g_eff = ogi_alloc(sources * array->n, sizeof *s->g_eff);
    s->y_source = ogi_alloc(sources * sources, sizeof *s->y_source);
    s->gram = ogi_alloc(sources * sources, sizeof *s->gram);
    ok = s->g_eff && s->y_source && s->gram;
  }
  if (!ok) {
    st = ogi_fail(err, OG_E_NOMEM, "solver: %zu x %zu cells", array->m, array->n);
    goto done;
  }
  if (reduces_by_ports(s)) OGI_TRY(st, ogi_merge_create(&s->merge, array, &s->wires, err));
  if (sweeps(s)) OGI_TRY(st, ogi_sweep_create(&s->sweep, array, &s->wires, err));
  else if (solves_by_lines(s)) OGI_TRY(st, ogi_cg_create(&s->cg, array, &s->wires, err));
  else OGI_TRY(st, ogi_chol_create(&s->chol, array, &s->wires, 0, err));
  /* What the array borrowed is in the wires now. */
  s->array.word_segments = s->array.bit_segments = s->array.source_ohm = s->array.sense_ohm = NULL;
  s->array.bridges = NULL;
  *out = s;
  s = NULL;
done:
  og_solver_free(s);
  return st;
}

void og_solver_free(og_solver *s) {
  if (s == NULL) return;
  ogi_merge_free(s->merge);
  ogi_sweep_free(s->sweep);
  ogi_cg_free(s->cg);
  ogi_chol_free(s->chol);
  ogi_wires_clear(&s->wires);
  ogi_free(s->g);
  ogi_free(s->g_eff);
  ogi_free(s->y_source);
  ogi_free(s->gram);
  ogi_free(s->v_word);
  ogi_free(s->v_bit);
  ogi_free(s->scratch);
  ogi_free(s->u);
  ogi_free(s->i_audit);
  ogi_free(s);
}

og_status og_solver_set_bit_volts(og_solver *s, const double *u, og_error *err) {
  if (s == NULL) return ogi_fail(err, OG_E_ARG, "solver: a needed pointer is NULL");
  for (size_t j = 0; u != NULL && j < s->array.n; j++)
    if (!isfinite(u[j]))
      return ogi_fail(err, OG_E_RANGE, "bit line %zu: saw %g, need a finite voltage (volt)", j, u[j]);
  if (u != NULL) memcpy(s->u, u, s->array.n * sizeof *u);
  s->has_u = u != NULL;
  return OG_OK;
}

static void audit_solution(og_solver *s, ogi_audit *audit, const ogi_rhs *rhs, const double *v_word,
                           const double *v_bit, double *i_out, double *i_source) {
  const ogi_nodes *nodes = s->wires.irregular ? ogi_chol_nodes(s->chol) : NULL;
  ogi_audit_run(audit, &s->array, &s->wires, nodes, s->g, rhs, v_word, v_bit, s->scratch, i_out, i_source);
}

/* Conjugate gradients; warm: v_bit holds a first guess. */
static og_status solve_by_cg(og_solver *s, const ogi_rhs *rhs, int warm, double rtol, double *v_word, double *v_bit,
                             size_t *iterations, og_error *err) {
  og_status st = OG_OK;
  ogi_cells cells = {.g = s->g};
  if (s->cg == NULL) OGI_TRY(st, ogi_cg_create(&s->cg, &s->array, &s->wires, err));
  if (!s->cg_has_cells) ogi_cg_set_cells(s->cg, &cells);
  s->cg_has_cells = 1;
  *iterations = ogi_cg_solve(s->cg, rhs, warm, rtol, s->opts.iter_max, v_word, v_bit);
  if (*iterations > s->opts.iter_max)
    st = ogi_fail(err, OG_E_NOCONV, "cg: no convergence to %g within %zu iterations", rtol, s->opts.iter_max);
done:
  return st;
}

static og_status solve_potentials(og_solver *s, const ogi_rhs *rhs, double *v_word, double *v_bit, size_t *iterations,
                                  og_error *err) {
  ogi_cells cells = {.g = s->g};
  *iterations = 1;
  if (s->chol != NULL) return ogi_chol_solve(s->chol, &cells, rhs, v_word, v_bit, err);
  if (s->sweep == NULL) return solve_by_cg(s, rhs, 0, s->opts.rtol, v_word, v_bit, iterations, err);
  size_t most = ogi_min_size(s->opts.iter_max, MOST_PASSES), more;
  *iterations = ogi_sweep_solve(s->sweep, rhs, s->opts.rtol, most, v_word, v_bit);
  if (*iterations <= most) return OG_OK;
  og_status st = solve_by_cg(s, rhs, 0, s->opts.rtol, v_word, v_bit, &more, err);
  *iterations = most + more;
  return st;
}

/* Effective matrix and source admittance column by column: unit voltages through the ordinary solution. */
static og_status reduce_by_units(og_solver *s, double *g_eff, double *y_source, og_error *err) {
  og_status st = OG_OK;
  size_t m = s->wires.sources, n = s->array.n, iterations;
  double *unit = ogi_alloc(m, sizeof *unit), *i_source = ogi_alloc(m, sizeof *i_source);
  if (unit == NULL || i_source == NULL) st = ogi_fail(err, OG_E_NOMEM, "reduce: %zu inputs", m);
  for (size_t i = 0; i < m && st == OG_OK; i++) {
    ogi_audit unused;
    ogi_rhs rhs = {.v = unit}; /* bit lines at 0 V whatever the potentials of later inputs */
    unit[i] = 1;
    st = solve_potentials(s, &rhs, s->v_word, s->v_bit, &iterations, err);
    if (st == OG_OK)
      audit_solution(s, &unused, &rhs, s->v_word, s->v_bit, g_eff + i * n,
                     y_source != NULL ? y_source + i * m : i_source);
    unit[i] = 0;
  }
  ogi_free(unit);
  ogi_free(i_source);
  return st;
}

og_status og_solver_reduce(og_solver *s, double *g_eff, double *y_source, og_error *err) {
  if (s == NULL || g_eff == NULL) return ogi_fail(err, OG_E_ARG, "reduce: a needed pointer is NULL");
  if (!s->has_cells) return ogi_fail(err, OG_E_ARG, "reduce: cells were not set");
  if (s->engine != OG_ENGINE_REDUCE)
    return ogi_fail(err, OG_E_ARG, "reduce: engine: saw %s, need reduce", og_engine_name(s->engine));
  size_t sources = s->wires.sources;
  memcpy(g_eff, s->g_eff, sources * s->array.n * sizeof *g_eff);
  if (y_source != NULL) memcpy(y_source, s->y_source, sources * sources * sizeof *y_source);
  return OG_OK;
}

/* Copy; returns how many are no conductances. */
OGI_HOT static size_t copy_cells(double *to, const double *from, size_t count) {
  size_t bad = 0;
  for (size_t k = 0; k < count; k++) {
    to[k] = from[k];
    bad += !(from[k] >= 0 && from[k] <= DBL_MAX);
  }
  return bad;
}

/* Name the first cell that is no conductance; OG_OK if there is none. */
static og_status name_bad_cell(const double *g, size_t cells, size_t n, og_error *err) {
  for (size_t k = 0; k < cells; k++)
    if (!(g[k] >= 0 && isfinite(g[k])))
      return ogi_fail(err, OG_E_RANGE, "conductance (%zu,%zu): saw %g, need a finite value >= 0 (siemens)", k / n,
                      k % n, g[k]);
  return OG_OK;
}

og_status og_solver_set_cells(og_solver *s, const double *g, og_error *err) {
  if (s == NULL || g == NULL) return ogi_fail(err, OG_E_ARG, "solver: a needed pointer is NULL");
  size_t n = s->array.n, cells = s->array.m * n;
  s->has_cells = 0;
  og_status st = copy_cells(s->g, g, cells) == 0 ? OG_OK : name_bad_cell(g, cells, n, err);
  if (st != OG_OK) return st;
  ogi_cells set = {.g = s->g};
  s->cg_has_cells = 0;
  if (s->sweep != NULL) ogi_sweep_set_cells(s->sweep, &set);
  else if (s->chol != NULL) st = ogi_chol_set_cells(s->chol, &set, err);
  s->has_cells = st == OG_OK;
  if (st == OG_OK && s->merge != NULL) st = ogi_merge_reduce(s->merge, 1, s->g, s->g_eff, s->y_source, NULL, err);
  else if (st == OG_OK && s->engine == OG_ENGINE_REDUCE) st = reduce_by_units(s, s->g_eff, s->y_source, err);
  s->has_cells = st == OG_OK;
  return st;
}

og_status og_solver_reduce_many(og_solver *s, size_t count, const double *g, double *g_eff, double *y_source,
                                og_error *err) {
  if (s == NULL || g == NULL || g_eff == NULL) return ogi_fail(err, OG_E_ARG, "reduce: a needed pointer is NULL");
  if (s->engine != OG_ENGINE_REDUCE)
    return ogi_fail(err, OG_E_ARG, "reduce: engine: saw %s, need reduce", og_engine_name(s->engine));
  size_t cells = s->array.m * s->array.n, sources = s->wires.sources, result = sources * s->array.n;
  og_status st = OG_OK;
  size_t done = 0;
  for (; st == OG_OK && done < count; done++) {
    if (s->merge != NULL) st = name_bad_cell(g + done * cells, cells, s->array.n, err);
    else st = og_solver_set_cells(s, g + done * cells, err);
    if (st == OG_OK && s->merge == NULL)
      st = og_solver_reduce(s, g_eff + done * result, y_source != NULL ? y_source + done * sources * sources : NULL,
                            err);
  }
  if (st != OG_OK) return ogi_prefix(err, st, "array %zu", done - 1);
  return s->merge != NULL ? ogi_merge_reduce(s->merge, count, g, g_eff, y_source, NULL, err) : OG_OK;
}

/* Fold one input's audit into the worst so far. */
static void record(og_solve_info *info, const ogi_audit *audit, const og_solver_opts *opts, size_t inputs) {
  double relative = audit->branch_max > 0 ? audit->residual / audit->branch_max : audit->residual;
  if (relative > info->kcl_residual) info->kcl_residual = relative;
  if (audit->residual > info->kcl_residual_amp) info->kcl_residual_amp = audit->residual;
  if (relative > opts->kcl_rtol && audit->residual <= audit->rounding) info->rounding_limited = 1;
  double spent = audit->cells + audit->wires;
  double balance = audit->delivered != 0 ? fabs(audit->delivered - spent) / fabs(audit->delivered) : fabs(spent);
  if (balance > info->power_balance) info->power_balance = balance;
  info->power_watt += audit->delivered / (double)inputs;
  info->power_cells_watt += audit->cells / (double)inputs;
}

/* The largest residual accepted [A]. */
static double tolerated(const ogi_audit *audit, const og_solver_opts *opts) {
  return fmax(opts->kcl_rtol * audit->branch_max, audit->rounding);
}

static og_status judge(const ogi_audit *audit, const og_solver_opts *opts, size_t input, og_error *err) {
  double limit = tolerated(audit, opts);
  if (audit->residual <= limit) return OG_OK;
  return ogi_fail(err, OG_E_NOCONV, "input %zu: Kirchhoff's current law: saw a residual of %.3g, need at most %.3g (A)",
                  input, audit->residual, limit);
}

/* One input: potentials, currents, audit. */
static og_status solve_one(og_solver *s, const double *v, size_t k, size_t inputs, double *i_out, double *v_word,
                           double *v_bit, og_solve_info *info, og_error *err) {
  og_status st;
  size_t iterations, more;
  ogi_audit audit;
  ogi_rhs rhs = {.v = v, .u = s->has_u ? s->u : NULL};
  OGI_TRY(st, solve_potentials(s, &rhs, v_word, v_bit, &iterations, err));
  audit_solution(s, &audit, &rhs, v_word, v_bit, i_out, NULL);
  if (s->chol == NULL && !(audit.residual <= tolerated(&audit, &s->opts))) { /* an iteration stopped too early */
    OGI_TRY(st, solve_by_cg(s, &rhs, 1, RTOL_STRICT, v_word, v_bit, &more, err));
    audit_solution(s, &audit, &rhs, v_word, v_bit, i_out, NULL);
    iterations += more;
  }
  info->audited++;
  info->iterations = ogi_max_size(info->iterations, iterations);
  record(info, &audit, &s->opts, inputs);
  st = judge(&audit, &s->opts, k, err);
done:
  return st;
}

/* Mean over the inputs of v Y v^T, the power the drivers deliver [W]: the sum of Y o (V^T V) / k. */
static double mean_power(og_solver *s, const double *v, size_t k) {
  size_t m = s->wires.sources;
  double sum = 0;
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, (int)m, (int)k, 1 / (double)k, v, (int)m, 0, s->gram, (int)m);
  for (size_t i = 0; i < m; i++)
    sum += 2 * cblas_ddot((int)i, s->y_source + i * m, 1, s->gram + i * m, 1) +
           s->y_source[i * m + i] * s->gram[i * m + i];
  return sum;
}

/*
 * All inputs as one product with the effective matrix. The first input is also solved in full: its audit, and the
 * agreement of its currents with the product, vouch for the reduction.
 */
static og_status solve_reduced(og_solver *s, const double *v, size_t k, double *i_out, int want_power,
                               og_solve_info *info, og_error *err) {
  og_status st;
  size_t m = s->wires.sources, n = s->array.n;
  OGI_TRY(st, solve_one(s, v, 0, 1, s->i_audit, s->v_word, s->v_bit, info, err));
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)k, (int)n, (int)m, 1, v, (int)m, s->g_eff, (int)n, 0,
              i_out, (int)n);
  if (want_power) info->power_watt = mean_power(s, v, k);
  double scale = 0, off = 0;
  for (size_t j = 0; j < n; j++) {
    scale = fmax(scale, fabs(s->i_audit[j]));
    off = fmax(off, fabs(s->i_audit[j] - i_out[j]));
  }
  if (!(off <= fmax(1e-8, s->opts.kcl_rtol) * scale))
    st = ogi_fail(err, OG_E_NOCONV, "reduce: effective matrix and full solution differ by %.3g A of %.3g A", off,
                  scale);
done:
  return st;
}

OGI_HOT static int all_finite(const double *v, size_t count) {
  int bad = 0;
  for (size_t e = 0; e < count; e++) bad |= !(fabs(v[e]) <= DBL_MAX);
  return !bad;
}

static og_status check_inputs(const og_solver *s, const double *v, size_t k, og_error *err) {
  size_t m = s->wires.sources, e = 0;
  if (all_finite(v, k * m)) return OG_OK;
  while (isfinite(v[e])) e++;
  return ogi_fail(err, OG_E_RANGE, "input %zu, %s line %zu: saw %g, need a finite voltage (volt)", e / m,
                  s->wires.parallel ? "source" : "word", e % m, v[e]);
}

og_status og_solver_dc(og_solver *s, const double *v, size_t k, double *i_out, double *v_word, double *v_bit,
                       og_solve_info *info, og_error *err) {
  og_solve_info unused;
  int want_power = info != NULL;
  if (info == NULL) info = &unused;
  *info = (og_solve_info){0};
  if (s == NULL || v == NULL || i_out == NULL) return ogi_fail(err, OG_E_ARG, "solver: a needed pointer is NULL");
  if (k == 0) return ogi_fail(err, OG_E_ARG, "solver: inputs: saw 0, need 1 or more");
  if (k > INT_MAX) return ogi_fail(err, OG_E_RANGE, "solver: inputs: saw %zu, need at most %d", k, INT_MAX);
  if (!s->has_cells) return ogi_fail(err, OG_E_ARG, "solver: cells were not set");
  size_t m = s->wires.sources, n = s->array.n, cells = s->array.m * n;
  info->engine = s->engine;
  memcpy(info->reason, s->reason, sizeof info->reason);
  og_status st = check_inputs(s, v, k, err);
  if (st == OG_OK && s->engine == OG_ENGINE_REDUCE && v_word == NULL && v_bit == NULL && !s->has_u) {
    st = solve_reduced(s, v, k, i_out, want_power, info, err);
  } else {
    for (size_t e = 0; e < k && st == OG_OK; e++)
      st = solve_one(s, v + e * m, e, k, i_out + e * n, v_word != NULL ? v_word + e * cells : s->v_word,
                     v_bit != NULL ? v_bit + e * cells : s->v_bit, info, err);
  }
  if (st != OG_OK) {
    ogi_poison(i_out, k * n);
    ogi_poison(v_word, k * cells);
    ogi_poison(v_bit, k * cells);
  }
  return st;
}
