/* SPDX-License-Identifier: BSD-3-Clause */
/** Decks that were read, into ngspice. */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "cosim/ogi_spice.h"

og_status ogi_spice_load_deck(ogi_spice *s, const og_deck *deck, const ogi_deck_accuracy *accuracy, og_error *err) {
  char *text = NULL;
  size_t bytes = 0;
  FILE *out = open_memstream(&text, &bytes);
  if (out == NULL) return ogi_fail(err, OG_E_NOMEM, "ngspice: the deck as text");
  ogi_deck_emit(out, deck, OGI_NO_ANALYSIS, accuracy);
  int full = ferror(out);
  og_status st = fclose(out) != 0 || full ? ogi_fail(err, OG_E_NOMEM, "ngspice: the deck as text") : OG_OK;
  if (st == OG_OK) st = ogi_spice_load(s, text, bytes, err);
  free(text); /* open_memstream's own */
  return st;
}

og_status og_spice_load(og_spice *s, const og_deck *deck, og_error *err) {
  if (s == NULL || deck == NULL) return ogi_fail(err, OG_E_ARG, "ngspice: a needed pointer is NULL");
  return ogi_spice_load_deck(s, deck, NULL, err);
}
