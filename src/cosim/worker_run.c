/* SPDX-License-Identifier: BSD-3-Clause */
/* One analysis: health proved, vectors read, the reply sent. ngspice's return codes prove nothing. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_worker.h"

#define ABSURD 1e31 /* ngspice writes 1e32 for a division by zero, and goes on */

/* One vector of a plot. */
typedef struct entry {
  char *name; /* plain, our copy */
  vector_info info;
} entry;

typedef struct plot {
  const char *name, *title;
  entry *all; /* in the order of the reply; entry 0 is the scale if there is one */
  size_t count, points;
  int has_scale, complex_values;
  double onoise_total, inoise_total;
} plot;

const char *plain_name(const char *name, char *room, size_t size) {
  size_t length = strlen(name);
  if (length < 4 || strncasecmp(name, "v(", 2) != 0 || name[length - 1] != ')') return name;
  snprintf(room, size, "%.*s", (int)(length - 3), name + 2);
  return room;
}

static int is_ours(const char *name) {
  return strstr(name, WORKER_STOP_NODE) != NULL || strstr(name, "ogi_probe") != NULL;
}

static int is_scale(const char *name) {
  static const char *const names[] = {"time", "frequency", "v-sweep", "i-sweep", "res-sweep", "temp-sweep"};
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    if (strcmp(name, names[k]) == 0) return 1;
  return 0;
}

/* Asked by plot and name, ngspice cannot answer with a vector of another plot or a constant, say "c" or "e". */
static int look_up(const char *in, const char *name, vector_info *info) {
  char full[600];
  snprintf(full, sizeof full, "%s.%s", in, name);
  const vector_info *found = ngGet_Vec_Info(full);
  if (found == NULL) return 0;
  *info = *found;
  return 1;
}

/* --- the plot ----------------------------------------------------------------------------------------------------- */

static void free_plot(plot *p) {
  for (size_t k = 0; p->all != NULL && k < p->count; k++) ogi_free(p->all[k].name);
  ogi_free(p->all);
}

static int by_name(const void *a, const void *b) {
  return strcasecmp(((const entry *)a)->name, ((const entry *)b)->name);
}

/* Of a transient, what lies beyond its end. */
static void drop_beyond(const worker *w, plot *p) {
  if (w->run.kind != OGI_RUN_TRAN || !p->has_scale || p->all[0].info.v_realdata == NULL) return;
  int all = p->all[0].info.v_length, keep = all;
  while (keep > 1 && p->all[0].info.v_realdata[keep - 1] > w->run.scale_end * (1 + w->run.scale_gap)) keep--;
  for (size_t k = 0; k < p->count; k++)
    if (p->all[k].info.v_length == all) p->all[k].info.v_length = keep;
}

static void list_plot(plot *p, const char *name) {
  char **raw = ngSpice_AllVecs((char *)name), room[256];
  size_t total = 0;
  while (raw != NULL && raw[total] != NULL) total++;
  p->name = name;
  p->all = need(total, sizeof *p->all);
  for (size_t k = total; k-- > 0;) { /* ngspice puts each new vector in front */
    entry e = {0};
    if (is_ours(raw[k]) || raw[k][0] == '\0' || !look_up(name, raw[k], &e.info)) continue;
    e.name = copy_text(plain_name(raw[k], room, sizeof room));
    size_t at = p->count++;
    if (is_scale(e.name) && !p->has_scale) {
      p->has_scale = 1;
      memmove(p->all + 1, p->all, at * sizeof *p->all);
      at = 0;
    }
    p->all[at] = e;
  }
}

