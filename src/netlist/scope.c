/* SPDX-License-Identifier: BSD-3-Clause */
/** What names mean where: parameters, nodes and elements of a definition that is being expanded. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_spice_number.h"
#include "netlist/ogi_deck_read.h"

#define NAME_MAX_BYTES 250 /* of a flattened name */
#define FEW 16             /* parameters that are found soon enough one by one */
#define UNITS_PER_ELEMENT 16

og_status ogi_spend(const ogi_reading *r, double units) {
  r->effort->spent += units;
  if (r->effort->spent <= UNITS_PER_ELEMENT * ((double)r->opts->elements_max + 1000)) return OG_OK;
  return ogi_fail(r->err, OG_E_INPUT, "saw subcircuits, parameters and expressions that grow too large once flattened, "
                  "need fewer (at most %zu elements in all)", r->opts->elements_max);
}

/* ---- parameters ---- */

typedef struct context {
  const ogi_reading *r;
  ogi_scope *scope;
  ogi_deck_law *law;   /* of a source; NULL: parameters only */
  const ogi_param *of; /* the parameter whose text it is; NULL: none */
} context;

/* Many parameters get a table, made anew where some were added since. */
static og_status index_params(const ogi_reading *r, ogi_scope *s) {
  size_t count = s->params.count;
  if (count <= FEW || s->param_names != NULL) return OG_OK;
  s->param_names = ogi_names_create();
  s->param_last = ogi_alloc(count, sizeof *s->param_last);
  for (size_t k = 0; k < count; k++) {
    size_t number = s->param_names != NULL && s->param_last != NULL
                        ? ogi_names_add(s->param_names, s->params.item[k].name)
                        : OGI_NO_NAME;
    if (number == OGI_NO_NAME) return ogi_fail(r->err, OG_E_NOMEM, "deck: parameters");
    s->param_last[number] = k;
  }
  return OG_OK;
}

static void drop_index(ogi_scope *s) {
  ogi_names_free(s->param_names);
  ogi_free(s->param_last);
  s->param_names = NULL;
  s->param_last = NULL;
}

/* The last one said holds. */
static ogi_param *find_here(ogi_scope *s, const char *name) {
  if (s->param_names != NULL) {
    size_t number = ogi_names_find(s->param_names, name);
    return number != OGI_NO_NAME ? &s->params.item[s->param_last[number]] : NULL;
  }
  for (size_t k = s->params.count; k > 0; k--)
    if (strcmp(s->params.item[k - 1].name, name) == 0) return &s->params.item[k - 1];
  return NULL;
}

/* In this scope or its callers. In "r = 2*r" the r on the right is that of a caller. */
static ogi_param *find_param(ogi_scope *s, const char *name, const ogi_param *of, ogi_scope **owner) {
  for (; s != NULL; s = s->caller) {
    ogi_param *p = find_here(s, name);
    if (p == NULL || (p == of && s->caller != NULL)) continue;
    *owner = s;
    return p;
  }
  return NULL;
}

og_status ogi_scope_unknown(const ogi_reading *r, ogi_scope *s, const ogi_pieces *p, const char **unknown) {
  *unknown = NULL;
  og_status st = p->pair.count > 0 ? index_params(r, s) : OG_OK;
  for (size_t k = 0; k < p->pair.count && st == OG_OK && *unknown == NULL; k++)
    if (find_here(s, p->pair.item[k].key) == NULL) *unknown = p->pair.item[k].key;
  return st;
}

og_status ogi_scope_set(const ogi_reading *r, ogi_scope *s, const char *name, const char *text, double value) {
  og_status st = ogi_spend(r, 1);
  if (st != OG_OK) return st;
  drop_index(s);
  if (!OGI_ROOM(s->params)) return ogi_fail(r->err, OG_E_NOMEM, "deck: parameters");
  s->params.item[s->params.count++] = (ogi_param){.name = name, .text = text, .value = value};
  return OG_OK;
}

static og_status value_of(const ogi_reading *r, ogi_scope *s, const ogi_param *of, const char *text, double *value,
                          og_error *err);

