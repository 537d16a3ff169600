/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_nodes.h
 * From geometry to circuit: line conductances, and which unknown each word and bit node is.
 *
 * Terminals have given potentials and are no unknowns: sources 0..sources-1, then sense nodes sources..sources+n-1. A
 * line whose segments are 0 ohm is one node; if its driver or sense resistance is 0 as well, it is the terminal itself.
 * "0 ohm" is every resistance whose conductance no double can hold.
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
  double word, bit;             /**< one segment (the best of word_seg, bit_seg); meaningful for OGI_LINE_CHAIN */
  double drive[2];              /**< source to first [0] and last [1] word node, segment included; best of all   */
  double sense[2];              /**< sense node to first [0] (top) and last [1] (bottom) bit node; best of all   */
  int has_open;                 /**< 1 if a resistance is infinite: nodes may float                              */
  int irregular;                /**< 1 if lines are not two families of crossed chains: only cholesky takes it    */
  double *word_seg;             /**< m x (n + 1) [S]: every segment, ends with their driver; NULL: all equal.
                                     Irregular: always there, (m + 1) x n if parallel, INFINITY merges two nodes  */
  double *bit_seg;              /**< (m + 1) x n [S]: the same for bit lines                                     */
  int parallel;                 /**< 1: OG_WIRING_PARALLEL; always irregular                                     */
  size_t sources;               /**< m, parallel n                                                               */
  og_bridge *bridges;           /**< copies; irregular only                                                      */
  size_t bridge_count;
} ogi_wires;

/** array: checked by og_array_check; nothing of it is kept. @retval OG_E_NOMEM */
og_status ogi_wires_create(ogi_wires *wires, const og_array *array, og_error *err);
void ogi_wires_clear(ogi_wires *wires);

/**
 * How the lines of one direction lie in m x n arrays: cell p of line l is element l * line + p * step, and its segments
 * 0 .. cells (0 before the first cell) are elements l * seg_line + p * step of word_seg or bit_seg.
 */
typedef struct ogi_family {
  size_t lines, cells, line, step, seg_line;
} ogi_family;
ogi_family ogi_family_of(og_line which, size_t m, size_t n, int parallel);

/** 1 if no double holds the conductance: two nodes are one. */
int ogi_is_short(double ohm);

/** Node numbers. Values >= 0 are unknowns; -1 - t is terminal t. */
typedef struct ogi_nodes {
  size_t m, n;
  int unknowns;
  int *word, *bit; /**< m x n */
} ogi_nodes;

/**
 * Number the nodes.
 * @retval OG_E_SINGULAR  0 ohm all the way from one terminal to another (irregular arrays only); err names both
 * @retval OG_E_NOMEM
 */
og_status ogi_nodes_create(ogi_nodes *nodes, const og_array *array, const ogi_wires *wires, og_error *err);
void ogi_nodes_clear(ogi_nodes *nodes);

/** Call visit for every branch of the circuit with conductance > 0 between two different nodes. */
typedef void ogi_branch_visit(void *user, int node_a, int node_b, double siemens);
void ogi_branches(const ogi_nodes *nodes, const ogi_wires *wires, const double *g, ogi_branch_visit *visit, void *user);
/** The same without the cells: segments with drivers and sense resistances, and bridges. */
void ogi_wire_branches(const ogi_nodes *nodes, const ogi_wires *wires, ogi_branch_visit *visit, void *user);

/**
 * Is every unknown connected to a terminal?
 * @retval OG_E_SINGULAR  no; err names the first floating node
 * @retval OG_E_NOMEM
 */
og_status ogi_nodes_grounded(const ogi_nodes *nodes, const ogi_wires *wires, const double *g, og_error *err);

#endif
