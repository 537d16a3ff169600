/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cells in several sessions of ngspice, which advance together: all begin a step of the exchange at once, each takes
 * as many steps of its own in it as it needs, and waits at its end. A session belongs to one thread; that thread
 * sits in og_spice_run all the time and waits within the callback of its sources.
 */
#include <config.h>

#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ohmgrid/deck.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "cosim/ogi_cosim.h"

#define NAME_ROOM 160
#define ARRIVED 1e-6 /* of a step: so near to its end counts as there */

typedef struct batch {
  struct ogi_batches *all;
  pthread_t thread;
  size_t first, cells;             /* of the ports' cells */
  char *text;                      /* names, NAME_ROOM each */
  const char **source, **watch;    /* P x cells; then currents, states, inner nodes, cells of each */
  size_t sources, watched;
  unsigned seen;                   /* number of the last step it has begun */
  double told;                     /* corner that ngspice knows of [s] */
  int started, ended;
  size_t steps, redone;
  og_status st;
  og_error err;
} batch;

struct ogi_batches {
  ogi_batch_plan plan;
  ogi_ports *ports;
  size_t per_cell, inner;          /* P; inner nodes watched */
  size_t *inner_node;              /* their numbers in the anatomy */
  double *node;                    /* nodes x cells */
  batch *batch;
  size_t count;
  pthread_mutex_t lock;            /* of what follows */
  pthread_cond_t arrived, opened;
  unsigned step;
  size_t busy;
  double begin, end, corner;
  int stop, abort;
};

/* ---- deck ---- */

static void print_name(char *to, const ogi_batches *b, const char *form, size_t k, size_t part) {
  size_t cell = b->ports->cell[k], n = b->plan.array->n;
  snprintf(to, NAME_ROOM, "%.8s%u_%u_%u", form, (unsigned)(cell / n), (unsigned)(cell % n), (unsigned)part);
}

static void write_cell(FILE *out, const ogi_batches *b, size_t k) {
  const og_cell_circuit *c = b->plan.circuit;
  char id[NAME_ROOM];
  for (size_t p = 0; p < b->per_cell; p++) {
    print_name(id, b, "", k, p);
    fprintf(out, "v%s t%s 0 external\nr%s t%s p%s %.17g\n", id, id, id, id, id, b->ports->ohm[p * b->ports->cells + k]);
  }
  print_name(id, b, "x", k, 0);
  fputs(id, out);
  for (size_t p = 0; p < b->per_cell; p++) {
    print_name(id, b, " p", k, p);
    fputs(id, out);
  }
  if (c->terminals == 2) fputs(" 0", out);
  for (size_t s = 0; s < c->states; s++) {
    print_name(id, b, " q", k, s);
    fputs(id, out);
  }
  fprintf(out, " %s", c->name);
  for (size_t p = 0; p < c->params; p++) fprintf(out, " %s=%.17g", c->param[p], c->value[p][b->ports->cell[k]]);
  fputc('\n', out);
}

/*
 * A capacitor at a port, behind a small resistance, makes the trapezoidal rule ring: its current alternates and never
 * settles. Less than half of the old slope (xmu) damps that, by a fifth a step.
 */
static int rings(const ogi_batches *b) {
  const ogi_anatomy *a = b->plan.anatomy;
  for (size_t k = 0; k < a->capacitor.count; k++)
    if (a->capacitor.item[k].a < b->per_cell || a->capacitor.item[k].b < b->per_cell) return 1;
  return 0;
}

