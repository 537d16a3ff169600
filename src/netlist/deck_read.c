/* SPDX-License-Identifier: BSD-3-Clause */
/** From lines to a flattened deck: the tree of definitions, and its expansion. */
#include <config.h>

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "netlist/ogi_deck_read.h"

#define SUBCKT_DEPTH_MAX 50 /* of definitions in definitions, and of instances in instances */

void og_deck_opts_init(og_deck_opts *opts) {
  *opts = (og_deck_opts){.bytes_max = (size_t)256 << 20, .elements_max = 10000000};
}

/* ---- the tree of definitions ---- */

static void block_free(ogi_block *b) {
  if (b == NULL) return;
  for (size_t k = 0; k < b->inside.count; k++) block_free(b->inside.item[k]);
  ogi_free(b->inside.item);
  ogi_free(b->named.item);
  for (size_t k = 0; b->element_pieces != NULL && k < b->elements.count; k++) ogi_pieces_clear(&b->element_pieces[k]);
  for (size_t k = 0; b->param_pieces != NULL && k < b->params.count; k++) ogi_pieces_clear(&b->param_pieces[k]);
  ogi_free(b->element_pieces);
  ogi_free(b->param_pieces);
  ogi_free(b->elements.item);
  ogi_free(b->params.item);
  ogi_free(b->models.item);
  ogi_names_free(b->ports);
  ogi_names_free(b->inside_names);
  ogi_names_free(b->model_names);
  ogi_pieces_clear(&b->head);
  ogi_free(b);
}

/* "params:" between ports and defaults says nothing that "=" does not. */
static void drop_params_word(ogi_pieces *p) {
  size_t kept = 0;
  for (size_t k = 0; k < p->word.count; k++)
    if (strcmp(p->word.item[k], "params:") != 0 && strcmp(p->word.item[k], "(") != 0 &&
        strcmp(p->word.item[k], ")") != 0)
      p->word.item[kept++] = p->word.item[k];
  p->word.count = kept;
}

static ogi_block *block_create(void) {
  ogi_block *b = ogi_alloc(1, sizeof *b);
  if (b == NULL) return NULL;
  b->ports = ogi_names_create();
  b->inside_names = ogi_names_create();
  b->model_names = ogi_names_create();
  if (b->ports != NULL && b->inside_names != NULL && b->model_names != NULL) return b;
  block_free(b);
  return NULL;
}

/* Name and ports out of the words of its line. */
static og_status read_head(ogi_reading *r, ogi_block *b, const ogi_line *line) {
  og_status st = ogi_pieces_split(&b->head, line->text, r->err);
  if (st != OG_OK) return st;
  drop_params_word(&b->head);
  if (b->head.word.count < 2) return ogi_fail(r->err, OG_E_INPUT, "saw a .subckt without a name");
  memmove(b->head.word.item, b->head.word.item + 1, --b->head.word.count * sizeof *b->head.word.item);
  for (size_t k = 1; k < b->head.word.count; k++) {
    size_t number = ogi_names_add(b->ports, b->head.word.item[k]);
    if (number == OGI_NO_NAME) return ogi_fail(r->err, OG_E_NOMEM, "deck: definitions");
    if (number + 1 != k) return ogi_fail(r->err, OG_E_INPUT, "saw the port %s a second time", b->head.word.item[k]);
  }
  return OG_OK;
}

static og_status open_block(ogi_reading *r, ogi_block **now, const ogi_line *line) {
  int depth = 1;
  for (const ogi_block *b = *now; b->outside != NULL; b = b->outside) depth++;
  if (depth > SUBCKT_DEPTH_MAX)
    return ogi_fail(r->err, OG_E_INPUT, "saw .subckt inside .subckt deeper than %d", SUBCKT_DEPTH_MAX);
  ogi_block *outside = *now, *b = OGI_ROOM(outside->inside) && OGI_ROOM(outside->named) ? block_create() : NULL;
  if (b == NULL) return ogi_fail(r->err, OG_E_NOMEM, "deck: definitions");
  b->outside = outside;
  b->place = line->place;
  outside->inside.item[outside->inside.count++] = b;
  *now = b;
  og_status st = read_head(r, b, line);
  if (st != OG_OK) return st;
  size_t number = ogi_names_add(outside->inside_names, b->head.word.item[0]);
  if (number == OGI_NO_NAME) return ogi_fail(r->err, OG_E_NOMEM, "deck: definitions");
  if (number == outside->named.count) outside->named.item[outside->named.count++] = b;
  return OG_OK;
}

