/* SPDX-License-Identifier: BSD-3-Clause */
/** Dot cards of the deck itself: analyses, options, initial conditions, what is to be printed. */
#include <config.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "netlist/ogi_deck_read.h"

#define ANALYSES_MAX 1000

/* One card being read. */
typedef struct card {
  ogi_reading *r;
  ogi_scope *top;
  const ogi_line *line;
  ogi_pieces p;
} card;

static og_status number(const card *c, size_t word, double *value) {
  return ogi_scope_number(c->r, c->top, c->p.word.item[word], value);
}

/* A string that the deck keeps. */
static og_status keep_text(const card *c, const char *text, const char **kept) {
  og_deck *d = c->r->deck;
  char *copy = OGI_ROOM(d->text) ? ogi_strdup(text) : NULL;
  if (copy == NULL) return ogi_fail(c->r->err, OG_E_NOMEM, "deck: a name");
  d->text.item[d->text.count++] = copy;
  *kept = copy;
  return OG_OK;
}

static og_status add_analysis(const card *c, const og_analysis *a) {
  og_deck *d = c->r->deck;
  if (d->analyses.count == ANALYSES_MAX)
    return ogi_fail(c->r->err, OG_E_INPUT, "saw more than %d analyses", ANALYSES_MAX);
  if (!OGI_ROOM(d->analyses)) return ogi_fail(c->r->err, OG_E_NOMEM, "deck: analyses");
  d->analyses.item[d->analyses.count++] = *a;
  return OG_OK;
}

/* ---- analyses ---- */

static og_status read_tran(const card *c) {
  og_status st = OG_OK;
  og_analysis a = {.kind = OG_ANALYSIS_TRAN};
  size_t words = c->p.word.count;
  double *time[] = {&a.step, &a.stop, &a.start, &a.step_max};
  if (words > 1 && strcmp(c->p.word.item[words - 1], "uic") == 0) {
    a.from_initial = 1;
    words--;
  }
  if (words < 3 || words > 5)
    return ogi_fail(c->r->err, OG_E_INPUT, "saw %zu times, need STEP STOP [START [STEP_MAX]] [UIC]", words - 1);
  for (size_t k = 0; k + 1 < words; k++) OGI_TRY(st, number(c, k + 1, time[k]));
  if (!(a.step > 0) || !(a.stop > 0) || !(a.start >= 0 && a.start < a.stop) || !isfinite(a.stop))
    return ogi_fail(c->r->err, OG_E_RANGE,
                    "saw step %g, stop %g, start %g, need step > 0 and stop > start >= 0 (second)", a.step, a.stop,
                    a.start);
  if (!(a.step_max > 0)) a.step_max = fmin(a.step, (a.stop - a.start) / 50); /* SPICE's rule */
  if (c->r->step == 0) {
    c->r->step = a.step;
    c->r->stop = a.stop;
  }
  st = add_analysis(c, &a);
done:
  return st;
}

static og_status read_dc(const card *c) {
  og_status st;
  og_analysis a = {.kind = OG_ANALYSIS_DC};
  if (c->p.word.count != 5) return ogi_fail(c->r->err, OG_E_INPUT, "need one sweep: SOURCE FROM TO STEP");
  OGI_TRY(st, keep_text(c, c->p.word.item[1], &a.source));
  OGI_TRY(st, number(c, 2, &a.from));
  OGI_TRY(st, number(c, 3, &a.to));
  OGI_TRY(st, number(c, 4, &a.by));
  if (a.by == 0 || (a.to - a.from) / a.by < 0 || (a.to - a.from) / a.by > 1e6)
    st = ogi_fail(c->r->err, OG_E_RANGE, "saw %g to %g by %g, need at most 1000000 steps of that sign", a.from, a.to,
                  a.by);
  if (st == OG_OK) st = add_analysis(c, &a);
done:
  return st;
}

