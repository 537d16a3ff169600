/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_file.h  Whole files in, atomic files out, numbers with a decimal point whatever the locale. */
#ifndef OGI_FILE_H
#define OGI_FILE_H

#include <stddef.h>
#include <stdio.h>

#include "base/ogi_error.h"

/**
 * Read a whole file; .gz is unpacked on the way. The block has one more byte, 0.
 * @retval OG_E_INPUT missing, unreadable, a gzip file that is cut or damaged, or larger than limit bytes (0: no limit)
 */
og_status ogi_file_read(char **out, size_t *length, const char *path, size_t limit, og_error *err);

/** A file being written: to a temporary beside its destination, renamed by commit. */
typedef struct ogi_writer {
  FILE *stream;
  char *path, *temporary;
} ogi_writer;

/** @retval OG_E_IO the folder is missing or not writable, or path is there and no regular file */
og_status ogi_writer_open(ogi_writer *w, const char *path, og_error *err);
/** Flush, check for errors (a full disk), rename. On failure the temporary is removed. The writer is closed after it. */
og_status ogi_writer_commit(ogi_writer *w, og_error *err);
/** Drop what was written. Harmless after commit and on a zeroed writer. */
void ogi_writer_abort(ogi_writer *w);

/** Make a folder and its parents; it is fine if it exists. @retval OG_E_IO */
og_status ogi_make_dir(const char *path, og_error *err);

/** Make the folder that path lies in. @retval OG_E_IO, OG_E_NOMEM */
og_status ogi_make_parent(const char *path, og_error *err);

/** Join two path components into a new string; NULL when out of memory. */
char *ogi_path_join(const char *folder, const char *name);

/** 1 if path names an existing regular file. */
int ogi_file_exists(const char *path);

/**
 * Put this thread into the C numeric locale, so that printf and strtod mean a decimal point; and back. Pairs.
 * The library never touches the process's locale.
 */
typedef struct ogi_locale {
  void *ours, *before;
} ogi_locale;
void ogi_locale_begin(ogi_locale *l);
void ogi_locale_end(ogi_locale *l);

#endif
