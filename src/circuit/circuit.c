/* SPDX-License-Identifier: BSD-3-Clause */
/** The list of elements, and questions about the last solution. */
#include <config.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "circuit/ogi_mna.h"

og_status og_circuit_create(og_circuit **out, og_error *err) {
  if (out == NULL) return ogi_fail(err, OG_E_ARG, "circuit: out is NULL");
  *out = ogi_alloc(1, sizeof **out);
  if (*out == NULL) return ogi_fail(err, OG_E_NOMEM, "circuit");
  klu_defaults(&(*out)->common);
  return OG_OK;
}

static void element_clear(ogi_element *e) {
  ogi_free(e->name);
  ogi_free((void *)(uintptr_t)e->wave.second);
  ogi_free((void *)(uintptr_t)e->wave.value);
}

/* What prepare made; the elements stay. */
static void forget_matrix(og_circuit *c) {
  klu_free_symbolic(&c->symbolic, &c->common);
  klu_free_numeric(&c->numeric, &c->common);
  void *block[] = {c->column, c->row, c->value, c->place, c->x, c->step, c->rhs, c->kept};
  for (size_t k = 0; k < sizeof block / sizeof *block; k++) ogi_free(block[k]);
  c->column = c->row = NULL;
  c->value = c->x = c->step = c->rhs = c->kept = NULL;
  c->place = NULL;
  c->prepared = 0;
}

void og_circuit_free(og_circuit *c) {
  if (c == NULL) return;
  forget_matrix(c);
  for (size_t k = 0; k < c->count; k++) element_clear(&c->element[k]);
  for (size_t k = 0; k < c->nodes; k++) ogi_free(c->node[k]);
  ogi_free(c->element);
  ogi_free(c->node);
  ogi_free(c);
}

/* Room for one more of size bytes in a list of count. */
static void *grown(void *list, size_t count, size_t *room, size_t size) {
  if (count < *room) return list;
  size_t more = *room == 0 ? 16 : 2 * *room;
  char *larger = ogi_alloc(more, size);
  if (larger == NULL) return NULL;
  if (count > 0) memcpy(larger, list, count * size);
  ogi_free(list);
  *room = more;
  return larger;
}

static int find_node(const og_circuit *c, const char *name) {
  for (size_t k = 0; k < c->nodes; k++)
    if (strcmp(c->node[k], name) == 0) return (int)k;
  return -2;
}

static int is_ground(const char *name) { return strcmp(name, "0") == 0 || strcmp(name, "gnd") == 0; }

static og_status node_of(og_circuit *c, const char *name, int *node, og_error *err) {
  *node = is_ground(name) ? OGI_GROUND : find_node(c, name);
  if (*node >= OGI_GROUND) return OG_OK;
  char **larger = grown(c->node, c->nodes, &c->node_room, sizeof *c->node), *copy = ogi_strdup(name);
  if (larger != NULL) c->node = larger;
  if (larger == NULL || copy == NULL) {
    ogi_free(copy);
    return ogi_fail(err, OG_E_NOMEM, "circuit: node %s", name);
  }
  *node = (int)c->nodes;
  c->node[c->nodes++] = copy;
  return OG_OK;
}

static ogi_element *find_element(const og_circuit *c, const char *name) {
  for (size_t k = 0; k < c->count; k++)
    if (strcmp(c->element[k].name, name) == 0) return &c->element[k];
  return NULL;
}

/* Add a copy of e between the nodes a and b; e->wave's points are taken over on success. */
static og_status add(og_circuit *c, ogi_element *e, const char *name, const char *a, const char *b, og_error *err) {
  og_status st;
  if (c == NULL || name == NULL || a == NULL || b == NULL)
    return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  if (find_element(c, name) != NULL)
    return ogi_fail(err, OG_E_INPUT, "element %s: saw the name a second time, need another", name);
  ogi_element *larger = grown(c->element, c->count, &c->room, sizeof *c->element);
  if (larger == NULL) return ogi_fail(err, OG_E_NOMEM, "circuit: element %s", name);
  c->element = larger;
  OGI_TRY(st, node_of(c, a, &e->node[0], err));
  OGI_TRY(st, node_of(c, b, &e->node[1], err));
  e->name = ogi_strdup(name);
  if (e->name == NULL) return ogi_fail(err, OG_E_NOMEM, "circuit: element %s", name);
  forget_matrix(c);
  c->element[c->count++] = *e;
done:
  return st;
}

static og_status check_value(const char *name, const char *what, double value, int may_be_zero, const char *unit,
                             og_error *err) {
  if (isfinite(value) && (value > 0 || (may_be_zero && value == 0))) return OG_OK;
  return ogi_fail(err, OG_E_RANGE, "element %s: %s: saw %g, need a finite number %s (%s)", name != NULL ? name : "?",
                  what, value, may_be_zero ? "of 0 or more" : "above 0", unit);
}

og_status og_circuit_resistor(og_circuit *c, const char *name, const char *a, const char *b, double ohm, og_error *err) {
  og_status st = check_value(name, "resistance", ohm, 0, "ohm", err);
  return st != OG_OK ? st : add(c, &(ogi_element){.kind = 'R', .value = ohm}, name, a, b, err);
}

og_status og_circuit_capacitor(og_circuit *c, const char *name, const char *a, const char *b, double farad, double volt,
                               og_error *err) {
  og_status st = check_value(name, "capacitance", farad, 1, "farad", err);
  return st != OG_OK ? st : add(c, &(ogi_element){.kind = 'C', .value = farad, .initial = volt}, name, a, b, err);
}

