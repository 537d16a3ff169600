/* SPDX-License-Identifier: BSD-3-Clause */
/* Cells as objects: keys, parameters, and the evaluation in blocks. The laws are in cell_laws.c and cell_pair.c. */
#include <config.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_interp.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "device/ogi_cell.h"

#define VOLT_MAX 1e9 /* [V] beyond, currents stay where they are: products of slope and voltage must be finite */

const char *og_cell_model(const og_cell *cell) { return cell->model->name; }

int og_cell_keys(size_t index, og_cell_key *out) {
  for (const ogi_cell_model *m = ogi_cell_models; m->name != NULL; m++)
    for (size_t k = 0; k < OGI_CELL_KEYS && m->key[k].key != NULL; k++)
      if (!(k == OGI_KEY_G && m->fixed) && index-- == 0) {
        *out = m->key[k];
        out->model = m->name;
        return 1;
      }
  return 0;
}

static void fill_key(og_cell *cell, size_t key) {
  for (size_t k = 0; k < OGI_CELL_BLOCK; k++) cell->fill[key * OGI_CELL_BLOCK + k] = cell->param[key].value;
}

og_status ogi_cell_new(og_cell **out, const ogi_cell_model *model, og_error *err) {
  *out = NULL;
  og_cell *cell = ogi_alloc(1, sizeof *cell);
  if (cell == NULL) return ogi_fail(err, OG_E_NOMEM, "cell %s", model->name);
  cell->model = model;
  while (cell->keys < OGI_CELL_KEYS && model->key[cell->keys].key != NULL) cell->keys++;
  cell->fill = ogi_alloc(cell->keys * OGI_CELL_BLOCK, sizeof *cell->fill);
  if (cell->fill == NULL) {
    og_cell_free(cell);
    return ogi_fail(err, OG_E_NOMEM, "cell %s", model->name);
  }
  for (size_t k = 0; k < cell->keys; k++) {
    cell->param[k].value = model->key[k].fallback;
    fill_key(cell, k);
  }
  *out = cell;
  return OG_OK;
}

void og_cell_free(og_cell *cell) {
  if (cell == NULL) return;
  for (size_t k = 0; k < cell->keys; k++) ogi_free(cell->param[k].each);
  ogi_free(cell->fill);
  ogi_free(cell->points.v);
  ogi_free(cell->points.i);
  ogi_free(cell->points.slope);
  og_cell_free(cell->member[0]);
  og_cell_free(cell->member[1]);
  ogi_free(cell);
}

/* ---- parameters ---- */

/* The cell that a key belongs to, itself or a member, and the key's number there. */
static og_status find_key(og_cell **cell, size_t *index, const char *key, og_error *err) {
  og_cell *c = *cell;
  const char *name = key;
  for (int side = 0; side < 2; side++) {
    const char *prefix = side == 0 ? "word." : "bit.";
    if (c->member[side] != NULL && strncmp(key, prefix, strlen(prefix)) == 0) {
      *cell = c->member[side];
      name = key + strlen(prefix);
      break;
    }
  }
  c = *cell;
  for (*index = 0; *index < c->keys; ++*index)
    if (strcmp(c->model->key[*index].key, name) == 0 && !(*index == OGI_KEY_G && c->model->fixed)) return OG_OK;
  return ogi_fail(err, OG_E_INPUT, "cell %s: key: saw \"%.60s\", which it does not have", c->model->name, name);
}

static int key_takes(const og_cell_key *key, double value) { return value >= key->min && value <= key->max; }

og_status og_cell_set(og_cell *cell, const char *key, double value, og_error *err) {
  size_t k;
  og_status st;
  if (cell == NULL || key == NULL) return ogi_fail(err, OG_E_ARG, "cell: a needed pointer is NULL");
  OGI_TRY(st, find_key(&cell, &k, key, err));
  const og_cell_key *known = &cell->model->key[k];
  if (!key_takes(known, value))
    return ogi_fail(err, OG_E_RANGE, "cell %s: %s: saw %g, need %g to %g%s%s%s", cell->model->name, known->key, value,
                    known->min, known->max, *known->unit ? " (" : "", known->unit, *known->unit ? ")" : "");
  cell->param[k].value = value;
  ogi_free(cell->param[k].each);
  cell->param[k].each = NULL;
  fill_key(cell, k);
done:
  return st;
}