static int begins(const char *line, const char *word) {
  size_t length = strlen(word);
  return strncmp(line, word, length) == 0 && (line[length] == '\0' || strchr(" \t(", line[length]) != NULL);
}

#define KEEP(list, line, r) \
  (OGI_ROOM(list) ? ((list).item[(list).count++] = (line), OG_OK) : ogi_fail((r)->err, OG_E_NOMEM, "deck: lines"))

/* A card whose name cannot be found stays nameless: it is an error only if it is used. */
static og_status keep_model(ogi_reading *r, ogi_block *b, const ogi_line *line) {
  ogi_pieces p;
  og_status st = ogi_pieces_split(&p, line->text, r->err);
  if (st != OG_OK) return st;
  if (p.word.count < 3) st = ogi_fail(r->err, OG_E_INPUT, ".model: saw no name and type, need them");
  size_t number = st == OG_OK ? ogi_names_add(b->model_names, p.word.item[1]) : OGI_NO_NAME;
  if (st == OG_OK && number == OGI_NO_NAME) st = ogi_fail(r->err, OG_E_NOMEM, "deck: models");
  ogi_pieces_clear(&p);
  if (st == OG_OK && number == b->models.count) st = KEEP(b->models, line, r);
  return st;
}

static og_status sort_line(ogi_reading *r, ogi_block **now, const ogi_line *line) {
  const char *text = line->text;
  if (begins(text, ".subckt") || begins(text, ".macro")) return open_block(r, now, line);
  if (begins(text, ".ends") || begins(text, ".eom")) {
    if ((*now)->outside == NULL) return ogi_fail(r->err, OG_E_INPUT, "saw .ends, need a .subckt before it");
    *now = (*now)->outside;
    return OG_OK;
  }
  if (begins(text, ".param") || begins(text, ".parameters")) return KEEP((*now)->params, line, r);
  if (begins(text, ".model")) return keep_model(r, *now, line);
  if (text[0] != '.') return KEEP((*now)->elements, line, r);
  if ((*now)->outside != NULL)
    return ogi_fail(r->err, OG_E_INPUT, "saw \"%.20s\" inside a .subckt, need it outside", text);
  return KEEP(r->cards, line, r);
}

static og_status sort_lines(ogi_reading *r) {
  og_status st = OG_OK;
  const ogi_lines *l = &r->deck->lines;
  ogi_block *now = r->top = block_create();
  if (now == NULL) return ogi_fail(r->err, OG_E_NOMEM, "deck");
  for (size_t k = 0; k < l->all.count; k++) {
    st = sort_line(r, &now, &l->all.item[k]);
    if (st != OG_OK) return ogi_at(l, l->all.item[k].place, st, r->err);
  }
  if (now->outside == NULL) return OG_OK;
  st = ogi_fail(r->err, OG_E_INPUT, ".subckt %s: saw no .ends", now->head.word.item[0]);
  return ogi_at(l, now->place, st, r->err);
}

/* ---- expansion ---- */

static og_status expand(const ogi_reading *r, ogi_scope *s);

static ogi_block *find_definition(const ogi_block *b, const char *name) {
  for (; b != NULL; b = b->outside) {
    size_t number = ogi_names_find(b->inside_names, name);
    if (number != OGI_NO_NAME) return b->named.item[number];
  }
  return NULL;
}

/*
 * Parameters of an instance: defaults of the definition, its .param lines, then what the instance says, known in the
 * caller's terms. The last holds. An instance may say no name that the definition does not have: ngspice would pass
 * over it, or for m multiply all elements.
 */
