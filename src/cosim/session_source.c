/* SPDX-License-Identifier: BSD-3-Clause */
/* EXTERNAL sources of a session: who gives their values, and the exchange before every time step. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "base/ogi_rng.h"
#include "cosim/ogi_session.h"

#define SAMPLES_MAX 1e8

static void free_source(session_source *k) {
  ogi_free(k->name);
  ogi_free(k->points);
  ogi_free(k);
}

/* Drop the sources that the callback drives, or all. */
static void drop_sources(og_spice *s, int all) {
  for (session_source **at = &s->sources; *at != NULL;) {
    session_source *k = *at;
    if (all || k->head.mode == OGI_SOURCE_DRIVEN) {
      *at = k->next;
      free_source(k);
    } else {
      at = &k->next;
    }
  }
  ogi_free(s->watch);
  s->watch = NULL;
  s->watch_count = s->watch_bytes = s->driven = 0;
  s->drive = NULL;
}

void ogi_session_clear_sources(og_spice *s) {
  drop_sources(s, 1);
  ogi_free(s->breakpoints);
  s->breakpoints = NULL;
  s->breakpoint_count = 0;
}

/* A source of that name, emptied, with room for points. */
static og_status put_source(og_spice *s, const char *name, ogi_message_source head, double **points, og_error *err) {
  og_status st;
  char plain[256];
  OGI_TRY(st, ogi_session_name(plain, name, err));
  session_source *k = ogi_alloc(1, sizeof *k);
  if (k != NULL) *k = (session_source){.name = ogi_strdup(plain), .head = head};
  if (k != NULL) k->points = ogi_alloc(head.points, 2 * sizeof *k->points);
  if (k == NULL || k->name == NULL || k->points == NULL) {
    if (k != NULL) free_source(k);
    return ogi_fail(err, OG_E_NOMEM, "ngspice: source %s of %zu points", plain, (size_t)head.points);
  }
  for (session_source **at = &s->sources; *at != NULL; at = &(*at)->next)
    if (strcmp((*at)->name, plain) == 0) { /* takes the place of the one before */
      session_source *old = *at;
      *at = old->next;
      free_source(old);
      break;
    }
  k->next = s->sources;
  s->sources = k;
  if (points != NULL) *points = k->points;
done:
  return st;
}

og_status ogi_session_send_sources(og_spice *s, og_error *err) {
  og_status st = OG_OK;
  for (session_source *k = s->sources; k != NULL; k = k->next) {
    if (k->sent) continue;
    const ogi_part parts[] = {{&k->head, sizeof k->head},
                              {k->points, k->head.points * 2 * sizeof *k->points},
                              {k->name, strlen(k->name) + 1}};
    OGI_TRY(st, ogi_session_ask(s, (ogi_message){.kind = OGI_M_SOURCE}, parts, 3, err));
    k->sent = 1;
  }
done:
  return st;
}

static og_status check_circuit(const og_spice *s, const void *a, const void *b, og_error *err) {
  if (s == NULL || a == NULL || b == NULL) return ogi_fail(err, OG_E_ARG, "spice: a needed pointer is NULL");
  return s->deck != NULL ? OG_OK : ogi_fail(err, OG_E_ARG, "spice: no circuit is loaded");
}

static og_status set_watch(og_spice *s, const char *const *watch, size_t count, og_error *err) {
  og_status st = OG_OK;
  char plain[256];
  s->watch = ogi_alloc(count, sizeof plain);
  if (s->watch == NULL) return ogi_fail(err, OG_E_NOMEM, "ngspice: %zu watched vectors", count);
  for (size_t k = 0; k < count; k++) {
    OGI_TRY(st, ogi_session_name(plain, watch[k], err));
    memcpy(s->watch + s->watch_bytes, plain, strlen(plain) + 1);
    s->watch_bytes += strlen(plain) + 1;
    s->watch_count++;
  }
done:
  return st;
}

