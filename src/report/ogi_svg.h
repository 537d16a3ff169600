/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_svg.h  SVG text as gnuplot writes it, made fit for a file of its own and for being part of a page. */
#ifndef OGI_SVG_H
#define OGI_SVG_H

#include <stdio.h>

/** Text with <, >, &, and both quotes escaped, and bytes that are no UTF-8 as U+FFFD: safe in HTML and XML. */
void ogi_escape(FILE *out, const char *text);

/** The drawing with our title instead of gnuplot's title and version, and with sharp pixels in images. */
void ogi_svg_clean(FILE *out, const char *svg, const char *title);

/**
 * The drawing as part of a page: without XML declaration and name spaces, with role and label for screen readers, and
 * with every id and every reference to one behind prefix, so that several drawings share a page.
 */
void ogi_svg_inline(FILE *out, const char *svg, const char *prefix, const char *label);

#endif
