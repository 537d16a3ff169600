/* SPDX-License-Identifier: BSD-3-Clause */
/** What a write study is held against: the same by waveform relaxation, which foretells nothing. */
#include <config.h>

#include <math.h>
#include <string.h>

#include <ohmgrid/relax.h>

#include "base/ogi_time.h"
#include "study/ogi_write.h"

/* Largest difference of any state at the end: both have the same vectors in the same order. NAN: there is no state. */
static double worst_state(const og_vectors *ours, const og_vectors *theirs) {
  double worst = NAN;
  size_t end = ours->points - 1, their_end = theirs->points - 1;
  for (size_t k = 0; k < ours->count; k++)
    if (strncmp(ours->name[k], "x_", 2) == 0)
      worst = fmax(worst, fabs(og_vectors_at(ours, k)[end] - og_vectors_at(theirs, k)[their_end]));
  return worst;
}

og_status ogi_write_relax(og_write_results *r, const og_write_study *s, const og_write_opts *opts,
                          const og_array *array, const double *g, const ogi_write_wave *w,
                          const ogi_write_device *device, og_error *err) {
  og_status st;
  og_vectors *v = NULL;
  og_relax_opts o;
  const og_wave wave = {.points = w->points, .second = w->second, .volt = w->volt};
  const og_cosim_drive drive = {.wave = &wave, .bit_volt = w->bit_volt, .stop_second = s->stop_second};
  double begin = ogi_now();
  if (opts->resume != NULL)
    return ogi_fail(err, OG_E_INPUT, "check.relaxation: yes: needs a run from its beginning, not from a checkpoint");
  og_relax_opts_init(&o);
  o.step_second = ogi_write_step(s) / 2;
  o.progress = opts->progress;
  OGI_TRY(st, og_cosim_relax(&v, array, g, &device->device, &drive, &o, NULL, err));
  r->relaxation_error = worst_state(r->waves, v);
  r->relaxation_second = ogi_now() - begin;
done:
  og_vectors_free(v);
  return st == OG_OK ? st : ogi_prefix(err, st, "check.relaxation");
}
