/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_program.h
 * Terms of a tape as a list of steps on vectors of OGI_LANES cells.
 *
 * Operands are numbers into a table of addresses: constants, columns, unknowns, results, and slots that are used again
 * as soon as nobody asks for what stood in them.
 */
#ifndef OGI_PROGRAM_H
#define OGI_PROGRAM_H

#include <ohmgrid/compact.h>

#include "compact/ogi_tape.h"

enum { OGI_LANES = OG_COMPACT_BLOCK };

typedef struct ogi_program_step {
  int op;
  uint32_t to, a, b, c; /* numbers of addresses; to is none of the others */
} ogi_program_step;

typedef struct ogi_program {
  OGI_LIST(ogi_program_step) steps;
  size_t slots; /* [-] vectors of workspace */
} ogi_program;

/** Where things stand in the table: fills, columns, unknowns, results, slots. */
typedef struct ogi_table {
  size_t fills, columns, unknowns, results;
} ogi_table;

static inline size_t ogi_table_unknown(const ogi_table *t) { return t->fills + t->columns; }
static inline size_t ogi_table_result(const ogi_table *t) { return ogi_table_unknown(t) + t->unknowns; }
static inline size_t ogi_table_slot(const ogi_table *t) { return ogi_table_result(t) + t->results; }

/** Constants of a model, first in the table of addresses: fills, then columns. */
typedef struct ogi_constants {
  double *fill;    /* fills x OGI_LANES: the same in all cells */
  double **column; /* columns of padded cells, each owned */
  size_t fills, columns;
} ogi_constants;

/**
 * Keep the constants from which root[0 .. roots) follow. address (as many as terms) gets the place of each in the
 * table. The tape gives its columns away: no operation may follow. @retval OG_OK, OG_E_NOMEM
 */
og_status ogi_constants_take(ogi_constants *c, ogi_tape *t, const size_t *root, size_t roots, size_t *address);
void ogi_constants_clear(ogi_constants *c);

/** Steps that put term root[j] into result place[j]. address: of constants. @retval OG_OK, OG_E_NOMEM */
og_status ogi_program_build(ogi_program *p, const ogi_tape *t, const size_t *address, const ogi_table *table,
                            const size_t *root, const size_t *place, size_t roots);
void ogi_program_clear(ogi_program *p);

/** Run over OGI_LANES lanes. at: the table of addresses. */
void ogi_program_run(const ogi_program *p, double *const *at);
/** One operation; z overlaps no operand. */
void ogi_kernel(int op, double *z, const double *x, const double *y, const double *c);

#endif
