/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/ogi_mem.h"
#include "base/ogi_num.h"
#include "cosim/ogi_protocol.h"
#include "cosim/ogi_spice.h"

#define FAREWELL_MS 1000 /* how long a child may take to end by itself once its input has ended */

extern char **environ; /* only handed on, so that the loader and TMPDIR work in the child as they do here */

struct ogi_spice {
  char *program;
  double timeout, deadline; /* [s]; the second on the clock of now() */
  pid_t pid;      /* 0: no child */
  int channel;    /* socket to its standard input and output, -1 if none */
  int ear;        /* pipe from its standard error, -1 if none or closed  */
  char words[400]; /* the end of what it said there                        */
  char version[sizeof((ogi_spice_reply *)0)->version];
};

static double now(void) { /* [s] */
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* --- the child's standard error ----------------------------------------------------------------------------------- */

/* Keep the last words as one line: newlines become "; ". */
static void remember(ogi_spice *s, const char *text, size_t bytes) {
  size_t used = strlen(s->words), room = sizeof s->words - 1;
  for (size_t k = 0; k < bytes; k++) {
    char c = text[k] == '\n' ? ';' : (unsigned char)text[k] < ' ' ? ' ' : text[k];
    if (used == room) memmove(s->words, s->words + 1, used--);
    s->words[used++] = c;
  }
  s->words[used] = '\0';
}

static void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

/* Take in what is there; at its end the ear is closed. */
static void listen_once(ogi_spice *s) {
  char text[1024];
  ssize_t got = read(s->ear, text, sizeof text);
  if (got > 0) remember(s, text, (size_t)got);
  else if (got == 0 || (errno != EAGAIN && errno != EINTR)) close_fd(&s->ear);
}

static const char *last_words(ogi_spice *s) {
  size_t used = strlen(s->words);
  while (used > 0 && strchr("; ", s->words[used - 1]) != NULL) s->words[--used] = '\0';
  return used > 0 ? s->words : "without a word";
}

/* --- start and end ------------------------------------------------------------------------------------------------ */

/* End the child and its own children for good; the wait status, or -1 if the host has it collected elsewhere. */
static int bury(ogi_spice *s) {
  int status = -1;
  if (s->pid > 0) {
    kill(-s->pid, SIGKILL); /* a child that has ended already keeps its own wait status */
    while (waitpid(s->pid, &status, 0) < 0)
      if (errno != EINTR) {
        status = -1;
        break;
      }
  }
  s->pid = 0;
  close_fd(&s->channel);
  close_fd(&s->ear);
  return status;
}

/* Its input ends; it may say why it ends, and clear up, for a moment. The ear closes when the child is gone. */
static int dismiss(ogi_spice *s) {
  double deadline = now() + 1e-3 * FAREWELL_MS;
  close_fd(&s->channel);
  while (s->ear >= 0 && now() < deadline) {
    struct pollfd p = {.fd = s->ear, .events = POLLIN};
    if (poll(&p, 1, FAREWELL_MS) > 0) listen_once(s);
  }
  return bury(s);
}

/* Away from 0, 1 and 2, which the child's own files are put onto. */
static int lift(int fd) {
  if (fd < 0 || fd > 2) return fd;
  int lifted = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  close(fd);
  return lifted;
}

static int spawn(ogi_spice *s, int channel, int mouth) {
  char *const argv[] = {s->program, NULL};
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
  if (code == 0) code = posix_spawn(&s->pid, s->program, &files, &attr, argv, environ);
  if (code != 0) s->pid = 0;
  posix_spawnattr_destroy(&attr);
  posix_spawn_file_actions_destroy(&files);
  return code;
}

static og_status start(ogi_spice *s, og_error *err) {
  og_status st = OG_OK;
  int pair[2] = {-1, -1}, pipes[2] = {-1, -1};
  s->words[0] = '\0';
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0 || pipe2(pipes, O_CLOEXEC) != 0) {
    st = ogi_fail(err, OG_E_EXTERN, "%s: cannot be started: %s", s->program, strerror(errno));
    goto done;
  }
  for (int k = 0; k < 2; k++) {
    pair[k] = lift(pair[k]);
    pipes[k] = lift(pipes[k]);
  }
  fcntl(pipes[0], F_SETFL, O_NONBLOCK);
  int code = spawn(s, pair[1], pipes[1]);
  if (code != 0) {
    st = ogi_fail(err, OG_E_EXTERN, "%s: cannot be started: %s; need the program ohmgrid-spice: install ohmgrid, or "
                  "name its path", s->program, strerror(code));
    goto done;
  }
  s->channel = pair[0];
  s->ear = pipes[0];
  pair[0] = pipes[0] = -1;
done:
  for (int k = 0; k < 2; k++) {
    close_fd(&pair[k]);
    close_fd(&pipes[k]);
  }
  return st;
}

