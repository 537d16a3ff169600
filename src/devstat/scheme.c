/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * The two schemes. Open loop: the knob of each level is found once, on the nominal device, and every sample gets the
 * same pulses. Write-verify: the knob is stepped until the read conductance is within the tolerance.
 */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "devstat/ogi_sample.h"

enum { BISECTIONS = 12 };

/* ---- pulses ---- */

static void set_erase(const ogi_recipe *p, ogi_track *c) {
  c->volt = p->f.erase_volt;
  c->width = p->f.erase_width;
  c->edge = p->f.erase_edge;
  c->compliance = 0;
}

static void set_pulse(const ogi_recipe *p, ogi_track *c, double knob) {
  const ogi_knob kind = (ogi_knob)p->f.knob;
  c->volt = kind == OGI_KNOB_VOLTAGE ? knob : p->f.pulse_volt;
  c->width = kind == OGI_KNOB_WIDTH ? knob : p->f.pulse_width;
  c->edge = p->f.pulse_edge;
  c->compliance = kind == OGI_KNOB_COMPLIANCE ? knob : p->f.compliance_amp;
}

/* ---- the nominal device ---- */

/* Knob k of the table: even steps, or even ratios where the range spans a decade. */
static double table_knob(const ogi_recipe *p, size_t k, size_t points) {
  double part = (double)k / (double)(points - 1);
  if (p->f.knob == OGI_KNOB_COUNT) return p->from + (double)k;
  if (p->from > 0 && p->to > 0 && fmax(p->from / p->to, p->to / p->from) >= 10)
    return p->from * pow(p->to / p->from, part);
  return p->from + (p->to - p->from) * part;
}

/* Conductance of the nominal device after each of count knobs: one pulse each, from the same erased state. */
static og_status try_knobs(const ogi_lab *lab, og_spice *s, const ogi_track *erased, const double *knob,
                           double *siemens, size_t count, og_error *err) {
  og_status st;
  ogi_track *track = ogi_alloc(count, sizeof *track), **each = ogi_alloc(count, sizeof *each);
  if (track == NULL || each == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "program: %zu knobs", count);
    goto done;
  }
  for (size_t k = 0; k < count; k++) {
    track[k] = *erased;
    track[k].sample = k; /* a knob that fails does so alone */
    set_pulse(lab->program, &track[k], knob[k]);
    each[k] = &track[k];
  }
  OGI_TRY(st, ogi_shoot(lab, s, each, count, err));
  for (size_t k = 0; k < count; k++) {
    siemens[k] = track[k].siemens;
    if (track[k].failed) {
      st = ogi_fail(err, OG_E_EXTERN, "%s: nominal device at knob %g %s: %s", lab->program->path, knob[k],
                    ogi_knob_unit((ogi_knob)lab->program->f.knob), track[k].why);
      goto done;
    }
  }
done:
  ogi_free(track);
  ogi_free(each);
  return st;
}

static og_status erase_nominal(const ogi_lab *lab, og_spice *s, ogi_track *c, og_error *err) {
  *c = (ogi_track){.value = lab->program->nominal};
  set_erase(lab->program, c);
  og_status st = ogi_shoot(lab, s, &c, 1, err);
  if (st == OG_OK && c->failed)
    st = ogi_fail(err, OG_E_EXTERN, "%s: erasing the nominal device: %s", lab->program->path, c->why);
  return st;
}

/* After 0, 1 .. to pulses; siemens from number from on. */
static og_status try_counts(const ogi_lab *lab, og_spice *s, ogi_track *c, double *siemens, og_error *err) {
  og_status st = OG_OK;
  const ogi_recipe *p = lab->program;
  for (size_t k = 0; (double)k <= p->to && st == OG_OK; k++) {
    if (k > 0) {
      set_pulse(p, c, 0);
      st = ogi_shoot(lab, s, &c, 1, err);
    }
    if (st == OG_OK && c->failed)
      st = ogi_fail(err, OG_E_EXTERN, "%s: nominal device, pulse %zu: %s", p->path, k, c->why);
    if (st == OG_OK && (double)k >= p->from) siemens[k - (size_t)p->from] = c->siemens;
  }
  return st;
}

static og_status not_reached(const ogi_recipe *p, const double *siemens, size_t count, size_t level, og_error *err) {
  double low = INFINITY, high = -INFINITY;
  for (size_t k = 0; k < count; k++) {
    low = fmin(low, siemens[k]);
    high = fmax(high, siemens[k]);
  }
  return ogi_fail(err, OG_E_RANGE,
                  "%s: levels: saw a target of %.6g S, need %.6g .. %.6g, what the nominal device reaches "
                  "between knob.from and knob.to (S)",
                  p->path, ogi_level_target(p, level), low, high);
}

