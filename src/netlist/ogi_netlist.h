/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_netlist.h
 * The deck of an array on any stream, and the deck name of every node.
 *
 * Written from ohmgrid/array.h alone, on purpose apart from the node numbers and branches that the solver uses: a
 * cross-check against ngspice is worth something only if a wrong branch there is not copied into the deck.
 *
 * Nodes.    w_I_J, b_I_J, s_I as in ohmgrid/netlist.h; t_J is the sense node of bit line J, held by vt_J. Nodes joined
 *           by 0 ohm carry one name: of a terminal, else of the first of them, word nodes before bit nodes.
 * Elements. rw_I_J is the segment on the left of W(I,J), rw_I_N the one at the right end. rb_I_J is the one above
 *           B(I,J), rb_M_J the one at the bottom. Parallel wiring: rw_I_J is above W(I,J), rw_M_J at the bottom end.
 *           rs_I_P is the driver resistance beside segment rw_I_P (P is 0 or N), d_I_P the node between them; rt_P_J
 *           the sense resistance beside rb_P_J (P is 0 or M), e_P_J the node between. Parallel: rs_P_J, d_P_J. Of two
 *           where one is 0 ohm, or is not there, the other is alone. rx_K is bridge K. INFINITY is left out.
 * Current.  i(vt_J), the vector vt_J#branch, is the output current of bit line J, positive into the sense node [A].
 */
#ifndef OGI_NETLIST_H
#define OGI_NETLIST_H

#include <stdio.h>

#include <ohmgrid/array.h>
#include <ohmgrid/netlist.h>

#include "base/ogi_error.h"

#define OGI_NODE_NAME 48 /**< [bytes] "w_I_J" with the largest size_t twice, and its end */

/** Which node of the deck every place is. */
typedef struct ogi_labels {
  const og_array *array;
  size_t sources;
  size_t *label; /**< of word nodes, then bit nodes, then terminals: the place whose name it carries */
} ogi_labels;

/**
 * Find the merged nodes of a checked array, which is borrowed.
 * @retval OG_E_SINGULAR  0 ohm from one terminal to another
 * @retval OG_E_NOMEM
 */
og_status ogi_labels_create(ogi_labels *deck, const og_array *array, og_error *err);
void ogi_labels_clear(ogi_labels *deck);

/** Deck name of word node (i,j). */
void ogi_netlist_word(char name[OGI_NODE_NAME], const ogi_labels *deck, size_t i, size_t j);
/** Deck name of bit node (i,j). */
void ogi_netlist_bit(char name[OGI_NODE_NAME], const ogi_labels *deck, size_t i, size_t j);

/**
 * Write the flat, linear operating-point deck; arguments as in og_netlist_save_biased. Whether the stream took it
 * (ferror) is for the caller to ask. Nothing is written unless everything was found good.
 * @retval OG_E_ARG       a pointer is NULL
 * @retval OG_E_RANGE     geometry, a conductance or a voltage is out of range; err says where
 * @retval OG_E_SINGULAR  0 ohm from one terminal to another
 * @retval OG_E_NOMEM
 */
og_status ogi_netlist_emit(FILE *out, const og_array *array, const double *g, const double *v, const double *u,
                           og_error *err);

#endif
