/* SPDX-License-Identifier: BSD-3-Clause */
/** The wires of an array whose cells are chords, once for cells of two terminals, once for cells of more. */
#include <config.h>

#include <math.h>
#include <string.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "cosim/ogi_cosim.h"

#define LEAST_OHM 1e-6 /* beside cells of three terminals: what a wire of 0 ohm counts as */

/* ---- two terminals: as a linear array, or, with currents beside, by the solver of nonlinear arrays ---- */

static int chord_law(void *user, size_t first, size_t count, const double *g, const double *v, double *i,
                     double *slope) {
  const ogi_chords *w = user;
  for (size_t k = 0; k < count; k++) {
    i[k] = g[k] * v[k] + w->beside[first + k];
    slope[k] = g[k];
  }
  return 0;
}

static og_status solve_linear(ogi_chords *w, og_error *err) {
  og_status st;
  og_solve_info info;
  OGI_TRY(st, og_solver_set_cells(w->linear, w->g, err));
  OGI_TRY(st, og_solver_set_bit_volts(w->linear, w->held, err));
  OGI_TRY(st, og_solver_dc(w->linear, w->drive, 1, w->i_out, w->word, w->bit, &info, err));
  w->delivered_watt = info.power_watt;
  w->wires_watt = info.power_watt - info.power_cells_watt;
done:
  return st;
}

static og_status solve_with_besides(ogi_chords *w, og_error *err) {
  og_status st;
  og_nonlinear_info info;
  OGI_TRY(st, og_nonlinear_set_cells(w->solver, w->g, err));
  OGI_TRY(st, og_nonlinear_dc(w->solver, w->drive, w->held, 1, w->i_out, w->word, w->bit, &info, err));
  w->delivered_watt = info.power_watt;
  w->wires_watt = info.power_wires_watt;
done:
  return st;
}

static og_status solve_crossbar(ogi_chords *w, og_error *err) {
  size_t cells = w->array->m * w->array->n, besides = 0;
  for (size_t k = 0; k < cells; k++) besides += w->beside[k] != 0;
  og_status st = besides == 0 ? solve_linear(w, err) : solve_with_besides(w, err);
  for (size_t k = 0; k < cells && st == OG_OK; k++) w->volt[k] = w->word[k] - w->bit[k];
  return st;
}

/* ---- three terminals: gates on word lines; channels between driven line and bit line of a column ---- */

enum { FIRST, GATE, LAST }; /* ports: on the driven line, on the word line, on the bit line */

static double siemens(double ohm) { return 1 / fmax(ohm, LEAST_OHM); }

/* Driven ends of a line: resistance of terminal and end segment together, potential. */
typedef struct line_ends {
  double segment, terminal, volt;
  int near, far;
} line_ends;

static double tie(const line_ends *l, size_t k, size_t count) {
  double end = siemens(l->segment + l->terminal);
  return (l->near && k == 0 ? end : 0) + (l->far && k + 1 == count ? end : 0);
}

/* Powers of a solved line; v with a stride. @return current into its terminals [A] */
static double account(ogi_chords *w, const line_ends *l, const double *v, size_t stride, size_t count) {
  double end = siemens(l->segment + l->terminal), amp = 0;
  for (size_t k = 0; k < count; k++) {
    double step = k > 0 ? v[k * stride] - v[(k - 1) * stride] : 0, drop = v[k * stride] - l->volt,
           ties = tie(l, k, count);
    w->wires_watt += siemens(l->segment) * step * step + ties / end * end * drop * drop;
    amp += ties * drop;
  }
  w->delivered_watt -= l->volt * amp;
  return amp;
}

/*
 * Kirchhoff's current law at gate k of a word line: g_k v_k + beside_k + sum over neighbours (v_k - v_l) / segment
 * + tie (v_k - volt) = 0.
 */
static void solve_gates(ogi_chords *w, size_t row, const line_ends *l) {
  size_t n = w->array->n, first = GATE * w->array->m * n + row * n;
  double segment = siemens(l->segment);
  for (size_t k = 0; k < n; k++) {
    w->diagonal[k] = w->g[first + k] + (k > 0 ? segment : 0) + (k + 1 < n ? segment : 0) + tie(l, k, n);
    w->beyond[k] = -segment;
    w->right[k] = tie(l, k, n) * l->volt - w->beside[first + k];
  }
  gsl_vector_view d = gsl_vector_view_array(w->diagonal, n), b = gsl_vector_view_array(w->right, n);
  if (n == 1) {
    w->right[0] /= w->diagonal[0];
  } else { /* diagonally dominant: no pivots */
    gsl_vector_view e = gsl_vector_view_array(w->beyond, n - 1);
    gsl_linalg_solve_symm_tridiag(&d.vector, &e.vector, &b.vector, &b.vector);
  }
  memcpy(w->volt + first, w->right, n * sizeof(double));
  account(w, l, w->right, 1, n);
}

/*
 * A column: nodes of driven line and bit line in turn, so that the matrix has two diagonals beside its own. From the
 * driven line to the bit line flows g (v_first - v_last); the besides leave both nodes.
 */