static og_status set_params(const ogi_reading *r, ogi_scope *s, const ogi_pieces *p) {
  og_status st = OG_OK;
  const ogi_pieces *head = &s->block->head;
  for (size_t k = 0; k < head->pair.count; k++)
    OGI_TRY(st, ogi_scope_set(r, s, head->pair.item[k].key, head->pair.item[k].value, 0));
  OGI_TRY(st, ogi_scope_open(r, s));
  const char *unknown;
  OGI_TRY(st, ogi_scope_unknown(r, s, p, &unknown));
  if (unknown != NULL)
    return ogi_fail(r->err, OG_E_INPUT, "%s=: .subckt %s has no such parameter", unknown, head->word.item[0]);
  for (size_t k = 0; k < p->pair.count; k++) {
    const ogi_pair *pair = &p->pair.item[k];
    double value = 0;
    st = ogi_scope_number(r, s->caller, pair->value, &value);
    if (st != OG_OK) return ogi_prefix(r->err, st, "%s", pair->key);
    OGI_TRY(st, ogi_scope_set(r, s, pair->key, NULL, value));
  }
  st = ogi_scope_settle(r, s);
done:
  return st;
}

static og_status connect(const ogi_reading *r, ogi_scope *s, const ogi_pieces *p, size_t nodes) {
  size_t ports = s->block->head.word.count - 1;
  if (nodes != ports)
    return ogi_fail(r->err, OG_E_INPUT, "saw %zu nodes, need %zu of .subckt %s", nodes, ports,
                    s->block->head.word.item[0]);
  s->port = ogi_alloc(ports, sizeof *s->port);
  if (s->port == NULL) return ogi_fail(r->err, OG_E_NOMEM, "deck: nodes");
  for (size_t k = 0; k < ports; k++) {
    const char *name = p->word.item[1 + k];
    if (strchr("()", name[0]) != NULL) return ogi_fail(r->err, OG_E_INPUT, "saw \"%s\", need a node", name);
    s->port[k] = (ogi_port){name, OGI_NO_NAME};
  }
  return OG_OK;
}

/* ---- instances that are kept ---- */

/* A copy that lives as long as the deck; NULL when out of memory. */
static const char *keep_text(og_deck *d, const char *text) {
  char *copy = OGI_ROOM(d->text) ? ogi_strdup(text) : NULL;
  if (copy != NULL) d->text.item[d->text.count++] = copy;
  return copy;
}

/* Names of ports, nodes and parameters, and the values, once everything inside has been read. */
static og_status fill_instance(const ogi_reading *r, ogi_scope *s, og_deck_instance *to, const char **names,
                               double *values) {
  const ogi_pieces *head = &s->block->head;
  const char **port = names, **node = names + to->ports, **param = names + 2 * to->ports;
  int missing = 0;
  for (size_t k = 0; k < to->ports; k++) {
    missing |= (port[k] = keep_text(r->deck, head->word.item[1 + k])) == NULL;
    if (s->port[k].node != OGI_NO_NAME)
      missing |= (node[k] = keep_text(r->deck, ogi_names_at(r->deck->node_names, s->port[k].node))) == NULL;
  }
  for (size_t k = 0; k < to->params; k++) {
    missing |= (param[k] = keep_text(r->deck, head->pair.item[k].key)) == NULL;
    og_status st = ogi_scope_number(r, s, head->pair.item[k].key, &values[k]);
    if (st != OG_OK) return st;
  }
  return missing ? ogi_fail(r->err, OG_E_NOMEM, "deck: instances") : OG_OK;
}

static og_status keep_instance(const ogi_reading *r, ogi_scope *s) {
  const ogi_pieces *head = &s->block->head;
  og_deck *d = r->deck;
  char name[300];
  if (r->opts->instances_of == NULL || strcasecmp(head->word.item[0], r->opts->instances_of) != 0) return OG_OK;
  size_t ports = head->word.count - 1, params = head->pair.count;
  const char **names = OGI_ROOM(d->instances) ? ogi_alloc(2 * ports + params + 1, sizeof *names) : NULL;
  double *values = names != NULL ? ogi_alloc(params + 1, sizeof *values) : NULL;
  snprintf(name, sizeof name, "%.*s", (int)strlen(s->prefix) - 1, s->prefix);
  const char *kept = values != NULL ? keep_text(d, name) : NULL;
  if (kept == NULL) {
    ogi_free(names);
    ogi_free(values);
    return ogi_fail(r->err, OG_E_NOMEM, "deck: instances");
  }
  og_deck_instance *to = &d->instances.item[d->instances.count++];
  *to = (og_deck_instance){.name = kept, .ports = ports, .params = params, .port = names, .node = names + ports,
                           .param = names + 2 * ports, .value = values};
  return fill_instance(r, s, to, names, values);
}