/* DEC|OCT|LIN POINTS FROM TO, from a word on. */
static og_status read_frequencies(const card *c, size_t word, og_analysis *a) {
  og_status st;
  double points = 0;
  if (word + 4 > c->p.word.count) return ogi_fail(c->r->err, OG_E_INPUT, "need DEC|OCT|LIN POINTS FROM TO");
  const char *spacing = c->p.word.item[word];
  if (strcmp(spacing, "dec") != 0 && strcmp(spacing, "oct") != 0 && strcmp(spacing, "lin") != 0)
    return ogi_fail(c->r->err, OG_E_INPUT, "saw \"%s\", need DEC, OCT or LIN", spacing);
  a->spacing = spacing[0];
  OGI_TRY(st, number(c, word + 1, &points));
  OGI_TRY(st, number(c, word + 2, &a->hertz_from));
  OGI_TRY(st, number(c, word + 3, &a->hertz_to));
  if (!(points >= 1 && points <= 1e6) || points != floor(points) || !(a->hertz_from > 0) ||
      !(a->hertz_to >= a->hertz_from) || !isfinite(a->hertz_to))
    st = ogi_fail(c->r->err, OG_E_RANGE, "saw %g points from %g to %g, need 1 .. 1000000 and 0 < from <= to (hertz)",
                  points, a->hertz_from, a->hertz_to);
  else
    a->points = (size_t)points;
done:
  return st;
}

static og_status read_ac(const card *c) {
  og_analysis a = {.kind = OG_ANALYSIS_AC};
  if (c->p.word.count > 5) return ogi_fail(c->r->err, OG_E_INPUT, "saw \"%s\", need the end", c->p.word.item[5]);
  og_status st = read_frequencies(c, 1, &a);
  return st == OG_OK ? add_analysis(c, &a) : st;
}

/* .noise v(out) source ..., or v(out,reference). */
static og_status read_noise(const card *c) {
  og_status st;
  og_analysis a = {.kind = OG_ANALYSIS_NOISE};
  char **w = c->p.word.item; /* behind TO may stand how many points a summary has, which the spectrum does not need */
  size_t words = c->p.word.count, at = 4;
  if (words < 5 || strcmp(w[1], "v") != 0 || strcmp(w[2], "(") != 0)
    return ogi_fail(c->r->err, OG_E_INPUT, "need V(NODE[,NODE]) SOURCE DEC|OCT|LIN POINTS FROM TO");
  OGI_TRY(st, keep_text(c, w[3], &a.output));
  if (strcmp(w[4], ")") != 0) OGI_TRY(st, keep_text(c, w[at++], &a.reference));
  if (at + 1 >= words || strcmp(w[at], ")") != 0)
    return ogi_fail(c->r->err, OG_E_INPUT, "saw no \")\" behind the output");
  OGI_TRY(st, keep_text(c, w[at + 1], &a.source));
  OGI_TRY(st, read_frequencies(c, at + 2, &a));
  st = add_analysis(c, &a);
done:
  return st;
}

static og_status read_op(const card *c) {
  og_analysis a = {.kind = OG_ANALYSIS_OP};
  return add_analysis(c, &a);
}

/* ---- options ---- */

static og_status read_temp(const card *c) {
  if (c->p.word.count != 2) return ogi_fail(c->r->err, OG_E_INPUT, "need one temperature (celsius)");
  return number(c, 1, &c->r->deck->celsius);
}

/* Options that change what a circuit does or how exactly it is solved. */
static const char *const meant[] = {"temp", "tnom", "reltol", "abstol", "vntol", "chgtol", "trtol", "xmu", "gmin", "pivtol",
                                    "pivrel", "itl1", "itl2", "itl4", "maxord", "rshunt", "cshunt"};
/* Those about printing and the like, which change no result. */
static const char *const idle[] = {"acct",   "noacct",   "list",         "nomod",  "nopage",   "node",       "opts",
                                   "post",   "probe",    "brief",        "numdgt", "measdgt",  "ingold",     "co",
                                   "limpts", "autostop", "savecurrents", "list",   "accurate", "runlvl",     "dcon",
                                   "unwrap", "method",   "klu",          "sparse", "filetype", "keepopinfo", "interp",
                                   "warn",   "seed",     "parhier",      "search", "ascii",    "cptime",     "limtim"};

static int is_in(const char *const *list, size_t count, const char *word) {
  for (size_t k = 0; k < count; k++)
    if (strcmp(list[k], word) == 0) return 1;
  return 0;
}
#define IS_IN(list, word) is_in(list, sizeof(list) / sizeof *(list), word)

