/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_recognise.h
 * Finds the crossbar in a flat network of resistors and fixed potentials, whoever wrote it.
 *
 * What it finds is proved: every resistor and every fixed node of the network has exactly one place in the array, and
 * the array has nothing else. If not, the answer is no, with the reason.
 */
#ifndef OGI_RECOGNISE_H
#define OGI_RECOGNISE_H

#include <stddef.h>

#include <ohmgrid/array.h>

#include "base/ogi_error.h"

/** The network. Borrowed. */
typedef struct ogi_network {
  size_t nodes;             /**< [-] node 0 is ground                                                    */
  const char *const *name;  /**< nodes                                                                   */
  const double *fixed_volt; /**< nodes [V]: held there by a source to ground (node 0: 0 V); NAN: free    */
  size_t resistors;         /**< [-]                                                                     */
  const size_t *ends;       /**< resistors x 2 node numbers                                              */
  const double *ohm;        /**< resistors [ohm], finite, > 0                                            */
  const double *siemens;    /**< resistors [S], their inverse as exactly as the deck gave it             */
  const char *const *label; /**< resistors: their names; NULL: they have none                            */
} ogi_network;

/** What was found. Owned by the holder; release with ogi_crossbar_clear. */
typedef struct ogi_crossbar {
  og_array array; /**< borrows the arrays below                                                          */
  double *g;      /**< m x n [S]                                                                          */
  double *v;      /**< m (parallel: n) [V]                                                                */
  double *u;      /**< n [V] of the bit line terminals                                                    */
  size_t *word;   /**< m x n: node number of each word node; with 0 ohm several places share one           */
  size_t *bit;    /**< m x n                                                                              */
  size_t *source; /**< m (parallel: n): node of each source, OGI_NO_NODE where none is known               */
  size_t *sense;  /**< n: node of each sense terminal; 0 is ground                                        */
  double *word_segments, *bit_segments, *source_ohm, *sense_ohm; /**< as in og_array; NULL where uniform  */
  og_bridge *bridges;
} ogi_crossbar;

#define OGI_NO_NODE ((size_t)-1)

/**
 * @retval OG_OK
 * @retval OG_E_INPUT  it is no crossbar; err says what stands in the way ("node x: 5 resistors ...")
 * @retval OG_E_NOMEM
 */
og_status ogi_recognise(ogi_crossbar *out, const ogi_network *net, og_error *err);
/** Release everything. Harmless on a zeroed one. */
void ogi_crossbar_clear(ogi_crossbar *c);

#endif
