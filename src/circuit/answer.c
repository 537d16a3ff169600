/* SPDX-License-Identifier: BSD-3-Clause */
/** Questions about the circuit and its last solution. */
#include <config.h>

#include <math.h>
#include <string.h>

#include "circuit/ogi_mna.h"

/* ---- currents and powers ---- */

double ogi_mna_current(const og_circuit *c, const ogi_element *e, const double *x, const double *rate) {
  double v = ogi_mna_volt(x, e->a) - ogi_mna_volt(x, e->b), amp, siemens;
  if (e->branch >= 0) return x[e->branch];
  switch (e->kind) {
    case 'R': return v / e->value;
    case 'C': return rate[e->state];
    case 'I': return ogi_mna_source(e, &c->stage);
    case 'G': return e->value * (ogi_mna_volt(x, e->p) - ogi_mna_volt(x, e->q));
    case 'F': return e->value * x[c->element[e->control[0]].branch];
    case 'D':
      v = ogi_mna_volt(x, e->p) - ogi_mna_volt(x, e->b);
      return ogi_junction_at(e->junction, v).amp + c->gmin * v + (e->state >= 0 ? rate[e->state] : 0);
    case 'B': return ogi_mna_behave(c, e, x, c->stage.second, &amp) ? c->stage.share * amp : NAN;
    case 'Y': e->law(e->user, v, &amp, &siemens); return amp;
    default: return 0; /* K */
  }
}

ogi_powers ogi_mna_powers(const og_circuit *c, const double *x, const double *rate) {
  ogi_powers p = {0};
  for (size_t k = 0; k < c->count; k++) {
    const ogi_element *e = &c->element[k];
    if (strchr("CLK", e->kind) != NULL) continue;
    double watt = (ogi_mna_volt(x, e->a) - ogi_mna_volt(x, e->b)) * ogi_mna_current(c, e, x, rate);
    if (e->kind == 'V' ||
        e->kind == 'I') { /* what controlled sources deliver is negative dissipation: a cell may be one */
      p.delivered -= watt;
      continue;
    }
    double charging = 0;
    if (e->kind == 'D' && e->state >= 0)
      charging = (ogi_mna_volt(x, e->p) - ogi_mna_volt(x, e->b)) * rate[e->state];
    p.charging += charging;
    p.dissipated += watt - charging;
  }
  return p;
}

/* ---- names ---- */

