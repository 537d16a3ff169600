/* SPDX-License-Identifier: BSD-3-Clause */
/** Cells through the reader of decks: the elements of the first, and the numbers in which the others differ. */
#include <config.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "compact/ogi_form.h"

#define CHUNK 256        /* cells of one deck: its memory is bounded */
#define NODES_MAX 10000  /* of a cell */
#define WORD_MAX 200

/* ---- arguments ---- */

static int is_word(const char *text) {
  if (text == NULL || !(isalpha((unsigned char)text[0]) || text[0] == '_') || strlen(text) > WORD_MAX) return 0;
  for (; *text != '\0'; text++)
    if (!isalnum((unsigned char)*text) && *text != '_') return 0;
  return 1;
}

static og_status check_values(const og_cell_circuit *c, size_t cells, og_error *err) {
  for (size_t k = 0; k < c->params; k++) {
    if (c->value[k] == NULL || c->param[k] == NULL) return ogi_fail(err, OG_E_ARG, "compact: a needed pointer is NULL");
    if (!is_word(c->param[k]))
      return ogi_fail(err, OG_E_RANGE, "parameter %zu: saw \"%.40s\", need a name", k, c->param[k]);
    for (size_t j = 0; j < cells; j++)
      if (!isfinite(c->value[k][j]))
        return ogi_fail(err, OG_E_RANGE, "cell %zu: %s: saw %g, need a finite value", j, c->param[k], c->value[k][j]);
  }
  return OG_OK;
}

static og_status check_circuit(const og_cell_circuit *c, size_t cells, og_error *err) {
  if (c->name == NULL || c->text == NULL || cells == 0)
    return ogi_fail(err, OG_E_ARG, cells == 0 ? "compact: saw no cell" : "compact: a needed pointer is NULL");
  if (!is_word(c->name)) return ogi_fail(err, OG_E_RANGE, "name: saw \"%.40s\", need that of a .subckt", c->name);
  if (c->terminals < 2 || c->terminals > OG_CELL_PORTS)
    return ogi_fail(err, OG_E_RANGE, "terminals: saw %zu, need 2 .. %d", c->terminals, OG_CELL_PORTS);
  if (c->states > OG_CELL_STATES)
    return ogi_fail(err, OG_E_RANGE, "states: saw %zu, need at most %d", c->states, OG_CELL_STATES);
  if (c->params > OG_CELL_PARAMS)
    return ogi_fail(err, OG_E_RANGE, "parameters: saw %zu, need at most %d", c->params, OG_CELL_PARAMS);
  return check_values(c, cells, err);
}

static int varies(const og_cell_circuit *c, size_t cells) {
  for (size_t k = 0; k < c->params; k++)
    for (size_t j = 1; j < cells; j++)
      if (c->value[k][j] != c->value[k][0]) return 1;
  return 0;
}

/* ---- decks ---- */

/* The first line of a deck is its title. */
static void print_deck(FILE *out, const og_cell_circuit *c, size_t first, size_t count) {
  fprintf(out, "cells\n%s\n", c->text);
  for (size_t j = first; j < first + count; j++) {
    fprintf(out, "x%zu", j);
    for (size_t k = 0; k < c->terminals + c->states; k++)
      if (k == 1 && c->terminals == 2) fputs(" 0", out);
      else fprintf(out, " pin%zu_%zu", k, j);
    fprintf(out, " %s", c->name);
    for (size_t k = 0; k < c->params; k++) fprintf(out, " %s=%.17g", c->param[k], c->value[k][j]);
    fputc('\n', out);
  }
}

