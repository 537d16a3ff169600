/* SPDX-License-Identifier: BSD-3-Clause */
/** program.yaml, held against its card. */
#include <config.h>

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_units.h"
#include "devbench/ogi_quantity.h"
#include "devstat/ogi_sample.h"

#define FIELD(name) offsetof(ogi_program_file, name)

static const ogi_key keys[] = {
    {"title", OGI_KEY_TEXT, FIELD(title), "", 0, 160, NULL, "", "one line"},
    {"source", OGI_KEY_TEXT, FIELD(source), "", 1, 320, NULL, NULL,
     "where these numbers come from, or assumption: why"},
    {"pins.drive", OGI_KEY_TEXT, FIELD(drive), "", 0, 40, NULL, "", "driven pin; default: the first of the card"},
    {"pins.ground", OGI_KEY_TEXT, FIELD(ground), "", 0, 40, NULL, "", "pin at 0 V; default: the second"},
    {"carry", OGI_KEY_TEXT, FIELD(carry), "", 0, 0, NULL, "",
     "\"pin=parameter ...\": parameters that set states at the beginning"},
    {"begin", OGI_KEY_TEXT, FIELD(begin), "", 0, 0, NULL, "",
     "\"parameter=value ...\" in place of defaults of the card"},
    {"spread", OGI_KEY_TEXT, FIELD(spread), "", 0, 0, NULL, "",
     "\"parameter=spread ...\" in place of spreads of the card"},
    {"series", OGI_KEY_REAL, FIELD(series_ohm), "ohm", 1e-3, 1e9, NULL, "100", "driver and wires"},
    {"read.voltage", OGI_KEY_REAL, FIELD(read_volt), "V", -10, 10, NULL, NULL, "of the driver, other than 0"},
    {"read.width", OGI_KEY_REAL, FIELD(read_width), "s", 1e-12, 1, NULL, NULL, "flat part"},
    {"read.edge", OGI_KEY_REAL, FIELD(read_edge), "s", 1e-13, 1, NULL, NULL, "each of the two"},
    {"erase.voltage", OGI_KEY_REAL, FIELD(erase_volt), "V", -100, 100, NULL, "0", "of the pulse before; 0: none"},
    {"erase.width", OGI_KEY_REAL, FIELD(erase_width), "s", 1e-12, 1, NULL, "1u", "flat part"},
    {"erase.edge", OGI_KEY_REAL, FIELD(erase_edge), "s", 1e-13, 1, NULL, "10n", "each of the two"},
    {"pulse.voltage", OGI_KEY_REAL, FIELD(pulse_volt), "V", -100, 100, NULL, "0", "unless it is the knob"},
    {"pulse.width", OGI_KEY_REAL, FIELD(pulse_width), "s", 1e-12, 1, NULL, "100n", "flat part, unless it is the knob"},
    {"pulse.edge", OGI_KEY_REAL, FIELD(pulse_edge), "s", 1e-13, 1, NULL, NULL, "each of the two"},
    {"pulse.gap", OGI_KEY_REAL, FIELD(gap), "s", 1e-13, 1e6, NULL, NULL, "at 0 V from pulse to read"},
    {"pulse.compliance", OGI_KEY_REAL, FIELD(compliance_amp), "A", 0, 10, NULL, "0",
     "limit of the driver's current; 0: none"},
    {"knob.is", OGI_KEY_ENUM, FIELD(knob), "", 0, 0, "voltage|width|compliance|count", NULL,
     "what selects the level; count: how many equal pulses"},
    {"knob.from", OGI_KEY_TEXT, FIELD(from), "", 1, 60, NULL, NULL, "V, s, A or number"},
    {"knob.to", OGI_KEY_TEXT, FIELD(to), "", 1, 60, NULL, NULL, "V, s, A or number"},
    {"knob.points", OGI_KEY_SIZE, FIELD(points), "", 2, OGI_POINTS_MAX, NULL, "33", "of the nominal table"},
    {"levels.count", OGI_KEY_SIZE, FIELD(levels), "", 2, OGI_LEVELS_MAX, NULL, "16", "evenly spaced targets"},
    {"levels.from", OGI_KEY_REAL, FIELD(g_from), "S", 0, 1e3, NULL, NULL, "lowest target"},
    {"levels.to", OGI_KEY_REAL, FIELD(g_to), "S", 0, 1e3, NULL, NULL, "highest target"},
    {"scheme", OGI_KEY_ENUM, FIELD(scheme), "", 0, 0, "open-loop|write-verify", "open-loop", "see doc/devices.md"},
    {"verify.step", OGI_KEY_TEXT, FIELD(step), "", 0, 60, NULL, "",
     "of the knob from pulse to pulse; default: range/20"},
    {"verify.tolerance", OGI_KEY_REAL, FIELD(tolerance), "", 1e-6, 1, NULL, "0.02",
     "share of levels.to - levels.from, to either side of the target"},
    {"verify.pulses", OGI_KEY_SIZE, FIELD(pulses_max), "", 1, 100000, NULL, "100", "most programming pulses"},
    {"fit.degree", OGI_KEY_SIZE, FIELD(degree), "", 0, OG_CARD_POLY - 1, NULL, "2", "of sigma against target"},
    {"read_sigma.value", OGI_KEY_REAL, FIELD(read_sigma), "S", 0, 1e3, NULL, "0", "goes into the card as it is"},
    {"read_sigma.source", OGI_KEY_TEXT, FIELD(read_sigma_source), "", 0, 319, NULL, "", "goes with it"},
};
enum { KEYS = sizeof keys / sizeof *keys, MAX_COUNT = 100000 };

