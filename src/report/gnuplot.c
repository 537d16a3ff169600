/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/ogi_mem.h"
#include "base/ogi_time.h"
#include "report/ogi_gnuplot.h"

#define PATIENCE_SECOND 60
#define INSTALL "install gnuplot-nox, or name the program"

/* Everything in a stream, NUL-terminated. */
static char *slurp(FILE *stream, size_t *bytes) {
  if (fseeko(stream, 0, SEEK_END) != 0) return NULL;
  off_t length = ftello(stream);
  char *text = length >= 0 ? ogi_alloc((size_t)length + 1, 1) : NULL;
  rewind(stream);
  *bytes = text != NULL ? fread(text, 1, (size_t)length, stream) : 0;
  if (text != NULL) text[*bytes] = '\0';
  return text;
}

/*
 * The first line of what gnuplot said that says something: it underlines errors with a caret and blank lines. A warning
 * is not why it ended, unless there is nothing else.
 */
static const char *first_words(char *text) {
  const char *warning = NULL;
  char *save, *line = strtok_r(text, "\n", &save);
  for (; line != NULL; line = strtok_r(NULL, "\n", &save)) {
    char *words = line + strspn(line, " \t\r^");
    if (*words == '\0') continue;
    if (strstr(words, "warning:") == NULL) return words;
    if (warning == NULL) warning = words;
  }
  return warning != NULL ? warning : "it said nothing";
}

/* Files, not pipes: the child can never block on us, nor we on it. */
static int start(pid_t *child, const char *program, FILE *in, FILE *out, FILE *said) {
  posix_spawn_file_actions_t actions;
  char name[] = "gnuplot", defaults[] = "--default-settings";
  char *const argv[] = {name, defaults, NULL};
  int bad = posix_spawn_file_actions_init(&actions);
  if (bad != 0) return bad;
  if (bad == 0) bad = posix_spawn_file_actions_adddup2(&actions, fileno(in), STDIN_FILENO);
  if (bad == 0) bad = posix_spawn_file_actions_adddup2(&actions, fileno(out), STDOUT_FILENO);
  if (bad == 0) bad = posix_spawn_file_actions_adddup2(&actions, fileno(said), STDERR_FILENO);
  if (bad == 0) bad = posix_spawnp(child, program, &actions, NULL, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  return bad;
}

/* A drawing takes a fraction of a second: a program that is still busy after a minute is no gnuplot. */
static int wait_for(pid_t child) {
  int how = 0;
  const struct timespec pause = {.tv_nsec = 2000000};
  for (double begin = ogi_now(); ogi_now() - begin < PATIENCE_SECOND; nanosleep(&pause, NULL)) {
    pid_t ended = waitpid(child, &how, WNOHANG);
    if (ended == child) return how;
    if (ended < 0 && errno != EINTR) return -1;
  }
  kill(child, SIGKILL);
  while (waitpid(child, &how, 0) < 0 && errno == EINTR) {}
  return how;
}

static og_status run(const char *program, FILE *script, FILE *out, FILE *said, og_error *err) {
  pid_t child;
  int bad = start(&child, program, script, out, said);
  if (bad != 0)
    return ogi_fail(err, OG_E_EXTERN, "%s: cannot be started: %s: " INSTALL, program, strerror(bad));
  int how = wait_for(child);
  if (how == 0) return OG_OK;
  size_t length;
  char *text = slurp(said, &length);
  const char *words = text != NULL ? first_words(text) : "out of memory";
  og_status st;
  if (WIFSIGNALED(how))
    st = ogi_fail(err, OG_E_EXTERN, "%s: ended by signal %d: %s", program, WTERMSIG(how), words);
  else if (WIFEXITED(how) && WEXITSTATUS(how) == 127) /* a spawn that only finds out in the child that it cannot */
    st = ogi_fail(err, OG_E_EXTERN, "%s: cannot be started: %s: " INSTALL, program, words);
  else
    st = ogi_fail(err, OG_E_EXTERN, "%s: failed with status %d: %s", program, WEXITSTATUS(how), words);
  ogi_free(text);
  return st;
}

og_status ogi_gnuplot_bytes(char **bytes, size_t *length, const char *program, FILE *script, og_error *err) {
  og_status st;
  FILE *out = NULL, *said = NULL;
  *bytes = NULL;
  if (program == NULL || program[0] == '\0')
    return ogi_fail(err, OG_E_EXTERN, "gnuplot: not found when ohmgrid was built: " INSTALL);
  out = tmpfile();
  said = tmpfile();
  if (out == NULL || said == NULL || fflush(script) != 0 || ferror(script)) {
    st = ogi_fail(err, OG_E_IO, "temporary file: cannot be written: %s", strerror(errno));
    goto done;
  }
  rewind(script);
  lseek(fileno(script), 0, SEEK_SET); /* the child shares the position, and rewind may leave it be */
  OGI_TRY(st, run(program, script, out, said, err));
  *bytes = slurp(out, length);
  if (*bytes == NULL) st = ogi_fail(err, OG_E_NOMEM, "%s: its drawing", program);
done:
  if (out != NULL) fclose(out);
  if (said != NULL) fclose(said);
  return st;
}

og_status ogi_gnuplot_run(char **svg, const char *program, FILE *script, og_error *err) {
  size_t length;
  og_status st = ogi_gnuplot_bytes(svg, &length, program, script, err);
  if (st != OG_OK || (strstr(*svg, "<svg") != NULL && strstr(*svg, "</svg>") != NULL)) return st;
  ogi_free(*svg);
  *svg = NULL;
  return ogi_fail(err, OG_E_EXTERN, "%s: drew no SVG: " INSTALL, program);
}
