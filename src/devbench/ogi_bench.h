/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_bench.h  A bench.yaml as read, its figures on results, its drawings. */
#ifndef OGI_BENCH_H
#define OGI_BENCH_H

#include <ohmgrid/deck.h>
#include <ohmgrid/device.h>
#include <ohmgrid/devbench.h>
#include <ohmgrid/vectors.h>

#include "base/ogi_list.h"
#include "config/ogi_tree.h"
#include "devbench/ogi_curve.h"
#include "devbench/ogi_quantity.h"

enum { OGI_SWEEPS_MAX = 8, OGI_VALUES_MAX = 40, OGI_CURVES_MAX = 6, OGI_RUNS_MAX = 1000 };

typedef enum ogi_figure_kind {
  OGI_F_MEASURE,  /* text[0]: as behind .measure tran NAME                            */
  OGI_F_RATIO,    /* text[0] and [1]: of two of them, first / second                  */
  OGI_F_DIFFERENCE, /* the same: first - second                                     */
  OGI_F_DECAY,    /* text[0]: time constant of a vector                               */
  OGI_F_AREA,     /* text[0] x, text[1] y: closed integral of y dx                    */
  OGI_F_INTEGRAL, /* text[0] times text[1] (may be NULL) over the scale               */
  OGI_F_CROSS,    /* text[2] where text[0] first crosses text[1]                      */
  OGI_F_COUNT     /* how often text[0] rises through text[1]                          */
} ogi_figure_kind;

/** All texts borrowed from the tree but text[], which are owned. */
typedef struct ogi_bench_figure {
  const char *name;
  ogi_figure_kind kind;
  char *text[3];
  const char *from, *to;                     /* "": the whole run                                  */
  const char *expected, *rtol, *atol, *min, *max; /* "": not given                                 */
  const char *unit, *source;
  double sign;
  const ogi_tree *tree;
} ogi_bench_figure;

typedef struct ogi_bench_plot {
  const char *title, *x;
  const char *xlabel, *ylabel;   /* "": made of x and y */
  const char *y[OGI_CURVES_MAX]; /* vectors, or names of figures */
  size_t count;
  double ymin;                   /* of a logarithmic y: nothing below is shown; 0: not given */
  double from, to;               /* of vectors: only this stretch of the scale; infinite: not given */
  size_t run;                    /* of vectors: only this run, from 1; 0: all */
  int figures;                   /* 1: y are figures and x is a swept parameter, or "run" */
  int by_run;                    /* 1: x is "run", the number of the run */
  int log_x, log_y;
} ogi_bench_plot;

typedef struct ogi_bench {
  const char *name, *title, *deck;
  size_t deck_line;
  int is_short, own, own_counts; /* own_counts: own_rtol was given */
  double own_rtol;
  size_t sweeps, runs;
  int listed; /* 1: every run gives its values itself (key runs); 0: all combinations (key sweep) */
  const char *sweep_name[OGI_VALUES_MAX]; /* then the other .param of the deck that are numbers */
  size_t constants;
  double constant[OGI_VALUES_MAX];
  size_t sweep_count[OGI_SWEEPS_MAX];
  double *sweep[OGI_SWEEPS_MAX];
  OGI_LIST(char *) names; /* of constants; owned */
  OGI_LIST(ogi_bench_figure) figures;
  OGI_LIST(ogi_bench_plot) plots;
} ogi_bench;

typedef struct ogi_bench_file {
  ogi_tree *tree;
  char *path;
  OGI_LIST(ogi_bench) benches;
} ogi_bench_file;

/**
 * Read a bench.yaml.
 * @retval OG_E_INPUT, OG_E_RANGE  err has file, line, bench, figure and key;  @retval OG_E_NOMEM
 */
og_status ogi_bench_read(ogi_bench_file *out, const char *path, og_error *err);
/** Release everything. Harmless on a zeroed one. */
void ogi_bench_clear(ogi_bench_file *f);

/**
 * Values that texts may use in run number run: the swept parameters, the first slowest, and behind them what other .param
 * lines of the deck give as numbers. value: OGI_VALUES_MAX doubles.
 */
ogi_values ogi_bench_values(const ogi_bench *b, size_t run, double *value);

/**
 * Extract a figure. Wants the C numeric locale.
 * @param[in] kind  analysis that the vectors are of
 * @retval OG_E_INPUT  no such vector, or no scale
 * @retval OG_E_RANGE  it does not happen, or the window lies outside; or the value is not finite
 */
og_status ogi_figure_value(const ogi_bench_figure *f, const ogi_values *values, const og_vectors *v, og_analysis_kind kind,
                           double *value, og_error *err);
/** Fill expected, low and high of a row. NAN and infinite where the figure tells none. */
og_status ogi_figure_range(const ogi_bench_figure *f, const ogi_values *values, og_bench_row *row, og_error *err);

/** One run of a bench: the public part, and what the library keeps. */
typedef struct ogi_bench_inner {
  ogi_bench_file file;
  const ogi_bench **bench; /* by run */
  size_t *number;          /* by run: 0-based within its bench */
  og_vectors **vectors;    /* by run; NULL: failed */
  char (*label)[OG_BENCH_LABEL];
  char (*state_label)[OG_BENCH_LABEL]; /* by state of the card: "state w" */
  char (*state_unit)[OGI_UNIT_MAX];
} ogi_bench_inner;

/** "tau=159n gap=25n": swept values of run number run, without parameter number but (OGI_VALUES_MAX: all). */
void ogi_bench_name_values(const ogi_bench *b, size_t run, size_t but, char text[OGI_CURVE_TEXT]);

/** Draw plot number plot of the bench, whose first run is number first of the report. */
og_status ogi_bench_draw(const og_bench_report *r, const ogi_bench_inner *in, size_t first, size_t plot, const char *path,
                         og_error *err);

#endif