og_status og_circuit_inductor(og_circuit *c, const char *name, const char *a, const char *b, double henry, double amp,
                              og_error *err) {
  og_status st = check_value(name, "inductance", henry, 0, "henry", err);
  return st != OG_OK ? st : add(c, &(ogi_element){.kind = 'L', .value = henry, .initial = amp}, name, a, b, err);
}

static double *copied(const double *from, size_t count) {
  double *to = ogi_alloc(count, sizeof *to);
  if (to != NULL) memcpy(to, from, count * sizeof *to);
  return to;
}

static og_status add_source(og_circuit *c, char kind, const char *name, const char *a, const char *b,
                            const og_waveform *wave, og_error *err) {
  if (wave == NULL || name == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  og_status st = ogi_wave_check(wave, name, err);
  if (st != OG_OK) return st;
  ogi_element e = {.kind = kind, .wave = *wave};
  e.wave.second = e.wave.value = NULL;
  if (wave->kind == OG_WAVE_PWL) {
    e.wave.second = copied(wave->second, wave->count);
    e.wave.value = copied(wave->value, wave->count);
    if (e.wave.second == NULL || e.wave.value == NULL) st = ogi_fail(err, OG_E_NOMEM, "element %s: waveform", name);
  }
  if (st == OG_OK) st = add(c, &e, name, a, b, err);
  if (st != OG_OK) {
    e.name = NULL;
    element_clear(&e);
  }
  return st;
}

og_status og_circuit_voltage_source(og_circuit *c, const char *name, const char *a, const char *b,
                                    const og_waveform *wave, og_error *err) {
  return add_source(c, 'V', name, a, b, wave, err);
}

og_status og_circuit_current_source(og_circuit *c, const char *name, const char *a, const char *b,
                                    const og_waveform *wave, og_error *err) {
  return add_source(c, 'I', name, a, b, wave, err);
}

static og_status check_gain(const char *name, double gain, og_error *err) {
  if (isfinite(gain)) return OG_OK;
  return ogi_fail(err, OG_E_RANGE, "element %s: gain: saw %g, need a finite number", name != NULL ? name : "?", gain);
}

og_status og_circuit_by_voltage(og_circuit *c, char kind, const char *name, const char *a, const char *b, const char *p,
                                const char *q, double gain, og_error *err) {
  og_status st;
  ogi_element e = {.kind = kind, .value = gain};
  if (c == NULL || p == NULL || q == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  if (kind != 'E' && kind != 'G') return ogi_fail(err, OG_E_RANGE, "circuit: kind: saw '%c', need 'E' or 'G'", kind);
  OGI_TRY(st, check_gain(name, gain, err));
  OGI_TRY(st, node_of(c, p, &e.node[2], err));
  OGI_TRY(st, node_of(c, q, &e.node[3], err));
  st = add(c, &e, name, a, b, err);
done:
  return st;
}

og_status og_circuit_by_current(og_circuit *c, char kind, const char *name, const char *a, const char *b,
                                const char *source, double gain, og_error *err) {
  og_status st = check_gain(name, gain, err);
  if (st != OG_OK) return st;
  if (c == NULL || source == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  if (kind != 'F' && kind != 'H') return ogi_fail(err, OG_E_RANGE, "circuit: kind: saw '%c', need 'F' or 'H'", kind);
  const ogi_element *control = find_element(c, source);
  if (control == NULL || control->kind != 'V')
    return ogi_fail(err, OG_E_INPUT, "element %s: source: saw %s, need a voltage source added before",
                    name != NULL ? name : "?", source);
  ogi_element e = {.kind = kind, .value = gain, .source = (int)(control - c->element)};
  return add(c, &e, name, a, b, err);
}

og_status og_circuit_diode(og_circuit *c, const char *name, const char *a, const char *b, const og_diode *diode,
                           og_error *err) {
  og_status st;
  if (diode == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  OGI_TRY(st, check_value(name, "saturation current", diode->is_amp, 0, "ampere", err));
  OGI_TRY(st, check_value(name, "emission coefficient", diode->n, 0, "1", err));
  OGI_TRY(st, check_value(name, "temperature", diode->kelvin, 0, "kelvin", err));
  st = add(c, &(ogi_element){.kind = 'D', .diode = *diode}, name, a, b, err);
done:
  return st;
}

og_status og_circuit_cell(og_circuit *c, const char *name, const char *a, const char *b, og_circuit_law law, void *user,
                          og_error *err) {
  if (law == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  return add(c, &(ogi_element){.kind = 'Y', .law = law, .user = user}, name, a, b, err);
}

og_status og_circuit_voltage(const og_circuit *c, const char *node, double *volt, og_error *err) {
  if (c == NULL || node == NULL || volt == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  int k = is_ground(node) ? OGI_GROUND : find_node(c, node);
  if (k < OGI_GROUND) return ogi_fail(err, OG_E_INPUT, "node %s: no element stands there", node);
  if (!c->prepared) return ogi_fail(err, OG_E_ARG, "node %s: the circuit was not solved", node);
  *volt = ogi_mna_volt(c, k);
  return OG_OK;
}

og_status og_circuit_current(const og_circuit *c, const char *element, double *amp, og_error *err) {
  if (c == NULL || element == NULL || amp == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  const ogi_element *e = find_element(c, element);
  if (e == NULL) return ogi_fail(err, OG_E_INPUT, "element %s: there is none", element);
  if (!c->prepared) return ogi_fail(err, OG_E_ARG, "element %s: the circuit was not solved", element);
  *amp = ogi_mna_current(c, e, &c->stage);
  return OG_OK;
}
