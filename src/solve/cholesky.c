/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Sparse Cholesky (CHOLMOD, supernodal) of the nodal matrix, and the exact reduction to the ports.
 *
 * Order. The grid of cells is cut in halves again and again; the nodes on a cut come after both halves (geometric
 * nested dissection [George1973]), W nodes of a horizontal cut before its B nodes. With ports_last the line ends come
 * after everything else: then the trailing block L22 of the factor is the factor of the Schur complement on the ports,
 *     S = L22 L22^T = K_pp - K_pi K_ii^-1 K_ip     [S]
 * and with Es (ports x m) and Et (ports x n) the conductances from ports to sources and to sense nodes [S],
 *     G_eff = Es^T S^-1 Et,      Y_source = diag(sum of Es) - Es^T S^-1 Es.
 */
#include <config.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include <cblas.h>
#ifdef HAVE_SUITESPARSE_CHOLMOD_H
#include <suitesparse/cholmod.h>
#else
#include <cholmod.h>
#endif

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "solve/ogi_solve.h"

enum { LEAF = 8 }; /* cells in a block that is not cut further; 4 to 16 make no difference that can be measured */

struct ogi_chol {
  size_t m, n;
  ogi_wires wires;
  ogi_nodes nodes;
  cholmod_common common;
  cholmod_triplet *triplet; /* lower triangle of K, filled anew for each set of cells */
  cholmod_factor *factor;
  cholmod_dense *x, *y, *e; /* kept between solves, so that they allocate once */
  cholmod_dense *rhs;
  double *volt;     /* per unknown [V]                                                        */
  int *order;       /* order[k]: unknown eliminated k-th                                      */
  size_t ports;     /* trailing unknowns of the order that are line ends; 0: not ordered last */
  double *schur;    /* ports x ports, column-major: L22                                       */
  double *z;        /* ports x (m + n), column-major: L22^-1 [Es Et]                          */
};

/* ---- elimination order ---- */

typedef struct ordering {
  const ogi_nodes *nodes;
  int *order;
  char *placed; /* per unknown: 1 when it stands in the order, or must wait for the end; first: its number of cells */
  size_t count;
} ordering;

static void place(ordering *o, int node) {
  if (node < 0 || o->placed[node]) return;
  o->placed[node] = 1;
  o->order[o->count++] = node;
}

static void place_block(ordering *o, size_t i0, size_t i1, size_t j0, size_t j1) {
  for (size_t i = i0; i < i1; i++)
    for (size_t j = j0; j < j1; j++) {
      place(o, o->nodes->word[i * o->nodes->n + j]);
      place(o, o->nodes->bit[i * o->nodes->n + j]);
    }
}

static void dissect(ordering *o, size_t i0, size_t i1, size_t j0, size_t j1) {
  size_t height = i1 - i0, width = j1 - j0, n = o->nodes->n;
  if (height * width <= LEAF) {
    place_block(o, i0, i1, j0, j1);
  } else if (height >= width) {
    size_t cut = (i0 + i1) / 2;
    dissect(o, i0, cut, j0, j1);
    dissect(o, cut + 1, i1, j0, j1);
    for (size_t j = j0; j < j1; j++) place(o, o->nodes->word[cut * n + j]);
    for (size_t j = j0; j < j1; j++) place(o, o->nodes->bit[cut * n + j]);
  } else {
    size_t cut = (j0 + j1) / 2;
    dissect(o, i0, i1, j0, cut);
    dissect(o, i0, i1, cut + 1, j1);
    for (size_t i = i0; i < i1; i++) place(o, o->nodes->bit[i * n + cut]);
    for (size_t i = i0; i < i1; i++) place(o, o->nodes->word[i * n + cut]);
  }
}

static int word_end(const ogi_nodes *nodes, size_t i, int right) {
  return nodes->word[i * nodes->n + (right ? nodes->n - 1 : 0)];
}

static int bit_end(const ogi_nodes *nodes, size_t j, int bottom) {
  return nodes->bit[(bottom ? (nodes->m - 1) * nodes->n : 0) + j];
}