static og_status read_instance(const ogi_reading *r, ogi_scope *caller, ogi_pieces *p) {
  og_status st;
  char prefix[300];
  drop_params_word(p);
  size_t words = p->word.count;
  if (words < 2) return ogi_fail(r->err, OG_E_INPUT, "need \"xNAME NODE ... SUBCKT [PARAMETER=VALUE]\"");
  const char *name = p->word.item[words - 1];
  ogi_scope s = {
      .caller = caller, .block = find_definition(caller->block, name), .prefix = prefix, .depth = caller->depth + 1};
  if (s.block == NULL) return ogi_fail(r->err, OG_E_INPUT, "no .subckt %s", name);
  if (s.depth > SUBCKT_DEPTH_MAX)
    return ogi_fail(r->err, OG_E_INPUT, "saw subcircuits nested deeper than %d: does %s contain itself?",
                    SUBCKT_DEPTH_MAX, name);
  if (snprintf(prefix, sizeof prefix, "%s%s.", caller->prefix, p->word.item[0]) >= 250)
    return ogi_fail(r->err, OG_E_INPUT, "saw names that are too long once joined, need less than 250 letters");
  OGI_TRY(st, connect(r, &s, p, words - 2));
  OGI_TRY(st, set_params(r, &s, p));
  OGI_TRY(st, expand(r, &s));
  st = keep_instance(r, &s);
done:
  ogi_scope_close(&s);
  return st;
}

/*
 * Element k of a definition in pieces: kept with it if that is a .subckt, else in own, which is the caller's to
 * release. (A flat deck would only double its memory.)
 */
static og_status split_element(const ogi_reading *r, ogi_block *b, size_t k, ogi_pieces *own, ogi_pieces **p) {
  *own = (ogi_pieces){0};
  *p = own;
  og_status st = ogi_spend(r, 1);
  if (st != OG_OK) return st;
  if (b->outside == NULL) return ogi_pieces_split(own, b->elements.item[k]->text, r->err);
  if (b->element_pieces == NULL) b->element_pieces = ogi_alloc(b->elements.count, sizeof *b->element_pieces);
  if (b->element_pieces == NULL) return ogi_fail(r->err, OG_E_NOMEM, "deck: lines");
  *p = &b->element_pieces[k];
  return (*p)->block != NULL ? OG_OK : ogi_pieces_split(*p, b->elements.item[k]->text, r->err);
}

/* A place inside a subcircuit is told from the inside: "file:7: r1: ...". */
static og_status expand(const ogi_reading *r, ogi_scope *s) {
  og_status st = OG_OK;
  for (size_t k = 0; k < s->block->elements.count && st == OG_OK; k++) {
    const ogi_line *line = s->block->elements.item[k];
    ogi_pieces own, *p;
    st = split_element(r, s->block, k, &own, &p);
    if (st == OG_OK && (p->word.count == 0 || p->word.item[0][0] != line->text[0]))
      st = ogi_fail(r->err, OG_E_INPUT, "saw \"%.30s\", need an element", line->text);
    if (st == OG_OK && line->text[0] == 'x') {
      st = read_instance(r, s, p);
      if (st != OG_OK) st = ogi_prefix(r->err, st, "%s", p->word.item[0]);
    } else if (st == OG_OK) {
      st = isalpha((unsigned char)line->text[0])
               ? ogi_read_element(r, s, line, p)
               : ogi_fail(r->err, OG_E_INPUT, "saw \"%.30s\", need an element", line->text);
    }
    ogi_pieces_clear(&own);
    if (st != OG_OK) st = ogi_at(&r->deck->lines, line->place, st, r->err);
  }
  return st;
}

