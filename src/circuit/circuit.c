/* SPDX-License-Identifier: BSD-3-Clause */
/** The list of elements and their settings. */
#include <config.h>

#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "circuit/ogi_mna.h"

og_status og_circuit_create(og_circuit **out, og_error *err) {
  if (out == NULL) return ogi_fail(err, OG_E_ARG, "circuit: out is NULL");
  *out = NULL;
  og_circuit *c = ogi_alloc(1, sizeof *c);
  if (c == NULL) return ogi_fail(err, OG_E_NOMEM, "circuit");
  c->gmin = 1e-12;     /* [S] the default of SPICE */
  c->kelvin = 300.15;  /* [K] 27 C, the default of SPICE */
  c->bad = OGI_NONE;
  c->names = ogi_names_create();
  c->nodes = ogi_names_create();
  if (c->names == NULL || c->nodes == NULL) {
    og_circuit_free(c);
    return ogi_fail(err, OG_E_NOMEM, "circuit");
  }
  *out = c;
  return OG_OK;
}

static void source_free(ogi_source *s) {
  if (s == NULL) return;
  ogi_free((void *)(uintptr_t)s->wave.second);
  ogi_free((void *)(uintptr_t)s->wave.value);
  ogi_free(s);
}

static void behaviour_free(ogi_behaviour *b) {
  if (b == NULL) return;
  for (size_t k = 0; b->control != NULL && k < b->count; k++) ogi_free(b->control[k].source);
  ogi_free(b->control);
  ogi_free(b->x);
  ogi_free(b);
}

static void element_clear(ogi_element *e) {
  ogi_free(e->control_name[0]);
  ogi_free(e->control_name[1]);
  source_free(e->source);
  behaviour_free(e->behaviour);
  ogi_free(e->junction);
}

void og_circuit_free(og_circuit *c) {
  if (c == NULL) return;
  ogi_mna_forget(c);
  for (size_t k = 0; k < c->count; k++) element_clear(&c->element[k]);
  ogi_names_free(c->names);
  ogi_names_free(c->nodes);
  ogi_free(c->element);
  ogi_free(c->ic);
  ogi_free(c);
}

static og_status grow(og_circuit *c, og_error *err) {
  if (c->count < c->room) return OG_OK;
  size_t more = c->room == 0 ? 16 : 2 * c->room;
  ogi_element *larger = ogi_alloc(more, sizeof *larger);
  if (larger == NULL) return ogi_fail(err, OG_E_NOMEM, "circuit: %zu elements", more);
  if (c->count > 0) memcpy(larger, c->element, c->count * sizeof *larger);
  ogi_free(c->element);
  c->element = larger;
  c->room = more;
  return OG_OK;
}

static int is_ground(const char *name) { return strcmp(name, "0") == 0 || strcmp(name, "gnd") == 0; }

static og_status node_of(og_circuit *c, const char *name, int *node, og_error *err) {
  *node = OGI_GROUND;
  if (is_ground(name)) return OG_OK;
  size_t number = ogi_names_add(c->nodes, name);
  if (number == OGI_NO_NAME) return ogi_fail(err, OG_E_NOMEM, "circuit: node %s", name);
  if (number > INT_MAX / 4)
    return ogi_fail(err, OG_E_RANGE, "circuit: nodes: saw %zu, need at most %d", number, INT_MAX / 4);
  *node = (int)number;
  return OG_OK;
}

/* Before anything is made for an element: its pointers are there and its name is new. */
static og_status check_name(const og_circuit *c, const char *name, const char *a, const char *b, og_error *err) {
  if (c == NULL || name == NULL || a == NULL || b == NULL)
    return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  if (ogi_names_find(c->names, name) != OGI_NO_NAME)
    return ogi_fail(err, OG_E_INPUT, "element %s: saw the name a second time, need another", name);
  return OG_OK;
}

/*
 * Add a copy of e, whose name was checked, between the nodes a and b (NULL: none); its other nodes are set. What e owns
 * is taken over or released.
 */
static og_status add(og_circuit *c, ogi_element *e, const char *name, const char *a, const char *b, og_error *err) {
  og_status st;
  OGI_TRY(st, grow(c, err));
  e->a = e->b = OGI_GROUND;
  if (a != NULL) OGI_TRY(st, node_of(c, a, &e->a, err));
  if (b != NULL) OGI_TRY(st, node_of(c, b, &e->b, err));
  if (ogi_names_add(c->names, name) == OGI_NO_NAME) {
    st = ogi_fail(err, OG_E_NOMEM, "circuit: element %s", name);
    goto done;
  }
  if (c->prepared) ogi_mna_forget(c);
  e->branch = e->state = e->control[0] = e->control[1] = OGI_NONE;
  c->element[c->count++] = *e;
done:
  if (st != OG_OK) element_clear(e);
  return st;
}