og_status og_spice_set_external(og_spice *s, const char *const *sources, size_t count, const char *const *watch,
                                size_t watch_count, og_spice_drive drive, void *user, og_error *err) {
  og_status st;
  OGI_TRY(st, check_circuit(s, count > 0 ? (const void *)sources : s, watch_count > 0 ? (const void *)watch : s, err));
  if (drive == NULL && count > 0) return ogi_fail(err, OG_E_ARG, "spice: the callback is NULL");
  drop_sources(s, 0);
  s->loaded = 0; /* the child is to forget the sources of before */
  OGI_TRY(st, set_watch(s, watch, watch_count, err));
  for (size_t k = 0; k < count; k++) {
    ogi_message_source head = {.mode = OGI_SOURCE_DRIVEN, .slot = (uint32_t)k};
    OGI_TRY(st, put_source(s, sources[k], head, NULL, err));
  }
  s->driven = count;
  s->drive = drive;
  s->drive_user = user;
done:
  if (st != OG_OK && s != NULL) drop_sources(s, 0);
  return st;
}

og_status og_spice_set_pwl(og_spice *s, const char *source, const double *time_second, const double *values,
                           size_t points, og_error *err) {
  og_status st;
  double *copy;
  OGI_TRY(st, check_circuit(s, time_second, values, err));
  if (points == 0) return ogi_fail(err, OG_E_ARG, "spice: points: saw 0, need 1 or more");
  for (size_t k = 0; k < points; k++) {
    if (!isfinite(time_second[k]) || (k > 0 && !(time_second[k] > time_second[k - 1])))
      return ogi_fail(err, OG_E_RANGE, "spice: time %zu: saw %g, need finite times that rise (second)", k,
                      time_second[k]);
    if (!isfinite(values[k]))
      return ogi_fail(err, OG_E_RANGE, "spice: value %zu: saw %g, need a finite number", k, values[k]);
  }
  OGI_TRY(st, put_source(s, source, (ogi_message_source){.mode = OGI_SOURCE_CORNERS, .points = points}, &copy, err));
  memcpy(copy, time_second, points * sizeof *copy);
  memcpy(copy + points, values, points * sizeof *copy);
done:
  return st;
}

static og_status check_noise(const og_spice_noise *n, og_error *err) {
  if (!(n->rms >= 0 && isfinite(n->rms)))
    return ogi_fail(err, OG_E_RANGE, "spice: noise: rms: saw %g, need a finite number >= 0", n->rms);
  if (!(n->sample_second > 0) || !(n->stop_second >= 0) || !(n->stop_second / n->sample_second <= SAMPLES_MAX))
    return ogi_fail(err, OG_E_RANGE, "spice: noise: saw samples of %g until %g, need more than 0 and at most %g "
                    "samples (second)", n->sample_second, n->stop_second, SAMPLES_MAX);
  return OG_OK;
}

og_status og_spice_set_noise(og_spice *s, const char *source, const og_spice_noise *noise, og_error *err) {
  og_status st;
  double *points;
  OGI_TRY(st, check_circuit(s, noise, noise, err));
  OGI_TRY(st, check_noise(noise, err));
  size_t count = (size_t)ceil(noise->stop_second / noise->sample_second) + 1;
  ogi_rng *rng = ogi_rng_create((ogi_stream){noise->seed, OGI_SOURCE_SPICE, 0, 0, noise->stream});
  if (rng == NULL) return ogi_fail(err, OG_E_NOMEM, "ngspice: noise of %zu samples", count);
  st = put_source(s, source, (ogi_message_source){.mode = OGI_SOURCE_POINTS, .points = count + 1}, &points, err);
  for (size_t k = 0; st == OG_OK && k <= count; k++) {
    points[k] = (double)k * noise->sample_second;
    points[count + 1 + k] = k < count ? sqrt(1.5) * noise->rms * ogi_rng_normal(rng) : 0;
  }
  ogi_rng_free(rng);
done:
  return st;
}