/* The count that comes nearest, at most one spacing of levels away. */
static og_status nearest(const ogi_recipe *p, const double *siemens, size_t count, ogi_scale *scale, og_error *err) {
  double spacing = (p->f.g_to - p->f.g_from) / (double)(p->f.levels - 1);
  for (size_t l = 0; l < p->f.levels; l++) {
    size_t best = 0;
    double target = ogi_level_target(p, l);
    for (size_t k = 1; k < count; k++)
      if (fabs(siemens[k] - target) < fabs(siemens[best] - target)) best = k;
    if (fabs(siemens[best] - target) > spacing) return not_reached(p, siemens, count, l, err);
    scale->knob[l] = table_knob(p, best, count);
  }
  return OG_OK;
}

/* Bisection of all levels at once, each within the first interval of the table that holds its target. */
static og_status bisect(const ogi_lab *lab, og_spice *s, const ogi_track *erased, const double *siemens, size_t count,
                        ogi_scale *scale, og_error *err) {
  og_status st = OG_OK;
  const ogi_recipe *p = lab->program;
  double a[OGI_LEVELS_MAX], b[OGI_LEVELS_MAX], middle[OGI_LEVELS_MAX], got[OGI_LEVELS_MAX];
  int above[OGI_LEVELS_MAX]; /* at a */
  for (size_t l = 0; l < p->f.levels; l++) {
    double target = ogi_level_target(p, l);
    size_t k = 0;
    while (k + 1 < count && (siemens[k] - target) * (siemens[k + 1] - target) > 0) k++;
    if (k + 1 == count) return not_reached(p, siemens, count, l, err);
    a[l] = table_knob(p, k, count);
    b[l] = table_knob(p, k + 1, count);
    above[l] = siemens[k] > target;
  }
  for (int i = 0; i < BISECTIONS && st == OG_OK; i++) {
    for (size_t l = 0; l < p->f.levels; l++) middle[l] = (a[l] + b[l]) / 2;
    st = try_knobs(lab, s, erased, middle, got, p->f.levels, err);
    for (size_t l = 0; l < p->f.levels && st == OG_OK; l++) {
      if ((got[l] > ogi_level_target(p, l)) == above[l]) a[l] = middle[l];
      else b[l] = middle[l];
    }
  }
  for (size_t l = 0; l < p->f.levels; l++) scale->knob[l] = (a[l] + b[l]) / 2;
  return st;
}

og_status ogi_calibrate(const ogi_lab *lab, og_spice *s, ogi_scale *scale, og_error *err) {
  og_status st;
  const ogi_recipe *p = lab->program;
  ogi_track erased;
  int counted = p->f.knob == OGI_KNOB_COUNT;
  size_t count = counted ? (size_t)(p->to - p->from) + 1 : p->f.points;
  double *siemens = ogi_alloc(count, sizeof *siemens), *knob = ogi_alloc(count, sizeof *knob);
  if (siemens == NULL || knob == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "program: %zu knobs", count);
    goto done;
  }
  for (size_t k = 0; k < count; k++) knob[k] = table_knob(p, k, count);
  OGI_TRY(st, erase_nominal(lab, s, &erased, err));
  if (counted) OGI_TRY(st, try_counts(lab, s, &erased, siemens, err));
  else OGI_TRY(st, try_knobs(lab, s, &erased, knob, siemens, count, err));
  scale->rising = siemens[count - 1] > siemens[0];
  if (p->f.scheme == 0)
    st = counted ? nearest(p, siemens, count, scale, err) : bisect(lab, s, &erased, siemens, count, scale, err);
done:
  ogi_free(siemens);
  ogi_free(knob);
  return st;
}

/* ---- samples ---- */

/* A track with what its row needs beyond. */
typedef struct cell {
  ogi_track track;
  double knob, before, step; /* under write-verify: next, the one before, their distance */
  double last;               /* [S] before the pulse */
  double erase_joule, pulse_joule, verify_joule;
  size_t pulses;
  int erasing, moving, done; /* moving: the last shot was a pulse, not an erasure */
} cell;

/* Samples of one call. */
typedef struct work {
  const ogi_lab *lab;
  const ogi_recipe *p;
  og_spice *s;
  const ogi_scale *scale;
  size_t first, count, levels; /* levels: tracks of a sample */
  double *value;
  cell *cell;         /* count x levels */
  ogi_track **track;  /* those of the next shot */
  og_sample_row *row; /* count x all levels */
  char (*why)[400];
} work;