og_status ogi_mna_find_node(const og_circuit *c, const char *name, int *node, og_error *err) {
  if (c == NULL || name == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  *node = OGI_GROUND;
  if (strcmp(name, "0") == 0 || strcmp(name, "gnd") == 0) return OG_OK;
  size_t found = ogi_names_find(c->nodes, name);
  if (found == OGI_NO_NAME) return ogi_fail(err, OG_E_INPUT, "node %s: no element stands there", name);
  *node = (int)found;
  return OG_OK;
}

og_status ogi_mna_find_element(const og_circuit *c, const char *name, ogi_element **e, og_error *err) {
  if (c == NULL || name == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  size_t found = ogi_names_find(c->names, name);
  if (found == OGI_NO_NAME) return ogi_fail(err, OG_E_INPUT, "element %s: there is none", name);
  *e = &c->element[found];
  return OG_OK;
}

size_t og_circuit_nodes(const og_circuit *c) { return c != NULL ? ogi_names_count(c->nodes) : 0; }
size_t og_circuit_elements(const og_circuit *c) { return c != NULL ? c->count : 0; }

const char *og_circuit_node_name(const og_circuit *c, size_t k) {
  return k < og_circuit_nodes(c) ? ogi_names_at(c->nodes, k) : NULL;
}

const char *og_circuit_element_name(const og_circuit *c, size_t k) {
  return k < og_circuit_elements(c) ? ogi_names_at(c->names, k) : NULL;
}

char og_circuit_element_kind(const og_circuit *c, size_t k) {
  return k < og_circuit_elements(c) ? c->element[k].kind : '\0';
}

/* ---- the last solution ---- */

og_status og_circuit_voltage(const og_circuit *c, const char *node, double *volt, og_error *err) {
  int k;
  og_status st;
  OGI_TRY(st, ogi_mna_find_node(c, node, &k, err));
  if (volt == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  if (!c->solved) return ogi_fail(err, OG_E_ARG, "node %s: the circuit was not solved", node);
  *volt = ogi_mna_volt(c->x, k);
done:
  return st;
}

/* An element that has a current. */
static og_status find_carrier(const og_circuit *c, const char *name, ogi_element **e, og_error *err) {
  og_status st = ogi_mna_find_element(c, name, e, err);
  if (st != OG_OK || (*e)->kind != 'K') return st;
  return ogi_fail(err, OG_E_INPUT, "element %s: saw a coupling, need an element with a current", name);
}

og_status og_circuit_current(const og_circuit *c, const char *element, double *amp, og_error *err) {
  ogi_element *e;
  og_status st;
  OGI_TRY(st, find_carrier(c, element, &e, err));
  if (amp == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  if (!c->solved) return ogi_fail(err, OG_E_ARG, "element %s: the circuit was not solved", element);
  *amp = ogi_mna_current(c, e, c->x, c->rate);
done:
  return st;
}

/* ---- small signals ---- */

og_status og_circuit_phasor(const og_circuit *c, const char *node, double out[2], og_error *err) {
  int k;
  og_status st;
  OGI_TRY(st, ogi_mna_find_node(c, node, &k, err));
  if (out == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  if (!c->rung) return ogi_fail(err, OG_E_ARG, "node %s: no small signals were solved for", node);
  for (int part = 0; part < 2; part++) out[part] = k < 0 ? 0 : c->z[2 * k + part];
done:
  return st;
}

/* out += (siemens + j omega farad) (z_p - z_q) */
static void flow(const og_circuit *c, int p, int q, double siemens, double farad, double out[2]) {
  double v[2];
  for (int part = 0; part < 2; part++)
    v[part] = (p < 0 ? 0 : c->z[2 * p + part]) - (q < 0 ? 0 : c->z[2 * q + part]);
  out[0] += siemens * v[0] - c->omega * farad * v[1];
  out[1] += siemens * v[1] + c->omega * farad * v[0];
}

static void phasor_of(const og_circuit *c, const ogi_element *e, double out[2]) {
  double v = ogi_mna_volt(c->x, e->a) - ogi_mna_volt(c->x, e->b), amp, siemens = 0;
  ogi_bias bias;
  out[0] = out[1] = 0;
  if (e->branch >= 0) {
    flow(c, e->branch, OGI_GROUND, 1, 0, out);
    return;
  }
  switch (e->kind) {
    case 'R': flow(c, e->a, e->b, 1 / e->value, 0, out); return;
    case 'C': flow(c, e->a, e->b, 0, e->value, out); return;
    case 'G': flow(c, e->p, e->q, e->value, 0, out); return;
    case 'F': flow(c, c->element[e->control[0]].branch, OGI_GROUND, e->value, 0, out); return;
    case 'I': memcpy(out, e->source->ac, sizeof e->source->ac); return;
    case 'D':
      bias = ogi_junction_at(e->junction, ogi_mna_volt(c->x, e->p) - ogi_mna_volt(c->x, e->b));
      flow(c, e->p, e->b, bias.siemens + c->gmin, bias.farad, out);
      return;
    case 'B':
      (void)ogi_mna_behave(c, e, c->x, c->stage.second, &amp); /* it was finite here when x was found */
      for (size_t k = 0; k < e->behaviour->count; k++) {
        const ogi_control *from = &e->behaviour->control[k];
        int alone = from->element >= 0;
        flow(c, alone ? c->element[from->element].branch : from->p, alone ? OGI_GROUND : from->q,
             e->behaviour->slope[k], 0, out);
      }
      return;
    default:
      e->law(e->user, v, &amp, &siemens);
      flow(c, e->a, e->b, siemens, 0, out);
  }
}

og_status og_circuit_phasor_current(const og_circuit *c, const char *element, double out[2], og_error *err) {
  ogi_element *e;
  og_status st;
  OGI_TRY(st, find_carrier(c, element, &e, err));
  if (out == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  if (!c->rung) return ogi_fail(err, OG_E_ARG, "element %s: no small signals were solved for", element);
  phasor_of(c, e, out);
done:
  return st;
}

og_status og_circuit_noise_of(const og_circuit *c, const char *element, double *density, og_error *err) {
  ogi_element *e;
  og_status st;
  OGI_TRY(st, ogi_mna_find_element(c, element, &e, err));
  if (density == NULL) return ogi_fail(err, OG_E_ARG, "circuit: a needed pointer is NULL");
  *density = e->density;
done:
  return st;
}