/* Only what is asked for, in that order, after the scale. Device parameters ("@m1[gm]") are asked of the circuit. */
static int choose(worker *w, plot *p, const char *names, const char *end) {
  size_t skip = p->has_scale && w->run.kind != OGI_RUN_DECK, at = skip;
  entry *chosen = need(w->run.names + skip, sizeof *chosen), *sorted = need(p->count, sizeof *sorted);
  int ok = 1;
  memcpy(sorted, p->all, p->count * sizeof *sorted);
  qsort(sorted, p->count, sizeof *sorted, by_name);
  for (size_t k = 0; ok && k < w->run.names; k++, names += strlen(names) + 1) {
    if (names >= end) {
      ok = refuse(w, "fewer names came than were announced");
      break;
    }
    entry key = {.name = (char *)names};
    const entry *found = bsearch(&key, sorted, p->count, sizeof *sorted, by_name);
    if (found != NULL) key = *found;
    else if (names[0] == '@' && w->run.kind == OGI_RUN_OP && look_up(p->name, names, &key.info)) key.info.v_type = 0;
    else {
      ok = refuse(w, "the solution has no vector %s", names);
      break;
    }
    key.name = copy_text(names);
    chosen[at++] = key;
  }
  if (skip) {
    chosen[0] = p->all[0];
    p->all[0].name = NULL;
  }
  free_plot(p);
  ogi_free(sorted);
  p->all = chosen;
  p->count = at;
  p->has_scale = (int)skip;
  return ok;
}

static int check_vector(worker *w, const plot *p, const entry *e) {
  const double *x = e->info.v_realdata != NULL ? e->info.v_realdata : (const double *)e->info.v_compdata;
  size_t doubles = p->points * (e->info.v_realdata != NULL ? 1 : 2);
  if (x == NULL || e->info.v_length < 1) return refuse(w, "vector %s holds no value", e->name);
  if (w->run.kind == OGI_RUN_DECK && e->info.v_realdata == NULL)
    return refuse(w, "vector %s holds no real value", e->name);
  if (w->run.kind == OGI_RUN_DECK) return fabs(x[e->info.v_length - 1]) < ABSURD
                                              ? 1
                                              : refuse(w, "vector %s: saw %g, need a finite value", e->name,
                                                       x[e->info.v_length - 1]);
  if ((size_t)e->info.v_length != p->points)
    return refuse(w, "vector %s has %d points, need %zu", e->name, e->info.v_length, p->points);
  for (size_t k = 0; k < doubles; k++)
    if (!(fabs(x[k]) < ABSURD)) return refuse(w, "vector %s: saw %g, need a finite value", e->name, x[k]);
  return 1;
}

static int check_plot(worker *w, plot *p) {
  p->points = w->run.kind == OGI_RUN_DECK ? 1 : p->count > 0 ? (size_t)p->all[0].info.v_length : 0;
  for (size_t k = 0; k < p->count; k++) {
    if (!check_vector(w, p, &p->all[k])) return 0;
    if (p->all[k].info.v_realdata == NULL) p->complex_values = 1;
  }
  return 1;
}

/* A run that ended early leaves its points behind, and they look like an answer. */
static int check_end(worker *w, const plot *p) {
  if (w->run.kind == OGI_RUN_OP || w->run.kind == OGI_RUN_DECK || w->stopped) return 1;
  if (!p->has_scale || p->count == 0) return refuse(w, "the solution has no scale");
  const vector_info *v = &p->all[0].info;
  size_t last = (size_t)v->v_length - 1;
  double end = v->v_realdata != NULL ? v->v_realdata[last] : v->v_compdata[last].cx_real, want = w->run.scale_end;
  double gap = w->run.kind == OGI_RUN_DC ? w->run.scale_gap : w->run.scale_gap * want;
  if (fabs(end - want) <= gap) return 1;
  return refuse(w, "the run ended at %s = %.9g, need %.9g", p->all[0].name, end, want);
}

/* --- the reply ---------------------------------------------------------------------------------------------------- */

static void send_values(const worker *w, const plot *p, const entry *e) {
  if (w->run.kind == OGI_RUN_DECK) {
    write_all(w->out, e->info.v_realdata + e->info.v_length - 1, sizeof(double));
  } else if (!p->complex_values) {
    write_all(w->out, e->info.v_realdata, p->points * sizeof(double));
  } else if (e->info.v_realdata == NULL) {
    write_all(w->out, e->info.v_compdata, p->points * 2 * sizeof(double));
  } else {
    for (size_t k = 0; k < p->points; k++) {
      const double pair[2] = {e->info.v_realdata[k], 0};
      write_all(w->out, pair, sizeof pair);
    }
  }
}

