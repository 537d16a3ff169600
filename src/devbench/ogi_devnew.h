/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_devnew.h  Parts of og_device_new: the subcircuit as checked, the grid, the folder, what arrays can use. */
#ifndef OGI_DEVNEW_H
#define OGI_DEVNEW_H

#include <stdio.h>

#include <ohmgrid/devnew.h>
#include <ohmgrid/vectors.h>

#include "base/ogi_file.h"
#include "base/ogi_list.h"

enum { OGI_NEW_BIASES = 7, OGI_NEW_NUMBER = 32 };

/** The subcircuit. All texts owned; lower case, as the reader has them. */
typedef struct ogi_new_source {
  char *folder, *base;       /* where the file really lies: folder, name in it */
  char *text;                /* of the file */
  size_t bytes;
  char *subckt;
  size_t pins, terminals, states;
  char **pin;                /* pins; state k is pin[terminals + k] */
  size_t params;
  char **param;
  double *value;             /* defaults */
  OGI_LIST(char *) laws;     /* lines of its sources with equations */
  OGI_LIST(char *) others;   /* its other elements */
  int storage, timed;        /* 1: capacitors or inductors inside; a law that depends on time */
} ogi_new_source;

/**
 * Read and check a subcircuit.
 * @retval OG_E_INPUT, OG_E_RANGE  refused; err has file and line where there is one;  @retval OG_E_NOMEM
 */
og_status ogi_new_read(ogi_new_source *out, const og_device_new_opts *opts, og_error *err);
/** Release everything. Harmless on a zeroed one. */
void ogi_new_clear(ogi_new_source *s);

/** Number k of src->params, or one more: none, changed to value. */
typedef struct ogi_new_change {
  size_t param;
  double value;
} ogi_new_change;

/**
 * Write a deck: source "v1" at node "drive" (more underscores if a pin has the name), "vi" that measures the current
 * into the driven terminal, with three and more "vt2" at terminal 2 and so on, the device "x1", and analysis. Nodes are
 * called as the pins; the second of two terminals is "0". Wants the C numeric locale.
 * @param[in] indent  in front of each line
 * @param[in] file    to include
 * @param[in] wave    behind "v1 drive 0 "
 * @param[in] change  NULL: default parameters
 */
void ogi_new_deck(FILE *to, const ogi_new_source *s, const og_device_new_opts *opts, const char *indent,
                  const char *file, const char *title, const char *wave, const ogi_new_change *change,
                  const char *analysis);
/** Name of the driven node. to: 80 bytes. */
void ogi_new_drive(char to[80], const ogi_new_source *s);

/** Shortest text that reads as the same double. Wants the C numeric locale. */
void ogi_new_number(char to[OGI_NEW_NUMBER], double value);

/** What og_device_new keeps. */
struct ogi_device_new_inner {
  ogi_new_source source;
  char *folder;
  og_vectors *run[OGI_NEW_BIASES];  /* default parameters, by bias; NULL: failed */
  char *failed_low, *failed_high;   /* by parameter: 1: a run failed with it at its lower, upper value */
};

/** Run the grid: fills runs and states of the report. @retval as og_device_new */
og_status ogi_new_grid(og_device_new_report *r, const og_device_new_opts *opts, og_error *err);

/**
 * Write the files into folder, run the benches, write them again with what came of it; fills ranges and bench fields of
 * the report. @retval as og_device_new
 */
og_status ogi_new_skeleton(og_device_new_report *r, const char *name, const char *folder,
                           const og_device_new_opts *opts, og_error *err);

/** What arrays can make of it; a table goes into folder. Fills report.fit. @retval OG_E_INTERRUPT, OG_E_IO,
    OG_E_NOMEM */
og_status ogi_new_fit(og_device_new_report *r, const char *name, const char *folder, const og_device_new_opts *opts,
                      og_error *err);
/** The part of it that is the compact model. */
og_status ogi_new_fit_compact(og_device_new_report *r, const og_device_new_opts *opts, og_error *err);

/** Begin a file of a folder; commit it with ogi_writer_commit. @retval OG_E_IO, OG_E_NOMEM */
og_status ogi_new_open(ogi_writer *w, const char *folder, const char *name, og_error *err);

#endif