static og_status check_value(const char *name, const char *what, double value, int may_be_zero, const char *unit,
                             og_error *err) {
  if (isfinite(value) && (value > 0 || (may_be_zero && value == 0))) return OG_OK;
  return ogi_fail(err, OG_E_RANGE, "element %s: %s: saw %g, need a finite number %s (%s)", name != NULL ? name : "?",
                  what, value, may_be_zero ? "of 0 or more" : "above 0", unit);
}

static og_status check_initial(const char *what, const char *name, double value, const char *unit, og_error *err) {
  if (!isinf(value)) return OG_OK; /* NAN: not given */
  return ogi_fail(err, OG_E_RANGE, "%s %s: initial value: saw %g, need a finite number (%s)", what, name, value, unit);
}

og_status og_circuit_resistor(og_circuit *c, const char *name, const char *a, const char *b, double ohm,
                              og_error *err) {
  og_status st;
  OGI_TRY(st, check_name(c, name, a, b, err));
  OGI_TRY(st, check_value(name, "resistance", ohm, 0, "ohm", err));
  st = add(c, &(ogi_element){.kind = 'R', .value = ohm}, name, a, b, err);
done:
  return st;
}

og_status og_circuit_capacitor(og_circuit *c, const char *name, const char *a, const char *b, double farad, double volt,
                               og_error *err) {
  og_status st;
  OGI_TRY(st, check_name(c, name, a, b, err));
  OGI_TRY(st, check_value(name, "capacitance", farad, 1, "farad", err));
  OGI_TRY(st, check_initial("element", name, volt, "volt", err));
  st = add(c, &(ogi_element){.kind = 'C', .value = farad, .initial = volt}, name, a, b, err);
done:
  return st;
}

og_status og_circuit_inductor(og_circuit *c, const char *name, const char *a, const char *b, double henry, double amp,
                              og_error *err) {
  og_status st;
  OGI_TRY(st, check_name(c, name, a, b, err));
  OGI_TRY(st, check_value(name, "inductance", henry, 0, "henry", err));
  OGI_TRY(st, check_initial("element", name, amp, "ampere", err));
  st = add(c, &(ogi_element){.kind = 'L', .value = henry, .initial = amp}, name, a, b, err);
done:
  return st;
}

/* ---- sources ---- */

static double *copied(const double *from, size_t count) {
  double *to = ogi_alloc(count, sizeof *to);
  if (to != NULL) memcpy(to, from, count * sizeof *to);
  return to;
}

