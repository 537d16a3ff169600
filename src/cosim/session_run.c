/* SPDX-License-Identifier: BSD-3-Clause */
/* Analyses of a session: written as commands, run, and their vectors received. */
#include <config.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "cosim/ogi_session.h"

#define DRIVEN_CPU_SECOND 1e9
#define END_RELATIVE 1e-9 /* by which a transient may miss its end */

/* --- the command -------------------------------------------------------------------------------------------------- */

void og_spice_analysis_init(og_spice_analysis *a, og_spice_kind kind) {
  *a = (og_spice_analysis){.kind = kind, .step_second = 1e-9, .stop_second = 1e-6, .points = 10, .start_hz = 1,
                           .stop_hz = 1e6};
}

/* What is sent: the command, and where the scale has to end. */
typedef struct order {
  ogi_message_run run;
  char text[OGI_SPICE_COMMAND_MAX];
  size_t used;
} order;

OGI_PRINTF(2, 3) static void add(order *o, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int put = vsnprintf(o->text + o->used, sizeof o->text - o->used, format, args);
  va_end(args);
  if (put > 0) o->used += ogi_min_size((size_t)put, sizeof o->text - 1 - o->used);
}

static og_status write_tran(order *o, const og_spice_analysis *a, og_error *err) {
  int sound = a->step_second > 0 && a->start_second >= 0 && a->stop_second > a->start_second &&
              isfinite(a->stop_second) && isfinite(a->step_second);
  if (!sound)
    return ogi_fail(err, OG_E_RANGE, "spice: transient: saw steps of %g from %g to %g, need a step > 0 and a stop "
                    "after the start >= 0 (second)", a->step_second, a->start_second, a->stop_second);
  if (!(a->step_max_second >= 0 && isfinite(a->step_max_second)))
    return ogi_fail(err, OG_E_RANGE, "spice: transient: largest step: saw %g, need 0 or more (second)",
                    a->step_max_second);
  /* as ngspice sets it where none is given; said, because the end that ngspice hears of is another */
  double usual = fmin(a->step_second, (a->stop_second - a->start_second) / 50);
  double most = a->step_max_second > 0 ? a->step_max_second : usual;
  double beyond = a->stop_second + OGI_SPICE_BEYOND * most;
  add(o, "tran %.17g %.17g %.17g %.17g", a->step_second, beyond, a->start_second, most);
  if (a->use_ic) add(o, " uic");
  o->run.scale_end = a->stop_second;
  o->run.scale_gap = END_RELATIVE;
  return OG_OK;
}

static og_status write_dc(order *o, const og_spice_analysis *a, og_error *err) {
  og_status st = OG_OK;
  char name[256];
  add(o, "dc");
  for (size_t k = 0; k < 2 && (k == 0 || a->sweep[k].source != NULL); k++) {
    const og_spice_sweep *w = &a->sweep[k];
    OGI_TRY(st, ogi_session_name(name, w->source, err));
    double steps = (w->stop - w->start) / w->step;
    if (!(steps >= 0 && steps <= 1e8))
      return ogi_fail(err, OG_E_RANGE, "spice: sweep of %s: saw %g to %g by %g, need 0 to 1e8 steps that lead there",
                      name, w->start, w->stop, w->step);
    add(o, " %s %.17g %.17g %.17g", name, w->start, w->stop, w->step);
  }
  double steps = (a->sweep[0].stop - a->sweep[0].start) / a->sweep[0].step;
  o->run.scale_end = a->sweep[0].start + floor(steps + 1e-6) * a->sweep[0].step;
  o->run.scale_gap = 1e-3 * fabs(a->sweep[0].step);
done:
  return st;
}

static og_status write_band(order *o, const og_spice_analysis *a, og_error *err) {
  static const char *const words[] = {"dec", "oct", "lin"};
  if ((unsigned)a->spacing >= OG_SPICE_SPACING_COUNT)
    return ogi_fail(err, OG_E_RANGE, "spice: spacing: saw %d, need 0 to %d", (int)a->spacing,
                    OG_SPICE_SPACING_COUNT - 1);
  if (!(a->start_hz > 0 && a->stop_hz >= a->start_hz && isfinite(a->stop_hz)))
    return ogi_fail(err, OG_E_RANGE, "spice: band: saw %g to %g, need 0 < start <= stop (hertz)", a->start_hz,
                    a->stop_hz);
  if (a->points == 0 || a->points > 100000000)
    return ogi_fail(err, OG_E_RANGE, "spice: points: saw %zu, need 1 to 1e8", a->points);
  add(o, " %s %zu %.17g %.17g", words[a->spacing], a->points, a->start_hz, a->stop_hz);
  /* the last point lies less than one step below the end of the band */
  double base = a->spacing == OG_SPICE_DECADE ? 10 : 2, step = 1 - pow(base, -1.0 / (double)a->points);
  double linear = a->points > 1 ? END_RELATIVE : 1;
  o->run.scale_end = a->stop_hz;
  o->run.scale_gap = a->spacing == OG_SPICE_LINEAR ? linear : step * (1 + 1e-6);
  return OG_OK;
}