/* ---- the whole deck ---- */

/* Names are unique, and elements that control others are there. */
static og_status check_names(const ogi_reading *r) {
  og_status st = OG_OK;
  const og_deck *d = r->deck;
  size_t names = ogi_names_count(d->element_names);
  const ogi_deck_part **of = ogi_alloc(names, sizeof *of); /* by number of the name */
  if (of == NULL) return ogi_fail(r->err, OG_E_NOMEM, "deck: names");
  for (size_t k = 0; k < d->parts.count && st == OG_OK; k++) {
    const ogi_deck_part *part = &d->parts.item[k], **slot = &of[part->name];
    if (*slot != NULL)
      st = ogi_deck_at(d, part,
                       ogi_fail(r->err, OG_E_INPUT, "saw the name a second time (first in line %u), need another",
                                (*slot)->place.line),
                       r->err);
    *slot = part;
  }
  for (size_t k = 0; k < d->parts.count && st == OG_OK; k++) {
    const ogi_deck_part *part = &d->parts.item[k];
    size_t others = part->kind == 'K' ? 2 : part->kind == 'F' || part->kind == 'H' ? 1 : 0;
    size_t controls = part->law != NULL ? part->law->controls.count : 0;
    for (size_t j = 0; j < others + controls && st == OG_OK; j++) {
      const ogi_deck_control *c = j >= others ? &part->law->controls.item[j - others] : NULL;
      if (c != NULL && c->kind != 'i') continue;
      size_t name = c != NULL ? c->a : part->other[j];
      const ogi_deck_part *other = of[name];
      const char *need = part->kind == 'K' ? "L" : "VLEH";
      if (other == NULL ||
          (strchr(need, other->kind) == NULL && !(other->kind == 'B' && other->law->kind == 'v' && need[0] == 'V')))
        st = ogi_deck_at(
            d, part,
            ogi_fail(r->err, OG_E_INPUT, "saw %s, need the name of %s", ogi_names_at(d->element_names, name),
                     part->kind == 'K' ? "an inductor" : "a voltage source"),
            r->err);
    }
  }
  ogi_free(of);
  return st;
}

static og_status check_node(const ogi_reading *r, const char *card, const char *name) {
  const og_deck *d = r->deck;
  if (name == NULL || strcmp(name, "0") == 0 || ogi_names_find(d->node_names, name) != OGI_NO_NAME) return OG_OK;
  return ogi_fail(r->err, OG_E_INPUT, ".%s: saw no node %s in the deck, need one", card, name);
}

static og_status check_analyses(const ogi_reading *r) {
  og_status st = OG_OK;
  const og_deck *d = r->deck;
  for (size_t k = 0; k < d->analyses.count && st == OG_OK; k++) {
    const og_analysis *a = &d->analyses.item[k];
    const char *card = og_analysis_name(a->kind);
    int found = a->source == NULL;
    for (size_t j = 0; !found && j < d->parts.count; j++)
      found = strchr("VI", d->parts.item[j].kind) != NULL &&
              strcmp(ogi_names_at(d->element_names, d->parts.item[j].name), a->source) == 0;
    if (!found) return ogi_fail(r->err, OG_E_INPUT, ".%s: saw no source %s in the deck, need one", card, a->source);
    OGI_TRY(st, check_node(r, card, a->output));
    OGI_TRY(st, check_node(r, card, a->reference));
  }
done:
  return st;
}

/* The last value of a name holds, so what the caller says goes behind the .param lines. */
static og_status override_params(ogi_reading *r, ogi_scope *top) {
  size_t own = top->params.count;
  for (size_t k = 0; k < r->opts->param_count; k++) {
    const og_deck_param *p = &r->opts->params[k];
    const char *known = NULL;
    for (size_t j = 0; j < own && known == NULL; j++)
      if (strcasecmp(top->params.item[j].name, p->name) == 0) known = top->params.item[j].name;
    if (known == NULL)
      return ogi_fail(r->err, OG_E_INPUT, "%s: saw no .param %s, need one to replace its value",
                      ogi_names_at(r->deck->lines.files, 0), p->name);
    if (!isfinite(p->value))
      return ogi_fail(r->err, OG_E_RANGE, "%s: .param %s: saw %g, need a finite value",
                      ogi_names_at(r->deck->lines.files, 0), p->name, p->value);
    og_status st = ogi_scope_set(r, top, known, NULL, p->value);
    if (st != OG_OK) return st;
  }
  return OG_OK;
}