static og_status parse(og_deck **deck, const og_cell_circuit *c, size_t first, size_t count, og_error *err) {
  char *text = NULL;
  size_t bytes = 0;
  ogi_locale locale;
  og_deck_opts opts;
  *deck = NULL;
  FILE *out = open_memstream(&text, &bytes);
  if (out == NULL) return ogi_fail(err, OG_E_NOMEM, "compact: deck");
  ogi_locale_begin(&locale);
  print_deck(out, c, first, count);
  ogi_locale_end(&locale);
  og_deck_opts_init(&opts);
  opts.instances_of = c->name;
  og_status st = fclose(out) == 0 ? og_deck_parse(deck, c->name, text, bytes, &opts, err)
                                  : ogi_fail(err, OG_E_NOMEM, "compact: deck");
  free(text);
  if (st == OG_OK && ((*deck)->analyses.count > 0 || (*deck)->initials.count > 0 || (*deck)->measures.count > 0))
    st = ogi_fail(err, OG_E_INPUT, "%s: saw cards of an analysis beside the .subckt, need it alone", c->name);
  return st;
}

/* "name:7: x3: ..." is a line of ours; "name:5: ..." counts the title, which the text does not have. */
static void tell_line(char *to, size_t room, const char *name, const char *rest) {
  unsigned cell;
  int skip = 0;
  char *end;
  unsigned long line = strtoul(rest, &end, 10);
  if (sscanf(end, ": x%u: %n", &cell, &skip) == 1 && skip > 0) snprintf(to, room, "cell %u: %s", cell, end + skip);
  else snprintf(to, room, "%s:%lu%s", name, line - 1, end);
}

void ogi_cell_count_lines(const og_cell_circuit *c, og_error *err) {
  char place[WORD_MAX + 2], text[sizeof err->text];
  size_t length = (size_t)snprintf(place, sizeof place, "%s:", c->name);
  for (size_t at = 0; err != NULL && err->text[at] != '\0'; at++) {
    const char *rest = err->text + at + length;
    if ((at > 0 && err->text[at - 1] != ' ') || strncmp(err->text + at, place, length) != 0 ||
        !isdigit((unsigned char)*rest))
      continue;
    tell_line(text, sizeof text, c->name, rest);
    snprintf(err->text + at, sizeof err->text - at, "%s", text);
  }
}

/* ---- one cell ---- */

typedef struct tracer {
  ogi_cell_source *s;
  const og_deck *deck;
  size_t *local;   /* by node of the deck; NODES_MAX: none yet */
  size_t nodes, cell;
  size_t word, literal; /* how many came so far */
  int differs, missing; /* another structure; out of memory */
} tracer;

static void note(tracer *t, size_t word) {
  ogi_cell_source *s = t->s;
  if (t->cell == 0) {
    t->missing |= !OGI_ROOM(s->shape);
    if (!t->missing) s->shape.item[s->shape.count++] = word;
  } else {
    t->differs |= t->word >= s->shape.count || s->shape.item[t->word] != word;
    t->word++;
  }
}

static void note_number(tracer *t, double value) {
  ogi_cell_source *s = t->s;
  if (t->cell == 0) {
    t->missing |= !OGI_ROOM(s->literals);
    if (!t->missing) s->literals.item[s->literals.count++] = (ogi_literal){value, NULL};
    return;
  }
  ogi_literal *l = t->literal < s->literals.count ? &s->literals.item[t->literal++] : NULL;
  t->differs |= l == NULL;
  if (l == NULL || (l->column == NULL && l->value == value)) return;
  if (l->column == NULL) {
    l->column = ogi_alloc(s->padded, sizeof *l->column);
    t->missing |= l->column == NULL;
    for (size_t j = 0; l->column != NULL && j < s->padded; j++) l->column[j] = l->value;
  }
  if (l->column != NULL) l->column[t->cell] = value;
}

static size_t local_node(tracer *t, size_t node) {
  if (t->local[node] == NODES_MAX && t->nodes < NODES_MAX) t->local[node] = t->nodes++;
  return t->local[node];
}

