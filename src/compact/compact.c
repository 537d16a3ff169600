/* SPDX-License-Identifier: BSD-3-Clause */
/** Models: made, asked, evaluated. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "compact/ogi_form.h"

og_status og_compact_create(og_compact **out, const og_cell_circuit *circuit, size_t cells, og_error *err) {
  if (out != NULL) *out = NULL;
  if (out == NULL || circuit == NULL) return ogi_fail(err, OG_E_ARG, "compact: a needed pointer is NULL");
  ogi_cell_source source;
  og_compact *m = ogi_alloc(1, sizeof *m);
  if (m == NULL) return ogi_fail(err, OG_E_NOMEM, "compact");
  og_status st = ogi_cell_read(&source, circuit, cells, err);
  if (st == OG_OK) st = ogi_cell_form(m, &source, err);
  ogi_cell_clear(&source);
  if (st == OG_OK) *out = m;
  else og_compact_free(m);
  if (st == OG_E_INPUT || st == OG_E_RANGE) ogi_cell_count_lines(circuit, err);
  return st;
}

void og_compact_free(og_compact *m) {
  if (m == NULL) return;
  for (size_t k = 0; m->name != NULL && k < m->inner; k++) ogi_free(m->name[k]);
  ogi_free(m->name);
  ogi_free(m->start);
  ogi_free(m->c.item);
  ogi_free(m->g.item);
  ogi_constants_clear(&m->constants);
  ogi_program_clear(&m->currents);
  ogi_program_clear(&m->slopes);
  ogi_program_clear(&m->potentials);
  ogi_factor_clear(&m->factor);
  ogi_free(m);
}

size_t og_compact_cells(const og_compact *m) { return m != NULL ? m->cells : 0; }
size_t og_compact_ports(const og_compact *m) { return m != NULL ? m->ports : 0; }
size_t og_compact_unknowns(const og_compact *m) { return m != NULL ? m->inner : 0; }
const char *og_compact_unknown(const og_compact *m, size_t k) { return m != NULL && k < m->inner ? m->name[k] : NULL; }

size_t og_compact_find(const og_compact *m, const char *name) {
  size_t k = 0;
  if (m == NULL || name == NULL) return og_compact_unknowns(m);
  while (k < m->inner && strcmp(m->name[k], name) != 0) k++;
  return k;
}

og_status og_compact_start(const og_compact *m, double *y, og_error *err) {
  if (m == NULL || y == NULL) return ogi_fail(err, OG_E_ARG, "compact: a needed pointer is NULL");
  for (size_t k = 0; k < m->inner; k++) {
    size_t at = m->start[k];
    const double *column = at >= m->constants.fills ? m->constants.column[at - m->constants.fills] : NULL;
    for (size_t j = 0; j < m->cells; j++)
      y[k * m->cells + j] = column != NULL ? column[j] : m->constants.fill[at * OGI_LANES];
  }
  return OG_OK;
}

/* ---- workspace ---- */

static double *vectors(double **next, size_t count) {
  double *first = *next;
  *next += count * OGI_LANES;
  return first;
}

og_status ogi_work_open(ogi_work *w, const og_compact *m, size_t extra, og_error *err) {
  const ogi_table *t = &m->table;
  size_t slots = ogi_max_size(m->slopes.slots, ogi_max_size(m->currents.slots, m->potentials.slots));
  size_t after = t->unknowns + t->results + slots, addresses = t->fills + t->columns + after;
  *w = (ogi_work){.m = m};
  w->at = ogi_alloc(addresses, sizeof *w->at);
  w->room = ogi_alloc((t->columns + after + extra) * OGI_LANES, sizeof *w->room);
  if (w->at == NULL || w->room == NULL) {
    ogi_work_close(w);
    return ogi_fail(err, OG_E_NOMEM, "compact: workspace");
  }
  double *next = w->room;
  w->own = vectors(&next, t->columns);
  w->x = vectors(&next, after);
  w->extra = vectors(&next, extra);
  for (size_t k = 0; k < t->fills; k++) w->at[k] = m->constants.fill + k * OGI_LANES;
  for (size_t k = 0; k < after; k++) w->at[ogi_table_unknown(t) + k] = w->x + k * OGI_LANES;
  return OG_OK;
}

void ogi_work_close(ogi_work *w) {
  ogi_free(w->at);
  ogi_free(w->room);
  *w = (ogi_work){0};
}

void ogi_lanes_fill(double *to, const double *from, size_t count) {
  memcpy(to, from, count * sizeof *to);
  for (size_t l = count; l < OGI_LANES; l++) to[l] = from[count - 1];
}