static og_status read_options(const card *c) {
  og_deck *d = c->r->deck;
  for (size_t k = 1; k < c->p.word.count; k++)
    if (!IS_IN(idle, c->p.word.item[k]))
      return ogi_fail(c->r->err, OG_E_INPUT, "%s: option not supported", c->p.word.item[k]);
  for (size_t k = 0; k < c->p.pair.count; k++) {
    const char *key = c->p.pair.item[k].key;
    ogi_deck_option o = {.value = 0};
    if (IS_IN(idle, key)) continue;
    if (!IS_IN(meant, key)) return ogi_fail(c->r->err, OG_E_INPUT, "%s: option not supported", key);
    og_status st = ogi_scope_number(c->r, c->top, c->p.pair.item[k].value, &o.value);
    if (st != OG_OK) return ogi_prefix(c->r->err, st, "%s", key);
    if (strcmp(key, "temp") == 0) d->celsius = o.value;
    else if (strcmp(key, "tnom") == 0) d->nominal_celsius = o.value;
    snprintf(o.name, sizeof o.name, "%s", key);
    if (!OGI_ROOM(d->options)) return ogi_fail(c->r->err, OG_E_NOMEM, "deck: options");
    d->options.item[d->options.count++] = o;
  }
  return OG_OK;
}

static og_status read_global(const card *c) {
  for (size_t k = 1; k < c->p.word.count; k++) {
    if (ogi_names_add(c->r->globals, c->p.word.item[k]) == OGI_NO_NAME)
      return ogi_fail(c->r->err, OG_E_NOMEM, "deck: names");
  }
  return OG_OK;
}

static og_status skip(const card *c) {
  (void)c;
  return OG_OK;
}

/* ---- what names nodes and elements ---- */

/* The value at *at, a number, a name or an expression in braces or quotes, into value; *at is moved behind it. */
static int take_value(const char **at, char value[256]) {
  const char *from = *at + strspn(*at, " \t");
  int wrapped = *from == '{' || *from == '\'';
  size_t length = wrapped ? strcspn(from + 1, *from == '{' ? "}" : "'") + 2 : strcspn(from, " \t,");
  if (length == 0 || strnlen(from, length) < length || length > 250) return 0;
  *at = from + length;
  if (strchr(" \t,", **at) == NULL && **at != '\0') return 0;
  snprintf(value, 256, "%.*s", (int)length - 2 * wrapped, from + wrapped);
  return 1;
}

/* ".ic v(a)=1 v(b)=2": the splitter takes keys for words, so this one is read by hand. */
static og_status read_initial(const card *c) {
  og_status st = OG_OK;
  og_deck *d = c->r->deck;
  const char *at = c->line->text + strcspn(c->line->text, " \t");
  for (;;) {
    char name[256], value[256];
    int used = 0;
    at += strspn(at, " \t,");
    if (*at == '\0') return OG_OK;
    const char *begin = at;
    if (sscanf(at, "v ( %250[^) \t] ) =%n", name, &used) != 1 || used == 0 || (at += used, !take_value(&at, value)))
      return ogi_fail(c->r->err, OG_E_INPUT, "saw \"%.30s\", need V(NODE)=VALUE", begin);
    ogi_deck_initial i = {0};
    OGI_TRY(st, ogi_scope_number(c->r, c->top, value, &i.volt));
    i.node = ogi_names_find(d->node_names, strcmp(name, "gnd") == 0 ? "0" : name);
    if (i.node == OGI_NO_NAME || i.node == OGI_DECK_GROUND)
      return ogi_fail(c->r->err, OG_E_INPUT, "v(%s): saw no such node, need one of the deck", name);
    if (!OGI_ROOM(d->initials)) return ogi_fail(c->r->err, OG_E_NOMEM, "deck: initial conditions");
    d->initials.item[d->initials.count++] = i;
  }
done:
  return st;
}

static og_status add_copy(const card *c, char *text, size_t *count, char **item) {
  if (text == NULL) return ogi_fail(c->r->err, OG_E_NOMEM, "deck: a name");
  item[(*count)++] = text;
  return OG_OK;
}

/* Names as they stand: "v(a,b)", "i(v1)", "x". The word that names an analysis is none. */
static og_status read_print(const card *c) {
  og_deck *d = c->r->deck;
  static const char *const kinds[] = {"op", "dc", "tran", "ac", "noise", "all"};
  char **w = c->p.word.item;
  for (size_t k = 1; k < c->p.word.count; k++) {
    char text[300];
    if (IS_IN(kinds, w[k])) continue;
    snprintf(text, sizeof text, "%.120s", w[k]);
    if (k + 2 < c->p.word.count && strcmp(w[k + 1], "(") == 0) {
      snprintf(text, sizeof text, "%.60s(%.110s", w[k], w[k + 2]);
      for (k += 3; k < c->p.word.count && strcmp(w[k], ")") != 0; k++)
        snprintf(text + strlen(text), sizeof text - strlen(text), ",%.110s", w[k]);
      snprintf(text + strlen(text), sizeof text - strlen(text), ")");
    }
    if (!OGI_ROOM(d->prints)) return ogi_fail(c->r->err, OG_E_NOMEM, "deck: names");
    og_status st = add_copy(c, ogi_strdup(text), &d->prints.count, d->prints.item);
    if (st != OG_OK) return st;
  }
  return OG_OK;
}

