/* SPDX-License-Identifier: BSD-3-Clause */
/** Cards of circuit devices, held against their subcircuits. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <ohmgrid/deck.h>
#include <ohmgrid/device.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_units.h"
#include "config/ogi_locate.h"
#include "devbench/ogi_keys.h"
#include "devbench/ogi_quantity.h"

#define FOLDER "devices"
#define TAIL "/card.yaml"

enum { PINS_MAX = 64, ITEMS_MAX = 512 };

struct og_circuit_card {
  ogi_tree *tree; /* owns most texts */
  char name[64];
  char *folder;
  const char *title, *file, *subckt;
  size_t pins, states, params;
  const char **pin;
  og_circuit_state *state;
  og_circuit_param *param;
  char (*unit)[OGI_UNIT_MAX]; /* of param */
};

void og_circuit_card_free(og_circuit_card *c) {
  if (c == NULL) return;
  ogi_tree_free(c->tree);
  ogi_free(c->folder);
  ogi_free(c->pin);
  ogi_free(c->state);
  ogi_free(c->param);
  ogi_free(c->unit);
  ogi_free(c);
}

const char *og_circuit_card_name(const og_circuit_card *c) { return c->name; }
const char *og_circuit_card_title(const og_circuit_card *c) { return c->title; }
const char *og_circuit_card_folder(const og_circuit_card *c) { return c->folder; }
const char *og_circuit_card_file(const og_circuit_card *c) { return c->file; }
const char *og_circuit_card_subckt(const og_circuit_card *c) { return c->subckt; }
size_t og_circuit_card_pins(const og_circuit_card *c) { return c->pins; }
const char *og_circuit_card_pin(const og_circuit_card *c, size_t k) { return k < c->pins ? c->pin[k] : NULL; }
size_t og_circuit_card_states(const og_circuit_card *c) { return c->states; }
const og_circuit_state *og_circuit_card_state(const og_circuit_card *c, size_t k) {
  return k < c->states ? &c->state[k] : NULL;
}
size_t og_circuit_card_params(const og_circuit_card *c) { return c->params; }
const og_circuit_param *og_circuit_card_param(const og_circuit_card *c, size_t k) {
  return k < c->params ? &c->param[k] : NULL;
}

/* ---- the file ---- */

static og_status read_pins(const ogi_place_in *in, const ogi_tree *t, og_circuit_card *c) {
  og_status st = OG_OK;
  if (t->kind != OGI_TREE_LIST || t->count < 2 || t->count > PINS_MAX)
    return ogi_keys_wrong(in, t, "pins", "a list of 2 to 64 pins");
  c->pin = ogi_alloc(t->count, sizeof *c->pin);
  if (c->pin == NULL) return ogi_fail(in->err, OG_E_NOMEM, "%s", in->path);
  for (const ogi_tree *p = t->first; p != NULL && st == OG_OK; p = p->next) {
    if (p->kind != OGI_TREE_TEXT) return ogi_keys_wrong(in, p, "pins", "a pin");
    st = ogi_keys_name(in, p, "pins", p->text);
    for (size_t k = 0; k < c->pins && st == OG_OK; k++)
      if (strcasecmp(c->pin[k], p->text) == 0) st = ogi_keys_wrong(in, p, "pins", "each pin once");
    c->pin[c->pins++] = p->text;
  }
  return st;
}

static og_status read_number(const ogi_place_in *in, const ogi_tree *map, const char *where, const char *key,
                             char unit[OGI_UNIT_MAX], const char **text, double *value) {
  char full[120];
  og_status st = ogi_keys_text(in, map, where, key, 1, text);
  if (st != OG_OK) return st;
  st = ogi_quantity_parse(value, *text, unit, in->err);
  snprintf(full, sizeof full, "%s.%s", where, key);
  return st == OG_OK ? st : ogi_keys_at(in, ogi_tree_find(map, key), full, st);
}