/* Values of row i: column j is values[i * row + j * column]. */
static og_status set_many(og_cell *cell, const char *key, const double *values, size_t m, size_t n, size_t row,
                          size_t column, og_error *err) {
  size_t k;
  og_status st;
  if (cell == NULL || key == NULL || values == NULL) return ogi_fail(err, OG_E_ARG, "cell: a needed pointer is NULL");
  if (m == 0 || n == 0) return ogi_fail(err, OG_E_ARG, "cell: saw %zu x %zu values, need at least one", m, n);
  OGI_TRY(st, find_key(&cell, &k, key, err));
  const og_cell_key *known = &cell->model->key[k];
  double *each = n <= SIZE_MAX / m ? ogi_alloc(m * n, sizeof *each) : NULL;
  if (each == NULL) return ogi_fail(err, OG_E_NOMEM, "cell %s: %s of %zu x %zu cells", cell->model->name, key, m, n);
  for (size_t c = 0; c < m * n; c++) {
    each[c] = values[c / n * row + c % n * column];
    if (!key_takes(known, each[c])) {
      st = ogi_fail(err, OG_E_RANGE, "cell %s: %s (%zu,%zu): saw %g, need %g to %g", cell->model->name, known->key,
                    c / n, c % n, each[c], known->min, known->max);
      ogi_free(each);
      return st;
    }
  }
  ogi_free(cell->param[k].each);
  cell->param[k].each = each;
  cell->m = m;
  cell->n = n;
done:
  return st;
}

og_status og_cell_set_each(og_cell *cell, const char *key, const double *values, size_t m, size_t n, og_error *err) {
  return set_many(cell, key, values, m, n, n, 1, err);
}

og_status og_cell_set_rows(og_cell *cell, const char *key, const double *values, size_t m, size_t n, og_error *err) {
  return set_many(cell, key, values, m, n, 1, 0, err);
}

/* ---- table, user, pair ---- */

static og_status check_points(const double *v, const double *i, size_t count, og_error *err) {
  if (v == NULL || i == NULL) return ogi_fail(err, OG_E_ARG, "cell table: a needed pointer is NULL");
  if (count < 3) return ogi_fail(err, OG_E_RANGE, "cell table: saw %zu points, need 3 or more", count);
  for (size_t k = 0; k < count; k++) {
    if (!isfinite(v[k]) || !isfinite(i[k]))
      return ogi_fail(err, OG_E_RANGE, "cell table: point %zu: saw %g V, %g A, need finite numbers", k, v[k], i[k]);
    if (k > 0 && !(v[k] > v[k - 1] && i[k] > i[k - 1]))
      return ogi_fail(err, OG_E_RANGE,
                      "cell table: point %zu: saw %g V, %g A after %g V, %g A, need both to increase strictly", k,
                      v[k], i[k], v[k - 1], i[k - 1]);
  }
  if (v[0] > 0 || v[count - 1] < 0)
    return ogi_fail(err, OG_E_RANGE, "cell table: saw voltages from %g to %g, need 0 V within (volt)", v[0],
                    v[count - 1]);
  return OG_OK;
}

/* Slopes at the points by GSL. Steffen's rule may give 0 at the two ends; there a tenth of the secant stands in. */
static og_status node_slopes(ogi_cell_points *t, og_error *err) {
  gsl_interp *steffen = gsl_interp_alloc(gsl_interp_steffen, t->count);
  if (steffen == NULL || gsl_interp_init(steffen, t->v, t->i, t->count) != GSL_SUCCESS) {
    gsl_interp_free(steffen);
    return ogi_fail(err, OG_E_NOMEM, "cell table: %zu points", t->count);
  }
  size_t last = t->count - 1;
  for (size_t k = 0; k <= last; k++) t->slope[k] = gsl_interp_eval_deriv(steffen, t->v, t->i, t->v[k], NULL);
  gsl_interp_free(steffen);
  t->slope[0] = fmax(t->slope[0], 0.1 * (t->i[1] - t->i[0]) / (t->v[1] - t->v[0]));
  t->slope[last] = fmax(t->slope[last], 0.1 * (t->i[last] - t->i[last - 1]) / (t->v[last] - t->v[last - 1]));
  return OG_OK;
}