static og_status load(const batch *t, og_spice *s, og_error *err) {
  char *text = NULL;
  size_t bytes = 0;
  og_deck *deck = NULL;
  ogi_locale locale;
  FILE *out = open_memstream(&text, &bytes);
  if (out == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: the cells as text");
  ogi_locale_begin(&locale);
  fprintf(out, "cells of an array\n%s\n", t->all->plan.circuit->text);
  for (size_t k = 0; k < t->cells; k++) write_cell(out, t->all, t->first + k);
  fprintf(out, ".options reltol=1e-5 trtol=1%s\n.end\n", rings(t->all) ? " xmu=0.45" : "");
  ogi_locale_end(&locale);
  int full = ferror(out);
  og_status st = fclose(out) != 0 || full ? ogi_fail(err, OG_E_NOMEM, "cosim: the cells as text") : OG_OK;
  if (st == OG_OK) st = og_deck_parse(&deck, "cells", text, bytes, NULL, err);
  if (st == OG_OK) st = og_spice_load(s, deck, err);
  og_deck_free(deck);
  free(text); /* open_memstream's own */
  return st;
}

/* ---- start from given potentials ---- */

static double potential(const ogi_batches *b, size_t node, size_t k) {
  return node == SIZE_MAX ? 0 : b->plan.start[node * b->ports->cells + k];
}

static og_status set_start(const batch *t, og_spice *s, og_error *err) {
  og_status st = OG_OK;
  const ogi_anatomy *a = t->all->plan.anatomy;
  size_t each = a->capacitor.count, count = each * t->cells;
  if (t->all->plan.start == NULL || count == 0) return OG_OK;
  og_spice_change *change = ogi_alloc(count, sizeof *change);
  char *names = ogi_alloc(count, NAME_ROOM);
  double *value = ogi_alloc(count, sizeof *value);
  if (change == NULL || names == NULL || value == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "cosim: start of %zu cells", t->cells);
    goto done;
  }
  for (size_t k = 0; k < count; k++) {
    const ogi_cell_capacitor *c = &a->capacitor.item[k % each];
    char id[NAME_ROOM], *name = names + k * NAME_ROOM;
    print_name(id, t->all, "x", t->first + k / each, 0);
    snprintf(name, NAME_ROOM, "c.%.40s.%.80s", id, c->name);
    value[k] = potential(t->all, c->a, t->first + k / each) - potential(t->all, c->b, t->first + k / each);
    change[k] = (og_spice_change){.device = name, .parameter = "ic", .values = &value[k], .count = 1};
  }
  st = og_spice_alter_many(s, change, count, err);
done:
  ogi_free(change);
  ogi_free(names);
  ogi_free(value);
  return st;
}

/* ---- the exchange, in the session's thread ---- */

static void take(batch *t, const double *watched) {
  ogi_batches *b = t->all;
  size_t cells = b->ports->cells, row = 0;
  for (size_t p = 0; p < b->per_cell; p++, row++) /* current of a source is positive into it */
    for (size_t k = 0; k < t->cells; k++) b->ports->amp[p * cells + t->first + k] = -watched[row * t->cells + k];
  for (size_t s = 0; s < b->plan.circuit->states; s++, row++)
    memcpy(b->ports->state + s * cells + t->first, watched + row * t->cells, t->cells * sizeof *watched);
  for (size_t n = 0; n < b->inner; n++, row++)
    memcpy(b->node + b->inner_node[n] * cells + t->first, watched + row * t->cells, t->cells * sizeof *watched);
}

/* At the end of a step: wait for the next. @return 1: go on; 0: that was the last; -1: give up */
static int arrive(batch *t, const double *watched) {
  ogi_batches *b = t->all;
  take(t, watched);
  pthread_mutex_lock(&b->lock);
  b->busy--;
  pthread_cond_signal(&b->arrived);
  while (b->step == t->seen && !b->abort) pthread_cond_wait(&b->opened, &b->lock);
  t->seen = b->step;
  int go_on = b->abort ? -1 : !b->stop;
  pthread_mutex_unlock(&b->lock);
  return go_on;
}

static int exchange(void *user, og_spice_step *step) {
  batch *t = user;
  ogi_batches *b = t->all;
  int started = !isnan(step->watched[0]);
  double span = b->end - b->begin;
  if (step->redo) t->redone++;
  else if (started) {
    if (step->time_second > b->begin) t->steps++;
    if (step->time_second >= b->end - ARRIVED * span) {
      int go_on = arrive(t, step->watched);
      if (go_on < 0) return 1;
      if (go_on == 0) {
        step->stop = 1;
        return 0;
      }
      span = b->end - b->begin;
    }
  }
  if (b->corner > t->told) { /* behind a breakpoint ngspice begins afresh: currents of capacitors may jump there */
    step->breakpoint_count = 1;
    step->breakpoint_second[0] = t->told = b->corner;
  }
  double left = b->end - step->time_second, dt = step->dt_second;
  if (!step->redo && started) dt = dt >= left * (1 - ARRIVED) ? left : dt > 0.5 * left ? 0.5 * left : dt;
  step->dt_second = dt;
  double share = span > 0 ? fmin(1, (step->time_second + dt - b->begin) / span) : 1;
  const ogi_ports *ports = b->ports;
  for (size_t p = 0; p < b->per_cell; p++)
    for (size_t k = 0; k < t->cells; k++) {
      size_t at = p * ports->cells + t->first + k;
      step->values[p * t->cells + k] = ports->from[at] + share * (ports->to[at] - ports->from[at]);
    }
  return 0;
}

static int ask_abort(void *user, const char *phase, double fraction) {
  ogi_batches *b = user;
  (void)phase, (void)fraction;
  pthread_mutex_lock(&b->lock);
  int stop = b->abort;
  pthread_mutex_unlock(&b->lock);
  return stop;
}

