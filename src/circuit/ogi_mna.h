/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_mna.h
 * Inside of og_circuit: F(x, t) + dq(x)/dt = 0.
 *
 * Unknowns x: node potentials [V], then the currents of elements that define a voltage (V, E, H, L, B) [A]. Rows of F:
 * the sum of the currents that leave each node [A], then one voltage law for each such element [V]. Charges and fluxes
 * q: one for each C, L and D with a capacitance. In all methods dq/dt = a0 (q - base); a0 = 0 is direct current.
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
#include "base/ogi_names.h"

enum { OGI_GROUND = -1, OGI_NONE = -1 };

/* Exact in the SI since 2019 (BIPM, SI Brochure, 9th edition, table 1). */
#define OGI_BOLTZMANN 1.380649e-23           /**< [J/K] */
#define OGI_ELEMENTARY_CHARGE 1.602176634e-19 /**< [C]   */

typedef struct ogi_source {
  og_waveform wave; /* second and value owned          */
  double dc;        /* of operating points; NAN: wave  */
  double ac[2];     /* real and imaginary part         */
} ogi_source;

/** A diode at its temperature, for its area. */
typedef struct ogi_junction {
  double is, vte;             /* [A]; n k T / q [V]                                            */
  double critical;            /* [V] above which steps are those of the logarithm of the current */
  double breakdown;           /* [V] > 0, or INFINITY                                           */
  double series;              /* [S], 0: none                                                   */
  double cj, vj, m, edge;     /* [F], [V], [-]; above edge [V] the capacitance is a straight line */
  double f1, f2, f3, transit; /* [V], [-], [-], [s]                                              */
  double kelvin;
  double seen;                /* [V] where it was linearised last; NAN: nowhere yet             */
} ogi_junction;

typedef struct ogi_bias {
  double amp, siemens;   /* conduction without gmin */
  double coulomb, farad; /* stored                  */
} ogi_bias;

typedef struct ogi_control {
  int p, q, element; /* element: whose current, OGI_NONE: the voltage p - q */
  char *source;      /* its name, owned                                     */
} ogi_control;

typedef struct ogi_behaviour {
  char shape; /* V or I */
  size_t count;
  ogi_control *control;
  double *x, *slope; /* count each, of the last evaluation; slope follows x in one block */
  og_circuit_function function;
  void *user;
} ogi_behaviour;

typedef struct ogi_element {
  char kind;        /* R C L K V I E F G H B D or Y (a law)                                    */
  int a, b;         /* nodes                                                                   */
  int p, q;         /* E, G: controlling nodes. D: p is the anode of the junction              */
  int branch;       /* unknown of its current, or OGI_NONE                                     */
  int state;        /* number of its charge or flux, or OGI_NONE                               */
  int control[2];   /* F, H: the controlling element. K: its inductors                         */
  char *control_name[2];
  double value;     /* ohm, farad, henry, gain, coupling                                       */
  double initial;   /* C [V], L [A]; NAN: none                                                 */
  double density;   /* [V^2/Hz] its part of the last noise                                     */
  ogi_source *source;
  ogi_junction *junction;
  ogi_behaviour *behaviour;
  og_circuit_law law;
  void *user;
} ogi_element;

/** Where and how a system is posed. */
typedef struct ogi_stage {
  double second; /**< time of the sources [s]                                       */
  double a0;     /**< [1/s]                                                         */
  double share;  /**< of every source, for source stepping; 1                       */
  double shunt;  /**< [S] from every node to ground, for gmin stepping; 0           */
  int bias;      /**< 1: sources at their dc value                                  */
  int hold;      /**< 1: nodes with an initial potential are held there             */
} ogi_stage;

/** Compressed columns and their factor. */
typedef struct ogi_linear {
  int n, *ap, *ai;
  double *ax;              /* entries; complex ones are in az */
  double *az;
  double *residual, *size; /* n each, of the refinement       */
  int fresh;               /* pivots were chosen for these very values */
  klu_common common;
  klu_symbolic *symbolic;
  klu_numeric *numeric, *complex;
} ogi_linear;

struct og_circuit {
  ogi_names *names, *nodes; /* of elements and nodes */
  ogi_element *element;
  size_t count, room;
  double *ic; /* by node [V], NAN: none; ic_room of them */
  size_t ic_room;
  double gmin, kelvin;

