/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ogi_cosim.h  Inside of co-simulation: ports, wires, sessions, checkpoints. */
#ifndef OGI_COSIM_H
#define OGI_COSIM_H

#include <ohmgrid/cosim.h>
#include <ohmgrid/nonlinear.h>

#include "base/ogi_error.h"
#include "base/ogi_list.h"

/* ---- ports ---- */

/** Ports of some of the cells, those in ngspice or the compact ones. Arrays of count = P x cells, port-major. */
typedef struct ogi_ports {
  size_t cells, count;
  size_t *cell;                     /* cells: i n + j                                                     */
  size_t *place;                    /* count: number of the port among the P x m n of the array           */
  double *ohm;                      /* of the companion                                                   */
  double *from, *to;                /* source at both ends of the step under way [V]                      */
  double *volt, *amp;               /* as they came at the last exchange                                  */
  double *was_volt, *was_amp;       /* the same at the exchange before                                    */
  double *line, *was_line;          /* P > 1: terminal of the port's line, now and then [V]               */
  double *will_volt, *will_amp;     /* foretold for the end of the step under way                         */
  double *farad;                    /* straight across the port: its current is no part of the chord     */
  double *beside;                   /* current beside the chord [A]                                       */
  double *g, *before, *earlier;     /* chord conductance at the last exchange and the two before [S]      */
  double *taken_joule;              /* into the cell so far                                               */
  double *gap_joule, *joule, *gap_coulomb, *coulomb; /* integrals of foretold - real and of |real| power and current */
  double *state;                    /* states x cells                                                     */
  unsigned char *left;              /* states x cells: 1: it has left its limits                          */
} ogi_ports;

/* ---- wires ---- */

/**
 * The array, its cells chords with a current beside. One port a cell: i = g v + beside from word to bit node, linear
 * cells among them. Three: port 1 (gate) i = g v + beside to ground; ports 0 and 2 i = +-g (v_0 - v_2) + beside, g that
 * of port 0.
 */
typedef struct ogi_chords {
  const og_array *array;
  size_t ports;                     /* P                                                                  */
  double gate_ohm, gate_source_ohm; /* segment and driver of word lines that are gates                    */
  double *g, *beside, *volt;        /* P x m n                                                            */
  double *drive, *held, *gate;      /* terminals of driven lines, bit lines (n), gates (m) [V]            */
  double *i_out;                    /* n                                                                  */
  double delivered_watt, wires_watt;
  /* inside */
  double *word, *bit;
  og_cell *law;
  og_nonlinear *solver;
  og_solver *linear;
  double *diagonal, *beyond, *right; /* of one line */
} ogi_chords;
og_status ogi_chords_create(ogi_chords *w, const og_array *array, size_t ports, const double gate_ohm[2],
                            og_error *err);
/** volt, i_out and powers from g, beside and terminals. @retval as og_nonlinear_dc */
og_status ogi_chords_solve(ogi_chords *w, og_error *err);
void ogi_chords_clear(ogi_chords *w);
/** The way of a port's current through its lines, other cells open; of a gate, with the others' alike [ohm]; > 0. */
double ogi_chords_way(const ogi_chords *w, size_t port, size_t cell);

/* ---- shared.c: drivers, compiled cells, names of results ---- */

/** who: first word of messages. @retval OG_E_ARG it has no point, OG_E_RANGE its times do not ascend */
og_status ogi_drive_check(const char *who, const og_wave *wave, og_error *err);
/** How many points of a wave lie at or before t. */
size_t ogi_drive_passed(const og_wave *wave, double t);
/** Terminals of all lines at a time, straight lines between the points of the waves. */
void ogi_chords_drive(ogi_chords *w, const og_cosim_drive *drive, double t);
/** Compact model of some cells of an array, with their own parameters side by side. @retval as og_compact_create */
og_status ogi_cells_compile(og_compact **model, const og_cell_circuit *circuit, const size_t *cell, size_t cells,
                            og_error *err);