static og_status write_noise(order *o, const og_spice_analysis *a, og_error *err) {
  og_status st;
  char output[256], reference[256] = "", input[256];
  OGI_TRY(st, ogi_session_name(output, a->output, err));
  OGI_TRY(st, ogi_session_name(input, a->input, err));
  if (a->reference != NULL) OGI_TRY(st, ogi_session_name(reference, a->reference, err));
  add(o, "noise v(%s%s%s) %s", output, a->reference != NULL ? "," : "", reference, input);
  st = write_band(o, a, err);
done:
  return st;
}

static og_status write_order(order *o, const og_spice_analysis *a, og_error *err) {
  static const uint32_t kinds[] = {OGI_RUN_OP, OGI_RUN_DC, OGI_RUN_TRAN, OGI_RUN_AC, OGI_RUN_NOISE};
  og_status st = OG_OK;
  ogi_locale l;
  memset(o, 0, sizeof *o);
  if ((unsigned)a->kind >= OG_SPICE_KIND_COUNT)
    return ogi_fail(err, OG_E_RANGE, "spice: analysis: saw %d, need 0 to %d", (int)a->kind, OG_SPICE_KIND_COUNT - 1);
  o->run.kind = kinds[a->kind];
  ogi_locale_begin(&l);
  if (a->kind == OG_SPICE_OP) add(o, "op");
  if (a->kind == OG_SPICE_DC) st = write_dc(o, a, err);
  if (a->kind == OG_SPICE_TRAN) st = write_tran(o, a, err);
  if (a->kind == OG_SPICE_AC) add(o, "ac");
  if (a->kind == OG_SPICE_AC) st = write_band(o, a, err);
  if (a->kind == OG_SPICE_NOISE) st = write_noise(o, a, err);
  ogi_locale_end(&l);
  return st;
}

/* --- the request -------------------------------------------------------------------------------------------------- */

/* Names one after the other, each with its closing 0. */
static og_status pack_names(char **out, size_t *bytes, const char *const *names, size_t count, og_error *err) {
  og_status st = OG_OK;
  char plain[256];
  char *packed = *out = ogi_alloc(count, sizeof plain);
  *bytes = 0;
  if (packed == NULL) return ogi_fail(err, OG_E_NOMEM, "ngspice: names of %zu vectors", count);
  for (size_t k = 0; k < count; k++) {
    OGI_TRY(st, ogi_session_name(plain, names[k], err));
    memcpy(packed + *bytes, plain, strlen(plain) + 1);
    *bytes += strlen(plain) + 1;
  }
done:
  return st;
}

static og_status send_order(og_spice *s, order *o, const double *values, const char *const *names, size_t count,
                            og_error *err) {
  og_status st;
  char *packed;
  size_t bytes;
  OGI_TRY(st, pack_names(&packed, &bytes, names, count, err));
  o->run.cpu_second = s->driven > 0 ? DRIVEN_CPU_SECOND : s->child.timeout; /* driven: every step has its own time */
  o->run.drive = s->driven;
  o->run.breakpoints = s->breakpoint_count;
  o->run.names = count;
  o->run.watched = s->watch_count;
  const ogi_part parts[] = {{&o->run, sizeof o->run},
                            {values, s->driven * sizeof *values},
                            {s->breakpoints, s->breakpoint_count * sizeof *s->breakpoints},
                            {o->text, o->used + 1},
                            {s->watch, s->watch_bytes},
                            {packed, bytes}};
  st = ogi_child_send(&s->child, (ogi_message){.kind = OGI_M_RUN}, parts, 6, err);
done:
  ogi_free(packed);
  return st;
}

/* --- the reply ---------------------------------------------------------------------------------------------------- */

static const char *title_of(og_spice_kind kind) {
  static const char *const titles[] = {"Operating Point", "DC transfer characteristic", "Transient Analysis",
                                       "AC Analysis", "Noise Spectral Density Curves"};
  return titles[kind];
}

/* Texts: title, name of the plot (ours says more), names of the vectors. */
static og_status name_vectors(og_vectors *v, const char *plot, const uint32_t *types, const char *text, size_t bytes,
                              og_error *err) {
  og_status st = OG_OK;
  const char *end = text + bytes, *at = text;
  ogi_free(v->title);
  ogi_free(v->plot);
  v->title = ogi_strdup(text);
  v->plot = ogi_strdup(plot);
  if (v->title == NULL || v->plot == NULL) return ogi_fail(err, OG_E_NOMEM, "ngspice: names of vectors");
  for (size_t k = 0; k < v->count + 2; k++, at += strlen(at) + 1) {
    if (at >= end) return ogi_fail(err, OG_E_EXTERN, "ngspice: fewer names than vectors");
    og_quantity q = k >= 2 && types[k - 2] < OG_Q_COUNT ? (og_quantity)types[k - 2] : OG_Q_NOTYPE;
    if (k >= 2) OGI_TRY(st, og_vectors_name(v, k - 2, at, q, err));
  }
done:
  return st;
}