/* Conductance from an end of word or bit line l to its terminal. */
static double end_siemens(const ogi_chol *c, og_line which, size_t l, int side) {
  const ogi_wires *w = &c->wires;
  const double *seg = which == OG_LINE_WORD ? w->word_seg : w->bit_seg;
  if (seg == NULL) return which == OG_LINE_WORD ? w->drive[side] : w->sense[side];
  return which == OG_LINE_WORD ? seg[l * (c->n + 1) + (side ? c->n : 0)] : seg[(side ? c->m * c->n : 0) + l];
}

/* Walk over all line ends of a regular array that lead to a terminal: visit(user, port node, conductance, terminal). */
static void each_end(const ogi_chol *c, void (*visit)(void *user, int node, double siemens, size_t terminal),
                     void *user) {
  for (int side = 0; side < 2; side++) {
    for (size_t i = 0; i < c->m; i++) {
      double siemens = end_siemens(c, OG_LINE_WORD, i, side);
      if (siemens > 0) visit(user, word_end(&c->nodes, i, side), siemens, i);
    }
    for (size_t j = 0; j < c->n; j++) {
      double siemens = end_siemens(c, OG_LINE_BIT, j, side);
      if (siemens > 0) visit(user, bit_end(&c->nodes, j, side), siemens, c->m + j);
    }
  }
}

static void hold_back(void *user, int node, double siemens, size_t terminal) {
  ordering *o = user;
  (void)siemens;
  (void)terminal;
  if (node >= 0) o->placed[node] = 1;
}

static void place_end(void *user, int node, double siemens, size_t terminal) {
  (void)siemens;
  (void)terminal;
  place(user, node);
}

static void count_place(ordering *o, int node) {
  if (node >= 0 && o->placed[node] <= LEAF) o->placed[node]++;
}

static og_status make_order(ogi_chol *c, int ports_last, og_error *err) {
  size_t unknowns = (size_t)c->nodes.unknowns, cells = c->m * c->n;
  ordering o = {.nodes = &c->nodes, .order = c->order, .placed = ogi_alloc(unknowns, 1)};
  if (o.placed == NULL) return ogi_fail(err, OG_E_NOMEM, "cholesky: order of %zu nodes", unknowns);
  /* A node of many cells touches every block it crosses: it comes after all of them, just before the ports. */
  for (size_t k = 0; k < cells; k++) {
    count_place(&o, c->nodes.word[k]);
    count_place(&o, c->nodes.bit[k]);
  }
  for (size_t x = 0; x < unknowns; x++) o.placed[x] = o.placed[x] > LEAF;
  if (ports_last) each_end(c, hold_back, &o);
  dissect(&o, 0, c->m, 0, c->n);
  memset(o.placed, 0, unknowns);
  for (size_t k = 0; k < o.count; k++) o.placed[o.order[k]] = 1;
  size_t inner = o.count;
  if (ports_last) each_end(c, place_end, &o);
  else place_block(&o, 0, c->m, 0, c->n);
  c->ports = ports_last ? o.count - inner : 0;
  ogi_free(o.placed);
  return OG_OK;
}

/* ---- create and free ---- */

static void quiet(int status, const char *file, int line, const char *message) {
  (void)status; /* every call's status is read from cholmod_common; the library prints nothing */
  (void)file;
  (void)line;
  (void)message;
}

static void add_branch(void *user, int a, int b, double siemens) {
  cholmod_triplet *t = user;
  int *row = t->i, *column = t->j;
  double *value = t->x;
  int end[2] = {a, b};
  for (int k = 0; k < 2; k++)
    if (end[k] >= 0) {
      row[t->nnz] = column[t->nnz] = end[k];
      value[t->nnz++] = siemens;
    }
  if (a < 0 || b < 0) return;
  row[t->nnz] = a > b ? a : b; /* lower triangle */
  column[t->nnz] = a > b ? b : a;
  value[t->nnz++] = -siemens;
}

