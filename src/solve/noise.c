/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Noise of the output currents from one solution an output.
 *
 * With sense node j at 1 V and every other terminal at 0 V, let x be the node potentials. Then, by reciprocity,
 *     Y[j',j] = current that leaves sense node j' into the array [S]   (negative for j' != j),
 *     G_eff[i,j] = current that arrives at source i [S],
 *     H[j,k] = x_bit - x_word of cell k [-]: what arrives at output j of a current through the cell, word to bit.
 * Thermal [Nyquist1928] [Twiss1955]: S = 4 k T Y. Shot [Schottky1918]: S = sum over cells of 2 q |I_k| H[j,k] H[j',k].
 * Both one-sided [A^2/Hz].
 *
 * Y[j,j] is taken as the sum of what arrives at all other terminals: the current out of the 1 V terminal itself is the
 * difference of nearly equal potentials when segments conduct much better than cells, those are small and exact.
 */
#include <config.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include <cblas.h>

#include <ohmgrid/noise.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "solve/ogi_network.h"

typedef struct job {
  ogi_network *c;
  const double *g;
  const og_noise_opts *opts;
  og_noise_info *info;
  double *x, *leave; /* nodes: [V]; [A] leaving each node                          */
  double *bias;      /* cells: 2 q |I| [A^2/Hz]; NULL without shot noise           */
  double *y;         /* n x n [S]                                                  */
  double *reach;     /* n x sources [S]: row j is what output j sees of each source */
  double *density;   /* n [A^2/Hz]: shot noise                                     */
  double *transfer;  /* n x cells: H sqrt(bias) [A/sqrt(Hz)]; NULL unless wanted   */
} job;

void og_noise_opts_init(og_noise_opts *opts) {
  *opts = (og_noise_opts){.engine = OG_ENGINE_AUTO, .kelvin = 300, .kcl_rtol = 1e-8};
}

static og_status check_opts(const og_noise_opts *o, og_error *err) {
  if (!(o->kelvin >= 0 && isfinite(o->kelvin)))
    return ogi_fail(err, OG_E_RANGE, "noise: kelvin: saw %g, need a finite value >= 0 (kelvin)", o->kelvin);
  if (!(o->kcl_rtol > 0 && o->kcl_rtol <= 1))
    return ogi_fail(err, OG_E_RANGE, "noise: kcl_rtol: saw %g, need more than 0, at most 1", o->kcl_rtol);
  return OG_OK;
}

static og_status check_inputs(const ogi_network *c, const double *v, og_error *err) {
  for (size_t i = 0; v != NULL && i < c->sources; i++)
    if (!isfinite(v[i]))
      return ogi_fail(err, OG_E_RANGE, "noise: word line %zu: saw %g, need a finite voltage (volt)", i, v[i]);
  return OG_OK;
}

static og_status prepare(job *j, int with_shot, int with_matrix, og_error *err) {
  const ogi_network *c = j->c;
  int ok = (j->x = ogi_alloc(c->nodes, sizeof *j->x)) != NULL;
  ok &= (j->leave = ogi_alloc(c->nodes, sizeof *j->leave)) != NULL;
  ok &= (j->y = ogi_alloc(c->n * c->n, sizeof *j->y)) != NULL;
  ok &= (j->reach = ogi_alloc(c->n * c->sources, sizeof *j->reach)) != NULL;
  ok &= (j->density = ogi_alloc(c->n, sizeof *j->density)) != NULL;
  if (with_shot) ok &= (j->bias = ogi_alloc(c->cells, sizeof *j->bias)) != NULL;
  if (ok && with_matrix) ok = (j->transfer = ogi_alloc(c->n * c->cells, sizeof *j->transfer)) != NULL;
  return ok ? OG_OK : ogi_fail(err, OG_E_NOMEM, "noise: %zu x %zu cells", c->m, c->n);
}

static void release(job *j) {
  ogi_network_free(j->c);
  double *block[] = {j->x, j->leave, j->y, j->reach, j->density, j->bias, j->transfer};
  for (size_t k = 0; k < sizeof block / sizeof *block; k++) ogi_free(block[k]);
}

/* Solve for the terminal potentials in x, audit, and leave the currents in `leave`. */
static og_status solve(job *j, og_error *err) {
  const ogi_network *c = j->c;
  ogi_flow flow;
  double residual = 0, volt = 0, g_max = c->wire_max;
  memset(j->x, 0, c->unknowns * sizeof *j->x);
  og_status st = ogi_network_solve(j->c, j->x, NULL, err);
  if (st != OG_OK) return st;
  ogi_network_flow(c, j->g, j->x, j->leave, &flow);
  for (size_t k = 0; k < c->unknowns; k++) residual = fmax(residual, fabs(j->leave[k]));
  for (size_t k = 0; k < c->nodes; k++) volt = fmax(volt, fabs(j->x[k]));
  for (size_t k = 0; k < c->cells; k++) g_max = fmax(g_max, j->g[k]);
  double limit = fmax(j->opts->kcl_rtol * flow.branch_max, 16 * DBL_EPSILON * g_max * volt); /* as in audit.c */
  if (flow.branch_max > 0) j->info->kcl_residual = fmax(j->info->kcl_residual, residual / flow.branch_max);
  if (residual <= limit) return OG_OK;
  return ogi_fail(err, OG_E_NOCONV, "noise: Kirchhoff's current law: saw a residual of %.3g, need at most %.3g (A)",
                  residual, limit);
}

/* The operating point, for the shot noise of each cell: 2 q |I| [A^2/Hz]. */
static og_status find_bias(job *j, const double *v, og_error *err) {
  const ogi_network *c = j->c;
  memset(j->x, 0, c->nodes * sizeof *j->x);
  memcpy(j->x + c->unknowns, v, c->sources * sizeof *v);
  og_status st = solve(j, err);
  for (size_t k = 0; st == OG_OK && k < c->cells; k++)
    j->bias[k] = 2 * OG_ELEMENTARY_CHARGE * fabs(j->g[k] * (j->x[c->word[k]] - j->x[c->bit[k]]));
  return st;
}

/* One output: its row of Y and of what reaches it, and its shot noise. */
static og_status adjoint(job *j, size_t at, og_error *err) {
  const ogi_network *c = j->c;
  size_t sources = c->unknowns, senses = sources + c->sources;
  memset(j->x, 0, c->nodes * sizeof *j->x);
  j->x[senses + at] = 1;
  og_status st = solve(j, err);
  if (st != OG_OK) return st;
  double self = 0;
  for (size_t i = 0; i < c->sources; i++) {
    j->reach[at * c->sources + i] = -j->leave[sources + i];
    self -= j->leave[sources + i];
  }
  for (size_t k = 0; k < c->n; k++) {
    j->y[at * c->n + k] = j->leave[senses + k];
    if (k != at) self -= j->leave[senses + k];
  }
  j->y[at * c->n + at] = self;
  for (size_t k = 0; j->bias != NULL && k < c->cells; k++) {
    double h = j->x[c->bit[k]] - j->x[c->word[k]];
    j->density[at] += h * h * j->bias[k];
    if (j->transfer != NULL) j->transfer[at * c->cells + k] = h * sqrt(j->bias[k]);
  }
  return OG_OK;
}

/* Reciprocity says Y is symmetric: how well, then made so exactly. */
static void symmetrise(job *j) {
  size_t n = j->c->n;
  double off = 0, most = 0;
  for (size_t p = 0; p < n; p++)
    for (size_t q = 0; q <= p; q++) {
      double *a = &j->y[p * n + q], *b = &j->y[q * n + p];
      off = fmax(off, fabs(*a - *b));
      most = fmax(most, fabs(*a));
      *a = *b = (*a + *b) / 2;
    }
  j->info->asymmetry = most > 0 ? off / most : 0;
}

static void deliver(const job *j, const og_noise_out *out) {
  size_t n = j->c->n, cells = j->c->cells;
  double by = 4 * OG_BOLTZMANN * j->opts->kelvin; /* [J] */
  for (size_t k = 0; out->thermal != NULL && k < n * n; k++) out->thermal[k] = by * j->y[k];
  if (out->shot_density != NULL) memcpy(out->shot_density, j->density, n * sizeof *j->density);
  if (out->shot != NULL) {
    cblas_dsyrk(CblasRowMajor, CblasLower, CblasNoTrans, (int)n, (int)cells, 1, j->transfer, (int)cells, 0, out->shot,
                (int)n);
    for (size_t p = 0; p < n; p++)
      for (size_t q = p + 1; q < n; q++) out->shot[p * n + q] = out->shot[q * n + p];
  }
  for (size_t i = 0; out->input_volt != NULL && i < j->c->sources; i++)
    for (size_t k = 0; k < n; k++) {
      double reach = fabs(j->reach[k * j->c->sources + i]), total = by * j->y[k * n + k] + j->density[k];
      out->input_volt[i * n + k] = reach > 0 ? sqrt(total) / reach : INFINITY;
    }
}

static og_status run(job *j, const og_array *array, const double *v, const og_noise_out *out, og_error *err) {
  og_status st = ogi_network_create(&j->c, array, j->opts->engine, err);
  if (st != OG_OK) return ogi_prefix(err, st, "noise");
  j->info->engine = j->c->engine;
  OGI_TRY(st, check_inputs(j->c, v, err));
  OGI_TRY(st, prepare(j, v != NULL, out->shot != NULL, err));
  OGI_TRY(st, ogi_network_set(j->c, j->g, 0, 0, 0, err));
  if (v != NULL) OGI_TRY(st, find_bias(j, v, err));
  for (size_t k = 0; k < j->c->n; k++) OGI_TRY(st, adjoint(j, k, err));
  symmetrise(j);
  deliver(j, out);
done:
  return st;
}

og_status og_noise_run(const og_array *array, const double *g, const double *v, const og_noise_opts *opts,
                       const og_noise_out *out, og_noise_info *info, og_error *err) {
  og_status st;
  og_noise_info unused;
  og_noise_opts defaults;
  og_noise_opts_init(&defaults);
  if (opts == NULL) opts = &defaults;
  if (info == NULL) info = &unused;
  *info = (og_noise_info){0};
  if (array == NULL || g == NULL || out == NULL) return ogi_fail(err, OG_E_ARG, "noise: a needed pointer is NULL");
  st = og_array_check(array, err);
  if (st != OG_OK) return st; /* the buffers have no known size */
  job j = {.g = g, .opts = opts, .info = info};
  size_t n = array->n, sources = array->wiring == OG_WIRING_PARALLEL ? n : array->m;
  if ((out->shot != NULL || out->shot_density != NULL) && v == NULL)
    st = ogi_fail(err, OG_E_ARG, "noise: shot noise is wanted, but the driver voltages are NULL");
  if (st == OG_OK) st = check_opts(opts, err);
  if (st == OG_OK) st = ogi_network_check(g, array->m, n, err);
  if (st == OG_OK) st = run(&j, array, v, out, err);
  release(&j);
  if (st == OG_OK) return st;
  ogi_poison(out->thermal, n * n);
  ogi_poison(out->shot, n * n);
  ogi_poison(out->shot_density, n);
  ogi_poison(out->input_volt, sources * n);
  return st;
}
