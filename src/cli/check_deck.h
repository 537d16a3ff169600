/* SPDX-License-Identifier: BSD-3-Clause */
/** @file check_deck.h  The half of `ohmgrid check` that takes decks. */
#ifndef CHECK_DECK_H
#define CHECK_DECK_H

#include "cli.h"

typedef struct deck_check {
  const char *path;       /**< NULL: no deck was given                  */
  const char *plot, *raw; /**< prefixes of files to write; NULL: none   */
  og_deck_opts read;
  og_check_deck_opts check;
  int json;
} deck_check;

/** @return exit status */
int check_deck(deck_check *c);

#endif
