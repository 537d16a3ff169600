/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file ogi_deck_read.h
 * Inside of the deck reader: a line in pieces, the tree of subcircuit definitions, and scopes in which they are expanded.
 */
#ifndef OGI_DECK_READ_H
#define OGI_DECK_READ_H

#include "netlist/ogi_deck_parts.h"

typedef struct ogi_pair {
  char *key, *value;
} ogi_pair;

/** A line taken apart: words, then key = value pairs. Texts lie in one block. */
typedef struct ogi_pieces {
  char *block; /* room for every piece and its closing 0 */
  size_t used;
  OGI_LIST(char *) word; /* expressions without their braces or quotes; "(" and ")" are words of their own */
  OGI_LIST(ogi_pair) pair;
} ogi_pieces;
/** Release it with ogi_pieces_clear. @retval OG_E_INPUT an open quote or bracket, a "=" without a name */
og_status ogi_pieces_split(ogi_pieces *p, const char *text, og_error *err);
void ogi_pieces_clear(ogi_pieces *p);
/** Value of a key, or NULL. */
const char *ogi_pieces_value(const ogi_pieces *p, const char *key);

/** A definition: the whole deck, or one .subckt. Of several of one name the first counts, as in ngspice. */
typedef struct ogi_block {
  struct ogi_block *outside;              /* definition in which it stands; NULL: the deck */
  ogi_place place;
  ogi_pieces head;                        /* name, ports; defaults of parameters */
  OGI_LIST(struct ogi_block *) inside;    /* definitions in it; owned */
  OGI_LIST(struct ogi_block *) named;     /* the first of each name */
  OGI_LIST(const ogi_line *) elements, params, models;
  ogi_names *ports, *inside_names, *model_names; /* numbers: word of head less 1, named, models */
} ogi_block;

typedef struct ogi_param {
  const char *name, *text; /* text NULL: the value is known */
  double value;
  int busy; /* being evaluated: seen again, it depends on itself */
} ogi_param;

/** A definition that was called: which of its ports are which nodes is looked up only for those that are used. */
typedef struct ogi_port {
  const char *outside; /* name that the caller gave */
  size_t node;         /* OGI_NO_NAME: not yet looked up */
} ogi_port;

/** A definition being expanded, or the deck itself. */
typedef struct ogi_scope {
  struct ogi_scope *caller;
  const ogi_block *block;
  const char *prefix;              /* "", "x1.", "x1.x2." */
  OGI_LIST(ogi_param) params;
  ogi_names *param_names;          /* of many parameters; NULL: they are few */
  size_t *param_last;              /* by number of param_names: the one that holds */
  OGI_LIST(ogi_pieces) param_lines; /* own the texts of params */
  ogi_port *port;                  /* every port of the block; NULL: the deck itself */
  int depth;
} ogi_scope;

/** What reading has cost so far; bounded, so that a few lines cannot keep it busy for ever. */
typedef struct ogi_effort {
  double spent;  /* lines expanded, parameters set, numbers stored */
  int nesting;   /* of expressions that ask for others */
} ogi_effort;

/** All that reading needs. */
typedef struct ogi_reading {
  og_deck *deck;
  const og_deck_opts *opts;
  ogi_block *top;
  OGI_LIST(const ogi_line *) cards; /* dot cards of the deck itself */
  ogi_names *globals;
  ogi_names *model_keys;            /* the parameters of each model of the deck as text: equal ones are one */
  ogi_effort *effort;
  double step, stop;                /* of the first .tran, for defaults of sources; 0: none */
  og_error *err;
} ogi_reading;

/** @retval OG_E_INPUT  it has become too much: subcircuits of subcircuits ... */
og_status ogi_spend(const ogi_reading *r, double units);

/** Value of a number, a parameter or an expression. */
og_status ogi_scope_number(const ogi_reading *r, ogi_scope *s, const char *text, double *value);
/** The same of a key that may be missing, when value stays. */
og_status ogi_scope_key(const ogi_reading *r, ogi_scope *s, const ogi_pieces *p, const char *key, double *value);
/** Number of a node by the name it has in this scope. */
og_status ogi_scope_node(const ogi_reading *r, const ogi_scope *s, const char *name, size_t *node);
/** Number of an element's flattened name. */
og_status ogi_scope_element(const ogi_reading *r, const ogi_scope *s, const char *name, size_t *number);
/** Append a parameter; the last one of a name holds. text NULL: value is known. */
og_status ogi_scope_set(const ogi_reading *r, ogi_scope *s, const char *name, const char *text, double value);
/** Append the .param lines of its definition. */
og_status ogi_scope_open(const ogi_reading *r, ogi_scope *s);
/** Evaluate the parameters in their order, so that long chains need no deep recursion. Those that fail wait for use. */
og_status ogi_scope_settle(const ogi_reading *r, ogi_scope *s);
void ogi_scope_close(ogi_scope *s);
/** Expression whose names mean what they mean in this scope, as a law. kind 'v' or 'i'. */
og_status ogi_scope_law(const ogi_reading *r, ogi_scope *s, char kind, const char *text, ogi_deck_law **out);
void ogi_law_free(ogi_deck_law *law);

/** Add the element of a line of this scope, X apart. */
og_status ogi_read_element(const ogi_reading *r, ogi_scope *s, const ogi_line *line, const ogi_pieces *p);
/** Waveform, dc and ac of a V or I element, of which the words before "first" are taken. */
og_status ogi_read_source(const ogi_reading *r, ogi_scope *s, const ogi_pieces *p, size_t first, ogi_deck_part *part);
/** Diode of a model of this scope. */
og_status ogi_read_diode(const ogi_reading *r, ogi_scope *s, const char *model, const ogi_pieces *p, ogi_deck_part *part);
/** Dot cards of the deck: those needed before the elements, then those that name them. */
og_status ogi_read_cards_before(ogi_reading *r, ogi_scope *top);
og_status ogi_read_cards_after(ogi_reading *r, ogi_scope *top);

#endif
