/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_compact.h
 * Inside of og_compact.
 *
 * Unknowns are numbered: inner ones 0 .. inner - 1, then ports. Row r of unknown r, with I_r the sum of all currents
 * that leave its node but those of capacitors [A], C_rc from capacitors [F], R and S the resistance and source of its
 * port:
 *   inner:  sum_c C_rc x_c' = -I_r(x)
 *   port:   R sum_c C_rc x_c' = S(t) - x_r - R I_r(x)
 * so that R = 0 is no special case.
 */
#ifndef OGI_COMPACT_H
#define OGI_COMPACT_H

#include "base/ogi_error.h"
#include "compact/ogi_program.h"

/** An entry of a matrix of unknowns. */
typedef struct ogi_entry {
  unsigned char row, column;
  uint32_t at;    /* C: address of its value. G: result */
  uint32_t place; /* among the elements of the factors */
} ogi_entry;

/**
 * One step on elements or unknowns: to -= a b. b OGI_PIVOT: to becomes 1/to among the elements, to *= a among unknowns.
 * a OGI_PIVOT: to *= b.
 */
typedef struct ogi_factor_step {
  uint32_t to, a, b;
} ogi_factor_step;
#define OGI_PIVOT UINT32_MAX

/** Elimination without a search for pivots, in an order that was found once. */
typedef struct ogi_factor {
  OGI_LIST(ogi_factor_step) eliminate; /* all three are elements */
  OGI_LIST(ogi_factor_step) replace;   /* to and b are unknowns, a an element; a right side becomes the solution */
  size_t elements;
  uint32_t *diagonal;                  /* element of each unknown */
} ogi_factor;

/**
 * Find the order for a matrix of n unknowns whose entries are C and G and the diagonal; gives entries their place.
 * @retval OG_OK, OG_E_NOMEM
 */
og_status ogi_factor_plan(ogi_factor *f, size_t n, ogi_entry *c, size_t c_count, ogi_entry *g, size_t g_count);
void ogi_factor_clear(ogi_factor *f);
/** a: elements x OGI_LANES, in and out. A pivot of 0 leaves values that are not finite. */
void ogi_factor_run(const ogi_factor *f, double *a);
/** x: n x OGI_LANES, right side in, solution out. */
void ogi_factor_solve(const ogi_factor *f, const double *a, double *x);

struct og_compact {
  size_t cells, padded, inner, ports, states;
  char **name;              /* of inner unknowns, owned */
  ogi_table table;          /* results: I by unknown, then G, then states */
  ogi_constants constants;
  uint32_t *start;          /* address of the initial value of each inner unknown */
  ogi_program currents;     /* I */
  ogi_program slopes;       /* I and G */
  ogi_program potentials;   /* states */
  OGI_LIST(ogi_entry) c, g; /* C; G = dI/dx */
  ogi_factor factor;
  unsigned char stores[OGI_UNKNOWNS]; /* 1: its row has a capacitor */
};

static inline size_t ogi_compact_unknowns(const og_compact *m) { return m->inner + m->ports; }

/** A block of cells and all workspace. */
typedef struct ogi_work {
  const og_compact *m;
  double *room;   /* one allocation */
  double **at;    /* table of addresses */
  double *x;      /* unknowns x OGI_LANES: what programs read */
  double *own;    /* columns x OGI_LANES: of a block that is cut short */
  size_t lanes;   /* cells in the block; further lanes repeat the last */
  double *extra;  /* vectors asked for beyond those of the programs */
} ogi_work;

/** extra: vectors of OGI_LANES. @retval OG_OK, OG_E_NOMEM */
og_status ogi_work_open(ogi_work *w, const og_compact *m, size_t extra, og_error *err);
void ogi_work_close(ogi_work *w);
/** Let the columns be those of cells first .. first + lanes - 1. */
void ogi_work_aim(ogi_work *w, size_t first, size_t lanes);
static inline double *ogi_work_result(const ogi_work *w, size_t k) { return w->at[ogi_table_result(&w->m->table) + k]; }
/** Copy count <= OGI_LANES values and repeat the last. */
void ogi_lanes_fill(double *to, const double *from, size_t count);

#endif
