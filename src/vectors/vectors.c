/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <ohmgrid/vectors.h>

#include "base/ogi_error.h"
#include "base/ogi_mem.h"

static const struct {
  const char *name, *unit;
} quantities[OG_Q_COUNT] = {
    [OG_Q_NOTYPE] = {"notype", "1"},
    [OG_Q_TIME] = {"time", "s"},
    [OG_Q_FREQUENCY] = {"frequency", "Hz"},
    [OG_Q_VOLTAGE] = {"voltage", "V"},
    [OG_Q_CURRENT] = {"current", "A"},
    [OG_Q_VOLTAGE_DENSITY] = {"voltage-density", "V/sqrt(Hz)"},
    [OG_Q_CURRENT_DENSITY] = {"current-density", "A/sqrt(Hz)"},
};

const char *og_quantity_name(og_quantity q) { return (unsigned)q < OG_Q_COUNT ? quantities[q].name : "?"; }
const char *og_quantity_unit(og_quantity q) { return (unsigned)q < OG_Q_COUNT ? quantities[q].unit : "?"; }

og_status og_vectors_create(og_vectors **out, size_t count, size_t points, int complex_values, og_error *err) {
  if (out == NULL) return ogi_fail(err, OG_E_ARG, "vectors: out is NULL");
  size_t doubles = complex_values ? 2 : 1;
  og_vectors *v = *out = ogi_alloc(1, sizeof *v);
  if (v != NULL && (points == 0 || count <= SIZE_MAX / sizeof(double) / doubles / points)) {
    *v = (og_vectors){.count = count, .points = points, .complex_values = complex_values != 0};
    v->title = ogi_strdup("");
    v->plot = ogi_strdup("");
    v->name = ogi_alloc(count, sizeof *v->name);
    v->quantity = ogi_alloc(count, sizeof *v->quantity);
    v->data = ogi_alloc(count * points * doubles, sizeof *v->data);
    if (v->title != NULL && v->plot != NULL && v->name != NULL && v->quantity != NULL && v->data != NULL) return OG_OK;
  }
  og_vectors_free(v);
  *out = NULL;
  return ogi_fail(err, OG_E_NOMEM, "vectors: %zu of %zu points", count, points);
}

og_status og_vectors_name(og_vectors *v, size_t k, const char *name, og_quantity quantity, og_error *err) {
  if (v == NULL || name == NULL || k >= v->count) return ogi_fail(err, OG_E_ARG, "vectors: no vector to be named");
  char *copy = ogi_strdup(name);
  if (copy == NULL) return ogi_fail(err, OG_E_NOMEM, "vectors: a name");
  ogi_free(v->name[k]);
  v->name[k] = copy;
  v->quantity[k] = quantity;
  return OG_OK;
}

/* "v(x)" names the vector x, "i(x)" the vector x#branch; others name themselves. */
static int is_called(const char *vector, const char *name) {
  if (strcasecmp(vector, name) == 0) return 1;
  size_t length = strlen(name), bare = length - 3;
  int wrapped = length > 3 && name[1] == '(' && name[length - 1] == ')';
  if (!wrapped || strncasecmp(vector, name + 2, bare) != 0) return 0;
  if (name[0] == 'v' || name[0] == 'V') return vector[bare] == '\0';
  return (name[0] == 'i' || name[0] == 'I') && strcasecmp(vector + bare, "#branch") == 0;
}

size_t og_vectors_find(const og_vectors *v, const char *name) {
  for (size_t k = 0; k < v->count; k++)
    if (v->name[k] != NULL && is_called(v->name[k], name)) return k;
  return v->count;
}

double *og_vectors_at(const og_vectors *v, size_t k) {
  return v->data + k * v->points * (v->complex_values ? 2 : 1);
}

void og_vectors_free(og_vectors *v) {
  if (v == NULL) return;
  for (size_t k = 0; v->name != NULL && k < v->count; k++) ogi_free(v->name[k]);
  ogi_free(v->title);
  ogi_free(v->plot);
  ogi_free(v->name);
  ogi_free(v->quantity);
  ogi_free(v->data);
  ogi_free(v);
}