static void send_plot(const worker *w, const plot *p) {
  ogi_message_vectors head = {.points = p->points, .complex_values = (uint32_t)p->complex_values,
                              .has_scale = (uint32_t)p->has_scale, .stopped = (uint64_t)w->stopped,
                              .onoise_total = p->onoise_total, .inoise_total = p->inoise_total};
  uint32_t *types = need(p->count, sizeof *types);
  head.text_bytes = strlen(p->title) + 1 + strlen(p->name) + 1;
  for (size_t k = 0; k < p->count; k++) {
    head.text_bytes += strlen(p->all[k].name) + 1;
    types[k] = (uint32_t)p->all[k].info.v_type;
  }
  size_t values = p->count * p->points * (p->complex_values ? 2 : 1) * sizeof(double);
  ogi_message m = {.kind = OGI_M_DONE, .count = p->count};
  m.bytes = sizeof head + values + p->count * sizeof *types + head.text_bytes;
  send_message(w, m, NULL);
  write_all(w->out, &head, sizeof head);
  for (size_t k = 0; k < p->count; k++) send_values(w, p, &p->all[k]);
  write_all(w->out, types, p->count * sizeof *types);
  write_all(w->out, p->title, strlen(p->title) + 1);
  write_all(w->out, p->name, strlen(p->name) + 1);
  for (size_t k = 0; k < p->count; k++) write_all(w->out, p->all[k].name, strlen(p->all[k].name) + 1);
  ogi_free(types);
}

/* --- the run ------------------------------------------------------------------------------------------------------ */

/* The host's clock is the judge; this is for a host that was stopped and cannot judge. */
static void limit_cpu(double second) {
  struct rusage used;
  struct rlimit limit;
  if (getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &limit) != 0) return;
  double until = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + second + 2;
  if (!(until < 1e9)) return;
  if (limit.rlim_max == RLIM_INFINITY || (rlim_t)until < limit.rlim_max) limit.rlim_cur = (rlim_t)until;
  setrlimit(RLIMIT_CPU, &limit);
}

/* Take the payload apart; returns the command, and the names after it. 0: cut short. */
static char *unpack(worker *w, char *payload, size_t bytes, char **names) {
  if (bytes <= sizeof w->run || payload[bytes - 1] != '\0') return NULL;
  memcpy(&w->run, payload, sizeof w->run);
  size_t left = (bytes - sizeof w->run) / sizeof(double);
  if (w->run.drive > left || w->run.breakpoints > left - w->run.drive || w->run.watched > bytes || w->run.names > bytes)
    return NULL;
  char *at = payload + sizeof w->run, *end = payload + bytes;
  w->drive = need(w->run.drive, sizeof *w->drive);
  w->breakpoints = need(w->run.breakpoints, sizeof *w->breakpoints);
  w->watched = need(w->run.watched, sizeof *w->watched);
  w->seen = need(w->run.watched, sizeof *w->seen);
  w->seen_at = need(w->run.watched, sizeof *w->seen_at);
  memcpy(w->drive, at, w->run.drive * sizeof(double));
  at += w->run.drive * sizeof(double);
  memcpy(w->breakpoints, at, w->run.breakpoints * sizeof(double));
  at += w->run.breakpoints * sizeof(double);
  char *command = at;
  for (size_t k = 0; k <= w->run.watched && at < end; k++) {
    if (k > 0) w->watched[k - 1] = at;
    at += strlen(at) + 1;
  }
  *names = at;
  return command < end ? command : NULL;
}