og_status ogi_chol_create(ogi_chol **out, const og_array *array, const ogi_wires *wires, int ports_last,
                          og_error *err) {
  og_status st = OG_OK;
  *out = NULL;
  ogi_chol *c = ogi_alloc(1, sizeof *c);
  if (c == NULL) return ogi_fail(err, OG_E_NOMEM, "cholesky");
  c->m = array->m;
  c->n = array->n;
  c->wires = *wires;
  cholmod_start(&c->common);
  c->common.error_handler = quiet;
  c->common.print = 0;
  c->common.final_ll = 1;
  c->common.supernodal = CHOLMOD_SUPERNODAL;
  c->common.postorder = 0; /* our order, exactly: the ports must stay last */
  c->common.nmethods = 1;
  c->common.method[0].ordering = CHOLMOD_GIVEN;
  OGI_TRY(st, ogi_nodes_create(&c->nodes, array, wires, err));
  size_t unknowns = (size_t)c->nodes.unknowns, cells = c->m * c->n;
  c->order = ogi_alloc(unknowns, sizeof *c->order);
  c->volt = ogi_alloc(unknowns, sizeof *c->volt);
  c->triplet = cholmod_allocate_triplet(unknowns, unknowns, 11 * cells + 6 * (c->m + c->n) + 3 * wires->bridge_count,
                                        -1, CHOLMOD_REAL, &c->common);
  c->rhs = cholmod_allocate_dense(unknowns, 1, unknowns, CHOLMOD_REAL, &c->common);
  if (c->order == NULL || c->volt == NULL || c->triplet == NULL || c->rhs == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "cholesky: %zu nodes", unknowns);
    goto done;
  }
  OGI_TRY(st, make_order(c, ports_last, err));
  c->schur = ogi_alloc(c->ports * c->ports, sizeof *c->schur);
  c->z = ogi_alloc(c->ports * (c->m + c->n), sizeof *c->z);
  if (c->schur == NULL || c->z == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "cholesky: %zu ports", c->ports);
    goto done;
  }
  *out = c;
  c = NULL;
done:
  ogi_chol_free(c);
  return st;
}

void ogi_chol_free(ogi_chol *c) {
  if (c == NULL) return;
  cholmod_free_triplet(&c->triplet, &c->common);
  cholmod_free_factor(&c->factor, &c->common);
  cholmod_free_dense(&c->x, &c->common);
  cholmod_free_dense(&c->y, &c->common);
  cholmod_free_dense(&c->e, &c->common);
  cholmod_free_dense(&c->rhs, &c->common);
  cholmod_finish(&c->common);
  ogi_nodes_clear(&c->nodes);
  ogi_free(c->order);
  ogi_free(c->volt);
  ogi_free(c->schur);
  ogi_free(c->z);
  ogi_free(c);
}

/* ---- factor and solve ---- */

/* An engine that meets open cells for the first time has a new pattern; analysing again costs a tenth of a factor. */
static og_status factorise(ogi_chol *c, cholmod_sparse *k, og_error *err) {
  cholmod_free_factor(&c->factor, &c->common);
  c->factor = cholmod_analyze_p(k, c->order, NULL, 0, &c->common);
  if (c->factor == NULL || !cholmod_factorize(k, c->factor, &c->common))
    return ogi_fail(err, OG_E_NOMEM, "cholesky: cholmod status %d", c->common.status);
  if (c->common.status == CHOLMOD_NOT_POSDEF)
    return ogi_fail(err, OG_E_SINGULAR, "cholesky: matrix not positive definite at unknown %zu of %d",
                    c->factor->minor, c->nodes.unknowns);
  return OG_OK;
}

