/* SPDX-License-Identifier: BSD-3-Clause */
/** Element lines. */
#include <config.h>

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_file.h"
#include "netlist/ogi_deck_read.h"

/* One element being read. */
typedef struct element {
  const ogi_reading *r;
  ogi_scope *scope;
  const ogi_pieces *p;
  ogi_deck_part part;
} element;

static og_status want(const element *e, size_t words, const char *form) {
  if (e->p->word.count >= words) return OG_OK;
  return ogi_fail(e->r->err, OG_E_INPUT, "saw %zu words, need \"%s\"", e->p->word.count, form);
}

static og_status only_words(const element *e, size_t words) {
  if (e->p->word.count <= words) return OG_OK;
  return ogi_fail(e->r->err, OG_E_INPUT, "saw \"%s\", which is not supported here", e->p->word.item[words]);
}

/* Keys that are not in the list, words parted by blanks, are refused. */
static og_status only_keys(const element *e, const char *list) {
  for (size_t k = 0; k < e->p->pair.count; k++) {
    const char *key = e->p->pair.item[k].key, *found = list;
    size_t length = strlen(key);
    while ((found = strstr(found, key)) != NULL &&
           ((found != list && found[-1] != ' ') || (found[length] != ' ' && found[length] != '\0')))
      found += length;
    if (found == NULL) return ogi_fail(e->r->err, OG_E_INPUT, "%s=: not supported, need one of: %s", key, list);
    for (size_t j = 0; j < k; j++)
      if (strcmp(e->p->pair.item[j].key, key) == 0)
        return ogi_fail(e->r->err, OG_E_INPUT, "%s=: saw it twice, need it once", key);
  }
  return OG_OK;
}

static og_status number(const element *e, size_t word, double *value) {
  return ogi_scope_number(e->r, e->scope, e->p->word.item[word], value);
}

static og_status key(const element *e, const char *name, double *value) {
  return ogi_scope_key(e->r, e->scope, e->p, name, value);
}

static og_status two_nodes(element *e) {
  og_status st;
  OGI_TRY(st, ogi_scope_node(e->r, e->scope, e->p->word.item[1], &e->part.node[0]));
  st = ogi_scope_node(e->r, e->scope, e->p->word.item[2], &e->part.node[1]);
done:
  return st;
}

/* Value as the third word or under a key. */
static og_status main_value(element *e, const char *name) {
  const char *text = ogi_pieces_value(e->p, name);
  if (text == NULL && e->p->word.count < 4) return ogi_fail(e->r->err, OG_E_INPUT, "saw no value, need one");
  if (text != NULL && e->p->word.count > 3)
    return ogi_fail(e->r->err, OG_E_INPUT, "saw both %s and %s=, need one value", e->p->word.item[3], name);
  if (strstr(text != NULL ? text : e->p->word.item[3], "v(") != NULL)
    return ogi_fail(e->r->err, OG_E_INPUT, "a value that depends on potentials is not supported here: use a B source");
  return text != NULL ? key(e, name, &e->part.value) : number(e, 3, &e->part.value);
}

static og_status positive(const element *e, double value, const char *what, const char *unit) {
  if (value > 0 && isfinite(value)) return OG_OK;
  return ogi_fail(e->r->err, OG_E_RANGE, "%s: saw %g, need more than 0 (%s)", what, value, unit);
}

/* Factor 1 + tc1 dT + tc2 dT^2 between the nominal temperature and that of the element, times scale. */
static og_status scaling(element *e, double *factor) {
  og_status st;
  double tc1 = 0, tc2 = 0, celsius = e->r->deck->celsius, rise = 0, scale = 1;
  OGI_TRY(st, key(e, "tc1", &tc1));
  OGI_TRY(st, key(e, "tc2", &tc2));
  OGI_TRY(st, key(e, "temp", &celsius));
  OGI_TRY(st, key(e, "dtemp", &rise));
  OGI_TRY(st, key(e, "scale", &scale));
  if (ogi_pieces_value(e->p, "temp") != NULL && ogi_pieces_value(e->p, "dtemp") != NULL)
    return ogi_fail(e->r->err, OG_E_INPUT, "saw both temp= and dtemp=, need one of them");
  double dt = celsius + rise - e->r->deck->nominal_celsius;
  *factor = scale * (1 + tc1 * dt + tc2 * dt * dt);
done:
  return st;
}

/*
 * 1 / R from all digits that stand there, so that a conductance survives the way through a deck to its last bit. The
 * two readings of one text may differ by a rounding, where the longer one lies half way between two doubles.
 */
static double inverse_of(const char *text, double ohm) {
  ogi_locale locale;
  char *end;
  ogi_locale_begin(&locale);
  long double exact = strtold(text, &end);
  ogi_locale_end(&locale);
  return *end == '\0' && end != text && fabsl(exact - ohm) <= DBL_EPSILON * ohm ? (double)(1 / exact) : 1 / ohm;
}

static og_status finite_gain(const element *e) {
  if (isfinite(e->part.value)) return OG_OK;
  return ogi_fail(e->r->err, OG_E_RANGE, "gain: saw %g, need a finite one", e->part.value);
}

