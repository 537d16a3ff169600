/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cosim/ogi_child.h"

#define FAREWELL_MS 1000 /* how long a child may take to end by itself once its input has ended */

extern char **environ; /* only handed on, so that the loader and TMPDIR work in the child as they do here */

double ogi_child_now(void) { /* [s] */
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* --- the child's standard error ----------------------------------------------------------------------------------- */

/* Keep the last words as one line: newlines become "; ". */
static void remember(ogi_child *c, const char *text, size_t bytes) {
  size_t used = strlen(c->words), room = sizeof c->words - 1;
  for (size_t k = 0; k < bytes; k++) {
    char letter = text[k] == '\n' ? ';' : (unsigned char)text[k] < ' ' ? ' ' : text[k];
    if (used == room) memmove(c->words, c->words + 1, used--);
    c->words[used++] = letter;
  }
  c->words[used] = '\0';
}

static void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

/* Take in what is there; at its end the ear is closed. */
void ogi_child_listen(ogi_child *c) {
  char text[1024];
  ssize_t got = read(c->ear, text, sizeof text);
  if (got > 0) remember(c, text, (size_t)got);
  else if (got == 0 || (errno != EAGAIN && errno != EINTR)) close_fd(&c->ear);
}

const char *ogi_child_last_words(ogi_child *c) {
  size_t used = strlen(c->words);
  while (used > 0 && strchr("; ", c->words[used - 1]) != NULL) c->words[--used] = '\0';
  return used > 0 ? c->words : "without a word";
}

/* --- start and end ------------------------------------------------------------------------------------------------ */

/* End the child and its own children for good; the wait status, or -1 if the host has it collected elsewhere. */
int ogi_child_bury(ogi_child *c) {
  int status = -1;
  if (c->pid > 0) {
    kill(-c->pid, SIGKILL); /* a child that has ended already keeps its own wait status */
    while (waitpid(c->pid, &status, 0) < 0)
      if (errno != EINTR) {
        status = -1;
        break;
      }
  }
  c->pid = 0;
  close_fd(&c->channel);
  close_fd(&c->ear);
  return status;
}

/* Its input ends; it may say why it ends, and clear up, for a moment. The ear closes when the child is gone. */
int ogi_child_dismiss(ogi_child *c) {
  double deadline = ogi_child_now() + 1e-3 * FAREWELL_MS;
  close_fd(&c->channel);
  while (c->ear >= 0 && ogi_child_now() < deadline) {
    struct pollfd p = {.fd = c->ear, .events = POLLIN};
    if (poll(&p, 1, FAREWELL_MS) > 0) ogi_child_listen(c);
  }
  return ogi_child_bury(c);
}

/* Away from 0, 1 and 2, which the child's own files are put onto. */
static int lift(int fd) {
  if (fd < 0 || fd > 2) return fd;
  int lifted = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  close(fd);
  return lifted;
}

static int spawn(ogi_child *c, int channel, int mouth) {
  char *const argv[] = {c->program, NULL};
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attr;
  sigset_t none, usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  sigaddset(&usual, SIGCHLD);
  sigaddset(&usual, SIGTERM);
  if (posix_spawn_file_actions_init(&files) != 0) return ENOMEM;
  if (posix_spawnattr_init(&attr) != 0) {
    posix_spawn_file_actions_destroy(&files);
    return ENOMEM;
  }
  posix_spawnattr_setsigmask(&attr, &none);
  posix_spawnattr_setsigdefault(&attr, &usual);
  posix_spawnattr_setpgroup(&attr, 0);
  posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  int code = posix_spawn_file_actions_adddup2(&files, channel, 0);
  if (code == 0) code = posix_spawn_file_actions_adddup2(&files, channel, 1);
  if (code == 0) code = posix_spawn_file_actions_adddup2(&files, mouth, 2);
  if (code == 0) code = posix_spawn_file_actions_addclosefrom_np(&files, 3);
  if (code == 0) code = posix_spawn(&c->pid, c->program, &files, &attr, argv, environ);
  if (code != 0) c->pid = 0;
  posix_spawnattr_destroy(&attr);
  posix_spawn_file_actions_destroy(&files);
  return code;
}

og_status ogi_child_start(ogi_child *c, og_error *err) {
  og_status st = OG_OK;
  int pair[2] = {-1, -1}, pipes[2] = {-1, -1};
  c->words[0] = '\0';
  c->inbox_at = c->inbox_end = 0;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0 || pipe2(pipes, O_CLOEXEC) != 0) {
    st = ogi_fail(err, OG_E_EXTERN, "%s: cannot be started: %s", c->program, strerror(errno));
    goto done;
  }
  for (int k = 0; k < 2; k++) {
    pair[k] = lift(pair[k]);
    pipes[k] = lift(pipes[k]);
  }
  fcntl(pipes[0], F_SETFL, O_NONBLOCK);
  int code = spawn(c, pair[1], pipes[1]);
  if (code != 0) {
    st = ogi_fail(err, OG_E_EXTERN, "%s: cannot be started: %s; need the program ohmgrid-spice: install ohmgrid, or "
                  "name its path", c->program, strerror(code));
    goto done;
  }
  c->channel = pair[0];
  c->ear = pipes[0];
  pair[0] = pipes[0] = -1;
done:
  for (int k = 0; k < 2; k++) {
    close_fd(&pair[k]);
    close_fd(&pipes[k]);
  }
  return st;
}