static og_status run_session(batch *t, og_spice *s, og_error *err) {
  og_status st;
  og_vectors *unused = NULL;
  og_spice_analysis tran;
  OGI_TRY(st, load(t, s, err));
  OGI_TRY(st, set_start(t, s, err));
  OGI_TRY(st, og_spice_set_external(s, t->source, t->sources, t->watch, t->watched, exchange, t, err));
  og_spice_analysis_init(&tran, OG_SPICE_TRAN);
  tran.step_second = tran.step_max_second = t->all->plan.step_second;
  tran.stop_second = 1.01 * t->all->plan.horizon_second + 10 * tran.step_second; /* it is ended, never ends by itself */
  tran.use_ic = 1;
  st = og_spice_run(s, &tran, t->watch, 1, &unused, NULL, err);
done:
  og_vectors_free(unused);
  return st;
}

static void *work(void *user) {
  batch *t = user;
  ogi_batches *b = t->all;
  og_spice *s = NULL;
  og_error err = {0};
  og_spice_opts opts = *b->plan.opts;
  opts.progress = (og_progress){ask_abort, b};
  og_status st = og_spice_open(&s, &opts, &err);
  if (st == OG_OK) st = run_session(t, s, &err);
  og_spice_close(s);
  pthread_mutex_lock(&b->lock);
  t->st = st;
  t->err = err;
  t->ended = 1;
  pthread_cond_signal(&b->arrived);
  pthread_mutex_unlock(&b->lock);
  return NULL;
}

/* ---- the host's side ---- */

static og_status name_all(batch *t, og_error *err) {
  const ogi_batches *b = t->all;
  size_t states = b->plan.circuit->states, k = 0;
  t->sources = b->per_cell * t->cells;
  t->watched = (b->per_cell + states + b->inner) * t->cells;
  t->text = ogi_alloc(t->sources + t->watched, NAME_ROOM);
  t->source = ogi_alloc(t->sources, sizeof *t->source);
  t->watch = ogi_alloc(t->watched, sizeof *t->watch);
  if (t->text == NULL || t->source == NULL || t->watch == NULL)
    return ogi_fail(err, OG_E_NOMEM, "cosim: %zu names", t->watched);
  char id[NAME_ROOM], *at = t->text;
  for (size_t p = 0; p < b->per_cell; p++)
    for (size_t c = 0; c < t->cells; c++, at += NAME_ROOM) {
      print_name(at, b, "v", t->first + c, p);
      t->source[p * t->cells + c] = at;
    }
  for (size_t p = 0; p < b->per_cell + states + b->inner; p++)
    for (size_t c = 0; c < t->cells; c++, at += NAME_ROOM) {
      print_name(id, b, p < b->per_cell ? "v" : p < b->per_cell + states ? "q" : "x", t->first + c,
                 p < b->per_cell ? p : p < b->per_cell + states ? p - b->per_cell : 0);
      if (p < b->per_cell) snprintf(at, NAME_ROOM, "%.60s#branch", id);
      else if (p < b->per_cell + states) snprintf(at, NAME_ROOM, "%.60s", id);
      else
        snprintf(at, NAME_ROOM, "%.60s.%s", id,
                 b->plan.anatomy->node.item[b->inner_node[p - b->per_cell - states]].name);
      t->watch[k++] = at;
    }
  return OG_OK;
}

/* Cells a session: as planned, but at most 16 sessions where nothing was said. */
static size_t batch_size(const ogi_batch_plan *plan, size_t cells) {
  return plan->batch > 0 ? plan->batch : ogi_max_size(256, ogi_ceil_div(cells, 16));
}