/* What stands in braces or quotes becomes a number; the rest stays for og_measure. */
static og_status read_measure(const card *c) {
  og_deck *d = c->r->deck;
  const char *from = c->line->text + strcspn(c->line->text, " \t");
  from += strspn(from, " \t");
  size_t room = 2 * strlen(from) + 1, used = 0;
  for (const char *p = from; *p != '\0'; p++) room += *p == '{' || *p == '\'' ? 32 : 0;
  char *text = ogi_alloc(room, 1);
  og_status st = text == NULL || !OGI_ROOM(d->measures) ? ogi_fail(c->r->err, OG_E_NOMEM, "deck: .measure") : OG_OK;
  while (st == OG_OK && *from != '\0') {
    const char *end = *from == '{' ? strchr(from, '}') : *from == '\'' ? strchr(from + 1, '\'') : NULL;
    if (end == NULL) {
      text[used++] = *from++;
      continue;
    }
    double value;
    char inner[256];
    if (end - from > 255) {
      st = ogi_fail(c->r->err, OG_E_INPUT, "saw an expression of more than 254 letters");
      break;
    }
    snprintf(inner, sizeof inner, "%.*s", (int)(end - from - 1), from + 1);
    st = ogi_scope_number(c->r, c->top, inner, &value);
    if (st == OG_OK) used += (size_t)snprintf(text + used, room - used, "%.17g", value);
    from = end + 1;
  }
  if (st == OG_OK) d->measures.item[d->measures.count++] = text;
  else ogi_free(text);
  return st;
}

/* ---- which card is which ---- */

typedef og_status (*card_reader)(const card *c);

static const struct {
  const char *name;
  card_reader before, after; /* the elements; NULL: nothing to do then */
} cards[] = {
    {".op", read_op, NULL},           {".tran", read_tran, NULL},      {".dc", read_dc, NULL},
    {".ac", read_ac, NULL},           {".noise", read_noise, NULL},    {".temp", read_temp, NULL},
    {".option", read_options, NULL},  {".options", read_options, NULL}, {".opt", read_options, NULL},
    {".global", read_global, NULL},   {".title", skip, NULL},          {".width", skip, NULL},
    {".ic", NULL, read_initial},      {".print", NULL, read_print},    {".plot", NULL, read_print},
    {".save", NULL, read_print},      {".probe", NULL, read_print},    {".measure", NULL, read_measure},
    {".meas", NULL, read_measure},
};

static og_status read_cards(ogi_reading *r, ogi_scope *top, int after) {
  og_status st = OG_OK;
  for (size_t k = 0; st == OG_OK && k < r->cards.count; k++) {
    card c = {r, top, r->cards.item[k], {0}};
    size_t which = 0, length = strcspn(c.line->text, " \t(");
    while (which < sizeof cards / sizeof *cards &&
           (strncmp(cards[which].name, c.line->text, length) != 0 || cards[which].name[length] != '\0'))
      which++;
    if (which == sizeof cards / sizeof *cards) {
      st = ogi_fail(r->err, OG_E_INPUT, "%.*s: card not supported", (int)ogi_min_size(length, 30), c.line->text);
    } else {
      card_reader read = after ? cards[which].after : cards[which].before;
      if (read != NULL && cards[which].before != NULL) st = ogi_pieces_split(&c.p, c.line->text, r->err);
      else if (read == read_print) st = ogi_pieces_split(&c.p, c.line->text, r->err);
      if (read != NULL && st == OG_OK) st = read(&c);
      if (st != OG_OK) st = ogi_prefix(r->err, st, "%s", cards[which].name);
    }
    if (st != OG_OK) st = ogi_at(&r->deck->lines, c.line->place, st, r->err);
    ogi_pieces_clear(&c.p);
  }
  return st;
}

og_status ogi_read_cards_before(ogi_reading *r, ogi_scope *top) { return read_cards(r, top, 0); }
og_status ogi_read_cards_after(ogi_reading *r, ogi_scope *top) { return read_cards(r, top, 1); }
