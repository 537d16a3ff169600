/* SPDX-License-Identifier: BSD-3-Clause */
/* Cells from text: MODEL[,KEY=VALUE]... [+ MODEL[,KEY=VALUE]...] */
#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "base/ogi_units.h"
#include "device/ogi_cell.h"

static char *trimmed(char *text) {
  while (isspace((unsigned char)*text)) text++;
  for (char *end = text + strlen(text); end > text && isspace((unsigned char)end[-1]);) *--end = '\0';
  return text;
}

/* Units of products are not read ("A/V2"): such keys take pure numbers with a prefix. */
static og_status set_from_text(og_cell *cell, char *text, og_error *err) {
  og_status st;
  double value;
  char shown[OGI_SHOW_MAX], *equals = strchr(text, '=');
  ogi_show(shown, text);
  if (equals == NULL)
    return ogi_fail(err, OG_E_INPUT, "cell %s: saw %s, need KEY=VALUE", cell->model->name, shown);
  *equals = '\0';
  const char *key = trimmed(text), *unit = "";
  for (size_t k = 0; k < cell->keys; k++)
    if (strcmp(cell->model->key[k].key, key) == 0) unit = cell->model->key[k].unit;
  if (strchr(unit, '/') != NULL) unit = "";
  if ((st = ogi_units_parse(&value, equals + 1, unit, err)) != OG_OK)
    return ogi_prefix(err, st, "cell %s: %.60s", cell->model->name, key);
  return og_cell_set(cell, key, value, err);
}

static og_status one_cell(og_cell **out, char *text, og_error *err) {
  og_status st;
  og_cell *cell = NULL;
  char shown[OGI_SHOW_MAX], *rest = strchr(text, ',');
  if (rest != NULL) *rest++ = '\0';
  const char *name = trimmed(text);
  const ogi_cell_model *model = ogi_cell_models;
  while (model->name != NULL && strcmp(model->name, name) != 0) model++;
  ogi_show(shown, name);
  if (model->name == NULL)
    return ogi_fail(err, OG_E_INPUT,
                    "cell: model: saw %s, need linear, sinh, schottky, simmons, threshold or transistor", shown);
  OGI_TRY(st, ogi_cell_new(&cell, model, err));
  while (rest != NULL) {
    char *next = strchr(rest, ',');
    if (next != NULL) *next++ = '\0';
    OGI_TRY(st, set_from_text(cell, rest, err));
    rest = next;
  }
  *out = cell;
  cell = NULL;
done:
  og_cell_free(cell);
  return st;
}

/* The plus that joins two models stands before a letter; that of "1e+3" does not. */
static char *joint(char *text) {
  for (char *p = text; (p = strchr(p, '+')) != NULL; p++) {
    char *next = p + 1;
    while (isspace((unsigned char)*next)) next++;
    if (isalpha((unsigned char)*next)) return p;
  }
  return NULL;
}

og_status og_cell_create(og_cell **out, const char *text, og_error *err) {
  og_status st;
  og_cell *word_side = NULL, *bit_side = NULL;
  if (out != NULL) *out = NULL;
  if (out == NULL || text == NULL) return ogi_fail(err, OG_E_ARG, "cell: a needed pointer is NULL");
  char *copy = ogi_strdup(text);
  if (copy == NULL) return ogi_fail(err, OG_E_NOMEM, "cell");
  char *plus = joint(copy);
  if (plus != NULL) *plus++ = '\0';
  OGI_TRY(st, one_cell(&word_side, copy, err));
  if (plus != NULL) {
    OGI_TRY(st, one_cell(&bit_side, plus, err));
    st = og_cell_create_pair(out, word_side, bit_side, err);
  } else *out = word_side;
  word_side = bit_side = NULL;
done:
  og_cell_free(word_side);
  og_cell_free(bit_side);
  ogi_free(copy);
  return st;
}
