/* SPDX-License-Identifier: BSD-3-Clause */
/** A deck as a circuit of our own. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "netlist/ogi_deck_parts.h"

#define KELVIN 273.15 /* 0 degrees Celsius */

typedef struct builder {
  og_circuit *c;
  const og_deck *d;
  og_error *err;
} builder;

static const char *node(const builder *b, size_t number) { return ogi_names_at(b->d->node_names, number); }
static const char *element(const builder *b, size_t number) { return ogi_names_at(b->d->element_names, number); }

static int law(void *user, double second, const double *x, double *value, double *slope) {
  ogi_deck_law *l = user;
  return ogi_expr_eval(l->expr, second, x, l->controls.count, value, slope, l->work);
}

static og_status add_law(const builder *b, const ogi_deck_part *p) {
  size_t count = p->law->controls.count;
  og_control *controls = ogi_alloc(count, sizeof *controls);
  if (controls == NULL) return ogi_fail(b->err, OG_E_NOMEM, "deck: a law");
  for (size_t k = 0; k < count; k++) {
    const ogi_deck_control *from = &p->law->controls.item[k];
    if (from->kind == 'i') controls[k].source = element(b, from->a);
    else controls[k] = (og_control){.p = node(b, from->a), .q = node(b, from->b)};
  }
  og_status st = og_circuit_behavioural(b->c, p->law->kind == 'v' ? 'V' : 'I', element(b, p->name), node(b, p->node[0]),
                                        node(b, p->node[1]), controls, count, law, p->law, b->err);
  ogi_free(controls);
  return st;
}

static og_status add_source(const builder *b, const ogi_deck_part *p) {
  og_status st;
  if (p->external)
    return ogi_fail(b->err, OG_E_INPUT, "%s: saw an external source, which only ngspice can have", element(b, p->name));
  const char *name = element(b, p->name), *from = node(b, p->node[0]), *to = node(b, p->node[1]);
  const og_waveform steady = {.kind = OG_WAVE_DC, .p = {p->dc}}, *wave = p->has_wave ? &p->wave : &steady;
  if (p->kind == 'V') OGI_TRY(st, og_circuit_voltage_source(b->c, name, from, to, wave, b->err));
  else OGI_TRY(st, og_circuit_current_source(b->c, name, from, to, wave, b->err));
  if (p->has_wave && p->has_dc) OGI_TRY(st, og_circuit_set_dc(b->c, name, p->dc, b->err));
  if (p->ac[0] != 0) st = og_circuit_set_ac(b->c, name, p->ac[0], p->ac[1], b->err);
done:
  return st;
}

static og_status add_diode(const builder *b, const ogi_deck_part *p) {
  const double *m = b->d->models.item[p->model].p;
  og_diode diode;
  og_diode_init(&diode);
  diode.is_amp = m[OGI_D_IS];
  diode.n = m[OGI_D_N];
  diode.rs_ohm = m[OGI_D_RS];
  diode.cj0_farad = m[OGI_D_CJO];
  diode.vj_volt = m[OGI_D_VJ];
  diode.m = m[OGI_D_M];
  diode.fc = m[OGI_D_FC];
  diode.tt_second = m[OGI_D_TT];
  diode.bv_volt = m[OGI_D_BV];
  diode.ibv_amp = m[OGI_D_IBV];
  diode.eg_ev = m[OGI_D_EG];
  diode.xti = m[OGI_D_XTI];
  diode.tnom_kelvin = m[OGI_D_TNOM] + KELVIN;
  diode.kelvin = p->celsius + KELVIN;
  diode.area = p->own_area;
  diode.multiplicity = p->count;
  return og_circuit_diode(b->c, element(b, p->name), node(b, p->node[0]), node(b, p->node[1]), &diode, b->err);
}

static og_status add(const builder *b, const ogi_deck_part *p) {
  const char *name = element(b, p->name), *from = node(b, p->node[0]), *to = node(b, p->node[1]);
  if (p->law != NULL) return add_law(b, p);
  switch (p->kind) {
    case 'R': return og_circuit_resistor(b->c, name, from, to, p->value, b->err);
    case 'C': return og_circuit_capacitor(b->c, name, from, to, p->value, p->initial, b->err);
    case 'L': return og_circuit_inductor(b->c, name, from, to, p->value, p->initial, b->err);
    case 'K':
      return og_circuit_coupling(b->c, name, element(b, p->other[0]), element(b, p->other[1]), p->value, b->err);
    case 'V': case 'I': return add_source(b, p);
    case 'E': case 'G':
      return og_circuit_by_voltage(b->c, p->kind, name, from, to, node(b, p->node[2]), node(b, p->node[3]), p->value,
                                   b->err);
    case 'F':
    case 'H': return og_circuit_by_current(b->c, p->kind, name, from, to, element(b, p->other[0]), p->value, b->err);
    default: return add_diode(b, p);
  }
}

static og_status set_options(const builder *b) {
  og_status st = OG_OK;
  if (og_circuit_set_kelvin(b->c, b->d->celsius + KELVIN) != OG_OK)
    return ogi_fail(b->err, OG_E_RANGE, ".temp: saw %g, need more than -273.15 (celsius)", b->d->celsius);
  for (size_t k = 0; k < b->d->options.count; k++)
    if (strcmp(b->d->options.item[k].name, "gmin") == 0 &&
        og_circuit_set_gmin(b->c, b->d->options.item[k].value) != OG_OK)
      return ogi_fail(b->err, OG_E_RANGE, ".options gmin: saw %g, need 0 or more (siemens)",
                      b->d->options.item[k].value);
  for (size_t k = 0; k < b->d->initials.count; k++) {
    const ogi_deck_initial *i = &b->d->initials.item[k];
    OGI_TRY(st, og_circuit_set_initial(b->c, node(b, i->node), i->volt, b->err));
  }
done:
  return st;
}

og_status og_deck_circuit(og_circuit **out, const og_deck *d, og_error *err) {
  og_status st;
  if (out != NULL) *out = NULL;
  if (out == NULL || d == NULL) return ogi_fail(err, OG_E_ARG, "deck: a needed pointer is NULL");
  builder b = {.d = d, .err = err};
  OGI_TRY(st, og_circuit_create(&b.c, err));
  for (size_t k = 0; k < d->parts.count; k++) {
    st = add(&b, &d->parts.item[k]);
    if (st != OG_OK) {
      st = ogi_at(&d->lines, d->parts.item[k].place, st, err);
      goto done;
    }
  }
  OGI_TRY(st, set_options(&b));
done:
  if (st == OG_OK) *out = b.c;
  else og_circuit_free(b.c);
  return st;
}
