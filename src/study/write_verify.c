/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * Write-verify of a row of three-terminal cells: one erase pulse, then program pulses on the word line (the gates),
 * each higher than the one before and followed by a read. A column whose current has reached its target is inhibited:
 * both its lines go up with the gate, by drive.inhibit of its voltage.
 */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "study/ogi_write.h"

enum { POINTS = 10 }; /* of a stretch: pulse and read */

struct ogi_verify {
  const og_write_study *s;
  og_write_results *r;
  og_wave wave;
  double second[POINTS], *driven, *bit, *gate; /* POINTS x n, n, m [V] */
  int *done;                                   /* n */
};

/* What all lines are at. */
typedef enum level { IDLE, PULSE, READ } level;

static void set_point(ogi_verify *v, size_t k, double second, level at, double pulse_volt) {
  const og_write_study *s = v->s;
  double up = at == PULSE && pulse_volt > 0 ? s->inhibit * pulse_volt : 0;
  v->second[k] = second;
  for (size_t j = 0; j < s->n; j++) {
    v->bit[k * s->n + j] = v->done[j] ? up : 0;
    v->driven[k * s->n + j] = at == READ ? s->read_volt : v->done[j] ? up : 0;
  }
  for (size_t i = 0; i < s->m; i++)
    v->gate[k * s->m + i] = i != s->row ? 0 : at == PULSE ? pulse_volt : at == READ ? s->read_gate_volt : 0;
}

/* A pulse and the read behind it, up to the end of the read's top; from where the lines are now. */
static double make_stretch(ogi_verify *v, double second, level from, double volt, double width) {
  const og_write_study *s = v->s;
  const struct {
    double wait;
    level at;
  } point[POINTS] = {{0, from},        {s->edge_second, IDLE}, {s->edge_second, IDLE}, {s->edge_second, PULSE},
                     {width, PULSE},   {s->edge_second, IDLE}, {s->edge_second, IDLE}, {s->edge_second, READ},
                     {s->read_width_second, READ}, {s->edge_second, READ}};
  for (size_t k = 0; k < POINTS; k++) set_point(v, k, second += point[k].wait, point[k].at, volt);
  return v->second[POINTS - 2];
}

static void offer(ogi_verify *v, double stop, og_cosim_drive *drive) {
  v->wave = (og_wave){.points = POINTS, .second = v->second, .volt = v->driven};
  *drive = (og_cosim_drive){.wave = &v->wave, .bit_volt = v->bit, .gate_volt = v->gate, .stop_second = stop};
}

/* What a read said: columns that have arrived are left alone from now on. @return how many have not */
static size_t judge(ogi_verify *v, const double *i_out) {
  og_write_results *r = v->r;
  size_t open = 0, k = r->verify_reads++;
  memcpy(r->verify_amp + k * r->n, i_out, r->n * sizeof *i_out);
  for (size_t j = 0; j < r->n; j++) {
    if (!v->done[j]) {
      r->reached_amp[j] = i_out[j];
      r->verify_pulses[j] = k;
    }
    v->done[j] |= i_out[j] >= r->target_amp[j];
    open += !v->done[j];
  }
  return r->unreached = open;
}

static int next(void *user, double second, const double *i_out, og_cosim_drive *drive) {
  ogi_verify *v = user;
  const og_write_study *s = v->s;
  if (judge(v, i_out) == 0 || v->r->verify_reads > s->pulses) return 0;
  double volt = s->volt + (double)(v->r->verify_reads - 1) * s->volt_step;
  v->r->verify_volt[v->r->verify_reads] = volt;
  offer(v, make_stretch(v, second, READ, volt, s->width_second), drive);
  return 1;
}

