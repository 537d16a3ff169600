/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_analysis.h  Inside of og_analysis_run: one run, and who may do it. */
#ifndef OGI_ANALYSIS_H
#define OGI_ANALYSIS_H

#include <ohmgrid/analysis.h>

#include "base/ogi_error.h"
#include "base/ogi_list.h"
#include "netlist/ogi_deck_network.h"

/** An analysis under way: rows of results, one a point, in the order of the vectors. */
typedef struct ogi_run {
  const og_deck *deck;
  const og_analysis *analysis;
  const og_analysis_opts *opts;
  og_analysis_info *info;
  size_t *branch;    /* numbers of the parts that have a "#branch" vector */
  size_t branches;
  size_t doubles;    /* of one row */
  OGI_LIST(double) row; /* doubles each */
  og_error *err;
} ogi_run;

/** Room for one more row, zeroed; NULL when out of memory. */
double *ogi_run_row(ogi_run *run);
/** All vectors from the rows. scale: name of the first vector; NULL: none. */
og_status ogi_run_finish(ogi_run *run, og_vectors **out, const char *plot, const char *scale, og_quantity quantity,
                         int complex_values);

/** By the general engine. */
og_status ogi_run_circuit(ogi_run *run, og_vectors **out);
/** An operating point by those for arrays. @retval OG_E_INPUT no crossbar */
og_status ogi_run_crossbar(ogi_run *run, og_vectors **out);

struct og_crossbar {
  ogi_deck_network network;
  ogi_crossbar found;
};

#endif
