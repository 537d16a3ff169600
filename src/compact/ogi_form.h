/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_form.h
 * From the text of a subcircuit to its equations.
 */
#ifndef OGI_FORM_H
#define OGI_FORM_H

#include "compact/ogi_compact.h"
#include "netlist/ogi_deck_parts.h"

/** A number of the subcircuit: the same in all cells, or a column of padded cells. */
typedef struct ogi_literal {
  double value, *column; /* column owned; NULL: value */
} ogi_literal;

/** The subcircuit of the first cell, and what in it differs from cell to cell. */
typedef struct ogi_cell_source {
  const og_cell_circuit *circuit; /* borrowed */
  size_t cells, padded;
  og_deck *deck;                  /* of the first cells; its first parts are the first cell's */
  size_t parts;                   /* of one cell */
  size_t *local;                  /* node of the deck -> node of the cell; 0 ground, then pins, then others */
  char **node_name;               /* by node of the cell: as in the subcircuit; owned */
  size_t nodes;                   /* of the cell, ground included */
  OGI_LIST(size_t) shape;         /* what must be the same in all cells */
  OGI_LIST(ogi_literal) literals; /* numbers in the order of the parts, those of laws by their nodes */
} ogi_cell_source;

/** Read the cells. @retval OG_OK, OG_E_INPUT, OG_E_RANGE, OG_E_NOMEM */
og_status ogi_cell_read(ogi_cell_source *s, const og_cell_circuit *circuit, size_t cells, og_error *err);
/** Let err count the lines of circuit->text. */
void ogi_cell_count_lines(const og_cell_circuit *circuit, og_error *err);
void ogi_cell_clear(ogi_cell_source *s);
/** Pin k of the subcircuit: its node in the cell. Of two terminals the second is ground. */
size_t ogi_cell_pin(const ogi_cell_source *s, size_t k);
/** Name of a part inside of the subcircuit: "bi", "x1.bs". */
const char *ogi_cell_part_name(const ogi_cell_source *s, const ogi_deck_part *part);

/** Equations into a model whose counts and names are still open. @retval OG_OK, OG_E_INPUT, OG_E_RANGE, OG_E_NOMEM */
og_status ogi_cell_form(og_compact *m, ogi_cell_source *s, og_error *err);

#endif