static void note_law(tracer *t, const ogi_deck_law *law) {
  note(t, (size_t)law->kind);
  for (size_t k = 0; k < law->controls.count; k++) {
    const ogi_deck_control *c = &law->controls.item[k];
    note(t, (size_t)c->kind);
    note(t, c->kind == 'v' ? local_node(t, c->a) : 0);
    note(t, c->kind == 'v' ? local_node(t, c->b) : 0);
  }
  for (size_t k = 0; k < law->expr->nodes.count; k++) {
    const ogi_expr_node *node = &law->expr->nodes.item[k];
    note(t, (size_t)node->op);
    for (int j = 0; j < 3; j++) note(t, node->operand[j]);
    if (node->op == OGI_NUMBER) note_number(t, node->value);
  }
}

/* The order of numbers is that in which form.c takes them. */
static void note_part(tracer *t, const ogi_deck_part *p) {
  note(t, (size_t)p->kind);
  note(t, local_node(t, p->node[0]));
  note(t, local_node(t, p->node[1]));
  note(t, p->law != NULL);
  if (p->law != NULL) {
    note_law(t, p->law);
  } else if (p->kind == 'E' || p->kind == 'G') {
    note(t, local_node(t, p->node[2]));
    note(t, local_node(t, p->node[3]));
    note_number(t, p->value);
  } else if (p->kind == 'C') {
    note(t, isnan(p->initial));
    note_number(t, p->value);
    note_number(t, isnan(p->initial) ? 0 : p->initial);
  } else {
    note_number(t, p->kind == 'R' ? p->inverse : p->kind == 'V' || p->kind == 'I' ? p->dc : 0);
  }
}

/* Parts of the cell that begins at part first. */
static size_t parts_of(const og_deck *d, size_t first, size_t cell) {
  char prefix[32];
  size_t k = first, length = (size_t)snprintf(prefix, sizeof prefix, ".x%zu.", cell);
  while (k < d->parts.count && strncmp(ogi_names_at(d->element_names, d->parts.item[k].name) + 1, prefix, length) == 0)
    k++;
  return k - first;
}

static og_status note_pins(tracer *t, og_error *err) {
  const og_cell_circuit *c = t->s->circuit;
  char name[64];
  t->local[OGI_DECK_GROUND] = 0;
  t->nodes = 1 + c->terminals + c->states;
  for (size_t k = 0; k < c->terminals + c->states; k++) {
    if (k == 1 && c->terminals == 2) continue;
    snprintf(name, sizeof name, "pin%zu_%zu", k, t->cell);
    size_t node = ogi_names_find(t->deck->node_names, name);
    if (node != OGI_NO_NAME) t->local[node] = 1 + k;
    else if (k >= c->terminals)
      return ogi_fail(err, OG_E_INPUT, "%s: nothing is joined to pin %zu, a state", c->name, k);
  }
  return OG_OK;
}

static og_status trace(tracer *t, size_t first, og_error *err) {
  ogi_cell_source *s = t->s;
  size_t parts = parts_of(t->deck, first, t->cell);
  if (t->cell == 0) s->parts = parts;
  if (parts == 0)
    return ogi_fail(err, OG_E_INPUT, "%s: saw no elements in it, or others beside it, need a .subckt alone",
                    s->circuit->name);
  og_status st = note_pins(t, err);
  if (st != OG_OK) return st;
  for (size_t k = first; k < first + parts; k++) note_part(t, &t->deck->parts.item[k]);
  if (t->nodes == NODES_MAX)
    return ogi_fail(err, OG_E_RANGE, "%s: saw %d nodes or more, need less", s->circuit->name, NODES_MAX);
  if (t->missing) return ogi_fail(err, OG_E_NOMEM, "compact: cells");
  if (t->differs || parts != s->parts)
    return ogi_fail(err, OG_E_INPUT,
                    "cell %zu: its elements differ from those of cell 0, need numbers that differ only", t->cell);
  if (t->cell == 0) s->nodes = t->nodes;
  return OG_OK;
}