static void solve_channels(ogi_chords *w, size_t column, const line_ends *driven, const line_ends *bit) {
  size_t m = w->array->m, n = w->array->n, cells = m * n;
  size_t wide = m > 1 ? 3 : 2; /* diagonals stored: GSL wants no more than rows */
  gsl_matrix_view a = gsl_matrix_view_array(w->diagonal, 2 * m, wide);
  for (size_t k = 0; k < m; k++) {
    size_t cell = k * n + column;
    const line_ends *line[2] = {driven, bit};
    for (size_t side = 0; side < 2; side++) {
      double segment = siemens(line[side]->segment), ends = tie(line[side], k, m);
      double *row = w->diagonal + wide * (2 * k + side);
      row[0] = w->g[cell] + (k > 0 ? segment : 0) + (k + 1 < m ? segment : 0) + ends;
      row[1] = side == 0 ? -w->g[cell] : 0;
      if (m > 1) row[2] = k + 1 < m ? -segment : 0;
      w->right[2 * k + side] = ends * line[side]->volt - w->beside[(side == 0 ? FIRST : LAST) * cells + cell];
    }
  }
  gsl_vector_view b = gsl_vector_view_array(w->right, 2 * m);
  gsl_linalg_cholesky_band_decomp(&a.matrix); /* tied to a terminal, no chord below 0: positive definite */
  gsl_linalg_cholesky_band_svx(&a.matrix, &b.vector);
  for (size_t k = 0; k < m; k++) {
    w->volt[FIRST * cells + k * n + column] = w->right[2 * k];
    w->volt[LAST * cells + k * n + column] = w->right[2 * k + 1];
  }
  account(w, driven, w->right, 2, m);
  w->i_out[column] = account(w, bit, w->right + 1, 2, m);
}

static void solve_lines(ogi_chords *w) {
  const og_array *a = w->array;
  w->delivered_watt = w->wires_watt = 0;
  for (size_t i = 0; i < a->m; i++)
    solve_gates(w, i, &(line_ends){w->gate_ohm, w->gate_source_ohm, w->gate[i], 1, 0});
  for (size_t j = 0; j < a->n; j++)
    solve_channels(w, j,
                   &(line_ends){a->r_word_ohm, a->r_source_ohm, w->drive[j], a->drive != OG_DRIVE_RIGHT,
                                a->drive != OG_DRIVE_LEFT},
                   &(line_ends){a->r_bit_ohm, a->r_sense_ohm, w->held[j], a->sense != OG_SENSE_BOTTOM,
                                a->sense != OG_SENSE_TOP});
}

/* ---- both ---- */

og_status ogi_chords_solve(ogi_chords *w, og_error *err) {
  if (w->ports == 1) return solve_crossbar(w, err);
  solve_lines(w);
  return OG_OK;
}

static double finite_or_zero(double ohm) { return isfinite(ohm) ? ohm : 0; }

double ogi_chords_way(const ogi_chords *w, size_t port, size_t cell) {
  const og_array *a = w->array;
  size_t i = cell / a->n, j = cell % a->n;
  size_t along = w->ports == 1 ? j : i; /* segments of the driven line, but one */
  double driven = finite_or_zero(a->r_source_ohm) + (double)(along + 1) * finite_or_zero(a->r_word_ohm),
         bit = finite_or_zero(a->r_sense_ohm) + (double)(a->m - i) * finite_or_zero(a->r_bit_ohm),
         gate = (w->gate_source_ohm + (double)(j + 1) * w->gate_ohm) * (double)a->n; /* all of a row charge at once */
  double ohm = w->ports == 1 ? driven + bit : port == FIRST ? driven : port == GATE ? gate : bit;
  return fmax(ohm, 1);
}

static og_status check_lines(const og_array *a, og_error *err) {
  if (a->wiring != OG_WIRING_PARALLEL || a->ends != OG_ENDS_SEGMENT || a->word_segments != NULL ||
      a->bit_segments != NULL || a->source_ohm != NULL || a->sense_ohm != NULL || a->bridge_count > 0 ||
      !isfinite(a->r_word_ohm + a->r_bit_ohm + a->r_source_ohm + a->r_sense_ohm))
    return ogi_fail(err, OG_E_RANGE,
                    "cosim: cells of three terminals: need parallel, uniform and unbroken lines with end segments");
  return OG_OK;
}

og_status ogi_chords_create(ogi_chords *w, const og_array *array, size_t ports, const double gate_ohm[2],
                            og_error *err) {
  og_status st = OG_OK;
  size_t cells = array->m * array->n, longest = ogi_max_size(2 * array->m, array->n);
  *w = (ogi_chords){.array = array, .ports = ports, .gate_ohm = gate_ohm[0], .gate_source_ohm = gate_ohm[1]};
  struct {
    double **to;
    size_t count;
  } want[] = {{&w->g, ports * cells},   {&w->beside, ports * cells}, {&w->volt, ports * cells}, {&w->drive, longest},
              {&w->held, array->n},     {&w->gate, array->m},        {&w->i_out, array->n},     {&w->word, cells},
              {&w->bit, cells},         {&w->diagonal, 3 * longest}, {&w->beyond, longest},     {&w->right, longest}};
  for (size_t k = 0; k < sizeof want / sizeof *want; k++)
    if ((*want[k].to = ogi_alloc(want[k].count, sizeof(double))) == NULL)
      return ogi_fail(err, OG_E_NOMEM, "cosim: %zu cells", cells);
  if (ports > 1) return check_lines(array, err);
  OGI_TRY(st, og_cell_create_user(&w->law, chord_law, w, err));
  OGI_TRY(st, og_nonlinear_create(&w->solver, array, w->law, NULL, err));
  st = og_solver_create(&w->linear, array, NULL, err);
done:
  return st;
}

void ogi_chords_clear(ogi_chords *w) {
  og_nonlinear_free(w->solver);
  og_solver_free(w->linear);
  og_cell_free(w->law);
  void *block[] = {w->g,    w->beside, w->volt, w->drive, w->held,     w->gate,
                   w->i_out, w->word,  w->bit,  w->diagonal, w->beyond, w->right};
  for (size_t k = 0; k < sizeof block / sizeof *block; k++) ogi_free(block[k]);
  *w = (ogi_chords){0};
}
