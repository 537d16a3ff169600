/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_deck_network.h
 * The operating point of a deck as resistors and fixed potentials: capacitors are open, inductors and sources of 0 V
 * between two nodes (ammeters) join them, sources to ground fix their node. Nodes and resistors stand in
 * the order of their names, shorter ones first: the order of the deck's lines does not matter.
 */
#ifndef OGI_DECK_NETWORK_H
#define OGI_DECK_NETWORK_H

#include "netlist/ogi_deck_parts.h"
#include "netlist/ogi_recognise.h"

typedef struct ogi_deck_network {
  ogi_network net; /**< borrows the rest */
  size_t *number;  /**< node of the deck -> node of the network */
  size_t *merged, *final; /* while nodes are joined: the one a node is joined to; its number */
  const char **names, **label;
  double *fixed, *ohm, *siemens;
  size_t *ends;
} ogi_deck_network;

/**
 * @retval OG_E_INPUT  the deck has other elements, or a source that is neither to ground nor an ammeter; err names it
 * @retval OG_E_NOMEM
 */
og_status ogi_deck_network_create(ogi_deck_network *n, const og_deck *deck, og_error *err);
void ogi_deck_network_clear(ogi_deck_network *n);

#endif