static og_status settle(const ogi_reading *r, ogi_scope *s, ogi_param *p, og_error *err) {
  if (p->text == NULL) return OG_OK;
  if (p->busy) return ogi_fail(err, OG_E_RANGE, "parameter %s depends on itself", p->name);
  p->busy = 1;
  og_status st = value_of(r, s, p, p->text, &p->value, err);
  p->busy = 0;
  if (st == OG_OK) p->text = NULL;
  return st == OG_OK ? st : ogi_prefix(err, st == OG_E_INPUT ? OG_E_RANGE : st, "parameter %s", p->name);
}

static og_status parameter(void *user, const char *name, double *value, og_error *err) {
  context *c = user;
  ogi_scope *owner = NULL;
  ogi_param *p = find_param(c->scope, name, c->of, &owner);
  if (p == NULL) return ogi_fail(err, OG_E_INPUT, "no parameter %s", name);
  og_status st = settle(c->r, owner, p, err);
  *value = p->value;
  return st;
}

/* The whole text is one number. */
static int is_number(const char *text, double *value) {
  const char *end;
  return ogi_spice_number(text, &end, value) && *end == '\0';
}

static og_status value_of(const ogi_reading *r, ogi_scope *s, const ogi_param *of, const char *text, double *value,
                          og_error *err) {
  og_status st;
  ogi_expr *e = NULL;
  double *room = NULL;
  context c = {r, s, NULL, of};
  const ogi_expr_names names = {&c, parameter, NULL, r->deck->celsius, &r->effort->nesting};
  if (is_number(text, value)) return OG_OK;
  OGI_TRY(st, ogi_expr_parse(&e, text, &names, err));
  room = ogi_alloc(ogi_expr_room(e, 0), sizeof *room);
  if (room == NULL) st = ogi_fail(err, OG_E_NOMEM, "expression");
  else if (ogi_expr_eval(e, 0, NULL, 0, value, NULL, room))
    st = ogi_fail(err, OG_E_RANGE, "%.60s: saw %g, need a finite value", text, *value);
done:
  ogi_expr_free(e);
  ogi_free(room);
  return st;
}

og_status ogi_scope_number(const ogi_reading *r, ogi_scope *s, const char *text, double *value) {
  return value_of(r, s, NULL, text, value, r->err);
}

og_status ogi_scope_key(const ogi_reading *r, ogi_scope *s, const ogi_pieces *p, const char *key, double *value) {
  const char *text = ogi_pieces_value(p, key);
  if (text == NULL) return OG_OK;
  og_status st = ogi_scope_number(r, s, text, value);
  return st == OG_OK ? st : ogi_prefix(r->err, st, "%s", key);
}

/* ---- open and close ---- */

og_status ogi_scope_open(const ogi_reading *r, ogi_scope *s) {
  og_status st = OG_OK;
  if (s->block->param_pieces == NULL) s->block->param_pieces = ogi_alloc(s->block->params.count, sizeof(ogi_pieces));
  if (s->block->param_pieces == NULL) return ogi_fail(r->err, OG_E_NOMEM, "deck: parameters");
  for (size_t k = 0; k < s->block->params.count; k++) {
    const ogi_line *line = s->block->params.item[k];
    ogi_pieces *p = &s->block->param_pieces[k];
    if (p->block == NULL) st = ogi_pieces_split(p, line->text, r->err);
    if (st == OG_OK && p->word.count > 1) {
      st = ogi_fail(r->err, OG_E_INPUT, "saw \"%s\", need name=value (functions are not supported)", p->word.item[1]);
    }
    for (size_t j = 0; st == OG_OK && j < p->pair.count; j++) {
      st = ogi_scope_set(r, s, p->pair.item[j].key, p->pair.item[j].value, 0);
    }
    if (st != OG_OK) st = ogi_at(&r->deck->lines, line->place, st, r->err);
    if (st != OG_OK) break;
  }
  return st;
}

og_status ogi_scope_settle(const ogi_reading *r, ogi_scope *s) {
  og_status st = index_params(r, s);
  for (size_t k = 0; st == OG_OK && k < s->params.count; k++) {
    og_error unused = {0};
    ogi_param *p = &s->params.item[k];
    if (find_here(s, p->name) == p && settle(r, s, p, &unused) == OG_E_NOMEM)
      st = ogi_fail(r->err, OG_E_NOMEM, "deck: parameters");
  }
  return st;
}

void ogi_scope_close(ogi_scope *s) {
  drop_index(s);
  ogi_free(s->params.item);
  ogi_free(s->port);
}

/* ---- nodes and elements ---- */

