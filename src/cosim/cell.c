/* SPDX-License-Identifier: BSD-3-Clause */
/** What a cell consists of, and checkpoints: potentials of its nodes that touch a capacitor. */
#include <config.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ohmgrid/deck.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "cosim/ogi_cosim.h"

#define LINE_LEAST 5 /* [bytes] of a line of a checkpoint, not even whole */
#define TEXT_MOST ((size_t)1 << 30) /* [bytes] of a checkpoint file */

/* ---- anatomy ---- */

#define INSTANCE "x_cell"
#define PREFIX "c." INSTANCE "."

/*
 * One cell, by its parameters (params 0: the subcircuit's own): terminals and states on nodes t_0, t_1 ...; the second of
 * two terminals is ground.
 */
static og_status parse_one(og_deck **deck, const og_cell_circuit *circuit, size_t cell, size_t params, og_error *err) {
  char *text = NULL;
  size_t bytes = 0;
  FILE *out = open_memstream(&text, &bytes);
  if (out == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: a cell as text");
  fprintf(out, "one cell\n%s\n%s", circuit->text, INSTANCE);
  for (size_t k = 0; k < circuit->terminals + circuit->states; k++)
    if (k == 1 && circuit->terminals == 2) fputs(" 0", out);
    else fprintf(out, " t_%zu", k);
  fprintf(out, " %s", circuit->name);
  for (size_t p = 0; p < params; p++) fprintf(out, " %s=%.17g", circuit->param[p], circuit->value[p][cell]);
  fputs("\n.end\n", out);
  og_deck_opts o;
  og_deck_opts_init(&o);
  o.instances_of = circuit->name;
  og_status st = fclose(out) != 0 ? ogi_fail(err, OG_E_NOMEM, "cosim: a cell as text") : OG_OK;
  if (st == OG_OK) st = og_deck_parse(deck, "cells", text, bytes, &o, err);
  free(text); /* open_memstream's own */
  return st;
}

static size_t pin_of(const char *node) {
  return strncmp(node, "t_", 2) == 0 ? strtoul(node + 2, NULL, 10) : SIZE_MAX;
}

/* Number of a node, entered where it is new; SIZE_MAX: ground. A node's name inside is what follows the instance's. */
static og_status enter_node(ogi_anatomy *a, const og_deck_instance *cell, const char *node, size_t *number,
                            og_error *err) {
  ogi_cell_node entry = {.pin = pin_of(node)};
  const char *inside = entry.pin != SIZE_MAX                                 ? cell->port[entry.pin]
                       : strncmp(node, INSTANCE ".", sizeof INSTANCE) == 0 ? node + sizeof INSTANCE
                                                                           : node;
  *number = SIZE_MAX;
  if (strcmp(node, "0") == 0) return OG_OK;
  if (strlen(inside) >= sizeof entry.name)
    return ogi_fail(err, OG_E_INPUT, "cosim: node %.60s...: the name is longer than %zu", inside,
                    sizeof entry.name - 1);
  memcpy(entry.name, inside, strlen(inside) + 1);
  for (*number = 0; *number < a->node.count; (*number)++)
    if (strcmp(a->node.item[*number].name, entry.name) == 0) return OG_OK;
  if (!OGI_ROOM(a->node)) return ogi_fail(err, OG_E_NOMEM, "cosim: nodes of a cell");
  a->node.item[a->node.count++] = entry;
  return OG_OK;
}

static og_status enter_capacitor(ogi_anatomy *a, const og_deck_instance *cell, const og_deck_element *e,
                                 og_error *err) {
  og_status st = OG_OK;
  ogi_cell_capacitor c = {0};
  if (strncmp(e->name, PREFIX, sizeof PREFIX - 1) != 0 || strlen(e->name) - sizeof PREFIX + 1 >= sizeof c.name)
    return ogi_fail(err, OG_E_INPUT, "cosim: capacitor %.80s: need one inside of the subcircuit", e->name);
  snprintf(c.name, sizeof c.name, "%s", e->name + sizeof PREFIX - 1);
  OGI_TRY(st, enter_node(a, cell, e->node[0], &c.a, err));
  OGI_TRY(st, enter_node(a, cell, e->node[1], &c.b, err));
  if (!OGI_ROOM(a->capacitor)) return ogi_fail(err, OG_E_NOMEM, "cosim: capacitors of a cell");
  a->capacitor.item[a->capacitor.count++] = c;
done:
  return st;
}

og_status ogi_anatomy_create(ogi_anatomy *a, const og_cell_circuit *circuit, og_error *err) {
  og_status st;
  og_deck *deck = NULL;
  size_t ignored, pins = circuit->terminals + circuit->states;
  *a = (ogi_anatomy){0};
  OGI_TRY(st, parse_one(&deck, circuit, 0, 0, err));
  const og_deck_instance *cell = og_deck_instance_at(deck, 0);
  if (cell == NULL || cell->ports != pins) {
    st = ogi_fail(err, OG_E_INPUT, "subcircuit %s: saw %zu pins, need %zu terminals and %zu states", circuit->name,
                  cell != NULL ? cell->ports : 0, circuit->terminals, circuit->states);
    goto done;
  }
  size_t ports = circuit->terminals == 2 ? 1 : circuit->terminals;
  for (size_t p = 0; p < ports; p++) {
    char node[24];
    snprintf(node, sizeof node, "t_%zu", p);
    OGI_TRY(st, enter_node(a, cell, node, &ignored, err));
  }
  for (size_t k = 0; k < og_deck_elements(deck); k++) {
    og_deck_element e = og_deck_element_at(deck, k);
    if (e.kind == 'L')
      st = ogi_fail(err, OG_E_INPUT, "subcircuit %s: inductor %s: cells keep their states in capacitors", circuit->name,
                    e.name);
    else if (e.kind == 'C') st = enter_capacitor(a, cell, &e, err);
    if (st != OG_OK) goto done;
  }
done:
  og_deck_free(deck);
  return st;
}

og_status ogi_cell_farad(double *farad, const og_cell_circuit *circuit, size_t cell, og_error *err) {
  og_deck *deck = NULL;
  ogi_locale locale;
  *farad = 0;
  ogi_locale_begin(&locale);
  og_status st = parse_one(&deck, circuit, cell, circuit->params, err);
  ogi_locale_end(&locale);
  for (size_t k = 0; st == OG_OK && k < og_deck_elements(deck); k++) {
    og_deck_element e = og_deck_element_at(deck, k);
    if (e.kind == 'C' && pin_of(e.node[0]) == 0 && strcmp(e.node[1], "0") == 0) *farad += e.value;
    if (e.kind == 'C' && pin_of(e.node[1]) == 0 && strcmp(e.node[0], "0") == 0) *farad += e.value;
  }
  og_deck_free(deck);
  return st;
}

void ogi_anatomy_clear(ogi_anatomy *a) {
  ogi_free(a->node.item);
  ogi_free(a->capacitor.item);
  *a = (ogi_anatomy){0};
}

/* ---- checkpoints ---- */

void og_cosim_checkpoint_free(og_cosim_checkpoint *c) {
  if (c == NULL) return;
  ogi_free(c->row);
  ogi_free(c->column);
  ogi_free(c->node);
  ogi_free(c->volt);
  ogi_free(c);
}

double og_cosim_checkpoint_second(const og_cosim_checkpoint *c) { return c != NULL ? c->second : NAN; }

og_status ogi_checkpoint_create(og_cosim_checkpoint **out, size_t cells, size_t nodes, og_error *err) {
  og_cosim_checkpoint *c = *out = ogi_alloc(1, sizeof *c);
  if (c == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: a checkpoint");
  *c = (og_cosim_checkpoint){.cells = cells,
                             .nodes = nodes,
                             .row = ogi_alloc(cells, sizeof *c->row),
                             .column = ogi_alloc(cells, sizeof *c->column),
                             .node = ogi_alloc(nodes, sizeof *c->node),
                             .volt = ogi_alloc(nodes * cells, sizeof *c->volt)};
  if (c->row != NULL && c->column != NULL && c->node != NULL && c->volt != NULL) return OG_OK;
  og_cosim_checkpoint_free(c);
  *out = NULL;
  return ogi_fail(err, OG_E_NOMEM, "cosim: a checkpoint of %zu cells", cells);
}

og_status og_cosim_checkpoint_save(const char *path, const og_cosim_checkpoint *c, og_error *err) {
  og_status st;
  ogi_writer w = {0};
  ogi_locale locale;
  if (path == NULL || c == NULL) return ogi_fail(err, OG_E_ARG, "checkpoint: a needed pointer is NULL");
  OGI_TRY(st, ogi_writer_open(&w, path, err));
  ogi_locale_begin(&locale);
  fprintf(w.stream, "second,%.17g\ncells,%zu\nnodes,%zu\nrow,column,node,volt\n", c->second, c->cells, c->nodes);
  for (size_t k = 0; k < c->cells; k++)
    for (size_t n = 0; n < c->nodes; n++)
      fprintf(w.stream, "%zu,%zu,%s,%.17g\n", c->row[k], c->column[k], c->node[n], c->volt[n * c->cells + k]);
  ogi_locale_end(&locale);
  st = ogi_writer_commit(&w, err);
done:
  ogi_writer_abort(&w);
  return st;
}

/* One line of a cell and a node; every cell has its nodes in the same order. */
static int take_line(og_cosim_checkpoint *c, const char *line, size_t k, size_t n) {
  unsigned long long row, column;
  char name[OGI_NODE_TEXT];
  double volt;
  int used = 0;
  if (sscanf(line, "%llu,%llu,%79[^,],%lf%n", &row, &column, name, &volt, &used) != 4 || line[used] != '\0') return 0;
  if (n > 0 && (row != c->row[k] || column != c->column[k])) return 0;
  if (k > 0 && strcmp(name, c->node[n]) != 0) return 0;
  c->row[k] = (size_t)row;
  c->column[k] = (size_t)column;
  memcpy(c->node[n], name, sizeof name);
  c->volt[n * c->cells + k] = volt;
  return isfinite(volt);
}

static og_status parse_checkpoint(og_cosim_checkpoint **out, char *text, const char *path, og_error *err) {
  char *rest = text, *line;
  double second = NAN;
  unsigned long long cells = 0, nodes = 0;
  size_t number = 0;
  while (number < 4 && (line = strsep(&rest, "\n")) != NULL && rest != NULL) {
    int sound = number == 0   ? sscanf(line, "second,%lf", &second) == 1 && isfinite(second)
                : number == 1 ? sscanf(line, "cells,%llu", &cells) == 1 && cells > 0 && cells <= TEXT_MOST
                : number == 2 ? sscanf(line, "nodes,%llu", &nodes) == 1 && nodes > 0 && nodes <= 4096
                              : strcmp(line, "row,column,node,volt") == 0;
    number++;
    if (!sound) return ogi_fail(err, OG_E_INPUT, "%s:%zu: saw \"%.40s\", need a checkpoint", path, number, line);
  }
  if (number < 4 || cells * nodes > strlen(rest != NULL ? rest : "") / LINE_LEAST)
    return ogi_fail(err, OG_E_INPUT, "%s: saw no checkpoint, need one that a run has written", path);
  og_status st = ogi_checkpoint_create(out, (size_t)cells, (size_t)nodes, err);
  if (st != OG_OK) return st;
  (*out)->second = second;
  for (size_t k = 0; k < cells * nodes; k++, number++)
    if ((line = strsep(&rest, "\n")) == NULL || !take_line(*out, line, k / nodes, k % nodes))
      return ogi_fail(err, OG_E_INPUT, "%s:%zu: saw \"%.40s\", need row,column,node,volt of %llu cells with %llu nodes",
                      path, number + 1, line != NULL ? line : "the end", cells, nodes);
  return OG_OK;
}

og_status og_cosim_checkpoint_load(og_cosim_checkpoint **out, const char *path, og_error *err) {
  og_status st;
  char *text = NULL;
  size_t bytes;
  ogi_locale locale;
  if (out != NULL) *out = NULL;
  if (out == NULL || path == NULL) return ogi_fail(err, OG_E_ARG, "checkpoint: a needed pointer is NULL");
  OGI_TRY(st, ogi_file_read(&text, &bytes, path, TEXT_MOST, err));
  ogi_locale_begin(&locale);
  st = parse_checkpoint(out, text, path, err);
  ogi_locale_end(&locale);
done:
  ogi_free(text);
  if (st != OG_OK && out != NULL) {
    og_cosim_checkpoint_free(*out);
    *out = NULL;
  }
  return st;
}
