/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables of waveforms. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "fuzz.h"
#include "vectors/ogi_vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  size_t live = ogi_mem_live();
  og_vectors *v;
  og_error err;
  char *bytes = malloc(size + 1);
  if (bytes == NULL) return 0;
  if (size > 0) memcpy(bytes, data, size);
  bytes[size] = '\0';
  if (ogi_csv_parse(bytes, size, "fuzz", &v, &err) == OG_OK) {
    volatile double sum = 0;
    if (v->count == 0 || v->points == 0) abort();
    for (size_t k = 0; k < v->count; k++)
      if (v->name[k] == NULL || v->quantity[k] >= OG_Q_COUNT) abort();
    for (size_t i = 0; i < v->count * v->points * (v->complex_values ? 2 : 1); i++) sum = sum + v->data[i];
    og_vectors_free(v);
  } else if (err.text[0] == '\0' || err.code != OG_E_INPUT || v != NULL) {
    abort();
  }
  if (ogi_mem_live() != live) abort();
  free(bytes);
  return 0;
}
