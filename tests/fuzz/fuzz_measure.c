/* SPDX-License-Identifier: BSD-3-Clause */
/* Measurement statements, evaluated on a small set of vectors. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "fuzz.h"
#include <ohmgrid/measure.h>

static og_vectors *make_waves(void) {
  static const double data[] = {0, 1e-9, 2e-9, 4e-9, 0, 1, -1, 2, 3, -3, 0.5, 0.5};
  og_vectors *v;
  if (og_vectors_create(&v, 3, 4, 0, NULL) != OG_OK || og_vectors_name(v, 0, "time", OG_Q_TIME, NULL) != OG_OK ||
      og_vectors_name(v, 1, "a", OG_Q_VOLTAGE, NULL) != OG_OK ||
      og_vectors_name(v, 2, "b", OG_Q_VOLTAGE, NULL) != OG_OK)
    abort();
  memcpy(v->data, data, sizeof data);
  v->has_scale = 1;
  return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  size_t live = ogi_mem_live();
  og_measure *m;
  og_measure_result r;
  og_error err;
  char *text = malloc(size + 1);
  if (text == NULL) return 0;
  if (size > 0) memcpy(text, data, size);
  text[size] = '\0';
  if (og_measure_parse(&m, text, &err) == OG_OK) {
    og_vectors *v = make_waves();
    if (og_measure_eval(m, v, &r, &err) != OG_OK && err.text[0] == '\0') abort();
    og_vectors_free(v);
    og_measure_free(m);
  } else if (err.text[0] == '\0' || m != NULL) {
    abort();
  }
  if (ogi_mem_live() != live) abort();
  free(text);
  return 0;
}