  int prepared, nonlinear;
  int sound[2];          /* structure checked for: dc, start from initial values */
  int solved, operated;  /* x is a solution; of og_circuit_dc                     */
  int stale;             /* a setting changed since: the next analysis solves anew */
  int rung;              /* z is a solution of og_circuit_ac */
  int unknowns, states;
  size_t stamps, cursor; /* entries as they are put, cursor counts */
  int *map;              /* entry of the matrix for each, then ap and ai */
  int *row, *column;     /* only while the pattern is made */
  ogi_linear linear;
  double *block;         /* all that follows */
  double *x, *trial, *step, *f, *sum, *noise, *weight, *kept; /* unknowns */
  double *q, *base, *rate, *q0, *rate0, *rate1, *floor;                       /* states   */
  double *z;             /* unknowns, complex, own block */
  double omega;          /* [1/s] of z */
  ogi_stage stage;       /* of x       */
  int factored;          /* the factor is that of a linear circuit at the next three */
  double factored_a0, factored_shunt;
  int factored_hold;
  int bad;               /* element without a finite value in the last load, or OGI_NONE */
};

/* wave.c: value at a time, and the first corner after a time (INFINITY: none) */
double ogi_wave_at(const og_waveform *w, double second);
double ogi_wave_corner(const og_waveform *w, double after);
og_status ogi_wave_check(const og_waveform *w, const char *name, og_error *err);

/* diode.c */
og_status ogi_junction_make(ogi_junction *j, const og_diode *d, const char *name, og_error *err);
ogi_bias ogi_junction_at(const ogi_junction *j, double v);
/** v, or less of the way from the voltage seen last [Nagel1975]. */
double ogi_junction_limit(const ogi_junction *j, double v);

/* prepare.c: names resolved, pattern, workspace */
og_status ogi_mna_prepare(og_circuit *c, og_error *err);
/** Forget what prepare made; the elements stay. */
void ogi_mna_forget(og_circuit *c);
/** No node without a path to ground, no loop that fixes a voltage twice. from_initial: C are paths, L no wires. */
og_status ogi_mna_check(og_circuit *c, int from_initial, og_error *err);

/* linear.c */
og_status ogi_linear_analyse(ogi_linear *l, og_error *err);
/** full: choose pivots anew. column: the one that OG_E_SINGULAR means, or -1. */
og_status ogi_linear_factor(ogi_linear *l, int full, int *column, og_error *err);
/** Solution with one refinement; returns its backward error. */
double ogi_linear_solve(ogi_linear *l, const double *b, double *x);
/** Factor of the complex entries. */
og_status ogi_linear_factor_complex(ogi_linear *l, int *column, og_error *err);
void ogi_linear_clear(ogi_linear *l);

/* load.c */
typedef enum ogi_load_what {
  OGI_LOAD_PATTERN,  /**< note the places of entries          */
  OGI_LOAD_RESIDUAL, /**< F into f                             */
  OGI_LOAD_NEWTON,   /**< F and its slopes, junctions limited  */
  OGI_LOAD_FORGIVING, /**< the same without the elements that have no finite value */
  OGI_LOAD_COMPLEX   /**< slopes + j omega dq/dx into linear.az */
} ogi_load_what;
/** Returns how many junctions were limited. c->bad: an element without a finite value, or OGI_NONE. */
size_t ogi_mna_load(og_circuit *c, const ogi_stage *stage, const double *x, ogi_load_what what);
/** Charges and fluxes at x into q. */
void ogi_mna_charges(const og_circuit *c, const double *x, double *q);
double ogi_mna_volt(const double *x, int node);
double ogi_mna_mutual(const og_circuit *c, const ogi_element *e);
double ogi_mna_source(const ogi_element *e, const ogi_stage *stage);
/** Value and slopes of a behavioural source at x; 0 if not finite. */
int ogi_mna_behave(const og_circuit *c, const ogi_element *e, const double *x, double second, double *value);
const char *ogi_mna_name(const og_circuit *c, const ogi_element *e);

/* newton.c */
/** Newton's method from x. cold: junctions start at their critical voltage. OG_E_NOCONV, OG_E_SINGULAR, OG_E_NOMEM. */
og_status ogi_mna_newton(og_circuit *c, const ogi_stage *stage, int cold, og_circuit_info *info, og_error *err);
/** The same, then gmin stepping, then source stepping. warm: try from x first, else from 0. */
og_status ogi_mna_operate(og_circuit *c, const ogi_stage *stage, int warm, og_circuit_info *info, og_error *err);
og_status ogi_mna_singular(const og_circuit *c, int column, og_error *err);

/* answer.c */
/** Current of an element at x, charges changing at rate [A]. */
double ogi_mna_current(const og_circuit *c, const ogi_element *e, const double *x, const double *rate);
/** Powers at x [W]: of sources, in elements, into the charges of diodes. */
typedef struct ogi_powers {
  double delivered, dissipated, charging;
} ogi_powers;
ogi_powers ogi_mna_powers(const og_circuit *c, const double *x, const double *rate);
og_status ogi_mna_find_node(const og_circuit *c, const char *name, int *node, og_error *err);
og_status ogi_mna_find_element(const og_circuit *c, const char *name, ogi_element **e, og_error *err);

#endif
