/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_emit.h
 * The parts of the deck writer among themselves: places and lines (emit_nodes.c), cells as text (emit_cell.c), what may
 * come in (emit_check.c).
 *
 * Places are numbered: word nodes m x n, bit nodes m x n, sources, sense nodes, and then two a line for the nodes
 * between a terminal's resistance and its segment, which merge with nothing.
 */
#ifndef OGI_EMIT_H
#define OGI_EMIT_H

#include <math.h>
#include <stddef.h>

#include "netlist/ogi_netlist.h"

/** A resistance whose conductance no double holds is none. */
static inline int ogi_is_short(double ohm) { return isinf(1 / ohm); }

/** One line of an array: where its nodes stand among the places, and what joins them. */
typedef struct ogi_deck_line {
  size_t first, step, cells; /**< node p is place first + p * step                                   */
  size_t terminal;           /**< place of its source or sense node                                  */
  size_t between;            /**< place of the node inside its end before the first node; + 1: behind the last */
  const double *segments;    /**< [ohm] of this line, step apart, or NULL: all each                  */
  double each, end;          /**< [ohm] a segment; the driver or sense resistance                    */
  int direct, has[2];        /**< no end segments; is there a terminal before the first, after the last node? */
} ogi_deck_line;

/** Line l: word (source) lines, then bit lines. */
ogi_deck_line ogi_deck_line_of(const ogi_labels *d, size_t l);

/** Segment in front of node p, or behind the last (p = cells) [ohm]; an end that has none: 0. */
double ogi_segment_ohm(const ogi_deck_line *l, size_t p);
/** Places on both sides of it. */
size_t ogi_place_before(const ogi_deck_line *l, size_t p);
size_t ogi_place_at(const ogi_deck_line *l, size_t p);
/** Place of a bridge's end. */
size_t ogi_place_of_site(const og_array *a, const og_site *s);

/** How many places carry labels: nodes and terminals. */
size_t ogi_labelled(const ogi_labels *d);
/** The place whose name a place carries. */
static inline size_t ogi_label(const ogi_labels *d, size_t place) {
  return place < ogi_labelled(d) ? d->label[place] : place;
}
/** Name of a place's node; returns its end, where there is a 0. */
char *ogi_place_name(char *name, const ogi_labels *d, size_t place);
/** Digits of x; returns their end, without a 0. */
char *ogi_put_size(char *to, size_t x);

/* ---- emit_cell.c ---- */

/** Can this law be written? @retval OG_E_UNSUPPORTED, OG_E_RANGE, OG_E_SHAPE */
og_status ogi_law_check(const og_cell *cell, size_t m, size_t n, og_error *err);
/** Conductance that cell k uses, g being the array's; 1 where the law has none [S]. */
double ogi_law_siemens(const og_cell *cell, size_t k, double g);
/** 1 if no current flows in cell k whatever its voltage; cell NULL: linear. */
int ogi_law_is_open(const og_cell *cell, size_t k, double g);
/** 1 for cell NULL, and for the law of that name. */
int ogi_law_is_linear(const og_cell *cell);
/** 1 if the conductance of the array enters, 0 if the law has its own or none. */
int ogi_law_takes_g(const og_cell *cell);

/** A place for text of a cell: names of nodes, and how its conductance is written. */
typedef struct ogi_law_place {
  const char *name;       /**< what stands behind the kind: "_3_5" in "bc_3_5"; "" in a subcircuit    */
  const char *a, *b, *p;  /**< nodes: word side, bit side, between a pair                             */
  int parameter;          /**< 1: the array's conductance is the subcircuit's parameter g             */
  og_netlist_dialect dialect;
} ogi_law_place;

/** Write the elements of cell k, which is not open: one line, or two of a pair; tables in continued lines. */
void ogi_law_write(FILE *out, const og_cell *cell, size_t k, double g, const ogi_law_place *at);

/**
 * Number the sets of parameters that cells have beside the array's conductance.
 * @param[out] kind     of each cell; NULL where all are of kind 0; release with ogi_free
 * @param[out] example  of each kind a cell, with kind
 * @retval OG_E_NOMEM
 */
og_status ogi_law_kinds(const og_cell *cell, size_t cells, size_t **kind, size_t **example, size_t *kinds,
                        og_error *err);

/** R = 1/G [ohm] so that 1/R gives G again; returns the length. */
enum { OGI_OHM_TEXT = 40 };
int ogi_ohm_of(char text[OGI_OHM_TEXT], double siemens);

/* ---- emit_check.c ---- */

/** Everything but the array itself. */
og_status ogi_emit_check(const og_array *a, const double *g, const double *v, const og_netlist_opts *o, og_error *err);

#endif