static og_status create(work *w, uint64_t seed, og_error *err) {
  og_status st = OG_OK;
  size_t params = og_circuit_card_params(w->lab->card), cells = w->count * w->levels;
  w->value = ogi_alloc(w->count * params, sizeof *w->value);
  w->cell = ogi_alloc(cells, sizeof *w->cell);
  w->track = ogi_alloc(cells, sizeof *w->track);
  if (w->value == NULL || w->cell == NULL || w->track == NULL)
    return ogi_fail(err, OG_E_NOMEM, "program: %zu cells", cells);
  for (size_t k = 0; k < w->count && st == OG_OK; k++) {
    st = ogi_sample_draw(w->p, w->lab->card, seed, w->first + k, w->value + k * params, err);
    for (size_t l = 0; l < w->levels; l++)
      w->cell[k * w->levels + l] = (cell){.track = {.sample = k, .level = l, .value = w->value + k * params},
                                          .step = w->p->step,
                                          .before = w->p->from,
                                          .knob = w->p->from};
  }
  for (size_t k = 0; k < w->count; k++)
    for (size_t l = 0; l < w->p->f.levels; l++)
      w->row[k * w->p->f.levels + l] = (og_sample_row){.sample = w->first + k,
                                                       .level = l,
                                                       .target_siemens = ogi_level_target(w->p, l),
                                                       .reached_siemens = NAN,
                                                       .knob = NAN,
                                                       .program_joule = NAN,
                                                       .erase_joule = NAN,
                                                       .pulse_joule = NAN,
                                                       .read_joule = NAN,
                                                       .state = OG_SAMPLE_FAILED};
  return st;
}

static void clear(work *w) {
  ogi_free(w->value);
  ogi_free(w->cell);
  ogi_free(w->track);
}

/* Shoot all that are not done, count what each takes; one that fails takes its whole sample with it. */
static og_status shoot(work *w, og_error *err) {
  size_t count = 0, cells = w->count * w->levels;
  for (size_t k = 0; k < cells; k++)
    if (!w->cell[k].done) w->track[count++] = &w->cell[k].track;
  og_status st = ogi_shoot(w->lab, w->s, w->track, count, err);
  for (size_t k = 0; k < cells && st == OG_OK; k++) {
    cell *c = &w->cell[k];
    if (c->done) continue;
    *(c->erasing ? &c->erase_joule : &c->pulse_joule) += c->track.pulse_joule;
    c->verify_joule += c->track.read_joule;
    c->pulses += !c->erasing;
    if (c->track.failed) snprintf(w->why[c->track.sample], sizeof w->why[0], "%s", c->track.why);
  }
  for (size_t k = 0; k < cells && st == OG_OK; k++) w->cell[k].done |= w->why[w->cell[k].track.sample][0] != '\0';
  return st;
}

static void record(const work *w, const cell *c, size_t level, double knob, og_sample_state state) {
  og_sample_row *r = &w->row[c->track.sample * w->p->f.levels + level];
  r->reached_siemens = c->track.siemens;
  r->knob = knob;
  r->pulses = c->pulses;
  r->erase_joule = c->erase_joule;
  r->program_joule = c->erase_joule + c->pulse_joule + (w->p->f.scheme == 1 ? c->verify_joule : 0);
  r->pulse_joule = c->pulses > 0 ? c->pulse_joule / (double)c->pulses : NAN;
  r->read_joule = c->track.read_joule;
  r->state = state;
}

static og_status erase_all(work *w, og_error *err) {
  size_t cells = w->count * w->levels;
  for (size_t k = 0; k < cells; k++) {
    set_erase(w->p, &w->cell[k].track);
    w->cell[k].erasing = 1;
  }
  og_status st = shoot(w, err);
  for (size_t k = 0; k < cells; k++) w->cell[k].erasing = 0;
  return st;
}

static og_status open_loop(work *w, og_error *err) {
  og_status st = OG_OK;
  for (size_t k = 0; k < w->count * w->levels; k++)
    set_pulse(w->p, &w->cell[k].track, w->scale->knob[w->cell[k].track.level]);
  st = shoot(w, err);
  for (size_t k = 0; k < w->count * w->levels && st == OG_OK; k++) {
    cell *c = &w->cell[k];
    if (!c->done) record(w, c, c->track.level, w->scale->knob[c->track.level], OG_SAMPLE_REACHED);
  }
  return st;
}