static og_status read_state(const ogi_place_in *in, const ogi_tree *t, og_circuit_card *c) {
  og_status st;
  char where[80], unit[OGI_UNIT_MAX];
  const char *text;
  og_circuit_state *s = &c->state[c->states];
  snprintf(where, sizeof where, "states.%.40s", t->key);
  OGI_TRY(st, ogi_keys_known(in, t, where, "min max unit help"));
  *s = (og_circuit_state){.pin = t->key};
  while (s->port < c->pins && strcasecmp(c->pin[s->port], t->key) != 0) s->port++;
  if (s->port == c->pins)
    return ogi_fail(in->err, OG_E_INPUT, "%s:%zu: %s: saw a state that is no pin, need one of pins", in->path, t->line,
                    where);
  OGI_TRY(st, ogi_keys_text(in, t, where, "unit", 0, &s->unit));
  OGI_TRY(st, ogi_keys_text(in, t, where, "help", 0, &s->help));
  snprintf(unit, sizeof unit, "%s", strcmp(s->unit, "1") == 0 ? "" : s->unit);
  OGI_TRY(st, read_number(in, t, where, "min", unit, &text, &s->min));
  OGI_TRY(st, read_number(in, t, where, "max", unit, &text, &s->max));
  if (!(s->min < s->max))
    st = ogi_fail(in->err, OG_E_RANGE, "%s:%zu: %s: saw min %g and max %g, need min < max", in->path, t->line, where,
                  s->min, s->max);
  c->states++;
done:
  return st;
}

/* The first of the three numbers that tells a unit tells that of all. */
static og_status read_param(const ogi_place_in *in, const ogi_tree *t, og_circuit_card *c) {
  og_status st;
  char where[80], *unit = c->unit[c->params], pure[OGI_UNIT_MAX] = "";
  const char *said, *text;
  og_circuit_param *p = &c->param[c->params];
  snprintf(where, sizeof where, "parameters.%.40s", t->key);
  OGI_TRY(st, ogi_keys_known(in, t, where, "value min max unit spread help source"));
  OGI_TRY(st, ogi_keys_name(in, t, where, t->key));
  *p = (og_circuit_param){.name = t->key, .unit = unit};
  OGI_TRY(st, ogi_keys_text(in, t, where, "unit", 0, &said));
  if (strlen(said) >= OGI_UNIT_MAX) return ogi_keys_wrong(in, ogi_tree_find(t, "unit"), where, "a shorter unit");
  snprintf(unit, OGI_UNIT_MAX, "%s", strcmp(said, "1") == 0 ? "" : said);
  OGI_TRY(st, read_number(in, t, where, "value", unit, &p->value_text, &p->value));
  OGI_TRY(st, read_number(in, t, where, "min", unit, &p->min_text, &p->min));
  OGI_TRY(st, read_number(in, t, where, "max", unit, &p->max_text, &p->max));
  if (ogi_tree_find(t, "spread") != NULL) OGI_TRY(st, read_number(in, t, where, "spread", pure, &text, &p->spread));
  OGI_TRY(st, ogi_keys_text(in, t, where, "help", 0, &p->help));
  OGI_TRY(st, ogi_keys_text(in, t, where, "source", 1, &p->source));
  if (!(p->min <= p->value && p->value <= p->max))
    st = ogi_fail(in->err, OG_E_RANGE, "%s:%zu: %s: saw %s, need %s .. %s", in->path, t->line, where, p->value_text,
                  p->min_text, p->max_text);
  else if (p->spread < 0 || p->spread > 10)
    st = ogi_fail(in->err, OG_E_RANGE, "%s:%zu: %s.spread: saw %g, need 0 .. 10", in->path, t->line, where, p->spread);
  c->params++;
done:
  return st;
}

static og_status read_items(const ogi_place_in *in, const char *key, og_circuit_card *c,
                            og_status (*item)(const ogi_place_in *, const ogi_tree *, og_circuit_card *)) {
  og_status st = OG_OK;
  const ogi_tree *t = ogi_tree_find(c->tree, key);
  if (t == NULL || (t->kind == OGI_TREE_TEXT && t->text[0] == '\0')) return OG_OK;
  if (t->kind != OGI_TREE_MAP || t->count > ITEMS_MAX)
    return ogi_keys_wrong(in, t, key, "a section of at most 512 keys");
  for (const ogi_tree *one = t->first; one != NULL && st == OG_OK; one = one->next) st = item(in, one, c);
  return st;
}

