/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_tape.h
 * Expressions of a cell while they are compiled: a list of terms, each behind its operands, none twice.
 *
 * Constants are folded; one that differs from cell to cell is a column. Operations are those of netlist/ogi_expr_node.h
 * (|x|^y and the other peculiarities of ngspice included). Slopes are terms of the same list.
 */
#ifndef OGI_TAPE_H
#define OGI_TAPE_H

#include <stdint.h>

#include "netlist/ogi_expr_node.h"

enum {
  OGI_CHAIN = OGI_OP_COUNT, /* a * b, but 0 where b is 0: a slope of 0 stays 0 whatever stands before it */
  OGI_COPY,
  OGI_UNKNOWNS = 64         /* [-] most unknowns of a cell: bits of ogi_term.needs */
};

typedef struct ogi_term {
  int op;              /* ogi_op or one of the above; OGI_NUMBER: a constant, OGI_CONTROL: unknown a */
  size_t a, b, c;      /* operands, earlier terms; 0 where there is none */
  double value;        /* of a constant */
  double *column;      /* of a constant that differs: padded cells, owned; else NULL */
  uint64_t needs;      /* bit k: depends on unknown k */
} ogi_term;

typedef struct ogi_tape {
  OGI_LIST(ogi_term) terms;
  size_t *bucket, buckets; /* hashed terms; 0: empty, else 1 + number */
  size_t padded;           /* [-] cells, to whole blocks */
  int failed;              /* out of memory: terms mean nothing any more */
} ogi_tape;

/** Term 0 is the number 0. Out of memory leaves failed, which is asked once at the end. */
void ogi_tape_open(ogi_tape *t, size_t cells);
void ogi_tape_close(ogi_tape *t);

size_t ogi_tape_number(ogi_tape *t, double value);
/** column: of ogi_alloc, padded doubles; the tape takes it. */
size_t ogi_tape_column(ogi_tape *t, double *column);
size_t ogi_tape_unknown(ogi_tape *t, size_t k);
/** Operation op; operands it does not have are 0. */
size_t ogi_tape_op(ogi_tape *t, int op, size_t a, size_t b, size_t c);
int ogi_tape_is_constant(const ogi_tape *t, size_t term);
/** slope[j] = d root[j] / d unknown k. */
void ogi_tape_slopes(ogi_tape *t, size_t k, const size_t *root, size_t roots, size_t *slope);
/** used[k] = 1 for every term from which the roots follow, roots included; as many as terms. */
void ogi_tape_mark(const ogi_tape *t, const size_t *root, size_t roots, unsigned char *used);

#endif
