/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_lines.h
 * The logical lines of a deck: comments gone, continuations joined, .include and .lib followed, letters lower case.
 *
 * A deck is data. What could reach ngspice's command interpreter (.control, backquotes, .csparam ...), files outside of
 * the folder named for it, and signs that are no text are refused here, with file and line.
 */
#ifndef OGI_LINES_H
#define OGI_LINES_H

#include <stddef.h>

#include "base/ogi_error.h"
#include "base/ogi_list.h"
#include "base/ogi_names.h"

/** Where a line begins. */
typedef struct ogi_place {
  unsigned file, line; /* file: number in ogi_lines.files; line from 1 */
} ogi_place;

typedef struct ogi_line {
  char *text; /* no leading or trailing blanks, not empty */
  ogi_place place;
} ogi_line;

typedef struct ogi_lines {
  char *title;      /* the deck's first line, printable letters only */
  OGI_LIST(ogi_line) all;
  ogi_names *files; /* as they were named */
} ogi_lines;

typedef struct ogi_lines_opts {
  const char *folder; /* .include and .lib may read files in it and below; NULL: none */
  size_t bytes_max;   /* of all files together */
} ogi_lines_opts;

/**
 * Take a deck apart.
 * @param[in] name   of the text, for messages; text of bytes bytes, which need not end with 0
 * @retval OG_E_INPUT  something is refused, or a file is missing; err has "file:line: "
 * @retval OG_E_NOMEM
 */
og_status ogi_lines_split(ogi_lines *out, const char *name, const char *text, size_t bytes, const ogi_lines_opts *opts,
                          og_error *err);
/** Release everything. Harmless on a zeroed one. */
void ogi_lines_clear(ogi_lines *l);

/** Put "file:line: " in front of an error. */
og_status ogi_at(const ogi_lines *l, ogi_place place, og_status st, og_error *err);

#endif
