/* SPDX-License-Identifier: BSD-3-Clause */
/** Without compact models: the fit says so. */
#include <config.h>

#include <stdio.h>

#include "devbench/ogi_devnew.h"

og_status ogi_new_fit_compact(og_device_new_report *r, const og_device_new_opts *opts, og_error *err) {
  (void)opts, (void)err;
  snprintf(r->fit.compact_why, sizeof r->fit.compact_why, "compact models are not part of this version");
  return OG_OK;
}