static og_status read_card(const ogi_place_in *in, og_circuit_card *c) {
  og_status st;
  const char *kind;
  const ogi_tree *states = ogi_tree_find(c->tree, "states"), *params = ogi_tree_find(c->tree, "parameters");
  OGI_TRY(st, ogi_keys_text(in, c->tree, "", "kind", 0, &kind));
  if (strcmp(kind, "circuit") != 0)
    return ogi_fail(in->err, OG_E_INPUT, "%s: kind: saw a card of statistics, need one of kind circuit", in->path);
  OGI_TRY(st, ogi_keys_known(in, c->tree, "", "kind title file subckt pins states parameters"));
  OGI_TRY(st, ogi_keys_text(in, c->tree, "", "title", 1, &c->title));
  OGI_TRY(st, ogi_keys_text(in, c->tree, "", "file", 1, &c->file));
  OGI_TRY(st, ogi_keys_name(in, ogi_tree_find(c->tree, "file"), "file", c->file));
  OGI_TRY(st, ogi_keys_text(in, c->tree, "", "subckt", 1, &c->subckt));
  OGI_TRY(st, ogi_keys_name(in, ogi_tree_find(c->tree, "subckt"), "subckt", c->subckt));
  if (ogi_tree_find(c->tree, "pins") == NULL)
    return ogi_fail(in->err, OG_E_INPUT, "%s: pins: saw nothing, need a list of 2 to 64 pins", in->path);
  OGI_TRY(st, read_pins(in, ogi_tree_find(c->tree, "pins"), c));
  c->state = ogi_alloc(states != NULL ? states->count : 0, sizeof *c->state);
  c->param = ogi_alloc(params != NULL ? params->count : 0, sizeof *c->param);
  c->unit = ogi_alloc(params != NULL ? params->count : 0, sizeof *c->unit);
  if (c->state == NULL || c->param == NULL || c->unit == NULL) return ogi_fail(in->err, OG_E_NOMEM, "%s", in->path);
  OGI_TRY(st, read_items(in, "states", c, read_state));
  st = read_items(in, "parameters", c, read_param);
done:
  return st;
}

/* ---- against the subcircuit ---- */

static og_status compare_pins(const ogi_place_in *in, const og_circuit_card *c, const og_deck_instance *x) {
  for (size_t k = 0; k < c->pins; k++)
    if (strcasecmp(c->pin[k], x->port[k]) != 0)
      return ogi_fail(in->err, OG_E_INPUT, "%s:%zu: pins: saw %s as pin %zu, need %s as in .subckt %s", in->path,
                      ogi_tree_find(c->tree, "pins")->line, c->pin[k], k + 1, x->port[k], c->subckt);
  return OG_OK;
}

/* Default of a card ("100 uS") and of a deck ("100u") are read by two readers that round alike, but may be expressions.
 */
#define DEFAULT_RTOL 1e-12

static og_status compare_params(const ogi_place_in *in, const og_circuit_card *c, const og_deck_instance *x) {
  const ogi_tree *t = ogi_tree_find(c->tree, "parameters");
  const ogi_tree *one = t != NULL ? t->first : NULL;
  for (size_t k = 0; k < c->params || k < x->params; k++, one = one->next) {
    if (k >= c->params)
      return ogi_fail(in->err, OG_E_INPUT, "%s: parameters: saw no %s, need every parameter of .subckt %s", in->path,
                      x->param[k], c->subckt);
    const og_circuit_param *p = &c->param[k];
    if (k >= x->params || strcasecmp(p->name, x->param[k]) != 0)
      return ogi_fail(in->err, OG_E_INPUT,
                      "%s:%zu: parameters.%.40s: saw it as parameter %zu, need %s as in .subckt %s", in->path,
                      one->line, p->name, k + 1, k < x->params ? x->param[k] : "none", c->subckt);
    if (!(fabs(p->value - x->value[k]) <= DEFAULT_RTOL * fabs(x->value[k])))
      return ogi_fail(in->err, OG_E_INPUT, "%s:%zu: parameters.%.40s: saw %s, need %.9g as in .subckt %s", in->path,
                      one->line, p->name, p->value_text, x->value[k], c->subckt);
  }
  return OG_OK;
}