static void clear_run(worker *w) {
  ogi_free(w->drive);
  ogi_free(w->breakpoints);
  ogi_free(w->watched);
  ogi_free(w->seen);
  ogi_free(w->seen_at);
  w->drive = w->breakpoints = w->seen = NULL;
  w->watched = NULL;
  w->seen_at = NULL;
}

/* Of the two plots of a noise analysis the spectrum has a frequency; the other holds the totals. */
static const char *solution_plot(const worker *w, plot *p) {
  const char *current = ngSpice_CurPlot(), *spectrum = current;
  vector_info v;
  for (char **all = ngSpice_AllPlots(); w->run.kind == OGI_RUN_NOISE && all != NULL && *all != NULL; all++) {
    if (look_up(*all, "onoise_total", &v) && v.v_realdata != NULL && v.v_length > 0) p->onoise_total = v.v_realdata[0];
    if (look_up(*all, "inoise_total", &v) && v.v_realdata != NULL && v.v_length > 0) p->inoise_total = v.v_realdata[0];
    if (look_up(*all, "onoise_spectrum", &v)) spectrum = *all;
  }
  return spectrum;
}

/*
 * It goes on beyond its end (OGI_SPICE_BEYOND). ngspice makes a breakpoint of the time that stands there, and stops
 * after the next point, which is dropped. "time =" would be missed where a corner just before takes the breakpoint
 * over.
 */
static void begin_transient(worker *w) {
  char text[64];
  /* Once it is there, ngspice calls it in every run to come; decks with an analysis of their own are better without. */
  if (w->source_count > 0 || w->run.breakpoints > 0) ngSpice_Init_Sync(get_value, get_value, synchronise, NULL, w);
  snprintf(text, sizeof text, "stop when time > %.17g", w->run.scale_end);
  command(w, text);
  if (w->run.drive > 0) command(w, "stop when v(" WORKER_STOP_NODE ") > 0.5");
}

static int solve(worker *w, const char *text) {
  if (w->lines == NULL) return refuse(w, "no circuit is loaded");
  command(w, "destroy all"); /* a plot of an earlier run must not pass for this one's */
  hear_nothing(w);
  begin_sources(w);
  limit_cpu(w->run.cpu_second);
  if (w->run.kind == OGI_RUN_TRAN) begin_transient(w);
  int ok = command(w, text);
  if (!ok || (w->invented && w->run.kind != OGI_RUN_TRAN && w->run.kind != OGI_RUN_DECK))
    refuse(w, w->run.kind == OGI_RUN_DECK ? "ngspice failed to solve the deck"
              : ok                        ? "ngspice found no operating point and invented one (transient op)"
                                          : "ngspice failed to solve the circuit");
  if (w->run.kind == OGI_RUN_TRAN) ngSpice_Command((char[]){"delete all"});
  return w->why[0] == '\0' && check_sources(w);
}

static int answer(worker *w, plot *p, const char *names, const char *end) {
  const char *name = solution_plot(w, p);
  if (name == NULL || strcmp(name, "const") == 0) return refuse(w, "the deck has no analysis");
  list_plot(p, name);
  drop_beyond(w, p);
  if (p->count == 0 || p->all[0].info.v_length < 1) return refuse(w, "the solution is empty");
  if (!check_end(w, p) || ((w->run.names > 0 || w->run.kind == OGI_RUN_DECK) && !choose(w, p, names, end))) return 0;
  return check_plot(w, p);
}

int run(worker *w, char *payload, size_t bytes) {
  plot p = {.title = "", .onoise_total = NAN, .inoise_total = NAN};
  char *names = NULL, *text = unpack(w, payload, bytes, &names);
  int ok = text != NULL ? solve(w, text) : refuse(w, "a request without a command came");
  if (ok) ok = answer(w, &p, names, payload + bytes);
  if (ok) {
    p.title = w->lines[0];
    send_plot(w, &p);
  }
  free_plot(&p);
  clear_run(w);
  if (w->loads > 0) ngSpice_Command((char[]){"destroy all"});
  ngSpice_Command(NULL);
  return ok;
}