static og_status read_resistor(element *e) {
  og_status st;
  double factor, m = 1;
  OGI_TRY(st, want(e, 3, "rNAME NODE NODE OHM"));
  OGI_TRY(st, only_words(e, 4));
  OGI_TRY(st, only_keys(e, "r resistance tc1 tc2 temp dtemp scale m noisy"));
  OGI_TRY(st, main_value(e, ogi_pieces_value(e->p, "resistance") != NULL ? "resistance" : "r"));
  OGI_TRY(st, scaling(e, &factor));
  OGI_TRY(st, key(e, "m", &m));
  OGI_TRY(st, positive(e, m, "m", "1"));
  const char *text = e->p->word.count > 3 ? e->p->word.item[3] : "";
  e->part.inverse = factor == m ? inverse_of(text, e->part.value) : m / (e->part.value * factor);
  e->part.value *= factor / m;
  if (e->part.value == 0)
    return ogi_fail(e->r->err, OG_E_RANGE, "saw 0, need more than 0 (ohm); a short is a voltage source of 0 V");
  st = positive(e, e->part.value, "resistance", "ohm");
done:
  return st;
}

static og_status read_storage(element *e, const char *name, const char *what, const char *unit) {
  og_status st;
  double factor, m = 1;
  OGI_TRY(st, want(e, 3, "cNAME NODE NODE FARAD, lNAME NODE NODE HENRY"));
  OGI_TRY(st, only_words(e, 4));
  OGI_TRY(st,
          only_keys(e, e->part.kind == 'C' ? "c ic tc1 tc2 temp dtemp scale m" : "l ic tc1 tc2 temp dtemp scale m"));
  OGI_TRY(st, main_value(e, name));
  OGI_TRY(st, scaling(e, &factor));
  OGI_TRY(st, key(e, "m", &m));
  OGI_TRY(st, positive(e, m, "m", "1"));
  e->part.value *= e->part.kind == 'C' ? factor * m : factor / m;
  OGI_TRY(st, key(e, "ic", &e->part.initial));
  if (e->part.kind == 'C' && e->part.value == 0) return OG_OK;
  st = positive(e, e->part.value, what, unit);
done:
  return st;
}

static og_status read_coupling(element *e) {
  og_status st;
  OGI_TRY(st, want(e, 4, "kNAME INDUCTOR INDUCTOR COEFFICIENT"));
  OGI_TRY(st, only_words(e, 4));
  OGI_TRY(st, only_keys(e, "k"));
  for (size_t j = 0; j < 2; j++)
    OGI_TRY(st, ogi_scope_element(e->r, e->scope, e->p->word.item[1 + j], &e->part.other[j]));
  OGI_TRY(st, number(e, 3, &e->part.value));
  if (e->part.other[0] == e->part.other[1]) st = ogi_fail(e->r->err, OG_E_INPUT, "saw one inductor twice, need two");
  if (!(fabs(e->part.value) <= 1))
    st = ogi_fail(e->r->err, OG_E_RANGE, "coefficient: saw %g, need -1 .. 1 (1)", e->part.value);
done:
  return st;
}

static og_status read_independent(element *e) {
  og_status st;
  OGI_TRY(st, want(e, 3, "vNAME NODE NODE VALUE"));
  OGI_TRY(st, only_keys(e, "dc ac td r"));
  OGI_TRY(st, two_nodes(e));
  st = ogi_read_source(e->r, e->scope, e->p, 3, &e->part);
done:
  return st;
}

/* Behind which key an expression stands, and whether it is a potential or a current. */
static const char *law_text(const element *e, char *kind) {
  static const struct {
    const char *key, *kinds;
    char is;
  } keys[] = {{"v", "B", 'v'}, {"i", "B", 'i'}, {"vol", "E", 'v'}, {"value", "E", 'v'}, {"v", "E", 'v'},
              {"cur", "G", 'i'}, {"value", "G", 'i'}, {"i", "G", 'i'}};
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
    const char *text = keys[k].kinds[0] == e->part.kind ? ogi_pieces_value(e->p, keys[k].key) : NULL;
    *kind = keys[k].is;
    if (text != NULL) return text;
  }
  return NULL;
}

static og_status read_law(element *e) {
  og_status st;
  char kind = 'v';
  const char *text = law_text(e, &kind);
  OGI_TRY(st, want(e, 3, "bNAME NODE NODE V=EXPRESSION or I=EXPRESSION"));
  OGI_TRY(st, only_words(e, 3));
  if (text == NULL || e->p->pair.count > 1)
    return ogi_fail(e->r->err, OG_E_INPUT, "saw %zu keys, need exactly one of v= and i=", e->p->pair.count);
  st = ogi_scope_law(e->r, e->scope, kind, text, &e->part.law);
done:
  return st;
}

/* Words of e without parentheses, which some write around the controlling nodes. */
static og_status plain_words(const element *e, const char *word[6], size_t *count) {
  *count = 0;
  for (size_t k = 0; k < e->p->word.count; k++) {
    if (strchr("()", e->p->word.item[k][0]) != NULL) continue;
    if (*count == 6)
      return ogi_fail(e->r->err, OG_E_INPUT, "saw \"%s\", which is not supported here", e->p->word.item[k]);
    word[(*count)++] = e->p->word.item[k];
  }
  return OG_OK;
}

