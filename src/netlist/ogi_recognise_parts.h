/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_recognise_parts.h
 * The parts of recognition: a graph of the network, hypotheses of who stands where, the proof that decides.
 *
 * A hypothesis is nothing but node numbers for the 2 m n places of an array. Where it comes from does not matter: the
 * proof finds every resistor's role, the terminals and all values from the network itself, or says what does not fit.
 */
#ifndef OGI_RECOGNISE_PARTS_H
#define OGI_RECOGNISE_PARTS_H

#include <math.h>

#include "netlist/ogi_recognise.h"

/** Neighbours of every node, in ascending order. Owned; release with ogi_graph_clear. */
typedef struct ogi_graph {
  const ogi_network *net; /**< borrowed                                            */
  size_t *first;          /**< nodes + 1: where the neighbours of each node begin  */
  size_t *to;             /**< 2 x resistors: neighbour                            */
  size_t *by;             /**< 2 x resistors: resistor that leads there            */
} ogi_graph;

/**
 * Check the network and sort its resistors.
 * @retval OG_E_INPUT  a node number or a value is out of range, or a resistor has both ends on one node
 * @retval OG_E_NOMEM
 */
og_status ogi_graph_create(ogi_graph *graph, const ogi_network *net, og_error *err);
void ogi_graph_clear(ogi_graph *graph);

/** Position in to and by of the first resistor from a to b; those in parallel follow. OGI_NO_NODE: none. */
size_t ogi_graph_find(const ogi_graph *graph, size_t a, size_t b);

static inline size_t ogi_graph_degree(const ogi_graph *g, size_t node) { return g->first[node + 1] - g->first[node]; }
static inline int ogi_graph_fixed(const ogi_graph *g, size_t node) { return !isnan(g->net->fixed_volt[node]); }
static inline const char *ogi_graph_name(const ogi_graph *g, size_t node) { return g->net->name[node]; }

/** Which node stands at each place. Owned; release with ogi_places_clear. */
typedef struct ogi_places {
  size_t m, n;   /**< [-]                                        */
  int parallel;  /**< both kinds of lines run along the columns  */
  size_t *word;  /**< m x n                                      */
  size_t *bit;   /**< m x n                                      */
} ogi_places;

/**
 * Room for m x n places, all OGI_NO_NODE.
 * @retval OG_E_INPUT  the array would be far larger than the network
 * @retval OG_E_NOMEM
 */
og_status ogi_places_create(ogi_places *places, const ogi_graph *graph, size_t m, size_t n, og_error *err);
void ogi_places_clear(ogi_places *places);

/** Bit lines become word lines and the other way round. @retval OG_E_NOMEM */
og_status ogi_places_swap(ogi_places *places, og_error *err);

/** One kind of lines, as the network has them. */
typedef struct ogi_wires {
  size_t lines, cells; /**< [-] and cells on each line                                                              */
  double *ohm;         /**< lines x (cells + 1) [ohm]: before each node and behind the last; INFINITY: nothing there */
  double *driver;      /**< lines x 2 [ohm]: between the terminal and the end segment, before and behind; 0: none   */
  size_t *terminal;    /**< lines: fixed node, OGI_NO_NODE where none is known                                      */
  int told;            /**< 1: a lone resistor at an end is in ohm or in driver, as its name says; 0: in ohm, and may be
                            either                                                                                   */
} ogi_wires;

/** Everything that the network says about an array. Owned; release with ogi_proof_clear. */
typedef struct ogi_proof {
  ogi_wires word, bit;
  double *g; /**< m x n [S] */
  og_bridge *bridges;
  size_t bridge_count;
  size_t explained; /**< [-] resistors that found a role, also after a failure */
} ogi_proof;

/**
 * Is the network this array and nothing else? Every resistor gets exactly one role; every node stands in one line only,
 * at places next to each other; every fixed node with a resistor is a terminal.
 * @retval OG_E_INPUT  no; err names what does not fit
 * @retval OG_E_NOMEM
 */
og_status ogi_prove(ogi_proof *proof, const ogi_graph *graph, const ogi_places *places, og_error *err);
void ogi_proof_clear(ogi_proof *proof);

/** Lines of one kind, as far as their part is concerned. Borrowed. */
typedef struct ogi_kind {
  size_t lines;
  const size_t *terminal; /**< lines                  */
  size_t node;            /**< one node of such a line */
} ogi_kind;

/**
 * Whether the lines with these terminals (OGI_NO_NODE: none) and first nodes are the word lines, and the others the bit
 * lines: by potentials, else by names, else the one with the lowest node number.
 */
int ogi_is_word(const ogi_graph *graph, const ogi_kind *one, const ogi_kind *other);

/** Pattern of a name: where its numbers are and which. */
enum { OGI_NUMBERS = 4 };
typedef struct ogi_named {
  unsigned long long pattern; /**< hash of the name with each run of digits as one mark */
  size_t count;               /**< [-] numbers; more than OGI_NUMBERS: none is kept     */
  size_t number[OGI_NUMBERS];
} ogi_named;
ogi_named ogi_name_parse(const char *name);

/** What a generator of hypotheses hands each one to. OG_E_INPUT: go on to the next. */
typedef struct ogi_judge {
  og_status (*take)(void *self, ogi_places *places, og_error *err);
  og_status (*accept)(void *self, ogi_places *places, ogi_proof *proof, og_error *err); /**< it is proved */
  void (*note)(void *self, size_t explained, const og_error *err); /**< a hypothesis failed before it was one */
  void *self;
} ogi_judge;

/**
 * The array of a deck that og_netlist wrote, by the names of its elements; proved.
 * @retval OG_OK       it was accepted
 * @retval OG_E_INPUT  it is no such deck
 * @retval OG_E_NOMEM
 */
og_status ogi_guess_by_labels(const ogi_graph *graph, const ogi_judge *judge, og_error *err);

/**
 * Hypotheses from the numbers in node names (lone: where only one kind of lines has them), and from the graph alone.
 * Both stop at the first that the judge takes.
 * @retval OG_OK       one was taken
 * @retval OG_E_INPUT  none was
 * @retval OG_E_NOMEM
 */
og_status ogi_guess_by_names(const ogi_graph *graph, int lone, const ogi_judge *judge, og_error *err);
og_status ogi_guess_by_structure(const ogi_graph *graph, const ogi_judge *judge, og_error *err);

#endif
