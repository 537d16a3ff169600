/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_figure.h  Figures as people read them, and the sums behind them; shared by all outputs of the report. */
#ifndef OGI_FIGURE_H
#define OGI_FIGURE_H

#include <stddef.h>
#include <stdio.h>

#include <ohmgrid/study.h>

#include "base/ogi_error.h"

/** A short text by value; needs no release. */
typedef struct ogi_text {
  char s[48];
} ogi_text;

typedef enum ogi_charset { OGI_ASCII, OGI_UTF8 } ogi_charset;

/** Three significant digits with an SI prefix, "12.3 nJ"; "n/a" if x is not finite. Wants the C numeric locale. */
ogi_text ogi_eng(double x, const char *unit, ogi_charset charset);
/** A fraction as percent with so many decimals, without the sign: "97.31"; "n/a" if not finite. */
ogi_text ogi_percent(double fraction, int decimals);
/** Power of ten of the SI prefix for x: -24, -21 .. 24. 0 for 0 and what is not finite. */
int ogi_eng_power(double x);
/** The prefix for such a power, in UTF-8; static string. */
const char *ogi_eng_prefix(int power);

/** [bytes] length of the UTF-8 sequence at text, or 0 if there is none (also for control characters but \t and \n). */
size_t ogi_utf8_step(const char *text);
/** Copy with every byte that ogi_utf8_step refuses as U+FFFD; NULL when out of memory. */
char *ogi_utf8_clean(const char *text);

/** A block's name for people, "sample and hold" for "sample_hold"; the name itself if it is not known. */
const char *ogi_block_label(const char *block);

/** Whether the results hold what this plot, and this part of the page, shows. */
int ogi_has_accuracy(const og_results *r);
int ogi_has_energy(const og_results *r);
int ogi_has_ir_drop(const og_results *r);
int ogi_has_conductance(const og_results *r);
int ogi_has_crosscheck(const og_results *r);
/** Whether a cross-checked tile came with its currents. */
int ogi_has_currents(const og_check_row *row);

/** The row with this key; NULL if there is none. */
const og_accuracy_row *ogi_accuracy_find(const og_results *r, const char *key);
/** 1 if the row is within r->check_rtol. */
int ogi_check_passed(const og_results *r, const og_check_row *row);
/** Worst relative deviation of all rows, NaN if one is NaN or there is none. */
double ogi_check_worst(const og_results *r);
/**
 * Relative deviation of output current k of a row, on the scale of its input as ohmgrid/check.h defines it, but without
 * the floor for currents that cancel, which needs the conductances. INFINITY where ngspice has 0 A at all outputs.
 */
double ogi_check_deviation(const og_check_row *row, size_t k);

/** Sum of one layer, or of one block over all layers. */
typedef struct ogi_energy_part {
  const char *name;  /**< borrowed from the results                  */
  const char *label; /**< for people; borrowed from the results too  */
  double joule;      /**< [J] per inference                          */
} ogi_energy_part;

typedef struct ogi_energy {
  size_t layers, blocks;
  ogi_energy_part *layer, *block;  /**< in the order of first appearance                                 */
  double joule_per_mac;            /**< [J] NaN without MACs                                             */
  double operations;               /**< [-] per inference: 2 a MAC                                       */
  double tops_per_watt;            /**< [1e12 operations / J] NaN without energy                         */
} ogi_energy;

/** Release with ogi_energy_clear, also after a failure. @retval OG_E_INTERNAL a sum is not joule_per_inference */
og_status ogi_energy_sum(ogi_energy *out, const og_results *r, og_error *err);
void ogi_energy_clear(ogi_energy *energy);

/** Smallest, largest and mean of the finite values; all NaN if there is none. */
typedef struct ogi_span {
  double min, max, mean;
  size_t finite;
} ogi_span;
ogi_span ogi_span_of(const double *x, size_t count);

#endif
