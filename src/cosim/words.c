/* SPDX-License-Identifier: BSD-3-Clause */
/** Failures in the array's own terms: ngspice knows cells by the names of our decks, compact models by their number. */
#include <config.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cosim/ogi_exchange.h"

static int in_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

/* "x3_4_0", instance, node or source of a cell. @return its length, 0: no such name */
static size_t take_name(const ogi_run *r, const char *text, unsigned *i, unsigned *j) {
  int length = 0;
  unsigned part;
  if (text[0] == '\0' || strchr("xpqtvr", text[0]) == NULL || !isdigit((unsigned char)text[1])) return 0;
  if (sscanf(text + 1, "%5u_%5u_%5u%n", i, j, &part, &length) != 3 || in_word(text[1 + length])) return 0;
  return *i < r->array->m && *j < r->array->n ? 1 + (size_t)length : 0;
}

/* "cell 17:" of compact models: which of the array. m n: none */
static size_t take_number(const ogi_run *r, const char *text, size_t *length) {
  unsigned slot;
  int used = 0;
  size_t cell = r->cells;
  if (sscanf(text, "cell %9u%n", &slot, &used) != 1 || text[used] != ':') return cell;
  *length = (size_t)used;
  for (size_t k = 0; k < r->cells; k++)
    if (isnan(r->linear[k]) && r->here[k] && r->slot[k] == slot) cell = k;
  return cell;
}

/* A name of ours at text, ngspice's letter of an element in front ("b.x3_4_0.bz"), and what is behind it. */
static size_t translate(const ogi_run *r, const char *text, FILE *out) {
  unsigned i, j;
  size_t length = 0, kind = isalpha((unsigned char)text[0]) && text[1] == '.' ? 2 : 0;
  size_t cell = take_number(r, text, &length);
  if (cell < r->cells) {
    fprintf(out, "cell (%zu,%zu)", cell / r->array->n, cell % r->array->n);
    return length;
  }
  length = take_name(r, text + kind, &i, &j);
  if (length == 0) return 0;
  length += kind;
  size_t tail = text[length] == '.' && in_word(text[length + 1]) ? 1 : 0;
  while (tail > 0 && (in_word(text[length + tail]) || (text[length + tail] == '.' && in_word(text[length + tail + 1]))))
    tail++;
  if (tail > 0) fprintf(out, "%.*s of ", (int)tail - 1, text + length + 1);
  fprintf(out, "cell (%u,%u)", i, j);
  return length + tail;
}

void ogi_run_name_cells(const ogi_run *r, og_error *why) {
  char text[sizeof why->text] = "";
  FILE *out = fmemopen(text, sizeof text, "w");
  if (out == NULL) return; /* the words stay as they are */
  for (const char *at = why->text; *at != '\0';) {
    size_t length = at == why->text || !in_word(at[-1]) ? translate(r, at, out) : 0;
    if (length == 0) fputc(*at++, out);
    else at += length;
  }
  fclose(out); /* cuts what is too long */
  text[sizeof text - 1] = '\0';
  memcpy(why->text, text, sizeof text);
}
