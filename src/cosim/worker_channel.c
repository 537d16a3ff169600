/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ogi_mem.h"
#include "cosim/ogi_worker.h"

void die(const char *format, ...) {
  va_list args;
  fputs("ohmgrid-spice: ", stderr);
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fputc('\n', stderr);
  _exit(1); /* not exit: nothing of ngspice's shall run any more */
}

/* ngspice must not write into the protocol: it gets /dev/null as 0 and 1, the host listens at 2. */
void take_channel(worker *w) {
  w->in = fcntl(0, F_DUPFD_CLOEXEC, 3);
  w->out = fcntl(1, F_DUPFD_CLOEXEC, 3);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (w->in < 0 || w->out < 0 || null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0) die("%s", strerror(errno));
  close(null);
}

/* Exactly so many bytes; 0 if the input ends instead. */
int read_all(int fd, void *data, size_t bytes) {
  char *p = data;
  while (bytes > 0) {
    ssize_t got = read(fd, p, bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return 0;
    p += got;
    bytes -= (size_t)got;
  }
  return 1;
}

void write_all(int fd, const void *data, size_t bytes) {
  const char *p = data;
  while (bytes > 0) {
    ssize_t put = write(fd, p, bytes);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) _exit(1); /* nobody listens any more */
    p += put;
    bytes -= (size_t)put;
  }
}

void send_message(const worker *w, ogi_message m, const void *payload) {
  m.magic = OGI_SPICE_MAGIC;
  m.protocol = OGI_SPICE_PROTOCOL;
  write_all(w->out, &m, sizeof m);
  if (payload != NULL) write_all(w->out, payload, m.bytes);
}

void *need(size_t count, size_t size) {
  void *block = ogi_alloc(count, size);
  if (block == NULL) die("out of memory");
  return block;
}

char *copy_text(const char *text) {
  char *copy = ogi_strdup(text);
  if (copy == NULL) die("out of memory");
  return copy;
}