const char *ogi_knob_name(ogi_knob knob) {
  static const char *const names[] = {"voltage", "width", "compliance", "count"};
  return names[knob];
}

const char *ogi_knob_unit(ogi_knob knob) {
  static const char *const units[] = {"V", "s", "A", ""};
  return units[knob];
}

double ogi_level_target(const ogi_recipe *p, size_t level) {
  return p->f.g_from + (p->f.g_to - p->f.g_from) * (double)level / (double)(p->f.levels - 1);
}

void ogi_recipe_clear(ogi_recipe *p) {
  ogi_free(p->path);
  ogi_free(p->nominal);
  ogi_free(p->spread);
  *p = (ogi_recipe){0};
}

/* ---- names ---- */

static size_t find_pin(const og_circuit_card *card, const char *name) {
  size_t k = 0;
  while (k < og_circuit_card_pins(card) && strcasecmp(og_circuit_card_pin(card, k), name) != 0) k++;
  return k;
}

static size_t find_param(const og_circuit_card *card, const char *name) {
  size_t k = 0;
  while (k < og_circuit_card_params(card) && strcasecmp(og_circuit_card_param(card, k)->name, name) != 0) k++;
  return k;
}

static og_status wrong(const ogi_recipe *p, const char *key, const char *seen, const char *need, og_error *err) {
  char shown[OGI_SHOW_MAX];
  ogi_show(shown, seen);
  return ogi_fail(err, OG_E_INPUT, "%s: %s: saw %s, need %s", p->path, key, shown, need);
}

static og_status read_pins(ogi_recipe *p, const og_circuit_card *card, og_error *err) {
  p->drive = p->f.drive[0] != '\0' ? find_pin(card, p->f.drive) : 0;
  p->ground = p->f.ground[0] != '\0' ? find_pin(card, p->f.ground) : 1;
  if (p->drive == og_circuit_card_pins(card)) return wrong(p, "pins.drive", p->f.drive, "a pin of the card", err);
  if (p->ground == og_circuit_card_pins(card)) return wrong(p, "pins.ground", p->f.ground, "a pin of the card", err);
  if (p->drive == p->ground) return wrong(p, "pins.ground", p->f.ground, "another pin than pins.drive", err);
  return OG_OK;
}

/* ---- "name=value name=value" ---- */

typedef og_status (*pair_reader)(ogi_recipe *p, const og_circuit_card *card, const char *name, const char *value,
                                 og_error *err);

