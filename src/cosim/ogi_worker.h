/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_worker.h  The insides of the program ohmgrid-spice; the library includes nothing of it. */
#ifndef OGI_WORKER_H
#define OGI_WORKER_H

#include <stdbool.h>
#include <stddef.h>

#include <ngspice/sharedspice.h>

#include "cosim/ogi_protocol.h"

#define WORKER_STOP_NODE "ogi_stop" /* a node that ends a driven run; decks cannot have names of this kind */

/* An EXTERNAL source, as the host announced it. */
typedef struct source {
  char *name;
  ogi_message_source head;
  double *time, *value; /* points */
  size_t at, armed;     /* the segment of the last call; corners before this one are breakpoints */
  int asked;
} source;

typedef struct worker {
  int in, out;
  char version[40];
  /* what ngspice said on its error channel since the last request: complaints apart from notes */
  char complaints[OGI_SPICE_TEXT_MAX / 2], notes[OGI_SPICE_TEXT_MAX / 4];
  int complained;  /* some of it was an error                    */
  int invented;    /* "Transient op": there was no operating point */
  int gave_up;     /* ngspice asked to be unloaded               */
  char why[OGI_SPICE_TEXT_MAX];
  /* the circuit */
  char *deck;
  char **lines;        /* into deck, NULL at the end */
  char **given;        /* what ngspice got: lines, and ours */
  char probe[48];      /* a resistor of ours             */
  unsigned loads;
  int has_external, has_save;
  source *sources;
  size_t source_count, source_guess;
  /* the run */
  ogi_message_run run;
  double *drive, *breakpoints;
  char **watched;
  double *seen;
  int *seen_at;
  int mapped, stop, stopped, first_sync;
  char undriven[200]; /* an EXTERNAL source that nobody gave values to */
  const char *unseen; /* a watched vector that is not there            */
} worker;

/* worker_channel.c */
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format, ...);
void take_channel(worker *w);
int read_all(int fd, void *data, size_t bytes);
void write_all(int fd, const void *data, size_t bytes);
void send_message(const worker *w, ogi_message m, const void *payload);
void *need(size_t count, size_t size);
char *copy_text(const char *text);

/* worker_words.c: ngspice's messages, and our refusals */
void hear_nothing(worker *w);
int said(char *text, int library, void *user);
int status_told(char *text, int library, void *user);
int leave(int code, NG_BOOL at_once, NG_BOOL by_quit, int library, void *user);
__attribute__((format(printf, 2, 3))) int refuse(worker *w, const char *format, ...);
/* Run a command of any length up to OGI_SPICE_COMMAND_MAX; 1 if nothing complained. */
int command(worker *w, const char *text);

/* worker_load.c: each returns 1, or 0 with w->why */
int load(worker *w, char *deck); /* takes deck over */
int alter(worker *w, char *commands, size_t bytes, size_t count);
void forget_circuit(worker *w);

/* worker_source.c */
int add_source(worker *w, const char *payload, size_t bytes);
void forget_sources(worker *w);
int get_value(double *value, double time, char *name, int library, void *user);
int synchronise(double time, double *dt, double old, int redo, int library, int place, void *user);
int take_outline(pvecinfoall all, int library, void *user);
int take_data(pvecvaluesall all, int count, int library, void *user);
void begin_sources(worker *w);
int check_sources(worker *w); /* after a run: every source was found and had values */

/* worker_run.c: sends its own reply if it returns 1 */
int run(worker *w, char *payload, size_t bytes);
/* A node's or branch's plain name: "V(1)" is "1". */
const char *plain_name(const char *name, char *room, size_t size);

#endif