void ogi_work_aim(ogi_work *w, size_t first, size_t lanes) {
  const ogi_table *t = &w->m->table;
  w->lanes = lanes;
  for (size_t k = 0; k < t->columns; k++) {
    double *column = w->m->constants.column[k] + first, *own = w->own + k * OGI_LANES;
    if (lanes < OGI_LANES) ogi_lanes_fill(own, column, lanes);
    w->at[t->fills + k] = lanes < OGI_LANES ? own : column;
  }
}

/* ---- evaluation ---- */

typedef struct request {
  const og_compact *m;
  size_t first, count;
  const double *v, *y;
  double *i, *slope, *state;
} request;

static og_status check_request(const request *q, og_error *err) {
  if (q->m == NULL || q->v == NULL || (q->y == NULL && q->m->inner > 0) || (q->i == NULL && q->state == NULL))
    return ogi_fail(err, OG_E_ARG, "compact: a needed pointer is NULL");
  if (q->first > q->m->cells || q->count > q->m->cells - q->first)
    return ogi_fail(err, OG_E_ARG, "compact: saw cells %zu .. %zu, need some of %zu", q->first, q->first + q->count,
                    q->m->cells);
  return OG_OK;
}

static void load(const request *q, ogi_work *w, size_t done) {
  const og_compact *m = q->m;
  for (size_t k = 0; k < m->inner; k++)
    ogi_lanes_fill(w->x + k * OGI_LANES, q->y + k * q->count + done, w->lanes);
  for (size_t p = 0; p < m->ports; p++)
    ogi_lanes_fill(w->x + (m->inner + p) * OGI_LANES, q->v + p * q->count + done, w->lanes);
}

static og_status save_currents(const request *q, const ogi_work *w, size_t done, og_error *err) {
  const og_compact *m = q->m;
  size_t count = q->count;
  for (size_t p = 0; p < m->ports; p++) {
    const double *i = ogi_work_result(w, m->inner + p);
    for (size_t l = 0; l < w->lanes; l++)
      if (!isfinite(i[l]))
        return ogi_fail(err, OG_E_RANGE, "cell %zu: port %zu: current: saw %g, need a finite one",
                        q->first + done + l, p, i[l]);
    memcpy(q->i + p * count + done, i, w->lanes * sizeof *i);
  }
  for (size_t k = 0; q->slope != NULL && k < m->g.count; k++) {
    const ogi_entry *e = &m->g.item[k];
    if (e->row < m->inner || e->column < m->inner) continue;
    size_t at = (e->row - m->inner) * m->ports + (e->column - m->inner);
    memcpy(q->slope + at * count + done, ogi_work_result(w, e->at), w->lanes * sizeof *q->slope);
  }
  return OG_OK;
}

static og_status answer(const request *q, og_error *err) {
  ogi_work w;
  og_status st = check_request(q, err);
  if (st == OG_OK) st = ogi_work_open(&w, q->m, 0, err);
  if (st != OG_OK) return st;
  const og_compact *m = q->m;
  const ogi_program *program = q->state != NULL ? &m->potentials : q->slope != NULL ? &m->slopes : &m->currents;
  for (size_t k = 0; q->slope != NULL && k < m->ports * m->ports * q->count; k++) q->slope[k] = 0;
  for (size_t done = 0; done < q->count && st == OG_OK; done += OGI_LANES) {
    ogi_work_aim(&w, q->first + done, ogi_min_size(OGI_LANES, q->count - done));
    load(q, &w, done);
    ogi_program_run(program, w.at);
    if (q->state == NULL) st = save_currents(q, &w, done, err);
    for (size_t k = 0; q->state != NULL && k < m->states; k++)
      memcpy(q->state + k * q->count + done, ogi_work_result(&w, m->table.results - m->states + k),
             w.lanes * sizeof *q->state);
  }
  ogi_work_close(&w);
  return st;
}

og_status og_compact_eval(const og_compact *m, size_t first, size_t count, const double *v, const double *y, double *i,
                          double *slope, og_error *err) {
  return answer(&(request){.m = m, .first = first, .count = count, .v = v, .y = y, .i = i, .slope = slope}, err);
}

og_status og_compact_states(const og_compact *m, size_t first, size_t count, const double *v, const double *y,
                            double *state, og_error *err) {
  return answer(&(request){.m = m, .first = first, .count = count, .v = v, .y = y, .state = state}, err);
}