static og_status trace_deck(ogi_cell_source *s, const og_deck *deck, size_t first, size_t count, size_t *local,
                            og_error *err) {
  og_status st = OG_OK;
  size_t at = 0;
  for (size_t k = 0; k < ogi_names_count(deck->node_names); k++) local[k] = NODES_MAX;
  for (size_t j = first; j < first + count && st == OG_OK; j++) {
    tracer t = {.s = s, .deck = deck, .local = local, .cell = j};
    st = trace(&t, at, err);
    at += s->parts;
  }
  return st;
}

/* ---- names ---- */

/* "b.x0.x1.bs" -> "x1.bs" */
const char *ogi_cell_part_name(const ogi_cell_source *s, const ogi_deck_part *part) {
  return ogi_names_at(s->deck->element_names, part->name) + strlen("b.x0.");
}

static og_status name_nodes(ogi_cell_source *s, og_error *err) {
  const og_deck_instance *i = og_deck_instance_at(s->deck, 0);
  s->node_name = ogi_alloc(s->nodes, sizeof *s->node_name);
  if (s->node_name == NULL || i == NULL) return ogi_fail(err, OG_E_NOMEM, "compact: names");
  for (size_t k = 0; k < ogi_names_count(s->deck->node_names); k++) {
    size_t to = s->local[k];
    if (to == NODES_MAX || to == 0 || s->node_name[to] != NULL) continue; /* cell 0 comes first */
    const char *name = to <= i->ports ? i->port[to - 1] : ogi_names_at(s->deck->node_names, k) + strlen("x0.");
    s->node_name[to] = ogi_strdup(name);
    if (s->node_name[to] == NULL) return ogi_fail(err, OG_E_NOMEM, "compact: names");
  }
  return OG_OK;
}

size_t ogi_cell_pin(const ogi_cell_source *s, size_t k) { return k == 1 && s->circuit->terminals == 2 ? 0 : 1 + k; }

/* ---- all cells ---- */

static og_status read_chunk(ogi_cell_source *s, size_t first, size_t count, og_error *err) {
  og_deck *deck;
  size_t *local = NULL;
  og_status st = parse(&deck, s->circuit, first, count, err);
  if (st == OG_OK) local = ogi_alloc(ogi_names_count(deck->node_names), sizeof *local);
  if (st == OG_OK && local == NULL) st = ogi_fail(err, OG_E_NOMEM, "compact: nodes");
  if (st == OG_OK) st = trace_deck(s, deck, first, count, local, err);
  if (st == OG_OK && first == 0) {
    s->deck = deck;
    s->local = local;
    return name_nodes(s, err);
  }
  ogi_free(local);
  og_deck_free(deck);
  return st;
}

og_status ogi_cell_read(ogi_cell_source *s, const og_cell_circuit *circuit, size_t cells, og_error *err) {
  *s = (ogi_cell_source){
      .circuit = circuit, .cells = cells, .padded = ogi_ceil_div(cells, OGI_LANES) * OGI_LANES};
  og_status st = check_circuit(circuit, cells, err);
  size_t all = st == OG_OK && varies(circuit, cells) ? cells : 1;
  for (size_t first = 0; first < all && st == OG_OK; first += CHUNK)
    st = read_chunk(s, first, ogi_min_size(CHUNK, all - first), err);
  for (size_t k = 0; k < s->literals.count && st == OG_OK; k++)
    for (size_t j = cells; s->literals.item[k].column != NULL && j < s->padded; j++)
      s->literals.item[k].column[j] = s->literals.item[k].column[cells - 1];
  return st;
}

void ogi_cell_clear(ogi_cell_source *s) {
  for (size_t k = 0; k < s->literals.count; k++) ogi_free(s->literals.item[k].column);
  for (size_t k = 0; s->node_name != NULL && k < s->nodes; k++) ogi_free(s->node_name[k]);
  ogi_free(s->literals.item);
  ogi_free(s->node_name);
  ogi_free(s->shape.item);
  ogi_free(s->local);
  og_deck_free(s->deck);
  *s = (ogi_cell_source){0};
}
