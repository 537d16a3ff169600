/* SPDX-License-Identifier: BSD-3-Clause */
/** Analyses by the general engine. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "analysis/ogi_analysis.h"
#include "base/ogi_mem.h"

/* A run with its circuit. */
typedef struct job {
  ogi_run *run;
  og_circuit *c;
  og_circuit_info info;
  og_status failed; /* inside of a callback */
} job;

/* Shares are told now and then; an answer other than 0 ends the run. */
static og_status tell(const ogi_run *run, double share) {
  const og_progress *p = &run->opts->progress;
  if (p->report == NULL || p->report(p->user, "solving", share) == 0) return OG_OK;
  return ogi_fail(run->err, OG_E_INTERRUPT, "analysis: interrupted");
}

/* One row: scale, potentials, currents. width: 2 for phasors. */
static og_status add_row(job *j, const og_circuit *c, const double *scale, size_t width) {
  og_status st = OG_OK;
  const ogi_run *run = j->run;
  const og_deck *d = run->deck;
  double *to = ogi_run_row(j->run);
  if (to == NULL) return ogi_fail(run->err, OG_E_NOMEM, "analysis: results");
  if (scale != NULL) {
    to[0] = *scale;
    to += width;
  }
  for (size_t k = 0; k < og_deck_nodes(d); k++, to += width) {
    if (width == 1) OGI_TRY(st, og_circuit_voltage(c, og_deck_node(d, k), to, run->err));
    else OGI_TRY(st, og_circuit_phasor(c, og_deck_node(d, k), to, run->err));
  }
  for (size_t k = 0; k < run->branches; k++, to += width) {
    const char *name = ogi_names_at(d->element_names, d->parts.item[run->branch[k]].name);
    if (width == 1) OGI_TRY(st, og_circuit_current(c, name, to, run->err));
    else OGI_TRY(st, og_circuit_phasor_current(c, name, to, run->err));
  }
done:
  return st;
}

static size_t quantities(const ogi_run *run) { return og_deck_nodes(run->deck) + run->branches; }

static og_status operating_point(job *j, og_vectors **out) {
  og_status st;
  j->run->doubles = quantities(j->run);
  OGI_TRY(st, og_circuit_dc(j->c, &j->info, j->run->err));
  OGI_TRY(st, add_row(j, j->c, NULL, 1));
  j->run->info->power_watt = j->info.power_watt;
  j->run->info->power_balance = j->info.power_balance;
  j->run->info->steps = j->info.newton_steps;
  st = ogi_run_finish(j->run, out, "Operating Point", NULL, OG_Q_NOTYPE, 0);
done:
  return st;
}

static og_status sweep(job *j, og_vectors **out) {
  og_status st = OG_OK;
  ogi_run *run = j->run;
  const og_analysis *a = run->analysis;
  int amp = a->source[0] == 'i';
  size_t points = (size_t)floor((a->to - a->from) / a->by + 1e-9) + 1;
  run->doubles = 1 + quantities(run);
  for (size_t k = 0; k < points; k++) {
    double x = a->from + (double)k * a->by;
    OGI_TRY(st, og_circuit_set_dc(j->c, a->source, x, run->err));
    OGI_TRY(st, og_circuit_dc(j->c, &j->info, run->err));
    OGI_TRY(st, add_row(j, j->c, &x, 1));
    run->info->kcl_residual = fmax(run->info->kcl_residual, j->info.kcl_residual);
    run->info->steps += j->info.newton_steps;
    OGI_TRY(st, tell(run, (double)(k + 1) / (double)points));
  }
  st = ogi_run_finish(run, out, "DC transfer characteristic", amp ? "i-sweep" : "v-sweep",
                      amp ? OG_Q_CURRENT : OG_Q_VOLTAGE, 0);
done:
  return st;
}

/* ---- transient ---- */

static int take_sample(void *user, const og_circuit *c, double second) {
  job *j = user;
  const og_analysis *a = j->run->analysis;
  if (second < a->start) return 0;
  j->failed = add_row(j, c, &second, 1);
  if (j->failed == OG_OK) j->failed = tell(j->run, second / a->stop);
  return j->failed != OG_OK;
}

