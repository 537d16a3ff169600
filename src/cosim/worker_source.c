/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * EXTERNAL sources and the exchange with the host, inside ngspice's callbacks. In each step ngspice calls, in order:
 * take_data with the accepted point, synchronise at place 0 with the step it will try, get_value once a source and
 * Newton iteration at the step's end, synchronise at place 1 with its verdict (redo: rejected, the time rolled back).
 * A source has therefore to be constant within a step or a function of time alone; a step may only be shortened.
 */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_worker.h"

#define ARMED_AHEAD 16 /* corners that are breakpoints already; all at once would make each insertion slow */

/* --- sources as announced ----------------------------------------------------------------------------------------- */

static void clear_source(source *s) {
  ogi_free(s->name);
  ogi_free(s->time);
  ogi_free(s->value);
  memset(s, 0, sizeof *s);
}

void forget_sources(worker *w) {
  for (size_t k = 0; k < w->source_count; k++) clear_source(&w->sources[k]);
  ogi_free(w->sources);
  w->sources = NULL;
  w->source_count = 0;
}

/* Names come in one order again and again, so the next one is the likely one. */
static source *find_source(worker *w, const char *name) {
  for (size_t k = 0; k < w->source_count; k++) {
    size_t at = (w->source_guess + k) % w->source_count;
    if (strcmp(w->sources[at].name, name) != 0) continue;
    w->source_guess = at + 1;
    return &w->sources[at];
  }
  return NULL;
}

static source *new_source(worker *w, const char *name) {
  source *s = find_source(w, name);
  if (s != NULL) {
    clear_source(s);
    return s;
  }
  if ((w->source_count & (w->source_count - 1)) == 0) { /* room doubles at every power of two */
    source *more = need(w->source_count == 0 ? 1 : 2 * w->source_count, sizeof *more);
    if (w->source_count > 0) memcpy(more, w->sources, w->source_count * sizeof *more);
    ogi_free(w->sources);
    w->sources = more;
  }
  return &w->sources[w->source_count++];
}