static og_status number_of(const ogi_reading *r, ogi_names *names, const char *prefix, const char *name,
                           size_t *number) {
  char full[NAME_MAX_BYTES + 1];
  if (snprintf(full, sizeof full, "%s%s", prefix, name) >= (int)sizeof full)
    return ogi_fail(r->err, OG_E_INPUT, "name %.40s...: saw more than %d letters", name, NAME_MAX_BYTES);
  *number = ogi_names_add(names, full);
  return *number != OGI_NO_NAME ? OG_OK : ogi_fail(r->err, OG_E_NOMEM, "deck: names");
}

og_status ogi_scope_node(const ogi_reading *r, const ogi_scope *s, const char *name, size_t *node) {
  if (strcmp(name, "0") == 0 || strcmp(name, "gnd") == 0) {
    *node = OGI_DECK_GROUND;
    return OG_OK;
  }
  if (strchr("()", name[0]) != NULL || name[0] == '\0')
    return ogi_fail(r->err, OG_E_INPUT, "saw \"%s\", need a node", name);
  if (ogi_names_find(r->globals, name) != OGI_NO_NAME) return number_of(r, r->deck->node_names, "", name, node);
  size_t port = s->port != NULL ? ogi_names_find(s->block->ports, name) : OGI_NO_NAME;
  if (port == OGI_NO_NAME) return number_of(r, r->deck->node_names, s->prefix, name, node);
  og_status st = OG_OK;
  if (s->port[port].node == OGI_NO_NAME) st = ogi_scope_node(r, s->caller, s->port[port].outside, &s->port[port].node);
  *node = s->port[port].node;
  return st;
}

/* r1 in x1 is r.x1.r1, as ngspice flattens. */
og_status ogi_scope_element(const ogi_reading *r, const ogi_scope *s, const char *name, size_t *number) {
  char prefix[NAME_MAX_BYTES + 4] = "";
  if (s->prefix[0] != '\0') snprintf(prefix, sizeof prefix, "%c.%s", name[0], s->prefix);
  return number_of(r, r->deck->element_names, prefix, name, number);
}

/* ---- laws ---- */

static og_status control(void *user, char kind, const char *a, const char *b, size_t *number, og_error *err) {
  context *c = user;
  og_status st;
  ogi_deck_control one = {.kind = kind};
  (void)err; /* the same as that of the reading */
  if (kind == 'i') {
    OGI_TRY(st, ogi_scope_element(c->r, c->scope, a, &one.a));
  } else {
    OGI_TRY(st, ogi_scope_node(c->r, c->scope, a, &one.a));
    if (b != NULL) OGI_TRY(st, ogi_scope_node(c->r, c->scope, b, &one.b));
  }
  for (*number = 0; *number < c->law->controls.count; ++*number) {
    const ogi_deck_control *known = &c->law->controls.item[*number];
    if (known->kind == kind && known->a == one.a && known->b == one.b) return OG_OK;
  }
  if (!OGI_ROOM(c->law->controls)) return ogi_fail(c->r->err, OG_E_NOMEM, "deck: a law");
  c->law->controls.item[c->law->controls.count++] = one;
done:
  return st;
}

og_status ogi_scope_law(const ogi_reading *r, ogi_scope *s, char kind, const char *text, ogi_deck_law **out) {
  og_status st;
  ogi_deck_law *law = *out = ogi_alloc(1, sizeof *law);
  if (law == NULL) return ogi_fail(r->err, OG_E_NOMEM, "deck: a law");
  law->kind = kind;
  context c = {r, s, law, NULL};
  const ogi_expr_names names = {&c, parameter, control, r->deck->celsius, &r->effort->nesting};
  OGI_TRY(st, ogi_expr_parse(&law->expr, text, &names, r->err));
  size_t room = ogi_expr_room(law->expr, law->controls.count);
  OGI_TRY(st, ogi_spend(r, (double)room / 4));
  law->work = ogi_alloc(room, sizeof *law->work);
  if (law->work == NULL) st = ogi_fail(r->err, OG_E_NOMEM, "deck: a law");
done:
  if (st != OG_OK) {
    ogi_law_free(law);
    *out = NULL;
  }
  return st;
}

void ogi_law_free(ogi_deck_law *law) {
  if (law == NULL) return;
  ogi_expr_free(law->expr);
  ogi_free(law->controls.item);
  ogi_free(law->work);
  ogi_free(law);
}