static og_status take_vectors(og_spice *s, const ogi_message *m, const char *plot, og_vectors **out,
                              og_spice_info *info, og_error *err) {
  og_status st;
  ogi_message_vectors head;
  uint32_t *types = NULL;
  char *text = NULL;
  if (m->bytes < sizeof head) return ogi_child_nonsense(&s->child, err);
  OGI_TRY(st, ogi_child_take(&s->child, &head, sizeof head, err));
  size_t doubles = head.complex_values ? 2 : 1;
  OGI_TRY(st, og_vectors_create(out, m->count, head.points, head.complex_values != 0, err));
  size_t values = m->count * head.points * doubles;
  if (m->bytes != sizeof head + values * sizeof(double) + m->count * sizeof *types + head.text_bytes)
    return ogi_child_nonsense(&s->child, err);
  types = ogi_alloc(m->count, sizeof *types);
  text = ogi_alloc(head.text_bytes + 1, 1);
  if (types == NULL || text == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "ngspice: names of %zu vectors", (size_t)m->count);
    goto done;
  }
  OGI_TRY(st, ogi_child_take(&s->child, (*out)->data, values * sizeof(double), err));
  OGI_TRY(st, ogi_child_take(&s->child, types, m->count * sizeof *types, err));
  OGI_TRY(st, ogi_child_take(&s->child, text, head.text_bytes, err));
  OGI_TRY(st, name_vectors(*out, plot, types, text, head.text_bytes, err));
  (*out)->has_scale = head.has_scale != 0;
  if (info != NULL) *info = (og_spice_info){head.stopped != 0, head.onoise_total, head.inoise_total};
done:
  ogi_free(types);
  ogi_free(text);
  return st;
}

/* One run to its end: time steps in between are answered. */
static og_status attend_run(og_spice *s, double *values, const char *plot, og_vectors **out, og_spice_info *info,
                            og_error *err) {
  og_status st;
  ogi_message m;
  for (;;) {
    OGI_TRY(st, ogi_child_hear(&s->child, &m, err));
    if (m.kind == OGI_M_DONE) return take_vectors(s, &m, plot, out, info, err);
    OGI_TRY(st, ogi_session_step(s, &m, values, err));
  }
done:
  return st;
}

/* What the host broke off in the middle, or a failure other than a plain refusal, leaves a child that cannot go on. */
static og_status carry_out(og_spice *s, order *o, const char *plot, const char *const *names, size_t count,
                           og_vectors **out, og_spice_info *info, og_error *err) {
  og_status st;
  double *values = ogi_alloc(s->driven + s->watch_count, sizeof *values);
  if (values == NULL) return ogi_fail(err, OG_E_NOMEM, "ngspice: %zu sources", s->driven);
  OGI_TRY(st, ogi_session_first_values(s, values, err));
  OGI_TRY(st, send_order(s, o, values, names, count, err));
  st = attend_run(s, values, plot, out, info, err);
  if (st != OG_OK && st != OG_E_EXTERN) ogi_child_bury(&s->child);
done:
  ogi_free(values);
  if (st != OG_OK) {
    og_vectors_free(*out);
    *out = NULL;
  }
  return st;
}

og_status og_spice_run(og_spice *s, const og_spice_analysis *a, const char *const *names, size_t count,
                       og_vectors **out, og_spice_info *info, og_error *err) {
  og_status st;
  order o;
  if (out != NULL) *out = NULL;
  if (info != NULL) *info = (og_spice_info){0, NAN, NAN};
  if (s == NULL || a == NULL || out == NULL || (names == NULL && count > 0))
    return ogi_fail(err, OG_E_ARG, "spice: a needed pointer is NULL");
  OGI_TRY(st, write_order(&o, a, err));
  ogi_session_begin(s);
  OGI_TRY(st, ogi_session_ready(s, err));
  st = carry_out(s, &o, title_of(a->kind), names, count, out, info, err);
done:
  return st;
}

/* --- one shot ----------------------------------------------------------------------------------------------------- */

/*
 * After a refusal the child goes, sound or not: a caller of one-shot runs has no use for what is left of it. It goes by
 * the end of its input where it still can, because one that is just starting has init files to remove.
 */
og_status ogi_spice_run(ogi_spice *s, const char *deck, size_t bytes, const char *const *names, size_t count,
                        double *values, og_error *err) {
  og_status st;
  og_vectors *v = NULL;
  order o = {.run.kind = OGI_RUN_DECK};
  add(&o, "run");
  OGI_TRY(st, ogi_spice_load(s, deck, bytes, err));
  OGI_TRY(st, carry_out(s, &o, "", names, count, &v, NULL, err));
  if (v->count != count || v->points != 1 || v->complex_values) st = ogi_child_nonsense(&s->child, err);
  else memcpy(values, v->data, count * sizeof *values);
done:
  og_vectors_free(v);
  if (st == OG_OK) st = ogi_spice_forget(s, err);
  if (st != OG_OK) {
    ogi_child_dismiss(&s->child);
    ogi_poison(values, count);
  }
  return st;
}
