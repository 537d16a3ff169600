/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

int fail(const og_error *err, og_status st) {
  fprintf(stderr, "ohmgrid: %s\n", err->text[0] != '\0' ? err->text : og_status_text(st));
  return og_status_exit(st);
}

int save_npy(const char *path, size_t ndim, const size_t *dim, const double *data) {
  sigset_t held, before;
  og_error err = {0};
  sigemptyset(&held);
  sigaddset(&held, SIGINT);
  sigaddset(&held, SIGTERM);
  sigprocmask(SIG_BLOCK, &held, &before);
  og_status st = og_matrix_save(path, ndim, dim, data, &err);
  sigprocmask(SIG_SETMASK, &before, NULL);
  return st == OG_OK ? 0 : fail(&err, st);
}

void print_json(json_t *object) {
  json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(17) | JSON_PRESERVE_ORDER);
  putchar('\n');
  json_decref(object);
}

json_t *json_number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- progress ---- */

enum { BAR = 30 };
static volatile sig_atomic_t stop_wanted; /* the one thing a signal handler may touch */

static void on_signal(int number) {
  (void)number;
  stop_wanted = 1;
}

static int report(void *user, const char *phase, double fraction) {
  (void)user;
  if (isatty(STDERR_FILENO)) {
    int filled = (int)(fraction * BAR + 0.5);
    fprintf(stderr, "\r\033[K%-12s [", phase);
    for (int k = 0; k < BAR; k++) fputc(k < filled ? '#' : '.', stderr);
    fprintf(stderr, "] %3.0f %%", 100 * fraction);
    fflush(stderr);
  }
  return stop_wanted;
}

og_progress progress_start(void) {
  struct sigaction action = {.sa_handler = on_signal};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  return (og_progress){.report = report};
}

void progress_end(void) {
  if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);
}
