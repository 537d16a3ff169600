/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_error.h  Filling og_error and passing failures up: the only writers of an og_error. */
#ifndef OGI_ERROR_H
#define OGI_ERROR_H

#include <ohmgrid/status.h>

#if defined(__GNUC__)
#define OGI_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#else
#define OGI_PRINTF(fmt, first)
#endif

/** Fill err (may be NULL) with one line, and return st. Newlines in the text become blanks. */
og_status ogi_fail(og_error *err, og_status st, const char *format, ...) OGI_PRINTF(3, 4);

/** Put "place: " in front of the text that a lower layer wrote, and return st. */
og_status ogi_prefix(og_error *err, og_status st, const char *format, ...) OGI_PRINTF(3, 4);

/** Run a call; on failure jump to the function's one label done:, where everything is released. */
#define OGI_TRY(st, call)          \
  do {                             \
    (st) = (call);                 \
    if ((st) != OG_OK) goto done;  \
  } while (0)

/** An invariant of our own: checked with --enable-debug only. Never for arguments or data. */
#ifdef OGI_DEBUG
#include <assert.h>
#define OGI_ASSERT(condition) assert(condition)
#else
#define OGI_ASSERT(condition) ((void)sizeof(condition))
#endif

#endif