static og_status add_source(og_circuit *c, char kind, const char *name, const char *a, const char *b,
                            const og_waveform *wave, og_error *err) {
  og_status st;
  OGI_TRY(st, check_name(c, name, a, b, err));
  if (wave == NULL) return ogi_fail(err, OG_E_ARG, "element %s: waveform is NULL", name);
  OGI_TRY(st, ogi_wave_check(wave, name, err));
  ogi_source *s = ogi_alloc(1, sizeof *s);
  if (s == NULL) return ogi_fail(err, OG_E_NOMEM, "element %s: waveform", name);
  *s = (ogi_source){.wave = *wave, .dc = NAN};
  s->wave.second = s->wave.value = NULL;
  if (wave->kind == OG_WAVE_PWL) {
    s->wave.second = copied(wave->second, wave->count);
    s->wave.value = copied(wave->value, wave->count);
    if (s->wave.second == NULL || s->wave.value == NULL) {
      source_free(s);
      return ogi_fail(err, OG_E_NOMEM, "element %s: waveform", name);
    }
  }
  st = add(c, &(ogi_element){.kind = kind, .source = s}, name, a, b, err);
done:
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

static og_status check_gain(const char *name, const char *what, double gain, og_error *err) {
  if (isfinite(gain)) return OG_OK;
  return ogi_fail(err, OG_E_RANGE, "element %s: %s: saw %g, need a finite number", name, what, gain);
}

og_status og_circuit_by_voltage(og_circuit *c, char kind, const char *name, const char *a, const char *b, const char *p,
                                const char *q, double gain, og_error *err) {
  og_status st;
  ogi_element e = {.kind = kind, .value = gain};
  OGI_TRY(st, check_name(c, name, a, b, err));
  if (p == NULL || q == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  if (kind != 'E' && kind != 'G') return ogi_fail(err, OG_E_RANGE, "circuit: kind: saw '%c', need 'E' or 'G'", kind);
  OGI_TRY(st, check_gain(name, "gain", gain, err));
  OGI_TRY(st, node_of(c, a, &e.a, err)); /* nodes come in the order of the arguments */
  OGI_TRY(st, node_of(c, b, &e.b, err));
  OGI_TRY(st, node_of(c, p, &e.p, err));
  OGI_TRY(st, node_of(c, q, &e.q, err));
  st = add(c, &e, name, a, b, err);
done:
  return st;
}

og_status og_circuit_by_current(og_circuit *c, char kind, const char *name, const char *a, const char *b,
                                const char *source, double gain, og_error *err) {
  og_status st;
  OGI_TRY(st, check_name(c, name, a, b, err));
  if (source == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  if (kind != 'F' && kind != 'H') return ogi_fail(err, OG_E_RANGE, "circuit: kind: saw '%c', need 'F' or 'H'", kind);
  OGI_TRY(st, check_gain(name, "gain", gain, err));
  ogi_element e = {.kind = kind, .value = gain, .control_name = {ogi_strdup(source)}};
  if (e.control_name[0] == NULL) return ogi_fail(err, OG_E_NOMEM, "element %s", name);
  st = add(c, &e, name, a, b, err);
done:
  return st;
}

og_status og_circuit_coupling(og_circuit *c, const char *name, const char *inductor1, const char *inductor2, double k,
                              og_error *err) {
  og_status st;
  OGI_TRY(st, check_name(c, name, inductor1, inductor2, err));
  if (!(fabs(k) <= 1)) return ogi_fail(err, OG_E_RANGE, "element %s: coupling: saw %g, need -1..1", name, k);
  if (strcmp(inductor1, inductor2) == 0)
    return ogi_fail(err, OG_E_INPUT, "element %s: saw inductor %s twice, need two", name, inductor1);
  ogi_element e = {.kind = 'K', .value = k, .control_name = {ogi_strdup(inductor1), ogi_strdup(inductor2)}};
  if (e.control_name[0] == NULL || e.control_name[1] == NULL) {
    element_clear(&e);
    return ogi_fail(err, OG_E_NOMEM, "element %s", name);
  }
  st = add(c, &e, name, NULL, NULL, err);
done:
  return st;
}

/* ---- laws ---- */

static og_status set_control(og_circuit *c, const char *name, const og_control *from, ogi_control *to, og_error *err) {
  og_status st = OG_OK;
  *to = (ogi_control){OGI_GROUND, OGI_GROUND, OGI_NONE, NULL};
  if ((from->p == NULL) == (from->source == NULL))
    return ogi_fail(err, OG_E_ARG, "element %s: control: saw both or neither of node and source, need one", name);
  if (from->source != NULL) {
    to->source = ogi_strdup(from->source);
    return to->source != NULL ? OG_OK : ogi_fail(err, OG_E_NOMEM, "element %s: control", name);
  }
  OGI_TRY(st, node_of(c, from->p, &to->p, err));
  if (from->q != NULL) OGI_TRY(st, node_of(c, from->q, &to->q, err));
done:
  return st;
}

og_status og_circuit_behavioural(og_circuit *c, char kind, const char *name, const char *a, const char *b,
                                 const og_control *controls, size_t count, og_circuit_function function, void *user,
                                 og_error *err) {
  og_status st;
  ogi_element e = {.kind = 'B'};
  OGI_TRY(st, check_name(c, name, a, b, err));
  if (function == NULL || (controls == NULL && count > 0))
    return ogi_fail(err, OG_E_ARG, "element %s: a needed pointer is NULL", name);
  if (kind != 'V' && kind != 'I') return ogi_fail(err, OG_E_RANGE, "circuit: kind: saw '%c', need 'V' or 'I'", kind);
  OGI_TRY(st, node_of(c, a, &e.a, err));
  OGI_TRY(st, node_of(c, b, &e.b, err));
  ogi_behaviour *w = e.behaviour = ogi_alloc(1, sizeof *w);
  if (w != NULL) {
    *w = (ogi_behaviour){.shape = kind, .count = count, .function = function, .user = user};
    w->control = ogi_alloc(count, sizeof *w->control);
    w->x = ogi_alloc(2 * count, sizeof *w->x);
  }
  if (w == NULL || w->control == NULL || w->x == NULL) st = ogi_fail(err, OG_E_NOMEM, "element %s", name);
  else w->slope = w->x + count;
  for (size_t k = 0; st == OG_OK && k < count; k++) st = set_control(c, name, &controls[k], &w->control[k], err);
  if (st == OG_OK) return add(c, &e, name, a, b, err);
  element_clear(&e);
done:
  return st;
}

/* The junction of a diode with a series resistance hangs on a node of its own. */
static og_status inner_node(og_circuit *c, const char *name, int *node, og_error *err) {
  static const char suffix[] = "#internal";
  size_t length = strlen(name);
  og_status st = OG_OK;
  char *inner = ogi_alloc(length + sizeof suffix, 1);
  if (inner == NULL) return ogi_fail(err, OG_E_NOMEM, "element %s", name);
  memcpy(inner, name, length);
  memcpy(inner + length, suffix, sizeof suffix);
  if (ogi_names_find(c->nodes, inner) != OGI_NO_NAME)
    st = ogi_fail(err, OG_E_INPUT, "element %s: saw a node %s, need that name for its own", name, inner);
  if (st == OG_OK) st = node_of(c, inner, node, err);
  ogi_free(inner);
  return st;
}

og_status og_circuit_diode(og_circuit *c, const char *name, const char *a, const char *b, const og_diode *diode,
                           og_error *err) {
  og_status st;
  ogi_junction j;
  OGI_TRY(st, check_name(c, name, a, b, err));
  if (diode == NULL) return ogi_fail(err, OG_E_ARG, "element %s: diode is NULL", name);
  OGI_TRY(st, ogi_junction_make(&j, diode, name, err));
  ogi_element e = {.kind = 'D', .junction = ogi_alloc(1, sizeof j)};
  if (e.junction == NULL) return ogi_fail(err, OG_E_NOMEM, "element %s", name);
  *e.junction = j;
  st = node_of(c, a, &e.p, err);
  if (st == OG_OK && j.series > 0) st = inner_node(c, name, &e.p, err);
  if (st == OG_OK) return add(c, &e, name, a, b, err);
  element_clear(&e);
done:
  return st;
}

og_status og_circuit_cell(og_circuit *c, const char *name, const char *a, const char *b, og_circuit_law law, void *user,
                          og_error *err) {
  og_status st;
  OGI_TRY(st, check_name(c, name, a, b, err));
  if (law == NULL) return ogi_fail(err, OG_E_ARG, "element %s: law is NULL", name);
  st = add(c, &(ogi_element){.kind = 'Y', .law = law, .user = user}, name, a, b, err);
done:
  return st;
}

/* ---- settings ---- */

static og_status find_source(og_circuit *c, const char *name, ogi_source **source, og_error *err) {
  ogi_element *e;
  og_status st = ogi_mna_find_element(c, name, &e, err);
  if (st != OG_OK) return st;
  if (e->source == NULL) return ogi_fail(err, OG_E_INPUT, "element %s: saw kind %c, need V or I", name, e->kind);
  *source = e->source;
  return OG_OK;
}

og_status og_circuit_set_dc(og_circuit *c, const char *source, double value, og_error *err) {
  og_status st;
  ogi_source *s = NULL;
  OGI_TRY(st, find_source(c, source, &s, err));
  OGI_TRY(st, check_gain(source, "dc value", value, err));
  s->dc = value;
  if (s->wave.kind == OG_WAVE_DC) s->wave.p[0] = value;
  c->stale = 1;
done:
  return st;
}

og_status og_circuit_set_ac(og_circuit *c, const char *source, double magnitude, double phase_degree, og_error *err) {
  og_status st;
  ogi_source *s = NULL;
  OGI_TRY(st, find_source(c, source, &s, err));
  OGI_TRY(st, check_gain(source, "ac magnitude", magnitude, err));
  OGI_TRY(st, check_gain(source, "ac phase", phase_degree, err));
  s->ac[0] = magnitude * cos(phase_degree * M_PI / 180);
  s->ac[1] = magnitude * sin(phase_degree * M_PI / 180);
done:
  return st;
}

og_status og_circuit_set_initial(og_circuit *c, const char *node, double volt, og_error *err) {
  int k;
  og_status st = ogi_mna_find_node(c, node, &k, err);
  if (st != OG_OK) return st;
  if (k == OGI_GROUND) return ogi_fail(err, OG_E_INPUT, "node %s: saw ground, need another node", node);
  st = check_initial("node", node, volt, "volt", err);
  if (st != OG_OK) return st;
  if ((size_t)k >= c->ic_room) {
    size_t room = 2 * ogi_names_count(c->nodes);
    double *larger = ogi_alloc(room, sizeof *larger);
    if (larger == NULL) return ogi_fail(err, OG_E_NOMEM, "node %s: initial value", node);
    for (size_t n = 0; n < room; n++) larger[n] = n < c->ic_room ? c->ic[n] : NAN;
    ogi_free(c->ic);
    c->ic = larger;
    c->ic_room = room;
  }
  c->ic[k] = volt;
  return OG_OK;
}

og_status og_circuit_set_gmin(og_circuit *c, double siemens) {
  if (c == NULL) return OG_E_ARG;
  if (!(siemens >= 0 && isfinite(siemens))) return OG_E_RANGE;
  c->gmin = siemens;
  c->stale = 1;
  return OG_OK;
}

og_status og_circuit_set_kelvin(og_circuit *c, double kelvin) {
  if (c == NULL) return OG_E_ARG;
  if (!(kelvin > 0 && isfinite(kelvin))) return OG_E_RANGE;
  c->kelvin = kelvin;
  return OG_OK;
}