/* Copy the trailing block of the supernodal factor, L22, to a dense column-major matrix. */
static void extract_ports(ogi_chol *c) {
  const cholmod_factor *f = c->factor;
  const int *super = f->super, *rows_at = f->pi, *values_at = f->px, *rows = f->s;
  const double *values = f->x;
  int first = c->nodes.unknowns - (int)c->ports;
  memset(c->schur, 0, c->ports * c->ports * sizeof *c->schur);
  for (size_t s = 0; s < f->nsuper; s++) {
    int height = rows_at[s + 1] - rows_at[s];
    for (int column = super[s] > first ? super[s] : first; column < super[s + 1]; column++) {
      int local = column - super[s];
      const double *from = values + values_at[s] + (size_t)local * (size_t)height;
      double *to = c->schur + (size_t)(column - first) * c->ports;
      for (int r = local; r < height; r++) to[rows[rows_at[s] + r] - first] = from[r];
    }
  }
}

typedef struct coupling {
  double *z;
  const int *place; /* unknown -> position among the ports */
  size_t ports;
} coupling;

static void couple(void *user, int node, double siemens, size_t terminal) {
  coupling *k = user;
  k->z[terminal * k->ports + (size_t)k->place[node]] += siemens;
}

/* z = L22^-1 [Es Et], from which every port quantity is one product. */
static og_status couple_ports(ogi_chol *c, og_error *err) {
  size_t unknowns = (size_t)c->nodes.unknowns;
  int *position = ogi_alloc(unknowns, sizeof *position);
  if (position == NULL) return ogi_fail(err, OG_E_NOMEM, "cholesky: %zu nodes", unknowns);
  for (size_t p = 0; p < c->ports; p++) position[c->order[unknowns - c->ports + p]] = (int)p;
  memset(c->z, 0, c->ports * (c->m + c->n) * sizeof *c->z);
  coupling k = {.z = c->z, .place = position, .ports = c->ports};
  each_end(c, couple, &k);
  ogi_free(position);
  cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, (int)c->ports, (int)(c->m + c->n), 1,
              c->schur, (int)c->ports, c->z, (int)c->ports);
  return OG_OK;
}

static void add_shunt(ogi_chol *c, int node, double siemens) {
  add_branch(c->triplet, node, -1, siemens); /* any terminal: only the diagonal of the node changes */
}

/* Lines that hang on cells alone. */
static int may_float(const ogi_chol *c) { return c->wires.has_open || c->wires.irregular; }

og_status ogi_chol_set_cells(ogi_chol *c, const ogi_cells *cells, og_error *err) {
  const double *g = cells->g;
  og_status st;
  if (c->nodes.unknowns == 0) return OG_OK;
  int shunted = cells->word_shunt > 0 && cells->bit_shunt > 0;
  if (may_float(c) && !shunted) OGI_TRY(st, ogi_nodes_grounded(&c->nodes, &c->wires, g, err));
  c->triplet->nnz = 0;
  ogi_branches(&c->nodes, &c->wires, g, add_branch, c->triplet);
  for (size_t k = 0; cells->word_shunt > 0 && k < c->m * c->n; k++) add_shunt(c, c->nodes.word[k], cells->word_shunt);
  for (size_t k = 0; cells->bit_shunt > 0 && k < c->m * c->n; k++) add_shunt(c, c->nodes.bit[k], cells->bit_shunt);
  cholmod_sparse *k = cholmod_triplet_to_sparse(c->triplet, c->triplet->nnz, &c->common);
  if (k == NULL) return ogi_fail(err, OG_E_NOMEM, "cholesky: matrix of %d nodes", c->nodes.unknowns);
  st = factorise(c, k, err);
  cholmod_free_sparse(&k, &c->common);
  if (st == OG_OK && c->ports > 0) {
    extract_ports(c);
    st = couple_ports(c, err);
  }
done:
  return st;
}

/* Currents that the potentials leave over at every node [A], from differences across branches. */
typedef struct balance {
  double *left;
  const double *volt;
  const ogi_rhs *given;
  size_t sources;
} balance;

static double terminal_volt(const ogi_rhs *given, size_t sources, size_t terminal) {
  if (terminal < sources) return given->v[terminal];
  return given->u != NULL ? given->u[terminal - sources] : 0;
}

