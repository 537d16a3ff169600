/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ogi_error.h"

static void one_line(char *text) {
  for (char *p = text; *p != '\0'; p++)
    if (*p == '\n' || *p == '\r') *p = ' ';
}

og_status ogi_fail(og_error *err, og_status st, const char *format, ...) {
  if (err == NULL) return st;
  va_list args;
  va_start(args, format);
  vsnprintf(err->text, sizeof err->text, format, args);
  va_end(args);
  one_line(err->text);
  err->code = st;
  return st;
}

og_status ogi_prefix(og_error *err, og_status st, const char *format, ...) {
  if (err == NULL) return st;
  og_error below = *err;
  va_list args;
  va_start(args, format);
  int used = vsnprintf(err->text, sizeof err->text, format, args);
  va_end(args);
  if (used < 0 || (size_t)used + 3 > sizeof err->text) used = (int)sizeof err->text - 3;
  size_t room = sizeof err->text - (size_t)used - 3; /* what is left after ": " and the end */
  snprintf(err->text + used, room + 3, ": %.*s", (int)room, below.text);
  one_line(err->text);
  err->code = st;
  return st;
}
