/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <ohmgrid/study.h>

#include "base/ogi_mem.h"

void og_results_free(og_results *results) {
  if (results == NULL) return;
  for (size_t i = 0; results->accuracy != NULL && i < results->accuracy_rows; i++) ogi_free(results->accuracy[i].trial);
  for (size_t i = 0; results->check != NULL && i < results->check_rows; i++) {
    ogi_free(results->check[i].current_ours);
    ogi_free(results->check[i].current_theirs);
  }
  ogi_free(results->extent);
  ogi_free(results->accuracy);
  ogi_free(results->energy);
  ogi_free(results->check);
  ogi_free(results->map_cell_drop);
  ogi_free(results->cell_target_siemens);
  ogi_free(results->cell_programmed_siemens);
  ogi_free(results);
}