og_status og_spice_set_breakpoints(og_spice *s, const double *time_second, size_t count, og_error *err) {
  og_status st;
  OGI_TRY(st, check_circuit(s, count > 0 ? (const void *)time_second : s, s, err));
  for (size_t k = 0; k < count; k++)
    if (!(time_second[k] >= 0 && isfinite(time_second[k])))
      return ogi_fail(err, OG_E_RANGE, "spice: breakpoint %zu: saw %g, need a time >= 0 (second)", k, time_second[k]);
  double *copy = ogi_alloc(count, sizeof *copy);
  if (copy == NULL) return ogi_fail(err, OG_E_NOMEM, "ngspice: %zu breakpoints", count);
  if (count > 0) memcpy(copy, time_second, count * sizeof *copy);
  ogi_free(s->breakpoints);
  s->breakpoints = copy;
  s->breakpoint_count = count;
done:
  return st;
}

/* --- the exchange ------------------------------------------------------------------------------------------------- */

/* Ask the callback; what it gave has to make sense. */
static og_status ask_callback(og_spice *s, og_spice_step *step, og_error *err) {
  if (s->drive(s->drive_user, step) != 0) return ogi_fail(err, OG_E_INTERRUPT, "ngspice: stopped by a source");
  for (size_t k = 0; k < s->driven; k++)
    if (!isfinite(step->values[k]))
      return ogi_fail(err, OG_E_RANGE, "spice: source %zu at %g s: saw %g, need a finite value", k, step->time_second,
                      step->values[k]);
  if (step->breakpoint_count > OG_SPICE_BREAKPOINTS)
    return ogi_fail(err, OG_E_RANGE, "spice: breakpoints at %g s: saw %zu, need at most %d", step->time_second,
                    step->breakpoint_count, OG_SPICE_BREAKPOINTS);
  for (size_t k = 0; k < step->breakpoint_count; k++)
    if (!isfinite(step->breakpoint_second[k]))
      return ogi_fail(err, OG_E_RANGE, "spice: breakpoint at %g s: saw %g, need a finite time", step->time_second,
                      step->breakpoint_second[k]);
  if (!(step->dt_second >= 0))
    return ogi_fail(err, OG_E_RANGE, "spice: step at %g s: saw %g, need more than 0 (second)", step->time_second,
                    step->dt_second);
  return OG_OK;
}

og_status ogi_session_first_values(og_spice *s, double *values, og_error *err) {
  if (s->driven == 0) return OG_OK;
  double *unseen = ogi_alloc(s->watch_count, sizeof *unseen);
  if (unseen == NULL) return ogi_fail(err, OG_E_NOMEM, "ngspice: %zu watched vectors", s->watch_count);
  ogi_poison(unseen, s->watch_count);
  og_status st = ask_callback(s, &(og_spice_step){.watched = unseen, .values = values}, err);
  ogi_free(unseen);
  return st;
}

static og_status answer_step(og_spice *s, const ogi_message_step *at, const double *watched, double *values,
                             og_error *err) {
  og_status st;
  og_spice_step step = {.time_second = at->time, .dt_second = at->dt, .redo = at->redo != 0, .watched = watched,
                        .values = values};
  OGI_TRY(st, ask_callback(s, &step, err));
  ogi_spice_set_timeout(s, s->child.timeout); /* the callback's own time does not count, and every step has its own */
  ogi_message_next next = {.dt = step.dt_second, .stop = step.stop != 0,
                           .breakpoints = (uint32_t)step.breakpoint_count};
  const ogi_part parts[] = {{&next, sizeof next},
                            {values, s->driven * sizeof *values},
                            {step.breakpoint_second, step.breakpoint_count * sizeof *step.breakpoint_second}};
  st = ogi_child_send(&s->child, (ogi_message){.kind = OGI_M_NEXT}, parts, 3, err);
done:
  return st;
}

/* watched vectors are few: room for them is taken from the heap once a run, by the caller, behind the values. */
og_status ogi_session_step(og_spice *s, const ogi_message *m, double *values, og_error *err) {
  og_status st;
  ogi_message_step at;
  double *watched = values + s->driven;
  if (m->bytes != sizeof at + s->watch_count * sizeof *watched) return ogi_child_nonsense(&s->child, err);
  OGI_TRY(st, ogi_child_take(&s->child, &at, sizeof at, err));
  OGI_TRY(st, ogi_child_take(&s->child, watched, s->watch_count * sizeof *watched, err));
  st = answer_step(s, &at, watched, values, err);
done:
  return st;
}
