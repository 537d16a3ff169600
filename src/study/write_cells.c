/* SPDX-License-Identifier: BSD-3-Clause */
/** Cells of a write study: a card's subcircuit or one's own, its parameters, a selector in series. */
#include <config.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <ohmgrid/deck.h>
#include <ohmgrid/device.h>
#include <ohmgrid/matrix.h>

#include "base/ogi_file.h"
#include "base/ogi_mem.h"
#include "base/ogi_spice_number.h"
#include "study/ogi_write.h"

/* Of what joins the inner node of selector and cell to the cell's second terminal, so that it never floats [ohm]. */
#define INNER_OHM "1e13"
#define SELECTOR  "sel_" /* in front of the names of a selector's states and parameters */

char *ogi_write_path(const og_write_study *s, const char *name) {
  return name[0] == '/' ? ogi_strdup(name) : ogi_path_join(s->folder, name);
}

void ogi_write_device_clear(ogi_write_device *d) {
  ogi_free(d->text);
  ogi_free(d->name);
  ogi_free(d->names);
  for (size_t k = 0; k < OG_CELL_PARAMS; k++) ogi_free(d->values[k]);
  *d = (ogi_write_device){0};
}

/* ---- a subcircuit and what is known of it ---- */

typedef struct part {
  og_circuit_card *card; /* NULL: one's own file */
  char *text, *name;     /* .subckt ... .ends; its name */
  size_t terminals, states;
  char state[OG_CELL_STATES][OG_WRITE_NAME];
  double min[OG_CELL_STATES], max[OG_CELL_STATES];
  og_deck *deck; /* with one instance: what ports and parameters there are */
  const og_deck_instance *seen;
} part;

static void part_clear(part *p) {
  og_deck_free(p->deck);
  og_circuit_card_free(p->card);
  ogi_free(p->text);
  ogi_free(p->name);
}

static og_status add_state(part *p, const char *name, size_t length, double min, double max, og_error *err) {
  if (p->states == OG_CELL_STATES) return ogi_fail(err, OG_E_INPUT, "saw more than %d states", OG_CELL_STATES);
  for (size_t k = 0; k < p->states; k++)
    if (strlen(p->state[k]) == length && strncasecmp(p->state[k], name, length) == 0)
      return ogi_fail(err, OG_E_INPUT, "saw %s twice, need another name", p->state[k]);
  if (length >= 20) return ogi_fail(err, OG_E_INPUT, "saw a state of %zu letters, need 19 at most", length);
  snprintf(p->state[p->states], OG_WRITE_NAME, "%.*s", (int)length, name);
  p->min[p->states] = min;
  p->max[p->states++] = max;
  return OG_OK;
}

/* Every pin behind the terminals is to be a state of the card. */
static og_status states_of_card(part *p, og_error *err) {
  size_t pins = og_circuit_card_pins(p->card), states = og_circuit_card_states(p->card);
  p->terminals = pins - states;
  if (p->terminals < 2 || p->terminals > 3)
    return ogi_fail(err, OG_E_INPUT, "saw %zu pins of which %zu are states, need a device of two or three terminals",
                    pins, states);
  for (size_t pin = 0; pin < pins; pin++) {
    const og_circuit_state *found = NULL;
    for (size_t k = 0; k < states && found == NULL; k++)
      if (og_circuit_card_state(p->card, k)->port == pin) found = og_circuit_card_state(p->card, k);
    if ((found != NULL) != (pin >= p->terminals))
      return ogi_fail(err, OG_E_INPUT, "pin %s: need %zu terminals first, then states",
                      og_circuit_card_pin(p->card, pin), p->terminals);
    og_status st = found == NULL ? OG_OK : add_state(p, found->pin, strlen(found->pin), found->min, found->max, err);
    if (st != OG_OK) return st;
  }
  return OG_OK;
}

