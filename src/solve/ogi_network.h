/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_network.h
 * One array as nodes and branches, with an engine that solves it: for analyses that need more of a solution than the
 * potentials at one operating point (transient, noise).
 *
 * Nodes. 0 .. unknowns-1 are the unknowns of array/ogi_nodes.h; then come the terminals: sources, then sense nodes.
 * Vectors over all nodes ("nodes" long) hold terminals and unknowns alike, so that a sum over branches needs no cases.
 * Flows are summed from the branch list alone, apart from the engine that found the potentials.
 */
#ifndef OGI_NETWORK_H
#define OGI_NETWORK_H

#include <stdint.h>

#include "solve/ogi_solve.h"

typedef struct ogi_network {
  size_t m, n, cells;       /* cells = m n                                                               */
  size_t sources;           /* driven lines: m, or n with parallel wiring                                */
  size_t unknowns, nodes;   /* nodes = unknowns + sources + n                                            */
  uint32_t *word, *bit;     /* cells: node at either side of each cell                                   */
  size_t wire_count;
  uint32_t *from, *to;      /* wire_count: nodes at the ends of each wire branch                         */
  double *siemens;          /* wire_count: its conductance, > 0                                          */
  double wire_max;          /* [S] the largest of them                                                   */
  ogi_wires wires;
  og_engine engine;         /* OG_ENGINE_CG or OG_ENGINE_CHOLESKY                                        */
  ogi_cg *cg;
  ogi_chol *chol;
  ogi_cells set;            /* what was factored last; its g is g_set                                    */
  double *g_set;            /* cells [S]                                                                 */
  size_t *place;            /* unknowns: one cell of the node, plus `cells` where it is its bit node     */
  double *v_word, *v_bit, *word_in, *bit_in; /* cells each: what the engines take and give               */
} ogi_network;

/** What one set of potentials means. */
typedef struct ogi_flow {
  double wires, cells; /* [W] dissipated */
  double branch_max;   /* [A] largest branch current */
} ogi_flow;

/**
 * @param engine  OG_ENGINE_CG, OG_ENGINE_CHOLESKY or OG_ENGINE_AUTO
 * @retval OG_E_RANGE  geometry (see og_array_check), an engine that cannot take it
 * @retval OG_E_NOMEM
 */
og_status ogi_network_create(ogi_network **out, const og_array *array, og_engine engine, og_error *err);
void ogi_network_free(ogi_network *c);

/**
 * Factor with g[k] + extra in each cell and shunts at the nodes [S]. g is copied.
 * @retval OG_E_SINGULAR, OG_E_NOMEM
 */
og_status ogi_network_set(ogi_network *c, const double *g, double extra, double word_shunt, double bit_shunt,
                          og_error *err);

/**
 * Solve. No allocation of ours.
 * @param[in,out] x       nodes [V]: terminals given; unknowns: first guess in, solution out
 * @param[in]     inject  unknowns [A] into each node; NULL: none
 * @retval OG_E_NOCONV, OG_E_NOMEM
 */
og_status ogi_network_solve(ogi_network *c, double *x, const double *inject, og_error *err);

/** Sum of the currents that leave each node through wires and cells of conductance g [A]; out: nodes. */
void ogi_network_flow(const ogi_network *c, const double *g, const double *x, double *out, ogi_flow *flow);

/** Conductances finite and >= 0? The text names the entry. @retval OG_E_RANGE */
og_status ogi_network_check(const double *g, size_t m, size_t n, og_error *err);

#endif