og_status ogi_spice_open(ogi_spice **out, const char *program, double timeout_second, og_error *err) {
  og_status st = OG_OK;
  *out = NULL;
  ogi_spice *s = ogi_alloc(1, sizeof *s);
  if (s == NULL) return ogi_fail(err, OG_E_NOMEM, "ngspice");
  s->channel = s->ear = -1;
  ogi_spice_set_timeout(s, timeout_second);
  s->program = ogi_strdup(program != NULL ? program : OG_PKGLIBEXECDIR "/ohmgrid-spice");
  if (s->program == NULL) st = ogi_fail(err, OG_E_NOMEM, "ngspice");
  if (st == OG_OK) st = start(s, err);
  if (st == OG_OK) *out = s;
  else ogi_spice_close(s);
  return st;
}

void ogi_spice_close(ogi_spice *s) {
  if (s == NULL) return;
  dismiss(s);
  ogi_free(s->program);
  ogi_free(s);
}

void ogi_spice_set_timeout(ogi_spice *s, double timeout_second) {
  s->timeout = timeout_second;
  s->deadline = now() + timeout_second;
}

const char *ogi_spice_version(const ogi_spice *s) { return s->version; }
long ogi_spice_pid(const ogi_spice *s) { return (long)s->pid; }

/* --- one exchange ------------------------------------------------------------------------------------------------- */

static og_status lost(ogi_spice *s, og_error *err) {
  int status = dismiss(s);
  if (status != -1 && WIFSIGNALED(status))
    return ogi_fail(err, OG_E_EXTERN, "%s: died of signal %d (%s): %s", s->program, WTERMSIG(status),
                    strsignal(WTERMSIG(status)), last_words(s));
  return ogi_fail(err, OG_E_EXTERN, "%s: ended without an answer, exit status %d: %s", s->program,
                  status == -1 ? -1 : WEXITSTATUS(status), last_words(s));
}

/* Until the channel is ready, listening meanwhile: a child blocked on a full standard error would never answer. */
static og_status wait_for(ogi_spice *s, short events, og_error *err) {
  for (;;) {
    double left = s->deadline - now();
    if (!(left > 0)) {
      bury(s);
      return ogi_fail(err, OG_E_EXTERN, "%s: saw no answer, need one within %g (second): %s", s->program, s->timeout,
                      last_words(s));
    }
    struct pollfd p[2] = {{.fd = s->channel, .events = events}, {.fd = s->ear, .events = POLLIN}};
    int ready = poll(p, 2, (int)ceil(fmin(1e3 * left, 1e6)));
    if (ready < 0 && errno != EINTR && errno != EAGAIN)
      return ogi_fail(err, OG_E_EXTERN, "%s: cannot be waited for: %s", s->program, strerror(errno));
    if (ready > 0 && p[1].revents != 0) listen_once(s);
    if (ready > 0 && p[0].revents != 0) return OG_OK;
  }
}

static int is_passing(int code) { return code == EAGAIN || code == EWOULDBLOCK || code == EINTR; }

static og_status send_all(ogi_spice *s, const void *data, size_t bytes, og_error *err) {
  og_status st = OG_OK;
  const char *p = data;
  while (bytes > 0) {
    OGI_TRY(st, wait_for(s, POLLOUT, err));
    ssize_t put = send(s->channel, p, bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0 && is_passing(errno)) continue;
    if (put <= 0) return lost(s, err);
    p += put;
    bytes -= (size_t)put;
  }
done:
  return st;
}

