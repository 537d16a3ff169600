/* SPDX-License-Identifier: BSD-3-Clause */
#include <config.h>

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "cosim/ogi_child.h"

#define ASK_SECOND 0.05 /* how often the caller's progress function is asked */

static og_status lost(ogi_child *c, og_error *err) {
  int status = ogi_child_dismiss(c);
  if (status != -1 && WIFSIGNALED(status))
    return ogi_fail(err, OG_E_EXTERN, "%s: died of signal %d (%s): %s", c->program, WTERMSIG(status),
                    strsignal(WTERMSIG(status)), ogi_child_last_words(c));
  return ogi_fail(err, OG_E_EXTERN, "%s: ended without an answer, exit status %d: %s", c->program,
                  status == -1 ? -1 : WEXITSTATUS(status), ogi_child_last_words(c));
}

og_status ogi_child_nonsense(ogi_child *c, og_error *err) {
  ogi_child_dismiss(c);
  return ogi_fail(err, OG_E_EXTERN, "%s: answered nonsense, need protocol %u of ohmgrid-spice: %s", c->program,
                  OGI_SPICE_PROTOCOL, ogi_child_last_words(c));
}

/* Time is up, or the caller wants no more. */
static og_status attend(ogi_child *c, og_error *err) {
  double now = ogi_child_now();
  if (!(now < c->deadline)) {
    ogi_child_bury(c);
    return ogi_fail(err, OG_E_EXTERN, "%s: saw no answer, need one within %g (second): %s", c->program, c->timeout,
                    ogi_child_last_words(c));
  }
  if (c->progress.report == NULL || now < c->asked + ASK_SECOND) return OG_OK;
  c->asked = now;
  if (c->progress.report(c->progress.user, "ngspice", c->fraction) == 0) return OG_OK;
  ogi_child_bury(c);
  return ogi_fail(err, OG_E_INTERRUPT, "ngspice: stopped by the caller");
}

/* Until the channel is ready, listening meanwhile: a child blocked on a full standard error would never answer. */
static og_status wait_for(ogi_child *c, short events, og_error *err) {
  og_status st = OG_OK;
  for (;;) {
    OGI_TRY(st, attend(c, err));
    double most = c->progress.report != NULL ? ASK_SECOND : 1e3, left = c->deadline - ogi_child_now();
    struct pollfd p[2] = {{.fd = c->channel, .events = events}, {.fd = c->ear, .events = POLLIN}};
    int ready = poll(p, 2, (int)ceil(1e3 * fmax(0, fmin(left, most))));
    if (ready < 0 && errno != EINTR && errno != EAGAIN) {
      int code = errno;
      ogi_child_bury(c);
      return ogi_fail(err, OG_E_EXTERN, "%s: cannot be waited for: %s", c->program, strerror(code));
    }
    if (ready > 0 && p[1].revents != 0) ogi_child_listen(c);
    if (ready > 0 && p[0].revents != 0) return OG_OK;
  }
done:
  return st;
}

static int is_passing(int code) { return code == EAGAIN || code == EWOULDBLOCK || code == EINTR; }

/* Drop what has been sent from the front of the list. */
static void advance(struct msghdr *m, size_t put) {
  while (m->msg_iovlen > 0 && put >= m->msg_iov->iov_len) {
    put -= m->msg_iov->iov_len;
    m->msg_iov++;
    m->msg_iovlen--;
  }
  if (m->msg_iovlen > 0) {
    m->msg_iov->iov_base = (char *)m->msg_iov->iov_base + put;
    m->msg_iov->iov_len -= put;
  }
}

og_status ogi_child_send(ogi_child *c, ogi_message m, const ogi_part *parts, size_t count, og_error *err) {
  og_status st = OG_OK;
  struct iovec pieces[9];
  m.magic = OGI_SPICE_MAGIC;
  m.protocol = OGI_SPICE_PROTOCOL;
  m.bytes = 0;
  for (size_t k = 0; k < count; k++) {
    pieces[k + 1] = (struct iovec){.iov_base = (void *)parts[k].data, .iov_len = parts[k].bytes};
    m.bytes += parts[k].bytes;
  }
  pieces[0] = (struct iovec){.iov_base = &m, .iov_len = sizeof m};
  struct msghdr list = {.msg_iov = pieces, .msg_iovlen = count + 1};
  advance(&list, 0); /* a list of nothing but empty parts would never end */
  while (list.msg_iovlen > 0) {
    ssize_t put = sendmsg(c->channel, &list, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put < 0 && is_passing(errno)) OGI_TRY(st, wait_for(c, POLLOUT, err));
    else if (put <= 0) return lost(c, err);
    else advance(&list, (size_t)put);
  }
done:
  return st;
}

/* Some bytes, as they come: small ones by way of the inbox, large ones straight to where they belong. */
static og_status receive(ogi_child *c, void *data, size_t bytes, size_t *taken, og_error *err) {
  og_status st = OG_OK;
  int direct = bytes >= sizeof c->inbox;
  *taken = 0;
  for (;;) {
    ssize_t got = recv(c->channel, direct ? data : c->inbox, direct ? bytes : sizeof c->inbox, MSG_DONTWAIT);
    if (got < 0 && is_passing(errno)) {
      OGI_TRY(st, wait_for(c, POLLIN, err));
      continue;
    }
    if (got <= 0) return lost(c, err);
    c->inbox_at = 0;
    c->inbox_end = direct ? 0 : (size_t)got;
    *taken = direct ? (size_t)got : 0;
    return OG_OK;
  }
done:
  return st;
}

og_status ogi_child_take(ogi_child *c, void *data, size_t bytes, og_error *err) {
  og_status st = OG_OK;
  char *p = data;
  OGI_TRY(st, attend(c, err)); /* a child that never stops talking needs no waiting for */
  while (bytes > 0) {
    size_t part = c->inbox_end - c->inbox_at;
    if (part > bytes) part = bytes;
    memcpy(p, c->inbox + c->inbox_at, part);
    c->inbox_at += part;
    if (part == 0) OGI_TRY(st, receive(c, p, bytes, &part, err));
    p += part;
    bytes -= part;
  }
done:
  return st;
}

/* Refused, but sound; or refused and of no more use. */
static og_status refused(ogi_child *c, const ogi_message *m, og_error *err) {
  char text[OGI_SPICE_TEXT_MAX + 1];
  if (m->bytes > OGI_SPICE_TEXT_MAX) return ogi_child_nonsense(c, err);
  og_status st = ogi_child_take(c, text, m->bytes, err);
  if (st != OG_OK) return st;
  text[m->bytes] = '\0';
  if (m->kind == OGI_M_SPOILT) ogi_child_dismiss(c);
  return ogi_fail(err, OG_E_EXTERN, "ngspice: %s", text);
}

og_status ogi_child_hear(ogi_child *c, ogi_message *m, og_error *err) {
  og_status st = OG_OK;
  for (;;) {
    OGI_TRY(st, ogi_child_take(c, m, sizeof *m, err));
    int ours = m->magic == OGI_SPICE_MAGIC && m->protocol == OGI_SPICE_PROTOCOL;
    if (!ours) return ogi_child_nonsense(c, err);
    if (m->kind == OGI_M_REFUSED || m->kind == OGI_M_SPOILT) return refused(c, m, err);
    if (m->kind == OGI_M_DONE || m->kind == OGI_M_STEP) return OG_OK;
    if (m->kind != OGI_M_FRACTION || m->bytes != 0) return ogi_child_nonsense(c, err);
    c->fraction = m->number;
  }
done:
  return st;
}
