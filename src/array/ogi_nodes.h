/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_nodes.h
 * From geometry to circuit: line conductances, and which unknown each word and bit node is.
 *
 * Terminals have given potentials and are no unknowns: sources 0..m-1, then sense nodes m..m+n-1 (0 V). A line whose
 * segments are 0 ohm is one node; if its driver or sense resistance is 0 as well, it is the terminal itself.
 */
#ifndef OGI_NODES_H
#define OGI_NODES_H

#include <ohmgrid/array.h>

#include "base/ogi_error.h"

/** What one direction of lines is electrically. */
typedef enum ogi_line {
  OGI_LINE_CHAIN, /**< a chain of segments > 0 ohm: one unknown a cell        */
  OGI_LINE_NODE,  /**< 0 ohm segments: one unknown a line                     */
  OGI_LINE_FIXED  /**< 0 ohm up to the terminal: no unknown                   */
} ogi_line;

/** Conductances of the lines [S]; 0 where a path is open or absent. */
typedef struct ogi_wires {
  ogi_line word_kind, bit_kind;
  double word, bit;             /**< one segment; meaningful for OGI_LINE_CHAIN                              */
  double drive[2];              /**< source to first [0] and last [1] word node, segment included            */
  double sense[2];              /**< sense node to first [0] (top) and last [1] (bottom) bit node             */
  int has_open;                 /**< 1 if a resistance is infinite: nodes may float                           */
  int irregular;                /**< 1 if lines are not two families of crossed chains: only cholesky takes it */
  double *word_seg;             /**< m x (n + 1) [S]: every segment, ends with their driver; NULL: all equal  */
  double *bit_seg;              /**< (m + 1) x n [S]: the same for bit lines; NULL: all equal                 */
} ogi_wires;

void ogi_wires_init(ogi_wires *wires, const og_array *array);

/** Node numbers. Values >= 0 are unknowns; -1 - t is terminal t. */
typedef struct ogi_nodes {
  size_t m, n;
  int unknowns;
  int *word, *bit; /**< m x n */
} ogi_nodes;

/** @retval OG_E_NOMEM */
og_status ogi_nodes_create(ogi_nodes *nodes, const og_array *array, const ogi_wires *wires, og_error *err);
void ogi_nodes_clear(ogi_nodes *nodes);

/** Potential of a node, given the unknowns x and the source voltages v; sense nodes are at 0 V. */
static inline double ogi_node_volt(int node, const double *x, const double *v, size_t m) {
  if (node >= 0) return x[node];
  size_t terminal = (size_t)(-1 - node);
  return terminal < m ? v[terminal] : 0;
}

/** Call visit for every branch of the circuit with conductance > 0 between two different nodes. */
typedef void ogi_branch_visit(void *user, int node_a, int node_b, double siemens);
void ogi_branches(const ogi_nodes *nodes, const ogi_wires *wires, const double *g, ogi_branch_visit *visit, void *user);

/**
 * Is every unknown connected to a terminal?
 * @retval OG_E_SINGULAR  no; err names the first floating node
 * @retval OG_E_NOMEM
 */
og_status ogi_nodes_grounded(const ogi_nodes *nodes, const ogi_wires *wires, const double *g, og_error *err);

#endif