static og_status read_pairs(ogi_recipe *p, const og_circuit_card *card, const char *key, const char *text,
                            pair_reader read, og_error *err) {
  og_status st = OG_OK;
  char copy[OGI_TEXT_MAX], *rest = NULL;
  snprintf(copy, sizeof copy, "%s", text);
  for (char *one = strtok_r(copy, " \t\n", &rest); one != NULL && st == OG_OK; one = strtok_r(NULL, " \t\n", &rest)) {
    char *equals = strchr(one, '=');
    if (equals == NULL || equals == one || equals[1] == '\0') return wrong(p, key, one, "NAME=VALUE", err);
    *equals = '\0';
    st = read(p, card, one, equals + 1, err);
  }
  return st;
}

static og_status read_carry(ogi_recipe *p, const og_circuit_card *card, const char *name, const char *value,
                            og_error *err) {
  ogi_carry c = {find_pin(card, name), find_param(card, value)};
  if (c.pin == og_circuit_card_pins(card)) return wrong(p, "carry", name, "a pin of the card", err);
  if (c.pin == p->drive || c.pin == p->ground) return wrong(p, "carry", name, "a pin that carries a state", err);
  if (c.param == og_circuit_card_params(card)) return wrong(p, "carry", value, "a parameter of the card", err);
  if (p->carries == OGI_CARRY_MAX) return wrong(p, "carry", name, "at most 8 states", err);
  p->carry[p->carries++] = c;
  return OG_OK;
}

static og_status read_begin(ogi_recipe *p, const og_circuit_card *card, const char *name, const char *value,
                            og_error *err) {
  size_t k = find_param(card, name);
  char unit[OGI_UNIT_MAX] = "";
  if (k == og_circuit_card_params(card)) return wrong(p, "begin", name, "a parameter of the card", err);
  og_status st = ogi_quantity_parse(&p->nominal[k], value, unit, err);
  if (st != OG_OK) return ogi_prefix(err, st, "%s: begin: %.40s", p->path, name);
  const og_circuit_param *q = og_circuit_card_param(card, k);
  if (p->nominal[k] >= q->min && p->nominal[k] <= q->max) return OG_OK;
  return ogi_fail(err, OG_E_RANGE, "%s: begin: %.40s: saw %s, need %s .. %s", p->path, name, value, q->min_text,
                  q->max_text);
}

static og_status read_spread(ogi_recipe *p, const og_circuit_card *card, const char *name, const char *value,
                             og_error *err) {
  size_t k = find_param(card, name);
  if (k == og_circuit_card_params(card)) return wrong(p, "spread", name, "a parameter of the card", err);
  og_status st = ogi_units_parse(&p->spread[k], value, "", err);
  if (st != OG_OK) return ogi_prefix(err, st, "%s: spread: %.40s", p->path, name);
  if (p->spread[k] >= 0 && p->spread[k] <= 10) return OG_OK;
  return ogi_fail(err, OG_E_RANGE, "%s: spread: %.40s: saw %s, need 0 .. 10", p->path, name, value);
}

/* ---- the knob ---- */

static og_status read_knob_value(const ogi_recipe *p, const char *key, const char *text, double *value,
                                 og_error *err) {
  ogi_knob knob = (ogi_knob)p->f.knob;
  og_status st = ogi_units_parse(value, text, ogi_knob_unit(knob), err);
  if (st != OG_OK) return ogi_prefix(err, st, "%s: %s", p->path, key);
  double low = knob == OGI_KNOB_VOLTAGE ? -100 : knob == OGI_KNOB_COUNT ? 0 : 1e-15;
  double high = knob == OGI_KNOB_COUNT ? MAX_COUNT : knob == OGI_KNOB_VOLTAGE ? 100 : 1;
  if (!(*value >= low && *value <= high) || (knob == OGI_KNOB_COUNT && floor(*value) != *value))
    return ogi_fail(err, OG_E_RANGE, "%s: %s: saw %s, need %s%g .. %g %s", p->path, key, text,
                    knob == OGI_KNOB_COUNT ? "a whole number " : "", low, high, ogi_knob_unit(knob));
  return OG_OK;
}

