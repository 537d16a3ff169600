/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_cell.h
 * Cells from inside: laws are vector loops over blocks of at most OGI_CELL_BLOCK cells, with all parameters as vectors.
 */
#ifndef OGI_CELL_H
#define OGI_CELL_H

#include <ohmgrid/cell.h>

#include "base/ogi_error.h"

enum { OGI_CELL_BLOCK = 256, OGI_CELL_KEYS = 10 };

/** Exponents end here: exp(100) = 2.7e43, far beyond any current, and squares of it are still doubles. */
#define OGI_CELL_EXP_MAX 100.0

/** A block of cells that a law is asked about. */
typedef struct ogi_cell_block {
  const og_cell *cell;
  size_t first, count;                 /**< cells first .. first + count - 1 of the array               */
  const double *g;                     /**< [S] as the law shall use it                                 */
  const double *p[OGI_CELL_KEYS];      /**< parameters in the order of the model's keys, count each     */
  unsigned char *outside;              /**< set to 1 where a cell is out of range; NULL: not wanted     */
} ogi_cell_block;

/** i(v) and slope of one block; v finite, within the model's limits. */
typedef og_status ogi_cell_law(const ogi_cell_block *block, const double *v, double *i, double *slope, og_error *err);
/** Where a model ends, low < 0 < high [V]; per cell of the block. */
typedef void ogi_cell_limits(const ogi_cell_block *block, double *low, double *high);
/** Do the parameters of cell k of the block agree with each other? @retval OG_E_RANGE */
typedef og_status ogi_cell_agree(const ogi_cell_block *block, size_t k, og_error *err);

typedef struct ogi_cell_model {
  const char *name;
  ogi_cell_law *law;
  ogi_cell_limits *limits; /**< NULL: valid everywhere */
  ogi_cell_agree *agree;   /**< NULL: always           */
  int fixed;               /**< 1: no conductance of the array enters it, and it has no key g */
  og_cell_key key[OGI_CELL_KEYS]; /**< ends with a NULL name; the first is g, then range_low, range_high */
} ogi_cell_model;

/** The laws of cell_laws.c; NULL past the last. The ones that text can name come first. */
extern const ogi_cell_model ogi_cell_models[];
extern const ogi_cell_model ogi_cell_table_model, ogi_cell_user_model, ogi_cell_pair_model;

/** Points of a table with node slopes; straight lines beyond. */
typedef struct ogi_cell_points {
  size_t count;
  double *v, *i, *slope; /**< [V], [A], [S] */
  double slope_at_zero;  /**< [S]           */
} ogi_cell_points;

/** One parameter: a value for all cells, and a block full of it; or one a cell. */
typedef struct ogi_cell_param {
  double value;
  double *each; /**< m x n; NULL: value for all */
} ogi_cell_param;

struct og_cell {
  const ogi_cell_model *model;
  size_t keys;
  ogi_cell_param param[OGI_CELL_KEYS];
  double *fill;         /**< keys x OGI_CELL_BLOCK: the common values                    */
  size_t m, n;          /**< shape of the parameters set cell by cell; 0: none are        */
  ogi_cell_points points;       /**< model table */
  og_cell_function function;   /**< model user  */
  void *user;
  og_cell *member[2];           /**< model pair: at the word node, at the bit node */
};

/** Index of the common keys. */
enum { OGI_KEY_G, OGI_KEY_LOW, OGI_KEY_HIGH, OGI_KEY_OWN };

/** An empty cell of a model, with the defaults of its keys. @retval OG_E_NOMEM */
og_status ogi_cell_new(og_cell **out, const ogi_cell_model *model, og_error *err);

/**
 * Does this cell fit an array: shapes of parameters, and their agreement with each other?
 * @retval OG_E_SHAPE, OG_E_RANGE
 */
og_status ogi_cell_check(const og_cell *cell, size_t m, size_t n, og_error *err);

/**
 * og_cell_eval without the checks, for cells first .. first + count - 1 of the array; pointers at cell first.
 * @retval OG_E_RANGE, OG_E_EXTERN  by user functions only
 */
og_status ogi_cell_eval(const og_cell *cell, size_t first, size_t count, const double *g, const double *v, double *i,
                        double *slope, size_t *outside, og_error *err);
/** The same for at most OGI_CELL_BLOCK cells; outside[k] becomes 1 where cell k is out of range; NULL: not wanted. */
og_status ogi_cell_eval_flags(const og_cell *cell, size_t first, size_t count, const double *g, const double *v,
                              double *i, double *slope, unsigned char *outside, og_error *err);

#endif