og_status ogi_verify_begin(ogi_verify **out, const og_write_study *s, og_write_results *r, og_cosim_drive *drive,
                           og_cosim_opts *opts, og_error *err) {
  ogi_verify *v = *out = ogi_alloc(1, sizeof *v);
  if (v == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: write-verify");
  *v = (ogi_verify){.s = s,
                    .r = r,
                    .driven = ogi_alloc(POINTS * s->n, sizeof(double)),
                    .bit = ogi_alloc(POINTS * s->n, sizeof(double)),
                    .gate = ogi_alloc(POINTS * s->m, sizeof(double)),
                    .done = ogi_alloc(s->n, sizeof(int))};
  r->target_amp = ogi_alloc(s->n, sizeof(double));
  r->reached_amp = ogi_alloc(s->n, sizeof(double));
  r->verify_pulses = ogi_alloc(s->n, sizeof(size_t));
  r->verify_volt = ogi_alloc(s->pulses + 1, sizeof(double));
  r->verify_amp = ogi_alloc((s->pulses + 1) * s->n, sizeof(double));
  if (!v->driven || !v->bit || !v->gate || !v->done || !r->target_amp || !r->reached_amp || !r->verify_pulses ||
      !r->verify_volt || !r->verify_amp)
    return ogi_fail(err, OG_E_NOMEM, "cosim: write-verify of %zu columns", s->n);
  r->levels = s->levels;
  r->level_amp = (s->target_max_amp - s->target_min_amp) / (double)(s->levels - 1);
  for (size_t j = 0; j < s->n; j++) r->target_amp[j] = s->target_min_amp + (double)(j % s->levels) * r->level_amp;
  r->verify_volt[0] = s->erase_volt;
  offer(v, make_stretch(v, 0, IDLE, s->erase_volt, s->erase_width_second), drive);
  opts->more = next;
  opts->more_user = v;
  return OG_OK;
}

/* ---- afterwards ---- */

static const double *terminal(const og_vectors *v, char quantity, char which, size_t cell, size_t n) {
  char name[48];
  snprintf(name, sizeof name, "%c%c_%u_%u", quantity, which, (unsigned)(cell / n), (unsigned)(cell % n));
  return og_vectors_at(v, og_vectors_find(v, name));
}

/* "v_I_J" gate less source and "i_I_J" drain current behind all others, as the drawings of two terminals take them. */
og_status ogi_verify_derive(og_write_results *r, og_error *err) {
  static const char kind[] = "vi";
  og_status st = OG_OK;
  const og_vectors *from = r->waves;
  size_t cells = r->m * r->n;
  og_vectors *to;
  OGI_TRY(st, og_vectors_create(&to, from->count + 2 * cells, from->points, 0, err));
  to->has_scale = from->has_scale;
  memcpy(to->data, from->data, from->count * from->points * sizeof(double));
  for (size_t k = 0; k < from->count && st == OG_OK; k++)
    st = og_vectors_name(to, k, from->name[k], from->quantity[k], err);
  for (size_t k = 0; k < 2 * cells && st == OG_OK; k++) {
    char name[48];
    size_t at = from->count + k, cell = k % cells;
    snprintf(name, sizeof name, "%c_%u_%u", kind[k / cells], (unsigned)(cell / r->n), (unsigned)(cell % r->n));
    st = og_vectors_name(to, at, name, k < cells ? OG_Q_VOLTAGE : OG_Q_CURRENT, err);
    const double *gate = terminal(from, 'v', 'g', cell, r->n), *source = terminal(from, 'v', 's', cell, r->n),
                 *drain = terminal(from, 'i', 'd', cell, r->n);
    for (size_t p = 0; p < from->points; p++) og_vectors_at(to, at)[p] = k < cells ? gate[p] - source[p] : drain[p];
  }
  og_vectors_free(st == OG_OK ? r->waves : to);
  if (st == OG_OK) r->waves = to;
done:
  return st;
}

void ogi_verify_free(ogi_verify *v) {
  if (v == NULL) return;
  ogi_free(v->driven);
  ogi_free(v->bit);
  ogi_free(v->gate);
  ogi_free(v->done);
  ogi_free(v);
}