static double volt_at(int node, const double *volt, const ogi_rhs *given, size_t sources) {
  return node >= 0 ? volt[node] : terminal_volt(given, sources, (size_t)(-1 - node));
}

static void flow(void *user, int a, int b, double siemens) {
  balance *s = user;
  double amp = siemens * (volt_at(a, s->volt, s->given, s->sources) - volt_at(b, s->volt, s->given, s->sources));
  if (a >= 0) s->left[a] -= amp;
  if (b >= 0) s->left[b] += amp;
}

static void inject(double *left, const double *volt, size_t count, const int *node, const double *amp, double shunt) {
  for (size_t k = 0; (amp != NULL || shunt > 0) && k < count; k++)
    if (node[k] >= 0) left[node[k]] += (amp != NULL ? amp[k] : 0) - shunt * volt[node[k]];
}

static void find_balance(ogi_chol *c, const ogi_cells *cells, const ogi_rhs *rhs) {
  size_t count = c->m * c->n;
  balance s = {.left = c->rhs->x, .volt = c->volt, .given = rhs, .sources = c->wires.sources};
  memset(s.left, 0, (size_t)c->nodes.unknowns * sizeof *s.left);
  ogi_branches(&c->nodes, &c->wires, cells->g, flow, &s);
  inject(s.left, c->volt, count, c->nodes.word, rhs->word_in, cells->word_shunt);
  inject(s.left, c->volt, count, c->nodes.bit, rhs->bit_in, cells->bit_shunt);
}

/*
 * A line without terminal hangs on its cells alone; if they are far below its segments, the sum of both on the diagonal
 * has lost digits of them, and the line's potential with it. The balances, differences along the line, have lost none:
 * correcting by them brings the digits back (iterative refinement), some four each time at 1 nS on 100 S.
 */
enum { CORRECTIONS = 6 };

og_status ogi_chol_solve(ogi_chol *c, const ogi_cells *cells, const ogi_rhs *rhs, double *v_word, double *v_bit,
                         og_error *err) {
  size_t count = c->m * c->n, unknowns = (size_t)c->nodes.unknowns, sources = c->wires.sources;
  memset(c->volt, 0, unknowns * sizeof *c->volt);
  int passes = unknowns == 0 ? 0 : may_float(c) ? 1 + CORRECTIONS : 1;
  for (int pass = 0; pass < passes; pass++) {
    find_balance(c, cells, rhs);
    if (!cholmod_solve2(CHOLMOD_A, c->factor, c->rhs, NULL, &c->x, NULL, &c->y, &c->e, &c->common))
      return ogi_fail(err, OG_E_NOMEM, "cholesky: solve, cholmod status %d", c->common.status);
    double largest = 0, change = 0;
    for (size_t k = 0; k < unknowns; k++) {
      double correction = ((const double *)c->x->x)[k];
      c->volt[k] += correction;
      largest = fmax(largest, fabs(c->volt[k]));
      change = fmax(change, fabs(correction));
    }
    if (change <= DBL_EPSILON * largest) break;
  }
  for (size_t k = 0; k < count; k++) {
    v_word[k] = volt_at(c->nodes.word[k], c->volt, rhs, sources);
    v_bit[k] = volt_at(c->nodes.bit[k], c->volt, rhs, sources);
  }
  return OG_OK;
}

const ogi_nodes *ogi_chol_nodes(const ogi_chol *c) { return &c->nodes; }

void ogi_chol_reduce(ogi_chol *c, double *g_eff, double *y_source) {
  int p = (int)c->ports, m = (int)c->m, n = (int)c->n;
  const double *zs = c->z, *zt = c->z + c->m * c->ports;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, n, p, 1, zs, p, zt, p, 0, g_eff, n);
  if (y_source == NULL) return;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, m, p, -1, zs, p, zs, p, 0, y_source, m);
  for (size_t i = 0; i < c->m; i++)
    y_source[i * c->m + i] += end_siemens(c, OG_LINE_WORD, i, 0) + end_siemens(c, OG_LINE_WORD, i, 1);
}
