/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_spice.h
 * ngspice behind a wall: the program ohmgrid-spice as a child that may crash, hang or exit, while the caller only gets
 * an error. A child that failed in any way is ended, and the next run starts a fresh one.
 *
 * The child is a process group of its own (an interrupt from the keyboard reaches only the host), inherits no files,
 * and dies with the thread that started it: open, use and close a handle in one thread.
 */
#ifndef OGI_SPICE_H
#define OGI_SPICE_H

#include <stddef.h>

#include "base/ogi_error.h"

typedef struct ogi_spice ogi_spice; /**< opaque; owns the child */

/**
 * Start a child.
 * @param[in] program         path of ohmgrid-spice; NULL: the installed one; copied
 * @param[in] timeout_second  wall time that all runs from now on may take together, > 0 [s]
 * @retval OG_E_EXTERN  the program is missing or cannot be started; err names it
 * @retval OG_E_NOMEM
 */
og_status ogi_spice_open(ogi_spice **out, const char *program, double timeout_second, og_error *err);

/**
 * Run a deck with its analysis, and read the last point of vectors of the solution.
 * @param[in]  deck    text of bytes bytes: title, elements, one analysis, .end; from a generator of ours only, since
 *                     ngspice decks can run commands
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

/** Version of ngspice, e.g. "ngspice-39"; "" before the first run that succeeded. Borrowed from s. */
const char *ogi_spice_version(const ogi_spice *s);

/** Process id of the child, 0 if none is running. */
long ogi_spice_pid(const ogi_spice *s);

/** End the child and release everything. NULL is allowed. */
void ogi_spice_close(ogi_spice *s);

#endif