static og_status read_knob(ogi_recipe *p, og_error *err) {
  og_status st;
  const ogi_knob knob = (ogi_knob)p->f.knob;
  OGI_TRY(st, read_knob_value(p, "knob.from", p->f.from, &p->from, err));
  OGI_TRY(st, read_knob_value(p, "knob.to", p->f.to, &p->to, err));
  if (p->from == p->to || (knob == OGI_KNOB_COUNT && p->from > p->to))
    return ogi_fail(err, OG_E_RANGE, "%s: knob.to: saw %s, need %s knob.from (%s)", p->path, p->f.to,
                    knob == OGI_KNOB_COUNT ? "more than" : "another value than", p->f.from);
  p->step = knob == OGI_KNOB_COUNT ? 1 : (p->to - p->from) / 20;
  if (p->f.step[0] != '\0') {
    st = ogi_units_parse(&p->step, p->f.step, ogi_knob_unit(knob), err);
    if (st != OG_OK) return ogi_prefix(err, st, "%s: verify.step", p->path);
    if (p->step * (p->to - p->from) <= 0 || (knob == OGI_KNOB_COUNT && p->step != 1))
      return wrong(p, "verify.step", p->f.step, "a step from knob.from towards knob.to (count: 1)", err);
  }
  if (knob != OGI_KNOB_VOLTAGE && p->f.pulse_volt == 0)
    return wrong(p, "pulse.voltage", "0", "the amplitude of pulses whose voltage is not the knob", err);
done:
  return st;
}

static og_status check(const ogi_recipe *p, og_error *err) {
  if (p->f.read_volt == 0) return wrong(p, "read.voltage", "0", "another voltage", err);
  if (!(p->f.g_to > p->f.g_from))
    return ogi_fail(err, OG_E_RANGE, "%s: levels.to: saw %g S, need more than levels.from (%g S)", p->path, p->f.g_to,
                    p->f.g_from);
  if (p->f.read_sigma > 0 && p->f.read_sigma_source[0] == '\0')
    return wrong(p, "read_sigma.source", "", "where read_sigma.value comes from", err);
  if (p->spreads == 0)
    return ogi_fail(err, OG_E_INPUT, "%s: spread: saw none here and none in the card, need a parameter with a spread",
                    p->path);
  return OG_OK;
}

og_status ogi_recipe_read(ogi_recipe *p, const og_circuit_card *card, const og_sample_opts *opts, og_error *err) {
  og_status st;
  size_t params = og_circuit_card_params(card);
  *p = (ogi_recipe){0};
  p->path =
      opts->program != NULL ? ogi_strdup(opts->program) : ogi_path_join(og_circuit_card_folder(card), "program.yaml");
  p->nominal = ogi_alloc(params, sizeof *p->nominal);
  p->spread = ogi_alloc(params, sizeof *p->spread);
  if (p->path == NULL || p->nominal == NULL || p->spread == NULL) return ogi_fail(err, OG_E_NOMEM, "program.yaml");
  for (size_t k = 0; k < params; k++) {
    p->nominal[k] = og_circuit_card_param(card, k)->value;
    p->spread[k] = og_circuit_card_param(card, k)->spread;
  }
  OGI_TRY(st, ogi_schema_read(&p->f, keys, KEYS, p->path, opts->sets, opts->set_count, err));
  OGI_TRY(st, read_pins(p, card, err));
  OGI_TRY(st, read_pairs(p, card, "carry", p->f.carry, read_carry, err));
  OGI_TRY(st, read_pairs(p, card, "begin", p->f.begin, read_begin, err));
  OGI_TRY(st, read_pairs(p, card, "spread", p->f.spread, read_spread, err));
  for (size_t k = 0; k < params; k++) p->spreads += p->spread[k] > 0 && p->nominal[k] != 0;
  OGI_TRY(st, read_knob(p, err));
  st = check(p, err);
done:
  return st;
}