static og_status check_subckt(const ogi_place_in *in, const og_circuit_card *c) {
  og_status st = OG_OK;
  og_deck *deck = NULL;
  og_deck_opts opts;
  size_t room = 200 + strlen(c->file) + strlen(c->subckt) + 8 * c->pins, used;
  char *text = ogi_alloc(room, 1),
       *name = ogi_path_join(c->folder, "card.yaml: one device"); /* includes lie beside it */
  if (text == NULL || name == NULL) {
    st = ogi_fail(in->err, OG_E_NOMEM, "%s", in->path);
    goto done;
  }
  used = (size_t)snprintf(text, room, "one device\n.include \"%s\"\nx1", c->file);
  for (size_t k = 0; k < c->pins; k++) used += (size_t)snprintf(text + used, room - used, " n%zu", k + 1);
  used += (size_t)snprintf(text + used, room - used, " %s\n.end\n", c->subckt);
  og_deck_opts_init(&opts);
  opts.folder = c->folder;
  opts.instances_of = c->subckt;
  OGI_TRY(st, og_deck_parse(&deck, name, text, used, &opts, in->err));
  const og_deck_instance *x = og_deck_instance_at(deck, 0);
  if (x == NULL) {
    st = ogi_fail(in->err, OG_E_INTERNAL, "%s: saw no instance of %s", in->path, c->subckt);
    goto done;
  }
  OGI_TRY(st, compare_pins(in, c, x));
  st = compare_params(in, c, x);
done:
  og_deck_free(deck);
  ogi_free(name);
  ogi_free(text);
  return st;
}

/* ---- both ---- */

/* The folder that a card lies in. */
static char *folder_of(const char *path) {
  const char *slash = strrchr(path, '/');
  if (slash == NULL) return ogi_strdup(".");
  char *folder = ogi_strdup(path);
  if (folder != NULL) folder[slash == path ? 1 : slash - path] = '\0';
  return folder;
}

og_status og_circuit_card_load(og_circuit_card **out, const char *name, const char *data_dir, og_error *err) {
  og_status st;
  char *path = NULL;
  og_device_kind kind;
  og_circuit_card *c = NULL;
  if (out != NULL) *out = NULL;
  if (out == NULL || name == NULL)
    return ogi_fail(err, OG_E_ARG, "og_circuit_card_load: %s is NULL", out != NULL ? "name" : "out");
  OGI_TRY(st, og_device_kind_of(&kind, name, data_dir, err));
  OGI_TRY(st, ogi_locate(&path, data_dir, FOLDER, name, TAIL, err));
  c = ogi_alloc(1, sizeof *c);
  if (c == NULL || (c->folder = folder_of(path)) == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "%s", path);
    goto done;
  }
  const ogi_place_in in = {path, err};
  OGI_TRY(st, ogi_locate_name(c->name, sizeof c->name, path, TAIL, err));
  OGI_TRY(st, ogi_tree_read(&c->tree, path, err));
  OGI_TRY(st, read_card(&in, c));
  OGI_TRY(st, check_subckt(&in, c));
  *out = c;
  c = NULL;
done:
  og_circuit_card_free(c);
  ogi_free(path);
  return st;
}

og_status og_device_kind_of(og_device_kind *kind, const char *name, const char *data_dir, og_error *err) {
  og_status st;
  char *path = NULL;
  ogi_tree *tree = NULL;
  const char *word = "";
  if (kind == NULL || name == NULL)
    return ogi_fail(err, OG_E_ARG, "og_device_kind_of: %s is NULL", kind ? "name" : "kind");
  *kind = OG_DEVICE_STATISTICS;
  OGI_TRY(st, ogi_locate(&path, data_dir, FOLDER, name, TAIL, err));
  if (!ogi_locate_is_path(name) && !ogi_file_exists(path)) {
    og_card unused; /* its reader says what there is instead */
    st = og_card_load(&unused, name, data_dir, err);
    goto done;
  }
  const ogi_place_in in = {path, err};
  OGI_TRY(st, ogi_tree_read(&tree, path, err));
  OGI_TRY(st, ogi_keys_text(&in, tree, "", "kind", 0, &word));
  if (strcmp(word, "circuit") == 0) *kind = OG_DEVICE_CIRCUIT;
  else if (word[0] != '\0' && strcmp(word, "statistics") != 0)
    st = ogi_keys_wrong(&in, ogi_tree_find(tree, "kind"), "kind", "circuit or statistics");
done:
  ogi_tree_free(tree);
  ogi_free(path);
  return st;
}
