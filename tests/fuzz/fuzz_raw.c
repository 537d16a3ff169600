/* SPDX-License-Identifier: BSD-3-Clause */
/* Raw files: what is read must be whole, and come back the same when it is measured by its own fields. */
#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "fuzz.h"
#include "vectors/ogi_vectors.h"

/* Touch every name and value; the last one of each is what a wrong size would miss. */
static void look_at(const og_vectors *v) {
  size_t doubles = v->count * v->points * (v->complex_values ? 2 : 1);
  volatile double sum = 0;
  if (v->count == 0 || v->points == 0) abort();
  for (size_t k = 0; k < v->count; k++) {
    if (strlen(v->name[k]) == 0 || v->quantity[k] >= OG_Q_COUNT) abort();
    if (og_vectors_find(v, v->name[k]) > k) abort();
  }
  for (size_t i = 0; i < doubles; i++) sum = sum + v->data[i];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  size_t live = ogi_mem_live(), count;
  og_vectors **plots;
  og_error err;
  char *bytes = malloc(size + 1);
  if (bytes == NULL) return 0;
  if (size > 0) memcpy(bytes, data, size);
  bytes[size] = '\0';
  if (ogi_raw_parse(bytes, size, "fuzz", &plots, &count, &err) == OG_OK) {
    for (size_t k = 0; k < count; k++) look_at(plots[k]);
    og_raw_free(plots, count);
  } else if (err.text[0] == '\0' || err.code != OG_E_INPUT || plots != NULL) {
    abort();
  }
  if (ogi_mem_live() != live) abort();
  free(bytes);
  return 0;
}