/* All levels of a sample lie on one way: what is read after as many pulses as a level takes is that level. */
static og_status open_loop_counts(work *w, og_error *err) {
  og_status st = OG_OK;
  double last = 0;
  for (size_t l = 0; l < w->p->f.levels; l++) last = fmax(last, w->scale->knob[l]);
  for (double n = 0; n <= last && st == OG_OK; n++) {
    for (size_t k = 0; k < w->count && n > 0; k++) set_pulse(w->p, &w->cell[k].track, 0);
    if (n > 0) st = shoot(w, err);
    for (size_t k = 0; k < w->count && st == OG_OK; k++)
      for (size_t l = 0; l < w->p->f.levels && !w->cell[k].done; l++)
        if (w->scale->knob[l] == n) record(w, &w->cell[k], l, n, OG_SAMPLE_REACHED);
  }
  return st;
}

static void finish(const work *w, cell *c, og_sample_state state) {
  record(w, c, c->track.level, w->p->f.knob == OGI_KNOB_COUNT ? (double)c->pulses : c->before, state);
  c->done = 1;
}

/*
 * The next knob: a step on; a step back where one more pulse like the last would lead beyond the window, since what a
 * pulse moves falls with its knob. 0: no pulse within the range moves the cell any more.
 */
static int next_knob(const ogi_recipe *p, cell *c, double left, double window) {
  double moved = fabs(c->track.siemens - c->last), way = p->to > p->from ? 1 : -1;
  if (p->f.knob == OGI_KNOB_COUNT) return (double)c->pulses < p->to;
  if (!c->moving) {
    c->knob = p->from;
    return 1;
  }
  if (c->before == p->to && moved < window / 100) return 0;
  c->knob = c->before + (moved > left + window ? -c->step : c->step);
  if ((c->knob - p->from) * way < 0) c->knob = p->from;
  if ((c->knob - p->to) * way > 0) c->knob = p->to;
  return 1;
}

/* What is to be done with a cell after its read: ends, is erased, or gets its next pulse. */
static void decide(const work *w, cell *c) {
  const ogi_recipe *p = w->p;
  double window = p->f.tolerance * (p->f.g_to - p->f.g_from);
  double off = (c->track.siemens - ogi_level_target(p, c->track.level)) * (w->scale->rising ? 1 : -1);
  c->moving = !c->erasing && c->pulses > 0;
  c->erasing = 0;
  int can_retry = p->f.knob != OGI_KNOB_COUNT && p->f.erase_volt != 0 && c->moving && c->before != p->from;
  if (fabs(off) <= window) finish(w, c, OG_SAMPLE_REACHED);
  else if (c->pulses >= p->f.pulses_max || (off > 0 && !can_retry)) finish(w, c, OG_SAMPLE_MISSED);
  else if (off > 0) { /* beyond: once more, in steps half as large */
    c->step /= 2;
    c->erasing = 1;
    set_erase(p, &c->track);
  } else if (!next_knob(p, c, -off, window)) finish(w, c, OG_SAMPLE_MISSED);
  else {
    set_pulse(p, &c->track, c->knob);
    c->last = c->track.siemens;
    c->before = c->knob;
  }
}

static og_status write_verify(work *w, og_error *err) {
  og_status st = OG_OK;
  size_t cells = w->count * w->levels;
  for (size_t left = 1; left > 0 && st == OG_OK;) {
    left = 0;
    for (size_t k = 0; k < cells; k++) {
      if (!w->cell[k].done) decide(w, &w->cell[k]);
      left += !w->cell[k].done;
    }
    if (left > 0) st = shoot(w, err);
  }
  return st;
}

/* A sample that failed on its way has no levels at all. */
static void drop_failed(const work *w) {
  for (size_t k = 0; k < w->count; k++)
    for (size_t l = 0; l < w->p->f.levels && w->why[k][0] != '\0'; l++) {
      og_sample_row *r = &w->row[k * w->p->f.levels + l];
      r->state = OG_SAMPLE_FAILED;
      r->reached_siemens = r->knob = r->program_joule = r->erase_joule = r->pulse_joule = r->read_joule = NAN;
      r->pulses = 0;
    }
}

og_status ogi_program_samples(const ogi_lab *lab, og_spice *s, const ogi_scale *scale, uint64_t seed, size_t first,
                              size_t count, og_sample_row *row, char (*why)[400], og_error *err) {
  og_status st;
  const ogi_recipe *p = lab->program;
  int shared = p->f.scheme == 0 && p->f.knob == OGI_KNOB_COUNT;
  work w = {.lab = lab,
            .p = p,
            .s = s,
            .scale = scale,
            .first = first,
            .count = count,
            .levels = shared ? 1 : p->f.levels,
            .row = row,
            .why = why};
  OGI_TRY(st, create(&w, seed, err));
  OGI_TRY(st, erase_all(&w, err));
  if (p->f.scheme == 1) st = write_verify(&w, err);
  else if (shared) st = open_loop_counts(&w, err);
  else st = open_loop(&w, err);
  drop_failed(&w);
done:
  clear(&w);
  return st;
}
