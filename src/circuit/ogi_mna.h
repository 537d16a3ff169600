/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_mna.h
 * Inside of og_circuit: the elements, the unknowns, and one Newton solution at one time.
 *
 * Unknowns x: node potentials [V], then the currents of elements that define a voltage (V, E, H, L) [A]. Rows: the sum
 * of the currents that leave each node = 0 [A], then one equation for each such element [V].
 */
#ifndef OGI_MNA_H
#define OGI_MNA_H

#include <ohmgrid/circuit.h>

#ifdef HAVE_SUITESPARSE_KLU_H
#include <suitesparse/klu.h>
#else
#include <klu.h>
#endif

#include "base/ogi_error.h"

enum { OGI_GROUND = -1 };

typedef struct ogi_element {
  char kind;        /* R C L V I E G F H D or Y (a law) */
  char *name;
  int node[4];      /* a, b, and the two that control; OGI_GROUND or an unknown */
  int branch;       /* unknown of its current, or -1 */
  int source;       /* F, H: index of the controlling element */
  double value;     /* ohm, farad, henry, gain */
  double initial;   /* C [V], L [A]; NAN: none */
  og_diode diode;
  og_waveform wave; /* second and value owned */
  og_circuit_law law;
  void *user;
  double limited;   /* D: voltage at which it was linearised last */
  double state[3];  /* C: voltage [V], L: current [A] at the start, the middle and the end of a time step */
  double rate[3];   /* C: current / C [V/s], L: voltage / L [A/s] there                                   */
} ogi_element;

/** How capacitors and inductors enter: with q' the rate of change of a state q, held to be a0 q + (what is known). */
typedef enum ogi_method {
  OGI_DC,          /**< q' = 0: capacitors open, inductors short                                       */
  OGI_EULER,       /**< q' = a0 (q - start), a0 = 1 / h                                                */
  OGI_TRAPEZOIDAL, /**< q' = a0 (q - start) - q'_start, a0 = 2 / (gamma h)                             */
  OGI_BDF2         /**< q' = a0 q - a1 middle + a2 start                                               */
} ogi_method;

typedef struct ogi_stage {
  ogi_method method;
  double second;     /**< time of the sources [s]                         */
  double a0, a1, a2; /**< [1/s]                                           */
  double share;      /**< of every source, for source stepping; 1         */
  double gmin;       /**< [S] across every diode                          */
} ogi_stage;

struct og_circuit {
  ogi_element *element;
  size_t count, room;
  char **node; /* names of nodes, unknown k is node[k] */
  size_t nodes, node_room;
  size_t unknowns;
  int prepared;
  int *column, *row;      /* compressed columns */
  double *value;
  size_t *place;          /* entry of each stamp, in the order in which stamps are made */
  size_t places;
  double *x, *step, *rhs, *kept; /* unknowns each: solution; Newton step; right-hand side or sums of currents; the
                                    last good solution */
  ogi_stage stage;        /* of the last solution */
  klu_common common;
  klu_symbolic *symbolic;
  klu_numeric *numeric;
};

/** wave.c: value at a time, and the first corner after a time (INFINITY: none). */
double ogi_wave_at(const og_waveform *w, double second);
double ogi_wave_corner(const og_waveform *w, double after);
og_status ogi_wave_check(const og_waveform *w, const char *name, og_error *err);

/** mna.c */
og_status ogi_mna_prepare(og_circuit *c, og_error *err);
/** Newton's method from x; info counts steps. @retval OG_E_NOCONV, OG_E_SINGULAR, OG_E_NOMEM */
og_status ogi_mna_solve(og_circuit *c, const ogi_stage *stage, og_circuit_info *info, og_error *err);
/** Current of an element at x [A]. */
double ogi_mna_current(const og_circuit *c, const ogi_element *e, const ogi_stage *stage);
double ogi_mna_volt(const og_circuit *c, int node);
/** Largest sum of currents at a node over the largest element current. worst: node of it. */
double ogi_mna_residual(og_circuit *c, const ogi_stage *stage, size_t *worst);
/** Power that flows into an element [W]. */
double ogi_mna_power(const og_circuit *c, const ogi_element *e, const ogi_stage *stage);
/** 1 for V, I and controlled sources. */
int ogi_is_source(const ogi_element *e);
/** Operating point at stage->second, with continuation. */
og_status ogi_mna_operate(og_circuit *c, og_circuit_info *info, og_error *err);
/** No node without a path for direct current, no loop of elements that define voltages. from_initial: C and L excepted. */
og_status ogi_mna_check(const og_circuit *c, int from_initial, og_error *err);

#define OGI_GMIN 1e-12 /**< [S] the default of SPICE */

#endif
