/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_check_deck.h  Inside of og_check_deck: a check under way, and operating points compared in parts. */
#ifndef OGI_CHECK_DECK_H
#define OGI_CHECK_DECK_H

#include <ohmgrid/check.h>
#include <ohmgrid/spice.h>

#include "base/ogi_error.h"
#include "netlist/ogi_deck_parts.h"

typedef struct ogi_deck_check {
  const og_deck *deck;
  const og_check_deck_opts *opts;
  og_spice *spice; /* NULL: the deck is compared with a file */
  og_error *err;
} ogi_deck_check;

/** 1 if this deck's operating point is to be compared in parts. */
int ogi_wants_samples(const ogi_deck_check *c);
/** Compare parts of an operating point that we solved. one->ours is there; compare, samples and times are filled. */
og_status ogi_check_samples(const ogi_deck_check *c, og_check_analysis *one);

#endif
