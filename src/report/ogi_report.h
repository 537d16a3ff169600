/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_report.h
 * What is made of an og_results: results.json, CSV tables, SVG plots, report.html, a table for a terminal.
 *
 * Every file depends on the results, the study's text and (plots) the version of gnuplot alone: no date, no path, no
 * wall time, no thread count, so equal results give equal bytes. Every file is written beside its destination and
 * renamed; a failure leaves no half-written file. Folders must exist. Numbers have a decimal point whatever the locale.
 * Text is UTF-8; bytes that are no UTF-8 come out as U+FFFD. A part that a results object lacks (0 rows) is left out.
 * All functions may return OG_E_NOMEM, OG_E_IO (place not writable, disk full), and OG_E_INTERNAL if the energy rows do
 * not add up to joule_per_inference within 1e-12.
 */
#ifndef OGI_REPORT_H
#define OGI_REPORT_H

#include <stdio.h>

#include <ohmgrid/study.h>

#include "base/ogi_error.h"

/**
 * One JSON object, keys in a fixed order, 17 significant digits; a number that is not finite becomes null; the unit
 * ends the key (_volt, _amp, _siemens, _joule), fractions and counts have none. The large arrays are summarised: the
 * tables hold them in full. A seed beyond 2^63 - 1 is a string of digits.
 * @param[in] study_yaml the study as resolved; NULL: left out
 */
og_status ogi_report_json(const og_results *r, const char *study_yaml, const char *path, og_error *err);

/**
 * accuracy.csv, accuracy_trials.csv, energy.csv, check.csv, check_currents.csv, ir_drop_map.csv, cells.csv: RFC 4180
 * with a header row, 17 significant digits; a number that is not finite is an empty field.
 */
og_status ogi_report_tables(const og_results *r, const char *folder, og_error *err);

/**
 * accuracy.svg, energy.svg, ir_drop.svg, conductance.svg, crosscheck.svg; each only if r has its numbers, else a
 * drawing of that name that is already there is removed.
 * @param[in] gnuplot program, a path or a name to be looked up in PATH
 * @retval OG_E_EXTERN gnuplot is missing or failed: err has its words
 */
og_status ogi_report_plots(const og_results *r, const char *gnuplot, const char *folder, og_error *err);

/**
 * report.html: one self-contained page with the plots of ogi_report_plots inlined; no script, no network.
 * @param[in] study_yaml as above
 * @retval OG_E_INPUT a plot is missing in the folder
 */
og_status ogi_report_html(const og_results *r, const char *study_yaml, const char *folder, og_error *err);

/** Accuracy, energy and cross-check for a terminal: aligned plain ASCII columns, percent and engineering units. */
og_status ogi_report_text(const og_results *r, FILE *out, og_error *err);

#endif
