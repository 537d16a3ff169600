/* SPDX-License-Identifier: BSD-3-Clause */
/** Operating point. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "circuit/ogi_mna.h"

og_status og_circuit_dc(og_circuit *c, og_circuit_info *info, og_error *err) {
  og_circuit_info unused;
  og_status st;
  if (info == NULL) info = &unused;
  *info = (og_circuit_info){0};
  if (c == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  int warm = c->operated;
  c->solved = c->operated = c->rung = 0;
  OGI_TRY(st, ogi_mna_prepare(c, err));
  OGI_TRY(st, ogi_mna_check(c, 0, err));
  const ogi_stage stage = {.share = 1, .bias = 1};
  memset(c->rate, 0, (size_t)c->states * sizeof *c->rate);
  OGI_TRY(st, ogi_mna_operate(c, &stage, warm, info, err));
  c->solved = c->operated = 1;
  c->stale = 0;
  ogi_powers p = ogi_mna_powers(c, c->x, c->rate);
  info->power_watt = p.delivered;
  info->power_balance = fabs(p.delivered - p.dissipated) / fmax(fmax(fabs(p.delivered), fabs(p.dissipated)), 1e-300);
done:
  return st;
}
