/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_deck_parts.h
 * Inside of og_deck: the flattened parts of a deck that was read.
 */
#ifndef OGI_DECK_PARTS_H
#define OGI_DECK_PARTS_H

#include <ohmgrid/deck.h>

#include "base/ogi_list.h"
#include "base/ogi_names.h"
#include "netlist/ogi_expr.h"
#include "netlist/ogi_lines.h"

enum { OGI_DECK_GROUND = 0 }; /* number of the node "0" */

/** What a behavioural source listens to: two nodes, or a source whose current it is. */
typedef struct ogi_deck_control {
  char kind;   /* 'v' or 'i' */
  size_t a, b; /* v: nodes; i: a is the number of an element's name */
} ogi_deck_control;

/** How behavioural sources are written and evaluated. */
typedef struct ogi_deck_law {
  ogi_expr *expr;
  OGI_LIST(ogi_deck_control) controls;
  double *work; /* of ogi_expr_eval */
  char kind;    /* 'v' or 'i' */
} ogi_deck_law;

typedef struct ogi_deck_part {
  char kind;
  size_t name;        /* number in element_names */
  size_t node[4];     /* numbers in node_names */
  ogi_place place;
  double value;       /* as in og_deck_element */
  double inverse;     /* R: [S], from more digits than value has */
  double initial;     /* C [V], L [A]; NAN: none */
  size_t other[2];    /* F, H: controlling element; K: the two inductors: numbers in element_names */
  int has_dc, has_wave;
  int external;       /* V, I: driven by the host of ngspice, step by step */
  double dc;          /* V, I */
  double ac[2];       /* magnitude, phase [degree] */
  og_waveform wave;   /* second and value owned */
  ogi_deck_law *law;  /* B, and E and G with an expression; owned */
  size_t model;       /* D: number in the deck's models */
  double area;        /* D: with its multiplicity [-] */
  double own_area, count; /* D: the two of which area is the product; ngspice scales breakdown by the count only [-] */
  double celsius;     /* D */
} ogi_deck_part;

/** Diode models: parameters of SPICE's junction diode, in the order of ogi_diode_keys. */
enum {
  OGI_D_IS, OGI_D_N, OGI_D_RS, OGI_D_CJO, OGI_D_VJ, OGI_D_M, OGI_D_FC, OGI_D_TT, OGI_D_BV, OGI_D_IBV, OGI_D_EG, OGI_D_XTI,
  OGI_D_TNOM, OGI_D_COUNT
};
extern const char *const ogi_diode_keys[OGI_D_COUNT];
typedef struct ogi_deck_model {
  double p[OGI_D_COUNT]; /* every one, defaults filled in; BV: INFINITY without breakdown; TNOM [C] */
} ogi_deck_model;

/** .options that mean something here or to ngspice. */
typedef struct ogi_deck_option {
  char name[16];
  double value;
} ogi_deck_option;

/** .ic v(node)=volt. */
typedef struct ogi_deck_initial {
  size_t node;
  double volt;
} ogi_deck_initial;

struct og_deck {
  ogi_lines lines; /* title and file names; the lines themselves go after reading */
  ogi_names *node_names, *element_names;
  OGI_LIST(ogi_deck_part) parts;
  OGI_LIST(og_analysis) analyses; /* strings owned by text */
  OGI_LIST(ogi_deck_model) models;
  OGI_LIST(og_deck_instance) instances; /* arrays owned; their texts by text and by the names of nodes */
  OGI_LIST(char *) text;
  OGI_LIST(char *) measures;
  OGI_LIST(char *) prints;
  OGI_LIST(ogi_deck_option) options;
  OGI_LIST(ogi_deck_initial) initials;
  double celsius, nominal_celsius; /* 27 */
};

/** 1 for elements that define a voltage: their current is a result, "name#branch". */
int ogi_deck_has_branch(const ogi_deck_part *part);
/** File and line of a part in front of an error. */
og_status ogi_deck_at(const og_deck *deck, const ogi_deck_part *part, og_status st, og_error *err);

/** Tolerances of ngspice in place of the deck's own. */
typedef struct ogi_deck_accuracy {
  double reltol;        /* 0: those of the deck, or of ngspice */
  double vntol, abstol; /* [V] [A] */
} ogi_deck_accuracy;
/**
 * Write the deck for ngspice. analysis: which one, or OGI_ALL_ANALYSES. accuracy may be NULL. Names that ngspice could
 * misread are replaced by others: ogi_deck_label says which.
 */
void ogi_deck_emit(FILE *out, const og_deck *deck, size_t analysis, const ogi_deck_accuracy *accuracy);
#define OGI_ALL_ANALYSES ((size_t)-1)
#define OGI_NO_ANALYSIS ((size_t)-2)
/** Name under which ngspice knows a node or an element. to: OGI_LABEL bytes. */
void ogi_deck_node_label(char *to, const og_deck *deck, size_t node);
void ogi_deck_element_label(char *to, const og_deck *deck, const ogi_deck_part *part);
#define OGI_LABEL 300

#endif
