/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_spice.h
 * What the library itself uses of ngspice beyond ohmgrid/spice.h: decks as text, and one-shot runs of decks. Text has
 * to come from a generator or reader of ours, since ngspice decks can run commands.
 *
 * The child is a process group of its own (an interrupt from the keyboard reaches only the host), inherits no files,
 * and dies with the thread that started it: open, use and close a handle in one thread.
 */
#ifndef OGI_SPICE_H
#define OGI_SPICE_H

#include <stddef.h>

#include <ohmgrid/spice.h>

#include "base/ogi_error.h"
#include "netlist/ogi_deck_parts.h"

typedef struct og_spice ogi_spice; /**< the session of ohmgrid/spice.h */

/**
 * Start a child.
 * @param[in] program         path of ohmgrid-spice; NULL: the installed one; copied
 * @param[in] timeout_second  wall time that all runs from now on may take together, > 0 [s]
 * @retval OG_E_EXTERN  the program is missing or cannot be started; err names it
 * @retval OG_E_NOMEM
 */
og_status ogi_spice_open(ogi_spice **out, const char *program, double timeout_second, og_error *err);

/**
 * Load a circuit in the place of the one before, with its changes, sources and breakpoints.
 * @param[in] text  bytes bytes: title, elements, models, .end, no analysis; copied. Continuation lines begin with '+'
 * @retval OG_OK
 * @retval OG_E_ARG     a pointer is NULL
 * @retval OG_E_EXTERN  ngspice refused the text: "ngspice: ngspice refused the deck, line N (TEXT): WORDS", N from 1
 *                      with the title, where ngspice tells; or the child died or took too long. No circuit is loaded then
 * @retval OG_E_INTERRUPT, OG_E_NOMEM
 */
og_status ogi_spice_load(ogi_spice *s, const char *text, size_t bytes, og_error *err);

/** Load a deck that was read, with other tolerances than its own. accuracy may be NULL. @retval as og_spice_load */
og_status ogi_spice_load_deck(ogi_spice *s, const og_deck *deck, const ogi_deck_accuracy *accuracy, og_error *err);

/**
 * Load a deck and run one of its analyses: every node potential and the current of every element that defines a voltage,
 * under the names of ohmgrid/analysis.h.
 * @param[in]  analysis  NULL: an operating point. accuracy may be NULL: that of the deck
 * @param[out] out       the caller's; NULL on failure
 * @retval as og_spice_load and og_spice_run
 */
og_status ogi_spice_run_deck(ogi_spice *s, const og_deck *deck, const og_analysis *analysis,
                             const ogi_deck_accuracy *accuracy, og_vectors **out, og_error *err);

/** Drop the circuit and what belongs to it. @retval OG_OK; OG_E_EXTERN, OG_E_INTERRUPT the child was lost over it */
og_status ogi_spice_forget(ogi_spice *s, og_error *err);

/**
 * Run a deck with its analysis, and read the last point of vectors of the solution. It replaces a loaded circuit.
 * @param[in]  deck    text of bytes bytes: title, elements, one analysis, .end
 * @param[in]  names   count vector names without plot, e.g. "w_0_0" [V], "vt_2#branch" [A]
 * @param[out] values  count doubles, each finite; NaN on failure
 * @retval OG_E_EXTERN  ngspice refused the deck or found no solution, a vector is missing, the child crashed, answered
 *                      nonsense, or was ended after the time allowed; err has its last words
 * @retval OG_E_NOMEM
 */
og_status ogi_spice_run(ogi_spice *s, const char *deck, size_t bytes, const char *const *names, size_t count,
                        double *values, og_error *err);

/** Start the clock again: the runs from now on may take so much wall time together [s]. */
void ogi_spice_set_timeout(ogi_spice *s, double timeout_second);

/** Version of ngspice, e.g. "ngspice-39"; "" before the first deck was loaded. Borrowed from s. */
const char *ogi_spice_version(const ogi_spice *s);

/** What a session asks while it waits; of a pool: asks for all its sessions, one thread at a time. */
og_progress ogi_spice_progress(const ogi_spice *s);

/** Process id of the child, 0 if none is running. */
long ogi_spice_pid(const ogi_spice *s);

/** End the child and release everything. NULL is allowed. */
void ogi_spice_close(ogi_spice *s);

#endif