/** Names of results as og_cosim_run has them, of all cells whose linear is NAN. @retval OG_E_NOMEM */
og_status ogi_cells_name(og_vectors *v, const og_array *array, const double *linear, const og_cell_circuit *circuit,
                         og_error *err);

/* ---- what a cell consists of ---- */

enum { OGI_NODE_TEXT = 80 };

/** A node of a cell that touches a capacitor. */
typedef struct ogi_cell_node {
  char name[OGI_NODE_TEXT];         /* in the subcircuit: "w", "x1.s"                                     */
  size_t pin;                       /* number of the pin; SIZE_MAX: an inner node                         */
} ogi_cell_node;
typedef struct ogi_cell_capacitor {
  char name[OGI_NODE_TEXT];         /* behind the instance: "cw", "x1.cs"                                 */
  size_t a, b;                      /* nodes; SIZE_MAX: ground                                            */
} ogi_cell_capacitor;
/** Owned; release with ogi_anatomy_clear. The first nodes are the ports. */
typedef struct ogi_anatomy {
  OGI_LIST(ogi_cell_node) node;
  OGI_LIST(ogi_cell_capacitor) capacitor;
} ogi_anatomy;
/** @retval OG_E_INPUT  the subcircuit cannot be read, or has other pins than terminals and states */
og_status ogi_anatomy_create(ogi_anatomy *a, const og_cell_circuit *circuit, og_error *err);
void ogi_anatomy_clear(ogi_anatomy *a);
/** Capacitance straight across the terminals of a cell of two [F]. @retval OG_E_INPUT, OG_E_NOMEM */
og_status ogi_cell_farad(double *farad, const og_cell_circuit *circuit, size_t cell, og_error *err);

/* ---- sessions ---- */

/** What sessions are made from. Borrowed by them. */
typedef struct ogi_batch_plan {
  const og_cell_circuit *circuit;
  const og_array *array;
  const ogi_anatomy *anatomy;
  const og_spice_opts *opts;
  size_t batch;                     /* most cells of one */
  double step_second, horizon_second; /* longest step of ngspice; no run is longer */
  const double *start;              /* nodes x ports->cells: potentials to begin with; NULL: the subcircuit's own */
} ogi_batch_plan;

typedef struct ogi_batches ogi_batches;
/** One thread each, with a session, loaded and at time 0 held at ports->from. */
og_status ogi_batches_open(ogi_batches **out, const ogi_batch_plan *plan, ogi_ports *ports, og_error *err);
/**
 * Begin a step of ports->from to ports->to, timed from the opening; the waves' next corner is at end or later. Ports are
 * the sessions' until ogi_batches_wait.
 */
void ogi_batches_begin(ogi_batches *b, double begin, double end, double corner);
/** Until all have arrived: ports->amp, state and the nodes are those of the end. @retval OG_E_EXTERN, OG_E_INTERRUPT */
og_status ogi_batches_wait(ogi_batches *b, og_error *err);
/** nodes x ports->cells, as of the last arrival; those of ports are not filled. */
const double *ogi_batches_nodes(const ogi_batches *b);
size_t ogi_batches_count(const ogi_batches *b);
/** First and number of the cells of the session that failed; 0 if none did. */
size_t ogi_batches_failed(ogi_batches *b, size_t *first);
/** End them. Steps, taken back ones included, are added to info, which may be NULL. b may be NULL. */
void ogi_batches_close(ogi_batches *b, og_cosim_info *info);

/* ---- checkpoints ---- */

struct og_cosim_checkpoint {
  double second;
  size_t cells, nodes;
  size_t *row, *column;             /* cells                                                              */
  char (*node)[OGI_NODE_TEXT];      /* nodes                                                              */
  double *volt;                     /* nodes x cells                                                      */
};
og_status ogi_checkpoint_create(og_cosim_checkpoint **out, size_t cells, size_t nodes, og_error *err);

#endif