/* A name of the library, or a card's path beside the study. */
static og_status load_card(part *p, const og_write_study *s, const char *name, const char *data_dir, og_error *err) {
  og_status st;
  size_t bytes, length = strlen(name);
  int is_path = strchr(name, '/') != NULL || (length > 5 && strcmp(name + length - 5, ".yaml") == 0);
  char *where = is_path ? ogi_write_path(s, name) : ogi_strdup(name), *file = NULL;
  if (where == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: a path");
  OGI_TRY(st, og_circuit_card_load(&p->card, where, data_dir, err));
  file = ogi_path_join(og_circuit_card_folder(p->card), og_circuit_card_file(p->card));
  p->name = ogi_strdup(og_circuit_card_subckt(p->card));
  if (file == NULL || p->name == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "cosim: a path");
    goto done;
  }
  OGI_TRY(st, ogi_file_read(&p->text, &bytes, file, (size_t)16 << 20, err));
  st = states_of_card(p, err);
  if (st != OG_OK) ogi_prefix(err, st, "%s", name);
done:
  ogi_free(where);
  ogi_free(file);
  return st;
}

static og_status load_own(part *p, const og_write_study *s, og_error *err) {
  og_status st;
  size_t bytes;
  char *path = ogi_write_path(s, s->lib);
  p->terminals = s->scheme == OGI_WRITE_VERIFY ? 3 : 2;
  p->name = ogi_strdup(s->subckt);
  if (path == NULL || p->name == NULL) {
    st = ogi_fail(err, OG_E_NOMEM, "cosim: a path");
    goto done;
  }
  OGI_TRY(st, ogi_file_read(&p->text, &bytes, path, (size_t)16 << 20, err));
  for (const char *at = s->state; *(at += strspn(at, " ,\t")) != '\0' && st == OG_OK;) {
    size_t length = strcspn(at, " ,\t");
    st = add_state(p, at, length, -INFINITY, INFINITY, err);
    if (st != OG_OK) ogi_prefix(err, st, "cells.state");
    at += length;
  }
done:
  ogi_free(path);
  return st;
}