static og_status build(ogi_reading *r) {
  og_status st;
  ogi_scope top = {.prefix = ""};
  OGI_TRY(st, sort_lines(r));
  top.block = r->top;
  OGI_TRY(st, ogi_scope_open(r, &top));
  OGI_TRY(st, override_params(r, &top));
  OGI_TRY(st, ogi_scope_settle(r, &top));
  OGI_TRY(st, ogi_read_cards_before(r, &top));
  OGI_TRY(st, expand(r, &top));
  if (r->deck->parts.count == 0) {
    st = ogi_fail(r->err, OG_E_INPUT, "%s: saw no element (the first line of a deck is its title), need one",
                  ogi_names_at(r->deck->lines.files, 0));
    goto done;
  }
  OGI_TRY(st, ogi_read_cards_after(r, &top));
  OGI_TRY(st, check_names(r));
  st = check_analyses(r);
done:
  ogi_scope_close(&top);
  return st;
}

static void drop_lines(ogi_lines *l) {
  for (size_t k = 0; k < l->all.count; k++) ogi_free(l->all.item[k].text);
  ogi_free(l->all.item);
  l->all.item = NULL;
  l->all.count = l->all.room = 0;
}

og_status og_deck_parse(og_deck **out, const char *name, const char *text, size_t bytes, const og_deck_opts *opts,
                        og_error *err) {
  og_status st;
  og_deck_opts defaults;
  og_error unused = {0};
  if (out != NULL) *out = NULL;
  if (out == NULL || name == NULL || text == NULL) return ogi_fail(err, OG_E_ARG, "deck: a needed pointer is NULL");
  og_deck_opts_init(&defaults);
  ogi_effort effort = {0};
  ogi_reading r = {.effort = &effort,
                   .globals = ogi_names_create(),
                   .model_keys = ogi_names_create(),
                   .opts = opts != NULL ? opts : &defaults,
                   .err = err != NULL ? err : &unused};
  const ogi_lines_opts line_opts = {.folder = r.opts->folder, .bytes_max = r.opts->bytes_max};
  og_deck *d = r.deck = ogi_alloc(1, sizeof *d);
  if (d == NULL || r.globals == NULL || r.model_keys == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "deck %s", name);
    goto done;
  }
  d->celsius = d->nominal_celsius = 27;
  OGI_TRY(st, ogi_lines_split(&d->lines, name, text, bytes, &line_opts, r.err));
  d->node_names = ogi_names_create();
  d->element_names = ogi_names_create();
  if (d->node_names == NULL || d->element_names == NULL || ogi_names_add(d->node_names, "0") != OGI_DECK_GROUND)
    st = ogi_fail(err, OG_E_NOMEM, "deck %s", name);
  if (st == OG_OK) st = build(&r);
done:
  block_free(r.top);
  ogi_free(r.cards.item);
  ogi_names_free(r.globals);
  ogi_names_free(r.model_keys);
  if (d != NULL) drop_lines(&d->lines);
  if (st == OG_OK) *out = d;
  else og_deck_free(d);
  return st;
}

og_status og_deck_load(og_deck **out, const char *path, const og_deck_opts *opts, og_error *err) {
  og_deck_opts defaults;
  char *text = NULL;
  size_t bytes = 0;
  if (out != NULL) *out = NULL;
  if (out == NULL || path == NULL) return ogi_fail(err, OG_E_ARG, "deck: a needed pointer is NULL");
  og_deck_opts_init(&defaults);
  og_status st = ogi_file_read(&text, &bytes, path, opts != NULL ? opts->bytes_max : defaults.bytes_max, err);
  if (st == OG_OK) st = og_deck_parse(out, path, text, bytes, opts, err);
  ogi_free(text);
  return st;
}