og_status og_cell_create_table(og_cell **out, const double *v, const double *i, size_t count, og_error *err) {
  og_status st;
  og_cell *cell = NULL;
  if (out == NULL) return ogi_fail(err, OG_E_ARG, "cell: out is NULL");
  *out = NULL;
  OGI_TRY(st, check_points(v, i, count, err));
  OGI_TRY(st, ogi_cell_new(&cell, &ogi_cell_table_model, err));
  ogi_cell_points *t = &cell->points;
  t->count = count;
  t->v = ogi_alloc(count, sizeof *v);
  t->i = ogi_alloc(count, sizeof *i);
  t->slope = ogi_alloc(count, sizeof *i);
  if (t->v == NULL || t->i == NULL || t->slope == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "cell table: %zu points", count);
    goto done;
  }
  memcpy(t->v, v, count * sizeof *v);
  memcpy(t->i, i, count * sizeof *i);
  OGI_TRY(st, node_slopes(t, err));
  const double zero = 0, one = 1;
  double current;
  t->slope_at_zero = 1;
  ogi_cell_block at = {.cell = cell, .count = 1, .g = &one, .p = {&one, &zero, &zero, &zero}};
  OGI_TRY(st, cell->model->law(&at, &zero, &current, &t->slope_at_zero, err));
  *out = cell;
  cell = NULL;
done:
  og_cell_free(cell);
  return st;
}

og_status og_cell_create_user(og_cell **out, og_cell_function function, void *user, og_error *err) {
  if (out == NULL || function == NULL) return ogi_fail(err, OG_E_ARG, "cell: a needed pointer is NULL");
  og_status st = ogi_cell_new(out, &ogi_cell_user_model, err);
  if (st != OG_OK) return st;
  (*out)->function = function;
  (*out)->user = user;
  return OG_OK;
}

static int takes_conductance(const og_cell *cell) {
  const ogi_cell_param *g = &cell->param[OGI_KEY_G];
  return !cell->model->fixed && g->each == NULL && g->value == 0;
}

og_status og_cell_create_pair(og_cell **out, og_cell *word_side, og_cell *bit_side, og_error *err) {
  og_status st = OG_OK;
  if (out != NULL) *out = NULL;
  if (out == NULL || word_side == NULL || bit_side == NULL || word_side == bit_side)
    st = ogi_fail(err, OG_E_ARG, "cell pair: need out and two different members");
  else if (word_side->member[0] != NULL || bit_side->member[0] != NULL)
    st = ogi_fail(err, OG_E_ARG, "cell pair: saw a pair as a member, need single cells");
  else if (!takes_conductance(word_side) && !takes_conductance(bit_side))
    st = ogi_fail(err, OG_E_ARG, "cell pair: saw a g of its own in both members, need one that takes the array's");
  else st = ogi_cell_new(out, &ogi_cell_pair_model, err);
  if (st == OG_OK) {
    (*out)->member[0] = word_side;
    (*out)->member[1] = bit_side;
  } else {
    og_cell_free(word_side);
    if (bit_side != word_side) og_cell_free(bit_side);
  }
  return st;
}

/* ---- evaluation ---- */

/* Parameters of cells first .. first + count - 1. */
static ogi_cell_block block_of(const og_cell *cell, size_t first, size_t count, const double *g) {
  ogi_cell_block b = {.cell = cell, .first = first, .count = count, .g = g};
  for (size_t k = 0; k < cell->keys; k++)
    b.p[k] = cell->param[k].each != NULL ? cell->param[k].each + first : cell->fill + k * OGI_CELL_BLOCK;
  if (cell->model->fixed) return b;
  if (cell->param[OGI_KEY_G].each != NULL || cell->param[OGI_KEY_G].value > 0) b.g = b.p[OGI_KEY_G];
  return b;
}

og_status ogi_cell_check(const og_cell *cell, size_t m, size_t n, og_error *err) {
  og_status st = OG_OK;
  if (cell->m > 0 && (cell->m != m || cell->n != n))
    return ogi_fail(err, OG_E_SHAPE, "cell %s: saw parameters of %zu x %zu cells, need %zu x %zu", cell->model->name,
                    cell->m, cell->n, m, n);
  for (int side = 0; side < 2 && cell->member[side] != NULL; side++)
    OGI_TRY(st, ogi_cell_check(cell->member[side], m, n, err));
  size_t cells = cell->m > 0 ? m * n : 1;
  for (size_t c = 0; c < cells; c++) {
    ogi_cell_block b = block_of(cell, c, 1, NULL);
    if (b.p[OGI_KEY_LOW][0] > b.p[OGI_KEY_HIGH][0])
      return ogi_fail(err, OG_E_RANGE, "cell %s: range_low: saw %g, need at most range_high, %g (volt)",
                      cell->model->name, b.p[OGI_KEY_LOW][0], b.p[OGI_KEY_HIGH][0]);
    if (cell->model->agree != NULL) OGI_TRY(st, cell->model->agree(&b, 0, err));
  }
done:
  return st;
}

