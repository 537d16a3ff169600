/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_child.h
 * The child process ohmgrid-spice, and messages to and from it. A child whose words are no longer to be trusted is
 * ended at once; pid is 0 then.
 */
#ifndef OGI_CHILD_H
#define OGI_CHILD_H

#include <stddef.h>
#include <sys/types.h>

#include "base/ogi_error.h"
#include "cosim/ogi_protocol.h"

typedef struct ogi_child {
  char *program;
  double timeout, deadline; /* [s]; the second on the clock of ogi_child_now */
  og_progress progress;
  double fraction, asked; /* what the child told last; when progress was asked last */
  pid_t pid;              /* 0: no child */
  int channel;            /* socket to its standard input and output, -1 if none */
  int ear;                /* pipe from its standard error, -1 if none or closed  */
  char words[400];        /* the end of what it said there                       */
  unsigned char inbox[4096]; /* received and not yet taken */
  size_t inbox_at, inbox_end;
} ogi_child;

double ogi_child_now(void); /**< [s] a clock that only goes forward */

/** Start a process. @retval OG_E_EXTERN err names the program */
og_status ogi_child_start(ogi_child *c, og_error *err);
/** End it at once. The wait status, or -1. */
int ogi_child_bury(ogi_child *c);
/** Its input ends, and it may clear up for a moment; then as ogi_child_bury. */
int ogi_child_dismiss(ogi_child *c);
/** Take in some of what it said on its standard error. */
void ogi_child_listen(ogi_child *c);
/** The end of what it said, one line. */
const char *ogi_child_last_words(ogi_child *c);

/** Part of a payload; borrowed. */
typedef struct ogi_part {
  const void *data;
  size_t bytes;
} ogi_part;

/** Send a message of the parts (8 at most); its bytes are filled in. On failure the child is gone. */
og_status ogi_child_send(ogi_child *c, ogi_message m, const ogi_part *parts, size_t count, og_error *err);
/** The next message's head. A refusal is read whole and returned as OG_E_EXTERN; it stays unless spoilt. */
og_status ogi_child_hear(ogi_child *c, ogi_message *m, og_error *err);
/** Exactly so many bytes of a payload. On failure the child is gone. */
og_status ogi_child_take(ogi_child *c, void *data, size_t bytes, og_error *err);
/** For a reply that makes no sense: the child is ended. */
og_status ogi_child_nonsense(ogi_child *c, og_error *err);

#endif
