/* SPDX-License-Identifier: BSD-3-Clause */
/** Diodes and their models. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "netlist/ogi_deck_read.h"

const char *const ogi_diode_keys[OGI_D_COUNT] = {"is", "n",  "rs",  "cjo", "vj",  "m",   "fc",
                                                 "tt", "bv", "ibv", "eg",  "xti", "tnom"};

/* ngspice's defaults. */
static const ogi_deck_model usual = {
    {1e-14, 1, 0, 0, 1, 0.5, 0.5, 0, HUGE_VAL, 1e-3, 1.11, 3, NAN}}; /* NAN: that of the deck */

/* Number of a key, other names of it included. */
static size_t find_key(const char *key) {
  static const char *const others[][2] = {{"cj0", "cjo"}, {"cj", "cjo"}, {"pb", "vj"},    {"mj", "m"},
                                          {"js", "is"},   {"vb", "bv"},  {"tref", "tnom"}};
  for (size_t k = 0; k < sizeof others / sizeof *others; k++)
    if (strcmp(key, others[k][0]) == 0) key = others[k][1];
  size_t k = 0;
  while (k < OGI_D_COUNT && strcmp(ogi_diode_keys[k], key) != 0) k++;
  return k;
}

/* The model card of that name, in this definition or those around it. */
static og_status find_model(const ogi_block *b, const char *name, const ogi_line **card, og_error *err) {
  for (; b != NULL; b = b->outside) {
    size_t number = ogi_names_find(b->model_names, name);
    if (number == OGI_NO_NAME) continue;
    *card = b->models.item[number];
    return OG_OK;
  }
  return ogi_fail(err, OG_E_INPUT, "no .model %s", name);
}

/*
 * ".model name d (is=1 n=2)": the parenthesis has its pairs inside, where a split of the whole line does not look; the
 * one before the first "=" and its partner go. Those of expressions stay.
 */
static void open_parameters(char *text) {
  char *open = text + strcspn(text, "(=");
  int depth = 0;
  if (*open != '(') return;
  for (char *p = open; *p != '\0'; p++) {
    depth += (*p == '(') - (*p == ')');
    if (depth > 0) continue;
    *open = *p = ' ';
    return;
  }
}

static og_status read_parameters(const ogi_reading *r, ogi_scope *s, const char *text, ogi_deck_model *m) {
  og_status st;
  ogi_pieces p = {0};
  char *flat = ogi_strdup(text);
  if (flat == NULL) return ogi_fail(r->err, OG_E_NOMEM, "deck: a model");
  open_parameters(flat);
  OGI_TRY(st, ogi_pieces_split(&p, flat, r->err));
  if (p.word.count < 3 || strcmp(p.word.item[2], "d") != 0)
    st = ogi_fail(r->err, OG_E_INPUT, "saw type %s, need d", p.word.count > 2 ? p.word.item[2] : "none");
  else if (p.word.count > 3)
    st = ogi_fail(r->err, OG_E_INPUT, "saw \"%s\", need name=value", p.word.item[3]);
  for (size_t k = 0; st == OG_OK && k < p.pair.count; k++) {
    size_t key = find_key(p.pair.item[k].key);
    double level = 1;
    if (strcmp(p.pair.item[k].key, "level") == 0) {
      st = ogi_scope_number(r, s, p.pair.item[k].value, &level);
      if (st == OG_OK && level != 1) st = ogi_fail(r->err, OG_E_INPUT, "level: saw %g, need 1", level);
    } else if (key == OGI_D_COUNT) {
      st = ogi_fail(r->err, OG_E_INPUT, "%s: parameter not supported", p.pair.item[k].key);
    } else {
      st = ogi_scope_number(r, s, p.pair.item[k].value, &m->p[key]);
    }
  }
done:
  ogi_pieces_clear(&p);
  ogi_free(flat);
  return st;
}

static og_status check_model(const ogi_reading *r, const ogi_deck_model *m) {
  static const struct {
    int key;
    double least, most;
  } ranges[] = {{OGI_D_IS, 1e-300, 1e3}, {OGI_D_N, 1e-3, 1e3}, {OGI_D_RS, 0, 1e12}, {OGI_D_CJO, 0, 1e3},
                {OGI_D_VJ, 1e-3, 1e3}, {OGI_D_M, 0, 0.999}, {OGI_D_FC, 0, 0.95}, {OGI_D_TT, 0, 1e3},
                {OGI_D_BV, 1e-3, HUGE_VAL}, {OGI_D_IBV, 1e-300, 1e3}, {OGI_D_EG, 0.1, 10}, {OGI_D_XTI, 0, 100}};
  for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++) {
    double x = m->p[ranges[k].key];
    if (!(x >= ranges[k].least && x <= ranges[k].most))
      return ogi_fail(r->err, OG_E_RANGE, "%s: saw %g, need %g .. %g", ogi_diode_keys[ranges[k].key], x,
                      ranges[k].least, ranges[k].most);
  }
  return OG_OK;
}

/* Number of the model among those of the deck; equal ones are one. */
static og_status number_model(const ogi_reading *r, const ogi_deck_model *m, size_t *number) {
  og_deck *d = r->deck;
  char key[2 * sizeof *m + 1];
  const unsigned char *bytes = (const unsigned char *)m;
  for (size_t k = 0; k < sizeof *m; k++) snprintf(key + 2 * k, 3, "%02x", bytes[k]);
  *number = OGI_ROOM(d->models) ? ogi_names_add(r->model_keys, key) : OGI_NO_NAME;
  if (*number == OGI_NO_NAME) return ogi_fail(r->err, OG_E_NOMEM, "deck: models");
  if (*number == d->models.count) d->models.item[d->models.count++] = *m;
  return OG_OK;
}

og_status ogi_read_diode(const ogi_reading *r, ogi_scope *s, const char *name, const ogi_pieces *p,
                         ogi_deck_part *part) {
  og_status st;
  ogi_deck_model m = usual;
  double count = 1, rise = 0;
  const ogi_line *card = NULL;
  OGI_TRY(st, find_model(s->block, name, &card, r->err));
  m.p[OGI_D_TNOM] = r->deck->nominal_celsius;
  st = read_parameters(r, s, card->text, &m);
  if (st == OG_OK) st = check_model(r, &m);
  if (st != OG_OK) return ogi_prefix(r->err, st, ".model %s (line %u)", name, card->place.line);
  OGI_TRY(st, number_model(r, &m, &part->model));
  part->area = 1;
  part->celsius = r->deck->celsius;
  if (p->word.count > 4) OGI_TRY(st, ogi_scope_number(r, s, p->word.item[4], &part->area));
  OGI_TRY(st, ogi_scope_key(r, s, p, "area", &part->area));
  OGI_TRY(st, ogi_scope_key(r, s, p, "m", &count));
  OGI_TRY(st, ogi_scope_key(r, s, p, "dtemp", &rise));
  part->celsius += rise; /* as in ngspice, temp goes before it */
  OGI_TRY(st, ogi_scope_key(r, s, p, "temp", &part->celsius));
  part->own_area = part->area;
  part->count = count;
  part->area *= count;
  if (!(part->own_area > 0) || !(count > 0) || !(part->area > 0 && isfinite(part->area)))
    st = ogi_fail(r->err, OG_E_RANGE, "area: saw %g, m %g, need both more than 0 (1)", part->own_area, count);
  else if (!(part->celsius > -273.15 && part->celsius < 1e4))
    st = ogi_fail(r->err, OG_E_RANGE, "temp: saw %g, need -273.15 .. 10000 (celsius)", part->celsius);
done:
  return st;
}
