/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_session.h  The insides of an og_spice, for the files that work on it. */
#ifndef OGI_SESSION_H
#define OGI_SESSION_H

#include "base/ogi_names.h"
#include "cosim/ogi_child.h"
#include "cosim/ogi_spice.h"

/* How one EXTERNAL source gets its values. */
typedef struct session_source {
  char *name;
  ogi_message_source head;
  double *points; /* times, then values */
  int sent;       /* the child of now knows it */
  struct session_source *next;
} session_source;

/* What was last set of one parameter, to be said again to a fresh child. */
typedef struct session_change {
  char *command;
  struct session_change *next;
} session_change;

struct og_spice {
  ogi_child child;
  int per_call;          /* 1: the clock starts with every call, 0: with set_timeout */
  size_t memory_bytes, failures_max, failures;
  char version[40];
  /* the circuit */
  char *deck;            /* NULL: none */
  size_t deck_bytes;
  int loaded;            /* the child of now holds it */
  ogi_names *changed;    /* "device parameter" */
  char **commands;       /* last command of each name; room for commands_room */
  size_t commands_room;
  session_source *sources;
  size_t driven;         /* sources that the callback drives */
  og_spice_drive drive;
  void *drive_user;
  char *watch;           /* names, each with its closing 0 */
  size_t watch_count, watch_bytes;
  double *breakpoints;
  size_t breakpoint_count;
};

/** Begin a public call: the clock starts. */
void ogi_session_begin(og_spice *s);
/** A child that holds the circuit as it is to be. @retval OG_E_ARG no circuit is loaded */
og_status ogi_session_ready(og_spice *s, og_error *err);
/** Send a request whose reply has no payload but text, and hear the reply. */
og_status ogi_session_ask(og_spice *s, ogi_message m, const ogi_part *parts, size_t count, og_error *err);
/** Send the sources that the child does not know yet. */
og_status ogi_session_send_sources(og_spice *s, og_error *err);
/** Forget sources, callback, watched vectors and breakpoints. */
void ogi_session_clear_sources(og_spice *s);

/** Values of driven sources at time 0 into driven doubles. */
og_status ogi_session_first_values(og_spice *s, double *values, og_error *err);
/** Answer one OGI_M_STEP whose head has been heard. */
og_status ogi_session_step(og_spice *s, const ogi_message *m, double *values, og_error *err);

/**
 * A name as ngspice has it: small letters, "v(x)" to "x", "i(x)" to "x#branch". Names of devices, nodes and vectors
 * go into commands of ngspice, so only letters, digits and _ . # : + - @ [ ] are let through, 200 at most.
 */
og_status ogi_session_name(char out[256], const char *name, og_error *err);

#endif