og_status ogi_batches_open(ogi_batches **out, const ogi_batch_plan *plan, ogi_ports *ports, og_error *err) {
  og_status st = OG_OK;
  size_t size = batch_size(plan, ports->cells), nodes = plan->anatomy->node.count;
  ogi_batches *b = *out = ogi_alloc(1, sizeof *b);
  if (b == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: sessions");
  *b = (ogi_batches){.plan = *plan, .ports = ports, .per_cell = ports->count / ports->cells};
  pthread_mutex_init(&b->lock, NULL);
  pthread_cond_init(&b->arrived, NULL);
  pthread_cond_init(&b->opened, NULL);
  b->count = ogi_ceil_div(ports->cells, size);
  b->batch = ogi_alloc(b->count, sizeof *b->batch);
  b->node = ogi_alloc(nodes * ports->cells, sizeof *b->node);
  b->inner_node = ogi_alloc(nodes, sizeof *b->inner_node);
  if (b->batch == NULL || b->node == NULL || b->inner_node == NULL) {
    b->count = b->batch != NULL ? b->count : 0;
    return ogi_fail(err, OG_E_NOMEM, "cosim: %zu cells", ports->cells);
  }
  for (size_t n = 0; n < nodes; n++)
    if (plan->anatomy->node.item[n].pin == SIZE_MAX) b->inner_node[b->inner++] = n;
  b->busy = b->count;
  for (size_t k = 0; k < b->count; k++) {
    batch *t = &b->batch[k];
    *t = (batch){.all = b, .first = k * size, .cells = ogi_min_size(size, ports->cells - k * size)};
    OGI_TRY(st, name_all(t, err));
  }
  for (size_t k = 0; k < b->count; k++) {
    if (pthread_create(&b->batch[k].thread, NULL, work, &b->batch[k]) != 0)
      return ogi_fail(err, OG_E_EXTERN, "cosim: thread %zu cannot be started", k);
    b->batch[k].started = 1;
  }
done:
  return st;
}

void ogi_batches_begin(ogi_batches *b, double begin, double end, double corner) {
  pthread_mutex_lock(&b->lock);
  b->corner = corner;
  b->begin = begin;
  b->end = end;
  b->busy = b->count;
  b->step++;
  pthread_cond_broadcast(&b->opened);
  pthread_mutex_unlock(&b->lock);
}

/* The first session that ended: before the end is asked for, that is a failure. NULL: none. */
static const batch *fallen(const ogi_batches *b) {
  for (size_t k = 0; k < b->count; k++)
    if (b->batch[k].ended) return &b->batch[k];
  return NULL;
}

/* With the lock held, which is let go meanwhile: the caller's function may take its time. */
static int interrupted(ogi_batches *b) {
  const og_progress *p = &b->plan.opts->progress;
  double done = b->plan.horizon_second > 0 ? fmin(1, b->begin / b->plan.horizon_second) : 0;
  if (p->report == NULL) return 0;
  pthread_mutex_unlock(&b->lock);
  int stop = p->report(p->user, "cosim", done) != 0;
  pthread_mutex_lock(&b->lock);
  return stop;
}

og_status ogi_batches_wait(ogi_batches *b, og_error *err) {
  og_status st = OG_OK;
  pthread_mutex_lock(&b->lock);
  while (b->busy > 0 && fallen(b) == NULL && st == OG_OK) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 100000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_timedwait(&b->arrived, &b->lock, &until);
    if (interrupted(b)) st = ogi_fail(err, OG_E_INTERRUPT, "cosim: stopped by the caller");
  }
  const batch *t = fallen(b);
  if (st == OG_OK && t != NULL) {
    st = t->st != OG_OK ? t->st : OG_E_EXTERN;
    ogi_fail(err, st, "session %td of %zu: %s", t - b->batch, b->count,
             t->st != OG_OK ? t->err.text : "ngspice ended before its time");
  }
  pthread_mutex_unlock(&b->lock);
  return st;
}

const double *ogi_batches_nodes(const ogi_batches *b) { return b->node; }
size_t ogi_batches_count(const ogi_batches *b) { return b->count; }

size_t ogi_batches_failed(ogi_batches *b, size_t *first) {
  pthread_mutex_lock(&b->lock);
  const batch *t = fallen(b);
  pthread_mutex_unlock(&b->lock);
  *first = t != NULL ? t->first : 0;
  return t != NULL ? t->cells : 0;
}

/* Where all wait at the end of a step they are asked to stop; otherwise they are broken off. */
void ogi_batches_close(ogi_batches *b, og_cosim_info *info) {
  if (b == NULL) return;
  pthread_mutex_lock(&b->lock);
  b->stop = b->busy == 0;
  b->abort = !b->stop;
  b->step++;
  pthread_cond_broadcast(&b->opened);
  pthread_mutex_unlock(&b->lock);
  for (size_t k = 0; k < b->count; k++) {
    batch *t = &b->batch[k];
    if (t->started) pthread_join(t->thread, NULL);
    if (info != NULL) {
      info->spice_steps += t->steps;
      info->spice_redone += t->redone;
    }
    ogi_free(t->text);
    ogi_free(t->source);
    ogi_free(t->watch);
  }
  pthread_cond_destroy(&b->opened);
  pthread_cond_destroy(&b->arrived);
  pthread_mutex_destroy(&b->lock);
  ogi_free(b->batch);
  ogi_free(b->node);
  ogi_free(b->inner_node);
  ogi_free(b);
}