static og_status read_by_voltage(element *e) {
  og_status st;
  const char *word[6];
  size_t count = 0;
  char kind;
  double m = 1;
  if (law_text(e, &kind) != NULL) return read_law(e);
  for (size_t k = 3; k < e->p->word.count; k++) {
    const char *form = e->p->word.item[k];
    if (strcmp(form, "poly") == 0 || strcmp(form, "table") == 0 || strcmp(form, "laplace") == 0)
      return ogi_fail(e->r->err, OG_E_INPUT, "%s: not supported, need a B source", form);
  }
  OGI_TRY(st, plain_words(e, word, &count));
  if (count < 6)
    return ogi_fail(e->r->err, OG_E_INPUT, "saw %zu words, need \"eNAME NODE NODE CONTROL+ CONTROL- GAIN\"", count);
  OGI_TRY(st, only_keys(e, e->part.kind == 'G' ? "m" : ""));
  for (size_t j = 0; j < 2; j++) OGI_TRY(st, ogi_scope_node(e->r, e->scope, word[3 + j], &e->part.node[2 + j]));
  OGI_TRY(st, ogi_scope_number(e->r, e->scope, word[5], &e->part.value));
  OGI_TRY(st, key(e, "m", &m));
  e->part.value *= m;
  st = finite_gain(e);
done:
  return st;
}

static og_status read_by_current(element *e) {
  og_status st;
  double m = 1;
  OGI_TRY(st, want(e, 5, "fNAME NODE NODE SOURCE GAIN"));
  OGI_TRY(st, only_words(e, 5));
  OGI_TRY(st, only_keys(e, e->part.kind == 'F' ? "m" : ""));
  OGI_TRY(st, ogi_scope_element(e->r, e->scope, e->p->word.item[3], &e->part.other[0]));
  OGI_TRY(st, number(e, 4, &e->part.value));
  OGI_TRY(st, key(e, "m", &m));
  e->part.value *= m;
  st = finite_gain(e);
done:
  return st;
}

static og_status read_diode(element *e) {
  og_status st;
  OGI_TRY(st, want(e, 4, "dNAME NODE NODE MODEL"));
  OGI_TRY(st, only_words(e, 5));
  OGI_TRY(st, only_keys(e, "area m temp dtemp"));
  st = ogi_read_diode(e->r, e->scope, e->p->word.item[3], e->p, &e->part);
done:
  return st;
}

static const char *foreign(char kind) {
  switch (kind) {
    case 'a': return "XSPICE model";
    case 'j': return "JFET";
    case 'm': return "MOSFET";
    case 'o': case 't': case 'u': case 'y': case 'p': return "transmission line";
    case 'q': return "bipolar transistor";
    case 's': case 'w': return "switch";
    case 'z': return "MESFET";
    default: return "element";
  }
}

static og_status read_kind(element *e) {
  switch (e->part.kind) {
    case 'R': return read_resistor(e);
    case 'C': return read_storage(e, "c", "capacitance", "farad");
    case 'L': return read_storage(e, "l", "inductance", "henry");
    case 'K': return read_coupling(e);
    case 'V': case 'I': return read_independent(e);
    case 'E': case 'G': return read_by_voltage(e);
    case 'F': case 'H': return read_by_current(e);
    case 'B': return read_law(e);
    case 'D': return read_diode(e);
    default:
      return ogi_fail(e->r->err, OG_E_INPUT, "%s: not supported, need one of R C L K V I E F G H B D X",
                      foreign(e->p->word.item[0][0]));
  }
}

og_status ogi_read_element(const ogi_reading *r, ogi_scope *s, const ogi_line *line, const ogi_pieces *p) {
  og_status st;
  og_deck *d = r->deck;
  element e = {
      r, s, p, {.kind = (char)(p->word.item[0][0] - 'a' + 'A'), .place = line->place, .value = NAN, .initial = NAN}};
  if (d->parts.count >= r->opts->elements_max)
    return ogi_fail(r->err, OG_E_INPUT, "saw more than %zu elements", r->opts->elements_max);
  OGI_TRY(st, ogi_scope_element(r, s, p->word.item[0], &e.part.name));
  OGI_TRY(st, want(&e, 3, "NAME NODE NODE ..."));
  if (e.part.kind != 'K' && strchr("RCLVIEFGHBD", e.part.kind) != NULL) OGI_TRY(st, two_nodes(&e));
  OGI_TRY(st, read_kind(&e));
  if (!OGI_ROOM(d->parts)) st = ogi_fail(r->err, OG_E_NOMEM, "deck: %zu elements", d->parts.count);
  else d->parts.item[d->parts.count++] = e.part;
done:
  if (st != OG_OK) {
    ogi_law_free(e.part.law);
    ogi_free((void *)(uintptr_t)e.part.wave.second);
    ogi_free((void *)(uintptr_t)e.part.wave.value);
    st = ogi_prefix(r->err, st, "%s", p->word.item[0]);
  }
  return st;
}