/* A deck with one instance: what there is of ports and parameters, and a clear word before ngspice is started. */
static og_status look(part *p, og_error *err) {
  char *text = NULL;
  size_t bytes;
  og_deck_opts o;
  og_deck_opts_init(&o);
  o.instances_of = p->name;
  FILE *out = open_memstream(&text, &bytes);
  if (out == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: a cell");
  fprintf(out, "cell\n%s\nxone", p->text);
  for (size_t k = 0; k < p->terminals; k++) fprintf(out, " terminal_%zu", k);
  for (size_t k = 0; k < p->states; k++) fprintf(out, " state_%zu", k);
  fprintf(out, " %s\n.end\n", p->name);
  og_status st = fclose(out) == 0 ? OG_OK : ogi_fail(err, OG_E_NOMEM, "cosim: a cell");
  if (st == OG_OK) st = og_deck_parse(&p->deck, p->name, text, bytes, &o, err);
  if (st == OG_OK && (p->seen = og_deck_instance_at(p->deck, 0)) == NULL)
    st = ogi_fail(err, OG_E_INPUT, "cells: no subcircuit %s", p->name);
  free(text); /* open_memstream's own */
  return st;
}

/* ---- parameters ---- */

/* One value for all cells, or a file with one for each. */
static og_status fill_values(double *values, const og_write_study *s, const char *name, const char *text,
                             og_error *err) {
  const char *end;
  double value;
  size_t cells = s->m * s->n;
  if (ogi_spice_number(text, &end, &value) && *end == '\0') {
    for (size_t k = 0; k < cells; k++) values[k] = value;
    return OG_OK;
  }
  og_status st;
  og_matrix x = {0};
  char *path = ogi_write_path(s, text);
  if (path == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: a path");
  OGI_TRY(st, og_matrix_load(&x, path, err));
  if (x.ndim != 2 || x.dim[0] != s->m || x.dim[1] != s->n)
    st = ogi_fail(err, OG_E_SHAPE, "%s: %s: shape: need (%zu, %zu)", name, path, s->m, s->n);
  else memcpy(values, x.data, cells * sizeof *values);
done:
  og_matrix_clear(&x);
  ogi_free(path);
  return st;
}

/* The parameter has to exist; the message lists those there are. */
static og_status check_name(const part *p, const char *name, og_error *err) {
  char list[200] = "";
  for (size_t k = 0; k < p->seen->params; k++) {
    if (strcasecmp(p->seen->param[k], name) == 0) return OG_OK;
    size_t used = strlen(list);
    snprintf(list + used, sizeof list - used, " %s", p->seen->param[k]);
  }
  return ogi_fail(err, OG_E_INPUT, "saw \"%.40s\", need a parameter of %s:%s", name, p->name,
                  list[0] != '\0' ? list : " it has none");
}

/* A card says how far a parameter may go. */
static og_status check_values(const part *p, const og_write_study *s, const char *name, const double *values,
                              og_error *err) {
  const og_circuit_param *known = NULL;
  for (size_t k = 0; p->card != NULL && known == NULL && k < og_circuit_card_params(p->card); k++)
    if (strcasecmp(og_circuit_card_param(p->card, k)->name, name) == 0) known = og_circuit_card_param(p->card, k);
  for (size_t k = 0; known != NULL && k < s->m * s->n; k++)
    if (!(values[k] >= known->min && values[k] <= known->max))
      return ogi_fail(err, OG_E_RANGE, "%s: cell (%zu,%zu): saw %g, need %s .. %s", name, k / s->n, k % s->n, values[k],
                      known->min_text, known->max_text);
  return OG_OK;
}

static og_status add_param(ogi_write_device *d, const og_write_study *s, const part *p, const char *before, char *word,
                           og_error *err) {
  char *equals = strchr(word, '=');
  if (equals == NULL || equals == word)
    return ogi_fail(err, OG_E_INPUT, "saw \"%.40s\", need NAME=VALUE or NAME=FILE", word);
  if (d->device.params == OG_CELL_PARAMS) return ogi_fail(err, OG_E_INPUT, "saw more than %d", OG_CELL_PARAMS);
  *equals = '\0';
  og_status st;
  OGI_TRY(st, check_name(p, word, err));
  for (size_t k = 0; k < d->device.params; k++)
    if (strncasecmp(d->names[k], before, strlen(before)) == 0 && strcasecmp(d->names[k] + strlen(before), word) == 0)
      return ogi_fail(err, OG_E_INPUT, "saw %s twice, need it once", word);
  if (strlen(before) + strlen(word) >= OG_WRITE_NAME)
    return ogi_fail(err, OG_E_INPUT, "saw \"%.40s\", need a name of %zu letters at most", word,
                    OG_WRITE_NAME - 1 - strlen(before));
  size_t k = d->device.params++;
  snprintf(d->names[k], OG_WRITE_NAME, "%s%s", before, word);
  d->values[k] = ogi_alloc(s->m * s->n, sizeof(double));
  if (d->values[k] == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: parameters");
  d->device.param[k] = d->names[k];
  d->device.value[k] = d->values[k];
  OGI_TRY(st, fill_values(d->values[k], s, word, equals + 1, err));
  st = check_values(p, s, word, d->values[k], err);
done:
  return st;
}

static og_status read_params(ogi_write_device *d, const og_write_study *s, const part *p, const char *before,
                             const char *text, og_error *err) {
  og_status st = OG_OK;
  char *copy = ogi_strdup(text), *rest = copy, *word;
  if (copy == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: parameters");
  while (st == OG_OK && (word = strsep(&rest, " \t,")) != NULL)
    if (word[0] != '\0') st = add_param(d, s, p, before, word, err);
  ogi_free(copy);
  return st;
}

/* ---- the cell ---- */

static og_status take_states(ogi_write_device *d, const part *p, const char *before, og_error *err) {
  for (size_t k = 0; k < p->states; k++) {
    if (d->device.states == OG_CELL_STATES)
      return ogi_fail(err, OG_E_INPUT, "cells.selector: saw more than %d states together", OG_CELL_STATES);
    size_t to = d->device.states++;
    char *name = d->names[OG_CELL_PARAMS + to];
    snprintf(name, OG_WRITE_NAME, "%s%.*s", before, OG_WRITE_NAME - 1 - (int)strlen(before), p->state[k]);
    d->device.state[to] = name;
    d->min[to] = p->min[k];
    d->max[to] = p->max[k];
  }
  return OG_OK;
}

/* Parameters from..to of the wrapper, handed on under the part's own names. */
static void hand_on(FILE *out, const ogi_write_device *d, size_t from, size_t to, size_t skip) {
  for (size_t k = from; k < to; k++) fprintf(out, " %s={%s}", d->names[k] + skip, d->names[k]);
}

/* One subcircuit with the selector on the word side; the first own parameters belong to the cell. */
static og_status wrap(ogi_write_device *d, const part *cell, const part *selector, size_t own, og_error *err) {
  char *text = NULL;
  size_t bytes;
  FILE *out = open_memstream(&text, &bytes);
  if (out == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: a cell");
  fprintf(out, "%s\n%s\n.subckt ohmgrid_1s1r p n", cell->text, selector->text);
  for (size_t k = 0; k < d->device.states; k++) fprintf(out, " q%zu", k);
  if (d->device.params > 0) fputs(" params:", out);
  for (size_t k = 0; k < d->device.params; k++) fprintf(out, " %s=%.17g", d->names[k], d->values[k][0]);
  fputs("\nxs p inner", out);
  for (size_t k = 0; k < selector->states; k++) fprintf(out, " q%zu", cell->states + k);
  fprintf(out, " %s", selector->name);
  hand_on(out, d, own, d->device.params, strlen(SELECTOR));
  fputs("\nxc inner n", out);
  for (size_t k = 0; k < cell->states; k++) fprintf(out, " q%zu", k);
  fprintf(out, " %s", cell->name);
  hand_on(out, d, 0, own, 0);
  fputs("\nrinner inner n " INNER_OHM "\n.ends\n", out);
  og_status st = fclose(out) == 0 ? OG_OK : ogi_fail(err, OG_E_NOMEM, "cosim: a cell");
  if (st == OG_OK && ((d->text = ogi_strdup(text)) == NULL || (d->name = ogi_strdup("ohmgrid_1s1r")) == NULL))
    st = ogi_fail(err, OG_E_NOMEM, "cosim: a cell");
  free(text); /* open_memstream's own */
  return st;
}

static og_status with_selector(ogi_write_device *d, const og_write_study *s, const part *cell, const char *data_dir,
                               og_error *err) {
  og_status st;
  part selector = {0};
  size_t own = d->device.params;
  st = load_card(&selector, s, s->selector, data_dir, err);
  if (st == OG_OK) st = look(&selector, err);
  if (st == OG_OK && selector.terminals + cell->terminals > 4)
    st = ogi_fail(err, OG_E_INPUT, "saw a cell or selector of three terminals, need two each");
  if (st == OG_OK && strcasecmp(selector.name, cell->name) == 0)
    st = ogi_fail(err, OG_E_INPUT, "saw a subcircuit %s, which is the cell's name too", cell->name);
  if (st != OG_OK) {
    ogi_prefix(err, st, "cells.selector");
    goto done;
  }
  st = read_params(d, s, &selector, SELECTOR, s->selector_params, err);
  if (st != OG_OK) {
    ogi_prefix(err, st, "cells.selector_params");
    goto done;
  }
  OGI_TRY(st, take_states(d, &selector, SELECTOR, err));
  st = wrap(d, cell, &selector, own, err);
done:
  part_clear(&selector);
  return st;
}

og_status ogi_write_device_make(ogi_write_device *d, const og_write_study *s, const char *data_dir, og_error *err) {
  og_status st;
  part cell = {0};
  *d = (ogi_write_device){0};
  d->names = ogi_alloc(OG_CELL_PARAMS + OG_CELL_STATES, sizeof *d->names);
  if (d->names == NULL) return ogi_fail(err, OG_E_NOMEM, "cosim: a cell");
  if (s->card[0] != '\0') {
    st = load_card(&cell, s, s->card, data_dir, err);
    if (st != OG_OK) ogi_prefix(err, st, "cells.device");
  } else {
    st = load_own(&cell, s, err);
  }
  if (st != OG_OK) goto done;
  OGI_TRY(st, look(&cell, err));
  OGI_TRY(st, take_states(d, &cell, "", err));
  st = read_params(d, s, &cell, "", s->params, err);
  if (st != OG_OK) {
    ogi_prefix(err, st, "cells.params");
    goto done;
  }
  if (s->selector[0] != '\0') {
    OGI_TRY(st, with_selector(d, s, &cell, data_dir, err));
  } else {
    d->text = cell.text;
    d->name = cell.name;
    cell.text = cell.name = NULL;
  }
  d->device.text = d->text;
  d->device.name = d->name;
  d->device.terminals = cell.terminals;
done:
  part_clear(&cell);
  return st;
}