int add_source(worker *w, const char *payload, size_t bytes) {
  ogi_message_source head;
  hear_nothing(w);
  if (bytes < sizeof head) return refuse(w, "a source without a head came");
  memcpy(&head, payload, sizeof head);
  size_t each = head.points * sizeof(double), left = bytes - sizeof head;
  if (head.points > left / (2 * sizeof(double)) || payload[bytes - 1] != '\0' || left == 2 * each)
    return refuse(w, "a source with fewer points than announced came");
  const char *data = payload + sizeof head, *name = data + 2 * each;
  source *s = new_source(w, name);
  s->name = copy_text(name);
  s->head = head;
  s->time = need(head.points, sizeof *s->time);
  s->value = need(head.points, sizeof *s->value);
  memcpy(s->time, data, each);
  memcpy(s->value, data + each, each);
  return 1;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

/* Straight lines between points, the first and the last value outside. */
static double interpolate(source *s, double time) {
  size_t last = s->head.points - 1;
  if (time <= s->time[0]) return s->value[0];
  if (time >= s->time[last]) return s->value[last];
  while (s->time[s->at + 1] < time) s->at++;
  while (s->time[s->at] > time) s->at--;
  double width = s->time[s->at + 1] - s->time[s->at], share = (time - s->time[s->at]) / width;
  return s->value[s->at] + share * (s->value[s->at + 1] - s->value[s->at]);
}

int get_value(double *value, double time, char *name, int library, void *user) {
  worker *w = user;
  (void)library;
  *value = 0;
  source *s = find_source(w, name);
  if (s == NULL) {
    if (strstr(name, WORKER_STOP_NODE) != NULL) *value = w->stop;
    else if (w->undriven[0] == '\0') snprintf(w->undriven, sizeof w->undriven, "%s", name);
    return 0;
  }
  s->asked = 1;
  *value = s->head.mode == OGI_SOURCE_DRIVEN ? w->drive[s->head.slot] : interpolate(s, time);
  return 0;
}

int check_sources(worker *w) {
  if (w->undriven[0] != '\0')
    return refuse(w, "external source %s has no values, need a callback, points or noise", w->undriven);
  if (w->unseen != NULL) return refuse(w, "the solution has no vector %s to be watched", w->unseen);
  for (size_t k = 0; k < w->source_count; k++)
    if (!w->sources[k].asked) return refuse(w, "the deck has no external source %s", w->sources[k].name);
  return 1;
}

void begin_sources(worker *w) {
  w->undriven[0] = '\0';
  w->unseen = NULL;
  w->mapped = w->stop = w->stopped = 0;
  w->first_sync = 1;
  for (size_t k = 0; k < w->source_count; k++) {
    w->sources[k].at = w->sources[k].armed = 0;
    w->sources[k].asked = 0;
  }
}

/* --- the exchange ------------------------------------------------------------------------------------------------- */

static int find_vector(const pvecvaluesall all, int count, const char *name) {
  char room[256];
  for (int k = 0; k < count; k++)
    if (strcasecmp(plain_name(all->vecsa[k]->name, room, sizeof room), name) == 0) return k;
  return -1;
}

/* Nothing is wanted of it, but without it ngspice sends no data either. */
int take_outline(pvecinfoall all, int library, void *user) {
  (void)all, (void)library, (void)user;
  return 0;
}

/* The accepted point: what is watched is kept for the next exchange. */
int take_data(pvecvaluesall all, int count, int library, void *user) {
  worker *w = user;
  (void)library;
  for (size_t k = 0; k < w->run.watched; k++) {
    if (!w->mapped) w->seen_at[k] = find_vector(all, count, w->watched[k]);
    if (w->seen_at[k] < 0 && w->unseen == NULL) w->unseen = w->watched[k];
    w->seen[k] = w->seen_at[k] >= 0 && w->seen_at[k] < count ? all->vecsa[w->seen_at[k]]->creal : NAN;
  }
  w->mapped = 1;
  return 0;
}

static void exchange(worker *w, double time, double *dt, int redo) {
  ogi_message m = {.kind = OGI_M_STEP, .bytes = sizeof(ogi_message_step) + w->run.watched * sizeof(double)};
  struct {
    ogi_message message;
    ogi_message_step step;
  } out = {m, {time, *dt, (uint64_t)redo}};
  out.message.magic = OGI_SPICE_MAGIC;
  out.message.protocol = OGI_SPICE_PROTOCOL;
  write_all(w->out, &out, sizeof out);
  if (w->run.watched > 0) write_all(w->out, w->seen, w->run.watched * sizeof(double));
  ogi_message_next next;
  double points[OGI_SPICE_BREAKPOINTS];
  size_t values = w->run.drive * sizeof(double);
  if (!read_all(w->in, &m, sizeof m)) _exit(0);
  if (m.kind != OGI_M_NEXT || m.bytes < sizeof next + values) die("foreign answer to a step");
  if (!read_all(w->in, &next, sizeof next) || !read_all(w->in, w->drive, values)) _exit(0);
  if (next.breakpoints > OGI_SPICE_BREAKPOINTS || m.bytes != sizeof next + values + next.breakpoints * sizeof *points)
    die("foreign answer to a step");
  if (!read_all(w->in, points, next.breakpoints * sizeof *points)) _exit(0);
  for (size_t k = 0; k < next.breakpoints; k++)
    if (points[k] > time) ngSpice_SetBkpt(points[k]);
  if (next.dt > 0 && next.dt < *dt && !redo) *dt = next.dt;
  if (next.stop) w->stop = w->stopped = 1;
}

/* Corners behind time count as passed. */
static void arm_corners(source *s, double time) {
  size_t ahead = s->at + ARMED_AHEAD;
  for (; s->armed < s->head.points && s->armed <= ahead; s->armed++)
    if (s->time[s->armed] > time) ngSpice_SetBkpt(s->time[s->armed]);
}

/* Returns 0 always: to ask for a step again near the end would give ngspice a negative one. */
int synchronise(double time, double *dt, double old, int redo, int library, int place, void *user) {
  worker *w = user;
  (void)old, (void)library;
  if (w->run.kind != OGI_RUN_TRAN || time >= w->run.scale_end * (1 - w->run.scale_gap)) return 0;
  if (place == 0)
    for (size_t k = 0; k < w->source_count; k++)
      if (w->sources[k].head.mode == OGI_SOURCE_CORNERS) arm_corners(&w->sources[k], time);
  for (size_t k = 0; place == 0 && w->first_sync && k < w->run.breakpoints; k++)
    if (w->breakpoints[k] > time) ngSpice_SetBkpt(w->breakpoints[k]);
  if (place == 0) w->first_sync = 0;
  if (w->run.drive > 0 && !w->stop && (place == 0 || redo)) exchange(w, time, dt, place != 0);
  return 0;
}
