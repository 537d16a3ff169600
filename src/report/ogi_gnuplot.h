/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_gnuplot.h  One run of gnuplot in a child process: a script goes in, what it prints comes out. */
#ifndef OGI_GNUPLOT_H
#define OGI_GNUPLOT_H

#include <stdio.h>

#include "base/ogi_error.h"

/**
 * Run a script that draws one SVG to its standard output. No shell is involved and the user's start-up files are not
 * read.
 * @param[out] svg     what gnuplot drew, NUL-terminated, the caller's (ogi_free); NULL on failure
 * @param[in]  program path, or a name to be looked up in PATH; NULL or "" is treated as missing
 * @param[in]  script  open for reading at any position; rewound here
 * @retval OG_E_EXTERN the program is missing, failed, or drew no SVG; err has its words
 * @retval OG_E_IO     no temporary file
 * @retval OG_E_NOMEM
 */
og_status ogi_gnuplot_run(char **svg, const char *program, FILE *script, og_error *err);

/** The same for a script that draws anything else: length bytes, and a 0 behind them. */
og_status ogi_gnuplot_bytes(char **bytes, size_t *length, const char *program, FILE *script, og_error *err);

#endif