static og_status transient(job *j, og_vectors **out) {
  og_status st;
  ogi_run *run = j->run;
  const og_analysis *a = run->analysis;
  og_circuit_times times;
  og_circuit_times_init(&times, a->stop);
  times.step_second = a->step_max;
  times.rtol = run->opts->rtol;
  times.volt_tol = 1e-3 * run->opts->rtol; /* [V]: signals of a crossbar are some 0.1 V */
  times.amp_tol = 1e-6 * run->opts->rtol;  /* [A] */
  times.from_initial = a->from_initial;
  times.step_max = run->opts->step_max;
  times.sample = take_sample;
  times.user = j;
  run->doubles = 1 + quantities(run);
  st = og_circuit_transient(j->c, &times, &j->info, run->err);
  if (j->failed != OG_OK) st = j->failed;
  if (st != OG_OK) return st;
  run->info->power_balance = j->info.energy_balance;
  run->info->steps = j->info.steps;
  return ogi_run_finish(run, out, "Transient Analysis", "time", OG_Q_TIME, 0);
}

/* ---- frequencies ---- */

/* Frequency k of an ac or noise card [Hz]; how many there are: SPICE's rule, the last one is not beyond the end. */
static size_t frequencies(const og_analysis *a) {
  double decades = log10(a->hertz_to / a->hertz_from), octaves = decades / log10(2);
  if (a->spacing == 'l') return a->points;
  return (size_t)floor((a->spacing == 'd' ? decades : octaves) * (double)a->points + 1e-9) + 1;
}

static double frequency(const og_analysis *a, size_t k) {
  double n = (double)a->points;
  if (a->spacing == 'l')
    return a->points > 1 ? a->hertz_from + (double)k * (a->hertz_to - a->hertz_from) / (n - 1) : a->hertz_from;
  return a->hertz_from * pow(a->spacing == 'd' ? 10 : 2, (double)k / n);
}

static og_status small_signal(job *j, og_vectors **out) {
  og_status st = OG_OK;
  ogi_run *run = j->run;
  size_t points = frequencies(run->analysis);
  run->doubles = 2 * (1 + quantities(run));
  for (size_t k = 0; k < points; k++) {
    double hertz = frequency(run->analysis, k);
    OGI_TRY(st, og_circuit_ac(j->c, hertz, &j->info, run->err));
    OGI_TRY(st, add_row(j, j->c, &hertz, 2));
    OGI_TRY(st, tell(run, (double)(k + 1) / (double)points));
  }
  run->info->steps = points;
  st = ogi_run_finish(run, out, "AC Analysis", "frequency", OG_Q_FREQUENCY, 1);
done:
  return st;
}

static og_status noise(job *j, og_vectors **out) {
  og_status st = OG_OK;
  ogi_run *run = j->run;
  const og_analysis *a = run->analysis;
  size_t points = frequencies(a);
  run->doubles = 3;
  for (size_t k = 0; k < points; k++) {
    double density, gain, hertz = frequency(a, k), *row = ogi_run_row(run);
    if (row == NULL) return ogi_fail(run->err, OG_E_NOMEM, "analysis: results");
    OGI_TRY(st, og_circuit_noise(j->c, a->output, a->reference, a->source, hertz, &density, &gain, run->err));
    row[0] = hertz;
    row[1] = sqrt(density);
    row[2] = sqrt(density) / gain;
    OGI_TRY(st, tell(run, (double)(k + 1) / (double)points));
  }
  run->info->steps = points;
  st = ogi_run_finish(run, out, "Noise Spectral Density Curves", "frequency", OG_Q_FREQUENCY, 0);
done:
  return st;
}

og_status ogi_run_circuit(ogi_run *run, og_vectors **out) {
  job j = {.run = run};
  og_analysis_kind kind = run->analysis != NULL ? run->analysis->kind : OG_ANALYSIS_OP;
  og_status st = og_deck_circuit(&j.c, run->deck, run->err);
  if (st != OG_OK) return st;
  switch (kind) {
    case OG_ANALYSIS_OP: st = operating_point(&j, out); break;
    case OG_ANALYSIS_DC: st = sweep(&j, out); break;
    case OG_ANALYSIS_TRAN: st = transient(&j, out); break;
    case OG_ANALYSIS_AC: st = small_signal(&j, out); break;
    case OG_ANALYSIS_NOISE: st = noise(&j, out); break;
  }
  run->info->kcl_residual = fmax(run->info->kcl_residual, j.info.kcl_residual);
  og_circuit_free(j.c);
  return st;
}