OGI_HOT static void clamp(size_t count, const double *restrict v, const double *restrict low,
                          const double *restrict high, double *restrict held) {
  for (size_t k = 0; k < count; k++) {
    double x = v[k] < low[k] ? low[k] : v[k];
    held[k] = x > high[k] ? high[k] : x;
  }
}

/* Straight lines beyond the model's ends. */
OGI_HOT static void extend(size_t count, const double *restrict v, const double *restrict held, double *restrict i,
                           const double *restrict slope) {
  for (size_t k = 0; k < count; k++) {
    double far = v[k] > VOLT_MAX ? VOLT_MAX : v[k] < -VOLT_MAX ? -VOLT_MAX : v[k];
    i[k] += slope[k] * (far - held[k]);
  }
}

static void mark_outside(const ogi_cell_block *b, const double *v, const double *low, const double *high) {
  const double *from = b->p[OGI_KEY_LOW], *to = b->p[OGI_KEY_HIGH];
  for (size_t k = 0; k < b->count; k++)
    if (v[k] < low[k] || v[k] > high[k] || v[k] < from[k] || v[k] > to[k]) b->outside[k] = 1;
}

og_status ogi_cell_eval_flags(const og_cell *cell, size_t first, size_t count, const double *g, const double *v,
                              double *i, double *slope, unsigned char *outside, og_error *err) {
  double low[OGI_CELL_BLOCK], high[OGI_CELL_BLOCK], held[OGI_CELL_BLOCK];
  og_status st;
  ogi_cell_block b = block_of(cell, first, count, g);
  b.outside = outside;
  if (cell->model->limits != NULL) cell->model->limits(&b, low, high);
  else
    for (size_t k = 0; k < count; k++) low[k] = -(high[k] = VOLT_MAX);
  clamp(count, v, low, high, held);
  OGI_TRY(st, cell->model->law(&b, held, i, slope, err));
  extend(count, v, held, i, slope);
  if (outside != NULL) mark_outside(&b, v, low, high);
done:
  return st;
}

og_status ogi_cell_eval(const og_cell *cell, size_t first, size_t count, const double *g, const double *v, double *i,
                        double *slope, size_t *outside, og_error *err) {
  og_status st = OG_OK;
  for (size_t k = 0; k < count; k += OGI_CELL_BLOCK) {
    unsigned char flags[OGI_CELL_BLOCK] = {0};
    size_t some = ogi_min_size(OGI_CELL_BLOCK, count - k);
    OGI_TRY(st, ogi_cell_eval_flags(cell, first + k, some, g + k, v + k, i + k, slope + k,
                                    outside != NULL ? flags : NULL, err));
    for (size_t c = 0; outside != NULL && c < some; c++) *outside += flags[c];
  }
done:
  return st;
}

og_status og_cell_eval(const og_cell *cell, size_t count, const double *g, const double *v, double *i, double *slope,
                       size_t *outside, og_error *err) {
  og_status st;
  if (cell == NULL || g == NULL || v == NULL || i == NULL || slope == NULL)
    return ogi_fail(err, OG_E_ARG, "cell: a needed pointer is NULL");
  for (size_t k = 0; k < count; k++)
    if (!(g[k] >= 0 && isfinite(g[k]) && isfinite(v[k])))
      return ogi_fail(err, OG_E_RANGE, "cell %zu: saw %g S at %g V, need a finite conductance >= 0, a finite voltage",
                      k,                      g[k], v[k]);
  size_t m = 1, n = count;
  for (int side = -1; side < 2; side++) { /* the shape of the parameters, if they have one */
    const og_cell *c = side < 0 ? cell : cell->member[side];
    if (c == NULL || c->m == 0) continue;
    m = c->m;
    n = c->n;
    if (count > m * n)
      return ogi_fail(err, OG_E_SHAPE, "cell %s: saw %zu cells, need at most the %zu x %zu of its parameters",
                      c->model->name, count, m, n);
  }
  OGI_TRY(st, ogi_cell_check(cell, m, n, err));
  if (outside != NULL) *outside = 0;
  st = ogi_cell_eval(cell, 0, count, g, v, i, slope, outside, err);
done:
  return st;
}
