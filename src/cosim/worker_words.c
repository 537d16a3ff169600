/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cosim/ogi_worker.h"

#define FRACTION_SECOND 0.05 /* between two messages of progress */

void hear_nothing(worker *w) {
  w->complaints[0] = w->notes[0] = w->why[0] = '\0';
  w->complained = w->invented = 0;
}

static int has_one_of(const char *text, const char *const *signs) {
  for (; *signs != NULL; signs++)
    if (strcasestr(text, *signs) != NULL) return 1;
  return 0;
}

/* A name in a warning may hold the word "error"; what comes after "Error" or stands by itself is meant. */
static int is_error(const char *text) {
  static const char *const always[] = {"singular matrix", "aborted", "not started", "timestep too small",
                                       "no such command", "too many parameters", "too few parameters",
                                       "undefined parameter", "netlist line no.", NULL};
  static const char *const harmless[] = {"note:", "warning:", NULL};
  static const char *const errors[] = {"error", NULL};
  return has_one_of(text, always) || (has_one_of(text, errors) && !has_one_of(text, harmless));
}

static void append(char *all, size_t room, const char *text) {
  size_t used = strlen(all);
  if (strstr(all, text) == NULL) snprintf(all + used, room - used, "%s%s", used > 0 ? "; " : "", text);
}

/* "Trying gmin =   1.0000E-03 Warning: singular matrix": the end is what matters. */
static const char *skip_progress(const char *text) {
  const char *end = strstr(text, "Warning:");
  return end != NULL ? end : text;
}

/* Of an error of several lines, the lines after the first look harmless: they belong to it until a note comes. */
static void hear(worker *w, const char *text) {
  static const char *const harmless[] = {"awaits to be detached",
                                         "awaits to be reset",
                                         "note:",
                                         "trying gmin",
                                         "supplies reduced",
                                         "can't find the initialization",
                                         "further gmin increment",
                                         "last gmin step",
                                         "stepping failed",
                                         "gmin step failed",
                                         "condition met: stop",
                                         "pause requested",
                                         "simulation interrupted",
                                         NULL};
  if (strstr(text, "Transient op") != NULL) w->invented = 1;
  if (is_error(text)) w->complained = 1;
  if (has_one_of(text, harmless) && strcasestr(text, "singular matrix") == NULL) return;
  text = skip_progress(text);
  if (is_error(text) || w->complained) append(w->complaints, sizeof w->complaints, text);
  else append(w->notes, sizeof w->notes, text);
}

/* Lines come as "stdout ..." or "stderr ..."; the banner at the start is where the version can be learnt. */
int said(char *text, int library, void *user) {
  worker *w = user;
  const char *banner = strstr(text, "ngspice-");
  (void)library;
  if (w->version[0] == '\0' && banner != NULL)
    snprintf(w->version, sizeof w->version, "%.*s", (int)strcspn(banner, " \t\n"), banner);
  if (strncmp(text, "stderr ", 7) == 0) hear(w, text + 7);
  return 0;
}

static double now(void) { /* [s] */
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* "tran: 45.3%" */
int status_told(char *text, int library, void *user) {
  static double last;
  const char *number = strchr(text, ':');
  (void)library;
  if (number == NULL || strchr(number, '%') == NULL || now() < last + FRACTION_SECOND) return 0;
  last = now();
  send_message(user, (ogi_message){.kind = OGI_M_FRACTION, .number = strtod(number + 1, NULL) / 100}, NULL);
  return 0;
}

int leave(int code, NG_BOOL at_once, NG_BOOL by_quit, int library, void *user) {
  (void)code, (void)at_once, (void)by_quit, (void)library;
  ((worker *)user)->gave_up = 1;
  return 0;
}

int refuse(worker *w, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int used = vsnprintf(w->why, sizeof w->why, format, args);
  va_end(args);
  const char *words[] = {w->complaints, w->notes};
  for (size_t k = 0; k < 2; k++)
    if (words[k][0] != '\0' && used >= 0 && (size_t)used < sizeof w->why)
      used += snprintf(w->why + used, sizeof w->why - (size_t)used, "%s%s", k > 0 ? "; " : ": ", words[k]);
  return 0;
}

int command(worker *w, const char *text) {
  char room[OGI_SPICE_COMMAND_MAX + 1];
  snprintf(room, sizeof room, "%s", text);
  int code = ngSpice_Command(room);
  return code == 0 && !w->gave_up && !w->complained;
}
