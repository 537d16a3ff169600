/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Decks: what is read and written again must be read again, as the same circuit, and from then on be the same text. The
 * text written may hold nothing but lines of a narrow grammar; crossbars are looked for in whatever came.
 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ogi_mem.h"
#include "fuzz.h"
#include "netlist/ogi_deck_network.h"

enum { ELEMENTS_MAX = 2000, EMISSION_MAX = 64 << 20 };

static og_deck *parse(const char *text, size_t bytes, size_t bytes_max, og_error *err) {
  og_deck *d;
  og_deck_opts opts;
  og_deck_opts_init(&opts);
  opts.elements_max = ELEMENTS_MAX;
  opts.bytes_max = bytes_max;
  og_status st = og_deck_parse(&d, "fuzz.cir", text, bytes, &opts, err);
  if ((st == OG_OK) != (d != NULL) || (st != OG_OK && err->text[0] == '\0')) abort();
  if (st != OG_OK && st != OG_E_INPUT && st != OG_E_RANGE) abort();
  return d;
}

static void emit(const og_deck *d, char **text, size_t *bytes) {
  FILE *out = open_memstream(text, bytes);
  if (out == NULL) exit(EXIT_FAILURE);
  ogi_deck_emit(out, d, OGI_ALL_ANALYSES, NULL);
  if (fclose(out) != 0) exit(EXIT_FAILURE);
}

/* No sign outside of the grammar; no line that begins otherwise than an element, a known card or the title. */
static void check_lines(const char *text) {
  static const char *const cards[] = {".model ", ".options ", ".ic ",    ".op\n", ".tran ",
                                      ".dc ",    ".ac ",      ".noise ", ".end\n"};
  static const char signs[] = " abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-*/<>=!&|?:(),'\n";
  if (strncmp(text, "* ", 2) != 0 || strspn(text, signs) != strlen(text)) abort();
  for (const char *line = strchr(text, '\n') + 1; *line != '\0'; line = strchr(line, '\n') + 1) {
    int known = strchr("rclkviefghbd", line[0]) != NULL;
    for (size_t k = 0; k < sizeof cards / sizeof *cards; k++) known |= strncmp(line, cards[k], strlen(cards[k])) == 0;
    if (!known) abort();
  }
}

static void look_for_a_crossbar(const og_deck *d) {
  og_error err;
  ogi_deck_network n;
  ogi_crossbar c = {0};
  if (ogi_deck_network_create(&n, d, &err) != OG_OK) return;
  if (ogi_recognise(&c, &n.net, &err) == OG_OK) ogi_crossbar_clear(&c);
  ogi_deck_network_clear(&n);
}

static void check_again(const og_deck *d) {
  size_t bytes, twice;
  og_error err = {0};
  char *once, *text;
  emit(d, &once, &bytes);
  check_lines(once);
  og_deck *again = bytes <= EMISSION_MAX ? parse(once, bytes, EMISSION_MAX, &err) : NULL;
  if (bytes <= EMISSION_MAX && again == NULL) {
    fprintf(stderr, "%s\n", err.text);
    abort();
  }
  if (again != NULL) {
    if (og_deck_elements(again) != og_deck_elements(d) || og_deck_nodes(again) != og_deck_nodes(d)) abort();
    emit(again, &text, &twice);
    if (twice != bytes || memcmp(text, once, bytes) != 0) abort();
    free(text);
  }
  og_deck_free(again);
  free(once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  size_t live = ogi_mem_live();
  og_error err = {0};
  char *text = malloc(size > 0 ? size : 1);
  if (text == NULL) return 0;
  if (size > 0) memcpy(text, data, size);
  og_deck *d = parse(text, size, 1 << 16, &err);
  if (d != NULL) {
    look_for_a_crossbar(d);
    check_again(d);
  }
  og_deck_free(d);
  free(text);
  if (ogi_mem_live() != live) abort();
  return 0;
}