static og_status receive_all(ogi_spice *s, void *data, size_t bytes, og_error *err) {
  og_status st = OG_OK;
  char *p = data;
  while (bytes > 0) {
    OGI_TRY(st, wait_for(s, POLLIN, err));
    ssize_t got = recv(s->channel, p, bytes, MSG_DONTWAIT);
    if (got < 0 && is_passing(errno)) continue;
    if (got <= 0) return lost(s, err);
    p += got;
    bytes -= (size_t)got;
  }
done:
  return st;
}

static og_status send_request(ogi_spice *s, const char *deck, size_t bytes, const char *const *names, size_t count,
                              og_error *err) {
  og_status st;
  ogi_spice_request head = {.magic = OGI_SPICE_MAGIC, .protocol = OGI_SPICE_PROTOCOL, .deck_bytes = bytes,
                            .count = count, .cpu_second = s->timeout};
  for (size_t k = 0; k < count; k++) head.names_bytes += strlen(names[k]) + 1;
  char *packed = ogi_alloc(head.names_bytes, 1);
  if (packed == NULL) return ogi_fail(err, OG_E_NOMEM, "ngspice: names of %zu vectors", count);
  for (size_t k = 0, at = 0; k < count; k++) {
    size_t length = strlen(names[k]) + 1;
    memcpy(packed + at, names[k], length);
    at += length;
  }
  OGI_TRY(st, send_all(s, &head, sizeof head, err));
  OGI_TRY(st, send_all(s, deck, bytes, err));
  OGI_TRY(st, send_all(s, packed, head.names_bytes, err));
done:
  ogi_free(packed);
  return st;
}

static og_status receive_refusal(ogi_spice *s, size_t bytes, og_error *err) {
  char text[OGI_SPICE_TEXT_MAX + 1];
  og_status st = receive_all(s, text, bytes, err);
  text[st == OG_OK ? bytes : 0] = '\0';
  if (st == OG_OK) st = ogi_fail(err, OG_E_EXTERN, "ngspice: %s", text);
  return st;
}

static og_status receive_reply(ogi_spice *s, size_t count, double *values, og_error *err) {
  og_status st;
  ogi_spice_reply reply;
  OGI_TRY(st, receive_all(s, &reply, sizeof reply, err));
  int ours = reply.magic == OGI_SPICE_MAGIC && reply.protocol == OGI_SPICE_PROTOCOL &&
             memchr(reply.version, '\0', sizeof reply.version) != NULL;
  if (ours && reply.outcome == OGI_SPICE_REFUSED && reply.bytes <= OGI_SPICE_TEXT_MAX) {
    st = receive_refusal(s, reply.bytes, err);
  } else if (ours && reply.outcome == OGI_SPICE_DONE && reply.bytes == count * sizeof *values) {
    memcpy(s->version, reply.version, sizeof s->version);
    st = receive_all(s, values, reply.bytes, err);
  } else {
    st = ogi_fail(err, OG_E_EXTERN, "%s: answered nonsense, need protocol %u of ohmgrid-spice: %s", s->program,
                  OGI_SPICE_PROTOCOL, last_words(s));
  }
done:
  return st;
}

/*
 * After a refusal ngspice may be spoilt for good, after an error the channel may hold anything: the child has to go. It
 * goes by the end of its input where it still can, because one that is just starting has init files to remove.
 */
og_status ogi_spice_run(ogi_spice *s, const char *deck, size_t bytes, const char *const *names, size_t count,
                        double *values, og_error *err) {
  og_status st = OG_OK;
  if (s->pid == 0) OGI_TRY(st, start(s, err));
  OGI_TRY(st, send_request(s, deck, bytes, names, count, err));
  st = receive_reply(s, count, values, err);
done:
  if (st != OG_OK) {
    dismiss(s);
    ogi_poison(values, count);
  }
  return st;
}
